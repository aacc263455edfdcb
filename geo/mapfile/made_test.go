package mapfile

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// The made-up village: at (u, v) in units of 1e-4 degrees, about ten meters.
func lng(u float64) float64 { return 121.5 + u*1e-4 }
func lat(v float64) float64 { return 31.2 + v*1e-4 }

// ring writes the coordinates of a GeoJSON ring from units, closed.
func ring(uv ...float64) string {
	var b strings.Builder
	b.WriteByte('[')
	for i := 0; i <= len(uv); i += 2 {
		k := i % len(uv)
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "[%.7f,%.7f]", lng(uv[k]), lat(uv[k+1]))
	}
	b.WriteByte(']')
	return b.String()
}

// polygon writes a GeoJSON feature.
func polygon(properties string, rings ...string) string {
	return `{"type":"Feature","properties":{` + properties + `},"geometry":{"type":"Polygon","coordinates":[` + strings.Join(rings, ",") + `]}}`
}

func geometry(properties, kind, coordinates string) string {
	return `{"type":"Feature","properties":{` + properties + `},"geometry":{"type":"` + kind + `","coordinates":` + coordinates + `}}`
}

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`
}

func zipped(s string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(s))
	z.Close()
	return b.Bytes()
}

// element is an OpenStreetMap element from which XML and PBF are made alike.
type element struct {
	kind    string // node, way, relation
	id      int64
	u, v    float64
	refs    []int64
	members []member
	tags    [][2]string
}

// village has a block with a court (relation of two outer ways and an inner
// one), a plain house, a house that lacks a node, roads, water and places.
var village = []element{
	{kind: "node", id: 1, u: 0, v: 0}, {kind: "node", id: 2, u: 10, v: 0}, {kind: "node", id: 3, u: 10, v: 10}, {kind: "node", id: 4, u: 0, v: 10},
	{kind: "node", id: 5, u: 4, v: 4}, {kind: "node", id: 6, u: 6, v: 4}, {kind: "node", id: 7, u: 6, v: 6}, {kind: "node", id: 8, u: 4, v: 6},
	{kind: "node", id: 11, u: 20, v: 0}, {kind: "node", id: 12, u: 22, v: 0}, {kind: "node", id: 13, u: 22, v: 2}, {kind: "node", id: 14, u: 20, v: 2},
	{kind: "node", id: 20, u: 1, v: 1, tags: [][2]string{{"amenity", "clinic"}, {"name", "社区卫生服务站"}, {"name:en", "Clinic"}, {"addr:street", "邻里路"}, {"addr:housenumber", "5"}}},
	{kind: "node", id: 21, u: 2, v: 1, tags: [][2]string{{"barrier", "bollard"}}},
	{kind: "way", id: 1, refs: []int64{1, 2, 3}}, {kind: "way", id: 2, refs: []int64{1, 4, 3}}, {kind: "way", id: 3, refs: []int64{5, 6, 7, 8, 5}},
	{kind: "way", id: 4, refs: []int64{11, 12, 13, 14, 11}, tags: [][2]string{{"building", "house"}, {"height", "7.5 m"}, {"name", "Old House"}, {"name:zh", "老宅"}}},
	{kind: "way", id: 5, refs: []int64{11, 12, 99, 11}, tags: [][2]string{{"building", "yes"}}},
	{kind: "way", id: 6, refs: []int64{4, 14}, tags: [][2]string{{"highway", "steps"}, {"name", "长坡"}, {"bridge", "yes"}}},
	{kind: "way", id: 7, refs: []int64{5, 6, 7, 8, 5}, tags: [][2]string{{"natural", "water"}, {"water", "pond"}}},
	{kind: "way", id: 8, refs: []int64{1, 11}, tags: [][2]string{{"waterway", "stream"}}},
	{kind: "way", id: 9, refs: []int64{11, 12, 13, 14, 11}, tags: [][2]string{{"leisure", "garden"}}},
	{kind: "way", id: 10, refs: []int64{1, 2}, tags: [][2]string{{"power", "line"}}},
	{kind: "relation", id: 1, members: []member{{1, "outer"}, {2, "outer"}, {3, "inner"}, {0, "label"}}, tags: [][2]string{{"type", "multipolygon"}, {"building", "apartments"}, {"building:levels", "6"}}},
	{kind: "relation", id: 2, members: []member{{77, "outer"}}, tags: [][2]string{{"type", "multipolygon"}, {"building", "yes"}}},
	{kind: "relation", id: 3, members: []member{{1, ""}}, tags: [][2]string{{"type", "route"}}},
}

func asOSM(elements []element) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><osm version="0.6"><bounds minlat="31"/>`)
	for _, e := range elements {
		fmt.Fprintf(&b, `<%s id="%d"`, e.kind, e.id)
		if e.kind == "node" {
			fmt.Fprintf(&b, ` lon="%.7f" lat="%.7f"`, lng(e.u), lat(e.v))
		}
		b.WriteString(">")
		for _, r := range e.refs {
			fmt.Fprintf(&b, `<nd ref="%d"/>`, r)
		}
		for _, m := range e.members {
			kind := "way"
			if m.way == 0 {
				kind = "node"
			}
			fmt.Fprintf(&b, `<member type="%s" ref="%d" role="%s"/>`, kind, m.way, m.role)
		}
		for _, t := range e.tags {
			fmt.Fprintf(&b, `<tag k="%s" v="%s"/>`, t[0], t[1])
		}
		fmt.Fprintf(&b, `</%s>`, e.kind)
	}
	b.WriteString("</osm>")
	return b.String()
}

