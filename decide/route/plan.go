package route

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"linli"
)

// Plan says who serves which visit when. It is a value: Clone copies it, and
// no plan changes another. One goroutine at a time may use a Plan.
type Plan struct {
	s *state
}

// Stop is one visit of a tour. Released tells that the promise made for it is
// given up.
type Stop struct {
	Visit    int
	Start    int32
	Released bool
}

// Pause is when a break is taken. AfterWork tells that it falls behind the
// last visit.
type Pause struct {
	Start, Duration int32
	AfterWork       bool
}

// Tour is one shift of a worker, in order. End is the arrival at the end
// place, of an empty tour its begin.
type Tour struct {
	Worker, Shift int
	Stops         []Stop
	Pauses        []Pause
	End           int32
}

// Empty is the plan that serves nothing but the fixed visits.
func (p *Problem) Empty() *Plan {
	return &Plan{emptyState(p.m)}
}

func emptyState(m *model) *state {
	s := newState(m)
	s.seatFixed()
	return s
}

// seatFixed seats the fixed visits that are not served yet where they belong,
// whatever rules that breaks.
func (s *state) seatFixed() {
	var fixed []int32
	for v := range s.m.visits {
		if s.m.hot[v].flags&(flagFixed|flagGone) == flagFixed && s.at[v] < 0 {
			fixed = append(fixed, int32(v))
		}
	}
	slices.SortStableFunc(fixed, func(a, b int32) int {
		fa, fb := s.m.visits[a].src.Fixed, s.m.visits[b].src.Fixed
		if fa.Begun != fb.Begun {
			if fa.Begun {
				return -1
			}
			return 1
		}
		return int(fa.Start) - int(fb.Start)
	})
	placed := false
	for _, v := range fixed {
		f := s.m.visits[v].src.Fixed
		if ti, ok := s.m.tourFor(f.Worker, f.Start); ok {
			t := &s.tours[ti]
			pos := len(t.recs) - 1
			for pos > 1 && pos > int(t.front)+1 && s.startOf(t.vis[pos-1]) > f.Start {
				pos--
			}
			s.put(seat{v: v, tour: ti, pos: int32(pos)})
			placed = true
		}
	}
	if placed {
		s.adopt()
	}
}

// adopt times a plan as it is: what breaks a rule gets the grace to stay, and
// nothing may make it worse.
func (s *state) adopt() {
	s.lenient, s.grace = true, nil
	for i := range s.tours {
		t := &s.tours[i]
		t.grace, t.recs[len(t.recs)-1].lat = 0, s.m.tours[i].hard
	}
	s.refresh()
	s.recount()
	s.lenient = false
}

// tourFor is the tour of a worker that a start belongs to.
func (m *model) tourFor(w int, start int32) (int32, bool) {
	tours := m.workers[w].tours
	for i := len(tours) - 1; i >= 0; i-- {
		if spec := &m.tours[tours[i]]; !spec.gone && (start >= spec.from || !m.liveBefore(tours[:i])) {
			return tours[i], true
		}
	}
	return 0, false
}

func (m *model) liveBefore(tours []int32) bool {
	return slices.ContainsFunc(tours, func(t int32) bool { return !m.tours[t].gone })
}

// Plan takes over given tours as they are, with the visits in the given order
// at their earliest starts. Visits not named stay unserved, fixed visits are
// added. A plan that breaks rules is kept; Check lists what it breaks, and no
// later move makes that worse.
func (p *Problem) Plan(tours []Tour) (*Plan, error) {
	s := newState(p.m)
	for _, t := range tours {
		ti, ok := p.m.tourOf(t.Worker, t.Shift)
		if !ok {
			return nil, linli.Invalidf("tours", "没有人员 %d 的第 %d 个班次", "worker %d has no shift %d", t.Worker, t.Shift)
		}
		for _, x := range t.Stops {
			if x.Visit < 0 || x.Visit >= len(s.at) || s.at[x.Visit] >= 0 {
				return nil, linli.Invalidf("tours", "服务 %d 不存在或重复出现", "visit %d does not exist or occurs twice", x.Visit)
			}
			s.put(seat{v: int32(x.Visit), tour: ti, pos: int32(len(s.tours[ti].recs) - 1), loose: x.Released})
		}
	}
	s.adopt()
	s.seatFixed()
	return &Plan{s}, nil
}

func (m *model) tourOf(w, shift int) (int32, bool) {
	if w < 0 || w >= len(m.workers) || shift < 0 || shift >= len(m.workers[w].tours) {
		return 0, false
	}
	t := m.workers[w].tours[shift]
	return t, !m.tours[t].gone
}

// Tours lists the tours that serve something, by worker and shift.
func (pl *Plan) Tours() []Tour {
	var out []Tour
	s := pl.s
	for w := range s.m.workers {
		for _, ti := range s.m.workers[w].tours {
			if len(s.tours[ti].recs) > 2 {
				out = append(out, s.tour(ti))
			}
		}
	}
	return out
}

func (s *state) tour(ti int32) Tour {
	t, spec := &s.tours[ti], &s.m.tours[ti]
	x := Tour{Worker: int(spec.worker), Shift: int(spec.shift), End: s.endOf(t)}
	for _, v := range t.vis[1 : len(t.vis)-1] {
		x.Stops = append(x.Stops, Stop{Visit: int(v), Start: s.startOf(v), Released: s.loose[v]})
	}
	for i, at := range t.pauses {
		p := Pause{Start: at, Duration: spec.breaks[i].Duration}
		if at == pauseAfter {
			p.AfterWork, p.Start = true, max(x.End, spec.breaks[i].Open)
		}
		x.Pauses = append(x.Pauses, p)
	}
	return x
}

