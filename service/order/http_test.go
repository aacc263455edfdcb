package order_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/service/order"
	"linli/web"
)

// stand, answer and detail are what a client reads.
type stand = order.OrderStand

type answer struct {
	order.OrderAnswer
	Steps    []order.OrderStep `json:"steps"`
	Timeline []order.OrderLine `json:"timeline"`
	Limits   []order.OrderLimit
}

func (h *hub) desk() *http.Cookie {
	return h.role("desk", auth.Grant{Role: "duty-officer", Place: region})
}

func TestAnOrderGoesFromTheDeskToItsProvenEnd(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		desk, worker := h.desk(), h.sign(newWorker("wrk_1"))
		resident := h.sign(auth.NewUser{Login: "wang", Resident: elder, Grants: []auth.Grant{{Role: "resident"}}})
		var st stand
		h.must(desk, "POST", "/api/v1/orders", map[string]any{"spec": "bathing", "resident": elder, "words": "妈妈想洗澡", "dispatch": "manual",
			"wish": map[string]any{"from": monday.Add(26 * time.Hour), "to": monday.Add(27 * time.Hour)}}, &st)
		if st.State != "open" || len(st.Number) != 12 || !strings.HasPrefix(st.Number, "260302-") {
			t.Fatalf("opened as %+v", st)
		}
		path := "/api/v1/orders/" + string(st.ID)
		h.assign(st.ID, "wrk_1")
		act := func(who *http.Cookie, what string, body any, want int) {
			t.Helper()
			var got map[string]any
			if code := h.call(who, "POST", path+what, body, &got); code != want {
				t.Fatalf("%s: %d %v", what, code, got)
			}
		}
		act(worker, "/accept", nil, 200)
		act(worker, "/accept", nil, 200) // a double tap
		act(worker, "/en-route", map[string]any{}, 200)
		act(worker, "/arrive", nil, 200)
		act(worker, "/en-route", nil, 409)
		act(worker, "/finish", nil, 409) // two steps are required
		act(worker, "/steps/2", nil, 422)
		act(worker, "/steps/9", nil, 404)
		photo := h.upload(worker, path+"/evidence", picture(t, "jpeg"), 201)
		signature := h.upload(worker, path+"/evidence?kind=signature", picture(t, "png"), 201)
		act(worker, "/steps/2", map[string]any{"evidence": []string{signature}}, 422)
		act(worker, "/steps/2", map[string]any{"evidence": []string{photo}, "note": "水温 40 度"}, 200)
		act(worker, "/steps/2", map[string]any{"evidence": []string{photo}}, 200) // told twice
		act(worker, "/steps/3", map[string]any{"evidence": []string{signature}}, 200)
		act(worker, "/finish", nil, 200)
		act(worker, "/confirm", nil, 403)
		act(resident, "/accept", nil, 403)
		act(resident, "/confirm", map[string]any{"solved": true}, 200)
		h.write(func(tx db.Tx) error {
			nps := 10
			_, served, err := h.Rated(auth.With(h.ctx(), auth.System), tx, st.ID, 5, &nps, false)
			if served.Worker != "wrk_1" {
				t.Errorf("served by %+v", served)
			}
			return err
		})
		var d answer
		h.must(resident, "GET", path, nil, &d)
		kinds := []string{}
		for _, l := range d.Timeline {
			kinds = append(kinds, strings.TrimPrefix(l.Kind, "order."))
		}
		expect(t, "timeline", kinds, strings.Fields("opened assigned accepted en_route arrived step_done step_done finished confirmed rated closed"))
		expect(t, "state", []any{d.State, d.Stars, d.Rev, d.Steps[1].Note, d.Steps[1].Proof, d.Steps[3].DoneAt.IsZero(), d.Phone, d.Worker.Name, d.Words},
			[]any{order.Closed, int64(5), int64(11), "水温 40 度", []string{photo}, true, "00013800001", "周敏", "妈妈想洗澡"})
		expect(t, "published", h.row(`SELECT state || ' ' || item || ' ' || breached || ' ' || match_ok FROM order_pub_order WHERE id = $1`, st.ID), "closed elder-care 0 0")
	})
}

