package route

import "slices"

// Parameters of the exchange of tails, chosen on six of the 200-customer files.
const (
	granular  = 20  // near visits looked at
	tailRate  = 0.1 // share of the iterations that exchange tails
	tailDraws = 10  // draws until one may be accepted
)

// crossing is an exchange of tails: the tour of b from b on comes behind a, and
// what followed a comes behind the visit before b.
type crossing struct {
	a, b  int32
	delta int64 // increase of the travel cost
}

// plainTour tells whether a tour has hard windows only, so that two records
// tell whether a tail fits.
func (s *state) plainTour(ti int32) bool {
	t := &s.tours[ti]
	return t.lates == 0 && t.linked == 0 && len(t.real) == 0 && s.m.tours[ti].overtime == 0
}

// cross judges the crossing that makes b follow a, in O(1): travel and times.
// The two tours must end alike, or the latest starts of their tails would not
// hold on the other tour.
func (s *state) cross(a, b int32) (c crossing, ok bool) {
	m := s.m
	ta, tb := s.at[a], s.at[b]
	if ta < 0 || tb < 0 || ta == tb {
		return c, false
	}
	sa, sb := &m.tours[ta], &m.tours[tb]
	ra, rb, pa, pb := s.tours[ta].recs, s.tours[tb].recs, s.pos[a], s.pos[b]
	if sa.profile != sb.profile || sa.end != sb.end || sa.hard != sb.hard || !s.plainTour(ta) || !s.plainTour(tb) ||
		pb <= s.tours[tb].front || pa < s.tours[ta].front {
		return c, false
	}
	x, y := &ra[pa], &rb[pb-1] // the ends of the two heads
	u, v := &rb[pb], &ra[pa+1] // the begins of the two tails
	out, back := m.leg(sa.profile, x.place, u.place), m.leg(sa.profile, y.place, v.place)
	c = crossing{a: a, b: b, delta: int64(out) + int64(back) - int64(x.leg) - int64(y.leg)}
	if pb == 1 && int(pa) == len(ra)-2 {
		c.delta -= int64(back) // tour b is left empty, and nobody travels on it
	}
	c.delta *= m.costs.Travel
	return c, x.dep+out <= u.lat && y.dep+back <= v.lat
}

// loadsFit tells whether the heads and tails of a crossing may be carried, and
// served, by each other's workers.
func (s *state) loadsFit(c crossing) bool {
	m := s.m
	ta, tb := s.at[c.a], s.at[c.b]
	headA, headB := int32(0), int32(0)
	va, vb := s.tours[ta].vis, s.tours[tb].vis
	for _, v := range va[1 : s.pos[c.a]+1] {
		headA += m.hot[v].load
	}
	for _, v := range vb[1:s.pos[c.b]] {
		headB += m.hot[v].load
	}
	if headA+s.tours[tb].load-headB > m.tours[ta].capacity || headB+s.tours[ta].load-headA > m.tours[tb].capacity {
		return false
	}
	wa, wb := m.tours[ta].worker, m.tours[tb].worker
	free := func(v, w int32) bool {
		return m.visits[v].elig.has(w) && m.hot[v].flags&flagFixed == 0
	}
	for _, v := range va[s.pos[c.a]+1 : len(va)-1] {
		if !free(v, wb) {
			return false
		}
	}
	for _, v := range vb[s.pos[c.b] : len(vb)-1] {
		if !free(v, wa) {
			return false
		}
	}
	return true
}

// exchange carries a crossing out; not ok when the plan does not hold it.
func (s *state) exchange(c crossing) bool {
	ta, tb := s.at[c.a], s.at[c.b]
	pa, pb := int(s.pos[c.a]), int(s.pos[c.b])
	va, vb := s.tours[ta].vis, s.tours[tb].vis
	tailA := slices.Clone(va[pa+1 : len(va)-1])
	tailB := slices.Clone(vb[pb : len(vb)-1])
	for i := len(tailA) - 1; i >= 0; i-- {
		s.lift(tailA[i])
	}
	for i := len(tailB) - 1; i >= 0; i-- {
		s.lift(tailB[i])
	}
	for _, v := range tailB {
		s.put(seat{v: v, tour: ta, pos: int32(len(s.tours[ta].recs) - 1)})
	}
	for _, v := range tailA {
		s.put(seat{v: v, tour: tb, pos: int32(len(s.tours[tb].recs) - 1)})
	}
	s.backwardAll(ta)
	s.backwardAll(tb)
	return s.forward(ta, 1, true) && s.forward(tb, 1, true)
}

// untangle exchanges tails as long as that makes the plan better: what strings
// of ten visits rarely find on long tours. Only tours that changed since the
// last time are looked at.
func (x *search) untangle() {
	s := x.s
	for again := true; again; {
		again = false
		for ti := range s.tours {
			t := &s.tours[ti]
			if x.straight[ti] == t.version {
				continue
			}
			x.straight[ti] = t.version
			x.turns = append(x.turns[:0], t.vis[1:len(t.vis)-1]...)
			for _, a := range x.turns {
				near := x.near[a]
				for _, b := range near[:min(granular, len(near))] {
					if x.improve(a, b) || x.improve(b, a) {
						again = true
					}
				}
			}
		}
	}
}

// improve exchanges tails so that b follows a, if that makes the plan better.
func (x *search) improve(a, b int32) bool {
	s := x.s
	c, ok := s.cross(a, b)
	if !ok || c.delta >= 0 || !s.loadsFit(c) {
		return false
	}
	before := s.weight()
	s.begin()
	if s.exchange(c) && s.weight() < before {
		s.keep()
		return true
	}
	s.rollback()
	return false
}

// tail exchanges the tails of two near visits drawn at random, unless that is
// far worse than what could be accepted.
func (x *search) tail(temperature float64) bool {
	s := x.s
	for range tailDraws {
		a := int32(x.r.n(len(s.at)))
		near := x.near[a]
		if len(near) == 0 {
			return false
		}
		b := near[x.r.n(min(2*granular, len(near)))]
		c, ok := s.cross(a, b)
		if ok && float64(c.delta) < 3*temperature && s.loadsFit(c) {
			return s.exchange(c)
		}
	}
	return false
}
