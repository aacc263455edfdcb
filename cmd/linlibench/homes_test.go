package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"linli/cmd/linlibench/bench"
	"linli/decide/sense"
)

// madeLife is a person of regular days as spans: sleep, kitchen, seat, bath, an
// errand. Each span is a sensor or an activity that is on from..to.
type madeSpan struct {
	from, to time.Time
	name     string
	activity bool
}

func madeLife(seed uint64, days int) []madeSpan {
	r := rand.New(rand.NewPCG(seed, 3))
	var out []madeSpan
	first := time.Date(2031, 3, 3, 0, 0, 0, 0, time.UTC)
	for d := range days {
		day := first.AddDate(0, 0, d)
		about := func(h float64) time.Time {
			return day.Add(time.Duration((h + 0.2*r.NormFloat64()) * float64(time.Hour))).Truncate(time.Second)
		}
		add := func(from time.Time, long time.Duration, name string, activity bool) {
			out = append(out, madeSpan{from, from.Add(long), name, activity})
		}
		add(about(7), 3*time.Minute, "Basin", false)
		for h := 7.3; h < 22; h += 0.4 + 0.5*r.Float64() {
			if h > 9.5 && h < 12 {
				continue
			}
			t := about(h)
			add(t, time.Minute, []string{"Fridge", "Cupboard", "Basin"}[r.IntN(3)], false)
			add(t.Add(2*time.Minute), 12*time.Minute, "Seat", false)
			add(t.Add(15*time.Minute), time.Minute, "Toilet", false)
		}
		out1, back := about(9.9), about(11.5)
		add(out1, 5*time.Second, "Maindoor", false)
		add(back, 5*time.Second, "Maindoor", false)
		add(back.Add(time.Minute), time.Minute, "Fridge", false)
		add(out1, back.Sub(out1), "Leaving", true)
		bed, up := about(22.6), day.Add(24*time.Hour).Add(6*time.Hour+50*time.Minute)
		add(bed, 3*time.Hour, "Bed", false)
		add(bed.Add(3*time.Hour+2*time.Minute), time.Minute, "Toilet", false)
		add(bed.Add(3*time.Hour+5*time.Minute), up.Sub(bed)-3*time.Hour-5*time.Minute, "Bed", false)
		add(bed, up.Sub(bed), "Sleeping", true)
		add(about(7.5), 20*time.Minute, "Breakfast", true)
		add(about(18), 3*time.Hour, "Spare_Time/TV", true)
	}
	slices.SortStableFunc(out, func(a, b madeSpan) int { return a.from.Compare(b.from) })
	return out
}

const spanTime = "2006-01-02 15:04:05"

