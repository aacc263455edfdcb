package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"linli"
	"linli/app"
	"linli/auth"
	"linli/cmd/linlibench/bench"
	"linli/engine"
	"linli/engine/db"
)

// ordersCommand measures whole lives of orders over real HTTP on a real store:
// create, dispatch, accept, finish, rate, as five calls of people with rights of
// their own. The hub runs in this process with its production settings (SQLite
// with synchronous=FULL), so client and server share the machine.
type ordersCommand struct {
	Clients  int    `help:"Clients that live orders one after another." default:"50"`
	Seconds  int    `help:"How long to measure, after a warm-up of a tenth." default:"20"`
	Preload  int    `help:"Closed orders in the store before." default:"0"`
	Workers  int    `help:"Workers on duty." default:"200"`
	Database string `help:"postgres:// address instead of SQLite; the database must be empty."`
	Profile  string `help:"Write a CPU profile of the measured part there." type:"path"`
	Dir      string `help:"Directory for the store; without it a temporary one. Kept when given, and used again with the same --preload." type:"path"`
}

// calls are the five of a lifecycle, in order.
var calls = []string{"create", "dispatch", "accept", "finish", "rate"}

const benchPlace = "990001001001/001/e001/b0001"

func (c *ordersCommand) Run(ctx context.Context, r *bench.Report) error {
	if c.Clients < 1 || c.Seconds < 1 || c.Workers < 2 || c.Preload < 0 {
		return bench.Usage("clients", "数量须为正数", "numbers must be positive")
	}
	dir := c.Dir
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "linlibench-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	o := app.Options{Data: dir, Database: c.Database, Addr: "127.0.0.1:0", Demo: true, Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	// It is ten in the morning wherever and whenever this runs: the clock of
	// ordinary orders stands still at night, and measuring should not.
	began := time.Now()
	morning := time.Date(2026, 11, 23, 10, 0, 0, 0, linli.Shanghai)
	o.Now = func() time.Time { return morning.Add(time.Since(began)) }

	if err := c.fill(ctx, r, o); err != nil {
		return err
	}
	opening := time.Now()
	a, err := app.New(ctx, o)
	if err != nil {
		return err
	}
	if err := a.Start(ctx); err != nil {
		return errors.Join(err, a.Stop(ctx))
	}
	defer func() { _ = a.Stop(context.WithoutCancel(ctx)) }()
	r.Set("open_ms", bench.Round(float64(time.Since(opening).Microseconds())/1000, 1))

	town, err := c.staff(ctx, a)
	if err != nil {
		return err
	}
	stop, err := profile(os.Create, c.Profile)
	if err != nil {
		return err
	}
	defer stop()
	return c.measure(ctx, r, town)
}

// office is the people who act in the bench, each with a session of their own.
type office struct {
	base    string
	http    *http.Client
	desk    string                    // session cookie of a duty officer
	workers map[linli.WorkerID]string // sessions of the workers
}

