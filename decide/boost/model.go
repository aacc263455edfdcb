package boost

import (
	"fmt"

	"linli"
)

// leafNode stands for the feature of a node that is not split.
const leafNode = -1

// node is a place in a tree; the first is the root, children come after their parent.
type node struct {
	feature     int32 // column to ask, or leafNode
	left, right int32
	missingLeft bool
	cut         float64 // v ≤ cut goes left
	set         *binset // of a category instead: the bins that go left
	value       float64 // of a leaf; of another node the mean of its rows
	gain        float64
	weight      float64 // of the training rows in it
}

// next is the child a value goes to.
func (n *node) next(v float64, c *cuts) int32 {
	left := v <= n.cut
	switch {
	case n.set != nil:
		left = n.set.has(c.bin(v))
	case v != v:
		left = n.missingLeft
	}
	if left {
		return n.left
	}
	return n.right
}

// settle gives inner nodes the mean of their leaves, after the leaves have
// their final values.
func settle(nodes []node) {
	for i := len(nodes) - 1; i >= 0; i-- {
		if n := &nodes[i]; n.feature != leafNode {
			a, b := &nodes[n.left], &nodes[n.right]
			n.value = (a.weight*a.value + b.weight*b.value) / (a.weight + b.weight)
		}
	}
}

// Model is a trained forest. It is a value: nothing changes it but
// UnmarshalBinary, and any number of goroutines may ask it.
type Model struct {
	loss   Loss
	digest string
	names  []string
	cuts   []cuts
	start  float64
	trees  [][]node
}

// Digest is the digest of the training rows and targets, 16 hex digits.
func (m *Model) Digest() string { return m.digest }

// Trees is the number of trees.
func (m *Model) Trees() int { return len(m.trees) }

// Predict answers rows (a value per column, NaN is missing): means,
// probabilities or quantiles as the loss says, a score for Rank. Trees do not
// extrapolate: outside counts the rows that have a value, a category or a gap
// the training never saw. A row of another length is invalid.
func (m *Model) Predict(rows [][]float64) (predicted []float64, outside int, err error) {
	predicted = make([]float64, len(rows))
	for i, row := range rows {
		if err := checkRow(i, row, len(m.cuts)); err != nil {
			return nil, 0, err
		}
		predicted[i] = m.loss.response(m.margin(row))
		for j := range m.cuts {
			if m.cuts[j].outside(row[j]) {
				outside++
				break
			}
		}
	}
	return predicted, outside, nil
}

func checkRow(i int, row []float64, n int) error {
	if len(row) != n {
		return linli.Invalidf(fmt.Sprintf("rows[%d]", i), "该行 %d 个值，应为 %d 个", "the row has %d values, not %d", len(row), n)
	}
	return nil
}

func (m *Model) margin(row []float64) float64 {
	sum := m.start
	for _, t := range m.trees {
		n := &t[0]
		for n.feature != leafNode {
			n = &t[n.next(row[n.feature], &m.cuts[n.feature])]
		}
		sum += n.value
	}
	return sum
}

// Contributions splits the margin of a row (before the link: log odds, log of
// the mean) into base, which is the mean of the training rows, and a share per
// column: what each question on the way down changed (Saabas 2014). Base and
// shares sum to the margin.
func (m *Model) Contributions(row []float64) (base float64, shares []float64, err error) {
	if err := checkRow(0, row, len(m.cuts)); err != nil {
		return 0, nil, err
	}
	base, shares = m.start, make([]float64, len(m.cuts))
	for _, t := range m.trees {
		n := &t[0]
		base += n.value
		for n.feature != leafNode {
			next := &t[n.next(row[n.feature], &m.cuts[n.feature])]
			shares[n.feature] += next.value - n.value
			n = next
		}
	}
	return base, shares, nil
}

// Gain is what the splits on each column took off the training loss.
func (m *Model) Gain() []float64 {
	gain := make([]float64, len(m.cuts))
	for _, t := range m.trees {
		for i := range t {
			if t[i].feature != leafNode {
				gain[t[i].feature] += t[i].gain
			}
		}
	}
	return gain
}

// Names are the names of the columns.
func (m *Model) Names() []string { return append([]string(nil), m.names...) }
