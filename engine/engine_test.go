package engine_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"linli/engine"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/engine/job"
	"linli/engine/series"
)

// A job tells an event; both and a sample live in the store that the options name.
func TestTheEnginesWorkTogetherOnEveryStore(t *testing.T) {
	t.Parallel()
	meter := series.Key{Source: "meter", Metric: "energy_kwh"}
	for name, dsn := range map[string]func(t *testing.T) string{
		"default":  func(*testing.T) string { return "" },
		"file":     func(t *testing.T) string { return filepath.Join(t.TempDir(), "a b%20?#.db") },
		"postgres": dbtest.NewPostgres,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := engine.Options{Dir: filepath.Join(t.TempDir(), "data"), DSN: dsn(t), Now: time.Now, Log: slog.New(slog.DiscardHandler)}
			e, err := engine.Open(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if err := e.DB.Write(t.Context(), func(tx db.Tx) error {
				refused, err := e.Series.Append(tx, []series.Sample{{Key: meter, Class: series.Sensor, At: time.Now(), Value: 12.5}})
				if len(refused) > 0 {
					t.Error(refused)
				}
				return errors.Join(err, e.Jobs.Set(tx, "k", "x", time.Now(), nil))
			}); err != nil {
				t.Fatal(err)
			}
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			if e, err = engine.Open(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
			defer stop()
			told := ""
			e.Jobs.Handle("k", func(_ context.Context, tx db.Tx, j job.Job) error {
				return e.Bus.Publish(tx, bus.Pack("thing.done", j.Key, "", time.Now(), nil))
			})
			e.Bus.Subscribe("s", []string{"thing.done"}, func(_ context.Context, tx db.Tx, ev bus.Event) error {
				tx.AfterCommit(func() { told = ev.Key; stop() })
				return nil
			})
			ended := make(chan error)
			go func() { ended <- e.Jobs.Run(ctx) }()
			_ = e.Bus.Run(ctx)
			<-ended
			if newest, err := e.Series.Last(t.Context(), []series.Key{meter}); err != nil || newest[0].Value != 12.5 {
				t.Errorf("the last sample is %v, %v", newest, err)
			}
			if told != "x" {
				t.Errorf("told %q", told)
			}
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAWrongDSNIsNamed(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{"mysql://localhost/x", filepath.Join(t.TempDir(), "missing", "x.db"), "postgres://%zz"} {
		if e, err := engine.Open(t.Context(), engine.Options{Dir: t.TempDir(), DSN: dsn, Now: time.Now, Log: slog.New(slog.DiscardHandler)}); err == nil {
			e.Close()
			t.Errorf("%q was opened", dsn)
		}
	}
}
