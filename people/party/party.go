package party

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"linli"
	"linli/auth"
	"linli/decide/calendar"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/engine/job"
)

// Service keeps the register of those who take part.
type Service struct {
	db   db.DB
	bus  bus.Publisher
	now  linli.Now
	memo snapshot
}

// New migrates the tables of party and binds its daily job.
func New(ctx context.Context, d db.DB, b bus.Publisher, timers job.Timers, now linli.Now) (*Service, error) {
	if err := db.Migrate(ctx, d, "party", schema); err != nil {
		return nil, err
	}
	s := &Service{db: d, bus: b, now: now}
	s.bind(timers)
	return s, nil
}

// States of organizations and workers.
const (
	Active    = "active"
	Suspended = "suspended" // not planned for the time being, by decision
	Left      = "left"      // no longer takes part; kept for the record
)

// Org is an organization that takes part.
type Org struct {
	ID      linli.OrgID `json:"id"`
	Name    string      `json:"name"`
	Kind    string      `json:"kind" doc:"actor kind"`
	USCC    string      `json:"uscc,omitempty" doc:"unified social credit code"`
	Place   linli.Place `json:"place"`
	At      linli.Point `json:"at"`
	Address string      `json:"address,omitempty"`
	Phone   string      `json:"phone,omitempty"`
	Leader  string      `json:"leader,omitempty" class:"D2" mask:"name"`
	State   string      `json:"state" enum:"active,suspended,left"`
	Workers int         `json:"workers" doc:"workers who have not left"`
	Created time.Time   `json:"created_at"`
	Rev     int64       `json:"rev"`
}

// AuthRow says where the organization belongs.
func (o Org) AuthRow() auth.Row { return auth.Row{Place: o.Place, Org: o.ID} }

// OrgDraft is what a clerk says of an organization, when it is made and when it is edited.
type OrgDraft struct {
	Name    string      `json:"name" minLength:"2" maxLength:"60"`
	Kind    string      `json:"kind" maxLength:"40" doc:"actor kind"`
	USCC    string      `json:"uscc,omitempty" maxLength:"18"`
	Place   linli.Place `json:"place" maxLength:"160"`
	At      linli.Point `json:"at,omitzero"`
	Address string      `json:"address,omitempty" maxLength:"200"`
	Phone   string      `json:"phone,omitempty" maxLength:"20"`
	Leader  string      `json:"leader,omitempty" maxLength:"40"`
	State   string      `json:"state,omitempty" enum:"active,suspended,left"`
}

func (d *OrgDraft) validate() error {
	d.Name, d.USCC = strings.TrimSpace(d.Name), strings.ToUpper(strings.TrimSpace(d.USCC))
	if d.State == "" {
		d.State = Active
	}
	switch {
	case utf8.RuneCountInString(d.Name) < 2:
		return linli.Invalid("name", "机构名称至少 2 个字", "the name needs at least 2 characters")
	case !knownActor(d.Kind):
		return linli.Invalidf("kind", "没有这类主体：%s", "there is no actor kind %s", d.Kind)
	case d.USCC != "" && !ValidUSCC(d.USCC):
		return linli.Invalid("uscc", "统一社会信用代码不对，请核对 18 位", "the unified social credit code is wrong; check its 18 characters")
	case !d.Place.Valid():
		return linli.Invalid("place", "地点编码不对", "this is not a place")
	case !d.At.Valid():
		return linli.Invalid("at", "坐标不对", "this is not a coordinate")
	}
	return validPhone("phone", d.Phone)
}

// Member is somebody of an organization whom others may have to reach.
type Member struct {
	ID    string      `json:"id"`
	Org   linli.OrgID `json:"org"`
	Place linli.Place `json:"place"`
	Name  string      `json:"name" class:"D2" mask:"name"`
	Duty  string      `json:"duty,omitempty"`
	Phone string      `json:"phone,omitempty" class:"D2" mask:"phone"`
}

// AuthRow says where the member belongs.
func (m Member) AuthRow() auth.Row { return auth.Row{Place: m.Place, Org: m.Org} }

// MemberDraft is what a clerk says of a member.
type MemberDraft struct {
	Name  string `json:"name" minLength:"1" maxLength:"40"`
	Duty  string `json:"duty,omitempty" maxLength:"40"`
	Phone string `json:"phone,omitempty" maxLength:"20"`
}

