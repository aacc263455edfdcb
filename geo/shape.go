package geo

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"linli"
)

// Area is the area of a shape in square meters: outer rings less holes. It is
// meant for buildings to districts; across a country the flat sums drift.
func Area(shape orb.MultiPolygon) float64 {
	area, _ := moments(shape)
	return area
}

// Centroid is the center of gravity of a shape, unknown for one without any
// point; for a shape without area it is the middle of its corners.
func Centroid(shape orb.MultiPolygon) linli.Point {
	if area, c := moments(shape); area > 0 {
		return c
	}
	var sum linli.Point
	n := 0.0
	for _, poly := range shape {
		for _, ring := range poly {
			for _, p := range ring {
				sum.Lng += p[0]
				sum.Lat += p[1]
				n++
			}
		}
	}
	if n == 0 {
		return linli.Point{}
	}
	return linli.Point{Lng: sum.Lng / n, Lat: sum.Lat / n}
}

// Contains tells whether a point lies in a shape or on its edge; an unknown point lies nowhere.
func Contains(shape orb.MultiPolygon, p linli.Point) bool {
	if p.IsZero() {
		return false
	}
	for _, poly := range shape {
		if len(poly) > 0 && len(poly[0]) > 0 && planar.PolygonContains(poly, orb.Point{p.Lng, p.Lat}) {
			return true
		}
	}
	return false
}

// moments are area and center of gravity, summed in meters around the first corner:
// far from it the products of degrees would cancel away the digits of a small house.
func moments(shape orb.MultiPolygon) (area float64, center linli.Point) {
	var origin orb.Point
	found := false
	for _, poly := range shape {
		if !found && len(poly) > 0 && len(poly[0]) > 0 {
			origin, found = poly[0][0], true
		}
	}
	if !found {
		return 0, linli.Point{}
	}
	perLng, perLat := metersPerDegree(origin[1])
	var mx, my float64
	for _, poly := range shape {
		for i, ring := range poly {
			var a, x, y float64
			for k, p := range ring {
				q := ring[(k+1)%len(ring)]
				px, py := (p[0]-origin[0])*perLng, (p[1]-origin[1])*perLat
				qx, qy := (q[0]-origin[0])*perLng, (q[1]-origin[1])*perLat
				cross := px*qy - qx*py
				a += cross / 2
				x += (px + qx) * cross / 6
				y += (py + qy) * cross / 6
			}
			// Whatever way a ring runs, the first adds and the holes take away.
			sign := math.Copysign(1, a)
			if i > 0 {
				sign = -sign
			}
			area += a * sign
			mx += x * sign
			my += y * sign
		}
	}
	if !(area > 0) {
		return 0, linli.Point{}
	}
	return area, linli.Point{Lng: origin[0] + mx/area/perLng, Lat: origin[1] + my/area/perLat}
}
