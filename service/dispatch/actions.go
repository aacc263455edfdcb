package dispatch

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/route"
	"linli/engine/db"
	"linli/web"
)

// Action is something that happens to the day, said by a person in one go.
type Action struct {
	Kind   string         `json:"kind" enum:"absent,no-show,urgent,close-road,replan"`
	Worker linli.WorkerID `json:"worker_id,omitempty" maxLength:"40" doc:"absent: who drops out"`
	Order  linli.OrderID  `json:"order_id,omitempty" maxLength:"40" doc:"no-show: whose worker has not appeared; urgent: what cannot wait"`
	From   time.Time      `json:"from,omitzero" doc:"absent: from when on; absent: now"`
	To     time.Time      `json:"to,omitzero" doc:"absent: until when, else to the end of the day; close-road: until when"`
	Reason string         `json:"reason,omitempty" maxLength:"200" doc:"absent: sick, leave or other; else in words"`
	Road   *Road          `json:"road,omitempty" doc:"close-road: which ways"`
	DryRun bool           `json:"dry_run,omitempty" doc:"only show what would change"`
}

// Outcome is the new plan after an action, as what it changes.
type Outcome struct {
	Changes []Change  `json:"changes" nullable:"false" doc:"those the asker may see; what residents were told first"`
	Waiting []Blocked `json:"waiting" nullable:"false" doc:"orders that now have nobody"`
	Before  Cost      `json:"before"`
	After   Cost      `json:"after"`
	Depth   int64     `json:"depth" doc:"how many visits made room for the urgent one"`
	TookUS  int64     `json:"took_us"`
	DryRun  bool      `json:"dry_run" doc:"nothing has been changed"`
	At      time.Time `json:"at"`
}

// Blocked is an order that has nobody, and why.
type Blocked struct {
	Order   linli.OrderID  `json:"order"`
	Reasons []linli.Reason `json:"reasons" nullable:"false"`
}

// Absences keeps the book of who is on duty, and lets the world know.
type Absences interface {
	Absent(tx db.Tx, id linli.WorkerID, kind string, from, to time.Time) error
	// Overtime lets the shift that ends at a moment end later.
	Overtime(tx db.Tx, id linli.WorkerID, end time.Time, more time.Duration) error
}

// prompt is how soon what cannot wait must be begun, and how many may leave for it.
const (
	prompt   = 30 * time.Minute
	deepest  = 2
	patience = 2 * time.Hour // beyond it nobody calls it urgent
)

func (s *Service) actionRoutes(r *web.Router) {
	type act struct{ Body Action }
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/dispatch-actions", ID: "dispatch-act", May: "dispatch.assign", Tag: "dispatch", Zh: "调度台处置（病假、没到、紧急、封路、重排）", En: "act on the day: absent, no-show, urgent, closed road, re-plan"},
		func(ctx context.Context, in *act) (*web.Out[Outcome], error) {
			o, err := s.Do(ctx, in.Body)
			return &web.Out[Outcome]{Body: o}, err
		})
}

// intent is an action thought through on a sketch: what else is to be written with
// the moves, and under which heading the trail keeps it.
type intent struct {
	place linli.Place
	write func(tx db.Tx) error
	depth int
}

// Do carries out an action within the scope of whoever asks in ctx and tells what it
// changes; a dry run tells the same and changes nothing. It is thought out beside the
// desk and taken in one short transaction; when the plan moves on meanwhile, it is
// thought out again.
func (s *Service) Do(ctx context.Context, a Action) (Outcome, error) {
	began := time.Now()
	if err := a.check(s.Now()); err != nil {
		return Outcome{}, err
	}
	scope := auth.From(ctx).Scope("dispatch.assign")
	for range tries {
		k, err := s.sketch(ctx, later(s.Now().Add(ahead), a.To), scope.Covers, a.Order)
		if err != nil {
			return Outcome{}, err
		}
		o, moves, in, err := k.act(ctx, a)
		if err != nil {
			return Outcome{}, err
		}
		o.TookUS, o.DryRun = time.Since(began).Microseconds(), a.DryRun
		if a.DryRun {
			return o, nil
		}
		err = s.DB.Write(ctx, func(tx db.Tx) error {
			s.plan.enter(tx)
			if err := s.carry(ctx, tx, k, moves, because[a.Kind]); err != nil {
				return err
			}
			if in.write != nil {
				if err := in.write(tx); err != nil {
					return err
				}
			}
			return s.note(ctx, tx, a, in.place)
		})
		if !errors.Is(err, errRaced) {
			o.TookUS = time.Since(began).Microseconds()
			return o, err
		}
	}
	return Outcome{}, errMoving
}

