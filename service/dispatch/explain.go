package dispatch

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/route"
	"linli/engine/db"
	"linli/web"
)

// Split is the price of a way by cause, in minutes.
type Split struct {
	Travel     float64 `json:"travel"`
	Late       float64 `json:"late"`
	Continuity float64 `json:"continuity"`
	Fairness   float64 `json:"fairness"`
	Stability  float64 `json:"stability"`
}

func splitOf(c route.Split) *Split {
	return &Split{Travel: tenth(float64(c.Travel+c.Overtime) / 60), Late: tenth(float64(c.Late) / 60), Continuity: tenth(float64(c.Continuity) / 60),
		Fairness: tenth(float64(c.Fairness) / 60), Stability: tenth(float64(c.Stability) / 60)}
}

// RunnerUp is the best way with somebody else.
type RunnerUp struct {
	Worker linli.WorkerID `json:"worker"`
	Name   string         `json:"name" class:"D1" mask:"name"`
	Split  *Split         `json:"split"`
	row    auth.Row
}

// AuthRow says to whom the name belongs.
func (r RunnerUp) AuthRow() auth.Row { return r.row }

// Relaxation is one change that alone lets an order be served; a little less of it
// would not do.
type Relaxation struct {
	ID        string         `json:"id" doc:"what to ask for"`
	Kind      string         `json:"kind" enum:"window,level,overtime,exclusion,displace"`
	Worker    linli.WorkerID `json:"worker,omitempty"`
	Name      string         `json:"name,omitempty" class:"D1" mask:"name"`
	Value     float64        `json:"value" doc:"window: minutes it starts earlier (negative) or later; level: levels lower; overtime: minutes"`
	Skill     string         `json:"skill,omitempty"`
	Displaced linli.OrderID  `json:"displaced,omitempty"`
	Option    *Option        `json:"option,omitempty" doc:"how it would be served then"`
	row       auth.Row
}

// AuthRow says to whom the name belongs.
func (r Relaxation) AuthRow() auth.Row { return r.row }

// Preview is what it would mean to give an order to a worker.
type Preview struct {
	Option  *Option  `json:"option,omitempty"`
	Refused *Refused `json:"refused,omitempty" doc:"why it does not fit as it is"`
	Changes []Change `json:"changes" nullable:"false" doc:"when it only does not fit for others of the same or a lower class: what would change if room were made"`
}

func (s *Service) explainRoutes(r *web.Router) {
	type preview struct {
		ID     linli.OrderID  `path:"order" maxLength:"40"`
		Worker linli.WorkerID `query:"worker" maxLength:"40" doc:"absent: whoever it would go to by itself"`
	}
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/dispatches/{order}/preview", ID: "dispatch-preview", May: "dispatch.read", Tag: "dispatch", Zh: "派给这个人会怎样", En: "what giving it to somebody would mean"},
		func(ctx context.Context, in *preview) (*web.Out[Preview], error) {
			p, err := s.preview(ctx, in.ID, in.Worker)
			return &web.Out[Preview]{Body: p}, err
		})

	type relax struct {
		ID   linli.OrderID `path:"order" maxLength:"40"`
		Body struct {
			ID     string `json:"id" maxLength:"100" doc:"of the relaxation, as the reasons gave it"`
			Reason string `json:"reason" minLength:"1" maxLength:"200"`
		}
	}
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/dispatches/{order}/relax", ID: "dispatch-relax", May: "dispatch.assign", Tag: "dispatch", Zh: "放宽一条，派出去", En: "relax one condition and dispatch"},
		func(ctx context.Context, in *relax) (*web.Out[Answer], error) {
			a, err := s.relax(ctx, in.ID, in.Body.ID, in.Body.Reason)
			return &web.Out[Answer]{Body: a}, err
		})
}

