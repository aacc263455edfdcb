package route

import "slices"

// Short moves between two ruins. A ruin looks at ten visits for some twenty
// microseconds; a short move is judged in less than a tenth of one, and finds
// what strings rarely do: a stretch of a long tour turned around, two stretches
// exchanged, two tails exchanged. Each is accepted like a ruin is, by a draw of
// its own, so that a burst of them is annealing with a finer step.
//
// The moves are cross-exchange (Taillard et al. 1997), of which relocation, swap
// and Or-opt are the short cases, 2-opt (Croes 1958) and 2-opt* (Potvin and
// Rousseau 1995), drawn only between visits that may well follow each other, as
// in the granular search of Toth and Vigo (2003). Plain problems only.
const (
	// The share of the iterations that are bursts. On short tours of small
	// problems a ruin sees as much and does more: none there.
	stirLong = 0.5 // where the tours of the first plan have longTour visits or more on average
	stirMany = 0.8 // from manyFrom visits on
	longTour = 15

	stirDraws = 300 // moves drawn in a burst
	stretches = 3   // visits of a stretch, at most
)

// surprises are −ln u for u in the middles of equal parts of (0, 1): what an
// accepted increase may be, in temperatures.
var surprises = func() (out [1 << 12]float64) {
	for i := range out {
		out[i] = -ln((float64(i) + 0.5) / float64(len(out)))
	}
	return out
}()

// stretch is some records of a tour: those behind record at.
type stretch struct {
	tour, at, n int32
	flip        bool // it is served the other way round at its new place
}

// stir draws short moves at a temperature and carries out what it accepts.
func (x *search) stir(temperature float64) {
	s := x.s
	heat := temperature / float64(max(s.m.costs.Travel, 1)) // in travel
	for range stirDraws {
		u := x.r.pcg.Uint64()
		bits := func(from, count int) int { return int(u >> from & (1<<count - 1)) }
		a := int32(u >> 32 * uint64(len(s.at)) >> 32)
		list := x.kin.after[a]
		before := bits(0, 1) == 1 // b shall come right before a, not right after
		if before {
			list = x.kin.before[a]
		}
		if len(list) == 0 {
			continue
		}
		b := list[bits(1, 8)*len(list)>>8]
		if s.at[a] < 0 || s.at[b] < 0 {
			continue
		}
		room := int32(min(float64(heat*surprises[bits(9, 12)]), 1<<30)) + 1
		switch kind := bits(29, 3); {
		case s.at[a] == s.at[b] && kind < 4:
			x.turn(a, b, before, room)
		case s.at[a] != s.at[b] && kind < 2:
			if before {
				a, b = b, a
			}
			x.swapTails(a, b, room)
		default:
			p := stretch{tour: s.at[a], at: s.pos[a], n: int32(bits(21, 2)), flip: bits(28, 1) == 1}
			q := stretch{tour: s.at[b], n: int32(1 + bits(23, 4)*stretches>>4), flip: bits(27, 1) == 1}
			if before {
				p.at -= 1 + p.n
			}
			if q.at = s.pos[b] - 1; q.flip != before {
				q.at = s.pos[b] - q.n
			}
			x.swapStretches(p, q, room)
		}
	}
}

// symmetric tells whether travel takes as long back as there.
func (m *model) symmetric() bool {
	return len(m.travel) == 1 && slices.Equal(m.travel[0].out, m.travel[0].in)
}

// whole tells whether a stretch lies within its tour.
func (s *state) whole(p stretch) bool {
	return p.at >= 0 && int(p.at+p.n) < len(s.tours[p.tour].recs)-1
}

// follow times a stretch behind a departure from a place; not ok when a visit
// would start too late.
func (s *state) follow(dep, place int32, p stretch) (int32, int32, bool) {
	m, vis := s.m, s.tours[p.tour].vis[p.at+1:p.at+1+p.n]
	for i := range vis {
		v := vis[i]
		if p.flip {
			v = vis[len(vis)-1-i]
		}
		h := &m.hot[v]
		start := max(dep+m.leg(0, place, h.place), h.open)
		if start > h.close {
			return dep, place, false
		}
		dep, place = start+h.dur, h.place
	}
	return dep, place, true
}

