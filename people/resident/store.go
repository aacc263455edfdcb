package resident

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/calendar"
	"linli/engine/db"
)

// person is a resident as stored: sealed fields stay sealed.
type person struct {
	id         linli.ResidentID
	household  linli.HouseholdID
	relation   string
	name       string
	sex        int
	birth      string
	phone      string
	place      linli.Place
	address    string
	state      string
	idNo       string
	health     string
	disability string
	aid        string
	ability    string
	careGroups string
	idMark     string
	nameMark   string
	importMark string
	created    int64
	updated    int64
	rev        int64
	groups     []string // special groups that are not sensitive
}

func (p *person) row() auth.Row { return auth.Row{Place: p.place, Resident: p.id} }

const personColumns = `id, household_id, relation, name, sex, birth, phone, place, address, state, id_no, health, disability, aid, ability, care_groups,
	id_mark, name_mark, import_mark, created_at, updated_at, rev`

func scanPerson(rows *sql.Rows) (*person, error) {
	p := &person{groups: []string{}}
	err := rows.Scan(&p.id, &p.household, &p.relation, &p.name, &p.sex, &p.birth, &p.phone, &p.place, &p.address, &p.state,
		&p.idNo, &p.health, &p.disability, &p.aid, &p.ability, &p.careGroups, &p.idMark, &p.nameMark, &p.importMark, &p.created, &p.updated, &p.rev)
	return p, err
}

// people loads residents with their open groups.
func (s *Service) people(tx db.Tx, w db.Where, tail string) ([]*person, error) {
	out, err := db.Rows(tx, scanPerson, `SELECT `+personColumns+` FROM resident_person WHERE `+w.String()+tail, w.Args()...)
	if err != nil || len(out) == 0 {
		return out, err
	}
	at := map[linli.ResidentID]*person{}
	ids := make([]linli.ResidentID, len(out))
	for i, p := range out {
		ids[i], at[p.id] = p.id, p
	}
	rows, err := tx.Query(`SELECT person_id, mark FROM resident_group WHERE person_id IN `+s.db.Dialect().In("$1")+` ORDER BY person_id, mark`, db.List(ids))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id linli.ResidentID
		var mark string
		if err := rows.Scan(&id, &mark); err != nil {
			return nil, err
		}
		if _, open := groupOf(mark); open { // sensitive ones stand as hashes and are opened from the sealed list
			at[id].groups = append(at[id].groups, mark)
		}
	}
	return out, rows.Err()
}

var errNoResident = linli.NotFound("没有这个居民", "there is no such resident")

