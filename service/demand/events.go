package demand

import "linli"

// The events of this package. Keys are demand ids.
const (
	EventRaised     = "demand.raised"     // Event: a demand was stored
	EventUnderstood = "demand.understood" // Event: its specification is known, by the reader or by a clerk
	EventQueued     = "demand.queued"     // Event: it waits for a clerk
	EventReady      = "demand.ready"      // Ready: an order may be opened
	EventReferred   = "demand.referred"   // Event: outside the catalog, handed over
	EventMerged     = "demand.merged"     // Event with Into
	EventUnmerged   = "demand.unmerged"   // Event with Into: the case it left
	EventWithdrawn  = "demand.withdrawn"  // Event
	EventClosed     = "demand.closed"     // Event with Outcome
	EventProgress   = "demand.progress"   // Progress: for one reporter
	EventCorrected  = "demand.corrected"  // Corrected: the reader learned or forgot something
)

// Event tells that a demand has changed.
type Event struct {
	Demand    linli.DemandID   `json:"demand"`
	State     State            `json:"state"`
	Rev       int64            `json:"rev"`
	Source    Source           `json:"source"`
	Resident  linli.ResidentID `json:"resident,omitempty"`
	Item      linli.ItemCode   `json:"item,omitempty"`
	Spec      linli.SpecCode   `json:"spec,omitempty"`
	Office    string           `json:"office,omitempty"` // with referred
	Urgency   int              `json:"urgency"`
	Attention bool             `json:"attention,omitempty"` // words of danger: a person must look at once
	Into      linli.DemandID   `json:"into,omitempty"`
	Order     linli.OrderID    `json:"order,omitempty"`
	Outcome   Outcome          `json:"outcome,omitempty"`

	SubmittedAt int64 `json:"submitted_at"` // earliest submission, of the case when merged; milliseconds
}

// Ready asks for an order. Need carries everything but the service time, which
// JSON gives in LengthS.
type Ready struct {
	Demand      linli.DemandID   `json:"demand"`
	Rev         int64            `json:"rev"`
	State       State            `json:"state"`
	Source      Source           `json:"source"`
	Resident    linli.ResidentID `json:"resident,omitempty"`
	Need        linli.Need       `json:"need"`
	LengthS     int64            `json:"length_s"`     // usual service time in seconds
	SubmittedAt int64            `json:"submitted_at"` // earliest submission of the case, milliseconds
	Test        bool             `json:"test,omitempty"`
}

// Progress informs one reporter about the case their demand belongs to. What is
// a state of the demand or a word of the order slice (accepted, arrived …).
type Progress struct {
	Demand   linli.DemandID   `json:"demand"` // the reporter's own
	Case     linli.DemandID   `json:"case"`   // the one that carries the order
	Resident linli.ResidentID `json:"resident,omitempty"`
	What     string           `json:"what"`
	Order    linli.OrderID    `json:"order,omitempty"`
}

// Corrected tells the other nodes to learn or to forget.
type Corrected struct {
	Correction string         `json:"correction"`
	Demand     linli.DemandID `json:"demand"`
	Revoked    bool           `json:"revoked,omitempty"`
}
