package route

import (
	"cmp"
	"slices"
)

// Displacement is the place made for a visit that cannot wait.
type Displacement struct {
	Worker int
	Start  int32
	// Out are the visits that left for it, ascending, with those linked to them.
	Out []int
	// Depth is how many left of their own account: what was linked to them is not counted.
	Depth int
}

// crowd bounds how many visits are looked at to make room for linked visits.
const crowd = 64

// Displace seats an unserved visit, and lets visits of lower tiers leave the
// plan for it where that helps: nobody when it can start at the moment by, else
// one, else two, up to most. When that moment is out of reach, it starts as soon
// as it can, with the fewest who leave. What is fixed stays. Among equals the
// lowest tiers leave, then the cheapest place wins. A worker, when not negative,
// is the only one asked. ok is false, and nothing changes, when there is no room
// even so. Those who left are unserved; the caller seats them again.
func (b *Board) Displace(visit, most int, by int32, worker int) (Displacement, bool, error) {
	if err := b.s.waiting(visit); err != nil {
		return Displacement{}, false, err
	}
	d, ok := b.s.makeRoom(int32(visit), most, by, int32(worker))
	if ok {
		b.version++
	}
	return d, ok, nil
}

// room is a way to make room, and how good it is.
type room struct {
	out   []int32 // who leaves, with those linked
	depth int
	tiers int // of those who leave, the larger the lower
	seats []seat
	start int32
	value int64
}

// before tells whether x is the better way. The start decides, then how few leave.
func (x *room) before(y *room) bool {
	return y.seats == nil || cmp.Or(cmp.Compare(x.start, y.start), cmp.Compare(x.depth, y.depth), cmp.Compare(y.tiers, x.tiers),
		cmp.Compare(x.value, y.value), slices.Compare(x.out, y.out)) < 0
}

func (s *state) makeRoom(v int32, most int, by, worker int32) (Displacement, bool) {
	s.w = lexical
	var best room
	for depth := 0; depth <= most && (best.seats == nil || best.start > by); depth++ {
		s.eachCrowd(v, depth, worker, func(out []int32, tiers int, tour int32) {
			x := room{out: out, depth: depth, tiers: tiers}
			s.begin()
			if s.liftAll(out...) && s.soonest(v, tour, worker, &x) && x.before(&best) {
				x.out = slices.Clone(out)
				best = x
			}
			s.rollback()
		})
	}
	if best.seats == nil {
		return Displacement{}, false
	}
	s.begin()
	if !s.liftAll(best.out...) || !s.take(best.seats) {
		s.rollback()
		return Displacement{}, false
	}
	s.keep()
	d := Displacement{Worker: int(s.m.tours[s.at[v]].worker), Start: s.startOf(v), Depth: best.depth}
	for _, x := range best.out {
		d.Out = append(d.Out, int(x))
	}
	slices.Sort(d.Out)
	return d, true
}

// eachCrowd shows every set of so many visits that may leave for v, and the tour
// they leave. A lone visit gains only by those of one tour; linked ones by any, and
// for them the tour is -1.
func (s *state) eachCrowd(v int32, depth int, worker int32, see func(out []int32, tiers int, tour int32)) {
	lone := s.m.hot[v].flags&flagLinked == 0
	if !lone {
		var all []int32
		for x := range s.at {
			if s.at[x] >= 0 && len(all) < crowd {
				all = append(all, int32(x))
			}
		}
		s.choose(v, all, depth, func(out []int32, tiers int) { see(out, tiers, -1) })
		return
	}
	q := s.ask(v, false)
	for ti := range s.tours {
		spec := &s.m.tours[ti]
		if spec.gone || !q.elig.has(spec.worker) || worker >= 0 && spec.worker != worker {
			continue
		}
		vis := s.tours[ti].vis
		s.choose(v, vis[1:len(vis)-1], depth, func(out []int32, tiers int) { see(out, tiers, int32(ti)) })
	}
}

// choose shows every set of depth of these visits that may leave for v.
func (s *state) choose(v int32, among []int32, depth int, see func(out []int32, tiers int)) {
	tier := s.m.visits[v].tier
	type unit struct {
		out  []int32
		tier int
	}
	var units []unit
	if depth > 0 {
		for _, x := range among {
			out, free := s.replaceable(x, tier)
			if free && !slices.ContainsFunc(units, func(u unit) bool { return slices.Contains(u.out, x) }) {
				units = append(units, unit{out, int(s.m.visits[x].tier)})
			}
		}
	}
	var pick func(from, left int, out []int32, tiers int)
	pick = func(from, left int, out []int32, tiers int) {
		if left == 0 {
			see(out, tiers)
			return
		}
		for i := from; i <= len(units)-left; i++ {
			pick(i+1, left-1, slices.Concat(out, units[i].out), tiers+units[i].tier)
		}
	}
	pick(0, depth, nil, 0)
}

// soonest finds where v starts first: on one tour, or with its group anywhere.
func (s *state) soonest(v, tour, worker int32, x *room) bool {
	if tour < 0 {
		if worker >= 0 {
			found := false
			for _, p := range s.placings(v, false) {
				i := slices.IndexFunc(p.seats, func(at seat) bool { return at.v == v })
				if s.m.tours[p.seats[i].tour].worker == worker {
					c := s.choice(v, p.value, p.seats)
					x.seats, x.start, x.value, found = p.seats, c.Start, p.value, true
				}
			}
			return found
		}
		c := s.fit(v)
		if c != nil {
			x.seats, x.start, x.value = c.seats, c.Start, c.value
		}
		return c != nil
	}
	t, place := &s.tours[tour], s.m.hot[v].place
	if t.load+s.m.hot[v].load > s.m.tours[tour].capacity {
		return false
	}
	for i := t.front + 1; int(i) < len(t.recs); i++ {
		prev := &t.recs[i-1]
		soon, ok := s.earliest(v, prev.dep+s.m.leg(s.m.tours[tour].profile, prev.place, place))
		if !ok || x.seats != nil && soon > x.start && len(t.real) == 0 {
			continue
		}
		before := s.weight()
		s.begin()
		if at := []seat{{v: v, tour: tour, pos: i}}; s.take(at) {
			y := room{out: x.out, depth: x.depth, tiers: x.tiers, seats: at, start: s.startOf(v), value: s.weight() - before}
			if y.before(x) {
				*x = y
			}
		}
		s.rollback()
	}
	return x.seats != nil
}
