package recur_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/people/party"
	"linli/service/order"
	"linli/service/recur"
)

// series agrees on a recurring visit.
func (c client) series(body object) (s recur.Series) {
	c.w.t.Helper()
	if body["resident"] == nil {
		body["resident"] = "res_a"
	}
	if body["spec"] == nil {
		body["spec"] = "visit-care"
	}
	if code := c.call("POST", "/api/v1/visit-series", body, &s); code != 201 {
		c.w.t.Fatalf("no series of %v: %d", body, code)
	}
	return s
}

func (c client) next(s recur.Series) recur.Series {
	c.w.t.Helper()
	if code := c.call("GET", "/api/v1/visit-series/"+s.ID, nil, &s); code != 200 {
		c.w.t.Fatalf("series: %d", code)
	}
	return s
}

func weekly(n, within int, from string) object {
	return object{"every": object{"n": n, "unit": "week"}, "within_days": within, "from": from}
}

// visit is one row of a series: when it was due, when it comes, and its order.
type visit struct {
	series, due, day string
	period           int
	order            linli.OrderID
}

func (w *street) visits() (out []visit) {
	w.t.Helper()
	w.ok(w.db.Read(w.ctx(), func(tx db.Tx) error {
		rows, err := tx.Query(`SELECT series_id, period, due_day, day, order_id FROM recur_visit ORDER BY series_id, period`)
		if err != nil {
			return err
		}
		defer rows.Close()
		out = nil
		for rows.Next() {
			var v visit
			if err := rows.Scan(&v.series, &v.period, &v.due, &v.day, &v.order); err != nil {
				return err
			}
			out = append(out, v)
		}
		return rows.Err()
	}))
	return out
}

// orders lists the orders there are, by source and state.
func (w *street) orders(where string) (out []linli.OrderID) {
	w.t.Helper()
	w.ok(w.db.Read(w.ctx(), func(tx db.Tx) error {
		rows, err := tx.Query(`SELECT id FROM order_order WHERE ` + where)
		if err != nil {
			return err
		}
		defer rows.Close()
		out = nil
		for rows.Next() {
			var id linli.OrderID
			if err := rows.Scan(&id); err != nil {
				return err
			}
			out = append(out, id)
		}
		return rows.Err()
	}))
	return out
}

func daily(d *party.WorkerDraft) {
	d.Week = nil
	for range 7 {
		d.Week = append(d.Week, "08:00-18:00")
	}
}

