package flow_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"linli"
	"linli/auth"
	"linli/web"
)

// write is a good body of a writing route, for somebody at home in the north. refs
// names the fields that hold the id of another thing, and of which kind.
type write struct {
	body object
	rev  string // the If-Match of an edit
	refs map[string]string
	raw  []byte // instead of body: a file
	kind string // its content type
	on   string // how the planted thing in the path is chosen; "" takes the first
}

// writes has an entry for every route that changes something. A route that is not
// here fails the tests: whoever adds one says here what a good request looks like.
func (p *planted) writes() map[string]write {
	c := p.community[north]
	me, other := c.residents[0], c.residents[1]
	wish := object{"from": monday.AddDate(0, 0, 3), "to": monday.AddDate(0, 0, 3).Add(2 * time.Hour)}
	act := func(reason string) write { return write{body: object{"reason": reason, "note": "说明"}} }
	named := object{"zh": "名称", "en": "name"}
	steps := []object{{"zh": "上门", "en": "visit", "owner": "provider-worker", "limit_min": 10}}
	sop := object{"zh": "规程", "en": "procedure", "owner": "provider-admin", "steps": steps}
	org := object{"name": "又一家服务社", "kind": "pro-provider", "place": north, "at": c.at}
	staff := object{"org": c.org, "name": "新来的", "place": north, "at": c.at, "skills": []object{{"code": "cleaner", "level": 1}}}
	court := object{"kind": "court", "name": "又一个球场", "place": c.buildings[0], "at": c.at, "org": c.org, "specs": []string{"court"}, "capacity": 2,
		"hours": []object{{"day": 1, "from_min": 480, "to_min": 1200}}, "step_free": true, "active": true}
	bulk := object{"system": "probe", "items": []object{{"key": "k1", "text": "请人上门打扫卫生", "resident": other.ID, "place": other.Place}}}
	week := object{"week": daily}
	absence := object{"kind": "leave", "from": monday.AddDate(0, 0, 9), "to": monday.AddDate(0, 0, 10)}
	user := object{"login": "newcomer", "name": "新人", "grants": []object{{"role": "viewer"}}}
	word := object{"spec": "cleaning", "any": []string{"掸尘"}, "weight": 1}
	file := write{raw: []byte("姓名,电话,地点编码\n孙小满,00011110000," + string(c.buildings[1]) + "\n"), kind: "text/csv"}
	tickets := write{raw: []byte("工单编号,内容,地点编码\nP1,请人上门打扫卫生," + string(c.buildings[1]) + "\n"), kind: "text/csv"}
	image := write{raw: picture(77), kind: "image/png"}

	return map[string]write{
		"session-open": {body: object{"name": "somebody", "password": "wrong wrong wrong"}},
		"setup":        {body: object{"token": "nothing", "password": "long enough for anybody"}},
		"demo-session": {body: object{"user": p.desk.ID}}, "session-close": {},
		"me-edit": {body: object{"lang": "en"}},

		"user-create": {body: user}, "user-grant": {body: object{"grants": []object{{"role": "viewer"}}}, rev: `"1"`},
		"user-block": {}, "user-unblock": {}, "user-invite": {},

		"place-create":  {body: object{"place": north + "/002", "name": "第二网格", "at": c.at}},
		"place-edit":    {body: object{"place": c.buildings[0], "name": "改名的楼", "at": c.at}, rev: `"1"`},
		"resident-edit": {body: object{"phone": "00055556666"}, rev: `"2"`, refs: map[string]string{"household": "households"}},
		"resident-create": {body: object{"name": "周小满", "phone": "00055557777", "place": c.buildings[0] + "/3/301"},
			refs: map[string]string{"household": "households"}},
		"resident-reveal":           {body: object{"reason": "上门前核对健康情况"}},
		"resident-forget":           {body: object{"reason": "本人书面要求删除"}},
		"resident-consent-give":     {body: object{"purpose": "service", "version": 1, "channel": "counter"}},
		"resident-consent-withdraw": {}, "resident-contact-remove": {}, "resident-proxy-end": {},
		"resident-contact-add": {body: object{"name": "沈建华", "phone": "00055558888", "relation": "侄子"}},
		"resident-proxy-add":   {body: object{"name": "沈建华", "relation": "侄子"}},
		"household-create":     {body: object{"place": c.buildings[0] + "/3/302", "number": "Z1"}},
		"household-edit":       {body: object{"place": me.Place, "number": "Z2"}, rev: `"1"`},
		"resident-import":      file,

		"organization-create": {body: org}, "organization-edit": {body: org, rev: `"1"`},
		"organization-member-add": {body: object{"name": "联系人", "phone": "00055559999"}}, "organization-member-remove": {},
		"worker-create": {body: staff, refs: map[string]string{"org": "organizations"}}, "worker-edit": {body: staff, rev: `"3"`, refs: map[string]string{"org": "organizations"}},
		"worker-shifts": {body: week, rev: `"3"`}, "worker-absence-add": {body: absence}, "worker-absence-end": {},
		"worker-certificate-add":    {body: object{"kind": "lawyer", "number": "L1", "level": 1, "issued": "2025-01-01", "expires": "2027-01-01"}},
		"worker-certificate-revoke": {body: object{"reason": "查实是假证"}},
		"my-shifts":                 {body: week, rev: `"3"`}, "my-absence-add": {body: absence}, "my-absence-end": {},

		"catalog-category-edit": {body: named, rev: `"1"`}, "catalog-price-edit": {body: named, rev: `"1"`},
		"catalog-item-edit": {body: object{"category": "home-care", "duration_zh": "一", "duration_en": "a", "staff_zh": "一", "staff_en": "a", "site_zh": "一", "site_en": "a", "goal_zh": "一", "goal_en": "a", "zh": "一", "en": "a"}, rev: `"1"`},
		"catalog-spec-edit": {body: object{"item": "homemaking", "mode": "worker", "sla": "P3", "minutes": 120, "persons": 1, "price": "hourly", "nature": "market", "sop": "homemaking", "zh": "保洁", "en": "Cleaning", "skills": []object{{"code": "cleaner", "level": 1}}}, rev: `"1"`},
		"catalog-sla-edit":  {body: object{"all_day": false, "accept_min": 30, "contact_min": 120, "start_min": 1440, "close_min": 4320, "zh": "一般", "en": "Ordinary"}, rev: `"1"`},
		"catalog-word-add":  {body: word}, "catalog-word-edit": {body: word, rev: `"1"`}, "catalog-word-delete": {rev: `"1"`},
		"catalog-sop-draft": {body: sop}, "catalog-sop-edit": {body: sop, rev: `"1"`},
		"catalog-sop-trial": {rev: `"1"`}, "catalog-sop-publish": {rev: `"1"`}, "catalog-sop-retire": {rev: `"1"`},

		"demand-raise": {body: object{"text": "请人上门打扫卫生、擦玻璃", "for_resident": me.ID}, refs: map[string]string{"for_resident": "residents"}},
		"demand-observe": {body: object{"text": "楼道灯不亮了，晚上看不见路", "for_resident": other.ID, "place": c.buildings[0]},
			refs: map[string]string{"for_resident": "residents"}},
		"demand-survey": {body: bulk}, "demand-finding": {body: bulk}, "demand-forecast": {body: bulk}, "demand-import": tickets, "demand-photo": image,
		"demand-read":   {body: object{"text": "请人上门打扫卫生"}},
		"demand-triage": {body: object{"spec": "errand", "urgency": 1}, refs: map[string]string{"for_resident": "residents"}}, "demand-confirm": {body: object{}},
		"demand-attend": {body: object{"note": "看过"}}, "demand-merge": {body: object{"into": p.of("demands", north)[0].id}, refs: map[string]string{"into": "demands"}, on: "last"},
		"demand-unmerge": {body: object{}, on: "second"}, "demand-close": {body: object{"outcome": "answered", "note": "已答复"}}, "demand-withdraw": {body: object{"note": "不要了"}},
		"demand-correction-revoke": {},

		"candidates": {body: object{"spec": "cleaning", "place": me.Place, "resident": me.ID}, refs: map[string]string{"resident": "residents"}},
		"dispatch": {body: object{"order_id": p.of("orders", north)[2].id, "worker_id": c.workers[1].ID, "reason": "换人"},
			refs: map[string]string{"order_id": "orders"}},
		"dispatch-decline": {body: object{"reason": "no-time"}, on: "running"}, "dispatch-claim": {}, "dispatch-urge": {on: "running"},
		"dispatch-relax":      {body: object{"id": "window:30", "reason": "居民同意晚一点"}},
		"dispatch-act":        {body: object{"kind": "absent", "worker_id": c.workers[1].ID, "reason": "sick", "dry_run": true}, refs: map[string]string{"worker_id": "workers"}},
		"dispatch-draft-make": {body: object{"date": monday.AddDate(0, 0, 2).Format(time.DateOnly)}}, "dispatch-draft-release": {}, "dispatch-draft-discard": {},
		"dispatch-draft-pin": {body: object{"order_id": p.pick("orders", "running", north).id, "pinned": true}, refs: map[string]string{"order_id": "orders"}},
		"visit-series-make": {body: object{"resident": me.ID, "spec": "visit-care", "every": object{"n": 1, "unit": "month"}, "within_days": 5, "from": monday.AddDate(0, 0, 90).Format(time.DateOnly), "words": "每月看望一次"},
			refs: map[string]string{"resident": "residents"}},
		"visit-series-rhythm": {body: object{"every": object{"n": 3, "unit": "week"}, "from": monday.AddDate(0, 0, 90).Format(time.DateOnly)}}, "visit-series-stop": {body: object{"reason": "搬去和女儿住"}},
		"road-open":       {},
		"facility-create": {body: court}, "facility-edit": {body: court, rev: `"1"`},
		"facility-close":   {body: object{"from": monday.AddDate(0, 0, 9), "to": monday.AddDate(0, 0, 10), "reason": "maintenance"}},
		"facility-visit":   {body: object{"persons": 1}},
		"booking-check-in": {body: object{"code": "000000"}},

		"order-open": {body: object{"spec": "visit-care", "resident": me.ID, "words": "看一看", "wish": wish, "dispatch": "manual"}, refs: map[string]string{"resident": "residents"}},
		"order-step": {body: object{"note": "一切平安"}, on: "running"}, "order-note": {body: object{"note": "记一笔"}, on: "running"}, "order-confirm": {body: object{"solved": true}},
		"order-accept": {}, "order-contact": {on: "running"}, "order-en-route": {on: "running"}, "order-arrive": {on: "running"}, "order-resume": {}, "order-finish": {on: "running"}, "order-close": {},
		"order-pause": act("weather"), "order-fail": act("other"), "order-cancel": act("other"), "order-reopen": act("other"),
		"order-evidence-add": {raw: picture(78), kind: "image/png", on: "running"},
		"order-weather":      {body: object{"red": false}},

		"rating-add":      {body: object{"order_id": p.pick("orders", "fresh", north).id, "stars": 4, "nps": 8, "words": "不错"}, refs: map[string]string{"order_id": "orders"}},
		"callback-result": {body: object{"reached": true, "contacted": true, "solved": true, "satisfied": true, "note": "都好"}}, "callback-setting-put": {body: object{"share_percent": 100, "seed": "test"}},
		"device-register": {body: object{"kind": "smoke", "serial": "PROBE-1", "place": c.buildings[0]}, refs: map[string]string{"subject": "residents"}},
		"device-edit":     {body: object{"model": "X2", "place": c.buildings[0]}, rev: `"4"`, refs: map[string]string{"subject": "residents"}},
		"device-suspend":  {body: object{"reason": "送修"}}, "device-resume": {}, "device-retire": {body: object{"reason": "损坏"}},
		"device-code": {}, "device-token": {}, "device-revoke": {}, "device-certificate": {body: object{"pem": "none"}},
		"device-claim":   {body: object{"code": "2222222222222222", "place": c.buildings[0]}, refs: map[string]string{"subject": "residents"}},
		"device-desire":  {body: object{"settings": object{"volume": 3}}, on: "last"},
		"device-command": {body: object{"command": "self-test"}, on: "last"},
		"device-import":  {raw: []byte("类型,序列号,地点编码\nsmoke,PROBE-2," + string(c.buildings[0]) + "\n"), kind: "text/csv"},

		"cost-put": {body: object{"month": "2026-01", "kind": "staff", "fen": 100, "residents": 1000, "cpi": 10000}},
	}
}

