package route

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"linli"
)

// Budget bounds a search: by time, by iterations, or both. Chains and Planned
// are part of the answer, Threads is not: any number gives the same plan.
type Budget struct {
	// Time ends the search; it needs a Clock. The clock only decides how many
	// epochs run and, once, how many iterations are planned.
	Time  time.Duration
	Clock func() time.Time
	// Iterations ends the search of each chain; 0 means no bound.
	Iterations int
	// Planned is the number of iterations the cooling is laid out for; 0 takes
	// Iterations, or what the first epochs promise for Time.
	Planned int
	// Chains search side by side and share the best plan; 0 means 1.
	Chains int
	// Threads run the chains; 0 means 1.
	Threads int
	// Refine improves the given plan without heating it up much: for one that is
	// good already, and a short search.
	Refine bool
	// Better is shown the best plan so far, the first one and then whenever an
	// epoch has found a better one; it must clone what it keeps. Nil: nobody.
	Better func(plan *Plan, iteration int)
}

// Result is the best plan found and what repeats it: Solve with the same
// problem, plan and seed, Iterations and Planned gives the same digest.
type Result struct {
	Plan       *Plan
	Seed       uint64
	Chains     int
	Iterations int // run by each chain
	Planned    int
	BestAt     int // iteration the best plan was found at
	Digest     string

	best Cost
}

const (
	epoch    = 100  // iterations between looks at the clock
	exchange = 2000 // iterations between exchanges of chains
	// The pace between these shares of the time fixes the plan of the cooling:
	// before, every other iteration finds a new best, which is slow.
	paceFrom, paceTo = 0.01, 0.03
	// What of that pace is counted on. On ten files the whole run was 0.8 to 1.6
	// times as fast; a search that never gets cold loses more than one that is
	// cold for a while.
	paceTrust = 0.9
	warmPart  = 20 // one in so many planned iterations is run before cooling starts
)

// warm is how many iterations of a search are run before cooling starts. It
// depends on the plan alone, so that a timed run, which learns its plan while
// warm, is repeated by its numbers.
func warm(planned int) int { return max(planned/warmPart, min(2*epoch, planned/2)) }

// warmFor is the least plan whose warm part holds so many iterations, a
// multiple of an epoch.
func warmFor(iterations int) int {
	if iterations <= 2*epoch {
		return 4 * epoch
	}
	return warmPart * iterations
}