func (s *Service) personOf(tx db.Tx, id linli.ResidentID) (*person, error) {
	var w db.Where
	w.And("id = ?", id)
	found, err := s.people(tx, w, "")
	if err == nil && len(found) == 0 {
		err = errNoResident
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// reached loads a resident whom the asker reaches with the permission.
func (s *Service) reached(tx db.Tx, p *auth.Principal, perm auth.Permission, id linli.ResidentID) (*person, error) {
	found, err := s.personOf(tx, id)
	if err == nil && !p.Scope(perm).Covers(found.row()) {
		err = errNoResident
	}
	return found, err
}

// save writes the person; the groups' marks are replaced when groups were said.
func (s *Service) save(tx db.Tx, p *person, fresh bool) error {
	query := `UPDATE resident_person SET household_id=$2, relation=$3, name=$4, sex=$5, birth=$6, phone=$7, place=$8, address=$9, state=$10,
		id_no=$11, health=$12, disability=$13, aid=$14, ability=$15, care_groups=$16, id_mark=$17, name_mark=$18, import_mark=$19, updated_at=$20, rev = rev + 1 WHERE id = $1`
	if fresh {
		query = `INSERT INTO resident_person (id, household_id, relation, name, sex, birth, phone, place, address, state,
			id_no, health, disability, aid, ability, care_groups, id_mark, name_mark, import_mark, updated_at, created_at)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$20)`
	}
	if _, err := tx.Exec(query, p.id, p.household, p.relation, p.name, p.sex, p.birth, p.phone, p.place, p.address, p.state,
		p.idNo, p.health, p.disability, p.aid, p.ability, p.careGroups, p.idMark, p.nameMark, p.importMark, p.updated); err != nil {
		return err
	}
	doors, err := s.doors(tx, []linli.Place{p.place})
	if err != nil {
		return err
	}
	return personSearch.Put(tx, s.db.Dialect(), string(p.id), strings.Join([]string{p.name, doors[p.place].name, p.address, tail(p.phone)}, " "))
}

// personSearch finds residents by parts of name and address and by the last four digits of the phone.
const personSearch = db.Search("resident_person_search")

// setGroups replaces the marks of the groups of one class.
func (s *Service) setGroups(tx db.Tx, id linli.ResidentID, class auth.Class, groups []string) error {
	var all, now []string
	for _, g := range codes.Groups {
		if g.Class != class {
			continue
		}
		all = append(all, s.groupMark(g))
		if slices.Contains(groups, g.Code) {
			now = append(now, s.groupMark(g))
		}
	}
	if _, err := tx.Exec(`DELETE FROM resident_group WHERE person_id = $1 AND mark IN `+s.db.Dialect().In("$2"), id, db.List(all)); err != nil {
		return err
	}
	for _, mark := range now {
		if _, err := tx.Exec(`INSERT INTO resident_group (person_id, mark) VALUES ($1,$2)`, id, mark); err != nil {
			return err
		}
	}
	return nil
}

// views words stored people for an answer.
func (s *Service) views(tx db.Tx, people []*person) ([]Resident, error) {
	places := make([]linli.Place, len(people))
	for i, p := range people {
		places[i] = p.place
	}
	doors, err := s.doors(tx, places)
	if err != nil {
		return nil, err
	}
	today := calendar.DateOf(s.now(), linli.Shanghai)
	out := make([]Resident, len(people))
	for i, p := range people {
		d := doors[p.place]
		years := age(p.birth, today)
		r := Resident{
			ID: p.id, Title: title(p.name, p.sex, years), Name: p.name, Sex: p.sex, Birth: p.birth, Age: max(years, 0), Phone: p.phone,
			Place: p.place, Door: d.name, Building: d.building, At: d.at, Household: p.household, Relation: p.relation, Groups: p.groups, State: p.state,
			Created: linli.Time(p.created), Updated: linli.Time(p.updated), Rev: p.rev,
		}
		if p.address != "" && p.place.Depth() < linli.DepthDwelling {
			r.Door = p.address // the words say more than the place
		}
		if years >= 0 && years < minorAge {
			r.Birth, r.Age = "", 0 // a child's age is sensitive; it stands in care
		}
		if years >= elderAge {
			r.Groups = append(r.Groups, "advanced-age")
		}
		out[i] = r
	}
	return out, nil
}

// view words one stored person.
func (s *Service) view(tx db.Tx, p *person) (Resident, error) {
	all, err := s.views(tx, []*person{p})
	if err != nil {
		return Resident{}, err
	}
	return all[0], nil
}

// seal encrypts a text under the person's key; a value that is not text is sealed as JSON.
func (s *Service) seal(tx db.Tx, id linli.ResidentID, field string, v any) (string, error) {
	text, ok := v.(string)
	if !ok {
		raw, err := json.Marshal(v)
		if err != nil {
			return "", linli.Internal(err)
		}
		text = string(raw)
	}
	return s.vault.Seal(tx, string(id), field, text)
}

// careFields are the names under which parts of Care are asked for.
var careFields = []string{"id_no", "birth", "health", "disability", "aid", "ability", "groups"}

// open decrypts the named fields of a person.
func (s *Service) open(tx db.Tx, p *person, fields []string) (*Care, error) {
	c := &Care{}
	text := func(field, sealed string, into *string) (err error) {
		*into, err = s.vault.Open(tx, string(p.id), field, sealed)
		return err
	}
	value := func(field, sealed string, into any) error {
		var raw string
		if err := text(field, sealed, &raw); err != nil || raw == "" {
			return err
		}
		return json.Unmarshal([]byte(raw), into)
	}
	for _, f := range fields {
		var err error
		switch f {
		case "id_no":
			err = text(f, p.idNo, &c.IDNo)
		case "birth":
			c.Birth = p.birth
		case "health":
			err = text(f, p.health, &c.Health)
		case "disability":
			err = value(f, p.disability, &c.Disability)
		case "aid":
			err = text(f, p.aid, &c.Aid)
		case "ability":
			err = value(f, p.ability, &c.Ability)
		case "groups":
			err = value("care_groups", p.careGroups, &c.Groups)
		}
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

func contactsOf(tx db.Tx, id linli.ResidentID) ([]Contact, error) {
	return db.Rows(tx, func(rows *sql.Rows) (c Contact, err error) {
		err = rows.Scan(&c.ID, &c.Name, &c.Relation, &c.Phone, &c.Rank)
		return c, err
	}, `SELECT id, name, relation, phone, rank FROM resident_contact WHERE person_id = $1 ORDER BY rank, id`, id)
}

func proxiesOf(tx db.Tx, id linli.ResidentID) ([]Proxy, error) {
	return db.Rows(tx, func(rows *sql.Rows) (p Proxy, err error) {
		var from, ended int64
		err = rows.Scan(&p.ID, &p.User, &p.Name, &p.Relation, &p.Phone, &from, &ended)
		p.From, p.Ended = linli.Time(from), linli.Time(ended)
		return p, err
	}, `SELECT id, user_id, name, relation, phone, from_at, ended_at FROM resident_proxy WHERE person_id = $1 ORDER BY ended_at, id`, id)
}

func consentsOf(tx db.Tx, id linli.ResidentID) ([]Consent, error) {
	return db.Rows(tx, func(rows *sql.Rows) (c Consent, err error) {
		var given, withdrawn int64
		err = rows.Scan(&c.ID, &c.Purpose, &c.Version, &c.Hash, &c.Channel, &c.Witness, &given, &withdrawn)
		c.Given, c.Withdrawn = linli.Time(given), linli.Time(withdrawn)
		return c, err
	}, `SELECT id, purpose, version, hash, channel, witness, given_at, withdrawn_at FROM resident_consent WHERE person_id = $1 ORDER BY id DESC`, id)
}

// keepTexts records the consent texts of this program; texts that were shown stay for ever.
func keepTexts(tx db.Tx) error {
	for _, p := range codes.Purposes {
		if _, err := tx.Exec(`INSERT INTO resident_consent_text (purpose, version, zh, en, hash) VALUES ($1,$2,$3,$4,$5) ON CONFLICT DO NOTHING`,
			p.Code, p.Version, p.Zh, p.En, p.hash()); err != nil {
			return err
		}
	}
	return nil
}

// hash names the exact text in both languages.
func (p Purpose) hash() string {
	sum := sha256.Sum256([]byte(p.Zh + "\n" + p.En))
	return hex.EncodeToString(sum[:])
}

func (s *Service) householdOf(tx db.Tx, id linli.HouseholdID) (h Household, address string, err error) {
	found, err := db.Rows(tx, scanHousehold, `SELECT id, place, address, number, created_at, rev FROM resident_household WHERE id = $1`, id)
	if err == nil && len(found) == 0 {
		err = linli.NotFound("没有这户", "there is no such household")
	}
	if err != nil {
		return Household{}, "", err
	}
	return found[0].Household, found[0].address, nil
}

type householdRow struct {
	Household
	address string
}

func scanHousehold(rows *sql.Rows) (h householdRow, err error) {
	var created int64
	err = rows.Scan(&h.ID, &h.Place, &h.address, &h.Number, &created, &h.Rev)
	h.Created, h.Members = linli.Time(created), []Resident{}
	return h, err
}

func (s *Service) insertHousehold(tx db.Tx, d HouseholdDraft, now time.Time) (linli.HouseholdID, error) {
	id := linli.HouseholdID(linli.NewID("hh", now))
	_, err := tx.Exec(`INSERT INTO resident_household (id, place, address, number, created_at) VALUES ($1,$2,$3,$4,$5)`,
		id, d.Place, d.Address, d.Number, linli.Millis(now))
	return id, err
}
