package flow_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"linli"
	"linli/app"
	"linli/auth"
	"linli/engine"
	"linli/web"
)

// Bad input of every kind, at every writing route of the API description and at the
// uploads: the answer is a complete problem and nothing is changed.
func TestBadInputIsAnsweredAndChangesNothing(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		p := plantAll(h.open(t, newClock(monday)))
		p.hub.settle()
		m := &menace{planted: p, api: describeAPI(t, p.hub), tables: p.hub.tables(), writes: p.writes()}
		before := digest(t, m.tables)
		for _, route := range p.hub.app.Routes() {
			if route.Method == "GET" && route.ID != "live" {
				m.questions(t, route)
			}
		}
		m.elsewhere(t)
		if after := digest(t, m.tables); !slices.Equal(before, after) {
			t.Errorf("asking what cannot be asked changed %v", differ(before, after))
		}
		for _, route := range p.hub.app.Routes() {
			if route.Method != "GET" && route.ID != "session-close" && route.ID != "demo-session" {
				m.bodies(t, route)
			}
		}
		m.keys(t)
	})
}

// menace knows how every route wants to be called, and calls it otherwise.
type menace struct {
	*planted
	api    api
	tables *engine.Engine
	writes map[string]write
}

// api is what the tests read of the API description.
type api struct {
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]schema }
}

type operation struct {
	OperationID string `json:"operationId"`
	RequestBody struct {
		Content map[string]struct{ Schema schema }
	} `json:"requestBody"`
	Parameters []struct {
		Name, In string
		Schema   schema
	}
}

type schema struct {
	Ref        string `json:"$ref"`
	Type       any
	Enum       []any
	Properties map[string]schema
	Required   []string
	Items      *schema
	MaxLength  *int
	MinLength  *int
	MaxItems   *int
	MinItems   *int
	Minimum    *float64
	Maximum    *float64
	Pattern    string
	Format     string
}

func describeAPI(t *testing.T, u *hub) (a api) {
	t.Helper()
	u.nobody().do("GET", "/api/openapi.json", nil).want(t, http.StatusOK).into(t, &a)
	return a
}

func (a api) of(route web.Route) operation {
	return a.Paths[route.Path][strings.ToLower(route.Method)]
}

func (a api) resolve(s schema) schema {
	for s.Ref != "" {
		s = a.Components.Schemas[s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]]
	}
	return s
}

// kind is the JSON type a schema asks for, "any" when it does not say.
func (s schema) kind() string {
	switch t := s.Type.(type) {
	case string:
		return t
	case []any:
		return t[0].(string)
	}
	return "any"
}

// bad is one wrong request. Strict ones break the description and must be refused;
// the others may be taken for what they are, but must do no harm.
type bad struct {
	what   string
	body   []byte
	header map[string]string
	path   string // instead of the good one
	strict bool
}

// somebody who may call the route; those who may most come first.
func (m *menace) somebody(route web.Route) *person {
	holders := m.holders(route.May)
	for _, role := range []auth.Role{"duty-officer", "data-steward", "dispatcher", "platform-admin", "security-admin", "finance", "provider-worker"} {
		if i := slices.IndexFunc(holders, func(p *person) bool { return p.role() == role }); i >= 0 {
			return holders[i]
		}
	}
	return holders[0]
}

