package route

import (
	"cmp"
	"maps"
	"slices"

	"linli"
)

// Board is a rolling day: visits come and go, workers change, time moves on,
// and every question is answered from the plan as it stands. It is a Problem
// and a Plan that grow in place, on the same kernel. One goroutine at a time
// may use a Board; a longer search works on a Snapshot.
type Board struct {
	m       *model
	s       *state
	travel  func(a, b linli.Point, there, back []int32)
	there   []int32 // what travel fills in
	back    []int32
	index   map[linli.Point]int32 // internal place of a point
	points  []linli.Point         // by internal place
	refs    []int
	free    []int32
	visits  []int // unused slots
	workers []int
	version uint64
}

// BoardSpec is what a board needs before the first visit.
type BoardSpec struct {
	// Travel fills in the seconds from a to b and those from b to a, by speed profile.
	Travel func(a, b linli.Point, there, back []int32)
	// Profiles is the number of speed profiles Travel knows; 0 means 1.
	Profiles int
	// Costs are the prices; the zero value means DefaultCosts.
	Costs Costs
	// Now is the moment the board starts at.
	Now int32
}

// NewBoard makes an empty board.
func NewBoard(spec BoardSpec) (*Board, error) {
	if spec.Travel == nil {
		return nil, linli.Invalid("travel", "缺少行程时间函数", "the travel function is missing")
	}
	m := &model{costs: spec.Costs, now: spec.Now}
	if m.costs == (Costs{}) {
		m.costs = DefaultCosts()
	}
	if err := m.costs.check(); err != nil {
		return nil, err
	}
	m.alloc(max(spec.Profiles, 1), 64)
	m.places = 1 // Anywhere
	return &Board{
		m: m, s: newState(m), travel: spec.Travel, there: make([]int32, len(m.travel)), back: make([]int32, len(m.travel)),
		index: map[linli.Point]int32{}, points: make([]linli.Point, 1), refs: make([]int, 1),
	}, nil
}

// hold gives the public place of a point and counts its use; the unknown point
// is Anywhere.
func (b *Board) hold(p linli.Point) int {
	if p.IsZero() {
		return Anywhere
	}
	if i, ok := b.index[p]; ok {
		b.refs[i]++
		return int(i) - 1
	}
	var i int32
	if n := len(b.free); n > 0 {
		i, b.free = b.free[n-1], b.free[:n-1]
	} else {
		i = int32(b.m.places)
		if b.m.places == b.m.stride {
			b.m.alloc(len(b.m.travel), b.m.stride*2)
		}
		b.m.places++
		b.points, b.refs = append(b.points, linli.Point{}), append(b.refs, 0)
	}
	b.points[i], b.refs[i], b.index[p] = p, 1, i
	for j := 1; j < b.m.places; j++ {
		if b.refs[j] > 0 {
			b.travel(p, b.points[j], b.there, b.back)
			for profile := range b.there {
				b.m.setLeg(profile, int(i), j, leg(b.there[profile]))
				b.m.setLeg(profile, j, int(i), leg(b.back[profile]))
			}
		}
	}
	return int(i) - 1
}

func leg(s int32) int32 { return min(max(s, 0), Unreachable) }

// drop ends a use of a public place.
func (b *Board) drop(place int) {
	if i := int32(place + 1); i > 0 {
		if b.refs[i]--; b.refs[i] == 0 {
			delete(b.index, b.points[i])
			b.free = append(b.free, i)
		}
	}
}

// Now is the board's moment.
func (b *Board) Now() int32 { return b.m.now }

