package mqtttest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	v5 "github.com/eclipse/paho.golang/paho"
	"github.com/eclipse/paho.golang/paho/session/state"
	v3 "github.com/eclipse/paho.mqtt.golang"
)

// patience bounds everything that a test waits for.
const patience = 20 * time.Second

// Heard is what reached a device.
type Heard struct {
	Topic, Payload string
	Retain         bool
}

// Dial says who a device is and how it connects.
type Dial struct {
	Version      int // 4 is MQTT 3.1.1, 5 is MQTT 5
	Addr         string
	TLS          *tls.Config // nil for none
	ID           string      // client identifier
	User, Secret string      // "" takes the identifier and the secret that Doors accepts
	Clean        bool        // a session that ends with the connection
	Expiry       uint32      // seconds that a session of MQTT 5 waits; 0 with Clean=false means a day
	Will         *Will
}

// Will is left behind.
type Will struct {
	Topic, Payload string
	Retain         bool
	Delay          uint32 // seconds; only MQTT 5
}

// Device is a client of the libraries that devices use: Eclipse Paho, one for
// each version of the protocol.
type Device struct {
	dial  Dial
	Heard chan Heard
	old   v3.Store     // what 3.1.1 has to send again
	new   *state.State // the same of 5

	mu   sync.Mutex
	conn net.Conn
	v3   v3.Client
	v5   *v5.Client
	Gone chan struct{} // closed when the connection is lost
}

// NewDevice makes a device that is not connected.
func NewDevice(d Dial) *Device {
	if d.User == "" {
		d.User = d.ID
	}
	if d.Secret == "" {
		d.Secret = Secret
	}
	return &Device{dial: d, Heard: make(chan Heard, 10_000), old: v3.NewMemoryStore(), new: state.NewInMemory()}
}

// Connected makes a device and connects it.
func Connected(t *testing.T, d Dial) *Device {
	t.Helper()
	c := NewDevice(d)
	if _, err := c.Connect(t.Context()); err != nil {
		t.Fatalf("%s connects: %v", d.ID, err)
	}
	t.Cleanup(c.Cut)
	return c
}

// Connect connects, anew when it was before; then what is unanswered is sent
// again. It tells whether the broker knew the session.
func (c *Device) Connect(ctx context.Context) (present bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var dialer interface {
		DialContext(context.Context, string, string) (net.Conn, error)
	} = &net.Dialer{}
	if c.dial.TLS != nil {
		dialer = &tls.Dialer{Config: c.dial.TLS}
	}
	conn, err := dialer.DialContext(ctx, "tcp", c.dial.Addr)
	if err != nil {
		return false, err
	}
	gone := make(chan struct{})
	var once sync.Once
	lost := func() { once.Do(func() { close(gone) }) }
	c.mu.Lock()
	c.conn, c.Gone = conn, gone
	c.mu.Unlock()
	if c.dial.Version == 5 {
		return c.connect5(ctx, conn, lost)
	}
	return c.connect3(ctx, conn, lost)
}

func (c *Device) connect3(ctx context.Context, conn net.Conn, lost func()) (bool, error) {
	o := v3.NewClientOptions().AddBroker("tcp://" + c.dial.Addr).SetClientID(c.dial.ID).SetUsername(c.dial.User).SetPassword(c.dial.Secret).
		SetProtocolVersion(4).SetCleanSession(c.dial.Clean).SetAutoReconnect(false).SetStore(c.old).SetKeepAlive(time.Minute).SetOrderMatters(true).
		SetConnectionLostHandler(func(v3.Client, error) { lost() }).
		SetDefaultPublishHandler(func(_ v3.Client, m v3.Message) { c.hear(m.Topic(), m.Payload(), m.Retained()) }).
		SetCustomOpenConnectionFn(func(*url.URL, v3.ClientOptions) (net.Conn, error) { return conn, nil })
	if w := c.dial.Will; w != nil {
		o.SetWill(w.Topic, w.Payload, 1, w.Retain)
	}
	client := v3.NewClient(o)
	c.mu.Lock()
	c.v3 = client
	c.mu.Unlock()
	token := client.Connect()
	if err := wait3(ctx, token); err != nil {
		return false, err
	}
	return token.(*v3.ConnectToken).SessionPresent(), nil
}

