package sense

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"linli"
)

func TestThereAreTwelveRiskClassesInTheOrderOfTheTaxonomy(t *testing.T) {
	t.Parallel()
	want := []string{"inactivity", "fall", "night-wander", "not-returned", "no-exit", "vitals", "sos", "fire-smoke", "gas-co", "water-use", "ebike-lift", "falling-object"}
	var got []string
	share := StayShare
	for i, row := range Taxonomy(Risk) {
		got = append(got, row.Slug)
		share += row.Share
		if Class(i).Info().Slug != row.Slug || row.Zh == "" || len(row.Calls) == 0 || row.Severity[0] < 1 || row.Severity[1] > 5 || row.Severity[0] > row.Severity[1] {
			t.Errorf("row %d is incomplete: %+v", i, row)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("classes %v", got)
	}
	if share < 0.999 || share > 1.001 {
		t.Errorf("the shares of the budget sum to %v", share)
	}
	for _, row := range Taxonomy(Care) {
		if len(row.Calls) > 0 || row.Grace > 0 {
			t.Errorf("%s is a note and calls nobody", row.Slug)
		}
	}
	if Class(200).String() != "" {
		t.Error("a number that is no class has a name")
	}
}

func TestAnOrdinaryLifeRaisesHardlyAnything(t *testing.T) {
	t.Parallel()
	found := play(t, open(t, Plan{}), made(1, 28))
	risks := slices.DeleteFunc(found, func(f Finding) bool { return f.Class.Info().Group != Risk })
	if len(risks) > 6 { // 4 weeks at a budget of one
		t.Errorf("%d findings in four ordinary weeks: %v", len(risks), risks)
	}
}

func TestTheSameEventsGiveTheSameFindingsBitForBit(t *testing.T) {
	t.Parallel()
	events := made(2, 20)
	a, b := open(t, Plan{}), open(t, Plan{})
	first, second := play(t, a, events), play(t, b, events)
	if !reflect.DeepEqual(first, second) || !bytes.Equal(snapshot(t, a), snapshot(t, b)) {
		t.Error("two lives of the same events differ")
	}
	if len(first) == 0 {
		t.Error("the test compares nothing: no finding")
	}
}

func TestHowOftenTheClockTicksChangesNothing(t *testing.T) {
	t.Parallel()
	events := until(made(3, 16), origin+15*day+13*hour)
	end := origin + 18*day
	quiet, busy := open(t, Plan{}), open(t, Plan{})
	want := append(play(t, quiet, events), quiet.Tick(end)...)
	var got []Finding
	for _, e := range events {
		for at := busy.At() + 7*minute; busy.At() != 0 && at < e.At; at += 7 * minute {
			got = append(got, busy.Tick(at)...)
		}
		got = append(got, play(t, busy, []Event{e})...)
	}
	for at := busy.At(); at < end; at += minute {
		got = append(got, busy.Tick(at)...)
	}
	got = append(got, busy.Tick(end)...)
	if !reflect.DeepEqual(got, want) || len(only(want, Inactivity)) == 0 {
		t.Errorf("ticks change findings:\n%v\n%v", got, want)
	}
}

func TestARestartAtAnyEventChangesNothing(t *testing.T) {
	t.Parallel()
	events := made(4, 12)
	one := open(t, Plan{})
	want := play(t, one, events)
	other := open(t, Plan{})
	var got []Finding
	for i, e := range events {
		if i%5 == 0 {
			b := snapshot(t, other)
			other = open(t, Plan{})
			if err := other.Restore(b); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(snapshot(t, other), b) {
				t.Fatalf("event %d: the restored home remembers otherwise", i)
			}
		}
		got = append(got, play(t, other, []Event{e})...)
	}
	if !reflect.DeepEqual(got, want) || !bytes.Equal(snapshot(t, one), snapshot(t, other)) {
		t.Error("restarts change the life")
	}
}

func TestALateEventIsLivedAsIfItHadComeInTime(t *testing.T) {
	t.Parallel()
	events := made(5, 10)
	r := rand.New(rand.NewPCG(5, 5))
	inOrder := open(t, Plan{})
	want := play(t, inOrder, events)
	late := slices.Clone(events)
	for i := 40; i+12 < len(late); i += 12 { // one of twelve comes up to ten events late
		k := i + 1 + r.IntN(10)
		e := late[i]
		copy(late[i:k], late[i+1:k+1])
		late[k] = e
	}
	h := open(t, Plan{})
	var got []Finding
	for _, e := range late {
		for _, f := range play(t, h, []Event{e}) {
			if !f.Withdrawn {
				got = append(got, f)
				continue
			}
			n := len(got)
			if got = slices.DeleteFunc(got, func(g Finding) bool { return g.same(&f) }); len(got) != n-1 {
				t.Errorf("withdrawn without having been raised: %v", f)
			}
		}
	}
	byTime := func(a, b Finding) int { return int(a.At-b.At)*100 + int(a.Class) - int(b.Class) }
	slices.SortStableFunc(got, byTime)
	slices.SortStableFunc(want, byTime)
	if len(got) != len(want) {
		t.Fatalf("late events give %d findings, in order %d", len(got), len(want))
	}
	for i := range got {
		if !got[i].same(&want[i]) {
			t.Errorf("finding %d: %v, in order %v", i, got[i], want[i])
		}
	}
	if !bytes.Equal(snapshot(t, h), snapshot(t, inOrder)) {
		t.Error("a home with late events remembers otherwise")
	}
}

func TestALateSignOfLifeWithdrawsTheFinding(t *testing.T) {
	t.Parallel()
	h := open(t, Plan{})
	events := until(made(6, 15), origin+14*day+14*hour)
	play(t, h, events)
	found := only(h.Tick(origin+15*day), Inactivity)
	if len(found) != 1 {
		t.Fatalf("%d findings of a collapse", len(found))
	}
	var after []Finding
	for k := range int64(3) { // the person moved, but the gateway was slow
		after = append(after, play(t, h, []Event{{At: found[0].At - hour + k*2*minute, Sensor: sLiving, Value: 1}})...)
	}
	if len(after) == 0 || !slices.ContainsFunc(after, func(f Finding) bool { return f.Withdrawn && f.same(&found[0]) }) {
		t.Errorf("the finding was not withdrawn: %v", after)
	}
}

func TestShiftingALifeByDaysShiftsItsFindings(t *testing.T) {
	t.Parallel()
	events := made(7, 15)
	want := play(t, open(t, Plan{}), events)
	for _, days := range []int64{1, 3, 200} {
		moved := slices.Clone(events)
		for i := range moved {
			moved[i].At += days * day
		}
		got := play(t, open(t, Plan{}), moved)
		if len(got) != len(want) {
			t.Fatalf("%d days later: %d findings, not %d", days, len(got), len(want))
		}
		for i := range got {
			if got[i].Class != want[i].Class || got[i].At != want[i].At+days*day || got[i].Why.P != want[i].Why.P {
				t.Errorf("%d days later: %v, not %v", days, got[i], want[i])
			}
		}
	}
}

// More signs of life from the same place never bring the finding of a silence
// forward; from another place they may, since silence means more in a kitchen than in a bed.
func TestMoreSignsOfLifeNeverRaiseEarlier(t *testing.T) {
	t.Parallel()
	events := until(made(8, 15), origin+14*day+13*hour)
	base := open(t, Plan{})
	play(t, base, events)
	alone := *base
	first := only(alone.Tick(origin+16*day), Inactivity)
	if len(first) == 0 {
		t.Fatal("no finding to compare with")
	}
	r := rand.New(rand.NewPCG(8, 8))
	for range 300 {
		h := *base
		at := base.At()
		var got []Finding
		for range 1 + r.IntN(6) {
			at += int64(r.Float64() * float64(100*minute))
			got = append(got, play(t, &h, []Event{{At: at, Sensor: base.live.P.Last[0].Sensor, Value: 1}})...)
		}
		gaps := slices.DeleteFunc(append(got, h.Tick(origin+16*day)...), func(f Finding) bool { return f.Class != Inactivity || f.Detector != DetectGap })
		if len(gaps) == 0 || gaps[0].At < first[0].At {
			t.Fatalf("with more signs the finding comes at %v, without at %v", gaps, first[0].At)
		}
	}
}

func TestAnEventThatIsWrongIsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	h := lived(t, 9, 3)
	before := snapshot(t, h)
	nan := float32(0)
	nan /= nan
	for _, e := range []Event{
		{At: h.At() + 1, Sensor: 99}, {At: h.At() + 1, Sensor: sDoor, Value: nan}, {At: h.At() + 1, Sensor: sDoor, Value: 2e6},
		{At: 0, Sensor: sDoor}, {At: -5, Sensor: sDoor}, {At: 1 << 62, Sensor: sDoor}, {At: h.At() + 500*day, Sensor: sDoor},
		{At: h.At() - 2*day, Sensor: sDoor, Value: 1}, {At: h.At() + 1, Kind: 9}, {At: h.At() + 1, Kind: Flag, Sensor: 77}, {At: h.At() + 1, Kind: Answer, Sensor: 300},
	} {
		found, err := h.Step(e)
		if linli.KindOf(err) != linli.KindInvalid || found != nil {
			t.Errorf("%+v: %v, %v", e, found, err)
		}
		if !bytes.Equal(snapshot(t, h), before) {
			t.Fatalf("%+v was refused, but changed the home", e)
		}
	}
	for _, p := range []Plan{{Sensors: make([]Sensor, MaxSensors+1)}, {Sensors: []Sensor{{Role: 200}}}, {Sensors: []Sensor{{Room: 200}}}, {Sensors: []Sensor{{Every: -1}}},
		{Budget: Budget{Prompts: -1}}, {Cohort: &Cohort{}}} {
		if _, err := Open(p); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("%+v was accepted: %v", p, err)
		}
	}
}

