package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"linli/cmd/linlibench/bench"
)

// shared finds the data folder beside the project, or skips.
func shared(t *testing.T, path ...string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	full := filepath.Join(append([]string{dir, "..", "shared", "data"}, path...)...)
	if _, err := os.Stat(full); err != nil {
		t.Skipf("data folder absent: %s", filepath.Join(path...))
	}
	return full
}

// planned runs the program and gives its one JSON object.
func planned(t *testing.T, want int, args ...string) map[string]any {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(context.Background(), args, &stdout, &stderr); code != want {
		t.Fatalf("exit %d, want %d: %s %s", code, want, stdout.String(), stderr.String())
	}
	var out map[string]any
	if err := json.Unmarshal(stdout.Bytes(), &out); err != nil {
		t.Fatalf("%v in %s", err, stdout.String())
	}
	return out
}

func instance(t *testing.T, out map[string]any) map[string]any {
	t.Helper()
	list, ok := out["instances"].([]any)
	if !ok || len(list) == 0 {
		t.Fatalf("no instances in %v", out)
	}
	return list[0].(map[string]any)
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	data := []byte(content)
	if strings.HasSuffix(name, ".gz") {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(data)
		z.Close()
		data = b.Bytes()
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// square has four customers around a depot; each car carries two of them.
const square = "\xef\xbb\xbfsquare\r\n\r\nVEHICLE\r\nNUMBER     CAPACITY\r\n  3         2  \r\n\r\nCUSTOMER\r\nCUST NO.  XCOORD.\r\n\r\n" +
	"0 0 0 0 0 1000 0\r\n1 0 3 1 0 900 10\r\n2 4 3 1 0 900 10\r\n3 0 -3 1 0 900 10\r\n4 -4 -3 1 0 900 10\r\n"

func TestASmallRoutingFileIsSolvedInTenths(t *testing.T) {
	t.Parallel()
	ref := write(t, "ref.csv", "SQUARE,24.0,1,60\n")
	dir := t.TempDir()
	out := planned(t, bench.ExitOK, "route", "--instance", write(t, "square.txt.gz", square), "--ref", ref, "--iterations", "50", "--out", dir)
	x := instance(t, out)
	for key, want := range map[string]any{
		"instance": "SQUARE", "n": 4.0, "fleet": 3.0, "cost": 24.0, "vehicles": 2.0, "gap_pct": 0.0,
		"reference_proven": true, "feasible": true, "iterations": 50.0, "planned": 50.0, "file": "SQUARE.sol",
	} {
		if x[key] != want {
			t.Errorf("%s is %v, want %v", key, x[key], want)
		}
	}
	got, err := os.ReadFile(filepath.Join(dir, "SQUARE.sol"))
	if err != nil || !strings.HasSuffix(string(got), "\nCost 24.0\n") || !strings.HasPrefix(string(got), "Route #1: ") {
		t.Fatalf("%q %v", got, err)
	}
}

func TestARoutingRunRepeatsBitForBit(t *testing.T) {
	t.Parallel()
	path := write(t, "square.txt", square)
	first := planned(t, bench.ExitOK, "route", "--instance", path, "--time-s", "0.05", "--quiet")
	x := instance(t, first)
	number := func(key string) string {
		b, _ := json.Marshal(x[key])
		return string(b)
	}
	args := []string{"route", "--instance", path, "--iterations", number("iterations"), "--quiet"}
	if x["planned"].(float64) > 0 {
		args = append(args, "--planned", number("planned"))
	}
	if again := planned(t, bench.ExitOK, args...); again["digest"] != first["digest"] {
		t.Fatalf("digest %v became %v", first["digest"], again["digest"])
	}
}

func TestRoutingInputThatIsWrongIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		content string
		code    int
		line    float64
	}{
		{strings.Replace(square, "4 -4 -3 1", "4 x -3 1", 1), bench.ExitMalformed, 14},
		{strings.Replace(square, "4 -4 -3 1 0 900 10", "4 -4 -3 1 0 900", 1), bench.ExitMalformed, 14},
		{strings.Replace(square, "4 -4 -3 1 0 900 10", "4 -4 -3 1 950 900 10", 1), bench.ExitMalformed, 14},
		{"only a name\n", bench.ExitMalformed, 1},
	} {
		out := planned(t, c.code, "route", "--instance", write(t, "x.txt", c.content), "--iterations", "5")
		if e := out["error"].(map[string]any); e["line"] != c.line || e["file"] != "x.txt" {
			t.Errorf("%q: %v", c.content, e)
		}
	}
	planned(t, bench.ExitMissing, "route", "--instance", filepath.Join(t.TempDir(), "none.txt"))
	planned(t, bench.ExitUsage, "route", "--instance", write(t, "s.txt", square), "--time-s", "0")
	planned(t, bench.ExitUsage, "route", "--instance", write(t, "s.txt", square), "--planned", "7")
	tight := strings.Replace(square, "  3         2  ", "1 2", 1)
	if out := planned(t, bench.ExitCheck, "route", "--instance", write(t, "s.txt", tight), "--iterations", "5"); instance(t, out)["feasible"] != false {
		t.Fatal("two customers are left out, yet the plan is called feasible")
	}
}

