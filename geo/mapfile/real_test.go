package mapfile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"linli/geo"
)

// sources opens files of the data folder beside the project; without the folder the test is skipped.
func sources(t *testing.T, names ...string) []Source {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		root = filepath.Dir(root)
	}
	dir := filepath.Join(root, "..", "shared", "data", "maps")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("data folder absent: %s", dir)
	}
	var out []Source
	for _, name := range names {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		out = append(out, Source{name, f})
	}
	return out
}

func TestTheRealBundHasItsBuildings(t *testing.T) {
	t.Parallel()
	m, err := Read(context.Background(), Options{}, sources(t, "shanghai_bund_buildings.geojson.gz", "shanghai_bund_landuse.geojson.gz",
		"shanghai_bund_places.geojson.gz", "shanghai_bund_pois.geojson.gz", "shanghai_bund_roads.geojson.gz", "shanghai_bund_transit.geojson.gz", "shanghai_bund_water.geojson.gz")...)
	if err != nil {
		t.Fatal(err)
	}
	cut, apart, height := 0, 0, map[HeightSource]int{}
	for _, b := range m.Buildings {
		height[b.HeightFrom]++
		if b.Pieces > 1 {
			cut++
			apart += len(b.Shape) - 1
		}
		if c := geo.Centroid(b.Shape); c.Lng < 121.48 || c.Lng > 121.53 || c.Lat < 31.22 || c.Lat > 31.26 || b.Height <= 0 || b.Levels < 1 {
			t.Errorf("%s at %v is %f m high with %d floors", b.ID, c, b.Height, b.Levels)
		}
	}
	// Counted on the file with a second reader: 1,320 ids of building polygons, 22 of them cut.
	if len(m.Buildings) != 1320 || cut != 22 || apart != 0 || height[HeightTagged] != 581 {
		t.Errorf("%d buildings, %d cut, %d apart, heights %v", len(m.Buildings), cut, apart, height)
	}
	if len(m.Roads) != 1078 || len(m.POIs) < 500 || len(m.Waters) < 20 {
		t.Errorf("%d roads, %d places, %d waters", len(m.Roads), len(m.POIs), len(m.Waters))
	}
	t.Logf("%+v, heights %v", m.Report, height)
}

func TestRealOpenStreetMapFilesAreCountedRight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file             string
		buildings, roads int // counted with other readers
	}{{"liechtenstein.osm.pbf", 8991 - 2 + 5, 4658}, {"shanghai_roads.osm.gz", 0, 796}, {"monaco.osm.gz", 966, 860}} {
		m, err := Read(context.Background(), Options{}, sources(t, c.file)...)
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Buildings) != c.buildings || len(m.Roads) != c.roads {
			t.Errorf("%s: %d buildings, %d roads", c.file, len(m.Buildings), len(m.Roads))
		}
		t.Logf("%s: %d places, %d waters, %+v", c.file, len(m.POIs), len(m.Waters), m.Report)
	}
}
