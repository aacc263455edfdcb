package main

import (
	"cmp"
	"math"
	"slices"

	"linli/cmd/linlibench/bench"
	"linli/decide/stat"
)

// proportion is a share with its 95 % interval of Wilson; null without rows.
type proportion struct {
	Value bench.Number `json:"value"`
	Low   bench.Number `json:"low"`
	High  bench.Number `json:"high"`
	K     int          `json:"k"`
	N     int          `json:"n"`
}

func share(k, n int) proportion {
	nan := bench.Number(math.NaN())
	e, err := stat.Wilson(k, n)
	if err != nil {
		return proportion{nan, nan, nan, k, n}
	}
	return proportion{bench.Number(bench.Round(e.Value, 4)), bench.Number(bench.Round(e.Low, 4)), bench.Number(bench.Round(e.High, 4)), k, n}
}

// fallCounts are what a set of answers adds up to.
type fallCounts struct{ falls, found, quiet, kept int }

func countFalls(answers []fallAnswer, positive func(a *fallAnswer) bool) (c fallCounts) {
	for i := range answers {
		a := &answers[i]
		switch p := positive(a); {
		case a.Fall && p:
			c.found++
			c.falls++
		case a.Fall:
			c.falls++
		case p:
			c.quiet++
		default:
			c.kept++
			c.quiet++
		}
	}
	return c
}

func (c fallCounts) sensitivity() proportion { return share(c.found, c.falls) }
func (c fallCounts) specificity() proportion { return share(c.kept, c.quiet) }

func elders(answers []fallAnswer) (out []fallAnswer) {
	for _, a := range answers {
		if a.Elder {
			out = append(out, a)
		}
	}
	return out
}

func reportFalls(r *bench.Report, answers []fallAnswer) {
	called := (*fallAnswer).positive
	c := countFalls(answers, called)
	r.Set("sensitivity", c.sensitivity())
	r.Set("specificity", c.specificity())
	r.Set("elder_specificity", countFalls(elders(answers), called).specificity())
	seconds, windows := 0.0, 0
	for _, a := range answers {
		r.Answer("%s %s %d %.9f %v\n", a.Subject, a.Activity, a.Rep, a.p, a.positive())
		if !a.Fall {
			seconds += a.seconds
			windows += a.alarms
		}
	}
	hours := seconds / 3600
	r.Set("false_alarms_per_h", bench.Number(bench.Round(float64(c.quiet-c.kept)/hours, 3)))
	r.Set("false_alarm_windows_per_h", bench.Number(bench.Round(float64(windows)/hours, 3)))
	r.Set("daily_activity_h", bench.Round(hours, 4))

	type row struct {
		Name        string       `json:"name"`
		Elder       bool         `json:"elder"`
		Falls       int          `json:"falls"`
		Found       int          `json:"found"`
		Sensitivity bench.Number `json:"sensitivity"`
		Daily       int          `json:"daily"`
		FalseAlarms int          `json:"false_alarms"`
		Specificity bench.Number `json:"specificity"`
	}
	table := func(name func(a *fallAnswer) string) (rows []row) {
		names, groups := byName(answers, name)
		for _, n := range names {
			c := countFalls(groups[n], called)
			rows = append(rows, row{n, len(elders(groups[n])) == len(groups[n]), c.falls, c.found, c.sensitivity().Value, c.quiet, c.quiet - c.kept, c.specificity().Value})
		}
		return rows
	}
	r.Set("by_subject", table(func(a *fallAnswer) string { return a.Subject }))
	r.Set("by_activity", table(func(a *fallAnswer) string { return a.Activity }))
	if c.falls == 0 || c.quiet == 0 {
		r.Note("without falls or without daily activity among the judged recordings a share is null")
	}
	points, auc := roc(answers)
	r.Set("roc", points)
	r.Set("auc", bench.Number(bench.Round(auc, 4)))
	r.Set("baselines", peakBaselines(answers))
}

type rocPoint struct {
	Threshold   float64 `json:"threshold"`
	Sensitivity float64 `json:"sensitivity"`
	Specificity float64 `json:"specificity"`
}

// roc has a point per distinct answer, thinned to about 100, and the area
// under all of them: the chance that a fall is rated above daily life.
func roc(answers []fallAnswer) (points []rocPoint, auc float64) {
	byP := slices.Clone(answers)
	slices.SortStableFunc(byP, func(a, b fallAnswer) int { return cmp.Compare(b.p, a.p) })
	whole := countFalls(byP, func(*fallAnswer) bool { return true })
	falls, quiet := float64(whole.falls), float64(whole.quiet)
	points = []rocPoint{}
	if falls == 0 || quiet == 0 {
		return points, math.NaN()
	}
	found, alarms, step := 0.0, 0.0, max(1, len(byP)/100)
	for i := 0; i < len(byP); {
		p, f, a := byP[i].p, 0.0, 0.0
		from := i
		for ; i < len(byP) && byP[i].p == p; i++ {
			if byP[i].Fall {
				f++
			} else {
				a++
			}
		}
		auc += a * (found + f/2)
		found, alarms = found+f, alarms+a
		if from/step != i/step || i == len(byP) {
			points = append(points, rocPoint{bench.Round(p, 6), bench.Round(found/falls, 4), bench.Round(1-alarms/quiet, 4)})
		}
	}
	return points, auc / (falls * quiet)
}

// peakBaselines call everything a fall whose recorded peak reaches so many g.
func peakBaselines(answers []fallAnswer) any {
	type baseline struct {
		Method      string     `json:"method"`
		ThresholdG  float64    `json:"threshold_g"`
		Sensitivity proportion `json:"sensitivity"`
		Specificity proportion `json:"specificity"`
		Elder       proportion `json:"elder_specificity"`
	}
	var out []baseline
	for _, g := range []float64{1.5, 1.75, 2, 2.3, 2.5, 2.75, 3, 3.25, 3.5, 3.75, 4, 4.25, 4.5, 5, 5.5, 6} {
		reaches := func(a *fallAnswer) bool { return a.peak >= g }
		c := countFalls(answers, reaches)
		out = append(out, baseline{"peak", g, c.sensitivity(), c.specificity(), countFalls(elders(answers), reaches).specificity()})
	}
	return out
}
