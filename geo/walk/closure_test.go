package walk

import (
	"testing"
	"time"

	"linli/geo"
)

// ladder is two streets, 200 m apart and a kilometer long, with a rung every 250 m.
func ladder(t testing.TB) *Graph {
	s := &sketch{}
	for i, name := range []string{"a", "b", "c", "d", "e"} {
		x := float64(i) * 250
		s.node(name, x, 0, "").node(name+name, x, 200, "").way("highway=residential", name, name+name)
	}
	return s.way("highway=residential", "a", "b", "c", "d", "e").way("highway=residential", "aa", "bb", "cc", "dd", "ee").graph(t)
}

func TestAClosedStreetSendsPeopleRoundAndItsCrossingsStayOpen(t *testing.T) {
	t.Parallel()
	whole := NewGuide(ladder(t))
	seconds := func(x *Guide, ax, ay, bx, by float64) float64 {
		got, ok := x.Trip(spot(ax, ay), spot(bx, by), geo.Adult)
		if !ok || got.Approx || got.None {
			t.Fatalf("%+v", got)
		}
		return got.Time.Seconds()
	}
	direct := seconds(whole, 0, 0, 1000, 0)
	for _, c := range []struct {
		name    string
		closure geo.Closure
		pieces  int
		meters  float64 // from one end of the street to the other
	}{
		{"a hole in the middle of a piece", geo.Closure{From: spot(375, 0), Radius: 10}, 1, 1400},
		{"the street between two rungs", geo.Closure{From: spot(250, 0), To: spot(500, 0), Radius: 12}, 1, 1400},
		{"less than the piece is long", geo.Closure{From: spot(360, 0), To: spot(390, 0), Radius: 12}, 1, 1400},
		{"two pieces", geo.Closure{From: spot(250, 0), To: spot(750, 0), Radius: 12}, 2, 1400},
		{"the other street", geo.Closure{From: spot(0, 200), To: spot(1000, 200), Radius: 12}, 4, 1000},
		{"a junction with its three arms", geo.Closure{From: spot(500, 0), Radius: 15}, 3, 1400},
		{"nothing", geo.Closure{From: spot(500, 900), Radius: 50}, 0, 1000},
	} {
		x, n := whole.Without(c.closure)
		if n != c.pieces {
			t.Errorf("%s: %d pieces, want %d", c.name, n, c.pieces)
		}
		if got, want := seconds(x, 0, 0, 1000, 0), direct*c.meters/1000; got < want-3 || got > want+3 {
			t.Errorf("%s: %v s, want %v", c.name, got, want)
		}
	}
	if got := seconds(whole, 0, 0, 1000, 0); got != direct {
		t.Error("the whole guide has changed")
	}
	// Closed and cut off altogether: nobody comes through, or it is estimated.
	cut, n := whole.Without(geo.Closure{From: spot(500, 100), Radius: 2000})
	if got, ok := cut.Trip(spot(0, 0), spot(1000, 0), geo.Adult); n != 13 || !ok || !got.Approx || got.Time <= time.Second {
		t.Errorf("%d pieces, %+v", n, got)
	}
	if none, n := NewGuide(nil).Without(geo.Closure{}); n != 0 || none.Known() || !whole.Known() {
		t.Error("a guide without ways knows some")
	}
}
