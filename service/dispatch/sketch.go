package dispatch

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/route"
	"linli/engine/db"
)

// sketch is the plan as it stood at a moment, to think on beside the desk: nobody
// waits for it, and what is tried on it changes nothing. What comes of it is taken
// afterwards, if what it rests on is still so.
type sketch struct {
	image
	s      *Service
	now    time.Time
	until  time.Time // what starts later is left as it is
	pieces map[linli.OrderID]*piece
	order  []linli.OrderID // of the pieces: by start, the waiting last
	may    func(auth.Row) bool
	day    int  // a draft of this day, for a person to look at: more may change, see draft.go; 0: none
	calm   bool // the plan is only to become cheaper: nothing calls for a change
	yields bool // what stands may be pushed aside by a higher class; else it outweighs whatever has no seat
}

// piece is an order on a sketch.
type piece struct {
	matter
	refused []linli.WorkerID
	ask     ask
	asked   bool
	all     []linli.Candidate // the judgments of everybody
	free    bool              // may be given to somebody else, or start later inside what was promised
	lost    bool              // its worker cannot keep it: it is seated anew
	pin     bool              // seated on this sketch for good
	hand    bool              // by a person
	rank    int64
	why     []linli.Reason
}

const (
	frozen   = 30 * time.Minute // who must leave within this time is left alone
	settling = 5 * time.Minute  // an order just given is left to its worker, who has yet to answer
	ahead    = 36 * time.Hour   // how far the plan is improved beside the desk
	mostFree = 300              // so many visits are moved about at the same time
	mostWait = 60               // so many waiting orders are tried together
)

// fork copies the image.
func (p *image) fork() image {
	c := *p
	c.board, c.visits, c.revs = p.board.Clone(), maps.Clone(p.visits), maps.Clone(p.revs)
	c.loads = make(map[int]map[linli.WorkerID]time.Duration, len(p.loads))
	for day, of := range p.loads {
		c.loads[day] = maps.Clone(of)
	}
	c.workers, c.lanes = make(map[linli.WorkerID]*lane, len(p.workers)), make([]*lane, len(p.lanes))
	for i, l := range p.lanes {
		own := *l
		c.lanes[i], c.workers[l.ID] = &own, &own
	}
	return c
}

// sketch copies the plan, held for a moment, with everything that stands or waits
// until a time, and with these orders. may tells which orders the asker has a say in; nil: in all.
func (s *Service) sketch(ctx context.Context, until time.Time, may func(auth.Row) bool, also ...linli.OrderID) (k *sketch, err error) {
	err = s.DB.Write(ctx, func(tx db.Tx) error {
		s.plan.enter(tx)
		k, err = s.sketchIn(ctx, tx, until, may, also...)
		return err
	})
	return k, err
}

// sketchIn is sketch inside a transaction.
func (s *Service) sketchIn(ctx context.Context, tx db.Tx, until time.Time, may func(auth.Row) bool, also ...linli.OrderID) (*sketch, error) {
	if err := s.image(ctx, tx); err != nil {
		return nil, err
	}
	k := &sketch{image: s.plan.fork(), s: s, now: s.Now(), until: until, pieces: map[linli.OrderID]*piece{}, may: may}
	standing, err := s.standing(tx, "")
	if err != nil {
		return nil, err
	}
	for _, a := range standing {
		if a.start.After(until) && !slices.Contains(also, a.order) {
			k.take(k.visits[a.order]) // it is out of sight, but counts for the day
			delete(k.visits, a.order)
			continue
		}
		k.put(matter{order: a.order, need: a.need, before: a, had: true})
	}
	waiting, err := db.Rows(tx, func(rows *sql.Rows) (id linli.OrderID, err error) { return id, rows.Scan(&id) },
		`SELECT order_id FROM dispatch_waiting ORDER BY sla, since, order_id LIMIT $1`, mostWait)
	if err != nil {
		return nil, err
	}
	for _, id := range append(waiting, also...) {
		if k.pieces[id] != nil || id == "" {
			continue
		}
		m, err := s.look(ctx, tx, id)
		if linli.KindOf(err) == linli.KindNotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		spec, err := s.Catalog.Spec(ctx, m.need.Spec)
		if err != nil {
			return nil, err
		}
		if m.need.Length = cmp.Or(m.need.Length, spec.Length); !m.had && (spec.Mode != linli.ByFacility || slices.Contains(also, id)) {
			k.put(m)
		}
	}
	return k, k.read(tx)
}