// AddVisit puts a visit on the board, unserved, and gives its index. Place is
// ignored, the point counts; a fixed visit is seated where it belongs.
func (b *Board) AddVisit(at linli.Point, v Visit) (int, error) {
	v.Place = b.hold(at)
	i := len(b.m.visits)
	reuse := len(b.visits) > 0
	if reuse {
		i = b.visits[len(b.visits)-1]
	}
	if err := b.m.setVisit(i, v); err != nil {
		b.drop(v.Place)
		return 0, err
	}
	if reuse {
		b.visits = b.visits[:len(b.visits)-1]
		b.s.countAbsent(int32(i), 1)
		if b.s.grace != nil {
			b.s.grace[i] = 0
		}
	} else {
		b.s.growVisits()
	}
	if v.Fixed != nil {
		b.s.seatFixed()
	}
	b.version++
	return i, nil
}

// Link ties two unserved visits of the board; see Link for the meaning.
func (b *Board) Link(l Link) error {
	for _, v := range []int{l.A, l.B} {
		if err := b.s.waiting(v); err != nil {
			return err
		}
	}
	b.version++
	return b.m.addLink(len(b.m.links), l)
}

// SetVisit changes a visit, for example its windows, its promise or that it is
// fixed. A served visit keeps its place when the worker may still serve it;
// otherwise it is taken out of the plan, with the visits linked to it, and
// they are returned.
func (b *Board) SetVisit(visit int, at linli.Point, v Visit) (released []int, err error) {
	if err := b.known(visit); err != nil {
		return nil, err
	}
	i, s := int32(visit), b.s
	old := b.m.visits[visit].src
	v.Place = b.hold(at)
	if err := b.m.checkVisit(visit, &v); err != nil {
		b.drop(v.Place)
		return nil, err
	}
	seated, was := s.at[i] >= 0, seat{v: i, tour: s.at[i], pos: s.pos[i], loose: s.loose[i] && v.Promise != nil}
	if seated {
		s.lenient = true
		s.lift(i)
	}
	s.countAbsent(i, -1)
	err = b.m.setVisit(visit, v)
	s.countAbsent(i, 1)
	if seated {
		s.put(was)
		s.settleTour(was.tour)
		s.lenient = false
		if !b.m.visits[i].elig.has(b.m.tours[was.tour].worker) {
			released = b.release(i)
		}
	} else if v.Fixed != nil {
		s.seatFixed()
	}
	b.drop(old.Place)
	b.version++
	return released, err
}

// settleTour times a tour anew, with those its links reach.
func (s *state) settleTour(ti int32) {
	s.retime(ti)
	s.backwardAll(ti)
	s.price(ti)
}

// release unseats a visit with its group, fixed or not.
func (b *Board) release(v int32) (out []int) {
	s := b.s
	var served []int32
	for _, g := range b.m.groupOf(v) {
		if s.at[g] >= 0 {
			served = append(served, g)
			out = append(out, int(g))
		}
	}
	s.lenient = true
	s.liftAll(served...)
	s.lenient = false
	return out
}

func (b *Board) known(visit int) error {
	if visit < 0 || visit >= len(b.m.visits) || b.m.hot[visit].flags&flagGone != 0 {
		return linli.NotFound("没有这次服务", "there is no such visit")
	}
	return nil
}

// RemoveVisit takes a visit off the board; its index may be given to another.
// The visits linked to it stay, unserved and no longer linked to it; those
// that were served are returned.
func (b *Board) RemoveVisit(visit int) (released []int, err error) {
	if err := b.known(visit); err != nil {
		return nil, err
	}
	i := int32(visit)
	for _, g := range b.release(i) {
		if g != visit {
			released = append(released, g)
		}
	}
	b.unlink(i)
	b.s.countAbsent(i, -1)
	b.drop(b.m.visits[visit].src.Place)
	b.m.visits[visit] = visit0
	b.m.hot[visit] = hot{flags: flagGone}
	b.visits = append(b.visits, visit)
	b.version++
	return released, nil
}

var visit0 = visit{tier: Tiers}

