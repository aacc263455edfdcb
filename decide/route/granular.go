package route

import "slices"

// kin lists who may well come right
// before and right after each visit: those that travel, waiting and lateness put
// near, and the windows and workers allow.
type kin struct{ before, after [][]int32 }

// kinMost is how many of each are looked at. Fewer is not only faster: a search
// that does not see every squeeze opens new tours sooner. Chosen on two of the
// 1,000-customer files and seven of the care files.
const kinMost = 30

// kinOf finds the nearest kin of every visit.
func kinOf(m *model) *kin {
	n := len(m.visits)
	k := &kin{make([][]int32, n), make([][]int32, n)}
	list := make([]int64, 0, n) // distance and visit in one word
	nearest := func(cost func(j int32) (int32, bool)) []int32 {
		list = list[:0]
		for j := range int32(n) {
			if d, ok := cost(j); ok {
				list = append(list, int64(d)<<32|int64(j))
			}
		}
		slices.Sort(list)
		out := make([]int32, min(kinMost, len(list)))
		for i := range out {
			out[i] = int32(list[i])
		}
		return out
	}
	for i := range int32(n) {
		k.before[i] = nearest(func(j int32) (int32, bool) { return m.apart(j, i) })
		k.after[i] = nearest(func(j int32) (int32, bool) { return m.apart(i, j) })
	}
	return k
}

// apart is how far two visits lie apart when one comes right after the other:
// the travel, the lateness and a fifth of the waiting that cannot be avoided.
// Not ok when windows or workers forbid it.
func (m *model) apart(from, to int32) (int32, bool) {
	a, b := &m.hot[from], &m.hot[to]
	if from == to || (a.flags|b.flags)&flagGone != 0 || !m.visits[from].elig.meets(m.visits[to].elig) {
		return 0, false
	}
	leg := m.leg(0, a.place, b.place)
	soonest := a.open + a.dur + leg
	if leg == Unreachable || soonest > b.close {
		return 0, false
	}
	last, late := a.close, int32(0)
	if a.flags&flagLate != 0 {
		last = min(last, a.due)
	}
	if b.flags&flagLate != 0 {
		late = max(0, soonest-b.due)
	}
	return leg + late + max(0, b.open-last-a.dur-leg)/5, true
}

// plain tells whether one window each is all there is to the times of the
// problem, and travel all there is to its costs.
func (m *model) plain() bool {
	if m.pauses || len(m.travel) > 1 || m.costs.Fairness != 0 {
		return false
	}
	return !slices.ContainsFunc(m.hot, func(h hot) bool { return h.flags&^flagGone != 0 }) &&
		!slices.ContainsFunc(m.visits, func(v visit) bool { return v.src.Optional }) &&
		!slices.ContainsFunc(m.tours, func(t tourSpec) bool { return t.overtime != 0 })
}

// bestNear is best for a plain problem, at the places next to the visit's kin
// and on empty tours; the place is left in found.
func (s *state) bestNear(v int32, shy *rng) bool {
	m, k, h := s.m, s.kin, &s.m.hot[v]
	row, col := m.row(0, h.place), m.col(0, h.place)
	elig := m.visits[v].elig
	most, at, pos := maxDetour, int32(-1), int32(0)
	place := func(ti, p int32) {
		t, spec := &s.tours[ti], &m.tours[ti]
		prev, next := &t.recs[p-1], &t.recs[p]
		in, out := col[prev.place], row[next.place]
		d := in + out - prev.leg
		if d >= most {
			return
		}
		start := max(prev.dep+in, h.open)
		if start <= h.close && start+h.dur+out <= next.lat && t.load+h.load <= spec.capacity &&
			elig.has(spec.worker) && !shy.blink() {
			most, at, pos = d, ti, p
		}
	}
	for _, u := range k.before[v] {
		if ti := s.at[u]; ti >= 0 {
			place(ti, s.pos[u]+1)
		}
	}
	for _, u := range k.after[v] {
		if ti := s.at[u]; ti >= 0 {
			place(ti, s.pos[u])
		}
	}
	for _, ti := range s.listed()[s.active:] {
		place(ti, 1)
	}
	if at < 0 {
		return false
	}
	s.found = append(s.found[:0], seat{v: v, tour: at, pos: pos})
	return true
}

// eachNear calls see for every position of the query's visit next to its kin,
// and on empty tours.
func (s *state) eachNear(q *query, see func(c cand)) {
	if need := len(s.at) + len(s.tours); len(s.seen) < need {
		s.seen = make([]uint32, need)
	}
	s.sight++
	look := func(ti, pos int32) {
		t := &s.tours[ti]
		next := t.vis[pos]
		if next < 0 {
			next = int32(len(s.at)) + ti
		}
		if s.seen[next] == s.sight || pos <= t.front || !s.open(q, ti) {
			return
		}
		s.seen[next] = s.sight
		base := s.base(q, ti)
		if c, ok := s.position(q, ti, pos, base); ok {
			see(c)
		}
	}
	for _, u := range s.kin.before[q.v] {
		if ti := s.at[u]; ti >= 0 {
			look(ti, s.pos[u]+1)
		}
	}
	for _, u := range s.kin.after[q.v] {
		if ti := s.at[u]; ti >= 0 {
			look(ti, s.pos[u])
		}
	}
	for _, ti := range s.listed()[s.active:] {
		look(ti, 1)
	}
}

// Opening a tour rarely pays before others have moved over, so a search does it
// now and then whatever it costs: where long tours are possible, too few of them
// are what a search gets stuck in. Chosen on four of the 200-customer and two of
// the 1,000-customer files.
const openRate = 0.1

// manyFrom is from how many visits on a search looks beside kin only. Below, it
// remembers what every tour offers, which is faster there, and looks everywhere.
const manyFrom = 500

// open seats one of the absent visits on an empty tour.
func (x *search) open() {
	s := x.s
	empty := s.listed()[s.active:]
	if len(x.absent) == 0 || len(empty) == 0 {
		return
	}
	i, ti := x.r.n(len(x.absent)), empty[x.r.n(len(empty))]
	q := s.ask(x.absent[i], false)
	if !s.open(&q, ti) {
		return
	}
	if _, pos := s.detour(&q, ti, maxDetour, 0); pos > 0 && s.take([]seat{{v: q.v, tour: ti, pos: pos}}) {
		x.absent = slices.Delete(x.absent, i, i+1)
	}
}
