package route

import (
	"reflect"
	"slices"
	"testing"
)

// slowly lists the choices of a visit the long way: a search of its own for
// every worker, and every place rehearsed.
func (s *state) slowly(v int32) map[int]Choice {
	for _, loose := range []bool{false, true} {
		out := map[int]Choice{}
		if loose && !s.promised(s.missing(v)) {
			return out
		}
		var g *grouping
		if s.m.hot[v].flags&flagLinked != 0 {
			if g = s.gather(s.missing(v), nil, loose, false); g == nil {
				continue
			}
		}
		q := s.ask(v, loose && s.m.hot[v].flags&flagPromise != 0)
		for w := range s.m.workers {
			if !q.elig.has(int32(w)) {
				continue
			}
			if value, seats, ok := s.place(&q, g, int32(w)); ok {
				c := Choice{value: value, seats: seats}
				s.rehearse(&c)
				out[w] = c
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

func TestAnAnswerEqualsTheSlowSearch(t *testing.T) {
	t.Parallel()
	answers, pairs, reckoned := 0, 0, 0
	for seed := range uint64(240) {
		k := everything
		k.fixed, k.breaks, k.promises = seed%3 == 0, seed%2 == 0, seed%4 == 0
		if seed%5 == 0 { // the plain board of an office: skills, windows, pairs
			k = made{visits: 16, workers: 6, windows: true, skills: true, links: true}
		}
		spec := k.spec(seed)
		spec.Costs.JoinLate, spec.Costs.MaxLate = seed%7 == 0, int64(seed%6/5)*3
		for i := range spec.Links {
			if seed%2 == 0 {
				spec.Links[i].Min, spec.Links[i].Max, spec.Links[i].SameWorker = 0, 0, false
			}
		}
		p, err := NewProblem(spec)
		if err != nil {
			t.Fatal(err)
		}
		pl := p.Empty()
		s, r := pl.s, newRng(seed, 8)
		for range 40 {
			v := r.n(p.Visits())
			if s.at[v] >= 0 {
				if s.m.hot[v].flags&flagFixed == 0 && r.n(2) == 0 {
					if err := pl.Remove(v); err != nil {
						t.Fatal(err)
					}
				}
				continue
			}
			want := s.slowly(int32(v))
			got, err := Insert(pl, v)
			if err != nil || len(got) != len(want) {
				t.Fatalf("seed %d visit %d: %d choices, want %d, %v", seed, v, len(got), len(want), err)
			}
			if !slices.IsSortedFunc(got, func(a, b Choice) int { return int(min(max(a.value-b.value, -1), 1)) }) {
				t.Fatalf("seed %d visit %d: not the cheapest first", seed, v)
			}
			for _, c := range got {
				answers++
				if len(c.Partners) > 0 {
					pairs++
				}
				if c.value != want[c.Worker].value {
					t.Fatalf("seed %d visit %d worker %d: %d, want %d", seed, v, c.Worker, c.value, want[c.Worker].value)
				}
				// The same seats, rehearsed.
				x := Choice{seats: c.seats}
				starts := s.rehearse(&x)
				x.Cost.Stability, x.Cost.Broken = c.Cost.Stability, c.Cost.Broken
				told := make([]int32, len(c.seats))
				if s.reckon(&Choice{seats: c.seats}, told) {
					reckoned++
					if !slices.Equal(told, starts) {
						t.Fatalf("seed %d visit %d worker %d: starts %v, rehearsed %v", seed, v, c.Worker, told, starts)
					}
				}
				if !reflect.DeepEqual(c.Cost, x.Cost) {
					t.Fatalf("seed %d visit %d worker %d: %+v, rehearsed %+v", seed, v, c.Worker, c.Cost, x.Cost)
				}
			}
			if len(got) > 0 {
				if err := pl.Commit(got[r.n(len(got))]); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	t.Logf("%d answers, %d of pairs, %d reckoned", answers, pairs, reckoned)
	if answers < 3000 || pairs < 500 || reckoned < answers/2 {
		t.Errorf("%d answers, %d of pairs, %d reckoned: too few to prove anything", answers, pairs, reckoned)
	}
}

func TestTwoWorkersWhoAreAlikeServeAPair(t *testing.T) {
	t.Parallel()
	s := Spec{Places: 2, Travel: [][]int32{{0, 60, 60, 0}}, Links: []Link{{A: 0, B: 1}}}
	for range 3 {
		s.Workers = append(s.Workers, Worker{End: Anywhere, Shifts: []Shift{{0, hour, 0}}})
	}
	for range 2 {
		s.Visits = append(s.Visits, Visit{Place: 1, Duration: 600})
	}
	p, err := NewProblem(s)
	if err != nil {
		t.Fatal(err)
	}
	if cs, err := Insert(p.Empty(), 0); err != nil || len(cs) != 3 {
		t.Errorf("%d workers offered for a pair, want 3: %v", len(cs), err)
	}
}
