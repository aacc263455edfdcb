package route

import (
	"cmp"
	"context"
	"slices"

	"linli"
)

// Together is how far apart, in seconds, two persons may begin one order.
const Together = 300

// Day is a day that is over, told in the words of a Spec: the ways between its
// places, who was on duty, and what was asked for.
type Day struct {
	Places     int
	Travel     [][]int32
	TravelFunc func(profile, from, to int) int32
	Profiles   int
	// Workers hold the shifts as they were: whoever dropped out has none after.
	Workers []Worker
	Orders  []Order
}

// Order is one request of a past day.
type Order struct {
	// Visit counts by its Place, Tier, Skills, Eligible, Exclude, the Windows
	// promised, and the Duration the service really took or would have taken.
	Visit Visit
	// Persons is how many must come, 1 or 2; 0 means 1.
	Persons int
	// Known is when the order came in.
	Known int32
	// Withdrawn orders do not count: the resident no longer wanted them.
	Withdrawn bool
}

// Life is what one way to dispatch made of a day.
type Life struct {
	Trips []Trip
	// Promises is how many orders were told who comes, Changes how often that
	// was not kept.
	Promises, Changes int
}

// Trip is one worker's way to one order and the service there. Void tells that
// the resident was no longer there.
type Trip struct {
	Order, Worker    int
	Left, Start, End int32
	Void             bool
}

// Counts are the sums of one day or of many.
type Counts struct {
	Requested  int
	Served     int // by the right persons, together, in time
	Hindsight  int // served by hindsight
	Accurate   int // served, and without regret
	Impossible int // not served: nobody could, even on an empty day
	CrowdedOut int // not served, though on an empty day somebody could
	Promises   int
	Changes    int
	// Travel is the seconds on the way, of hindsight for what that served.
	Travel          int64
	HindsightTravel int64
}

// Add adds the counts of another day.
func (c *Counts) Add(d Counts) {
	c.Requested += d.Requested
	c.Served += d.Served
	c.Hindsight += d.Hindsight
	c.Accurate += d.Accurate
	c.Impossible += d.Impossible
	c.CrowdedOut += d.CrowdedOut
	c.Promises += d.Promises
	c.Changes += d.Changes
	c.Travel += d.Travel
	c.HindsightTravel += d.HindsightTravel
}

// CostRatio is the travel per order served against the same of hindsight; NaN
// when there is nothing to compare.
func (c *Counts) CostRatio() float64 {
	return float64(c.Travel) / float64(c.Served) / (float64(c.HindsightTravel) / float64(c.Hindsight))
}

// Outcome is what became of one order.
type Outcome struct {
	Requested bool
	Skilled   bool // everybody who came held every skill, with a valid certificate
	Allowed   bool // nobody came who was excluded
	InTime    bool // as many as needed began inside the window
	Together  bool // and within five minutes of each other
	Served    bool // all four
	// Hindsight tells that the best plan of the day serves the order.
	Hindsight bool
	// Impossible tells that nobody could, even on an empty day.
	Impossible bool
	// Marginal is the travel that would have been saved without the order, of
	// the day as lived and of hindsight.
	Marginal, HindsightMarginal int32
	// Accurate is served, and at no more than hindsight pays plus the larger of
	// ten minutes and 15 %.
	Accurate bool
}

// Accuracy is one life, judged.
type Accuracy struct {
	Counts
	Orders []Outcome
	// Early lists the trips that began before their order was known: no
	// dispatch, but foresight.
	Early []int
	// Beyond lists orders served though the ways and shifts of the day do not
	// allow it; hindsight has no place for them.
	Beyond []int
	// Plan is what was served, as a plan of the same problem as hindsight.
	Plan *Plan
}

// Judgment is a day, judged.
type Judgment struct {
	// Hindsight is the best plan found with everything known; Exact tells that
	// there is no better one.
	Hindsight *Plan
	Exact     bool
	Lives     []Accuracy
}

