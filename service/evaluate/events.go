package evaluate

import "linli"

// The events of this package; the key is the order id. A rating itself is told by
// the order it moves (order.rated).
const (
	EventDrawn      = "evaluate.drawn"       // Drawn: somebody is to be called back
	EventCalledBack = "evaluate.called_back" // CalledBack: they were asked
)

// Drawn tells of a call to make.
type Drawn struct {
	Order  linli.OrderID  `json:"order"`
	Reason string         `json:"reason"` // sample, p1 or low
	Worker linli.WorkerID `json:"worker,omitempty"`
	Org    linli.OrgID    `json:"org,omitempty"`
}

// CalledBack tells what a call found out. Reached is false after the last try.
type CalledBack struct {
	Order     linli.OrderID  `json:"order"`
	State     string         `json:"state"`
	Reached   bool           `json:"reached"`
	Contacted bool           `json:"contacted"`
	Solved    bool           `json:"solved"`
	Satisfied bool           `json:"satisfied"`
	Worker    linli.WorkerID `json:"worker,omitempty"`
	Org       linli.OrgID    `json:"org,omitempty"`
}
