package boost

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// table makes n rows of k columns; the target depends on the first three, and
// every seventh value of column 1 is missing.
func table(n, k int, seed uint64) (columns []Column, target []float64) {
	rng := rand.New(rand.NewPCG(seed, 7))
	columns = make([]Column, k)
	for j := range columns {
		columns[j].Values = make([]float64, n)
		for i := range n {
			columns[j].Values[i] = rng.NormFloat64()
		}
	}
	target = make([]float64, n)
	for i := range n {
		a, b, c := columns[0].Values[i], columns[1].Values[i], columns[2].Values[i]
		target[i] = math.Sin(2*a) + a*b + 0.5*c + 0.3*rng.NormFloat64()
		if i%7 == 0 {
			columns[1].Values[i] = math.NaN()
		}
	}
	return columns, target
}

func rowsOf(columns []Column) [][]float64 {
	rows := make([][]float64, len(columns[0].Values))
	for i := range rows {
		for _, c := range columns {
			rows[i] = append(rows[i], c.Values[i])
		}
	}
	return rows
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func train(t testing.TB, columns []Column, target, weights []float64, p Params) *Model {
	t.Helper()
	d := must[*Dataset](t)(NewDataset(columns, weights, nil, MaxBins))
	return must[*Model](t)(Train(context.Background(), d, target, p, 1))
}

func predict(t testing.TB, m *Model, columns []Column) []float64 {
	t.Helper()
	out, _, err := m.Predict(rowsOf(columns))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// targets makes a fitting target for each loss out of one of numbers.
func targets(loss Loss, y []float64) []float64 {
	out := slices.Clone(y)
	for i, v := range y {
		switch loss {
		case Logistic:
			out[i] = 0
			if v > 0 {
				out[i] = 1
			}
		case Poisson:
			out[i] = math.Round(math.Exp(v / 2))
		case Tweedie:
			out[i] = max(0, v)
		}
	}
	return out
}

func TestTrainingLossNeverRises(t *testing.T) {
	t.Parallel()
	columns, y := table(600, 5, 1)
	for _, rate := range []float64{0.1, 0.5, 1} {
		last := math.Inf(1)
		for trees := 1; trees <= 40; trees += 3 {
			m := train(t, columns, y, nil, Params{Trees: trees, Rate: rate, MinWeight: 5})
			loss := must[float64](t)(Params{}.Deviance(predict(t, m, columns), y, nil))
			if loss > last*(1+1e-12) {
				t.Errorf("rate %v: %d trees raise the loss from %v to %v", rate, trees, last, loss)
			}
			last = loss
		}
		if last > 0.2 {
			t.Errorf("rate %v: the loss stays at %v: nothing is learned", rate, last)
		}
	}
}

func TestEveryLossLearnsOnRowsItHasNotSeen(t *testing.T) {
	t.Parallel()
	columns, y := table(3000, 4, 2)
	unseen, z := table(3000, 4, 3)
	for _, loss := range []Loss{L2, Logistic, Poisson, Tweedie, Quantile} {
		p := Params{Loss: loss, Alpha: 0.8}
		a, b := targets(loss, y), targets(loss, z)
		m := train(t, columns, a, nil, p)
		got := predict(t, m, unseen)
		constant := make([]float64, len(b))
		full := p.filled()
		for i := range constant {
			constant[i] = loss.response(full.start(a, nil))
		}
		best := must[float64](t)(p.Deviance(got, b, nil))
		none := must[float64](t)(p.Deviance(constant, b, nil))
		if !(best < 0.7*none) {
			t.Errorf("%s: deviance %v, of the constant %v", loss, best, none)
		}
		if loss == Quantile {
			below := 0
			for i := range b {
				if b[i] <= got[i] {
					below++
				}
			}
			if share := float64(below) / float64(len(b)); share < 0.74 || share > 0.86 {
				t.Errorf("%v of the targets lie below their 0.8 quantile", share)
			}
		}
	}
}

func TestAConstantTargetGivesTheConstant(t *testing.T) {
	t.Parallel()
	columns, y := table(200, 3, 4)
	for loss, constant := range map[Loss]float64{L2: 0.1, Quantile: -3.7, Poisson: 2, Tweedie: 0.3, Logistic: 0.25} {
		for i := range y {
			y[i] = constant
		}
		for _, got := range predict(t, train(t, columns, y, nil, Params{Loss: loss, MinWeight: 1}), columns) {
			exact := loss == L2 || loss == Quantile
			if exact && got != constant || math.Abs(got-constant) > 1e-12 {
				t.Fatalf("%s: %v instead of %v", loss, got, constant)
			}
		}
	}
}

func TestDuplicatedRowsEqualDoubledWeights(t *testing.T) {
	t.Parallel()
	columns, y := table(300, 4, 5)
	columns = append(columns, Column{Category: true, Values: make([]float64, 300)})
	weights, twice := make([]float64, 300), make([]Column, len(columns))
	var yy []float64
	for i := range y {
		columns[4].Values[i] = float64(i % 5)
		weights[i] = 1
		if i%3 == 0 {
			weights[i] = 2
		}
		for range int(weights[i]) {
			for j := range columns {
				twice[j].Category = columns[j].Category
				twice[j].Values = append(twice[j].Values, columns[j].Values[i])
			}
			yy = append(yy, y[i])
		}
	}
	for _, loss := range []Loss{L2, Logistic, Poisson, Tweedie, Quantile} {
		p := Params{Loss: loss, Trees: 20, MinWeight: 12}
		a := predict(t, train(t, columns, targets(loss, y), weights, p), columns)
		b := predict(t, train(t, twice, targets(loss, yy), nil, p), columns)
		for i := range a {
			if math.Abs(a[i]-b[i]) > 1e-9 {
				t.Fatalf("%s row %d: %v and %v", loss, i, a[i], b[i])
			}
		}
	}
}

func TestMonotoneTransformsChangeNoSplit(t *testing.T) {
	t.Parallel()
	columns, y := table(500, 4, 6)
	bent := make([]Column, len(columns))
	for j, c := range columns {
		for _, v := range c.Values {
			bent[j].Values = append(bent[j].Values, math.Exp(v)+v)
		}
	}
	p := Params{Trees: 30, MinWeight: 3}
	a, b := train(t, columns, y, nil, p), train(t, bent, y, nil, p)
	if !slices.Equal(predict(t, a, columns), predict(t, b, bent)) {
		t.Error("the predictions of the training rows moved")
	}
	if !slices.Equal(a.Gain(), b.Gain()) {
		t.Error("the gains moved")
	}
}

func TestTheFirstSplitIsTheBestOfAll(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 1))
	for round := range 200 {
		n := 5 + rng.IntN(46)
		columns, y := make([]Column, 3), make([]float64, n)
		for i := range n {
			y[i] = rng.NormFloat64()
			for j := range columns {
				v := float64(rng.IntN(6 + 20*j))
				if rng.IntN(5) == 0 {
					v = math.NaN()
				}
				columns[j].Values = append(columns[j].Values, v)
			}
		}
		least := 1 + rng.IntN(3)
		m := train(t, columns, y, nil, Params{Trees: 1, Leaves: 2, Rate: 1, MinWeight: float64(least)})
		want := bruteForce(columns, y, least)
		got := 0.0
		for _, g := range m.Gain() {
			got += g
		}
		if math.Abs(got-want) > 1e-9 {
			t.Fatalf("round %d: gain %v, brute force %v", round, got, want)
		}
	}
}