func (k *sketch) put(m matter) *piece {
	x := &piece{matter: m}
	k.pieces[m.order], k.order = x, append(k.order, m.order)
	return x
}

// read looks up the states of the orders and who has refused them.
func (k *sketch) read(tx db.Tx) error {
	states, err := k.s.Orders.States(tx, k.order)
	if err != nil {
		return err
	}
	type no struct {
		order  linli.OrderID
		worker linli.WorkerID
	}
	refused, err := db.Rows(tx, func(rows *sql.Rows) (n no, err error) { return n, rows.Scan(&n.order, &n.worker) },
		`SELECT order_id, worker_id FROM dispatch_refusal WHERE reason <> $2 AND order_id IN `+k.s.DB.Dialect().In("$1")+` ORDER BY order_id, worker_id`,
		db.List(k.order), noAnswer)
	if err != nil {
		return err
	}
	for id, x := range k.pieces {
		x.state = states[id]
		if x.had {
			x.before.named = named[x.state]
			x.told = tells(x.before, x.state)
		}
	}
	for _, n := range refused {
		k.pieces[n.order].refused = append(k.pieces[n.order].refused, n.worker)
	}
	return nil
}

// row says to whom the order belongs.
func (x *piece) row() auth.Row {
	return auth.Row{Place: x.need.Place, Resident: x.need.Resident, Org: x.before.org, Worker: x.before.worker, Case: true}
}

// loose tells whether linli may move the order: given by linli to one person, not
// begun, and the asker has a say in it. Only to save ways nothing is moved that was
// given just now.
func (k *sketch) loose(x *piece) bool {
	st := k.visits[x.order]
	return x.had && (!k.calm || k.now.Sub(x.before.at) >= settling) && !x.pin && x.before.auto && (x.state == "assigned" || x.state == "accepted") && x.before.second == "" && st.visit >= 0 && !st.left &&
		!k.board.Begun(st.visit) && (k.may == nil || k.may(x.row()))
}

// seated tells whether the board serves the order, and since when.
func (k *sketch) seated(st seat) (start int32, ok bool) {
	if st.visit < 0 {
		return 0, false
	}
	_, _, start, ok = k.board.Served(st.visit)
	if ok && st.second >= 0 {
		_, _, _, ok = k.board.Served(st.second)
	}
	return start, ok
}

// lay readies the board for thinking: whose worker must leave soon, what has begun,
// and what a person has decided is nailed; the rest stays where it is, unless told
// to move. Of those that may be moved the first mostFree are set free.
func (k *sketch) lay(ctx context.Context) error {
	return k.layOnly(ctx, func(*piece) bool { return true })
}

// layOnly is lay that sets only those free that move wants; nil: none.
func (k *sketch) layOnly(ctx context.Context, move func(*piece) bool) error {
	k.board.Freeze(k.second(k.now), int32(frozen/time.Second))
	free := 0
	for _, id := range k.order {
		x := k.pieces[id]
		if !x.had || x.lost {
			continue
		}
		st := k.visits[id]
		start, ok := k.seated(st)
		switch {
		case !ok && !st.left && !atWork[x.state] && !past(x.before.start, k.now) && (k.may == nil || k.may(x.row())):
			if err := k.lose(ctx, id, linli.Reason{Code: "worker-off", Ref: string(x.before.worker)}); err != nil {
				return err
			}
		case !ok:
		case move != nil && free < mostFree && k.loose(x) && move(x):
			free++
			if err := k.loosen(ctx, x); err != nil {
				return err
			}
		default:
			if err := k.nail(x, max(start, k.second(x.before.start))); err != nil {
				return err
			}
		}
	}
	return nil
}

// nail fixes a standing visit where it is.
func (k *sketch) nail(x *piece, start int32) error {
	st := k.visits[x.order]
	for _, v := range []int{st.visit, st.second} {
		if v < 0 || k.board.Begun(v) {
			continue
		}
		worker, _, _, ok := k.board.Served(v)
		if !ok {
			continue
		}
		if err := k.set(x, v, route.Visit{Duration: int32(st.length / time.Second), Tier: tier[x.need.SLA], Fixed: &route.Fixed{Worker: worker, Start: start}}); err != nil {
			return err
		}
	}
	return nil
}