func TestC101IsSolvedToItsKnownValue(t *testing.T) {
	t.Parallel()
	file := shared(t, "dispatch", "solomon", "C101.txt")
	ref := shared(t, "dispatch", "dimacs_vrptw_bks_2022.csv")
	out := planned(t, bench.ExitOK, "route", "--instance", file, "--ref", ref, "--iterations", "500", "--quiet")
	if x := instance(t, out); x["cost"] != 827.3 || x["gap_pct"] != 0.0 || x["vehicles"] != 10.0 {
		t.Fatalf("%v", x)
	}
}

// visits has a patient for two at once, a spaced one and a plain one.
const visits = `{"patients":[
 {"id":"p1","location":[0,1],"time_window":[10,20],"required_caregivers":[{"service":"s1","duration":5},{"service":"s2","duration":7}],"synchronization":{"type":"simultaneous"}},
 {"id":"p2","location":[1,0],"time_window":[30,40],"required_caregivers":[{"service":"s1"},{"service":"s2","duration":5}],"synchronization":{"type":"sequential","distance":[4,6]}},
 {"id":"p3","location":[1,1],"time_window":[0,1],"required_caregivers":[{"service":"s1","duration":5}]}],
 "services":[{"id":"s1","default_duration":5},{"id":"s2","default_duration":5}],
 "caregivers":[{"id":"c1","abilities":["s1"]},{"id":"c2","abilities":["s2"]},{"id":"c3","abilities":["s2"]}],
 "central_offices":[{"id":"d","location":[0,0]}],
 "distances":[[0,3,3,4.5],[3,0,4,3],[3,4,0,3],[4.5,3,3,0]]}`

func TestASmallCareFileIsSolvedByItsRules(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "made-1.5.json")
	if err := os.WriteFile(path, []byte(visits), 0o644); err != nil {
		t.Fatal(err)
	}
	// c1: office 4.5 p3 (3.5 late) 3 p1 4 p2 3 office; c2: 3 p1 4 p2 3.
	stored := `{"routes":[{"caregiver_id":"c1","locations":[
	 {"patient":"p3","service":"s1","arrival_time":4.5,"departure_time":9.5},
	 {"patient":"p1","service":"s1","arrival_time":12.5,"departure_time":17.5},
	 {"patient":"p2","service":"s1","arrival_time":30,"departure_time":35}]},
	 {"caregiver_id":"c2","locations":[{"patient":"p1","service":"s2","arrival_time":12.5,"departure_time":19.5},
	 {"patient":"p2","service":"s2","arrival_time":34,"departure_time":39}]},{"caregiver_id":"c3"}]}`
	if err := os.WriteFile(filepath.Join(dir, "sol-made-1.5-9.json"), []byte(stored), 0o644); err != nil {
		t.Fatal(err)
	}
	out := planned(t, bench.ExitOK, "hhcrsp", "--instance", dir, "--ref", dir, "--iterations", "50", "--out", dir)
	x := instance(t, out)
	for key, want := range map[string]any{
		"instance": "made-1.5", "patients": 3.0, "caregivers": 3.0, "simultaneous": 1.0, "sequential": 1.0,
		"distance_min": 24.5, "lateness_min": 3.5, "max_lateness_min": 3.5, "cost": 10.5, "reference_cost": 10.5,
		"gap_pct": 0.0, "better": false, "feasible": true, "file": "sol-made-1.5-linli.json",
	} {
		if x[key] != want {
			t.Errorf("%s is %v, want %v", key, x[key], want)
		}
	}
	var s careSolution
	data, err := os.ReadFile(filepath.Join(dir, "sol-made-1.5-linli.json"))
	if err != nil || json.Unmarshal(data, &s) != nil || len(s.Routes) != 3 || len(s.GlobalOrdering) != 3 || s.GlobalOrdering[0] != "p3" {
		t.Fatalf("%s %v", data, err)
	}
}

func TestStoredCareSolutionsAreRecomputed(t *testing.T) {
	t.Parallel()
	dir := shared(t, "dispatch", "hhcrsp", "mankowska")
	for name, want := range map[string]float64{
		"InstanzCPLEX_HCSRP_10_1": 218.199, "InstanzCPLEX_HCSRP_50_3": 541.116,
		"InstanzVNS_HCSRP_100_1": 1255.926, "InstanzVNS_HCSRP_300_1": 1650.160,
	} {
		out := planned(t, bench.ExitOK, "hhcrsp", "--instance", filepath.Join(dir, name+".json.gz"), "--ref", dir, "--iterations", "1", "--quiet")
		if x := instance(t, out); x["reference_cost"] != want || len(x["reference_violations"].([]any)) != 0 {
			t.Errorf("%s: %v %v, want %v", name, x["reference_cost"], x["reference_violations"], want)
		}
	}
}
