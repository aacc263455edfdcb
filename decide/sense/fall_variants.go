package sense

// variant is how another person might have moved in a recording, and worn the
// device. Few persons ever fall for science; variants keep a model from
// learning how these few are built.
type variant struct {
	strength float64      // factor of what is not gravity
	tempo    float64      // factor of the time it takes
	tilt     Acceleration // axis and angle the device is turned by, in rad
}

// fallVariants of a recording teach beside it.
var fallVariants = []variant{
	{0.8, 1, Acceleration{X: 0.2}}, {1.25, 1, Acceleration{X: -0.2}},
	{1, 0.9, Acceleration{Z: 0.2}}, {1, 1.1, Acceleration{Z: -0.2}},
}

// of makes the variant of a recording. Gravity is what remains in the mean of a second.
func (v variant) of(r FallRecording) (FallRecording, error) {
	const half = FallHz / 2
	n := len(r.Samples)
	sums := make([]Acceleration, n+1)
	for i, a := range r.Samples {
		sums[i+1] = sums[i].plus(a)
	}
	out := make([]Acceleration, n)
	for i, a := range r.Samples {
		from, to := max(i-half, 0), min(i+half+1, n)
		rest := sums[to].minus(sums[from]).times(1 / float64(to-from))
		out[i] = v.turn(rest.plus(a.minus(rest).times(v.strength)))
	}
	r.Samples = out
	if v.tempo == 1 {
		return r, nil
	}
	var err error
	r.Samples, err = Resample(out, v.tempo*float64(n-1)/FallHz)
	r.From, r.To = r.From*v.tempo, r.To*v.tempo
	return r, err
}

// turn rotates by a small tilt: along it to first order, the length is kept.
func (v variant) turn(a Acceleration) Acceleration {
	t := v.tilt
	b := a.plus(Acceleration{t.Y*a.Z - t.Z*a.Y, t.Z*a.X - t.X*a.Z, t.X*a.Y - t.Y*a.X})
	if b.Length() == 0 {
		return b
	}
	return b.times(a.Length() / b.Length())
}
