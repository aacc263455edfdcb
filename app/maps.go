package app

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"linli"
	"linli/auth"
	"linli/geo/mapfile"
	"linli/people/resident"
)

// Region is a community to lay over an imported map.
type Region = resident.Region

// ImportMap reads map files (OSM XML, PBF or GeoJSON, packed or not) as one map
// and takes it into the register under the given communities.
func (a *App) ImportMap(ctx context.Context, paths []string, regions []Region) (resident.Report, error) {
	var sources []mapfile.Source
	for _, p := range paths {
		f, err := os.Open(p)
		if err != nil {
			return resident.Report{}, &linli.Error{Kind: linli.KindInvalid, Field: "map", Zh: "地图文件打不开：" + filepath.Base(p), En: "the map file cannot be opened: " + filepath.Base(p), Err: err}
		}
		defer f.Close()
		sources = append(sources, mapfile.Source{Name: filepath.Base(p), Reader: f})
	}
	return a.takeMap(ctx, strings.Join(names(paths), ", "), "osm", regions, sources...)
}

// ImportMapFrom is ImportMap for one map that is not a file and owes nobody a
// line of attribution; its name is its source.
func (a *App) ImportMapFrom(ctx context.Context, name string, r io.Reader, regions []Region) (resident.Report, error) {
	return a.takeMap(ctx, name, name, regions, mapfile.Source{Name: name, Reader: r})
}

func (a *App) takeMap(ctx context.Context, name, source string, regions []Region, sources ...mapfile.Source) (resident.Report, error) {
	m, err := mapfile.Read(ctx, mapfile.Options{}, sources...)
	if err != nil {
		return resident.Report{}, err
	}
	return a.slices.resident.ImportMap(ctx, auth.System, resident.MapImport{Map: m, File: name, Source: source, Regions: regions})
}

func names(paths []string) (out []string) {
	for _, p := range paths {
		out = append(out, filepath.Base(p))
	}
	return out
}

// MapFiles lists the map files at a path: the file itself, or of a directory the
// layers of one area, which are the files that share the longest common name
// before their layer (area_buildings.geojson.gz, area_roads.geojson.gz …).
func MapFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	buildings, err := filepath.Glob(filepath.Join(path, "*_buildings.geojson*"))
	if err != nil {
		return nil, err
	}
	if len(buildings) == 0 {
		return nil, errors.New("no *_buildings.geojson in " + path)
	}
	slices.Sort(buildings)
	area, _, _ := strings.Cut(filepath.Base(buildings[0]), "_buildings.")
	return filepath.Glob(filepath.Join(path, area+"_*.geojson*"))
}