// Served tells who serves a visit and when; not ok when nobody does.
func (pl *Plan) Served(visit int) (worker, shift int, start int32, ok bool) {
	s := pl.s
	if visit < 0 || visit >= len(s.at) || s.at[visit] < 0 {
		return 0, 0, 0, false
	}
	spec := &s.m.tours[s.at[visit]]
	return int(spec.worker), int(spec.shift), s.startOf(int32(visit)), true
}

// Unserved lists the visits nobody serves, ascending.
func (pl *Plan) Unserved() []int {
	var out []int
	for v, t := range pl.s.at {
		if t < 0 && pl.s.m.hot[v].flags&flagGone == 0 {
			out = append(out, v)
		}
	}
	return out
}

// Cost is the cost vector of the plan.
func (pl *Plan) Cost() Cost { return pl.s.cost() }

// Travel is the sum of all travel in seconds.
func (pl *Plan) Travel() int64 { return pl.s.sum.travel }

// Clone copies the plan.
func (pl *Plan) Clone() *Plan { return &Plan{pl.s.clone()} }

// Digest is the first 16 hex digits of SHA-256 over the tours, starts, breaks
// and costs: equal plans, equal digest.
func (pl *Plan) Digest() string {
	h := sha256.New()
	var buf []byte
	word := func(x int64) { buf = binary.LittleEndian.AppendUint64(buf, uint64(x)) }
	for _, t := range pl.Tours() {
		word(int64(t.Worker))
		word(int64(t.Shift))
		word(int64(len(t.Stops)))
		for _, x := range t.Stops {
			word(int64(x.Visit))
			word(int64(x.Start))
			if x.Released {
				word(1)
			} else {
				word(0)
			}
		}
		for _, p := range t.Pauses {
			word(int64(p.Start))
		}
		word(int64(t.End))
	}
	for _, c := range pl.Cost() {
		word(c)
	}
	h.Write(buf)
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Choice is a place for a visit with one worker: the cheapest one that breaks
// no hard rule and no promise made to somebody else.
type Choice struct {
	Visit         int
	Worker, Shift int
	Start         int32
	Cost          Split
	// Released tells that the visit's own promise cannot be kept this way.
	Released bool
	// Partners are the places of the linked visits, served together with it.
	Partners []Partner

	value int64
	seats []seat
}

// Partner is the place of a visit linked to the one asked about.
type Partner struct {
	Visit, Worker, Shift int
	Start                int32
}

// Insert lists the best place of an unserved visit with every worker who can
// take it, cheapest first. An empty list means no feasible insertion exists.
// Only when nobody can keep the visit's own promise, places that give it up
// are listed. The plan does not change.
func Insert(pl *Plan, visit int) ([]Choice, error) {
	s := pl.s
	if err := s.waiting(visit); err != nil {
		return nil, err
	}
	return s.choices(int32(visit)), nil
}

func (s *state) waiting(visit int) error {
	if visit < 0 || visit >= len(s.at) || s.m.hot[visit].flags&flagGone != 0 {
		return linli.NotFound("没有这次服务", "there is no such visit")
	}
	if s.at[visit] >= 0 {
		return linli.Conflict("该服务已安排", "the visit is already in the plan")
	}
	return nil
}

// Commit puts a choice of Insert into the plan. It fails with a conflict, and
// changes nothing, when the plan has moved on and the place is gone.
func (pl *Plan) Commit(c Choice) error { return pl.s.commit(c) }

func (s *state) commit(c Choice) error {
	gone := linli.Conflict("计划已变动，请重新选择", "the plan has moved on, choose again")
	for _, x := range c.seats {
		if int(x.v) >= len(s.at) || s.at[x.v] >= 0 || s.m.hot[x.v].flags&flagGone != 0 ||
			int(x.tour) >= len(s.tours) || s.m.tours[x.tour].gone ||
			int(x.pos) >= len(s.tours[x.tour].recs) || x.pos <= s.tours[x.tour].front ||
			!s.m.visits[x.v].elig.has(s.m.tours[x.tour].worker) ||
			s.tours[x.tour].load+s.m.hot[x.v].load > s.m.tours[x.tour].capacity {
			return gone
		}
	}
	if len(c.seats) == 0 {
		return gone
	}
	s.begin()
	if !s.take(c.seats) || s.startOf(int32(c.Visit)) != c.Start {
		s.rollback()
		return gone
	}
	s.keep()
	return nil
}

// Remove takes a visit, and those linked to it, out of the plan. Fixed visits
// stay.
func (pl *Plan) Remove(visit int) error { return pl.s.remove(visit) }

func (s *state) remove(visit int) error {
	if visit < 0 || visit >= len(s.at) || s.at[visit] < 0 {
		return linli.NotFound("该服务不在计划中", "the visit is not in the plan")
	}
	var served []int32
	for _, v := range s.m.groupOf(int32(visit)) {
		if s.m.hot[v].flags&flagFixed != 0 {
			return linli.Conflict("该服务已锁定", "the visit is fixed")
		}
		if s.at[v] >= 0 {
			served = append(served, v)
		}
	}
	// Without the triangle inequality a removal can make a leg longer.
	s.lenient = true
	s.liftAll(served...)
	s.lenient = false
	return nil
}
