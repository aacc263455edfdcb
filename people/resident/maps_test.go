package resident

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/geo"
	"linli/geo/mapfile"
)

// square is a footprint of about ten meters around a point.
func square(lng, lat float64) orb.MultiPolygon {
	const d = 0.00005
	return orb.MultiPolygon{{{{lng - d, lat - d}, {lng + d, lat - d}, {lng + d, lat + d}, {lng - d, lat + d}, {lng - d, lat - d}}}}
}

// town is a made map of n buildings in rows, with a road and a river.
func town(n int) *mapfile.Map {
	m := &mapfile.Map{
		Roads:  []mapfile.Road{{ID: "way/r1", Name: "人民路", Kind: "residential", Lines: orb.MultiLineString{{{121.49, 31.24}, {121.5, 31.24}}}}},
		Waters: []mapfile.Water{{ID: "way/w1", Name: "小河", Kind: "river", Shape: square(121.51, 31.25), Lines: orb.MultiLineString{{{121.5, 31.25}, {121.51, 31.25}}}}},
	}
	for i := range n {
		b := mapfile.Building{ID: fmt.Sprintf("way/%d", i+1), Levels: 6, Height: 18, HeightFrom: mapfile.HeightLevels, Shape: square(121.49+float64(i%20)*0.0005, 31.24+float64(i/20)*0.0005), Pieces: 1}
		switch i % 4 {
		case 0:
			b.Street, b.Number = "中山路", fmt.Sprint(i+1)
		case 1:
			b.Name, b.NameEn = fmt.Sprintf("和平大楼%d", i), "Peace House"
		}
		m.Buildings = append(m.Buildings, b)
	}
	return m
}

var communities = []Region{{region, "外滩社区"}, {foreign, "豫园社区"}}

