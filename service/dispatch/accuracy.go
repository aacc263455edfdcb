package dispatch

import (
	"context"
	"database/sql"
	"math"
	"slices"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/route"
	"linli/engine/db"
	"linli/web"
)

// DayAccuracy is how a past day was dispatched. Strict accuracy counts over all
// orders asked for, but for those the resident called off: the right skills, inside
// the window first promised, nobody who was refused, and at no more than hindsight
// would have paid, plus the larger of ten minutes and 15 %.
type DayAccuracy struct {
	Date          string   `json:"date"`
	Requested     int      `json:"requested"`
	Served        int      `json:"served"`
	Hindsight     int      `json:"hindsight" doc:"orders the best plan of the day would have served"`
	Accurate      float64  `json:"accurate_pct" doc:"strict accuracy, of all orders asked for"`
	WithoutRegret float64  `json:"without_regret_pct" doc:"the same without the comparison with hindsight"`
	Impossible    int      `json:"impossible" doc:"not served, and nobody could have, even on an empty day"`
	CrowdedOut    int      `json:"crowded_out" doc:"not served, though on an empty day somebody could have"`
	CostRatio     *float64 `json:"cost_ratio,omitempty" doc:"way per order served, against hindsight"`
	Changes       float64  `json:"changes_per_promise"`
	WorstWorker   *float64 `json:"worst_worker_pct,omitempty" doc:"the same of the worst tenth of those who served ten or more"`
	WorstGroup    *float64 `json:"worst_group_pct,omitempty" doc:"the same of the worst tenth of the places with ten or more orders"`
	Provisional   bool     `json:"provisional" doc:"some orders of the day are still under way"`
}

const (
	judgeHour = 3  // of the night after
	judgeBack = 3  // days, for what was still under way
	judgeSeed = 1  // of the searches for hindsight: a day judged again gives the same figures
	mostDays  = 92 // in one answer
)

func (s *Service) accuracyRoute(r *web.Router) {
	type span struct {
		From string `query:"from" maxLength:"10" doc:"2006-01-02 in Shanghai; absent: 28 days before to"`
		To   string `query:"to" maxLength:"10" doc:"the last day; absent: yesterday"`
	}
	type judged struct {
		Days []DayAccuracy `json:"days" nullable:"false" doc:"judged days, the latest first"`
	}
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/dispatch-accuracy", ID: "dispatch-accuracy", May: "dispatch.read", Tag: "dispatch", Zh: "派单准确率", En: "how past days were dispatched"},
		func(ctx context.Context, in *span) (*web.Out[judged], error) {
			to, err := s.dayNamed(in.To)
			if err != nil {
				return nil, linli.Invalid("to", "日期格式须为 2006-01-02", "the date must look like 2006-01-02")
			}
			from := to.AddDate(0, 0, -28)
			if in.From != "" {
				if from, err = s.dayNamed(in.From); err != nil {
					return nil, linli.Invalid("from", "日期格式须为 2006-01-02", "the date must look like 2006-01-02")
				}
			}
			if from.After(to) || dayOf(to)-dayOf(from) >= mostDays {
				return nil, linli.Invalidf("from", "时间范围须为 1 至 %d 天", "the span must be 1 to %d days", mostDays)
			}
			out := &web.Out[judged]{}
			return out, s.DB.Read(ctx, func(tx db.Tx) (err error) {
				out.Body.Days, err = db.Rows(tx, func(rows *sql.Rows) (d DayAccuracy, err error) { return d, rows.Scan(db.JSON(&d)) },
					`SELECT figures FROM dispatch_accuracy WHERE day >= $1 AND day <= $2 ORDER BY day DESC`, dayOf(from), dayOf(to))
				return err
			})
		})
}

// JudgePast judges the last days that are not judged for good. It holds nobody up:
// the best plan of a day is searched for outside of every transaction.
func (s *Service) JudgePast(ctx context.Context) error {
	now := s.Now().In(linli.Shanghai)
	today := dayOf(now)
	if s.judged == today || now.Hour() < judgeHour {
		return nil
	}
	var done []int
	if err := s.DB.Read(ctx, func(tx db.Tx) (err error) {
		done, err = db.Rows(tx, func(rows *sql.Rows) (day int, err error) { return day, rows.Scan(&day) },
			`SELECT day FROM dispatch_accuracy WHERE day >= $1 AND provisional = 0`, today-judgeBack)
		return err
	}); err != nil {
		return err
	}
	for day := today - judgeBack; day < today; day++ {
		if slices.Contains(done, day) {
			continue
		}
		if err := s.judge(ctx, day); err != nil {
			return err
		}
	}
	s.judged = today
	return nil
}

