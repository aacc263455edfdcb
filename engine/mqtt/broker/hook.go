package broker

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	server "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"

	"linli"
	"linli/engine/mqtt"
)

// admission is how long the gate may think about a client.
const admission = 10 * time.Second

// hook is where mochi asks.
type hook struct {
	server.HookBase
	broker *Broker
}

func (h *hook) ID() string { return "linli" }

func (h *hook) Provides(b byte) bool {
	switch b {
	case server.OnConnect, server.OnConnectAuthenticate, server.OnACLCheck, server.OnSessionEstablish, server.OnSessionEstablished, server.OnQosPublish, server.OnDisconnect,
		server.OnPacketRead, server.OnPacketEncode, server.OnPacketSent, server.OnPublish, server.OnPublishDropped, server.OnClientExpired, server.OnSelectSubscribers, server.OnRetainedExpired:
		return true
	}
	return false
}

// OnConnect asks the gate, and says why when the answer is no; what mochi itself
// would say is always "wrong password".
func (h *hook) OnConnect(cl *server.Client, pk packets.Packet) error {
	w := wireOf(cl.Net.Conn)
	w.client = cl
	hello := mqtt.Hello{Client: cl.ID, User: string(pk.Connect.Username), Remote: cl.Net.Remote, Certificate: certificate(cl)}
	if pk.Connect.PasswordFlag {
		hello.Secret = pk.Connect.Password
	}
	ctx, cancel := context.WithTimeout(w.ctx, admission)
	defer cancel()
	device, err := h.broker.hub.Gate.Admit(ctx, hello)
	code := packets.CodeSuccess
	switch kind := linli.KindOf(err); {
	case h.broker.closing.Load():
		code = packets.ErrServerUnavailable
	case kind == linli.KindUnauthenticated, kind == linli.KindForbidden, err == nil && device == "":
		code = packets.ErrBadUsernameOrPassword
	case err != nil:
		code = packets.ErrServerUnavailable
		h.broker.options.Log.Error("mqtt: the gate does not answer", "client", cl.ID, "err", err)
	case pk.Connect.WillFlag && !(mqtt.ValidTopic(pk.Connect.WillTopic) && h.broker.hub.Gate.MayPublish(device, pk.Connect.WillTopic)):
		code = packets.ErrBadUsernameOrPassword
		if cl.Properties.ProtocolVersion == 5 {
			code = packets.ErrNotAuthorized
		}
	case !h.claim(cl.ID, device):
		code = packets.ErrClientIdentifierNotValid
	}
	if code != packets.CodeSuccess {
		h.broker.rejected.Add(1)
		if err := h.broker.server.SendConnack(cl, code, false, nil); err != nil {
			return err
		}
		return code
	}
	w.device = device
	// How much the client wants to have in flight is kept by OnPacketEncode: mochi
	// forgets what waited for that, and loses count.
	if most := cl.Properties.Props.ReceiveMaximum; most > 0 && cl.Properties.ProtocolVersion == 5 {
		w.flight = make(chan struct{}, most)
	}
	cl.Properties.Props.ReceiveMaximum = 0
	cl.State.Inflight.ResetSendQuota(0)
	if pk.Connect.WillFlag {
		w.will = willOf(cl, pk)
		// mochi neither stores a will nor keeps a late one beyond its session.
		cl.Properties.Will = server.Will{}
	}
	return nil
}

// OnConnectAuthenticate repeats what OnConnect has found.
func (h *hook) OnConnectAuthenticate(cl *server.Client, _ packets.Packet) bool {
	return wireOf(cl.Net.Conn).device != ""
}

// claim notes whose session this client identifier names, unless it names one of
// another device: nobody takes over what was meant for somebody else.
func (h *hook) claim(client, device string) bool {
	h.broker.mu.Lock()
	defer h.broker.mu.Unlock()
	if owner, known := h.broker.owners[client]; client == server.InlineClientId || known && owner != device {
		return false
	}
	h.broker.owners[client] = device
	return true
}

