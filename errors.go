package linli

import (
	"errors"
	"fmt"
)

// Kind is the closed list of ways a request can fail.
type Kind string

// The kinds. Whatever is none of the others is internal: logged, and shown as such.
const (
	KindInvalid         Kind = "invalid"         // the input is wrong; Field says where
	KindNotFound        Kind = "not_found"       // no such thing, or not within the asker's sight
	KindConflict        Kind = "conflict"        // the thing has moved on since it was read
	KindForbidden       Kind = "forbidden"       // known, but not allowed to do this
	KindUnauthenticated Kind = "unauthenticated" // not signed in, or the session ended
	KindExhausted       Kind = "exhausted"       // a limit was reached; try later
	KindUnavailable     Kind = "unavailable"     // something needed does not answer now
	KindInternal        Kind = "internal"        // our fault
)

// Error is the one error type of the hub. Zh and En are sentences a clerk can
// act on; Field names the input at fault as a JSON path; Err is for the log only.
type Error struct {
	Kind  Kind
	Field string
	Zh    string
	En    string
	Err   error
}

// Error prints kind, field, the English sentence and the cause.
func (e *Error) Error() string {
	s := string(e.Kind)
	if e.Field != "" {
		s += " " + e.Field
	}
	s += ": " + e.En
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Err }

// Invalid says that a field of the input is wrong, in both languages.
func Invalid(field, zh, en string) *Error {
	return &Error{Kind: KindInvalid, Field: field, Zh: zh, En: en}
}

// NotFound says that there is no such thing within the asker's sight.
func NotFound(zh, en string) *Error { return &Error{Kind: KindNotFound, Zh: zh, En: en} }

// Conflict says that the thing has moved on and the act no longer fits.
func Conflict(zh, en string) *Error { return &Error{Kind: KindConflict, Zh: zh, En: en} }

// Forbidden says that the asker is known but may not do this.
func Forbidden(zh, en string) *Error { return &Error{Kind: KindForbidden, Zh: zh, En: en} }

// Internal wraps an unexpected cause; the clerk sees only that the fault is ours.
func Internal(cause error) *Error {
	return &Error{Kind: KindInternal, Zh: "系统内部出错，已记录", En: "an internal error occurred and was logged", Err: cause}
}

// KindOf tells the kind of any error: KindInternal for errors of foreign types, "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return KindInternal
}

// Invalidf is Invalid with the same arguments printed into both sentences.
func Invalidf(field, zh, en string, args ...any) *Error {
	return Invalid(field, fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...))
}