// Solve improves a plan within a budget and returns the best one found, by the
// cost vector; the given plan does not change. Visits already served may move,
// fixed ones stay. No unserved visit of the result has a feasible insertion,
// optional ones no insertion that pays. When the context ends, the best plan
// so far is returned.
func Solve(ctx context.Context, p *Problem, plan *Plan, budget Budget, seed uint64) (*Result, error) {
	if plan == nil {
		plan = p.Empty()
	}
	switch {
	case plan.s.m != p.m:
		return nil, linli.Invalid("plan", "计划与问题不符", "the plan belongs to another problem")
	case budget.Time <= 0 && budget.Iterations <= 0:
		return nil, linli.Invalid("budget", "请给出时间或迭代次数", "the budget needs a time or a number of iterations")
	case budget.Time > 0 && budget.Clock == nil:
		return nil, linli.Invalid("budget.clock", "限时求解需要时钟", "a time budget needs a clock")
	}
	var begin time.Time
	if budget.Clock != nil {
		begin = budget.Clock()
	}
	elapsed := func() time.Duration {
		if budget.Time <= 0 {
			return 0
		}
		return budget.Clock().Sub(begin)
	}
	chains := max(budget.Chains, 1)
	res := &Result{Seed: seed, Chains: chains, Planned: budget.Planned}
	if res.Planned == 0 && budget.Time <= 0 {
		res.Planned = budget.Iterations
	}
	near := neighbors(p.m)
	all := make([]*search, chains)
	for c := range all {
		all[c] = newSearch(plan.s, near, seed, c, budget.Refine)
	}
	each(all, budget.Threads, func(x *search) { x.construct() })
	best := all[0]
	tell := func(first bool) {
		found := first
		for _, x := range all {
			if x.best.cost.Less(res.best) || first {
				res.best, best, found, first = x.best.cost, x, true, false
			}
		}
		if found && budget.Better != nil {
			budget.Better(&Plan{best.best.state}, best.best.at)
		}
	}
	tell(true)
	// Not before somebody has the first plan.
	kin, plain, symmetric := kinOf(p.m), p.m.plain(), p.m.symmetric()
	for _, x := range all {
		x.plain, x.kin, x.symmetric = plain, kin, symmetric
		many := p.Visits() >= manyFrom
		switch {
		case !plain:
		case many:
			x.stirs = stirMany
		case x.s.meanLength() >= longTour:
			x.stirs = stirLong
		}
		if plain && !many {
			x.remember()
		} else {
			x.s.kin = kin
		}
	}
	ready, paced, pacedAt := elapsed(), 0, 0.0
	for len(p.m.visits) > 0 && ctx.Err() == nil && (budget.Iterations <= 0 || res.Iterations < budget.Iterations) {
		if spent := elapsed(); budget.Time > 0 {
			if spent >= budget.Time {
				break
			}
			searched, whole := float64(spent-ready), float64(budget.Time-ready)
			switch {
			case res.Planned > 0 || res.Iterations == 0:
			case paced == 0 && searched >= paceFrom*whole:
				paced, pacedAt = res.Iterations, searched
			case paced > 0 && searched >= paceTo*whole:
				pace := float64(res.Iterations-paced) / max(searched-pacedAt, 1)
				res.Planned = max(warmFor(res.Iterations), res.Iterations+int(paceTrust*pace*(whole-searched)))
			}
		}
		n := epoch
		if budget.Iterations > 0 {
			n = min(n, budget.Iterations-res.Iterations)
		}
		each(all, budget.Threads, func(x *search) { x.run(res.Iterations, n, res.Planned) })
		res.Iterations += n
		tell(false)
		if chains > 1 && res.Iterations%exchange == 0 {
			share(all)
		}
	}
	if res.Planned == 0 {
		res.Planned = warmFor(res.Iterations) // it never came to cooling
	}
	res.Plan, res.BestAt = best.finish(), best.best.at
	res.Digest = res.Plan.Digest()
	return res, nil
}

// each runs f for all chains on some threads. Chains share nothing they write.
func each(all []*search, threads int, f func(*search)) {
	if threads <= 1 || len(all) == 1 {
		for _, x := range all {
			f(x)
		}
		return
	}
	var wg sync.WaitGroup
	for t := range threads {
		wg.Go(func() {
			for i := t; i < len(all); i += threads {
				f(all[i])
			}
		})
	}
	wg.Wait()
}

// share gives the best plan of all chains to the chain that is worst now.
func share(all []*search) {
	best, worst := 0, 0
	for i, x := range all {
		if x.best.cost.Less(all[best].best.cost) {
			best = i
		}
		if x.s.weight() > all[worst].s.weight() {
			worst = i
		}
	}
	if best != worst {
		all[worst].resume(all[best].best.state)
	}
}

// neighbors lists for every visit the others by closeness, nearest first, as far
// as a ruin may reach: half the travel there and back, and where starting late
// is a matter of price, how far the begins of the windows lie apart.
func neighbors(m *model) [][]int32 {
	soft := m.soft()
	const reach, dayLong = 400, 1 << 26
	n := len(m.visits)
	out := make([][]int32, n)
	list := make([]int64, 0, n) // distance and visit in one word
	for i := range n {
		if m.hot[i].flags&flagGone != 0 {
			continue
		}
		list = list[:0]
		row, col := m.row(0, m.hot[i].place), m.col(0, m.hot[i].place)
		for j := range n {
			if j != i && m.hot[j].flags&flagGone == 0 {
				p := m.hot[j].place
				d := row[p]/2 + col[p]/2
				if soft {
					d += min(abs(max(m.hot[j].open, -dayLong)-max(m.hot[i].open, -dayLong)), dayLong)
				}
				list = append(list, int64(d)<<32|int64(j))
			}
		}
		slices.Sort(list)
		out[i] = make([]int32, min(len(list), reach))
		for k := range out[i] {
			out[i][k] = int32(list[k])
		}
	}
	return out
}

