package route

import (
	"reflect"
	"slices"
	"testing"
)

// onLine makes a problem on a line: places are minutes of travel apart.
func onLine(minutes []int32, visits []Visit, workers []Worker, links ...Link) Spec {
	n := len(minutes)
	m := make([]int32, n*n)
	for i := range n {
		for j := range n {
			m[i*n+j] = abs(minutes[i]-minutes[j]) * 60
		}
	}
	return Spec{Places: n, Travel: [][]int32{m}, Visits: visits, Workers: workers, Links: links}
}

const (
	minute = int32(60)
	hour   = 60 * minute
)

func explained(t *testing.T, s Spec, serve []int, ask int) Explanation {
	t.Helper()
	p, err := NewProblem(s)
	if err != nil {
		t.Fatal(err)
	}
	pl := p.Empty()
	for _, v := range serve {
		cs, err := Insert(pl, v)
		if err != nil || len(cs) == 0 {
			t.Fatalf("visit %d: %v %v", v, cs, err)
		}
		if err := pl.Commit(cs[0]); err != nil {
			t.Fatal(err)
		}
	}
	before := pl.Digest()
	e, err := Explain(pl, ask)
	if err != nil {
		t.Fatal(err)
	}
	if pl.Digest() != before {
		t.Fatal("explaining changed the plan")
	}
	return e
}

func TestTheFirstFailedGateIsNamed(t *testing.T) {
	t.Parallel()
	day := []Shift{{0, 8 * hour, 0}}
	able := []Skill{{Code: 1, Level: 3}}
	visit := Visit{Place: 1, Duration: hour, Skills: []Skill{{Code: 1, Level: 2}}, Windows: []Window{{2 * hour, 3 * hour}}, Tier: 2, Load: 2}
	cases := []struct {
		name   string
		worker Worker
		change func(*Visit)
		others []Visit
		links  []Link
		serve  []int
		want   Verdict
	}{
		{"no skill", Worker{Shifts: day}, nil, nil, nil, nil, Verdict{Gate: GateSkill, Visit: -1}},
		{"level too low", Worker{Shifts: day, Skills: []Skill{{Code: 1, Level: 1}}}, nil, nil, nil, nil, Verdict{Gate: GateSkill, Visit: -1}},
		{"certificate ends before", Worker{Shifts: day, Skills: []Skill{{Code: 1, Level: 3, Until: hour}}}, nil, nil, nil, nil, Verdict{Gate: GateCertificate, Visit: -1}},
		{"excluded", Worker{Shifts: day, Skills: able}, func(v *Visit) { v.Exclude = []int{0} }, nil, nil, nil, Verdict{Gate: GateExcluded, Visit: -1}},
		{"off duty", Worker{Skills: able}, nil, nil, nil, nil, Verdict{Gate: GateShift, Visit: -1}},
		{"shift ends before", Worker{Shifts: []Shift{{0, 2 * hour, 0}}, Skills: able}, nil, nil, nil, nil, Verdict{Gate: GateShift, Visit: -1, By: hour}},
		{"the way there is too long", Worker{Shifts: day, Skills: able}, func(v *Visit) { v.Windows = []Window{{0, 15 * minute}} }, nil, nil, nil,
			Verdict{Gate: GateWindow, Visit: -1, By: 5 * minute}},
		{"too much to carry", Worker{Shifts: day, Skills: able, Capacity: 1}, nil, nil, nil, nil, Verdict{Gate: GateCapacity, Visit: -1}},
		{"nobody for the second person", Worker{Shifts: day, Skills: able}, nil,
			[]Visit{{Place: 1, Duration: hour, Skills: []Skill{{Code: 9, Level: 1}}}}, []Link{{A: 0, B: 1}}, nil,
			Verdict{Gate: GateLink, Visit: 1}},
		{"somebody else would be served too late", Worker{Shifts: day, Skills: able}, nil,
			[]Visit{{Place: 1, Duration: 2 * hour, Windows: []Window{{150 * minute, 170 * minute}}, Tier: 1}}, nil, []int{1},
			Verdict{Gate: GatePromise, Visit: 1, By: 10 * minute}},
	}
	for _, c := range cases {
		v := visit
		if c.change != nil {
			c.change(&v)
		}
		s := onLine([]int32{0, 20}, append([]Visit{v}, c.others...), []Worker{c.worker}, c.links...)
		e := explained(t, s, c.serve, 0)
		if e.Served || len(e.Workers) != 1 || e.Workers[0] != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, e.Workers, c.want)
		}
		if !e.NoInsertion {
			t.Errorf("%s: the proof is missing", c.name)
		}
	}
}

