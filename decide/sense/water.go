package sense

// Water: none for longer than usual, more than anybody uses, or never none.

const (
	longDry    = 4 * hour // dry hours before which nothing is judged
	used       = 0.5      // liters in half an hour that somebody used
	highPerDay = 2000     // liters (domain.md 4.1)
	leakRun    = 48       // half hours with flow in a row
	nightRun   = 8        // of them from 1 to 5 o'clock
)

func (r *run) dry() pace {
	return pace{&r.Dry, r.Pool[poolDry : poolDry+1], &r.plan.Cohort.Dry}
}

type water struct {
	Day     int64   // number of the day that Liters belong to
	Liters  float32 // of the day
	Run     int32   // half hours with flow in a row
	Night   int32   // of them this night
	Since   int64   // begin of the run
	Leaking float32 // nights in which the flow never stopped, decayed
	Nights  float32
}

func (r *run) waterReading(e Event) {
	w, x := &r.Water, float64(e.Value)
	if x < 0 {
		return
	}
	if d := dayOf(e.At); d != w.Day {
		w.Day, w.Liters = d, 0
	}
	before := w.Liters
	w.Liters += e.Value
	if before <= highPerDay && w.Liters > highPerDay {
		r.plain(WaterUse, DetectHighUse, 2, e.At, dayOf(e.At)*day, float64(w.Liters), highPerDay, UnitLiters, ClearsNothing)
	}
	if x > 0 {
		if w.Run == 0 {
			w.Since = e.At
		}
		w.Run++
	} else {
		w.Run = 0
	}
	r.nightFlow(e.At, x)
	if w.Run == leakRun {
		r.plain(WaterUse, DetectLeak, 2, e.At, w.Since, float64(w.Run)/2, leakRun/2, UnitHours, ClearsNormal)
	}
	if x >= used {
		r.dry().end(e.At)
		r.Due[wakeDry] = e.At + longDry
	}
}

// nightFlow: a night in which the flow never stops is a leak for whoever has had none.
func (r *run) nightFlow(at int64, x float64) {
	w := &r.Water
	h := hourOf(at)
	if h < 1 || h >= 5 {
		w.Night = 0
		return
	}
	if x <= 0 {
		w.Night = -nightRun // not this night
	}
	w.Night++
	if h == 4 && at%hour >= 30*minute {
		w.Nights++
	}
	if w.Night != nightRun {
		return
	}
	const rare = 0.02
	p := share(w.Leaking, w.Nights, 0.1, 6)
	w.Leaking++
	if p <= rare {
		r.plain(WaterUse, DetectLeak, 2, at, w.Since, nightRun/2, nightRun/2, UnitHours, ClearsNormal)
	}
}

func (r *run) waterless(at int64) {
	p := r.dry()
	switch {
	case r.unjudged() || r.P.State == Away:
		p.stop(at)
	case r.Dry.Now.Since == 0:
		p.begin(at, 0)
		r.waterDue()
	default:
		f := r.rhythmFinding(p, at, r.perWeek(WaterUse))
		p.alarm(at)
		f.Class, f.Detector, f.Severity = WaterUse, DetectLowUse, 2
		f.Since = p.Now.Since - longDry
		f.Why.Observed = float64(at-f.Since) / float64(hour)
		f.Why.Clears = ClearsFlow
		r.raise(f)
	}
}

func (r *run) waterDue() {
	p := r.dry()
	_, tau, _ := p.limit(r.perWeek(WaterUse))
	r.Due[wakeDry] = p.due(tau)
}

// waterPause: nobody at home uses none; the dry hours go on with the return.
func (r *run) waterPause(at int64) {
	if r.Dry.Now.Since != 0 {
		r.dry().sum(at)
	}
	r.Due[wakeDry] = never
}

func (r *run) waterBack(at int64) {
	switch {
	case r.Dry.Now.Since != 0:
		r.Dry.Now.From = max(r.Dry.Now.From, at)
		r.waterDue()
	case r.Due[wakeDry] == never && r.plan.seesWater:
		r.Due[wakeDry] = at + longDry
	}
}
