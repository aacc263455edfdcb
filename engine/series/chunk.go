package series

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// point is a sample of a known series: epoch milliseconds and value.
type point struct {
	t int64
	v float64
}

const (
	chunkSize = 240               // samples of a closed chunk: four hours at one a minute
	chunkMost = chunkSize * 3 / 2 // to which late samples may let it grow
)

// The first byte of a chunk says how its values and times were made smaller before
// XOR. Decimals are kept as whole numbers: of 36.5 and 36.6 it leaves 52 bits of
// noise, of 365 and 366 two bits; the low half is the number of decimals, or
// unscaled where some value has too many or is too large. Times that lie off an
// even pace, which it would give two bytes each, are gridded: see grid.
const (
	maxDecimals = 9
	unscaled    = 0x0f
	gridded     = 0x80
)

var tens = [maxDecimals + 1]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}

// scale gives v times 10^k as the whole number that comes back to exactly v when
// it is divided again, if there is one.
func scale(v float64, k byte) (whole float64, ok bool) {
	whole = math.Round(v * tens[k])
	return whole, math.Abs(whole) < 1<<52 && whole/tens[k] == v && (v != 0 || !math.Signbit(v))
}

// decimals gives the fewest decimals that hold all values exactly.
func decimals(points []point) byte {
	k := byte(0)
	for _, p := range points {
		for {
			if _, ok := scale(p.v, k); ok {
				break
			}
			if k++; k > maxDecimals {
				return unscaled
			}
		}
	}
	for _, p := range points { // more decimals may have made an early value too large
		if _, ok := scale(p.v, k); !ok {
			return unscaled
		}
	}
	return k
}

// pack compresses 1 to 65,535 points in order of time.
func pack(points []point) []byte {
	k := decimals(points)
	value := func(i int) float64 {
		v := points[i].v
		if k != unscaled {
			v, _ = scale(v, k)
		}
		return v
	}
	plain := xor([]byte{k}, len(points), func(i int) (int64, float64) { return points[i].t, value(i) })
	g, ok := gridOf(points)
	if !ok {
		return plain
	}
	places, off := g.places(points)
	off.lift()
	main := xor(nil, len(points), func(i int) (int64, float64) { return places[i], value(i) })
	out := g.append([]byte{k | gridded}, off.low)
	out = binary.AppendUvarint(out, uint64(len(main)))
	out = xor(append(out, main...), len(points), func(i int) (int64, float64) { return 0, float64(off.by[i]) })
	if len(plain) <= len(out) {
		return plain
	}
	return out
}

// xor appends n samples as an XOR chunk.
func xor(out []byte, n int, sample func(i int) (int64, float64)) []byte {
	c := chunkenc.NewXORChunk()
	app, err := c.Appender()
	if err != nil {
		panic("series: an empty chunk takes no samples: " + err.Error())
	}
	for i := range n {
		t, v := sample(i)
		app.Append(0, t, v)
	}
	return append(out, c.Bytes()...)
}

var errChunk = errors.New("series: a chunk is damaged")

// unpack appends the points of a packed chunk to dst.
func unpack(dst []point, packed []byte) ([]point, error) {
	if len(packed) < 3 {
		return nil, errChunk
	}
	k, unit, from := packed[0]&0x0f, 1.0, len(dst)
	if k <= maxDecimals {
		unit = tens[k]
	}
	if packed[0]&gridded == 0 {
		return unxor(dst, packed[1:], func(t int64, v float64) point { return point{t, v / unit} })
	}
	g, rest, ok := readGrid(packed[1:])
	size, n := binary.Uvarint(rest)
	if !ok || n <= 0 || size > uint64(len(rest)-n) {
		return nil, errChunk
	}
	main, off := rest[n:n+int(size)], rest[n+int(size):]
	dst, err := unxor(dst, main, func(place int64, v float64) point { return point{place, v / unit} })
	if err != nil {
		return nil, err
	}
	end := len(dst) // the offsets come behind the points and go again
	both, err := unxor(dst, off, func(_ int64, by float64) point { return point{int64(by), 0} })
	if err != nil || len(both)-end != end-from {
		return nil, errors.Join(errChunk, err)
	}
	for i := from; i < end; i++ {
		both[i].t = g.at(both[i].t, both[end+i-from].t)
	}
	return both[:end], nil
}

// unxor appends the samples of an XOR chunk to dst.
func unxor(dst []point, chunk []byte, make func(t int64, v float64) point) ([]point, error) {
	if len(chunk) < 2 {
		return nil, errChunk
	}
	c, err := chunkenc.FromData(chunkenc.EncXOR, chunk)
	if err != nil {
		return nil, errors.Join(errChunk, err)
	}
	dst = slices.Grow(dst, c.NumSamples())
	it := c.Iterator(nil)
	for it.Next() == chunkenc.ValFloat {
		dst = append(dst, make(it.At()))
	}
	if err := it.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", errChunk, err)
	}
	return dst, nil
}

// merge joins two lists in order of time; where both have a time, newer's counts.
func merge(older, newer []point) []point {
	if len(older) == 0 || len(newer) == 0 || older[len(older)-1].t < newer[0].t {
		return append(older, newer...)
	}
	out := make([]point, 0, len(older)+len(newer))
	for len(older) > 0 && len(newer) > 0 {
		switch a, b := older[0], newer[0]; {
		case a.t < b.t:
			out, older = append(out, a), older[1:]
		case a.t == b.t:
			older = older[1:]
		default:
			out, newer = append(out, b), newer[1:]
		}
	}
	return append(append(out, older...), newer...)
}

// cut divides the points of the newest chunk of a stream, which grew, into full
// chunks and a rest of at least one.
func cut(points []point) (pieces [][]point) { return slices.Collect(slices.Chunk(points, chunkSize)) }

// split divides the points of an older chunk that late samples have made far too
// large, evenly, so that they leave no crumbs.
func split(points []point) (pieces [][]point) {
	if len(points) <= chunkMost {
		return [][]point{points}
	}
	n := (len(points) + chunkSize - 1) / chunkSize
	return slices.Collect(slices.Chunk(points, (len(points)+n-1)/n))
}
