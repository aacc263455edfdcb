package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"linli/cmd/linlibench/bench"
)

// fleet is many devices that publish with QoS 1. They speak MQTT 3.1.1 with an
// encoder of a few lines, since five thousand clients of a library would be what
// is measured. A device that loses its connection comes back and sends again
// what has no answer.
type fleet struct {
	addr    string
	devices []*device
	gap     time.Duration // between two messages of a device; 0 sends as fast as answers come
	start   time.Time
	end     time.Time
	doors   chan struct{} // so many connect at the same time

	sent, acked atomic.Int64
	again       atomic.Int64 // sent once more after a connection was lost
	lost        atomic.Int64 // connections
	took        histogram
}

// device is one client. Its writer and its reader share what is in flight.
type device struct {
	fleet  *fleet
	number int
	slots  chan struct{} // a place for every message in flight
	frame  []byte        // of the message being written

	mu     sync.Mutex
	flight []flying
	acked  numberSet
}

type flying struct {
	seq uint32
	due time.Time // when it was to be sent: waiting before that is part of its delay
}

// packet is the identifier of a message on the wire; the window is far smaller
// than the identifiers are many.
func (f flying) packet() uint16 { return uint16(f.seq%65535) + 1 }

func newFleet(addr string, clients, window int, rate float64) *fleet {
	f := &fleet{addr: addr, doors: make(chan struct{}, 64)}
	if rate > 0 {
		f.gap = time.Duration(float64(clients) / rate * float64(time.Second))
	}
	for i := range clients {
		f.devices = append(f.devices, &device{fleet: f, number: i, slots: make(chan struct{}, window)})
	}
	return f
}

// run connects everybody, calls started, publishes for the given time and waits
// until everything is answered or patience ends.
func (f *fleet) run(ctx context.Context, lasting, patience time.Duration, started func()) error {
	lines := make([]*line, len(f.devices))
	var all sync.WaitGroup
	for i, d := range f.devices {
		all.Go(func() { lines[i] = d.connect(ctx) })
	}
	all.Wait()
	if slices.Contains(lines, nil) {
		return fmt.Errorf("not everybody could connect: %w", ctx.Err())
	}
	started()
	f.start = time.Now()
	f.end = f.start.Add(lasting)
	ctx, cancel := context.WithDeadline(ctx, f.end.Add(patience))
	defer cancel()
	for i, d := range f.devices {
		all.Go(func() { d.live(ctx, lines[i]) })
	}
	all.Wait()
	return nil
}

// line is a connection that has been let in; down is closed when it is lost.
type line struct {
	conn net.Conn
	down chan struct{}
}

