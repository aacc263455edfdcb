package device

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"linli"
)

func TestTheTwelveRisksAreServedAndEveryKindSaysWhereItComesFrom(t *testing.T) {
	t.Parallel()
	if len(Kinds.Risks) != 12 {
		t.Errorf("%d risk classes", len(Kinds.Risks))
	}
	for _, risk := range Kinds.Risks {
		if !slices.ContainsFunc(Kinds.Kinds, func(k Kind) bool { return slices.Contains(k.Risks, risk) }) {
			t.Errorf("no kind of device serves %s", risk)
		}
	}
	// Classes 1-7 and 10 need the person's consent (domain.md 4.3): whoever serves one
	// inside a home is of a purpose.
	for _, k := range Kinds.Kinds {
		for _, risk := range k.Risks {
			if i := slices.Index(Kinds.Risks, risk); (i < 7 || i == 9) && k.Purpose == "" {
				t.Errorf("%s serves %s without a consent", k.Code, risk)
			}
		}
	}
}

func TestNoCameraAndNothingPersonalWithoutAPurposeCanBeWrittenIntoTheKinds(t *testing.T) {
	t.Parallel()
	good := string(kindsYAML)
	for what, change := range map[string][2]string{
		"a camera at home":              {"lift-edge, zh: 电梯边缘智能, en: lift edge device, space: shared", "lift-edge, zh: 电梯边缘智能, en: lift edge device, space: home, purpose: sensing"},
		"a camera anywhere":             {"lift-edge, zh: 电梯边缘智能, en: lift edge device, space: shared", "lift-edge, zh: 电梯边缘智能, en: lift edge device, space: any"},
		"vitals without a purpose":      {"class: vital, purpose: vitals}", "class: vital}"},
		"a bed sensor without one":      {"space: home, purpose: sensing, interval_s: 60, silent_s: 900, metrics: [hr", "space: home, interval_s: 60, silent_s: 900, metrics: [hr"},
		"persons in a kind without one": {"metrics: [smoke, heat]", "metrics: [smoke, heat, motion]"},
		"a fall in a kind without one":  {"events: [smoke, tamper", "events: [smoke, fall, tamper"},
		"a metric nobody knows":         {"metrics: [smoke, heat]", "metrics: [smoke, face]"},
		"a kind without a source":       {`source: "domain 3.2 gas-alarm; 4.2 no. 9"`, `source: ""`},
		"silence before the interval":   {"interval_s: 600, silent_s: 3600", "interval_s: 3600, silent_s: 3600"},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Fatalf("%s: the text to change is not there", what)
		}
		if _, err := ReadBook([]byte(bad)); err == nil {
			t.Errorf("%s was accepted", what)
		}
	}
}

func TestADeviceStandsWhereItsKindAndItsPersonAllow(t *testing.T) {
	t.Parallel()
	const lobby, elsewhere = building + "/2", building + "/2/999"
	for _, x := range []struct {
		kind        string
		place, home linli.Place
		want        linli.Place // "" is refused
	}{
		{"bracelet", "", flat, flat}, {"bracelet", "", building, building}, {"bracelet", building, "", ""}, {"bracelet", elsewhere, flat, ""},
		{"bed", flat, flat, flat}, {"bed", "", flat, flat}, {"bed", flat, "", ""}, {"bed", lobby, "", ""}, {"bed", elsewhere, flat, ""}, {"bed", flat, building, flat}, {"bed", "", building, ""},
		{"door", flat, flat, flat}, {"door", flat, "", ""}, {"door", lobby, "", lobby}, {"door", lobby, flat, ""},
		{"smoke", flat, "", flat}, {"smoke", flat, flat, flat}, {"smoke", lobby, "", lobby}, {"smoke", lobby, flat, ""},
		{"lift-edge", lobby, "", lobby}, {"lift-edge", flat, "", ""}, {"lift-edge", flat, flat, ""}, {"lift-edge", "", flat, ""}, {"environment", flat, "", ""}, {"environment", building, "", building},
	} {
		got, err := settle(Kinds.kinds[x.kind], x.place, x.home)
		if got != x.want || (err == nil) != (x.want != "") || err != nil && linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("%s at %q of somebody at %q: %q %v", x.kind, x.place, x.home, got, err)
		}
	}
}

func TestOnlyReadingsOfTheRightShapeAreReadAtAll(t *testing.T) {
	t.Parallel()
	many := "[" + strings.Repeat(`{"m":{"hr":70}},`, maxReadings) + `{"m":{"hr":70}}]`
	for _, bad := range []string{"", " ", "null", "1", `"x"`, "[]", "[1]", "{", `{"m":{"hr":"72"}}`, `{"m":{"hr":72}} {}`, `{"m":{"hr":72},"face":"aGVsbG8="}`, `{"t":"now"}`, `{"t":1.5}`,
		`{"e":"sos"}`, `{"e":[1]}`, `{"m":[1]}`, `{"m":{"hr":1e999}}`, "\xff\xd8\xff\xe0JFIF", many, `{"m":{"hr":72},"e":["` + strings.Repeat("x", maxPayload) + `"]}`, strings.Repeat("[", 20_000)} {
		if got, err := readReadings([]byte(bad)); err == nil {
			t.Errorf("%.60q was read as %+v", bad, got)
		}
	}
	for good, n := range map[string]int{`{"t":1772413200000,"m":{"hr":72,"spo2":98}}`: 1, ` [{"m":{"hr":72}},{"e":["sos"]}] `: 2, `{}`: 1} {
		if got, err := readReadings([]byte(good)); err != nil || len(got) != n {
			t.Errorf("%s: %d %v", good, len(got), err)
		}
	}
}

