// Package sqlbus is the home of engine/bus on engine/db: the event log is a table,
// publishing is an insert in the teller's transaction, and a subscription is a
// cursor that moves in the transaction of its handler. So on one store every
// effect happens exactly once, whatever process dies. A lease per subscription
// only saves work; what keeps two nodes apart is that the cursor moves by
// compare-and-set.
package sqlbus

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"linli"
	"linli/engine/bus"
	"linli/engine/db"
)

//go:embed schema
var schema embed.FS

const (
	poll     = time.Second            // looks for what other nodes tell; own events wake at once
	lease    = 15 * time.Second       // a dead node's subscriptions are taken over after this
	maxBatch = 256                    // events per transaction
	maxTries = 8                      // then an event is parked
	firstGap = 200 * time.Millisecond // before the second try; doubles each time
)

// maxWork bounds the handlers' time per transaction: on SQLite nobody else can
// write meanwhile, on PostgreSQL it holds the horizon back.
var maxWork = map[db.Dialect]time.Duration{db.SQLite: 5 * time.Millisecond, db.Postgres: 50 * time.Millisecond}

// Bus is a bus.Bus. Keep, set before Run, is how long the log is kept at least.
type Bus struct {
	Keep time.Duration // 30 days unless changed

	db    db.DB
	now   linli.Now
	log   *slog.Logger
	owner string // of the leases of this node

	subs   []*subscription
	byKind map[string][]*subscription

	broken error // why the tables could not be made

	mu      sync.Mutex
	running bool
	news    chan struct{} // closed and replaced at every commit of events
}

// New brings the tables up to date and returns a bus without subscriptions. When
// the tables cannot be made, every method of the bus returns the reason.
func New(d db.DB, now linli.Now, log *slog.Logger) *Bus {
	b := &Bus{
		Keep: 30 * 24 * time.Hour,
		db:   d, now: now, log: log,
		owner:  linli.NewID("node", time.Now()),
		byKind: map[string][]*subscription{},
		news:   make(chan struct{}),
	}
	ctx := context.Background()
	if b.broken = db.Migrate(ctx, d, "bus", schema); b.broken == nil {
		b.broken = b.lift(ctx)
	}
	return b
}

// lift makes sure on PostgreSQL that new events come after all old ones: a server
// that a dump was restored into counts its transactions from anew.
func (b *Bus) lift(ctx context.Context) error {
	if b.db.Dialect() != db.Postgres {
		return nil
	}
	return b.db.Write(ctx, func(tx db.Tx) error {
		var last, next int64
		if err := tx.QueryRow(`SELECT GREATEST((SELECT MAX(seq) FROM bus_event), (SELECT MAX(seq) FROM bus_cursor), 0),
			base + (pg_current_xact_id()::text::bigint << 16) FROM bus_base`).Scan(&last, &next); err != nil {
			return err
		}
		if last < next {
			return nil
		}
		_, err := tx.Exec(`UPDATE bus_base SET base = base + $1`, last-next+1)
		return err
	})
}

// Err tells why the bus cannot work, nil when it can.
func (b *Bus) Err() error { return b.broken }

// Publish appends events within tx; they exist exactly when tx commits.
func (b *Bus) Publish(tx db.Tx, events ...bus.Event) error {
	if b.broken != nil {
		return b.broken
	}
	for _, e := range events {
		if e.Kind == "" || e.Key == "" {
			return fmt.Errorf("sqlbus: event %q of subject %q needs both", e.Kind, e.Key)
		}
		if e.At.IsZero() {
			e.At = b.now()
		}
		if e.ID == "" {
			e.ID = linli.NewID("evt", e.At)
		}
		if len(e.Data) == 0 {
			e.Data = []byte("{}")
		}
		if _, err := tx.Exec(`INSERT INTO bus_event (id, kind, key, place, at, data) VALUES ($1, $2, $3, $4, $5, $6)`,
			e.ID, e.Kind, e.Key, e.Place, linli.Millis(e.At), string(e.Data)); err != nil {
			return err
		}
	}
	tx.AfterCommit(func() { b.wake(events) })
	return nil
}

// wake tells this node's subscriptions and tails that there are new events.
func (b *Bus) wake(events []bus.Event) {
	for _, e := range events {
		for _, s := range b.byKind[e.Kind] {
			select {
			case s.woken <- struct{}{}:
			default: // it will look anyway
			}
		}
	}
	b.mu.Lock()
	close(b.news)
	b.news = make(chan struct{})
	b.mu.Unlock()
}

// Subscribe binds h to event kinds under a name that must be its own.
func (b *Bus) Subscribe(name string, kinds []string, h bus.Handler) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running {
		panic("sqlbus: subscription " + name + " comes after Run")
	}
	if slices.ContainsFunc(b.subs, func(s *subscription) bool { return s.name == name }) {
		panic("sqlbus: subscription " + name + " exists twice")
	}
	s := &subscription{bus: b, name: name, kinds: db.List(kinds), handle: h, woken: make(chan struct{}, 1)}
	b.subs = append(b.subs, s)
	for _, kind := range kinds {
		b.byKind[kind] = append(b.byKind[kind], s)
	}
}