// alone is a sketch with one order lifted off it, to ask about.
func (s *Service) alone(ctx context.Context, id linli.OrderID, may auth.Permission) (k *sketch, x *piece, w Why, spec linli.Spec, err error) {
	err = s.DB.Write(ctx, func(tx db.Tx) error {
		s.plan.enter(tx)
		m, err := s.visible(ctx, tx, id, may)
		if err != nil {
			return err
		}
		w = Why{Order: id, State: m.state, Options: []Option{}, Others: []Refused{}, Relaxed: []Relaxation{}}
		if m.had {
			a := m.before.assignment()
			w.Assigned, w.Rank = &a, m.before.rank
		}
		var raw []byte
		if err := tx.QueryRow(`SELECT reasons FROM dispatch_waiting WHERE order_id = $1`, id).Scan(&raw); err == nil {
			if err := json.Unmarshal(raw, &w.Waiting); err != nil {
				return err
			}
		} else if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if spec, err = s.Catalog.Spec(ctx, m.need.Spec); err != nil || spec.Mode == linli.ByFacility {
			return err
		}
		if err := s.image(ctx, tx); err != nil {
			return err
		}
		k = &sketch{image: s.plan.fork(), s: s, now: s.Now(), pieces: map[linli.OrderID]*piece{}}
		m.need.Length = cmp.Or(m.need.Length, spec.Length)
		x = k.put(m)
		x.refused, _, err = refusals(tx, id)
		return err
	})
	if err == nil && k != nil && x.had && x.before.worker != "" && movable[x.state] {
		k.drop(id)
	}
	return k, x, w, spec, err
}

// why lists the ways there are now, on a copy of the plan: the order's own visit is
// lifted and priced everywhere.
func (s *Service) why(ctx context.Context, id linli.OrderID) (Why, error) {
	k, x, w, _, err := s.alone(ctx, id, "dispatch.read")
	if err != nil || k == nil {
		return w, err
	}
	if err := k.consult(ctx, x); err != nil {
		return w, err
	}
	options, st, _, err := k.price(x.ask, k.now)
	k.take(st)
	if err != nil {
		return w, err
	}
	can := map[linli.WorkerID]bool{}
	for i, o := range options {
		can[o.worker] = true
		w.Options = append(w.Options, k.option(x, options, i))
		switch {
		case w.Assigned != nil && w.Assigned.Worker == o.worker:
			w.Split = splitOf(o.choice.Cost)
		case w.Assigned != nil && w.RunnerUp == nil:
			l := k.workers[o.worker]
			w.RunnerUp = &RunnerUp{Worker: o.worker, Name: l.Name, Split: splitOf(o.choice.Cost), row: k.rowOf(o.worker)}
		}
	}
	for _, c := range x.all {
		if !can[c.Worker] {
			w.Others = append(w.Others, k.refused(c))
		}
	}
	if w.Waiting != nil && len(options) == 0 {
		w.Proof = true
		if w.Class, w.Relaxed, err = k.whyNot(ctx, x); err != nil {
			return w, err
		}
	}
	return w, nil
}

func (k *sketch) rowOf(id linli.WorkerID) auth.Row {
	if l := k.workers[id]; l != nil {
		return auth.Row{Place: l.Place, Org: l.Org, Worker: l.ID}
	}
	return auth.Row{}
}

func (k *sketch) option(x *piece, options []*option, i int) Option {
	o := options[i]
	start, own := k.moment(o.choice.Start), k.workers[o.worker]
	return Option{Worker: o.worker, With: o.with, Name: own.Name, Start: start, Promise: x.ask.promise(start, k.now),
		Minutes: tenth(o.minutes), TravelMin: tenth(float64(o.choice.Cost.Travel) / 60), LateMin: tenth(float64(o.late) / 60), Broken: o.choice.Cost.Broken,
		Reasons: reasons(options, i, len(x.all)), row: k.rowOf(o.worker)}
}

func (k *sketch) refused(c linli.Candidate) Refused {
	words := gateWords[c.Gate]
	r := Refused{Worker: c.Worker, Gate: cmp.Or(c.Gate, "no-room"), Detail: c.Detail, Zh: words[0], En: words[1], row: k.rowOf(c.Worker)}
	if l := k.workers[c.Worker]; l != nil {
		r.Name = l.Name
	}
	return r
}

