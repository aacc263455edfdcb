package route

import (
	"cmp"
	"slices"
)

// query is a visit looking for a place. The visit's attributes are copied, so
// that Explain can ask about a visit that is a little different.
type query struct {
	v      int32
	loose  bool
	wins   []Window // the allowed starts
	elig   bitset
	shy    *rng // draws the positions passed over, nil for none
	plain  bool // one window, no lateness, alone
	absent int64
	worst  int64 // the largest lateness cost of the plan, when that has a price
	near   bool  // delays of what comes behind a position are not followed
	limit  int64 // positions that cannot stay below it are of no interest
}

// cand is a position for a visit. The value bounds the increase of weight from
// below (when sure) and is the increase itself when exact; both leave out what
// a new largest lateness costs, which peak tells.
type cand struct {
	value     int64
	fixed     int64 // the part of value that no delay changes
	peak      int64
	start     int32
	tour, pos int32
	sure      bool
	exact     bool
	refined   bool
}

func (s *state) ask(v int32, loose bool) query {
	x, h := &s.m.visits[v], &s.m.hot[v]
	q := query{v: v, loose: loose, wins: x.windows, elig: x.elig, absent: s.absent(v), limit: maxWeight}
	if loose {
		q.wins = x.wish
	}
	if s.m.costs.MaxLate > 0 {
		q.worst = s.maxLate()
	}
	q.plain = len(q.wins) == 1 && h.flags&(flagLate|flagLinked) == 0
	return q
}

// base is what the visit costs on a tour whatever its position.
func (s *state) base(q *query, ti int32) int64 {
	m, h, w := s.m, &s.m.hot[q.v], s.m.tours[ti].worker
	var b int64
	if h.flags&flagExtra != 0 {
		c, st := m.extra(q.v, w, q.loose)
		b = c + st
		if q.loose {
			b += s.w.broken
		}
	}
	if m.costs.Fairness != 0 && m.workers[w].src.Target != 0 {
		busy := s.busy(w)
		b += m.fair(w, busy+int64(h.dur)) - m.fair(w, busy)
	}
	return b
}

// open tells whether a tour can take the visit at all.
func (s *state) open(q *query, ti int32) bool {
	spec, t := &s.m.tours[ti], &s.tours[ti]
	return !spec.gone && q.elig.has(spec.worker) && t.load+s.m.hot[q.v].load <= spec.capacity
}

// scan finds the cheapest position for a lone visit on one tour below limit,
// as an increase of weight that leaves out what its absence weighed. Not found
// is pos 0.
func (s *state) scan(q *query, ti int32, limit int64) (int64, int32) {
	spec, t := &s.m.tours[ti], &s.tours[ti]
	base := s.base(q, ti) // a detour may be negative: no bound by itself
	if q.plain && t.lates == 0 && t.linked == 0 && len(t.real) == 0 && spec.overtime == 0 {
		return s.scanPlain(q, ti, base, limit)
	}
	return s.scanRich(q, ti, base, limit)
}

// scanPlain is the search for hard windows only. What a tour offers a visit is
// remembered until the tour changes, and again when the change is taken back.
func (s *state) scanPlain(q *query, ti int32, base, limit int64) (int64, int32) {
	price := s.m.costs.Travel
	if s.memo == nil {
		if d, pos := s.detour(q, ti, below(limit-base, price), 0); pos > 0 {
			return base + int64(d)*price, pos
		}
		return limit, 0
	}
	e := &s.memo[int(q.v)*len(s.tours)+int(ti)]
	if t := &s.tours[ti]; e.version != t.version || q.loose {
		e.detour, e.pos = s.detour(q, ti, maxDetour, 0)
		e.version = t.version
		if q.loose {
			e.version = 0
		}
	}
	d, pos := e.detour, e.pos
	if pos == 0 || base+int64(d)*price >= limit {
		return limit, 0
	}
	if q.shy != nil && q.shy.blink() {
		if d, pos = s.detour(q, ti, below(limit-base, price), pos); pos == 0 {
			return limit, 0
		}
	}
	return base + int64(d)*price, pos
}

