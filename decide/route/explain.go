package route

import (
	"cmp"
	"slices"

	"linli"
)

// Explanation says why a visit is served as it is, or why it is not, in codes
// and numbers; the caller words it.
type Explanation struct {
	Visit int
	// Served tells that somebody serves the visit: Worker, who is number Rank
	// (from 1) of all who could, at the cost of Chosen. Rank 0 means that no
	// rule-keeping place for it exists with Worker: it was placed by hand.
	Served bool
	Worker int
	Rank   int
	Chosen Split
	// RunnerUp is the cheapest other worker, nil when there is none.
	RunnerUp *Choice
	// Workers holds one verdict per worker, by index.
	Workers []Verdict
	// Alone tells, for an unserved visit, that an otherwise empty day could
	// serve it (and those linked to it): it was crowded out, not impossible.
	Alone bool
	// Relaxed lists the smallest single changes that would make an unserved
	// visit fit into the plan as it stands.
	Relaxed []Relaxation
	// NoInsertion is the proof bit of an unserved visit: every position was
	// looked at and none keeps all hard rules.
	NoInsertion bool
}

// Verdict is what stands between a worker and a visit, or what the worker's
// best place costs.
type Verdict struct {
	Worker int
	// Gate is the first gate failed; GateNone when Place says where it fits.
	Gate Gate
	// Visit is, for GatePromise, the visit that would come too late, for
	// GateLink the linked visit that finds no place; -1 otherwise.
	Visit int
	// By is how many seconds the best attempt is too late, for GateWindow and
	// GatePromise; for GateShift how many seconds of work lack.
	By    int32
	Place *Choice
}

// Relaxation is one change that alone makes an unserved visit fit. One unit
// less is not enough.
type Relaxation struct {
	// Change is what gives: "later" or "earlier" (the window, by Minutes),
	// "level" (of Skill, one lower), "overtime" (of Worker, by Minutes),
	// "exclusion" (of Worker is lifted) or "displace" (Visit of a lower tier).
	Change  string
	Minutes int
	Skill   int
	Worker  int
	Visit   int
	// Place is where the visit would then go.
	Place Choice
}

// Explain says why a visit of the plan is served as it is, or why not. The
// plan does not change.
func Explain(pl *Plan, visit int) (Explanation, error) {
	if visit < 0 || visit >= len(pl.s.at) {
		return Explanation{}, linli.NotFound("没有这次服务", "there is no such visit")
	}
	return explain(pl.s, int32(visit)), nil
}

func explain(s *state, v int32) Explanation {
	e := Explanation{Visit: int(v), Worker: -1}
	work := s.clone() // the visit is lifted, asked about and thrown away
	if s.at[v] >= 0 {
		e.Served, e.Worker = true, int(s.m.tours[s.at[v]].worker)
		var served []int32
		for _, g := range s.m.groupOf(v) {
			if work.at[g] >= 0 {
				served = append(served, g)
			}
		}
		work.lenient = true
		work.liftAll(served...)
		work.lenient = false
	}
	choices := work.choices(v)
	e.Workers = work.verdicts(v, choices)
	for i := range choices {
		c := &choices[i]
		switch {
		case e.Served && c.Worker == e.Worker:
			e.Rank, e.Chosen = i+1, c.Cost
		case e.RunnerUp == nil:
			e.RunnerUp = c
		}
	}
	if !e.Served && len(choices) == 0 {
		e.NoInsertion = true
		e.Alone = work.m.alone(v)
		e.Relaxed = work.relax(v)
	}
	return e
}

// verdicts judges every worker of the plan.
func (s *state) verdicts(v int32, choices []Choice) []Verdict {
	out := make([]Verdict, 0, len(s.m.workers))
	by := make(map[int]*Choice, len(choices))
	for i := range choices {
		by[choices[i].Worker] = &choices[i]
	}
	for w := range s.m.workers {
		if s.m.workers[w].gone {
			continue
		}
		if c := by[w]; c != nil {
			out = append(out, Verdict{Worker: w, Visit: -1, Place: c})
			continue
		}
		out = append(out, s.verdict(v, w))
	}
	return out
}

// verdict finds the gate that stops a worker who has no place for v: of all
// positions the one that comes furthest counts.
func (s *state) verdict(v int32, w int) Verdict {
	out := Verdict{Worker: w, Visit: -1, Gate: s.m.gate(&s.m.visits[v], w)}
	if out.Gate != GateNone {
		return out
	}
	out.Gate = GateShift
	for _, ti := range s.m.workers[w].tours {
		if s.m.tours[ti].gone {
			continue
		}
		if x := s.tourVerdict(v, ti); x.Gate > out.Gate || x.Gate == out.Gate && (out.By == 0 || x.By < out.By) {
			x.Worker = w
			out = x
		}
	}
	return out
}

