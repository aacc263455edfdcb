package device

import (
	"context"
	"regexp"
	"strings"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/calendar"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/engine/job"
)

// Residents is asked where somebody lives.
type Residents interface {
	// Home is the dwelling of a resident; an unknown id is KindNotFound.
	Home(ctx context.Context, id linli.ResidentID) (linli.Place, linli.Point, error)
}

// Consents is asked within the transaction that stores, so that what commits after
// a withdrawal cannot have been taken before it.
type Consents interface {
	// Agreed gives, of each of the residents, the purposes that stand now.
	Agreed(tx db.Tx, ids []linli.ResidentID) (map[linli.ResidentID][]string, error)
}

// Sample is one measured value.
type Sample struct {
	Device  string
	Metric  string // code of the book
	Subject linli.ResidentID
	Class   string // sensor, vital or location: how long it may be kept
	At      time.Time
	Value   float64
}

// Samples keeps what was measured.
type Samples interface {
	// Append stores within tx and gives the indexes of those it cannot keep. The same
	// sample may come again.
	Append(tx db.Tx, samples []Sample) (refused []int, err error)
	// Erase removes within tx what the metrics measured about a person.
	Erase(tx db.Tx, subject linli.ResidentID, metrics []string) error
}

// Deps are what the slice is built from. Without Samples measured values are judged
// and counted, but not kept.
type Deps struct {
	DB        db.DB
	Bus       bus.Publisher
	Timers    job.Timers
	Now       linli.Now
	Residents Residents
	Consents  Consents
	Samples   Samples
}

// Service keeps the register of devices and takes what they send.
type Service struct {
	Deps
	gate gate
}

// New migrates the tables, reads the keys into memory and binds the timers.
func New(ctx context.Context, d Deps) (*Service, error) {
	if err := db.Migrate(ctx, d.DB, "device", schema); err != nil {
		return nil, err
	}
	s := &Service{Deps: d}
	s.gate.stale = map[string]bool{}
	if err := s.warm(ctx); err != nil {
		return nil, err
	}
	s.bind()
	return s, nil
}

// State is where a device stands in its life.
type State string

// The states: new → claimed → active → suspended → retired. A suspended device comes
// back as claimed, or as new when it has no key; a retired one never.
const (
	Fresh     State = "new"       // registered; has no key
	Claimed   State = "claimed"   // has a key and a place; was not heard yet
	Active    State = "active"    // speaks
	Suspended State = "suspended" // kept out for the time being
	Retired   State = "retired"   // kept for the record
)

// speaks tells whether a device in the state is let in.
func (s State) speaks() bool { return s == Claimed || s == Active }

// Reasons for a suspension that nobody typed.
const (
	ReasonConsent   = "consent"   // the person took the consent back
	ReasonGone      = "gone"      // the person died or moved away
	ReasonForgotten = "forgotten" // the person was forgotten
)

// Device is a device as the register shows it.
type Device struct {
	ID          string           `json:"id"`
	Kind        string           `json:"kind"`
	Serial      string           `json:"serial" class:"D7"`
	Model       string           `json:"model,omitempty" class:"D7"`
	Firmware    string           `json:"firmware,omitempty" class:"D7"`
	Place       linli.Place      `json:"place" class:"D1" mask:"door"`
	Subject     linli.ResidentID `json:"subject,omitempty" class:"D1" doc:"the resident it speaks about, or whose it is"`
	State       State            `json:"state" enum:"new,claimed,active,suspended,retired"`
	Reason      string           `json:"reason,omitempty" class:"D7" doc:"why it is suspended or retired; consent, gone and forgotten by the hub itself"`
	Calibration string           `json:"calibration_due,omitempty" class:"D7" doc:"last day before it must be calibrated again"`
	Keys        int              `json:"keys" class:"D7" doc:"keys that let it in now"`
	Seen        time.Time        `json:"seen_at,omitzero" class:"D7" doc:"when it was last heard"`
	Battery     *int             `json:"battery,omitempty" class:"D7" doc:"percent"`
	Signal      int              `json:"signal_dbm,omitempty" class:"D7"`
	Refused     int64            `json:"refused,omitempty" class:"D7" doc:"what it sent that could not be taken"`
	Withheld    int64            `json:"withheld,omitempty" class:"D7" doc:"what it sent that nobody had agreed to"`
	Refusal     string           `json:"refusal,omitempty" class:"D7" doc:"the last reason: topic, payload, unknown, range, clock, old, state, store"`
	Silent      time.Time        `json:"silent_since,omitzero" class:"D7"`
	Created     time.Time        `json:"created_at"`
	Rev         int64            `json:"rev"`
}

