package route

// rec is one stop of a tour as the inner loops read it. The first record is
// the start of the day (dep: the earliest leave), the last its end (dep: the
// earliest arrival, lat: the latest allowed).
type rec struct {
	place int32
	dep   int32 // earliest departure; where breaks float, the one without breaks
	lat   int32 // latest start that keeps every hard rule after it
	leg   int32 // travel to the next record
}

// untimed marks a departure not computed yet.
const untimed int32 = -1 << 30

// tour is one shift of a worker: its stops in order and what they cost.
type tour struct {
	recs    []rec
	vis     []int32 // the visit of each record, -1 at both ends
	real    []int32 // departures with breaks taken; empty without breaks
	pauses  []int32 // start of each break, pauseAfter when taken after work
	load    int32
	front   int32 // leading visits that have begun
	linked  int32 // visits of groups
	lates   int32 // visits with a lateness cost
	grace   int32 // seconds past the end that a plan came with
	stamp   int32 // newest journal entry of the tour, -1 for none
	version uint32
	work    int64 // seconds of service
	late    int64
	maxLate int64
	over    int64 // price of overtime
}

const pauseAfter int32 = untimed

// sums are the parts of the cost vector, kept up to date by every change.
type sums struct {
	unserved                                         [Tiers]int64
	broken                                           int64
	late                                             int64
	travel, over, continuity, fairness, stable, left int64
}

// weights turn a cost vector into the one number a search compares.
type weights struct {
	tier   [Tiers]int64
	broken int64
	late   int64
}

// lexical ranks places for a given visit as the vector orders them; what its
// absence weighed is the same for all of them and left out.
var lexical = weights{broken: 1 << 44, late: 1 << 22}

// state is a plan in work: tours, times, costs, and a journal to take changes
// back. One goroutine owns it.
type state struct {
	m       *model
	w       weights
	tours   []tour
	at      []int32 // tour of each visit, -1 when unserved
	pos     []int32 // index in the tour's records
	loose   []bool  // the promise is given up
	grace   []int32 // seconds past the last window that a plan came with; nil: none
	sum     sums
	memo    []offer // per visit and tour; nil: nothing is remembered
	tick    uint32  // newest version of a tour
	list    []int32 // the tours worth asking, while listOK
	listOK  bool
	kin     *kin     // who comes well beside whom; nil: every position is looked at
	seen    []uint32 // per visit and tour: the turn the place before it was looked at
	sight   uint32
	active  int // how many of the list serve something; the others are empty
	turn    uint32
	asked   []uint32 // per class of tours: the turn an empty one was listed
	lenient bool     // grant grace instead of failing: a plan that exists is kept as it is

	journal []saved
	used    int // entries of journal in use
	levels  []level
	undo    []looseUndo
	queue   []spot
	stack   []int32
	mark    []bool
	labels  []label
	found   []seat
	cands   [][]cand
	wave    ripples
}

type saved struct {
	tour int32
	t    tour // with buffers of its own
}

type level struct {
	entries, undo int
	sum           sums
}

type looseUndo struct {
	v   int32
	was bool
}

// spot is a record whose time must be looked at again.
type spot struct{ tour, pos int32 }

// seat is a place for a visit: before record pos of a tour.
type seat struct {
	v, tour, pos int32
	loose        bool
}

func newState(m *model) *state {
	s := &state{m: m, w: lexical}
	for range m.tours {
		s.growTours()
	}
	for range m.visits {
		s.growVisits()
	}
	return s
}

// growTours adds the empty tour of the model's next tour.
func (s *state) growTours() {
	s.tours = append(s.tours, tour{stamp: -1})
	s.mark, s.asked = append(s.mark, false), append(s.asked, 0)
	s.clearTour(int32(len(s.tours) - 1))
}

