package boost

import (
	"cmp"
	"math"
	"slices"

	"linli"
)

// rankDepth is how many places of the present order are compared with all
// below: the metric looks at the top.
const rankDepth = 30

// checkGroups demands groups, and one weight within each.
func (d *Dataset) checkGroups() error {
	if d.groups == nil {
		return linli.Invalid("groups", "排序需要分组", "a ranking needs groups")
	}
	if d.weights == nil {
		return nil
	}
	for _, g := range d.groups {
		for _, i := range g {
			if d.weights[i] != d.weights[g[0]] {
				return linli.Invalid("weights", "同一分组内的权重须相同", "weights differ within a group")
			}
		}
	}
	return nil
}

// rankGradients are those of LambdaMART: each pair of rows of a group pushes
// its members apart by what swapping them would change the NDCG.
func rankGradients(out []gradient, score, grade []float64, d *Dataset, threads int) {
	each(len(d.groups), threads, func(k int) {
		rows := d.groups[k]
		for _, i := range rows {
			out[i] = gradient{}
		}
		best := idealDCG(rows, grade, len(rows))
		if best == 0 {
			return
		}
		order := slices.Clone(rows)
		slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(score[b], score[a]) })
		spread := score[order[0]] > score[order[len(order)-1]]
		sum := 0.0
		for a := range min(rankDepth, len(order)-1) {
			for b := a + 1; b < len(order); b++ {
				high, low := order[a], order[b]
				if grade[high] == grade[low] {
					continue
				}
				if grade[high] < grade[low] {
					high, low = low, high
				}
				delta := (relevance(grade[high]) - relevance(grade[low])) * (discount(a) - discount(b)) / best
				apart := score[high] - score[low]
				if spread {
					delta /= 0.01 + math.Abs(apart)
				}
				p := sigmoid(-apart)
				force, bend := p*delta, p*(1-p)*delta
				out[high].g -= force
				out[low].g += force
				out[high].h += bend
				out[low].h += bend
				sum += 2 * force
			}
		}
		if sum > 0 { // groups with many pairs do not outweigh the others
			scale := ln(1+sum) / (math.Ln2 * sum)
			if d.weights != nil {
				scale *= d.weights[rows[0]]
			}
			for _, i := range rows {
				out[i].g *= scale
				out[i].h *= scale
			}
		}
	})
}

func relevance(grade float64) float64 { return float64(uint64(1)<<uint(grade) - 1) }

// discounts of the first places; ln is too slow to be asked for every pair.
var discounts = func() (out [1024]float64) {
	for i := range out {
		out[i] = math.Ln2 / ln(float64(i)+2)
	}
	return out
}()

func discount(place int) float64 {
	if place < len(discounts) {
		return discounts[place]
	}
	return math.Ln2 / ln(float64(place)+2)
}

// idealDCG is that of the best order, cut at k places.
func idealDCG(rows []int32, grade []float64, k int) float64 {
	var count [32]int
	top := 0
	for _, i := range rows {
		count[int(grade[i])]++
		top = max(top, int(grade[i]))
	}
	sum, place := 0.0, 0
	for y := top; y > 0; y-- {
		for range count[y] {
			if place == k {
				return sum
			}
			sum += relevance(float64(y)) * discount(place)
			place++
		}
	}
	return sum
}

// NDCG is the mean normalized discounted cumulative gain at k over the groups,
// gain 2^grade − 1, discount log2(place + 1); equal scores keep the order of
// the rows. Groups where all grades are zero say nothing and are left out; NaN
// when all are.
func NDCG(scores, grades []float64, groups []int, k int) (float64, error) {
	if len(scores) != len(grades) || len(groups) != len(grades) {
		return 0, linli.Invalid("grades", "得分、等级与分组数目不一致", "scores, grades and groups differ in number")
	}
	if k < 1 {
		return 0, linli.Invalid("k", "名次数须至少为 1", "at least one place is judged")
	}
	p := Params{Loss: Rank}
	if err := p.checkTarget(grades); err != nil {
		return 0, err
	}
	sum, n := 0.0, 0
	for _, rows := range grouped(groups) {
		best := idealDCG(rows, grades, k)
		if best == 0 {
			continue
		}
		slices.SortStableFunc(rows, func(a, b int32) int { return cmp.Compare(scores[b], scores[a]) })
		got := 0.0
		for place, i := range rows[:min(k, len(rows))] {
			got += relevance(grades[i]) * discount(place)
		}
		sum += got / best
		n++
	}
	return sum / float64(n), nil
}
