package dispatch_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/people/party"
	"linli/service/dispatch"
	"linli/service/order"
)

// tuesdays is a week of one long shift on Tuesday.
func tuesdays(d *party.WorkerDraft) { d.Week = []string{"", "08:00-18:00", "", "", "", "", ""} }

// crowded plans a Tuesday that can be done better: who alone can clean has a visit
// that the other, hired later, could take, and the cleaning waits.
type crowded struct {
	cleaner, visitor linli.WorkerID
	visit, cleaning  linli.OrderID
}

func crowd(w *street, n *node, wish dispatch.Wish) (c crowded) {
	w.t.Helper()
	morning := linli.Window{From: monday.AddDate(0, 0, 1), To: monday.AddDate(0, 0, 1).Add(time.Hour)}
	c.cleaner = w.hire("甲", func(d *party.WorkerDraft) { tuesdays(d); d.MaxLoad = 130 }, "cleaner", "visitor")
	w.absent(c.cleaner, monday.AddDate(0, 0, 5), monday.AddDate(0, 0, 20)) // no other Tuesday
	if wish.Reason != "" {
		wish.Worker = c.cleaner
	}
	c.visit = n.open(w, linli.Need{Spec: "visit-care", Wish: morning, Resident: "res_a"})
	a, err := n.assign(w, c.visit, wish)
	w.ok(err)
	if a.Worker != c.cleaner {
		w.t.Fatalf("the visit went to %+v", a)
	}
	w.write(func(tx db.Tx) error { return n.orders.Do(w.ctx(), tx, c.visit, order.ActAccept, "", "") }) // the resident knows who comes
	c.cleaning = n.open(w, linli.Need{Spec: "cleaning", Wish: morning})
	if a, err := n.assign(w, c.cleaning, dispatch.Wish{}); err != nil || a.Worker != "" {
		w.t.Fatalf("the cleaning was given to %+v, %v", a, err)
	}
	c.visitor = w.hire("乙", tuesdays, "visitor")
	return c
}

// better tells whether a draft does what can be done better, and says so.
func (c crowded) better(t *testing.T, d dispatch.Draft) {
	t.Helper()
	if d.State != dispatch.DraftOpen || d.Nothing || d.Told != 1 || len(d.Changes) != 2 || !slices.Equal(d.Before.Unserved, []int64{0, 0, 1, 0}) || !slices.Equal(d.After.Unserved, []int64{0, 0, 0, 0}) {
		t.Fatalf("the draft is %+v", d)
	}
	for _, x := range d.Changes {
		switch {
		case len(x.Reasons) == 0:
			t.Errorf("nothing is said for %+v", x)
		case x.Order == c.visit && x.FromWorker == c.cleaner && x.FromName == "甲" && x.ToWorker == c.visitor && x.ToName == "乙" && x.Told && !x.Promise && x.ToPromise == x.FromPromise:
		case x.Order == c.cleaning && x.FromWorker == "" && x.ToWorker == c.cleaner && !x.Told && !x.Promise && !x.ToStart.Before(monday.AddDate(0, 0, 1)):
		default:
			t.Errorf("it changes %+v", x)
		}
	}
}

func (c client) drafts(date string) []dispatch.Draft {
	c.w.t.Helper()
	var list struct{ Items []dispatch.Draft }
	if code := c.call("GET", "/api/v1/dispatch-drafts?date="+date, nil, &list); code != 200 {
		c.w.t.Fatalf("drafts: %d", code)
	}
	return list.Items
}

// draft makes a draft of Tuesday on demand.
func (c client) draft() (d dispatch.Draft) {
	c.w.t.Helper()
	if code := c.call("POST", "/api/v1/dispatch-drafts", object{"date": "2026-11-24"}, &d); code != 200 {
		c.w.t.Fatalf("no draft: %d", code)
	}
	return d
}

func (c client) on(d dispatch.Draft, act string, body, out any) int {
	c.w.t.Helper()
	return c.call("POST", "/api/v1/dispatch-drafts/"+d.ID+"/"+act, body, out)
}

