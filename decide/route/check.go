package route

import "slices"

// Violation is a rule a plan breaks. Visit, Worker and Other are -1 when they
// say nothing; By is how far beyond the rule the plan is, in the rule's unit.
type Violation struct {
	Rule   string
	Visit  int
	Worker int
	Other  int
	By     int64
}

// Check recomputes the plan from what was asked for, with nothing shared with
// the search, and lists every rule it breaks. The rules are: skill,
// certificate, excluded, shift, window, travel (the start is before the worker
// can be there), capacity, break, link, partial (part of a linked group is
// served), fixed, promise (not kept and not given up) and cost (the stated
// cost vector is not what the tours cost).
func (pl *Plan) Check() []Violation {
	c := checker{m: pl.s.m, served: map[int]servedAt{}}
	for _, t := range pl.Tours() {
		c.tour(t)
	}
	c.groups()
	c.account()
	if got := pl.Cost(); got != c.cost {
		for i := range got {
			if got[i] != c.cost[i] {
				c.add("cost", -1, -1, i, got[i]-c.cost[i])
			}
		}
	}
	return c.out
}

type servedAt struct {
	worker   int
	start    int32
	released bool
}

type checker struct {
	m       *model
	served  map[int]servedAt
	cost    Cost
	late    int64
	maxLate int64
	rest    int64
	work    map[int]int64
	out     []Violation
}

func (c *checker) add(rule string, visit, worker, other int, by int64) {
	c.out = append(c.out, Violation{rule, visit, worker, other, by})
}

func (c *checker) tour(t Tour) {
	m := c.m
	spec := &m.tours[m.workers[t.Worker].tours[t.Shift]]
	place, free := int(spec.start), int64(max(spec.from, m.now))
	load := int64(0)
	// The gaps between services, for the breaks: when free, the travel in it.
	type gap struct{ from, to, travel int64 }
	var gaps []gap
	for _, x := range t.Stops {
		v := &m.visits[x.Visit].src
		leg := int64(m.travel[spec.profile].out[place*m.stride+v.Place+1])
		if _, twice := c.served[x.Visit]; twice {
			c.add("partial", x.Visit, t.Worker, -1, 1)
		}
		c.served[x.Visit] = servedAt{t.Worker, x.Start, x.Released}
		begun := v.Fixed != nil && v.Fixed.Begun
		if !begun && free+leg > int64(x.Start) {
			c.add("travel", x.Visit, t.Worker, -1, free+leg-int64(x.Start))
		}
		c.visit(v, x, t)
		c.rest += leg * m.costs.Travel
		load += int64(v.Load)
		gaps = append(gaps, gap{free, int64(x.Start), leg})
		place, free = v.Place+1, int64(x.Start)+int64(v.Duration)
		if begun {
			free = max(free, int64(m.now))
		}
	}
	leg := int64(m.travel[spec.profile].out[place*m.stride+int(spec.end)])
	c.rest += leg * m.costs.Travel
	end := int64(t.End)
	gaps = append(gaps, gap{free, end, leg})
	if free+leg > end {
		c.add("travel", -1, t.Worker, -1, free+leg-end)
	}
	if end > int64(spec.hard) {
		c.add("shift", -1, t.Worker, -1, end-int64(spec.hard))
	}
	if end > int64(spec.to) {
		c.rest += (end - int64(spec.to)) * spec.overtime
	}
	if load > int64(spec.capacity) {
		c.add("capacity", -1, t.Worker, -1, load-int64(spec.capacity))
	}
	// Breaks lie one after the other in the gaps, and each gap still holds its
	// travel, before, between or after them.
	if len(t.Pauses) != len(spec.breaks) {
		c.add("break", -1, t.Worker, -1, int64(len(spec.breaks)-len(t.Pauses)))
		return
	}
	g, used, traveled := 0, int64(0), false
	for i, p := range t.Pauses {
		b := spec.breaks[i]
		if p.Duration != b.Duration || p.Start < b.Open || p.Start > b.Close && !p.AfterWork {
			c.add("break", -1, t.Worker, i, int64(p.Start)-int64(b.Close))
			continue
		}
		if p.AfterWork {
			if end > int64(b.Close) {
				c.add("break", -1, t.Worker, i, end-int64(b.Close))
			}
			continue
		}
		from, to := int64(p.Start), int64(p.Start)+int64(p.Duration)
		for g < len(gaps) && from >= gaps[g].to && !(g == len(gaps)-1) && (to > gaps[g].to) {
			g, used, traveled = g+1, 0, false
		}
		at := max(gaps[g].from, used)
		ok := from >= at && to <= gaps[g].to
		if ok && !traveled {
			switch {
			case to+gaps[g].travel <= gaps[g].to && from < at+gaps[g].travel: // travel later
			case from >= at+gaps[g].travel:
				traveled = true
			default:
				ok = false
			}
		}
		used = to
		if !ok {
			c.add("break", -1, t.Worker, i, 1)
		}
	}
	if !traveled && used > 0 && used+gaps[g].travel > gaps[g].to {
		c.add("break", -1, t.Worker, -1, used+gaps[g].travel-gaps[g].to)
	}
}

