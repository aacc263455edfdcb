package match

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli"
	"linli/engine/bus/sqlbus"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/engine/job"
	"linli/geo"
)

// monday is a working Monday morning.
var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, linli.Shanghai)

type asked struct {
	workers []linli.Worker
	refused bool
}

func (a *asked) Workers(context.Context, time.Time) ([]linli.Worker, error) { return a.workers, nil }
func (a *asked) Consents(context.Context, linli.ResidentID, string) (bool, error) {
	return !a.refused, nil
}
func (a *asked) Spec(_ context.Context, code linli.SpecCode) (linli.Spec, error) {
	switch code {
	case "bathing":
		return linli.Spec{Code: code, Mode: linli.ByWorker, Length: time.Hour, Skills: []linli.Skill{{Code: "elder-carer", Level: 3}}, Consent: "care"}, nil
	case "court":
		return linli.Spec{Code: code, Mode: linli.ByFacility, Length: time.Hour}, nil
	}
	return linli.Spec{}, linli.Invalid("spec", "没有", "none")
}

func setup(t *testing.T, d db.DB) (*Service, *asked, *atomic.Int64, *job.Runner) {
	t.Helper()
	var at atomic.Int64
	at.Store(monday.UnixMilli())
	now := func() time.Time { return linli.Time(at.Load()) }
	log := slog.New(slog.DiscardHandler)
	b, j := sqlbus.New(d, now, log), job.New(d, now, log)
	a := &asked{}
	s, err := New(t.Context(), Deps{DB: d, Bus: b, Timers: j, Now: now, Workers: a, Consents: a, Catalog: a})
	if err != nil {
		t.Fatal(err)
	}
	return s, a, &at, j
}

func able(id linli.WorkerID, change func(*linli.Worker)) linli.Worker {
	w := linli.Worker{ID: id, At: linli.Point{Lng: 121.5, Lat: 31.24}, Active: true, Profile: "e-bike", MaxLoad: 8 * time.Hour,
		Skills: []linli.HeldSkill{{Skill: linli.Skill{Code: "elder-carer", Level: 3}, Until: monday.AddDate(1, 0, 0)}},
		Shifts: []linli.Window{{From: monday.Add(-time.Hour), To: monday.Add(8 * time.Hour)}}}
	if change != nil {
		change(&w)
	}
	return w
}

// The way decides, not the line on the map: no way at all is too far for everybody,
// and an estimate is told as one.
func TestTheWayIsAskedForAndItsDoubtIsTold(t *testing.T) {
	t.Parallel()
	need := linli.Need{Spec: "bathing", At: linli.Point{Lng: 121.501, Lat: 31.241}, Length: time.Hour, Persons: 1,
		Wish: linli.Window{From: monday.Add(time.Hour), To: monday.Add(3 * time.Hour)}}
	place := Facility{ID: "fac_1", Specs: []linli.SpecCode{"bathing"}, At: linli.Point{Lng: 121.502, Lat: 31.241}, Active: true}
	slot := []Slot{{Start: need.Wish.From, End: need.Wish.To, Capacity: 5}}
	for name, c := range map[string]struct {
		trip         geo.Trip
		gate, detail string // of the worker, whom 45 minutes are asked of
		door, far    string // of the facility, to which a resident walks 15
		travel       float64
	}{
		"near":      {geo.Trip{Time: 12 * time.Minute}, gateNone, "", gateNone, "", 12},
		"estimated": {geo.Trip{Time: 12 * time.Minute, Approx: true}, gateNone, "", gateNone, "", 12},
		"a walk":    {geo.Trip{Time: 30 * time.Minute}, gateNone, "", gateSpace, "30m0s", 30},
		"too far":   {geo.Trip{Time: 50 * time.Minute}, gateSpace, "50m0s", gateSpace, "50m0s", 0},
		"no way":    {geo.Trip{None: true, Time: 1 << 60}, gateSpace, noWay, gateSpace, noWay, 0},
	} {
		ask := func(linli.Point, linli.Point, geo.Profile) (geo.Trip, bool) { return c.trip, true }
		for _, j := range []struct {
			who          string
			got          linli.Candidate
			gate, detail string
		}{
			{"worker", judgeWorker(need, able("a", nil), true, history{}, 0, ask, monday), c.gate, c.detail},
			{"facility", judgeFacility(need, place, true, slot, ask, monday), c.door, c.far},
		} {
			if j.got.Gate != j.gate || j.got.Detail != j.detail {
				t.Errorf("%s, %s: gate %q %q, want %q %q", name, j.who, j.got.Gate, j.got.Detail, j.gate, j.detail)
			}
			if j.gate == gateNone && (j.got.Approx != c.trip.Approx || j.got.Parts[0] != (linli.Part{Code: "travel", Minutes: c.travel})) {
				t.Errorf("%s, %s: %+v", name, j.who, j.got)
			}
		}
	}
}

