package recur_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/bus/sqlbus"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/engine/job"
	"linli/people/party"
	"linli/service/catalog"
	"linli/service/dispatch"
	"linli/service/match"
	"linli/service/order"
	"linli/service/recur"
	"linli/web"
)

const grid = linli.Place("990001001001/001")

// monday is a working Monday morning.
var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, linli.Shanghai)

type object = map[string]any

// node is one process of the hub as far as recurring visits are concerned.
type node struct {
	*recur.Service
	dispatch *dispatch.Service
	orders   *order.Service
	timers   *job.Runner
}

// street is one or more nodes on one store, under a clock of its own.
type street struct {
	t     *testing.T
	db    db.DB
	ms    *atomic.Int64
	party *party.Service
	nodes []*node
	org   linli.OrgID

	accounts *auth.Accounts
	router   *web.Router
}

// register is who lives in the street: everybody at its middle, and agreed.
type register struct{}

var middle = linli.Point{Lng: 121.5, Lat: 31.24}

func (register) Home(context.Context, linli.ResidentID) (linli.Place, linli.Point, error) {
	return grid + "/e1/1", middle, nil
}

func (register) Brief(context.Context, []linli.ResidentID, func(linli.ResidentID, string, string, string)) error {
	return nil
}

func (register) Consents(context.Context, linli.ResidentID, string) (bool, error) { return true, nil }

func each(t *testing.T, nodes int, test func(w *street)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		w := &street{t: t, db: d, ms: new(atomic.Int64)}
		w.ms.Store(monday.UnixMilli())
		for range nodes {
			w.start()
		}
		w.write(func(tx db.Tx) error {
			o, err := w.party.NewOrg(tx, auth.System, party.OrgDraft{Name: "邻里服务社", Kind: "pro-provider", Place: grid})
			w.org = o.ID
			return err
		})
		test(w)
	})
}

func (w *street) now() time.Time       { return linli.Time(w.ms.Load()) }
func (w *street) pass(d time.Duration) { w.ms.Add(d.Milliseconds()) }

// ctx acts as linli itself.
func (w *street) ctx() context.Context { return auth.With(w.t.Context(), auth.System) }

// start brings up another process on the store.
func (w *street) start() *node {
	w.t.Helper()
	log := slog.New(slog.DiscardHandler)
	b, timers := sqlbus.New(w.db, w.now, log), job.New(w.db, w.now, log)
	var err error
	w.accounts, err = auth.NewAccounts(w.ctx(), w.db, w.now, w.now)
	w.ok(err)
	w.router, err = web.New(w.ctx(), w.db, w.accounts, w.now, log, "test")
	w.ok(err)
	c, err := catalog.New(w.ctx(), catalog.Deps{DB: w.db, Bus: b, Now: w.now})
	w.ok(err)
	if w.party == nil {
		w.party, err = party.New(w.ctx(), w.db, b, timers, w.now)
		w.ok(err)
	}
	m, err := match.New(w.ctx(), match.Deps{DB: w.db, Bus: b, Timers: timers, Now: w.now, Workers: w.party, Consents: register{}, Catalog: c})
	w.ok(err)
	n := &node{timers: timers}
	n.orders, err = order.New(w.ctx(), order.Deps{DB: w.db, Bus: b, Timers: timers, Now: w.now, Catalog: c, Ladder: c, Residents: register{}, Workers: w.party})
	w.ok(err)
	n.dispatch, err = dispatch.New(w.ctx(), dispatch.Deps{DB: w.db, Bus: b, Timers: timers, Now: w.now, Match: m, Orders: n.orders, Workers: w.party, Catalog: c, Absences: w.party, Log: log})
	w.ok(err)
	n.Service, err = recur.New(w.ctx(), recur.Deps{DB: w.db, Timers: timers, Now: w.now, Plans: n.dispatch, Booker: booker{n.orders}, Residents: register{}, Catalog: c, Log: log})
	w.ok(err)
	n.Routes(w.router) // the last node started answers requests
	w.nodes = append(w.nodes, n)
	return n
}

