package route

import (
	"testing"
)

// optimum tries every plan of a tiny problem: every visit left out or in every
// position of every tour, links by the slow rule that a served group is whole.
func optimum(p *Problem) Cost {
	s := newState(p.m)
	best := s.cost()
	var descend func(v int32)
	descend = func(v int32) {
		if int(v) == len(s.at) {
			c := s.clone()
			if c.refresh() && len((&Plan{c}).Check()) == 0 && c.cost().Less(best) {
				best = c.cost()
			}
			return
		}
		descend(v + 1)
		for ti := range s.tours {
			spec := &s.m.tours[ti]
			if !s.m.visits[v].elig.has(spec.worker) {
				continue
			}
			for pos := 1; pos < len(s.tours[ti].recs); pos++ {
				s.begin()
				s.put(seat{v: v, tour: int32(ti), pos: int32(pos)})
				descend(v + 1)
				s.rollback()
			}
		}
	}
	descend(0)
	return best
}

var tiny = made{visits: 5, workers: 2, windows: true, late: true, skills: true, links: true, optional: true}

func TestTheSolverFindsTheOptimumOfTinyProblems(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		k := tiny
		k.shifts, k.breaks = seed%4 == 1, seed%4 == 2
		p := k.problem(t, seed)
		want := optimum(p)
		if got := solve(t, p, nil, Budget{Iterations: 300}, 1).Plan.Cost(); got != want {
			t.Errorf("seed %d: got %v, the optimum is %v", seed, got, want)
		}
		k.alike, k.even = true, seed%2 == 0
		p = k.plainProblem(t, seed)
		want = optimum(p)
		if got := solve(t, p, nil, Budget{Iterations: 300}, 1).Plan.Cost(); got != want {
			t.Errorf("seed %d, plain: got %v, the optimum is %v", seed, got, want)
		}
	}
}

func TestMoreFreedomNeverWorsensTheOptimum(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		k := tiny
		k.visits = 4
		s := k.spec(seed)
		base := func(s Spec) Cost {
			p, err := NewProblem(s)
			if err != nil {
				t.Fatal(err)
			}
			return optimum(p)
		}
		before := base(s)
		wider := s
		wider.Visits = append([]Visit(nil), s.Visits...)
		for i := range wider.Visits {
			if len(wider.Visits[i].Windows) == 1 {
				w := wider.Visits[i].Windows[0]
				wider.Visits[i].Windows = []Window{{w.Open - 600, min(MaxTime, w.Close+600)}}
			}
		}
		if before.Less(base(wider)) {
			t.Errorf("seed %d: wider windows made it worse", seed)
		}
		more := s
		more.Workers = append(append([]Worker(nil), s.Workers...), Worker{Start: 0, End: 0, Shifts: []Shift{{0, 8 * hour, 0}}})
		if before.Less(base(more)) {
			t.Errorf("seed %d: another worker made it worse", seed)
		}
	}
}
