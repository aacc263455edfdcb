package job_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/engine/job"
)

var _ job.Timers = (*job.Runner)(nil)

var start = time.Date(2025, 3, 3, 8, 0, 0, 0, linli.Shanghai)

type clock struct{ ms atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ms.Store(start.UnixMilli())
	return c
}

func (c *clock) now() time.Time       { return linli.Time(c.ms.Load()) }
func (c *clock) pass(d time.Duration) { c.ms.Add(d.Milliseconds()) }

func newRunner(t *testing.T, d db.DB, now linli.Now) *job.Runner {
	t.Helper()
	r := job.New(d, now, slog.New(slog.DiscardHandler))
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	return r
}

func write(t *testing.T, d db.DB, fn func(tx db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func set(t *testing.T, d db.DB, r job.Timers, kind, key string, due time.Time, data any) {
	t.Helper()
	write(t, d, func(tx db.Tx) error { return r.Set(tx, kind, key, due, data) })
}

func poll(t *testing.T, r *job.Runner, want int) {
	t.Helper()
	if n, err := r.Poll(t.Context()); n != want || err != nil {
		t.Errorf("fired %d, %v; want %d", n, err, want)
	}
}

func TestAJobRunsOnceItsTimeHasCome(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		clock := newClock()
		r := newRunner(t, d, clock.now)
		var got []job.Job
		r.Handle("order.sla", func(_ context.Context, _ db.Tx, j job.Job) error {
			got = append(got, j)
			return nil
		})
		if err := d.Write(t.Context(), func(tx db.Tx) error {
			return errors.Join(r.Set(tx, "order.sla", "lost", start, nil), errors.New("the teller fails"))
		}); err == nil {
			t.Fatal("the failing write succeeded")
		}
		set(t, d, r, "order.sla", "ord_1", start.Add(time.Hour), map[string]int{"stage": 1})
		set(t, d, r, "order.sla", "ord_1", start.Add(2*time.Hour), map[string]int{"stage": 2}) // moves it
		set(t, d, r, "order.sla", "ord_2", start.Add(2*time.Hour), nil)
		set(t, d, r, "nobody.knows", "x", start, nil)
		write(t, d, func(tx db.Tx) error {
			return errors.Join(r.Cancel(tx, "order.sla", "ord_2"), r.Cancel(tx, "order.sla", "missing"))
		})
		poll(t, r, 0)
		clock.pass(2*time.Hour - time.Millisecond)
		poll(t, r, 0)
		clock.pass(time.Millisecond)
		poll(t, r, 1)
		poll(t, r, 0)
		want := []job.Job{{Kind: "order.sla", Key: "ord_1", Due: start.Add(2 * time.Hour), Data: json.RawMessage(`{"stage":2}`)}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("ran %+v, want %+v", got, want)
		}
		for _, bad := range []job.Job{{Key: "x", Due: start}, {Kind: "x", Due: start}, {Kind: "x", Key: "x"}} {
			if err := d.Write(t.Context(), func(tx db.Tx) error { return r.Set(tx, bad.Kind, bad.Key, bad.Due, nil) }); err == nil {
				t.Errorf("%+v was set", bad)
			}
		}
	})
}

func TestAFailingJobLeavesNoTraceAndComesBackLater(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		clock := newClock()
		r := newRunner(t, d, clock.now)
		var tries []int
		r.Handle("ill", func(_ context.Context, tx db.Tx, j job.Job) error {
			if !j.Due.Equal(start) {
				t.Errorf("due %v, want the time it was set to", j.Due)
			}
			tries = append(tries, j.Try)
			if err := r.Set(tx, "follow", "up", start, nil); err != nil {
				return err
			}
			switch j.Try {
			case 0:
				return errors.New("ill")
			case 1:
				panic("ill")
			}
			return nil
		})
		follows := 0
		r.Handle("follow", func(context.Context, db.Tx, job.Job) error { follows++; return nil })
		set(t, d, r, "ill", "x", start, nil)
		for want := 1; want <= 2; want++ {
			if n, err := r.Poll(t.Context()); n != 0 || err == nil {
				t.Errorf("fired %d, %v; want the failure", n, err)
			}
			poll(t, r, 0) // too early
			if len(tries) != want || follows != 0 {
				t.Errorf("tries %v, follow-ups %d", tries, follows)
			}
			clock.pass(time.Minute)
		}
		poll(t, r, 2) // it and what it set
		if !slices.Equal(tries, []int{0, 1, 2}) || follows != 1 {
			t.Errorf("tries %v, follow-ups %d", tries, follows)
		}
	})
}

func TestPeriodicWorkGoesOnAcrossRestartsAndSetsItsOwnPace(t *testing.T) {
	t.Parallel()
	dbtest.EachHome(t, func(t *testing.T, open func() db.DB) {
		clock := newClock()
		var ran []time.Duration
		program := func(pace time.Duration) *job.Runner {
			r := newRunner(t, open(), clock.now)
			r.Every("report", func(now time.Time) time.Time { return now.Truncate(pace).Add(pace) }, func(context.Context, db.Tx, job.Job) error {
				ran = append(ran, clock.now().Sub(start))
				return nil
			})
			return r
		}
		r := program(time.Hour)
		poll(t, r, 0)
		clock.pass(90 * time.Minute)
		poll(t, r, 1)
		r = program(time.Hour) // restart
		poll(t, r, 0)
		clock.pass(31 * time.Minute)
		poll(t, r, 1)
		clock.pass(10 * time.Hour) // nobody ran for long: once, not ten times
		r = program(time.Hour)
		poll(t, r, 1)
		r = program(time.Minute) // a new version wants it earlier
		poll(t, r, 0)
		clock.pass(time.Minute)
		poll(t, r, 1)
		if want := []time.Duration{90 * time.Minute, 121 * time.Minute, 721 * time.Minute, 722 * time.Minute}; !slices.Equal(ran, want) {
			t.Errorf("ran at %v, want %v", ran, want)
		}
	})
}

