package resident

import (
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/geo"
)

// What is closed is closed on every node and after a restart, until its time is over
// or somebody opens it.
func TestClosedWaysAreClosedOnEveryNodeUntilTheirTimeIsOver(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.empty()
		h.takeMap(lane(town(40), "residential"))
		from, to := linli.Point{Lng: 121.491, Lat: 31.24}, linli.Point{Lng: 121.497, Lat: 31.24}
		approx := func(s *Service) bool {
			t.Helper()
			if err := s.Hear(t.Context(), bus.Event{Kind: EventWaysChanged}); err != nil {
				t.Fatal(err)
			}
			got, ok := s.Trip(from, to, geo.Adult)
			if !ok {
				t.Fatal("unknown")
			}
			return got.Approx
		}
		c := geo.Closure{From: linli.Point{Lng: 121.495, Lat: 31.24}, Radius: 20, Place: "990001001", Until: h.now().Add(time.Hour), Reason: "抢修"}
		if _, n := h.s.Detour(c); n != 1 || approx(h.s) {
			t.Fatalf("%d pieces", n)
		}
		write := func(fn func(tx db.Tx) error) {
			t.Helper()
			if err := h.db.Write(t.Context(), fn); err != nil {
				t.Fatal(err)
			}
		}
		for _, end := range []string{"time", "hand"} {
			var made geo.Closure
			c.Until = h.now().Add(time.Hour)
			write(func(tx db.Tx) (err error) {
				made, err = h.s.Close(tx, auth.System, c)
				return err
			})
			other, err := New(t.Context(), h.db, h.bus, h.vault, h.accounts, h.now)
			if err != nil {
				t.Fatal(err)
			}
			// The one way of the town is closed: without it times are estimated.
			if !approx(h.s) || !approx(other) {
				t.Errorf("%s: it is open", end)
			}
			if end == "time" {
				h.clock.Add(time.Hour.Milliseconds())
			}
			write(func(tx db.Tx) error { return h.s.Open(tx, made.ID) })
			if approx(h.s) || approx(other) {
				t.Errorf("%s: it is still closed", end)
			}
			write(func(tx db.Tx) error {
				left, err := h.s.Closures(tx, h.now())
				if len(left) != 0 {
					t.Errorf("%s: %+v", end, left)
				}
				return err
			})
		}
		if err := h.db.Write(t.Context(), func(tx db.Tx) error { return h.s.Open(tx, "clo_none") }); linli.KindOf(err) != linli.KindNotFound {
			t.Errorf("opened nothing: %v", err)
		}
	})
}
