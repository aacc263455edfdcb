package postgres_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"linli/engine/db/dbtest"
	"linli/engine/db/postgres"
)

func TestADatabaseInAnotherOrderIsRefusedWithTheWayOut(t *testing.T) {
	t.Parallel()
	dsn := dbtest.NewPostgres(t)
	admin, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Close(context.Background()) })
	name := admin.Config().Database + "_icu"
	if _, err := admin.Exec(t.Context(), "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'zh' LC_COLLATE 'C' LC_CTYPE 'C'"); err != nil {
		t.Skip("this server cannot make another order: ", err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec(context.Background(), "DROP DATABASE "+name); err != nil {
			t.Error(err)
		}
	})
	other, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	other.Path = "/" + name
	s, err := postgres.Open(t.Context(), other.String(), postgres.Options{})
	if err == nil {
		s.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "LC_COLLATE 'C'") {
		t.Errorf("opened with %v", err)
	}
}

func TestAWrongConnectionStringIsAnError(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{"postgres://%zz", "postgres:///x?host=/nowhere"} {
		if s, err := postgres.Open(t.Context(), dsn, postgres.Options{}); err == nil {
			s.Close()
			t.Errorf("%q was opened", dsn)
		}
	}
}
