package db

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Dialect names the engine and says what the engines cannot say in common SQL.
//
// Everything else is one text for both. What to mind when writing it:
//   - close rows before the next statement of the same transaction;
//   - a failed statement dooms the transaction on both engines: prevent expected
//     conflicts with ON CONFLICT instead of catching them;
//   - strings compare by bytes, LIKE minds the case; NULL order must be spelled
//     out with NULLS FIRST or NULLS LAST;
//   - JSONB comes back with other spacing and key order than it was stored with;
//   - a column that is selected beside an aggregate must be in GROUP BY;
//   - the greater of two values is CASE WHEN, string_agg joins strings;
//   - PostgreSQL infers the type of $1 from its use; where nothing tells it,
//     write CAST($1 AS BIGINT).
type Dialect string

// The engines.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// SkipLocked ends a SELECT that claims rows for work, so that several nodes
// claim different rows: empty on SQLite, whose single writer needs no locks.
func (d Dialect) SkipLocked() string {
	if d == Postgres {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// In is the right side of "column IN …" for a parameter that carries a JSON
// array of strings (see List): "WHERE id IN " + d.In("$1").
func (d Dialect) In(param string) string {
	if d == Postgres {
		return "(SELECT jsonb_array_elements_text(CAST(" + param + " AS JSONB)))"
	}
	return "(SELECT value FROM json_each(" + param + "))"
}

// Has tells in SQL whether a JSONB column, an array of strings, contains the
// string of a parameter: "WHERE " + d.Has("skills", "$2").
func (d Dialect) Has(column, param string) string {
	if d == Postgres {
		return "(" + column + " @> to_jsonb(CAST(" + param + " AS TEXT)))"
	}
	return "EXISTS (SELECT 1 FROM json_each(" + column + ") WHERE value = " + param + ")"
}

// MaxParams is how many parameters one statement may carry on both engines.
const MaxParams = 32_000

// Values is the row list of a batch insert, "($1,$2),($3,$4)…"; rows times
// columns must stay within MaxParams.
func Values(rows, columns int) string {
	if rows < 1 || columns < 1 || rows*columns > MaxParams {
		panic(fmt.Sprintf("db: %d rows of %d columns do not fit one statement", rows, columns))
	}
	var b strings.Builder
	b.Grow(rows * columns * 6)
	for i := range rows * columns {
		switch {
		case i == 0:
			b.WriteString("($")
		case i%columns == 0:
			b.WriteString("),($")
		default:
			b.WriteString(",$")
		}
		b.WriteString(strconv.Itoa(i + 1))
	}
	b.WriteByte(')')
	return b.String()
}

// IsUnique tells whether err says that a unique key or primary key exists already.
func IsUnique(err error) bool { return sqlState(err) == "23505" }

// IsForeign tells whether err says that a foreign key points nowhere or is pointed at.
func IsForeign(err error) bool { return sqlState(err) == "23503" }

// sqlState reads the SQLSTATE of a PostgreSQL error and translates the extended
// result codes of SQLite (https://sqlite.org/rescode.html) that mean the same.
func sqlState(err error) string {
	if pg, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err); ok {
		return pg.SQLState()
	}
	if lite, ok := errors.AsType[interface {
		error
		Code() int
	}](err); ok {
		switch lite.Code() {
		case 2067, 1555: // SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY
			return "23505"
		case 787: // SQLITE_CONSTRAINT_FOREIGNKEY
			return "23503"
		}
	}
	return ""
}
