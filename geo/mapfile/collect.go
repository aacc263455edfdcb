package mapfile

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/paulmach/orb"

	"linli"
	"linli/geo"
)

// feature is a thing of any format before it is told what it is.
type feature struct {
	id    string
	tags  map[string]string
	shape orb.MultiPolygon // when it is or may be an area
	lines orb.MultiLineString
	point *orb.Point
}

// collector gathers features and puts pieces together.
type collector struct {
	opt       Options
	buildings layer
	roads     layer
	waters    layer
	pois      layer
	labels    []feature          // points that may belong to a building
	parts     map[string]float64 // tallest part by building id
	net       netting
	report    Report
}

// layer holds the pieces of each id in the order of first sight.
type layer struct {
	order []string
	byID  map[string]*pieces
}

type pieces struct {
	tags   map[string]string
	shapes []orb.MultiPolygon
	lines  orb.MultiLineString
	at     linli.Point
	kind   string // of a POI
}

func newCollector(opt Options) *collector {
	l := func() layer { return layer{byID: map[string]*pieces{}} }
	return &collector{
		opt: opt, buildings: l(), roads: l(), waters: l(), pois: l(), parts: map[string]float64{},
		report: Report{Skipped: map[string]int{}},
	}
}

func (l *layer) of(f feature) *pieces {
	p := l.byID[f.id]
	if p == nil {
		p = &pieces{tags: map[string]string{}}
		l.byID[f.id] = p
		l.order = append(l.order, f.id)
	}
	p.fill(f.tags)
	return p
}

// fill takes over the tags that are not known yet.
func (p *pieces) fill(tags map[string]string) {
	for k, v := range tags {
		if p.tags[k] == "" {
			p.tags[k] = v
		}
	}
}

func (c *collector) skip(reason string) { c.report.Skipped[reason]++ }

// add tells what a feature is and keeps it.
func (c *collector) add(f feature) error {
	c.report.Features++
	if len(c.buildings.order)+len(c.roads.order)+len(c.waters.order)+len(c.pois.order)+len(c.labels) >= c.opt.MaxFeatures {
		return errTooLarge
	}
	shape, okShape := tidyShape(f.shape)
	lines := tidyLines(f.lines)
	switch t := f.tags; {
	case isPart(t):
		if h, ok := meters(t["height"]); ok && t["root_id"] != "" {
			c.parts[t["root_id"]] = math.Max(c.parts[t["root_id"]], h)
		}
		c.skip(SkipPart)
	case f.point != nil && (t["kind"] == "building" || t["kind"] == "address"):
		c.labels = append(c.labels, f)
	case isBuilding(t):
		if !okShape {
			c.skip(SkipShape)
			return nil
		}
		p := c.buildings.of(f)
		p.shapes = append(p.shapes, shape)
		if k := poiKind(t); k != "" {
			c.addPOI(f, k, geo.Centroid(shape))
		}
	case isRoad(t):
		if len(lines) == 0 {
			c.skip(SkipShape)
			return nil
		}
		p := c.roads.of(f)
		p.lines = append(p.lines, lines...)
	case isWater(t) && f.point == nil:
		area := okShape && waterArea(t)
		switch {
		case t["boundary"] != "" && f.shape == nil:
			c.skip(SkipOther) // the shore line of an area that comes by itself
		case area:
			p := c.waters.of(f)
			p.shapes = append(p.shapes, shape)
		case len(lines) > 0:
			p := c.waters.of(f)
			p.lines = append(p.lines, lines...)
		default:
			c.skip(SkipShape)
		}
	case f.point != nil && t["label_placement"] != "":
		c.skip(SkipLabel)
	case f.point != nil && tileKind(t) != "":
		c.addPOI(f, tileKind(t), linli.Point{Lng: f.point[0], Lat: f.point[1]})
	case poiKind(t) != "":
		at := geo.Centroid(shape)
		if f.point != nil {
			at = linli.Point{Lng: f.point[0], Lat: f.point[1]}
		}
		if at.IsZero() {
			c.skip(SkipShape)
			return nil
		}
		c.addPOI(f, poiKind(t), at)
	default:
		c.skip(SkipOther)
	}
	return nil
}

func (c *collector) addPOI(f feature, kind string, at linli.Point) {
	if p := c.pois.of(f); p.at.IsZero() {
		p.at, p.kind = at, kind
	}
}

