package flow_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/web"
)

// Every route, asked by every role: nobody gets in without the permission, nobody
// sees a row outside their reach or a field above their data class, and what lies
// elsewhere answers as if it did not exist. The routes come from the hub itself: a
// new one is tried without being named here, or the test says what it needs to know.
func TestThePolicyHoldsForEveryRouteAndRole(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		p := plantAll(h.open(t, newClock(monday)))
		p.permissions(t)
		p.reads(t)
		p.foreign(t)
		p.reveals(t)
		p.replays(t)
	})
}

// needsWorker are routes that refuse, beside those without the permission, accounts
// that belong to no worker.
var needsWorker = []string{"order-mine", "dispatch-claim"}

// permissions asks every route as nobody and as every role, for something that does not exist.
func (p *planted) permissions(t *testing.T) {
	everybody := append([]*person{p.hub.nobody()}, p.holders(auth.SignedIn)...)
	for _, route := range p.hub.app.Routes() {
		if route.ID == "session-close" {
			continue // would sign the roles out; done below
		}
		path := route.Path
		for _, q := range params(path) {
			path = strings.Replace(path, q.name, "none", 1)
		}
		for _, who := range everybody {
			status := who.status(route.Method, path)
			signedIn := who.ID != ""
			may := route.May == auth.Public || signedIn && (route.May == auth.SignedIn || auth.Rules.Grants(who.role(), route.May))
			switch {
			case !signedIn && !may && status != http.StatusUnauthorized:
				t.Errorf("%s without a session: %d, want 401", describe(route), status)
			case signedIn && !may && status != http.StatusForbidden:
				t.Errorf("%s as %s, who lacks %s: %d, want 403", describe(route), who.role(), route.May, status)
			case may && (status == http.StatusUnauthorized && route.ID != "session-open" && route.ID != "setup" ||
				status == http.StatusForbidden && !slices.Contains(needsWorker, route.ID) || status >= 500):
				t.Errorf("%s as %s, who holds %s: %d", describe(route), who.Login, route.May, status)
			}
		}
	}
	leaving := *p.roles["viewer"]
	leaving.signIn()
	leaving.do("DELETE", "/api/v1/session", nil).want(t, http.StatusOK)
	leaving.do("GET", "/api/v1/me", nil).want(t, http.StatusUnauthorized)
	p.hub.nobody().do("DELETE", "/api/v1/session", nil).want(t, http.StatusUnauthorized)
}

