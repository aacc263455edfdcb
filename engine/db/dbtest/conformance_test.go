package dbtest

import (
	"context"
	"path/filepath"
	"testing"

	"linli/engine/db"
	"linli/engine/db/postgres"
	"linli/engine/db/sqlite"
)

func TestSQLiteKeepsThePromises(t *testing.T) {
	t.Parallel()
	Conformance(t, func(t *testing.T) func() db.DB {
		path := filepath.Join(t.TempDir(), "test.db")
		return opener(t, func(ctx context.Context) (db.DB, error) { return sqlite.Open(ctx, path, sqlite.Options{}) })
	})
}

func TestPostgresKeepsThePromises(t *testing.T) {
	t.Parallel()
	Conformance(t, func(t *testing.T) func() db.DB {
		dsn := NewPostgres(t)
		return opener(t, func(ctx context.Context) (db.DB, error) { return postgres.Open(ctx, dsn, postgres.Options{}) })
	})
}
