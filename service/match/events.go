package match

import "linli"

// What match tells; the key is the facility.
const (
	EventBooked    = "match.booked"     // Booked: a seat was taken
	EventReleased  = "match.released"   // Booked: the seat was given back
	EventCheckedIn = "match.checked_in" // Booked: the people are there
	EventUsed      = "match.used"       // Booked: the slot is over and they were there
	EventNoShow    = "match.no_show"    // Booked: the slot is over and nobody came
	EventVisited   = "match.visited"    // Visited: people came without a booking
	EventFacility  = "match.facility"   // FacilityChanged
)

// Booked tells of a booking.
type Booked struct {
	Booking  string           `json:"booking"`
	Facility linli.FacilityID `json:"facility"`
	Order    linli.OrderID    `json:"order"`
	Resident linli.ResidentID `json:"resident,omitempty"`
	State    string           `json:"state"`
	Start    int64            `json:"start"` // milliseconds
}

// Visited tells of people who came without a booking.
type Visited struct {
	Facility linli.FacilityID `json:"facility"`
	Org      linli.OrgID      `json:"org,omitempty"`
	Persons  int64            `json:"persons"`
	Start    int64            `json:"start"` // of the slot, milliseconds
}

// FacilityChanged tells that a facility was created, edited or closed for a time.
type FacilityChanged struct {
	Facility linli.FacilityID `json:"facility"`
	Org      linli.OrgID      `json:"org,omitempty"`
	Rev      int64            `json:"rev"`
}
