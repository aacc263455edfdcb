package main

import (
	"strings"
	"testing"

	"linli/cmd/linlibench/bench"
	"linli/engine/db/dbtest"
)

func TestSeriesMeasuresTheStoreAndLosesNothing(t *testing.T) {
	t.Parallel()
	small := []string{"series", "--devices", "20", "--history", "5", "--days", "1", "--minutes", "18", "--queries", "2", "--quiet"}
	for name, more := range map[string]func(t *testing.T) []string{
		"sqlite": func(*testing.T) []string { return []string{"--late-share", "0"} },
		"postgres": func(t *testing.T) []string {
			return []string{"--late-share", "0.5", "--jitter-ms", "900", "--database", dbtest.NewPostgres(t)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out := call(t, append(small[:len(small):len(small)], more(t)...)...)
			if code != 0 {
				t.Fatalf("code %d: %v %v", code, out["checks"], out["error"])
			}
			for _, key := range strings.Fields(`bytes_per_sample chunk_bytes_per_sample first_minute_s late_share ingest_samples_per_s ingest_samples_per_cpu_s commit_p50_ms commit_p99_ms
				range_7d_5min_buckets range_7d_5min_p50_ms range_7d_5min_p99_ms range_7d_5min_cpu_ms last_p50_ms last_p99_ms last_cpu_ms last_cold_p50_ms
				forget_p50_ms retain_step_p50_ms retain_step_p99_ms retain_step_cpu_ms`) {
				if _, ok := out[key]; !ok {
					t.Errorf("key %s is missing", key)
				}
			}
			if out["history_samples"] != 36_000.0 || out["ingest_samples"] != 1700.0 || out["series"] != 100.0 || out["last_series"] != 100.0 {
				t.Errorf("measured %v", out)
			}
		})
	}
	if code, out := call(t, "series", "--days", "29"); code != bench.ExitUsage {
		t.Errorf("29 days: code %d, %v", code, out["error"])
	}
}
