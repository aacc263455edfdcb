package sense

import "linli"

// Cohort is what is known of people before the person is: a curve per rhythm.
type Cohort struct {
	Silence Curve // contexts: about the home, on a seat, in bed or the bedroom
	Stay    Curve
	Absence Curve // contexts: left in the morning, left later
	Exit    Curve
	Dry     Curve // without water

	NightMoves CountCurve // per night
	NightDoors CountCurve // openings of the way out, per night
	Outings    CountCurve // exits per day
}

// defaultCohort is a few round numbers: hazards of a person living alone, by context
// and quarter of the day, chosen by hand near what the three training homes of
// docs/benchmarks.md show (CASAS AL, Ordonez A, Kasteren A); in operational time an
// exponential life has Share exp(-2) and Excess 1.
var defaultCohort = Cohort{
	Silence: Curve{Rate: [contexts][4]float64{{1.5, 1.5, 2.0, 1.5}, {0.8, 0.7, 0.7, 0.7}, {0.25, 0.8, 1.0, 0.3}},
		RateWeight: 1.5, Share: 0.135, Excess: 0.9, Shape: 0, Weight: 30, PerWeek: 70},
	Stay: Curve{Rate: [contexts][4]float64{{3, 4, 4, 4}}, RateWeight: 1, Share: 0.135, Excess: 1, Shape: 0.1, Weight: 20, PerWeek: 10},
	Absence: Curve{Rate: [contexts][4]float64{{0.6, 0.4, 0.5, 0.6}, {0.6, 0.4, 0.5, 0.6}},
		RateWeight: 0.5, Share: 0.1, Excess: 0.5, Shape: 0, Weight: 4, PerWeek: 7},
	Exit: Curve{Rate: [contexts][4]float64{{0.01, 0.2, 0.2, 0.1}}, RateWeight: 3, Share: 0.135, Excess: 1, Shape: 0, Weight: 6, PerWeek: 6},
	Dry:  Curve{Rate: [contexts][4]float64{{0.2, 1, 0.8, 0.7}}, RateWeight: 4, Share: 0.135, Excess: 1, Shape: 0, Weight: 10, PerWeek: 14},

	NightMoves: CountCurve{Mean: 3, Ratio: 2, Weight: 2},
	NightDoors: CountCurve{Mean: 0.03, Ratio: 1.3, Weight: 5},
	Outings:    CountCurve{Mean: 1.5, Ratio: 1.5, Weight: 3},
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
		within := func(x, below float64) bool { return x > 0 && x < below }
		if !within(curve.RateWeight, 1e4) || !within(curve.Weight, 1e6) || !within(curve.Share, 1) || !within(curve.Excess, 1e3) ||
			!within(curve.PerWeek, 1e4) || !(curve.Shape >= 0 && curve.Shape < 0.9) {
			return bad("curve")
		}
	}
	for _, n := range []CountCurve{c.NightMoves, c.NightDoors, c.Outings} {
		if !(n.Mean > 0 && n.Mean < 1000 && n.Ratio > 1 && n.Ratio < 1000 && n.Weight > 0) {
			return bad("count")
		}
	}
	return nil
}

func bad(field string) error {
	return linli.Invalid("cohort."+field, "群体参数超出范围", "a parameter of the cohort is out of range")
}

// Pool makes a cohort of homes that were watched, in the same few numbers. A cohort
// is people, not hours: each home has one vote however long it was watched. The base
// has as many as four homes, so that one odd home does not move what the others begin with.
func Pool(base Cohort, homes ...*Home) Cohort {
	out := base
	const baseVotes = 4
	votes := float64(len(homes) + baseVotes)
	curve := func(c *Curve, from, n int, of func(*state) *rhythm) {
		mean := *c
		mean.Share, mean.Excess, mean.PerWeek = baseVotes*c.Share, baseVotes*c.Excess, baseVotes*c.PerWeek
		for context := range n {
			for part := range mean.Rate[context] {
				mean.Rate[context][part] *= baseVotes
			}
			for _, h := range homes {
				var ends, risk [4]float64
				for i := range 24 {
					ends[i/6] += float64(h.live.Pool[from+context].Ends[i])
					risk[i/6] += float64(h.live.Pool[from+context].Risk[i])
				}
				const enough = 6 // hours of waiting the base counts for
				for part := range ends {
					mean.Rate[context][part] += (ends[part] + enough*c.Rate[context][part]) / (risk[part] + enough)
				}
			}
			for part := range mean.Rate[context] {
				mean.Rate[context][part] /= votes
			}
		}
		for _, h := range homes {
			r := of(&h.live)
			f := r.Tail.fit(c)
			mean.Share += f.share
			mean.Excess += f.scale / (1 - c.Shape)
			mean.PerWeek += (float64(r.Tail.N) + c.PerWeek) / (float64(r.Weeks) + 1)
		}
		mean.Share, mean.Excess, mean.PerWeek = mean.Share/votes, mean.Excess/votes, mean.PerWeek/votes
		*c = mean
	}
	curve(&out.Silence, poolSilence, contexts, func(s *state) *rhythm { return &s.Silence })
	curve(&out.Stay, poolStay, 1, func(s *state) *rhythm { return &s.Stay })
	curve(&out.Absence, poolAbsence, 2, func(s *state) *rhythm { return &s.Absence })
	curve(&out.Exit, poolExit, 1, func(s *state) *rhythm { return &s.Exit })
	curve(&out.Dry, poolDry, 1, func(s *state) *rhythm { return &s.Dry })
	number := func(c *CountCurve, of func(*state) *counts) {
		mean, ratio := baseVotes*c.Mean, baseVotes*c.Ratio
		for _, h := range homes {
			m, r := of(&h.live).mixed(c)
			mean, ratio = mean+m, ratio+r
		}
		c.Mean, c.Ratio = mean/votes, ratio/votes
	}
	number(&out.NightMoves, func(s *state) *counts { return &s.Night.PerNight })
	number(&out.NightDoors, func(s *state) *counts { return &s.Night.Openings })
	number(&out.Outings, func(s *state) *counts { return &s.Outings.Day })
	return out
}