// bodies tries everything on a writing route.
func (m *menace) bodies(t *testing.T, route web.Route) {
	w := m.writes[route.ID]
	var x *plant
	if kind := m.kindOf(route); kind != "" {
		x = m.pick(kind, w.on, north)
	}
	who, good := m.somebody(route), m.request(route, w, m.path(route, x))
	var strict, sly []bad
	for _, b := range slices.Concat(m.shapes(route, w), m.headers(route, w), m.paths(route, x, w)) {
		if b.strict {
			strict = append(strict, b)
		} else {
			sly = append(sly, b)
		}
	}
	try := func(b bad) answer {
		r := good
		r.header = maps.Clone(good.header)
		if route.Creates {
			r.header["Idempotency-Key"] = newKey()
		}
		maps.Copy(r.header, b.header)
		if b.body != nil {
			r.body = b.body
		}
		if b.path != "" {
			r.path = b.path
		}
		a := m.ask(t, who, r)
		a.call = b.what + ": " + a.call
		if a.status >= 400 || b.strict {
			m.complete(t, a)
		}
		return a
	}
	// What was taken is taken. What was refused is refused again, and changes nothing.
	refused := slices.DeleteFunc(sly, func(b bad) bool { return try(b).status < 400 })
	before := digest(t, m.tables)
	for _, b := range slices.Concat(strict, refused) {
		if a := try(b); a.status < 400 {
			t.Errorf("%s: %d\n%.300s", a.call, a.status, a.raw)
		}
	}
	if after := digest(t, m.tables); !slices.Equal(before, after) {
		t.Errorf("what %s refuses changed %v", describe(route), differ(before, after))
	}
}

// ask sends a request; a server that cuts off a body too large may be too quick for the client.
func (m *menace) ask(t *testing.T, who *person, r request) answer {
	t.Helper()
	var err error
	for range 5 {
		var a answer
		if a, err = who.try(r); err == nil {
			return a
		}
	}
	t.Errorf("%s %s: %v", r.method, r.path, err)
	return answer{call: r.method + " " + r.path}
}

var kinds = []linli.Kind{linli.KindInvalid, linli.KindNotFound, linli.KindConflict, linli.KindForbidden, linli.KindUnauthenticated, linli.KindExhausted, linli.KindUnavailable}

// complete wants a problem with everything a clerk and an operator need, and never
// one that says the fault is ours.
func (m *menace) complete(t *testing.T, a answer) {
	t.Helper()
	var p problem
	if a.status < 400 || a.status >= 500 || json.Unmarshal(a.raw, &p) != nil {
		t.Errorf("%s: %d\n%.300s", a.call, a.status, a.raw)
		return
	}
	if a.header.Get("Content-Type") != "application/problem+json" || p.Status != a.status || !slices.Contains(kinds, p.Kind) || p.MessageZh == "" || p.MessageEn == "" ||
		p.Title == "" || p.Type == "" || p.RequestID == "" || p.RequestID != a.header.Get("X-Request-Id") {
		t.Errorf("%s: %d is no complete problem: %s %+v", a.call, a.status, a.header.Get("Content-Type"), p)
	}
}

const tenMB = 10 << 20

// shapes are wrong bodies.
func (m *menace) shapes(route web.Route, w write) (out []bad) {
	op := m.api.of(route)
	if w.raw != nil { // a file: garbage in every wrapping
		for what, body := range map[string][]byte{"nothing": {}, "noise": bytes.Repeat([]byte{0xff, 0x00, 0xd8}, 500), "10 MB": bytes.Repeat([]byte("不是这种文件\n"), tenMB/19),
			"half a picture": picture(3)[:40], "a zip without a sheet": []byte("PK\x03\x04 nothing"), "one quote": []byte(`"`), "NUL": []byte("姓名\x00,电话\n\x00,\x00\n"), "JSON": []byte(`{"a":[[[[]]]]}`)} {
			out = append(out, bad{what: what, body: body})
		}
		for _, kind := range []string{"", "text/plain", "multipart/form-data", "multipart/form-data; boundary=x", "application/json", "image/jpeg"} {
			out = append(out, bad{what: "content type " + kind, body: []byte("x"), header: map[string]string{"Content-Type": kind}})
		}
		return out
	}
	content, ok := op.RequestBody.Content["application/json"]
	if !ok {
		return []bad{{what: "10 MB nobody asked for", body: bytes.Repeat([]byte("x"), tenMB), strict: true}}
	}
	strict := func(what string, body []byte) { out = append(out, bad{what: what, body: body, strict: true}) }
	for what, body := range map[string]string{"half": `{"a":`, "a word": `maybe`, "a list": `[]`, "a text": `"x"`, "a number": `7`, "two values": `{}{}`, "an unknown field": `{"nobody_knows_this":1}`,
		"raw NUL": "{\"note\":\"a\x00b\"}", "escaped NUL": `{"note":"a\u0000b"}`, "not UTF-8": "{\"note\":\"\xff\xfe\"}", "deep lists": strings.Repeat("[", 100_000), "deep objects": strings.Repeat(`{"a":`, 50_000),
		"XML": `<a/>`} {
		strict(what, []byte(body))
	}
	strict("10 MB", append(append([]byte(`{"note":"`), bytes.Repeat([]byte("长"), tenMB/3)...), `"}`...))
	for _, kind := range []string{"text/plain", "application/xml", "multipart/form-data; boundary=x"} {
		out = append(out, bad{what: "content type " + kind, body: encode(w.body), header: map[string]string{"Content-Type": kind}})
	}
	example := encode(w.body)
	m.fields(m.api.resolve(content.Schema), nil, func(path []string, s schema, required bool) {
		name := strings.Join(path, ".")
		if required {
			strict(name+" left out", change(example, path, nil, true))
		}
		for _, v := range wrong(s) {
			strict(fmt.Sprintf("%s = %.40s", name, encode(v)), change(example, path, v, false))
		}
		for _, v := range hostile(s) {
			out = append(out, bad{what: fmt.Sprintf("%s = %.40s", name, encode(v)), body: change(example, path, v, false)})
		}
	})
	return out
}

