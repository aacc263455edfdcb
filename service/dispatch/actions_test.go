package dispatch_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/people/party"
	"linli/service/dispatch"
	"linli/service/order"
)

// tables is everything that an action could change, as text.
func (w *street) tables() string {
	w.t.Helper()
	var out strings.Builder
	w.ok(w.db.Read(w.ctx(), func(tx db.Tx) error {
		out.Reset()
		for _, table := range []string{"dispatch_assignment", "dispatch_lane", "dispatch_waiting", "dispatch_wait", "dispatch_refusal", "dispatch_act", "order_order", "order_event",
			"party_absence", "party_worker", "bus_event", "auth_audit"} {
			rows, err := tx.Query(`SELECT * FROM ` + table + ` ORDER BY 1, 2`)
			if err != nil {
				return err
			}
			cols, err := rows.Columns()
			if err != nil {
				return err
			}
			for rows.Next() {
				row := make([]any, len(cols))
				for i := range row {
					row[i] = new(any)
				}
				if err := rows.Scan(row...); err != nil {
					return err
				}
				fmt.Fprint(&out, table)
				for _, x := range row {
					v := *x.(*any)
					if raw, ok := v.([]byte); ok {
						v = string(raw)
					}
					fmt.Fprintf(&out, "|%v", v)
				}
				out.WriteByte('\n')
			}
			if err := rows.Close(); err != nil {
				return err
			}
		}
		return nil
	}))
	return out.String()
}

// do acts at the desk; a dry run before it must tell the same and change nothing.
func (c client) do(a object) (o dispatch.Outcome) {
	c.w.t.Helper()
	before := c.w.tables()
	a["dry_run"] = true
	var dry dispatch.Outcome
	if code := c.call("POST", "/api/v1/dispatch-actions", a, &dry); code != 200 || !dry.DryRun {
		c.w.t.Fatalf("dry run of %v: %d, %+v", a, code, dry)
	}
	if after := c.w.tables(); after != before {
		c.w.t.Fatalf("a dry run of %v changed the tables", a)
	}
	c.w.sound("after a dry run")
	delete(a, "dry_run")
	if code := c.call("POST", "/api/v1/dispatch-actions", a, &o); code != 200 {
		c.w.t.Fatalf("%v: %d", a, code)
	}
	same := func(a, b dispatch.Change) bool {
		return a.Order == b.Order && a.ToWorker == b.ToWorker && a.ToStart.Equal(b.ToStart) && a.Told == b.Told && a.Promise == b.Promise
	}
	if !slices.EqualFunc(o.Changes, dry.Changes, same) || o.Depth != dry.Depth {
		c.w.t.Errorf("the dry run of %v told %+v, what came is %+v", a, dry.Changes, o.Changes)
	}
	for _, x := range o.Changes {
		if x.ToWorker == "" {
			if c.w.waiting(x.Order) == nil {
				c.w.t.Errorf("%s should wait: %+v", x.Order, x)
			}
		} else if got := c.w.of(x.Order); got.worker != x.ToWorker || !got.start.Equal(x.ToStart) {
			c.w.t.Errorf("%+v is announced, the tables say %+v", x, got)
		}
	}
	c.w.sound("after " + a["kind"].(string))
	return o
}

