package main

import (
	"context"
	"slices"
	"strconv"

	"linli/cmd/linlibench/bench"
	"linli/decide/sense"
)

// study is one run of the command.
type study struct {
	command *homesCommand
	report  *bench.Report
	homes   []*subject
	mades   []*subject // the same homes with made sensors
	classes []*injector
	points  []float64 // multiples of the budget
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
func (s *study) prepare(ctx context.Context, tests, trains []*homeData) (err error) {
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
		if sub.base, err = playHome(ctx, h, sub.plan); err != nil {
			return err
		}
		if len(h.truth) == 0 {
			h.truth = sub.base.states
			s.report.Note("%s: no labels; where the person was is taken from the presence machine, and presence is not scored", h.name)
			sub.unlabeled = true
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

func (s *study) run(ctx context.Context) error {
	s.reportHomes()
	var rows []*classRow
	for _, c := range s.classes {
		row, err := s.class(ctx, c)
		if err != nil {
			return err
		}
		rows = append(rows, row)
		s.report.Progress("%s judged", c.class)
	}
	s.report.Set("classes", rows)
	s.total()
	s.notes()
	s.speed()
	if s.command.Findings != "" {
		if err := s.findings(s.command.Findings); err != nil {
			return err
		}
	}
	return s.replay()
}

// injections are drawn per class, home and severity, from a stream of their own.
func (s *study) injections(c *injector, homes []*subject, inject int) map[*subject][]injection {
	seed := s.command.InjectSeed
	if seed == 0 {
		seed = s.report.Seed
	}
	out := map[*subject][]injection{}
	for k, h := range homes {
		for severity := 1; severity <= 3; severity++ {
			d := newDraws(seed, streamOf(c.class, h.name, strconv.Itoa(severity)))
			for range (inject*(k+1))/len(homes) - (inject*k)/len(homes) {
				if in, ok := c.make(h.homeData, h.from, severity, d); ok {
					out[h] = append(out[h], in)
				}
			}
		}
	}
	return out
}

// class injects into every home and counts.
func (s *study) class(ctx context.Context, c *injector) (*classRow, error) {
	row := &classRow{Class: c.class, Points: []point{}, ByHome: []byHome{}}
	homes := s.homes
	if c.made {
		homes = s.mades
	}
	if c.make == nil || len(homes) == 0 {
		row.fill(nil)
		row.Stage1, row.Stage2, row.WhyNot = newRate(0, 0), newRate(0, 0), c.why
		return row, nil
	}
	injected := s.injections(c, homes, s.command.Inject)
	first, second, weeks := 0, 0, 0.0
	var all []verdict
	for _, h := range homes {
		out, err := judgeHome(ctx, h.homeData, h.plan, h.base.findings, injected[h], c.counts)
		if err != nil {
			return nil, err
		}
		all = append(all, out...)
		asked, told := h.falses(h.base.findings, c.alarms, s.command.AnswerRate, s.report.Seed)
		first, second, weeks = first+asked, second+told, weeks+h.weeks
		row.ByHome = append(row.ByHome, newByHome(h.name, out, asked))
		for _, v := range out {
			s.report.Answer("%s %s %d %d %t %d\n", c.class, h.name, v.severity, v.at, v.found, v.delay)
		}
		if s.command.Write != "" {
			if err := s.write(c, h, out); err != nil {
				return nil, err
			}
		}
	}
	row.fill(all)
	row.cluster(s.report.Seed)
	row.Stage1, row.Stage2 = newRate(first, weeks), newRate(second, weeks)
	if row.Applicable = row.Injected > 0; !row.Applicable {
		row.WhyNot = c.why
	}
	if c.class == sense.Inactivity.String() {
		s.compare(injected)
	}
	return row, s.sweep(ctx, c, homes, row)
}

// sweep judges a class at other budgets, on a quarter of the injections.
func (s *study) sweep(ctx context.Context, c *injector, homes []*subject, row *classRow) error {
	if c.share == 0 || !row.Applicable {
		return nil
	}
	injected := s.injections(c, homes, max(s.command.Inject/4, 1))
	for _, times := range s.points {
		found, n, falses, weeks, late := 0, 0, 0, 0.0, 0.0
		for _, h := range homes {
			plan := h.plan
			plan.Budget.Prompts *= times
			base, err := playHome(ctx, h.homeData, plan)
			if err != nil {
				return err
			}
			out, err := judgeHome(ctx, h.homeData, plan, base.findings, injected[h], c.counts)
			if err != nil {
				return err
			}
			for _, v := range out {
				n++
				if v.found {
					found++
					late += hoursOf(v.delay)
				}
			}
			asked, _ := h.falses(base.findings, c.alarms, s.command.AnswerRate, s.report.Seed)
			falses += asked
			weeks += h.weeks
		}
		row.Points = append(row.Points, point{bench.Round(c.share*s.command.Budget*times, 4), newRecall(found, n).Recall,
			newRate(falses, weeks).PerWeek, bench.Number(bench.Round(late/float64(found), 2))})
	}
	return nil
}

// falses counts the cases of a class on the judged untouched days: those asked about, and
// those an operator hears of because nobody answered.
func (h *subject) falses(findings []sense.Finding, alarms func(sense.Finding) bool, answerRate float64, seed uint64) (asked, told int) {
	last := map[sense.Class]uint32{}
	for _, f := range findings {
		if f.At < h.from || f.Withdrawn || !alarms(f) || last[f.Class] == f.Case {
			continue
		}
		last[f.Class] = f.Case
		asked++
		d := newDraws(seed, streamOf("answer", h.name, f.Class.String(), strconv.FormatInt(f.At, 10)))
		reply := sense.Reply{SinceRaised: f.Class.Info().Grace, Answered: d.unit() < answerRate}
		if sense.StageOf(f, reply) == sense.StageOperator {
			told++
		}
	}
	return asked, told
}

// total counts over all classes on the recorded streams.
func (s *study) total() {
	any := func(f sense.Finding) bool { return f.Class.Info().Group == sense.Risk }
	notes, first, second, weeks := 0, 0, 0, 0.0
	for _, h := range s.homes {
		asked, told := h.falses(h.base.findings, any, s.command.AnswerRate, s.report.Seed)
		first, second, weeks = first+asked, second+told, weeks+h.weeks
		care, _ := h.falses(h.base.findings, func(f sense.Finding) bool { return f.Class.Info().Group == sense.Care }, 1, 1)
		notes += care
		for _, f := range h.base.findings {
			s.report.Answer("%s %d %d %d %d %.9g %.9g\n", h.name, f.Class, f.Detector, f.At, f.Since, f.Why.Observed, f.Why.P)
		}
	}
	s.report.Set("total", map[string]rate{"stage1_false": newRate(first, weeks), "stage2_false": newRate(second, weeks), "notes": newRate(notes, weeks)})
}

func (s *study) notes() {
	if slices.ContainsFunc(s.homes, func(h *subject) bool { return h.weeks < 2 }) {
		s.report.Note("a home with less than two judged weeks bounds no rate of false findings by itself; see the intervals")
	}
	for _, n := range []string{
		"injected events are easier than real ones; no home here has real collapses, wandering or dementia with truth",
		"a finding counts within the horizon of its injection only if the untouched stream has none of the class in it; horizons: inactivity and bathroom stay 12 h, nights until 6:30, late returns until the person is back or P95 + 24 h, days indoors until they end, care signals a day after",
		"stage 2 draws an answer for each prompt with --answer-rate; findings that are passed through reach both stages",
		"vitals, sos, fire-smoke, gas-co, water-use, ebike-lift and falling-object are judged on made-up sensors added to the homes; their false findings are those of a made-up background",
		"null stands where nothing was injected, found or judged: n, injected and person_weeks say which",
		"night-wander multiplies the moves of the night, or of the person's middle night where it had fewer; nights and late returns are drawn from labels",
	} {
		s.report.Note("%s", n)
	}
}
