package dispatch

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"linli"
	"linli/decide/route"
	"linli/engine/db"
	"linli/geo"
)

// plan is the rolling board of this node and who has it now.
//
// The tables are the truth, the board is their image. Every change of a lane first
// gives the lane a new revision, in the image and in the same transaction. A lane
// whose revision in the image is not the one in the table is old (a transaction
// failed after the image had changed, or another node changed the lane) and is read
// again before anything is decided.
type plan struct {
	mu     sync.Mutex
	holder atomic.Pointer[holder]
	loaded bool
	image
}

// image is a board in the words of the hub: it maps orders and workers to the dense
// indices of decide/route and moments to its seconds.
type image struct {
	origin  time.Time // second 0 of the board
	board   *route.Board
	visits  map[linli.OrderID]seat
	loads   map[int]map[linli.WorkerID]time.Duration // service time of the visits, by day and worker
	workers map[linli.WorkerID]*lane
	lanes   []*lane                  // by worker index
	revs    map[linli.WorkerID]int64 // of dispatch_lane, as last read
	known   []linli.Worker           // what the lanes were last brought in line with
	day     int                      // and for which day
	kept    bool                     // unkept found nothing, and nothing has happened since
}

// enter waits for the plan and takes it for the rest of the transaction, before its
// first statement. Were it given up between two decisions of one transaction,
// another could take it and wait in the store for what the first has changed,
// while the first waits for the plan.
func (p *plan) enter(tx db.Tx) {
	p.mu.Lock()
	p.taken(tx)
}

// hold is enter for transactions that have begun already; first tells whether they
// did not have the plan before. One that would have to wait runs again: what it has
// read is older than what the others decide meanwhile.
func (p *plan) hold(tx db.Tx) (first bool, err error) {
	if h := p.holder.Load(); h != nil && h.tx == tx {
		first = !h.asked
		h.asked = true
		return first, nil
	}
	if !p.mu.TryLock() {
		p.mu.Lock()
		defer p.mu.Unlock() // it was only waited for
		return false, db.ErrAgain
	}
	p.taken(tx).asked = true
	return true, nil
}

// holder is the transaction that has the plan, and whether it has looked at it.
type holder struct {
	tx    db.Tx
	asked bool
}

func (p *plan) taken(tx db.Tx) *holder {
	h := &holder{tx: tx}
	p.holder.Store(h)
	tx.Finally(func() {
		p.holder.Store(nil)
		p.mu.Unlock()
	})
	return h
}

// seat is where an order stands on the board; second is -1 with one person, visit
// is -1 when the board has no place for it.
type seat struct {
	visit, second int
	worker, with  linli.WorkerID
	start         time.Time
	length        time.Duration
	left          bool // cannot be kept, and cannot be moved either: a person must decide
}

// lane is a worker as the board knows them.
type lane struct {
	linli.Worker
	index int
	rev   int64 // of dispatch_lane as the image knows it; 0: the lane never changed
	day   int   // for which the shifts were laid out
}

// profiles are the travel profiles in the order the board numbers them.
var profiles = []geo.Profile{geo.Adult, geo.EBike}

func profileIndex(p string) int { return max(0, slices.Index(profiles, geo.Profile(p))) }

// way answers how long it takes from one point to another.
type way func(from, to linli.Point, p geo.Profile) (t geo.Trip, ok bool)

// legs gives the board's legs both ways; an estimate is as long one way as the other.
func (w way) legs(a, b linli.Point, there, back []int32) {
	for i, p := range profiles {
		t, _ := w(a, b, p)
		there[i] = seconds(t)
		if back[i] = there[i]; !t.Approx {
			t, _ = w(b, a, p)
			back[i] = seconds(t)
		}
	}
}

func seconds(t geo.Trip) int32 {
	if t.None {
		return route.Unreachable
	}
	return int32(t.Time / time.Second)
}