// Somebody calls in sick at six in the morning: everything of theirs goes to others,
// as promised where that can be, and whoever hears of another window is listed.
func TestWhoIsSickAtSixLosesTheirDayAndEverybodyPromisedHearsOfIt(t *testing.T) {
	t.Parallel()
	each(t, 2, func(w *street) {
		n := w.nodes[0]
		sick := w.hire("甲", far(2), "cleaner")
		at := func(day int, hour, minutes int) linli.Window {
			from := monday.AddDate(0, 0, day).Add(time.Duration(hour-9)*time.Hour + time.Duration(minutes)*time.Minute)
			return linli.Window{From: from, To: from.Add(30 * time.Minute)}
		}
		var today []linli.OrderID
		for _, hour := range []int{9, 13, 15} {
			id := n.open(w, linli.Need{Spec: "cleaning", Wish: at(1, hour, 0)})
			n.given(w, id)
			n.act(w, id, order.ActAccept)
			today = append(today, id)
		}
		tomorrow := n.open(w, linli.Need{Spec: "cleaning", Wish: at(2, 9, 0)})
		n.given(w, tomorrow)
		other := w.hire("乙", far(3), "cleaner")
		w.hire("丙", far(3), "cleaner")
		w.pass(21 * time.Hour) // Tuesday, six o'clock
		w.nodes[1].workersChanged(w)
		if w.standing()[0].worker != sick {
			t.Fatal("the morning begins otherwise")
		}
		// Both others are busy at three already, so one window cannot be kept.
		for range 2 {
			n.given(w, n.open(w, linli.Need{Spec: "cleaning", Wish: at(1, 15, 0)}))
		}
		desk := w.desk("990001001")
		o := desk.do(object{"kind": "absent", "worker_id": sick, "reason": "sick"})
		if len(o.Changes) < 3 || o.Before.Unserved[2] != 0 || o.After.Broken == 0 {
			t.Fatalf("%+v", o)
		}
		broken := 0
		for _, c := range o.Changes {
			if slices.Contains(today, c.Order) && (c.FromWorker != sick || c.ToWorker == sick || !c.Told || len(c.Reasons) == 0) {
				t.Errorf("%+v", c)
			}
			if c.Promise {
				broken++
			}
			if c.Order == tomorrow {
				t.Errorf("tomorrow's order moved: %+v", c)
			}
		}
		if broken != 1 || !o.Changes[0].Promise {
			t.Errorf("%d windows changed, want one: %+v", broken, o.Changes)
		}
		told := map[linli.OrderID]dispatch.Changed{}
		for _, e := range w.changed() {
			told[e.Order] = e
		}
		for _, c := range o.Changes {
			if e, ok := told[c.Order]; ok != c.Told || ok && (e.Promise != c.Promise || !e.FromPromise.From.Equal(c.FromPromise.From) || e.Worker != c.ToWorker) {
				t.Errorf("told of %+v: %+v", c, e)
			}
		}
		if got := w.of(tomorrow); got.worker != sick {
			t.Errorf("tomorrow's order went to %s", got.worker)
		}
		workers, err := w.party.Workers(w.ctx(), w.now())
		w.ok(err)
		for _, k := range workers {
			if k.ID == sick && (len(k.Shifts) == 0 || k.Shifts[0].From.Before(monday.AddDate(0, 0, 2).Add(-9*time.Hour))) {
				t.Errorf("the sick one is planned for %v", k.Shifts)
			}
		}
		if trail, err := w.accounts.Trail(w.ctx(), auth.AuditFilter{Act: "dispatch.absent", Limit: 10}); err != nil || len(trail) != 1 || trail[0].Subject != string(sick) || trail[0].Reason != "sick" {
			t.Errorf("the trail says %+v, %v", trail, err)
		}
		// Afterwards, and after a restart, nothing is left to move.
		before := w.standing()
		w.nodes = w.nodes[1:]
		w.start().workersChanged(w)
		if !slices.Equal(w.standing(), before) {
			t.Errorf("after the restart it is %+v, was %+v", w.standing(), before)
		}
		_ = other
		w.sound("after the restart")
	})
}

