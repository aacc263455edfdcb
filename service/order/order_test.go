package order_test

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
	"linli/engine/blob/dir"
	"linli/engine/bus"
	"linli/engine/bus/sqlbus"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/engine/job"
	"linli/service/order"
	"linli/web"
)

const region = linli.Place("990001001001")

var (
	elder  = linli.ResidentID(linli.NewID("res", monday))
	monday = at("2026-03-02 09:00:00")
)

func at(s string) time.Time {
	t, err := time.ParseInLocation(time.DateTime, s, linli.Shanghai)
	if err != nil {
		panic(err)
	}
	return t
}

// hub is a slice on real engines with a clock of its own.
type hub struct {
	*order.Service
	t        *testing.T
	db       db.DB
	bus      *sqlbus.Bus
	timers   *job.Runner
	ms       *atomic.Int64
	accounts *auth.Accounts
	router   *web.Router
	keys     atomic.Int64
}

func (h *hub) now() time.Time       { return linli.Time(h.ms.Load()) }
func (h *hub) pass(d time.Duration) { h.ms.Add(d.Milliseconds()) }
func (h *hub) set(s string)         { h.ms.Store(at(s).UnixMilli()) }
func (h *hub) ctx() context.Context { return h.t.Context() }
func each(t *testing.T, f func(h *hub)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d db.DB) { f(newHub(t, d, monday)) })
}
func (h *hub) poll() int                 { h.t.Helper(); return h.want(h.timers.Poll(h.ctx())) }
func (h *hub) want(n int, err error) int { h.t.Helper(); h.ok(err); return n }

func (h *hub) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *hub) write(fn func(tx db.Tx) error) {
	h.t.Helper()
	h.ok(h.db.Write(h.ctx(), fn))
}

func newHub(t *testing.T, d db.DB, now time.Time) *hub {
	t.Helper()
	h := &hub{t: t, db: d, ms: new(atomic.Int64)}
	h.ms.Store(now.UnixMilli())
	log := slog.New(slog.DiscardHandler)
	h.bus, h.timers = sqlbus.New(d, h.now, log), job.New(d, h.now, log)
	var err error
	if h.accounts, err = auth.NewAccounts(t.Context(), d, h.now, h.now); err != nil {
		t.Fatal(err)
	}
	if h.router, err = web.New(t.Context(), d, h.accounts, h.now, log, "test"); err != nil {
		t.Fatal(err)
	}
	files, err := dir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h.Service, err = order.New(t.Context(), order.Deps{DB: d, Bus: h.bus, Timers: h.timers, Blobs: files, Now: h.now,
		Catalog: shelf{}, Residents: register{}, Places: register{}, Workers: register{}, Demands: register{}})
	if err != nil {
		t.Fatal(err)
	}
	h.Service.Routes(h.router)
	return h
}

// shelf is a small catalog: a bath that must be signed for, a repair with nothing
// to prove, a lunch handed over by code, an alarm.
type shelf struct{}

func (shelf) Spec(_ context.Context, code linli.SpecCode) (linli.Spec, error) {
	s := map[linli.SpecCode]linli.Spec{
		"bathing":  {Item: "elder-care", Zh: "助浴", En: "Bathing", SLA: linli.P4, Length: 90 * time.Minute, Persons: 1, Skills: []linli.Skill{{Code: "elder-carer", Level: 3}}},
		"plumbing": {Item: "home-safety", Zh: "水管维修", En: "Plumbing", SLA: linli.P3, Length: time.Hour, Persons: 1},
		"no-water": {Item: "home-safety", Zh: "断水", En: "No water", SLA: linli.P2, Length: time.Hour, Persons: 1},
		"gas-leak": {Item: "emergency", Zh: "燃气泄漏", En: "Gas leak", SLA: linli.P1, Length: 30 * time.Minute, Persons: 1},
		"lunch":    {Item: "dining", Zh: "送餐", En: "Lunch", SLA: linli.P3, Length: 10 * time.Minute, Persons: 1},
	}[code]
	if s.Item == "" {
		return s, linli.Invalidf("spec", "服务目录里没有“%s”", "the catalog has no specification %q", code)
	}
	s.Code = code
	return s, nil
}

func (shelf) SOP(_ context.Context, code linli.SpecCode) (string, []linli.Step, error) {
	switch code {
	case "bathing":
		return "bathing@1", []linli.Step{{No: 1, Zh: "备勤", En: "Prepare", Owner: "provider-worker"},
			{No: 2, Zh: "服务实施", En: "Deliver", Owner: "provider-worker", Evidence: "photo", Required: true},
			{No: 3, Zh: "确认", En: "Sign", Owner: "resident", Evidence: "signature", Required: true},
			{No: 4, Zh: "记录", En: "Record", Owner: "provider-worker", Evidence: "note"}}, nil
	case "lunch":
		return "lunch@1", []linli.Step{{No: 1, Zh: "交餐", En: "Hand over", Owner: "provider-worker", Evidence: "code", Required: true}}, nil
	}
	return string(code) + "@1", []linli.Step{{No: 1, Zh: "受理", En: "Take in", Owner: "dispatcher"}}, nil
}

