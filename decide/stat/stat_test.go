package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"linli"
)

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance }

func TestTheScoreAndItsIntervalEqualThePublishedExample(t *testing.T) {
	t.Parallel()
	got, err := NPS(73, 8, 100)
	if err != nil || !near(got.Value, 65, 1e-12) || !near(got.Low, 50.85, 0.005) || !near(got.High, 75.36, 0.005) {
		t.Fatalf("%+v %v", got, err)
	}
	if got.N != 100 || got.EffectiveN != 100 || !got.Judgeable || got.Method != "adjusted-wald" {
		t.Errorf("%+v", got)
	}
	if e, _ := NPS(29, 0, 29); e.Judgeable || e.High != 100 || e.Value != 100 {
		t.Errorf("29 answers: %+v", e)
	}
}

func TestTheScoreIntervalCoversTheTruth(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(5, 5))
	for _, c := range []struct {
		p, d float64
		n    int
	}{{0.73, 0.08, 20}, {0.73, 0.08, 100}, {0.5, 0.2, 50}, {0.4, 0.4, 400}} {
		hits, rounds := 0, 10_000
		for range rounds {
			p, d := 0, 0
			for range c.n {
				switch u := rnd.Float64(); {
				case u < c.p:
					p++
				case u < c.p+c.d:
					d++
				}
			}
			e, err := NPS(p, d, c.n)
			if err != nil {
				t.Fatal(err)
			}
			if truth := 100 * (c.p - c.d); e.Low <= truth && truth <= e.High {
				hits++
			}
		}
		if cover := float64(hits) / float64(rounds); cover < 0.94 || cover > 0.97 {
			t.Errorf("%+v: covers %.3f", c, cover)
		}
	}
}

func TestSharesHaveTheWilsonInterval(t *testing.T) {
	t.Parallel()
	// Newcombe 1998, table I, and the closed form n/(n+z²) at the ends.
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}, {20, 20, 0.8389, 1}} {
		got, err := Wilson(c.k, c.n)
		if err != nil || !near(got.Low, c.low, 6e-5) || !near(got.High, c.high, 6e-5) || got.Value != float64(c.k)/float64(c.n) {
			t.Errorf("%d of %d: %+v %v", c.k, c.n, got, err)
		}
	}
}

func TestRatesHaveTheExactInterval(t *testing.T) {
	t.Parallel()
	// Garwood 1936: limits of the Poisson mean.
	for _, c := range []struct {
		events    int
		low, high float64
	}{{0, 0, 3.6889}, {1, 0.0253, 5.5716}, {5, 1.6235, 11.6683}, {10, 4.7954, 18.3904}, {100, 81.3640, 121.6268}} {
		got, err := Poisson(c.events, 2)
		if err != nil || !near(2*got.Low, c.low, 1e-4) || !near(2*got.High, c.high, 1e-4) || got.Value != float64(c.events)/2 || got.N != c.events {
			t.Errorf("%d events: %+v %v", c.events, got, err)
		}
	}
	if upper, err := PoissonUpper(0, 13); err != nil || !near(upper, math.Log(20)/13, 1e-12) || !near(upper, 0.23, 0.005) {
		t.Errorf("no event in 13 weeks: %f %v", upper, err)
	}
	if upper, err := PoissonUpper(3, 1); err != nil || !near(upper, 7.7537, 1e-4) {
		t.Errorf("three events: %f %v", upper, err)
	}
}

func TestIntervalsHoldTheirEstimateAndShrinkWithMoreRows(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 200; n++ {
		for _, k := range []int{0, n / 3, n / 2, n} {
			share, err := Wilson(k, n)
			if err != nil {
				t.Fatal(err)
			}
			more, err := Wilson(4*k, 4*n)
			if err != nil {
				t.Fatal(err)
			}
			if share.Low > share.Value || share.High < share.Value || more.High-more.Low >= share.High-share.Low {
				t.Fatalf("%d of %d: %+v, %+v", k, n, share, more)
			}
			rate, err := Poisson(k, float64(n))
			if err != nil || rate.Low > rate.Value || rate.High <= rate.Value {
				t.Fatalf("%d in %d: %+v %v", k, n, rate, err)
			}
		}
	}
}