func (h *hub) row(query string, args ...any) (s string) {
	h.t.Helper()
	h.ok(h.db.Read(h.ctx(), func(tx db.Tx) error { return tx.QueryRow(query, args...).Scan(&s) }))
	return s
}

// upload sends a picture and returns its id.
func (h *hub) upload(who *http.Cookie, path string, data []byte, want int) string {
	h.t.Helper()
	var e order.Evidence
	if code := h.call(who, "POST", path, data, &e); code != want {
		h.t.Fatalf("upload to %s: %d", path, code)
	}
	return e.ID
}

func picture(t *testing.T, kind string) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 40, 20))
	for x := range 40 {
		for y := range 20 {
			m.Set(x, y, color.RGBA{uint8(6 * x), uint8(12 * y), 128, 255})
		}
	}
	var b bytes.Buffer
	var err error
	if kind == "png" {
		err = png.Encode(&b, m)
	} else {
		err = jpeg.Encode(&b, m, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPicturesAreShownToThoseWhoHandleTheOrder(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		worker := h.sign(newWorker("wrk_1"))
		id := h.open("plumbing", linli.Window{})
		h.assign(id, "wrk_1")
		path := "/api/v1/orders/" + string(id) + "/evidence"
		evd := h.upload(worker, path, picture(t, "jpeg"), 201)
		if again := h.upload(worker, path, picture(t, "jpeg"), 201); again != evd {
			t.Errorf("the same picture became %s and %s", evd, again)
		}
		for who, want := range map[*http.Cookie]int{
			worker: 200, h.desk(): 200,
			h.role("org", auth.Grant{Role: "property-manager", Org: "org_1"}):                200,
			h.role("other", auth.Grant{Role: "property-manager", Org: "org_2"}):              404,
			h.role("party", auth.Grant{Role: "community-secretary", Place: region}):          403,
			h.role("away", auth.Grant{Role: "duty-officer", Place: "990001002001"}):          404,
			h.sign(auth.NewUser{Login: "w2", Worker: "wrk_2", Grants: newWorker("").Grants}): 404,
		} {
			req := httptest.NewRequestWithContext(h.ctx(), "GET", "http://hub"+path+"/"+evd, nil)
			req.AddCookie(who)
			rec := httptest.NewRecorder()
			h.router.ServeHTTP(rec, req)
			if rec.Code != want {
				t.Errorf("%d, want %d: %s", rec.Code, want, rec.Body)
			}
			if want == 200 && (rec.Header().Get("Content-Type") != "image/jpeg" || rec.Body.Len() == 0) {
				t.Errorf("%v", rec.Header())
			}
		}
		for _, bad := range [][]byte{nil, []byte("<svg onload=alert(1)>"), []byte("%PDF-1.4"), picture(t, "jpeg")[:80], bytes.Repeat([]byte{0xff}, 9<<20)} {
			if code := h.call(worker, "POST", path, bad, nil); code != 422 {
				t.Errorf("%d bytes: %d", len(bad), code)
			}
		}
	})
}

