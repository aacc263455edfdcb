package demand

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"linli"
	"linli/auth"
	"linli/decide/text"
	"linli/engine/bus"
	"linli/engine/db"
)

// Triage is a clerk's decision on a demand: exactly one of Spec and Office, the
// rest only where it is to be changed.
type Triage struct {
	Spec     linli.SpecCode
	Office   string
	Place    linli.Place
	At       linli.Point
	Wish     linli.Window
	Urgency  *int
	Resident linli.ResidentID
	Rev      int64 // 0: whatever it is now
}

// load reads a demand that the principal may touch with this permission; others do not exist for them.
func load(tx db.Tx, p *auth.Principal, perm auth.Permission, id linli.DemandID, rev int64) (*Demand, error) {
	d, err := one(tx, id)
	if err != nil {
		return nil, err
	}
	if !p.Scope(perm).Covers(d.row()) {
		return nil, errNone
	}
	if rev != 0 && rev != d.Rev {
		return nil, linli.Conflict("别人刚处理过这条需求，请看过再办", "somebody has just handled this demand; look again")
	}
	return d, nil
}

// to moves d, or says why it cannot go there.
func (d *Demand) to(state State) error {
	if !CanMove(d.State, state) {
		return linli.Conflict("这条需求"+stateZh[d.State]+"，不能再这样办", "the demand is "+string(d.State)+", this is no longer possible")
	}
	d.State = state
	return nil
}

var stateZh = map[State]string{Raised: "刚收到", Queued: "待分拣", Hint: "只是预测", ReadyTo: "正在开服务单", Ordered: "已开服务单",
	Referred: "已转办", Merged: "已并入其他需求", Withdrawn: "已撤回", Closed: "已办结"}

// change loads a demand, lets act work on it, and stores, records and tells what it became.
func (s *Service) change(tx db.Tx, p *auth.Principal, perm auth.Permission, id linli.DemandID, rev int64, name string, act func(d *Demand) (detail any, err error)) (*Demand, error) {
	d, err := load(tx, p, perm, id, rev)
	if err != nil {
		return nil, err
	}
	return d, s.apply(tx, p, d, d, name, act)
}

// apply is change on a demand that is loaded already; c is the case it is part of
// after the act, itself unless it is merged.
func (s *Service) apply(tx db.Tx, p *auth.Principal, d, c *Demand, name string, act func(d *Demand) (detail any, err error)) error {
	before, now := d.State, s.Now()
	detail, err := act(d)
	if err != nil {
		return err
	}
	if err := update(tx, d); err != nil {
		return err
	}
	if err := s.record(tx, p, now, line{d.ID, name, d.State, detail}); err != nil {
		return err
	}
	if !p.System { // the flow's own steps stand in the history of the order, too
		if err := auth.Audit(tx, now, p, auth.Line{Act: "demand." + name, Subject: string(d.ID), Place: d.Place}); err != nil {
			return err
		}
	}
	events := s.news(d, before, c, now)
	if d.State != before && d.State != Merged {
		told, err := s.inform(tx, d, string(d.State))
		if err != nil {
			return err
		}
		events = append(events, told...)
	}
	return s.Bus.Publish(tx, events...)
}

// inform makes a progress event for everybody who voiced the case.
func (s *Service) inform(tx db.Tx, c *Demand, what string) ([]bus.Event, error) {
	voices, err := reporters(tx, c.ID)
	if err != nil {
		return nil, err
	}
	var events []bus.Event
	for _, r := range voices {
		if !r.Left {
			events = append(events, bus.Pack(EventProgress, string(r.Demand), c.Place, s.Now(),
				Progress{Demand: r.Demand, Case: c.ID, Resident: r.Resident, What: what, Order: c.Order}))
		}
	}
	return events, nil
}

