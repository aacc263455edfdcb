// Package bridge is the home of engine/mqtt on a broker that exists already: it
// subscribes there, and acknowledges to that broker only what is stored. What
// waits meanwhile waits in the session that the broker keeps for it.
//
// Several nodes with the same group share the messages (MQTT 5, 4.8.2); each
// needs a client identifier of its own that lasts. Who may come in is decided by
// that broker, so Gate.Admit is never asked, nobody is told of presence, and
// Online and Disconnect know nobody. A message that Gate.MayPublish refuses is
// acknowledged and thrown away, since the broker would bring it for ever.
package bridge

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"

	"linli"
	"linli/engine/mqtt"
	"linli/engine/mqtt/batch"
)

// Options say which broker, and what is wanted of it.
type Options struct {
	URL      string                    // mqtt://host:port, or mqtts:// with TLS
	TLS      *tls.Config               // of mqtts; nil trusts the authorities of the system
	Client   string                    // client identifier, one for each node, always the same
	User     string                    // "" for none
	Secret   []byte                    // password or token
	Filters  []string                  // topics of devices, with wildcards
	Group    string                    // of the nodes that share the messages; "" means "linli"
	Device   func(topic string) string // who sends to a topic; the name the gate is asked with
	Session  time.Duration             // how long the broker keeps messages while the node is away; 0 means a day
	Patience time.Duration             // how long a refused batch is tried again; 0 means batch.Patience
	Now      linli.Now
	Log      *slog.Logger
}

const (
	window     = 1024                 // messages that wait for their answer
	answers    = 5 * time.Millisecond // answers leave together so often
	goodbye    = 2 * time.Second
	firstRetry = 50 * time.Millisecond
	lastRetry  = 5 * time.Second
)

// Bridge is an mqtt.Ingress.
type Bridge struct {
	options Options
	url     *url.URL
	intake  *batch.Collector[tag]
	hub     mqtt.Hub
	taking  context.Context // ends when nothing more is taken

	started, closing atomic.Bool
	refused          atomic.Int64

	mu      sync.Mutex
	manager *autopaho.ConnectionManager
	conn    net.Conn
}

// tag is who must be told that a message is stored.
type tag struct {
	client *paho.Client
	packet *paho.Publish
}

// New checks the options; nothing is connected before Run.
func New(o Options) (*Bridge, error) {
	u, err := url.Parse(o.URL)
	switch {
	case err != nil:
		return nil, fmt.Errorf("bridge: address of the broker: %w", err)
	case u.Host == "" || u.Scheme != "mqtt" && u.Scheme != "mqtts":
		return nil, fmt.Errorf("bridge: the address of the broker is mqtt://host:port or mqtts://host:port, not %s", u.Redacted())
	case o.Client == "" || len(o.Filters) == 0 || o.Device == nil:
		return nil, errors.New("bridge: a client identifier, filters and the names of devices are needed")
	}
	if o.Group == "" {
		o.Group = "linli"
	}
	if o.Session == 0 {
		o.Session = 24 * time.Hour
	}
	if o.Patience == 0 {
		o.Patience = batch.Patience
	}
	b := &Bridge{options: o, url: u}
	b.intake = batch.New(o.Patience, o.Log, b.stored)
	return b, nil
}

// Run serves until ctx ends; while the broker is away it tries to reach it.
func (b *Bridge) Run(ctx context.Context, hub mqtt.Hub) error {
	if hub.Gate == nil || hub.Sink == nil {
		return errors.New("bridge: a gate and a sink are needed")
	}
	if !b.started.CompareAndSwap(false, true) {
		return errors.New("bridge: Run may be called once")
	}
	b.hub = hub
	last, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	var refuse context.CancelFunc
	b.taking, refuse = context.WithCancel(last)
	defer refuse()
	var storing sync.WaitGroup
	storing.Go(func() { b.intake.Run(last, hub.Sink) })
	manager, err := autopaho.NewConnection(last, b.config())
	if err == nil {
		b.mu.Lock()
		b.manager = manager
		b.mu.Unlock()
		<-ctx.Done()
	}
	b.closing.Store(true)
	grace := time.AfterFunc(b.options.Patience, giveUp) // a sink that fails now is not waited for longer
	defer grace.Stop()
	refuse()
	b.intake.Close()
	storing.Wait()
	if err != nil {
		return fmt.Errorf("bridge: %w", err)
	}
	select { // the answers to what was stored last leave with the next tick; without them it comes again
	case <-time.After(10 * answers):
	case <-manager.Done():
	}
	leave, cancel := context.WithTimeout(last, goodbye)
	defer cancel()
	if err := manager.Disconnect(leave); err != nil {
		b.options.Log.Warn("mqtt: no goodbye to the broker", "err", err)
	}
	return nil
}

