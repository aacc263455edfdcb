// Package broker is the home of engine/mqtt inside this process: mochi-mqtt, for
// MQTT 3.1.1 and 5, with the promise of the port added to it.
//
// mochi would acknowledge a message as soon as its hook returns, and one client's
// messages one after the other, so a hook that waits for the disk would let every
// client send only as often as the disk turns. So the hook takes the message out
// of mochi's hands (ErrRejectPacket), and the answer is written when the batch is
// stored. See docs/adr/0011.
package broker

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	server "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"

	"linli"
	"linli/engine/db"
	"linli/engine/mqtt"
	"linli/engine/mqtt/batch"
)

// Options say where the broker listens; the zero values of the others are right.
type Options struct {
	Plain     string        // address without TLS; "" for none
	Secure    string        // address with TLS; "" for none
	TLS       *tls.Config   // of Secure; with ClientCAs and ClientAuth, devices can show certificates
	Clients   int           // connections at most; 0 means 20,000
	MaxPacket int           // bytes of a packet at most; 0 means 256 KiB
	Window    int           // messages of one client that wait for their answer; 0 means 64
	Backlog   int           // messages that wait for one subscriber that reads slowly or is away; 0 means 256
	Session   time.Duration // the longest that a session waits for its client; 0 means 7 days
	Patience  time.Duration // how long a refused batch is tried again; 0 means batch.Patience
	DB        db.DB         // keeps retained messages; without it they end with the process
	Now       linli.Now
	Log       *slog.Logger
}

// aliases is how many topics a client of MQTT 5 may abbreviate.
const aliases = 64

// Broker is an mqtt.Ingress.
type Broker struct {
	options Options
	server  *server.Server
	inline  *server.Client // speaks for the hub
	plain   net.Listener
	secure  net.Listener
	intake  *batch.Collector[tag]
	kept    retained

	hub     mqtt.Hub
	last    context.Context // of what is still done after the end of Run's
	started atomic.Bool
	open    atomic.Bool // commands are taken
	closing atomic.Bool

	// passing is held while a session goes from one connection to the next, so that
	// no message is given to the old one meanwhile; who tells messages shares it.
	passing sync.RWMutex

	mu     sync.Mutex
	wires  map[*wire]bool         // open connections
	online map[string]*wire       // of clients that are let in, by client identifier
	owners map[string]string      // device of every session, by client identifier
	wills  map[string]*time.Timer // of clients that may still return

	news    news
	sending sync.WaitGroup // answers

	order           atomic.Int64 // of messages to clients
	refused, missed atomic.Int64
	rejected        atomic.Int64
}

// tag is what the broker has to do when a message is stored.
type tag struct {
	wire   *wire           // who has sent it
	packet uint16          // to be acknowledged; 0 for none
	tell   *packets.Packet // to be told to subscribers; nil when nobody asks for it
}

// New opens the addresses; nobody is let in before Run.
func New(o Options) (*Broker, error) {
	if o.Plain == "" && o.Secure == "" || o.Secure != "" && o.TLS == nil {
		return nil, errors.New("broker: an address to listen on, and certificates for the secure one, are needed")
	}
	o.Clients, o.MaxPacket, o.Window, o.Backlog = or(o.Clients, 20_000), or(o.MaxPacket, 256<<10), or(o.Window, 64), or(o.Backlog, 256)
	o.Session, o.Patience = or(o.Session, 7*24*time.Hour), or(o.Patience, batch.Patience)
	b := &Broker{options: o, wires: map[*wire]bool{}, online: map[string]*wire{}, owners: map[string]string{}, wills: map[string]*time.Timer{}}
	b.kept.db = o.DB
	b.news.more = sync.NewCond(&b.news.mu)
	b.intake = batch.New(o.Patience, o.Log, b.stored)
	limits := server.NewDefaultServerCapabilities()
	limits.MaximumClients = int64(o.Clients)
	limits.MaximumPacketSize = uint32(o.MaxPacket)
	limits.MaximumSessionExpiryInterval = uint32(o.Session.Seconds())
	limits.MaximumClientWritesPending = int32(o.Backlog) // a place costs 8 bytes in every client
	limits.ReceiveMaximum = uint16(o.Window)
	limits.MaximumInflight = uint16(o.Backlog)
	limits.TopicAliasMaximum = aliases
	limits.MaximumQos = 1
	limits.MaximumMessageExpiryInterval = 0 // messages last as long as their sender says; mochi would forget retained ones after a day
	b.server = server.New(&server.Options{
		Capabilities: limits,
		// mochi logs whole packets, with payloads and passwords; hooks tell us enough.
		Logger:                 slog.New(slog.DiscardHandler),
		SysTopicResendInterval: 60,
		InlineClient:           true,
		// A packet is written at once: mochi would let an answer wait in its buffer for
		// the messages behind it, which may wait for that answer.
		ClientNetWriteBufferSize: 1,
	})
	b.inline = b.voice(server.InlineClientId)
	err := b.server.AddHook(&hook{broker: b}, nil)
	for _, l := range []struct {
		address string
		into    *net.Listener
		config  *tls.Config
	}{{o.Plain, &b.plain, nil}, {o.Secure, &b.secure, o.TLS}} {
		if l.address == "" || err != nil {
			continue
		}
		var inner net.Listener
		if inner, err = net.Listen("tcp", l.address); err != nil {
			continue
		}
		*l.into = listener{Listener: inner, broker: b}
		if l.config != nil {
			*l.into = tls.NewListener(*l.into, l.config)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("broker: %w", err), b.Close())
	}
	return b, nil
}

