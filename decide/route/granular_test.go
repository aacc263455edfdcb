package route

import (
	"testing"
)

// hardOnly has one window per visit, and travel as its only cost.
var hardOnly = made{visits: 18, workers: 5}

func (k made) plainProblem(t testing.TB, seed uint64) *Problem {
	t.Helper()
	s := k.spec(seed)
	s.Costs = Costs{Travel: 1}
	r := newRng(seed, 4)
	for v := range s.Visits {
		open := int32(r.n(7 * 3600))
		s.Visits[v].Windows, s.Visits[v].Tier = []Window{{open, open + int32(1800+r.n(7200))}}, 1
	}
	if n := s.Places; k.even {
		for i := range n * n {
			s.Travel[0][i] = max(s.Travel[0][i], s.Travel[0][i%n*n+i/n])
		}
	}
	for w := range s.Workers {
		s.Workers[w].Capacity = int32(5 + r.n(8))
		if k.alike {
			s.Workers[w].End = 0
		}
	}
	p, err := NewProblem(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAPlaceBesideKinCostsWhatItSaysAndIsTheBestAmongAll(t *testing.T) {
	t.Parallel()
	found := 0
	for seed := range uint64(60) {
		p := hardOnly.plainProblem(t, seed)
		if !p.m.plain() {
			t.Fatal("the problem is not plain")
		}
		s, r := p.Empty().s, newRng(seed, 2)
		s.kin = kinOf(p.m) // everybody: the problem is small
		for range 80 {
			v := int32(r.n(len(s.at)))
			if s.at[v] >= 0 {
				s.lenient = true
				s.liftAll(v)
				s.lenient = false
				continue
			}
			near := s.bestNear(v, r)
			beside := append([]seat(nil), s.found...)
			all, ok := s.best(v, nil, maxWeight)
			if near != ok {
				t.Fatalf("seed %d visit %d: a place beside kin is %v, any place is %v", seed, v, near, ok)
			}
			if !ok {
				continue
			}
			found++
			before, absent := s.weight(), s.absent(v)
			s.begin()
			if !s.take(beside) {
				t.Fatalf("seed %d visit %d: the place does not hold", seed, v)
			}
			if got := s.weight() - before + absent; got != all {
				t.Fatalf("seed %d visit %d: beside kin it costs %d, at best %d; %v %v %v", seed, v, got, all, beside, s.found, s.tours[beside[0].tour].recs)
			}
			again := s.clone()
			again.refresh()
			again.recount()
			if again.cost() != s.cost() || (&Plan{again}).Digest() != (&Plan{s}).Digest() {
				t.Fatalf("seed %d visit %d: the plan differs from itself computed anew", seed, v)
			}
			if r.n(4) == 0 {
				s.rollback()
				if s.weight() != before || s.at[v] >= 0 {
					t.Fatalf("seed %d visit %d: taking it back left something behind", seed, v)
				}
			} else {
				s.keep()
			}
		}
	}
	if found < 1000 {
		t.Fatalf("only %d places were judged", found)
	}
}

func TestAnExchangeOfTailsCostsWhatItSaysAndIsTakenBackWhole(t *testing.T) {
	t.Parallel()
	judged := 0
	for seed := range uint64(60) {
		k := hardOnly
		k.visits, k.workers, k.alike = 24, 4, true
		s := k.plainProblem(t, seed).Empty().s
		for v := range s.m.visits {
			if _, ok := s.best(int32(v), nil, maxWeight); ok {
				s.take(s.found)
			}
		}
		before, digest := s.weight(), (&Plan{s}).Digest()
		for a := range int32(len(s.at)) {
			for b := range int32(len(s.at)) {
				c, ok := s.cross(a, b)
				if !ok || !s.loadsFit(c) {
					continue
				}
				s.begin()
				if s.exchange(c) {
					judged++
					if got := s.weight() - before; got != c.delta {
						t.Fatalf("seed %d: %d behind %d changes the plan by %d, said %d", seed, b, a, got, c.delta)
					}
					again := s.clone()
					again.refresh()
					again.recount()
					if again.cost() != s.cost() {
						t.Fatalf("seed %d: the plan differs from itself computed anew", seed)
					}
				}
				s.rollback()
				if s.weight() != before || (&Plan{s}).Digest() != digest {
					t.Fatalf("seed %d: taking it back left something behind", seed)
				}
			}
		}
	}
	if judged < 200 {
		t.Fatalf("only %d exchanges were judged", judged)
	}
}

func TestASearchBesideKinKeepsEveryRule(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		k := everything
		k.visits, k.workers, k.fixed = 60, 8, seed%3 == 0
		p := k.problem(t, seed)
		known := len(p.Empty().Check())
		r := solve(t, p, nil, Budget{Iterations: 200}, seed)
		if vs := r.Plan.Check(); len(vs) > known {
			t.Fatalf("seed %d: %+v", seed, vs)
		}
	}
}
