package route

import (
	"context"
	"reflect"
	"testing"
	"time"
)

func solve(t testing.TB, p *Problem, pl *Plan, b Budget, seed uint64) *Result {
	t.Helper()
	r, err := Solve(context.Background(), p, pl, b, seed)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEverySolvedPlanPassesTheCheckAndLeavesNoInsertion(t *testing.T) {
	t.Parallel()
	left, optional := 0, 0
	judge := func(seed uint64, p *Problem) {
		known := len(p.Empty().Check())
		r := solve(t, p, nil, Budget{Iterations: 150}, seed)
		if vs := r.Plan.Check(); len(vs) > known {
			t.Fatalf("seed %d: %+v", seed, vs)
		}
		if r.Plan.Cost().Compare(p.Empty().Cost()) > 0 {
			t.Fatalf("seed %d: worse than serving nobody", seed)
		}
		for _, v := range r.Plan.Unserved() {
			x := p.m.visits[v].src
			if x.Fixed != nil {
				continue
			}
			cs, err := Insert(r.Plan, v)
			switch {
			case err != nil:
				t.Fatalf("seed %d: visit %d: %v", seed, v, err)
			case !x.Optional && len(cs) > 0:
				t.Fatalf("seed %d: visit %d is left out but fits: %+v", seed, v, cs)
			case x.Optional && len(cs) > 0 && p.m.hot[v].flags&flagLinked == 0:
				optional++
				with := r.Plan.Clone()
				if err := with.Commit(cs[0]); err != nil {
					t.Fatal(err)
				}
				if with.Cost().Less(r.Plan.Cost()) {
					t.Fatalf("seed %d: optional visit %d is left out but pays: %+v", seed, v, cs[0])
				}
			default:
				left++
			}
		}
	}
	for seed := range uint64(40) {
		k := everything
		k.visits, k.fixed = 20, seed%4 == 0
		judge(seed, k.problem(t, seed))
		k = hardOnly
		k.visits, k.workers, k.alike, k.even = 30, 3, seed%2 == 0, seed%3 == 0
		judge(seed, k.plainProblem(t, seed))
	}
	if left < 100 || optional < 3 {
		t.Fatalf("only %d visits left out and %d optional ones were judged", left, optional)
	}
}

func TestTheSameSeedAndIterationsGiveTheSamePlan(t *testing.T) {
	t.Parallel()
	rich, many := everything, hardOnly
	rich.visits, many.visits, many.workers = 16, manyFrom, 60
	for name, p := range map[string]*Problem{
		"rich": rich.problem(t, 3), "plain": hardOnly.plainProblem(t, 3), "plain and large": many.plainProblem(t, 3),
	} {
		for _, chains := range []int{1, 3} {
			b := Budget{Iterations: 2100, Planned: 3000, Chains: chains}
			one := solve(t, p, nil, b, 7)
			b.Threads = 2
			two := solve(t, p, nil, b, 7)
			if one.Digest != two.Digest || !reflect.DeepEqual(one.Plan.Tours(), two.Plan.Tours()) || one.BestAt != two.BestAt {
				t.Fatalf("%s, %d chains: %s and %s", name, chains, one.Digest, two.Digest)
			}
		}
	}
}

func TestATimedRunIsRepeatedByItsIterations(t *testing.T) {
	t.Parallel()
	k := made{visits: 20, workers: 4, windows: true}
	for _, p := range []*Problem{k.problem(t, 5), hardOnly.plainProblem(t, 5)} {
		for _, limit := range []time.Duration{3, 8, 40} {
			at := time.Unix(0, 0)
			clock := func() time.Time { at = at.Add(time.Millisecond); return at }
			timed := solve(t, p, nil, Budget{Time: limit * time.Millisecond, Clock: clock}, 4)
			again := solve(t, p, nil, Budget{Iterations: timed.Iterations, Planned: timed.Planned}, timed.Seed)
			if timed.Digest != again.Digest || timed.BestAt != again.BestAt || timed.Iterations < 100 || timed.Seed != 4 {
				t.Fatalf("after %d of %d iterations: %s, again %s", timed.Iterations, timed.Planned, timed.Digest, again.Digest)
			}
		}
	}
}

func TestATimedRunIsColdInTheEndAndNotLongBefore(t *testing.T) {
	t.Parallel()
	p := hardOnly.plainProblem(t, 5)
	for _, c := range []struct{ limit, first time.Duration }{{100, 0}, {200, 0}, {200, 100}} {
		at, calls, shown := time.Unix(0, 0), 0, false
		timed := solve(t, p, nil, Budget{
			Time: c.limit * time.Millisecond,
			Clock: func() time.Time { // an epoch takes a millisecond
				if calls++; calls > 3 { // begin, ready, and before the first epoch
					at = at.Add(time.Millisecond)
				}
				return at
			},
			Better: func(*Plan, int) { // what comes before the search is not its pace
				if !shown {
					shown, at = true, at.Add(c.first*time.Millisecond)
				}
			},
		}, 4)
		if share := float64(timed.Planned) / float64(timed.Iterations); share < 0.85 || share > 1 {
			t.Errorf("%d ms, %d of them before: %d iterations planned, %d run", c.limit, c.first, timed.Planned, timed.Iterations)
		}
	}
}

func TestASolveNeverWorsensThePlanItIsGiven(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		k := everything
		k.visits = 20
		p := k.problem(t, seed)
		a := solve(t, p, nil, Budget{Iterations: 100}, 1)
		before := a.Plan.Digest()
		b := solve(t, p, a.Plan, Budget{Iterations: 100}, 2)
		if a.Plan.Cost().Less(b.Plan.Cost()) {
			t.Fatalf("seed %d: %v became %v", seed, a.Plan.Cost(), b.Plan.Cost())
		}
		if a.Plan.Digest() != before {
			t.Fatal("the given plan changed")
		}
	}
}

