package sense

import (
	"math"
	"math/bits"
)

// Vital signs: clinical limits that must hold for a time (domain.md 4.2), and the
// person's own values by part of the day; both behind a gate for artifacts.

const vitalRoles = 5 // Heart to Diastolic

// vitalRule is what is known about a vital sign of anybody.
type vitalRule struct {
	low, high           float64 // beyond them it is dangerous
	hold                int64   // how long it must stay beyond
	impossibleLow, most float64 // beyond these it is no measurement
	jump                float64 // a change between two readings nobody has
	floor               float64 // least standard deviation that is believed
	unit                Unit
}

var vitalRules = [vitalRoles]vitalRule{
	{45, 120, 5 * minute, 20, 250, 60, 4, UnitPerMinute}, // Heart, at rest
	{8, 25, 5 * minute, 2, 70, 20, 1.5, UnitPerMinute},   // Breath
	{90, 1000, 3 * minute, 50, 100, 15, 1, UnitPercent},  // Oxygen, below 90 only
	{0, 179.5, 5 * minute, 50, 300, 80, 8, UnitMMHg},     // Systolic, from 180
	{0, 109.5, 5 * minute, 25, 200, 60, 6, UnitMMHg},     // Diastolic, from 110
}

const (
	unusualScore = 5.0 // robust standard deviations
	unusualOf    = 0b11111
	unusualNeed  = 3    // of the last five readings
	vitalMemory  = 2000 // readings: a slow drift must not become usual while it rises
	stale        = 15 * minute
)

// vital is a person's sign.
type vital struct {
	Usual  [3]usual // night, day, evening
	At     int64    // last reading
	Last   float32
	Beyond int64 // since when it has been beyond a limit, 0 when it is not
	Many   uint8 // readings beyond in a row
	Odd    uint8 // the last five readings, a bit each: unusual
}

// usual is what is ordinary at this part of the day.
func (v *vital) usual(at int64) *usual { return &v.Usual[[4]int{0, 1, 1, 2}[hourOf(at)/6]] }

// score is the distance from the usual of the hour; around the change of two parts of
// the day, from the nearer of both.
func (v *vital) score(at int64, x, floor float64) float64 {
	best := v.usual(at).score(x, floor)
	for _, beside := range [2]int64{at - 2*hour, at + 2*hour} {
		if u := v.usual(beside); u.N > 0 {
			if s := u.score(x, floor); math.Abs(s) < math.Abs(best) {
				best = s
			}
		}
	}
	return best
}

func (r *run) vitalReading(e Event, role Role) {
	i := int(role - Heart)
	v, rule, x := &r.Vital[i], &vitalRules[i], float64(e.Value)
	if x < rule.impossibleLow || x > rule.most {
		return // an artifact: no reading at all
	}
	fresh := v.At != 0 && e.At-v.At <= stale
	jumped := fresh && (x-float64(v.Last) > rule.jump || float64(v.Last)-x > rule.jump)
	v.At, v.Last = e.At, e.Value
	if jumped {
		return // believed when the next reading says the same
	}
	if !fresh {
		v.Beyond, v.Many, v.Odd = 0, 0, 0
	}
	u := v.usual(e.At)
	if x < rule.low || x > rule.high {
		if v.Beyond == 0 {
			v.Beyond = e.At
		}
		v.Many = min(v.Many+1, 200)
		if e.At-v.Beyond >= rule.hold && v.Many >= 2 {
			r.vitalFinding(e.At, DetectLimit, 4, v.Beyond, x, rule.low, rule.high, rule.unit, 0, u)
		}
		return // what is dangerous is never learned as usual
	}
	v.Beyond, v.Many = 0, 0
	if u.N < 20 {
		u.learn(x, rule.floor, vitalMemory)
		return
	}
	score := v.score(e.At, x, rule.floor)
	v.Odd = v.Odd << 1 & unusualOf
	if score > unusualScore || score < -unusualScore {
		v.Odd |= 1
		if bits.OnesCount8(v.Odd) >= unusualNeed {
			deviation := max(float64(u.Spread)*1.2533, rule.floor)
			r.vitalFinding(e.At, DetectUnusual, 3, e.At, x, float64(u.Center)-unusualScore*deviation, float64(u.Center)+unusualScore*deviation, rule.unit, score, u)
		}
		return
	}
	if !r.unjudged() {
		u.learn(x, rule.floor, vitalMemory)
	}
}

func (r *run) vitalFinding(at int64, d Detector, severity uint8, since int64, x, low, high float64, unit Unit, score float64, u *usual) {
	if high >= 1000 {
		high = 0
	}
	r.raise(Finding{Class: Vitals, Detector: d, Severity: severity, At: at, Since: since, Why: Why{
		Observed: x, Low: low, High: high, Unit: unit, P: score, State: r.P.State, Days: r.Days, Cohort: 20 / (20 + u.N),
		Events: r.P.Last, Silent: r.Silent, Clears: ClearsNormal, Before: at}})
}