func (b *Bridge) config() autopaho.ClientConfig {
	subscribe := &paho.Subscribe{}
	for _, f := range b.options.Filters {
		subscribe.Subscriptions = append(subscribe.Subscriptions, paho.SubscribeOptions{Topic: "$share/" + b.options.Group + "/" + f, QoS: 1, RetainAsPublished: true})
	}
	return autopaho.ClientConfig{
		ServerUrls: []*url.URL{b.url}, KeepAlive: 30, ConnectUsername: b.options.User, ConnectPassword: b.options.Secret,
		SessionExpiryInterval: uint32(b.options.Session.Seconds()),
		ReconnectBackoff:      autopaho.NewExponentialBackoff(firstRetry, lastRetry, firstRetry, 2),
		AttemptConnection:     b.dial,
		ConnectPacketBuilder: func(c *paho.Connect, _ *url.URL) (*paho.Connect, error) {
			most := uint16(window)
			c.Properties.ReceiveMaximum = &most
			return c, nil
		},
		OnConnectionUp: func(m *autopaho.ConnectionManager, ack *paho.Connack) {
			// Also when the session is known: its filters may be those of another version.
			go func() {
				if _, err := m.Subscribe(b.taking, subscribe); err != nil && b.taking.Err() == nil {
					b.options.Log.Error("mqtt: the broker refuses the subscription", "err", err)
					b.reconnect()
				}
			}()
		},
		OnConnectError: func(err error) {
			b.options.Log.Warn("mqtt: the broker does not answer", "url", b.url.Redacted(), "err", err)
		},
		ClientConfig: paho.ClientConfig{
			ClientID:                   b.options.Client,
			EnableManualAcknowledgment: true,
			SendAcksInterval:           answers,
			OnPublishReceived:          []func(paho.PublishReceived) (bool, error){b.take},
		},
	}
}

// dial connects, and remembers the connection, so that it can be broken: what
// was not acknowledged comes again only on a new one.
func (b *Bridge) dial(ctx context.Context, _ autopaho.ClientConfig, u *url.URL) (net.Conn, error) {
	var dialer interface {
		DialContext(context.Context, string, string) (net.Conn, error)
	} = &net.Dialer{}
	port := "1883"
	if u.Scheme == "mqtts" {
		dialer, port = &tls.Dialer{Config: b.options.TLS}, "8883"
	}
	if p := u.Port(); p != "" {
		port = p
	}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.conn = conn
	return packets.NewThreadSafeConn(conn), nil
}

func (b *Bridge) reconnect() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.conn != nil {
		_ = b.conn.Close()
	}
}

// take hands a message in. While there is no room it waits, and as the broker
// gets no answers, it keeps what follows.
func (b *Bridge) take(r paho.PublishReceived) (bool, error) {
	p := r.Packet
	device := b.options.Device(p.Topic)
	if !mqtt.ValidTopic(p.Topic) || !b.hub.Gate.MayPublish(device, p.Topic) {
		b.refused.Add(1)
		return true, r.Client.Ack(p)
	}
	// An error means that we are leaving: without an answer it comes again.
	return true, b.intake.Put(b.taking, mqtt.Message{
		Device: device, Topic: p.Topic, Payload: p.Payload, QoS: min(p.QoS, 1), Retain: p.Retain, Again: p.Duplicate(), At: b.options.Now(),
	}, tag{r.Client, p})
}

// stored is what follows a batch.
func (b *Bridge) stored(_ []mqtt.Message, tags []tag, err error) {
	if err != nil {
		b.reconnect()
		return
	}
	for _, t := range tags {
		// On a connection that was lost meanwhile it has no effect: the message comes again.
		_ = t.client.Ack(t.packet)
	}
}

// Publish sends to the broker and returns when it has acknowledged.
func (b *Bridge) Publish(ctx context.Context, c mqtt.Command) error {
	if err := errors.Join(c.Valid(), ctx.Err()); err != nil {
		return err
	}
	b.mu.Lock()
	manager := b.manager
	b.mu.Unlock()
	err := error(autopaho.ConnectionDownError)
	if manager != nil && !b.closing.Load() {
		_, err = manager.Publish(ctx, &paho.Publish{Topic: c.Topic, Payload: c.Payload, QoS: c.QoS, Retain: c.Retain})
	}
	if err != nil {
		return &linli.Error{Kind: linli.KindUnavailable, Zh: "消息服务器没有接收指令，请稍后再试", En: "the broker did not take the command; try again later", Err: err}
	}
	return nil
}

// Disconnect knows nobody.
func (b *Bridge) Disconnect(string) int { return 0 }

// Online knows nobody.
func (b *Bridge) Online() []mqtt.Presence { return nil }

// Stats counts since the start.
func (b *Bridge) Stats() mqtt.Stats { return b.intake.Count(mqtt.Stats{Refused: b.refused.Load()}) }

// Close has nothing to free.
func (b *Bridge) Close() error { return nil }