// fields visits every field of a schema, three deep.
func (m *menace) fields(s schema, at []string, visit func(path []string, s schema, required bool)) {
	if len(at) > 3 {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		f, path := m.api.resolve(s.Properties[name]), append(slices.Clone(at), name)
		visit(path, f, slices.Contains(s.Required, name))
		if f.Items != nil {
			item := m.api.resolve(*f.Items)
			visit(append(slices.Clone(path), "0"), item, false)
			m.fields(item, append(path, "0"), visit)
		}
		m.fields(f, path, visit)
	}
}

// change puts a value into a copy of a JSON text, or takes it out; what is missing
// on the way is made.
func change(text []byte, path []string, v any, drop bool) []byte {
	var root any
	if err := json.Unmarshal(text, &root); err != nil || root == nil {
		root = map[string]any{}
	}
	var into func(at any, path []string) any
	into = func(at any, path []string) any {
		if len(path) == 0 {
			return v
		}
		if path[0] == "0" {
			list, _ := at.([]any)
			if len(list) == 0 {
				list = []any{nil}
			}
			list[0] = into(list[0], path[1:])
			return list
		}
		o, ok := at.(map[string]any)
		if !ok {
			o = map[string]any{}
		}
		if drop && len(path) == 1 {
			delete(o, path[0])
		} else {
			o[path[0]] = into(o[path[0]], path[1:])
		}
		return o
	}
	return encode(into(root, path))
}

type number string // written as it stands

// MarshalJSON writes a number that no Go type holds.
func (n number) MarshalJSON() ([]byte, error) { return []byte(n), nil }

// wrong are values that break a schema.
func wrong(s schema) (out []any) {
	switch s.kind() {
	case "string":
		out = []any{12345, []any{"x"}}
		if s.MaxLength != nil {
			out = append(out, strings.Repeat("长", *s.MaxLength+1))
		}
		if s.MinLength != nil && *s.MinLength > 0 {
			out = append(out, "")
		}
		if s.Pattern != "" {
			out = append(out, "不合格式")
		}
		if s.Format == "date-time" {
			out = append(out, "yesterday", "2026-02-30T00:00:00Z", "2026-03-02", "")
		}
	case "integer":
		out = []any{"7", 1.5, []any{1}, number("1e400"), number("9223372036854775808")}
	case "number":
		out = []any{"7", object{}}
	case "boolean":
		out = []any{"yes", 1}
	case "array":
		out = []any{"x", 7, object{}}
		if s.MaxItems != nil {
			out = append(out, make([]any, *s.MaxItems+1))
		}
		if s.MinItems != nil && *s.MinItems > 0 {
			out = append(out, []any{})
		}
	case "object":
		out = []any{"x", 7, []any{1}}
	}
	if s.kind() == "integer" || s.kind() == "number" {
		if s.Minimum != nil {
			out = append(out, *s.Minimum-1)
		}
		if s.Maximum != nil {
			out = append(out, *s.Maximum+1)
		}
	}
	if len(s.Enum) > 0 && s.kind() == "string" {
		out = append(out, "none-of-these")
	}
	return out
}

