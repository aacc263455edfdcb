package boost

import (
	"math"
	"slices"

	"linli"
)

// Loss says what a model is to hit.
type Loss string

// The losses. Poisson and Tweedie predict a mean above zero through a log link.
const (
	L2       Loss = "l2"       // the mean
	Logistic Loss = "logistic" // the probability of 1; targets in [0, 1]
	Poisson  Loss = "poisson"  // the mean of counts; targets ≥ 0
	Tweedie  Loss = "tweedie"  // the mean of amounts with many zeros; targets ≥ 0, variance ~ mean^Power
	Quantile Loss = "quantile" // the Alpha quantile
	Rank     Loss = "rank"     // an order within groups (LambdaMART); targets are grades 0 to 30
)

// losses are all of them.
var losses = []Loss{L2, Logistic, Poisson, Tweedie, Quantile, Rank}

// gradient holds the first and second derivative of the loss of one row,
// weights included.
type gradient struct{ g, h float64 }

func (p *Params) checkTarget(target []float64) error {
	for i, y := range target {
		if math.IsNaN(y) || math.IsInf(y, 0) {
			return badTarget(i, "目标值缺失", "the target is missing")
		}
		switch p.Loss {
		case Logistic:
			if y < 0 || y > 1 {
				return badTarget(i, "目标值须在 0 到 1 之间", "the target must lie between 0 and 1")
			}
		case Poisson, Tweedie:
			if y < 0 {
				return badTarget(i, "目标值不能为负", "the target must not be negative")
			}
		case Rank:
			if y < 0 || y > 30 || y != math.Trunc(y) {
				return badTarget(i, "等级须为 0 到 30 的整数", "the grade must be a whole number from 0 to 30")
			}
		}
	}
	return nil
}

// start is the best constant margin.
func (p *Params) start(target, weights []float64) float64 {
	switch p.Loss {
	case Quantile:
		return quantile(slices.Clone(target), slices.Clone(weights), p.Alpha)
	case Rank:
		return 0
	}
	mean := weightedMean(target, weights)
	switch p.Loss {
	case Logistic:
		mean = min(max(mean, 1e-9), 1-1e-9)
		return ln(mean) - ln(1-mean)
	case Poisson, Tweedie:
		return ln(max(mean, 1e-9)) // all zero: next to nothing is expected
	}
	return mean
}

// weightedMean is exact when all values are the same.
func weightedMean(x, weights []float64) float64 {
	sum, total := 0.0, 0.0
	for i, v := range x {
		w := 1.0
		if weights != nil {
			w = weights[i]
		}
		sum += w * (v - x[0])
		total += w
	}
	return x[0] + sum/total
}

// quantile is the least value with at least the share q of the weight at or
// below it. It sorts both slices.
func quantile(x, weights []float64, q float64) float64 {
	all := atoms(x, weights)
	total := 0.0
	for _, a := range all {
		total += a.weight
	}
	sum := 0.0
	for _, a := range all {
		if sum += a.weight; sum >= q*total-1e-9*total {
			return a.value
		}
	}
	return all[len(all)-1].value
}

// lean tells whether the second derivative is the weight itself, so that one
// sum serves for both.
func (p *Params) lean() bool { return p.Loss == L2 || p.Loss == Quantile }

// gradients fills out for the rows from (included) to to (excluded).
func (p *Params) gradients(out []gradient, margin, target, weights []float64, from, to int) {
	out, margin, target = out[from:to], margin[from:to], target[from:to]
	switch p.Loss {
	case L2:
		for i, f := range margin {
			out[i] = gradient{f - target[i], 1}
		}
	case Logistic:
		for i, f := range margin {
			q := sigmoid(f)
			out[i] = gradient{q - target[i], max(q*(1-q), 1e-16)}
		}
	case Poisson:
		for i, f := range margin {
			mean := exp(f)
			out[i] = gradient{mean - target[i], mean}
		}
	case Tweedie:
		for i, f := range margin {
			a, b := exp((2-p.Power)*f), target[i]*exp((1-p.Power)*f)
			out[i] = gradient{a - b, (2-p.Power)*a - (1-p.Power)*b}
		}
	case Quantile:
		for i, f := range margin {
			if target[i] > f {
				out[i] = gradient{-p.Alpha, 1}
			} else {
				out[i] = gradient{1 - p.Alpha, 1}
			}
		}
	}
	if weights != nil {
		for i, w := range weights[from:to] {
			out[i].g *= w
			out[i].h *= w
		}
	}
}

// response turns a margin into what is predicted.
func (l Loss) response(margin float64) float64 {
	switch l {
	case Logistic:
		return sigmoid(margin)
	case Poisson, Tweedie:
		return exp(margin)
	}
	return margin
}

// Deviance is the mean deviance of predictions under a loss: squared error,
// twice the negative log-likelihood (logistic), the Poisson or Tweedie
// deviance, or the pinball loss. Weights may be nil. Not for Rank: see NDCG.
func (p Params) Deviance(predicted, target, weights []float64) (float64, error) {
	p = p.filled()
	if err := p.check(); err != nil {
		return 0, err
	}
	if p.Loss == Rank {
		return 0, linli.Invalid("loss", "排序没有偏差，请用 NDCG", "a ranking has no deviance; see NDCG")
	}
	if len(predicted) == 0 || len(predicted) != len(target) || weights != nil && len(weights) != len(target) {
		return 0, linli.Invalid("target", "预测、目标与权重数目不一致", "predictions, targets and weights differ in number")
	}
	if err := p.checkTarget(target); err != nil {
		return 0, err
	}
	sum, total := 0.0, 0.0
	for i, y := range target {
		w := 1.0
		if weights != nil {
			w = weights[i]
		}
		sum += w * p.deviance(predicted[i], y)
		total += w
	}
	return sum / total, nil
}

func (p *Params) deviance(f, y float64) float64 {
	xlogy := func(x, y float64) float64 {
		if x == 0 {
			return 0
		}
		return x * ln(max(y, 1e-300))
	}
	switch p.Loss {
	case Logistic:
		return -2 * (xlogy(y, f) + xlogy(1-y, 1-f))
	case Poisson:
		return 2 * (xlogy(y, y) - xlogy(y, f) - y + f)
	case Tweedie:
		a, b := 1-p.Power, 2-p.Power
		power := func(x, k float64) float64 {
			if x == 0 {
				return 0
			}
			return exp(k * ln(x))
		}
		return 2 * (power(y, b)/(a*b) - y*power(f, a)/a + power(f, b)/b)
	case Quantile:
		if y > f {
			return p.Alpha * (y - f)
		}
		return (1 - p.Alpha) * (f - y)
	}
	return (f - y) * (f - y)
}
