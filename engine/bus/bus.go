// Package bus tells what happened: an event is published inside the teller's own
// transaction (outbox) and delivered at least once, in order per key, to every
// subscription, whatever process dies in between. Its first home is bus/sqlbus.
package bus

import (
	"context"
	"encoding/json"
	"time"

	"linli"
	"linli/engine/db"
)

// Event is a fact that a slice tells. Data carries ids, states and numbers,
// never personal fields: who needs those asks under its own right.
type Event struct {
	ID    string          `json:"id"`    // evt_ULID; the key of idempotency
	Seq   int64           `json:"seq"`   // position in the log, rising; set on delivery
	Kind  string          `json:"kind"`  // "<slice>.<noun>.<verb>" or "<slice>.<verb>", e.g. "order.finished"
	Key   string          `json:"key"`   // id of the subject; events of one key keep their order
	Place linli.Place     `json:"place"` // for row scope on the live stream; "" is seen only by street-wide scopes
	At    time.Time       `json:"at"`    // by the teller's clock
	Data  json.RawMessage `json:"data"`
}

// Handler reacts to one event inside a transaction of the bus: its writes and the
// subscription's cursor commit together, so on one store its effect happens
// exactly once. It must still be idempotent by e.ID. Returning an error retries
// the event later with a growing delay; after the last try it is parked, shown
// by Parking, and the subscription goes on.
type Handler func(ctx context.Context, tx db.Tx, e Event) error

// Publisher is what a slice needs: write events into its own transaction.
type Publisher interface {
	// Publish appends events to the log within tx; they exist exactly when tx commits.
	// Missing ID and At are filled in.
	Publish(tx db.Tx, events ...Event) error
}

// Bus is the whole port.
type Bus interface {
	Publisher
	// Subscribe binds a handler to event kinds under a stable name, before Run.
	// A new name starts at the beginning of the kept log.
	Subscribe(name string, kinds []string, h Handler)
	// Run delivers until ctx ends. Several nodes may run; a lease per
	// subscription lets one of them deliver at a time.
	Run(ctx context.Context) error
	// Drain delivers everything that is due now and returns when nothing is left;
	// for tests and orderly stops.
	Drain(ctx context.Context) error
	// Last is a position from which Tail gives what is told from now on, 0 in an
	// empty log; what was committed a moment ago may come as well.
	Last(ctx context.Context) (int64, error)
	// Tail calls fn for each event after the position, then for new ones as they
	// commit, until ctx ends or fn fails; for the live stream.
	Tail(ctx context.Context, after int64, fn func(Event) error) error
}

// Parking is what an administrator needs when a delivery was given up.
type Parking interface {
	// Parked lists the deliveries that were given up, oldest first.
	Parked(ctx context.Context) ([]Parked, error)
	// Retry delivers a parked event once more; on success it is no longer parked.
	Retry(ctx context.Context, subscription string, seq int64) error
}

// Parked is an event that one subscription could not handle.
type Parked struct {
	Subscription string    `json:"subscription"`
	Event        Event     `json:"event"`
	Error        string    `json:"error"` // of the last try
	At           time.Time `json:"at"`    // when it was given up
}

// Pack is the event of a payload: it marshals data and panics when it cannot,
// since payloads are plain structs of ours.
func Pack(kind, key string, place linli.Place, at time.Time, data any) Event {
	raw, err := json.Marshal(data)
	if err != nil {
		panic("bus: payload of " + kind + ": " + err.Error())
	}
	return Event{Kind: kind, Key: key, Place: place, At: at, Data: raw}
}

// On turns a function of a typed payload into a Handler.
func On[T any](fn func(ctx context.Context, tx db.Tx, e Event, data T) error) Handler {
	return func(ctx context.Context, tx db.Tx, e Event) error {
		var data T
		if err := json.Unmarshal(e.Data, &data); err != nil {
			return linli.Internal(err)
		}
		return fn(ctx, tx, e, data)
	}
}
