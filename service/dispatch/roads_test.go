package dispatch_test

import (
	"slices"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/geo"
	"linli/geo/walk"
	"linli/people/party"
	"linli/service/dispatch"
)

// roads closes the ways of a street for the tests of dispatch; how they are kept is
// tested where they are.
type roads struct {
	w      *street
	closed []geo.Closure
}

func (r *roads) Detour(c geo.Closure) (func(from, to linli.Point, p geo.Profile) (geo.Trip, bool), int) {
	g, n := r.w.ways.Load().Without(c)
	return g.Trip, n
}

func (r *roads) Close(tx db.Tx, _ *auth.Principal, c geo.Closure) (geo.Closure, error) {
	c.ID, c.At = linli.NewID("clo", r.w.now()), r.w.now()
	tx.AfterCommit(func() { r.closed = append(r.closed, c) })
	return c, nil
}

func (r *roads) Open(tx db.Tx, id string) error {
	tx.AfterCommit(func() { r.closed = slices.DeleteFunc(r.closed, func(c geo.Closure) bool { return c.ID == id }) })
	return nil
}

func (r *roads) Closures(db.Tx, time.Time) ([]geo.Closure, error) { return slices.Clone(r.closed), nil }

// The bridge is closed: who would have come over it comes no more, somebody on the
// right bank does, and whoever need not cross keeps what they have.
func TestAClosedBridgeMovesOnlyWhatMustCrossIt(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		desk := w.desk("990001001")
		bridge := object{"lng": middle.Lng + 0.021, "lat": middle.Lat + 0.0005, "radius_m": 20}
		act := object{"kind": "close-road", "road": bridge, "reason": "桥面抢修", "to": monday.Add(48 * time.Hour)}
		if code := desk.call("POST", "/api/v1/dispatch-actions", act, nil); code != 409 {
			t.Errorf("without ways a closure has an effect: %d", code)
		}
		w.ways.Store(walk.NewGuide(river(t)))
		n.TravelChanged()
		north := func(d *party.WorkerDraft) {
			d.At = linli.Point{Lng: middle.Lng + 0.015, Lat: middle.Lat + 0.001}
		}
		across := w.hire("对岸", north, "cleaner")
		wish := func(hour int) linli.Window {
			return linli.Window{From: monday.Add(time.Duration(hour) * time.Hour), To: monday.Add(time.Duration(hour+1) * time.Hour)}
		}
		over := n.open(w, linli.Need{Spec: "cleaning", Wish: wish(1), At: linli.Point{Lng: middle.Lng + 0.015, Lat: middle.Lat}})
		same := n.open(w, linli.Need{Spec: "cleaning", Wish: wish(5), At: linli.Point{Lng: middle.Lng + 0.014, Lat: middle.Lat + 0.001}})
		for _, id := range []linli.OrderID{over, same} {
			if got := n.given(w, id); got.Worker != across {
				t.Fatalf("%+v", got)
			}
		}
		here := w.hire("此岸", func(d *party.WorkerDraft) { d.At = linli.Point{Lng: middle.Lng, Lat: middle.Lat} }, "cleaner")
		for field, bad := range map[string]object{"road": {"kind": "close-road", "reason": "x", "to": monday.Add(time.Hour)}, "to": {"kind": "close-road", "road": bridge, "reason": "x"},
			"reason": {"kind": "close-road", "road": bridge, "to": monday.Add(time.Hour)}} {
			if code := desk.call("POST", "/api/v1/dispatch-actions", bad, nil); code != 422 {
				t.Errorf("without %s: %d", field, code)
			}
		}
		o := desk.do(act)
		if len(o.Changes) != 1 || o.Changes[0].Order != over || o.Changes[0].ToWorker != here || o.Changes[0].Reasons[0].Code != "road-closed" {
			t.Fatalf("%+v", o.Changes)
		}
		if w.of(same).worker != across {
			t.Errorf("who need not cross lost the order to %s", w.of(same).worker)
		}
		var list struct{ Items []geo.Closure }
		if code := desk.call("GET", "/api/v1/road-closures", nil, &list); code != 200 || len(list.Items) != 1 || list.Items[0].Reason != "桥面抢修" {
			t.Fatalf("%d %+v", code, list)
		}
		open := "/api/v1/road-closures/" + list.Items[0].ID + "/open"
		if code := w.desk("990001002").call("POST", open, nil, nil); code != 404 {
			t.Errorf("another street opens it: %d", code)
		}
		w.pass(time.Second) // acts of one moment have no order
		if code := desk.call("POST", open, nil, &list); code != 200 || len(list.Items) != 0 {
			t.Errorf("opened: %d %+v", code, list)
		}
		w.sound("after all")
		var h dispatch.History
		if desk.call("GET", "/api/v1/dispatch-history", nil, &h); len(h.Acts) != 2 || h.Acts[0].Kind != "close-road" || h.Acts[1].Kind != "open-road" {
			t.Errorf("acts %+v", h.Acts)
		}
	})
}
