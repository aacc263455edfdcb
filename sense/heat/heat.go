// Package heat shows where needs are: counts of demands per hexagon of about
// 130 m, by item and window, live. A cell with fewer than ten people is never
// counted out: it is shown as too few. It owns the table heat_point.
package heat

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"linli"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/engine/job"
	"linli/geo"
	"linli/web"
)

//go:embed schema/*.sql
var schema embed.FS

const (
	// Floor is the least number of different people in a cell that is counted
	// out (domain.md 2.3, rule r3).
	Floor = 10
	// keep is how long points stay; the longest window is thirty days.
	keep = 35 * 24 * time.Hour
	// EventChanged tells the screens, at most once in tellEvery, that counts moved.
	// It names no cell: steps of one would point at single people.
	EventChanged = "heat.changed"
	tellEvery    = 2 * time.Second
)

// Service counts demands.
type Service struct {
	db   db.DB
	bus  bus.Publisher
	now  linli.Now
	told atomic.Int64 // machine milliseconds of the last EventChanged
}

// New migrates the table and binds the nightly forgetting.
func New(ctx context.Context, d db.DB, b bus.Publisher, timers job.Timers, now linli.Now) (*Service, error) {
	if err := db.Migrate(ctx, d, "heat", schema); err != nil {
		return nil, err
	}
	s := &Service{db: d, bus: b, now: now}
	timers.Every("heat.forget", func(now time.Time) time.Time { return now.Add(24 * time.Hour) },
		func(_ context.Context, tx db.Tx, _ job.Job) error {
			_, err := tx.Exec(`DELETE FROM heat_point WHERE at < $1`, linli.Millis(s.now().Add(-keep)))
			return err
		})
	return s, nil
}

// Point is a demand on the map. Who is the resident, or for an anonymous voice
// the demand itself.
type Point struct {
	Demand linli.DemandID
	Who    string
	Item   linli.ItemCode
	Place  linli.Place
	At     linli.Point
	When   time.Time
}

// Count puts a demand on the map, once; a demand without a point is not shown.
// A later call with another item (a clerk corrected it) moves it. For flow.
func (s *Service) Count(tx db.Tx, p Point) error {
	cell, ok := geo.CellAt(p.At, geo.HeatRes)
	if !ok {
		return nil
	}
	sum := sha256.Sum256([]byte("heat/" + p.Who))
	if _, err := tx.Exec(`INSERT INTO heat_point (demand_id, cell, place, item, who, at) VALUES ($1,$2,$3,$4,$5,$6)
		ON CONFLICT (demand_id) DO UPDATE SET cell = excluded.cell, place = excluded.place, item = excluded.item, who = excluded.who`,
		p.Demand, cell.String(), p.Place, p.Item, hex.EncodeToString(sum[:12]), linli.Millis(p.When)); err != nil {
		return err
	}
	return s.tell(tx)
}

// Remove takes a merged or withdrawn demand off the map. For flow.
func (s *Service) Remove(tx db.Tx, id linli.DemandID) error {
	n, err := tx.Exec(`DELETE FROM heat_point WHERE demand_id = $1`, id)
	if err != nil || n == 0 {
		return err
	}
	return s.tell(tx)
}

func (s *Service) tell(tx db.Tx) error {
	last, now := s.told.Load(), time.Now().UnixMilli()
	if now-last < tellEvery.Milliseconds() || !s.told.CompareAndSwap(last, now) {
		return nil
	}
	return s.bus.Publish(tx, bus.Pack(EventChanged, "heat", "", s.now(), struct{}{}))
}

// Cell is a hexagon with its count; N is absent when too few people stand behind it.
type Cell struct {
	Cell string `json:"cell" doc:"H3 index"`
	N    *int   `json:"n,omitempty" doc:"demands; absent: too few people to show"`
}

// Map is the answer of the heat map.
type Map struct {
	AsOf   time.Time      `json:"as_of"`
	From   time.Time      `json:"from"`
	Item   linli.ItemCode `json:"item,omitempty"`
	Res    int            `json:"res" doc:"H3 resolution: 10 is about 130 m, 9 about 350 m, 8 about 900 m"`
	Floor  int            `json:"floor" doc:"fewest people of a cell that is counted out"`
	Total  int            `json:"total" doc:"demands in the cells that are counted out"`
	Hidden int            `json:"hidden" doc:"cells with too few people"`
	Cells  []Cell         `json:"cells" nullable:"false"`
}

// Map counts the demands since from, of an item or of all, inside a place.
func (s *Service) Map(ctx context.Context, item linli.ItemCode, place linli.Place, from time.Time, res int) (Map, error) {
	m := Map{AsOf: s.now(), From: from, Item: item, Res: res, Floor: Floor, Cells: []Cell{}}
	type count struct {
		n   int
		who map[string]bool
	}
	counts := map[geo.Cell]*count{}
	low, high := place.Range()
	err := s.db.Read(ctx, func(tx db.Tx) error {
		clear(counts)
		rows, err := tx.Query(`SELECT cell, who, COUNT(*) FROM heat_point WHERE at >= $1 AND ($2 = '' OR item = $2) AND place >= $3 AND place < $4 GROUP BY cell, who`,
			linli.Millis(from), item, low, high)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name, who string
			var n int
			if err := rows.Scan(&name, &who, &n); err != nil {
				return err
			}
			cell, err := geo.ParseCell(name)
			if err != nil {
				return err
			}
			c := counts[cell.Parent(res)]
			if c == nil {
				c = &count{who: map[string]bool{}}
				counts[cell.Parent(res)] = c
			}
			c.n += n
			c.who[who] = true
		}
		return rows.Err()
	})
	for cell, c := range counts {
		out := Cell{Cell: cell.String()}
		if len(c.who) >= Floor {
			out.N = &c.n
			m.Total += c.n
		} else {
			m.Hidden++
		}
		m.Cells = append(m.Cells, out)
	}
	slices.SortFunc(m.Cells, func(a, b Cell) int { return strings.Compare(a.Cell, b.Cell) })
	return m, err
}

var windows = map[string]time.Duration{"1h": time.Hour, "24h": 24 * time.Hour, "7d": 7 * 24 * time.Hour, "30d": 30 * 24 * time.Hour}

// Routes mounts the map.
func (s *Service) Routes(r *web.Router) {
	type ask struct {
		Item   linli.ItemCode `query:"item" maxLength:"40"`
		Window string         `query:"window" enum:"1h,24h,7d,30d" default:"7d"`
		Res    int            `query:"res" minimum:"8" maximum:"10" default:"10"`
		Place  linli.Place    `query:"place" maxLength:"120"`
	}
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/heat", ID: "heat", May: "heat.read", Tag: "heat", Zh: "需求热力图", En: "the heat map of needs"},
		func(ctx context.Context, in *ask) (*web.Out[Map], error) {
			// A grid is the smallest area to ask for: smaller ones would cut cells
			// into parts whose difference points at single people.
			if in.Place != "" && (!in.Place.Valid() || in.Place.Depth() > linli.DepthGrid) {
				return nil, linli.Invalid("place", "最小可查到网格", "the smallest area to ask for is a grid")
			}
			m, err := s.Map(ctx, in.Item, in.Place, s.now().Add(-windows[in.Window]), in.Res)
			return &web.Out[Map]{Body: m}, err
		})
}
