package dispatch

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"linli"
	"linli/decide/route"
	"linli/engine/db"
	"linli/geo"
)

// plan is the rolling board of this node in the words of the hub: it maps orders
// and workers to the dense indices of decide/route and moments to its seconds.
//
// The tables are the truth, the board is their image. Every change of a lane
// raises the lane's revision in the same transaction; a change that finds another
// revision than the board's means that the image is old (a transaction failed
// after the board had moved, or another node was faster), and the lane is read
// again. The lock is only ever taken inside a transaction: whoever waits for it
// already has the store, so the two cannot wait for each other.
type plan struct {
	mu      sync.Mutex
	origin  time.Time // second 0 of the board
	board   *route.Board
	visits  map[linli.OrderID]seat
	workers map[linli.WorkerID]*lane
	order   map[int]linli.OrderID  // by visit index
	worker  map[int]linli.WorkerID // by worker index
	loaded  bool
}

// seat is where an order stands on the board; second is -1 with one person.
type seat struct {
	visit, second int
	worker, with  linli.WorkerID
}

// lane is a worker as the board knows them.
type lane struct {
	linli.Worker
	index int
	rev   int64  // of dispatch_lane when the board was last in step
	day   string // Shanghai day the shifts were laid out for
	load  map[string]time.Duration
}

// profiles are the travel profiles in the order the board numbers them.
var profiles = []geo.Profile{geo.Adult, geo.EBike}

func profileIndex(p string) int { return max(0, slices.Index(profiles, geo.Profile(p))) }

// travel is the board's leg: the straight line times 1.3 until a walking graph is loaded.
func travel(profile int, from, to linli.Point) int32 {
	t, ok := geo.Straight(from, to, profiles[profile])
	if !ok {
		return 0
	}
	return int32(t.Time / time.Second)
}

func (p *plan) second(t time.Time) int32 {
	s := int64(t.Sub(p.origin) / time.Second)
	return int32(min(max(s, 0), int64(route.MaxTime)))
}

func (p *plan) moment(s int32) time.Time {
	return p.origin.Add(time.Duration(s) * time.Second).In(linli.Shanghai)
}

func dayOf(t time.Time) string { return t.In(linli.Shanghai).Format(time.DateOnly) }

// load builds the board from the tables, once.
func (s *Service) load(ctx context.Context, tx db.Tx) error {
	p := &s.plan
	if p.loaded {
		return nil
	}
	now := s.Now()
	p.origin = now.Truncate(24*time.Hour).AddDate(0, 0, -2)
	board, err := route.NewBoard(route.BoardSpec{Travel: travel, Profiles: len(profiles), Now: p.second(now)})
	if err != nil {
		return err
	}
	p.board = board
	p.visits, p.workers = map[linli.OrderID]seat{}, map[linli.WorkerID]*lane{}
	p.order, p.worker = map[int]linli.OrderID{}, map[int]linli.WorkerID{}
	if _, err := s.syncWorkers(ctx, now); err != nil {
		return err
	}
	standing, err := s.standing(tx, "")
	if err != nil {
		return err
	}
	for _, a := range standing {
		if err := s.reseat(a); err != nil {
			return err
		}
	}
	revs, err := laneRevs(tx)
	if err != nil {
		return err
	}
	for id, l := range p.workers {
		l.rev = revs[id]
	}
	p.loaded = true
	return nil
}

// ready brings the board to the present: built, its clock moved, shifts of today
// known. It returns the orders whose workers can no longer keep them.
func (s *Service) ready(ctx context.Context, tx db.Tx) (released []linli.OrderID, err error) {
	if err := s.load(ctx, tx); err != nil {
		return nil, err
	}
	now := s.Now()
	s.plan.board.Freeze(s.plan.second(now), 0)
	return s.syncWorkers(ctx, now)
}

// syncWorkers tells the board of workers that are new, changed, gone, or have
// another day before them.
func (s *Service) syncWorkers(ctx context.Context, now time.Time) (released []linli.OrderID, err error) {
	p := &s.plan
	list, err := s.Workers.Workers(ctx, now)
	if err != nil {
		return nil, err
	}
	day := dayOf(now)
	seen := make(map[linli.WorkerID]bool, len(list))
	for _, w := range list {
		seen[w.ID] = true
		l := p.workers[w.ID]
		if l != nil && l.Rev == w.Rev && l.day == day {
			continue
		}
		rw := p.routeWorker(w)
		if l == nil {
			l = &lane{load: map[string]time.Duration{}}
			if l.index, err = p.board.AddWorker(w.At, w.At, rw); err != nil {
				return nil, err
			}
			p.workers[w.ID], p.worker[l.index] = l, w.ID
		} else {
			visits, err := p.board.SetWorker(l.index, w.At, w.At, rw)
			if err != nil {
				return nil, err
			}
			released = append(released, p.orders(visits)...)
		}
		l.Worker, l.day = w, day
	}
	for _, id := range slices.Sorted(maps.Keys(p.workers)) {
		if l := p.workers[id]; !seen[id] && l.Active {
			// Not removed: the index stays, so that what they began can still end.
			visits, err := p.board.SetWorker(l.index, l.At, l.At, route.Worker{Profile: profileIndex(l.Profile)})
			if err != nil {
				return nil, err
			}
			released = append(released, p.orders(visits)...)
			l.Active, l.Shifts = false, nil
		}
	}
	return released, nil
}

