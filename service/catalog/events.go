package catalog

// EventChanged tells that a row or a procedure of the catalog was edited; its payload is Changed.
const EventChanged = "catalog.changed"

// Changed is the payload of EventChanged.
type Changed struct {
	Kind string `json:"kind"` // category, item, spec, sla, price, word or sop
	Code string `json:"code"`
	Rev  int64  `json:"rev"`
}
