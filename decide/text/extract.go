package text

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"linli"
)

// Kind says what a span is.
type Kind string

// The kinds of spans.
const (
	KindPlace    Kind = "place"    // a name of the gazetteer; Span.Place is set, or "" if several places bear the name
	KindRoad     Kind = "road"     // a road, with or without house number: Value "中山东一路20号"
	KindEstate   Kind = "estate"   // an estate's name that the gazetteer does not know
	KindBuilding Kind = "building" // 栋, 幢, 座, 号楼: Value is its number or letter
	KindEntrance Kind = "entrance" // 单元, 门
	KindFloor    Kind = "floor"    // 楼, 层
	KindDwelling Kind = "dwelling" // 室, 户, 房
	KindTime     Kind = "time"     // Span.Time is set, but zero for what recurs (每天晚上)
	KindAge      Kind = "age"      // Number is years
	KindRole     Kind = "role"     // Value is one of the role codes, e.g. "mother", "elder", "child"
	KindPhone    Kind = "phone"    // Value is digits only, * where masked
	KindIdentity Kind = "identity" // a resident identity number with a right check digit; Value is the number
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
	Estate   string // the gazetteer's name as written, or an estate it does not know
	Road     string
	Number   string // house number on the road
	Building string
	Entrance string
	Floor    string
	Dwelling string
}

// Urgency of a message: 0 can wait, 1 ordinary, 2 soon, 3 danger. Human is set
// when words of danger occur: a person must look at once, whatever the level.
// The rules of its words are danger (3), danger-feared, hazard, need and haste
// (2), soon (1) and wait (0); the first three call a person.
type Urgency struct {
	Level int
	Human bool
	Words []Span // what caused it, the gravest first
}

// Facts is everything Extract found.
type Facts struct {
	Spans   []Span      // in order of From, the longest first
	Known   linli.Place // deepest place of the gazetteer that is meant, or ""
	Place   linli.Place // Known with building, entrance and dwelling appended where they were said
	Address Address
	Wish    linli.Window // when help is wished; zero: not said
	Soon    bool         // 尽快, 马上: as soon as possible
	Urgency Urgency
}

// Name is one name or alias of a place.
type Name struct {
	Text  string
	Place linli.Place
}

// Gazetteer finds the names of places in a message. It never changes after NewGazetteer.
type Gazetteer struct {
	auto   *automaton
	places [][]linli.Place // per name
}

// NewGazetteer builds the automaton. Names shorter than two characters and
// invalid places are an error of kind invalid with their index. Two places may
// share a name: it then counts only where the rest of the message decides.
func NewGazetteer(names []Name) (*Gazetteer, error) {
	g := &Gazetteer{}
	number := map[string]int{}
	var words [][]rune
	for i, n := range names {
		rs, _ := fold(n.Text, false)
		if len(rs) < 2 {
			return nil, linli.Invalidf("names", "第 %d 个地名少于两个字", "name %d has fewer than two characters", i)
		}
		if !n.Place.Valid() {
			return nil, linli.Invalidf("names", "第 %d 个地名的位置编码有误", "name %d has an invalid place", i)
		}
		k, ok := number[string(rs)]
		if !ok {
			k = len(words)
			number[string(rs)] = k
			words = append(words, rs)
			g.places = append(g.places, nil)
		}
		if !slices.Contains(g.places[k], n.Place) {
			g.places[k] = append(g.places[k], n.Place)
		}
	}
	g.auto = newAutomaton(words)
	return g, nil
}

// Extract reads the message against a gazetteer (may be nil) and the moment it
// was written. Times are in Asia/Shanghai.
func Extract(d Doc, g *Gazetteer, now time.Time) Facts {
	x := newReader(d, now)
	x.places(g)
	x.phones()
	x.times()
	x.addresses()
	x.ages()
	x.roles()
	x.counts()
	x.urgency()
	slices.SortStableFunc(x.spans, func(a, b Span) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(b.To, a.To), cmp.Compare(a.Kind, b.Kind))
	})
	f := Facts{Spans: x.spans}
	f.locate(x.ambiguous)
	x.wish(&f)
	f.judge()
	return f
}

// reader is a message being read: its runes, and their folded form in which
// all rules match. The title and the body are apart by a line feed.
type reader struct {
	now       time.Time
	rs        []rune  // as written
	f         []rune  // folded
	pos       []int32 // place in rs of each folded rune
	taken     []bool  // folded runes that a span has used up
	spans     []Span
	wishes    []wished
	named     map[int]bool          // folded positions right behind the name of a place, estate or road
	ambiguous map[int][]linli.Place // by From: places that share the name
}

