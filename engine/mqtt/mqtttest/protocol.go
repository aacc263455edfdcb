package mqtttest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	v5 "github.com/eclipse/paho.golang/paho"

	"linli/engine/mqtt"
)

// deaf sends much and reads nothing, until its line is full.
func deaf(t *testing.T, open Open, version int) {
	site, store := open(t, time.Second), NewStore()
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	raw := greet(t, site, version, "d1")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	flooded := make(chan struct{})
	go func() {
		defer close(flooded)
		for n := uint16(1); ctx.Err() == nil; n = n%65535 + 1 {
			_ = raw.SetWriteDeadline(time.Now().Add(time.Second))
			if _, err := raw.Write(publish(version, "up/d1/n", "flood", 1, n)); err != nil {
				return
			}
		}
	}()
	other := Connected(t, Dial{Version: version, Addr: site.Plain, ID: "d2", Clean: true})
	for n := range 50 {
		if err := other.Publish(t, "up/d2/n", fmt.Sprint("steady ", n), 1, false); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	<-flooded
}

func garbage(t *testing.T, open Open, version int) {
	site, store := open(t, time.Second), NewStore()
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	good := Connected(t, Dial{Version: version, Addr: site.Plain, ID: "d1", Clean: true})
	for i, bad := range [][]byte{
		[]byte("GET / HTTP/1.1\r\n\r\n"),
		{0x10, 0xff, 0xff, 0xff, 0xff, 0xff},
		{0x30, 0x02, 0x00, 0x00},
		bytes.Repeat([]byte{0xff}, 4096),
	} {
		c, err := net.Dial("tcp", site.Plain)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(patience))
		_, _ = c.Write(bad)
		if _, err := io.ReadAll(c); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Errorf("garbage %d keeps its connection", i)
		}
		c.Close()
		// The same from one that was let in.
		c = greet(t, site, version, fmt.Sprintf("g%d", i))
		_, _ = c.Write(bad)
		if _, err := io.ReadAll(c); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Errorf("garbage %d of a client keeps its connection", i)
		}
		c.Close()
	}
	huge := greet(t, site, version, "huge")
	go func() { _, _ = huge.Write(publish(version, "up/huge/n", strings.Repeat("x", 300<<10), 1, 1)) }()
	if raw, _ := io.ReadAll(huge); len(raw) > 0 && raw[0] == 0x40 {
		t.Error("a packet beyond the limit was acknowledged")
	}
	huge.Close()
	if err := good.Publish(t, "up/d1/n", "still here", 1, false); err != nil {
		t.Error(err)
	}
	if all := store.All(); len(all) != 1 {
		t.Errorf("stored %d messages", len(all))
	}
}

func aliases(t *testing.T, open Open) {
	site, store := open(t, time.Second), NewStore()
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	c := greet(t, site, 5, "d1")
	set := publish5("up/d1/n", "own", 1, 1, 7)
	use := publish5("", "by alias", 1, 2, 7)
	foreign := publish5("up/d2/n", "foreign", 1, 3, 8)
	useForeign := publish5("", "foreign by alias", 1, 4, 8)
	unknown := publish5("", "from nowhere", 1, 5, 9)
	// Answers to refusals come at once, the others after the commit: by packet.
	if _, err := c.Write(slices.Concat(set, use, foreign, useForeign, unknown)); err != nil {
		t.Fatal(err)
	}
	codes := map[uint16]byte{}
	for len(codes) < 5 {
		kind, body := packet(t, c)
		if kind != 0x40 {
			t.Fatalf("packet %#x after %v", kind, codes)
		}
		code := byte(0)
		if len(body) > 2 {
			code = body[2]
		}
		codes[uint16(body[0])<<8|uint16(body[1])] = code
	}
	for id, want := range map[uint16]byte{1: 0, 2: 0, 3: 0x87, 4: 0x87, 5: 0x87} {
		if codes[id] != want {
			t.Errorf("packet %d: %#x, want %#x", id, codes[id], want)
		}
	}
	for _, m := range store.All() {
		if m.Topic != "up/d1/n" {
			t.Errorf("stored %s at %q", m.Payload, m.Topic)
		}
	}
}

func exactlyOnce(t *testing.T, open Open) {
	site, store := open(t, time.Second), NewStore()
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	for _, version := range Versions {
		c := greet(t, site, version, "d1")
		if _, err := c.Write(publish(version, "up/d1/n", "once", 2, 1)); err != nil {
			t.Fatal(err)
		}
		raw, _ := io.ReadAll(c)
		if version == 5 && (len(raw) < 3 || raw[0] != 0xe0 || raw[2] != 0x9b) || version == 4 && len(raw) > 0 {
			t.Errorf("version %d is answered % x", version, raw)
		}
	}
	if all := store.All(); len(all) != 0 {
		t.Errorf("stored %+v", all)
	}
}

