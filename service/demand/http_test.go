package demand

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/web"
)

// desk calls the routes as people with different rights.
type desk struct {
	*hub
	router *web.Router
	tokens map[string]string
	keys   int
}

func newDesk(t *testing.T, d db.DB) *desk {
	t.Helper()
	h := open(t, d)
	accounts, err := auth.NewAccounts(t.Context(), d, h.Now, h.Now)
	if err != nil {
		t.Fatal(err)
	}
	k := &desk{hub: h, tokens: map[string]string{}}
	if k.router, err = web.New(t.Context(), d, accounts, h.Now, slog.New(slog.DiscardHandler), "test"); err != nil {
		t.Fatal(err)
	}
	h.Routes(k.router)
	for login, n := range map[string]auth.NewUser{
		"wang":      {Name: "王秀英", Resident: "res_wang", Grants: []auth.Grant{{Role: "resident"}}},
		"li":        {Name: "李国强", Resident: "res_li", Grants: []auth.Grant{{Role: "resident"}}},
		"clerk":     {Name: "陈静", Grants: []auth.Grant{{Role: "duty-officer", Place: street}}},
		"grid-west": {Name: "赵强", Grants: []auth.Grant{{Role: "grid-worker", Place: west}}},
		"secretary": {Name: "孙梅", Grants: []auth.Grant{{Role: "community-secretary", Place: east}}},
		"steward":   {Name: "吴敏", Grants: []auth.Grant{{Role: "data-steward", Place: east}}},
		"viewer":    {Name: "客人", Grants: []auth.Grant{{Role: "viewer"}}},
	} {
		n.Login = login
		if err := d.Write(t.Context(), func(tx db.Tx) error {
			u, err := accounts.Create(tx, auth.System, n)
			if err == nil {
				k.tokens[login] = string(u.ID)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if k.tokens[login], err = accounts.OpenSession(t.Context(), linli.UserID(k.tokens[login]), "test"); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

// send makes a request; body is sent as it is when it is bytes, else as JSON.
func (k *desk) send(who, method, path string, body any, header ...string) *httptest.ResponseRecorder {
	k.t.Helper()
	raw, isRaw := body.([]byte)
	if !isRaw && body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			k.t.Fatal(err)
		}
	}
	req := httptest.NewRequest(method, "/api/v1/demands"+path, bytes.NewReader(raw))
	if token := k.tokens[who]; token != "" {
		req.AddCookie(&http.Cookie{Name: web.CookieName, Value: token})
	}
	req.Header.Set("Content-Type", "application/json")
	k.keys++
	req.Header.Set("Idempotency-Key", fmt.Sprintf("key-%08d", k.keys))
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	k.router.ServeHTTP(w, req)
	if w.Code >= 500 {
		k.t.Errorf("%s %s: %s", method, path, w.Body)
	}
	return w
}

// ask is send for answers that must be good.
func ask[T any](k *desk, who, method, path string, body any) (out T) {
	k.t.Helper()
	w := k.send(who, method, path, body)
	if w.Code >= 300 {
		k.t.Fatalf("%s %s %s: %d %s", who, method, path, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		k.t.Fatalf("%s %s: %v in %s", method, path, err, w.Body)
	}
	return out
}

func TestADemandGoesFromPhoneToClerkThroughTheAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		k := newDesk(t, d)
		raised := ask[View](k, "wang", "POST", "", map[string]any{"text": "想请人来帮个忙", "wish_from": "2026-11-24T09:00:00+08:00", "wish_to": "2026-11-24T11:00:00+08:00"})
		if raised.State != Queued || raised.Source != Phone || raised.Resident != "res_wang" || raised.Name != "王秀英" || raised.Place != homes["res_wang"] || raised.Voices != 1 {
			t.Fatalf("%+v", raised)
		}
		id := "/" + string(raised.ID)
		if list := ask[web.List[View]](k, "clerk", "GET", "?state=queued&source=resident", nil); len(list.Items) != 1 || list.Items[0].ID != raised.ID {
			t.Errorf("the clerk's list: %+v", list)
		}
		seen := ask[Detail](k, "clerk", "GET", id, nil)
		if seen.Text == "" || len(seen.History) != 2 || len(seen.Reporters) != 1 || seen.Reporters[0].Name != "王秀英" {
			t.Errorf("the clerk sees %+v", seen)
		}
		if n := ask[Counts](k, "clerk", "GET", "/counts", nil); n.Open[Queued] != 1 || n.Today[Queued] != 1 {
			t.Errorf("counts %+v", n)
		}
		done := ask[View](k, "clerk", "POST", id+"/triage", map[string]any{"spec": "errand", "urgency": 2, "rev": seen.Rev})
		if done.State != ReadyTo || done.Spec != "errand" || done.Rev != seen.Rev+1 || done.Urgency != 2 {
			t.Errorf("after triage %+v", done)
		}
		taught := ask[web.List[Correction]](k, "clerk", "GET", "/corrections", nil)
		if len(taught.Items) != 1 || taught.Items[0].Spec != "errand" || taught.Items[0].By != "陈静" {
			t.Errorf("corrections %+v", taught)
		}
		if w := k.send("clerk", "DELETE", "/corrections/"+taught.Items[0].ID, nil); w.Code != 204 {
			t.Errorf("revoke: %d %s", w.Code, w.Body)
		}
		counter := ask[View](k, "clerk", "POST", "", map[string]any{"text": "家里跳闸了", "for_resident": "res_zhao"})
		if counter.Source != Counter || counter.State != ReadyTo || counter.Resident != "res_zhao" || counter.Place != homes["res_zhao"] {
			t.Errorf("at the counter %+v", counter)
		}
		if u := ask[Understanding](k, "wang", "POST", "/read", map[string]any{"text": "家里跳闸了"}); u.Spec != "plumbing" || len(u.Words) == 0 {
			t.Errorf("read %+v", u)
		}
		back := ask[View](k, "wang", "POST", id+"/withdraw", map[string]any{"note": "不用了"})
		if back.State != Withdrawn {
			t.Errorf("withdrawn %+v", back)
		}
		if mine := ask[web.List[View]](k, "wang", "GET", "?sort=new&state=withdrawn", nil); len(mine.Items) != 1 {
			t.Errorf("my own %+v", mine)
		}
	})
}

func TestARetryOfTheSameRequestRaisesOneDemand(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		k := newDesk(t, d)
		body := map[string]any{"spec": "haircut"}
		first := k.send("wang", "POST", "", body, "Idempotency-Key", "the-same-key")
		again := k.send("wang", "POST", "", body, "Idempotency-Key", "the-same-key")
		if first.Code != 201 || again.Code != 201 || first.Body.String() != again.Body.String() {
			t.Errorf("%d %s\n%d %s", first.Code, first.Body, again.Code, again.Body)
		}
		if w := k.send("wang", "POST", "", map[string]any{"spec": "cleaning"}, "Idempotency-Key", "the-same-key"); w.Code != 409 {
			t.Errorf("another body under the same key: %d", w.Code)
		}
		if list := ask[web.List[View]](k, "wang", "GET", "", nil); len(list.Items) != 1 {
			t.Errorf("%d demands", len(list.Items))
		}
	})
}

