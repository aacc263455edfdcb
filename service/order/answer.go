package order

import (
	"context"
	"slices"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
)

// OrderPerson is somebody who serves.
type OrderPerson struct {
	ID   linli.WorkerID `json:"id"`
	Name string         `json:"name,omitempty" class:"D1" mask:"name"`
}

// OrderAnswer is an order as a list or a page shows it. The personal fields are
// asked for when it is shown; the order stores none of them.
type OrderAnswer struct {
	ID       linli.OrderID    `json:"id"`
	Number   string           `json:"number" doc:"as people say it on the phone"`
	Demand   linli.DemandID   `json:"demand,omitempty"`
	Round    int64            `json:"round" doc:"2 and more after a reopening"`
	Rev      int64            `json:"rev"`
	State    State            `json:"state" enum:"open,waiting,assigned,accepted,en_route,arrived,paused,finished,confirmed,rated,closed,failed,canceled"`
	Held     State            `json:"held,omitempty" doc:"where it was paused"`
	Pause    string           `json:"pause_reason,omitempty"`
	Item     linli.ItemCode   `json:"item"`
	Spec     linli.SpecCode   `json:"spec"`
	Zh       string           `json:"zh" doc:"name of the specification"`
	En       string           `json:"en"`
	SLA      linli.SLAClass   `json:"sla"`
	Source   string           `json:"source"`
	Place    linli.Place      `json:"place" class:"D1" mask:"door"`
	At       linli.Point      `json:"at,omitzero" class:"D1"`
	Resident linli.ResidentID `json:"resident,omitempty"`
	Name     string           `json:"name,omitempty" class:"D1" mask:"name"`
	Door     string           `json:"door,omitempty" class:"D1"`
	Phone    string           `json:"phone,omitempty" class:"D2" mask:"phone"`
	Words    string           `json:"words,omitempty" class:"D1" doc:"what was said"`
	Wish     linli.Window     `json:"wish,omitzero"`
	Promise  linli.Window     `json:"promise,omitzero" doc:"what the resident was told"`
	Prior    linli.Window     `json:"prior,omitzero" doc:"what the resident had been told before it changed"`
	Start    time.Time        `json:"start,omitzero" doc:"planned start of the service"`
	LengthS  int64            `json:"length_s"`
	Persons  int64            `json:"persons"`
	Worker   *OrderPerson     `json:"worker,omitempty"`
	Second   *OrderPerson     `json:"second,omitempty"`
	Org      linli.OrgID      `json:"org,omitempty"`
	Facility linli.FacilityID `json:"facility,omitempty"`
	Auto     bool             `json:"auto" doc:"dispatched without a person"`
	Why      []linli.Reason   `json:"why" nullable:"false" doc:"why this worker, or why nobody yet"`
	Stars    int64            `json:"stars,omitempty"`
	Code     string           `json:"code,omitempty" doc:"the resident tells it to the worker at hand-over; shown to the resident and the desk"`

	Submitted time.Time `json:"submitted_at"`
	Opened    time.Time `json:"opened_at"`
	Since     time.Time `json:"since" doc:"in this state since"`
	Accepted  time.Time `json:"accepted_at,omitzero"`
	Arrived   time.Time `json:"arrived_at,omitzero"`
	Finished  time.Time `json:"finished_at,omitzero"`
	Closed    time.Time `json:"closed_at,omitzero"`

	Due      OrderDue `json:"due"`
	Breached []string `json:"breached" nullable:"false" doc:"promises broken: accept, contact, start, close"`
	May      []Act    `json:"may" nullable:"false" doc:"what the asker may do now"`

	row auth.Row
}

// AuthRow says to whom the order belongs.
func (a OrderAnswer) AuthRow() auth.Row { return a.row }

// OrderDue is the limit by which an order is sorted.
type OrderDue struct {
	What    string    `json:"what,omitempty" doc:"accept, contact, start, close, or state"`
	LimitAt time.Time `json:"limit_at,omitzero"`
	LeftMS  int64     `json:"left_ms" doc:"negative when it has passed"`
	Stopped bool      `json:"stopped,omitempty" doc:"the clock waits for the resident"`
	Owner   Owner     `json:"owner"`
}

