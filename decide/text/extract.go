package text

import (
	"time"

	"linli"
)

// Kind says what a span is.
type Kind string

// The kinds of spans.
const (
	KindPlace    Kind = "place"    // a name of the gazetteer; Span.Place is set
	KindRoad     Kind = "road"     // a road, with or without house number: Value "中山东一路 20号"
	KindEstate   Kind = "estate"   // an estate's name that the gazetteer does not know
	KindBuilding Kind = "building" // 栋, 幢, 号楼: Value is the number
	KindEntrance Kind = "entrance" // 单元, 门
	KindDwelling Kind = "dwelling" // 室, 户
	KindTime     Kind = "time"     // Span.Time is set
	KindAge      Kind = "age"      // Number is years
	KindRole     Kind = "role"     // Value is one of the role codes, e.g. "mother", "elder", "child"
	KindPhone    Kind = "phone"    // Value is digits only
	KindCount    Kind = "count"    // Number with its measure word in Value: 人, 户, 天 ...
	KindUrgent   Kind = "urgent"   // a word that sets the urgency; Number is its level
)

// Span is one thing found. From and To count the runes of Doc.Text, To excluded;
// Text is exactly these runes, never normalized.
type Span struct {
	From, To int
	Kind     Kind
	Rule     string       // id of the rule that found it
	Text     string       // as written
	Value    string       // normalized
	Number   float64      // for counts, ages and urgency
	Place    linli.Place  // for KindPlace
	Time     linli.Window // for KindTime
}

// Address is the finest address of the message, part by part as normalized
// values; empty parts were not said.
type Address struct {
	Estate   string // as written, or the gazetteer's name
	Road     string
	Number   string
	Building string
	Entrance string
	Dwelling string
}

// Urgency of a message: 0 can wait, 1 ordinary, 2 soon, 3 danger. Human is set
// when words of danger occur: a person must look at once, whatever the level.
type Urgency struct {
	Level int
	Human bool
	Words []Span
}

// Facts is everything Extract found.
type Facts struct {
	Spans   []Span       // in order of From, then longest first
	Known   linli.Place  // deepest place of the gazetteer, or ""
	Place   linli.Place  // Known with building, entrance and dwelling appended where they were said
	Address Address      //
	Wish    linli.Window // when help is wished; zero: not said
	Soon    bool         // 尽快, 马上: as soon as possible
	Urgency Urgency
}

// Name is one name or alias of a place.
type Name struct {
	Text  string
	Place linli.Place
}

// Gazetteer finds the names of places in a message.
type Gazetteer struct{}

// NewGazetteer builds the automaton. Empty names and invalid places are an
// error of kind invalid with their index; two places may share a name, then
// neither is taken unless the rest of the message decides.
func NewGazetteer(names []Name) (*Gazetteer, error) { return &Gazetteer{}, nil }

// Extract reads the message against a gazetteer (may be nil) and the moment it
// was written. Times are in Asia/Shanghai.
func Extract(d Doc, g *Gazetteer, now time.Time) Facts { return Facts{} }
