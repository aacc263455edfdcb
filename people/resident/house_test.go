package resident

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/bus"
	"linli/engine/bus/sqlbus"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/web"
)

// The area of the tests: one community with a grid, an estate and two buildings,
// and a second community.
const (
	region   = linli.Place("990001001001")
	grid     = region + "/001"
	estate   = grid + "/e001"
	building = estate + "/b0003"
	home     = building + "/2/302"
	foreign  = linli.Place("990001001002")
)

// house is the register in a hub of its own with an account for every role the tests need.
type house struct {
	t        *testing.T
	db       db.DB
	bus      *sqlbus.Bus
	accounts *auth.Accounts
	vault    *auth.Vault
	s        *Service
	r        *web.Router
	clock    atomic.Int64
	tokens   map[string]string
	users    map[string]linli.UserID
	keys     int
}

func (h *house) now() time.Time { return linli.Time(h.clock.Load()) }

func each(t *testing.T, test func(t *testing.T, h *house)) {
	t.Parallel()
	eachDB(t, test)
}

func eachDB(t *testing.T, test func(t *testing.T, h *house)) {
	dbtest.Each(t, func(t *testing.T, d db.DB) { test(t, newHouse(t, d)) })
}

func newHouse(t *testing.T, d db.DB) *house {
	h := &house{t: t, db: d, tokens: map[string]string{}, users: map[string]linli.UserID{}}
	h.clock.Store(time.Date(2026, 3, 2, 9, 0, 0, 0, linli.Shanghai).UnixMilli())
	ctx, log := t.Context(), slog.New(slog.DiscardHandler)
	var err error
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	h.accounts, err = auth.NewAccounts(ctx, d, h.now, h.now)
	must(err)
	h.vault, err = auth.OpenVault(filepath.Join(t.TempDir(), "key"), h.now)
	must(err)
	h.bus = sqlbus.New(d, h.now, log)
	h.s, err = New(ctx, d, h.bus, h.vault, h.accounts, h.now)
	must(err)
	h.r, err = web.New(ctx, d, h.accounts, h.now, log, "test")
	must(err)
	h.s.Routes(h.r)
	h.write(func(tx db.Tx) error {
		for _, p := range []struct {
			place linli.Place
			name  string
			at    linli.Point
		}{
			{region, "外滩社区", linli.Point{Lng: 121.49, Lat: 31.24}}, {grid, "第1网格", linli.Point{}}, {estate, "外滩小区", linli.Point{Lng: 121.491, Lat: 31.241}},
			{building, "3号楼", linli.Point{Lng: 121.4912, Lat: 31.2412}}, {estate + "/b0004", "4号楼", linli.Point{}}, {foreign, "豫园社区", linli.Point{Lng: 121.48, Lat: 31.23}},
		} {
			if err := h.s.putPlace(tx, &PlaceDraft{Place: p.place, Name: p.name, At: p.at}); err != nil {
				return err
			}
		}
		return h.s.placesChanged(tx)
	})
	for login, g := range map[string]auth.Grant{
		"steward": {Role: "data-steward", Place: region}, "grid": {Role: "grid-worker", Place: grid}, "dispatcher": {Role: "dispatcher", Place: region},
		"duty": {Role: "duty-officer", Place: region}, "far": {Role: "grid-worker", Place: foreign}, "viewer": {Role: "viewer"}, "guardian": {Role: "guardian"},
		"provider": {Role: "provider-admin", Org: "org_1"},
	} {
		h.account(login, auth.NewUser{Grants: []auth.Grant{g}})
	}
	return h
}

func (h *house) account(login string, n auth.NewUser) {
	h.t.Helper()
	n.Login, n.Name = login+"@test", login
	h.write(func(tx db.Tx) error {
		u, err := h.accounts.Create(tx, auth.System, n)
		h.users[login] = u.ID
		return err
	})
	token, err := h.accounts.OpenSession(h.t.Context(), h.users[login], "test")
	if err != nil {
		h.t.Fatal(err)
	}
	h.tokens[login] = token
}

// as is the principal behind an account.
func (h *house) as(login string) *auth.Principal {
	h.t.Helper()
	p, err := h.accounts.Principal(h.t.Context(), h.tokens[login])
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

func (h *house) write(fn func(tx db.Tx) error) {
	h.t.Helper()
	if err := h.db.Write(h.t.Context(), fn); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) count(query string, args ...any) (n int) {
	h.t.Helper()
	if err := h.db.Read(h.t.Context(), func(tx db.Tx) error { return tx.QueryRow(query, args...).Scan(&n) }); err != nil {
		h.t.Fatal(err)
	}
	return n
}

// reply is what a call answered.
type reply struct {
	status int
	rev    string
	body   map[string]any
	raw    string
}

// call makes a request as the account; a POST gets a fresh Idempotency-Key, an
// edit gives the revision as "If-Match" header.
func (h *house) call(who, method, path string, body any, header ...string) reply {
	h.t.Helper()
	var raw []byte
	switch b := body.(type) {
	case nil:
	case []byte:
		raw = b
	case string:
		raw = []byte(b)
	default:
		var err error
		if raw, err = json.Marshal(body); err != nil {
			h.t.Fatal(err)
		}
	}
	req := httptest.NewRequest(method, path, bytes.NewReader(raw))
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if method == "POST" {
		h.keys++
		req.Header.Set("Idempotency-Key", fmt.Sprintf("key-%08d", h.keys))
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if token := h.tokens[who]; token != "" {
		req.AddCookie(&http.Cookie{Name: web.CookieName, Value: token})
	}
	w := httptest.NewRecorder()
	h.r.ServeHTTP(w, req)
	out := reply{status: w.Code, rev: w.Header().Get("ETag"), raw: w.Body.String()}
	if strings.Contains(w.Header().Get("Content-Type"), "json") {
		if err := json.Unmarshal(w.Body.Bytes(), &out.body); err != nil {
			h.t.Fatalf("%s %s: %v: %s", method, path, err, out.raw)
		}
	}
	return out
}

// ok is call with an answer that must be good.
func (h *house) ok(who, method, path string, body any, header ...string) reply {
	h.t.Helper()
	r := h.call(who, method, path, body, header...)
	if r.status >= 300 {
		h.t.Fatalf("%s %s as %s: %d %s", method, path, who, r.status, r.raw)
	}
	return r
}

// told lists the kinds of all events told so far about the subject.
func (h *house) told(key string) (kinds []string) {
	h.t.Helper()
	kinds = []string{}
	ctx, cancel := context.WithTimeout(h.t.Context(), 5*time.Second)
	defer cancel()
	h.write(func(tx db.Tx) error { return h.bus.Publish(tx, bus.Event{Kind: "test.end", Key: "end"}) })
	err := h.bus.Tail(ctx, 0, func(e bus.Event) error {
		if e.Key == key {
			kinds = append(kinds, e.Kind)
		}
		if e.Kind == "test.end" {
			cancel()
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		h.t.Fatal(err)
	}
	return kinds
}

func items(r reply) []map[string]any {
	var out []map[string]any
	list, _ := r.body["items"].([]any)
	for _, x := range list {
		out = append(out, x.(map[string]any))
	}
	return out
}
