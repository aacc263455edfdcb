package auth

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"linli"
	"linli/engine/db"
)

// Line is one entry of the audit trail, without who and when.
type Line struct {
	Act     string      // "<noun>.<verb>"
	Subject string      // id of what was acted on
	Place   linli.Place // for scope; may be empty
	Class   Class       // data class looked at, if any
	Reason  string      // why a sensitive look was needed
	Detail  string      // further facts, no personal data
}

// AuditLine is a stored entry. Hash chains it to the one before.
type AuditLine struct {
	Seq     int64     `json:"seq"`
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	User    string    `json:"user"`
	Who     string    `json:"who"`
	Act     string    `json:"act"`
	Subject string    `json:"subject,omitempty"`
	Place   string    `json:"place,omitempty"`
	Class   string    `json:"class,omitempty"`
	Reason  string    `json:"reason,omitempty"`
	Detail  string    `json:"detail,omitempty"`
	Hash    string    `json:"hash,omitempty"`
}

// Audit writes a line inside the transaction of the act: they commit together.
func Audit(tx db.Tx, at time.Time, p *Principal, l Line) error {
	_, err := tx.Exec(`INSERT INTO auth_audit (id, at, user_id, who, act, subject, place, class, reason, detail)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`,
		linli.NewID("aud", at), linli.Millis(at), p.User, p.Name, l.Act, l.Subject, l.Place, l.Class, l.Reason, l.Detail)
	return err
}

func (l AuditLine) digest(before string) string {
	raw, err := json.Marshal([]any{before, l.ID, l.At.UnixMilli(), l.User, l.Who, l.Act, l.Subject, l.Place, l.Class, l.Reason, l.Detail})
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

const auditColumns = `COALESCE(seq, 0), id, at, user_id, who, act, subject, place, class, reason, detail, hash`

func scanAudit(rows *sql.Rows) (l AuditLine, err error) {
	var at int64
	err = rows.Scan(&l.Seq, &l.ID, &at, &l.User, &l.Who, &l.Act, &l.Subject, &l.Place, &l.Class, &l.Reason, &l.Detail, &l.Hash)
	l.At = linli.Time(at)
	return l, err
}

func auditLines(tx db.Tx, query string, args ...any) ([]AuditLine, error) {
	return db.Rows(tx, scanAudit, query, args...)
}

// Chain gives the committed lines that have none yet their number and hash, each
// hash covering the one before. It runs every second as a job, so that acts do
// not wait for each other; a line is open to unseen change only that long.
func (a *Accounts) Chain(tx db.Tx) error {
	var seq int64
	var before string
	err := tx.QueryRow(`SELECT seq, hash FROM auth_audit WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1`).Scan(&seq, &before)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	open, err := auditLines(tx, `SELECT `+auditColumns+` FROM auth_audit WHERE seq IS NULL ORDER BY id LIMIT 2000`)
	if err != nil {
		return err
	}
	for _, l := range open {
		seq++
		before = l.digest(before)
		if _, err := tx.Exec(`UPDATE auth_audit SET seq = $1, hash = $2 WHERE id = $3`, seq, before, l.ID); err != nil {
			return err
		}
	}
	return nil
}

// Verify recomputes the chain and returns how many lines it covers and the number
// of the first line that does not fit, 0 when all do.
func (a *Accounts) Verify(ctx context.Context) (lines, broken int64, err error) {
	err = a.db.Read(ctx, func(tx db.Tx) error {
		lines, broken = 0, 0
		before := ""
		for {
			page, err := auditLines(tx, `SELECT `+auditColumns+` FROM auth_audit WHERE seq > $1 ORDER BY seq LIMIT 1000`, lines)
			if err != nil {
				return err
			}
			for _, l := range page {
				if l.Seq != lines+1 || l.digest(before) != l.Hash {
					broken = lines + 1
					return nil
				}
				lines, before = l.Seq, l.Hash
			}
			if len(page) == 0 {
				return nil
			}
		}
	})
	return lines, broken, err
}

// AuditFilter narrows the trail; empty fields do not.
type AuditFilter struct {
	User, Subject, Act, Class string
	Before                    string // cursor: the id of the last line seen
	Limit                     int
}

// Trail lists audit lines, newest first.
func (a *Accounts) Trail(ctx context.Context, f AuditFilter) (out []AuditLine, err error) {
	err = a.db.Read(ctx, func(tx db.Tx) error {
		out, err = auditLines(tx, `SELECT `+auditColumns+` FROM auth_audit
			WHERE ($1 = '' OR user_id = $1) AND ($2 = '' OR subject = $2) AND ($3 = '' OR act = $3) AND ($4 = '' OR class = $4) AND ($5 = '' OR id < $5)
			ORDER BY id DESC LIMIT $6`, f.User, f.Subject, f.Act, f.Class, f.Before, f.Limit)
		return err
	})
	return out, err
}

// Looked writes that somebody read the trail, about whom if it was narrowed.
func (a *Accounts) Looked(tx db.Tx, p *Principal, about string) error {
	return Audit(tx, a.now(), p, Line{Act: "audit.read", Subject: about})
}
