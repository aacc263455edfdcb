package mqtttest

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli/engine/mqtt"
)

// Broker checks what devices expect of a broker of ours.
func Broker(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, Open, int){
		"the gate decides who comes in":                                admission,
		"TLS carries both kinds of proof":                              secured,
		"a topic that is not allowed is neither kept nor acknowledged": forbidden,
		"a retained message waits for later subscribers":               retained,
		"a will is stored and told when a client vanishes":             wills,
		"a session keeps commands for its client":                      sessions,
		"no command is lost while its client reconnects":               reconnecting,
		"a shared subscription shares":                                 sharing,
		"nobody takes over the session of another device":              strangers,
		"coming and going is told in order":                            presence,
		"a client that reads no answers holds up only itself":          deaf,
		"an orderly stop stores and answers what was taken":            stopping,
		"garbage ends its connection only":                             garbage,
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
	t.Run("a_topic_behind_an_alias_is_asked_for", func(t *testing.T) { t.Parallel(); aliases(t, open) })
	t.Run("a_late_will_is_void_when_its_client_returns", func(t *testing.T) { t.Parallel(); lateWills(t, open) })
	t.Run("a_client_gets_no_more_at_once_than_it_wants", func(t *testing.T) { t.Parallel(); receiveMaximum(t, open) })
	t.Run("what_MQTT_5_says_beside_a_message_travels_with_it", func(t *testing.T) { t.Parallel(); properties(t, open) })
	t.Run("a_client_is_told_the_limits", func(t *testing.T) { t.Parallel(); limits(t, open) })
	t.Run("QoS_2_is_refused", func(t *testing.T) { t.Parallel(); exactlyOnce(t, open) })
}

func admission(t *testing.T, open Open, version int) {
	site, store := open(t, time.Second), NewStore()
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	for _, d := range []Dial{
		{ID: "d1", Secret: "wrong"},
		{ID: "d1", User: "unlucky"},
		{ID: "d1", Will: &Will{Topic: "up/d2/x", Payload: "not mine"}},
		{ID: "d1", Will: &Will{Topic: "$SYS/x", Payload: "not anybody's"}},
	} {
		d.Version, d.Addr, d.Clean = version, site.Plain, true
		if _, err := NewDevice(d).Connect(t.Context()); err == nil {
			t.Errorf("let in: %+v", d)
		}
	}
	if on := site.In.Online(); len(on) != 0 {
		t.Errorf("online: %+v", on)
	}
	Connected(t, Dial{Version: version, Addr: site.Plain, ID: "d1", Clean: true})
	if n := site.In.Stats().Rejected; n != 4 {
		t.Errorf("%d were not let in, want 4", n)
	}
}

func secured(t *testing.T, open Open, version int) {
	site, store := open(t, time.Second), NewStore()
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	for name, d := range map[string]Dial{
		"shown": {ID: "c1", User: "somebody", Secret: "none", TLS: ClientTLS(t, "shown")},
		"told":  {ID: "c2", User: "told", TLS: ClientTLS(t, "")},
	} {
		d.Version, d.Addr, d.Clean = version, site.Secure, true
		c := Connected(t, d)
		if err := c.Publish(t, "up/"+name+"/x", name, 1, false); err != nil {
			t.Error(err)
		}
		all := store.Until(t, name, Has(name))
		if m := all[len(all)-1]; m.Device != name {
			t.Errorf("%s came as %s", name, m.Device)
		}
	}
	if _, err := NewDevice(Dial{Version: version, Addr: site.Secure, ID: "c3", Clean: true}).Connect(t.Context()); err == nil {
		t.Error("plain text was let in where TLS is asked for")
	}
}