// OrderLimit is one promise of an order.
type OrderLimit struct {
	What    string    `json:"what"`
	LimitAt time.Time `json:"limit_at"`
	MetAt   time.Time `json:"met_at,omitzero"`
	Broken  bool      `json:"broken"`
}

// OrderStep is a step of the pinned procedure and what came of it.
type OrderStep struct {
	Step
	DoneAt time.Time `json:"done_at,omitzero"`
	Note   string    `json:"note,omitempty" class:"D1"`
	Proof  []string  `json:"proof,omitempty" doc:"ids of evidence"`
}

// OrderLine is a line of the timeline.
type OrderLine struct {
	Seq      int64          `json:"seq"`
	At       time.Time      `json:"at"`
	Stored   time.Time      `json:"stored_at" doc:"when the hub learned of it"`
	Round    int64          `json:"round"`
	Kind     string         `json:"kind" doc:"order.accepted …"`
	State    State          `json:"state"`
	User     string         `json:"user"`
	Who      string         `json:"who,omitempty" class:"D1" mask:"name"`
	Worker   linli.WorkerID `json:"worker,omitempty"`
	Reason   string         `json:"reason,omitempty"`
	Note     string         `json:"note,omitempty" class:"D1"`
	Step     int64          `json:"step,omitempty"`
	Evidence []string       `json:"evidence,omitempty"`
	Clock    string         `json:"clock,omitempty"`
	LimitAt  time.Time      `json:"limit_at,omitzero"`
	Owner    *Owner         `json:"owner,omitempty"`
	To       string         `json:"to_role,omitempty"`
	Stars    int64          `json:"stars,omitempty"`
	NPS      *int64         `json:"nps,omitempty"`
	Why      []linli.Reason `json:"why,omitempty"`
}

// OrderDetail is the page of one order.
type OrderDetail struct {
	OrderAnswer
	Limits   []OrderLimit `json:"limits" nullable:"false"`
	StateDue time.Time    `json:"state_limit_at,omitzero" doc:"how long it may stand in its state"`
	SOP      string       `json:"sop" doc:"pinned procedure version"`
	Steps    []OrderStep  `json:"steps" nullable:"false"`
	Evidence []Evidence   `json:"evidence" nullable:"false"`
	Timeline []OrderLine  `json:"timeline" nullable:"false"`
}

// OrderTask is an order on its worker's list, with everything the phone needs without network.
type OrderTask struct {
	OrderAnswer
	Steps []OrderStep `json:"steps" nullable:"false"`
}

// OrderStand is the answer to an act: where the order stands now.
type OrderStand struct {
	ID     linli.OrderID `json:"id"`
	Number string        `json:"number"`
	State  State         `json:"state"`
	Round  int64         `json:"round"`
	Rev    int64         `json:"rev"`
	Since  time.Time     `json:"since"`
	DueAt  time.Time     `json:"due_at,omitzero"`
}

func (o *Row) stand() OrderStand {
	return OrderStand{ID: o.ID, Number: o.Number, State: o.State, Round: o.Round, Rev: o.Rev, Since: linli.Time(o.StateAt), DueAt: linli.Time(o.DueAt)}
}

// asker answers what one principal may do with orders.
type asker struct {
	p      *auth.Principal
	scopes map[auth.Permission]auth.Scope
}

func askerOf(ctx context.Context) *asker {
	return &asker{p: auth.From(ctx), scopes: map[auth.Permission]auth.Scope{}}
}

func (a *asker) covers(perm auth.Permission, o *Row) bool {
	s, known := a.scopes[perm]
	if !known {
		s = a.p.Scope(perm)
		a.scopes[perm] = s
	}
	return s.Covers(o.belongs(a.p))
}

// may tells whether the asker may do something of this permission to the order:
// nil, KindNotFound when it does not exist for them, or KindForbidden. People work on
// their own orders only, even where their role sees a whole grid; on behalf of others
// acts the desk, which manages orders. Nobody confirms or rates their own work.
func (a *asker) may(perm auth.Permission, o *Row) error {
	own := a.p.Worker != "" && (a.p.Worker == o.Worker || a.p.Worker == o.Second)
	switch {
	case !a.covers("order.read", o) && !a.covers(perm, o):
		return errNone
	case !a.covers(perm, o), perm == "order.work" && !own && !a.covers("order.manage", o):
		return linli.Forbidden("这张单不归您办", "this order is not yours to act on")
	case (perm == "order.confirm" || perm == "evaluate.rate") && own:
		return linli.Forbidden("不能确认或评价自己办的单", "nobody confirms or rates their own work")
	}
	return nil
}

