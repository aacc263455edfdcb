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
	"linli/engine/bus"
	"linli/engine/db"
)

// move is what becomes of one order. Without a worker it waits, and why says for what.
type move struct {
	*piece
	to   linli.Assignment
	rank int64
}

// stays tells whether the same people come, only at another time as promised.
func (m *move) stays() bool {
	return m.had && m.to.Worker == m.before.worker && m.to.Second == m.before.second && m.to.Promise == m.before.promise
}

// moves lists what the sketch changes, by order id. A start that shifts by less than
// a minute has not changed.
func (k *sketch) moves() (out []*move) {
	for _, id := range slices.Sorted(slices.Values(k.order)) {
		x := k.pieces[id]
		if x.had && !x.lost && !x.free {
			continue
		}
		m := &move{piece: x, rank: cmp.Or(x.rank, 1)}
		st := k.visitOf(id)
		start, ok := k.seated(st)
		switch {
		case !ok && !x.had:
			continue // it waits as before
		case !ok:
			m.to.Reasons = x.why
		default:
			worker, _, _, _ := k.board.Served(st.visit)
			own := k.lanes[worker]
			m.to = linli.Assignment{Worker: own.ID, Org: own.Org, Start: k.moment(start), Auto: !x.hand, Reasons: x.why}
			if st.second >= 0 {
				second, _, _, _ := k.board.Served(st.second)
				m.to.Second = k.lanes[second].ID
			}
			if x.had && m.to.Worker == x.before.worker {
				if m.to.Second == x.before.second && m.to.Start.Sub(x.before.start).Abs() < time.Minute {
					continue // also what was lost for a moment and found its way back
				}
				m.to.Auto, m.rank = x.before.auto, x.before.rank
			}
			a := x.ask
			a.need = x.need
			m.to.Promise = a.promise(m.to.Start, k.now)
			if len(m.to.Reasons) == 0 {
				m.to.Reasons = []linli.Reason{{Code: "replanned", Ref: string(x.before.worker)}}
			}
		}
		out = append(out, m)
	}
	return out
}

// Change is a visit that is given to somebody else, starts at another time, or has
// nobody any more. Without from it waited before or is new, without to it waits now.
type Change struct {
	Order       linli.OrderID  `json:"order"`
	Item        linli.ItemCode `json:"item"`
	Spec        linli.SpecCode `json:"spec"`
	SLA         linli.SLAClass `json:"sla"`
	Place       linli.Place    `json:"place" class:"D1" mask:"door"`
	At          linli.Point    `json:"at,omitzero" class:"D1"`
	FromWorker  linli.WorkerID `json:"from_worker,omitempty"`
	FromName    string         `json:"from_name,omitempty" class:"D1" mask:"name"`
	FromStart   time.Time      `json:"from_start,omitzero"`
	FromPromise linli.Window   `json:"from_promise,omitzero"`
	ToWorker    linli.WorkerID `json:"to_worker,omitempty"`
	ToName      string         `json:"to_name,omitempty" class:"D1" mask:"name"`
	ToStart     time.Time      `json:"to_start,omitzero"`
	ToPromise   linli.Window   `json:"to_promise,omitzero"`
	Told        bool           `json:"told" doc:"the resident was told of what changes: the window, or who comes"`
	Promise     bool           `json:"promise" doc:"the promised window itself changes or is lost"`
	Reasons     []linli.Reason `json:"reasons" nullable:"false"`
	row         auth.Row
}

// AuthRow says to whom the visit belongs.
func (c Change) AuthRow() auth.Row { return c.row }

// changes words the moves for the board.
func (k *sketch) changes(moves []*move) []Change {
	out := make([]Change, 0, len(moves))
	name := func(id linli.WorkerID) string {
		if l := k.workers[id]; l != nil {
			return l.Name
		}
		return ""
	}
	for _, m := range moves {
		window, who := m.told.differs(m.to)
		c := Change{Order: m.order, Item: m.need.Item, Spec: m.need.Spec, SLA: m.need.SLA, Place: m.need.Place, At: m.need.At,
			ToWorker: m.to.Worker, ToName: name(m.to.Worker), ToStart: m.to.Start, ToPromise: m.to.Promise,
			Told: window || who, Promise: window, Reasons: slices.Clone(m.to.Reasons), row: m.row()}
		if m.had {
			c.FromWorker, c.FromName, c.FromStart, c.FromPromise = m.before.worker, name(m.before.worker), m.before.start, m.before.promise
		}
		if c.Reasons == nil {
			c.Reasons = []linli.Reason{}
		}
		out = append(out, c)
	}
	// What residents were told first, then by hour.
	slices.SortStableFunc(out, func(a, b Change) int {
		weight := func(c Change) int {
			switch {
			case c.Promise:
				return 0
			case c.Told:
				return 1
			}
			return 2
		}
		at := func(c Change) time.Time {
			if c.FromWorker != "" {
				return c.FromStart
			}
			return c.ToStart
		}
		return cmp.Or(cmp.Compare(weight(a), weight(b)), at(a).Compare(at(b)), cmp.Compare(a.Order, b.Order))
	})
	return out
}