// unlink removes the links of a visit and splits its group.
func (b *Board) unlink(v int32) {
	m := b.m
	group := slices.Clone(m.visits[v].group)
	for _, k := range slices.Clone(m.visits[v].links) {
		m.links[k].gone = true
		for _, x := range []int32{m.links[k].a, m.links[k].b} {
			m.visits[x].links = slices.DeleteFunc(slices.Clone(m.visits[x].links), func(l int32) bool { return l == k })
		}
	}
	for _, x := range group {
		m.visits[x].group = nil
		m.hot[x].flags &^= flagLinked
	}
	for _, x := range group {
		for _, k := range m.visits[x].links {
			joined := slices.Concat(m.groupOf(m.links[k].a), m.groupOf(m.links[k].b))
			slices.Sort(joined)
			joined = slices.Compact(joined)
			for _, y := range joined {
				m.visits[y].group = joined
				m.hot[y].flags |= flagLinked
			}
		}
	}
}

// AddWorker puts a worker on the board and gives its index. Start and End of
// the worker are ignored, the points count; an unknown end is Anywhere.
func (b *Board) AddWorker(start, end linli.Point, w Worker) (int, error) {
	i := len(b.m.workers)
	if n := len(b.workers); n > 0 {
		i = b.workers[n-1]
	}
	if _, err := b.setWorker(i, start, end, w); err != nil {
		return 0, err
	}
	if n := len(b.workers); n > 0 && b.workers[n-1] == i {
		b.workers = b.workers[:n-1]
	}
	return i, nil
}

// SetWorker changes a worker: other shifts, another place, other skills, none
// when sick. The worker's visits keep their order where they still fit; the
// others are taken out of the plan, with the visits linked to them, are no
// longer fixed, and are returned.
func (b *Board) SetWorker(worker int, start, end linli.Point, w Worker) (released []int, err error) {
	if worker < 0 || worker >= len(b.m.workers) || b.m.workers[worker].gone {
		return nil, linli.NotFound("没有这名人员", "there is no such worker")
	}
	return b.setWorker(worker, start, end, w)
}

func (b *Board) setWorker(i int, start, end linli.Point, w Worker) (released []int, err error) {
	m, s := b.m, b.s
	w.Start, w.End = b.hold(start), b.hold(end)
	if err := m.checkWorker(i, &w); err != nil {
		b.drop(w.Start)
		b.drop(w.End)
		return nil, err
	}
	type stood struct {
		v, start int32
	}
	var before []stood
	if i < len(m.workers) {
		for _, ti := range m.workers[i].tours {
			t := &s.tours[ti]
			vis := slices.Clone(t.vis[1 : len(t.vis)-1])
			for _, v := range vis {
				before = append(before, stood{v, s.startOf(v)})
			}
			s.lenient = true
			for _, v := range vis {
				s.lift(v)
			}
			s.lenient = false
		}
		if !m.workers[i].gone {
			b.dropFrames(i)
		}
	}
	err = m.setWorker(i, w)
	for _, ti := range m.workers[i].tours {
		for int(ti) >= len(s.tours) {
			s.growTours()
		}
		s.clearTour(ti)
		if !m.tours[ti].gone {
			b.refs[m.tours[ti].start]++
			b.refs[m.tours[ti].end]++
		}
	}
	b.drop(w.Start)
	b.drop(w.End)
	s.recount()
	// Shifts are found by the hour, not by their number: yesterday's has left the list.
	slices.SortStableFunc(before, func(x, y stood) int { return cmp.Compare(x.start, y.start) })
	for _, old := range before {
		ti, ok := m.tourFor(i, old.start)
		if !ok || old.start < m.tours[ti].from || old.start > m.tours[ti].hard {
			released = append(released, int(old.v)) // also what has begun: in another shift it would be no fact
			continue
		}
		x := seat{v: old.v, tour: ti, pos: int32(len(s.tours[ti].recs) - 1), loose: s.loose[old.v]}
		if m.hot[x.v].flags&flagBegun != 0 {
			s.put(x)
			s.adopt()
			continue
		}
		x.loose = false
		s.begin()
		if m.visits[x.v].elig.has(int32(i)) && s.take([]seat{x}) {
			s.keep()
			continue
		}
		s.rollback()
		released = append(released, int(x.v))
	}
	for _, v := range slices.Clone(released) {
		released = append(released, b.release(int32(v))...)
	}
	slices.Sort(released)
	released = slices.Compact(released)
	for _, v := range released {
		b.unfix(int32(v))
	}
	b.version++
	return released, err
}