// offer is what a tour in one version offers a visit; pos 0 is nothing.
type offer struct {
	version     uint32
	detour, pos int32
}

const maxDetour int32 = 1<<31 - 1

// detour is the loop everything waits for: the feasible position with the
// least extra travel below most, exact in O(1) per position. It passes over
// position skip.
func (s *state) detour(q *query, ti int32, most, skip int32) (int32, int32) {
	m, t, spec := s.m, &s.tours[ti], &s.m.tours[ti]
	h := &m.hot[q.v]
	row, col := m.row(spec.profile, h.place), m.col(spec.profile, h.place)
	open, shut, dur := q.wins[0].Open, q.wins[0].Close, h.dur
	recs, found := t.recs[t.front:], int32(0)
	prev := recs[0]
	in := col[prev.place]
	for i := 1; i < len(recs); i++ {
		next := recs[i]
		if d := in + row[next.place] - prev.leg; d < most {
			start := max(prev.dep+in, open)
			if start <= shut && start+dur+row[next.place] <= next.lat && int32(i)+t.front != skip {
				most, found = d, int32(i)+t.front
			}
		}
		if next.dep > shut {
			break
		}
		prev = next
		in = col[prev.place]
	}
	return most, found
}

// below is the largest d with d × price < room, plus one.
func below(room, price int64) int32 {
	if price == 0 {
		if room > 0 {
			return 1<<31 - 1
		}
		return -1 << 31
	}
	d := room / price
	if d*price < room {
		d++
	}
	return int32(min(max(d, -1<<30), 1<<31-1))
}

// start is the first allowed start of the query's visit at or after a moment.
func (q *query) start(from int32) (int32, bool) {
	for _, w := range q.wins {
		if from <= w.Close {
			return max(from, w.Open), true
		}
	}
	return from, false
}

// scanRich bounds every position and tries those that could win.
func (s *state) scanRich(q *query, ti int32, base, limit int64) (int64, int32) {
	found := int32(0)
	q.limit = limit
	s.positions(q, ti, base, func(c cand) {
		if s.beats(q, c) {
			found = c.pos
		}
	})
	return q.limit, found
}

// beats lowers the query's limit to what a position costs, if that is less. A
// search takes the bound for the value where the two may differ a little.
func (s *state) beats(q *query, c cand) bool {
	value := c.value + s.peakPrice(c.peak, q.worst)
	if value >= q.limit && c.sure || q.shy != nil && q.shy.blink() {
		return false
	}
	if !c.exact && (q.shy == nil || len(s.tours[c.tour].real) > 0) {
		v, ok := s.try(q.limit-q.absent, seat{q.v, c.tour, c.pos, q.loose})
		if !ok {
			return false
		}
		value = v + q.absent
	}
	if value >= q.limit {
		return false
	}
	q.limit = value
	return true
}

// peakPrice is what a lateness beyond the largest so far costs on top.
func (s *state) peakPrice(peak, worst int64) int64 {
	return s.m.costs.MaxLate * max(0, peak-worst) * s.lateWeight()
}

// positions calls yield for every position of a tour that the windows of the
// visit and the latest starts of the tour allow.
func (s *state) positions(q *query, ti int32, base int64, yield func(c cand)) {
	t, shut := &s.tours[ti], q.wins[len(q.wins)-1].Close
	for i := int(t.front) + 1; i < len(t.recs) && t.recs[i-1].dep <= shut; i++ {
		if c, ok := s.position(q, ti, int32(i), base); ok {
			yield(c)
		}
	}
}