// asPBF writes the same elements as a PBF file, nodes as columns or one by one,
// blocks packed or plain.
func asPBF(elements []element, dense, pack bool) []byte {
	texts := []string{""}
	text := func(s string) uint64 {
		for i, t := range texts {
			if t == s {
				return uint64(i)
			}
		}
		texts = append(texts, s)
		return uint64(len(texts) - 1)
	}
	list := func(b []byte, num protowire.Number, values ...uint64) []byte {
		var packed []byte
		for _, v := range values {
			packed = protowire.AppendVarint(packed, v)
		}
		return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), packed)
	}
	differences := func(values []int64) (out []uint64) {
		last := int64(0)
		for _, v := range values {
			out = append(out, protowire.EncodeZigZag(v-last))
			last = v
		}
		return out
	}
	varint := func(b []byte, num protowire.Number, v uint64) []byte {
		return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), v)
	}
	message := func(b []byte, num protowire.Number, m []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), m)
	}
	position := func(e element) (int64, int64) {
		return int64(lng(e.u)*1e7 + 0.5), int64(lat(e.v)*1e7 + 0.5)
	}
	var nodes, ways, relations, columns []byte
	var ids, lngs, lats []int64
	var tags []uint64
	for _, e := range elements {
		var m []byte
		var keys, values []uint64
		for _, t := range e.tags {
			keys, values = append(keys, text(t[0])), append(values, text(t[1]))
		}
		x, y := position(e)
		if e.kind == "node" && dense {
			ids, lngs, lats = append(ids, e.id), append(lngs, x), append(lats, y)
			for i := range keys {
				tags = append(tags, keys[i], values[i])
			}
			tags = append(tags, 0)
			continue
		}
		if e.kind == "node" {
			m = varint(m, 1, protowire.EncodeZigZag(e.id))
		} else {
			m = varint(m, 1, uint64(e.id))
		}
		m = list(list(m, 2, keys...), 3, values...)
		switch e.kind {
		case "node":
			m = varint(varint(m, 8, protowire.EncodeZigZag(y)), 9, protowire.EncodeZigZag(x))
			nodes = message(nodes, 1, m)
		case "way":
			ways = message(ways, 3, list(m, 8, differences(e.refs)...))
		case "relation":
			var roles, kinds []uint64
			var refs []int64
			for _, member := range e.members {
				roles, refs = append(roles, text(member.role)), append(refs, member.way)
				if member.way == 0 {
					kinds = append(kinds, 0)
				} else {
					kinds = append(kinds, 1)
				}
			}
			relations = message(relations, 4, list(list(list(m, 8, roles...), 9, differences(refs)...), 10, kinds...))
		}
	}
	if dense {
		columns = list(list(list(list(nil, 1, differences(ids)...), 8, differences(lats)...), 9, differences(lngs)...), 10, tags...)
		nodes = message(nil, 2, columns)
	}
	var table, body []byte
	for _, s := range texts {
		table = message(table, 1, []byte(s))
	}
	body = message(body, 1, table)
	for _, group := range [][]byte{nodes, ways, relations} {
		body = message(body, 2, group)
	}
	header := message(message(nil, 4, []byte("OsmSchema-V0.6")), 4, []byte("DenseNodes"))
	return append(fileBlock("OSMHeader", header, pack), fileBlock("OSMData", body, pack)...)
}

// fileBlock frames a block as the format asks.
func fileBlock(kind string, data []byte, pack bool) []byte {
	var blob []byte
	if pack {
		var z bytes.Buffer
		w := zlib.NewWriter(&z)
		w.Write(data)
		w.Close()
		blob = protowire.AppendVarint(protowire.AppendTag(blob, 2, protowire.VarintType), uint64(len(data)))
		blob = protowire.AppendBytes(protowire.AppendTag(blob, 3, protowire.BytesType), z.Bytes())
	} else {
		blob = protowire.AppendBytes(protowire.AppendTag(blob, 1, protowire.BytesType), data)
	}
	header := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), []byte(kind))
	header = protowire.AppendVarint(protowire.AppendTag(header, 3, protowire.VarintType), uint64(len(blob)))
	out := binary.BigEndian.AppendUint32(nil, uint32(len(header)))
	return append(append(out, header...), blob...)
}