func put(t *testing.T, dir, name string, lines []string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte("\ufeff"+strings.Join(lines, "\r\n")+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var madeKinds = map[string]string{"Basin": "PIR,Bathroom", "Fridge": "Magnetic,Kitchen", "Cupboard": "Magnetic,Kitchen", "Seat": "Pressure,Living",
	"Toilet": "Flush,Bathroom", "Maindoor": "Magnetic,Entrance", "Bed": "Pressure,Bedroom"}

func madeOrdonez(t *testing.T, dir string, seed uint64, days int) string {
	sensors, labels := []string{"start,end,location,type,place,extra"}, []string{"start,end,activity"}
	for _, s := range madeLife(seed, days) {
		line := s.from.Format(spanTime) + "," + s.to.Format(spanTime) + "," + s.name
		if s.activity {
			labels = append(labels, line)
		} else {
			sensors = append(sensors, line+","+madeKinds[s.name]+",x")
		}
	}
	labels = append(labels, "2031-03-05 12:00:00,2031-03-05 11:00:00,Snack")
	name := fmt.Sprintf("o%d", seed)
	return put(t, dir, name+"-s.csv", sensors) + "," + put(t, dir, name+"-a.csv", labels)
}

func madeKasteren(t *testing.T, dir string, seed uint64, days int) string {
	sensors, labels := []string{"start,duration_s,sensor"}, []string{"start,duration_s,activity"}
	names := map[string]string{"Basin": "Hall-Bathroom door", "Fridge": "Fridge", "Cupboard": "4", "Seat": "Hall-Bedroom door", "Toilet": "Toilet Flush", "Maindoor": "Front door",
		"Leaving": "leave-house", "Sleeping": "go-to-bed", "Breakfast": "prep-breakfast"}
	for _, s := range madeLife(seed, days) {
		name, ok := names[s.name]
		if !ok {
			continue
		}
		line := fmt.Sprintf("%s,%d,%s", s.from.Format(spanTime), int(s.to.Sub(s.from).Seconds()), name)
		if s.activity {
			labels = append(labels, line)
		} else {
			sensors = append(sensors, line)
		}
	}
	return put(t, dir, "k-s.csv", sensors) + "," + put(t, dir, "k-a.csv", labels)
}

func madeCasas(t *testing.T, dir string, seed uint64, days int) string {
	type row struct {
		at   time.Time
		text string
	}
	var rows []row
	names := map[string]string{"Basin": "Bathroom", "Fridge": "Kitchen", "Cupboard": "Kitchen", "Seat": "LivingRoom", "Toilet": "Bathroom", "Bed": "Bedroom"}
	spans := madeLife(seed, days)
	out := false
	for _, s := range spans {
		switch {
		case s.activity:
		case s.name == "Maindoor":
			out = !out
			label := map[bool]string{true: "Leave_Home", false: "Enter_Home"}[out]
			rows = append(rows, row{s.from, "OutsideDoor,OPEN," + label}, row{s.from.Add(2 * time.Second), "OutsideDoor,ON," + label},
				row{s.from.Add(3 * time.Second), "OutsideDoor,OFF," + label}, row{s.to, "OutsideDoor,CLOSE," + label})
		default:
			label := map[bool]string{true: "Sleep", false: "Other_Activity"}[s.name == "Bed"]
			rows = append(rows, row{s.from, names[s.name] + ",ON," + label}, row{s.from.Add(2 * time.Second), names[s.name] + ",OFF," + label})
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return a.at.Compare(b.at) })
	lines := []string{"time,sensor,state,activity,extra", "2031-03-03 00:00:01.12,T001,21.5,,"}
	for i, r := range rows {
		lines = append(lines, fmt.Sprintf("%s,%s,", r.at.Format(spanTime+".")+fmt.Sprintf("%06d", i%1000000)[:2+i%5], r.text))
	}
	return put(t, dir, "casas.csv", lines)
}

func TestHomesPrintsEveryPromisedKeyForAllThreeFormats(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	findings, write := filepath.Join(dir, "f.jsonl"), filepath.Join(dir, "streams")
	args := []string{"homes", "--casas", "a=" + madeCasas(t, dir, 1, 9), "--ordonez", madeOrdonez(t, dir, 2, 9), "--kasteren", "k=" + madeKasteren(t, dir, 3, 9), "--warmup-days", "4",
		"--inject", "6", "--points", "1", "--quiet", "--findings", findings, "--write", write}
	code, out := call(t, args...)
	if code != 0 {
		t.Fatalf("code %d: %v %v", code, out["error"], out["checks"])
	}
	for _, key := range strings.Fields("homes classes total baselines events_per_s state_kib_max checks digest inputs seed") {
		if _, ok := out[key]; !ok {
			t.Errorf("key %s is missing", key)
		}
	}
	homes := out["homes"].([]any)
	for i, name := range []string{"a", "o2-s", "k"} {
		h := homes[i].(map[string]any)
		if h["name"] != name || h["events"].(float64) < 400 || h["days"].(float64) < 8 || h["person_weeks_scored"].(float64) < 0.5 || h["presence_accuracy"].(float64) < 0.85 {
			t.Errorf("home %v", h)
		}
	}
	var classes []string
	for _, c := range out["classes"].([]any) {
		row := c.(map[string]any)
		classes = append(classes, row["class"].(string))
		for _, key := range strings.Fields("class applicable injected by_severity delay_h stage1_false stage2_false points") {
			if _, ok := row[key]; !ok {
				t.Errorf("%v has no %s", row["class"], key)
			}
		}
		if row["applicable"] == false && row["why_not"] == nil {
			t.Errorf("%v does not say why not", row["class"])
		}
	}
	for _, c := range append(sense.Taxonomy(sense.Risk), sense.Taxonomy(sense.Care)...) {
		if !slices.Contains(classes, c.Slug) {
			t.Errorf("class %s is missing", c.Slug)
		}
	}
	if state := out["state_kib_max"].(float64); state > 8 {
		t.Errorf("a state has %v KiB", state)
	}
	checkFindings(t, findings)
	checkStreams(t, write)
}

func TestTheSameHomesGiveTheSameDigest(t *testing.T) {
	t.Parallel()
	args := []string{"homes", "--ordonez", madeOrdonez(t, t.TempDir(), 4, 7), "--warmup-days", "3", "--inject", "4", "--points", "1", "--quiet"}
	_, one := call(t, args...)
	_, again := call(t, args...)
	_, other := call(t, append(args, "--inject-seed", "9")...)
	if one["digest"] == "" || one["digest"] != again["digest"] || one["digest"] == other["digest"] {
		t.Errorf("digests %v, again %v, of another seed %v", one["digest"], again["digest"], other["digest"])
	}
}

func checkFindings(t *testing.T, path string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		var f map[string]any
		if err := json.Unmarshal([]byte(line), &f); err != nil || f["class"] == "" || f["home"] == "" || f["at"] == "" {
			t.Errorf("finding %s: %v", line, err)
		}
	}
}

func checkStreams(t *testing.T, dir string) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "truth.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 20 || !reflect.DeepEqual(rows[0][:5], []string{"stream", "class", "severity", "start", "end"}) {
		t.Fatalf("truth.csv: %v, %d rows", err, len(rows))
	}
	for _, row := range rows[1:] {
		for _, name := range []string{row[0], row[5]} {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	// What was written is a home anybody can read again.
	code, out := call(t, "homes", "--casas", filepath.Join(dir, "a.csv"), "--inject", "2", "--points", "1", "--quiet")
	if code != 0 || out["homes"].([]any)[0].(map[string]any)["presence_accuracy"] != nil {
		t.Errorf("the written home: code %d, %v, %v", code, out["error"], out["homes"])
	}
}

func TestHomesRefusesWrongFlagsAndFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := madeCasas(t, dir, 1, 9)
	file := func(name string, lines ...string) string { return put(t, dir, name, lines) }
	for _, c := range []struct {
		args []string
		code int
	}{
		{nil, bench.ExitUsage},
		{[]string{"--casas", good, "--budget", "0"}, bench.ExitUsage},
		{[]string{"--casas", good, "--test-homes", "nobody"}, bench.ExitUsage},
		{[]string{"--casas", "a=" + good, "--casas", "a=" + good}, bench.ExitUsage},
		{[]string{"--casas", good + "," + good}, bench.ExitUsage},
		{[]string{"--casas", filepath.Join(dir, "absent.csv")}, bench.ExitMissing},
		{[]string{"--casas", file("head.csv", "when,what", "2031-03-03 00:00:00,x")}, bench.ExitMalformed},
		{[]string{"--casas", file("time.csv", "time,sensor,state,activity", "yesterday,Kitchen,ON,x", "2031-03-03 00:00:00,Kitchen,ON,x")}, bench.ExitMalformed},
		{[]string{"--casas", file("empty.csv", "time,sensor,state,activity")}, bench.ExitMalformed},
		{[]string{"--kasteren", file("k.csv", "start,duration_s,sensor", "2031-03-03 00:00:00,-4,Fridge")}, bench.ExitMalformed},
		{[]string{"--casas", good, "--roles", file("r.json", "[1]")}, bench.ExitMalformed},
		{[]string{"--casas", good, "--roles", file("r2.json", `{"Kitchen":"oven"}`)}, bench.ExitUsage},
	} {
		code, out := call(t, append([]string{"homes", "--quiet"}, c.args...)...)
		if e, ok := out["error"].(map[string]any); code != c.code || !ok || e["message_zh"] == "" || e["message_en"] == "" {
			t.Errorf("%v: code %d, %v", c.args, code, out["error"])
		}
	}
}

