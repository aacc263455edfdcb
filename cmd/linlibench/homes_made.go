package main

import (
	"cmp"
	"slices"

	"linli/decide/sense"
)

// withMade adds made-up sensors to a recorded home, for the classes no public home
// has streams of: vital signs, a button, smoke, gas, water and cameras. The
// background is ordinary and has the usual nuisances: artifacts, presses
// taken back, cooking, birds.
func withMade(h *homeData, seed uint64) *homeData {
	out := *h
	out.sensors = slices.Clone(h.sensors)
	out.names = slices.Clone(h.names)
	m := &maker{homeData: &out, d: newDraws(seed, streamOf("made", h.name))}
	for _, s := range madeSensors {
		if len(out.sensors) == sense.MaxSensors {
			return nil
		}
		out.sensors = append(out.sensors, sense.Sensor{Role: s.role, Room: sense.Elsewhere})
		out.names = append(out.names, s.name)
	}
	var made []sense.Event
	made = append(made, m.vitals()...)
	made = append(made, m.water()...)
	made = append(made, m.nuisances()...)
	out.events = append(slices.Clone(h.events), made...)
	slices.SortStableFunc(out.events, func(a, b sense.Event) int { return cmp.Compare(a.At, b.At) })
	return &out
}

var madeSensors = []struct {
	role sense.Role
	name string
}{
	{sense.Heart, "made-heart"}, {sense.Oxygen, "made-oxygen"}, {sense.Systolic, "made-systolic"}, {sense.Button, "made-button"},
	{sense.Smoke, "made-smoke-1"}, {sense.Smoke, "made-smoke-2"}, {sense.Heat, "made-heat"}, {sense.Gas, "made-gas"},
	{sense.Carbon, "made-co"}, {sense.Water, "made-water"}, {sense.LiftCamera, "made-lift"}, {sense.SkyCamera, "made-sky"},
}

// made is the index of a made sensor.
func (h *homeData) made(name string) uint16 { return uint16(slices.Index(h.names, "made-"+name)) }

type maker struct {
	*homeData
	d *draws
}

// bell is a draw near 0 with standard deviation 1: twelve uniform ones.
func (d *draws) bell() float64 {
	sum := -6.0
	for range 12 {
		sum += d.unit()
	}
	return sum
}

// vitals: heart and oxygen every minute at home, blood pressure twice a day. The heart
// wanders, is faster by day, and two readings in a thousand are artifacts.
func (m *maker) vitals() []sense.Event {
	var out []sense.Event
	heart, oxygen, pressure := m.made("heart"), m.made("oxygen"), m.made("systolic")
	base, wander, breath := 60+12*m.d.unit(), 0.0, 0.0
	for t := m.begin(); t < m.end(); t += 60 * msSecond {
		wander = 0.97*wander + 1.2*m.d.bell()
		breath = 0.95*breath + 0.25*m.d.bell()
		clock := t % msDay / msHour
		x := base + wander
		if clock >= 7 && clock < 22 {
			x += 10
		}
		y := 96.5 + breath
		if m.d.n(500) == 0 {
			x, y = 0, 30+40*m.d.unit()
		}
		out = append(out, sense.Event{At: t, Sensor: heart, Value: float32(x)}, sense.Event{At: t, Sensor: oxygen, Value: float32(min(y, 100))})
		if minute := t % msDay / (60 * msSecond); minute == 8*60 || minute == 20*60 {
			out = append(out, sense.Event{At: t, Sensor: pressure, Value: float32(138 + 8*m.d.bell())})
		}
	}
	return out
}

// water: half hours with a sign in kitchen or bathroom use some, others none.
func (m *maker) water() []sense.Event {
	var out []sense.Event
	sensor := m.made("water")
	first := m.begin() - m.begin()%(msHour/2) + msHour/2
	for t := first; t <= m.end(); t += msHour / 2 {
		liters := 0.0
		for _, e := range m.stream(t-msHour/2, t) {
			if room := m.sensors[e.Sensor].Room; m.inside(e) && (room == sense.Kitchen || room == sense.Bathroom) {
				liters = 1 + 20*m.d.unit()*m.d.unit()
				break
			}
		}
		out = append(out, sense.Event{At: t, Sensor: sensor, Value: float32(liters)})
	}
	return out
}

