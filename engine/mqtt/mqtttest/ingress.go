package mqtttest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"linli"
	"linli/engine/mqtt"
)

// Site is an ingress with the address that devices connect to.
type Site struct {
	In     mqtt.Ingress
	Plain  string
	Secure string
	// Between says that another broker answers the devices, so that their answers
	// promise no more than it does.
	Between bool
}

// Open makes a site that does not run yet; what it needs ends with the test. A
// batch that the sink refuses is tried again for so long.
type Open func(t *testing.T, patience time.Duration) Site

// Versions are those of the protocol.
var Versions = []int{4, 5}

// Ingress checks the promises that hold for every home.
func Ingress(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, Open, int){
		"what is acknowledged is stored as it was sent":   stored,
		"messages in flight share commits in their order": shared,
		"a command reaches who subscribes":                command,
		"what the sink refuses is never acknowledged":     refused,
		"a sink that recovers in time is not noticed":     recovers,
		"overload slows and loses nothing":                overload,
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			for _, version := range Versions {
				t.Run(fmt.Sprintf("version_%d", version), func(t *testing.T) {
					t.Parallel()
					test(t, open, version)
				})
			}
		})
	}
	t.Run("a_wrong_command_is_refused_and_sends_nothing", func(t *testing.T) {
		t.Parallel()
		wrongCommands(t, open)
	})
}

func stored(t *testing.T, open Open, version int) {
	site, store := open(t, time.Second), NewStore()
	before := time.Now().Add(-time.Second)
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	c := Connected(t, Dial{Version: version, Addr: site.Plain, ID: "d1", Clean: true})
	for _, qos := range []byte{1, 0} {
		payload := fmt.Sprintf("体温 36.%d", qos)
		if err := c.Publish(t, "up/d1/temp", payload, qos, false); err != nil {
			t.Fatal(err)
		}
		if qos == 1 && !site.Between && !Has(payload)(store.All()) {
			t.Error("acknowledged before it was stored")
		}
		all := store.Until(t, payload, Has(payload))
		m := all[len(all)-1]
		if m.Device != "d1" || m.Topic != "up/d1/temp" || m.QoS != qos || m.Retain || m.Again || m.Will || m.At.Before(before) || m.At.After(time.Now()) {
			t.Errorf("stored as %+v", m)
		}
	}
	Eventually(t, "the figures do not add up", func() bool {
		s := site.In.Stats()
		return s.Received == 2 && s.Stored == 2 && s.Waiting == 0 && s.Failed == 0 && s.Batches >= 1 && s.Batches <= 2
	})
}

func shared(t *testing.T, open Open, version int) {
	site, store := open(t, time.Second), NewStore()
	release := store.Hold()
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	const clients, each = 4, 50 // 50 fit the window of a client, so none waits for another's answer
	var answers []<-chan error
	devices := make([]*Device, clients)
	for i := range devices {
		devices[i] = Connected(t, Dial{Version: version, Addr: site.Plain, ID: fmt.Sprintf("d%d", i), Clean: true})
	}
	for n := range each {
		for i, c := range devices {
			answer := c.Send(t.Context(), fmt.Sprintf("up/d%d/n", i), fmt.Sprint(n), 1, false)
			answers = append(answers, answer)
		}
		// The clients of MQTT 5 send from a goroutine each; the order is that of arrival.
		Eventually(t, "messages in flight are not taken in", func() bool { return site.In.Stats().Received >= int64((n+1)*clients) })
	}
	release()
	for _, a := range answers {
		if err := Await(t, a, "no answer"); err != nil {
			t.Fatal(err)
		}
	}
	next := map[string]int{}
	for _, m := range store.All() {
		if string(m.Payload) != fmt.Sprint(next[m.Device]) {
			t.Fatalf("%s: %s where %d was next", m.Device, m.Payload, next[m.Device])
		}
		next[m.Device]++
	}
	if sizes := store.Sizes(); len(sizes) > 20 {
		t.Errorf("%d messages that wait together took %d commits: %v", clients*each, len(sizes), sizes)
	}
}

func command(t *testing.T, open Open, version int) {
	site, store := open(t, time.Second), NewStore()
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	c := Connected(t, Dial{Version: version, Addr: site.Plain, ID: "d1", Clean: true})
	if err := c.Subscribe(t, "down/d1/+", 1); err != nil {
		t.Fatal(err)
	}
	for _, qos := range []byte{0, 1} {
		want := Heard{"down/d1/lamp", fmt.Sprintf("on %d", qos), false}
		Eventually(t, "the hub cannot publish", func() bool {
			return site.In.Publish(t.Context(), mqtt.Command{Topic: want.Topic, Payload: []byte(want.Payload), QoS: qos}) == nil
		})
		if got := c.Await(t); got != want {
			t.Errorf("heard %+v, want %+v", got, want)
		}
	}
	if len(store.All()) != 0 {
		t.Errorf("commands came back as messages: %+v", store.All())
	}
}

