// Package db is the port to the relational store: serializable writes that
// return after the commit is on disk, and consistent reads. Its homes are
// db/sqlite (one file, group commit) and db/postgres; one SQL text serves both.
package db

import (
	"context"
	"database/sql"
	"errors"
)

// ErrAgain, returned by the function of a Write, lets it run anew as if it had
// conflicted: it had to wait for something in memory, and what it read before is
// older than what it waited for.
var ErrAgain = errors.New("db: run the write again")

// DB is a store of one of the two homes.
type DB interface {
	// Read runs fn on a consistent snapshot. fn must not write.
	Read(ctx context.Context, fn func(tx Tx) error) error
	// Write runs fn in a serializable transaction and returns nil only after the
	// commit is durable. When fn fails, nothing of it is stored and its error is
	// returned as it is. fn may run more than once (the store retries
	// serialization conflicts), so it must have no effect outside tx; effects
	// that follow the commit go through Tx.AfterCommit.
	Write(ctx context.Context, fn func(tx Tx) error) error
	// Dialect names what the engines cannot say in common SQL.
	Dialect() Dialect
	// Close waits for running transactions and closes the store.
	Close() error
}

// Tx is the transaction handed to Read and Write. SQL uses $1 placeholders.
// It is bound to the call's context and must not outlive fn or be used by two goroutines.
type Tx interface {
	// Exec runs a statement and tells how many rows it changed.
	Exec(query string, args ...any) (int64, error)
	// Query runs a statement with rows; the caller closes them.
	Query(query string, args ...any) (*sql.Rows, error)
	// QueryRow runs a statement with at most one row.
	QueryRow(query string, args ...any) *sql.Row
	// AfterCommit registers fn to run once, after this transaction is durable;
	// it does not run when the transaction fails.
	AfterCommit(fn func())
	// Finally registers fn to run once when this try is over, whatever came of it:
	// the place to give up what it held in memory. On SQLite the commit may still
	// lie ahead then, so nothing follows about the outcome. Last registered, first run.
	Finally(fn func())
}
