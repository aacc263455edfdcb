// Package job runs work at a time: a timer set in a committed transaction fires
// once its moment has come, at the latest a poll interval late and also after a
// restart, and its effect commits together with its removal: exactly one effect.
// It is written once, on engine/db.
package job

import (
	"context"
	"encoding/json"
	"time"

	"linli/engine/db"
)

// Job is a piece of delayed work.
type Job struct {
	Kind string          // names the handler, e.g. "order.sla"
	Key  string          // unique per kind: setting the same key again moves the timer
	Due  time.Time       // by the injected clock
	Data json.RawMessage // for the handler; may be empty
	Try  int             // 0 at the first run
}

// Handler does the work inside the transaction that removes the job. An error
// rolls it back and retries later with a growing delay. A handler may Set its own key again.
type Handler func(ctx context.Context, tx db.Tx, j Job) error

// Timers is what a slice needs.
type Timers interface {
	// Set stores or moves the job kind/key within tx; data is marshaled.
	Set(tx db.Tx, kind, key string, due time.Time, data any) error
	// Cancel removes the job within tx; removing a missing one is fine.
	Cancel(tx db.Tx, kind, key string) error
	// Handle binds the handler of a kind, before Run.
	Handle(kind string, h Handler)
	// Every runs h periodically under one key per kind, across restarts and
	// nodes: after each run the next is at next(now).
	Every(kind string, next func(now time.Time) time.Time, h Handler)
}
