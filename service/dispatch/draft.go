package dispatch

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/calendar"
	"linli/decide/route"
	"linli/engine/db"
	"linli/engine/job"
)

// The states of a draft. An open one can be pinned, released and discarded; one
// that was made on what no longer stands is stale.
const (
	DraftOpen      = "open"
	DraftReleased  = "released"
	DraftDiscarded = "discarded"
	DraftStale     = "stale"
)

// draft is a coming day planned anew as a whole, as it is stored.
type draft struct {
	id      string
	day     int
	state   string
	rev     int64
	madeAt  time.Time
	endedAt time.Time
	pinned  []linli.OrderID
	plan    drafted
}

// drafted is what a draft would change and on what it was made.
type drafted struct {
	Changes []draftChange               `json:"changes"`
	Before  Cost                        `json:"before"`
	After   Cost                        `json:"after"`
	Lanes   map[linli.WorkerID]draftKey `json:"lanes"` // those it touches
}

// draftKey is what must still hold of a lane when its plan is taken over: the worker
// with shifts and skills, and the assignments of the day.
type draftKey struct {
	Rev  int64    `json:"rev"`
	Rows []string `json:"rows"`
}

func (k draftKey) equal(o draftKey) bool {
	return k.Rev == o.Rev && slices.Equal(slices.Sorted(slices.Values(k.Rows)), slices.Sorted(slices.Values(o.Rows)))
}

// draftChange is a change with what the answer does not show. Names are not kept.
type draftChange struct {
	Change
	Length   time.Duration    `json:"length"`
	Second   linli.WorkerID   `json:"to_second,omitempty"`
	Resident linli.ResidentID `json:"resident,omitempty"`
	Org      linli.OrgID      `json:"org,omitempty"`
}

// errOld refuses a draft that was made on what no longer stands.
var errOld = &linli.Error{Kind: linli.KindConflict, Zh: "草案做好以后情况变了", En: "things have changed since the draft was made"}

// move turns a change back into a move of the order as it lies now. What has begun or
// ended meanwhile, or would begin before now or off duty, is old.
func (s *Service) move(ctx context.Context, tx db.Tx, c draftChange) (*move, error) {
	m, err := s.look(ctx, tx, c.Order)
	if err != nil {
		return nil, err
	}
	if !movable[m.state] || atWork[m.state] || m.had != (c.FromWorker != "") {
		return nil, errOld
	}
	m.need.Length = c.Length
	x := &move{piece: &piece{matter: m}, rank: 1}
	x.to = linli.Assignment{Worker: c.ToWorker, Second: c.Second, Start: c.ToStart, Promise: c.ToPromise, Reasons: c.Reasons, Auto: true}
	for _, id := range []linli.WorkerID{c.ToWorker, c.Second} {
		l := s.plan.workers[id]
		switch now := s.Now(); {
		case id == "":
		case l == nil || c.ToStart.Before(now) || !l.onDuty(c.ToStart, c.Length, now):
			return nil, errOld
		case id == c.ToWorker:
			x.to.Org = l.Org
		}
	}
	if x.stays() {
		x.rank = m.before.rank
	}
	return x, nil
}

// AuthRow says to whom the visit belongs, also after it was read from the table.
func (c draftChange) AuthRow() auth.Row {
	return auth.Row{Place: c.Place, Resident: c.Resident, Org: c.Org, Worker: cmp.Or(c.FromWorker, c.ToWorker), Case: true}
}

// bindEvening lets tomorrow be drafted each evening.
func (s *Service) bindEvening() {
	beside := job.Beside{DB: s.DB, Timers: s.Timers, Now: s.Now, Log: s.Log}
	draft := func(ctx context.Context, tx db.Tx, day int) error {
		return beside.Do(ctx, tx, jobDraft, dateOf(day), func(ctx context.Context) error {
			_, err := s.makeDraft(auth.With(ctx, auth.System), day)
			return err
		})
	}
	s.Timers.Every(jobEvening, func(now time.Time) time.Time { return calendar.NextAt(now, draftHour, linli.Shanghai) }, func(ctx context.Context, tx db.Tx, _ job.Job) error {
		return draft(ctx, tx, dayOf(s.Now())+1)
	})
	s.Timers.Handle(jobDraft, func(ctx context.Context, tx db.Tx, j job.Job) error {
		day, err := time.ParseInLocation(time.DateOnly, j.Key, linli.Shanghai)
		if err != nil || dayOf(day) <= dayOf(s.Now()) {
			return err // the day has come without one
		}
		return draft(ctx, tx, dayOf(day))
	})
}