func TestValuesThatCannotBeTrueAreRefusedOneByOneAndAlarmsNever(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, linli.Shanghai)
	ms := func(d time.Duration) *int64 { n := now.Add(d).UnixMilli(); return &n }
	num := func(v float64) *float64 { return &v }
	k := Kinds.kinds["bracelet"]
	type out struct {
		values, events int
		refused        []string
		clock          bool
		at             time.Time
	}
	for name, x := range map[string]struct {
		r    reading
		want out
	}{
		"plain":            {reading{M: map[string]*float64{"hr": num(72), "spo2": num(98)}, E: []string{"sos"}}, out{2, 1, nil, false, now}},
		"an hour ago":      {reading{T: ms(-time.Hour), M: map[string]*float64{"hr": num(72)}}, out{1, 0, nil, false, now.Add(-time.Hour)}},
		"out of range":     {reading{M: map[string]*float64{"hr": num(0), "spo2": num(101), "steps": num(1)}}, out{1, 0, []string{badRange, badRange}, false, now}},
		"null":             {reading{M: map[string]*float64{"hr": nil}}, out{0, 0, []string{badRange}, false, now}},
		"of another kind":  {reading{M: map[string]*float64{"lel": num(1), "face": num(1)}, E: []string{"smoke"}}, out{0, 0, []string{badWord, badWord, badWord}, false, now}},
		"a little early":   {reading{T: ms(early), M: map[string]*float64{"hr": num(72)}}, out{1, 0, nil, false, now.Add(early)}},
		"in the future":    {reading{T: ms(early + time.Millisecond), M: map[string]*float64{"hr": num(72)}, E: []string{"fall"}}, out{0, 1, []string{badClock}, true, now}},
		"the year 2106":    {reading{T: ms(80 * 365 * 24 * time.Hour), E: []string{"sos"}}, out{0, 1, nil, true, now}},
		"too old":          {reading{T: ms(-late - time.Millisecond), M: map[string]*float64{"hr": num(72)}, E: []string{"sos"}}, out{0, 1, []string{badAge}, true, now}},
		"1970":             {reading{T: new(int64), M: map[string]*float64{"hr": num(72)}}, out{0, 0, []string{badAge}, true, now}},
		"the same twice":   {reading{E: []string{"sos", "sos"}}, out{0, 1, nil, false, now}},
		"nothing to say":   {reading{}, out{0, 0, nil, false, now}},
		"words of no kind": {reading{E: []string{"", "explode"}}, out{0, 0, []string{badWord, badWord}, false, now}},
	} {
		got := judge(k, x.r, now)
		if len(got.values) != x.want.values || len(got.events) != x.want.events || !slices.Equal(got.refused, x.want.refused) || got.clock != x.want.clock || !got.at.Equal(x.want.at) {
			t.Errorf("%s: %+v, want %+v", name, got, x.want)
		}
	}
}

func FuzzNoPayloadPanicsOrLetsAnImpossibleValueThrough(f *testing.F) {
	for _, s := range []string{`{"t":1772413200000,"m":{"hr":72,"lng":121.4},"e":["sos"]}`, `[{"m":{"hr":1e308}},null]`, `{"m":{"hr":-0}}`, `{"battery":7,"settings":{"fence_m":30}}`, `{"id":"cmd_1","ok":true}`, `[[`} {
		f.Add([]byte(s))
	}
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, linli.Shanghai)
	f.Fuzz(func(t *testing.T, raw []byte) {
		readings, err := readReadings(raw)
		if err == nil && !json.Valid(raw) {
			t.Errorf("%q is not JSON", raw)
		}
		for i := range Kinds.Kinds {
			k := &Kinds.Kinds[i]
			for _, r := range readings {
				got := judge(k, r, now)
				if got.at.After(now.Add(early)) || got.at.Before(now.Add(-late)) {
					t.Errorf("at %s", got.at)
				}
				for _, v := range got.values {
					if !(v.v >= v.metric.Min && v.v <= v.metric.Max) || !slices.Contains(k.Metrics, v.metric.Code) || got.clock {
						t.Errorf("%s took %s = %g", k.Code, v.metric.Code, v.v)
					}
				}
			}
			if r, reason := readReport(k, raw); reason == "" && r.Firmware != nil && !validFirmware(*r.Firmware) {
				t.Errorf("firmware %q", *r.Firmware)
			}
		}
	})
}

func TestTheFifteenthWorkingDayMindsHolidays(t *testing.T) {
	t.Parallel()
	// 2026: New Year off on 1-3 January, worked on Sunday the 4th.
	for from, want := range map[string]string{"2026-03-02": "2026-03-23", "2025-12-31": "2026-01-22"} {
		at, err := time.ParseInLocation(time.DateOnly, from, linli.Shanghai)
		if err != nil {
			t.Fatal(err)
		}
		if got := workdaysAfter(at, eraseDays); got != want {
			t.Errorf("from %s: %s, want %s", from, got, want)
		}
	}
}
