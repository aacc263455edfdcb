package party

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"linli"
	"linli/auth"
	"linli/engine/bus"
	"linli/engine/bus/sqlbus"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/engine/job"
	"linli/web"
)

const region = linli.Place("990001001001")

// guild is the register of those who take part in a hub of its own.
type guild struct {
	t        *testing.T
	db       db.DB
	bus      *sqlbus.Bus
	jobs     *job.Runner
	accounts *auth.Accounts
	s        *Service
	r        *web.Router
	clock    atomic.Int64
	tokens   map[string]string
	keys     int
}

func (g *guild) now() time.Time { return linli.Time(g.clock.Load()) }

func each(t *testing.T, test func(t *testing.T, g *guild)) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		g := &guild{t: t, db: d, tokens: map[string]string{}}
		g.clock.Store(shanghai("2026-03-02 09:00").UnixMilli()) // a Monday
		ctx, log := t.Context(), slog.New(slog.DiscardHandler)
		g.bus, g.jobs = sqlbus.New(d, g.now, log), job.New(d, g.now, log)
		var err error
		if g.accounts, err = auth.NewAccounts(ctx, d, g.now, g.now); err != nil {
			t.Fatal(err)
		}
		if g.s, err = New(ctx, d, g.bus, g.jobs, g.now); err != nil {
			t.Fatal(err)
		}
		if g.r, err = web.New(ctx, d, g.accounts, g.now, log, "test"); err != nil {
			t.Fatal(err)
		}
		g.s.Routes(g.r)
		g.account("steward", auth.NewUser{Grants: []auth.Grant{{Role: "data-steward", Place: region}}})
		g.account("dispatcher", auth.NewUser{Grants: []auth.Grant{{Role: "dispatcher", Place: region}}})
		g.account("viewer", auth.NewUser{Grants: []auth.Grant{{Role: "viewer"}}})
		test(t, g)
	})
}

func (g *guild) account(login string, n auth.NewUser) {
	g.t.Helper()
	n.Login, n.Name = login+"@test", login
	var id linli.UserID
	if err := g.db.Write(g.t.Context(), func(tx db.Tx) error {
		u, err := g.accounts.Create(tx, auth.System, n)
		id = u.ID
		return err
	}); err != nil {
		g.t.Fatal(err)
	}
	token, err := g.accounts.OpenSession(g.t.Context(), id, "test")
	if err != nil {
		g.t.Fatal(err)
	}
	g.tokens[login] = token
}

type reply struct {
	status int
	rev    string
	body   map[string]any
	raw    string
}

func (g *guild) call(who, method, path string, body any, header ...string) reply {
	g.t.Helper()
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			g.t.Fatal(err)
		}
	}
	req := httptest.NewRequest(method, path, bytes.NewReader(raw))
	req.Header.Set("Content-Type", "application/json")
	if method == "POST" {
		g.keys++
		req.Header.Set("Idempotency-Key", fmt.Sprintf("key-%08d", g.keys))
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if token := g.tokens[who]; token != "" {
		req.AddCookie(&http.Cookie{Name: web.CookieName, Value: token})
	}
	w := httptest.NewRecorder()
	g.r.ServeHTTP(w, req)
	out := reply{status: w.Code, rev: w.Header().Get("ETag"), raw: w.Body.String()}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &out.body); err != nil {
			g.t.Fatalf("%s %s: %v: %s", method, path, err, out.raw)
		}
	}
	return out
}

func (g *guild) ok(who, method, path string, body any, header ...string) reply {
	g.t.Helper()
	r := g.call(who, method, path, body, header...)
	if r.status >= 300 {
		g.t.Fatalf("%s %s as %s: %d %s", method, path, who, r.status, r.raw)
	}
	return r
}

func items(r reply) (out []map[string]any) {
	list, _ := r.body["items"].([]any)
	for _, x := range list {
		out = append(out, x.(map[string]any))
	}
	return out
}

