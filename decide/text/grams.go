package text

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// fold makes a message comparable: no white space and no control or invisible
// formatting characters, full-width forms narrowed, letters in lower case.
// So a space, a line break or a full-width digit changes no answer. The
// positions say, for each rune kept, which rune of s it was.
func fold(s string, positions bool) (runes []rune, from []int32) {
	runes = make([]rune, 0, utf8.RuneCountInString(s))
	if positions {
		from = make([]int32, 0, cap(runes))
	}
	n := int32(-1)
	for _, r := range s {
		n++
		if r = foldRune(r); r < 0 {
			continue
		}
		runes = append(runes, r)
		if positions {
			from = append(from, n)
		}
	}
	return runes, from
}

// foldRune maps one rune to its comparable form, or to -1 when it carries nothing.
func foldRune(r rune) rune {
	switch {
	case r >= 0x4e00 && r <= 0x9fff: // almost every rune of a Chinese text
		return r
	case r > ' ' && r < 0x7f:
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	case r >= 0xff01 && r <= 0xff5e: // full-width forms mirror ASCII
		return foldRune(r - 0xff01 + '!')
	case unicode.IsSpace(r), unicode.IsControl(r), unicode.Is(unicode.Cf, r), r >= 0xfe00 && r <= 0xfe0f:
		return -1
	}
	return unicode.ToLower(r)
}

// folded is a message in comparable form.
type folded struct{ title, body []rune }

func foldDoc(d Doc) (f folded) {
	f.title, _ = fold(d.Title, false)
	f.body, _ = fold(d.Body, false)
	return f
}

// FNV-1a, 64 bits.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// hashRunes is FNV-1a 64 over the UTF-8 form of the runes.
func hashRunes(rs []rune) uint64 {
	h := uint64(fnvOffset)
	var b [utf8.UTFMax]byte
	for _, r := range rs {
		n := utf8.EncodeRune(b[:], r)
		for _, c := range b[:n] {
			h = (h ^ uint64(c)) * fnvPrime
		}
	}
	return h
}

// A gram is a hashed n-gram: the bucket in the upper 31 bits, the sign in the lowest.
// The sign makes two n-grams that share a bucket cancel rather than add up.
type gram uint32

func (g gram) bucket() uint32 { return uint32(g >> 1) }

func (g gram) sign() float32 { return 1 - 2*float32(g&1) }

// hasher turns folded text into grams.
type hasher struct {
	minN, maxN int
	bits       int
}

// each calls f with every n-gram of the part and its place.
func (h hasher) each(part []rune, f func(g gram, at, n int)) {
	mask := uint64(1)<<h.bits - 1
	for i := range part {
		x := uint64(fnvOffset)
		var b [utf8.UTFMax]byte
		for n := 1; n <= h.maxN && i+n <= len(part); n++ {
			k := utf8.EncodeRune(b[:], part[i+n-1])
			for _, c := range b[:k] {
				x = (x ^ uint64(c)) * fnvPrime
			}
			if n >= h.minN {
				// FNV's low bits mix best; the sign comes from the far end.
				f(gram((x&mask)<<1|x>>63), i, n)
			}
		}
	}
}

// sortGrams sorts by radix, 11 bits a pass: for some thousand n-grams several
// times faster than comparing. Short lists are not worth the counters.
func sortGrams(gs []gram, bits int) []gram {
	if len(gs) < 256 {
		slices.Sort(gs)
		return gs
	}
	const digit = 11
	other := make([]gram, len(gs))
	for shift := 0; shift <= bits; shift += digit {
		var at [1 << digit]int32
		for _, g := range gs {
			at[g>>shift&(1<<digit-1)]++
		}
		sum := int32(0)
		for i, n := range at {
			at[i] = sum
			sum += n
		}
		for _, g := range gs {
			d := g >> shift & (1<<digit - 1)
			other[at[d]] = g
			at[d]++
		}
		gs, other = other, gs
	}
	return gs
}

// counted is a gram with how often it stands in the message.
type counted struct {
	gram gram
	n    int32
}

// count lists the grams of a message in ascending order. The title counts
// twice: it names the matter, the body tells the story. No n-gram spans both.
func (h hasher) count(d folded) []counted {
	gs := make([]gram, 0, (2*len(d.title)+len(d.body))*(h.maxN-h.minN+1))
	h.each(d.title, func(g gram, _, _ int) { gs = append(gs, g, g) })
	h.each(d.body, func(g gram, _, _ int) { gs = append(gs, g) })
	gs = sortGrams(gs, h.bits)
	out := make([]counted, 0, len(gs))
	for i, g := range gs {
		if i > 0 && g == gs[i-1] {
			out[len(out)-1].n++
		} else {
			out = append(out, counted{g, 1})
		}
	}
	return out
}
