package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"linli/cmd/linlibench/bench"
	"linli/decide/route"
)

// onlineCommand plays days of a neighborhood through dispatch policies that see
// orders only when they become known, and judges each against hindsight.
type onlineCommand struct {
	Days      int     `help:"Made days." default:"30"`
	Archetype string  `help:"Kind of neighborhood: old-estate, new-towers or urban-rural." enum:"old-estate,new-towers,urban-rural" default:"old-estate"`
	Policies  string  `help:"Policies, by commas: nearest, insert, replan." default:"nearest,insert,replan"`
	Workers   int     `help:"Workers a day; 0 is what the neighborhood has." placeholder:"N"`
	Orders    int     `help:"Orders a day; 0 is what the neighborhood has." placeholder:"N"`
	LateShare float64 `help:"Share of the orders that become known during the day." default:"0.5"`
	Stress    string  `help:"none, noshow, sick, slow or noise." enum:"none,noshow,sick,slow,noise" default:"none"`
	Replay    string  `help:"Days from JSON lines instead of made ones." placeholder:"FILE"`
	Write     string  `help:"Write the days as JSON lines." placeholder:"FILE"`
	Exact     bool    `help:"Prove hindsight by branch and bound on days of at most 12 visits."`
}

// policyDay is what one policy made of one day.
type policyDay struct {
	*lived
	requested, served, hindsight int
	accurate, noRegret           int
	travel, hindsightTravel      int64
	accurateOf                   []bool // per order
	servedOf                     []bool
}

type interval struct {
	Value bench.Number `json:"value"`
	Low   bench.Number `json:"low"`
	High  bench.Number `json:"high"`
}

type policyResult struct {
	Policy              string      `json:"policy"`
	Requested           int         `json:"requested"`
	Served              int         `json:"served"`
	ServedVsHindsight   interval    `json:"served_vs_hindsight_pct"`
	AccuracyStrict      interval    `json:"accuracy_strict_pct"`
	AccuracyWithout     interval    `json:"accuracy_without_regret_pct"`
	Impossible          int         `json:"impossible"`
	CrowdedOut          int         `json:"crowded_out"`
	CostRatio           interval    `json:"cost_ratio"`
	TravelPerServedS    float64     `json:"travel_per_served_s"`
	WorstDayServedVsPct float64     `json:"worst_day_served_vs_hindsight_pct"`
	WorstDecile         worstOf     `json:"worst_decile"`
	ChangesPerPromise   float64     `json:"changes_per_promise"`
	AnswerUs            answerTimes `json:"answer_us"`
}

type worstOf struct {
	Worker bench.Number `json:"worker"`
	Group  bench.Number `json:"group"`
}

type answerTimes struct {
	P50 bench.Number `json:"p50"`
	P99 bench.Number `json:"p99"`
}

// Run is the command.
func (c *onlineCommand) Run(ctx context.Context, r *bench.Report) error {
	policies, err := c.check()
	if err != nil {
		return err
	}
	var days []onlineDay
	if c.Replay != "" {
		if days, err = readOnline(ctx, r, c.Replay); err != nil {
			return err
		}
	} else {
		for k := range c.Days {
			days = append(days, c.makeOnline(r.Seed, k+1))
		}
	}
	if c.Write != "" {
		if err := writeOnline(r, c.Write, days); err != nil {
			return err
		}
	}
	j := onlineJudge{results: map[string][]policyDay{}}
	for k := range days {
		if err := j.day(ctx, r, &days[k], policies, c.Exact); err != nil {
			return err
		}
		r.Progress("day %d of %d", k+1, len(days))
	}
	out := []policyResult{}
	for _, p := range policies {
		out = append(out, j.result(p, days, r.Seed))
	}
	r.Set("days", len(days))
	r.Set("load_pct", load(days))
	r.Set("policies", out)
	r.Set("hindsight", map[string]any{
		"method":     fmt.Sprintf("best of %d searches of %d iterations from nothing and one of %d from every lived day", hindsightSeeds, hindsightLong, hindsightPolish),
		"exact_days": j.exact, "served": j.served, "requested": j.requested,
	})
	r.Note("a promise is the window the resident asked for; who comes is announced %d min before the start", announce/60)
	r.Note("hindsight is heuristic on all but exact_days: shares of it are upper bounds")
	for _, x := range []struct {
		name string
		bad  []string
	}{{"causality", j.causality}, {"dominance", j.dominance}, {"plan_check", j.plans}} {
		r.Check(x.name, len(x.bad) == 0, "%d violations %v", len(x.bad), x.bad[:min(len(x.bad), 5)])
	}
	return nil
}

