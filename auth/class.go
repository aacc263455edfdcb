package auth

import (
	"reflect"
	"strings"
	"sync"

	"linli"
)

// Subject is a response value that knows to whom and where it belongs. Redact
// judges its tagged fields by that row; values below it inherit the row.
type Subject interface{ AuthRow() Row }

// Sees tells how much of class c the principal sees of the row: Full, Masked or None.
// D3 is None here unless reveal is true: it is looked at only with a reason.
func (p *Principal) Sees(c Class, row Row, reveal bool) Sight {
	if p.System || c == D0 {
		return Full
	}
	if p.Serves(row.Resident) && c != D6 {
		return Full // one's own data, or a ward's
	}
	best := None
	for _, g := range p.Grants {
		rule := Rules.Roles[g.Role]
		if !(Scope{}).add(p, g).Covers(row) {
			continue
		}
		switch Sight(Rules.Classes[rule.Actor][c][0]) {
		case Full:
			best = Full
		case OwnOnly:
			// Assigned to me or my organization; or, for those who handle a place, a case in it.
			if p.Worker != "" && row.Worker == p.Worker || g.Org != "" && row.Org == g.Org || rule.Reach == ReachPlace && row.Case {
				best = Full
			} else if best == None && rule.Reach == ReachPlace && c != D3 && c != D6 {
				best = Masked
			}
		case Masked:
			if best == None {
				best = Masked
			}
		}
	}
	if c == D3 && !reveal {
		return None
	}
	return best
}

// Redact hides what the principal must not see in a response value, in place.
// Fields tagged `class:"D2"` of structs are judged by the row of the nearest
// enclosing Subject; a tagged field outside any Subject is cleared. The tag
// `mask:"name|phone|door|id"` names how a masked field looks; without it a
// masked field is cleared. v must be a pointer.
func Redact(p *Principal, v any, reveal bool) {
	redact(p, reflect.ValueOf(v), Row{}, reveal)
}

func redact(p *Principal, v reflect.Value, row Row, reveal bool) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() && personal(v.Type()) {
			redact(p, v.Elem(), row, reveal)
		}
	case reflect.Slice, reflect.Array:
		if personal(v.Type().Elem()) {
			for i := range v.Len() {
				redact(p, v.Index(i), row, reveal)
			}
		}
	case reflect.Map:
		if !personal(v.Type().Elem()) {
			return
		}
		for _, k := range v.MapKeys() {
			e := reflect.New(v.Type().Elem()).Elem()
			e.Set(v.MapIndex(k))
			redact(p, e, row, reveal)
			v.SetMapIndex(k, e)
		}
	case reflect.Struct:
		if !personal(v.Type()) {
			return
		}
		if v.CanInterface() { // an embedded part belongs to the row of the whole
			if s, ok := v.Interface().(Subject); ok {
				row = s.AuthRow()
			}
		}
		t := v.Type()
		for i := range t.NumField() {
			f := t.Field(i)
			if !shown(f) {
				continue
			}
			class := f.Tag.Get("class")
			if class == "" {
				redact(p, v.Field(i), row, reveal)
				continue
			}
			switch p.Sees(Class(class), row, reveal) {
			case Full:
				redact(p, v.Field(i), row, reveal)
			case Masked:
				mask(v.Field(i), f.Tag.Get("mask"))
			default:
				v.Field(i).SetZero()
			}
		}
	}
}

func mask(v reflect.Value, how string) {
	if v.Kind() != reflect.String || how == "" {
		v.SetZero()
		return
	}
	v.SetString(Mask(v.String(), how))
}

// Mask hides a text in the given way: name keeps the first character, phone the
// first three and last four digits, id the last two, door cuts a place path to its building.
func Mask(s, how string) string {
	r := []rune(s)
	switch {
	case len(r) == 0:
		return ""
	case how == "name":
		return string(r[:1]) + strings.Repeat("*", max(1, len(r)-1))
	case how == "phone" && len(r) >= 8:
		return string(r[:3]) + strings.Repeat("*", len(r)-7) + string(r[len(r)-4:])
	case how == "id" && len(r) > 2:
		return strings.Repeat("*", len(r)-2) + string(r[len(r)-2:])
	case how == "door":
		return string(linli.Place(s).At(linli.DepthBuilding))
	}
	return strings.Repeat("*", len(r))
}

var personalTypes sync.Map // reflect.Type -> bool

// personal tells whether a value of the type can hold a tagged field; most
// responses are walked only as deep as they are personal.
func personal(t reflect.Type) bool {
	if known, ok := personalTypes.Load(t); ok {
		return known.(bool)
	}
	found := holdsClass(t, map[reflect.Type]bool{})
	personalTypes.Store(t, found)
	return found
}

func holdsClass(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Interface:
		return true // unknown until run time: walk it
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return holdsClass(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if shown(f) && (f.Tag.Get("class") != "" || holdsClass(f.Type, seen)) {
				return true
			}
		}
	}
	return false
}

// shown tells whether JSON writes the field: exported ones, and the exported parts
// of an embedded struct whatever its own name.
func shown(f reflect.StructField) bool {
	return f.IsExported() || f.Anonymous && f.Type.Kind() == reflect.Struct
}
