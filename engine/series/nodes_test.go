package series_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/engine/db/postgres"
	"linli/engine/db/sqlite"
	"linli/engine/series"
)

// Nodes make the same series at the same moment, append to the same blocks, fold
// them under each other's hands, and clean up meanwhile.
func TestNodesShareAStore(t *testing.T) {
	t.Parallel()
	dbtest.EachHome(t, func(t *testing.T, open func() db.DB) {
		const nodes, rounds, sources = 3, 25, 8
		keys := newDrawer()
		houses := make([]*house, nodes)
		for n := range houses {
			houses[n] = newHouse(t, open(), keys)
			houses[n].FoldAt(20_000)
		}
		key := func(i int) series.Key {
			k := series.Key{Source: fmt.Sprint("dev", i), Metric: "x"}
			if i%2 == 0 {
				k.Subject = fmt.Sprint("res_", i%4)
			}
			return k
		}
		var all sync.WaitGroup
		for n, h := range houses {
			all.Go(func() {
				for r := range rounds {
					var batch []series.Sample
					for i := range sources {
						for m := range 3 {
							batch = append(batch, series.Sample{Key: key(i), Class: series.Sensor, At: start.Add(time.Duration(-(r*3+m)*nodes-n) * time.Minute), Value: float64(n)})
						}
					}
					err := h.db.Write(t.Context(), func(tx db.Tx) error {
						refused, err := h.Append(tx, batch)
						if len(refused) > 0 {
							t.Errorf("refused %v", refused)
						}
						return err
					})
					if err == nil && r%10 == n {
						err = h.db.Write(t.Context(), func(tx db.Tx) error { _, err := h.Retain(tx); return err })
					}
					if err == nil && r%5 == 0 {
						_, err = h.Last(t.Context(), []series.Key{key(r % sources)})
					}
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
		for _, h := range houses {
			for i := range sources {
				got := h.values(key(i), start.AddDate(0, 0, -7), start.Add(time.Hour), 0)
				if len(got) != nodes*rounds*3 {
					t.Fatalf("%v has %d samples, want %d", key(i), len(got), nodes*rounds*3)
				}
			}
		}
	})
}

// Every acknowledged sample is there after kill -9, wherever the fold was.
func TestAcknowledgedSamplesSurviveKill(t *testing.T) {
	open := func() db.DB {
		var d db.DB
		var err error
		if dsn := os.Getenv("LINLI_DSN"); dsn != "" {
			d, err = postgres.Open(t.Context(), dsn, postgres.Options{})
		} else {
			d, err = sqlite.Open(t.Context(), os.Getenv("LINLI_FILE"), sqlite.Options{})
		}
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if dbtest.IsVictim() {
		appendForEver(t, open())
		return
	}
	t.Parallel()
	for name, dsn := range map[string]func(*testing.T) string{"sqlite": func(*testing.T) string { return "" }, "postgres": dbtest.NewPostgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, store := filepath.Join(t.TempDir(), "test.db"), dsn(t)
			acknowledged := 0
			for range 3 {
				reported := dbtest.Kill(t, 100*time.Millisecond, "LINLI_FILE="+file, "LINLI_DSN="+store)
				n, err := strconv.Atoi(reported[len(reported)-1])
				if err != nil || n <= acknowledged {
					t.Fatalf("reported %v after %d, %v", reported, acknowledged, err)
				}
				acknowledged = n
			}
			var d db.DB
			var err error
			if store != "" {
				d, err = postgres.Open(t.Context(), store, postgres.Options{})
			} else {
				d, err = sqlite.Open(t.Context(), file, sqlite.Options{})
			}
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			h := newHouse(t, d, newDrawer("res_0", "res_1"))
			for i := range 4 {
				got := h.values(victimKey(i), start.AddDate(0, 0, -1), start.AddDate(0, 0, 1), 0)
				if len(got) < acknowledged {
					t.Errorf("series %d has %d samples of %d acknowledged", i, len(got), acknowledged)
				}
				for n, b := range got {
					if b.Mean != float64(n) {
						t.Fatalf("sample %d is %v", n, b)
					}
				}
			}
			t.Logf("%d acknowledged", acknowledged)
		})
	}
}

func victimKey(i int) series.Key {
	return series.Key{Source: fmt.Sprint("dev", i), Metric: "heart_rate_bpm", Subject: fmt.Sprint("res_", i/2)}
}

// appendForEver is the life of the victim: it goes on where its predecessor ended.
func appendForEver(t *testing.T, d db.DB) {
	h := newHouse(t, d, newDrawer("res_0", "res_1"))
	h.FoldAt(30_000)
	n := len(h.values(victimKey(0), start.AddDate(0, 0, -1), start.AddDate(0, 0, 1), 0))
	for ; ; n++ {
		var batch []series.Sample
		for i := range 4 {
			batch = append(batch, series.Sample{Key: victimKey(i), Class: series.Vital, At: start.Add(time.Duration(n) * time.Second), Value: float64(n)})
		}
		if err := d.Write(context.Background(), func(tx db.Tx) error { _, err := h.Append(tx, batch); return err }); err != nil {
			t.Fatal(err)
		}
		dbtest.Report(strconv.Itoa(n + 1))
	}
}