func certificate(cl *server.Client) *x509.Certificate {
	if c, ok := cl.Net.Conn.(*tls.Conn); ok {
		if chains := c.ConnectionState().VerifiedChains; len(chains) > 0 {
			return chains[0][0]
		}
	}
	return nil
}

func willOf(cl *server.Client, pk packets.Packet) *will {
	c := pk.Connect
	out := &will{packet: packets.Packet{
		FixedHeader: packets.FixedHeader{Type: packets.Publish, Qos: c.WillQos, Retain: c.WillRetain},
		TopicName:   c.WillTopic, Payload: c.WillPayload, Properties: c.WillProperties,
	}}
	delay := out.packet.Properties.WillDelayInterval
	out.packet.Properties.WillDelayInterval = 0
	// It is due when the session ends, at the latest (MQTT 5, 3.1.3.2.2).
	out.delay = time.Duration(min(delay, cl.Properties.Props.SessionExpiryInterval)) * time.Second
	return out
}

// OnACLCheck is asked for every message sent and delivered, and for every subscription.
func (h *hook) OnACLCheck(cl *server.Client, topic string, write bool) bool {
	w := wireOf(cl.Net.Conn)
	switch {
	case w == nil: // a session whose client is away: what it may read was asked when it subscribed
		return !write
	case !write:
		if server.IsSharedFilter(topic) {
			if parts := strings.SplitN(topic, "/", 3); len(parts) == 3 {
				topic = parts[2]
			}
		}
		return h.broker.hub.Gate.MaySubscribe(w.device, topic)
	case topic == "": // mochi looks behind the alias only later; OnPublish asks again
		w.aliased = true
		return true
	}
	return h.mayPublish(w, topic)
}

func (h *hook) mayPublish(w *wire, topic string) bool {
	if mqtt.ValidTopic(topic) && h.broker.hub.Gate.MayPublish(w.device, topic) {
		return true
	}
	h.broker.refused.Add(1)
	return false
}

// OnPacketRead refuses what mochi would quietly answer as if it were QoS 1, and
// sees that a message has reached the client.
func (h *hook) OnPacketRead(cl *server.Client, pk packets.Packet) (packets.Packet, error) {
	switch {
	case pk.FixedHeader.Type == packets.Publish && pk.FixedHeader.Qos > 1:
		h.broker.end(wireOf(cl.Net.Conn), packets.ErrQosNotSupported)
		return pk, packets.ErrRejectPacket
	case pk.FixedHeader.Type == packets.Puback:
		select {
		case <-wireOf(cl.Net.Conn).flight:
		default:
		}
	}
	return pk, nil
}

// OnPacketEncode lets no more messages to a client than it wants to have in
// flight (MQTT 5, 4.9); the others wait in its queue. Only what mochi sends again
// at the return of a client, before it reads, cannot wait. In a CONNACK it says
// which limits there are; mochi keeps them to itself.
func (h *hook) OnPacketEncode(cl *server.Client, pk packets.Packet) packets.Packet {
	w := wireOf(cl.Net.Conn)
	if w == nil {
		return pk
	}
	if pk.FixedHeader.Type == packets.Connack && pk.ReasonCode == packets.CodeSuccess.Code {
		pk.Properties.MaximumPacketSize, pk.Properties.TopicAliasMaximum = uint32(h.broker.options.MaxPacket), aliases
		w.passed()
	}
	if pk.FixedHeader.Type != packets.Publish {
		return pk
	}
	select { // mochi may have a message before it has greeted
	case <-w.greeted:
	case <-w.ctx.Done():
	}
	switch {
	case w.flight == nil || pk.FixedHeader.Qos == 0:
	case w.reads.Load():
		select {
		case w.flight <- struct{}{}:
		case <-w.ctx.Done():
		}
	default:
		select {
		case w.flight <- struct{}{}:
		default:
		}
	}
	return pk
}