// search is one chain: slack induction by string removals (Christiaens and
// Vanden Berghe 2020) under simulated annealing.
type search struct {
	s      *state
	r      *rng
	near   [][]int32
	plain  bool    // windows are hard and travel is the only cost
	absent []int32 // unserved visits, one per group
	before []int32
	misses []int32 // how often each visit was left out
	used   []bool  // tours ruined in this iteration
	// straight is the version of each tour whose tails were last looked at.
	straight []uint32
	turns    []int32
	ruined   []int32
	out      []int32
	keys     []int64
	best     bestPlan
	hot      float64 // first and last temperature, in the unit of the weight
	cold     float64
	weight   int64
	least    int64 // the smallest weight so far
	// crosses tells that tours may exchange tails: hard windows only.
	crosses bool
	// For short moves: their share of the iterations, who comes well beside
	// whom, whether travel takes as long back as there, and scratch.
	stirs     float64
	kin       *kin
	symmetric bool
	one, two  []int32
}

type bestPlan struct {
	state *state
	cost  Cost
	at    int
}

// First and last temperature, in typical legs. Where lateness has a price a
// plan has more to lose and to win, and wants to be shaken harder. Chosen on six
// of the 200-customer files and five of the care files.
const (
	hotLegs, coldLegs = 2.0, 0.1
	hotMany           = 3.0 // from manyFrom visits on
	hotSoft, coldSoft = 6.0, 0.2
)

func newSearch(from *state, near [][]int32, seed uint64, chain int, refine bool) *search {
	x := &search{s: from.clone(), r: newRng(seed, uint64(chain)), near: near}
	x.crosses = !slices.ContainsFunc(from.m.hot, func(h hot) bool { return h.flags&(flagLate|flagLinked) != 0 })
	x.misses = make([]int32, len(from.at))
	x.used = make([]bool, len(from.tours))
	x.straight = make([]uint32, len(from.tours))
	leg := float64(typicalLeg(from.m, near)) * float64(max(from.m.costs.Travel, 1))
	first, last := hotLegs, coldLegs
	if len(from.at) >= manyFrom {
		first = hotMany
	}
	if from.m.soft() {
		first, last = hotSoft, coldSoft
	}
	if refine {
		first = 2 * last
	}
	scale := 1 + 0.5*float64(chain)
	x.hot, x.cold = float64(leg*first)*scale, float64(leg*last)
	unit := int64(leg*60) + 1
	for i := range from.m.visits { // to serve somebody outweighs a change, however close everybody lives
		if p := from.m.visits[i].src.Promise; p != nil {
			unit = max(unit, 2*from.m.change(p))
		}
	}
	x.s.w = weights{
		tier:   [Tiers]int64{unit * 64, unit * 16, unit * 4, unit},
		broken: unit / 2, late: 10,
	}
	return x
}

// soft tells whether starting late is a matter of price for some visit.
func (m *model) soft() bool {
	return slices.ContainsFunc(m.hot, func(h hot) bool { return h.flags&flagLate != 0 })
}

// typicalLeg is the mean travel to the fourth nearest visit: about what a leg of
// a good tour costs.
func typicalLeg(m *model, near [][]int32) int64 {
	sum, n := int64(0), int64(0)
	var legs []int32
	for v, list := range near {
		if len(list) > 0 {
			legs = legs[:0]
			for _, w := range list {
				legs = append(legs, m.leg(0, m.hot[v].place, m.hot[w].place))
			}
			slices.Sort(legs)
			sum += int64(legs[min(3, len(legs)-1)])
			n++
		}
	}
	if n == 0 {
		return 1
	}
	return max(sum/n, 1)
}

