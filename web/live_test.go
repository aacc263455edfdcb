package web

import (
	"bufio"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/bus"
	"linli/engine/bus/sqlbus"
	"linli/engine/db"
	"linli/engine/db/dbtest"
)

// stream is an open live stream.
type stream struct {
	t     *testing.T
	lines chan string // closed when the stream ends
}

// next gives the names of the events up to and with the wanted one; "" waits for the end.
func (s stream) next(want string) (seen []string) {
	s.t.Helper()
	limit := time.After(20 * time.Second) // ticks come all the time and must not prolong it
	for {
		select {
		case l, ok := <-s.lines:
			if !ok {
				if want != "" {
					s.t.Fatalf("the stream ended after %q, want %s", seen, want)
				}
				return seen
			}
			if name, is := strings.CutPrefix(l, "event: "); is && name != "tick" {
				if seen = append(seen, name); name == want {
					return seen
				}
			}
		case <-limit:
			s.t.Fatalf("nothing comes after %q, want %q", seen, want)
		}
	}
}

// A stream is no way around a right or a session that is gone: what is withdrawn
// stops on the open stream, and the end of the session ends it.
func TestAnOpenStreamKeepsToTheRightsOfTheMoment(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		f := setup(t, d)
		log := slog.New(slog.DiscardHandler)
		b := sqlbus.New(d, time.Now, log)
		l := NewLive(time.Now, log)
		l.tick, l.ask = 20*time.Millisecond, 0
		l.Routes(f.r)
		ctx, stop := context.WithCancel(t.Context())
		t.Cleanup(stop)
		last, err := b.Last(ctx)
		if err != nil {
			t.Fatal(err)
		}
		go func() { _ = l.Run(ctx, b, last) }()
		server := httptest.NewServer(f.r)
		t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
		open := func(who string) stream {
			t.Helper()
			req, err := http.NewRequestWithContext(ctx, "GET", server.URL+"/api/v1/live", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.AddCookie(&http.Cookie{Name: CookieName, Value: f.tokens[who]})
			res, err := http.DefaultClient.Do(req)
			if err != nil || res.StatusCode != 200 {
				t.Fatal(res, err)
			}
			s := stream{t, make(chan string, 1000)}
			go func() {
				defer res.Body.Close()
				defer close(s.lines)
				for lines := bufio.NewScanner(res.Body); lines.Scan(); {
					s.lines <- lines.Text()
				}
			}()
			return s
		}
		tell := func(kind string, place linli.Place, data any) {
			t.Helper()
			if err := d.Write(ctx, func(tx db.Tx) error { return b.Publish(tx, bus.Pack(kind, "x", place, time.Now(), data)) }); err != nil {
				t.Fatal(err)
			}
		}
		grant := func(who string, rev int64, g ...auth.Grant) {
			t.Helper()
			p, err := f.r.accounts.Principal(ctx, f.tokens[who])
			if err == nil {
				err = d.Write(ctx, func(tx db.Tx) error { return f.r.accounts.SetGrants(tx, auth.System, p.User, rev, g) })
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		mine := open("dispatcher")
		tell("order.assigned", "990001001001/001", nil)
		tell("order.assigned", "990002001001/001", nil) // another street
		tell("secret.told", "990001001001/001", nil)    // of no known slice
		tell("order.closed", "990001001001/001", nil)
		if seen, want := mine.next("order.closed"), []string{"order.assigned", "order.closed"}; !slices.Equal(seen, want) {
			t.Errorf("the dispatcher sees %q, want %q", seen, want)
		}
		grant("dispatcher", 1, auth.Grant{Role: "viewer"})
		tell("order.assigned", "990001001001/001", nil)
		tell("heat.changed", "", nil)
		if seen, want := mine.next("heat.changed"), []string{"heat.changed"}; !slices.Equal(seen, want) {
			t.Errorf("with the rights of a viewer comes %q, want %q", seen, want)
		}
		if err := f.r.accounts.SignOut(ctx, f.tokens["dispatcher"]); err != nil {
			t.Fatal(err)
		}
		tell("heat.changed", "", nil)
		if seen := mine.next(""); len(seen) > 0 {
			t.Errorf("after signing out comes %q", seen)
		}
	})
}

func TestASecondWorkerHearsOfTheOrder(t *testing.T) {
	t.Parallel()
	e := bus.Pack("order.assigned", "ord_1", "990001001001/001", time.Now(), map[string]string{"worker": "wrk_1", "second": "wrk_2"})
	for worker, want := range map[linli.WorkerID]bool{"wrk_1": true, "wrk_2": true, "wrk_3": false, "": false} {
		if got := visible(&auth.Principal{User: "u", Worker: worker, Grants: []auth.Grant{{Role: "provider-worker"}}}, e); got != want {
			t.Errorf("%q hears: %v", worker, got)
		}
	}
}

type hidden struct {
	Place linli.Place `query:"place"`
}

func TestAnInputThatWouldNotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		f := setup(t, d)
		route := Route{Method: "GET", Path: "/api/v1/x", ID: "x", May: "order.read", Zh: "看", En: "see", Tag: "x"}
		refused := func(register func()) (said any) {
			defer func() { said = recover() }()
			register()
			return nil
		}
		if refused(func() {
			Handle(f.r, route, func(context.Context, *struct{ hidden }) (*NoBody, error) { return nil, nil })
		}) == nil {
			t.Error("an embedded part without an exported name was taken")
		}
		if refused(func() {
			Handle(f.r, route, func(context.Context, *struct{ Body struct{ hidden } }) (*NoBody, error) { return nil, nil })
		}) == nil {
			t.Error("a body with such a part was taken")
		}
		if said := refused(func() {
			Handle(f.r, route, func(context.Context, *struct{ Page }) (*NoBody, error) { return nil, nil })
		}); said != nil {
			t.Error(said)
		}
	})
}
