package walk

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"linli"
)

// magic begins a stored graph; its last byte is the version of the format.
var magic = []byte("linliwalk\x01")

// Least bytes of a vertex, an edge and a corner, so that no count can ask for more
// memory than its bytes would fill.
const (
	vertexBytes = 4
	edgeBytes   = 6
	cornerBytes = 2
)

// MarshalBinary writes the graph: version, counts, differences of what follows
// each other, and the SHA-256 of all that.
func (g *Graph) MarshalBinary() ([]byte, error) {
	out := g.encode()
	sum := sha256.Sum256(out)
	return append(out, sum[:]...), nil
}

func (g *Graph) encode() []byte {
	out := append([]byte(nil), magic...)
	for _, n := range []int{len(g.vertices), len(g.edges), len(g.corners)} {
		out = binary.AppendUvarint(out, uint64(n))
	}
	var last coord
	put := func(c coord) {
		out = binary.AppendVarint(out, int64(c.lng)-int64(last.lng))
		out = binary.AppendVarint(out, int64(c.lat)-int64(last.lat))
		last = c
	}
	id := int64(0)
	for _, v := range g.vertices {
		out = binary.AppendVarint(out, v.id-id)
		id = v.id
		put(v.at)
		out = binary.AppendUvarint(out, uint64(v.rule))
	}
	from := int32(0)
	for i, e := range g.edges {
		out = binary.AppendVarint(out, int64(e.from-from))
		out = binary.AppendVarint(out, int64(e.to-e.from))
		from = e.from
		out = binary.AppendUvarint(out, uint64(e.length))
		out = binary.AppendUvarint(out, uint64(e.steps))
		out = binary.AppendUvarint(out, uint64(e.rule))
		inner := g.inner(i)
		out = binary.AppendUvarint(out, uint64(len(inner)))
		last = g.vertices[e.from].at
		for _, c := range inner {
			put(c)
		}
	}
	return out
}

// Load reads what MarshalBinary wrote. Bytes that are damaged, of another version
// or not a graph at all are an error, never a guess.
func Load(data []byte) (*Graph, error) {
	head := len(magic) - 1
	switch {
	case len(data) < len(magic)+sha256.Size || !bytes.Equal(data[:head], magic[:head]):
		return nil, errNoGraph
	case data[head] != magic[head]:
		return nil, linli.Invalidf("walk", "步行网的格式版本 %d 不认识，请重新导入地图", "the walking graph has format version %d, which is unknown here; import the map again", data[head])
	}
	body, sum := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if want := sha256.Sum256(body); !bytes.Equal(sum, want[:]) {
		return nil, errDamaged
	}
	return decode(body[len(magic):])
}

var (
	errNoGraph = linli.Invalid("walk", "这不是步行网数据", "these bytes are no walking graph")
	errDamaged = linli.Invalid("walk", "步行网数据已损坏，请重新导入地图", "the walking graph is damaged; import the map again")
)

// reader takes numbers off bytes; bad says that one was missing or too large.
type reader struct {
	data []byte
	bad  bool
}

func (r *reader) count(limit uint64) int {
	v, n := binary.Uvarint(r.data)
	if n <= 0 || v > limit {
		r.bad, r.data = true, nil
		return 0
	}
	r.data = r.data[n:]
	return int(v)
}

func (r *reader) shift() int64 {
	v, n := binary.Varint(r.data)
	if n <= 0 {
		r.bad, r.data = true, nil
		return 0
	}
	r.data = r.data[n:]
	return v
}

// place reads a position as the difference from the one before.
func (r *reader) place(last coord) coord {
	lng, lat := int64(last.lng)+r.shift(), int64(last.lat)+r.shift()
	if lng < -180e7 || lng > 180e7 || lat < -90e7 || lat > 90e7 {
		r.bad = true
		return last
	}
	return coord{int32(lng), int32(lat)}
}

func decode(data []byte) (*Graph, error) {
	r := &reader{data: data}
	size := uint64(len(data))
	nv, ne, nc := r.count(size/vertexBytes), r.count(size/edgeBytes), r.count(size/cornerBytes)
	if r.bad || nv == 0 || ne == 0 {
		return nil, errDamaged
	}
	g := &Graph{vertices: make([]vertex, nv), edges: make([]edge, ne), corners: make([]coord, 0, nc)}
	var last coord
	id := int64(0)
	for i := range g.vertices {
		id += r.shift()
		last = r.place(last)
		g.vertices[i] = vertex{id, last, nodeRule(r.count(allNodeRules))}
	}
	from := int64(0)
	for i := range g.edges {
		e := &g.edges[i]
		from += r.shift()
		to := from + r.shift()
		e.length, e.steps = int32(r.count(100*maxLength)), int32(r.count(5000))
		e.rule = wayRule(r.count(allWayRules))
		inner := r.count(uint64(nc - len(g.corners)))
		if r.bad || from < 0 || from >= int64(nv) || to < 0 || to >= int64(nv) || e.rule == 0 {
			return nil, errDamaged
		}
		e.from, e.to = int32(from), int32(to)
		last = g.vertices[from].at
		for range inner {
			last = r.place(last)
			g.corners = append(g.corners, last)
		}
		e.end = int32(len(g.corners))
	}
	if r.bad || len(r.data) > 0 || len(g.corners) != nc {
		return nil, errDamaged
	}
	g.grid = g.lay()
	return g, nil
}
