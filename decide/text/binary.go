package text

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"

	"linli"
)

// The form of a stored model: this magic, whose last byte is the version, the
// fields in the order written below, and the SHA-256 of all before it.
const magic = "linli-text\x01"

// MarshalBinary writes the whole model, rules and corrections included, with
// its version and digest; no message body is in it. Same model, same bytes.
func (m *Model) MarshalBinary() ([]byte, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	b := []byte(magic)
	b = appendString(b, m.digest)
	b = appendInts(b, []int{m.hash.minN, m.hash.maxN, m.hash.bits})
	b = appendFloats(b, []float64{m.threshold})
	b = appendStrings(b, m.labels)
	b = appendLexicon(b, m.lexicon)
	if m.batch == nil {
		b = append(b, 0)
	} else {
		b = append(b, 1)
		b = appendInts(b, m.batch.labels)
		b = appendUints(b, m.batch.buckets)
		b = appendFloat32s(b, m.batch.scale)
		b = appendFloat32s(b, m.batch.w)
		b = appendFloat32s(b, m.batch.bias)
		b = appendFloats(b, m.batch.a)
		b = appendFloats(b, m.batch.b)
		b = appendFloats(b, []float64{m.batch.unseen})
	}
	b = binary.AppendUvarint(b, uint64(len(m.corrections)))
	for _, c := range m.corrections {
		b = appendString(b, c.id)
		b = binary.AppendUvarint(b, uint64(c.label))
		grams, counts := make([]uint32, len(c.grams)), make([]int, len(c.grams))
		for i, g := range c.grams {
			grams[i], counts[i] = uint32(g.gram), int(g.n)
		}
		b = appendUints(b, grams)
		b = appendInts(b, counts)
		b = appendInts(b, c.rules)
	}
	sum := sha256.Sum256(b)
	return append(b, sum[:]...), nil
}

// UnmarshalBinary reads what MarshalBinary wrote into a model nobody else uses
// yet. Another version or a damaged file is an error of kind invalid, and
// leaves m as it was.
func (m *Model) UnmarshalBinary(data []byte) error {
	v := len(magic) - 1
	if len(data) < len(magic)+sha256.Size || !bytes.Equal(data[:v], []byte(magic[:v])) {
		return linli.Invalid("model", "这不是分类模型文件", "this is no text model")
	}
	if data[v] != magic[v] {
		return linli.Invalidf("model", "不支持的模型版本 %d", "model version %d is not supported", data[v])
	}
	body := data[:len(data)-sha256.Size]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], data[len(body):]) {
		return linli.Invalid("model", "模型文件已损坏", "the model file is damaged")
	}
	d := &decoder{data: body[len(magic):]}
	n := &Model{digest: d.string()}
	if h := d.ints(); len(h) == 3 && h[0] >= 1 && h[1] >= h[0] && h[1] <= 8 && h[2] >= 10 && h[2] <= 24 {
		n.hash = hasher{h[0], h[1], h[2]}
	} else {
		d.bad = true
	}
	if t := d.floats(); len(t) == 1 {
		n.threshold = t[0]
	} else {
		d.bad = true
	}
	n.labels = d.strings()
	d.check(slices.IsSorted(n.labels))
	n.lexicon = d.lexicon()
	n.bindRules()
	if !d.bad && d.byte() == 1 {
		b := &batch{labels: d.ints(), buckets: d.uints(), scale: d.float32s(), w: d.float32s(), bias: d.float32s(), a: d.floats(), b: d.floats()}
		k := len(b.labels)
		u := d.floats()
		d.check(k > 0 && slices.IsSorted(b.labels) && b.labels[0] >= 0 && b.labels[k-1] < len(n.labels) &&
			slices.IsSorted(b.buckets) && (len(b.buckets) == 0 || b.buckets[len(b.buckets)-1]>>n.hash.bits == 0) &&
			len(b.scale) == len(b.buckets) && len(b.w) == k*len(b.buckets) && len(b.bias) == k && len(b.a) == k && len(b.b) == k && len(u) == 1)
		if !d.bad {
			b.unseen = u[0]
			b.index(n.hash.bits)
			n.batch = b
		}
	}
	for range d.count() {
		c := correction{id: d.string(), label: int(d.uvarint())}
		grams, counts := d.uints(), d.ints()
		c.rules = d.ints()
		d.check(c.label < len(n.labels) && len(grams) == len(counts))
		for _, r := range c.rules {
			d.check(r < len(n.ruleLabel))
		}
		if d.bad {
			break
		}
		for i, g := range grams {
			d.check(gram(g).bucket()>>n.hash.bits == 0)
			c.grams = append(c.grams, counted{gram(g), int32(counts[i])})
		}
		n.corrections = append(n.corrections, c)
	}
	if d.check(len(d.data) == 0); d.bad {
		return linli.Invalid("model", "模型文件内容有误", "the model file is malformed")
	}
	n.replace(n.corrections)
	m.labels, m.hash, m.batch, m.lexicon, m.ruleLabel = n.labels, n.hash, n.batch, n.lexicon, n.ruleLabel
	m.threshold, m.digest, m.corrections, m.head = n.threshold, n.digest, n.corrections, n.head
	return nil
}

