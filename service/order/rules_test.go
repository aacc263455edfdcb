package order_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/service/order"
)

// model is the life of an order once more, written as a drawing instead of a table:
// from each state, the acts that fit and where they lead. "=" stays.
var model = map[order.State]map[order.Act]order.State{
	"open":      {"amend": "=", "assign": "assigned", "wait": "waiting", "contact": "=", "step": "=", "note": "=", "pause": "paused", "fail": "failed", "cancel": "canceled", "merge": "="},
	"waiting":   {"amend": "=", "assign": "assigned", "wait": "waiting", "contact": "=", "step": "=", "note": "=", "pause": "paused", "fail": "failed", "cancel": "canceled", "merge": "="},
	"assigned":  {"amend": "=", "assign": "assigned", "shift": "=", "unassign": "open", "accept": "accepted", "contact": "=", "step": "=", "note": "=", "pause": "paused", "fail": "failed", "cancel": "canceled", "merge": "="},
	"accepted":  {"amend": "=", "assign": "assigned", "shift": "=", "unassign": "open", "en-route": "en_route", "arrive": "arrived", "finish": "finished", "contact": "=", "step": "=", "note": "=", "pause": "paused", "fail": "failed", "cancel": "canceled", "merge": "="},
	"en_route":  {"assign": "assigned", "unassign": "open", "arrive": "arrived", "finish": "finished", "contact": "=", "step": "=", "note": "=", "pause": "paused", "fail": "failed", "cancel": "canceled", "merge": "="},
	"arrived":   {"assign": "assigned", "unassign": "open", "finish": "finished", "contact": "=", "step": "=", "note": "=", "pause": "paused", "fail": "failed", "cancel": "canceled", "merge": "="},
	"paused":    {"assign": "assigned", "unassign": "open", "resume": "held", "contact": "=", "step": "=", "note": "=", "fail": "failed", "cancel": "canceled", "merge": "="},
	"finished":  {"confirm": "confirmed", "dispute": "open", "rate": "judged", "reopen": "open", "step": "=", "note": "=", "merge": "="},
	"confirmed": {"rate": "judged", "close": "closed", "reopen": "open", "step": "=", "note": "=", "merge": "="},
	"rated":     {"close": "closed", "reopen": "open", "step": "=", "note": "=", "merge": "="},
	"closed":    {"rate": "=", "reopen": "open", "note": "="},
	"failed":    {"reopen": "open", "note": "="},
	"canceled":  {"reopen": "open", "note": "="},
}

// same are acts that say again what is already so; they succeed and change nothing.
var same = map[order.State]order.Act{"accepted": "accept", "en_route": "en-route", "arrived": "arrive", "finished": "finish", "confirmed": "confirm", "closed": "close"}

var acts = []order.Act{order.ActAssign, order.ActShift, order.ActAmend, order.ActUnassign, order.ActWait, order.ActAccept, order.ActContact, order.ActEnRoute, order.ActArrive, order.ActStep,
	order.ActNote, order.ActPause, order.ActResume, order.ActFinish, order.ActConfirm, order.ActDispute, order.ActRate, order.ActClose, order.ActFail,
	order.ActCancel, order.ActReopen, order.ActMerge}

func TestTheTableOfActsIsTheDrawing(t *testing.T) {
	t.Parallel()
	table := order.Machine()
	if len(table) != len(acts) || len(model) != len(order.States) {
		t.Fatalf("%d acts, %d states", len(table), len(model))
	}
	for _, st := range order.States {
		for act, r := range table {
			to, fits := model[st][act]
			if fits != slices.Contains(r.From, st) {
				t.Errorf("%s in %s: drawing %v", act, st, fits)
			}
			if fits && r.To != "" && to != r.To {
				t.Errorf("%s in %s leads to %s, drawing %s", act, st, r.To, to)
			}
		}
	}
}

func TestEveryReachableStateHasAWayToAnEnd(t *testing.T) {
	t.Parallel()
	ends := func(from order.State) bool {
		seen := map[order.State]bool{}
		for queue := []order.State{from}; len(queue) > 0; queue = queue[1:] {
			st := queue[0]
			if st.Ended() {
				return true
			}
			for _, to := range model[st] {
				switch to {
				case "=", "held":
					continue
				case "judged":
					to = "rated"
				}
				if !seen[to] {
					seen[to] = true
					queue = append(queue, to)
				}
			}
		}
		return false
	}
	for _, st := range order.States {
		if !ends(st) {
			t.Errorf("no way out of %s", st)
		}
	}
}

// walker is the model of one order: its state and what time does to it.
type walker struct {
	state, held   order.State
	since         time.Time
	reason        string
	waited        bool // the one pause that stops the clock was used
	waiting       bool // it is the present one
	finished, end time.Time
	rated         bool
	worker        linli.WorkerID
}

