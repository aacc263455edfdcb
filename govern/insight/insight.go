// Package insight computes the five core figures of the plan live from the views
// that the other slices publish, and opens each of them: formula and version,
// as-of time, numerator, denominator, exclusions by reason and the rows behind
// it. It owns the table insight_cost and reads only <slice>_pub_* views.
package insight

import (
	"context"
	"embed"
	"math"
	"sync"
	"time"

	"github.com/goccy/go-yaml"

	"linli"
	"linli/decide/calendar"
	"linli/decide/stat"
	"linli/engine/db"
)

//go:embed schema/*.sql
var schema embed.FS

//go:embed seeds/kpi.yaml
var kpiYAML []byte

// Definition is what a figure means; its version goes with every value.
type Definition struct {
	Slug         string  `yaml:"slug" json:"slug"`
	Version      int     `yaml:"version" json:"version"`
	Zh           string  `yaml:"zh" json:"zh"`
	En           string  `yaml:"en" json:"en"`
	Unit         string  `yaml:"unit" json:"unit" enum:"%,min,points"`
	Target       float64 `yaml:"target" json:"target"`
	Better       string  `yaml:"better" json:"better" enum:"higher,lower"`
	DefinitionZh string  `yaml:"definition_zh" json:"definition_zh"`
	DefinitionEn string  `yaml:"definition_en" json:"definition_en"`
	Source       string  `yaml:"source" json:"source"`
	Confidence   string  `yaml:"confidence" json:"confidence"`
}

// Value is a figure with everything needed to check it.
type Value struct {
	Definition
	State       string             `json:"state" enum:"judged,thin,not_measurable" doc:"thin: fewer than 30 rows, shown and not judged"`
	Why         string             `json:"why,omitempty" doc:"why it is not measurable"`
	Value       *float64           `json:"value,omitempty"`
	Low         *float64           `json:"low,omitempty" doc:"95 % interval"`
	High        *float64           `json:"high,omitempty"`
	Numerator   float64            `json:"numerator"`
	Denominator float64            `json:"denominator"`
	N           int                `json:"n"`
	Excluded    map[string]int     `json:"excluded" nullable:"false" doc:"rows left out, by reason"`
	Beside      map[string]float64 `json:"beside" nullable:"false" doc:"figures that must be read with it"`
	From        time.Time          `json:"from"`
	AsOf        time.Time          `json:"as_of"`
	Met         *bool              `json:"met,omitempty" doc:"target reached; only of judged values"`
}

// Row is one row behind a figure.
type Row struct {
	ID     string      `json:"id"`
	Kind   string      `json:"kind" enum:"demand,order,slot,rating,cost"`
	Place  linli.Place `json:"place,omitempty"`
	At     time.Time   `json:"at"`
	Part   string      `json:"part" enum:"numerator,denominator,excluded" doc:"denominator: counted, but not in the numerator"`
	Reason string      `json:"reason,omitempty"`
	Value  float64     `json:"value"`
}

// Service computes figures.
type Service struct {
	db   db.DB
	now  linli.Now
	defs []Definition

	mu    sync.Mutex
	cache map[cacheKey]cached
}

type cacheKey struct {
	place linli.Place
	span  time.Duration
}

type cached struct {
	at     time.Time // machine time
	values []Value
}

// fresh is how long a computed board serves everybody: screens ask for it with
// every event, and a few seconds do not matter to a figure over days.
const fresh = 2 * time.Second

// New migrates the table and reads the definitions.
func New(ctx context.Context, d db.DB, now linli.Now) (*Service, error) {
	s := &Service{db: d, now: now, cache: map[cacheKey]cached{}}
	if err := yaml.UnmarshalWithOptions(kpiYAML, &s.defs, yaml.Strict()); err != nil {
		return nil, err
	}
	return s, db.Migrate(ctx, d, "insight", schema)
}

func (s *Service) definition(slug string) (Definition, bool) {
	for _, d := range s.defs {
		if d.Slug == slug {
			return d, true
		}
	}
	return Definition{}, false
}

// query is what is asked of a figure.
type query struct {
	place    linli.Place
	from, to time.Time
}

