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

// checkDevices finds the devices whose reports are missing. They are one finding:
// a gateway takes all of them along.
func (r *run) checkDevices(at int64) {
	next, fresh, first := never, uint64(0), never
	for i, s := range r.plan.Sensors {
		if s.Every == 0 || r.Silent&(1<<i) != 0 {
			continue
		}
		seen := r.Began + int64(max(r.Seen[i], 1)-1)*second
		if due := seen + r.patience(i); due > at {
			next = min(next, due)
		} else {
			fresh |= 1 << i
			first = min(first, seen)
		}
	}
	r.Due[wakeDevices] = next
	if fresh == 0 {
		return
	}
	r.Silent |= fresh
	severity := uint8(1)
	if r.blind() {
		severity = 2
		r.silenceUnknown(at)
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
