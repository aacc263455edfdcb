package device

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/bus"
	"linli/engine/bus/sqlbus"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/engine/job"
	"linli/people/resident"
	"linli/web"
)

const (
	here     = linli.Place("990001001001")
	building = here + "/001/e1/b1"
	flat     = building + "/2/302"
	there    = linli.Place("990001001002")
	farFlat  = there + "/001/e9/b9/1/101"
)

type object = map[string]any

// street is a register of devices beside the real register of residents, with one
// person here and one in another community.
type street struct {
	t        *testing.T
	db       db.DB
	bus      *sqlbus.Bus
	jobs     *job.Runner
	accounts *auth.Accounts
	people   *resident.Service
	store    *shelf
	s        *Service
	r        *web.Router
	clock    atomic.Int64
	tokens   map[string]string
	keys     int
	elder    linli.ResidentID // at home in flat
	stranger linli.ResidentID // at home in farFlat
}

// shelf keeps samples in a table of its own, in the transaction that brings them.
type shelf struct{ refuse string }

func (h *shelf) Append(tx db.Tx, samples []Sample) (refused []int, err error) {
	for i, x := range samples {
		if x.Metric == h.refuse {
			refused = append(refused, i)
			continue
		}
		if _, err := tx.Exec(`INSERT INTO shelf_sample (device, metric, subject, at, value) VALUES ($1,$2,$3,$4,$5) ON CONFLICT (device, metric, subject, at) DO UPDATE SET value = excluded.value`,
			x.Device, x.Metric, x.Subject, linli.Millis(x.At), x.Value); err != nil {
			return nil, err
		}
	}
	return refused, nil
}

func (h *shelf) Erase(tx db.Tx, subject linli.ResidentID, metrics []string) error {
	for _, m := range metrics {
		if _, err := tx.Exec(`DELETE FROM shelf_sample WHERE subject = $1 AND metric = $2`, subject, m); err != nil {
			return err
		}
	}
	return nil
}

func (u *street) now() time.Time { return linli.Time(u.clock.Load()) }

func (u *street) ok(err error) {
	u.t.Helper()
	if err != nil {
		u.t.Fatal(err)
	}
}

func (u *street) write(fn func(tx db.Tx) error) {
	u.t.Helper()
	u.ok(u.db.Write(u.t.Context(), fn))
}

func each(t *testing.T, test func(t *testing.T, u *street)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) { test(t, found(t, d)) })
}

