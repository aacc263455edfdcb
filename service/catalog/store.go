package catalog

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"

	"linli"
	"linli/auth"
	"linli/engine/db"
)

// seedRow is a row of the seeds on its way into the table.
type seedRow struct {
	kind, code string
	body       any
}

// wordGroup is how the seed file writes the lexicon: one source for the rows of a specification.
type wordGroup struct {
	Spec       string
	Source     string
	Confidence string
	Words      []Word
}

func readSeed(name string, into any) error {
	raw, err := seeds.ReadFile("seeds/" + name)
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalWithOptions(raw, into, yaml.DisallowUnknownField()); err != nil {
		return fmt.Errorf("catalog: seeds/%s: %w", name, err)
	}
	return nil
}

// seedRows reads the seed files into rows and procedures, in the order of the files.
func seedRows() (rows []seedRow, sops []SOP, err error) {
	var base struct {
		Categories []Named
		Items      []Item
		Slas       []SLA
		Prices     []Named
	}
	var specs struct{ Specs []Spec }
	var words struct{ Groups []wordGroup }
	var procedures struct{ Sops []SOP }
	err = errors.Join(readSeed("catalog.yaml", &base), readSeed("specs.yaml", &specs), readSeed("words.yaml", &words), readSeed("sops.yaml", &procedures))
	if err != nil {
		return nil, nil, err
	}
	for _, r := range base.Categories {
		rows = append(rows, seedRow{"category", r.Code, r})
	}
	for _, r := range base.Items {
		rows = append(rows, seedRow{"item", r.Code, r})
	}
	for _, r := range base.Slas {
		rows = append(rows, seedRow{"sla", r.Code, r})
	}
	for _, r := range base.Prices {
		rows = append(rows, seedRow{"price", r.Code, r})
	}
	for _, r := range specs.Specs {
		rows = append(rows, seedRow{"spec", r.Code, r})
	}
	for _, g := range words.Groups {
		for i, w := range g.Words {
			w.Code, w.Spec = fmt.Sprintf("%s.%d", g.Spec, i+1), g.Spec
			w.Source, w.Confidence = g.Source, g.Confidence
			rows = append(rows, seedRow{"word", w.Code, w})
		}
	}
	return rows, procedures.Sops, nil
}