// TravelChanged makes the next decision read the plan anew: its legs are old.
func (s *Service) TravelChanged() {
	s.plan.mu.Lock()
	defer s.plan.mu.Unlock()
	s.plan.loaded = false
}

func (p *image) second(t time.Time) int32 {
	s := int64(t.Sub(p.origin) / time.Second)
	return int32(min(max(s, 0), int64(route.MaxTime)))
}

func (p *image) moment(s int32) time.Time {
	return p.origin.Add(time.Duration(s) * time.Second).In(linli.Shanghai)
}

// dayOf counts the days of Shanghai since 1970; midnight is when one begins.
func dayOf(t time.Time) int {
	_, east := t.In(linli.Shanghai).Zone()
	return int((t.Unix() + int64(east)) / (24 * 60 * 60))
}

func midnight(day int) time.Time { return time.Date(1970, 1, 1+day, 0, 0, 0, 0, linli.Shanghai) }

// load builds the board from the tables, once.
func (s *Service) load(ctx context.Context, tx db.Tx) error {
	p, now := &s.plan, s.Now()
	p.origin = now.Truncate(24*time.Hour).AddDate(0, 0, -2)
	board, err := route.NewBoard(route.BoardSpec{Travel: s.way.legs, Profiles: len(profiles), Now: p.second(now)})
	if err != nil {
		return err
	}
	p.board = board
	p.visits, p.loads = map[linli.OrderID]seat{}, map[int]map[linli.WorkerID]time.Duration{}
	p.workers, p.lanes, p.known = map[linli.WorkerID]*lane{}, nil, nil
	if err := s.syncWorkers(ctx, now); err != nil {
		return err
	}
	if p.revs, err = s.laneRevs(tx, nil); err != nil {
		return err
	}
	standing, err := s.standing(tx, "")
	if err != nil {
		return err
	}
	for _, a := range standing {
		if err := p.reseat(a, s.Now()); err != nil {
			return err
		}
	}
	for id, l := range p.workers {
		l.rev = p.revs[id]
	}
	p.loaded = true
	return nil
}

// image brings the board to the present: held for this transaction, built, its
// clock moved, shifts of today known, every lane as the tables have it.
func (s *Service) image(ctx context.Context, tx db.Tx) error {
	p := &s.plan
	first, err := p.hold(tx)
	if err != nil {
		return err
	}
	if !p.loaded {
		return s.load(ctx, tx)
	}
	now := s.Now()
	if second := p.second(now); second != p.board.Now() {
		p.board.Freeze(second, 0)
	}
	if err := s.syncWorkers(ctx, now); err != nil || !first {
		return err
	}
	return s.inStep(ctx, tx)
}

// inStep reads the lanes again of which the image is old. On PostgreSQL it first
// asks what is committed, beside the transaction: to read all revisions within it
// would make every two decisions of two nodes conflict.
func (s *Service) inStep(ctx context.Context, tx db.Tx) error {
	p, read := &s.plan, s.DB.Read
	if s.DB.Dialect() == db.SQLite { // its one writer knows no conflicts
		read = func(_ context.Context, fn func(tx db.Tx) error) error { return fn(tx) }
	}
	revs := p.revs
	if err := read(ctx, func(tx db.Tx) error {
		sum, err := laneSum(tx)
		if err == nil && sum != sumOf(revs) {
			revs, err = s.laneRevs(tx, nil)
		}
		return err
	}); err != nil {
		return err
	}
	p.revs = revs
	var old []linli.WorkerID
	for id, l := range p.workers {
		if l.rev != p.revs[id] {
			old = append(old, id)
		}
	}
	if len(old) == 0 {
		return nil
	}
	slices.Sort(old)
	// What is not committed may still be right: this transaction made it.
	here, err := s.laneRevs(tx, old)
	if err != nil {
		return err
	}
	for _, id := range old {
		l := p.workers[id]
		if l.rev != here[id] && here[id] != p.revs[id] {
			return db.ErrAgain // it sees less than the image has seen
		}
		p.revs[id] = here[id]
		if l.rev != here[id] {
			if err := s.refresh(tx, l, here[id]); err != nil {
				return err
			}
		}
	}
	return nil
}

