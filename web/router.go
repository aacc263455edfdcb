// Package web is the HTTP kit of the hub: routes that cannot exist without a
// permission, sessions, problem answers in two languages, idempotent creation,
// paging and the live stream. Slices register their routes here and nowhere else.
package web

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"linli"
	"linli/auth"
	"linli/engine/db"
)

//go:embed schema/*.sql
var schema embed.FS

// DefaultBody is the largest request body of a route that names no other limit.
const DefaultBody = 1 << 20

// Route is what a route promises; it is registered together with its permission.
type Route struct {
	Method, Path string          // "GET", "/api/v1/orders/{id}"
	ID           string          // operation id, unique in the hub: "order-get"
	May          auth.Permission // who may call it; the policy must declare it
	Zh, En       string          // one line each
	Tag          string          // the slice
	Creates      bool            // a POST that creates: needs Idempotency-Key, and the handler calls Remember
	Status       int             // of the good answer; 0 is 200, or 201 with Creates
	MaxBody      int64           // bytes; 0 is DefaultBody
	Reveal       bool            // the answer shows D3 fields to those entitled: a reason was asked for
	Answer       reflect.Type    // of the good answer; set by Handle, nil with Raw
}

// Router collects the routes of all slices under one guard.
type Router struct {
	mux      *http.ServeMux
	api      huma.API
	accounts *auth.Accounts
	db       db.DB
	now      linli.Now
	log      *slog.Logger
	routes   []Route
	ids      map[string]bool
	current  *Route // the route being registered; registration is sequential
}

// New builds the router and migrates its table.
func New(ctx context.Context, d db.DB, accounts *auth.Accounts, now linli.Now, log *slog.Logger, version string) (*Router, error) {
	if err := db.Migrate(ctx, d, "web", schema); err != nil {
		return nil, err
	}
	r := &Router{mux: http.NewServeMux(), accounts: accounts, db: d, now: now, log: log, ids: map[string]bool{}}
	config := huma.DefaultConfig("linli 邻里", version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "/api/openapi", "", ""
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	config.CreateHooks = nil // no $schema fields and Link headers in answers
	config.Info.Description = "社区嵌入式服务中枢 · The hub of community-embedded services"
	r.api = humago.New(adapterMux{r}, config)
	return r, nil
}

// adapterMux puts the guard around every handler huma registers.
type adapterMux struct{ r *Router }

func (m adapterMux) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	if m.r.current == nil { // huma's own pages: the API description
		m.r.mux.HandleFunc(pattern, h)
		return
	}
	m.r.mux.Handle(pattern, m.r.guard(*m.r.current, http.HandlerFunc(h), true))
}

func (m adapterMux) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.r.mux.ServeHTTP(w, r) }

// ServeHTTP answers a request; unknown paths under /api are problem answers too.
func (r *Router) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if _, pattern := r.mux.Handler(req); pattern == "" {
		q := &request{id: requestID()} // no guard names it
		req = req.WithContext(context.WithValue(req.Context(), requestKey{}, q))
		w.Header().Set("X-Request-Id", q.id)
		if allowed := r.methods(req.URL.Path); len(allowed) > 0 {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			r.problem(w, req, statusError{linli.Invalid("method", "此地址不支持这个方法", "this address does not support the method"), http.StatusMethodNotAllowed})
			return
		}
		r.problem(w, req, linli.NotFound("没有这个地址", "there is no such address"))
		return
	}
	r.mux.ServeHTTP(w, req)
}

// methods lists the methods under which the path exists.
func (r *Router) methods(path string) (out []string) {
	for _, m := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		probe, err := http.NewRequest(m, "http://x/", nil)
		if err != nil {
			continue
		}
		probe.URL.Path = path
		if _, pattern := r.mux.Handler(probe); pattern != "" {
			out = append(out, m)
		}
	}
	return out
}

// Routes lists what was registered, in order; the policy test walks it.
func (r *Router) Routes() []Route { return r.routes }

// OpenAPI is the description of every route registered with Handle.
func (r *Router) OpenAPI() *huma.OpenAPI { return r.api.OpenAPI() }

