package sense

// Times are milliseconds of the home's own clock since 1970-01-01 00:00 there:
// the hour of the day is what matters, and the zone is the caller's.
const (
	second = int64(1000)
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
	never  = int64(1) << 62
)

// hourOf is the hour of the day, 0 to 23, also before 1970.
func hourOf(at int64) int { return int((at%day + day) % day / hour) }

// dayOf numbers days; a day begins at midnight.
func dayOf(at int64) int64 { return (at - (at%day+day)%day) / day }

// Room is what a room is for.
type Room uint8

// The rooms.
const (
	Living Room = iota
	Bedroom
	Bathroom
	Kitchen
	Entrance
	Elsewhere
	roomCount
)

// Role is what a sensor measures, and so what its values mean.
type Role uint8

// The roles. On/off roles take 1 and 0; the others take what the unit says.
const (
	Motion     Role = iota // somebody moves; the 0 is a timeout and no sign of life
	Use                    // something is used: a cupboard, an inner door, a flush, a stove
	Seat                   // 1 while somebody sits
	Bed                    // 1 while somebody lies
	OuterDoor              // contact of the way out
	Heart                  // beats per minute at rest
	Breath                 // breaths per minute
	Oxygen                 // saturation in percent
	Systolic               // mmHg
	Diastolic              // mmHg
	Button                 // 1 pressed, 0 taken back by the person
	Smoke                  // 1 smoke
	Heat                   // 1 a heat detector tripped
	Gas                    // percent of the lower explosive limit
	Carbon                 // CO, ppm
	Water                  // liters since the last reading, one reading per half hour
	LiftCamera             // confidence 0 to 1 that an e-bike is in the lift
	SkyCamera              // frames of a falling track
	roleCount
)

// Sensor is a device of the home, named by its index.
type Sensor struct {
	Role Role
	Room Room
	// Every is the longest a healthy device stays silent, in seconds; 0 for one that
	// speaks only when something happens.
	Every int32
}

// lives tells whether a value of the role shows that somebody is in the home and moves.
func (r Role) lives() bool { return r <= OuterDoor || r == Button }

// Kind is the kind of an event.
type Kind uint8

// The kinds.
const (
	Signal    Kind = iota // a sensor says Value
	Heartbeat             // a sensor says that it lives
	Flag                  // Sensor is a Mark, Value 1 set and 0 cleared
	Answer                // Sensor is the Class that was asked about, Value an Answer*
	kindCount
)

// Mark is a state that people declare.
type Mark = uint16

// The marks.
const (
	Guest     Mark = iota // others are in the home: nothing is judged that they could cause
	Hospital              // the person is away and cared for
	Traveling             // the person is away and said so
	Dementia              // leaving alone at night is at once a finding
	markCount
)

// What an answer says.
const (
	AnsweredFine  = 1.0  // the person is well
	AnsweredHelp  = 2.0  // the person wants help
	AnsweredFalse = -1.0 // the finding was wrong: the limit moves a bounded step
	AnsweredNot   = 0.0  // nobody answered
)

// Event is what happened at a moment.
type Event struct {
	At     int64 // ms of the home's clock
	Value  float32
	Sensor uint16 // index into the sensors; a Mark or a Class for the kinds that say so
	Kind   Kind
}