func (shelf) Limits(_ context.Context, class linli.SLAClass) (accept, contact, start, done time.Duration, allDay bool, err error) {
	m := time.Minute
	switch class {
	case linli.P1:
		return m, 3 * m, 30 * m, 0, true, nil
	case linli.P2:
		return 10 * m, 15 * m, 120 * m, 1440 * m, true, nil
	case linli.P3:
		return 30 * m, 120 * m, 1440 * m, 4320 * m, false, nil
	}
	return 30 * m, 1440 * m, 0, 0, false, nil
}

// register knows one resident and one estate.
type register struct{}

const home = region + "/003/bund/12/2/302"

func (register) Home(_ context.Context, id linli.ResidentID) (linli.Place, linli.Point, error) {
	if id != elder {
		return "", linli.Point{}, linli.NotFound("没有这位居民", "no such resident")
	}
	return home, linli.Point{Lng: 121.49, Lat: 31.24}, nil
}

func (register) Brief(_ context.Context, ids []linli.ResidentID, each func(linli.ResidentID, string, string, string)) error {
	for _, id := range ids {
		if id == elder {
			each(id, "王淑芬", "00013800001", "外滩小区 12 号楼 2 单元 302")
		}
	}
	return nil
}

func (register) Gazetteer(context.Context) ([]linli.NamedPlace, error) {
	return []linli.NamedPlace{{Name: "外滩小区", Place: region + "/003/bund"}, {Name: "外滩小区 12 号楼", Place: region + "/003/bund/12"}, {Name: "豫园", Place: region + "/004/yu"}}, nil
}

func (register) Workers(context.Context, time.Time) ([]linli.Worker, error) {
	return []linli.Worker{{ID: "wrk_1", Org: "org_1", Name: "周敏"}, {ID: "wrk_2", Org: "org_1", Name: "陈立"}}, nil
}

func (register) Said(_ context.Context, ids []linli.DemandID) (map[linli.DemandID]string, error) {
	out := map[linli.DemandID]string{}
	for _, id := range ids {
		out[id] = "妈妈想洗澡"
	}
	return out, nil
}

// open opens an order of the specification as a flow would.
func (h *hub) open(spec linli.SpecCode, wish linli.Window) linli.OrderID {
	h.t.Helper()
	var id linli.OrderID
	h.write(func(tx db.Tx) (err error) {
		id, err = h.Open(h.ctx(), tx, order.Opening{Source: "phone", Need: linli.Need{Spec: spec, Resident: elder, Place: home, Wish: wish}, Auto: true})
		return err
	})
	return id
}

var because = []linli.Reason{{Code: "nearest", Value: 400, Unit: "m"}}

// assign gives the order to a worker who is to start in an hour.
func (h *hub) assign(id linli.OrderID, w linli.WorkerID) {
	h.t.Helper()
	start := h.now().Add(time.Hour)
	h.write(func(tx db.Tx) error {
		return h.Assign(h.ctx(), tx, id, linli.Assignment{Worker: w, Org: "org_1", Start: start, Promise: linli.Window{From: start, To: start.Add(30 * time.Minute)}, Reasons: because})
	})
}

func (h *hub) do(id linli.OrderID, act order.Act, reason string) {
	h.t.Helper()
	h.write(func(tx db.Tx) error { return h.Do(h.ctx(), tx, id, act, reason, "") })
}

func (h *hub) state(id linli.OrderID) string {
	h.t.Helper()
	var state string
	h.ok(h.db.Read(h.ctx(), func(tx db.Tx) (err error) {
		_, state, err = h.Need(h.ctx(), tx, id)
		return err
	}))
	return state
}

// history lists the timeline as "kind at clock/to", with the day's clock.
func (h *hub) history(id linli.OrderID) []string {
	h.t.Helper()
	out := []string{}
	h.ok(h.db.Read(h.ctx(), func(tx db.Tx) error {
		out = out[:0]
		rows, err := tx.Query(`SELECT seq, at, kind, state, detail FROM order_event WHERE order_id = $1 ORDER BY seq`, id)
		if err != nil {
			return err
		}
		defer rows.Close()
		for n := int64(1); rows.Next(); n++ {
			var seq, at int64
			var kind, state string
			var d struct {
				Clock string       `json:"clock"`
				To    string       `json:"to_role"`
				Owner *order.Owner `json:"owner"`
			}
			if err := rows.Scan(&seq, &at, &kind, &state, db.JSON(&d)); err != nil {
				return err
			}
			if seq != n {
				h.t.Errorf("line %d has number %d", n, seq)
			}
			line := linli.Time(at).Format("02 15:04:05 ") + kind[len("order."):]
			if d.Clock != "" {
				line += " " + d.Clock
			}
			if d.To != "" {
				line += " to " + d.To
			}
			if d.Owner != nil {
				line += " of " + d.Owner.Role
			}
			out = append(out, line)
		}
		return rows.Err()
	}))
	return out
}

