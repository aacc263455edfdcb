package main

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"linli/cmd/linlibench/bench"
)

// TestMain lets the test binary be the program that ingest starts and kills.
func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		main()
	}
	os.Exit(m.Run())
}

func TestIngestKillsTheHubAndLosesNothing(t *testing.T) {
	t.Parallel()
	code, out := call(t, "ingest", "--clients", "40", "--rate", "400", "--seconds", "2", "--kill", "--mosquitto", "0", "--quiet", "--dir", filepath.Join(t.TempDir(), "new"))
	if code != 0 {
		t.Fatalf("code %d: %v %v", code, out["error"], out["checks"])
	}
	for _, key := range strings.Fields(`rate sent acked stored lost ack_p50_ms ack_p99_ms cpu_us_per_msg rss_mb_minute2 rss_mb_end
		clients seconds window flat_out acked_per_s resent stored_twice connections_lost restart_ms rss_mb_max store_mib checks notes`) {
		if _, ok := out[key]; !ok {
			t.Errorf("key %s is missing", key)
		}
	}
	if out["sent"] != 800.0 || out["acked"] != 800.0 || out["stored"] != 800.0 || out["lost"] != 0.0 || out["connections_lost"].(float64) < 40 || out["rss_mb_minute2"] != nil {
		t.Errorf("%v", out)
	}
	if p50, p99 := out["ack_p50_ms"].(float64), out["ack_p99_ms"].(float64); p50 <= 0 || p99 < p50 {
		t.Errorf("p50 %v, p99 %v", p50, p99)
	}
}

func TestIngestFlatOutMeasuresMosquittoWhenItIsThere(t *testing.T) {
	t.Parallel()
	code, out := call(t, "ingest", "--clients", "4", "--flat-out", "--seconds", "1", "--mosquitto", "1", "--quiet")
	if code != 0 || out["rate"] != nil || out["acked"].(float64) < 50 || out["acked"] != out["stored"] {
		t.Fatalf("code %d: %v", code, out)
	}
	if out["mosquitto"] == nil {
		if !strings.Contains(strings.ToLower(strings.Join(strings.Fields(toString(t, out["notes"])), " ")), "mosquitto is not installed") {
			t.Errorf("nothing says why there is no yardstick: %v", out["notes"])
		}
		t.Skip("mosquitto is not installed")
	}
	if ratio, _ := out["of_mosquitto"].(float64); ratio <= 0 {
		t.Errorf("of_mosquitto %v", out["of_mosquitto"])
	}
}

func toString(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// A store that has lost what it acknowledged is found out.
func TestALostMessageIsCounted(t *testing.T) {
	t.Parallel()
	f := newFleet("", 2, 1, 1)
	for _, seq := range []uint32{0, 1, 64, 700} {
		f.devices[1].acked.add(seq)
	}
	has := make([]numberSet, 2)
	has[1].add(1)
	has[1].add(700)
	has[1].add(5) // stored, and its answer was lost
	if stored, lost := f.account(has); stored != 3 || lost != 2 {
		t.Errorf("%d stored, %d lost", stored, lost)
	}
}

func TestIngestRefusesFlagsThatMeanNothing(t *testing.T) {
	t.Parallel()
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--clients", "0"}, {"--seconds", "0"}, {"--window", "0"}, {"--rate", "0"}, {"--rate", "1"}, {"--rate", "NaN"}, {"--rate", "1e9"}, {"--dir", full}} {
		if code, out := call(t, append([]string{"ingest", "--quiet"}, args...)...); code != bench.ExitUsage {
			t.Errorf("%v: code %d, %v", args, code, out["error"])
		}
	}
}

func TestASetHoldsWhatWasAdded(t *testing.T) {
	t.Parallel()
	if err := quick.Check(func(numbers []uint16, other uint16) bool {
		var b numberSet
		for _, n := range numbers {
			b.add(uint32(n))
		}
		slices.Sort(numbers)
		numbers = slices.Compact(numbers)
		var all []uint16
		for n := range b.all() {
			all = append(all, uint16(n))
		}
		return slices.Equal(all, numbers) && b.count() == len(numbers) && b.has(uint32(other)) == slices.Contains(numbers, other)
	}, nil); err != nil {
		t.Error(err)
	}
}

func TestAQuantileIsAtMostThreePercentTooHigh(t *testing.T) {
	t.Parallel()
	for _, d := range []time.Duration{time.Microsecond, 31 * time.Microsecond, 32 * time.Microsecond, 33 * time.Microsecond, 997 * time.Microsecond, 64 * time.Millisecond, time.Second, 59 * time.Minute} {
		var h histogram
		h.add(d)
		got, want := float64(h.quantile(0.99)), float64(d.Microseconds())/1000
		if got < want || got > want*1.0313+0.0011 {
			t.Errorf("%v is %v ms", d, got)
		}
	}
	var h histogram
	if !math.IsNaN(float64(h.quantile(0.5))) {
		t.Error("nothing has a median")
	}
	for n := 1; n <= 100; n++ {
		h.add(time.Duration(n) * time.Second)
	}
	if p50, p99 := float64(h.quantile(0.5)), float64(h.quantile(0.99)); p50 < 50_000 || p50 > 51_600 || p99 < 99_000 || p99 > 102_100 {
		t.Errorf("p50 %v, p99 %v", p50, p99)
	}
}

func TestAReadingSaysWhoseItIs(t *testing.T) {
	t.Parallel()
	client, seq, ok := readReading(appendReading(nil, 4711, 1<<31))
	if client != 4711 || seq != 1<<31 || !ok {
		t.Errorf("%d, %d, %v", client, seq, ok)
	}
	for _, bad := range []string{"", `{"id":"`, `{"id":"zzzzzzzzzzzzzzzz"}`} {
		if _, _, ok := readReading([]byte(bad)); ok {
			t.Errorf("%q is a reading", bad)
		}
	}
}

func TestAHubThatDoesNotStartEndsTheRun(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	addr, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := startBroker(ctx, addr, program, "ingest-server", "--quiet", "--dir", "/dev/null/x", "--addr", addr); err == nil || ctx.Err() != nil {
		t.Errorf("started: %v", err)
	}
}