// org makes an organization and a person who manages it.
func (g *guild) org(name, kind string) string {
	g.t.Helper()
	id := g.ok("steward", "POST", "/api/v1/organizations", map[string]any{"name": name, "kind": kind, "place": string(region), "leader": "陈经理"}).body["id"].(string)
	g.account(name, auth.NewUser{Grants: []auth.Grant{{Role: "provider-admin", Org: linli.OrgID(id)}}})
	return id
}

func carer(org string) map[string]any {
	return map[string]any{"org": org, "name": "李阿姨", "phone": "00012345678", "place": string(region) + "/001", "at": map[string]any{"lng": 121.49, "lat": 31.24}, "profile": "e-bike",
		"skills": []map[string]any{{"code": "elder-carer", "level": 3}, {"code": "visitor", "level": 1}}, "week": []string{"08:00-12:00", "08:00-12:00", "08:00-12:00", "08:00-12:00", "08:00-12:00", "", ""}}
}

func (g *guild) worker(id string) linli.Worker {
	g.t.Helper()
	all, err := g.s.Workers(g.t.Context(), g.now())
	if err != nil {
		g.t.Fatal(err)
	}
	for _, w := range all {
		if string(w.ID) == id {
			return w
		}
	}
	g.t.Fatalf("worker %s is not in the snapshot of %d", id, len(all))
	return linli.Worker{}
}

