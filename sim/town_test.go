package sim_test

import (
	"bytes"
	"context"
	"testing"

	"linli/geo"
	"linli/geo/mapfile"
	"linli/geo/walk"
	"linli/sim"
)

// From every house of the invented town one can walk to every other.
func TestTheTownCanBeWalked(t *testing.T) {
	t.Parallel()
	m, err := mapfile.Read(context.Background(), mapfile.Options{}, mapfile.Source{Name: "town", Reader: bytes.NewReader(sim.Town(1))})
	if err != nil {
		t.Fatal(err)
	}
	g, ok := walk.Build(m.Net)
	if !ok {
		t.Fatal("the streets do not meet")
	}
	guide := walk.NewGuide(g)
	first := geo.Centroid(m.Buildings[0].Shape)
	for _, b := range m.Buildings[1:] {
		for _, p := range []geo.Profile{geo.Adult, geo.EBike} {
			if trip, ok := guide.Trip(first, geo.Centroid(b.Shape), p); !ok || trip.Approx || trip.None {
				t.Errorf("%s to %s: %+v", p, b.Name, trip)
			}
		}
	}
}
