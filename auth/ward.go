package auth

import (
	"linli"
	"linli/engine/db"
)

// SetWard lets an account act for a resident, or ends that, inside the caller's
// transaction; running sessions see it at once. An unknown account is KindInvalid.
func (a *Accounts) SetWard(tx db.Tx, by *Principal, id linli.UserID, ward linli.ResidentID, acts bool) error {
	tx.AfterCommit(a.forget)
	if !acts {
		if _, err := tx.Exec(`DELETE FROM auth_ward WHERE user_id = $1 AND resident_id = $2`, id, ward); err != nil {
			return err
		}
		return Audit(tx, a.now(), by, Line{Act: "user.unward", Subject: string(id), Detail: string(ward)})
	}
	var known int
	if err := tx.QueryRow(`SELECT COUNT(*) FROM auth_user WHERE id = $1`, id).Scan(&known); err != nil {
		return err
	}
	if known == 0 {
		return linli.Invalid("user", "没有这个账号", "there is no such account")
	}
	if _, err := tx.Exec(`INSERT INTO auth_ward (user_id, resident_id, at) VALUES ($1,$2,$3) ON CONFLICT DO NOTHING`, id, ward, linli.Millis(a.now())); err != nil {
		return err
	}
	return Audit(tx, a.now(), by, Line{Act: "user.ward", Subject: string(id), Detail: string(ward)})
}
