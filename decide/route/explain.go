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
		e.Alone = work.alone(v)
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
	// Shift: even alone, with the travel there and back, the windows miss it.
	start, ok := q.start(max(spec.from, m.now) + col[spec.start])
	if end := start + h.dur + row[spec.end]; !ok || end > spec.hard {
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
func (s *state) alone(v int32) bool {
	e := newState(s.m)
	return len(e.choices(v)) > 0
}

// relax looks for the smallest single changes that make v fit.
func (s *state) relax(v int32) (out []Relaxation) {
	src := s.m.visits[v].src
	fit := func(x *state) *Choice {
		if cs := x.choices(v); len(cs) > 0 {
			return &cs[0]
		}
		return nil
	}
	// changed is the state with a visit that is a little different.
	changed := func(change func(*Visit)) *state {
		m := *s.m
		m.hot, m.visits = slices.Clone(s.m.hot), slices.Clone(s.m.visits)
		m.visits[v].elig = slices.Clone(m.visits[v].elig)
		x := s.clone()
		x.m = &m
		altered := src
		altered.Windows = slices.Clone(src.Windows)
		altered.Skills, altered.Exclude = slices.Clone(src.Skills), slices.Clone(src.Exclude)
		change(&altered)
		if m.setVisit(int(v), altered) != nil {
			return nil
		}
		return x
	}
	// least finds the fewest minutes with which make gives a fitting state.
	least := func(make func(minutes int) *state) (int, *Choice) {
		const most = 12 * 60
		try := func(minutes int) *Choice {
			if x := make(minutes); x != nil {
				return fit(x)
			}
			return nil
		}
		if try(most) == nil {
			return 0, nil
		}
		low, high := 0, most // low does not fit, high does
		for high-low > 1 {
			if mid := (low + high) / 2; try(mid) != nil {
				high = mid
			} else {
				low = mid
			}
		}
		return high, try(high)
	}
	if n := len(src.Windows); n > 0 && src.Fixed == nil {
		for _, change := range []string{"later", "earlier"} {
			minutes, c := least(func(minutes int) *state {
				return changed(func(x *Visit) {
					if change == "later" {
						x.Windows[n-1].Close = min(MaxTime, x.Windows[n-1].Close+int32(minutes*60))
					} else {
						x.Windows[0].Open -= int32(minutes * 60)
					}
				})
			})
			if c != nil {
				out = append(out, Relaxation{Change: change, Minutes: minutes, Worker: -1, Visit: -1, Place: *c})
			}
		}
	}
	for i, need := range src.Skills {
		if need.Level <= 1 {
			continue
		}
		if x := changed(func(x *Visit) { x.Skills[i].Level-- }); x != nil {
			if c := fit(x); c != nil {
				out = append(out, Relaxation{Change: "level", Skill: need.Code, Worker: -1, Visit: -1, Place: *c})
			}
		}
	}
	for _, w := range src.Exclude {
		x := changed(func(x *Visit) {
			x.Exclude = slices.DeleteFunc(x.Exclude, func(y int) bool { return y == w })
		})
		if x != nil {
			if c := fit(x); c != nil {
				out = append(out, Relaxation{Change: "exclusion", Worker: w, Visit: -1, Place: *c})
			}
		}
	}
	if minutes, c := least(s.stretched); c != nil {
		out = append(out, Relaxation{Change: "overtime", Minutes: minutes, Worker: c.Worker, Visit: -1, Place: *c})
	}
	if r := s.displace(v, fit); r != nil {
		out = append(out, *r)
	}
	return out
}

// stretched is the state with every shift longer by some minutes.
func (s *state) stretched(minutes int) *state {
	m := *s.m
	m.tours = slices.Clone(s.m.tours)
	x := s.clone()
	x.m = &m
	for ti := range m.tours {
		spec := &m.tours[ti]
		spec.hard = min(MaxTime, spec.hard+int32(minutes*60))
		t := &x.tours[ti]
		t.recs[len(t.recs)-1].lat = spec.hard + t.grace
		x.backwardAll(int32(ti))
	}
	return x
}

// displace finds the visit of the lowest tier below v's whose place is enough;
// among equals the one that leaves the cheapest plan.
func (s *state) displace(v int32, fit func(*state) *Choice) (best *Relaxation) {
	tier := s.m.visits[v].tier
	order := []int32{}
	for x := range s.at {
		if s.at[x] >= 0 && s.m.visits[x].tier > tier && s.m.hot[x].flags&flagFixed == 0 {
			order = append(order, int32(x))
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(s.m.visits[b].tier, s.m.visits[a].tier) })
	q := s.ask(v, false)
	for _, x := range order {
		if best != nil && s.m.visits[x].tier < s.m.visits[best.Visit].tier {
			break
		}
		if !q.elig.has(s.m.tours[s.at[x]].worker) && s.m.hot[v].flags&flagLinked == 0 {
			continue
		}
		var served []int32
		fixed := false
		for _, g := range s.m.groupOf(x) {
			fixed = fixed || s.m.hot[g].flags&flagFixed != 0 || s.m.visits[g].tier <= tier
			if s.at[g] >= 0 {
				served = append(served, g)
			}
		}
		if fixed {
			continue
		}
		s.begin()
		if s.liftAll(served...) {
			if c := fit(s); c != nil && (best == nil || c.value < best.Place.value) {
				best = &Relaxation{Change: "displace", Worker: -1, Visit: int(x), Place: *c}
			}
		}
		s.rollback()
	}
	return best
}