// enter checks a route and remembers it. A mistake here is a mistake in the
// program, so it panics: a route without a known permission cannot exist.
func (r *Router) enter(route *Route) {
	switch {
	case route.ID == "" || r.ids[route.ID]:
		panic(fmt.Sprintf("web: route %s %s: operation id %q is empty or taken", route.Method, route.Path, route.ID))
	case !auth.Rules.Knows(route.May):
		panic(fmt.Sprintf("web: route %s: the policy does not know permission %q", route.ID, route.May))
	case route.Zh == "" || route.En == "":
		panic(fmt.Sprintf("web: route %s has no summary in both languages", route.ID))
	case !strings.HasPrefix(route.Path, "/api/"):
		panic(fmt.Sprintf("web: route %s: path %q is outside /api/", route.ID, route.Path))
	}
	if route.Status == 0 {
		route.Status = http.StatusOK
		if route.Creates {
			route.Status = http.StatusCreated
		}
	}
	if route.MaxBody == 0 {
		route.MaxBody = DefaultBody
	}
	r.ids[route.ID] = true
	r.routes = append(r.routes, *route)
}

// Handle registers a route of typed input and output. The permission is checked
// before the body is read; the answer is redacted for the asker after fn. Errors
// of package linli become problem answers; others are logged and shown as internal.
func Handle[I, O any](r *Router, route Route, fn func(ctx context.Context, in *I) (*O, error)) {
	route.Answer = reflect.TypeFor[O]()
	if name, hidden := unread(reflect.TypeFor[I]()); hidden {
		panic(fmt.Sprintf("web: route %s: the input embeds the unexported %s, whose fields would never be read", route.ID, name))
	}
	r.enter(&route)
	op := huma.Operation{
		Method: route.Method, Path: route.Path, OperationID: route.ID, Tags: []string{route.Tag},
		Summary: route.Zh + " · " + route.En, DefaultStatus: route.Status, MaxBodyBytes: -1, // the guard has read it
		Metadata: map[string]any{"permission": route.May}, Extensions: map[string]any{"x-permission": route.May},
		RejectUnknownQueryParameters: true,
		SkipValidateBody:             false,
	}
	if route.Creates {
		op.Parameters = []*huma.Param{{Name: "Idempotency-Key", In: "header", Required: true,
			Schema: &huma.Schema{Type: "string"}, Description: "made by the client before the first try; a retry with the same key is the same act"}}
	}
	if reflect.TypeFor[O]() == reflect.TypeFor[NoBody]() {
		op.DefaultStatus = http.StatusNoContent
	}
	r.current = &route
	defer func() { r.current = nil }()
	huma.Register(r.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := answer(ctx, r, route, in, fn)
		if err != nil {
			return nil, r.toProblem(ctx, err)
		}
		auth.Redact(auth.From(ctx), out, route.Reveal)
		return out, nil
	})
}

// unread finds an embedded struct without an exported name in an input: huma passes
// over it in silence, and with it over everything it was to hold.
func unread(t reflect.Type) (name string, found bool) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t.PkgPath() == "time" {
		return "", false
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && !f.IsExported() {
			return f.Name, true
		}
		if f.IsExported() && (f.Anonymous || f.Name == "Body") {
			if name, found := unread(f.Type); found {
				return name, true
			}
		}
	}
	return "", false
}

// Raw registers a route that reads and writes HTTP itself: streams, uploads,
// downloads. The permission is checked before h; the body limit applies.
func Raw(r *Router, route Route, h http.Handler) {
	r.enter(&route)
	r.mux.Handle(route.Method+" "+route.Path, r.guard(route, h, false))
}

// NoBody is the output of a route that answers 204.
type NoBody struct{}

// Out is a plain output.
type Out[T any] struct{ Body T }

// OutRev is the output of a thing that can be edited: ETag carries its revision.
type OutRev[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

// WithRev wraps body with the revision as ETag.
func WithRev[T any](rev int64, body T) *OutRev[T] {
	return &OutRev[T]{ETag: fmt.Sprintf(`"%d"`, rev), Body: body}
}

// IfMatch is embedded in the input of an edit.
type IfMatch struct {
	IfMatch string `header:"If-Match" required:"true" doc:"the revision being edited, as the ETag gave it"`
}

// Rev reads the revision; a malformed header is KindInvalid.
func (m IfMatch) Rev() (int64, error) {
	var rev int64
	if _, err := fmt.Sscanf(strings.TrimPrefix(m.IfMatch, "W/"), `"%d"`, &rev); err != nil {
		return 0, linli.Invalid("If-Match", `If-Match 须为版本号，例如 "3"`, `If-Match must be a revision such as "3"`)
	}
	return rev, nil
}

// forgetAnswers bounds how long a creating request may be retried.
const forgetAnswers = 7 * 24 * time.Hour

// Sweep removes remembered answers too old to be retried; the app runs it daily.
func (r *Router) Sweep(tx db.Tx) error {
	_, err := tx.Exec(`DELETE FROM web_answer WHERE at < $1`, linli.Millis(r.now().Add(-forgetAnswers)))
	return err
}
