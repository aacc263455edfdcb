package walk

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"linli"
	"linli/geo"
	"linli/geo/mapfile"
)

// real reads a map of the data folder beside the project; without the folder the test is skipped.
func real(t *testing.T, name string) *mapfile.Map {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "maps", name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("data folder absent: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := mapfile.Read(context.Background(), mapfile.Options{}, mapfile.Source{Name: name, Reader: f})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// On a real map nearly everything hangs together, every building finds a way, and
// the way is longer than the line by about as much as in other towns.
func TestRealMapsHangTogether(t *testing.T) {
	t.Parallel()
	for name, most := range map[string]float64{"liechtenstein.osm.pbf": 1.7, "monaco.osm.gz": 1.9} { // both lie on slopes
		m := real(t, name)
		g, ok := Build(m.Net)
		if !ok {
			t.Fatal("no ways")
		}
		for _, p := range []geo.Profile{geo.Adult, geo.Elder, geo.Wheelchair, geo.EBike} {
			r := g.For(p)
			main := 0
			for _, in := range r.main {
				if in {
					main++
				}
			}
			least := 0.95
			if p == geo.Wheelchair || p == geo.EBike {
				least = 0.85 // stairs are not for them
			}
			if share := float64(main) / float64(len(r.main)); share < least {
				t.Errorf("%s as %s: %.3f of the edges are in the main part", name, p, share)
			}
		}
		r := g.For(geo.Adult)
		rng := rand.New(rand.NewPCG(1, 9))
		var detours []float64
		found, tried := 0, 0
		for len(detours) < 500 {
			a, b := geo.Centroid(m.Buildings[rng.IntN(len(m.Buildings))].Shape), geo.Centroid(m.Buildings[rng.IntN(len(m.Buildings))].Shape)
			line := geo.Meters(a, b)
			if !(line > 200 && line < 1500) {
				continue
			}
			tried++
			from, okFrom := r.Snap(a)
			to, okTo := r.Snap(b)
			if !okFrom || !okTo {
				continue
			}
			found++
			row := make([]int32, 1)
			r.Row(from, []Snap{to}, row)
			meters := 10 * line
			if row[0] != Unreachable {
				meters = float64(row[0]) * geo.Adult.Speed()
			}
			detours = append(detours, meters/line)
		}
		slices.Sort(detours)
		if middle := detours[len(detours)/2]; middle < 1.1 || middle > most || float64(found) < 0.98*float64(tried) {
			t.Errorf("%s: the middle detour is %.2f, %d of %d pairs are found", name, middle, found, tried)
		}
		t.Logf("%s: %d vertices, %d edges, detours %.2f %.2f %.2f", name, g.Vertices(), g.Edges(), detours[50], detours[250], detours[450])
	}
}

// The times of a real map are the same on every run.
func TestRealTimesAreAlwaysTheSame(t *testing.T) {
	t.Parallel()
	m := real(t, "monaco.osm.gz")
	var first []int32
	for range 2 {
		g, _ := Build(m.Net)
		r := g.For(geo.Elder)
		var snaps []Snap
		for _, b := range m.Buildings[:100] {
			s, _ := r.Snap(geo.Centroid(b.Shape))
			snaps = append(snaps, s)
		}
		times, err := r.Times(context.Background(), snaps, snaps)
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && !slices.Equal(first, times) {
			t.Error("the times differ")
		}
		first = times
	}
	if _, ok := Build(mapfile.Net{Nodes: []mapfile.NetNode{{ID: 1, At: linli.Point{Lng: 1, Lat: 1}}}}); ok {
		t.Error("a map without ways gives a graph")
	}
}