// load is the planned service time as a share of the time on duty.
func load(days []onlineDay) float64 {
	work, duty := 0.0, 0.0
	for _, d := range days {
		for _, o := range d.orders {
			work += float64(o.Duration) * float64(o.Persons)
		}
		for _, w := range d.workers {
			duty += float64(w.Shift[1] - w.Shift[0])
		}
	}
	return bench.Round(100*work/max(duty, 1), 1)
}

func (c *onlineCommand) check() ([]string, error) {
	switch {
	case c.Days < 1 || c.Workers < 0 || c.Orders < 0 || c.Workers > 2000 || c.Orders > 4000:
		return nil, bench.Usage("days", "--days、--workers、--orders 超出范围", "--days, --workers or --orders is out of range")
	case !(c.LateShare >= 0 && c.LateShare <= 1):
		return nil, bench.Usage("late-share", "--late-share 须在 0 到 1 之间", "--late-share must be 0 to 1")
	}
	var out []string
	for _, p := range strings.Split(c.Policies, ",") {
		if p = strings.TrimSpace(p); !slices.Contains([]string{"nearest", "insert", "replan"}, p) || slices.Contains(out, p) {
			return nil, bench.Usage("policies", "--policies 只能是 nearest、insert、replan，且不重复", "--policies takes nearest, insert and replan, each once")
		}
		out = append(out, p)
	}
	return out, nil
}

// onlineJudge gathers days.
type onlineJudge struct {
	results                     map[string][]policyDay
	causality, dominance, plans []string
	exact, served, requested    int
}

func (j *onlineJudge) day(ctx context.Context, r *bench.Report, d *onlineDay, policies []string, exact bool) error {
	var lives []*lived
	for _, p := range policies {
		x := (*lived)(nil)
		if p == "nearest" {
			x = d.nearest()
		} else {
			l, err := newLive(d, p == "replan", r.Seed+uint64(d.day)*1000)
			if err == nil {
				x, err = l.play(ctx)
			}
			if err != nil {
				return err
			}
		}
		lives = append(lives, x)
		j.causality = append(j.causality, d.causality(x)...)
		j.plans = append(j.plans, d.audit(x)...)
	}
	h, err := d.hindsight(lives)
	if err != nil {
		return err
	}
	var plans []*route.Plan
	for k, x := range lives {
		p, err := h.asPlan(x)
		if err != nil {
			return err
		}
		for _, v := range p.Check() {
			j.plans = append(j.plans, fmt.Sprintf("day %d, %s: %+v", d.day, policies[k], v))
		}
		plans = append(plans, p)
	}
	if err := h.search(ctx, plans, r.Seed); err != nil {
		return err
	}
	if exact && h.prove() {
		j.exact++
	}
	for _, v := range h.plan.Check() {
		j.plans = append(j.plans, fmt.Sprintf("day %d, hindsight: %+v", d.day, v))
	}
	r.Answer("%d hindsight %s\n", d.day, h.plan.Digest())
	best, bestMarginal := h.served(h.plan), h.marginal(h.plan)
	for k, x := range lives {
		if !dominates(h.plan.Cost(), plans[k].Cost()) {
			j.dominance = append(j.dominance, fmt.Sprintf("day %d: %s %v beats hindsight %v", d.day, policies[k], plans[k].Cost(), h.plan.Cost()))
		}
		y := policyDay{lived: x, servedOf: d.inTime(x), accurateOf: make([]bool, len(d.orders)), hindsightTravel: h.plan.Travel()}
		marginal := h.marginal(plans[k])
		for i := range d.orders {
			if !d.orders[i].requested() {
				continue
			}
			y.requested++
			if best[i] {
				y.hindsight++
			}
			if !y.servedOf[i] {
				continue
			}
			y.served++
			y.noRegret++
			if !best[i] || regretOK(marginal[i], bestMarginal[i]) {
				y.accurate++
				y.accurateOf[i] = true
			}
		}
		for _, s := range x.log {
			y.travel += int64(s.travel)
		}
		r.Answer("%d %s %s %d %d\n", d.day, policies[k], plans[k].Digest(), y.accurate, y.travel)
		j.results[policies[k]] = append(j.results[policies[k]], y)
		if k == 0 {
			j.requested, j.served = j.requested+y.requested, j.served+y.hindsight
		}
	}
	return nil
}

