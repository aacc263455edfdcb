// Package stat puts an honest interval beside every figure that is shown or
// judged: net promoter scores, shares, event rates and quantiles. All functions
// are pure; counts that contradict each other are invalid errors, never NaN.
package stat

import (
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/mathext"

	"linli"
)

// MinJudged is the least number of rows a figure is judged on (domain.md 7);
// with fewer it is shown gray.
const MinJudged = 30

// z is the normal quantile of a two-sided 95 % interval.
const z = 1.959963984540054

// alpha is what a 95 % interval leaves out.
const alpha = 0.05

// Estimate is a figure with its two-sided 95 % interval.
type Estimate struct {
	Value      float64 `json:"value"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	N          int     `json:"n"`           // rows the figure rests on
	EffectiveN float64 `json:"effective_n"` // the same after weighting
	Method     string  `json:"method"`
	Judgeable  bool    `json:"judgeable"` // N reaches MinJudged
}

func estimate(value, low, high float64, n int, method string) Estimate {
	return Estimate{Value: value, Low: low, High: high, N: n, EffectiveN: float64(n), Method: method, Judgeable: Judgeable(n)}
}

// Judgeable tells whether n rows are enough to judge a figure and not only to show it.
func Judgeable(n int) bool { return n >= MinJudged }

// NPS is the net promoter score in points from -100 to 100: the share of
// promoters (9 and 10) less the share of detractors (0 to 6) among n answers.
// Interval: adjusted Wald, three quarters of an answer added to both sides
// (Rocks 2016), cut at ±100.
func NPS(promoters, detractors, n int) (Estimate, error) {
	switch {
	case n <= 0:
		return Estimate{}, noRows("n")
	case promoters < 0 || promoters > n:
		return Estimate{}, outside("promoters", promoters, n)
	case detractors < 0 || detractors > n-promoters:
		return Estimate{}, outside("detractors", detractors, n-promoters)
	}
	m := float64(n) + 3
	p, d := (float64(promoters)+0.75)/m, (float64(detractors)+0.75)/m
	center, half := p-d, z*math.Sqrt((p+d-(p-d)*(p-d))/m)
	value := float64(promoters-detractors) / float64(n)
	return estimate(100*value, 100*max(center-half, -1), 100*min(center+half, 1), n, "adjusted-wald"), nil
}

// Wilson is the share k of n between 0 and 1 with the score interval of Wilson (1927).
func Wilson(k, n int) (Estimate, error) {
	if n <= 0 {
		return Estimate{}, noRows("n")
	}
	if k < 0 || k > n {
		return Estimate{}, outside("k", k, n)
	}
	size, share := float64(n), float64(k)/float64(n)
	shrink := 1 / (1 + z*z/size)
	center := (share + z*z/(2*size)) * shrink
	half := z * shrink * math.Sqrt(share*(1-share)/size+z*z/(4*size*size))
	low, high := max(center-half, 0), min(center+half, 1)
	// Exact at the ends, where rounding would leave a trace.
	if k == 0 {
		low = 0
	}
	if k == n {
		high = 1
	}
	return estimate(share, low, high, n, "wilson"), nil
}

// Poisson is the rate of events per unit of exposure (person-weeks, lift-years),
// with the exact interval of Garwood (1936). N counts the events.
func Poisson(events int, exposure float64) (Estimate, error) {
	if err := checkRate(events, exposure); err != nil {
		return Estimate{}, err
	}
	low, high := 0.0, poissonUpper(events, alpha/2)
	if events > 0 {
		low = mathext.GammaIncRegInv(float64(events), alpha/2)
	}
	return estimate(float64(events)/exposure, low/exposure, high/exposure, events, "garwood"), nil
}

// PoissonUpper is the one-sided 95 % bound of the rate: what can be said after
// no event at all is that the rate is hardly above it.
func PoissonUpper(events int, exposure float64) (float64, error) {
	if err := checkRate(events, exposure); err != nil {
		return 0, err
	}
	return poissonUpper(events, alpha) / exposure, nil
}

// poissonUpper is the mean at which events or fewer have probability tail.
func poissonUpper(events int, tail float64) float64 {
	if events == 0 {
		return -math.Log(tail)
	}
	return mathext.GammaIncRegCompInv(float64(events)+1, tail)
}

func checkRate(events int, exposure float64) error {
	if events < 0 {
		return linli.Invalidf("events", "事件数 %d 不能为负", "the number of events is negative: %d", events)
	}
	if !(exposure > 0) || math.IsInf(exposure, 0) {
		return linli.Invalidf("exposure", "观察量 %v 必须大于零", "the exposure must be positive, not %v", exposure)
	}
	return nil
}

// Quantiles gives, for each q, the smallest of the values with at least the
// share q of the weight at or below it: always one of the rows, so that a P90
// can be opened, and +Inf may stand for "not yet". Weights may be nil: all one.
// This is the only definition of a quantile in the hub.
func Quantiles(values, weights []float64, qs ...float64) ([]float64, error) {
	if len(values) == 0 {
		return nil, noRows("values")
	}
	if weights != nil && len(weights) != len(values) {
		return nil, linli.Invalidf("weights", "权重 %d 个、数值 %d 个，数目不一致", "%d weights for %d values", len(weights), len(values))
	}
	weight := func(i int) float64 { return 1 }
	if weights != nil {
		weight = func(i int) float64 { return weights[i] }
	}
	order := make([]int, len(values))
	total := 0.0
	for i, v := range values {
		order[i] = i
		if math.IsNaN(v) {
			return nil, linli.Invalid("values["+strconv.Itoa(i)+"]", "数值缺失", "the value is missing")
		}
		if w := weight(i); !(w >= 0) || math.IsInf(w, 0) {
			return nil, linli.Invalid("weights["+strconv.Itoa(i)+"]", "权重不能为负或缺失", "the weight is negative or missing")
		}
		total += weight(i)
	}
	if !(total > 0) || math.IsInf(total, 0) {
		return nil, linli.Invalid("weights", "权重之和必须大于零", "the weights must have a positive sum")
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case values[a] < values[b]:
			return -1
		case values[a] > values[b]:
			return 1
		}
		return 0
	})
	out := make([]float64, len(qs))
	for k, q := range qs {
		if !(q >= 0 && q <= 1) {
			return nil, linli.Invalidf("q", "分位 %v 应在 0 与 1 之间", "the quantile %v is not between 0 and 1", q)
		}
		// Sums of weights carry rounding: a share that is reached but for a
		// trillionth counts as reached.
		need := q * total * (1 - 1e-12)
		seen := 0.0
		for _, i := range order {
			if weight(i) == 0 {
				continue
			}
			seen += weight(i)
			out[k] = values[i]
			if seen >= need {
				break
			}
		}
	}
	return out, nil
}

func noRows(field string) error {
	return linli.Invalid(field, "没有数据，算不出结果", "there are no rows to compute from")
}

func outside(field string, k, n int) error {
	return linli.Invalidf(field, "计数 %d 应在 0 与 %d 之间", "the count %d is not between 0 and %d", k, n)
}