func (a *asker) acts(o *Row) []Act {
	out := []Act{}
	for _, act := range actOrder {
		if r := machine[act]; slices.Contains(r.from, o.State) && a.may(r.may, o) == nil {
			out = append(out, act)
		}
	}
	return out
}

// actOrder is the order in which a page offers the acts.
var actOrder = []Act{ActAccept, ActEnRoute, ActArrive, ActStep, ActFinish, ActConfirm, ActDispute, ActContact, ActNote, ActPause, ActResume, ActClose, ActFail, ActCancel, ActReopen}

// answers composes what is shown of the rows, with one question per neighbor.
func (s *Service) answers(ctx context.Context, rows []*Row) ([]OrderAnswer, error) {
	now, by := s.Now(), askerOf(ctx)
	out := make([]OrderAnswer, len(rows))
	var residents []linli.ResidentID
	var demands []linli.DemandID
	of := map[linli.ResidentID][]int{}
	people := map[linli.WorkerID][]*OrderPerson{}
	person := func(id linli.WorkerID) *OrderPerson {
		if id == "" {
			return nil
		}
		p := &OrderPerson{ID: id}
		people[id] = append(people[id], p)
		return p
	}
	for i, o := range rows {
		a, err := s.answer(ctx, o, by, now)
		if err != nil {
			return nil, err
		}
		a.Worker, a.Second = person(o.Worker), person(o.Second)
		out[i] = a
		if o.Resident != "" {
			if of[o.Resident] == nil {
				residents = append(residents, o.Resident)
			}
			of[o.Resident] = append(of[o.Resident], i)
		}
		if o.Demand != "" && o.Words == "" {
			demands = append(demands, o.Demand)
		}
	}
	if len(residents) > 0 {
		err := s.Residents.Brief(ctx, residents, func(id linli.ResidentID, name, phone, door string) {
			for _, i := range of[id] {
				out[i].Name, out[i].Phone, out[i].Door = name, phone, door
			}
		})
		if err != nil {
			return nil, err
		}
	}
	if s.Workers != nil && len(people) > 0 {
		workers, err := s.Workers.Workers(ctx, now)
		if err != nil {
			return nil, err
		}
		for _, w := range workers {
			for _, p := range people[w.ID] {
				p.Name = w.Name
			}
		}
	}
	if s.Demands != nil && len(demands) > 0 {
		said, err := s.Demands.Said(ctx, demands)
		if err != nil {
			return nil, err
		}
		for i := range out {
			if out[i].Words == "" {
				out[i].Words = said[out[i].Demand]
			}
		}
	}
	return out, nil
}

// answer is what the row itself says.
func (s *Service) answer(ctx context.Context, o *Row, by *asker, now time.Time) (OrderAnswer, error) {
	k, err := s.clock(ctx, o)
	if err != nil {
		return OrderAnswer{}, err
	}
	spec, err := s.Catalog.Spec(ctx, o.Spec)
	if err != nil && linli.KindOf(err) != linli.KindInvalid { // a specification taken out of the catalog keeps its code
		return OrderAnswer{}, err
	}
	a := OrderAnswer{ID: o.ID, Number: o.Number, Demand: o.Demand, Round: o.Round, Rev: o.Rev, State: o.State, Held: o.Held, Pause: o.PauseReason,
		Item: o.Item, Spec: o.Spec, Zh: spec.Zh, En: spec.En, SLA: o.SLA, Source: o.Source, Place: o.Place, At: linli.Point{Lng: o.Lng, Lat: o.Lat},
		Resident: o.Resident, Words: o.Words, Wish: linli.Window{From: linli.Time(o.WishFrom), To: linli.Time(o.WishTo)},
		Promise: linli.Window{From: linli.Time(o.PromisedFrom), To: linli.Time(o.PromisedTo)}, Prior: linli.Window{From: linli.Time(o.PriorFrom), To: linli.Time(o.PriorTo)}, Start: linli.Time(o.StartAt),
		LengthS: o.LengthMS / 1000, Persons: o.Persons, Org: o.Org, Facility: o.Facility, Auto: o.Auto == 1, Why: fromJSON[[]linli.Reason](o.Reasons),
		Stars: o.Stars, Submitted: linli.Time(o.SubmittedAt), Opened: linli.Time(o.OpenedAt), Since: linli.Time(o.StateAt),
		Accepted: linli.Time(o.AcceptedAt), Arrived: linli.Time(o.ArrivedAt), Finished: linli.Time(o.FinishedAt), Closed: linli.Time(o.ClosedAt),
		Due: k.show(o, now), Breached: []string{}, May: by.acts(o), row: o.belongs(by.p)}
	if o.State != Paused {
		a.Held = ""
	}
	if by.p.Serves(o.Resident) || by.covers("order.manage", o) {
		a.Code = o.Code
	}
	for _, m := range milestones {
		if o.Breached&m != 0 {
			a.Breached = append(a.Breached, milestoneNames[m])
		}
	}
	return a, nil
}

