package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"

	"modernc.org/sqlite"

	"linli/engine/db"
)

// maxStatements bounds the prepared statements of a connection; texts are
// constants of the program, so only generated SQL can come near it.
const maxStatements = 1000

// conn is a connection with its prepared statements.
type conn struct {
	*sql.Conn
	stmts  map[string]*sql.Stmt
	broken error // it could not be reopened
}

// prepare compiles a statement once. Statements live as long as the connection,
// so they must not be bound to the context of a call.
func (c *conn) prepare(query string) (*sql.Stmt, error) {
	if s := c.stmts[query]; s != nil {
		return s, nil
	}
	if c.broken != nil {
		return nil, c.broken
	}
	s, err := c.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	c.stmts[query] = s
	return s, nil
}

// trim forgets the statements when there are too many; only between transactions.
func (c *conn) trim() {
	if len(c.stmts) < maxStatements {
		return
	}
	for query, s := range c.stmts {
		s.Close()
		delete(c.stmts, query)
	}
}

// busy tells whether another program holds the file (SQLITE_BUSY and its kin).
func busy(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == 5
}

// exec runs a statement of our own that must not be interrupted.
func (c *conn) exec(query string) error {
	s, err := c.prepare(query)
	if err == nil {
		_, err = s.ExecContext(context.Background())
	}
	return err
}

// pragma runs a PRAGMA without keeping it prepared: some act when they are compiled.
func (c *conn) pragma(text string) error {
	if c.broken != nil {
		return c.broken
	}
	_, err := c.ExecContext(context.Background(), text)
	return err
}

func (c *conn) close() {
	for _, s := range c.stmts {
		s.Close()
	}
	if c.Conn != nil {
		// ErrBadConn makes the pool drop the connection instead of keeping it.
		_ = c.Raw(func(any) error { return driver.ErrBadConn })
		c.Conn.Close()
	}
}

// tx is the db.Tx of one call.
type tx struct {
	ctx    context.Context // the call's; looked at before each statement
	run    context.Context // given to the engine
	conn   *conn
	rows   *sql.Rows // of the latest Query
	row    *sql.Row  // of the latest QueryRow
	failed error     // the first failed statement; it dooms the transaction, as on PostgreSQL
	ended  bool
	hooks  []func()
	finals []func()
}

// ready prepares a statement and its arguments, unless the transaction is over.
func (t *tx) ready(query string, args []any) (*sql.Stmt, []any, error) {
	switch {
	case t.ended:
		return nil, nil, errors.New("sqlite: the transaction has ended")
	case t.failed != nil:
		return nil, nil, fmt.Errorf("sqlite: an earlier statement of this transaction failed: %w", t.failed)
	}
	if err := t.ctx.Err(); err != nil {
		return nil, nil, t.fail(err)
	}
	if err := t.settle(); err != nil {
		return nil, nil, t.fail(err)
	}
	args, err := db.Bind(args)
	if err != nil {
		return nil, nil, t.fail(err)
	}
	s, err := t.conn.prepare(query)
	if err != nil {
		return nil, nil, t.fail(err)
	}
	return s, args, nil
}

func (t *tx) fail(err error) error {
	if err != nil && t.failed == nil {
		t.failed = err
	}
	return err
}

// settle makes sure that the previous statement was read to its end: PostgreSQL
// cannot run two at a time, and here a half-read statement could not run again.
func (t *tx) settle() error {
	if rows := t.rows; rows != nil {
		t.rows = nil
		if _, err := rows.Columns(); err == nil { // fails once rows are closed
			rows.Close()
			return errors.New("sqlite: close the rows before the next statement")
		}
	}
	if row := t.row; row != nil {
		t.row = nil
		// A row that was scanned is closed and yields ErrNoRows; an unread one
		// complains about the missing targets and is closed by that.
		if err := row.Scan(); err != nil && row.Err() == nil && !errors.Is(err, sql.ErrNoRows) {
			return errors.New("sqlite: scan the row before the next statement")
		}
	}
	return nil
}

// end closes what fn left open. Nothing works on t afterwards.
func (t *tx) end() {
	if err := t.settle(); err != nil {
		t.fail(err)
	}
	t.ended = true
}

// over runs what was to happen when the try is over.
func (t *tx) over() {
	for _, fn := range slices.Backward(t.finals) {
		fn()
	}
}

func (t *tx) Exec(query string, args ...any) (int64, error) {
	s, args, err := t.ready(query, args)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(t.run, args...)
	if err != nil {
		return 0, t.fail(err)
	}
	return result.RowsAffected()
}

func (t *tx) Query(query string, args ...any) (*sql.Rows, error) {
	s, args, err := t.ready(query, args)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(t.run, args...)
	if err != nil {
		return nil, t.fail(err)
	}
	t.rows = rows
	return rows, nil
}

func (t *tx) QueryRow(query string, args ...any) *sql.Row {
	s, args, err := t.ready(query, args)
	if err != nil {
		return db.ErrRow(err)
	}
	row := s.QueryRowContext(t.run, args...)
	if t.fail(row.Err()) == nil {
		t.row = row
	}
	return row
}

func (t *tx) AfterCommit(fn func()) { t.hooks = append(t.hooks, fn) }

func (t *tx) Finally(fn func()) { t.finals = append(t.finals, fn) }
