package main

import (
	"context"
	"fmt"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"linli/cmd/linlibench/bench"
)

// ingestCommand measures the ingress of devices: clients that publish with QoS 1
// on loopback, and the hub's side in a process of its own with its store on disk.
// With --kill that process is killed (SIGKILL) in the middle and started again.
// Mosquitto, when it is installed, does the same without a store.
type ingestCommand struct {
	Clients   int     `help:"Devices." default:"5000"`
	Rate      float64 `help:"Messages a second of all devices together." default:"1000"`
	Seconds   int     `help:"How long they publish." default:"60"`
	Window    int     `help:"Messages of one device without an answer, at most." default:"20"`
	FlatOut   bool    `help:"Publish as fast as answers come, instead of --rate."`
	Kill      bool    `help:"Kill the hub in the middle and start it again."`
	Mosquitto int     `help:"Seconds for each run of mosquitto; 0 leaves it out." default:"60"`
	Patience  int     `help:"Seconds to wait for the last answers." default:"60"`
	Profile   string  `help:"Write a CPU profile of the hub there." type:"path"`
	Dir       string  `help:"Directory for the store, which must be empty; without it a temporary one." type:"path"`
}

func (c *ingestCommand) Run(ctx context.Context, r *bench.Report) error {
	if c.Clients < 1 || c.Clients > 50_000 || c.Seconds < 1 || c.Window < 1 || c.Window > 1000 || c.Mosquitto < 0 || c.Patience < 1 {
		return bench.Usage("clients", "数量须为正数，客户端不多于 5 万，窗口不大于 1000", "numbers must be positive, at most 50,000 clients and a window of 1,000")
	}
	if !c.FlatOut && !(c.Rate >= float64(c.Clients)/60 && c.Rate <= 1e6) {
		return bench.Usage("rate", "每台设备每分钟至少一条消息，总计每秒不多于一百万条", "every device sends at least once a minute, all together at most a million messages a second")
	}
	dir := c.Dir
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "linlibench-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	} else if files, err := os.ReadDir(dir); err == nil && len(files) > 0 {
		return bench.Usage("dir", "目录须为空", "the directory must be empty")
	}
	raiseFileLimit()
	ours, err := c.hub(ctx, r, dir)
	if err != nil {
		return err
	}
	return c.yardstick(ctx, r, ours)
}

// hub is the run of our own side; it tells how much was acknowledged in a second.
func (c *ingestCommand) hub(ctx context.Context, r *bench.Report, dir string) (perSecond float64, err error) {
	addr, err := freeAddr()
	if err != nil {
		return 0, err
	}
	program, err := os.Executable()
	if err != nil {
		return 0, err
	}
	args := []string{"ingest-server", "--quiet", "--dir", filepath.Join(dir, "store"), "--addr", addr}
	if c.Profile != "" {
		args = append(args, "--profile", c.Profile)
	}
	start := func() (*brokerProcess, error) { return startBroker(ctx, addr, program, args...) }
	s, err := start()
	if err != nil {
		return 0, err
	}
	defer func() { s.stop() }()
	figures, f, err := c.measure(ctx, r, "linli", addr, time.Duration(c.Seconds)*time.Second, func() *brokerProcess { return s }, func(restart func(*brokerProcess)) error {
		if !c.Kill {
			return nil
		}
		r.Progress("kill -9")
		s.kill()
		again, err := start()
		if err != nil {
			return err
		}
		s = again
		restart(again)
		r.Set("restart_ms", bench.Round(float64(again.took.Microseconds())/1000, 1))
		return nil
	})
	if err != nil {
		return 0, err
	}
	s.stop()
	has, rows, err := storedMessages(ctx, filepath.Join(dir, "store"), c.Clients)
	if err != nil {
		return 0, err
	}
	stored, lost := f.account(has)
	r.Set("clients", c.Clients)
	r.Set("seconds", c.Seconds)
	r.Set("window", c.Window)
	r.Set("flat_out", c.FlatOut)
	if c.FlatOut {
		r.Set("rate", nil)
	} else {
		r.Set("rate", c.Rate)
	}
	r.Set("stored", stored)
	r.Set("stored_twice", rows-stored)
	r.Set("lost", lost)
	for _, k := range figureKeys {
		r.Set(k, figures[k])
	}
	size := int64(0)
	if info, err := os.Stat(filepath.Join(dir, "store", "linli.db")); err == nil {
		size = info.Size()
	}
	r.Set("store_mib", bench.Round(float64(size)/(1<<20), 1))
	r.Check("nothing_lost", lost == 0, "%d of %d acknowledged messages are not stored", lost, f.acked.Load())
	r.Check("everything_answered", f.acked.Load() == f.sent.Load(), "%d sent, %d acknowledged", f.sent.Load(), f.acked.Load())
	return figures["acked_per_s"].(float64), nil
}

// figureKeys are what measure finds out, in the order it is printed.
var figureKeys = []string{"sent", "acked", "acked_per_s", "resent", "connections_lost", "ack_p50_ms", "ack_p99_ms", "ack_max_ms", "cpu_us_per_msg", "cpu_s_server", "rss_mb_minute2", "rss_mb_end", "rss_mb_max"}