func TestNobodySeesOrTouchesWhatIsNotTheirs(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		k := newDesk(t, d)
		mine := ask[View](k, "wang", "POST", "", map[string]any{"text": "想请人来帮个忙，电话13800000000"})
		id := "/" + string(mine.ID)
		for _, c := range []struct {
			who, method, path string
			body              any
			status            int
		}{
			{"", "GET", id, nil, 401},
			{"viewer", "GET", id, nil, 403},
			{"li", "GET", id, nil, 404},
			{"grid-west", "GET", id, nil, 404},
			{"clerk", "GET", id, nil, 200},
			{"secretary", "GET", id, nil, 200},
			{"li", "POST", id + "/withdraw", map[string]any{}, 404},
			{"wang", "POST", id + "/triage", map[string]any{"spec": "errand"}, 403},
			{"grid-west", "POST", id + "/withdraw", map[string]any{}, 404},
			{"li", "POST", "", map[string]any{"spec": "haircut", "for_resident": "res_wang"}, 422},
			{"grid-west", "POST", "", map[string]any{"spec": "haircut", "for_resident": "res_wang"}, 422},
			{"grid-west", "POST", "/observations", map[string]any{"text": "楼道充电", "place": block3}, 422},
			{"secretary", "POST", "", map[string]any{"spec": "haircut", "for_resident": "res_wang"}, 403},
			{"wang", "POST", "/findings", map[string]any{"system": "x", "items": []any{map[string]any{"key": "1", "spec": "haircut"}}}, 403},
			{"wang", "POST", "/import", []byte("{}"), 403},
			{"wang", "GET", "/corrections", nil, 403},
		} {
			if w := k.send(c.who, c.method, c.path, c.body); w.Code != c.status {
				t.Errorf("%s %s %s: %d, want %d: %s", c.who, c.method, c.path, w.Code, c.status, w.Body)
			}
		}
		if list := ask[web.List[View]](k, "grid-west", "GET", "", nil); len(list.Items) != 0 {
			t.Errorf("another community sees %+v", list.Items)
		}
		// The party branch sees that there is a need, not what it says nor who voiced it.
		seen := ask[Detail](k, "secretary", "GET", id, nil)
		if seen.Text != "" || seen.Name != "" || seen.Phone != "" || seen.Place != block3 || len(seen.Read.Spans) != 0 || seen.At != nil {
			t.Errorf("the secretary sees %+v", seen)
		}
		for _, r := range seen.Reporters {
			if r.Name != "" || r.Phone != "" {
				t.Errorf("the secretary sees the reporter %+v", r)
			}
		}
	})
}

