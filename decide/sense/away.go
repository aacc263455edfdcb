package sense

// Absences and days at home: two rhythms that wait for each other's beginning.

func (r *run) absence() pace {
	return pace{&r.Absence, r.Pool[poolAbsence : poolAbsence+2], &r.plan.Cohort.Absence}
}

func (r *run) exits() pace {
	return pace{&r.Exit, r.Pool[poolExit : poolExit+1], &r.plan.Cohort.Exit}
}

// absenceBegan: the person is known to be away since the door last moved.
func (r *run) absenceBegan(at int64) {
	p := r.absence()
	p.end(r.P.Door) // a door that moved while away is a return and another leaving
	if r.unjudged() || r.marked(Hospital) || r.marked(Traveling) {
		return
	}
	context := uint8(0)
	if hourOf(r.P.Door) >= 12 || hourOf(r.P.Door) < 4 {
		context = 1
	}
	p.begin(at, context)
	_, tau, _ := p.limit(r.perWeek(NotReturned))
	r.Due[wakeAbsence] = p.due(tau)
}

// returned: something inside has moved after the person was away or unknown.
func (r *run) returned(at int64, was State) {
	if at-r.P.Door <= 2*settle {
		r.absence().end(r.P.Door)
	} else {
		r.absence().stop(at) // nobody saw the way in: not an absence to learn from
	}
	r.Due[wakeAbsence] = never
	if r.Exit.Now.Since == 0 && !r.unjudged() && r.plan.seesDoor {
		r.exits().begin(at, 0)
		r.exitDue()
	}
}

func (r *run) overdue(at int64) {
	p := r.absence()
	r.Absence.Now.Raised = true
	r.Due[wakeAbsence] = never
	f := r.rhythmFinding(p, at, r.perWeek(NotReturned))
	f.Class, f.Detector, f.Severity = NotReturned, DetectAbsence, 3
	f.Since = r.P.Since
	f.Why.Observed = float64(at-r.P.Since) / float64(hour)
	f.Why.Clears = ClearsReturn
	r.raise(f)
}

// lateOut is asked at 22:00: a person who is hardly ever out then is missed at once.
func (r *run) lateOut(at int64) {
	r.Due[wakeLateOut] = at + day
	out := r.P.State == Away
	rare := share(r.OutLate, r.Days, 0.7, 7) // of days out at this hour, cohort 1 in 10
	if out && rare <= r.perWeek(NotReturned)/7 && !r.Absence.Now.Raised && r.Absence.Now.Since != 0 {
		r.Absence.Now.Raised = true
		r.Due[wakeAbsence] = never
		r.raise(Finding{Class: NotReturned, Detector: DetectLateOut, Severity: 3, At: at, Since: r.P.Since, Why: Why{
			Observed: float64(at-r.P.Since) / float64(hour), Unit: UnitHours, P: rare, Limit: r.perWeek(NotReturned) / 7,
			State: Away, Days: r.Days, Cohort: 7 / (7 + r.Days), Events: r.P.Last, Silent: r.Silent, Clears: ClearsReturn, Before: at}})
		return
	}
	if out && !r.unjudged() {
		r.OutLate++
	}
}

func (r *run) exitDue() {
	p := r.exits()
	_, tau, _ := p.limit(r.perWeek(NoExit))
	r.Due[wakeExit] = p.due(tau)
}

func (r *run) exitHappened(at int64) {
	r.exits().end(r.P.Door)
	r.Due[wakeExit] = never
	r.countExit(at)
}

func (r *run) housebound(at int64) {
	p := r.exits()
	if r.unjudged() || r.blind() {
		p.stop(at)
		r.Due[wakeExit] = never
		return
	}
	r.Exit.Now.Raised = true
	r.Due[wakeExit] = never
	f := r.rhythmFinding(p, at, r.perWeek(NoExit))
	f.Class, f.Detector, f.Severity = NoExit, DetectHousebound, 2
	f.Why.Clears = ClearsExit
	r.raise(f)
}

// share is a Beta mean: k of n with prior counts.
func share(k, n, priorK, priorN float32) float64 {
	return float64(k+priorK) / float64(n+priorN)
}