func BenchmarkFirstPlanOf200(b *testing.B) {
	k := made{visits: 200, workers: 30, windows: true, skills: true, links: true}
	p := k.problem(b, 1)
	var took time.Duration
	for b.Loop() {
		begin := time.Now()
		first := true
		solve(b, p, nil, Budget{Iterations: 1, Better: func(*Plan, int) {
			if first {
				took, first = took+time.Since(begin), false
			}
		}}, 1)
	}
	b.ReportMetric(float64(took.Microseconds())/float64(b.N), "µs/first-plan")
}

// Where all legs are short a changed promise costs more than any way saved, but
// never more than somebody left out.
func TestAPromiseNextDoorMakesRoomForWhoWouldBeLeftOut(t *testing.T) {
	t.Parallel()
	shift := []Shift{{From: 115200, To: 151200}}
	p, err := NewProblem(Spec{Places: 2, Travel: [][]int32{{0, 36, 36, 0}}, Now: 72000,
		Visits: []Visit{
			{Place: 1, Duration: 1800, Windows: []Window{{118800, 122399}}, Tier: 1, Load: 1800, Promise: &Promise{Worker: 0, Start: 118800, AnnouncedAt: 32400}},
			{Place: 1, Duration: 7200, Windows: []Window{{118800, 122399}}, Tier: 4, Load: 7200, Eligible: []int{0}},
		},
		Workers: []Worker{{Shifts: shift, Capacity: 7800}, {Shifts: shift}}})
	if err != nil {
		t.Fatal(err)
	}
	now, err := p.Plan([]Tour{{Worker: 0, Stops: []Stop{{Visit: 0}}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, refine := range []bool{false, true} {
		r := solve(t, p, now, Budget{Iterations: 1000, Refine: refine}, 1)
		if got := r.Plan.Cost(); len(r.Plan.Unserved()) != 0 || got[CostBroken] != 0 {
			t.Errorf("refined %v: %v", refine, got)
		}
	}
}

func TestADayOfNothingIsSolved(t *testing.T) {
	t.Parallel()
	shift := []Shift{{From: 0, To: 3600}}
	for name, spec := range map[string]Spec{
		"nothing": {}, "nobody": {Visits: []Visit{{Place: Anywhere, Duration: 60}}}, "no work": {Workers: []Worker{{Start: Anywhere, End: Anywhere, Shifts: shift}}},
	} {
		p, err := NewProblem(spec)
		if err != nil {
			t.Fatal(err)
		}
		for _, refine := range []bool{false, true} {
			if r := solve(t, p, nil, Budget{Iterations: 300, Refine: refine}, 1); len(r.Plan.Unserved()) != p.Visits() {
				t.Errorf("%s: left out is %v", name, r.Plan.Unserved())
			}
		}
	}
}