// receiveMaximum sends many commands to a client that wants two in flight.
func receiveMaximum(t *testing.T, open Open) {
	site, store := open(t, time.Second), NewStore()
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	c := greet(t, site, 5, "d1", 0x21, 0, 2) // receive maximum
	if _, err := c.Write(frame(0x82, []byte{0, 1, 0, 0, 9, 'd', 'o', 'w', 'n', '/', 'd', '1', '/', '#', 1})); err != nil {
		t.Fatal(err)
	}
	if kind, _ := packet(t, c); kind != 0x90 {
		t.Fatalf("packet %#x instead of the answer", kind)
	}
	const commands = 40
	for n := range commands {
		if err := site.In.Publish(t.Context(), mqtt.Command{Topic: "down/d1/n", Payload: []byte{byte(n)}, QoS: 1}); err != nil {
			t.Fatal(err)
		}
	}
	for n := 0; n < commands; n += 2 {
		var ids []byte
		for i := range 2 {
			kind, body := packet(t, c)
			if kind != 0x32 || body[len(body)-1] != byte(n+i) {
				t.Fatalf("packet %#x % x instead of command %d", kind, body, n+i)
			}
			ids = append(ids, body[11:13]...)
		}
		// A third one would come before the answer to the ping.
		if _, err := c.Write([]byte{0xc0, 0}); err != nil {
			t.Fatal(err)
		}
		if kind, body := packet(t, c); kind != 0xd0 {
			t.Fatalf("packet %#x % x while two are in flight", kind, body)
		}
		if _, err := c.Write([]byte{0x40, 2, ids[0], ids[1], 0x40, 2, ids[2], ids[3]}); err != nil {
			t.Fatal(err)
		}
	}
	if n := site.In.Stats().Missed; n != 0 {
		t.Errorf("%d commands were given up", n)
	}
}

// limits of a broker that a client of MQTT 5 must know to keep them (3.2.2.3).
func limits(t *testing.T, open Open) {
	site, store := open(t, time.Second), NewStore()
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	conn, err := net.Dial("tcp", site.Plain)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ack, err := v5.NewClient(v5.ClientConfig{Conn: conn}).Connect(t.Context(), &v5.Connect{ClientID: "d1", CleanStart: true, KeepAlive: 60,
		Username: "d1", UsernameFlag: true, Password: []byte(Secret), PasswordFlag: true})
	if err != nil {
		t.Fatal(err)
	}
	p := ack.Properties
	if p.MaximumQoS == nil || *p.MaximumQoS != 1 || p.ReceiveMaximum == nil || *p.ReceiveMaximum != 64 || p.MaximumPacketSize == nil || *p.MaximumPacketSize != 256<<10 ||
		p.TopicAliasMaximum == nil || *p.TopicAliasMaximum != 64 || !p.RetainAvailable || !p.SharedSubAvailable || !p.WildcardSubAvailable {
		t.Errorf("told %+v", p)
	}
}

// properties of a message reach its subscribers, and who wants to hear no message
// of its own hears none.
func properties(t *testing.T, open Open) {
	site, store := open(t, time.Second), NewStore()
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	heard := make(chan *v5.Publish, 10)
	connect := func(id string, noLocal bool) *v5.Client {
		conn, err := net.Dial("tcp", site.Plain)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		c := v5.NewClient(v5.ClientConfig{Conn: conn, OnPublishReceived: []func(v5.PublishReceived) (bool, error){func(r v5.PublishReceived) (bool, error) {
			heard <- r.Packet
			return true, nil
		}}})
		if _, err := c.Connect(t.Context(), &v5.Connect{ClientID: id, CleanStart: true, KeepAlive: 60, Username: id, UsernameFlag: true, Password: []byte(Secret), PasswordFlag: true}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Subscribe(t.Context(), &v5.Subscribe{Subscriptions: []v5.SubscribeOptions{{Topic: "all/#", QoS: 1, NoLocal: noLocal}}}); err != nil {
			t.Fatal(err)
		}
		return c
	}
	sender := connect("d1", true)
	connect("d2", false)
	minute, utf8 := uint32(60), byte(1)
	sent := &v5.Publish{Topic: "all/x", Payload: []byte("{}"), QoS: 1, Properties: &v5.PublishProperties{ContentType: "application/json", ResponseTopic: "all/answer",
		CorrelationData: []byte{7}, MessageExpiry: &minute, PayloadFormat: &utf8, User: v5.UserProperties{{Key: "unit", Value: "℃"}}}}
	if _, err := sender.Publish(t.Context(), sent); err != nil {
		t.Fatal(err)
	}
	got := Await(t, heard, "nothing is heard")
	p := got.Properties
	if got.Topic != "all/x" || p.ContentType != "application/json" || p.ResponseTopic != "all/answer" || !bytes.Equal(p.CorrelationData, []byte{7}) || p.User.Get("unit") != "℃" ||
		p.PayloadFormat == nil || *p.PayloadFormat != 1 || p.MessageExpiry == nil || *p.MessageExpiry > 60 || *p.MessageExpiry < 40 {
		t.Errorf("heard %+v with %+v", got, p)
	}
	if err := site.In.Publish(t.Context(), mqtt.Command{Topic: "all/mark", Payload: []byte("!")}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // one each
		if got := Await(t, heard, "the mark is not heard"); got.Topic != "all/mark" {
			t.Errorf("the sender hears itself: %+v", got)
		}
	}
}