// clearTour makes a tour empty and takes over its frame from the model.
func (s *state) clearTour(ti int32) {
	t, spec := &s.tours[ti], &s.m.tours[ti]
	s.listOK = false
	*t = tour{
		stamp: -1,
		recs: append(t.recs[:0],
			rec{place: spec.start, dep: max(spec.from, s.m.now)},
			rec{place: spec.end, dep: max(spec.from, s.m.now), lat: spec.hard}),
		vis: append(t.vis[:0], -1, -1),
	}
	if len(spec.breaks) > 0 {
		t.real = []int32{t.recs[0].dep, t.recs[1].dep}
		t.pauses = make([]int32, len(spec.breaks))
		for i := range t.pauses {
			t.pauses[i] = pauseAfter
		}
	}
}

// growVisits adds the model's next visit, unserved.
func (s *state) growVisits() {
	v := int32(len(s.at))
	s.at, s.pos, s.loose = append(s.at, -1), append(s.pos, 0), append(s.loose, false)
	if s.grace != nil {
		s.grace = append(s.grace, 0)
	}
	s.countAbsent(v, 1)
}

// countAbsent adds (or with -1 takes back) what leaving v out costs.
func (s *state) countAbsent(v int32, n int64) {
	if s.m.hot[v].flags&flagGone != 0 {
		return
	}
	x := &s.m.visits[v]
	if x.src.Optional {
		s.sum.left += n * x.src.Price
	} else {
		s.sum.unserved[x.tier-1] += n
	}
	if p := x.src.Promise; p != nil {
		s.sum.broken += n
		s.sum.stable += n * s.m.change(p)
	}
}

// absent is what leaving v out weighs.
func (s *state) absent(v int32) (weight int64) {
	x := &s.m.visits[v]
	if x.src.Optional {
		weight = x.src.Price
	} else {
		weight = s.w.tier[x.tier-1]
	}
	if p := x.src.Promise; p != nil {
		weight += s.w.broken + s.m.change(p)
	}
	return weight
}

// maxLate is the largest lateness cost of all tours.
func (s *state) maxLate() (worst int64) {
	for i := range s.tours {
		worst = max(worst, s.tours[i].maxLate)
	}
	return worst
}

// lateness is what the late entry holds: the sum and the price of the worst.
func (s *state) lateness() int64 {
	if s.m.costs.MaxLate == 0 {
		return s.sum.late
	}
	return s.sum.late + s.m.costs.MaxLate*s.maxLate()
}

func (s *state) rest() int64 {
	x := &s.sum
	return x.travel*s.m.costs.Travel + x.over + x.continuity + x.fairness + x.stable + x.left
}

func (s *state) cost() (c Cost) {
	copy(c[:], s.sum.unserved[:])
	c[CostBroken] = s.sum.broken
	if s.m.costs.JoinLate {
		c[CostRest] = s.rest() + s.lateness()
	} else {
		c[CostLate], c[CostRest] = s.lateness(), s.rest()
	}
	return c
}

// lateWeight is the weight of one unit of lateness.
func (s *state) lateWeight() int64 {
	if s.m.costs.JoinLate {
		return 1
	}
	return s.w.late
}

// weight is the plan as one number.
func (s *state) weight() int64 {
	x := s.rest() + s.sum.broken*s.w.broken + s.lateness()*s.lateWeight()
	for i, n := range s.sum.unserved {
		x += n * s.w.tier[i]
	}
	return x
}

// begin opens a level of changes that rollback takes back or keep makes part
// of the level around it.
func (s *state) begin() {
	s.levels = append(s.levels, level{s.used, len(s.undo), s.sum})
}

func (s *state) keep() {
	s.levels = s.levels[:len(s.levels)-1]
	if len(s.levels) == 0 {
		for _, e := range s.journal[:s.used] {
			s.tours[e.tour].stamp = -1
		}
		s.used, s.undo = 0, s.undo[:0]
	}
}

