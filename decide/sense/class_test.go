package sense

import (
	"math"
	"slices"
	"testing"
)

// at is a moment of the made weeks: days after the origin, hours after midnight.
func at(days int64, clock float64) int64 { return origin + days*day + int64(clock*float64(hour)) }

// learned is a home after three made weeks, stopped on the 22nd day at a time.
func learned(t *testing.T, seed uint64, clock float64) *Home {
	t.Helper()
	h := open(t, Plan{})
	play(t, h, until(made(seed, 22), at(21, clock)))
	return h
}

func TestACollapseIsFoundWithinHoursAndExplained(t *testing.T) {
	t.Parallel()
	h := learned(t, 20, 14)
	last := h.At()
	found := h.Tick(last + 12*hour)
	gaps := only(found, Inactivity)
	if len(gaps) != 1 || gaps[0].At-last > 4*hour || gaps[0].Detector != DetectGap && gaps[0].Detector != DetectStay {
		t.Fatalf("found %v, last sign %v", found, last)
	}
	f := gaps[0]
	if f.Why.P > f.Why.Limit*1.001 || f.Why.Days < 20 || f.Why.Observed <= 0 || f.Why.Events[0].At != last || f.Why.State != Awake ||
		f.Why.Cohort <= 0 || f.Why.Cohort >= 1 || f.Since > last || f.Version == 0 || f.Case == 0 || f.Why.Before != f.At {
		t.Errorf("poorly explained: %+v", f)
	}
}

func TestALoneBlipIsNoLife(t *testing.T) {
	t.Parallel()
	h := learned(t, 21, 14)
	start := h.At()
	var found []Finding
	for k := int64(1); k < 9; k++ {
		found = append(found, play(t, h, []Event{{At: start + k*90*minute, Sensor: sKitchen, Value: 1}})...)
	}
	if len(only(found, Inactivity)) == 0 {
		t.Error("a sign every 90 minutes hides a collapse")
	}
}

func TestACollapseIsFoundFromTheFirstDayOn(t *testing.T) {
	t.Parallel()
	h := open(t, Plan{})
	play(t, h, until(made(22, 1), at(0, 15)))
	found := only(h.Tick(h.At()+12*hour), Inactivity)
	if len(found) != 1 || found[0].Why.Cohort < 0.5 {
		t.Errorf("found %v", found)
	}
}

func TestWhoStaysInTheBathroomIsFoundBySignsToo(t *testing.T) {
	t.Parallel()
	h := learned(t, 23, 14)
	start := h.At() + minute
	var found []Finding
	for k := range int64(40) {
		found = append(found, play(t, h, []Event{{At: start + k*5*minute, Sensor: sBath, Value: 1}})...)
	}
	stays := slices.DeleteFunc(found, func(f Finding) bool { return f.Detector != DetectStay })
	if len(stays) != 1 || stays[0].At-start < stayFloor || stays[0].At-start > 2*hour {
		t.Errorf("found %v", stays)
	}
}

func TestTheAbsentAreNotMissedAtHomeButWhenTheyAreLate(t *testing.T) {
	t.Parallel()
	h := learned(t, 24, 10.9) // out since about ten
	h.Tick(at(21, 10.9))
	if s, _ := h.State(); s != Away {
		t.Fatalf("the person is %v", s)
	}
	found := h.Tick(at(22, 12))
	if len(only(found, Inactivity)) > 0 || len(only(found, NoExit)) > 0 {
		t.Errorf("silence of the absent was judged: %v", found)
	}
	late := only(found, NotReturned)
	if len(late) != 1 || late[0].At > at(21, 22)+minute || late[0].At < at(21, 12) {
		t.Errorf("not returned: %v", late)
	}
}

func TestWhoComesHomeAndSitsStillIsAtHome(t *testing.T) {
	t.Parallel()
	h := learned(t, 25, 10.9)
	play(t, h, []Event{{At: at(21, 11.5), Sensor: sDoor, Value: 1}, {At: at(21, 11.5) + 4*second, Sensor: sDoor}})
	h.Tick(at(21, 11.8))
	if s, since := h.State(); s != Awake || since > at(21, 11.6) {
		t.Errorf("after the door moved once more the person is %v since %v", s, since)
	}
	play(t, h, []Event{{At: at(21, 11.9), Sensor: sDoor, Value: 1}, {At: at(21, 11.9) + 4*second, Sensor: sDoor}})
	h.Tick(at(21, 12.2))
	if s, _ := h.State(); s != Away {
		t.Errorf("after leaving again the person is %v", s)
	}
}