// told lists the events of the kinds told so far.
func (g *guild) told(kind string) (out []bus.Event) {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(g.t.Context(), 5*time.Second)
	defer cancel()
	if err := g.db.Write(ctx, func(tx db.Tx) error { return g.bus.Publish(tx, bus.Event{Kind: "test.end", Key: "end"}) }); err != nil {
		g.t.Fatal(err)
	}
	err := g.bus.Tail(ctx, 0, func(e bus.Event) error {
		if e.Kind == kind {
			out = append(out, e)
		}
		if e.Kind == "test.end" {
			cancel()
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		g.t.Fatal(err)
	}
	return out
}

func TestAProviderManagesItsOwnWorkersAndNoOthers(t *testing.T) {
	each(t, func(t *testing.T, g *guild) {
		anxin, other := g.org("安心护理", "pro-provider"), g.org("别家护理", "pro-provider")
		mine := g.ok("安心护理", "POST", "/api/v1/workers", carer(anxin)).body["id"].(string)
		theirs := g.ok("别家护理", "POST", "/api/v1/workers", carer(other)).body["id"].(string)
		if r := g.call("安心护理", "POST", "/api/v1/workers", carer(other)); r.status != 422 {
			t.Errorf("a worker for another provider: %d", r.status)
		}
		if list := items(g.ok("安心护理", "GET", "/api/v1/workers", nil)); len(list) != 1 || list[0]["id"] != mine || list[0]["phone"] != "00012345678" {
			t.Errorf("own list: %v", list)
		}
		for path, want := range map[string]int{"/api/v1/workers/" + mine: 200, "/api/v1/workers/" + theirs: 404, "/api/v1/organizations/" + anxin: 200, "/api/v1/organizations/" + other: 404} {
			if r := g.call("安心护理", "GET", path, nil); r.status != want {
				t.Errorf("%s: %d, want %d", path, r.status, want)
			}
		}
		if r := g.call("安心护理", "PUT", "/api/v1/workers/"+theirs, carer(anxin), "If-Match", `"1"`); r.status != 404 {
			t.Errorf("took over a worker: %d", r.status)
		}
		if r := g.call("安心护理", "PUT", "/api/v1/workers/"+mine, carer(other), "If-Match", `"1"`); r.status != 422 {
			t.Errorf("gave a worker away: %d", r.status)
		}
		if r := g.call("安心护理", "POST", "/api/v1/organizations", map[string]any{"name": "新机构", "kind": "pro-provider", "place": string(region)}); r.status != 403 {
			t.Errorf("a provider made an organization: %d", r.status)
		}
		// What the street has suspended comes back by the street, not by itself; an edit
		// that says nothing of the state leaves it.
		provider := map[string]any{"name": "安心护理", "kind": "pro-provider", "place": string(region)}
		with := func(key string, v any) map[string]any {
			out := maps.Clone(provider)
			out[key] = v
			return out
		}
		rev := g.ok("安心护理", "GET", "/api/v1/organizations/"+anxin, nil).rev
		rev = g.ok("dispatcher", "PUT", "/api/v1/organizations/"+anxin, with("state", "suspended"), "If-Match", rev).rev
		for key, v := range map[string]any{"state": "active", "kind": "volunteer-team", "place": string(region) + "/001"} {
			if r := g.call("安心护理", "PUT", "/api/v1/organizations/"+anxin, with(key, v), "If-Match", rev); r.status != 403 {
				t.Errorf("a provider sets its own %s: %d", key, r.status)
			}
		}
		if r := g.ok("安心护理", "PUT", "/api/v1/organizations/"+anxin, with("phone", "02112345"), "If-Match", rev); r.body["state"] != "suspended" {
			t.Errorf("an edit of the phone leaves it %v", r.body["state"])
		}
		rev = g.ok("安心护理", "PUT", "/api/v1/workers/"+mine, func() map[string]any { d := carer(anxin); d["state"] = "suspended"; return d }(), "If-Match", `"1"`).rev
		if r := g.ok("安心护理", "PUT", "/api/v1/workers/"+mine, carer(anxin), "If-Match", rev); r.body["state"] != "suspended" {
			t.Errorf("an edit of a suspended worker leaves them %v", r.body["state"])
		}
		// The street sees the worker with name, the phone masked.
		seen := g.ok("dispatcher", "GET", "/api/v1/workers/"+mine, nil).body
		if seen["name"] != "李阿姨" || seen["phone"] != "000****5678" || seen["actor"] != "pro-provider" || seen["org_name"] != "安心护理" {
			t.Errorf("dispatcher: %v", seen)
		}
		if r := g.call("viewer", "GET", "/api/v1/workers", nil); r.status != 403 {
			t.Errorf("viewer: %d", r.status)
		}
	})
}

func TestBadInputNamesItsFieldAndChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, g *guild) {
		anxin := g.org("安心护理", "pro-provider")
		with := func(key string, v any) map[string]any {
			b := carer(anxin)
			b[key] = v
			return b
		}
		for field, body := range map[string]map[string]any{
			"org": with("org", "org_none"), "place": with("place", "nowhere"), "at": with("at", map[string]any{"lng": 0, "lat": 0}), "phone": with("phone", "电话"), "name": with("name", "  "),
			"skills.code": with("skills", []map[string]any{{"code": "magic", "level": 1}}), "skills.level": with("skills", []map[string]any{{"code": "visitor", "level": 6}}),
			"week": with("week", []string{"08:00-12:00"}), "areas": with("areas", []string{"x/y"}),
		} {
			if r := g.call("steward", "POST", "/api/v1/workers", body); r.status != 422 || r.body["field"] != field {
				t.Errorf("%s: %d %s", field, r.status, r.raw)
			}
		}
		for field, body := range map[string]map[string]any{
			"kind": {"name": "某机构", "kind": "gang", "place": string(region)}, "uscc": {"name": "某机构", "kind": "charity", "place": string(region), "uscc": "91350100M000100Y44"},
			"name": {"name": " 　 ", "kind": "charity", "place": string(region)},
		} {
			if r := g.call("steward", "POST", "/api/v1/organizations", body); r.status != 422 || r.body["field"] != field {
				t.Errorf("%s: %d %s", field, r.status, r.raw)
			}
		}
		good := map[string]any{"name": "某机构", "kind": "charity", "place": string(region), "uscc": "53990001mj0000000"}
		if r := g.call("steward", "POST", "/api/v1/organizations", good); r.status != 422 {
			t.Errorf("%d", r.status)
		}
		good["uscc"] = "52990001mj000000x2"
		if r := g.ok("steward", "POST", "/api/v1/organizations", good); r.body["uscc"] != "52990001MJ000000X2" {
			t.Errorf("%s", r.raw)
		}
		if r := g.call("steward", "POST", "/api/v1/organizations", good); r.status != 409 || r.body["field"] != "uscc" {
			t.Errorf("the same code twice: %d %s", r.status, r.raw)
		}
		if list := items(g.ok("steward", "GET", "/api/v1/workers", nil)); len(list) != 0 {
			t.Errorf("refused input left %v", list)
		}
		if list := items(g.ok("steward", "GET", "/api/v1/organizations?q=某&kind=charity", nil)); len(list) != 1 {
			t.Errorf("%v", list)
		}
		// An escaped wildcard is a character.
		if list := items(g.ok("steward", "GET", "/api/v1/organizations?q=%25", nil)); len(list) != 0 {
			t.Errorf("%v", list)
		}
	})
}