// prefix is how the ids of a kind begin.
var prefix = map[string]string{"orders": "ord", "demands": "dem", "residents": "res", "households": "hh", "workers": "wrk", "organizations": "org", "facilities": "fac",
	"bookings": "bkg", "callbacks": "ord", "corrections": "cor", "resident-imports": "imp", "members": "mem", "contacts": "ctc", "proxies": "prx", "absences": "abs",
	"certificates": "crt", "visit-series": "ser", "evidence": "evd", "users": "usr", "devices": "dev"}

// fixed are the path parameters that name no row of a place, an organization or a
// person, and a good value of each. Whoever holds the permission reaches them all.
func (p *planted) fixed() map[string]string {
	return map[string]string{"categories": "home-care", "items": "homemaking", "specs": "cleaning", "slas": "P3", "prices": "hourly", "words": "none", "sops": "homemaking",
		"kpis": "nps", "users": string(p.roles["viewer"].ID), "purposes": "service", "dispatch-drafts": p.draft, "road-closures": "none"}
}

// param is one {name} of a path with the segment before it.
type param struct{ name, after string }

func params(path string) (out []param) {
	parts := strings.Split(path, "/")
	for i, s := range parts {
		if strings.HasPrefix(s, "{") {
			out = append(out, param{s, parts[i-1]})
		}
	}
	return out
}