func (s *state) tourVerdict(v, ti int32) Verdict {
	m, spec, t, h := s.m, &s.m.tours[ti], &s.tours[ti], &s.m.hot[v]
	x := Verdict{Visit: -1}
	q := s.ask(v, false)
	row, col := m.row(spec.profile, h.place), m.col(spec.profile, h.place)
	// Shift: the windows miss it even without any travel.
	start, ok := q.start(max(spec.from, m.now))
	if end := start + h.dur; !ok || end > spec.hard {
		x.Gate, x.By = GateShift, max(0, end-spec.hard)
		if !ok {
			x.By = start - q.wins[len(q.wins)-1].Close
		}
		return x
	}
	x.Gate, x.By = GateWindow, MaxTime
	fits := false
	late := Verdict{Gate: GatePromise, Visit: -1, By: MaxTime}
	for i := int(t.front) + 1; i < len(t.recs); i++ {
		prev, next := &t.recs[i-1], &t.recs[i]
		start, ok := q.start(prev.dep + col[prev.place])
		if !ok {
			x.By = min(x.By, start-q.wins[len(q.wins)-1].Close)
			continue
		}
		fin := start + h.dur + row[next.place]
		if fin <= next.lat {
			fits = true
			continue
		}
		if over := fin - next.lat; over < late.By {
			late.By, late.Visit = over, int(s.blocker(ti, i, fin))
		}
	}
	switch {
	case fits && t.load+h.load <= spec.capacity:
		// Times and load allow it; what is left are the partners, a break, or
		// what waits behind the partners.
		if h.flags&flagLinked != 0 {
			return Verdict{Gate: GateLink, Visit: int(s.stuck(v))}
		}
		return Verdict{Gate: GateShift, Visit: -1}
	case (fits || late.By < MaxTime) && t.load+h.load > spec.capacity:
		return Verdict{Gate: GateCapacity, Visit: -1}
	case late.By < MaxTime && late.Visit < 0:
		return Verdict{Gate: GateShift, Visit: -1, By: late.By}
	case late.By < MaxTime:
		return late
	}
	return x
}

// blocker is the first visit from record i on that an arrival there at a
// moment makes too late, -1 for the end of the shift.
func (s *state) blocker(ti int32, i int, arrival int32) int32 {
	t := &s.tours[ti]
	for ; i < len(t.recs)-1; i++ {
		v := t.vis[i]
		start, ok := s.earliest(v, arrival)
		if !ok {
			return v
		}
		arrival = start + s.m.hot[v].dur + t.recs[i].leg
	}
	return -1
}

// stuck is the linked visit that finds no place at all, or else any partner.
func (s *state) stuck(v int32) int32 {
	partner := v
	for _, g := range s.missing(v) {
		if g == v {
			continue
		}
		partner = g
		q := s.ask(g, false)
		any := false
		for ti := range s.tours {
			if t := int32(ti); !any && s.open(&q, t) {
				s.positions(&q, t, 0, func(cand) { any = true })
			}
		}
		if !any {
			return g
		}
	}
	return partner
}

// alone tells whether an otherwise empty day could serve v and its group.
func (m *model) alone(v int32) bool {
	e := newState(m)
	return len(e.choices(v)) > 0
}

// relax looks for the smallest single changes that make v fit. It works on a
// copy of the plan with a model of its own.
func (s *state) relax(v int32) (out []Relaxation) {
	src := s.m.visits[v].src
	x := s.clone()
	own := *s.m
	own.hot, own.visits = slices.Clone(s.m.hot), slices.Clone(s.m.visits)
	own.visits[v].elig = slices.Clone(own.visits[v].elig)
	own.tours = slices.Clone(s.m.tours)
	for ti := range own.tours {
		own.tours[ti].class = int32(ti) // no longer alike once v changes
	}
	x.m, x.listOK = &own, false
	// alter makes v a little different; not ok when no such visit can exist.
	alter := func(change func(*Visit)) bool {
		altered := src
		altered.Windows = slices.Clone(src.Windows)
		altered.Skills, altered.Exclude = slices.Clone(src.Skills), slices.Clone(src.Exclude)
		change(&altered)
		return own.setVisit(int(v), altered) == nil
	}
	add := func(r Relaxation) {
		if c := x.fit(v); c != nil {
			r.Place = *c
			out = append(out, r)
		}
	}
	if n := len(src.Windows); n > 0 && src.Fixed == nil {
		for _, change := range []string{"later", "earlier"} {
			minutes, ok := leastMinutes(func(minutes int) bool {
				return alter(func(y *Visit) {
					if change == "later" {
						y.Windows[n-1].Close = min(MaxTime, y.Windows[n-1].Close+int32(minutes*60))
					} else {
						y.Windows[0].Open -= int32(minutes * 60)
					}
				}) && x.fit(v) != nil
			})
			if ok {
				add(Relaxation{Change: change, Minutes: minutes, Worker: -1, Visit: -1})
			}
		}
	}
	for i, need := range src.Skills {
		if need.Level > 1 && alter(func(y *Visit) { y.Skills[i].Level-- }) {
			add(Relaxation{Change: "level", Skill: need.Code, Worker: -1, Visit: -1})
		}
	}
	for _, w := range src.Exclude {
		if alter(func(y *Visit) {
			y.Exclude = slices.DeleteFunc(y.Exclude, func(z int) bool { return z == w })
		}) {
			add(Relaxation{Change: "exclusion", Worker: w, Visit: -1})
		}
	}
	alter(func(*Visit) {})
	if minutes, w, ok := x.overtime(s, v); ok {
		add(Relaxation{Change: "overtime", Minutes: minutes, Worker: int(w), Visit: -1})
	}
	x.stretch(s, 0, everybody)
	if r := x.displace(v); r != nil {
		out = append(out, *r)
	}
	return out
}