func (c *ordersCommand) staff(ctx context.Context, a *app.App) (*office, error) {
	t := &office{base: a.URL(), workers: map[linli.WorkerID]string{}, http: &http.Client{Timeout: 30 * time.Second,
		Transport: &http.Transport{MaxIdleConns: c.Clients * 2, MaxIdleConnsPerHost: c.Clients * 2}}}
	const street linli.Place = "990001001"
	login := func(n auth.NewUser) (string, error) {
		id, err := a.EnsureUser(ctx, n)
		if err != nil {
			return "", err
		}
		var cookie string
		err = t.call(ctx, "", "POST", "/api/v1/demo/sessions", map[string]any{"user": id}, nil, func(res *http.Response) {
			for _, k := range res.Cookies() {
				cookie = k.Name + "=" + k.Value
			}
		})
		return cookie, err
	}
	steward, err := login(auth.NewUser{Login: "steward", Name: "顾欣", Grants: []auth.Grant{{Role: "data-steward", Place: street}}})
	if err != nil {
		return nil, err
	}
	if t.desk, err = login(auth.NewUser{Login: "desk", Name: "周敏", Grants: []auth.Grant{{Role: "duty-officer", Place: street}}}); err != nil {
		return nil, err
	}
	workers, err := t.hired(ctx, steward)
	if err != nil {
		return nil, err
	}
	if len(workers) < c.Workers {
		more, err := t.hire(ctx, steward, c.Workers-len(workers))
		if err != nil {
			return nil, err
		}
		workers = append(workers, more...)
	}
	for _, id := range workers {
		if t.workers[id], err = login(auth.NewUser{Login: fmt.Sprintf("w%s", id), Name: "员工", Worker: id, Grants: []auth.Grant{{Role: "provider-worker"}}}); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// hired lists who serves already: a directory that is used again has its workers.
func (t *office) hired(ctx context.Context, steward string) (out []linli.WorkerID, err error) {
	for cursor := ""; ; {
		var page struct {
			Items []struct {
				ID linli.WorkerID `json:"id"`
			} `json:"items"`
			Next string `json:"next"`
		}
		if err := t.call(ctx, steward, "GET", "/api/v1/workers?limit=200&cursor="+url.QueryEscape(cursor), nil, &page, nil); err != nil {
			return nil, err
		}
		for _, w := range page.Items {
			out = append(out, w.ID)
		}
		if cursor = page.Next; cursor == "" {
			return out, nil
		}
	}
}

// hire registers an organization with so many workers.
func (t *office) hire(ctx context.Context, steward string, n int) (out []linli.WorkerID, err error) {
	var org struct {
		ID linli.OrgID `json:"id"`
	}
	at := linli.Point{Lng: 122.6, Lat: 30.9}
	if err := t.call(ctx, steward, "POST", "/api/v1/organizations", map[string]any{"name": "好邻家政服务社", "kind": "pro-provider", "place": benchPlace, "at": at}, &org, nil); err != nil {
		return nil, err
	}
	week := slices.Repeat([]string{"00:00-24:00"}, 7)
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range n {
		var w struct {
			ID linli.WorkerID `json:"id"`
		}
		home := linli.Point{Lng: at.Lng + rng.Float64()*0.02, Lat: at.Lat + rng.Float64()*0.02}
		if err := t.call(ctx, steward, "POST", "/api/v1/workers", map[string]any{"org": org.ID, "name": fmt.Sprintf("员工%03d", i), "place": benchPlace, "at": home,
			"profile": "e-bike", "skills": []any{map[string]any{"code": "cleaner", "level": 2}}, "week": week, "max_load_min": 960}, &w, nil); err != nil {
			return nil, err
		}
		out = append(out, w.ID)
	}
	return out, nil
}

// call makes one request; any answer of 400 and above is an error.
func (t *office) call(ctx context.Context, cookie, method, path string, body, out any, look func(*http.Response)) error {
	var send io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		send = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, t.base+path, send)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Cookie", cookie)
	req.Header.Set("Idempotency-Key", linli.NewID("run", time.Now()))
	res, err := t.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if look != nil {
		look(res)
	}
	if res.StatusCode >= 400 {
		return fmt.Errorf("%s %s: %d %s", method, path, res.StatusCode, raw)
	}
	if out == nil || len(raw) == 0 {
		return nil
	}
	return json.Unmarshal(raw, out)
}

// account collects what one client saw.
type account struct {
	lives  int
	took   map[string][]float64 // milliseconds by call
	errors int
	last   error
}

func (c *ordersCommand) measure(ctx context.Context, r *bench.Report, t *office) error {
	var all sync.WaitGroup
	accounts := make([]account, c.Clients)
	start := time.Now()
	warm := time.Duration(c.Seconds) * time.Second / 10
	end := start.Add(warm + time.Duration(c.Seconds)*time.Second)
	for i := range c.Clients {
		all.Go(func() {
			y := &accounts[i]
			y.took = map[string][]float64{}
			rng := rand.New(rand.NewPCG(2, uint64(i)))
			for time.Now().Before(end) && ctx.Err() == nil {
				if err := c.live(ctx, t, rng, y, start.Add(warm)); err != nil {
					y.errors++
					y.last = err
				}
			}
		})
	}
	all.Wait()
	total := account{took: map[string][]float64{}}
	for _, y := range accounts {
		total.lives += y.lives
		total.errors += y.errors
		for k, v := range y.took {
			total.took[k] = append(total.took[k], v...)
		}
		if y.last != nil {
			total.last = y.last
		}
	}
	var every []float64
	byCall := map[string]any{}
	for _, k := range calls {
		every = append(every, total.took[k]...)
		byCall[k] = map[string]any{"n": len(total.took[k]), "p50_ms": quantile(total.took[k], 0.5), "p95_ms": quantile(total.took[k], 0.95), "p99_ms": quantile(total.took[k], 0.99)}
	}
	r.Set("lifecycles", total.lives)
	r.Set("lifecycles_per_s", bench.Round(float64(total.lives)/float64(c.Seconds), 1))
	r.Set("p50_ms", quantile(every, 0.5))
	r.Set("p95_ms", quantile(every, 0.95))
	r.Set("calls", byCall)
	r.Set("clients", c.Clients)
	r.Set("seconds", c.Seconds)
	r.Set("workers", c.Workers)
	r.Set("preloaded", c.Preload)
	r.Set("errors", total.errors)
	detail := "no call failed"
	if total.last != nil {
		detail = total.last.Error()
	}
	r.Check("no_errors", total.errors == 0, "%s", detail)
	return nil
}

// live is one order from its opening to its rating.
func (c *ordersCommand) live(ctx context.Context, t *office, rng *rand.Rand, y *account, from time.Time) error {
	var id linli.OrderID
	var worker linli.WorkerID
	at := linli.Point{Lng: 122.6 + rng.Float64()*0.02, Lat: 30.9 + rng.Float64()*0.02}
	steps := map[string]func() error{
		"create": func() error {
			var o struct {
				ID linli.OrderID `json:"id"`
			}
			err := t.call(ctx, t.desk, "POST", "/api/v1/orders", map[string]any{"spec": "cleaning", "place": benchPlace, "at": at, "length_s": 1800, "dispatch": "manual", "words": "擦窗户加打扫"}, &o, nil)
			id = o.ID
			return err
		},
		"dispatch": func() error {
			var d struct {
				Assigned *struct {
					Worker linli.WorkerID `json:"worker"`
				} `json:"assigned"`
				Reasons []linli.Reason `json:"reasons"`
			}
			err := t.call(ctx, t.desk, "POST", "/api/v1/dispatches", map[string]any{"order_id": id}, &d, nil)
			if err == nil && d.Assigned == nil {
				err = fmt.Errorf("nobody for %s: %v", id, d.Reasons)
			}
			if err == nil {
				worker = d.Assigned.Worker
			}
			return err
		},
		"accept": func() error {
			return t.call(ctx, t.workers[worker], "POST", fmt.Sprintf("/api/v1/orders/%s/accept", id), nil, nil, nil)
		},
		"finish": func() error {
			return t.call(ctx, t.workers[worker], "POST", fmt.Sprintf("/api/v1/orders/%s/finish", id), nil, nil, nil)
		},
		"rate": func() error {
			return t.call(ctx, t.desk, "POST", "/api/v1/ratings", map[string]any{"order_id": id, "nps": 7 + rng.IntN(4), "stars": 4 + rng.IntN(2)}, nil, nil)
		},
	}
	for _, k := range calls {
		began := time.Now()
		if err := steps[k](); err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
		if began.After(from) {
			y.took[k] = append(y.took[k], float64(time.Since(began).Microseconds())/1000)
		}
	}
	if time.Now().After(from) {
		y.lives++
	}
	return nil
}

func quantile(xs []float64, q float64) float64 {
	if len(xs) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(xs))
	return bench.Round(s[min(len(s)-1, int(q*float64(len(s))))], 2)
}

