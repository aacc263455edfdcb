package sense

import (
	"math"

	"linli"
)

// MaxSensors is how many sensors a home may have.
const MaxSensors = 48

// Plan is what does not change while a home is watched. It is not part of a
// snapshot: whoever keeps the home keeps it.
type Plan struct {
	Sensors []Sensor
	Cohort  *Cohort // nil means DefaultCohort
	Budget  Budget  // zero values mean the defaults
}

// plan is a Plan with what follows from it.
type plan struct {
	Plan
	living      uint64 // sensors that show signs of life
	beds        uint64
	knowsBed    bool // a bed has a sensor, or motion in the bedroom one
	seesBath    bool // the bathroom has a sensor that tells presence, not only a door
	seesDoor    bool
	seesKitchen bool
	seesWater   bool
}

// The moments a home waits for, in the order in which they count when two fall
// together: devices first, then where the person is, then everything else.
const (
	wakeDevices = iota
	wakeLeft
	wakeDoze
	wakeMidnight
	wakeMorning
	wakeNoon
	wakeSilence
	wakeStay
	wakeAbsence
	wakeLateOut
	wakeExit
	wakeMeal
	wakeDry
	wakePress
	wakeCarbon
	wakeCount
)

var wakes = [wakeCount]func(*run, int64){
	wakeDevices:  (*run).checkDevices,
	wakeLeft:     (*run).left,
	wakeDoze:     (*run).dozed,
	wakeMidnight: (*run).midnight,
	wakeMorning:  (*run).morning,
	wakeSilence:  (*run).silent,
	wakeStay:     (*run).stayed,
	wakeAbsence:  (*run).overdue,
	wakeLateOut:  (*run).lateOut,
	wakeExit:     (*run).housebound,
	wakeNoon:     (*run).noon,
	wakeMeal:     (*run).mealOver,
	wakeDry:      (*run).waterless,
	wakePress:    (*run).notTakenBack,
	wakeCarbon:   (*run).breathed,
}

// The hours of the rhythms in the pool.
const (
	poolSilence = 0
	poolStay    = poolSilence + contexts
	poolAbsence = poolStay + 1
	poolExit    = poolAbsence + 2
	poolDry     = poolExit + 1
	poolCount   = poolDry + 1
)

// state is everything a home remembers: one value without pointers, so that a
// copy is a checkpoint and its bytes are a snapshot.
type state struct {
	Began, At int64 // first and latest moment; Began is 0 before the first event
	Days      float32
	Marks     [markCount]bool
	Silent    uint64             // devices that do not report
	Seen      [MaxSensors]uint32 // seconds after Began, plus one; 0 for never

	P       presence
	Pool    [poolCount]hours
	Silence rhythm
	Stay    rhythm
	Absence rhythm
	Exit    rhythm
	Dry     rhythm
	OutLate float32 // evenings away at 22:00, decayed
	Night   night
	Sleep   sleep
	Meals   meals
	Routine routine
	Outings outings
	Vital   [vitalRoles]vital
	Alarms  alarms
	Water   water

	Due                  [wakeCount]int64
	Next                 int64 // least of Due
	Raised               [classCount]raised
	LastCase             uint32
	Answered, Unanswered float32
}

// raised is the latest finding of a class.
type raised struct {
	At       int64
	Case     uint32
	Severity uint8
	By       Detector
}

// run is a state at work on a plan.
type run struct {
	*state
	plan *plan
	out  []Finding
}

// Home watches one person's home. A copy of it lives on by itself. It is not safe
// for use by several goroutines.
type Home struct {
	plan    plan
	live    state
	settled state // before journal[0]
	journal [journalSize]Event
	n       int // events in the journal
	work    run // of the call that goes on; kept only to spare an allocation per event
}

// on sets the home to work on one of its states.
func (h *Home) on(s *state) *run {
	h.work = run{state: s, plan: &h.plan}
	return &h.work
}