func (h *house) empty() {
	h.t.Helper()
	h.write(func(tx db.Tx) error {
		for _, table := range []string{"resident_alias", "resident_place"} {
			if _, err := tx.Exec(`DELETE FROM ` + table); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *house) takeMap(m *mapfile.Map) Report {
	h.t.Helper()
	h.clock.Add(1000)
	r, err := h.s.ImportMap(h.t.Context(), auth.System, MapImport{Map: m, File: "town.osm", Source: "osm", Regions: communities})
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

func TestAMapBecomesCommunitiesGridsAndEstatesAlwaysInTheSameWay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.empty()
		r := h.takeMap(town(200))
		if r.Created != 200 || r.Places != 2+2*3+2*9 || r.Features != 3 || r.Place != "990001001" {
			t.Errorf("%+v", r)
		}
		layout := func() map[string]string {
			got := map[string]string{}
			next := ""
			for {
				page := h.ok("steward", "GET", "/api/v1/places?within=990001001&limit=200&cursor="+next, nil)
				for _, p := range items(page) {
					got[p["place"].(string)] = fmt.Sprint(p["name"], " ", p["source_id"], " ", p["height"], " ", p["height_by"])
				}
				if next = page.body["next"].(string); next == "" {
					return got
				}
			}
		}
		first := layout()
		if len(first) != 200+r.Places {
			t.Errorf("%d places", len(first))
		}
		for place, what := range first {
			if p := linli.Place(place); !p.Valid() || p.Depth() == linli.DepthBuilding && !strings.HasSuffix(what, "18 levels") {
				t.Errorf("%s: %s", place, what)
			}
		}
		again := h.takeMap(town(200))
		if again.Created+again.Updated+again.Places+again.Features != 0 || again.Unchanged != 200 {
			t.Errorf("the same map again: %+v", again)
		}
		// On another empty register the same map is cut in the same way, whatever its order.
		h.empty()
		shuffled := town(200)
		for i := range shuffled.Buildings {
			j := (i * 7) % 200
			shuffled.Buildings[i], shuffled.Buildings[j] = shuffled.Buildings[j], shuffled.Buildings[i]
		}
		h.takeMap(shuffled)
		if d := cmp.Diff(first, layout()); d != "" {
			t.Error(d)
		}
	})
}

func TestALaterMapKeepsPlacesAndNamesAndFillsInWhatIsNew(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.empty()
		h.takeMap(town(60))
		one := items(h.ok("steward", "GET", "/api/v1/places?q=中山路1号", nil))[0]
		place := one["place"].(string)
		edit := h.ok("steward", "PUT", "/api/v1/place", map[string]any{"place": place, "name": "幸福里1号", "aliases": []string{"老一号"}, "address": "中山路1号", "height": 20, "levels": 6}, "If-Match", fmt.Sprintf(`"%v"`, one["rev"]))
		if edit.body["height_by"] != "clerk" || edit.body["shape"] == nil {
			t.Errorf("%s", edit.raw)
		}
		later := town(63)
		later.Buildings[0].Height, later.Buildings[0].HeightFrom = 99, mapfile.HeightTagged // a clerk knows better
		later.Buildings[1].Height, later.Buildings[1].HeightFrom = 21, mapfile.HeightTagged
		r := h.takeMap(later)
		if r.Created != 3 || r.Updated != 1 || r.Unchanged != 59 || r.Places != 0 {
			t.Errorf("%+v", r)
		}
		kept := h.ok("steward", "GET", "/api/v1/place?place="+place, nil).body
		if kept["name"] != "幸福里1号" || kept["height"] != 20.0 {
			t.Errorf("%v", kept)
		}
		if n := h.count(`SELECT COUNT(*) FROM resident_place WHERE source_id = 'way/61' AND depth = 4`); n != 1 {
			t.Error("the new building has no place among its neighbors")
		}
		if n := h.count(`SELECT COUNT(*) FROM (SELECT parent, name FROM resident_place WHERE depth = 4 AND name LIKE '%号楼' GROUP BY parent, name HAVING COUNT(*) > 1) AS twice`); n != 0 {
			t.Errorf("%d numbers of buildings stand twice in an estate", n)
		}
		names, err := h.s.Gazetteer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]bool{}
		for _, n := range names {
			if n.Place == linli.Place(place) {
				found[n.Name] = true
			}
		}
		if d := cmp.Diff(map[string]bool{"幸福里1号": true, "老一号": true, "中山路1号": true}, found); d != "" {
			t.Error(d)
		}
	})
}

func TestPlacesBelowBuildingsAreSeenOnlyInOnesArea(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.ok("grid", "POST", "/api/v1/residents", elder())
		entrance := string(building) + "/2"
		for who, want := range map[string]int{"grid": 200, "far": 404, "provider": 404, "guardian": 403} {
			if r := h.call(who, "GET", "/api/v1/place?place="+entrance, nil); r.status != want {
				t.Errorf("%s: %d, want %d", who, r.status, want)
			}
		}
		if list := items(h.ok("provider", "GET", "/api/v1/places?parent="+string(building), nil)); len(list) != 0 {
			t.Errorf("%v", list)
		}
		if list := items(h.ok("provider", "GET", "/api/v1/places?q=外滩", nil)); len(list) != 2 {
			t.Errorf("%v", list)
		}
		if roots := items(h.ok("grid", "GET", "/api/v1/places", nil)); len(roots) != 2 || roots[0]["children"] != 1.0 {
			t.Errorf("%v", roots)
		}
		if r := h.call("grid", "POST", "/api/v1/places", map[string]any{"place": string(estate) + "/b0009", "name": "9号楼"}); r.status != 403 {
			t.Errorf("a grid worker made a place: %d", r.status)
		}
		for field, body := range map[string]map[string]any{
			"place": {"place": string(region) + "/002/e001/b1", "name": "无上级"},
			"shape": {"place": string(estate) + "/b0010", "name": "坏图形", "shape": map[string]any{"type": "Polygon", "coordinates": []any{[]any{[]any{1, 2}}}}},
			"name":  {"place": string(estate) + "/b0010", "name": "  "},
		} {
			if r := h.call("steward", "POST", "/api/v1/places", body); r.status != 422 || r.body["field"] != field {
				t.Errorf("%v: %d %s", body, r.status, r.raw)
			}
		}
		made := h.ok("steward", "POST", "/api/v1/places", map[string]any{"place": string(estate) + "/b0010", "name": "10号楼", "levels": 5,
			"shape": json.RawMessage(geometry(square(121.4913, 31.2413)))}).body
		if made["height"] != 15.0 || made["height_by"] != "levels" || fmt.Sprintf("%.4f", made["at"].(map[string]any)["lng"]) != "121.4913" {
			t.Errorf("%v", made)
		}
		if r := h.call("steward", "POST", "/api/v1/places", map[string]any{"place": string(estate) + "/b0010", "name": "又一个"}); r.status != 409 {
			t.Errorf("made twice: %d", r.status)
		}
	})
}

