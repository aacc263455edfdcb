package evaluate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/bus/sqlbus"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/service/evaluate"
	"linli/web"
)

const region = linli.Place("990001001001")

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, linli.Shanghai)

// hub is a slice on real engines; orders it asks about live in memory.
type hub struct {
	*evaluate.Service
	t        *testing.T
	db       db.DB
	bus      *sqlbus.Bus
	ms       *atomic.Int64
	accounts *auth.Accounts
	router   *web.Router
	orders   orders
	keys     int
}

func (h *hub) now() time.Time { return linli.Time(h.ms.Load()) }

func (h *hub) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func each(t *testing.T, f func(h *hub)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := &hub{t: t, db: d, ms: new(atomic.Int64), orders: orders{}}
		h.ms.Store(monday.UnixMilli())
		log := slog.New(slog.DiscardHandler)
		h.bus = sqlbus.New(d, h.now, log)
		var err error
		h.accounts, err = auth.NewAccounts(t.Context(), d, h.now, h.now)
		h.ok(err)
		h.router, err = web.New(t.Context(), d, h.accounts, h.now, log, "test")
		h.ok(err)
		h.Service, err = evaluate.New(t.Context(), evaluate.Deps{DB: d, Bus: h.bus, Now: h.now, Orders: h.orders, Residents: phones{}})
		h.ok(err)
		h.Service.Routes(h.router)
		f(h)
	})
}

// orders are delivered orders, each of which may be rated once.
type orders map[linli.OrderID]*delivered

type delivered struct {
	need   linli.Need
	served linli.Assignment
	rated  bool
}

func (o orders) Rated(ctx context.Context, _ db.Tx, id linli.OrderID, _ int, _ *int, _ bool) (linli.Need, linli.Assignment, error) {
	d := o[id]
	if d == nil || !auth.From(ctx).Scope("evaluate.rate").Covers(auth.Row{Place: d.need.Place, Resident: d.need.Resident}) {
		return linli.Need{}, linli.Assignment{}, linli.NotFound("没有这张服务单", "there is no such order")
	}
	if d.rated {
		return linli.Need{}, linli.Assignment{}, linli.Conflict("已经评价过", "rated already")
	}
	d.rated = true
	return d.need, d.served, nil
}

// deliver adds a delivered order for the resident ("" for nobody).
func (h *hub) deliver(resident linli.ResidentID, sla linli.SLAClass) evaluate.Case {
	n := len(h.orders)
	id := linli.OrderID(linli.NewID("ord", h.now()))
	h.orders[id] = &delivered{need: linli.Need{Item: []linli.ItemCode{"dining", "elder-care"}[n%2], Spec: "x", Resident: resident, Place: region + "/003/bund/12/2/302", SLA: sla},
		served: linli.Assignment{Worker: linli.WorkerID(fmt.Sprint("wrk_", n%3)), Org: "org_1"}}
	d := h.orders[id]
	return evaluate.Case{Order: id, Resident: resident, Item: d.need.Item, SLA: sla, Place: d.need.Place, Worker: d.served.Worker, Org: "org_1"}
}

type phones struct{}

func (phones) Brief(_ context.Context, ids []linli.ResidentID, each func(linli.ResidentID, string, string, string)) error {
	for _, id := range ids {
		each(id, "王淑芬", "00013800001", "302")
	}
	return nil
}

func (h *hub) sign(n auth.NewUser) *http.Cookie {
	h.t.Helper()
	n.Name = n.Login
	var id linli.UserID
	h.ok(h.db.Write(h.t.Context(), func(tx db.Tx) error {
		u, err := h.accounts.Create(tx, auth.System, n)
		id = u.ID
		return err
	}))
	token, err := h.accounts.OpenSession(h.t.Context(), id, "test")
	h.ok(err)
	return &http.Cookie{Name: web.CookieName, Value: token}
}

func (h *hub) resident(id linli.ResidentID) *http.Cookie {
	return h.sign(auth.NewUser{Login: string(id), Resident: id, Grants: []auth.Grant{{Role: "resident"}}})
}

