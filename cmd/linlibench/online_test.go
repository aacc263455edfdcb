package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"linli/cmd/linlibench/bench"
	"linli/decide/route"
)

func smallOnline(extra ...string) []string {
	return append([]string{"online", "--days", "1", "--workers", "4", "--orders", "24", "--quiet"}, extra...)
}

// timeless drops what a repeat may change.
func timeless(out map[string]any) any {
	for _, p := range out["policies"].([]any) {
		delete(p.(map[string]any), "answer_us")
	}
	return []any{out["digest"], out["policies"], out["hindsight"], out["load_pct"]}
}

func TestTheSameSeedGivesTheSameDaysAndAReplayTheSameFigures(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "days.jsonl")
	first := planned(t, bench.ExitOK, smallOnline("--days", "2", "--write", file, "--stress", "sick")...)
	again := planned(t, bench.ExitOK, smallOnline("--days", "2", "--stress", "sick")...)
	replayed := planned(t, bench.ExitOK, "online", "--replay", file, "--quiet")
	want := timeless(first)
	if got := timeless(again); !reflect.DeepEqual(got, want) {
		t.Errorf("a repeat gives %v, was %v", got, want)
	}
	if got := timeless(replayed); !reflect.DeepEqual(got, want) {
		t.Errorf("the replay gives %v, was %v", got, want)
	}
	other := planned(t, bench.ExitOK, smallOnline("--days", "2", "--stress", "sick", "--seed", "2")...)
	if other["digest"] == first["digest"] {
		t.Error("another seed gives the same days")
	}
}

func TestEveryStressAndNeighborhoodPassesItsChecks(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{{"none", "new-towers"}, {"noshow", "old-estate"}, {"sick", "urban-rural"}, {"slow", "new-towers"}, {"noise", "old-estate"}} {
		out := planned(t, bench.ExitOK, smallOnline("--stress", c[0], "--archetype", c[1], "--late-share", "0.8")...)
		list := out["policies"].([]any)
		if len(list) != 3 {
			t.Fatalf("%v", list)
		}
		for _, x := range list {
			p := x.(map[string]any)
			if p["requested"].(float64) < 15 || p["served"].(float64) > p["requested"].(float64) {
				t.Errorf("%v: %v", c, p)
			}
		}
	}
}

