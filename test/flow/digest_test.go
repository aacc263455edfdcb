package flow_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"linli/engine"
	"linli/engine/db"
)

// quiet are the tables that any request may touch: who looked, and who is signed in.
var quietTables = []string{"auth_audit", "auth_session"}

// digest is one line per table with the hash of its rows, without the quiet tables.
func digest(t *testing.T, e *engine.Engine) (out []string) {
	t.Helper()
	names := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`
	if e.DB.Dialect() == db.Postgres {
		names = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name`
	}
	for _, name := range rows(t, e.DB, names) {
		if slices.Contains(quietTables, name) {
			continue
		}
		all := rows(t, e.DB, `SELECT * FROM `+name)
		slices.Sort(all)
		out = append(out, fmt.Sprintf("%s %d %x", name, len(all), sha256.Sum256([]byte(strings.Join(all, "\n"))))[:len(name)+24])
	}
	return out
}

// differ names the tables whose lines differ.
func differ(before, after []string) (out []string) {
	for _, line := range after {
		if !slices.Contains(before, line) {
			out = append(out, line)
		}
	}
	return out
}