func TestTheSnapshotFollowsEveryChangeAtOnce(t *testing.T) {
	each(t, func(t *testing.T, g *guild) {
		anxin := g.org("安心护理", "pro-provider")
		made := g.ok("安心护理", "POST", "/api/v1/workers", carer(anxin))
		id := made.body["id"].(string)
		path := "/api/v1/workers/" + id
		today := window("2026-03-02 08:00", "2026-03-02 12:00")
		want := linli.Worker{ID: linli.WorkerID(id), Org: linli.OrgID(anxin), Name: "李阿姨", Actor: "pro-provider", Place: region + "/001", At: linli.Point{Lng: 121.49, Lat: 31.24}, Profile: "e-bike",
			Skills: []linli.HeldSkill{{Skill: linli.Skill{Code: "visitor", Level: 1}}}, MaxLoad: 8 * time.Hour, Active: true, Rev: 1}
		got := g.worker(id)
		shifts := got.Shifts
		got.Shifts = nil
		if d := cmp.Diff(want, got); d != "" || len(shifts) != 7 || shifts[0] != today {
			t.Errorf("%s %v", d, shifts)
		}

		certified := g.ok("安心护理", "POST", path+"/certificates", map[string]any{"kind": "elder-carer", "number": "A123", "level": 3, "issued": "2025-01-01", "expires": "2026-03-20"})
		cert := certified.body["certificates"].([]any)[0].(map[string]any)
		if cert["valid"] != true || cert["days_left"] != 18.0 {
			t.Errorf("%v", cert)
		}
		held := g.worker(id).Skills
		if len(held) != 2 || held[0].Code != "elder-carer" || !held[0].Until.Equal(shanghai("2026-03-21 00:00")) {
			t.Errorf("%+v", held)
		}

		absent := g.ok("安心护理", "POST", path+"/absences", map[string]any{"kind": "sick", "from": shanghai("2026-03-02 09:10"), "to": shanghai("2026-03-04 00:00")})
		if absent.body["away"] != false || absent.body["on_shift"] != true {
			t.Errorf("%s", absent.raw)
		}
		if shifts := g.worker(id).Shifts; shifts[0] != window("2026-03-02 08:00", "2026-03-02 09:10") || shifts[1] != window("2026-03-04 08:00", "2026-03-04 12:00") {
			t.Errorf("%v", shifts)
		}
		g.clock.Store(shanghai("2026-03-02 09:20").UnixMilli())
		absence := absent.body["absences"].([]any)[0].(map[string]any)["id"].(string)
		if away := g.ok("dispatcher", "GET", path, nil).body; away["away"] != true || away["absences"].([]any)[0].(map[string]any)["kind"] != "" {
			t.Errorf("the street sees why somebody is away: %v", away)
		}
		g.ok("安心护理", "POST", path+"/absences/"+absence+"/end", nil)
		if shifts := g.worker(id).Shifts; len(shifts) < 2 || shifts[0] != window("2026-03-02 09:20", "2026-03-02 12:00") {
			t.Errorf("%v", shifts)
		}
		if r := g.call("安心护理", "POST", path+"/absences/"+absence+"/end", nil); r.status != 404 {
			t.Errorf("ended twice: %d", r.status)
		}

		rev := g.ok("安心护理", "GET", path, nil).rev
		night := g.ok("安心护理", "PUT", path+"/shifts", map[string]any{"week": []string{"", "", "", "", "", "", ""}, "days": []map[string]any{{"day": "2026-03-05", "spans": "09:00-10:00"}, {"day": "2026-03-01", "spans": "09:00-10:00"}}}, "If-Match", rev)
		if shifts := g.worker(id).Shifts; len(shifts) != 1 || shifts[0] != window("2026-03-05 09:00", "2026-03-05 10:00") {
			t.Errorf("%v", shifts)
		}
		if r := g.call("安心护理", "PUT", path+"/shifts", map[string]any{"week": []string{"", "", "", "", "", "", ""}}, "If-Match", rev); r.status != 409 {
			t.Errorf("a stale plan: %d", r.status)
		}
		edit := carer(anxin)
		delete(edit, "week")
		edit["state"] = "suspended"
		g.ok("安心护理", "PUT", path, edit, "If-Match", night.rev)
		if w := g.worker(id); w.Active || len(w.Shifts) != 1 {
			t.Errorf("an edit without a week changed the week, or the state does not count: %+v", w)
		}
		g.ok("安心护理", "POST", path+"/certificates/"+cert["id"].(string)+"/revoke", map[string]any{"reason": "证件造假"})
		if held := g.worker(id).Skills; len(held) != 1 {
			t.Errorf("a revoked certificate proves: %+v", held)
		}
		told := g.told(EventWorkerChanged)
		var last WorkerChanged
		if err := json.Unmarshal(told[len(told)-1].Data, &last); err != nil || len(told) != 7 || last.State != "suspended" || last.Rev != 7 || strings.Contains(string(told[0].Data), "李") {
			t.Errorf("%d events, last %+v %v", len(told), last, err)
		}
	})
}

