package main

import (
	"slices"
	"time"

	"linli/decide/route"
)

// nearest is the rule most offices live by: when an order is due, the nearest
// free worker who can do it goes; when nobody is free, it waits.
func (d *onlineDay) nearest() *lived {
	out := &lived{}
	free, place := make([]int32, len(d.workers)), make([]int, len(d.workers))
	for w := range d.workers {
		free[w], place[w] = d.workers[w].Shift[0], w
	}
	done := make([]bool, len(d.orders))
	const ahead = 900 // an order is due so long before its window opens
	for now := int32(-never); ; {
		next := int32(never)
		for i := range d.orders {
			if o := &d.orders[i]; !done[i] {
				if c := o.Canceled; c != nil && *c <= now || o.Close < now {
					done[i] = true
					continue
				}
				if due := max(o.Known, o.Open-ahead); due > now {
					next = min(next, due)
				} else {
					next = min(next, o.Close+1)
				}
			}
		}
		for w := range free {
			if free[w] > now {
				next = min(next, free[w])
			}
		}
		if next == never || !slices.Contains(done, false) {
			break
		}
		now = next
		due := []int{}
		for i := range d.orders {
			if o := &d.orders[i]; !done[i] && max(o.Known, o.Open-ahead) <= now && o.Close >= now && (o.Canceled == nil || *o.Canceled > now) {
				due = append(due, i)
			}
		}
		slices.SortStableFunc(due, func(a, b int) int { return d.orders[a].Tier - d.orders[b].Tier })
		for _, i := range due {
			begin := time.Now()
			who := d.nearestFree(i, now, free, place)
			out.answers = append(out.answers, time.Since(begin))
			if who == nil {
				continue
			}
			done[i] = true
			out.Promises++
			d.send(out, i, now, who, free, place)
		}
	}
	return out
}

// nearestFree picks the nearest free workers who can do an order, or nil.
func (d *onlineDay) nearestFree(i int, now int32, free []int32, place []int) []int {
	o := &d.orders[i]
	var who []int
	for w := range d.workers {
		leg := d.leg(place[w], d.place(i))
		sick := d.workers[w].Sick
		if free[w] <= now && d.able(w, i) && now+leg <= o.Close && (sick == nil || *sick > now) &&
			max(now+leg, o.Open)+o.Duration <= d.workers[w].Shift[1] {
			who = append(who, w)
		}
	}
	slices.SortStableFunc(who, func(a, b int) int { return int(d.leg(place[a], d.place(i)) - d.leg(place[b], d.place(i))) })
	if len(who) < o.Persons {
		return nil
	}
	return who[:o.Persons]
}

func (d *onlineDay) send(out *lived, i int, now int32, who []int, free []int32, place []int) {
	o, start := &d.orders[i], d.orders[i].Open
	for _, w := range who {
		start = max(start, now+d.leg(place[w], d.place(i)))
	}
	for _, w := range who {
		s := route.Trip{Order: i, Worker: w, Left: now, Start: start, End: start + o.real()}
		if c := o.Canceled; c != nil && *c <= start {
			s.Void, s.End = true, start
		}
		out.Trips = append(out.Trips, s)
		free[w], place[w] = s.End, d.place(i)
	}
}
