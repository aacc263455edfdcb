package dispatch

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"slices"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/route"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/engine/job"
	"linli/geo"
)

//go:embed schema/*.sql
var schema embed.FS

// Matcher is asked who could serve a need, and books slots of facilities.
type Matcher interface {
	Candidates(ctx context.Context, n linli.Need, load map[linli.WorkerID]time.Duration) ([]linli.Candidate, error)
	// Book takes the best free slot; KindExhausted says that there is none and why.
	Book(ctx context.Context, tx db.Tx, order linli.OrderID, n linli.Need) (linli.Assignment, error)
	// Cancel gives the slot of an order back.
	Cancel(tx db.Tx, order linli.OrderID) error
}

// Orders is told who serves, inside the transaction that decides it.
type Orders interface {
	// Need is what the order asks for and the state it is in.
	Need(ctx context.Context, tx db.Tx, id linli.OrderID) (linli.Need, string, error)
	Assign(ctx context.Context, tx db.Tx, id linli.OrderID, a linli.Assignment) error
	// Shift lets it start at another time with the same people, inside what was promised.
	Shift(ctx context.Context, tx db.Tx, id linli.OrderID, start time.Time) error
	// States tells in which state each of these orders is; unknown ones are left out.
	States(tx db.Tx, ids []linli.OrderID) (map[linli.OrderID]string, error)
	// Amend changes what the order asks for: its wish, its skills, whom it excludes.
	Amend(ctx context.Context, tx db.Tx, id linli.OrderID, n linli.Need, reason string) error
	Unassign(ctx context.Context, tx db.Tx, id linli.OrderID, reason string) error
	Wait(ctx context.Context, tx db.Tx, id linli.OrderID, reasons []linli.Reason) error
}

// Workers is asked for everybody who serves.
type Workers interface {
	Workers(ctx context.Context, at time.Time) ([]linli.Worker, error)
}

// Catalog is asked how a specification is delivered.
type Catalog interface {
	Spec(ctx context.Context, code linli.SpecCode) (linli.Spec, error)
}

// Places is asked for the names people use.
type Places interface {
	Gazetteer(ctx context.Context) ([]linli.NamedPlace, error)
}

// Travel is asked how long a way takes.
type Travel interface {
	Trip(from, to linli.Point, p geo.Profile) (t geo.Trip, ok bool)
}

// Roads closes and opens ways, and knows the way round.
type Roads interface {
	// Detour answers as if the ways were closed, and how many pieces that blocks.
	Detour(c geo.Closure) (trip func(from, to linli.Point, p geo.Profile) (geo.Trip, bool), blocked int)
	Close(tx db.Tx, p *auth.Principal, c geo.Closure) (geo.Closure, error)
	Open(tx db.Tx, id string) error
	Closures(tx db.Tx, at time.Time) ([]geo.Closure, error)
}

// Deps are what the slice is built from.
type Deps struct {
	DB       db.DB
	Bus      bus.Publisher
	Timers   job.Timers
	Now      linli.Now
	Match    Matcher
	Orders   Orders
	Workers  Workers
	Catalog  Catalog
	Absences Absences
	Places   Places // nil: places are shown as codes
	Roads    Roads  // nil: no way is ever closed
	Travel   Travel // nil: estimated from the straight line
	Log      *slog.Logger
}

// Service dispatches.
type Service struct {
	Deps
	plan    plan
	budget  route.Budget  // of a search for a better plan
	stirred chan struct{} // something was decided
	glanced glance        // the last look that found nothing
	judged  int           // the day on which the past was last judged
	way     way
}

// New migrates the tables and binds the retry of waiting orders.
func New(ctx context.Context, d Deps) (*Service, error) {
	s := &Service{Deps: d, way: geo.Straight, stirred: make(chan struct{}, 1), budget: route.Budget{Time: searchTime, Clock: time.Now, Refine: true}}
	if d.Travel != nil {
		s.way = d.Travel.Trip
	}
	if err := db.Migrate(ctx, d.DB, "dispatch", schema); err != nil {
		return nil, err
	}
	d.Timers.Every("dispatch.retry", func(now time.Time) time.Time { return now.Add(retryEvery) },
		func(ctx context.Context, tx db.Tx, _ job.Job) error { return s.retry(ctx, tx) })
	d.Timers.Handle(reopen, func(_ context.Context, tx db.Tx, j job.Job) error { return s.Roads.Open(tx, j.Key) })
	d.Timers.Every("dispatch.replan", func(now time.Time) time.Time { return now.Add(replanEvery) },
		func(_ context.Context, tx db.Tx, _ job.Job) error {
			tx.AfterCommit(s.stir)
			return nil
		})
	s.bindEvening()
	return s, nil
}