// finish puts the pieces together.
func (c *collector) finish() *Map {
	m := &Map{}
	for _, f := range c.labels {
		c.label(f)
	}
	for _, id := range c.buildings.order {
		m.Buildings = append(m.Buildings, c.building(id, c.buildings.byID[id]))
	}
	for _, id := range c.roads.order {
		p := c.roads.byID[id]
		name, en := names(p.tags)
		kind := cmp.Or(p.tags["highway"], p.tags["kind_detail"], p.tags["kind"])
		m.Roads = append(m.Roads, Road{
			ID: id, Name: name, NameEn: en, Kind: kind, Steps: kind == "steps",
			Bridge: yes(p.tags["bridge"]) || yes(p.tags["is_bridge"]), Tunnel: yes(p.tags["tunnel"]) || yes(p.tags["is_tunnel"]),
			Lines: c.joinLines(p.lines),
		})
	}
	for _, id := range c.waters.order {
		p := c.waters.byID[id]
		name, en := names(p.tags)
		kind := cmp.Or(p.tags["water"], p.tags["waterway"], p.tags["kind"], p.tags["natural"], p.tags["landuse"])
		m.Waters = append(m.Waters, Water{ID: id, Name: name, NameEn: en, Kind: kind, Shape: c.join(p.shapes), Lines: c.joinLines(p.lines)})
	}
	for _, id := range c.pois.order {
		p := c.pois.byID[id]
		name, en := names(p.tags)
		street, number := address(p.tags)
		m.POIs = append(m.POIs, POI{ID: id, Name: name, NameEn: en, Kind: p.kind, Street: street, Number: number, At: p.at})
	}
	m.Net = c.net.done()
	m.Report = c.report
	return m
}

// label gives the name or address standing on a building to it; an address that
// stands nowhere is a place of its own.
func (c *collector) label(f feature) {
	if p := c.buildings.byID[f.id]; p != nil {
		for _, s := range p.shapes {
			if s.Bound().Pad(labelReach).Contains(*f.point) {
				delete(f.tags, "kind")
				p.fill(f.tags)
				c.skip(SkipLabel)
				return
			}
		}
	}
	if f.tags["kind"] == "address" {
		c.addPOI(f, "address", linli.Point{Lng: f.point[0], Lat: f.point[1]})
		return
	}
	c.skip(SkipLabel)
}

// labelReach is how far outside its piece a label may stand, in degrees: half a small tile.
const labelReach = 0.003

func (c *collector) building(id string, p *pieces) Building {
	b := Building{ID: id, Kind: buildingKind(p.tags), Shape: c.join(p.shapes), Pieces: len(p.shapes)}
	b.Name, b.NameEn = names(p.tags)
	b.Street, b.Number = address(p.tags)
	levels, okLevels := levelCount(p.tags)
	height, okHeight := meters(p.tags["height"])
	switch {
	case okHeight:
		b.Height, b.HeightFrom = height, HeightTagged
	case c.parts[id] > 0:
		b.Height, b.HeightFrom = c.parts[id], HeightParts
	case okLevels:
		b.Height, b.HeightFrom = float64(levels)*MetersPerLevel, HeightLevels
	default:
		b.Height, b.HeightFrom = float64(usualLevels(b.Kind))*MetersPerLevel, HeightEstimated
		c.report.Estimated++
	}
	b.Levels = levels
	if !okLevels {
		b.Levels = max(1, int(math.Round(b.Height/MetersPerLevel)))
	}
	return b
}

// usualLevels is how many floors such a building mostly has; six is the walk-up
// without a lift that most older estates consist of.
func usualLevels(kind string) int {
	switch kind {
	case "apartments", "residential", "dormitory", "office", "hotel", "hospital":
		return 6
	case "house", "detached", "semidetached_house", "terrace", "bungalow", "villa", "farm":
		return 2
	case "shed", "garage", "garages", "hut", "kiosk", "roof", "carport", "toilets", "guardhouse", "greenhouse":
		return 1
	}
	return 3
}

func names(tags map[string]string) (name, english string) {
	return cmp.Or(tags["name:zh"], tags["name:zh-Hans"], tags["name"]), tags["name:en"]
}

func address(tags map[string]string) (street, number string) {
	return cmp.Or(tags["addr:street"], tags["addr_street"]), cmp.Or(tags["addr:housenumber"], tags["addr_housenumber"])
}

func yes(tag string) bool { return tag != "" && tag != "no" && tag != "false" }

func isPart(t map[string]string) bool {
	return t["kind"] == "building_part" || yes(t["building:part"]) && !yes(t["building"])
}