func TestEveryoneSeesTheirOwnOrdersAndNoMoreThanTheyMay(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		id := h.open("plumbing", linli.Window{})
		h.assign(id, "wrk_1")
		show := func(who *http.Cookie) string {
			var l web.List[answer]
			h.must(who, "GET", "/api/v1/orders", nil, &l)
			if len(l.Items) == 0 {
				return "nothing"
			}
			a := l.Items[0]
			return fmt.Sprintf("%s|%s|%s|%s|%s", a.Name, a.Door, a.Phone, a.Place, a.Worker.Name)
		}
		full := "王淑芬|外滩小区 12 号楼 2 单元 302|00013800001|" + string(home) + "|周敏"
		for name, c := range map[string]struct {
			who  auth.NewUser
			want string
		}{
			"desk":      {auth.NewUser{Grants: []auth.Grant{{Role: "duty-officer", Place: region}}}, full},
			"elsewhere": {auth.NewUser{Grants: []auth.Grant{{Role: "duty-officer", Place: region + "/004"}}}, "nothing"},
			"worker":    {auth.NewUser{Worker: "wrk_1", Grants: []auth.Grant{{Role: "provider-worker", Org: "org_1"}}}, full},
			"colleague": {auth.NewUser{Worker: "wrk_2", Grants: []auth.Grant{{Role: "provider-worker", Org: "org_1"}}}, "nothing"},
			"volunteer": {auth.NewUser{Worker: "wrk_1", Grants: []auth.Grant{{Role: "volunteer"}}}, "王淑芬|外滩小区 12 号楼 2 单元 302||" + string(home) + "|周敏"},
			"resident":  {auth.NewUser{Resident: elder, Grants: []auth.Grant{{Role: "resident"}}}, full},
			"neighbor":  {auth.NewUser{Resident: "res_2", Grants: []auth.Grant{{Role: "resident"}}}, "nothing"},
			"secretary": {auth.NewUser{Grants: []auth.Grant{{Role: "community-secretary", Place: region}}}, "王**|||" + string(home.At(4)) + "|周*"},
		} {
			c.who.Login = name
			if got := show(h.sign(c.who)); got != c.want {
				t.Errorf("%s sees %s, want %s", name, got, c.want)
			}
		}
		if code := h.call(nil, "GET", "/api/v1/orders", nil, nil); code != 401 {
			t.Errorf("a stranger: %d", code)
		}
	})
}

func TestWorkersActOnTheirOwnOrdersOnly(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		id := h.open("plumbing", linli.Window{})
		h.assign(id, "wrk_1")
		path := "/api/v1/orders/" + string(id)
		second := h.sign(auth.NewUser{Login: "w2", Worker: "wrk_2", Grants: newWorker("").Grants})
		grid := h.sign(auth.NewUser{Login: "grid", Worker: "wrk_9", Grants: []auth.Grant{{Role: "grid-worker", Place: region}}})
		expect(t, "colleague", h.call(second, "POST", path+"/accept", nil, nil), 404)
		expect(t, "grid worker of the place", h.call(grid, "POST", path+"/accept", nil, nil), 403)
		expect(t, "one who is no worker", h.call(h.role("grid-office", auth.Grant{Role: "grid-worker", Place: region}), "POST", path+"/accept", nil, nil), 403)
		expect(t, "desk on behalf", h.call(h.desk(), "POST", path+"/accept", nil, nil), 200)
		h.write(func(tx db.Tx) error {
			return h.Assign(h.ctx(), tx, id, linli.Assignment{Worker: "wrk_1", Second: "wrk_2", Start: h.now(), Reasons: because})
		})
		expect(t, "second of two", h.call(second, "POST", path+"/arrive", nil, nil), 200)
		var mine web.List[answer]
		h.must(second, "GET", "/api/v1/my/orders", nil, &mine)
		if len(mine.Items) != 1 || mine.Items[0].Phone == "" || len(mine.Items[0].Steps) != 1 {
			t.Errorf("my orders: %+v", mine.Items)
		}
		expect(t, "what I may", mine.Items[0].May, []order.Act{"step", "finish", "contact", "note", "pause"})
	})
}

func TestTheHandOverCodeCannotBeGuessed(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		id := h.open("lunch", linli.Window{})
		h.assign(id, "wrk_1")
		worker, resident := h.sign(newWorker("wrk_1")), h.sign(auth.NewUser{Login: "wang", Resident: elder, Grants: []auth.Grant{{Role: "resident"}}})
		path := "/api/v1/orders/" + string(id)
		var seen answer
		h.must(worker, "GET", path, nil, &seen)
		expect(t, "the worker sees", seen.Code, "")
		h.must(resident, "GET", path, nil, &seen)
		if len(seen.Code) != 6 {
			t.Fatalf("the resident sees %q", seen.Code)
		}
		try := func(code string) int {
			return h.call(worker, "POST", path+"/steps/1", map[string]any{"code": code}, nil)
		}
		wrong := "000000"
		if seen.Code == wrong {
			wrong = "111111"
		}
		for range 4 {
			expect(t, "wrong", try(wrong), 422)
		}
		expect(t, "right", try(seen.Code), 200)
		other := h.open("lunch", linli.Window{})
		h.assign(other, "wrk_1")
		h.must(resident, "GET", "/api/v1/orders/"+string(other), nil, &seen)
		path = "/api/v1/orders/" + string(other)
		for range 5 {
			try("x")
		}
		expect(t, "after five", try(seen.Code), 429)
	})
}

