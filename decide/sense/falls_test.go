package sense

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"linli"
)

// person moves in a way of its own: how hard, how the device sits.
type person struct {
	rng  *rand.Rand
	hard float64
	tilt variant
}

func newPerson(seed uint64) *person {
	rng := rand.New(rand.NewPCG(seed, 1))
	return &person{rng, 0.8 + 0.4*rng.Float64(), variant{tilt: Acceleration{0.3 * rng.NormFloat64(), 0, 0.3 * rng.NormFloat64()}}}
}

// live writes so many seconds: up is the direction of gravity, extra what is
// added along it, in g, by time.
func (p *person) live(samples []Acceleration, seconds float64, up Acceleration, extra func(t float64) float64) []Acceleration {
	for i := range int(seconds * FallHz) {
		k := gravity * (1 + extra(float64(i)/FallHz))
		noise := Acceleration{p.rng.NormFloat64(), p.rng.NormFloat64(), p.rng.NormFloat64()}
		samples = append(samples, p.tilt.turn(up.times(k).plus(noise.times(0.2))))
	}
	return samples
}

var (
	upright = Acceleration{0, -1, 0}
	lying   = Acceleration{0.1, 0, 1}
)

func still(float64) float64 { return 0 }

func (p *person) steps(t float64) float64 { return 0.6 * p.hard * math.Sin(2*math.Pi*1.8*t) }

// falls: a dip, an impact with its echo, then lying still.
func (p *person) falls() []Acceleration {
	s := p.live(nil, 4, upright, p.steps)
	s = p.live(s, 0.4, upright, func(t float64) float64 { return -1.6 * t })
	s = p.live(s, 0.1, Acceleration{0.5, -0.5, 0.7}, func(t float64) float64 { return 2.2 * p.hard })
	s = p.live(s, 0.3, lying, func(t float64) float64 { return 0.5 * math.Cos(30*t) })
	return p.live(s, 5, lying, still)
}

// jumps: impacts as hard, but standing goes on.
func (p *person) jumps() []Acceleration {
	s := p.live(nil, 3, upright, still)
	for range 3 {
		s = p.live(s, 0.3, upright, func(t float64) float64 { return -0.8 })
		s = p.live(s, 0.1, upright, func(t float64) float64 { return 2.4 * p.hard })
		s = p.live(s, 1.2, upright, still)
	}
	return p.live(s, 3, upright, p.steps)
}

func (p *person) liesDown() []Acceleration {
	s := p.live(nil, 4, upright, still)
	s = p.live(s, 1, Acceleration{0, -0.7, 0.7}, func(t float64) float64 { return 0.6 * math.Sin(6*t) })
	return p.live(s, 5, lying, still)
}

// recordings of so many persons, 4 falls and 8 pieces of daily life each.
func recordings(seed uint64, persons int) (out []FallRecording) {
	for k := range persons {
		p := newPerson(seed + uint64(k))
		for range 4 {
			out = append(out, FallRecording{Samples: p.falls(), Subject: k, Fall: true, From: 3.9, To: 6})
			out = append(out, FallRecording{Samples: p.jumps(), Subject: k}, FallRecording{Samples: p.liesDown(), Subject: k})
		}
	}
	return out
}

// nearest is a small learner: the share of falls among the five nearest rows,
// each feature in units of its spread.
type nearest struct {
	rows   [][]float64
	target []float64
	scale  []float64
	fits   int
}

func (n *nearest) Fit(rows [][]float64, target []float64) error {
	n.rows, n.target, n.scale = rows, target, make([]float64, len(rows[0]))
	n.fits++
	for j := range n.scale {
		column := make([]float64, len(rows))
		for i := range rows {
			column[i] = rows[i][j]
		}
		n.scale[j] = spread(column) + 1e-9
	}
	return nil
}

func (n *nearest) Predict(rows [][]float64) ([]float64, error) {
	out := make([]float64, len(rows))
	for i, r := range rows {
		type near struct{ d, y float64 }
		var all []near
		for k, o := range n.rows {
			d := 0.0
			for j := range r {
				d += (r[j] - o[j]) * (r[j] - o[j]) / (n.scale[j] * n.scale[j])
			}
			all = append(all, near{d, n.target[k]})
		}
		slices.SortStableFunc(all, func(a, b near) int {
			if a.d < b.d {
				return -1
			}
			return 1
		})
		for _, a := range all[:5] {
			out[i] += a.y / 5
		}
	}
	return out, nil
}

