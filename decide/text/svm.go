package text

import (
	"math"
	"math/rand/v2"
)

// sparse is a training row: feature numbers ascending, with their values.
type sparse struct {
	idx []uint32
	val []float32
}

// svm is a binary linear support vector machine with squared hinge loss and a
// bias, solved in the dual by coordinate descent (Hsieh et al., ICML 2008,
// algorithm 1 with shrinking left out: the problems here converge in tens of rounds).
type svm struct {
	w     []float64 // one weight per feature, the bias last
	alpha []float64 // one dual variable per row
}

// solve trains on the rows with keep true (nil: all), where positive tells the
// class of row i. A former solution of the same problem with more rows may be
// given: it is only a better start, the optimum is the same.
func solve(rows []sparse, width int, keep []bool, positive []bool, cost float64, seed uint64, start []float64) *svm {
	s := &svm{w: make([]float64, width+1), alpha: make([]float64, len(rows))}
	order := make([]int, 0, len(rows))
	norm := make([]float64, len(rows))
	for i, r := range rows {
		if keep != nil && !keep[i] {
			continue
		}
		order = append(order, i)
		q := 1.0 // the bias is a feature of value 1
		for _, v := range r.val {
			q += float64(v) * float64(v)
		}
		norm[i] = q
		if start != nil && start[i] != 0 {
			s.alpha[i] = start[i]
			s.add(r, start[i]*sign(positive[i]))
		}
	}
	const (
		rounds    = 200
		tolerance = 0.02 // on the projected gradient, where 1 is a whole margin
	)
	diag := 0.5 / cost
	rng := rand.New(rand.NewPCG(seed, 1))
	for range rounds {
		for i := len(order) - 1; i > 0; i-- {
			j := int(below(rng, uint64(i+1)))
			order[i], order[j] = order[j], order[i]
		}
		worst := 0.0
		for _, i := range order {
			y := sign(positive[i])
			g := y*s.dot(rows[i]) - 1 + diag*s.alpha[i]
			if s.alpha[i] == 0 && g > 0 {
				continue
			}
			worst = max(worst, math.Abs(g))
			old := s.alpha[i]
			s.alpha[i] = max(0, old-g/(norm[i]+diag))
			if d := s.alpha[i] - old; d != 0 {
				s.add(rows[i], d*y)
			}
		}
		if worst < tolerance {
			break
		}
	}
	return s
}

func (s *svm) dot(r sparse) float64 {
	sum := s.w[len(s.w)-1]
	for k, f := range r.idx {
		sum += s.w[f] * float64(r.val[k])
	}
	return sum
}

func (s *svm) add(r sparse, by float64) {
	for k, f := range r.idx {
		s.w[f] += by * float64(r.val[k])
	}
	s.w[len(s.w)-1] += by
}

func sign(positive bool) float64 {
	if positive {
		return 1
	}
	return -1
}

// below draws from 0..n-1 by multiply and shift, so that a change in the
// standard library cannot move a model.
func below(r *rand.Rand, n uint64) uint64 {
	return (r.Uint64() >> 32) * n >> 32
}
