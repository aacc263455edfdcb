package device

import (
	"time"

	"linli"
	"linli/engine/bus"
)

// The kinds of events device tells. None carries a personal field.
const (
	EventRegistered = "device.registered"
	EventChanged    = "device.changed" // place, subject, model or calibration
	EventClaimed    = "device.claimed" // it has its first key
	EventActive     = "device.active"  // it was heard for the first time, or again after a suspension
	EventSuspended  = "device.suspended"
	EventRetired    = "device.retired"
	EventKeyed      = "device.keyed"   // it has another key
	EventRevoked    = "device.revoked" // it has no key any more
	EventDesired    = "device.desired"
	EventCommanded  = "device.commanded"
	EventAnswered   = "device.answered" // a command was done, failed or expired
	EventHappened   = "device.happened"
	EventSilent     = "device.silent"
	EventBack       = "device.back"
	EventOutage     = "device.outage"
	EventOutageOver = "device.outage_over"
	EventErased     = "device.erased"
)

// Changed says that a device is new or changed.
type Changed struct {
	Device string `json:"device"`
	Kind   string `json:"kind"`
	State  State  `json:"state"`
	Reason string `json:"reason,omitempty"`
	Rev    int64  `json:"rev"`
}

// Happened says that a device noticed something.
type Happened struct {
	Device  string           `json:"device"`
	Kind    string           `json:"kind"`
	Code    string           `json:"code"`
	Subject linli.ResidentID `json:"subject,omitempty"` // only with a consent for what it tells
	T       int64            `json:"t"`                 // when, in milliseconds
	Clock   bool             `json:"clock,omitempty"`   // the device's clock is wrong: T is when it came
}

// Commanded says that a command was given or has ended.
type Commanded struct {
	Device  string `json:"device"`
	Command string `json:"command"` // its id
	Code    string `json:"code"`
	State   string `json:"state"`
}

// Silence says that a device is not heard any more, or again.
type Silence struct {
	Device string `json:"device"`
	Kind   string `json:"kind"`
	Last   int64  `json:"last"` // when it was last heard, in milliseconds
}

// Outage says that most devices of a building fell silent at once: a network or
// power failure rather than many faults.
type Outage struct {
	Outage  string `json:"outage"`
	Devices int    `json:"devices"`
}

// Erased says that what was measured under a withdrawn purpose is gone.
type Erased struct {
	Resident linli.ResidentID `json:"resident"`
	Purpose  string           `json:"purpose"`
}

func (d *row) event(kind string, at time.Time) bus.Event {
	return bus.Pack(kind, d.ID, d.Place, at, Changed{d.ID, d.Kind, d.State, d.Reason, d.Rev})
}