// Classify is the clerk's triage: it settles what is meant and where, sends the
// demand on, and teaches the reader when the text had not said so clearly.
func (s *Service) Classify(ctx context.Context, p *auth.Principal, id linli.DemandID, t Triage) (*Demand, error) {
	spec := s.reader.Load().spec(t.Spec)
	switch {
	case (t.Spec == "") == (t.Office == ""):
		return nil, linli.Invalid("spec", "请选一项服务，或选转办单位", "choose either a service or an office")
	case t.Spec != "" && spec == nil:
		return nil, linli.Invalid("spec", "服务目录里没有这项服务："+string(t.Spec), "the catalog does not offer "+string(t.Spec))
	case t.Office != "" && !s.office(t.Office):
		return nil, linli.Invalid("refer", "没有这个转办单位："+t.Office, "there is no office "+t.Office)
	case t.Place != "" && !t.Place.Valid():
		return nil, linli.Invalid("place", "地点编码不对："+string(t.Place), "this is not a place: "+string(t.Place))
	case !t.At.Valid():
		return nil, linli.Invalid("at", "坐标不对", "the coordinates are not on the globe")
	case !t.Wish.To.IsZero() && !t.Wish.From.Before(t.Wish.To):
		return nil, linli.Invalid("wish", "希望时间的结束要晚于开始", "the wish must end after it begins")
	}
	home, at, err := s.client(ctx, p, "demand.triage", t.Resident)
	if err != nil {
		return nil, err
	}
	if t.Place != "" && t.At.IsZero() && s.Places != nil {
		if t.At, err = s.Places.Locate(ctx, t.Place); err != nil && linli.KindOf(err) != linli.KindNotFound {
			return nil, err
		}
	}
	label := cmp.Or(string(t.Spec), toOffice+t.Office)
	var taught string
	var d *Demand
	err = s.DB.Write(ctx, func(tx db.Tx) error {
		taught = ""
		d, err = s.change(tx, p, "demand.triage", id, t.Rev, "triage", func(d *Demand) (any, error) {
			if d.State == ReadyTo {
				return nil, linli.Conflict("正在开服务单，请在服务单里改", "an order is being opened; change it there")
			}
			if t.Place != "" {
				if !p.Scope("demand.triage").Covers(auth.Row{Place: t.Place}) {
					return nil, linli.Invalid("place", "这个地点不归您管", "this place is not yours to handle")
				}
				d.Place, d.At = t.Place, t.At
			}
			if t.Resident != "" {
				d.Resident = t.Resident
				if t.Place == "" && d.Place.Depth() < linli.DepthEstate {
					d.Place, d.At = home, at
				}
			}
			if !t.Wish.IsZero() {
				d.Wish = t.Wish
			}
			if t.Urgency != nil {
				d.Urgency = *t.Urgency
			}
			d.Attention, d.Certainty, d.Trust, d.Confidence, d.Why = false, 1, 1, 1, nil
			if t.Office != "" {
				d.Spec, d.Item, d.Office = "", "", t.Office
				return map[string]any{"office": t.Office}, d.to(Referred)
			}
			d.Spec, d.Item, d.Office = spec.Code, spec.Item, ""
			// Person and consent are the clerk's call; where to go is needed.
			if _, why := verdict(d, spec, true); slices.Contains(why, NoPlace) {
				return nil, linli.Invalid("place", "上门服务要选到小区或楼栋", "a service at home needs an estate or a building")
			}
			if d.DueAt, err = s.due(ctx, d, spec); err != nil {
				return nil, err
			}
			d.ReadyAt = s.Now()
			return map[string]any{"spec": spec.Code}, d.to(ReadyTo)
		})
		if err != nil {
			return err
		}
		u := d.Understood
		if d.Title == "" && d.Body == "" || label == cmp.Or(string(u.Spec), toOffice+u.Office) && u.Certainty >= learnBelow {
			return nil
		}
		taught, err = s.remember(tx, p, d, label)
		return err
	})
	if err != nil {
		return nil, err
	}
	if taught != "" {
		err = s.learn(taught, d.doc(), label)
	}
	return d, err
}

// learnBelow is the certainty above which a clerk's agreement teaches nothing new.
const learnBelow = 0.95

