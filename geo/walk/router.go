package walk

import (
	"math"
	"sync"

	"linli"
	"linli/geo"
)

// Router answers for one profile. It never changes and may be asked by many at once.
type Router struct {
	g                     *Graph
	profile               geo.Profile
	out, in               arcs
	ahead                 []int32 // per edge: tenths of a second from end to end, -1 not allowed
	behind                []int32 // the same against its direction
	passAhead, passBehind []int32 // the same with what the vertex at the end costs, -1 when it stops
	main                  []bool  // per edge: in a part of the graph that is no island
	part                  []int32 // per vertex: two with the same number reach each other
	scratch               sync.Pool
}

// arcs are the ways out of each vertex (or into it), in rows: those of v are
// first[v] to first[v+1].
type arcs struct {
	first []int32
	to    []int32
	cost  []int32
}

// For lays the graph out for a profile.
func (g *Graph) For(p geo.Profile) *Router {
	n := len(g.vertices)
	r := &Router{g: g, profile: p, ahead: make([]int32, len(g.edges)), behind: make([]int32, len(g.edges)), main: make([]bool, len(g.edges))}
	degree := make([]int32, n)
	for i := range g.edges {
		e := &g.edges[i]
		r.ahead[i], r.behind[i] = e.cost(p, true), e.cost(p, false)
		if r.ahead[i] >= 0 || r.behind[i] >= 0 {
			degree[e.from]++
			degree[e.to]++
		}
	}
	r.passAhead, r.passBehind = make([]int32, len(g.edges)), make([]int32, len(g.edges))
	for i, e := range g.edges {
		r.passAhead[i] = r.pass(e.rule, e.to, r.ahead[i], degree)
		r.passBehind[i] = r.pass(e.rule, e.from, r.behind[i], degree)
	}
	each := func(f func(from, to, cost int32)) {
		for i, e := range g.edges {
			if c := r.passAhead[i]; c >= 0 {
				f(e.from, e.to, c)
			}
			if c := r.passBehind[i]; c >= 0 {
				f(e.to, e.from, c)
			}
		}
	}
	r.out, r.in = newArcs(n, each), newArcs(n, func(f func(from, to, cost int32)) {
		each(func(from, to, cost int32) { f(to, from, cost) })
	})
	r.part = components(&r.out)
	lengths, most := r.lengths()
	for i, e := range g.edges {
		from, to := lengths[r.part[e.from]]*islandShare >= most, lengths[r.part[e.to]]*islandShare >= most
		both := r.ahead[i] >= 0 && r.behind[i] >= 0
		one := r.ahead[i] >= 0 || r.behind[i] >= 0
		// Up to a locked gate and back again is still in the main part.
		r.main[i] = from && to && one || (from || to) && both
	}
	r.scratch.New = func() any { return newSearch(n) }
	return r
}

// lengths are the decimeters of way in each part and in the longest.
func (r *Router) lengths() (of map[int32]int64, most int64) {
	of = map[int32]int64{}
	for i, e := range r.g.edges {
		if r.ahead[i] < 0 && r.behind[i] < 0 {
			continue
		}
		if p := r.part[e.from]; p == r.part[e.to] {
			of[p] += int64(e.length)
			most = max(most, of[p])
		}
	}
	return of, most
}

// pass adds to the cost of an edge what the vertex at its end costs.
func (r *Router) pass(rule wayRule, vertex, cost int32, degree []int32) int32 {
	enter := r.g.vertices[vertex].rule.enter(r.profile, rule, degree[vertex] > 2)
	if cost < 0 || enter < 0 {
		return -1
	}
	return cost + enter
}

func newArcs(n int, each func(func(from, to, cost int32))) arcs {
	a := arcs{first: make([]int32, n+1)}
	each(func(from, _, _ int32) { a.first[from+1]++ })
	for v := range n {
		a.first[v+1] += a.first[v]
	}
	a.to, a.cost = make([]int32, a.first[n]), make([]int32, a.first[n])
	next := append([]int32(nil), a.first[:n]...)
	each(func(from, to, cost int32) {
		k := next[from]
		next[from]++
		a.to[k], a.cost[k] = to, cost
	})
	return a
}

// components numbers the strongly connected parts (Tarjan 1972, without recursion).
func components(a *arcs) []int32 {
	n := len(a.first) - 1
	part := make([]int32, n)
	index := make([]int32, n) // order of discovery from 1
	low := make([]int32, n)
	next := make([]int32, n) // the arc to look at
	var open, path []int32
	count, parts := int32(0), int32(0)
	for root := range n {
		if index[root] != 0 {
			continue
		}
		path = append(path[:0], int32(root))
		for len(path) > 0 {
			v := path[len(path)-1]
			if index[v] == 0 {
				count++
				index[v], low[v], next[v] = count, count, a.first[v]
				open = append(open, v)
			}
			if next[v] < a.first[v+1] {
				w := a.to[next[v]]
				next[v]++
				if index[w] == 0 {
					path = append(path, w)
				} else if part[w] == 0 { // still open
					low[v] = min(low[v], index[w])
				}
				continue
			}
			path = path[:len(path)-1]
			if len(path) > 0 {
				up := path[len(path)-1]
				low[up] = min(low[up], low[v])
			}
			if low[v] == index[v] {
				parts++
				for {
					w := open[len(open)-1]
					open = open[:len(open)-1]
					part[w] = parts
					if w == v {
						break
					}
				}
			}
		}
	}
	return part
}

