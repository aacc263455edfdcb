package boost

import (
	"cmp"
	"math"
	"slices"
)

// binset is a set of bins.
type binset [4]uint64

func (s *binset) has(b uint8) bool { return s[b>>6]>>(b&63)&1 == 1 }
func (s *binset) add(b uint8)      { s[b>>6] |= 1 << (b & 63) }

// split is a way to part a leaf.
type split struct {
	gain    float64 // > 0 when there is one
	feature int32   // index of the column in the table
	cut     float64 // v ≤ cut goes left; +Inf parts only the missing; not used by categories
	set     *binset // of a category: the bins that go left
	left    binset  // the same as bins, the missing one included
	sum     sums    // of the left part
}

// smoothing of the order of categories and the most that go to the small side,
// after Ke et al. 2017: few rows of a category say little about it.
const (
	smoothCategory = 10
	maxCategories  = 64
)

// search finds the best split of a leaf; of equal gains the first column and
// the lowest cut win.
func (g *grower) search(l *leaf) {
	found := make([]split, len(g.columns))
	threads := g.p.Threads
	if len(g.columns) < 8 {
		threads = 1
	}
	each(len(g.columns), threads, func(c int) {
		cuts := &g.d.cuts[g.columns[c]]
		if cuts.category {
			found[c] = g.searchCategory(l, &l.hist[c], cuts)
		} else {
			found[c] = g.searchNumber(l, &l.hist[c], cuts)
		}
		found[c].feature = g.columns[c]
	})
	l.best = split{}
	for _, s := range found {
		if better(s.gain, l.best.gain) {
			l.best = s
		}
	}
}

// better is > without what rounding makes of equal gains: a tie is settled by
// the order of the columns and cuts.
func better(a, b float64) bool { return a > b+1e-10*b }

// score is what a leaf with these sums takes off the loss, twice.
func (g *grower) score(s sums) float64 {
	h := s.h + g.p.Lambda
	if h <= 0 {
		return 0
	}
	return s.g * s.g / h
}

// gain is what parting a leaf gains beyond MinGain; not above zero when a side
// is too light.
func (g *grower) gain(l *leaf, whole float64, left sums) float64 {
	right := l.sum.minus(left)
	if left.w < g.p.MinWeight || right.w < g.p.MinWeight {
		return 0
	}
	gain := g.score(left) + g.score(right) - whole - g.p.MinGain
	if gain <= 1e-12*whole { // what rounding alone can make
		return 0
	}
	return gain
}

// searchNumber tries every cut twice: missing goes right, missing goes left.
func (g *grower) searchNumber(l *leaf, h *histogram, c *cuts) split {
	n := c.count()
	whole := g.score(l.sum)
	gone := h[missing]
	some := gone.w > 0
	best, at, missingLeft := 0.0, -1, false
	var sum sums
	try := func(left sums, b int, withMissing bool) {
		if gain := g.gain(l, whole, left); better(gain, best) {
			best, at, missingLeft, sum = gain, b, withMissing, left
		}
	}
	var left sums
	for b := range n {
		s := &h[b]
		if s.w == 0 {
			continue
		}
		left.g += s.g
		left.h += s.h
		left.w += s.w
		if b < n-1 || some {
			try(left, b, false)
		}
		if some && b < n-1 {
			try(sums{left.g + gone.g, left.h + gone.h, left.w + gone.w}, b, true)
		}
	}
	if at < 0 {
		return split{}
	}
	// Cuts in a gap without rows are all alike to the training; the middle one
	// is the fairest to what comes.
	end := at + 1
	for end < n && h[end].w == 0 {
		end++
	}
	at = (at + end - 1) / 2
	s := split{gain: best, cut: math.Inf(1), sum: sum}
	if at < n-1 {
		s.cut = c.upper[at]
	}
	for b := 0; b <= at; b++ {
		s.left.add(uint8(b))
	}
	if missingLeft || !some && sum.w > l.sum.w-sum.w { // never seen missing: with the many
		s.left.add(missing)
	}
	return s
}

// searchCategory orders the categories by their gradient and cuts this order
// from both ends (Fisher 1958: the best parting is one of these for L2).
func (g *grower) searchCategory(l *leaf, h *histogram, c *cuts) split {
	type entry struct {
		bin  uint8
		step float64
	}
	var order []entry
	for b := range c.count() {
		if h[b].w > 0 {
			order = append(order, entry{uint8(b), h[b].g / (h[b].h + smoothCategory)})
		}
	}
	if h[missing].w > 0 {
		order = append(order, entry{missing, h[missing].g / (h[missing].h + smoothCategory)})
	}
	slices.SortStableFunc(order, func(a, b entry) int { return cmp.Compare(a.step, b.step) })
	whole := g.score(l.sum)
	best, size, backward := 0.0, 0, false
	var sum sums
	for _, back := range []bool{false, true} {
		var left sums
		for k := range min(len(order)-1, maxCategories) {
			s := &h[order[k].bin]
			if back {
				s = &h[order[len(order)-1-k].bin]
			}
			left.g += s.g
			left.h += s.h
			left.w += s.w
			if gain := g.gain(l, whole, left); better(gain, best) {
				best, size, backward, sum = gain, k+1, back, left
			}
		}
	}
	if size == 0 {
		return split{}
	}
	if backward {
		slices.Reverse(order)
	}
	s := split{gain: best, sum: sum, set: new(binset)}
	for _, e := range order[:size] {
		s.left.add(e.bin)
		s.set.add(e.bin)
	}
	return s
}
