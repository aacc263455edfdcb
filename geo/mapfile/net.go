package mapfile

import (
	"maps"
	"math"

	"github.com/paulmach/orb"

	"linli"
)

// Net is what a map says about getting about: the ways people may use with all their
// tags, and their corners, which ways that meet have in common. In GeoJSON corners
// have no numbers; there the same spot is the same corner.
type Net struct {
	Nodes []NetNode
	Ways  []NetWay
}

// NetNode is a corner of ways.
type NetNode struct {
	ID   int64 // negative ones are spots of GeoJSON
	At   linli.Point
	Tags map[string]string // of gates, crossings, signals and kerbs; nil of plain corners
}

// NetWay is an unbroken line along corners, closed when the last is the first.
// A way of which the file lacks a corner comes in several pieces.
type NetWay struct {
	ID    int64
	Nodes []int32 // indices into Net.Nodes
	Tags  map[string]string
}

// done gives the net, every corner with its tags: in GeoJSON they may come after the ways.
func (n *netting) done() Net {
	for i := range n.net.Nodes {
		n.net.Nodes[i].Tags = n.marks[n.net.Nodes[i].ID]
	}
	return n.net
}

// netting gathers the Net while a file is read.
type netting struct {
	net   Net
	index map[int64]int32 // by node id
	marks map[int64]map[string]string
}

// mark keeps the tags of a node that may stop or slow whoever passes.
func (n *netting) mark(id int64, tags map[string]string) {
	if tags["barrier"] == "" && tags["crossing"] == "" && tags["kerb"] == "" {
		switch tags["highway"] {
		case "crossing", "traffic_signals":
		default:
			return
		}
	}
	if n.marks == nil {
		n.marks = map[int64]map[string]string{}
	}
	n.marks[id] = tags
}

// onFoot tells whether a way may be walked or ridden at all; who may is not judged here.
func onFoot(tags map[string]string) bool {
	switch tags["highway"] {
	case "proposed", "construction", "razed", "abandoned", "bus_stop", "rest_area", "services", "no":
		return false
	case "":
		return tags["railway"] == "platform" || tags["public_transport"] == "platform" || tags["man_made"] == "pier"
	}
	return true
}

// spot numbers a place on the globe, to a centimeter.
func spot(p orb.Point) int64 {
	return -1 - (int64(math.Round(p[0]*1e7))+180e7)*(180e7+1) - int64(math.Round(p[1]*1e7)) - 90e7
}

// draw keeps the lines of a GeoJSON feature, and what stands at one of their corners.
func (n *netting) draw(f *feature) {
	tags := f.tags
	switch tags["kind"] { // the words of Tilezen, see tileKind
	case "path", "minor_road", "major_road", "highway":
		tags = maps.Clone(tags)
		if tags["highway"] = tags["kind_detail"]; tags["highway"] == "pier" {
			delete(tags, "highway")
			tags["man_made"] = "pier"
		}
		for _, k := range []string{"bridge", "tunnel"} {
			if yes(tags["is_"+k]) {
				tags[k] = "yes"
			}
		}
	case "traffic_signals", "crossing":
		tags = map[string]string{"highway": tags["kind"]}
	case "gate", "bollard", "kissing_gate", "stile", "turnstile", "lift_gate", "swing_gate", "cycle_barrier":
		tags = maps.Clone(tags)
		tags["barrier"] = tags["kind"]
	}
	if f.point != nil {
		n.mark(spot(*f.point), tags)
		return
	}
	if !onFoot(tags) {
		return
	}
	for _, line := range f.lines {
		refs := make([]int64, len(line))
		at := make(map[int64]orb.Point, len(line))
		for i, p := range line {
			refs[i] = spot(p)
			at[refs[i]] = p
		}
		n.add(NetWay{Tags: tags}, refs, func(ref int64) (orb.Point, bool) { return at[ref], true })
	}
}

// take keeps a way of OpenStreetMap.
func (n *netting) take(o *osm, id int64, refs []int64, tags map[string]string) {
	if onFoot(tags) {
		n.add(NetWay{ID: id, Tags: tags}, refs, o.nodes.find)
	}
}

func (n *netting) add(piece NetWay, refs []int64, find func(ref int64) (orb.Point, bool)) {
	if n.index == nil {
		n.index = map[int64]int32{}
	}
	end := func() {
		if len(piece.Nodes) > 1 {
			n.net.Ways = append(n.net.Ways, piece)
		}
		piece.Nodes = nil
	}
	for _, ref := range refs {
		p, ok := find(ref)
		if !ok {
			end()
			continue
		}
		i, known := n.index[ref]
		if !known {
			i = int32(len(n.net.Nodes))
			n.index[ref] = i
			n.net.Nodes = append(n.net.Nodes, NetNode{ID: ref, At: linli.Point{Lng: p[0], Lat: p[1]}})
		}
		if k := len(piece.Nodes); k == 0 || piece.Nodes[k-1] != i {
			piece.Nodes = append(piece.Nodes, i)
		}
	}
	end()
}
