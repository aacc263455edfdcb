package order

import (
	_ "embed"
	"fmt"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"linli"
	"linli/decide/calendar"
)

//go:embed seeds/clocks.yaml
var clocksYAML []byte

// class is how time treats the orders of a promise class. The limits of the
// promise themselves are pinned in each order when it opens.
type class struct {
	Desk    string          `yaml:"desk"`    // who answers while nobody has it
	Told    bool            `yaml:"told"`    // the promised window, sent to the resident, counts as contact
	Slots   bool            `yaml:"slots"`   // an appointment replaces the limit until arrival
	Grace   time.Duration   `yaml:"grace"`   // how late after the slot is still in time
	Weather bool            `yaml:"weather"` // red-warning weather stretches the limits
	States  map[State]limit `yaml:"states"`
	Ladder  []rung          `yaml:"ladder"`
}

// limit is how long an order may stand in a state, and who is told when it stands longer.
type limit struct {
	In time.Duration `yaml:"in"`
	To string        `yaml:"to"`
}

// rung is a step of the ladder: so long after the submission (accept) or after a
// missed limit (start, close), or before the slot while nobody has the order (slot).
type rung struct {
	On string        `yaml:"on"`
	At time.Duration `yaml:"at"`
	To string        `yaml:"to"`
}

// hours are the opening hours of a clock.
type hours struct {
	Weekday string `yaml:"weekday"`
	Weekend string `yaml:"weekend"`
	Holiday string `yaml:"holiday"` // statutory days off; make-up days count as weekdays
}

// clocks is the whole of seeds/clocks.yaml.
type clocks struct {
	Service hours                     `yaml:"service"`
	Stretch int64                     `yaml:"weather_percent"`
	Classes map[linli.SLAClass]*class `yaml:"classes"`

	service *calendar.Service
}

const (
	confirmLimit = 72 * time.Hour     // no objection for so long is a confirmation
	closeLimit   = 7 * 24 * time.Hour // nobody rates after so long
	waitingLimit = 24 * time.Hour     // how long waiting for the resident may stop the clock, once
)

// readClocks parses the rules of time and refuses classes or states that are missing.
func readClocks(text []byte) (*clocks, error) {
	var k clocks
	if err := yaml.UnmarshalWithOptions(text, &k, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("order: clocks: %w", err)
	}
	h := calendar.Hours{Workdays: calendar.Statutory()}
	var err error
	for wd := range h.Weekly {
		text := k.Service.Weekday
		if day := time.Weekday(wd); day == time.Saturday || day == time.Sunday {
			text = k.Service.Weekend
		}
		if h.Weekly[wd], err = calendar.ParseSpans(text); err != nil {
			return nil, err
		}
	}
	if h.Holiday, err = calendar.ParseSpans(k.Service.Holiday); err != nil {
		return nil, err
	}
	if k.service, err = calendar.NewService(h); err != nil {
		return nil, err
	}
	for _, code := range []linli.SLAClass{linli.P1, linli.P2, linli.P3, linli.P4} {
		c := k.Classes[code]
		if c == nil || c.Desk == "" {
			return nil, fmt.Errorf("order: clocks: class %s is missing or has no desk", code)
		}
		for _, s := range append(slices.Clone(before), Paused) {
			if c.States[s].In <= 0 {
				return nil, fmt.Errorf("order: clocks: class %s has no limit for state %s", code, s)
			}
		}
		for _, r := range c.Ladder {
			if r.To == "" || !slices.Contains([]string{"accept", "start", "close", "slot"}, r.On) {
				return nil, fmt.Errorf("order: clocks: class %s has a rung on %q to %q", code, r.On, r.To)
			}
		}
	}
	return &k, nil
}

// A milestone is a promise to the resident, as a bit of Row.Breached.
const (
	accept int64 = 1 << iota
	contact
	start
	done
)

var milestones = []int64{accept, contact, start, done}

var milestoneNames = map[int64]string{accept: "accept", contact: "contact", start: "start", done: "close"}

// met is when a promise was kept, 0 while it is not.
func (o *Row) met(m int64) int64 {
	switch m {
	case accept:
		return o.AcceptedAt
	case contact:
		return o.ContactedAt
	case start:
		return o.ArrivedAt
	}
	return o.FinishedAt
}