const (
	retryEvery = time.Minute
	retryBatch = 30
	maxBackoff = 30 * time.Minute
)

// Wish is what a person asks of a dispatch; the zero wish leaves all to linli.
type Wish struct {
	Worker linli.WorkerID // this one and nobody else
	Reason string         // why it is moved from somebody else
}

// Assign gives the order to whoever serves it best, inside tx, and returns the
// assignment. When nobody can, the order waits with the reasons and the error is
// nil with an empty assignment, unless a wished worker was refused: then it is a
// conflict that names the gate. An order that has an assignment keeps it, unless
// the wish names somebody or gives a reason to move it.
func (s *Service) Assign(ctx context.Context, tx db.Tx, order linli.OrderID, w Wish) (linli.Assignment, error) {
	m, err := s.look(ctx, tx, order)
	if err != nil {
		return linli.Assignment{}, err
	}
	return s.assign(ctx, tx, m, w)
}

// matter is an order as it lies before dispatch.
type matter struct {
	order   linli.OrderID
	need    linli.Need
	state   string
	before  standing // the assignment that stands, when had
	had     bool
	told    told   // what the resident knows so far
	because string // why it changes
}

func (s *Service) look(ctx context.Context, tx db.Tx, order linli.OrderID) (m matter, err error) {
	m.order = order
	if m.need, m.state, err = s.Orders.Need(ctx, tx, order); err == nil {
		m.before, m.had, err = stands(tx, order)
	}
	if err == nil {
		m.told, m.because, err = lastTold(tx, m)
		m.before.named = named[m.state]
	}
	return m, err
}

func (s *Service) assign(ctx context.Context, tx db.Tx, m matter, w Wish) (linli.Assignment, error) {
	if !movable[m.state] {
		return linli.Assignment{}, linli.Conflict("服务单已不能派单："+m.state, "the order cannot be assigned any more: "+m.state)
	}
	spec, err := s.Catalog.Spec(ctx, m.need.Spec)
	if err != nil {
		return linli.Assignment{}, err
	}
	if m.need.Length <= 0 {
		m.need.Length = spec.Length
	}
	switch {
	case m.had && w == (Wish{}):
		return m.before.assignment(), nil // decided already; asking twice moves nobody
	case m.had && w.Reason == "" && w.Worker != m.before.worker:
		return linli.Assignment{}, linli.Invalid("reason", "改派要写明原因", "say why it is moved")
	}
	if spec.Mode == linli.ByFacility && w.Worker == "" {
		return s.assignFacility(ctx, tx, m, w)
	}
	return s.assignWorker(ctx, tx, m, w)
}

// movable are the states of an order in which dispatch may decide.
var movable = map[string]bool{"open": true, "waiting": true, "assigned": true, "accepted": true, "en_route": true, "arrived": true, "paused": true}

func (s *Service) assignFacility(ctx context.Context, tx db.Tx, m matter, w Wish) (linli.Assignment, error) {
	if m.had { // moved by a person: the old seat is free before another is looked for
		if err := s.end(tx, m.before, m.need.Place, "moved"); err != nil {
			return linli.Assignment{}, err
		}
		if err := s.Match.Cancel(tx, m.order); err != nil {
			return linli.Assignment{}, err
		}
	}
	a, err := s.Match.Book(ctx, tx, m.order, m.need)
	if e, ok := errors.AsType[*linli.Error](err); ok && e.Kind == linli.KindExhausted {
		if m.had {
			return a, linli.Conflict(e.Zh+"，仍是原来的时段", e.En+"; it stays where it is")
		}
		return linli.Assignment{}, s.wait(ctx, tx, m, []linli.Reason{{Code: "no-slot", Ref: e.En}})
	}
	if err != nil {
		return a, err
	}
	return a, s.record(ctx, tx, m, a, w, 1)
}

