package flow_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli"
	"linli/app"
	"linli/engine/db"
	"linli/engine/db/dbtest"
)

// A hub at work is killed without warning, again and again, at random moments of its
// start and of its day. Whatever it acknowledged is there, every timer has fired
// once, every reaction has had its effect once, and every order can still end.
func TestNothingAcknowledgedIsLostHoweverOftenTheHubIsKilled(t *testing.T) {
	if dbtest.IsVictim() {
		live(t)
		return
	}
	t.Parallel()
	rounds := 50
	if testing.Short() {
		rounds = 8
	}
	eachHome(t, func(t *testing.T, h home) {
		u := h.open(t, newClock(dawn))
		w := found(u)
		s := w.cast(t)
		u.stop()

		born := time.Now()
		env := []string{"LINLI_FLOW_DIR=" + h.dir, "LINLI_FLOW_DSN=" + h.dsn, "LINLI_FLOW_BORN=" + strconv.FormatInt(born.UnixMilli(), 10)}
		var said []string
		for round := range rounds {
			moment, early := time.Duration(rand.IntN(600))*time.Millisecond, "LINLI_FLOW_EARLY="
			if round%5 == 4 { // in the middle of its start
				early += "1"
			}
			said = append(said, dbtest.Kill(t, moment, append(env, early)...)...)
		}
		u = h.open(t, newClock(hurried(born)()))
		s.audit(t, u, said)
	})
}

// dawn is the simulated beginning; while hubs are killed a second is six minutes.
var dawn = time.Date(2026, 3, 2, 7, 30, 0, 0, linli.Shanghai)

func hurried(born time.Time) linli.Now {
	return func() time.Time { return dawn.Add(360 * time.Since(born)) }
}

// cast are the people of the play, with the sessions they keep across restarts.
type cast struct {
	Desk, Duty, Audit string // cookies
	Residents         []actor
	Workers           []actor
}

type actor struct {
	ID     string
	Cookie string
}

// cast writes who plays to the data folder, where the victims find it.
func (w *town) cast(t *testing.T) *cast {
	t.Helper()
	s := &cast{Desk: w.desk.Cookie, Duty: w.duty.Cookie, Audit: w.audit.Cookie}
	for _, side := range []linli.Place{north, south} {
		for _, r := range w.community[side].residents {
			a := actor{ID: string(r.ID)}
			if r.phone != nil {
				a.Cookie = r.phone.Cookie
			}
			s.Residents = append(s.Residents, a)
		}
		for _, k := range w.community[side].workers {
			s.Workers = append(s.Workers, actor{string(k.ID), k.phone.Cookie})
		}
	}
	slices.SortFunc(s.Residents, func(a, b actor) int { return -cmp.Compare(a.Cookie, b.Cookie) }) // those with the app first
	if err := os.WriteFile(filepath.Join(w.hub.home.dir, "cast.json"), encode(s), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// line is what a victim tells: what it is about to do under which key, and what
// was acknowledged.
type line struct {
	Try     string `json:",omitempty"` // key of an order that is about to be asked for
	Body    object `json:",omitempty"`
	Done    string `json:",omitempty"` // key of an order that was acknowledged
	Order   string `json:",omitempty"`
	Act     string `json:",omitempty"` // event that an acknowledged act has written
	Demand  string `json:",omitempty"`
	Rating  string `json:",omitempty"`
	Trouble string `json:",omitempty"` // an answer that must never be given
}

// teller holds back what a victim says until it has done some work, so that a slow
// machine is not killed idle: the first line starts the clock of the killer.
type teller struct {
	mu   sync.Mutex
	open bool
	held []string
	work int // acknowledged so far
	need int
}

func (l line) acknowledged() bool { return l.Done+l.Act+l.Demand+l.Rating != "" }

func (k *teller) tell(l line) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.held = append(k.held, string(encode(l)))
	if l.acknowledged() {
		k.work++
	}
	if k.open || k.work >= k.need || l.Trouble != "" {
		k.speak()
	}
}

func (k *teller) speak() {
	k.open = true
	for _, text := range k.held {
		dbtest.Report(text)
	}
	k.held = nil
}

// patiently lets the victim speak after a second in any case.
func (k *teller) patiently() {
	time.AfterFunc(time.Second, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.held = append(k.held, string(encode(line{})))
		k.speak()
	})
}

