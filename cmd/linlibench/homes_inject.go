package main

import (
	"cmp"
	"math/bits"
	"math/rand/v2"
	"slices"

	"linli/decide/sense"
)

// injection is one made event in a recorded stream: from cut on, the stream is
// replaced, and a finding of the class between at and until counts.
type injection struct {
	severity       int   // 1 to 3
	cut, at, until int64 // ms; at is when the harm begins
	events         []sense.Event
}

// draws are bounded draws of one stream of random numbers.
type draws struct{ pcg rand.PCG }

func newDraws(seed, stream uint64) *draws {
	d := &draws{}
	d.pcg.Seed(seed, stream)
	return d
}

// n draws from 0 to k-1.
func (d *draws) n(k int) int {
	hi, _ := bits.Mul64(d.pcg.Uint64(), uint64(k))
	return int(hi)
}

// unit draws from [0, 1).
func (d *draws) unit() float64 { return float64(d.pcg.Uint64()>>11) / (1 << 53) }

// within draws a moment.
func (d *draws) within(from, to int64) int64 { return from + int64(d.unit()*float64(to-from)) }

// injector makes one injection of a class and severity, or nothing where this home
// and this draw offer no place for it.
type injector struct {
	class  string
	counts []sense.Class            // findings that count as found
	alarms func(sense.Finding) bool // findings that count as false on untouched days
	make   func(h *homeData, from int64, severity int, d *draws) (injection, bool)
	made   bool    // on streams with made sensors
	share  float64 // of the budget
	why    string  // why the class cannot be judged, where it cannot
}

const day24 = 24 * msHour

// stream gives the recorded events of [from, to).
func (h *homeData) stream(from, to int64) []sense.Event {
	return h.events[h.index(from):h.index(to)]
}

func (h *homeData) index(at int64) int {
	i, _ := slices.BinarySearchFunc(h.events, at, func(e sense.Event, at int64) int {
		if e.At < at {
			return -1
		}
		return 1
	})
	return i
}

// inside tells whether an event is a sign of the person inside the home.
func (h *homeData) inside(e sense.Event) bool {
	r := h.sensors[e.Sensor].Role
	return r < sense.OuterDoor && !(r == sense.Motion && e.Value <= 0)
}

func (h *homeData) lives(e sense.Event) bool { return h.sensors[e.Sensor].Role <= sense.OuterDoor }

// awakeAt draws a moment at which the labels say that the person is awake at home.
func (h *homeData) awakeAt(d *draws, from, to int64) (int64, bool) {
	for range 200 {
		if t := d.within(from, to); to > from && h.at(t) == sense.Awake {
			return t, true
		}
	}
	return 0, false
}

// others are the events of the stream that do not come from the person: they go on.
func (h *homeData) others(from, to int64) []sense.Event {
	var out []sense.Event
	for _, e := range h.stream(from, to) {
		if !h.lives(e) {
			out = append(out, e)
		}
	}
	return out
}

// collapse: awake at home, then 1 sign per 30 minutes for two hours and none, or 1
// per 90 minutes in that room, or none.
func collapse(h *homeData, from int64, severity int, d *draws) (injection, bool) {
	t, ok := h.awakeAt(d, from, h.end()-day24/2)
	if !ok {
		return injection{}, false
	}
	in := injection{severity: severity, cut: t, at: t, until: t + day24/2}
	in.events = h.others(t, in.until)
	switch severity {
	case 1:
		next := t + msHour/2
		for _, e := range h.stream(t, t+2*msHour+msHour/2) {
			if h.inside(e) && e.At >= next && next <= t+2*msHour {
				in.events = append(in.events, e)
				next = e.At + msHour/2
			}
		}
	case 2:
		for i := h.index(t) - 1; i >= 0; i-- {
			if e := h.events[i]; h.inside(e) {
				for at := t + 3*msHour/2; at < in.until; at += 3 * msHour / 2 {
					in.events = append(in.events, sense.Event{At: at, Sensor: e.Sensor, Value: 1})
				}
				break
			}
		}
	}
	return in.sorted(), true
}

