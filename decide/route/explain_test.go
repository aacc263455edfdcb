package route

import (
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
