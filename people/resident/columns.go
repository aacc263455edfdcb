package resident

import (
	"slices"
	"strings"
	"unicode"
)

// field is a column of the import, a key of seeds/headers.yaml, or "is:" and the
// code of a special group for columns that ask yes or no.
type field string

// layout says where the table of a sheet begins and which column holds what.
type layout struct {
	first   int // first row of data
	columns map[field]int
	ignored []string // headers of columns that are not read
}

// headerWords maps every evened-out header to its field.
var headerWords = func() map[string]field {
	words := map[string]field{}
	for f, names := range headers {
		for _, n := range names {
			words[evenHeader(n)] = field(f)
		}
	}
	for _, g := range codes.Groups {
		if g.Derived {
			continue
		}
		for _, n := range append([]string{g.Zh}, g.Also...) {
			words["是否"+evenHeader(n)] = field("is:" + g.Code)
		}
	}
	return words
}()

// evenHeader brings a header to the form in which it is compared: without
// spaces, line breaks, stars of required columns and remarks in brackets.
func evenHeader(s string) string {
	s = evenText(s)
	for _, pair := range []string{"()", "（）", "[]", "【】"} {
		open, shut := []rune(pair)[0], []rune(pair)[1]
		if i := strings.IndexRune(s, open); i > 0 {
			if j := strings.IndexRune(s[i:], shut); j > 0 {
				s = s[:i] + s[i+j+len(string(shut)):]
			}
		}
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune("*＊:：、,，.。/\\\"'“”_-", r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// headRows is how far down a table may begin: titles, remarks and merged headers stand above it.
const headRows = 15

// findLayout finds the rows of headers, up to three deep, and maps their columns:
// "联系人" merged over "姓名" and "电话" are the contact's, not the resident's.
// ok is false when the sheet has no column of names.
func findLayout(s *sheet) (best layout, ok bool) {
	for last := 0; last < min(headRows, len(s.rows)); last++ {
		l, own := layoutAt(s, last)
		if _, named := l.columns["name"]; named && own > 0 && len(l.columns) > len(best.columns) {
			best, ok = l, true
		}
	}
	return best, ok
}

// layoutAt maps the columns when the row is the last of the headers; own counts
// the columns that this row itself names.
func layoutAt(s *sheet, last int) (l layout, own int) {
	l = layout{first: last + 1, columns: map[field]int{}}
	width := 0
	for r := max(0, last-2); r <= last; r++ {
		width = max(width, len(s.rows[r]))
	}
	for c := range width {
		f, text, fromLast := fieldAt(s, last, c)
		if taken, again := l.columns[f]; f == "" || again && taken != c {
			if text != "" {
				l.ignored = append(l.ignored, text)
			}
			continue
		}
		l.columns[f] = c
		if fromLast {
			own++
		}
	}
	return l, own
}

// fieldAt tells what the column holds, by its own header and the group headers above it.
func fieldAt(s *sheet, last, c int) (f field, text string, fromLast bool) {
	leaf := evenHeader(s.at(last, c).text)
	groups := []string{above(s, last-1, c), above(s, last-2, c)}
	text = leaf
	for _, g := range groups {
		if g == "" || g == leaf {
			continue
		}
		if text == "" {
			text = g
		}
		if f, ok := headerWords[g+leaf]; ok {
			return f, g + leaf, leaf != ""
		}
		if about := contactField(g, headerWords[leaf]); about != "" {
			return about, g + leaf, true
		}
	}
	if f, ok := headerWords[leaf]; ok {
		return f, leaf, true
	}
	if leaf != "" {
		return "", leaf, true
	}
	// A header merged over two rows stands in the upper one.
	for r := last - 1; r >= max(0, last-2); r-- {
		if own := evenHeader(s.at(r, c).text); own != "" {
			return headerWords[own], own, false
		}
	}
	return "", text, false
}

// above is the group header over a column: its own text in that row, or the next
// text to the left, as files without merged cells write it.
func above(s *sheet, row, c int) string {
	if row < 0 || !grouping(s.rows[row]) {
		return ""
	}
	for ; c >= 0; c-- {
		if text := evenHeader(s.at(row, c).text); text != "" {
			return text
		}
	}
	return ""
}

// grouping tells whether a row holds group headers: a title over the whole table is none.
func grouping(line []cell) bool {
	first := ""
	for _, c := range line {
		text := evenHeader(c.text)
		if first == "" {
			first = text
		} else if text != "" && text != first {
			return true
		}
	}
	return false
}

// contactField tells which field of the contact a plain header means under a group of contacts.
func contactField(group string, leaf field) field {
	if !slices.ContainsFunc([]string{"联系人", "监护人", "家属", "子女"}, func(w string) bool { return strings.Contains(group, w) }) {
		return ""
	}
	return map[field]field{"name": "contact_name", "phone": "contact_phone", "relation": "contact_relation"}[leaf]
}