func (s *Service) assignWorker(ctx context.Context, tx db.Tx, m matter, w Wish) (linli.Assignment, error) {
	if err := s.image(ctx, tx); err != nil {
		return linli.Assignment{}, err
	}
	if err := s.giveBack(ctx, tx, m.order); err != nil {
		return linli.Assignment{}, err
	}
	refused, silent, err := refusals(tx, m.order)
	if err != nil {
		return linli.Assignment{}, err
	}
	m.need.Exclude = append(slices.Clone(m.need.Exclude), refused...)
	if w.Worker == "" && m.had && m.before.worker != "" {
		// Moved without naming whom: not back to where it was.
		m.need.Exclude = append(m.need.Exclude, m.before.worker)
	}
	if m.had {
		if err := s.lift(ctx, tx, m.before, m.need.Place, "moved"); err != nil {
			return linli.Assignment{}, err
		}
	}
	for range tries {
		c, err := s.choose(ctx, m, w, silent)
		if err != nil {
			return linli.Assignment{}, err
		}
		if w.Worker == "" && m.need.SLA == linli.P1 && (c.option == nil || c.assignment.Start.Sub(s.Now()) > prompt) {
			if a, ok, err := s.rush(ctx, tx, m, c); err != nil || ok {
				return a, err
			}
		}
		if c.option == nil {
			if m.had {
				return linli.Assignment{}, linli.Conflict("没有别人能接，仍由原来的人做", "nobody else can take it; it stays where it is")
			}
			return linli.Assignment{}, s.wait(ctx, tx, m, c.why)
		}
		fresh, err := s.raise(ctx, tx, c.option.worker, c.option.with)
		if err != nil || !fresh {
			s.plan.take(c.seat)
			if err != nil {
				return linli.Assignment{}, err
			}
			continue
		}
		if err := s.plan.settle(c.ask, c.seat, c.option, c.visit, s.Now()); err != nil {
			s.plan.take(c.seat)
			return linli.Assignment{}, err
		}
		return c.assignment, s.record(ctx, tx, m, c.assignment, w, c.rank)
	}
	return linli.Assignment{}, errMoving
}

// choice is the best way found for an order, with its visit on the board and not
// yet in any lane; without an option nobody can, and why says it.
type choice struct {
	ask        ask
	seat       seat
	visit      route.Visit
	option     *option
	assignment linli.Assignment
	rank       int64 // 1 is the best
	why        []linli.Reason
}

// choose finds the best for the order; who was silent comes after all others, and
// of the silent first who has been so the longest.
func (s *Service) choose(ctx context.Context, m matter, w Wish, silent map[linli.WorkerID]int64) (c choice, err error) {
	p, now, need := &s.plan, s.Now(), m.need
	var all []linli.Candidate
	if c.ask, all, err = s.eligible(ctx, &p.image, m.order, need, w.Worker); err != nil {
		return c, err
	}
	c.ask.keep = m.told.window
	options, st, v, err := p.price(c.ask, now)
	if err != nil {
		return c, err
	}
	rank := 0
	if w.Worker != "" {
		rank = slices.IndexFunc(options, func(o *option) bool { return o.worker == w.Worker })
	} else if len(silent) > 0 {
		for i, o := range options {
			if silent[o.worker] < silent[options[rank].worker] {
				rank = i
			}
		}
	}
	if len(options) == 0 || rank < 0 {
		p.take(st)
		if w.Worker != "" {
			return c, refusedWish(w.Worker, all)
		}
		c.why = whyNobody(all)
		return c, nil
	}
	o := options[rank]
	c.seat, c.visit, c.option, c.rank = st, v, o, int64(rank+1)
	start := p.moment(o.choice.Start)
	c.assignment = linli.Assignment{Worker: o.worker, Second: o.with, Org: p.workers[o.worker].Org, Start: start, Promise: c.ask.promise(start, now),
		Reasons: reasons(options, rank, len(all)), Auto: w.Worker == ""}
	if w.Worker == "" && rank > 0 {
		c.assignment.Reasons = append(c.assignment.Reasons, linli.Reason{Code: "better-silent", Value: float64(rank), Unit: "workers"})
	}
	return c, nil
}