// set changes a visit that is seated and stays so.
func (k *sketch) set(x *piece, visit int, v route.Visit) error {
	released, err := k.board.SetVisit(visit, x.need.At, v)
	if err == nil && len(released) > 0 {
		err = linli.Internal(errors.New("dispatch: a seated visit was lost on a sketch"))
	}
	return err
}

// Prices of a change in seconds of travel: a worker who has not answered loses
// little, one who has accepted by how short before the start it comes.
const (
	priceAssigned = 300
	worse         = 5.0 // minutes by which match may think less of the new worker
)

var priceAccepted = []struct {
	within time.Duration
	price  int64
}{{2 * time.Hour, 3600}, {24 * time.Hour, 1200}, {horizon, 600}}

// changePrice is what it costs to give a visit to somebody else.
func changePrice(state string, start, now time.Time) int64 {
	if !named[state] {
		return priceAssigned
	}
	for _, p := range priceAccepted {
		if start.Sub(now) <= p.within {
			return p.price
		}
	}
	return priceAccepted[len(priceAccepted)-1].price
}

// loosen lets a standing visit go to whoever match thinks as well of, and start
// later, both inside the window that was promised.
func (k *sketch) loosen(ctx context.Context, x *piece) error {
	if err := k.consult(ctx, x); err != nil {
		return err
	}
	st := k.visits[x.order]
	own := k.workers[st.worker]
	open := k.second(x.before.start)
	v := route.Visit{Duration: int32(st.length / time.Second), Tier: 1,
		Windows: []route.Window{{Open: open, Close: min(max(open, k.second(x.before.promise.To)), open+15*60)}},
		Promise: &route.Promise{Worker: own.index, Start: open, AnnouncedAt: k.second(x.before.at), Price: changePrice(x.state, x.before.start, k.now)}}
	if k.yields {
		v.Tier = tier[x.need.SLA]
	}
	if k.day != 0 {
		k.widen(x, &v)
	}
	v.Promise.AnnouncedAt = min(v.Promise.AnnouncedAt, k.board.Now())
	day, end := dayOf(x.before.start), k.moment(v.Windows[0].Close)
	liking := worse
	if c := x.ask.eligible[own.index]; c != nil {
		liking += opinion(c)
	}
	for i, c := range x.ask.eligible {
		l := k.lanes[i]
		switch {
		case i == own.index:
		case c == nil, !k.room(l, day, x.need), !l.proven(x.need, end), opinion(c) > liking:
			continue
		}
		v.Eligible = append(v.Eligible, i)
		if c != nil && continues(c) {
			v.Prefer = append(v.Prefer, i)
		}
	}
	x.free = true
	return k.set(x, st.visit, v)
}

// opinion is what match thinks of a candidate beside the way and the hour, in minutes.
func opinion(c *linli.Candidate) (minutes float64) {
	for _, p := range c.Parts {
		if p.Code != "travel" && p.Code != "wait" && p.Code != "continuity" {
			minutes += p.Minutes
		}
	}
	return minutes
}

func continues(c *linli.Candidate) bool {
	return slices.ContainsFunc(c.Parts, func(p linli.Part) bool { return p.Code == "continuity" })
}

// consult asks match once who could serve the order.
func (k *sketch) consult(ctx context.Context, x *piece) (err error) {
	if x.asked {
		return nil
	}
	need := x.need
	need.Exclude = append(slices.Clone(need.Exclude), x.refused...)
	x.asked = true
	x.ask, x.all, err = k.s.eligible(ctx, &k.image, x.order, need, "")
	x.ask.keep = x.told.window
	return err
}

// lose takes a standing order from its worker on the sketch, to be seated anew.
func (k *sketch) lose(_ context.Context, id linli.OrderID, why linli.Reason) error {
	x := k.pieces[id]
	if x.lost {
		return nil
	}
	k.drop(id)
	x.lost, x.free, x.why = true, false, []linli.Reason{why}
	return nil
}

