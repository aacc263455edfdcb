package sim

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"linli"
	"linli/geo"
)

// team is an organization of the town and those who work for it.
type team struct {
	kind, name, role string
	skills           []string
	size             int
	level            int
	profile          string
	week             string // spans of every day
}

const (
	daily     = "07:00-21:00"
	allAround = "00:00-24:00"
)

// teams give every specification somebody who can, and every kind of actor a name.
var teams = []team{
	{"pro-provider", "康乐居家养老服务中心", "provider-worker", []string{"elder-carer", "bathing", "companion", "visitor"}, 8, 3, "e-bike", daily},
	{"pro-provider", "好邻家政服务社", "provider-worker", []string{"cleaner", "laundry", "appliance", "nanny"}, 5, 2, "e-bike", daily},
	{"pro-provider", "暖心助餐配送", "provider-worker", []string{"courier", "medicine-errand"}, 5, 1, "e-bike", daily},
	{"pro-provider", "安行电梯维保", "repairer", []string{"lift-mechanic"}, 2, 3, "e-bike", allAround},
	{"pro-provider", "匠心适老改造", "provider-worker", []string{"adaptation", "smoke-alarm"}, 3, 2, "e-bike", daily},
	{"pro-provider", "剪艺便民理发", "provider-worker", []string{"barber"}, 2, 2, "adult", daily},
	{"pro-provider", "明信律师事务所", "provider-worker", []string{"lawyer"}, 1, 3, "adult", daily},
	{"property-company", "和顺物业服务中心", "repairer", []string{"plumber", "electrician", "gas-fitter"}, 5, 2, "e-bike", allAround},
	{"property-company", "新禾物业管理处", "repairer", []string{"plumber", "patrol", "fire-guard"}, 3, 2, "adult", allAround},
	{"health-center", "邻安社区卫生服务中心", "family-doctor", []string{"doctor", "nurse", "rehab", "measure"}, 4, 3, "e-bike", daily},
	{"social-org", "同心社会工作服务社", "social-worker", []string{"social-worker", "counselor", "mediator", "disability-aid"}, 3, 2, "adult", daily},
	{"volunteer-team", "邻里志愿队", "volunteer", []string{"companion", "visitor", "first-aid"}, 4, 1, "adult", daily},
	{"residents-committee", "社区居委会", "grid-worker", []string{"visitor", "clerk", "first-aid", "patrol", "fire-guard"}, 4, 1, "adult", allAround},
	{"street-office", "邻安街道办事处", "", nil, 0, 0, "", ""},
	{"community-party", "康乐社区党委", "", nil, 0, 0, "", ""},
	{"owners-committee", "新禾苑业主委员会", "", nil, 0, 0, "", ""},
	{"resident-unit", "邻安第一小学", "", nil, 0, 0, "", ""},
	{"charity", "邻安慈善基金", "", nil, 0, 0, "", ""},
	{"resident", "康乐里楼组长联谊会", "", nil, 0, 0, "", ""},
}

// building is a footprint of the map.
type building struct {
	Place  linli.Place
	Name   string
	Levels int
	At     linli.Point
}

func (s *Sim) build(ctx context.Context) error {
	door := &session{hub: s.hub}
	var roles list[struct {
		User string `json:"user"`
		Role string `json:"role"`
	}]
	if err := door.get(ctx, "/api/v1/demo/roles", &roles); err != nil {
		return err
	}
	for _, r := range roles.Items {
		in, err := s.hub.signIn(ctx, r.User)
		if err != nil {
			return err
		}
		s.staff[r.Role] = in
	}
	for _, need := range []string{"data-steward", "security-admin", "duty-officer", "dispatcher"} {
		if s.staff[need] == nil {
			return fmt.Errorf("sim: the hub has no %s to sign in as", need)
		}
	}
	var catalog struct {
		Specs []struct {
			spec
			Facility string `json:"facility"`
		} `json:"specs"`
	}
	if err := s.staff["dispatcher"].get(ctx, "/api/v1/catalog", &catalog); err != nil {
		return err
	}
	byKind := map[string][]linli.SpecCode{}
	for _, c := range catalog.Specs {
		s.specs[c.Code] = c.spec
		if c.Mode == linli.ByFacility {
			byKind[c.Facility] = append(byKind[c.Facility], c.Code)
		}
	}
	town, err := s.buildings(ctx)
	if err != nil {
		return err
	}
	if err := s.hire(ctx, town); err != nil {
		return err
	}
	if err := s.open(ctx, town, byKind); err != nil {
		return err
	}
	if err := s.settle(ctx, town); err != nil {
		return err
	}
	s.later(s.o.Now().Add(draftAfter), s.draft)
	return s.agree(ctx)
}

