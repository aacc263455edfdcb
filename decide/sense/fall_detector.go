package sense

import (
	"context"
	"fmt"
	"math"
	"slices"

	"linli"
)

// Learner is a model that learns a number between 0 and 1 per row of features
// and predicts it for others. Fit replaces what was learned before.
type Learner interface {
	Fit(rows [][]float64, target []float64) error
	Predict(rows [][]float64) ([]float64, error)
}

// FallRecording is a piece of life at FallHz of which it is known whether
// somebody fell in it.
type FallRecording struct {
	Samples  []Acceleration
	Subject  int // who wore it; of one number is the same person
	Fall     bool
	From, To float64 // where the fall is, in seconds; both zero: not known
}

// FallRule is what LearnFalls found besides the model: how to read its answers.
type FallRule struct {
	Seconds   float64 // length of a window
	Threshold float64 // a window is a fall from this probability on
	Windows   int     // the model learned from
}

// LearnFalls trains a learner on recordings and finds the threshold at which
// (missed share of falls) + cost × (share of false alarms) is least. The
// threshold is found by answers for persons left out of the training in turn
// (for recordings left out, when one person has all the falls), never by
// answers for what was learned. The learner is left trained on everything.
// It is invalid when recordings of falls or of daily life are lacking; two of
// each are the least. It looks at the context before every training.
func LearnFalls(ctx context.Context, recordings []FallRecording, l Learner, seconds, cost float64) (FallRule, error) {
	if !(cost > 0) || math.IsInf(cost, 0) {
		return FallRule{}, linli.Invalidf("cost", "误报代价 %v 必须大于零", "the cost %v of a false alarm is not positive", cost)
	}
	cut := make([]cutRecording, len(recordings))
	windows := 0
	for i, r := range recordings {
		var err error
		if cut[i], err = cutFall(r, seconds); err != nil {
			return FallRule{}, err
		}
		windows += len(cut[i].rows)
		for _, v := range fallVariants {
			other, err := v.of(r)
			if err != nil {
				return FallRule{}, err
			}
			c, err := cutFall(other, seconds)
			if err != nil {
				return FallRule{}, err
			}
			cut[i].others = append(cut[i].others, c)
		}
	}
	scores := make([]float64, len(cut))
	folds, known := foldsOf(cut)
	for fold := range folds {
		var train, test []int
		for i := range cut {
			if cut[i].fold == fold {
				test = append(test, i)
			} else {
				train = append(train, i)
			}
		}
		if err := fitFalls(cut, train, l); err != nil {
			return FallRule{}, err
		}
		if ctx.Err() != nil {
			return FallRule{}, ctx.Err()
		}
		for _, i := range test {
			p, err := highest(l, cut[i].rows)
			if err != nil {
				return FallRule{}, err
			}
			scores[i] = p
		}
	}
	all := make([]int, len(cut))
	for i := range all {
		all[i] = i
	}
	if err := fitFalls(cut, all, l); err != nil {
		return FallRule{}, err
	}
	return FallRule{Seconds: seconds, Threshold: fallThreshold(cut, scores, cost, known), Windows: windows}, nil
}

// cutRecording is a recording as rows of features.
type cutRecording struct {
	FallRecording
	rows   [][]float64
	impact int // row of the fall, -1 without
	fold   int
	others []cutRecording // variants of it, to learn from
}

// cutFall cuts a recording into windows.
func cutFall(r FallRecording, seconds float64) (cutRecording, error) {
	f, err := NewFallFinder(seconds)
	if err != nil {
		return cutRecording{}, err
	}
	c := cutRecording{FallRecording: r}
	var peaks []peak
	add := func(w []Acceleration, end int) {
		x := Features(w)
		c.rows = append(c.rows, x[:])
		p := peakOf(len(w))
		peaks = append(peaks, peak{w[p].Length(), float64(end-(len(w)-1-p)) / FallHz})
	}
	for i, a := range r.Samples {
		if w, found := f.Step(a); found {
			add(w, i)
		}
	}
	f.finish(func(w []Acceleration, after int) { add(w, len(r.Samples)-1+after) })
	c.impact = impactOf(r, peaks)
	return c, nil
}

// peak is the height in g of a window's peak and its time in seconds.
type peak struct{ height, at float64 }

// impactOf finds the window of the fall: the highest peak where the fall is
// said to be, else of the whole recording.
func impactOf(r FallRecording, peaks []peak) int {
	if !r.Fall {
		return -1
	}
	best := -1
	for _, within := range []bool{true, false} {
		for i, p := range peaks {
			inside := r.To <= r.From || p.at >= r.From && p.at <= r.To
			if (inside || !within) && (best < 0 || p.height > peaks[best].height) {
				best = i
			}
		}
		if best >= 0 {
			break
		}
	}
	return best
}