// position prices the place before record i of a tour; not ok when windows or
// latest starts forbid it, or when it costs the query's limit or more.
func (s *state) position(q *query, ti, i int32, base int64) (c cand, ok bool) {
	m, t, h := s.m, &s.tours[ti], &s.m.hot[q.v]
	prev, next, profile, weight := &t.recs[i-1], &t.recs[i], s.m.tours[ti].profile, s.lateWeight()
	in, out := m.leg(profile, prev.place, h.place), m.leg(profile, h.place, next.place)
	start, ok := q.start(prev.dep + in)
	fin := start + h.dur + out
	if !ok || fin > next.lat {
		return c, false
	}
	c = cand{start: start, tour: ti, pos: i, sure: fin >= prev.dep+prev.leg}
	c.fixed = base + int64(in+out-prev.leg)*m.costs.Travel
	c.value = c.fixed
	if h.flags&flagLate != 0 {
		c.peak = m.late(q.v, start)
		c.value += c.peak * weight
	}
	if c.sure && c.value >= q.limit {
		return c, false
	}
	if !q.near && c.sure && len(t.real) == 0 {
		w := s.ripple(q.limit-c.value, true, front{ti, i, fin})
		if w.broken {
			return c, false
		}
		c.value += w.late*weight + w.over
		c.peak = max(c.peak, w.peak)
		c.exact = w.exact && h.flags&flagLinked == 0
	}
	return c, true
}

// try seats visits, tells the increase of weight when it stays below limit and
// every hard rule holds, and takes everything back.
func (s *state) try(limit int64, seats ...seat) (int64, bool) {
	before := s.weight()
	s.begin()
	bound := maxWeight
	if limit < maxWeight/2 {
		bound = before + limit
	}
	ok := s.seatAll(seats, bound)
	delta := s.weight() - before
	s.rollback()
	return delta, ok
}

// best finds the cheapest place of a visit, or of its whole group, in the plan
// and leaves it in found. The value is the increase of weight without what the
// absence weighed; only values below limit count. When no place keeps the
// visit's own promise, places that give it up are looked at.
func (s *state) best(v int32, shy *rng, limit int64) (int64, bool) {
	if s.m.hot[v].flags&flagLinked != 0 {
		return s.bestGroup(s.missing(v), shy, limit)
	}
	q := s.ask(v, false)
	q.shy = shy
	value, ok := s.bestAlone(&q, limit)
	if !ok && s.m.hot[v].flags&(flagPromise|flagFixed) == flagPromise {
		q = s.ask(v, true)
		q.shy = shy
		value, ok = s.bestAlone(&q, limit)
	}
	return value, ok
}

func (s *state) bestAlone(q *query, limit int64) (int64, bool) {
	best, at, pos := limit, int32(0), int32(0)
	if s.kin != nil && q.shy != nil {
		q.limit = limit
		s.eachNear(q, func(c cand) {
			if s.beats(q, c) {
				at, pos = c.tour, c.pos
			}
		})
		if pos > 0 {
			s.found = append(s.found[:0], seat{q.v, at, pos, q.loose})
			return q.limit, true
		}
	}
	for _, t := range s.listed() {
		if !s.open(q, t) {
			continue
		}
		if v, p := s.scan(q, t, best); p > 0 {
			best, at, pos = v, t, p
		}
	}
	if pos == 0 {
		return limit, false
	}
	s.found = append(s.found[:0], seat{q.v, at, pos, q.loose})
	return best, true
}

// bestGroup seats linked visits together: branch and bound over the members'
// positions in order of their own cost.
func (s *state) bestGroup(group []int32, shy *rng, limit int64) (int64, bool) {
	for _, loose := range [2]bool{false, true} {
		if loose && !s.promised(group) {
			break
		}
		for _, near := range [2]bool{true, false} {
			if near && (s.kin == nil || shy == nil) {
				continue
			}
			if g := s.gather(group, shy, loose, near); g != nil && g.search(limit) {
				s.found = append(s.found[:0], g.found...)
				return g.best, true
			}
		}
	}
	return limit, false
}