func wait3(ctx context.Context, t v3.Token) error {
	select {
	case <-t.Done():
		return t.Error()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Device) connect5(ctx context.Context, conn net.Conn, lost func()) (bool, error) {
	client := v5.NewClient(v5.ClientConfig{
		Conn: conn, Session: c.new, PacketTimeout: patience,
		OnPublishReceived: []func(v5.PublishReceived) (bool, error){func(r v5.PublishReceived) (bool, error) {
			c.hear(r.Packet.Topic, r.Packet.Payload, r.Packet.Retain)
			return true, nil
		}},
		OnClientError:      func(error) { lost() },
		OnServerDisconnect: func(*v5.Disconnect) { lost() },
	})
	c.mu.Lock()
	c.v5 = client
	c.mu.Unlock()
	expiry := c.dial.Expiry
	if !c.dial.Clean && expiry == 0 {
		expiry = 24 * 60 * 60
	}
	p := &v5.Connect{KeepAlive: 60, ClientID: c.dial.ID, CleanStart: c.dial.Clean, Username: c.dial.User, UsernameFlag: true,
		Password: []byte(c.dial.Secret), PasswordFlag: true, Properties: &v5.ConnectProperties{SessionExpiryInterval: &expiry}}
	if w := c.dial.Will; w != nil {
		p.WillMessage = &v5.WillMessage{Topic: w.Topic, Payload: []byte(w.Payload), QoS: 1, Retain: w.Retain}
		p.WillProperties = &v5.WillProperties{WillDelayInterval: &w.Delay}
	}
	ack, err := client.Connect(ctx, p)
	if err != nil {
		if ack != nil {
			err = fmt.Errorf("%w (code %#x)", err, ack.ReasonCode)
		}
		return false, err
	}
	return ack.SessionPresent, nil
}

func (c *Device) hear(topic string, payload []byte, retain bool) {
	c.Heard <- Heard{topic, string(payload), retain}
}

// Send publishes without waiting; the channel gets nil when it is acknowledged
// (QoS 0: sent), or why it is not known to be.
func (c *Device) Send(ctx context.Context, topic, payload string, qos byte, retain bool) <-chan error {
	answer := make(chan error, 1)
	c.mu.Lock()
	old, current := c.v3, c.v5
	c.mu.Unlock()
	if c.dial.Version == 5 {
		go func() {
			r, err := current.Publish(ctx, &v5.Publish{Topic: topic, Payload: []byte(payload), QoS: qos, Retain: retain})
			if err == nil && qos > 0 && r.ReasonCode >= 0x80 {
				err = fmt.Errorf("refused with %#x", r.ReasonCode)
			}
			answer <- err
		}()
		return answer
	}
	token := old.Publish(topic, qos, retain, payload)
	go func() { answer <- wait3(ctx, token) }()
	return answer
}

// Publish sends and waits for the answer.
func (c *Device) Publish(t *testing.T, topic, payload string, qos byte, retain bool) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return <-c.Send(ctx, topic, payload, qos, retain)
}

// Subscribe asks for a filter and tells what the broker answered.
func (c *Device) Subscribe(t *testing.T, filter string, qos byte) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if c.dial.Version == 5 {
		_, err := c.v5.Subscribe(ctx, &v5.Subscribe{Subscriptions: []v5.SubscribeOptions{{Topic: filter, QoS: qos}}})
		return err
	}
	token := c.v3.Subscribe(filter, qos, nil)
	if err := wait3(ctx, token); err != nil {
		return err
	}
	for _, code := range token.(*v3.SubscribeToken).Result() { // one, though not always under the name of the filter
		if code > 2 {
			return fmt.Errorf("refused with %#x", code)
		}
	}
	return nil
}

// Cut breaks the connection without a goodbye.
func (c *Device) Cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn != nil {
		_ = c.conn.Close()
	}
}

// Bye leaves as the protocol wants it.
func (c *Device) Bye(t *testing.T) {
	t.Helper()
	if c.dial.Version == 5 {
		if err := c.v5.Disconnect(&v5.Disconnect{}); err != nil {
			t.Fatal(err)
		}
		return
	}
	c.v3.Disconnect(250)
}

// Await gives what the device hears next.
func (c *Device) Await(t *testing.T) Heard {
	t.Helper()
	return Await(t, c.Heard, c.dial.ID+" hears nothing")
}

// Lost waits until the device has lost its connection.
func (c *Device) Lost(t *testing.T) {
	t.Helper()
	Await(t, c.Gone, c.dial.ID+" is still connected")
}

// Await takes from a channel, also that it is closed, and fails the test when nothing comes.
func Await[T any](t *testing.T, from <-chan T, otherwise string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatal(otherwise)
		panic(errors.New("unreachable"))
	}
}
