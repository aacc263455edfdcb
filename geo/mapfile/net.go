package mapfile

import (
	"linli"
)

// Net is what an OpenStreetMap file says about getting about: the ways people may
// use with all their tags, and their corners, which ways that meet have in common.
// GeoJSON has no such corners and gives none.
type Net struct {
	Nodes []NetNode
	Ways  []NetWay
}

// NetNode is a corner of ways.
type NetNode struct {
	ID   int64
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

// take keeps a way that may be walked or ridden; who may is not judged here.
func (n *netting) take(o *osm, id int64, refs []int64, tags map[string]string) {
	switch tags["highway"] {
	case "proposed", "construction", "razed", "abandoned", "bus_stop", "rest_area", "services", "no":
		return
	case "":
		if tags["railway"] != "platform" && tags["public_transport"] != "platform" && tags["man_made"] != "pier" {
			return
		}
	}
	if n.index == nil {
		n.index = map[int64]int32{}
	}
	piece := NetWay{ID: id, Tags: tags}
	end := func() {
		if len(piece.Nodes) > 1 {
			n.net.Ways = append(n.net.Ways, piece)
		}
		piece.Nodes = nil
	}
	for _, ref := range refs {
		p, ok := o.nodes.find(ref)
		if !ok {
			end()
			continue
		}
		i, known := n.index[ref]
		if !known {
			i = int32(len(n.net.Nodes))
			n.index[ref] = i
			n.net.Nodes = append(n.net.Nodes, NetNode{ID: ref, At: linli.Point{Lng: p[0], Lat: p[1]}, Tags: n.marks[ref]})
		}
		if k := len(piece.Nodes); k == 0 || piece.Nodes[k-1] != i {
			piece.Nodes = append(piece.Nodes, i)
		}
	}
	end()
}