// bathroomStay: the person does not come out of the bathroom; a sign there every 10
// minutes, every 30, none.
func bathroomStay(h *homeData, from int64, severity int, d *draws) (injection, bool) {
	entered := h.bathEntries(from)
	if len(entered) == 0 {
		return injection{}, false
	}
	e := h.events[entered[d.n(len(entered))]]
	in := injection{severity: severity, cut: e.At + 1, at: e.At, until: e.At + day24/2}
	in.events = h.others(in.cut, in.until)
	if every := map[int]int64{1: msHour / 6, 2: msHour / 2}[severity]; every > 0 {
		for at := e.At + every; at < in.until; at += every {
			in.events = append(in.events, sense.Event{At: at, Sensor: e.Sensor, Value: 1})
		}
	}
	return in.sorted(), true
}

// bathEntries are the indices of signs that begin a stay in the bathroom, from a
// moment on and half a day before the end.
func (h *homeData) bathEntries(from int64) []int {
	if h.entries != nil && h.entriesFrom == from {
		return h.entries
	}
	h.entries, h.entriesFrom = []int{}, from
	room := sense.Elsewhere
	for i, e := range h.events[:h.index(h.end()-day24/2)] {
		if !h.inside(e) {
			continue
		}
		s := h.sensors[e.Sensor]
		if s.Room == sense.Bathroom && s.Role == sense.Motion && room != sense.Bathroom && e.At >= from && h.at(e.At) != sense.Away {
			h.entries = append(h.entries, i)
		}
		room = s.Room
	}
	return h.entries
}

// absences are the labeled stretches away of at least 10 minutes that begin in [from, to).
func (h *homeData) absences(from, to int64) []truth {
	var out []truth
	for _, s := range h.truth {
		if s.state == sense.Away && s.from >= from && s.from < to && s.to-s.from >= msHour/6 {
			out = append(out, s)
		}
	}
	return out
}

// hasDoor tells whether a sensor sees the person leave.
func (h *homeData) hasDoor() bool {
	return slices.ContainsFunc(h.sensors, func(s sense.Sensor) bool { return s.Role == sense.OuterDoor })
}

// lateReturn: the return is delayed by the personal P95 + 2 h, + 4 h, or never seen.
func lateReturn(h *homeData, from int64, severity int, d *draws) (injection, bool) {
	if !h.hasDoor() {
		return injection{}, false
	}
	var lengths []int64
	for _, s := range h.absences(h.begin(), h.end()) {
		lengths = append(lengths, s.to-s.from)
	}
	slices.Sort(lengths)
	all := h.absences(from, h.end())
	if len(all) == 0 || len(lengths) < 5 {
		return injection{}, false
	}
	s := all[d.n(len(all))]
	late := lengths[(len(lengths)*95+99)/100-1] + map[int]int64{1: 2, 2: 4, 3: 24}[severity]*msHour
	if s.to+late > h.end() {
		return injection{}, false
	}
	cut := s.to - 60*msSecond // the door that opens on the return is a part of it
	for _, e := range h.stream(s.from+msHour/6, s.to) {
		if h.lives(e) {
			cut = min(cut, e.At)
			break
		}
	}
	return injection{severity: severity, cut: cut, at: s.to, until: s.to + late, events: h.others(cut, s.to+late)}, true
}

// noExit: for 2, 4 or 7 days the person does not leave; in the place of absences
// stands the hour before them, again and again.
func noExit(h *homeData, from int64, severity int, d *draws) (injection, bool) {
	return h.stayIn(from, severity, map[int]int64{1: 2, 2: 4, 3: 7}[severity]*day24, d)
}

func (h *homeData) stayIn(from int64, severity int, long int64, d *draws) (injection, bool) {
	if !h.hasDoor() {
		return injection{}, false
	}
	var back []truth
	for _, s := range h.absences(from, h.end()) {
		if s.to+long <= h.end() {
			back = append(back, s)
		}
	}
	if len(back) == 0 {
		return injection{}, false
	}
	s := back[d.n(len(back))]
	start := s.to + 5*60*msSecond // inside, the door closed
	in := injection{severity: severity, cut: start, at: start, until: start + long}
	for _, e := range h.stream(start, in.until) {
		if h.sensors[e.Sensor].Role != sense.OuterDoor {
			in.events = append(in.events, e)
		}
	}
	for _, away := range h.absences(start, in.until) {
		before := slices.DeleteFunc(slices.Clone(h.stream(away.from-msHour, away.from)), func(e sense.Event) bool { return !h.inside(e) })
		for shift := msHour; away.from-msHour+shift < min(away.to, in.until); shift += msHour {
			for _, e := range before {
				if e.At += shift; e.At < min(away.to, in.until) {
					in.events = append(in.events, e)
				}
			}
		}
	}
	return in.sorted(), true
}