// draftHour is when tomorrow is drafted: after the recurring visits have their days.
const draftHour = 20 * time.Hour

// The job of the evening, and the one that sees to its work when it was cut off.
const (
	jobEvening = "dispatch.evening"
	jobDraft   = "dispatch.draft"
)

// draftable reads a date and refuses days that have begun or whose shifts are not known.
func (s *Service) draftable(date string) (int, error) {
	at, err := time.ParseInLocation(time.DateOnly, date, linli.Shanghai)
	if err != nil {
		return 0, linli.Invalid("date", "日期格式须为 2006-01-02", "the date must look like 2006-01-02")
	}
	day, today := dayOf(at), dayOf(s.Now())
	switch {
	case day <= today:
		return 0, linli.Invalid("date", "只能为明天及以后的日子做草案；今天的计划请用“重排”", "a draft is made of a day to come; today is re-planned on the board")
	case day > today+int(horizon/(24*time.Hour))-1:
		return 0, linli.Invalid("date", "最多提前 6 天做草案，再往后的班次还没有排", "a draft reaches six days ahead; later shifts are not known yet")
	}
	return day, nil
}

// draftBudget bounds the search for a better day by steps: what a person is to look
// at should not depend on how busy the machine was.
var draftBudget = route.Budget{Iterations: 5000, Refine: true}

// only leaves on the sketch what concerns one day: what stands then, the rest of
// night shifts, and what waits. What is pinned stays as it is.
func (k *sketch) only(day int, pinned []linli.OrderID) {
	k.day = day
	from := midnight(day)
	k.order = slices.DeleteFunc(k.order, func(id linli.OrderID) bool {
		x := k.pieces[id]
		x.pin = slices.Contains(pinned, id) || x.had && dayOf(x.before.start) != day
		if !x.had || x.before.start.Add(x.before.need.Length).After(from) {
			return false
		}
		k.take(k.visits[id]) // it is over by then, but counts for its own day
		delete(k.visits, id)
		delete(k.pieces, id)
		return true
	})
}

// widen lets a visit of a draft start at any hour that was wished. To start outside
// the window that was told is a broken promise: that is worth it only to serve
// somebody who would have nobody.
func (k *sketch) widen(x *piece, v *route.Visit) {
	from, to := midnight(k.day), k.until
	if w := x.need.Wish; w.From.After(from) {
		from = w.From
	}
	if w := x.need.Wish; !w.To.IsZero() && w.To.Before(to) {
		to = w.To.Add(-time.Second)
	}
	if to.Before(from) { // promised beyond the wish
		from, to = midnight(k.day), k.until
	}
	v.Windows = []route.Window{{Open: k.second(from), Close: k.second(to)}}
	// The board keeps a promise within its tolerance around a start: the last part of
	// the window, when that is longer.
	give := route.DefaultCosts().Tolerance
	if anchor := k.second(x.before.promise.To) - 1 - give; v.Promise.Start >= anchor-give && v.Promise.Start <= anchor+give {
		v.Promise.Start = anchor
	}
}

// quiet leaves out the shifts of those whose day does not change otherwise: they come
// within the window that was told, as before.
func quiet(moves []*move) []*move {
	touched := map[linli.WorkerID]bool{}
	for _, m := range moves {
		if !m.stays() {
			for _, id := range lanesOf([]*move{m}) {
				touched[id] = true
			}
		}
	}
	return slices.DeleteFunc(moves, func(m *move) bool { return m.stays() && !touched[m.to.Worker] })
}

