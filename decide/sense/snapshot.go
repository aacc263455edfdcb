package sense

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"linli"
)

// The form of a snapshot: this magic, whose last byte is the version, a digest of
// the sensors, the two states, the journal, and the SHA-256 of all before it.
const magic = "linli-home\x01"

// Snapshot gives the home's memory as bytes: the same memory, the same bytes. No
// event older than the journal is in it.
func (h *Home) Snapshot() ([]byte, error) {
	b := make([]byte, 0, 8192)
	b = append(b, magic...)
	digest := h.plan.digest()
	b = append(b, digest[:8]...)
	b = append(b, byte(h.n))
	var err error
	for _, part := range []any{&h.live, &h.settled, h.journal[:h.n]} {
		if b, err = binary.Append(b, binary.LittleEndian, part); err != nil {
			return nil, linli.Internal(err)
		}
	}
	sum := sha256.Sum256(b)
	return append(b, sum[:]...), nil
}

// Restore reads what Snapshot wrote into a home opened with the same sensors.
// Anything else is an error of kind invalid and leaves the home as it was.
func (h *Home) Restore(data []byte) error {
	v := len(magic) - 1
	if len(data) < len(magic)+9+sha256.Size || !bytes.Equal(data[:v], []byte(magic[:v])) {
		return linli.Invalid("snapshot", "这不是住户的快照", "this is no snapshot of a home")
	}
	if data[v] != magic[v] {
		return linli.Invalidf("snapshot", "不支持的快照版本 %d", "snapshot version %d is not supported", data[v])
	}
	body := data[:len(data)-sha256.Size]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], data[len(body):]) {
		return linli.Invalid("snapshot", "快照已损坏", "the snapshot is damaged")
	}
	digest := h.plan.digest()
	if body = body[len(magic):]; !bytes.Equal(body[:8], digest[:8]) {
		return linli.Invalid("snapshot", "快照来自传感器不同的住户", "the snapshot is of a home with other sensors")
	}
	n, body := int(body[8]), body[9:]
	next := Home{plan: h.plan, n: n}
	size := binary.Size(state{})
	if n > journalSize || len(body) != 2*size+n*binary.Size(Event{}) {
		return linli.Invalid("snapshot", "快照长度有误", "the snapshot has a wrong length")
	}
	for i, part := range []any{&next.live, &next.settled, next.journal[:n]} {
		from := min(i, 2) * size
		if _, err := binary.Decode(body[from:], binary.LittleEndian, part); err != nil {
			return linli.Invalid("snapshot", "快照内容有误", "the snapshot is malformed")
		}
	}
	*h = next
	return nil
}

// digest is of everything in the plan that a memory depends on.
func (p *plan) digest() [sha256.Size]byte {
	var b []byte
	for _, s := range p.Sensors {
		b = append(b, byte(s.Role), byte(s.Room))
		b = binary.LittleEndian.AppendUint32(b, uint32(s.Every))
	}
	return sha256.Sum256(b)
}
