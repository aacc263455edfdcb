package order

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"math/big"
	"sync"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/calendar"
	"linli/engine/blob"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/engine/job"
)

//go:embed schema/*.sql
var schema embed.FS

// Catalog is asked for what is on offer, how it is done and what is promised.
type Catalog interface {
	// Spec is the specification; an unknown code is KindInvalid.
	Spec(ctx context.Context, code linli.SpecCode) (linli.Spec, error)
	// SOP is the procedure version an order of now pins, and its steps.
	SOP(ctx context.Context, code linli.SpecCode) (version string, steps []linli.Step, err error)
	// Limits are the promises of a class: until accepted, until the resident is
	// contacted, until arrival (0: the appointed slot), until done (0: the end of
	// the slot); allDay when the clock never stops.
	Limits(ctx context.Context, class linli.SLAClass) (accept, contact, start, done time.Duration, allDay bool, err error)
}

// Ladder is asked, when there is one, to whom an order goes that nobody accepts;
// a negative time counts back from the appointed slot. Without it the ladder of
// seeds/clocks.yaml holds.
type Ladder interface {
	Ladder(ctx context.Context, class linli.SLAClass) (after []time.Duration, to []string, err error)
}

// Residents is asked for whom an order serves; the order itself keeps only the id.
type Residents interface {
	// Home is the dwelling of a resident; an unknown id is KindNotFound.
	Home(ctx context.Context, id linli.ResidentID) (linli.Place, linli.Point, error)
	// Brief calls each for those of the ids that are known.
	Brief(ctx context.Context, ids []linli.ResidentID, each func(id linli.ResidentID, name, phone, door string)) error
}

// Places is asked for the names people use, when orders are searched by place.
type Places interface {
	Gazetteer(ctx context.Context) ([]linli.NamedPlace, error)
}

// Workers is asked for the names of those who serve.
type Workers interface {
	Workers(ctx context.Context, at time.Time) ([]linli.Worker, error)
}

// Demands is asked for what was said, when an order came from a demand.
type Demands interface {
	Said(ctx context.Context, ids []linli.DemandID) (map[linli.DemandID]string, error)
}

// Deps are what the slice is built from. Ladder, Places, Workers and Demands may
// be nil: then the seeds hold, search knows numbers only, and names and words stay empty.
type Deps struct {
	DB        db.DB
	Bus       bus.Publisher
	Timers    job.Timers
	Blobs     blob.Store
	Now       linli.Now
	Catalog   Catalog
	Residents Residents
	Ladder    Ladder
	Places    Places
	Workers   Workers
	Demands   Demands
}

// Service keeps the orders.
type Service struct {
	Deps
	clocks *clocks
	sops   sync.Map // pinned procedures that are committed: key -> []Step
}

// Opening is what an order starts from.
type Opening struct {
	Demand    linli.DemandID // empty: opened directly at the desk
	Source    string         // where the need was voiced, e.g. "phone", "counter"
	Need      linli.Need
	Submitted time.Time // earliest submission; both clocks of the promise run from here
	Words     string    // what was said, when there is no demand that keeps it
	Auto      bool      // dispatch without a person
}

// New migrates the tables, reads the rules of time and binds the timers.
func New(ctx context.Context, d Deps) (*Service, error) {
	if err := db.Migrate(ctx, d.DB, "order", schema); err != nil {
		return nil, err
	}
	k, err := readClocks(clocksYAML)
	if err != nil {
		return nil, err
	}
	s := &Service{Deps: d, clocks: k}
	s.bind()
	return s, nil
}

// Open creates the order of a need inside tx and returns its id. A demand has one
// order: opening it again returns that one and changes nothing.
func (s *Service) Open(ctx context.Context, tx db.Tx, n Opening) (linli.OrderID, error) {
	o, err := s.open(ctx, tx, n)
	if err != nil {
		return "", err
	}
	return o.ID, nil
}

func (s *Service) open(ctx context.Context, tx db.Tx, n Opening) (*Row, error) {
	now := s.Now()
	o, err := s.draft(ctx, tx, n, now)
	if err != nil {
		return nil, err
	}
	k, err := s.clock(ctx, o)
	if err != nil {
		return nil, err
	}
	o.DueAt = k.due(o)
	if h, ok := k.next(o); ok {
		o.TimerAt = h.at
	}
	for {
		o.ID, o.Number = linli.OrderID(linli.NewID("ord", now)), newNumber(now)
		stored, err := o.insert(tx)
		if err != nil {
			return nil, err
		}
		if stored {
			break
		}
		if n.Demand == "" {
			continue // one in thirty million: the number was taken
		}
		id, err := s.ByDemand(ctx, tx, n.Demand)
		if linli.KindOf(err) == linli.KindNotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		return load(tx, id)
	}
	first := o.line(EventOpened, Action{At: o.OpenedAt, By: actor(ctx)})
	if err := o.append(tx, linli.Millis(now), []entry{first}); err != nil {
		return nil, err
	}
	told := Opened{Fact: o.fact(), Need: o.need(), LengthS: o.LengthMS / 1000, SubmittedAt: o.SubmittedAt, Source: o.Source, Auto: n.Auto}
	if err := s.Bus.Publish(tx, bus.Pack(EventOpened, string(o.ID), o.Place, now, told)); err != nil {
		return nil, err
	}
	return o, s.setTimer(tx, o)
}

