package resident

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"linli"
	"linli/auth"
	"linli/engine/bus"
	"linli/engine/db"
)

// Home is the dwelling of a resident, or the smallest place known, and its point;
// an unknown id is KindNotFound.
func (s *Service) Home(ctx context.Context, id linli.ResidentID) (place linli.Place, at linli.Point, err error) {
	err = s.db.Read(ctx, func(tx db.Tx) error {
		err := tx.QueryRow(`SELECT place FROM resident_person WHERE id = $1`, id).Scan(&place)
		if errors.Is(err, sql.ErrNoRows) {
			return errNoResident
		}
		if err != nil {
			return err
		}
		at, err = s.locate(tx, place)
		return err
	})
	return place, at, err
}

// Brief calls each for those of the ids that are known, with the full name, the
// phone and the address in words; whoever answers them to a person hides what
// that person must not see.
func (s *Service) Brief(ctx context.Context, ids []linli.ResidentID, each func(id linli.ResidentID, name, phone, door string)) error {
	return s.db.Read(ctx, func(tx db.Tx) error {
		people, err := db.Rows(tx, func(rows *sql.Rows) (p person, err error) {
			err = rows.Scan(&p.id, &p.name, &p.phone, &p.place, &p.address)
			return p, err
		}, `SELECT id, name, phone, place, address FROM resident_person WHERE id IN `+s.db.Dialect().In("$1"), db.List(ids))
		if err != nil {
			return err
		}
		places := make([]linli.Place, len(people))
		for i, p := range people {
			places[i] = p.place
		}
		doors, err := s.doors(tx, places)
		if err != nil {
			return err
		}
		for _, p := range people {
			door := doors[p.place].name
			if p.address != "" && p.place.Depth() < linli.DepthDwelling {
				door = p.address
			}
			each(p.id, p.name, p.phone, door)
		}
		return nil
	})
}

// Consents tells whether the resident agreed to the purpose and has not withdrawn.
func (s *Service) Consents(ctx context.Context, id linli.ResidentID, purpose string) (given bool, err error) {
	err = s.db.Read(ctx, func(tx db.Tx) error {
		all, err := s.Agreed(tx, []linli.ResidentID{id})
		given = slices.Contains(all[id], purpose)
		return err
	})
	return given, err
}

// Agreed gives, of each of the residents, the purposes they agreed to and have not
// withdrawn, as of the transaction: who stores under it cannot be too late.
func (s *Service) Agreed(tx db.Tx, ids []linli.ResidentID) (map[linli.ResidentID][]string, error) {
	rows, err := tx.Query(`SELECT person_id, purpose FROM resident_consent WHERE withdrawn_at = 0 AND person_id IN `+s.db.Dialect().In("$1")+` ORDER BY person_id, purpose`, db.List(ids))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[linli.ResidentID][]string{}
	for rows.Next() {
		var id linli.ResidentID
		var purpose string
		if err := rows.Scan(&id, &purpose); err != nil {
			return nil, err
		}
		out[id] = append(out[id], purpose)
	}
	return out, rows.Err()
}

func placeOfPerson(tx db.Tx, id linli.ResidentID) (place linli.Place, err error) {
	err = tx.QueryRow(`SELECT place FROM resident_person WHERE id = $1`, id).Scan(&place)
	if errors.Is(err, sql.ErrNoRows) {
		err = errNoResident
	}
	return place, err
}

// errOutside refuses to put somebody where the asker has no say.
var errOutside = linli.Forbidden("不在您管辖的范围内", "this lies outside your area")

// Register puts a new person into the register within tx. Somebody with the same
// identity number, or with the same name, birth date and address, is a conflict.
func (s *Service) Register(tx db.Tx, by *auth.Principal, d Draft) (Resident, error) {
	if err := d.validate(s.now()); err != nil {
		return Resident{}, err
	}
	if d.Name == nil {
		return Resident{}, linli.Invalid("name", "请填姓名", "a name is needed")
	}
	if d.Place == nil {
		return Resident{}, linli.Invalid("place", "请选住址", "a place is needed")
	}
	if !by.Scope("resident.write").Covers(auth.Row{Place: *d.Place}) {
		return Resident{}, errOutside
	}
	now := s.now()
	p := &person{id: linli.ResidentID(linli.NewID("res", now)), state: Living, created: linli.Millis(now), rev: 1}
	if err := s.apply(tx, by, p, &d); err != nil {
		return Resident{}, err
	}
	if err := s.unique(tx, p); err != nil {
		return Resident{}, err
	}
	return s.keep(tx, by, p, &d, "resident.create")
}