// Worker is a person who serves, as the register shows one.
type Worker struct {
	ID       linli.WorkerID `json:"id"`
	Org      linli.OrgID    `json:"org"`
	OrgName  string         `json:"org_name"`
	Actor    string         `json:"actor" doc:"actor kind of the organization"`
	Name     string         `json:"name" class:"D1" mask:"name"`
	Phone    string         `json:"phone,omitempty" class:"D2" mask:"phone"`
	Place    linli.Place    `json:"place"`
	At       linli.Point    `json:"at" doc:"where shifts start and end"`
	Profile  string         `json:"profile" enum:"adult,e-bike" doc:"how the worker gets around"`
	Areas    []linli.Place  `json:"areas" nullable:"false" doc:"places served; empty: everywhere"`
	Skills   []linli.Skill  `json:"skills" nullable:"false"`
	Week     []string       `json:"week" nullable:"false" doc:"openings of seven days, Monday first, such as 08:00-12:00, 13:30-17:30"`
	MaxLoad  int            `json:"max_load_min" doc:"minutes of service a day"`
	State    string         `json:"state" enum:"active,suspended,left"`
	Away     bool           `json:"away" doc:"absent at this moment"`
	OnShift  bool           `json:"on_shift" doc:"within a shift at this moment"`
	NextFrom time.Time      `json:"next_from,omitzero" doc:"start of the running or next shift within a week"`
	NextTo   time.Time      `json:"next_to,omitzero"`
	Created  time.Time      `json:"created_at"`
	Rev      int64          `json:"rev"`

	Certificates []Certificate `json:"certificates" nullable:"false"`
	Absences     []Absence     `json:"absences" nullable:"false" doc:"running and coming"`
	Days         []Day         `json:"days" nullable:"false" doc:"days from today on that differ from the week"`
}

// AuthRow says to whom and where the worker belongs.
func (w Worker) AuthRow() auth.Row { return auth.Row{Place: w.Place, Org: w.Org, Worker: w.ID} }

// WorkerDraft is what a clerk says of a worker, when one is made and when one is edited.
type WorkerDraft struct {
	Org     linli.OrgID   `json:"org" maxLength:"40"`
	Name    string        `json:"name" minLength:"1" maxLength:"40"`
	Phone   string        `json:"phone,omitempty" maxLength:"20"`
	Place   linli.Place   `json:"place" maxLength:"160"`
	At      linli.Point   `json:"at"`
	Profile string        `json:"profile,omitempty" enum:"adult,e-bike"`
	Areas   []linli.Place `json:"areas,omitempty" maxItems:"50"`
	Skills  []linli.Skill `json:"skills,omitempty" maxItems:"40"`
	Week    []string      `json:"week,omitempty" maxItems:"7" doc:"seven days, Monday first; absent: 08:00-12:00, 13:30-17:30 from Monday to Friday"`
	MaxLoad int           `json:"max_load_min,omitempty" minimum:"0" maximum:"960"`
	State   string        `json:"state,omitempty" enum:"active,suspended,left"`
}

// officeWeek is the pattern of a worker of whom nothing else is known.
var officeWeek = []string{officeDay, officeDay, officeDay, officeDay, officeDay, "", ""}

const (
	officeDay      = "08:00-12:00, 13:30-17:30"
	defaultMaxLoad = 480 // minutes of service a day
)

func (d *WorkerDraft) validate() error {
	d.Name = strings.TrimSpace(d.Name)
	if d.State == "" {
		d.State = Active
	}
	if d.Profile == "" {
		d.Profile = "adult"
	}
	if d.MaxLoad == 0 {
		d.MaxLoad = defaultMaxLoad
	}
	if d.Week == nil {
		d.Week = officeWeek
	}
	if d.Areas == nil {
		d.Areas = []linli.Place{}
	}
	if d.Skills == nil {
		d.Skills = []linli.Skill{}
	}
	switch {
	case d.Name == "":
		return linli.Invalid("name", "请填姓名", "a name is needed")
	case !d.Place.Valid():
		return linli.Invalid("place", "地点编码不对", "this is not a place")
	case d.At.IsZero() || !d.At.Valid():
		return linli.Invalid("at", "请在地图上点出发位置", "the point where shifts start is needed")
	}
	for _, a := range d.Areas {
		if !a.Valid() {
			return linli.Invalidf("areas", "地点编码不对：%s", "%s is not a place", a)
		}
	}
	for i, s := range d.Skills {
		if _, ok := Skills[s.Code]; !ok {
			return linli.Invalidf("skills.code", "没有这项技能：%s", "there is no skill %s", s.Code)
		}
		if s.Level < 1 || s.Level > 5 {
			return linli.Invalid("skills.level", "技能等级须为 1–5", "a skill level is 1 to 5")
		}
		if slices.ContainsFunc(d.Skills[:i], func(o linli.Skill) bool { return o.Code == s.Code }) {
			return linli.Invalidf("skills.code", "技能重复：%s", "skill %s is named twice", s.Code)
		}
	}
	if _, err := parseWeek(d.Week); err != nil {
		return err
	}
	return validPhone("phone", d.Phone)
}