func (h *hub) desk() *http.Cookie {
	return h.sign(auth.NewUser{Login: "desk", Grants: []auth.Grant{{Role: "duty-officer", Place: region}}})
}

func (h *hub) call(who *http.Cookie, method, path string, body any, out any) int {
	h.t.Helper()
	raw, err := json.Marshal(body)
	h.ok(err)
	req := httptest.NewRequestWithContext(h.t.Context(), method, "http://hub"+path, bytes.NewReader(raw))
	req.Header.Set("Content-Type", "application/json")
	h.keys++
	req.Header.Set("Idempotency-Key", fmt.Sprint("key-number-", h.keys))
	req.AddCookie(who)
	rec := httptest.NewRecorder()
	h.router.ServeHTTP(rec, req)
	if out != nil {
		if err := json.Unmarshal(rec.Body.Bytes(), out); err != nil || rec.Code >= 500 {
			h.t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
		}
	}
	return rec.Code
}

func (h *hub) rate(who *http.Cookie, order linli.OrderID, stars int, nps any, tags ...string) int {
	h.t.Helper()
	body := map[string]any{"order_id": order, "stars": stars, "tags": tags}
	if nps != nil {
		body["nps"] = nps
	}
	return h.call(who, "POST", "/api/v1/ratings", body, nil)
}

