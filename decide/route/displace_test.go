package route

import (
	"slices"
	"testing"
)

// slowRoom tries every set of at most two visits of lower tiers, wherever they are,
// and every position with everybody, each plan made anew and judged by Check.
func slowRoom(p *Problem, pl *Plan, v, most int, by int32) (start int32, depth int, ok bool) {
	var may []int
	for x := range pl.s.at {
		if pl.s.at[x] >= 0 && p.m.visits[x].tier > p.m.visits[v].tier && p.m.hot[x].flags&flagFixed == 0 {
			may = append(may, x)
		}
	}
	sets := [][]int{nil}
	for i, x := range may {
		sets = append(sets, []int{x})
		for _, y := range may[:i] {
			sets = append(sets, []int{y, x})
		}
	}
	for want := 0; want <= most && (!ok || start > by); want++ {
		for _, out := range sets {
			if len(out) != want {
				continue
			}
			for w := range p.m.workers {
				if !p.m.visits[v].elig.has(int32(w)) {
					continue
				}
				for shift := range p.m.workers[w].tours {
					var base []Tour
					at := -1
					for _, t := range pl.Tours() {
						t.Stops = slices.DeleteFunc(slices.Clone(t.Stops), func(x Stop) bool { return slices.Contains(out, x.Visit) })
						if t.Worker == w && t.Shift == shift {
							at = len(base)
						}
						base = append(base, t)
					}
					if at < 0 {
						at, base = len(base), append(base, Tour{Worker: w, Shift: shift})
					}
					for pos := 0; pos <= len(base[at].Stops); pos++ {
						try := slices.Clone(base)
						try[at].Stops = slices.Insert(slices.Clone(base[at].Stops), pos, Stop{Visit: v})
						made, err := p.Plan(try)
						if err != nil || len(made.Check()) > 0 {
							continue
						}
						if _, _, s, served := made.Served(v); served && (!ok || s < start) {
							start, depth, ok = s, want, true
						}
					}
				}
			}
		}
	}
	return start, depth, ok
}

func TestRoomIsMadeAsSoonAsItCanAndByTheFewest(t *testing.T) {
	t.Parallel()
	seen := map[int]int{}
	for seed := range uint64(160) {
		k := made{visits: 10, workers: 2, windows: true, late: seed%3 == 0, skills: seed%2 == 0, shifts: seed%5 == 0, breaks: seed%7 == 0}
		spec := k.spec(seed)
		for i := range spec.Visits {
			spec.Visits[i].Duration *= 2 // a full day
			if i > 0 {
				spec.Visits[i].Tier = 2 + i%3
			}
		}
		spec.Visits[0].Duration = int32(1+seed%4) * 4500
		spec.Visits[0].Tier, spec.Visits[0].Windows, spec.Visits[0].Late = 1, []Window{{0, 6 * 3600}}, []Late{{0, 1}}
		p, err := NewProblem(spec)
		if err != nil {
			t.Fatal(err)
		}
		// Everybody but the urgent one is seated first.
		pl := p.Empty()
		for v := 1; v < len(spec.Visits); v++ {
			if cs, err := Insert(pl, v); err == nil && len(cs) > 0 {
				if err := pl.Commit(cs[0]); err != nil {
					t.Fatal(err)
				}
			}
		}
		if len(pl.Check()) > 0 {
			t.Fatalf("seed %d: %v", seed, pl.Check())
		}
		by := int32(seed%3) * 900
		start, depth, ok := slowRoom(p, pl, 0, 2, by)
		got := pl.Clone()
		d, found := got.s.makeRoom(0, 2, by, -1)
		if found != ok || ok && (d.Start != start || d.Depth != depth || len(d.Out) != depth) {
			t.Errorf("seed %d: starts %d with %v away (%t), the slow way %d with %d (%t)", seed, d.Start, d.Out, found, start, depth, ok)
		}
		if vs := got.Check(); len(vs) > 0 {
			t.Errorf("seed %d: %v", seed, vs)
		}
		for _, x := range d.Out {
			if got.s.at[x] >= 0 || spec.Visits[x].Tier <= 1 {
				t.Errorf("seed %d: %d is out and %d", seed, x, got.s.at[x])
			}
		}
		if !found && got.Digest() != pl.Digest() {
			t.Errorf("seed %d: without room the plan has changed", seed)
		}
		again := pl.Clone()
		if e, _ := again.s.makeRoom(0, 2, by, -1); e.Start != d.Start || !slices.Equal(e.Out, d.Out) || again.Digest() != got.Digest() {
			t.Errorf("seed %d: the second time differs", seed)
		}
		if found {
			seen[depth]++
		}
	}
	if seen[0] < 5 || seen[1] < 5 || seen[2] < 5 {
		t.Errorf("the cases do not ask enough: %v", seen)
	}
}

