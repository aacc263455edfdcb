package series_test

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"fmt"
	"math"
	"testing"
	"time"

	"linli"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/engine/series"
)

// tables are those with samples, and what a backup of them holds.
var tables = map[string]string{
	"series_state":   "id, generation",
	"series_subject": "number, subject, forgotten_at",
	"series_line":    "number, source, metric, subject, class, due",
	"series_tail":    "seq, block, bytes",
	"series_last":    "block, bytes",
	"series_open":    "line, t0, t1, n, bytes",
	"series_chunk":   "line, stream, t0, t1, n, bytes",
}

// backup reads every row of the store.
func backup(t *testing.T, d db.DB) map[string][][]any {
	t.Helper()
	out := map[string][][]any{}
	for table, columns := range tables {
		if err := d.Read(t.Context(), func(tx db.Tx) error {
			rows, err := db.Rows(tx, func(rows *sql.Rows) ([]any, error) {
				names, err := rows.Columns()
				if err != nil {
					return nil, err
				}
				row, into := make([]any, len(names)), make([]any, len(names))
				for i := range row {
					into[i] = &row[i]
				}
				err = rows.Scan(into...)
				return row, err
			}, `SELECT `+columns+` FROM `+table)
			out[table] = rows
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// restore replaces every row of the store by those of a backup.
func restore(t *testing.T, d db.DB, rows map[string][][]any) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx db.Tx) error {
		for table, columns := range tables {
			if _, err := tx.Exec(`DELETE FROM ` + table); err != nil {
				return err
			}
			for _, row := range rows[table] {
				if _, err := tx.Exec(`INSERT INTO `+table+` (`+columns+`) VALUES `+db.Values(1, len(row)), row...); err != nil {
					return err
				}
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// holds tells whether the bytes of a value stand anywhere in clear.
func holds(rows map[string][][]any, v float64) bool {
	pattern := binary.LittleEndian.AppendUint64(nil, math.Float64bits(v))
	for _, table := range rows {
		for _, row := range table {
			for _, x := range row {
				if raw, ok := x.([]byte); ok && bytes.Contains(raw, pattern) {
					return true
				}
			}
		}
	}
	return false
}

// Two people and a meter have samples in every place of the store: a chunk, the
// open chunk, the tail, the page of last values, hours. One is forgotten.
func TestOfAForgottenPersonNothingIsLeftAnywhere(t *testing.T) {
	t.Parallel()
	dbtest.EachHome(t, func(t *testing.T, open func() db.DB) {
		const secret, other, public = 61.00017, 62.00017, 63.00017
		h := newHouse(t, open(), newDrawer())
		meter := series.Key{Source: "meter", Metric: "energy_kwh"}
		minute := func(i int) []series.Sample {
			at := h.at.Add(time.Duration(i) * time.Minute)
			return []series.Sample{vital("band1", "res_1", at, secret), vital("band2", "res_2", at, other), {Key: meter, Class: series.Sensor, At: at, Value: public}}
		}
		h.FoldAt(1) // every append goes into chunks
		for day := range 2 {
			var samples []series.Sample
			for i := range 300 {
				samples = append(samples, minute(i)...)
			}
			if refused := h.append(samples...); len(refused) > 0 {
				t.Fatal(refused)
			}
			if day == 0 { // it becomes hours
				h.at = h.at.AddDate(0, 0, 31)
				h.retain()
			}
		}
		h.FoldAt(1 << 20)
		h.append(minute(-1)...)
		h.append(minute(1000)...) // these stay in the tail
		before := backup(t, h.db)
		for table := range tables {
			if len(before[table]) == 0 {
				t.Fatalf("%s is empty, so the test proves nothing", table)
			}
		}
		if !holds(before, public) || holds(before, secret) || holds(before, other) {
			t.Fatal("what is nobody's should stand in clear, what is somebody's never")
		}
		second := newHouse(t, open(), h.keys) // another node, which knows the person
		second.at = h.at
		mine, others := series.Key{Source: "band1", Metric: "heart_rate_bpm", Subject: "res_1"}, series.Key{Source: "band2", Metric: "heart_rate_bpm", Subject: "res_2"}
		past, future := h.at.AddDate(-1, 0, 0), h.at.AddDate(1, 0, 0)
		want := second.values(mine, past, future, 0)
		if len(want) != 5+302 {
			t.Fatalf("%d buckets before, want 5 hours and 302 samples", len(want))
		}
		wantOthers := second.values(others, past, future, 0)

		key := h.keys.keys["res_1"]
		h.forget("res_1")

		gone := func(when string, h *house) {
			t.Helper()
			many := []series.Key{mine} // so many that the store reads all series at once
			for i := range 100 {
				many = append(many, series.Key{Source: fmt.Sprint("unknown", i), Metric: "x"})
			}
			if got, err := h.Last(t.Context(), many); err != nil || !got[0].At.IsZero() {
				t.Errorf("%s: last of many gives %v, %v", when, got[0], err)
			}
			if got, err := h.Range(t.Context(), mine, series.Span{From: past, To: future}); linli.KindOf(err) != linli.KindNotFound || got != nil {
				t.Errorf("%s: range gives %d buckets, %v", when, len(got), err)
			}
			if got, err := h.Last(t.Context(), []series.Key{mine, others, meter}); err != nil || !got[0].At.IsZero() || got[1].Value != other || got[2].Value != public {
				t.Errorf("%s: last gives %v, %v", when, got, err)
			}
			for _, late := range []series.Sample{vital("band1", "res_1", h.at, secret), vital("band9", "res_1", h.at.Add(-time.Hour), secret)} {
				refused := h.append(late, vital("band2", "res_2", h.at.Add(1000*time.Minute), other))
				if len(refused) != 1 || refused[0].Index != 0 || linli.KindOf(refused[0].Err) != linli.KindForbidden {
					t.Errorf("%s: late data is refused with %v", when, refused)
				}
			}
			if got := h.values(others, past, future, 0); fmt.Sprint(got) != fmt.Sprint(wantOthers) {
				t.Errorf("%s: of the other person there are %d buckets, want %d", when, len(got), len(wantOthers))
			}
		}
		gone("at once", h)
		gone("on the other node", second)
		if lines, err := h.List(t.Context(), series.Key{Subject: "res_1"}); err != nil || len(lines) > 0 {
			t.Errorf("series %v are left, %v", lines, err)
		}
		after := backup(t, h.db)
		for table, rows := range map[string]int{"series_open": 2, "series_line": 2, "series_chunk": len(before["series_chunk"]) * 2 / 3} {
			if len(after[table]) != rows {
				t.Errorf("%s has %d rows after, want %d", table, len(after[table]), rows)
			}
		}
		h.forget("res_1") // again is fine
		h.forget("res_3") // and somebody unknown, whose data may come later
		if refused := h.append(vital("band3", "res_3", h.at, 60)); len(refused) != 1 {
			t.Error("data of somebody forgotten before it came was taken")
		}
		if err := h.db.Close(); err != nil {
			t.Fatal(err)
		}
		h.open(open())
		gone("reopened", h)

		// The backup holds rows of the person, and not yet that it was forgotten.
		restore(t, h.db, before)
		h.open(open())
		gone("restored", h)
		h.FoldAt(1)
		h.append(vital("band2", "res_2", h.at.Add(1000*time.Minute), other)) // the tail with unreadable groups is folded
		gone("restored and folded", h)
		h.retain()
		gone("restored and cleaned up", h)

		// It is the key that keeps the backup shut: with it everything would be there.
		restore(t, h.db, before)
		h.keys.keys["res_1"] = key
		h.open(open())
		if got := h.values(mine, past, future, 0); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("with the key the backup gives %d buckets, want %d", len(got), len(want))
		}
	})
}

func TestARolledBackForgettingForgetsNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := newHouse(t, d, newDrawer())
		h.append(vital("band1", "res_1", h.at, 61))
		key := h.keys.keys["res_1"] // the drawer takes no part in transactions; the vault of the hub does
		if err := d.Write(t.Context(), func(tx db.Tx) error {
			if err := h.Forget(tx, "res_1"); err != nil {
				return err
			}
			return errChanged
		}); err != errChanged {
			t.Fatal(err)
		}
		h.keys.keys["res_1"] = key
		if refused := h.append(vital("band1", "res_1", h.at.Add(time.Minute), 62)); len(refused) > 0 {
			t.Error(refused)
		}
		if got := h.values(vital("band1", "res_1", h.at, 0).Key, h.at, h.at.Add(time.Hour), time.Hour); len(got) != 1 || got[0].Count != 2 {
			t.Errorf("got %v, want both samples", got)
		}
	})
}

// The samples of one person cannot be passed off as those of another place.
func TestSealedRowsCannotBeMoved(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := newHouse(t, d, newDrawer())
		h.FoldAt(1)
		a, b := vital("band1", "res_1", h.at, 61), vital("band2", "res_1", h.at, 62)
		h.append(a, b)
		if err := d.Write(t.Context(), func(tx db.Tx) error {
			_, err := tx.Exec(`UPDATE series_open SET bytes = (SELECT bytes FROM series_open ORDER BY line LIMIT 1)`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if got := h.values(a.Key, h.at, h.at.Add(time.Hour), 0); len(got) != 1 || got[0].Mean != 61 {
			t.Errorf("the row that stayed gives %v", got)
		}
		if got, err := h.Range(t.Context(), b.Key, series.Span{From: h.at, To: h.at.Add(time.Hour)}); linli.KindOf(err) != linli.KindInternal || got != nil {
			t.Errorf("the moved row gives %v, %v", got, err)
		}
	})
}
