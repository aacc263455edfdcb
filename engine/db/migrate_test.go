package db_test

import (
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"linli/engine/db"
	"linli/engine/db/dbtest"
)

func files(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys["schema/"+pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

const first = `-- a comment; with a semicolon
CREATE TABLE x (n {{serial}}, raw {{bytes}}, s TEXT DEFAULT 'a;''b');
{{postgres}} CREATE FUNCTION twice(n BIGINT) RETURNS BIGINT LANGUAGE plpgsql AS $body$ BEGIN RETURN n; RETURN 2 * n; END $body$;
{{sqlite}} CREATE INDEX "x;s" ON x (s);
/* the last one needs no semicolon; */
INSERT INTO x (s) VALUES ('one')`

func rows(t *testing.T, d db.DB, query string) (out []string) {
	t.Helper()
	if err := d.Read(t.Context(), func(tx db.Tx) error {
		rows, err := tx.Query(query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			out = append(out, s)
		}
		return rows.Err()
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestMigrationsRunOnceInOrder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		v1 := files("0001_start.sql", first)
		v2 := files("0001_start.sql", first, "0002_more.sql", `INSERT INTO x (s) VALUES ('two');`)
		var wg sync.WaitGroup
		for range 4 { // nodes that start at the same time
			wg.Go(func() {
				if err := db.Migrate(t.Context(), d, "x", v1); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for range 2 {
			if err := db.Migrate(t.Context(), d, "x", v2); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := rows(t, d, `SELECT s FROM x ORDER BY n`), []string{"one", "two"}; !reflect.DeepEqual(got, want) {
			t.Errorf("rows %q, want %q", got, want)
		}
		if got, want := rows(t, d, `SELECT room || version || name FROM db_migration ORDER BY version`), []string{"x10001_start.sql", "x20002_more.sql"}; !reflect.DeepEqual(got, want) {
			t.Errorf("recorded %q, want %q", got, want)
		}
		if err := db.Migrate(t.Context(), d, "x", v1); err == nil || !strings.Contains(err.Error(), "newer program") {
			t.Errorf("an older program: %v", err)
		}
	})
}

func TestAFaultyMigrationChangesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		if err := db.Migrate(t.Context(), d, "x", files("0001_start.sql", first)); err != nil {
			t.Fatal(err)
		}
		for what, fsys := range map[string]fstest.MapFS{
			"changed after":      files("0001_start.sql", first+" "),
			"nowhere":            files("0001_start.sql", first, "0002_broken.sql", `INSERT INTO x (s) VALUES ('two'); INSERT INTO nowhere VALUES (1);`),
			"should be number":   files("0001_start.sql", first, "0003_gap.sql", `SELECT 1`),
			"no files":           files(),
			"0002_again.sql sho": files("0001_start.sql", first, "0002_a.sql", `SELECT 1`, "0002_again.sql", `SELECT 1`),
		} {
			if err := db.Migrate(t.Context(), d, "x", fsys); err == nil || !strings.Contains(err.Error(), what) {
				t.Errorf("%q: %v", what, err)
			}
		}
		if got, want := rows(t, d, `SELECT s FROM x ORDER BY n`), []string{"one"}; !reflect.DeepEqual(got, want) {
			t.Errorf("rows %q, want %q", got, want)
		}
	})
}

func TestBigramsBeginATermAtEveryCharacter(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"独居老人":            "独居 居老 老人 人",
		"火":               "火",
		"燃气，燃气":           "燃气 气",
		"拨打12345热线 WiFi!": "拨打 打 12345 热线 线 wifi",
		"":                "",
		"！？ ":             "",
	} {
		if got := db.Bigrams(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Whatever a text holds, each of its stretches of two characters finds it.
func FuzzBigramsHoldEveryPairOfAText(f *testing.F) {
	f.Add("独居老人王阿姨，家里燃气漏了！")
	f.Fuzz(func(t *testing.T, text string) {
		terms := map[string]bool{}
		for _, term := range strings.Fields(db.Bigrams(text)) {
			terms[term] = true
		}
		query, ok := db.Search("x").Query(db.SQLite, text)
		if ok != (len(terms) > 0) {
			t.Fatalf("%q has terms %v but a query %v", text, terms, ok)
		}
		for part := range strings.SplitSeq(strings.ReplaceAll(query, `" *`, `"`), " ") {
			if part = strings.Trim(part, `"`); part != "" && !terms[part] {
				t.Errorf("%q asks for %q, indexed are %v", text, part, terms)
			}
		}
	})
}