func TestTheMapIsAnsweredAsGeoJSONAndNotSentAgainUnchanged(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.empty()
		h.takeMap(town(100))
		all := h.ok("dispatcher", "GET", "/api/v1/map/buildings", nil)
		features := all.body["features"].([]any)
		first := features[0].(map[string]any)
		if len(features) != 100 || first["geometry"].(map[string]any)["type"] != "Polygon" || first["properties"].(map[string]any)["height"] != 18.0 || all.rev == "" {
			t.Errorf("%d features, first %v", len(features), first)
		}
		if r := h.call("dispatcher", "GET", "/api/v1/map/buildings", nil, "If-None-Match", all.rev); r.status != 304 || r.raw != "" {
			t.Errorf("unchanged: %d", r.status)
		}
		window := h.ok("dispatcher", "GET", "/api/v1/map/buildings?bbox=121.4899,31.2399,121.4911,31.2406", nil).body["features"].([]any)
		if len(window) != 6 { // three columns, two rows
			t.Errorf("%d features in the window", len(window))
		}
		if n := len(h.ok("dispatcher", "GET", "/api/v1/map/buildings?place="+string(foreign), nil).body["features"].([]any)); n != 50 {
			t.Errorf("%d features in one of two communities", n)
		}
		areas := h.ok("dispatcher", "GET", "/api/v1/map/areas?kind=region", nil).body["features"].([]any)
		if len(areas) != 2 {
			t.Errorf("%d regions", len(areas))
		}
		for kind, want := range map[string]int{"": 3, "road": 1, "water": 2} {
			if n := len(h.ok("dispatcher", "GET", "/api/v1/map/features?kind="+kind, nil).body["features"].([]any)); n != want {
				t.Errorf("%d features of kind %q, want %d", n, kind, want)
			}
		}
		for _, query := range []string{"bbox=1,2,3", "bbox=a,b,c,d", "bbox=5,5,1,1", "bbox=NaN,0,1,1", "place=x/y"} {
			if r := h.call("dispatcher", "GET", "/api/v1/map/buildings?"+query, nil); r.status != 422 {
				t.Errorf("%s: %d", query, r.status)
			}
		}
		h.takeMap(town(101))
		if r := h.call("dispatcher", "GET", "/api/v1/map/buildings", nil, "If-None-Match", all.rev); r.status != 200 {
			t.Errorf("changed: %d", r.status)
		}
	})
}

func TestAMapWithoutBuildingsOrCommunitiesIsRefused(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for field, in := range map[string]MapImport{
			"map":          {Regions: communities},
			"regions":      {Map: town(1)},
			"regions.code": {Map: town(1), Regions: []Region{{"990001", "某区"}}},
			"regions.name": {Map: town(1), Regions: []Region{{region, " "}}},
		} {
			_, err := h.s.ImportMap(t.Context(), auth.System, in)
			if e := (*linli.Error)(nil); !errors.As(err, &e) || e.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		if _, err := h.s.ImportMap(t.Context(), h.as("steward"), MapImport{Map: town(1), Regions: communities}); linli.KindOf(err) != linli.KindForbidden {
			t.Errorf("beyond one's area: %v", err)
		}
	})
}

