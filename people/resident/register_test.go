package resident

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"linli"
	"linli/auth"
	"linli/engine/db"
)

// elder is somebody with everything a register can hold.
func elder() map[string]any {
	return map[string]any{
		"name": "张建军", "id_no": "990001195203070016", "phone": "138-0013-8000", "place": string(home), "relation": "02",
		"groups": []string{"alone-elder"}, "care_groups": []string{"dementia"}, "health": "高血压", "aid": "低保",
		"disability": map[string]any{"kinds": []int{4}, "grade": 2}, "ability": map[string]any{"scale": "gbt42195", "score": 50},
	}
}

func TestAPersonIsStoredSealedAndShownOnlyAsMuchAsTheAskerMaySee(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := h.ok("grid", "POST", "/api/v1/residents", elder())
		id := r.body["id"].(string)
		if r.status != 201 || strings.Contains(r.raw, "990001195203070016") || strings.Contains(r.raw, "dementia") {
			t.Fatalf("%d %s", r.status, r.raw)
		}
		var sealed [6]string
		if err := h.db.Read(t.Context(), func(tx db.Tx) error {
			return tx.QueryRow(`SELECT id_no, health, disability, aid, ability, care_groups FROM resident_person WHERE id = $1`, id).
				Scan(&sealed[0], &sealed[1], &sealed[2], &sealed[3], &sealed[4], &sealed[5])
		}); err != nil {
			t.Fatal(err)
		}
		for i, s := range sealed {
			if s == "" || strings.Contains(s, "9900") || strings.Contains(s, "高血压") || strings.Contains(s, "dementia") {
				t.Errorf("field %d is stored as %q", i, s)
			}
		}
		if n := h.count(`SELECT COUNT(*) FROM resident_group WHERE mark = 'dementia'`); n != 0 {
			t.Error("a sensitive group stands in the open")
		}

		seen := func(who string) map[string]any {
			body := h.ok(who, "GET", "/api/v1/residents/"+id, nil).body
			return map[string]any{"title": body["title"], "name": body["name"], "phone": body["phone"], "birth": body["birth"], "age": body["age"], "place": body["place"], "groups": body["groups"], "care": body["care"]}
		}
		full := map[string]any{"title": "张先生", "name": "张建军", "phone": "13800138000", "birth": "1952-03-07", "age": 73.0, "place": string(home), "groups": []any{"alone-elder"}, "care": nil}
		if d := cmp.Diff(full, seen("grid")); d != "" {
			t.Errorf("grid worker: %s", d)
		}
		masked := map[string]any{"title": "张先生", "name": "张**", "phone": "138****8000", "birth": nil, "age": 0.0, "place": string(home), "groups": nil, "care": nil}
		if d := cmp.Diff(masked, seen("dispatcher")); d != "" {
			t.Errorf("dispatcher: %s", d)
		}
		for _, who := range []string{"far", "guardian"} {
			if r := h.call(who, "GET", "/api/v1/residents/"+id, nil); r.status != 404 {
				t.Errorf("%s: %d", who, r.status)
			}
		}
		if r := h.call("viewer", "GET", "/api/v1/residents/"+id, nil); r.status != 403 {
			t.Errorf("viewer: %d", r.status)
		}
	})
}

func TestASensitiveLookNeedsAReasonAndLeavesALine(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.ok("grid", "POST", "/api/v1/residents", elder()).body["id"].(string)
		path := "/api/v1/residents/" + id + "/reveal"
		if r := h.call("grid", "POST", path, map[string]any{"reason": "看"}); r.status != 422 || r.body["field"] != "reason" {
			t.Errorf("without words: %d %s", r.status, r.raw)
		}
		if r := h.call("dispatcher", "POST", path, map[string]any{"reason": "工单 12 需要"}); r.status != 403 {
			t.Errorf("dispatcher: %d", r.status)
		}
		if r := h.call("far", "POST", path, map[string]any{"reason": "工单 12 需要"}); r.status != 404 {
			t.Errorf("far grid worker: %d", r.status)
		}
		if n := h.count(`SELECT COUNT(*) FROM auth_audit WHERE class = 'D3'`); n != 0 {
			t.Errorf("%d looks were recorded before there was one", n)
		}
		r := h.ok("grid", "POST", path, map[string]any{"reason": "工单 12 需要"})
		want := map[string]any{
			"id_no": "990001195203070016", "birth": "1952-03-07", "health": "高血压", "aid": "低保", "groups": []any{"dementia"},
			"disability": map[string]any{"kinds": []any{4.0}, "grade": 2.0}, "ability": map[string]any{"scale": "gbt42195", "score": 50.0, "grade": "moderate"},
		}
		if d := cmp.Diff(want, r.body["care"]); d != "" {
			t.Error(d)
		}
		// The duty officer's street office sees contact data of a case only; the reason makes it one.
		r = h.ok("duty", "POST", path, map[string]any{"reason": "告警核实", "fields": []string{"health"}})
		if d := cmp.Diff(map[string]any{"health": "高血压"}, r.body["care"]); d != "" || r.body["phone"] != "13800138000" {
			t.Errorf("%s, phone %v", d, r.body["phone"])
		}
		if n := h.count(`SELECT COUNT(*) FROM auth_audit WHERE act = 'resident.reveal' AND class = 'D3' AND subject = $1 AND reason <> ''`, id); n != 2 {
			t.Errorf("%d lines, want 2", n)
		}
	})
}

