package route

import "slices"

// earliest is the first allowed start of a visit at or after a moment; not ok
// when there is none, then the moment itself.
func (s *state) earliest(v, from int32) (int32, bool) {
	h := &s.m.hot[v]
	if h.flags&(flagMulti|flagPromise|flagFixed) == 0 {
		st := max(from, h.open)
		return st, st <= h.close+s.graceOf(v)
	}
	return s.earliestIn(v, from, s.loose[v])
}

func (s *state) earliestIn(v, from int32, loose bool) (int32, bool) {
	x := &s.m.visits[v]
	if f := x.src.Fixed; f != nil {
		// A fixed start stays where it is; arriving later is a broken rule.
		return f.Start, from <= f.Start+s.graceOf(v)
	}
	windows := x.windows
	if loose {
		windows = x.wish
	}
	for _, w := range windows {
		if from <= w.Close {
			return max(from, w.Open), true
		}
	}
	return from, from <= windows[len(windows)-1].Close+s.graceOf(v)
}

// latest is the last allowed start of a visit at or before a moment, or
// untimed when there is none.
func (s *state) latest(v, until int32) int32 {
	h := &s.m.hot[v]
	if h.flags&(flagMulti|flagPromise|flagFixed) == 0 {
		if until < h.open {
			return untimed
		}
		return min(until, h.close+s.graceOf(v))
	}
	x := &s.m.visits[v]
	if f := x.src.Fixed; f != nil {
		return f.Start + s.graceOf(v)
	}
	windows := x.windows
	if s.loose[v] {
		windows = x.wish
	}
	grace := s.graceOf(v)
	for i := len(windows) - 1; i >= 0; i-- {
		if until >= windows[i].Open {
			return min(until, windows[i].Close+grace)
		}
		grace = 0
	}
	return untimed
}

func (s *state) graceOf(v int32) int32 {
	if s.grace == nil {
		return 0
	}
	return s.grace[v]
}

// grant gives a visit the grace to start at a moment no window allows.
func (s *state) grant(v, start int32) {
	if s.grace == nil {
		s.grace = make([]int32, len(s.at))
	}
	h := &s.m.hot[v]
	last := h.close
	if s.loose[v] {
		wish := s.m.visits[v].wish
		last = wish[len(wish)-1].Close
	}
	s.grace[v] = max(s.grace[v], start-last)
}

// floor is the earliest start the partners of a linked visit allow now.
func (s *state) floor(v int32) int32 {
	least := untimed
	for _, k := range s.m.visits[v].links {
		l := &s.m.links[k]
		if l.gone {
			continue
		}
		partner, gap := l.a, l.min
		if v == l.a {
			partner, gap = l.b, -l.max
		}
		if s.at[partner] < 0 {
			continue
		}
		if st := s.startOf(partner); st != untimed {
			least = max(least, st+gap)
		}
	}
	return least
}

// pull queues the partners of a visit that its start makes too early.
func (s *state) pull(v, start int32) {
	for _, k := range s.m.visits[v].links {
		l := &s.m.links[k]
		if l.gone {
			continue
		}
		partner, gap := l.b, l.min
		if v == l.b {
			partner, gap = l.a, -l.max
		}
		if s.at[partner] < 0 {
			continue
		}
		if st := s.startOf(partner); st != untimed && st < start+gap {
			s.queue = append(s.queue, spot{s.at[partner], s.pos[partner]})
		}
	}
}

// forward computes the earliest departures from record i on, until nothing
// changes (all: to the end). It fails when a start or the end comes too late.
func (s *state) forward(ti int32, i int, all bool) bool {
	t := &s.tours[ti]
	if len(t.real) > 0 {
		return s.forwardBreaks(ti)
	}
	recs, last := t.recs, len(t.recs)-1
	for ; i < last; i++ {
		v := t.vis[i]
		from := recs[i-1].dep + recs[i-1].leg
		h := &s.m.hot[v]
		if h.flags&flagLinked != 0 {
			from = max(from, s.floor(v))
		}
		start, ok := s.earliest(v, from)
		if !ok {
			if !s.lenient {
				return false
			}
			s.grant(v, from)
		}
		dep := start + h.dur
		if h.flags&flagBegun != 0 {
			dep = max(dep, s.m.now) // it may last longer than planned
		}
		if dep == recs[i].dep && !all {
			return true
		}
		recs[i].dep = dep
		if h.flags&flagLinked != 0 {
			s.pull(v, start)
		}
	}
	recs[last].dep = recs[last-1].dep + recs[last-1].leg
	return s.endOK(ti, t, recs[last].dep)
}

func (s *state) endOK(ti int32, t *tour, end int32) bool {
	over := end - s.m.tours[ti].hard - t.grace
	if over <= 0 || len(t.recs) == 2 {
		return true
	}
	if s.lenient {
		t.grace += over
		t.recs[len(t.recs)-1].lat += over
		return true
	}
	return false
}

// label is the earliest departure from a record with k breaks taken.
type label struct {
	dep, from int32 // from: breaks taken before the leg into this record
}

