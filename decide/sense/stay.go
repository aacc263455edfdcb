package sense

// The bathroom is where people fall: a stay there has a limit and a budget of its own.

const stayFloor = 45 * minute // no stay is long before

func (r *run) stay() pace {
	return pace{&r.Stay, r.Pool[poolStay : poolStay+1], &r.plan.Cohort.Stay}
}

func (r *run) perWeekOfStay() float64 { return StayShare * r.prompts() }

// movedTo follows the person from room to room.
func (r *run) movedTo(at int64, before Room) {
	if !r.plan.seesBath {
		return
	}
	switch {
	case r.P.Room != Bathroom:
		r.stayOver(at)
	case before != Bathroom || r.P.Bath == 0:
		r.stayOver(at)
		r.P.Bath = at
		r.Due[wakeStay] = at + settle
	}
}

func (r *run) stayOver(at int64) {
	r.stay().end(at)
	r.P.Bath = 0
	r.Due[wakeStay] = never
}

func (r *run) stayed(at int64) {
	p := r.stay()
	switch {
	case r.unjudged() || r.blind():
		p.stop(at)
		r.P.Bath, r.Due[wakeStay] = 0, never
		return
	case r.Stay.Now.Since == 0:
		p.begin(at, 0)
	case at >= r.P.Bath+stayFloor:
		p.alarm(at)
		r.Due[wakeStay] = never
		f := r.rhythmFinding(p, at, r.perWeekOfStay())
		f.Class, f.Detector, f.Severity = Inactivity, DetectStay, 3
		f.Since = r.P.Bath
		f.Why.Observed = float64(at-r.P.Bath) / float64(hour)
		f.Why.Clears = ClearsOtherRoom
		r.raise(f)
		return
	}
	_, tau, _ := p.limit(r.perWeekOfStay())
	r.Due[wakeStay] = max(p.due(tau), r.P.Bath+stayFloor)
}