func appendLexicon(b []byte, l *Lexicon) []byte {
	if l == nil {
		return binary.AppendUvarint(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(len(l.rules)))
	for _, r := range l.rules {
		b = appendString(appendString(b, r.ID), r.Label)
		b = appendStrings(appendStrings(appendStrings(b, r.All), r.Any), r.None)
		b = appendFloats(b, []float64{r.Weight})
	}
	return b
}

func (d *decoder) lexicon() *Lexicon {
	var rules []Rule
	for range d.count() {
		r := Rule{ID: d.string(), Label: d.string(), All: d.strings(), Any: d.strings(), None: d.strings()}
		if w := d.floats(); len(w) == 1 {
			r.Weight = w[0]
		} else {
			d.bad = true
		}
		if d.bad {
			return nil
		}
		rules = append(rules, r)
	}
	if len(rules) == 0 {
		return nil
	}
	l, err := NewLexicon(rules)
	d.check(err == nil)
	return l
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendStrings(b []byte, s []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	for _, x := range s {
		b = appendString(b, x)
	}
	return b
}

func appendInts(b []byte, n []int) []byte {
	b = binary.AppendUvarint(b, uint64(len(n)))
	for _, x := range n {
		b = binary.AppendUvarint(b, uint64(x))
	}
	return b
}

func appendUints(b []byte, n []uint32) []byte {
	b = binary.AppendUvarint(b, uint64(len(n)))
	for _, x := range n {
		b = binary.LittleEndian.AppendUint32(b, x)
	}
	return b
}

func appendFloat32s(b []byte, f []float32) []byte {
	b = binary.AppendUvarint(b, uint64(len(f)))
	for _, x := range f {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

func appendFloats(b []byte, f []float64) []byte {
	b = binary.AppendUvarint(b, uint64(len(f)))
	for _, x := range f {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	return b
}

// decoder reads what the append functions wrote. After the first fault it is
// bad and every read gives nothing.
type decoder struct {
	data []byte
	bad  bool
}

func (d *decoder) check(ok bool) { d.bad = d.bad || !ok }

func (d *decoder) uvarint() uint64 {
	x, n := binary.Uvarint(d.data)
	if n <= 0 || x > math.MaxInt32 {
		d.bad = true
	}
	if d.bad {
		return 0
	}
	d.data = d.data[n:]
	return x
}

// count reads a length, which can never exceed the bytes that are left.
func (d *decoder) count() int {
	n := d.uvarint()
	d.check(n <= uint64(len(d.data)))
	if d.bad {
		return 0
	}
	return int(n)
}

// take gives the next n bytes, or nothing.
func (d *decoder) take(n int) []byte {
	d.check(n <= len(d.data))
	if d.bad {
		return nil
	}
	out := d.data[:n]
	d.data = d.data[n:]
	return out
}

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) string() string { return string(d.take(d.count())) }

func (d *decoder) strings() []string {
	var out []string
	for range d.count() {
		out = append(out, d.string())
	}
	return out
}

func (d *decoder) ints() []int {
	var out []int
	for range d.count() {
		out = append(out, int(d.uvarint()))
	}
	return out
}

func (d *decoder) uints() []uint32 {
	var out []uint32
	for b := d.take(4 * d.count()); len(b) > 0; b = b[4:] {
		out = append(out, binary.LittleEndian.Uint32(b))
	}
	return out
}

func (d *decoder) float32s() []float32 {
	var out []float32
	for _, x := range d.uints() {
		out = append(out, math.Float32frombits(x))
	}
	return out
}

func (d *decoder) floats() []float64 {
	var out []float64
	for b := d.take(8 * d.count()); len(b) > 0; b = b[8:] {
		out = append(out, math.Float64frombits(binary.LittleEndian.Uint64(b)))
	}
	return out
}