// fit is the cheapest place of v, nil when there is none that keeps its
// promise.
func (s *state) fit(v int32) *Choice {
	value, ok := s.best(v, nil, maxWeight)
	if !ok {
		return nil
	}
	c := s.choice(v, value, slices.Clone(s.found))
	if c.Released {
		return nil
	}
	return &c
}

const halfDay = 12 * 60 // minutes

// leastMinutes finds the fewest minutes with which something fits, up to half
// a day, and leaves it tried last; one minute less does not fit.
func leastMinutes(fits func(minutes int) bool) (int, bool) {
	low, high := 0, halfDay
	if !fits(high) {
		return 0, false
	}
	for high-low > 1 {
		if mid := (low + high) / 2; fits(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return high, fits(high)
}

const everybody int32 = -1

// overtime finds the worker whose overtime is enough with the fewest minutes,
// and leaves those shifts stretched.
func (s *state) overtime(from *state, v int32) (minutes int, worker int32, ok bool) {
	minutes, ok = leastMinutes(func(minutes int) bool {
		s.stretch(from, minutes, everybody)
		return s.fit(v) != nil
	})
	if !ok {
		return 0, 0, false
	}
	seats := s.fit(v).seats
	if len(seats) == 1 {
		return minutes, s.m.tours[seats[0].tour].worker, true // the shifts of others do not matter
	}
	// Linked visits may need the overtime of two. Nobody alone needs less than
	// everybody together, so that whoever does with that much is an answer.
	enough := func(w int32, minutes int) bool {
		s.stretch(from, minutes, w)
		return s.fit(v) != nil
	}
	for _, x := range seats {
		if w := s.m.tours[x.tour].worker; enough(w, minutes) {
			return minutes, w, true
		}
	}
	least, worker := halfDay+1, everybody
	for w := range int32(len(s.m.workers)) {
		if !slices.ContainsFunc(s.m.groupOf(v), func(g int32) bool { return s.m.visits[g].elig.has(w) }) || !enough(w, least-1) {
			continue
		}
		if n, ok := leastMinutes(func(minutes int) bool { return enough(w, minutes) }); ok && n < least {
			least, worker = n, w
		}
	}
	if worker == everybody {
		return 0, 0, false
	}
	return least, worker, enough(worker, least)
}

// stretch makes the shifts of a worker, or of everybody, some minutes longer
// than in the state it was copied from, and those of all others as long.
func (s *state) stretch(from *state, minutes int, worker int32) {
	for ti := range s.m.tours {
		spec, more := &s.m.tours[ti], 0
		if worker == everybody || worker == spec.worker {
			more = minutes
		}
		spec.hard = min(MaxTime, from.m.tours[ti].hard+int32(more*60))
		t := &s.tours[ti]
		t.recs[len(t.recs)-1].lat = spec.hard + t.grace
		s.backwardAll(int32(ti))
	}
}

// displace finds the visit of the lowest tier below v's whose place is enough;
// among equals the one that leaves the cheapest place.
func (s *state) displace(v int32) (best *Relaxation) {
	tier := s.m.visits[v].tier
	var order []int32
	for x := range s.at {
		if s.at[x] >= 0 && s.m.visits[x].tier > tier {
			order = append(order, int32(x))
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(s.m.visits[b].tier, s.m.visits[a].tier) })
	q := s.ask(v, false)
	lone := s.m.hot[v].flags&flagLinked == 0
	for _, x := range order {
		if best != nil && s.m.visits[x].tier < s.m.visits[best.Visit].tier {
			break
		}
		worker := s.m.tours[s.at[x]].worker
		served, free := s.replaceable(x, tier)
		if lone && !q.elig.has(worker) || !free {
			continue
		}
		s.begin()
		if s.liftAll(served...) {
			var c *Choice
			if lone {
				// Only the tours that lost a visit have anything new to offer.
				if value, seats, ok := s.place(&q, nil, worker); ok {
					found := s.choice(v, value, seats)
					c = &found
				}
			} else {
				c = s.fit(v)
			}
			if c != nil && (best == nil || c.value < best.Place.value) {
				best = &Relaxation{Change: "displace", Worker: -1, Visit: int(x), Place: *c}
			}
		}
		s.rollback()
	}
	return best
}

// replaceable lists the served visits that leave with x, and tells whether all
// may: none is fixed or goes before that tier.
func (s *state) replaceable(x int32, tier int8) (served []int32, ok bool) {
	for _, g := range s.m.groupOf(x) {
		if s.m.hot[g].flags&flagFixed != 0 || s.m.visits[g].tier <= tier {
			return nil, false
		}
		if s.at[g] >= 0 {
			served = append(served, g)
		}
	}
	return served, true
}
