package broker_test

import (
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"linli"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/engine/db/sqlite"
	"linli/engine/mqtt"
	"linli/engine/mqtt/broker"
	"linli/engine/mqtt/mqtttest"
)

func open(t *testing.T, patience time.Duration) mqtttest.Site {
	t.Helper()
	b, err := broker.New(broker.Options{Plain: "127.0.0.1:0", Secure: "127.0.0.1:0", TLS: mqtttest.ServerTLS(t), Patience: patience, Now: time.Now, Log: mqtttest.Quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return mqtttest.Site{In: b, Plain: b.Plain().String(), Secure: b.Secure().String()}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	mqtttest.Ingress(t, open)
	mqtttest.Broker(t, open)
}

func TestRetainedMessagesOutliveTheProcess(t *testing.T) {
	t.Parallel()
	dbtest.EachHome(t, func(t *testing.T, reopen func() db.DB) {
		start := func() (*broker.Broker, func()) {
			b, err := broker.New(broker.Options{Plain: "127.0.0.1:0", DB: reopen(), Now: time.Now, Log: mqtttest.Quiet})
			if err != nil {
				t.Fatal(err)
			}
			return b, mqtttest.Run(t, b, mqtt.Hub{Gate: mqtttest.Doors{}, Sink: mqtttest.NewStore().Sink})
		}
		first, stop := start()
		d := mqtttest.Connected(t, mqtttest.Dial{Version: 4, Addr: first.Plain().String(), ID: "d1", Clean: true})
		for _, m := range []struct{ topic, payload string }{{"all/a", "1"}, {"all/a", "2"}, {"all/b", "ended"}, {"all/b", ""}} {
			if err := d.Publish(t, m.topic, m.payload, 1, true); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []mqtt.Command{{Topic: "all/c", Payload: []byte("夜间"), Retain: true}, {Topic: "all/d", Payload: []byte("not kept")}, {Topic: "all/e", Payload: []byte("ended"), Retain: true}, {Topic: "all/e", Retain: true}} {
			if err := first.Publish(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		stop()
		second, _ := start()
		late := mqtttest.Connected(t, mqtttest.Dial{Version: 5, Addr: second.Plain().String(), ID: "d2", Clean: true})
		if err := late.Subscribe(t, "all/#", 1); err != nil {
			t.Fatal(err)
		}
		got := []mqtttest.Heard{late.Await(t), late.Await(t)}
		slices.SortFunc(got, func(a, b mqtttest.Heard) int { return strings.Compare(a.Topic, b.Topic) })
		if want := []mqtttest.Heard{{Topic: "all/a", Payload: "2", Retain: true}, {Topic: "all/c", Payload: "夜间", Retain: true}}; !slices.Equal(got, want) {
			t.Errorf("heard %+v", got)
		}
		if err := second.Publish(t.Context(), mqtt.Command{Topic: "all/z", Payload: []byte("last")}); err != nil {
			t.Fatal(err)
		}
		if got := late.Await(t); got.Topic != "all/z" {
			t.Errorf("heard also %+v", got)
		}
	})
}

// A session of MQTT 5 ends a second after its client; its subscriptions must not
// outlive it.
func TestAnEndedSessionLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	site := open(t, time.Second)
	mqtttest.Run(t, site.In, mqtt.Hub{Gate: mqtttest.Doors{}, Sink: mqtttest.NewStore().Sink})
	dial := mqtttest.Dial{Version: 5, Addr: site.Plain, ID: "d1", Expiry: 1}
	d := mqtttest.Connected(t, dial)
	if err := d.Subscribe(t, "$share/g/all/#", 1); err != nil {
		t.Fatal(err)
	}
	d.Cut()
	b := site.In.(*broker.Broker)
	mqtttest.Eventually(t, "the session stays", func() bool { return broker.Sessions(b) == 0 && broker.Subscribers(b, "all/x") == 0 })
	dial.User = "d2" // the name is free again
	mqtttest.Connected(t, dial)
}

func TestABrokerWithoutAnAddressOrCertificatesIsRefused(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, o := range []broker.Options{{}, {Secure: "127.0.0.1:0"}, {Plain: "nonsense"}, {Plain: taken.Addr().String()}} {
		o.Now, o.Log = time.Now, mqtttest.Quiet
		if b, err := broker.New(o); err == nil {
			_ = b.Close()
			t.Errorf("opened: %+v", o)
		}
	}
}

func TestABrokerWhoseStoreDoesNotOpenLetsGoOfItsAddress(t *testing.T) {
	t.Parallel()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := broker.New(broker.Options{Plain: "127.0.0.1:0", DB: store, Now: time.Now, Log: mqtttest.Quiet})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Run(t.Context(), mqtt.Hub{Gate: mqtttest.Doors{}, Sink: mqtttest.NewStore().Sink}); linli.KindOf(err) != linli.KindUnavailable {
		t.Errorf("Run: %v", err)
	}
	l, err := net.Listen("tcp", b.Plain().String())
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}

func TestWhatFindsTheQueueOfASubscriberFullIsCounted(t *testing.T) {
	t.Parallel()
	b, err := broker.New(broker.Options{Plain: "127.0.0.1:0", Backlog: 2, Now: time.Now, Log: mqtttest.Quiet})
	if err != nil {
		t.Fatal(err)
	}
	mqtttest.Run(t, b, mqtt.Hub{Gate: mqtttest.Doors{}, Sink: mqtttest.NewStore().Sink})
	d := mqtttest.Connected(t, mqtttest.Dial{Version: 5, Addr: b.Plain().String(), ID: "d1"})
	if err := d.Subscribe(t, "down/d1/#", 1); err != nil {
		t.Fatal(err)
	}
	d.Cut()
	mqtttest.Eventually(t, "d1 is still here", func() bool { return len(b.Online()) == 0 })
	for _, text := range []string{"1", "2", "3", "4", "5"} {
		if err := b.Publish(t.Context(), mqtt.Command{Topic: "down/d1/x", Payload: []byte(text), QoS: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.Stats().Missed; n != 3 {
		t.Errorf("%d are counted, want 3", n)
	}
	if _, err := d.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := []string{d.Await(t).Payload, d.Await(t).Payload}
	if slices.Sort(got); !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("heard %v", got)
	}
}
