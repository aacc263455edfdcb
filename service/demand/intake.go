package demand

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"linli"
	"linli/auth"
	"linli/decide/calendar"
	"linli/decide/text"
	"linli/engine/bus"
	"linli/engine/db"
)

// Draft is what somebody, or something, said. Whoever makes it has checked that
// the resident and the place are theirs to speak for.
type Draft struct {
	Source      Source
	System      string // with ExternalID: the same pair is stored once
	ExternalID  string
	Title, Body string
	Spec        linli.SpecCode // when it was chosen and need not be read from the text
	Resident    linli.ResidentID
	Place       linli.Place // when it was chosen
	At          linli.Point
	Fallback    linli.Place // when neither chosen nor read from the text: at least a street
	Wish        linli.Window
	Urgency     int // 0: as read from the text
	RaisedAt    time.Time
	Alias       string // writer in the outside system
	Name, Phone string
	Photos      []linli.BlobID
	Extra       json.RawMessage
	Test        bool
}

// The longest texts taken in, in runes. Longer hotline letters are cut by no one: they are refused with the row named.
const (
	maxTitle = 300
	maxBody  = 20_000
)

// compared is how many similar texts are looked at for a case to join: more than
// a clerk is shown, since the voices of one case crowd each other.
const compared = 12

// plan is a draft that was read and compared, ready to be stored.
type plan struct {
	d        *Demand
	reporter Reporter
	near     []text.Match
	spec     *linli.Spec
	agreed   bool
}

// Intake reads and stores drafts in one transaction. The result stands beside the
// draft; it is nil where the same outside ticket is stored already. then, if not
// nil, runs in the same transaction. A draft that cannot be taken is an error of
// kind invalid and nothing is stored.
func (s *Service) Intake(ctx context.Context, p *auth.Principal, drafts []Draft, then func(tx db.Tx, out []*Demand) error) ([]*Demand, error) {
	plans := make([]*plan, 0, len(drafts))
	forget := func() {
		for _, pl := range plans {
			s.recent.remove(string(pl.d.ID))
		}
	}
	for _, draft := range drafts {
		pl, err := s.prepare(ctx, p, draft)
		if err != nil {
			forget()
			return nil, err
		}
		plans = append(plans, pl)
	}
	var out []*Demand
	err := s.DB.Write(ctx, func(tx db.Tx) (err error) {
		if out, err = s.store(ctx, tx, p, plans); err == nil && then != nil {
			err = then(tx, out)
		}
		return err
	})
	if err != nil {
		forget()
		return nil, err
	}
	for i, d := range out {
		if d == nil {
			s.recent.remove(string(plans[i].d.ID))
		}
	}
	return out, nil
}

// check refuses a draft that cannot be taken and returns it tidied.
func (s *Service) check(f Draft) (Draft, error) {
	now := s.Now()
	f.Title, f.Body = strings.TrimSpace(f.Title), strings.TrimSpace(f.Body)
	if f.RaisedAt.IsZero() {
		f.RaisedAt = now
	}
	var err error
	switch {
	case f.Title == "" && f.Body == "" && f.Spec == "" && len(f.Photos) == 0:
		err = linli.Invalid("text", "请写下需要什么，或选一项服务，或拍张照片", "say what is needed, choose a service or add a photo")
	case utf8.RuneCountInString(f.Title) > maxTitle:
		err = linli.Invalidf("title", "标题太长，最多 %d 个字", "the title is longer than %d characters", maxTitle)
	case utf8.RuneCountInString(f.Body) > maxBody:
		err = linli.Invalidf("text", "内容太长，最多 %d 个字", "the text is longer than %d characters", maxBody)
	case f.Spec != "" && s.reader.Load().spec(f.Spec) == nil:
		err = linli.Invalid("spec", "服务目录里没有这项服务："+string(f.Spec), "the catalog does not offer "+string(f.Spec))
	case f.RaisedAt.After(now.Add(5 * time.Minute)):
		err = linli.Invalid("time", "时间在将来", "the time lies in the future")
	case f.RaisedAt.Year() < 1970:
		err = linli.Invalid("time", "时间太早", "the time is too long ago")
	case !f.Wish.To.IsZero() && !f.Wish.From.Before(f.Wish.To):
		err = linli.Invalid("wish", "希望时间的结束要晚于开始", "the wish must end after it begins")
	case f.Place != "" && !f.Place.Valid():
		err = linli.Invalid("place", "地点编码不对："+string(f.Place), "this is not a place: "+string(f.Place))
	case !f.At.Valid():
		err = linli.Invalid("at", "坐标不对", "the coordinates are not on the globe")
	}
	return f, err
}

