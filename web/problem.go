package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"linli"
)

// Problem is the answer to a request that failed (RFC 9457), with the closed kind
// and the message in both languages.
type Problem struct {
	Type      string     `json:"type"`
	Title     string     `json:"title"`
	Status    int        `json:"status"`
	Kind      linli.Kind `json:"kind"`
	Field     string     `json:"field,omitempty"`
	MessageZh string     `json:"message_zh"`
	MessageEn string     `json:"message_en"`
	RequestID string     `json:"request_id,omitempty"`
}

// Error, GetStatus and ContentType make a Problem an error of huma.
func (p *Problem) Error() string             { return p.Title + ": " + p.MessageEn }
func (p *Problem) GetStatus() int            { return p.Status }
func (p *Problem) ContentType(string) string { return "application/problem+json" }

var statusOf = map[linli.Kind]int{
	linli.KindInvalid:         http.StatusUnprocessableEntity,
	linli.KindNotFound:        http.StatusNotFound,
	linli.KindConflict:        http.StatusConflict,
	linli.KindForbidden:       http.StatusForbidden,
	linli.KindUnauthenticated: http.StatusUnauthorized,
	linli.KindExhausted:       http.StatusTooManyRequests,
	linli.KindUnavailable:     http.StatusServiceUnavailable,
	linli.KindInternal:        http.StatusInternalServerError,
}

// statusError is an error whose HTTP status is more exact than its kind's.
type statusError struct {
	cause  *linli.Error
	status int
}

func (e statusError) Error() string { return e.cause.Error() }
func (e statusError) Unwrap() error { return e.cause }

func newProblem(e *linli.Error, status int, requestID string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Kind: e.Kind, Field: e.Field,
		MessageZh: e.Zh, MessageEn: e.En, RequestID: requestID}
}

// toProblem words any error for the asker; what is not ours to show is logged and becomes internal.
func (r *Router) toProblem(ctx context.Context, err error) *Problem {
	q := requestOf(ctx)
	if p, ok := errors.AsType[*Problem](err); ok {
		p.RequestID = q.id
		return p
	}
	if s, ok := errors.AsType[statusError](err); ok {
		return newProblem(s.cause, s.status, q.id)
	}
	e, ok := errors.AsType[*linli.Error](err)
	switch {
	case ok:
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e = &linli.Error{Kind: linli.KindUnavailable, Zh: "没能及时完成，请再试一次", En: "not finished in time; please try again", Err: err}
	default:
		e = linli.Internal(err)
	}
	if e.Kind == linli.KindInternal {
		r.log.Error("internal error", "request", q.id, "route", q.route.ID, "error", err)
	}
	return newProblem(e, statusOf[e.Kind], q.id)
}

func (r *Router) problem(w http.ResponseWriter, req *http.Request, err error) {
	WriteProblem(w, r.toProblem(req.Context(), err))
}

// WriteProblem answers with the problem; for handlers registered with Raw.
func WriteProblem(w http.ResponseWriter, p *Problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone
}

// Fail answers a request of a Raw route with the problem of err.
func (r *Router) Fail(w http.ResponseWriter, req *http.Request, err error) { r.problem(w, req, err) }

// huma words its own findings (shapes, types, limits) through one package variable.
func init() {
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		id := ""
		if ctx != nil {
			id = requestOf(ctx.Context()).id
		}
		return newProblem(wordShape(status, msg, errs), status, id)
	}
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return huma.NewErrorWithContext(nil, status, msg, errs...)
	}
}

// wordShape turns huma's list of findings into one sentence about the first.
func wordShape(status int, msg string, errs []error) *linli.Error {
	kind := linli.KindInvalid
	if status >= 500 {
		kind = linli.KindInternal
	}
	e := &linli.Error{Kind: kind, Zh: "内容格式不对", En: msg}
	for _, err := range errs {
		if d, ok := err.(huma.ErrorDetailer); ok {
			detail := d.ErrorDetail()
			_, field, found := strings.Cut(detail.Location, ".")
			if !found {
				field = detail.Location
			}
			e.Field, e.En = field, detail.Message
			e.Zh = "“" + field + "”填写不对：" + zhShape(detail.Message)
			return e
		}
		e.En = msg + ": " + err.Error()
	}
	return e
}

// bounds are huma's findings that end in the limit, and their Chinese before it.
var bounds = []struct{ has, zh, unit string }{
	{"expected length >= ", "至少 ", " 个字"},
	{"expected length <= ", "最多 ", " 个字"},
	{"expected array length >= ", "至少 ", " 项"},
	{"expected array length <= ", "最多 ", " 项"},
	{"expected number >= ", "不能小于 ", ""},
	{"expected number <= ", "不能大于 ", ""},
	{"expected number > ", "须大于 ", ""},
	{"expected number < ", "须小于 ", ""},
}

// zhShape words the common findings of huma's validator in Chinese; the rest stay
// general, with the exact English sentence beside it.
func zhShape(en string) string {
	for _, b := range bounds {
		if limit, is := strings.CutPrefix(en, b.has); is {
			return b.zh + limit + b.unit
		}
	}
	for _, w := range []struct{ has, zh string }{
		{"expected required property", "缺少必填项"},
		{"required", "缺少必填项"},
		{"unexpected property", "没有这一项"},
		{"unknown query parameter", "没有这个参数"},
		{"expected string", "须为文字"},
		{"expected boolean", "须为是或否"},
		{"expected integer", "须为整数"},
		{"expected number", "须为数字"},
		{"expected object", "须为对象"},
		{"expected array", "须为列表"},
		{"date", "须为 RFC 3339 时间"},
		{"one of", "不在可选范围内"},
		{"match pattern", "格式不对"},
		{"invalid integer", "须为整数"},
	} {
		if strings.Contains(en, w.has) {
			return w.zh
		}
	}
	return "格式不对"
}
