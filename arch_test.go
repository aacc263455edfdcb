package linli_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// room is a Go package folder of the house.
type room struct {
	path    string   // relative to the root, "" is the root package
	doc     bool     // has a package comment
	imports []string // of its own code, without tests
	tests   []string // of its tests
	schema  string   // all its SQL
}

const module = "linli"

// shelves hold the slices.
var shelves = []string{"service", "sense", "people", "govern"}

func isSlice(p string) bool {
	shelf, rest, ok := strings.Cut(p, "/")
	return ok && !strings.Contains(rest, "/") && slices.Contains(shelves, shelf)
}

func shelved(p string) bool { return slices.Contains(shelves, strings.SplitN(p, "/", 2)[0]) }

// products are the modules behind the engine ports; only the homes name them.
var products = []string{"modernc.org/sqlite", "github.com/jackc/pgx", "github.com/nats-io", "github.com/mochi-mqtt", "github.com/eclipse/paho"}

// exceptions are imports that the table below forbids, each with its reason.
var exceptions = map[string]string{
	"cmd/linlibench -> auth":          "the bench makes accounts for the people who act in it",
	"cmd/linlibench -> engine":        "the bench fills the store to the size it measures at, faster than the API would",
	"cmd/linlibench -> engine/db":     "as above",
	"cmd/linlibench -> engine/mqtt":   "the bench measures the ingress of devices without the slices behind it",
	"cmd/linlibench -> engine/series": "the bench measures this port by itself, without the hub around it",
}

// may is the table of design: which room may import which of ours.
func may(from, to string) bool {
	ports := []string{"engine/db", "engine/bus", "engine/job", "engine/blob", "engine/series", "engine/mqtt"}
	in := func(prefixes ...string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return to == p || strings.HasPrefix(to, p+"/") })
	}
	switch {
	case to == "":
		return true // everybody speaks the shared words
	case from == "":
		return false
	case from == "geo" || strings.HasPrefix(from, "geo/"):
		return in("geo")
	case strings.HasPrefix(from, "decide/"):
		return in("geo")
	case from == "engine":
		return in("engine")
	case strings.HasPrefix(from, "engine/"):
		port := strings.Join(strings.SplitN(from, "/", 3)[:2], "/")
		return to == "engine/db" || in(port)
	case from == "auth":
		return to == "engine/db"
	case from == "auth/account": // the HTTP face of auth stands above web
		return slices.Contains([]string{"auth", "web", "engine/db"}, to)
	case from == "web":
		return slices.Contains([]string{"auth", "engine/db", "engine/bus"}, to)
	case isSlice(from):
		return in("geo", "decide", "auth", "web") && to != "auth/account" || slices.Contains(ports, to)
	case shelved(from): // a room inside a slice serves only that slice
		return in("geo", "decide") || slices.Contains(ports, to)
	case from == "app":
		return to != "sim" && !strings.HasPrefix(to, "cmd/")
	case from == "cmd/linli":
		return slices.Contains([]string{"app", "sim", "auth"}, to)
	case from == "cmd/linlibench":
		return in("decide", "app", "sim", "cmd/linlibench", "geo")
	case from == "sim":
		return to == "geo" // a ruler, to know how long a walk takes
	case from == "ui":
		return false
	case strings.HasPrefix(from, "test/"):
		return true
	}
	return false
}

func rooms(t *testing.T) []room {
	t.Helper()
	byPath := map[string]*room{}
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if p != "." && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata" || name == "dist" || name == "bin") {
				return filepath.SkipDir
			}
			return nil
		}
		dir := path.Dir(filepath.ToSlash(p))
		if dir == "." {
			dir = ""
		}
		if strings.HasSuffix(name, ".sql") && path.Base(dir) == "schema" {
			raw, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			owner := path.Dir(dir)
			if byPath[owner] == nil {
				byPath[owner] = &room{path: owner}
			}
			byPath[owner].schema += string(raw)
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ParseComments|parser.ImportsOnly)
		if err != nil {
			return err
		}
		r := byPath[dir]
		if r == nil {
			r = &room{path: dir}
			byPath[dir] = r
		}
		test := strings.HasSuffix(name, "_test.go")
		r.doc = r.doc || !test && documented(f)
		for _, i := range f.Imports {
			to, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			if test {
				r.tests = append(r.tests, to)
			} else {
				r.imports = append(r.imports, to)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var out []room
	for _, r := range byPath {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b room) int { return strings.Compare(a.path, b.path) })
	if len(out) < 20 {
		t.Fatalf("only %d rooms were found: the walk is broken", len(out))
	}
	return out
}