func (w *walker) enter(st order.State, at time.Time) {
	w.state, w.since = st, at
	if st != "paused" {
		w.reason, w.waiting = "", false
	}
	if st == "closed" {
		w.end = at
	}
}

// time lets pass what happens by itself until now.
func (w *walker) time(now time.Time) {
	for {
		switch {
		case w.state == "finished" && now.Sub(w.since) > 72*time.Hour:
			w.enter("confirmed", w.since.Add(72*time.Hour))
		case (w.state == "confirmed" || w.state == "rated") && now.Sub(w.since) > 168*time.Hour:
			w.enter("closed", w.since.Add(168*time.Hour))
		case w.state == "paused" && w.waiting && now.Sub(w.since) > 24*time.Hour:
			w.enter(w.held, w.since.Add(24*time.Hour))
		default:
			return
		}
	}
}

// act tells whether the act fits and moves on.
func (w *walker) act(a order.Act, reason string, stars int, worker linli.WorkerID, now time.Time) bool {
	if same[w.state] == a || a == "pause" && w.state == "paused" && w.reason == reason {
		return true
	}
	to, fits := model[w.state][a]
	if !fits {
		return false
	}
	switch {
	case a == "rate":
		if w.finished.IsZero() || w.rated || now.Sub(w.finished) > 30*24*time.Hour {
			return false
		}
		w.rated = true
		if w.state != "closed" {
			to = "closed"
			if stars <= 2 {
				to = "rated"
			}
		}
	case a == "reopen" || a == "dispute":
		last := w.finished
		if w.end.After(last) {
			last = w.end
		}
		if now.Sub(last) > 30*24*time.Hour {
			return false
		}
		w.finished, w.end, w.rated, w.worker = time.Time{}, time.Time{}, false, ""
	case a == "assign":
		if worker == w.worker && (w.state == "accepted" || w.state == "en_route" || w.state == "arrived") {
			to = "="
		}
		w.worker = worker
	case a == "unassign":
		w.worker = ""
	}
	from := w.state
	switch to {
	case "=":
	case "held":
		w.enter(w.held, now)
	default:
		w.enter(to, now)
	}
	switch {
	case a == "pause":
		w.held, w.reason = from, reason
		w.waiting = reason == order.WaitingForResident && !w.waited
		w.waited = w.waited || w.waiting
	case a == "finish":
		w.finished = now
	case a == "fail" || a == "cancel":
		w.end = now
	}
	return true
}

func TestRandomLivesFollowTheModelAndLoseNothing(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		got := h.told()
		rnd := rand.New(rand.NewPCG(7, 11))
		specs := []linli.SpecCode{"gas-leak", "no-water", "plumbing", "bathing"}
		ids := map[linli.OrderID]bool{}
		for life := range 12 {
			spec := specs[life%len(specs)]
			var wish linli.Window
			if life%3 == 0 {
				wish = linli.Window{From: h.now().Add(26 * time.Hour), To: h.now().Add(28 * time.Hour)}
			}
			demand := linli.DemandID(linli.NewID("dem", h.now()))
			var id linli.OrderID
			h.write(func(tx db.Tx) (err error) {
				id, err = h.Open(h.ctx(), tx, order.Opening{Demand: demand, Need: linli.Need{Spec: spec, Resident: elder, Place: home, Wish: wish}})
				return err
			})
			ids[id] = true
			submitted := h.now()
			w := &walker{state: "open", since: h.now()}
			acted := 1
			for range 40 {
				h.pass(time.Duration(rnd.ExpFloat64() * float64([]time.Duration{time.Minute, time.Hour, 30 * time.Hour}[rnd.IntN(3)])).Round(time.Millisecond))
				if rnd.IntN(2) == 0 {
					h.poll()
				}
				act := acts[rnd.IntN(len(acts))]
				reason := map[order.Act]string{"unassign": "called-off", "amend": "the resident agrees", "pause": []string{order.WaitingForResident, "material"}[rnd.IntN(2)],
					"fail": "refused", "cancel": "mistake", "reopen": "not-solved", "dispute": order.NotNeeded}[act]
				stars, worker := 1+rnd.IntN(5), linli.WorkerID(fmt.Sprint("wrk_", 1+rnd.IntN(2)))
				w.time(h.now())
				before := *w
				fits := w.act(act, reason, stars, worker, h.now())
				err := h.db.Write(h.ctx(), func(tx db.Tx) error {
					switch act {
					case "assign":
						return h.Assign(h.ctx(), tx, id, linli.Assignment{Worker: worker, Start: h.now().Add(time.Hour), Reasons: because})
					case "shift":
						return h.Shift(h.ctx(), tx, id, h.now().Add(2*time.Hour))
					case "amend":
						need, _, err := h.Need(h.ctx(), tx, id)
						if err != nil {
							return err
						}
						return h.Amend(h.ctx(), tx, id, need, reason)
					case "wait":
						return h.Wait(h.ctx(), tx, id, because)
					case "merge":
						if w.state.Ended() {
							return h.Do(h.ctx(), tx, id, order.ActMerge, "", "") // refused
						}
						submitted = submitted.Add(-time.Minute)
						return h.Inherit(h.ctx(), tx, demand, submitted)
					case "rate":
						_, _, err := h.Rated(auth.With(h.ctx(), auth.System), tx, id, stars, nil, false)
						return err
					}
					return h.Do(h.ctx(), tx, id, act, reason, "")
				})
				if (err == nil) != fits || err != nil && linli.KindOf(err) != linli.KindConflict {
					t := h.t
					t.Fatalf("%s in %s (%+v): %v, model says %v", act, before.state, before, err, fits)
				}
				if err == nil && !(same[before.state] == act || act == "pause" && before.state == "paused" && before.reason == reason) {
					acted++
				}
				h.check(id, w)
			}
			if n := h.acts(id); n < acted {
				h.t.Fatalf("%d acts carried out, %d in the timeline: %v", acted, n, h.history(id))
			}
		}
		h.ok(h.bus.Drain(h.ctx()))
		perOrder := map[string]int64{}
		for _, e := range *got {
			perOrder[e.Key]++
		}
		for id := range ids {
			h.ok(h.db.Read(h.ctx(), func(tx db.Tx) error {
				o, _, _, _, err := h.Inspect(h.ctx(), tx, id, 0)
				if err == nil && o.Rev != perOrder[string(id)] {
					h.t.Errorf("%d lines, %d events told", o.Rev, perOrder[string(id)])
				}
				return err
			}))
		}
	})
}