func newReader(d Doc, now time.Time) *reader {
	x := &reader{now: now.In(linli.Shanghai), rs: []rune(d.Text()), ambiguous: map[int][]linli.Place{}, named: map[int]bool{}}
	x.f, x.pos = fold(d.Title, true)
	if d.Title != "" && d.Body != "" {
		shift := int32(len([]rune(d.Title)))
		x.f, x.pos = append(x.f, '\n'), append(x.pos, shift)
		body, at := fold(d.Body, true)
		x.f = append(x.f, body...)
		for _, p := range at {
			x.pos = append(x.pos, p+shift+1)
		}
	} else if d.Title == "" {
		x.f, x.pos = fold(d.Body, true)
	}
	x.taken = make([]bool, len(x.f))
	return x
}

// gap tells whether something was left out before the folded rune i.
func (x *reader) gap(i int) bool { return i > 0 && i < len(x.pos) && x.pos[i] != x.pos[i-1]+1 }

// emit adds the span of folded runes [from, to) and marks them as used.
func (x *reader) emit(from, to int, s Span) {
	s.From, s.To = int(x.pos[from]), int(x.pos[to-1])+1
	s.Text = string(x.rs[s.From:s.To])
	x.spans = append(x.spans, s)
	for i := from; i < to; i++ {
		x.taken[i] = true
	}
	if s.Kind == KindPlace || s.Kind == KindEstate || s.Kind == KindRoad {
		x.named[to] = true
	}
}

func (x *reader) free(from, to int) bool { return !slices.Contains(x.taken[from:to], true) }

// at is the folded rune i, or 0 outside.
func (x *reader) at(i int) rune {
	if i < 0 || i >= len(x.f) {
		return 0
	}
	return x.f[i]
}

// lit matches the first of the words that stands at i and gives its end.
func (x *reader) lit(i int, words ...string) (end int, word string) {
	for _, w := range words {
		k := i
		for _, r := range w {
			if x.at(k) != r {
				k = -1
				break
			}
			k++
		}
		if k >= 0 {
			return k, w
		}
	}
	return 0, ""
}

// runeSet answers whether a rune is among a few.
type runeSet map[rune]bool

func newRuneSet(s string) runeSet {
	set := runeSet{}
	for _, r := range s {
		set[r] = true
	}
	return set
}

func (s runeSet) has(r rune) bool { return s[r] }

// clause is the part of the message around [from, to) up to the next
// punctuation, 40 runes at most on either side.
func (x *reader) clause(from, to int) (low, high int) {
	stop := func(r rune) bool { return strings.ContainsRune("\n。！？；,!?;", r) }
	for low = from; low > 0 && from-low < 40 && !stop(x.f[low-1]); low-- {
	}
	for high = to; high < len(x.f) && high-to < 40 && !stop(x.f[high]); high++ {
	}
	return low, high
}

// occurrences finds words of a list, the longest where they overlap.
func (x *reader) occurrences(a *automaton) []hit {
	var all []hit
	a.find(x.f, func(w, from, to int) { all = append(all, hit{w, from, to}) })
	return leftmostLongest(all)
}

type hit struct{ word, from, to int }

func leftmostLongest(all []hit) []hit {
	slices.SortStableFunc(all, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to))
	})
	kept, end := all[:0], 0
	for _, h := range all {
		if h.from >= end {
			kept = append(kept, h)
			end = h.to
		}
	}
	return kept
}

func (x *reader) places(g *Gazetteer) {
	if g == nil {
		return
	}
	for _, h := range x.occurrences(g.auto) {
		s := Span{Kind: KindPlace, Rule: "gazetteer", Value: string(x.f[h.from:h.to])}
		if ps := g.places[h.word]; len(ps) == 1 {
			s.Place = ps[0]
		} else {
			s.Rule = "gazetteer-ambiguous"
			x.ambiguous[int(x.pos[h.from])] = ps
		}
		x.emit(h.from, h.to, s)
	}
}

