package walk

import (
	"context"
)

// limit is Cut in tenths of a second.
const limit = Cut * 10

// search is the memory of one search: distances, and a queue with a bucket for
// every tenth of a second (Dial 1969), which needs no comparisons at all.
type search struct {
	dist    []int32 // per vertex, never when not seen
	seen    []int32
	buckets []int32 // the newest entry of each moment, 0 is none
	entries []entry
}

type entry struct{ vertex, next int32 }

const never = Unreachable

func newSearch(n int) *search {
	s := &search{dist: make([]int32, n), buckets: make([]int32, limit+1), entries: make([]entry, 1)}
	for v := range s.dist {
		s.dist[v] = never
	}
	return s
}

func (s *search) push(v, d int32) {
	if d > limit || d >= s.dist[v] {
		return
	}
	if s.dist[v] == never {
		s.seen = append(s.seen, v)
	}
	s.dist[v] = d
	s.entries = append(s.entries, entry{v, s.buckets[d]})
	s.buckets[d] = int32(len(s.entries) - 1)
}

// run settles everything that was pushed and all it leads to within the limit.
func (s *search) run(a *arcs) {
	for d, left := int32(0), 0; d <= limit; d++ {
		// A way without length pushes into the bucket that is being emptied.
		for s.buckets[d] != 0 {
			e := s.entries[s.buckets[d]]
			s.buckets[d] = e.next
			left++
			if s.dist[e.vertex] != d {
				continue // reached earlier meanwhile
			}
			for k := a.first[e.vertex]; k < a.first[e.vertex+1]; k++ {
				s.push(a.to[k], d+a.cost[k])
			}
		}
		if left == len(s.entries)-1 {
			return
		}
	}
}

// reset forgets the search, at the price of what it saw.
func (s *search) reset() {
	for _, v := range s.seen {
		s.dist[v] = never
	}
	s.seen, s.entries = s.seen[:0], s.entries[:1]
}

// Row fills row with the seconds from one address to each of the others.
func (r *Router) Row(from Snap, to []Snap, row []int32) {
	s := r.scratch.Get().(*search)
	if from.OK() {
		e := &r.g.edges[from.edge-1]
		if c := r.passAhead[from.edge-1]; from.forward >= 0 && c >= 0 {
			s.push(e.to, c-from.forward)
		}
		if c := r.passBehind[from.edge-1]; from.back >= 0 && c >= 0 {
			s.push(e.from, c-from.back)
		}
		s.run(&r.out)
	}
	for i, t := range to {
		best := direct(from, t)
		if from.OK() && t.OK() {
			e := &r.g.edges[t.edge-1]
			best = min(best, plus(s.dist[e.from], t.forward), plus(s.dist[e.to], t.back))
		}
		row[i] = seconds(best, from, t)
	}
	s.reset()
	r.scratch.Put(s)
}

// Column fills column with the seconds from each of the others to one address.
func (r *Router) Column(from []Snap, to Snap, column []int32) {
	s := r.scratch.Get().(*search)
	if to.OK() {
		e := &r.g.edges[to.edge-1]
		if to.forward >= 0 {
			s.push(e.from, to.forward)
		}
		if to.back >= 0 {
			s.push(e.to, to.back)
		}
		s.run(&r.in)
	}
	for i, f := range from {
		best := direct(f, to)
		if f.OK() && to.OK() {
			e := &r.g.edges[f.edge-1]
			if c := r.passAhead[f.edge-1]; f.forward >= 0 && c >= 0 {
				best = min(best, plus(s.dist[e.to], c-f.forward))
			}
			if c := r.passBehind[f.edge-1]; f.back >= 0 && c >= 0 {
				best = min(best, plus(s.dist[e.from], c-f.back))
			}
		}
		column[i] = seconds(best, f, to)
	}
	s.reset()
	r.scratch.Put(s)
}

// Times is the matrix of seconds from every address to every other, row by row:
// directed, at most Cut, else Unreachable. Within the limit no detour is shorter
// than the direct way.
func (r *Router) Times(ctx context.Context, from, to []Snap) ([]int32, error) {
	out := make([]int32, len(from)*len(to))
	for i, f := range from {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r.Row(f, to, out[i*len(to):(i+1)*len(to)])
	}
	return out, nil
}

// direct is the way between two points of one edge that never leaves it.
func direct(from, to Snap) int32 {
	best := never
	if from.edge != to.edge || !from.OK() {
		return best
	}
	if from.forward >= 0 && to.forward >= from.forward {
		best = to.forward - from.forward
	}
	if from.back >= 0 && to.back >= from.back {
		best = min(best, to.back-from.back)
	}
	return best
}

// plus goes on for so long, unless one of the two is no way.
func plus(d, more int32) int32 {
	if d == never || more < 0 {
		return never
	}
	return d + more
}

// seconds adds the ways between the addresses and the graph. Up and not to the
// nearest second, so that two legs are never shorter than their sum.
func seconds(d int32, from, to Snap) int32 {
	if d == never {
		return Unreachable
	}
	if d += from.access + to.access; d > limit {
		return Unreachable
	}
	return (d + 9) / 10
}
