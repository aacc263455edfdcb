package auth

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"

	"github.com/goccy/go-yaml"
)

//go:embed seeds/policy.yaml
var policyYAML []byte

// Words is a text in both languages.
type Words struct {
	Zh string `yaml:"zh" json:"zh"`
	En string `yaml:"en" json:"en"`
}

// Reach is how a role comes to the rows it may touch.
type Reach string

// The four reaches.
const (
	ReachPlace Reach = "place" // rows inside the place of the grant
	ReachOrg   Reach = "org"   // rows assigned to the organization of the grant
	ReachOwn   Reach = "own"   // rows of the person: as resident, for a ward, as worker
	ReachNone  Reach = "none"  // no rows: aggregates and settings only
)

// Class is a data class of domain.md 2.3: D0 public to D8 performance.
type Class string

// The data classes in use as tags of response fields.
const (
	D0 Class = "D0" // public aggregates
	D1 Class = "D1" // order minimum: surname, door, need
	D2 Class = "D2" // contact and household
	D3 Class = "D3" // sensitive: health, disability, income aid, minor, identity number
	D4 Class = "D4" // live alarm context
	D5 Class = "D5" // money
	D6 Class = "D6" // video and event clips
	D7 Class = "D7" // device and asset register
	D8 Class = "D8" // performance and warnings
)

// Sight is how much of a class an actor sees.
type Sight byte

// The sights, as the matrix writes them.
const (
	Full       Sight = 'f'
	OwnOnly    Sight = 'o'
	Masked     Sight = 'm'
	Aggregates Sight = 'a'
	None       Sight = 'x'
)

// RoleRule is a role of the policy.
type RoleRule struct {
	Words `yaml:",inline"`
	Actor string       `yaml:"actor" json:"actor"`
	Reach Reach        `yaml:"reach" json:"reach"`
	May   []Permission `yaml:"may" json:"may"`
}

// Policy is the whole of who may do what; it is text, read once, never changed while running.
type Policy struct {
	Permissions map[Permission]Words        `yaml:"permissions" json:"permissions"`
	Roles       map[Role]RoleRule           `yaml:"roles" json:"roles"`
	Classes     map[string]map[Class]string `yaml:"classes" json:"classes"`
	may         map[Role]map[Permission]bool
}

// Rules is the policy built into the binary.
var Rules = mustPolicy(policyYAML)

func mustPolicy(text []byte) *Policy {
	p, err := ReadPolicy(text)
	if err != nil {
		panic(err)
	}
	return p
}

// ReadPolicy parses a policy and checks that it is closed: every permission a
// role holds is declared, every actor has a row for every data class.
func ReadPolicy(text []byte) (*Policy, error) {
	var p Policy
	if err := yaml.UnmarshalWithOptions(text, &p, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("auth: policy: %w", err)
	}
	p.may = map[Role]map[Permission]bool{}
	for _, name := range slices.Sorted(maps.Keys(p.Roles)) {
		r := p.Roles[name]
		if r.Reach != ReachPlace && r.Reach != ReachOrg && r.Reach != ReachOwn && r.Reach != ReachNone {
			return nil, fmt.Errorf("auth: policy: role %s has reach %q", name, r.Reach)
		}
		if p.Classes[r.Actor] == nil {
			return nil, fmt.Errorf("auth: policy: role %s has unknown actor %q", name, r.Actor)
		}
		p.may[name] = map[Permission]bool{}
		for _, perm := range r.May {
			if _, ok := p.Permissions[perm]; !ok {
				return nil, fmt.Errorf("auth: policy: role %s holds undeclared permission %q", name, perm)
			}
			p.may[name][perm] = true
		}
	}
	for actor, row := range p.Classes {
		for _, c := range []Class{D0, D1, D2, D3, D4, D5, D6, D7, D8} {
			switch s := row[c]; s {
			case "f", "o", "m", "a", "x":
			default:
				return nil, fmt.Errorf("auth: policy: actor %s has sight %q of %s", actor, s, c)
			}
		}
	}
	return &p, nil
}

// Knows tells whether the policy declares the permission.
func (p *Policy) Knows(perm Permission) bool {
	_, ok := p.Permissions[perm]
	return ok || perm == Public || perm == SignedIn
}

// Grants tells whether the role holds the permission.
func (p *Policy) Grants(r Role, perm Permission) bool { return p.may[r][perm] }

// Can tells whether the principal holds the permission through any grant.
func (p *Principal) Can(perm Permission) bool {
	if p.System || perm == Public || perm == SignedIn && p.User != "" {
		return true
	}
	return slices.ContainsFunc(p.Grants, func(g Grant) bool { return Rules.Grants(g.Role, perm) })
}

// Permissions lists what the principal holds, sorted.
func (p *Principal) Permissions() []Permission {
	set := map[Permission]bool{}
	for _, g := range p.Grants {
		maps.Copy(set, Rules.may[g.Role])
	}
	return slices.Sorted(maps.Keys(set))
}
