package dispatch_test

import (
	"fmt"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/service/dispatch"
	"linli/service/order"
)

// Of four orders one is kept, one begins an hour after its window, one asks for what
// nobody can do, and one is called off: strict accuracy is one of three. It is known
// in the small hours of the next day, and an order still under way makes it provisional.
func TestAPastDayIsJudgedAgainstTheBestThatCouldHaveBeenMadeOfIt(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		w.hire("甲", nil, "cleaner")
		wish := func(minutes int) linli.Window {
			from := monday.Add(time.Duration(minutes) * time.Minute)
			return linli.Window{From: from, To: from.Add(30 * time.Minute)}
		}
		kept, late := n.open(w, linli.Need{Spec: "cleaning", Wish: wish(60)}), n.open(w, linli.Need{Spec: "cleaning", Wish: wish(300)})
		never, off := n.open(w, linli.Need{Spec: "visit-care", Wish: wish(60)}), n.open(w, linli.Need{Spec: "cleaning", Wish: wish(480)})
		first, second := n.given(w, kept), n.given(w, late)
		n.given(w, off)
		if a, err := n.assign(w, never, dispatch.Wish{}); err != nil || a.Worker != "" {
			w.t.Fatalf("%+v %v", a, err)
		}
		n.end(w, off, order.ActCancel)
		serve := func(id linli.OrderID, start time.Time) {
			w.pass(start.Add(-10 * time.Minute).Sub(w.now()))
			n.act(w, id, order.ActAccept, order.ActEnRoute)
			w.pass(10 * time.Minute)
			n.act(w, id, order.ActArrive)
		}
		serve(kept, first.Start)
		w.pass(50 * time.Minute)
		n.end(w, kept, order.ActFinish)
		serve(late, second.Promise.To.Add(time.Hour))

		read := func() []dispatch.DayAccuracy {
			w.t.Helper()
			var got struct{ Days []dispatch.DayAccuracy }
			desk := w.sign(auth.NewUser{Login: fmt.Sprint("desk", w.now().Unix()), Grants: []auth.Grant{{Role: "dispatcher", Place: grid}}})
			if code := desk.call("GET", "/api/v1/dispatch-accuracy", nil, &got); code != 200 {
				w.t.Fatal(code)
			}
			return got.Days
		}
		judge := func(at time.Time) {
			w.t.Helper()
			w.pass(at.Sub(w.now()))
			w.ok(n.JudgePast(w.ctx()))
		}
		tomorrow := monday.Add(15 * time.Hour) // midnight
		if judge(tomorrow.Add(2 * time.Hour)); len(read()) != 0 {
			w.t.Errorf("judged at two in the morning: %+v", read())
		}
		judge(tomorrow.Add(4 * time.Hour))
		if got := read(); len(got) != 1 || !got[0].Provisional || got[0].Requested != 3 || got[0].Served != 1 {
			w.t.Fatalf("%+v", got)
		}
		n.end(w, late, order.ActFinish)
		judge(tomorrow.Add(28 * time.Hour))
		got := read()
		if len(got) != 1 {
			w.t.Fatalf("%+v", got)
		}
		d := got[0]
		if d.CostRatio == nil || *d.CostRatio < 1 {
			w.t.Errorf("a day is no cheaper than hindsight: %v", d.CostRatio)
		}
		d.CostRatio = nil
		if want := (dispatch.DayAccuracy{Date: monday.Format(time.DateOnly), Requested: 3, Served: 1, Hindsight: 2, Accurate: 33.3, WithoutRegret: 33.3,
			Impossible: 1, CrowdedOut: 1}); d != want {
			w.t.Errorf("got  %+v\nwant %+v", d, want)
		}
	})
}
