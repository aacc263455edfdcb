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
	route.Accuracy
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
	usual := route.Effort{}.Usual()
	r.Set("days", len(days))
	r.Set("load_pct", load(days))
	r.Set("policies", out)
	r.Set("hindsight", map[string]any{
		"method":     fmt.Sprintf("best of %d searches of %d iterations from nothing and one of %d from every lived day", usual.Searches, usual.Iterations, usual.Polish),
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
		j.plans = append(j.plans, d.audit(x)...)
	}
	told := make([]route.Life, len(lives))
	for k, x := range lives {
		told[k] = x.Life
	}
	judged, err := route.Judge(ctx, d.facts(), route.Effort{Exact: exact}, r.Seed, told...)
	if err != nil {
		return err
	}
	if judged.Exact {
		j.exact++
	}
	for _, v := range judged.Hindsight.Check() {
		j.plans = append(j.plans, fmt.Sprintf("day %d, hindsight: %+v", d.day, v))
	}
	r.Answer("%d hindsight %s\n", d.day, judged.Hindsight.Digest())
	for _, k := range judged.Undominated() {
		j.dominance = append(j.dominance, fmt.Sprintf("day %d: %s %v beats hindsight %v", d.day, policies[k], judged.Lives[k].Plan.Cost(), judged.Hindsight.Cost()))
	}
	for k, a := range judged.Lives {
		for _, t := range a.Early {
			x := lives[k].Trips[t]
			j.causality = append(j.causality, fmt.Sprintf("day %d: %s left for %s %d s before it was known", d.day,
				d.workers[x.Worker].ID, d.orders[x.Order].ID, d.orders[x.Order].Known-x.Left))
		}
		for _, i := range a.Beyond {
			j.plans = append(j.plans, fmt.Sprintf("day %d, %s: %s was served where no plan can", d.day, policies[k], d.orders[i].ID))
		}
		r.Answer("%d %s %s %d %d\n", d.day, policies[k], a.Plan.Digest(), a.Accurate, a.Travel)
		j.results[policies[k]] = append(j.results[policies[k]], policyDay{lives[k], a})
		if k == 0 {
			j.requested, j.served = j.requested+a.Requested, j.served+a.Counts.Hindsight
		}
	}
	return nil
}

func (j *onlineJudge) result(policy string, days []onlineDay, seed uint64) policyResult {
	list := j.results[policy]
	out := policyResult{Policy: policy, WorstDayServedVsPct: math.Inf(1)}
	var answers []float64
	var sum route.Tally
	people, squares := numbers{}, numbers{}
	for k := range list {
		x, d := &list[k], &days[k]
		sum.Add(&x.Accuracy, x.Life, func(w int) int { return people.of(d.workers[w].ID) }, func(i int) int { return squares.of(d.square(i)) })
		if x.Counts.Hindsight > 0 {
			out.WorstDayServedVsPct = min(out.WorstDayServedVsPct, bench.Round(100*float64(x.Served)/float64(x.Counts.Hindsight), 2))
		}
		for _, a := range x.answers {
			answers = append(answers, float64(a.Nanoseconds())/1000)
		}
	}
	out.Requested, out.Served, out.Impossible, out.CrowdedOut = sum.Requested, sum.Served, sum.Impossible, sum.CrowdedOut
	if math.IsInf(out.WorstDayServedVsPct, 1) {
		out.WorstDayServedVsPct = 0
	}
	share := func(f func(x *policyDay) (part, whole float64)) interval { return bootstrap(list, seed, f) }
	out.ServedVsHindsight = share(func(x *policyDay) (float64, float64) { return 100 * float64(x.Served), float64(x.Counts.Hindsight) })
	out.AccuracyStrict = share(func(x *policyDay) (float64, float64) { return 100 * float64(x.Accurate), float64(x.Requested) })
	out.AccuracyWithout = share(func(x *policyDay) (float64, float64) { return 100 * float64(x.Served), float64(x.Requested) })
	// Travel per order served, against the same of hindsight.
	out.CostRatio = bootstrap2(list, seed, func(x *policyDay) [4]float64 {
		return [4]float64{float64(x.Travel), float64(x.Served), float64(x.HindsightTravel), float64(x.Counts.Hindsight)}
	})
	if out.Served > 0 {
		out.TravelPerServedS = bench.Round(float64(sum.Travel)/float64(out.Served), 1)
	}
	if sum.Promises > 0 {
		out.ChangesPerPromise = bench.Round(float64(sum.Changes)/float64(sum.Promises), 4)
	}
	worker, group := sum.WorstDecile()
	out.WorstDecile = worstOf{bench.Number(bench.Round(100*worker, 2)), bench.Number(bench.Round(100*group, 2))}
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

// numbers counts names as they come up.
type numbers map[string]int

func (n numbers) of(name string) int {
	if _, ok := n[name]; !ok {
		n[name] = len(n)
	}
	return n[name]
}

// square is where an order comes from, in squares of 500 m: its group of residents.
func (d *onlineDay) square(i int) string {
	o := &d.orders[i]
	return fmt.Sprintf("%d %d", int(math.Floor(o.X/500)), int(math.Floor(o.Y/500)))
}