// client checks that the resident exists and is the principal's to speak for, and
// gives their home. No resident is fine.
func (s *Service) client(ctx context.Context, p *auth.Principal, perm auth.Permission, id linli.ResidentID) (home linli.Place, at linli.Point, err error) {
	if id == "" {
		return "", linli.Point{}, nil
	}
	missing := linli.Invalid("for_resident", "没有这位居民，或不归您服务", "there is no such resident, or they are not yours to serve")
	if s.Residents == nil {
		return "", at, missing
	}
	home, at, err = s.Residents.Home(ctx, id)
	if linli.KindOf(err) == linli.KindNotFound || err == nil && !p.Serves(id) && !p.Scope(perm).Covers(auth.Row{Place: home}) {
		return "", at, missing
	}
	return home, at, err
}

// Confirm lets a person stand behind what only a forecast or a finding said.
func (s *Service) Confirm(ctx context.Context, p *auth.Principal, id linli.DemandID, rev int64) (d *Demand, err error) {
	err = s.DB.Write(ctx, func(tx db.Tx) error {
		d, err = s.change(tx, p, "demand.triage", id, rev, "confirm", func(d *Demand) (any, error) {
			if d.State != Hint && d.State != Queued {
				return nil, d.to(Hint) // words the conflict
			}
			spec := s.reader.Load().spec(d.Spec)
			d.Trust, d.Confidence, d.Attention = 1, 1, false
			if d.DueAt, err = s.due(ctx, d, spec); err != nil {
				return nil, err
			}
			state, why := verdict(d, spec, !slices.Contains(d.Why, NoConsent))
			d.Why = why
			if state == ReadyTo {
				d.ReadyAt = s.Now()
			}
			if state == d.State {
				return nil, nil
			}
			return nil, d.to(state)
		})
		return err
	})
	return d, err
}

// Attend notes that a person has looked at words of danger.
func (s *Service) Attend(ctx context.Context, p *auth.Principal, id linli.DemandID, note string) (d *Demand, err error) {
	err = s.DB.Write(ctx, func(tx db.Tx) error {
		d, err = s.change(tx, p, "demand.triage", id, 0, "attend", func(d *Demand) (any, error) {
			if !d.Attention {
				return nil, linli.Conflict("已经有人看过", "somebody has looked at it already")
			}
			d.Attention = false
			return noted(note), nil
		})
		return err
	})
	return d, err
}

func noted(note string) any {
	if note = strings.TrimSpace(note); note == "" {
		return nil
	}
	return map[string]any{"note": note}
}

// Close settles a demand without an order: answered in words, or unlawful.
func (s *Service) Close(ctx context.Context, p *auth.Principal, id linli.DemandID, rev int64, outcome Outcome, note string) (d *Demand, err error) {
	if outcome != Answered && outcome != Unlawful {
		return nil, linli.Invalid("outcome", "只能选“已答复”或“依法不予办理”", "the outcome is answered or unlawful")
	}
	err = s.DB.Write(ctx, func(tx db.Tx) error {
		d, err = s.change(tx, p, "demand.triage", id, rev, "close", func(d *Demand) (any, error) {
			if d.State == Ordered {
				return nil, linli.Conflict("已开服务单，请在服务单里办结", "an order is running; close it there")
			}
			d.Outcome, d.ClosedAt, d.Attention, d.Why = outcome, s.Now(), false, nil
			return noted(note), d.to(Closed)
		})
		return err
	})
	return d, err
}

// Withdraw takes a demand back. Staff withdraw the whole case; a resident takes
// back their own voice, and the case goes on while others are part of it. Left
// tells that only the voice was taken out.
func (s *Service) Withdraw(ctx context.Context, p *auth.Principal, id linli.DemandID, reason string) (d *Demand, left bool, err error) {
	err = s.DB.Write(ctx, func(tx db.Tx) error {
		left = false
		if d, err = load(tx, p, "demand.raise", id, 0); err != nil {
			return err
		}
		voices, err := reporters(tx, d.ID)
		if err != nil {
			return err
		}
		mine := p.Serves(d.Resident)
		others := slices.ContainsFunc(voices, func(r Reporter) bool { return r.Demand != d.ID && !r.Left && !p.Serves(r.Resident) })
		if mine && others && CanMove(d.State, Withdrawn) {
			left = true
			if _, err := tx.Exec(`UPDATE demand_reporter SET left_at = $1 WHERE demand = $2`, linli.Millis(s.Now()), d.ID); err != nil {
				return err
			}
			return s.record(tx, p, s.Now(), line{d.ID, "leave", d.State, noted(reason)})
		}
		if err := s.apply(tx, p, d, d, "withdraw", func(d *Demand) (any, error) {
			d.WithdrawnAt, d.Attention, d.Why = s.Now(), false, nil
			return noted(reason), d.to(Withdrawn)
		}); err != nil {
			return err
		}
		now := linli.Millis(s.Now())
		if d.MergedInto != "" { // the case goes on and informs this voice no more
			_, err := tx.Exec(`UPDATE demand_reporter SET left_at = $1 WHERE demand = $2`, now, d.ID)
			return err
		}
		_, err = tx.Exec(`UPDATE demand_demand SET state = $1, withdrawn_at = $2, rev = rev + 1 WHERE merged_into = $3 AND state = $4`, Withdrawn, now, d.ID, Merged)
		return err
	})
	return d, left, err
}

