package mapfile

import (
	"math"
	"slices"
	"sort"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"linli"
)

// osm puts the elements of an OpenStreetMap file together: ways need the nodes,
// relations the ways, and files carry them in that order.
type osm struct {
	c     *collector
	nodes nodes
	ways  map[int64][]int64 // node references of every way, for relations
	refs  int
}

// member is a part of a relation.
type member struct {
	way  int64 // 0 for a member that is no way
	role string
}

// osmID writes an id as OpenStreetMap does in its addresses, e.g. way/123.
func osmID(kind string, id int64) string { return kind + "/" + strconv.FormatInt(id, 10) }

func newOSM(c *collector) *osm { return &osm{c: c, ways: map[int64][]int64{}} }

func (o *osm) node(id int64, lng, lat float64, tags map[string]string) error {
	p := linli.Point{Lng: lng, Lat: lat}
	if p.IsZero() || !p.Valid() {
		o.c.report.Features++
		o.c.skip(SkipCoordinate)
		return nil
	}
	if len(o.nodes.ids) >= o.c.opt.MaxNodes {
		return errTooLarge
	}
	at := o.nodes.add(id, lng, lat)
	o.c.net.mark(id, tags)
	if poiKind(tags) == "" {
		return nil // most nodes are corners of something else
	}
	return o.c.add(feature{id: osmID("node", id), tags: tags, point: &at})
}

func (o *osm) way(id int64, refs []int64, tags map[string]string) error {
	if o.refs += len(refs); o.refs > o.c.opt.MaxNodes || len(o.ways) > o.c.opt.MaxNodes {
		return errTooLarge
	}
	o.ways[id] = refs
	if len(tags) == 0 {
		return nil
	}
	o.c.net.take(o, id, refs, tags)
	line, whole := o.line(refs)
	if !whole && isBuilding(tags) {
		o.c.report.Features++
		o.c.skip(SkipIncomplete)
		return nil
	}
	f := feature{id: osmID("way", id), tags: tags, lines: orb.MultiLineString{line}}
	if whole && len(refs) > 3 && refs[0] == refs[len(refs)-1] {
		f.shape = orb.MultiPolygon{{orb.Ring(line)}}
	}
	return o.c.add(f)
}

// line looks the nodes up; whole is false when some are not in the file.
func (o *osm) line(refs []int64) (line orb.LineString, whole bool) {
	whole = true
	for _, id := range refs {
		if p, ok := o.nodes.find(id); ok {
			line = append(line, p)
		} else {
			whole = false
		}
	}
	return line, whole && len(line) > 1
}

func (o *osm) relation(id int64, members []member, tags map[string]string) error {
	if tags["type"] == "multipolygon" {
		for _, m := range members { // the edge of a square
			o.c.net.take(o, m.way, o.ways[m.way], tags)
		}
	}
	if tags["type"] != "multipolygon" || !isBuilding(tags) && !isWater(tags) && poiKind(tags) == "" {
		return nil
	}
	var outer, inner orb.MultiLineString
	for _, m := range members {
		if m.way == 0 {
			continue
		}
		refs, known := o.ways[m.way]
		line, whole := o.line(refs)
		if !known || !whole {
			o.c.report.Features++
			o.c.skip(SkipIncomplete)
			return nil
		}
		if m.role == "inner" {
			inner = append(inner, line)
		} else {
			outer = append(outer, line)
		}
	}
	shape := assemble(outer, inner)
	return o.c.add(feature{id: osmID("relation", id), tags: tags, shape: shape})
}

// assemble chains lines into rings and puts every hole into the ring around it.
func assemble(outer, inner orb.MultiLineString) (shape orb.MultiPolygon) {
	for _, ring := range rings(outer) {
		shape = append(shape, orb.Polygon{ring})
	}
	for _, hole := range rings(inner) {
		for i := range shape {
			if planar.RingContains(shape[i][0], hole[0]) {
				shape[i] = append(shape[i], hole)
				break
			}
		}
	}
	return shape
}

func rings(lines orb.MultiLineString) (out []orb.Ring) {
	for _, l := range chain(lines) {
		if len(l) > 3 && l[0] == l[len(l)-1] {
			out = append(out, orb.Ring(l))
		}
	}
	return out
}

// nodes keeps positions at 16 bytes a node, looked up by bisection: files are
// sorted by id, and one that is not is sorted once.
type nodes struct {
	ids      []int64
	at       [][2]int32 // 1e-7 degrees, the resolution of OpenStreetMap
	unsorted bool
}

// add keeps a position and gives it back as it was kept.
func (n *nodes) add(id int64, lng, lat float64) orb.Point {
	if k := len(n.ids); k > 0 && n.ids[k-1] > id {
		n.unsorted = true
	}
	n.ids = append(n.ids, id)
	n.at = append(n.at, [2]int32{int32(math.Round(lng * 1e7)), int32(math.Round(lat * 1e7))})
	return n.point(len(n.at) - 1)
}

func (n *nodes) point(i int) orb.Point {
	return orb.Point{float64(n.at[i][0]) / 1e7, float64(n.at[i][1]) / 1e7}
}

func (n *nodes) find(id int64) (orb.Point, bool) {
	if n.unsorted {
		sort.Stable(n)
		n.unsorted = false
	}
	i, ok := slices.BinarySearch(n.ids, id)
	if !ok {
		return orb.Point{}, false
	}
	return n.point(i), true
}

func (n *nodes) Len() int           { return len(n.ids) }
func (n *nodes) Less(i, j int) bool { return n.ids[i] < n.ids[j] }
func (n *nodes) Swap(i, j int) {
	n.ids[i], n.ids[j] = n.ids[j], n.ids[i]
	n.at[i], n.at[j] = n.at[j], n.at[i]
}
