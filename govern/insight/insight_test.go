package insight

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/engine/db/dbtest"
)

const street = linli.Place("990001001")

// now is a Friday at noon.
var now = time.Date(2026, 11, 27, 12, 0, 0, 0, linli.Shanghai)

// sources stand in for what the other slices publish: the same columns, as plain tables.
var sources = []string{
	`CREATE TABLE demand_pub_demand (id TEXT, source TEXT, state TEXT, item TEXT, spec TEXT, place TEXT, submitted_at BIGINT, ready_at BIGINT,
		merged_into TEXT, confidence DOUBLE PRECISION, withdrawn_at BIGINT, wish_from BIGINT, wish_to BIGINT, test BOOLEAN)`,
	`CREATE TABLE order_pub_order (id TEXT, demand_id TEXT, item TEXT, spec TEXT, place TEXT, state TEXT, sla TEXT, submitted_at BIGINT, opened_at BIGINT,
		accepted_at BIGINT, arrived_at BIGINT, finished_at BIGINT, closed_at BIGINT, wish_from BIGINT, wish_to BIGINT, promised_from BIGINT, promised_to BIGINT,
		worker_id TEXT, org_id TEXT, waiting_ms BIGINT, breached BIGINT, match_ok BIGINT)`,
	`CREATE TABLE match_pub_usage (facility_id TEXT, place TEXT, slot_start BIGINT, slot_end BIGINT, capacity BIGINT, booked BIGINT, used BIGINT, closed_reason TEXT)`,
	`CREATE TABLE evaluate_pub_rating (id TEXT, order_id TEXT, resident_hash TEXT, item TEXT, place TEXT, nps BIGINT, stars BIGINT, at BIGINT, excluded_reason TEXT)`,
}

type desk struct {
	t  *testing.T
	db db.DB
	*Service
	n int
}

