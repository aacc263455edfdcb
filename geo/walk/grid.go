package walk

import (
	"math"

	"linli"
)

// grid finds the edges near a point: for every cell of a net over the area, the
// edges that come through it.
type grid struct {
	low        coord
	lng, lat   float64 // size of a cell in 1e-7 degrees
	cols, rows int
	first      []int32 // per cell, into edges
	edges      []int32
}

// unit is the length of 1e-7 degrees of latitude in meters, on the sphere of geo.
const unit = 6371008.8 * math.Pi / 180 / 1e7

// minCell is the least size of a cell in meters: about a block between two lanes.
const minCell = 60

// lay makes the grid. Cells grow with the area and with the length of the edges,
// so that the grid stays about as large as the graph, whatever the map.
func (g *Graph) lay() grid {
	low, high := g.bounds()
	middle := math.Cos((float64(low.lat) + float64(high.lat)) / 2 * 1e-7 * math.Pi / 180)
	middle = max(middle, 0.01)
	pieces, total := 0.0, 0.0
	for e := range g.edges {
		g.straight(e, func(a, b coord) bool {
			pieces++
			total += math.Hypot((float64(b.lng)-float64(a.lng))*middle, float64(b.lat)-float64(a.lat)) * unit
			return true
		})
	}
	width, height := float64(high.lng)-float64(low.lng), float64(high.lat)-float64(low.lat)
	size := max(minCell, total/pieces, math.Sqrt(width*middle*unit*height*unit/(4*pieces)), max(width*middle, height)*unit/(4*pieces))
	x := grid{low: low, lng: size / unit / middle, lat: size / unit}
	x.cols, x.rows = int(width/x.lng)+1, int(height/x.lat)+1
	x.first = make([]int32, x.cols*x.rows+1)
	last := make([]int32, x.cols*x.rows) // the edge that was put there last, from 1
	sweep := func(put func(cell int, e int32)) {
		clear(last)
		for e := range g.edges {
			g.straight(e, func(a, b coord) bool {
				x.cross(a, b, func(cell int) {
					if last[cell] != int32(e)+1 {
						last[cell] = int32(e) + 1
						put(cell, int32(e))
					}
				})
				return true
			})
		}
	}
	sweep(func(cell int, _ int32) { x.first[cell+1]++ })
	for c := range x.first[1:] {
		x.first[c+1] += x.first[c]
	}
	x.edges = make([]int32, x.first[len(x.first)-1])
	next := make([]int32, x.cols*x.rows)
	copy(next, x.first)
	sweep(func(cell int, e int32) {
		x.edges[next[cell]] = e
		next[cell]++
	})
	return x
}

// cross calls f for every cell a straight piece comes through.
func (x *grid) cross(a, b coord, f func(cell int)) {
	ax, ay := (float64(a.lng)-float64(x.low.lng))/x.lng, (float64(a.lat)-float64(x.low.lat))/x.lat
	bx, by := (float64(b.lng)-float64(x.low.lng))/x.lng, (float64(b.lat)-float64(x.low.lat))/x.lat
	if ay > by {
		ax, ay, bx, by = bx, by, ax, ay
	}
	for row := int(ay); row <= int(by); row++ {
		from, to := ax, bx // where the piece enters and leaves the row
		if by > ay {
			slope := (bx - ax) / (by - ay)
			from = ax + slope*(max(ay, float64(row))-ay)
			to = ax + slope*(min(by, float64(row+1))-ay)
		}
		if from > to {
			from, to = to, from
		}
		for col := int(from); col <= min(int(to), x.cols-1); col++ {
			f(row*x.cols + col)
		}
	}
}

// straight calls f for every straight piece of an edge, in its order, until it says no.
func (g *Graph) straight(e int, f func(a, b coord) bool) {
	at := g.vertices[g.edges[e].from].at
	for _, c := range g.inner(e) {
		if !f(at, c) {
			return
		}
		at = c
	}
	f(at, g.vertices[g.edges[e].to].at)
}

// near calls f for the edges around a point, the cells next to it first. f is told
// how far away, in meters, all that has not come yet lies at least, and says whether
// to go on. An edge may come several times.
func (x *grid) near(p linli.Point, f func(atLeast float64, edges []int32) bool) {
	at := coordOf(p)
	col := int(math.Floor((float64(at.lng) - float64(x.low.lng)) / x.lng))
	row := int(math.Floor((float64(at.lat) - float64(x.low.lat)) / x.lat))
	size := min(x.lng*math.Cos(p.Lat*math.Pi/180), x.lat) * unit
	visit := func(ring, c, r int) bool {
		if c < 0 || r < 0 || c >= x.cols || r >= x.rows {
			return true
		}
		cell := r*x.cols + c
		return f(float64(ring-1)*size, x.edges[x.first[cell]:x.first[cell+1]])
	}
	for ring := 0; ring <= maxRings; ring++ {
		if !f(float64(ring-1)*size, nil) {
			return
		}
		for c := col - ring; c <= col+ring; c++ {
			step := 2 * ring
			if c == col-ring || c == col+ring || ring == 0 {
				step = 1
			}
			for r := row - ring; r <= row+ring; r += step {
				if !visit(ring, c, r) {
					return
				}
			}
		}
	}
}

// maxRings ends the search around a point that lies far from everything.
const maxRings = 64
