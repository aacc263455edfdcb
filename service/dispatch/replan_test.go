package dispatch_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"linli"
	"linli/engine/db"
	"linli/people/party"
	"linli/service/dispatch"
	"linli/service/order"
)

// answer is how long an order is left to the worker it was just given to.
const answer = 5 * time.Minute

// replan looks once for a better plan on a node.
func (n *node) replan(w *street) int {
	w.t.Helper()
	moved, err := n.Replan(w.ctx())
	w.ok(err)
	return moved
}

func (n *node) act(w *street, id linli.OrderID, acts ...order.Act) {
	w.t.Helper()
	w.write(func(tx db.Tx) error {
		for _, a := range acts {
			if err := n.orders.Do(w.ctx(), tx, id, a, "", ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// far puts a worker so many hundred meters north.
func far(hundred float64) func(d *party.WorkerDraft) {
	return func(d *party.WorkerDraft) { d.At = linli.Point{Lng: middle.Lng, Lat: middle.Lat + hundred/1110} }
}

// changed lists what residents were told to have changed.
func (w *street) changed() (out []dispatch.Changed) {
	w.t.Helper()
	w.ok(w.db.Read(w.ctx(), func(tx db.Tx) error {
		out = nil
		rows, err := tx.Query(`SELECT data FROM bus_event WHERE kind = 'dispatch.changed' ORDER BY seq`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var raw []byte
			var e dispatch.Changed
			if err := rows.Scan(&raw); err != nil {
				return err
			}
			if err := json.Unmarshal(raw, &e); err != nil {
				return err
			}
			out = append(out, e)
		}
		return rows.Err()
	}))
	return out
}

// The one who is there is far away; when somebody near comes on duty, what has not
// been accepted goes over without a word, since the resident was told a window and
// no name. What was accepted is news for the resident, and dearer.
func TestThePlanIsImprovedBesideTheDesk(t *testing.T) {
	t.Parallel()
	each(t, 2, func(w *street) {
		n, other := w.nodes[0], w.nodes[1]
		away := w.hire("远", far(10), "cleaner")
		wish := func(hour int) linli.Window {
			return linli.Window{From: monday.Add(time.Duration(hour) * time.Hour), To: monday.Add(time.Duration(hour+1) * time.Hour)}
		}
		silent, accepted := n.open(w, linli.Need{Spec: "cleaning", Wish: wish(24)}), n.open(w, linli.Need{Spec: "cleaning", Wish: wish(29)})
		first := n.given(w, silent)
		n.given(w, accepted)
		n.act(w, accepted, order.ActAccept)
		w.pass(12 * time.Hour)
		near := w.hire("近", far(1), "cleaner")
		if moved := other.replan(w); moved != 1 {
			t.Errorf("%d orders moved", moved)
		}
		if got := w.of(silent); got.worker != near || !got.start.Equal(first.Start) {
			t.Errorf("the silent one stands with %+v, was promised for %s", got, first.Start)
		}
		if got := w.of(accepted); got.worker != away {
			t.Errorf("for so little the accepted one went to %s", got.worker)
		}
		if told := w.changed(); len(told) != 0 {
			t.Errorf("residents were told %+v", told)
		}
		w.sound("after the look")
		if moved := n.replan(w); moved != 0 {
			t.Errorf("a second look moved %d more", moved)
		}
		var rows int
		w.ok(w.db.Read(w.ctx(), func(tx db.Tx) error {
			return tx.QueryRow(`SELECT COUNT(*) FROM dispatch_assignment WHERE order_id = $1 AND end_reason = 'replanned'`, silent).Scan(&rows)
		}))
		if rows != 1 {
			t.Errorf("%d rows say that it was replanned", rows)
		}
	})
}

func TestWhatIsFrozenOrSetByHandOrOnItsWayNeverMoves(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		w.hire("远", far(30), skills...)
		away := w.hire("也远", far(30), skills...)
		at := func(minutes int) linli.Window {
			from := monday.Add(time.Duration(minutes) * time.Minute)
			return linli.Window{From: from, To: from.Add(time.Hour)}
		}
		soon := n.open(w, linli.Need{Spec: "cleaning", Wish: at(20)})
		hand := n.open(w, linli.Need{Spec: "cleaning", Wish: at(180)})
		going := n.open(w, linli.Need{Spec: "cleaning", Wish: at(360)})
		pair := n.open(w, linli.Need{Spec: "home-adaptation", Wish: at(26 * 60)})
		n.given(w, soon)
		_, err := n.assign(w, hand, dispatch.Wish{Worker: away})
		w.ok(err)
		n.given(w, going)
		n.act(w, going, order.ActAccept, order.ActEnRoute)
		n.given(w, pair)
		w.pass(answer)
		before := w.standing()
		for i := range 3 {
			w.hire(name(i), far(1), skills...)
		}
		if moved := n.replan(w); moved != 0 || !slices.Equal(w.standing(), before) {
			t.Errorf("%d moved: %+v, was %+v", moved, w.standing(), before)
		}
		// After a restart nothing is known but the tables, and the same holds.
		w.nodes = nil
		n = w.start()
		if moved := n.replan(w); moved != 0 || !slices.Equal(w.standing(), before) {
			t.Errorf("after the restart %d moved", moved)
		}
		w.sound("nothing moved")
	})
}

func TestAfterARestartTheRestMayMoveAgain(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		w.hire("远", far(40), "cleaner")
		id := n.open(w, linli.Need{Spec: "cleaning", Wish: linli.Window{From: monday.Add(2 * time.Hour), To: monday.Add(3 * time.Hour)}})
		n.given(w, id)
		near := w.hire("近", far(1), "cleaner")
		w.nodes = nil
		n = w.start()
		if moved := n.replan(w); moved != 0 {
			t.Errorf("its worker had no time to answer, and %d moved", moved)
		}
		w.pass(answer)
		if moved := n.replan(w); moved != 1 || w.of(id).worker != near {
			t.Errorf("%d moved, it stands with %s", moved, w.of(id).worker)
		}
		w.sound("moved after the restart")
	})
}

// Waiting orders are seated together with what may move.
func TestWhatWaitsIsSeatedWhenOthersMakeRoom(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		morning := func(d *party.WorkerDraft) {
			d.Week = []string{"09:00-12:00", "", "", "", "", "", ""}
		}
		both := w.hire("都会", morning, "cleaner", "visitor")
		w.absent(both, monday.Add(24*time.Hour), monday.Add(20*24*time.Hour))
		wish := linli.Window{From: monday.Add(40 * time.Minute), To: monday.Add(50 * time.Minute)}
		cleaning := n.open(w, linli.Need{Spec: "cleaning", Wish: wish})
		if got := n.given(w, cleaning); got.Worker != both {
			t.Fatalf("%+v", got)
		}
		second := n.open(w, linli.Need{Spec: "cleaning", Skills: []linli.Skill{{Code: "visitor", Level: 1}}, Wish: wish})
		if a, err := n.assign(w, second, dispatch.Wish{}); err != nil || a.Start.Before(monday.Add(12*time.Hour)) && a.Worker != "" {
			t.Fatalf("the second one is given to %+v, %v", a, err)
		}
		if w.waiting(second) == nil {
			t.Fatal("it does not wait")
		}
		w.pass(answer)
		only := w.hire("只会打扫", morning, "cleaner")
		if moved := n.replan(w); moved != 2 || w.of(cleaning).worker != only || w.of(second).worker != both {
			t.Errorf("%d moved: %+v", moved, w.standing())
		}
		w.sound("both are seated")
	})
}

