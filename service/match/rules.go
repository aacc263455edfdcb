package match

import (
	"cmp"
	"math"
	"slices"
	"time"

	"linli"
	"linli/geo"
)

// The hard conditions in the order they are asked; the first that fails is the
// reason a candidate is out.
const (
	gateNone        = ""            // the candidate passes
	gateSkill       = "skill"       // lacks a skill or its level
	gateCertificate = "certificate" // the proof of a skill is over at that time
	gateExcluded    = "excluded"    // the resident or a rule refuses this worker
	gateConsent     = "consent"     // the resident has not agreed to what the service needs
	gateTime        = "time"        // no shift, or no open slot, inside the wished time
	gateSpace       = "space"       // too far
	gateCapacity    = "capacity"    // the day, or every slot, is full
)

// Limits of space: how far a worker is sent and a resident walks (domain.md 9.3).
const (
	maxTravel = 45 * time.Minute
	maxWalk   = 15 * time.Minute
)

// The prices of the soft parts, in minutes; proposals, to be tuned on real ratings.
const (
	continuityGain = 8.0 // the carer of last time
	preferredGain  = 15.0
	starPrice      = 4.0 // per star below five
	loadPrice      = 10.0
	levelPrice     = 2.0 // per level more than needed: keep the skilled free
)

// history is what match remembers of a worker: ratings, and times with the resident.
type history struct {
	stars, ratings int64
	served         int64
}

// horizon is the time in which a need may be served: the wish, or the next day.
func horizon(n linli.Need, now time.Time) linli.Window {
	w := n.Wish
	if w.From.Before(now) {
		w.From = now
	}
	if !w.To.After(w.From) {
		w.To = w.From.Add(24 * time.Hour)
	}
	return w
}

// way tells how long it takes from one point to another; not ok when one of them is unknown.
type way func(from, to linli.Point, p geo.Profile) (t geo.Trip, ok bool)

// tooFar tells whether a trip is longer than most, or no trip at all, and words it
// for the detail of a gate.
func tooFar(t geo.Trip, most time.Duration) (detail string, far bool) {
	if t.None {
		return noWay, true
	}
	return t.Time.Round(time.Minute).String(), t.Time > most
}

// noWay is the detail where no way leads within the time anybody is sent.
const noWay = "no-way"

// judgeWorker asks the gates in order and then adds up the score. load is the
// work already planned for the worker on that day.
func judgeWorker(n linli.Need, w linli.Worker, consented bool, h history, load time.Duration, way way, now time.Time) linli.Candidate {
	j := linli.Candidate{Worker: w.ID, Org: w.Org}
	when := horizon(n, now)
	out := func(g, detail string) linli.Candidate {
		j.Gate, j.Detail = g, detail
		return j
	}
	surplus := 0
	var expired string
	for _, need := range n.Skills {
		best := -1
		for _, s := range w.Skills {
			if s.Code != need.Code || s.Level < need.Level {
				continue
			}
			if !s.Until.IsZero() && s.Until.Before(when.From) {
				expired = s.Code + " " + s.Until.In(linli.Shanghai).Format(time.DateOnly)
				continue
			}
			if best < 0 || s.Level < best {
				best = s.Level
			}
		}
		if best < 0 {
			if expired != "" {
				return out(gateCertificate, expired)
			}
			return out(gateSkill, need.Code)
		}
		surplus += best - need.Level
	}
	switch {
	case !w.Active:
		return out(gateTime, "inactive")
	case slices.Contains(n.Exclude, w.ID):
		return out(gateExcluded, "")
	case !consented:
		return out(gateConsent, "")
	}
	start, ok := inShift(w.Shifts, when, n.Length)
	trip, _ := way(w.At, n.At, profile(w.Profile)) // nothing, when a point is unknown
	detail, far := tooFar(trip, maxTravel)
	switch {
	case !ok && far: // "shift" alone says that another hour would do
		return out(gateTime, "shift, "+detail)
	case !ok:
		return out(gateTime, "shift")
	case far:
		return out(gateSpace, detail)
	}
	if w.MaxLoad > 0 && load+n.Length > w.MaxLoad {
		return out(gateCapacity, load.Round(time.Minute).String())
	}
	j.Parts = make([]linli.Part, 0, 4) // most have no more
	add := func(code string, minutes float64) {
		if minutes = math.Round(minutes*10) / 10; minutes != 0 {
			j.Parts = append(j.Parts, linli.Part{Code: code, Minutes: minutes})
			j.Score += minutes
		}
	}
	add("travel", trip.Time.Minutes())
	add("wait", start.Sub(when.From).Minutes()/10)
	if h.served > 0 {
		add("continuity", -continuityGain*math.Log2(1+float64(min(h.served, 7))))
	}
	if slices.Contains(n.Prefer, w.ID) {
		add("preferred", -preferredGain)
	}
	// Two pseudo-ratings of 4.5 keep a newcomer from standing at an extreme.
	add("rating", starPrice*(5-(float64(h.stars)+9)/float64(h.ratings+2)))
	if w.MaxLoad > 0 {
		add("load", loadPrice*float64(load)/float64(w.MaxLoad))
	}
	add("overqualified", levelPrice*float64(surplus))
	j.Score = math.Round(j.Score*10) / 10
	j.Approx = trip.Approx
	return j
}

