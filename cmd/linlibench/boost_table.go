package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"linli/cmd/linlibench/bench"
	"linli/decide/boost"
)

// readTable reads a CSV with a header. A column with a word in it is a
// category, its codes in the order of the words; label, group and is_test are
// no columns of the table.
func readTable(r *bench.Report, path, label, group string) (*frame, error) {
	data, err := r.Read(path)
	if err != nil {
		return nil, err
	}
	in := csv.NewReader(bytes.NewReader(data))
	in.ReuseRecord = true
	head, err := in.Read()
	if err != nil {
		return nil, bench.Malformed(path, 1, "", "缺少表头", "there is no header")
	}
	head = slices.Clone(head)
	cells := make([][]string, len(head))
	var lines []int
	for {
		record, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			line := 0
			if p, ok := errors.AsType[*csv.ParseError](err); ok {
				line = p.Line
			}
			return nil, bench.Malformed(path, line, "", "这一行不符合表头", "the line does not fit the header: "+err.Error())
		}
		for j, v := range record {
			cells[j] = append(cells[j], strings.Clone(strings.TrimSpace(v)))
		}
		line, _ := in.FieldPos(0)
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return nil, bench.Malformed(path, 2, "", "没有数据行", "there is no row")
	}
	t := &frame{name: path, label: label, group: group}
	for _, name := range []string{label, group} {
		if name != "" && !slices.Contains(head, name) {
			return nil, bench.Malformed(path, 1, name, "没有这一列", "there is no such column")
		}
	}
	for j, name := range head {
		values, words := parsed(cells[j])
		switch name {
		case label:
			t.y = values
			if i := slices.IndexFunc(values, math.IsNaN); i >= 0 || words != nil {
				return nil, bench.Malformed(path, lines[max(i, 0)], name, "目标须为数值且不能缺失", "the label must be a number and not missing")
			}
		case "is_test":
			for i, v := range values {
				if words != nil || v != 0 && v != 1 {
					return nil, bench.Malformed(path, lines[i], name, "须为 0 或 1", "it must be 0 or 1")
				}
				t.test = append(t.test, v == 1)
			}
		case group:
			codes := map[string]int{}
			for _, v := range cells[j] {
				if _, ok := codes[v]; !ok {
					codes[v] = len(codes)
				}
				t.groups = append(t.groups, codes[v])
			}
		default:
			t.columns = append(t.columns, boost.Column{Name: name, Values: values, Category: words != nil})
			t.words = append(t.words, words)
		}
	}
	return t, nil
}

// parsed reads a column: as numbers, or with the words when one cell is none.
func parsed(cells []string) (values []float64, words []string) {
	values = make([]float64, len(cells))
	numeric := true
	for i, s := range cells {
		v, err := strconv.ParseFloat(s, 64)
		switch {
		case s == "" || err == nil && math.IsNaN(v):
			values[i] = math.NaN()
		case err != nil || math.IsInf(v, 0):
			numeric = false
		default:
			values[i] = v
		}
	}
	if numeric {
		return values, nil
	}
	words = slices.Clone(cells)
	slices.Sort(words)
	words = slices.DeleteFunc(slices.Compact(words), func(s string) bool { return s == "" })
	for i, s := range cells {
		values[i] = math.NaN()
		if k, ok := slices.BinarySearch(words, s); ok {
			values[i] = float64(k)
		}
	}
	return values, words
}

// unit is a number in [0, 1) for a row, by the seed.
func unit(seed, row uint64) float64 {
	return float64(rand.NewPCG(seed, row).Uint64()>>11) / (1 << 53)
}

// makeTable draws a table whose target depends on the first five columns, with
// a jump, a product, a wave and a category of nine; a tenth of column x1 is missing.
// Groups are 20 rows each.
func makeTable(n, k int, loss boost.Loss, seed uint64) *frame {
	rng := rand.NewPCG(seed, 1<<32)
	uniform := func() float64 { return float64(rng.Uint64()>>11) / (1 << 53) }
	normal := func() float64 { // near enough: twelve uniforms
		sum := -6.0
		for range 12 {
			sum += uniform()
		}
		return sum
	}
	t := &frame{name: "made", label: "y", group: "q", columns: make([]boost.Column, k), words: make([][]string, k)}
	for j := range t.columns {
		t.columns[j] = boost.Column{Name: "x" + strconv.Itoa(j), Values: make([]float64, n)}
	}
	t.y = make([]float64, n)
	for i := range n {
		x := make([]float64, k)
		for j := range x {
			switch j % 5 {
			case 3:
				x[j] = -math.Log(1 - uniform())
			case 4:
				hi, _ := bits.Mul64(rng.Uint64(), 9)
				x[j] = float64(hi)
			default:
				x[j] = normal()
			}
		}
		f := math.Sin(2*x[0]) + 0.5*x[0]*x[1] + 0.4*x[2] + 0.3*min(x[3], 2)
		if int(x[4])%3 == 0 {
			f += 0.6
		}
		t.y[i] = drawTarget(loss, f, uniform, normal)
		if uniform() < 0.1 {
			x[1] = math.NaN()
		}
		for j, v := range x {
			t.columns[j].Values[i] = v
		}
	}
	if loss == boost.Rank {
		for i := range n {
			t.groups = append(t.groups, i/20)
		}
	}
	return t
}

// drawTarget draws what the loss is for, around f.
func drawTarget(loss boost.Loss, f float64, uniform, normal func() float64) float64 {
	poisson := func(mean float64) (k float64) {
		for p := uniform(); p > math.Exp(-mean); p *= uniform() {
			k++
		}
		return k
	}
	switch loss {
	case boost.Logistic:
		if uniform() < 1/(1+math.Exp(-f)) {
			return 1
		}
		return 0
	case boost.Poisson:
		return poisson(math.Exp(f / 2))
	case boost.Tweedie:
		sum := 0.0
		for range int(poisson(math.Exp(f/2) / 2)) {
			sum -= math.Log(1 - uniform())
		}
		return sum
	case boost.Rank:
		return math.Floor(min(max(1+f+0.5*normal(), 0), 4))
	}
	return f + 0.5*normal()
}
