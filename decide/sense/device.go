package sense

import "math/bits"

// Device silence comes first: an offline sensor looks like a collapse.

// speaks notes that a device lives.
func (r *run) speaks(sensor uint16, at int64) {
	r.Seen[sensor] = uint32((at-r.Began)/second) + 1
	if bit := uint64(1) << sensor; r.Silent&bit != 0 {
		r.Silent &^= bit
	}
	if r.plan.Sensors[sensor].Every > 0 && r.Due[wakeDevices] == never {
		r.Due[wakeDevices] = at + r.patience(int(sensor))
	}
}

// patience is how long a device may stay silent: three reports missed.
func (r *run) patience(sensor int) int64 {
	return 3 * int64(r.plan.Sensors[sensor].Every) * second
}

// together is how far apart devices behind one gateway are missed.
const together = 5 * minute

// seen is when a device last spoke; the begin of the watch for one that never did.
func (r *run) seen(sensor int) int64 {
	return r.Began + int64(max(r.Seen[sensor], 1)-1)*second
}

// nextMissed is when the first device that still reports would be missed, leaving out some.
func (r *run) nextMissed(out uint64) int64 {
	next := never
	for i, s := range r.plan.Sensors {
		if s.Every > 0 && (r.Silent|out)&(1<<i) == 0 {
			next = min(next, r.seen(i)+r.patience(i))
		}
	}
	return next
}

// checkDevices finds the devices whose reports are missing. They are one finding:
// a gateway takes all of them along.
func (r *run) checkDevices(at int64) {
	missing, first := uint64(0), never
	if r.nextMissed(0) <= at {
		for i, s := range r.plan.Sensors {
			if s.Every > 0 && r.Silent&(1<<i) == 0 && r.seen(i)+r.patience(i) <= at+together {
				missing |= 1 << i
				first = min(first, r.seen(i))
			}
		}
	}
	r.Due[wakeDevices] = r.nextMissed(missing)
	if missing == 0 {
		return
	}
	r.Silent |= missing
	severity := uint8(1)
	if r.blind() {
		severity = 2
		r.silenceUnknown(first) // what was not heard is not lived
	}
	r.raise(Finding{Class: DeviceSilent, Detector: DetectOffline, Severity: severity, At: at, Since: first, Why: Why{
		Observed: float64(bits.OnesCount64(r.Silent)), Unit: UnitCount, State: r.P.State, Days: r.Days,
		Events: r.P.Last, Silent: r.Silent, Clears: ClearsReport, Before: at}})
}

// blind tells whether silence means nothing: half of the sensors that could hear
// the person are silent themselves.
func (r *run) blind() bool {
	lost := bits.OnesCount64(r.Silent & r.plan.living)
	return lost > 0 && 2*lost >= bits.OnesCount64(r.plan.living)
}
