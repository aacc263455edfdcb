package boost

import (
	"bytes"
	"context"
	"crypto/sha256"
	"math"
	"slices"
	"testing"

	"linli"
)

func TestContributionsSumToTheMargin(t *testing.T) {
	t.Parallel()
	columns, y := table(800, 5, 10)
	m := train(t, columns, targets(Logistic, y), nil, Params{Loss: Logistic, Trees: 40})
	mean := 0.0
	for _, row := range rowsOf(columns) {
		base, shares, err := m.Contributions(row)
		if err != nil {
			t.Fatal(err)
		}
		sum := base
		for _, s := range shares {
			sum += s
		}
		if margin := m.margin(row); math.Abs(sum-margin) > 1e-9 {
			t.Fatalf("%v instead of %v", sum, margin)
		}
		mean += m.margin(row) / 800
		if mean0 := base; math.IsNaN(mean0) {
			t.Fatal("no base")
		}
	}
	base, _, _ := m.Contributions(rowsOf(columns)[0])
	if math.Abs(base-mean) > 1e-9 {
		t.Errorf("base %v, mean margin %v", base, mean)
	}
}

func TestRankingPutsTheGoodOnTop(t *testing.T) {
	t.Parallel()
	make1 := func(seed uint64) ([]Column, []float64, []int) {
		columns, y := table(4000, 4, seed)
		groups := make([]int, len(y))
		for i := range y {
			groups[i] = i / 25
			y[i] = math.Floor(min(max(y[i]+1, 0), 4))
		}
		return columns, y, groups
	}
	columns, y, groups := make1(12)
	unseen, z, others := make1(13)
	d := must[*Dataset](t)(NewDataset(columns, nil, groups, MaxBins))
	m := must[*Model](t)(Train(context.Background(), d, y, Params{Loss: Rank}, 1))
	got := must[float64](t)(NDCG(predict(t, m, unseen), z, others, 10))
	none := must[float64](t)(NDCG(make([]float64, len(z)), z, others, 10))
	if got < 0.9 || none > 0.75 {
		t.Errorf("NDCG@10 %v, without a model %v", got, none)
	}
}

func TestNDCGIsThatOfTheTextbook(t *testing.T) {
	t.Parallel()
	got := must[float64](t)(NDCG([]float64{3, 2, 1, 9, 8}, []float64{1, 3, 2, 0, 0}, []int{5, 5, 5, 6, 6}, 2))
	dcg, ideal := 1+7/math.Log2(3), 7+3/math.Log2(3)
	if math.Abs(got-dcg/ideal) > 1e-12 {
		t.Errorf("%v instead of %v", got, dcg/ideal)
	}
}

func TestAStoredModelAnswersTheSame(t *testing.T) {
	t.Parallel()
	columns, y := table(500, 4, 14)
	columns = append(columns, Column{Name: "kind", Category: true, Values: make([]float64, 500)})
	for i := range 500 {
		columns[4].Values[i] = float64(i % 3)
		y[i] += float64(i % 3)
	}
	m := train(t, columns, y, nil, Params{Trees: 20})
	b := must[[]byte](t)(m.MarshalBinary())
	var n Model
	if err := n.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(predict(t, m, columns), predict(t, &n, columns)) || n.Digest() != m.Digest() || len(n.Digest()) != 16 || n.Names()[4] != "kind" {
		t.Error("the stored model answers otherwise")
	}
	if !bytes.Equal(b, must[[]byte](t)(n.MarshalBinary())) {
		t.Error("stored again it has other bytes")
	}
	y[3]++
	if train(t, columns, y, nil, Params{Trees: 20}).Digest() == m.Digest() {
		t.Error("the digest does not see the target")
	}
	for _, damage := range []func([]byte) []byte{
		func(b []byte) []byte { return nil },
		func(b []byte) []byte { return b[:len(b)-1] },
		func(b []byte) []byte { b[40]++; return b },
		func(b []byte) []byte { b[len(magic)-1]++; return b },
	} {
		if err := n.UnmarshalBinary(damage(slices.Clone(b))); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("a damaged model gives %v", err)
		}
	}
	if n.Digest() != m.Digest() {
		t.Error("a refused file changed the model")
	}
}