// hostile are values that fit a schema and mean harm.
func hostile(s schema) (out []any) {
	switch s.kind() {
	case "string":
		out = []any{"'; DROP TABLE order_order; -- 😀 \u202e %s {{x}} <script> ../../../etc/passwd", strings.Repeat("长", 300_000)}
		if s.Format == "date-time" {
			out = []any{"0001-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-03-02T09:00:00+23:59"}
		}
	case "integer":
		out = []any{number("9223372036854775807"), number("-9223372036854775808")}
	case "number":
		out = []any{number("1e308"), number("5e-324"), -181}
	case "array":
		out = []any{make([]any, 3000), []any{}, nil}
	case "object":
		out = []any{object{}, nil}
	case "any":
		out = []any{deep(5000), deep(9000), "x", 7, nil, number("1e308"), object{"type": "Polygon", "coordinates": deep(3000)}, object{"type": "Polygon", "coordinates": [][][]float64{{{1e308, 1}, {2, 2}, {3, 3}, {1e308, 1}}}}}
	}
	return out
}

// deep is a list in a list in a list …
func deep(n int) any { return json.RawMessage(strings.Repeat("[", n) + strings.Repeat("]", n)) }

// headers are wrong headers around a good body.
func (m *menace) headers(route web.Route, w write) (out []bad) {
	add := func(what string, strict bool, pairs ...string) {
		h := map[string]string{}
		for i := 0; i+1 < len(pairs); i += 2 {
			h[pairs[i]] = pairs[i+1]
		}
		out = append(out, bad{what: what, header: h, strict: strict})
	}
	add("from another site", true, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site")
	if route.May != auth.Public {
		add("without a session", true, "Cookie", "")
		add("with a garbage session", true, "Cookie", web.CookieName+"=nobody")
		add("with a huge session", true, "Cookie", web.CookieName+"="+strings.Repeat("x", 8000))
		add("with a session that is not ASCII", true, "Cookie", web.CookieName+"=\xff\xfe会话")
	}
	if route.Creates {
		add("without a key", true, "Idempotency-Key", "")
		add("with a short key", true, "Idempotency-Key", "short")
		add("with a long key", true, "Idempotency-Key", strings.Repeat("k", 201))
		add("with a key that is not UTF-8", true, "Idempotency-Key", "\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\xf7")
	}
	if w.rev != "" {
		add("without a revision", true, "If-Match", "")
		for _, rev := range []string{"*", "7", `"x"`, `"-1"`, `"99999999999999999999"`, `W/"x"`, `"4611686018427387904"`, "\xff\xff"} {
			add("with revision "+rev, true, "If-Match", rev)
		}
	}
	return out
}

// paths are wrong ids in the path.
func (m *menace) paths(route web.Route, x *plant, w write) (out []bad) {
	ps := params(route.Path)
	if len(ps) == 0 {
		return nil
	}
	q := ""
	if _, query, ok := strings.Cut(m.request(route, w, "").path, "?"); ok {
		q = "?" + query
	}
	for _, v := range []string{"none", "%00", "a%00b", "%ff%fe", "%27%20OR%201%3D1%20--", strings.Repeat("x", 3000), "%E9%95%BF", "ord_ZZZZZZZZZZZZZZZZZZZZZZZZZZ", "-1", "0", "9223372036854775808"} {
		for i := range ps {
			path := route.Path
			for j, p := range ps {
				value := v
				if j != i {
					value = "none"
					if j == 0 && x != nil {
						value = x.id
					}
				}
				path = strings.Replace(path, p.name, value, 1)
			}
			out = append(out, bad{what: "path " + v[:min(len(v), 20)], path: path + q, strict: !strings.Contains(route.Path, "/my/") || v != "none"})
		}
	}
	return out
}

// questions asks a reading route what cannot be asked.
func (m *menace) questions(t *testing.T, route web.Route) {
	who, op := m.somebody(route), m.api.of(route)
	var x *plant
	if kind := m.kindOf(route); kind != "" {
		x = m.pick(kind, "", north)
	}
	path := m.path(route, x)
	ask := func(what, path string, strict bool) {
		a := m.ask(t, who, request{method: "GET", path: path})
		a.call = what + ": " + a.call
		if a.status >= 400 || strict {
			m.complete(t, a)
		}
	}
	asked := map[string]schema{"nobody_knows_this": {}}
	for _, q := range op.Parameters {
		if q.In == "query" {
			asked[q.Name] = m.api.resolve(q.Schema)
		}
	}
	if op.OperationID == "" { // not in the description: the map reads these by itself
		maps.Copy(asked, map[string]schema{"bbox": {Type: "string"}, "place": {Type: "string"}, "kind": {Type: "string"}})
	}
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		values := []string{"", "%00", "%ff", "%zz", "'", "-1"}
		switch s := asked[name]; {
		case s.kind() == "integer":
			values = append(values, "1e400", "9223372036854775808", "9223372036854775807", "0x10")
		case s.Format == "date-time":
			values = append(values, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-02-30")
		default:
			values = append(values, "%25", "%5C", "a%7Cb", "990001001%2F..", "1e308,1,2,3", strings.Repeat("%E9%95%BF", 2000))
		}
		for _, v := range values {
			ask(name, path+"?"+name+"="+v, v == "%00" || v == "%ff")
		}
	}
	for _, b := range m.paths(route, x, write{}) {
		ask(b.what, b.path, true)
	}
}

// elsewhere asks for what does not exist at all.
func (m *menace) elsewhere(t *testing.T) {
	for _, r := range []request{{method: "GET", path: "/api/v1/nothing"}, {method: "POST", path: "/api/v1/orders/x/y/z"}, {method: "PUT", path: "/api/v1/orders"}, {method: "DELETE", path: "/api/v1/me"},
		{method: "PATCH", path: "/api/v1/orders/none/accept"}, {method: "BREW", path: "/api/v1/me"}, {method: "GET", path: "/api/"}, {method: "GET", path: "/api/v1/%ff"}, {method: "GET", path: "/api/v1/%00"}} {
		for _, who := range []*person{m.hub.nobody(), m.roles["dispatcher"]} {
			m.complete(t, m.ask(t, who, r))
		}
	}
}

// keys uses an Idempotency-Key again for something else: another body, another
// route. The first answer stands and nothing is added.
func (m *menace) keys(t *testing.T) {
	var used request
	for _, route := range m.hub.app.Routes() {
		if !route.Creates {
			continue
		}
		w := m.writes[route.ID]
		var x *plant
		if kind := m.kindOf(route); kind != "" {
			x = m.pick(kind, w.on, north)
		}
		for _, who := range m.holders(route.May) {
			r := m.request(route, w, m.path(route, x))
			first := m.ask(t, who, r)
			if first.status >= 400 {
				continue
			}
			before := digest(t, m.tables)
			other := r
			other.body = append(slices.Clone(r.body), ' ') // not a byte may differ
			others := []request{other}
			if used.method != "" && used.path != r.path {
				elsewhere := used
				elsewhere.header = maps.Clone(used.header)
				elsewhere.header["Idempotency-Key"] = r.header["Idempotency-Key"]
				others = append(others, elsewhere)
			}
			for _, o := range others {
				a := m.ask(t, who, o)
				if o.path != r.path && a.status == http.StatusForbidden {
					continue // the other route is not theirs
				}
				m.complete(t, a)
				var p problem
				_ = json.Unmarshal(a.raw, &p)
				if p.Kind != linli.KindConflict || p.Field != "Idempotency-Key" {
					t.Errorf("%s with a used key: %+v", a.call, p)
				}
			}
			if after := digest(t, m.tables); !slices.Equal(before, after) {
				t.Errorf("%s with a used key changed %v", describe(route), differ(before, after))
			}
			used = r
			break
		}
	}
}

// Sessions end: by idleness, by being signed out, by being blocked; the links that
// set passwords work once; guessing is stopped. This is the hub as it is served,
// without the door of the demo.
func TestSessionsEndAndGuessingIsStopped(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		u := h.open(t, newClock(monday), func(o *app.Options) { o.Demo = false })
		u.nobody().do("POST", "/api/v1/demo/sessions", object{"user": "usr_1"}).want(t, http.StatusNotFound)
		const password = "correct horse battery staple"
		token := func(link string, err error) string {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			_, token, _ := strings.Cut(link, "#t=")
			return token
		}
		enter := func(login, token string) *person {
			t.Helper()
			a := u.nobody().do("POST", "/api/v1/setup", object{"token": token, "login": login, "name": login, "password": password}).want(t, http.StatusOK)
			u.nobody().do("POST", "/api/v1/setup", object{"token": token, "login": login, "name": login, "password": password}).want(t, http.StatusUnauthorized)
			return &person{hub: u, Login: login, Cookie: a.cookie()}
		}
		me := func(p *person, status int) {
			t.Helper()
			p.do("GET", "/api/v1/me", nil).want(t, status)
		}
		admin := enter("admin", token(u.app.SetupLink(t.Context())))
		clerk := enter("clerk", token(u.app.AddUser(t.Context(), auth.NewUser{Login: "clerk", Name: "办事员", Grants: []auth.Grant{{Role: "dispatcher", Place: north}}})))
		me(admin, http.StatusOK)
		me(clerk, http.StatusOK)

		// Idle for half an hour is out; who works stays in. A node may answer from memory
		// for two seconds; renewing somebody's link makes it forget.
		forget := func() { token(u.app.RenewUser(t.Context(), "late")) }
		late := token(u.app.AddUser(t.Context(), auth.NewUser{Login: "late", Name: "迟到的", Grants: []auth.Grant{{Role: "viewer"}}}))
		for range 4 {
			u.clock.pass(10 * time.Minute)
			forget()
			me(admin, http.StatusOK)
		}
		me(clerk, http.StatusUnauthorized)
		if a := u.nobody().do("POST", "/api/v1/session", object{"name": "clerk", "password": password}); true {
			clerk.Cookie = a.want(t, http.StatusOK).cookie()
		}
		me(clerk, http.StatusOK)
		clerk.do("DELETE", "/api/v1/session", nil).want(t, http.StatusOK)
		me(clerk, http.StatusUnauthorized)

		// Five wrong passwords lock the account, also for the right one, for a quarter of an hour.
		sign := func(word string) answer {
			return u.nobody().do("POST", "/api/v1/session", object{"name": "clerk", "password": word})
		}
		for range 5 {
			sign("wrong").want(t, http.StatusUnauthorized)
		}
		sign(password).want(t, http.StatusTooManyRequests)
		u.clock.pass(16 * time.Minute)
		clerk.Cookie = sign(password).want(t, http.StatusOK).cookie()

		// Blocked is out at once.
		var who struct{ User string }
		clerk.do("GET", "/api/v1/me", nil).want(t, http.StatusOK).into(t, &who)
		admin.Cookie = u.nobody().do("POST", "/api/v1/session", object{"name": "admin", "password": password}).want(t, http.StatusOK).cookie()
		admin.do("POST", "/api/v1/users/"+who.User+"/block", nil).want(t, http.StatusNoContent, http.StatusOK)
		me(clerk, http.StatusUnauthorized)
		sign(password).want(t, http.StatusUnauthorized)
		// A link that nobody opened ends after three days.
		late = token(u.app.RenewUser(t.Context(), "late"))
		u.clock.pass(73 * time.Hour)
		u.nobody().do("POST", "/api/v1/setup", object{"token": late, "password": password}).want(t, http.StatusUnauthorized)
	})
}
