package route

import (
	"cmp"
	"slices"
)

// choices lists the best place with every worker, cheapest first.
func (s *state) choices(v int32) []Choice {
	found := s.placings(v, false)
	if len(found) == 0 && s.promised(s.missing(v)) {
		found = s.placings(v, true)
	}
	// Sorting small keys moves less than sorting what they stand for.
	type key struct {
		value int64
		i     int
	}
	keys := make([]key, len(found))
	for i, p := range found {
		keys[i] = key{p.value, i} // by worker already
	}
	slices.SortFunc(keys, func(a, b key) int { return cmp.Or(cmp.Compare(a.value, b.value), a.i-b.i) })
	out := make([]Choice, len(found))
	for k, x := range keys {
		out[k] = s.choice(v, found[x.i].value, found[x.i].seats)
	}
	return out
}

// placing is the best place with one worker, before its times are read.
type placing struct {
	value  int64
	worker int
	seats  []seat
}

// placings finds the best place with every worker, in the order of workers.
func (s *state) placings(v int32, loose bool) (out []placing) {
	var g *grouping
	if s.m.hot[v].flags&flagLinked != 0 {
		group := s.missing(v)
		if g = s.gather(group, nil, loose, false); g == nil {
			return nil
		}
		if g.refines {
			return g.pairings(slices.Index(group, v))
		}
	}
	q := s.ask(v, loose && s.m.hot[v].flags&flagPromise != 0)
	out = make([]placing, 0, q.elig.count())
	for w := range s.m.workers {
		if !q.elig.has(int32(w)) {
			continue
		}
		if value, seats, ok := s.place(&q, g, int32(w)); ok {
			out = append(out, placing{value, w, seats})
		}
	}
	return out
}

// place finds the best place of the query's visit with one worker; g is the
// search of its group, or nil.
func (s *state) place(q *query, g *grouping, w int32) (int64, []seat, bool) {
	if g != nil {
		p := g.only(q.v, w)
		ok := p.search(maxWeight)
		return p.best, p.found, ok
	}
	best, at := maxWeight, seat{v: q.v, loose: q.loose}
	for _, ti := range s.m.workers[w].tours {
		if !s.open(q, ti) {
			continue
		}
		if value, pos := s.scan(q, ti, best); pos > 0 {
			best, at.tour, at.pos = value, ti, pos
		}
	}
	if at.pos == 0 {
		return best, nil, false
	}
	return best, []seat{at}, true
}

// choice reads the times and costs of a found place. It keeps the seats.
func (s *state) choice(v int32, value int64, seats []seat) Choice {
	c := Choice{Visit: int(v), value: value, seats: seats}
	var known [2]int32
	starts := known[:len(seats):len(seats)]
	if !s.reckon(&c, starts) {
		starts = s.rehearse(&c)
	}
	for k, x := range seats {
		spec := &s.m.tours[x.tour]
		if x.v == v {
			c.Worker, c.Shift, c.Start = int(spec.worker), int(spec.shift), starts[k]
		} else {
			c.Partners = append(c.Partners, Partner{int(x.v), int(spec.worker), int(spec.shift), starts[k]})
		}
		_, st := s.m.extra(x.v, spec.worker, x.loose)
		c.Cost.Stability += st
		if x.loose {
			c.Released = true
			c.Cost.Broken++
		}
	}
	return c
}

// rehearse seats a choice for a moment to read its starts and costs.
func (s *state) rehearse(c *Choice) (starts []int32) {
	before, late := s.sum, s.lateness()
	s.begin()
	s.seatAll(c.seats, maxWeight)
	for _, x := range c.seats {
		starts = append(starts, s.startOf(x.v))
	}
	c.Cost.Travel = (s.sum.travel - before.travel) * s.m.costs.Travel
	c.Cost.Overtime = s.sum.over - before.over
	c.Cost.Continuity = s.sum.continuity - before.continuity
	c.Cost.Fairness = s.sum.fairness - before.fairness
	c.Cost.Late = s.lateness() - late
	s.rollback()
	return starts
}

// reckon gives the starts and costs of a lone visit or a pair without seating
// them. Not ok where only a rehearsal can tell: breaks, longer links, a way
// round that lets something start earlier.
func (s *state) reckon(c *Choice, starts []int32) bool {
	m := s.m
	if len(c.seats) > 2 {
		return false
	}
	var fronts [2]front
	for k, x := range c.seats {
		t, h := &s.tours[x.tour], &m.hot[x.v]
		if len(t.real) > 0 || h.flags&flagLinked != 0 && (len(c.seats) == 1 || h.flags&(flagMulti|flagPromise) != 0) {
			return false
		}
		prev := &t.recs[x.pos-1]
		in := m.leg(m.tours[x.tour].profile, prev.place, h.place)
		starts[k], _ = s.earliestIn(x.v, prev.dep+in, x.loose)
	}
	if len(c.seats) == 2 {
		a, b := c.seats[0], c.seats[1]
		links := m.visits[a.v].links
		if len(links) != 1 || len(m.visits[b.v].links) != 1 || m.tours[a.tour].worker == m.tours[b.tour].worker {
			return false
		}
		l, i, j := &m.links[links[0]], 0, 1
		if l.a != a.v {
			i, j = 1, 0
		}
		starts[i] = max(starts[i], starts[j]-l.max)
		starts[j] = max(starts[j], starts[i]+l.min)
	}
	var peak int64
	for k, x := range c.seats {
		t, spec, h := &s.tours[x.tour], &m.tours[x.tour], &m.hot[x.v]
		prev, next := &t.recs[x.pos-1], &t.recs[x.pos]
		in, out := m.leg(spec.profile, prev.place, h.place), m.leg(spec.profile, h.place, next.place)
		fin := starts[k] + h.dur + out
		if fin < prev.dep+prev.leg && (t.lates > 0 || t.linked > 0 || spec.overtime > 0) {
			return false
		}
		fronts[k] = front{x.tour, x.pos, fin}
		late := m.late(x.v, starts[k])
		continuity, _ := m.extra(x.v, spec.worker, x.loose)
		busy := s.busy(spec.worker)
		c.Cost.Travel += int64(in+out-prev.leg) * m.costs.Travel
		c.Cost.Continuity += continuity
		c.Cost.Fairness += m.fair(spec.worker, busy+int64(h.dur)) - m.fair(spec.worker, busy)
		c.Cost.Late += late
		peak = max(peak, late)
	}
	d := s.ripple(maxWeight, true, fronts[:len(c.seats)]...)
	if !d.exact || d.broken {
		c.Cost = Split{}
		return false
	}
	c.Cost.Late += d.late
	c.Cost.Overtime = d.over
	if m.costs.MaxLate > 0 {
		c.Cost.Late += m.costs.MaxLate * max(0, max(peak, d.peak)-s.maxLate())
	}
	return true
}