func windowsOf(t testing.TB, samples []Acceleration, seconds float64) [][]Acceleration {
	t.Helper()
	f, err := NewFallFinder(seconds)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]Acceleration
	for _, a := range samples {
		if w, found := f.Step(a); found {
			out = append(out, w)
		}
	}
	return append(out, f.Finish()...)
}

func TestFinderCutsAWindowAroundEveryPeakAndNoOther(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 3))
	for round := range 60 {
		seconds := 2 + 0.5*float64(round%9)
		n := int(seconds * FallHz)
		samples := make([]Acceleration, rng.IntN(700))
		for i := range samples { // few values, so that ties occur
			samples[i] = Acceleration{0, 0, gravity * (1 + 0.1*float64(rng.IntN(7)))}
			if rng.IntN(40) == 0 {
				samples[i].X = gravity * float64(rng.IntN(4))
			}
		}
		at := func(i int) Acceleration { return samples[min(max(i, 0), len(samples)-1)] }
		var want [][]Acceleration
		for i, a := range samples {
			top := a.Length() >= 1.4
			for k := i - n/4; k <= i+n/4 && top; k++ {
				top = k == i || k < i && at(k).Length() < a.Length() || k > i && at(k).Length() <= a.Length()
			}
			if top && (i > 0 || at(0).Length() < 0) { // the stream stood still before: its first sample is no peak
				w := make([]Acceleration, n)
				for k := range w {
					w[k] = at(i - n*3/8 + k)
				}
				want = append(want, w)
			}
		}
		got := windowsOf(t, samples, seconds)
		if !slices.EqualFunc(got, want, slices.Equal[[]Acceleration]) {
			t.Fatalf("round %d: %d windows, %d wanted", round, len(got), len(want))
		}
	}
}

func TestRestRaisesNoWindow(t *testing.T) {
	t.Parallel()
	p := newPerson(1)
	if w := windowsOf(t, p.live(nil, 60, lying.times(0.99), still), 4); len(w) != 0 {
		t.Errorf("%d windows at rest", len(w))
	}
	late := append(p.live(nil, 5, upright, still), Acceleration{0, -3 * gravity, 0})
	if w := windowsOf(t, late, 4); len(w) != 1 || w[0][75] != late[len(late)-1] || w[0][199] != w[0][75] {
		t.Errorf("a peak at the very end gives %d windows", len(w))
	}
}

func TestFeaturesSayWhatAFallIs(t *testing.T) {
	t.Parallel()
	at := func(name string) int { return slices.Index(FallFeatures[:], name) }
	highest := func(samples []Acceleration) (best [35]float64) {
		for _, w := range windowsOf(t, samples, 4) {
			if f := Features(w); f[0] > best[0] {
				best = f
			}
		}
		return best
	}
	p := newPerson(5)
	fall, jump := highest(p.falls()), highest(p.jumps())
	if f := fall[at("turn")]; f < 0.7 || f > 1.3 {
		t.Errorf("a fall from upright to lying turns by %v, not by about a right angle", f)
	}
	if f := jump[at("turn")]; f > 0.05 {
		t.Errorf("a jump turns by %v", f)
	}
	if f := fall[at("peak")]; math.Abs(f-(1+2.2*p.hard)) > 0.6 {
		t.Errorf("peak %v g", f)
	}
	if f := fall[at("dip")]; f > 0.6 {
		t.Errorf("before the impact the least length is %v g", f)
	}
	if fall[at("unrest after")] > 0.1 || jump[at("least spread after")] > 0.1 {
		t.Error("lying or standing still counts as unrest")
	}
	if u := fall[at("z after")]; u < 0.8 {
		t.Errorf("lying on the back, up is %v along z", u)
	}
	for j, v := range fall {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("%s is %v", FallFeatures[j], v)
		}
	}
}