func or[T comparable](given, usual T) T {
	var zero T
	if given == zero {
		return usual
	}
	return given
}

// Plain is the address without TLS, nil for none.
func (b *Broker) Plain() net.Addr { return address(b.plain) }

// Secure is the address with TLS, nil for none.
func (b *Broker) Secure() net.Addr { return address(b.secure) }

func address(l net.Listener) net.Addr {
	if l == nil {
		return nil
	}
	return l.Addr()
}

// Run serves until ctx ends; see mqtt.Ingress.
func (b *Broker) Run(ctx context.Context, hub mqtt.Hub) error {
	if hub.Gate == nil || hub.Sink == nil {
		return errors.New("broker: a gate and a sink are needed")
	}
	if !b.started.CompareAndSwap(false, true) {
		return errors.New("broker: Run may be called once")
	}
	b.hub = hub
	var work sync.WaitGroup
	last, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	b.last = last
	work.Go(func() { b.intake.Run(last, hub.Sink) })
	told := make(chan struct{})
	go func() {
		defer close(told)
		b.news.spread(hub.Tell)
	}()
	err := b.kept.load(ctx, func(pk packets.Packet) { b.server.Topics.RetainMessage(pk) })
	if err == nil {
		b.open.Store(true) // a client that is let in may count on commands
		err = b.serve()
	}
	if err == nil {
		<-ctx.Done()
	}
	b.closing.Store(true)
	grace := time.AfterFunc(b.options.Patience, giveUp) // a sink that fails now is not waited for longer
	defer grace.Stop()
	b.intake.Close()
	work.Wait()
	b.dismiss()
	err = errors.Join(err, b.server.Close(), b.shut())
	b.news.end()
	<-told
	return err
}

// serve opens the doors.
func (b *Broker) serve() error {
	for name, l := range map[string]net.Listener{"plain": b.plain, "secure": b.secure} {
		if l == nil {
			continue
		}
		if err := b.server.AddListener(listeners.NewNet(name, l)); err != nil {
			return fmt.Errorf("broker: %w", err)
		}
	}
	if err := b.server.Serve(); err != nil {
		return fmt.Errorf("broker: %w", err)
	}
	return nil
}

// dismiss says goodbye and closes every connection, also of those who have not
// said yet who they are: mochi would wait for them.
func (b *Broker) dismiss() {
	b.mu.Lock()
	for id, t := range b.wills {
		t.Stop()
		delete(b.wills, id)
	}
	here, all := slices.Collect(maps.Values(b.online)), slices.Collect(maps.Keys(b.wires))
	b.mu.Unlock()
	said := make(chan struct{})
	go func() {
		defer close(said)
		b.sending.Wait()
		var each sync.WaitGroup
		for _, w := range here {
			each.Go(func() { b.end(w, packets.ErrServerShuttingDown) })
		}
		each.Wait()
	}()
	select {
	case <-said:
	case <-time.After(time.Second): // somebody does not read
	}
	for _, w := range all {
		_ = w.Close()
	}
}

// Close frees the addresses when Run was never called.
func (b *Broker) Close() error {
	if b.started.Load() {
		return nil
	}
	return b.shut()
}

func (b *Broker) shut() error {
	var out error
	for _, l := range []net.Listener{b.plain, b.secure} {
		if l == nil {
			continue
		}
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			out = errors.Join(out, err)
		}
	}
	return out
}

// Publish sends a command to its subscribers.
func (b *Broker) Publish(ctx context.Context, c mqtt.Command) error {
	if err := errors.Join(c.Valid(), ctx.Err()); err != nil {
		return err
	}
	if !b.open.Load() || b.closing.Load() {
		return &linli.Error{Kind: linli.KindUnavailable, Zh: "设备接入未运行，请稍后再试", En: "the device ingress is not running; try again later"}
	}
	pk := packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Publish, Qos: c.QoS, Retain: c.Retain}, TopicName: c.Topic, Payload: slices.Clone(c.Payload)}
	if c.Retain {
		b.kept.mu.Lock()
		defer b.kept.mu.Unlock()
		if err := b.kept.keep(ctx, linli.Millis(b.options.Now()), []packets.Packet{pk}); err != nil {
			return err
		}
	}
	return b.tell(b.inline, pk)
}

