package series

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// points reads any bytes as points in order of time.
func pointsOf(raw []byte) (points []point) {
	t := int64(1_700_000_000_000)
	for len(raw) >= 12 && len(points) < 1000 {
		t += int64(binary.LittleEndian.Uint32(raw)) + 1
		if v := math.Float64frombits(binary.LittleEndian.Uint64(raw[4:])); math.Abs(v) <= MaxValue {
			points = append(points, point{t, v})
		}
		raw = raw[12:]
	}
	return points
}

func identical(a, b point) bool {
	return a.t == b.t && math.Float64bits(a.v) == math.Float64bits(b.v)
}

func FuzzAChunkGivesBackExactlyWhatItGot(f *testing.F) {
	f.Add(make([]byte, 120))
	random := rand.New(rand.NewPCG(1, 1))
	for _, unit := range []float64{1, 10, 100, 3, 1e9} {
		var raw []byte
		for range 240 {
			raw = binary.LittleEndian.AppendUint32(raw, uint32(random.IntN(100_000)))
			raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(float64(random.IntN(1000)-500)/unit))
		}
		f.Add(raw)
	}
	for _, jitter := range []int{3, 100, 2000} {
		var raw []byte
		for range 240 {
			raw = binary.LittleEndian.AppendUint32(raw, uint32(59_000+random.IntN(jitter)))
			raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(float64(random.IntN(100))))
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		points := pointsOf(raw)
		if len(points) == 0 {
			return
		}
		got, err := unpack(nil, pack(points))
		if err != nil || !slices.EqualFunc(got, points, identical) {
			t.Fatalf("%v\ncame back as %v, %v", points, got, err)
		}
	})
}

func TestDecimalsAndUnevenTimesCostLittle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		unit   float64
		jitter int64 // milliseconds off the full minute, at most
		grain  int64 // milliseconds
		gaps   bool
		bytes  float64 // a sample, at most
	}{
		{"whole numbers", 1, 0, 1, false, 1.3}, {"tenths", 10, 0, 1, false, 1.3}, {"hundredths", 100, 0, 1, false, 1.3}, {"thirds", 3, 0, 1, false, 6},
		{"off by a tenth of a second", 1, 100, 1, false, 2.8}, {"off by seconds", 1, 2001, 1, false, 3.2}, {"off by whole seconds", 1, 3000, 1000, false, 1.9},
		{"with gaps", 10, 100, 1, true, 2.8}, {"with gaps, off by whole seconds", 10, 3000, 1000, true, 2},
	} {
		random := rand.New(rand.NewPCG(1, 1))
		var points []point
		x, at := 700, int64(1_772_000_040_000)
		for range chunkSize {
			x += random.IntN(7) - 3
			at += 60_000
			if c.gaps && random.IntN(20) == 0 {
				at += 60_000 * int64(1+random.IntN(30))
			}
			points = append(points, point{at + random.Int64N(c.jitter+1)/c.grain*c.grain, float64(x) / c.unit})
		}
		packed := pack(points)
		if got := float64(len(packed)) / chunkSize; got > c.bytes {
			t.Errorf("%s: %.2f bytes a sample, want at most %.1f", c.name, got, c.bytes)
		} else {
			t.Logf("%s: %.2f bytes a sample", c.name, got)
		}
		if got, err := unpack(nil, packed); err != nil || !slices.EqualFunc(got, points, identical) {
			t.Errorf("%s: came back otherwise, %v", c.name, err)
		}
	}
}

func FuzzDamagedBytesAreAnErrorAndNeverAPanic(f *testing.F) {
	f.Add(pack([]point{{1, 2}, {3, 4}, {60_000, 4.5}}))
	var uneven []point
	for i := range int64(100) {
		uneven = append(uneven, point{i*60_000 + i*i%50, float64(i)})
	}
	f.Add(pack(uneven))
	v := &view{}
	parcel, err := v.sealParcel(inTail, 0, []reading{{&line{number: 1}, point{1, 2}}, {&line{number: 7}, point{3, 4}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(parcel)
	f.Add([]byte{0, 3, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Fuzz(func(_ *testing.T, raw []byte) {
		if points, err := unpack(nil, raw); err == nil && len(points) > math.MaxUint16 {
			panic("a chunk holds more than its count can say")
		}
		_ = v.openParcel(inTail, 0, raw, func(owner int64) bool { return owner == 0 }, func(_, offset int64, _ point) {
			if offset < 0 || offset >= blockLines {
				panic("a line outside its block")
			}
		})
		_, _ = without(raw, 3)
	})
}

func TestChunksAreCutWithoutLossAndWithoutCrumbs(t *testing.T) {
	t.Parallel()
	sizes := func(n int, into func([]point) [][]point) (out []int) {
		points := make([]point, n)
		for i := range points {
			points[i].t = int64(i)
		}
		var all []point
		for _, piece := range into(points) {
			out, all = append(out, len(piece)), append(all, piece...)
		}
		if !slices.Equal(all, points) {
			t.Errorf("cutting %d points lost some", n)
		}
		return out
	}
	for _, c := range []struct {
		n    int
		into func([]point) [][]point
		want []int
	}{
		{1, cut, []int{1}}, {240, cut, []int{240}}, {241, cut, []int{240, 1}}, {480, cut, []int{240, 240}}, {481, cut, []int{240, 240, 1}},
		{1, split, []int{1}}, {241, split, []int{241}}, {360, split, []int{360}}, {361, split, []int{181, 180}}, {721, split, []int{181, 181, 181, 178}},
	} {
		if got := sizes(c.n, c.into); !slices.Equal(got, c.want) {
			t.Errorf("%d points become %v, want %v", c.n, got, c.want)
		}
	}
}

func TestOfTwoSamplesWithTheSameTimeTheLaterWrittenStays(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		want := map[int64]float64{}
		list := func(value float64) []point {
			var points []point
			for range random.IntN(20) {
				points = append(points, point{int64(random.IntN(30)), value + random.Float64()})
			}
			for _, p := range points {
				want[p.t] = p.v
			}
			return ordered(points)
		}
		older := list(0)
		got := merge(older, list(10))
		if len(got) != len(want) {
			t.Fatalf("%d points, want %d", len(got), len(want))
		}
		for i, p := range got {
			if want[p.t] != p.v || i > 0 && got[i-1].t >= p.t {
				t.Fatalf("%v at %d is wrong in %v", p, i, got)
			}
		}
	}
}
