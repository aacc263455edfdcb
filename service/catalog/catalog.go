package catalog

import (
	"context"
	"embed"
	"sync"
	"sync/atomic"
	"time"

	"linli"
	"linli/decide/text"
	"linli/engine/bus"
	"linli/engine/db"
)

//go:embed schema/*.sql
var schema embed.FS

//go:embed seeds/*.yaml
var seeds embed.FS

// Meta says where a row comes from and which revision it is.
type Meta struct {
	Rev        int64  `json:"rev" yaml:"-" required:"false" doc:"revision, for If-Match"`
	Source     string `json:"source" yaml:"source" required:"false" maxLength:"200" doc:"standard, document or proposal the row follows"`
	Confidence string `json:"confidence" yaml:"confidence" required:"false" enum:"seen,known,proposed,local,"`
	EditedAt   int64  `json:"edited_at,omitempty" yaml:"-" doc:"milliseconds; absent while the row is as it was shipped"`
	EditedBy   string `json:"edited_by,omitempty" yaml:"-"`
}

// Named is a code with its names; categories and price models are no more than that.
type Named struct {
	Code    string `json:"code" yaml:"code" required:"false"`
	Zh      string `json:"zh" yaml:"zh" minLength:"1" maxLength:"60"`
	En      string `json:"en" yaml:"en" minLength:"1" maxLength:"120"`
	AboutZh string `json:"about_zh,omitempty" yaml:"about_zh" maxLength:"600"`
	AboutEn string `json:"about_en,omitempty" yaml:"about_en" maxLength:"1200"`
	Meta    `yaml:",inline"`
}

// Item is one of the twelve services the street promises.
type Item struct {
	Named      `yaml:",inline"`
	Category   string `json:"category" yaml:"category"`
	DurationZh string `json:"duration_zh" yaml:"duration_zh" maxLength:"200" doc:"typical duration in words"`
	DurationEn string `json:"duration_en" yaml:"duration_en" maxLength:"200"`
	StaffZh    string `json:"staff_zh" yaml:"staff_zh" maxLength:"300" doc:"who may serve"`
	StaffEn    string `json:"staff_en" yaml:"staff_en" maxLength:"300"`
	SiteZh     string `json:"site_zh" yaml:"site_zh" maxLength:"300" doc:"least facility"`
	SiteEn     string `json:"site_en" yaml:"site_en" maxLength:"300"`
	GoalZh     string `json:"goal_zh" yaml:"goal_zh" maxLength:"300" doc:"how it is judged"`
	GoalEn     string `json:"goal_en" yaml:"goal_en" maxLength:"300"`
}

// Spec is one of the 64 service specifications, the level at which a service is asked for and ordered.
type Spec struct {
	Named    `yaml:",inline"`
	Item     linli.ItemCode `json:"item" yaml:"item"`
	Mode     linli.Mode     `json:"mode" yaml:"mode" enum:"worker,facility,referral"`
	SLA      linli.SLAClass `json:"sla" yaml:"sla" enum:"P1,P2,P3,P4"`
	Minutes  int            `json:"minutes" yaml:"minutes" minimum:"5" maximum:"1440" doc:"usual service time"`
	Persons  int            `json:"persons" yaml:"persons" minimum:"1" maximum:"2" doc:"workers needed at once"`
	Skills   []linli.Skill  `json:"skills,omitempty" yaml:"skills" maxItems:"8"`
	Consent  string         `json:"consent,omitempty" yaml:"consent" maxLength:"40" doc:"purpose the resident must have agreed to"`
	Facility string         `json:"facility,omitempty" yaml:"facility" maxLength:"40" doc:"facility kind, with mode facility"`
	Price    string         `json:"price" yaml:"price" doc:"price model"`
	Nature   string         `json:"nature" yaml:"nature" enum:"public,market,volunteer"`
	SOP      string         `json:"sop" yaml:"sop" doc:"procedure the order follows"`
	Off      bool           `json:"off,omitempty" yaml:"off" doc:"not offered at present"`
}

