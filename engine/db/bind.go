package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"linli"
)

// Bind checks and simplifies the arguments of a statement, so that both engines
// accept exactly the same ones: nil, strings, booleans, integers, floats and
// bytes, named types and pointers of these, driver.Valuer, and json.RawMessage
// for JSONB columns. A moment must be given as linli.Millis, a list as List.
// Text that is not valid UTF-8 or holds a NUL is KindInvalid.
func Bind(args []any) ([]any, error) {
	out := make([]any, len(args))
	for i, arg := range args {
		v, err := bind(arg)
		if err != nil {
			if linli.KindOf(err) == linli.KindInvalid {
				return nil, err
			}
			return nil, fmt.Errorf("db: argument $%d: %w", i+1, err)
		}
		out[i] = v
	}
	return out, nil
}

func bind(arg any) (any, error) {
	switch v := arg.(type) {
	case nil, bool, int64, []byte:
		return v, nil
	case string:
		return v, text(v)
	case int:
		return int64(v), nil
	case float64:
		return v, finite(v)
	case json.RawMessage:
		if len(v) == 0 {
			return nil, nil
		}
		if holdsNUL(v) {
			return nil, errText
		}
		return string(v), text(string(v))
	case time.Time, *time.Time:
		return nil, fmt.Errorf("time.Time is not stored; pass linli.Millis(t)")
	}
	v := reflect.ValueOf(arg)
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, nil
	}
	if valuer, ok := arg.(driver.Valuer); ok {
		inner, err := valuer.Value()
		if err != nil {
			return nil, err
		}
		if _, again := inner.(driver.Valuer); again {
			return nil, fmt.Errorf("%T is a driver.Valuer that yields another", arg)
		}
		return bind(inner)
	}
	switch v.Kind() {
	case reflect.Pointer:
		return bind(v.Elem().Interface())
	case reflect.String:
		return v.String(), text(v.String())
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if v.Uint() > math.MaxInt64 {
			return nil, fmt.Errorf("%d is larger than a BIGINT", v.Uint())
		}
		return int64(v.Uint()), nil
	case reflect.Float32, reflect.Float64:
		return v.Float(), finite(v.Float())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Bytes(), nil
		}
		return nil, fmt.Errorf("%T is a list; pass db.List or db.JSON", arg)
	}
	return nil, fmt.Errorf("%T cannot be stored; pass its parts or db.JSON", arg)
}

// text refuses what PostgreSQL cannot store, so that SQLite does not either.
func text(s string) error {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		return errText
	}
	return nil
}

var errText = linli.Invalid("", "文字里有无法识别的字符，请删掉后重试", "the text holds characters that cannot be stored; remove them and try again")

// holdsNUL tells whether JSON holds an escaped NUL, which PostgreSQL cannot store.
func holdsNUL(raw []byte) bool {
	for i := 0; i+5 < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		if string(raw[i:i+6]) == `\u0000` {
			return true
		}
		i++ // skip what is escaped, a second backslash above all
	}
	return false
}

func finite(f float64) error {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return fmt.Errorf("%v is not a number that can be stored", f)
	}
	return nil
}

// List is the argument for Dialect.In: the strings as a JSON array.
func List[S ~string](items []S) string {
	if len(items) == 0 {
		return "[]"
	}
	raw, err := json.Marshal(items)
	if err != nil {
		panic("db: list of strings: " + err.Error()) // strings always marshal
	}
	return string(raw)
}

// JSONValue carries a Go value into and out of a JSONB column; see JSON.
type JSONValue struct{ v any }

// JSON wraps a value for a JSONB column: as an argument it is marshaled, as a
// target of Scan (a pointer) it is filled; NULL leaves the target as it is.
func JSON(v any) JSONValue { return JSONValue{v} }

// Value marshals for the column.
func (j JSONValue) Value() (driver.Value, error) {
	raw, err := json.Marshal(j.v)
	if err == nil && holdsNUL(raw) {
		err = errText
	}
	return string(raw), err
}

// Scan unmarshals from the column.
func (j JSONValue) Scan(src any) error {
	switch s := src.(type) {
	case nil:
		return nil
	case string:
		return json.Unmarshal([]byte(s), j.v)
	case []byte:
		return json.Unmarshal(s, j.v)
	case int64, float64, bool: // SQLite keeps a bare JSON number as a number
		return json.Unmarshal(fmt.Append(nil, s), j.v)
	}
	return fmt.Errorf("db: a JSONB column yielded %T", src)
}

// ErrRow is a row that yields err, for homes whose QueryRow cannot even start.
func ErrRow(err error) *sql.Row {
	d := sql.OpenDB(unreachable{err}) // only database/sql itself can make rows
	defer d.Close()
	return d.QueryRow("")
}

type unreachable struct{ err error }

func (u unreachable) Connect(context.Context) (driver.Conn, error) { return nil, u.err }
func (u unreachable) Driver() driver.Driver                        { return nil }
