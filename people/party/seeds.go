package party

import (
	"embed"
	"fmt"
	"maps"
	"slices"

	"github.com/goccy/go-yaml"

	"linli/auth"
)

//go:embed schema/*.sql
var schema embed.FS

//go:embed seeds/*.yaml
var seeds embed.FS

// ActorKind is one of the kinds of those who take part, with its part and its rights.
type ActorKind struct {
	Code       string `yaml:"code" json:"code"`
	Side       string `yaml:"side" json:"side" enum:"1,3,N,0" doc:"1 lead, 3 social, N partners, 0 residents and supervisors"`
	Supervises bool   `yaml:"supervises" json:"supervises" doc:"outside the twelve: supervises or is called in"`
	Zh         string `yaml:"zh" json:"zh"`
	En         string `yaml:"en" json:"en"`
	RoleZh     string `yaml:"role_zh" json:"role_zh"`
	RoleEn     string `yaml:"role_en" json:"role_en"`
	MayZh      string `yaml:"may_zh" json:"may_zh"`
	MayEn      string `yaml:"may_en" json:"may_en"`
	NeverZh    string `yaml:"never_zh" json:"never_zh"`
	NeverEn    string `yaml:"never_en" json:"never_en"`
}

// RoleName is a role of the policy and the actor kind whose people hold it.
type RoleName struct {
	Code  auth.Role  `json:"code"`
	Actor string     `json:"actor"`
	Zh    string     `json:"zh"`
	En    string     `json:"en"`
	Reach auth.Reach `json:"reach"`
}

// Module is one module of the collaboration with who acts in it.
type Module struct {
	Code   string `yaml:"code" json:"code"`
	Zh     string `yaml:"zh" json:"zh"`
	En     string `yaml:"en" json:"en"`
	NoteZh string `yaml:"note_zh" json:"note_zh,omitempty"`
	NoteEn string `yaml:"note_en" json:"note_en,omitempty"`
	Acts   []Act  `yaml:"acts" json:"acts" nullable:"false"`
}

// Act says who plays which part in a module: A accountable, R does, C is asked, I is told.
type Act struct {
	Part string `yaml:"part" json:"part" enum:"A,R,C,I"`
	Who  string `yaml:"who" json:"who"`
	Zh   string `yaml:"zh" json:"zh"`
	En   string `yaml:"en" json:"en"`
}

// SkillKind is a skill a worker may have; Cert names the certificate that must prove it, if any.
type SkillKind struct {
	Code string `yaml:"-" json:"code"`
	Zh   string `yaml:"zh" json:"zh"`
	En   string `yaml:"en" json:"en"`
	Cert string `yaml:"cert" json:"cert,omitempty"`
}

// CertKind is a kind of certificate. Years is the usual validity, 0 when it does not expire.
type CertKind struct {
	Code   string `yaml:"-" json:"code"`
	Zh     string `yaml:"zh" json:"zh"`
	En     string `yaml:"en" json:"en"`
	Years  int    `yaml:"years" json:"years"`
	State  bool   `yaml:"state" json:"state" doc:"issued by the state"`
	Source string `yaml:"source" json:"source" doc:"how sure the entry is: K common knowledge, to be verified"`
}

// ActorKinds, Modules, Skills and Certificates are the seed lists built into the binary; nothing changes them.
var (
	ActorKinds   = readSeed[[]ActorKind]("actors.yaml")
	Modules      = readSeed[[]Module]("collaboration.yaml")
	skillSeed    = readSeed[skillFile]("skills.yaml")
	Skills       = skillSeed.Skills
	Certificates = skillSeed.Certificates
)

type skillFile struct {
	Certificates map[string]CertKind  `yaml:"certificates"`
	Skills       map[string]SkillKind `yaml:"skills"`
}

// readSeed parses an embedded file; a mistake in it is a mistake in the program.
func readSeed[T any](name string) (out T) {
	raw, err := seeds.ReadFile("seeds/" + name)
	if err == nil {
		err = yaml.UnmarshalWithOptions(raw, &out, yaml.Strict())
	}
	if err != nil {
		panic(fmt.Errorf("party: seed %s: %w", name, err))
	}
	return out
}

// roleList names the roles of the policy, ordered by code.
func roleList() []RoleName {
	out := make([]RoleName, 0, len(auth.Rules.Roles))
	for _, code := range slices.Sorted(maps.Keys(auth.Rules.Roles)) {
		r := auth.Rules.Roles[code]
		out = append(out, RoleName{code, r.Actor, r.Zh, r.En, r.Reach})
	}
	return out
}

func knownActor(code string) bool {
	return slices.ContainsFunc(ActorKinds, func(a ActorKind) bool { return a.Code == code })
}

// skillList and certList are the seed maps as lists, ordered by code, for the screens.
func skillList() []SkillKind {
	out := make([]SkillKind, 0, len(Skills))
	for _, code := range slices.Sorted(maps.Keys(Skills)) {
		s := Skills[code]
		s.Code = code
		out = append(out, s)
	}
	return out
}

func certList() []CertKind {
	out := make([]CertKind, 0, len(Certificates))
	for _, code := range slices.Sorted(maps.Keys(Certificates)) {
		c := Certificates[code]
		c.Code = code
		out = append(out, c)
	}
	return out
}
