package boost

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
const magic = "linli-boost\x01"

// MarshalBinary writes the model with its version and the digest of its
// training rows. Same model, same bytes.
func (m *Model) MarshalBinary() ([]byte, error) {
	w := writer{[]byte(magic)}
	w.text(m.digest)
	w.text(string(m.loss))
	w.float(m.start)
	w.count(len(m.cuts))
	for j, c := range m.cuts {
		w.text(m.names[j])
		w.flag(c.category)
		w.flag(c.gaps)
		w.float(c.low)
		w.float(c.high)
		w.floats(c.upper)
		w.floats(c.codes)
	}
	w.count(len(m.trees))
	for _, t := range m.trees {
		w.count(len(t))
		for i := range t {
			w.node(&t[i])
		}
	}
	sum := sha256.Sum256(w.b)
	return append(w.b, sum[:]...), nil
}

// UnmarshalBinary reads what MarshalBinary wrote into a model nobody else uses
// yet. Another version or a damaged file is an error of kind invalid, and
// leaves m as it was.
func (m *Model) UnmarshalBinary(data []byte) error {
	v := len(magic) - 1
	if len(data) < len(magic)+sha256.Size || !bytes.Equal(data[:v], []byte(magic[:v])) {
		return linli.Invalid("model", "这不是树模型文件", "this is no tree model")
	}
	if data[v] != magic[v] {
		return linli.Invalidf("model", "不支持的模型版本 %d", "model version %d is not supported", data[v])
	}
	body := data[:len(data)-sha256.Size]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], data[len(body):]) {
		return linli.Invalid("model", "模型文件已损坏", "the model file is damaged")
	}
	r := reader{b: body[len(magic):]}
	n := Model{digest: r.text(), loss: Loss(r.text()), start: r.float()}
	for range r.count() {
		n.names = append(n.names, r.text())
		c := cuts{category: r.flag(), gaps: r.flag(), low: r.float(), high: r.float(), upper: r.floats(), codes: r.floats()}
		r.check(len(c.upper) < MaxBins && len(c.codes) <= MaxBins && slices.IsSorted(c.upper) && slices.IsSorted(c.codes))
		n.cuts = append(n.cuts, c)
	}
	for range r.count() {
		size := r.count()
		var t []node
		for i := 0; i < size && !r.bad; i++ {
			t = append(t, r.node(i, size, n.cuts))
		}
		r.check(size > 0)
		n.trees = append(n.trees, t)
		if r.bad {
			break
		}
	}
	if r.check(len(r.b) == 0 && len(n.cuts) > 0 && slices.Contains(losses, n.loss)); r.bad {
		return linli.Invalid("model", "模型文件内容有误", "the model file is malformed")
	}
	*m = n
	return nil
}

type writer struct{ b []byte }

func (w *writer) count(n int)     { w.b = binary.AppendUvarint(w.b, uint64(n)) }
func (w *writer) float(f float64) { w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(f)) }

func (w *writer) text(s string) {
	w.count(len(s))
	w.b = append(w.b, s...)
}

func (w *writer) flag(f bool) {
	b := byte(0)
	if f {
		b = 1
	}
	w.b = append(w.b, b)
}

func (w *writer) floats(fs []float64) {
	w.count(len(fs))
	for _, f := range fs {
		w.float(f)
	}
}

func (w *writer) node(n *node) {
	w.count(int(n.feature - leafNode))
	w.float(n.value)
	w.float(n.weight)
	if n.feature == leafNode {
		return
	}
	w.count(int(n.left))
	w.count(int(n.right))
	w.float(n.gain)
	w.flag(n.missingLeft)
	w.flag(n.set != nil)
	if n.set == nil {
		w.float(n.cut)
		return
	}
	for _, x := range n.set {
		w.b = binary.LittleEndian.AppendUint64(w.b, x)
	}
}

// reader reads what writer wrote. After the first fault it is bad and every
// read gives nothing.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) check(ok bool) { r.bad = r.bad || !ok }

// number reads a number below 2^31.
func (r *reader) number() int {
	x, n := binary.Uvarint(r.b)
	if r.check(n > 0 && x <= math.MaxInt32); r.bad {
		return 0
	}
	r.b = r.b[n:]
	return int(x)
}

// count reads a length, which can never exceed the bytes that are left.
func (r *reader) count() int {
	n := r.number()
	if r.check(n <= len(r.b)); r.bad {
		return 0
	}
	return n
}

// take gives the next n bytes, or nothing.
func (r *reader) take(n int) []byte {
	if r.check(n <= len(r.b)); r.bad {
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) text() string { return string(r.take(r.count())) }

func (r *reader) word() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *reader) float() float64 { return math.Float64frombits(r.word()) }

func (r *reader) flag() bool {
	b := r.take(1)
	return b != nil && b[0] == 1
}

func (r *reader) floats() []float64 {
	var out []float64
	for range r.count() {
		out = append(out, r.float())
	}
	return out
}

// node reads node i of size; what it points to must come after it.
func (r *reader) node(i, size int, cs []cuts) node {
	n := node{feature: int32(r.number()) + leafNode, value: r.float(), weight: r.float()}
	if n.feature == leafNode {
		return n
	}
	n.left, n.right, n.gain, n.missingLeft = int32(r.number()), int32(r.number()), r.float(), r.flag()
	within := func(k int32) bool { return int(k) > i && int(k) < size }
	r.check(int(n.feature) < len(cs) && within(n.left) && within(n.right))
	if category := r.flag(); category {
		n.set = &binset{r.word(), r.word(), r.word(), r.word()}
	} else {
		n.cut = r.float()
	}
	return n
}
