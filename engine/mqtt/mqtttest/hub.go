// Package mqtttest holds the conformance suite of engine/mqtt, with devices that
// use the libraries real devices use.
package mqtttest

import (
	"context"
	"crypto/subtle"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"linli"
	"linli/engine/mqtt"
)

// Secret is what Doors lets in.
const Secret = "made for the test"

// Doors is a gate. A device is called by its user name, or by the common name of
// its certificate; it may write below up/<name>/ and all/, and read below
// down/<name>/ and all/. What is called watcher may read and write everything.
type Doors struct{}

// Admit lets in who knows Secret or shows a certificate.
func (Doors) Admit(_ context.Context, h mqtt.Hello) (string, error) {
	switch {
	case h.Certificate != nil:
		return h.Certificate.Subject.CommonName, nil
	case h.User == "unlucky":
		return "", errors.New("the register does not answer")
	case subtle.ConstantTimeCompare(h.Secret, []byte(Secret)) != 1:
		return "", &linli.Error{Kind: linli.KindUnauthenticated, Zh: "密钥不对", En: "the secret is wrong"}
	}
	return h.User, nil
}

// MayPublish allows up/<name>/… and all/….
func (Doors) MayPublish(device, topic string) bool {
	return device == "watcher" || strings.HasPrefix(topic, "up/"+device+"/") || strings.HasPrefix(topic, "all/")
}

// MaySubscribe allows down/<name>/… and all/….
func (Doors) MaySubscribe(device, filter string) bool {
	return device == "watcher" || mqtt.Covers("down/"+device+"/#", filter) || mqtt.Covers("all/#", filter)
}

// Store is a sink in memory that can be made slow or broken.
type Store struct {
	mu      sync.Mutex
	changed *sync.Cond
	all     []mqtt.Message
	sizes   []int
	fail    func(batch []mqtt.Message) error
	held    chan struct{}
}

// NewStore makes an empty one.
func NewStore() *Store {
	s := &Store{}
	s.changed = sync.NewCond(&s.mu)
	return s
}

// Sink stores a batch.
func (s *Store) Sink(ctx context.Context, batch []mqtt.Message) error {
	s.mu.Lock()
	held := s.held
	s.mu.Unlock()
	if held != nil {
		select {
		case <-held:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		if err := s.fail(batch); err != nil {
			return err
		}
	}
	s.all = append(s.all, batch...)
	s.sizes = append(s.sizes, len(batch))
	s.changed.Broadcast()
	return nil
}

// Fail makes fn answer for every batch from now on; nil ends that.
func (s *Store) Fail(fn func(batch []mqtt.Message) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = fn
}

// Hold keeps the sink from returning until release is called.
func (s *Store) Hold() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := make(chan struct{})
	s.held = held
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.held == held {
			close(held)
			s.held = nil
		}
	}
}

// All is what was stored, in order.
func (s *Store) All() []mqtt.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.all)
}

// Sizes are those of the batches, in order.
func (s *Store) Sizes() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sizes)
}

// Until waits until what is stored is as wished, and returns it.
func (s *Store) Until(t *testing.T, what string, ok func(all []mqtt.Message) bool) []mqtt.Message {
	t.Helper()
	late := false
	timer := time.AfterFunc(patience, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		late = true
		s.changed.Broadcast()
	})
	defer timer.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !ok(s.all) {
		if late {
			t.Fatalf("%s: not stored; %d messages are", what, len(s.all))
		}
		s.changed.Wait()
	}
	return slices.Clone(s.all)
}

// Has is a condition of Until: a message with this payload is stored.
func Has(payload string) func([]mqtt.Message) bool {
	return func(all []mqtt.Message) bool {
		return slices.ContainsFunc(all, func(m mqtt.Message) bool { return string(m.Payload) == payload })
	}
}

// Quiet is a log that a test does not show.
var Quiet = slog.New(slog.DiscardHandler)

// Run runs an ingress until the test ends or stop is called, which waits for it.
func Run(t *testing.T, in mqtt.Ingress, hub mqtt.Hub) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- in.Run(ctx, hub) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := Await(t, ended, "Run does not end"); err != nil {
				t.Errorf("Run: %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

// Eventually waits for what only time brings.
func Eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.After(patience)
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal(what)
		}
	}
}
