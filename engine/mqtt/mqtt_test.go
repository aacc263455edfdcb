package mqtt_test

import (
	"strings"
	"testing"

	"linli/engine/mqtt"
)

func TestAFilterCoversWhatItCanMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		wider, filter string
		want          bool
	}{
		{"home/3/state", "home/3/state", true},
		{"home/+/state", "home/3/state", true},
		{"home/+/state", "home/+/state", true},
		{"home/3/state", "home/+/state", false},
		{"home/#", "home/+/state", true},
		{"home/#", "home/#", true},
		{"home/#", "home", true},
		{"home/+", "home/#", false},
		{"home/+", "home", false},
		{"home", "home/3", false},
		{"#", "home/3", true},
		{"#", "#", true},
		{"#", "$SYS/broker", false},
		{"+/broker", "$SYS/broker", false},
		{"$SYS/#", "$SYS/broker", true},
		{"home//x", "home//x", true},
		{"home/+/x", "home//x", true},
		{"homes/#", "home/3", false},
		{"", "", true},
	} {
		if got := mqtt.Covers(c.wider, c.filter); got != c.want {
			t.Errorf("%q covers %q: %v", c.wider, c.filter, got)
		}
	}
}

// match is the rule of the standard for topics (MQTT 5, 4.7), written as it reads.
func match(filter, topic []string) bool {
	switch {
	case len(filter) == 0:
		return len(topic) == 0
	case filter[0] == "#":
		return true
	case len(topic) == 0:
		return false
	}
	return (filter[0] == "+" || filter[0] == topic[0]) && match(filter[1:], topic[1:])
}

// Whatever a covered filter matches, the wider one matches, too: a gate that
// answers with Covers never gives away more than it was told to.
func FuzzCoversGivesNothingAway(f *testing.F) {
	f.Add("home/+/state", "home/3/state", "home/3/state")
	f.Add("home/#", "home/+/x", "home/1/x")
	f.Add("#", "$SYS/x", "$SYS/x")
	f.Add("+/+", "a/#", "a")
	f.Fuzz(func(t *testing.T, wider, filter, topic string) {
		if !mqtt.ValidTopic(topic) {
			return
		}
		parts := func(s string) []string { return strings.Split(s, "/") }
		if mqtt.Covers(wider, filter) && match(parts(filter), parts(topic)) && !match(parts(wider), parts(topic)) {
			t.Errorf("%q covers %q, which matches %q", wider, filter, topic)
		}
		if match(parts(wider), parts(topic)) != mqtt.Covers(wider, topic) {
			t.Errorf("%q and the topic %q: %v", wider, topic, mqtt.Covers(wider, topic))
		}
	})
}
