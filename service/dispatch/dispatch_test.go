package dispatch_test

import (
	"math/rand/v2"
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

// kinds are what the random street asks for: alone and in pairs, at once and by appointment.
var kinds = []linli.SpecCode{"cleaning", "visit-care", "patrol", "home-adaptation", "errand"}

var skills = []string{"cleaner", "visitor", "patrol", "adaptation", "companion"}

func somewhere(r *rand.Rand) linli.Point {
	return linli.Point{Lng: middle.Lng + float64(r.IntN(2000)-1000)/1e5, Lat: middle.Lat + float64(r.IntN(2000)-1000)/1e5}
}

func something(r *rand.Rand, now time.Time) linli.Need {
	n := linli.Need{Spec: kinds[r.IntN(len(kinds))], At: somewhere(r), Resident: linli.ResidentID([]string{"", "res_a", "res_b"}[r.IntN(3)])}
	if r.IntN(3) > 0 {
		from := now.Add(time.Duration(r.IntN(60)) * time.Hour / 2).Truncate(time.Hour)
		n.Wish = linli.Window{From: from, To: from.Add(time.Duration(1+r.IntN(6)) * time.Hour)}
	}
	return n
}

// A random week: whatever is done, undone, fails half way or starts anew, and on
// whichever node, the boards are what the tables say.
func TestTheBoardIsTheImageOfTheTables(t *testing.T) {
	t.Parallel()
	each(t, 2, func(w *street) {
		r := rand.New(rand.NewPCG(11, 5))
		var workers []linli.WorkerID
		sick := map[linli.WorkerID]string{}
		for i := range 6 {
			workers = append(workers, w.hire(name(i), func(d *party.WorkerDraft) { d.At = somewhere(r) }, skills...))
		}
		steps := 160
		if testing.Short() {
			steps = 50
		}
		for step := range steps {
			n := w.nodes[r.IntN(len(w.nodes))]
			standing := w.standing()
			what := "nothing"
			pick := func() row { return standing[r.IntN(len(standing))] }
			switch k := r.IntN(16); {
			case k < 6 || len(standing) == 0:
				what = "assign"
				_, err := n.assign(w, n.open(w, something(r, w.now())), dispatch.Wish{})
				w.ok(err)
			case k == 6:
				what = "assign, and the transaction fails"
				id := n.open(w, something(r, w.now()))
				err := w.db.Write(w.ctx(), func(tx db.Tx) error {
					if _, err := n.Assign(w.ctx(), tx, id, dispatch.Wish{}); err != nil {
						return err
					}
					return errStop
				})
				if err != errStop {
					w.ok(err)
				}
			case k == 7:
				what = "decline"
				x := pick()
				who := x.worker
				if x.second != "" && r.IntN(2) == 0 {
					who = x.second
				}
				w.write(func(tx db.Tx) error {
					_, err := n.Decline(w.ctx(), tx, x.order, who, "no-time")
					return err
				})
			case k == 8:
				what = "decline, and the transaction fails"
				x := pick()
				if err := w.db.Write(w.ctx(), func(tx db.Tx) error {
					if _, err := n.Decline(w.ctx(), tx, x.order, x.worker, "no-time"); err != nil {
						return err
					}
					return errStop
				}); err != errStop {
					w.ok(err)
				}
			case k == 9:
				what = "finish"
				n.end(w, pick().order, order.ActAccept, order.ActFinish)
			case k == 10:
				what = "cancel"
				n.end(w, pick().order, order.ActCancel)
			case k == 11:
				what = "move"
				wish := dispatch.Wish{Reason: "the resident asks"}
				if r.IntN(2) == 0 {
					wish.Worker = workers[r.IntN(len(workers))]
				}
				if _, err := n.assign(w, pick().order, wish); linli.KindOf(err) != linli.KindConflict { // nobody else, or not this one
					w.ok(err)
				}
			case k == 12:
				what = "sick or back"
				id := workers[r.IntN(len(workers))]
				w.write(func(tx db.Tx) error {
					if sick[id] != "" {
						_, err := w.party.EndAbsence(tx, auth.System, id, sick[id])
						sick[id] = ""
						if linli.KindOf(err) == linli.KindNotFound { // it has run out
							err = nil
						}
						return err
					}
					k, err := w.party.AddAbsence(tx, auth.System, id, party.AbsenceDraft{Kind: "sick", From: w.now(), To: w.now().Add(30 * time.Hour)})
					if err == nil {
						sick[id] = k.Absences[len(k.Absences)-1].ID
					}
					return err
				})
				n.workersChanged(w)
			case k == 13:
				what = "restart"
				w.nodes = slices.DeleteFunc(w.nodes, func(x *node) bool { return x == n })
				w.start()
			case k == 14:
				what = "time passes"
				w.pass(time.Duration(5+r.IntN(400)) * time.Minute)
				n.workersChanged(w)
			}
			if step%5 == 0 || r.IntN(4) == 0 {
				w.sound(what)
			}
		}
		w.sound("at the end")
	})
}

// Many at once on two nodes: nobody waits for ever, no worker is given two places
// at one time, and both images end up right.
func TestNodesDecideTogetherWithoutHarm(t *testing.T) {
	t.Parallel()
	each(t, 2, func(w *street) {
		for i := range 5 {
			w.hire(name(i), nil, skills...)
		}
		var all sync.WaitGroup
		again := func(do func() error) (err error) { // what is told to try again does
			for range 20 {
				if err = do(); linli.KindOf(err) != linli.KindUnavailable {
					break
				}
			}
			return err
		}
		for g := range 4 {
			all.Go(func() {
				n, r := w.nodes[g%2], rand.New(rand.NewPCG(uint64(g), 9))
				for range 10 {
					id := n.open(w, something(r, monday))
					err := again(func() error {
						_, err := n.assign(w, id, dispatch.Wish{})
						return err
					})
					for range r.IntN(3) {
						if err != nil {
							break
						}
						// The worker is looked up first, so somebody may be faster.
						err = again(func() error {
							return w.db.Write(w.ctx(), func(tx db.Tx) error {
								var who linli.WorkerID
								rows, err := tx.Query(`SELECT worker_id FROM dispatch_assignment WHERE order_id = $1 AND ended_at = 0`, id)
								if err != nil {
									return err
								}
								for rows.Next() {
									if err := rows.Scan(&who); err != nil {
										return err
									}
								}
								if err := rows.Close(); err != nil || who == "" {
									return err
								}
								_, err = n.Decline(w.ctx(), tx, id, who, "too-far")
								return err
							})
						})
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		w.sound("after the rush")
		busy := map[linli.WorkerID][]row{}
		for _, x := range w.standing() {
			for _, id := range []linli.WorkerID{x.worker, x.second} {
				if id != "" {
					busy[id] = append(busy[id], x)
				}
			}
		}
		for id, rows := range busy {
			slices.SortFunc(rows, func(a, b row) int { return a.start.Compare(b.start) })
			for i := 1; i < len(rows); i++ {
				// What was told may move by a quarter of an hour, see route.Costs.
				if end := rows[i-1].start.Add(rows[i-1].length); end.Sub(rows[i].start) > 15*time.Minute {
					t.Errorf("%s is in two places: %+v and %+v", id, rows[i-1], rows[i])
				}
			}
		}
	})
}

// A transaction that began before the image changed must not put back into it what
// it still sees.
func TestAnOldLookTakesNothingFromTheImage(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		if w.db.Dialect() != db.Postgres {
			w.t.Skip("SQLite has one writer")
		}
		n, from, to := w.nodes[0], w.hire("甲", nil, "cleaner"), w.hire("乙", nil, "cleaner")
		moved, other := n.open(w, linli.Need{Spec: "cleaning"}), n.open(w, linli.Need{Spec: "cleaning"})
		_, err := n.assign(w, moved, dispatch.Wish{Worker: from})
		w.ok(err)
		looked := false
		w.write(func(tx db.Tx) error {
			var lanes int
			if err := tx.QueryRow(`SELECT COUNT(*) FROM dispatch_lane`).Scan(&lanes); err != nil {
				return err
			}
			if !looked {
				looked = true
				_, err := n.assign(w, moved, dispatch.Wish{Worker: to, Reason: "nearer"})
				w.ok(err)
			}
			_, err := n.Assign(w.ctx(), tx, other, dispatch.Wish{Worker: from})
			return err
		})
		w.sound("after the old look")
	})
}

func TestTwoComeTogether(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		a, b := w.hire("甲", nil, "adaptation", "cleaner"), w.hire("乙", nil, "adaptation", "cleaner")
		wish := linli.Window{From: monday.Add(time.Hour), To: monday.Add(8 * time.Hour)}
		id := n.open(w, linli.Need{Spec: "home-adaptation", Wish: wish})
		got := n.given(w, id)
		if pair := []linli.WorkerID{got.Worker, got.Second}; !slices.Contains(pair, a) || !slices.Contains(pair, b) {
			t.Fatalf("came %v, want %s and %s", pair, a, b)
		}
		w.sound("a pair is seated")

		// What comes later finds its place around what was told.
		for range 4 {
			_, err := n.assign(w, n.open(w, linli.Need{Spec: "cleaning", Wish: linli.Window{From: monday, To: monday.Add(9 * time.Hour)}}), dispatch.Wish{})
			w.ok(err)
		}
		w.sound("others came after the pair")
		if now := w.of(id); !now.start.Equal(got.Start) {
			t.Fatalf("the pair was promised for %s and stands at %s", got.Start, now.start)
		}

		// One of the two cannot: with nobody else the order waits, and the other is free.
		w.write(func(tx db.Tx) error {
			_, err := n.Decline(w.ctx(), tx, id, got.Second, "sick")
			return err
		})
		if w.waiting(id) == nil {
			t.Fatal("one person alone was sent to an order for two")
		}
		w.sound("the pair is broken up")
	})
}

func TestWhoFallsIllLosesTheirOrdersEvenWhenTheHubWasDown(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		a := w.hire("甲", nil, "cleaner")
		id := n.open(w, linli.Need{Spec: "cleaning", Wish: linli.Window{From: monday.Add(26 * time.Hour), To: monday.Add(28 * time.Hour)}})
		if got := n.given(w, id); got.Worker != a {
			t.Fatalf("given to %s", got.Worker)
		}
		begun := n.open(w, linli.Need{Spec: "cleaning", Wish: linli.Window{From: monday, To: monday.Add(time.Hour)}})
		n.given(w, begun)
		w.write(func(tx db.Tx) error {
			for _, act := range []order.Act{order.ActAccept, order.ActArrive} {
				if err := n.orders.Do(w.ctx(), tx, begun, act, "", ""); err != nil {
					return err
				}
			}
			return nil
		})
		w.pass(time.Hour)
		b := w.hire("乙", nil, "cleaner")
		w.absent(a, w.now(), w.now().Add(72*time.Hour))
		w.nodes = nil
		n = w.start() // it never saw the worker well
		n.workersChanged(w)
		if got := w.of(id); got.worker != b {
			t.Errorf("tomorrow's order stands with %+v, want %s", got, b)
		}
		if got := w.of(begun); got.worker != a {
			t.Errorf("the order at work was taken from its worker and given to %s", got.worker)
		}
		w.sound("after the restart")
	})
}