// draft fills a new row: the promise and the procedure are pinned as they are today.
func (s *Service) draft(ctx context.Context, tx db.Tx, n Opening, now time.Time) (*Row, error) {
	need := n.Need
	spec, err := s.Catalog.Spec(ctx, need.Spec)
	if err != nil {
		return nil, err
	}
	version, steps, err := s.Catalog.SOP(ctx, need.Spec)
	if err != nil {
		return nil, err
	}
	o := &Row{Demand: n.Demand, Source: n.Source, Item: spec.Item, Spec: spec.Code, SLA: need.SLA, Resident: need.Resident, Place: need.Place,
		Lng: need.At.Lng, Lat: need.At.Lat, WishFrom: linli.Millis(need.Wish.From), WishTo: linli.Millis(need.Wish.To),
		LengthMS: need.Length.Milliseconds(), Persons: int64(need.Persons), Words: n.Words, State: Open, Round: 1, Rev: 1, Live: 1,
		Factor: 100, OpenedAt: linli.Millis(now), StateAt: linli.Millis(now), LastAt: linli.Millis(now), SubmittedAt: linli.Millis(n.Submitted),
		Prefer: toJSON(need.Prefer), Exclude: toJSON(need.Exclude), Reasons: noReasons}
	if o.SLA == "" {
		o.SLA = spec.SLA
	}
	if o.LengthMS <= 0 {
		o.LengthMS = spec.Length.Milliseconds()
	}
	if o.Persons == 0 {
		o.Persons = int64(spec.Persons)
	}
	if need.Skills == nil {
		need.Skills = spec.Skills
	}
	o.Skills = toJSON(need.Skills)
	if o.SubmittedAt == 0 || o.SubmittedAt > o.OpenedAt {
		o.SubmittedAt = o.OpenedAt
	}
	o.SlotFrom, o.SlotTo = o.WishFrom, o.WishTo
	if o.SlotFrom == 0 {
		o.SlotFrom = o.WishTo // "by five o'clock"
	}
	if !o.SLA.Valid() {
		return nil, linli.Invalidf("sla", "没有时限等级“%s”", "there is no promise class %q", o.SLA)
	}
	if !o.Place.Valid() {
		return nil, linli.Invalidf("place", "地点编码不对：%s", "%q is not a place", o.Place)
	}
	if err := s.promise(ctx, tx, o); err != nil {
		return nil, err
	}
	var own []Step
	if o.SOP, own, err = s.pin(tx, version, steps); err != nil {
		return nil, err
	}
	for _, st := range own {
		if st.Evidence == "code" && o.Code == "" {
			o.Code = newCode()
		}
	}
	return o, nil
}

// promise pins the limits of the class, stretched when red-warning weather holds now.
func (s *Service) promise(ctx context.Context, tx db.Tx, o *Row) error {
	accept, contact, start, done, allDay, err := s.Catalog.Limits(ctx, o.SLA)
	if err != nil {
		return err
	}
	o.LimitAccept, o.LimitContact, o.LimitStart, o.LimitClose = accept.Milliseconds(), contact.Milliseconds(), start.Milliseconds(), done.Milliseconds()
	if allDay {
		o.AllDay = 1
	}
	if !s.clocks.Classes[o.SLA].Weather {
		return nil
	}
	red, err := setting(tx, settingWeather, "")
	if red != "" {
		o.Factor = s.clocks.Stretch
	}
	return err
}

// clock picks the rules of time for an order.
func (s *Service) clock(ctx context.Context, o *Row) (clock, error) {
	k := clock{class: s.clocks.Classes[o.SLA], hours: s.clocks.service}
	if o.AllDay == 1 {
		k.hours = calendar.AllHours()
	}
	if s.Ladder == nil {
		return k, nil
	}
	after, to, err := s.Ladder.Ladder(ctx, o.SLA)
	if err != nil {
		return k, err
	}
	own := *k.class
	own.Ladder = nil
	for i, d := range after {
		on := "accept"
		if d < 0 {
			on, d = "slot", -d
		}
		own.Ladder = append(own.Ladder, rung{On: on, At: d, To: to[i]})
	}
	for _, r := range k.Ladder {
		if r.On == "start" || r.On == "close" {
			own.Ladder = append(own.Ladder, r)
		}
	}
	k.class = &own
	return k, nil
}