// listed gives the tours worth asking: those that serve something, and one
// empty tour of each class, because equal empty tours offer the same.
func (s *state) listed() []int32 {
	if s.listOK {
		return s.list
	}
	s.list, s.listOK = s.list[:0], true
	for ti := range s.tours {
		if !s.m.tours[ti].gone && len(s.tours[ti].recs) > 2 {
			s.list = append(s.list, int32(ti))
		}
	}
	s.active = len(s.list)
	s.turn++
	for ti := range s.tours {
		spec := &s.m.tours[ti]
		if !spec.gone && len(s.tours[ti].recs) == 2 && s.asked[spec.class] != s.turn {
			s.asked[spec.class] = s.turn
			s.list = append(s.list, int32(ti))
		}
	}
	return s.list
}

// eachTour gives the tours that serve something, and at most so many empty
// tours of each class: a group may need several that are alike.
func (s *state) eachTour(alike int, yield func(ti int32)) {
	for ti := range s.tours {
		if !s.m.tours[ti].gone && len(s.tours[ti].recs) > 2 {
			yield(int32(ti))
		}
	}
	first := s.turn + 1
	s.turn += uint32(alike) // asked counts from first on
	for ti := range s.tours {
		spec := &s.m.tours[ti]
		if spec.gone || len(s.tours[ti].recs) > 2 {
			continue
		}
		switch n := &s.asked[spec.class]; {
		case *n < first:
			*n = first
		case *n == s.turn:
			continue
		default:
			*n++
		}
		yield(int32(ti))
	}
}

// missing lists the unserved visits of v's group: all of them, unless a fixed
// visit is served without its partners.
func (s *state) missing(v int32) []int32 {
	group := s.m.groupOf(v)
	for _, g := range group {
		if s.at[g] >= 0 {
			return slices.DeleteFunc(slices.Clone(group), func(g int32) bool { return s.at[g] >= 0 })
		}
	}
	return group
}

func (s *state) promised(group []int32) bool {
	return slices.ContainsFunc(group, func(v int32) bool { return s.m.hot[v].flags&(flagPromise|flagFixed) == flagPromise })
}

// grouping is the search for the places of linked visits.
type grouping struct {
	s      *state
	group  []int32
	cands  [][]cand // per member, by their own cost
	low    []int64  // least cost of the members from here on
	chosen []cand
	absent int64
	loose  bool
	worst  int64
	// refines tells that delays on the own tour may be added to the bounds.
	refines bool
	// quick takes lower bounds for values rather than try places out.
	quick  bool
	worker int32 // the only one for the first member, or -1
	best   int64
	found  []seat
}

// gather lists the positions of every member, or nil when one has none.
func (s *state) gather(group []int32, shy *rng, loose, near bool) *grouping {
	g := &grouping{s: s, group: group, low: make([]int64, len(group)+1), loose: loose, worker: -1, quick: shy != nil}
	for len(s.cands) < len(group) {
		s.cands = append(s.cands, nil)
	}
	g.cands = append(g.cands, s.cands[:len(group)]...)
	for k, v := range group {
		q := s.ask(v, loose && s.m.hot[v].flags&flagPromise != 0)
		g.absent += q.absent
		g.worst = q.worst
		q.near = true // search follows the delays of those that could win
		if len(group) == 2 && !s.oneWorker(v) {
			g.refines = true
		}
		list := g.cands[k][:0]
		see := func(c cand) {
			if !c.sure && !g.quick { // a way round that is shorter may end other lateness
				c.value -= s.lateness()*s.lateWeight() + s.sum.over
			}
			if shy == nil || !shy.blink() {
				list = append(list, c)
			}
		}
		if near {
			s.eachNear(&q, see)
		} else {
			alike := len(group) // of the empty tours of a class
			if shy == nil {
				alike = len(s.tours) // an answer names every worker
			}
			s.eachTour(alike, func(t int32) {
				if s.open(&q, t) {
					s.positions(&q, t, s.base(&q, t), see)
				}
			})
		}
		s.cands[k], g.cands[k] = list, list
		if len(list) == 0 {
			return nil
		}
	}
	return g
}

