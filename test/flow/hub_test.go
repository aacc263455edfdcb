// Package flow_test drives whole hubs from outside, by HTTP, on both stores: the
// life of a demand, who may see what, what kill -9 and bad input cannot do.
package flow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli"
	"linli/app"
	"linli/auth"
	"linli/engine"
	"linli/engine/db"
	"linli/engine/db/dbtest"
)

// monday is when the tests begin: a working morning.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, linli.Shanghai)

// clock is the injected time of a hub; only the test moves it.
type clock struct{ ms atomic.Int64 }

func newClock(at time.Time) *clock {
	c := &clock{}
	c.ms.Store(at.UnixMilli())
	return c
}

func (c *clock) now() time.Time       { return linli.Time(c.ms.Load()) }
func (c *clock) pass(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// home is where a hub keeps its data; hubs may open it one after the other.
type home struct{ dir, dsn string }

// eachHome runs a test on a fresh SQLite file and on a fresh PostgreSQL database.
func eachHome(t *testing.T, test func(t *testing.T, h home)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, home{dir: filepath.Join(t.TempDir(), "data")})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, home{dir: filepath.Join(t.TempDir(), "data"), dsn: dbtest.NewPostgres(t)})
	})
}

// hub is a running hub with its doors to the test.
type hub struct {
	t     *testing.T
	app   *app.App
	clock *clock
	home  home
	base  string
	log   *complaints
	moves bool // time and events move only when settle is called
	stop  func()

	users atomic.Int64
}

// count numbers the accounts of a hub.
func (u *hub) count() int64 { return u.users.Add(1) }

// open starts a hub whose events and timers move only with settle: nothing happens
// behind the test's back.
func (h home) open(t *testing.T, c *clock, change ...func(*app.Options)) *hub {
	t.Helper()
	u := h.build(t, c, change...)
	server := httptest.NewServer(u.app.Handler())
	u.base, u.moves = server.URL, true
	u.stop = sync.OnceFunc(func() {
		server.CloseClientConnections()
		server.Close()
		u.end()
	})
	t.Cleanup(u.stop)
	return u
}

// start runs a hub as `linli serve` does: flows and timers by themselves.
func (h home) start(t *testing.T, c *clock, change ...func(*app.Options)) *hub {
	t.Helper()
	u := h.build(t, c, change...)
	if err := u.app.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	u.base = u.app.URL()
	u.stop = sync.OnceFunc(u.end)
	t.Cleanup(u.stop)
	return u
}

func (h home) build(t *testing.T, c *clock, change ...func(*app.Options)) *hub {
	t.Helper()
	u := &hub{t: t, clock: c, home: h, log: &complaints{}}
	o := app.Options{Data: h.dir, Database: h.dsn, Addr: "127.0.0.1:0", Demo: true, Now: c.now, Log: slog.New(u.log), Version: "test"}
	for _, f := range change {
		f(&o)
	}
	var err error
	if u.app, err = app.New(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return u
}

func (u *hub) end() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := u.app.Stop(ctx); err != nil {
		u.t.Error(err)
	}
	if said := u.log.said(); len(said) > 0 {
		u.t.Errorf("the hub complained:\n%s", strings.Join(said, "\n"))
	}
}

// settle lets everything happen that is due.
func (u *hub) settle() {
	u.t.Helper()
	if err := u.app.Settle(context.Background()); err != nil {
		u.t.Fatal(err)
	}
}

// pass moves time and lets happen what it brings.
func (u *hub) pass(d time.Duration) {
	u.t.Helper()
	u.clock.pass(d)
	u.settle()
}

// complaints collects what a hub logs as an error or as something tried again.
type complaints struct {
	slog.Handler
	mu    sync.Mutex
	lines []string
}

func (c *complaints) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }
func (c *complaints) WithAttrs([]slog.Attr) slog.Handler           { return c }
func (c *complaints) WithGroup(string) slog.Handler                { return c }

