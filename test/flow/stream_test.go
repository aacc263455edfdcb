package flow_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"linli"
	"linli/auth"
)

// event is what the live stream tells of.
type event struct {
	ID    string      `json:"id"`
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

// readOf names the permission under which the events of a slice are seen; open
// slices tell of no row, so the permission alone decides.
var (
	readOf = map[string]auth.Permission{"catalog": "catalog.read", "demand": "demand.read", "dispatch": "dispatch.read", "evaluate": "evaluate.read", "heat": "heat.read",
		"insight": "insight.read", "match": "facility.read", "order": "order.read", "party": "party.read", "resident": "resident.read"}
	openSlices = []string{"catalog", "heat", "insight"}
)

// Every event by every role: the stream shows exactly what the policy lets somebody
// read, no event less and none more.
func TestTheStreamShowsEachRoleItsOwnRows(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		u := h.open(t, newClock(monday))
		p := plantAll(u)
		u.stop()
		u = h.start(t, u.clock)
		e := u.tables()
		var before int64
		if _, err := fmt.Sscan(rows(t, e.DB, `SELECT MAX(seq) FROM bus_event`)[0], &before); err != nil {
			t.Fatal(err)
		}
		streams := map[auth.Role]*stream{}
		for role, who := range p.roles {
			streams[role] = who.at(u).watch()
		}
		desk, duty, steward := p.desk.at(u), p.duty.at(u), p.steward.at(u)
		all := desk.watch()
		for _, side := range []linli.Place{north, south} {
			c := p.community[side]
			r, k := c.residents[0], c.workers[0]
			oid := linli.OrderID(made(desk, "/api/v1/orders", object{"spec": "visit-care", "resident": r.ID, "dispatch": "manual"}))
			post[object](desk, "/api/v1/dispatches", object{"order_id": oid, "worker_id": k.ID})
			k.phone.at(u).act(oid, "accept", nil)
			post[object](duty, "/api/v1/demands", object{"text": "请人上门打扫卫生、擦玻璃", "spec": "cleaning", "for_resident": c.residents[3].ID})
			steward.do("PATCH", "/api/v1/residents/"+string(c.residents[3].ID), object{"phone": "00077770000"}, "If-Match", `"2"`).want(t, http.StatusOK)
			post[object](steward, "/api/v1/workers/"+string(c.workers[1].ID)+"/absences", object{"kind": "leave", "from": monday.AddDate(0, 0, 5), "to": monday.AddDate(0, 0, 6)})
			all.wait(t, "the order of the demand", func(e event) bool { return e.Kind == "order.opened" && e.Data.Resident == c.residents[3].ID })
			desk.act(oid, "steps/4", object{"note": "都好"})
			desk.act(oid, "finish", nil)
			post[object](duty, "/api/v1/ratings", object{"order_id": oid, "stars": 5})
			all.wait(t, "the end", func(e event) bool { return e.Kind == "order.closed" && e.Data.Order == oid })
		}

		type told struct {
			id, kind string
			row      row
		}
		var log []told
		for _, l := range rows(t, e.DB, `SELECT id, kind, place, data FROM bus_event WHERE seq > $1 ORDER BY seq`, before) {
			cells := strings.SplitN(l, "|", 4)
			var data struct {
				Resident linli.ResidentID
				Worker   linli.WorkerID
				Org      string
			}
			if err := json.Unmarshal([]byte(cells[3]), &data); err != nil {
				t.Fatal(err)
			}
			x := told{cells[0], cells[1], row{place: linli.Place(cells[2]), org: data.Org}}
			if data.Resident != "" {
				x.row.residents = []linli.ResidentID{data.Resident}
			}
			if data.Worker != "" {
				x.row.workers = []linli.WorkerID{data.Worker}
			}
			log = append(log, x)
		}
		for role, s := range streams {
			who, want := p.roles[role], map[string]bool{}
			for _, x := range log {
				slice, _, _ := strings.Cut(x.kind, ".")
				may, known := readOf[slice]
				if !known {
					t.Errorf("nobody knows who may see %s: teach readOf", x.kind)
				}
				if who.reaches(may, x.row) || slices.Contains(openSlices, slice) && auth.Rules.Grants(role, may) {
					want[x.id] = true
				}
			}
			for id := range want {
				s.wait(t, "event "+id, func(e event) bool { return e.ID == id })
			}
			for _, e := range s.all() {
				if i := slices.IndexFunc(log, func(x told) bool { return x.id == e.ID }); i >= 0 && !want[e.ID] {
					t.Errorf("%s has seen %s", role, e.raw)
				}
			}
		}
		if len(log) < 30 {
			t.Errorf("only %d events", len(log))
		}
	})
}
