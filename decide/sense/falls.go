package sense

import (
	"math"

	"linli"
)

// Acceleration is one sample of something worn, in m/s², gravity included: at
// rest its length is one g.
type Acceleration struct{ X, Y, Z float64 }

// gravity is standard gravity in m/s².
const gravity = 9.80665

// Length is the magnitude in g.
func (a Acceleration) Length() float64 {
	return math.Sqrt(a.X*a.X+a.Y*a.Y+a.Z*a.Z) / gravity
}

func (a Acceleration) plus(b Acceleration) Acceleration {
	return Acceleration{a.X + b.X, a.Y + b.Y, a.Z + b.Z}
}

func (a Acceleration) minus(b Acceleration) Acceleration {
	return Acceleration{a.X - b.X, a.Y - b.Y, a.Z - b.Z}
}

func (a Acceleration) times(k float64) Acceleration {
	return Acceleration{k * a.X, k * a.Y, k * a.Z}
}

// apart is 1 − cos of the angle between two vectors: 0 the same direction, 1 a
// right angle, 2 opposite; NaN when one has no direction.
func (a Acceleration) apart(b Acceleration) float64 {
	return 1 - (a.X*b.X+a.Y*b.Y+a.Z*b.Z)/(a.Length()*b.Length()*gravity*gravity)
}

// FallHz is the sampling rate the finder and the features are made for.
const FallHz = 50

// fallTrigger is the length in g from which a peak is looked at. Falls of the
// laboratory begin at 1.6 g at the waist and 3.4 g at the wrist.
const fallTrigger = 1.4

// Resample spreads samples that were taken evenly over so many seconds onto
// FallHz, by linear interpolation. Wearables often deliver in bursts: their
// time stamps tell when a burst came, not when a sample was taken; the count
// and the whole span tell the rate. Fewer than two samples, or a rate that is
// not within 10 to 1000 a second, is invalid.
func Resample(samples []Acceleration, seconds float64) ([]Acceleration, error) {
	if rate := float64(len(samples)-1) / seconds; len(samples) < 2 || !(rate >= 10 && rate <= 1000) {
		return nil, linli.Invalidf("samples", "样本 %d 个、时长 %v 秒，采样率须在每秒 10 到 1000 之间", "%d samples in %v s; the rate must be 10 to 1000 a second", len(samples), seconds)
	}
	n := int(seconds*FallHz+0.5) + 1
	out := make([]Acceleration, n)
	for i := range out {
		at := float64(i) / float64(n-1) * float64(len(samples)-1)
		k := min(int(at), len(samples)-2)
		f := at - float64(k)
		a, b := samples[k], samples[k+1]
		out[i] = Acceleration{a.X + f*(b.X-a.X), a.Y + f*(b.Y-a.Y), a.Z + f*(b.Z-a.Z)}
	}
	return out, nil
}

// FallFinder watches a stream for moments that might be an impact and cuts a
// window around each: a cheap look at every sample, so that the features are
// computed rarely. A peak is a sample of at least 1.4 g that none exceeds
// within a quarter of a window before and after. The window holds it at three
// eighths of its length. One finder serves one stream.
type FallFinder struct {
	ring    []Acceleration
	lengths []float64 // of the same samples, in g
	next    int       // where the next sample goes
	seen    int       // samples so far
}

// NewFallFinder cuts windows of so many seconds, from 2 to 20; 4 is what the
// features are made for. Other lengths are invalid.
func NewFallFinder(seconds float64) (*FallFinder, error) {
	if !(seconds >= 2 && seconds <= 20) {
		return nil, linli.Invalidf("seconds", "窗口长度 %v 秒须在 2 到 20 之间", "a window of %v s; 2 to 20 are possible", seconds)
	}
	n := int(seconds*FallHz + 0.5)
	return &FallFinder{ring: make([]Acceleration, n), lengths: make([]float64, n)}, nil
}

// peakOf is the place of the peak in a window of n samples.
func peakOf(n int) int { return n * 3 / 8 }

// Step takes the next sample, FallHz a second. It returns a window, in memory
// of its own, when the sample completes one: 2.5 s after a peak at 4 s.
func (f *FallFinder) Step(a Acceleration) (window []Acceleration, found bool) {
	n := len(f.ring)
	if f.seen == 0 { // before the stream began, it stood still
		for i := range f.ring {
			f.ring[i], f.lengths[i] = a, a.Length()
		}
	}
	f.ring[f.next], f.lengths[f.next] = a, a.Length()
	f.next = (f.next + 1) % n
	f.seen++
	at := func(i int) float64 { return f.lengths[(f.next+i)%n] }
	p, reach := peakOf(n), n/4
	if !(at(p) >= fallTrigger) || f.seen < n-p {
		return nil, false
	}
	for i := p - reach; i <= p+reach; i++ {
		if i < p && at(i) >= at(p) || i > p && at(i) > at(p) {
			return nil, false
		}
	}
	return append(append(window, f.ring[f.next:]...), f.ring[:f.next]...), true
}

// Finish tells that the stream is over and returns the windows of peaks that
// came too late to be completed, as if it had then stood still. The next Step
// begins another stream.
func (f *FallFinder) Finish() (windows [][]Acceleration) {
	f.finish(func(w []Acceleration, _ int) { windows = append(windows, w) })
	return windows
}

// finish gives each late window and how many samples after the last it was complete.
func (f *FallFinder) finish(late func(window []Acceleration, after int)) {
	if f.seen == 0 {
		return
	}
	n := len(f.ring)
	last := f.ring[(f.next+n-1)%n]
	for k := 1; k < n-peakOf(n); k++ {
		if w, found := f.Step(last); found {
			late(w, k)
		}
	}
	f.seen = 0
}