// Edit changes what the draft says; rev is the revision that was read.
func (s *Service) Edit(tx db.Tx, by *auth.Principal, id linli.ResidentID, rev int64, d Draft) (Resident, error) {
	if err := d.validate(s.now()); err != nil {
		return Resident{}, err
	}
	p, err := s.reached(tx, by, "resident.write", id)
	if err != nil {
		return Resident{}, err
	}
	if p.rev != rev {
		return Resident{}, linli.Conflict("这位居民的资料刚被别人改过，请刷新后再改", "the resident was changed meanwhile; reload and try again")
	}
	if d.Place != nil && !by.Scope("resident.write").Covers(auth.Row{Place: *d.Place}) {
		return Resident{}, errOutside
	}
	if err := s.apply(tx, by, p, &d); err != nil {
		return Resident{}, err
	}
	if err := s.unique(tx, p); err != nil {
		return Resident{}, err
	}
	return s.keep(tx, by, p, &d, "resident.edit")
}

// apply puts what the draft says into the person, sealing what is sensitive. A
// household is joined only within the asker's reach.
func (s *Service) apply(tx db.Tx, by *auth.Principal, p *person, d *Draft) error {
	set(&p.name, d.Name)
	set(&p.sex, d.Sex)
	set(&p.birth, d.Birth)
	set(&p.phone, d.Phone)
	set(&p.address, d.Address)
	set(&p.relation, d.Relation)
	set(&p.state, d.State)
	if p.name == "" {
		return linli.Invalid("name", "姓名不能为空", "the name cannot be empty")
	}
	if p.state == "" {
		p.state = Living
	}
	if d.Place != nil {
		if err := s.ensurePlace(tx, *d.Place); err != nil {
			return err
		}
		p.place = *d.Place
	}
	if d.Household != nil && *d.Household != p.household {
		if *d.Household != "" {
			h, _, err := s.householdOf(tx, *d.Household)
			if linli.KindOf(err) == linli.KindNotFound || err == nil && !by.Scope("resident.write").Covers(h.AuthRow()) {
				err = linli.Invalid("household", "没有这户", "there is no such household")
			}
			if err != nil {
				return err
			}
		}
		p.household = *d.Household
	}
	if d.Groups != nil {
		p.groups = slices.Compact(slices.Sorted(slices.Values(d.Groups)))
	}
	p.updated = linli.Millis(s.now())
	if d.IDNo != nil {
		p.idMark = s.mark("id", *d.IDNo)
	}
	p.nameMark = s.nameMark(p)
	return s.applyCare(tx, p, d)
}

func (s *Service) applyCare(tx db.Tx, p *person, d *Draft) (err error) {
	put := func(into *string, field string, said bool, empty bool, v any) {
		if err != nil || !said {
			return
		}
		if empty {
			*into = ""
			return
		}
		*into, err = s.seal(tx, p.id, field, v)
	}
	put(&p.idNo, "id_no", d.IDNo != nil, trimmed(d.IDNo) == "", trimmed(d.IDNo))
	put(&p.health, "health", d.Health != nil, trimmed(d.Health) == "", trimmed(d.Health))
	put(&p.aid, "aid", d.Aid != nil, trimmed(d.Aid) == "", trimmed(d.Aid))
	put(&p.disability, "disability", d.Disability != nil, d.Disability != nil && len(d.Disability.Kinds) == 0 && d.Disability.Grade == 0, d.Disability)
	put(&p.ability, "ability", d.Ability != nil, d.Ability != nil && *d.Ability == Ability{}, d.Ability)
	put(&p.careGroups, "care_groups", d.CareGroups != nil, len(d.CareGroups) == 0, slices.Compact(slices.Sorted(slices.Values(d.CareGroups))))
	return err
}

// set overwrites a field when something was said of it.
func set[T any](into *T, said *T) {
	if said != nil {
		*into = *said
	}
}

// nameMark identifies a person without identity number: name, birth date and address.
func (s *Service) nameMark(p *person) string {
	where := string(p.place)
	if p.place.Depth() < linli.DepthDwelling {
		where += "|" + strings.ReplaceAll(p.address, " ", "")
	}
	return s.mark("name", p.name+"|"+p.birth+"|"+where)
}

