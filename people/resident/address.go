package resident

import (
	"regexp"
	"strings"

	"linli"
)

// addresses resolves written addresses to places by the names in use.
type addresses struct {
	names map[string][]named // by the first two characters
}

type named struct {
	name  string
	place linli.Place
	plain bool // "3号楼": says nothing without its estate
}

var plainBuilding = regexp.MustCompile(`^[0-9]+[A-Z]?(号楼|幢|栋|座|号)$`)

// newAddresses indexes the names of estates and buildings inside the place.
func newAddresses(gazetteer []linli.NamedPlace, within linli.Place) *addresses {
	a := &addresses{names: map[string][]named{}}
	for _, n := range gazetteer {
		if d := n.Place.Depth(); d != linli.DepthEstate && d != linli.DepthBuilding || !within.Contains(n.Place) {
			continue
		}
		name := evenAddress(n.Name)
		if key := lead(name); key != "" {
			a.names[key] = append(a.names[key], named{name, n.Place, plainBuilding.MatchString(name)})
		}
	}
	return a
}

// lead is the first two characters of a text, "" when it is shorter.
func lead(s string) string {
	r := []rune(s)
	if len(r) < 2 {
		return ""
	}
	return string(r[:2])
}

// evenAddress brings an address to the form in which it is compared.
func evenAddress(s string) string {
	return strings.ToUpper(strings.Join(strings.Fields(evenText(s)), ""))
}

var (
	buildingForm = regexp.MustCompile(`^(?:第)?([0-9]+[A-Z]?)(?:号楼|幢|栋|座|号)?`)
	unitForm     = regexp.MustCompile(`([0-9]+|[一二三四五六七八九十]|[甲乙丙丁])(?:单元|门)`)
	roomForm     = regexp.MustCompile(`([0-9]{1,4}[A-Z]?)(?:室|房|户|号房)?$`)
	dashForm     = regexp.MustCompile(`^([0-9]+[A-Z]?)-(?:([0-9]+)-)?([0-9]{1,4}[A-Z]?)(?:室)?$`)
)

var chineseDigits = map[string]string{"一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9", "十": "10", "甲": "1", "乙": "2", "丙": "3", "丁": "4"}

// written is an address as the columns of a register give it; parts may be empty.
type written struct{ address, estate, building, unit, room string }

// find resolves an address as deep as the register allows: "外滩小区3号楼2单元302室"
// is a dwelling of building 3 when estate and building are known. An address
// without any name of the register is read as inside base, when that is an estate
// or a building; else ok is false.
func (a *addresses) find(w written, base linli.Place) (place linli.Place, ok bool) {
	text := evenAddress(w.address)
	if w.estate != "" {
		text = evenAddress(w.estate) + number(w.building, "号楼") + number(w.unit, "单元") + number(w.room, "室")
	}
	found, rest, ok := a.longest(text)
	if !ok {
		if base.Depth() < linli.DepthEstate || base.Depth() > linli.DepthBuilding {
			return "", false
		}
		found, rest = base, text
	}
	if found.Depth() == linli.DepthEstate {
		m := dashForm.FindStringSubmatch(rest)
		if m != nil { // 3-2-302
			rest = number(m[1], "号楼") + number(m[2], "单元") + number(m[3], "室")
		}
		b := buildingForm.FindStringSubmatch(rest)
		if b == nil {
			return found, true
		}
		building, known := a.building(found, b[1])
		if !known {
			return found, true
		}
		found, rest = building, rest[len(b[0]):]
	}
	unit := "1" // many buildings have one entrance and do not name it
	if m := unitForm.FindStringSubmatchIndex(rest); m != nil {
		unit, rest = rest[m[2]:m[3]], rest[m[1]:]
		if d, ok := chineseDigits[unit]; ok {
			unit = d
		}
	}
	room := roomForm.FindStringSubmatch(strings.TrimLeft(rest, "-"))
	if room == nil {
		return found, true
	}
	dwelling := found + "/" + linli.Place(unit) + "/" + linli.Place(room[1])
	if !dwelling.Valid() {
		return found, true
	}
	return dwelling, true
}

// number writes a part of an address with its word unless it has one: 3 is 3号楼.
func number(s, word string) string {
	s = evenAddress(s)
	if plainNumberName.MatchString(s) {
		return s + word
	}
	return s
}

// longest finds the longest known name in the text, the later one of equal length
// being deeper in the address, and what follows it. Of several places of one name
// only what they have in common counts: nobody is put into a guessed building.
func (a *addresses) longest(text string) (place linli.Place, rest string, ok bool) {
	best, end := 0, 0
	for i := range text {
		for _, n := range a.names[lead(text[i:min(len(text), i+8)])] {
			stop := i + len(n.name)
			if n.plain || len(n.name) < best || !strings.HasPrefix(text[i:], n.name) || cutsNumber(text, stop) {
				continue
			}
			if stop == end {
				place = common(place, n.place)
				continue
			}
			best, end, place = len(n.name), stop, n.place
		}
	}
	if best == 0 || place.Depth() < linli.DepthEstate {
		return "", "", false
	}
	return place, text[end:], true
}

// common is the smallest place that holds both.
func common(a, b linli.Place) linli.Place {
	for !a.Contains(b) {
		a = a.Parent()
	}
	return a
}

// cutsNumber tells whether a name ends within a number: 中山路1 is not in 中山路12号.
func cutsNumber(text string, end int) bool {
	return end > 0 && end < len(text) && text[end-1] >= '0' && text[end-1] <= '9' && text[end] >= '0' && text[end] <= '9'
}

// building finds building "3" of an estate: by its name 3号楼, 3幢 … or by its code.
func (a *addresses) building(estate linli.Place, no string) (linli.Place, bool) {
	for _, word := range []string{"号楼", "幢", "栋", "座", "号"} {
		name := no + word
		for _, n := range a.names[lead(name)] {
			if n.name == name && estate.Contains(n.place) && n.place != estate {
				return n.place, true
			}
		}
	}
	return "", false
}