// whyNot tells of an order nobody can serve whether it is impossible in itself or
// only crowded out, and which single changes would help.
func (k *sketch) whyNot(ctx context.Context, x *piece) (class string, out []Relaxation, err error) {
	out = []Relaxation{}
	v := k.visit(x.ask, k.now, k.now) // it may be late already, and still there is no room
	st, err := k.add(x.ask, v)
	if err != nil {
		return "", out, err
	}
	e, err := k.board.Explain(st.visit)
	if err != nil {
		return "", out, err
	}
	// Places the board has and the daily hours do not allow are taken by others, too.
	class = "impossible"
	if e.Alone || !e.NoInsertion {
		class = "crowded-out"
	}
	orders := map[int]linli.OrderID{}
	for id, st := range k.visits {
		if st.visit >= 0 {
			orders[st.visit] = id
		}
		if st.second >= 0 {
			orders[st.second] = id
		}
	}
	for _, r := range e.Relaxed {
		place, l := r.Place, k.lanes[r.Place.Worker]
		at := &Option{Worker: l.ID, Name: l.Name, Start: k.moment(place.Start), Promise: promised(x.need, k.moment(place.Start), k.now),
			Minutes: tenth(float64(place.Cost.Rest()) / 60), TravelMin: tenth(float64(place.Cost.Travel) / 60), LateMin: tenth(float64(place.Cost.Late) / 60),
			Reasons: []linli.Reason{}, row: k.rowOf(l.ID)}
		relaxed := Relaxation{Worker: l.ID, Name: l.Name, Option: at, row: k.rowOf(l.ID)}
		switch r.Change {
		case "later", "earlier":
			relaxed.Kind, relaxed.Value = "window", float64(r.Minutes)
			if r.Change == "earlier" {
				relaxed.Value = -relaxed.Value
			}
			relaxed.ID = fmt.Sprintf("window:%.0f", relaxed.Value)
		case "overtime":
			relaxed.Kind, relaxed.Value = "overtime", float64(r.Minutes)
			relaxed.ID = fmt.Sprintf("overtime:%s:%d", l.ID, r.Minutes)
		case "displace":
			relaxed.Kind, relaxed.Displaced = "displace", orders[r.Visit]
			relaxed.ID = "displace:" + string(l.ID)
		default:
			continue // skills and exclusions are match's to judge
		}
		out = append(out, relaxed)
	}
	k.take(st)
	more, err := k.relaxMatch(ctx, x)
	return class, append(out, more...), err
}

// relaxMatch asks match again with one level lower of each skill, and with each
// exclusion lifted.
func (k *sketch) relaxMatch(ctx context.Context, x *piece) (out []Relaxation, err error) {
	try := func(r Relaxation, need linli.Need, refused []linli.WorkerID, only linli.WorkerID) error {
		y := *x
		y.need, y.refused, y.asked = need, refused, false
		if err := k.consult(ctx, &y); err != nil {
			return err
		}
		options, st, _, err := k.price(y.ask, k.now)
		k.take(st)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(options, func(o *option) bool { return only == "" || o.worker == only })
		if i >= 0 {
			o := k.option(&y, options, i)
			r.Worker, r.Name, r.Option, r.row = o.Worker, o.Name, &o, o.row
			out = append(out, r)
		}
		return nil
	}
	for i, s := range x.need.Skills {
		if s.Level <= 1 {
			continue
		}
		need := x.need
		need.Skills = slices.Clone(need.Skills)
		need.Skills[i].Level--
		if err := try(Relaxation{ID: "level:" + s.Code, Kind: "level", Skill: s.Code, Value: 1}, need, x.refused, ""); err != nil {
			return nil, err
		}
	}
	for _, id := range slices.Sorted(slices.Values(append(slices.Clone(x.need.Exclude), x.refused...))) {
		not := func(y linli.WorkerID) bool { return y == id }
		need := x.need
		need.Exclude = slices.DeleteFunc(slices.Clone(need.Exclude), not)
		if err := try(Relaxation{ID: "exclusion:" + string(id), Kind: "exclusion"}, need, slices.DeleteFunc(slices.Clone(x.refused), not), id); err != nil {
			return nil, err
		}
	}
	return slices.CompactFunc(out, func(a, b Relaxation) bool { return a.ID == b.ID }), nil
}