// An alarm goes before everything of a lower class: first into a gap, else one makes
// room, and that one is seated again in the same answer.
func TestWhatCannotWaitGoesFirstAndThosePushedAsideAreSeatedAgain(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		only := w.hire("甲", far(1), "cleaner")
		desk := w.desk("990001001")
		w.pass(-20 * time.Minute) // 8:40
		// From 9:15 to 11:15, too late to be frozen, and again in the afternoon.
		soon := n.open(w, linli.Need{Spec: "cleaning", Wish: linli.Window{From: monday.Add(15 * time.Minute), To: monday.Add(25 * time.Minute)}})
		n.given(w, soon)
		alarm := n.open(w, linli.Need{Spec: "cleaning", SLA: linli.P2, Wish: linli.Window{From: monday.Add(30 * time.Hour)}})
		n.given(w, alarm)
		o := desk.do(object{"kind": "urgent", "order_id": alarm, "reason": "老人摔倒"})
		if o.Depth != 1 || len(o.Changes) != 2 {
			t.Fatalf("%+v", o)
		}
		if got := w.of(alarm); got.worker != only || got.start.Sub(w.now()) > 30*time.Minute {
			t.Errorf("the urgent one starts at %s, now is %s", got.start, w.now())
		}
		if got := w.of(soon); got.worker != only || !got.start.After(w.of(alarm).start) {
			t.Errorf("the one pushed aside stands with %+v", got)
		}
		// Nothing of its own class makes room.
		second := n.open(w, linli.Need{Spec: "cleaning", SLA: linli.P1})
		if code := desk.call("POST", "/api/v1/dispatch-actions", object{"kind": "urgent", "order_id": second, "reason": "又一起", "dry_run": true}, nil); code != 409 {
			t.Errorf("a second one: %d", code)
		}
	})
}

func TestWhoDoesNotAppearLosesTheOrderToTheNext(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		a := w.hire("甲", far(1), "cleaner")
		id := n.open(w, linli.Need{Spec: "cleaning"})
		n.given(w, id)
		b := w.hire("乙", far(2), "cleaner")
		n.act(w, id, order.ActAccept, order.ActEnRoute)
		w.pass(time.Hour)
		desk := w.desk("990001001")
		o := desk.do(object{"kind": "no-show", "order_id": id})
		if got := w.of(id); got.worker != b || len(o.Changes) != 1 || !o.Changes[0].Told || o.Changes[0].FromWorker != a {
			t.Errorf("it stands with %+v: %+v", got, o)
		}
		if got, err := n.assign(w, id, dispatch.Wish{Reason: "again"}); err == nil {
			t.Errorf("it went back to %s, who did not appear", got.Worker)
		}
		n.act(w, id, order.ActAccept, order.ActArrive)
		if code := desk.call("POST", "/api/v1/dispatch-actions", object{"kind": "no-show", "order_id": id}, nil); code != 409 {
			t.Errorf("whoever is at the door has not appeared: %d", code)
		}
		// Somebody else's desk knows neither the order nor the worker.
		foreign := w.desk("990001002")
		for _, a := range []object{{"kind": "no-show", "order_id": id}, {"kind": "urgent", "order_id": id, "reason": "x"}, {"kind": "absent", "worker_id": b, "reason": "sick"}} {
			before := w.tables()
			if code := foreign.call("POST", "/api/v1/dispatch-actions", a, nil); code != 404 || w.tables() != before {
				t.Errorf("another street does %v: %d", a, code)
			}
		}
		for field, a := range map[string]object{"reason": {"kind": "absent", "worker_id": b, "reason": "lazy"}, "to": {"kind": "absent", "worker_id": b, "reason": "sick", "to": monday.Add(-time.Hour)},
			"order_id": {"kind": "urgent", "reason": "x"}} {
			if code := desk.call("POST", "/api/v1/dispatch-actions", a, nil); code != 422 {
				t.Errorf("%s: %d", field, code)
			}
		}
	})
}

// A person who asks for a better plan moves nothing beyond their own scope.
func TestADeskReplansOnlyWhatIsItsOwn(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		w.hire("远", far(30), "cleaner")
		wish := linli.Window{From: monday.Add(26 * time.Hour), To: monday.Add(27 * time.Hour)}
		there := n.open(w, linli.Need{Spec: "cleaning", Wish: wish, Place: "990001001002/001/e1/1"})
		had := n.given(w, there).Worker
		w.pass(answer)
		near := w.hire("近", far(1), "cleaner")
		if o := w.desk("990001001001").do(object{"kind": "replan"}); len(o.Changes) != 0 || w.of(there).worker != had {
			t.Errorf("%+v", o)
		}
		o := w.desk("990001001").do(object{"kind": "replan"})
		if len(o.Changes) != 1 || o.Changes[0].Told || w.of(there).worker != near || o.After.TravelMin >= o.Before.TravelMin {
			t.Errorf("%+v", o)
		}
	})
}