func (j *onlineJudge) result(policy string, days []onlineDay, seed uint64) policyResult {
	list := j.results[policy]
	out := policyResult{Policy: policy, WorstDayServedVsPct: math.Inf(1)}
	var answers []float64
	promises, changes, travel := 0, 0, int64(0)
	for _, x := range list {
		out.Requested += x.requested
		out.Served += x.served
		out.Impossible += x.impossible
		out.CrowdedOut += x.crowded
		promises += x.promises
		changes += x.changes
		travel += x.travel
		if x.hindsight > 0 {
			out.WorstDayServedVsPct = min(out.WorstDayServedVsPct, bench.Round(100*float64(x.served)/float64(x.hindsight), 2))
		}
		for _, a := range x.answers {
			answers = append(answers, float64(a.Nanoseconds())/1000)
		}
	}
	if math.IsInf(out.WorstDayServedVsPct, 1) {
		out.WorstDayServedVsPct = 0
	}
	share := func(f func(x *policyDay) (part, whole float64)) interval { return bootstrap(list, seed, f) }
	out.ServedVsHindsight = share(func(x *policyDay) (float64, float64) { return 100 * float64(x.served), float64(x.hindsight) })
	out.AccuracyStrict = share(func(x *policyDay) (float64, float64) { return 100 * float64(x.accurate), float64(x.requested) })
	out.AccuracyWithout = share(func(x *policyDay) (float64, float64) { return 100 * float64(x.noRegret), float64(x.requested) })
	// Travel per order served, against the same of hindsight.
	out.CostRatio = bootstrap2(list, seed, func(x *policyDay) [4]float64 {
		return [4]float64{float64(x.travel), float64(x.served), float64(x.hindsightTravel), float64(x.hindsight)}
	})
	if out.Served > 0 {
		out.TravelPerServedS = bench.Round(float64(travel)/float64(out.Served), 1)
	}
	if promises > 0 {
		out.ChangesPerPromise = bench.Round(float64(changes)/float64(promises), 4)
	}
	out.WorstDecile = worstDecile(list, days)
	slices.Sort(answers)
	at := func(p float64) bench.Number {
		if len(answers) == 0 {
			return bench.Number(math.NaN())
		}
		return bench.Number(bench.Round(answers[min(len(answers)-1, int(p*float64(len(answers))))], 1))
	}
	out.AnswerUs = answerTimes{at(0.5), at(0.99)}
	return out
}

// bootstrap gives a share over all days with the interval that drawing days
// anew leaves it. The draws depend on the seed only: they are the same days for
// every policy.
func bootstrap(list []policyDay, seed uint64, f func(x *policyDay) (part, whole float64)) interval {
	return bootstrap2(list, seed, func(x *policyDay) [4]float64 {
		part, whole := f(x)
		return [4]float64{part, whole, 1, 1}
	})
}

// bootstrap2 is the same for a ratio of two ratios.
func bootstrap2(list []policyDay, seed uint64, f func(x *policyDay) [4]float64) interval {
	ratio := func(draw func(i int) int) float64 {
		var sum [4]float64
		for i := range list {
			for k, v := range f(&list[draw(i)]) {
				sum[k] += v
			}
		}
		return sum[0] / sum[1] * sum[3] / sum[2]
	}
	const repeats = 1000
	values := make([]float64, 0, repeats)
	r := draw{rand.NewPCG(seed, 3)}
	for range repeats {
		if v := ratio(func(int) int { return r.n(len(list)) }); !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	number := func(v float64) bench.Number { return bench.Number(bench.Round(v, 3)) }
	out := interval{number(ratio(func(i int) int { return i })), number(math.NaN()), number(math.NaN())}
	if len(values) > 0 {
		slices.Sort(values)
		out.Low, out.High = number(values[len(values)*25/1000]), number(values[min(len(values)-1, len(values)*975/1000)])
	}
	return out
}

// worstDecile is the mean accuracy of the worst tenth of the workers (of what
// they served) and of the residents, grouped by squares of 500 m.
func worstDecile(list []policyDay, days []onlineDay) worstOf {
	type tally struct{ ok, n float64 }
	workers, groups := map[string]*tally{}, map[string]*tally{}
	add := func(m map[string]*tally, key string, ok bool) {
		if m[key] == nil {
			m[key] = &tally{}
		}
		m[key].n++
		if ok {
			m[key].ok++
		}
	}
	for k, x := range list {
		d := &days[k]
		for _, s := range x.log {
			if d.orders[s.order].requested() {
				add(workers, d.workers[s.worker].ID, x.accurateOf[s.order])
			}
		}
		for i := range d.orders {
			if o := &d.orders[i]; o.requested() {
				add(groups, fmt.Sprintf("%d %d", int(math.Floor(o.X/500)), int(math.Floor(o.Y/500))), x.accurateOf[i])
			}
		}
	}
	worst := func(m map[string]*tally) bench.Number {
		var shares []float64
		for _, t := range m {
			if t.n >= 10 {
				shares = append(shares, t.ok/t.n)
			}
		}
		if len(shares) == 0 {
			return bench.Number(math.NaN())
		}
		slices.Sort(shares)
		return bench.Number(bench.Round(100*mean(shares[:(len(shares)+9)/10]), 2))
	}
	return worstOf{worst(workers), worst(groups)}
}