func TestOnlyTheLastSixFeaturesFeelHowTheDeviceIsTurned(t *testing.T) {
	t.Parallel()
	turned := func(a Acceleration) Acceleration { // by 40° about z, then 70° about x
		c, s := math.Cos(0.7), math.Sin(0.7)
		a.X, a.Y = c*a.X-s*a.Y, s*a.X+c*a.Y
		c, s = math.Cos(1.2), math.Sin(1.2)
		a.Y, a.Z = c*a.Y-s*a.Z, s*a.Y+c*a.Z
		return a
	}
	for seed := range uint64(20) {
		samples := newPerson(seed).falls()
		other := make([]Acceleration, len(samples))
		for i, a := range samples {
			other[i] = turned(a)
		}
		w, v := windowsOf(t, samples, 4), windowsOf(t, other, 4)
		if len(w) != len(v) || len(w) == 0 {
			t.Fatalf("%d and %d windows", len(w), len(v))
		}
		for i := range w {
			a, b := Features(w[i]), Features(v[i])
			for j := range 29 {
				if math.Abs(a[j]-b[j]) > 1e-9 {
					t.Errorf("%s: %v and %v", FallFeatures[j], a[j], b[j])
				}
			}
			up := turned(Acceleration{a[32], a[33], a[34]})
			if math.Abs(up.X-b[32])+math.Abs(up.Y-b[33])+math.Abs(up.Z-b[34]) > 1e-9 {
				t.Errorf("up after is %v, not %v", b[32:], up)
			}
		}
	}
}

func TestResampleTrustsTheSpanAndNotTheStamps(t *testing.T) {
	t.Parallel()
	var samples []Acceleration
	for i := range 81 { // 40 a second for 2 s, along a line
		samples = append(samples, Acceleration{float64(i), 1, -float64(i)})
	}
	out, err := Resample(samples, 2)
	if err != nil || len(out) != 101 {
		t.Fatalf("%d samples, %v", len(out), err)
	}
	for i, a := range out {
		if math.Abs(a.X-0.8*float64(i)) > 1e-9 || a.Y != 1 || a.X != -a.Z {
			t.Fatalf("sample %d is %v", i, a)
		}
	}
	for _, seconds := range []float64{0, -1, math.NaN(), math.Inf(1), 0.01, 2000} {
		if _, err := Resample(samples, seconds); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("%v s: %v", seconds, err)
		}
	}
	if _, err := Resample(samples[:1], 1); linli.KindOf(err) != linli.KindInvalid {
		t.Errorf("one sample: %v", err)
	}
}

func TestFallsOfUnknownPersonsAreFound(t *testing.T) {
	t.Parallel()
	for _, persons := range []int{1, 4} {
		l := &nearest{}
		rule, err := LearnFalls(context.Background(), recordings(100, persons), l, 4, 1)
		if err != nil {
			t.Fatal(err)
		}
		if want := map[int]int{1: 6, 4: 5}[persons]; l.fits != want {
			t.Errorf("%d persons: %d trainings, %d wanted", persons, l.fits, want)
		}
		if !(rule.Threshold > 0 && rule.Threshold < 1) || rule.Windows == 0 {
			t.Errorf("rule %+v", rule)
		}
		wrong, looked := 0, 0
		for _, r := range recordings(200, 3) {
			d, err := NewFallDetector(l, rule)
			if err != nil {
				t.Fatal(err)
			}
			fall := false
			for _, a := range r.Samples {
				f, found, err := d.Step(a)
				if err != nil {
					t.Fatal(err)
				}
				if found {
					looked++
					if f.Fall != (f.P >= rule.Threshold) || f.Features[0] < 1.4 {
						t.Errorf("finding %+v", f)
					}
				}
				fall = fall || f.Fall
			}
			rest, err := d.Finish()
			if err != nil {
				t.Fatal(err)
			}
			fall = fall || slices.ContainsFunc(rest, func(f FallFinding) bool { return f.Fall })
			if fall != r.Fall {
				wrong++
			}
		}
		if wrong > 1 || looked == 0 {
			t.Errorf("%d persons taught: %d of 36 recordings are judged wrong, %d windows looked at", persons, wrong, looked)
		}
	}
}

