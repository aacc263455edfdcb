package main

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"time"

	"linli/cmd/linlibench/bench"
	"linli/decide/sense"
	"linli/decide/stat"
)

// study is one run of the command.
type study struct {
	command *homesCommand
	report  *bench.Report
	homes   []*subject
	mades   []*subject // the same homes with made sensors
	classes []*injector
}

// subject is a home under judgment.
type subject struct {
	*homeData
	plan  sense.Plan
	base  untouched
	from  int64   // judged from here on
	weeks float64 // judged
}

// prepare makes the cohort of each home from other homes and plays the untouched days.
func (s *study) prepare(ctx context.Context, tests, trains []*homeData) error {
	s.classes = injectors()
	watched := map[*homeData]*sense.Home{}
	for _, h := range trains {
		l, err := playHome(ctx, h, sense.Plan{Sensors: h.sensors})
		if err != nil {
			return err
		}
		watched[h] = l.home
	}
	for _, h := range tests {
		var others []*sense.Home
		for _, o := range trains {
			if o != h {
				others = append(others, watched[o])
			}
		}
		cohort := sense.Pool(sense.DefaultCohort(), others...)
		if len(others) == 0 {
			s.report.Note("%s: no other home to make a cohort of; the default cohort is used", h.name)
		}
		sub := &subject{homeData: h, plan: sense.Plan{Sensors: h.sensors, Cohort: &cohort, Budget: sense.Budget{Prompts: s.command.Budget}}}
		sub.from = h.begin() + int64(s.command.WarmupDays*float64(msDay))
		sub.weeks = max(float64(h.end()-sub.from)/float64(7*msDay), 0)
		var err error
		if sub.base, err = playHome(ctx, h, sub.plan); err != nil {
			return err
		}
		if len(h.truth) == 0 {
			h.truth = sub.base.states
			s.report.Note("%s: no labels; where the person was is taken from the presence machine, and presence is not scored", h.name)
		}
		s.homes = append(s.homes, sub)
		made := *sub
		if made.homeData = withMade(h, s.report.Seed); made.homeData == nil {
			s.report.Note("%s: too many sensors to add made ones", h.name)
			continue
		}
		made.plan.Sensors = made.sensors
		if made.base, err = playHome(ctx, made.homeData, made.plan); err != nil {
			return err
		}
		s.mades = append(s.mades, &made)
	}
	return nil
}

// homeRow is a home in the report.
type homeRow struct {
	Name     string       `json:"name"`
	Days     float64      `json:"days"`
	Events   int          `json:"events"`
	Weeks    float64      `json:"person_weeks_scored"`
	Presence bench.Number `json:"presence_accuracy"`
}