// nuisances: a press taken back every two days, gas and CO near zero with cooking,
// doubtful frames in the lift, birds in the sky.
func (m *maker) nuisances() []sense.Event {
	var out []sense.Event
	button, gas, carbon, lift, sky := m.made("button"), m.made("gas"), m.made("co"), m.made("lift"), m.made("sky")
	for d := m.begin(); d < m.end(); d += msDay {
		if m.d.n(2) == 0 {
			t := m.d.within(d, d+msDay)
			out = append(out, sense.Event{At: t, Sensor: button, Value: 1}, sense.Event{At: t + m.d.within(2*msSecond, 9*msSecond), Sensor: button})
		}
		for range 12 {
			t := m.d.within(d, d+msDay)
			for k := range int64(4) {
				out = append(out, sense.Event{At: t + k*msSecond/2, Sensor: lift, Value: float32(0.2 + 0.55*m.d.unit())})
			}
			out = append(out, sense.Event{At: m.d.within(d, d+msDay), Sensor: sky, Value: float32(1 + m.d.n(4))})
		}
	}
	for t := m.begin(); t < m.end(); t += 10 * 60 * msSecond {
		cooking := 0.0
		if clock := t % msDay / msHour; clock == 11 || clock == 17 {
			cooking = 1
		}
		out = append(out, sense.Event{At: t, Sensor: gas, Value: float32((0.5 + 2*cooking) * m.d.unit())},
			sense.Event{At: t, Sensor: carbon, Value: float32((4 + 36*cooking) * m.d.unit())})
	}
	for i := len(out) - 1; i >= 0; i-- {
		if out[i].At >= m.end() {
			out = slices.Delete(out, i, i+1)
		}
	}
	return out
}

// during is an injection that replaces what some made sensors say between at and
// until by other events.
func (h *homeData) during(severity int, at, until int64, replaced []uint16, events []sense.Event) (injection, bool) {
	if until > h.end() {
		return injection{}, false
	}
	in := injection{severity: severity, cut: at, at: at, until: until, events: events}
	for _, e := range h.stream(at, until) {
		if !slices.Contains(replaced, e.Sensor) {
			in.events = append(in.events, e)
		}
	}
	return in.sorted(), true
}

// oddVitals: the heart drifts up by 40 over two hours and stays; a step to 130; oxygen steps to 86.
func oddVitals(h *homeData, from int64, severity int, d *draws) (injection, bool) {
	at := d.within(from, h.end()-6*msHour)
	at -= at % (60 * msSecond)
	until := at + 6*msHour
	sensor := h.made("heart")
	if severity == 3 {
		sensor = h.made("oxygen")
	}
	var events []sense.Event
	for _, e := range h.stream(at, until) {
		if e.Sensor != sensor {
			continue
		}
		switch severity {
		case 1:
			if e.Value > 20 {
				e.Value += 40 * float32(min(float64(e.At-at)/float64(2*msHour), 1))
			}
		case 2:
			e.Value = float32(130 + 2*d.bell())
		case 3:
			e.Value = float32(86 + 0.5*d.bell())
		}
		events = append(events, e)
	}
	return h.during(severity, at, until, []uint16{sensor}, events)
}

// press: one press, two within three seconds, three within half a minute.
func press(h *homeData, from int64, severity int, d *draws) (injection, bool) {
	at := d.within(from, h.end()-msHour)
	button := h.made("button")
	events := []sense.Event{{At: at, Sensor: button, Value: 1}}
	switch severity {
	case 2:
		events = append(events, sense.Event{At: d.within(at+300, at+3*msSecond), Sensor: button, Value: 1})
	case 3:
		events = append(events, sense.Event{At: at + 12*msSecond, Sensor: button, Value: 1}, sense.Event{At: at + 26*msSecond, Sensor: button, Value: 1})
	}
	return h.during(severity, at, at+msHour/2, []uint16{button}, events)
}

