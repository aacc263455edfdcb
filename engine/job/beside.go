package job

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"linli"
	"linli/engine/db"
)

// again is after how long work that did not end well is ordered anew.
const again = 5 * time.Minute

// Beside does work that takes longer than a transaction may.
type Beside struct {
	DB     db.DB
	Timers Timers
	Now    linli.Now
	Log    *slog.Logger
}

// Do runs work when tx is committed. A timer kind/key of the same transaction, whose
// handler is to call Do again, orders it anew unless it ends well, whatever process
// dies in between. Whoever orders it under another key while it runs gets a run of
// their own.
func (b Beside) Do(ctx context.Context, tx db.Tx, kind, key string, work func(ctx context.Context) error) error {
	if err := b.Timers.Set(tx, kind, key, b.Now().Add(again), nil); err != nil {
		return err
	}
	tx.AfterCommit(func() {
		err := safely(ctx, kind, work)
		if err == nil {
			err = b.DB.Write(ctx, func(tx db.Tx) error { return b.Timers.Cancel(tx, kind, key) })
		}
		if err != nil && ctx.Err() == nil { // a hub that stops leaves it to the timer
			b.Log.Error("work beside the desk failed and will be tried again", "kind", kind, "key", key, "error", err)
		}
	})
	return nil
}

// safely keeps a fault of the work from taking the hub with it.
func safely(ctx context.Context, kind string, work func(ctx context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = linli.Internal(fmt.Errorf("%s panicked: %v\n%s", kind, p, debug.Stack()))
		}
	}()
	return work(ctx)
}