// think plans a day anew beside the board and gives what a draft holds: nothing, when
// the plan that stands is as good.
func (s *Service) think(ctx context.Context, day int, pinned []linli.OrderID) (p drafted, err error) {
	k, err := s.sketch(ctx, midnight(day+1).Add(-time.Second), nil)
	if err != nil {
		return p, err
	}
	k.only(day, pinned)
	if err := k.lay(ctx); err != nil {
		return p, err
	}
	if err := k.offer(ctx); err != nil {
		return p, err
	}
	p = drafted{Changes: []draftChange{}, Before: k.sum(nil), Lanes: map[linli.WorkerID]draftKey{}}
	p.After = p.Before
	_, before := k.cost()
	if err := k.search(ctx); err != nil {
		return p, err
	}
	_, after := k.cost()
	moves := quiet(k.moves())
	serves := slices.Compare(after[:route.Tiers], before[:route.Tiers]) < 0
	if !k.sound() || !serves && !worth(before, after, moves) {
		return p, nil
	}
	p.After = k.sum(moves)
	of := make(map[linli.OrderID]*move, len(moves))
	for _, m := range moves {
		of[m.order] = m
	}
	var stand []standing
	for _, id := range k.order {
		if x := k.pieces[id]; x.had {
			stand = append(stand, x.before)
		}
	}
	rows := rowsOf(stand, day)
	for _, c := range k.changes(moves) {
		m := of[c.Order]
		c.FromName, c.ToName = "", "" // names are looked up, they are not kept
		p.Changes = append(p.Changes, draftChange{Change: c, Length: m.need.Length, Second: m.to.Second, Resident: m.need.Resident, Org: m.before.org})
	}
	for _, id := range lanesOf(moves) {
		if l := k.workers[id]; l != nil {
			p.Lanes[id] = draftKey{l.Rev, rows[id]}
		}
	}
	return p, nil
}

// rowsOf gives the assignments of a day by lane. A row is never changed but to be
// ended, so a lane with the same rows is planned as it was.
func rowsOf(stand []standing, day int) map[linli.WorkerID][]string {
	out := map[linli.WorkerID][]string{}
	for _, a := range stand {
		if dayOf(a.start) != day {
			continue
		}
		for _, id := range []linli.WorkerID{a.worker, a.second} {
			if id != "" {
				out[id] = append(out[id], a.id)
			}
		}
	}
	return out
}

// makeDraft plans a day anew and stores the draft. The one that was open makes room;
// what was pinned in it stays pinned, also when that happened while this was thinking.
func (s *Service) makeDraft(ctx context.Context, day int) (*draft, error) {
	for range tries {
		var open *draft
		err := s.DB.Read(ctx, func(tx db.Tx) (err error) {
			open, err = openDraft(tx, day)
			return err
		})
		if err != nil {
			return nil, err
		}
		d := &draft{day: day, state: DraftOpen, rev: 1, pinned: open.pinned}
		if d.plan, err = s.think(ctx, day, d.pinned); err != nil {
			return nil, err
		}
		stored := false
		if err := s.DB.Write(ctx, func(tx db.Tx) error {
			stored = false
			if now, err := openDraft(tx, day); err != nil || now.id != open.id || now.rev != open.rev {
				return err
			}
			stored = true
			return s.replace(tx, open, d)
		}); err != nil || stored {
			return d, err
		}
	}
	return nil, errMoving
}

// replace stores a draft in the place of the open one, when there is one.
func (s *Service) replace(tx db.Tx, open, d *draft) error {
	now := s.Now()
	d.id, d.madeAt = linli.NewID("drf", now), now
	if err := s.endDraft(tx, open.id, DraftStale); err != nil {
		return err
	}
	n, err := tx.Exec(`INSERT INTO dispatch_draft (id, day, state, rev, made_at, pinned, plan) VALUES `+db.Values(1, 7)+` ON CONFLICT DO NOTHING`,
		d.id, dateOf(d.day), d.state, d.rev, linli.Millis(now), db.JSON(noNil(d.pinned)), db.JSON(d.plan))
	if err == nil && n == 0 {
		err = db.ErrAgain // another node was faster
	}
	return err
}

// endDraft gives a draft its last state.
func (s *Service) endDraft(tx db.Tx, id, state string) error {
	_, err := tx.Exec(`UPDATE dispatch_draft SET state = $1, ended_at = $2, rev = rev + 1 WHERE id = $3`, state, linli.Millis(s.Now()), id)
	return err
}

// openDraft gives the open draft of a day, an empty one when there is none.
func openDraft(tx db.Tx, day int) (*draft, error) {
	list, err := drafts(tx, `day = $1 AND state = $2`, dateOf(day), DraftOpen)
	if err != nil || len(list) == 0 {
		return &draft{}, err
	}
	return list[0], nil
}