func TestAQuantileIsOneOfTheRows(t *testing.T) {
	t.Parallel()
	inf := math.Inf(1)
	for _, c := range []struct {
		values, weights []float64
		qs, want        []float64
	}{
		{[]float64{3, 1, 2, 4}, nil, []float64{0, 0.25, 0.5, 0.75, 1}, []float64{1, 1, 2, 3, 4}},
		{[]float64{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, nil, []float64{0.5, 0.9, 0.91}, []float64{5, 9, 10}},
		{[]float64{1, 2, 3}, []float64{1, 0, 3}, []float64{0.25, 0.26, 1}, []float64{1, 3, 3}},
		{[]float64{1, 2, 3}, []float64{0.1, 0.2, 0.7}, []float64{0.3, 0.31}, []float64{2, 3}},
		{[]float64{1, 2, inf}, nil, []float64{0.5, 0.9}, []float64{2, inf}},
		{[]float64{5, 9}, []float64{0, 1}, []float64{0}, []float64{9}},
		{[]float64{7}, nil, []float64{0.5, 0.9}, []float64{7, 7}},
	} {
		before := slices.Clone(c.values)
		got, err := Quantiles(c.values, c.weights, c.qs...)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%v of %v by %v: %v %v", c.qs, c.values, c.weights, got, err)
		}
		if !slices.Equal(before, c.values) {
			t.Error("the values were reordered")
		}
	}
}

func TestAWeightOfTwoIsTheSameRowTwice(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(9, 9))
	qs := []float64{0, 0.1, 0.5, 0.9, 1}
	for range 500 {
		var values, weights, repeated []float64
		for range 1 + rnd.IntN(20) {
			v, w := float64(rnd.IntN(10)), rnd.IntN(4)
			values, weights = append(values, v), append(weights, float64(w))
			for range w {
				repeated = append(repeated, v)
			}
		}
		if len(repeated) == 0 {
			continue
		}
		got, err := Quantiles(values, weights, qs...)
		want, errWant := Quantiles(repeated, nil, qs...)
		if err != nil || errWant != nil || !slices.Equal(got, want) {
			t.Fatalf("%v by %v: %v, want %v", values, weights, got, want)
		}
	}
}

func TestCountsThatContradictEachOtherAreRefused(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	fails := map[string]func() error{
		"no answers":          func() error { _, err := NPS(0, 0, 0); return err },
		"too many promoters":  func() error { _, err := NPS(11, 0, 10); return err },
		"more sides than all": func() error { _, err := NPS(6, 5, 10); return err },
		"negative detractors": func() error { _, err := NPS(6, -1, 10); return err },
		"share of nothing":    func() error { _, err := Wilson(0, 0); return err },
		"share above all":     func() error { _, err := Wilson(2, 1); return err },
		"negative events":     func() error { _, err := Poisson(-1, 1); return err },
		"no exposure":         func() error { _, err := Poisson(1, 0); return err },
		"missing exposure":    func() error { _, err := PoissonUpper(1, nan); return err },
		"no values":           func() error { _, err := Quantiles(nil, nil, 0.5); return err },
		"missing value":       func() error { _, err := Quantiles([]float64{1, nan}, nil, 0.5); return err },
		"missing weight":      func() error { _, err := Quantiles([]float64{1}, []float64{nan}, 0.5); return err },
		"negative weight":     func() error { _, err := Quantiles([]float64{1, 2}, []float64{-1, 2}, 0.5); return err },
		"no weight":           func() error { _, err := Quantiles([]float64{1}, []float64{0}, 0.5); return err },
		"fewer weights":       func() error { _, err := Quantiles([]float64{1, 2}, []float64{1}, 0.5); return err },
		"share above one":     func() error { _, err := Quantiles([]float64{1}, nil, 1.5); return err },
	}
	for name, f := range fails {
		if err := f(); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