func (c *complaints) Handle(_ context.Context, r slog.Record) error {
	line := r.Level.String() + " " + r.Message
	r.Attrs(func(a slog.Attr) bool {
		line += fmt.Sprintf(" %s=%v", a.Key, a.Value)
		return true
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = append(c.lines, line)
	return nil
}

func (c *complaints) said() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lines
}

// tables opens the store of a hub beside it, to look at what the API does not show.
func (u *hub) tables() *engine.Engine {
	u.t.Helper()
	e, err := engine.Open(context.Background(), engine.Options{Dir: u.home.dir, DSN: u.home.dsn, Now: u.clock.now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		u.t.Fatal(err)
	}
	u.t.Cleanup(func() { e.Close() })
	return e
}

// rows reads a query as text, a row a line, its columns joined by "|".
func rows(t *testing.T, d db.DB, query string, args ...any) (out []string) {
	t.Helper()
	err := d.Read(context.Background(), func(tx db.Tx) error {
		out = nil
		found, err := tx.Query(query, args...)
		if err != nil {
			return err
		}
		defer found.Close()
		names, err := found.Columns()
		if err != nil {
			return err
		}
		cells := make([]any, len(names))
		for i := range cells {
			cells[i] = new(any)
		}
		for found.Next() {
			if err := found.Scan(cells...); err != nil {
				return err
			}
			parts := make([]string, len(cells))
			for i, c := range cells {
				switch v := (*c.(*any)).(type) {
				case []byte:
					parts[i] = string(v)
				default:
					parts[i] = fmt.Sprint(v)
				}
			}
			out = append(out, strings.Join(parts, "|"))
		}
		return found.Err()
	})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

// person is somebody signed in to a hub.
type person struct {
	hub    *hub
	Login  string
	ID     linli.UserID
	Cookie string
	auth.NewUser
}

// nobody asks without a session.
func (u *hub) nobody() *person { return &person{hub: u, Login: "nobody"} }

// user makes an account, or finds it after a restart, and signs it in.
func (u *hub) user(n auth.NewUser) *person {
	u.t.Helper()
	id, err := u.app.EnsureUser(context.Background(), n)
	if err != nil {
		u.t.Fatal(err)
	}
	p := &person{hub: u, Login: n.Login, ID: id, NewUser: n}
	p.signIn()
	return p
}

// signIn steps in by the door of the demo.
func (p *person) signIn() {
	p.hub.t.Helper()
	a := p.hub.nobody().do("POST", "/api/v1/demo/sessions", map[string]any{"user": p.ID})
	a.want(p.hub.t, http.StatusOK)
	p.Cookie = a.cookie()
}

// at is the same person at another hub on the same data, after a restart.
func (p *person) at(u *hub) *person {
	q := *p
	q.hub = u
	q.signIn()
	return &q
}

// answer is what a request came to.
type answer struct {
	call   string
	status int
	header http.Header
	raw    []byte
}

func (a answer) cookie() string {
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		return c.Name + "=" + c.Value
	}
	return ""
}

// want fails the test unless the status is one of those.
func (a answer) want(t *testing.T, statuses ...int) answer {
	t.Helper()
	for _, s := range statuses {
		if a.status == s {
			return a
		}
	}
	t.Fatalf("%s: %d, want %v\n%.600s", a.call, a.status, statuses, a.raw)
	return a
}

// into reads the body.
func (a answer) into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal(a.raw, v); err != nil {
		t.Fatalf("%s: %v\n%.600s", a.call, err, a.raw)
	}
}

// problem is the answer to what failed, as web.Problem writes it.
type problem struct {
	Type, Title string
	Status      int
	Kind        linli.Kind
	Field       string
	MessageZh   string `json:"message_zh"`
	MessageEn   string `json:"message_en"`
	RequestID   string `json:"request_id"`
}

// request is one call in all its freedom.
type request struct {
	method, path string
	body         []byte
	header       map[string]string
}

var client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64, MaxIdleConns: 256},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

var keys atomic.Int64

func newKey() string { return fmt.Sprintf("key-%08d", keys.Add(1)) }

// send makes the call as it stands.
func (p *person) send(r request) answer {
	p.hub.t.Helper()
	a, err := p.try(r)
	if err != nil {
		p.hub.t.Fatal(err)
	}
	return a
}

func (p *person) try(r request) (answer, error) {
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	req, err := http.NewRequest(r.method, p.hub.base+r.path, body)
	if err != nil {
		return answer{}, err
	}
	if p.Cookie != "" {
		req.Header.Set("Cookie", p.Cookie)
	}
	for k, v := range r.header {
		if v == "" {
			req.Header.Del(k)
		} else {
			req.Header.Set(k, v)
		}
	}
	res, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	return answer{fmt.Sprintf("%s as %s: %s %s", r.method, p.Login, r.path, short(r.body)), res.StatusCode, res.Header, raw}, err
}

func short(body []byte) string {
	if len(body) > 160 {
		return fmt.Sprintf("%.160s… (%d bytes)", body, len(body))
	}
	return string(body)
}

// do makes an ordinary call: JSON out, with an Idempotency-Key where one is made.
func (p *person) do(method, path string, body any, header ...string) answer {
	p.hub.t.Helper()
	r := request{method: method, path: path, header: map[string]string{}}
	if body != nil {
		r.body = encode(body)
		r.header["Content-Type"] = "application/json"
	}
	if method == "POST" {
		r.header["Idempotency-Key"] = newKey()
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.header[header[i]] = header[i+1]
	}
	return p.send(r)
}

func encode(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

// get reads path into a value; the call has to succeed.
func get[T any](p *person, path string, query ...string) (out T) {
	p.hub.t.Helper()
	if len(query) > 0 {
		q := url.Values{}
		for i := 0; i+1 < len(query); i += 2 {
			q.Add(query[i], query[i+1])
		}
		path += "?" + q.Encode()
	}
	p.do("GET", path, nil).want(p.hub.t, http.StatusOK).into(p.hub.t, &out)
	return out
}

// post sends a body and reads the answer; the call has to succeed.
func post[T any](p *person, path string, body any, header ...string) (out T) {
	p.hub.t.Helper()
	a := p.do("POST", path, body, header...).want(p.hub.t, http.StatusOK, http.StatusCreated, http.StatusNoContent)
	if len(a.raw) > 0 {
		a.into(p.hub.t, &out)
	}
	return out
}

type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

type object = map[string]any

// id is the "id" of an answer.
type id struct {
	ID string `json:"id"`
}