func TestImpossibleAloneIsToldFromCrowdedOut(t *testing.T) {
	t.Parallel()
	day := []Worker{{Shifts: []Shift{{0, 8 * hour, 0}}}}
	block := Visit{Place: 1, Duration: 4 * hour, Windows: []Window{{hour, hour}}, Tier: 3}
	late := Visit{Place: 1, Duration: hour, Windows: []Window{{2 * hour, 3 * hour}}, Tier: 2}
	crowded := explained(t, onLine([]int32{0, 20}, []Visit{late, block}, day), []int{1}, 0)
	if !crowded.Alone || !crowded.NoInsertion {
		t.Fatalf("crowded out: %+v", crowded)
	}
	late.Windows = []Window{{9 * hour, 10 * hour}}
	if impossible := explained(t, onLine([]int32{0, 20}, []Visit{late, block}, day), []int{1}, 0); impossible.Alone || !impossible.NoInsertion {
		t.Fatalf("impossible: %+v", impossible)
	}
}

func TestRelaxationsAreTheSmallest(t *testing.T) {
	t.Parallel()
	workers := []Worker{
		{Shifts: []Shift{{0, 5 * hour, 0}}, Skills: []Skill{{Code: 1, Level: 2}}},
		{Shifts: []Shift{{0, 8 * hour, 0}}, Skills: []Skill{{Code: 1, Level: 1}}},
		{Shifts: []Shift{{0, 8 * hour, 0}}, Skills: []Skill{{Code: 1, Level: 2}}},
	}
	block := Visit{Place: 1, Duration: 3 * hour, Windows: []Window{{hour, hour}}, Tier: 3, Eligible: []int{0}}
	ask := Visit{Place: 1, Duration: hour, Windows: []Window{{2 * hour, 3 * hour}}, Tier: 2,
		Skills: []Skill{{Code: 1, Level: 2}}, Exclude: []int{2}}
	s := onLine([]int32{0, 20}, []Visit{ask, block}, workers)
	e := explained(t, s, []int{1}, 0)
	type short struct {
		change                 string
		minutes, worker, visit int
	}
	var got []short
	for _, r := range e.Relaxed {
		got = append(got, short{r.Change, r.Minutes, r.Worker, r.Visit})
	}
	// Worker 0 is busy from 1:00 to 4:00 and must be back by 5:00, 20 minutes
	// away: no later start fits there, an earlier one before 1:00 does not
	// either (the shift begins at 0:00, it takes 20 minutes to get there).
	want := []short{{"level", 0, -1, -1}, {"exclusion", 0, 2, -1}, {"displace", 0, -1, 1}}
	if len(got) != len(want) {
		t.Fatalf("got %+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	}
	// One minute less than what is named must not fit, what is named must.
	s.Workers[0].Shifts[0].To = 6 * hour
	e = explained(t, s, []int{1}, 0)
	for _, r := range e.Relaxed {
		if r.Change != "later" {
			continue
		}
		if r.Minutes != 60 {
			t.Fatalf("later by %d minutes, want 60", r.Minutes)
		}
		for _, x := range []struct {
			minutes int32
			fits    bool
		}{{int32(r.Minutes), true}, {int32(r.Minutes) - 1, false}} {
			wider := s
			wider.Visits = append([]Visit(nil), s.Visits...)
			wider.Visits[0].Windows = []Window{{2 * hour, 3*hour + x.minutes*minute}}
			if got := !explained(t, wider, []int{1}, 0).NoInsertion; got != x.fits {
				t.Fatalf("%d minutes later: fits %v", x.minutes, got)
			}
		}
		return
	}
	t.Fatalf("no later start offered: %+v", e.Relaxed)
}

// planted is a visit of an hour at a place 20 minutes away, wanted from 2:00 to
// 3:00, and a worker from 0:00 to 8:00 who is there with somebody else.
func planted(change func(ask, block *Visit, w *Worker)) Spec {
	ask := Visit{Place: 1, Duration: hour, Windows: []Window{{2 * hour, 3 * hour}}, Tier: 2, Skills: []Skill{{Code: 1, Level: 2}}}
	block := Visit{Place: 1, Duration: 3 * hour, Windows: []Window{{hour, hour}}, Tier: 2}
	w := Worker{Shifts: []Shift{{0, 8 * hour, 0}}, Skills: []Skill{{Code: 1, Level: 2}}}
	change(&ask, &block, &w)
	return onLine([]int32{0, 20}, []Visit{ask, block}, []Worker{w})
}

func TestEachRelaxationIsFoundWhereItWasPlanted(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(ask, block *Visit, w *Worker)
		want   []Relaxation // without their places
	}{
		{"after the other visit, at 4:00", func(*Visit, *Visit, *Worker) {},
			[]Relaxation{{Change: "later", Minutes: 60, Worker: -1, Visit: -1}}},
		{"before the other visit, at 0:30", func(_, block *Visit, w *Worker) {
			block.Windows, w.Shifts[0].To = []Window{{90 * minute, 90 * minute}}, 4*hour+50*minute
		}, []Relaxation{{Change: "earlier", Minutes: 90, Worker: -1, Visit: -1}}},
		{"from 4:00 to 5:00, home at 5:20 instead of 4:30", func(ask, _ *Visit, w *Worker) {
			ask.Windows[0].Close, w.Shifts[0].To = 5*hour, 4*hour+30*minute
		}, []Relaxation{{Change: "overtime", Minutes: 50, Worker: 0, Visit: -1}}},
		{"a level lower", func(ask, block *Visit, _ *Worker) {
			ask.Skills[0].Level, block.Duration = 3, hour
		}, []Relaxation{{Change: "level", Skill: 1, Worker: -1, Visit: -1}}},
		{"two levels lower is not one change", func(ask, block *Visit, _ *Worker) {
			ask.Skills[0].Level, block.Duration = 4, hour
		}, nil},
		{"the exclusion is lifted", func(ask, block *Visit, _ *Worker) {
			ask.Exclude, block.Duration = []int{0}, hour
		}, []Relaxation{{Change: "exclusion", Worker: 0, Visit: -1}}},
		{"the other visit matters less", func(_, block *Visit, w *Worker) {
			block.Tier, w.Shifts[0].To = 3, 4*hour+20*minute
		}, []Relaxation{{Change: "displace", Worker: -1, Visit: 1}}},
		{"the other visit is fixed, if it matters less or not", func(_, block *Visit, w *Worker) {
			block.Tier, w.Shifts[0].To = 3, 4*hour+20*minute
			block.Fixed = &Fixed{Worker: 0, Start: hour}
		}, nil},
	}
	for _, c := range cases {
		s := planted(c.change)
		serve := []int{1}
		if s.Visits[1].Fixed != nil {
			serve = nil // it is there already
		}
		var got []Relaxation
		for _, r := range explained(t, s, serve, 0).Relaxed {
			if r.Place.Worker != 0 {
				t.Errorf("%s: worker %d", c.name, r.Place.Worker)
			}
			r.Place = Choice{}
			got = append(got, r)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestTheLeastImportantVisitThatIsEnoughIsDisplaced(t *testing.T) {
	t.Parallel()
	day := []Shift{{0, 8 * hour, 0}}
	// Worker 0 must give up 50 minutes, worker 1 two visits of which none is
	// enough alone, worker 2 one of tier 3.
	s := onLine([]int32{0, 20}, []Visit{
		{Place: 1, Duration: hour, Windows: []Window{{2 * hour, 2 * hour}}, Tier: 1},
		{Place: 1, Duration: hour, Windows: []Window{{2 * hour, 2 * hour}}, Tier: 4, Eligible: []int{0}},
		{Place: 1, Duration: hour, Windows: []Window{{90 * minute, 90 * minute}}, Tier: 4, Eligible: []int{1}},
		{Place: 1, Duration: hour, Windows: []Window{{150 * minute, 150 * minute}}, Tier: 4, Eligible: []int{1}},
		{Place: 1, Duration: hour, Windows: []Window{{2 * hour, 2 * hour}}, Tier: 3, Eligible: []int{2}},
	}, []Worker{{Shifts: day}, {Shifts: day}, {Shifts: day}})
	displaced := func(s Spec) (out []int) {
		for _, r := range explained(t, s, []int{1, 2, 3, 4}, 0).Relaxed {
			if r.Change == "displace" {
				out = append(out, r.Visit)
			}
		}
		return out
	}
	if got := displaced(s); !reflect.DeepEqual(got, []int{1}) {
		t.Fatalf("displaced %v, want visit 1 of tier 4", got)
	}
	s.Visits[1].Tier = 2
	if got := displaced(s); !reflect.DeepEqual(got, []int{4}) {
		t.Fatalf("displaced %v, want visit 4 of tier 3", got)
	}
}

func TestWhatIsOfferedFitsAndOneUnitLessDoesNot(t *testing.T) {
	t.Parallel()
	judged := map[string]int{}
	for seed := range uint64(120) {
		k := everything
		k.visits, k.workers, k.optional = 16, 3, false
		k.links, k.breaks, k.fixed = seed%3 == 0, seed%4 == 0, seed%5 == 0
		s := k.spec(seed)
		p, err := NewProblem(s)
		if err != nil {
			t.Fatal(err)
		}
		plan := p.Empty()
		for tier := Tiers; tier > 0; tier-- { // the least important first, as no search would
			for _, v := range plan.Unserved() {
				if s.Visits[v].Tier != tier || seed%2 > 0 && tier < 3 {
					continue
				}
				if cs, err := Insert(plan, v); err == nil && len(cs) > 0 {
					if err := plan.Commit(cs[0]); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		if seed%2 > 0 {
			plan = solve(t, p, plan, Budget{Iterations: 1}, seed).Plan
		}
		for _, v := range plan.Unserved() {
			e, err := Explain(plan, v)
			if err != nil {
				t.Fatal(err)
			}
			if cs, err := Insert(plan, v); err != nil || (len(cs) == 0) != e.NoInsertion {
				t.Fatalf("seed %d visit %d: the proof bit is %v, there are %d places (%v)", seed, v, e.NoInsertion, len(cs), err)
			}
			if !e.NoInsertion {
				continue
			}
			empty := p.Empty() // the day without anything but what is fixed
			cs, err := Insert(empty, v)
			if err != nil || len(cs) > 0 && !e.Alone {
				t.Fatalf("seed %d visit %d: %d places on an empty day, alone %v (%v)", seed, v, len(cs), e.Alone, err)
			}
			offered := map[string]bool{}
			for _, r := range e.Relaxed {
				offered[r.Change] = true
				judged[r.Change]++
				if !fitsWith(t, s, plan, v, r, r.Minutes) {
					t.Errorf("seed %d visit %d: %+v is not enough", seed, v, r)
				}
				if r.Minutes > 0 && fitsWith(t, s, plan, v, r, r.Minutes-1) {
					t.Errorf("seed %d visit %d: %+v, and a minute less is enough", seed, v, r)
				}
				if r.Change == "displace" {
					for x, y := range s.Visits {
						if other := (Relaxation{Change: "displace", Visit: x}); y.Tier > s.Visits[r.Visit].Tier && mayLeave(plan, v, x) && fitsWith(t, s, plan, v, other, 0) {
							t.Errorf("seed %d visit %d: %+v, and visit %d of tier %d is enough", seed, v, r, x, y.Tier)
						}
					}
				}
			}
			for _, change := range []string{"later", "earlier", "overtime"} {
				half := Relaxation{Change: change, Worker: -1}
				for w := range s.Workers {
					if half.Worker = w; !offered[change] && fitsWith(t, s, plan, v, half, 12*60) {
						t.Errorf("seed %d visit %d: half a day %s is enough and not offered", seed, v, change)
					}
				}
			}
			for x := range s.Visits {
				if !offered["displace"] && mayLeave(plan, v, x) && fitsWith(t, s, plan, v, Relaxation{Change: "displace", Visit: x}, 0) {
					t.Errorf("seed %d visit %d: displacing %d is enough and not offered", seed, v, x)
				}
			}
		}
	}
	t.Log(judged)
	for _, change := range []string{"later", "earlier", "level", "overtime", "exclusion", "displace"} {
		if judged[change] < 10 {
			t.Errorf("only %d relaxations %q were judged", judged[change], change)
		}
	}
}

// mayLeave tells whether a served visit may be displaced by v: everybody it is
// linked to matters less than v and is not fixed.
func mayLeave(plan *Plan, v, x int) bool {
	if _, _, _, ok := plan.Served(x); !ok {
		return false
	}
	m := plan.s.m
	for _, g := range m.groupOf(int32(x)) {
		if m.visits[g].tier <= m.visits[v].tier || m.visits[g].src.Fixed != nil {
			return false
		}
	}
	return true
}

// fitsWith makes the change in the problem itself and asks the same plan again.
func fitsWith(t *testing.T, s Spec, plan *Plan, v int, r Relaxation, minutes int) bool {
	t.Helper()
	s.Visits, s.Workers = slices.Clone(s.Visits), slices.Clone(s.Workers)
	y := &s.Visits[v]
	y.Windows, y.Skills = slices.Clone(y.Windows), slices.Clone(y.Skills)
	switch n := len(y.Windows); {
	case n > 0 && r.Change == "later":
		y.Windows[n-1].Close = min(MaxTime, y.Windows[n-1].Close+int32(minutes)*minute)
	case n > 0 && r.Change == "earlier":
		y.Windows[0].Open -= int32(minutes) * minute
	}
	switch r.Change {
	case "level":
		y.Skills[slices.IndexFunc(y.Skills, func(n Skill) bool { return n.Code == r.Skill })].Level--
	case "exclusion":
		y.Exclude = slices.DeleteFunc(slices.Clone(y.Exclude), func(w int) bool { return w == r.Worker })
	case "overtime":
		w := &s.Workers[r.Worker]
		w.Shifts = slices.Clone(w.Shifts)
		for i := range w.Shifts {
			w.Shifts[i].Overtime += int32(minutes) * minute
		}
	}
	p, err := NewProblem(s)
	if err != nil {
		return false // no such visit can exist
	}
	pl, err := p.Plan(plan.Tours())
	if err != nil {
		t.Fatal(err)
	}
	if r.Change == "displace" {
		if err := pl.Remove(r.Visit); err != nil {
			t.Fatal(err)
		}
	}
	cs, err := Insert(pl, v)
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(cs, func(c Choice) bool { return !c.Released })
}

func TestAServedVisitNamesItsRankAndRunnerUp(t *testing.T) {
	t.Parallel()
	day := []Shift{{0, 8 * hour, 0}}
	s := onLine([]int32{0, 20, 50}, []Visit{{Place: 1, Duration: hour, Prefer: []int{1, 0}}},
		[]Worker{{Start: 0, End: 0, Shifts: day}, {Start: 2, End: 2, Shifts: day}, {Shifts: day}})
	e := explained(t, s, []int{0}, 0)
	if !e.Served || e.Rank != 1 || e.RunnerUp == nil {
		t.Fatalf("%+v", e)
	}
	// 40 minutes of travel and one step down the list, against an hour of
	// travel for the dearest carer.
	if want := (Split{Travel: 40 * 60, Continuity: 300}); e.Worker != 0 || e.Chosen != want {
		t.Fatalf("worker %d at %+v, want 0 at %+v", e.Worker, e.Chosen, want)
	}
	if want := (Split{Travel: 40 * 60, Continuity: 600}); e.RunnerUp.Worker != 2 || e.RunnerUp.Cost != want {
		t.Fatalf("runner-up %+v", e.RunnerUp)
	}
}

func BenchmarkExplain(b *testing.B) {
	board, _ := fullBoard(b, 200, 2600)
	left := board.Unserved()
	if len(left) == 0 {
		b.Skip("everything is served")
	}
	for i := 0; b.Loop(); i++ {
		if _, err := board.Explain(left[i%len(left)]); err != nil {
			b.Fatal(err)
		}
	}
}