// seed stores the seed rows that are not there yet. What people edited or deleted
// stays as they left it. The digest of the files spares the work at later starts.
func (s *Service) seed(ctx context.Context) error {
	digest, err := seedDigest()
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx db.Tx) error {
		n, err := tx.Exec(`INSERT INTO catalog_row (kind, code, pos, rev, body) VALUES ('seed', $1, 0, 1, '{}') ON CONFLICT DO NOTHING`, digest)
		if err != nil || n == 0 {
			return err
		}
		rows, sops, err := seedRows()
		if err != nil {
			return err
		}
		for i, chunk := 0, 200; i < len(rows); i += chunk {
			part := rows[i:min(i+chunk, len(rows))]
			var args []any
			for j, r := range part {
				args = append(args, r.kind, r.code, i+j, 1, db.JSON(r.body))
			}
			if _, err := tx.Exec(`INSERT INTO catalog_row (kind, code, pos, rev, body) VALUES `+db.Values(len(part), 5)+` ON CONFLICT DO NOTHING`, args...); err != nil {
				return err
			}
		}
		now := linli.Millis(s.now())
		for _, sop := range sops {
			sop.ID, sop.Version, sop.State, sop.Rev, sop.CreatedAt, sop.PublishedAt = sopID(sop.SOP, 1), 1, Published, 1, now, now
			if err := insertSOP(tx, sop, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

func seedDigest() (string, error) {
	var all bytes.Buffer
	entries, err := seeds.ReadDir("seeds")
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		raw, err := seeds.ReadFile("seeds/" + e.Name())
		if err != nil {
			return "", err
		}
		all.Write(raw)
	}
	sum := sha256.Sum256(all.Bytes())
	return hex.EncodeToString(sum[:8]), nil
}

// read loads the whole catalog.
func (s *Service) read(ctx context.Context) (*snapshot, error) {
	n := &snapshot{}
	err := s.db.Read(ctx, func(tx db.Tx) error {
		*n = snapshot{} // the read may run again
		if err := n.readRows(tx); err != nil {
			return err
		}
		return n.readSOPs(tx)
	})
	if err != nil {
		return nil, err
	}
	n.index()
	return n, nil
}

func (n *snapshot) readRows(tx db.Tx) error {
	rows, err := tx.Query(`SELECT kind, body, rev, edited_at, edited_by FROM catalog_row WHERE gone = 0 AND kind <> 'seed' ORDER BY pos, code`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var kind string
		var body json.RawMessage
		var m Meta
		if err := rows.Scan(&kind, db.JSON(&body), &m.Rev, &m.EditedAt, &m.EditedBy); err != nil {
			return err
		}
		if err := n.add(kind, body, m); err != nil {
			return fmt.Errorf("catalog: %s: %w", kind, err)
		}
	}
	return rows.Err()
}

func (n *snapshot) readSOPs(tx db.Tx) error {
	rows, err := tx.Query(`SELECT ` + sopColumns + ` FROM catalog_sop ORDER BY sop, version DESC`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		sop, err := scanSOP(rows)
		if err != nil {
			return err
		}
		n.sops = append(n.sops, sop)
	}
	return rows.Err()
}

// add files a stored document under its kind.
func (n *snapshot) add(kind string, body json.RawMessage, m Meta) (err error) {
	switch kind {
	case "category":
		n.categories, err = decode(n.categories, body, m)
	case "item":
		n.items, err = decode(n.items, body, m)
	case "sla":
		n.slas, err = decode(n.slas, body, m)
	case "price":
		n.prices, err = decode(n.prices, body, m)
	case "spec":
		n.specs, err = decode(n.specs, body, m)
	case "word":
		n.words, err = decode(n.words, body, m)
	}
	return err
}

func decode[T any](list []T, body json.RawMessage, m Meta) ([]T, error) {
	var v T
	if err := json.Unmarshal(body, &v); err != nil {
		return nil, err
	}
	any(&v).(row).stamp(m)
	return append(list, v), nil
}

// row is a document of the catalog.
type row interface {
	code() string
	stamp(Meta)              // set revision and editor, keep source and confidence
	check(n *snapshot) error // against the rest of the catalog
}

func (m *Meta) stamp(with Meta) {
	m.Rev, m.EditedAt, m.EditedBy = with.Rev, with.EditedAt, with.EditedBy
}

func (r *Named) code() string { return r.Code }
func (w *Word) code() string  { return w.Code }

// put stores an edited row. rev 0 creates it and fails when the code exists.
func (s *Service) put(ctx context.Context, tx db.Tx, p *auth.Principal, kind string, r row, rev int64) (Meta, error) {
	if err := r.check(s.snap.Load()); err != nil {
		return Meta{}, err
	}
	m := Meta{Rev: rev + 1, EditedAt: linli.Millis(s.now()), EditedBy: p.Name}
	r.stamp(m)
	var n int64
	var err error
	if rev == 0 {
		n, err = tx.Exec(`INSERT INTO catalog_row (kind, code, pos, rev, body, edited_at, edited_by)
			VALUES ($1, $2, (SELECT COALESCE(MAX(pos), 0) + 1 FROM catalog_row), 1, $3, $4, $5) ON CONFLICT DO NOTHING`,
			kind, r.code(), db.JSON(r), m.EditedAt, m.EditedBy)
	} else {
		n, err = tx.Exec(`UPDATE catalog_row SET rev = $1, body = $2, edited_at = $3, edited_by = $4
			WHERE kind = $5 AND code = $6 AND rev = $7 AND gone = 0`, m.Rev, db.JSON(r), m.EditedAt, m.EditedBy, kind, r.code(), rev)
	}
	if err != nil {
		return m, err
	}
	if n == 0 {
		return m, s.missed(tx, kind, r.code())
	}
	return m, s.tell(tx, p, kind+".edit", kind, r.code(), m.Rev)
}

// remove deletes a row; only words can be deleted, the rest is switched off.
func (s *Service) remove(tx db.Tx, p *auth.Principal, kind, code string, rev int64) error {
	now := linli.Millis(s.now())
	n, err := tx.Exec(`UPDATE catalog_row SET gone = $1, edited_at = $1, edited_by = $2, rev = rev + 1 WHERE kind = $3 AND code = $4 AND rev = $5 AND gone = 0`,
		now, p.Name, kind, code, rev)
	if err != nil {
		return err
	}
	if n == 0 {
		return s.missed(tx, kind, code)
	}
	return s.tell(tx, p, kind+".delete", kind, code, rev+1)
}

// missed says why an edit found no row: it is not there, or it has moved on.
func (s *Service) missed(tx db.Tx, kind, code string) error {
	var gone int64
	err := tx.QueryRow(`SELECT gone FROM catalog_row WHERE kind = $1 AND code = $2`, kind, code).Scan(&gone)
	if errors.Is(err, sql.ErrNoRows) || err == nil && gone != 0 {
		return linli.NotFound("服务目录里没有："+code, "the catalog has no "+code)
	}
	if err != nil {
		return err
	}
	return stale()
}

// find picks the row with this code from a list of the snapshot.
func find[T any](list []T, code string) (T, error) {
	i := slices.IndexFunc(list, func(v T) bool { return any(&v).(row).code() == code })
	if i < 0 {
		var none T
		return none, linli.NotFound("服务目录里没有："+code, "the catalog has no "+code)
	}
	return list[i], nil
}