// told lists the kinds the bus tells of the order, in order.
func (h *hub) told() *[]bus.Event {
	var got []bus.Event
	kinds := []string{}
	for _, k := range allKinds {
		kinds = append(kinds, k)
	}
	h.bus.Subscribe("test", kinds, func(_ context.Context, _ db.Tx, e bus.Event) error {
		got = append(got, e)
		return nil
	})
	return &got
}

var allKinds = []string{order.EventOpened, order.EventWaiting, order.EventAssigned, order.EventShifted, order.EventAmended, order.EventUnassigned, order.EventAccepted, order.EventContacted,
	order.EventEnRoute, order.EventArrived, order.EventStepDone, order.EventPaused, order.EventResumed, order.EventFinished, order.EventConfirmed,
	order.EventRated, order.EventClosed, order.EventFailed, order.EventCanceled, order.EventReopened, order.EventMerged, order.EventNoted,
	order.EventBreached, order.EventLifted, order.EventEscalated, order.EventStretched}

// sign makes an account with the grants and returns its cookie.
func (h *hub) sign(n auth.NewUser) *http.Cookie {
	h.t.Helper()
	n.Name = n.Login
	var id linli.UserID
	h.write(func(tx db.Tx) error {
		u, err := h.accounts.Create(tx, auth.System, n)
		id = u.ID
		return err
	})
	token, err := h.accounts.OpenSession(h.ctx(), id, "test")
	h.ok(err)
	return &http.Cookie{Name: web.CookieName, Value: token}
}

func (h *hub) role(login string, g auth.Grant) *http.Cookie {
	h.t.Helper()
	return h.sign(auth.NewUser{Login: login, Grants: []auth.Grant{g}})
}

// call makes a request and decodes the answer into out, when it is not nil.
func (h *hub) call(who *http.Cookie, method, path string, body any, out any) int {
	h.t.Helper()
	raw, ok := body.([]byte)
	if !ok && body != nil {
		var err error
		raw, err = json.Marshal(body)
		h.ok(err)
	}
	req := httptest.NewRequestWithContext(h.ctx(), method, "http://hub"+path, bytes.NewReader(raw))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", fmt.Sprintf("key-%d-%d", h.keys.Add(1), len(raw)))
	if who != nil {
		req.AddCookie(who)
	}
	rec := httptest.NewRecorder()
	h.router.ServeHTTP(rec, req)
	if out != nil {
		if err := json.Unmarshal(rec.Body.Bytes(), out); err != nil {
			h.t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
		}
	}
	return rec.Code
}

// must is call for requests that succeed.
func (h *hub) must(who *http.Cookie, method, path string, body any, out any) {
	h.t.Helper()
	var answer json.RawMessage
	if code := h.call(who, method, path, body, &answer); code >= 300 {
		h.t.Fatalf("%s %s: %d %s", method, path, code, answer)
	}
	if out != nil {
		h.ok(json.Unmarshal(answer, out))
	}
}

func dbEach(t *testing.T, f func(t *testing.T, open func() db.DB)) { t.Helper(); dbtest.EachHome(t, f) }

func newWorker(id linli.WorkerID) auth.NewUser {
	return auth.NewUser{Login: string(id), Worker: id, Grants: []auth.Grant{{Role: "provider-worker", Org: "org_1"}}}
}

// What a resident was told is remembered when it no longer holds, and forgotten
// when it holds again.
func TestAChangedPromiseRemembersWhatWasTold(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		id := h.open("bathing", linli.Window{})
		at := func(hour int) linli.Window {
			from := h.now().Truncate(time.Hour).Add(time.Duration(hour) * time.Hour)
			return linli.Window{From: from, To: from.Add(30 * time.Minute)}
		}
		for i, step := range []struct {
			worker      linli.WorkerID // none: taken back
			told, prior linli.Window
		}{{"wrk_a", at(1), linli.Window{}}, {"wrk_b", at(1), linli.Window{}}, {"wrk_b", at(2), at(1)}, {"", linli.Window{}, at(2)}, {"wrk_c", at(2), linli.Window{}}, {"wrk_c", at(3), at(2)}} {
			h.write(func(tx db.Tx) error {
				if step.worker == "" {
					return h.Unassign(h.ctx(), tx, id, "worker off")
				}
				return h.Assign(h.ctx(), tx, id, linli.Assignment{Worker: step.worker, Start: step.told.From, Promise: step.told, Reasons: because})
			})
			var o *order.Row
			h.write(func(tx db.Tx) (err error) {
				o, _, _, _, err = h.Inspect(h.ctx(), tx, id, 0)
				return err
			})
			if o.PromisedFrom != linli.Millis(step.told.From) || o.PriorFrom != linli.Millis(step.prior.From) || o.PriorTo != linli.Millis(step.prior.To) {
				t.Errorf("step %d: promised %d, prior %d to %d", i, o.PromisedFrom, o.PriorFrom, o.PriorTo)
			}
		}
	})
}