// events lists what the bus has of a kind.
func (w *street) events(kind string) (out []string) {
	w.t.Helper()
	w.ok(w.db.Read(w.ctx(), func(tx db.Tx) error {
		rows, err := tx.Query(`SELECT data FROM bus_event WHERE kind = $1 ORDER BY seq`, kind)
		if err != nil {
			return err
		}
		defer rows.Close()
		out = nil
		for rows.Next() {
			var data string
			if err := rows.Scan(&data); err != nil {
				return err
			}
			out = append(out, data)
		}
		return rows.Err()
	}))
	return out
}

func (w *street) poll(n *node) {
	w.t.Helper()
	_, err := n.timers.Poll(w.ctx())
	w.ok(err)
}

// At eight in the evening tomorrow is planned anew by itself, once, whichever node
// does it; released, it tells exactly those who had been told something else.
func TestTomorrowIsDraftedInTheEveningAndReleased(t *testing.T) {
	t.Parallel()
	each(t, 2, func(w *street) {
		c := crowd(w, w.nodes[0], dispatch.Wish{})
		desk := w.desk("990001001")
		for _, n := range w.nodes {
			w.poll(n)
		}
		if list := desk.drafts("2026-11-24"); len(list) != 0 {
			w.t.Fatalf("in the morning there is %+v", list)
		}
		w.ms.Store(time.Date(2026, 11, 23, 20, 0, 0, 0, linli.Shanghai).UnixMilli())
		var both sync.WaitGroup
		for _, n := range w.nodes {
			both.Go(func() { w.poll(n) })
		}
		both.Wait()
		list := desk.drafts("")
		if len(list) != 1 || list[0].Date != "2026-11-24" || !list[0].MadeAt.Equal(w.now()) {
			w.t.Fatalf("in the evening there is %+v", list)
		}
		d := list[0]
		c.better(w.t, d)
		for _, at := range w.standing() {
			if at.order != c.visit || at.worker != c.cleaner {
				t.Errorf("a draft alone has changed %+v", at)
			}
		}
		var got dispatch.Draft
		if code := desk.call("GET", "/api/v1/dispatch-drafts/"+d.ID, nil, &got); code != 200 {
			w.t.Fatalf("one draft: %d", code)
		}
		for _, l := range got.Lanes {
			want := map[linli.WorkerID]linli.OrderID{c.cleaner: c.cleaning, c.visitor: c.visit}[l.Worker]
			if len(l.Stops) != 1 || l.Stops[0].Order != want || l.LoadMin == 0 {
				t.Errorf("in the draft %s does %+v, want %s", l.Name, l.Stops, want)
			}
		}

		var out dispatch.Outcome
		if code := desk.on(d, "release", object{}, &out); code != 200 || len(out.Changes) != 2 || len(out.Waiting) != 0 {
			w.t.Fatalf("release: %d %+v", code, out)
		}
		if v, k := w.of(c.visit), w.of(c.cleaning); v.worker != c.visitor || k.worker != c.cleaner {
			t.Errorf("after the release the visit is with %s, the cleaning with %s", v.worker, k.worker)
		}
		told := w.events(dispatch.EventChanged)
		if len(told) != 1 {
			w.t.Fatalf("told were %v", told)
		}
		var x dispatch.Changed
		w.ok(json.Unmarshal([]byte(told[0]), &x))
		if x.Order != c.visit || x.FromWorker != c.cleaner || x.Worker != c.visitor || x.Promise || !x.Named || x.Because != "released" {
			t.Errorf("told was %+v", x)
		}
		trail, err := w.accounts.Trail(w.ctx(), auth.AuditFilter{Act: "dispatch.draft-release", Limit: 10})
		w.ok(err)
		if len(trail) != 1 || trail[0].Subject != d.ID || trail[0].Who != "desk-990001001" {
			t.Errorf("the trail says %+v", trail)
		}
		for _, act := range []string{"release", "discard"} {
			if code := desk.on(d, act, nil, nil); code != 409 {
				t.Errorf("%s after the release: %d", act, code)
			}
		}
		w.sound("after the release")
		if d := desk.draft(); !d.Nothing || len(d.Changes) != 0 || !reflect.DeepEqual(d.Before, d.After) {
			t.Errorf("of a good plan the draft says %+v", d)
		}
	})
}