func newNumber(now time.Time) string {
	id := linli.NewID("n", now)
	return now.In(linli.Shanghai).Format("060102") + "-" + id[len(id)-5:]
}

func newCode() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return fmt.Sprintf("%06d", n)
}

// actor is who acts in ctx; without anybody it is linli itself.
func actor(ctx context.Context) Actor {
	if p := auth.From(ctx); p.User != "" {
		return Actor{User: p.User, Name: p.Name}
	}
	return byTime
}

// do carries out an act on a loaded order and stores it. What time had brought
// about before the act happens first, what it has brought about since afterward:
// the history is the same whether timers were late or not.
func (s *Service) do(ctx context.Context, tx db.Tx, o *Row, a Action, claimed time.Time) error {
	k, err := s.clock(ctx, o)
	if err != nil {
		return err
	}
	now := s.Now()
	if a.At, err = o.when(claimed, now); err != nil {
		return err
	}
	before := *o
	lines := k.settle(o, a.At-1) // an act at the very limit is in time
	if !o.repeated(a) {
		more, err := o.apply(k.class, a)
		if err != nil {
			return err
		}
		lines = append(lines, more...)
		if a.At < linli.Millis(now) { // told late: what was taken for a breach meanwhile may not be one
			lines = append(lines, k.lift(o, linli.Millis(now))...)
		}
		lines = append(lines, k.settle(o, max(linli.Millis(now), a.At))...)
	}
	return s.save(tx, k, &before, o, lines)
}

// Do carries out an act on behalf of another slice: a check-in at a facility, a
// withdrawn demand. Act must be one that needs no more than a reason and a note.
func (s *Service) Do(ctx context.Context, tx db.Tx, id linli.OrderID, act Act, reason, note string) error {
	o, err := load(tx, id)
	if err != nil {
		return err
	}
	return s.do(ctx, tx, o, Action{Act: act, By: actor(ctx), Reason: reason, Note: note}, time.Time{})
}

// Assign gives the order to a worker or a facility, also instead of the present
// one. It resets no clock of the promise.
func (s *Service) Assign(ctx context.Context, tx db.Tx, id linli.OrderID, a linli.Assignment) error {
	if a.Worker == "" && a.Facility == "" {
		return linli.Invalid("worker", "派单要指定人员或设施", "an assignment names a worker or a facility")
	}
	if len(a.Reasons) == 0 {
		return linli.Invalid("reasons", "派单要写明理由", "an assignment gives its reasons")
	}
	o, err := load(tx, id)
	if err != nil {
		return err
	}
	return s.do(ctx, tx, o, Action{Act: ActAssign, By: actor(ctx), Assignment: a, Reasons: a.Reasons}, time.Time{})
}

// Shift lets an order that stays with its worker start at another time inside the
// promised window: news for the worker, not for the resident.
func (s *Service) Shift(ctx context.Context, tx db.Tx, id linli.OrderID, start time.Time) error {
	o, err := load(tx, id)
	if err != nil {
		return err
	}
	return s.do(ctx, tx, o, Action{Act: ActShift, By: actor(ctx), Assignment: linli.Assignment{Start: start}}, time.Time{})
}

// Amend changes what the order asks for: its wish, its skills and whom it excludes.
// The clocks of its promise run on.
func (s *Service) Amend(ctx context.Context, tx db.Tx, id linli.OrderID, n linli.Need, reason string) error {
	o, err := load(tx, id)
	if err != nil {
		return err
	}
	return s.do(ctx, tx, o, Action{Act: ActAmend, By: actor(ctx), Need: n, Reason: reason}, time.Time{})
}

// Unassign takes the order back; it stands open again.
func (s *Service) Unassign(ctx context.Context, tx db.Tx, id linli.OrderID, reason string) error {
	return s.Do(ctx, tx, id, ActUnassign, reason, "")
}

// Wait notes that nobody can serve the order now, and why.
func (s *Service) Wait(ctx context.Context, tx db.Tx, id linli.OrderID, reasons []linli.Reason) error {
	o, err := load(tx, id)
	if err != nil {
		return err
	}
	return s.do(ctx, tx, o, Action{Act: ActWait, By: actor(ctx), Reasons: reasons}, time.Time{})
}

