package sqlite

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"linli/engine/db"
)

func open(tb testing.TB) *Store {
	tb.Helper()
	s, err := Open(context.Background(), filepath.Join(tb.TempDir(), "test.db"), Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s
}

// The rough goal is 5,000 small durable writes a second from 50 callers.
func BenchmarkWritesOfFiftyCallers(b *testing.B) {
	s := open(b)
	ctx := b.Context()
	if err := s.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(`CREATE TABLE x (id TEXT PRIMARY KEY, n BIGINT NOT NULL, at BIGINT NOT NULL)`)
		return err
	}); err != nil {
		b.Fatal(err)
	}
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = string(rune('a'+i%26)) + string(rune('0'+i/26))
	}
	work := make(chan int)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			for i := range work {
				if err := s.Write(ctx, func(tx db.Tx) error {
					var n int64
					if err := tx.QueryRow(`INSERT INTO x (id, n, at) VALUES ($1, 1, $2) ON CONFLICT (id) DO UPDATE SET n = x.n + 1 RETURNING n`, ids[i%len(ids)], i).Scan(&n); err != nil {
						return err
					}
					_, err := tx.Exec(`UPDATE x SET at = $1 WHERE id = $2`, i, ids[i%len(ids)])
					return err
				}); err != nil {
					b.Error(err)
				}
			}
		})
	}
	b.ResetTimer()
	for i := range b.N {
		work <- i
	}
	close(work)
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
}