// Open begins to watch a home of which nothing is known yet.
func Open(p Plan) (*Home, error) {
	if len(p.Sensors) > MaxSensors {
		return nil, linli.Invalidf("sensors", "传感器最多 %d 个", "a home has at most %d sensors", MaxSensors)
	}
	h := &Home{plan: plan{Plan: p}}
	for i, s := range p.Sensors {
		if s.Role >= roleCount || s.Room >= roomCount || s.Every < 0 {
			return nil, linli.Invalidf("sensors", "第 %d 个传感器的用途、房间或上报周期有误", "sensor %d has an unknown role, an unknown room or a negative interval", i)
		}
		bit := uint64(1) << i
		if s.Role.lives() {
			h.plan.living |= bit
			h.plan.knowsBed = h.plan.knowsBed || s.Room == Bedroom && s.Role == Motion || s.Role == Bed
			h.plan.seesKitchen = h.plan.seesKitchen || s.Room == Kitchen
			h.plan.seesBath = h.plan.seesBath || s.Room == Bathroom && s.Role == Motion
		}
		h.plan.seesWater = h.plan.seesWater || s.Role == Water
		if s.Role == Bed {
			h.plan.beds |= bit
		}
		h.plan.seesDoor = h.plan.seesDoor || s.Role == OuterDoor
	}
	if p.Cohort == nil {
		h.plan.Cohort = &defaultCohort
	} else if err := p.Cohort.check(); err != nil {
		return nil, err
	}
	for _, b := range []*float64{&h.plan.Budget.Prompts, &h.plan.Budget.Alarms} {
		if math.IsNaN(*b) || *b < 0 || *b > 100 {
			return nil, linli.Invalid("budget", "每人每周的误报预算应在 0 到 100 之间", "a budget lies between 0 and 100 per person-week")
		}
	}
	if h.plan.Budget.Prompts == 0 {
		h.plan.Budget.Prompts = 1
	}
	if h.plan.Budget.Alarms == 0 {
		h.plan.Budget.Alarms = 0.1
	}
	for i := range h.live.Due {
		h.live.Due[i] = never
	}
	h.live.Next = never
	h.settled = h.live
	return h, nil
}

// At is the latest moment the home has lived through, 0 before the first.
func (h *Home) At() int64 { return h.live.At }

// State is where the person is taken to be, and since when.
func (h *Home) State() (State, int64) { return h.live.P.State, h.live.P.Since }

// Tick lets time pass until now and gives what was found. Moments before the
// latest are ignored.
func (h *Home) Tick(now int64) []Finding {
	if h.live.Began == 0 || now <= h.live.At {
		return nil
	}
	r := h.on(&h.live)
	r.pass(now)
	return r.out
}

// Step takes an event in and gives what was found until then, and by it. An event
// that comes late is put in its place if the journal still reaches there, and
// what follows is lived again: findings that turn out otherwise are withdrawn or
// added. An event of an unknown sensor, or one later than the journal reaches, is an error
// of kind invalid and changes nothing.
func (h *Home) Step(e Event) ([]Finding, error) {
	if err := h.check(e); err != nil {
		return nil, err
	}
	if e.At < h.live.At {
		return h.late(e)
	}
	r := h.on(&h.live)
	r.take(e)
	found := r.out
	h.remember(e)
	return found, nil
}

func (h *Home) check(e Event) error {
	switch {
	case e.Kind >= kindCount:
		return linli.Invalidf("kind", "事件种类 %d 不存在", "there is no event kind %d", e.Kind)
	case e.Kind <= Heartbeat && int(e.Sensor) >= len(h.plan.Sensors):
		return linli.Invalidf("sensor", "传感器 %d 不存在", "there is no sensor %d", e.Sensor)
	case e.Kind == Flag && e.Sensor >= markCount:
		return linli.Invalidf("sensor", "标记 %d 不存在", "there is no mark %d", e.Sensor)
	case e.Kind == Answer && Class(e.Sensor) >= classCount:
		return linli.Invalidf("sensor", "类别 %d 不存在", "there is no class %d", e.Sensor)
	case e.Value != e.Value || e.Value > 1e6 || e.Value < -1e6:
		return linli.Invalid("value", "数值无效", "the value is no number or beyond a million")
	case e.At <= 0 || e.At > maxTime:
		return linli.Invalid("at", "时间超出范围", "the time is outside 1970 to 2200")
	case h.live.At != 0 && e.At > h.live.At+400*day:
		return linli.Invalid("at", "时间比上一事件晚一年以上，请检查设备时钟", "the time lies more than a year after the last event: check the clock of the device")
	}
	return nil
}

const maxTime = int64(7_258_118_400_000) // 2200-01-01

// pass lives through what is due before now. What falls due in the very moment
// comes after whatever else happens in it: an event may clear it.
func (r *run) pass(now int64) {
	for r.Next < now {
		w := 0
		for i, at := range r.Due {
			if at < r.Due[w] {
				w = i
			}
		}
		at := r.Due[w]
		r.At = max(r.At, at)
		r.Due[w] = never
		wakes[w](r, at)
		r.schedule()
	}
	r.At = max(r.At, now)
}

func (r *run) schedule() {
	next := never
	for _, at := range r.Due {
		next = min(next, at)
	}
	r.Next = next
}