// oneWorker tells whether some link lets v's worker serve the partner too.
func (s *state) oneWorker(v int32) bool {
	return slices.ContainsFunc(s.m.visits[v].links, func(k int32) bool { return s.m.links[k].same })
}

// search finds the cheapest joint places below limit.
func (g *grouping) search(limit int64) bool {
	g.best, g.found, g.chosen = limit, nil, g.chosen[:0]
	for k, list := range g.cands {
		if len(list) == 0 {
			return false
		}
		g.low[k] = list[g.cheapest(k)].value
	}
	g.sameGap()
	g.guess()
	// What cannot be part of anything better goes before the rest is refined
	// and sorted.
	for k, list := range g.cands {
		kept := list[:0]
		if g.worker >= 0 {
			kept = make([]cand, 0, len(list)) // the lists serve other workers too
		}
		room := g.room(k)
		for _, c := range list {
			if c.value < room && g.refine(k, &c, room-c.value) && c.value < room {
				kept = append(kept, c)
			}
		}
		if len(kept) == 0 {
			return g.found != nil
		}
		slices.SortFunc(kept, byValue)
		g.cands[k], g.low[k] = kept, kept[0].value
	}
	for k := len(g.group) - 1; k >= 0; k-- {
		g.low[k] += g.low[k+1]
	}
	g.descend(0, 0)
	return g.found != nil
}

// room is what a position of member k may cost at most to be of interest,
// while low holds the least cost of each member.
func (g *grouping) room(k int) int64 {
	if g.best >= maxWeight/2 {
		return maxWeight
	}
	room := g.best
	for j := range g.group {
		if j != k {
			room -= g.low[j]
		}
	}
	return room
}

// refine adds to a position's bound what it delays on its own tour, at least up
// to room: the tours of a pair differ, so that these delays add up. Not ok when
// a hard rule does not survive.
func (g *grouping) refine(k int, c *cand, room int64) bool {
	if !g.refines || c.refined || !c.sure {
		return true
	}
	s := g.s
	t := &s.tours[c.tour]
	if len(t.real) > 0 {
		return true
	}
	h := &s.m.hot[g.group[k]]
	fin := c.start + h.dur + s.m.leg(s.m.tours[c.tour].profile, h.place, t.recs[c.pos].place)
	d := s.ripple(room, false, front{c.tour, c.pos, fin})
	c.value += d.late*s.lateWeight() + d.over
	c.refined = true
	return !d.broken
}

// cheapest is the index of the cheapest position of member k, refined.
func (g *grouping) cheapest(k int) int {
	list := g.cands[k]
	best := 0
	for i := range list {
		if byValue(list[i], list[best]) < 0 {
			best = i
		}
	}
	if !g.refines {
		return best
	}
	settle := func(i int, room int64) {
		if !g.refine(k, &list[i], room) {
			list[i].value = maxWeight / 4
		}
	}
	settle(best, maxWeight)
	for i := range list {
		if byValue(list[i], list[best]) < 0 {
			if settle(i, list[best].value-list[i].value+1); byValue(list[i], list[best]) < 0 {
				best = i
			}
		}
	}
	return best
}

// guess tries the dearest member's best position with what goes best with it,
// for a first bound.
func (g *grouping) guess() {
	if len(g.group) != 2 {
		return
	}
	first := g.cands[0][g.cheapest(0)]
	g.chosen = append(g.chosen[:0], first)
	best, with := maxWeight, cand{}
	for _, c := range g.cands[1] {
		if c.value >= best || c.tour == first.tour {
			continue
		}
		if extra, ok := g.joint(1, c); ok && c.value+extra < best {
			best, with = c.value+extra, c
		}
	}
	if best < maxWeight {
		g.chosen = append(g.chosen, with)
		g.descend(2, 0)
	}
	g.chosen = g.chosen[:0]
}

