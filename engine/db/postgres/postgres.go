// Package postgres is the scale-out home of engine/db: any number of stateless
// nodes on one PostgreSQL (15 or newer). Writes are SERIALIZABLE and run again
// when they conflict.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"linli"
	"linli/engine/db"
)

// Options tune the store; the zero value is right for one of a few nodes.
type Options struct {
	// Readers and Writers bound the connections of this node; 0 means 16 each.
	// They are apart so that a read within a write cannot starve.
	Readers, Writers int
}

// patience bounds how long a conflicting write is tried again, and longest how long
// it pauses between two tries.
const (
	patience = 15 * time.Second
	longest  = 100 * time.Millisecond
)

// Store is a db.DB on PostgreSQL.
type Store struct {
	readers, writers *sql.DB

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
}

// Open connects and refuses a database whose strings do not compare by bytes:
// scopes and row filters are prefix ranges of places.
func Open(ctx context.Context, dsn string, o Options) (*Store, error) {
	if o.Readers == 0 {
		o.Readers = 16
	}
	if o.Writers == 0 {
		o.Writers = 16
	}
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("postgres: connection string: %w", err)
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "linli"
	}
	if config.RuntimeParams["idle_in_transaction_session_timeout"] == "" {
		// A program that hangs within a write must not hold locks and events back for ever.
		config.RuntimeParams["idle_in_transaction_session_timeout"] = "60s"
	}
	s := &Store{readers: pool(config, o.Readers), writers: pool(config, o.Writers)}
	if err := s.check(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func pool(config *pgx.ConnConfig, size int) *sql.DB {
	p := stdlib.OpenDB(*config)
	p.SetMaxOpenConns(size)
	p.SetMaxIdleConns(size)
	p.SetConnMaxIdleTime(5 * time.Minute)
	return p
}

func (s *Store) check(ctx context.Context) error {
	var version int
	var name, collation, encoding string
	err := s.readers.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, datname, datcollate, pg_encoding_to_char(encoding)
		FROM pg_database WHERE datname = current_database()`).Scan(&version, &name, &collation, &encoding)
	if err != nil {
		return fmt.Errorf("postgres: connect: %w", err)
	}
	if version < 150000 {
		return fmt.Errorf("postgres: server version %d is older than 15", version/10000)
	}
	var provider string
	if err := s.readers.QueryRowContext(ctx, `SELECT CAST(datlocprovider AS text) FROM pg_database WHERE datname = current_database()`).Scan(&provider); err != nil {
		return fmt.Errorf("postgres: connect: %w", err)
	}
	bytewise := provider == "b" || // the built-in provider of version 17 knows no other order
		provider == "c" && slices.Contains([]string{"C", "POSIX", "C.UTF-8", "C.utf8"}, collation)
	if !bytewise || encoding != "UTF8" {
		return fmt.Errorf("postgres: database %q has collation %q (provider %s) and encoding %s, but places need byte order; create it with: "+
			"CREATE DATABASE %s TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'", name, collation, provider, encoding, name)
	}
	return nil
}

// Dialect is db.Postgres.
func (s *Store) Dialect() db.Dialect { return db.Postgres }

// Read runs fn on a snapshot that is taken at its first statement.
func (s *Store) Read(ctx context.Context, fn func(tx db.Tx) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.running.Done()
	_, err := run(ctx, s.readers, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, fn)
	return err
}

// Write runs fn serializably, again when it conflicts with others.
func (s *Store) Write(ctx context.Context, fn func(tx db.Tx) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.running.Done()
	pause, began := time.Millisecond, time.Now()
	for {
		hooks, err := run(ctx, s.writers, &sql.TxOptions{Isolation: sql.LevelSerializable}, fn)
		switch {
		case err == nil:
			for _, hook := range hooks {
				hook()
			}
			return nil
		case !conflict(err):
			return err
		case time.Since(began) > patience:
			return &linli.Error{Kind: linli.KindUnavailable, Zh: "同时修改的人太多，请稍后再试", En: "too many changes at the same time; try again", Err: err}
		}
		select {
		case <-time.After(pause/2 + rand.N(pause)): // apart from those it met
		case <-ctx.Done():
			return ctx.Err()
		}
		pause = min(2*pause, longest)
	}
}

// run executes fn in one transaction and gives its hooks when it is committed.
func run(ctx context.Context, pool *sql.DB, o *sql.TxOptions, fn func(db.Tx) error) (hooks []func(), err error) {
	raw, err := pool.BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	t := &tx{ctx: ctx, raw: raw}
	defer t.over()
	defer raw.Rollback() // without effect after Commit
	defer func() {
		t.ended = true
		if p := recover(); p != nil {
			err = linli.Internal(fmt.Errorf("postgres: the function of the transaction panicked: %v\n%s", p, debug.Stack()))
		}
	}()
	err = fn(t)
	if conflict(t.failed) {
		return nil, t.failed // fn may have hidden it under an error of its own
	}
	if err != nil {
		return nil, err
	}
	if t.failed != nil {
		return nil, t.failed
	}
	if err := raw.Commit(); err != nil {
		return nil, err
	}
	return t.hooks, nil
}

// conflict tells whether another transaction got in the way and a new try may succeed.
func conflict(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "40001" || pg.Code == "40P01") || // serialization failure, deadlock
		errors.Is(err, db.ErrAgain)
}

func (s *Store) enter() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return &linli.Error{Kind: linli.KindUnavailable, Zh: "系统正在停止，请稍后再试", En: "the store is closed; try again after the restart"}
	}
	s.running.Add(1)
	return nil
}

// Close waits for running calls and disconnects.
func (s *Store) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.running.Wait()
	return errors.Join(s.readers.Close(), s.writers.Close())
}

// tx is the db.Tx of one try.
type tx struct {
	ctx    context.Context
	raw    *sql.Tx
	failed error // the first failed statement; PostgreSQL refuses all after it
	ended  bool
	hooks  []func()
	finals []func()
}

// over runs what was to happen when the try is over.
func (t *tx) over() {
	for _, fn := range slices.Backward(t.finals) {
		fn()
	}
}

func (t *tx) ready(args []any) ([]any, error) {
	switch {
	case t.ended:
		return nil, errors.New("postgres: the transaction has ended")
	case t.failed != nil:
		return nil, fmt.Errorf("postgres: an earlier statement of this transaction failed: %w", t.failed)
	}
	args, err := db.Bind(args)
	return args, t.fail(err)
}

func (t *tx) fail(err error) error {
	if err != nil && t.failed == nil {
		t.failed = err
	}
	return err
}

func (t *tx) Exec(query string, args ...any) (int64, error) {
	args, err := t.ready(args)
	if err != nil {
		return 0, err
	}
	result, err := t.raw.ExecContext(t.ctx, query, args...)
	if err != nil {
		return 0, t.fail(err)
	}
	return result.RowsAffected()
}

func (t *tx) Query(query string, args ...any) (*sql.Rows, error) {
	args, err := t.ready(args)
	if err != nil {
		return nil, err
	}
	rows, err := t.raw.QueryContext(t.ctx, query, args...)
	return rows, t.fail(err)
}

func (t *tx) QueryRow(query string, args ...any) *sql.Row {
	args, err := t.ready(args)
	if err != nil {
		return db.ErrRow(err)
	}
	row := t.raw.QueryRowContext(t.ctx, query, args...)
	t.fail(row.Err())
	return row
}

func (t *tx) AfterCommit(fn func()) { t.hooks = append(t.hooks, fn) }

func (t *tx) Finally(fn func()) { t.finals = append(t.finals, fn) }