// Whatever is set, moved, canceled and restarted: at every moment exactly the jobs
// have run whose time has come.
func TestTimersAreExactAcrossRestarts(t *testing.T) {
	t.Parallel()
	dbtest.EachHome(t, func(t *testing.T, open func() db.DB) {
		seed := rand.Uint64()
		random := rand.New(rand.NewPCG(seed, 0))
		clock := newClock()
		var d db.DB
		var r *job.Runner
		restart := func() {
			if d != nil {
				if err := d.Close(); err != nil {
					t.Fatal(err)
				}
			}
			d = open()
			r = newRunner(t, d, clock.now)
			for _, kind := range []string{"a", "b"} {
				r.Handle(kind, func(_ context.Context, tx db.Tx, j job.Job) error {
					_, err := tx.Exec(`INSERT INTO fired (kind, key, due) VALUES ($1, $2, $3)`, j.Kind, j.Key, linli.Millis(j.Due))
					return err
				})
			}
		}
		restart()
		write(t, d, func(tx db.Tx) error {
			_, err := tx.Exec(`CREATE TABLE fired (kind TEXT, key TEXT, due BIGINT, PRIMARY KEY (kind, key, due))`)
			return err
		})
		waiting, want := map[[2]string]int64{}, map[string]bool{}
		for range 300 {
			id := [2]string{[]string{"a", "b"}[random.IntN(2)], fmt.Sprint(random.IntN(10))}
			switch random.IntN(10) {
			case 0:
				write(t, d, func(tx db.Tx) error { return r.Cancel(tx, id[0], id[1]) })
				delete(waiting, id)
			case 1:
				restart()
			case 2, 3, 4:
				clock.pass(time.Duration(1+random.IntN(5000)) * time.Millisecond) // due times differ, so no firing repeats
				due := 0
				for id, at := range waiting {
					if at <= clock.now().UnixMilli() {
						want[fmt.Sprint(id[0], " ", id[1], " ", at)] = true
						delete(waiting, id)
						due++
					}
				}
				poll(t, r, due)
			default:
				clock.pass(time.Millisecond)
				at := clock.now().Add(time.Duration(random.IntN(10_000)) * time.Millisecond)
				if want[fmt.Sprint(id[0], " ", id[1], " ", at.UnixMilli())] {
					continue
				}
				set(t, d, r, id[0], id[1], at, nil)
				waiting[id] = at.UnixMilli()
			}
		}
		got := map[string]bool{}
		if err := d.Read(t.Context(), func(tx db.Tx) error {
			rows, err := tx.Query(`SELECT kind, key, due FROM fired`)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var kind, key string
				var due int64
				if err := rows.Scan(&kind, &key, &due); err != nil {
					return err
				}
				got[fmt.Sprint(kind, " ", key, " ", due)] = true
			}
			return rows.Err()
		}); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(got, want) {
			t.Errorf("seed %d: fired %v\nwant %v", seed, got, want)
		}
	})
}

// Nodes come and go, two at a time, while timers are set.
func TestEachTimerFiresOnceWhateverDies(t *testing.T) {
	t.Parallel()
	dbtest.EachHome(t, func(t *testing.T, open func() db.DB) {
		const jobs = 300
		d := open()
		setter := newRunner(t, d, time.Now)
		write(t, d, func(tx db.Tx) error {
			_, err := tx.Exec(`CREATE TABLE fired (key TEXT NOT NULL)`)
			return err
		})
		var setting, nodes sync.WaitGroup
		for w := range 3 {
			setting.Go(func() {
				for i := range jobs / 3 {
					set(t, d, setter, "k", fmt.Sprint(w, "-", i), time.Now().Add(time.Duration(rand.IntN(20))*time.Millisecond), i)
				}
			})
		}
		all := make(chan struct{})
		go func() { setting.Wait(); close(all) }()
		node := func(d db.DB) *job.Runner {
			r := newRunner(t, d, time.Now)
			r.Handle("k", func(_ context.Context, tx db.Tx, j job.Job) error {
				_, err := tx.Exec(`INSERT INTO fired (key) VALUES ($1)`, j.Key)
				return err
			})
			return r
		}
		alive := make(chan struct{}, 2)
		for running := true; running; {
			select {
			case <-all:
				running = false
			default:
			}
			alive <- struct{}{}
			ctx, kill := context.WithTimeout(t.Context(), time.Duration(rand.IntN(30_000))*time.Microsecond)
			nodes.Go(func() {
				defer func() { kill(); <-alive }()
				own := open()
				if err := node(own).Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("Run: %v", err)
				}
				if err := own.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		nodes.Wait()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- node(d).Run(ctx) }()
		var rows, keys int
		for end := time.Now().Add(20 * time.Second); keys < jobs && time.Now().Before(end); {
			if err := d.Read(t.Context(), func(tx db.Tx) error {
				return tx.QueryRow(`SELECT COUNT(*), COUNT(DISTINCT key) FROM fired`).Scan(&rows, &keys)
			}); err != nil {
				t.Fatal(err)
			}
		}
		stop()
		<-ended
		if rows != jobs || keys != jobs {
			t.Errorf("%d firings of %d jobs, want %d", rows, keys, jobs)
		}
	})
}