func TestBadRequestsAreAnsweredByNameAndStoreNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		k := newDesk(t, d)
		long := strings.Repeat("长", 20_001)
		for name, c := range map[string]struct {
			who, path string
			body      any
			status    int
			field     string
		}{
			"nothing said":             {"wang", "", map[string]any{}, 422, "text"},
			"only blanks":              {"wang", "", map[string]any{"text": "  \n "}, 422, "text"},
			"a text too long":          {"wang", "", map[string]any{"text": long}, 422, ""},
			"an unknown service":       {"wang", "", map[string]any{"spec": "none"}, 422, "spec"},
			"an unknown field":         {"wang", "", map[string]any{"spec": "haircut", "state": "closed"}, 422, ""},
			"a wish that ends early":   {"wang", "", map[string]any{"spec": "haircut", "wish_from": "2026-11-24T11:00:00+08:00", "wish_to": "2026-11-24T09:00:00+08:00"}, 422, "wish"},
			"a broken place":           {"wang", "", map[string]any{"spec": "haircut", "place": "../etc"}, 422, "place"},
			"a point off the globe":    {"wang", "", map[string]any{"spec": "haircut", "at": map[string]any{"lng": 999, "lat": 0}}, 422, "at"},
			"a photo never uploaded":   {"wang", "", map[string]any{"spec": "haircut", "photos": []string{strings.Repeat("a", 64)}}, 422, "photos"},
			"an urgency of nine":       {"wang", "", map[string]any{"spec": "haircut", "urgency": 9}, 422, ""},
			"a number for a text":      {"wang", "", map[string]any{"text": 5}, 422, ""},
			"no JSON":                  {"wang", "", []byte("{"), 400, ""},
			"invalid UTF-8":            {"wang", "", []byte("{\"text\":\"\xff\"}"), 400, ""},
			"a stranger":               {"clerk", "", map[string]any{"spec": "haircut", "for_resident": "res_none"}, 422, "for_resident"},
			"a resident's far place":   {"wang", "", map[string]any{"spec": "patrol", "place": "110101001001/001/x"}, 422, "place"},
			"another street":           {"clerk", "", map[string]any{"spec": "patrol", "place": "990009009009/001/x"}, 422, "place"},
			"a forecast without a key": {"clerk", "/forecasts", map[string]any{"system": "v1", "items": []any{map[string]any{"spec": "dine-in"}}}, 422, ""},
			"one bad row of two":       {"clerk", "/findings", map[string]any{"system": "v1", "items": []any{map[string]any{"key": "1", "spec": "haircut"}, map[string]any{"key": "2", "spec": "none"}}}, 422, "items[1].spec"},
			"no rows":                  {"clerk", "/findings", map[string]any{"system": "v1", "items": []any{}}, 422, ""},
		} {
			w := k.send(c.who, "POST", c.path, c.body)
			var p web.Problem
			_ = json.Unmarshal(w.Body.Bytes(), &p)
			if w.Code != c.status || c.field != "" && p.Field != c.field || p.MessageZh == "" || p.MessageEn == "" {
				t.Errorf("%s: %d field %q, want %d %q: %s", name, w.Code, p.Field, c.status, c.field, w.Body)
			}
		}
		for _, path := range []string{"?cursor=x", "?state=none", "?limit=900", "?place=zz", "?sort=up", "?unknown=1"} {
			if w := k.send("clerk", "GET", path, nil); w.Code != 422 {
				t.Errorf("%s: %d", path, w.Code)
			}
		}
		var rows int
		if err := d.Read(t.Context(), func(tx db.Tx) error {
			return tx.QueryRow(`SELECT (SELECT COUNT(*) FROM demand_demand) + (SELECT COUNT(*) FROM demand_reporter) + (SELECT COUNT(*) FROM demand_history) + (SELECT COUNT(*) FROM demand_search)`).Scan(&rows)
		}); err != nil || rows != 0 {
			t.Errorf("%d rows were stored, %v", rows, err)
		}
	})
}