// Merge makes a demand part of another case: the case keeps the earliest
// submission and every reporter stays with it and informed.
func (s *Service) Merge(ctx context.Context, p *auth.Principal, id, into linli.DemandID, rev int64) (c *Demand, err error) {
	err = s.DB.Write(ctx, func(tx db.Tx) error {
		d, err := load(tx, p, "demand.triage", id, rev)
		if err != nil {
			return err
		}
		if c, err = load(tx, p, "demand.triage", into, 0); err != nil {
			return err
		}
		if c.MergedInto != "" {
			if c, err = load(tx, p, "demand.triage", c.MergedInto, 0); err != nil {
				return err
			}
		}
		if c.Source == Forecast && d.Source != Forecast && c.State == Hint {
			c, d = d, c // a forecast cannot carry a real need
		}
		switch {
		case c.ID == d.ID:
			return linli.Invalid("into", "不能并入自己", "a demand cannot be part of itself")
		case !joinable(c):
			return linli.Conflict("对方"+stateZh[c.State]+"，不能并入", "the other demand is "+string(c.State)+" and takes nothing in")
		case d.State == Ordered:
			return linli.Conflict("这条已开服务单，请把另一条并进来", "this one has an order; merge the other into it")
		}
		absorb(c, d)
		if err := s.apply(tx, p, d, c, "merge", func(d *Demand) (any, error) {
			d.MergedInto, d.Why, d.Attention = c.ID, nil, false
			return map[string]any{"into": c.ID, "rule": "clerk"}, d.to(Merged)
		}); err != nil {
			return err
		}
		if err := repoint(tx, d.ID, c.ID); err != nil {
			return err
		}
		return s.grown(ctx, tx, p, c, d)
	})
	return c, err
}

// grown stores a case that took d in and lets it go on if it can now.
func (s *Service) grown(ctx context.Context, tx db.Tx, p *auth.Principal, c, d *Demand) error {
	b := &batch{s: s, now: s.Now(), reader: s.reader.Load()}
	before, spec := c.State, b.reader.spec(c.Spec)
	var err error
	if c.DueAt, err = s.due(ctx, c, spec); err != nil {
		return err
	}
	b.lines = []line{{c.ID, "voice", c.State, map[string]any{"demand": d.ID}}}
	b.reconsider(c, spec)
	if err := update(tx, c); err != nil {
		return err
	}
	if err := s.record(tx, p, b.now, b.lines...); err != nil {
		return err
	}
	return s.Bus.Publish(tx, s.news(c, before, c, b.now)...)
}