func (s *state) rollback() {
	l := s.levels[len(s.levels)-1]
	s.levels = s.levels[:len(s.levels)-1]
	s.listOK = false
	for _, e := range s.journal[l.entries:s.used] {
		vis := s.tours[e.tour].vis
		for _, v := range vis[1 : len(vis)-1] {
			s.at[v] = -1
		}
	}
	for s.used > l.entries {
		s.used--
		e := &s.journal[s.used]
		t := &s.tours[e.tour]
		copyTour(t, &e.t)
		for i := 1; i < len(t.vis)-1; i++ {
			v := t.vis[i]
			s.at[v], s.pos[v] = e.tour, int32(i)
		}
	}
	for len(s.undo) > l.undo {
		u := s.undo[len(s.undo)-1]
		s.undo = s.undo[:len(s.undo)-1]
		s.loose[u.v] = u.was
	}
	s.sum = l.sum
}

// touch saves a tour before its first change on this level.
func (s *state) touch(ti int32) {
	if len(s.levels) == 0 {
		return
	}
	t := &s.tours[ti]
	if int(t.stamp) >= s.levels[len(s.levels)-1].entries {
		return
	}
	if s.used == len(s.journal) {
		s.journal = append(s.journal, saved{})
	}
	e := &s.journal[s.used]
	e.tour = ti
	copyTour(&e.t, t)
	t.stamp = int32(s.used)
	s.used++
}

// copyTour copies b into the buffers of a.
func copyTour(a, b *tour) {
	recs, vis := append(a.recs[:0], b.recs...), append(a.vis[:0], b.vis...)
	real, pauses := append(a.real[:0], b.real...), append(a.pauses[:0], b.pauses...)
	*a = *b
	a.recs, a.vis, a.real, a.pauses = recs, vis, real, pauses
}

// clone copies the plan, not the journal.
func (s *state) clone() *state {
	c := &state{m: s.m, w: s.w, sum: s.sum}
	c.tours = make([]tour, len(s.tours))
	for i := range s.tours {
		copyTour(&c.tours[i], &s.tours[i])
		c.tours[i].stamp = -1
	}
	c.at, c.pos = append([]int32(nil), s.at...), append([]int32(nil), s.pos...)
	c.loose = append([]bool(nil), s.loose...)
	if s.grace != nil {
		c.grace = append([]int32(nil), s.grace...)
	}
	c.mark, c.asked = make([]bool, len(s.mark)), make([]uint32, len(s.asked))
	c.tick = s.tick
	return c
}

// startOf is when a served visit starts.
func (s *state) startOf(v int32) int32 {
	t, p := &s.tours[s.at[v]], s.pos[v]
	if s.m.hot[v].flags&flagFixed != 0 {
		return s.m.visits[v].src.Fixed.Start
	}
	if len(t.real) > 0 {
		if t.real[p] == untimed {
			return untimed
		}
		return t.real[p] - s.m.hot[v].dur
	}
	if t.recs[p].dep == untimed {
		return untimed
	}
	return t.recs[p].dep - s.m.hot[v].dur
}

// endOf is when a tour is over.
func (s *state) endOf(t *tour) int32 {
	if len(t.real) > 0 {
		return t.real[len(t.real)-1]
	}
	return t.recs[len(t.recs)-1].dep
}

// busy is the seconds of service of a worker in this plan.
func (s *state) busy(w int32) (n int64) {
	for _, t := range s.m.workers[w].tours {
		n += s.tours[t].work
	}
	return n
}

