package dbtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli"
	"linli/engine/db"
)

// Conformance checks the promises of package db on one home. fresh prepares an
// empty database and returns the function that opens a store on it.
func Conformance(t *testing.T, fresh func(t *testing.T) (open func() db.DB)) {
	for name, test := range map[string]func(t *testing.T, open func() db.DB){
		"a failing write leaves its neighbors alone":         failingNeighbors,
		"a committed write is there after reopening":         durability,
		"hooks run once and only after the commit":           afterCommit,
		"every try is told that it is over":                  finally,
		"a write that asks for it runs again":                runsAgain,
		"a read sees one snapshot":                           snapshotRead,
		"a read cannot write":                                readOnly,
		"two doctors cannot both go off call":                writeSkew,
		"a thousand concurrent increments count to 1000":     counters,
		"arguments come back as they went in":                arguments,
		"wrong arguments are refused and store nothing":      wrongArguments,
		"a failed statement dooms the transaction":           doomed,
		"a canceled context stores nothing":                  canceled,
		"a panic is an error of its caller only":             panics,
		"a function that ends its goroutine blocks nobody":   goexit,
		"a deferred constraint hits only the write at fault": deferredConstraint,
		"a transaction is dead after its function":           ended,
		"unread rows are refused":                            unread,
		"a closed store says so":                             closedStore,
		"the dialect works as told":                          dialect,
		"search finds parts of Chinese words":                search,
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			test(t, fresh(t))
		})
	}
}