// take places a break on a leg: after the travel when it can still begin
// there, before it otherwise. It gives the start of the break and the moment
// and place after it; not ok when the break came too late.
func (b *Break) take(here, leg int32, traveled bool) (start, after int32, there, ok bool) {
	switch {
	case !traveled && here+leg <= b.Close:
		here, traveled = here+leg, true
	case here > b.Close:
		return 0, here, traveled, false
	}
	start = max(here, b.Open)
	return start, start + b.Duration, traveled, true
}

// forwardBreaks times a tour with floating breaks: one label per record and
// number of breaks taken, so that hard rules are met whenever some placement
// meets them. Of the placements the one that ends first is taken.
func (s *state) forwardBreaks(ti int32) bool {
	t, breaks := &s.tours[ti], s.m.tours[ti].breaks
	n, k := len(t.recs), len(breaks)+1
	if need := n * k; cap(s.labels) < need {
		s.labels = make([]label, need*2)
	}
	lab := s.labels[:n*k]
	for j := range lab {
		lab[j].dep = MaxTime * 2
	}
	lab[0].dep = t.recs[0].dep
	for i := 1; i < n; i++ {
		leg, v := t.recs[i-1].leg, t.vis[i]
		least := untimed
		if v >= 0 && s.m.hot[v].flags&flagLinked != 0 {
			least = s.floor(v)
		}
		for from := range k {
			dep := lab[(i-1)*k+from].dep
			if dep >= MaxTime*2 {
				continue
			}
			here, traveled, ok := dep, false, true
			for to := from; ok; to++ {
				at := here
				if !traveled {
					at += leg
				}
				at = max(at, least)
				fits := true
				if v >= 0 {
					start, found := s.earliest(v, at)
					if !found && s.lenient && to == 0 {
						s.grant(v, at)
						found = true
					}
					at, fits = start, found
					at += s.m.hot[v].dur
					if s.m.hot[v].flags&flagBegun != 0 {
						at = max(at, s.m.now)
					}
				}
				if l := &lab[i*k+to]; fits && at < l.dep {
					*l = label{at, int32(from)}
				}
				if to == k-1 {
					break
				}
				_, here, traveled, ok = breaks[to].take(here, leg, traveled)
			}
		}
		if lab[i*k].dep >= MaxTime*2 {
			return false
		}
		t.recs[i].dep = lab[i*k].dep
	}
	best := -1
	for taken := range k {
		end := lab[(n-1)*k+taken].dep
		if end >= MaxTime*2 {
			continue
		}
		ok := true
		for _, b := range breaks[taken:] {
			ok = ok && (end <= b.Close || n == 2)
		}
		if ok && (best < 0 || end < lab[(n-1)*k+best].dep) {
			best = taken
		}
	}
	if best < 0 {
		if !s.lenient {
			return false
		}
		best = 0 // a plan that came without room for the break; Check says so
	}
	for b := range breaks {
		t.pauses[b] = pauseAfter
	}
	for i, taken := n-1, best; i > 0; i-- {
		l := lab[i*k+taken]
		t.real[i] = l.dep
		here, traveled := lab[(i-1)*k+int(l.from)].dep, false
		for b := int(l.from); b < taken; b++ {
			t.pauses[b], here, traveled, _ = breaks[b].take(here, t.recs[i-1].leg, traveled)
		}
		taken = int(l.from)
	}
	if t.linked > 0 {
		for _, v := range t.vis[1 : n-1] {
			if s.m.hot[v].flags&flagLinked != 0 {
				s.pull(v, s.startOf(v))
			}
		}
	}
	return s.endOK(ti, t, t.real[n-1])
}

// backward computes the latest starts from record i down, until nothing
// changes before record i. Links and breaks are left out: what it refuses is
// impossible, what it allows a trial may still refuse.
func (s *state) backward(ti int32, i int) {
	t := &s.tours[ti]
	recs := t.recs
	for k := min(i, len(recs)-2); k > 0; k-- {
		v := t.vis[k]
		lat := s.latest(v, recs[k+1].lat-recs[k].leg-s.m.hot[v].dur)
		if lat == recs[k].lat && k < i {
			return
		}
		recs[k].lat = lat
	}
}

// price recomputes the lateness and overtime of a tour.
func (s *state) price(ti int32) {
	t, spec := &s.tours[ti], &s.m.tours[ti]
	if t.lates > 0 || t.late != 0 {
		s.sum.late -= t.late
		t.late, t.maxLate = 0, 0
		for i := 1; i < len(t.vis)-1; i++ {
			c := s.m.late(t.vis[i], s.startOf(t.vis[i]))
			t.late += c
			t.maxLate = max(t.maxLate, c)
		}
		s.sum.late += t.late
	}
	if spec.overtime > 0 {
		over := int64(0)
		if len(t.recs) > 2 {
			over = int64(max(0, s.endOf(t)-spec.to)) * spec.overtime
		}
		s.sum.over += over - t.over
		t.over = over
	}
}