// because are the reasons kept with assignments that an action ends.
var because = map[string]string{"absent": "worker off", "no-show": "no-show", "urgent": "displaced", "close-road": "road closed", "replan": "replanned"}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// check refuses an action that says too little.
func (a *Action) check(now time.Time) error {
	switch a.Kind {
	case "absent":
		if !slices.Contains([]string{"sick", "leave", "other"}, a.Reason) {
			return linli.Invalid("reason", "请选病假、事假或其他", "the reason is sick, leave or other")
		}
		if a.From.IsZero() {
			a.From = now
		}
		if a.To.IsZero() {
			a.To = midnight(dayOf(a.From) + 1)
		}
		if !a.To.After(a.From) || !a.To.After(now) {
			return linli.Invalid("to", "结束时间要晚于开始时间和现在", "it must end after it begins, and after now")
		}
		if a.To.Sub(now) > 60*24*time.Hour {
			return linli.Invalid("to", "一次最多 60 天", "at most 60 days at a time")
		}
		if a.Worker == "" {
			return linli.Invalid("worker_id", "请写明是谁", "say who")
		}
	case "close-road":
		return a.checkRoad(now)
	case "no-show", "urgent":
		if a.Order == "" {
			return linli.Invalid("order_id", "请写明哪张服务单", "say which order")
		}
		if a.Kind == "urgent" && a.Reason == "" {
			return linli.Invalid("reason", "请写明为什么不能等", "say why it cannot wait")
		}
	}
	return nil
}

// act thinks an action out.
func (k *sketch) act(ctx context.Context, a Action) (o Outcome, moves []*move, in intent, err error) {
	k.yields, k.calm = a.Kind == "urgent", a.Kind == "replan"
	if a.Kind == "no-show" {
		err = k.layOnly(ctx, nil)
	} else {
		err = k.lay(ctx)
	}
	if err != nil {
		return o, nil, in, err
	}
	before := k.sum(nil)
	switch a.Kind {
	case "absent":
		in, err = k.absent(ctx, a)
	case "no-show":
		in, err = k.noShow(ctx, a)
	case "urgent":
		in, err = k.urgent(ctx, a)
	case "close-road":
		in, err = k.closeRoad(ctx, a)
	case "replan":
		moves, err = k.better(ctx)
	default:
		err = linli.Invalid("kind", "没有这种处置："+a.Kind, "there is no such action: "+a.Kind)
	}
	if err != nil {
		return o, nil, in, err
	}
	if a.Kind != "replan" {
		moves = k.moves()
	}
	o = Outcome{Changes: k.changes(moves), Waiting: k.blocked(moves), Before: before, After: k.sum(moves), Depth: int64(in.depth), At: k.now}
	if a.Kind == "replan" && len(moves) == 0 {
		o.After = before
	}
	return o, moves, in, nil
}

// better is the search of a person who asks for one; what is not worth it is not taken.
func (k *sketch) better(ctx context.Context) ([]*move, error) {
	if err := k.offer(ctx); err != nil {
		return nil, err
	}
	_, before := k.cost()
	if err := k.search(ctx); err != nil {
		return nil, err
	}
	_, after := k.cost()
	if moves := k.moves(); k.sound() && worth(before, after, moves) {
		return moves, nil
	}
	return nil, nil
}

