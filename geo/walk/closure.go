package walk

import (
	"linli"
	"linli/geo"
)

// Without is the graph with the pieces of way taken out that closures block, and how
// many those are. Around a point, a piece is blocked that comes within the radius;
// along a line, one that runs along it for half of its length, so that the ways that
// only cross the line stay open, and the one the middle of the line lies on.
func (g *Graph) Without(closures ...geo.Closure) (*Graph, int) {
	blocked := make([]bool, len(g.edges))
	n := 0
	for _, c := range closures {
		nearest, best := -1, c.Radius
		for e := range g.edges {
			hit := g.along(e, c)
			if off := g.off(e, middle(c)); c.To.IsZero() {
				hit = off <= c.Radius
			} else if off <= best {
				nearest, best = e, off
			}
			if hit && !blocked[e] {
				blocked[e] = true
				n++
			}
		}
		if nearest >= 0 && !blocked[nearest] {
			blocked[nearest] = true
			n++
		}
	}
	if n == 0 {
		return g, 0
	}
	out := &Graph{vertices: g.vertices}
	for e, was := range g.edges {
		if blocked[e] {
			continue
		}
		out.corners = append(out.corners, g.inner(e)...)
		was.end = int32(len(out.corners))
		out.edges = append(out.edges, was)
	}
	if len(out.edges) == 0 {
		return nil, n
	}
	out.grid = out.lay()
	return out, n
}

func middle(c geo.Closure) linli.Point {
	if c.To.IsZero() {
		return c.From
	}
	return linli.Point{Lng: (c.From.Lng + c.To.Lng) / 2, Lat: (c.From.Lat + c.To.Lat) / 2}
}

// off is how far a point lies from an edge in meters.
func (g *Graph) off(e int, p linli.Point) (least float64) {
	least = maxLength
	g.straight(e, func(a, b coord) bool {
		least = min(least, geo.Off(p, a.point(), b.point()))
		return true
	})
	return least
}

// along tells whether at least half of an edge runs within the radius of the line.
func (g *Graph) along(e int, c geo.Closure) bool {
	if c.To.IsZero() {
		return false
	}
	var whole, inside float64
	g.straight(e, func(a, b coord) bool {
		from, to := a.point(), b.point()
		const parts = 4
		length := geo.Meters(from, to)
		for k := range parts {
			f := (float64(k) + 0.5) / parts
			p := linli.Point{Lng: from.Lng + (to.Lng-from.Lng)*f, Lat: from.Lat + (to.Lat-from.Lat)*f}
			whole += length / parts
			if geo.Off(p, c.From, c.To) <= c.Radius {
				inside += length / parts
			}
		}
		return true
	})
	return inside > 0 && inside*2 >= whole
}

// Without is a guide to the same ways without those that closures block, and how
// many pieces of way those are.
func (x *Guide) Without(closures ...geo.Closure) (*Guide, int) {
	if x == nil || x.graph == nil {
		return NewGuide(nil), 0
	}
	g, n := x.graph.Without(closures...)
	return NewGuide(g), n
}

// Known tells whether the guide has any ways at all.
func (x *Guide) Known() bool { return x != nil && x.graph != nil }