// resume goes on from another plan.
func (x *search) resume(from *state) {
	w, kin, memo, tick := x.s.w, x.s.kin, x.s.memo != nil, max(x.s.tick, from.tick)
	x.s = from.clone()
	x.s.w, x.s.kin, x.s.tick = w, kin, tick
	for i := range x.s.tours { // no version of another chain may pass for one of this
		x.s.tick++
		x.s.tours[i].version = x.s.tick
	}
	if memo {
		x.remember()
	}
	x.collect()
	x.weight = x.s.weight()
}

// remember starts an empty memory of what every tour offers every visit.
func (x *search) remember() {
	s := x.s
	s.memo = make([]offer, len(s.at)*len(s.tours))
	for i := range s.tours {
		s.tick++
		s.tours[i].version = s.tick
	}
}

// collect lists the unserved visits that may be served.
func (x *search) collect() {
	x.absent = x.absent[:0]
	for v := range x.s.at {
		h := &x.s.m.hot[v]
		if x.s.at[v] >= 0 || h.flags&(flagGone|flagFixed) != 0 {
			continue
		}
		if g := x.s.missing(int32(v)); g[0] == int32(v) {
			x.absent = append(x.absent, int32(v))
		}
	}
}

// construct serves what the given plan leaves out: scarce visits first, those
// with few eligible workers, then tight windows.
func (x *search) construct() {
	x.collect()
	m := x.s.m
	slices.SortStableFunc(x.absent, func(a, b int32) int {
		va, vb := &m.visits[a], &m.visits[b]
		return cmp.Or(cmp.Compare(va.tier, vb.tier), cmp.Compare(va.elig.count(), vb.elig.count()),
			cmp.Compare(m.hot[a].close-m.hot[a].open, m.hot[b].close-m.hot[b].open), cmp.Compare(a, b))
	})
	x.recreate(nil)
	x.weight = x.s.weight()
	x.least = x.weight
	x.keepBest(0)
}

// recreate inserts the absent visits in their order at their cheapest places.
// A shy search takes bounds for values: it is not ok when a place did not hold
// what was found for it, and then the plan is void.
func (x *search) recreate(shy *rng) bool {
	s := x.s
	left := x.absent[:0]
	for _, v := range x.absent {
		limit := maxWeight
		if s.m.visits[v].src.Optional && s.m.hot[v].flags&flagLinked == 0 {
			limit = s.absent(v)
		}
		found := x.plain && s.kin != nil && shy != nil && s.bestNear(v, shy)
		if !found {
			_, found = s.best(v, shy, limit)
		}
		switch {
		case !found:
			left = append(left, v)
		case shy != nil:
			if !s.take(s.found) {
				return false
			}
		case !s.takeWhole(s.found):
			left = append(left, v)
		}
	}
	x.absent = left
	return true
}

func (x *search) keepBest(iteration int) {
	cost := x.s.cost()
	if x.best.state != nil && !cost.Less(x.best.cost) {
		return
	}
	if x.best.state == nil {
		x.best.state = x.s.clone()
	} else {
		x.best.state.become(x.s)
	}
	x.best.cost, x.best.at = cost, iteration
}

// become copies another state of the same model into this one's buffers.
func (s *state) become(o *state) {
	for i := range o.tours {
		t, from := &s.tours[i], &o.tours[i]
		if t.version != from.version || t.linked > 0 || from.linked > 0 {
			copyTour(t, from)
			t.stamp = -1
		}
	}
	copy(s.at, o.at)
	copy(s.pos, o.pos)
	copy(s.loose, o.loose)
	s.sum, s.listOK = o.sum, false
}

// run makes n iterations from number first on, cooling over planned ones.
func (x *search) run(first, n, planned int) {
	share := 0.0
	if w := warm(planned); first > w && planned > 0 {
		share = min(1, float64(first-w)/float64(planned-w))
		if share < 1 {
			_, share = math.Modf(share * x.rounds(planned))
		}
	}
	temperature := x.hot * exp(float64(share*ln(x.cold/x.hot)))
	for i := range n {
		x.iterate(first+i+1, temperature)
	}
}