// phones finds mobile numbers (also masked or in groups), landlines, service
// numbers and identity numbers.
func (x *reader) phones() {
	for i := 0; i < len(x.f); i++ {
		if !isDigit(x.f[i]) || isDigit(x.at(i-1)) && !x.gap(i) {
			continue
		}
		// Collect digits and stars; a gap or hyphen may stand between groups.
		var value []rune
		var ends []int // end after each digit
		for k := i; k < len(x.f) && len(value) < 19; k++ {
			r := x.f[k]
			if r == '-' && len(value) > 0 && (isDigit(x.at(k+1)) || x.at(k+1) == '*') {
				continue
			}
			if !isDigit(r) && r != '*' && !(r == 'x' && len(value) == 17) {
				break
			}
			value = append(value, r)
			ends = append(ends, k+1)
		}
		// alone: the number must not run on without a break.
		alone := func(n int) bool {
			return len(value) >= n && (len(value) == n || x.gap(ends[n-1]) || x.f[ends[n-1]] == '-')
		}
		v := string(value)
		n, kind, rule := 0, KindPhone, ""
		switch {
		case alone(18) && validIdentity(v[:18]):
			n, kind, rule = 18, KindIdentity, "identity"
		case alone(11) && v[0] == '1' && v[1] >= '3' && v[1] <= '9':
			n, rule = 11, "mobile"
		case alone(10) && (v[:3] == "400" || v[:3] == "800"):
			n, rule = 10, "service-number"
		case v[0] == '0' && alone(12) && !strings.Contains(v, "*"):
			n, rule = 12, "landline"
		case v[0] == '0' && alone(11) && !strings.Contains(v, "*"):
			n, rule = 11, "landline"
		case (alone(8) || alone(7)) && x.afterPhoneWord(i):
			if n, rule = 7, "landline-local"; alone(8) {
				n = 8
			}
		}
		if n > 0 && x.free(i, ends[n-1]) {
			x.emit(i, ends[n-1], Span{Kind: kind, Rule: rule, Value: v[:n]})
			i = ends[n-1] - 1
		}
	}
}

func (x *reader) afterPhoneWord(i int) bool {
	s := string(x.f[max(0, i-4):i])
	return strings.Contains(s, "电话") || strings.Contains(s, "座机") || strings.Contains(s, "致电")
}

// validIdentity checks the last digit of GB 11643 by ISO 7064 MOD 11-2.
func validIdentity(s string) bool {
	sum, weight := 0, 1
	for i := len(s) - 1; i >= 0; i-- {
		d := 10 // x, allowed in the last place only
		if s[i] != 'x' {
			if d = int(s[i]) - '0'; d < 0 || d > 9 {
				return false
			}
		}
		sum += d * weight
		weight = weight * 2 % 11
	}
	return sum%11 == 1
}

// ages finds 82岁, 八十多岁, 年近八旬, 6个月大.
func (x *reader) ages() {
	for i := 0; i < len(x.f); i++ {
		v, end, _, ok := x.numeral(i)
		if !ok {
			continue
		}
		years, stop, rule := float64(v), 0, "age"
		k := end
		if e, _ := x.lit(k, "多", "来", "几"); e > 0 {
			k = e
		}
		if e, w := x.lit(k, "周岁", "虚岁", "岁", "个月大", "旬"); e > 0 {
			stop = e
			switch w {
			case "个月大":
				years, rule = years/12, "age-months"
			case "旬":
				years, rule = years*10, "age-decade"
				if prev := x.at(i - 1); v < 6 || v > 10 || prev == '月' {
					stop = 0 // 上旬, 中旬: part of a month
				}
			}
		}
		if stop > 0 && years <= 120 && x.free(i, stop) {
			x.emit(i, stop, Span{Kind: KindAge, Rule: rule, Value: strconv.FormatFloat(years, 'f', -1, 64), Number: years})
		}
		i = max(i, end-1)
	}
}

var roleAutomaton, roleCodes = func() (*automaton, []string) {
	var codes []string
	var words [][]rune
	for _, code := range slices.Sorted(maps.Keys(roleWords)) {
		for _, w := range roleWords[code] {
			words = append(words, []rune(w))
			codes = append(codes, code)
		}
	}
	return newAutomaton(words), codes
}()

func (x *reader) roles() {
	for _, h := range x.occurrences(roleAutomaton) {
		if x.free(h.from, h.to) {
			x.emit(h.from, h.to, Span{Kind: KindRole, Rule: "role", Value: roleCodes[h.word]})
		}
	}
}

func (x *reader) counts() {
	for i := 0; i < len(x.f); i++ {
		v, end, chinese, ok := x.numeral(i)
		if !ok {
			continue
		}
		k := end
		if e, _ := x.lit(k, "多", "余", "来"); e > 0 {
			k = e
		}
		stop, measure := x.lit(k, measures...)
		if prev := x.at(i - 1); measure != "" && (prev == '第' || prev == '.' || chinese && v == 1 && measure == "次") {
			measure = "" // 第三次, 3.5米, 一次: no count
		}
		if measure != "" && x.free(i, stop) {
			x.emit(i, stop, Span{Kind: KindCount, Rule: "count", Value: measure, Number: float64(v)})
		}
		i = max(i, end-1)
	}
}