// offer puts what is lost or waits on the board unserved, for a search to seat it
// together with the rest.
func (k *sketch) offer(ctx context.Context) error {
	for _, id := range k.order {
		x := k.pieces[id]
		if x.had && !x.lost || x.pin || k.may != nil && !x.lost && !k.may(x.row()) {
			continue
		}
		if err := k.consult(ctx, x); err != nil {
			return err
		}
		late := time.Time{}
		if !x.had {
			late = k.now // it waits because nothing better was found
		}
		v := k.visit(x.ask, k.now, late)
		v.Windows[0].Close = min(v.Windows[0].Close, k.second(k.until))
		if k.day != 0 {
			v.Windows[0].Open = max(v.Windows[0].Open, k.second(midnight(k.day)))
		}
		if v.Windows[0].Open > v.Windows[0].Close {
			continue
		}
		if l := k.workers[x.before.worker]; x.had && l != nil {
			v.Promise = &route.Promise{Worker: l.index, Start: k.second(x.before.start), AnnouncedAt: k.board.Now()}
		}
		st, err := k.add(x.ask, v)
		if err != nil {
			return err
		}
		st.length = x.need.Length
		k.visits[id] = st
	}
	return nil
}

// withdraw takes off the board again what nobody serves.
func (k *sketch) withdraw() {
	for _, id := range k.order {
		if st, ok := k.visits[id]; ok && st.worker == "" {
			if _, served := k.seated(st); !served {
				k.take(st)
				delete(k.visits, id)
			}
		}
	}
}

// search looks for a better plan of everything that may move.
func (k *sketch) search(ctx context.Context) error {
	problem, plan, version := k.board.Snapshot()
	budget := k.s.budget
	if k.day != 0 {
		budget = draftBudget
	}
	res, err := route.Solve(ctx, problem, plan, budget, uint64(k.now.UnixMilli()))
	if err != nil {
		return err
	}
	_, err = k.board.Adopt(res.Plan, version)
	return err
}

// sound tells whether the moves of a search may be made at all: nobody who had a seat
// is left without, nobody is given more than they do in a day, and certificates last
// to the end. The board knows of none of this.
func (k *sketch) sound() bool {
	loads := map[int]map[linli.WorkerID]time.Duration{}
	for day, of := range k.loads {
		loads[day] = maps.Clone(of)
	}
	add := func(at time.Time, id linli.WorkerID, d time.Duration) {
		if id != "" {
			day := dayOf(at)
			if loads[day] == nil {
				loads[day] = map[linli.WorkerID]time.Duration{}
			}
			loads[day][id] += d
		}
	}
	moves := k.moves()
	for _, m := range moves {
		if m.to.Worker == "" && !m.lost {
			return false
		}
		if m.had && !m.lost {
			add(m.before.start, m.before.worker, -m.before.need.Length)
			add(m.before.start, m.before.second, -m.before.need.Length)
		}
		add(m.to.Start, m.to.Worker, m.need.Length)
		add(m.to.Start, m.to.Second, m.need.Length)
	}
	for _, m := range moves {
		for _, id := range []linli.WorkerID{m.to.Worker, m.to.Second} {
			if l := k.workers[id]; l != nil && (l.MaxLoad > 0 && loads[dayOf(m.to.Start)][id] > l.MaxLoad || !l.proven(m.need, m.to.Start)) {
				return false
			}
		}
	}
	return true
}

// place seats what is lost one after the other, the urgent first, where it costs
// least; nothing else moves. What finds no place waits.
func (k *sketch) place(ctx context.Context, ids ...linli.OrderID) error {
	slices.SortStableFunc(ids, func(a, b linli.OrderID) int {
		x, y := k.pieces[a], k.pieces[b]
		return cmp.Or(cmp.Compare(tier[x.need.SLA], tier[y.need.SLA]), x.before.start.Compare(y.before.start), cmp.Compare(a, b))
	})
	for _, id := range ids {
		x := k.pieces[id]
		if err := k.consult(ctx, x); err != nil {
			return err
		}
		options, st, v, err := k.price(x.ask, k.now)
		if err != nil {
			return err
		}
		if len(options) == 0 {
			x.why = append(x.why, whyNobody(x.all)...)
			continue
		}
		x.rank = 1
		x.why = append(x.why, reasons(options, 0, len(x.all))...)
		if err := k.settle(x.ask, st, options[0], v, k.now); err != nil {
			return err
		}
	}
	return nil
}

// homeless lists what is lost and has no seat.
func (k *sketch) homeless() (ids []linli.OrderID) {
	for _, id := range k.order {
		if x := k.pieces[id]; x.lost {
			if _, ok := k.seated(k.visitOf(id)); !ok {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

func (k *sketch) visitOf(id linli.OrderID) seat {
	if st, ok := k.visits[id]; ok {
		return st
	}
	return seat{visit: -1, second: -1}
}
