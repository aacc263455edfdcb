package demand

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"linli"
	"linli/auth"
	"linli/decide/text"
	"linli/engine/bus"
	"linli/engine/db"
)

//go:embed seeds/*.yaml
var seeds embed.FS

// Office is where a demand goes that the catalog does not serve.
type Office struct {
	Code       string `json:"code"`
	Zh         string `json:"zh"`
	En         string `json:"en"`
	Source     string `json:"source"`
	Confidence string `json:"confidence"`
	Words      []struct {
		Weight         float64
		All, Any, None []string
	} `json:"-" yaml:"words"`
}

// toOffice marks labels of the reader that mean an office and no specification.
const toOffice = "office:"

func readOffices() ([]Office, error) {
	raw, err := seeds.ReadFile("seeds/offices.yaml")
	if err != nil {
		return nil, err
	}
	var file struct{ Offices []Office }
	if err := yaml.UnmarshalWithOptions(raw, &file, yaml.DisallowUnknownField()); err != nil {
		return nil, fmt.Errorf("demand: seeds/offices.yaml: %w", err)
	}
	return file.Offices, nil
}

func (s *Service) office(code string) bool {
	return slices.ContainsFunc(s.offices, func(o Office) bool { return o.Code == code })
}

// Understanding is how a text was read, with the words that decided.
type Understanding struct {
	Spec      linli.SpecCode `json:"spec,omitempty"`
	Item      linli.ItemCode `json:"item,omitempty"`
	Office    string         `json:"office,omitempty"`
	Certainty float64        `json:"certainty"`
	Least     float64        `json:"least"` // certainty from which no clerk is asked
	Guesses   []Guess        `json:"guesses,omitempty"`
	Words     []Word         `json:"words,omitempty"`
	Spans     []Span         `json:"spans,omitempty"`
	Place     linli.Place    `json:"place,omitempty"`
	WishFrom  int64          `json:"wish_from,omitempty"`
	WishTo    int64          `json:"wish_to,omitempty"`
	Soon      bool           `json:"soon,omitempty"`
	Urgency   int            `json:"urgency"`
	Danger    []string       `json:"danger,omitempty"` // words that call a person
	Model     string         `json:"model,omitempty"`  // digest of the reader

	phone string // found in the text, for the reporter
}

// Guess is a possible meaning: a specification or an office.
type Guess struct {
	Spec   linli.SpecCode `json:"spec,omitempty"`
	Item   linli.ItemCode `json:"item,omitempty"`
	Office string         `json:"office,omitempty"`
	P      float64        `json:"p"`
}

// Word is a word of the text that spoke for or against the first guess.
type Word struct {
	Text   string  `json:"text"`
	Source string  `json:"source"` // rule, batch or correction
	Rule   string  `json:"rule,omitempty"`
	Weight float64 `json:"weight"` // log-odds
}

// Span is a passage that was read as a value; runes of title, newline, body.
type Span struct {
	From  int       `json:"from"`
	To    int       `json:"to"`
	Kind  text.Kind `json:"kind"`
	Text  string    `json:"text"`
	Value string    `json:"value,omitempty"`
}

// reader is the trained reader with what its labels mean. It is replaced as a
// whole when the catalog changes; corrections are taught to it in place.
type reader struct {
	model  *text.Model
	danger *text.Lexicon
	specs  map[linli.SpecCode]linli.Spec
}

// rebuild makes the reader anew and teaches it every correction that stands.
func (s *Service) rebuild(ctx context.Context) error {
	r, err := newReader(ctx, s.Catalog, s.offices)
	if err != nil {
		return err
	}
	s.teach.Lock()
	defer s.teach.Unlock()
	if err := s.replay(ctx, r); err != nil {
		return err
	}
	s.reader.Store(r)
	return nil
}

