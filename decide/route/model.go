package route

import (
	"math/bits"
	"slices"
)

// model is the dense form both a Problem and a Board are made of. A Problem
// never changes its model; a Board does, through the same methods.
type model struct {
	travel  []legs // per profile
	places  int    // places in use, the internal place 0 (Anywhere) included
	stride  int
	hot     []hot
	visits  []visit
	workers []worker
	tours   []tourSpec
	links   []link
	costs   Costs
	now     int32
	pauses  bool // some tour has breaks
}

// legs is a travel matrix and its transpose: an insertion query reads one row
// of each, so both directions stay in the nearest cache.
type legs struct {
	out, in []int32 // out[a*stride+b] = in[b*stride+a] = seconds from a to b
}

// hot is what timing and insertion read of a visit.
type hot struct {
	place, dur, load int32
	open, close      int32 // the hull of the windows, a promise included
	due, slope       int32 // the first piece of the lateness cost
	flags            uint32
}

const (
	flagMulti   = 1 << iota // more than one window
	flagLate                // has a lateness cost
	flagPieces              // of more than one piece
	flagLinked              // belongs to a group
	flagExtra               // costs depend on the worker
	flagPromise             // was announced
	flagFixed               // nailed to a worker and a start
	flagBegun               // fixed, and in front of everything
	flagGone                // an unused slot of a board
)

type visit struct {
	src     Visit
	tier    int8
	windows []Window // with the promise
	wish    []Window // without it: what holds once the promise is given up
	elig    bitset   // workers
	links   []int32
	group   []int32 // the linked visits, itself included, ascending; nil when alone
}

type worker struct {
	src   Worker
	tours []int32
	gone  bool
}

type tourSpec struct {
	worker, shift  int32
	from, to, hard int32 // hard = to + overtime
	start, end     int32 // places
	profile        int32
	capacity       int32
	class          int32 // equal tours of a frozen problem share a class
	overtime       int64 // price per second
	breaks         []Break
	gone           bool
}

type link struct {
	a, b     int32
	min, max int32
	same     bool
	gone     bool
}

type bitset []uint64

func (b bitset) has(i int32) bool { return int(i>>6) < len(b) && b[i>>6]>>(uint(i)&63)&1 != 0 }

// meets tells whether two sets share a member.
func (b bitset) meets(o bitset) bool {
	for i := range min(len(b), len(o)) {
		if b[i]&o[i] != 0 {
			return true
		}
	}
	return false
}