// only is the same search with one member going to one worker; that member
// comes first, so that the bound bites early.
func (g *grouping) only(v, worker int32) *grouping {
	p := &grouping{s: g.s, low: make([]int64, len(g.group)+1), absent: g.absent, loose: g.loose, worker: worker, worst: g.worst, refines: g.refines}
	k := slices.Index(g.group, v)
	p.group = append(append([]int32{v}, g.group[:k]...), g.group[k+1:]...)
	var mine []cand
	for _, c := range g.cands[k] {
		if g.s.m.tours[c.tour].worker == worker {
			mine = append(mine, c)
		}
	}
	p.cands = append(append([][]cand{mine}, g.cands[:k]...), g.cands[k+1:]...)
	return p
}

func byValue(a, b cand) int {
	return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(a.tour, b.tour), cmp.Compare(a.pos, b.pos))
}

const unknown = -1 << 62

// descend chooses a position for member k; sum is the cost of those before.
func (g *grouping) descend(k int, sum int64) {
	s := g.s
	if k == len(g.group) {
		if value, exact := g.pair(); value >= g.best {
			return
		} else if exact || g.quick && value > unknown {
			g.best, g.found = value, g.seats()
			return
		}
		seats := g.seats()
		if v, ok := s.try(g.best-g.absent, seats...); ok && v+g.absent < g.best {
			g.best, g.found = v+g.absent, seats
		}
		return
	}
	for _, c := range g.cands[k] {
		if sum+c.value+g.low[k+1] >= g.best {
			return
		}
		extra, ok := g.joint(k, c)
		if ok && len(g.group) == 2 && k == 1 && g.chosen[0].tour == c.tour && g.chosen[0].pos == c.pos {
			continue // sameGap has been there
		}
		if !ok || sum+c.value+extra+g.low[k+1] >= g.best {
			continue
		}
		g.chosen = append(g.chosen, c)
		g.descend(k+1, sum+c.value+extra)
		g.chosen = g.chosen[:k]
	}
}

// pair is the value of the two chosen positions of a pair with the starts they
// allow each other: exact, or a lower bound. Where it cannot tell, it is no
// bound at all.
func (g *grouping) pair() (value int64, exact bool) {
	s, m := g.s, g.s.m
	if len(g.chosen) != 2 || g.chosen[0].tour == g.chosen[1].tour {
		return unknown, false
	}
	links := m.visits[g.group[0]].links
	if len(links) != 1 || len(m.visits[g.group[1]].links) != 1 {
		return unknown, false
	}
	l := &m.links[links[0]]
	x, y := g.chosen[0], g.chosen[1]
	if g.group[0] != l.a {
		x, y = y, x
	}
	x.start = max(x.start, y.start-l.max)
	y.start = max(y.start, x.start+l.min)
	var fronts [2]front
	peak, weight := int64(0), s.lateWeight()
	for i, e := range [2]struct {
		v int32
		c *cand
	}{{l.a, &x}, {l.b, &y}} {
		h, t, spec := &m.hot[e.v], &s.tours[e.c.tour], &m.tours[e.c.tour]
		if h.flags&(flagMulti|flagPromise) != 0 || len(t.real) > 0 || !e.c.sure && !g.quick {
			return unknown, false
		}
		fin := e.c.start + h.dur + m.leg(spec.profile, h.place, t.recs[e.c.pos].place)
		if e.c.start > h.close || fin > t.recs[e.c.pos].lat {
			return maxWeight, false
		}
		late := m.late(e.v, e.c.start)
		value += e.c.fixed + late*weight
		peak = max(peak, late)
		fronts[i] = front{e.c.tour, e.c.pos, fin}
	}
	if value >= g.best {
		return value, false
	}
	d := s.ripple(g.best-value, true, fronts[:]...)
	if d.broken {
		return maxWeight, false
	}
	return value + d.late*weight + d.over + s.peakPrice(max(peak, d.peak), g.worst), d.exact
}