func TestMachinesAndSurveysAreStoredOncePerKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		k := newDesk(t, d)
		rows := map[string]any{"system": "meter-v1", "items": []any{
			map[string]any{"key": "a", "spec": "home-visit", "resident": "res_wang", "time": "2026-11-23T06:00:00+08:00", "extra": map[string]any{"rule": "no-water", "hours": 14}},
			map[string]any{"key": "b", "spec": "home-visit", "resident": "res_zhao"},
		}}
		first := ask[BulkAnswer](k, "clerk", "POST", "/findings", rows)
		if first.Stored != 2 || first.Items[0].State != Queued || first.Items[1].Key != "b" {
			t.Errorf("findings %+v", first)
		}
		if again := ask[BulkAnswer](k, "clerk", "POST", "/findings", rows); again.Stored != 0 || again.Known != 2 || again.Items[0].ID != "" {
			t.Errorf("findings again %+v", again)
		}
		if survey := ask[BulkAnswer](k, "clerk", "POST", "/survey-answers", rows); survey.Stored != 2 || survey.Items[0].State != Merged {
			t.Errorf("the same keys of another source %+v", survey)
		}
		if hint := ask[BulkAnswer](k, "clerk", "POST", "/forecasts", map[string]any{"system": "lunch", "items": []any{
			map[string]any{"key": "2026-11-24", "spec": "dine-in", "place": bund, "wish_from": "2026-11-24T11:00:00+08:00", "wish_to": "2026-11-24T13:00:00+08:00", "extra": map[string]any{"expected": 38}}}}); hint.Items[0].State != Hint {
			t.Errorf("forecast %+v", hint)
		}
		seen := ask[Detail](k, "clerk", "GET", "/"+string(first.Items[0].ID), nil)
		if string(seen.Extra) == "" || seen.State != ReadyTo || len(seen.Reporters) != 2 {
			t.Errorf("%+v", seen)
		}
		if w := k.send("steward", "POST", "/findings", map[string]any{"system": "x", "items": []any{map[string]any{"key": "1", "spec": "home-visit", "resident": "res_zhao"}}}); w.Code != 422 {
			t.Errorf("a resident of another community: %d", w.Code)
		}
	})
}

func TestAPhotoIsSeenOnlyWithItsDemand(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		k := newDesk(t, d)
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 20, 20))); err != nil {
			t.Fatal(err)
		}
		photo := ask[Photo](k, "wang", "POST", "/photos", b.Bytes())
		if w := k.send("li", "POST", "", map[string]any{"spec": "haircut", "photos": []linli.BlobID{photo.ID}}); w.Code != 422 {
			t.Errorf("a neighbor attached it: %d", w.Code)
		}
		mine := ask[View](k, "wang", "POST", "", map[string]any{"text": "厨房漏了", "photos": []linli.BlobID{photo.ID}})
		path := "/" + string(mine.ID) + "/photos/" + string(photo.ID)
		for who, status := range map[string]int{"wang": 200, "clerk": 200, "li": 404, "grid-west": 404, "secretary": 404, "viewer": 403, "": 401} {
			w := k.send(who, "GET", path, nil)
			if w.Code != status || status == 200 && w.Header().Get("Content-Type") != "image/jpeg" {
				t.Errorf("%s: %d %s", who, w.Code, w.Header().Get("Content-Type"))
			}
		}
		if w := k.send("clerk", "GET", "/"+string(mine.ID)+"/photos/"+strings.Repeat("0", 64), nil); w.Code != 404 {
			t.Errorf("another picture: %d", w.Code)
		}
		if w := k.send("wang", "POST", "/photos", make([]byte, 5<<20+1)); w.Code != 422 {
			t.Errorf("too large: %d", w.Code)
		}
		if w := k.send("wang", "POST", "/photos", []byte("no picture")); w.Code != 422 {
			t.Errorf("no picture: %d", w.Code)
		}
	})
}