func TestAnOrganizationThatStopsTakesItsWorkersOut(t *testing.T) {
	each(t, func(t *testing.T, g *guild) {
		anxin := g.org("安心护理", "pro-provider")
		id := g.ok("安心护理", "POST", "/api/v1/workers", carer(anxin)).body["id"].(string)
		if !g.worker(id).Active {
			t.Fatal("not active")
		}
		org := g.ok("steward", "GET", "/api/v1/organizations/"+anxin, nil)
		if org.body["leader"] != "陈经理" || org.body["workers"] != 1.0 {
			t.Errorf("%s", org.raw)
		}
		g.ok("steward", "PUT", "/api/v1/organizations/"+anxin, map[string]any{"name": "安心护理", "kind": "pro-provider", "place": string(region), "state": "suspended"}, "If-Match", org.rev)
		if g.worker(id).Active {
			t.Error("the worker of a suspended organization is still planned")
		}
		member := g.ok("安心护理", "POST", "/api/v1/organizations/"+anxin+"/members", map[string]any{"name": "陈会计", "duty": "财务", "phone": "00011112222"}).body
		if member["phone"] != "00011112222" {
			t.Errorf("%v", member)
		}
		if seen := g.ok("dispatcher", "GET", "/api/v1/organizations/"+anxin, nil).body["members"].([]any)[0].(map[string]any); seen["name"] != "陈**" || seen["phone"] != "000****2222" {
			t.Errorf("the street sees %v", seen)
		}
		g.ok("安心护理", "DELETE", "/api/v1/organizations/"+anxin+"/members/"+member["id"].(string), nil)
		if left := g.ok("dispatcher", "GET", "/api/v1/organizations/"+anxin, nil).body["members"].([]any); len(left) != 0 {
			t.Errorf("%v", left)
		}
	})
}

