// Package dbtest runs store tests on both homes of engine/db, each on a fresh
// database, and holds the conformance suite of the port.
//
// PostgreSQL comes from, in this order: the environment variable
// LINLI_TEST_POSTGRES (connection string of a superuser), the cluster that
// postgres.sh has started, or a private cluster of the test binary when the
// server programs are installed. Without any of them the PostgreSQL half is
// skipped visibly, or fails when LINLI_REQUIRE_POSTGRES=1.
package dbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"linli/engine/db"
	"linli/engine/db/postgres"
	"linli/engine/db/sqlite"
)

// Each runs a test on a fresh SQLite file and on a fresh PostgreSQL database, as
// parallel subtests named sqlite and postgres.
func Each(t *testing.T, test func(t *testing.T, d db.DB)) {
	t.Helper()
	EachHome(t, func(t *testing.T, open func() db.DB) { test(t, open()) })
}

// EachHome is Each for tests that reopen their database: every call of open
// gives a new store on the same data. Stores still open at the end are closed.
func EachHome(t *testing.T, test func(t *testing.T, open func() db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "test.db")
		test(t, opener(t, func(ctx context.Context) (db.DB, error) {
			// The tests ask about content, not about power cuts: no fsync.
			return sqlite.Open(ctx, path, sqlite.Options{Readers: 4, NoSync: true})
		}))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		dsn := NewPostgres(t)
		test(t, opener(t, func(ctx context.Context) (db.DB, error) {
			return postgres.Open(ctx, dsn, postgres.Options{Readers: 4, Writers: 8})
		}))
	})
}

func opener(t *testing.T, open func(context.Context) (db.DB, error)) func() db.DB {
	return func() db.DB {
		t.Helper()
		d, err := open(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
		return d
	}
}

// NewPostgres makes an empty database with byte order, dropped at the end of the
// test, and returns its connection string.
func NewPostgres(t *testing.T) string {
	t.Helper()
	admin, err := server()
	if err != nil {
		if os.Getenv("LINLI_REQUIRE_POSTGRES") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	name := "linli_" + strings.ToLower(rand.Text()[:16])
	if err := asAdmin(admin, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := asAdmin(admin, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	dsn, err := withDatabase(admin, name)
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

// asAdmin runs one statement on the maintenance database.
func asAdmin(dsn, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return err
	}
	d := sql.OpenDB(stdlib.GetConnector(*config))
	defer d.Close()
	_, err = d.ExecContext(ctx, statement)
	return err
}

// schema is a migration file system of one file.
func schema(text string) fs.FS {
	return fstest.MapFS{"schema/0001_test.sql": {Data: []byte(text)}}
}
