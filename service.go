package linli

import "time"

// NamedPlace is a place under one of the names people use for it.
type NamedPlace struct {
	Name  string
	Place Place
	At    Point
}

// Mode is how a specification is delivered.
type Mode string

// The modes of delivery.
const (
	ByWorker   Mode = "worker"   // somebody comes, or is visited by appointment
	ByFacility Mode = "facility" // a bookable slot in a facility
	ByReferral Mode = "referral" // handed to another institution and followed up
)

// Spec is what the other slices need to know of one of the catalog's service specifications.
type Spec struct {
	Code     SpecCode      `json:"code"`
	Item     ItemCode      `json:"item"`
	Zh       string        `json:"zh"`
	En       string        `json:"en"`
	Mode     Mode          `json:"mode"`
	SLA      SLAClass      `json:"sla"`
	Length   time.Duration `json:"-"`       // usual service time
	Persons  int           `json:"persons"` // workers needed at once
	Skills   []Skill       `json:"skills,omitempty"`
	Consent  string        `json:"consent,omitempty"`  // purpose that needs the resident's consent
	Facility string        `json:"facility,omitempty"` // facility kind, with ByFacility
	SOP      string        `json:"sop"`                // the published SOP version an order of today pins
}

// Step is one step of a standard operating procedure.
type Step struct {
	No       int           `json:"no"`
	Zh       string        `json:"zh"`
	En       string        `json:"en"`
	Owner    string        `json:"owner"`              // role or party that carries it out
	Limit    time.Duration `json:"-"`                  // 0: none
	Evidence string        `json:"evidence,omitempty"` // "", photo, note, signature or code
	Required bool          `json:"required"`           // the order cannot finish without it
}

// Worker is a person who serves, as match and dispatch see one.
type Worker struct {
	ID      WorkerID
	Org     OrgID
	Name    string // shown to staff; never leaves a response unmasked
	Actor   string // actor kind of the organization
	Place   Place  // home place of the work, for scope
	At      Point  // where shifts start and end
	Profile string // travel profile of package geo: adult, ebike …
	Skills  []HeldSkill
	Shifts  []Window // shifts from now on, in order, not overlapping
	MaxLoad time.Duration
	Active  bool
	Rev     int64
}

// HeldSkill is a skill with the validity of the certificate behind it; a zero
// end never expires, Proof is empty when none is needed.
type HeldSkill struct {
	Skill
	Proof string
	Until time.Time
}

// Assignment is dispatch's answer: who serves the order, when, and why.
type Assignment struct {
	Worker   WorkerID   `json:"worker,omitempty"`
	Second   WorkerID   `json:"second,omitempty"` // with two persons
	Org      OrgID      `json:"org,omitempty"`
	Facility FacilityID `json:"facility,omitempty"`
	Start    time.Time  `json:"start"`   // planned start of service
	Promise  Window     `json:"promise"` // what the resident is told
	Reasons  []Reason   `json:"reasons"` // never empty
	Auto     bool       `json:"auto"`    // decided without a person
}

// Reason is one ground of a decision as a code with numbers; the screens word it.
type Reason struct {
	Code   string  `json:"code"`             // e.g. "nearest", "same-carer", "only-certified"
	Value  float64 `json:"value,omitempty"`  // in Unit
	Unit   string  `json:"unit,omitempty"`   // "min", "m", "rank", "yuan" …
	Ref    string  `json:"ref,omitempty"`    // id of what it speaks about
	Approx bool    `json:"approx,omitempty"` // Value is estimated, as a way is from the straight line
}

// Candidate is what match says of one worker or facility for a need. Either Gate
// names the first hard condition it fails, or Parts add up to its score.
type Candidate struct {
	Worker   WorkerID   `json:"worker,omitempty"`
	Facility FacilityID `json:"facility,omitempty"`
	Org      OrgID      `json:"org,omitempty"`
	Gate     string     `json:"gate,omitempty" enum:"skill,certificate,excluded,consent,time,space,capacity" doc:"first failed gate; absent: can serve"`
	Detail   string     `json:"detail,omitempty" doc:"what failed: a skill code, a date, a distance"`
	Score    float64    `json:"score,omitempty" doc:"sum of the parts in minutes; fewer is better"`
	Parts    []Part     `json:"parts,omitempty"`
	Approx   bool       `json:"approx,omitempty" doc:"the way is estimated from the straight line"`
	Slot     *Window    `json:"slot,omitempty" doc:"the first free slot of a facility"`
}

// Part is one addend of a score, in minutes: fewer is better.
type Part struct {
	Code    string  `json:"code" enum:"travel,wait,continuity,preferred,rating,load,overqualified"`
	Minutes float64 `json:"minutes"`
}