func TestAWorkerSeesAndPlansOnlyThemselves(t *testing.T) {
	each(t, func(t *testing.T, g *guild) {
		anxin := g.org("安心护理", "pro-provider")
		id := g.ok("安心护理", "POST", "/api/v1/workers", carer(anxin)).body["id"].(string)
		g.account("me", auth.NewUser{Worker: linli.WorkerID(id), Grants: []auth.Grant{{Role: "provider-worker", Org: linli.OrgID(anxin)}}})
		g.account("nobody", auth.NewUser{Grants: []auth.Grant{{Role: "provider-worker", Org: linli.OrgID(anxin)}}})
		card := g.ok("me", "GET", "/api/v1/my/worker", nil)
		if card.body["name"] != "李阿姨" || card.body["phone"] != "00012345678" {
			t.Errorf("%s", card.raw)
		}
		if r := g.call("nobody", "GET", "/api/v1/my/worker", nil); r.status != 404 {
			t.Errorf("an account without worker: %d", r.status)
		}
		g.ok("me", "PUT", "/api/v1/my/shifts", map[string]any{"week": []string{"", "", "", "", "", "09:00-11:00", ""}}, "If-Match", card.rev)
		r := g.ok("me", "POST", "/api/v1/my/absences", map[string]any{"kind": "leave", "from": shanghai("2026-03-07 09:00"), "to": shanghai("2026-03-07 10:00")})
		if shifts := g.worker(id).Shifts; len(shifts) != 1 || shifts[0] != window("2026-03-07 10:00", "2026-03-07 11:00") {
			t.Errorf("%v", shifts)
		}
		g.ok("me", "POST", "/api/v1/my/absences/"+r.body["absences"].([]any)[0].(map[string]any)["id"].(string)+"/end", nil)
		for _, call := range []struct {
			method, path string
			body         any
		}{
			{"PUT", "/api/v1/workers/" + id, carer(anxin)}, {"POST", "/api/v1/workers/" + id + "/certificates", map[string]any{"kind": "nurse", "issued": "2026-01-01"}}, {"GET", "/api/v1/workers", nil},
		} {
			if r := g.call("me", call.method, call.path, call.body, "If-Match", `"1"`); r.status != 403 {
				t.Errorf("%s %s: %d", call.method, call.path, r.status)
			}
		}
		if r := g.call("me", "POST", "/api/v1/my/absences", map[string]any{"kind": "leave", "from": shanghai("2026-03-07 10:00"), "to": shanghai("2026-03-07 09:00")}); r.status != 422 || r.body["field"] != "to" {
			t.Errorf("%d %s", r.status, r.raw)
		}
	})
}

func TestEndingCertificatesAreListedAndToldOnce(t *testing.T) {
	each(t, func(t *testing.T, g *guild) {
		anxin := g.org("安心护理", "pro-provider")
		id := g.ok("安心护理", "POST", "/api/v1/workers", carer(anxin)).body["id"].(string)
		for kind, expires := range map[string]string{"elder-carer": "2026-03-20", "health": "2026-12-31", "no-crime": "2026-02-20"} {
			g.ok("安心护理", "POST", "/api/v1/workers/"+id+"/certificates", map[string]any{"kind": kind, "issued": "2025-01-01", "expires": expires})
		}
		var got []string
		for _, c := range items(g.ok("安心护理", "GET", "/api/v1/certificates", nil)) {
			got = append(got, fmt.Sprint(c["kind"], " ", c["days_left"], " ", c["valid"], " ", c["worker_name"]))
		}
		if d := cmp.Diff([]string{"no-crime -10 false 李阿姨", "elder-carer 18 true 李阿姨"}, got); d != "" {
			t.Error(d)
		}
		morning := func() {
			t.Helper()
			if err := g.db.Write(t.Context(), g.s.tellExpiring); err != nil {
				t.Fatal(err)
			}
		}
		told := func() (out []string) {
			for _, e := range g.told(EventCertificateExpiring) {
				var c CertificateExpiring
				if err := json.Unmarshal(e.Data, &c); err != nil {
					t.Fatal(err)
				}
				out = append(out, fmt.Sprint(c.Kind, " ", c.Days))
			}
			return out
		}
		morning()
		morning()
		g.clock.Store(shanghai("2026-03-15 06:00").UnixMilli())
		morning()
		g.clock.Store(shanghai("2026-03-25 06:00").UnixMilli())
		morning()
		if d := cmp.Diff([]string{"no-crime 0", "elder-carer 18", "elder-carer 5", "elder-carer 0"}, told()); d != "" {
			t.Error(d)
		}
	})
}

