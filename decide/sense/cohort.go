package sense

import (
	"math"

	"linli"
)

// Cohort is what is known of people before the person is: a curve per rhythm.
type Cohort struct {
	Silence Curve // contexts: about the home, on a seat, in bed or the bedroom
	Stay    Curve
	Absence Curve // contexts: left in the morning, left later
	Exit    Curve
	Dry     Curve // without water
	Night   NightCurve
}

// defaultCohort is made of a few round numbers: see DefaultCohort.
var defaultCohort = Cohort{
	Silence: Curve{Rate: [contexts][4]float64{{0.15, 1.5, 2.0, 1.5}, {0.3, 0.7, 0.7, 0.5}, {0.25, 0.8, 1.0, 0.3}},
		RateWeight: 1.5, Share: 0.135, Excess: 1.0, Shape: 0.05, Weight: 30, PerWeek: 70},
	Stay: Curve{Rate: [contexts][4]float64{{3, 4, 4, 4}}, RateWeight: 1, Share: 0.135, Excess: 1, Shape: 0.1, Weight: 20, PerWeek: 10},
	Absence: Curve{Rate: [contexts][4]float64{{0.05, 0.4, 0.5, 0.5}, {0.05, 0.4, 0.5, 0.5}},
		RateWeight: 3, Share: 0.135, Excess: 1, Shape: 0.1, Weight: 10, PerWeek: 9},
	Exit:  Curve{Rate: [contexts][4]float64{{0.01, 0.15, 0.12, 0.06}}, RateWeight: 4, Share: 0.135, Excess: 1, Shape: 0.05, Weight: 10, PerWeek: 9},
	Dry:   Curve{Rate: [contexts][4]float64{{0.3, 0.9, 0.8, 0.9}}, RateWeight: 4, Share: 0.135, Excess: 1, Shape: 0.05, Weight: 20, PerWeek: 60},
	Night: NightCurve{Mean: 8, Spread: 4, Weight: 4},
}

// DefaultCohort is the cohort a home begins with when none is given.
func DefaultCohort() Cohort { return defaultCohort }

func (c *Cohort) check() error {
	for _, curve := range []*Curve{&c.Silence, &c.Stay, &c.Absence, &c.Exit, &c.Dry} {
		for _, rates := range curve.Rate {
			for _, rate := range rates {
				if !(rate >= 0 && rate < 1000) {
					return bad("rate")
				}
			}
		}
		if !(curve.RateWeight > 0 && curve.Weight > 0 && curve.Share > 0 && curve.Share < 1 && curve.Excess > 0 && curve.Shape >= 0 && curve.Shape < 0.9 && curve.PerWeek > 0) || math.IsInf(curve.Weight, 0) {
			return bad("curve")
		}
	}
	if n := c.Night; !(n.Mean > 0 && n.Spread >= 1 && n.Weight > 0) {
		return bad("night")
	}
	return nil
}

func bad(field string) error {
	return linli.Invalid("cohort."+field, "群体参数超出范围", "a parameter of the cohort is out of range")
}

// Pool makes a cohort of homes that were watched: their sums together, in the
// same few numbers. What the homes hold too little of stays as in base.
func Pool(base Cohort, homes ...*Home) Cohort {
	out := base
	curve := func(c *Curve, from, n int, of func(*state) *rhythm) {
		var tail Tail
		var weeks float32
		for context := range n {
			var ends, risk [4]float64
			for _, h := range homes {
				for i := range 24 {
					ends[i/6] += float64(h.live.Pool[from+context].Ends[i])
					risk[i/6] += float64(h.live.Pool[from+context].Risk[i])
				}
			}
			for part := range ends {
				const enough = 12 // hours of waiting the base counts for
				c.Rate[context][part] = (ends[part] + enough*c.Rate[context][part]) / (risk[part] + enough)
			}
		}
		for _, h := range homes {
			r := of(&h.live)
			tail.N += r.Tail.N
			tail.Beyond += r.Tail.Beyond
			tail.Excess += r.Tail.Excess
			weeks += r.Weeks
		}
		c.PerWeek = (float64(tail.N) + c.PerWeek) / (float64(weeks) + 1)
		pooled := tail.fit(c)
		c.Share, c.Excess = pooled.share, pooled.scale/(1-c.Shape)
	}
	curve(&out.Silence, poolSilence, contexts, func(s *state) *rhythm { return &s.Silence })
	curve(&out.Stay, poolStay, 1, func(s *state) *rhythm { return &s.Stay })
	curve(&out.Absence, poolAbsence, 2, func(s *state) *rhythm { return &s.Absence })
	curve(&out.Exit, poolExit, 1, func(s *state) *rhythm { return &s.Exit })
	curve(&out.Dry, poolDry, 1, func(s *state) *rhythm { return &s.Dry })
	var all night
	for _, h := range homes {
		all.N += h.live.Night.N
		all.Sum += h.live.Night.Sum
		all.Square += h.live.Night.Square
	}
	out.Night.Mean, out.Night.Spread = all.moves(&base.Night)
	return out
}