// clock carries the rules of time for one order.
type clock struct {
	*class
	hours *calendar.Service // the service hours of the order
}

// after is the moment at which so much time of the promise has passed since the
// earliest submission. The one pause for the resident does not count; while it
// lasts it is taken to last its full 24 hours.
func (k clock) after(o *Row, d time.Duration) int64 {
	submitted := linli.Time(o.SubmittedAt)
	d = d * time.Duration(o.Factor) / 100
	if o.WaitingFrom != 0 {
		from, to := o.waiting()
		if gone := k.hours.Between(submitted, from); gone < d {
			return linli.Millis(k.hours.Add(to, d-max(gone, 0)))
		}
	}
	return linli.Millis(k.hours.Add(submitted, d))
}

// waiting is the span of the one pause that does not count.
func (o *Row) waiting() (from, to time.Time) {
	from, to = linli.Time(o.WaitingFrom), linli.Time(o.WaitingTo)
	if o.WaitingTo == 0 {
		to = from.Add(waitingLimit)
	}
	if submitted := linli.Time(o.SubmittedAt); to.Before(submitted) {
		to = submitted
	}
	return from, to
}

// limit is when a promise must be kept, 0 for never. An appointment is a moment of
// the wall clock; everything else is service time since the earliest submission.
func (k clock) limit(o *Row, m int64) int64 {
	switch m {
	case accept:
		return k.after(o, ms(o.LimitAccept))
	case contact:
		return k.after(o, ms(o.LimitContact))
	case start:
		switch {
		case k.Slots && o.SlotFrom != 0:
			return o.shifted(max(o.SlotFrom, o.SlotTo) + k.Grace.Milliseconds())
		case o.LimitStart != 0:
			return k.after(o, ms(o.LimitStart))
		}
		return 0
	}
	var at int64
	if o.LimitClose != 0 {
		at = k.after(o, ms(o.LimitClose))
	}
	if k.Slots && o.SlotFrom != 0 {
		at = max(at, k.limit(o, start)+o.LengthMS)
	}
	return at
}