func TestDaysIndoorsAreFoundByWhoGoesOutDaily(t *testing.T) {
	t.Parallel()
	h := learned(t, 26, 9.4)
	inside := slices.DeleteFunc(made(26, 26), func(e Event) bool { return e.Sensor == sDoor || e.At <= h.At() })
	found := only(play(t, h, inside), NoExit)
	if len(found) != 1 || found[0].At < at(21, 9) || found[0].At > at(23, 12) {
		t.Errorf("found %v", found)
	}
}

func TestARestlessNightIsFoundAndAnOrdinaryOneIsNot(t *testing.T) {
	t.Parallel()
	calm := learned(t, 27, 23.2)
	h := *calm
	if found := only(calm.Tick(at(22, 6)), NightWander); len(found) > 0 {
		t.Errorf("a quiet night: %v", found)
	}
	var found []Finding
	for k := range int64(30) {
		found = append(found, play(t, &h, []Event{{At: at(22, 1) + k*8*minute, Sensor: []uint16{sBedroom, sLiving, sBath}[k%3], Value: 1}})...)
	}
	if n := only(found, NightWander); len(n) != 1 || n[0].Detector != DetectNightMoves {
		t.Errorf("thirty moves: %v", n)
	}
}

func TestTheDoorAtNightIsFoundUnlessThePersonComesHome(t *testing.T) {
	t.Parallel()
	h := learned(t, 28, 23.2)
	out := *h
	found := play(t, &out, []Event{{At: at(22, 2), Sensor: sDoor, Value: 1}})
	if n := only(found, NightWander); len(n) != 1 || n[0].Detector != DetectNightDoor {
		t.Errorf("the door at two: %v", found)
	}
	if n := only(found, DoorVisitor); len(n) != 1 {
		t.Errorf("the door at two is no care signal: %v", found)
	}
	late := learned(t, 28, 10.9)
	late.Tick(at(22, 1.9))
	if n := only(play(t, late, []Event{{At: at(22, 2), Sensor: sDoor, Value: 1}}), NightWander); len(n) > 0 {
		t.Errorf("coming home at two: %v", n)
	}
}

