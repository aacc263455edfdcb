// Package sqlite is the embedded home of engine/db: one file, readable while it
// is written. An fsync costs about 2 ms, so a single writer executes the queued
// writes under savepoints in one transaction, commits once, and only then
// answers all of them (group commit).
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"linli"
	"linli/engine/db"
)

// Options tune the store; the zero value is right for production.
type Options struct {
	// Readers is the number of read connections; 0 means 8.
	Readers int
	// NoSync gives up durability over a power cut (synchronous=OFF), for tests
	// that only ask about content.
	NoSync bool
}

// Store is a db.DB in one SQLite file.
type Store struct {
	path    string
	pool    *sql.DB // hands out the connections; they are kept until Close
	readers chan *conn
	queue   chan *request
	done    chan struct{} // closed when the writer has ended

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup // calls of Read and Write
}

// Open opens or creates the file, whose folder must exist.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	if o.Readers == 0 {
		o.Readers = 8
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("sqlite: folder %s is missing", filepath.Dir(path))
	}
	pool, err := sql.Open("sqlite", dsn(path, o))
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(o.Readers + 1)
	pool.SetMaxIdleConns(0)
	s := &Store{
		path: path, pool: pool,
		readers: make(chan *conn, o.Readers),
		queue:   make(chan *request, maxBatch),
		done:    make(chan struct{}),
	}
	w := &writer{store: s}
	// The writer opens first: it is the one that may create the file.
	if w.conn, err = s.openWriter(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("sqlite: open %s: %w", path, err)
	}
	for range o.Readers {
		c, err := s.openReader(ctx)
		if err != nil {
			pool.Close()
			return nil, fmt.Errorf("sqlite: open %s: %w", path, err)
		}
		s.readers <- c
	}
	go w.loop()
	return s, nil
}

// dsn holds what every connection needs before its first statement.
func dsn(path string, o Options) string {
	sync := "FULL"
	if o.NoSync {
		sync = "OFF"
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + url.Values{
		"_busy_timeout": {"10000"}, // another program may hold the file for a moment
		"_journal_mode": {"WAL"},
		"_synchronous":  {sync},
		"_foreign_keys": {"on"},
		"_dqs":          {"0"}, // "x" is never a string, as on PostgreSQL
		"_pragma":       {"case_sensitive_like(1)", "temp_store(memory)"},
	}.Encode()
}

func (s *Store) open(ctx context.Context, pragmas ...string) (*conn, error) {
	raw, err := s.pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: raw, stmts: map[string]*sql.Stmt{}}
	for _, p := range pragmas {
		if err := c.pragma(p); err != nil {
			c.close()
			return nil, err
		}
	}
	return c, nil
}

func (s *Store) openWriter(ctx context.Context) (*conn, error) {
	// 4,000 pages of 4 KiB between checkpoints; a log that had to grow larger is cut back.
	return s.open(ctx, `PRAGMA cache_size = -65536`, `PRAGMA wal_autocheckpoint = 4000`, `PRAGMA journal_size_limit = 67108864`)
}

func (s *Store) openReader(ctx context.Context) (*conn, error) {
	return s.open(ctx, `PRAGMA cache_size = -8192`, `PRAGMA query_only = 1`)
}

// Dialect is db.SQLite.
func (s *Store) Dialect() db.Dialect { return db.SQLite }

// Read runs fn on a snapshot that is taken at its first statement.
func (s *Store) Read(ctx context.Context, fn func(tx db.Tx) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.running.Done()
	if err := ctx.Err(); err != nil {
		return err
	}
	var c *conn
	select {
	case c = <-s.readers:
	case <-ctx.Done():
		return ctx.Err()
	}
	t := &tx{ctx: ctx, run: ctx, conn: c}
	defer func() { // the snapshot ends whatever happens, also on a panic of fn
		t.end()
		if c.exec("ROLLBACK") != nil {
			c.close()
			c = s.reopen(s.openReader)
		}
		s.readers <- c
		t.over()
	}()
	if err := c.exec("BEGIN"); err != nil {
		return fmt.Errorf("sqlite: begin read: %w", err)
	}
	if err := fn(t); err != nil {
		return err
	}
	return t.failed
}

// Write queues fn for the writer; see the package comment.
func (s *Store) Write(ctx context.Context, fn func(tx db.Tx) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.running.Done()
	for {
		// Whoever asks to run again stands at the end of the queue.
		if err := s.write(ctx, fn); !errors.Is(err, db.ErrAgain) {
			return err
		}
	}
}

func (s *Store) write(ctx context.Context, fn func(tx db.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &request{ctx: ctx, fn: fn, answered: make(chan struct{})}
	select {
	case s.queue <- r:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-r.answered:
	case <-ctx.Done():
		if r.started.CompareAndSwap(false, true) { // still queued: it will not run
			return ctx.Err()
		}
		<-r.answered
	}
	if r.err != nil {
		return r.err
	}
	for _, hook := range r.hooks {
		hook()
	}
	return nil
}

// enter counts a call in, so that Close can wait for it.
func (s *Store) enter() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return &linli.Error{Kind: linli.KindUnavailable, Zh: "系统正在停止，请稍后再试", En: "the store is closed; try again after the restart"}
	}
	s.running.Add(1)
	return nil
}

// reopen replaces a connection that is no longer usable. When even that fails,
// the returned connection answers every use with the reason.
func (s *Store) reopen(open func(context.Context) (*conn, error)) *conn {
	c, err := open(context.Background())
	if err != nil {
		return &conn{broken: fmt.Errorf("sqlite: reopen %s: %w", s.path, err)}
	}
	return c
}

// Close waits for running calls, tidies the file and closes it.
func (s *Store) Close() error {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	s.mu.Unlock()
	if again {
		return nil
	}
	s.running.Wait()
	for range cap(s.readers) {
		(<-s.readers).close()
	}
	close(s.queue)
	<-s.done
	return s.pool.Close()
}