// preview tells what giving the order to a worker would mean, on a copy of the plan.
func (s *Service) preview(ctx context.Context, id linli.OrderID, worker linli.WorkerID) (Preview, error) {
	p := Preview{Changes: []Change{}}
	k, x, _, spec, err := s.alone(ctx, id, "dispatch.read")
	if err != nil {
		return p, err
	}
	if spec.Mode == linli.ByFacility {
		return p, nil // nobody comes: there is nothing to give to a worker
	}
	if err := k.consult(ctx, x); err != nil {
		return p, err
	}
	options, st, _, err := k.price(x.ask, k.now)
	k.take(st)
	if err != nil {
		return p, err
	}
	if i := slices.IndexFunc(options, func(o *option) bool { return worker == "" || o.worker == worker }); i >= 0 {
		o := k.option(x, options, i)
		p.Option = &o
		return p, nil
	}
	if worker == "" {
		return p, nil
	}
	i := slices.IndexFunc(x.all, func(c linli.Candidate) bool { return c.Worker == worker })
	if i < 0 || !auth.From(ctx).Scope("dispatch.read").Covers(k.rowOf(worker)) {
		return p, linli.NotFound("没有这位服务人员", "there is no such worker")
	}
	refused := k.refused(x.all[i])
	p.Refused = &refused
	if !movable[x.state] || atWork[x.state] {
		return p, nil
	}
	made, moves, err := s.roomWith(ctx, id, worker, "dispatch.read")
	if k := linli.KindOf(err); k == linli.KindConflict {
		return p, nil // not even then
	}
	if err != nil {
		return p, err
	}
	p.Changes = made.changes(moves)
	return p, nil
}

// roomWith thinks out what must move for a worker to take an order.
func (s *Service) roomWith(ctx context.Context, id linli.OrderID, worker linli.WorkerID, may auth.Permission) (*sketch, []*move, error) {
	k, err := s.sketch(ctx, s.Now().Add(ahead), auth.From(ctx).Scope(may).Covers, id)
	if err != nil {
		return nil, nil, err
	}
	x, err := k.mine(id)
	if err != nil {
		return nil, nil, err
	}
	k.yields = true
	if err := k.layOnly(ctx, func(y *piece) bool { return y.before.worker == worker }); err != nil {
		return nil, nil, err
	}
	v, err := k.pick(ctx, x, worker)
	if err != nil {
		return nil, nil, err
	}
	v.Tier = max(1, v.Tier-1) // the same class makes room, too
	x.hand = true
	if _, err := k.force(ctx, x, v, route.MaxTime, linli.Reason{Code: "by-hand", Ref: string(worker)}); err != nil {
		return nil, nil, err
	}
	return k, k.moves(), nil
}

// Displace gives an order to a worker and moves what is in its way: as few visits
// as can be, none of a higher class and none that a person has set or that has begun.
func (s *Service) Displace(ctx context.Context, id linli.OrderID, worker linli.WorkerID, reason string) (Answer, error) {
	switch {
	case worker == "":
		return Answer{}, linli.Invalid("worker_id", "请写明派给谁", "say to whom")
	case reason == "":
		return Answer{}, linli.Invalid("reason", "挪动别人的服务要写明原因", "say why others must make room")
	}
	for range tries {
		k, moves, err := s.roomWith(ctx, id, worker, "dispatch.assign")
		if err != nil {
			return Answer{}, err
		}
		err = s.DB.Write(ctx, func(tx db.Tx) error {
			s.plan.enter(tx)
			if err := s.carry(ctx, tx, k, moves, "displaced"); err != nil {
				return err
			}
			return s.note(ctx, tx, Action{Kind: "displace", Order: id, Worker: worker, Reason: reason}, k.pieces[id].need.Place)
		})
		if errors.Is(err, errRaced) {
			continue
		}
		for _, m := range moves {
			if m.order == id {
				return Answer{Order: id, Assigned: &m.to, Reasons: m.to.Reasons}, err
			}
		}
		return Answer{}, err
	}
	return Answer{}, errMoving
}

