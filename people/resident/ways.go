package resident

import (
	"context"
	"errors"

	"linli"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/geo"
	"linli/geo/walk"
)

// Trip is the way from one point to another, by the ways of the imported maps; where
// they do not know it, it is estimated and marked Approx. ok is false when a point
// is unknown.
func (s *Service) Trip(from, to linli.Point, p geo.Profile) (t geo.Trip, ok bool) {
	return s.guide.Load().Trip(from, to, p)
}

// ReadWays reads the ways of all maps, without those that are closed now, and answers
// by them from then on. On an error
// those that could be read are used.
func (s *Service) ReadWays(ctx context.Context) error {
	var graphs []*walk.Graph
	var bad []error
	var closed []geo.Closure
	err := s.db.Read(ctx, func(tx db.Tx) error {
		graphs, bad = nil, nil
		rows, err := tx.Query(`SELECT graph FROM resident_ways ORDER BY place`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var raw []byte
			if err := rows.Scan(&raw); err != nil {
				return err
			}
			if g, err := walk.Load(raw); err != nil {
				bad = append(bad, err)
			} else {
				graphs = append(graphs, g)
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
		closed, err = s.Closures(tx, s.now())
		return err
	})
	if err != nil {
		return err
	}
	if len(graphs) == 0 {
		s.guide.Store(walk.NewGuide(nil))
	} else {
		open, _ := walk.NewGuide(walk.Join(graphs...)).Without(closed...)
		s.guide.Store(open)
	}
	return errors.Join(bad...)
}

// Hear reads the ways again when a map brought others.
func (s *Service) Hear(ctx context.Context, e bus.Event) error {
	if e.Kind != EventWaysChanged {
		return nil
	}
	return s.ReadWays(ctx)
}

// takeWays keeps the ways of a map in place of those the area had. A map without
// ways leaves them.
func (s *Service) takeWays(tx db.Tx, g *walk.Graph, r *Report) error {
	if g == nil {
		return nil
	}
	raw, err := g.MarshalBinary()
	if err != nil {
		return err
	}
	now := s.now()
	n, err := tx.Exec(`INSERT INTO resident_ways (place, graph, at) VALUES ($1,$2,$3)
		ON CONFLICT (place) DO UPDATE SET graph = excluded.graph, at = excluded.at WHERE resident_ways.graph <> excluded.graph`, r.Place, raw, linli.Millis(now))
	if err != nil || n == 0 {
		return err
	}
	r.Ways = g.Edges()
	return s.bus.Publish(tx, bus.Pack(EventWaysChanged, string(r.Place), r.Place, now, WaysChanged{g.Edges()}))
}