// A search that was cut off with its process is ordered again by a timer.
func TestADraftThatWasCutOffIsMadeLater(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n, desk := w.nodes[0], w.desk("990001001")
		crowd(w, n, dispatch.Wish{})
		w.write(func(tx db.Tx) error {
			return n.timers.Set(tx, "dispatch.draft", "2026-11-24", w.now().Add(5*time.Minute), nil)
		})
		w.poll(n)
		if list := desk.drafts("2026-11-24"); len(list) != 0 {
			w.t.Fatalf("too early there is %+v", list)
		}
		for range 3 {
			w.pass(5 * time.Minute)
			w.poll(n)
		}
		if list := desk.drafts("2026-11-24"); len(list) != 1 {
			w.t.Fatalf("there are %d drafts", len(list))
		}
	})
}

// What changed a lane of the draft on its day makes it stale, and it is made again;
// what happens to it on other days does not matter.
func TestAStaleDraftIsNotReleased(t *testing.T) {
	t.Parallel()
	each(t, 2, func(w *street) {
		n, desk := w.nodes[0], w.desk("990001001")
		c := crowd(w, n, dispatch.Wish{})
		week := w.hire("丙", nil, "patrol")
		d := desk.draft()
		c.better(w.t, d)
		today := n.open(w, linli.Need{Spec: "patrol"})
		n.given(w, today)
		n.end(w, today, order.ActAccept, order.ActFinish)

		later := n.open(w, linli.Need{Spec: "visit-care", Wish: linli.Window{From: monday.Add(30 * time.Hour), To: monday.Add(32 * time.Hour)}})
		if _, err := n.assign(w, later, dispatch.Wish{Worker: c.visitor}); err != nil {
			t.Fatal(err)
		}
		before := w.standing()
		if code := desk.on(d, "release", nil, nil); code != 409 {
			w.t.Fatalf("a stale draft was released: %d", code)
		}
		if after := w.standing(); !slices.Equal(after, before) {
			t.Errorf("the refused release has made %+v of %+v", after, before)
		}
		list := desk.drafts("2026-11-24")
		if len(list) != 2 || list[0].State != dispatch.DraftOpen || list[1].State != dispatch.DraftStale || list[1].ID != d.ID {
			w.t.Fatalf("then there are %+v", list)
		}
		if code := desk.on(d, "release", nil, nil); code != 409 || len(desk.drafts("2026-11-24")) != 2 {
			t.Errorf("released again: %d", code)
		}
		today = n.open(w, linli.Need{Spec: "patrol"})
		if a := n.given(w, today); a.Worker != week {
			w.t.Fatalf("the patrol went to %s", a.Worker)
		}
		n.end(w, today, order.ActCancel)
		if code := desk.on(list[0], "release", nil, nil); code != 200 {
			w.t.Fatalf("the new draft: %d", code)
		}
		w.sound("after the second draft")
	})
}

func TestWhatIsPinnedOrMadeByHandStays(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n, desk := w.nodes[0], w.desk("990001001")
		c := crowd(w, n, dispatch.Wish{})
		d := desk.draft()
		c.better(w.t, d)
		pin := func(order linli.OrderID, pinned bool) (out dispatch.Draft) {
			t.Helper()
			if code := desk.on(d, "pins", object{"order_id": order, "pinned": pinned}, &out); code != 200 {
				w.t.Fatalf("pin: %d", code)
			}
			return out
		}
		for _, id := range []linli.OrderID{c.visit, c.cleaning} {
			got := pin(id, true)
			if len(got.Pinned) != 1 || id == c.visit && !got.Nothing || slices.ContainsFunc(got.Changes, func(x dispatch.Change) bool { return x.Order == id }) {
				t.Errorf("with %s pinned the draft is %+v", id, got)
			}
			if again := desk.draft(); len(again.Pinned) != 1 || slices.ContainsFunc(again.Changes, func(x dispatch.Change) bool { return x.Order == id }) {
				t.Errorf("made anew it forgets %s: %+v", id, again)
			} else {
				d = again
			}
			c.better(w.t, pin(id, false))
		}
		stranger := n.open(w, linli.Need{Spec: "patrol"})
		n.end(w, stranger, order.ActCancel)
		if code := desk.on(d, "pins", object{"order_id": stranger, "pinned": true}, nil); code != 422 {
			t.Errorf("a pinned order that has ended: %d", code)
		}
		if code := desk.on(d, "discard", nil, nil); code != 200 && code != 204 {
			w.t.Fatalf("discard: %d", code)
		}
		if code := desk.on(d, "release", nil, nil); code != 409 {
			t.Errorf("released after it was discarded: %d", code)
		}
		for date, want := range map[string]int{"2026-11-23": 422, "2026-11-30": 422, "tomorrow": 422, "2026-11-29": 200} {
			if code := desk.call("POST", "/api/v1/dispatch-drafts", object{"date": date}, nil); code != want {
				t.Errorf("a draft of %s: %d, want %d", date, code, want)
			}
		}
	})
	each(t, 1, func(w *street) {
		crowd(w, w.nodes[0], dispatch.Wish{Reason: "as asked"})
		if d := w.desk("990001001").draft(); !d.Nothing {
			t.Errorf("what a person decided would be changed: %+v", d.Changes)
		}
	})
}

