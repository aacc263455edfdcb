package sense

// Nights: moves from sensor to sensor while the person should sleep, and the way
// out opening, both against the person's own nights.

const (
	nightFrom, nightTo = 20, 6 // a sleep that begins in between opens the night
	doorFrom, doorTo   = 0, 5  // hours in which the way out opening is a finding by itself
	leastMoves         = 4     // two ways there and back are nobody's concern
)

type night struct {
	Until     int64 // end of the night that goes on; 0 by day
	Moves     int32 // so far; negative when the night is not learned
	Limit     int32 // moves that make a finding; 0 when nothing is judged
	Doors     int32 // openings so far this night, from 22 o'clock
	DoorLimit int32
	Moved     uint16 // sensor of the last move
	PerNight  counts // moves
	Openings  counts
	SmallHour float32 // nights in which the way out opened in the small hours, decayed
	Opened    bool    // in this night
}

func (n *night) decay(by float32) {
	n.PerNight.decay(by)
	n.Openings.decay(by)
	n.SmallHour *= by
}

// nightBegins opens a night, with a limit of moves out of the person's nights.
func (r *run) nightBegins(at, since int64) {
	h := hourOf(since)
	if r.Night.Until != 0 || h < nightFrom && h >= nightTo {
		return
	}
	morning := dayOf(since)*day + nightTo*hour
	if h >= nightFrom {
		morning += day
	}
	if morning <= at {
		return
	}
	n := &r.Night
	n.Until, n.Moves, n.Limit = morning, 0, 0
	if r.blind() {
		n.Moves = -1
	} else if !r.unjudged() {
		mean, ratio := n.PerNight.mixed(&r.plan.Cohort.NightMoves)
		n.Limit = max(atLeast(mean, ratio, r.perWeek(NightWander)/7), leastMoves)
	}
}

// nightSign hears a sign inside.
func (r *run) nightSign(e Event) {
	n := &r.Night
	if n.Until == 0 && r.shouldSleep(e.At) {
		r.nightBegins(e.At, e.At)
	}
	if n.Until == 0 || e.Sensor == n.Moved {
		return
	}
	n.Moved = e.Sensor
	if n.Moves < 0 {
		return
	}
	if n.Moves++; n.Limit == 0 || n.Moves < n.Limit {
		return
	}
	f := r.countFinding(e.At, NightWander, DetectNightMoves, float64(n.Moves), &n.PerNight, &r.plan.Cohort.NightMoves, r.perWeek(NightWander)/7)
	f.Severity = 2
	r.raise(f)
	n.Moves = -1 // an alarmed night is not learned
}

// shouldSleep tells whether the person, still up, is usually asleep for an hour: who
// wanders all night never opens the night by falling asleep.
func (r *run) shouldSleep(at int64) bool {
	u := &r.Sleep.Onset
	if h := hourOf(at); u.N < 5 || h >= nightTo && h < nightFrom {
		return false
	}
	noon := dayOf(at-12*hour)*day + 12*hour
	return float64(at-noon)/float64(hour) > float64(u.Center)+1+float64(u.Spread)
}

// countFinding is the common part of findings about a number per period.
func (r *run) countFinding(at int64, c Class, d Detector, seen float64, own *counts, cohort *CountCurve, limit float64) Finding {
	mean, ratio := own.mixed(cohort)
	return Finding{Class: c, Detector: d, Severity: 1, At: at, Since: at, Why: Why{
		Observed: seen, High: float64(atLeast(mean, ratio, 0.05) - 1), Unit: UnitCount,
		P: 1 - atMost(mean, ratio, int(seen)-1), Limit: limit, State: r.P.State, Days: r.Days,
		Cohort: own.cohortWeight(cohort), Events: r.P.Last, Silent: r.Silent, Clears: ClearsQuiet, Before: at}}
}

// nightDoor hears the way out open.
func (r *run) nightDoor(e Event) {
	h := hourOf(e.At)
	if h >= nightTo && h < 22 || r.unjudged() {
		return
	}
	n := &r.Night
	if n.DoorLimit == 0 && n.Doors == 0 {
		mean, ratio := n.Openings.mixed(&r.plan.Cohort.NightDoors)
		n.DoorLimit = atLeast(mean, ratio, r.perWeek(DoorVisitor)/7)
	}
	n.Doors++
	if n.Doors == n.DoorLimit {
		r.raise(r.countFinding(e.At, DoorVisitor, DetectVisits, float64(n.Doors), &n.Openings, &r.plan.Cohort.NightDoors, r.perWeek(DoorVisitor)/7))
	}
	if h >= doorFrom && h < doorTo && !n.Opened {
		n.Opened = true
		const atMost = 0.02
		rare := share(n.SmallHour, n.Openings.N, 0.1, 7)
		n.SmallHour++
		if rare <= atMost || r.marked(Dementia) {
			r.raise(Finding{Class: NightWander, Detector: DetectNightDoor, Severity: 2, At: e.At, Since: e.At, Why: Why{
				Observed: 1, Unit: UnitCount, P: rare, Limit: atMost, State: r.P.State, Days: r.Days, Cohort: 7 / (7 + n.Openings.N),
				Events: r.P.Last, Silent: r.Silent, Clears: ClearsNothing, Before: e.At}})
		}
	}
}

// morning, at 6 o'clock, closes the night and learns from it.
func (r *run) morning(at int64) {
	r.Due[wakeMorning] = at + day
	n := &r.Night
	if !r.unjudged() {
		if n.Until != 0 && n.Moves >= 0 {
			n.PerNight.learn(n.Moves)
		}
		if n.DoorLimit == 0 || n.Doors < n.DoorLimit {
			n.Openings.learn(n.Doors)
		}
	}
	n.Until, n.Opened, n.Doors, n.DoorLimit = 0, false, 0, 0
}