func (s *Service) judge(ctx context.Context, day int) error {
	p, err := s.readDay(auth.With(ctx, auth.System), day)
	if err != nil || !slices.ContainsFunc(p.day.Orders, func(o route.Order) bool { return !o.Withdrawn }) {
		return err
	}
	j, err := route.Judge(ctx, p.day, route.Effort{}, judgeSeed, p.life)
	if err != nil {
		return err
	}
	var t route.Tally
	t.Add(&j.Lives[0], p.life, func(worker int) int { return worker }, func(order int) int { return p.groups[order] })
	pct := func(n int) float64 { return tenth(100 * float64(n) / float64(t.Requested)) }
	known := func(x, unit float64) *float64 {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil
		}
		x = math.Round(x*unit) / unit
		return &x
	}
	d := DayAccuracy{Date: midnight(day).Format(time.DateOnly), Requested: t.Requested, Served: t.Served, Hindsight: t.Counts.Hindsight,
		Impossible: t.Impossible, CrowdedOut: t.CrowdedOut, CostRatio: known(t.CostRatio(), 1000), Provisional: p.running}
	d.Accurate, d.WithoutRegret = pct(t.Accurate), pct(t.Served)
	if t.Promises > 0 {
		d.Changes = math.Round(1000*float64(t.Changes)/float64(t.Promises)) / 1000
	}
	worker, group := t.WorstDecile()
	d.WorstWorker, d.WorstGroup = known(100*worker, 10), known(100*group, 10)
	return s.DB.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(`INSERT INTO dispatch_accuracy (day, figures, provisional, at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (day) DO UPDATE SET figures = excluded.figures, provisional = excluded.provisional, at = excluded.at`,
			day, db.JSON(&d), flag(p.running), linli.Millis(s.Now()))
		return err
	})
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// pastDay is a day that is over, as the engine judges it.
type pastDay struct {
	day     route.Day
	life    route.Life
	groups  []int // by order, where it was
	running bool  // some orders are still under way

	s       *Service
	from    time.Time
	points  []linli.Point
	workers map[linli.WorkerID]int
	skills  map[string]int
	places  map[linli.Place]int
}

// readDay reads a day back. An order belongs to the day it was first promised for; one
// that never had anybody, to the day it was wished for.
func (s *Service) readDay(ctx context.Context, day int) (*pastDay, error) {
	from := midnight(day)
	p := &pastDay{s: s, from: from, workers: map[linli.WorkerID]int{}, skills: map[string]int{}, places: map[linli.Place]int{}}
	crew, err := s.Workers.Workers(ctx, from)
	if err != nil {
		return nil, err
	}
	for _, w := range crew {
		p.hire(w)
	}
	var rows []standing
	var states map[linli.OrderID]string
	var never []linli.Need
	err = s.DB.Read(ctx, func(tx db.Tx) error {
		if rows, err = db.Rows(tx, func(rows *sql.Rows) (standing, error) { return scanStanding(rows) }, `SELECT `+standingColumns+` FROM dispatch_assignment
			WHERE worker_id <> '' AND order_id IN (SELECT order_id FROM dispatch_assignment WHERE start_at >= $1 AND start_at < $2) ORDER BY order_id, at, id`,
			linli.Millis(from), linli.Millis(midnight(day+1))); err != nil {
			return err
		}
		ids := make([]linli.OrderID, 0, len(rows))
		for _, a := range rows {
			ids = append(ids, a.order)
		}
		if states, err = s.Orders.States(tx, slices.Compact(ids)); err != nil {
			return err
		}
		never, err = s.neverServed(ctx, tx, day)
		return err
	})
	if err != nil {
		return nil, err
	}
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].order == rows[0].order {
			n++
		}
		if dayOf(rows[0].promise.From) == day {
			p.add(rows[:n], states[rows[0].order])
		}
		rows = rows[n:]
	}
	for _, n := range never {
		p.ask(n, wished(n), false)
	}
	p.day.Places, p.day.Profiles, p.day.TravelFunc = len(p.points), len(profiles), p.leg
	return p, nil
}

// neverServed lists what was wished for a day and never had anybody. What waits for a
// seat in a facility is not for dispatch to serve.
func (s *Service) neverServed(ctx context.Context, tx db.Tx, day int) (out []linli.Need, err error) {
	ids, err := db.Rows(tx, func(rows *sql.Rows) (id linli.OrderID, err error) { return id, rows.Scan(&id) },
		`SELECT DISTINCT order_id FROM dispatch_wait w WHERE from_at < $2 AND (ended_at = 0 OR ended_at >= $1)
		AND NOT EXISTS (SELECT 1 FROM dispatch_assignment a WHERE a.order_id = w.order_id) ORDER BY order_id`,
		linli.Millis(midnight(day)), linli.Millis(midnight(day+1)))
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		n, state, err := s.Orders.Need(ctx, tx, id)
		if linli.KindOf(err) == linli.KindNotFound || state == "canceled" {
			continue
		}
		if err != nil {
			return nil, err
		}
		spec, err := s.Catalog.Spec(ctx, n.Spec)
		if err != nil {
			return nil, err
		}
		if n.Length == 0 {
			n.Length = spec.Length
		}
		if n.Wish.From.IsZero() { // as soon as possible: since it began to wait
			var since int64
			if err := tx.QueryRow(`SELECT MIN(from_at) FROM dispatch_wait WHERE order_id = $1`, id).Scan(&since); err != nil {
				return nil, err
			}
			n.Wish.From = linli.Time(since)
		}
		if spec.Mode != linli.ByFacility && dayOf(n.Wish.From) == day {
			out = append(out, n)
		}
	}
	return out, nil
}