// acts counts the lines of the timeline that people and slices wrote.
func (h *hub) acts(id linli.OrderID) (n int) {
	h.t.Helper()
	h.ok(h.db.Read(h.ctx(), func(tx db.Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM order_event WHERE order_id = $1 AND kind NOT IN ($2, $3, $4)`, id,
			order.EventBreached, order.EventEscalated, order.EventLifted).Scan(&n)
	}))
	return n
}

// check compares the stored order with the model and with itself.
func (h *hub) check(id linli.OrderID, w *walker) {
	h.t.Helper()
	h.poll()
	h.ok(h.db.Read(h.ctx(), func(tx db.Tx) error {
		o, broken, due, timer, err := h.Inspect(h.ctx(), tx, id, h.ms.Load())
		if err != nil {
			return err
		}
		if o.State != w.state || o.StateAt != linli.Millis(w.since) && o.State != "waiting" {
			h.t.Fatalf("it is %s since %s, the model %s since %s\n%v", o.State, linli.Time(o.StateAt), w.state, w.since, h.history(id))
		}
		var lines, rows int64
		var last order.State
		if err := tx.QueryRow(`SELECT COUNT(*), MAX(seq) FROM order_event WHERE order_id = $1`, id).Scan(&lines, &rows); err != nil {
			return err
		}
		if err := tx.QueryRow(`SELECT state FROM order_event WHERE order_id = $1 AND seq = $2`, id, rows).Scan(&last); err != nil {
			return err
		}
		if o.Rev != lines || lines != rows || last != o.State {
			h.t.Fatalf("revision %d, %d lines up to %d, last in %s, state %s", o.Rev, lines, rows, last, o.State)
		}
		var owners int64
		if err := tx.QueryRow(`SELECT COUNT(*) FROM order_event WHERE order_id = $1 AND kind = $2 AND COALESCE(detail ->> 'owner', '') = ''`, id, order.EventBreached).Scan(&owners); err != nil {
			return err
		}
		if owners != 0 {
			h.t.Fatalf("%d breaches without an owner", owners)
		}
		if broken&^o.Breached != 0 || o.DueAt != due || o.TimerAt != timer || (o.Live == 1) == o.State.Ended() || o.State.Ended() && o.TimerAt != 0 {
			h.t.Fatalf("broken %b stored %b, due %d stored %d, timer %d stored %d, live %d in %s", broken, o.Breached, due, o.DueAt, timer, o.TimerAt, o.Live, o.State)
		}
		var set int64
		if err := tx.QueryRow(`SELECT COALESCE(MAX(due), 0) FROM job_timer WHERE kind = 'order.clock' AND key = $1`, id).Scan(&set); err != nil {
			return err
		}
		if set != o.TimerAt || set != 0 && set <= h.ms.Load() {
			h.t.Fatalf("timer at %d, stored %d, now %d", set, o.TimerAt, h.ms.Load())
		}
		return nil
	}))
}
