// Package linli holds the shared words of the hub: ids, places, money, levels,
// needs and errors. It has no logic beyond validity and imports nothing of ours,
// so that every room can speak the same language without knowing another room.
package linli

import "time"

// Shanghai is the zone of every business day, calendar and printed time.
// Storage holds UTC milliseconds; only rules about days use the zone.
var Shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// Now is an injected clock. A service holds one and passes the moment it
// returns into its SQL, so that a simulated day runs every timer and deadline.
type Now func() time.Time

// Millis converts a moment to the stored form: milliseconds since 1970 UTC.
// The zero time becomes 0, which every column reads as "not yet".
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Time converts stored milliseconds back to a moment in Shanghai; 0 becomes the zero time.
func Time(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).In(Shanghai)
}

// Window is a span of time, From included, To excluded. A zero end is open.
type Window struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// IsZero tells whether no wish was voiced at all.
func (w Window) IsZero() bool { return w.From.IsZero() && w.To.IsZero() }

// Need is what must be delivered, to whom, where and when. Demand voices it,
// match judges candidates against it, dispatch plans it and order carries it out.
type Need struct {
	Item     ItemCode      `json:"item"`               // one of the 12 items
	Spec     SpecCode      `json:"spec"`               // one of the 64 service specifications
	Resident ResidentID    `json:"resident,omitempty"` // empty: nobody in person (a hazard on the street)
	Place    Place         `json:"place"`              // where the help goes; at least a region
	At       Point         `json:"at"`                 // WGS-84; zero when only the place is known
	Wish     Window        `json:"wish"`               // wished start of service; zero: as soon as possible
	Length   time.Duration `json:"-"`                  // expected service time
	SLA      SLAClass      `json:"sla"`                // P1 to P4
	Persons  int           `json:"persons"`            // workers needed at once, 1 or 2
	Skills   []Skill       `json:"skills,omitempty"`   // all of them required of each worker
	Prefer   []WorkerID    `json:"prefer,omitempty"`   // continuity of carer
	Exclude  []WorkerID    `json:"exclude,omitempty"`  // the resident or a rule refuses these
}

// Skill is an ability at a level; a certificate may be what proves it.
type Skill struct {
	Code  string `json:"code"`  // skill code of the catalog, e.g. "elder-carer"
	Level int    `json:"level"` // 1 lowest to 5 highest
}