// status asks and looks at the status only; the live stream has no end to read to.
func (p *person) status(method, path string) int {
	p.hub.t.Helper()
	req, err := http.NewRequestWithContext(p.hub.t.Context(), method, p.hub.base+path, nil)
	if err != nil {
		p.hub.t.Fatal(err)
	}
	if p.Cookie != "" {
		req.Header.Set("Cookie", p.Cookie)
	}
	res, err := client.Do(req)
	if err != nil {
		p.hub.t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// lists are the lists of a noun: whoever holds their permission finds every row
// within reach in one of their pages.
var lists = map[string]string{"order-list": "orders", "demand-list": "demands", "resident-list": "residents", "household-list": "households", "worker-list": "workers",
	"organization-list": "organizations", "facility-list": "facilities", "booking-list": "bookings", "rating-list": "ratings", "callback-list": "callbacks",
	"demand-corrections": "corrections", "visit-series-list": "visit-series", "resident-import-list": "resident-imports",
	"device-list": "devices"}

// open are routes whose answers name things beyond the asker's rows by design.
var open = map[string]string{
	"audit-list":   "the trail is whole or it is no trail; it holds no texts of people",
	"user-list":    "accounts are managed by name",
	"demo-roles":   "the door of the demo, on loopback only",
	"dispatch-why": "judges every worker of the hub, the others by id only",
	"candidates":   "as above",
}

// reads asks every reading route in every way it can be asked, as every role that may.
func (p *planted) reads(t *testing.T) {
	queries := p.queries(t)
	seen, full := map[string]bool{}, map[string]bool{}
	for _, route := range p.hub.app.Routes() {
		if route.Method != "GET" || route.ID == "live" {
			continue
		}
		for _, who := range p.holders(route.May) {
			kind := p.kindOf(route)
			if kind == "" {
				for _, q := range queries[route.ID] {
					a := who.do("GET", p.path(route, nil)+q, nil)
					if a.status >= 500 || a.status == http.StatusForbidden && !slices.Contains(needsWorker, route.ID) && route.ID != "kpi-rows" {
						t.Errorf("%s: %d\n%.300s", a.call, a.status, a.raw)
					}
					p.look(t, route, who, a, seen, full)
				}
				if noun := lists[route.ID]; noun != "" {
					for _, x := range p.plants {
						if x.kind == noun && (x.row.public || who.reaches(route.May, x.row)) && !seen[route.ID+string(who.role())+x.id] {
							t.Errorf("%s as %s does not list %s of the asker's own reach", describe(route), who.role(), x.id)
						}
					}
				}
				continue
			}
			for _, x := range p.plants {
				if x.kind != kind {
					continue
				}
				a := who.do("GET", p.path(route, x), nil)
				within := x.row.public || who.reaches(route.May, x.row)
				if !within && route.Answer != nil && a.status != http.StatusNotFound {
					t.Errorf("%s, a row outside the asker's reach: %d", a.call, a.status)
				}
				part := len(params(route.Path)) > 1 // a picture, which may be missing or above the asker's class
				if within && !part && a.status != http.StatusOK {
					t.Errorf("%s, a row within the asker's reach: %d\n%.300s", a.call, a.status, a.raw)
				}
				if part && a.status == http.StatusOK && !(within && who.sight(auth.D1, x.row, false) == auth.Full) {
					t.Errorf("%s shows a picture to somebody who may not see the case in full", a.call)
				}
				p.look(t, route, who, a, seen, full)
			}
		}
	}
	if len(full) < 40 {
		t.Errorf("only %d classed fields were ever seen in full by somebody entitled; the planting is too thin", len(full))
	}
}

var idForm = regexp.MustCompile(`\b[a-z]{2,4}_[0-9A-HJKMNP-TV-Z]{26}\b`)

// refForm are reasons that point at another candidate by id; staffForm is who acted.
var (
	refForm   = regexp.MustCompile(`"ref":"[^"]*"`)
	staffForm = regexp.MustCompile(`"(who|by|name)":"[^"]*"`)
)

// look searches a good answer for ids and texts the asker has no right to, and
// compares its classed fields with the matrix.
func (p *planted) look(t *testing.T, route web.Route, who *person, a answer, seen, full map[string]bool) {
	t.Helper()
	if a.status != http.StatusOK {
		return
	}
	text := refForm.ReplaceAllString(string(a.raw), "")
	allowed, hidden := p.allowance(who, route)
	for _, id := range idForm.FindAllString(text, -1) {
		seen[route.ID+string(who.role())+id] = true
		known, pass := p.known(id), strings.HasPrefix(id, "usr_") || strings.HasPrefix(id, "aud_") || strings.HasPrefix(id, "wrd_")
		switch {
		case pass || allowed[id] || open[route.ID] != "":
		case !known:
			t.Errorf("%s tells of %s, which the generator does not know: plant it in planted_test.go", a.call, id)
		default:
			t.Errorf("%s tells of %s, a row outside the asker's reach", a.call, id)
		}
	}
	for _, x := range p.plants { // a place is its own id
		if x.kind == "place" && strings.Contains(text, `"`+x.id+`"`) {
			seen[route.ID+string(who.role())+x.id] = true
		}
	}
	if open[route.ID] != "" {
		text = staffForm.ReplaceAllString(text, "")
	}
	for word, class := range hidden {
		place := strings.HasPrefix(word, string(street))
		if place {
			word = `"` + word + `"` // not as the beginning of a longer one
		}
		if strings.Contains(text, word) && !(place && route.ID == "audit-list") {
			t.Errorf("%s shows %s (%s): …%s…", a.call, word, class, around(text, word))
		}
	}
	if route.Answer == nil {
		return
	}
	var body any
	if err := json.Unmarshal(a.raw, &body); err != nil {
		t.Errorf("%s: %v", a.call, err)
		return
	}
	if f, ok := route.Answer.FieldByName("Body"); ok {
		p.walk(t, a.call, who, f.Type, body, row{}, route.Reveal, full)
	}
}

func around(text, word string) string {
	i := strings.Index(text, word)
	return text[max(0, i-80):min(len(text), i+len(word)+20)]
}

func (p *planted) known(id string) bool {
	return slices.ContainsFunc(p.plants, func(x *plant) bool { return x.id == id || slices.Contains(x.names, id) })
}

// allowance computes which ids somebody may see under a route's permission, and
// which texts not.
func (p *planted) allowance(who *person, route web.Route) (allowed map[string]bool, hidden map[string]auth.Class) {
	allowed = map[string]bool{string(who.Worker): true, string(who.Resident): true}
	for _, w := range who.Wards {
		allowed[string(w)] = true
	}
	for _, g := range who.Grants {
		allowed[string(g.Org)] = true
	}
	hidden = map[string]auth.Class{}
	shown := map[string]bool{who.Name: true}
	for _, x := range p.plants {
		within := x.row.public && auth.Rules.Grants(who.role(), route.May) || who.reaches(route.May, x.row)
		if within {
			allowed[x.id] = true
			for _, n := range x.names {
				allowed[n] = true
			}
		}
		for word, class := range x.words {
			if within && who.sight(class, x.row, route.Reveal) == auth.Full {
				shown[word] = true
			} else if hidden[word] == "" {
				hidden[word] = class
			}
		}
	}
	for word := range shown {
		delete(hidden, word)
	}
	return allowed, hidden
}

// reaches tells, from the policy's text alone, whether a permission takes somebody to a row.
func (p *person) reaches(may auth.Permission, r row) bool {
	return slices.ContainsFunc(p.Grants, func(g auth.Grant) bool { return auth.Rules.Grants(g.Role, may) && p.near(g, r) })
}

func (p *person) near(g auth.Grant, r row) bool {
	switch auth.Rules.Roles[g.Role].Reach {
	case auth.ReachPlace:
		return strings.HasPrefix(string(r.place), string(g.Place))
	case auth.ReachOrg:
		return r.org != "" && r.org == string(g.Org)
	case auth.ReachOwn:
		return slices.Contains(r.workers, p.Worker) || p.ownRow(r)
	}
	return false
}

func (p *person) ownRow(r row) bool {
	return slices.ContainsFunc(r.residents, func(x linli.ResidentID) bool { return x == p.Resident && x != "" || slices.Contains(p.Wards, x) })
}

// sight reads the matrix: how much of a class somebody sees of a row.
func (p *person) sight(class auth.Class, r row, reveal bool) auth.Sight {
	if class == auth.D0 || p.ownRow(r) {
		return auth.Full
	}
	best := auth.None
	for _, g := range p.Grants {
		if !p.near(g, r) {
			continue
		}
		rule := auth.Rules.Roles[g.Role]
		place := rule.Reach == auth.ReachPlace
		switch auth.Rules.Classes[rule.Actor][class] {
		case "f":
			best = auth.Full
		case "o":
			if !place || r.isCase || slices.Contains(r.workers, p.Worker) {
				best = auth.Full
			} else if best == auth.None && class != auth.D3 && class != auth.D6 {
				best = auth.Masked
			}
		case "m":
			if best == auth.None {
				best = auth.Masked
			}
		}
	}
	if class == auth.D3 && !reveal {
		return auth.None
	}
	return best
}

var subject = reflect.TypeFor[auth.Subject]()

// walk follows an answer and its Go type side by side; a classed field must show no
// more than the matrix gives the asker of the row it belongs to.
func (p *planted) walk(t *testing.T, call string, who *person, typ reflect.Type, v any, at row, reveal bool, full map[string]bool) {
	t.Helper()
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			p.walk(t, call, who, typ.Elem(), e, at, reveal, full)
		}
	case map[string]any:
		if typ.Kind() == reflect.Map {
			for _, e := range v {
				p.walk(t, call, who, typ.Elem(), e, at, reveal, full)
			}
			return
		}
		if typ.Kind() != reflect.Struct {
			return
		}
		if typ.Implements(subject) || reflect.PointerTo(typ).Implements(subject) {
			x := p.belongs(v)
			if x == nil {
				t.Errorf("%s: nobody knows to whom this %s belongs: %.300s", call, typ, encode(v))
				return
			}
			at = x.row
		}
		for i := range typ.NumField() {
			f := typ.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.Anonymous && name == "" {
				p.walk(t, call, who, f.Type, v, at, reveal, full)
				continue
			}
			value, present := v[name]
			if !f.IsExported() || !present {
				continue
			}
			class := auth.Class(f.Tag.Get("class"))
			if class == "" {
				p.walk(t, call, who, f.Type, value, at, reveal, full)
				continue
			}
			where := fmt.Sprintf("%s.%s", typ, f.Name)
			switch sight := who.sight(class, at, reveal); {
			case empty(value):
			case sight == auth.Full:
				full[where] = true
				p.walk(t, call, who, f.Type, value, at, reveal, full)
			case sight == auth.Masked && masked(value, f.Tag.Get("mask")):
			default:
				t.Errorf("%s: %s is %s and shows %.200s to somebody whose sight is %c", call, where, class, encode(value), sight)
			}
		}
	}
}

