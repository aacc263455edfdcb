package series

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// grid is the pace that the times of a chunk keep about, as those of a device that
// reports every minute and a bit: place i is at base + i·span/steps, in units. What
// XOR is given then are the places, which are even, and how far off each time is.
type grid struct {
	unit        int64 // milliseconds: 1,000 when all times are whole seconds, or 1
	base        int64
	span, steps int64
}

// The bounds keep i·span within 64 bits.
const (
	maxSpan  = 1 << 41 // 70 years in milliseconds
	maxSteps = 1 << 20
)

// gridOf finds the pace of points in order of time; not ok when they keep it exactly
// or have none, so that a grid would gain nothing.
func gridOf(points []point) (g grid, ok bool) {
	n := len(points)
	uneven, seconds := 0, true
	for i, p := range points {
		if i > 1 && p.t-points[i-1].t != points[i-1].t-points[i-2].t {
			uneven++
		}
		seconds = seconds && p.t%1000 == 0
	}
	if 4*uneven < n {
		return g, false
	}
	g.unit = 1
	if seconds {
		g.unit = 1000
	}
	g.base, g.span = points[0].t/g.unit, (points[n-1].t-points[0].t)/g.unit
	steps := make([]int64, n-1)
	for i := range steps {
		steps[i] = (points[i+1].t - points[i].t) / g.unit
	}
	middle := slices.Sorted(slices.Values(steps))[len(steps)/2]
	for _, step := range steps {
		g.steps += (step + middle/2) / middle
	}
	return g, g.span > 0 && g.span < maxSpan && g.steps > 0 && g.steps < maxSteps
}

// places gives the nearest place of each time, and how far off the time is.
func (g grid) places(points []point) (places []int64, off offsets) {
	for _, p := range points {
		t := p.t/g.unit - g.base
		i := (2*t*g.steps + g.span) / (2 * g.span)
		places, off.by = append(places, i), append(off.by, t-i*g.span/g.steps)
	}
	return places, off
}

// offsets are distances from the places of a grid.
type offsets struct {
	by  []int64
	low int64 // what was taken off all of them by lift
}

// lift moves all offsets into one octave, where they differ in few bits as floats.
func (o *offsets) lift() {
	least, most := slices.Min(o.by), slices.Max(o.by)
	o.low = least - 1<<bits.Len64(uint64(most-least))
	for i := range o.by {
		o.by[i] -= o.low
	}
}

// append writes the grid for offsets that are low too large.
func (g grid) append(out []byte, low int64) []byte {
	out = binary.AppendUvarint(out, uint64(g.unit))
	out = binary.AppendVarint(out, g.base+low)
	out = binary.AppendUvarint(out, uint64(g.span))
	return binary.AppendUvarint(out, uint64(g.steps))
}

// readGrid is the reverse; rest is what follows.
func readGrid(raw []byte) (g grid, rest []byte, ok bool) {
	ok = true
	unsigned := func() int64 {
		x, n := binary.Uvarint(raw)
		ok = ok && n > 0 && x < maxSpan
		raw = raw[max(n, 0):]
		return int64(x)
	}
	g.unit = unsigned()
	var n int
	g.base, n = binary.Varint(raw)
	ok = ok && n > 0
	raw = raw[max(n, 0):]
	g.span, g.steps = unsigned(), unsigned()
	return g, raw, ok && g.steps > 0
}

// at is the time of a place with an offset.
func (g grid) at(place, off int64) int64 { return (g.base + place*g.span/g.steps + off) * g.unit }
