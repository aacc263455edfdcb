package walk

import (
	"linli/geo"
	"linli/geo/mapfile"
)

// Build makes the graph of a map. Squares and platforms, which are areas, are
// walked along their edge. ok is false when nothing in the map can be walked, or its
// lines hardly ever meet: then they were drawn to be looked at.
func Build(net mapfile.Net) (g *Graph, ok bool) {
	rules := make([]wayRule, len(net.Ways))
	uses := make([]uint8, len(net.Nodes)) // how often a corner is met: 0, 1, many
	nodes := make([]nodeRule, len(net.Nodes))
	for i, n := range net.Nodes {
		if n.Tags != nil {
			nodes[i] = atNode(n.Tags)
		}
	}
	for i, w := range net.Ways {
		if rules[i] = onWay(w.Tags); rules[i] == 0 {
			continue
		}
		for k, n := range w.Nodes {
			uses[n] = min(uses[n]+1, 2)
			if k == 0 || k == len(w.Nodes)-1 || nodes[n] != 0 {
				uses[n] = 2
			}
		}
	}
	g = &Graph{}
	number := make([]int32, len(net.Nodes)) // of the vertex at a corner, from 1
	at := func(n int32) int32 {
		if number[n] == 0 {
			g.vertices = append(g.vertices, vertex{net.Nodes[n].ID, coordOf(net.Nodes[n].At), nodes[n]})
			number[n] = int32(len(g.vertices))
		}
		return number[n] - 1
	}
	for i, w := range net.Ways {
		if rules[i] == 0 {
			continue
		}
		whole := 0.0
		for k := 1; k < len(w.Nodes); k++ {
			whole += geo.Meters(net.Nodes[w.Nodes[k-1]].At, net.Nodes[w.Nodes[k]].At)
		}
		steps := stepCount(w.Tags)
		start, length, taken := 0, 0.0, 0.0
		for k := 1; k < len(w.Nodes); k++ {
			length += geo.Meters(net.Nodes[w.Nodes[k-1]].At, net.Nodes[w.Nodes[k]].At)
			if uses[w.Nodes[k]] < 2 {
				continue
			}
			e := edge{rule: rules[i]}
			if steps > 0 && whole > 0 { // each piece gets its share, and all shares together the whole
				e.steps = int32(float64(steps)*(taken+length)/whole) - int32(float64(steps)*taken/whole)
			}
			g.add(e, net.Nodes, w.Nodes[start:k+1], length, at)
			start, taken, length = k, taken+length, 0
		}
	}
	if len(g.edges) == 0 {
		return nil, false
	}
	g.grid = g.lay()
	return g, g.meets()
}

// meets tells whether at least the fourth part of all ways hangs together, in
// whatever direction. Guess: two banks and a few islands do, lines without common
// corners do not.
func (g *Graph) meets() bool {
	up := make([]int32, len(g.vertices))
	for v := range up {
		up[v] = int32(v)
	}
	find := func(v int32) int32 {
		for up[v] != v {
			up[v] = up[up[v]]
			v = up[v]
		}
		return v
	}
	for _, e := range g.edges {
		up[find(e.from)] = find(e.to)
	}
	of := make([]int64, len(g.vertices))
	var most, all int64
	for _, e := range g.edges {
		root := find(e.from)
		of[root] += int64(e.length)
		all += int64(e.length)
		most = max(most, of[root])
	}
	return most*4 >= all
}

// add makes an edge of the corners of a way. Pieces that cannot be are left out.
func (g *Graph) add(e edge, nodes []mapfile.NetNode, along []int32, length float64, vertex func(int32) int32) {
	for k := 1; k < len(along); k++ {
		if !(geo.Meters(nodes[along[k-1]].At, nodes[along[k]].At) <= maxLength) {
			return
		}
	}
	if length > 10*maxLength {
		return
	}
	e.length = int32(length*10 + 0.5)
	e.from, e.to = vertex(along[0]), vertex(along[len(along)-1])
	for _, n := range along[1 : len(along)-1] {
		g.corners = append(g.corners, coordOf(nodes[n].At))
	}
	e.end = int32(len(g.corners))
	g.edges = append(g.edges, e)
}

// Join makes one graph of the graphs of neighboring maps, at least one. They meet
// where they have a corner of OpenStreetMap in common; what lies in several of them
// is taken once.
func Join(graphs ...*Graph) *Graph {
	if len(graphs) == 1 {
		return graphs[0]
	}
	type line struct {
		from, to, length int32
		rule             wayRule
	}
	out := &Graph{}
	number, seen := map[int64]int32{}, map[line]bool{}
	for _, g := range graphs {
		own := make([]int32, len(g.vertices))
		for i, v := range g.vertices {
			n, known := number[v.id]
			if !known {
				n = int32(len(out.vertices))
				number[v.id] = n
				out.vertices = append(out.vertices, v)
			}
			out.vertices[n].rule |= v.rule
			own[i] = n
		}
		for i, e := range g.edges {
			inner := g.inner(i)
			e.from, e.to = own[e.from], own[e.to]
			if key := (line{e.from, e.to, e.length, e.rule}); !seen[key] {
				seen[key] = true
				out.corners = append(out.corners, inner...)
				e.end = int32(len(out.corners))
				out.edges = append(out.edges, e)
			}
		}
	}
	out.grid = out.lay()
	return out
}

// bounds of all corners.
func (g *Graph) bounds() (low, high coord) {
	low, high = g.vertices[0].at, g.vertices[0].at
	grow := func(c coord) {
		low = coord{min(low.lng, c.lng), min(low.lat, c.lat)}
		high = coord{max(high.lng, c.lng), max(high.lat, c.lat)}
	}
	for _, v := range g.vertices {
		grow(v.at)
	}
	for _, c := range g.corners {
		grow(c)
	}
	return low, high
}
