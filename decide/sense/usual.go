package sense

import "math"

// usual is a person's ordinary value of one measure: a slow median-like center and
// a mean absolute deviation. One value can move it only so far.
type usual struct{ N, Center, Spread float32 }

// score is how many robust standard deviations x lies from the usual; floor is the
// least standard deviation that is believed, in units of x.
func (u *usual) score(x, floor float64) float64 {
	return (x - float64(u.Center)) / max(1.2533*float64(u.Spread), floor) // 1.2533 = sd over mean absolute deviation of a normal
}

// learn moves the usual toward x; values beyond three deviations count as three.
// Memory is how many values it looks back on.
func (u *usual) learn(x, floor, memory float64) {
	if u.N == 0 {
		u.N, u.Center, u.Spread = 1, float32(x), float32(floor)
		return
	}
	most := 3 * max(float64(u.Spread), floor)
	d := min(max(x-float64(u.Center), -most), most)
	rate := 1 / min(float64(u.N)+1, memory)
	u.Center += float32(rate * d)
	u.Spread += float32(rate * (math.Abs(d) - float64(u.Spread)))
	u.N++
}

// drift is a two-sided cumulative sum of scores (Page 1954): slow changes add up.
type drift struct{ Up, Down float32 }

// add takes a score in and gives the larger sum. Slack is what a score may have
// without counting; one score counts at most four.
func (d *drift) add(score, slack float64) float64 {
	score = min(max(score, -4), 4)
	d.Up = float32(max(0, float64(d.Up)+score-slack))
	d.Down = float32(max(0, float64(d.Down)-score-slack))
	return float64(max(d.Up, d.Down))
}

// counts are numbers per period, night or day, with a negative binomial behind them.
type counts struct{ N, Sum, Square float32 }

func (n *counts) learn(x int32) {
	n.N++
	n.Sum += float32(x)
	n.Square += float32(x) * float32(x)
}

func (n *counts) decay(by float32) { n.N, n.Sum, n.Square = n.N*by, n.Sum*by, n.Square*by }

// CountCurve is what a cohort knows about such numbers: their mean, the ratio of
// variance to mean, and for how many periods it counts.
type CountCurve struct{ Mean, Ratio, Weight float64 }

// mixed gives mean and ratio with the cohort mixed in.
func (n *counts) mixed(c *CountCurve) (mean, ratio float64) {
	own := float64(n.N)
	mean = (float64(n.Sum) + c.Weight*c.Mean) / (own + c.Weight)
	spread := float64(n.Square) - 2*mean*float64(n.Sum) + own*mean*mean
	return mean, max((spread/mean+c.Weight*c.Ratio)/(own+c.Weight), 1.05)
}

// cohortWeight is the share of the judgment that comes from the cohort.
func (n *counts) cohortWeight(c *CountCurve) float32 {
	return float32(c.Weight / (c.Weight + float64(n.N)))
}

// negativeBinomial walks the distribution from 0 up: it gives the first k at which
// stop says so, with the probabilities of k and of fewer.
func negativeBinomial(mean, ratio float64, stop func(k int, at, below float64) bool) int {
	size := mean / (ratio - 1)
	at, below := math.Pow(ratio, -size), 0.0
	for k := 0; k < 1000; k++ {
		if stop(k, at, below) {
			return k
		}
		below += at
		at *= (size + float64(k)) / float64(k+1) * (1 - 1/ratio)
	}
	return 1000
}

// atLeast is the least count that is reached with a probability of at most p.
func atLeast(mean, ratio, p float64) int32 {
	return int32(negativeBinomial(mean, ratio, func(_ int, _, below float64) bool { return 1-below <= p }))
}

// atMost is the probability of so many or fewer.
func atMost(mean, ratio float64, k int) (p float64) {
	negativeBinomial(mean, ratio, func(i int, at, below float64) bool {
		p = below + at
		return i >= k
	})
	return p
}