func TestListsAreSortedByTimeLeftAndPaged(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		desk := h.desk()
		var want []linli.OrderID
		for _, spec := range []linli.SpecCode{"plumbing", "no-water", "gas-leak"} { // due in 30, 10 and 1 minutes
			for range 3 {
				want = append(want, h.open(spec, linli.Window{}))
				h.pass(time.Second)
			}
		}
		want = append(append(append([]linli.OrderID{}, want[6:]...), want[3:6]...), want[:3]...)
		var got []linli.OrderID
		for cursor, pages := "", 0; ; pages++ {
			var l web.List[answer]
			h.must(desk, "GET", "/api/v1/orders?limit=4&cursor="+cursor, nil, &l)
			for i, a := range l.Items {
				got = append(got, a.ID)
				if a.Due.What != "accept" && a.Due.What != "contact" || a.Due.LeftMS <= 0 || a.Due.Owner.Role == "" {
					t.Errorf("row %d: %+v", i, a.Due)
				}
			}
			if cursor = l.Next; cursor == "" || pages > 5 {
				break
			}
		}
		expect(t, "by time left", got, want)

		count := func(query string) int {
			t.Helper()
			var l web.List[answer]
			h.must(desk, "GET", "/api/v1/orders?"+query, nil, &l)
			return len(l.Items)
		}
		number := h.row(`SELECT number FROM order_order WHERE id = $1`, want[0])
		h.do(want[0], order.ActCancel, "mistake")
		for query, n := range map[string]int{"": 8, "sla=P2": 3, "item=home-safety": 6, "state=open&sla=P1": 2, "worker=wrk_1": 0, "place=" + string(home): 8,
			"place=" + string(region[:9]):                                        8,
			"due_before=" + monday.Add(5*time.Minute).UTC().Format(time.RFC3339): 2, "breached=true": 0, "state=canceled": 1, "state=canceled,open": 9,
			"q=" + number: 1, "q=" + number[7:]: 0, "q=260302-": 9, "q=%E5%A4%96%E6%BB%A9%E5%B0%8F%E5%8C%BA": 8, "q=%E8%B1%AB%E5%9B%AD": 0, "q=%E6%B2%A1%E6%9C%89": 0,
			"resident=" + string(elder): 8, "demand=dem_x": 0, "org=org_1": 0} {
			if got := count(query); got != n {
				t.Errorf("?%s: %d rows, want %d", query, got, n)
			}
		}
		for _, bad := range []string{"cursor=xyz", "cursor=MQ", "limit=0", "limit=201", "state=lost", "place=abc", "sla=P9", "nonsense=1", "due_before=yesterday"} {
			if code := h.call(desk, "GET", "/api/v1/orders?"+bad, nil, nil); code != 422 {
				t.Errorf("?%s: %d", bad, code)
			}
		}
		h.pass(2 * time.Minute)
		var b order.OrderBoard
		h.must(desk, "GET", "/api/v1/order-board", nil, &b)
		expect(t, "board", b, order.OrderBoard{Running: map[order.State]int64{"open": 8}, Late: 2, Soon: 6, Today: map[order.State]int64{"canceled": 1}})
	})
}