func TestSensorsGetTheirRolesByNameAndKindAndAFileOverrules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s    reading
		role sense.Role
		room sense.Room
	}{
		{reading{name: "OutsideDoor", contact: true}, sense.OuterDoor, sense.Entrance},
		{reading{name: "OutsideDoor"}, sense.Motion, sense.Entrance},
		{reading{name: "D002", contact: true}, sense.OuterDoor, sense.Entrance},
		{reading{name: "Front door", kind: "Magnetic"}, sense.OuterDoor, sense.Entrance},
		{reading{name: "Hall-Bathroom door", kind: "Magnetic"}, sense.Use, sense.Bathroom},
		{reading{name: "Bed", kind: "Pressure", place: "Bedroom"}, sense.Bed, sense.Bedroom},
		{reading{name: "Seat", kind: "Pressure", place: "Living"}, sense.Seat, sense.Living},
		{reading{name: "Toilet", kind: "Flush", place: "Bathroom"}, sense.Use, sense.Bathroom},
		{reading{name: "Shower", kind: "PIR", place: "Bathroom"}, sense.Motion, sense.Bathroom},
		{reading{name: "LoungeChair"}, sense.Motion, sense.Living},
		{reading{name: "M014"}, sense.Motion, sense.Elsewhere},
	} {
		got, use, err := roleOf(c.s, nil)
		if err != nil || !use || got.Role != c.role || got.Room != c.room {
			t.Errorf("%+v: %+v %v %v", c.s, got, use, err)
		}
	}
	roles := map[string]string{"M014": "seat@kitchen", "M015": "ignore"}
	if got, use, err := roleOf(reading{name: "M014"}, roles); err != nil || !use || got.Role != sense.Seat || got.Room != sense.Kitchen {
		t.Errorf("overruled: %+v %v %v", got, use, err)
	}
	if _, use, _ := roleOf(reading{name: "M015"}, roles); use {
		t.Error("an ignored sensor is used")
	}
}

