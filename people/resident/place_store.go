package resident

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"linli"
	"linli/engine/db"
)

// gazetteer keeps the names of places in memory: every text that comes in is read against them.
type gazetteer struct {
	mu      sync.Mutex
	version int64
	checked time.Time // by the machine's clock: it only bounds staleness
	names   []linli.NamedPlace
}

// stale is how long a node may answer without asking whether another node changed something.
const stale = time.Second

// placeSearch finds places by parts of their names.
const placeSearch = db.Search("resident_place_search")

// Gazetteer lists every name in use of the regions, grids, estates and buildings:
// names, aliases and street addresses. The answer is shared: callers must not
// change it. A change is seen at once on this node and within a second on others.
func (s *Service) Gazetteer(ctx context.Context) ([]linli.NamedPlace, error) {
	g := &s.names
	g.mu.Lock()
	defer g.mu.Unlock()
	if time.Since(g.checked) < stale {
		return g.names, nil
	}
	asked := time.Now()
	err := s.db.Read(ctx, func(tx db.Tx) error {
		version, err := placeVersion(tx)
		if err != nil || version == g.version && g.names != nil {
			return err
		}
		g.names, err = db.Rows(tx, func(rows *sql.Rows) (n linli.NamedPlace, err error) {
			err = rows.Scan(&n.Name, &n.Place, &n.At.Lng, &n.At.Lat)
			return n, err
		}, `SELECT name, place, lng, lat FROM resident_place WHERE depth <= 4
			UNION SELECT a.name, p.place, p.lng, p.lat FROM resident_alias a JOIN resident_place p ON p.place = a.place WHERE p.depth <= 4
			UNION SELECT address, place, lng, lat FROM resident_place WHERE depth = 4 AND address <> ''
			ORDER BY 2, 1`)
		g.version = version
		return err
	})
	if err == nil {
		g.checked = asked
	}
	return g.names, err
}

func placeVersion(tx db.Tx) (n int64, err error) {
	err = tx.QueryRow(`SELECT n FROM resident_version WHERE topic = 'place'`).Scan(&n)
	return n, err
}

// placesChanged counts a change of places within tx.
func (s *Service) placesChanged(tx db.Tx) error {
	tx.AfterCommit(func() {
		s.names.mu.Lock()
		s.names.checked = time.Time{}
		s.names.mu.Unlock()
	})
	_, err := tx.Exec(`UPDATE resident_version SET n = n + 1 WHERE topic = 'place'`)
	return err
}

// ancestors are the place and the places around it, innermost first.
func ancestors(p linli.Place) (out []linli.Place) {
	for ; p != ""; p = p.Parent() {
		out = append(out, p)
	}
	return out
}

// Locate is the point of the place, or of the nearest place around it that has
// one; the zero point when none has. An unknown place is no error.
func (s *Service) Locate(ctx context.Context, place linli.Place) (at linli.Point, err error) {
	err = s.db.Read(ctx, func(tx db.Tx) (err error) {
		at, err = s.locate(tx, place)
		return err
	})
	return at, err
}

func (s *Service) locate(tx db.Tx, place linli.Place) (at linli.Point, err error) {
	err = tx.QueryRow(`SELECT lng, lat FROM resident_place WHERE place IN `+s.db.Dialect().In("$1")+` AND (lng <> 0 OR lat <> 0)
		ORDER BY depth DESC LIMIT 1`, db.List(ancestors(place))).Scan(&at.Lng, &at.Lat)
	if errors.Is(err, sql.ErrNoRows) {
		return linli.Point{}, nil
	}
	return at, err
}

const placeColumns = `place, depth, name, address, lng, lat, height, base, levels, height_by, source, source_id,
	(SELECT COUNT(*) FROM resident_place c WHERE c.parent = resident_place.place), rev`

func scanPlace(rows *sql.Rows) (p Place, err error) {
	err = rows.Scan(&p.Place, &p.Depth, &p.Name, &p.Address, &p.At.Lng, &p.At.Lat, &p.Height, &p.Base, &p.Levels, &p.HeightBy, &p.Source, &p.SourceID, &p.Children, &p.Rev)
	return p, err
}

var errNoPlace = linli.NotFound("没有这个地点", "there is no such place")

// placeOf loads one place with its shape and aliases.
func placeOf(tx db.Tx, place linli.Place) (Place, error) {
	found, err := db.Rows(tx, scanPlace, `SELECT `+placeColumns+` FROM resident_place WHERE place = $1`, place)
	if err == nil && len(found) == 0 {
		err = errNoPlace
	}
	if err != nil {
		return Place{}, err
	}
	p := found[0]
	var shape string
	if err := tx.QueryRow(`SELECT shape FROM resident_place WHERE place = $1`, place).Scan(&shape); err != nil {
		return Place{}, err
	}
	if shape != "" {
		p.Shape = json.RawMessage(shape)
	}
	p.Aliases, err = db.Rows(tx, func(rows *sql.Rows) (n string, err error) { return n, rows.Scan(&n) },
		`SELECT name FROM resident_alias WHERE place = $1 ORDER BY name`, place)
	return p, err
}