// The failing transaction is the first that notices the illness: the next must notice it again.
func TestALossIsNoticedAgainWhenTheTransactionFails(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		a, b := w.hire("甲", nil, "cleaner"), w.hire("乙", nil, "cleaner")
		id := n.open(w, linli.Need{Spec: "cleaning", Wish: linli.Window{From: monday.Add(2 * time.Hour), To: monday.Add(4 * time.Hour)}})
		had := n.given(w, id).Worker
		w.absent(had, w.now(), w.now().Add(24*time.Hour))
		if err := w.db.Write(w.ctx(), func(tx db.Tx) error {
			if err := n.WorkersChanged(w.ctx(), tx); err != nil {
				return err
			}
			return errStop
		}); err != errStop {
			w.ok(err)
		}
		n.workersChanged(w)
		if got := w.of(id); got.worker == had || got.worker != a && got.worker != b {
			t.Fatalf("the order stands with %s, who is ill", got.worker)
		}
		w.sound("after the second look")
	})
}

func TestTomorrowIsKeptWhenTheDayTurns(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		for i := range 3 {
			w.hire(name(i), nil, skills...)
		}
		var before []row
		for day := 1; day <= 3; day++ {
			for hour := 9; hour < 17; hour += 2 {
				from := monday.AddDate(0, 0, day).Add(time.Duration(hour-9) * time.Hour)
				n.given(w, n.open(w, linli.Need{Spec: "visit-care", Wish: linli.Window{From: from, To: from.Add(time.Hour)}}))
			}
		}
		before = w.standing()
		for range 3 {
			w.pass(8 * time.Hour)
			n.workersChanged(w)
		}
		if after := w.standing(); !slices.Equal(after, before) {
			t.Fatalf("overnight the plan became\n%+v, it was\n%+v", after, before)
		}
		w.sound("the next morning")
	})
}