// refresh reads a lane again from the tables.
func (s *Service) refresh(tx db.Tx, l *lane, rev int64) error {
	p := &s.plan
	for order, at := range p.visits {
		if at.worker == l.ID || at.with == l.ID {
			p.drop(order)
		}
	}
	mine, err := s.standing(tx, l.ID)
	if err != nil {
		return err
	}
	for _, a := range mine {
		p.drop(a.order)
		if err := p.reseat(a, s.Now()); err != nil {
			return err
		}
	}
	l.rev = rev
	return nil
}

// raise gives lanes that are about to change a new revision, and tells whether the
// image was right. If not, the lanes have been read again: think again.
func (s *Service) raise(ctx context.Context, tx db.Tx, lanes ...linli.WorkerID) (bool, error) {
	for _, id := range lanes {
		l := s.plan.workers[id]
		if l == nil {
			continue
		}
		fresh, err := l.raise(tx)
		s.plan.revs[id] = l.rev
		if err != nil {
			return false, err
		}
		if !fresh {
			return false, s.inStep(ctx, tx)
		}
	}
	return true, nil
}

// errMoving ends a decision on lanes that change faster than it can be made.
var errMoving = &linli.Error{Kind: linli.KindUnavailable, Zh: "计划正在变动，请再试一次", En: "the plan is changing; please try again"}

// tries bounds how often a decision is thought over on lanes that turned out old.
const tries = 3

// syncWorkers tells the board of workers that are new, changed, gone, or have
// another day before them. What they can no longer keep stays unserved, see unkept.
func (s *Service) syncWorkers(ctx context.Context, now time.Time) error {
	p := &s.plan
	list, err := s.Workers.Workers(ctx, now)
	if err != nil {
		return err
	}
	day := dayOf(now)
	if day == p.day && same(list, p.known) {
		return nil
	}
	p.kept = false
	seen := make(map[linli.WorkerID]bool, len(list))
	for _, w := range list {
		seen[w.ID] = true
		l := p.workers[w.ID]
		if l != nil && l.Rev == w.Rev && l.Active == w.Active && l.day == day {
			continue
		}
		rw := p.routeWorker(w)
		if l == nil {
			l = &lane{}
			if l.index, err = p.board.AddWorker(w.At, w.At, rw); err != nil {
				return err
			}
			p.workers[w.ID], p.lanes = l, append(p.lanes, l)
		} else if _, err := p.board.SetWorker(l.index, w.At, w.At, rw); err != nil {
			return err
		}
		l.Worker, l.day = w, day
	}
	for _, id := range slices.Sorted(maps.Keys(p.workers)) {
		if l := p.workers[id]; !seen[id] && l.Active {
			// Not removed: the index stays, so that what they began can still end.
			if _, err := p.board.SetWorker(l.index, l.At, l.At, route.Worker{Profile: profileIndex(l.Profile)}); err != nil {
				return err
			}
			l.Active, l.Shifts = false, nil
		}
	}
	p.known, p.day = list, day
	return nil
}

// same tells whether two answers are one: answers are shared, and nobody changes them.
func same(a, b []linli.Worker) bool {
	return len(a) > 0 && len(a) == len(b) && &a[0] == &b[0]
}

// unkept lists the orders whose workers can no longer keep them.
func (p *image) unkept() (out []linli.OrderID) {
	if p.kept {
		return nil
	}
	served := func(v int) bool {
		_, _, _, ok := p.board.Served(v)
		return ok
	}
	for order, st := range p.visits {
		if !st.left && (st.visit < 0 || !served(st.visit) || st.second >= 0 && !served(st.second)) {
			out = append(out, order)
		}
	}
	slices.Sort(out)
	p.kept = len(out) == 0
	return out
}

