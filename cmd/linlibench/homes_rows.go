package main

import (
	"slices"

	"linli/cmd/linlibench/bench"
	"linli/decide/sense"
	"linli/decide/stat"
)

// homeRow is a home in the report.
type homeRow struct {
	Name     string       `json:"name"`
	Days     float64      `json:"days"`
	Events   int          `json:"events"`
	Weeks    float64      `json:"person_weeks_scored"`
	Presence bench.Number `json:"presence_accuracy"`
}

func (s *study) reportHomes() {
	var rows []homeRow
	for _, h := range s.homes {
		presence := h.presence()
		if h.unlabeled {
			presence = absent()
		}
		rows = append(rows, homeRow{h.name, bench.Round(float64(h.end()-h.begin())/float64(msDay), 1), len(h.events),
			bench.Round(h.weeks, 2), bench.Number(bench.Round(presence, 4))})
	}
	s.report.Set("homes", rows)
}

// presence is the share of the labeled time in which the machine agrees with the labels.
func (h *subject) presence() float64 {
	var same, all int64
	j := 0
	for _, t := range h.truth {
		if t.state == sense.Unknown {
			continue
		}
		for ; j < len(h.base.states) && h.base.states[j].to <= t.from; j++ {
		}
		for k := j; k < len(h.base.states) && h.base.states[k].from < t.to; k++ {
			b := h.base.states[k]
			overlap := min(b.to, t.to) - max(b.from, t.from)
			all += overlap
			if b.state == t.state {
				same += overlap
			}
		}
	}
	return float64(same) / float64(all)
}

// rate is a count of false findings with its exact interval.
type rate struct {
	Events  int          `json:"events"`
	Weeks   float64      `json:"person_weeks"`
	PerWeek bench.Number `json:"per_week"`
	Low     bench.Number `json:"low"`
	High    bench.Number `json:"high"`
}

func newRate(events int, weeks float64) rate {
	e, err := stat.Poisson(events, weeks)
	if err != nil {
		none := bench.Number(absent())
		return rate{events, bench.Round(weeks, 2), none, none, none}
	}
	return rate{events, bench.Round(weeks, 2), bench.Number(bench.Round(e.Value, 3)), bench.Number(bench.Round(e.Low, 3)), bench.Number(bench.Round(e.High, 3))}
}

// recall is a share found with its interval.
type recall struct {
	N      int          `json:"n"`
	Recall bench.Number `json:"recall"`
	Low    bench.Number `json:"low"`
	High   bench.Number `json:"high"`
}

func newRecall(found, n int) recall {
	e, err := stat.Wilson(found, n)
	if err != nil {
		none := bench.Number(absent())
		return recall{0, none, none, none}
	}
	return recall{n, bench.Number(bench.Round(e.Value, 4)), bench.Number(bench.Round(e.Low, 4)), bench.Number(bench.Round(e.High, 4))}
}

// delays are hours from the begin of the harm to the finding.
type delays struct {
	Median bench.Number `json:"median"`
	Mean   bench.Number `json:"mean"`
	P95    bench.Number `json:"p95"`
}

// point is a class at another budget.
type point struct {
	Budget  float64      `json:"budget"`
	Recall  bench.Number `json:"recall"`
	PerWeek bench.Number `json:"false_per_week"`
	Mean    bench.Number `json:"delay_mean_h"`
}

type classRow struct {
	Class      string   `json:"class"`
	Applicable bool     `json:"applicable"`
	WhyNot     string   `json:"why_not,omitempty"`
	Injected   int      `json:"injected"`
	BySeverity []recall `json:"by_severity"`
	Delay      delays   `json:"delay_h"`
	Stage1     rate     `json:"stage1_false"`
	Stage2     rate     `json:"stage2_false"`
	Points     []point  `json:"points"`
	Overall    recall   `json:"recall"` // interval by resampling homes
	OneCase    bool     `json:"one_case"`
	ByHome     []byHome `json:"by_home"`

	all []verdict
}

type byHome struct {
	Name   string       `json:"name"`
	N      int          `json:"n"`
	Recall bench.Number `json:"recall"`
	Mean   bench.Number `json:"delay_mean_h"`
	False  int          `json:"stage1_false_events"`
}

func newByHome(name string, all []verdict, asked int) byHome {
	found, sum := 0, 0.0
	for _, v := range all {
		if v.found {
			found++
			sum += hoursOf(v.delay)
		}
	}
	return byHome{name, len(all), newRecall(found, len(all)).Recall, bench.Number(bench.Round(sum/float64(found), 2)), asked}
}

func hoursOf(ms int64) float64 { return float64(ms) / float64(msHour) }

// fill counts the verdicts.
func (row *classRow) fill(all []verdict) {
	row.all, row.Injected, row.OneCase = all, len(all), true
	row.BySeverity = nil
	found := 0
	var late []float64
	for severity := 1; severity <= 3; severity++ {
		n, hit := 0, 0
		for _, v := range all {
			if v.severity != severity {
				continue
			}
			n++
			row.OneCase = row.OneCase && v.cases <= 1
			if v.found {
				hit++
				late = append(late, hoursOf(v.delay))
			}
		}
		found += hit
		row.BySeverity = append(row.BySeverity, newRecall(hit, n))
	}
	row.Overall = newRecall(found, len(all))
	slices.Sort(late)
	row.Delay = delays{bench.Number(absent()), bench.Number(absent()), bench.Number(absent())}
	if len(late) > 0 {
		sum := 0.0
		for _, x := range late {
			sum += x
		}
		if q, err := stat.Quantiles(late, nil, 0.5, 0.95); err == nil {
			row.Delay = delays{bench.Number(bench.Round(q[0], 2)), bench.Number(bench.Round(sum/float64(len(late)), 2)), bench.Number(bench.Round(q[1], 2))}
		}
	}
}

// cluster sets the interval of the overall recall by resampling whole homes: 200
// injections into one home are not 200 people.
func (row *classRow) cluster(seed uint64) {
	type tally struct{ found, n int }
	var homes []tally
	at := 0
	for _, h := range row.ByHome {
		var t tally
		for _, v := range row.all[at : at+h.N] {
			t.n++
			if v.found {
				t.found++
			}
		}
		at += h.N
		if t.n > 0 {
			homes = append(homes, t)
		}
	}
	if len(homes) < 2 {
		return
	}
	d := newDraws(seed, streamOf("bootstrap", row.Class))
	var shares []float64
	for range 2000 {
		var t tally
		for range homes {
			h := homes[d.n(len(homes))]
			t.found, t.n = t.found+h.found, t.n+h.n
		}
		shares = append(shares, float64(t.found)/float64(t.n))
	}
	slices.Sort(shares)
	row.Overall.Low, row.Overall.High = bench.Number(bench.Round(shares[50], 4)), bench.Number(bench.Round(shares[1949], 4))
}