// Rated records the judgement of whoever asks in ctx, if they may rate this order,
// and returns what was served and by whom. nps may be nil; unwanted says that it
// was not the service asked for.
func (s *Service) Rated(ctx context.Context, tx db.Tx, id linli.OrderID, stars int, nps *int, unwanted bool) (linli.Need, linli.Assignment, error) {
	o, err := load(tx, id)
	if err != nil {
		return linli.Need{}, linli.Assignment{}, err
	}
	if err := askerOf(ctx).may("evaluate.rate", o); err != nil {
		return linli.Need{}, linli.Assignment{}, err
	}
	need, served := o.need(), o.assignment()
	a := Action{Act: ActRate, By: actor(ctx), Stars: int64(stars), Unwanted: unwanted}
	if nps != nil {
		n := int64(*nps)
		a.NPS = &n
	}
	return need, served, s.do(ctx, tx, o, a, time.Time{})
}

// Need is what the order asks for and the state it is in.
func (s *Service) Need(_ context.Context, tx db.Tx, id linli.OrderID) (linli.Need, string, error) {
	o, err := load(tx, id)
	if err != nil {
		return linli.Need{}, "", err
	}
	return o.need(), string(o.State), nil
}

// States tells in which state each of these orders is; unknown ones are left out.
func (s *Service) States(tx db.Tx, ids []linli.OrderID) (map[linli.OrderID]string, error) {
	type at struct {
		id    linli.OrderID
		state string
	}
	rows, err := db.Rows(tx, func(rows *sql.Rows) (x at, err error) { return x, rows.Scan(&x.id, &x.state) },
		`SELECT id, state FROM order_order WHERE id IN `+s.DB.Dialect().In("$1"), db.List(ids))
	out := make(map[linli.OrderID]string, len(rows))
	for _, x := range rows {
		out[x.id] = x.state
	}
	return out, err
}

// Demand is the demand an order carries out, "" when it came without one.
func (s *Service) Demand(tx db.Tx, id linli.OrderID) (d linli.DemandID, err error) {
	err = tx.QueryRow(`SELECT demand_id FROM order_order WHERE id = $1`, id).Scan(&d)
	if errors.Is(err, sql.ErrNoRows) {
		return "", errNone
	}
	return d, err
}

// ByDemand finds the order of a demand; none is KindNotFound.
func (s *Service) ByDemand(_ context.Context, tx db.Tx, demand linli.DemandID) (linli.OrderID, error) {
	var id linli.OrderID
	err := tx.QueryRow(`SELECT id FROM order_order WHERE demand_id = $1 AND demand_id <> ''`, demand).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", errNone
	}
	return id, err
}

// Inherit lets the order of a case count from the earliest submission among its
// merged demands; a demand without a running order changes nothing.
func (s *Service) Inherit(ctx context.Context, tx db.Tx, demand linli.DemandID, submitted time.Time) error {
	o, err := s.running(ctx, tx, demand)
	if o == nil || err != nil || o.SubmittedAt <= linli.Millis(submitted) {
		return err
	}
	return s.do(ctx, tx, o, Action{Act: ActMerge, By: actor(ctx), Submitted: linli.Millis(submitted)}, time.Time{})
}

// Withdraw cancels the order of a demand that is no longer wanted; one that was
// delivered already stays as it is.
func (s *Service) Withdraw(ctx context.Context, tx db.Tx, demand linli.DemandID) error {
	o, err := s.running(ctx, tx, demand)
	if o == nil || err != nil || o.FinishedAt != 0 {
		return err
	}
	return s.do(ctx, tx, o, Action{Act: ActCancel, By: actor(ctx), Reason: "withdrawn"}, time.Time{})
}

// running loads the order of a demand, nil when there is none or it has ended.
func (s *Service) running(ctx context.Context, tx db.Tx, demand linli.DemandID) (*Row, error) {
	id, err := s.ByDemand(ctx, tx, demand)
	if linli.KindOf(err) == linli.KindNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	o, err := load(tx, id)
	if err != nil || o.State.Ended() {
		return nil, err
	}
	return o, nil
}

func (o *Row) need() linli.Need {
	return linli.Need{Item: o.Item, Spec: o.Spec, Resident: o.Resident, Place: o.Place, At: linli.Point{Lng: o.Lng, Lat: o.Lat},
		Wish: linli.Window{From: linli.Time(o.WishFrom), To: linli.Time(o.WishTo)}, Length: ms(o.LengthMS), SLA: o.SLA, Persons: int(o.Persons),
		Skills: fromJSON[[]linli.Skill](o.Skills), Prefer: fromJSON[[]linli.WorkerID](o.Prefer), Exclude: fromJSON[[]linli.WorkerID](o.Exclude)}
}

func (o *Row) assignment() linli.Assignment {
	return linli.Assignment{Worker: o.Worker, Second: o.Second, Org: o.Org, Facility: o.Facility, Start: linli.Time(o.StartAt),
		Promise: linli.Window{From: linli.Time(o.PromisedFrom), To: linli.Time(o.PromisedTo)}, Reasons: fromJSON[[]linli.Reason](o.Reasons), Auto: o.Auto == 1}
}
