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