// kindOf tells what the first parameter of a path names: a planted kind, or "".
func (p *planted) kindOf(route web.Route) string {
	ps := params(route.Path)
	if len(ps) == 0 {
		return ""
	}
	kind := ps[0].after
	switch {
	case kind == "dispatches":
		return "orders"
	case strings.HasPrefix(route.Path, "/api/v1/my/"):
		return "" // one's own
	case p.fixed()[kind] != "":
		return ""
	}
	return kind
}

// path fills the parameters of a route with a planted thing; nil takes the fixed values.
func (p *planted) path(route web.Route, x *plant) string {
	p.t.Helper()
	path := route.Path
	for i, q := range params(route.Path) {
		value := ""
		switch {
		case x != nil && i == 0:
			value = x.id
		case x != nil:
			value = cmp.Or(x.under[q.after], p.missing(q.after))
		case strings.HasPrefix(path, "/api/v1/my/"):
			value = p.of("workers", north)[0].under[q.after]
		default:
			value = p.fixed()[q.after]
		}
		if value == "" {
			p.t.Fatalf("the generator does not know %s of route %s: teach it in calls_test.go", q.name, route.ID)
		}
		path = strings.Replace(path, q.name, value, 1)
	}
	return path
}

// missing is a well-formed id of something that does not exist.
func (p *planted) missing(kind string) string {
	switch kind {
	case "steps":
		return "99"
	case "photos":
		return strings.Repeat("0", 64)
	case "consents":
		return "sensing"
	}
	pre := prefix[kind]
	if pre == "" {
		p.t.Fatalf("the generator does not know how ids of %s look: teach it in calls_test.go", kind)
	}
	return linli.NewID(pre, p.hub.clock.now())
}

