package sense

// Isolation: the exits of the last seven days against the person's own earlier days.

type outings struct {
	Week  [7]uint8 // exits per day, the latest first
	Today int32
	Day   counts // days that have left the week
	Quiet int32  // days until the next finding may come
}

func (r *run) outingsDayEnds(at int64) {
	o := &r.Outings
	if !r.plan.seesDoor || r.unjudged() || r.blind() || at-r.Began < day {
		o.Today = 0
		return
	}
	left := int32(o.Week[6])
	copy(o.Week[1:], o.Week[:6])
	o.Week[0] = uint8(min(o.Today, 255))
	o.Today = 0
	o.Quiet = max(o.Quiet-1, 0)
	if r.Days < 8 {
		return
	}
	if o.Quiet == 0 { // a week that was a finding is not learned
		o.Day.learn(left)
	}
	mean, ratio := o.Day.mixed(&r.plan.Cohort.Outings)
	week := 0
	for _, n := range o.Week {
		week += int(n)
	}
	// The window moves by a day, so that one quiet week is judged seven times, though
	// hardly independently: the budget of a week is that of a look.
	p, limit := atMost(7*mean, ratio, week), r.perWeek(Isolation)/2
	if p > limit || o.Quiet > 0 || o.Day.N < 3 {
		return
	}
	o.Quiet = 7
	r.raise(Finding{Class: Isolation, Detector: DetectFewerExits, Severity: 1, At: at, Since: at - 7*day, Why: Why{
		Observed: float64(week), High: 7 * mean, Unit: UnitCount, P: p, Limit: limit, State: r.P.State, Days: r.Days,
		Cohort: o.Day.cohortWeight(&r.plan.Cohort.Outings), Events: r.P.Last, Silent: r.Silent, Clears: ClearsExit, Before: at}})
}
