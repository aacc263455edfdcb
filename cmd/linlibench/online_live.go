package main

import (
	"context"
	"math"
	"slices"
	"time"

	"linli"
	"linli/decide/route"
)

// lived is a day as a policy lived it.
type lived struct {
	route.Life
	answers []time.Duration
}

// The rules of the live policies.
const (
	announce   = 1800  // seconds before the start the resident hears who comes; the window is promised at once
	stretch    = 300   // a service that lasts longer is expected to last so much more
	replanSize = 2000  // iterations after every disturbance
	dawnSize   = 30000 // iterations for what is known in the morning
)

// live plays a day over the board. What has not happened yet is read only at
// the moment it happens.
type live struct {
	d      *onlineDay
	b      *route.Board
	replan bool
	seed   uint64
	now    int32
	next   int // the next order to become known
	orders []liveOrder
	owner  map[int]int // order of a visit on the board
	named  map[int]int // worker the resident of a visit was told
	busy   []running   // per worker
	free   []int32     // when each worker last ended
	out    lived
	stirred,
	loosened bool // something changed: plan anew; somebody waiting may fit now
}

type liveOrder struct {
	visits          []int
	waiting, closed bool
	told            bool
}

// running is the service a worker is on; visit -1 is none.
type running struct {
	visit, log int
	expected   int32
	sick       bool
}

const never = math.MaxInt32

// at is a place as the board wants it: the point only names it.
func at(place int) linli.Point { return linli.Point{Lng: float64(place + 1), Lat: 1} }

func (d *onlineDay) skillsOf(w int) (out []route.Skill) {
	for code, name := range d.skills {
		if level := d.workers[w].Skills[name]; level > 0 {
			out = append(out, route.Skill{Code: code, Level: level})
		}
	}
	return out
}

func (d *onlineDay) needs(o *onlineOrder) []route.Skill {
	if o.Skill == "" {
		return nil
	}
	return []route.Skill{{Code: slices.Index(d.skills, o.Skill), Level: max(o.Level, 1)}}
}