// pick chooses the planted thing a route is tried on.
func (p *planted) pick(kind, on string, side linli.Place) *plant {
	p.t.Helper()
	all := p.of(kind, side)
	if len(all) == 0 {
		p.t.Fatalf("nothing of kind %s is planted in %s: teach the generator in planted_test.go", kind, side)
	}
	switch on {
	case "last":
		return all[len(all)-1]
	case "second":
		return all[1]
	case "running", "fresh":
		mark := map[string]string{"running": "evidence", "fresh": "fresh"}[on]
		return all[slices.IndexFunc(all, func(x *plant) bool { return x.under[mark] != "" })]
	}
	return all[0]
}

// request makes the call of a writing route for the thing in its path, without a
// cookie yet.
func (p *planted) request(route web.Route, w write, path string) request {
	r := request{method: route.Method, path: path, header: map[string]string{}}
	switch {
	case w.raw != nil:
		r.body, r.header["Content-Type"] = w.raw, w.kind
		if q := map[string]string{"resident-import": "?filename=a.csv&place=" + string(north), "demand-import": "?system=12345&place=" + string(north)}[route.ID]; q != "" {
			r.path += q
		}
	case w.body != nil:
		r.body, r.header["Content-Type"] = encode(w.body), "application/json"
	}
	if w.rev != "" {
		r.header["If-Match"] = w.rev
	}
	if route.Creates {
		r.header["Idempotency-Key"] = newKey()
	}
	return r
}

// holders are the people of the roles that hold a permission, in a fixed order.
func (p *planted) holders(may auth.Permission) (out []*person) {
	for _, role := range p.roleNames() {
		if may == auth.SignedIn || may == auth.Public || auth.Rules.Grants(role, may) {
			out = append(out, p.roles[role])
		}
	}
	return out
}

func (p *planted) roleNames() (out []auth.Role) {
	for role := range p.roles {
		out = append(out, role)
	}
	slices.Sort(out)
	return out
}

func (p *person) role() auth.Role { return p.Grants[0].Role }

func describe(r web.Route) string { return fmt.Sprintf("%s (%s %s)", r.ID, r.Method, r.Path) }
