package linli

import (
	"math"
	"strings"
)

// Place is a path of codes from the region down to the dwelling:
// region (12 digits) / grid (3 digits) / estate / building / entrance / dwelling,
// e.g. "990001001001/003/bund/12/2/302". Scopes and row filters are prefix ranges on it.
type Place string

// The depth of a place, counted in path segments.
const (
	DepthRegion = iota + 1
	DepthGrid
	DepthEstate
	DepthBuilding
	DepthEntrance
	DepthDwelling
)

// Depth counts the segments: 1 is a region, 6 a dwelling, 0 nowhere.
func (p Place) Depth() int {
	if p == "" {
		return 0
	}
	return strings.Count(string(p), "/") + 1
}

// At cuts the path to at most depth segments.
func (p Place) At(depth int) Place {
	s := string(p)
	for i := range len(s) {
		if s[i] == '/' {
			if depth--; depth == 0 {
				return p[:i]
			}
		}
	}
	return p
}

// Parent is the place one level up; the parent of a region is "".
func (p Place) Parent() Place {
	i := strings.LastIndexByte(string(p), '/')
	if i < 0 {
		return ""
	}
	return p[:i]
}

// Contains tells whether q is p itself or lies inside it. A street is the
// first nine digits of its region codes, so a short region contains longer ones.
func (p Place) Contains(q Place) bool {
	if !strings.HasPrefix(string(q), string(p)) {
		return false
	}
	if len(p) == len(q) || len(p) == 0 {
		return true
	}
	return q[len(p)] == '/' || !strings.Contains(string(p), "/") && len(p) < 12
}

// Range is the half-open interval [low, high) of the places p contains in
// byte order: the row filter "place >= low AND place < high".
func (p Place) Range() (low, high string) {
	if p == "" {
		return "", "\x7f"
	}
	if p.Depth() == 1 && len(p) < 12 {
		return string(p), string(p) + "\x7f"
	}
	// '/' sorts directly before '0', so "p" and "p/…" are inside and "p0" is not;
	// codes never contain the bytes below '/' that would sort between.
	return string(p), string(p) + "0"
}

// Valid tells whether the path is well formed: up to six segments, a region of
// 12 digits (or 2, 4, 6, 9 for a province to a street), a grid of 3 digits, and
// below them 1 to 24 letters, digits, '_' or CJK characters per segment.
func (p Place) Valid() bool {
	segs := strings.Split(string(p), "/")
	if len(segs) > DepthDwelling || !digits(segs[0]) {
		return false
	}
	switch n := len(segs[0]); {
	case n == 12:
	case len(segs) == 1 && (n == 2 || n == 4 || n == 6 || n == 9):
	default:
		return false
	}
	if len(segs) > 1 && (len(segs[1]) != 3 || !digits(segs[1])) {
		return false
	}
	for _, s := range segs[min(2, len(segs)):] {
		n := 0
		for _, r := range s {
			n++
			ok := r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0x4e00 && r <= 0x9fff
			if !ok {
				return false
			}
		}
		if n == 0 || n > 24 {
			return false
		}
	}
	return true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// Point is a WGS-84 coordinate in degrees. The zero point means unknown.
type Point struct {
	Lng float64 `json:"lng"`
	Lat float64 `json:"lat"`
}

// IsZero tells whether the point is unknown.
func (p Point) IsZero() bool { return p == Point{} }

// Valid tells whether the point is unknown or lies on the globe.
func (p Point) Valid() bool {
	return !math.IsNaN(p.Lng) && !math.IsNaN(p.Lat) && math.Abs(p.Lng) <= 180 && math.Abs(p.Lat) <= 90
}