// belongs finds the planted thing an answer speaks of.
func (p *planted) belongs(v map[string]any) *plant {
	for _, key := range []string{"id", "order_id", "order", "demand", "worker", "resident", "org", "place"} {
		id, _ := v[key].(string)
		if i := slices.IndexFunc(p.plants, func(x *plant) bool { return x.id == id }); i >= 0 {
			return p.plants[i]
		}
	}
	return nil
}

func empty(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			if !empty(e) {
				return false
			}
		}
		return true
	case []any:
		return len(v) == 0
	}
	return v == nil || v == "" || v == 0.0 || v == false
}

// masked tells whether a value looks as its mask makes it.
func masked(v any, how string) bool {
	s, ok := v.(string)
	if how == "door" {
		return ok && linli.Place(s).Depth() <= linli.DepthBuilding
	}
	return ok && how != "" && strings.Contains(s, "*")
}

// queries are the ways in which the reading routes can be asked: every parameter
// with values that try to reach the south, and every state there is.
func (p *planted) queries(t *testing.T) map[string][]string {
	t.Helper()
	var api struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Parameters  []struct {
				Name, In string
				Schema   struct {
					Enum  []string
					Items struct{ Enum []string }
				}
			}
		}
	}
	p.hub.nobody().do("GET", "/api/openapi.json", nil).want(t, http.StatusOK).into(t, &api)
	s := p.community[south]
	r := s.residents[0]
	foreign := map[string][]string{
		"place": {string(south), string(r.Place), string(street), string(p.community[north].residents[0].Place)}, "within": {string(south), string(north)}, "parent": {string(south), string(r.Place.Parent())},
		"resident": {string(r.ID)}, "worker": {string(s.workers[0].ID)}, "org": {s.org}, "order": {p.of("orders", south)[0].id}, "demand": {p.of("demands", south)[0].id},
		"facility": {s.court}, "q": {r.Name, r.Phone[7:], s.workers[0].Name, "苑", "北"}, "group": {"empty-nest", "low-income"}, "reason": {"核对低保名单"},
		"date": {"2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"}, "day": {"2026-03-03", "2026-03-04"}, "days": {"7"}, "within_days": {"400"}, "depth": {"5", "6"},
		"from": {monday.AddDate(0, 0, -30).Format(time.RFC3339)}, "to": {monday.AddDate(0, 0, 30).Format(time.RFC3339)}, "due_before": {monday.AddDate(1, 0, 0).Format(time.RFC3339)},
		"item": {"visiting"}, "spec": {"visit-care"}, "skill": {"cleaner"}, "kind": {"pro-provider"}, "sop": {"short"}, "subject": {string(r.ID)}, "user": {string(p.duty.ID)}, "act": {"resident.create"}, "class": {"D3"},
		"source": {"resident"}, "attention": {"true"}, "near": {"true"}, "breached": {"true"}, "max_stars": {"5"}, "trouble": {"refused"}, "age_min": {"60"}, "res": {"8"}, "limit": {"200"}, "cursor": {""},
	}
	out := map[string][]string{}
	add := func(id string, pairs ...string) {
		q := url.Values{}
		for i := 0; i+1 < len(pairs); i += 2 {
			q.Add(pairs[i], pairs[i+1])
		}
		if id == "place-get" && q.Get("place") == "" {
			q.Set("place", string(north))
		}
		out[id] = append(out[id], "?"+q.Encode())
	}
	for _, methods := range api.Paths {
		op, ok := methods["get"]
		if !ok {
			continue
		}
		id := op.OperationID
		wide := []string{}
		for _, q := range op.Parameters {
			if q.In == "query" && q.Name == "limit" {
				wide = []string{"limit", "200"}
			}
		}
		add(id, wide...)
		for _, q := range op.Parameters {
			if q.In != "query" || q.Name == "limit" {
				continue
			}
			values := slices.Concat(foreign[q.Name], q.Schema.Enum, q.Schema.Items.Enum)
			if id == "demand-list" && q.Name == "state" {
				values = []string{"queued,ordered,merged,closed,referred,hint,ready,new,withdrawn"}
			}
			if len(values) == 0 {
				t.Fatalf("the generator has no value for %s of %s: teach it in policy_test.go", q.Name, id)
			}
			for _, v := range values {
				extra := append(slices.Clone(wide), q.Name, v)
				if q.Name == "group" {
					extra = append(extra, "reason", "核对名单给老人送补贴")
				}
				add(id, extra...)
			}
			if len(q.Schema.Items.Enum) > 0 {
				all := slices.Clone(wide)
				for _, v := range q.Schema.Items.Enum {
					all = append(all, q.Name, v)
				}
				add(id, all...)
			}
		}
	}
	for _, route := range p.hub.app.Routes() { // what the description does not hold: pictures, the map
		if route.Method == "GET" && len(out[route.ID]) == 0 {
			add(route.ID)
			if strings.HasPrefix(route.ID, "map-") {
				add(route.ID, "place", string(south))
			}
		}
	}
	return out
}