// sameGap looks at a pair that one worker may serve in one go: there the costs
// of the two do not add up.
func (g *grouping) sameGap() {
	s, m := g.s, g.s.m
	if len(g.group) != 2 {
		return
	}
	var first, second int32 = -1, -1
	for _, id := range m.visits[g.group[0]].links {
		l := &m.links[id]
		if l.gone || !slices.Contains(g.group, l.a) || !slices.Contains(g.group, l.b) {
			continue
		}
		if !l.same {
			return
		}
		first, second = l.a, l.b
	}
	if first < 0 {
		return
	}
	loose := func(v int32) bool { return g.loose && m.hot[v].flags&flagPromise != 0 }
	qa, qb := s.ask(first, loose(first)), s.ask(second, loose(second))
	for ti := range s.tours {
		t, spec := int32(ti), &m.tours[ti]
		if g.worker >= 0 && spec.worker != g.worker || !s.open(&qa, t) || !s.open(&qb, t) {
			continue
		}
		a, b := m.hot[first].place, m.hot[second].place
		base := s.base(&qa, t) + s.base(&qb, t)
		recs := s.tours[t].recs
		for p := int(s.tours[t].front) + 1; p < len(recs); p++ {
			for _, x := range [2][2]int32{{first, second}, {second, first}} {
				from, to := a, b
				if x[0] != first {
					from, to = b, a
				}
				detour := m.leg(spec.profile, recs[p-1].place, from) + m.leg(spec.profile, from, to) +
					m.leg(spec.profile, to, recs[p].place) - recs[p-1].leg
				if base+int64(detour)*m.costs.Travel >= g.best {
					continue
				}
				seats := []seat{{x[1], t, int32(p), loose(x[1])}, {x[0], t, int32(p), loose(x[0])}}
				if v, ok := s.try(g.best-g.absent, seats...); ok && v+g.absent < g.best {
					g.best, g.found = v+g.absent, seats
				}
			}
		}
	}
}

// joint checks member k's position against those already chosen and gives the
// lateness that waiting for each other adds at least.
func (g *grouping) joint(k int, c cand) (extra int64, ok bool) {
	s, m := g.s, g.s.m
	v := g.group[k]
	for _, id := range m.visits[v].links {
		l := &m.links[id]
		if l.gone {
			continue
		}
		partner := l.a
		if v == l.a {
			partner = l.b
		}
		if at := s.at[partner]; at >= 0 && !l.same && m.tours[at].worker == m.tours[c.tour].worker {
			return 0, false
		}
		j := slices.Index(g.group[:k], partner)
		if j < 0 {
			continue
		}
		o := g.chosen[j]
		if !l.same && m.tours[o.tour].worker == m.tours[c.tour].worker {
			return 0, false
		}
		a, b := c.start, o.start
		if v == l.b {
			a, b = b, a
		}
		a2 := max(a, b-l.max)
		b2 := max(b, a2+l.min)
		extra += (m.late(l.a, a2) - m.late(l.a, a) + m.late(l.b, b2) - m.late(l.b, b)) * s.lateWeight()
	}
	if len(m.visits[v].links) > 1 {
		extra = 0 // shared starts would be counted twice; the trial knows
	}
	return extra, true
}

// seats turns the chosen positions into seats, later positions of a tour first
// so that earlier indices stay right.
func (g *grouping) seats() []seat {
	seats := make([]seat, len(g.group))
	for k, c := range g.chosen {
		v := g.group[k]
		seats[k] = seat{v: v, tour: c.tour, pos: c.pos, loose: g.loose && g.s.m.hot[v].flags&flagPromise != 0}
	}
	slices.SortStableFunc(seats, func(a, b seat) int {
		return cmp.Or(cmp.Compare(b.pos, a.pos), cmp.Compare(b.v, a.v))
	})
	return seats
}

// take seats what best has found, for good.
func (s *state) take(seats []seat) bool {
	if !s.seatAll(seats, maxWeight) {
		return false
	}
	s.latestAfter(seats)
	return true
}

// takeWhole is take, or nothing when the place does not hold.
func (s *state) takeWhole(seats []seat) bool {
	s.begin()
	if s.take(seats) {
		s.keep()
		return true
	}
	s.rollback()
	return false
}
