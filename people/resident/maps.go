package resident

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/paulmach/orb"

	"linli"
	"linli/auth"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/geo"
	"linli/geo/mapfile"
	"linli/geo/walk"
)

// MapImport is a map and where it belongs.
type MapImport struct {
	Map     *mapfile.Map
	File    string   // for the report
	Source  string   // where the map is from, e.g. "osm"; ids are unique within it
	Regions []Region // communities to lay over the map; at least one
}

// Region is a community with its code of 12 digits.
type Region struct {
	Code linli.Place
	Name string
}

// How many buildings make a unit where the map draws none. A grid is 300 to 500
// households (GB/T 34300), about 40 buildings; an estate is what one guard walks.
const (
	gridBuildings   = 40
	estateBuildings = 12
)

// site is a building of the map on its way into the register.
type site struct {
	mapfile.Building
	at    linli.Point
	place linli.Place // empty until it has one
}

// ImportMap takes the buildings, roads and waters of a map into the register.
// Buildings the register knows by their id keep place and name and get the map's
// shape and height; new ones join the estate of their nearest known neighbor. On
// an empty area communities, grids and estates are cut by position, always in the
// same way. The ways of the map give the travel times of the area from then on.
// The same map again changes nothing.
func (s *Service) ImportMap(ctx context.Context, by *auth.Principal, in MapImport) (Report, error) {
	if err := in.validate(by); err != nil {
		return Report{}, err
	}
	now := s.now()
	place := in.Regions[0].Code
	if len(in.Regions) > 1 {
		place = commonRegion(in.Regions)
	}
	r := Report{ID: linli.NewID("imp", now), Kind: "map", File: clip(evenText(in.File)), Place: place, By: by.Name, At: linli.Time(linli.Millis(now)), Rows: len(in.Map.Buildings), Problems: []Problem{}}
	for _, n := range in.Map.Report.Skipped {
		r.Skipped += n
	}
	if err := s.startImport(ctx, by, &r); err != nil {
		return Report{}, err
	}
	ways, _ := walk.Build(in.Map.Net)
	var done Report
	err := s.db.Write(ctx, func(tx db.Tx) error {
		done = r
		if err := s.takeWays(tx, ways, &done); err != nil {
			return err
		}
		if err := s.takeBuildings(tx, in, &done); err != nil {
			return err
		}
		if err := s.takeFeatures(tx, in, &done); err != nil {
			return err
		}
		if done.Created+done.Updated+done.Places+done.Features == 0 {
			return nil
		}
		if err := s.placesChanged(tx); err != nil {
			return err
		}
		return s.bus.Publish(tx, bus.Pack(EventPlacesChanged, string(place), place, now, PlacesChanged{done.Created + done.Updated + done.Places}))
	})
	if err != nil {
		return r, err
	}
	if err := s.endImport(ctx, by, &done); err != nil || done.Ways == 0 {
		return done, err
	}
	return done, s.ReadWays(ctx)
}

func (in *MapImport) validate(by *auth.Principal) error {
	if in.Map == nil || len(in.Map.Buildings) == 0 {
		return linli.Invalid("map", "地图里没有建筑", "the map holds no buildings")
	}
	if in.Source == "" {
		in.Source = "map"
	}
	if len(in.Regions) == 0 {
		return linli.Invalid("regions", "请指定社区（12 位代码和名称）", "at least one community with a code of 12 digits is needed")
	}
	for i, r := range in.Regions {
		if !r.Code.Valid() || r.Code.Depth() != linli.DepthRegion || len(r.Code) != 12 {
			return linli.Invalidf("regions.code", "社区代码须为 12 位数字：%s", "the code of a community has 12 digits: %s", r.Code)
		}
		if evenText(r.Name) == "" {
			return linli.Invalidf("regions.name", "社区 %s 缺名称", "community %s has no name", r.Code)
		}
		if slices.ContainsFunc(in.Regions[:i], func(o Region) bool { return o.Code == r.Code }) {
			return linli.Invalidf("regions.code", "社区代码重复：%s", "community %s is named twice", r.Code)
		}
		if !by.Scope("place.import").Covers(auth.Row{Place: r.Code}) {
			return errOutside
		}
	}
	return nil
}

// commonRegion is the longest of street, county and province that holds all communities.
func commonRegion(regions []Region) linli.Place {
	for _, n := range []int{9, 6, 4, 2} {
		prefix := regions[0].Code[:n]
		if !slices.ContainsFunc(regions, func(r Region) bool { return r.Code[:n] != prefix }) {
			return prefix
		}
	}
	return regions[0].Code
}