func TestTheOrderOfAWorkersDayIsThePlans(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		worker := h.sign(newWorker("wrk_1"))
		plan := func(start string) linli.OrderID {
			id := h.open("plumbing", linli.Window{})
			h.write(func(tx db.Tx) error {
				return h.Assign(h.ctx(), tx, id, linli.Assignment{Worker: "wrk_1", Start: at(start), Reasons: because})
			})
			return id
		}
		late, noon, tomorrow, done := plan("2026-03-02 16:00:00"), plan("2026-03-02 12:00:00"), plan("2026-03-03 09:00:00"), plan("2026-03-02 09:30:00")
		h.do(done, order.ActAccept, "")
		h.do(done, order.ActFinish, "")
		list := func(query string) (ids []linli.OrderID) {
			var l web.List[answer]
			h.must(worker, "GET", "/api/v1/my/orders?"+query, nil, &l)
			for _, a := range l.Items {
				ids = append(ids, a.ID)
			}
			return ids
		}
		expect(t, "today", list(""), []linli.OrderID{done, noon, late})
		expect(t, "two days", list("days=2"), []linli.OrderID{done, noon, late, tomorrow})
		expect(t, "bad day", h.call(worker, "GET", "/api/v1/my/orders?day=2026-13-01", nil, nil), 422)
		expect(t, "not a worker", h.call(h.desk(), "GET", "/api/v1/my/orders", nil, nil), 403)
	})
}

func TestBadInputNamesItsFieldAndChangesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		desk := h.desk()
		base := func(change map[string]any) map[string]any {
			m := map[string]any{"spec": "plumbing", "place": home}
			for k, v := range change {
				m[k] = v
			}
			return m
		}
		for field, body := range map[string]any{
			"spec": base(map[string]any{"spec": "teleport"}), "resident": base(map[string]any{"resident": "res_nobody"}), "place": map[string]any{"spec": "plumbing"},
			"sla": base(map[string]any{"sla": "P0"}), "wish": base(map[string]any{"wish": map[string]any{"to": monday.Add(-time.Hour)}}),
			"wish.to":  base(map[string]any{"wish": map[string]any{"from": monday.Add(3 * time.Hour), "to": monday.Add(time.Hour)}}),
			"length_s": base(map[string]any{"length_s": -5}), "persons": base(map[string]any{"persons": 3}), "source": base(map[string]any{"source": "telepathy"}),
			"words": base(map[string]any{"words": strings.Repeat("水", 501)}), "extra": base(map[string]any{"extra": 1}),
		} {
			var p web.Problem
			if code := h.call(desk, "POST", "/api/v1/orders", body, &p); code != 422 || p.Field != field || p.MessageZh == "" || p.MessageEn == "" {
				t.Errorf("%s: %d %+v", field, code, p)
			}
		}
		if code := h.call(desk, "POST", "/api/v1/orders", base(map[string]any{"place": "990001002001/001/x"}), nil); code != 422 {
			t.Errorf("a place outside the area: %d", code)
		}
		id := h.open("plumbing", linli.Window{})
		path := "/api/v1/orders/" + string(id)
		for _, c := range []struct {
			path  string
			body  any
			code  int
			field string
		}{
			{"/pause", nil, 422, "reason"}, {"/pause", map[string]any{"reason": "bored"}, 422, "reason"}, {"/pause", map[string]any{"reason": "other"}, 422, "note"},
			{"/cancel", map[string]any{}, 422, "reason"}, {"/resume", nil, 409, ""}, {"/finish", nil, 409, ""}, {"/note", map[string]any{"note": "  "}, 422, "note"},
			{"/note", map[string]any{"note": "x", "evidence": []string{"evd_none"}}, 422, "evidence"}, {"/steps/0", nil, 422, "no"}, {"/fly", nil, 404, ""},
			{"/pause", []byte("{"), 400, "body"}, {"/accept", map[string]any{"at": "soon"}, 422, "at"},
		} {
			var p web.Problem
			if code := h.call(desk, "POST", path+c.path, c.body, &p); code != c.code || c.field != "" && p.Field != c.field || p.MessageZh == "" {
				t.Errorf("%s %v: %d %+v", c.path, c.body, code, p)
			}
		}
		for _, none := range []string{"ord_x", "ord_01J00000000000000000000000", strings.Repeat("a", 40)} {
			if code := h.call(desk, "POST", "/api/v1/orders/"+none+"/accept", nil, nil); code != 404 {
				t.Errorf("%s: %d", none, code)
			}
		}
		expect(t, "history", len(h.history(id)), 1)
		expect(t, "orders", h.row(`SELECT CAST(COUNT(*) AS TEXT) FROM order_order`), "1")
	})
}