// reseat finds new seats for what is lost. When each of them finds somebody who
// keeps what was promised, nothing else moves; otherwise a search looks for the plan
// of everything that may move in which the fewest promises break.
func (k *sketch) reseat(ctx context.Context) error {
	saved := k.fork()
	if err := k.place(ctx, k.homeless()...); err != nil {
		return err
	}
	if k.kept() {
		return nil
	}
	k.image = saved
	k.forget()
	saved = k.fork()
	if err := k.offer(ctx); err != nil {
		return err
	}
	if err := k.search(ctx); err != nil {
		return err
	}
	if !k.sound() {
		k.image = saved
	}
	k.withdraw()
	return k.place(ctx, k.homeless()...)
}

// forget takes back what place has noted.
func (k *sketch) forget() {
	for _, x := range k.pieces {
		if x.lost {
			x.why, x.rank = x.why[:1], 0
		}
	}
}

// kept tells whether everybody who lost their worker is served as promised.
func (k *sketch) kept() bool {
	for _, m := range k.moves() {
		if window, _ := m.told.differs(m.to); m.lost && window {
			return false
		}
	}
	return true
}

// absent lets a worker drop out for a time.
func (k *sketch) absent(ctx context.Context, a Action) (in intent, err error) {
	l := k.workers[a.Worker]
	if l == nil || !k.may(auth.Row{Place: l.Place, Org: l.Org, Worker: l.ID}) {
		return in, linli.NotFound("没有这位服务人员", "there is no such worker")
	}
	for _, id := range k.order {
		x := k.pieces[id]
		if !x.had || x.before.worker != l.ID && x.before.second != l.ID || atWork[x.state] || past(x.before.start, k.now) {
			continue
		}
		if x.before.start.Before(a.To) && x.before.start.Add(x.before.need.Length).After(a.From) {
			if err := k.lose(ctx, id, linli.Reason{Code: "worker-off", Ref: string(l.ID)}); err != nil {
				return in, err
			}
		}
	}
	l.Shifts = without(l.Shifts, linli.Window{From: a.From, To: a.To})
	if err := k.reshift(ctx, l); err != nil {
		return in, err
	}
	in.place = l.Place
	in.write = func(tx db.Tx) error { return k.s.Absences.Absent(tx, l.ID, a.Reason, a.From, a.To) }
	return in, k.reseat(ctx)
}

// without cuts a span out of shifts.
func without(shifts []linli.Window, cut linli.Window) (out []linli.Window) {
	for _, w := range shifts {
		if !w.From.Before(cut.To) || !cut.From.Before(w.To) {
			out = append(out, w)
			continue
		}
		if w.From.Before(cut.From) {
			out = append(out, linli.Window{From: w.From, To: cut.From})
		}
		if cut.To.Before(w.To) {
			out = append(out, linli.Window{From: cut.To, To: w.To})
		}
	}
	return out
}

