package web

import (
	"encoding/base64"
	"strings"

	"linli"
)

// Page is embedded in the input of a list.
type Page struct {
	Cursor string `query:"cursor" maxLength:"400" doc:"where the last page ended"`
	Limit  int    `query:"limit" default:"50" minimum:"1" maximum:"200"`
}

// List is the body of a list; Next is empty on the last page.
type List[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next"`
}

// Cut makes a page of items that were read one longer than the limit; cursor tells
// where the list goes on behind its last one.
func Cut[T any](items []T, limit int, cursor func(T) string) List[T] {
	if len(items) <= limit {
		return List[T]{Items: items}
	}
	return List[T]{Items: items[:limit], Next: cursor(items[limit-1])}
}

// Cursor packs the sort key of a row, of parts without spaces; Parts reads it back.
func Cursor(parts ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(parts, " ")))
}

// Parts reads a cursor of n parts; another text is KindInvalid.
func Parts(cursor string, n int) ([]string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if parts := strings.Fields(string(raw)); err == nil && len(parts) == n {
		return parts, nil
	}
	return nil, ErrCursor
}

// ErrCursor says that a cursor belongs to no page of the list.
var ErrCursor = linli.Invalid("cursor", "翻页标记不对，请从第一页重新看", "this is not a cursor of this list; start from the first page")
