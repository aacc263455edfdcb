package boost

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"slices"

	"linli"
)

// MaxBins is the most value bins a column can have; missing has its own.
const MaxBins = 255

// missing is the bin of NaN.
const missing = 255

// Column is one feature of a table.
type Column struct {
	Name     string    // for the reader of Gain; may be empty
	Values   []float64 // a value per row; NaN is missing, infinities are refused
	Category bool      // the values are codes 0, 1, 2, … without order
	Late     bool      // not known at prediction time: Train refuses the table
}

// Dataset is a table, binned once for any number of trainings. It may be
// shared between goroutines.
type Dataset struct {
	rows    int
	names   []string
	late    int // 1 + index of a column that is not known in time, or 0
	bins    [][]uint8
	cuts    []cuts
	weights []float64 // nil: all one
	groups  [][]int32 // rows of each group, by first row; nil without groups
	digest  [sha256.Size]byte
}

// cuts turn a value of one column into its bin.
type cuts struct {
	category bool
	upper    []float64 // bin k holds upper[k-1] < v ≤ upper[k]; the last bin has no upper end
	codes    []float64 // of a category, ascending: code → bin of the same index
	low      float64   // least and greatest value seen; NaN when all are missing
	high     float64
	gaps     bool // some value was missing
}

// count is the number of value bins.
func (c *cuts) count() int {
	if c.category {
		return len(c.codes)
	}
	return len(c.upper) + 1
}

// bin places a value; an unknown category counts as missing.
func (c *cuts) bin(v float64) uint8 {
	if v != v {
		return missing
	}
	if c.category {
		if i, ok := slices.BinarySearch(c.codes, v); ok {
			return uint8(i)
		}
		return missing
	}
	low, n := 0, len(c.upper) // least k with v ≤ upper[k]
	for n > 0 {
		half := n / 2
		if c.upper[low+half] < v {
			low += half + 1
			n -= half + 1
		} else {
			n = half
		}
	}
	return uint8(low)
}

// outside tells whether a value lies where training saw nothing.
func (c *cuts) outside(v float64) bool {
	switch {
	case v != v:
		return !c.gaps
	case c.category:
		_, ok := slices.BinarySearch(c.codes, v)
		return !ok
	}
	return !(v >= c.low && v <= c.high)
}

// NewDataset bins columns of equal length into at most bins (2 to 255) value
// bins each. Weights are positive or nil (all one); groups give the query each
// row belongs to, for rankings, or are nil. The values are not kept. Of a
// category with more codes than bins the heaviest keep a bin of their own, the
// others count as missing. Errors are invalid, with column and row.
func NewDataset(columns []Column, weights []float64, groups []int, bins int) (*Dataset, error) {
	if len(columns) == 0 || len(columns[0].Values) == 0 {
		return nil, linli.Invalid("columns", "表中没有数据", "the table is empty")
	}
	if bins < 2 || bins > MaxBins {
		return nil, linli.Invalidf("bins", "分箱数 %d 须在 2 到 255 之间", "%d bins; 2 to 255 are possible", bins)
	}
	n := len(columns[0].Values)
	if n > math.MaxInt32/2 {
		return nil, linli.Invalidf("columns", "行数 %d 过多", "%d rows are too many", n)
	}
	if weights != nil && len(weights) != n {
		return nil, linli.Invalidf("weights", "权重 %d 个，行 %d 个，数目不一致", "%d weights for %d rows", len(weights), n)
	}
	for i, w := range weights {
		if !(w > 0) || math.IsInf(w, 0) {
			return nil, linli.Invalidf(fmt.Sprintf("weights[%d]", i), "权重 %v 必须大于零", "the weight %v is not positive", w)
		}
	}
	if groups != nil && len(groups) != n {
		return nil, linli.Invalidf("groups", "分组 %d 个，行 %d 个，数目不一致", "%d groups for %d rows", len(groups), n)
	}
	d := &Dataset{rows: n, weights: slices.Clone(weights), groups: grouped(groups)}
	sum := sha256.New()
	for j, c := range columns {
		if err := checkColumn(c, j, n); err != nil {
			return nil, err
		}
		if c.Late && d.late == 0 {
			d.late = j + 1
		}
		digestFloats(sum, c.Values)
		k := cutsOf(c, weights, bins)
		b := make([]uint8, n)
		for i, v := range c.Values {
			b[i] = k.bin(v)
		}
		d.names, d.cuts, d.bins = append(d.names, c.Name), append(d.cuts, k), append(d.bins, b)
	}
	digestFloats(sum, weights)
	ids := make([]float64, len(groups))
	for i, g := range groups {
		ids[i] = float64(g)
	}
	digestFloats(sum, ids)
	sum.Sum(d.digest[:0])
	return d, nil
}