func TestOnesOwnDataNeedsNoReasonAndAWardsSensitiveDataIsNotGivenAway(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.ok("grid", "POST", "/api/v1/residents", elder()).body["id"].(string)
		h.account("self", auth.NewUser{Resident: linli.ResidentID(id), Grants: []auth.Grant{{Role: "resident"}}})
		own := h.ok("self", "GET", "/api/v1/residents/"+id, nil).body
		if care, _ := own["care"].(map[string]any); care["health"] != "高血压" || own["name"] != "张建军" {
			t.Errorf("own data: %v", own)
		}
		h.ok("self", "POST", "/api/v1/residents/"+id+"/proxies", map[string]any{"user": h.users["guardian"], "name": "张小妹", "relation": "女儿"})
		ward := h.ok("guardian", "GET", "/api/v1/residents/"+id, nil).body
		if ward["care"] != nil || ward["name"] != "张建军" {
			t.Errorf("ward: %v", ward)
		}
		if list := items(h.ok("guardian", "GET", "/api/v1/residents", nil)); len(list) != 1 || list[0]["id"] != id {
			t.Errorf("list of the guardian: %v", list)
		}
	})
}

func TestAProxyActsFromTheirRecordToItsEnd(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.ok("grid", "POST", "/api/v1/residents", elder()).body["id"].(string)
		may := func(login string) bool { return h.as(login).Serves(linli.ResidentID(id)) }
		if may("guardian") {
			t.Error("acts before being allowed")
		}
		r := h.ok("grid", "POST", "/api/v1/residents/"+id+"/proxies", map[string]any{"user": h.users["guardian"], "name": "张小妹", "phone": "13900139000"})
		if !may("guardian") {
			t.Error("the proxy may not act")
		}
		if r := h.call("grid", "POST", "/api/v1/residents/"+id+"/proxies", map[string]any{"user": h.users["grid"], "name": "自己"}); r.status != 403 || may("grid") {
			t.Errorf("staff made themselves a proxy: %d", r.status)
		}
		if r := h.call("guardian", "POST", "/api/v1/residents/"+id+"/proxies", map[string]any{"user": h.users["viewer"], "name": "别人"}); r.status != 403 {
			t.Errorf("a proxy passed the right on: %d", r.status)
		}
		proxy := r.body["item"].(map[string]any)["id"].(string)
		h.ok("grid", "POST", "/api/v1/residents/"+id+"/proxies/"+proxy+"/end", nil)
		if may("guardian") {
			t.Error("the proxy still acts")
		}
		if r := h.call("grid", "POST", "/api/v1/residents/"+id+"/proxies/"+proxy+"/end", nil); r.status != 404 {
			t.Errorf("ended twice: %d", r.status)
		}
		if r := h.call("grid", "POST", "/api/v1/residents/"+id+"/proxies", map[string]any{"user": "usr_nobody", "name": "无名"}); r.status != 422 {
			t.Errorf("unknown account: %d", r.status)
		}
		if d := cmp.Diff([]string{EventChanged, EventProxyChanged, EventProxyChanged}, h.told(id)); d != "" {
			t.Error(d)
		}
	})
}