func TestAnOrderThatIsNotAnsweredGoesOnWhileThereIsSomebody(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		a := w.hire("甲", nil, "cleaner")
		id := n.open(w, linli.Need{Spec: "cleaning"})
		n.given(w, id)
		passOn := func() { w.write(func(tx db.Tx) error { return n.PassOn(w.ctx(), tx, id) }) }
		passOn()
		if got := w.of(id).worker; got != a {
			t.Fatalf("with nobody else it went from %s to %q", a, got)
		}
		b := w.hire("乙", nil, "cleaner")
		passOn()
		if got := w.of(id).worker; got != b {
			t.Fatalf("it stands with %s, want %s", got, b)
		}
		n.end(w, id, order.ActAccept, order.ActFinish)
		passOn() // old news
		if len(w.standing()) != 0 {
			t.Fatal("a finished order was passed on")
		}
		w.sound("passed on")
	})
}

func TestAMoveNeedsAReasonAndSomebodyElse(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		a := w.hire("甲", nil, "cleaner")
		id := n.open(w, linli.Need{Spec: "cleaning"})
		n.given(w, id)
		b := w.hire("乙", nil, "visitor")
		c := w.hire("丙", nil, "cleaner")
		if got, err := n.assign(w, id, dispatch.Wish{}); err != nil || got.Worker != a {
			t.Fatalf("asked again: %+v, %v", got, err)
		}
		if _, err := n.assign(w, id, dispatch.Wish{Worker: c}); linli.KindOf(err) != linli.KindInvalid {
			t.Fatalf("moved without a reason: %v", err)
		}
		if _, err := n.assign(w, id, dispatch.Wish{Worker: b, Reason: "asked for"}); linli.KindOf(err) != linli.KindConflict {
			t.Fatalf("given to somebody without the skill: %v", err)
		}
		if _, err := n.assign(w, id, dispatch.Wish{Worker: "wrk_nobody", Reason: "asked for"}); linli.KindOf(err) != linli.KindNotFound {
			t.Fatalf("given to nobody: %v", err)
		}
		w.sound("refused moves")
		if got := w.of(id).worker; got != a {
			t.Fatalf("refused moves left it with %s", got)
		}
		w.absent(c, monday, monday.Add(10*24*time.Hour))
		if _, err := n.assign(w, id, dispatch.Wish{Reason: "quarrel"}); linli.KindOf(err) != linli.KindConflict || w.of(id).worker != a {
			t.Fatalf("moved away with nobody else there: %v", err)
		}
		w.sound("nobody else")
	})
}

