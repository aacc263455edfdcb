package sense

// What devices say by themselves is passed through: pressed, smoke, gas, and the
// cameras of the lift and the sky. The rules only confirm, hold and de-duplicate.

const (
	takeBack   = 10 * second // a press can be taken back
	confirming = 10 * minute // two detectors within it confirm each other

	gasWarns, gasAlarms = 5, 10 // percent of the lower explosive limit
	carbonLong          = 50    // ppm, for an hour
	carbonShort         = 100   // ppm, for ten minutes (domain.md 4.2)

	bikeSure   = 0.8 // confidence
	bikeStays  = 2 * second
	bikeBreaks = 3 * second // without a sure frame it is another
	fallFrames = 5
)

type alarms struct {
	Pressed    int64 // a press that may be taken back
	PressedBy  uint16
	Fire       int64 // last alarm of a fire detector
	FireBy     uint16
	Carbon50   int64 // since when, 0 when below
	Carbon100  int64
	BikeSince  int64
	BikeAt     int64
	CarbonLast float32
}

func (r *run) plain(c Class, d Detector, severity uint8, at, since int64, seen, limit float64, unit Unit, clears Clears) {
	r.raise(Finding{Class: c, Detector: d, Severity: severity, At: at, Since: since, Why: Why{
		Observed: seen, High: limit, Unit: unit, State: r.P.State, Days: r.Days, Events: r.P.Last, Silent: r.Silent, Clears: clears, Before: at}})
}

// pressed: one press is a finding after ten seconds, two at once, silently; a
// press taken back in time is none.
func (r *run) pressed(e Event) {
	a := &r.Alarms
	switch {
	case e.Value <= 0:
		a.Pressed, r.Due[wakePress] = 0, never
	case a.Pressed != 0:
		since := a.Pressed
		a.Pressed, r.Due[wakePress] = 0, never
		r.plain(SOS, DetectPress, 4, e.At, since, 2, 0, UnitCount, ClearsNothing)
	default:
		a.Pressed, a.PressedBy, r.Due[wakePress] = e.At, e.Sensor, e.At+takeBack
	}
}

func (r *run) notTakenBack(at int64) {
	since := r.Alarms.Pressed
	r.Alarms.Pressed = 0
	r.plain(SOS, DetectPress, 4, at, since, 1, 0, UnitCount, ClearsTakingBack)
}

func (r *run) fire(e Event) {
	a := &r.Alarms
	if e.Value <= 0 {
		return
	}
	d := DetectAlarm
	if a.Fire != 0 && e.At-a.Fire <= confirming && a.FireBy != e.Sensor {
		d = DetectConfirmed
	}
	a.Fire, a.FireBy = e.At, e.Sensor
	r.plain(FireSmoke, d, 5, e.At, e.At, 1, 0, UnitCount, ClearsNothing)
}

func (r *run) gas(e Event) {
	switch x := float64(e.Value); {
	case x >= gasAlarms:
		r.plain(GasCO, DetectConfirmed, 5, e.At, e.At, x, gasAlarms, UnitPercent, ClearsNormal)
	case x >= gasWarns:
		r.plain(GasCO, DetectAlarm, 5, e.At, e.At, x, gasWarns, UnitPercent, ClearsNormal)
	}
}

// carbon: what is breathed long enough. The moment falls due even when the sensor
// falls silent on a high value.
func (r *run) carbon(e Event) {
	a := &r.Alarms
	hold := func(since *int64, above bool) {
		switch {
		case !above:
			*since = 0
		case *since == 0:
			*since = e.At
		}
	}
	hold(&a.Carbon50, e.Value >= carbonLong)
	hold(&a.Carbon100, e.Value >= carbonShort)
	a.CarbonLast = e.Value
	r.carbonDue()
}

func (r *run) carbonDue() {
	a := &r.Alarms
	r.Due[wakeCarbon] = never
	if a.Carbon100 != 0 {
		r.Due[wakeCarbon] = a.Carbon100 + 10*minute
	}
	if a.Carbon50 != 0 {
		r.Due[wakeCarbon] = min(r.Due[wakeCarbon], a.Carbon50+hour)
	}
	if r.Due[wakeCarbon] < r.At { // told already
		r.Due[wakeCarbon] = never
	}
}

func (r *run) breathed(at int64) {
	since := r.Alarms.Carbon50
	r.plain(GasCO, DetectConfirmed, 5, at, since, float64(r.Alarms.CarbonLast), carbonLong, UnitPPM, ClearsNormal)
}

// lift hears the camera in the lift: sure for two seconds is one case.
func (r *run) lift(e Event) {
	a := &r.Alarms
	if e.Value < bikeSure {
		return
	}
	if a.BikeSince == 0 || e.At-a.BikeAt > bikeBreaks {
		a.BikeSince = e.At
	}
	a.BikeAt = e.At
	if e.At-a.BikeSince >= bikeStays {
		r.plain(EbikeLift, DetectSeen, 3, e.At, a.BikeSince, float64(e.Value), bikeSure, UnitScore, ClearsNothing)
	}
}

func (r *run) sky(e Event) {
	if e.Value >= fallFrames {
		r.plain(FallingObject, DetectSeen, 3, e.At, e.At, float64(e.Value), fallFrames, UnitCount, ClearsNothing)
	}
}