func (p *image) routeWorker(w linli.Worker) route.Worker {
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
	keep     linli.Window       // what was promised, and is kept if anybody can; zero: nothing
	eligible []*linli.Candidate // by worker index; nil: stopped by a gate of match
}

// soon is from when on a second of delay counts, by class: at once for P1, later
// for what can wait. Waiting less than this lets the cheaper way win.
var soon = map[linli.SLAClass]time.Duration{linli.P1: 0, linli.P2: 30 * time.Minute, linli.P3: 4 * time.Hour, linli.P4: 4 * time.Hour}

// within is until when the service must start when nothing was wished.
var within = map[linli.SLAClass]time.Duration{linli.P1: 2 * time.Hour, linli.P2: 12 * time.Hour, linli.P3: 24 * time.Hour, linli.P4: 7 * 24 * time.Hour}

var tier = map[linli.SLAClass]int{linli.P1: 1, linli.P2: 2, linli.P3: 3, linli.P4: 4}

// horizon is how far shifts are known, and with it the latest start of a late promise.
const horizon = 7 * 24 * time.Hour

// visit lays the need out for the board: inside the wish, or soon without one. late
// is when it may start at the earliest after its limit has passed, since a late
// promise that holds is better than none; zero keeps to the limit.
func (p *image) visit(a ask, now time.Time, late time.Time) route.Visit {
	n, from := a.need, now
	if n.Wish.From.After(now) {
		from = n.Wish.From
	}
	v := route.Visit{Duration: int32(n.Length / time.Second), Tier: tier[n.SLA]}
	open := p.second(from)
	switch {
	case !late.IsZero():
		v.Windows = []route.Window{{Open: max(open, p.second(late)), Close: p.second(from.Add(horizon))}}
		v.Late = []route.Late{{After: open, Slope: 1}}
	case n.Wish.To.After(now):
		v.Windows = []route.Window{{Open: open, Close: max(open, p.second(n.Wish.To)-1)}}
	default:
		v.Windows = []route.Window{{Open: open, Close: p.second(from.Add(within[n.SLA]))}}
		v.Late = []route.Late{{After: p.second(from.Add(soon[n.SLA])), Slope: 1}}
	}
	v.Eligible = make([]int, 0, len(a.eligible)) // empty is nobody, nil would be everybody
	for i, c := range a.eligible {
		if c == nil {
			continue
		}
		v.Eligible = append(v.Eligible, i)
		for _, part := range c.Parts {
			if part.Code == "continuity" {
				v.Prefer = append(v.Prefer, i)
			}
		}
	}
	return v
}

// window is what is left of a span.
func (p *image) window(w linli.Window, now time.Time) route.Window {
	open := max(p.second(w.From), p.second(now))
	return route.Window{Open: open, Close: max(open, p.second(w.To))}
}

