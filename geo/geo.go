// Package geo measures the neighborhood: distances and walking times, areas and
// points in polygons, the coordinate systems of Chinese maps (each coordinate
// carries which one it is in), and the H3 hexagons of the heat map. Points are
// WGS-84 degrees unless a function says otherwise; lengths are meters.
package geo

import (
	"math"
	"time"

	"linli"
)

const radian = math.Pi / 180

// meanRadius of the earth in meters (IUGG R1), the sphere of Meters.
const meanRadius = 6371008.8

// Meters is the great-circle distance by the haversine formula, within 0.5 % of
// the ellipsoid. It is NaN when a point is unknown: never a distance from nowhere.
func Meters(a, b linli.Point) float64 {
	if a.IsZero() || b.IsZero() {
		return math.NaN()
	}
	lat := math.Sin((b.Lat - a.Lat) * radian / 2)
	lng := math.Sin((b.Lng - a.Lng) * radian / 2)
	h := lat*lat + math.Cos(a.Lat*radian)*math.Cos(b.Lat*radian)*lng*lng
	return 2 * meanRadius * math.Asin(math.Sqrt(math.Min(h, 1)))
}

// Profile is how somebody gets about.
type Profile string

// The profiles and their speeds (domain.md 9.3; the e-bike is the usual one of couriers).
const (
	Adult      Profile = "adult"      // 1.2 m/s on foot
	Elder      Profile = "elder"      // 0.8 m/s
	Wheelchair Profile = "wheelchair" // 0.7 m/s
	Pram       Profile = "pram"       // 1.0 m/s
	Child      Profile = "child"      // 1.0 m/s
	EBike      Profile = "e-bike"     // 4 m/s
)

// Speed is in meters per second; an unknown profile walks like an adult.
func (p Profile) Speed() float64 {
	switch p {
	case Elder:
		return 0.8
	case Wheelchair:
		return 0.7
	case Pram, Child:
		return 1.0
	case EBike:
		return 4
	}
	return 1.2
}

// Valid tells whether p is one of the profiles.
func (p Profile) Valid() bool {
	switch p {
	case Adult, Elder, Wheelchair, Pram, Child, EBike:
		return true
	}
	return false
}

// Detour is how much longer than the straight line a way through a city is (grid cities 1.25 to 1.4).
const Detour = 1.3

// Trip is a way from one point to another.
type Trip struct {
	Meters float64       // along the way; NaN when only the time is known
	Time   time.Duration // at the speed of the profile
	Approx bool          // from the straight line, not from a walking graph: show it as 约
	None   bool          // there is no way, or none worth going: Time is no time at all
}

// Straight estimates a trip without a walking graph: straight line times Detour,
// marked Approx. ok is false when a point is unknown, and then nothing is estimated.
func Straight(from, to linli.Point, p Profile) (t Trip, ok bool) {
	d := Meters(from, to)
	if math.IsNaN(d) {
		return Trip{}, false
	}
	d *= Detour
	return Trip{Meters: d, Time: time.Duration(d / p.Speed() * float64(time.Second)), Approx: true}, true
}
