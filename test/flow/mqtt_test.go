package flow_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"linli/app"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// wire is a device on the wire.
type wire struct {
	t    *testing.T
	c    paho.Client
	down chan object
	lost chan error
}

// dial connects as a device with a token; ok tells whether it was let in.
func dial(t *testing.T, u *hub, id, token string) (l wire, ok bool) {
	t.Helper()
	l = wire{t: t, down: make(chan object, 16), lost: make(chan error, 1)}
	o := paho.NewClientOptions().AddBroker("mqtt://" + u.app.Devices()).SetClientID(id).SetUsername(id).SetPassword(token).
		SetAutoReconnect(false).SetConnectTimeout(20 * time.Second).
		SetConnectionLostHandler(func(_ paho.Client, err error) { l.lost <- err })
	l.c = paho.NewClient(o)
	tok := l.c.Connect()
	if !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
		return l, false
	}
	t.Cleanup(func() { l.c.Disconnect(0) })
	return l, true
}

func (l wire) subscribe(filter string) {
	l.t.Helper()
	tok := l.c.Subscribe(filter, 1, func(_ paho.Client, m paho.Message) {
		var o object
		if err := json.Unmarshal(m.Payload(), &o); err != nil {
			l.t.Error(err)
		}
		l.down <- o
	})
	if !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
		l.t.Fatal("not subscribed: ", tok.Error())
	}
}

// say publishes and tells whether it was acknowledged.
func (l wire) say(topic, payload string) bool {
	tok := l.c.Publish(topic, 1, false, payload)
	return tok.WaitTimeout(20*time.Second) && tok.Error() == nil
}

// told waits until the device is told a command; those it knows may come again.
func (l wire) told(id string, known ...string) object {
	l.t.Helper()
	for {
		select {
		case o := <-l.down:
			if o["id"] == id {
				return o
			}
			if !slices.ContainsFunc(known, func(k string) bool { return o["id"] == k }) {
				l.t.Errorf("the device was told %v", o)
			}
		case <-time.After(20 * time.Second):
			l.t.Fatalf("the device was not told %s", id)
		}
	}
}

// A smoke head is registered, comes in by MQTT with its token, tells its state and an
// alarm, is told what was commanded before it came and while it is there, answers, and
// is out at the moment its key is revoked. What it says is on disk when it hears so.
func TestADeviceSpeaksToTheHub(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		u := h.start(t, newClock(monday), func(o *app.Options) { o.MQTT = "127.0.0.1:0" })
		w := found(u)
		me := w.community[north].residents[0]
		type command struct{ ID, State string }
		type shown struct {
			ID, State string
			Battery   float64
			Commands  []command
		}
		d := post[shown](w.steward, "/api/v1/devices", object{"kind": "smoke", "serial": "SMK-9", "place": me.Place, "subject": me.ID})
		token := post[struct{ Token string }](w.steward, "/api/v1/devices/"+d.ID+"/token", nil).Token
		up, down := "linli/v1/d/"+d.ID+"/up/", "linli/v1/d/"+d.ID+"/down/"
		look := func() shown { return get[shown](w.steward, "/api/v1/devices/"+d.ID) }

		if _, ok := dial(t, u, d.ID, token+"x"); ok {
			t.Fatal("a wrong token was let in")
		}
		early := post[command](w.duty, "/api/v1/devices/"+d.ID+"/commands", object{"command": "self-test"})
		l, ok := dial(t, u, d.ID, token)
		if !ok {
			t.Fatal("the device was not let in")
		}
		l.subscribe(down + "#")
		if !l.say(up+"state", `{"battery":87}`) {
			t.Fatal("its state was not taken")
		}
		if got := l.told(early.ID); got["cmd"] != "self-test" {
			t.Errorf("it was told %v", got)
		}
		if !l.say(up+"ack", `{"id":"`+early.ID+`","ok":true}`) || !l.say(up+"data", `{"m":{"smoke":12},"e":["smoke"]}`) {
			t.Fatal("what it said was not taken")
		}
		if got := look(); got.State != "active" || got.Battery != 87 || len(got.Commands) != 1 || got.Commands[0].State != "done" {
			t.Errorf("the register says %+v", got)
		}
		late := post[command](w.duty, "/api/v1/devices/"+d.ID+"/commands", object{"command": "mute"})
		l.told(late.ID, early.ID)

		w.steward.do("POST", "/api/v1/devices/"+d.ID+"/revoke", object{"reason": "遗失"}).want(t, http.StatusOK)
		select {
		case <-l.lost:
		case <-time.After(20 * time.Second):
			t.Error("the line of a revoked device stays open")
		}
		if _, ok := dial(t, u, d.ID, token); ok {
			t.Error("a revoked token was let in")
		}
	})
}