// add puts the need on the board, as two linked visits when two must come.
func (p *image) add(a ask, v route.Visit) (seat, error) {
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
func (p *image) take(st seat) {
	for _, v := range []int{st.visit, st.second} {
		if v >= 0 {
			// Releasing a linked partner is what we want: it is taken next.
			_, _ = p.board.RemoveVisit(v)
		}
	}
}

// option is one way to serve an order, priced by route and by match together.
type option struct {
	choice  *route.Choice
	worker  linli.WorkerID
	with    linli.WorkerID
	match   *linli.Candidate
	late    int64   // seconds beyond what is soon enough
	minutes float64 // price of everything else
}

// options prices every way to serve the visit, best first: less lateness before
// fewer minutes. The travel of match is replaced by the travel of the plan.
// full is the first day on which somebody had a place in the plan, but no more work.
func (p *image) options(a ask, st seat) (out []*option, full int, err error) {
	choices, err := p.board.Insert(st.visit)
	if err != nil {
		return nil, 0, err
	}
	out = make([]*option, 0, len(choices))
	for i := range choices {
		c := &choices[i]
		start, own := p.moment(c.Start), p.lanes[c.Worker]
		o := &option{choice: c, worker: own.ID, match: a.eligible[c.Worker], late: c.Cost.Late, minutes: float64(c.Cost.Rest()) / 60}
		day := dayOf(start)
		room, proven := p.room(own, day, a.need), own.proven(a.need, start)
		if len(c.Partners) > 0 {
			second := p.lanes[c.Partners[0].Worker]
			o.with = second.ID
			room, proven = room && p.room(second, day, a.need), proven && second.proven(a.need, start)
		}
		if !room && (full == 0 || day < full) {
			full = day
		}
		if !room || !proven {
			continue
		}
		for _, part := range o.match.Parts {
			if part.Code != "travel" && part.Code != "wait" && part.Code != "continuity" {
				o.minutes += part.Minutes
			}
		}
		out = append(out, o)
	}
	slices.SortFunc(out, func(x, y *option) int {
		if c := cmp.Or(cmp.Compare(x.choice.Cost.Broken, y.choice.Cost.Broken), cmp.Compare(x.late, y.late), cmp.Compare(x.minutes, y.minutes)); c != 0 {
			return c
		}
		return cmp.Compare(x.worker, y.worker)
	})
	return out, full, nil
}

// room tells whether the need is not more than the worker does in a day.
func (p *image) room(l *lane, day int, n linli.Need) bool {
	return l.MaxLoad == 0 || p.loads[day][l.ID]+n.Length <= l.MaxLoad
}

// price puts the ask on the board, unserved, and prices every way to serve it; what
// finds no room in time may start late. Whoever asks takes the seat off or settles it.
func (p *image) price(a ask, now time.Time) (options []*option, st seat, v route.Visit, err error) {
	nowhere := seat{visit: -1, second: -1}
	for keep, late := a.keep.To.After(now), (time.Time{}); ; {
		v = p.visit(a, now, late)
		if keep {
			v.Windows, v.Late = []route.Window{p.window(a.keep, now)}, nil
		}
		if v.Windows[0].Open > v.Windows[0].Close {
			return nil, nowhere, v, nil
		}
		if st, err = p.add(a, v); err != nil {
			return nil, nowhere, v, err
		}
		var full int
		if options, full, err = p.options(a, st); err != nil {
			p.take(st)
			return nil, nowhere, v, err
		}
		if len(options) > 0 {
			return options, st, v, nil
		}
		p.take(st)
		switch {
		case keep:
			keep = false
		case late.IsZero():
			late = now
		case full != 0: // the board gives one place a worker, and that day is full
			late = midnight(full + 1)
		default:
			return nil, nowhere, v, nil
		}
	}
}

// proven tells whether the worker's certificates last to the end of a service; match
// could only ask about the beginning of the wish.
func (l *lane) proven(n linli.Need, start time.Time) bool {
	return !slices.ContainsFunc(n.Skills, func(need linli.Skill) bool {
		return !slices.ContainsFunc(l.Skills, func(h linli.HeldSkill) bool {
			return h.Code == need.Code && h.Level >= need.Level && (h.Until.IsZero() || !h.Until.Before(start.Add(n.Length)))
		})
	})
}

// sit gives an order its seat, and its time to the days of those who come.
func (p *image) sit(order linli.OrderID, st seat) {
	p.visits[order] = st
	p.load(st, st.length)
}

// load adds service time, which may be negative, to the day of a seat.
func (p *image) load(st seat, more time.Duration) {
	day := dayOf(st.start)
	of := p.loads[day]
	if of == nil {
		of = map[linli.WorkerID]time.Duration{}
		p.loads[day] = of
	}
	for _, id := range []linli.WorkerID{st.worker, st.with} {
		if id == "" {
			continue
		}
		if of[id] += more; of[id] == 0 {
			delete(of, id)
		}
	}
	if len(of) == 0 {
		delete(p.loads, day)
	}
}

// settle makes a chosen option the plan: seated, and what was told is held against
// whatever comes later.
func (p *image) settle(a ask, st seat, o *option, v route.Visit, now time.Time) error {
	if err := p.board.Commit(*o.choice); err != nil {
		return err
	}
	hold := func(visit, worker int, start int32) error {
		v.Promise = &route.Promise{Worker: worker, Start: start, AnnouncedAt: p.second(now)}
		released, err := p.board.SetVisit(visit, a.need.At, v)
		if err == nil && len(released) > 0 {
			err = linli.Internal(errors.New("dispatch: a promise unseats its own visit"))
		}
		return err
	}
	if err := hold(st.visit, o.choice.Worker, o.choice.Start); err != nil {
		return err
	}
	if st.second >= 0 {
		if err := hold(st.second, o.choice.Partners[0].Worker, o.choice.Partners[0].Start); err != nil {
			return err
		}
	}
	st.worker, st.with = o.worker, o.with
	st.start, st.length = p.moment(o.choice.Start), a.need.Length
	p.sit(a.order, st)
	return nil
}

// reseat puts a standing assignment of the tables back where it was. One that its
// worker can no longer keep gets no place on the board.
func (p *image) reseat(a standing, now time.Time) error {
	st := seat{visit: -1, second: -1, worker: a.worker, with: a.second, start: a.start, length: a.need.Length}
	p.sit(a.order, st)
	p.kept = false
	workers := []linli.WorkerID{a.worker}
	if a.second != "" {
		workers = append(workers, a.second)
	}
	for _, id := range workers {
		if l := p.workers[id]; l == nil || !l.onDuty(a.start, a.need.Length, now) {
			st.left = past(a.start, now)
			p.visits[a.order] = st
			return nil
		}
	}
	var placed [2]int
	for i, id := range workers {
		v := route.Visit{Duration: int32(a.need.Length / time.Second), Tier: tier[a.need.SLA], Fixed: &route.Fixed{Worker: p.workers[id].index, Start: p.second(a.start)}}
		var err error
		if placed[i], err = p.board.AddVisit(a.need.At, v); err != nil {
			return err
		}
	}
	if st.visit = placed[0]; a.second != "" {
		st.second = placed[1]
	}
	p.visits[a.order] = st
	return nil
}

// leave makes an order one that only a person can move: its visit leaves the board,
// but whoever of two is still there stays busy with it.
func (p *image) leave(order linli.OrderID, n linli.Need, now time.Time) error {
	st := p.visits[order]
	p.take(st)
	st.visit, st.second, st.left = -1, -1, true
	defer func() { p.visits[order] = st }()
	for i, id := range []linli.WorkerID{st.worker, st.with} {
		l := p.workers[id]
		if st.with == "" || l == nil || past(st.start, now) || !l.onDuty(st.start, st.length, now) {
			continue
		}
		visit, err := p.board.AddVisit(n.At, route.Visit{Duration: int32(st.length / time.Second), Tier: tier[n.SLA], Fixed: &route.Fixed{Worker: l.index, Start: p.second(st.start)}})
		if err != nil {
			return err
		}
		*[]*int{&st.visit, &st.second}[i] = visit
	}
	return nil
}

// past tells whether what should have begun at start is of another day.
func past(start, now time.Time) bool { return start.Before(now) && dayOf(start) != dayOf(now) }

// onDuty tells whether a service fits into one of the worker's shifts; one that has
// begun may go on beyond it.
func (l *lane) onDuty(start time.Time, length time.Duration, now time.Time) bool {
	return l.Active && slices.ContainsFunc(l.Shifts, func(w linli.Window) bool {
		return !start.Before(w.From) && start.Before(w.To) && (!start.Add(length).After(w.To) || !start.After(now))
	})
}

// drop takes an order off the board.
func (p *image) drop(order linli.OrderID) {
	if st, ok := p.visits[order]; ok {
		p.take(st)
		p.load(st, -st.length)
		delete(p.visits, order)
	}
}