// Judge compares lives of one day with the best that could have been made of
// it, had everything been known. Hindsight keeps the same hard rules; its
// shifts reach as far as anybody worked, and it starts from every life, so that
// none can be better.
func Judge(ctx context.Context, d Day, effort Effort, seed uint64, lives ...Life) (*Judgment, error) {
	for _, life := range lives {
		for _, t := range life.Trips {
			if t.Order < 0 || t.Order >= len(d.Orders) || t.Worker < 0 || t.Worker >= len(d.Workers) {
				return nil, linli.Invalidf("trips", "行程所指的订单 %d 或人员 %d 不存在", "a trip names order %d or worker %d, which does not exist", t.Order, t.Worker)
			}
		}
	}
	h, err := newHindsight(&d, lives)
	if err != nil {
		return nil, err
	}
	j := &Judgment{}
	for i := range lives {
		a, err := h.live(&lives[i])
		if err != nil {
			return nil, err
		}
		j.Lives = append(j.Lives, a)
	}
	if j.Hindsight, j.Exact, err = h.search(ctx, j.Lives, effort, seed); err != nil {
		return nil, err
	}
	best, marginal := h.served(j.Hindsight), h.marginal(j.Hindsight.Tours())
	impossible := make([]bool, len(d.Orders))
	for i, v := range h.visits {
		impossible[i] = len(v) > 0 && !best[i] && !h.problem.m.alone(int32(v[0]))
	}
	for k := range j.Lives {
		a := &j.Lives[k]
		a.HindsightTravel = j.Hindsight.Travel()
		for i := range a.Orders {
			o := &a.Orders[i]
			o.Hindsight, o.HindsightMarginal = best[i], marginal[i]
			o.Impossible = impossible[i] && !o.Served
			o.Accurate = o.Served && (!o.Hindsight || o.Marginal <= o.HindsightMarginal+max(600, o.HindsightMarginal*15/100))
			a.count(o)
		}
	}
	return j, nil
}

func (a *Accuracy) count(o *Outcome) {
	if !o.Requested {
		return
	}
	a.Requested++
	if o.Hindsight {
		a.Counts.Hindsight++
	}
	switch {
	case o.Served:
		a.Served++
	case o.Impossible:
		a.Impossible++
	default:
		a.CrowdedOut++
	}
	if o.Accurate {
		a.Accurate++
	}
}

// Undominated lists the lives whose plan beats hindsight. There is none, or
// the judgment is wrong.
func (j *Judgment) Undominated() (out []int) {
	for k := range j.Lives {
		if j.Lives[k].Plan.Cost().Less(j.Hindsight.Cost()) {
			out = append(out, k)
		}
	}
	return out
}

// live judges what needs no hindsight.
func (h *hindsight) live(life *Life) (Accuracy, error) {
	d := h.d
	a := Accuracy{Orders: make([]Outcome, len(d.Orders))}
	a.Promises, a.Changes = life.Promises, life.Changes
	type came struct{ n, first, last int32 }
	got := make([]came, len(d.Orders))
	for i := range a.Orders {
		a.Orders[i].Requested = !d.Orders[i].Withdrawn
		a.Orders[i].Skilled, a.Orders[i].Allowed = true, true
	}
	for k, t := range life.Trips {
		o, v, x := &d.Orders[t.Order], &d.Orders[t.Order].Visit, &a.Orders[t.Order]
		if t.Left < o.Known {
			a.Early = append(a.Early, k)
		}
		if t.Void || !inside(v.Windows, t.Start) {
			continue
		}
		w := &d.Workers[t.Worker]
		x.Skilled = x.Skilled && !slices.ContainsFunc(v.Skills, func(s Skill) bool { return w.lacks(s, t.Start) != "" })
		x.Allowed = x.Allowed && !v.bars(t.Worker)
		g := &got[t.Order]
		if g.n == 0 || t.Start < g.first {
			g.first = t.Start
		}
		g.last = max(g.last, t.Start)
		g.n++
	}
	for i, g := range got {
		x := &a.Orders[i]
		x.InTime = g.n == d.Orders[i].persons()
		x.Together = x.InTime && g.last-g.first <= Together
		x.Skilled, x.Allowed = x.Skilled && g.n > 0, x.Allowed && g.n > 0
		x.Served = x.Requested && x.Skilled && x.Allowed && x.Together
	}
	return a, h.retrace(&a, life)
}