// eligible asks match; all are the judgments of everybody, the ask holds those who pass.
func (s *Service) eligible(ctx context.Context, p *image, order linli.OrderID, need linli.Need, only linli.WorkerID) (ask, []linli.Candidate, error) {
	when := need.Wish.From
	if now := s.Now(); when.Before(now) {
		when = now
	}
	asked := need
	if only != "" {
		// A person's word outweighs an earlier refusal, not a missing skill.
		asked.Exclude = slices.DeleteFunc(slices.Clone(need.Exclude), func(id linli.WorkerID) bool { return id == only })
	}
	all, err := s.Match.Candidates(ctx, asked, p.loads[dayOf(when)])
	a := ask{order: order, need: need, eligible: make([]*linli.Candidate, len(p.lanes))}
	for i := range all {
		c := &all[i]
		// Whether a start fits between other visits is the board's to say; a worker
		// whose shift comes after the wish, or who has room on another day, stays in
		// for a late promise.
		if c.Gate == "" || c.Gate == "time" && c.Detail == "shift" || c.Gate == "capacity" {
			if l := p.workers[c.Worker]; l != nil {
				a.eligible[l.index] = c
			}
		}
	}
	return a, all, err
}

// promise is what the resident is told of a start: what was told before, if it holds.
func (a ask) promise(start, now time.Time) linli.Window {
	if keeps(a.keep, start) {
		return a.keep
	}
	return promised(a.need, start, now)
}

// promised is what the resident is told: a window around the planned start that
// can be kept, never before now and never beyond the wish.
func promised(n linli.Need, start, now time.Time) linli.Window {
	give := 15 * time.Minute
	if n.SLA == linli.P1 {
		give = 5 * time.Minute
	}
	w := linli.Window{From: start.Add(-give).Truncate(5 * time.Minute), To: start.Add(give + 5*time.Minute - 1).Truncate(5 * time.Minute)}
	if w.From.Before(now) {
		w.From = now.Truncate(time.Minute)
	}
	if !n.Wish.From.IsZero() && w.From.Before(n.Wish.From) && !start.Before(n.Wish.From) {
		w.From = n.Wish.From
	}
	return w
}

// reasons words the choice: its place among the options, what it costs, what
// speaks for it, and what the next best would have cost more.
func reasons(options []*option, rank, asked int) []linli.Reason {
	o := options[rank]
	out := []linli.Reason{{Code: "rank", Value: float64(rank + 1), Unit: "rank"}, {Code: "feasible", Value: float64(len(options)), Unit: "workers"},
		{Code: "asked", Value: float64(asked), Unit: "workers"}, {Code: "travel", Value: tenth(float64(o.choice.Cost.Travel) / 60), Unit: "min", Approx: o.match.Approx}}
	if o.late > 0 {
		out = append(out, linli.Reason{Code: "later-than-hoped", Value: tenth(float64(o.late) / 60), Unit: "min"})
	}
	for _, p := range o.match.Parts {
		switch p.Code {
		case "continuity":
			out = append(out, linli.Reason{Code: "same-carer", Value: tenth(-p.Minutes), Unit: "min"})
		case "preferred", "rating", "load", "overqualified":
			out = append(out, linli.Reason{Code: p.Code, Value: tenth(p.Minutes), Unit: "min"})
		}
	}
	if len(options) == 1 {
		out = append(out, linli.Reason{Code: "only-one"})
	} else {
		other := options[1]
		if rank > 0 {
			other = options[0]
		}
		code, gap := "runner-up", other.minutes-o.minutes
		if other.late != o.late {
			code, gap = "runner-up-later", float64(other.late-o.late)/60
		}
		out = append(out, linli.Reason{Code: code, Value: tenth(gap), Unit: "min", Ref: string(other.worker)})
	}
	return out
}

func tenth(x float64) float64 { return math.Round(x*10) / 10 }

// whyNobody counts the first failed gates; those who passed match found no room
// in their plan.
func whyNobody(all []linli.Candidate) []linli.Reason {
	order := []string{"skill", "certificate", "excluded", "consent", "time", "space", "capacity", ""}
	n := map[string]int{}
	for _, c := range all {
		n[c.Gate]++
	}
	var out []linli.Reason
	for _, g := range order {
		if n[g] == 0 {
			continue
		}
		code := "gate-" + g
		if g == "" {
			code = "no-room"
		}
		out = append(out, linli.Reason{Code: code, Value: float64(n[g]), Unit: "workers"})
	}
	if out == nil {
		out = []linli.Reason{{Code: "no-workers"}}
	}
	return out
}