// foreign tries every writing and reading route on things of the south, named in the
// path or in the body, as every role that holds the permission at home in the north:
// the answer is that of a missing thing, and nothing changes.
func (p *planted) foreign(t *testing.T) {
	writes := p.writes()
	e := p.hub.tables()
	before := digest(t, e)
	for _, route := range p.hub.app.Routes() {
		if route.Method == "GET" {
			continue // reads has done them
		}
		w, ok := writes[route.ID]
		if !ok {
			t.Errorf("the generator knows no good request of %s: add it to writes in calls_test.go", describe(route))
			continue
		}
		kind := p.kindOf(route)
		for _, who := range p.holders(route.May) {
			if kind != "" {
				theirs := p.pick(kind, w.on, south)
				gone := &plant{kind: kind, id: p.missing(kind), under: theirs.under}
				p.same(t, route, w, who, p.path(route, theirs), p.path(route, gone))
				if rest := params(route.Path)[1:]; len(rest) == 1 && rest[0].after != "steps" && rest[0].after != "consents" {
					mine := p.pick(kind, w.on, north)
					odd, none := *mine, *mine
					odd.under, none.under = theirs.under, map[string]string{rest[0].after: p.missing(rest[0].after)}
					p.same(t, route, w, who, p.path(route, &odd), p.path(route, &none))
				}
			}
			for field, of := range w.refs {
				var mine *plant
				if kind != "" {
					mine = p.pick(kind, w.on, north)
				}
				theirs, none := w, w
				theirs.body, none.body = with(w.body, field, p.pick(of, "", south).id), with(w.body, field, p.missing(of))
				p.compare(t, who.send(p.request(route, theirs, p.path(route, mine))), who.send(p.request(route, none, p.path(route, mine))), "field "+field)
			}
		}
	}
	if after := digest(t, e); !slices.Equal(before, after) {
		t.Errorf("reaching for what lies elsewhere changed the tables: %v", differ(before, after))
	}
}

