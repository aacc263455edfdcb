package dispatch

import "linli"

// What dispatch tells; the key is the order.
const (
	EventAssigned = "dispatch.assigned" // Assigned
	EventWaiting  = "dispatch.waiting"  // Waiting: nobody can serve the order now
	EventEnded    = "dispatch.ended"    // Ended: an assignment no longer stands
	EventUrged    = "dispatch.urged"    // Urged
	EventChanged  = "dispatch.changed"  // Changed: something a resident was told no longer holds
)

// Assigned tells who got the order.
type Assigned struct {
	Order    linli.OrderID    `json:"order"`
	Worker   linli.WorkerID   `json:"worker,omitempty"`
	Second   linli.WorkerID   `json:"second,omitempty"`
	Org      linli.OrgID      `json:"org,omitempty"`
	Facility linli.FacilityID `json:"facility,omitempty"`
	Start    int64            `json:"start"` // milliseconds
	From     int64            `json:"from"`  // promised window
	To       int64            `json:"to"`
	Rank     int64            `json:"rank"` // 1: the best of those who could
	Auto     bool             `json:"auto"`
}

// Waiting tells that an order has nobody, and why.
type Waiting struct {
	Order   linli.OrderID  `json:"order"`
	Reasons []linli.Reason `json:"reasons"`
}

// Ended tells that an assignment no longer stands.
type Ended struct {
	Order  linli.OrderID  `json:"order"`
	Worker linli.WorkerID `json:"worker,omitempty"`
	Reason string         `json:"reason"`
}

// Changed tells that a resident was told something that no longer holds: when
// somebody comes, or who. Worker is who comes now, nobody when the order waits.
type Changed struct {
	Order       linli.OrderID  `json:"order"`
	FromWorker  linli.WorkerID `json:"from_worker,omitempty"`
	FromStart   int64          `json:"from_start"`
	FromPromise linli.Window   `json:"from_promise"`
	Worker      linli.WorkerID `json:"worker,omitempty"`
	Second      linli.WorkerID `json:"second,omitempty"`
	Org         linli.OrgID    `json:"org,omitempty"`
	ToStart     int64          `json:"to_start,omitempty"`
	ToPromise   linli.Window   `json:"to_promise,omitzero"`
	Promise     bool           `json:"promise"` // the window changed or is lost
	Named       bool           `json:"named"`   // who comes was known and changed
	Told        bool           `json:"told"`
	Because     string         `json:"because"`
}

// Urged tells that somebody asked for haste.
type Urged struct {
	Order linli.OrderID `json:"order"`
	Times int64         `json:"times"`
}
