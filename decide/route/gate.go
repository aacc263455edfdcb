package route

// Gate is a reason why a worker cannot take a visit. The order of the
// constants is the order in which they are looked at.
type Gate int

// The gates.
const (
	GateNone        Gate = iota // can take it
	GateSkill                   // lacks a skill or its level
	GateCertificate             // has the skill, but the certificate ends before
	GateExcluded                // refused, not allowed, or the visit is fixed elsewhere
	GateShift                   // not on duty when the visit could be served
	GateWindow                  // on duty, but cannot be there inside a window
	GateCapacity                // would carry too much
	GateLink                    // the linked visits find no place together with it
	GatePromise                 // would make somebody else's visit too late
)

var gateCodes = [...]string{"none", "skill", "certificate", "excluded", "shift", "window", "capacity", "link", "promise"}

// String is the code of the gate.
func (g Gate) String() string {
	if g < 0 || int(g) >= len(gateCodes) {
		return "unknown"
	}
	return gateCodes[g]
}
