package mapfile

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"linli"
	"linli/geo"
)

func read(t *testing.T, files ...string) *Map {
	t.Helper()
	m, err := readAll(Options{}, files...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func readAll(opt Options, files ...string) (*Map, error) {
	var sources []Source
	for _, f := range files {
		sources = append(sources, Source{"测试.osm", strings.NewReader(f)})
	}
	return Read(context.Background(), opt, sources...)
}

// unitArea is the area of a square of one unit of the made-up village.
var unitArea = geo.Area(orb.MultiPolygon{{{{lng(0), lat(0)}, {lng(1), lat(0)}, {lng(1), lat(1)}, {lng(0), lat(1)}, {lng(0), lat(0)}}}})

func units(shape orb.MultiPolygon) float64 { return geo.Area(shape) / unitArea }

func TestAnOpenStreetMapFileBecomesAMap(t *testing.T) {
	t.Parallel()
	m := read(t, asOSM(village))
	if len(m.Buildings) != 2 {
		t.Fatalf("%d buildings", len(m.Buildings))
	}
	house, block := m.Buildings[0], m.Buildings[1]
	if got := units(house.Shape); math.Abs(got-4) > 0.001 {
		t.Errorf("the house has %f units", got)
	}
	if got := units(block.Shape); math.Abs(got-96) > 0.01 || len(block.Shape) != 1 || len(block.Shape[0]) != 2 {
		t.Errorf("the block with its court has %f units in %v", got, block.Shape)
	}
	house.Shape, block.Shape = nil, nil
	if want := (Building{ID: "way/4", Name: "老宅", Kind: "house", Levels: 3, Height: 7.5, HeightFrom: HeightTagged, Pieces: 1}); !reflect.DeepEqual(house, want) {
		t.Errorf("%+v", house)
	}
	if want := (Building{ID: "relation/1", Kind: "apartments", Levels: 6, Height: 18, HeightFrom: HeightLevels, Pieces: 1}); !reflect.DeepEqual(block, want) {
		t.Errorf("%+v", block)
	}
	if want := []Road{{ID: "way/6", Name: "长坡", Kind: "steps", Steps: true, Bridge: true, Lines: orb.MultiLineString{{{lng(0), lat(10)}, {lng(20), lat(2)}}}}}; !sameRoads(m.Roads, want) {
		t.Errorf("%+v", m.Roads)
	}
	if len(m.Waters) != 2 || m.Waters[0].Kind != "pond" || math.Abs(units(m.Waters[0].Shape)-4) > 0.001 || m.Waters[1].Kind != "stream" || len(m.Waters[1].Lines) != 1 || m.Waters[1].Shape != nil {
		t.Errorf("%+v", m.Waters)
	}
	if len(m.POIs) != 2 || m.POIs[1].Kind != "garden" || geo.Meters(m.POIs[1].At, linli.Point{Lng: lng(21), Lat: lat(1)}) > 0.1 {
		t.Errorf("%+v", m.POIs)
	}
	clinic := m.POIs[0]
	if geo.Meters(clinic.At, linli.Point{Lng: lng(1), Lat: lat(1)}) > 0.02 {
		t.Errorf("the clinic is at %v", clinic.At)
	}
	clinic.At = linli.Point{}
	if want := (POI{ID: "node/20", Name: "社区卫生服务站", NameEn: "Clinic", Kind: "clinic", Street: "邻里路", Number: "5"}); clinic != want {
		t.Errorf("%+v", clinic)
	}
	if want := map[string]int{SkipIncomplete: 2, SkipOther: 1}; !reflect.DeepEqual(m.Report.Skipped, want) {
		t.Errorf("skipped %v", m.Report.Skipped)
	}
}

func sameRoads(a, b []Road) bool {
	return slices.EqualFunc(a, b, func(x, y Road) bool {
		same := slices.EqualFunc(x.Lines, y.Lines, func(k, l orb.LineString) bool {
			return slices.EqualFunc(k, l, func(p, q orb.Point) bool { return planar.Distance(p, q) < 1e-7 })
		})
		x.Lines, y.Lines = nil, nil
		return same && reflect.DeepEqual(x, y)
	})
}

func TestTheSameMapComesOutOfEveryForm(t *testing.T) {
	t.Parallel()
	want := read(t, asOSM(village))
	shuffled := slices.Clone(village)
	slices.SortStableFunc(shuffled, func(a, b element) int { // nodes backward, the rest as it was
		if a.kind == "node" && b.kind == "node" && a.tags == nil && b.tags == nil {
			return int(b.id - a.id)
		}
		return 0
	})
	for name, file := range map[string]string{
		"gzip":        string(zipped(asOSM(village))),
		"dense pbf":   string(asPBF(village, true, true)),
		"plain nodes": string(asPBF(village, false, true)),
		"raw pbf":     string(asPBF(village, true, false)),
		"zipped pbf":  string(zipped(string(asPBF(village, false, false)))),
		"unsorted":    asOSM(shuffled),
		"with a BOM":  "\xef\xbb\xbf \n" + asOSM(village),
	} {
		if got := read(t, file); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v\nwant %+v", name, got, want)
		}
	}
}

func TestTilePiecesOfOneBuildingBecomeOneAgain(t *testing.T) {
	t.Parallel()
	id := `"kind":"building","id":7`
	for name, c := range map[string]struct {
		pieces  []string
		area    float64
		corners int // of all rings, closing ones not counted; 0: any
		rings   int
		parts   int
	}{
		"cut once":            {[]string{polygon(id, ring(0, 0, 5, 0, 5, 4, 0, 4)), polygon(id, ring(5, 0, 9, 0, 9, 4, 5, 4))}, 36, 0, 1, 1},
		"cut at a corner":     {[]string{polygon(id, ring(0, 0, 5, 0, 5, 5, 0, 5)), polygon(id, ring(5, 0, 9, 0, 9, 5, 5, 5)), polygon(id, ring(0, 5, 5, 5, 5, 9, 0, 9)), polygon(id, ring(5, 5, 9, 5, 9, 9, 5, 9))}, 81, 0, 1, 1},
		"a U across a border": {[]string{polygon(id, ring(0, 0, 3, 0, 3, 9, 0, 9)), polygon(id, ring(3, 0, 8, 0, 8, 3, 3, 3)), polygon(id, ring(3, 6, 8, 6, 8, 9, 3, 9))}, 27 + 15 + 15, 0, 1, 1},
		"a court on a border": {[]string{polygon(id, ring(0, 0, 5, 0, 5, 3, 4, 3, 4, 6, 5, 6, 5, 9, 0, 9)), polygon(id, ring(5, 0, 9, 0, 9, 9, 5, 9, 5, 6, 6, 6, 6, 3, 5, 3))}, 81 - 6, 0, 2, 1},
		"extra corner":        {[]string{polygon(id, ring(0, 0, 5, 0, 5, 4, 0, 4)), polygon(id, ring(5, 0, 9, 0, 9, 4, 5, 4, 5, 3.3, 5, 1.7))}, 36, 0, 1, 1},
		"a shorter border":    {[]string{polygon(id, ring(0, 0, 5, 0, 5, 4, 0, 4)), polygon(id, ring(5, 1, 9, 1, 9, 3, 5, 3))}, 28, 8, 1, 1},
		"overlapping buffers": {[]string{polygon(id, ring(0, 0, 5.5, 0, 5.5, 4, 0, 4)), polygon(id, ring(4.5, 0, 9, 0, 9, 4, 4.5, 4))}, 36, 0, 1, 1},
		"the same twice":      {[]string{polygon(id, ring(0, 0, 5, 0, 5, 4, 0, 4)), polygon(id, ring(0, 0, 5, 0, 5, 4, 0, 4))}, 20, 4, 1, 1},
		"pieces far apart":    {[]string{polygon(id, ring(0, 0, 2, 0, 2, 2, 0, 2)), polygon(id, ring(5, 0, 7, 0, 7, 2, 5, 2))}, 8, 8, 2, 2},
		"turned clockwise":    {[]string{polygon(id, ring(0, 4, 5, 4, 5, 0, 0, 0)), polygon(id, ring(5, 0, 9, 0, 9, 4, 5, 4))}, 36, 0, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var files []string
			for _, p := range c.pieces { // a file per tile
				files = append(files, collection(p))
			}
			m := read(t, files...)
			if len(m.Buildings) != 1 {
				t.Fatalf("%d buildings", len(m.Buildings))
			}
			b := m.Buildings[0]
			rings, corners := 0, 0
			for _, poly := range b.Shape {
				rings += len(poly)
				for i, r := range poly {
					corners += len(r) - 1
					if (r.Orientation() == orb.CCW) != (i == 0) || r[0] != r[len(r)-1] {
						t.Errorf("ring %d runs the wrong way or is open: %v", i, r)
					}
				}
			}
			if math.Abs(units(b.Shape)-c.area) > 0.001 || rings != c.rings || len(b.Shape) != c.parts || b.Pieces != len(c.pieces) || c.corners > 0 && corners != c.corners {
				t.Errorf("area %f in %d parts, %d rings, %d corners: %v", units(b.Shape), len(b.Shape), rings, corners, b.Shape)
			}
			r := m.Report
			if r.Merged != 1 || r.Pieces != len(c.pieces) || r.Apart != c.parts-1 {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestTilesSayTheirHeightsNamesAndPlaces(t *testing.T) {
	t.Parallel()
	m := read(t, collection(
		polygon(`"kind":"building","id":1,"height":24.5,"addr_street":"世纪大道","addr_housenumber":"8","name":"Tower","name:zh":"塔楼","name:en":"Tower"`, ring(0, 0, 2, 0, 2, 2, 0, 2)),
		polygon(`"kind":"building","id":2,"height":0`, ring(3, 0, 5, 0, 5, 2, 3, 2)),
		polygon(`"kind":"building_part","id":21,"root_id":2,"height":20`, ring(3, 0, 4, 0, 4, 2, 3, 2)),
		polygon(`"kind":"building_part","id":22,"root_id":2,"height":32`, ring(4, 0, 5, 0, 5, 2, 4, 2)),
		polygon(`"kind":"building","id":3,"kind_detail":"apartments"`, ring(6, 0, 8, 0, 8, 2, 6, 2)),
		geometry(`"kind":"building","id":3,"name":"三号楼","label_placement":true`, "Point", `[121.5007,31.2001]`),
		geometry(`"kind":"address","id":3,"addr_street":"邻里路","addr_housenumber":"3"`, "Point", `[121.5007,31.2001]`),
		geometry(`"kind":"address","id":900,"addr_street":"邻里路","addr_housenumber":"9"`, "Point", `[121.6,31.2]`),
		geometry(`"kind":"school","id":50,"min_zoom":16,"name":"小学"`, "Point", `[121.51,31.21]`),
		geometry(`"kind":"park","id":51,"min_zoom":16,"label_placement":true`, "Point", `[121.51,31.21]`),
		geometry(`"kind":"path","kind_detail":"footway","id":60,"is_tunnel":true`, "LineString", `[[121.5,31.2],[121.501,31.2]]`),
		geometry(`"kind":"path","kind_detail":"footway","id":60`, "MultiLineString", `[[[121.502,31.2],[121.501,31.2]],[[121.5,31.2],[121.499,31.2]],[[121.6,31.3],[121.7,31.3]]]`),
		geometry(`"kind":"rail","id":61`, "LineString", `[[121.5,31.2],[121.501,31.2]]`),
		polygon(`"kind":"water","id":70`, ring(20, 0, 25, 0, 25, 5, 20, 5)),
		polygon(`"kind":"water","id":70`, ring(25, 0, 30, 0, 30, 5, 25, 5)),
		geometry(`"kind":"water","id":70,"boundary":true`, "LineString", `[[121.5,31.2],[121.501,31.2]]`),
	))
	var got []Building
	for _, b := range m.Buildings {
		b.Shape = nil
		got = append(got, b)
	}
	if want := []Building{
		{ID: "1", Name: "塔楼", NameEn: "Tower", Street: "世纪大道", Number: "8", Levels: 8, Height: 24.5, HeightFrom: HeightTagged, Pieces: 1},
		{ID: "2", Levels: 11, Height: 32, HeightFrom: HeightParts, Pieces: 1},
		{ID: "3", Name: "三号楼", Kind: "apartments", Street: "邻里路", Number: "3", Levels: 6, Height: 18, HeightFrom: HeightEstimated, Pieces: 1},
	}; !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if want := []POI{
		{ID: "50", Name: "小学", Kind: "school", At: linli.Point{Lng: 121.51, Lat: 31.21}},
		{ID: "900", Kind: "address", Street: "邻里路", Number: "9", At: linli.Point{Lng: 121.6, Lat: 31.2}},
	}; !reflect.DeepEqual(m.POIs, want) {
		t.Errorf("%+v", m.POIs)
	}
	if len(m.Roads) != 1 || !m.Roads[0].Tunnel || m.Roads[0].Kind != "footway" || len(m.Roads[0].Lines) != 2 || len(m.Roads[0].Lines[0]) != 4 {
		t.Errorf("%+v", m.Roads)
	}
	if len(m.Waters) != 1 || math.Abs(units(m.Waters[0].Shape)-50) > 0.001 || len(m.Waters[0].Shape) != 1 {
		t.Errorf("%+v", m.Waters)
	}
	want := Report{Features: 16, Merged: 2, Pieces: 6, Estimated: 1, Skipped: map[string]int{SkipPart: 2, SkipLabel: 3, SkipOther: 2}}
	if !reflect.DeepEqual(m.Report, want) {
		t.Errorf("%+v, want %+v", m.Report, want)
	}
}

func TestABrokenFeatureIsCountedAndTheRestIsKept(t *testing.T) {
	t.Parallel()
	good := polygon(`"building":"yes"`, ring(0, 0, 2, 0, 2, 2, 0, 2))
	m := read(t, collection(good,
		`{"type":"Feature","properties":{"building":"yes"},"geometry":null}`,
		`{"type":"Feature","properties":null,"geometry":{"type":"Point","coordinates":[121.5,31.2]}}`,
		geometry(`"building":"yes"`, "Polygon", `"here"`),
		geometry(`"building":"yes"`, "Polygon", `[[[121.5,31.2],[121.6,31.2]]]`),
		geometry(`"building":"yes"`, "Polygon", `[]`),
		geometry(`"building":"yes"`, "Polygon", `[[[500,31.2],[121.6,31.2],[121.6,31.3]]]`),
		geometry(`"amenity":"school"`, "Point", `[0,0]`),
		geometry(`"amenity":"school"`, "Point", `[121]`),
		geometry(`"amenity":"school"`, "GeometryCollection", `[]`),
	))
	if len(m.Buildings) != 1 || !strings.HasPrefix(m.Buildings[0].ID, "geometry/") {
		t.Errorf("%+v", m.Buildings)
	}
	want := map[string]int{SkipShape: 5, SkipCoordinate: 3, SkipOther: 1}
	if !reflect.DeepEqual(m.Report.Skipped, want) || m.Report.Features != 10 {
		t.Errorf("%+v", m.Report)
	}
	if again := read(t, collection(good)); again.Buildings[0].ID != m.Buildings[0].ID {
		t.Error("the id of a feature without id changes")
	}
}

func TestCoordinatesOfOtherSystemsAreConvertedOrRefused(t *testing.T) {
	t.Parallel()
	gcj, err := geo.GCJ02.FromWGS84(linli.Point{Lng: 121.5, Lat: 31.2})
	if err != nil {
		t.Fatal(err)
	}
	at := orb.Point{gcj.Lng, gcj.Lat}
	c := newCollector(Options{CRS: geo.GCJ02}.withDefaults())
	if p, ok := c.position(at[:]); !ok || geo.Meters(linli.Point{Lng: p[0], Lat: p[1]}, linli.Point{Lng: 121.5, Lat: 31.2}) > 0.001 {
		t.Errorf("%v became %v", at, p)
	}
	if _, err := readAll(Options{CRS: geo.LocalENU}, collection()); linli.KindOf(err) != linli.KindInvalid {
		t.Errorf("local meters: %v", err)
	}
	for name, ok := range map[string]bool{"urn:ogc:def:crs:OGC:1.3:CRS84": true, "EPSG:4326": true, "urn:ogc:def:crs:EPSG::3857": false} {
		file := `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"` + name + `"}},"features":[]}`
		if _, err := readAll(Options{}, file); (err == nil) != ok || err != nil && linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHeightsAreReadAsMappersWriteThem(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]float64{"12": 12, "12.5 m": 12.5, " 9m ": 9, "3,5": 3.5, "12米": 12, "40 ft": 12.192, "0": 0, "-3": 0, "": 0, "high": 0, "5000": 0, "NaN": 0, "1e9": 0} {
		if got, ok := meters(s); ok != (want > 0) || ok && math.Abs(got-want) > 1e-9 {
			t.Errorf("%q is %f, %v", s, got, ok)
		}
	}
	for s, want := range map[string]int{"6": 6, "2.5": 3, "0.4": 1, "0": 0, "999": 0, "six": 0} {
		if got, ok := levelCount(map[string]string{"building:levels": s}); ok != (want > 0) || ok && got != want {
			t.Errorf("%q is %d, %v", s, got, ok)
		}
	}
}

func TestEveryFailureIsExplainedInBothLanguages(t *testing.T) {
	t.Parallel()
	pbf := string(asPBF(village, true, true))
	var bomb bytes.Buffer
	bomb.WriteString(`{"type":"FeatureCollection","features":[{"x":"`)
	bomb.WriteString(strings.Repeat("a", 3<<20))
	small := Options{MaxElement: 1 << 20}
	for name, c := range map[string]struct {
		opt  Options
		file string
		zh   string
	}{
		"empty":              {Options{}, "", "是空的"},
		"blank":              {Options{}, "  \n ", "认不出"},
		"a picture":          {Options{}, "\x89PNG\r\n\x1a\n", "认不出"},
		"another XML":        {Options{}, "<html><body/></html>", "认不出"},
		"city model":         {Options{}, `{"type":"CityJSON","version":"1.1"}`, "认不出"},
		"a bare number":      {Options{}, "42", "认不出"},
		"cut XML":            {Options{}, asOSM(village)[:900], "不完整"},
		"cut JSON":           {Options{}, collection(polygon(`"building":"yes"`, ring(0, 0, 1, 0, 1, 1)))[:90], "不完整"},
		"cut PBF":            {Options{}, pbf[:len(pbf)-5], "不完整"},
		"cut gzip":           {Options{}, string(zipped(asOSM(village)))[:200], "不完整"},
		"broken gzip":        {Options{}, strings.Replace(string(zipped(asOSM(village))), "\x08", "\x09", 1), "损坏"},
		"broken XML":         {Options{}, "<osm><node id='x'/></osm>", "损坏"},
		"no position":        {Options{}, "<osm><node id='1'/></osm>", "损坏"},
		"mixed JSON":         {Options{}, `{"type":"FeatureCollection","features":{}}`, "损坏"},
		"JSON and more":      {Options{}, collection() + "{}", "损坏"},
		"too many bytes":     {Options{MaxBytes: 100}, asOSM(village), "太大"},
		"too many nodes":     {Options{MaxNodes: 5}, asOSM(village), "太大"},
		"too many features":  {Options{MaxFeatures: 3}, asOSM(village), "太大"},
		"one endless value":  {small, bomb.String(), "太大"},
		"packed endlessness": {small, string(zipped(bomb.String())), "太大"},
		"endless XML":        {small, "<osm><way id='1'>" + strings.Repeat("<nd ref='1'/>", 200_000), "太大"},
		"unpacks hugely":     {Options{}, string(fileBlock("OSMHeader", nil, true)) + string(fileBlock("OSMData", make([]byte, maxBlob+1), true)), "损坏"},
		"needs a feature":    {Options{}, string(fileBlock("OSMHeader", []byte("\x22\x0dHistoricalInf"), true)), "损坏"},
		"huge header":        {Options{}, "\x00\xff\xff\xff\x0a\x09OSMHeader", "损坏"},
	} {
		m, err := readAll(c.opt, c.file)
		e, ok := errors.AsType[*linli.Error](err)
		if m != nil || !ok || e.Kind != linli.KindInvalid || e.Field != "map" || !strings.Contains(e.Zh, c.zh) || !strings.Contains(e.Zh, "测试.osm") || e.En == "" {
			t.Errorf("%s: %v, %+v", name, m != nil, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Read(ctx, Options{}, Source{"x", strings.NewReader(asOSM(village))}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

func TestNoDamageMakesTheReaderPanic(t *testing.T) {
	t.Parallel()
	files := []string{asOSM(village), string(asPBF(village, true, false)), string(asPBF(village, false, false)),
		collection(polygon(`"building":"yes","id":5`, ring(0, 0, 2, 0, 2, 2, 0, 2)), polygon(`"building":"yes","id":5`, ring(2, 0, 4, 0, 4, 2, 2, 2)))}
	for _, file := range files {
		for i := range len(file) {
			readAll(Options{}, file[:i])
			for _, b := range []byte{0xff, file[i] ^ 1} {
				damaged := []byte(file)
				damaged[i] = b
				if m, err := readAll(Options{}, string(damaged)); (m == nil) == (err == nil) {
					t.Fatalf("byte %d as %x: %v, %v", i, b, m, err)
				}
			}
		}
	}
}

func FuzzReadNeverPanics(f *testing.F) {
	f.Add([]byte(asOSM(village)))
	f.Add(asPBF(village, true, false))
	f.Add(asPBF(village, false, true))
	f.Add([]byte(collection(polygon(`"building":"yes","id":5`, ring(0, 0, 2, 0, 2, 2, 0, 2)), geometry(`"amenity":"school"`, "Point", `[121,31]`))))
	f.Fuzz(func(t *testing.T, file []byte) {
		m, err := Read(context.Background(), Options{MaxBytes: 1 << 20, MaxNodes: 10_000}, Source{"f", bytes.NewReader(file)}, Source{"g", io.LimitReader(bytes.NewReader(file), 1<<20)})
		if (m == nil) == (err == nil) {
			t.Fatalf("%v %v", m, err)
		}
	})
}
