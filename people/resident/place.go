package resident

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"linli"
	"linli/auth"
	"linli/geo"
	"linli/geo/mapfile"
)

// Place is one node of the register of places, as it is answered.
type Place struct {
	Place    linli.Place     `json:"place"`
	Depth    int             `json:"depth" doc:"1 region, 2 grid, 3 estate, 4 building, 5 entrance, 6 dwelling"`
	Name     string          `json:"name"`
	Address  string          `json:"address,omitempty" doc:"street and number"`
	At       linli.Point     `json:"at"`
	Shape    json.RawMessage `json:"shape,omitempty" doc:"GeoJSON geometry, WGS-84; only when one place is asked for"`
	Height   float64         `json:"height,omitempty" doc:"meters; 0 unknown"`
	Base     float64         `json:"base,omitempty" doc:"meters above ground where the building begins"`
	Levels   int             `json:"levels,omitempty"`
	HeightBy string          `json:"height_by,omitempty" enum:"tagged,parts,levels,estimated,clerk"`
	Source   string          `json:"source,omitempty"`
	SourceID string          `json:"source_id,omitempty"`
	Aliases  []string        `json:"aliases,omitempty"`
	Children int             `json:"children" doc:"places directly below"`
	Rev      int64           `json:"rev"`
}

// AuthRow says where the place lies.
func (p Place) AuthRow() auth.Row { return auth.Row{Place: p.Place} }

// PlaceDraft is what somebody says of a place.
type PlaceDraft struct {
	Place   linli.Place     `json:"place" maxLength:"160"`
	Name    string          `json:"name" minLength:"1" maxLength:"60"`
	Aliases []string        `json:"aliases,omitempty" maxItems:"20"`
	Address string          `json:"address,omitempty" maxLength:"200"`
	At      linli.Point     `json:"at,omitzero" doc:"absent: the middle of the shape"`
	Shape   json.RawMessage `json:"shape,omitempty" doc:"GeoJSON Polygon or MultiPolygon, WGS-84"`
	Height  float64         `json:"height,omitempty" minimum:"0" maximum:"1500"`
	Base    float64         `json:"base,omitempty" minimum:"0" maximum:"1500"`
	Levels  int             `json:"levels,omitempty" minimum:"0" maximum:"200"`

	shape    orb.MultiPolygon
	heightBy string
	source   string
	sourceID string
}

func (d *PlaceDraft) validate() error {
	d.Name = evenText(d.Name)
	switch {
	case !d.Place.Valid() || len(d.Place.At(linli.DepthRegion)) != 12:
		return linli.Invalid("place", "地点编码不对：社区 12 位/网格 3 位/小区/楼栋/单元/房号", "this is not a place: region of 12 digits / grid of 3 / estate / building / entrance / dwelling")
	case d.Name == "":
		return linli.Invalid("name", "请填名称", "a name is needed")
	case !d.At.Valid():
		return linli.Invalid("at", "坐标不对", "this is not a coordinate")
	}
	for i, a := range d.Aliases {
		if d.Aliases[i] = evenText(a); d.Aliases[i] == "" || utf8.RuneCountInString(d.Aliases[i]) > 60 {
			return linli.Invalid("aliases", "别名须为 1–60 个字", "an alias has 1 to 60 characters")
		}
	}
	if len(d.Shape) > 0 {
		shape, err := parseShape(d.Shape)
		if err != nil {
			return err
		}
		d.shape = shape
	}
	d.settle()
	return nil
}

// settle derives the point from the shape and the height from the levels.
func (d *PlaceDraft) settle() {
	if d.At.IsZero() && len(d.shape) > 0 {
		d.At = geo.Centroid(d.shape)
	}
	if d.Height > 0 && d.heightBy == "" {
		d.heightBy = "clerk"
	}
	if d.Height == 0 && d.Levels > 0 {
		d.Height, d.heightBy = float64(d.Levels)*mapfile.MetersPerLevel, "levels"
	}
}

// parseShape reads a GeoJSON polygon; every ring is closed and every corner on the globe.
func parseShape(raw []byte) (orb.MultiPolygon, error) {
	wrong := linli.Invalid("shape", "图形须为 GeoJSON 的 Polygon 或 MultiPolygon（WGS-84）", "the shape must be a GeoJSON Polygon or MultiPolygon in WGS-84")
	var g struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	}
	if err := json.Unmarshal(raw, &g); err != nil {
		return nil, wrong
	}
	var shape orb.MultiPolygon
	switch g.Type {
	case "Polygon":
		var p orb.Polygon
		if err := json.Unmarshal(g.Coordinates, &p); err != nil {
			return nil, wrong
		}
		shape = orb.MultiPolygon{p}
	case "MultiPolygon":
		if err := json.Unmarshal(g.Coordinates, &shape); err != nil {
			return nil, wrong
		}
	default:
		return nil, wrong
	}
	corners := 0
	for _, p := range shape {
		for _, ring := range p {
			if len(ring) < 4 || ring[0] != ring[len(ring)-1] {
				return nil, wrong
			}
			for _, c := range ring {
				if !(linli.Point{Lng: c[0], Lat: c[1]}).Valid() {
					return nil, wrong
				}
				corners++
			}
		}
	}
	if corners == 0 || corners > 20_000 {
		return nil, wrong
	}
	return shape, nil
}

// geometry writes a shape as GeoJSON: a polygon where one suffices.
func geometry(shape orb.MultiPolygon) string {
	if len(shape) == 0 {
		return ""
	}
	if len(shape) == 1 {
		return geoJSON("Polygon", shape[0])
	}
	return geoJSON("MultiPolygon", shape)
}

func geoJSON(kind string, coordinates any) string {
	raw, err := json.Marshal(struct {
		Type        string `json:"type"`
		Coordinates any    `json:"coordinates"`
	}{kind, coordinates})
	if err != nil {
		panic("resident: shape: " + err.Error()) // numbers of a checked shape always marshal
	}
	return string(raw)
}

// box is the bounding box of a shape, or of the point where there is none.
func (d *PlaceDraft) box() orb.Bound {
	if len(d.shape) > 0 {
		return d.shape.Bound()
	}
	return orb.Point{d.At.Lng, d.At.Lat}.Bound()
}

var plainNumberName = regexp.MustCompile(`^[0-9]+[A-Za-z]?$`)

// defaultName is what a place without a name of its own is called by its code.
func defaultName(p linli.Place) string {
	code := string(p)[strings.LastIndexByte(string(p), '/')+1:]
	suffix := map[int]string{linli.DepthGrid: "网格", linli.DepthBuilding: "号楼", linli.DepthEntrance: "单元", linli.DepthDwelling: "室"}[p.Depth()]
	if p.Depth() == linli.DepthGrid {
		return "第" + strings.TrimLeft(code, "0") + suffix
	}
	if plainNumberName.MatchString(code) {
		return code + suffix
	}
	return code
}

// feature is a road or a water of the map, only to be drawn.
type feature struct {
	ID    string
	Layer string // road, water
	Kind  string
	Name  string
	Shape orb.Geometry // MultiPolygon or MultiLineString
}

// geometry writes the shape as GeoJSON.
func (f feature) geometry() string {
	if shape, ok := f.Shape.(orb.MultiPolygon); ok {
		return geometry(shape)
	}
	return geoJSON("MultiLineString", f.Shape)
}
