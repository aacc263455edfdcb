package sense

import "math"

// hours is how often something that is waited for happens, by hour of the day:
// ends of episodes and hours spent waiting.
type hours struct {
	Ends, Risk [24]float32
}

func (h *hours) decay(by float32) {
	for i := range h.Ends {
		h.Ends[i] *= by
		h.Risk[i] *= by
	}
}

// rate is the hazard per hour of waiting in hour i of the day: the person's own
// hours under a circular kernel of one hour, and the cohort as so many hours of waiting.
func (h *hours) rate(i int, cohort, weight float64) float64 {
	before, after := (i+23)%24, (i+1)%24
	ends := float64(h.Ends[i]) + 0.5*float64(h.Ends[before]) + 0.5*float64(h.Ends[after])
	risk := float64(h.Risk[i]) + 0.5*float64(h.Risk[before]) + 0.5*float64(h.Risk[after])
	return (ends + weight*cohort) / (risk + weight)
}

// wait adds the time from..to to the hours of waiting.
func (h *hours) wait(from, to int64) {
	walk(from, to, func(i int, part float64) { h.Risk[i] += float32(part) })
}

// walk cuts from..to at full hours and gives each part in hours.
func walk(from, to int64, each func(hourOfDay int, part float64)) {
	if to-from > 14*day {
		from = to - 14*day
	}
	for from < to {
		next := min(from-(from%hour+hour)%hour+hour, to)
		each(hourOf(from), float64(next-from)/float64(hour))
		from = next
	}
}

// contexts of a rhythm: what the person was doing when the episode began.
const contexts = 3

// Curve is what a cohort knows about a rhythm before the person is known.
type Curve struct {
	Rate       [contexts][4]float64 // ends per hour of waiting: 0-6, 6-12, 12-18, 18-24 o'clock
	RateWeight float64              // hours of waiting the rates count for, per hour of the day
	Share      float64              // of episodes that outlast tailFrom in operational time
	Excess     float64              // mean operational time beyond it
	Shape      float64              // of the generalized Pareto tail, 0 to 0.5
	Weight     float64              // episodes that share and excess count for
	PerWeek    float64              // judged episodes in a week
}

// episode is one wait that is going on.
type episode struct {
	Since   int64   // when it began; 0 when none goes on
	From    int64   // the part before it is summed up in Tau
	Tau     float64 // operational time until From
	Context uint8
	Raised  bool // a finding was made: the rest is not learned
}

// rhythm is how long one person waits between things of one kind: signs of
// life, returns, exits. Its operational time runs fast in hours when the person
// usually ends such a wait, and slowly in others, so that an episode lasts about
// 1 whatever the hour; what is unusual is then judged by one tail.
type rhythm struct {
	Tail   tail
	Weeks  float32 // of history, decayed
	Relief float32 // by how much "false alarm" answers have lowered the limit, in operational time
	Now    episode
}

// pace is a rhythm at work: with its hours, one per context, and its cohort.
type pace struct {
	*rhythm
	hours []hours
	curve *Curve
}

func (r pace) decay(by float32) {
	for i := range r.hours {
		r.hours[i].decay(by)
	}
	r.Tail.decay(by)
	r.Weeks = r.Weeks*by + 1.0/7
}

func (r pace) rate(context uint8, hourOfDay int) float64 {
	return r.hours[context].rate(hourOfDay, r.curve.Rate[context][hourOfDay/6], r.curve.RateWeight)
}

// begin opens an episode at a moment; judging starts there.
func (r pace) begin(at int64, context uint8) {
	r.Now = episode{Since: at, From: at, Context: context}
}

// turn changes the context of the open episode.
func (r pace) turn(at int64, context uint8) {
	if r.Now.Since == 0 || r.Now.Context == context {
		return
	}
	r.sum(at)
	r.Now.Context = context
}

// sum moves the open episode's account to a moment.
func (r pace) sum(to int64) {
	e := &r.Now
	if to <= e.From {
		return
	}
	e.Tau = r.tau(to)
	if !e.Raised {
		r.hours[e.Context].wait(e.From, to)
	}
	e.From = to
}

// tau is the operational time of the open episode at a moment.
func (r pace) tau(to int64) float64 {
	tau := r.Now.Tau
	walk(r.Now.From, to, func(i int, part float64) { tau += part * r.rate(r.Now.Context, i) })
	return tau
}

// end closes the open episode because what was waited for happened, and learns
// from it unless it was raised.
func (r pace) end(at int64) {
	e := &r.Now
	if e.Since == 0 {
		return
	}
	if at > e.Since && !e.Raised {
		r.sum(at)
		r.hours[e.Context].Ends[hourOf(at)]++
		r.Tail.learn(e.Tau, true, r.known())
	}
	r.Now = episode{}
}

// stop closes the open episode without an end: it is censored at a moment.
func (r pace) stop(at int64) {
	if r.Now.Since != 0 {
		r.sum(at)
		r.Now = episode{}
	}
}

// alarm marks the open episode as raised: what it lasted until now is learned as
// censored, what follows is not learned.
func (r pace) alarm(at int64) {
	r.sum(at)
	r.Tail.learn(r.Now.Tau, false, r.known())
	r.Now.Raised = true
}

// limit is the tail probability that a budget of findings per week allows, and
// the operational time it stands for.
func (r pace) limit(perWeek float64) (p, tau float64, f fit) {
	const weeks = 1.5 // the cohort's frequency counts for so many weeks
	n := (float64(r.Tail.N) + weeks*r.curve.PerWeek) / (float64(r.Weeks) + weeks)
	p = min(perWeek/max(n, 0.5), 0.5)
	f = r.Tail.fit(r.curve)
	return p, f.limit(p) + float64(r.Relief), f
}

// due is when the open episode reaches an operational time.
func (r pace) due(tau float64) int64 {
	if r.Now.Since == 0 || r.Now.Raised {
		return never
	}
	return r.reach(r.Now.From, tau-r.Now.Tau)
}

// reach is when so much operational time has passed since a moment.
func (r pace) reach(from int64, tau float64) int64 {
	for at := from; at < from+30*day; {
		if tau <= 0 {
			return at
		}
		next := at - (at%hour+hour)%hour + hour
		rate := r.rate(r.Now.Context, hourOf(at))
		whole := rate * float64(next-at) / float64(hour)
		if whole >= tau {
			return min(at+int64(math.Ceil(tau/rate*float64(hour))), next)
		}
		tau -= whole
		at = next
	}
	return never
}

// cohortWeight is the share of the judgment that comes from the cohort.
func (r pace) cohortWeight() float32 {
	return float32(r.curve.Weight / (r.curve.Weight + float64(r.Tail.Known)))
}

// known is how far the hours are the person's own: what the tail learns before
// them would be the difference from the cohort, not the person's irregularity.
func (r pace) known() float32 {
	const days = 5
	return min(r.Weeks*7/days, 1)
}