func (b bitset) count() (n int) {
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

func (b *bitset) set(i int32, on bool) {
	for int(i>>6) >= len(*b) {
		*b = append(*b, 0)
	}
	if on {
		(*b)[i>>6] |= 1 << (uint(i) & 63)
	} else {
		(*b)[i>>6] &^= 1 << (uint(i) & 63)
	}
}

func (m *model) leg(profile, from, to int32) int32 {
	return m.travel[profile].out[int(from)*m.stride+int(to)]
}

// row is the travel from place p to everywhere, col from everywhere to p.
func (m *model) row(profile, p int32) []int32 {
	return m.travel[profile].out[int(p)*m.stride:][:m.places]
}

func (m *model) col(profile, p int32) []int32 {
	return m.travel[profile].in[int(p)*m.stride:][:m.places]
}

// alloc makes room for n places, keeping what is known. Travel from, to and
// at place 0 (Anywhere) is 0.
func (m *model) alloc(profiles, n int) {
	if m.travel == nil {
		m.travel = make([]legs, profiles)
	}
	if n <= m.stride {
		return
	}
	for i := range m.travel {
		m.travel[i].out = widen(m.travel[i].out, m.places, m.stride, n)
		m.travel[i].in = widen(m.travel[i].in, m.places, m.stride, n)
	}
	m.stride = n
}

func widen(old []int32, used, stride, n int) []int32 {
	grown := make([]int32, n*n)
	for i := range used {
		copy(grown[i*n:], old[i*stride:i*stride+used])
	}
	return grown
}

func (m *model) setLeg(profile, from, to int, s int32) {
	m.travel[profile].out[from*m.stride+to] = s
	m.travel[profile].in[to*m.stride+from] = s
}

// setVisit checks a visit and stores it in slot i; its links are set apart.
func (m *model) setVisit(i int, v Visit) error {
	if err := m.checkVisit(i, &v); err != nil {
		return err
	}
	if v.Tier == 0 {
		v.Tier = Tiers
	}
	if !slices.IsSorted(v.Eligible) { // gate searches it for every worker
		v.Eligible = slices.Sorted(slices.Values(v.Eligible))
	}
	n := visit{src: v, tier: int8(v.Tier), wish: v.Windows, windows: v.Windows}
	h := hot{place: int32(v.Place + 1), dur: v.Duration, load: v.Load}
	if len(v.Late) > 0 {
		h.flags |= flagLate
		h.due, h.slope = v.Late[0].After, v.Late[0].Slope
	}
	if len(v.Late) > 1 {
		h.flags |= flagPieces
	}
	if len(v.Prefer) > 0 || v.Promise != nil {
		h.flags |= flagExtra
	}
	if len(n.wish) == 0 {
		n.wish = []Window{{-MaxTime, MaxTime}}
		n.windows = n.wish
	}
	if p := v.Promise; p != nil {
		h.flags |= flagPromise
		n.windows = meet(n.wish, Window{p.Start - m.costs.Tolerance, p.Start + m.costs.Tolerance})
		if len(n.windows) == 0 {
			// What was agreed outweighs what was wished.
			n.windows = []Window{{p.Start - m.costs.Tolerance, p.Start + m.costs.Tolerance}}
			n.wish = append(slices.Clone(n.wish), n.windows...)
			slices.SortFunc(n.wish, func(a, b Window) int { return int(a.Open) - int(b.Open) })
		}
	}
	if f := v.Fixed; f != nil {
		h.flags |= flagFixed
		if f.Begun {
			h.flags |= flagBegun
		}
		n.windows = []Window{{f.Start, f.Start}}
		n.wish = n.windows
	}
	if len(n.windows) > 1 || len(n.wish) > 1 {
		h.flags |= flagMulti
	}
	h.open, h.close = n.windows[0].Open, n.windows[len(n.windows)-1].Close
	if i < len(m.visits) {
		n.links, n.group = m.visits[i].links, m.visits[i].group
		if n.group != nil {
			h.flags |= flagLinked
		}
	} else {
		m.visits, m.hot = append(m.visits, visit{}), append(m.hot, hot{})
	}
	m.visits[i], m.hot[i] = n, h
	for w := range m.workers {
		m.setEligible(i, w)
	}
	return nil
}

func meet(ws []Window, by Window) (out []Window) {
	for _, w := range ws {
		if w.Open <= by.Close && w.Close >= by.Open {
			out = append(out, Window{max(w.Open, by.Open), min(w.Close, by.Close)})
		}
	}
	return out
}

func (m *model) setEligible(v, w int) {
	m.visits[v].elig.set(int32(w), !m.workers[w].gone && m.gate(&m.visits[v], w) == GateNone)
}

// gate is the first gate a worker fails whatever the day looks like.
func (m *model) gate(x *visit, w int) Gate {
	v, wk := &x.src, &m.workers[w].src
	if f := v.Fixed; f != nil {
		// A fact is not judged; Check still lists what it breaks.
		if f.Worker == w {
			return GateNone
		}
		return GateExcluded
	}
	certificate := false
	for _, need := range v.Skills {
		held, valid := false, false
		for _, s := range wk.Skills {
			if s.Code == need.Code && s.Level >= need.Level {
				held = true
				valid = valid || s.Until == 0 || s.Until >= lastNeed(x.wish, wk)
			}
		}
		if !held {
			return GateSkill
		}
		certificate = certificate || !valid
	}
	switch {
	case certificate:
		return GateCertificate
	case slices.Contains(v.Exclude, w), !eligible(v, w):
		return GateExcluded
	case len(wk.Shifts) == 0:
		return GateShift
	}
	return GateNone
}

// eligible tells whether the list of the visit, which is sorted, lets a worker in.
func eligible(v *Visit, w int) bool {
	_, listed := slices.BinarySearch(v.Eligible, w)
	return listed || v.Eligible == nil
}

// lastNeed is the last second a certificate must cover: the end of the last
// window, or of the work day when that is earlier.
func lastNeed(wish []Window, w *Worker) int32 {
	last := wish[len(wish)-1].Close
	end := int32(0)
	for _, s := range w.Shifts {
		end = max(end, s.To+s.Overtime)
	}
	return min(last, end)
}

// setWorker checks a worker and stores it in slot i with fresh tours.
func (m *model) setWorker(i int, w Worker) error {
	if err := m.checkWorker(i, &w); err != nil {
		return err
	}
	if i == len(m.workers) {
		m.workers = append(m.workers, worker{})
	}
	wk := &m.workers[i]
	wk.src, wk.gone = w, false
	for _, t := range wk.tours {
		m.tours[t].gone = true
	}
	for len(wk.tours) < len(w.Shifts) {
		wk.tours = append(wk.tours, int32(len(m.tours)))
		m.tours = append(m.tours, tourSpec{class: int32(len(m.tours))})
	}
	taken := 0
	for k, s := range w.Shifts {
		t := tourSpec{
			worker: int32(i), shift: int32(k),
			from: s.From, to: s.To, hard: s.To + s.Overtime,
			start: int32(w.Start + 1), end: int32(w.End + 1), profile: int32(w.Profile),
			capacity: w.Capacity, class: m.tours[wk.tours[k]].class, overtime: w.OvertimeCost,
		}
		if t.capacity == 0 {
			t.capacity = MaxTime
		}
		for taken < len(w.Breaks) && (k == len(w.Shifts)-1 || w.Breaks[taken].Open < s.To) {
			t.breaks = append(t.breaks, w.Breaks[taken])
			m.pauses = true
			taken++
		}
		m.tours[wk.tours[k]] = t
	}
	for v := range m.visits {
		if m.hot[v].flags&flagGone == 0 {
			m.setEligible(v, i)
		}
	}
	return nil
}

// addLink checks a link and joins the groups of its visits.
func (m *model) addLink(i int, l Link) error {
	if err := m.checkLink(i, &l); err != nil {
		return err
	}
	k := int32(len(m.links))
	a, b := int32(l.A), int32(l.B)
	m.links = append(m.links, link{a: a, b: b, min: l.Min, max: l.Max, same: l.SameWorker})
	group := slices.Concat(m.groupOf(a), m.groupOf(b))
	slices.Sort(group)
	group = slices.Compact(group)
	for _, v := range group {
		m.visits[v].group = group
		m.hot[v].flags |= flagLinked
	}
	m.visits[a].links = append(m.visits[a].links, k)
	m.visits[b].links = append(m.visits[b].links, k)
	return nil
}

// groupOf lists the visits served all or none with v, itself included.
func (m *model) groupOf(v int32) []int32 {
	if g := m.visits[v].group; g != nil {
		return g
	}
	return []int32{v}
}

// classify finds the tours no cost and no gate can tell apart, so that a
// search tries one empty tour of each class.
func (m *model) classify() {
	seen := map[string]int32{}
	named := map[int]bool{}
	for i := range m.visits {
		v := &m.visits[i].src
		for _, w := range v.Prefer {
			named[w] = true
		}
		if v.Promise != nil {
			named[v.Promise.Worker] = true
		}
	}
	for t := range m.tours {
		ts := &m.tours[t]
		ts.class = int32(t)
		w := &m.workers[ts.worker]
		if named[int(ts.worker)] || len(w.tours) > 1 || len(ts.breaks) > 0 {
			continue
		}
		key := make([]byte, 0, 64+len(m.visits))
		for _, x := range []int32{ts.from, ts.to, ts.hard, ts.start, ts.end, ts.profile, ts.capacity, w.src.Week, w.src.Target} {
			key = append(key, byte(x), byte(x>>8), byte(x>>16), byte(x>>24))
		}
		for shift := 0; shift < 64; shift += 8 {
			key = append(key, byte(ts.overtime>>shift))
		}
		for v := range m.visits {
			b := byte(0)
			if m.visits[v].elig.has(ts.worker) {
				b = 1
			}
			key = append(key, b)
		}
		if first, ok := seen[string(key)]; ok {
			ts.class = first
		} else {
			seen[string(key)] = ts.class
		}
	}
}

// late is the lateness cost of a start.
func (m *model) late(v, start int32) int64 {
	h := &m.hot[v]
	switch {
	case h.flags&flagLate == 0 || start <= h.due:
		return 0
	case h.flags&flagPieces == 0:
		return int64(start-h.due) * int64(h.slope)
	}
	return m.latePieces(v, start)
}

func (m *model) latePieces(v, start int32) (cost int64) {
	slope := int32(0)
	for _, p := range m.visits[v].src.Late {
		if start <= p.After {
			break
		}
		cost += int64(start-p.After) * int64(p.Slope-slope)
		slope = p.Slope
	}
	return cost
}

// extra is what a visit costs by who serves it, whatever the hour: steps down
// the list of carers, and a changed promise.
func (m *model) extra(v, w int32, loose bool) (continuity, stability int64) {
	if m.hot[v].flags&flagExtra == 0 {
		return 0, 0
	}
	src := &m.visits[v].src
	if n := len(src.Prefer); n > 0 {
		rank := slices.Index(src.Prefer, int(w))
		if rank < 0 {
			rank = n
		}
		continuity = int64(rank) * m.costs.Continuity
	}
	if p := src.Promise; p != nil && (loose || p.Worker != int(w)) {
		stability = m.change(p)
	}
	return continuity, stability
}

// change is the price of changing a promise now.
func (m *model) change(p *Promise) int64 {
	if p.AnnouncedAt > m.now {
		return 0
	}
	if p.Price != 0 {
		return p.Price
	}
	notice := p.Start - m.now
	for _, n := range m.costs.Change {
		if notice <= n.Within {
			return n.Price
		}
	}
	return m.costs.Change[2].Price
}

// fair is the convex price of a worker's rolling week.
func (m *model) fair(w int32, busy int64) int64 {
	src := &m.workers[w].src
	if src.Target == 0 || m.costs.Fairness == 0 {
		return 0
	}
	busy += int64(src.Week)
	return m.costs.Fairness * busy * busy / (1000 * int64(src.Target))
}