// SLA is one of the promise classes with its limits in minutes and what happens when one is missed.
type SLA struct {
	Named     `yaml:",inline"`
	AllDay    bool       `json:"all_day" yaml:"all_day" doc:"the clock runs around the clock, not only in service hours"`
	Accept    int        `json:"accept_min" yaml:"accept_min" minimum:"1" doc:"minutes until a person accepts"`
	Contact   int        `json:"contact_min" yaml:"contact_min" minimum:"1" doc:"minutes until the resident is contacted"`
	Start     int        `json:"start_min" yaml:"start_min" minimum:"0" doc:"minutes until arrival; 0: the appointed slot"`
	Close     int        `json:"close_min" yaml:"close_min" minimum:"0" doc:"minutes until closed; 0: end of the slot or of the event"`
	Escalates []Escalate `json:"escalates,omitempty" yaml:"escalates" maxItems:"6"`
}

// Escalate says to whom an order goes that nobody has accepted after so many minutes.
type Escalate struct {
	After int    `json:"after_min" yaml:"after_min" doc:"minutes; negative: before the slot"`
	To    string `json:"to" yaml:"to" doc:"role"`
}

// Word is a row of the lexicon: by which words a service is recognized in free
// text. A word of danger speaks for no service; it calls a person.
type Word struct {
	Code   string   `json:"code" yaml:"code" required:"false"`
	Spec   string   `json:"spec" yaml:"spec" doc:"specification code, or danger"`
	All    []string `json:"all,omitempty" yaml:"all" maxItems:"12" doc:"every one must occur"`
	Any    []string `json:"any,omitempty" yaml:"any" maxItems:"80" doc:"one must occur"`
	None   []string `json:"none,omitempty" yaml:"none" maxItems:"80" doc:"none may occur"`
	Weight float64  `json:"weight" yaml:"weight" minimum:"-10" maximum:"10" doc:"log-odds; 3 is 95 percent"`
	Meta   `yaml:",inline"`
}

// Danger is the label of lexicon rows that always bring in a person, whatever the scores say.
const Danger = "danger"

// snapshot is the whole catalog at one moment; it is never changed once published.
type snapshot struct {
	categories []Named
	prices     []Named
	slas       []SLA
	items      []Item
	specs      []Spec
	words      []Word
	sops       []SOP // newest version of each procedure first

	spec    map[linli.SpecCode]linli.Spec
	all     []linli.Spec
	sla     map[linli.SLAClass]SLA
	current map[string]string // procedure -> its published version
	version map[string]*SOP
	rules   []text.Rule
}

// Service answers from memory and edits in the store.
type Service struct {
	db   db.DB
	bus  bus.Publisher
	now  linli.Now
	snap atomic.Pointer[snapshot]
	load sync.Mutex // a later load never overtakes an earlier one
}

// Deps is what the service is built from.
type Deps struct {
	DB  db.DB
	Bus bus.Publisher
	Now linli.Now
}

// New migrates the tables, loads the seeds that are not there yet and reads the snapshot.
func New(ctx context.Context, o Deps) (*Service, error) {
	if err := db.Migrate(ctx, o.DB, "catalog", schema); err != nil {
		return nil, err
	}
	s := &Service{db: o.DB, bus: o.Bus, now: o.Now}
	if err := s.seed(ctx); err != nil {
		return nil, err
	}
	return s, s.Refresh(ctx)
}

// Refresh reads the snapshot anew; every node calls it when it hears catalog.changed.
func (s *Service) Refresh(ctx context.Context) error {
	s.load.Lock()
	defer s.load.Unlock()
	snap, err := s.read(ctx)
	if err == nil {
		s.snap.Store(snap)
	}
	return err
}

// Hear follows the events of all nodes (bus.Tail), so that an edit made on one
// node is known on the others.
func (s *Service) Hear(ctx context.Context, e bus.Event) error {
	if e.Kind != EventChanged {
		return nil
	}
	return s.Refresh(ctx)
}

// Spec answers what is needed to match, dispatch and carry out one specification.
func (s *Service) Spec(_ context.Context, code linli.SpecCode) (linli.Spec, error) {
	spec, ok := s.snap.Load().spec[code]
	if !ok {
		return spec, linli.Invalidf("spec", "服务目录里没有“%s”", "the catalog has no specification %q", code)
	}
	return spec, nil
}