// readings are the roles whose values are rules of their own.
var readings = [roleCount]func(*run, Event){
	Smoke: (*run).fire, Heat: (*run).fire, Gas: (*run).gas, Carbon: (*run).carbon,
	Water: (*run).waterReading, LiftCamera: (*run).lift, SkyCamera: (*run).sky,
}

// take lives until an event and takes it in.
func (r *run) take(e Event) {
	if r.Began == 0 {
		r.begin(e.At)
	}
	r.pass(e.At)
	switch e.Kind {
	case Heartbeat:
		r.speaks(e.Sensor, e.At)
	case Flag:
		r.mark(e.Sensor, e.Value > 0, e.At)
	case Answer:
		r.answered(Class(e.Sensor), e.Value, e.At)
	default:
		s := r.plan.Sensors[e.Sensor]
		r.speaks(e.Sensor, e.At)
		switch {
		case s.Role == Motion && e.Value <= 0: // a timeout
		case s.Role == Button:
			r.pressed(e)
			if r.P.State == Awake || r.P.State == Asleep { // a button is worn outside, too
				r.sign(e, s)
			}
		case s.Role.lives():
			r.sign(e, s)
		case s.Role <= Diastolic:
			r.vitalReading(e, s.Role)
		default:
			readings[s.Role](r, e)
		}
	}
	r.schedule()
}

func (r *run) begin(at int64) {
	r.Began, r.At = at, at
	for _, daily := range [...]struct {
		wake  int
		clock int64
	}{{wakeMidnight, 0}, {wakeMorning, nightTo}, {wakeNoon, 12}, {wakeLateOut, 22}, {wakeMeal, mealHours[0][1]}} {
		due := dayOf(at)*day + daily.clock*hour
		if due <= at {
			due += day
		}
		r.Due[daily.wake] = due
	}
	for i, s := range r.plan.Sensors {
		if s.Every > 0 {
			r.Due[wakeDevices] = min(r.Due[wakeDevices], at+r.patience(i))
		}
	}
}

// Old habits fade: half of a memory is gone after about five weeks.
const fade = 0.98

func (r *run) midnight(at int64) {
	r.Due[wakeMidnight] = at + day
	r.dayEnds(at)
	r.outingsDayEnds(at)
	if r.unjudged() {
		return
	}
	r.Days++
	for _, p := range [...]pace{r.silence(), r.stay(), r.absence(), r.exits(), r.dry()} {
		p.decay(fade)
	}
	r.OutLate *= fade
	r.Night.decay(fade)
	r.Meals.decay(fade)
	r.Outings.Day.decay(fade)
	r.Water.Leaking, r.Water.Nights = r.Water.Leaking*fade, r.Water.Nights*fade
}

// mark sets or clears a mark. While others are in the home, or the person is known to
// be elsewhere, nothing is judged or learned, and what was open is censored.
func (r *run) mark(m Mark, on bool, at int64) {
	r.Marks[m] = on
	if !on || m == Dementia {
		return
	}
	r.silenceUnknown(at)
	r.stay().stop(at)
	r.absence().stop(at)
	r.exits().stop(at)
	r.dry().stop(at)
	r.P.Bath, r.Night.Limit, r.Night.Moves = 0, 0, -1
	r.Due[wakeStay], r.Due[wakeAbsence], r.Due[wakeExit], r.Due[wakeDry] = never, never, never, never
}

func (r *run) marked(m Mark) bool { return r.Marks[m] }

// unjudged tells whether habits are neither judged nor learned now.
func (r *run) unjudged() bool {
	return r.Marks[Guest] || r.Marks[Hospital] || r.Marks[Traveling]
}

// calm is how long after a finding another of its class is not raised, and within
// which findings of a class belong to one case. What a person presses is never swallowed.
func calm(c Class) (coolDown, oneCase int64) {
	switch c {
	case SOS:
		return 0, 10 * minute
	case EbikeLift:
		return minute, minute
	case FallingObject:
		return 10 * second, 10 * second
	case DeviceSilent: // no silent device is hidden by another
		return 0, hour
	}
	return 30 * minute, 12 * hour
}

// raise adds a finding, unless its class was raised within the cool-down and this
// one is neither graver nor a confirmation.
func (r *run) raise(f Finding) {
	last := &r.Raised[f.Class]
	coolDown, oneCase := calm(f.Class)
	ago := f.At - last.At
	if last.At == 0 || ago > oneCase {
		r.LastCase++
		last.Case = r.LastCase
	} else if graver := f.Severity > last.Severity || f.Detector == DetectConfirmed && last.By != DetectConfirmed; ago < coolDown && !graver {
		return
	}
	last.At, last.Severity, last.By = f.At, f.Severity, f.Detector
	f.Case, f.Version = last.Case, version
	r.out = append(r.out, f)
}
