package series

import (
	"encoding/binary"
	"errors"
	"math"
)

// A parcel is the content of a row of the tail or of the last page: groups of
// samples, one per owner, each sealed under the owner's key. A group is
//
//	uvarint owner (0 nobody), uvarint length, payload
//
// and its payload, in clear, runs of samples of one line:
//
//	uvarint number of the line within the block, uvarint count,
//	count × (varint milliseconds since the sample before, 8 bytes of the value)

// reading is a sample on its way into or out of a parcel.
type reading struct {
	line  *line
	point point
}

var errParcel = errors.New("series: a row of the tail is damaged")

// sealParcel writes readings of one block, which are sorted by place.
func (v *view) sealParcel(purpose byte, block int64, readings []reading) ([]byte, error) {
	out := make([]byte, 0, 24*len(readings))
	here := place(purpose, block)
	var plain, sealed []byte
	for len(readings) > 0 {
		owner := readings[0].line.owner
		n := 1
		for n < len(readings) && readings[n].line.owner == owner {
			n++
		}
		plain = appendRuns(plain[:0], readings[:n])
		var err error
		if sealed, err = v.seal(sealed[:0], owner, here, plain); err != nil {
			return nil, err
		}
		out = binary.AppendUvarint(out, uint64(owner))
		out = binary.AppendUvarint(out, uint64(len(sealed)))
		out = append(out, sealed...)
		readings = readings[n:]
	}
	return out, nil
}

// appendRuns writes readings of one owner, sorted by line.
func appendRuns(out []byte, readings []reading) []byte {
	for len(readings) > 0 {
		l := readings[0].line
		n := 1
		for n < len(readings) && readings[n].line == l {
			n++
		}
		out = binary.AppendUvarint(out, uint64(l.number%blockLines))
		out = binary.AppendUvarint(out, uint64(n))
		var before int64
		for _, r := range readings[:n] {
			out = binary.AppendVarint(out, r.point.t-before)
			out = binary.LittleEndian.AppendUint64(out, math.Float64bits(r.point.v))
			before = r.point.t
		}
		readings = readings[n:]
	}
	return out
}

// groups walks over a parcel; each gets the owner and the sealed payload.
func groups(parcel []byte, each func(owner int64, sealed, whole []byte) error) error {
	for len(parcel) > 0 {
		owner, a := binary.Uvarint(parcel)
		if a <= 0 || owner > math.MaxInt64 {
			return errParcel
		}
		size, b := binary.Uvarint(parcel[a:])
		if b <= 0 || size > uint64(len(parcel)-a-b) {
			return errParcel
		}
		end := a + b + int(size)
		if err := each(int64(owner), parcel[a+b:end], parcel[:end]); err != nil {
			return err
		}
		parcel = parcel[end:]
	}
	return nil
}

// runs walks over the samples of an opened payload.
func runs(plain []byte, each func(offset int64, p point)) error {
	for len(plain) > 0 {
		offset, a := binary.Uvarint(plain)
		if a <= 0 || offset >= blockLines {
			return errParcel
		}
		count, b := binary.Uvarint(plain[a:])
		if b <= 0 {
			return errParcel
		}
		plain = plain[a+b:]
		var t int64
		for range count {
			d, c := binary.Varint(plain)
			if c <= 0 || len(plain) < c+8 {
				return errParcel
			}
			t += d
			each(int64(offset), point{t, math.Float64frombits(binary.LittleEndian.Uint64(plain[c:]))})
			plain = plain[c+8:]
		}
	}
	return nil
}

// openParcel walks over the samples of a parcel that the wanted owners own; the
// groups of a person whose key is gone are passed over: nobody can read them.
func (v *view) openParcel(purpose byte, block int64, parcel []byte, wanted func(owner int64) bool, each func(owner, offset int64, p point)) error {
	here := place(purpose, block)
	var plain []byte
	return groups(parcel, func(owner int64, sealed, _ []byte) error {
		if !wanted(owner) {
			return nil
		}
		var ok bool
		var err error
		if plain, ok, err = v.open(plain[:0], owner, here, sealed); err != nil || !ok {
			return err
		}
		return runs(plain, func(offset int64, p point) { each(owner, offset, p) })
	})
}
