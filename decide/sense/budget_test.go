package sense

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"linli"
)

// reporting is the made home with devices that report every half hour.
func reporting() []Sensor {
	out := slices.Clone(madeSensors)
	for i := range out {
		if out[i].Role.lives() && out[i].Role != Button {
			out[i].Every = 1800
		}
	}
	return out
}

// beats adds the reports of the devices.
func beats(events []Event, sensors []Sensor, from, until int64) []Event {
	out := slices.Clone(events)
	for t := from; t < until; t += 25 * minute {
		for i, s := range sensors {
			if s.Every > 0 {
				out = append(out, Event{At: t + int64(i)*second, Sensor: uint16(i), Kind: Heartbeat})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Event) int { return int(min(max(a.At-b.At, -1), 1)) })
	return out
}

func TestSilenceOfAllDevicesRaisesDeviceSilenceOnly(t *testing.T) {
	t.Parallel()
	sensors := reporting()
	stop := at(14, 14)
	h := open(t, Plan{Sensors: sensors})
	play(t, h, until(beats(made(40, 15), sensors, origin, stop), stop))
	if found := only(h.Tick(stop), DeviceSilent); len(found) > 0 {
		t.Fatalf("devices that report are silent: %v", found)
	}
	found := h.Tick(stop + 4*day)
	if len(found) == 0 || found[0].At-stop > 2*hour {
		t.Fatalf("found %v", found)
	}
	for _, f := range found {
		if f.Class != DeviceSilent || f.Severity != 2 || f.Case != found[0].Case || f.Why.Silent == 0 {
			t.Errorf("found %v", f)
		}
	}
}

func TestWithoutItsSensorsANightIsNotJudged(t *testing.T) {
	t.Parallel()
	sensors := reporting()
	stop := at(14, 20)
	h := open(t, Plan{Sensors: sensors})
	play(t, h, until(beats(made(49, 15), sensors, origin, stop), stop))
	var night []Event // two sensors are left, and say a lot
	for k := range int64(60) {
		night = append(night, Event{At: at(14, 22.6) + k*5*minute, Sensor: []uint16{sBedroom, sBath}[k%2], Value: 1})
	}
	if found := only(play(t, h, night), NightWander); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}

func TestADeadDeviceIsNamedAndTheOthersStillWatch(t *testing.T) {
	t.Parallel()
	sensors := reporting()
	dead, stop := at(10, 9), at(14, 14)
	var events []Event
	for _, e := range until(beats(made(41, 15), sensors, origin, stop+day), stop+day) {
		if e.Sensor == sBath && e.At >= dead || e.At >= stop && e.Kind != Heartbeat {
			continue
		}
		events = append(events, e)
	}
	found := play(t, open(t, Plan{Sensors: sensors}), events)
	silent := only(found, DeviceSilent)
	if len(silent) != 1 || silent[0].Why.Silent != 1<<sBath || silent[0].Severity != 1 {
		t.Errorf("silent: %v", silent)
	}
	if gaps := only(found, Inactivity); len(gaps) == 0 || gaps[len(gaps)-1].At < stop || gaps[len(gaps)-1].Why.Silent != 1<<sBath {
		t.Errorf("a collapse with a dead device in the bathroom: %v", gaps)
	}
}

func TestWithGuestsAndInHospitalNothingIsJudgedOrLearned(t *testing.T) {
	t.Parallel()
	for _, m := range []Mark{Guest, Hospital, Traveling} {
		h := lived(t, 42, 14)
		rhythms := func() []any {
			return []any{h.live.Pool, h.live.Silence.Tail, h.live.Absence.Tail, h.live.Exit.Tail, h.live.Night.PerNight, h.live.Days}
		}
		play(t, h, []Event{{At: h.At() + 1, Kind: Flag, Sensor: m, Value: 1}})
		before := rhythms()
		events := made(43, 5)
		for i := range events {
			events[i].At += 14*day + 3*hour
			events[i].Sensor = []uint16{sLiving, sKitchen, sDoor}[i%3]
		}
		found := append(play(t, h, events), h.Tick(at(26, 0))...)
		if len(found) > 0 {
			t.Errorf("mark %d: %v", m, found)
		}
		for i, was := range before {
			if was != rhythms()[i] {
				t.Errorf("mark %d: sum %d was learned", m, i)
			}
		}
		play(t, h, []Event{{At: h.At() + 1, Kind: Flag, Sensor: m}})
		again := made(44, 3)
		for i := range again {
			again[i].At += 27 * day
		}
		if found := only(append(play(t, h, again), h.Tick(at(31, 12))...), Inactivity); len(found) == 0 {
			t.Errorf("mark %d: nothing is judged after it was cleared", m)
		}
	}
}

func TestAnAlarmedSilenceIsNotLearnedAsLived(t *testing.T) {
	t.Parallel()
	h := learned(t, 45, 14)
	found := only(h.Tick(h.At()+30*hour), Inactivity)
	if len(found) != 1 {
		t.Fatalf("found %v", found)
	}
	ends, ended := h.live.Pool[poolSilence], h.live.Silence.Tail.Ended
	play(t, h, []Event{{At: at(22, 22), Sensor: sLiving, Value: 1}, {At: at(22, 22) + minute, Sensor: sKitchen, Value: 1}})
	if h.live.Pool[poolSilence].Ends != ends.Ends || h.live.Silence.Tail.Ended != ended {
		t.Error("the end of an alarmed silence was learned")
	}
}

func TestAnAnswerIsASignOfLife(t *testing.T) {
	t.Parallel()
	h := learned(t, 46, 14)
	silent := *h
	first := only(h.Tick(h.At()+12*hour), Inactivity)
	play(t, &silent, []Event{{At: first[0].At - minute, Kind: Answer, Sensor: uint16(Inactivity), Value: AnsweredFine}})
	if again := only(silent.Tick(first[0].At+hour), Inactivity); len(again) > 0 {
		t.Errorf("raised although the person had just answered: %v", again)
	}
	if later := only(silent.Tick(first[0].At+30*hour), Inactivity); len(later) != 1 {
		t.Errorf("after the answer silence is watched on: %v", later)
	}
}

func TestAFalseAlarmRaisesTheLimitByABoundedStep(t *testing.T) {
	t.Parallel()
	h := learned(t, 47, 14)
	plain := *h
	want := only(plain.Tick(h.At()+20*hour), Inactivity)[0].At
	last := want
	for press := range 9 { // from ten answers on, the answer rate counts too
		play(t, h, []Event{{At: h.At() + second, Kind: Answer, Sensor: uint16(Inactivity), Value: AnsweredFalse}})
		told := *h
		got := only(told.Tick(h.At()+40*hour), Inactivity)
		if len(got) != 1 || got[0].At < last {
			t.Fatalf("after %d presses: %v", press+1, got)
		}
		last = got[0].At
	}
	if last == want || last > want+12*hour {
		t.Errorf("the limit moved from %v to %v", want, last)
	}
}

func TestWhoAnswersPoorlyIsAskedLess(t *testing.T) {
	t.Parallel()
	prompts := func(yes, no int) float64 {
		h := open(t, Plan{})
		r := run{state: &h.live, plan: &h.plan}
		for range yes {
			r.answered(Fall, AnsweredFine, 0)
		}
		for range no {
			r.answered(Fall, AnsweredNot, 0)
		}
		return r.prompts()
	}
	if p := prompts(5, 2); p != 1 {
		t.Errorf("with seven answers the budget is %v already", p)
	}
	good, fair, poor := prompts(200, 10), prompts(60, 30), prompts(10, 40)
	if !(good > fair && fair > poor && poor >= 0.1 && good <= 1) {
		t.Errorf("budgets %v, %v, %v", good, fair, poor)
	}
}

func TestLimitsComeFromTheBudgetAndLoseTheCohortWithTime(t *testing.T) {
	t.Parallel()
	fresh, old := open(t, Plan{}).Limits(), lived(t, 48, 40).Limits()
	wide := open(t, Plan{Budget: Budget{Prompts: 2}}).Limits()
	if len(fresh) != 5 {
		t.Fatalf("%d limits", len(fresh))
	}
	for i := range fresh {
		if f, w := fresh[i], wide[i]; f.Cohort != 1 || w.PerWeek != 2*f.PerWeek || w.P != 2*f.P || w.Tau >= f.Tau || f.Tau <= 1 {
			t.Errorf("fresh %+v, with twice the budget %+v", f, w)
		}
		if d := old[i].Detector; d != DetectLowUse && d != DetectStay && old[i].Cohort >= 0.9 {
			t.Errorf("after forty days: %+v", old[i])
		}
	}
}

func TestTheStagesFollowThePolicy(t *testing.T) {
	t.Parallel()
	of := func(c Class) Finding { return Finding{Class: c} }
	hard := Finding{Class: Vitals, Detector: DetectLimit}
	for _, c := range []struct {
		name string
		f    Finding
		r    Reply
		want Stage
	}{
		{"just asked", of(Inactivity), Reply{SinceRaised: 10}, StagePrompt},
		{"unanswered for five minutes", of(Inactivity), Reply{SinceRaised: 300}, StageOperator},
		{"answered", of(Inactivity), Reply{SinceRaised: 60, Answered: true}, StageClosed},
		{"answered with a call for help", of(Inactivity), Reply{SinceRaised: 60, Answered: true, Help: true}, StageOperator},
		{"a fall, unanswered for thirty seconds", of(Fall), Reply{SinceRaised: 30}, StageOperator},
		{"a fall that another answered", of(Fall), Reply{SinceRaised: 20, Answered: true, ByOther: true, SignsAfter: 3}, StagePrompt},
		{"a fall answered without a sign of life", of(Fall), Reply{SinceRaised: 40, Answered: true}, StageOperator},
		{"a fall answered with one", of(Fall), Reply{SinceRaised: 40, Answered: true, SignsAfter: 1}, StageClosed},
		{"sos", of(SOS), Reply{}, StageOperator},
		{"smoke", of(FireSmoke), Reply{Answered: true}, StageOperator},
		{"a vital sign beyond its limit", hard, Reply{}, StageOperator},
		{"an unusual vital sign", Finding{Class: Vitals, Detector: DetectUnusual}, Reply{}, StagePrompt},
		{"a note", of(MissedMeal), Reply{SinceRaised: 1e6}, StageNote},
		{"a silent device", of(DeviceSilent), Reply{SinceRaised: 1e6}, StageNote},
		{"withdrawn", Finding{Class: SOS, Withdrawn: true}, Reply{}, StageClosed},
	} {
		if got := StageOf(c.f, c.r); got != c.want {
			t.Errorf("%s: stage %d, not %d", c.name, got, c.want)
		}
	}
}

// The limit comes from the budget: in homes whose silences are drawn from known
// hazards, findings come about as often as the budget allows, and more of it gives more.
func TestTheBudgetSetsHowOftenAnOrdinaryLifeIsDisturbed(t *testing.T) {
	t.Parallel()
	rate := func(prompts float64) (perWeek float64, n int) {
		const homes, days = 40, 42
		weeks := 0.0
		for seed := range uint64(homes) {
			h := open(t, Plan{Budget: Budget{Prompts: prompts}})
			for _, f := range play(t, h, made(100+seed, days)) {
				if f.Class == Inactivity && f.Detector == DetectGap && f.At >= at(14, 0) {
					n++
				}
			}
			weeks += (days - 14) / 7.0
		}
		return float64(n) / weeks, n
	}
	for _, prompts := range []float64{1, 3} {
		b := prompts * Inactivity.Info().Share
		got, n := rate(prompts)
		// 160 person-weeks; the model may be off by a third on top of the Poisson error.
		if slack := b/3 + 3*math.Sqrt(b/160); math.Abs(got-b) > slack {
			t.Errorf("a budget of %.2f gives %.2f per week (%d findings)", b, got, n)
		}
	}
}

func TestACohortOfHomesMovesTheBaseTowardThem(t *testing.T) {
	t.Parallel()
	base := DefaultCohort()
	if got := Pool(base); got != base {
		t.Errorf("no homes make another cohort: %+v", got)
	}
	a, b := lived(t, 50, 14), lived(t, 51, 14)
	one, other := Pool(base, a, b), Pool(base, b, a)
	if one == base || math.Abs(one.Silence.Excess-other.Silence.Excess) > 1e-12 {
		t.Errorf("cohort %+v", one)
	}
	if err := one.check(); err != nil {
		t.Errorf("a pooled cohort is refused: %v", err)
	}
	bad := base
	bad.Silence.Share = 1.5
	if _, err := Open(Plan{Cohort: &bad}); linli.KindOf(err) != linli.KindInvalid {
		t.Errorf("a share of 1.5 was taken: %v", err)
	}
}

// FuzzRestore: no bytes make Restore panic or half succeed.
func FuzzRestore(f *testing.F) {
	home, err := Open(Plan{Sensors: madeSensors})
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range made(60, 2) {
		if _, err := home.Step(e); err != nil {
			f.Fatal(err)
		}
	}
	good, err := home.Snapshot()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:100])
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, data []byte) {
		h := open(t, Plan{})
		before := snapshot(t, h)
		if err := h.Restore(data); err == nil {
			if !bytes.Equal(snapshot(t, h), data) {
				t.Error("what was restored is not what was given")
			}
		} else if linli.KindOf(err) != linli.KindInvalid || !bytes.Equal(snapshot(t, h), before) {
			t.Errorf("refused with %v, or changed", err)
		}
	})
}