// unique refuses a second row for one person.
func (s *Service) unique(tx db.Tx, p *person) error {
	taken := func(cond, mark string) (bool, error) {
		var n int
		err := tx.QueryRow(`SELECT COUNT(*) FROM resident_person WHERE id <> $1 AND `+cond, p.id, mark).Scan(&n)
		return n > 0, err
	}
	if p.idMark != "" {
		again, err := taken(`id_mark = $2 AND id_mark <> ''`, p.idMark)
		if again {
			err = &linli.Error{Kind: linli.KindConflict, Field: "id_no", Zh: "这个身份证号已经登记过", En: "this identity number is registered already"}
		}
		return err
	}
	if p.birth == "" {
		return nil // a name and an address alone are too little to tell two people apart
	}
	again, err := taken(`name_mark = $2 AND name_mark <> ''`, p.nameMark)
	if again {
		err = &linli.Error{Kind: linli.KindConflict, Field: "name", Zh: "同名、同生日、同住址的人已经登记过", En: "somebody of this name, birth date and address is registered already"}
	}
	return err
}

// keep stores the person with groups, event and audit line and answers them as now stored.
func (s *Service) keep(tx db.Tx, by *auth.Principal, p *person, d *Draft, act string) (Resident, error) {
	if err := s.store(tx, p, d, act == "resident.create"); err != nil {
		return Resident{}, err
	}
	stored, err := s.personOf(tx, p.id)
	if err != nil {
		return Resident{}, err
	}
	now := s.now()
	if err := s.bus.Publish(tx, changed(stored, now)); err != nil {
		return Resident{}, err
	}
	if err := auth.Audit(tx, now, by, auth.Line{Act: act, Subject: string(p.id), Place: p.place}); err != nil {
		return Resident{}, err
	}
	return s.view(tx, stored)
}

func (s *Service) store(tx db.Tx, p *person, d *Draft, fresh bool) error {
	if err := s.save(tx, p, fresh); err != nil {
		return err
	}
	if d.Groups != nil {
		if err := s.setGroups(tx, p.id, auth.D2, d.Groups); err != nil {
			return err
		}
	}
	if d.CareGroups != nil {
		return s.setGroups(tx, p.id, auth.D3, d.CareGroups)
	}
	return nil
}

// Reveal opens the sensitive fields of a resident for a stated reason, which stays
// in the audit trail with the names of the fields. No field named means all.
func (s *Service) Reveal(tx db.Tx, by *auth.Principal, id linli.ResidentID, reason string, fields []string) (Resident, error) {
	reason, err := validReason(reason)
	if err != nil {
		return Resident{}, err
	}
	if len(fields) == 0 {
		fields = careFields
	}
	for _, f := range fields {
		if !slices.Contains(careFields, f) {
			return Resident{}, linli.Invalidf("fields", "没有这一项：%s", "there is no field %s", f)
		}
	}
	p, err := s.reached(tx, by, "resident.reveal", id)
	if err != nil {
		return Resident{}, err
	}
	r, err := s.view(tx, p)
	if err != nil {
		return Resident{}, err
	}
	r.reveal = true
	if r.Care, err = s.open(tx, p, fields); err != nil {
		return Resident{}, err
	}
	return r, auth.Audit(tx, s.now(), by, auth.Line{Act: "resident.reveal", Subject: string(id), Place: p.place, Class: auth.D3, Reason: reason, Detail: strings.Join(fields, ",")})
}

// validReason insists on words another person can judge later.
func validReason(reason string) (string, error) {
	reason = evenText(reason)
	if len([]rune(reason)) < 4 {
		return "", linli.Invalid("reason", "请写明查看原因（至少 4 个字），会留痕", "a reason of at least 4 characters is needed; it is recorded")
	}
	return reason, nil
}

// Forget destroys the person's key and every row about them. What other slices
// keep under the bare id can no longer be traced to anybody.
func (s *Service) Forget(tx db.Tx, by *auth.Principal, id linli.ResidentID, reason string) error {
	reason, err := validReason(reason)
	if err != nil {
		return err
	}
	p, err := s.reached(tx, by, "resident.forget", id)
	if err != nil {
		return err
	}
	proxies, err := proxiesOf(tx, id)
	if err != nil {
		return err
	}
	for _, x := range proxies {
		if x.User != "" && x.Ended.IsZero() {
			if err := s.accounts.SetWard(tx, by, x.User, id, false); err != nil {
				return err
			}
		}
	}
	if err := s.vault.Forget(tx, string(id)); err != nil {
		return err
	}
	for _, table := range []string{"resident_group", "resident_contact", "resident_proxy", "resident_consent"} {
		if _, err := tx.Exec(`DELETE FROM `+table+` WHERE person_id = $1`, id); err != nil {
			return err
		}
	}
	if err := personSearch.Delete(tx, s.db.Dialect(), string(id)); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM resident_person WHERE id = $1`, id); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM resident_household WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM resident_person WHERE household_id = $1 AND household_id <> '')`, p.household); err != nil {
		return err
	}
	now := s.now()
	if err := s.bus.Publish(tx, bus.Pack(EventForgotten, string(id), p.place, now, Forgotten{id})); err != nil {
		return err
	}
	return auth.Audit(tx, now, by, auth.Line{Act: "resident.forget", Subject: string(id), Place: p.place, Class: auth.D3, Reason: reason})
}