func TestVitalSignsBeyondALimitAreFoundWhenTheyHold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		sensor   uint16
		values   []float32 // one a minute, after an ordinary hour
		found    bool
		detector Detector
	}{
		{"pulse of 130 for six minutes", sHeart, []float32{130, 131, 130, 129, 130, 131, 130, 131}, true, DetectLimit},
		{"pulse of 130 for three minutes", sHeart, []float32{130, 131, 130, 70, 70}, false, 0},
		{"oxygen of 86 for four minutes", sOxygen, []float32{86, 86, 85, 86, 86, 86}, true, DetectLimit},
		{"artifacts", sHeart, []float32{0, 300, 0, 300, 0, 300, 0, 300, 0}, false, 0},
		{"one wild jump", sOxygen, []float32{60, 97, 97, 97}, false, 0},
		{"unusual for this person", sHeart, []float32{100, 101, 100, 101, 100}, true, DetectUnusual},
		{"a little faster", sHeart, []float32{75, 76, 77, 75, 76}, false, 0},
	} {
		h := open(t, Plan{})
		start := at(0, 13)
		for k := range int64(60) {
			play(t, h, []Event{{At: start + k*minute, Sensor: sHeart, Value: 70 + float32(k%3)}, {At: start + k*minute, Sensor: sOxygen, Value: 97}})
		}
		var got []Finding
		for k, v := range c.values {
			got = append(got, play(t, h, []Event{{At: start + hour + int64(k)*minute, Sensor: c.sensor, Value: v}})...)
		}
		got = only(got, Vitals)
		if (len(got) == 1) != c.found || c.found && got[0].Detector != c.detector {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestAPressIsPassedThroughUnlessTakenBackInTenSeconds(t *testing.T) {
	t.Parallel()
	const start = origin + 9*hour
	press, back := func(s int64) Event { return Event{At: start + s*second, Sensor: sButton, Value: 1} }, func(s int64) Event { return Event{At: start + s*second, Sensor: sButton} }
	for _, c := range []struct {
		name   string
		events []Event
		after  []int64 // seconds until each finding
	}{
		{"pressed", []Event{press(0)}, []int64{10}},
		{"taken back", []Event{press(0), back(9)}, nil},
		{"taken back too late", []Event{press(0), back(11)}, []int64{10}},
		{"twice", []Event{press(0), press(2)}, []int64{2}},
		{"again and again", []Event{press(0), press(20), press(40)}, []int64{10, 30, 50}},
	} {
		h := open(t, Plan{})
		found := append(play(t, h, c.events), h.Tick(start+hour)...)
		var after []int64
		for _, f := range only(found, SOS) {
			after = append(after, (f.At-start)/second)
			if StageOf(f, Reply{}) != StageOperator || f.Case != found[0].Case {
				t.Errorf("%s: %+v", c.name, f)
			}
		}
		if !slices.Equal(after, c.after) {
			t.Errorf("%s: findings after %v s, not %v", c.name, after, c.after)
		}
	}
}

func TestSmokeGasAndCarbonAreFoundInTime(t *testing.T) {
	t.Parallel()
	const start = origin + 12*hour
	series := func(sensor uint16, minutes int64, value float32) (out []Event) {
		for k := range minutes {
			out = append(out, Event{At: start + k*minute, Sensor: sensor, Value: value})
		}
		return out
	}
	for _, c := range []struct {
		name      string
		class     Class
		events    []Event
		detectors []Detector
		after     int64 // minutes until the first
	}{
		{"smoke", FireSmoke, series(sSmoke, 20, 1), []Detector{DetectAlarm}, 0},
		{"smoke in two rooms", FireSmoke, []Event{{At: start, Sensor: sSmoke, Value: 1}, {At: start + minute, Sensor: sSmoke2, Value: 1}, {At: start + 2*minute, Sensor: sSmoke, Value: 1}}, []Detector{DetectAlarm, DetectConfirmed}, 0},
		{"no smoke", FireSmoke, series(sSmoke, 5, 0), nil, 0},
		{"gas 6 %", GasCO, series(sGas, 9, 6), []Detector{DetectAlarm}, 0},
		{"gas 12 %", GasCO, series(sGas, 9, 12), []Detector{DetectConfirmed}, 0},
		{"gas 4 %", GasCO, series(sGas, 90, 4), nil, 0},
		{"CO 120 ppm", GasCO, series(sCarbon, 30, 120), []Detector{DetectConfirmed}, 10},
		{"CO 60 ppm", GasCO, series(sCarbon, 75, 60), []Detector{DetectConfirmed}, 60},
		{"CO 60 ppm for a while", GasCO, append(series(sCarbon, 40, 60), Event{At: start + 41*minute, Sensor: sCarbon, Value: 10}), nil, 0},
		{"CO of cooking", GasCO, series(sCarbon, 120, 45), nil, 0},
	} {
		h := open(t, Plan{})
		found := only(append(play(t, h, c.events), h.Tick(start+3*hour)...), c.class)
		var detectors []Detector
		for _, f := range found {
			detectors = append(detectors, f.Detector)
		}
		if !slices.Equal(detectors, c.detectors) || len(found) > 0 && (found[0].At-start)/minute != c.after {
			t.Errorf("%s: %v", c.name, found)
		}
	}
}

func TestWaterIsFoundLeakingGushingAndMissing(t *testing.T) {
	t.Parallel()
	life := made(30, 24)
	meter := func(liters func(at int64, used bool) float32) []Event {
		var out []Event
		k := 0
		for slot := origin + hour/2; slot < at(23, 20); slot += hour / 2 {
			used := false
			for ; k < len(life) && life[k].At < slot; k++ {
				out = append(out, life[k])
				used = used || life[k].Sensor == sKitchen || life[k].Sensor == sBath
			}
			out = append(out, Event{At: slot, Sensor: sWater, Value: liters(slot, used)})
		}
		return out
	}
	usual := func(used bool) float32 {
		if used {
			return 12
		}
		return 0
	}
	from := at(20, 9)
	for _, c := range []struct {
		name     string
		liters   func(at int64, used bool) float32
		detector Detector
		found    bool
	}{
		{"ordinary", func(_ int64, used bool) float32 { return usual(used) }, 0, false},
		{"leak", func(at int64, used bool) float32 {
			if at >= from {
				return usual(used) + 1
			}
			return usual(used)
		}, DetectLeak, true},
		{"burst", func(at int64, used bool) float32 {
			if at >= from && at < from+12*hour {
				return 200
			}
			return usual(used)
		}, DetectHighUse, true},
		{"dry", func(at int64, used bool) float32 {
			if at >= from {
				return 0
			}
			return usual(used)
		}, DetectLowUse, true},
	} {
		found := only(play(t, open(t, Plan{}), meter(c.liters)), WaterUse)
		found = slices.DeleteFunc(found, func(f Finding) bool { return f.At < from })
		if (len(found) > 0) != c.found || c.found && found[0].Detector != c.detector {
			t.Errorf("%s: %v", c.name, found)
		}
	}
}

func TestAnEbikeInTheLiftIsOneCase(t *testing.T) {
	t.Parallel()
	const start = origin + 18*hour
	train := func(at, long int64, sure float32) (out []Event) {
		for k := int64(0); k <= long; k += 200 {
			out = append(out, Event{At: at + k, Sensor: sLift, Value: sure})
		}
		return out
	}
	for _, c := range []struct {
		name   string
		events []Event
		cases  int
	}{
		{"four seconds", train(start, 4000, 0.9), 1},
		{"one second", train(start, 1000, 0.9), 0},
		{"doubtful", train(start, 9000, 0.7), 0},
		{"seen twice on one ride", append(train(start, 4000, 0.9), train(start+20*second, 4000, 0.9)...), 1},
		{"two rides", append(train(start, 4000, 0.9), train(start+10*minute, 4000, 0.9)...), 2},
	} {
		if found := only(play(t, open(t, Plan{}), c.events), EbikeLift); len(found) != c.cases {
			t.Errorf("%s: %d findings", c.name, len(found))
		}
	}
	h := open(t, Plan{})
	found := play(t, h, []Event{{At: start, Sensor: sSky, Value: 4}, {At: start + minute, Sensor: sSky, Value: 8}, {At: start + minute + second, Sensor: sSky, Value: 7}, {At: start + hour, Sensor: sSky, Value: 6}})
	if found = only(found, FallingObject); len(found) != 2 || found[0].Case == found[1].Case {
		t.Errorf("falling objects: %v", found)
	}
}

func TestHabitsThatChangeBecomeNotes(t *testing.T) {
	t.Parallel()
	life := made(31, 27)
	from := at(21, 0)
	for _, c := range []struct {
		class  Class
		change func(e Event) (Event, bool)
	}{
		{MissedMeal, func(e Event) (Event, bool) { return e, e.At < from || e.Sensor != sKitchen }},
		{SleepChange, func(e Event) (Event, bool) { e.At += 3 * hour; return e, true }},
		{RoutineChange, func(e Event) (Event, bool) {
			if e.Sensor == sKitchen {
				e.Sensor = sBedroom
			}
			return e, true
		}},
		{Isolation, func(e Event) (Event, bool) { return e, e.Sensor != sDoor }},
	} {
		var events []Event
		for _, e := range life {
			if e.At < from {
				events = append(events, e)
			} else if e, keep := c.change(e); keep {
				events = append(events, e)
			}
		}
		count := func(events []Event) (n int) {
			for _, f := range only(play(t, open(t, Plan{}), events), c.class) {
				if f.At >= from {
					n++
				}
				if StageOf(f, Reply{SinceRaised: 9999}) != StageNote {
					t.Errorf("%v is more than a note", f.Class)
				}
			}
			return n
		}
		if got := count(events); got == 0 {
			t.Errorf("%v was not noted", c.class)
		}
		if got := count(life); got > 0 {
			t.Errorf("%v: %d notes in the unchanged life", c.class, got)
		}
	}
}

func TestTheTailIsAFallingCurveAndItsLimitItsInverse(t *testing.T) {
	t.Parallel()
	for _, f := range []fit{{0.135, 0.9, 0}, {0.05, 0.3, 0.2}, {0.4, 2, 0.5}, {0.01, 1, 0.05}} {
		last := 1.0
		for tau := 0.0; tau < 40; tau += 0.01 {
			s := f.survival(tau)
			if s > last || s < 0 {
				t.Fatalf("%v: survival %v at %v after %v", f, s, tau, last)
			}
			last = s
		}
		for _, p := range []float64{0.9, 0.5, 0.2, 0.05, 0.01, 1e-4} {
			if got := f.survival(f.limit(p)); math.Abs(got/p-1) > 1e-9 {
				t.Errorf("%v: survival at the limit of %v is %v", f, p, got)
			}
		}
	}
}