func (b *Board) dropFrames(worker int) {
	for _, ti := range b.m.workers[worker].tours {
		if t := &b.m.tours[ti]; !t.gone {
			b.drop(int(t.start) - 1)
			b.drop(int(t.end) - 1)
		}
	}
}

// RemoveWorker takes a worker off the board; its index may be given to
// another. Its visits are taken out of the plan and returned.
func (b *Board) RemoveWorker(worker int) (released []int, err error) {
	if worker < 0 || worker >= len(b.m.workers) || b.m.workers[worker].gone {
		return nil, linli.NotFound("没有这名人员", "there is no such worker")
	}
	for v := range b.m.visits {
		if f := b.m.visits[v].src.Fixed; f != nil && f.Worker == worker && b.m.hot[v].flags&flagGone == 0 {
			return nil, linli.Conflict("该人员还有锁定的服务", "the worker still has fixed visits")
		}
	}
	released, err = b.setWorker(worker, linli.Point{}, linli.Point{}, Worker{})
	b.m.workers[worker].gone = true
	for v := range b.m.visits {
		b.m.visits[v].elig.set(int32(worker), false)
	}
	b.workers = append(b.workers, worker)
	return released, err
}

// Advance moves the board's moment: nothing begins by that, and what has not
// begun starts no earlier than a worker who leaves now can be there.
func (b *Board) Advance(now int32) {
	b.m.now = now
	for ti := range b.s.tours {
		if spec := &b.m.tours[ti]; !spec.gone {
			b.s.tours[ti].recs[0].dep = max(spec.from, now)
		}
	}
	b.s.adopt()
	b.version++
}

// Freeze moves the board's moment. Every visit whose worker must leave for it
// within the horizon becomes begun: it keeps its worker, start and place in
// front. The visits newly begun are returned.
func (b *Board) Freeze(now, horizon int32) (begun []int) {
	m, s := b.m, b.s
	m.now = now
	for ti := range s.tours {
		t, spec := &s.tours[ti], &m.tours[ti]
		if spec.gone {
			continue
		}
		t.recs[0].dep = max(spec.from, now)
		for i := int(t.front) + 1; i < len(t.recs)-1; i++ {
			v := t.vis[i]
			start := s.startOf(v)
			if start-t.recs[i-1].leg > now+horizon {
				break
			}
			f := &Fixed{Worker: int(spec.worker), Start: start, Begun: true}
			b.fix(v, f)
			begun = append(begun, int(v))
		}
	}
	s.adopt()
	b.version++
	return begun
}

// fix nails a served visit without moving it.
func (b *Board) fix(v int32, f *Fixed) {
	src := b.m.visits[v].src
	src.Fixed = f
	ti := b.s.at[v]
	b.s.count(v, ti, -1)
	if err := b.m.setVisit(int(v), src); err != nil {
		panic(err) // the visit was checked when it came, the fix is ours
	}
	b.s.count(v, ti, 1)
}

// unfix frees a visit that was released from the worker it was fixed to.
func (b *Board) unfix(v int32) {
	src := b.m.visits[v].src
	if src.Fixed == nil {
		return
	}
	src.Fixed = nil
	if err := b.m.setVisit(int(v), src); err != nil {
		panic(err) // it was checked when it came
	}
}