// bruteForce is the most that parting the rows once takes off the squared error.
func bruteForce(columns []Column, y []float64, least int) float64 {
	squares := func(in func(i int) bool) (float64, int) {
		sum, sq, n := 0.0, 0.0, 0
		for i, v := range y {
			if in(i) {
				sum, sq, n = sum+v, sq+v*v, n+1
			}
		}
		return sq - sum*sum/float64(max(n, 1)), n
	}
	whole, _ := squares(func(int) bool { return true })
	best := 0.0
	for _, c := range columns {
		for _, cut := range append(slices.Clone(c.Values), math.Inf(1)) {
			for _, missingLeft := range []bool{false, true} {
				left := func(i int) bool { return c.Values[i] <= cut || missingLeft && math.IsNaN(c.Values[i]) }
				a, n := squares(left)
				b, m := squares(func(i int) bool { return !left(i) })
				if n >= least && m >= least {
					best = max(best, whole-a-b)
				}
			}
		}
	}
	return best
}

func TestColumnsWithNothingToSayAreNotAsked(t *testing.T) {
	t.Parallel()
	columns, y := table(400, 3, 8)
	gone, same := make([]float64, 400), make([]float64, 400)
	for i := range gone {
		gone[i], same[i] = math.NaN(), 4
	}
	columns = append(columns, Column{Values: gone}, Column{Values: same}, Column{Values: gone, Category: true}, Column{Values: same, Category: true})
	m := train(t, columns, y, nil, Params{MinWeight: 5})
	for j, g := range m.Gain() {
		if (j < 3) != (g > 0) {
			t.Errorf("column %d gained %v", j, g)
		}
	}
}