// Specs lists the specifications on offer in the order of the catalog. The caller must not change it.
func (s *Service) Specs(context.Context) ([]linli.Spec, error) { return s.snap.Load().all, nil }

// SOP answers the version an order of now pins, and its steps.
func (s *Service) SOP(ctx context.Context, code linli.SpecCode) (version string, steps []linli.Step, err error) {
	spec, err := s.Spec(ctx, code)
	if err != nil {
		return "", nil, err
	}
	steps, err = s.Steps(ctx, spec.SOP)
	return spec.SOP, steps, err
}

// Steps lists the steps of a pinned version, also of one retired since.
func (s *Service) Steps(_ context.Context, version string) ([]linli.Step, error) {
	sop, ok := s.snap.Load().version[version]
	if !ok {
		return nil, linli.NotFound("没有这个作业规程版本："+version, "there is no such procedure version: "+version)
	}
	steps := make([]linli.Step, len(sop.Steps))
	for i, st := range sop.Steps {
		steps[i] = linli.Step{No: i + 1, Zh: st.Zh, En: st.En, Owner: st.Owner, Limit: time.Duration(st.Limit) * time.Minute,
			Evidence: st.Evidence, Required: st.Required}
	}
	return steps, nil
}

// Lexicon lists the keyword rules: Label is a specification code on offer, or Danger.
func (s *Service) Lexicon(context.Context) ([]text.Rule, error) { return s.snap.Load().rules, nil }

// Limits answers the promises of a class: until a person accepts, until the
// resident is contacted, until arrival (0: the appointed slot) and until it is
// closed (0: the end of the slot or event); allDay when the clock never stops.
func (s *Service) Limits(_ context.Context, class linli.SLAClass) (accept, contact, start, done time.Duration, allDay bool, err error) {
	c, ok := s.snap.Load().sla[class]
	if !ok {
		return 0, 0, 0, 0, false, linli.Invalidf("sla", "没有时限等级“%s”", "there is no promise class %q", class)
	}
	min := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	return min(c.Accept), min(c.Contact), min(c.Start), min(c.Close), c.AllDay, nil
}

// Ladder answers to whom an order of the class goes that nobody accepts, and after
// how long; a negative time counts back from the appointed slot.
func (s *Service) Ladder(_ context.Context, class linli.SLAClass) (after []time.Duration, to []string, err error) {
	c, ok := s.snap.Load().sla[class]
	if !ok {
		return nil, nil, linli.Invalidf("sla", "没有时限等级“%s”", "there is no promise class %q", class)
	}
	for _, e := range c.Escalates {
		after, to = append(after, time.Duration(e.After)*time.Minute), append(to, e.To)
	}
	return after, to, nil
}

// index completes a snapshot whose lists have been read.
func (n *snapshot) index() {
	n.spec, n.sla = map[linli.SpecCode]linli.Spec{}, map[linli.SLAClass]SLA{}
	n.current, n.version = map[string]string{}, map[string]*SOP{}
	for i := range n.sops {
		sop := &n.sops[i]
		n.version[sop.ID] = sop
		if sop.State == Published {
			n.current[sop.SOP] = sop.ID
		}
	}
	for _, c := range n.slas {
		n.sla[linli.SLAClass(c.Code)] = c
	}
	for _, p := range n.specs {
		spec := linli.Spec{Code: linli.SpecCode(p.Code), Item: p.Item, Zh: p.Zh, En: p.En, Mode: p.Mode, SLA: p.SLA,
			Length: time.Duration(p.Minutes) * time.Minute, Persons: p.Persons, Skills: p.Skills, Consent: p.Consent,
			Facility: p.Facility, SOP: n.current[p.SOP]}
		n.spec[spec.Code] = spec // also when off: its running orders go on
		if !p.Off {
			n.all = append(n.all, spec)
		}
	}
	offered := map[string]bool{Danger: true}
	for _, spec := range n.all {
		offered[string(spec.Code)] = true
	}
	for _, w := range n.words {
		if offered[w.Spec] {
			n.rules = append(n.rules, text.Rule{ID: w.Code, Label: w.Spec, All: w.All, Any: w.Any, None: w.None, Weight: w.Weight})
		}
	}
}
