package route

import "math"

// The library's Exp and Log choose their path by processor; a digest that is
// promised needs the same bits everywhere.

// ln is the natural logarithm of a positive number.
func ln(x float64) float64 {
	frac, e := math.Frexp(x) // exact: x = frac × 2^e
	if frac < math.Sqrt2/2 {
		frac, e = frac*2, e-1
	}
	z := (frac - 1) / (frac + 1)
	zz := float64(z * z)
	sum, p := 0.0, z
	for k := 1; k < 30; k += 2 {
		sum += p / float64(k)
		p = float64(p * zz)
	}
	return float64(2*sum) + float64(float64(e)*math.Ln2)
}

// exp is e to the x, for the moderate x of a cooling schedule.
func exp(x float64) float64 {
	n := math.Floor(float64(x/math.Ln2) + 0.5)
	r := x - float64(n*math.Ln2)
	sum, p := 1.0, 1.0
	for k := 1; k < 20; k++ {
		p = float64(p*r) / float64(k)
		sum += p
	}
	return math.Ldexp(sum, int(n))
}
