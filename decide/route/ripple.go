package route

// front is a record that is reached later than before.
type front struct{ tour, pos, arrival int32 }

// delay is what later arrivals cost the plan.
type delay struct {
	late, peak, over int64
	exact            bool // nothing was left out; otherwise late and over are lower bounds
	broken           bool // a hard rule does not survive
}

// ripples is the scratch of ripple: starts and ends as pushed so far.
type ripples struct {
	turn   uint32
	fronts []front
	starts []int32
	asOf   []uint32 // per visit: the turn its start belongs to
	ends   []int32
	endOf  []uint32
}

// ripple follows later arrivals down their tours and through links to other
// tours, until waiting absorbs them, without changing the plan. The given
// fronts are the records behind seats not taken yet. It stops early when the
// weight of the delay reaches room. When not far, links are not followed.
func (s *state) ripple(room int64, far bool, given ...front) (d delay) {
	m, r, weight := s.m, &s.wave, s.lateWeight()
	d.exact = true
	if len(given) == 1 {
		f, t := given[0], &s.tours[given[0].tour]
		over := m.tours[f.tour].overtime > 0
		if t.lates == 0 && t.linked == 0 && !over {
			return d
		}
		if v := t.vis[f.pos]; v >= 0 && f.arrival <= t.recs[f.pos].dep-m.hot[v].dur || v < 0 && !over {
			return d // waiting absorbs it at once
		}
	}
	if len(r.starts) < len(s.at) || len(r.ends) < len(s.tours) {
		r.starts, r.asOf = make([]int32, len(s.at)), make([]uint32, len(s.at))
		r.ends, r.endOf = make([]int32, len(s.tours)), make([]uint32, len(s.tours))
		r.turn = 0
	}
	r.turn++
	r.fronts = append(r.fronts[:0], given...)
	steps := 0
	for n := len(r.fronts); n > 0; n = len(r.fronts) {
		f := r.fronts[n-1]
		r.fronts = r.fronts[:n-1]
		t, spec := &s.tours[f.tour], &m.tours[f.tour]
		if len(t.real) > 0 {
			d.exact = false
			continue
		}
		arrival, last := f.arrival, int32(len(t.recs)-1)
		for i := f.pos; ; i++ {
			if i > f.pos && r.crosses(given, f.tour, i) {
				d.exact = false // through a seat not taken yet
				break
			}
			if i == last {
				if spec.overtime > 0 {
					end := t.recs[last].dep
					if r.endOf[f.tour] == r.turn {
						end = r.ends[f.tour]
					}
					if arrival > end {
						d.over += int64(max(0, arrival-spec.to)-max(0, end-spec.to)) * spec.overtime
						r.ends[f.tour], r.endOf[f.tour] = arrival, r.turn
					}
				}
				break
			}
			v := t.vis[i]
			h := &m.hot[v]
			old := t.recs[i].dep - h.dur
			if r.asOf[v] == r.turn {
				old = r.starts[v]
			}
			if arrival <= old {
				break
			}
			if arrival > t.recs[i].lat {
				d.broken = true
				return d
			}
			if h.flags&(flagMulti|flagPromise|flagFixed) != 0 {
				arrival, _ = s.earliest(v, arrival)
			}
			if h.flags&flagLate != 0 {
				late := m.late(v, arrival)
				d.late += late - m.late(v, old)
				d.peak = max(d.peak, late)
				if d.late*weight >= room {
					d.exact = false
					return d
				}
			}
			r.starts[v], r.asOf[v] = arrival, r.turn
			if h.flags&flagLinked != 0 {
				if !far {
					d.exact = false
				} else {
					s.spread(v, arrival)
				}
			}
			arrival += h.dur + t.recs[i].leg
			steps++
		}
		if d.late*weight+d.over >= room {
			d.exact = false
			return d
		}
		if steps > 4*len(s.at)+64 {
			d.exact = false // perhaps a circle; a trial decides
			return d
		}
	}
	return d
}

// crosses tells whether a given front stands at a record.
func (r *ripples) crosses(given []front, tour, pos int32) bool {
	for _, g := range given {
		if g.tour == tour && g.pos == pos {
			return true
		}
	}
	return false
}

// spread adds the partners that a pushed start makes too early.
func (s *state) spread(v, start int32) {
	r := &s.wave
	for _, k := range s.m.visits[v].links {
		l := &s.m.links[k]
		if l.gone {
			continue
		}
		partner, gap := l.b, l.min
		if v == l.b {
			partner, gap = l.a, -l.max
		}
		ti := s.at[partner]
		if ti < 0 {
			continue
		}
		now := s.startOf(partner)
		if r.asOf[partner] == r.turn {
			now = r.starts[partner]
		}
		if now < start+gap {
			r.fronts = append(r.fronts, front{ti, s.pos[partner], start + gap})
		}
	}
}
