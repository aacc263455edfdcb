package flow_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"linli"
)

// event is what the live stream tells of.
type event struct {
	Kind  string      `json:"kind"`
	Key   string      `json:"key"`
	Place linli.Place `json:"place"`
	Data  struct {
		Demand   linli.DemandID   `json:"demand"`
		Order    linli.OrderID    `json:"order"`
		Resident linli.ResidentID `json:"resident"`
		Worker   linli.WorkerID   `json:"worker"`
		State    string           `json:"state"`
		What     string           `json:"what"`
		Case     linli.DemandID   `json:"case"`
	} `json:"data"`
	raw string
	at  time.Time // when it arrived, by the machine's clock
}

// stream is one browser's live connection.
type stream struct {
	person *person
	mu     sync.Mutex
	seen   []event
	news   chan struct{} // closed and replaced at every event
}

// watch opens the live stream of a person and returns when it flows.
func (p *person) watch() *stream {
	t := p.hub.t
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", p.hub.base+"/api/v1/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Cookie", p.Cookie)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		t.Fatalf("live as %s: %d", p.Login, res.StatusCode)
	}
	s := &stream{person: p, news: make(chan struct{})}
	flows := make(chan struct{})
	go s.read(bufio.NewScanner(res.Body), sync.OnceFunc(func() { close(flows) }))
	t.Cleanup(func() { res.Body.Close() })
	<-flows
	return s
}

// read collects the events; the first tick says that the stream flows.
func (s *stream) read(lines *bufio.Scanner, flows func()) {
	lines.Buffer(nil, 1<<20)
	kind := ""
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "event: "):
			kind = line[len("event: "):]
		case strings.HasPrefix(line, "data: ") && kind == "tick":
			flows()
		case strings.HasPrefix(line, "data: "):
			e := event{at: time.Now(), raw: line}
			if err := json.Unmarshal([]byte(line[len("data: "):]), &e); err != nil || e.Kind != kind {
				e.Kind = "broken: " + kind
			}
			s.mu.Lock()
			s.seen = append(s.seen, e)
			close(s.news)
			s.news = make(chan struct{})
			s.mu.Unlock()
		}
	}
}

// all is everything seen so far.
func (s *stream) all() []event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]event(nil), s.seen...)
}

// patience is how long a test waits for what must come within a second on an idle machine.
const patience = 15 * time.Second

// wait returns the first event that fits, or fails the test.
func (s *stream) wait(t *testing.T, what string, fits func(event) bool) event {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		s.mu.Lock()
		seen, news := s.seen, s.news
		s.mu.Unlock()
		for _, e := range seen {
			if fits(e) {
				return e
			}
		}
		select {
		case <-news:
		case <-limit.C:
			t.Fatalf("%s never saw %s; of %d events the last is %s", s.person.Login, what, len(seen), last(seen).raw)
		}
	}
}

func last(seen []event) event {
	if len(seen) == 0 {
		return event{}
	}
	return seen[len(seen)-1]
}
