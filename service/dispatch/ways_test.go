package dispatch_test

import (
	"testing"

	"linli"
	"linli/geo/mapfile"
	"linli/geo/walk"
	"linli/people/party"
	"linli/service/dispatch"
)

// river is a map of two banks, about 100 m apart, with a bridge two kilometers east.
func river(t *testing.T) *walk.Graph {
	at := func(lng, lat float64) linli.Point { return linli.Point{Lng: middle.Lng + lng, Lat: middle.Lat + lat} }
	street := map[string]string{"highway": "residential"}
	g, ok := walk.Build(mapfile.Net{
		Nodes: []mapfile.NetNode{{ID: 1, At: at(-0.02, 0)}, {ID: 2, At: at(0.021, 0)}, {ID: 3, At: at(-0.02, 0.001)}, {ID: 4, At: at(0.021, 0.001)}},
		Ways:  []mapfile.NetWay{{ID: 1, Nodes: []int32{0, 1}, Tags: street}, {ID: 2, Nodes: []int32{2, 3}, Tags: street}, {ID: 3, Nodes: []int32{1, 3}, Tags: street}},
	})
	if !ok {
		t.Fatal("no ways")
	}
	return g
}

func travel(a linli.Assignment) (r linli.Reason) {
	for _, x := range a.Reasons {
		if x.Code == "travel" {
			r = x
		}
	}
	return r
}

// On the map the worker across the river is nearer. Only the ways know better, and
// from the moment they are there, also for what stood before.
func TestTheNextWorkerIsNextByTheWayAndNotByTheLine(t *testing.T) {
	t.Parallel()
	each(t, 2, func(w *street) {
		n := w.nodes[0]
		across := w.hire("对岸", func(d *party.WorkerDraft) { d.Profile = "adult" }, "cleaner") // 111 m north
		beside := w.hire("同岸", func(d *party.WorkerDraft) {
			d.Profile, d.At = "adult", linli.Point{Lng: middle.Lng + 0.005, Lat: middle.Lat}
		}, "cleaner")
		first := n.given(w, n.open(w, linli.Need{Spec: "cleaning"}))
		if way := travel(first); first.Worker != across || !way.Approx || way.Value <= 0 {
			t.Fatalf("without ways %+v goes", first)
		}
		var board dispatch.Board
		if code := w.desk("990001001").call("GET", "/api/v1/dispatch-board", nil, &board); code != 200 || !board.Approx {
			t.Errorf("without ways: %d, approx %t", code, board.Approx)
		}

		w.ways.Store(walk.NewGuide(river(t)))
		for _, n := range w.nodes {
			n.TravelChanged()
		}
		w.sound("with other ways")
		second := n.given(w, n.open(w, linli.Need{Spec: "cleaning"}))
		if way := travel(second); second.Worker != beside || way.Approx {
			t.Errorf("with ways %+v goes", second)
		}
		if code := w.desk("990001001002").call("GET", "/api/v1/dispatch-board", nil, &board); code != 200 || board.Approx {
			t.Errorf("with ways: %d, approx %t", code, board.Approx)
		}
		w.sound("after a decision by the ways")
	})
}

// Where no way leads nobody is sent, and a promise that stands from before is kept.
func TestNobodyIsSentWhereNoWayLeads(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		who := w.hire("远", func(d *party.WorkerDraft) {
			d.Profile, d.At = "adult", linli.Point{Lng: middle.Lng - 0.019, Lat: middle.Lat + 0.001} // 1.8 km, over the bridge 5.8 km
		}, "cleaner")
		told := n.open(w, linli.Need{Spec: "cleaning"})
		before := n.given(w, told)
		w.ways.Store(walk.NewGuide(river(t)))
		n.TravelChanged()
		id := n.open(w, linli.Need{Spec: "cleaning"})
		if a, err := n.assign(w, id, dispatch.Wish{}); err != nil || a.Worker != "" || len(w.waiting(id)) != 1 || w.waiting(id)[0].Code != "gate-space" {
			t.Errorf("given to %+v, %v, waits for %+v", a, err, w.waiting(id))
		}
		near := n.given(w, n.open(w, linli.Need{Spec: "cleaning", At: linli.Point{Lng: middle.Lng - 0.018, Lat: middle.Lat + 0.001}}))
		if kept := w.of(told); near.Worker != who || kept.worker != who || !kept.start.Equal(before.Start) {
			t.Errorf("near: %+v, promised before %+v, kept %+v", near, before, kept)
		}
		w.sound("where no way leads")
	})
}
