package dispatch_test

import (
	"slices"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/people/party"
	"linli/service/dispatch"
	"linli/service/order"
)

func (c client) why(id linli.OrderID) (w dispatch.Why) {
	c.w.t.Helper()
	if code := c.call("GET", "/api/v1/dispatches/"+string(id), nil, &w); code != 200 {
		c.w.t.Fatalf("why: %d", code)
	}
	return w
}

// once is a worker who is only there this Monday.
func (w *street) once(name, hours string, change func(d *party.WorkerDraft), skills ...string) linli.WorkerID {
	id := w.hire(name, func(d *party.WorkerDraft) {
		d.Week = []string{hours, "", "", "", "", "", ""}
		if change != nil {
			change(d)
		}
	}, skills...)
	w.absent(id, monday.Add(24*time.Hour), monday.Add(20*24*time.Hour))
	return id
}

// An order that waits says whether it is impossible or crowded out, and each
// relaxation it names lets it be served when asked for.
func TestAnOrderThatWaitsSaysWhatWouldHelpAndThatHelps(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		desk := w.desk("990001001")
		kinds := func(y dispatch.Why) (out []string) {
			for _, r := range y.Relaxed {
				out = append(out, r.ID)
			}
			return out
		}
		relax := func(id linli.OrderID, which string) (a dispatch.Answer, code int) {
			code = desk.call("POST", "/api/v1/dispatches/"+string(id)+"/relax", object{"id": which, "reason": "居民同意"}, &a)
			return a, code
		}
		wait := func(need linli.Need) linli.OrderID {
			id := n.open(w, need)
			if a, err := n.assign(w, id, dispatch.Wish{}); err != nil || a.Worker != "" {
				t.Fatalf("given to %+v, %v", a, err)
			}
			return id
		}
		// Nobody at all can.
		id := wait(linli.Need{Spec: "legal-advice"})
		if y := desk.why(id); y.Class != "impossible" || !y.Proof || len(y.Relaxed) != 0 {
			t.Errorf("without a lawyer: %s, %t, %v", y.Class, y.Proof, kinds(y))
		}
		// A level less, and it goes.
		low := w.once("初级", "09:00-12:00", nil, "visitor")
		id = wait(linli.Need{Spec: "visit-care", Skills: []linli.Skill{{Code: "visitor", Level: 2}}})
		y := desk.why(id)
		if y.Class != "impossible" || !slices.Equal(kinds(y), []string{"level:visitor"}) || y.Relaxed[0].Option == nil || y.Relaxed[0].Worker != low {
			t.Fatalf("%s: %v", y.Class, kinds(y))
		}
		if _, code := relax(id, "level:cleaner"); code != 409 {
			t.Errorf("what was not offered: %d", code)
		}
		if a, code := relax(id, "level:visitor"); code != 200 || a.Assigned == nil || a.Assigned.Worker != low {
			t.Fatalf("relaxed: %d %+v", code, a)
		}
		w.sound("a level lower")
		// The morning is full: two hours are there, the second two are not, but for overtime or a lower class.
		only := w.once("钟点", "09:00-12:00", nil, "cleaner")
		first := n.open(w, linli.Need{Spec: "cleaning", SLA: linli.P4, Wish: linli.Window{From: monday.Add(45 * time.Minute), To: monday.Add(50 * time.Minute)}})
		n.given(w, first)
		id = wait(linli.Need{Spec: "cleaning"})
		y = desk.why(id)
		i := slices.IndexFunc(y.Relaxed, func(r dispatch.Relaxation) bool { return r.Kind == "overtime" })
		if y.Class != "crowded-out" || !y.Proof || i < 0 || !slices.Contains(kinds(y), "displace:"+string(only)) {
			t.Fatalf("%s: %v", y.Class, kinds(y))
		}
		over := y.Relaxed[i]
		if a, code := relax(id, over.ID); code != 200 || a.Assigned == nil || a.Assigned.Worker != only {
			t.Fatalf("overtime of %v: %d %+v", over.Value, code, a)
		}
		w.sound("with overtime")
		if end := w.of(id).start.Add(w.of(id).length); end.Sub(monday.Add(3*time.Hour)) > time.Duration(over.Value)*time.Minute || end.Before(monday.Add(3*time.Hour)) {
			t.Errorf("%v minutes of overtime, it ends at %s", over.Value, end)
		}
		n.workersChanged(w) // as party tells it
		w.sound("after the news of the longer shift")
		if got := w.of(id).worker; got != only {
			t.Errorf("the longer shift came and it stands with %s", got)
		}
		// Whoever is excluded could.
		id = wait(linli.Need{Spec: "patrol"})
		able := w.once("巡", "09:00-12:00", nil, "patrol")
		if a := n.given(w, id); a.Worker != able {
			t.Fatal(a)
		}
		w.write(func(tx db.Tx) error {
			_, err := n.Decline(w.ctx(), tx, id, able, "no-time")
			return err
		})
		if y = desk.why(id); !slices.Equal(kinds(y), []string{"exclusion:" + string(able)}) {
			t.Fatalf("%s: %v", y.Class, kinds(y))
		}
		if a, code := relax(id, "exclusion:"+string(able)); code != 200 || a.Assigned == nil || a.Assigned.Worker != able {
			t.Fatalf("%d %+v", code, a)
		}
		w.sound("asked again")
		trail, err := w.accounts.Trail(w.ctx(), auth.AuditFilter{Act: "dispatch.relax", Limit: 10})
		w.ok(err)
		if len(trail) != 3 || w.desk("990001002").call("POST", "/api/v1/dispatches/"+string(id)+"/relax", object{"id": "x", "reason": "y"}, nil) != 404 {
			t.Errorf("the trail says %+v", trail)
		}
	})
}