func TestOneDemandHasOneOrder(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		demand := linli.DemandID(linli.NewID("dem", monday))
		ids := map[linli.OrderID]bool{}
		for range 3 {
			h.write(func(tx db.Tx) error {
				id, err := h.Open(h.ctx(), tx, order.Opening{Demand: demand, Need: linli.Need{Spec: "plumbing", Place: home}})
				ids[id] = true
				return err
			})
		}
		expect(t, "orders", len(ids), 1)
		h.write(func(tx db.Tx) error { return h.Withdraw(h.ctx(), tx, demand) })
		h.write(func(tx db.Tx) error { return h.Withdraw(h.ctx(), tx, demand) })
		for id := range ids {
			expect(t, "state", h.state(id), "canceled")
		}
	})
}

func TestAProcedurePinnedByAnOrderStaysAsItWas(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		id := h.open("bathing", linli.Window{})
		later := newHub(t, h.db, h.now()) // a process whose catalog was edited
		later.Catalog = edited{}
		next := later.open("bathing", linli.Window{})
		var before, after answer
		desk := h.desk()
		h.must(desk, "GET", "/api/v1/orders/"+string(id), nil, &before)
		later.must(desk, "GET", "/api/v1/orders/"+string(next), nil, &after)
		expect(t, "steps", []int{len(before.Steps), len(after.Steps)}, []int{4, 1})
	})
}

type edited struct{ shelf }

func (edited) SOP(_ context.Context, _ linli.SpecCode) (string, []linli.Step, error) {
	return "bathing@1", []linli.Step{{No: 1, Zh: "改了", En: "Changed"}}, nil
}

func TestABookedSlotNeedsNobodysYes(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		got := h.told()
		id := h.open("bathing", linli.Window{})
		h.write(func(tx db.Tx) error {
			return h.Assign(h.ctx(), tx, id, linli.Assignment{Facility: "fac_1", Org: "org_1", Start: h.now().Add(time.Hour), Reasons: because})
		})
		expect(t, "state", h.state(id), "accepted")
		h.write(func(tx db.Tx) error {
			if err := h.Assign(h.ctx(), tx, id, linli.Assignment{Reasons: because}); linli.KindOf(err) != linli.KindInvalid {
				t.Errorf("assigned to nobody: %v", err)
			}
			return nil
		})
		h.ok(h.bus.Drain(h.ctx()))
		kinds := []string{}
		for _, e := range *got {
			kinds = append(kinds, e.Kind)
			if strings.Contains(string(e.Data), "淑芬") || e.Place != home {
				t.Errorf("told %s", e.Data)
			}
		}
		expect(t, "told", kinds, []string{order.EventOpened, order.EventAssigned, order.EventAccepted})
		if data := string((*got)[0].Data); !strings.Contains(data, `"length_s":5400`) || !strings.Contains(data, `"resident":"`+string(elder)+`"`) {
			t.Errorf("opened %s", data)
		}
	})
}

func TestSimultaneousActsEndAsIfOneCameAfterTheOther(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		id := h.open("plumbing", linli.Window{})
		h.assign(id, "wrk_1")
		errs := make(chan error, 8)
		for i := range cap(errs) {
			act, reason := order.ActCancel, "mistake"
			if i%2 == 0 {
				act, reason = order.ActFail, "refused"
			}
			go func() {
				errs <- h.db.Write(h.ctx(), func(tx db.Tx) error { return h.Do(h.ctx(), tx, id, act, reason, "") })
			}()
		}
		good := 0
		for range cap(errs) {
			switch err := <-errs; linli.KindOf(err) {
			case "":
				good++
			case linli.KindConflict:
			default:
				t.Error(err)
			}
		}
		expect(t, "winners", good, 1)
		expect(t, "history", len(h.history(id)), 3)
	})
}
