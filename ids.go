package linli

import (
	"crypto/rand"
	"strings"
	"time"
)

// The identifiers of the nouns that slices exchange. Each is a prefix, an
// underscore and a ULID (dem_01J…), so that a wrong id is seen at once.
type (
	DemandID    string // prefix dem: a voiced need before anything is agreed
	OrderID     string // prefix ord: an agreed service
	ResidentID  string // prefix res: a person in the register
	HouseholdID string // prefix hh
	OrgID       string // prefix org: an organization of one of the actor kinds
	WorkerID    string // prefix wrk: a person who serves
	FacilityID  string // prefix fac: a place that serves by slots
	UserID      string // prefix usr: an account that signs in
	BlobID      string // sha256 in hex of a stored file
	ItemCode    string // catalog item, e.g. "elder-care"
	SpecCode    string // catalog specification, e.g. "bathing"
)

// crockford is the alphabet of ULID: digits and letters without I, L, O and U.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewID mints prefix_ULID at the given moment: 48 bits of milliseconds, then
// 80 random bits, so ids sort by time of creation and cannot be guessed.
func NewID(prefix string, at time.Time) string {
	var b [16]byte
	ms := uint64(at.UnixMilli())
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	rand.Read(b[6:])
	// 128 bits as 26 digits of 5 bits; the first digit carries only 3.
	var out [26]byte
	var acc uint64
	bits, n := 2, 0 // two leading zero bits pad 128 to 130
	for _, c := range b {
		acc = acc<<8 | uint64(c)
		bits += 8
		for bits >= 5 {
			bits -= 5
			out[n] = crockford[acc>>bits&31]
			n++
		}
	}
	return prefix + "_" + string(out[:])
}

// ValidID tells whether s is an id with this prefix in the form NewID makes.
func ValidID(s, prefix string) bool {
	rest, ok := strings.CutPrefix(s, prefix+"_")
	if !ok || len(rest) != 26 || rest[0] > '7' {
		return false
	}
	for i := range len(rest) {
		if strings.IndexByte(crockford, rest[i]) < 0 {
			return false
		}
	}
	return true
}
