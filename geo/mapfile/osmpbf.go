package mapfile

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"

	"google.golang.org/protobuf/encoding/protowire"
)

// Limits of the format itself (wiki.openstreetmap.org/wiki/PBF_Format).
const (
	maxBlobHeader = 64 << 10
	maxBlob       = 32 << 20
	maxList       = 2 << 20 // ours: real blocks hold about 8,000 elements
)

// readPBF reads an OpenStreetMap PBF file block by block.
func (c *collector) readPBF(in io.Reader, g *guard) error {
	o := newOSM(c)
	g.perElement = 2 * maxBlob // a block is the element here
	for {
		g.mark()
		var size [4]byte
		if _, err := io.ReadFull(in, size[:]); errors.Is(err, io.EOF) {
			return nil // the only place where a file may end
		} else if err != nil {
			return err
		}
		header, err := readBlock(in, uint64(binary.BigEndian.Uint32(size[:])), maxBlobHeader)
		if err != nil {
			return err
		}
		var kind string
		var length uint64
		err = fields(header, func(num protowire.Number, v uint64, b []byte) error {
			switch num {
			case 1:
				kind = string(b)
			case 3:
				length = v
			}
			return nil
		})
		if err != nil {
			return err
		}
		blob, err := readBlock(in, length, maxBlob)
		if err != nil {
			return err
		}
		if kind != "OSMHeader" && kind != "OSMData" {
			continue // the format asks readers to pass over what they do not know
		}
		data, err := unpackBlob(blob)
		if err != nil {
			return err
		}
		if kind == "OSMHeader" {
			err = checkHeader(data)
		} else {
			err = o.block(data)
		}
		if err != nil {
			return err
		}
	}
}

func readBlock(in io.Reader, size, limit uint64) ([]byte, error) {
	if size > limit {
		return nil, damaged("a block of %d bytes", size)
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(in, b); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	return b, nil
}

// fields calls f for every field of a message: v for numbers, b for bytes.
func fields(msg []byte, f func(num protowire.Number, v uint64, b []byte) error) error {
	for len(msg) > 0 {
		num, kind, n := protowire.ConsumeTag(msg)
		if n < 0 {
			return damaged("field: %v", protowire.ParseError(n))
		}
		msg = msg[n:]
		var v uint64
		var b []byte
		switch kind {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(msg)
		case protowire.BytesType:
			b, n = protowire.ConsumeBytes(msg)
		default:
			n = protowire.ConsumeFieldValue(num, kind, msg)
		}
		if n < 0 {
			return damaged("field %d: %v", num, protowire.ParseError(n))
		}
		msg = msg[n:]
		if err := f(num, v, b); err != nil {
			return err
		}
	}
	return nil
}

// packed reads a list of numbers; a lone unpacked number is v.
func packed(v uint64, b []byte) ([]uint64, error) {
	if b == nil {
		return []uint64{v}, nil
	}
	n := 0
	for _, c := range b { // every number ends in a byte without the high bit
		if c < 0x80 {
			n++
		}
	}
	if n > maxList {
		return nil, damaged("a list of %d numbers", n)
	}
	out := make([]uint64, 0, n)
	for len(b) > 0 {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return nil, damaged("list: %v", protowire.ParseError(n))
		}
		out = append(out, v)
		b = b[n:]
	}
	return out, nil
}

// deltas reads a list of differences as running sums.
func deltas(v uint64, b []byte) ([]int64, error) {
	raw, err := packed(v, b)
	out := make([]int64, len(raw))
	sum := int64(0)
	for i, d := range raw {
		sum += protowire.DecodeZigZag(d)
		out[i] = sum
	}
	return out, err
}

func unpackBlob(blob []byte) ([]byte, error) {
	var raw, packed []byte
	err := fields(blob, func(num protowire.Number, _ uint64, b []byte) error {
		switch num {
		case 1:
			raw = b
		case 3:
			packed = b
		}
		return nil
	})
	if err != nil || raw != nil {
		return raw, err
	}
	if packed == nil {
		return nil, damaged("a block is packed in a way other than zlib")
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(z, maxBlob+1))
	if err != nil {
		return nil, damaged("block: %v", err)
	}
	if len(data) > maxBlob {
		return nil, damaged("a block unpacks to more than %d bytes", maxBlob)
	}
	return data, nil
}

func checkHeader(data []byte) error {
	return fields(data, func(num protowire.Number, _ uint64, b []byte) error {
		if f := string(b); num == 4 && f != "OsmSchema-V0.6" && f != "DenseNodes" {
			return damaged("the file needs %q", clean(f))
		}
		return nil
	})
}

// block is one OSMData block: its texts and how its coordinates are written.
type block struct {
	o           *osm
	texts       []string
	granularity int64
	offLat      int64
	offLng      int64
}