// Evening after evening, on two nodes at once, twice, and after evenings on which the
// hub was down: every period has one order, inside its slack, and none is forgotten.
func TestEveryPeriodHasOneOrder(t *testing.T) {
	t.Parallel()
	each(t, 2, func(w *street) {
		for i := range 3 {
			w.hire(name(i), daily, "visitor", "cleaner")
		}
		desk := w.desk("990001001")
		made := []recur.Series{
			desk.series(weekly(1, 2, "2026-11-25")),
			desk.series(object{"every": object{"n": 1, "unit": "day"}, "until": "2026-12-20", "hours": object{"from": "11:00", "to": "13:00"}}),
			desk.series(object{"every": object{"n": 3, "unit": "day"}, "within_days": 1, "spec": "cleaning", "resident": "res_b"}),
			desk.series(object{"every": object{"n": 1, "unit": "month"}, "within_days": 5, "from": "2026-11-30"}),
		}
		for evening := range 30 {
			w.ms.Store(time.Date(2026, 11, 23+evening, 19, 30, 0, 0, linli.Shanghai).UnixMilli())
			if evening == 8 || evening == 9 {
				continue // the hub was down
			}
			var both sync.WaitGroup
			for _, n := range w.nodes {
				both.Go(func() { w.poll(n) })
			}
			both.Wait()
			w.write(func(tx db.Tx) error { // once more, as after a process that died half way
				return w.nodes[0].timers.Set(tx, "recur.spread", "again", w.now(), nil)
			})
			w.poll(w.nodes[evening%2])
		}
		seen, opened := map[string][]visit{}, map[linli.OrderID]bool{}
		for _, v := range w.visits() {
			seen[v.series] = append(seen[v.series], v)
			if opened[v.order] {
				t.Errorf("order %s serves two periods", v.order)
			}
			if v.order != "" {
				opened[v.order] = true
			}
		}
		if all := w.orders(`source = 'series'`); len(all) != len(opened) {
			t.Errorf("%d orders were opened, %d belong to a period", len(all), len(opened))
		}
		for i, want := range []struct {
			slack, orders int
			first         string
		}{{2, 4, "2026-11-25"}, {0, 27, "2026-11-24"}, {1, 11, "2026-11-24"}, {5, 1, "2026-11-30"}} {
			mine, n := seen[made[i].ID], 0
			if len(mine) == 0 || mine[0].due != want.first {
				t.Errorf("series %d has %+v", i, mine)
				continue
			}
			for k, v := range mine {
				if i == 0 && v.due != monday.AddDate(0, 0, 2+7*v.period).Format(time.DateOnly) || i == 3 && v.due[8:] != "30" {
					t.Errorf("series %d: period %d is due on %s", i, v.period, v.due)
				}
				due, err := time.Parse(time.DateOnly, v.due)
				w.ok(err)
				day, err := time.Parse(time.DateOnly, v.day)
				w.ok(err)
				if late := int(day.Sub(due).Hours() / 24); late < 0 || late > want.slack {
					t.Errorf("series %d: due on %s, it comes on %s", i, v.due, v.day)
				}
				if v.order != "" {
					n++
				} else if v.day <= w.now().AddDate(0, 0, 6).Format(time.DateOnly) {
					t.Errorf("series %d: the visit of %s has no order", i, v.day)
				}
				if k > 0 && i != 1 && v.period != mine[k-1].period+1 {
					t.Errorf("series %d: after period %d comes %d", i, mine[k-1].period, v.period)
				}
			}
			if n < want.orders {
				t.Errorf("series %d has %d orders, want %d or more", i, n, want.orders)
			}
		}
	})
}

// What is agreed on while the days are being spread is spread, too.
func TestNoSeriesIsForgottenInARush(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		w.hire("甲", daily, "visitor")
		desk, n := w.desk("990001001"), w.nodes[0]
		var all sync.WaitGroup
		done := make(chan struct{})
		all.Go(func() {
			for {
				w.poll(n)
				select {
				case <-done:
					return
				default:
				}
			}
		})
		for i := range 20 {
			desk.series(weekly(1, 2, monday.AddDate(0, 0, 1+i%4).Format(time.DateOnly)))
		}
		close(done)
		all.Wait()
		w.poll(n)
		opened := map[string]bool{}
		for _, v := range w.visits() {
			if v.order != "" {
				opened[v.series] = true
			}
		}
		if len(opened) != 20 {
			t.Errorf("of 20 series %d have an order", len(opened))
		}
	})
}

// Visits that are all due on one day are spread over the days of their slack, so that
// no two days differ by more than one: by the number of visits where nothing else
// differs, and around what the days have to do already.
func TestVisitsAreSpreadEvenly(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		for i := range 4 {
			w.hire(name(i), daily, "visitor", "cleaner")
		}
		desk := w.desk("990001001")
		r := rand.New(rand.NewPCG(8, 8))
		busy := map[string]int{}
		for range 6 { // one day is full already
			n.given(w, n.open(w, linli.Need{Spec: "visit-care", Wish: linli.Window{From: monday.AddDate(0, 0, 2), To: monday.AddDate(0, 0, 2).Add(8 * time.Hour)}}))
			busy["2026-11-25"]++
		}
		for range 17 {
			desk.series(object{"every": object{"n": 1 + r.IntN(2), "unit": "month"}, "within_days": 4, "from": "2026-11-24"})
		}
		w.poll(n)
		for _, v := range w.visits() {
			if v.due == "2026-11-24" {
				busy[v.day]++
			}
		}
		most, least := 0, 100
		for day := 24; day <= 28; day++ {
			k := busy[fmt.Sprintf("2026-11-%d", day)]
			most, least = max(most, k), min(least, k)
		}
		if len(busy) != 5 || most-least > 2 { // the full day has 6, the mean is 4.6
			t.Errorf("the days have %v", busy)
		}
	})
}