// wished is when a need had to start.
func wished(n linli.Need) linli.Window {
	w := n.Wish
	if !w.To.After(w.From) {
		w.To = w.From.Add(within[n.SLA])
	}
	return w
}

func (p *pastDay) second(t time.Time) int32 {
	return int32(min(max(int64(t.Sub(p.from)/time.Second), 0), int64(route.MaxTime)))
}

func (p *pastDay) place(at linli.Point) int {
	p.points = append(p.points, at)
	return len(p.points) - 1
}

func (p *pastDay) leg(profile, from, to int) int32 {
	t, _ := p.s.way(p.points[from], p.points[to], profiles[profile])
	return seconds(t)
}

func (p *pastDay) skill(code string) int {
	k, ok := p.skills[code]
	if !ok {
		k = len(p.skills)
		p.skills[code] = k
	}
	return k
}

func (p *pastDay) hire(w linli.Worker) int {
	at := p.place(w.At)
	x := route.Worker{Start: at, End: at, Profile: profileIndex(w.Profile)}
	for _, h := range w.Skills {
		k := route.Skill{Code: p.skill(h.Code), Level: h.Level}
		if !h.Until.IsZero() {
			k.Until = max(p.second(h.Until), 1)
		}
		x.Skills = append(x.Skills, k)
	}
	for _, sh := range w.Shifts {
		if dayOf(sh.From) == dayOf(p.from) && w.Active {
			x.Shifts = append(x.Shifts, route.Shift{From: p.second(sh.From), To: p.second(sh.To)})
		}
	}
	p.workers[w.ID] = len(p.day.Workers)
	p.day.Workers = append(p.day.Workers, x)
	return len(p.day.Workers) - 1
}

// ask adds what was asked for and gives its index.
func (p *pastDay) ask(n linli.Need, promised linli.Window, withdrawn bool) int {
	o := route.Order{Persons: max(n.Persons, 1), Withdrawn: withdrawn, Visit: route.Visit{Place: p.place(n.At), Duration: int32(n.Length / time.Second), Tier: tier[n.SLA],
		Windows: []route.Window{{Open: p.second(promised.From), Close: max(p.second(promised.From), p.second(promised.To)-1)}}}}
	for _, k := range n.Skills {
		o.Visit.Skills = append(o.Visit.Skills, route.Skill{Code: p.skill(k.Code), Level: k.Level})
	}
	for _, id := range n.Exclude {
		if w, ok := p.workers[id]; ok {
			o.Visit.Exclude = append(o.Visit.Exclude, w)
		}
	}
	area := n.Place.At(linli.DepthGrid)
	if _, ok := p.places[area]; !ok {
		p.places[area] = len(p.places)
	}
	p.groups = append(p.groups, p.places[area])
	p.day.Orders = append(p.day.Orders, o)
	return len(p.day.Orders) - 1
}

// add takes in an order by everything that was ever assigned for it, in order of time.
// The window that counts is the first one, unless a person moved it, who asks.
func (p *pastDay) add(rows []standing, state string) {
	first, last := rows[0], rows[len(rows)-1]
	window, told := first.promise, 0
	for i, a := range rows[1:] {
		if !a.auto {
			window = a.promise
		} else if a.promise != rows[i].promise || rows[i].named && a.worker != rows[i].worker {
			told++
		}
	}
	came := !last.began.IsZero()
	n := last.need
	if done := last.done; came && done.After(last.began) {
		n.Length = done.Sub(last.began)
	}
	i := p.ask(n, window, state == "canceled" && !came)
	p.day.Orders[i].Known = p.second(first.at)
	p.life.Promises++
	p.life.Changes += told
	p.running = p.running || last.done.IsZero()
	if !came {
		return
	}
	for _, id := range []linli.WorkerID{last.worker, last.second} {
		if id == "" {
			continue
		}
		w, ok := p.workers[id]
		if !ok { // has left since, and was fit when it was given
			gone := linli.Worker{ID: id, At: n.At}
			for _, k := range n.Skills {
				gone.Skills = append(gone.Skills, linli.HeldSkill{Skill: k})
			}
			w = p.hire(gone)
		}
		left := last.left
		if left.IsZero() {
			left = last.began
		}
		p.life.Trips = append(p.life.Trips, route.Trip{Order: i, Worker: w, Left: p.second(left), Start: p.second(last.began), End: p.second(last.began.Add(n.Length)),
			Void: state == "failed"})
	}
}