func forbidden(t *testing.T, open Open, version int) {
	site, store := open(t, time.Second), NewStore()
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	c := Connected(t, Dial{Version: version, Addr: site.Plain, ID: "d1", Clean: true})
	for _, filter := range []string{"#", "down/d2/x", "down/+/x", "$share/g/#", "$SYS/#"} {
		if err := c.Subscribe(t, filter, 1); err == nil {
			t.Errorf("may read %s", filter)
		}
	}
	if err := c.Publish(t, "up/d2/x", "quietly", 0, false); err != nil {
		t.Fatal(err)
	}
	if err := c.Publish(t, "up/d1/x", "mine", 1, false); err != nil {
		t.Fatal(err)
	}
	// MQTT 3.1.1 knows no refusal: its connection ends. MQTT 5 is told and goes on.
	err := c.Publish(t, "up/d2/x", "not mine", 1, true)
	if err == nil {
		t.Error("acknowledged")
	}
	if version == 4 {
		c.Lost(t)
	} else if err := c.Publish(t, "up/d1/x", "mine, too", 1, false); err != nil {
		t.Error(err)
	}
	for _, m := range store.All() {
		if !strings.HasPrefix(string(m.Payload), "mine") {
			t.Errorf("stored %s at %s", m.Payload, m.Topic)
		}
	}
	if n := site.In.Stats().Refused; n != 2 {
		t.Errorf("%d refused, want 2", n)
	}
}

func retained(t *testing.T, open Open, version int) {
	site, store := open(t, time.Second), NewStore()
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	c := Connected(t, Dial{Version: version, Addr: site.Plain, ID: "d1", Clean: true})
	for _, payload := range []string{"21", "22"} {
		if err := c.Publish(t, "all/temp", payload, 1, true); err != nil {
			t.Fatal(err)
		}
	}
	if err := site.In.Publish(t.Context(), mqtt.Command{Topic: "all/mode", Payload: []byte("night"), Retain: true, QoS: 1}); err != nil {
		t.Fatal(err)
	}
	late := Connected(t, Dial{Version: version, Addr: site.Plain, ID: "d2", Clean: true})
	if err := late.Subscribe(t, "all/#", 1); err != nil {
		t.Fatal(err)
	}
	got := []Heard{late.Await(t), late.Await(t)}
	slices.SortFunc(got, func(a, b Heard) int { return strings.Compare(a.Topic, b.Topic) })
	if want := []Heard{{"all/mode", "night", true}, {"all/temp", "22", true}}; !slices.Equal(got, want) {
		t.Errorf("heard %+v", got)
	}
	if err := c.Publish(t, "all/temp", "", 1, true); err != nil {
		t.Fatal(err)
	}
	if got := late.Await(t); got != (Heard{"all/temp", "", false}) {
		t.Errorf("the end of it is heard as %+v", got)
	}
	third := Connected(t, Dial{Version: version, Addr: site.Plain, ID: "d3", Clean: true})
	if err := third.Subscribe(t, "all/#", 1); err != nil {
		t.Fatal(err)
	}
	if got := third.Await(t); got.Topic != "all/mode" {
		t.Errorf("an ended one is heard: %+v", got)
	}
	all := store.All()
	if len(all) != 3 || !all[0].Retain || string(all[2].Payload) != "" {
		t.Errorf("stored %+v", all)
	}
}

