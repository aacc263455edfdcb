package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"linli/decide/route"
)

// together is how far apart two persons may begin one order.
const together = 300

// inTime tells for each order whether it was served: everybody it needs began
// inside the window, and two persons within five minutes of each other.
func (d *onlineDay) inTime(x *lived) []bool {
	type seen struct{ n, first, last int32 }
	got := make([]seen, len(d.orders))
	for _, s := range x.log {
		if o := &d.orders[s.order]; !s.void && s.start >= o.Open && s.start <= o.Close {
			g := &got[s.order]
			if g.n == 0 || s.start < g.first {
				g.first = s.start
			}
			g.last = max(g.last, s.start)
			g.n++
		}
	}
	ok := make([]bool, len(d.orders))
	for i, g := range got {
		ok[i] = d.orders[i].requested() && int(g.n) == d.orders[i].Persons && g.last-g.first <= together
	}
	return ok
}

// causality lists who left for an order before it was known.
func (d *onlineDay) causality(x *lived) (bad []string) {
	for _, s := range x.log {
		if s.left < d.orders[s.order].Known {
			bad = append(bad, fmt.Sprintf("day %d: %s left for %s %d s before it was known", d.day,
				d.workers[s.worker].ID, d.orders[s.order].ID, d.orders[s.order].Known-s.left))
		}
	}
	return bad
}

// audit walks through what happened, with nothing shared with the policies:
// skills, levels, shifts, travel, one service at a time, real durations.
func (d *onlineDay) audit(x *lived) (bad []string) {
	say := func(s service, what string) {
		bad = append(bad, fmt.Sprintf("day %d: %s for %s: %s", d.day, d.workers[s.worker].ID, d.orders[s.order].ID, what))
	}
	by := make([][]service, len(d.workers))
	who := map[[2]int]bool{}
	for _, s := range x.log {
		by[s.worker] = append(by[s.worker], s)
		if who[[2]int{s.order, s.worker}] {
			say(s, "twice the same person")
		}
		who[[2]int{s.order, s.worker}] = true
	}
	for w, list := range by {
		slices.SortStableFunc(list, func(a, b service) int { return cmp.Compare(a.left, b.left) })
		place, free := w, d.workers[w].Shift[0]
		for _, s := range list {
			o := &d.orders[s.order]
			switch {
			case !d.able(w, s.order):
				say(s, "lacks the skill or the level")
			case s.left < free:
				say(s, "left before being free")
			case s.start < s.left+d.leg(place, d.place(s.order)):
				say(s, "began before arriving")
			case s.start < o.Open && !s.void:
				say(s, "began before the window")
			case !s.void && s.end != s.start+o.real():
				say(s, "lasted something else than it lasted")
			}
			if sick := d.workers[w].Sick; sick != nil && s.left > *sick {
				say(s, "left after dropping out")
			}
			place, free = d.place(s.order), s.end
		}
	}
	return bad
}

// hindsight is the day as a problem of perfect information: real durations, the
// same hard rules, nothing frozen. The shifts reach as far as anybody worked.
type hindsight struct {
	d       *onlineDay
	problem *route.Problem
	visits  [][]int // of each requested order
	owner   []int
	plan    *route.Plan
}

