package dispatch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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
	"linli/geo"
	"linli/geo/walk"
	"linli/people/party"
	"linli/service/catalog"
	"linli/service/dispatch"
	"linli/service/match"
	"linli/service/order"
	"linli/web"
)

const grid = linli.Place("990001001001/001")

// monday is a working Monday morning.
var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, linli.Shanghai)

// node is one process of the hub as far as dispatch is concerned.
type node struct {
	*dispatch.Service
	orders *order.Service
	timers *job.Runner
}

// street is one or more nodes on one store, under a clock of its own.
type street struct {
	t     *testing.T
	db    db.DB
	ms    *atomic.Int64
	party *party.Service // of all nodes: how fast they hear of workers is its own affair
	nodes []*node
	ways  atomic.Pointer[walk.Guide] // none at first: all ways are estimated
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

func (register) Gazetteer(context.Context) ([]linli.NamedPlace, error) {
	return []linli.NamedPlace{{Name: "康乐里", Place: grid + "/e1"}, {Name: "1号楼", Place: grid + "/e1/1"}, {Name: "一号楼", Place: grid + "/e1/1"}}, nil
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

// Trip answers by the ways of the street.
func (w *street) Trip(from, to linli.Point, p geo.Profile) (geo.Trip, bool) {
	return w.ways.Load().Trip(from, to, p)
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
	m, err := match.New(w.ctx(), match.Deps{DB: w.db, Bus: b, Timers: timers, Now: w.now, Workers: w.party, Consents: register{}, Catalog: c, Travel: w})
	w.ok(err)
	n := &node{timers: timers}
	n.orders, err = order.New(w.ctx(), order.Deps{DB: w.db, Bus: b, Timers: timers, Now: w.now, Catalog: c, Ladder: c, Residents: register{}, Workers: w.party})
	w.ok(err)
	n.Service, err = dispatch.New(w.ctx(), dispatch.Deps{DB: w.db, Bus: b, Timers: timers, Now: w.now, Match: m, Orders: n.orders, Workers: w.party, Catalog: c, Absences: w.party, Places: register{}, Roads: &roads{w: w}, Travel: w, Log: log})
	w.ok(err)
	n.Search(300)
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

func (n *node) assign(w *street, id linli.OrderID, wish dispatch.Wish) (a linli.Assignment, err error) {
	err = w.db.Write(w.ctx(), func(tx db.Tx) error {
		a, err = n.Assign(w.ctx(), tx, id, wish)
		return err
	})
	return a, err
}

// given is assign that must find hands.
func (n *node) given(w *street, id linli.OrderID) linli.Assignment {
	w.t.Helper()
	a, err := n.assign(w, id, dispatch.Wish{})
	w.ok(err)
	if a.Worker == "" {
		w.t.Fatalf("nobody for %s: %+v", id, w.waiting(id))
	}
	return a
}

// end carries an order to its end as flow does.
func (n *node) end(w *street, id linli.OrderID, acts ...order.Act) {
	w.t.Helper()
	w.write(func(tx db.Tx) error {
		for _, act := range acts {
			if err := n.orders.Do(w.ctx(), tx, id, act, map[order.Act]string{order.ActCancel: "withdrawn"}[act], ""); err != nil {
				return err
			}
		}
		var left, began int64
		if err := tx.QueryRow(`SELECT en_route_at, arrived_at FROM order_order WHERE id = $1`, id).Scan(&left, &began); err != nil {
			return err
		}
		return n.Ended(w.ctx(), tx, id, string(acts[len(acts)-1]), linli.Time(left), linli.Time(began))
	})
}

func (n *node) workersChanged(w *street) {
	w.t.Helper()
	w.write(func(tx db.Tx) error { return n.WorkersChanged(w.ctx(), tx) })
}

func (w *street) absent(id linli.WorkerID, from, to time.Time) {
	w.t.Helper()
	w.write(func(tx db.Tx) error {
		_, err := w.party.AddAbsence(tx, auth.System, id, party.AbsenceDraft{Kind: "sick", From: from, To: to})
		return err
	})
}

// waiting gives the reasons why an order waits, nil when it does not.
func (w *street) waiting(id linli.OrderID) (why []linli.Reason) {
	w.t.Helper()
	w.ok(w.db.Read(w.ctx(), func(tx db.Tx) error {
		rows, err := tx.Query(`SELECT reasons FROM dispatch_waiting WHERE order_id = $1`, id)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := rows.Scan(db.JSON(&why)); err != nil {
				return err
			}
		}
		return rows.Err()
	}))
	return why
}

// row is an assignment that stands.
type row struct {
	order          linli.OrderID
	worker, second linli.WorkerID
	start          time.Time
	length         time.Duration
}

func (w *street) standing() (out []row) {
	w.t.Helper()
	w.ok(w.db.Read(w.ctx(), func(tx db.Tx) error {
		rows, err := tx.Query(`SELECT order_id, worker_id, second_id, start_at, length_s FROM dispatch_assignment WHERE ended_at = 0 ORDER BY id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		out = nil
		for rows.Next() {
			var r row
			var start, length int64
			if err := rows.Scan(&r.order, &r.worker, &r.second, &start, &length); err != nil {
				return err
			}
			r.start, r.length = linli.Time(start), time.Duration(length)*time.Second
			out = append(out, r)
		}
		return rows.Err()
	}))
	return out
}

func (w *street) of(id linli.OrderID) row {
	w.t.Helper()
	for _, r := range w.standing() {
		if r.order == id {
			return r
		}
	}
	w.t.Fatalf("order %s has nobody", id)
	return row{}
}

// sound checks that the image of every node is what the tables say.
func (w *street) sound(when string) {
	w.t.Helper()
	for i, n := range w.nodes {
		var bad []string
		w.write(func(tx db.Tx) (err error) {
			bad, err = n.Image(w.ctx(), tx)
			return err
		})
		for _, b := range bad {
			w.t.Errorf("%s, node %d: %s", when, i, b)
		}
	}
	if w.t.Failed() {
		w.t.FailNow()
	}
}

var errStop = errors.New("the transaction fails after all")

// client is somebody signed in.
type client struct {
	w      *street
	cookie *http.Cookie
}

func (w *street) sign(u auth.NewUser) client {
	w.t.Helper()
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

// teach lets a worker learn a skill.
func (w *street) teach(id linli.WorkerID, called, skill string) {
	w.t.Helper()
	workers, err := w.party.Workers(w.ctx(), w.now())
	w.ok(err)
	for _, k := range workers {
		if k.ID == id {
			d := party.WorkerDraft{Org: k.Org, Name: called, Place: k.Place, At: k.At, Profile: k.Profile, MaxLoad: int(k.MaxLoad / time.Minute), Skills: []linli.Skill{{Code: skill, Level: 1}}}
			w.write(func(tx db.Tx) error {
				_, err := w.party.EditWorker(tx, auth.System, id, k.Rev, d)
				return err
			})
		}
	}
}