// Over Spring Festival visits come before or after it where their slack allows, and
// on the holiday where it does not.
func TestHolidaysAreAvoidedWhereSlackAllows(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		w.ms.Store(time.Date(2026, 2, 12, 9, 0, 0, 0, linli.Shanghai).UnixMilli()) // the holiday is February 15 to 23
		n := w.nodes[0]
		w.hire("甲", daily, "visitor")
		desk := w.desk("990001001")
		var slack []recur.Series
		for range 12 {
			slack = append(slack, desk.series(object{"every": object{"n": 1, "unit": "month"}, "within_days": 2, "from": "2026-02-13"}))
		}
		after := desk.series(object{"every": object{"n": 2, "unit": "week"}, "within_days": 6, "from": "2026-02-20"})
		none := desk.series(object{"every": object{"n": 1, "unit": "month"}, "from": "2026-02-17"})
		w.poll(n)
		for _, s := range slack {
			if next := desk.next(s).Next; next[0].Date != "2026-02-13" && next[0].Date != "2026-02-14" || next[0].Order == "" {
				t.Errorf("with days before the holiday it comes on %+v", next)
			}
		}
		if next := desk.next(after).Next; next[0].Date < "2026-02-24" || next[0].Date > "2026-02-26" {
			t.Errorf("with days after the holiday it comes on %+v", next)
		}
		if next := desk.next(none).Next; next[0].Date != "2026-02-17" || next[0].Order == "" {
			t.Errorf("without slack it comes on %+v", next)
		}
	})
}

func TestAStoppedSeriesOpensNothingMore(t *testing.T) {
	t.Parallel()
	each(t, 2, func(w *street) {
		n := w.nodes[0]
		w.hire("甲", daily, "visitor")
		desk := w.desk("990001001")
		stop := desk.series(weekly(1, 0, "2026-11-25"))
		change := desk.series(weekly(1, 0, "2026-11-26"))
		died := desk.series(object{"every": object{"n": 2, "unit": "day"}, "resident": "res_dead", "words": "每两天看一次"})
		w.poll(n)
		running := func(s recur.Series) (out []linli.OrderID) {
			for _, v := range w.visits() {
				if v.series == s.ID && v.order != "" {
					out = append(out, w.orders(`id = '`+string(v.order)+`' AND state IN ('open', 'assigned', 'accepted', 'arrived')`)...)
				}
			}
			return out
		}
		if a, b, c := running(stop), running(change), running(died); len(a) != 1 || len(b) != 1 || len(c) != 3 {
			w.t.Fatalf("opened were %v, %v and %v", a, b, c)
		}
		n.given(w, running(stop)[0])

		under := running(died)[0]
		n.given(w, under)
		w.write(func(tx db.Tx) error {
			for _, act := range []order.Act{order.ActAccept, order.ActArrive} {
				if err := n.orders.Do(w.ctx(), tx, under, act, "", ""); err != nil {
					return err
				}
			}
			return n.ResidentGone(w.ctx(), tx, "res_dead", "died", false)
		})
		if left := running(died); !slices.Equal(left, []linli.OrderID{under}) {
			t.Errorf("of who has died %v are left, want the one at work: %s", left, under)
		}
		if got := desk.next(died); got.State != recur.Stopped || got.Reason != "died" || len(got.Next) != 0 || got.EndedAt.IsZero() {
			t.Errorf("of who has died the series is %+v", got)
		}

		path := "/api/v1/visit-series/" + stop.ID
		if code := desk.call("POST", path+"/stop", object{"reason": " "}, nil); code != 422 {
			t.Errorf("stopped without a reason: %d", code)
		}
		if code := desk.call("POST", path+"/stop", object{"reason": "住进养老院"}, &stop); code != 200 || stop.State != recur.Stopped || stop.Reason != "住进养老院" || len(running(stop)) != 0 {
			t.Errorf("stop: %d %+v, running %v", code, stop, running(stop))
		}
		if code := desk.call("POST", path+"/stop", object{"reason": "再停"}, nil); code != 409 {
			t.Errorf("stopped twice: %d", code)
		}
		trail, err := w.accounts.Trail(w.ctx(), auth.AuditFilter{Act: "recur.stop", Limit: 10})
		w.ok(err)
		if len(trail) != 1 || trail[0].Subject != stop.ID || trail[0].Reason != "住进养老院" || trail[0].Who != "desk-990001001" {
			t.Errorf("the trail says %+v", trail)
		}

		if code := desk.call("POST", "/api/v1/visit-series/"+change.ID+"/rhythm", object{"every": object{"n": 2, "unit": "day"}, "from": "2026-11-25"}, &change); code != 200 || change.Every.N != 2 || change.Next[0].Date != "2026-11-25" {
			t.Errorf("rhythm: %d %+v", code, change)
		}
		w.pass(24 * time.Hour)
		for _, n := range w.nodes {
			w.poll(n)
		}
		var days []string
		for _, v := range w.visits() {
			if v.series == change.ID && len(w.orders(`id = '`+string(v.order)+`' AND state = 'open'`)) > 0 {
				days = append(days, v.day)
			}
		}
		if want := []string{"2026-11-25", "2026-11-27", "2026-11-29"}; !slices.Equal(days, want) {
			t.Errorf("in the new rhythm it comes on %v, want %v", days, want)
		}
		if len(running(stop)) != 0 || len(running(died)) != 1 {
			t.Errorf("the next evening opened %v and %v", running(stop), running(died))
		}
		w.write(func(tx db.Tx) error { return n.ResidentGone(w.ctx(), tx, "res_dead", "forgotten", true) })
		if left := slices.ContainsFunc(w.visits(), func(v visit) bool { return v.series == died.ID }); left {
			t.Error("of the forgotten visits are left")
		}
	})
}