func wills(t *testing.T, open Open, version int) {
	site, store := open(t, time.Second), NewStore()
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	watcher := Connected(t, Dial{Version: version, Addr: site.Plain, ID: "watcher", Clean: true})
	if err := watcher.Subscribe(t, "#", 1); err != nil {
		t.Fatal(err)
	}
	polite := Connected(t, Dial{Version: version, Addr: site.Plain, ID: "d1", Clean: true, Will: &Will{Topic: "up/d1/state", Payload: "d1 is gone", Retain: true}})
	polite.Bye(t)
	Eventually(t, "d1 is still here", func() bool { return len(site.In.Online()) == 1 })
	cut := Connected(t, Dial{Version: version, Addr: site.Plain, ID: "d2", Clean: true, Will: &Will{Topic: "up/d2/state", Payload: "d2 is gone", Retain: true}})
	cut.Cut()
	if got := watcher.Await(t); got != (Heard{"up/d2/state", "d2 is gone", false}) {
		t.Errorf("heard %+v", got)
	}
	all := store.Until(t, "the will", Has("d2 is gone"))
	if m := all[0]; len(all) != 1 || !m.Will || m.Device != "d2" || m.Client != "d2" || m.QoS != 1 || !m.Retain {
		t.Errorf("stored %+v", all)
	}
	if err := watcher.Publish(t, "all/mark", "and nothing else", 1, false); err != nil { // told after all that was stored before
		t.Fatal(err)
	}
	if got := watcher.Await(t); got.Topic != "all/mark" {
		t.Errorf("heard also %+v", got)
	}
	late := Connected(t, Dial{Version: version, Addr: site.Plain, ID: "watcher2", User: "watcher", Clean: true})
	if err := late.Subscribe(t, "up/#", 1); err != nil {
		t.Fatal(err)
	}
	if got := late.Await(t); got != (Heard{"up/d2/state", "d2 is gone", true}) {
		t.Errorf("a retained will is heard as %+v", got)
	}
}

func lateWills(t *testing.T, open Open) {
	site, store := open(t, time.Second), NewStore()
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	will := func(id string, delay uint32) *Device {
		c := Connected(t, Dial{Version: 5, Addr: site.Plain, ID: id, Will: &Will{Topic: "up/" + id + "/state", Payload: id + " is gone", Delay: delay}})
		c.Cut()
		Eventually(t, id+" is still here", func() bool { return len(site.In.Online()) == 0 })
		return c
	}
	back := will("d1", 3600)
	if present, err := back.Connect(t.Context()); err != nil || !present {
		t.Fatalf("d1 comes back: %v, %v", present, err)
	}
	back.Bye(t)
	Eventually(t, "d1 is still here", func() bool { return len(site.In.Online()) == 0 })
	anew := will("d2", 3600)
	anew.dial.Clean = true // its session ends, and with it the delay
	if _, err := anew.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	store.Until(t, "the will of an ended session", Has("d2 is gone"))
	anew.Bye(t)
	Eventually(t, "d2 is still here", func() bool { return len(site.In.Online()) == 0 })
	will("d3", 1)
	all := store.Until(t, "a will whose time has come", Has("d3 is gone"))
	if Has("d1 is gone")(all) || len(all) != 2 {
		t.Errorf("stored %+v", all)
	}
}

func sessions(t *testing.T, open Open, version int) {
	site, store := open(t, time.Second), NewStore()
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	say := func(text string) {
		t.Helper()
		if err := site.In.Publish(t.Context(), mqtt.Command{Topic: "down/d1/say", Payload: []byte(text), QoS: 1}); err != nil {
			t.Fatal(err)
		}
	}
	c := Connected(t, Dial{Version: version, Addr: site.Plain, ID: "d1"})
	if err := c.Subscribe(t, "down/d1/say", 1); err != nil {
		t.Fatal(err)
	}
	for round, leave := range []func(){c.Cut, func() { c.Bye(t) }} {
		leave()
		Eventually(t, "d1 is still here", func() bool { return len(site.In.Online()) == 0 })
		const texts = 30
		for n := range texts {
			say(fmt.Sprintf("away %d, text %d", round, n))
		}
		if present, err := c.Connect(t.Context()); err != nil || !present {
			t.Fatalf("d1 comes back: %v, %v", present, err)
		}
		for n := range texts {
			if got := c.Await(t).Payload; got != fmt.Sprintf("away %d, text %d", round, n) {
				t.Fatalf("heard %s as number %d", got, n)
			}
		}
	}
	c.Bye(t)
	Eventually(t, "d1 is still here", func() bool { return len(site.In.Online()) == 0 })
	anew := Connected(t, Dial{Version: version, Addr: site.Plain, ID: "d1", Clean: true})
	anew.Bye(t)
	Eventually(t, "d1 is still here", func() bool { return len(site.In.Online()) == 0 })
	if present, err := anew.Connect(t.Context()); err != nil || present {
		t.Errorf("a session that was ended is %v, %v", present, err)
	}
}