func TestTheFirstFailedGateIsNamed(t *testing.T) {
	t.Parallel()
	need := linli.Need{Spec: "bathing", At: linli.Point{Lng: 121.501, Lat: 31.241}, Length: time.Hour, Persons: 1,
		Skills: []linli.Skill{{Code: "elder-carer", Level: 3}}, Exclude: []linli.WorkerID{"refused"},
		Wish: linli.Window{From: monday.Add(time.Hour), To: monday.Add(3 * time.Hour)}}
	for name, c := range map[string]struct {
		w       linli.Worker
		consent bool
		load    time.Duration
		gate    string
	}{
		"can":               {able("a", nil), true, 0, gateNone},
		"no skill":          {able("a", func(w *linli.Worker) { w.Skills = nil }), true, 0, gateSkill},
		"level too low":     {able("a", func(w *linli.Worker) { w.Skills[0].Level = 2 }), true, 0, gateSkill},
		"certificate over":  {able("a", func(w *linli.Worker) { w.Skills[0].Until = monday }), true, 0, gateCertificate},
		"refused":           {able("refused", nil), true, 0, gateExcluded},
		"no consent":        {able("a", nil), false, 0, gateConsent},
		"away":              {able("a", func(w *linli.Worker) { w.Active = false }), true, 0, gateTime},
		"shift ends early":  {able("a", func(w *linli.Worker) { w.Shifts[0].To = monday.Add(90 * time.Minute) }), true, 0, gateTime},
		"no shift":          {able("a", func(w *linli.Worker) { w.Shifts = nil }), true, 0, gateTime},
		"another city":      {able("a", func(w *linli.Worker) { w.At = linli.Point{Lng: 120, Lat: 30} }), true, 0, gateSpace},
		"time before space": {able("a", func(w *linli.Worker) { w.At, w.Shifts = linli.Point{Lng: 120, Lat: 30}, nil }), true, 0, gateTime},
		"full day":          {able("a", nil), true, 7*time.Hour + time.Minute, gateCapacity},
		"skill before time": {able("a", func(w *linli.Worker) { w.Skills, w.Shifts = nil, nil }), false, 0, gateSkill},
	} {
		got := judgeWorker(need, c.w, c.consent, history{}, c.load, geo.Straight, monday)
		if got.Gate != c.gate {
			t.Errorf("%s: gate %q, want %q", name, got.Gate, c.gate)
		}
		if c.gate == gateNone && len(got.Parts) == 0 {
			t.Errorf("%s: a score without parts", name)
		}
	}
}

// The parts are the score, and whoever passes stands before whoever does not.
func TestPartsAddUpAndRankIsTotal(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 7))
	for range 300 {
		need := linli.Need{Spec: "bathing", At: linli.Point{Lng: 121.5, Lat: 31.24}, Length: time.Hour,
			Skills: []linli.Skill{{Code: "elder-carer", Level: 1 + rng.IntN(4)}}, Prefer: []linli.WorkerID{"w3"}}
		var js []linli.Candidate
		for i := range 20 {
			w := able(linli.WorkerID(fmt.Sprintf("w%d", i)), func(w *linli.Worker) {
				w.At.Lng += rng.Float64() / 5
				w.Skills[0].Level = 1 + rng.IntN(5)
				w.Active = rng.IntN(5) > 0
			})
			js = append(js, judgeWorker(need, w, true, history{stars: 9, ratings: 2, served: int64(rng.IntN(4))}, time.Duration(rng.IntN(8))*time.Hour, geo.Straight, monday))
		}
		rank(js)
		for i, j := range js {
			sum := 0.0
			for _, p := range j.Parts {
				sum += p.Minutes
			}
			if d := sum - j.Score; d > 0.06 || d < -0.06 {
				t.Fatalf("parts add up to %v, score is %v", sum, j.Score)
			}
			if i > 0 && js[i-1].Gate != gateNone && j.Gate == gateNone {
				t.Fatal("a candidate stands behind one who cannot serve")
			}
			if i > 0 && js[i-1].Gate == gateNone && j.Gate == gateNone && js[i-1].Score > j.Score {
				t.Fatal("scores do not rise")
			}
		}
	}
}