func TestATicketFileIsTakenInWholeAndOnlyOnce(t *testing.T) {
	t.Parallel()
	const table = "街道热线工单汇总表,,,\n工单编号,标题,诉求内容,来电时间\nA1,家里跳闸,家里跳闸了没电,2026/11/20 9:30\nA2,公交太少,公交车半小时不来一班,2026-11-21\nA3,,你好有事,20261122\nA4,坏时间,你好,昨天\n,没有编号,你好,\nA1,重复编号,家里又跳闸了,\n"
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(table)
	if err != nil {
		t.Fatal(err)
	}
	sheet := excelize.NewFile()
	for r, line := range strings.Split(strings.TrimSpace(table), "\n") {
		for c, cell := range strings.Split(line, ",") {
			name, _ := excelize.CoordinatesToCellName(c+1, r+1)
			if err := sheet.SetCellStr("Sheet1", name, cell); err != nil {
				t.Fatal(err)
			}
		}
	}
	var xlsx bytes.Buffer
	if err := sheet.Write(&xlsx); err != nil {
		t.Fatal(err)
	}
	jsonl := `{"id":"A1","title":"家里跳闸","body":"家里跳闸了没电","time":"2026-11-20 09:30:00","likes":3,"user":"U1"}
{"id":"A2","title":"公交太少","body":"公交车半小时不来一班","time":"2026-11-21"}

{"id":"A3","body":"你好有事","time":"2026-11-22"}
{"id":"A4","body":"你好","time":"昨天"}
{"title":"没有编号","body":"你好"}
{"id":"A1","body":"家里又跳闸了"}
not json
`
	files := map[string][]byte{"csv": []byte(table), "csv with a mark": append([]byte("\ufeff"), table...), "csv in GB 18030": []byte(gbk), "xlsx": xlsx.Bytes(), "jsonl": []byte(jsonl)}
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		k := newDesk(t, d)
		for name, raw := range files {
			system := strings.ReplaceAll(name, " ", "-")
			got := ask[ImportReport](k, "clerk", "POST", "/import?system="+system, raw)
			failed := 2
			if name == "jsonl" {
				failed = 3
			}
			if got.Stored != 3 || got.Known != 1 || got.Referred != 1 || got.Queued+got.Merged != 2 || got.Failed != failed || got.Errors[0].Field != "time" || got.Errors[1].Field != "id" {
				t.Errorf("%s: %+v", name, got)
			}
			if want := map[bool]int{true: 5, false: 6}[name == "jsonl"]; got.Errors[0].Row != want {
				t.Errorf("%s: the bad time is said to be in row %d, want %d", name, got.Errors[0].Row, want)
			}
			again := ask[ImportReport](k, "clerk", "POST", "/import?system="+system, raw)
			if again.Stored != 0 || again.Known != 4 {
				t.Errorf("%s again: %+v", name, again)
			}
		}
		for name, c := range map[string]struct {
			query string
			body  []byte
		}{
			"an empty file":             {"", []byte(" \n")},
			"a file without columns":    {"", []byte("a,b\n1,2\n")},
			"a broken Excel file":       {"", []byte("PK\x03\x04 and nothing more")},
			"a picture":                 {"?format=csv", []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01")},
			"an unknown format":         {"?format=pdf", []byte("x")},
			"another street":            {"?place=990009009", []byte(jsonl)},
			"an unknown column of ours": {"?columns=shoe:鞋", []byte(jsonl)},
		} {
			if w := k.send("clerk", "POST", "/import"+c.query, c.body); w.Code != 422 {
				t.Errorf("%s: %d %s", name, w.Code, w.Body)
			}
		}
		mapped := ask[ImportReport](k, "clerk", "POST", "/import?system=own&columns=id:号,text:话,place:处", []byte("号,话,处\n1,楼道充电,"+string(block3)+"\n2,楼道充电,990009009009\n"))
		if mapped.Stored != 1 || mapped.Failed != 1 || mapped.Errors[0].Field != "place" {
			t.Errorf("with mapped columns: %+v", mapped)
		}
		if list := ask[web.List[View]](k, "clerk", "GET", "?state=referred&q=公交", nil); len(list.Items) == 0 || list.Items[0].Office != "traffic" || list.Items[0].Place != street {
			t.Errorf("referred: %+v", list.Items)
		}
	})
}