func with(o object, field string, value any) object {
	out := object{}
	for k, v := range o {
		out[k] = v
	}
	out[field] = value
	return out
}

func (p *planted) same(t *testing.T, route web.Route, w write, who *person, theirs, none string) {
	t.Helper()
	p.compare(t, who.send(p.request(route, w, theirs)), who.send(p.request(route, w, none)), "id in the path")
}

// compare wants two answers to differ in nothing but the ids they were asked with.
func (p *planted) compare(t *testing.T, theirs, none answer, what string) {
	t.Helper()
	var a, b problem
	if theirs.status < 400 || none.status < 400 || json.Unmarshal(theirs.raw, &a) != nil || json.Unmarshal(none.raw, &b) != nil {
		t.Errorf("%s (%s of another community): %d\n%.300s\nmissing: %d\n%.300s", theirs.call, what, theirs.status, theirs.raw, none.status, none.raw)
		return
	}
	a.RequestID, b.RequestID = "", ""
	for _, x := range []*problem{&a, &b} {
		x.MessageZh, x.MessageEn = idForm.ReplaceAllString(x.MessageZh, "ID"), idForm.ReplaceAllString(x.MessageEn, "ID")
	}
	if a != b {
		t.Errorf("%s (%s of another community) answers\n%+v\nwhile a missing one answers\n%+v", theirs.call, what, a, b)
	}
}

