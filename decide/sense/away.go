package sense

// Absences and days at home: two rhythms that wait for each other's beginning.
// Errands and short stops at home are not judged: they say little about long ones.
const (
	longAbsence = hour
	longAtHome  = 6 * hour
	atHomeFloor = 24 * hour // one day indoors is nobody's concern (domain.md 4.2)
)

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
	r.Due[wakeAbsence] = r.P.Door + longAbsence
}

// returned: something inside has moved after the person was away or unknown.
func (r *run) returned(at int64) {
	if at-r.P.Door <= 2*settle {
		r.absence().end(r.P.Door)
	} else {
		r.absence().stop(at) // nobody saw the way in: not an absence to learn from
	}
	r.Due[wakeAbsence] = never
	r.waterBack(at)
	r.mealReturn(at)
	if r.plan.seesDoor && r.Exit.Now.Since == 0 && r.Due[wakeExit] == never {
		r.Due[wakeExit] = at + longAtHome
	}
}

func (r *run) overdue(at int64) {
	p := r.absence()
	if r.Absence.Now.Since == 0 { // it has become long: judging begins
		if r.unjudged() {
			return
		}
		context := uint8(0)
		if h := hourOf(r.P.Door); h >= 12 || h < 4 {
			context = 1
		}
		p.begin(at, context)
		_, tau, _ := p.limit(r.perWeek(NotReturned))
		r.Due[wakeAbsence] = p.due(tau)
		return
	}
	p.alarm(at)
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
	rare := share(r.OutLate, r.Days, 0.1, 7) // of days out at this hour
	byDay := r.P.Since <= at-4*hour          // who leaves in the evening means to be out
	if out && byDay && rare <= r.perWeek(NotReturned)/7 && !r.Absence.Now.Raised && r.Absence.Now.Since != 0 {
		r.absence().alarm(at)
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

func (r *run) exitHappened(at int64) {
	r.exits().end(r.P.Door)
	r.Due[wakeExit] = never
	r.Outings.Today++
}

func (r *run) housebound(at int64) {
	p := r.exits()
	if r.unjudged() || r.blind() {
		p.stop(at)
		r.Due[wakeExit] = never
		return
	}
	if r.P.AtDoor { // perhaps leaving in this moment
		r.Due[wakeExit] = r.P.Door + settle + 1
		return
	}
	if r.Exit.Now.Since == 0 {
		p.begin(at, 0)
		_, tau, _ := p.limit(r.perWeek(NoExit))
		r.Due[wakeExit] = max(p.due(tau), at-longAtHome+atHomeFloor)
		return
	}
	p.alarm(at)
	r.Due[wakeExit] = never
	f := r.rhythmFinding(p, at, r.perWeek(NoExit))
	f.Class, f.Detector, f.Severity = NoExit, DetectHousebound, 2
	f.Since = p.Now.Since - longAtHome
	f.Why.Observed = float64(at-f.Since) / float64(hour)
	f.Why.Clears = ClearsExit
	r.raise(f)
}

// share is a Beta mean: k of n with prior counts.
func share(k, n, priorK, priorN float32) float64 {
	return float64(k+priorK) / float64(n+priorN)
}
