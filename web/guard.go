package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"unicode/utf8"

	"linli"
	"linli/auth"
)

// CookieName is the session cookie; it is HttpOnly and SameSite=Lax.
const CookieName = "linli_session"

type requestKey struct{}

// request is what the guard knows of a request and the handler may need.
type request struct {
	id       string
	route    Route
	key      string // Idempotency-Key of a creating route
	body     string // digest of the body, bound to the key
	at       int64  // when it arrived, by the injected clock
	answered bool   // Remember was called
}

func requestOf(ctx context.Context) *request {
	if q, ok := ctx.Value(requestKey{}).(*request); ok {
		return q
	}
	return &request{}
}

// crossOrigin refuses writes that another site's page makes with our cookie.
var crossOrigin = http.NewCrossOriginProtection()

// guard is the one gate before every handler: it names the request, finds the
// principal, checks the permission and only then reads the body, whole and within
// its limit (buffer) or leaves that to the handler.
func (r *Router) guard(route Route, next http.Handler, buffer bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		q := &request{id: requestID(), route: route, at: linli.Millis(r.now())}
		ctx := context.WithValue(req.Context(), requestKey{}, q)
		req = req.WithContext(ctx)
		w.Header().Set("X-Request-Id", q.id)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		defer func() {
			if cause := recover(); cause != nil {
				if cause == http.ErrAbortHandler {
					panic(cause)
				}
				r.problem(w, req, linli.Internal(fmt.Errorf("panic: %v\n%s", cause, debug.Stack())))
			}
		}()
		if err := crossOrigin.Check(req); err != nil {
			r.problem(w, req, linli.Forbidden("请求来自其他网站，已拒绝", "the request comes from another site and was refused"))
			return
		}
		p := &auth.Principal{}
		if c, err := req.Cookie(CookieName); err == nil {
			switch found, err := r.accounts.Principal(ctx, c.Value); {
			case err == nil:
				p = found
			case linli.KindOf(err) != linli.KindUnauthenticated:
				r.problem(w, req, err)
				return
			}
		}
		if !p.Can(route.May) {
			err := linli.Forbidden("您没有这项权限："+auth.Rules.Permissions[route.May].Zh, "you lack the right to "+auth.Rules.Permissions[route.May].En)
			if p.User == "" {
				err = &linli.Error{Kind: linli.KindUnauthenticated, Zh: "请先登录", En: "please sign in"}
			}
			r.problem(w, req, err)
			return
		}
		if !utf8.ValidString(req.URL.Path) || !validQuery(req) {
			r.problem(w, req, linli.Invalid("query", "地址里有不是 UTF-8 的字符", "the address holds bytes that are not UTF-8"))
			return
		}
		if err := r.readBody(w, req, q, buffer); err != nil {
			r.problem(w, req, err)
			return
		}
		next.ServeHTTP(w, req.WithContext(auth.With(ctx, p)))
	})
}

func validQuery(req *http.Request) bool {
	values := req.URL.Query()
	for k, vs := range values {
		if !utf8.ValidString(k) {
			return false
		}
		for _, v := range vs {
			// NUL cannot be stored as text by PostgreSQL: refuse it at the door.
			if !utf8.ValidString(v) || bytes.IndexByte([]byte(v), 0) >= 0 {
				return false
			}
		}
	}
	return true
}

func (r *Router) readBody(w http.ResponseWriter, req *http.Request, q *request, buffer bool) error {
	if q.route.Creates {
		q.key = req.Header.Get("Idempotency-Key")
		if n := len(q.key); n < 8 || n > 200 {
			return linli.Invalid("Idempotency-Key", "新建请求要带 Idempotency-Key（8–200 个字符）", "a creating request needs an Idempotency-Key of 8 to 200 characters")
		}
	}
	req.Body = http.MaxBytesReader(w, req.Body, q.route.MaxBody)
	if !buffer {
		return nil
	}
	raw, err := io.ReadAll(req.Body)
	if tooBig, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return statusError{&linli.Error{Kind: linli.KindInvalid, Field: "body",
			Zh: fmt.Sprintf("内容太大，上限 %d KB", tooBig.Limit>>10), En: fmt.Sprintf("the body is too large, the limit is %d KB", tooBig.Limit>>10)}, http.StatusRequestEntityTooLarge}
	}
	if err != nil {
		return statusError{linli.Invalid("body", "没有收完整请求内容", "the body did not arrive completely"), http.StatusBadRequest}
	}
	if !utf8.Valid(raw) || bytes.IndexByte(raw, 0) >= 0 || bytes.Contains(raw, []byte(`\u0000`)) {
		return statusError{linli.Invalid("body", "内容不是有效的 UTF-8 文本", "the body is not valid UTF-8 text"), http.StatusBadRequest}
	}
	sum := sha256.Sum256(append([]byte(req.URL.Path+"\x00"), raw...))
	q.body = hex.EncodeToString(sum[:])
	req.Body = io.NopCloser(bytes.NewReader(raw))
	return nil
}

func requestID() string {
	b := make([]byte, 6)
	rand.Read(b)
	return hex.EncodeToString(b)
}
