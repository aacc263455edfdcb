package engine_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"linli"
	"linli/engine"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/engine/job"
)

// Every acknowledged write is there after kill -9, told exactly once, and its
// timer has fired exactly once.
func TestAcknowledgedWorkSurvivesKill(t *testing.T) {
	if dbtest.IsVictim() {
		work(t)
		return
	}
	t.Parallel()
	rounds := 5
	if testing.Short() {
		rounds = 2
	}
	for name, dsn := range map[string]func(*testing.T) string{
		"sqlite":   func(*testing.T) string { return "" },
		"postgres": dbtest.NewPostgres,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, store := filepath.Join(t.TempDir(), "data"), dsn(t)
			var acknowledged []string
			for range rounds {
				acknowledged = append(acknowledged, dbtest.Kill(t, time.Duration(rand.IntN(200))*time.Millisecond, "LINLI_DIR="+folder, "LINLI_DSN="+store)...)
			}
			e := worker(t, folder, store)
			defer e.Close()
			if err := e.Bus.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := e.Jobs.Poll(t.Context()); err != nil {
				t.Fatal(err)
			}
			type count struct{ facts, told, fired int }
			counts := map[string]count{}
			if err := e.DB.Read(t.Context(), func(tx db.Tx) error {
				rows, err := tx.Query(`SELECT f.id, (SELECT COUNT(*) FROM told WHERE id = f.id), (SELECT COUNT(*) FROM fired WHERE id = f.id) FROM fact AS f`)
				if err != nil {
					return err
				}
				defer rows.Close()
				for rows.Next() {
					var id string
					var c count
					if err := rows.Scan(&id, &c.told, &c.fired); err != nil {
						return err
					}
					c.facts = counts[id].facts + 1
					counts[id] = c
				}
				return rows.Err()
			}); err != nil {
				t.Fatal(err)
			}
			for _, id := range acknowledged {
				if _, ok := counts[id]; !ok {
					t.Errorf("%s was acknowledged and is lost", id)
				}
			}
			for id, c := range counts {
				if c != (count{1, 1, 1}) {
					t.Errorf("%s: %+v, want one of each", id, c)
				}
			}
			t.Logf("%d kills, %d acknowledged, %d stored", rounds, len(acknowledged), len(counts))
		})
	}
}

// worker opens the engines with handlers that leave one trace per call.
func worker(t *testing.T, folder, dsn string) *engine.Engine {
	t.Helper()
	e, err := engine.Open(t.Context(), engine.Options{Dir: folder, DSN: dsn, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"fact", "told", "fired"} {
		if err := e.DB.Write(t.Context(), func(tx db.Tx) error {
			_, err := tx.Exec(`CREATE TABLE IF NOT EXISTS ` + table + ` (id TEXT NOT NULL)`)
			if err == nil {
				_, err = tx.Exec(`CREATE INDEX IF NOT EXISTS ` + table + `_id ON ` + table + ` (id)`)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	e.Bus.Subscribe("tell", []string{"fact.made"}, func(_ context.Context, tx db.Tx, ev bus.Event) error {
		_, err := tx.Exec(`INSERT INTO told (id) VALUES ($1)`, ev.Key)
		return err
	})
	e.Jobs.Handle("fire", func(_ context.Context, tx db.Tx, j job.Job) error {
		_, err := tx.Exec(`INSERT INTO fired (id) VALUES ($1)`, j.Key)
		return err
	})
	return e
}

// work is the life of the victim: it makes facts until it is killed.
func work(t *testing.T) {
	e := worker(t, os.Getenv("LINLI_DIR"), os.Getenv("LINLI_DSN"))
	go func() { _ = e.Bus.Run(t.Context()) }()
	go func() { _ = e.Jobs.Run(t.Context()) }()
	failed := make(chan error)
	for range 8 {
		go func() {
			for {
				id := linli.NewID("fct", time.Now())
				if err := e.DB.Write(t.Context(), func(tx db.Tx) error {
					if _, err := tx.Exec(`INSERT INTO fact (id) VALUES ($1)`, id); err != nil {
						return err
					}
					if err := e.Bus.Publish(tx, bus.Event{Kind: "fact.made", Key: id}); err != nil {
						return err
					}
					return e.Jobs.Set(tx, "fire", id, time.Now(), nil)
				}); err != nil {
					failed <- fmt.Errorf("%s: %w", id, err)
					return
				}
				dbtest.Report(id)
			}
		}()
	}
	t.Fatal(<-failed)
}
