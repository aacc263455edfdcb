package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/engine/db/dbtest"
)

// fixture is a hub with one slice: a list of things.
type fixture struct {
	t      *testing.T
	db     db.DB
	r      *Router
	tokens map[string]string
}

type thing struct {
	Place linli.Place `json:"place"`
	Name  string      `json:"name" class:"D1" mask:"name"`
	N     int         `json:"n"`
}

func (x thing) AuthRow() auth.Row { return auth.Row{Place: x.Place, Case: true} }

type newThing struct {
	Body struct {
		Name string    `json:"name" minLength:"1" maxLength:"5"`
		At   time.Time `json:"at,omitempty"`
		N    int       `json:"n" minimum:"0" maximum:"9"`
	}
}

func setup(t *testing.T, d db.DB) *fixture {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, linli.Shanghai) }
	ctx := t.Context()
	accounts, err := auth.NewAccounts(ctx, d, now, now)
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(ctx, d, accounts, now, slog.New(slog.DiscardHandler), "test")
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, db: d, r: r, tokens: map[string]string{}}
	for login, g := range map[string]auth.Grant{
		"dispatcher": {Role: "dispatcher", Place: "990001001"},
		"secretary":  {Role: "community-secretary", Place: "990001001001"},
		"viewer":     {Role: "viewer"},
	} {
		var u auth.User
		if err := d.Write(ctx, func(tx db.Tx) (err error) {
			u, err = accounts.Create(tx, auth.System, auth.NewUser{Login: login, Name: login, Grants: []auth.Grant{g}})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if f.tokens[login], err = accounts.OpenSession(ctx, u.ID, "test"); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(`CREATE TABLE thing (name TEXT NOT NULL)`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	Handle(r, Route{Method: "POST", Path: "/api/v1/things", ID: "thing-create", May: "order.create", Creates: true, Zh: "新建", En: "create", Tag: "thing"},
		func(ctx context.Context, in *newThing) (*Out[thing], error) {
			out := &Out[thing]{Body: thing{"990001001001/001", in.Body.Name, in.Body.N}}
			return out, d.Write(ctx, func(tx db.Tx) error {
				if _, err := tx.Exec(`INSERT INTO thing (name) VALUES ($1)`, in.Body.Name); err != nil {
					return err
				}
				return Remember(ctx, tx, out)
			})
		})
	Handle(r, Route{Method: "POST", Path: "/api/v1/forgetful", ID: "forgetful", May: "order.create", Creates: true, Zh: "忘", En: "forgets", Tag: "thing"},
		func(context.Context, *struct{}) (*NoBody, error) { return nil, nil })
	Handle(r, Route{Method: "GET", Path: "/api/v1/things/{id}", ID: "thing-get", May: "order.read", Zh: "看", En: "see", Tag: "thing"},
		func(_ context.Context, in *struct {
			ID string `path:"id" maxLength:"10"`
			Page
		}) (*Out[thing], error) {
			switch in.ID {
			case "panic":
				panic("boom")
			case "foreign":
				return nil, fmt.Errorf("disk on fire at %s", "/secret/path")
			case "none":
				return nil, linli.NotFound("没有", "none")
			}
			return &Out[thing]{Body: thing{"990001001001/001", "王秀英", in.Limit}}, nil
		})
	Raw(r, Route{Method: "GET", Path: "/api/v1/open", ID: "open", May: auth.Public, Zh: "开放", En: "open", Tag: "thing"},
		http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { JSON(w, 200, auth.From(req.Context()).Name) }))
	return f
}

type reply struct {
	status  int
	body    string
	problem Problem
}

func (f *fixture) call(who, method, path string, body []byte, header ...string) reply {
	f.t.Helper()
	req := httptest.NewRequest(method, path, bytes.NewReader(body))
	if tok := f.tokens[who]; tok != "" {
		req.AddCookie(&http.Cookie{Name: CookieName, Value: tok})
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	f.r.ServeHTTP(w, req)
	out := reply{status: w.Code, body: w.Body.String()}
	if w.Header().Get("Content-Type") == "application/problem+json" {
		if err := json.Unmarshal(w.Body.Bytes(), &out.problem); err != nil {
			f.t.Fatalf("%s %s: problem is not JSON: %s", method, path, out.body)
		}
		if p := out.problem; p.Status != w.Code || p.Kind == "" || p.MessageZh == "" || p.MessageEn == "" {
			f.t.Fatalf("%s %s: problem is incomplete: %s", method, path, out.body)
		}
	} else if w.Code >= 400 {
		f.t.Fatalf("%s %s: %d without a problem: %s", method, path, w.Code, out.body)
	}
	return out
}

func (f *fixture) things() (n int) {
	f.t.Helper()
	if err := f.db.Read(f.t.Context(), func(tx db.Tx) error { return tx.QueryRow(`SELECT COUNT(*) FROM thing`).Scan(&n) }); err != nil {
		f.t.Fatal(err)
	}
	return n
}

func TestARouteWithoutAKnownPermissionCannotExist(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		f := setup(t, d)
		good := Route{Method: "GET", Path: "/api/v1/x", ID: "x", May: "order.read", Zh: "看", En: "see", Tag: "x"}
		for name, spoil := range map[string]func(*Route){
			"no permission":      func(r *Route) { r.May = "" },
			"unknown permission": func(r *Route) { r.May = "order.eat" },
			"no id":              func(r *Route) { r.ID = "" },
			"taken id":           func(r *Route) { r.ID = "thing-get" },
			"no words":           func(r *Route) { r.Zh = "" },
			"outside the API":    func(r *Route) { r.Path = "/x" },
		} {
			bad := good
			spoil(&bad)
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("a route with %s was registered", name)
					}
				}()
				Raw(f.r, bad, http.NotFoundHandler())
			}()
		}
	})
}