func (o *osm) block(data []byte) error {
	b := block{o: o, granularity: 100}
	var groups [][]byte
	err := fields(data, func(num protowire.Number, v uint64, raw []byte) error {
		switch num {
		case 1:
			return fields(raw, func(num protowire.Number, _ uint64, s []byte) error {
				if len(b.texts) > maxList {
					return damaged("more than %d texts", maxList)
				}
				if num == 1 {
					b.texts = append(b.texts, clean(string(s)))
				}
				return nil
			})
		case 2:
			groups = append(groups, raw)
		case 17:
			b.granularity = int64(v)
		case 19:
			b.offLat = int64(v)
		case 20:
			b.offLng = int64(v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, g := range groups {
		err := fields(g, func(num protowire.Number, _ uint64, raw []byte) error {
			switch num {
			case 1:
				return b.element(raw, b.node)
			case 2:
				return b.dense(raw)
			case 3:
				return b.element(raw, b.way)
			case 4:
				return b.element(raw, b.relation)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *block) text(i uint64) (string, error) {
	if i >= uint64(len(b.texts)) {
		return "", damaged("text %d of %d", i, len(b.texts))
	}
	return b.texts[i], nil
}

// degrees computes in floating point: the product may not overflow.
func (b *block) degrees(offset, v int64) float64 {
	return 1e-9 * (float64(offset) + float64(b.granularity)*float64(v))
}

func (b *block) place(id, lng, lat int64, tags map[string]string) error {
	return b.o.node(id, b.degrees(b.offLng, lng), b.degrees(b.offLat, lat), tags)
}

// dense reads nodes written as columns.
func (b *block) dense(raw []byte) error {
	var ids, lats, lngs []int64
	var tags []uint64
	err := fields(raw, func(num protowire.Number, v uint64, raw []byte) (err error) {
		switch num {
		case 1:
			ids, err = deltas(v, raw)
		case 8:
			lats, err = deltas(v, raw)
		case 9:
			lngs, err = deltas(v, raw)
		case 10:
			tags, err = packed(v, raw)
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(lats) != len(ids) || len(lngs) != len(ids) {
		return damaged("%d nodes, %d latitudes, %d longitudes", len(ids), len(lats), len(lngs))
	}
	for i, id := range ids {
		var own map[string]string
		for len(tags) > 0 && tags[0] != 0 { // pairs of text numbers, a zero after each node
			if len(tags) < 2 {
				return damaged("a key without a value")
			}
			if own == nil {
				own = map[string]string{}
			}
			if err := b.tag(own, tags[0], tags[1]); err != nil {
				return err
			}
			tags = tags[2:]
		}
		if len(tags) > 0 {
			tags = tags[1:]
		}
		if err := b.place(id, lngs[i], lats[i], own); err != nil {
			return err
		}
	}
	return nil
}

func (b *block) tag(tags map[string]string, k, v uint64) error {
	key, err := b.text(k)
	if err != nil {
		return err
	}
	tags[key], err = b.text(v)
	return err
}

// element is a message of a single node, way or relation; the fields below 8 are common.
func (b *block) element(raw []byte, done func(id uint64, tags map[string]string, rest map[protowire.Number]field) error) error {
	var id uint64
	var keys, values []uint64
	rest := map[protowire.Number]field{}
	err := fields(raw, func(num protowire.Number, v uint64, raw []byte) (err error) {
		switch num {
		case 1:
			id = v
		case 2:
			keys, err = packed(v, raw)
		case 3:
			values, err = packed(v, raw)
		default:
			rest[num] = field{v, raw, true}
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(keys) != len(values) {
		return damaged("%d keys and %d values", len(keys), len(values))
	}
	tags := map[string]string{}
	for i := range keys {
		if err := b.tag(tags, keys[i], values[i]); err != nil {
			return err
		}
	}
	return done(id, tags, rest)
}

// field is the value of a field; there tells whether it was sent at all.
type field struct {
	v     uint64
	b     []byte
	there bool
}

func (b *block) node(id uint64, tags map[string]string, rest map[protowire.Number]field) error {
	return b.place(protowire.DecodeZigZag(id), protowire.DecodeZigZag(rest[9].v), protowire.DecodeZigZag(rest[8].v), tags)
}

func (b *block) way(id uint64, tags map[string]string, rest map[protowire.Number]field) error {
	var refs []int64
	if f := rest[8]; f.there {
		var err error
		if refs, err = deltas(f.v, f.b); err != nil {
			return err
		}
	}
	return b.o.way(int64(id), refs, tags)
}

func (b *block) relation(id uint64, tags map[string]string, rest map[protowire.Number]field) error {
	if !rest[9].there {
		return b.o.relation(int64(id), nil, tags)
	}
	roles, errRoles := packed(rest[8].v, rest[8].b)
	ids, errIDs := deltas(rest[9].v, rest[9].b)
	kinds, errKinds := packed(rest[10].v, rest[10].b)
	if err := errors.Join(errRoles, errIDs, errKinds); err != nil {
		return err
	}
	if len(roles) != len(ids) || len(kinds) != len(ids) {
		return damaged("%d members, %d roles, %d kinds", len(ids), len(roles), len(kinds))
	}
	var members []member
	for i, way := range ids {
		if kinds[i] != 1 { // 0 node, 1 way, 2 relation
			continue
		}
		role, err := b.text(roles[i])
		if err != nil {
			return err
		}
		members = append(members, member{way, role})
	}
	return b.o.relation(int64(id), members, tags)
}