func documented(f *ast.File) bool { return f.Doc != nil && len(strings.TrimSpace(f.Doc.Text())) > 20 }

func TestRoomsImportOnlyWhatTheTableAllows(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, r := range rooms(t) {
		for _, i := range r.imports {
			to, ours := strings.CutPrefix(i, module+"/")
			if i == module {
				to, ours = "", true
			}
			if !ours {
				if slices.ContainsFunc(products, func(p string) bool { return strings.HasPrefix(i, p) }) && !strings.HasPrefix(r.path, "engine/") {
					t.Errorf("%s names the engine product %s", r.path, i)
				}
				continue
			}
			if key := r.path + " -> " + to; !may(r.path, to) {
				if exceptions[key] == "" {
					t.Errorf("%s may not import %s", r.path, i)
				}
				used[key] = true
			}
		}
	}
	for key := range exceptions {
		if !used[key] {
			t.Errorf("exception %q is not needed any more", key)
		}
	}
}

func TestEveryRoomSaysWhatItIs(t *testing.T) {
	t.Parallel()
	vague := []string{"util", "utils", "common", "helper", "helpers", "types", "models", "manager", "misc", "shared", "lib", "base"}
	for _, r := range rooms(t) {
		if len(r.imports) > 0 && !r.doc && !strings.HasPrefix(r.path, "test/") {
			t.Errorf("%s has no package comment", r.path)
		}
		if slices.Contains(vague, path.Base(r.path)) {
			t.Errorf("%s: a room called %q says nothing", r.path, path.Base(r.path))
		}
	}
}

var creates = regexp.MustCompile(`(?im)^\s*CREATE\s+(?:UNIQUE\s+)?(?:TABLE|VIEW|INDEX)\s+(?:IF NOT EXISTS\s+)?([a-z_0-9]+)`)

func TestTablesCarryTheNameOfTheirRoom(t *testing.T) {
	t.Parallel()
	tables := 0
	for _, r := range rooms(t) {
		prefix := path.Base(r.path) + "_"
		if strings.HasPrefix(r.path, "engine/bus") {
			prefix = "bus_"
		}
		for _, m := range creates.FindAllStringSubmatch(r.schema, -1) {
			tables++
			if !strings.HasPrefix(m[1], prefix) {
				t.Errorf("%s: %s does not start with %s", r.path, m[1], prefix)
			}
		}
	}
	if tables < 20 {
		t.Fatalf("only %d tables were found: the search is broken", tables)
	}
}

// A slice may touch the tables of another only through its published views, and
// of those only insight reads.
func TestSlicesReadOnlyTheirOwnTables(t *testing.T) {
	t.Parallel()
	all := rooms(t)
	var owners []string
	for _, r := range all {
		if isSlice(r.path) {
			owners = append(owners, path.Base(r.path))
		}
	}
	names := regexp.MustCompile(`(?i)\b(?:FROM|JOIN|INTO|UPDATE)\s+([a-z]+)_([a-z_]+)`)
	for _, r := range all {
		if !isSlice(r.path) {
			continue
		}
		files, err := filepath.Glob(filepath.Join(filepath.FromSlash(r.path), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			raw, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range names.FindAllSubmatch(raw, -1) {
				owner, table := string(m[1]), string(m[2])
				if owner == path.Base(r.path) || !slices.Contains(owners, owner) {
					continue
				}
				if !strings.HasPrefix(table, "pub_") || r.path != "govern/insight" {
					t.Errorf("%s reads %s_%s, which belongs to %s", f, owner, table, owner)
				}
			}
		}
	}
}

func TestDepsTxtListsTheModulesOfTheBinary(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./cmd/linli").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var want []string
	for l := range strings.Lines(string(out)) {
		if l = strings.TrimSpace(l); l != "" && l != module && !slices.Contains(want, l) {
			want = append(want, l)
		}
	}
	slices.Sort(want)
	raw, err := os.ReadFile("deps.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Fields(string(raw)); !slices.Equal(got, want) {
		t.Errorf("deps.txt lists\n%s\nthe binary links\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	docs, err := os.ReadFile("docs/deps.md")
	if err != nil {
		t.Fatal(err)
	}
	mods, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for l := range bytes.Lines(mods) {
		f := strings.Fields(string(l))
		if len(f) >= 2 && strings.HasPrefix(f[1], "v") && !bytes.Contains(l, []byte("// indirect")) && strings.Contains(f[0], ".") && !bytes.Contains(docs, []byte(f[0])) {
			t.Errorf("docs/deps.md does not say why %s is used", f[0])
		}
	}
}