// prepare checks a draft, reads it, places it and looks for near duplicates. It
// enters it into the index, so that later drafts of the same batch find it.
func (s *Service) prepare(ctx context.Context, p *auth.Principal, f Draft) (*plan, error) {
	now := s.Now()
	f, err := s.check(f)
	if err != nil {
		return nil, err
	}
	if err := s.Warm(ctx); err != nil {
		return nil, err
	}
	u, err := s.read(ctx, text.Doc{Title: f.Title, Body: f.Body}, f.RaisedAt)
	if err != nil {
		return nil, err
	}
	d := &Demand{ID: linli.DemandID(linli.NewID("dem", now)), Source: f.Source, System: f.System, ExternalID: f.ExternalID, State: Raised, Rev: 1,
		Title: f.Title, Body: f.Body, Resident: f.Resident, RaisedBy: p.User, Item: u.Item, Spec: u.Spec, Office: u.Office, Certainty: u.Certainty,
		Trust: f.Source.Trust(), Confidence: f.Source.Trust(), Urgency: u.Urgency, Attention: len(u.Danger) > 0, Wish: f.Wish,
		RaisedAt: f.RaisedAt, SubmittedAt: f.RaisedAt, ReceivedAt: now, Photos: f.Photos, Extra: f.Extra, Understood: u, Test: f.Test}
	if d.Wish.IsZero() {
		d.Wish = u.wish()
	}
	if f.Urgency > 0 {
		d.Urgency = max(f.Urgency, 3*b2i(d.Attention))
	}
	pl := &plan{d: d, agreed: true}
	r := s.reader.Load()
	if pl.spec = r.spec(f.Spec); pl.spec != nil {
		d.Spec, d.Item, d.Office, d.Certainty = pl.spec.Code, pl.spec.Item, "", 1
	} else {
		pl.spec = r.spec(d.Spec)
	}
	if err := s.locate(ctx, d, f, u.Place); err != nil {
		return nil, err
	}
	if pl.agreed, err = s.agreed(ctx, d, pl.spec); err != nil {
		return nil, err
	}
	pl.reporter = Reporter{Demand: d.ID, Resident: f.Resident, User: p.User, Alias: f.Alias, Name: f.Name, Phone: cmp.Or(f.Phone, u.phone), Source: f.Source, At: f.RaisedAt}
	if d.Title != "" || d.Body != "" {
		e := d.entry(f.Alias)
		pl.near = s.recent.near(e, compared)
		s.recent.add(e, now)
	}
	return pl, nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// locate finds where help is needed: as chosen, as said, at home, or at least the street.
func (s *Service) locate(ctx context.Context, d *Demand, f Draft, said linli.Place) error {
	d.Place, d.At = f.Place, f.At
	if d.Place == "" && said.Depth() >= linli.DepthEstate {
		d.Place = said
	}
	if d.Place == "" && f.Resident != "" && s.Residents != nil {
		home, at, err := s.Residents.Home(ctx, f.Resident)
		if err != nil && linli.KindOf(err) != linli.KindNotFound {
			return err
		}
		if err == nil {
			d.Place = home
			if d.At.IsZero() {
				d.At = at
			}
		}
	}
	if d.Place == "" {
		d.Place = cmp.Or(said, f.Fallback)
	}
	if !d.Place.Valid() {
		return linli.Invalid("place", "请选择地点", "choose a place")
	}
	if d.At.IsZero() && d.Place.Depth() >= linli.DepthEstate && s.Places != nil {
		at, err := s.Places.Locate(ctx, d.Place)
		if err != nil && linli.KindOf(err) != linli.KindNotFound {
			return err
		}
		d.At = at
	}
	return nil
}

// agreed tells whether the resident consented to what the service needs; without
// a resident the question does not arise yet.
func (s *Service) agreed(ctx context.Context, d *Demand, spec *linli.Spec) (bool, error) {
	if spec == nil || spec.Consent == "" || d.Resident == "" || s.Residents == nil {
		return true, nil
	}
	return s.Residents.Consents(ctx, d.Resident, spec.Consent)
}

// due is the moment by which a person must have taken the demand.
func (s *Service) due(ctx context.Context, d *Demand, spec *linli.Spec) (time.Time, error) {
	accept, _, _, _, allDay, err := s.Catalog.Limits(ctx, classOf(spec, d.Urgency))
	if err != nil {
		return time.Time{}, err
	}
	if allDay {
		return d.SubmittedAt.Add(accept), nil
	}
	return calendar.Daytime().Add(d.SubmittedAt, accept), nil
}

// batch is the work of one transaction on new demands and the cases they touch.
type batch struct {
	s      *Service
	now    time.Time
	reader *reader
	new    map[linli.DemandID]*Demand // of this batch
	cases  map[linli.DemandID]*Demand // stored before, that may be joined
	byNeed map[string][]*Demand       // running cases by service and person or place
	dirty  []*Demand                  // stored cases that changed
	before map[linli.DemandID]State   // their state when loaded
	lines  []line
}

// store writes the plans within tx. It copies the demands, since tx may run again.
func (s *Service) store(ctx context.Context, tx db.Tx, p *auth.Principal, plans []*plan) ([]*Demand, error) {
	b := &batch{s: s, now: s.Now(), reader: s.reader.Load(), new: map[linli.DemandID]*Demand{}, byNeed: map[string][]*Demand{}, before: map[linli.DemandID]State{}}
	seen, err := s.outside(tx, plans)
	if err != nil {
		return nil, err
	}
	cases, err := candidates(tx, s.DB.Dialect(), plans)
	if err != nil {
		return nil, err
	}
	b.cases = map[linli.DemandID]*Demand{}
	for _, c := range cases {
		if b.cases[c.ID] == nil {
			b.cases[c.ID], b.before[c.ID] = c, c.State
			b.enter(c)
		}
	}
	planned := map[linli.DemandID]bool{}
	for _, pl := range plans {
		planned[pl.d.ID] = true
	}
	out := make([]*Demand, len(plans))
	var fresh []*Demand
	var voices []Reporter
	for i, pl := range plans {
		key := [2]string{pl.d.System, pl.d.ExternalID}
		if pl.d.ExternalID != "" && seen[key] {
			continue
		}
		seen[key] = true
		d := *pl.d
		for _, m := range pl.near {
			if id := linli.DemandID(m.ID); b.new[id] != nil || !planned[id] { // not one that is stored already
				d.Near, d.NearScore = id, m.Score
				break
			}
		}
		b.new[d.ID] = &d
		if err := b.place(ctx, &d, pl); err != nil {
			return nil, err
		}
		b.enter(&d)
		out[i] = &d
		fresh = append(fresh, &d)
		voices = append(voices, pl.reporter)
	}
	return out, b.write(tx, p, fresh, voices)
}

// outside finds which tickets of the plans are stored already.
func (s *Service) outside(tx db.Tx, plans []*plan) (map[[2]string]bool, error) {
	bySystem := map[string][]string{}
	for _, pl := range plans {
		if pl.d.ExternalID != "" {
			bySystem[pl.d.System] = append(bySystem[pl.d.System], pl.d.ExternalID)
		}
	}
	seen := map[[2]string]bool{}
	for system, ids := range bySystem {
		have, err := known(tx, s.DB.Dialect(), system, ids)
		if err != nil {
			return nil, err
		}
		for id := range have {
			seen[[2]string{system, id}] = true
		}
	}
	return seen, nil
}

// place decides on a new demand: part of a running case, or a case of its own.
func (b *batch) place(ctx context.Context, d *Demand, pl *plan) (err error) {
	b.lines = append(b.lines, line{d.ID, "raise", Raised, nil})
	c, how := b.home(d, pl.near)
	if c != nil && (c.Source != Forecast || d.Source == Forecast) {
		return b.join(ctx, c, d, how)
	}
	if c != nil { // the forecast has come true: it becomes part of the real demand
		absorb(d, c)
		b.merge(d, c, how)
		b.touch(c)
	}
	if d.DueAt, err = b.s.due(ctx, d, pl.spec); err != nil {
		return err
	}
	d.State, d.Why = verdict(d, pl.spec, pl.agreed)
	if d.State == ReadyTo {
		d.ReadyAt = b.now
	}
	b.lines = append(b.lines, line{d.ID, "read", d.State, map[string]any{"why": d.Why, "certainty": d.Certainty}})
	return nil
}

// home finds the running case a new demand belongs to without asking a person.
func (b *batch) home(d *Demand, near []text.Match) (c *Demand, how map[string]any) {
	for _, m := range near {
		// A case is compared by its own words only, or it would drift from voice to voice.
		id := linli.DemandID(m.ID)
		if c := cmp.Or(b.new[id], b.cases[id]); c != nil && twins(c, d, m) {
			return c, map[string]any{"rule": "twin", "cosine": m.Cosine}
		}
	}
	for _, c := range b.byNeed[needKey(d)] {
		if sameNeed(c, d) {
			return c, map[string]any{"rule": "same-need"}
		}
	}
	return nil, nil
}

// needKey groups demands that sameNeed could join; "" joins nothing.
func needKey(d *Demand) string {
	switch {
	case d.Spec == "":
		return ""
	case d.Resident != "":
		return string(d.Spec) + " " + string(d.Resident)
	}
	return string(d.Spec) + " " + string(d.Place)
}

func (b *batch) enter(c *Demand) {
	if key := needKey(c); key != "" && c.MergedInto == "" {
		b.byNeed[key] = append(b.byNeed[key], c)
	}
}

// merge marks d as part of the case c.
func (b *batch) merge(c, d *Demand, how any) {
	d.State, d.MergedInto, d.Why, d.Attention = Merged, c.ID, nil, false
	b.lines = append(b.lines, line{d.ID, "merge", Merged, map[string]any{"into": c.ID, "how": how}}, line{c.ID, "voice", c.State, map[string]any{"demand": d.ID}})
}

// join makes d part of the case c and sees whether c can go on now.
func (b *batch) join(ctx context.Context, c, d *Demand, how any) (err error) {
	absorb(c, d)
	b.merge(c, d, how)
	spec := b.reader.spec(c.Spec)
	if c.DueAt, err = b.s.due(ctx, c, spec); err != nil {
		return err
	}
	d.DueAt = c.DueAt
	b.reconsider(c, spec)
	b.touch(c)
	return nil
}

// reconsider lets a waiting case go on when what it lacked has come.
func (b *batch) reconsider(c *Demand, spec *linli.Spec) {
	if c.State != Queued && c.State != Hint || slices.Contains(c.Why, Unmerged) {
		return
	}
	state, why := verdict(c, spec, !slices.Contains(c.Why, NoConsent))
	if state != c.State {
		b.lines = append(b.lines, line{c.ID, "read", state, map[string]any{"why": why}})
	}
	if c.State, c.Why = state, why; state == ReadyTo {
		c.ReadyAt = b.now
	}
}

// touch notes that a stored case changed.
func (b *batch) touch(c *Demand) {
	if b.new[c.ID] == nil && !slices.Contains(b.dirty, c) {
		b.dirty = append(b.dirty, c)
	}
}

// write stores the new demands, the cases they changed, and what is to be told.
func (b *batch) write(tx db.Tx, p *auth.Principal, fresh []*Demand, voices []Reporter) error {
	stored, err := insert(tx, fresh)
	if err != nil {
		return err
	}
	if stored < int64(len(fresh)) {
		return linli.Conflict("同一批诉求正在由别人导入，请稍后再试", "somebody else is importing the same tickets; try again shortly")
	}
	var events []bus.Event
	for i, d := range fresh {
		voices[i].Case = cmp.Or(d.MergedInto, d.ID)
		if err := found.Put(tx, b.s.DB.Dialect(), string(d.ID), d.doc().Text()); err != nil {
			return err
		}
		if err := b.s.attach(tx, p, d); err != nil {
			return err
		}
		events = append(events, pack(EventRaised, d, b.now, nil))
		events = append(events, b.s.news(d, Raised, b.caseOf(d), b.now)...)
	}
	if err := insertReporters(tx, voices); err != nil {
		return err
	}
	for _, c := range b.dirty {
		if c.State == Merged { // its own voices go with it
			if err := repoint(tx, c.ID, c.MergedInto); err != nil {
				return err
			}
		}
		if err := update(tx, c); err != nil {
			return err
		}
		events = append(events, b.s.news(c, b.before[c.ID], b.caseOf(c), b.now)...)
	}
	if err := b.s.record(tx, p, b.now, b.lines...); err != nil {
		return err
	}
	return b.s.Bus.Publish(tx, events...)
}

func (b *batch) caseOf(d *Demand) *Demand {
	return cmp.Or(b.new[d.MergedInto], b.cases[d.MergedInto])
}

// pack is an event about d as it stands now.
func pack(kind string, d *Demand, at time.Time, more func(*Event)) bus.Event {
	e := Event{Demand: d.ID, State: d.State, Rev: d.Rev, Source: d.Source, Resident: d.Resident, Item: d.Item, Spec: d.Spec, Office: d.Office,
		Urgency: d.Urgency, Attention: d.Attention, Into: d.MergedInto, Order: d.Order, Outcome: d.Outcome, SubmittedAt: linli.Millis(d.SubmittedAt)}
	if more != nil {
		more(&e)
	}
	return bus.Pack(kind, string(d.ID), d.Place, at, e)
}

// news tells of d's change of state since before; c is the case it is part of, if any.
func (s *Service) news(d *Demand, before State, c *Demand, at time.Time) []bus.Event {
	if d.State == before {
		return nil
	}
	var events []bus.Event
	if before == Raised && d.Spec != "" {
		events = append(events, pack(EventUnderstood, d, at, nil))
	}
	switch d.State {
	case Queued, Hint:
		if before != Raised {
			events = append(events, pack(EventQueued, d, at, nil))
		}
	case ReadyTo:
		events = append(events, bus.Pack(EventReady, string(d.ID), d.Place, at, s.ready(d)))
	case Referred:
		events = append(events, pack(EventReferred, d, at, nil))
	case Merged:
		events = append(events, pack(EventMerged, d, at, func(e *Event) { e.SubmittedAt = linli.Millis(c.SubmittedAt) }),
			bus.Pack(EventProgress, string(d.ID), d.Place, at, Progress{Demand: d.ID, Case: c.ID, Resident: d.Resident, What: string(c.State), Order: c.Order}))
	case Withdrawn:
		events = append(events, pack(EventWithdrawn, d, at, nil))
	case Closed:
		events = append(events, pack(EventClosed, d, at, nil))
	}
	return events
}

// ready is what an order is opened from.
func (s *Service) ready(d *Demand) Ready {
	r := Ready{Demand: d.ID, Rev: d.Rev, State: d.State, Source: d.Source, Resident: d.Resident, SubmittedAt: linli.Millis(d.SubmittedAt), Test: d.Test}
	spec := s.reader.Load().spec(d.Spec)
	r.Need = linli.Need{Item: d.Item, Spec: d.Spec, Resident: d.Resident, Place: d.Place, At: d.At, Wish: d.Wish, SLA: classOf(spec, d.Urgency), Persons: 1}
	if spec != nil {
		r.Need.Length, r.Need.Persons, r.Need.Skills = spec.Length, spec.Persons, spec.Skills
	}
	r.LengthS = int64(r.Need.Length / time.Second)
	return r
}

// warmLimit is how many texts Warm reads at most, so that the first demand after a
// start does not wait for a busy month.
const warmLimit = 20_000

// Warm fills the index with the newest texts of the last thirty days, once per process.
func (s *Service) Warm(ctx context.Context) error {
	s.warm.Lock()
	defer s.warm.Unlock()
	if s.warmed {
		return nil
	}
	err := s.DB.Read(ctx, func(tx db.Tx) error {
		rows, err := tx.Query(`SELECT d.id, d.title, d.body, d.place, d.resident, d.raised_by, d.raised_at, d.received_at, r.alias FROM demand_demand d
			JOIN demand_reporter r ON r.demand = d.id WHERE d.received_at >= $1 AND (d.title <> '' OR d.body <> '')
			ORDER BY d.received_at DESC, d.id DESC LIMIT $2`, linli.Millis(s.Now().Add(-window)), warmLimit)
		if err != nil {
			return err
		}
		defer rows.Close()
		var newest []text.Entry
		var at []time.Time
		for rows.Next() {
			var d Demand
			var raised, received int64
			var alias string
			if err := rows.Scan(&d.ID, &d.Title, &d.Body, &d.Place, &d.Resident, &d.RaisedBy, &raised, &received, &alias); err != nil {
				return err
			}
			d.RaisedAt = linli.Time(raised)
			newest, at = append(newest, d.entry(alias)), append(at, linli.Time(received))
		}
		for i := range newest {
			last := len(newest) - 1 - i // oldest first: that is how the index forgets
			s.recent.add(newest[last], at[last])
		}
		return rows.Err()
	})
	s.warmed = err == nil
	return err
}

// entry is the demand in the index of similar texts. A place above the estate
// says too little to be "the same place".
func (d *Demand) entry(alias string) text.Entry {
	e := text.Entry{ID: string(d.ID), Doc: d.doc(), User: cmp.Or(alias, string(d.Resident), string(d.RaisedBy)), At: d.RaisedAt}
	if d.Place.Depth() >= linli.DepthEstate {
		e.Place = d.Place
	}
	return e
}

// hearRaised enters a demand that another node stored into this node's index.
func (s *Service) hearRaised(ctx context.Context, e bus.Event) error {
	if s.recent.has(e.Key) {
		return nil
	}
	var d *Demand
	var alias string
	err := s.DB.Read(ctx, func(tx db.Tx) (err error) {
		if d, err = one(tx, linli.DemandID(e.Key)); err != nil {
			return err
		}
		return tx.QueryRow(`SELECT alias FROM demand_reporter WHERE demand = $1`, d.ID).Scan(&alias)
	})
	if linli.KindOf(err) == linli.KindNotFound || isNone(err) {
		return nil
	}
	if err != nil || d.Title == "" && d.Body == "" {
		return err
	}
	s.recent.add(d.entry(alias), d.ReceivedAt)
	return nil
}

func isNone(err error) bool { return errors.Is(err, sql.ErrNoRows) }
