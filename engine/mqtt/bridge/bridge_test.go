package bridge_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"linli/engine/mqtt"
	"linli/engine/mqtt/bridge"
	"linli/engine/mqtt/broker"
	"linli/engine/mqtt/mqtttest"
)

// sender reads the device from up/<device>/….
func sender(topic string) string {
	parts := strings.Split(topic, "/")
	if len(parts) < 2 || parts[0] != "up" {
		return ""
	}
	return parts[1]
}

func options(addr string, patience time.Duration) bridge.Options {
	return bridge.Options{URL: "mqtt://" + addr, Client: "hub-1", User: "watcher", Secret: []byte(mqtttest.Secret), Filters: []string{"up/#"}, Device: sender,
		Patience: patience, Now: time.Now, Log: mqtttest.Quiet}
}

// bridged gives sites behind a broker. A device finds its messages bridged once
// the subscription stands, so it is waited for.
func bridged(outer func(t *testing.T) (addr string)) mqtttest.Open {
	return func(t *testing.T, patience time.Duration) mqtttest.Site {
		addr := outer(t)
		b, err := bridge.New(options(addr, patience))
		if err != nil {
			t.Fatal(err)
		}
		// The session of the bridge is made before the test begins: it keeps what comes.
		first, err := bridge.New(options(addr, patience))
		if err != nil {
			t.Fatal(err)
		}
		store := mqtttest.NewStore()
		stop := mqtttest.Run(t, first, mqtt.Hub{Gate: mqtttest.Doors{}, Sink: store.Sink})
		herald := mqtttest.Connected(t, mqtttest.Dial{Version: 5, Addr: addr, ID: "herald", Clean: true})
		mqtttest.Eventually(t, "the bridge does not subscribe", func() bool {
			return herald.Publish(t, "up/herald/x", "?", 0, false) == nil && len(store.All()) > 0
		})
		if err := herald.Publish(t, "up/herald/x", "!", 0, false); err != nil {
			t.Fatal(err)
		}
		store.Until(t, "the last call of the herald", mqtttest.Has("!")) // none is left for the test
		herald.Bye(t)
		stop()
		return mqtttest.Site{In: b, Plain: addr, Between: true}
	}
}

func ours(t *testing.T) string {
	t.Helper()
	return outer(t).Plain().String()
}

// outer is a broker of ours that stores nothing.
func outer(t *testing.T) *broker.Broker {
	t.Helper()
	b, err := broker.New(broker.Options{Plain: "127.0.0.1:0", Secure: "127.0.0.1:0", TLS: mqtttest.ServerTLS(t), Backlog: 8192, Now: time.Now, Log: mqtttest.Quiet})
	if err != nil {
		t.Fatal(err)
	}
	mqtttest.Run(t, b, mqtt.Hub{Gate: mqtttest.Doors{}, Sink: func(context.Context, []mqtt.Message) error { return nil }})
	return b
}

func mosquitto(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("mosquitto")
	if err != nil {
		program = "/usr/sbin/mosquitto" // where Debian puts it, outside the path of users
	}
	if _, err := os.Stat(program); err != nil {
		t.Skip("mosquitto is not installed")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(addr)
	config := filepath.Join(t.TempDir(), "mosquitto.conf")
	text := fmt.Sprintf("listener %s 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nlog_type none\n", port)
	if os.Getuid() == 0 {
		text += "user root\n"
	}
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, "-c", config)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	mqtttest.Eventually(t, "mosquitto does not listen", func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return addr
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for name, outer := range map[string]func(*testing.T) string{"ours": ours, "mosquitto": mosquitto} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mqtttest.Ingress(t, bridged(outer))
		})
	}
}

// discreet lets no secret in.
type discreet struct{ mqtttest.Doors }

func (discreet) MayPublish(_, topic string) bool { return !strings.HasSuffix(topic, "/secret") }

func TestWhatTheGateRefusesIsThrownAwayAndWhatComesWhileTheHubIsAwayWaits(t *testing.T) {
	t.Parallel()
	b := outer(t)
	o := options("", time.Second)
	o.URL, o.TLS = "mqtts://"+b.Secure().String(), mqtttest.ClientTLS(t, "watcher")
	d := mqtttest.Connected(t, mqtttest.Dial{Version: 5, Addr: b.Plain().String(), ID: "d1"})
	say := func(topic, payload string) {
		t.Helper()
		if err := d.Publish(t, topic, payload, 1, false); err != nil {
			t.Fatal(err)
		}
	}
	for round := range 3 {
		in, err := bridge.New(o)
		if err != nil {
			t.Fatal(err)
		}
		store := mqtttest.NewStore()
		stop := mqtttest.Run(t, in, mqtt.Hub{Gate: discreet{}, Sink: store.Sink})
		if round == 0 {
			mqtttest.Eventually(t, "the bridge does not subscribe", func() bool {
				say("up/d1/x", "anybody?")
				return len(store.All()) > 0
			})
		} else {
			store.Until(t, "what waited", mqtttest.Has(fmt.Sprint("while away ", round)))
		}
		say("up/d1/secret", "whisper")
		say("up/d1/x", "loud")
		store.Until(t, "what follows a refused one", mqtttest.Has("loud"))
		if n := in.Stats().Refused; n != 1 || mqtttest.Has("whisper")(store.All()) {
			t.Errorf("%d refused, stored %+v", n, store.All())
		}
		if in.Disconnect("d1") != 0 || len(in.Online()) != 0 {
			t.Error("a bridge knows nobody")
		}
		stop()
		say("up/d1/x", fmt.Sprint("while away ", round+1))
	}
}