// must runs a write that has to succeed.
func must(t *testing.T, d db.DB, fn func(tx db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// script writes statements that have to succeed.
func script(t *testing.T, d db.DB, statements ...string) {
	t.Helper()
	must(t, d, func(tx db.Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	})
}

// number reads one integer.
func number(t *testing.T, d db.DB, query string, args ...any) (n int64) {
	t.Helper()
	err := d.Read(t.Context(), func(tx db.Tx) error { return tx.QueryRow(query, args...).Scan(&n) })
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func failingNeighbors(t *testing.T, open func() db.DB) {
	d := open()
	script(t, d, `CREATE TABLE x (n BIGINT PRIMARY KEY)`)
	errOdd := errors.New("odd")
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			err := d.Write(t.Context(), func(tx db.Tx) error {
				if _, err := tx.Exec(`INSERT INTO x VALUES ($1)`, i); err != nil {
					return err
				}
				switch i % 4 {
				case 1:
					return errOdd
				case 3: // a statement that fails in the engine
					_, err := tx.Exec(`INSERT INTO x VALUES ($1)`, i)
					return err
				}
				return nil
			})
			switch {
			case i%4 == 1 && err != errOdd:
				t.Errorf("write %d: %v, want its own error as it is", i, err)
			case i%4 == 3 && !db.IsUnique(err):
				t.Errorf("write %d: %v, want a unique violation", i, err)
			case i%2 == 0 && err != nil:
				t.Errorf("write %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if n, odd := number(t, d, `SELECT count(*) FROM x`), number(t, d, `SELECT count(*) FROM x WHERE n % 2 = 1`); n != 100 || odd != 0 {
		t.Errorf("%d rows, %d of them of failed writes; want 100 and 0", n, odd)
	}
}

func durability(t *testing.T, open func() db.DB) {
	d := open()
	script(t, d, `CREATE TABLE x (n BIGINT)`, `INSERT INTO x VALUES (7)`)
	if got := number(t, open(), `SELECT n FROM x`); got != 7 {
		t.Errorf("another store on the same data reads %d", got)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if got := number(t, open(), `SELECT n FROM x`); got != 7 {
		t.Errorf("after reopening: %d", got)
	}
}

func afterCommit(t *testing.T, open func() db.DB) {
	d := open()
	script(t, d, `CREATE TABLE x (n BIGINT)`)
	var seen []string
	must(t, d, func(tx db.Tx) error {
		tx.AfterCommit(func() { seen = append(seen, fmt.Sprint("first ", number(t, d, `SELECT count(*) FROM x`))) })
		if _, err := tx.Exec(`INSERT INTO x VALUES (1)`); err != nil {
			return err
		}
		tx.AfterCommit(func() { // a hook may use the store
			script(t, d, `INSERT INTO x VALUES (2)`)
			seen = append(seen, "second")
		})
		if len(seen) != 0 {
			t.Error("a hook ran before the commit")
		}
		return nil
	})
	if err := d.Write(t.Context(), func(tx db.Tx) error {
		tx.AfterCommit(func() { seen = append(seen, "of a failed write") })
		return errors.New("no")
	}); err == nil {
		t.Error("the failing write succeeded")
	}
	if want := []string{"first 1", "second"}; !reflect.DeepEqual(seen, want) {
		t.Errorf("hooks: %q, want %q", seen, want)
	}
}

// finally holds a lock in memory as long as a try lasts: writes that end well, fail,
// panic or run again must all give it back, and no two may hold it together.
func finally(t *testing.T, open func() db.DB) {
	d := open()
	script(t, d, `CREATE TABLE x (n BIGINT)`, `INSERT INTO x VALUES (0)`)
	var mu sync.Mutex
	var tries, overs atomic.Int64
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			err := d.Write(t.Context(), func(tx db.Tx) error {
				var n int64
				if err := tx.QueryRow(`SELECT n FROM x`).Scan(&n); err != nil { // before the lock: the look may be old
					return err
				}
				mu.Lock()
				tries.Add(1)
				tx.Finally(mu.Unlock)
				tx.Finally(func() { overs.Add(1) })
				if _, err := tx.Exec(`UPDATE x SET n = $1`, n+1); err != nil {
					return err
				}
				switch i % 3 {
				case 1:
					return errors.New("no")
				case 2:
					panic("no")
				}
				return nil
			})
			if (err == nil) != (i%3 == 0) {
				t.Errorf("write %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if err := d.Read(t.Context(), func(tx db.Tx) error {
		tries.Add(1)
		tx.Finally(func() { overs.Add(1) })
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if n := number(t, d, `SELECT n FROM x`); n != 20 || tries.Load() != overs.Load() {
		t.Errorf("counted to %d, want 20; %d tries, %d of them were told that they are over", n, tries.Load(), overs.Load())
	}
}

func runsAgain(t *testing.T, open func() db.DB) {
	d := open()
	script(t, d, `CREATE TABLE x (n BIGINT)`)
	tries := 0
	must(t, d, func(tx db.Tx) error {
		if _, err := tx.Exec(`INSERT INTO x VALUES ($1)`, tries); err != nil {
			return err
		}
		if tries++; tries < 4 {
			return fmt.Errorf("not yet: %w", db.ErrAgain)
		}
		return nil
	})
	if n := number(t, d, `SELECT SUM(n) FROM x`); tries != 4 || n != 3 {
		t.Errorf("ran %d times and stored %d, want only the fourth", tries, n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := d.Write(ctx, func(db.Tx) error {
		cancel()
		return db.ErrAgain
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled write that wants to run again: %v", err)
	}
}

func snapshotRead(t *testing.T, open func() db.DB) {
	d := open()
	script(t, d, `CREATE TABLE x (n BIGINT)`, `INSERT INTO x VALUES (1)`)
	err := d.Read(t.Context(), func(tx db.Tx) error {
		var before, after int64
		if err := tx.QueryRow(`SELECT sum(n) FROM x`).Scan(&before); err != nil {
			return err
		}
		script(t, d, `INSERT INTO x VALUES (10)`)
		if err := tx.QueryRow(`SELECT sum(n) FROM x`).Scan(&after); err != nil {
			return err
		}
		if before != 1 || after != 1 {
			t.Errorf("the read saw %d, then %d", before, after)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := number(t, d, `SELECT sum(n) FROM x`); got != 11 {
		t.Errorf("the next read sees %d, want 11: a write is visible once it returned", got)
	}
}

func readOnly(t *testing.T, open func() db.DB) {
	d := open()
	script(t, d, `CREATE TABLE x (n BIGINT)`)
	if err := d.Read(t.Context(), func(tx db.Tx) error {
		_, err := tx.Exec(`INSERT INTO x VALUES (1)`)
		return err
	}); err == nil {
		t.Error("a write within Read succeeded")
	}
	if n := number(t, d, `SELECT count(*) FROM x`); n != 0 {
		t.Errorf("%d rows", n)
	}
}

func writeSkew(t *testing.T, open func() db.DB) {
	d := open()
	script(t, d, `CREATE TABLE doctor (id BIGINT PRIMARY KEY, on_call BOOLEAN NOT NULL)`)
	for round := range 20 {
		script(t, d, `DELETE FROM doctor`, `INSERT INTO doctor VALUES (1, TRUE), (2, TRUE)`)
		var wg sync.WaitGroup
		for id := 1; id <= 2; id++ {
			wg.Go(func() {
				if err := d.Write(t.Context(), func(tx db.Tx) error {
					var n int
					if err := tx.QueryRow(`SELECT count(*) FROM doctor WHERE on_call`).Scan(&n); err != nil {
						return err
					}
					if n < 2 {
						return nil
					}
					_, err := tx.Exec(`UPDATE doctor SET on_call = FALSE WHERE id = $1`, id)
					return err
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := number(t, d, `SELECT count(*) FROM doctor WHERE on_call`); n != 1 {
			t.Fatalf("round %d: %d doctors on call, want 1", round, n)
		}
	}
}

func counters(t *testing.T, open func() db.DB) {
	d := open()
	script(t, d, `CREATE TABLE x (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)`, `INSERT INTO x VALUES (0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0)`)
	var wg sync.WaitGroup
	var reads atomic.Int64
	for worker := range 10 {
		wg.Go(func() {
			for i := range 100 {
				if err := d.Write(t.Context(), func(tx db.Tx) error {
					var n int64 // read, then write: a lost update would show
					id := (worker + i) % 10
					if err := tx.QueryRow(`SELECT n FROM x WHERE id = $1`, id).Scan(&n); err != nil {
						return err
					}
					_, err := tx.Exec(`UPDATE x SET n = $1 WHERE id = $2`, n+1, id)
					return err
				}); err != nil {
					t.Error(err)
					return
				}
				if err := d.Read(t.Context(), func(tx db.Tx) error {
					var n int64
					reads.Add(1)
					return tx.QueryRow(`SELECT sum(n) FROM x`).Scan(&n)
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := number(t, d, `SELECT sum(n) FROM x`); n != 1000 || reads.Load() != 1000 {
		t.Errorf("counted %d with %d reads", n, reads.Load())
	}
}

func arguments(t *testing.T, open func() db.DB) {
	d := open()
	must(t, d, func(tx db.Tx) error {
		raw := "BLOB"
		if d.Dialect() == db.Postgres {
			raw = "BYTEA"
		}
		_, err := tx.Exec(`CREATE TABLE x (id TEXT PRIMARY KEY, s TEXT, i BIGINT, f DOUBLE PRECISION, b BOOLEAN, raw ` + raw + `, j JSONB)`)
		return err
	})
	type row struct {
		id  linli.DemandID
		s   *string
		i   time.Duration
		f   float64
		b   bool
		raw []byte
		j   map[string]any
	}
	s := "居民 O'Brien \"quoted\" $1 ?"
	for _, want := range []row{
		{id: "dem_1", s: &s, i: math.MaxInt64, f: math.Pi, b: true, raw: []byte{0, 255, '{'}, j: map[string]any{"名": "王", "n": 1.5}},
		{id: "dem_2", i: math.MinInt64, f: -1e300, raw: []byte{}, j: map[string]any{}},
	} {
		must(t, d, func(tx db.Tx) error {
			_, err := tx.Exec(`INSERT INTO x (id, s, i, f, b, raw, j) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
				want.id, want.s, want.i, want.f, want.b, want.raw, db.JSON(want.j))
			return err
		})
		var got row
		if err := d.Read(t.Context(), func(tx db.Tx) error {
			return tx.QueryRow(`SELECT id, s, i, f, b, raw, j FROM x WHERE id = $1`, want.id).
				Scan(&got.id, &got.s, &got.i, &got.f, &got.b, &got.raw, db.JSON(&got.j))
		}); err != nil {
			t.Fatal(err)
		}
		if got.raw == nil {
			got.raw = []byte{}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	// JSON as text, as bytes and as json.RawMessage, read by path.
	for i, arg := range []any{`{"a":{"b":"text"}}`, []byte(`{"a":{"b":"bytes"}}`), json.RawMessage(`{"a":{"b":"raw"}}`), `{"a":12}`, []byte(`{"a":12}`)} {
		want := []string{"text", "bytes", "raw", "12", "12"}[i]
		var got string
		must(t, d, func(tx db.Tx) error {
			return tx.QueryRow(`INSERT INTO x (id, j) VALUES ($1, $2) RETURNING COALESCE(j->'a'->>'b', j->>'a')`, fmt.Sprint("json", i), arg).Scan(&got)
		})
		if got != want {
			t.Errorf("JSON from %T: %q, want %q", arg, got, want)
		}
	}
	var empty json.RawMessage
	if n := number(t, d, `SELECT CASE WHEN CAST($1 AS TEXT) IS NULL THEN 1 ELSE 0 END`, empty); n != 1 {
		t.Error("an empty json.RawMessage is not NULL")
	}
}

func wrongArguments(t *testing.T, open func() db.DB) {
	d := open()
	script(t, d, `CREATE TABLE x (s TEXT)`)
	for name, arg := range map[string]any{
		"a moment":             time.Now(),
		"a list":               []string{"a"},
		"a struct":             linli.Point{},
		"a number without end": math.Inf(1),
		"not a number":         math.NaN(),
		"a huge number":        uint64(math.MaxUint64),
	} {
		if err := insert(t, d, arg); err == nil {
			t.Errorf("%s was stored", name)
		}
	}
	for name, arg := range map[string]any{
		"broken UTF-8":    "a\xff",
		"a NUL":           "a\x00b",
		"a NUL in JSON":   db.JSON(map[string]string{"k": "a\x00b"}),
		"a NUL in raw":    json.RawMessage(`"\u0000"`),
		"a broken typeds": linli.DemandID("\xc3("),
	} {
		if err := insert(t, d, arg); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("%s: %v, want KindInvalid", name, err)
		}
	}
	if n := number(t, d, `SELECT count(*) FROM x`); n != 0 {
		t.Errorf("%d rows were stored", n)
	}
	if err := insert(t, d, json.RawMessage(`"\\u0000"`)); err != nil {
		t.Errorf("a backslash before u0000 is no NUL: %v", err)
	}
}

func insert(t *testing.T, d db.DB, arg any) error {
	return d.Write(t.Context(), func(tx db.Tx) error {
		_, err := tx.Exec(`INSERT INTO x (s) VALUES ($1)`, arg)
		return err
	})
}

func doomed(t *testing.T, open func() db.DB) {
	d := open()
	script(t, d, `CREATE TABLE x (n BIGINT PRIMARY KEY)`)
	err := d.Write(t.Context(), func(tx db.Tx) error {
		if _, err := tx.Exec(`INSERT INTO x VALUES (1)`); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO x VALUES (1)`); !db.IsUnique(err) {
			t.Errorf("the second insert: %v", err)
		}
		if err := tx.QueryRow(`SELECT 1`).Scan(new(int)); err == nil {
			t.Error("a statement ran after the failed one")
		}
		return nil // hides the failure
	})
	if !db.IsUnique(err) {
		t.Errorf("the write returned %v, want the failure of its statement", err)
	}
	if err := d.Write(t.Context(), func(tx db.Tx) error { tx.QueryRow(`SELECT nothing FROM nowhere`); return nil }); err == nil {
		t.Error("a row of a broken query did not doom the transaction")
	}
	if n := number(t, d, `SELECT count(*) FROM x`); n != 0 {
		t.Errorf("%d rows were stored", n)
	}
}

func canceled(t *testing.T, open func() db.DB) {
	d := open()
	script(t, d, `CREATE TABLE x (n BIGINT)`)
	ctx, cancel := context.WithCancel(t.Context())
	err := d.Write(ctx, func(tx db.Tx) error {
		if _, err := tx.Exec(`INSERT INTO x VALUES (1)`); err != nil {
			return err
		}
		cancel()
		_, err := tx.Exec(`INSERT INTO x VALUES (2)`)
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("canceled on the way: %v", err)
	}
	ran := false
	for _, call := range []func(context.Context, func(db.Tx) error) error{d.Write, d.Read} {
		if err := call(ctx, func(db.Tx) error { ran = true; return nil }); !errors.Is(err, context.Canceled) || ran {
			t.Errorf("canceled before: %v, ran %v", err, ran)
		}
	}
	if n := number(t, d, `SELECT count(*) FROM x`); n != 0 {
		t.Errorf("%d rows were stored", n)
	}
}

func panics(t *testing.T, open func() db.DB) {
	d := open()
	script(t, d, `CREATE TABLE x (n BIGINT)`)
	err := d.Write(t.Context(), func(tx db.Tx) error {
		if _, err := tx.Exec(`INSERT INTO x VALUES (1)`); err != nil {
			return err
		}
		panic("on purpose")
	})
	if linli.KindOf(err) != linli.KindInternal || !strings.Contains(err.Error(), "on purpose") || !strings.Contains(err.Error(), "conformance.go") {
		t.Errorf("the caller got %v, want the panic with its stack", err)
	}
	if n := number(t, d, `SELECT count(*) FROM x`); n != 0 {
		t.Errorf("%d rows were stored", n)
	}
	script(t, d, `INSERT INTO x VALUES (2)`)
}

func goexit(t *testing.T, open func() db.DB) {
	d := open()
	script(t, d, `CREATE TABLE x (n BIGINT)`)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			err := d.Write(t.Context(), func(tx db.Tx) error {
				if _, err := tx.Exec(`INSERT INTO x VALUES ($1)`, i); err != nil {
					return err
				}
				if i%5 == 0 {
					runtime.Goexit() // as t.FailNow does
				}
				return nil
			})
			if (i%5 == 0) == (err == nil) {
				t.Errorf("write %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if n := number(t, d, `SELECT count(*) FROM x`); n != 16 {
		t.Errorf("%d rows, want 16", n)
	}
}

func deferredConstraint(t *testing.T, open func() db.DB) {
	d := open()
	script(t, d, `CREATE TABLE parent (id BIGINT PRIMARY KEY)`, `INSERT INTO parent VALUES (0)`,
		`CREATE TABLE child (parent BIGINT REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)`)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			err := d.Write(t.Context(), func(tx db.Tx) error {
				_, err := tx.Exec(`INSERT INTO child VALUES ($1)`, i%4)
				return err
			})
			if i%4 == 0 && err != nil || i%4 != 0 && !db.IsForeign(err) {
				t.Errorf("write %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if n := number(t, d, `SELECT count(*) FROM child`); n != 10 {
		t.Errorf("%d rows, want 10", n)
	}
}

func ended(t *testing.T, open func() db.DB) {
	d := open()
	script(t, d, `CREATE TABLE x (n BIGINT)`)
	var leaked db.Tx
	must(t, d, func(tx db.Tx) error { leaked = tx; return nil })
	if _, err := leaked.Exec(`INSERT INTO x VALUES (1)`); err == nil {
		t.Error("Exec worked after the end")
	}
	if err := leaked.QueryRow(`SELECT 1`).Scan(new(int)); err == nil {
		t.Error("QueryRow worked after the end")
	}
	if _, err := leaked.Query(`SELECT 1`); err == nil {
		t.Error("Query worked after the end")
	}
}

func unread(t *testing.T, open func() db.DB) {
	d := open()
	script(t, d, `CREATE TABLE x (n BIGINT)`, `INSERT INTO x VALUES (1), (2), (3)`)
	if err := d.Write(t.Context(), func(tx db.Tx) error {
		rows, err := tx.Query(`SELECT n FROM x`)
		if err != nil {
			return err
		}
		rows.Next()
		_, err = tx.Exec(`INSERT INTO x VALUES (4)`)
		return err
	}); err == nil {
		t.Error("a statement ran beside open rows")
	}
	for range 3 { // and the connections stay usable
		if n := number(t, d, `SELECT count(*) FROM x`); n != 3 {
			t.Errorf("%d rows", n)
		}
		must(t, d, func(tx db.Tx) error {
			rows, err := tx.Query(`SELECT n FROM x`)
			if err != nil {
				return err
			}
			for rows.Next() {
			}
			return errors.Join(rows.Err(), rows.Close())
		})
	}
}

func closedStore(t *testing.T, open func() db.DB) {
	d := open()
	running := make(chan struct{})
	result := make(chan error)
	go func() {
		result <- d.Write(t.Context(), func(tx db.Tx) error {
			close(running)
			time.Sleep(20 * time.Millisecond) // Close is waiting by now
			_, err := tx.Exec(`CREATE TABLE x (n BIGINT)`)
			return err
		})
	}()
	<-running
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if err := <-result; err != nil {
		t.Errorf("the write that ran during Close: %v", err)
	}
	for _, call := range []func(context.Context, func(db.Tx) error) error{d.Write, d.Read} {
		if err := call(t.Context(), func(db.Tx) error { return nil }); linli.KindOf(err) != linli.KindUnavailable {
			t.Errorf("after Close: %v", err)
		}
	}
	if err := d.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	if n := number(t, open(), `SELECT count(*) FROM x`); n != 0 {
		t.Errorf("%d rows", n)
	}
}

func dialect(t *testing.T, open func() db.DB) {
	d := open()
	script(t, d, `CREATE TABLE x (id TEXT PRIMARY KEY, tags JSONB NOT NULL, due BIGINT NOT NULL)`)
	must(t, d, func(tx db.Tx) error {
		_, err := tx.Exec(`INSERT INTO x (id, tags, due) VALUES `+db.Values(3, 3),
			"a", `["red","绿"]`, 1, "b", `[]`, 2, "c", `["green"]`, 3)
		return err
	})
	dia := d.Dialect()
	for query, want := range map[string]int64{
		`SELECT count(*) FROM x WHERE id IN ` + dia.In("$1"):                                                2,
		`SELECT count(*) FROM x WHERE ` + dia.Has("tags", "$1"):                                             1,
		`SELECT count(*) FROM x WHERE id LIKE $1`:                                                           1,
		`SELECT count(*) FROM x WHERE id > $1 AND id < $1 || '~'`:                                           0,
		`SELECT CASE WHEN string_agg(id, $1) = 'a绿b绿c' THEN 1 END FROM (SELECT id FROM x ORDER BY id) AS o`: 1,
	} {
		arg := "绿"
		switch {
		case strings.Contains(query, " IN "):
			arg = db.List([]linli.DemandID{"a", "c", "z"})
		case strings.Contains(query, "LIKE"):
			script(t, d, `INSERT INTO x VALUES ('A', '[]', 9) ON CONFLICT (id) DO NOTHING`)
			arg = "a%"
			defer script(t, d, `DELETE FROM x WHERE id = 'A'`)
		}
		if strings.Contains(query, "string_agg") {
			script(t, d, `DELETE FROM x WHERE id = 'A'`)
		}
		if got := number(t, d, query, arg); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
	must(t, d, func(tx db.Tx) error { // claiming is a statement that both know
		_, err := tx.Exec(`UPDATE x SET due = 0 WHERE id IN (SELECT id FROM x WHERE due <= $1 ORDER BY due LIMIT 2`+dia.SkipLocked()+`)`, 5)
		return err
	})
	if n := number(t, d, `SELECT count(*) FROM x WHERE due = 0`); n != 2 {
		t.Errorf("claimed %d", n)
	}
}

func search(t *testing.T, open func() db.DB) {
	d := open()
	const index = db.Search("x_search")
	if err := db.Migrate(t.Context(), d, "x", schema("{{search x_search}};\n")); err != nil {
		t.Fatal(err)
	}
	for id, text := range map[string]string{
		"1": "独居老人王阿姨，家里燃气漏了！",
		"2": "老人独居在家，需要助浴。电话 13800001234",
		"3": "楼道着火，请求救火",
		"4": "WiFi-6 router for 养老院",
		"5": "独居老人",
	} {
		must(t, d, func(tx db.Tx) error { return index.Put(tx, d.Dialect(), id, text) })
	}
	must(t, d, func(tx db.Tx) error { return index.Put(tx, d.Dialect(), "5", "换了内容") })
	must(t, d, func(tx db.Tx) error { return index.Put(tx, d.Dialect(), "6", "独居老人删除") })
	must(t, d, func(tx db.Tx) error { return index.Delete(tx, d.Dialect(), "6") })
	must(t, d, func(tx db.Tx) error { return index.Delete(tx, d.Dialect(), "missing") })
	for typed, want := range map[string]string{
		"独居老人": "1", "老人": "1,2", "居老": "1", "火": "3", "助浴 老人": "2", "1380000": "2",
		"wifi": "4", "ROUTER 养老": "4", "内容": "5", "没有这样的": "", "王'; DROP TABLE": "",
	} {
		param, ok := index.Query(d.Dialect(), typed)
		if !ok {
			t.Errorf("%q: nothing to search for", typed)
			continue
		}
		var ids []string
		if err := d.Read(t.Context(), func(tx db.Tx) error {
			rows, err := tx.Query(`SELECT id FROM x_search WHERE id IN `+index.Match(d.Dialect(), "$1")+` ORDER BY id`, param)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var id string
				if err := rows.Scan(&id); err != nil {
					return err
				}
				ids = append(ids, id)
			}
			return rows.Err()
		}); err != nil {
			t.Fatalf("%q: %v", typed, err)
		}
		if got := strings.Join(ids, ","); got != want {
			t.Errorf("%q finds %q, want %q", typed, got, want)
		}
	}
	if _, ok := index.Query(d.Dialect(), " ，！'\""); ok {
		t.Error("punctuation alone is something to search for")
	}
}