var gateWords = map[string][2]string{
	"skill": {"没有所需技能", "lacks the skill"}, "certificate": {"证书已过期", "the certificate is over"},
	"excluded": {"被排除", "is excluded"}, "consent": {"居民未同意", "the resident has not consented"},
	"time": {"班次外", "is not on duty then"}, "space": {"太远", "is too far away"}, "capacity": {"当天已排满", "has a full day"},
	"": {"时间窗放不下", "has no room in the plan"},
}

// refusedWish says why the worker a person asked for cannot take the order.
func refusedWish(id linli.WorkerID, all []linli.Candidate) error {
	i := slices.IndexFunc(all, func(c linli.Candidate) bool { return c.Worker == id })
	if i < 0 {
		return linli.NotFound("没有这位服务人员", "there is no such worker")
	}
	words := gateWords[all[i].Gate]
	return &linli.Error{Kind: linli.KindConflict, Field: "worker_id", Zh: "不能派给这位服务人员：" + words[0] + detail(all[i]), En: "this worker cannot take the order: " + words[1] + detail(all[i])}
}

func detail(c linli.Candidate) string {
	if c.Detail == "" {
		return ""
	}
	return " (" + c.Detail + ")"
}

// record writes the assignment, tells the order and everybody else.
func (s *Service) record(ctx context.Context, tx db.Tx, m matter, a linli.Assignment, w Wish, rank int64) error {
	now, by, order, need := s.Now(), auth.From(ctx), m.order, m.need
	row := standing{id: linli.NewID("asg", now), order: order, worker: a.Worker, second: a.Second, org: a.Org, facility: a.Facility, need: need,
		start: a.Start, promise: a.Promise, rank: rank, auto: a.Auto, at: now, reasons: a.Reasons}
	if err := s.insert(tx, row, need.Place, by.User); err != nil {
		return err
	}
	if err := s.waited(tx, order); err != nil {
		return err
	}
	if err := s.Orders.Assign(ctx, tx, order, a); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, order, need.Place, m.told, a, cmp.Or(m.because, "moved")); err != nil {
		return err
	}
	tx.AfterCommit(s.stir)
	if w != (Wish{}) && !by.System { // a person has decided
		if err := auth.Audit(tx, now, by, auth.Line{Act: "dispatch.assign", Subject: string(order), Place: need.Place, Reason: w.Reason, Detail: cmp.Or(string(a.Worker), string(a.Facility))}); err != nil {
			return err
		}
	}
	return s.Bus.Publish(tx, bus.Pack(EventAssigned, string(order), need.Place, now, Assigned{Order: order, Worker: a.Worker, Second: a.Second, Org: a.Org,
		Facility: a.Facility, Start: linli.Millis(a.Start), From: linli.Millis(a.Promise.From), To: linli.Millis(a.Promise.To), Rank: rank, Auto: a.Auto}))
}

// wait keeps an order that nobody can serve, with a growing pause between tries.
func (s *Service) wait(ctx context.Context, tx db.Tx, m matter, why []linli.Reason) error {
	now, order, need := s.Now(), m.order, m.need
	raw, err := json.Marshal(why)
	if err != nil {
		return err
	}
	var tries int64
	var before []byte
	if err := tx.QueryRow(`INSERT INTO dispatch_waiting (order_id, place, item, spec, sla, since, tries, next_at, reasons) VALUES ($1,$2,$3,$4,$5,$6,1,$7,$8)
		ON CONFLICT (order_id) DO UPDATE SET tries = dispatch_waiting.tries + 1 RETURNING tries, reasons`,
		order, need.Place, need.Item, need.Spec, need.SLA, linli.Millis(now), linli.Millis(now.Add(retryEvery)), raw).Scan(&tries, &before); err != nil {
		return err
	}
	pause := min(maxBackoff, retryEvery<<min(tries-1, 8))
	if _, err := tx.Exec(`UPDATE dispatch_waiting SET next_at = $1, reasons = $2 WHERE order_id = $3`, linli.Millis(now.Add(pause)), raw, order); err != nil {
		return err
	}
	if tries > 1 && sameJSON(before, raw) {
		return nil // nothing new to tell
	}
	if err := s.waits(tx, m, raw); err != nil {
		return err
	}
	if err := s.Orders.Wait(ctx, tx, order, why); err != nil {
		return err
	}
	if tries == 1 { // later the resident knows already
		if err := s.tell(ctx, tx, order, need.Place, m.told, linli.Assignment{}, cmp.Or(m.because, "moved")); err != nil {
			return err
		}
	}
	tx.AfterCommit(s.stir)
	return s.Bus.Publish(tx, bus.Pack(EventWaiting, string(order), need.Place, now, Waiting{order, why}))
}