// reveals looks at sensitive data with a reason: those who handle the place see it,
// the look is in the trail, and without a reason nobody sees anything.
func (p *planted) reveals(t *testing.T) {
	mine, theirs := p.community[north].residents[0], p.community[south].residents[0]
	for _, who := range p.holders("resident.reveal") {
		for _, r := range []*resident{mine, theirs} {
			path := "/api/v1/residents/" + string(r.ID) + "/reveal"
			who.do("POST", path, object{"reason": ""}).want(t, http.StatusUnprocessableEntity, http.StatusNotFound)
			a := who.do("POST", path, object{"reason": "上门前核对健康情况"})
			if r == theirs {
				a.want(t, http.StatusNotFound)
				continue
			}
			a.want(t, http.StatusOK)
			if !strings.Contains(string(a.raw), r.IDNo) || !strings.Contains(string(a.raw), "心脏支架") {
				t.Errorf("%s gave a reason and sees %.500s", a.call, a.raw)
			}
			found := get[list[struct{ User, Act, Reason string }]](p.audit, "/api/v1/audit", "subject", string(r.ID), "user", string(who.ID), "class", "D3").Items
			if len(found) != 1 || found[0].Reason != "上门前核对健康情况" {
				t.Errorf("the look of %s is in the trail as %+v", who.Login, found)
			}
		}
	}
}

// replays sends good creating requests twice: the second answer is the first,
// neither more nor less is shown, and nothing is made twice.
func (p *planted) replays(t *testing.T) {
	writes := p.writes()
	e := p.hub.tables()
	for _, route := range p.hub.app.Routes() {
		if !route.Creates {
			continue
		}
		w, done := writes[route.ID], false
		for _, who := range p.holders(route.May) {
			var x *plant
			if kind := p.kindOf(route); kind != "" {
				x = p.pick(kind, w.on, north)
			}
			r := p.request(route, w, p.path(route, x))
			first := who.send(r)
			if first.status >= 400 {
				continue // not theirs to do, or done by the one before
			}
			done = true
			before := digest(t, e)
			again := who.send(r)
			if again.status != first.status || string(again.raw) != string(first.raw) || again.header.Get("ETag") != first.header.Get("ETag") {
				t.Errorf("%s answered\n%.600s\nand, asked again,\n%d %.600s", first.call, first.raw, again.status, again.raw)
			}
			if after := digest(t, e); !slices.Equal(before, after) {
				t.Errorf("%s, sent again, changed %v", first.call, differ(before, after))
			}
			break
		}
		if !done {
			t.Errorf("nobody could carry out %s: its request in calls_test.go is not good", describe(route))
		}
	}
}