func TestRoomForTwoIsMadeTogether(t *testing.T) {
	t.Parallel()
	day := []Shift{{0, 6 * hour, 0}}
	s := onLine([]int32{0, 10}, []Visit{
		{Place: 1, Duration: hour, Tier: 1, Windows: []Window{{0, hour}}},
		{Place: 1, Duration: hour, Tier: 1, Windows: []Window{{0, hour}}},
		{Place: 1, Duration: 4 * hour, Tier: 4, Windows: []Window{{0, hour}}},
		{Place: 1, Duration: 4 * hour, Tier: 3, Windows: []Window{{0, hour}}},
		{Place: 1, Duration: 4 * hour, Tier: 3, Windows: []Window{{0, hour}}, Fixed: &Fixed{Worker: 2, Start: hour}},
	}, []Worker{{Shifts: day}, {Shifts: day, Week: 1}, {Shifts: day, Week: 2}}, Link{A: 0, B: 1})
	p, err := NewProblem(s)
	if err != nil {
		t.Fatal(err)
	}
	pl := p.Empty()
	for v := 2; v < 4; v++ {
		cs, err := Insert(pl, v)
		if err != nil || len(cs) == 0 {
			t.Fatal(cs, err)
		}
		if err := pl.Commit(cs[0]); err != nil {
			t.Fatal(err)
		}
	}
	d, ok := pl.s.makeRoom(0, 2, 0, -1)
	if !ok || d.Depth != 2 || !slices.Equal(d.Out, []int{2, 3}) || len(pl.Check()) > 0 {
		t.Fatalf("%+v %t %v", d, ok, pl.Check())
	}
	if _, _, _, served := pl.Served(1); !served {
		t.Fatal("one of the two has no place")
	}
}

func TestACopyOfTheBoardLivesItsOwnLife(t *testing.T) {
	t.Parallel()
	digest := func(b *Board) string {
		_, pl, _ := b.Snapshot()
		return pl.Digest()
	}
	b, r := fullBoard(t, 6, 30)
	c := b.Clone()
	for turn, x := range []*Board{c, b} {
		other := []*Board{b, c}[turn]
		before, frozen := digest(other), 0
		for v := range other.m.visits {
			if other.Begun(v) {
				frozen++
			}
		}
		var pair [2]int
		for i := range pair {
			var err error
			if pair[i], err = x.AddVisit(randomPoint(r), Visit{Duration: 600, Tier: 1}); err != nil {
				t.Fatal(err)
			}
		}
		if err := x.Link(Link{A: pair[0], B: pair[1]}); err != nil {
			t.Fatal(err)
		}
		if cs, err := x.Insert(pair[0]); err != nil || len(cs) > 0 && x.Commit(cs[0]) != nil {
			t.Fatal(cs, err)
		}
		for _, v := range x.Freeze(x.Now()+600, 1800) {
			if !x.Begun(v) {
				t.Errorf("visit %d has not begun", v)
			}
		}
		for v := range other.m.visits {
			if other.Begun(v) {
				frozen--
			}
		}
		if _, err := x.SetWorker(turn, randomPoint(r), randomPoint(r), Worker{}); err != nil {
			t.Fatal(err)
		}
		if digest(other) != before || frozen != 0 {
			t.Errorf("what is done to one changed the other")
		}
		for _, v := range slices.Concat(x.Check(), other.Check()) {
			if v.Rule == "cost" || v.Rule == "partial" {
				t.Errorf("%+v", v)
			}
		}
	}
}
