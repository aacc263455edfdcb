package boost

import (
	"math"
	"math/bits"
	"math/rand/v2"
)

// The library's Exp and Log choose their path by processor; a model is promised
// the same bytes on every machine of an architecture.

// exp is e to the x, to about two units in the last place; its argument is cut
// at ±700, far beyond any margin that means something.
func exp(x float64) float64 {
	const (
		ln2High = 6.93147180369123816490e-01
		ln2Low  = 1.90821492927058770002e-10
		perLn2  = 1.44269504088896338700
	)
	x = min(max(x, -700), 700)
	n := math.Floor(x*perLn2 + 0.5)
	r := (x - n*ln2High) - n*ln2Low // at most ln 2 / 2 either way
	// Taylor's series to r^13 leaves less than 4e-18; in pairs (Estrin 1960),
	// so that the processor need not wait for every term.
	r2 := r * r
	r4 := r2 * r2
	p := (1 + r) + (0.5+1.0/6*r)*r2 +
		((1.0/24+1.0/120*r)+(1.0/720+1.0/5040*r)*r2)*r4 +
		((1.0/40320+1.0/362880*r)+(1.0/3628800+1.0/39916800*r)*r2+(1.0/479001600+1.0/6227020800*r)*r4)*(r4*r4)
	return p * math.Float64frombits(uint64(int64(n)+1023)<<52)
}

// ln is the natural logarithm of a positive number.
func ln(x float64) float64 {
	frac, e := math.Frexp(x) // exact: x = frac × 2^e
	if frac < math.Sqrt2/2 {
		frac, e = frac*2, e-1
	}
	z := (frac - 1) / (frac + 1)
	zz := z * z
	p := 0.0
	for k := 21; k >= 1; k -= 2 {
		p = p*zz + 1/float64(k)
	}
	return 2*z*p + float64(e)*math.Ln2
}

// sigmoid is 1/(1+e^-x).
func sigmoid(x float64) float64 { return 1 / (1 + exp(-x)) }

// draw gives k of n indices, and those that are left, in ascending order; each
// set is alike likely. The bounded draws are our own: a change of the standard
// library cannot move a model.
func draw(rng *rand.PCG, k, n int) (drawn, left []int32) {
	drawn, left = make([]int32, 0, k), make([]int32, 0, n-k)
	for i := range n {
		if hi, _ := bits.Mul64(rng.Uint64(), uint64(n-i)); int(hi) < k-len(drawn) {
			drawn = append(drawn, int32(i))
		} else {
			left = append(left, int32(i))
		}
	}
	return drawn, left
}