func refused(t *testing.T, open Open, version int) {
	site, store := open(t, time.Millisecond), NewStore()
	store.Fail(func([]mqtt.Message) error { return errors.New("the disk is full") })
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	c := Connected(t, Dial{Version: version, Addr: site.Plain, ID: "d1"})
	answer := c.Send(t.Context(), "up/d1/alarm", "fell", 1, false)
	Eventually(t, "the batch is not given up", func() bool { return site.In.Stats().Failed > 0 })
	if all := store.All(); len(all) != 0 {
		t.Errorf("stored: %+v", all)
	}
	store.Fail(nil)
	// A broker in between has acknowledged, and holds the message until we do. An
	// embedded one sends its clients away, so that they send again.
	select {
	case err := <-answer:
		if (err == nil) != site.Between {
			t.Fatalf("answered with %v", err)
		}
	case <-c.Gone:
	case <-time.After(patience):
		t.Fatal("neither an answer nor an end")
	}
	if !site.Between {
		c.Lost(t)
		Eventually(t, "the device cannot come back", func() bool { _, err := c.Connect(t.Context()); return err == nil })
	}
	all := store.Until(t, "what was sent again", Has("fell"))
	if !all[0].Again {
		t.Errorf("nothing says that it was sent before: %+v", all[0])
	}
}

func recovers(t *testing.T, open Open, version int) {
	site, store := open(t, patience), NewStore()
	var once sync.Once
	store.Fail(func([]mqtt.Message) (err error) {
		once.Do(func() { err = errors.New("the disk is busy") })
		return err
	})
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	c := Connected(t, Dial{Version: version, Addr: site.Plain, ID: "d1", Clean: true})
	if err := c.Publish(t, "up/d1/n", "1", 1, false); err != nil {
		t.Fatal(err)
	}
	all := store.Until(t, "the message", Has("1"))
	if len(all) != 1 || all[0].Again {
		t.Errorf("stored %+v", all)
	}
}

func overload(t *testing.T, open Open, version int) {
	site, store := open(t, patience), NewStore()
	release := store.Hold()
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	const clients, each = 10, 400
	answers := make(map[string]<-chan error, clients*each)
	for i := range clients {
		c := Connected(t, Dial{Version: version, Addr: site.Plain, ID: fmt.Sprintf("d%d", i), Clean: true})
		for n := range each {
			id := fmt.Sprintf("%d/%d", i, n)
			answers[id] = c.Send(t.Context(), fmt.Sprintf("up/d%d/n", i), id, 1, false)
		}
	}
	// It takes what may wait, and no more.
	Eventually(t, "nothing is taken in", func() bool { return site.In.Stats().Waiting >= 500 })
	if s := site.In.Stats(); s.Waiting > 5000 || s.Stored != 0 {
		t.Errorf("while the sink stands still: %+v", s)
	}
	release()
	for id, a := range answers {
		if err := Await(t, a, id+" has no answer"); err != nil {
			t.Fatalf("%s: %v", id, err)
		}
	}
	store.Until(t, "every message", func(all []mqtt.Message) bool {
		got := map[string]bool{}
		for _, m := range all {
			got[string(m.Payload)] = true
		}
		return len(got) == clients*each
	})
}

func wrongCommands(t *testing.T, open Open) {
	site, store := open(t, time.Second), NewStore()
	if err := site.In.Publish(t.Context(), mqtt.Command{Topic: "down/d1/x"}); linli.KindOf(err) != linli.KindUnavailable {
		t.Errorf("before Run: %v", err)
	}
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	for _, c := range []mqtt.Command{{}, {Topic: "a/+"}, {Topic: "#"}, {Topic: "$SYS/x"}, {Topic: "a\x00b"}, {Topic: "\xff"}, {Topic: strings.Repeat("x", 65536)}, {Topic: "a", QoS: 2}} {
		err := site.In.Publish(t.Context(), c)
		e, ok := errors.AsType[*linli.Error](err)
		if !ok || e.Kind != linli.KindInvalid || e.Field == "" || e.Zh == "" || e.En == "" {
			t.Errorf("%.20q: %v", c.Topic, err)
		}
	}
	Eventually(t, "it does not run", func() bool { return site.In.Publish(t.Context(), mqtt.Command{Topic: "a"}) == nil })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := site.In.Publish(ctx, mqtt.Command{Topic: "a"}); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled context: %v", err)
	}
	if err := site.In.Run(t.Context(), mqtt.Hub{Gate: Doors{}, Sink: store.Sink}); err == nil {
		t.Error("Run ran twice")
	}
}
