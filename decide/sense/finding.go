package sense

// Detector is the part that raised a finding. A class may have several.
type Detector uint8

// The detectors.
const (
	DetectGap        Detector = iota // silence at home against the person's own silences
	DetectStay                       // long in the bathroom
	DetectNightMoves                 // more moves in the night than usual
	DetectNightDoor                  // the way out opened in the small hours
	DetectAbsence                    // away longer than usual for the hour of leaving
	DetectLateOut                    // still out after 22:00, which the person never is
	DetectHousebound                 // not out for longer than usual
	DetectLimit                      // a clinical limit
	DetectUnusual                    // inside the limits, but far from the person's own values
	DetectPress                      // pressed
	DetectAlarm                      // a detector's own alarm
	DetectConfirmed                  // a second one says the same
	DetectLowUse                     // no water for longer than usual
	DetectHighUse                    // more water than anybody uses
	DetectLeak                       // water flows all day
	DetectSeen                       // seen by a camera for long enough
	DetectMeal                       // no sign of a meal
	DetectSleep                      // onset, length or wakings have moved
	DetectRoutine                    // the day is like none of the last weeks
	DetectVisits                     // the way out opens at night, night after night
	DetectFewerExits                 // out less often, week after week
	DetectOffline                    // a device does not report
	detectorCount
)

// version of the rules: part of every explanation, changed when a rule changes.
const version = 1

// Finding is something a person or an operator should know. It is a value: the
// same events give the same finding, bit for bit.
type Finding struct {
	Class    Class
	Detector Detector
	Version  uint16
	Severity uint8
	At       int64  // ms when it was raised
	Since    int64  // ms when the condition began
	Case     uint32 // findings of one cause carry the same number
	// Withdrawn takes back an earlier finding with the same class, detector and time,
	// because an event that came late shows that it never was so.
	Withdrawn bool
	Why       Why
}

// Why is what a finding rests on: numbers and codes, worded by the caller.
type Why struct {
	Observed, Low, High float64 // what was seen and what is usual, in Unit
	Unit                Unit
	P, Limit            float64   // how rarely this person reaches Observed, and how rare a finding must be; 0 when the rule is fixed
	State               State     // where the person was taken to be
	Days                float32   // days of own history
	Cohort              float32   // weight of the cohort in the judgment, 0 to 1
	Events              [3]Moment // the latest signs before the finding, newest first
	Silent              uint64    // devices that did not report, a bit per sensor
	Clears              Clears    // what would have cleared it
	Before              int64     // ms until which it would have
}

// Moment is a sign that mattered. At is 0 when there was none.
type Moment struct {
	At     int64
	Sensor uint16
}

// Unit is the unit of what was seen.
type Unit uint8

// The units.
const (
	UnitHours Unit = iota
	UnitCount
	UnitPerMinute
	UnitPercent
	UnitMMHg
	UnitPPM
	UnitLiters
	UnitScore // robust standard deviations, or a camera's confidence
)

// Clears is a code of what would have cleared a finding.
type Clears uint8

// The codes.
const (
	ClearsAnySign    Clears = iota // any sign from two sensors, or in three minutes of ten
	ClearsOtherRoom                // a sign from another room
	ClearsReturn                   // the way in opening and a sign inside
	ClearsExit                     // leaving the home
	ClearsQuiet                    // nothing more of this
	ClearsNormal                   // a value within the range
	ClearsTakingBack               // taking the press back within ten seconds
	ClearsFlow                     // water used
	ClearsKitchen                  // a sign in the kitchen
	ClearsReport                   // the device reporting
	ClearsNothing                  // nothing: it is passed through
)

// same tells whether two findings are about the same thing.
func (f *Finding) same(g *Finding) bool {
	return f.Class == g.Class && f.Detector == g.Detector && f.At == g.At && f.Since == g.Since
}
