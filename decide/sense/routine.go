package sense

import (
	"math"
	"slices"
)

// Routine: a day as the minutes with signs in each room, asleep and away, by part
// of the day, compared with its nearest neighbors among the last days.

const (
	dayParts  = 6  // of four hours
	daysKept  = 10 // neighbors to be had
	neighbors = 3
	rowAsleep = int(roomCount)
	rowAway   = rowAsleep + 1
	cells     = (rowAway + 1) * dayParts
)

type routine struct {
	Days   [daysKept][cells]uint8
	Kept   int32
	Today  [cells]uint8
	Minute int64 // last minute that was counted
	Until  int64 // sleep and absence are counted until here
	Usual  usual // log distance to the neighbors
	Drift  drift
}

func (r *run) routineSign(at int64, room Room) {
	t := &r.Routine
	if m := at / minute; m != t.Minute {
		t.Minute = m
		if c := &t.Today[int(room)*dayParts+hourOf(at)*dayParts/24]; *c < 255 {
			*c++
		}
	}
}

// routineState counts the sleep or the absence that ends at a moment.
func (r *run) routineState(at int64) {
	t := &r.Routine
	from := max(r.P.Since, t.Until)
	t.Until = at
	var row int
	switch r.P.State {
	case Asleep:
		row = rowAsleep
	case Away:
		row = rowAway
	default:
		return
	}
	walk(from, at, func(i int, part float64) {
		c := &t.Today[row*dayParts+i*dayParts/24]
		*c = uint8(min(float64(*c)+part*60/stateWeight, 240))
	})
}

// distance of two days: square roots level busy rooms.
func distance(a, b *[cells]uint8) float64 {
	sum := 0.0
	for i := range a {
		d := math.Sqrt(float64(a[i])) - math.Sqrt(float64(b[i]))
		sum += d * d
	}
	return math.Sqrt(sum)
}

const (
	stateWeight  = 20   // minutes asleep or away that weigh as one with a sign
	routineFloor = 0.15 // of log distance
	routineSlack = 0.4
	routineDoubt = 1.0 // sum from which days are not learned
	routineLimit = 1.7
)

// dayEnds compares the day that is over.
func (r *run) dayEnds(at int64) {
	t := &r.Routine
	r.routineState(at)
	today := t.Today
	t.Today = [cells]uint8{}
	if r.unjudged() || r.blind() || at-r.Began < day || today == [cells]uint8{} {
		return
	}
	alarmed := false
	if kept := min(int(t.Kept), daysKept); kept >= neighbors {
		var near []float64
		for i := range kept {
			near = append(near, distance(&today, &t.Days[i]))
		}
		slices.Sort(near)
		sum := 0.0
		for _, d := range near[:neighbors] {
			sum += d
		}
		x := math.Log(sum/neighbors + 0.1)
		if t.Usual.N >= 3 {
			score := t.Usual.score(x, routineFloor)
			if s := t.Drift.add(max(score, 0), routineSlack); s > routineLimit {
				alarmed = true
				r.raise(Finding{Class: RoutineChange, Detector: DetectRoutine, Severity: 1, At: at, Since: at - day, Why: Why{
					Observed: score, High: 2, Unit: UnitScore, State: r.P.State, Days: r.Days, Events: r.P.Last, Silent: r.Silent,
					Clears: ClearsNormal, Before: at}})
				t.Drift = drift{}
			}
		}
		if alarmed = alarmed || t.Drift.Up > routineDoubt; !alarmed {
			t.Usual.learn(x, routineFloor, nightMemory)
		}
	}
	if !alarmed {
		t.Days[t.Kept%daysKept] = today
		t.Kept++
	}
}
