package main

import (
	"slices"

	"linli/decide/sense"
)

// Injections for the care signals.

// mealHours are the parts of the day in which people eat.
var mealHours = [3][2]int64{{6, 10}, {11, 14}, {17, 21}}

// missedMeals: nothing in the kitchen in 1, 2 or 3 meals in a row, at home.
func missedMeals(h *homeData, from int64, severity int, d *draws) (injection, bool) {
	first := dayStart(from) + day24
	days := int((h.end() - first) / day24)
	if days < 2 {
		return injection{}, false
	}
	for range 50 {
		meal := d.n(3)
		start := first + int64(d.n(days-1))*day24
		begin := start + mealHours[meal][0]*msHour
		last := meal + severity - 1
		end := start + int64(last/3)*day24 + mealHours[last%3][1]*msHour
		if !h.eats(start+mealHours[meal][0]*msHour, start+mealHours[meal][1]*msHour) || end+6*msHour > h.end() {
			continue
		}
		in := injection{severity: severity, cut: begin, at: begin, until: end + 3*msHour}
		for _, e := range h.stream(begin, in.until) {
			if e.At >= end || h.sensors[e.Sensor].Room != sense.Kitchen {
				in.events = append(in.events, e)
			}
		}
		return in, true
	}
	return injection{}, false
}

func dayStart(t int64) int64 { return t - t%msDay }

// eats tells whether the person is at home for most of the time and in the kitchen once.
func (h *homeData) eats(from, to int64) bool {
	var away int64
	for _, s := range h.absences(from-2*day24, to) {
		away += max(0, min(s.to, to)-max(s.from, from))
	}
	return away < (to-from)/3 && slices.ContainsFunc(h.stream(from, to), func(e sense.Event) bool {
		return h.inside(e) && h.sensors[e.Sensor].Room == sense.Kitchen
	})
}

// someDays draws a window of whole days from noon to noon or midnight to midnight.
func (h *homeData) someDays(from, n, startHour int64, d *draws) (begin int64, ok bool) {
	first := dayStart(from) + day24 + startHour*msHour
	choices := (h.end()-first)/day24 - n
	if choices < 1 {
		return 0, false
	}
	return first + int64(d.n(int(choices)))*day24, true
}

// otherSleep: three nights three hours later, four nights three hours later, three nights with six
// wakings more.
func otherSleep(h *homeData, from int64, severity int, d *draws) (injection, bool) {
	n := []int64{3, 4, 3}[severity-1]
	begin, ok := h.someDays(from, n, 18, d)
	if !ok {
		return injection{}, false
	}
	end := begin + n*day24 - 6*msHour // noon
	in := injection{severity: severity, cut: begin, at: begin, until: end + day24}
	if severity < 3 {
		in.events = h.shifted(begin, end, in.until, 3*msHour)
		return in.sorted(), true
	}
	in.events = slices.Clone(h.stream(begin, in.until))
	for _, s := range h.nights(begin) {
		if s.from > end {
			break
		}
		pair := h.nightPair(nil)
		for range 6 { // up for a while, in two rooms
			at := d.within(s.from+msHour, max(s.to, s.from+2*msHour))
			for k := range int64(4) {
				in.events = append(in.events, sense.Event{At: at + k*100*msSecond, Sensor: pair[k%2], Value: 1})
			}
		}
	}
	return in.sorted(), true
}

// shifted is the stream of [begin, until) with the person's life of [begin, end) later.
func (h *homeData) shifted(begin, end, until, by int64) []sense.Event {
	var out []sense.Event
	for _, e := range h.stream(begin, until) {
		if e.At < end {
			e.At += by
			if e.At >= end {
				continue
			}
		}
		out = append(out, e)
	}
	return out
}

// otherRoutine: three days with the rooms swapped, three hours later, or with half of the life.
func otherRoutine(h *homeData, from int64, severity int, d *draws) (injection, bool) {
	begin, ok := h.someDays(from, 3, 0, d)
	if !ok {
		return injection{}, false
	}
	end := begin + 3*day24
	in := injection{severity: severity, cut: begin, at: begin, until: end + msHour}
	switch severity {
	case 1: // the first inside sensor stands for the last, the second for the one before it
		var inner []uint16
		for i, s := range h.sensors {
			if s.Role == sense.Motion || s.Role == sense.Use {
				inner = append(inner, uint16(i))
			}
		}
		for _, e := range h.stream(begin, in.until) {
			if k := slices.Index(inner, e.Sensor); k >= 0 && e.At < end {
				e.Sensor = inner[len(inner)-1-k]
			}
			in.events = append(in.events, e)
		}
	case 2:
		in.events = h.shifted(begin, end, in.until, 3*msHour)
	case 3: // every other half hour without a sign
		for _, e := range h.stream(begin, in.until) {
			if e.At >= end || !h.inside(e) || e.At/(msHour/2)%2 == 0 {
				in.events = append(in.events, e)
			}
		}
	}
	return in.sorted(), true
}

// visitors: the way out opens 1, 3 or 6 times in a night, each time with a sign inside after it.
func visitors(h *homeData, from int64, severity int, d *draws) (injection, bool) {
	nights := h.nights(from)
	door := slices.IndexFunc(h.sensors, func(s sense.Sensor) bool { return s.Role == sense.OuterDoor })
	inner := slices.IndexFunc(h.sensors, func(s sense.Sensor) bool { return s.Role < sense.Seat && s.Room != sense.Entrance })
	if len(nights) == 0 || door < 0 || inner < 0 {
		return injection{}, false
	}
	n := nights[d.n(len(nights))]
	in := injection{severity: severity, cut: n.from, at: n.from, until: n.to + msHour/2}
	in.events = slices.Clone(h.stream(in.cut, in.until))
	for range []int{1, 3, 6}[severity-1] {
		at := d.within(n.from, n.to-msHour/12)
		in.events = append(in.events, sense.Event{At: at, Sensor: uint16(door), Value: 1}, sense.Event{At: at + 5*msSecond, Sensor: uint16(door)},
			sense.Event{At: at + 40*msSecond, Sensor: uint16(inner), Value: 1})
	}
	return in.sorted(), true
}

// fewerExits: no exits for 1, 2 or 3 weeks.
func fewerExits(h *homeData, from int64, severity int, d *draws) (injection, bool) {
	return h.stayIn(from, severity, int64(7*severity)*day24, d)
}