// rounds is how often a search of so many iterations heats up and cools down:
// where lateness or links count it gets stuck in plans that no ten visits can
// leave, and starting over helps more than cooling very slowly.
func (x *search) rounds(planned int) float64 {
	if x.plain {
		return 1
	}
	return float64(min(max(1, planned/(roundLength*max(len(x.s.at), 1))), 16))
}

const roundLength = 800 // iterations per visit and round, at least

func (x *search) iterate(iteration int, temperature float64) {
	s := x.s
	x.before = append(x.before[:0], x.absent...)
	s.begin()
	ok, stirred := true, x.stirs > 0 && x.r.unit() < x.stirs
	if stirred {
		x.stir(temperature)
	} else if x.crosses && x.stirs == 0 && x.r.unit() < tailRate {
		ok = x.tail(temperature)
	} else if ok = x.ruin(); ok {
		x.order()
		if x.stirs > 0 && x.r.unit() < openRate {
			x.open()
		}
		x.r.skip = blinkRate
		ok = x.recreate(x.r)
		x.r.skip = 0
	}
	now := s.weight()
	threshold := float64(x.weight) - float64(temperature*ln(x.r.unit()+1e-18))
	switch {
	case ok && (stirred || float64(now) < threshold || x.rarer()):
		s.keep()
		x.weight = now
		if x.crosses && now < x.least {
			x.untangle()
			x.weight = s.weight()
		}
		x.least = min(x.least, x.weight)
		x.keepBest(iteration)
	default:
		s.rollback()
		x.absent = append(x.absent[:0], x.before...)
	}
}

const blinkRate = 1 << 64 / 100 // 1 %

// rarer counts what is left out now, and tells whether that was left out less
// often so far than what was left out before.
func (x *search) rarer() bool {
	if len(x.absent) == 0 {
		return false
	}
	now, then := int64(0), int64(0)
	for _, v := range x.absent {
		x.misses[v]++
		now += int64(x.misses[v]) * int64(len(x.s.m.groupOf(v)))
	}
	for _, v := range x.before {
		then += int64(x.misses[v]) * int64(len(x.s.m.groupOf(v)))
	}
	return now < then && len(x.absent) <= len(x.before)
}

// Parameters of the ruin, as published.
const (
	ruinMean  = 10.0 // visits removed on average
	stringMax = 10   // longest string
	splitRate = 0.5  // strings with a part left in place
	splitMore = 0.01 // chance that the part left in place grows by one more
)

// meanLength is how many visits a tour serves on average, empty ones left out.
func (s *state) meanLength() float64 {
	served, active := 0, 0
	for i := range s.tours {
		if n := len(s.tours[i].recs) - 2; n > 0 {
			served += n
			active++
		}
	}
	return float64(served) / float64(max(active, 1))
}

// ruin removes strings of visits from tours near a random visit.
func (x *search) ruin() bool {
	s := x.s
	mean := s.meanLength()
	if mean == 0 {
		return true
	}
	longest := min(float64(stringMax), mean)
	most := 4*ruinMean/(1+longest) - 1
	strings := int(x.r.unit()*most + 1)
	seed := int32(x.r.n(len(s.at)))
	x.ruined, x.out = x.ruined[:0], x.out[:0]
	x.cut(seed, longest)
	for _, c := range x.near[seed] {
		if len(x.ruined) >= strings {
			break
		}
		x.cut(c, longest)
	}
	for _, ti := range x.ruined {
		x.used[ti] = false
	}
	return x.removeAll()
}