func TestListsArePagedAndNarrowed(t *testing.T) {
	each(t, func(t *testing.T, g *guild) {
		anxin := g.org("安心护理", "pro-provider")
		for i := range 5 {
			w := carer(anxin)
			w["name"] = fmt.Sprint("护工", string(rune('甲'+i)))
			if i == 4 {
				w["skills"], w["place"] = []map[string]any{{"code": "plumber", "level": 2}}, string(region)+"/002"
			}
			g.ok("安心护理", "POST", "/api/v1/workers", w)
		}
		seen, next := map[string]bool{}, ""
		for range 5 {
			r := g.ok("dispatcher", "GET", "/api/v1/workers?limit=2&cursor="+next, nil)
			for _, w := range items(r) {
				seen[w["id"].(string)] = true
			}
			if next = r.body["next"].(string); next == "" {
				break
			}
		}
		if len(seen) != 5 {
			t.Errorf("%d workers on all pages", len(seen))
		}
		for query, want := range map[string]int{"skill=plumber": 1, "skill=elder-carer": 4, "place=" + string(region) + "/002": 1, "org=" + anxin: 5, "org=org_x": 0, "state=left": 0, "q=护工": 5, "q=不是": 0} {
			if n := len(items(g.ok("dispatcher", "GET", "/api/v1/workers?"+query, nil))); n != want {
				t.Errorf("%s: %d, want %d", query, n, want)
			}
		}
		if r := g.call("dispatcher", "GET", "/api/v1/workers?skill=magic", nil); r.status != 422 {
			t.Errorf("%d", r.status)
		}
		kinds := g.ok("viewer", "GET", "/api/v1/actor-kinds", nil).body
		if len(kinds["kinds"].([]any)) != 15 || len(kinds["roles"].([]any)) != 23 {
			t.Errorf("%v", kinds)
		}
		if modules := g.ok("viewer", "GET", "/api/v1/collaboration", nil).body["modules"].([]any); len(modules) != 5 {
			t.Errorf("%v", modules)
		}
		if skills := g.ok("viewer", "GET", "/api/v1/skills", nil).body; len(skills["skills"].([]any)) != len(Skills) {
			t.Errorf("%v", skills)
		}
	})
}

func TestManyPlannersAskWhileWorkersChange(t *testing.T) {
	each(t, func(t *testing.T, g *guild) {
		anxin := g.org("安心护理", "pro-provider")
		id := linli.WorkerID(g.ok("安心护理", "POST", "/api/v1/workers", carer(anxin)).body["id"].(string))
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 50 {
					if all, err := g.s.Workers(t.Context(), g.now()); err != nil || len(all) != 1 {
						t.Errorf("%d %v", len(all), err)
						return
					}
				}
			})
		}
		for i := range 10 {
			err := g.db.Write(t.Context(), func(tx db.Tx) error {
				_, err := g.s.AddAbsence(tx, auth.System, id, AbsenceDraft{Kind: "leave", From: g.now().AddDate(0, 1, i), To: g.now().AddDate(0, 1, i+1)})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if rev := g.worker(string(id)).Rev; rev != int64(i+2) {
				t.Errorf("after change %d the snapshot is of revision %d", i, rev)
			}
		}
		wg.Wait()
	})
}
