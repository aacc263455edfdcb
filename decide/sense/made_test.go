package sense

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The sensors of the made home.
const (
	sBed = iota
	sBedroom
	sBath
	sKitchen
	sLiving
	sDoor
	sButton
	sHeart
	sOxygen
	sSmoke
	sSmoke2
	sGas
	sCarbon
	sWater
	sLift
	sSky
)

var madeSensors = []Sensor{
	sBed: {Bed, Bedroom, 0}, sBedroom: {Motion, Bedroom, 0}, sBath: {Motion, Bathroom, 0}, sKitchen: {Motion, Kitchen, 0},
	sLiving: {Motion, Living, 0}, sDoor: {OuterDoor, Entrance, 0}, sButton: {Button, Elsewhere, 0}, sHeart: {Heart, Elsewhere, 0},
	sOxygen: {Oxygen, Elsewhere, 0}, sSmoke: {Smoke, Kitchen, 0}, sSmoke2: {Smoke, Living, 0}, sGas: {Gas, Kitchen, 0},
	sCarbon: {Carbon, Kitchen, 0}, sWater: {Water, Kitchen, 0}, sLift: {LiftCamera, Elsewhere, 0}, sSky: {SkyCamera, Elsewhere, 0},
}

// origin is a Monday, 0 o'clock.
const origin = int64(20440) * day

// maker makes the events of a person with regular days: up at 7, meals, an errand at
// 10, bed at 22:30, one or two ways to the bathroom at night. Silences by day last
// twenty minutes on average, exponentially.
type maker struct {
	*rand.Rand
	events []Event
}

func made(seed uint64, days int) []Event {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 7))}
	for d := range int64(days) {
		m.day(origin + d*day)
	}
	slices.SortStableFunc(m.events, func(a, b Event) int { return cmp.Compare(a.At, b.At) })
	return m.events
}

func (m *maker) say(at int64, sensor uint16, value float32) int64 {
	m.events = append(m.events, Event{At: at, Sensor: sensor, Value: value})
	return at
}

// about is a time of the day with half an hour of play.
func (m *maker) about(start int64, clock float64) int64 {
	return start + int64((clock+0.25*m.NormFloat64())*float64(hour))
}

func (m *maker) day(start int64) {
	up := m.say(m.about(start, 7), sBed, 0)
	m.say(up+30*second, sBedroom, 1)
	out, back, bed := m.about(start, 10), m.about(start, 11.5), m.about(start, 22.5)
	at := up + minute
	for at < bed-5*minute {
		if at < out && at+5*minute >= out {
			m.say(out, sDoor, 1)
			m.say(out+4*second, sDoor, 0)
			m.say(back, sDoor, 1)
			m.say(back+4*second, sDoor, 0)
			at = m.say(back+30*second, sLiving, 1) + minute
		}
		// An activity: a few signs in one or two rooms within two minutes.
		room := []uint16{sKitchen, sLiving, sLiving, sBath}[m.IntN(4)]
		if h := hourOf(at); h == 8 || h == 12 || h == 18 {
			room = sKitchen
		}
		for k := range int64(3) {
			m.say(at+k*40*second, room, 1)
			m.say(at+k*40*second+5*second, room, 0)
		}
		m.say(at+2*minute, sLiving, 1)
		wait := int64(m.ExpFloat64() * float64(20*minute))
		if next := at + 3*minute + wait; at >= out || next < out {
			at = next
		} else {
			at = max(at+3*minute, out-5*minute)
		}
	}
	m.say(bed, sBedroom, 1)
	m.say(bed+minute, sBed, 1)
	for range 1 + m.IntN(2) {
		trip := bed + hour + int64(m.Float64()*float64(6*hour))
		m.say(trip, sBed, 0)
		m.say(trip+minute, sBath, 1)
		m.say(trip+4*minute, sBedroom, 1)
		m.say(trip+5*minute, sBed, 1)
	}
}

func open(t testing.TB, p Plan) *Home {
	t.Helper()
	if p.Sensors == nil {
		p.Sensors = madeSensors
	}
	h, err := Open(p)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func play(t testing.TB, h *Home, events []Event) []Finding {
	t.Helper()
	var out []Finding
	for _, e := range events {
		found, err := h.Step(e)
		if err != nil {
			t.Fatalf("%v: %v", e, err)
		}
		out = append(out, found...)
	}
	return out
}

func snapshot(t testing.TB, h *Home) []byte {
	t.Helper()
	b, err := h.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func only(found []Finding, c Class) []Finding {
	return slices.DeleteFunc(slices.Clone(found), func(f Finding) bool { return f.Class != c })
}

// lived is a home after so many made days, at the end of the last event.
func lived(t testing.TB, seed uint64, days int) *Home {
	t.Helper()
	h := open(t, Plan{})
	play(t, h, made(seed, days))
	return h
}

// until keeps the events before a moment.
func until(events []Event, at int64) []Event {
	return events[:slices.IndexFunc(append(slices.Clone(events), Event{At: math.MaxInt64}), func(e Event) bool { return e.At >= at })]
}