// tally collects the rows of a figure; keep decides whether they are kept for show.
type tally struct {
	value    Value
	keep     bool
	complete bool // every month there was, not a sample: judged however few
	rows     []Row
	num, den float64
}

func (t *tally) in(r Row, counts bool, weight, share float64) {
	t.den += weight
	t.value.N++
	r.Part = "denominator"
	if counts {
		t.num += share
		r.Part = "numerator"
	}
	if t.keep {
		t.rows = append(t.rows, r)
	}
}

func (t *tally) out(r Row, reason string) {
	t.value.Excluded[reason]++
	if t.keep {
		r.Part, r.Reason = "excluded", reason
		t.rows = append(t.rows, r)
	}
}

// measure is how each figure reads its rows and what it makes of them.
var measure = map[string]func(s *Service, tx db.Tx, q query, t *tally) error{
	"demand-match-rate":    (*Service).matchRate,
	"response-time-p90":    (*Service).responseTime,
	"facility-utilization": (*Service).utilization,
	"nps":                  (*Service).nps,
	"cost-reduction":       (*Service).costReduction,
}

func (s *Service) compute(tx db.Tx, d Definition, q query, keep bool) (*tally, error) {
	t := &tally{keep: keep, value: Value{Definition: d, State: "thin", From: q.from, AsOf: q.to, Excluded: map[string]int{}, Beside: map[string]float64{}}}
	if err := measure[d.Slug](s, tx, q, t); err != nil {
		return nil, err
	}
	v := &t.value
	v.Numerator, v.Denominator = t.num, t.den
	if v.Value != nil && (t.complete || stat.Judgeable(v.N)) {
		v.State = "judged"
		met := *v.Value >= d.Target
		if d.Better == "lower" {
			met = *v.Value <= d.Target
		}
		v.Met = &met
	}
	return t, nil
}