// live is the victim: a hub and those who use it, until it is killed.
func live(t *testing.T) {
	h := home{os.Getenv("LINLI_FLOW_DIR"), os.Getenv("LINLI_FLOW_DSN")}
	ms, err := strconv.ParseInt(os.Getenv("LINLI_FLOW_BORN"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	k := &teller{need: rand.IntN(16)}
	if os.Getenv("LINLI_FLOW_EARLY") != "" {
		k.need = 0
		k.tell(line{})
	}
	raw, err := os.ReadFile(filepath.Join(h.dir, "cast.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s cast
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	now := hurried(time.UnixMilli(ms))
	a, err := app.New(t.Context(), app.Options{Data: h.dir, Database: h.dsn, Addr: "127.0.0.1:0", Demo: true, Now: now, Log: slog.New(slog.DiscardHandler), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	v := &victim{hub: &hub{t: t, base: a.URL()}, cast: s, now: now, teller: k}
	failed := make(chan string)
	run := func(do func()) {
		go func() {
			for v.trouble.Load() == nil {
				do()
			}
			failed <- *v.trouble.Load()
		}()
	}
	run(v.open)
	run(v.voice)
	for i := range s.Workers {
		run(func() { v.work(i) })
	}
	run(func() { v.judge(0) })
	run(func() { v.judge(1) })
	run(v.meddle)
	k.patiently()
	t.Fatal(<-failed)
}

// victim is what the people of a victim share.
type victim struct {
	*teller
	hub     *hub
	cast    cast
	now     linli.Now
	trouble atomic.Pointer[string]
}

func (v *victim) as(cookie string) *person {
	return &person{hub: v.hub, Login: "somebody", Cookie: cookie}
}

// call makes a request and reports an answer that must not be: what is refused is
// refused by a rule, never by an accident.
func (v *victim) call(cookie, method, path, key string, body any) (answer, bool) {
	r := request{method: method, path: path, header: map[string]string{}}
	if body != nil {
		r.body, r.header["Content-Type"] = encode(body), "application/json"
	}
	if method == "POST" {
		r.header["Idempotency-Key"] = cmp.Or(key, linli.NewID("key", time.Now()))
	}
	a, err := v.as(cookie).try(r)
	if err != nil || a.status >= 500 || a.status == http.StatusUnauthorized {
		text := fmt.Sprintf("%s: %d %.300s %v", a.call, a.status, a.raw, err)
		v.trouble.CompareAndSwap(nil, &text)
		v.tell(line{Trouble: text})
		return a, false
	}
	return a, a.status < 300
}

var lastWish atomic.Int64

// wish is another hour of the coming days every time, so that no two needs are one.
func (v *victim) wish() (from, to time.Time) {
	n := lastWish.Add(1) + int64(time.Now().UnixNano()%100_000)
	from = v.now().Add(time.Hour + time.Duration(n%72)*time.Hour).Add(time.Duration(n%3600) * time.Second)
	return from, from.Add(time.Hour)
}

// open is the desk opening orders; the key stands in the words, too.
func (v *victim) open() {
	key := linli.NewID("key", time.Now())
	from, to := v.wish()
	spec := []string{"cleaning", "errand", "court", "call-visit"}[time.Now().UnixNano()%4]
	body := object{"spec": spec, "resident": v.cast.Residents[time.Now().UnixNano()%8].ID, "words": key, "wish": object{"from": from, "to": to}}
	v.tell(line{Try: key, Body: body})
	if a, ok := v.call(v.cast.Desk, "POST", "/api/v1/orders", key, body); ok {
		var o id
		_ = json.Unmarshal(a.raw, &o) // an answer that is no JSON names no order, which the parent sees
		v.tell(line{Done: key, Order: o.ID})
	}
}

// voice is a resident saying something.
func (v *victim) voice() {
	r := v.cast.Residents[time.Now().UnixNano()%4]
	from, to := v.wish()
	if a, ok := v.call(r.Cookie, "POST", "/api/v1/demands", "", object{"text": "请人上门打扫卫生、擦玻璃", "spec": "cleaning", "wish_from": from, "wish_to": to}); ok {
		var d id
		_ = json.Unmarshal(a.raw, &d)
		v.tell(line{Demand: d.ID})
	}
}

func (v *victim) act(cookie, oid, act, kind string, body any) bool {
	_, ok := v.call(cookie, "POST", "/api/v1/orders/"+oid+"/"+act, "", body)
	if ok {
		v.tell(line{Order: oid, Act: kind})
	}
	return ok
}

// work is a worker going through the list on the phone.
func (v *victim) work(i int) {
	k := v.cast.Workers[i]
	a, ok := v.call(k.Cookie, "GET", "/api/v1/my/orders?days=7", "", nil)
	if !ok {
		return
	}
	var mine list[order]
	_ = json.Unmarshal(a.raw, &mine)
	for n, o := range mine.Items {
		switch {
		case n > 3:
			return
		case o.State == "assigned" && time.Now().UnixNano()%9 == 0:
			v.call(k.Cookie, "POST", "/api/v1/dispatches/"+string(o.ID)+"/decline", "", object{"reason": "no-time"})
		case o.State == "assigned":
			v.act(k.Cookie, string(o.ID), "accept", "order.accepted", nil)
		case o.State == "accepted":
			v.act(k.Cookie, string(o.ID), "arrive", "order.arrived", nil)
		case o.State == "arrived":
			v.act(k.Cookie, string(o.ID), "finish", "order.finished", nil)
		}
	}
}

// judge is a resident confirming and rating what was done.
func (v *victim) judge(i int) {
	r := v.cast.Residents[i]
	a, ok := v.call(r.Cookie, "GET", "/api/v1/orders?state=finished&limit=5", "", nil)
	if !ok {
		return
	}
	var mine list[order]
	_ = json.Unmarshal(a.raw, &mine)
	for _, o := range mine.Items {
		if !v.act(r.Cookie, string(o.ID), "confirm", "order.confirmed", nil) {
			continue
		}
		if a, ok := v.call(r.Cookie, "POST", "/api/v1/ratings", "", object{"order_id": o.ID, "nps": 9, "stars": 1 + time.Now().UnixNano()%5}); ok {
			var rating id
			_ = json.Unmarshal(a.raw, &rating)
			v.tell(line{Order: string(o.ID), Rating: rating.ID})
		}
	}
}

// meddle is the desk moving and canceling, and a worker who is ill and comes back.
func (v *victim) meddle() {
	a, ok := v.call(v.cast.Desk, "GET", "/api/v1/orders?state=assigned&state=waiting&limit=20", "", nil)
	if !ok {
		return
	}
	var some list[order]
	_ = json.Unmarshal(a.raw, &some)
	for n, o := range some.Items {
		switch n {
		case 3:
			v.call(v.cast.Desk, "POST", "/api/v1/dispatches", "", object{"order_id": o.ID, "reason": "换人"})
		case 7:
			v.act(v.cast.Desk, string(o.ID), "cancel", "order.canceled", object{"reason": "mistake"})
		}
	}
	k := v.cast.Workers[time.Now().UnixNano()%2]
	if a, ok := v.call(k.Cookie, "POST", "/api/v1/my/absences", "", object{"kind": "sick", "from": v.now(), "to": v.now().Add(2 * time.Hour)}); ok {
		var w struct{ Absences []id }
		_ = json.Unmarshal(a.raw, &w)
		for _, x := range w.Absences {
			v.call(k.Cookie, "POST", "/api/v1/my/absences/"+x.ID+"/end", "", nil)
		}
	}
}

// audit looks at what is left, lets every order come to its end, and looks again.
func (s *cast) audit(t *testing.T, u *hub, said []string) {
	desk := &person{hub: u, Login: "desk", Cookie: s.Desk}
	e := u.tables()
	one := func(query string, args ...any) string {
		t.Helper()
		return strings.Join(rows(t, e.DB, query, args...), "\n")
	}
	none := func(what, query string) {
		t.Helper()
		if found := rows(t, e.DB, query); len(found) > 0 {
			t.Errorf("%s: %d, such as %s", what, len(found), found[0])
		}
	}
	u.settle()

	// Every acknowledged write is there. What was asked for without an answer is
	// asked for again under its key: it was done, or it is done now, once.
	tried, counts := map[string]object{}, map[string]int{}
	for _, text := range said {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("a victim said %q", text)
		}
		switch {
		case l.Trouble != "":
			t.Errorf("a victim was in trouble: %s", l.Trouble)
		case l.Try != "":
			tried[l.Try] = l.Body
		case l.Done != "":
			counts["orders"]++
			if got := one(`SELECT id FROM order_order WHERE words = $1`, l.Done); got != l.Order {
				t.Errorf("the order acknowledged under %s is %q, want %s", l.Done, got, l.Order)
			}
			delete(tried, l.Done)
		case l.Act != "":
			counts["acts"]++
			if one(`SELECT MAX(seq) FROM order_event WHERE order_id = $1 AND kind = $2`, l.Order, l.Act) == "<nil>" {
				t.Errorf("%s of %s was acknowledged and is lost", l.Act, l.Order)
			}
		case l.Demand != "":
			counts["demands"]++
			if one(`SELECT COUNT(*) FROM demand_demand WHERE id = $1`, l.Demand) != "1" {
				t.Errorf("the demand %s was acknowledged and is lost", l.Demand)
			}
		case l.Rating != "":
			counts["ratings"]++
			if got := one(`SELECT order_id FROM evaluate_rating WHERE id = $1`, l.Rating); got != l.Order {
				t.Errorf("the rating %s of %s was acknowledged and is %q", l.Rating, l.Order, got)
			}
		}
	}
	for key, body := range tried {
		a := desk.send(request{"POST", "/api/v1/orders", encode(body), map[string]string{"Content-Type": "application/json", "Idempotency-Key": key}})
		n := one(`SELECT COUNT(*) FROM order_order WHERE words = $1`, key)
		if a.status == http.StatusCreated && n != "1" || a.status != http.StatusCreated && n != "0" {
			t.Errorf("asked again under its key: %d, and %s orders", a.status, n)
		}
	}
	u.settle()
	none("keys with two orders", `SELECT words FROM order_order WHERE words <> '' GROUP BY words HAVING COUNT(*) > 1`)

	s.consistent(t, e.DB.Dialect(), one, none)

	// No order is stuck: the desk brings the open ones to their end, time the others.
	stuck := func() []order {
		var out []order
		for cursor := ""; ; {
			page := get[list[order]](desk, "/api/v1/orders", "limit", "200", "cursor", cursor)
			out = append(out, page.Items...)
			if cursor = page.Next; cursor == "" {
				return out
			}
		}
	}
	for range 3 {
		for _, o := range stuck() {
			switch {
			case o.Facility != "":
			case o.State == "assigned":
				desk.act(o.ID, "accept", nil)
				desk.act(o.ID, "finish", nil)
			case o.State == "accepted" || o.State == "en_route" || o.State == "arrived":
				desk.act(o.ID, "finish", nil)
			case o.State == "open" || o.State == "waiting" || o.State == "paused":
				desk.act(o.ID, "cancel", object{"reason": "solved-otherwise"})
			}
		}
		u.pass(5 * 24 * time.Hour)
	}
	if left := stuck(); len(left) > 0 {
		t.Errorf("%d orders never end, such as %+v", len(left), left[0])
	}
	none("demands whose order ended and that are still open", `SELECT d.id || ' ' || d.state FROM demand_demand d WHERE d.state IN ('new', 'ready', 'ordered')`)
	s.consistent(t, e.DB.Dialect(), one, none)
	if got := one(`SELECT COUNT(*) FROM job_timer WHERE kind = 'order.clock'`); got != "0" {
		t.Errorf("%s timers of orders that have ended", got)
	}

	chain := get[struct{ Lines, Broken int64 }](&person{hub: u, Login: "audit", Cookie: s.Audit}, "/api/v1/audit/chain")
	if lines := one(`SELECT COUNT(*) FROM auth_audit`); chain.Broken != 0 || fmt.Sprint(chain.Lines) != lines {
		t.Errorf("the audit chain covers %d of %s lines and is broken at %d", chain.Lines, lines, chain.Broken)
	}
	alone := one(`SELECT COUNT(*) FROM order_event WHERE by_user = 'system' AND kind IN ('order.confirmed', 'order.closed') OR kind IN ('order.breached', 'order.escalated')`)
	t.Logf("%v acknowledged, %d without an answer, %s orders, %s events of the bus, %s lines written by time alone", counts, len(tried),
		one(`SELECT COUNT(*) FROM order_order`), one(`SELECT COUNT(*) FROM bus_event`), alone)
	if alone == "0" {
		t.Error("no timer ever fired")
	}
	if counts["orders"] == 0 || counts["acts"] == 0 || counts["demands"] == 0 {
		t.Errorf("the victims hardly worked: %v", counts)
	}
}

// consistent compares what several tables say of the same thing.
func (s *cast) consistent(t *testing.T, dialect db.Dialect, one func(string, ...any) string, none func(string, string)) {
	t.Helper()
	data := "data" // of an event, which is stored as text
	if dialect == db.Postgres {
		data = "CAST(data AS JSONB)"
	}
	// Job and bus are clean: nothing parked, failing, behind or overdue.
	none("parked events", `SELECT subscription || ' ' || error FROM bus_parked`)
	none("subscriptions that fail", `SELECT name FROM bus_cursor WHERE tries > 0`)
	none("timers that failed", `SELECT kind || ' ' || error FROM job_timer WHERE try > 0 OR error <> ''`)
	// Every running order has its timer, at the moment its row says, and only one.
	none("running orders without their timer", `SELECT o.id || ' ' || o.state FROM order_order o LEFT JOIN job_timer j ON j.kind = 'order.clock' AND j.key = o.id
		WHERE o.live = 1 AND (j.key IS NULL OR j.due <> o.timer_at)`)
	none("timers of orders that have ended", `SELECT j.key FROM job_timer j JOIN order_order o ON o.id = j.key WHERE j.kind = 'order.clock' AND o.live = 0`)
	// The timeline has no holes and no line twice; what time tells, it tells once.
	none("orders whose timeline and revision differ", `SELECT o.id FROM order_order o WHERE o.rev <> (SELECT COUNT(*) FROM order_event e WHERE e.order_id = o.id)`)
	none("promises broken twice", `SELECT order_id || ' ' || (detail->>'clock') FROM order_event WHERE kind = 'order.breached' AND detail->>'clock' <> 'state' GROUP BY order_id, detail->>'clock' HAVING COUNT(*) > 1`)
	none("steps of the ladder taken twice", `SELECT order_id || ' ' || (detail->>'clock') FROM order_event WHERE kind = 'order.escalated' AND detail->>'clock' <> 'state'
		GROUP BY order_id, detail->>'clock', detail->>'to_role' HAVING COUNT(*) > 1`)
	none("slots that ended twice", `SELECT `+data+`->>'booking' FROM bus_event WHERE kind IN ('match.used', 'match.no_show') GROUP BY `+data+`->>'booking' HAVING COUNT(*) > 1`)
	// Every line of a timeline was told on the bus once.
	none("lines of timelines that were not told once", `SELECT e.order_id || ' ' || e.kind FROM order_event e
		LEFT JOIN (SELECT key, kind, COUNT(*) AS n FROM bus_event GROUP BY key, kind) b ON b.key = e.order_id AND b.kind = e.kind
		GROUP BY e.order_id, e.kind, b.n HAVING COUNT(*) <> COALESCE(b.n, 0)`)
	// Each reaction of the flow had its effect once.
	none("demands that are ready without an order", `SELECT id FROM demand_demand WHERE state = 'ready'`)
	none("demands and orders that do not know each other", `SELECT d.id FROM demand_demand d LEFT JOIN order_order o ON o.demand_id = d.id WHERE d.order_id <> '' AND (o.id IS NULL OR o.id <> d.order_id)`)
	none("orders with two standing assignments", `SELECT order_id FROM dispatch_assignment WHERE ended_at = 0 GROUP BY order_id HAVING COUNT(*) > 1`)
	none("orders and dispatch that disagree", `SELECT o.id || ' ' || o.state || ' ' || o.worker_id || ' ' || COALESCE(a.worker_id, '-') FROM order_order o
		LEFT JOIN dispatch_assignment a ON a.order_id = o.id AND a.ended_at = 0
		WHERE o.state IN ('assigned', 'accepted', 'en_route', 'arrived') AND (a.id IS NULL OR a.worker_id <> o.worker_id OR a.facility_id <> o.facility_id OR a.start_at <> o.start_at)
		OR o.state NOT IN ('assigned', 'accepted', 'en_route', 'arrived', 'paused') AND a.id IS NOT NULL`)
	none("waiting orders that dispatch has forgotten", `SELECT o.id FROM order_order o LEFT JOIN dispatch_waiting w ON w.order_id = o.id WHERE o.state = 'waiting' AND w.order_id IS NULL`)
	for what, pair := range map[string][2]string{
		"visits remembered": {`SELECT COALESCE(SUM(times), 0) FROM match_served`, `SELECT COUNT(*) FROM order_event e JOIN order_order o ON o.id = e.order_id WHERE e.kind = 'order.finished' AND e.worker_id <> '' AND o.resident_id <> ''`},
		"stars remembered":  {`SELECT COALESCE(SUM(ratings), 0) FROM match_worker`, `SELECT COUNT(*) FROM order_event WHERE kind = 'order.rated' AND worker_id <> ''`},
		"ratings":           {`SELECT COUNT(*) FROM evaluate_rating`, `SELECT COUNT(*) FROM order_event WHERE kind = 'order.rated'`},
		"seats taken":       {`SELECT COALESCE(SUM(booked), 0) FROM match_slot`, `SELECT COALESCE(SUM(persons), 0) FROM match_booking WHERE state <> 'canceled'`},
		// Who joined a case later is not told of earlier steps: the first voice is.
		"reporters told": {`SELECT COUNT(*) FROM bus_event WHERE kind = 'demand.progress' AND ` + data + `->>'what' = 'finished' AND key = ` + data + `->>'case'`,
			`SELECT COUNT(*) FROM order_event e JOIN order_order o ON o.id = e.order_id WHERE e.kind = 'order.finished' AND o.demand_id <> ''`},
	} {
		if got, want := one(pair[0]), one(pair[1]); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
}