// Unmerge takes a demand out of its case; both stand alone again with their own submissions.
func (s *Service) Unmerge(ctx context.Context, p *auth.Principal, id linli.DemandID) (d *Demand, err error) {
	err = s.DB.Write(ctx, func(tx db.Tx) error {
		var from linli.DemandID
		d, err = s.change(tx, p, "demand.triage", id, 0, "unmerge", func(d *Demand) (any, error) {
			from = d.MergedInto
			if from == "" {
				return nil, linli.Conflict("这条没有并入其他需求", "this demand is not part of another")
			}
			d.MergedInto, d.SubmittedAt, d.Confidence = "", d.RaisedAt, d.Trust
			d.Why = []Why{Unmerged}
			if d.DueAt, err = s.due(ctx, d, s.reader.Load().spec(d.Spec)); err != nil {
				return nil, err
			}
			return map[string]any{"from": from}, d.to(Queued)
		})
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE demand_reporter SET case_id = demand WHERE demand = $1`, d.ID); err != nil {
			return err
		}
		if err := s.shrunk(ctx, tx, p, from, d.ID); err != nil {
			return err
		}
		return s.Bus.Publish(tx, pack(EventUnmerged, d, s.Now(), func(e *Event) { e.Into = from }))
	})
	return d, err
}

// shrunk recomputes a case that lost one of its parts.
func (s *Service) shrunk(ctx context.Context, tx db.Tx, p *auth.Principal, id, lost linli.DemandID) error {
	c, err := one(tx, id)
	if err != nil {
		return err
	}
	parts, err := demands(tx, `SELECT `+columns+` FROM demand_demand WHERE merged_into = $1`, id)
	if err != nil {
		return err
	}
	c.SubmittedAt, c.Confidence = c.RaisedAt, c.Trust
	for _, part := range parts {
		if part.RaisedAt.Before(c.SubmittedAt) {
			c.SubmittedAt = part.RaisedAt
		}
		c.Confidence = together(c.Confidence, part.Trust)
	}
	if c.DueAt, err = s.due(ctx, c, s.reader.Load().spec(c.Spec)); err != nil {
		return err
	}
	if err := update(tx, c); err != nil {
		return err
	}
	return s.record(tx, p, s.Now(), line{c.ID, "lose", c.State, map[string]any{"demand": lost}})
}

// Needed tells whether the demand still waits for its order; the flow asks before it opens one.
func (s *Service) Needed(_ context.Context, tx db.Tx, id linli.DemandID) (bool, error) {
	d, err := one(tx, id)
	if err != nil {
		return false, err
	}
	return d.State == ReadyTo, nil
}

// Ordered notes the order that carries the demand. Telling it twice changes
// nothing; a closed demand runs again when its order was reopened. A demand that
// is no longer wanted is a conflict.
func (s *Service) Ordered(_ context.Context, tx db.Tx, id linli.DemandID, order linli.OrderID) error {
	d, err := one(tx, id)
	if err != nil {
		return err
	}
	if d.State == Ordered && d.Order == order {
		return nil
	}
	return s.apply(tx, auth.System, d, d, "order", func(d *Demand) (any, error) {
		d.Order, d.OrderedAt, d.Outcome, d.ClosedAt = order, s.Now(), "", linli.Time(0)
		return map[string]any{"order": order}, d.to(Ordered)
	})
}

// Settle closes the demand of an order that has ended. A demand that was
// withdrawn or closed meanwhile stays as it is.
func (s *Service) Settle(_ context.Context, tx db.Tx, id linli.DemandID, outcome Outcome) error {
	if outcome != Served && outcome != Canceled && outcome != Failed {
		return linli.Invalid("outcome", "没有这种结果："+string(outcome), "there is no such outcome: "+string(outcome))
	}
	d, err := one(tx, id)
	if err != nil || d.State == Withdrawn || d.State == Closed || d.State == Merged {
		return err
	}
	return s.apply(tx, auth.System, d, d, "settle", func(d *Demand) (any, error) {
		d.Outcome, d.ClosedAt, d.Attention = outcome, s.Now(), false
		return map[string]any{"outcome": outcome}, d.to(Closed)
	})
}

// Progress informs everybody who voiced the case about a step of its order, in the order's words.
func (s *Service) Progress(_ context.Context, tx db.Tx, id linli.DemandID, what string) error {
	d, err := one(tx, id)
	if err != nil {
		return err
	}
	events, err := s.inform(tx, d, what)
	if err != nil {
		return err
	}
	return s.Bus.Publish(tx, events...)
}

// shown is how many similar demands a clerk is shown.
const shown = 5

// similar finds what was said in nearly the same words.
func (s *Service) similar(d *Demand, alias string) []text.Match {
	if d.Title == "" && d.Body == "" {
		return nil
	}
	return s.recent.near(d.entry(alias), shown)
}