func (s *study) run(ctx context.Context) error {
	var rows []homeRow
	for _, h := range s.homes {
		rows = append(rows, homeRow{h.name, bench.Round(float64(h.end()-h.begin())/float64(msDay), 1), len(h.events),
			bench.Round(h.weeks, 2), bench.Number(bench.Round(h.presence(), 4))})
	}
	s.report.Set("homes", rows)
	var classes []*classRow
	for _, c := range s.classes {
		row, err := s.class(ctx, c, s.command.Budget, s.command.Inject)
		if err != nil {
			return err
		}
		classes = append(classes, row)
		s.report.Progress("%s judged", c.class)
	}
	s.report.Set("classes", classes)
	s.speed()
	if s.command.Findings != "" {
		if err := s.findings(s.command.Findings); err != nil {
			return err
		}
	}
	return s.replay()
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

type classRow struct {
	Class      string   `json:"class"`
	Applicable bool     `json:"applicable"`
	WhyNot     string   `json:"why_not,omitempty"`
	Injected   int      `json:"injected"`
	BySeverity []recall `json:"by_severity"`
	Delay      delays   `json:"delay_h"`
	Stage1     rate     `json:"stage1_false"`
	Overall    recall   `json:"recall"`
	ByHome     []byHome `json:"by_home"`
}

type byHome struct {
	Name   string       `json:"name"`
	N      int          `json:"n"`
	Recall bench.Number `json:"recall"`
	Mean   bench.Number `json:"delay_mean_h"`
	False  int          `json:"stage1_false_events"`
}

// class injects into every home and counts.
func (s *study) class(ctx context.Context, c *injector, budget float64, inject int) (*classRow, error) {
	row := &classRow{Class: c.class, BySeverity: []recall{}}
	if c.make == nil {
		row.fill(nil)
		row.Stage1, row.WhyNot, row.ByHome = newRate(0, 0), c.why, []byHome{}
		return row, nil
	}
	homes := s.homes
	if c.made {
		homes = s.mades
	}
	seed := s.command.InjectSeed
	if seed == 0 {
		seed = s.report.Seed
	}
	byHomes := make([][]verdict, len(homes))
	falses, weeks := 0, 0.0
	for k, h := range homes {
		var all []injection
		for severity := 1; severity <= 3; severity++ {
			d := newDraws(seed, streamOf(c.class, h.name, strconv.Itoa(severity)))
			share := (inject*(k+1))/len(homes) - (inject*k)/len(homes)
			for range share {
				if in, ok := c.make(h.homeData, h.from, severity, d); ok {
					all = append(all, in)
				}
			}
		}
		plan := h.plan
		plan.Budget.Prompts = budget
		base := h.base.findings
		if budget != s.command.Budget {
			l, err := playHome(ctx, h.homeData, plan)
			if err != nil {
				return nil, err
			}
			base = l.findings
		}
		out, err := judgeHome(ctx, h.homeData, plan, base, all, c.counts)
		if err != nil {
			return nil, err
		}
		byHomes[k] = out
		n := h.falses(base, c.alarms)
		falses += n
		if h.weeks > 0 {
			weeks += h.weeks
		}
		found, sum := 0, 0.0
		for _, v := range out {
			if v.found {
				found++
				sum += hoursOf(v.delay)
			}
		}
		row.ByHome = append(row.ByHome, byHome{h.name, len(out), newRecall(found, len(out)).Recall, bench.Number(bench.Round(sum/float64(found), 2)), n})
	}
	row.fill(slices.Concat(byHomes...))
	row.Stage1 = newRate(falses, weeks)
	if row.Injected == 0 {
		row.WhyNot = c.why
	}
	row.Applicable = row.Injected > 0
	return row, nil
}

func hoursOf(ms int64) float64 { return float64(ms) / float64(msHour) }

func (row *classRow) fill(all []verdict) {
	row.Injected = len(all)
	found := 0
	var late []float64
	for severity := 1; severity <= 3; severity++ {
		n, hit := 0, 0
		for _, v := range all {
			if v.severity != severity {
				continue
			}
			n++
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
		q, _ := stat.Quantiles(late, nil, 0.5, 0.95)
		row.Delay = delays{bench.Number(bench.Round(q[0], 2)), bench.Number(bench.Round(sum/float64(len(late)), 2)), bench.Number(bench.Round(q[1], 2))}
	}
}

// falses counts the cases of a class on the judged untouched days.
func (h *subject) falses(findings []sense.Finding, alarms func(sense.Finding) bool) int {
	n := 0
	for _, f := range findings {
		if f.At >= h.from && !f.Withdrawn && alarms(f) {
			n++
		}
	}
	return n
}

// speed plays the untouched days again, alone, and measures.
func (s *study) speed() {
	events, size := 0, 0
	var spent time.Duration
	for _, h := range s.homes {
		for range max(1, 200000/len(h.events)) {
			home, err := sense.Open(h.plan)
			if err != nil {
				return
			}
			begin := bench.CPU()
			for _, e := range h.events {
				home.Step(e)
			}
			spent += bench.CPU() - begin
			events += len(h.events)
			if b, err := home.Snapshot(); err == nil {
				size = max(size, len(b))
			}
		}
	}
	s.report.Set("events_per_s", bench.Number(bench.Round(float64(events)/spent.Seconds(), 0)))
	s.report.Set("state_kib_max", bench.Round(float64(size)/1024, 2))
}

// replay checks that a home restarted from its snapshot at every hundredth event
// finds the same and remembers the same.
func (s *study) replay() error {
	ok, n := true, 0
	for _, h := range s.homes {
		home, err := sense.Open(h.plan)
		if err != nil {
			return err
		}
		var found []sense.Finding
		for i, e := range h.events {
			if i%100 == 50 {
				b, err := home.Snapshot()
				if err != nil {
					return err
				}
				if home, err = sense.Open(h.plan); err != nil {
					return err
				}
				if err := home.Restore(b); err != nil {
					return err
				}
				n++
			}
			fs, err := home.Step(e)
			if err != nil {
				return err
			}
			found = append(found, fs...)
		}
		a, err := home.Snapshot()
		if err != nil {
			return err
		}
		b, err := h.base.home.Snapshot()
		if err != nil {
			return err
		}
		ok = ok && bytes.Equal(a, b) && slices.Equal(found, h.base.findings)
	}
	s.report.Check("replay_equal", ok, "%d restarts from snapshots, findings and memory compared bit for bit", n)
	return nil
}