// Done takes the first visit of a tour off the board: it ended at a moment,
// the worker goes on from there, and the service time counts for the week.
func (b *Board) Done(visit int, end int32) error {
	if err := b.known(visit); err != nil {
		return err
	}
	s, m, v := b.s, b.m, int32(visit)
	ti := s.at[v]
	if ti < 0 || s.pos[v] != 1 {
		return linli.Conflict("该服务不是这名人员的当前服务", "the visit is not the first of its worker")
	}
	spec := &m.tours[ti]
	b.unlink(v)
	s.recount()
	place := m.visits[v].src.Place
	if i := place + 1; i > 0 {
		b.refs[i]++
	}
	b.drop(int(spec.start) - 1)
	spec.start, spec.from = int32(place+1), max(spec.from, min(end, MaxTime))
	m.workers[spec.worker].src.Week += m.hot[v].dur
	s.lenient = true
	s.lift(v)
	t := &s.tours[ti]
	t.recs[0].place, t.recs[0].dep = spec.start, max(spec.from, m.now)
	if len(t.recs) > 2 {
		t.recs[0].leg = m.leg(spec.profile, spec.start, t.recs[1].place)
	}
	s.lenient = false
	_, err := b.RemoveVisit(visit)
	s.adopt()
	return err
}

// Insert lists the best place of an unserved visit with every worker who can
// take it, cheapest first; see the function Insert.
func (b *Board) Insert(visit int) ([]Choice, error) {
	if err := b.s.waiting(visit); err != nil {
		return nil, err
	}
	return b.s.choices(int32(visit)), nil
}

// Commit puts a choice of Insert into the plan; a conflict when the board has
// moved on and the place is gone.
func (b *Board) Commit(c Choice) error {
	b.version++
	return b.s.commit(c)
}

// Remove takes a visit, and those linked to it, out of the plan but leaves
// them on the board. Fixed visits stay.
func (b *Board) Remove(visit int) error {
	b.version++
	return b.s.remove(visit)
}

// Explain says why a visit is served as it is, or why it is not.
func (b *Board) Explain(visit int) (Explanation, error) {
	if err := b.known(visit); err != nil {
		return Explanation{}, err
	}
	return explain(b.s, int32(visit)), nil
}

// Announce promises every visit the worker and start of the plan, to be told
// notice seconds before it starts. Until then the promise moves with the plan
// and changing it is free; once told it stays, has its price, and the visit is
// among those returned. One that the plan has given up stays so, and fixed
// visits need none.
func (b *Board) Announce(notice int32) (told []int, err error) {
	s, m := b.s, b.m
	for ti := range s.tours {
		vis := slices.Clone(s.tours[ti].vis) // a visit that cannot stay leaves it
		for _, v := range vis[1 : len(vis)-1] {
			src := m.visits[v].src
			if s.at[v] != int32(ti) || src.Fixed != nil || s.loose[v] {
				continue
			}
			if src.Promise != nil && src.Promise.AnnouncedAt <= m.now {
				told = append(told, int(v))
				continue
			}
			start := s.startOf(v)
			p := Promise{Worker: int(m.tours[ti].worker), Start: start, AnnouncedAt: max(m.now, start-notice)}
			if src.Promise == nil || *src.Promise != p {
				src.Promise = &p
				if _, err := b.SetVisit(int(v), b.points[src.Place+1], src); err != nil {
					return told, err
				}
			}
			if p.AnnouncedAt == m.now {
				told = append(told, int(v))
			}
		}
	}
	return told, nil
}

// Cost is the cost vector of the board's plan.
func (b *Board) Cost() Cost { return b.s.cost() }

// Tours lists the tours that serve something, by worker and shift.
func (b *Board) Tours() []Tour { return (&Plan{b.s}).Tours() }

// Tour is one shift of a worker as planned; not ok when there is none.
func (b *Board) Tour(worker, shift int) (Tour, bool) {
	ti, ok := b.m.tourOf(worker, shift)
	if !ok {
		return Tour{}, false
	}
	return b.s.tour(ti), true
}

