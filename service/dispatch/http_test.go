package dispatch_test

import (
	"fmt"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/people/party"
	"linli/service/dispatch"
	"linli/service/order"
)

func (w *street) desk(place linli.Place) client {
	return w.sign(auth.NewUser{Login: "desk-" + string(place), Grants: []auth.Grant{{Role: "dispatcher", Place: place}}})
}

func (w *street) phone(id linli.WorkerID) client {
	return w.sign(auth.NewUser{Login: "phone-" + string(id[len(id)-6:]), Worker: id, Grants: []auth.Grant{{Role: "provider-worker"}}})
}

type object = map[string]any

// The page of an order says of everybody who cannot take it the first gate they
// fail, of everybody who can the price, and looking changes nothing.
func TestWhyNamesTheFirstGateOfEverybodyElse(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		desk := w.desk("990001001")
		able := w.hire("能", nil, "cleaner")
		second := w.hire("也能", func(d *party.WorkerDraft) { d.At.Lat += 0.01 }, "cleaner")
		gates := map[linli.WorkerID]string{
			w.hire("不会", nil, "visitor"): "skill",
			w.hire("太远", func(d *party.WorkerDraft) { d.At = linli.Point{Lng: 120, Lat: 30} }, "cleaner"):                          "space",
			w.hire("没班", func(d *party.WorkerDraft) { d.Week = []string{"", "", "", "", "", "", ""} }, "cleaner"):                  "time",
			w.hire("又远又没班", func(d *party.WorkerDraft) { d.At.Lat, d.Week = 20, []string{"", "", "", "", "", "", ""} }, "cleaner"): "time",
			w.hire("忙", func(d *party.WorkerDraft) { d.MaxLoad = 60 }, "cleaner"):                                                  "capacity",
		}
		declined := w.hire("退过", nil, "cleaner")
		id := n.open(w, linli.Need{Spec: "cleaning", Wish: linli.Window{From: monday.Add(time.Hour), To: monday.Add(3 * time.Hour)}})
		if _, err := n.assign(w, id, dispatch.Wish{Worker: declined}); err != nil {
			t.Fatal(err)
		}
		if code := w.phone(declined).call("POST", "/api/v1/dispatches/"+string(id)+"/decline", object{"reason": "no-time"}, nil); code != 200 {
			t.Fatalf("decline: %d", code)
		}
		gates[declined] = "excluded"
		var why dispatch.Why
		if code := desk.call("GET", "/api/v1/dispatches/"+string(id), nil, &why); code != 200 {
			t.Fatalf("why: %d", code)
		}
		if why.Assigned == nil || why.Assigned.Worker != able || why.Rank != 1 || len(why.Assigned.Reasons) == 0 {
			t.Errorf("assigned %+v, rank %d", why.Assigned, why.Rank)
		}
		if len(why.Options) != 2 || why.Options[0].Worker != able || why.Options[1].Worker != second || why.Options[0].Minutes >= why.Options[1].Minutes ||
			!why.Options[0].Start.Equal(why.Assigned.Start) {
			t.Errorf("options %+v, assigned for %s", why.Options, why.Assigned.Start)
		}
		for _, o := range why.Others {
			if o.Gate != gates[o.Worker] || o.Zh == "" || o.En == "" || o.Name == "" {
				t.Errorf("%s: %+v, want %s", o.Name, o, gates[o.Worker])
			}
			delete(gates, o.Worker)
		}
		if len(gates) > 0 {
			t.Errorf("nothing is said of %v", gates)
		}
		w.sound("after a look")
		if code := w.desk("990001002").call("GET", "/api/v1/dispatches/"+string(id), nil, nil); code != 404 {
			t.Errorf("another street reads it: %d", code)
		}
	})
}