func dateOf(day int) string { return midnight(day).Format(time.DateOnly) }

func noNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// drafts lists drafts, the open one first, then the newest.
func drafts(tx db.Tx, cond string, args ...any) ([]*draft, error) {
	return db.Rows(tx, func(rows *sql.Rows) (*draft, error) {
		d := &draft{}
		var day string
		var made, ended int64
		if err := rows.Scan(&d.id, &day, &d.state, &d.rev, &made, &ended, db.JSON(&d.pinned), db.JSON(&d.plan)); err != nil {
			return nil, err
		}
		at, err := time.ParseInLocation(time.DateOnly, day, linli.Shanghai)
		d.day, d.madeAt, d.endedAt = dayOf(at), linli.Time(made), linli.Time(ended)
		return d, err
	}, `SELECT id, day, state, rev, made_at, ended_at, pinned, plan FROM dispatch_draft WHERE `+cond+` ORDER BY CASE state WHEN 'open' THEN 0 ELSE 1 END, made_at DESC, id DESC LIMIT 50`, args...)
}

func loadDraft(tx db.Tx, id string) (*draft, error) {
	list, err := drafts(tx, `id = $1`, id)
	if err != nil || len(list) == 0 {
		return nil, cmp.Or(err, error(linli.NotFound("没有这份草案", "there is no such draft")))
	}
	return list[0], nil
}

// still refuses what only an open draft allows.
func (d *draft) still() error {
	switch d.state {
	case DraftReleased:
		return linli.Conflict("这份草案已经发布", "this draft has been released")
	case DraftDiscarded:
		return linli.Conflict("这份草案已经作废", "this draft has been discarded")
	case DraftStale:
		return linli.Conflict("这份草案已过时，请看新的草案", "this draft is stale; look at the newer one")
	}
	return nil
}

// within refuses a decision on a draft by whoever may not dispatch all it changes.
func (d *draft) within(ctx context.Context) error {
	scope := auth.From(ctx).Scope("dispatch.assign")
	if slices.ContainsFunc(d.plan.Changes, func(c draftChange) bool { return !scope.Covers(c.AuthRow()) }) {
		return linli.Forbidden("草案里有您辖区以外的服务单，请辖区更大的调度员处理", "the draft changes visits outside your area; somebody with a wider one must decide")
	}
	return nil
}

// pin lets an order stay as it is now, or gives it free again, and plans the day
// anew around it.
func (s *Service) pin(ctx context.Context, id string, order linli.OrderID, pinned bool) (d *draft, err error) {
	err = s.DB.Write(ctx, func(tx db.Tx) error {
		if d, err = loadDraft(tx, id); err != nil {
			return err
		}
		m, err := s.visible(ctx, tx, order, "dispatch.assign")
		if err != nil {
			return err
		}
		if err := d.still(); err != nil {
			return err
		}
		if m.had && dayOf(m.before.start) != d.day || !movable[m.state] {
			return linli.Invalid("order_id", "这张单不在这一天的计划里", "this order is not part of that day")
		}
		if slices.Contains(d.pinned, order) == pinned {
			return nil
		}
		if d.pinned = slices.DeleteFunc(d.pinned, func(o linli.OrderID) bool { return o == order }); pinned {
			d.pinned = append(d.pinned, order)
		}
		if _, err := tx.Exec(`UPDATE dispatch_draft SET pinned = $1, rev = rev + 1 WHERE id = $2`, db.JSON(d.pinned), id); err != nil {
			return err
		}
		act := "dispatch.draft-pin"
		if !pinned {
			act = "dispatch.draft-unpin"
		}
		return auth.Audit(tx, s.Now(), auth.From(ctx), auth.Line{Act: act, Subject: string(order), Place: m.need.Place, Detail: id})
	})
	for range tries { // whoever pins something else meanwhile has the later word
		if err != nil {
			return nil, err
		}
		var plan drafted
		if err = s.DB.Read(ctx, func(tx db.Tx) error { d, err = loadDraft(tx, id); return err }); err != nil {
			return nil, err
		}
		if err = d.still(); err != nil {
			return nil, err
		}
		if plan, err = s.think(ctx, d.day, d.pinned); err != nil {
			return nil, err
		}
		taken := false
		if err = s.DB.Write(ctx, func(tx db.Tx) error {
			n, err := tx.Exec(`UPDATE dispatch_draft SET plan = $1, made_at = $2, rev = rev + 1 WHERE id = $3 AND rev = $4 AND state = $5`,
				db.JSON(plan), linli.Millis(s.Now()), id, d.rev, DraftOpen)
			taken = n == 1
			return err
		}); err == nil && taken {
			d.plan, d.madeAt, d.rev = plan, linli.Time(linli.Millis(s.Now())), d.rev+1
			return d, nil
		}
	}
	return nil, cmp.Or(err, error(errMoving))
}

