package device

import (
	"embed"
	"fmt"
	"slices"
	"time"

	"github.com/goccy/go-yaml"
)

//go:embed schema/*.sql
var schema embed.FS

//go:embed seeds/kinds.yaml
var kindsYAML []byte

// Term is a word of a closed list, for screens.
type Term struct {
	Code string `yaml:"code" json:"code"`
	Zh   string `yaml:"zh" json:"zh"`
	En   string `yaml:"en" json:"en"`
}

// Metric is a quantity that devices measure. A value outside Min and Max cannot be
// true. Class says how long it may be kept: sensor, vital or location. Purpose is
// what a person must have agreed to before it is taken about them, "" for none.
type Metric struct {
	Term    `yaml:",inline"`
	Unit    string  `yaml:"unit" json:"unit" doc:"UCUM"`
	Min     float64 `yaml:"min" json:"min"`
	Max     float64 `yaml:"max" json:"max"`
	Class   string  `yaml:"class" json:"class" enum:"sensor,vital,location"`
	Purpose string  `yaml:"purpose" json:"purpose,omitempty"`
}

// Happening is something a device can notice by itself.
type Happening struct {
	Term    `yaml:",inline"`
	Purpose string `yaml:"purpose" json:"purpose,omitempty"`
}

// Setting is a number a device can be asked to work with.
type Setting struct {
	Term `yaml:",inline"`
	Min  float64 `yaml:"min" json:"min"`
	Max  float64 `yaml:"max" json:"max"`
}

// Space says where devices of a kind may be.
type Space string

// The spaces.
const (
	Worn   Space = "worn"   // on a person
	Home   Space = "home"   // inside a dwelling
	Shared Space = "shared" // outside dwellings
	Any    Space = "any"
)

// Kind is a kind of device.
type Kind struct {
	Term      `yaml:",inline"`
	Space     Space    `yaml:"space" json:"space" enum:"worn,home,shared,any"`
	Camera    bool     `yaml:"camera" json:"camera" doc:"looks at pictures, sends none; never in private space"`
	Purpose   string   `yaml:"purpose" json:"purpose,omitempty" doc:"what the person must have agreed to; absent: the device speaks of no person"`
	IntervalS int      `yaml:"interval_s" json:"interval_s" doc:"seconds between two reports"`
	SilentS   int      `yaml:"silent_s" json:"silent_s" doc:"seconds without a report after which the device counts as silent"`
	Metrics   []string `yaml:"metrics" json:"metrics" nullable:"false"`
	Events    []string `yaml:"events" json:"events" nullable:"false"`
	Commands  []string `yaml:"commands" json:"commands" nullable:"false"`
	Settings  []string `yaml:"settings" json:"settings" nullable:"false"`
	Risks     []string `yaml:"risks" json:"risks" nullable:"false" doc:"the risk classes it serves"`
	Source    string   `yaml:"source" json:"source"`
}

// Book is the closed list of what devices can be, measure, notice and do.
type Book struct {
	Metrics  []Metric    `yaml:"metrics" json:"metrics" nullable:"false"`
	Events   []Happening `yaml:"events" json:"events" nullable:"false"`
	Commands []Term      `yaml:"commands" json:"commands" nullable:"false"`
	Settings []Setting   `yaml:"settings" json:"settings" nullable:"false"`
	Kinds    []Kind      `yaml:"kinds" json:"kinds" nullable:"false"`
	Risks    []string    `yaml:"risks" json:"risks" nullable:"false"`

	kinds    map[string]*Kind
	metrics  map[string]*Metric
	events   map[string]*Happening
	settings map[string]*Setting
}

// Kinds is the book built into the binary; nothing changes it.
var Kinds = mustBook(kindsYAML)

func mustBook(text []byte) *Book {
	b, err := ReadBook(text)
	if err != nil {
		panic(err)
	}
	return b
}

// ReadBook parses a book and refuses one that is not closed, that lets a camera into
// private space, or in which something speaks about a person in a home or on a body
// without a purpose to agree to.
func ReadBook(text []byte) (*Book, error) {
	b := &Book{kinds: map[string]*Kind{}, metrics: map[string]*Metric{}, events: map[string]*Happening{}, settings: map[string]*Setting{}}
	if err := yaml.UnmarshalWithOptions(text, b, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("device: kinds: %w", err)
	}
	for i := range b.Metrics {
		m := &b.Metrics[i]
		personal := m.Class == "vital" || m.Class == "location"
		if !slices.Contains([]string{"sensor", "vital", "location"}, m.Class) || m.Min >= m.Max || personal && m.Purpose == "" {
			return nil, fmt.Errorf("device: metric %s: class %q, range %g to %g, purpose %q", m.Code, m.Class, m.Min, m.Max, m.Purpose)
		}
		b.metrics[m.Code] = m
	}
	for i := range b.Events {
		b.events[b.Events[i].Code] = &b.Events[i]
	}
	for i := range b.Settings {
		b.settings[b.Settings[i].Code] = &b.Settings[i]
	}
	for i := range b.Kinds {
		k := &b.Kinds[i]
		if err := b.check(k); err != nil {
			return nil, fmt.Errorf("device: kind %s: %w", k.Code, err)
		}
		b.kinds[k.Code] = k
	}
	return b, nil
}

func (b *Book) check(k *Kind) error {
	switch {
	case b.kinds[k.Code] != nil:
		return fmt.Errorf("stands twice")
	case !slices.Contains([]Space{Worn, Home, Shared, Any}, k.Space):
		return fmt.Errorf("has space %q", k.Space)
	case k.Camera && k.Space != Shared:
		return fmt.Errorf("a camera in private space")
	case (k.Space == Worn || k.Space == Home) && k.Purpose == "":
		return fmt.Errorf("private and without a purpose")
	case k.IntervalS < 1 || k.SilentS <= k.IntervalS:
		return fmt.Errorf("silent after %d s while it reports every %d s", k.SilentS, k.IntervalS)
	case k.Source == "":
		return fmt.Errorf("has no source")
	}
	for _, code := range k.Metrics {
		m := b.metrics[code]
		if m == nil {
			return fmt.Errorf("measures the unknown %q", code)
		}
		if m.Purpose != "" && k.Purpose == "" {
			return fmt.Errorf("measures %s about persons and is of no purpose", code)
		}
	}
	for _, code := range k.Events {
		e := b.events[code]
		if e == nil {
			return fmt.Errorf("notices the unknown %q", code)
		}
		if e.Purpose != "" && k.Purpose == "" {
			return fmt.Errorf("notices %s about persons and is of no purpose", code)
		}
	}
	for _, code := range k.Settings {
		if b.settings[code] == nil {
			return fmt.Errorf("has the unknown setting %q", code)
		}
	}
	for _, code := range k.Commands {
		if !slices.ContainsFunc(b.Commands, func(t Term) bool { return t.Code == code }) {
			return fmt.Errorf("obeys the unknown %q", code)
		}
	}
	for _, code := range k.Risks {
		if !slices.Contains(b.Risks, code) {
			return fmt.Errorf("serves the unknown risk %q", code)
		}
	}
	return nil
}

// silence is how long a device of the kind may be unheard.
func (k *Kind) silence() time.Duration { return time.Duration(k.SilentS) * time.Second }

// metricsOf are the metrics that need the purpose.
func metricsOf(purpose string) (out []string) {
	for _, m := range Kinds.Metrics {
		if m.Purpose == purpose {
			out = append(out, m.Code)
		}
	}
	return out
}