func court(t *testing.T, s *Service, capacity int64) Facility {
	t.Helper()
	f := Facility{ID: linli.FacilityID(linli.NewID("fac", s.Now())), Kind: "court", Name: "邻里球场", Place: "990001001001/001", At: linli.Point{Lng: 121.5, Lat: 31.24},
		Specs: []linli.SpecCode{"court"}, Capacity: capacity, SlotMin: 60, Active: true}
	for d := range 7 {
		f.Hours = append(f.Hours, Hours{d, 8 * 60, 20 * 60})
	}
	if err := s.DB.Write(t.Context(), func(tx db.Tx) error { return s.put(tx, &f, 0) }); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSeatsAreNeverSoldTwice(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		s, _, _, _ := setup(t, d)
		f := court(t, s, 3)
		need := linli.Need{Spec: "court", At: f.At, Persons: 1, Resident: "r",
			Wish: linli.Window{From: monday.Add(time.Hour), To: monday.Add(3 * time.Hour)}} // slots at 10 and 11
		var booked, full atomic.Int64
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() {
				err := d.Write(t.Context(), func(tx db.Tx) error {
					_, err := s.Book(t.Context(), tx, linli.OrderID(fmt.Sprintf("ord_%d", i)), need)
					return err
				})
				switch linli.KindOf(err) {
				case "":
					booked.Add(1)
				case linli.KindExhausted:
					full.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if booked.Load() != 6 || full.Load() != 4 {
			t.Fatalf("%d booked and %d refused, want 6 and 4", booked.Load(), full.Load())
		}
		// The same order again is the same seat; a canceled seat is free again.
		again := func(order linli.OrderID) error {
			return d.Write(t.Context(), func(tx db.Tx) error { _, err := s.Book(t.Context(), tx, order, need); return err })
		}
		var someone linli.OrderID
		if err := d.Write(t.Context(), func(tx db.Tx) error {
			return tx.QueryRow(`SELECT order_id FROM match_booking ORDER BY order_id LIMIT 1`).Scan(&someone)
		}); err != nil {
			t.Fatal(err)
		}
		if err := again(someone); err != nil {
			t.Fatal(err)
		}
		if err := d.Write(t.Context(), func(tx db.Tx) error { return s.Cancel(tx, someone) }); err != nil {
			t.Fatal(err)
		}
		if err := again("ord_new"); err != nil {
			t.Fatal(err)
		}
		if err := again(someone); linli.KindOf(err) != linli.KindExhausted {
			t.Fatalf("a seventh seat: %v", err)
		}
	})
}

func TestPresenceIsUseAndAbsenceIsNot(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		s, _, at, j := setup(t, d)
		f := court(t, s, 3)
		need := linli.Need{Spec: "court", At: f.At, Persons: 1, Resident: "r", Wish: linli.Window{From: monday.Add(time.Hour), To: monday.Add(2 * time.Hour)}}
		for _, o := range []linli.OrderID{"ord_a", "ord_b"} {
			if err := d.Write(t.Context(), func(tx db.Tx) error { _, err := s.Book(t.Context(), tx, o, need); return err }); err != nil {
				t.Fatal(err)
			}
		}
		come := func() error {
			return d.Write(t.Context(), func(tx db.Tx) error {
				b, err := booking(tx, `order_id = $1`, "ord_a")
				if err != nil {
					return err
				}
				return s.checkIn(tx, b)
			})
		}
		if err := come(); linli.KindOf(err) != linli.KindConflict {
			t.Fatalf("checked in an hour early: %v", err)
		}
		at.Store(monday.Add(65 * time.Minute).UnixMilli())
		if err := come(); err != nil {
			t.Fatal(err)
		}
		if err := come(); linli.KindOf(err) != linli.KindConflict {
			t.Fatalf("checked in twice: %v", err)
		}
		at.Store(monday.Add(3 * time.Hour).UnixMilli())
		if _, err := j.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		var state string
		var booked, used int64
		if err := d.Read(t.Context(), func(tx db.Tx) error {
			if err := tx.QueryRow(`SELECT state FROM match_booking WHERE order_id = 'ord_b'`).Scan(&state); err != nil {
				return err
			}
			return tx.QueryRow(`SELECT SUM(booked), SUM(used) FROM match_pub_usage`).Scan(&booked, &used)
		}); err != nil {
			t.Fatal(err)
		}
		if state != "no_show" || booked != 2 || used != 1 {
			t.Fatalf("state %s, %d booked, %d used", state, booked, used)
		}

		// The order is opened again: a seat that has passed is none. Its booking is
		// the same, elsewhere and later.
		need.Wish = linli.Window{From: monday.Add(5 * time.Hour), To: monday.Add(6 * time.Hour)}
		moved := f
		moved.ID, moved.Place = "fac_other", "990001001002/001"
		f.Active = false
		var again linli.Assignment
		var before, after Booking
		if err := d.Write(t.Context(), func(tx db.Tx) (err error) {
			if before, err = booking(tx, `order_id = $1`, "ord_b"); err != nil {
				return err
			}
			if err = errors.Join(s.put(tx, &f, f.Rev), s.put(tx, &moved, 0)); err != nil {
				return err
			}
			if again, err = s.Book(t.Context(), tx, "ord_b", need); err != nil {
				return err
			}
			after, err = booking(tx, `order_id = $1`, "ord_b")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		want := before
		want.Facility, want.Place, want.Start, want.End = moved.ID, moved.Place, monday.Add(5*time.Hour), monday.Add(6*time.Hour)
		want.State, want.Rev = "booked", before.Rev+1
		if after != want || !again.Start.Equal(want.Start) || again.Reasons[len(again.Reasons)-1].Ref != after.ID {
			t.Fatalf("booked again\n%+v, want\n%+v\nas %+v", after, want, again)
		}
	})
}

// People who simply come take seats nobody has booked, and never more than there are.
func TestWhoComesWithoutABookingTakesAFreeSeat(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		s, _, at, _ := setup(t, d)
		f := Facility{ID: "fac_gym", Kind: "gym", Name: "健身房", Place: "990001001001/001/e001/b0001", Specs: []linli.SpecCode{"court"}, Capacity: 5, SlotMin: 60, Active: true,
			Hours: []Hours{{Day: 1, From: 8 * 60, To: 12 * 60}}}
		come := func(n int64) (x Slot, err error) {
			return x, d.Write(t.Context(), func(tx db.Tx) error {
				x, err = s.visit(tx, f, n, "usr_1")
				return err
			})
		}
		if err := d.Write(t.Context(), func(tx db.Tx) error { return s.put(tx, &f, 0) }); err != nil {
			t.Fatal(err)
		}
		want := Slot{Facility: f.ID, Start: monday, End: monday.Add(time.Hour), Capacity: 5, Booked: 3, Used: 3}
		if got, err := come(3); err != nil || got != want {
			t.Fatalf("three come: %v, %v; want %v", got, err, want)
		}
		for n, fits := range map[int64]bool{3: false, 2: true} {
			if _, err := come(n); fits != (err == nil) || !fits && linli.KindOf(err) != linli.KindConflict {
				t.Errorf("%d more: %v", n, err)
			}
		}
		at.Store(monday.Add(4 * time.Hour).UnixMilli())
		if _, err := come(1); linli.KindOf(err) != linli.KindConflict {
			t.Errorf("outside the hours: %v", err)
		}
		var visits, people int64
		if err := d.Read(t.Context(), func(tx db.Tx) error {
			return tx.QueryRow(`SELECT COUNT(*), SUM(persons) FROM match_visit`).Scan(&visits, &people)
		}); err != nil || people != 5 || visits != 2 {
			t.Errorf("%d visits of %d people, %v", visits, people, err)
		}
	})
}