// retrace tells how far a life went, what each order cost it, and the plan that
// it was.
func (h *hindsight) retrace(a *Accuracy, life *Life) error {
	d := h.d
	trips := slices.Clone(life.Trips)
	slices.SortStableFunc(trips, func(x, y Trip) int { return cmp.Compare(x.Start, y.Start) })
	of := make([][]int, len(h.problem.m.tours)) // places gone to, by tour
	tours := make([]Tour, len(h.problem.m.tours))
	used := make([]int, len(d.Orders))
	for ti := range tours {
		tours[ti].Worker, tours[ti].Shift = int(h.problem.m.tours[ti].worker), int(h.problem.m.tours[ti].shift)
	}
	for _, t := range trips {
		ti, ok := h.problem.m.tourFor(t.Worker, t.Start)
		if !ok {
			continue
		}
		of[ti] = append(of[ti], d.Orders[t.Order].Visit.Place)
		x := a.Orders[t.Order]
		if x.Served && !t.Void && inside(d.Orders[t.Order].Visit.Windows, t.Start) {
			tours[ti].Stops = append(tours[ti].Stops, Stop{Visit: h.visits[t.Order][used[t.Order]]})
			used[t.Order]++
		}
	}
	for ti, places := range of {
		spec := &h.problem.m.tours[ti]
		from := int(spec.start) - 1
		for _, p := range places {
			a.Travel += int64(h.leg(spec.profile, from, p))
			from = p
		}
		if len(places) > 0 {
			a.Travel += int64(h.leg(spec.profile, from, int(spec.end)-1))
		}
	}
	for i, m := range h.marginal(tours) {
		a.Orders[i].Marginal = m
	}
	// What the ways and shifts do not allow was real all the same, but a plan
	// that breaks rules is nothing to compare with.
	for {
		var err error
		if a.Plan, err = h.problem.Plan(tours); err != nil {
			return err
		}
		bad := a.Plan.Check()
		if len(bad) == 0 {
			return nil
		}
		i := h.blamed(bad[0], tours)
		a.Beyond = append(a.Beyond, i)
		for ti := range tours {
			tours[ti].Stops = slices.DeleteFunc(tours[ti].Stops, func(s Stop) bool { return h.owner[s.Visit] == i })
		}
	}
}

// blamed is the order a violation is about; of a tour that breaks a rule as a
// whole, its last.
func (h *hindsight) blamed(bad Violation, tours []Tour) int {
	if bad.Visit >= 0 {
		return h.owner[bad.Visit]
	}
	last := -1
	for _, t := range tours {
		if t.Worker == bad.Worker && len(t.Stops) > 0 {
			last = h.owner[t.Stops[len(t.Stops)-1].Visit]
		}
	}
	return last
}

func (o *Order) persons() int32 { return int32(max(o.Persons, 1)) }

// inside tells whether a start lies in one of the windows; none means any time.
func inside(windows []Window, start int32) bool {
	return len(windows) == 0 || slices.ContainsFunc(windows, func(w Window) bool { return w.Open <= start && start <= w.Close })
}

// leg is the way between two public places; nobody travels to or from Anywhere.
func (h *hindsight) leg(profile int32, from, to int) int32 {
	return h.problem.m.leg(profile, int32(from+1), int32(to+1))
}

// Tally adds up judged days, and keeps apart who served and who was served.
type Tally struct {
	Counts
	workers, groups map[int]*part
}

type part struct{ accurate, n float64 }

// Add takes in a day. Person and group give the number of a worker, and of the
// residents an order came from, that is the same on all days.
func (t *Tally) Add(a *Accuracy, life Life, person, group func(i int) int) {
	t.Counts.Add(a.Counts)
	if t.workers == nil {
		t.workers, t.groups = map[int]*part{}, map[int]*part{}
	}
	note := func(m map[int]*part, key int, ok bool) {
		if m[key] == nil {
			m[key] = &part{}
		}
		m[key].n++
		if ok {
			m[key].accurate++
		}
	}
	for _, x := range life.Trips {
		if o := &a.Orders[x.Order]; o.Requested {
			note(t.workers, person(x.Worker), o.Accurate)
		}
	}
	for i := range a.Orders {
		if o := &a.Orders[i]; o.Requested {
			note(t.groups, group(i), o.Accurate)
		}
	}
}

// fewest is the number of orders below which nobody's share is looked at.
const fewest = 10

// WorstDecile is the mean accuracy of the worst tenth of the workers, of what
// they went to, and of the groups of residents; NaN where there are too few
// orders to tell.
func (t *Tally) WorstDecile() (worker, group float64) {
	worst := func(m map[int]*part) float64 {
		var shares []float64
		for _, p := range m {
			if p.n >= fewest {
				shares = append(shares, p.accurate/p.n)
			}
		}
		slices.Sort(shares)
		shares = shares[:(len(shares)+9)/10]
		sum := 0.0
		for _, s := range shares {
			sum += s
		}
		return sum / float64(len(shares)) // none: NaN
	}
	return worst(t.workers), worst(t.groups)
}