// inShift finds the first start inside the window from which the whole service
// fits into one shift.
func inShift(shifts []linli.Window, when linli.Window, length time.Duration) (time.Time, bool) {
	for _, s := range shifts {
		start := s.From
		if start.Before(when.From) {
			start = when.From
		}
		if start.Before(when.To) && !start.Add(length).After(s.To) {
			return start, true
		}
	}
	return time.Time{}, false
}

func profile(s string) geo.Profile {
	if p := geo.Profile(s); p.Valid() {
		return p
	}
	return geo.Adult
}

// judgeFacility asks the gates of a facility for its free slots (in order of time).
func judgeFacility(n linli.Need, f Facility, consented bool, slots []Slot, way way, now time.Time) linli.Candidate {
	j := linli.Candidate{Facility: f.ID, Org: f.Org}
	out := func(g, detail string) linli.Candidate {
		j.Gate, j.Detail = g, detail
		return j
	}
	when := horizon(n, now)
	switch {
	case !slices.Contains(f.Specs, n.Spec):
		return out(gateSkill, string(n.Spec))
	case !f.Active:
		return out(gateTime, "inactive")
	case !consented:
		return out(gateConsent, "")
	}
	trip, _ := way(n.At, f.At, geo.Adult)
	if detail, far := tooFar(trip, maxWalk); far {
		return out(gateSpace, detail)
	}
	persons, open := int64(max(1, n.Persons)), false
	for _, s := range slots {
		// A slot serves when it begins inside the wish, or covers its beginning: "nine
		// o'clock" fits the morning of a nursery. What has begun is not sold.
		covers := !s.Start.After(when.From) && s.End.After(when.From)
		begins := !s.Start.Before(when.From) && s.Start.Before(when.To)
		if !covers && !begins || s.Start.Before(now) || s.Closed != "" {
			continue
		}
		open = true
		if s.Booked+persons > s.Capacity {
			continue
		}
		wait := max(0, s.Start.Sub(when.From).Minutes())
		j.Slot = &linli.Window{From: s.Start, To: s.End}
		j.Parts = []linli.Part{{Code: "travel", Minutes: math.Round(trip.Time.Minutes()*10) / 10}, {Code: "wait", Minutes: math.Round(wait) / 10}}
		j.Score = math.Round((j.Parts[0].Minutes+j.Parts[1].Minutes)*10) / 10
		j.Approx = trip.Approx
		return j
	}
	if open {
		return out(gateCapacity, "")
	}
	return out(gateTime, "closed")
}

// rank sorts judgments: those who can serve first, by score, then the others by
// gate; ties by id, so that the same question has the same answer.
func rank(js []linli.Candidate) {
	order := []string{gateNone, gateCapacity, gateSpace, gateTime, gateConsent, gateExcluded, gateCertificate, gateSkill}
	slices.SortFunc(js, func(a, b linli.Candidate) int {
		switch {
		case a.Gate != b.Gate:
			return cmp.Compare(slices.Index(order, a.Gate), slices.Index(order, b.Gate))
		case a.Score != b.Score:
			return cmp.Compare(a.Score, b.Score)
		}
		return cmp.Or(cmp.Compare(a.Worker, b.Worker), cmp.Compare(a.Facility, b.Facility))
	})
}

// Hours is the weekly opening: day 0 is Sunday, minutes since midnight in Shanghai.
type Hours struct {
	Day  int `json:"day" minimum:"0" maximum:"6"`
	From int `json:"from_min" minimum:"0" maximum:"1439"`
	To   int `json:"to_min" minimum:"1" maximum:"1440"`
}

// layOut gives the slots of a facility that start on the given Shanghai day.
func layOut(f Facility, day time.Time) []Slot {
	y, m, d := day.In(linli.Shanghai).Date()
	midnight := time.Date(y, m, d, 0, 0, 0, 0, linli.Shanghai)
	var out []Slot
	for _, h := range f.Hours {
		if h.Day != int(midnight.Weekday()) {
			continue
		}
		for from := h.From; from+f.SlotMin <= h.To; from += f.SlotMin {
			start := midnight.Add(time.Duration(from) * time.Minute)
			out = append(out, Slot{Facility: f.ID, Start: start, End: start.Add(time.Duration(f.SlotMin) * time.Minute), Capacity: f.Capacity})
		}
	}
	return out
}