// relax applies one of the relaxations the reasons give now, and dispatches.
func (s *Service) relax(ctx context.Context, id linli.OrderID, which, reason string) (Answer, error) {
	k, x, w, _, err := s.alone(ctx, id, "dispatch.assign")
	if err != nil {
		return Answer{}, err
	}
	if k == nil || w.Waiting == nil {
		return Answer{}, linli.Conflict("这张服务单不在等人手", "the order does not wait for anybody")
	}
	if err := k.consult(ctx, x); err != nil {
		return Answer{}, err
	}
	_, all, err := k.whyNot(ctx, x)
	if err != nil {
		return Answer{}, err
	}
	i := slices.IndexFunc(all, func(r Relaxation) bool { return r.ID == which })
	if i < 0 {
		return Answer{}, linli.Conflict("情况变了，这条放宽已不管用，请再看一次原因", "things have changed and this no longer helps; look at the reasons again")
	}
	r := all[i]
	if r.Kind == "displace" {
		return s.Displace(ctx, id, r.Worker, reason)
	}
	out, err := s.act(ctx, id, func(tx db.Tx) (linli.Assignment, error) {
		m, err := s.visible(ctx, tx, id, "dispatch.assign")
		if err != nil {
			return linli.Assignment{}, err
		}
		if err := s.applyRelaxed(ctx, tx, m, r, reason); err != nil {
			return linli.Assignment{}, err
		}
		if err := s.note(ctx, tx, Action{Kind: "relax", Order: id, Worker: r.Worker, Reason: r.ID + " " + reason}, m.need.Place); err != nil {
			return linli.Assignment{}, err
		}
		wish := Wish{}
		if r.Kind == "overtime" || r.Kind == "exclusion" {
			wish.Worker = r.Worker
		}
		return s.Assign(ctx, tx, id, wish)
	})
	if err != nil {
		return Answer{}, err
	}
	return out.Body, nil
}

// applyRelaxed writes what gives: the order's own conditions, a refusal, or the end
// of a shift.
func (s *Service) applyRelaxed(ctx context.Context, tx db.Tx, m matter, r Relaxation, reason string) error {
	need := m.need
	switch r.Kind {
	case "window":
		if by := time.Duration(r.Value) * time.Minute; by < 0 {
			need.Wish.From = later(need.Wish.From.Add(by), s.Now())
		} else {
			need.Wish.To = need.Wish.To.Add(by)
		}
	case "level":
		need.Skills = slices.Clone(need.Skills)
		for i := range need.Skills {
			if need.Skills[i].Code == r.Skill {
				need.Skills[i].Level -= int(r.Value)
			}
		}
	case "exclusion":
		if _, err := tx.Exec(`DELETE FROM dispatch_refusal WHERE order_id = $1 AND worker_id = $2`, m.order, r.Worker); err != nil {
			return err
		}
		need.Exclude = slices.DeleteFunc(slices.Clone(need.Exclude), func(id linli.WorkerID) bool { return id == r.Worker })
		if len(need.Exclude) == len(m.need.Exclude) {
			return nil
		}
	case "overtime":
		return s.overtime(ctx, tx, r.Worker, r.Option.Start, time.Duration(r.Value)*time.Minute)
	}
	return s.Orders.Amend(ctx, tx, m.order, need, reason)
}

// overtime lets the shift in which a service would start end later, in party's book
// and already in the image.
func (s *Service) overtime(ctx context.Context, tx db.Tx, worker linli.WorkerID, start time.Time, more time.Duration) error {
	if err := s.image(ctx, tx); err != nil {
		return err
	}
	p := &s.plan
	l := p.workers[worker]
	i := -1
	if l != nil {
		i = slices.IndexFunc(l.Shifts, func(w linli.Window) bool { return !start.Before(w.From) && start.Before(w.To) })
	}
	if i < 0 {
		return errMoving
	}
	end := l.Shifts[i].To
	if err := s.Absences.Overtime(tx, worker, end, more); err != nil {
		return err
	}
	if fresh, err := s.raise(ctx, tx, worker); err != nil || !fresh {
		return cmp.Or(err, error(errMoving))
	}
	l.Shifts = slices.Clone(l.Shifts)
	l.Shifts[i].To = end.Add(more)
	l.Rev = -1 // what party says afterwards is looked at again, whatever comes of this
	tx.Finally(func() { p.known = nil })
	_, err := p.board.SetWorker(l.index, l.At, l.At, p.routeWorker(l.Worker))
	return err
}
