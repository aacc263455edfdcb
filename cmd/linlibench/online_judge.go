package main

import (
	"cmp"
	"fmt"
	"slices"

	"linli/decide/route"
)

// facts are the day as it was, for the judge.
func (d *onlineDay) facts() route.Day {
	out := route.Day{Places: len(d.workers) + len(d.orders), Travel: [][]int32{d.travel}}
	for w := range d.workers {
		shift := route.Shift{From: d.workers[w].Shift[0], To: d.workers[w].Shift[1]}
		if sick := d.workers[w].Sick; sick != nil {
			shift.To = max(shift.From, min(shift.To, *sick))
		}
		out.Workers = append(out.Workers, route.Worker{Start: w, End: route.Anywhere, Shifts: []route.Shift{shift}, Skills: d.skillsOf(w)})
	}
	for i := range d.orders {
		o := &d.orders[i]
		out.Orders = append(out.Orders, route.Order{Persons: o.Persons, Known: o.Known, Withdrawn: !o.requested(),
			Visit: route.Visit{Place: d.place(i), Duration: o.real(), Tier: o.Tier, Windows: []route.Window{{Open: o.Open, Close: o.Close}}, Skills: d.needs(o)}})
	}
	return out
}

// audit walks through what happened, with nothing shared with the policies:
// skills, levels, shifts, travel, one service at a time, real durations.
func (d *onlineDay) audit(x *lived) (bad []string) {
	say := func(s route.Trip, what string) {
		bad = append(bad, fmt.Sprintf("day %d: %s for %s: %s", d.day, d.workers[s.Worker].ID, d.orders[s.Order].ID, what))
	}
	by := make([][]route.Trip, len(d.workers))
	who := map[[2]int]bool{}
	for _, s := range x.Trips {
		by[s.Worker] = append(by[s.Worker], s)
		if who[[2]int{s.Order, s.Worker}] {
			say(s, "twice the same person")
		}
		who[[2]int{s.Order, s.Worker}] = true
	}
	for w, list := range by {
		slices.SortStableFunc(list, func(a, b route.Trip) int { return cmp.Compare(a.Left, b.Left) })
		place, free := w, d.workers[w].Shift[0]
		for _, s := range list {
			o := &d.orders[s.Order]
			switch {
			case !d.able(w, s.Order):
				say(s, "lacks the skill or the level")
			case s.Left < free:
				say(s, "left before being free")
			case s.Start < s.Left+d.leg(place, d.place(s.Order)):
				say(s, "began before arriving")
			case s.Start < o.Open && !s.Void:
				say(s, "began before the window")
			case !s.Void && s.End != s.Start+o.real():
				say(s, "lasted something else than it lasted")
			}
			if sick := d.workers[w].Sick; sick != nil && s.Left > *sick {
				say(s, "left after dropping out")
			}
			place, free = d.place(s.Order), s.End
		}
	}
	return bad
}