// foldsOf deals the recordings to folds and returns how many there are: persons
// stay together, unless only one of them ever falls. Then the folds know the
// person, their answers are too sure, and the threshold must be found wider.
func foldsOf(cut []cutRecording) (folds int, known bool) {
	var subjects, fallen []int
	for _, c := range cut {
		if !slices.Contains(subjects, c.Subject) {
			subjects = append(subjects, c.Subject)
		}
		if c.impact >= 0 && !slices.Contains(fallen, c.Subject) {
			fallen = append(fallen, c.Subject)
		}
	}
	if len(fallen) < 2 {
		const folds = 5
		falls, others := 0, 0
		for i := range cut { // every fold gets its part of both
			if cut[i].impact >= 0 {
				cut[i].fold = falls % folds
				falls++
			} else {
				cut[i].fold = others % folds
				others++
			}
		}
		return folds, true
	}
	folds = min(5, len(subjects))
	for i := range cut {
		cut[i].fold = slices.Index(subjects, cut[i].Subject) % folds
	}
	return folds, false
}

// fitFalls trains on the falls and on every window of daily life. What else a
// recording of a fall holds is left out: nobody knows what it is.
func fitFalls(cut []cutRecording, use []int, l Learner) error {
	var rows [][]float64
	var target []float64
	falls := 0
	var parts []*cutRecording
	for _, i := range use {
		parts = append(parts, &cut[i])
		for k := range cut[i].others {
			parts = append(parts, &cut[i].others[k])
		}
	}
	for _, c := range parts {
		switch {
		case c.impact >= 0:
			rows, target = append(rows, c.rows[c.impact]), append(target, 1)
			falls++
		case !c.Fall:
			for _, r := range c.rows {
				rows, target = append(rows, r), append(target, 0)
			}
		}
	}
	if falls == 0 || falls == len(rows) {
		return linli.Invalid("recordings", "训练需要既有跌倒又有日常活动的记录", "recordings of falls and of daily life are both needed")
	}
	return l.Fit(rows, target)
}

// highest is the greatest probability among windows, 0 without one.
func highest(l Learner, rows [][]float64) (float64, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	p, err := l.Predict(rows)
	if err != nil {
		return 0, err
	}
	if len(p) != len(rows) {
		return 0, linli.Internal(fmt.Errorf("%d answers for %d rows", len(p), len(rows)))
	}
	return slices.Max(p), nil
}

// fallThreshold is the threshold with the least expected cost when the odds of
// every answer may shift by a factor, log-logistic of scale 1, or 2 when wide:
// few persons say little about where exactly the line is, and the middle
// between the crowds is safer than the point that happens to suit them best.
func fallThreshold(cut []cutRecording, scores []float64, cost float64, wide bool) float64 {
	falls, quiet := 0.0, 0.0
	odds := make([]float64, len(cut))
	for i, c := range cut {
		p := min(max(scores[i], 1e-6), 1-1e-6)
		odds[i] = p / (1 - p)
		if c.Fall {
			falls++
		} else {
			quiet++
		}
	}
	best, least := 0.0, math.Inf(1)
	for line := 1.0 / 512; line < 512; line *= 1.02 {
		paid := 0.0
		for i, c := range cut {
			shifted := odds[i] / line
			if wide {
				shifted = math.Sqrt(shifted)
			}
			above := shifted / (1 + shifted)
			if c.Fall {
				paid += (1 - above) / falls
			} else {
				paid += cost * above / quiet
			}
		}
		if paid < least {
			best, least = line, paid
		}
	}
	return best / (1 + best)
}

// FallDetector watches one stream with a trained learner.
type FallDetector struct {
	finder  *FallFinder
	learner Learner
	rule    FallRule
}

// NewFallDetector watches by the rule that LearnFalls found for the learner.
func NewFallDetector(l Learner, rule FallRule) (*FallDetector, error) {
	f, err := NewFallFinder(rule.Seconds)
	if err != nil {
		return nil, err
	}
	return &FallDetector{finder: f, learner: l, rule: rule}, nil
}

// FallFinding is a moment that was looked at.
type FallFinding struct {
	P        float64     // probability of a fall
	Fall     bool        // P reaches the threshold
	Features [35]float64 // why; FallFeatures names them
}

// Step takes the next sample, FallHz a second, and returns a finding when a
// window is complete.
func (d *FallDetector) Step(a Acceleration) (finding FallFinding, looked bool, err error) {
	w, found := d.finder.Step(a)
	if !found {
		return FallFinding{}, false, nil
	}
	finding, err = d.judge(w)
	return finding, err == nil, err
}

// Finish tells that the stream is over and judges the last peaks.
func (d *FallDetector) Finish() (findings []FallFinding, err error) {
	for _, w := range d.finder.Finish() {
		f, err := d.judge(w)
		if err != nil {
			return nil, err
		}
		findings = append(findings, f)
	}
	return findings, nil
}

func (d *FallDetector) judge(window []Acceleration) (FallFinding, error) {
	x := Features(window)
	p, err := highest(d.learner, [][]float64{x[:]})
	return FallFinding{P: p, Fall: p >= d.rule.Threshold, Features: x}, err
}
