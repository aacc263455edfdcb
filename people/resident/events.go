package resident

import (
	"time"

	"linli"
	"linli/engine/bus"
)

// The kinds of events resident tells. None carries a personal field.
const (
	EventChanged          = "resident.changed"
	EventForgotten        = "resident.forgotten"
	EventConsentGiven     = "resident.consent_given"
	EventConsentWithdrawn = "resident.consent_withdrawn"
	EventProxyChanged     = "resident.proxy_changed"
	EventPlacesChanged    = "resident.places_changed"
	EventWaysChanged      = "resident.ways_changed"
	EventImported         = "resident.imported"
)

// Changed says that a person of the register is new or changed.
type Changed struct {
	Resident linli.ResidentID `json:"resident"`
	State    string           `json:"state"`
	Rev      int64            `json:"rev"`
}

// Forgotten says that a person was forgotten: whoever keeps something about them deletes it.
type Forgotten struct {
	Resident linli.ResidentID `json:"resident"`
}

// ConsentChanged says that a resident agreed to a purpose or withdrew.
type ConsentChanged struct {
	Resident linli.ResidentID `json:"resident"`
	Purpose  string           `json:"purpose"`
	Version  int              `json:"version"`
}

// ProxyChanged says that somebody may act for a resident from now on, or no longer.
type ProxyChanged struct {
	Resident linli.ResidentID `json:"resident"`
	User     linli.UserID     `json:"user,omitempty"`
	Acts     bool             `json:"acts"`
}

// PlacesChanged says that places have new names or shapes: who keeps the gazetteer asks again.
type PlacesChanged struct {
	Places int `json:"places"`
}

// WaysChanged says that a map brought other ways: travel times have to be asked again.
type WaysChanged struct {
	Edges int `json:"edges"`
}

// Imported says that a file was read into the register.
type Imported struct {
	Import  string `json:"import"`
	Created int    `json:"created"`
	Updated int    `json:"updated"`
	Failed  int    `json:"failed"`
}

func changed(p *person, at time.Time) bus.Event {
	return bus.Pack(EventChanged, string(p.id), p.place, at, Changed{p.id, p.state, p.rev})
}
