// Package mqtt is the port to devices that speak MQTT. What a device sends is
// handed in batches to a sink that stores it; a device is told "received"
// (PUBACK) only after the sink has returned, which is after the commit. Who sends
// more than can be stored is slowed down by its own connection; nothing that was
// acknowledged is lost, and nothing is dropped because there is much of it.
//
// Its homes are mqtt/broker (a broker inside this process) and mqtt/bridge (an
// existing broker).
package mqtt

import (
	"context"
	"crypto/x509"
	"strings"
	"time"
	"unicode/utf8"

	"linli"
)

// Message is one publication of a device.
type Message struct {
	Device  string    // who sent it, by the name that Gate.Admit gave
	Client  string    // MQTT client identifier; "" when a bridge cannot know it
	Topic   string    // without wildcards
	Payload []byte    // at most what the home allows, never changed after
	QoS     byte      // 0, 1; what was sent with 0 has nobody who waits for an answer
	Retain  bool      // the sender wants later subscribers to see it
	Again   bool      // the sender says that it has sent it before; it may be stored already
	Will    bool      // the sender is gone; this is what it left behind for that case
	At      time.Time // when it arrived, by the injected clock
}

// Sink stores a batch in the order it has, in one transaction, and returns nil
// only after the commit. An error means that nothing of the batch was stored: the
// same batch comes again for a while, then its senders are disconnected without an
// answer, and send it anew. So delivery is at least once, and a sink that must
// not count twice compares an id of the sender's. A message that can never be
// stored is the sink's to put aside; refusing it for ever holds up everybody.
// The slice is the sink's only during the call; payloads may be kept.
type Sink func(ctx context.Context, batch []Message) error

// Hello is how a client introduces itself.
type Hello struct {
	Client      string            // MQTT client identifier, chosen by the client
	User        string            // "" when none was given
	Secret      []byte            // password or token; nil when none was given
	Certificate *x509.Certificate // of a TLS client, verified against the authorities of the home; else nil
	Remote      string            // network address
}

// Gate decides who comes in and what they may do. Its methods are called by many
// goroutines at once; the last two run for every message and must not wait.
type Gate interface {
	// Admit gives the lasting name of the device behind a connection. An error of
	// kind unauthenticated or forbidden turns it away; any other asks it to come
	// again later.
	Admit(ctx context.Context, h Hello) (device string, err error)
	// MayPublish tells whether the device may write to a topic.
	MayPublish(device, topic string) bool
	// MaySubscribe tells whether the device may read everything under a filter. A
	// topic is a filter, too: it is asked again for what is delivered. Of a shared
	// subscription it sees the part after $share/<group>/.
	MaySubscribe(device, filter string) bool
}

// Presence says that a device has come or gone.
type Presence struct {
	Device string
	Client string
	Remote string
	Online bool
	Since  time.Time // of the connection
	Seen   time.Time // when its last byte was read
	Reason string    // why it is gone, for people; "" while it is here
}

// Hub is the side of the house: who is let in, where messages go, who is told of
// coming and going.
type Hub struct {
	Gate Gate
	Sink Sink
	// Tell, when not nil, hears of coming and going, one after the other in the order
	// it happened. After a crash nobody is told who has gone: at the start all are gone.
	Tell func(Presence)
}

// Command is what the hub says to devices.
type Command struct {
	Topic   string
	Payload []byte
	QoS     byte // 0 or 1
	Retain  bool // kept for later subscribers; an empty payload ends that
}

// Ingress is the port.
type Ingress interface {
	// Run serves until ctx ends; then it takes no more, stores what it has taken,
	// answers, says goodbye and returns nil. It may be called once.
	Run(ctx context.Context, hub Hub) error
	// Publish sends to whoever subscribes, also to those whose session waits for
	// their return, while Run runs. What is to be retained is on disk when it
	// returns; what waits for a client is not, so whoever must know that a command
	// was carried out keeps it and asks the device. Of several nodes with brokers
	// each reaches its own clients.
	Publish(ctx context.Context, c Command) error
	// Disconnect ends the connections of a device, as when its key was withdrawn,
	// and tells how many there were.
	Disconnect(device string) int
	// Online lists who is connected, by device and client.
	Online() []Presence
	// Stats counts since the start.
	Stats() Stats
	// Close frees what New has opened when Run was never called.
	Close() error
}

// Stats counts what happened since the start.
type Stats struct {
	Received int64 // messages taken in
	Stored   int64 // of them, those the sink has committed
	Failed   int64 // of them, those the sink refused until patience ended; their senders got no answer
	Refused  int64 // messages that the gate did not allow
	Rejected int64 // clients that were not let in
	Batches  int64 // commits
	Waiting  int64 // taken in and not yet stored
	Missed   int64 // deliveries to a subscriber that reads too slowly, given up
}

// ValidTopic tells whether a name can be published to: no wildcards, not empty,
// not of the broker's own ($).
func ValidTopic(topic string) bool {
	return topic != "" && len(topic) <= 65535 && topic[0] != '$' && !strings.ContainsAny(topic, "+#\x00") && utf8.ValidString(topic)
}

// Valid says what is wrong with a command, nil when nothing is.
func (c Command) Valid() error {
	switch {
	case !ValidTopic(c.Topic):
		return linli.Invalid("topic", "主题须非空、不以 $ 开头、不含通配符", "a topic is not empty, does not begin with $ and has no wildcards")
	case c.QoS > 1:
		return linli.Invalid("qos", "服务质量只能是 0 或 1", "the quality of service is 0 or 1")
	}
	return nil
}

// Covers tells whether everything that the filter can match is also matched by
// the wider one: home/+/state covers home/3/state, home/# covers both. A gate
// that keeps filters per device answers with it.
func Covers(wider, filter string) bool {
	w, f := strings.Split(wider, "/"), strings.Split(filter, "/")
	// Wildcards at the first level never mean topics of the broker itself (MQTT 4.7.2).
	if strings.HasPrefix(f[0], "$") && f[0] != w[0] {
		return false
	}
	for i, part := range w {
		switch {
		case part == "#":
			return true // also the level above it: home/# covers home
		case i >= len(f):
			return false
		case f[i] == "#":
			return false
		case part != "+" && part != f[i]:
			return false
		}
	}
	return len(w) == len(f)
}