// Run delivers until ctx ends.
func (b *Bus) Run(ctx context.Context) error {
	if b.broken != nil {
		return b.broken
	}
	b.mu.Lock()
	b.running = true
	b.mu.Unlock()
	// The newest node takes all subscriptions: the usual reason for a start is that
	// the former node has ended, and nobody should wait for its leases.
	for err := b.keep(ctx, true); err != nil; err = b.keep(ctx, true) {
		b.log.Error("bus: cannot take the subscriptions", "err", err)
		if !pause(ctx, poll) {
			return ctx.Err()
		}
	}
	var wg sync.WaitGroup
	for _, s := range b.subs {
		wg.Go(func() { s.run(ctx) })
	}
	wg.Go(func() { b.housekeeping(ctx) })
	wg.Wait()
	// Let another node go on at once; the context of Run has ended, so not under it.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	err := b.db.Write(last, func(tx db.Tx) error {
		_, err := tx.Exec(`UPDATE bus_cursor SET until = 0 WHERE owner = $1`, b.owner)
		return err
	})
	if err != nil {
		b.log.Warn("bus: leases stay until they run out", "err", err)
	}
	return ctx.Err()
}

// housekeeping renews the leases and forgets old events until ctx ends.
func (b *Bus) housekeeping(ctx context.Context) {
	trimmed := time.Time{}
	for pause(ctx, lease/3) {
		if err := b.keep(ctx, false); err != nil && ctx.Err() == nil {
			b.log.Error("bus: cannot renew leases", "err", err)
		}
		if time.Since(trimmed) > time.Hour {
			trimmed = time.Now()
			if _, err := b.Trim(ctx); err != nil && ctx.Err() == nil {
				b.log.Error("bus: cannot forget old events", "err", err)
			}
		}
	}
}