// settle times the queued spots and whatever they push through links. It
// stops early when the plan already weighs limit or more.
func (s *state) settle(limit int64) bool {
	rounds := 64 + 8*len(s.tours)
	for head := 0; head < len(s.queue); head++ {
		if head > rounds {
			s.queue = s.queue[:0]
			return false // pushes go round in a circle
		}
		x := s.queue[head]
		s.touch(x.tour)
		ok := s.forward(x.tour, int(x.pos), false)
		if ok {
			s.price(x.tour)
		}
		if !ok || s.weight() >= limit {
			s.queue = s.queue[:0]
			return false
		}
	}
	s.queue = s.queue[:0]
	return true
}

// retime times a tour anew together with every tour its links reach, from
// nothing: needed when something may start earlier than before.
func (s *state) retime(tours ...int32) bool {
	s.stack = s.stack[:0]
	for _, ti := range tours {
		if !s.mark[ti] {
			s.mark[ti] = true
			s.stack = append(s.stack, ti)
		}
	}
	for k := 0; k < len(s.stack); k++ {
		t := &s.tours[s.stack[k]]
		if t.linked == 0 {
			continue
		}
		for _, v := range t.vis[1 : len(t.vis)-1] {
			if s.m.hot[v].flags&flagLinked == 0 {
				continue
			}
			for _, g := range s.m.visits[v].group {
				if ti := s.at[g]; ti >= 0 && !s.mark[ti] {
					s.mark[ti] = true
					s.stack = append(s.stack, ti)
				}
			}
		}
	}
	slices.Sort(s.stack) // one order, whatever was asked for first
	for _, ti := range s.stack {
		s.mark[ti] = false
		s.touch(ti)
		t := &s.tours[ti]
		for i := 1; i < len(t.recs)-1; i++ {
			t.recs[i].dep = untimed
			if len(t.real) > 0 {
				t.real[i] = untimed
			}
		}
	}
	ok := true
	for _, ti := range s.stack {
		ok = s.forward(ti, 1, true) && ok
	}
	ok = ok && s.settle(maxWeight)
	s.queue = s.queue[:0]
	for _, ti := range s.stack {
		s.price(ti)
	}
	return ok
}

const maxWeight int64 = 1<<63 - 1

// refresh times everything from nothing, latest starts included.
func (s *state) refresh() bool {
	all := make([]int32, len(s.tours))
	for i := range all {
		all[i] = int32(i)
	}
	ok := s.retime(all...)
	for i := range s.tours {
		s.backwardAll(int32(i))
	}
	return ok
}

// backwardAll computes the latest starts of a whole tour.
func (s *state) backwardAll(ti int32) {
	t := &s.tours[ti]
	for k := len(t.recs) - 2; k > 0; k-- {
		t.recs[k].lat = s.latest(t.vis[k], t.recs[k+1].lat-t.recs[k].leg-s.m.hot[t.vis[k]].dur)
	}
}

// seatAll seats visits and times the consequences; the caller rolls back when
// it fails. Seats of one tour must be given from the last to the first.
func (s *state) seatAll(seats []seat, limit int64) bool {
	again := false
	for _, x := range seats {
		t := &s.tours[x.tour]
		before := t.recs[x.pos-1].dep + t.recs[x.pos-1].leg
		s.put(x)
		if t.load > s.m.tours[x.tour].capacity {
			return false // two members of a group on one tour
		}
		r := &t.recs[x.pos]
		start, _ := s.earliest(x.v, t.recs[x.pos-1].dep+t.recs[x.pos-1].leg)
		// A break that jumps may let something start earlier, as does a way
		// round that is shorter; pushing alone would then leave gaps.
		if t.linked > 0 && (s.m.pauses || start+s.m.hot[x.v].dur+r.leg < before) {
			again = true
		}
	}
	ok := true
	for _, x := range seats {
		if s.tours[x.tour].linked == 0 {
			ok = s.forward(x.tour, int(s.pos[x.v]), false) && ok
			s.price(x.tour)
		} else if !again {
			s.queue = append(s.queue, spot{x.tour, s.pos[x.v]})
		}
	}
	switch {
	case !ok:
		s.queue = s.queue[:0]
		return false
	case again:
		for _, x := range seats {
			if !s.retime(x.tour) {
				return false
			}
		}
	case !s.settle(limit):
		return false
	}
	return true
}

// latestAfter recomputes the latest starts after visits were seated.
func (s *state) latestAfter(seats []seat) {
	for _, x := range seats {
		s.backward(x.tour, int(s.pos[x.v]))
	}
}

// liftAll unseats visits and times what is left.
func (s *state) liftAll(visits ...int32) bool {
	var few [8]int32
	tours := few[:0]
	for _, v := range visits {
		ti, p := s.at[v], s.pos[v]
		s.lift(v)
		t := &s.tours[ti]
		if t.linked == 0 && s.m.hot[v].flags&flagLinked == 0 {
			if !s.forward(ti, int(p), false) {
				return false
			}
			s.price(ti)
		} else {
			tours = append(tours, ti)
		}
		s.backward(ti, int(p))
	}
	return len(tours) == 0 || s.retime(tours...)
}