func isBuilding(t map[string]string) bool { return t["kind"] == "building" || yes(t["building"]) }

func buildingKind(t map[string]string) string {
	if k := t["building"]; yes(k) && k != "yes" && k != "true" {
		return k
	}
	return t["kind_detail"]
}

func isRoad(t map[string]string) bool {
	switch t["kind"] {
	case "path", "minor_road", "major_road", "highway":
		return t["kind_detail"] != "proposed" && t["kind_detail"] != "construction"
	}
	switch t["highway"] {
	case "", "no", "proposed", "construction", "razed", "abandoned", "platform", "bus_stop", "elevator", "rest_area", "services":
		return false
	}
	return t["area"] != "yes"
}

func isWater(t map[string]string) bool {
	switch t["kind"] {
	case "water", "river", "riverbank", "canal", "stream", "lake", "ocean", "basin", "dock", "ditch", "drain", "swimming_pool":
		return true
	}
	switch t["landuse"] {
	case "reservoir", "basin":
		return true
	}
	switch t["waterway"] {
	case "river", "riverbank", "canal", "stream", "ditch", "drain", "dock":
		return true
	}
	return t["natural"] == "water"
}

// waterArea tells whether a closed outline is a water surface: a river drawn as
// a closed line is not.
func waterArea(t map[string]string) bool {
	switch t["waterway"] {
	case "", "riverbank", "dock":
		return true
	}
	return t["natural"] == "water" || t["area"] == "yes"
}

// poiKeys are the tags that make a place a place with a purpose, the most telling first.
var poiKeys = []string{"amenity", "healthcare", "social_facility", "shop", "office", "tourism", "leisure", "public_transport", "emergency", "entrance", "craft"}

// tileKind is the purpose of a point in the vector tiles of Tilezen, which have
// one word "kind" in place of the keys of OpenStreetMap.
func tileKind(t map[string]string) string {
	if t["sort_rank"] == "" && t["min_zoom"] == "" {
		return ""
	}
	return t["kind"]
}

// poiKind names the purpose, "" when there is none.
func poiKind(t map[string]string) string {
	for _, key := range poiKeys {
		switch v := t[key]; v {
		case "", "no":
		case "yes", "true":
			return key
		default:
			return v
		}
	}
	switch v := t["railway"]; v {
	case "station", "subway_entrance", "tram_stop", "halt":
		return v
	}
	switch v := t["highway"]; v {
	case "bus_stop", "elevator":
		return v
	}
	return ""
}

// meters reads a height: "12", "12.5 m", "12米", "40 ft". Nothing built is above 1,000 m.
func meters(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	unit := 1.0
	for suffix, u := range map[string]float64{"m": 1, "米": 1, "ft": 0.3048, "'": 0.3048} {
		if rest, ok := strings.CutSuffix(s, suffix); ok {
			s, unit = strings.TrimSpace(rest), u
			break
		}
	}
	v, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	v *= unit
	return v, err == nil && v > 0 && v <= 1000
}

func levelCount(t map[string]string) (int, bool) {
	v, err := strconv.ParseFloat(strings.TrimSpace(t["building:levels"]), 64)
	return max(1, int(math.Round(v))), err == nil && v > 0 && v <= 200
}

// clean makes a text of a map safe to store and show: valid UTF-8, no control
// characters, at most 200 characters.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200])
	}
	return strings.TrimSpace(s)
}

// tidyShape closes rings, drops doubled corners and empty rings and turns outer
// rings counterclockwise; ok is false when no area is left.
func tidyShape(shape orb.MultiPolygon) (out orb.MultiPolygon, ok bool) {
	for _, poly := range shape {
		var kept orb.Polygon
		for i, ring := range poly {
			ring = orb.Ring(slices.Compact(slices.Clone(ring)))
			if len(ring) > 0 && ring[0] != ring[len(ring)-1] {
				ring = append(ring, ring[0])
			}
			o := ring.Orientation()
			if len(ring) < 4 || o == 0 {
				if i == 0 {
					break
				}
				continue
			}
			if (o == orb.CCW) != (i == 0) {
				ring.Reverse()
			}
			kept = append(kept, ring)
		}
		if len(kept) > 0 {
			out = append(out, kept)
		}
	}
	return out, geo.Area(out) > 0
}

func tidyLines(lines orb.MultiLineString) (out orb.MultiLineString) {
	for _, l := range lines {
		l = slices.Compact(slices.Clone(l))
		if len(l) > 1 {
			out = append(out, l)
		}
	}
	return out
}