// measure drives the fleet against an address while it watches the process behind
// it. midway runs in the middle of the time.
func (c *ingestCommand) measure(ctx context.Context, r *bench.Report, name, addr string, lasting time.Duration, who func() *brokerProcess, midway func(restart func(*brokerProcess)) error) (map[string]any, *fleet, error) {
	rate := c.Rate
	if c.FlatOut {
		rate = 0
	}
	f := newFleet(addr, c.Clients, c.Window, rate)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &watch{}
	watched := make(chan error, 1)
	err := f.run(ctx, lasting, time.Duration(c.Patience)*time.Second, func() {
		w.begin(who())
		go func() {
			err := w.run(ctx, lasting, midway, func(second int) {
				if second%10 == 0 {
					r.Progress("%s: %d s, %d sent, %d acknowledged, p99 %v ms, %.0f MB", name, second, f.sent.Load(), f.acked.Load(), float64(f.took.quantile(0.99)), w.last())
				}
			})
			if err != nil {
				cancel()
			}
			watched <- err
		}()
	})
	if err != nil {
		return nil, nil, err
	}
	out := map[string]any{}
	f.figures(out)
	cancel()
	if err := <-watched; err != nil {
		return nil, nil, err
	}
	w.end()
	acked := f.acked.Load()
	out["cpu_s_server"] = bench.Round(w.cpu.Seconds(), 2)
	out["cpu_us_per_msg"] = bench.Number(bench.Round(float64(w.cpu.Microseconds())/float64(acked), 2))
	out["rss_mb_minute2"], out["rss_mb_end"], out["rss_mb_max"] = w.mean(60, 120), w.tail(), bench.Round(slices.Max(w.rss), 1)
	if lasting < 2*time.Minute {
		r.Note("%s: there is no second minute in %v, so rss_mb_minute2 is null", name, lasting)
	}
	return out, f, nil
}

// watch samples a process once a second.
type watch struct {
	of     *brokerProcess
	before time.Duration // processor time when it began
	cpu    time.Duration
	rss    []float64 // MB, one a second
}

func (w *watch) begin(s *brokerProcess) {
	w.of = s
	w.before, _ = s.usage()
}

// end adds what the process has used since it was begun with.
func (w *watch) end() {
	now, rss := w.of.usage()
	w.cpu += now - w.before
	w.before = now
	w.rss = append(w.rss, rss)
}

func (w *watch) last() float64 { return w.rss[len(w.rss)-1] }

func (w *watch) run(ctx context.Context, lasting time.Duration, midway func(restart func(*brokerProcess)) error, each func(second int)) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	middle := time.After(lasting / 2)
	for second := 1; ; {
		select {
		case <-tick.C:
			w.end()
			each(second)
			second++
		case <-middle:
			w.end()
			if err := midway(w.begin); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// mean is over the seconds from and below to, null when they were not reached.
func (w *watch) mean(from, to int) bench.Number {
	if len(w.rss) < to {
		return bench.Number(math.NaN())
	}
	sum := 0.0
	for _, v := range w.rss[from:to] {
		sum += v
	}
	return bench.Number(bench.Round(sum/float64(to-from), 1))
}

// tail is the mean of the last minute, or of the last quarter of a short run.
func (w *watch) tail() bench.Number {
	return w.mean(len(w.rss)-max(1, min(60, len(w.rss)/4)), len(w.rss))
}

// brokerProcess is a process that is measured.
type brokerProcess struct {
	cmd  *exec.Cmd
	took time.Duration // until it answered
	gone chan struct{}
}

// startBroker starts a program and waits until somebody answers at the address.
func startBroker(ctx context.Context, addr, program string, args ...string) (*brokerProcess, error) {
	s := &brokerProcess{cmd: exec.Command(program, args...), gone: make(chan struct{})}
	s.cmd.Stderr = os.Stderr
	s.cmd.Env = append(os.Environ(), childEnv+"=1")
	// It must not outlive us, whatever ends us.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	began := time.Now()
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // the death signal is bound to the thread that starts it
		started <- s.cmd.Start()
		_ = s.cmd.Wait()
		close(s.gone)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	for {
		conn, err := net.DialTimeout("tcp", addr, time.Second)
		if err == nil {
			s.took = time.Since(began)
			return s, conn.Close()
		}
		select {
		case <-s.gone:
			return nil, fmt.Errorf("%s ended: %v", filepath.Base(program), s.cmd.ProcessState)
		case <-ctx.Done():
			s.kill()
			return nil, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// childEnv tells a test binary that it is to be the program.
const childEnv = "LINLIBENCH_CHILD"

func (s *brokerProcess) kill() {
	_ = s.cmd.Process.Kill()
	<-s.gone
}

// stop ends it in order, and by force when that takes too long. It may be called again.
func (s *brokerProcess) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.gone:
	case <-time.After(time.Minute):
		s.kill()
	}
}

// usage is its processor time so far and its resident memory in MB; zeros when it is gone.
func (s *brokerProcess) usage() (cpu time.Duration, rssMB float64) {
	const ticks, page = 100, 4096 // of Linux on every machine that Go runs on with cgo off
	proc := filepath.Join("/proc", strconv.Itoa(s.cmd.Process.Pid))
	if raw, err := os.ReadFile(filepath.Join(proc, "stat")); err == nil {
		// After the name in parentheses, utime and stime are the 12th and 13th field.
		_, rest, _ := strings.Cut(string(raw), ") ")
		if f := strings.Fields(rest); len(f) > 12 {
			user, _ := strconv.Atoi(f[11])
			system, _ := strconv.Atoi(f[12])
			cpu = time.Duration(user+system) * time.Second / ticks
		}
	}
	if raw, err := os.ReadFile(filepath.Join(proc, "statm")); err == nil {
		if f := strings.Fields(string(raw)); len(f) > 1 {
			pages, _ := strconv.Atoi(f[1])
			rssMB = float64(pages*page) / 1e6
		}
	}
	return cpu, rssMB
}

// freeAddr is an address on loopback that nobody listens on.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// raiseFileLimit asks for as many open files as are allowed; children inherit it.
func raiseFileLimit() {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil {
		limit.Cur = limit.Max
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit) // connecting says when it is too little
	}
}
