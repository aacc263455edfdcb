package route

import (
	"math"

	"linli"
)

// Spread gives every visit a day: the level above the day solver, whose marginal
// costs are its prices. costs[v][d] is what visit v costs on day d, negative where
// the day is not allowed; load(d, k) is the price of the k-th visit (from 1) that a
// day takes and must not fall as k grows, which is what keeps days even. The sum of
// both is as small as it can be; among equals the answer is always the same. A visit
// that no day is allowed for gets -1. Rows of another length are invalid.
func Spread(costs [][]int64, load func(day, k int) int64) ([]int, error) {
	if len(costs) == 0 {
		return nil, nil
	}
	days := len(costs[0])
	for v := range costs {
		if len(costs[v]) != days {
			return nil, linli.Invalidf("costs", "第 %d 行的天数不对", "row %d has another number of days", v)
		}
	}
	s := spread{costs: costs, load: load, on: make([]int, len(costs)), count: make([]int, days)}
	for v := range costs {
		s.on[v] = -1
	}
	for v := range costs {
		s.seat(v)
	}
	return s.on, nil
}

// spread is a minimum-cost flow of visits into days, each seated along a shortest
// path that may push others to their next best days.
type spread struct {
	costs [][]int64
	load  func(day, k int) int64
	on    []int // the day of each visit
	count []int // visits of each day
}

// seat adds a visit. All visits of a day count alike, so the way from one day to
// another costs what the visit costs more that is moved most cheaply; the last day of
// the way pays for one visit more. Paths have no cycles of negative cost as long as
// what is seated is as cheap as it can be, which every shortest path keeps.
func (s *spread) seat(v int) {
	days := len(s.count)
	step, mover := make([]int64, days*days), make([]int, days*days)
	for i := range step {
		step[i] = math.MaxInt64
	}
	for x, d := range s.on {
		if d < 0 {
			continue
		}
		for e, c := range s.costs[x] {
			if e != d && c >= 0 && c-s.costs[x][d] < step[d*days+e] {
				step[d*days+e], mover[d*days+e] = c-s.costs[x][d], x
			}
		}
	}
	far, from := make([]int64, days), make([]int, days)
	for d := range days {
		far[d], from[d] = math.MaxInt64, -1
		if c := s.costs[v][d]; c >= 0 {
			far[d] = c
		}
	}
	for range days { // Bellman and Ford: steps may be negative
		changed := false
		for d := range days {
			if far[d] == math.MaxInt64 {
				continue
			}
			for e := range days {
				if c := step[d*days+e]; c < math.MaxInt64 && far[d]+c < far[e] {
					far[e], from[e], changed = far[d]+c, d, true
				}
			}
		}
		if !changed {
			break
		}
	}
	last, best := -1, int64(math.MaxInt64)
	for d := range days {
		if far[d] < math.MaxInt64 {
			if c := far[d] + s.load(d, s.count[d]+1); c < best {
				last, best = d, c
			}
		}
	}
	if last < 0 {
		return
	}
	s.count[last]++
	for e := last; ; e = from[e] {
		d := from[e]
		if d < 0 {
			s.on[v] = e
			return
		}
		s.on[mover[d*days+e]] = e
	}
}
