package sense

// Sleep: when it begins, how long it is and how often it is broken, night after
// night. One odd night is nobody's concern; the sums of odd ones are a care signal.

const (
	nightMemory = 30  // nights, or days
	sleepDoubt  = 1.5 // sum from which nights are not learned
	sleepSlack  = 0.7 // robust standard deviations that do not count
	sleepLimit  = 4.2 // of the sum: two very odd nights, or several odd ones
)

type sleep struct {
	From   int64   // begin of the sleep that goes on, 0 when awake
	First  int64   // onset of this night
	Hours  float32 // slept this night
	Broken int32   // wakings
	Onset  usual   // hours after noon
	Length usual
	Breaks usual
	Drifts [3]drift
}

// least standard deviations that are believed: hours, hours, wakings
var sleepFloors = [3]float64{0.75, 0.9, 1.2}

func (r *run) fellAsleep(at, since int64) {
	r.nightBegins(at, since)
	s := &r.Sleep
	if h := hourOf(since); h >= 18 || h < 10 {
		if s.First == 0 {
			s.First = since
		} else if s.From == 0 {
			s.Broken++
		}
		s.From = since
	}
}

func (r *run) wokeUp(at int64) {
	if s := &r.Sleep; s.From != 0 {
		s.Hours += float32(at-s.From) / float32(hour)
		s.From = 0
		r.Meals.Woke = at
	}
}

// noon closes the account of the night.
func (r *run) noon(at int64) {
	r.Due[wakeNoon] = at + day
	s := &r.Sleep
	r.wokeUp(at)
	s.From = 0
	if s.First != 0 && !r.unjudged() && r.Days >= 1 {
		measures := [3]float64{float64(s.First-(at-day)) / float64(hour), float64(s.Hours), float64(s.Broken)}
		worst, which := 0.0, 0
		for i, u := range []*usual{&s.Onset, &s.Length, &s.Breaks} {
			if u.N >= 5 {
				if sum := s.Drifts[i].add(u.score(measures[i], sleepFloors[i]), sleepSlack); sum > worst {
					worst, which = sum, i
				}
			}
			if max(s.Drifts[i].Up, s.Drifts[i].Down) < sleepDoubt { // what adds up is not learned before it is told
				u.learn(measures[i], sleepFloors[i], nightMemory)
			}
		}
		if worst > sleepLimit {
			u := [...]*usual{&s.Onset, &s.Length, &s.Breaks}[which]
			unit := [...]Unit{UnitHours, UnitHours, UnitCount}[which]
			r.raise(Finding{Class: SleepChange, Detector: DetectSleep, Severity: 1, At: at, Since: s.First, Why: Why{
				Observed: measures[which], Low: float64(u.Center) - 2*max(float64(u.Spread), sleepFloors[which]),
				High: float64(u.Center) + 2*max(float64(u.Spread), sleepFloors[which]), Unit: unit,
				State: r.P.State, Days: r.Days, Events: r.P.Last, Silent: r.Silent, Clears: ClearsNormal, Before: at}})
			s.Drifts = [3]drift{}
		}
	}
	s.First, s.Hours, s.Broken = 0, 0, 0
}
