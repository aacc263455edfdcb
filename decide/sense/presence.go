package sense

// State is where the person is.
type State uint8

// The states. Unknown is honest: the door moved and nothing else yet.
const (
	Unknown State = iota
	Awake         // at home
	Asleep        // at home
	Away
)

const (
	settle     = 10 * minute // silence after the door that means gone, and the least silence that is judged
	lifeWindow = 10 * minute // signs that confirm each other lie within it
	oneWay     = 2 * minute  // movements of the door within it are one passing
	dozeBed    = 15 * minute // silence in bed that means asleep
	dozeRoom   = 45 * minute // the same at night where no sensor knows the bed
)

// presence tells the four states apart by the last signs. It is a machine of
// rules and not a fitted chain: what decides in homes is whether the way out was
// the last to move, and whether a bed or a bedroom was, and both are seen.
type presence struct {
	State    State
	Since    int64    // when the state began
	Sign     int64    // last sign of life, lone ones too
	Life     int64    // last confirmed life
	Door     int64    // last time the way out moved
	AtDoor   bool     // nothing inside has moved since
	Inward   bool     // the door moved last to let the person in
	Hands    [2]int64 // the last two times something was touched
	Room     Room     // of the last sign inside
	Sensor   uint16
	OtherAt  int64     // last sign of another sensor than Sensor
	Minutes  [2]int64  // the last two distinct minutes with a sign
	Bath     int64     // when the stay in the bathroom began; 0 elsewhere
	Occupied uint64    // seats and beds that are taken, a bit per sensor
	Last     [3]Moment // newest first
}

// sees takes a sign in. Confirmed tells whether it shows life: two sensors, three
// minutes, or three touches within ten minutes. A lone blip (a draft, a pet, a
// twitch on the floor) is none.
func (p *presence) sees(e Event, s Sensor) (confirmed bool) {
	if p.Sensor != e.Sensor {
		p.OtherAt, p.Sensor = p.Sign, e.Sensor
	}
	confirmed = p.Sign != 0 && e.At-p.OtherAt <= lifeWindow && p.OtherAt != 0
	if m := e.At / minute; m != p.Minutes[0] {
		confirmed = confirmed || (m-p.Minutes[1])*minute <= lifeWindow
		p.Minutes[1], p.Minutes[0] = p.Minutes[0], m
	}
	if s.Role != Motion {
		confirmed = confirmed || p.Hands[1] != 0 && e.At-p.Hands[1] <= lifeWindow
		p.Hands[1], p.Hands[0] = p.Hands[0], e.At
	}
	p.Sign = e.At
	p.Last[2], p.Last[1], p.Last[0] = p.Last[1], p.Last[0], Moment{e.At, e.Sensor}
	if s.Role == Seat || s.Role == Bed {
		bit := uint64(1) << e.Sensor
		if e.Value > 0 {
			p.Occupied |= bit
		} else {
			p.Occupied &^= bit
		}
	}
	if s.Role == OuterDoor {
		switch again := e.At-p.Door > oneWay; {
		case !p.AtDoor:
			p.Inward = p.State == Away
		case again:
			p.Inward = !p.Inward
		}
		p.Door, p.AtDoor = e.At, true
	} else if !(p.AtDoor && s.Room == Entrance && s.Role == Motion) { // moving at the door is not yet being inside
		p.AtDoor = false
		if s.Role != Use || e.Value > 0 || p.Occupied == 0 { // a cistern still fills while the person sits again
			p.Room = s.Room
		}
	}
	return confirmed
}

// become changes the state, which may be known to have begun a while ago.
func (r *run) become(s State, since int64) {
	if r.P.State != s {
		r.routineState(since)
		r.P.State, r.P.Since = s, since
	}
}

// where is the context of a silence: 0 about the home, 1 on a seat or in the living
// room, 2 in bed or in the bedroom, or, where no sensor knows the bed, at the hours of sleep.
func (r *run) where() uint8 {
	switch h := hourOf(r.P.Sign); {
	case !r.plan.knowsBed && (h >= 22 || h < 7):
		return 2
	case r.P.Occupied&r.plan.beds != 0:
		return 2
	case r.P.Occupied != 0, r.P.Room == Living:
		return 1
	case r.P.Room == Bedroom:
		return 2
	}
	return 0
}

// sign is a sign of life, from wherever it came.
func (r *run) sign(e Event, s Sensor) {
	was, before := r.P.State, r.P.Room
	confirmed := r.P.sees(e, s)
	if r.P.Occupied&(1<<e.Sensor) != 0 && s.Role == Bed {
		r.Due[wakeDoze] = e.At + dozeBed
	} else {
		r.Due[wakeDoze] = e.At + r.dozeAfter()
	}
	switch {
	case r.P.AtDoor:
		r.Due[wakeLeft] = e.At + settle
		if s.Role == OuterDoor {
			r.become(Unknown, e.At)
			r.silenceUnknown(e.At)
			r.stayOver(e.At)
			r.wokeUp(e.At)
			if e.Value > 0 && !r.P.Inward { // coming home late is not going out at night
				r.nightDoor(e)
			}
		}
	default:
		r.Due[wakeLeft] = never
		if was == Away || was == Unknown {
			r.returned(e.At)
		}
		if was != Asleep {
			r.become(Awake, e.At)
		} else if confirmed && s.Role != Bed && s.Room != Bedroom {
			r.become(Awake, e.At)
			r.wokeUp(e.At)
		}
		r.movedTo(e.At, before)
		r.silenceSign(e.At, confirmed)
	}
	if !r.P.AtDoor {
		r.nightSign(e)
		r.routineSign(e.At, r.P.Room)
		if s.Room == Kitchen && (s.Role == Motion || s.Role == Use) {
			r.kitchenSign(e.At)
		}
	}
}

// dozeAfter is how long silence lasts before it may be sleep.
func (r *run) dozeAfter() int64 {
	if r.P.Room == Bedroom {
		return dozeBed
	}
	return dozeRoom
}

// dozed: silent for long enough to be asleep, if it is the place or the hour for it.
func (r *run) dozed(at int64) {
	if r.P.State != Awake {
		return
	}
	h := hourOf(r.P.Sign)
	night := h >= 21 || h < 9
	inBed := r.P.Occupied&r.plan.beds != 0
	if inBed || night && (r.P.Room == Bedroom || !r.plan.knowsBed) {
		r.become(Asleep, r.P.Sign)
		r.fellAsleep(at, r.P.Sign)
	}
}

// left: the way out was the last to move, and nothing inside has since. Who was
// away has come home and sits still, who was at home has left.
func (r *run) left(at int64) {
	if !r.P.AtDoor {
		return
	}
	if r.P.Inward {
		r.P.AtDoor = false
		r.returned(at)
		r.become(Awake, r.P.Door)
		r.P.Life = r.P.Door
		r.Due[wakeSilence] = at
		return
	}
	r.become(Away, r.P.Door)
	r.P.Occupied = 0
	r.wokeUp(r.P.Door)
	r.absenceBegan(at)
	r.exitHappened(at)
	r.Meals.Left = r.P.Door
	r.waterPause(at)
}