// OnPacketSent sees that the client is greeted.
func (h *hook) OnPacketSent(cl *server.Client, pk packets.Packet, _ []byte) {
	if pk.FixedHeader.Type == packets.Connack {
		close(wireOf(cl.Net.Conn).greeted)
	}
}

// OnPublish takes the message out of mochi's hands: with any other error mochi
// acknowledges a message of MQTT 3.1.1 all the same. While there is no room it
// waits, and as mochi does not read on meanwhile, the sender's line fills.
func (h *hook) OnPublish(cl *server.Client, pk packets.Packet) (packets.Packet, error) {
	if cl.Net.Inline {
		return pk, nil
	}
	w := wireOf(cl.Net.Conn)
	if w.aliased {
		w.aliased = false
		if !h.mayPublish(w, pk.TopicName) {
			if pk.FixedHeader.Qos > 0 {
				return pk, packets.ErrNotAuthorized // only MQTT 5 has aliases, and it is told
			}
			return pk, packets.ErrRejectPacket
		}
	}
	t := tag{wire: w}
	if pk.FixedHeader.Qos > 0 {
		select {
		case w.window <- struct{}{}:
			t.packet = pk.PacketID
		case <-w.ctx.Done():
			return pk, packets.ErrRejectPacket
		}
	}
	h.take(w.ctx, w, &pk, t, false)
	return pk, packets.ErrRejectPacket
}

// take hands a message in, and gives it up when its connection ends before there is room.
func (h *hook) take(ctx context.Context, w *wire, pk *packets.Packet, t tag, will bool) {
	if h.told(pk) {
		another := pk.Copy(false)
		t.tell = &another
	}
	_ = h.broker.intake.Put(ctx, mqtt.Message{
		Device: w.device, Client: w.client.ID, Topic: pk.TopicName, Payload: pk.Payload, QoS: pk.FixedHeader.Qos,
		Retain: pk.FixedHeader.Retain, Again: pk.FixedHeader.Dup, Will: will, At: h.broker.options.Now(),
	}, t)
}

// told tells whether anybody but the sink is to hear of a message.
func (h *hook) told(pk *packets.Packet) bool {
	if pk.FixedHeader.Retain {
		return true
	}
	if atomic.LoadInt64(&h.broker.server.Info.Subscriptions) == 0 {
		return false
	}
	s := h.broker.server.Topics.Subscribers(pk.TopicName)
	return len(s.Subscriptions)+len(s.Shared) > 0
}

// OnQosPublish notes the order of the messages that wait for a client. mochi knows
// the second they came in only, and sends them again in any order of that.
func (h *hook) OnQosPublish(cl *server.Client, pk packets.Packet, _ int64, _ int) {
	if pk.FixedHeader.Type == packets.Publish && pk.Created > 0 {
		pk.Created = math.MinInt64/2 + h.broker.order.Add(1) // a negative second: it has been noted
		cl.State.Inflight.Set(pk)
	}
}

// OnSessionEstablish lets a session pass to a new connection: from here until
// mochi knows it by the new one, which is before CONNACK, no message is told on,
// since mochi would give it to the old one and forget it. And it brings what waits
// into an order that survives mochi, which sorts by the lowest 16 bits.
func (h *hook) OnSessionEstablish(cl *server.Client, _ packets.Packet) {
	before, ok := h.broker.server.Clients.Get(cl.ID)
	if !ok {
		return
	}
	w, old := wireOf(cl.Net.Conn), wireOf(before.Net.Conn)
	old.makeWay() // mochi says goodbye to it, and everybody waits for that
	h.broker.passing.Lock()
	w.mu.Lock()
	w.pass = h.broker.passing.Unlock
	w.mu.Unlock()
	if w.ctx.Err() != nil { // closed before it could see that there is something to end
		w.passed()
	}
	waiting := before.State.Inflight.GetAll(false)
	slices.SortFunc(waiting, func(a, b packets.Packet) int { return cmp.Compare(a.Created, b.Created) })
	for i, pk := range waiting {
		pk.Created = math.MinInt64 + int64(i)
		before.State.Inflight.Set(pk)
	}
}