func TestAConsentHoldsFromGivingToWithdrawingAndNamesItsText(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.ok("grid", "POST", "/api/v1/residents", elder()).body["id"].(string)
		given := func() bool {
			ok, err := h.s.Consents(t.Context(), linli.ResidentID(id), "health")
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		path := "/api/v1/residents/" + id + "/consents"
		if given() {
			t.Error("agreed before being asked")
		}
		draft := map[string]any{"purpose": "health", "version": 1, "channel": "paper", "witness": "李网格"}
		first := h.ok("grid", "POST", path, draft).body["item"].(map[string]any)
		purpose, _ := purposeOf("health")
		if first["hash"] != purpose.hash() || !given() {
			t.Errorf("%v", first)
		}
		if again := h.ok("grid", "POST", path, draft).body["item"].(map[string]any); again["id"] != first["id"] {
			t.Error("agreeing twice made a second consent")
		}
		for field, draft := range map[string]map[string]any{
			"purpose": {"purpose": "selling", "version": 1, "channel": "paper"},
			"channel": {"purpose": "service", "version": 1, "channel": "app"},
		} {
			if r := h.call("grid", "POST", path, draft); r.status != 422 || r.body["field"] != field {
				t.Errorf("%v: %d %s", draft, r.status, r.raw)
			}
		}
		if r := h.call("grid", "POST", path, map[string]any{"purpose": "health", "version": 9, "channel": "paper"}); r.status != 409 {
			t.Errorf("a version that does not exist: %d", r.status)
		}
		if r := h.call("far", "POST", path+"/health/withdraw", nil); r.status != 404 {
			t.Errorf("withdrawn by a stranger: %d", r.status)
		}
		h.ok("grid", "POST", path+"/health/withdraw", nil)
		if given() {
			t.Error("the consent outlives its withdrawal")
		}
		if r := h.call("grid", "POST", path+"/health/withdraw", nil); r.status != 404 {
			t.Errorf("withdrawn twice: %d", r.status)
		}
		h.ok("grid", "POST", path, draft)
		if list := h.ok("grid", "GET", "/api/v1/residents/"+id, nil).body["consents"].([]any); len(list) != 2 || !given() {
			t.Errorf("%v", list)
		}
		if d := cmp.Diff([]string{EventChanged, EventConsentGiven, EventConsentWithdrawn, EventConsentGiven}, h.told(id)); d != "" {
			t.Error(d)
		}
	})
}

func TestAnEditMeetsItsRevisionAndSaysOnlyWhatItNames(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := h.ok("grid", "POST", "/api/v1/residents", elder())
		path := "/api/v1/residents/" + r.body["id"].(string)
		edited := h.ok("grid", "PATCH", path, map[string]any{"phone": "13900139000"}, "If-Match", r.rev)
		if edited.rev != `"2"` || edited.body["phone"] != "13900139000" || edited.body["name"] != "张建军" {
			t.Errorf("%s %s", edited.rev, edited.raw)
		}
		if r := h.call("grid", "PATCH", path, map[string]any{"phone": "13900139001"}, "If-Match", r.rev); r.status != 409 {
			t.Errorf("a stale edit: %d", r.status)
		}
		for field, draft := range map[string]map[string]any{
			"phone": {"phone": "110"}, "birth": {"birth": "1899-01-01"}, "id_no": {"id_no": "11010519491231002Y"}, "groups": {"groups": []string{"dementia"}},
			"care_groups": {"care_groups": []string{"alone-elder"}}, "place": {"place": string(estate) + "/b0009"}, "name": {"name": ""}, "household": {"household": "hh_none"},
			"ability.score": {"ability": map[string]any{"scale": "barthel", "score": 101}}, "disability.kinds": {"disability": map[string]any{"kinds": []int{8}, "grade": 1}},
		} {
			if r := h.call("grid", "PATCH", path, draft, "If-Match", edited.rev); r.status != 422 || r.body["field"] != field {
				t.Errorf("%v: %d %s", draft, r.status, r.raw)
			}
		}
		if r := h.call("grid", "PATCH", path, map[string]any{"place": string(foreign)}, "If-Match", edited.rev); r.status != 403 {
			t.Errorf("moved out of one's area: %d", r.status)
		}
		if now := h.ok("grid", "GET", path, nil); now.rev != edited.rev {
			t.Errorf("refused edits changed something: %s", now.rev)
		}
		care := h.ok("grid", "POST", path+"/reveal", map[string]any{"reason": "核对修改"}).body["care"].(map[string]any)
		if care["health"] != "高血压" || care["id_no"] != "990001195203070016" {
			t.Errorf("an edit of the phone touched sensitive fields: %v", care)
		}
		h.ok("grid", "PATCH", path, map[string]any{"health": "", "care_groups": []string{}, "groups": []string{}}, "If-Match", edited.rev)
		care = h.ok("grid", "POST", path+"/reveal", map[string]any{"reason": "核对修改"}).body["care"].(map[string]any)
		if care["health"] != nil || care["groups"] != nil || care["id_no"] != "990001195203070016" {
			t.Errorf("clearing: %v", care)
		}
		if n := h.count(`SELECT COUNT(*) FROM resident_group`); n != 0 {
			t.Errorf("%d groups are left", n)
		}
	})
}

