package route

import (
	"reflect"
	"testing"
)

func TestEveryChangeKeepsTimesAndCostsRight(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		k := everything
		k.fixed = seed%3 == 0
		p := k.problem(t, seed)
		pl := p.Empty()
		start := pl.Check()
		r := newRng(seed, 1)
		for step := range 60 {
			v := r.n(p.Visits())
			if _, _, _, ok := pl.Served(v); ok {
				if pl.s.m.hot[v].flags&flagFixed == 0 && r.n(2) == 0 {
					if err := pl.Remove(v); err != nil {
						t.Fatal(err)
					}
				}
			} else if cs, err := Insert(pl, v); err != nil {
				t.Fatal(err)
			} else if len(cs) > 0 {
				c := cs[r.n(len(cs))]
				if err := pl.Commit(c); err != nil {
					t.Fatalf("seed %d step %d: %v", seed, step, err)
				}
			}
			if got := pl.Check(); len(got) > len(start) {
				t.Fatalf("seed %d step %d visit %d: %+v\n%+v", seed, step, v, got, pl.Tours())
			}
			again := pl.Clone()
			again.s.refresh()
			if again.Digest() != pl.Digest() {
				t.Fatalf("seed %d step %d: incremental times differ from those computed anew\n%+v\n%+v", seed, step, pl.Tours(), again.Tours())
			}
			for i := range pl.s.tours {
				if !reflect.DeepEqual(pl.s.tours[i].recs, again.s.tours[i].recs) {
					t.Fatalf("seed %d step %d: records differ\n%+v\n%+v", seed, step, pl.s.tours[i].recs, again.s.tours[i].recs)
				}
			}
		}
	}
}

// bySlowSearch seats the group of a visit in every combination of positions.
func bySlowSearch(s *state, v int32) (best map[int]Cost) {
	best = map[int]Cost{}
	group := s.m.groupOf(v)
	var try func(k int)
	try = func(k int) {
		if k == len(group) {
			c := s.clone()
			if !c.refresh() {
				return
			}
			w := int(s.m.tours[s.at[v]].worker)
			if old, ok := best[w]; !ok || c.cost().Less(old) {
				best[w] = c.cost()
			}
			return
		}
		for ti := range s.tours {
			spec := &s.m.tours[ti]
			if !s.m.visits[group[k]].elig.has(spec.worker) || s.tours[ti].load+s.m.hot[group[k]].load > spec.capacity {
				continue
			}
			clash := false
			for _, id := range s.m.visits[group[k]].links {
				l := s.m.links[id]
				o := l.a
				if o == group[k] {
					o = l.b
				}
				clash = clash || !l.same && s.at[o] >= 0 && s.m.tours[s.at[o]].worker == spec.worker
			}
			if clash {
				continue
			}
			for pos := int(s.tours[ti].front) + 1; pos < len(s.tours[ti].recs); pos++ {
				s.begin()
				s.put(seat{v: group[k], tour: int32(ti), pos: int32(pos)})
				try(k + 1)
				s.rollback()
			}
		}
	}
	try(0)
	return best
}

func TestInsertFindsTheCheapestPlaceOfEveryWorker(t *testing.T) {
	t.Parallel()
	for seed := range uint64(150) {
		k := everything
		k.visits, k.workers, k.fixed = 10, 3, false
		p := k.problem(t, seed)
		pl := p.Empty()
		r := newRng(seed, 2)
		for range 25 {
			v := r.n(p.Visits())
			if _, _, _, ok := pl.Served(v); ok {
				if r.n(3) == 0 {
					if err := pl.Remove(v); err != nil {
						t.Fatal(err)
					}
				}
				continue
			}
			want := bySlowSearch(pl.s.clone(), int32(v))
			cs, err := Insert(pl, v)
			if err != nil {
				t.Fatal(err)
			}
			got := map[int]Cost{}
			released := false
			for _, c := range cs {
				x := pl.Clone()
				if err := x.Commit(c); err != nil {
					t.Fatal(err)
				}
				got[c.Worker] = x.Cost()
				released = released || c.Released
			}
			if released && len(want) == 0 {
				continue
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d visit %d: got %v want %v\n%+v", seed, v, got, want, pl.Tours())
			}
			if len(cs) > 0 {
				if err := pl.Commit(cs[0]); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