func TestPartsAreCompactAndComplete(t *testing.T) {
	t.Parallel()
	var sites []*site
	for _, b := range town(357).Buildings {
		sites = append(sites, &site{Building: b, at: geo.Centroid(b.Shape)})
	}
	for n := 1; n < 40; n++ {
		parts := carve(sites, n)
		seen := map[string]bool{}
		for _, p := range parts {
			if len(p) < len(sites)/n-2 || len(p) > len(sites)/n+2 {
				t.Errorf("%d parts: one has %d of %d", n, len(p), len(sites))
			}
			for _, s := range p {
				seen[s.ID] = true
			}
		}
		if len(parts) != n || len(seen) != len(sites) {
			t.Errorf("%d parts of %d sites", len(parts), len(seen))
		}
	}
}

func TestTheHullHoldsEveryPoint(t *testing.T) {
	t.Parallel()
	var points []orb.Point
	for i := range 200 {
		points = append(points, orb.Point{float64(i*37%101) / 100, float64(i*53%97) / 100})
	}
	shape := hull(append([]orb.Point{}, points...))
	for _, p := range points {
		inside := geo.Contains(shape, linli.Point{Lng: p[0]*0.999 + shape.Bound().Center()[0]*0.001, Lat: p[1]*0.999 + shape.Bound().Center()[1]*0.001})
		if !inside {
			t.Errorf("%v lies outside", p)
		}
	}
	if hull(nil) != nil || hull(points[:2]) != nil || hull([]orb.Point{{0, 0}, {1, 1}, {2, 2}}) != nil {
		t.Error("fewer than three corners make no hull")
	}
}

// dataFolder is the folder of real data beside the project; tests without it are skipped.
func dataFolder(t *testing.T) string {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if filepath.Dir(dir) == dir {
			err = os.ErrNotExist
		}
		dir = filepath.Dir(dir)
	}
	dir = filepath.Join(filepath.Dir(dir), "shared", "data")
	if _, statErr := os.Stat(dir); err != nil || statErr != nil {
		t.Skipf("data folder absent: %s", dir)
	}
	return dir
}

func TestTheRealBundBecomesANeighborhood(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(dataFolder(t), "maps")
	var sources []mapfile.Source
	for _, name := range []string{"buildings", "roads", "water"} {
		f, err := os.Open(filepath.Join(dir, "shanghai_bund_"+name+".geojson.gz"))
		if err != nil {
			t.Skipf("data file absent: %v", err)
		}
		defer f.Close()
		sources = append(sources, mapfile.Source{Name: name, Reader: f})
	}
	m, err := mapfile.Read(context.Background(), mapfile.Options{}, sources...)
	if err != nil {
		t.Fatal(err)
	}
	eachDB(t, func(t *testing.T, h *house) {
		h.empty()
		r := h.takeMap(m)
		if r.Created != len(m.Buildings) || r.Created < 1000 || r.Features < 500 {
			t.Errorf("%+v", r)
		}
		if again := h.takeMap(m); again.Created+again.Updated+again.Places+again.Features != 0 {
			t.Errorf("the same map again: %+v", again)
		}
		body := h.ok("dispatcher", "GET", "/api/v1/map/buildings", nil)
		if n := len(body.body["features"].([]any)); n != r.Created {
			t.Errorf("%d footprints of %d", n, r.Created)
		}
		list := items(h.ok("dispatcher", "GET", "/api/v1/places?q=上海国际会议中心", nil))
		if len(list) == 0 {
			t.Error("a building everybody knows is not found")
		}
		t.Logf("%d buildings, %d areas, %d features, %d bytes of footprints", r.Created, r.Places, r.Features, len(body.raw))
	})
}