func ms(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

// shifted moves an appointment by the time spent waiting for the resident before it.
func (o *Row) shifted(at int64) int64 {
	if o.WaitingFrom == 0 || o.WaitingFrom >= at {
		return at
	}
	from, to := o.waiting()
	return at + to.Sub(from).Milliseconds()
}

// stand is when the order has stood long enough in its state, and the act that
// time then carries out by itself ("" when a person must).
func (k clock) stand(o *Row) (at int64, then Act, to string) {
	since := linli.Time(o.StateAt)
	switch o.State {
	case Finished:
		return linli.Millis(since.Add(confirmLimit)), ActConfirm, ""
	case Confirmed, Rated:
		return linli.Millis(since.Add(closeLimit)), ActClose, ""
	case Paused:
		if o.WaitingFrom == o.StateAt && o.WaitingTo == 0 && o.PauseReason == WaitingForResident {
			return linli.Millis(since.Add(waitingLimit)), ActResume, ""
		}
	}
	l := k.States[o.State]
	at = linli.Millis(k.hours.Add(since, l.In))
	switch o.State {
	case Accepted: // an appointment of next week is not late today
		at = max(at, o.StartAt+k.Grace.Milliseconds())
	case Arrived:
		at = max(at, o.StateAt+2*o.LengthMS)
	}
	return at, "", l.To
}

// happening is something that time alone brings about.
type happening struct {
	at        int64
	milestone int64 // a promise is broken
	rung      int   // index into the ladder plus 1: somebody further up is told
	then      Act   // time acts
	to        string
}

// next is the earliest thing that will happen if nobody acts.
func (k clock) next(o *Row) (h happening, ok bool) {
	if o.State.Ended() {
		return h, false
	}
	consider := func(c happening) {
		// What became due by an act itself (a merged, earlier submission) happens with it.
		if c.at = max(c.at, o.LastAt); !ok || c.at < h.at {
			h, ok = c, true
		}
	}
	if o.FinishedAt == 0 {
		for _, m := range milestones {
			if at := k.limit(o, m); at != 0 && o.met(m) == 0 && o.Breached&m == 0 {
				consider(happening{at: at, milestone: m})
			}
		}
		for i, r := range k.Ladder {
			if at := k.rung(o, r); at != 0 && o.Rungs&(1<<i) == 0 {
				consider(happening{at: at, rung: i + 1, to: r.To})
			}
		}
	}
	if o.StateLate == 0 {
		at, then, to := k.stand(o)
		consider(happening{at: at, then: then, to: to})
	}
	return h, ok
}

// rung is when a step of the ladder is due, 0 when it does not apply.
func (k clock) rung(o *Row, r rung) int64 {
	switch {
	case r.On == "accept" && o.AcceptedAt == 0:
		return k.after(o, r.At)
	case r.On == "slot" && o.SlotFrom != 0 && o.Worker == "" && o.Facility == "":
		// A slot of the same hour leaves dispatch the time it has to find somebody.
		return max(o.SlotFrom-r.At.Milliseconds(), k.limit(o, accept))
	case r.On == "start" && o.ArrivedAt == 0:
		if at := k.limit(o, start); at != 0 {
			return at + r.At.Milliseconds()
		}
	case r.On == "close":
		if at := k.limit(o, done); at != 0 {
			return at + r.At.Milliseconds()
		}
	}
	return 0
}

// settle lets everything happen that is due until then, each at its own moment and
// in order, and returns the lines it adds to the timeline.
func (k clock) settle(o *Row, until int64) []entry {
	var out []entry
	for {
		h, ok := k.next(o)
		if !ok || h.at > until {
			return out
		}
		e := entry{at: h.at, state: o.State, worker: o.Worker}
		switch {
		case h.milestone != 0:
			o.Breached |= h.milestone
			e.kind, e.clock, e.limit = EventBreached, milestoneNames[h.milestone], k.limit(o, h.milestone)
			e.owner = k.owner(o)
			out = append(out, e)
		case h.rung != 0:
			o.Rungs |= 1 << (h.rung - 1)
			e.kind, e.clock, e.to = EventEscalated, k.Ladder[h.rung-1].On, h.to
			out = append(out, e)
		case h.then != "":
			lines, err := o.apply(k.class, Action{Act: h.then, At: h.at, By: byTime})
			if err != nil {
				panic("order: time cannot " + string(h.then) + ": " + err.Error()) // the machine allows it; tested
			}
			out = append(out, lines...)
		default:
			o.StateLate = 1
			e.kind, e.clock, e.limit, e.owner = EventBreached, "state", h.at, k.owner(o)
			out = append(out, e)
			if h.to != "" {
				out = append(out, entry{at: h.at, state: o.State, kind: EventEscalated, clock: "state", to: h.to, worker: o.Worker})
			}
		}
	}
}

// byTime is who acts when time acts.
var byTime = Actor{User: "system", Name: "linli"}

// owner names who answers for the order as it stands.
func (k clock) owner(o *Row) Owner {
	switch {
	case o.State == Paused:
		return Owner{Role: k.Desk}
	case o.Worker != "":
		return Owner{Role: "worker", Worker: o.Worker, Org: o.Org}
	case o.Org != "":
		return Owner{Role: "provider", Org: o.Org}
	}
	return Owner{Role: k.Desk}
}

// lift takes back breaches that did not happen: a phone without network accepted
// in time, or the wait for the resident had begun before.
func (k clock) lift(o *Row, now int64) []entry {
	var out []entry
	for _, m := range milestones {
		limit, met := k.limit(o, m), o.met(m)
		if o.Breached&m == 0 || met > limit || met == 0 && now >= limit {
			continue
		}
		o.Breached &^= m
		out = append(out, entry{at: o.LastAt, kind: EventLifted, state: o.State, clock: milestoneNames[m], limit: limit, owner: k.owner(o), worker: o.Worker})
	}
	return out
}

// due is the limit by which the order is sorted: the earliest promise not yet kept,
// broken or not; then how long it may stand; 0 when it has ended.
func (k clock) due(o *Row) int64 {
	if o.State.Ended() {
		return 0
	}
	var due int64
	if o.FinishedAt == 0 {
		for _, m := range milestones {
			if at := k.limit(o, m); at != 0 && o.met(m) == 0 && (due == 0 || at < due) {
				due = at
			}
		}
	}
	if due == 0 {
		due, _, _ = k.stand(o)
	}
	return due
}
