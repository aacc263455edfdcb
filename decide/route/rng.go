package route

import (
	"math/bits"
	"math/rand/v2"
)

// rng draws from PCG by our own bounded draws, so that a change of the
// standard library cannot move a plan.
type rng struct {
	pcg  rand.PCG
	skip uint64 // a draw below it is a blink
}

func newRng(seed, stream uint64) *rng {
	r := &rng{}
	r.pcg.Seed(seed, stream)
	return r
}

// n draws from 0 to k-1.
func (r *rng) n(k int) int {
	hi, _ := bits.Mul64(r.pcg.Uint64(), uint64(k))
	return int(hi)
}

// unit draws from [0, 1).
func (r *rng) unit() float64 { return float64(r.pcg.Uint64()>>11) / (1 << 53) }

// blink tells whether to pass over a position.
func (r *rng) blink() bool { return r.skip > 0 && r.pcg.Uint64() < r.skip }
