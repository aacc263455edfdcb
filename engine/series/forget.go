package series

import (
	"database/sql"
	"errors"

	"linli"
	"linli/engine/db"
)

// Forget removes every sample and series of a person within tx and destroys the
// person's key, so that what is left in backups and in the free pages of the store
// cannot be read. From then on data about the person is refused, for ever. It may
// be called for persons without data, and again.
func (s *Store) Forget(tx db.Tx, name string) error {
	if name == "" {
		return linli.Invalid("subject", "请指明要遗忘的人", "say whom to forget")
	}
	var number int64
	if err := tx.QueryRow(`INSERT INTO series_subject (subject, forgotten_at) VALUES ($1, $2)
		ON CONFLICT (subject) DO UPDATE SET forgotten_at = COALESCE(series_subject.forgotten_at, excluded.forgotten_at) RETURNING number`,
		name, linli.Millis(s.now())).Scan(&number); err != nil {
		return err
	}
	blocks, err := db.Rows(tx, func(rows *sql.Rows) (block int64, err error) {
		err = rows.Scan(&block)
		return block, err
	},
		`SELECT DISTINCT number / $2 FROM series_line WHERE subject = $1 ORDER BY 1`, number, blockLines)
	if err != nil {
		return err
	}
	for _, block := range blocks {
		if err := erase(tx, block, number); err != nil {
			return err
		}
	}
	for _, table := range []string{"series_open", "series_chunk"} {
		if _, err := tx.Exec(`DELETE FROM `+table+` WHERE line IN (SELECT number FROM series_line WHERE subject = $1)`, number); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`DELETE FROM series_line WHERE subject = $1`, number); err != nil {
		return err
	}
	if s.keys != nil {
		if err := s.keys.Forget(tx, name); err != nil {
			return err
		}
	}
	return s.turn(tx)
}

// turn begins a new generation: what nodes keep in memory is void.
func (s *Store) turn(tx db.Tx) error {
	var generation int64
	if err := tx.QueryRow(`UPDATE series_state SET generation = generation + 1 WHERE id = 1 RETURNING generation`).Scan(&generation); err != nil {
		return err
	}
	// Not only correct but at once: no key of a forgotten person stays in memory, and
	// what a transaction of the old generation still wants to share comes too late.
	tx.AfterCommit((&view{store: s, own: newDirectory(generation)}).share)
	return nil
}

// erase takes the groups of an owner out of the tail and the last page of a block.
func erase(tx db.Tx, block, owner int64) error {
	type row struct {
		seq    int64
		parcel []byte
	}
	tail, err := db.Rows(tx, func(rows *sql.Rows) (r row, err error) {
		err = rows.Scan(&r.seq, &r.parcel)
		return r, err
	},
		`SELECT seq, bytes FROM series_tail WHERE block = $1`, block)
	if err != nil {
		return err
	}
	for _, r := range tail {
		rest, err := without(r.parcel, owner)
		if err != nil {
			return linli.Internal(err)
		}
		if len(rest) == len(r.parcel) {
			continue
		}
		if _, err := tx.Exec(`UPDATE series_tail SET bytes = $1 WHERE seq = $2`, rest, r.seq); err != nil {
			return err
		}
	}
	var page []byte
	err = tx.QueryRow(`SELECT bytes FROM series_last WHERE block = $1`, block).Scan(&page)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		page, err = without(page, owner)
	}
	if err == nil {
		_, err = tx.Exec(`UPDATE series_last SET bytes = $1 WHERE block = $2`, page, block)
	}
	return err
}

// without gives a parcel without the groups of an owner.
func without(parcel []byte, owner int64) ([]byte, error) {
	rest := make([]byte, 0, len(parcel))
	err := groups(parcel, func(of int64, _, whole []byte) error {
		if of != owner {
			rest = append(rest, whole...)
		}
		return nil
	})
	return rest, err
}
