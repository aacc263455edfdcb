package sense

import (
	"math"
	"slices"
)

// FallFeatures names the 35 features of a window in their order. Lengths are
// in g, times in seconds of a window of 4; a "turn" is 1 − cos of an angle. The
// last six are the direction of up in the axes of the device: they say who lies
// already, and mean something only where all devices are worn alike. The others
// do not depend on how the device is turned.
var FallFeatures = [35]string{
	"peak", "rise to peak", "impact time above 1.8 g", "dip", "time below 0.8 g", "speed lost below 1 g",
	"jerk", "jerk before", "jerk after", "impact integral", "activity before", "activity after",
	"spread before", "spread at impact", "spread after", "least spread after",
	"unrest before", "unrest after", "least unrest after",
	"turn", "early turn", "late turn", "turn of impact from before", "turn of impact from after",
	"crossings of 1 g", "peaks of half the height", "band 12-25 Hz", "band 6-12 Hz", "rhythm",
	"x before", "y before", "z before", "x after", "y after", "z after",
}

// Features describes a window as FallFinder cuts it: what came before the
// peak, the impact, and how still and how turned the body was afterward.
// Shorter windows than 40 samples give NaN throughout.
func Features(window []Acceleration) (out [35]float64) {
	if len(window) < 40 {
		for i := range out {
			out[i] = math.NaN()
		}
		return out
	}
	w := look(window)
	f := out[:0]
	f = w.impact(f)
	f = w.dip(f)
	f = w.change(f)
	f = w.unrest(f)
	f = w.turns(f)
	f = w.rhythm(f)
	f = w.posture(f)
	copy(out[:], f)
	return out
}

// viewed is a window with what the features share.
type viewed struct {
	a      []Acceleration
	m      []float64 // lengths
	jerk   []float64 // change of the vector to the next sample, in g per sample
	p      int       // the peak
	second float64   // samples a second
}

func look(window []Acceleration) viewed {
	n := len(window)
	w := viewed{a: window, m: make([]float64, n), jerk: make([]float64, n), p: peakOf(n), second: float64(n) / 4}
	for i, a := range window {
		w.m[i] = a.Length()
		if i > 0 {
			w.jerk[i] = a.minus(window[i-1]).Length()
		}
	}
	return w
}

// span is the part from so many seconds after the peak to so many.
func (w *viewed) span(from, to float64) (int, int) {
	n := len(w.m)
	a := w.p + int(math.Floor(from*w.second+0.5))
	b := w.p + int(math.Floor(to*w.second+0.5))
	return min(max(a, 0), n-1), min(max(b, a+1, 1), n)
}

func (w *viewed) lengths(from, to float64) []float64 {
	a, b := w.span(from, to)
	return w.m[a:b]
}

