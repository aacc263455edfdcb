package dispatch

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"linli"
	"linli/engine/bus"
	"linli/engine/db"
)

// told is what a resident knows of a visit: the window from the moment it is
// promised, and who comes from the moment that person has accepted. Nothing else is
// told, and nothing of it changes without the resident hearing of it.
type told struct {
	worker linli.WorkerID
	named  bool // the resident knows who comes
	start  time.Time
	window linli.Window // zero: nothing is promised
}

// named are the states in which the resident has heard who comes.
var named = map[string]bool{"accepted": true, "en_route": true, "arrived": true, "paused": true}

// tells is what the resident knows of an assignment while its order is in a state.
func tells(a standing, state string) told {
	return told{worker: a.worker, named: a.named || named[state], start: a.start, window: a.promise}
}

// differs tells what of it no longer holds: the window, or the name. An assignment
// without anybody keeps nothing.
func (t told) differs(a linli.Assignment) (window, name bool) {
	if t.window == (linli.Window{}) {
		return false, false
	}
	return !a.Promise.From.Equal(t.window.From) || !a.Promise.To.Equal(t.window.To), t.named && a.Worker != t.worker
}

// keeps tells whether a service that starts then keeps the window.
func keeps(w linli.Window, start time.Time) bool {
	return !w.To.IsZero() && !start.Before(w.From) && !start.After(w.To)
}

// lastTold is what the resident was told before: of the assignment that stands, else
// of the last one that was given up before it was served.
// because says why that one ended.
func lastTold(tx db.Tx, m matter) (t told, because string, err error) {
	if m.had {
		return tells(m.before, m.state), "", nil
	}
	a, err := scanStanding(tx.QueryRow(`SELECT `+standingColumns+` FROM dispatch_assignment
		WHERE order_id = $1 AND ended_at <> 0 ORDER BY ended_at DESC, id DESC LIMIT 1`, m.order))
	if errors.Is(err, sql.ErrNoRows) || err == nil && over[a.ended] {
		return told{}, "", nil
	}
	return tells(a, ""), a.ended, err
}

// over are the reasons with which an assignment ends together with its order: what
// was told of it has come true or is past.
var over = map[string]bool{"finished": true, "finish": true, "failed": true, "fail": true, "canceled": true, "cancel": true}

// tell publishes what changes of what a resident was told; an empty assignment takes
// the promise back. It tells nobody anything when all of it still holds.
func (s *Service) tell(_ context.Context, tx db.Tx, order linli.OrderID, place linli.Place, before told, a linli.Assignment, because string) error {
	window, name := before.differs(a)
	if !window && !name {
		return nil
	}
	now := s.Now()
	e := Changed{Order: order, FromWorker: before.worker, FromStart: linli.Millis(before.start), FromPromise: before.window,
		Promise: window, Named: name, Told: true, Because: because}
	if a.Worker != "" || a.Facility != "" {
		e.Worker, e.Second, e.Org, e.ToStart, e.ToPromise = a.Worker, a.Second, a.Org, linli.Millis(a.Start), a.Promise
	}
	return s.Bus.Publish(tx, bus.Pack(EventChanged, string(order), place, now, e))
}