// wander: after falling asleep until 6 o'clock, 3, 4.5 or 6 times as many moves between
// sensors as in this night, or as in the person's middle night where this one had fewer.
func wander(h *homeData, from int64, severity int, d *draws) (injection, bool) {
	nights := h.nights(from)
	if len(nights) == 0 {
		return injection{}, false
	}
	if h.nightMoves == nil {
		for _, n := range h.nights(h.begin()) {
			moves, _ := h.moves(n)
			h.nightMoves = append(h.nightMoves, moves)
		}
		slices.Sort(h.nightMoves)
	}
	n := nights[d.n(len(nights))]
	moves, seen := h.moves(n)
	pair := h.nightPair(seen)
	if pair[0] == pair[1] {
		return injection{}, false
	}
	times := []float64{3, 4.5, 6}[severity-1]
	more := int(times*float64(max(moves, h.nightMoves[len(h.nightMoves)/2], 2))+0.5) - moves
	in := injection{severity: severity, cut: n.from, at: n.from, until: n.to + msHour/2}
	in.events = slices.Clone(h.stream(in.cut, in.until))
	for i := 0; i < more; i += 2 { // a way there and back
		at := d.within(n.from+msHour/2, n.to-5*60*msSecond)
		for k, sensor := range pair {
			in.events = append(in.events, sense.Event{At: at + int64(k)*d.within(60*msSecond, 240*msSecond), Sensor: sensor, Value: 1})
		}
	}
	return in.sorted(), true
}

// moves counts how often a night's signs pass to another sensor, and gives the sensors.
func (h *homeData) moves(n truth) (moves int, seen []uint16) {
	last := -1
	for _, e := range h.stream(n.from, n.to) {
		if h.inside(e) && int(e.Sensor) != last {
			moves++
			last = int(e.Sensor)
			if !slices.Contains(seen, e.Sensor) {
				seen = append(seen, e.Sensor)
			}
		}
	}
	return moves, seen
}

// nights are the stretches from the first labeled sleep after 20 o'clock until 6.
func (h *homeData) nights(from int64) []truth {
	var out []truth
	for _, s := range h.truth {
		clock := s.from % msDay / msHour
		if s.state != sense.Asleep || s.from < from || clock >= 6 && clock < 20 {
			continue
		}
		end := s.from - s.from%msDay + 6*msHour
		if clock >= 20 {
			end += msDay
		}
		if len(out) > 0 && out[len(out)-1].to == end || end > h.end() || end-s.from < 3*msHour {
			continue
		}
		out = append(out, truth{s.from, end, sense.Asleep})
	}
	return out
}

// nightPair are two sensors of different rooms to walk between.
func (h *homeData) nightPair(seen []uint16) [2]uint16 {
	for i := range h.sensors {
		if r := h.sensors[i].Role; r < sense.OuterDoor && !slices.Contains(seen, uint16(i)) {
			seen = append(seen, uint16(i))
		}
	}
	slices.SortStableFunc(seen, func(a, b uint16) int {
		order := [...]int{sense.Bathroom: 0, sense.Bedroom: 1, sense.Living: 2, sense.Kitchen: 3, sense.Entrance: 4, sense.Elsewhere: 5}
		return cmp.Compare(order[h.sensors[a].Room], order[h.sensors[b].Room])
	})
	for _, s := range seen[1:] {
		if h.sensors[s].Room != h.sensors[seen[0]].Room {
			return [2]uint16{seen[0], s}
		}
	}
	return [2]uint16{}
}

func (in injection) sorted() injection {
	slices.SortStableFunc(in.events, func(a, b sense.Event) int { return cmp.Compare(a.At, b.At) })
	return in
}