func (s *Sim) buildings(ctx context.Context) ([]building, error) {
	var layer struct {
		Features []struct {
			Properties struct {
				Place  linli.Place `json:"place"`
				Name   string      `json:"name"`
				Levels float64     `json:"levels"`
				Lng    float64     `json:"lng"`
				Lat    float64     `json:"lat"`
			} `json:"properties"`
		} `json:"features"`
	}
	if err := s.staff["data-steward"].get(ctx, "/api/v1/map/buildings?place="+url.QueryEscape(string(s.o.Street)), &layer); err != nil {
		return nil, err
	}
	var out []building
	for _, f := range layer.Features {
		p := f.Properties
		out = append(out, building{p.Place, p.Name, max(1, int(p.Levels)), linli.Point{Lng: p.Lng, Lat: p.Lat}})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("sim: no buildings in %s; import a map first", s.o.Street)
	}
	return out, nil
}

// hire registers organizations, workers, their certificates and their accounts.
func (s *Sim) hire(ctx context.Context, town []building) error {
	steward, security := s.staff["data-steward"], s.staff["security-admin"]
	var known struct {
		Skills []struct {
			Code string `json:"code"`
			Cert string `json:"cert"`
		} `json:"skills"`
	}
	if err := steward.get(ctx, "/api/v1/skills", &known); err != nil {
		return err
	}
	cert := map[string]string{}
	for _, k := range known.Skills {
		cert[k.Code] = k.Cert
	}
	now := s.o.Now()
	for i, t := range teams {
		seat := town[(i*37+11)%len(town)]
		var org struct {
			ID linli.OrgID `json:"id"`
		}
		if err := steward.post(ctx, "/api/v1/organizations", map[string]any{"name": t.name, "kind": t.kind, "place": seat.Place, "at": seat.At}, &org); err != nil {
			return err
		}
		for j := range t.size {
			home := town[(i*101+j*461+5)%len(town)] // a team lives all over the town
			who := name(s.rng)
			var w struct {
				ID linli.WorkerID `json:"id"`
			}
			week := slices.Repeat([]string{t.week}, 7)
			if t.week == daily {
				week[(i+j)%7] = "" // a day off
				if now.In(linli.Shanghai).Weekday() == time.Weekday(((i+j)%7+1)%7) && j == 0 {
					week[(i+j)%7] = daily // never the only one, and not today
				}
			}
			var skills []map[string]any
			for _, k := range t.skills {
				skills = append(skills, map[string]any{"code": k, "level": t.level})
			}
			if err := steward.post(ctx, "/api/v1/workers", map[string]any{"org": org.ID, "name": who, "phone": fmt.Sprintf("000%08d", 1000+i*50+j), "place": home.Place,
				"at": home.At, "profile": t.profile, "skills": skills, "week": week, "max_load_min": 540}, &w); err != nil {
				return err
			}
			if err := s.certify(ctx, w.ID, t.skills, cert, i, j); err != nil {
				return err
			}
			grant := map[string]any{"role": t.role}
			if t.role == "grid-worker" {
				grant["place"] = home.Place.At(linli.DepthRegion)
			}
			phone, err := s.account(ctx, security, map[string]any{"login": fmt.Sprintf("w%02d%02d", i+1, j+1), "name": who, "worker": w.ID, "grants": []any{grant}})
			if err != nil {
				return err
			}
			s.workers[w.ID] = &worker{ID: w.ID, role: t.role, phone: phone, home: home.Place, at: home.At, by: geo.Profile(t.profile)}
		}
		if t.kind == "pro-provider" && i == 0 || t.kind == "property-company" && t.size == 5 {
			role := map[string]string{"pro-provider": "provider-admin", "property-company": "property-manager"}[t.kind]
			if _, err := s.account(ctx, security, map[string]any{"login": fmt.Sprintf("o%02d", i+1), "name": name(s.rng), "grants": []any{map[string]any{"role": role, "org": org.ID}}}); err != nil {
				return err
			}
		}
	}
	return nil
}

