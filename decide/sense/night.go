package sense

import "math"

// Night moves: from falling asleep until 6 o'clock, how often the person passes
// from one sensor to another, against the person's own nights; and the way out
// opening between 0 and 5.

const (
	nightFrom, nightTo = 20, 6 // a sleep that begins in between opens a night
	doorFrom, doorTo   = 0, 5
)

type night struct {
	Until  int64   // end of the night that goes on; 0 by day
	Moves  int32   // so far
	Limit  int32   // that make a finding; 0 when it was made or nothing is judged
	N      float32 // nights, their moves and their squares, decayed
	Sum    float32
	Square float32
	Doors  float32 // nights with the way out opening
	Opened bool    // in this night
}

// cohort of the nights: mean and spread of moves, and nights they count for.
type NightCurve struct{ Mean, Spread, Weight float64 }

// moves gives the mean and the variance-to-mean ratio of the person's nights.
func (n *night) moves(c *NightCurve) (mean, ratio float64) {
	all := float64(n.N) + c.Weight
	mean = (float64(n.Sum) + c.Weight*c.Mean) / all
	square := (float64(n.Square) + c.Weight*(c.Mean*c.Mean+c.Mean*c.Spread)) / all
	return mean, max((square-mean*mean)/mean, 1.05)
}

// atLeast is the least count whose probability under a negative binomial
// distribution of that mean and ratio is below p.
func atLeast(mean, ratio, p float64) int32 {
	size := mean / (ratio - 1)
	term := math.Pow(1/ratio, size) // probability of 0
	left := 1 - term
	k := 0
	for left > p && k < 1000 {
		term *= (size + float64(k)) / float64(k+1) * (1 - 1/ratio)
		k++
		left -= term
	}
	return int32(k + 1)
}

func (r *run) fellAsleep(at, since int64) {
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
	n.Until, n.Moves, n.Limit, n.Opened = morning, 0, 0, false
	if !r.unjudged() {
		mean, ratio := n.moves(&r.plan.Cohort.Night)
		n.Limit = max(atLeast(mean, ratio, r.perWeek(NightWander)/7), 4)
	}
	r.Due[wakeMorning] = morning
}

// nightSign hears a sign of a person who was not away.
func (r *run) nightSign(e Event, s Sensor, before Room) {
	n := &r.Night
	if h := hourOf(e.At); s.Role == OuterDoor && e.Value > 0 && h >= doorFrom && h < doorTo && !n.Opened && !r.unjudged() {
		rare := share(n.Doors, n.N, 0.1, 7)
		if rare <= 0.02 || r.marked(Dementia) {
			r.raise(Finding{Class: NightWander, Detector: DetectNightDoor, Severity: 2, At: e.At, Since: e.At, Why: Why{
				Observed: 1, Unit: UnitCount, P: rare, Limit: 0.02, State: r.P.State, Days: r.Days, Cohort: 7 / (7 + n.N),
				Events: r.P.Last, Silent: r.Silent, Clears: ClearsNothing, Before: e.At}})
		}
		n.Opened = true
		n.Doors++
	}
	if n.Until == 0 || e.Sensor == r.Moved {
		return
	}
	r.Moved = e.Sensor
	if n.Moves++; n.Limit == 0 || n.Moves < n.Limit {
		return
	}
	n.Limit = 0
	mean, ratio := n.moves(&r.plan.Cohort.Night)
	r.raise(Finding{Class: NightWander, Detector: DetectNightMoves, Severity: 2, At: e.At, Since: r.P.Since, Why: Why{
		Observed: float64(n.Moves), High: float64(atLeast(mean, ratio, 0.05) - 1), Unit: UnitCount, P: r.perWeek(NightWander) / 7,
		Limit: r.perWeek(NightWander) / 7, State: r.P.State, Days: r.Days,
		Cohort: float32(r.plan.Cohort.Night.Weight / (r.plan.Cohort.Night.Weight + float64(n.N))),
		Events: r.P.Last, Silent: r.Silent, Clears: ClearsQuiet, Before: e.At}})
	n.Moves = -1 // an alarmed night is not learned
}

// morning closes the night and learns from it.
func (r *run) morning(at int64) {
	n := &r.Night
	if n.Moves >= 0 && !r.unjudged() {
		n.N++
		n.Sum += float32(n.Moves)
		n.Square += float32(n.Moves) * float32(n.Moves)
	}
	n.Until, n.Opened = 0, false
	r.Due[wakeMorning] = never
}

func (n *night) decay(by float32) {
	n.N, n.Sum, n.Square, n.Doors = n.N*by, n.Sum*by, n.Square*by, n.Doors*by
}
