package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"linli/cmd/linlibench/bench"
)

// fallFile writes recordings of made persons: 5 falls and 10 pieces of daily
// life each, persons with an even number as wrist data with bursts of stamps.
func fallFile(t *testing.T, name string, persons ...int) string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("\ufeff")
	for _, k := range persons {
		rng := rand.New(rand.NewPCG(uint64(k), 3))
		for rep := range 15 {
			fall := rep%3 == 0
			row := map[string]any{"activity": []string{"F01", "D01", "D02"}[rep%3], "fall": fall, "subject": fmt.Sprintf("P%d", k), "elder": k%3 == 0, "rep": rep, "hz": 50, "other": "x"}
			var x, y, z, stamps []float64
			for i := range 500 {
				up, k := [3]float64{0, -1, 0}, 1.0
				switch {
				case i < 200:
					k += 0.3 * math.Sin(float64(i)/4)
				case rep%3 == 2 || i < 230: // sits quietly
					k -= 0.2
				case i < 236:
					k += 2
				case fall:
					up = [3]float64{0.1, 0, 1}
				}
				v := func(j int) float64 { return math.Round(100*(9.8*up[j]*k+0.1*rng.NormFloat64())) / 100 }
				x, y, z = append(x, v(0)), append(y, v(1)), append(z, v(2))
				stamps = append(stamps, float64(i/5*5)/50+float64(i%5)/1000)
			}
			row["n"], row["x"], row["y"], row["z"] = len(x), x, y, z
			if k%2 == 0 {
				stamps[300], stamps[301] = stamps[301], stamps[300] // runs backward
				row["t"] = stamps
				if fall {
					row["fall_window"] = []float64{4, 6}
				}
			}
			j, _ := json.Marshal(row)
			b.Write(append(j, '\r', '\n'))
		}
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFallsPrintsEveryPromisedKey(t *testing.T) {
	t.Parallel()
	path, predictions := fallFile(t, "a.jsonl", 1, 2, 3), filepath.Join(t.TempDir(), "p.jsonl")
	code, out := call(t, "falls", "--trials", path, "--leave", "subject", "--quiet", "--predictions", predictions)
	if code != 0 {
		t.Fatalf("code %d: %v", code, out["error"])
	}
	for _, key := range strings.Fields("sensitivity specificity elder_specificity false_alarms_per_h daily_activity_h by_subject by_activity roc us_per_window baselines gain thresholds checks digest") {
		if out[key] == nil {
			t.Errorf("key %s is missing", key)
		}
	}
	s, e := out["sensitivity"].(map[string]any), out["elder_specificity"].(map[string]any)
	if s["n"] != 15.0 || s["value"].(float64) < 0.9 || s["low"].(float64) >= s["value"].(float64) && s["value"] != 1.0 || e["n"] != 10.0 {
		t.Errorf("sensitivity %v, elders %v", s, e)
	}
	if n := len(out["by_subject"].([]any)); n != 3 {
		t.Errorf("%d subjects", n)
	}
	lines, err := os.ReadFile(predictions)
	if err != nil || bytes.Count(lines, []byte("\n")) != 45 {
		t.Errorf("%d predictions, %v", bytes.Count(lines, []byte("\n")), err)
	}
	_, two := call(t, "falls", "--trials", path, "--leave", "subject", "--quiet", "--threads", "2")
	if out["digest"] != two["digest"] {
		t.Errorf("digests %v and %v with two threads", out["digest"], two["digest"])
	}
}

func TestPeakBaselinesCountRecordedPeaks(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "peaks.jsonl")
	var b strings.Builder
	for i, peak := range []float64{1.9, 2, 2.1, 1.9, 2, 2.1, 1, 1} { // in g; the first three are falls
		for subject := range 3 {
			v := fmt.Sprint(peak * 9.80665)
			fmt.Fprintf(&b, `{"activity":"A","fall":%v,"subject":"P%d","elder":true,"hz":50,"n":3,"x":[0,%s,0],"y":[9.8,0,9.8],"z":[0,0,0]}`+"\n", i < 3, subject, v)
		}
	}
	os.WriteFile(path, []byte(b.String()), 0o600)
	_, out := call(t, "falls", "--trials", path, "--leave", "subject", "--quiet")
	for _, x := range out["baselines"].([]any) {
		if m := x.(map[string]any); m["threshold_g"] == 2.0 {
			s, q := m["sensitivity"].(map[string]any), m["specificity"].(map[string]any)
			if s["k"] != 6.0 || s["n"] != 9.0 || q["k"] != 9.0 || q["n"] != 15.0 || q["value"] != 0.6 {
				t.Errorf("at 2 g: %v", m)
			}
			return
		}
	}
	t.Error("no baseline at 2 g")
}