// voice makes a client without a connection, to tell messages on in the name of
// one that has: mochi spares a client its own messages by the name, when it asked so.
func (b *Broker) voice(name string) *server.Client {
	cl := b.server.NewClient(nil, server.LocalListener, name, true)
	cl.Properties.ProtocolVersion = 5 // so that properties survive
	return cl
}

// tell gives a packet to the subscribers in the name of a client.
func (b *Broker) tell(from *server.Client, pk packets.Packet) error {
	b.passing.RLock()
	defer b.passing.RUnlock()
	pk.PacketID = uint16(pk.FixedHeader.Qos) // mochi wants one, and gives every subscriber its own
	if err := b.server.InjectPacket(from, pk); err != nil {
		return linli.Internal(fmt.Errorf("broker: publish: %w", err))
	}
	return nil
}

// stored is what follows a batch: answers, or none and a new beginning.
func (b *Broker) stored(_ []mqtt.Message, tags []tag, err error) {
	if err == nil {
		err = b.spread(tags)
	}
	if err != nil {
		// 3.1.1 sends again only on a new connection, and 5 must not do so before.
		for _, t := range tags {
			if t.packet != 0 {
				go b.end(t.wire, packets.ErrServerUnavailable)
			}
		}
		return
	}
	ready := tags[:0]
	for _, t := range tags {
		if t.packet != 0 && t.wire.answer(t.packet) {
			ready = append(ready, t)
		}
	}
	for _, t := range ready {
		b.sending.Go(t.wire.send)
	}
}

// spread keeps what is to be retained, and tells messages on.
func (b *Broker) spread(tags []tag) error {
	var keep []packets.Packet
	some := false
	for _, t := range tags {
		some = some || t.tell != nil
		if t.tell != nil && t.tell.FixedHeader.Retain {
			keep = append(keep, *t.tell)
		}
	}
	if !some {
		return nil
	}
	b.kept.mu.Lock()
	defer b.kept.mu.Unlock()
	if err := b.kept.keep(b.last, linli.Millis(b.options.Now()), keep); err != nil {
		b.options.Log.Error("mqtt: retained messages were not kept", "messages", len(keep), "err", err)
		return err
	}
	for _, t := range tags {
		if t.tell == nil {
			continue
		}
		if t.wire.voice == nil {
			t.wire.voice = b.voice(t.wire.client.ID)
		}
		if err := b.tell(t.wire.voice, *t.tell); err != nil {
			b.options.Log.Error("mqtt: a stored message was not told on", "topic", t.tell.TopicName, "err", err)
		}
	}
	return nil
}

// end closes a connection; a client of MQTT 5 hears why.
func (b *Broker) end(w *wire, why packets.Code) {
	if !w.ending.CompareAndSwap(false, true) {
		return
	}
	if w.client.Properties.ProtocolVersion == 5 {
		_ = b.server.DisconnectClient(w.client, why)
		return
	}
	w.client.Stop(why)
}

// Disconnect ends the connections of a device.
func (b *Broker) Disconnect(device string) int {
	var its []*wire
	b.mu.Lock()
	for _, w := range b.online {
		if w.device == device {
			its = append(its, w)
		}
	}
	b.mu.Unlock()
	for _, w := range its {
		go b.end(w, packets.ErrAdministrativeAction)
	}
	return len(its)
}

// Online lists who is connected.
func (b *Broker) Online() []mqtt.Presence {
	b.mu.Lock()
	out := make([]mqtt.Presence, 0, len(b.online))
	for _, w := range b.online {
		out = append(out, w.presence())
	}
	b.mu.Unlock()
	slices.SortFunc(out, func(a, b mqtt.Presence) int {
		if c := strings.Compare(a.Device, b.Device); c != 0 {
			return c
		}
		return strings.Compare(a.Client, b.Client)
	})
	return out
}

func (w *wire) presence() mqtt.Presence {
	return mqtt.Presence{Device: w.device, Client: w.client.ID, Remote: w.client.Net.Remote, Online: true, Since: w.opened, Seen: linli.Time(w.seen.Load())}
}

// Stats counts since the start.
func (b *Broker) Stats() mqtt.Stats {
	full := atomic.LoadInt64(&b.server.Info.InflightDropped) // for this mochi has no hook
	return b.intake.Count(mqtt.Stats{Rejected: b.rejected.Load(), Refused: b.refused.Load(), Missed: b.missed.Load() + full})
}