// put seats a visit without timing it.
func (s *state) put(x seat) {
	s.touch(x.tour)
	s.tick++
	s.tours[x.tour].version = s.tick
	m, t, spec := s.m, &s.tours[x.tour], &s.m.tours[x.tour]
	h, p := &m.hot[x.v], int(x.pos)
	if len(t.recs) == 2 {
		s.listOK = false
	}
	t.recs = append(t.recs, rec{})
	copy(t.recs[p+1:], t.recs[p:])
	t.vis = append(t.vis, 0)
	copy(t.vis[p+1:], t.vis[p:])
	if len(t.real) > 0 {
		t.real = append(t.real, 0)
		copy(t.real[p+1:], t.real[p:])
		t.real[p] = untimed
	}
	prev, next := &t.recs[p-1], t.recs[p+1].place
	in, out := m.leg(spec.profile, prev.place, h.place), m.leg(spec.profile, h.place, next)
	s.sum.travel += int64(in) + int64(out) - int64(prev.leg)
	prev.leg = in
	t.recs[p] = rec{place: h.place, dep: untimed, leg: out}
	t.vis[p] = x.v
	s.at[x.v] = x.tour
	for i := p; i < len(t.vis)-1; i++ {
		s.pos[t.vis[i]] = int32(i)
	}
	s.setLoose(x.v, x.loose)
	s.countAbsent(x.v, -1)
	s.count(x.v, x.tour, 1)
}

// lift unseats a visit without timing what is left.
func (s *state) lift(v int32) {
	ti := s.at[v]
	s.touch(ti)
	s.tick++
	t, p := &s.tours[ti], int(s.pos[v])
	t.version = s.tick
	prev := &t.recs[p-1]
	old := int64(prev.leg) + int64(t.recs[p].leg)
	if len(t.recs) == 3 {
		s.listOK = false
		prev.leg = 0 // nobody travels on an empty tour
	} else {
		prev.leg = s.m.leg(s.m.tours[ti].profile, prev.place, t.recs[p+1].place)
	}
	s.sum.travel += int64(prev.leg) - old
	t.recs = append(t.recs[:p], t.recs[p+1:]...)
	t.vis = append(t.vis[:p], t.vis[p+1:]...)
	if len(t.real) > 0 {
		t.real = append(t.real[:p], t.real[p+1:]...)
	}
	s.at[v] = -1
	for i := p; i < len(t.vis)-1; i++ {
		s.pos[t.vis[i]] = int32(i)
	}
	s.count(v, ti, -1)
	s.setLoose(v, false)
	s.countAbsent(v, 1)
}

func (s *state) setLoose(v int32, on bool) {
	if s.loose[v] != on {
		if len(s.levels) > 0 {
			s.undo = append(s.undo, looseUndo{v, s.loose[v]})
		}
		s.loose[v] = on
	}
}

// count adds (n = 1) or takes back (-1) what a visit costs and weighs in a
// tour whatever its hour.
func (s *state) count(v, ti int32, n int64) {
	m, t, h := s.m, &s.tours[ti], &s.m.hot[v]
	w := m.tours[ti].worker
	t.load += int32(n) * h.load
	if h.flags&flagLinked != 0 {
		t.linked += int32(n)
	}
	if h.flags&flagLate != 0 {
		t.lates += int32(n)
	}
	if h.flags&flagBegun != 0 {
		t.front += int32(n)
	}
	if m.costs.Fairness != 0 && m.workers[w].src.Target != 0 {
		busy := s.busy(w)
		s.sum.fairness += m.fair(w, busy+n*int64(h.dur)) - m.fair(w, busy)
	}
	t.work += n * int64(h.dur)
	if h.flags&flagExtra != 0 {
		c, st := m.extra(v, w, s.loose[v])
		s.sum.continuity += n * c
		s.sum.stable += n * st
	}
	if s.loose[v] {
		s.sum.broken += n
	}
}

// recount computes loads and sums from nothing: the prices have changed.
func (s *state) recount() {
	s.sum = sums{}
	for i := range s.tours {
		t := &s.tours[i]
		t.load, t.linked, t.lates, t.front, t.work, t.late, t.maxLate, t.over = 0, 0, 0, 0, 0, 0, 0, 0
	}
	for v, ti := range s.at {
		if ti < 0 {
			s.countAbsent(int32(v), 1)
		} else {
			s.count(int32(v), ti, 1)
		}
	}
	for i := range s.tours {
		t := &s.tours[i]
		for _, r := range t.recs[:len(t.recs)-1] {
			s.sum.travel += int64(r.leg)
		}
		s.price(int32(i))
	}
}