// FuzzOrder: whatever comes in whatever order, a home neither panics nor goes back
// in time, and a restart changes nothing.
func FuzzOrder(f *testing.F) {
	f.Add(uint64(1), uint16(300))
	f.Add(uint64(99), uint16(900))
	f.Fuzz(func(t *testing.T, seed uint64, n uint16) {
		r := rand.New(rand.NewPCG(seed, 1))
		h := open(t, Plan{})
		now := origin
		for range n % 2000 {
			now += int64(r.ExpFloat64() * float64(20*minute))
			e := Event{At: now - int64(r.IntN(3))*int64(r.IntN(int(2*hour))), Sensor: uint16(r.IntN(len(madeSensors))), Value: float32(r.IntN(5)) * float32(r.IntN(60)), Kind: Kind(r.IntN(40) % 5)}
			if e.Kind > Answer {
				e.Kind = Signal
			}
			before := h.At()
			found, err := h.Step(e)
			if err != nil && linli.KindOf(err) != linli.KindInvalid {
				t.Fatal(err)
			}
			for _, f := range found {
				if f.Class >= classCount || f.Detector >= detectorCount || f.Severity < 1 || f.Severity > 5 || f.At > h.At() || f.Since > f.At ||
					math.IsNaN(f.Why.Observed) || math.IsNaN(f.Why.High) || math.IsNaN(f.Why.P) {
					t.Fatalf("%+v at %d", f, h.At())
				}
			}
			if h.At() < before {
				t.Fatal("time went back")
			}
		}
		b := snapshot(t, h)
		again := open(t, Plan{})
		if err := again.Restore(b); err != nil {
			t.Fatal(err)
		}
		x, y := h.Tick(now+10*day), again.Tick(now+10*day)
		if len(x) != len(y) || !bytes.Equal(snapshot(t, h), snapshot(t, again)) {
			t.Error("a restart changed what follows")
		}
	})
}

func BenchmarkStep(b *testing.B) {
	events := made(70, 30)
	h := open(b, Plan{})
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		if i == len(events) {
			i, h = 0, open(b, Plan{})
		}
		if _, err := h.Step(events[i]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