// GiveConsent records that a resident agreed. Agreeing again to the same version
// answers the consent that stands; a newer version takes its place.
func (s *Service) GiveConsent(tx db.Tx, by *auth.Principal, id linli.ResidentID, d ConsentDraft) (Consent, error) {
	purpose, ok := purposeOf(d.Purpose)
	if !ok {
		return Consent{}, linli.Invalidf("purpose", "没有这种用途：%s", "there is no purpose %s", d.Purpose)
	}
	if d.Version != purpose.Version {
		return Consent{}, linli.Conflict("同意书已有新版，请让居民看新版", "the text has a newer version; show that one")
	}
	p, err := s.reached(tx, by, "resident.consent", id)
	if err != nil {
		return Consent{}, err
	}
	if d.Channel == "app" && !by.Serves(id) && !by.System {
		return Consent{}, linli.Invalid("channel", "“手机上”只能由居民本人同意", "only the resident can agree in the app")
	}
	all, err := consentsOf(tx, id)
	if err != nil {
		return Consent{}, err
	}
	now := s.now()
	for _, c := range all {
		if c.Purpose != d.Purpose || !c.Withdrawn.IsZero() {
			continue
		}
		if c.Version == d.Version {
			return c, nil
		}
		if _, err := tx.Exec(`UPDATE resident_consent SET withdrawn_at = $1, withdrawn_by = $2 WHERE id = $3`, linli.Millis(now), by.User, c.ID); err != nil {
			return Consent{}, err
		}
	}
	c := Consent{ID: linli.NewID("cns", now), Purpose: d.Purpose, Version: d.Version, Hash: purpose.hash(), Channel: d.Channel, Witness: evenText(d.Witness), Given: linli.Time(linli.Millis(now))}
	if _, err := tx.Exec(`INSERT INTO resident_consent (id, person_id, purpose, version, hash, channel, witness, given_at, given_by) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
		c.ID, id, c.Purpose, c.Version, c.Hash, c.Channel, c.Witness, linli.Millis(now), by.User); err != nil {
		return Consent{}, err
	}
	if err := s.bus.Publish(tx, bus.Pack(EventConsentGiven, string(id), p.place, now, ConsentChanged{id, c.Purpose, c.Version})); err != nil {
		return Consent{}, err
	}
	return c, auth.Audit(tx, now, by, auth.Line{Act: "resident.consent", Subject: string(id), Place: p.place, Detail: c.Purpose})
}

// WithdrawConsent ends the resident's consent to a purpose at once.
func (s *Service) WithdrawConsent(tx db.Tx, by *auth.Principal, id linli.ResidentID, purpose string) error {
	p, err := s.reached(tx, by, "resident.consent", id)
	if err != nil {
		return err
	}
	now := s.now()
	var version int
	err = tx.QueryRow(`UPDATE resident_consent SET withdrawn_at = $1, withdrawn_by = $2 WHERE person_id = $3 AND purpose = $4 AND withdrawn_at = 0 RETURNING version`,
		linli.Millis(now), by.User, id, purpose).Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		return linli.NotFound("这项没有同意过，或已撤回", "this was never agreed to, or was withdrawn already")
	}
	if err != nil {
		return err
	}
	if err := s.bus.Publish(tx, bus.Pack(EventConsentWithdrawn, string(id), p.place, now, ConsentChanged{id, purpose, version})); err != nil {
		return err
	}
	return auth.Audit(tx, now, by, auth.Line{Act: "resident.withdraw", Subject: string(id), Place: p.place, Detail: purpose})
}

// AddContact records whom to call for a resident.
func (s *Service) AddContact(tx db.Tx, by *auth.Principal, id linli.ResidentID, d ContactDraft) (Contact, error) {
	p, err := s.reached(tx, by, "resident.write", id)
	if err != nil {
		return Contact{}, err
	}
	c, err := s.putContact(tx, id, d)
	if err != nil {
		return Contact{}, err
	}
	return c, auth.Audit(tx, s.now(), by, auth.Line{Act: "resident.contact", Subject: string(id), Place: p.place, Detail: c.ID})
}

func (s *Service) putContact(tx db.Tx, id linli.ResidentID, d ContactDraft) (Contact, error) {
	name, err := parseName(evenText(d.Name))
	if err != nil {
		return Contact{}, err
	}
	phone, err := parsePhone(evenText(d.Phone))
	if err != nil {
		return Contact{}, err
	}
	now := s.now()
	c := Contact{ID: linli.NewID("ctc", now), Name: name, Relation: evenText(d.Relation), Phone: phone, Rank: d.Rank}
	if c.Rank == 0 {
		if err := tx.QueryRow(`SELECT COALESCE(MAX(rank), 0) + 1 FROM resident_contact WHERE person_id = $1`, id).Scan(&c.Rank); err != nil {
			return Contact{}, err
		}
	}
	_, err = tx.Exec(`INSERT INTO resident_contact (id, person_id, name, relation, phone, rank, at) VALUES ($1,$2,$3,$4,$5,$6,$7)`,
		c.ID, id, c.Name, c.Relation, c.Phone, c.Rank, linli.Millis(now))
	return c, err
}

// RemoveContact deletes a contact of a resident.
func (s *Service) RemoveContact(tx db.Tx, by *auth.Principal, id linli.ResidentID, contact string) error {
	p, err := s.reached(tx, by, "resident.write", id)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`DELETE FROM resident_contact WHERE id = $1 AND person_id = $2`, contact, id)
	if err != nil {
		return err
	}
	if n == 0 {
		return linli.NotFound("没有这个联系人", "there is no such contact")
	}
	return auth.Audit(tx, s.now(), by, auth.Line{Act: "resident.contact-removed", Subject: string(id), Place: p.place, Detail: contact})
}

// AddProxy lets somebody act for a resident; with an account, from now on.
func (s *Service) AddProxy(tx db.Tx, by *auth.Principal, id linli.ResidentID, d ProxyDraft) (Proxy, error) {
	p, err := s.reached(tx, by, "resident.consent", id)
	if err != nil {
		return Proxy{}, err
	}
	if by.Resident != id && slices.Contains(by.Wards, id) {
		return Proxy{}, linli.Forbidden("代办人不能再授权别人", "who acts for somebody cannot pass that on")
	}
	if d.User != "" && d.User == by.User {
		// Whoever acts for somebody sees their sensitive data without a reason.
		return Proxy{}, linli.Forbidden("不能把自己登记为代办人，请同事来办", "nobody makes themselves somebody's proxy; ask a colleague")
	}
	now := s.now()
	x := Proxy{ID: linli.NewID("prx", now), User: d.User, Relation: evenText(d.Relation), From: linli.Time(linli.Millis(now))}
	if x.Name, err = parseName(evenText(d.Name)); err != nil {
		return Proxy{}, err
	}
	if d.Phone != "" {
		if x.Phone, err = parsePhone(evenText(d.Phone)); err != nil {
			return Proxy{}, err
		}
	}
	if x.User != "" {
		if err := s.accounts.SetWard(tx, by, x.User, id, true); err != nil {
			return Proxy{}, err
		}
	}
	if _, err := tx.Exec(`INSERT INTO resident_proxy (id, person_id, user_id, name, relation, phone, from_at, by_user) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)`,
		x.ID, id, x.User, x.Name, x.Relation, x.Phone, linli.Millis(now), by.User); err != nil {
		return Proxy{}, err
	}
	return x, s.proxyChanged(tx, by, p, x.User, x.ID, true)
}

// EndProxy ends at once that somebody acts for a resident.
func (s *Service) EndProxy(tx db.Tx, by *auth.Principal, id linli.ResidentID, proxy string) error {
	p, err := s.reached(tx, by, "resident.consent", id)
	if err != nil {
		return err
	}
	var user linli.UserID
	err = tx.QueryRow(`UPDATE resident_proxy SET ended_at = $1 WHERE id = $2 AND person_id = $3 AND ended_at = 0 RETURNING user_id`, linli.Millis(s.now()), proxy, id).Scan(&user)
	if errors.Is(err, sql.ErrNoRows) {
		return linli.NotFound("没有这个代办人，或已取消", "there is no such proxy, or it has ended")
	}
	if err != nil {
		return err
	}
	if user != "" {
		if err := s.accounts.SetWard(tx, by, user, id, false); err != nil {
			return err
		}
	}
	return s.proxyChanged(tx, by, p, user, proxy, false)
}

func (s *Service) proxyChanged(tx db.Tx, by *auth.Principal, p *person, user linli.UserID, proxy string, acts bool) error {
	now := s.now()
	if err := s.bus.Publish(tx, bus.Pack(EventProxyChanged, string(p.id), p.place, now, ProxyChanged{p.id, user, acts})); err != nil {
		return err
	}
	act := "resident.proxy"
	if !acts {
		act = "resident.proxy-ended"
	}
	return auth.Audit(tx, now, by, auth.Line{Act: act, Subject: string(p.id), Place: p.place, Detail: proxy})
}

// NewHousehold registers who lives together at a place.
func (s *Service) NewHousehold(tx db.Tx, by *auth.Principal, d HouseholdDraft) (Household, error) {
	if !d.Place.Valid() {
		return Household{}, linli.Invalid("place", "地点编码不对", "this is not a place")
	}
	if !by.Scope("resident.write").Covers(auth.Row{Place: d.Place}) {
		return Household{}, errOutside
	}
	if err := s.ensurePlace(tx, d.Place); err != nil {
		return Household{}, err
	}
	now := s.now()
	id, err := s.insertHousehold(tx, d, now)
	if err != nil {
		return Household{}, err
	}
	h, err := s.household(tx, by, id)
	if err != nil {
		return Household{}, err
	}
	return h, auth.Audit(tx, now, by, auth.Line{Act: "household.create", Subject: string(id), Place: d.Place})
}

// EditHousehold replaces place and number of a household; rev is the revision that was read.
func (s *Service) EditHousehold(tx db.Tx, by *auth.Principal, id linli.HouseholdID, rev int64, d HouseholdDraft) (Household, error) {
	if !d.Place.Valid() {
		return Household{}, linli.Invalid("place", "地点编码不对", "this is not a place")
	}
	old, _, err := s.householdOf(tx, id)
	if err != nil {
		return Household{}, err
	}
	scope := by.Scope("resident.write")
	if !scope.Covers(old.AuthRow()) {
		return Household{}, linli.NotFound("没有这户", "there is no such household")
	}
	if !scope.Covers(auth.Row{Place: d.Place}) {
		return Household{}, errOutside
	}
	if err := s.ensurePlace(tx, d.Place); err != nil {
		return Household{}, err
	}
	n, err := tx.Exec(`UPDATE resident_household SET place = $1, address = $2, number = $3, rev = rev + 1 WHERE id = $4 AND rev = $5`, d.Place, d.Address, d.Number, id, rev)
	if err != nil {
		return Household{}, err
	}
	if n == 0 {
		return Household{}, linli.Conflict("这户刚被别人改过，请刷新后再改", "the household was changed meanwhile; reload and try again")
	}
	h, err := s.household(tx, by, id)
	if err != nil {
		return Household{}, err
	}
	return h, auth.Audit(tx, s.now(), by, auth.Line{Act: "household.edit", Subject: string(id), Place: d.Place})
}

// household loads a household with the members the asker reaches; without any
// reach of it or of a member it does not exist for them.
func (s *Service) household(tx db.Tx, by *auth.Principal, id linli.HouseholdID) (Household, error) {
	h, address, err := s.householdOf(tx, id)
	if err != nil {
		return Household{}, err
	}
	scope := by.Scope("resident.read")
	var w db.Where
	w.And("household_id = ? AND household_id <> ''", id)
	w.Put(scope.SQL(auth.Columns{Place: "place", Resident: "id"}, w.Next()))
	members, err := s.people(tx, w, " ORDER BY relation, birth, id")
	if err != nil {
		return Household{}, err
	}
	if len(members) == 0 && !scope.Covers(h.AuthRow()) && !by.Scope("resident.write").Covers(h.AuthRow()) {
		return Household{}, linli.NotFound("没有这户", "there is no such household")
	}
	if h.Members, err = s.views(tx, members); err != nil {
		return Household{}, err
	}
	doors, err := s.doors(tx, []linli.Place{h.Place})
	if err != nil {
		return Household{}, err
	}
	if h.Door = doors[h.Place].name; address != "" && h.Place.Depth() < linli.DepthDwelling {
		h.Door = address
	}
	return h, nil
}
