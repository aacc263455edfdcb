package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// grid is a small OpenStreetMap file of streets 100 m apart, with houses between them.
func grid(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><osm version="0.6">`)
	node := func(id int, x, y float64) {
		fmt.Fprintf(&b, `<node id="%d" lon="%.7f" lat="%.7f"/>`, id, 121.5+x*1.05e-5, 31.2+y*0.9e-5)
	}
	const n = 6
	for i := range n * n {
		x, y := float64(i%n)*100, float64(i/n)*100
		node(i+1, x, y)
		for k, d := range [][2]float64{{40, 40}, {60, 40}, {60, 60}, {40, 60}} {
			node(1000+i*4+k, x+d[0], y+d[1])
		}
	}
	way := func(id int, tag string, refs ...int) {
		fmt.Fprintf(&b, `<way id="%d">`, id)
		for _, r := range refs {
			fmt.Fprintf(&b, `<nd ref="%d"/>`, r)
		}
		k, v, _ := strings.Cut(tag, "=")
		fmt.Fprintf(&b, `<tag k="%s" v="%s"/></way>`, k, v)
	}
	for i := range n {
		var row, column []int
		for j := range n {
			row, column = append(row, i*n+j+1), append(column, j*n+i+1)
		}
		way(1+i, "highway=residential", row...)
		way(100+i, "highway=footway", column...)
	}
	for i := range n * n {
		first := 1000 + i*4
		way(first, "building=house", first, first+1, first+2, first+3, first)
	}
	b.WriteString("</osm>")
	path := filepath.Join(t.TempDir(), "grid.osm")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWalkMeasuresAMapAndKeepsItsPromises(t *testing.T) {
	t.Parallel()
	path := grid(t)
	code, out := call(t, "walk", "--map", path, "--from", "20", "--profile", "elder")
	if code != 0 || out["addresses"] != 20.0 || out["snapped"] != 20.0 || out["islands"] != 0.0 || out["unreachable_pct"] != 0.0 || out["vertices"] != 36.0 || out["edges"] != 60.0 {
		t.Fatalf("%d: %v", code, out)
	}
	for _, key := range []string{"read_s", "build_s", "load_ms", "profile_ms", "graph_kib", "snap_us", "matrix_ms", "row_us", "address_us", "lookup_ns", "longest_s"} {
		if _, ok := out[key].(float64); !ok {
			t.Errorf("%s is %v", key, out[key])
		}
	}
	_, again := call(t, "walk", "--map", path, "--from", "20", "--profile", "elder")
	_, other := call(t, "walk", "--map", path, "--from", "20", "--profile", "elder", "--seed", "2")
	if out["digest"] != again["digest"] || out["digest"] == other["digest"] || out["digest"] == "" {
		t.Errorf("digests %v, %v, of another seed %v", out["digest"], again["digest"], other["digest"])
	}
}

func TestWalkRefusesWhatIsNoMap(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct {
		code int
		args []string
	}{
		"an unknown profile":  {2, []string{"--map", grid(t), "--profile", "horse"}},
		"no addresses":        {2, []string{"--map", grid(t), "--from", "0"}},
		"an absent file":      {3, []string{"--map", filepath.Join(dir, "absent.osm")}},
		"text":                {4, []string{"--map", file("text.osm", "no map")}},
		"a map without a way": {4, []string{"--map", file("empty.osm", `<osm version="0.6"></osm>`)}},
	} {
		if code, out := call(t, append([]string{"walk"}, c.args...)...); code != c.code || out["error"] == nil {
			t.Errorf("%s: %d, %v", name, code, out["error"])
		}
	}
}