// A search that comes too late changes nothing, whatever made it old.
func TestASearchThatLosesTheRaceChangesNothing(t *testing.T) {
	t.Parallel()
	for what, meanwhile := range map[string]func(w *street, id linli.OrderID, near linli.WorkerID){
		"another order in the lane": func(w *street, _ linli.OrderID, near linli.WorkerID) {
			n := w.nodes[1]
			_, err := n.assign(w, n.open(w, linli.Need{Spec: "cleaning"}), dispatch.Wish{Worker: near})
			w.ok(err)
		},
		"the worker sets off": func(w *street, id linli.OrderID, _ linli.WorkerID) {
			w.nodes[1].act(w, id, order.ActAccept, order.ActEnRoute)
		},
		"the worker accepts": func(w *street, id linli.OrderID, _ linli.WorkerID) { w.nodes[1].act(w, id, order.ActAccept) },
		"it is canceled":     func(w *street, id linli.OrderID, _ linli.WorkerID) { w.nodes[1].end(w, id, order.ActCancel) },
		"the near one falls ill": func(w *street, _ linli.OrderID, near linli.WorkerID) {
			w.absent(near, w.now(), w.now().Add(48*time.Hour))
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			each(t, 2, func(w *street) {
				n := w.nodes[0]
				w.hire("远", far(40), "cleaner")
				id := n.open(w, linli.Need{Spec: "cleaning", Wish: linli.Window{From: monday.Add(2 * time.Hour), To: monday.Add(3 * time.Hour)}})
				n.given(w, id)
				near := w.hire("近", far(1), "cleaner")
				var before []row
				w.pass(answer)
				moves, err := n.Raced(w.ctx(), func() {
					meanwhile(w, id, near)
					before = w.standing()
				})
				w.ok(err)
				if moves == 0 || !slices.Equal(w.standing(), before) {
					t.Errorf("%d moves; it is %+v, was %+v", moves, w.standing(), before)
				}
				w.sound("after the race")
			})
		})
	}
}
