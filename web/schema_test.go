package web

import (
	"reflect"
	"testing"
	"time"

	"linli"
	"linli/auth"
)

func TestTypesOfTwoRoomsWithOneNameAreTwoSchemas(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]any{
		"AuthGrant":         auth.Grant{},
		"ListAuthGrant":     List[auth.Grant]{},
		"ListListAuthGrant": List[[]auth.Grant]{},
		"Point":             &linli.Point{},
		"ListPoint":         List[linli.Point]{},
		"ListTimeTime":      List[time.Time]{},
	} {
		if got := schemaName(reflect.TypeOf(v), "hint"); got != want {
			t.Errorf("%T is named %s, want %s", v, got, want)
		}
	}
}