// cut marks a string around visit c for removal, unless its tour has lost one.
func (x *search) cut(c int32, longest float64) {
	s := x.s
	ti := s.at[c]
	if ti < 0 || x.used[ti] {
		return
	}
	x.used[ti] = true
	x.ruined = append(x.ruined, ti)
	t := &s.tours[ti]
	size := len(t.recs) - 2
	l := int(x.r.unit()*min(float64(size), longest) + 1)
	l = min(l, size)
	at := int(s.pos[c])
	gap := 0
	if l > 1 && l < size && x.r.unit() < splitRate {
		for gap = 1; l+gap < size && x.r.unit() < splitMore; gap++ {
		}
	}
	span := l + gap
	low, high := max(1, at-span+1), min(at, size-span+1)
	from := low + x.r.n(high-low+1)
	stay := -1
	if gap > 0 {
		stay = from + 1 + x.r.n(l-1)
	}
	for i := from; i < from+span; i++ {
		if stay >= 0 && i >= stay && i < stay+gap {
			continue
		}
		x.out = append(x.out, t.vis[i])
	}
}

// removeAll lifts the marked visits with their groups and times what is left.
func (x *search) removeAll() bool {
	s := x.s
	for _, v := range x.out {
		group := s.m.groupOf(v)
		free := s.at[v] >= 0
		for _, g := range group {
			free = free && s.m.hot[g].flags&flagFixed == 0
		}
		if !free {
			continue
		}
		for _, g := range group {
			if ti := s.at[g]; ti >= 0 {
				s.lift(g)
				if !x.used[ti] {
					x.used[ti] = true
					x.ruined = append(x.ruined, ti)
				}
			}
		}
		x.absent = append(x.absent, group[0])
	}
	for _, ti := range x.ruined {
		x.used[ti] = false
	}
	ok := true
	linked := x.ruined[:0]
	for _, ti := range x.ruined {
		s.touch(ti)
		s.backwardAll(ti)
		if s.tours[ti].linked > 0 {
			linked = append(linked, ti)
			continue
		}
		ok = s.forward(ti, 1, true) && ok
		s.price(ti)
	}
	if len(linked) > 0 {
		ok = s.retime(linked...) && ok
	}
	return ok
}

// order sorts the absent visits by a criterion drawn at random.
func (x *search) order() {
	m := x.s.m
	x.keys = x.keys[:0]
	var key func(v int32) int64
	k := x.r.n(17)
	switch {
	case k < 4:
		key = func(int32) int64 { return int64(x.r.pcg.Uint64() >> 1) }
	case k < 8:
		key = func(v int32) int64 {
			return -int64(m.hot[v].load)<<20 + int64(m.visits[v].elig.count())
		}
	case k < 10:
		key = func(v int32) int64 { return -x.depth(v) }
	case k < 11:
		key = x.depth
	case k < 13:
		key = func(v int32) int64 { return int64(m.hot[v].close) - int64(m.hot[v].open) }
	case k < 15:
		key = func(v int32) int64 { return int64(m.hot[v].open) }
	default:
		key = func(v int32) int64 { return -int64(m.hot[v].close) }
	}
	for _, v := range x.absent {
		x.keys = append(x.keys, key(v))
	}
	// Insertion sort: ten visits at a time, and ties keep their order.
	for i := 1; i < len(x.absent); i++ {
		for j := i; j > 0 && x.keys[j] < x.keys[j-1]; j-- {
			x.keys[j], x.keys[j-1] = x.keys[j-1], x.keys[j]
			x.absent[j], x.absent[j-1] = x.absent[j-1], x.absent[j]
		}
	}
}

// depth is how far a visit is from the first worker's start.
func (x *search) depth(v int32) int64 {
	m := x.s.m
	if len(m.tours) == 0 {
		return 0
	}
	return int64(m.leg(m.tours[0].profile, m.tours[0].start, m.hot[v].place))
}

// finish repairs the best plan to the insertion fixpoint and hands it over.
func (x *search) finish() *Plan {
	x.resume(x.best.state)
	x.s.w = lexical // whether an optional visit pays is a matter of the vector, too
	for {
		n := len(x.absent)
		slices.SortStableFunc(x.absent, func(a, b int32) int {
			return cmp.Compare(x.s.m.visits[a].tier, x.s.m.visits[b].tier)
		})
		x.recreate(nil)
		if len(x.absent) == n {
			break
		}
	}
	return &Plan{x.s}
}