func TestAServedOrderSaysWhatTheNextBestWouldCost(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		near, next := w.hire("近", far(1), "cleaner"), w.hire("远", far(10), "cleaner")
		id := n.open(w, linli.Need{Spec: "cleaning", Wish: linli.Window{From: monday.Add(time.Hour), To: monday.Add(3 * time.Hour)}})
		n.given(w, id)
		y := w.desk("990001001").why(id)
		if y.Assigned.Worker != near || y.Split == nil || y.RunnerUp == nil || y.RunnerUp.Worker != next || y.RunnerUp.Name != "远" || y.RunnerUp.Split.Travel <= y.Split.Travel || y.Class != "" {
			t.Errorf("%+v, runner-up %+v", y.Split, y.RunnerUp)
		}
		w.sound("after the look")
	})
}

// Before an order is dropped on somebody, the desk sees what that would move, and
// when it insists, exactly that happens.
func TestWhatAPreviewShowsIsWhatInsistingDoes(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		a, b := w.hire("甲", far(1), "cleaner"), w.hire("乙", far(2), "cleaner")
		wish := linli.Window{From: monday.Add(time.Hour - 10*time.Minute), To: monday.Add(time.Hour)}
		busy := n.open(w, linli.Need{Spec: "cleaning", Wish: wish})
		if got := n.given(w, busy); got.Worker != a {
			t.Fatal(got)
		}
		id := n.open(w, linli.Need{Spec: "cleaning", Wish: wish})
		n.given(w, id) // with the other
		desk := w.desk("990001001")
		before := w.tables()
		look := func(k linli.WorkerID) (p dispatch.Preview, code int) {
			code = desk.call("GET", "/api/v1/dispatches/"+string(id)+"/preview?worker="+string(k), nil, &p)
			return p, code
		}
		if p, code := look(b); code != 200 || p.Option == nil || p.Refused != nil || len(p.Changes) != 0 {
			t.Errorf("where it is: %d %+v", code, p)
		}
		p, code := look(a)
		if code != 200 || p.Option != nil || p.Refused == nil || p.Refused.Gate != "no-room" || len(p.Changes) != 2 {
			t.Fatalf("on the busy one: %d %+v", code, p)
		}
		if _, code := look("wrk_nobody"); code != 404 {
			t.Errorf("nobody: %d", code)
		}
		if w.tables() != before {
			t.Fatal("a look changed the tables")
		}
		w.sound("after looks")
		insist := object{"order_id": id, "worker_id": a, "displace": true}
		if code := desk.call("POST", "/api/v1/dispatches", insist, nil); code != 422 {
			t.Errorf("without a reason: %d", code)
		}
		insist["reason"] = "居民点名"
		var answer dispatch.Answer
		if code := desk.call("POST", "/api/v1/dispatches", insist, &answer); code != 200 || answer.Assigned == nil || answer.Assigned.Worker != a || answer.Assigned.Auto {
			t.Fatalf("%d %+v", code, answer)
		}
		for _, c := range p.Changes {
			if got := w.of(c.Order); got.worker != c.ToWorker || !got.start.Equal(c.ToStart) {
				t.Errorf("the preview said %+v, it is %+v", c, got)
			}
		}
		w.sound("after insisting")
		// Now it is set by hand, and nobody makes room with this worker any more.
		other := n.open(w, linli.Need{Spec: "cleaning", Wish: wish})
		if code := desk.call("POST", "/api/v1/dispatches", object{"order_id": other, "worker_id": a, "displace": true, "reason": "也要"}, nil); code != 409 {
			t.Errorf("what a person has set made room: %d", code)
		}
	})
}