// reshift tells the board of a worker's other shifts. What no longer fits is lost,
// but for what has begun: that a person must move.
func (k *sketch) reshift(ctx context.Context, l *lane) error {
	released, err := k.board.SetWorker(l.index, l.At, l.At, k.routeWorker(l.Worker))
	if err != nil || len(released) == 0 {
		return err
	}
	for _, id := range k.order {
		st, ok := k.visits[id]
		if !ok || !slices.Contains(released, st.visit) && !slices.Contains(released, st.second) {
			continue
		}
		x := k.pieces[id]
		if atWork[x.state] || past(x.before.start, k.now) {
			err = k.leave(id, x.need, k.now)
		} else {
			err = k.lose(ctx, id, linli.Reason{Code: "worker-off", Ref: string(l.ID)})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mine finds an order of the asker on the sketch.
func (k *sketch) mine(id linli.OrderID) (*piece, error) {
	x := k.pieces[id]
	if x == nil || k.may != nil && !k.may(x.row()) {
		return nil, linli.NotFound("没有这张服务单", "there is no such order")
	}
	return x, nil
}

// noShow takes an order from a worker who has not appeared.
func (k *sketch) noShow(ctx context.Context, a Action) (in intent, err error) {
	x, err := k.mine(a.Order)
	if err != nil {
		return in, err
	}
	if !x.had || x.before.worker == "" || x.state != "assigned" && x.state != "accepted" && x.state != "en_route" {
		return in, linli.Conflict("这张服务单没有等着上门的人", "nobody is awaited for this order")
	}
	x.refused = append(x.refused, x.before.worker)
	if err := k.lose(ctx, a.Order, linli.Reason{Code: "no-show", Ref: string(x.before.worker)}); err != nil {
		return in, err
	}
	in.place = x.need.Place
	in.write = func(tx db.Tx) error { return k.s.refuse(tx, a.Order, x.before.worker, "no-show") }
	return in, k.place(ctx, a.Order)
}

// urgent seats an order now, before everything of a lower class.
func (k *sketch) urgent(ctx context.Context, a Action) (in intent, err error) {
	x, err := k.mine(a.Order)
	if err != nil {
		return in, err
	}
	spec, err := k.s.Catalog.Spec(ctx, x.need.Spec)
	if err != nil {
		return in, err
	}
	switch {
	case !movable[x.state] || atWork[x.state]:
		return in, linli.Conflict("这张服务单已在路上、已开始或已结束", "the order is on its way, begun or over")
	case spec.Mode == linli.ByFacility:
		return in, linli.Conflict("到店服务不能紧急上门", "this is served in a facility; nobody comes")
	}
	in.place = x.need.Place
	in.depth, err = k.hurry(ctx, x, linli.Reason{Code: "urgent"}, "")
	return in, err
}

// hurry makes room for an order now, with displacement of lower classes, and seats
// those who left again. Only a worker, when named.
func (k *sketch) hurry(ctx context.Context, x *piece, why linli.Reason, worker linli.WorkerID) (depth int, err error) {
	v, err := k.pick(ctx, x, worker)
	if err != nil {
		return 0, err
	}
	now := k.second(k.now)
	v.Tier, v.Windows, v.Late = 1, []route.Window{{Open: now, Close: k.second(k.now.Add(patience))}}, []route.Late{{After: now, Slope: 1}}
	return k.force(ctx, x, v, k.second(k.now.Add(prompt)), why)
}

// rush makes room for an order of the first class that finds nobody in time, when
// that lets it start sooner than what was found.
func (s *Service) rush(ctx context.Context, tx db.Tx, m matter, found choice) (a linli.Assignment, ok bool, err error) {
	if m.need.Wish.From.Sub(s.Now()) > prompt {
		return a, false, nil // it is wished for later
	}
	ctx = auth.With(ctx, auth.System)
	k, err := s.sketchIn(ctx, tx, s.Now().Add(ahead), nil)
	if err != nil {
		return a, false, err
	}
	if found.option != nil {
		k.take(found.seat)
	}
	m.had = false // if it stood anywhere, it has been lifted
	x := k.pieces[m.order]
	if x == nil {
		x = k.put(m)
	}
	x.matter, x.refused = m, nil // who has refused is among those the need excludes
	k.yields = true
	if err := k.lay(ctx); err != nil {
		return a, false, err
	}
	if _, err := k.hurry(ctx, x, linli.Reason{Code: "urgent"}, ""); err != nil {
		if linli.KindOf(err) == linli.KindConflict {
			err = nil // no room, whoever leaves
		}
		return a, false, err
	}
	moves := k.moves()
	i := slices.IndexFunc(moves, func(mv *move) bool { return mv.order == m.order })
	if i < 0 || found.option != nil && !moves[i].to.Start.Before(found.assignment.Start) {
		return a, false, nil
	}
	if found.option != nil {
		s.plan.take(found.seat)
	}
	return moves[i].to, true, s.carry(ctx, tx, k, moves, "displaced")
}

// pick takes an order off the sketch and lays it out for whoever may serve it, or
// for one worker.
func (k *sketch) pick(ctx context.Context, x *piece, worker linli.WorkerID) (v route.Visit, err error) {
	if x.had && !x.lost {
		if err := k.lose(ctx, x.order, linli.Reason{}); err != nil {
			return v, err
		}
	}
	x.asked, x.pin = false, true
	if err := k.consult(ctx, x); err != nil {
		return v, err
	}
	v = k.visit(x.ask, k.now, time.Time{})
	if worker != "" {
		i := -1
		if l := k.workers[worker]; l != nil {
			i = l.index
		}
		if i < 0 || x.ask.eligible[i] == nil {
			return v, refusedWish(worker, x.all)
		}
		v.Eligible = []int{i}
	}
	// Whoever has a full day, or a certificate that ends before, is not asked.
	v.Eligible = slices.DeleteFunc(v.Eligible, func(i int) bool {
		return !k.room(k.lanes[i], dayOf(k.moment(v.Windows[0].Open)), x.need) || !k.lanes[i].proven(x.need, k.moment(v.Windows[0].Open))
	})
	return v, nil
}

// force seats a visit with the fewest displaced, and those again where they cost least.
func (k *sketch) force(ctx context.Context, x *piece, v route.Visit, by int32, why linli.Reason) (depth int, err error) {
	st, err := k.add(x.ask, v)
	if err != nil {
		return 0, err
	}
	d, ok, err := k.board.Displace(st.visit, deepest, by, -1)
	if err != nil {
		return 0, err
	}
	if !ok {
		k.take(st)
		return 0, linli.Conflict("没有人能来，挪开两单也不行", "nobody can come, not even when two others make room")
	}
	st.worker, st.start, st.length = k.lanes[d.Worker].ID, k.moment(d.Start), x.need.Length
	if st.second >= 0 {
		second, _, _, _ := k.board.Served(st.second)
		st.with = k.lanes[second].ID
	}
	k.sit(x.order, st)
	if err := k.nail(x, d.Start); err != nil {
		return 0, err
	}
	x.why = []linli.Reason{why, {Code: "displaced", Value: float64(d.Depth), Unit: "orders"}, {Code: "rank", Value: 1, Unit: "rank"}}
	x.rank = 1
	var out []linli.OrderID
	for _, id := range k.order {
		if st, ok := k.visits[id]; ok && slices.Contains(d.Out, st.visit) {
			out = append(out, id)
		}
	}
	for _, id := range out {
		if err := k.lose(ctx, id, linli.Reason{Code: "displaced-by", Ref: string(x.order)}); err != nil {
			return 0, err
		}
	}
	return d.Depth, k.place(ctx, out...)
}

// blocked lists what has nobody after the moves.
func (k *sketch) blocked(moves []*move) []Blocked {
	out := []Blocked{}
	for _, m := range moves {
		if m.to.Worker == "" && (k.may == nil || k.may(m.row())) {
			out = append(out, Blocked{Order: m.order, Reasons: m.to.Reasons})
		}
	}
	return out
}

// sum is what the sketch costs with these moves made.
func (k *sketch) sum(moves []*move) Cost {
	c, _ := k.cost()
	c.Unserved, c.Broken = make([]int64, route.Tiers), 0
	for _, id := range k.order {
		x := k.pieces[id]
		if _, ok := k.seated(k.visitOf(id)); !ok && !(x.had && k.visitOf(id).left) {
			c.Unserved[cmp.Or(tier[x.need.SLA], route.Tiers)-1]++
		}
	}
	for _, m := range moves {
		if window, _ := m.told.differs(m.to); window {
			c.Broken++
		}
	}
	return c
}

// note keeps who did what to the day, for the trail and for those who look back.
func (s *Service) note(ctx context.Context, tx db.Tx, a Action, place linli.Place) error {
	now, by := s.Now(), auth.From(ctx)
	if _, err := tx.Exec(`INSERT INTO dispatch_act (id, at, kind, place, worker_id, order_id, reason, by_user, by_name) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
		linli.NewID("act", now), linli.Millis(now), a.Kind, place, a.Worker, a.Order, a.Reason, by.User, by.Name); err != nil {
		return err
	}
	return auth.Audit(tx, now, by, auth.Line{Act: "dispatch." + a.Kind, Subject: cmp.Or(string(a.Order), string(a.Worker)), Place: place, Reason: a.Reason})
}