// The window a resident was told is changed only when somebody would have nobody
// otherwise, and the resident hears of it.
func TestAToldWindowGivesWayToWhoWouldHaveNobody(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n, desk := w.nodes[0], w.desk("990001001")
		who := w.hire("甲", func(d *party.WorkerDraft) { d.Week = []string{"", "08:00-11:30", "", "", "", "", ""} }, "cleaner", "visitor")
		w.absent(who, monday.AddDate(0, 0, 5), monday.AddDate(0, 0, 20))
		nine := monday.AddDate(0, 0, 1)
		visit := n.open(w, linli.Need{Spec: "visit-care", Wish: linli.Window{From: nine, To: nine.Add(4 * time.Hour)}})
		told := n.given(w, visit).Promise
		if d := desk.draft(); !d.Nothing {
			w.t.Fatalf("with nobody waiting it would change %+v", d.Changes)
		}
		cleaning := n.open(w, linli.Need{Spec: "cleaning", Wish: linli.Window{From: nine.Add(-time.Hour), To: nine}})
		if a, err := n.assign(w, cleaning, dispatch.Wish{}); err != nil || a.Worker != "" {
			w.t.Fatalf("the cleaning was given to %+v, %v", a, err)
		}
		d := desk.draft()
		i := slices.IndexFunc(d.Changes, func(c dispatch.Change) bool { return c.Order == visit })
		if len(d.Changes) != 2 || i < 0 || !d.Changes[i].Promise || d.Told != 1 || d.Changes[i].ToStart.Before(told.To) || d.After.Broken != 1 {
			w.t.Fatalf("the draft is %+v", d)
		}
		if code := desk.on(d, "release", nil, nil); code != 200 {
			w.t.Fatalf("release: %d", code)
		}
		if a, b := w.of(cleaning), w.of(visit); a.worker != who || b.worker != who || b.start.Before(a.start.Add(a.length)) || len(w.events(dispatch.EventChanged)) != 1 {
			t.Errorf("then stand %+v and %+v", a, b)
		}
		w.sound("after the release")
	})
}

// Whoever dispatches a part of the board sees their part of a draft, and cannot decide on the whole.
func TestADraftIsDecidedByWhoMayDispatchAllOfIt(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		crowd(w, w.nodes[0], dispatch.Wish{})
		d := w.desk("990001001").draft()
		other := w.desk("990001002")
		var got dispatch.Draft
		if code := other.call("GET", "/api/v1/dispatch-drafts/"+d.ID, nil, &got); code != 200 || len(got.Changes) != 0 || len(got.Lanes) != 0 || got.Told != 1 {
			t.Errorf("another street reads %d %+v", code, got)
		}
		for _, act := range []string{"release", "discard"} {
			if code := other.on(d, act, nil, nil); code != 403 {
				t.Errorf("another street may %s it: %d", act, code)
			}
		}
	})
}

