package main

import (
	"context"
	"time"

	"linli/cmd/linlibench/bench"
	"linli/decide/route"
)

// searchFlags bound a search; route and hhcrsp share them.
type searchFlags struct {
	Iterations int `help:"Iterations instead of time: repeats a run bit for bit." placeholder:"N"`
	Planned    int `help:"The planned iterations of the timed run that --iterations repeats." placeholder:"M"`
	Chains     int `help:"Search chains; part of the answer." default:"1"`
}

// found is what a search of one instance gives: the figures every planning
// command prints.
type found struct {
	plan          *route.Plan
	Iterations    int     `json:"iterations"`
	Planned       int     `json:"planned"`
	Seconds       float64 `json:"seconds"`
	SecondsToBest float64 `json:"seconds_to_best"`
	Feasible      bool    `json:"feasible"`
	Digest        string  `json:"digest"`
}

func (f *searchFlags) check(seconds float64) error {
	switch {
	case f.Iterations < 0 || f.Planned < 0 || f.Chains < 1:
		return bench.Usage("iterations", "--iterations、--planned、--chains 须为正数", "--iterations, --planned and --chains must be positive")
	case f.Planned > 0 && f.Iterations == 0:
		return bench.Usage("planned", "--planned 须与 --iterations 同用", "--planned needs --iterations")
	case f.Iterations == 0 && !(seconds > 0):
		return bench.Usage("time-s", "--time-s 须大于 0", "--time-s must be above 0")
	}
	return nil
}

// solve freezes the problem and searches; the seconds count from here.
func (f *searchFlags) solve(ctx context.Context, r *bench.Report, spec route.Spec, seconds float64) (found, error) {
	begin := time.Now()
	problem, err := route.NewProblem(spec)
	if err != nil {
		return found{}, err
	}
	var out found
	budget := route.Budget{
		Iterations: f.Iterations, Planned: f.Planned, Chains: f.Chains, Threads: r.Threads,
		Better: func(*route.Plan, int) { out.SecondsToBest = bench.Round(time.Since(begin).Seconds(), 3) },
	}
	if f.Iterations == 0 {
		budget.Time, budget.Clock = time.Duration(seconds*float64(time.Second))-time.Since(begin), time.Now
	}
	result, err := route.Solve(ctx, problem, nil, budget, r.Seed)
	if err != nil {
		return found{}, err
	}
	out.plan, out.Iterations, out.Planned, out.Digest = result.Plan, result.Iterations, result.Planned, result.Digest
	out.Seconds = bench.Round(time.Since(begin).Seconds(), 3)
	out.Feasible = len(result.Plan.Check()) == 0 && len(result.Plan.Unserved()) == 0
	return out, ctx.Err()
}