func (w *street) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *street) write(fn func(tx db.Tx) error) {
	w.t.Helper()
	w.ok(w.db.Write(w.ctx(), fn))
}

// hire takes on a worker who is there every day, some way north of the middle.
func (w *street) hire(name string, change func(d *party.WorkerDraft), skills ...string) linli.WorkerID {
	w.t.Helper()
	d := party.WorkerDraft{Org: w.org, Name: name, Place: grid, At: linli.Point{Lng: middle.Lng, Lat: middle.Lat + 0.001}, Profile: "e-bike", MaxLoad: 600}
	for range 7 {
		d.Week = append(d.Week, "08:00-12:00, 13:00-18:00")
	}
	for _, s := range skills {
		d.Skills = append(d.Skills, linli.Skill{Code: s, Level: 1})
	}
	if change != nil {
		change(&d)
	}
	var id linli.WorkerID
	w.write(func(tx db.Tx) error {
		k, err := w.party.NewWorker(tx, auth.System, d)
		id = k.ID
		return err
	})
	return id
}

// open makes an order that is not yet dispatched.
func (n *node) open(w *street, need linli.Need) linli.OrderID {
	w.t.Helper()
	if need.Place == "" {
		need.Place = grid + "/e1/1"
	}
	if need.At.IsZero() {
		need.At = middle
	}
	var id linli.OrderID
	w.write(func(tx db.Tx) (err error) {
		id, err = n.orders.Open(w.ctx(), tx, order.Opening{Source: "desk", Need: need, Submitted: w.now()})
		return err
	})
	return id
}

// booker opens orders that carry no demand.
type booker struct{ *order.Service }

func (b booker) Book(ctx context.Context, tx db.Tx, n linli.Need, words string) (linli.OrderID, error) {
	return b.Service.Book(ctx, tx, "", n, words)
}

// given dispatches an order, which must find hands.
func (n *node) given(w *street, id linli.OrderID) {
	w.t.Helper()
	w.write(func(tx db.Tx) error {
		a, err := n.dispatch.Assign(w.ctx(), tx, id, dispatch.Wish{})
		if err == nil && a.Worker == "" {
			err = fmt.Errorf("nobody for %s", id)
		}
		return err
	})
}

func (w *street) poll(n *node) {
	w.t.Helper()
	_, err := n.timers.Poll(w.ctx())
	w.ok(err)
}

// client is somebody signed in.
type client struct {
	w      *street
	cookie *http.Cookie
}

// desk signs in the dispatcher of a street.
func (w *street) desk(place linli.Place) client {
	w.t.Helper()
	u := auth.NewUser{Login: "desk-" + string(place), Grants: []auth.Grant{{Role: "dispatcher", Place: place}}}
	u.Name = u.Login
	var id linli.UserID
	w.write(func(tx db.Tx) error {
		made, err := w.accounts.Create(tx, auth.System, u)
		id = made.ID
		return err
	})
	token, err := w.accounts.OpenSession(w.ctx(), id, "test")
	w.ok(err)
	return client{w, &http.Cookie{Name: web.CookieName, Value: token}}
}

// call sends a request, reads a good answer into out and returns the status.
func (c client) call(method, path string, body, out any) int {
	c.w.t.Helper()
	var b bytes.Buffer
	if body != nil {
		c.w.ok(json.NewEncoder(&b).Encode(body))
	}
	req := httptest.NewRequest(method, path, &b)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", linli.NewID("key", monday))
	req.AddCookie(c.cookie)
	rec := httptest.NewRecorder()
	c.w.router.ServeHTTP(rec, req)
	if rec.Code >= 500 {
		c.w.t.Errorf("%s %s: %s", method, path, rec.Body)
	}
	if out != nil && rec.Code < 300 {
		c.w.ok(json.Unmarshal(rec.Body.Bytes(), out))
	}
	return rec.Code
}

func name(i int) string { return fmt.Sprintf("人员%d", i) }