// reconnecting takes its own session over again and again while commands come.
func reconnecting(t *testing.T, open Open, version int) {
	site, store := open(t, time.Second), NewStore()
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	dial := Dial{Version: version, Addr: site.Plain, ID: "d1"}
	c := Connected(t, dial)
	if err := c.Subscribe(t, "down/d1/n", 1); err != nil {
		t.Fatal(err)
	}
	const rounds = 200
	heard := map[string]bool{}
	sent := 0
	more := make(chan struct{})
	var sending sync.WaitGroup
	sending.Go(func() {
		for {
			select {
			case <-more:
				return
			default:
			}
			if err := site.In.Publish(t.Context(), mqtt.Command{Topic: "down/d1/n", Payload: fmt.Append(nil, sent), QoS: 1}); err != nil {
				t.Error(err)
				return
			}
			sent++
			time.Sleep(200 * time.Microsecond) // what waits stays below the backlog
		}
	})
	devices := []*Device{c}
	for range rounds {
		next := NewDevice(dial)
		if _, err := next.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		devices = append(devices, next)
	}
	close(more)
	sending.Wait()
	t.Cleanup(devices[rounds].Cut)
	Eventually(t, "a command is lost", func() bool { // by whichever connection it came
		for _, d := range devices {
			for range len(d.Heard) {
				heard[(<-d.Heard).Payload] = true
			}
		}
		return len(heard) == sent
	})
	if n := site.In.Stats().Missed; n != 0 {
		t.Errorf("%d found the queue full", n)
	}
}

func sharing(t *testing.T, open Open, version int) {
	site, store := open(t, time.Second), NewStore()
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	var members []*Device
	for _, id := range []string{"m1", "m2"} {
		m := Connected(t, Dial{Version: version, Addr: site.Plain, ID: id})
		if err := m.Subscribe(t, "$share/group/all/#", 1); err != nil {
			t.Fatal(err)
		}
		members = append(members, m)
	}
	sender := Connected(t, Dial{Version: version, Addr: site.Plain, ID: "d1", Clean: true})
	send := func(from, to int) (want []string) {
		for n := from; n < to; n++ {
			if err := sender.Publish(t, "all/n", fmt.Sprint(n), 1, false); err != nil {
				t.Fatal(err)
			}
			want = append(want, fmt.Sprint(n))
		}
		return want
	}
	want, got := send(100, 160), []string{}
	for range want {
		select {
		case h := <-members[0].Heard:
			got = append(got, h.Payload)
		case h := <-members[1].Heard:
			got = append(got, h.Payload)
		case <-time.After(patience):
			t.Fatalf("only %d of %d are heard", len(got), len(want))
		}
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("heard %v", got)
	}
	members[1].Cut()
	Eventually(t, "m2 is still here", func() bool { return len(site.In.Online()) == 2 })
	for _, n := range send(200, 220) {
		if h := members[0].Await(t); h.Payload != n {
			t.Fatalf("heard %s, want %s: the group waits for a member that is away", h.Payload, n)
		}
	}
}

func strangers(t *testing.T, open Open, version int) {
	site, store := open(t, time.Second), NewStore()
	Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	mine := Dial{Version: version, Addr: site.Plain, ID: "panel", User: "d1"}
	c := Connected(t, mine)
	other := mine
	other.User = "d2"
	takeOver := func(when string) {
		t.Helper()
		if _, err := NewDevice(other).Connect(t.Context()); err == nil {
			t.Errorf("d2 took the session of d1 over while it was %s", when)
		}
	}
	takeOver("here")
	c.Bye(t)
	Eventually(t, "d1 is still here", func() bool { return len(site.In.Online()) == 0 })
	takeOver("away")
	var race sync.WaitGroup
	var in [2]atomic.Int64 // connections of two devices that want the same new name at the same time
	for n := range 20 {
		race.Go(func() {
			if _, err := NewDevice(Dial{Version: version, Addr: site.Plain, ID: "new", User: fmt.Sprintf("d%d", n%2)}).Connect(t.Context()); err == nil {
				in[n%2].Add(1)
			}
		})
	}
	race.Wait()
	if a, b := in[0].Load(), in[1].Load(); (a == 0) == (b == 0) {
		t.Errorf("let in: %d connections of one device and %d of the other", a, b)
	}
	first := Connected(t, mine)
	second := Connected(t, mine) // the same device may: its old connection is likely dead
	first.Lost(t)
	if err := second.Publish(t, "up/d1/x", "here", 1, false); err != nil {
		t.Error(err)
	}
}