// option is a position for one of a pair, and the latest start hard rules
// allow there.
type option struct {
	cand
	last int32
}

func (g *grouping) option(k int, c cand) option {
	s, v := g.s, g.group[k]
	h, next := &s.m.hot[v], &s.tours[c.tour].recs[c.pos]
	shut := h.close
	if wish := s.m.visits[v].wish; g.loose {
		shut = wish[len(wish)-1].Close
	}
	return option{c, min(shut, next.lat-h.dur-s.m.leg(s.m.tours[c.tour].profile, h.place, next.place))}
}

// stream hands out the positions of one of a pair in the order of their bounds.
// It sorts and refines no more of them than somebody asks for.
type stream struct {
	g    *grouping
	k    int
	heap []cand
	out  []option
}

func (x *stream) at(i int) (option, bool) {
	for len(x.out) <= i {
		if len(x.heap) == 0 {
			return option{}, false
		}
		if c := &x.heap[0]; c.refined {
			x.out = append(x.out, x.g.option(x.k, *c))
			x.pop()
		} else if x.g.refine(x.k, c, maxWeight) {
			c.refined = true
			x.sink(0)
		} else {
			x.pop()
		}
	}
	return x.out[i], true
}

func (x *stream) pop() {
	n := len(x.heap) - 1
	x.heap[0] = x.heap[n]
	x.heap = x.heap[:n]
	x.sink(0)
}

// sink lets the position at i find its place among those below.
func (x *stream) sink(i int) {
	for {
		least := i
		for _, c := range [2]int{2*i + 1, 2*i + 2} {
			if c < len(x.heap) && byValue(x.heap[c], x.heap[least]) < 0 {
				least = c
			}
		}
		if least == i {
			return
		}
		x.heap[i], x.heap[least] = x.heap[least], x.heap[i]
		i = least
	}
}

// pairings finds, for every worker who may serve member k of a pair, the best
// place of both. All workers share one list of the partner's positions.
func (g *grouping) pairings(k int) (out []placing) {
	s, m := g.s, g.s.m
	partner := &stream{g: g, k: 1 - k, heap: g.cands[1-k]}
	for i := len(partner.heap)/2 - 1; i >= 0; i-- {
		partner.sink(i)
	}
	v := g.group[k]
	p := &grouping{s: s, group: []int32{v, g.group[1-k]}, low: make([]int64, 3), absent: g.absent, loose: g.loose, worst: g.worst, worker: -1}
	// The gap of the starts, seen from v; wide open where more than one link says.
	soonest, latest := -2*MaxTime, 2*MaxTime
	if links := m.visits[v].links; len(links) == 1 && len(m.visits[p.group[1]].links) == 1 {
		l := &m.links[links[0]]
		if soonest, latest = l.min, l.max; l.a != v {
			soonest, latest = -l.max, -l.min
		}
	}
	// The positions of v, by worker.
	first, next := make([]int32, len(m.workers)), make([]int32, len(g.cands[k]))
	for i := range g.cands[k] {
		w := m.tours[g.cands[k][i].tour].worker
		next[i], first[w] = first[w], int32(i)+1
	}
	var mine []option
	for w := range first {
		mine = mine[:0]
		for i := first[w]; i > 0; i = next[i-1] {
			if c := g.cands[k][i-1]; g.refine(k, &c, maxWeight) {
				mine = append(mine, g.option(k, c))
			}
		}
		slices.SortFunc(mine, func(a, b option) int { return byValue(a.cand, b.cand) })
		p.best, p.found = maxWeight, nil
		for _, x := range mine {
			for i := 0; ; i++ {
				y, ok := partner.at(i)
				if !ok || x.value+y.value >= p.best {
					break
				}
				if y.start-x.last > latest || x.start-y.last > -soonest {
					continue // never together
				}
				p.chosen = append(p.chosen[:0], x.cand)
				if extra, ok := p.joint(1, y.cand); ok && x.value+y.value+extra < p.best {
					p.chosen = append(p.chosen, y.cand)
					p.descend(2, 0)
				}
			}
		}
		if p.found != nil {
			out = append(out, placing{p.best, w, p.found})
		}
	}
	return out
}