func TestNobodyIsRegisteredTwice(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.ok("grid", "POST", "/api/v1/residents", elder())
		twin := elder()
		twin["name"], twin["place"] = "张改名", string(building)+"/1/101"
		if r := h.call("grid", "POST", "/api/v1/residents", twin); r.status != 409 || r.body["field"] != "id_no" {
			t.Errorf("the same identity number: %d %s", r.status, r.raw)
		}
		h.ok("grid", "POST", "/api/v1/residents", map[string]any{"name": "李四", "birth": "1960-01-01", "place": string(home)})
		if r := h.call("grid", "POST", "/api/v1/residents", map[string]any{"name": "李四", "birth": "1960-01-01", "place": string(home)}); r.status != 409 || r.body["field"] != "name" {
			t.Errorf("the same name, birth date and address: %d %s", r.status, r.raw)
		}
		h.ok("grid", "POST", "/api/v1/residents", map[string]any{"name": "李四", "birth": "1960-01-02", "place": string(home)})
		if n := h.count(`SELECT COUNT(*) FROM resident_person`); n != 3 {
			t.Errorf("%d people, want 3", n)
		}
	})
}

func TestPeopleAreFoundByNameAddressPhoneGroupAndAge(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.ok("grid", "POST", "/api/v1/residents", elder())
		h.ok("grid", "POST", "/api/v1/residents", map[string]any{"name": "王建国", "birth": "1940-05-05", "phone": "13900139001", "place": string(building) + "/1/101"})
		h.ok("grid", "POST", "/api/v1/residents", map[string]any{"name": "王小明", "birth": "2016-05-05", "place": string(grid), "address": "老弄堂 8 号"})
		h.ok("far", "POST", "/api/v1/residents", map[string]any{"name": "王外人", "birth": "1940-05-05", "place": string(foreign)})
		names := func(query string) []string {
			out := []string{}
			for _, x := range items(h.ok("grid", "GET", "/api/v1/residents?"+query, nil)) {
				out = append(out, x["name"].(string))
			}
			return out
		}
		for query, want := range map[string][]string{
			"":                          {"王小明", "王建国", "张建军"},
			"q=王":                       {"王小明", "王建国"},
			"q=建军":                      {"张建军"},
			"q=9001":                    {"王建国"},
			"q=弄堂":                      {"王小明"},
			"q=3号楼2单元302":               {"张建军"},
			"q=王外人":                     {},
			"group=alone-elder":         {"张建军"},
			"group=advanced-age":        {"王建国"},
			"age_min=70":                {"王建国", "张建军"},
			"place=" + string(building): {"王建国", "张建军"},
			"place=" + string(foreign):  {},
			"state=died":                {},
			"group=dementia&reason=走失排查名单": {"张建军"},
		} {
			if d := cmp.Diff(want, names(query)); d != "" {
				t.Errorf("%s: %s", query, d)
			}
		}
		if r := h.call("grid", "GET", "/api/v1/residents?group=dementia", nil); r.status != 422 || r.body["field"] != "reason" {
			t.Errorf("a sensitive list without reason: %d %s", r.status, r.raw)
		}
		if list := items(h.ok("dispatcher", "GET", "/api/v1/residents?group=dementia&reason=走失排查名单", nil)); len(list) != 0 {
			t.Errorf("who may not look may list: %v", list)
		}
		if n := h.count(`SELECT COUNT(*) FROM auth_audit WHERE act = 'resident.list-group' AND class = 'D3' AND reason <> ''`); n != 2 {
			t.Errorf("%d lines, want 2", n)
		}
		child := items(h.ok("grid", "GET", "/api/v1/residents?q=小明", nil))[0]
		if child["title"] != "王小朋友" || child["birth"] != nil || child["age"] != 0.0 || child["door"] != "老弄堂 8 号" {
			t.Errorf("a child's age is shown: %v", child)
		}
		first := h.ok("grid", "GET", "/api/v1/residents?limit=2", nil)
		second := h.ok("grid", "GET", "/api/v1/residents?limit=2&cursor="+first.body["next"].(string), nil)
		if len(items(first)) != 2 || len(items(second)) != 1 || second.body["next"] != "" {
			t.Errorf("pages: %s %s", first.raw, second.raw)
		}
	})
}