func TestFallsNeverTeachesAPersonThatIsJudged(t *testing.T) {
	t.Parallel()
	path := fallFile(t, "a.jsonl", 1, 2, 3)
	code, out := call(t, "falls", "--trials", path, "--test", fallFile(t, "b.jsonl", 3, 5), "--quiet")
	if code != 0 || out["n_train"] != 30.0 || out["n_test"] != 30.0 {
		t.Errorf("code %d, %v teach, %v are judged: %v", code, out["n_train"], out["n_test"], out["error"])
	}
	if code, _ := call(t, "falls", "--trials", path, "--test", path, "--quiet"); code != bench.ExitMalformed {
		t.Errorf("nobody is left to learn from: code %d", code)
	}
}

func TestFallsRefusesBadFilesAndFlags(t *testing.T) {
	t.Parallel()
	good := fallFile(t, "a.jsonl", 1, 2)
	bad := func(line string) string {
		path := filepath.Join(t.TempDir(), "bad.jsonl")
		os.WriteFile(path, []byte(line), 0o600)
		return path
	}
	for name, c := range map[string]struct {
		args []string
		code int
	}{
		"no way to judge": {[]string{"--trials", good}, bench.ExitUsage},
		"two ways":        {[]string{"--trials", good, "--leave", "subject", "--test", good}, bench.ExitUsage},
		"cost":            {[]string{"--trials", good, "--leave", "subject", "--false-alarm-cost", "0"}, bench.ExitUsage},
		"window":          {[]string{"--trials", good, "--leave", "subject", "--window", "1"}, bench.ExitUsage},
		"no file":         {[]string{"--trials", good + "x", "--leave", "subject"}, bench.ExitMissing},
		"no JSON":         {[]string{"--trials", bad("{"), "--leave", "subject"}, bench.ExitMalformed},
		"empty":           {[]string{"--trials", bad("\n"), "--leave", "subject"}, bench.ExitMalformed},
		"lengths":         {[]string{"--trials", bad(`{"subject":"a","hz":50,"n":2,"x":[1,2],"y":[1],"z":[1,2]}`), "--leave", "subject"}, bench.ExitMalformed},
		"no rate":         {[]string{"--trials", bad(`{"subject":"a","n":2,"x":[1,2],"y":[1,2],"z":[1,2]}`), "--leave", "subject"}, bench.ExitMalformed},
		"stamps in ms":    {[]string{"--trials", bad(`{"subject":"a","n":3,"x":[1,2,3],"y":[1,2,3],"z":[1,2,3],"t":[0,20,40]}`), "--leave", "subject"}, bench.ExitMalformed},
		"stamps":          {[]string{"--trials", bad(`{"subject":"a","n":2,"x":[1,2],"y":[1,2],"z":[1,2],"t":[1,1]}`), "--leave", "subject"}, bench.ExitMalformed},
	} {
		if code, out := call(t, append([]string{"falls", "--quiet"}, c.args...)...); code != c.code {
			t.Errorf("%s: code %d, not %d: %v", name, code, c.code, out["error"])
		}
	}
}

// The vectors of the benchmark contract, and the gates where they take seconds:
// the wrist is judged here by a model of the waist, which no gate is about.
func TestFallsMeetsItsVectorsOnTheSharedRecordings(t *testing.T) {
	t.Parallel()
	const waist, wrist = "../../../shared/data/falls/sisfall_50hz.jsonl.gz", "../../../shared/data/falls/weda_fall_50hz.jsonl.gz"
	if _, err := os.Stat(waist); err != nil {
		t.Skipf("data folder absent: %s", filepath.Dir(waist))
	}
	_, out := call(t, "falls", "--trials", waist, "--leave", "subject", "--quiet")
	for _, key := range []string{"sensitivity", "specificity", "elder_specificity"} {
		if v := out[key].(map[string]any)["value"].(float64); v < 0.95 {
			t.Errorf("waist: %s %v", key, v)
		}
	}
	_, other := call(t, "falls", "--trials", waist, "--test", wrist, "--quiet")
	for _, c := range []struct {
		out                          map[string]any
		peak, found, specific, alarm float64 // alarms of elders, -1: not known
	}{{out, 2, 141, 0.6959, -1}, {out, 2.3, 134, 0.7465, 22}, {other, 4.25, 96, 0.7204, 15}} {
		seen := false
		for _, x := range c.out["baselines"].([]any) {
			m := x.(map[string]any)
			if m["threshold_g"] != c.peak {
				continue
			}
			seen = true
			s, q, e := m["sensitivity"].(map[string]any), m["specificity"].(map[string]any), m["elder_specificity"].(map[string]any)
			if alarms := e["n"].(float64) - e["k"].(float64); s["k"] != c.found || q["value"] != c.specific || c.alarm >= 0 && alarms != c.alarm {
				t.Errorf("at %v g: %v", c.peak, m)
			}
		}
		if !seen {
			t.Errorf("no baseline at %v g", c.peak)
		}
	}
}