func TestMissingIsAValueOfItsOwn(t *testing.T) {
	t.Parallel()
	x, y := make([]float64, 100), make([]float64, 100)
	for i := range x {
		x[i], y[i] = float64(i%10), 1
		if i%2 == 0 {
			x[i], y[i] = math.NaN(), 5
		}
	}
	m := train(t, []Column{{Values: x}}, y, nil, Params{Rate: 1, Trees: 3})
	got, outside, err := m.Predict([][]float64{{math.NaN()}, {3}, {-1}, {10}})
	if err != nil || outside != 2 || !slices.Equal(got, []float64{5, 1, 1, 1}) {
		t.Errorf("%v, %d outside, %v", got, outside, err)
	}
}

func TestCategoriesAreOrderedByWhatTheyDo(t *testing.T) {
	t.Parallel()
	x, y := make([]float64, 1200), make([]float64, 1200)
	for i := range x {
		x[i] = float64(i % 12)
		if i%12 == 1 || i%12 == 5 || i%12 == 10 {
			y[i] = 1
		}
	}
	m := train(t, []Column{{Values: x, Category: true}}, y, nil, Params{Rate: 1, Trees: 1, Leaves: 2})
	got, outside, err := m.Predict([][]float64{{1}, {5}, {10}, {0}, {11}, {77}})
	if err != nil || outside != 1 || !slices.Equal(got[:5], []float64{1, 1, 1, 0, 0}) {
		t.Errorf("one split parts the categories into %v, %d outside, %v", got, outside, err)
	}
	many := make([]float64, 1200)
	for i := range many {
		many[i] = float64(i % 400)
		if i >= 800 {
			many[i] = float64(i % 4)
		}
		y[i] = many[i] - 4*math.Floor(many[i]/4)
	}
	m = train(t, []Column{{Values: many, Category: true}}, y, nil, Params{})
	if got := predict(t, m, []Column{{Values: []float64{0, 1, 2, 3}}}); !slices.IsSorted(got) || got[3]-got[0] < 2 {
		t.Errorf("the frequent ones of 400 categories are predicted as %v", got)
	}
}

func TestThreadsAndRepeatsGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	columns, y := table(9000, 12, 9)
	groups := make([]int, len(y))
	for i := range groups {
		groups[i] = i / 30
	}
	for _, loss := range losses {
		target := targets(loss, y)
		if loss == Rank {
			for i := range target {
				target[i] = math.Floor(min(max(y[i], 0), 4))
			}
		}
		d := must[*Dataset](t)(NewDataset(columns, nil, groups, MaxBins))
		var first []byte
		for _, threads := range []int{1, 1, 2, 5} {
			p := Params{Loss: loss, Trees: 6, Rows: 0.8, Columns: 0.7, Threads: threads}
			m := must[*Model](t)(Train(context.Background(), d, target, p, 3))
			b := must[[]byte](t)(m.MarshalBinary())
			if first == nil {
				first = b
			} else if !bytes.Equal(first, b) {
				t.Errorf("%s: %d threads give another model", loss, threads)
			}
		}
		m := must[*Model](t)(Train(context.Background(), d, target, Params{Loss: loss, Trees: 6, Rows: 0.8, Columns: 0.7}, 4))
		if bytes.Equal(first, must[[]byte](t)(m.MarshalBinary())) {
			t.Errorf("%s: the seed draws nothing", loss)
		}
	}
}

func TestNoLeafIsLighterThanAllowed(t *testing.T) {
	t.Parallel()
	columns, y := table(1000, 4, 11)
	for _, loss := range []Loss{L2, Logistic} {
		m := train(t, columns, targets(loss, y), nil, Params{Loss: loss, MinWeight: 37, Leaves: 200, Depth: 6})
		leaves := 0
		for _, tree := range m.trees {
			depth := make([]int, len(tree))
			for i, n := range tree {
				if n.feature == leafNode {
					leaves++
					if n.weight < 37 {
						t.Fatalf("%s: a leaf of weight %v", loss, n.weight)
					}
					continue
				}
				depth[n.left], depth[n.right] = depth[i]+1, depth[i]+1
				if depth[i] >= 6 {
					t.Fatalf("%s: depth %d is split", loss, depth[i])
				}
			}
		}
		if leaves < 1000 {
			t.Errorf("%s: only %d leaves in 100 trees", loss, leaves)
		}
	}
}

func TestAnEndedContextReturnsWhatWasGrown(t *testing.T) {
	t.Parallel()
	columns, y := table(100, 3, 15)
	ctx, stop := context.WithCancel(context.Background())
	stop()
	d := must[*Dataset](t)(NewDataset(columns, nil, nil, 16))
	if _, err := Train(ctx, d, y, Params{}, 1); err != context.Canceled {
		t.Errorf("without a tree: %v", err)
	}
	m, err := Train(&ending{Context: context.Background(), left: 5}, d, y, Params{}, 1)
	if err != nil || m.Trees() != 5 {
		t.Errorf("%v", err)
	}
}

// ending is a context that ends after so many looks.
type ending struct {
	context.Context
	left int
}

func (e *ending) Err() error {
	if e.left--; e.left < 0 {
		return context.Canceled
	}
	return nil
}

func TestExpAndLnAreThoseOfTheLibrary(t *testing.T) {
	t.Parallel()
	for x := -699.9; x < 700; x += 0.0317 {
		if got, want := exp(x), math.Exp(x); math.Abs(got/want-1) > 1e-15 {
			t.Fatalf("exp(%v) = %v, not %v", x, got, want)
		}
		y := math.Exp(x)
		if got, want := ln(y), math.Log(y); math.Abs(got-want) > 4e-16*max(1, math.Abs(want)) {
			t.Fatalf("ln(%v) = %v, not %v", y, got, want)
		}
	}
	if exp(0) != 1 || ln(1) != 0 {
		t.Error("exp(0) or ln(1) is not exact")
	}
}

func BenchmarkTrain(b *testing.B) {
	columns, y := table(100_000, 20, 1)
	for _, loss := range []Loss{L2, Logistic, Poisson} {
		target := targets(loss, y)
		b.Run(string(loss), func(b *testing.B) {
			d := must[*Dataset](b)(NewDataset(columns, nil, nil, MaxBins))
			for b.Loop() {
				if _, err := Train(context.Background(), d, target, Params{Loss: loss}, 1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