func (p *plan) orders(visits []int) (out []linli.OrderID) {
	for _, v := range visits {
		if id, ok := p.order[v]; ok && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func (p *plan) routeWorker(w linli.Worker) route.Worker {
	rw := route.Worker{Profile: profileIndex(w.Profile)}
	if !w.Active {
		return rw
	}
	var last int32
	for _, sh := range w.Shifts {
		from, to := p.second(sh.From), p.second(sh.To)
		if from = max(from, last); from < to {
			rw.Shifts = append(rw.Shifts, route.Shift{From: from, To: to})
			last = to
		}
	}
	return rw
}

// ask is a need in the words of the board.
type ask struct {
	order    linli.OrderID
	need     linli.Need
	eligible []linli.Candidate // passed the gates of match
	firm     bool              // the wish is a hard window
}

// soon is from when on a second of delay counts, by class: at once for P1, later
// for what can wait. Waiting less than this lets the cheaper way win.
var soon = map[linli.SLAClass]time.Duration{linli.P1: 0, linli.P2: 30 * time.Minute, linli.P3: 4 * time.Hour, linli.P4: 4 * time.Hour}

// within is until when the service must start when nothing was wished.
var within = map[linli.SLAClass]time.Duration{linli.P1: 2 * time.Hour, linli.P2: 12 * time.Hour, linli.P3: 24 * time.Hour, linli.P4: 7 * 24 * time.Hour}

var tier = map[linli.SLAClass]int{linli.P1: 1, linli.P2: 2, linli.P3: 3, linli.P4: 4}

// visit lays the need out for the board. late lets it start after its limit: a
// late promise that holds is better than none.
func (p *plan) visit(a ask, now time.Time, late bool) route.Visit {
	n := a.need
	v := route.Visit{Duration: int32(n.Length / time.Second), Tier: tier[n.SLA]}
	from := p.second(now)
	wished := n.Wish.To.After(now)
	if wished {
		from = max(from, p.second(n.Wish.From))
		v.Windows = []route.Window{{Open: from, Close: max(from, p.second(n.Wish.To)-1)}}
	} else {
		v.Windows = []route.Window{{Open: from, Close: p.second(now.Add(within[n.SLA]))}}
		v.Late = []route.Late{{After: p.second(now.Add(soon[n.SLA])), Slope: 1}}
	}
	if late {
		v.Windows[0].Close = p.second(now.AddDate(0, 0, 7))
		v.Late = []route.Late{{After: from, Slope: 1}}
	}
	for _, c := range a.eligible {
		if l := p.workers[c.Worker]; l != nil {
			v.Eligible = append(v.Eligible, l.index)
			for _, part := range c.Parts {
				if part.Code == "continuity" {
					v.Prefer = append(v.Prefer, l.index)
				}
			}
		}
	}
	slices.Sort(v.Eligible)
	if v.Eligible == nil {
		v.Eligible = []int{} // nobody, not everybody
	}
	return v
}

// add puts the need on the board, as two linked visits when two must come.
func (p *plan) add(a ask, v route.Visit) (seat, error) {
	visit, err := p.board.AddVisit(a.need.At, v)
	if err != nil {
		return seat{}, err
	}
	st := seat{visit: visit, second: -1}
	if a.need.Persons > 1 {
		if st.second, err = p.board.AddVisit(a.need.At, v); err == nil {
			err = p.board.Link(route.Link{A: st.visit, B: st.second})
		}
		if err != nil {
			p.take(st)
			return seat{}, err
		}
	}
	return st, nil
}

// take removes the visits of a seat from the board.
func (p *plan) take(st seat) {
	for _, v := range []int{st.visit, st.second} {
		if v < 0 {
			continue
		}
		delete(p.order, v)
		// Releasing a linked partner is what we want: it is taken next.
		_, _ = p.board.RemoveVisit(v)
	}
}

// option is one way to serve an order, priced by route and by match together.
type option struct {
	choice  route.Choice
	worker  linli.WorkerID
	with    linli.WorkerID
	match   linli.Candidate
	late    int64   // seconds beyond what is soon enough
	minutes float64 // price of everything else
}

// options prices every way to serve the visit, best first: less lateness before
// fewer minutes. The travel of match is replaced by the travel of the plan.
func (p *plan) options(a ask, st seat) ([]option, error) {
	choices, err := p.board.Insert(st.visit)
	if err != nil {
		return nil, err
	}
	by := map[linli.WorkerID]linli.Candidate{}
	for _, c := range a.eligible {
		by[c.Worker] = c
	}
	var out []option
	for _, c := range choices {
		o := option{choice: c, worker: p.worker[c.Worker], late: c.Cost.Late, minutes: float64(c.Cost.Rest()) / 60}
		if len(c.Partners) > 0 {
			o.with = p.worker[c.Partners[0].Worker]
		}
		o.match = by[o.worker]
		for _, part := range o.match.Parts {
			if part.Code != "travel" && part.Code != "wait" && part.Code != "continuity" {
				o.minutes += part.Minutes
			}
		}
		out = append(out, o)
	}
	slices.SortStableFunc(out, func(x, y option) int {
		return cmp.Or(cmp.Compare(x.choice.Cost.Broken, y.choice.Cost.Broken), cmp.Compare(x.late, y.late), cmp.Compare(x.minutes, y.minutes), cmp.Compare(x.worker, y.worker))
	})
	return out, nil
}

// loads is the service time planned per worker on the day of t.
func (p *plan) loads(t time.Time) map[linli.WorkerID]time.Duration {
	day := dayOf(t)
	out := make(map[linli.WorkerID]time.Duration, len(p.workers))
	for id, l := range p.workers {
		if d := l.load[day]; d > 0 {
			out[id] = d
		}
	}
	return out
}

// book counts the planned work of a seat, or takes it off with sign -1.
func (p *plan) book(st seat, start time.Time, length time.Duration, sign time.Duration) {
	for _, id := range []linli.WorkerID{st.worker, st.with} {
		if l := p.workers[id]; l != nil {
			l.load[dayOf(start)] += sign * length
		}
	}
}

// settle makes a chosen option the plan: seated, promised and counted.
func (p *plan) settle(a ask, st seat, o option, v route.Visit, promise linli.Window, now time.Time) (seat, error) {
	if err := p.board.Commit(o.choice); err != nil {
		return st, err
	}
	st.worker, st.with = o.worker, o.with
	p.order[st.visit] = a.order
	if st.second >= 0 {
		p.order[st.second] = a.order
	} else {
		// What was told must not be pushed aside by what comes later. Linked visits
		// hold each other; the promise of a single one is told to the board.
		v.Promise = &route.Promise{Worker: o.choice.Worker, Start: o.choice.Start, AnnouncedAt: p.second(now)}
		if released, err := p.board.SetVisit(st.visit, a.need.At, v); err != nil || len(released) > 0 {
			return st, linli.Internal(err)
		}
	}
	p.visits[a.order] = st
	p.book(st, p.moment(o.choice.Start), a.need.Length, 1)
	return st, nil
}

// reseat puts a standing assignment of the tables back where it was.
func (s *Service) reseat(a standing) error {
	p := &s.plan
	l := p.workers[a.worker]
	if l == nil {
		return nil // the worker is gone; the order is reassigned when somebody looks at it
	}
	start := p.second(a.start)
	v := route.Visit{Duration: int32(a.need.Length / time.Second), Tier: tier[a.need.SLA], Fixed: &route.Fixed{Worker: l.index, Start: start}}
	st := seat{second: -1, worker: a.worker}
	var err error
	if st.visit, err = p.board.AddVisit(a.need.At, v); err != nil {
		return err
	}
	p.order[st.visit] = a.order
	if second := p.workers[a.second]; second != nil {
		v.Fixed = &route.Fixed{Worker: second.index, Start: start}
		if st.second, err = p.board.AddVisit(a.need.At, v); err != nil {
			return err
		}
		st.with = a.second
		p.order[st.second] = a.order
	}
	p.visits[a.order] = st
	p.book(st, a.start, a.need.Length, 1)
	return nil
}

// drop takes an order off the board.
func (p *plan) drop(order linli.OrderID, start time.Time, length time.Duration) {
	st, ok := p.visits[order]
	if !ok {
		return
	}
	p.take(st)
	delete(p.visits, order)
	p.book(st, start, length, -1)
}