func TestForgettingDestroysKeyAndRowsAndIsTold(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.ok("grid", "POST", "/api/v1/residents", elder()).body["id"].(string)
		path := "/api/v1/residents/" + id
		h.ok("grid", "POST", path+"/contacts", map[string]any{"name": "张小妹", "phone": "13900139000"})
		h.ok("grid", "POST", path+"/proxies", map[string]any{"user": h.users["guardian"], "name": "张小妹"})
		h.ok("grid", "POST", path+"/consents", map[string]any{"purpose": "service", "version": 1, "channel": "home"})
		household := h.ok("grid", "POST", "/api/v1/households", map[string]any{"place": string(home)})
		rev := h.ok("grid", "GET", path, nil).rev
		h.ok("grid", "PATCH", path, map[string]any{"household": household.body["id"]}, "If-Match", rev)

		if r := h.call("grid", "POST", path+"/forget", map[string]any{"reason": "本人书面要求"}); r.status != 403 {
			t.Errorf("a grid worker may not forget: %d", r.status)
		}
		if r := h.call("steward", "POST", path+"/forget", map[string]any{"reason": ""}); r.status != 422 {
			t.Errorf("without reason: %d", r.status)
		}
		h.ok("steward", "POST", path+"/forget", map[string]any{"reason": "本人书面要求"})
		for _, table := range []string{"resident_person", "resident_group", "resident_contact", "resident_proxy", "resident_consent", "resident_household", "resident_person_search", "auth_ward"} {
			if n := h.count(`SELECT COUNT(*) FROM ` + table); n != 0 {
				t.Errorf("%s keeps %d rows", table, n)
			}
		}
		if n := h.count(`SELECT COUNT(*) FROM auth_person_key WHERE person = $1`, id); n != 0 {
			t.Error("the key is still there")
		}
		if r := h.call("grid", "GET", path, nil); r.status != 404 {
			t.Errorf("still found: %d", r.status)
		}
		kinds := h.told(id)
		if kinds[len(kinds)-1] != EventForgotten {
			t.Errorf("told %v", kinds)
		}
		h.ok("grid", "POST", "/api/v1/residents", elder()) // may come back as somebody new
	})
}

func TestHomeLocateAndBriefAnswerForOtherSlices(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := linli.ResidentID(h.ok("grid", "POST", "/api/v1/residents", elder()).body["id"].(string))
		place, at, err := h.s.Home(t.Context(), id)
		if err != nil || place != home || at != (linli.Point{Lng: 121.4912, Lat: 31.2412}) {
			t.Errorf("home: %s %v %v", place, at, err)
		}
		if _, _, err := h.s.Home(t.Context(), "res_none"); linli.KindOf(err) != linli.KindNotFound {
			t.Errorf("unknown: %v", err)
		}
		for p, want := range map[linli.Place]linli.Point{
			estate + "/b0004/1": {Lng: 121.491, Lat: 31.241}, grid: {Lng: 121.49, Lat: 31.24}, "990009": {}, "": {},
		} {
			if at, err := h.s.Locate(t.Context(), p); err != nil || at != want {
				t.Errorf("%s: %v %v", p, at, err)
			}
		}
		got := map[string]string{}
		err = h.s.Brief(t.Context(), []linli.ResidentID{id, "res_none"}, func(id linli.ResidentID, name, phone, door string) { got[name+" "+phone] = door })
		if d := cmp.Diff(map[string]string{"张建军 13800138000": "外滩小区3号楼2单元302室"}, got); d != "" || err != nil {
			t.Error(d, err)
		}
	})
}

func TestMarksOfIdentityNumbersSurviveARestartAndCannotBeMadeWithoutTheKey(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		again, err := New(t.Context(), h.db, h.bus, h.vault, h.accounts, h.now)
		if err != nil {
			t.Fatal(err)
		}
		a, b := h.s.mark("id", "990001195203070016"), again.mark("id", "990001195203070016")
		without := &Service{}
		if a != b || a == without.mark("id", "990001195203070016") {
			t.Errorf("%s %s", a, b)
		}
	})
}