// visit checks what a visit asks of its worker and start.
func (c *checker) visit(v *Visit, x Stop, t Tour) {
	m, w := c.m, &c.m.workers[t.Worker].src
	if f := v.Fixed; f != nil {
		if f.Worker != t.Worker || f.Start != x.Start {
			c.add("fixed", x.Visit, t.Worker, -1, int64(x.Start-f.Start))
		}
	}
	for _, need := range v.Skills {
		if rule := w.lacks(need, x.Start); rule != "" {
			c.add(rule, x.Visit, t.Worker, need.Code, 1)
		}
	}
	if v.bars(t.Worker) {
		c.add("excluded", x.Visit, t.Worker, -1, 1)
	}
	kept := v.Promise == nil || abs(x.Start-v.Promise.Start) <= m.costs.Tolerance
	off := int64(0)
	for _, win := range v.Windows {
		off = int64(x.Start) - int64(win.Close)
	}
	// What was promised outside the wish was agreed; a fixed start is a fact.
	if !inside(v.Windows, x.Start) && !(v.Promise != nil && kept) && (v.Fixed == nil || off > 0 && !v.Fixed.Begun) {
		c.add("window", x.Visit, t.Worker, -1, off)
	}
	if v.Promise != nil && !kept && !x.Released && v.Fixed == nil {
		c.add("promise", x.Visit, t.Worker, -1, int64(x.Start-v.Promise.Start))
	}
}

// lacks names the rule that a worker without a needed skill breaks at a moment:
// skill, certificate, or none.
func (w *Worker) lacks(need Skill, at int32) string {
	rule := "skill"
	for _, s := range w.Skills {
		if s.Code == need.Code && s.Level >= need.Level {
			if s.Until == 0 || s.Until >= at {
				return ""
			}
			rule = "certificate"
		}
	}
	return rule
}

// bars tells whether a visit must not be served by a worker, whatever they can.
func (v *Visit) bars(worker int) bool {
	return slices.Contains(v.Exclude, worker) || v.Eligible != nil && !slices.Contains(v.Eligible, worker)
}

func abs(x int32) int32 { return max(x, -x) }

// groups checks the links and that groups are served all or none.
func (c *checker) groups() {
	for _, l := range c.m.links {
		if l.gone {
			continue
		}
		a, okA := c.served[int(l.a)]
		b, okB := c.served[int(l.b)]
		if okA != okB {
			c.add("partial", int(l.a), -1, int(l.b), 1)
		}
		if !okA || !okB {
			continue
		}
		gap := int64(b.start) - int64(a.start)
		if gap < int64(l.min) || gap > int64(l.max) {
			c.add("link", int(l.a), a.worker, int(l.b), max(int64(l.min)-gap, gap-int64(l.max)))
		}
		if a.worker == b.worker && !l.same {
			c.add("link", int(l.a), a.worker, int(l.b), 0)
		}
	}
}

// account prices the plan.
func (c *checker) account() {
	m := c.m
	c.work = map[int]int64{}
	for i := range m.visits {
		v := &m.visits[i].src
		if m.hot[i].flags&flagGone != 0 {
			continue
		}
		at, served := c.served[i]
		changed := false
		if p := v.Promise; p != nil {
			changed = !served || at.released || at.worker != p.Worker
			if !served || at.released {
				c.cost[CostBroken]++
			}
		}
		if changed && v.Promise.AnnouncedAt <= m.now {
			price := m.costs.Change[2].Price
			for k := 2; k >= 0; k-- {
				if v.Promise.Start-m.now <= m.costs.Change[k].Within {
					price = m.costs.Change[k].Price
				}
			}
			if v.Promise.Price != 0 {
				price = v.Promise.Price
			}
			c.rest += price
		}
		if !served {
			if v.Optional {
				c.rest += v.Price
			} else {
				c.cost[v.Tier-1]++
			}
			continue
		}
		c.work[at.worker] += int64(v.Duration)
		if len(v.Prefer) > 0 {
			rank := len(v.Prefer)
			for k := len(v.Prefer) - 1; k >= 0; k-- {
				if v.Prefer[k] == at.worker {
					rank = k
				}
			}
			c.rest += int64(rank) * m.costs.Continuity
		}
		cost := int64(0)
		for k, p := range v.Late {
			until := int64(at.start)
			if k+1 < len(v.Late) {
				until = min(until, int64(v.Late[k+1].After))
			}
			cost += max(0, until-int64(p.After)) * int64(p.Slope)
		}
		c.late += cost
		c.maxLate = max(c.maxLate, cost)
	}
	for w := range m.workers {
		if src := &m.workers[w].src; src.Target > 0 {
			busy := c.work[w] + int64(src.Week)
			idle := int64(src.Week)
			f := m.costs.Fairness
			c.rest += f*busy*busy/(1000*int64(src.Target)) - f*idle*idle/(1000*int64(src.Target))
		}
	}
	late := c.late + m.costs.MaxLate*c.maxLate
	if m.costs.JoinLate {
		c.rest += late
	} else {
		c.cost[CostLate] = late
	}
	c.cost[CostRest] = c.rest
}