func TestAMemoryFitsInto8KiB(t *testing.T) {
	t.Parallel()
	h, most := open(t, Plan{}), 0
	for _, e := range made(10, 10) {
		play(t, h, []Event{e})
		most = max(most, len(snapshot(t, h)))
	}
	if most > 8192 || h.n == 0 {
		t.Errorf("a snapshot has %d bytes", most)
	}
}

func TestASnapshotOfAnotherHomeOrADamagedOneIsRefused(t *testing.T) {
	t.Parallel()
	b := snapshot(t, lived(t, 11, 3))
	h := lived(t, 12, 2)
	before := snapshot(t, h)
	for name, data := range map[string][]byte{
		"empty": nil, "short": b[:40], "cut": b[:len(b)-1], "bit": func() []byte { c := slices.Clone(b); c[len(c)/2] ^= 1; return c }(),
		"version": func() []byte { c := slices.Clone(b); c[len(magic)-1]++; return c }(),
	} {
		if err := h.Restore(data); linli.KindOf(err) != linli.KindInvalid || !bytes.Equal(snapshot(t, h), before) {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := open(t, Plan{Sensors: madeSensors[:5]})
	if err := other.Restore(b); linli.KindOf(err) != linli.KindInvalid {
		t.Errorf("a snapshot of other sensors was taken: %v", err)
	}
}
