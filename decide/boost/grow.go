package boost

import (
	"sync"
	"sync/atomic"
)

// sums are what a bin, or a leaf, holds: first and second derivatives and the
// weight of its rows.
type sums struct{ g, h, w float64 }

func (s sums) minus(o sums) sums { return sums{s.g - o.g, s.h - o.h, s.w - o.w} }

// histogram holds the sums of every bin of one column.
type histogram [256]sums

// grower grows one tree after the other in the same memory.
type grower struct {
	d       *Dataset
	p       *Params
	grad    []gradient
	rows    []int32 // the rows of the leaves, each leaf a part, ascending
	scratch []int32
	ordered []gradient // gradients of the leaf that is summed, in its order
	weight  []float64  // weights in the same order
	spare   [][]histogram
	columns []int32 // the columns of this tree
}

// grown is a tree and its leaves.
type grown struct {
	nodes  []node
	lefts  []binset // by node: the bins that go left
	leaves []*leaf
}

// add appends a leaf's node.
func (t *grown) add(g *grower, l *leaf) {
	l.at = len(t.nodes)
	t.nodes = append(t.nodes, node{feature: leafNode, value: g.value(l.sum), weight: l.sum.w})
	t.lefts = append(t.lefts, binset{})
}

// leaf is a node that may still be split.
type leaf struct {
	at    int // its node
	depth int
	rows  []int32
	sum   sums
	hist  []histogram // by position in grower.columns; nil when it is not to be split
	best  split
}

func newGrower(d *Dataset, p *Params) *grower {
	g := &grower{d: d, p: p, grad: make([]gradient, d.rows), rows: make([]int32, d.rows), scratch: make([]int32, d.rows), ordered: make([]gradient, d.rows)}
	if d.weights != nil {
		g.weight = make([]float64, d.rows)
	}
	return g
}

// grow makes a tree for the present gradients, best leaf first; of equal gains
// the older leaf is split first. nil rows or columns mean all.
func (g *grower) grow(rows, columns []int32) *grown {
	if rows == nil {
		g.rows = g.rows[:g.d.rows]
		for i := range g.rows {
			g.rows[i] = int32(i)
		}
	} else {
		g.rows = append(g.rows[:0], rows...)
	}
	if columns == nil {
		columns = make([]int32, len(g.d.bins))
		for i := range columns {
			columns[i] = int32(i)
		}
	}
	g.columns = columns
	root := &leaf{rows: g.rows, sum: g.total(g.rows)}
	t := &grown{leaves: []*leaf{root}}
	t.add(g, root)
	if g.splittable(root) {
		g.sum(root)
		g.search(root)
	}
	for len(t.leaves) < g.p.Leaves {
		next := -1
		for i, l := range t.leaves {
			if l.best.gain > 0 && (next < 0 || better(l.best.gain, t.leaves[next].best.gain)) {
				next = i
			}
		}
		if next < 0 {
			break
		}
		left, right := g.part(t, t.leaves[next])
		t.leaves[next] = left
		t.leaves = append(t.leaves, right)
	}
	for _, l := range t.leaves {
		g.drop(l)
	}
	return t
}

func (g *grower) total(rows []int32) sums {
	var s sums
	for _, i := range rows {
		s.g += g.grad[i].g
		s.h += g.grad[i].h
		if g.d.weights != nil {
			s.w += g.d.weights[i]
		}
	}
	if g.d.weights == nil {
		s.w = float64(len(rows))
	}
	return s
}

// value is the Newton step of a leaf, shortened by the rate.
func (g *grower) value(s sums) float64 {
	if s.h+g.p.Lambda <= 0 {
		return 0
	}
	return -g.p.Rate * s.g / (s.h + g.p.Lambda)
}

func (g *grower) splittable(l *leaf) bool {
	return (g.p.Depth == 0 || l.depth < g.p.Depth) && l.sum.w >= 2*g.p.MinWeight && len(l.rows) > 1
}

// part splits a leaf along its best split. Only the smaller child is summed;
// the other's histogram is what remains of the parent's.
func (g *grower) part(t *grown, l *leaf) (left, right *leaf) {
	s := l.best
	bins := g.d.bins[s.feature]
	k, m := 0, 0
	for _, i := range l.rows {
		if s.left.has(bins[i]) {
			l.rows[k] = i
			k++
		} else {
			g.scratch[m] = i
			m++
		}
	}
	copy(l.rows[k:], g.scratch[:m])
	left = &leaf{depth: l.depth + 1, rows: l.rows[:k], sum: s.sum}
	right = &leaf{depth: l.depth + 1, rows: l.rows[k:], sum: l.sum.minus(s.sum)}
	t.add(g, left)
	t.add(g, right)
	t.lefts[l.at] = s.left
	n := &t.nodes[l.at]
	n.feature, n.left, n.right, n.gain = s.feature, int32(left.at), int32(right.at), s.gain
	n.cut, n.missingLeft, n.set = s.cut, s.left.has(missing), s.set

	small, large := left, right
	if k > m {
		small, large = right, left
	}
	full := len(t.leaves)+1 >= g.p.Leaves
	if full || !g.splittable(left) && !g.splittable(right) {
		g.drop(l)
		return left, right
	}
	g.sum(small)
	large.hist, l.hist = l.hist, nil
	for c := range large.hist {
		a, b := &large.hist[c], &small.hist[c]
		for i := range a {
			a[i] = a[i].minus(b[i])
		}
	}
	for _, child := range []*leaf{left, right} {
		if g.splittable(child) {
			g.search(child)
		}
		if child.best.gain <= 0 {
			g.drop(child)
		}
	}
	return left, right
}

