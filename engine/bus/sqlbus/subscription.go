package sqlbus

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"linli"
	"linli/engine/bus"
	"linli/engine/db"
)

// subscription delivers to one handler.
type subscription struct {
	bus    *Bus
	name   string
	kinds  string // JSON array
	handle bus.Handler
	woken  chan struct{}
	held   atomic.Bool // this node has the lease

	mu      sync.Mutex // one step at a time: Run and Drain may meet
	scanned int64      // nothing of ours between the cursor and here
	touched time.Time  // when the cursor's row was written, in real time
}

// result is what a step came to.
type result struct {
	moved   bool          // the cursor moved
	all     bool          // behind everything there was
	pending bool          // more will be visible in a moment
	retry   time.Duration // until the next try of a failing event, 0 without one
}

// run steps until ctx ends.
func (s *subscription) run(ctx context.Context) {
	for ctx.Err() == nil {
		var r result
		if s.held.Load() {
			var err error
			r, err = s.step(ctx)
			if err != nil && ctx.Err() == nil {
				s.bus.log.Error("bus: delivery", "subscription", s.name, "err", err)
			}
		}
		if r.moved && !r.all {
			continue
		}
		wait := page{pending: r.pending}.wait()
		if r.retry > 0 {
			wait = min(wait, r.retry)
		}
		timer := time.NewTimer(wait)
		select {
		case <-s.woken:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// cursor is the row of the subscription.
type cursor struct {
	seq, tries, retryAt int64
}

// step delivers the next events, at most a transaction's worth.
func (s *subscription) step(ctx context.Context) (result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var at cursor
	var p page
	err := s.bus.db.Read(ctx, func(tx db.Tx) (err error) {
		if at, err = s.cursor(tx); err != nil {
			return err
		}
		p, err = s.bus.read(tx, max(at.seq, s.scanned), s.kinds, maxBatch)
		return err
	})
	if err != nil {
		return result{}, err
	}
	if len(p.events) == 0 {
		s.scanned = p.top - 1
		return result{pending: p.pending}, s.touch(ctx, at)
	}
	alone := at.tries > 0 // the first one is failing
	if alone {
		if wait := linli.Time(at.retryAt).Sub(s.bus.now()); wait > 0 {
			return result{retry: wait}, nil
		}
		p.events = p.events[:1]
	}
	to, err := s.deliver(ctx, at, p.events)
	if errors.Is(err, errMoved) { // by another node; look again
		return result{moved: true}, nil
	}
	all := err == nil && !alone && len(p.events) < maxBatch && to == p.events[len(p.events)-1].Seq
	if all {
		s.scanned = p.top - 1
	}
	return result{moved: to > at.seq, all: all, pending: p.pending}, err
}

var errMoved = errors.New("sqlbus: the cursor was moved by another node")

// deliver handles events in one transaction. When one fails, those before it are
// delivered without it and its try is counted. It tells where the cursor is then.
func (s *subscription) deliver(ctx context.Context, at cursor, events []bus.Event) (to int64, err error) {
	limit := maxWork[s.bus.db.Dialect()]
	for n, cause := len(events), error(nil); ; { // n are to be delivered; cause is why the one behind them is not
		var done, failing int
		err := s.bus.db.Write(ctx, func(tx db.Tx) error {
			done, failing = 0, -1
			// On a look that has gone stale the handlers would meet their own effects.
			if now, err := s.cursor(tx); err != nil || now.seq != at.seq {
				return cmp.Or(err, errMoved)
			}
			for start := time.Now(); done < n && (done == 0 || time.Since(start) < limit); done++ {
				failing = done
				if err := s.handle(ctx, tx, events[done]); err != nil {
					return err
				}
			}
			failing = -1
			return s.move(tx, at, events[done-1].Seq)
		})
		switch {
		case err == nil:
			s.touched = time.Now()
			if done == n && cause != nil {
				return s.failed(ctx, cursor{seq: events[n-1].Seq}, events[n], cause)
			}
			return events[done-1].Seq, nil
		case ctx.Err() != nil:
			return at.seq, ctx.Err()
		case errors.Is(err, errMoved):
			return at.seq, err
		case failing == 0, n == 1:
			return s.failed(ctx, at, events[0], err)
		case failing > 0:
			n, cause = failing, err
		default:
			// The commit failed, by a deferred constraint for example, and any of
			// them may be at fault: alone it shows.
			n, cause = 1, nil
		}
	}
}

// failed counts a failing try of the first undelivered event, or gives it up, and
// tells where the cursor is then.
func (s *subscription) failed(ctx context.Context, at cursor, e bus.Event, cause error) (to int64, err error) {
	now := s.bus.now()
	if tries := at.tries + 1; tries < maxTries {
		retryAt := now.Add(firstGap << at.tries)
		s.bus.log.Warn("bus: an event failed and will be tried again", "subscription", s.name, "event", e.ID, "kind", e.Kind, "try", tries, "err", cause)
		return at.seq, s.bus.db.Write(ctx, func(tx db.Tx) error {
			_, err := tx.Exec(`UPDATE bus_cursor SET tries = $1, retry_at = $2, at = $3 WHERE name = $4 AND seq = $5`,
				tries, linli.Millis(retryAt), linli.Millis(now), s.name, at.seq)
			return err
		})
	}
	s.bus.log.Error("bus: an event was parked", "subscription", s.name, "event", e.ID, "kind", e.Kind, "err", cause)
	return e.Seq, s.bus.db.Write(ctx, func(tx db.Tx) error {
		if _, err := tx.Exec(`INSERT INTO bus_parked (subscription, seq, id, kind, key, place, at, data, error, parked_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			s.name, e.Seq, e.ID, e.Kind, e.Key, e.Place, linli.Millis(e.At), string(e.Data), cause.Error(), linli.Millis(now)); err != nil {
			return err
		}
		return s.move(tx, at, e.Seq)
	})
}

// cursor reads the row; a new subscription has none and starts at 0.
func (s *subscription) cursor(tx db.Tx) (at cursor, err error) {
	rows, err := tx.Query(`SELECT seq, tries, retry_at FROM bus_cursor WHERE name = $1`, s.name)
	if err != nil {
		return at, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&at.seq, &at.tries, &at.retryAt); err != nil {
			return at, err
		}
	}
	return at, rows.Err()
}

// move sets the cursor behind what this transaction has handled, unless another
// node was faster.
func (s *subscription) move(tx db.Tx, from cursor, to int64) error {
	now := linli.Millis(s.bus.now())
	n, err := tx.Exec(`INSERT INTO bus_cursor (name, seq, at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, tries = 0, retry_at = 0, at = excluded.at WHERE bus_cursor.seq = $4`,
		s.name, to, now, from.seq)
	if err == nil && n != 1 {
		return errMoved
	}
	return err
}

// touch notes once a minute how far the log was searched in vain, so that it can
// be trimmed and a restart need not search again.
func (s *subscription) touch(ctx context.Context, at cursor) error {
	if time.Since(s.touched) < time.Minute {
		return nil
	}
	err := s.bus.db.Write(ctx, func(tx db.Tx) error { return s.move(tx, at, max(at.seq, s.scanned)) })
	if err != nil && !errors.Is(err, errMoved) {
		return err
	}
	s.touched = time.Now()
	return nil
}
