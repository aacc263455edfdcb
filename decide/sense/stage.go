package sense

// Stage is a step of the two-stage policy (decide.md 5.4).
type Stage uint8

// The stages.
const (
	StageNote     Stage = iota // a note for the visiting list or the device keeper
	StagePrompt                // the person is being asked
	StageOperator              // an operator is told
	StageClosed                // an answer or a sign of life has closed it
)

// A person is asked by ringing for so many seconds, so many times.
const (
	RingSeconds = 25
	Tries       = 2
)

// Reply is what is known about a finding after it was raised.
type Reply struct {
	SinceRaised int32 // seconds
	Answered    bool  // the person said something
	Help        bool  // and it was a call for help
	ByOther     bool  // somebody else answered
	SignsAfter  int   // signs of life since the finding was raised
}

// StageOf is where a finding stands: pure, so that whoever keeps the case can ask
// at any time. What is passed through, and hard vital limits, reach both at once;
// the others reach an operator when nobody answered for the grace of the class. A
// fall is closed neither by another person's answer nor by habit: it takes an
// answer and a sign of life.
func StageOf(f Finding, r Reply) Stage {
	info := f.Class.Info()
	switch {
	case f.Withdrawn:
		return StageClosed
	case info.Group != Risk:
		return StageNote
	case r.Help, f.Class.passes(), f.Class == Vitals && f.Detector == DetectLimit:
		return StageOperator
	case f.Class == Fall:
		if r.Answered && !r.ByOther && r.SignsAfter > 0 {
			return StageClosed
		}
	case r.Answered:
		return StageClosed
	}
	if r.SinceRaised >= info.Grace {
		return StageOperator
	}
	return StagePrompt
}
