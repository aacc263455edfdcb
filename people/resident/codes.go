package resident

import (
	"embed"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"

	"linli/auth"
)

//go:embed schema/*.sql
var schema embed.FS

//go:embed seeds/*.yaml
var seeds embed.FS

// Codes are the code sets of the register, for forms and for reading other people's files.
type Codes struct {
	Sexes        []Number  `yaml:"sexes" json:"sexes" nullable:"false"`
	Relations    []Code    `yaml:"relations" json:"relations" nullable:"false"`
	Groups       []Group   `yaml:"groups" json:"groups" nullable:"false"`
	Disabilities []Number  `yaml:"disabilities" json:"disabilities" nullable:"false"`
	Scales       []Scale   `yaml:"scales" json:"scales" nullable:"false"`
	Channels     []Code    `yaml:"channels" json:"channels" nullable:"false"`
	Purposes     []Purpose `yaml:"purposes" json:"purposes" nullable:"false"`
}

// Code is an entry of a code set with the words that mean it.
type Code struct {
	Code string   `yaml:"code" json:"code"`
	Zh   string   `yaml:"zh" json:"zh"`
	En   string   `yaml:"en" json:"en"`
	Also []string `yaml:"also" json:"-"`
}

// Number is an entry of a code set whose standard counts with numbers.
type Number struct {
	Code int      `yaml:"code" json:"code"`
	Zh   string   `yaml:"zh" json:"zh"`
	En   string   `yaml:"en" json:"en"`
	Also []string `yaml:"also" json:"-"`
}

// Group is a special group. Class says how much its name alone tells about a
// person; a derived group follows from the birth date and is never entered.
type Group struct {
	Code    string     `yaml:"code" json:"code"`
	Zh      string     `yaml:"zh" json:"zh"`
	En      string     `yaml:"en" json:"en"`
	Class   auth.Class `yaml:"class" json:"class"`
	Derived bool       `yaml:"derived" json:"derived"`
	Also    []string   `yaml:"also" json:"-"`
}

// Scale is a way of grading the ability of elders, best grade first.
type Scale struct {
	Code   string  `yaml:"code" json:"code"`
	Zh     string  `yaml:"zh" json:"zh"`
	En     string  `yaml:"en" json:"en"`
	Max    int     `yaml:"max" json:"max"`
	Grades []Grade `yaml:"grades" json:"grades" nullable:"false"`
}

// Grade is one grade of a scale, from this score on.
type Grade struct {
	Code string `yaml:"code" json:"code"`
	Zh   string `yaml:"zh" json:"zh"`
	En   string `yaml:"en" json:"en"`
	From int    `yaml:"from" json:"from"`
}

// Purpose is something a resident may agree to, in the words of its present version.
type Purpose struct {
	Code    string `yaml:"code" json:"code"`
	Version int    `yaml:"version" json:"version"`
	Zh      string `yaml:"zh" json:"zh"`
	En      string `yaml:"en" json:"en"`
}

var (
	codes   = readSeed[Codes]("codes.yaml")
	headers = readSeed[map[string][]string]("headers.yaml")
)

// readSeed parses an embedded file; a mistake in it is a mistake in the program.
func readSeed[T any](name string) (out T) {
	raw, err := seeds.ReadFile("seeds/" + name)
	if err == nil {
		err = yaml.UnmarshalWithOptions(raw, &out, yaml.Strict())
	}
	if err != nil {
		panic(fmt.Errorf("resident: seed %s: %w", name, err))
	}
	return out
}

func groupOf(code string) (Group, bool) {
	i := slices.IndexFunc(codes.Groups, func(g Group) bool { return g.Code == code })
	if i < 0 {
		return Group{}, false
	}
	return codes.Groups[i], true
}

func purposeOf(code string) (Purpose, bool) {
	i := slices.IndexFunc(codes.Purposes, func(p Purpose) bool { return p.Code == code })
	if i < 0 {
		return Purpose{}, false
	}
	return codes.Purposes[i], true
}

func scaleOf(code string) (Scale, bool) {
	i := slices.IndexFunc(codes.Scales, func(s Scale) bool { return s.Code == code })
	if i < 0 {
		return Scale{}, false
	}
	return codes.Scales[i], true
}

// grade is the grade of a score; scores above the maximum have none.
func (s Scale) grade(score int) (Grade, bool) {
	if score < 0 || score > s.Max {
		return Grade{}, false
	}
	for _, g := range s.Grades {
		if score >= g.From {
			return g, true
		}
	}
	return Grade{}, false
}
