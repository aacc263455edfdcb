package sense

import "math"

// Budget says how many false findings a person may be asked about.
type Budget struct {
	Prompts float64 // stage 1, over all classes, per person-week; 1.0 by default
	Alarms  float64 // stage 2, over all classes, per person-week; 0.1 by default
}

// prompts is the stage-1 budget per week. Until ten prompts have been answered
// or not, it is what the deployment set; then the operator's budget divided by
// the share of prompts that would get through, where the person's answer rate is
// taken at the lower tenth of its Beta posterior. Who answers poorly is asked less.
func (r *run) prompts() float64 {
	b := r.plan.Budget
	if r.Answered+r.Unanswered < 10 {
		return b.Prompts
	}
	yes, all := float64(r.Answered)+9, float64(r.Answered+r.Unanswered)+10
	mean := yes / all
	low := mean - 1.2816*math.Sqrt(mean*(1-mean)/(all+1))
	return max(min(b.Prompts, b.Alarms/(1-low)), 0.1*b.Prompts)
}

// perWeek is the budget of a class.
func (r *run) perWeek(c Class) float64 { return taxonomy[c].Share * r.prompts() }

// Limit is where a rhythm makes a finding now.
type Limit struct {
	Class    Class
	Detector Detector
	P        float64 // share of episodes that outlast it
	Tau      float64 // the same in operational time, where an ordinary episode lasts about 1
	PerWeek  float64 // findings it is meant to let through in an ordinary life
	Cohort   float32 // weight of the cohort in it
}

// Limits are the limits the budget and the person's own history give at this
// moment. They move with every episode; whoever shows or logs them compares with
// those of last week.
func (h *Home) Limits() []Limit {
	r := run{state: &h.live, plan: &h.plan}
	var out []Limit
	for _, l := range [...]struct {
		class    Class
		detector Detector
		pace     pace
		perWeek  float64
	}{
		{Inactivity, DetectGap, r.silence(), r.perWeek(Inactivity)},
		{Inactivity, DetectStay, r.stay(), r.perWeekOfStay()},
		{NotReturned, DetectAbsence, r.absence(), r.perWeek(NotReturned)},
		{NoExit, DetectHousebound, r.exits(), r.perWeek(NoExit)},
		{WaterUse, DetectLowUse, r.dry(), r.perWeek(WaterUse)},
	} {
		p, tau, _ := l.pace.limit(l.perWeek)
		out = append(out, Limit{l.class, l.detector, p, tau, l.perWeek, l.pace.cohortWeight()})
	}
	return out
}

// answered takes in what was answered to a prompt of a class.
func (r *run) answered(c Class, value float32, at int64) {
	switch value {
	case AnsweredNot:
		r.Unanswered++
	case AnsweredFine:
		r.Answered++
		if c == Inactivity && r.P.State != Away { // a voice is a sign of life
			r.silence().stop(at)
			r.P.Life = at
			r.Due[wakeSilence] = at + settle
		}
	case AnsweredHelp:
		r.Answered++
	case AnsweredFalse:
		r.Answered++
		r.relieve(c)
	}
}

// relieve raises the limit of a class by a bounded step: a "false alarm" is heard,
// but never retrains.
func (r *run) relieve(c Class) {
	const step, most = 0.25, 1.5
	switch c {
	case Inactivity:
		r.Silence.Relief = min(r.Silence.Relief+step, most)
	case NotReturned:
		r.Absence.Relief = min(r.Absence.Relief+step, most)
	case NoExit:
		r.Exit.Relief = min(r.Exit.Relief+step, most)
	case WaterUse:
		r.Dry.Relief = min(r.Dry.Relief+step, most)
	}
}
