package web

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/bus"
)

// Live is the one stream that keeps every screen current: each event of the bus
// goes, as it commits, to the browsers whose principal may see its row. Events
// carry ids and states only; a page fetches the rest under its own right.
type Live struct {
	now      linli.Now
	log      *slog.Logger
	tick     time.Duration
	ask      time.Duration  // how long a stream may go on without asking who watches
	accounts *auth.Accounts // set by Routes

	mu      sync.Mutex
	ring    []bus.Event // the last events, for browsers that come back
	watches map[*watch]struct{}
}

// watch is one browser's connection. A browser too slow to keep up is told to
// reset and fetch anew; the hub never waits for it.
type watch struct {
	events chan bus.Event
	lost   chan struct{}
	once   sync.Once
}

const (
	ringSize  = 4096 // events a returning browser may have missed
	watchSize = 512  // events a browser may lag behind
	liveTick  = 5 * time.Second
	askAgain  = 2 * time.Second // as long as a node may answer a request from memory
)

// NewLive makes the hub; Run feeds it.
func NewLive(now linli.Now, log *slog.Logger) *Live {
	return &Live{now: now, log: log, tick: liveTick, ask: askAgain, watches: map[*watch]struct{}{}}
}

// Run follows the bus until ctx ends, from behind the event that was the last one
// before anybody could open a stream.
func (l *Live) Run(ctx context.Context, b bus.Bus, last int64) error {
	return b.Tail(ctx, last, func(e bus.Event) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		if len(l.ring) == ringSize {
			l.ring = append(l.ring[:0], l.ring[ringSize/4:]...)
		}
		l.ring = append(l.ring, e)
		for w := range l.watches {
			select {
			case w.events <- e:
			default:
				w.once.Do(func() { close(w.lost) })
			}
		}
		return nil
	})
}

// Routes mounts the stream.
func (l *Live) Routes(r *Router) {
	l.accounts = r.accounts
	Raw(r, Route{Method: "GET", Path: "/api/v1/live", ID: "live", May: auth.SignedIn, Tag: "web",
		Zh: "实时事件流", En: "the live stream of events"}, http.HandlerFunc(l.serve))
}

// join adds a browser and returns what it missed since the event id it saw last;
// whole is false when that lies beyond memory.
func (l *Live) join(after int64) (w *watch, missed []bus.Event, whole bool) {
	w = &watch{events: make(chan bus.Event, watchSize), lost: make(chan struct{})}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watches[w] = struct{}{}
	if after == 0 {
		return w, nil, true
	}
	for i, e := range l.ring {
		if e.Seq > after {
			return w, append([]bus.Event(nil), l.ring[i:]...), i > 0 || e.Seq == after+1
		}
	}
	return w, nil, len(l.ring) > 0 && l.ring[len(l.ring)-1].Seq == after
}

func (l *Live) leave(w *watch) {
	l.mu.Lock()
	delete(l.watches, w)
	l.mu.Unlock()
}

// looker is who watches a stream. A stream outlives many requests, so it asks
// again who that is: rights that were withdrawn and sessions that have ended act
// on an open stream as they do on requests, and the stream prolongs no session.
type looker struct {
	live  *Live
	token string
	p     *auth.Principal
	asked time.Time
}

func (k *looker) principal(ctx context.Context) (*auth.Principal, error) {
	if time.Since(k.asked) < k.live.ask {
		return k.p, nil
	}
	p, err := k.live.accounts.Watch(ctx, k.token)
	if err == nil {
		k.p, k.asked = p, time.Now()
	}
	return p, err
}

func (l *Live) serve(w http.ResponseWriter, req *http.Request) {
	who := &looker{live: l, p: auth.From(req.Context()), asked: time.Now()}
	if c, err := req.Cookie(CookieName); err == nil {
		who.token = c.Value
	}
	after, _ := strconv.ParseInt(req.Header.Get("Last-Event-ID"), 10, 64)
	mine, missed, whole := l.join(after)
	defer l.leave(mine)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	_ = out.SetWriteDeadline(time.Time{}) // the stream outlives the server's limit
	send := func(format string, args ...any) bool {
		_, err := fmt.Fprintf(w, format, args...)
		return err == nil && out.Flush() == nil
	}
	pass := func(e bus.Event) bool {
		p, err := who.principal(req.Context())
		return err == nil && l.sendEvent(send, p, e)
	}
	if !whole && !send("event: reset\ndata: {}\n\n") {
		return
	}
	if !l.sendTick(send) {
		return
	}
	for _, e := range missed {
		if !pass(e) {
			return
		}
	}
	tick := time.NewTicker(l.tick)
	defer tick.Stop()
	for {
		select {
		case <-req.Context().Done():
			return
		case <-mine.lost:
			send("event: reset\ndata: {}\n\n")
			return // the browser connects again with an empty buffer
		case <-tick.C:
			if _, err := who.principal(req.Context()); err != nil || !l.sendTick(send) {
				return // the browser connects again, and is told to sign in
			}
		case e := <-mine.events:
			if !pass(e) {
				return
			}
		}
	}
}

func (l *Live) sendTick(send func(string, ...any) bool) bool {
	return send("event: tick\ndata: {\"now\":%d}\n\n", linli.Millis(l.now()))
}

func (l *Live) sendEvent(send func(string, ...any) bool, p *auth.Principal, e bus.Event) bool {
	if !visible(p, e) {
		return true
	}
	raw, err := json.Marshal(e)
	if err != nil {
		l.log.Error("live event does not marshal", "event", e.ID, "error", err)
		return true
	}
	return send("id: %d\nevent: %s\ndata: %s\n\n", e.Seq, e.Kind, raw)
}

// readOf names the permission under which the events of a slice are seen; a slice
// that is missing here is not streamed: the list fails closed.
var readOf = map[string]auth.Permission{
	"catalog": "catalog.read", "demand": "demand.read", "dispatch": "dispatch.read", "evaluate": "evaluate.read",
	"heat": "heat.read", "insight": "insight.read", "match": "facility.read", "order": "order.read",
	"party": "party.read", "resident": "resident.read",
}

// aggregate slices tell of no person and no row: the permission alone decides.
var aggregate = map[string]bool{"catalog": true, "heat": true, "insight": true}

func visible(p *auth.Principal, e bus.Event) bool {
	slice, _, _ := strings.Cut(e.Kind, ".")
	may, known := readOf[slice]
	if !known || !p.Can(may) {
		return false
	}
	if aggregate[slice] {
		return true
	}
	var who struct {
		Resident linli.ResidentID `json:"resident"`
		Worker   linli.WorkerID   `json:"worker"`
		Second   linli.WorkerID   `json:"second"`
		Org      linli.OrgID      `json:"org"`
	}
	_ = json.Unmarshal(e.Data, &who) // payloads without these keys belong to the place alone
	scope := p.Scope(may)
	return scope.Covers(auth.Row{Place: e.Place, Resident: who.Resident, Worker: who.Worker, Org: who.Org}) ||
		scope.Covers(auth.Row{Worker: who.Second}) // two may come
}