// OnSessionEstablished counts the client in. A will that waited for its return is
// void, or due at once when the client began anew.
func (h *hook) OnSessionEstablished(cl *server.Client, pk packets.Packet) {
	w := wireOf(cl.Net.Conn)
	b := h.broker
	b.mu.Lock()
	defer b.mu.Unlock()
	w.reads.Store(true)
	b.online[cl.ID] = w
	b.owners[cl.ID] = w.device
	if t := b.wills[cl.ID]; t != nil && t.Stop() {
		delete(b.wills, cl.ID)
		if pk.Connect.Clean {
			t.Reset(0)
		}
	}
	b.news.add(w.presence())
}

// OnDisconnect counts the client out, unless it is here again already.
func (h *hook) OnDisconnect(cl *server.Client, err error, expire bool) {
	w := wireOf(cl.Net.Conn)
	if w == nil {
		return
	}
	b := h.broker
	b.mu.Lock()
	here := b.online[cl.ID] == w
	if here {
		delete(b.online, cl.ID)
		if expire {
			delete(b.owners, cl.ID)
		}
		p := w.presence()
		p.Online, p.Reason = false, reason(cl, err)
		b.news.add(p)
	}
	b.mu.Unlock()
	if w.will == nil || b.closing.Load() || cl.StopCause() == packets.CodeDisconnect {
		return
	}
	if w.will.delay == 0 {
		h.leave(w)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if next := b.online[cl.ID]; next == nil {
		b.wills[cl.ID] = time.AfterFunc(w.will.delay, func() { h.leave(w) })
	} else if next.client.Properties.Clean {
		go h.leave(w) // the session it belonged to has ended
	}
}

// leave hands in what a client left behind.
func (h *hook) leave(w *wire) {
	h.broker.mu.Lock()
	if t := h.broker.wills[w.client.ID]; t != nil && h.broker.online[w.client.ID] == nil {
		delete(h.broker.wills, w.client.ID)
	}
	h.broker.mu.Unlock()
	h.take(context.Background(), w, &w.will.packet, tag{wire: w}, true)
}

func reason(cl *server.Client, err error) string {
	if cause := cl.StopCause(); cause != nil {
		err = cause
	}
	if err == nil {
		return "closed"
	}
	return err.Error()
}

// OnClientExpired forgets a session. mochi forgets the client only: its
// subscriptions would stay for ever, and a shared one still get its share.
func (h *hook) OnClientExpired(cl *server.Client) {
	h.broker.server.UnsubscribeClient(cl)
	h.broker.mu.Lock()
	defer h.broker.mu.Unlock()
	if h.broker.online[cl.ID] == nil {
		delete(h.broker.owners, cl.ID)
	}
}

// OnRetainedExpired forgets on disk what has run out.
func (h *hook) OnRetainedExpired(topic string) {
	b := h.broker
	b.kept.mu.Lock()
	defer b.kept.mu.Unlock()
	if _, anew := b.server.Topics.Retained.Get(topic); anew {
		return // meanwhile there is another one
	}
	if err := b.kept.keep(b.last, 0, []packets.Packet{{TopicName: topic}}); err != nil {
		b.options.Log.Warn("mqtt: a retained message that has run out stays on disk", "topic", topic, "err", err)
	}
}

// OnSelectSubscribers gives the message of a shared subscription to one who is
// here, when there is one.
func (h *hook) OnSelectSubscribers(s *server.Subscribers, _ packets.Packet) *server.Subscribers {
	h.broker.mu.Lock()
	defer h.broker.mu.Unlock()
	for _, group := range s.Shared {
		here := 0
		for id := range group {
			if h.broker.online[id] != nil {
				here++
			}
		}
		for id := range group {
			if here > 0 && h.broker.online[id] == nil {
				delete(group, id)
			}
		}
	}
	return s
}

// OnPublishDropped counts a message that found a subscriber's queue full.
func (h *hook) OnPublishDropped(*server.Client, packets.Packet) { h.broker.missed.Add(1) }