// show words the limit that counts now.
func (k clock) show(o *Row, now time.Time) OrderDue {
	at := k.due(o)
	if at == 0 {
		return OrderDue{}
	}
	d := OrderDue{What: "state", LimitAt: linli.Time(at), LeftMS: at - linli.Millis(now), Owner: k.owner(o),
		Stopped: o.State == Paused && o.WaitingFrom == o.StateAt && o.WaitingTo == 0}
	if o.FinishedAt == 0 {
		for _, m := range milestones {
			if o.met(m) == 0 && k.limit(o, m) == at {
				d.What = milestoneNames[m]
				break
			}
		}
	}
	if then := machine[ActConfirm].from; slices.Contains(then, o.State) {
		d.Owner = Owner{Role: "resident"}
	}
	return d
}

// detail composes the page of one order.
func (s *Service) detail(ctx context.Context, tx db.Tx, o *Row) (OrderDetail, error) {
	k, err := s.clock(ctx, o)
	if err != nil {
		return OrderDetail{}, err
	}
	d := OrderDetail{SOP: o.SOP, Limits: []OrderLimit{}}
	for _, m := range milestones {
		if at := k.limit(o, m); at != 0 {
			d.Limits = append(d.Limits, OrderLimit{What: milestoneNames[m], LimitAt: linli.Time(at), MetAt: linli.Time(o.met(m)), Broken: o.Breached&m != 0})
		}
	}
	if !o.State.Ended() {
		at, _, _ := k.stand(o)
		d.StateDue = linli.Time(at)
	}
	if d.Steps, err = s.progress(tx, o); err != nil {
		return d, err
	}
	if d.Evidence, err = evidenceOf(tx, o.ID); err != nil {
		return d, err
	}
	d.Timeline, err = timeline(tx, o.ID)
	return d, err
}

// progress joins the pinned steps with those done in this round.
func (s *Service) progress(tx db.Tx, o *Row) ([]OrderStep, error) {
	steps, err := s.steps(tx, o.SOP)
	if err != nil {
		return nil, err
	}
	done, err := stepsDone(tx, o)
	if err != nil {
		return nil, err
	}
	out := make([]OrderStep, len(steps))
	for i, st := range steps {
		d := done[st.No]
		out[i] = OrderStep{Step: st, DoneAt: linli.Time(d.at), Note: d.note, Proof: d.evidence}
	}
	return out, nil
}

func timeline(tx db.Tx, id linli.OrderID) ([]OrderLine, error) {
	rows, err := tx.Query(`SELECT `+eventColumns+` FROM order_event WHERE order_id = $1 ORDER BY seq`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []OrderLine{}
	for rows.Next() {
		var l OrderLine
		var d detail
		var order linli.OrderID
		var at, stored int64
		if err := rows.Scan(&order, &l.Seq, &at, &stored, &l.Round, &l.Kind, &l.State, &l.User, &l.Who, &l.Worker,
			&l.Reason, &l.Note, &l.Step, db.JSON(&l.Evidence), db.JSON(&d)); err != nil {
			return nil, err
		}
		l.At, l.Stored, l.LimitAt = linli.Time(at), linli.Time(stored), linli.Time(d.LimitAt)
		l.Clock, l.Owner, l.To, l.Stars, l.NPS, l.Why = d.Clock, d.Owner, d.To, d.Stars, d.NPS, d.Reasons
		out = append(out, l)
	}
	return out, rows.Err()
}