// newReader makes a reader that knows the words of the catalog and of the offices.
func newReader(ctx context.Context, catalog Catalog, offices []Office) (*reader, error) {
	specs, err := catalog.Specs(ctx)
	if err != nil {
		return nil, err
	}
	rules, err := catalog.Lexicon(ctx)
	if err != nil {
		return nil, err
	}
	r := &reader{specs: map[linli.SpecCode]linli.Spec{}}
	var labels []string
	for _, spec := range specs {
		r.specs[spec.Code] = spec
		labels = append(labels, string(spec.Code))
	}
	var meanings, dangers []text.Rule
	for _, rule := range rules {
		if rule.Label == "danger" {
			dangers = append(dangers, rule)
		} else {
			meanings = append(meanings, rule)
		}
	}
	for _, o := range offices {
		labels = append(labels, toOffice+o.Code)
		for i, w := range o.Words {
			meanings = append(meanings, text.Rule{ID: fmt.Sprintf("%s%s.%d", toOffice, o.Code, i+1), Label: toOffice + o.Code,
				All: w.All, Any: w.Any, None: w.None, Weight: w.Weight})
		}
	}
	if r.danger, err = text.NewLexicon(dangers); err != nil {
		return nil, err
	}
	lexicon, err := text.NewLexicon(meanings)
	if err != nil {
		return nil, err
	}
	// 2^17 buckets suit a model whose rows are corrections only.
	r.model, err = text.New(labels, text.Options{Lexicon: lexicon, Threshold: accept, Bits: 17})
	return r, err
}