// flipped is what the inner legs of a stretch cost more the other way round.
func (x *search) flipped(p stretch) (more int32) {
	if !p.flip || x.symmetric {
		return 0
	}
	s := x.s
	recs := s.tours[p.tour].recs[p.at+1 : p.at+1+p.n]
	for i := 1; i < len(recs); i++ {
		more += s.m.leg(0, recs[i].place, recs[i-1].place) - recs[i-1].leg
	}
	return more
}

// swapped is what the way past a stretch costs more with the other one in its
// place, its inner legs left out.
func (s *state) swapped(p, with stretch) int32 {
	recs, other := s.tours[p.tour].recs, s.tours[with.tour].recs
	prev, last, next := &recs[p.at], &recs[p.at+p.n], &recs[p.at+p.n+1]
	old := last.leg
	if p.n > 0 {
		old += prev.leg
	}
	if with.n == 0 {
		if int(p.n) == len(recs)-2 && p.tour != with.tour {
			return -old // the tour is left empty, and nobody travels on it
		}
		return s.m.leg(0, prev.place, next.place) - old
	}
	first, end := other[with.at+1].place, other[with.at+with.n].place
	if with.flip {
		first, end = end, first
	}
	return s.m.leg(0, prev.place, first) + s.m.leg(0, end, next.place) - old
}

// swapStretches exchanges two stretches, if that costs less than room.
func (x *search) swapStretches(p, q stretch, room int32) {
	s := x.s
	if !s.whole(p) || !s.whole(q) {
		return
	}
	if p.tour == q.tour {
		if p.at > q.at {
			p, q = q, p
		}
		if p.at+p.n >= q.at {
			return // they would share a leg, or a visit
		}
	}
	if s.swapped(p, q)+s.swapped(q, p)+x.flipped(p)+x.flipped(q) >= room {
		return
	}
	ta, tb := &s.tours[p.tour], &s.tours[q.tour]
	dep, place, ok := s.follow(ta.recs[p.at].dep, ta.recs[p.at].place, q)
	if !ok {
		return
	}
	if p.tour == q.tour {
		middle := stretch{tour: p.tour, at: p.at + p.n, n: q.at - p.at - p.n}
		if dep, place, ok = s.follow(dep, place, middle); !ok {
			return
		}
		if dep, place, ok = s.follow(dep, place, p); !ok {
			return
		}
		if next := &ta.recs[q.at+q.n+1]; dep+s.m.leg(0, place, next.place) > next.lat {
			return
		}
		x.one = append(x.one[:0], ta.vis[1:p.at+1]...)
		x.one = s.appendStretch(x.one, q)
		x.one = s.appendStretch(x.one, middle)
		x.one = s.appendStretch(x.one, p)
		x.one = append(x.one, ta.vis[q.at+q.n+1:len(ta.vis)-1]...)
		s.relist(p.tour, x.one)
		return
	}
	if next := &ta.recs[p.at+p.n+1]; dep+s.m.leg(0, place, next.place) > next.lat {
		return
	}
	if dep, place, ok = s.follow(tb.recs[q.at].dep, tb.recs[q.at].place, p); !ok {
		return
	}
	if next := &tb.recs[q.at+q.n+1]; dep+s.m.leg(0, place, next.place) > next.lat {
		return
	}
	loadA, okA := s.carried(p, q.tour)
	loadB, okB := s.carried(q, p.tour)
	if !okA || !okB || ta.load-loadA+loadB > s.m.tours[p.tour].capacity || tb.load-loadB+loadA > s.m.tours[q.tour].capacity {
		return
	}
	x.one = append(x.one[:0], ta.vis[1:p.at+1]...)
	x.one = s.appendStretch(x.one, q)
	x.one = append(x.one, ta.vis[p.at+p.n+1:len(ta.vis)-1]...)
	x.two = append(x.two[:0], tb.vis[1:q.at+1]...)
	x.two = s.appendStretch(x.two, p)
	x.two = append(x.two, tb.vis[q.at+q.n+1:len(tb.vis)-1]...)
	s.relist(p.tour, x.one)
	s.relist(q.tour, x.two)
}