// How an address finds the graph. Guesses: 250 m is the far side of a large estate,
// 50 m the far side of a building; two banks of a river are parts of one size, the
// paths of an estate whose gate is not on the map are less than a tenth of the town.
const (
	islandShare = 10    // a part with less than the tenth part of the ways of the longest is an island
	snapLimit   = 250.0 // meters; nothing farther away is taken for the street of an address
	mainExtra   = 50.0  // so much farther may another part be and still go before an island
)

// Snap is an address on the graph: the nearest point of a way, of one Router only.
// The zero Snap is nowhere and reaches nothing.
type Snap struct {
	On     linli.Point // the point of the way
	Meters float64     // from the address to it, in a straight line
	Island bool        // in a small part that hangs together with no other: the map may have a gap there

	edge    int32 // from 1
	forward int32 // tenths of a second from the beginning of the edge, -1 not allowed
	back    int32 // the same from its end
	access  int32 // from the address to the way
}

// OK tells whether the address was found.
func (s Snap) OK() bool { return s.edge > 0 }

// Snap finds the nearest way the profile may use; an island that is only a little
// nearer than the other ways is passed over. What lies farther than 250 m from
// every way, or nowhere, is not found.
func (r *Router) Snap(p linli.Point) (Snap, bool) {
	if p.IsZero() || !p.Valid() {
		return Snap{}, false
	}
	type hit struct {
		edge  int32
		away  float64
		share float64
		on    linli.Point
	}
	nearest, main := hit{edge: -1, away: math.Inf(1)}, hit{edge: -1, away: math.Inf(1)}
	better := func(h hit, than hit) bool { return h.away < than.away || h.away == than.away && h.edge < than.edge }
	r.g.grid.near(p, func(atLeast float64, edges []int32) bool {
		if atLeast > snapLimit || atLeast > main.away || atLeast > nearest.away+mainExtra {
			return false
		}
		for _, e := range edges {
			if r.ahead[e] < 0 && r.behind[e] < 0 || e == nearest.edge || e == main.edge {
				continue
			}
			h := hit{edge: e}
			h.away, h.share, h.on = r.g.foot(int(e), p)
			if better(h, nearest) {
				nearest = h
			}
			if r.main[e] && better(h, main) {
				main = h
			}
		}
		return true
	})
	h := nearest
	if main.away <= min(nearest.away+mainExtra, snapLimit) {
		h = main
	}
	if h.edge < 0 || h.away > snapLimit {
		return Snap{}, false
	}
	onFoot, _ := speeds(r.profile)
	s := Snap{On: h.on, Meters: h.away, Island: !r.main[h.edge], edge: h.edge + 1, forward: -1, back: -1, access: tenths(h.away, onFoot)}
	if c := r.ahead[h.edge]; c >= 0 {
		s.forward = int32(math.Round(float64(c) * h.share))
	}
	if c := r.behind[h.edge]; c >= 0 {
		s.back = int32(math.Round(float64(c) * (1 - h.share)))
	}
	return s, true
}

// foot is the point of an edge nearest to p: how far away, and which share of the
// edge lies before it.
func (g *Graph) foot(e int, p linli.Point) (away, share float64, on linli.Point) {
	perLng := unit * math.Cos(p.Lat*math.Pi/180)
	px, py := p.Lng*1e7, p.Lat*1e7
	best, before, total := math.Inf(1), 0.0, 0.0
	g.straight(e, func(a, b coord) bool {
		ax, ay := (float64(a.lng)-px)*perLng, (float64(a.lat)-py)*unit
		bx, by := (float64(b.lng)-px)*perLng, (float64(b.lat)-py)*unit
		dx, dy := bx-ax, by-ay
		length := math.Sqrt(dx*dx + dy*dy)
		t := 0.0
		if length > 0 {
			t = min(1, max(0, -(ax*dx+ay*dy)/(length*length)))
		}
		x, y := ax+t*dx, ay+t*dy
		if d := x*x + y*y; d < best {
			best, before = d, total+t*length
			on = linli.Point{Lng: (px + x/perLng) / 1e7, Lat: (py + y/unit) / 1e7}
		}
		total += length
		return true
	})
	if total > 0 {
		share = min(1, before/total)
	}
	return math.Sqrt(best), share, on
}