func presence(t *testing.T, open Open, version int) {
	site, store := open(t, time.Second), NewStore()
	var mu sync.Mutex
	var told []string
	stop := Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink, Tell: func(p mqtt.Presence) {
		mu.Lock()
		defer mu.Unlock()
		if p.Online == (p.Reason != "") || p.Since.IsZero() || p.Seen.Before(p.Since.Truncate(time.Millisecond)) || p.Remote == "" {
			t.Errorf("told %+v", p)
		}
		told = append(told, fmt.Sprintf("%s %s %v", p.Device, p.Client, p.Online))
	}})
	c := Connected(t, Dial{Version: version, Addr: site.Plain, ID: "c1", User: "d1"})
	Connected(t, Dial{Version: version, Addr: site.Plain, ID: "c1", User: "d1"}) // takes over: still here
	c.Lost(t)
	again := Connected(t, Dial{Version: version, Addr: site.Plain, ID: "c2", User: "d1"})
	on := site.In.Online()
	if len(on) != 2 || on[0].Client != "c1" || on[1].Client != "c2" || on[1].Device != "d1" || !on[1].Online {
		t.Errorf("online: %+v", on)
	}
	if n := site.In.Disconnect("d2"); n != 0 {
		t.Errorf("%d connections of nobody", n)
	}
	if n := site.In.Disconnect("d1"); n != 2 {
		t.Errorf("%d connections ended", n)
	}
	again.Lost(t)
	stop()
	mu.Lock()
	defer mu.Unlock()
	want := []string{"d1 c1 true", "d1 c1 true", "d1 c2 true"}
	if len(told) != 5 || !slices.Equal(told[:3], want) || !slices.Contains(told[3:], "d1 c1 false") || !slices.Contains(told[3:], "d1 c2 false") {
		t.Errorf("told %v", told)
	}
}

func stopping(t *testing.T, open Open, version int) {
	site, store := open(t, patience), NewStore()
	release := store.Hold()
	stop := Run(t, site.In, mqtt.Hub{Gate: Doors{}, Sink: store.Sink})
	c := Connected(t, Dial{Version: version, Addr: site.Plain, ID: "d1", Clean: true, Will: &Will{Topic: "up/d1/state", Payload: "gone"}})
	// One that has not said who it is must not hold up the end.
	silent, err := net.Dial("tcp", site.Plain)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	answer := c.Send(t.Context(), "up/d1/n", "last", 1, false)
	Eventually(t, "the message is not taken in", func() bool { return site.In.Stats().Waiting == 1 })
	stopped, began := make(chan struct{}), time.Now()
	go func() { defer close(stopped); stop() }()
	release()
	if err := Await(t, answer, "no answer"); err != nil {
		t.Error(err)
	}
	Await(t, stopped, "it does not stop")
	if took := time.Since(began); took > 9*time.Second { // by itself the silent one is sent away after ten
		t.Errorf("the end took %v", took)
	}
	c.Lost(t)
	if all := store.All(); len(all) != 1 || string(all[0].Payload) != "last" {
		t.Errorf("stored %+v", all)
	}
	if _, err := net.DialTimeout("tcp", site.Plain, time.Second); err == nil {
		t.Error("it still listens")
	}
}
