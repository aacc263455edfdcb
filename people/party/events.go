package party

import (
	"time"

	"linli"
	"linli/engine/bus"
)

// The kinds of events party tells.
const (
	EventWorkerChanged       = "party.worker_changed"
	EventOrgChanged          = "party.org_changed"
	EventCertificateExpiring = "party.certificate_expiring"
)

// WorkerChanged says that what can be planned of a worker changed: shifts,
// absences, skills, certificates, state or home.
type WorkerChanged struct {
	Worker linli.WorkerID `json:"worker"`
	Org    linli.OrgID    `json:"org"`
	State  string         `json:"state"`
	Away   bool           `json:"away"`
	Rev    int64          `json:"rev"`
}

func (f file) event(at time.Time) bus.Event {
	return bus.Pack(EventWorkerChanged, string(f.ID), f.Place, at, WorkerChanged{f.ID, f.Org, f.State, f.Away, f.Rev})
}

// OrgChanged says that an organization is new or changed.
type OrgChanged struct {
	Org   linli.OrgID `json:"org"`
	Kind  string      `json:"kind"`
	State string      `json:"state"`
	Rev   int64       `json:"rev"`
}

// CertificateExpiring says that a certificate ends in so many days (0: today or before).
type CertificateExpiring struct {
	Worker      linli.WorkerID `json:"worker"`
	Org         linli.OrgID    `json:"org"`
	Certificate string         `json:"certificate"`
	Kind        string         `json:"kind"`
	Expires     string         `json:"expires"`
	Days        int            `json:"days"`
}