// sameJSON compares reasons whatever spacing the store gave them.
func sameJSON(a, b []byte) bool {
	var x, y []linli.Reason
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && slices.Equal(x, y)
}

// end closes an assignment in the tables.
func (s *Service) end(tx db.Tx, a standing, place linli.Place, reason string) error {
	now := s.Now()
	if _, err := tx.Exec(`UPDATE dispatch_assignment SET ended_at = $1, end_reason = $2, named = $4, left_at = $5, began_at = $6 WHERE id = $3 AND ended_at = 0`,
		linli.Millis(now), reason, a.id, a.named, linli.Millis(a.left), linli.Millis(a.began)); err != nil {
		return err
	}
	return s.Bus.Publish(tx, bus.Pack(EventEnded, string(a.order), place, now, Ended{a.order, a.worker, reason}))
}

// lift closes an assignment and takes it off the board.
func (s *Service) lift(ctx context.Context, tx db.Tx, a standing, place linli.Place, reason string) error {
	if err := s.end(tx, a, place, reason); err != nil {
		return err
	}
	if a.facility != "" {
		return s.Match.Cancel(tx, a.order)
	}
	for range tries {
		st, ok := s.plan.visits[a.order]
		if !ok {
			st = seat{worker: a.worker, with: a.second} // the image is old, or their lane is gone
		}
		if fresh, err := s.raise(ctx, tx, st.worker, st.with); err != nil {
			return err
		} else if fresh {
			s.plan.drop(a.order)
			return nil
		}
	}
	return errMoving
}

// Ended tells dispatch that the order is done, failed or canceled, and when the worker
// had set out and was there, if ever: its time on the board is free again. For flow.
func (s *Service) Ended(ctx context.Context, tx db.Tx, order linli.OrderID, reason string, left, began time.Time) error {
	if err := s.waited(tx, order); err != nil {
		return err
	}
	tx.AfterCommit(s.stir)
	a, ok, err := stands(tx, order)
	if err != nil || !ok {
		return err
	}
	a.left, a.began = left, began
	if a.facility != "" {
		if reason != "finished" {
			if err := s.Match.Cancel(tx, order); err != nil {
				return err
			}
		}
		return s.end(tx, a, a.need.Place, reason)
	}
	if err := s.image(ctx, tx); err != nil {
		return err
	}
	return s.lift(ctx, tx, a, a.need.Place, reason)
}

// Decline takes the order from the worker who cannot do it, with a coded reason,
// and gives it to the next best in the same transaction.
func (s *Service) Decline(ctx context.Context, tx db.Tx, order linli.OrderID, worker linli.WorkerID, reason string) (linli.Assignment, error) {
	m, err := s.look(ctx, tx, order)
	if err != nil {
		return linli.Assignment{}, err
	}
	if !m.had || m.before.worker != worker && m.before.second != worker {
		return linli.Assignment{}, linli.NotFound("这张服务单没有派给您", "this order is not yours")
	}
	if err := s.refuse(tx, order, worker, reason); err != nil {
		return linli.Assignment{}, err
	}
	if err := s.image(ctx, tx); err != nil {
		return linli.Assignment{}, err
	}
	if err := s.free(ctx, tx, m.before, "declined: "+reason); err != nil {
		return linli.Assignment{}, err
	}
	return s.Assign(ctx, tx, order, Wish{})
}