// The two of a pair are one visit: when one of them drops out while the other is on
// the way, only a person can move it, and whoever is on the way stays busy.
func TestWhoIsOnTheWayStaysBusyWhenTheOtherDropsOut(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		allDay := func(d *party.WorkerDraft) {
			for i := range d.Week {
				d.Week[i] = "08:00-18:00"
			}
		}
		a, b := w.hire("甲", allDay, "adaptation", "cleaner"), w.hire("乙", allDay, "adaptation", "cleaner")
		id := n.open(w, linli.Need{Spec: "home-adaptation", Wish: linli.Window{From: monday.Add(10 * time.Minute), To: monday.Add(30 * time.Minute)}})
		n.given(w, id)
		n.act(w, id, order.ActAccept, order.ActEnRoute)
		w.absent(b, w.now(), w.now().Add(24*time.Hour))
		n.workersChanged(w)
		got := w.of(id)
		if got.worker != a && got.second != a {
			t.Fatalf("%+v", got)
		}
		next := n.given(w, n.open(w, linli.Need{Spec: "cleaning"}))
		if next.Worker != a || next.Start.Before(got.start.Add(got.length)) {
			t.Errorf("%+v is sent to another at %s", got, next.Start)
		}
		w.sound("busy")
	})
}

// An alarm that finds nobody in time makes room for itself, in the request that
// brings it, and whoever is pushed aside hears of it.
func TestAnAlarmMakesRoomForItself(t *testing.T) {
	t.Parallel()
	each(t, 2, func(w *street) {
		only := w.hire("甲", far(1), "visitor", "cleaner")
		w.pass(-20 * time.Minute)
		soon := w.nodes[0].open(w, linli.Need{Spec: "cleaning", Wish: linli.Window{From: monday.Add(15 * time.Minute), To: monday.Add(25 * time.Minute)}})
		w.nodes[0].given(w, soon)
		n := w.nodes[1]
		alarm := n.open(w, linli.Need{Spec: "visit-care", SLA: linli.P1})
		got := n.given(w, alarm)
		if got.Worker != only || got.Start.Sub(w.now()) > 30*time.Minute || got.Start.After(w.of(soon).start) {
			t.Errorf("the alarm starts at %s, the other at %s", got.Start, w.of(soon).start)
		}
		told := w.changed()
		if len(told) > 1 || len(told) == 1 && (told[0].Order != soon || told[0].Because != "displaced") {
			t.Errorf("told %+v", told)
		}
		w.sound("after the alarm")
		// With nobody of a lower class in the way there is nothing to gain.
		second := n.open(w, linli.Need{Spec: "visit-care", SLA: linli.P1})
		if a, err := n.assign(w, second, dispatch.Wish{}); err != nil || a.Worker != "" && a.Start.Before(got.Start) {
			t.Errorf("%+v, %v", a, err)
		}
		w.sound("after the second alarm")
	})
}

// Every cut leaves exactly what lies outside it.
func TestWhatIsLeftOfShiftsIsWhatLiesOutsideTheCut(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 1))
	at := func(minutes int) time.Time { return monday.Add(time.Duration(minutes) * time.Minute) }
	for range 2000 {
		var shifts []linli.Window
		for last := 0; len(shifts) < r.IntN(5); {
			from := last + r.IntN(3)
			last = from + 1 + r.IntN(6)
			shifts = append(shifts, linli.Window{From: at(from), To: at(last)})
		}
		a := r.IntN(30)
		hole := linli.Window{From: at(a), To: at(a + 1 + r.IntN(12))}
		left := dispatch.Without(shifts, hole)
		in := func(ws []linli.Window, m time.Time) bool {
			return slices.ContainsFunc(ws, func(w linli.Window) bool { return !m.Before(w.From) && m.Before(w.To) })
		}
		for m := range 50 {
			if want := in(shifts, at(m)) && !in([]linli.Window{hole}, at(m)); in(left, at(m)) != want {
				t.Fatalf("%v without %v is %v at %s", shifts, hole, left, at(m))
			}
		}
	}
}
