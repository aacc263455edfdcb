package route

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"linli"
)

// spreadCost recomputes what a spread costs; not ok when a day is not allowed.
func spreadCost(costs [][]int64, load func(int, int) int64, on []int) (sum int64, ok bool) {
	count := map[int]int{}
	for v, d := range on {
		if d < 0 {
			continue
		}
		if costs[v][d] < 0 {
			return 0, false
		}
		count[d]++
		sum += costs[v][d] + load(d, count[d])
	}
	return sum, true
}

func TestSpreadIsAsCheapAsBruteForce(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 1))
	for round := range 3000 {
		days, visits := 1+r.IntN(4), r.IntN(7)
		price := make([][]int64, days)
		for d := range price {
			at := int64(r.IntN(10)) - 3
			for range visits + 1 {
				price[d] = append(price[d], at)
				at += int64(r.IntN(8))
			}
		}
		load := func(day, k int) int64 { return price[day][k-1] }
		costs := make([][]int64, visits)
		for v := range costs {
			for range days {
				c := int64(r.IntN(20))
				if r.IntN(4) == 0 {
					c = -1
				}
				costs[v] = append(costs[v], c)
			}
		}
		on, err := Spread(costs, load)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := spreadCost(costs, load, on)
		for v, d := range on {
			if (d < 0) != !slices.ContainsFunc(costs[v], func(c int64) bool { return c >= 0 }) {
				t.Fatalf("round %d: visit %d is on day %d of %v", round, v, d, costs[v])
			}
		}
		best, try := int64(1<<60), slices.Clone(on)
		var each func(v int)
		each = func(v int) {
			if v == visits {
				if c, fine := spreadCost(costs, load, try); fine {
					best = min(best, c)
				}
				return
			}
			if on[v] < 0 {
				each(v + 1)
				return
			}
			for d := range days {
				try[v] = d
				each(v + 1)
			}
		}
		each(0)
		if !ok || got != best {
			t.Fatalf("round %d: %v costs %d (%v), the best %d; costs %v, prices %v", round, on, got, ok, best, costs, price)
		}
	}
}

// Where days differ in nothing, no two differ by more than one visit.
func TestEqualDaysAreFilledEvenly(t *testing.T) {
	t.Parallel()
	for _, visits := range []int{1, 7, 40, 333} {
		costs := make([][]int64, visits)
		for v := range costs {
			costs[v] = make([]int64, 14)
		}
		on, err := Spread(costs, func(_, k int) int64 { return int64(k) })
		if err != nil {
			t.Fatal(err)
		}
		count := make([]int, 14)
		for _, d := range on {
			count[d]++
		}
		if slices.Max(count)-slices.Min(count) > 1 {
			t.Errorf("%d visits lie as %v", visits, count)
		}
	}
	if _, err := Spread([][]int64{{1, 2}, {1}}, nil); linli.KindOf(err) != linli.KindInvalid {
		t.Errorf("rows of two lengths: %v", err)
	}
}

func BenchmarkSpread(b *testing.B) {
	for _, visits := range []int{100, 1000} {
		r := rand.New(rand.NewPCG(1, 2))
		costs := make([][]int64, visits)
		for v := range costs {
			for range 21 {
				costs[v] = append(costs[v], int64(r.IntN(3000)))
			}
		}
		b.Run(fmt.Sprint(visits), func(b *testing.B) {
			for b.Loop() {
				if _, err := Spread(costs, func(_, k int) int64 { return int64(k) * 60 }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