// AuthRow says where and to whom the device belongs.
func (d Device) AuthRow() auth.Row { return auth.Row{Place: d.Place, Resident: d.Subject} }

// row is a device as stored.
type row struct {
	Device
	claimHash  string
	claimUntil int64
	outage     string
}

// Draft is what a clerk says of a device. A device worn or standing in a dwelling
// takes its place from its person's home when none is named.
type Draft struct {
	Kind        string           `json:"kind" maxLength:"40"`
	Serial      string           `json:"serial" minLength:"3" maxLength:"64"`
	Model       string           `json:"model,omitempty" maxLength:"80"`
	Place       linli.Place      `json:"place,omitempty" maxLength:"160"`
	Subject     linli.ResidentID `json:"subject,omitempty" maxLength:"40"`
	Calibration string           `json:"calibration_due,omitempty" maxLength:"10" doc:"YYYY-MM-DD"`
}

// serialForm keeps serials comparable: what is printed on a device is typed in by people.
var serialForm = regexp.MustCompile(`^[A-Z0-9][A-Z0-9._:/-]{2,63}$`)

// validate tidies the draft and judges it, except for the person.
func (d *Draft) validate() error {
	d.Serial, d.Model = strings.ToUpper(strings.TrimSpace(d.Serial)), strings.TrimSpace(d.Model)
	k := Kinds.kinds[d.Kind]
	switch {
	case k == nil:
		return linli.Invalidf("kind", "没有这类设备：%s", "there is no kind of device %s", d.Kind)
	case !serialForm.MatchString(d.Serial):
		return linli.Invalid("serial", "序列号须为 3–64 个字母、数字或 . _ : / -", "a serial has 3 to 64 letters, digits or . _ : / -")
	case d.Place == "" && d.Subject == "":
		return linli.Invalid("place", "请选地点", "a place is needed")
	case d.Place != "" && !d.Place.Valid():
		return linli.Invalid("place", "地点编码不对", "this is not a place")
	}
	if d.Calibration != "" {
		if _, err := calendar.ParseDate(d.Calibration); err != nil {
			return linli.Invalid("calibration_due", "校准日期写成 2026-02-17 这样", "the day of calibration looks like 2026-02-17")
		}
	}
	return nil
}

// private tells whether a place is somebody's home.
func private(p linli.Place) bool { return p.Depth() >= linli.DepthDwelling }

// settle judges where a device of the kind may be and about whom it may speak. home
// is where the subject lives, "" without one.
func settle(k *Kind, place, home linli.Place) (linli.Place, error) {
	if place == "" {
		place = home
	}
	person, dwelling := home != "", private(place)
	switch {
	case k.Space == Shared && dwelling && k.Camera:
		return "", linli.Invalid("place", "带摄像头的设备不能装在家中", "a device with a camera has no place in a home")
	case k.Space == Shared && (dwelling || person):
		return "", linli.Invalid("place", "这类设备只装在公共部位，不对应个人", "this kind stands in shared places only and belongs to nobody")
	case k.Space == Worn && !person:
		return "", linli.Invalid("subject", "请选佩戴的居民", "the resident who wears it is needed")
	case k.Space == Home && !dwelling:
		return "", linli.Invalid("place", "这类设备装在户内，请选到户", "this kind stands in a dwelling; choose one")
	case k.Purpose != "" && dwelling && !person:
		return "", linli.Invalid("subject", "装在户内会涉及个人，请选居民", "inside a dwelling it speaks about somebody; choose the resident")
	case k.Space != Worn && person && !dwelling:
		return "", linli.Invalid("subject", "公共部位的设备不对应个人", "a device in a shared place belongs to nobody")
	case person && !home.Contains(place):
		return "", linli.Invalid("place", "不是这位居民的住处", "this is not the home of the resident")
	}
	return place, nil
}

var (
	errNoDevice   = linli.NotFound("没有这台设备", "there is no such device")
	errOutside    = linli.Forbidden("不在您管理的范围内", "this lies outside what you manage")
	errNoResident = linli.Invalid("subject", "登记里没有这位居民", "there is no such resident in the register")
	errNoConsent  = linli.Conflict("居民还没有同意安装感应设备，请先登记同意书", "the resident has not agreed to sensors; record the consent first")
	errMoved      = linli.Conflict("这条刚被别人改过，请刷新后再改", "it was changed meanwhile; reload and try again")
	errSerial     = &linli.Error{Kind: linli.KindConflict, Field: "serial", Zh: "这个序列号已登记过", En: "this serial is registered already"}
)