func TestOnlyWhoCouldServeAWaitingOrderMayClaimIt(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		a, b := w.hire("甲", nil, "visitor"), w.hire("乙", nil, "visitor")
		phone, other := w.phone(a), w.phone(b)
		id := n.open(w, linli.Need{Spec: "cleaning"})
		if got, err := n.assign(w, id, dispatch.Wish{}); err != nil || got.Worker != "" {
			t.Fatalf("%+v, %v", got, err)
		}
		var list struct{ Items []dispatch.Waiter }
		if code := phone.call("GET", "/api/v1/dispatches/claimable", nil, &list); code != 200 || len(list.Items) != 0 {
			t.Errorf("offered without the skill: %d %+v", code, list)
		}
		claim := "/api/v1/dispatches/" + string(id) + "/claim"
		if code := phone.call("POST", claim, nil, nil); code != 409 {
			t.Errorf("claimed without the skill: %d", code)
		}
		for i, k := range []linli.WorkerID{a, b} {
			w.teach(k, fmt.Sprint("能", i), "cleaner")
		}
		if code := phone.call("GET", "/api/v1/dispatches/claimable", nil, &list); code != 200 || len(list.Items) != 1 || list.Items[0].Order != id || list.Items[0].Place != grid+"/e1/1" || list.Items[0].Address != "康乐里1号楼" {
			t.Errorf("offered %d %+v", code, list)
		}
		if code := w.desk("990001001").call("POST", claim, nil, nil); code != 403 {
			t.Errorf("somebody who is no worker claims: %d", code)
		}
		var got dispatch.Answer
		if code := phone.call("POST", claim, nil, &got); code != 200 || got.Assigned == nil || got.Assigned.Worker != a || got.Assigned.Auto {
			t.Errorf("claimed: %d %+v", code, got)
		}
		if code := other.call("POST", claim, nil, nil); code != 409 {
			t.Errorf("claimed twice: %d", code)
		}
		if code := other.call("POST", "/api/v1/dispatches/"+string(id)+"/decline", object{"reason": "sick"}, nil); code != 404 {
			t.Errorf("a stranger declines it: %d", code)
		}
		w.sound("claimed")
	})
}

func TestHasteIsAskedForOnceInTenMinutesAndNotAfterTheEnd(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		w.hire("甲", nil, "cleaner")
		id := n.open(w, linli.Need{Spec: "cleaning", Resident: "res_a"})
		n.given(w, id)
		resident := w.sign(auth.NewUser{Login: "resident", Resident: "res_a", Grants: []auth.Grant{{Role: "resident"}}})
		neighbor := w.sign(auth.NewUser{Login: "neighbor", Resident: "res_b", Grants: []auth.Grant{{Role: "resident"}}})
		urge := "/api/v1/dispatches/" + string(id) + "/urge"
		var got struct{ Times int64 }
		for i, want := range []struct {
			after time.Duration
			code  int
		}{{0, 200}, {0, 429}, {9 * time.Minute, 429}, {time.Minute, 200}} {
			w.pass(want.after)
			if code := resident.call("POST", urge, nil, &got); code != want.code {
				t.Errorf("urged %d: %d, want %d", i, code, want.code)
			}
		}
		if got.Times != 2 {
			t.Errorf("counted %d times", got.Times)
		}
		if code := neighbor.call("POST", urge, nil, nil); code != 404 {
			t.Errorf("a neighbor urges: %d", code)
		}
		n.end(w, id, order.ActAccept, order.ActFinish)
		w.pass(time.Hour)
		if code := resident.call("POST", urge, nil, nil); code != 409 {
			t.Errorf("urged after it was served: %d", code)
		}
	})
}

// What a person decides is written down with the reason, what linli decides is not.
func TestDecisionsByHandAreInTheTrail(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		a, b := w.hire("甲", nil, "cleaner"), w.hire("乙", nil, "cleaner")
		id := n.open(w, linli.Need{Spec: "cleaning"})
		had := n.given(w, id)
		desk := w.desk("990001001")
		if had.Worker == b {
			b = a
		}
		if code := desk.call("POST", "/api/v1/dispatches", object{"order_id": id, "worker_id": b, "reason": ""}, nil); code != 422 {
			t.Errorf("moved without a reason: %d", code)
		}
		if code := desk.call("POST", "/api/v1/dispatches", object{"order_id": id, "reason": "居民要求换人"}, nil); code != 200 {
			t.Errorf("moved: %d", code)
		}
		trail, err := w.accounts.Trail(w.ctx(), auth.AuditFilter{Act: "dispatch.assign", Limit: 10})
		w.ok(err)
		if len(trail) != 1 || trail[0].Reason != "居民要求换人" || trail[0].Subject != string(id) || trail[0].Who != "desk-990001001" || trail[0].Detail != string(w.of(id).worker) {
			t.Errorf("the trail says %+v", trail)
		}
	})
}