// Whoever does not answer is asked again only when all the others have been asked.
func TestSilenceIsPassedAroundToEverybody(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		for _, name := range []string{"甲", "乙", "丙", "丁"} {
			w.hire(name, nil, "cleaner")
		}
		id := n.open(w, linli.Need{Spec: "cleaning"})
		n.given(w, id)
		var asked []linli.WorkerID
		for range 12 {
			asked = append(asked, w.of(id).worker)
			w.pass(time.Minute)
			w.write(func(tx db.Tx) error { return n.PassOn(w.ctx(), tx, id) })
		}
		for i := range asked[4:] {
			if len(slices.Compact(slices.Sorted(slices.Values(asked[i:i+4])))) != 4 || asked[i] != asked[i+4] {
				t.Fatalf("they were asked in the order %v", asked)
			}
		}
		var told int
		w.ok(w.db.Read(w.ctx(), func(tx db.Tx) error {
			return tx.QueryRow(`SELECT COUNT(*) FROM dispatch_assignment WHERE order_id = $1 AND CAST(reasons AS TEXT) LIKE '%better-silent%'`, id).Scan(&told)
		}))
		if told < 6 {
			t.Errorf("only %d of 13 assignments say that better ones were silent", told)
		}
		w.sound("passed around")
	})
}