// carried is the load of a stretch; not ok when the worker of the other tour
// may not serve all of it.
func (s *state) carried(p stretch, by int32) (load int32, ok bool) {
	w := s.m.tours[by].worker
	for _, v := range s.tours[p.tour].vis[p.at+1 : p.at+1+p.n] {
		if !s.m.visits[v].elig.has(w) {
			return 0, false
		}
		load += s.m.hot[v].load
	}
	return load, true
}

func (s *state) appendStretch(to []int32, p stretch) []int32 {
	n := len(to)
	to = append(to, s.tours[p.tour].vis[p.at+1:p.at+1+p.n]...)
	if p.flip {
		slices.Reverse(to[n:])
	}
	return to
}

// turn serves a stretch of a tour the other way round, so that b comes right
// after a (or before it), if that costs less than room.
func (x *search) turn(a, b int32, before bool, room int32) {
	s := x.s
	p := stretch{tour: s.at[a], at: s.pos[a], n: s.pos[b] - s.pos[a], flip: true}
	if before {
		p.at, p.n = s.pos[b]-1, s.pos[a]-s.pos[b]
	}
	if p.n < 2 {
		return
	}
	t := &s.tours[p.tour]
	prev, next := &t.recs[p.at], &t.recs[p.at+p.n+1]
	first, last := &t.recs[p.at+1], &t.recs[p.at+p.n]
	delta := s.m.leg(0, prev.place, last.place) + s.m.leg(0, first.place, next.place) - prev.leg - last.leg
	if x.symmetric && delta >= room || delta+x.flipped(p) >= room {
		return
	}
	dep, place, ok := s.follow(prev.dep, prev.place, p)
	if !ok || dep+s.m.leg(0, place, next.place) > next.lat {
		return
	}
	x.one = append(x.one[:0], t.vis[1:len(t.vis)-1]...)
	slices.Reverse(x.one[p.at : p.at+p.n])
	s.relist(p.tour, x.one)
}

// swapTails exchanges tails so that b follows a, if that costs less than room.
func (x *search) swapTails(a, b, room int32) {
	s := x.s
	c, ok := s.cross(a, b)
	if !ok || c.delta >= int64(room)*s.m.costs.Travel || !s.loadsFit(c) {
		return
	}
	ta, tb := s.at[a], s.at[b]
	va, vb := s.tours[ta].vis, s.tours[tb].vis
	pa, pb := s.pos[a], s.pos[b]
	x.one = append(append(x.one[:0], va[1:pa+1]...), vb[pb:len(vb)-1]...)
	x.two = append(append(x.two[:0], vb[1:pb]...), va[pa+1:len(va)-1]...)
	s.relist(ta, x.one)
	s.relist(tb, x.two)
}

// relist makes a tour serve these visits in this order; all of them come from
// it or from a tour that is listed anew as well. Only for plain tours, and only
// when the order keeps every rule.
func (s *state) relist(ti int32, order []int32) {
	s.touch(ti)
	s.tick++
	m, t, spec := s.m, &s.tours[ti], &s.m.tours[ti]
	t.version, s.listOK = s.tick, false
	for i := range t.recs[:len(t.recs)-1] {
		s.sum.travel -= int64(t.recs[i].leg)
	}
	last := t.recs[len(t.recs)-1]
	t.recs, t.vis = t.recs[:1], t.vis[:1]
	t.load, t.work, t.recs[0].leg = 0, 0, 0
	for i, v := range order {
		h, prev := &m.hot[v], &t.recs[i]
		prev.leg = m.leg(spec.profile, prev.place, h.place)
		start := max(prev.dep+prev.leg, h.open)
		s.sum.travel += int64(prev.leg)
		t.recs = append(t.recs, rec{place: h.place, dep: start + h.dur})
		t.vis = append(t.vis, v)
		t.load, t.work = t.load+h.load, t.work+int64(h.dur)
		s.at[v], s.pos[v] = ti, int32(i+1)
	}
	end := &t.recs[len(order)]
	if len(order) > 0 {
		end.leg = m.leg(spec.profile, end.place, last.place)
	}
	s.sum.travel += int64(end.leg)
	last.dep = end.dep + end.leg
	t.recs, t.vis = append(t.recs, last), append(t.vis, -1)
	s.backwardAll(ti)
}