func TestFixedHoursRaiseOncePerSilence(t *testing.T) {
	t.Parallel()
	eight := baselines()[0].train(nil)
	signs := []int64{0, msHour, 12 * msHour, 13 * msHour}
	if got, want := eight(signs, 0, 48*msHour), []int64{9 * msHour, 21 * msHour}; !slices.Equal(got, want) {
		t.Errorf("alarms %v, want %v", got, want)
	}
	if got := eight(signs, 10*msHour, 20*msHour); len(got) > 0 {
		t.Errorf("alarms outside of the time: %v", got)
	}
}

// The recorded homes are never committed; their traps are checked where they lie.
func TestTheRecordedHomesReadAsTheirTrapsSay(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(dataFolder(t), "behaviour")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("data folder absent: %s", dir)
	}
	in := func(names ...string) string {
		for i := range names {
			names[i] = filepath.Join(dir, names[i])
		}
		return strings.Join(names, ",")
	}
	code, out := call(t, "homes", "--casas", in("casas_al_home.days01-15.csv.gz"), "--ordonez", in("ordonezA_sensors.csv", "ordonezA_adls.csv"),
		"--kasteren", in("houseA_sensors.csv.gz", "houseA_activities.csv.gz"), "--inject", "9", "--points", "1", "--quiet")
	if code != 0 {
		t.Fatalf("code %d: %v", code, out["error"])
	}
	days := []float64{14.9, 14.2, 27.8} // 13.9 of Ordonez A are labeled
	events := []float64{29656, 818, 2458}
	for i, h := range out["homes"].([]any) {
		row := h.(map[string]any)
		if row["days"] != days[i] || row["events"] != events[i] || row["presence_accuracy"].(float64) < 0.95 {
			t.Errorf("home %v", row)
		}
	}
	if notes := fmt.Sprint(out["notes"]); !strings.Contains(notes, "3 label rows end before they start") {
		t.Errorf("the three wrong rows are not counted: %v", notes)
	}
}