// A certificate that ends between the wish and the service proves nothing.
func TestACertificateMustLastToTheEndOfTheService(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		k := w.hire("甲", func(d *party.WorkerDraft) {
			d.Week = []string{"", "", "", "09:00-12:00", "", "", ""} // Thursday
		}, "lawyer")
		w.write(func(tx db.Tx) error {
			_, err := w.party.AddCertificate(tx, auth.System, k, party.CertificateDraft{Kind: "lawyer", Issued: "2020-01-01", Expires: "2026-11-25"}) // Wednesday
			return err
		})
		id := n.open(w, linli.Need{Spec: "legal-advice"})
		if a, err := n.assign(w, id, dispatch.Wish{}); err != nil || a.Worker != "" {
			t.Fatalf("on Thursday comes %+v, whose certificate ends on Wednesday; %v", a, err)
		}
		if w.waiting(id) == nil {
			t.Fatal("the order does not wait")
		}
	})
}

func TestWhatIsWishedFarAheadWaitsAndNothingStartsBeforeTheWish(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		w.hire("甲", nil, "cleaner")
		from := monday.AddDate(0, 0, 12)
		far := n.open(w, linli.Need{Spec: "cleaning", Wish: linli.Window{From: from, To: from.Add(2 * time.Hour)}})
		if a, err := n.assign(w, far, dispatch.Wish{}); err != nil || a.Worker != "" || w.waiting(far) == nil {
			t.Fatalf("given to %+v, %v", a, err)
		}
		from = monday.Add(30 * time.Hour)
		if a := n.given(w, n.open(w, linli.Need{Spec: "cleaning", Wish: linli.Window{From: from}})); a.Start.Before(from) {
			t.Fatalf("wished from %s on, comes at %s", from, a.Start)
		}
		w.sound("far and open wishes")
	})
}

func TestADayIsNeverFullerThanAgreed(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *street) {
		n := w.nodes[0]
		w.hire("甲", func(d *party.WorkerDraft) { d.MaxLoad = 240 }, "cleaner")
		load := map[string]time.Duration{}
		for range 6 {
			// Two hours each, from tomorrow on; the later ones are for the days after.
			n.given(w, n.open(w, linli.Need{Spec: "cleaning", Wish: linli.Window{From: monday.Add(23 * time.Hour), To: monday.Add(33 * time.Hour)}}))
		}
		for _, x := range w.standing() {
			load[x.start.Format(time.DateOnly)] += x.length
		}
		if len(load) != 3 {
			t.Errorf("six times two hours lie on %d days", len(load))
		}
		for day, l := range load {
			if l > 4*time.Hour {
				t.Errorf("%s holds %s", day, l)
			}
		}
	})
}
