package boost

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"linli"
)

// Params shape a training. A zero field means its default.
type Params struct {
	Loss      Loss    // L2
	Trees     int     // 100
	Leaves    int     // of a tree at most; 31
	Depth     int     // of a tree at most; 0: no limit
	Rate      float64 // what a tree counts, in (0, 1]; 0.1
	MinWeight float64 // least weight of rows in a leaf; 20
	Lambda    float64 // L2 penalty of leaf values; 0
	MinGain   float64 // a split must gain more; 0
	Rows      float64 // share of the rows each tree sees, in (0, 1]; 1
	Columns   float64 // share of the columns each tree sees, in (0, 1]; 1
	Alpha     float64 // of Quantile, in (0, 1); 0.5
	Power     float64 // of Tweedie, in (1, 2); 1.5
	Threads   int     // 1; no number changes the model
}

func (p Params) filled() Params {
	number := func(x *float64, standard float64) {
		if *x == 0 {
			*x = standard
		}
	}
	if p.Loss == "" {
		p.Loss = L2
	}
	if p.Trees == 0 {
		p.Trees = 100
	}
	if p.Leaves == 0 {
		p.Leaves = 31
	}
	if p.Threads == 0 {
		p.Threads = 1
	}
	number(&p.Rate, 0.1)
	number(&p.MinWeight, 20)
	number(&p.Rows, 1)
	number(&p.Columns, 1)
	number(&p.Alpha, 0.5)
	number(&p.Power, 1.5)
	return p
}

func (p *Params) check() error {
	within := func(x, low, high float64) bool { return x > low && x <= high }
	bad := func(field string) error {
		return linli.Invalid(field, "参数超出范围", "the parameter is out of range")
	}
	switch {
	case !slices.Contains(losses, p.Loss):
		return linli.Invalidf("loss", "没有损失函数 %q", "there is no loss %q", string(p.Loss))
	case p.Trees < 1 || p.Trees > 100_000:
		return bad("trees")
	case p.Leaves < 2 || p.Leaves > 1<<16:
		return bad("leaves")
	case p.Depth < 0:
		return bad("depth")
	case !within(p.Rate, 0, 1):
		return bad("rate")
	case !within(p.MinWeight, 0, math.MaxFloat64):
		return bad("min_weight")
	case !(p.Lambda >= 0) || math.IsInf(p.Lambda, 0):
		return bad("lambda")
	case !(p.MinGain >= 0) || math.IsInf(p.MinGain, 0):
		return bad("min_gain")
	case !within(p.Rows, 0, 1):
		return bad("rows")
	case !within(p.Columns, 0, 1):
		return bad("columns")
	case !(p.Alpha > 0 && p.Alpha < 1):
		return bad("alpha")
	case !(p.Power > 1 && p.Power < 2):
		return bad("power")
	case p.Threads < 1:
		return bad("threads")
	}
	return nil
}

func badTarget(i int, zh, en string) error {
	return linli.Invalid(fmt.Sprintf("target[%d]", i), zh, en)
}

// Train grows a model that predicts target (a value per row) from the table.
// The seed matters only when Rows or Columns are below 1. An ended context
// returns the model grown so far, without an error, as long as it has a tree.
// Errors are invalid: a parameter out of range, a target the loss cannot have,
// a column that is Late, a ranking without groups.
func Train(ctx context.Context, d *Dataset, target []float64, p Params, seed uint64) (*Model, error) {
	p = p.filled()
	if err := p.check(); err != nil {
		return nil, err
	}
	if d.late > 0 {
		return nil, linli.Invalid(fmt.Sprintf("columns[%d]", d.late-1), "该列在预测时尚不可知，不能用于训练", "the column is not known when predicting and cannot train")
	}
	if len(target) != d.rows {
		return nil, linli.Invalidf("target", "目标 %d 个，行 %d 个，数目不一致", "%d targets for %d rows", len(target), d.rows)
	}
	if err := p.checkTarget(target); err != nil {
		return nil, err
	}
	if p.Loss == Rank {
		if err := d.checkGroups(); err != nil {
			return nil, err
		}
	}
	m := &Model{loss: p.Loss, digest: digestOf(d, target), names: slices.Clone(d.names), cuts: d.cuts, start: p.start(target, d.weights)}
	margin := make([]float64, d.rows)
	for i := range margin {
		margin[i] = m.start
	}
	g := newGrower(d, &p)
	rng := rand.NewPCG(seed, 0)
	for range p.Trees {
		if ctx.Err() != nil {
			if len(m.trees) == 0 {
				return nil, ctx.Err()
			}
			break
		}
		if p.Loss == Rank {
			rankGradients(g.grad, margin, target, d, p.Threads)
		} else {
			blocks(d.rows, p.Threads, func(from, to int) { p.gradients(g.grad, margin, target, d.weights, from, to) })
		}
		rows, others := sample(rng, p.Rows, d.rows)
		columns, _ := sample(rng, p.Columns, len(d.bins))
		t := g.grow(rows, columns)
		if p.Loss == Quantile {
			g.quantiles(t, margin, target)
		}
		settle(t.nodes)
		g.raise(t, margin, others)
		m.trees = append(m.trees, t.nodes)
	}
	return m, nil
}

// sample draws a share of n, at least one, and says which are left; nil means
// all, and none are left.
func sample(rng *rand.PCG, share float64, n int) (drawn, left []int32) {
	k := max(1, int(share*float64(n)+0.5))
	if k >= n {
		return nil, nil
	}
	return draw(rng, k, n)
}

// blocks runs do over parts of 0 … n-1 on so many threads. Each row is touched
// by one call and nothing is summed, so the parts change no result.
func blocks(n, threads int, do func(from, to int)) {
	if threads == 1 || n < 4096 {
		do(0, n)
		return
	}
	var wait sync.WaitGroup
	for k := range threads {
		wait.Go(func() { do(k*n/threads, (k+1)*n/threads) })
	}
	wait.Wait()
}
