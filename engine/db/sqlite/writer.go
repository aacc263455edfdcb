package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"

	"linli"
	"linli/engine/db"
)

const (
	maxBatch = 256                  // writes that share a commit at most
	maxWork  = 5 * time.Millisecond // a batch takes no more writes after this
	maxLog   = 128 << 20            // bytes of write-ahead log before readers are waited for
)

// request is one call of Write.
type request struct {
	ctx      context.Context
	fn       func(db.Tx) error
	started  atomic.Bool
	err      error
	hooks    []func()
	answered chan struct{}
}

func (r *request) answer(err error) {
	r.err = err
	close(r.answered)
}

// writer owns the only connection that writes.
type writer struct {
	store  *Store
	conn   *conn
	open   bool       // a transaction is open
	lost   bool       // the engine gave the transaction up by itself (disk full, I/O error)
	batch  []*request // ran well in the open transaction, wait for its commit
	again  []*request // must run once more, each alone
	logged time.Time  // when the size of the log was looked at
}

// loop serves the queue until it is closed. A fn that ends its goroutine (t.FailNow
// in a test does) ends only this loop; the next one goes on with the batch.
func (w *writer) loop() {
	ended := false
	defer func() {
		if !ended {
			go w.loop()
		}
	}()
	w.finish()
	for r := range w.store.queue {
		w.collect(r)
		w.finish()
	}
	ended = true
	_ = w.conn.pragma("PRAGMA optimize")
	w.conn.close()
	close(w.store.done)
}

// collect runs the first write and those that wait behind it in one transaction.
func (w *writer) collect(r *request) {
	end := time.Now().Add(maxWork)
	for {
		if r.started.CompareAndSwap(false, true) { // else its caller has left
			w.run(r)
		}
		if len(w.batch) >= maxBatch || w.lost || time.Now().After(end) {
			return
		}
		select {
		case next, ok := <-w.store.queue:
			if !ok {
				return
			}
			r = next
		default:
			return
		}
	}
}

// finish commits what is open and answers. When the commit of a batch fails, the
// fault of one must not hit the others: all of them run again, each alone.
func (w *writer) finish() {
	again := w.commit()
	w.again = append(w.again, again...)
	for len(w.again) > 0 {
		r := w.again[0]
		w.again = w.again[1:]
		w.run(r)
		for _, r := range w.commit() {
			r.answer(errGivenUp)
		}
	}
	w.limitLog()
}

// commit ends the open transaction, answers the batch and returns those of it
// that must run again.
func (w *writer) commit() (again []*request) {
	if !w.open {
		return nil
	}
	batch, lost := w.batch, w.lost
	w.open, w.batch, w.lost = false, nil, false
	if !lost {
		err := w.conn.exec("COMMIT")
		if err == nil {
			for _, r := range batch {
				r.answer(nil)
			}
			return nil
		}
		if len(batch) == 1 {
			batch[0].answer(fmt.Errorf("sqlite: commit: %w", err))
			batch = nil
		}
	}
	_ = w.conn.exec("ROLLBACK") // fails when the engine has already rolled back
	return batch
}

// begin opens the transaction of a batch, on a new connection if the old one is unusable.
func (w *writer) begin() error {
	if w.open {
		return nil
	}
	w.conn.trim()
	err := w.conn.exec("BEGIN IMMEDIATE")
	if err != nil && !busy(err) {
		w.conn.close()
		w.conn = w.store.reopen(w.store.openWriter)
		err = w.conn.exec("BEGIN IMMEDIATE")
	}
	if err != nil {
		return &linli.Error{Kind: linli.KindUnavailable, Zh: "数据文件暂时写不进去，请稍后再试", En: "the data file cannot be written now; try again later", Err: err}
	}
	w.open = true
	return nil
}

// run executes one write under its own savepoint. A write that fails is answered
// at once; one that succeeds joins the batch.
func (w *writer) run(r *request) {
	err := w.begin()
	if err == nil {
		err = w.conn.exec("SAVEPOINT one")
	}
	if err != nil {
		r.answer(err)
		return
	}
	// An interrupted statement would take the whole batch with it, so the engine
	// never sees the context of the call.
	t := &tx{ctx: r.ctx, run: context.Background(), conn: w.conn}
	err = errors.New("sqlite: the function of the write ended its goroutine")
	defer func() {
		if p := recover(); p != nil {
			err = linli.Internal(fmt.Errorf("sqlite: the function of the write panicked: %v\n%s", p, debug.Stack()))
		}
		t.end()
		if err == nil {
			err = t.failed
		}
		if err != nil && w.conn.exec("ROLLBACK TO one") != nil {
			w.lost = true
		}
		if !w.lost && w.conn.exec("RELEASE one") != nil {
			w.lost = true
		}
		t.over()
		if err != nil {
			r.answer(err)
			return
		}
		r.hooks = t.hooks
		w.batch = append(w.batch, r)
	}()
	err = r.fn(t)
}

var errGivenUp = errors.New("sqlite: the engine gave the transaction up")

// limitLog cuts the write-ahead log when it has grown far beyond its automatic
// checkpoints, which happens when there is always some reader on it: then new
// work waits shortly until the readers of old snapshots are gone.
func (w *writer) limitLog() {
	if time.Since(w.logged) < time.Second {
		return
	}
	w.logged = time.Now()
	if info, err := os.Stat(w.store.path + "-wal"); err != nil || info.Size() < maxLog {
		return
	}
	_ = w.conn.pragma("PRAGMA busy_timeout = 200")
	_ = w.conn.pragma("PRAGMA wal_checkpoint(TRUNCATE)") // a failure leaves it for the next second
	_ = w.conn.pragma("PRAGMA busy_timeout = 10000")
}
