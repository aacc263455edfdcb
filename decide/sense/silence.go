package sense

// The gap hazard (decide.md 5.3): how long a person at home stays without
// confirmed life, by where the silence began and by the hour.

func (r *run) silence() pace {
	return pace{&r.Silence, r.Pool[poolSilence : poolSilence+contexts], &r.plan.Cohort.Silence}
}

// silenceSign hears a sign inside the home.
func (r *run) silenceSign(at int64, confirmed bool) {
	if !confirmed {
		if r.Silence.Now.Since != 0 { // a lone sign moves the person, not the clock
			r.silence().turn(at, r.where())
			r.silenceDue()
		}
		return
	}
	r.silence().end(at)
	r.P.Life = at
	r.Due[wakeSilence] = at + settle
}

// silenceUnknown: the door moved, so the silence is no longer one at home.
func (r *run) silenceUnknown(at int64) {
	r.silence().stop(at)
	r.Due[wakeSilence] = never
}

func (r *run) silenceDue() {
	if r.Silence.Now.Raised {
		r.Due[wakeSilence] = never
		return
	}
	p := r.silence()
	_, tau, _ := p.limit(r.perWeek(Inactivity))
	r.Due[wakeSilence] = p.due(tau)
}

func (r *run) silent(at int64) {
	if r.Silence.Now.Since == 0 { // ten minutes are over: judging begins
		if r.P.State == Away || r.P.AtDoor || r.unjudged() {
			r.Due[wakeSilence] = never
			return
		}
		r.silence().begin(at, r.where())
		r.silenceDue()
		return
	}
	if r.blind() {
		r.silenceUnknown(at)
		return
	}
	p := r.silence()
	p.alarm(at)
	r.Due[wakeSilence] = never
	f := r.rhythmFinding(p, at, r.perWeek(Inactivity))
	f.Class, f.Detector, f.Severity = Inactivity, DetectGap, 2
	f.Since = r.P.Life
	f.Why.Observed = float64(at-r.P.Life) / float64(hour)
	f.Why.Clears = ClearsAnySign
	r.raise(f)
}

// rhythmFinding is the common part of what rhythms find. High is what 95 of 100
// such episodes stay below.
func (r *run) rhythmFinding(p pace, at int64, perWeek float64) Finding {
	limit, tau, fit := p.limit(perWeek)
	lasted := float64(at-p.Now.Since) / float64(hour)
	return Finding{At: at, Since: p.Now.Since, Why: Why{
		Observed: lasted, High: float64(min(p.reach(p.Now.Since, fit.limit(0.05)), at)-p.Now.Since) / float64(hour), Unit: UnitHours,
		P: fit.survival(max(tau-float64(p.Relief), 0)), Limit: limit, State: r.P.State, Days: r.Days,
		Cohort: p.cohortWeight(), Events: r.P.Last, Silent: r.Silent, Before: at,
	}}
}
