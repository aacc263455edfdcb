package sense

import "math"

// The tail of a rhythm is fitted in operational time, where an ordinary
// episode lasts about 1. Above tailFrom it is a generalized Pareto
// distribution, below it a log-logistic curve that meets it.
const (
	tailFrom = 2.0
	bodyForm = 1.6 // shape of the log-logistic body
)

// tail is what a rhythm knows about its long episodes.
type tail struct {
	N      float32 // judged episodes, decayed
	Known  float32 // the same, those of the first days counting less
	Beyond float32 // of these, longer than tailFrom
	Ended  float32 // of those, seen to end
	Excess float32 // sum of what they lasted beyond it, or were seen to last
}

// learn takes in an episode that lasted tau. One that did not end by itself is
// censored: it tells that it lasted so long, and no more.
func (t *tail) learn(tau float64, ended bool, weight float32) {
	if tau <= tailFrom && !ended {
		return
	}
	t.N++
	t.Known += weight
	if tau > tailFrom {
		t.Beyond += weight
		t.Excess += weight * float32(min(tau-tailFrom, 8)) // one month-long absence must not stretch the limit for a season
		if ended {
			t.Ended += weight
		}
	}
}

func (t *tail) decay(by float32) {
	t.N, t.Known, t.Beyond, t.Ended, t.Excess = t.N*by, t.Known*by, t.Beyond*by, t.Ended*by, t.Excess*by
}

// fit is a tail with its cohort mixed in: empirical Bayes, the cohort counting as
// so many episodes.
type fit struct{ share, scale, shape float64 }

func (t *tail) fit(c *Curve) fit {
	const beyondWeight = 4 // long episodes the cohort's mean excess counts for
	share := (float64(t.Beyond) + c.Weight*c.Share) / (float64(t.Known) + c.Weight)
	mean := (float64(t.Excess) + beyondWeight*c.Excess) / (float64(t.Ended) + beyondWeight)
	return fit{share, mean * (1 - c.Shape), c.Shape}
}

// survival is the share of episodes that last longer than tau.
func (f fit) survival(tau float64) float64 {
	if tau <= 0 {
		return 1
	}
	if tau <= tailFrom {
		odds := (1/f.share - 1) * math.Pow(tau/tailFrom, bodyForm)
		return 1 / (1 + odds)
	}
	x := (tau - tailFrom) / f.scale
	if f.shape == 0 {
		return f.share * math.Exp(-x)
	}
	return f.share * math.Pow(1+f.shape*x, -1/f.shape)
}

// limit is the tau that the share p of episodes outlasts.
func (f fit) limit(p float64) float64 {
	if p >= f.share {
		return tailFrom * math.Pow((1/p-1)/(1/f.share-1), 1/bodyForm)
	}
	if f.shape == 0 {
		return tailFrom + f.scale*math.Log(f.share/p)
	}
	return tailFrom + f.scale/f.shape*(math.Pow(p/f.share, -f.shape)-1)
}