func checkColumn(c Column, j, n int) error {
	if len(c.Values) != n {
		return linli.Invalidf(fmt.Sprintf("columns[%d]", j), "该列 %d 行，应为 %d 行", "the column has %d rows, not %d", len(c.Values), n)
	}
	for i, v := range c.Values {
		switch {
		case math.IsInf(v, 0):
			return linli.Invalidf(fmt.Sprintf("columns[%d][%d]", j, i), "数值不能为 %v", "the value is %v", v)
		case c.Category && v == v && (v < 0 || v != math.Trunc(v)):
			return linli.Invalidf(fmt.Sprintf("columns[%d][%d]", j, i), "类别编码 %v 须为非负整数", "the category %v is not a whole number from 0", v)
		}
	}
	return nil
}

// grouped lists the rows of each group, the group of the first row first.
func grouped(groups []int) [][]int32 {
	if groups == nil {
		return nil
	}
	at := map[int]int{}
	var out [][]int32
	for i, g := range groups {
		k, ok := at[g]
		if !ok {
			k = len(out)
			at[g] = k
			out = append(out, nil)
		}
		out[k] = append(out[k], int32(i))
	}
	return out
}

// atom is a distinct value and the weight of its rows.
type atom struct{ value, weight float64 }

// atoms are the distinct values of a column, ascending.
func atoms(values, weights []float64) []atom {
	all := make([]atom, 0, len(values))
	if weights == nil {
		sorted := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
		slices.Sort(sorted)
		for _, v := range sorted {
			all = append(all, atom{v, 1})
		}
	} else {
		for i, v := range values {
			if v == v {
				all = append(all, atom{v, weights[i]})
			}
		}
		slices.SortFunc(all, func(a, b atom) int { return cmp.Compare(a.value, b.value) })
	}
	out := all[:0]
	for _, a := range all {
		if k := len(out); k > 0 && out[k-1].value == a.value {
			out[k-1].weight += a.weight
		} else {
			out = append(out, a)
		}
	}
	return out
}

func cutsOf(c Column, weights []float64, bins int) cuts {
	all := atoms(c.Values, weights)
	k := cuts{category: c.Category, low: math.NaN(), high: math.NaN()}
	k.gaps = slices.ContainsFunc(c.Values, func(v float64) bool { return v != v })
	if len(all) == 0 {
		return k
	}
	k.low, k.high = all[0].value, all[len(all)-1].value
	if c.Category {
		slices.SortStableFunc(all, func(a, b atom) int { return cmp.Compare(b.weight, a.weight) })
		k.gaps = k.gaps || len(all) > bins
		for _, a := range all[:min(len(all), bins)] {
			k.codes = append(k.codes, a.value)
		}
		slices.Sort(k.codes)
		return k
	}
	k.upper = quantileCuts(all, bins)
	return k
}

// quantileCuts closes a bin when it holds its share of the weight that is left,
// so that heavy values do not use up the bins of the others.
func quantileCuts(all []atom, bins int) []float64 {
	left := 0.0
	for _, a := range all {
		left += a.weight
	}
	var upper []float64
	held := 0.0
	for i, a := range all[:len(all)-1] {
		held += a.weight
		open := bins - len(upper) // bins that are left, this one included
		if open == 1 {
			break
		}
		share := left / float64(open)
		if len(all)-i <= open || held >= share || held+all[i+1].weight/2 > share {
			upper = append(upper, between(a.value, all[i+1].value))
			left -= held
			held = 0
		}
	}
	return upper
}

// between is a cut that a lies at or below and b above.
func between(a, b float64) float64 {
	if m := a/2 + b/2; m >= a && m < b {
		return m
	}
	return a
}

func digestFloats(h hash.Hash, values []float64) {
	var b [4096]byte
	n := 0
	for _, v := range values {
		binary.LittleEndian.PutUint64(b[n:], math.Float64bits(v))
		if n += 8; n == len(b) {
			h.Write(b[:])
			n = 0
		}
	}
	binary.LittleEndian.PutUint64(b[n:], uint64(len(values)))
	h.Write(b[:n+8])
}

// digestOf is the training digest: the table and the target, in 16 hex digits.
func digestOf(d *Dataset, target []float64) string {
	h := sha256.New()
	h.Write(d.digest[:])
	digestFloats(h, target)
	return hex.EncodeToString(h.Sum(nil))[:16]
}