func hasPlace(tx db.Tx, place linli.Place) (bool, error) {
	var n int
	err := tx.QueryRow(`SELECT COUNT(*) FROM resident_place WHERE place = $1`, place).Scan(&n)
	return n > 0, err
}

// putPlace inserts the place, or replaces what is said of it.
func (s *Service) putPlace(tx db.Tx, d *PlaceDraft) error {
	b := d.box()
	_, err := tx.Exec(`INSERT INTO resident_place (place, parent, depth, name, address, lng, lat, west, south, east, north, shape, height, base, levels, height_by, source, source_id, updated_at)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19)
		ON CONFLICT (place) DO UPDATE SET name = excluded.name, address = excluded.address, lng = excluded.lng, lat = excluded.lat,
			west = excluded.west, south = excluded.south, east = excluded.east, north = excluded.north, shape = excluded.shape,
			height = excluded.height, base = excluded.base, levels = excluded.levels, height_by = excluded.height_by,
			source = excluded.source, source_id = excluded.source_id, updated_at = excluded.updated_at, rev = resident_place.rev + 1`,
		d.Place, d.Place.Parent(), d.Place.Depth(), d.Name, d.Address, d.At.Lng, d.At.Lat, b.Min[0], b.Min[1], b.Max[0], b.Max[1],
		geometry(d.shape), d.Height, d.Base, d.Levels, d.heightBy, d.source, d.sourceID, linli.Millis(s.now()))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM resident_alias WHERE place = $1`, d.Place); err != nil {
		return err
	}
	for _, a := range d.Aliases {
		if _, err := tx.Exec(`INSERT INTO resident_alias (place, name) VALUES ($1,$2) ON CONFLICT DO NOTHING`, d.Place, a); err != nil {
			return err
		}
	}
	if d.Place.Depth() > linli.DepthBuilding {
		return nil // dwellings are found through their building
	}
	return placeSearch.Put(tx, s.db.Dialect(), string(d.Place), strings.Join(append([]string{d.Name, d.Address}, d.Aliases...), " "))
}

// ensurePlace makes sure that the place stands in the register: entrances and
// dwellings of a known building are made on the way, anything else must be known.
func (s *Service) ensurePlace(tx db.Tx, place linli.Place) error {
	if known, err := hasPlace(tx, place); known || err != nil {
		return err
	}
	if place.Depth() <= linli.DepthBuilding {
		return linli.Invalidf("place", "没有登记这个地点：%s", "place %s is not in the register", place)
	}
	if err := s.ensurePlace(tx, place.Parent()); err != nil {
		return err
	}
	return s.putPlace(tx, &PlaceDraft{Place: place, Name: defaultName(place), source: "register"})
}

// doors words places as addresses: building, entrance and dwelling by name.
func (s *Service) doors(tx db.Tx, places []linli.Place) (map[linli.Place]door, error) {
	var all []linli.Place
	for _, p := range places {
		all = append(all, ancestors(p)...)
	}
	type row struct {
		place linli.Place
		door
	}
	rows, err := db.Rows(tx, func(rows *sql.Rows) (r row, err error) {
		err = rows.Scan(&r.place, &r.name, &r.at.Lng, &r.at.Lat)
		return r, err
	}, `SELECT place, name, lng, lat FROM resident_place WHERE place IN `+s.db.Dialect().In("$1"), db.List(all))
	if err != nil {
		return nil, err
	}
	known := make(map[linli.Place]door, len(rows))
	for _, r := range rows {
		known[r.place] = r.door
	}
	out := make(map[linli.Place]door, len(places))
	for _, p := range places {
		var d door
		var parts []string
		for _, a := range ancestors(p) {
			k := known[a]
			if d.at.IsZero() {
				d.at = k.at
			}
			switch a.Depth() {
			case linli.DepthBuilding:
				d.building = k.name
				fallthrough
			case linli.DepthEntrance, linli.DepthDwelling:
				if k.name == "" {
					k.name = defaultName(a)
				}
				parts = append([]string{k.name}, parts...)
			case linli.DepthEstate:
				if len(parts) == 0 {
					parts = []string{k.name}
				} else if !strings.Contains(parts[0], k.name) && plainNumberName.MatchString(strings.TrimSuffix(parts[0], "号楼")) {
					parts = append([]string{k.name}, parts...) // "3号楼" says nothing without its estate
				}
			}
		}
		d.name = strings.Join(parts, "")
		out[p] = d
	}
	return out, nil
}

// door is a place in words and its point.
type door struct {
	name     string
	building string
	at       linli.Point
}