// Certificate proves skills of a worker. Expires is its last valid day, empty when it does not expire.
type Certificate struct {
	ID      string         `json:"id"`
	Worker  linli.WorkerID `json:"worker"`
	Kind    string         `json:"kind"`
	Number  string         `json:"number,omitempty" class:"D2" mask:"id"`
	Level   int            `json:"level,omitempty"`
	Issued  string         `json:"issued"`
	Expires string         `json:"expires,omitempty"`
	Revoked time.Time      `json:"revoked_at,omitzero"`
	Valid   bool           `json:"valid"`
	Days    *int           `json:"days_left,omitempty" doc:"days until the last valid day; negative: days since it"`
}

// CertificateDraft is what a clerk says of a certificate.
type CertificateDraft struct {
	Kind    string `json:"kind" maxLength:"40"`
	Number  string `json:"number,omitempty" maxLength:"60"`
	Level   int    `json:"level,omitempty" minimum:"0" maximum:"5"`
	Issued  string `json:"issued" maxLength:"10" doc:"YYYY-MM-DD"`
	Expires string `json:"expires,omitempty" maxLength:"10" doc:"last valid day; absent: does not expire"`
}

func (d CertificateDraft) validate() error {
	if _, ok := Certificates[d.Kind]; !ok {
		return linli.Invalidf("kind", "没有这种证书：%s", "there is no certificate kind %s", d.Kind)
	}
	issued, err := calendar.ParseDate(d.Issued)
	if err != nil {
		return linli.Invalid("issued", "发证日期写成 2026-02-17 这样", "the day of issue looks like 2026-02-17")
	}
	if d.Expires == "" {
		return nil
	}
	expires, err := calendar.ParseDate(d.Expires)
	if err != nil {
		return linli.Invalid("expires", "到期日期写成 2026-02-17 这样", "the last day looks like 2026-02-17")
	}
	if expires.Before(issued) {
		return linli.Invalid("expires", "到期日期早于发证日期", "the last day lies before the day of issue")
	}
	return nil
}

// view completes the certificate with what depends on the day.
func (c *Certificate) view(now time.Time) {
	until := validUntil(c.Expires)
	c.Valid = c.Revoked.IsZero() && (until.IsZero() || now.Before(until))
	if !until.IsZero() {
		left := calendar.DateOf(until, linli.Shanghai).AddDays(-1).Sub(calendar.DateOf(now, linli.Shanghai))
		c.Days = &left
	}
}

// Absence is a time in which a worker cannot be planned.
type Absence struct {
	ID   string    `json:"id"`
	Kind string    `json:"kind" class:"D2" enum:"sick,leave,training,other"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// AbsenceDraft is what a clerk, or the worker, says of an absence.
type AbsenceDraft struct {
	Kind string    `json:"kind" enum:"sick,leave,training,other"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

func (d AbsenceDraft) validate() error {
	switch {
	case !slices.Contains([]string{"sick", "leave", "training", "other"}, d.Kind):
		return linli.Invalid("kind", "请选请假类型", "the kind of absence is sick, leave, training or other")
	case d.From.IsZero() || !d.From.Before(d.To):
		return linli.Invalid("to", "结束时间要晚于开始时间", "the absence must end after it begins")
	case d.To.Sub(d.From) > 366*24*time.Hour:
		return linli.Invalid("to", "一次请假不超过一年", "one absence lasts at most a year")
	}
	return nil
}

// Day is a day on which a worker's week does not hold. Empty spans are a day off.
type Day struct {
	Day   string `json:"day" maxLength:"10" doc:"YYYY-MM-DD"`
	Spans string `json:"spans" maxLength:"100"`
}

// Shifts is the weekly pattern of a worker with the days that differ from it.
type Shifts struct {
	Week []string `json:"week" maxItems:"7"`
	Days []Day    `json:"days,omitempty" maxItems:"400"`
}

func (s Shifts) validate() error {
	if _, err := parseWeek(s.Week); err != nil {
		return err
	}
	for i, d := range s.Days {
		if _, err := calendar.ParseDate(d.Day); err != nil {
			return linli.Invalidf("days.day", "日期“%s”写法不对，应为 2026-02-17", "%q is not a date such as 2026-02-17", d.Day)
		}
		if _, err := calendar.ParseSpans(d.Spans); err != nil {
			return err
		}
		if slices.ContainsFunc(s.Days[:i], func(o Day) bool { return o.Day == d.Day }) {
			return linli.Invalidf("days.day", "日期重复：%s", "day %s is named twice", d.Day)
		}
	}
	return nil
}

var phoneForm = regexp.MustCompile(`^(\+?86)?[0-9][0-9-]{4,14}$`)

func validPhone(field, phone string) error {
	if phone != "" && !phoneForm.MatchString(phone) {
		return linli.Invalid(field, "电话号码不对", "this is not a phone number")
	}
	return nil
}