// connect tries until it is let in; nil when ctx ends before.
func (d *device) connect(ctx context.Context) *line {
	for wait := 20 * time.Millisecond; ctx.Err() == nil; wait = min(2*wait, time.Second) {
		d.fleet.doors <- struct{}{}
		conn, err := d.dial(ctx)
		<-d.fleet.doors
		if err == nil {
			l := &line{conn: conn, down: make(chan struct{})}
			go d.read(l)
			return l
		}
		// Not all at the same moment.
		pause(ctx, wait/2+rand.N(wait))
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func (d *device) name() string { return fmt.Sprintf("d%05d", d.number) }

func (d *device) dial(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", d.fleet.addr)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	// CONNECT: protocol level 4, the session stays, keep alive for 120 seconds.
	body := append([]byte{0, 4, 'M', 'Q', 'T', 'T', 4, 0, 0, 120, 0, byte(len(d.name()))}, d.name()...)
	if _, err = conn.Write(append([]byte{0x10, byte(len(body))}, body...)); err == nil {
		var ack [4]byte
		if _, err = io.ReadFull(conn, ack[:]); err == nil && (ack[0] != 0x20 || ack[3] != 0) {
			err = fmt.Errorf("not let in: % x", ack)
		}
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// read takes answers until the connection is lost.
func (d *device) read(l *line) {
	defer close(l.down)
	defer l.conn.Close()
	in := bufio.NewReaderSize(l.conn, 64)
	var ack [4]byte
	for {
		if _, err := io.ReadFull(in, ack[:]); err != nil || ack[0] != 0x40 || ack[1] != 2 {
			return
		}
		id, now := binary.BigEndian.Uint16(ack[2:]), time.Now()
		d.mu.Lock()
		i := slices.IndexFunc(d.flight, func(m flying) bool { return m.packet() == id })
		if i < 0 {
			d.mu.Unlock()
			return // an answer to nothing
		}
		m := d.flight[i]
		d.flight = slices.Delete(d.flight, i, i+1)
		d.acked.add(m.seq)
		d.mu.Unlock()
		d.fleet.acked.Add(1)
		d.fleet.took.add(now.Sub(m.due))
		<-d.slots
	}
}

// live publishes until the end, then waits for what is in flight.
func (d *device) live(ctx context.Context, l *line) {
	f := d.fleet
	due := f.start.Add(f.gap * time.Duration(d.number) / time.Duration(len(f.devices)))
	timer := time.NewTimer(0)
	defer timer.Stop()
	defer func() {
		if l != nil {
			_ = l.conn.Close()
		}
	}()
	back := func() bool {
		f.lost.Add(1)
		if l = d.connect(ctx); l == nil {
			return false
		}
		d.mu.Lock()
		flight := slices.Clone(d.flight)
		d.mu.Unlock()
		for _, m := range flight {
			f.again.Add(1)
			if d.write(l, m, true) != nil {
				break // read notices
			}
		}
		return true
	}
	for seq := uint32(0); ; {
		if f.gap == 0 {
			due = time.Now()
		}
		if !due.Before(f.end) {
			break
		}
		timer.Reset(time.Until(due))
		select {
		case <-timer.C:
		case <-l.down:
			if !back() {
				return
			}
			continue
		case <-ctx.Done():
			return
		}
		select {
		case d.slots <- struct{}{}:
		case <-l.down:
			if !back() {
				return
			}
			continue
		case <-ctx.Done():
			return
		}
		if f.gap == 0 {
			due = time.Now()
		}
		m := flying{seq, due}
		d.mu.Lock()
		d.flight = append(d.flight, m)
		d.mu.Unlock()
		f.sent.Add(1)
		_ = d.write(l, m, false) // read notices when it fails, and it is sent again
		seq++
		due = due.Add(f.gap)
	}
	for range cap(d.slots) { // every place is free when every message is answered
		for full := true; full; {
			select {
			case d.slots <- struct{}{}:
				full = false
			case <-l.down:
				if !back() {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// write sends a message: PUBLISH with QoS 1.
func (d *device) write(l *line, m flying, again bool) error {
	head := byte(0x32)
	if again {
		head |= 0x08
	}
	topic := "bench/" + d.name() + "/env"
	b := append(d.frame[:0], head, 0, 0, 0, byte(len(topic)))
	b = append(b, topic...)
	b = binary.BigEndian.AppendUint16(b, m.packet())
	b = appendReading(b, d.number, m.seq)
	size := len(b) - 3 // always two bytes long on the wire: 128 to 16,383
	b[1], b[2] = byte(size)|0x80, byte(size>>7)
	d.frame = b
	_, err := l.conn.Write(b)
	return err
}

// appendReading is a payload as sensors send it, about 120 bytes, that begins
// with who sent it and its number.
func appendReading(b []byte, client int, seq uint32) []byte {
	var head [8]byte
	binary.BigEndian.PutUint32(head[:], uint32(client))
	binary.BigEndian.PutUint32(head[4:], seq)
	b = append(b, `{"id":"`...)
	b = hex.AppendEncode(b, head[:])
	return append(b, `","temp":21.4,"hum":46,"co2":612,"lux":180,"motion":0,"bat":3.61,"rssi":-67,"fw":"1.4.2"}`...)
}

func readReading(b []byte) (client int, seq uint32, ok bool) {
	const from = len(`{"id":"`)
	var head [8]byte
	if len(b) < from+16 {
		return 0, 0, false
	}
	if _, err := hex.Decode(head[:], b[from:from+16]); err != nil {
		return 0, 0, false
	}
	return int(binary.BigEndian.Uint32(head[:])), binary.BigEndian.Uint32(head[4:]), true
}

// account says what became of the messages by the view of the devices: the store
// is asked with has.
func (f *fleet) account(has []numberSet) (stored, lost int) {
	for i, d := range f.devices {
		d.mu.Lock()
		for seq := range d.acked.all() {
			if !has[i].has(seq) {
				lost++
			}
		}
		d.mu.Unlock()
		stored += has[i].count()
	}
	return stored, lost
}

func (f *fleet) figures(r map[string]any) {
	r["sent"], r["acked"], r["resent"], r["connections_lost"] = f.sent.Load(), f.acked.Load(), f.again.Load(), f.lost.Load()
	r["ack_p50_ms"], r["ack_p99_ms"], r["ack_max_ms"] = f.took.quantile(0.5), f.took.quantile(0.99), f.took.quantile(1)
	r["acked_per_s"] = bench.Round(float64(f.acked.Load())/time.Since(f.start).Seconds(), 0)
}