func (w *viewed) direction(from, to float64) (sum Acceleration) {
	a, b := w.span(from, to)
	for _, v := range w.a[a:b] {
		sum = sum.plus(v)
	}
	return sum
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

func spread(x []float64) float64 {
	m, sum := mean(x), 0.0
	for _, v := range x {
		sum += (v - m) * (v - m)
	}
	return math.Sqrt(sum / float64(len(x)))
}

// time is for how long it holds, in seconds.
func (w *viewed) time(x []float64, holds func(v float64) bool) float64 {
	k := 0
	for _, v := range x {
		if holds(v) {
			k++
		}
	}
	return float64(k) / w.second
}

func (w *viewed) impact(f []float64) []float64 {
	top := w.m[w.p]
	return append(f, top, top-slices.Min(w.lengths(-0.3, 0)),
		w.time(w.lengths(-0.5, 0.5), func(v float64) bool { return v > 1.8 }))
}

func (w *viewed) dip(f []float64) []float64 {
	before := w.lengths(-1, 0)
	lost := 0.0
	for _, v := range before {
		lost += max(1-v, 0)
	}
	return append(f, slices.Min(before), w.time(before, func(v float64) bool { return v < 0.8 }), lost*gravity/w.second)
}

func (w *viewed) change(f []float64) []float64 {
	part := func(from, to float64) []float64 {
		a, b := w.span(from, to)
		return w.jerk[a:b]
	}
	activity := func(from, to float64) float64 {
		sum := 0.0
		for _, v := range w.lengths(from, to) {
			sum += math.Abs(v - 1)
		}
		return sum / w.second
	}
	return append(f, slices.Max(part(-0.3, 0.3)), mean(part(-1.5, -0.5)), mean(part(1, 3)),
		activity(-0.5, 0.5), activity(-2, -0.7), activity(0.8, 3))
}

func (w *viewed) unrest(f []float64) []float64 {
	// Unrest is the spread of the vector: it sees turning at constant length.
	unrest := func(from, to float64) float64 {
		a, b := w.span(from, to)
		n := float64(b - a)
		center := w.direction(from, to).times(1 / n)
		sum := 0.0
		for _, x := range w.a[a:b] {
			d := x.minus(center).Length()
			sum += d * d
		}
		return math.Sqrt(sum / n)
	}
	stillest, calmest := math.Inf(1), math.Inf(1)
	for from := 0.4; from < 2; from += 0.2 {
		stillest = min(stillest, spread(w.lengths(from, from+0.5)))
		calmest = min(calmest, unrest(from, from+0.5))
	}
	return append(f, spread(w.lengths(-2, -0.7)), spread(w.lengths(-0.5, 0.5)), spread(w.lengths(1, 3)), stillest,
		unrest(-2, -0.7), unrest(1, 3), calmest)
}

func (w *viewed) turns(f []float64) []float64 {
	before, after := w.direction(-2, -0.7), w.direction(1.5, 3)
	early, impact := w.direction(0.4, 1.2), w.direction(-0.06, 0.08)
	return append(f, before.apart(after), before.apart(early), early.apart(after), impact.apart(before), impact.apart(after))
}

// posture is which way is up for the device, before and after.
func (w *viewed) posture(f []float64) []float64 {
	for _, up := range []Acceleration{w.direction(-2, -0.7), w.direction(1.5, 3)} {
		up = up.times(1 / (gravity * up.Length()))
		f = append(f, up.X, up.Y, up.Z)
	}
	return f
}

func (w *viewed) rhythm(f []float64) []float64 {
	crossings, peaks := 0, 0
	half := 1 + (w.m[w.p]-1)/2
	for i := 1; i < len(w.m); i++ {
		if (w.m[i] >= 1) != (w.m[i-1] >= 1) {
			crossings++
		}
		if w.m[i] >= half && w.m[i-1] < half {
			peaks++
		}
	}
	// Energy by octaves, from sums and differences of neighbors (Haar 1910).
	var energy [5]float64
	x, total := slices.Clone(w.m), 0.0
	for k := range energy {
		for i := range len(x) / 2 {
			a, b := x[2*i], x[2*i+1]
			energy[k] += (a - b) * (a - b) / 2
			x[i] = (a + b) / math.Sqrt2
		}
		x = x[:len(x)/2]
		total += energy[k]
	}
	total = max(total, 1e-12)
	return append(f, float64(crossings), float64(peaks), energy[0]/total, energy[1]/total, w.repeats())
}

// repeats is the highest correlation of the lengths with themselves 0.3 to 1.3 s
// later: steps and jumps come again, falls do not. The peak is cut to 2 g, or
// it alone would decide.
func (w *viewed) repeats() float64 {
	x := make([]float64, len(w.m))
	for i, v := range w.m {
		x[i] = min(v, 2)
	}
	center := mean(x)
	whole := 1e-12
	for i := range x {
		x[i] -= center
		whole += x[i] * x[i]
	}
	best := -1.0
	for lag := int(0.3 * w.second); lag <= int(1.3*w.second); lag++ {
		sum := 0.0
		for i := lag; i < len(x); i++ {
			sum += x[i] * x[i-lag]
		}
		best = max(best, sum/whole*float64(len(x))/float64(len(x)-lag))
	}
	return best
}