func (d *onlineDay) hindsight(lives []*lived) (*hindsight, error) {
	h := &hindsight{d: d, visits: make([][]int, len(d.orders))}
	s := route.Spec{Places: len(d.workers) + len(d.orders), Travel: [][]int32{d.travel}, Costs: route.Costs{Travel: 1}}
	for w := range d.workers {
		shift := route.Shift{From: d.workers[w].Shift[0], To: d.workers[w].Shift[1]}
		if sick := d.workers[w].Sick; sick != nil {
			shift.To = max(shift.From, min(shift.To, *sick))
		}
		for _, x := range lives {
			for _, v := range x.log {
				if v.worker == w {
					shift.Overtime = max(shift.Overtime, v.end-shift.To)
				}
			}
		}
		s.Workers = append(s.Workers, route.Worker{Start: w, End: route.Anywhere, Shifts: []route.Shift{shift}, OvertimeCost: 1, Skills: d.skillsOf(w)})
	}
	for i := range d.orders {
		o := &d.orders[i]
		if !o.requested() {
			continue
		}
		for range o.Persons {
			h.visits[i] = append(h.visits[i], len(s.Visits))
			h.owner = append(h.owner, i)
			s.Visits = append(s.Visits, route.Visit{Place: d.place(i), Duration: o.real(), Tier: o.Tier,
				Windows: []route.Window{{Open: o.Open, Close: o.Close}}, Skills: d.needs(o)})
		}
		if o.Persons == 2 {
			v := h.visits[i]
			s.Links = append(s.Links, route.Link{A: v[0], B: v[1], Min: -together, Max: together})
		}
	}
	var err error
	h.problem, err = route.NewProblem(s)
	return h, err
}

// asPlan is a lived day as a plan of the hindsight problem: the orders served,
// in the order they were.
func (h *hindsight) asPlan(x *lived) (*route.Plan, error) {
	ok := h.d.inTime(x)
	used := make([]int, len(h.d.orders))
	log := slices.Clone(x.log)
	slices.SortStableFunc(log, func(a, b service) int { return cmp.Compare(a.start, b.start) })
	tours := make([]route.Tour, len(h.d.workers))
	for w := range tours {
		tours[w].Worker = w
	}
	for _, s := range log {
		if ok[s.order] && !s.void {
			tours[s.worker].Stops = append(tours[s.worker].Stops, route.Stop{Visit: h.visits[s.order][used[s.order]]})
			used[s.order]++
		}
	}
	return h.problem.Plan(tours)
}

// How long hindsight is searched: from nothing with several seeds, and from
// every lived day.
const (
	hindsightSeeds  = 2
	hindsightLong   = 30000
	hindsightPolish = 4000
)

// search finds the best plan of the day: it starts from every lived day, so
// that none of them can be better.
func (h *hindsight) search(ctx context.Context, plans []*route.Plan, seed uint64) error {
	better := func(start *route.Plan, iterations int, seed uint64) error {
		res, err := route.Solve(ctx, h.problem, start, route.Budget{Iterations: iterations, Refine: start != nil}, seed)
		if err == nil && (h.plan == nil || res.Plan.Cost().Less(h.plan.Cost())) {
			h.plan = res.Plan
		}
		return err
	}
	for k := range hindsightSeeds {
		if err := better(nil, hindsightLong, seed+uint64(k)); err != nil {
			return err
		}
	}
	for _, p := range plans {
		if err := better(p, hindsightPolish, seed); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// served tells for each order whether the plan serves it.
func (h *hindsight) served(p *route.Plan) []bool {
	ok := make([]bool, len(h.d.orders))
	for i, v := range h.visits {
		if len(v) > 0 {
			_, _, _, ok[i] = p.Served(v[0])
		}
	}
	return ok
}

// marginal is, per order, the travel that would be saved without it.
func (h *hindsight) marginal(p *route.Plan) []int32 {
	d := h.d
	out := make([]int32, len(d.orders))
	for _, t := range p.Tours() {
		for k, s := range t.Stops {
			i := h.owner[s.Visit]
			from := t.Worker
			if k > 0 {
				from = d.place(h.owner[t.Stops[k-1].Visit])
			}
			out[i] += d.leg(from, d.place(i))
			if k+1 < len(t.Stops) {
				to := d.place(h.owner[t.Stops[k+1].Visit])
				out[i] += d.leg(d.place(i), to) - d.leg(from, to)
			}
		}
	}
	return out
}

// regretOK tells whether an order cost little more than hindsight would pay.
func regretOK(lived, hindsight int32) bool {
	return lived <= hindsight+max(600, hindsight*15/100)
}

// dominates tells whether hindsight is at least as good as what was lived.
func dominates(hindsight, lived route.Cost) bool { return !lived.Less(hindsight) }
