package main

import (
	"iter"
	"math"
	"math/bits"
	"sync/atomic"
	"time"

	"linli/cmd/linlibench/bench"
)

// numberSet is a set of small numbers.
type numberSet []uint64

func (b *numberSet) add(n uint32) {
	for int(n/64) >= len(*b) {
		*b = append(*b, 0)
	}
	(*b)[n/64] |= 1 << (n % 64)
}

func (b numberSet) has(n uint32) bool { return int(n/64) < len(b) && b[n/64]>>(n%64)&1 == 1 }

func (b numberSet) count() (n int) {
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

func (b numberSet) all() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for i, w := range b {
			for ; w != 0; w &= w - 1 {
				if !yield(uint32(i*64 + bits.TrailingZeros64(w))) {
					return
				}
			}
		}
	}
}

// histogram counts delays in buckets that are at most 3 % wide, from one
// microsecond to an hour; many goroutines may add.
type histogram struct {
	buckets [32 * 34]atomic.Int64
}

func (h *histogram) add(d time.Duration) {
	us := uint64(max(1, d.Microseconds()))
	if us < 32 {
		h.buckets[us].Add(1)
		return
	}
	exp := bits.Len64(us) - 6 // so that us>>exp lies in [32, 64)
	h.buckets[min(len(h.buckets)-1, 32*(exp+1)+int(us>>exp)-32)].Add(1)
}

// quantile is in milliseconds, the upper edge of its bucket; null when nothing was added.
func (h *histogram) quantile(q float64) bench.Number {
	var total int64
	for i := range h.buckets {
		total += h.buckets[i].Load()
	}
	rank := max(1, int64(math.Ceil(q*float64(total))))
	for i := range h.buckets {
		if rank -= h.buckets[i].Load(); rank <= 0 {
			us := float64(i + 1)
			if i >= 32 {
				us = float64(uint64(32+i%32+1) << (i/32 - 1))
			}
			return bench.Number(bench.Round(us/1000, 3))
		}
	}
	return bench.Number(math.NaN())
}
