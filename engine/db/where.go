package db

import (
	"database/sql"
	"strconv"
	"strings"

	"linli"
)

// Where collects the conditions of a statement and their arguments.
type Where struct {
	conds []string
	args  []any
}

// And adds a condition that writes its arguments as ?.
func (w *Where) And(cond string, args ...any) {
	for _, a := range args {
		cond = strings.Replace(cond, "?", w.Arg(a), 1)
	}
	w.conds = append(w.conds, cond)
}

// Put adds a condition whose placeholders already count from Next on, as those of
// a scope do: w.Put(scope.SQL(columns, w.Next())).
func (w *Where) Put(cond string, args []any) {
	w.conds, w.args = append(w.conds, cond), append(w.args, args...)
}

// Inside adds that a column of places lies in the place.
func (w *Where) Inside(column string, place linli.Place) {
	low, high := place.Range()
	w.And(column+" >= ? AND "+column+" < ?", low, high)
}

// Holds adds that a column holds what was typed, without blanks around it and with no
// sign in it that stands for others.
func (w *Where) Holds(column, typed string) { w.like(column, "%"+literal(typed)+"%") }

// Begins adds that a column begins with it.
func (w *Where) Begins(column, typed string) { w.like(column, literal(typed)+"%") }

func (w *Where) like(column, pattern string) { w.And(column+` LIKE ? ESCAPE '\'`, pattern) }

// literal is typed text as a pattern of LIKE that means just it.
func literal(typed string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.TrimSpace(typed))
}

// Arg adds an argument beside the conditions and answers its placeholder.
func (w *Where) Arg(a any) string {
	w.args = append(w.args, a)
	return "$" + strconv.Itoa(len(w.args))
}

// Next is the number of the next placeholder.
func (w *Where) Next() int { return len(w.args) + 1 }

// Args are the arguments so far, in the order of their placeholders.
func (w *Where) Args() []any { return w.args }

// String joins the conditions; without any it lets every row pass.
func (w *Where) String() string {
	if len(w.conds) == 0 {
		return "1=1"
	}
	return strings.Join(w.conds, " AND ")
}

// Rows runs a query and scans every row; without rows the list is empty, not nil.
func Rows[T any](tx Tx, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []T{}
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