// certify records one certificate per proved skill. A few end soon and one has
// ended, so that the lists of a real office have something to show.
func (s *Sim) certify(ctx context.Context, id linli.WorkerID, skills []string, cert map[string]string, i, j int) error {
	now := s.o.Now()
	var done []string
	for _, k := range skills {
		kind := cert[k]
		if kind == "" || slices.Contains(done, kind) {
			continue
		}
		done = append(done, kind)
		expires := now.AddDate(0, 6+s.rng.IntN(18), s.rng.IntN(28))
		switch {
		case i == 0 && j == 6:
			expires = now.AddDate(0, 0, -3)
		case (i+j)%9 == 4:
			expires = now.AddDate(0, 0, 8+s.rng.IntN(18))
		}
		if err := s.staff["data-steward"].post(ctx, fmt.Sprintf("/api/v1/workers/%s/certificates", id), map[string]any{"kind": kind, "number": fmt.Sprintf("LL%04d%03d", 2024, i*20+j),
			"level": 3, "issued": now.AddDate(-1, -2, 0).Format(time.DateOnly), "expires": expires.Format(time.DateOnly)}, nil); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sim) account(ctx context.Context, by *session, body map[string]any) (*session, error) {
	var u struct {
		ID string `json:"id"`
	}
	if err := by.post(ctx, "/api/v1/users", body, &u); err != nil {
		return nil, err
	}
	return s.hub.signIn(ctx, u.ID)
}

// open registers facilities of every kind that a specification is served in.
func (s *Sim) open(ctx context.Context, town []building, byKind map[string][]linli.SpecCode) error {
	var kinds list[struct {
		Kind string `json:"kind"`
		Zh   string `json:"zh"`
	}]
	if err := s.staff["data-steward"].get(ctx, "/api/v1/facility-kinds", &kinds); err != nil {
		return err
	}
	var hours []map[string]int
	for d := range 7 {
		hours = append(hours, map[string]int{"day": d, "from_min": 8 * 60, "to_min": 20 * 60})
	}
	names := []string{"康乐", "新禾", "河埠"}
	communities := map[linli.Place][]building{}
	for _, b := range town {
		region := b.Place.At(linli.DepthRegion)
		communities[region] = append(communities[region], b)
	}
	regions := slices.Sorted(maps.Keys(communities))
	for i, k := range kinds.Items {
		if len(byKind[k.Kind]) == 0 {
			continue
		}
		for j, prefix := range names {
			near := communities[regions[j%len(regions)]]
			at := near[i*7%len(near)]
			var f facility
			if err := s.staff["data-steward"].post(ctx, "/api/v1/facilities", map[string]any{"kind": k.Kind, "name": prefix + k.Zh, "place": at.Place, "at": at.At,
				"specs": byKind[k.Kind], "capacity": 4 + (i*5+j*3)%9, "hours": hours, "step_free": true, "active": true}, &f); err != nil {
				return err
			}
			s.dropIn(&f, s.o.Now())
		}
	}
	return nil
}

// settle registers the people of the town; a third have an account on their phone,
// some act for a parent, most have agreed to what care and nursery need.
func (s *Sim) settle(ctx context.Context, town []building) error {
	steward := s.staff["data-steward"]
	year := s.o.Now().Year()
	var codes struct {
		Purposes []struct {
			Code    string `json:"code"`
			Version int    `json:"version"`
		} `json:"purposes"`
	}
	if err := steward.get(ctx, "/api/v1/resident-codes", &codes); err != nil {
		return err
	}
	for _, p := range codes.Purposes {
		s.versions[p.Code] = p.Version
	}
	// The old estate is the crowded one: six in ten live in the first community.
	var old []building
	for _, b := range town {
		if b.Place.At(linli.DepthRegion) == town[0].Place.At(linli.DepthRegion) {
			old = append(old, b)
		}
	}
	for i := range s.o.People {
		b := town[(i*13+i/len(town))%len(town)]
		if i%10 < 6 {
			b = old[(i*7+i/len(old))%len(old)]
		}
		age := 4 + s.rng.IntN(86)
		if i%3 == 0 {
			age = 62 + s.rng.IntN(30)
		}
		r := &resident{birth: year - age}
		r.Place = linli.Place(fmt.Sprintf("%s/%d/%d%02d", b.Place, 1+i%2, 1+s.rng.IntN(b.Levels), 1+s.rng.IntN(4)))
		who := name(s.rng)
		body := map[string]any{"name": who, "id_no": idNumber(r.birth, 1+s.rng.IntN(12), 1+s.rng.IntN(28), i), "phone": fmt.Sprintf("000%08d", 20000+i), "place": r.Place}
		if age >= 80 {
			body["groups"] = []string{"alone-elder"}
		}
		if err := steward.post(ctx, "/api/v1/residents", body, r); err != nil {
			return err
		}
		for _, purpose := range []string{"health", "child"} {
			if s.versions[purpose] == 0 || purpose == "health" && age < 60 && i%4 > 0 || i%11 == 0 {
				continue
			}
			if err := steward.post(ctx, fmt.Sprintf("/api/v1/residents/%s/consents", r.ID), map[string]any{"purpose": purpose, "version": s.versions[purpose], "channel": "counter"}, nil); err != nil {
				return err
			}
		}
		if i%3 == 0 {
			account := map[string]any{"login": fmt.Sprintf("r%03d", i), "name": who, "resident": r.ID, "grants": []any{map[string]any{"role": "resident"}}}
			if i%15 == 0 && i > 0 {
				account["wards"] = []string{s.residents[i-1].ID}
				account["grants"] = []any{map[string]any{"role": "resident"}, map[string]any{"role": "guardian"}}
			}
			phone, err := s.account(ctx, s.staff["security-admin"], account)
			if err != nil {
				return err
			}
			r.phone = phone
		}
		s.residents = append(s.residents, r)
	}
	return nil
}

// words fills the blanks of a phrase.
func (s *Sim) words(phrase string) string {
	phrase = strings.ReplaceAll(phrase, "{who}", pick(s.rng, whos))
	return strings.TrimSuffix(strings.ReplaceAll(phrase, "{when}", pick(s.rng, whens)), "，")
}