// Random days: a draft never costs more than the plan that holds, gives up nothing
// that was told for what was not, and once released the boards are the tables, nobody
// is in two places, and everybody comes when they said.
func TestAReleasedDraftIsAPlan(t *testing.T) {
	t.Parallel()
	each(t, 2, func(w *street) {
		r := rand.New(rand.NewPCG(3, 7))
		changed := 0
		for day := 1; day <= 5; day++ {
			date := monday.AddDate(0, 0, day)
			desk := w.sign(auth.NewUser{Login: fmt.Sprint("desk", day), Grants: []auth.Grant{{Role: "dispatcher", Place: "990001001"}}})
			for i := range 3 {
				w.hire(fmt.Sprint("人", day, i), func(d *party.WorkerDraft) { d.At = somewhere(r); d.At.Lng += float64(i) * 0.03 }, skills[r.IntN(2)], skills[2+r.IntN(3)])
			}
			for range 14 {
				need := something(r, w.now())
				from := date.Add(time.Duration(r.IntN(14)) * 30 * time.Minute)
				need.Wish = linli.Window{From: from, To: from.Add(time.Duration(1+r.IntN(4)) * time.Hour)}
				n := w.nodes[r.IntN(2)]
				_, err := n.assign(w, n.open(w, need), dispatch.Wish{})
				w.ok(err)
			}
			before := map[linli.OrderID]row{}
			for _, x := range w.standing() {
				before[x.order] = x
			}
			var d dispatch.Draft
			if code := desk.call("POST", "/api/v1/dispatch-drafts", object{"date": date.Format(time.DateOnly)}, &d); code != 200 {
				w.t.Fatalf("draft: %d", code)
			}
			if worse(d.After, d.Before) {
				t.Errorf("the draft of %s costs %+v, the plan %+v", d.Date, d.After, d.Before)
			}
			seen := len(w.events(dispatch.EventChanged))
			var out dispatch.Outcome
			if code := desk.on(d, "release", nil, &out); code != 200 {
				w.t.Fatalf("release: %d", code)
			}
			if told := len(w.events(dispatch.EventChanged)) - seen; told != d.Told {
				t.Errorf("told %d, the draft had said %d", told, d.Told)
			}
			changed += len(out.Changes)
			if slices.ContainsFunc(out.Changes, func(c dispatch.Change) bool { return c.Promise }) && slices.Compare(out.After.Unserved, out.Before.Unserved) >= 0 {
				t.Errorf("windows change and nobody is served for it: %+v", out)
			}
			w.sound("after the release of " + d.Date)
			byOrder := map[linli.OrderID]dispatch.Change{}
			for _, c := range out.Changes {
				byOrder[c.Order] = c
			}
			busy := map[linli.WorkerID][]row{}
			for _, x := range w.standing() {
				old, stood := before[x.order]
				c, moved := byOrder[x.order]
				if !moved && (!stood || old != x) || moved && (x.worker != c.ToWorker || !x.start.Equal(c.ToStart)) {
					t.Errorf("%s stands as %+v, it was %+v and was said to be %+v", x.order, x, old, c)
				}
				delete(before, x.order)
				for _, id := range []linli.WorkerID{x.worker, x.second} {
					busy[id] = append(busy[id], x)
				}
			}
			for id := range before {
				t.Errorf("%s was told and is given up", id)
			}
			delete(busy, "")
			for id, rows := range busy {
				slices.SortFunc(rows, func(a, b row) int { return a.start.Compare(b.start) })
				for i := 1; i < len(rows); i++ {
					if end := rows[i-1].start.Add(rows[i-1].length); end.Sub(rows[i].start) > 15*time.Minute {
						t.Errorf("%s is in two places: %+v and %+v", id, rows[i-1], rows[i])
					}
				}
			}
			w.pass(24 * time.Hour)
		}
		if changed == 0 {
			t.Error("not one of five days was better")
		}
	})
}

func worse(a, b dispatch.Cost) bool {
	x := append(slices.Clone(a.Unserved), a.Broken, int64(a.LateMin*10), int64((a.TravelMin+a.OtherMin)*10)-2)
	y := append(slices.Clone(b.Unserved), b.Broken, int64(b.LateMin*10), int64((b.TravelMin+b.OtherMin)*10))
	return slices.Compare(x, y) > 0
}