// published lists "nps stars excluded" of the view, in the order of the ratings.
func (h *hub) published() (out []string) {
	h.t.Helper()
	h.ok(h.db.Read(h.t.Context(), func(tx db.Tx) error {
		out = nil
		rows, err := tx.Query(`SELECT COALESCE(CAST(nps AS TEXT), '-') || ' ' || stars || ' ' || excluded_reason FROM evaluate_pub_rating ORDER BY at, id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			out = append(out, strings.TrimSpace(s))
		}
		return rows.Err()
	}))
	return out
}

func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}

func TestOneAnswerPerPersonAndQuarterCounts(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		wang, chen := h.resident("res_w"), h.resident("res_c")
		for i, r := range []struct {
			who *http.Cookie
			id  linli.ResidentID
			nps any
		}{{wang, "res_w", nil}, {wang, "res_w", 9}, {wang, "res_w", 10}, {chen, "res_c", 3}} {
			expect(t, fmt.Sprint("rating ", i), h.rate(r.who, h.deliver(r.id, linli.P3).Order, 4, r.nps), 201)
			h.ms.Add(1000)
		}
		h.ms.Store(monday.AddDate(0, 1, 0).UnixMilli()) // April: another quarter
		expect(t, "next quarter", h.rate(h.sign(auth.NewUser{Login: "again", Resident: "res_w", Grants: []auth.Grant{{Role: "resident"}}}), h.deliver("res_w", linli.P3).Order, 5, 10), 201)
		expect(t, "published", h.published(), []string{"- 4", "9 4", "10 4 repeat", "3 4", "10 5"})
		hashes := map[string]bool{}
		h.ok(h.db.Read(t.Context(), func(tx db.Tx) error {
			rows, err := tx.Query(`SELECT resident_hash FROM evaluate_pub_rating`)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var s string
				if err := rows.Scan(&s); err != nil {
					return err
				}
				hashes[s] = true
			}
			return rows.Err()
		}))
		if len(hashes) != 2 || hashes["res_w"] {
			t.Errorf("hashes %v", hashes)
		}
	})
}

func TestStaffAndProvidersDoNotJudgeThemselves(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		desk := h.desk()
		carer := h.sign(auth.NewUser{Login: "carer", Resident: "res_k", Worker: "wrk_9", Grants: []auth.Grant{{Role: "provider-worker", Org: "org_1"}, {Role: "resident"}}})
		secretary := h.sign(auth.NewUser{Login: "sec", Resident: "res_s", Grants: []auth.Grant{{Role: "community-secretary", Place: region}, {Role: "resident"}}})
		guardian := h.sign(auth.NewUser{Login: "son", Wards: []linli.ResidentID{"res_m"}, Grants: []auth.Grant{{Role: "guardian"}}})
		for _, r := range []struct {
			who *http.Cookie
			id  linli.ResidentID
		}{{carer, "res_k"}, {secretary, "res_s"}, {guardian, "res_m"}, {desk, "res_d"}, {desk, ""}} {
			expect(t, string(r.id), h.rate(r.who, h.deliver(r.id, linli.P3).Order, 5, 9), 201)
			h.ms.Add(1000)
		}
		expect(t, "published", h.published(), []string{"9 5 staff", "9 5 staff", "9 5", "9 5", "9 5 staff"})
		var l web.List[evaluate.Rating]
		h.call(desk, "GET", "/api/v1/ratings", nil, &l)
		channels := []string{}
		for _, r := range slices.Backward(l.Items) {
			channels = append(channels, r.Channel)
		}
		expect(t, "channels", channels, []string{"self", "self", "self", "desk", "desk"})
	})
}

func TestTheSampleCanBeRepeatedAndNotSteered(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		h.ok(h.db.Write(t.Context(), func(tx db.Tx) error {
			return h.Setting(auth.With(t.Context(), auth.System), tx, evaluate.CallSetting{Share: 20, Seed: "2026-03"})
		}))
		var cases []evaluate.Case
		for i := range 1000 {
			c := h.deliver(linli.ResidentID(fmt.Sprint("res_", i)), linli.P3)
			c.Order = linli.OrderID(fmt.Sprintf("ord_%026d", i))
			cases = append(cases, c)
		}
		draw := func(cs []evaluate.Case) (n int) {
			h.ok(h.db.Write(t.Context(), func(tx db.Tx) error {
				for _, c := range cs {
					if err := h.Draw(t.Context(), tx, c); err != nil {
						return err
					}
				}
				return tx.QueryRow(`SELECT COUNT(*) FROM evaluate_callback`).Scan(&n)
			}))
			return n
		}
		n := draw(cases)
		if n < 150 || n > 250 {
			t.Errorf("%d of 1000 at a fifth", n)
		}
		expect(t, "drawn again", draw(cases), n)
		urgent, nobody := h.deliver("res_p", linli.P1), h.deliver("", linli.P1)
		expect(t, "every P1 that served somebody", draw([]evaluate.Case{urgent, nobody}), n+1)
		low := h.deliver("res_low", linli.P3)
		expect(t, "low", h.rate(h.resident("res_low"), low.Order, 2, 0), 201)
		expect(t, "every low rating", draw(nil), n+2)
		none := 0
		h.ok(h.db.Write(t.Context(), func(tx db.Tx) error {
			return h.Setting(auth.With(t.Context(), auth.System), tx, evaluate.CallSetting{Share: 0, Seed: "x123"})
		}))
		for range 50 {
			none += draw([]evaluate.Case{h.deliver("res_z", linli.P2)}) - n - 2
		}
		expect(t, "share 0", none, 0)
		h.ok(h.bus.Drain(t.Context()))
	})
}

func TestCallsAreMadeOnceAndGiveTheThreeRates(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		desk := h.desk()
		var cases []evaluate.Case
		for i := range 5 {
			cases = append(cases, h.deliver(linli.ResidentID(fmt.Sprint("res_", i)), linli.P1))
			h.ok(h.db.Write(t.Context(), func(tx db.Tx) error { return h.Draw(t.Context(), tx, cases[i]) }))
			h.ms.Add(60_000)
		}
		var l web.List[evaluate.CallBack]
		h.call(desk, "GET", "/api/v1/callbacks?limit=3", nil, &l)
		if len(l.Items) != 3 || l.Items[0].Order != cases[0].Order || l.Items[0].Name != "王淑芬" || l.Items[0].Phone == "" || l.Items[0].Reason != "p1" || !l.Items[0].Due.Equal(monday.AddDate(0, 0, 3)) {
			t.Fatalf("%+v", l.Items)
		}
		next := l.Next
		h.call(desk, "GET", "/api/v1/callbacks?limit=3&cursor="+next, nil, &l)
		expect(t, "second page", []any{len(l.Items), l.Next}, []any{2, ""})
		result := func(i int, body map[string]any, want int) {
			t.Helper()
			expect(t, fmt.Sprint("result ", i), h.call(desk, "POST", "/api/v1/callbacks/"+string(cases[i].Order)+"/result", body, nil), want)
		}
		result(0, map[string]any{"reached": true, "contacted": true, "solved": true, "satisfied": true}, 200)
		result(0, map[string]any{"reached": true}, 409)
		result(1, map[string]any{"reached": true, "contacted": true, "solved": false, "satisfied": false, "note": "还在漏水"}, 200)
		for range 3 {
			result(2, map[string]any{"reached": false}, 200)
		}
		result(2, map[string]any{"reached": true}, 409)
		result(3, map[string]any{"reached": false}, 200)
		result(4, map[string]any{}, 422)
		var r evaluate.CallRates
		h.call(desk, "GET", "/api/v1/callback-rates", nil, &r)
		expect(t, "counts", []any{r.Drawn, r.Open, r.Reached, r.Unreached, r.Contacted.Value, r.Solved.Value, r.Satisfied.N, r.Judged}, []any{5, 2, 2, 1, 1.0, 0.5, 2, false})
		var contacted, solved string
		h.ok(h.db.Read(t.Context(), func(tx db.Tx) error {
			return tx.QueryRow(`SELECT CAST(SUM(contacted) AS TEXT), CAST(SUM(solved) AS TEXT) FROM evaluate_pub_callback`).Scan(&contacted, &solved)
		}))
		expect(t, "published", []string{contacted, solved}, []string{"2", "1"})
		away := h.sign(auth.NewUser{Login: "away", Grants: []auth.Grant{{Role: "duty-officer", Place: "990001002001"}}})
		expect(t, "another street", h.call(away, "POST", "/api/v1/callbacks/"+string(cases[3].Order)+"/result", map[string]any{"reached": true}, nil), 404)
		h.call(away, "GET", "/api/v1/callbacks", nil, &l)
		expect(t, "their list", len(l.Items), 0)
	})
}

func TestASummaryShowsFewAnswersAndJudgesThirty(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		desk := h.desk()
		for i := range 64 { // 32 of each item: 16 promoters, 8 passives, 8 detractors
			h.orders = orders{}
			h.Orders = h.orders
			c := h.deliver("", linli.P3)
			d := h.orders[c.Order]
			d.need.Item = []linli.ItemCode{"dining", "elder-care"}[i%2]
			d.need.Resident = linli.ResidentID(fmt.Sprint("res_", i))
			if i >= 60 {
				d.need.Item = "fitness"
			}
			expect(t, "rated", h.rate(desk, c.Order, []int{5, 5, 4, 3}[i/2%4], []int{10, 9, 8, 6}[i/2%4]), 201)
		}
		var l web.List[evaluate.RatingGroup]
		h.call(desk, "GET", "/api/v1/rating-summary?by=item", nil, &l)
		if len(l.Items) != 3 {
			t.Fatalf("%+v", l.Items)
		}
		first, last := l.Items[0], l.Items[2]
		if first.Key != "dining" || first.N != 30 || !first.Judged || last.N != 4 || last.Judged || last.NPS == nil || last.Satisfied.Low >= last.Satisfied.High {
			t.Errorf("%+v %+v", first, last)
		}
		// 30 answers: 16 promoters, 7 detractors.
		if math.Abs(first.NPS.Value-100*float64(16-7)/30) > 1e-9 && math.Abs(first.NPS.Value-100*float64(15-7)/30) > 1e-9 || first.NPS.Low >= first.NPS.Value {
			t.Errorf("%+v", first.NPS)
		}
		for query, n := range map[string]int{"by=all": 1, "by=worker": 1, "by=org": 1, "by=item&item=fitness": 1, "by=item&to=2026-03-01T00:00:00Z": 0, "by=spec&org=org_2": 0} {
			h.call(desk, "GET", "/api/v1/rating-summary?"+query, nil, &l)
			if len(l.Items) != n {
				t.Errorf("?%s: %d groups", query, len(l.Items))
			}
		}
		provider := h.sign(auth.NewUser{Login: "p1", Grants: []auth.Grant{{Role: "provider-admin", Org: "org_1"}}})
		other := h.sign(auth.NewUser{Login: "p2", Grants: []auth.Grant{{Role: "provider-admin", Org: "org_2"}}})
		h.call(provider, "GET", "/api/v1/rating-summary?by=org", nil, &l)
		expect(t, "own organization", l.Items[0].N, 64)
		h.call(other, "GET", "/api/v1/rating-summary?by=org", nil, &l)
		expect(t, "another", len(l.Items), 0)
	})
}

func TestBadRatingsNameTheirFieldAndChangeNothing(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		wang, c := h.resident("res_w"), h.deliver("res_w", linli.P3)
		stranger := h.deliver("res_x", linli.P3)
		for _, bad := range []struct {
			body  map[string]any
			code  int
			field string
		}{
			{map[string]any{"order_id": c.Order}, 422, "body"}, {map[string]any{"order_id": c.Order, "stars": 0}, 422, "stars"}, {map[string]any{"order_id": c.Order, "stars": 6}, 422, "stars"},
			{map[string]any{"order_id": c.Order, "stars": 5, "nps": 11}, 422, "nps"}, {map[string]any{"order_id": c.Order, "stars": 5, "nps": "ten"}, 422, "nps"},
			{map[string]any{"order_id": c.Order, "stars": 5, "tags": []string{"kind", "evil"}}, 422, "tags[1]"},
			{map[string]any{"order_id": c.Order, "stars": 5, "words": strings.Repeat("好", 501)}, 422, "words"},
			{map[string]any{"order_id": "", "stars": 5}, 422, "order_id"}, {map[string]any{"order_id": "ord_none", "stars": 5}, 404, ""},
			{map[string]any{"order_id": stranger.Order, "stars": 5}, 404, ""},
		} {
			var p web.Problem
			if code := h.call(wang, "POST", "/api/v1/ratings", bad.body, &p); code != bad.code || bad.field != "" && p.Field != bad.field || p.MessageZh == "" {
				t.Errorf("%v: %d %+v", bad.body, code, p)
			}
		}
		expect(t, "stored", len(h.published()), 0)
		expect(t, "good", h.rate(wang, c.Order, 5, 10, "kind"), 201)
		expect(t, "twice", h.rate(wang, c.Order, 1, 0), 409)
		desk := h.desk()
		for _, bad := range []string{"ratings?cursor=x", "ratings?place=abc", "ratings?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", "callbacks?state=lost", "callbacks?cursor=eA", "rating-summary?by=resident"} {
			if code := h.call(desk, "GET", "/api/v1/"+bad, nil, nil); code != 422 {
				t.Errorf("%s: %d", bad, code)
			}
		}
	})
}

func TestTheSettingOfTheSampleIsKept(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		desk := h.desk()
		var set evaluate.CallSetting
		h.call(desk, "GET", "/api/v1/callback-setting", nil, &set)
		if set.Share != 10 || len(set.Seed) != 16 {
			t.Errorf("%+v", set)
		}
		expect(t, "bad", h.call(desk, "PUT", "/api/v1/callback-setting", map[string]any{"share_percent": 101, "seed": "abcd"}, nil), 422)
		expect(t, "good", h.call(desk, "PUT", "/api/v1/callback-setting", map[string]any{"share_percent": 25, "seed": "lottery-7"}, nil), 200)
		h.call(desk, "GET", "/api/v1/callback-setting", nil, &set)
		expect(t, "kept", set, evaluate.CallSetting{Share: 25, Seed: "lottery-7"})
	})
}