// Board computes all figures of a place over the span that ends now.
func (s *Service) Board(ctx context.Context, place linli.Place, span time.Duration) ([]Value, error) {
	key := cacheKey{place, span}
	s.mu.Lock()
	c, ok := s.cache[key]
	s.mu.Unlock()
	if ok && time.Since(c.at) < fresh {
		return c.values, nil
	}
	to := s.now()
	var out []Value
	err := s.db.Read(ctx, func(tx db.Tx) error {
		out = nil
		for _, d := range s.defs {
			t, err := s.compute(tx, d, query{place, to.Add(-span), to}, false)
			if err != nil {
				return err
			}
			out = append(out, t.value)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	if len(s.cache) > 200 {
		clear(s.cache)
	}
	s.cache[key] = cached{time.Now(), out}
	s.mu.Unlock()
	return out, nil
}

func point(x float64) *float64 {
	x = math.Round(x*100) / 100
	return &x
}

// offerDue is when a demand without a wished time counts as due: an offer must
// stand within the acceptance limit of an ordinary order.
const offerDue = 30 * time.Minute

func (s *Service) matchRate(tx db.Tx, q query, t *tally) error {
	low, high := q.place.Range()
	rows, err := tx.Query(`SELECT d.id, d.place, d.state, d.submitted_at, d.withdrawn_at, d.merged_into, d.test, d.wish_to, d.spec,
			COALESCE(MAX(o.match_ok), 0), COALESCE(MIN(CASE WHEN o.opened_at > 0 THEN o.opened_at END), 0)
		FROM demand_pub_demand d LEFT JOIN order_pub_order o ON o.demand_id = d.id
		WHERE d.submitted_at >= $1 AND d.submitted_at < $2 AND d.place >= $3 AND d.place < $4
		GROUP BY d.id, d.place, d.state, d.submitted_at, d.withdrawn_at, d.merged_into, d.test, d.wish_to, d.spec`,
		linli.Millis(q.from), linli.Millis(q.to), low, high)
	if err != nil {
		return err
	}
	defer rows.Close()
	outside := 0
	for rows.Next() {
		var id, state, merged, spec string
		var place linli.Place
		var submitted, withdrawn, wishTo, opened int64
		var test bool
		var ok int
		if err := rows.Scan(&id, &place, &state, &submitted, &withdrawn, &merged, &test, &wishTo, &spec, &ok, &opened); err != nil {
			return err
		}
		r := Row{ID: id, Kind: "demand", Place: place, At: linli.Time(submitted), Value: float64(ok)}
		due := max(wishTo, submitted+offerDue.Milliseconds())
		switch {
		case test:
			t.out(r, "test")
		case merged != "":
			t.out(r, "duplicate")
		case state == "hint":
			t.out(r, "forecast-only")
		case withdrawn > 0 && opened == 0:
			t.out(r, "withdrawn-before-dispatch")
		case ok == 0 && due > linli.Millis(q.to):
			t.out(r, "not-due-yet")
		default:
			if state == "referred" {
				outside++
			}
			t.in(r, ok == 1, 1, 1)
		}
	}
	if t.den > 0 {
		e, err := stat.Wilson(int(t.num), int(t.den))
		if err != nil {
			return err
		}
		t.value.Value, t.value.Low, t.value.High = point(100*e.Value), point(100*e.Low), point(100*e.High)
		t.value.Beside["catalog-gap-rate"] = *point(100 * float64(outside) / t.den)
	}
	return rows.Err()
}

func (s *Service) responseTime(tx db.Tx, q query, t *tally) error {
	low, high := q.place.Range()
	rows, err := tx.Query(`SELECT id, place, sla, state, worker_id, submitted_at, accepted_at, waiting_ms FROM order_pub_order
		WHERE submitted_at >= $1 AND submitted_at < $2 AND place >= $3 AND place < $4`, linli.Millis(q.from), linli.Millis(q.to), low, high)
	if err != nil {
		return err
	}
	defer rows.Close()
	var minutes []float64
	within := 0
	for rows.Next() {
		var id, state, worker string
		var place linli.Place
		var sla linli.SLAClass
		var submitted, accepted, waiting int64
		if err := rows.Scan(&id, &place, &sla, &state, &worker, &submitted, &accepted, &waiting); err != nil {
			return err
		}
		clock := calendar.Daytime()
		if sla == linli.P1 || sla == linli.P2 {
			clock = calendar.AllHours()
		}
		r := Row{ID: id, Kind: "order", Place: place, At: linli.Time(submitted)}
		until := q.to
		if accepted > 0 {
			until = linli.Time(accepted)
		}
		took := (clock.Between(linli.Time(submitted), until) - time.Duration(waiting)*time.Millisecond).Minutes()
		took = max(took, 0)
		r.Value = *point(took)
		switch {
		case accepted > 0 && worker == "":
			t.out(r, "slot-booking") // agreed by the calendar, not by a person
		case accepted == 0 && (state == "canceled" || state == "failed"):
			t.out(r, "ended-before-acceptance")
		case accepted == 0 && took < t.value.Target:
			t.out(r, "still-within-limit")
		default:
			minutes = append(minutes, took)
			if took <= t.value.Target {
				within++
			}
			t.in(r, took <= t.value.Target, 1, 1)
		}
	}
	if err := rows.Err(); err != nil || len(minutes) == 0 {
		return err
	}
	qs, err := stat.Quantiles(minutes, nil, 0.5, 0.9)
	if err != nil {
		return err
	}
	t.value.Value = point(qs[1])
	t.value.Beside["p50"] = *point(qs[0])
	t.value.Beside["share-within-30"] = *point(100 * float64(within) / float64(len(minutes)))
	return nil
}

func (s *Service) utilization(tx db.Tx, q query, t *tally) error {
	low, high := q.place.Range()
	rows, err := tx.Query(`SELECT facility_id, place, slot_start, slot_end, capacity, used, closed_reason FROM match_pub_usage
		WHERE slot_start >= $1 AND slot_end <= $2 AND place >= $3 AND place < $4`, linli.Millis(q.from), linli.Millis(q.to), low, high)
	if err != nil {
		return err
	}
	defer rows.Close()
	open := map[string]float64{}
	for rows.Next() {
		var id, closed string
		var place linli.Place
		var start, end, capacity, used int64
		if err := rows.Scan(&id, &place, &start, &end, &capacity, &used, &closed); err != nil {
			return err
		}
		hours := float64(end-start) / float64(time.Hour.Milliseconds())
		r := Row{ID: id, Kind: "slot", Place: place, At: linli.Time(start), Value: float64(used)}
		if closed != "" {
			t.out(r, closed)
			continue
		}
		open[id] += hours
		t.in(r, used > 0, float64(capacity)*hours, float64(used)*hours)
	}
	if err := rows.Err(); err != nil || t.den == 0 {
		return err
	}
	t.value.Value = point(100 * t.num / t.den)
	// Fewer open hours raise the share: the hours stand beside it (floor 56 a week).
	total := 0.0
	for _, h := range open {
		total += h
	}
	weeks := q.to.Sub(q.from).Hours() / (7 * 24)
	t.value.Beside["open-hours-per-week"] = *point(total / float64(len(open)) / weeks)
	return nil
}

func (s *Service) nps(tx db.Tx, q query, t *tally) error {
	low, high := q.place.Range()
	rows, err := tx.Query(`SELECT id, place, nps, at, excluded_reason FROM evaluate_pub_rating
		WHERE at >= $1 AND at < $2 AND place >= $3 AND place < $4 AND nps IS NOT NULL`, linli.Millis(q.from), linli.Millis(q.to), low, high)
	if err != nil {
		return err
	}
	defer rows.Close()
	promoters, detractors := 0, 0
	for rows.Next() {
		var id, excluded string
		var place linli.Place
		var score, at int64
		if err := rows.Scan(&id, &place, &score, &at, &excluded); err != nil {
			return err
		}
		r := Row{ID: id, Kind: "rating", Place: place, At: linli.Time(at), Value: float64(score)}
		if excluded != "" {
			t.out(r, excluded)
			continue
		}
		if score >= 9 {
			promoters++
		}
		if score <= 6 {
			detractors++
		}
		t.in(r, score >= 9, 1, 1)
	}
	if err := rows.Err(); err != nil || t.value.N == 0 {
		return err
	}
	t.num = float64(promoters - detractors)
	e, err := stat.NPS(promoters, detractors, t.value.N)
	if err != nil {
		return err
	}
	t.value.Value, t.value.Low, t.value.High = point(e.Value), point(e.Low), point(e.High)
	t.value.Beside["promoters"], t.value.Beside["detractors"] = float64(promoters), float64(detractors)
	return nil
}

// costReduction compares the last twelve entered months with the first twelve,
// per resident and in prices of the first month. Months are entered for the whole
// street, so a place does not narrow it.
func (s *Service) costReduction(tx db.Tx, q query, t *tally) error {
	rows, err := tx.Query(`SELECT month, SUM(fen), MAX(residents), MAX(cpi) FROM insight_cost WHERE month <= $1 GROUP BY month ORDER BY month`,
		q.to.In(linli.Shanghai).Format("2006-01"))
	if err != nil {
		return err
	}
	defer rows.Close()
	var perHead []float64
	for rows.Next() {
		var month string
		var fen, residents, cpi int64
		if err := rows.Scan(&month, &fen, &residents, &cpi); err != nil {
			return err
		}
		at, err := time.ParseInLocation("2006-01", month, linli.Shanghai)
		if err != nil {
			return err
		}
		x := float64(fen) / float64(residents) * 100 / (float64(cpi) / 100)
		perHead = append(perHead, x)
		t.in(Row{ID: month, Kind: "cost", At: at, Value: *point(x / 100)}, false, 0, 0)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if len(perHead) < 24 {
		t.value.State, t.value.Why = "not_measurable", "needs the costs of 12 months before and 12 months after go-live"
		return nil
	}
	sum := func(xs []float64) (total float64) {
		for _, x := range xs {
			total += x
		}
		return total
	}
	before, after := sum(perHead[:12]), sum(perHead[len(perHead)-12:])
	if before == 0 {
		t.value.State, t.value.Why = "not_measurable", "the 12 months before go-live cost nothing"
		return nil
	}
	t.num, t.den, t.complete = *point((before - after) / 100), *point(before / 100), true
	t.value.Value = point(100 * (before - after) / before)
	return nil
}