// keep renews the leases of this node and takes those that have run out, or all
// of them. Leases run in real time, since nodes live in it.
func (b *Bus) keep(ctx context.Context, all bool) error {
	now := time.Now().UnixMilli()
	names := make([]string, len(b.subs))
	for i, s := range b.subs {
		names[i] = s.name
	}
	held := map[string]bool{}
	err := b.db.Write(ctx, func(tx db.Tx) error {
		clear(held)
		for _, name := range names {
			if _, err := tx.Exec(`INSERT INTO bus_cursor (name, at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, name, linli.Millis(b.now())); err != nil {
				return err
			}
		}
		rows, err := tx.Query(`UPDATE bus_cursor SET owner = $1, until = $2
			WHERE name IN `+b.db.Dialect().In("$3")+` AND (owner = $1 OR until < $4 OR $5) RETURNING name`,
			b.owner, now+lease.Milliseconds(), db.List(names), now, all)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			held[name] = true
		}
		return rows.Err()
	})
	if err != nil {
		return err
	}
	for _, s := range b.subs {
		s.held.Store(held[s.name])
	}
	return nil
}

// Drain delivers everything that is due and returns when nothing is left.
func (b *Bus) Drain(ctx context.Context) error {
	if b.broken != nil {
		return b.broken
	}
	for {
		busy := false // something was delivered or is about to become visible
		for _, s := range b.subs {
			for {
				r, err := s.step(ctx)
				if err != nil {
					return err
				}
				busy = busy || r.moved || r.pending
				if !r.moved {
					break
				}
			}
		}
		if !busy {
			return nil
		}
		if !pause(ctx, time.Millisecond) { // a transaction elsewhere may hold the horizon back
			return ctx.Err()
		}
	}
}

// Last is the position of the newest final event: no older one can appear.
func (b *Bus) Last(ctx context.Context) (last int64, err error) {
	if b.broken != nil {
		return 0, b.broken
	}
	err = b.db.Read(ctx, func(tx db.Tx) error {
		top, _, err := b.horizon(tx)
		if err != nil {
			return err
		}
		return tx.QueryRow(`SELECT COALESCE(MAX(seq), 0) FROM bus_event WHERE seq < $1`, top).Scan(&last)
	})
	return last, err
}

// Tail follows the log; see bus.Bus.
func (b *Bus) Tail(ctx context.Context, after int64, fn func(bus.Event) error) error {
	if b.broken != nil {
		return b.broken
	}
	for {
		b.mu.Lock()
		news := b.news // taken before reading, so that nothing falls between
		b.mu.Unlock()
		var p page
		err := b.db.Read(ctx, func(tx db.Tx) (err error) {
			p, err = b.read(tx, after, "", maxBatch)
			return err
		})
		if err != nil {
			return err
		}
		for _, e := range p.events {
			if err := fn(e); err != nil {
				return err
			}
			after = e.Seq
		}
		if len(p.events) == maxBatch {
			continue
		}
		after = p.top - 1
		wait := time.NewTimer(p.wait())
		select {
		case <-news:
		case <-wait.C:
		case <-ctx.Done():
		}
		wait.Stop()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// page is a stretch of the log. Everything before top is final.
type page struct {
	events  []bus.Event
	top     int64
	pending bool // there are committed events that are not final yet
}

// wait is how long to pause after an empty page unless woken.
func (p page) wait() time.Duration {
	if p.pending {
		return 5 * time.Millisecond
	}
	return poll
}

// read gives the events after a position, of the kinds in a JSON array, "" for all.
func (b *Bus) read(tx db.Tx, after int64, kinds string, limit int) (p page, err error) {
	if p.top, p.pending, err = b.horizon(tx); err != nil {
		return p, err
	}
	query := `SELECT seq, id, kind, key, place, at, data FROM bus_event WHERE seq > $1 AND seq < $2`
	args := []any{after, p.top}
	if kinds != "" {
		query += ` AND kind IN ` + b.db.Dialect().In("$3")
		args = append(args, kinds)
	}
	rows, err := tx.Query(query+fmt.Sprint(` ORDER BY seq LIMIT `, limit), args...)
	if err != nil {
		return p, err
	}
	defer rows.Close()
	for rows.Next() {
		e, err := scan(rows.Scan)
		if err != nil {
			return p, err
		}
		p.events = append(p.events, e)
	}
	return p, rows.Err()
}

// horizon gives the number below which the log can no longer change. On
// PostgreSQL that is what every transaction before the oldest running one has
// told; its price is that a long write in any database of the server delays the
// delivery of all events.
func (b *Bus) horizon(tx db.Tx) (top int64, pending bool, err error) {
	if b.db.Dialect() == db.SQLite {
		err = tx.QueryRow(`SELECT COALESCE(MAX(seq), 0) + 1 FROM bus_event`).Scan(&top)
		return top, false, err
	}
	err = tx.QueryRow(`SELECT h.top, EXISTS (SELECT 1 FROM bus_event WHERE seq >= h.top)
		FROM (SELECT base + (pg_snapshot_xmin(pg_current_snapshot())::text::bigint << 16) AS top FROM bus_base) AS h`).Scan(&top, &pending)
	return top, pending, err
}

// scan reads an event from the columns seq, id, kind, key, place, at, data and more.
func scan(into func(...any) error, more ...any) (e bus.Event, err error) {
	var at int64
	var data []byte
	err = into(append([]any{&e.Seq, &e.ID, &e.Kind, &e.Key, &e.Place, &at, &data}, more...)...)
	e.At, e.Data = linli.Time(at), data
	return e, err
}

// Trim forgets the events that are older than Keep and handled by every
// subscription, and tells how many. A subscription that nobody has cared for
// during that time, because it was removed from the program, holds nothing back.
func (b *Bus) Trim(ctx context.Context) (int64, error) {
	const chunk = 1000
	before := linli.Millis(b.now().Add(-b.Keep))
	for total := int64(0); ; {
		var n int64
		err := b.db.Write(ctx, func(tx db.Tx) (err error) {
			n, err = tx.Exec(`DELETE FROM bus_event WHERE at < $1 AND seq IN (
				SELECT seq FROM bus_event WHERE seq <= COALESCE((SELECT MIN(seq) FROM bus_cursor WHERE at >= $1), 0)
				ORDER BY seq LIMIT $2)`, before, chunk)
			return err
		})
		total += n
		if err != nil || n < chunk {
			return total, err
		}
	}
}

// Parked lists the deliveries that were given up, oldest first.
func (b *Bus) Parked(ctx context.Context) (out []bus.Parked, err error) {
	if b.broken != nil {
		return nil, b.broken
	}
	err = b.db.Read(ctx, func(tx db.Tx) error {
		rows, err := tx.Query(`SELECT seq, id, kind, key, place, at, data, subscription, error, parked_at
			FROM bus_parked ORDER BY parked_at, subscription, seq`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var p bus.Parked
			var at int64
			if p.Event, err = scan(rows.Scan, &p.Subscription, &p.Error, &at); err != nil {
				return err
			}
			p.At = linli.Time(at)
			out = append(out, p)
		}
		return rows.Err()
	})
	return out, err
}

// Retry delivers a parked event once more; on success it is no longer parked.
func (b *Bus) Retry(ctx context.Context, name string, seq int64) error {
	if b.broken != nil {
		return b.broken
	}
	i := slices.IndexFunc(b.subs, func(s *subscription) bool { return s.name == name })
	if i < 0 {
		return linli.NotFound("没有这个订阅", "there is no such subscription")
	}
	return b.db.Write(ctx, func(tx db.Tx) error {
		e, err := scan(tx.QueryRow(`DELETE FROM bus_parked WHERE subscription = $1 AND seq = $2
			RETURNING seq, id, kind, key, place, at, data`, name, seq).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			return linli.NotFound("这条事件已不在待处理之列", "this event is no longer parked")
		}
		if err != nil {
			return err
		}
		return b.subs[i].handle(ctx, tx, e)
	})
}

// pause waits and tells whether ctx still lives.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
