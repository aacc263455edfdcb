package geo

import (
	"math"
	"testing"

	"github.com/paulmach/orb"

	"linli"
)

// box is a rectangle in the plane of a frame, in meters.
func box(f *Frame, west, south, east, north float64) orb.Ring {
	ring := orb.Ring{}
	for _, c := range [][2]float64{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}} {
		p := f.Point(c[0], c[1])
		ring = append(ring, orb.Point{p.Lng, p.Lat})
	}
	return ring
}

func TestAreaAndCentroidAreThoseOfThePlane(t *testing.T) {
	t.Parallel()
	f, err := NewFrame(bund)
	if err != nil {
		t.Fatal(err)
	}
	house := orb.Polygon{box(f, 0, 0, 30, 20), box(f, 10, 5, 20, 15)}
	clockwise := orb.Polygon{box(f, 0, 0, 30, 20)}
	clockwise[0].Reverse()
	annex := orb.Polygon{box(f, 100, 0, 110, 10)}
	for _, c := range []struct {
		name        string
		shape       orb.MultiPolygon
		area        float64
		east, north float64
	}{
		{"with a court", orb.MultiPolygon{house}, 500, 15, 10},
		{"clockwise", orb.MultiPolygon{clockwise}, 600, 15, 10},
		{"with an annex", orb.MultiPolygon{house, annex}, 600, (15*500 + 105*100) / 600.0, (10*500 + 5*100) / 600.0},
	} {
		if got := Area(c.shape); math.Abs(got-c.area) > c.area*1e-5 {
			t.Errorf("%s: area %f, want %f", c.name, got, c.area)
		}
		if e, n := f.ENU(Centroid(c.shape)); math.Hypot(e-c.east, n-c.north) > 0.001 {
			t.Errorf("%s: centroid %f %f, want %f %f", c.name, e, n, c.east, c.north)
		}
	}
	for _, c := range []struct {
		east, north float64
		in          bool
	}{{5, 5, true}, {15, 10, false}, {25, 19, true}, {31, 10, false}} {
		if got := Contains(orb.MultiPolygon{house}, f.Point(c.east, c.north)); got != c.in {
			t.Errorf("%v, %v inside: %v", c.east, c.north, got)
		}
	}
	if Contains(orb.MultiPolygon{house}, linli.Point{}) {
		t.Error("an unknown point lies inside")
	}
}

func TestShapesWithoutAreaAreHarmless(t *testing.T) {
	t.Parallel()
	line := orb.MultiPolygon{{{{121, 31}, {122, 32}, {121, 31}}}}
	if Area(line) != 0 || Centroid(line) != (linli.Point{Lng: 364.0 / 3, Lat: 94.0 / 3}) {
		t.Errorf("%f %v", Area(line), Centroid(line))
	}
	for _, empty := range []orb.MultiPolygon{nil, {}, {{}}, {{{}}}} {
		if Area(empty) != 0 || Centroid(empty) != (linli.Point{}) || Contains(empty, bund) {
			t.Errorf("%v is not empty", empty)
		}
	}
}