// Of a pair the first comes, is done within a minute and goes; the second is held up
// elsewhere and cannot come any more. The order is not served, and the day goes on.
func TestAPairWhoseFirstHasLeftBeforeTheSecondComes(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "day.jsonl")
	if err := os.WriteFile(file, []byte(`{"day":1,"kind":"worker","id":"w1","x_m":0,"y_m":0,"shift_s":[25200,72000],"skills":{"care":1}}
{"day":1,"kind":"worker","id":"w2","x_m":0,"y_m":0,"shift_s":[25200,72000],"skills":{"care":1,"repair":1}}
{"day":1,"kind":"order","id":"b","known_s":0,"x_m":200,"y_m":0,"open_s":28800,"close_s":28800,"duration_s":1800,"skill":"repair","level":1,"persons":1,"tier":3,"real_duration_s":10800}
{"day":1,"kind":"order","id":"a","known_s":0,"x_m":600,"y_m":0,"open_s":32400,"close_s":33000,"duration_s":1800,"skill":"care","level":1,"persons":2,"tier":3,"real_duration_s":60}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	out := planned(t, bench.ExitOK, "online", "--replay", file, "--policies", "insert,replan", "--quiet")
	for _, p := range out["policies"].([]any) {
		if got := p.(map[string]any)["served"]; got != 1.0 {
			t.Errorf("served are %v of two", got)
		}
	}
}

// livedOnline plays one made day by cheapest insertion.
func livedOnline(t *testing.T) (*onlineDay, *lived) {
	t.Helper()
	c := onlineCommand{Archetype: "old-estate", Workers: 4, Orders: 24, LateShare: 0.5, Stress: "none"}
	d := c.makeOnline(3, 1)
	l, err := newLive(&d, false, 1)
	if err != nil {
		t.Fatal(err)
	}
	x, err := l.play(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return &d, x
}

// early counts who left before the order was known.
func early(t *testing.T, d *onlineDay, x *lived) int {
	t.Helper()
	j, err := route.Judge(context.Background(), d.facts(), route.Effort{Searches: 1, Iterations: 1, Polish: 1}, 1, x.Life)
	if err != nil {
		t.Fatal(err)
	}
	return len(j.Lives[0].Early)
}

func TestTheChecksOfALivedDayCanFail(t *testing.T) {
	t.Parallel()
	d, x := livedOnline(t)
	if bad, n := d.audit(x), early(t, d, x); len(bad) > 0 || n > 0 || len(x.Trips) < 15 {
		t.Fatalf("%d services, %v, %d early", len(x.Trips), bad, n)
	}
	plant := func(change func(s *route.Trip, o *onlineOrder)) (causality, audit int) {
		y, e := *x, *d
		y.Trips, e.orders = append([]route.Trip(nil), x.Trips...), append([]onlineOrder(nil), d.orders...)
		change(&y.Trips[5], &e.orders[x.Trips[5].Order])
		return early(t, &e, &y), len(e.audit(&y))
	}
	if n, _ := plant(func(s *route.Trip, o *onlineOrder) { o.Known = s.Left + 1 }); n != 1 {
		t.Error("leaving before the order is known passes")
	}
	for name, change := range map[string]func(s *route.Trip, o *onlineOrder){
		"level":    func(_ *route.Trip, o *onlineOrder) { o.Level = 9 },
		"early":    func(s *route.Trip, o *onlineOrder) { o.Open = s.Start + 1 },
		"flight":   func(s *route.Trip, _ *onlineOrder) { s.Start, s.End = s.Left-1, s.End-(s.Start-s.Left+1) },
		"shortcut": func(s *route.Trip, _ *onlineOrder) { s.End-- },
		"at once":  func(s *route.Trip, _ *onlineOrder) { s.Left -= 86400 },
	} {
		if _, n := plant(change); n == 0 {
			t.Errorf("%s passes the audit", name)
		}
	}
}

func TestHindsightOfATinyDayIsProved(t *testing.T) {
	t.Parallel()
	out := planned(t, bench.ExitOK, "online", "--days", "2", "--workers", "2", "--orders", "5", "--exact", "--quiet")
	if h := out["hindsight"].(map[string]any); h["exact_days"] != 2.0 {
		t.Fatalf("%v", h)
	}
}

// day is a file with ways of its own: o1 lies a minute from w1, an hour as walked.
const day = `{"day":7,"kind":"worker","id":"w1","x_m":0,"y_m":0,"shift_s":[28800,61200],"skills":{"care":2},"other":1}
{"day":7,"kind":"order","id":"o1","known_s":30000,"x_m":3000,"y_m":0,"open_s":30000,"close_s":30300,"duration_s":600,"skill":"care","level":2,"persons":1,"tier":1,"real_duration_s":900,"canceled_s":null}
{"day":7,"kind":"order","id":"o2","known_s":0,"x_m":0,"y_m":0,"open_s":36000,"close_s":36600,"duration_s":600,"skill":"care","level":3,"persons":1,"tier":3}
{"day":7,"kind":"travel","from":"w1","to":"o1","s":60}
`

func TestAReplayedDayIsPlayedAsWritten(t *testing.T) {
	t.Parallel()
	out := planned(t, bench.ExitOK, "online", "--replay", write(t, "day.jsonl.gz", day), "--quiet")
	for _, x := range out["policies"].([]any) {
		p := x.(map[string]any)
		if p["requested"] != 2.0 || p["served"] != 1.0 || p["travel_per_served_s"] != 60.0 {
			t.Errorf("%v", p)
		}
		if p["policy"] != "nearest" && (p["impossible"] != 1.0 || p["crowded_out"] != 0.0) {
			t.Errorf("nobody has level 3: %v", p)
		}
	}
}

func TestOnlineInputThatIsWrongIsNamed(t *testing.T) {
	t.Parallel()
	for field, change := range map[string][2]string{
		"shift_s":    {"[28800,61200]", "[61200,28800]"},
		"open_s":     {`"open_s":36000`, `"open_s":99999`},
		"persons":    {`"level":3,"persons":1`, `"level":3,"persons":3`},
		"tier":       {`"tier":3`, `"tier":5`},
		"s":          {`"s":60`, `"s":-1`},
		"kind":       {`"kind":"travel"`, `"kind":"ride"`},
		"id":         {`"id":"o2"`, `"id":"o1"`},
		"duration_s": {`"duration_s":600,"skill":"care","level":3`, `"duration_s":-1,"skill":"care","level":3`},
	} {
		content := strings.Replace(day, change[0], change[1], 1)
		if content == day {
			t.Fatal(field)
		}
		out := planned(t, bench.ExitMalformed, "online", "--replay", write(t, "day.jsonl", content))
		if e := out["error"].(map[string]any); e["field"] != field || e["file"] != "day.jsonl" || e["line"] == nil {
			t.Errorf("%s: %v", field, e)
		}
	}
	planned(t, bench.ExitUsage, "online", "--policies", "best")
	planned(t, bench.ExitUsage, "online", "--late-share", "2")
	planned(t, bench.ExitMissing, "online", "--replay", filepath.Join(t.TempDir(), "none.jsonl"))
}

func TestAWrittenDayHoldsNothingButTheFormat(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "days.jsonl")
	planned(t, bench.ExitOK, smallOnline("--write", file, "--policies", "nearest")...)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		var x map[string]any
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatal(err)
		}
		keys := []string{"day", "kind", "id", "x_m", "y_m"}
		if x["kind"] == "order" {
			keys = append(keys, "known_s", "open_s", "close_s", "duration_s", "skill", "level", "persons", "tier", "real_duration_s", "canceled_s")
		} else {
			keys = append(keys, "shift_s", "skills")
		}
		for _, k := range keys {
			if _, ok := x[k]; !ok {
				t.Errorf("%s lacks %s", line, k)
			}
			delete(x, k)
		}
		if len(x) > 0 {
			t.Errorf("unknown keys %v", x)
		}
	}
}
