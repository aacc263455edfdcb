package mqtttest

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"
)

// greet connects without a library, for what no library would send; properties
// are those of MQTT 5, as bytes.
func greet(t *testing.T, site Site, version int, id string, properties ...byte) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", site.Plain)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	var b bytes.Buffer
	text(&b, "MQTT")
	b.Write([]byte{byte(version), 0b1100_0010, 0, 60}) // user name, password, clean
	if version == 5 {
		b.WriteByte(byte(len(properties)))
		b.Write(properties)
	}
	text(&b, id)
	text(&b, id)
	text(&b, Secret)
	if _, err := c.Write(frame(0x10, b.Bytes())); err != nil {
		t.Fatal(err)
	}
	if kind, body := packet(t, c); kind != 0x20 || body[1] != 0 {
		t.Fatalf("%s is not let in: %#x % x", id, kind, body)
	}
	return c
}

func text(b *bytes.Buffer, s string) {
	b.Write(binary.BigEndian.AppendUint16(nil, uint16(len(s))))
	b.WriteString(s)
}

func frame(kind byte, body []byte) []byte {
	return append(binary.AppendUvarint([]byte{kind}, uint64(len(body))), body...)
}

func publish(version int, topic, payload string, qos byte, id uint16) []byte {
	if version == 5 {
		return publish5(topic, payload, qos, id, 0)
	}
	var b bytes.Buffer
	text(&b, topic)
	b.Write(binary.BigEndian.AppendUint16(nil, id))
	b.WriteString(payload)
	return frame(0x30|qos<<1, b.Bytes())
}

// publish5 is a publication of MQTT 5 with a topic alias, 0 for none.
func publish5(topic, payload string, qos byte, id, alias uint16) []byte {
	var b bytes.Buffer
	text(&b, topic)
	b.Write(binary.BigEndian.AppendUint16(nil, id))
	if alias == 0 {
		b.WriteByte(0)
	} else {
		b.Write([]byte{3, 0x23, byte(alias >> 8), byte(alias)})
	}
	b.WriteString(payload)
	return frame(0x30|qos<<1, b.Bytes())
}

// packet reads the next packet.
func packet(t *testing.T, c net.Conn) (kind byte, body []byte) {
	t.Helper()
	var head [1]byte
	read := func(p []byte) {
		if _, err := io.ReadFull(c, p); err != nil {
			t.Fatalf("no packet: %v", err)
		}
	}
	read(head[:])
	kind = head[0]
	size, shift := 0, 0
	for {
		read(head[:])
		size |= int(head[0]&0x7f) << shift
		if head[0] < 0x80 {
			break
		}
		shift += 7
	}
	body = make([]byte, size)
	read(body)
	return kind, body
}