// fill brings the store to its size: closed orders of the past year with their
// timelines, as an office that has worked for years would have them.
func (c *ordersCommand) fill(ctx context.Context, r *bench.Report, o app.Options) error {
	a, err := app.New(ctx, o)
	if err != nil {
		return err
	}
	if err := a.Stop(ctx); err != nil {
		return err
	}
	if c.Preload == 0 {
		return nil
	}
	e, err := engine.Open(ctx, engine.Options{Dir: o.Data, DSN: o.Database, Now: o.Now, Log: o.Log})
	if err != nil {
		return err
	}
	defer e.Close()
	began := time.Now()
	var have int
	if err := e.DB.Read(ctx, func(tx db.Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM order_order WHERE source = 'bench'`).Scan(&have)
	}); err != nil {
		return err
	}
	const batch, step = 5_000, 20 // orders a transaction, orders a statement
	rng := rand.New(rand.NewPCG(3, 3))
	first := o.Now().AddDate(-1, 0, 0)
	gap := 360 * 24 * time.Hour / time.Duration(max(1, c.Preload)) // they came one after the other
	for done := have; done < c.Preload; done += batch {
		if done%100_000 == 0 {
			r.Progress("preloaded %d of %d", done, c.Preload)
		}
		if err := e.DB.Write(ctx, func(tx db.Tx) error {
			for from := done; from < min(done+batch, c.Preload); from += step {
				if err := preload(tx, rng, from, min(step, c.Preload-from), first, gap); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	if info, err := os.Stat(filepath.Join(o.Data, "linli.db")); err == nil {
		r.Set("store_mib", bench.Round(float64(info.Size())/(1<<20), 1))
	}
	r.Set("preload_s", bench.Round(time.Since(began).Seconds(), 1))
	return nil
}

var specsOfPast = []string{"cleaning", "plumbing", "bathing", "meal-delivery", "haircut", "errand", "home-visit"}
var itemsOfPast = []string{"homemaking", "home-safety", "elder-care", "dining", "homemaking", "elder-care", "visiting"}

func preload(tx db.Tx, rng *rand.Rand, from, n int, first time.Time, gap time.Duration) error {
	const orderColumns, eventColumns = 24, 8
	var orders, events []any
	lines := 0
	for i := range n {
		k := rng.IntN(len(specsOfPast))
		t := first.Add(time.Duration(from+i) * gap)
		id := linli.NewID("ord", t)
		place := fmt.Sprintf("99000100100%d/00%d/e%03d/b%04d", 1+rng.IntN(3), 1+rng.IntN(9), rng.IntN(40), rng.IntN(900))
		ms := func(minutes int) int64 { return linli.Millis(t.Add(time.Duration(minutes) * time.Minute)) }
		worker := fmt.Sprintf("wrk_past%04d", rng.IntN(400))
		orders = append(orders, id, fmt.Sprintf("B%09d", from+i), "bench", itemsOfPast[k], specsOfPast[k], "P3", place, 122.6+rng.Float64()*0.02, 30.9+rng.Float64()*0.02,
			"closed", 0, ms(0), ms(0), ms(200), worker, ms(60), ms(50), ms(80), ms(6), ms(62), ms(120), ms(130), ms(200), int64(4+rng.IntN(2)))
		for seq, kind := range []string{"order.opened", "order.assigned", "order.accepted", "order.finished", "order.closed"} {
			events = append(events, id, seq+1, ms(seq*30), ms(seq*30), 1, kind, "closed", "usr_past")
			lines++
		}
	}
	if _, err := tx.Exec(`INSERT INTO order_order (id, number, source, item, spec, sla, place, lng, lat, state, live, submitted_at, opened_at, state_at, worker_id,
		start_at, promised_from, promised_to, accepted_at, arrived_at, finished_at, confirmed_at, closed_at, stars) VALUES `+db.Values(n, orderColumns), orders...); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT INTO order_event (order_id, seq, at, stored_at, round, kind, state, by_user) VALUES `+db.Values(lines, eventColumns), events...)
	return err
}
