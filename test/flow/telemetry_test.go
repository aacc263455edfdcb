package flow_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine"
	"linli/engine/db"
	"linli/engine/series"
)

// What devices told about residents goes with the resident who is forgotten, and
// only with that one; what comes later is refused.
func TestWithAForgottenResidentTheirSamplesGo(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		u := h.open(t, newClock(monday))
		w := found(u)
		vault, err := auth.OpenVault(filepath.Join(h.dir, "master.key"), u.clock.now)
		if err != nil {
			t.Fatal(err)
		}
		e, err := engine.Open(t.Context(), engine.Options{Dir: h.dir, DSN: h.dsn, Now: u.clock.now, Keys: vault, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { e.Close() })
		var keys []series.Key
		for _, r := range w.community[north].residents[:2] {
			keys = append(keys, series.Key{Source: "dev_" + string(r.ID), Metric: "heart_rate_bpm", Subject: string(r.ID)})
		}
		tell := func() (refused []series.Refusal) {
			t.Helper()
			if err := e.DB.Write(t.Context(), func(tx db.Tx) (err error) {
				refused, err = e.Series.Append(tx, []series.Sample{
					{Key: keys[0], Class: series.Vital, At: u.clock.now(), Value: 72}, {Key: keys[1], Class: series.Vital, At: u.clock.now(), Value: 64}})
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return refused
		}
		count := func(k series.Key) (int, linli.Kind) {
			got, err := e.Series.Range(context.Background(), k, series.Span{From: monday.Add(-time.Hour), To: monday.AddDate(0, 0, 3)})
			return len(got), linli.KindOf(err)
		}
		if refused := tell(); len(refused) > 0 {
			t.Fatal(refused)
		}
		if answer := w.steward.do("POST", "/api/v1/residents/"+keys[0].Subject+"/forget", object{"reason": "本人书面要求删除"}); answer.status >= 300 {
			t.Fatalf("forgetting: %d", answer.status)
		}
		u.settle()
		u.pass(25 * time.Hour) // the day's work on terms runs too
		if n, kind := count(keys[0]); n != 0 || kind != linli.KindNotFound {
			t.Errorf("of the forgotten resident there are %d samples, %q", n, kind)
		}
		if refused := tell(); len(refused) != 1 || refused[0].Index != 0 || linli.KindOf(refused[0].Err) != linli.KindForbidden {
			t.Errorf("late data is refused with %v", refused)
		}
		if n, kind := count(keys[1]); n != 2 || kind != "" {
			t.Errorf("of the other resident there are %d samples, %q; want both", n, kind)
		}
	})
}