func TestDearerFalseAlarmsNeverLowerTheThreshold(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(9, 9))
	for range 20 {
		var cut []cutRecording
		var scores []float64
		for i := range 60 {
			fall := i%3 == 0
			s := rng.Float64()
			if fall {
				s = math.Sqrt(s)
			} else {
				s *= s
			}
			cut, scores = append(cut, cutRecording{FallRecording: FallRecording{Fall: fall}}), append(scores, s)
		}
		for _, wide := range []bool{false, true} {
			last := 0.0
			for _, cost := range []float64{0.1, 0.5, 1, 2, 10} {
				got := fallThreshold(cut, scores, cost, wide)
				if got < last || !(got > 0 && got < 1) {
					t.Errorf("cost %v: threshold %v after %v", cost, got, last)
				}
				last = got
			}
		}
	}
}

func TestNoFallIsTaughtAsDailyLife(t *testing.T) {
	t.Parallel()
	l := &nearest{}
	all := recordings(300, 2)
	if _, err := LearnFalls(context.Background(), all, l, 4, 1); err != nil {
		t.Fatal(err)
	}
	falls, height := 0, slices.Index(FallFeatures[:], "turn")
	for i, y := range l.target {
		if y == 1 {
			falls++
			if l.rows[i][height] < 0.5 {
				t.Errorf("a window with a turn of %v is taught as a fall", l.rows[i][height])
			}
		}
	}
	if falls != 8*(1+len(fallVariants)) {
		t.Errorf("%d windows are taught as falls", falls)
	}
}

func TestLearningRefusesWhatCannotTeach(t *testing.T) {
	t.Parallel()
	all := recordings(400, 2)
	falls := slices.DeleteFunc(slices.Clone(all), func(r FallRecording) bool { return !r.Fall })
	daily := slices.DeleteFunc(slices.Clone(all), func(r FallRecording) bool { return r.Fall })
	for name, f := range map[string]func() (FallRule, error){
		"nothing":     func() (FallRule, error) { return LearnFalls(context.Background(), nil, &nearest{}, 4, 1) },
		"falls only":  func() (FallRule, error) { return LearnFalls(context.Background(), falls, &nearest{}, 4, 1) },
		"daily only":  func() (FallRule, error) { return LearnFalls(context.Background(), daily, &nearest{}, 4, 1) },
		"no cost":     func() (FallRule, error) { return LearnFalls(context.Background(), all, &nearest{}, 4, 0) },
		"long window": func() (FallRule, error) { return LearnFalls(context.Background(), all, &nearest{}, 60, 1) },
		"no sample": func() (FallRule, error) {
			return LearnFalls(context.Background(), []FallRecording{{Fall: true}, {}}, &nearest{}, 4, 1)
		},
	} {
		if _, err := f(); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	ended, end := context.WithCancel(context.Background())
	end()
	if _, err := LearnFalls(ended, all, &nearest{}, 4, 1); err != context.Canceled {
		t.Errorf("an ended context: %v", err)
	}
	if _, err := NewFallDetector(&nearest{}, FallRule{Seconds: 1}); linli.KindOf(err) != linli.KindInvalid {
		t.Errorf("a window of one second: %v", err)
	}
}

func FuzzFeaturesNeverPanic(f *testing.F) {
	f.Add([]byte{1, 2, 3, 200, 100, 0}, 4.0)
	f.Fuzz(func(t *testing.T, raw []byte, seconds float64) {
		finder, err := NewFallFinder(seconds)
		if err != nil {
			return
		}
		values := []float64{0, 1, -9.8, 30, math.NaN(), math.Inf(1), math.MaxFloat64, -math.MaxFloat64, 1e-300}
		var samples []Acceleration
		for len(raw) >= 3 && len(samples) < 2000 {
			v := func(b byte) float64 { return values[int(b)%len(values)] * float64(b/9) }
			samples = append(samples, Acceleration{v(raw[0]), v(raw[1]), v(raw[2])})
			raw = raw[1:]
		}
		for _, a := range samples {
			if w, found := finder.Step(a); found {
				Features(w)
			}
		}
		for _, w := range finder.Finish() {
			Features(w)
		}
		Features(samples)
	})
}

func BenchmarkFeatures(b *testing.B) {
	w := windowsOf(b, newPerson(1).falls(), 4)
	for b.Loop() {
		Features(w[0])
	}
}

func BenchmarkFinder(b *testing.B) {
	samples := newPerson(1).falls()
	f, _ := NewFallFinder(4)
	i := 0
	for b.Loop() {
		f.Step(samples[i%len(samples)])
		i++
	}
}
