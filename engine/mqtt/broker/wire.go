package broker

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	server "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

const (
	greeting  = 10 * time.Second       // from connecting to a whole CONNECT
	sendLimit = 15 * time.Second       // a client that takes nothing for so long is gone
	hurry     = 100 * time.Millisecond // the same when it is here anew already
)

// wire is a connection with what the broker knows about its client. mochi keeps
// the connection until the client is gone, so nothing has to be looked up.
type wire struct {
	net.Conn
	broker *Broker
	ctx    context.Context // ends with the connection
	cancel context.CancelFunc
	opened time.Time
	seen   atomic.Int64 // when a byte was read last, in milliseconds

	// Set while the client is let in, then only read.
	device string
	client *server.Client
	voice  *server.Client // tells its messages on in its name
	will   *will
	flight chan struct{} // a place for every message that the client wants to have in flight; nil for any number

	greeted chan struct{} // closed when CONNACK is sent; nothing may come before it
	hurried atomic.Bool   // another connection takes over
	reads   atomic.Bool   // what the client answers is heard
	ending  atomic.Bool   // it is being sent away
	window  chan struct{} // a place for every message that waits for its answer
	aliased bool          // the topic of the message at hand stands behind an alias, and is not allowed yet

	mu       sync.Mutex
	pass     func()   // lets others tell messages on again; nil when nobody waits for that
	answers  []uint16 // packets to be acknowledged
	spare    []uint16
	flushing bool
}

// will is what a client leaves behind.
type will struct {
	packet packets.Packet
	delay  time.Duration
}

// listener hands out wires.
type listener struct {
	net.Listener
	broker *Broker
}

func (l listener) Accept() (net.Conn, error) {
	for wait := time.Millisecond; ; wait = min(2*wait, time.Second) {
		c, err := l.Listener.Accept()
		if err == nil {
			return l.broker.wire(c), nil
		}
		if errors.Is(err, net.ErrClosed) {
			return nil, err
		}
		// Too many open files, or a client that left in the doorway. mochi would stop
		// listening for good.
		l.broker.options.Log.Warn("mqtt: a connection was not accepted", "err", err)
		time.Sleep(wait)
	}
}

func (b *Broker) wire(c net.Conn) *wire {
	ctx, cancel := context.WithCancel(context.Background())
	w := &wire{Conn: c, broker: b, ctx: ctx, cancel: cancel, opened: b.options.Now(), window: make(chan struct{}, b.options.Window), greeted: make(chan struct{})}
	w.seen.Store(w.opened.UnixMilli())
	// mochi sets a deadline only from the CONNECT on. When this fails the connection
	// is broken, and the first read says so.
	_ = c.SetReadDeadline(time.Now().Add(greeting))
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closing.Load() {
		_ = c.Close() // nobody would close it later
	}
	b.wires[w] = true
	return w
}

// wireOf finds the wire of a client, also under TLS; nil for the hub's own.
func wireOf(c net.Conn) *wire {
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	w, _ := c.(*wire)
	return w
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if n > 0 {
		w.seen.Store(w.broker.options.Now().UnixMilli())
	}
	return n, err
}

// Write gives every write a deadline of its own. Half a packet is followed by
// nothing that makes sense, so a write that fails ends the connection; mochi
// would go on.
func (w *wire) Write(p []byte) (int, error) {
	limit := sendLimit
	if w.hurried.Load() {
		limit = hurry
	}
	err := w.SetWriteDeadline(time.Now().Add(limit))
	n := 0
	if err == nil {
		n, err = w.Conn.Write(p)
	}
	if err != nil {
		_ = w.Close()
	}
	return n, err
}

// SetDeadline is how mochi says that the client must speak again before t. It
// does so before it reads, and while the store is slow it does not read for long:
// the answers that follow must not fail for that.
func (w *wire) SetDeadline(t time.Time) error { return w.SetReadDeadline(t) }

// makeWay shortens what is still written, since another connection waits for it.
func (w *wire) makeWay() {
	w.hurried.Store(true)
	_ = w.SetWriteDeadline(time.Now().Add(hurry)) // fails when it is closed, which is as good
}

// passed ends the time in which a session is between two connections.
func (w *wire) passed() {
	w.mu.Lock()
	pass := w.pass
	w.pass = nil
	w.mu.Unlock()
	if pass != nil {
		pass()
	}
}

func (w *wire) Close() error {
	w.cancel()
	w.passed()
	w.broker.mu.Lock()
	delete(w.broker.wires, w)
	w.broker.mu.Unlock()
	return w.Conn.Close()
}

// answer notes that a packet is stored, and tells whether send must be called for it.
func (w *wire) answer(packet uint16) (first bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answers = append(w.answers, packet)
	first = !w.flushing
	w.flushing = true
	return first
}

// send writes the noted answers in the order of the messages, until none is left.
// It runs in a goroutine of its own, since a client that does not read must not
// hold up the others. Several answers leave in one write.
func (w *wire) send() {
	var out bytes.Buffer
	for {
		w.mu.Lock()
		answers := w.answers
		w.answers, w.spare = w.spare[:0], answers
		w.flushing = len(answers) > 0
		w.mu.Unlock()
		if len(answers) == 0 {
			return
		}
		out.Reset()
		for _, id := range answers {
			pk := packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Puback}, PacketID: id, ProtocolVersion: w.client.Properties.ProtocolVersion}
			if err := pk.PubackEncode(&out); err != nil {
				w.client.Stop(err)
				return
			}
		}
		// Packets of mochi go to the same connection, each by one call of Write, and
		// such calls do not mix.
		if _, err := w.client.Net.Conn.Write(out.Bytes()); err != nil {
			w.client.Stop(err)
			return
		}
		for range answers {
			<-w.window
		}
	}
}