// PassOn gives an order its worker does not answer to the next best. When there is
// nobody else, it stays where it is: somebody late is better than nobody. For flow.
func (s *Service) PassOn(ctx context.Context, tx db.Tx, order linli.OrderID) error {
	a, ok, err := stands(tx, order)
	if err != nil || !ok || a.worker == "" {
		return err
	}
	need, state, err := s.Orders.Need(ctx, tx, order)
	if err != nil || state != "assigned" {
		return err
	}
	others, err := s.others(ctx, tx, a, need)
	if err != nil || !others {
		return err
	}
	if err := s.refuse(tx, order, a.worker, noAnswer); err != nil {
		return err
	}
	_, err = s.Assign(ctx, tx, order, Wish{Reason: "no answer"})
	return err
}

// others tells whether anybody but the present worker could take the order now.
func (s *Service) others(ctx context.Context, tx db.Tx, a standing, need linli.Need) (bool, error) {
	if err := s.image(ctx, tx); err != nil {
		return false, err
	}
	refused, _, err := refusals(tx, a.order)
	if err != nil {
		return false, err
	}
	need.Length = a.need.Length
	need.Exclude = append(append(slices.Clone(need.Exclude), refused...), a.worker)
	ask, _, err := s.eligible(ctx, &s.plan.image, a.order, need, "")
	if err != nil {
		return false, err
	}
	options, st, _, err := s.plan.price(ask, s.Now())
	s.plan.take(st)
	return len(options) > 0, err
}

// free ends an assignment and gives the order back to the pool.
func (s *Service) free(ctx context.Context, tx db.Tx, a standing, reason string) error {
	if err := s.lift(ctx, tx, a, a.need.Place, reason); err != nil {
		return err
	}
	return s.Orders.Unassign(ctx, tx, a.order, reason)
}

// atWork are the states in which only a person can take an order from its worker.
var atWork = map[string]bool{"en_route": true, "arrived": true, "paused": true}

// giveBack returns the orders whose workers can no longer keep them, but for one,
// and lets them wait for the next try, which is now.
func (s *Service) giveBack(ctx context.Context, tx db.Tx, not linli.OrderID) error {
	ctx = auth.With(ctx, auth.System) // whoever happens to ask for the plan has no part in it
	for _, id := range s.plan.unkept() {
		if id == not {
			continue
		}
		m, err := s.look(ctx, tx, id)
		if err != nil {
			return err
		}
		st := s.plan.visits[id]
		// What should have begun on another day is for its clocks, not for the plan.
		if atWork[m.state] || past(st.start, s.Now()) {
			if err := s.plan.leave(id, m.need, s.Now()); err != nil {
				return err
			}
			continue
		}
		if !m.had {
			s.plan.drop(id)
			continue
		}
		m.need.Length, m.because = m.before.need.Length, "worker off"
		if err := s.free(ctx, tx, m.before, m.because); err != nil {
			return err
		}
		if err := s.wait(ctx, tx, m, []linli.Reason{{Code: "worker-off", Ref: string(m.before.worker)}}); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE dispatch_waiting SET next_at = $1 WHERE order_id = $2`, linli.Millis(s.Now()), id); err != nil {
			return err
		}
	}
	return nil
}

// WorkersChanged looks at the lanes again after somebody fell ill, came back or
// changed shifts, and gives what they can no longer do to others. For flow.
func (s *Service) WorkersChanged(ctx context.Context, tx db.Tx) error {
	if err := s.image(ctx, tx); err != nil {
		return err
	}
	if err := s.giveBack(ctx, tx, ""); err != nil {
		return err
	}
	return s.retry(ctx, tx)
}

// retry tries the waiting orders that are due, the urgent first.
func (s *Service) retry(ctx context.Context, tx db.Tx) error {
	ids, err := db.Rows(tx, func(rows *sql.Rows) (id linli.OrderID, err error) { return id, rows.Scan(&id) },
		`SELECT order_id FROM dispatch_waiting WHERE next_at <= $1 ORDER BY sla, since LIMIT $2`, linli.Millis(s.Now()), retryBatch)
	if err != nil {
		return err
	}
	ctx = auth.With(ctx, auth.System)
	for _, id := range ids {
		_, err := s.Assign(ctx, tx, id, Wish{})
		if k := linli.KindOf(err); k == linli.KindConflict || k == linli.KindNotFound {
			// The order has moved on without us: it no longer waits.
			err = s.waited(tx, id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