func newLive(d *onlineDay, replan bool, seed uint64) (*live, error) {
	costs := route.LiveCosts()
	costs.Fairness, costs.Tolerance = 0, 86400 // the promise is the window the resident asked for
	b, err := route.NewBoard(route.BoardSpec{Costs: costs, Travel: func(a, b linli.Point, there, back []int32) {
		i, j := int(a.Lng)-1, int(b.Lng)-1
		there[0], back[0] = d.leg(i, j), d.leg(j, i)
	}})
	if err != nil {
		return nil, err
	}
	l := &live{d: d, b: b, replan: replan, seed: seed, orders: make([]liveOrder, len(d.orders)), owner: map[int]int{}, named: map[int]int{},
		free: make([]int32, len(d.workers)), busy: make([]running, len(d.workers))}
	for w := range d.workers {
		l.busy[w].visit = -1
		l.free[w] = d.workers[w].Shift[0]
		if _, err := b.AddWorker(at(w), linli.Point{}, l.worker(w)); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *live) worker(w int) route.Worker {
	s := l.d.workers[w].Shift
	return route.Worker{Shifts: []route.Shift{{From: s[0], To: s[1]}}, Skills: l.d.skillsOf(w)}
}

// play runs the day from event to event.
func (l *live) play(ctx context.Context) (*lived, error) {
	for l.now = -never; ; {
		t := l.upcoming()
		if t == never {
			return &l.out, ctx.Err()
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		first := l.now == -never
		l.now = t
		if err := l.step(ctx, first); err != nil {
			return nil, err
		}
	}
}

// upcoming is the next moment at which something happens.
func (l *live) upcoming() int32 {
	t := int32(never)
	soon := func(at int32) {
		if at > l.now {
			t = min(t, at)
		}
	}
	if l.next < len(l.d.orders) {
		soon(max(l.d.orders[l.next].Known, l.now+1))
	}
	for i := range l.orders[:l.next] {
		if o := &l.orders[i]; !o.closed {
			if c := l.d.orders[i].Canceled; c != nil {
				soon(*c)
			}
			if o.waiting {
				soon(l.d.orders[i].Close + 1)
			}
		}
	}
	for w := range l.busy {
		if sick := l.d.workers[w].Sick; sick != nil {
			soon(*sick)
		}
		if r := &l.busy[w]; r.visit >= 0 {
			soon(max(l.now+1, min(l.out.Trips[r.log].End, r.expected)))
			continue
		}
		if tour, ok := l.b.Tour(w, 0); ok && len(tour.Stops) > 0 {
			soon(max(l.now+1, l.leave(w, tour)))
		}
	}
	return t
}

// leave is when a free worker must go to keep the next start of the plan.
func (l *live) leave(w int, tour route.Tour) int32 {
	return tour.Stops[0].Start - l.d.leg(l.place(w), l.d.place(l.owner[tour.Stops[0].Visit]))
}

// place is where a free worker is.
func (l *live) place(w int) int {
	for i := len(l.out.Trips) - 1; i >= 0; i-- {
		if l.out.Trips[i].Worker == w {
			return l.d.place(l.out.Trips[i].Order)
		}
	}
	return w
}

// step lets everything happen that is due now, in one order: services end,
// workers drop out, residents cancel, new orders come, plans change, workers go.
func (l *live) step(ctx context.Context, first bool) error {
	l.b.Advance(l.now)
	if err := l.announce(); err != nil { // what was due before now, as the plan was
		return err
	}
	if err := l.ends(); err != nil {
		return err
	}
	if err := l.drop(); err != nil {
		return err
	}
	if err := l.cancel(); err != nil {
		return err
	}
	for l.next < len(l.d.orders) && l.d.orders[l.next].Known <= l.now {
		if err := l.arrive(l.next); err != nil {
			return err
		}
		l.next++
	}
	if err := l.mend(); err != nil {
		return err
	}
	if l.replan && l.stirred {
		size := replanSize
		if first {
			size = dawnSize
		}
		if err := l.improve(ctx, size); err != nil {
			return err
		}
	}
	l.stirred = false
	if err := l.announce(); err != nil {
		return err
	}
	return l.depart()
}

// ends closes the services that are over, and stretches those that are not
// though they should be.
func (l *live) ends() error {
	for w := range l.busy {
		r := &l.busy[w]
		if r.visit < 0 {
			continue
		}
		s := &l.out.Trips[r.log]
		if s.End <= l.now {
			if err := l.b.Done(r.visit, s.End); err != nil {
				return err
			}
			delete(l.owner, r.visit)
			delete(l.named, r.visit)
			l.free[w], r.visit = s.End, -1
			l.loosened = l.loosened || s.End < r.expected
			l.stirred = l.stirred || s.End != r.expected
			continue
		}
		if r.expected <= l.now {
			r.expected += stretch
			if err := l.hold(w); err != nil {
				return err
			}
			l.stirred = true
		}
	}
	return nil
}

// hold tells the board that a worker is on a service until the expected end.
func (l *live) hold(w int) error {
	r := &l.busy[w]
	s := &l.out.Trips[r.log]
	v := l.visit(s.Order)
	v.Duration = r.expected - s.Start
	v.Fixed = &route.Fixed{Worker: w, Start: s.Start, Begun: true}
	_, err := l.b.SetVisit(r.visit, at(l.d.place(s.Order)), v)
	return err
}

// holdAll keeps those on the way whose half of a pair was released with the other.
func (l *live) holdAll(released []int) error {
	for w := range l.busy {
		if l.busy[w].visit >= 0 && slices.Contains(released, l.busy[w].visit) {
			if err := l.hold(w); err != nil {
				return err
			}
		}
	}
	return nil
}

// visit is an order as the board is told of it: nothing that lies ahead.
func (l *live) visit(o int) route.Visit {
	x := &l.d.orders[o]
	w := route.Window{Open: x.Open, Close: x.Close}
	return route.Visit{Duration: x.Duration, Windows: []route.Window{w}, Late: route.Prompt(w), Tier: x.Tier, Skills: l.d.needs(x)}
}

// depart sends the workers who must go now.
func (l *live) depart() error {
	for _, v := range l.b.Freeze(l.now, 0) {
		o := l.owner[v]
		w, _, start, _ := l.b.Served(v)
		x := &l.d.orders[o]
		s := route.Trip{Order: o, Worker: w, Left: l.now, Start: start, End: start + x.real()}
		l.busy[w].visit, l.busy[w].log, l.busy[w].expected = v, len(l.out.Trips), start+x.Duration
		l.out.Trips = append(l.out.Trips, s)
		// A closed order is looked at no more; a pair closes with its second.
		l.orders[o].closed = l.gone(o)
	}
	return nil
}

// gone tells whether workers are on the way for every person of an order.
func (l *live) gone(o int) bool {
	n := 0
	for _, s := range l.out.Trips {
		if s.Order == o {
			n++
		}
	}
	return n >= l.d.orders[o].Persons
}

// drop takes the sick off duty, after the service they are on.
func (l *live) drop() error {
	for w := range l.d.workers {
		sick := l.d.workers[w].Sick
		if sick == nil || *sick > l.now || l.busy[w].sick || l.busy[w].visit >= 0 {
			continue
		}
		l.busy[w].sick = true
		released, err := l.b.SetWorker(w, at(l.place(w)), linli.Point{}, route.Worker{Skills: l.d.skillsOf(w)})
		if err != nil {
			return err
		}
		for _, v := range released {
			l.orders[l.owner[v]].waiting = true
		}
		if err := l.holdAll(released); err != nil {
			return err
		}
		l.stirred, l.loosened = true, true
	}
	return nil
}

// cancel takes canceled orders off the board; who is on the way finds nobody.
func (l *live) cancel() error {
	for i := range l.orders[:l.next] {
		c := l.d.orders[i].Canceled
		if c == nil || *c > l.now {
			continue
		}
		for k := range l.out.Trips {
			if s := &l.out.Trips[k]; s.Order == i && !s.Void && s.Start >= *c {
				s.Void, s.End = true, s.Start
			}
		}
		if o := &l.orders[i]; !o.closed {
			if err := l.close(i); err != nil {
				return err
			}
			l.stirred, l.loosened = true, true
		}
	}
	return nil
}

// close takes what is left of an order off the board.
func (l *live) close(i int) error {
	o := &l.orders[i]
	o.closed, o.waiting = true, false
	for _, v := range o.visits {
		if owner, known := l.owner[v]; !known || owner != i || l.onTheWay(v) {
			continue
		}
		released, err := l.b.RemoveVisit(v)
		if err != nil {
			return err
		}
		delete(l.owner, v)
		if _, told := l.named[v]; told && l.d.orders[i].requested() {
			l.out.Changes++ // nobody came
		}
		delete(l.named, v)
		if err := l.holdAll(released); err != nil {
			return err
		}
	}
	return nil
}

func (l *live) onTheWay(v int) bool {
	return slices.ContainsFunc(l.busy, func(r running) bool { return r.visit == v })
}

// arrive answers a new order: a worker and a window at once, or a reason to wait.
func (l *live) arrive(i int) error {
	begin := time.Now()
	o, x := &l.orders[i], &l.d.orders[i]
	for range x.Persons {
		v, err := l.b.AddVisit(at(l.d.place(i)), l.visit(i))
		if err != nil {
			return err
		}
		o.visits = append(o.visits, v)
		l.owner[v] = i
	}
	if x.Persons == 2 {
		if err := l.b.Link(route.Link{A: o.visits[0], B: o.visits[1]}); err != nil {
			return err
		}
	}
	ok, err := l.seat(i)
	l.out.answers = append(l.out.answers, time.Since(begin))
	if err != nil {
		return err
	}
	l.stirred = true
	if ok {
		return nil
	}
	o.waiting = true
	return nil
}

// seat puts an order at its cheapest place.
func (l *live) seat(i int) (bool, error) {
	o := &l.orders[i]
	choices, err := l.b.Insert(o.visits[0])
	if err != nil || len(choices) == 0 {
		return false, err
	}
	if err := l.b.Commit(choices[0]); err != nil {
		return false, err
	}
	o.waiting = false
	for _, v := range o.visits {
		if err := l.promise(v); err != nil {
			return false, err
		}
	}
	return true, nil
}

// promise tells the board what the resident will hear, and counts it.
func (l *live) promise(v int) error {
	if l.onTheWay(v) {
		return nil
	}
	i := l.owner[v]
	w, _, start, ok := l.b.Served(v)
	if !ok {
		return nil
	}
	if !l.orders[i].told {
		l.orders[i].told = true
		l.out.Promises++
	}
	x := l.visit(i)
	x.Promise = &route.Promise{Worker: w, Start: start, AnnouncedAt: max(l.now+1, start-announce)}
	_, err := l.b.SetVisit(v, at(l.d.place(i)), x)
	return err
}

// mend finds another place for what would come too late, tries the waiting
// again when there is new room, and gives up what is over.
func (l *live) mend() error {
	for _, t := range l.b.Tours() {
		for _, s := range t.Stops {
			i := l.owner[s.Visit]
			if s.Start > l.d.orders[i].Close && !l.onTheWay(s.Visit) && !l.started(i) {
				if err := l.b.Remove(s.Visit); err != nil && linli.KindOf(err) != linli.KindNotFound {
					return err
				}
				l.orders[i].waiting = true
				l.stirred, l.loosened = true, true
			}
		}
	}
	retry := l.loosened
	l.loosened = false
	for i := range l.orders[:l.next] {
		if o := &l.orders[i]; o.waiting && !o.closed {
			if l.d.orders[i].Close < l.now {
				if err := l.close(i); err != nil {
					return err
				}
			} else if retry && !l.started(i) {
				if _, err := l.seat(i); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// started tells whether somebody is on the way to an order, or has been there: with
// very short services the first of two may have left before the second comes.
func (l *live) started(i int) bool {
	return slices.ContainsFunc(l.out.Trips, func(t route.Trip) bool { return t.Order == i })
}

// improve searches beside the board and takes over what pays for its changes.
func (l *live) improve(ctx context.Context, size int) error {
	problem, plan, version := l.b.Snapshot()
	l.seed++
	res, err := route.Solve(ctx, problem, plan, route.Budget{Iterations: size}, l.seed)
	if err != nil || !res.Plan.Cost().Less(plan.Cost()) {
		return err
	}
	changes, err := l.b.Adopt(res.Plan, version)
	if err != nil {
		return err
	}
	for _, c := range changes {
		i := l.owner[c.Visit]
		l.orders[i].waiting = c.ToWorker < 0
	}
	return l.announce()
}

// announce tells who is due who comes, and counts where that is no longer so.
func (l *live) announce() error {
	told, err := l.b.Announce(announce)
	for _, v := range told {
		if _, known := l.named[v]; !known {
			l.named[v], _, _, _ = l.b.Served(v)
		}
	}
	for v, who := range l.named {
		if w, _, _, ok := l.b.Served(v); ok && w != who {
			l.named[v] = w
			l.out.Changes++
		}
	}
	return err
}
