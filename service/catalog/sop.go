package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"linli"
	"linli/auth"
	"linli/engine/bus"
	"linli/engine/db"
)

// SOPState is where a version of a procedure stands (domain.md 12.8).
type SOPState string

// The states: a draft is edited, a trial is tried out, the published version is
// pinned by new orders, a retired one is kept for the orders that pinned it.
const (
	Draft     SOPState = "draft"
	Trial     SOPState = "trial"
	Published SOPState = "published"
	Retired   SOPState = "retired"
)

// SOP is one version of a standard operating procedure.
type SOP struct {
	ID          string   `json:"id" yaml:"-"`
	SOP         string   `json:"sop" yaml:"sop" doc:"code of the procedure"`
	Version     int64    `json:"version" yaml:"-"`
	State       SOPState `json:"state" yaml:"-"`
	Rev         int64    `json:"rev" yaml:"-"`
	CreatedAt   int64    `json:"created_at" yaml:"-"`
	PublishedAt int64    `json:"published_at,omitempty" yaml:"-"`
	RetiredAt   int64    `json:"retired_at,omitempty" yaml:"-"`
	SOPText     `yaml:",inline"`
}

// SOPText is what people write of a version.
type SOPText struct {
	Zh         string    `json:"zh" yaml:"zh" minLength:"1" maxLength:"80"`
	En         string    `json:"en" yaml:"en" minLength:"1" maxLength:"160"`
	ScopeZh    string    `json:"scope_zh,omitempty" yaml:"scope_zh" maxLength:"400"`
	ScopeEn    string    `json:"scope_en,omitempty" yaml:"scope_en" maxLength:"800"`
	Owner      string    `json:"owner" yaml:"owner" minLength:"1" maxLength:"40" doc:"role that keeps the procedure"`
	Basis      string    `json:"basis,omitempty" yaml:"basis" maxLength:"400" doc:"standards it follows"`
	Change     string    `json:"change,omitempty" yaml:"change" maxLength:"400" doc:"what is new against the version before"`
	Source     string    `json:"source,omitempty" yaml:"source" maxLength:"200"`
	Confidence string    `json:"confidence,omitempty" yaml:"confidence" enum:"seen,known,proposed,local,"`
	Steps      []SOPStep `json:"steps" yaml:"steps" minItems:"1" maxItems:"40"`
}

// SOPStep is one step with its exception branch.
type SOPStep struct {
	Zh       string `json:"zh" yaml:"zh" minLength:"1" maxLength:"80"`
	En       string `json:"en" yaml:"en" minLength:"1" maxLength:"160"`
	Owner    string `json:"owner" yaml:"owner" minLength:"1" maxLength:"40" doc:"role that carries it out"`
	Limit    int    `json:"limit_min,omitempty" yaml:"limit" minimum:"0" maximum:"525600" doc:"minutes, 0 none"`
	Evidence string `json:"evidence,omitempty" yaml:"evidence" enum:"photo,note,signature,code,"`
	Required bool   `json:"required,omitempty" yaml:"required" doc:"the order cannot finish without it"`
	CheckZh  string `json:"check_zh,omitempty" yaml:"check_zh" maxLength:"300" doc:"what to look at"`
	CheckEn  string `json:"check_en,omitempty" yaml:"check_en" maxLength:"600"`
	ElseZh   string `json:"else_zh,omitempty" yaml:"else_zh" maxLength:"300" doc:"when the step cannot be done"`
	ElseEn   string `json:"else_en,omitempty" yaml:"else_en" maxLength:"600"`
}

// Procedures lists every version, the newest of each procedure first.
func (s *Service) Procedures() []SOP { return s.snap.Load().sops }

// Procedure finds a version by its id.
func (s *Service) Procedure(id string) (SOP, error) {
	sop, ok := s.snap.Load().version[id]
	if !ok {
		return SOP{}, linli.NotFound("没有这个作业规程版本", "there is no such procedure version")
	}
	return *sop, nil
}

// DraftFrom makes a new draft version of the procedure, starting from text.
func (s *Service) DraftFrom(ctx context.Context, tx db.Tx, p *auth.Principal, code string, text SOPText) (SOP, error) {
	var last sql.NullInt64
	if err := tx.QueryRow(`SELECT MAX(version) FROM catalog_sop WHERE sop = $1`, code).Scan(&last); err != nil {
		return SOP{}, err
	}
	if !last.Valid {
		return SOP{}, linli.NotFound("没有这个作业规程："+code, "there is no procedure "+code)
	}
	now := s.now()
	sop := SOP{ID: sopID(code, last.Int64+1), SOP: code, Version: last.Int64 + 1, State: Draft, Rev: 1, CreatedAt: linli.Millis(now), SOPText: text}
	if err := insertSOP(tx, sop, string(p.User)); err != nil {
		return SOP{}, err
	}
	return sop, s.tell(tx, p, "sop.draft", "sop", sop.ID, sop.Rev)
}

