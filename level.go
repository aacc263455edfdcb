package linli

// SLAClass is the promise class of an order: P1 urgent to P4 planned (domain.md 1.5).
type SLAClass string

// The four promise classes.
const (
	P1 SLAClass = "P1" // life and limb: 24×7, accepted within a minute
	P2 SLAClass = "P2" // no water or power, a worrying reading: 24×7, accepted within ten minutes
	P3 SLAClass = "P3" // ordinary: service hours, accepted within thirty minutes
	P4 SLAClass = "P4" // booked or planned: the appointed slot
)

// Valid tells whether c is one of P1 to P4.
func (c SLAClass) Valid() bool { return c == P1 || c == P2 || c == P3 || c == P4 }

// Severity grades an alarm: 1 a note, 2 take care, 3 soon, 4 and 5 urgent.
type Severity int

// Level is the color of performance warnings; it is never mixed with Severity.
type Level string

// The performance levels. Gray is "not judged": too few rows or a source was silent.
const (
	Green  Level = "green"
	Blue   Level = "blue"
	Yellow Level = "yellow"
	Red    Level = "red"
	Gray   Level = "gray"
)