func TestASeriesIsAgreedOnWithinReachAndWithinReason(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		desk, other := w.desk("990001001"), w.desk("990001002")
		for why, body := range map[string]object{
			"slack":         {"every": object{"n": 3, "unit": "day"}, "within_days": 3},
			"today":         {"every": object{"n": 3, "unit": "day"}, "from": "2026-11-23"},
			"no date":       {"every": object{"n": 3, "unit": "day"}, "from": "tomorrow"},
			"ends first":    {"every": object{"n": 3, "unit": "day"}, "from": "2026-12-01", "until": "2026-11-30"},
			"no hours":      {"every": object{"n": 3, "unit": "day"}, "hours": object{"from": "11:00", "to": "10:00"}},
			"facility":      {"every": object{"n": 3, "unit": "day"}, "spec": "day-care"},
			"no such thing": {"every": object{"n": 3, "unit": "day"}, "spec": "moon-landing"},
			"rhythm":        {"every": object{"n": 0, "unit": "day"}},
		} {
			if body["spec"] == nil {
				body["spec"] = "visit-care"
			}
			body["resident"] = "res_a"
			if code := desk.call("POST", "/api/v1/visit-series", body, nil); code != 422 {
				t.Errorf("%s: %d", why, code)
			}
		}
		body := weekly(1, 2, "2026-11-25")
		body["resident"], body["spec"] = "res_a", "visit-care"
		if code := other.call("POST", "/api/v1/visit-series", body, nil); code != 422 {
			t.Errorf("for somebody of another street: %d", code)
		}
		s := desk.series(body)
		for method, path := range map[string]string{"GET": "", "POST": "/stop"} {
			if code := other.call(method, "/api/v1/visit-series/"+s.ID+path, object{"reason": "x"}, nil); code != 404 {
				t.Errorf("another street may %s %s: %d", method, path, code)
			}
		}
		var list struct{ Items []recur.Series }
		if code := desk.call("GET", "/api/v1/visit-series?resident=res_a&state=running", nil, &list); code != 200 || len(list.Items) != 1 || list.Items[0].ID != s.ID {
			t.Errorf("listed: %d %+v", code, list)
		}
		if code := other.call("GET", "/api/v1/visit-series", nil, &list); code != 200 || len(list.Items) != 0 {
			t.Errorf("listed for another street: %d %+v", code, list)
		}
	})
}
