package main

import "linli/decide/route"

// Bounds of the proof: days of at most so many visits, and so many plans.
const (
	exactMost  = 12
	exactNodes = 300_000
)

// prove looks for a better plan of a small day by branch and bound, and tells
// whether it has ruled out every other. Visit by visit it tries every worker and
// position; without shortcuts through a third place, a visit more never makes a
// plan cheaper or a broken rule whole.
func (h *hindsight) prove() bool {
	n := h.problem.Visits()
	if n > exactMost || !h.d.metric() {
		return false
	}
	tours := make([]route.Tour, h.problem.Workers())
	for w := range tours {
		tours[w].Worker = w
	}
	nodes := 0
	var left route.Cost // visits left out so far, per tier
	var from func(i int, rest int64)
	from = func(i int, rest int64) {
		bound := left
		bound[route.CostRest] = rest
		if nodes++; nodes > exactNodes || !bound.Less(h.plan.Cost()) {
			return
		}
		if i == n {
			if p, err := h.problem.Plan(tours); err == nil && p.Cost().Less(h.plan.Cost()) && len(p.Check()) == 0 {
				h.plan = p
			}
			return
		}
		for w := range tours {
			stops := tours[w].Stops
			for k := range len(stops) + 1 {
				tours[w].Stops = append(append(append([]route.Stop(nil), stops[:k]...), route.Stop{Visit: i}), stops[k:]...)
				if p, err := h.problem.Plan(tours); err == nil && onlyPartial(p.Check()) {
					from(i+1, p.Cost()[route.CostRest])
				}
				tours[w].Stops = stops
			}
		}
		tier := h.d.orders[h.owner[i]].Tier - 1
		left[tier]++
		from(i+1, rest)
		left[tier]--
	}
	from(0, 0)
	return nodes <= exactNodes
}

// onlyPartial tells whether nothing is broken but that a pair is not complete yet.
func onlyPartial(bad []route.Violation) bool {
	for _, v := range bad {
		if v.Rule != "partial" {
			return false
		}
	}
	return true
}

// metric tells whether no way is shorter through a third place.
func (d *onlineDay) metric() bool {
	n := len(d.workers) + len(d.orders)
	for a := range n {
		for b := range n {
			for c := range n {
				if d.leg(a, c) > d.leg(a, b)+d.leg(b, c) {
					return false
				}
			}
		}
	}
	return true
}