func TestBadInputIsRefused(t *testing.T) {
	t.Parallel()
	inf, nan := math.Inf(1), math.NaN()
	good := []Column{{Values: []float64{1, 2, 3, 4}}}
	data := func(c []Column, w []float64, g []int, bins int) error {
		_, err := NewDataset(c, w, g, bins)
		return err
	}
	fit := func(c []Column, y []float64, p Params) error {
		_, err := Train(context.Background(), must[*Dataset](t)(NewDataset(c, nil, nil, 255)), y, p, 1)
		return err
	}
	y := []float64{0, 1, 0, 1}
	bad := map[string]error{
		"no columns":    data(nil, nil, nil, 255),
		"no rows":       data([]Column{{}}, nil, nil, 255),
		"other lengths": data([]Column{good[0], {Values: []float64{1}}}, nil, nil, 255),
		"infinite":      data([]Column{{Values: []float64{inf}}}, nil, nil, 255),
		"half category": data([]Column{{Values: []float64{0.5}, Category: true}}, nil, nil, 255),
		"bins":          data(good, nil, nil, 256),
		"weights":       data(good, []float64{1, 1, 0, 1}, nil, 255),
		"few weights":   data(good, []float64{1}, nil, 255),
		"few groups":    data(good, nil, []int{1}, 255),
		"late column":   fit([]Column{{Values: good[0].Values, Late: true}}, y, Params{}),
		"no target":     fit(good, nil, Params{}),
		"NaN target":    fit(good, []float64{0, 1, nan, 1}, Params{}),
		"not 0 or 1":    fit(good, []float64{0, 1, 2, 1}, Params{Loss: Logistic}),
		"negative":      fit(good, []float64{0, 1, -2, 1}, Params{Loss: Poisson}),
		"half grade":    fit(good, []float64{0, 1, 0.5, 1}, Params{Loss: Rank}),
		"no groups":     fit(good, y, Params{Loss: Rank}),
		"loss":          fit(good, y, Params{Loss: "other"}),
		"rate":          fit(good, y, Params{Rate: 1.5}),
		"trees":         fit(good, y, Params{Trees: -1}),
		"lambda":        fit(good, y, Params{Lambda: nan}),
		"alpha":         fit(good, y, Params{Alpha: 1}),
		"power":         fit(good, y, Params{Power: 2}),
		"no fit rows":   new(Learner).Fit(nil, nil),
		"ragged rows":   new(Learner).Fit([][]float64{{1}, {1, 2}}, []float64{1, 2}),
	}
	_, _, err := train(t, good, y, nil, Params{}).Predict([][]float64{{1, 2}})
	bad["row of two"] = err
	for name, err := range bad {
		if linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := new(Learner).Predict(nil); linli.KindOf(err) != linli.KindConflict {
		t.Errorf("an untrained learner says %v", err)
	}
}

// The bytes are signed anew, so that what lies behind the signature is tried.
func FuzzStoredModelsNeverPanic(f *testing.F) {
	columns, y := table(60, 3, 16)
	columns = append(columns, Column{Category: true, Values: make([]float64, 60)})
	for i := range 60 {
		columns[3].Values[i] = float64(i % 4)
		y[i] += float64(i % 4)
	}
	b, err := train(f, columns, y, nil, Params{Trees: 2, MinWeight: 5}).MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b[len(magic) : len(b)-sha256.Size])
	f.Fuzz(func(t *testing.T, body []byte) {
		data := append([]byte(magic), body...)
		sum := sha256.Sum256(data)
		var m Model
		if err := m.UnmarshalBinary(append(data, sum[:]...)); err != nil {
			if linli.KindOf(err) != linli.KindInvalid {
				t.Errorf("refused with %v", err)
			}
			return
		}
		row := make([]float64, len(m.cuts))
		for _, v := range []float64{0, math.NaN(), math.Inf(1), -1e300} {
			for j := range row {
				row[j] = v
			}
			if _, _, err := m.Predict([][]float64{row}); err != nil {
				t.Error(err)
			}
			if _, _, err := m.Contributions(row); err != nil {
				t.Error(err)
			}
		}
		m.Gain()
		if _, err := m.MarshalBinary(); err != nil {
			t.Error(err)
		}
	})
}