func found(t *testing.T, d db.DB) *street {
	u := &street{t: t, db: d, tokens: map[string]string{}, store: &shelf{}}
	u.clock.Store(time.Date(2026, 3, 2, 9, 0, 0, 0, linli.Shanghai).UnixMilli())
	ctx, log := t.Context(), slog.New(slog.DiscardHandler)
	var err error
	began := u.now()
	u.accounts, err = auth.NewAccounts(ctx, d, u.now, func() time.Time { return began }) // nobody is signed out by the passing of test time
	u.ok(err)
	vault, err := auth.OpenVault(filepath.Join(t.TempDir(), "key"), u.now)
	u.ok(err)
	u.bus, u.jobs = sqlbus.New(d, u.now, log), job.New(d, u.now, log)
	u.people, err = resident.New(ctx, d, u.bus, vault, u.accounts, u.now)
	u.ok(err)
	u.r, err = web.New(ctx, d, u.accounts, u.now, log, "test")
	u.ok(err)
	u.s = u.node()
	u.s.Routes(u.r)
	// As app/flow.go joins them.
	u.bus.Subscribe("withdrawn", []string{resident.EventConsentWithdrawn}, bus.On(func(ctx context.Context, tx db.Tx, _ bus.Event, e resident.ConsentChanged) error {
		return u.s.Withdrawn(ctx, tx, e.Resident, e.Purpose)
	}))
	u.bus.Subscribe("forgotten", []string{resident.EventForgotten}, bus.On(func(ctx context.Context, tx db.Tx, _ bus.Event, e resident.Forgotten) error {
		return u.s.Gone(ctx, tx, e.Resident, true)
	}))
	u.write(func(tx db.Tx) error {
		_, err := tx.Exec(`CREATE TABLE shelf_sample (device TEXT, metric TEXT, subject TEXT, at BIGINT, value DOUBLE PRECISION, PRIMARY KEY (device, metric, subject, at))`)
		return err
	})
	u.write(func(tx db.Tx) error {
		for _, home := range []linli.Place{flat, farFlat} {
			for depth := linli.DepthRegion; depth <= linli.DepthBuilding; depth++ {
				if _, err := u.people.PutPlace(tx, auth.System, 0, resident.PlaceDraft{Place: home.At(depth), Name: fmt.Sprint("第", depth, "级"), At: linli.Point{Lng: 121.49, Lat: 31.24}}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	person := func(name string, at linli.Place) (id linli.ResidentID) {
		u.write(func(tx db.Tx) error {
			r, err := u.people.Register(tx, auth.System, resident.Draft{Name: &name, Place: &at})
			id = r.ID
			return err
		})
		return id
	}
	u.elder, u.stranger = person("沈阿婆", flat), person("顾大伯", farFlat)
	for login, g := range map[string]auth.Grant{"steward": {Role: "data-steward", Place: here}, "grid": {Role: "grid-worker", Place: here}, "duty": {Role: "duty-officer", Place: here},
		"far": {Role: "data-steward", Place: there}, "viewer": {Role: "viewer"}} {
		u.account(login, auth.NewUser{Grants: []auth.Grant{g}})
	}
	u.account("elder", auth.NewUser{Grants: []auth.Grant{{Role: "resident"}}, Resident: u.elder})
	return u
}

// node is the slice as another process on the same store runs it.
func (u *street) node() *Service {
	u.t.Helper()
	timers := u.jobs
	if u.s != nil {
		timers = job.New(u.db, u.now, slog.New(slog.DiscardHandler))
	}
	s, err := New(u.t.Context(), Deps{DB: u.db, Bus: u.bus, Timers: timers, Now: u.now, Residents: u.people, Consents: u.people, Samples: u.store})
	u.ok(err)
	return s
}

func (u *street) account(login string, n auth.NewUser) {
	u.t.Helper()
	n.Login, n.Name = login+"@test", login
	var id linli.UserID
	u.write(func(tx db.Tx) error {
		a, err := u.accounts.Create(tx, auth.System, n)
		id = a.ID
		return err
	})
	token, err := u.accounts.OpenSession(u.t.Context(), id, "test")
	u.ok(err)
	u.tokens[login] = token
}

type reply struct {
	status int
	etag   string
	body   object
	raw    string
}

func (r reply) str(key string) string {
	s, _ := r.body[key].(string)
	return s
}

func (u *street) send(who, method, path, kind string, raw []byte, header ...string) reply {
	u.t.Helper()
	req := httptest.NewRequest(method, path, bytes.NewReader(raw))
	req.Header.Set("Content-Type", kind)
	if method == "POST" {
		u.keys++
		req.Header.Set("Idempotency-Key", fmt.Sprintf("key-%08d", u.keys))
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	req.AddCookie(&http.Cookie{Name: web.CookieName, Value: u.tokens[who]})
	w := httptest.NewRecorder()
	u.r.ServeHTTP(w, req)
	out := reply{status: w.Code, etag: w.Header().Get("ETag"), raw: w.Body.String()}
	_ = json.Unmarshal(w.Body.Bytes(), &out.body)
	return out
}

func (u *street) call(who, method, path string, body any, header ...string) reply {
	u.t.Helper()
	var raw []byte
	if body != nil {
		var err error
		raw, err = json.Marshal(body)
		u.ok(err)
	}
	return u.send(who, method, path, "application/json", raw, header...)
}

func (u *street) want(status int, who, method, path string, body any, header ...string) reply {
	u.t.Helper()
	r := u.call(who, method, path, body, header...)
	if r.status != status {
		u.t.Fatalf("%s %s as %s: %d, want %d\n%s", method, path, who, r.status, status, r.raw)
	}
	return r
}

func (u *street) agree(id linli.ResidentID, purposes ...string) {
	u.t.Helper()
	for _, p := range purposes {
		u.write(func(tx db.Tx) error {
			_, err := u.people.GiveConsent(tx, auth.System, id, resident.ConsentDraft{Purpose: p, Version: 1, Channel: "paper"})
			return err
		})
	}
}

func (u *street) withdraw(id linli.ResidentID, purpose string) {
	u.t.Helper()
	u.write(func(tx db.Tx) error { return u.people.WithdrawConsent(tx, auth.System, id, purpose) })
}

var serials atomic.Int64

// device registers one and gives it a token.
func (u *street) device(kind string, more object) (id, token string) {
	u.t.Helper()
	body := object{"kind": kind, "serial": fmt.Sprintf("SN-%06d", serials.Add(1))}
	for k, v := range more {
		body[k] = v
	}
	id = u.want(201, "steward", "POST", "/api/v1/devices", body).str("id")
	return id, u.want(200, "steward", "POST", "/api/v1/devices/"+id+"/token", nil).str("token")
}

// bracelet is the elder's, with every consent it can need.
func (u *street) bracelet() (id, token string) {
	u.t.Helper()
	u.agree(u.elder, "sensing", "vitals", "location")
	return u.device("bracelet", object{"subject": u.elder})
}

func (u *street) get(id string) Device {
	u.t.Helper()
	var d row
	u.ok(u.db.Read(u.t.Context(), func(tx db.Tx) (err error) {
		d, err = deviceOf(tx, u.now(), id)
		return err
	}))
	return d.Device
}

// say publishes as a broker does: only what the gate lets through reaches the sink.
func (u *street) say(id, leaf, payload string) (let bool) {
	u.t.Helper()
	if !u.s.MayPublish(id, Topic(id, leaf)) {
		return false
	}
	u.ok(u.s.Sink(u.t.Context(), []Message{{Device: id, Topic: Topic(id, leaf), Payload: []byte(payload), At: u.now()}}))
	return true
}

// stored lists samples as metric=value@subject, in order.
func (u *street) stored() (out []string) {
	u.t.Helper()
	u.ok(u.db.Read(u.t.Context(), func(tx db.Tx) error {
		rows, err := tx.Query(`SELECT metric, value, subject FROM shelf_sample ORDER BY metric, at`)
		if err != nil {
			return err
		}
		defer rows.Close()
		out = nil
		for rows.Next() {
			var m, who string
			var v float64
			if err := rows.Scan(&m, &v, &who); err != nil {
				return err
			}
			name := map[string]string{"": "nobody", string(u.elder): "elder"}[who]
			out = append(out, fmt.Sprintf("%s=%g@%s", m, v, name))
		}
		return rows.Err()
	}))
	return out
}

// follow calls fn for each event after a position up to now, and gives the newest position.
func (u *street) follow(from int64, fn func(e bus.Event)) (last int64) {
	u.t.Helper()
	ctx, cancel := context.WithTimeout(u.t.Context(), 20*time.Second)
	defer cancel()
	mark := linli.NewID("end", u.now())
	u.write(func(tx db.Tx) error { return u.bus.Publish(tx, bus.Event{Kind: "test.end", Key: mark}) })
	err := u.bus.Tail(ctx, from, func(e bus.Event) error {
		last = e.Seq
		if e.Key == mark {
			cancel()
		}
		fn(e)
		return nil
	})
	if err != nil && ctx.Err() != context.Canceled {
		u.t.Fatal(err)
	}
	return last
}

// told lists the events of a kind told so far.
func (u *street) told(kind string) (out []bus.Event) {
	u.t.Helper()
	u.follow(0, func(e bus.Event) {
		if e.Kind == kind {
			out = append(out, e)
		}
	})
	return out
}

// pass moves time and lets happen what it brings, minute by minute for the watch.
func (u *street) pass(d time.Duration) {
	u.t.Helper()
	for end := u.now().Add(d); u.now().Before(end); {
		u.clock.Add(min(time.Minute, end.Sub(u.now())).Milliseconds())
		u.settle()
	}
}

func (u *street) settle() {
	u.t.Helper()
	u.ok(u.bus.Drain(u.t.Context()))
	for {
		n, err := u.jobs.Poll(u.t.Context())
		u.ok(err)
		if n == 0 {
			break
		}
	}
	u.ok(u.bus.Drain(u.t.Context()))
}