// takeBuildings updates the known buildings and gives the new ones a place.
func (s *Service) takeBuildings(tx db.Tx, in MapImport, r *Report) error {
	known, err := s.knownSites(tx, in.Source)
	if err != nil {
		return err
	}
	var fresh, placed []*site
	for _, b := range in.Map.Buildings {
		t := &site{Building: b, at: geo.Centroid(b.Shape)}
		old, ok := known[b.ID]
		if !ok {
			fresh = append(fresh, t)
			continue
		}
		t.place = old.Place
		placed = append(placed, t)
		if err := s.refreshBuilding(tx, old, t, r); err != nil {
			return err
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	slices.SortFunc(fresh, func(a, b *site) int { return cmp.Compare(a.ID, b.ID) })
	if len(placed) > 0 {
		err = s.joinEstates(tx, placed, fresh)
	} else {
		err = s.layOut(tx, in, fresh, r)
	}
	if err != nil {
		return err
	}
	standing, err := buildingsPerEstate(tx)
	if err != nil {
		return err
	}
	names := buildingNames(fresh, standing)
	for i, t := range fresh {
		d := &PlaceDraft{Place: t.place, Name: names[i], Address: t.address(), At: t.at, Height: t.Height, Levels: t.Levels,
			shape: t.Shape, heightBy: string(t.HeightFrom), source: in.Source, sourceID: t.ID}
		if t.NameEn != "" && t.NameEn != d.Name {
			d.Aliases = []string{clipRunes(evenText(t.NameEn), 60)}
		}
		d.settle()
		if err := s.putPlace(tx, d); err != nil {
			return err
		}
		r.Created++
	}
	return nil
}

func buildingsPerEstate(tx db.Tx) (map[linli.Place]int, error) {
	rows, err := tx.Query(`SELECT parent, COUNT(*) FROM resident_place WHERE depth = 4 GROUP BY parent`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[linli.Place]int{}
	for rows.Next() {
		var estate linli.Place
		var n int
		if err := rows.Scan(&estate, &n); err != nil {
			return nil, err
		}
		out[estate] = n
	}
	return out, rows.Err()
}

func clipRunes(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// knownSites are the buildings of the source that the register has, by id, without their shapes' text.
func (s *Service) knownSites(tx db.Tx, source string) (map[string]Place, error) {
	found, err := db.Rows(tx, scanPlace, `SELECT `+placeColumns+` FROM resident_place WHERE source = $1 AND source_id <> ''`, source)
	if err != nil {
		return nil, err
	}
	known := make(map[string]Place, len(found))
	for _, p := range found {
		known[p.SourceID] = p
	}
	return known, nil
}

// refreshBuilding takes shape and height from the map where they differ; what a clerk measured stays.
func (s *Service) refreshBuilding(tx db.Tx, old Place, t *site, r *Report) error {
	height, levels, heightBy := t.Height, t.Levels, string(t.HeightFrom)
	if old.HeightBy == "clerk" {
		height, levels, heightBy = old.Height, old.Levels, old.HeightBy
	}
	d := PlaceDraft{At: t.at, shape: t.Shape}
	b := d.box()
	n, err := tx.Exec(`UPDATE resident_place SET shape = $2, lng = $3, lat = $4, west = $5, south = $6, east = $7, north = $8, height = $9, levels = $10, height_by = $11, updated_at = $12, rev = rev + 1
		WHERE place = $1 AND (shape <> $2 OR height <> $9 OR levels <> $10 OR height_by <> $11)`,
		old.Place, geometry(t.Shape), t.at.Lng, t.at.Lat, b.Min[0], b.Min[1], b.Max[0], b.Max[1], height, levels, heightBy, linli.Millis(s.now()))
	if err != nil {
		return err
	}
	if n > 0 {
		r.Updated++
	} else {
		r.Unchanged++
	}
	return nil
}

// joinEstates puts new buildings into the estate of the nearest building that has one.
func (s *Service) joinEstates(tx db.Tx, placed, fresh []*site) error {
	next := map[linli.Place]int{}
	for _, t := range fresh {
		near := slices.MinFunc(placed, func(a, b *site) int {
			return cmp.Or(cmp.Compare(geo.Meters(t.at, a.at), geo.Meters(t.at, b.at)), cmp.Compare(a.ID, b.ID))
		})
		region := near.place.At(linli.DepthRegion)
		if _, counted := next[region]; !counted {
			low, high := region.Range()
			codes, err := db.Rows(tx, scanPlace, `SELECT `+placeColumns+` FROM resident_place WHERE depth = 4 AND place >= $1 AND place < $2`, low, high)
			if err != nil {
				return err
			}
			for _, p := range codes {
				var n int
				if _, err := fmt.Sscanf(string(p.Place[strings.LastIndexByte(string(p.Place), '/')+1:]), "b%d", &n); err == nil {
					next[region] = max(next[region], n)
				}
			}
		}
		next[region]++
		t.place = near.place.At(linli.DepthEstate) + linli.Place(fmt.Sprintf("/b%04d", next[region]))
	}
	return nil
}

// layOut cuts an empty area into communities, grids and estates and numbers the buildings.
func (s *Service) layOut(tx db.Tx, in MapImport, fresh []*site, r *Report) error {
	for i, part := range carve(fresh, len(in.Regions)) {
		region := in.Regions[i]
		if err := s.newArea(tx, region.Code, evenText(region.Name), part, r); err != nil {
			return err
		}
		buildings, estates := 0, 0
		taken := map[string]int{}
		for g, inGrid := range carve(part, units(len(part), gridBuildings)) {
			grid := region.Code + linli.Place(fmt.Sprintf("/%03d", g+1))
			if err := s.newArea(tx, grid, defaultName(grid), inGrid, r); err != nil {
				return err
			}
			for _, inEstate := range carve(inGrid, units(len(inGrid), estateBuildings)) {
				estates++
				estate := grid + linli.Place(fmt.Sprintf("/e%03d", estates))
				name := estateName(inEstate, in.Map.Roads)
				if taken[name]++; taken[name] > 1 {
					name = strings.TrimSuffix(name, "片区") + ordinal(taken[name]) + "片区"
				}
				if err := s.newArea(tx, estate, name, inEstate, r); err != nil {
					return err
				}
				for _, t := range inEstate {
					buildings++
					t.place = estate + linli.Place(fmt.Sprintf("/b%04d", buildings))
				}
			}
		}
	}
	return nil
}

// ordinal writes a small number as a Chinese numeral.
func ordinal(n int) string {
	if numerals := []rune("零一二三四五六七八九十"); n < len(numerals) {
		return string(numerals[n])
	}
	return fmt.Sprint(n)
}

// units is how many parts of about size things n things make, at least one.
func units(n, size int) int { return max(1, (n+size/2)/size) }

// carve cuts sites into n compact parts of about equal size: always across the
// longer side, ties by id, so the same map is cut in the same way.
func carve(sites []*site, n int) [][]*site {
	if n <= 1 || len(sites) < n {
		return [][]*site{sites}
	}
	var b orb.Bound
	for i, t := range sites {
		p := orb.Point{t.at.Lng, t.at.Lat}
		if i == 0 {
			b = p.Bound()
		}
		b = b.Extend(p)
	}
	wide := (b.Max[0]-b.Min[0])*math.Cos(b.Center()[1]*math.Pi/180) >= b.Max[1]-b.Min[1]
	sorted := slices.Clone(sites)
	slices.SortFunc(sorted, func(x, y *site) int {
		if wide {
			return cmp.Or(cmp.Compare(x.at.Lng, y.at.Lng), cmp.Compare(x.ID, y.ID))
		}
		return cmp.Or(cmp.Compare(y.at.Lat, x.at.Lat), cmp.Compare(x.ID, y.ID)) // from north to south, as people read
	})
	left := n / 2
	at := len(sorted) * left / n
	return append(carve(sorted[:at], left), carve(sorted[at:], n-left)...)
}

// newArea makes a region, grid or estate around its buildings unless it stands already.
func (s *Service) newArea(tx db.Tx, place linli.Place, name string, sites []*site, r *Report) error {
	if known, err := hasPlace(tx, place); known || err != nil {
		return err
	}
	var corners []orb.Point
	var lng, lat float64
	for _, t := range sites {
		for _, p := range t.Shape {
			corners = append(corners, p[0]...)
		}
		lng, lat = lng+t.at.Lng, lat+t.at.Lat
	}
	n := float64(len(sites))
	d := &PlaceDraft{Place: place, Name: name, At: linli.Point{Lng: lng / n, Lat: lat / n}, shape: hull(corners), source: "carved"}
	r.Places++
	return s.putPlace(tx, d)
}

// hull is the convex hull of the points (monotone chain), counterclockwise.
func hull(points []orb.Point) orb.MultiPolygon {
	slices.SortFunc(points, func(a, b orb.Point) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	points = slices.Compact(points)
	if len(points) < 3 {
		return nil
	}
	left := func(a, b, c orb.Point) bool { return (b[0]-a[0])*(c[1]-a[1])-(b[1]-a[1])*(c[0]-a[0]) > 0 }
	var ring orb.Ring
	half := func(points []orb.Point) {
		start := len(ring)
		for _, p := range points {
			for len(ring)-start >= 2 && !left(ring[len(ring)-2], ring[len(ring)-1], p) {
				ring = ring[:len(ring)-1]
			}
			ring = append(ring, p)
		}
		ring = ring[:len(ring)-1] // the other half begins there
	}
	half(points)
	slices.Reverse(points)
	half(points)
	if len(ring) < 3 {
		return nil
	}
	return orb.MultiPolygon{{append(ring, ring[0])}}
}

// estateName names an estate after the street most of its buildings stand on, else the nearest named road.
func estateName(sites []*site, roads []mapfile.Road) string {
	count := map[string]int{}
	best := ""
	for _, t := range sites {
		street := evenText(t.Street)
		if street == "" {
			continue
		}
		if count[street]++; best == "" || count[street] > count[best] || count[street] == count[best] && street < best {
			best = street
		}
	}
	if best == "" {
		best = nearestRoad(sites[len(sites)/2].at, roads)
	}
	return clipRunes(best, 40) + "片区"
}

// nearestRoad is the name of the named road with the nearest corner, a Chinese
// name before any other; railways and tunnels name no neighborhood.
func nearestRoad(at linli.Point, roads []mapfile.Road) string {
	name, best, chinese := "", math.Inf(1), false
	for _, r := range roads {
		han := strings.ContainsFunc(r.Name, func(c rune) bool { return unicode.Is(unicode.Han, c) })
		if r.Name == "" || r.Tunnel || strings.Contains(r.Kind, "rail") || strings.Contains(r.Name, "隧道") || chinese && !han {
			continue
		}
		for _, line := range r.Lines {
			for _, p := range line {
				// Degrees suffice to compare over a neighborhood once longitude is shortened.
				dx, dy := (p[0]-at.Lng)*math.Cos(at.Lat*math.Pi/180), p[1]-at.Lat
				if d := dx*dx + dy*dy; d < best || d == best && r.Name < name || han && !chinese {
					name, best, chinese = r.Name, d, han
				}
			}
		}
	}
	return name
}

// address is street and number of a building, as on its plate.
func (t *site) address() string {
	street, number := evenText(t.Street), evenText(t.Number)
	if street == "" || number == "" {
		return ""
	}
	if number[len(number)-1] <= '9' {
		number += "号"
	}
	return clipRunes(street+number, 200)
}

// buildingNames names each building: by the map, by street and number, else by its
// number in the estate; in counts the buildings that stand there already.
func buildingNames(sites []*site, in map[linli.Place]int) []string {
	out := make([]string, len(sites))
	order := make([]int, len(sites))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(sites[a].place, sites[b].place) })
	for _, i := range order {
		t := sites[i]
		estate := t.place.Parent()
		in[estate]++
		switch {
		case evenText(t.Name) != "":
			out[i] = clipRunes(evenText(t.Name), 60)
		case t.address() != "":
			out[i] = clipRunes(t.address(), 60)
		default:
			out[i] = fmt.Sprintf("%d号楼", in[estate])
		}
	}
	return out
}

// takeFeatures keeps the roads and waters for drawing.
func (s *Service) takeFeatures(tx db.Tx, in MapImport, r *Report) error {
	var features []feature
	for _, w := range in.Map.Waters {
		if len(w.Shape) > 0 {
			features = append(features, feature{in.Source + "/" + w.ID, "water", w.Kind, w.Name, w.Shape})
		}
		if len(w.Lines) > 0 {
			features = append(features, feature{in.Source + "/" + w.ID + "/line", "water", w.Kind, w.Name, w.Lines})
		}
	}
	for _, w := range in.Map.Roads {
		features = append(features, feature{in.Source + "/" + w.ID, "road", w.Kind, w.Name, w.Lines})
	}
	for _, f := range features {
		b := f.Shape.Bound()
		n, err := tx.Exec(`INSERT INTO resident_feature (id, layer, kind, name, west, south, east, north, shape, source) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)
			ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, west = excluded.west, south = excluded.south, east = excluded.east, north = excluded.north, shape = excluded.shape
			WHERE resident_feature.shape <> excluded.shape OR resident_feature.name <> excluded.name OR resident_feature.kind <> excluded.kind`,
			f.ID, f.Layer, f.Kind, f.Name, b.Min[0], b.Min[1], b.Max[0], b.Max[1], f.geometry(), in.Source)
		if err != nil {
			return err
		}
		r.Features += int(n)
	}
	return nil
}