// The day can be played again: every assignment with its begin and its end, every
// wait, every act, of the own street only.
func TestADayCanBePlayedAgain(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		sick := w.hire("甲", far(1), "cleaner")
		id := n.open(w, linli.Need{Spec: "cleaning", Wish: linli.Window{From: monday.Add(4 * time.Hour), To: monday.Add(5 * time.Hour)}})
		n.given(w, id)
		w.pass(time.Minute)
		desk := w.desk("990001001")
		desk.do(object{"kind": "absent", "worker_id": sick, "reason": "sick", "to": monday.Add(12 * 24 * time.Hour)})
		w.pass(time.Minute)
		next := w.hire("乙", far(1), "cleaner")
		n.given(w, id)
		w.pass(time.Minute)
		n.end(w, id, order.ActAccept, order.ActFinish)
		var h dispatch.History
		if code := desk.call("GET", "/api/v1/dispatch-history?date=2026-11-23", nil, &h); code != 200 || h.Date != "2026-11-23" {
			t.Fatalf("%d %+v", code, h)
		}
		if len(h.Visits) != 2 || h.Visits[0].Worker != sick || !h.Visits[0].Ended.Equal(monday.Add(time.Minute)) || h.Visits[0].Why != "worker off" || h.Visits[0].Told.IsZero() ||
			h.Visits[1].Worker != next || !h.Visits[1].Set.Equal(monday.Add(2*time.Minute)) || !h.Visits[1].Ended.Equal(monday.Add(3*time.Minute)) {
			t.Errorf("visits %+v", h.Visits)
		}
		if len(h.Waits) != 1 || !h.Waits[0].From.Equal(monday.Add(time.Minute)) || !h.Waits[0].To.Equal(monday.Add(2*time.Minute)) || len(h.Waits[0].Reasons) == 0 {
			t.Errorf("waits %+v", h.Waits)
		}
		if len(h.Acts) != 1 || h.Acts[0].Kind != "absent" || h.Acts[0].Worker != sick {
			t.Errorf("acts %+v", h.Acts)
		}
		var other dispatch.History
		if code := w.desk("990001002").call("GET", "/api/v1/dispatch-history", nil, &other); code != 200 || len(other.Visits)+len(other.Waits)+len(other.Acts) != 0 {
			t.Errorf("another street sees %d %+v", code, other)
		}
		if code := desk.call("GET", "/api/v1/dispatch-history?date=monday", nil, nil); code != 422 {
			t.Errorf("a day that is none: %d", code)
		}
	})
}
