package series

import (
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

// Decimals are kept as whole numbers: XOR of 36.5 and 36.6 is 52 bits of noise, of
// 365 and 366 two bits. The first byte of a chunk is the number of decimals, or
// unscaled where some value has too many or is too large.
const (
	maxDecimals = 9
	unscaled    = 0xff
)

var tens = [maxDecimals + 1]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}

// scale gives v times 10^k as the whole number that comes back to exactly v when
// it is divided again, if there is one.
func scale(v float64, k int) (whole float64, ok bool) {
	whole = math.Round(v * tens[k])
	return whole, math.Abs(whole) < 1<<52 && whole/tens[k] == v && (v != 0 || !math.Signbit(v))
}

// decimals gives the fewest decimals that hold all values exactly.
func decimals(points []point) byte {
	k := 0
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
	return byte(k)
}

// pack compresses 1 to 65,535 points in order of time.
func pack(points []point) []byte {
	k := decimals(points)
	c := chunkenc.NewXORChunk()
	app, err := c.Appender()
	if err != nil {
		panic("series: an empty chunk takes no samples: " + err.Error())
	}
	for _, p := range points {
		if k != unscaled {
			p.v, _ = scale(p.v, int(k))
		}
		app.Append(0, p.t, p.v)
	}
	return append([]byte{k}, c.Bytes()...)
}

var errChunk = errors.New("series: a chunk is damaged")

// unpack appends the points of a packed chunk to dst.
func unpack(dst []point, packed []byte) ([]point, error) {
	if len(packed) < 3 || packed[0] > maxDecimals && packed[0] != unscaled {
		return nil, errChunk
	}
	c, err := chunkenc.FromData(chunkenc.EncXOR, packed[1:])
	if err != nil {
		return nil, errors.Join(errChunk, err)
	}
	unit := 1.0
	if packed[0] != unscaled {
		unit = tens[packed[0]]
	}
	dst = slices.Grow(dst, c.NumSamples())
	it := c.Iterator(nil)
	for it.Next() == chunkenc.ValFloat {
		t, v := it.At()
		dst = append(dst, point{t, v / unit})
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
