package resident

import (
	"database/sql"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/geo"
)

// Detour answers how long ways take as if they were closed there, too. It answers
// how many pieces of way that blocks: none where no map knows the ways.
func (s *Service) Detour(c geo.Closure) (trip func(from, to linli.Point, p geo.Profile) (geo.Trip, bool), blocked int) {
	g, n := s.guide.Load().Without(c)
	return g.Trip, n
}

// Close closes ways until a time. All nodes answer by the others as soon as they
// hear of it.
func (s *Service) Close(tx db.Tx, p *auth.Principal, c geo.Closure) (geo.Closure, error) {
	now := s.now()
	c.ID, c.At = linli.NewID("clo", now), now
	if _, err := tx.Exec(`INSERT INTO resident_closure (id, place, closure, until_at, at, by_user) VALUES ($1,$2,$3,$4,$5,$6)`,
		c.ID, c.Place, db.JSON(c), linli.Millis(c.Until), linli.Millis(now), p.User); err != nil {
		return c, err
	}
	return c, s.waysChanged(tx, c.Place)
}

// Open opens closed ways again; before their time somebody has said so, afterwards
// it only lets every node look again.
func (s *Service) Open(tx db.Tx, id string) error {
	now := linli.Millis(s.now())
	var place linli.Place
	if err := tx.QueryRow(`SELECT place FROM resident_closure WHERE id = $1`, id).Scan(&place); err == sql.ErrNoRows {
		return errNoClosure
	} else if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE resident_closure SET opened_at = $1 WHERE id = $2 AND opened_at = 0 AND until_at > $1`, now, id); err != nil {
		return err
	}
	return s.waysChanged(tx, place)
}

var errNoClosure = linli.NotFound("没有这处封路", "there is no such closure")

func (s *Service) waysChanged(tx db.Tx, place linli.Place) error {
	return s.bus.Publish(tx, bus.Pack(EventWaysChanged, string(place), place, s.now(), WaysChanged{}))
}

// Closures lists the ways that are closed at a moment, the newest first.
func (s *Service) Closures(tx db.Tx, at time.Time) ([]geo.Closure, error) {
	return db.Rows(tx, func(rows *sql.Rows) (c geo.Closure, err error) { return c, rows.Scan(db.JSON(&c)) },
		`SELECT closure FROM resident_closure WHERE opened_at = 0 AND until_at > $1 ORDER BY id DESC`, linli.Millis(at))
}
