package resident

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"linli"
	"linli/auth"
	"linli/decide/calendar"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/geo/walk"
)

// Accounts is asked to let an account act for a resident, or to end that.
type Accounts interface {
	SetWard(tx db.Tx, by *auth.Principal, id linli.UserID, ward linli.ResidentID, acts bool) error
}

// Service keeps the register of places and people.
type Service struct {
	db       db.DB
	bus      bus.Publisher
	vault    *auth.Vault
	accounts Accounts
	now      linli.Now
	key      []byte // of the keyed hashes; see mark
	names    gazetteer
	guide    atomic.Pointer[walk.Guide] // never nil after New
}

// New migrates the tables of resident, opens the key of its hashes and records
// the present consent texts.
func New(ctx context.Context, d db.DB, b bus.Publisher, vault *auth.Vault, accounts Accounts, now linli.Now) (*Service, error) {
	if err := db.Migrate(ctx, d, "resident", schema); err != nil {
		return nil, err
	}
	s := &Service{db: d, bus: b, vault: vault, accounts: accounts, now: now}
	s.guide.Store(walk.NewGuide(nil))
	err := d.Write(ctx, func(tx db.Tx) (err error) {
		if s.key, err = s.openKey(tx); err != nil {
			return err
		}
		return keepTexts(tx)
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// keyHolder is the person under whose key the vault seals the key of the hashes.
const keyHolder = "resident:marks"

// openKey opens the key of the keyed hashes, or makes it on the first start.
func (s *Service) openKey(tx db.Tx) ([]byte, error) {
	// Nodes that start together take turns on this row.
	if _, err := tx.Exec(`INSERT INTO resident_secret (name, sealed) VALUES ('marks', '') ON CONFLICT DO NOTHING`); err != nil {
		return nil, err
	}
	var sealed string
	if err := tx.QueryRow(`SELECT sealed FROM resident_secret WHERE name = 'marks'`).Scan(&sealed); err != nil {
		return nil, err
	}
	if sealed != "" {
		plain, err := s.vault.Open(tx, keyHolder, "key", sealed)
		return []byte(plain), err
	}
	key := make([]byte, 32)
	rand.Read(key)
	text := base64.RawStdEncoding.EncodeToString(key)
	sealed, err := s.vault.Seal(tx, keyHolder, "key", text)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(`UPDATE resident_secret SET sealed = $1 WHERE name = 'marks'`, sealed)
	return []byte(text), err
}

// mark is a keyed hash of a text: equal texts have equal marks, and without the
// key nobody can tell or try which text it is. Empty stays empty.
func (s *Service) mark(kind, text string) string {
	if text == "" {
		return ""
	}
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte(kind + "\x00" + text))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// groupMark is how a special group stands in its table: by code when that says
// nothing sensitive, else hashed.
func (s *Service) groupMark(g Group) string {
	if g.Class == auth.D3 {
		return s.mark("group", g.Code)
	}
	return g.Code
}

// States of a resident.
const (
	Living = "living" // lives here
	Moved  = "moved"
	Died   = "died"
)

// Resident is a person of the register. Care is filled only for those who may see
// it now: the person, or somebody who gave a reason.
type Resident struct {
	ID        linli.ResidentID  `json:"id"`
	Title     string            `json:"title" class:"D1" doc:"how the person is addressed, such as 张先生"`
	Name      string            `json:"name" class:"D2" mask:"name"`
	Sex       int               `json:"sex" class:"D2"`
	Birth     string            `json:"birth,omitempty" class:"D2" doc:"YYYY-MM-DD; of children under 14 only in care"`
	Age       int               `json:"age" class:"D2" doc:"full years; 0 also when unknown"`
	Phone     string            `json:"phone,omitempty" class:"D2" mask:"phone"`
	Place     linli.Place       `json:"place" class:"D1" mask:"door"`
	Door      string            `json:"door,omitempty" class:"D1" doc:"the address in words"`
	Building  string            `json:"building,omitempty" doc:"name of the building"`
	At        linli.Point       `json:"at" class:"D1"`
	Household linli.HouseholdID `json:"household,omitempty" class:"D2"`
	Relation  string            `json:"relation,omitempty" class:"D2" doc:"to the head of the household, GB/T 4761"`
	Groups    []string          `json:"groups" nullable:"false" class:"D2" doc:"special groups that are not sensitive"`
	State     string            `json:"state" enum:"living,moved,died"`
	Created   time.Time         `json:"created_at"`
	Updated   time.Time         `json:"updated_at"`
	Rev       int64             `json:"rev"`
	Care      *Care             `json:"care,omitempty" class:"D3"`

	reveal bool // a reason was given: whoever handles the place sees it as their case
}

// AuthRow says to whom and where the resident belongs.
func (r Resident) AuthRow() auth.Row {
	return auth.Row{Place: r.Place, Resident: r.ID, Case: r.reveal}
}

// Care is what is sensitive about a person (D3). Absent fields are unknown or were not asked for.
type Care struct {
	IDNo       string      `json:"id_no,omitempty"`
	Birth      string      `json:"birth,omitempty" doc:"of children under 14"`
	Health     string      `json:"health,omitempty"`
	Disability *Disability `json:"disability,omitempty"`
	Aid        string      `json:"aid,omitempty" doc:"income aid in words"`
	Ability    *Ability    `json:"ability,omitempty"`
	Groups     []string    `json:"groups,omitempty" doc:"special groups that are sensitive"`
}

// Disability after GB/T 26341: kinds 1 to 7, grade 1 (most severe) to 4, 0 unknown.
type Disability struct {
	Kinds []int `json:"kinds" maxItems:"7" nullable:"false"`
	Grade int   `json:"grade" minimum:"0" maximum:"4"`
}

// Ability of an elder on one scale; grades of different scales are not compared.
type Ability struct {
	Scale string `json:"scale" maxLength:"20"`
	Score *int   `json:"score,omitempty"`
	Grade string `json:"grade,omitempty" maxLength:"20" doc:"follows from the score when that is given"`
	On    string `json:"on,omitempty" maxLength:"10" doc:"day of the assessment"`
}

// Draft is what somebody says of a person: absent fields say nothing and change
// nothing, empty ones clear.
type Draft struct {
	Name       *string            `json:"name,omitempty" maxLength:"80"`
	Sex        *int               `json:"sex,omitempty" enum:"0,1,2,9"`
	Birth      *string            `json:"birth,omitempty" maxLength:"10"`
	Phone      *string            `json:"phone,omitempty" maxLength:"40"`
	Place      *linli.Place       `json:"place,omitempty" maxLength:"160"`
	Address    *string            `json:"address,omitempty" maxLength:"200" doc:"the address as written, where the place is not exact"`
	Household  *linli.HouseholdID `json:"household,omitempty" maxLength:"40"`
	Relation   *string            `json:"relation,omitempty" maxLength:"2"`
	Groups     []string           `json:"groups,omitempty" maxItems:"16"`
	State      *string            `json:"state,omitempty" enum:"living,moved,died"`
	IDNo       *string            `json:"id_no,omitempty" maxLength:"18"`
	Health     *string            `json:"health,omitempty" maxLength:"2000"`
	Disability *Disability        `json:"disability,omitempty"`
	Aid        *string            `json:"aid,omitempty" maxLength:"400"`
	Ability    *Ability           `json:"ability,omitempty"`
	CareGroups []string           `json:"care_groups,omitempty" maxItems:"16"`
}

// validate checks every field that is said and completes birth and sex from the identity number.
func (d *Draft) validate(now time.Time) error {
	if d.Name != nil {
		name, err := parseName(evenText(*d.Name))
		if err != nil {
			return err
		}
		d.Name = &name
	}
	if d.Phone != nil && *d.Phone != "" {
		phone, err := parsePhone(evenText(*d.Phone))
		if err != nil {
			return err
		}
		d.Phone = &phone
	}
	if d.Birth != nil && *d.Birth != "" {
		if err := validBirth(*d.Birth, now); err != nil {
			return err
		}
	}
	if d.Place != nil && (!d.Place.Valid() || len(d.Place.At(linli.DepthRegion)) != 12) {
		return linli.Invalid("place", "地点编码不对，至少到社区", "this is not a place; it needs a region of 12 digits at least")
	}
	if d.Relation != nil && *d.Relation != "" && !slices.ContainsFunc(codes.Relations, func(c Code) bool { return c.Code == *d.Relation }) {
		return linli.Invalid("relation", "没有这种家庭关系", "there is no such family relation")
	}
	if d.Address != nil {
		address := evenText(*d.Address)
		d.Address = &address
	}
	if d.Health != nil && utf8.RuneCountInString(*d.Health) > 2000 {
		return linli.Invalid("health", "健康情况不超过 2000 字", "health notes hold at most 2000 characters")
	}
	if err := d.validateID(now); err != nil {
		return err
	}
	if err := d.Disability.validate(); err != nil {
		return err
	}
	if err := d.Ability.complete(); err != nil {
		return err
	}
	if err := validGroups("groups", d.Groups, auth.D2); err != nil {
		return err
	}
	return validGroups("care_groups", d.CareGroups, auth.D3)
}

func (d *Draft) validateID(now time.Time) error {
	if d.IDNo == nil || *d.IDNo == "" {
		return nil
	}
	card, err := parseID(evenText(*d.IDNo))
	if err != nil {
		return err
	}
	if err := validBirth(card.Birth, now); err != nil {
		return err
	}
	if d.Birth != nil && *d.Birth != "" && *d.Birth != card.Birth {
		return linli.Invalid("birth", "出生日期与身份证号不一致", "the birth date differs from the identity number")
	}
	if d.Sex != nil && (*d.Sex == 1 || *d.Sex == 2) && *d.Sex != card.Sex {
		return linli.Invalid("sex", "性别与身份证号不一致", "the sex differs from the identity number")
	}
	d.IDNo, d.Birth, d.Sex = &card.No, &card.Birth, &card.Sex
	return nil
}

func (d *Disability) validate() error {
	if d == nil {
		return nil
	}
	for _, k := range d.Kinds {
		if k < 1 || k > 7 {
			return linli.Invalid("disability.kinds", "残疾类别须为 1–7", "a kind of disability is 1 to 7")
		}
	}
	if d.Grade < 0 || d.Grade > 4 {
		return linli.Invalid("disability.grade", "残疾等级须为 1–4", "a grade of disability is 1 to 4")
	}
	return nil
}

// complete fills the grade from the score and checks both against the scale.
func (a *Ability) complete() error {
	if a == nil || *a == (Ability{}) {
		return nil
	}
	scale, ok := scaleOf(a.Scale)
	if !ok {
		return linli.Invalidf("ability.scale", "没有这种评估量表：%s", "there is no scale %s", a.Scale)
	}
	if a.Score != nil {
		g, ok := scale.grade(*a.Score)
		if !ok {
			return linli.Invalidf("ability.score", "分数须为 0–%d", "the score is 0 to %d", scale.Max)
		}
		if a.Grade != "" && a.Grade != g.Code {
			return linli.Invalid("ability.grade", "等级与分数不一致", "the grade does not belong to the score")
		}
		a.Grade = g.Code
	}
	if !slices.ContainsFunc(scale.Grades, func(g Grade) bool { return g.Code == a.Grade }) {
		return linli.Invalid("ability.grade", "没有这个能力等级", "there is no such grade")
	}
	if a.On != "" {
		if _, err := calendar.ParseDate(a.On); err != nil {
			return linli.Invalid("ability.on", "评估日期写成 2026-02-17 这样", "the day looks like 2026-02-17")
		}
	}
	return nil
}

func validGroups(field string, groups []string, class auth.Class) error {
	for _, code := range groups {
		g, ok := groupOf(code)
		switch {
		case !ok:
			return linli.Invalidf(field, "没有这类人群：%s", "there is no group %s", code)
		case g.Derived:
			return linli.Invalidf(field, "“%s”按出生日期自动判断，不用填", "%s follows from the birth date and is not entered", g.Zh)
		case g.Class != class:
			return linli.Invalidf(field, "“%s”要填到另一组（敏感与否分开）", "%s belongs to the other list: sensitive groups stand apart", g.Zh)
		}
	}
	return nil
}

// Contact is whom to call when something happened.
type Contact struct {
	ID       string `json:"id"`
	Name     string `json:"name" class:"D2" mask:"name"`
	Relation string `json:"relation,omitempty" class:"D2"`
	Phone    string `json:"phone" class:"D2" mask:"phone"`
	Rank     int    `json:"rank" doc:"1 is called first"`
}

// ContactDraft is what somebody says of a contact.
type ContactDraft struct {
	Name     string `json:"name" minLength:"1" maxLength:"40"`
	Relation string `json:"relation,omitempty" maxLength:"20"`
	Phone    string `json:"phone" minLength:"5" maxLength:"40"`
	Rank     int    `json:"rank,omitempty" minimum:"0" maximum:"9" doc:"absent: after the others"`
}

// Proxy lets somebody act for a resident: a member of the family with an account,
// or one recorded without.
type Proxy struct {
	ID       string       `json:"id"`
	User     linli.UserID `json:"user,omitempty"`
	Name     string       `json:"name" class:"D2" mask:"name"`
	Relation string       `json:"relation,omitempty" class:"D2"`
	Phone    string       `json:"phone,omitempty" class:"D2" mask:"phone"`
	From     time.Time    `json:"from"`
	Ended    time.Time    `json:"ended_at,omitzero"`
}

// ProxyDraft is what somebody says of a proxy.
type ProxyDraft struct {
	User     linli.UserID `json:"user,omitempty" maxLength:"40" doc:"account that may act from now on"`
	Name     string       `json:"name" minLength:"1" maxLength:"40"`
	Relation string       `json:"relation,omitempty" maxLength:"20"`
	Phone    string       `json:"phone,omitempty" maxLength:"40"`
}

// Consent is a purpose a resident agreed to, with the text they saw.
type Consent struct {
	ID        string    `json:"id"`
	Purpose   string    `json:"purpose"`
	Version   int       `json:"version"`
	Hash      string    `json:"hash" doc:"SHA-256 of the text in both languages"`
	Channel   string    `json:"channel"`
	Witness   string    `json:"witness,omitempty" class:"D2" mask:"name"`
	Given     time.Time `json:"given_at"`
	Withdrawn time.Time `json:"withdrawn_at,omitzero"`
}

// ConsentDraft is what is recorded when a resident agrees.
type ConsentDraft struct {
	Purpose string `json:"purpose" maxLength:"40"`
	Version int    `json:"version" minimum:"1" doc:"of the text that was shown"`
	Channel string `json:"channel" enum:"paper,counter,home,phone,app"`
	Witness string `json:"witness,omitempty" maxLength:"40"`
}

// Household is who lives together.
type Household struct {
	ID      linli.HouseholdID `json:"id"`
	Place   linli.Place       `json:"place" class:"D1" mask:"door"`
	Door    string            `json:"door,omitempty" class:"D1"`
	Number  string            `json:"number,omitempty" class:"D2"`
	Members []Resident        `json:"members" nullable:"false"`
	Created time.Time         `json:"created_at"`
	Rev     int64             `json:"rev"`
}

// AuthRow says where the household belongs.
func (h Household) AuthRow() auth.Row { return auth.Row{Place: h.Place} }

// HouseholdDraft is what somebody says of a household.
type HouseholdDraft struct {
	Place   linli.Place `json:"place" maxLength:"160"`
	Address string      `json:"address,omitempty" maxLength:"200"`
	Number  string      `json:"number,omitempty" maxLength:"40"`
}

// tail is the last four digits of a phone number, by which people are found.
func tail(phone string) string {
	if len(phone) < 4 {
		return phone
	}
	return phone[len(phone)-4:]
}

// split tells the sensitive groups from the others.
func split(groups []string) (open, care []string) {
	open, care = []string{}, []string{}
	for _, code := range groups {
		if g, _ := groupOf(code); g.Class == auth.D3 {
			care = append(care, code)
		} else {
			open = append(open, code)
		}
	}
	return open, care
}

func trimmed(s *string) string {
	if s == nil {
		return ""
	}
	return strings.TrimSpace(*s)
}
