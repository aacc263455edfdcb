package device

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"time"

	"linli"
	"linli/engine/bus"
	"linli/engine/db"
)

// Topics of a device, below linli/v1/d/<device>/. It writes up and reads down.
const (
	root      = "linli/v1/d/"
	UpData    = "up/data"  // readings and happenings
	UpState   = "up/state" // reported settings, battery, firmware
	UpAck     = "up/ack"   // answers to commands
	DownCmd   = "down/cmd"
	DownState = "down/state" // settings that are wished and not yet reported
)

// Topic is the whole name of a device's topic.
func Topic(device, leaf string) string { return root + device + "/" + leaf }

// own cuts a topic to the part behind the device's own prefix.
func own(device, topic string) (leaf string, ok bool) {
	rest, ok := strings.CutPrefix(topic, root)
	if !ok {
		return "", false
	}
	rest, ok = strings.CutPrefix(rest, device)
	if !ok || device == "" {
		return "", false
	}
	return strings.CutPrefix(rest, "/")
}

// gate keeps in memory what decides who comes in: a street of devices reconnects at
// once after a power cut, and every message is asked about. Cards follow the events
// of all nodes; one that could not be read anew is dropped, so that nothing stale
// lets anybody in.
type gate struct {
	mu    sync.RWMutex
	cards map[string]card
	stale map[string]bool // dropped; to be read anew when the device comes. Others without a card do not exist.
}

// card is what the gate knows of a device.
type card struct {
	rev  int64
	live bool
	keys []key
}

// key lets a device in. The secret is 256 random bits, so its bare SHA-256 cannot
// be searched back; a slow hash would only make 5,000 reconnects a minute slow.
type key struct {
	kind string // token or x509
	hash string
	ends int64 // milliseconds; 0: until it is revoked
}

func (k key) valid(now time.Time) bool { return k.ends == 0 || now.UnixMilli() < k.ends }

func hashOf(secret []byte) string {
	sum := sha256.Sum256(secret)
	return hex.EncodeToString(sum[:])
}

// newToken is a secret of 256 random bits.
func newToken() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// warm reads all cards.
func (s *Service) warm(ctx context.Context) error {
	var found map[string]card
	err := s.DB.Read(ctx, func(tx db.Tx) (err error) {
		found, err = cardsOf(tx, "", nil)
		return err
	})
	if err == nil {
		s.gate.mu.Lock()
		s.gate.cards = found
		s.gate.mu.Unlock()
	}
	return err
}

// read brings one card up to date from the store.
func (s *Service) read(ctx context.Context, device string) (c card, ok bool, err error) {
	err = s.DB.Read(ctx, func(tx db.Tx) error {
		found, err := cardsOf(tx, " WHERE d.id = $1", []any{device})
		c, ok = found[device]
		return err
	})
	if err != nil {
		s.gate.mu.Lock()
		delete(s.gate.cards, device)
		s.gate.stale[device] = true
		s.gate.mu.Unlock()
		return card{}, false, err
	}
	if ok {
		s.gate.put(device, c)
	}
	return c, ok, nil
}

// put keeps the newer of two cards: transactions tell of their end in any order.
func (g *gate) put(device string, c card) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if old, ok := g.cards[device]; !ok || old.rev <= c.rev {
		g.cards[device] = c
	}
	delete(g.stale, device)
}

func (g *gate) get(device string) (c card, ok, stale bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	c, ok = g.cards[device]
	return c, ok, g.stale[device]
}

// Hear follows what other nodes do to keys and states. On an error the device is
// kept out here until it comes with its key and is read anew.
func (s *Service) Hear(ctx context.Context, e bus.Event) error {
	switch e.Kind {
	case EventRegistered, EventClaimed, EventActive, EventSuspended, EventRetired, EventKeyed, EventRevoked:
		_, _, err := s.read(ctx, e.Key)
		return err
	}
	return nil
}

var (
	errKey  = &linli.Error{Kind: linli.KindUnauthenticated, Zh: "设备编号或密钥不对", En: "the device or its key is wrong"}
	errKept = linli.Forbidden("设备未启用、已停用或已报废", "the device is not in service")
)

// Authenticate lets a device in by its id and token and gives its lasting name. A
// wrong token and an unknown device are KindUnauthenticated in the same words; the
// right token of a device that is suspended or retired is KindForbidden.
func (s *Service) Authenticate(ctx context.Context, user string, secret []byte) (device string, err error) {
	return s.admit(ctx, user, "token", hashOf(secret))
}

// AuthenticateCertificate is the same for a device that has shown a certificate
// whose private key it holds, as TLS proves; only the one recorded for it counts.
func (s *Service) AuthenticateCertificate(ctx context.Context, user string, c *x509.Certificate) (device string, err error) {
	if now := s.Now(); now.Before(c.NotBefore) || now.After(c.NotAfter) {
		return "", errKey
	}
	return s.admit(ctx, user, "x509", hashOf(c.Raw))
}

func (s *Service) admit(ctx context.Context, device, kind, hash string) (string, error) {
	if !linli.ValidID(device, "dev") {
		return "", errKey
	}
	c, ok, stale := s.gate.get(device)
	if stale {
		var err error
		if c, ok, err = s.read(ctx, device); err != nil {
			return "", err
		}
	}
	now, good := s.Now(), false
	for _, k := range c.keys {
		if k.kind == kind && subtle.ConstantTimeCompare([]byte(k.hash), []byte(hash)) == 1 && k.valid(now) {
			good = true
		}
	}
	switch {
	case !ok || !good:
		return "", errKey
	case !c.live:
		return "", errKept
	}
	return device, nil
}

// in tells whether a device may speak now: in service and with a key.
func (s *Service) in(device string) bool {
	c, ok, _ := s.gate.get(device)
	now := s.Now()
	return ok && c.live && slices.ContainsFunc(c.keys, func(k key) bool { return k.valid(now) })
}

// MayPublish tells whether a device may write to a topic: its own three only, and
// not after its keys were revoked, even on a connection from before. It reads memory.
func (s *Service) MayPublish(device, topic string) bool {
	leaf, ok := own(device, topic)
	return ok && (leaf == UpData || leaf == UpState || leaf == UpAck) && s.in(device)
}

// MaySubscribe tells whether a device may read everything under a filter: what is
// below its own down/. It reads memory.
func (s *Service) MaySubscribe(device, filter string) bool {
	leaf, ok := own(device, filter)
	return ok && (leaf == DownCmd || leaf == DownState || leaf == "down/+" || leaf == "down/#") && s.in(device)
}
