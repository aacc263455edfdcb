package sense

import (
	"cmp"
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
// It is invalid when recordings of falls or of daily life are lacking.
func LearnFalls(recordings []FallRecording, l Learner, seconds, cost float64) (FallRule, error) {
	if !(cost > 0) || math.IsInf(cost, 0) {
		return FallRule{}, linli.Invalidf("cost", "误报代价 %v 必须大于零", "the cost %v of a false alarm is not positive", cost)
	}
	cut := make([]cutRecording, len(recordings))
	windows := 0
	for i, r := range recordings {
		rows, peaks, err := fallRows(r.Samples, seconds)
		if err != nil {
			return FallRule{}, err
		}
		cut[i] = cutRecording{FallRecording: r, rows: rows, impact: impactOf(r, peaks)}
		windows += len(rows)
	}
	scores := make([]float64, len(cut))
	for fold := range foldsOf(cut) {
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
	return FallRule{Seconds: seconds, Threshold: fallThreshold(cut, scores, cost), Windows: windows}, nil
}

// cutRecording is a recording as rows of features.
type cutRecording struct {
	FallRecording
	rows   [][]float64
	impact int // row of the fall, -1 without
	fold   int
}

// fallRows are the features of all windows and the heights of their peaks.
func fallRows(samples []Acceleration, seconds float64) (rows [][]float64, peaks []peak, err error) {
	f, err := NewFallFinder(seconds)
	if err != nil {
		return nil, nil, err
	}
	add := func(w []Acceleration, end int) {
		x := Features(w)
		rows = append(rows, x[:])
		p := peakOf(len(w))
		peaks = append(peaks, peak{w[p].Length(), float64(end-(len(w)-1-p)) / FallHz})
	}
	for i, a := range samples {
		if w, found := f.Step(a); found {
			add(w, i)
		}
	}
	for i, w := range f.Finish() {
		add(w, len(samples)+i)
	}
	return rows, peaks, nil
}

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

// foldsOf deals the recordings to folds and returns how many there are.
func foldsOf(cut []cutRecording) int {
	var subjects []int
	falls := map[int]bool{}
	for _, c := range cut {
		if !slices.Contains(subjects, c.Subject) {
			subjects = append(subjects, c.Subject)
		}
		falls[c.Subject] = falls[c.Subject] || c.impact >= 0
	}
	fallen := 0
	for _, s := range subjects {
		if falls[s] {
			fallen++
		}
	}
	const most = 10
	if fallen > 1 {
		for i := range cut {
			cut[i].fold = slices.Index(subjects, cut[i].Subject) % most
		}
		return min(len(subjects), most)
	}
	for i := range cut {
		cut[i].fold = i % 5
	}
	return 5
}

// fitFalls trains on the falls and on every window of daily life. What else a
// recording of a fall holds is left out: nobody knows what it is.
func fitFalls(cut []cutRecording, use []int, l Learner) error {
	var rows [][]float64
	var target []float64
	falls := 0
	for _, i := range use {
		switch c := &cut[i]; {
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

// fallThreshold is the least costly threshold; of equal ones the middle.
func fallThreshold(cut []cutRecording, scores []float64, cost float64) float64 {
	type scored struct {
		p    float64
		fall bool
	}
	var all []scored
	falls, quiet := 0.0, 0.0
	for i, c := range cut {
		all = append(all, scored{scores[i], c.Fall})
		if c.Fall {
			falls++
		} else {
			quiet++
		}
	}
	slices.SortStableFunc(all, func(a, b scored) int { return cmp.Compare(a.p, b.p) })
	// Between all[i-1] and all[i]: everything before i is called quiet.
	missed, alarms := 0.0, quiet
	best, low, high := cost, 0.0, all[0].p
	for i, s := range all {
		if s.fall {
			missed++
		} else {
			alarms--
		}
		next := 1.0
		if i+1 < len(all) {
			next = all[i+1].p
		}
		if next == s.p {
			continue
		}
		if paid := missed/falls + cost*alarms/quiet; paid < best-1e-12 {
			best, low, high = paid, s.p, next
		} else if paid < best+1e-12 && next-s.p > high-low {
			low, high = s.p, next
		}
	}
	return low/2 + high/2
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