// Served tells who serves a visit and when; not ok when nobody does.
func (b *Board) Served(visit int) (worker, shift int, start int32, ok bool) {
	return (&Plan{b.s}).Served(visit)
}

// Unserved lists the visits nobody serves, ascending.
func (b *Board) Unserved() []int { return (&Plan{b.s}).Unserved() }

// Check recomputes the board's plan and lists what it breaks.
func (b *Board) Check() []Violation { return (&Plan{b.s}).Check() }

// Clone copies the board, to think on what nobody should see yet.
func (b *Board) Clone() *Board {
	c := *b
	c.m, c.s = b.m.clone(), b.s.clone()
	c.s.m = c.m
	c.there, c.back = slices.Clone(b.there), slices.Clone(b.back)
	c.index, c.points, c.refs = maps.Clone(b.index), slices.Clone(b.points), slices.Clone(b.refs)
	c.free, c.visits, c.workers = slices.Clone(b.free), slices.Clone(b.visits), slices.Clone(b.workers)
	return &c
}

// Begun tells whether a visit has been frozen: it stays with its worker, in front.
func (b *Board) Begun(visit int) bool {
	return b.known(visit) == nil && b.m.hot[visit].flags&flagBegun != 0
}

// Snapshot freezes the board as it is, for a solver that works beside it.
func (b *Board) Snapshot() (*Problem, *Plan, uint64) {
	m := b.m.clone()
	s := b.s.clone()
	s.m = m
	return &Problem{m}, &Plan{s}, b.version
}

// Adopt takes over a plan made from the Snapshot of the given version; a
// conflict when the board has changed since. It returns what changes.
func (b *Board) Adopt(pl *Plan, version uint64) ([]Change, error) {
	if version != b.version || len(pl.s.at) != len(b.s.at) || len(pl.s.tours) != len(b.s.tours) {
		return nil, linli.Conflict("计划已变动，请重新计算", "the board has changed since the snapshot")
	}
	changes := diff(b.s, pl.s)
	s := pl.s.clone()
	s.m, s.w = b.m, lexical
	b.s = s
	b.version++
	return changes, nil
}

// clone copies the model so that one may change without the other.
func (m *model) clone() *model {
	c := *m
	c.travel = make([]legs, len(m.travel))
	for i, t := range m.travel {
		c.travel[i] = legs{slices.Clone(t.out), slices.Clone(t.in)}
	}
	c.hot, c.visits = slices.Clone(m.hot), slices.Clone(m.visits)
	for i := range c.visits {
		c.visits[i].elig = slices.Clone(c.visits[i].elig)
		c.visits[i].links = slices.Clip(c.visits[i].links) // one of the two will append
	}
	c.workers, c.tours, c.links = slices.Clone(m.workers), slices.Clone(m.tours), slices.Clone(m.links)
	for i := range c.workers {
		c.workers[i].tours = slices.Clone(c.workers[i].tours)
	}
	return &c
}

// Change is a visit whose worker or start differs between two plans; Worker
// -1 means unserved.
type Change struct {
	Visit                int
	FromWorker, ToWorker int
	FromStart, ToStart   int32
}

// Diff lists the visits that two plans of one problem serve differently.
func Diff(from, to *Plan) []Change { return diff(from.s, to.s) }

func diff(from, to *state) (out []Change) {
	for v := range from.at {
		c := Change{Visit: v, FromWorker: -1, ToWorker: -1}
		if t := from.at[v]; t >= 0 {
			c.FromWorker, c.FromStart = int(from.m.tours[t].worker), from.startOf(int32(v))
		}
		if t := to.at[v]; t >= 0 {
			c.ToWorker, c.ToStart = int(to.m.tours[t].worker), to.startOf(int32(v))
		}
		if c.FromWorker != c.ToWorker || c.FromStart != c.ToStart {
			out = append(out, c)
		}
	}
	return out
}