// EditDraft replaces the text of a draft; other states are fixed, since orders may have pinned them.
func (s *Service) EditDraft(ctx context.Context, p *auth.Principal, id string, rev int64, text SOPText) (SOP, error) {
	return s.changeSOP(ctx, p, "sop.edit", id, rev, func(tx db.Tx, sop *SOP) error {
		if sop.State != Draft {
			return linli.Conflict("这个版本已不是草稿，请先新建草稿", "this version is no longer a draft; make a new draft first")
		}
		sop.SOPText = text
		return nil
	})
}

// Move carries a version to trial, published or retired. Publishing retires the
// version published before; the last published version of a procedure that a
// specification points to cannot be retired.
func (s *Service) Move(ctx context.Context, p *auth.Principal, id string, rev int64, to SOPState) (SOP, error) {
	return s.changeSOP(ctx, p, "sop."+string(to), id, rev, func(tx db.Tx, sop *SOP) error {
		if !canMove(sop.State, to) {
			return linli.Conflict(fmt.Sprintf("“%s”的版本不能转为“%s”", sopStateZh[sop.State], sopStateZh[to]),
				fmt.Sprintf("a version in state %s cannot become %s", sop.State, to))
		}
		now := linli.Millis(s.now())
		switch {
		case to == Published:
			if _, err := tx.Exec(`UPDATE catalog_sop SET state = $1, retired_at = $2, rev = rev + 1 WHERE sop = $3 AND state = $4`,
				Retired, now, sop.SOP, Published); err != nil {
				return err
			}
			sop.PublishedAt = now
		case to == Retired:
			if sop.State == Published {
				for _, spec := range s.snap.Load().specs {
					if spec.SOP == sop.SOP && !spec.Off {
						return linli.Conflict("“"+spec.Zh+"”还在用这个规程，请先发布新版本", spec.En+" still follows this procedure; publish a new version first")
					}
				}
			}
			sop.RetiredAt = now
		}
		sop.State = to
		return nil
	})
}

var sopStateZh = map[SOPState]string{Draft: "草稿", Trial: "试行", Published: "发布", Retired: "停用"}

// canMove is the life of a version.
func canMove(from, to SOPState) bool {
	switch to {
	case Trial:
		return from == Draft
	case Published:
		return from == Draft || from == Trial
	case Retired:
		return from == Draft || from == Trial || from == Published
	}
	return false
}

func (s *Service) changeSOP(ctx context.Context, p *auth.Principal, act, id string, rev int64, change func(tx db.Tx, sop *SOP) error) (SOP, error) {
	var sop SOP
	err := s.db.Write(ctx, func(tx db.Tx) error {
		var err error
		sop, err = oneSOP(tx, id)
		if err != nil {
			return err
		}
		if sop.Rev != rev {
			return stale()
		}
		if err := change(tx, &sop); err != nil {
			return err
		}
		sop.Rev++
		by := ""
		if sop.State == Published {
			by = string(p.User)
		}
		if _, err := tx.Exec(`UPDATE catalog_sop SET state = $1, rev = $2, body = $3, published_at = $4, retired_at = $5,
			published_by = CASE WHEN $6 = '' THEN published_by ELSE $6 END WHERE id = $7`,
			sop.State, sop.Rev, db.JSON(sop.SOPText), sop.PublishedAt, sop.RetiredAt, by, id); err != nil {
			return err
		}
		return s.tell(tx, p, act, "sop", id, sop.Rev)
	})
	if err != nil {
		return SOP{}, err
	}
	return sop, s.Refresh(ctx)
}

func sopID(code string, version int64) string { return fmt.Sprintf("%s@%d", code, version) }

const sopColumns = `id, sop, version, state, rev, created_at, published_at, retired_at, body`

func scanSOP(row interface{ Scan(...any) error }) (sop SOP, err error) {
	err = row.Scan(&sop.ID, &sop.SOP, &sop.Version, &sop.State, &sop.Rev, &sop.CreatedAt, &sop.PublishedAt, &sop.RetiredAt, db.JSON(&sop.SOPText))
	return sop, err
}

func oneSOP(tx db.Tx, id string) (SOP, error) {
	sop, err := scanSOP(tx.QueryRow(`SELECT `+sopColumns+` FROM catalog_sop WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return sop, linli.NotFound("没有这个作业规程版本", "there is no such procedure version")
	}
	return sop, err
}

func insertSOP(tx db.Tx, sop SOP, by string) error {
	_, err := tx.Exec(`INSERT INTO catalog_sop (id, sop, version, state, rev, body, created_at, created_by, published_at)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9) ON CONFLICT DO NOTHING`,
		sop.ID, sop.SOP, sop.Version, sop.State, sop.Rev, db.JSON(sop.SOPText), sop.CreatedAt, by, sop.PublishedAt)
	return err
}

// tell audits an edit and publishes it.
func (s *Service) tell(tx db.Tx, p *auth.Principal, act, kind, code string, rev int64) error {
	now := s.now()
	if err := auth.Audit(tx, now, p, auth.Line{Act: "catalog." + act, Subject: kind + ":" + code, Detail: fmt.Sprintf("rev %d", rev)}); err != nil {
		return err
	}
	return s.bus.Publish(tx, bus.Pack(EventChanged, kind+":"+code, "", now, Changed{kind, code, rev}))
}

func stale() error {
	return linli.Conflict("别人刚改过这一项，请看过新内容再改", "somebody has just changed this; look at the new text before changing it")
}