// drop gives the histograms of a leaf back.
func (g *grower) drop(l *leaf) {
	if l.hist != nil {
		g.spare = append(g.spare, l.hist)
		l.hist = nil
	}
}

// sum fills the histograms of a leaf from its rows. A column is summed by one
// thread in the order of the rows, so threads do not change the sums.
func (g *grower) sum(l *leaf) {
	if k := len(g.spare); k > 0 && len(g.spare[k-1]) == len(g.columns) {
		l.hist, g.spare = g.spare[k-1], g.spare[:k-1]
		clear(l.hist)
	} else {
		l.hist = make([]histogram, len(g.columns))
	}
	ordered := g.grad
	weight := g.d.weights
	if len(l.rows) < g.d.rows {
		ordered = g.ordered[:len(l.rows)]
		for k, i := range l.rows {
			ordered[k] = g.grad[i]
		}
		if weight != nil {
			weight = g.weight[:len(l.rows)]
			for k, i := range l.rows {
				weight[k] = g.d.weights[i]
			}
		}
	}
	threads := g.p.Threads
	if len(l.rows)*len(g.columns) < 1<<15 {
		threads = 1
	}
	each(len(g.columns), threads, func(c int) {
		h, bins := &l.hist[c], g.d.bins[g.columns[c]]
		switch {
		case weight != nil:
			h.addWeighted(bins, l.rows, ordered, weight)
		case g.p.lean():
			h.addLean(bins, l.rows, ordered)
		default:
			h.add(bins, l.rows, ordered)
		}
	})
}

func (h *histogram) add(bins []uint8, rows []int32, grad []gradient) {
	grad = grad[:len(rows)]
	for k, i := range rows {
		s := &h[bins[i]]
		s.g += grad[k].g
		s.h += grad[k].h
		s.w++
	}
}

// addLean serves losses whose second derivative is the weight.
func (h *histogram) addLean(bins []uint8, rows []int32, grad []gradient) {
	grad = grad[:len(rows)]
	for k, i := range rows {
		s := &h[bins[i]]
		s.g += grad[k].g
		s.w++
	}
	for b := range h {
		h[b].h = h[b].w
	}
}

func (h *histogram) addWeighted(bins []uint8, rows []int32, grad []gradient, weight []float64) {
	grad, weight = grad[:len(rows)], weight[:len(rows)]
	for k, i := range rows {
		s := &h[bins[i]]
		s.g += grad[k].g
		s.h += grad[k].h
		s.w += weight[k]
	}
}

// each runs do for 0 … n-1 on so many threads.
func each(n, threads int, do func(i int)) {
	if threads == 1 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(threads, n) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wait.Wait()
}

// raise adds the tree to the margins of all rows: those it was grown on are in
// its leaves, the others (nil: none) find their way.
func (g *grower) raise(t *grown, margin []float64, others []int32) {
	for _, l := range t.leaves {
		v := t.nodes[l.at].value
		for _, i := range l.rows {
			margin[i] += v
		}
	}
	blocks(len(others), g.p.Threads, func(from, to int) {
		for _, i := range others[from:to] {
			at := 0
			for t.nodes[at].feature != leafNode {
				n := &t.nodes[at]
				if t.lefts[at].has(g.d.bins[n.feature][i]) {
					at = int(n.left)
				} else {
					at = int(n.right)
				}
			}
			margin[i] += t.nodes[at].value
		}
	})
}

// quantiles replaces the value of each leaf by the quantile of what is left
// to explain in it: the loss has no curvature to step along.
func (g *grower) quantiles(t *grown, margin, target []float64) {
	for _, l := range t.leaves {
		rest := make([]float64, len(l.rows))
		var weights []float64
		if g.d.weights != nil {
			weights = make([]float64, len(l.rows))
		}
		for k, i := range l.rows {
			rest[k] = target[i] - margin[i]
			if weights != nil {
				weights[k] = g.d.weights[i]
			}
		}
		t.nodes[l.at].value = g.p.Rate * quantile(rest, weights, g.p.Alpha)
	}
}