// release takes a draft over in the name of whoever asks. One that was made on what
// no longer stands changes nothing: it is made again, and the answer is a conflict.
func (s *Service) release(ctx context.Context, id string) (out Outcome, err error) {
	var d *draft
	begin := time.Now()
	err = s.DB.Write(ctx, func(tx db.Tx) error {
		s.plan.enter(tx)
		if d, err = loadDraft(tx, id); err != nil {
			return err
		}
		if err := d.still(); err != nil {
			return err
		}
		if err := d.within(ctx); err != nil {
			return err
		}
		if err := s.image(ctx, tx); err != nil {
			return err
		}
		if err := s.unchanged(tx, d); err != nil {
			return err
		}
		now := s.Now()
		k := &sketch{image: s.plan.image, s: s, now: now} // as it stands: what the draft rests on has been looked at
		moves := make([]*move, len(d.plan.Changes))
		for i, c := range d.plan.Changes {
			if moves[i], err = s.move(ctx, tx, c); err != nil {
				return err
			}
		}
		changes := k.changes(moves)
		if err := s.carry(ctx, tx, k, moves, "released"); errors.Is(err, errRaced) {
			return db.ErrAgain
		} else if err != nil {
			return err
		}
		if err := s.endDraft(tx, id, DraftReleased); err != nil {
			return err
		}
		out = Outcome{Changes: changes, Waiting: k.blocked(moves), Before: d.plan.Before, After: d.plan.After, At: now}
		return auth.Audit(tx, now, auth.From(ctx), auth.Line{Act: "dispatch.draft-release", Subject: id, Detail: fmt.Sprintf("%s: %d", dateOf(d.day), len(changes))})
	})
	out.TookUS = time.Since(begin).Microseconds()
	if !errors.Is(err, errOld) {
		return out, err
	}
	if dayOf(s.Now()) >= d.day {
		return out, linli.Conflict("草案做好以后情况变了，这一天也已开始，请在调度台上重排", "things have changed since the draft was made and the day has begun; re-plan it on the board")
	}
	if _, err := s.makeDraft(ctx, d.day); err != nil {
		return out, err
	}
	return out, linli.Conflict("草案做好以后情况变了，已按现状重做，请看新的草案", "things have changed since the draft was made; it has been made again, look at the new one")
}

// unchanged refuses a draft when a lane it touches is not as it was: another worker
// in shifts or skills, or other assignments on the day.
func (s *Service) unchanged(tx db.Tx, d *draft) error {
	stand, err := s.standing(tx, "")
	if err != nil {
		return err
	}
	rows := rowsOf(stand, d.day)
	for _, id := range slices.Sorted(maps.Keys(d.plan.Lanes)) {
		if l := s.plan.workers[id]; l == nil || !d.plan.Lanes[id].equal(draftKey{l.Rev, rows[id]}) {
			return errOld
		}
	}
	return nil
}

// discard throws an open draft away.
func (s *Service) discard(ctx context.Context, id string) error {
	return s.DB.Write(ctx, func(tx db.Tx) error {
		d, err := loadDraft(tx, id)
		if err == nil {
			err = cmp.Or(d.still(), d.within(ctx))
		}
		if err != nil {
			return err
		}
		if err := s.endDraft(tx, id, DraftDiscarded); err != nil {
			return err
		}
		return auth.Audit(tx, s.Now(), auth.From(ctx), auth.Line{Act: "dispatch.draft-discard", Subject: id, Detail: dateOf(d.day)})
	})
}