func each(t *testing.T, test func(d *desk)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		if err := d.Write(t.Context(), func(tx db.Tx) error {
			for _, s := range sources {
				if _, err := tx.Exec(s); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		s, err := New(t.Context(), d, func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		test(&desk{t: t, db: d, Service: s})
	})
}

func (d *desk) exec(query string, args ...any) {
	d.t.Helper()
	if err := d.db.Write(d.t.Context(), func(tx db.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) id() string { d.n++; return fmt.Sprintf("x%04d", d.n) }

// demand plants a demand voiced so long ago; order is its order, if it has one.
func (d *desk) demand(ago time.Duration, change func(m map[string]any), order func(m map[string]any)) {
	d.t.Helper()
	m := map[string]any{"id": d.id(), "source": "resident", "state": "ordered", "item": "dining", "spec": "lunch", "place": street + "001/001",
		"submitted_at": linli.Millis(now.Add(-ago)), "ready_at": 0, "merged_into": "", "confidence": 1.0, "withdrawn_at": 0, "wish_from": 0, "wish_to": 0, "test": false}
	if change != nil {
		change(m)
	}
	d.plant("demand_pub_demand", m)
	if order != nil {
		d.order(ago, func(o map[string]any) { o["demand_id"], o["place"] = m["id"], m["place"]; order(o) })
	}
}

// order plants an order submitted so long ago and accepted ten minutes later.
func (d *desk) order(ago time.Duration, change func(m map[string]any)) {
	d.t.Helper()
	at := linli.Millis(now.Add(-ago))
	m := map[string]any{"id": d.id(), "demand_id": "", "item": "dining", "spec": "lunch", "place": street + "001/001", "state": "closed", "sla": "P1",
		"submitted_at": at, "opened_at": at, "accepted_at": at + 10*60_000, "arrived_at": 0, "finished_at": 0, "closed_at": 0, "wish_from": 0, "wish_to": 0,
		"promised_from": 0, "promised_to": 0, "worker_id": "wrk_1", "org_id": "", "waiting_ms": 0, "breached": 0, "match_ok": 1}
	if change != nil {
		change(m)
	}
	d.plant("order_pub_order", m)
}

func (d *desk) plant(table string, m map[string]any) {
	d.t.Helper()
	var names, marks string
	var args []any
	for k, v := range m {
		if names != "" {
			names, marks = names+", ", marks+", "
		}
		args = append(args, v)
		names, marks = names+k, marks+fmt.Sprintf("$%d", len(args))
	}
	d.exec(`INSERT INTO `+table+` (`+names+`) VALUES (`+marks+`)`, args...)
}

// figure computes one figure of the street over the last week, rows included.
func (d *desk) figure(slug string, place linli.Place) (Value, []Row) {
	d.t.Helper()
	def, ok := d.definition(slug)
	if !ok {
		d.t.Fatalf("no figure %s", slug)
	}
	var t *tally
	if err := d.db.Read(d.t.Context(), func(tx db.Tx) (err error) {
		t, err = d.compute(tx, def, query{place, now.AddDate(0, 0, -7), now}, true)
		return err
	}); err != nil {
		d.t.Fatal(err)
	}
	// The rows behind a figure are the figure.
	counted, excluded := 0, map[string]int{}
	for _, r := range t.rows {
		if r.Part == "excluded" {
			excluded[r.Reason]++
		} else {
			counted++
		}
	}
	if slug != "cost-reduction" && counted != t.value.N || !reflect.DeepEqual(excluded, t.value.Excluded) {
		d.t.Errorf("%s counts %d and excludes %v, its rows %d and %v", slug, t.value.N, t.value.Excluded, counted, excluded)
	}
	return t.value, t.rows
}

func (d *desk) want(v Value, state string, value, numerator, denominator float64, n int, excluded map[string]int) {
	d.t.Helper()
	got := math.NaN()
	if v.Value != nil {
		got = *v.Value
	}
	if v.State != state || got != value && !(math.IsNaN(got) && math.IsNaN(value)) || v.Numerator != numerator || v.Denominator != denominator || v.N != n || !reflect.DeepEqual(v.Excluded, excluded) {
		d.t.Errorf("%s is %s: %v = %v/%v of %d, excluded %v; want %s: %v = %v/%v of %d, excluded %v", v.Slug, v.State, got, v.Numerator, v.Denominator, v.N, v.Excluded,
			state, value, numerator, denominator, n, excluded)
	}
	if v.State == "judged" != (v.Met != nil) {
		d.t.Errorf("%s in state %s says met %v", v.Slug, v.State, v.Met)
	}
}

func TestNothingKnownIsNotMeasuredAndNotJudged(t *testing.T) {
	t.Parallel()
	each(t, func(d *desk) {
		vs, err := d.Board(context.Background(), street, 7*24*time.Hour)
		if err != nil || len(vs) != 5 {
			t.Fatal(vs, err)
		}
		for _, v := range vs {
			state := "thin"
			if v.Slug == "cost-reduction" {
				state = "not_measurable"
			}
			d.want(v, state, math.NaN(), 0, 0, 0, map[string]int{})
		}
		if _, err := json.Marshal(vs); err != nil {
			t.Error(err)
		}
	})
}

func TestTheMatchRateKeepsTheUnmetAndLeavesOutWhatIsNone(t *testing.T) {
	t.Parallel()
	each(t, func(d *desk) {
		ok := func(m map[string]any) {}
		wrong := func(m map[string]any) { m["match_ok"] = 0 }
		for range 26 {
			d.demand(5*time.Hour, nil, ok)
		}
		d.demand(5*time.Hour, nil, wrong)
		d.demand(5*time.Hour, func(m map[string]any) { m["state"] = "queued" }, nil)   // nobody served it
		d.demand(5*time.Hour, func(m map[string]any) { m["state"] = "referred" }, nil) // outside the catalog, still counted
		d.demand(5*time.Hour, func(m map[string]any) { m["withdrawn_at"] = linli.Millis(now) }, wrong)
		// Left out, each for its reason.
		d.demand(5*time.Hour, func(m map[string]any) { m["test"] = true }, ok)
		d.demand(5*time.Hour, func(m map[string]any) { m["merged_into"] = "x0001" }, nil)
		d.demand(5*time.Hour, func(m map[string]any) { m["state"] = "hint" }, nil)
		d.demand(5*time.Hour, func(m map[string]any) { m["withdrawn_at"] = linli.Millis(now) }, nil)
		d.demand(10*time.Minute, nil, nil)
		d.demand(5*time.Hour, func(m map[string]any) { m["wish_to"] = linli.Millis(now.Add(time.Hour)) }, wrong)
		// Not of this week, not of this street.
		d.demand(8*24*time.Hour, nil, wrong)
		d.demand(5*time.Hour, func(m map[string]any) { m["place"] = "990002001001/001" }, wrong)
		v, _ := d.figure("demand-match-rate", street)
		d.want(v, "judged", 86.67, 26, 30, 30, map[string]int{"test": 1, "duplicate": 1, "forecast-only": 1, "withdrawn-before-dispatch": 1, "not-due-yet": 2})
		if *v.Met || v.Beside["catalog-gap-rate"] != 3.33 || *v.Low >= *v.Value || *v.High <= *v.Value {
			t.Errorf("%+v", v)
		}
		d.exec(`DELETE FROM demand_pub_demand WHERE id IN (SELECT demand_id FROM order_pub_order WHERE match_ok = 0)`)
		v, _ = d.figure("demand-match-rate", street)
		if v.N != 28 || v.State != "thin" || v.Met != nil {
			t.Errorf("28 demands are judged: %+v", v)
		}
	})
}

func TestTheResponseTimeCountsThoseWhoStillWait(t *testing.T) {
	t.Parallel()
	each(t, func(d *desk) {
		took := func(minutes int64, more func(m map[string]any)) {
			d.order(5*time.Hour, func(m map[string]any) {
				m["accepted_at"] = m["submitted_at"].(int64) + minutes*60_000
				if more != nil {
					more(m)
				}
			})
		}
		for range 27 {
			took(20, nil)
		}
		took(100, func(m map[string]any) { m["waiting_ms"] = int64(95 * 60_000) }) // waited for the resident
		took(40, nil)
		took(0, func(m map[string]any) { m["accepted_at"], m["worker_id"], m["state"] = int64(0), "", "open" }) // for five hours now
		// In daytime hours: voiced yesterday at 22:00, accepted today at 8:10.
		d.order(14*time.Hour, func(m map[string]any) {
			m["sla"], m["accepted_at"] = "P3", linli.Millis(now.Add(-3*time.Hour-50*time.Minute))
		})
		// Left out.
		took(10, func(m map[string]any) { m["worker_id"] = "" })
		took(0, func(m map[string]any) { m["accepted_at"], m["state"] = int64(0), "canceled" })
		d.order(10*time.Minute, func(m map[string]any) { m["accepted_at"], m["state"] = int64(0), "open" })
		v, rows := d.figure("response-time-p90", street)
		d.want(v, "judged", 20, 29, 31, 31, map[string]int{"slot-booking": 1, "ended-before-acceptance": 1, "still-within-limit": 1})
		if !*v.Met || v.Beside["p50"] != 20 || v.Beside["share-within-30"] != 93.55 {
			t.Errorf("%+v", v)
		}
		minutes := map[float64]int{}
		for _, r := range rows {
			if r.Part != "excluded" {
				minutes[r.Value]++
			}
		}
		if want := map[float64]int{20: 27, 5: 1, 40: 1, 300: 1, 10: 1}; !reflect.DeepEqual(minutes, want) {
			t.Errorf("took %v, want %v", minutes, want)
		}
	})
}

func TestUtilizationIsPresenceOverOpenRoom(t *testing.T) {
	t.Parallel()
	each(t, func(d *desk) {
		slot := func(facility string, ago time.Duration, capacity, used int, closed string) {
			from := linli.Millis(now.Add(-ago))
			d.plant("match_pub_usage", map[string]any{"facility_id": facility, "place": street + "001/001", "slot_start": from, "slot_end": from + 3_600_000,
				"capacity": capacity, "booked": used + 1, "used": used, "closed_reason": closed})
		}
		for i := range 30 {
			slot("court", time.Duration(2*i+3)*time.Hour, 4, 3, "")
		}
		slot("court", 70*time.Hour, 10, 0, "")
		slot("court", 80*time.Hour, 4, 0, "maintenance")
		slot("court", 30*time.Minute, 4, 4, "") // not over yet
		v, _ := d.figure("facility-utilization", street)
		d.want(v, "judged", 69.23, 90, 130, 31, map[string]int{"maintenance": 1})
		if *v.Met || v.Beside["open-hours-per-week"] != 31 {
			t.Errorf("%+v", v)
		}
	})
}

func TestTheNetPromoterScoreLeavesOutStaffAndRepeats(t *testing.T) {
	t.Parallel()
	each(t, func(d *desk) {
		rate := func(n int, score any, excluded string) {
			for range n {
				d.plant("evaluate_pub_rating", map[string]any{"id": d.id(), "order_id": "o", "resident_hash": "h", "item": "dining", "place": street + "001/001",
					"nps": score, "stars": 5, "at": linli.Millis(now.Add(-time.Hour)), "excluded_reason": excluded})
			}
		}
		rate(20, 10, "")
		rate(4, 9, "")
		rate(3, 8, "")
		rate(2, 6, "")
		v, _ := d.figure("nps", street)
		d.want(v, "thin", 75.86, 22, 29, 29, map[string]int{})
		rate(1, 0, "")
		rate(5, 0, "staff")
		rate(2, 0, "repeat")
		rate(9, nil, "") // stars alone
		v, _ = d.figure("nps", street)
		d.want(v, "judged", 70, 21, 30, 30, map[string]int{"staff": 5, "repeat": 2})
		if !*v.Met || v.Beside["promoters"] != 24 || v.Beside["detractors"] != 3 {
			t.Errorf("%+v", v)
		}
	})
}

func TestCostIsMeasuredOnlyAgainstAYearBefore(t *testing.T) {
	t.Parallel()
	each(t, func(d *desk) {
		month := func(i int) string {
			return time.Date(2024, 11+time.Month(i), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
		}
		put := func(i int, kind string, fen, residents, cpi int64) {
			d.exec(`INSERT INTO insight_cost (month, kind, fen, residents, cpi, by_user, at) VALUES ($1,$2,$3,$4,$5,'u',0)
				ON CONFLICT (month, kind) DO UPDATE SET fen = excluded.fen, residents = excluded.residents`, month(i), kind, fen, residents, cpi)
		}
		for i := range 23 {
			put(i, "staff", 60_000, 100, 10_000)
			put(i, "platform", 40_000, 100, 10_000)
		}
		v, _ := d.figure("cost-reduction", street)
		d.want(v, "not_measurable", math.NaN(), 0, 0, 23, map[string]int{})
		if v.Why == "" {
			t.Error("it does not say why")
		}
		// A year later: half the people pay as much, at prices a quarter higher.
		for i := 12; i < 24; i++ {
			put(i, "staff", 60_000, 200, 12_500)
			put(i, "platform", 40_000, 200, 12_500)
		}
		d.exec(`UPDATE insight_cost SET cpi = 12500 WHERE month >= $1`, month(12))
		put(26, "staff", 1, 1, 10_000) // the future is not known yet
		v, _ = d.figure("cost-reduction", street)
		d.want(v, "judged", 60, 72, 120, 24, map[string]int{})
		if !*v.Met {
			t.Errorf("%+v", v)
		}
		// A year that cost nothing is no measure.
		d.exec(`UPDATE insight_cost SET fen = 0 WHERE month < $1`, month(12))
		v, _ = d.figure("cost-reduction", street)
		d.want(v, "not_measurable", math.NaN(), 0, 0, 24, map[string]int{})
		if _, err := json.Marshal(v); err != nil {
			t.Error(err)
		}
	})
}

// Roles with a place see theirs, others the whole as aggregates down to the community.
func TestEverybodyAsksAboutTheirOwnArea(t *testing.T) {
	t.Parallel()
	dispatcher := &auth.Principal{User: "u", Grants: []auth.Grant{{Role: "dispatcher", Place: street}}}
	viewer := &auth.Principal{User: "u", Grants: []auth.Grant{{Role: "viewer"}}}
	for _, c := range []struct {
		p           *auth.Principal
		asked, want linli.Place
		ok          bool
	}{
		{dispatcher, "", street, true}, {dispatcher, street + "001", street + "001", true}, {dispatcher, "990002001", "", false}, {dispatcher, "nonsense!", "", false},
		{viewer, "", "", true}, {viewer, street + "001", street + "001", true}, {viewer, street + "001/001", "", false},
	} {
		got, err := area(auth.With(t.Context(), c.p), c.asked)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%v asks about %q: %q, %v", c.p.Grants, c.asked, got, err)
		}
	}
}
