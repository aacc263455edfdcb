package route

import (
	"slices"
	"testing"
)

// stirred is a search with a plan of a plain problem that short moves may change.
func (k made) stirred(t *testing.T, seed uint64) *search {
	t.Helper()
	p := k.plainProblem(t, seed)
	x := newSearch(p.Empty().s, neighbors(p.m), seed, 0, false)
	x.kin, x.symmetric = kinOf(p.m), p.m.symmetric()
	if x.symmetric != k.even {
		t.Fatal("the matrix is not what the test needs")
	}
	x.construct()
	return x
}

// move is tried as a search does it, and by hand on lists.
type move struct {
	name string
	do   func(x *search, room int32)
	by   func(tours map[int32][]int32)
}

func TestAShortMoveDoesWhatItSaysAtThePriceItSays(t *testing.T) {
	t.Parallel()
	done, refused := map[string]int{}, map[string]int{}
	for seed := range uint64(60) {
		k := hardOnly
		k.visits, k.workers, k.alike, k.even = 24, 3, true, seed%2 == 0
		x, r := k.stirred(t, seed), newRng(seed, 5)
		for range 500 {
			m, ok := x.randomMove(r)
			if !ok {
				continue
			}
			s := x.s
			before, digest := s.weight(), (&Plan{s}).Digest()
			want, possible := byHand(s, m)
			s.begin()
			m.do(x, maxDetour)
			moved := (&Plan{s}).Digest() != digest
			if got := (&Plan{s}).Digest(); got != (&Plan{want}).Digest() && possible || moved && !possible {
				t.Fatalf("seed %d: %s: moved %v, possible %v", seed, m.name, moved, possible)
			}
			if moved {
				done[m.name]++
				again := s.clone()
				again.refresh()
				again.recount()
				if again.cost() != s.cost() || len((&Plan{s}).Check()) > 0 {
					t.Fatalf("seed %d: %s: the plan differs from itself computed anew: %v", seed, m.name, (&Plan{s}).Check())
				}
			} else {
				refused[m.name]++
			}
			change := int32(s.weight() - before)
			s.rollback()
			if s.weight() != before || (&Plan{s}).Digest() != digest {
				t.Fatalf("seed %d: %s: taking it back left something behind", seed, m.name)
			}
			if moved {
				if m.do(x, change); (&Plan{s}).Digest() != digest {
					t.Fatalf("seed %d: %s: costs %d, and was done for less", seed, m.name, change)
				}
				m.do(x, change+1)
				if (&Plan{s}).Digest() == digest {
					t.Fatalf("seed %d: %s: costs %d, and was not done for that", seed, m.name, change)
				}
			}
		}
	}
	for _, name := range []string{"turn", "tails", "stretches of one tour", "stretches of two tours"} {
		if done[name] < 50 || refused[name] < 20 {
			t.Errorf("%s: %d done, %d refused", name, done[name], refused[name])
		}
	}
}

// byHand makes the move on lists and times the plan from nothing.
func byHand(s *state, m move) (want *state, possible bool) {
	tours := map[int32][]int32{}
	for ti := range s.tours {
		vis := s.tours[ti].vis
		tours[int32(ti)] = slices.Clone(vis[1 : len(vis)-1])
	}
	m.by(tours)
	given := make([]Tour, len(s.tours))
	for ti := range given {
		given[ti].Worker = int(s.m.tours[ti].worker)
		for _, v := range tours[int32(ti)] {
			given[ti].Stops = append(given[ti].Stops, Stop{Visit: int(v)})
		}
	}
	pl, err := (&Problem{m: s.m}).Plan(given)
	return pl.s, err == nil && len(pl.Check()) == 0
}

// randomMove draws a move between visits that are served, whatever it costs.
func (x *search) randomMove(r *rng) (move, bool) {
	s := x.s
	a, b := int32(r.n(len(s.at))), int32(r.n(len(s.at)))
	ta, tb := s.at[a], s.at[b]
	if ta < 0 || tb < 0 || a == b {
		return move{}, false
	}
	pa, pb := int(s.pos[a]), int(s.pos[b])
	switch kind := r.n(3); {
	case kind == 0 && ta == tb:
		before := pa > pb
		low, high := pa, pb // the visits at low+1 to high in records
		if before {
			low, high = pb-1, pa-1
		}
		return move{"turn", func(x *search, room int32) { x.turn(a, b, before, room) },
			func(tours map[int32][]int32) { slices.Reverse(tours[ta][low:high]) }}, high-low > 1
	case kind == 0:
		return move{"tails", func(x *search, room int32) { x.swapTails(a, b, room) },
			func(tours map[int32][]int32) {
				one, two := tours[ta], tours[tb]
				tours[ta] = slices.Concat(one[:pa], two[pb-1:])
				tours[tb] = slices.Concat(two[:pb-1], one[pa:])
			}}, true
	}
	p := stretch{tour: ta, at: s.pos[a], n: int32(r.n(4)), flip: r.n(2) == 0}
	q := stretch{tour: tb, at: s.pos[b] - 1, n: int32(1 + r.n(3)), flip: r.n(2) == 0}
	if !s.whole(p) || !s.whole(q) {
		return move{}, false
	}
	taken := func(list []int32, p stretch) []int32 {
		out := slices.Clone(list[p.at : p.at+p.n])
		if p.flip {
			slices.Reverse(out)
		}
		return out
	}
	do := func(x *search, room int32) { x.swapStretches(p, q, room) }
	if ta != tb {
		return move{"stretches of two tours", do, func(tours map[int32][]int32) {
			one, two := tours[ta], tours[tb]
			tours[ta] = slices.Concat(one[:p.at], taken(two, q), one[p.at+p.n:])
			tours[tb] = slices.Concat(two[:q.at], taken(one, p), two[q.at+q.n:])
		}}, true
	}
	first, second := p, q
	if first.at > second.at {
		first, second = second, first
	}
	return move{"stretches of one tour", do, func(tours map[int32][]int32) {
		one := tours[ta]
		tours[ta] = slices.Concat(one[:first.at], taken(one, second), one[first.at+first.n:second.at], taken(one, first), one[second.at+second.n:])
	}}, first.at+first.n < second.at
}