// Cost is how good a plan is; of two plans the first number that differs decides.
type Cost struct {
	Unserved  []int64 `json:"unserved" nullable:"false" doc:"orders nobody has, of class P1 to P4"`
	Broken    int64   `json:"broken" doc:"promises that are not kept"`
	LateMin   float64 `json:"late_min" doc:"later than hoped, all orders together"`
	TravelMin float64 `json:"travel_min"`
	OtherMin  float64 `json:"other_min" doc:"continuity, fairness and the price of changes"`
}

func (k *sketch) cost() (c Cost, raw route.Cost) {
	_, plan, _ := k.board.Snapshot()
	raw = plan.Cost()
	travel := plan.Travel()
	return Cost{Unserved: slices.Clone(raw[:route.Tiers]), Broken: raw[route.CostBroken], LateMin: tenth(float64(raw[route.CostLate]) / 60),
		TravelMin: tenth(float64(travel) / 60), OtherMin: tenth(float64(raw[route.CostRest]-travel) / 60)}, raw
}

// errRaced says that the plan has moved on since the sketch was made.
var errRaced = errors.New("dispatch: the plan has changed since the sketch")

// lanesOf lists whose days the moves touch.
func lanesOf(moves []*move) []linli.WorkerID {
	var ids []linli.WorkerID
	for _, m := range moves {
		for _, id := range []linli.WorkerID{m.before.worker, m.before.second, m.to.Worker, m.to.Second} {
			if id != "" {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// same tells whether all the moves rest on is still as the sketch saw it: the lanes,
// the workers, and where the orders stand.
func (s *Service) same(tx db.Tx, k *sketch, moves []*move) (bool, error) {
	p := &s.plan
	for _, id := range lanesOf(moves) {
		was, is := k.workers[id], p.workers[id]
		if is == nil || was == nil || is.rev != was.rev || is.Rev != was.Rev || is.Active != was.Active {
			return false, nil
		}
	}
	ids := make([]linli.OrderID, len(moves))
	for i, m := range moves {
		ids[i] = m.order
	}
	states, err := s.Orders.States(tx, ids)
	if err != nil {
		return false, err
	}
	for _, m := range moves {
		if _, ok := p.visits[m.order]; states[m.order] != m.state || ok != m.had {
			return false, nil
		}
	}
	return true, nil
}

// carry makes the moves the plan, in the image and in the tables, and tells
// everybody. errRaced, and nothing may be kept of the transaction, when the plan is
// no longer the one they were thought of for.
func (s *Service) carry(ctx context.Context, tx db.Tx, k *sketch, moves []*move, because string) error {
	if len(moves) == 0 {
		return nil
	}
	if err := s.image(ctx, tx); err != nil {
		return err
	}
	if ok, err := s.same(tx, k, moves); err != nil || !ok {
		return cmp.Or(err, errRaced)
	}
	for _, id := range lanesOf(moves) {
		if fresh, err := s.raise(ctx, tx, id); err != nil || !fresh {
			return cmp.Or(err, errRaced)
		}
	}
	p, now := &s.plan, s.Now()
	for _, m := range moves { // all leave before anybody comes
		if !m.had {
			continue
		}
		if err := s.end(tx, m.before, m.need.Place, because); err != nil {
			return err
		}
		p.drop(m.order)
	}
	for _, m := range moves {
		if err := s.carryOne(ctx, tx, m, because); err != nil {
			return err
		}
		if m.to.Worker == "" {
			continue
		}
		a := standing{order: m.order, worker: m.to.Worker, second: m.to.Second, need: m.need, start: m.to.Start}
		if err := p.reseat(a, now); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) carryOne(ctx context.Context, tx db.Tx, m *move, because string) error {
	x := m.matter
	x.because = because
	switch {
	case m.to.Worker == "":
		if err := s.Orders.Unassign(ctx, tx, m.order, because); err != nil {
			return err
		}
		return s.wait(ctx, tx, x, m.to.Reasons)
	case m.stays():
		return s.shift(ctx, tx, m)
	}
	return s.record(ctx, tx, x, m.to, Wish{}, m.rank)
}

// shift writes that the same people come at another time inside what was promised.
func (s *Service) shift(ctx context.Context, tx db.Tx, m *move) error {
	now := s.Now()
	row := m.before
	row.id, row.at, row.start, row.named, row.ended = linli.NewID("asg", now), now, m.to.Start, false, ""
	if err := s.insert(tx, row, m.need.Place, auth.From(ctx).User); err != nil {
		return err
	}
	if err := s.Orders.Shift(ctx, tx, m.order, m.to.Start); err != nil {
		return err
	}
	return s.Bus.Publish(tx, bus.Pack(EventAssigned, string(m.order), m.need.Place, now, Assigned{Order: m.order, Worker: row.worker, Second: row.second, Org: row.org,
		Start: linli.Millis(row.start), From: linli.Millis(row.promise.From), To: linli.Millis(row.promise.To), Rank: row.rank, Auto: row.auto}))
}