func TestTheGuardAnswersBeforeTheHandler(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		f := setup(t, d)
		key := []string{"Idempotency-Key", "k-1234567"}
		for name, c := range map[string]struct {
			got    reply
			status int
			kind   linli.Kind
		}{
			"no session":         {f.call("", "GET", "/api/v1/things/a", nil), 401, linli.KindUnauthenticated},
			"a wrong session":    {f.call("", "GET", "/api/v1/things/a", nil, "Cookie", CookieName+"=nonsense"), 401, linli.KindUnauthenticated},
			"no right":           {f.call("viewer", "GET", "/api/v1/things/a", nil), 403, linli.KindForbidden},
			"no right, bad body": {f.call("viewer", "POST", "/api/v1/things", []byte("{"), key...), 403, linli.KindForbidden},
			"no such address":    {f.call("dispatcher", "GET", "/api/v1/nothing", nil), 404, linli.KindNotFound},
			"no such method":     {f.call("dispatcher", "DELETE", "/api/v1/things", nil), 405, linli.KindInvalid},
			"not JSON":           {f.call("dispatcher", "POST", "/api/v1/things", []byte("{"), key...), 400, linli.KindInvalid},
			"wrong type":         {f.call("dispatcher", "POST", "/api/v1/things", []byte(`{"name":7,"n":1}`), key...), 422, linli.KindInvalid},
			"too long":           {f.call("dispatcher", "POST", "/api/v1/things", []byte(`{"name":"一二三四五六","n":1}`), key...), 422, linli.KindInvalid},
			"unknown field":      {f.call("dispatcher", "POST", "/api/v1/things", []byte(`{"name":"a","n":1,"x":1}`), key...), 422, linli.KindInvalid},
			"bad time":           {f.call("dispatcher", "POST", "/api/v1/things", []byte(`{"name":"a","n":1,"at":"tomorrow"}`), key...), 422, linli.KindInvalid},
			"invalid UTF-8":      {f.call("dispatcher", "POST", "/api/v1/things", []byte("{\"name\":\"\xff\",\"n\":1}"), key...), 400, linli.KindInvalid},
			"a NUL":              {f.call("dispatcher", "POST", "/api/v1/things", []byte(`{"name":"a\u0000","n":1}`), key...), 400, linli.KindInvalid},
			"10 MB":              {f.call("dispatcher", "POST", "/api/v1/things", bytes.Repeat([]byte(" "), 10<<20), key...), 413, linli.KindInvalid},
			"no key":             {f.call("dispatcher", "POST", "/api/v1/things", []byte(`{"name":"a","n":1}`)), 422, linli.KindInvalid},
			"bad query":          {f.call("dispatcher", "GET", "/api/v1/things/a?limit=many", nil), 422, linli.KindInvalid},
			"unknown query":      {f.call("dispatcher", "GET", "/api/v1/things/a?size=3", nil), 422, linli.KindInvalid},
			"query not UTF-8":    {f.call("dispatcher", "GET", "/api/v1/things/a?cursor=%ff", nil), 422, linli.KindInvalid},
			"limit too large":    {f.call("dispatcher", "GET", "/api/v1/things/a?limit=201", nil), 422, linli.KindInvalid},
			"another site":       {f.call("dispatcher", "POST", "/api/v1/things", []byte(`{"name":"a","n":1}`), append(key, "Sec-Fetch-Site", "cross-site")...), 403, linli.KindForbidden},
			"a panic":            {f.call("dispatcher", "GET", "/api/v1/things/panic", nil), 500, linli.KindInternal},
			"a foreign error":    {f.call("dispatcher", "GET", "/api/v1/things/foreign", nil), 500, linli.KindInternal},
			"not found":          {f.call("dispatcher", "GET", "/api/v1/things/none", nil), 404, linli.KindNotFound},
			"creates, forgets":   {f.call("dispatcher", "POST", "/api/v1/forgetful", nil, key...), 500, linli.KindInternal},
		} {
			if c.got.status != c.status || c.got.problem.Kind != c.kind {
				t.Errorf("%s: %d %s %s, want %d %s", name, c.got.status, c.got.problem.Kind, c.got.problem.MessageEn, c.status, c.kind)
			}
			if strings.Contains(c.got.body, "secret") || strings.Contains(c.got.body, "boom") {
				t.Errorf("%s: the answer tells inner matters: %s", name, c.got.body)
			}
		}
		if n := f.things(); n != 0 {
			t.Fatalf("%d things were stored by refused requests", n)
		}
		if got := f.call("dispatcher", "GET", "/api/v1/things/a", nil); !strings.Contains(got.body, "王秀英") || !strings.Contains(got.body, `"n":50`) {
			t.Errorf("the dispatcher reads %s", got.body)
		}
		if got := f.call("secretary", "GET", "/api/v1/things/a", nil); !strings.Contains(got.body, "王**") {
			t.Errorf("the secretary reads %s, want a masked name", got.body)
		}
	})
}

func TestARetriedCreationHappensOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		f := setup(t, d)
		post := func(who, key, body string) reply {
			return f.call(who, "POST", "/api/v1/things", []byte(body), "Idempotency-Key", key)
		}
		first := post("dispatcher", "key-00001", `{"name":"a","n":1}`)
		if first.status != 201 {
			t.Fatal(first)
		}
		if again := post("dispatcher", "key-00001", `{"name":"a","n":1}`); again.status != 201 || again.body != first.body {
			t.Fatalf("the retry is answered %v, the first was %v", again, first)
		}
		if other := post("dispatcher", "key-00001", `{"name":"b","n":1}`); other.status != 409 || other.problem.Field != "Idempotency-Key" {
			t.Fatalf("the key with another body is answered %v", other)
		}
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				if got := post("dispatcher", fmt.Sprintf("parallel-%d", i%4), `{"name":"p","n":2}`); got.status != 201 {
					t.Errorf("a parallel try is answered %v", got)
				}
			})
		}
		all.Wait()
		if n := f.things(); n != 5 {
			t.Fatalf("%d things exist, want 5", n)
		}
	})
}

// A wrong figure is answered with its limit, in both languages.
func TestFindingsOfShapeAreWordedInChinese(t *testing.T) {
	t.Parallel()
	for en, want := range map[string]string{
		"expected number >= 1": "不能小于 1", "expected number <= 200": "不能大于 200", "expected number > 0": "须大于 0", "expected number": "须为数字",
		"expected length >= 2": "至少 2 个字", "expected length <= 40": "最多 40 个字", "expected array length <= 5": "最多 5 项", "expected array": "须为列表",
		"expected required property text to be present": "缺少必填项", "something new": "格式不对",
	} {
		if got := zhShape(en); got != want {
			t.Errorf("%q is worded %q, want %q", en, got, want)
		}
	}
}
