package demand

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/goccy/go-yaml"

	"linli"
	"linli/decide/text"
)

// town answers what the service asks of others: the shipped catalog, a few
// buildings and a few people.
type town struct {
	specs   []linli.Spec
	rules   []text.Rule
	refused map[linli.ResidentID]bool
}

const (
	street linli.Place = "990001001"
	east   linli.Place = "990001001001"
	west   linli.Place = "990001001002"
	bund   linli.Place = "990001001001/003/bund"
	block3 linli.Place = "990001001001/003/bund/3"
)

var homes = map[linli.ResidentID]linli.Place{
	"res_wang": "990001001001/003/bund/3/1/302",
	"res_li":   "990001001001/003/bund/3/1/303",
	"res_zhao": "990001001002/001/lake/8/2/101",
}

// newTown reads the catalog's seeds as data: rooms do not know each other.
func newTown() (*town, error) {
	var specs struct {
		Specs []struct {
			Code, Item, Zh, En string
			Mode               linli.Mode
			SLA                linli.SLAClass `yaml:"sla"`
			Minutes, Persons   int
			Skills             []linli.Skill
			Consent, Facility  string
		}
	}
	var words struct {
		Groups []struct {
			Spec  string
			Words []struct {
				Weight         float64
				All, Any, None []string
			}
		}
	}
	for name, into := range map[string]any{"specs.yaml": &specs, "words.yaml": &words} {
		raw, err := os.ReadFile("../catalog/seeds/" + name)
		if err != nil {
			return nil, err
		}
		if err := yaml.Unmarshal(raw, into); err != nil {
			return nil, err
		}
	}
	t := &town{refused: map[linli.ResidentID]bool{}}
	for _, s := range specs.Specs {
		t.specs = append(t.specs, linli.Spec{Code: linli.SpecCode(s.Code), Item: linli.ItemCode(s.Item), Zh: s.Zh, En: s.En, Mode: s.Mode, SLA: s.SLA,
			Length: time.Duration(s.Minutes) * time.Minute, Persons: s.Persons, Skills: s.Skills, Consent: s.Consent, Facility: s.Facility})
	}
	for _, g := range words.Groups {
		for i, w := range g.Words {
			t.rules = append(t.rules, text.Rule{ID: fmt.Sprintf("%s.%d", g.Spec, i+1), Label: g.Spec, All: w.All, Any: w.Any, None: w.None, Weight: w.Weight})
		}
	}
	return t, nil
}

func (t *town) Spec(_ context.Context, code linli.SpecCode) (linli.Spec, error) {
	for _, s := range t.specs {
		if s.Code == code {
			return s, nil
		}
	}
	return linli.Spec{}, linli.Invalid("spec", "没有", "none")
}

func (t *town) Specs(context.Context) ([]linli.Spec, error)  { return t.specs, nil }
func (t *town) Lexicon(context.Context) ([]text.Rule, error) { return t.rules, nil }
func (t *town) Gazetteer(context.Context) ([]linli.NamedPlace, error) {
	return []linli.NamedPlace{
		{Name: "外滩公寓", Place: bund, At: linli.Point{Lng: 121.49, Lat: 31.24}},
		{Name: "湖滨小区", Place: "990001001002/001/lake", At: linli.Point{Lng: 121.5, Lat: 31.25}},
	}, nil
}

func (t *town) Limits(_ context.Context, class linli.SLAClass) (accept, contact, start, done time.Duration, allDay bool, err error) {
	switch class {
	case linli.P1:
		return time.Minute, 3 * time.Minute, 30 * time.Minute, 0, true, nil
	case linli.P2:
		return 10 * time.Minute, 15 * time.Minute, 2 * time.Hour, 24 * time.Hour, true, nil
	}
	return 30 * time.Minute, 2 * time.Hour, 24 * time.Hour, 72 * time.Hour, false, nil
}

func (t *town) Locate(_ context.Context, p linli.Place) (linli.Point, error) {
	if !street.Contains(p) {
		return linli.Point{}, nil
	}
	return linli.Point{Lng: 121.49, Lat: 31.24}, nil
}

func (t *town) Home(_ context.Context, id linli.ResidentID) (linli.Place, linli.Point, error) {
	home, ok := homes[id]
	if !ok {
		return "", linli.Point{}, linli.NotFound("没有", "none")
	}
	return home, linli.Point{Lng: 121.49, Lat: 31.24}, nil
}

func (t *town) Consents(_ context.Context, id linli.ResidentID, _ string) (bool, error) {
	return !t.refused[id], nil
}
