package job

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"linli"
	"linli/engine/db"
)

//go:embed schema
var schema embed.FS

const (
	poll     = 100 * time.Millisecond // how late a job may be, in real time
	batch    = 256                    // due jobs looked at together
	firstGap = time.Second            // before the second try; doubles up to maxGap
	maxGap   = time.Hour
	periodic = "every" // the key of the jobs of Every
)

// workers is how many jobs run at the same time on this node: on SQLite they share
// commits, on PostgreSQL each holds a connection.
var workers = map[db.Dialect]int{db.SQLite: 32, db.Postgres: 8}

// Runner is Timers on engine/db. Any number of nodes may run on one store.
type Runner struct {
	db     db.DB
	now    linli.Now
	log    *slog.Logger
	broken error // why the tables could not be made

	mu       sync.Mutex
	handlers map[string]Handler
	every    map[string]func(time.Time) time.Time
	planned  bool // the jobs of every have their rows
	flying   map[id]bool
	running  sync.WaitGroup
	slots    chan struct{}
	woken    chan struct{}
}

type id struct{ kind, key string }

// New brings the table up to date and returns a runner without handlers. When the
// table cannot be made, every method of the runner returns the reason.
func New(d db.DB, now linli.Now, log *slog.Logger) *Runner {
	return &Runner{
		db: d, now: now, log: log,
		broken:   db.Migrate(context.Background(), d, "job", schema),
		handlers: map[string]Handler{},
		every:    map[string]func(time.Time) time.Time{},
		flying:   map[id]bool{},
		slots:    make(chan struct{}, workers[d.Dialect()]),
		woken:    make(chan struct{}, 1),
	}
}

// Err tells why the runner cannot work, nil when it can.
func (r *Runner) Err() error { return r.broken }

// Set stores or moves the job kind/key within tx; data is marshaled, nil is none.
func (r *Runner) Set(tx db.Tx, kind, key string, due time.Time, data any) error {
	if r.broken != nil {
		return r.broken
	}
	if kind == "" || key == "" || due.IsZero() {
		return fmt.Errorf("job: %q/%q at %v needs a kind, a key and a time", kind, key, due)
	}
	var raw []byte
	if data != nil {
		var err error
		if raw, err = json.Marshal(data); err != nil {
			return fmt.Errorf("job: data of %s: %w", kind, err)
		}
	}
	if _, err := tx.Exec(`INSERT INTO job_timer (kind, key, due, run_at, data) VALUES ($1, $2, $3, $3, $4)
		ON CONFLICT (kind, key) DO UPDATE SET due = excluded.due, run_at = excluded.run_at, data = excluded.data, try = 0, error = ''`,
		kind, key, linli.Millis(due), string(raw)); err != nil {
		return err
	}
	tx.AfterCommit(func() {
		if !due.After(r.now()) {
			r.wake()
		}
	})
	return nil
}

func (r *Runner) wake() {
	select {
	case r.woken <- struct{}{}:
	default:
	}
}

// Cancel removes the job within tx; removing a missing one is fine.
func (r *Runner) Cancel(tx db.Tx, kind, key string) error {
	if r.broken != nil {
		return r.broken
	}
	_, err := tx.Exec(`DELETE FROM job_timer WHERE kind = $1 AND key = $2`, kind, key)
	return err
}

// Handle binds the handler of a kind.
func (r *Runner) Handle(kind string, h Handler) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.handlers[kind] != nil {
		panic("job: kind " + kind + " is handled twice")
	}
	r.handlers[kind] = h
}

// Every runs h periodically; see Timers.
func (r *Runner) Every(kind string, next func(now time.Time) time.Time, h Handler) {
	r.Handle(kind, func(ctx context.Context, tx db.Tx, j Job) error {
		if err := h(ctx, tx, j); err != nil {
			return err
		}
		return r.Set(tx, kind, periodic, next(r.now()), nil)
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.every[kind] = next
	r.planned = false
}

// plan gives the periodic jobs their first rows. A row that stands stays, unless a
// new program wants it earlier.
func (r *Runner) plan(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.planned {
		return nil
	}
	now := r.now()
	err := r.db.Write(ctx, func(tx db.Tx) error {
		for kind, next := range r.every {
			if _, err := tx.Exec(`INSERT INTO job_timer (kind, key, due, run_at, data) VALUES ($1, $2, $3, $3, '')
				ON CONFLICT (kind, key) DO UPDATE SET due = excluded.due, run_at = excluded.run_at
				WHERE job_timer.try = 0 AND job_timer.due > excluded.due`, kind, periodic, linli.Millis(next(now))); err != nil {
				return err
			}
		}
		return nil
	})
	r.planned = err == nil
	return err
}

// Run fires what is due until ctx ends, then waits for the jobs that run.
func (r *Runner) Run(ctx context.Context) error {
	if r.broken != nil {
		return r.broken
	}
	defer r.running.Wait()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		more, err := r.start(ctx, func(id, bool, error) {})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			r.log.Error("job: cannot look for due jobs", "err", err)
		}
		if more {
			continue
		}
		select {
		case <-tick.C:
		case <-r.woken:
		case <-ctx.Done():
		}
	}
}

