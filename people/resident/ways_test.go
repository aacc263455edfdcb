package resident

import (
	"testing"
	"time"

	"linli"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/geo"
	"linli/geo/mapfile"
)

// lane gives a town a lane along its southern houses.
func lane(m *mapfile.Map, kind string) *mapfile.Map {
	m.Net = mapfile.Net{
		Nodes: []mapfile.NetNode{{ID: 1, At: linli.Point{Lng: 121.49, Lat: 31.24}}, {ID: 2, At: linli.Point{Lng: 121.5, Lat: 31.24}}},
		Ways:  []mapfile.NetWay{{ID: 1, Nodes: []int32{0, 1}, Tags: map[string]string{"highway": kind}}},
	}
	return m
}

func TestTheWaysOfAMapGiveTheTimesOnEveryNode(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.empty()
		from, to := linli.Point{Lng: 121.491, Lat: 31.24}, linli.Point{Lng: 121.497, Lat: 31.24}
		line, _ := geo.Straight(from, to, geo.Adult)
		if got, ok := h.s.Trip(from, to, geo.Adult); !ok || got != line {
			t.Fatalf("without a map: %+v", got)
		}
		other, err := New(t.Context(), h.db, h.bus, h.vault, h.accounts, h.now)
		if err != nil {
			t.Fatal(err)
		}
		if r := h.takeMap(lane(town(40), "residential")); r.Ways != 1 {
			t.Errorf("%+v", r)
		}
		want := time.Duration(float64(line.Time) / geo.Detour)
		exact := func(s *Service, when string) {
			t.Helper()
			if got, ok := s.Trip(from, to, geo.Adult); !ok || got.Approx || (got.Time-want).Abs() > 2*time.Second {
				t.Errorf("%s: %+v instead of %s", when, got, want)
			}
		}
		exact(h.s, "where it was imported")
		if got, _ := other.Trip(from, to, geo.Adult); !got.Approx {
			t.Errorf("before it was heard of: %+v", got)
		}
		if err := other.Hear(t.Context(), bus.Event{Kind: EventWaysChanged}); err != nil {
			t.Fatal(err)
		}
		exact(other, "where it was heard of")

		if r := h.takeMap(lane(town(40), "residential")); r.Ways != 0 {
			t.Errorf("the same map again: %+v", r)
		}
		if r := h.takeMap(town(40)); r.Ways != 0 {
			t.Errorf("a map without ways: %+v", r)
		}
		exact(h.s, "after both")
		if r := h.takeMap(lane(town(40), "steps")); r.Ways != 1 {
			t.Errorf("other ways: %+v", r)
		}
		if got, _ := h.s.Trip(from, to, geo.Adult); (got.Time - 3*want).Abs() > 2*time.Second {
			t.Errorf("up the stairs: %+v", got)
		}

		// Damage is told, and until the next import times are estimated.
		h.write(func(tx db.Tx) error {
			_, err := tx.Exec(`UPDATE resident_ways SET graph = $1`, []byte("linliwalk\x01 and nothing else"))
			return err
		})
		if err := h.s.ReadWays(t.Context()); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("damaged: %v", err)
		}
		if got, ok := h.s.Trip(from, to, geo.Adult); !ok || got != line {
			t.Errorf("damaged: %+v", got)
		}
		if r := h.takeMap(lane(town(40), "residential")); r.Ways != 1 {
			t.Errorf("mended: %+v", r)
		}
		exact(h.s, "mended")
	})
}
