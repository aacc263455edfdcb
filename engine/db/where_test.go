package db_test

import (
	"database/sql"
	"fmt"
	"testing"

	"linli/engine/db"
	"linli/engine/db/dbtest"
)

func TestConditionsAndTheirArgumentsStayTogether(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		if err := d.Write(t.Context(), func(tx db.Tx) error {
			if _, err := tx.Exec(`CREATE TABLE x (place TEXT, n BIGINT)`); err != nil {
				return err
			}
			_, err := tx.Exec(`INSERT INTO x VALUES ('990001001001/001', 1), ('990001001001/002', 2), ('990001001002/001', 3), ('990001001001/001/e1', 4)`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		number := func(rows *sql.Rows) (n int, err error) { err = rows.Scan(&n); return n, err }
		for want, build := range map[string]func(w *db.Where) string{
			"[1 2 3 4]": func(*db.Where) string { return "" },
			"[2 4]": func(w *db.Where) string {
				w.Inside("place", "990001001001")
				w.And("(n = ? OR n = ?)", 2, 4)
				return ""
			},
			"[4]": func(w *db.Where) string {
				w.Put("(n IN ($1, $2))", []any{4, 1})
				w.And("n > ?", 1)
				return " LIMIT " + w.Arg(5)
			},
			"[]": func(w *db.Where) string { w.And("1=0"); return "" },
			"[1 2]": func(w *db.Where) string { // what is typed is no pattern: _ and % stand for themselves
				w.Holds("place", " 1001/00")
				w.Begins("'a_b%' || place", "a_b%")
				w.And("n < ?", 3)
				return ""
			},
			"[3]": func(w *db.Where) string {
				w.Begins("place", "990001001002")
				w.And("NOT place LIKE ?", "%e_")
				return ""
			},
		} {
			var w db.Where
			tail := build(&w)
			var got []int
			if err := d.Read(t.Context(), func(tx db.Tx) (err error) {
				got, err = db.Rows(tx, number, `SELECT n FROM x WHERE `+w.String()+` ORDER BY n`+tail, w.Args()...)
				return err
			}); err != nil {
				t.Errorf("%s: %v", &w, err)
			}
			if s := fmt.Sprint(got); s != want || got == nil {
				t.Errorf("%s gives %s, want %s", &w, s, want)
			}
			if w.Next() != len(w.Args())+1 {
				t.Errorf("after %d arguments comes $%d", len(w.Args()), w.Next())
			}
		}
	})
}