// smoke: one detector, smoke and heat, two smoke detectors.
func smoke(h *homeData, from int64, severity int, d *draws) (injection, bool) {
	at := d.within(from, h.end()-msHour)
	events := []sense.Event{{At: at, Sensor: h.made("smoke-1"), Value: 1}}
	second := map[int]string{2: "heat", 3: "smoke-2"}[severity]
	if second != "" {
		events = append(events, sense.Event{At: d.within(at, at+msHour/12), Sensor: h.made(second), Value: 1})
	}
	return h.during(severity, at, at+msHour/2, nil, events)
}

// gasRamp: gas rises to 6 or to 14 percent within half an hour; CO steps to 120 ppm. The
// harm begins when a limit is reached.
func gasRamp(h *homeData, from int64, severity int, d *draws) (injection, bool) {
	start := d.within(from, h.end()-3*msHour)
	sensor, top, rise := h.made("gas"), []float64{6, 14, 120}[severity-1], msHour/2
	if severity == 3 {
		sensor, rise = h.made("co"), 60*msSecond
	}
	var events []sense.Event
	at := int64(0)
	for t := start; t < start+2*msHour; t += 60 * msSecond {
		x := top * min(float64(t-start+60*msSecond)/float64(rise), 1)
		if at == 0 && (severity < 3 && x >= 5 || severity == 3 && x >= 100) {
			at = t
		}
		events = append(events, sense.Event{At: t, Sensor: sensor, Value: float32(x)})
	}
	in, ok := h.during(severity, start, start+2*msHour, []uint16{sensor}, events)
	in.at = at
	return in, ok
}

// flow: a leak of 1 to 3 liters per half hour for two days, a burst of 60 to 200
// liters per half hour, a day without water at home.
func flow(h *homeData, from int64, severity int, d *draws) (injection, bool) {
	at := d.within(from, h.end()-2*day24)
	if severity == 3 {
		var ok bool
		if at, ok = h.awakeAt(d, from, h.end()-2*day24); !ok {
			return injection{}, false
		}
	}
	long := []int64{2 * day24, day24, 36 * msHour}[severity-1]
	sensor := h.made("water")
	leak := []float64{1 + 2*d.unit(), 60 + 140*d.unit(), 0}[severity-1]
	var events []sense.Event
	for _, e := range h.stream(at, at+long) {
		if e.Sensor != sensor {
			continue
		}
		if severity == 3 {
			e.Value = 0
		} else {
			e.Value += float32(leak)
		}
		events = append(events, e)
	}
	return h.during(severity, at, at+long, []uint16{sensor}, events)
}

// bike: frames of an e-bike for 3 to 8 s; the same twice within half a minute; 2.5 s.
// Frames jitter, and one in ten is doubtful.
func bike(h *homeData, from int64, severity int, d *draws) (injection, bool) {
	at := d.within(from, h.end()-msHour)
	sensor := h.made("lift")
	var events []sense.Event
	train := func(at, long int64) {
		for t := at; t <= at+long; t += d.within(150, 250) {
			x := 0.82 + 0.17*d.unit()
			if d.n(10) == 0 && t > at {
				x = 0.5
			}
			events = append(events, sense.Event{At: t, Sensor: sensor, Value: float32(x)})
		}
	}
	switch severity {
	case 1:
		train(at, d.within(3*msSecond, 8*msSecond))
	case 2:
		train(at, 4*msSecond)
		train(at+d.within(8*msSecond, 30*msSecond), 4*msSecond)
	case 3:
		train(at, 2700)
	}
	return h.during(severity, at, at+10*60*msSecond, []uint16{sensor}, events)
}

// falling: a track of 5 to 8 frames; of 12 to 30; one that the device reports twice.
func falling(h *homeData, from int64, severity int, d *draws) (injection, bool) {
	at := d.within(from, h.end()-msHour)
	sensor := h.made("sky")
	frames := float32([]int{5 + d.n(4), 12 + d.n(19), 9}[severity-1])
	events := []sense.Event{{At: at, Sensor: sensor, Value: frames}}
	if severity == 3 {
		events = append(events, sense.Event{At: at + 800, Sensor: sensor, Value: frames - 1})
	}
	return h.during(severity, at, at+10*60*msSecond, []uint16{sensor}, events)
}