// Poll fires everything that is due by now, and what that makes due, and tells
// how many jobs ran well. The errors of those that did not are joined; they stay
// for their next try. For tests and orderly stops.
func (r *Runner) Poll(ctx context.Context) (fired int, err error) {
	if r.broken != nil {
		return 0, r.broken
	}
	var mu sync.Mutex
	var failures []error
	for {
		before := fired
		_, err := r.start(ctx, func(i id, ran bool, err error) {
			mu.Lock()
			defer mu.Unlock()
			if ran {
				fired++
			}
			if err != nil {
				failures = append(failures, fmt.Errorf("job %s/%s: %w", i.kind, i.key, err))
			}
		})
		r.running.Wait()
		if err != nil {
			return fired, err
		}
		if fired == before {
			return fired, errors.Join(failures...)
		}
	}
}

// start begins the due jobs that do not run yet, reports each when it has ended,
// and tells whether there may be more.
func (r *Runner) start(ctx context.Context, report func(i id, ran bool, err error)) (more bool, err error) {
	if err := r.plan(ctx); err != nil {
		return false, err
	}
	due, err := r.due(ctx)
	if err != nil {
		return false, err
	}
	started := 0
	for _, i := range due {
		r.mu.Lock()
		flies := r.flying[i]
		r.flying[i] = true
		r.mu.Unlock()
		if flies {
			continue
		}
		started++
		r.slots <- struct{}{}
		r.running.Go(func() {
			ran, err := r.fire(ctx, i)
			r.mu.Lock()
			delete(r.flying, i)
			r.mu.Unlock()
			<-r.slots
			report(i, ran, err)
		})
	}
	return started > 0 && len(due) == batch, nil
}

// due lists jobs of known kinds whose time has come, the oldest first.
func (r *Runner) due(ctx context.Context) (ids []id, err error) {
	r.mu.Lock()
	kinds := make([]string, 0, len(r.handlers))
	for kind := range r.handlers {
		kinds = append(kinds, kind)
	}
	r.mu.Unlock()
	err = r.db.Read(ctx, func(tx db.Tx) error {
		rows, err := tx.Query(`SELECT kind, key FROM job_timer WHERE run_at <= $1 AND kind IN `+r.db.Dialect().In("$2")+`
			ORDER BY run_at LIMIT $3`, linli.Millis(r.now()), db.List(kinds), batch)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var i id
			if err := rows.Scan(&i.kind, &i.key); err != nil {
				return err
			}
			ids = append(ids, i)
		}
		return rows.Err()
	})
	return ids, err
}

// fire runs one job, unless it was moved, canceled or taken by another node.
func (r *Runner) fire(ctx context.Context, i id) (ran bool, err error) {
	r.mu.Lock()
	handle := r.handlers[i.kind]
	r.mu.Unlock()
	j := Job{Kind: i.kind, Key: i.key}
	started := false // the handler was reached
	err = r.db.Write(ctx, func(tx db.Tx) error {
		started = false
		var due int64
		var data []byte
		err := tx.QueryRow(`DELETE FROM job_timer WHERE kind = $1 AND key = $2 AND (kind, key) IN (
				SELECT kind, key FROM job_timer WHERE kind = $1 AND key = $2 AND run_at <= $3`+r.db.Dialect().SkipLocked()+`)
			RETURNING due, try, data`, i.kind, i.key, linli.Millis(r.now())).Scan(&due, &j.Try, &data)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		started = true
		j.Due, j.Data = linli.Time(due), data
		return handle(ctx, tx, j)
	})
	if err == nil {
		return started, nil
	}
	if ctx.Err() != nil || !started {
		return false, err
	}
	return false, errors.Join(err, r.postpone(ctx, j, err))
}

// postpone plans the next try of a job that failed, if it still stands as it was.
func (r *Runner) postpone(ctx context.Context, j Job, cause error) error {
	gap := maxGap
	if j.Try < 12 { // 2^12 seconds are more than an hour
		gap = min(maxGap, firstGap<<j.Try)
	}
	r.log.Warn("job: failed and will be tried again", "kind", j.Kind, "key", j.Key, "try", j.Try+1, "in", gap, "err", cause)
	return r.db.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(`UPDATE job_timer SET try = try + 1, run_at = $1, error = $2 WHERE kind = $3 AND key = $4 AND due = $5 AND try = $6`,
			linli.Millis(r.now().Add(gap)), cause.Error(), j.Kind, j.Key, linli.Millis(j.Due), j.Try)
		return err
	})
}