// replay teaches the corrections that stand, oldest first.
func (s *Service) replay(ctx context.Context, r *reader) error {
	return s.DB.Read(ctx, func(tx db.Tx) error {
		rows, err := tx.Query(`SELECT c.id, c.label, d.title, d.body FROM demand_correction c JOIN demand_demand d ON d.id = c.demand
			WHERE c.revoked_at = 0 ORDER BY c.at, c.id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, label string
			var doc text.Doc
			if err := rows.Scan(&id, &label, &doc.Title, &doc.Body); err != nil {
				return err
			}
			if err := r.correct(id, doc, label); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// correct teaches one correction; a label that is no longer offered is passed over.
func (r *reader) correct(id string, doc text.Doc, label string) error {
	if _, found := slices.BinarySearch(r.model.Labels(), label); !found {
		return nil
	}
	return r.model.Correct(id, doc, label)
}

// read understands a text at the moment it was voiced.
func (s *Service) read(ctx context.Context, doc text.Doc, at time.Time) (Understanding, error) {
	u := Understanding{Urgency: 1, Least: accept}
	if strings.TrimSpace(doc.Title+doc.Body) == "" {
		return u, nil
	}
	names, err := s.gazetteer(ctx)
	if err != nil {
		return u, err
	}
	s.reader.Load().classify(doc, &u)
	u.take(text.Extract(doc, names, at))
	return u, nil
}

// classify finds what a text asks for and which words decided, and the words of danger in it.
func (r *reader) classify(doc text.Doc, u *Understanding) {
	a := r.model.Classify(doc)
	u.Least, u.Model = max(accept, a.Threshold), r.model.Digest()
	for _, score := range a.Scores[:min(3, len(a.Scores))] {
		g := r.guess(score)
		if len(u.Guesses) > 0 && g.P < 0.02 {
			break
		}
		u.Guesses = append(u.Guesses, g)
	}
	if best := a.Best(); len(best.Reasons) > 0 { // without a reason every label is as good as the other
		g := u.Guesses[0]
		u.Spec, u.Item, u.Office, u.Certainty = g.Spec, g.Item, g.Office, g.P
		if a.Reject {
			u.Certainty = min(u.Certainty, accept-0.01)
		}
		for _, reason := range best.Reasons {
			u.Words = append(u.Words, Word{Text: reason.Text, Source: reason.Source, Rule: reason.Rule, Weight: reason.Weight})
		}
	} else {
		u.Guesses = nil
	}
	for _, hit := range r.danger.Match(doc) {
		for _, w := range hit.Words {
			if !slices.Contains(u.Danger, w) {
				u.Danger = append(u.Danger, w)
			}
		}
	}
}

// take files what was extracted. Phone numbers go to the reporter, not into the explanation.
func (u *Understanding) take(f text.Facts) {
	u.Place, u.Soon = f.Place, f.Soon
	u.WishFrom, u.WishTo = linli.Millis(f.Wish.From), linli.Millis(f.Wish.To)
	for _, sp := range f.Spans {
		if sp.Kind == text.KindPhone {
			if u.phone == "" {
				u.phone = sp.Value
			}
			continue
		}
		u.Spans = append(u.Spans, Span{sp.From, sp.To, sp.Kind, sp.Text, sp.Value})
	}
	rule := func(names ...string) bool {
		return slices.ContainsFunc(f.Urgency.Words, func(w text.Span) bool { return slices.Contains(names, w.Rule) })
	}
	// Everybody writes 马上: haste alone makes nothing urgent.
	if u.Urgency = f.Urgency.Level; u.Urgency == 2 && !f.Urgency.Human && !rule("need") {
		u.Urgency = 1
	}
	// A danger of the catalog's own words counts in full, unless it is only feared or past.
	if len(u.Danger) > 0 && (rule("danger") || !rule("danger-feared")) {
		u.Urgency = 3
	}
	if f.Urgency.Human {
		for _, sp := range f.Urgency.Words {
			if rule := sp.Rule; (rule == "danger" || rule == "danger-feared" || rule == "hazard") && !slices.Contains(u.Danger, sp.Text) {
				u.Danger = append(u.Danger, sp.Text)
			}
		}
	}
}

func (u *Understanding) wish() linli.Window {
	return linli.Window{From: linli.Time(u.WishFrom), To: linli.Time(u.WishTo)}
}

func (r *reader) guess(score text.Score) Guess {
	if office, ok := strings.CutPrefix(score.Label, toOffice); ok {
		return Guess{Office: office, P: score.P}
	}
	spec := linli.SpecCode(score.Label)
	return Guess{Spec: spec, Item: r.specs[spec].Item, P: score.P}
}

// spec finds an offered specification; nil when there is none.
func (r *reader) spec(code linli.SpecCode) *linli.Spec {
	if spec, ok := r.specs[code]; ok {
		return &spec
	}
	return nil
}

// gazetteer is the street's names, read anew after gazetteerLife.
type gazetteer struct {
	names *text.Gazetteer
	at    time.Time
}

const gazetteerLife = 10 * time.Minute

// gazetteer gives the names of places; the map rarely changes, so a node may be
// some minutes behind.
func (s *Service) gazetteer(ctx context.Context) (*text.Gazetteer, error) {
	now := s.Now()
	if g := s.names.Load(); g != nil && now.Sub(g.at).Abs() < gazetteerLife {
		return g.names, nil
	}
	var names []text.Name
	if s.Places != nil {
		known, err := s.Places.Gazetteer(ctx)
		if err != nil {
			return nil, err
		}
		for _, n := range known {
			// A map has buildings called "3" or "东"; one character finds itself everywhere.
			if utf8.RuneCountInString(n.Name) > 1 {
				names = append(names, text.Name{Text: n.Name, Place: n.Place})
			}
		}
	}
	built, err := text.NewGazetteer(names)
	if err != nil {
		return nil, err
	}
	s.names.Store(&gazetteer{names: built, at: now})
	return built, nil
}

// Correction is a clerk's word on what a text means; it teaches the reader.
type Correction struct {
	ID        string         `json:"id"`
	Demand    linli.DemandID `json:"demand"`
	Spec      linli.SpecCode `json:"spec,omitempty"`
	Office    string         `json:"office,omitempty"`
	Was       string         `json:"was,omitempty"` // what the reader had said: a specification or office:<code>
	WasP      float64        `json:"was_p"`
	At        time.Time      `json:"at"`
	By        string         `json:"by"`
	RevokedAt *time.Time     `json:"revoked_at,omitempty"`
}

// remember stores a correction within tx and tells the other nodes; learn must follow the commit.
func (s *Service) remember(tx db.Tx, p *auth.Principal, d *Demand, label string) (string, error) {
	now := s.Now()
	id := linli.NewID("cor", now)
	was := string(d.Understood.Spec)
	if d.Understood.Office != "" {
		was = toOffice + d.Understood.Office
	}
	_, err := tx.Exec(`INSERT INTO demand_correction (id, demand, label, was, was_p, at, by_id, by_who) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)`,
		id, d.ID, label, was, d.Understood.Certainty, linli.Millis(now), p.User, p.Name)
	if err != nil {
		return "", err
	}
	return id, s.Bus.Publish(tx, bus.Pack(EventCorrected, string(d.ID), d.Place, now, Corrected{Correction: id, Demand: d.ID}))
}

// learn teaches a stored correction to this node's reader.
func (s *Service) learn(id string, doc text.Doc, label string) error {
	s.teach.Lock()
	defer s.teach.Unlock()
	return s.reader.Load().correct(id, doc, label)
}

// Revoke forgets a correction: the reader answers as if it had never been made.
func (s *Service) Revoke(ctx context.Context, p *auth.Principal, id string) error {
	err := s.DB.Write(ctx, func(tx db.Tx) error {
		now := s.Now()
		var demand linli.DemandID
		var revoked int64
		err := tx.QueryRow(`SELECT demand, revoked_at FROM demand_correction WHERE id = $1`, id).Scan(&demand, &revoked)
		if isNone(err) {
			return linli.NotFound("没有这条更正", "there is no such correction")
		}
		if err != nil {
			return err
		}
		d, err := one(tx, demand)
		if err != nil {
			return err
		}
		if !p.Scope("demand.triage").Covers(d.row()) {
			return linli.NotFound("没有这条更正", "there is no such correction")
		}
		if revoked != 0 {
			return linli.Conflict("这条更正已经撤回", "this correction was revoked before")
		}
		if _, err := tx.Exec(`UPDATE demand_correction SET revoked_at = $1, revoked_by = $2 WHERE id = $3`, linli.Millis(now), p.Name, id); err != nil {
			return err
		}
		if err := auth.Audit(tx, now, p, auth.Line{Act: "demand.uncorrect", Subject: id, Place: d.Place}); err != nil {
			return err
		}
		return s.Bus.Publish(tx, bus.Pack(EventCorrected, string(demand), d.Place, now, Corrected{Correction: id, Demand: demand, Revoked: true}))
	})
	if err != nil {
		return err
	}
	return s.forget(id)
}

// forget takes a revoked correction out of this node's reader.
func (s *Service) forget(id string) error {
	s.teach.Lock()
	defer s.teach.Unlock()
	if err := s.reader.Load().model.Revoke(id); err != nil && linli.KindOf(err) != linli.KindNotFound {
		return err
	}
	return nil
}

// hearCorrection learns or forgets what another node was told.
func (s *Service) hearCorrection(ctx context.Context, e bus.Event) error {
	var c Corrected
	if err := json.Unmarshal(e.Data, &c); err != nil {
		return err
	}
	if c.Revoked {
		return s.forget(c.Correction)
	}
	var label string
	var doc text.Doc
	var revoked int64
	err := s.DB.Read(ctx, func(tx db.Tx) error {
		return tx.QueryRow(`SELECT c.label, c.revoked_at, d.title, d.body FROM demand_correction c JOIN demand_demand d ON d.id = c.demand WHERE c.id = $1`,
			c.Correction).Scan(&label, &revoked, &doc.Title, &doc.Body)
	})
	if isNone(err) || err == nil && revoked != 0 {
		return nil
	}
	if err != nil || slices.Contains(s.reader.Load().model.Corrections(), c.Correction) {
		return err
	}
	return s.learn(c.Correction, doc, label)
}
