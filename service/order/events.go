package order

import (
	"linli"
)

// The events of this package; the key is the order id. Every one of them carries
// Fact, most of them nothing else.
const (
	EventOpened     = "order.opened"     // Opened: dispatch it, if Auto
	EventWaiting    = "order.waiting"    // Moved: nobody can serve it now
	EventAssigned   = "order.assigned"   // Moved
	EventShifted    = "order.shifted"    // Moved: starts at another time, as promised
	EventAmended    = "order.amended"    // Moved with Reason: it asks for something else now
	EventUnassigned = "order.unassigned" // Moved: given back, stands open again
	EventAccepted   = "order.accepted"   // Moved
	EventContacted  = "order.contacted"  // Moved: the resident was spoken to
	EventEnRoute    = "order.en_route"   // Moved
	EventArrived    = "order.arrived"    // Moved
	EventStepDone   = "order.step_done"  // Moved with Step
	EventPaused     = "order.paused"     // Moved with Reason
	EventResumed    = "order.resumed"    // Moved
	EventFinished   = "order.finished"   // Moved: the service was delivered
	EventConfirmed  = "order.confirmed"  // Moved
	EventRated      = "order.rated"      // Moved with Stars and NPS
	EventClosed     = "order.closed"     // Moved: nothing is left to do
	EventFailed     = "order.failed"     // Moved with Reason
	EventCanceled   = "order.canceled"   // Moved with Reason
	EventReopened   = "order.reopened"   // Moved with Reason: a new round
	EventMerged     = "order.merged"     // Moved: inherited an earlier submission
	EventStretched  = "order.stretched"  // Moved: red-warning weather moved its limits
	EventNoted      = "order.noted"      // Moved
	EventBreached   = "order.breached"   // Breached
	EventLifted     = "order.lifted"     // Breached: a phone without network had kept the limit
	EventEscalated  = "order.escalated"  // Escalated
)

// Fact is what every event tells: the order as it stands after the change. Rev
// rises by one with each event of an order.
type Fact struct {
	Order    linli.OrderID    `json:"order"`
	Number   string           `json:"number"`
	Demand   linli.DemandID   `json:"demand,omitempty"`
	State    State            `json:"state"`
	Round    int64            `json:"round"`
	Rev      int64            `json:"rev"`
	Item     linli.ItemCode   `json:"item"`
	Spec     linli.SpecCode   `json:"spec"`
	SLA      linli.SLAClass   `json:"sla"`
	Place    linli.Place      `json:"place"`
	Resident linli.ResidentID `json:"resident,omitempty"`
	Worker   linli.WorkerID   `json:"worker,omitempty"`
	Second   linli.WorkerID   `json:"second,omitempty"`
	Org      linli.OrgID      `json:"org,omitempty"`
	Facility linli.FacilityID `json:"facility,omitempty"`
	DueAt    int64            `json:"due_at"` // next limit that counts, milliseconds; 0: none
}

// Moved tells of an act.
type Moved struct {
	Fact
	Reason string `json:"reason,omitempty"`
	Step   int64  `json:"step,omitempty"`
	Stars  int64  `json:"stars,omitempty"`
	NPS    *int64 `json:"nps,omitempty"`
	// Left and Began are when they set out and when they arrived, milliseconds; 0: not yet.
	Left  int64 `json:"left,omitempty"`
	Began int64 `json:"began,omitempty"`
}

// Opened tells of a new order. Need carries everything but the service time,
// which JSON gives in LengthS.
type Opened struct {
	Fact
	Need        linli.Need `json:"need"`
	LengthS     int64      `json:"length_s"`     // expected service time in seconds
	SubmittedAt int64      `json:"submitted_at"` // earliest submission, milliseconds
	Source      string     `json:"source"`
	Auto        bool       `json:"auto"` // dispatch without a person
}

// Breached tells of a limit that passed, and who answers for it.
type Breached struct {
	Fact
	Clock   string `json:"clock"` // "state", or the promise: "accept", "contact", "start", "close"
	LimitAt int64  `json:"limit_at"`
	Owner   Owner  `json:"owner"`
}

// Escalated tells that somebody further up must look: a role, or "next-worker" for
// dispatch to try the next one.
type Escalated struct {
	Fact
	Clock string `json:"clock"`
	To    string `json:"to_role"`
}

// Owner is who answers for a limit: a worker, else an organization, else a role of the place.
type Owner struct {
	Role   string         `json:"role"` // "worker", "provider", "dispatcher", "duty-officer" …
	Worker linli.WorkerID `json:"worker,omitempty"`
	Org    linli.OrgID    `json:"org,omitempty"`
}
