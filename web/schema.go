package web

import (
	"path"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// schemaName names a type in the API description with its slice in front, since
// two slices may both have a Report: ResidentReport, ListPartyWorker. Words of the
// root package and of web itself stand alone.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := t.Name()
	if name == "" {
		return huma.DefaultSchemaNamer(t, hint)
	}
	outer, args, generic := strings.Cut(name, "[")
	var b strings.Builder
	b.WriteString(withRoom(t.PkgPath(), outer))
	if generic {
		for arg := range strings.SplitSeq(strings.TrimSuffix(args, "]"), ",") {
			list := strings.HasPrefix(arg, "[]")
			arg = strings.TrimLeft(arg, "[]*")
			dot := strings.LastIndexByte(arg, '.')
			if list {
				b.WriteString("List")
			}
			b.WriteString(withRoom(arg[:max(dot, 0)], arg[dot+1:]))
		}
	}
	return b.String()
}

// withRoom puts the last word of a package path before a type name.
func withRoom(pkg, name string) string {
	room := path.Base(pkg)
	if pkg == "" || room == "linli" || room == "web" {
		room = ""
	}
	return capital(room) + capital(name)
}

func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
