package demand

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"linli"
	"linli/decide/text"
)

// Source is how a need was voiced: the four dimensions of the demand matrix
// (domain.md 12.1) and the daily ways in.
type Source string

// The sources.
const (
	Phone       Source = "resident"    // the resident's or the family's own phone
	Counter     Source = "counter"     // staff on behalf of a resident
	Ticket      Source = "ticket"      // a 12345 ticket
	Survey      Source = "survey"      // answer of a household survey
	Finding     Source = "data"        // finding of an analysis or a sensor
	Observation Source = "observation" // seen in the field
	Forecast    Source = "forecast"    // predicted; alone it never becomes an order
	Recurring   Source = "series"      // a visit that was agreed on to come again
)

// Trust of a source, 0 to 1 (domain.md 12.1); what a person says of themselves counts fully.
func (s Source) Trust() float64 {
	switch s {
	case Finding:
		return 0.7
	case Observation:
		return 0.8
	case Forecast:
		return 0.5
	}
	return 1
}

// State is where a demand stands.
type State string

// The states.
const (
	Raised    State = "new"       // stored, not yet read; never left standing
	Queued    State = "queued"    // a clerk must look
	Hint      State = "hint"      // only a forecast says so
	ReadyTo   State = "ready"     // understood and trusted: an order is being opened
	Ordered   State = "ordered"   // an order carries it
	Referred  State = "referred"  // outside the catalog, handed over, still counted
	Merged    State = "merged"    // part of another case
	Withdrawn State = "withdrawn" // no longer wanted
	Closed    State = "closed"    // done with, see Outcome
)

// moves is the whole life of a demand.
var moves = map[State][]State{
	Raised:    {Queued, Hint, ReadyTo, Referred, Merged, Withdrawn},
	Queued:    {ReadyTo, Referred, Merged, Withdrawn, Closed},
	Hint:      {ReadyTo, Queued, Referred, Merged, Withdrawn, Closed},
	ReadyTo:   {Ordered, Queued, Referred, Merged, Withdrawn},
	Ordered:   {Closed, Withdrawn},
	Referred:  {ReadyTo, Queued, Merged, Withdrawn, Closed},
	Merged:    {Queued, Withdrawn},
	Closed:    {Ordered}, // the order was reopened
	Withdrawn: {},
}

// CanMove tells whether a demand may go from one state to the other.
func CanMove(from, to State) bool { return slices.Contains(moves[from], to) }

// Open tells whether somebody still has to do something.
func (s State) Open() bool {
	return s == Raised || s == Queued || s == Hint || s == ReadyTo || s == Ordered
}

// Outcome is how a closed demand ended.
type Outcome string

// The outcomes.
const (
	Served   Outcome = "served"   // the order was delivered and closed
	Canceled Outcome = "canceled" // the order was canceled
	Failed   Outcome = "failed"   // the order could not be delivered: an unmet need
	Answered Outcome = "answered" // settled in words, no service was needed
	Unlawful Outcome = "unlawful" // asks for what may not be done
	Expired  Outcome = "expired"  // a forecast that nobody confirmed in time
)

// Why says what a clerk is asked for.
type Why string

// The reasons why a demand waits.
const (
	Unclear   Why = "unclear"   // which service is meant
	Untrusted Why = "untrusted" // the source alone is not enough
	NoPlace   Why = "place"     // where exactly
	NoPerson  Why = "person"    // for whom
	NoConsent Why = "consent"   // the resident has not agreed to what the service needs
	Danger    Why = "danger"    // words of danger: look at once
	Unmerged  Why = "unmerged"  // was taken out of another case
	OnlyHint  Why = "forecast"  // a person must confirm a forecast
)

// The thresholds, each with its ground.
const (
	// accept is the least product of trust and certainty that goes on without a
	// clerk: an observation (.8) must be read with 94 %, a finding (.7) alone never passes.
	accept = 0.75
	// suggestFrom is the least similarity shown as a possible duplicate.
	suggestFrom = 0.30
	// twin is the least cosine of two texts that are merged without a person, and
	// only when nothing speaks against it (see twins); below it a clerk decides.
	twin = 0.90
	// twinRunes keeps short calls such as 停电了 apart, whose texts are always alike.
	twinRunes = 20
	// window within which demands are the same case (domain.md 12.1).
	window = 30 * 24 * time.Hour
	// hintLife is how long a forecast waits to be confirmed after its window ended.
	hintLife = 24 * time.Hour
)

