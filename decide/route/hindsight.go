package route

import (
	"context"
	"slices"
)

// Effort is how long hindsight is searched for. The zero value is the usual.
type Effort struct {
	// Searches from nothing, each of so many iterations.
	Searches, Iterations int
	// Polish is the number of iterations from every life.
	Polish int
	// Exact looks for a proof on days of at most 12 visits.
	Exact bool
}

// Usual fills in what is zero.
func (e Effort) Usual() Effort {
	if e.Searches == 0 {
		e.Searches = 2
	}
	if e.Iterations == 0 {
		e.Iterations = 30000
	}
	if e.Polish == 0 {
		e.Polish = 4000
	}
	return e
}

// hindsight is a past day as a problem of perfect information.
type hindsight struct {
	d       *Day
	problem *Problem
	visits  [][]int // of each order that counts
	owner   []int   // order of each visit
}

func newHindsight(d *Day, lives []Life) (*hindsight, error) {
	h := &hindsight{d: d, visits: make([][]int, len(d.Orders))}
	s := Spec{Places: d.Places, Travel: d.Travel, TravelFunc: d.TravelFunc, Profiles: d.Profiles, Costs: Costs{Travel: 1}}
	for w := range d.Workers {
		x := d.Workers[w]
		x.OvertimeCost, x.Shifts = 1, slices.Clone(x.Shifts)
		for _, life := range lives {
			for _, t := range life.Trips {
				if t.Worker == w {
					x.stretch(t)
				}
			}
		}
		s.Workers = append(s.Workers, x)
	}
	for i := range d.Orders {
		o := &d.Orders[i]
		if o.Withdrawn {
			continue
		}
		for range o.persons() {
			h.visits[i] = append(h.visits[i], len(s.Visits))
			h.owner = append(h.owner, i)
			s.Visits = append(s.Visits, Visit{Place: o.Visit.Place, Duration: o.Visit.Duration, Tier: o.Visit.Tier, Windows: o.Visit.Windows,
				Skills: o.Visit.Skills, Eligible: o.Visit.Eligible, Exclude: o.Visit.Exclude})
		}
		for _, v := range h.visits[i][1:] {
			s.Links = append(s.Links, Link{A: h.visits[i][0], B: v, Min: -Together, Max: Together})
		}
	}
	var err error
	h.problem, err = NewProblem(s)
	return h, err
}

// stretch allows the overtime that a trip took.
func (w *Worker) stretch(t Trip) {
	for k := len(w.Shifts) - 1; k >= 0; k-- {
		if s := &w.Shifts[k]; t.Start >= s.From || k == 0 {
			s.Overtime = max(s.Overtime, t.End-s.To)
			if k+1 < len(w.Shifts) {
				s.Overtime = min(s.Overtime, max(0, w.Shifts[k+1].From-s.To))
			}
			return
		}
	}
}

// search finds the best plan of the day. It starts from every life as well, so
// that none can be better.
func (h *hindsight) search(ctx context.Context, lives []Accuracy, effort Effort, seed uint64) (best *Plan, exact bool, err error) {
	effort = effort.Usual()
	better := func(start *Plan, iterations int, seed uint64) error {
		res, err := Solve(ctx, h.problem, start, Budget{Iterations: iterations, Refine: start != nil}, seed)
		if err == nil && (best == nil || res.Plan.Cost().Less(best.Cost())) {
			best = res.Plan
		}
		return err
	}
	for k := range effort.Searches {
		if err := better(nil, effort.Iterations, seed+uint64(k)); err != nil {
			return nil, false, err
		}
	}
	for i := range lives {
		if err := better(lives[i].Plan, effort.Polish, seed); err != nil {
			return nil, false, err
		}
	}
	if effort.Exact {
		best, exact = h.prove(best)
	}
	return best, exact, ctx.Err()
}

// served tells for each order whether a plan serves it.
func (h *hindsight) served(p *Plan) []bool {
	ok := make([]bool, len(h.d.Orders))
	for i, v := range h.visits {
		if len(v) > 0 {
			_, _, _, ok[i] = p.Served(v[0])
		}
	}
	return ok
}

// marginal is, per order, the travel that would be saved without it.
func (h *hindsight) marginal(tours []Tour) []int32 {
	out, m := make([]int32, len(h.d.Orders)), h.problem.m
	for _, t := range tours {
		ti, _ := m.tourOf(t.Worker, t.Shift)
		spec := &m.tours[ti]
		from := int(spec.start) - 1
		for k, s := range t.Stops {
			i, to := h.owner[s.Visit], int(spec.end)-1
			if k+1 < len(t.Stops) {
				to = h.d.Orders[h.owner[t.Stops[k+1].Visit]].Visit.Place
			}
			at := h.d.Orders[i].Visit.Place
			out[i] += h.leg(spec.profile, from, at) + h.leg(spec.profile, at, to)
			if len(t.Stops) > 1 { // nobody travels on an empty tour
				out[i] -= h.leg(spec.profile, from, to)
			}
			from = at
		}
	}
	return out
}

// Bounds of the proof: days of at most so many visits, and so many plans.
const (
	exactMost  = 12
	exactNodes = 300_000
)

// prove looks for a better plan of a small day by branch and bound, and tells
// whether it has ruled out every other. Visit by visit it tries every tour and
// position; without shortcuts through a third place, a visit more never makes a
// plan cheaper or a broken rule whole.
func (h *hindsight) prove(best *Plan) (*Plan, bool) {
	n := h.problem.Visits()
	if n > exactMost || !h.metric() {
		return best, false
	}
	var tours []Tour
	for w := range h.d.Workers {
		for k := range h.d.Workers[w].Shifts {
			tours = append(tours, Tour{Worker: w, Shift: k})
		}
	}
	nodes := 0
	var left Cost // visits left out so far, per tier
	var from func(i int, rest int64)
	from = func(i int, rest int64) {
		bound := left
		bound[CostRest] = rest
		if nodes++; nodes > exactNodes || !bound.Less(best.Cost()) {
			return
		}
		if i == n {
			if p, err := h.problem.Plan(tours); err == nil && p.Cost().Less(best.Cost()) && len(p.Check()) == 0 {
				best = p
			}
			return
		}
		for w := range tours {
			stops := tours[w].Stops
			for k := range len(stops) + 1 {
				tours[w].Stops = append(append(append([]Stop(nil), stops[:k]...), Stop{Visit: i}), stops[k:]...)
				if p, err := h.problem.Plan(tours); err == nil && onlyPartial(p.Check()) {
					from(i+1, p.Cost()[CostRest])
				}
				tours[w].Stops = stops
			}
		}
		tier := h.problem.m.visits[i].tier - 1
		left[tier]++
		from(i+1, rest)
		left[tier]--
	}
	from(0, 0)
	return best, nodes <= exactNodes
}

// onlyPartial tells whether nothing is broken but that a pair is not complete yet.
func onlyPartial(bad []Violation) bool {
	for _, v := range bad {
		if v.Rule != "partial" {
			return false
		}
	}
	return true
}

// metric tells whether no way is shorter through a third place.
func (h *hindsight) metric() bool {
	for p := range h.problem.m.travel {
		profile := int32(p)
		for a := range h.d.Places {
			for b := range h.d.Places {
				for c := range h.d.Places {
					if h.leg(profile, a, c) > h.leg(profile, a, b)+h.leg(profile, b, c) {
						return false
					}
				}
			}
		}
	}
	return true
}