// urgentWord is what a word of urgency means.
type urgentWord struct {
	level int
	rule  string
}

var urgentAutomaton, urgentLevels = func() (*automaton, []urgentWord) {
	var words [][]rune
	var levels []urgentWord
	for _, part := range []struct {
		urgentWord
		list []string
	}{
		{urgentWord{3, "danger"}, dangerWord}, {urgentWord{2, "hazard"}, hazardWord}, {urgentWord{2, "need"}, needWords},
		{urgentWord{2, "haste"}, haste}, {urgentWord{1, "soon"}, soonWords}, {urgentWord{0, "wait"}, waitWords},
	} {
		for _, w := range part.list {
			words = append(words, []rune(w))
			levels = append(levels, part.urgentWord)
		}
	}
	return newAutomaton(words), levels
}()

// urgency finds its words. They may overlap other spans: 老人摔倒 is a role and a danger.
func (x *reader) urgency() {
	for _, h := range x.occurrences(urgentAutomaton) {
		u := urgentLevels[h.word]
		if u.rule == "danger" {
			low, high := x.clause(h.from, h.to)
			around := string(x.f[low:h.from]) + "\n" + string(x.f[h.to:high])
			before := string(x.f[max(low, h.from-2):h.from])
			if strings.ContainsAny(before, "没未无") || slices.ContainsFunc(tameWords, func(w string) bool { return strings.Contains(around, w) }) {
				u = urgentWord{2, "danger-feared"}
			}
		}
		x.emit(h.from, h.to, Span{Kind: KindUrgent, Rule: u.rule, Value: string(x.f[h.from:h.to]), Number: float64(u.level)})
	}
}

// judge sums the words of urgency up.
func (f *Facts) judge() {
	level := -1
	for _, s := range f.Spans {
		if s.Kind != KindUrgent {
			continue
		}
		f.Urgency.Words = append(f.Urgency.Words, s)
		level = max(level, int(s.Number))
		switch s.Rule {
		case "danger", "danger-feared", "hazard":
			f.Urgency.Human = true
		case "soon", "haste":
			f.Soon = true
		}
	}
	if level < 0 {
		level = 1 // nothing said: ordinary
	}
	f.Urgency.Level = level
	slices.SortStableFunc(f.Urgency.Words, func(a, b Span) int { return cmp.Compare(b.Number, a.Number) })
}

// locate decides which place is meant and joins the parts of the address to it.
func (f *Facts) locate(ambiguous map[int][]linli.Place) {
	// A name that several places bear counts when another name of the message
	// contains exactly one of them.
	for i, s := range f.Spans {
		ps := ambiguous[s.From]
		if s.Kind != KindPlace || s.Place != "" {
			continue
		}
		var fit []linli.Place
		for _, p := range ps {
			if slices.ContainsFunc(f.Spans, func(t Span) bool {
				return t.Kind == KindPlace && t.Place != "" && t.Place != p && (t.Place.Contains(p) || p.Contains(t.Place))
			}) {
				fit = append(fit, p)
			}
		}
		if len(fit) == 1 {
			f.Spans[i].Place, f.Spans[i].Rule = fit[0], "gazetteer-decided"
		}
	}
	at := -1
	for i, s := range f.Spans {
		if s.Kind == KindPlace && s.Place.Depth() > f.Known.Depth() {
			f.Known, at = s.Place, i
			f.Address.Estate = s.Text
		}
	}
	// The parts that follow the place count first, those before it as a fallback.
	parts := map[Kind]string{}
	for _, half := range [][]Span{f.Spans[at+1:], f.Spans[:at+1]} {
		for _, s := range half {
			if _, known := parts[s.Kind]; !known && s.Value != "" {
				parts[s.Kind] = s.Value
			}
		}
	}
	a := &f.Address
	a.Building, a.Entrance, a.Floor, a.Dwelling = parts[KindBuilding], parts[KindEntrance], parts[KindFloor], parts[KindDwelling]
	a.Road, a.Number = splitRoad(parts[KindRoad])
	if a.Estate == "" {
		a.Estate = parts[KindEstate]
	}
	f.Place = f.Known
	for _, part := range []struct {
		depth int
		value string
	}{{linli.DepthBuilding, a.Building}, {linli.DepthEntrance, a.Entrance}, {linli.DepthDwelling, a.Dwelling}} {
		if longer := f.Place + linli.Place("/"+part.value); part.value != "" && f.Place.Depth() == part.depth-1 && longer.Valid() {
			f.Place = longer
		}
	}
}