// verdict decides what happens to a demand that was read, and what a clerk is
// asked for. spec is nil when none is meant; agreed is false when the service
// needs a consent that is not there.
func verdict(d *Demand, spec *linli.Spec, agreed bool) (State, []Why) {
	var why []Why
	if d.Attention && (spec == nil || spec.SLA == linli.P4) {
		// Danger with a service that answers danger goes on at once and is looked at
		// as well; danger without one waits for a person.
		why = append(why, Danger)
	}
	switch {
	case d.Office != "" && d.Certainty >= accept && len(why) == 0:
		return Referred, nil
	case spec == nil || d.Certainty < accept:
		why = append(why, Unclear)
	case d.Confidence*d.Certainty < accept && d.Source != Forecast:
		why = append(why, Untrusted)
	}
	if spec != nil {
		if spec.Mode == linli.ByWorker && d.Place.Depth() < linli.DepthEstate && d.At.IsZero() {
			why = append(why, NoPlace)
		}
		if personal(spec) && d.Resident == "" {
			why = append(why, NoPerson)
		}
		if !agreed {
			why = append(why, NoConsent)
		}
	}
	switch {
	case d.Source == Forecast && d.Trust < 1: // nobody confirmed it
		return Hint, append(why, OnlyHint)
	case len(why) > 0:
		return Queued, why
	}
	return ReadyTo, nil
}

// personal tells whether the service is for one person who must be known; repairs,
// hazards and disputes may be voiced by anybody.
func personal(spec *linli.Spec) bool {
	return spec.Consent != "" || spec.Item != "home-safety" && spec.Item != "emergency" && spec.Item != "mediation"
}

// classOf is the promise class of a demand: danger is P1, what a clerk called
// urgent at least P2, else as the catalog says; unknown services are ordinary.
func classOf(spec *linli.Spec, urgency int) linli.SLAClass {
	class := linli.P3
	if spec != nil {
		class = spec.SLA
	}
	switch {
	case urgency >= 3:
		return linli.P1
	case urgency == 2 && class > linli.P2:
		return linli.P2
	}
	return class
}

// together is the confidence that at least one of several sources is right.
func together(trust ...float64) float64 {
	wrong := 1.0
	for _, t := range trust {
		wrong *= 1 - t
	}
	return 1 - wrong
}

// sameNeed tells whether a new demand is one more voice of a running case:
// the same resident, the same service, within the window, and no wish for
// another day. For places without a person only forecasts and findings join.
func sameNeed(c, d *Demand) bool {
	if !joinable(c) || c.ID == d.ID || d.Spec == "" || c.Spec != d.Spec || gap(c.SubmittedAt, d.RaisedAt) > window {
		return false
	}
	if c.Resident != d.Resident || c.Resident == "" && (c.Place != d.Place || c.Place.Depth() < linli.DepthEstate || !machine(c) && !machine(d)) {
		return false
	}
	return c.Wish.IsZero() || d.Wish.IsZero() || overlap(c.Wish, d.Wish)
}

// twins tells whether two texts are so alike, and nothing speaks against it, that
// they are one matter without asking a person.
func twins(c, d *Demand, m text.Match) bool {
	if !joinable(c) || c.ID == d.ID || m.Cosine < twin || gap(c.SubmittedAt, d.RaisedAt) > window {
		return false
	}
	if c.Resident != "" && d.Resident != "" && c.Resident != d.Resident {
		return false // each needs a service of their own
	}
	if c.Spec != "" && d.Spec != "" && c.Spec != d.Spec {
		return false
	}
	if !c.Wish.IsZero() && !d.Wish.IsZero() && !overlap(c.Wish, d.Wish) {
		return false
	}
	if !c.Place.Contains(d.Place) && !d.Place.Contains(c.Place) {
		return false
	}
	return runes(c) >= twinRunes && runes(d) >= twinRunes
}

func machine(d *Demand) bool { return d.Source == Forecast || d.Source == Finding }

func joinable(c *Demand) bool { return c.State.Open() || c.State == Referred }

func runes(d *Demand) int {
	return utf8.RuneCountInString(strings.TrimSpace(d.Title)) + utf8.RuneCountInString(strings.TrimSpace(d.Body))
}

func gap(a, b time.Time) time.Duration { return a.Sub(b).Abs() }

// overlap tells whether two wishes share a moment; an open end goes on forever.
func overlap(a, b linli.Window) bool {
	return (a.To.IsZero() || b.From.Before(a.To)) && (b.To.IsZero() || a.From.Before(b.To))
}

// absorb lets the case c stand for d, too: the earliest submission, the deeper
// place, a wish, a person and the higher urgency win. It tells whether c changed
// in what an order needs.
func absorb(c, d *Demand) {
	if d.SubmittedAt.Before(c.SubmittedAt) {
		c.SubmittedAt = d.SubmittedAt
	}
	if c.Source == Forecast && d.Source == Forecast {
		c.Confidence = max(c.Confidence, d.Confidence) // two forecasts are one source
	} else {
		c.Confidence = together(c.Confidence, d.Confidence)
	}
	if c.State == Ordered {
		return // what was agreed stays
	}
	if c.Place.Contains(d.Place) && d.Place.Depth() > c.Place.Depth() {
		c.Place, c.At = d.Place, d.At
	}
	if c.At.IsZero() {
		c.At = d.At
	}
	if c.Wish.IsZero() {
		c.Wish = d.Wish
	}
	if c.Resident == "" {
		c.Resident = d.Resident
	}
	if c.Spec == "" && d.Spec != "" {
		c.Spec, c.Item, c.Certainty, c.Office = d.Spec, d.Item, d.Certainty, ""
	}
	c.Urgency = max(c.Urgency, d.Urgency)
	c.Attention = c.Attention || d.Attention
}
