package mapfile

import (
	"slices"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"
)

// maxJoin bounds the corners of one union.
const maxJoin = 200_000

// join puts the pieces of an area together: those that touch at a tile border or
// overlap become one polygon again, others stay parts of a multipolygon.
func (c *collector) join(shapes []orb.MultiPolygon) orb.MultiPolygon {
	if len(shapes) == 0 {
		return nil
	}
	if len(shapes) == 1 {
		return shapes[0]
	}
	c.report.Merged++
	c.report.Pieces += len(shapes)
	all := slices.Concat(shapes...)
	joined := union(all)
	if len(joined) > 1 {
		c.report.Apart++
	}
	return joined
}

// union merges polygons; what the overlay cannot digest (a ring that crosses
// itself) stays as it came.
func union(all orb.MultiPolygon) orb.MultiPolygon {
	corners := 0
	polys := make([]geom.Geometry, len(all))
	for i, poly := range all {
		rings := make([]geom.LineString, len(poly))
		for k, ring := range poly {
			flat := make([]float64, 0, 2*len(ring))
			for _, p := range ring {
				flat = append(flat, p[0], p[1])
			}
			rings[k] = geom.NewLineString(geom.NewSequence(flat, geom.DimXY))
			corners += len(ring)
		}
		g := geom.NewPolygon(rings)
		if corners > maxJoin || g.Validate() != nil {
			return all
		}
		polys[i] = g.AsGeometry()
	}
	merged, err := geom.UnionMany(polys)
	if err != nil {
		return all
	}
	var parts []geom.Polygon
	switch {
	case merged.IsPolygon():
		parts = []geom.Polygon{merged.MustAsPolygon()}
	case merged.IsMultiPolygon():
		parts = merged.MustAsMultiPolygon().Dump()
	}
	var out orb.MultiPolygon
	for _, part := range parts {
		var poly orb.Polygon
		for _, l := range part.DumpRings() {
			seq := l.Coordinates()
			ring := make(orb.Ring, seq.Length())
			for i := range ring {
				xy := seq.GetXY(i)
				ring[i] = orb.Point{xy.X, xy.Y}
			}
			poly = append(poly, ring)
		}
		out = append(out, poly)
	}
	out, ok := tidyShape(out)
	if !ok {
		return all
	}
	return out
}

// joinLines joins the pieces of one line and counts them.
func (c *collector) joinLines(lines orb.MultiLineString) orb.MultiLineString {
	if len(lines) < 2 {
		return lines
	}
	joined := chain(lines)
	if len(joined) < len(lines) {
		c.report.Merged++
		c.report.Pieces += len(lines)
	}
	return joined
}

// chain joins lines end to end where ends meet, turning them as needed; a line
// that has closed is a ring and ends there.
func chain(lines orb.MultiLineString) (out orb.MultiLineString) {
	at := map[orb.Point][]int{} // open lines by their two ends
	for i, l := range lines {
		if l[0] == l[len(l)-1] {
			continue
		}
		at[l[0]] = append(at[l[0]], i)
		at[l[len(l)-1]] = append(at[l[len(l)-1]], i)
	}
	used := make([]bool, len(lines))
	// next takes an unused line away from an end, starting at that end.
	next := func(end orb.Point) orb.LineString {
		for len(at[end]) > 0 {
			i := at[end][0]
			at[end] = at[end][1:]
			if !used[i] {
				used[i] = true
				l := slices.Clone(lines[i])
				if l[0] != end {
					l.Reverse()
				}
				return l
			}
		}
		return nil
	}
	for i := range lines {
		if used[i] {
			continue
		}
		used[i] = true
		l := slices.Clone(lines[i])
		for range 2 { // onward from the end, then from the start
			for l[0] != l[len(l)-1] {
				more := next(l[len(l)-1])
				if more == nil {
					break
				}
				l = append(l, more[1:]...)
			}
			l.Reverse()
		}
		out = append(out, l)
	}
	return out
}
