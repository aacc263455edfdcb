package text

import (
	"math"
	"slices"
)

// heldOut is one row answered by a machine that did not see it.
type heldOut struct {
	scores []float64
	label  int // place in batch.labels
}

// calibrate finds a and b per label, so that softmax(a × score + b) is an honest
// probability (Guo et al., ICML 2017: temperature, here per label with a bias).
// The labels' temperatures are drawn to a common one, so that a label with few
// rows borrows from the others.
func calibrate(held []heldOut, labels int) (a, b []float64) {
	a, b = make([]float64, labels), make([]float64, labels)
	common := 3.0 // a fair start for margins; also the answer without rows
	if len(held) > 0 {
		common = bestTemperature(held)
	}
	for l := range a {
		a[l] = common
	}
	if len(held) == 0 {
		return a, b
	}
	// The loss is convex in a and b: plain gradient descent with momentum.
	n := float64(len(held))
	pull := 10 / n // as strong as ten rows
	ga, gb := make([]float64, labels), make([]float64, labels)
	va, vb := make([]float64, labels), make([]float64, labels)
	p := make([]float64, labels)
	for range 300 {
		for l := range ga {
			ga[l] = pull * (a[l] - common)
			gb[l] = pull * b[l]
		}
		for _, h := range held {
			for l, s := range h.scores {
				p[l] = a[l]*s + b[l]
			}
			softmax(p)
			p[h.label]--
			for l, s := range h.scores {
				ga[l] += p[l] * s / n
				gb[l] += p[l] / n
			}
		}
		for l := range ga {
			va[l] = 0.9*va[l] - 0.5*ga[l]
			vb[l] = 0.9*vb[l] - 0.5*gb[l]
			a[l] += va[l]
			b[l] += vb[l]
		}
	}
	return a, b
}

// bestTemperature minimizes the log loss over one factor for all labels, by
// golden section on its logarithm.
func bestTemperature(held []heldOut) float64 {
	loss := func(t float64) float64 {
		f := math.Exp(t)
		sum := 0.0
		for _, h := range held {
			z := make([]float64, len(h.scores))
			for l, s := range h.scores {
				z[l] = f * s
			}
			logSoftmax(z)
			sum -= z[h.label]
		}
		return sum
	}
	const golden = 0.6180339887498949
	low, high := math.Log(0.1), math.Log(50)
	x, y := high-golden*(high-low), low+golden*(high-low)
	fx, fy := loss(x), loss(y)
	for range 40 {
		if fx < fy {
			high, y, fy = y, x, fx
			x = high - golden*(high-low)
			fx = loss(x)
		} else {
			low, x, fx = x, y, fy
			y = low + golden*(high-low)
			fy = loss(y)
		}
	}
	return math.Exp((low + high) / 2)
}

// threshold is the least probability to accept so that, among the held-out rows
// at or above it, at most the stated share is wrong (Chow 1970). Without a
// threshold that reaches it, only certainty is accepted.
func threshold(held []heldOut, a, b []float64, wrong float64) float64 {
	type answer struct {
		p     float64
		wrong bool
	}
	answers := make([]answer, len(held))
	for i, h := range held {
		p := make([]float64, len(h.scores))
		for l, s := range h.scores {
			p[l] = a[l]*s + b[l]
		}
		softmax(p)
		best := argmax(p)
		answers[i] = answer{p[best], best != h.label}
	}
	slices.SortStableFunc(answers, func(x, y answer) int {
		switch {
		case x.p > y.p:
			return -1
		case x.p < y.p:
			return 1
		}
		return 0
	})
	errors, out := 0, 1.0
	for i, x := range answers {
		if x.wrong {
			errors++
		}
		last := i+1 == len(answers) || answers[i+1].p < x.p
		if last && float64(errors) <= wrong*float64(i+1) {
			out = x.p
		}
	}
	return out
}

// argmax is the place of the greatest value; ties go to the first.
func argmax(z []float64) int {
	best := 0
	for i, v := range z {
		if v > z[best] {
			best = i
		}
	}
	return best
}
