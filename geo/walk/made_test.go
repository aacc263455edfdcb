package walk

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"linli"
	"linli/geo"
	"linli/geo/mapfile"
)

// sketch is a small map drawn in meters east and north of a corner of Shanghai.
type sketch struct {
	net   mapfile.Net
	index map[string]int32
}

func spot(x, y float64) linli.Point {
	return linli.Point{
		Lng: 121.5 + x/(111194.93*math.Cos(31.2*math.Pi/180)),
		Lat: 31.2 + y/111194.93,
	}
}

func parse(tags string) map[string]string {
	out := map[string]string{}
	for _, t := range strings.Fields(tags) {
		k, v, _ := strings.Cut(t, "=")
		out[k] = v
	}
	return out
}

// node puts a named corner.
func (s *sketch) node(name string, x, y float64, tags string) *sketch {
	if s.index == nil {
		s.index = map[string]int32{}
	}
	n := mapfile.NetNode{ID: int64(len(s.net.Nodes) + 1), At: spot(x, y)}
	if tags != "" {
		n.Tags = parse(tags)
	}
	s.index[name] = int32(len(s.net.Nodes))
	s.net.Nodes = append(s.net.Nodes, n)
	return s
}

// way draws a way along named corners.
func (s *sketch) way(tags string, along ...string) *sketch {
	w := mapfile.NetWay{ID: int64(len(s.net.Ways) + 1), Tags: parse(tags)}
	for _, name := range along {
		w.Nodes = append(w.Nodes, s.index[name])
	}
	s.net.Ways = append(s.net.Ways, w)
	return s
}

func (s *sketch) graph(t testing.TB) *Graph {
	t.Helper()
	g, ok := Build(s.net)
	if !ok {
		t.Fatal("nothing can be walked")
	}
	return g
}

// took is the seconds from one point to another, without what lies between them and the ways.
func took(t testing.TB, r *Router, from, to linli.Point) int32 {
	t.Helper()
	row := make([]int32, 1)
	a, okA := r.Snap(from)
	b, okB := r.Snap(to)
	if !okA || !okB {
		t.Fatalf("%v or %v is not found", from, to)
	}
	r.Row(a, []Snap{b}, row)
	column := make([]int32, 1)
	r.Column([]Snap{a}, b, column)
	if row[0] != column[0] {
		t.Fatalf("%d s along the row, %d s along the column", row[0], column[0])
	}
	return row[0]
}

// about tells whether a time is as expected, but for rounding up and the earth not being flat.
func about(got int32, want float64) bool { return math.Abs(float64(got)-want) <= 1.5+want*0.004 }

// random draws a graph with every rule there is, some of it not connected.
func random(rng *rand.Rand) *Graph {
	g := &Graph{}
	n := 2 + rng.IntN(14)
	for i := range n {
		v := vertex{id: int64(i), at: coordOf(spot(rng.Float64()*900, rng.Float64()*900))}
		if rng.IntN(3) == 0 {
			v.rule = nodeRule(1 << rng.IntN(7))
		}
		g.vertices = append(g.vertices, v)
	}
	for range 1 + rng.IntN(3*n) {
		e := edge{from: int32(rng.IntN(n)), to: int32(rng.IntN(n)), length: int32(rng.IntN(20000)), rule: wayRule(1 + rng.IntN(15))}
		if rng.IntN(4) == 0 {
			e.length = 0
		}
		if rng.IntN(5) == 0 {
			e.rule |= stairs
			e.steps = int32(rng.IntN(200))
		}
		if rng.IntN(3) == 0 {
			e.rule |= wayRule(1<<(5+rng.IntN(6))) & allWayRules
		}
		for range rng.IntN(3) {
			g.corners = append(g.corners, coordOf(spot(rng.Float64()*900, rng.Float64()*900)))
		}
		e.end = int32(len(g.corners))
		g.edges = append(g.edges, e)
	}
	g.grid = g.lay()
	return g
}

// profiles are all there are.
var profiles = []geo.Profile{geo.Adult, geo.Elder, geo.Wheelchair, geo.Pram, geo.Child, geo.EBike}
