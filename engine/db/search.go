package db

import (
	"strings"
	"unicode"
)

// Search is a full-text index over texts of one room, found by parts of Chinese
// words: texts are cut into pairs of characters (bigrams), because neither
// engine can cut Chinese into words and trigram indexes miss words of two
// characters. Its tables come from the line {{search NAME}} in a migration,
// NAME with the room's prefix, for example demand_search.
type Search string

// schema is what {{search NAME}} stands for.
func (s Search) schema(d Dialect) []string {
	name := string(s)
	if d == Postgres {
		return []string{
			"CREATE TABLE " + name + " (id TEXT PRIMARY KEY, grams TSVECTOR NOT NULL)",
			"CREATE INDEX " + name + "_grams ON " + name + " USING GIN (grams)",
		}
	}
	return []string{
		"CREATE TABLE " + name + " (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE)",
		"CREATE VIRTUAL TABLE " + name + "_grams USING fts5(grams, content='', contentless_delete=1, detail=none, tokenize='unicode61 remove_diacritics 0')",
	}
}

// Put stores or replaces the text of id.
func (s Search) Put(tx Tx, d Dialect, id, text string) error {
	name := string(s)
	if d == Postgres {
		_, err := tx.Exec(`INSERT INTO `+name+` (id, grams) VALUES ($1, array_to_tsvector(string_to_array(CAST($2 AS TEXT), ' ')))
			ON CONFLICT (id) DO UPDATE SET grams = excluded.grams`, id, Bigrams(text))
		return err
	}
	var n int64
	err := tx.QueryRow(`INSERT INTO `+name+` (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING n`, id).Scan(&n)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT OR REPLACE INTO `+name+`_grams (rowid, grams) VALUES ($1, $2)`, n, Bigrams(text))
	return err
}

// Delete forgets the text of id; a missing one is fine.
func (s Search) Delete(tx Tx, d Dialect, id string) error {
	name := string(s)
	if d == SQLite {
		if _, err := tx.Exec(`DELETE FROM `+name+`_grams WHERE rowid = (SELECT n FROM `+name+` WHERE id = $1)`, id); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`DELETE FROM `+name+` WHERE id = $1`, id)
	return err
}

// Match is the right side of "id IN …" for texts that hold all words of a
// parameter made by Query: "WHERE id IN " + s.Match(d, "$1").
func (s Search) Match(d Dialect, param string) string {
	name := string(s)
	if d == Postgres {
		return "(SELECT id FROM " + name + " WHERE grams @@ CAST(" + param + " AS TSQUERY))"
	}
	return "(SELECT id FROM " + name + " WHERE n IN (SELECT rowid FROM " + name + "_grams WHERE " + name + "_grams MATCH " + param + "))"
}

// Query turns what a person typed into the parameter of Match; ok is false when
// it holds nothing to search for.
func (s Search) Query(d Dialect, typed string) (param string, ok bool) {
	var terms []string
	runs(typed, func(run []rune, han bool) {
		switch {
		case han && len(run) > 1:
			for i := range len(run) - 1 {
				terms = append(terms, quote(d, string(run[i:i+2]), false))
			}
		default: // one character, or the beginning of a word or number
			terms = append(terms, quote(d, string(run), true))
		}
	})
	and := " "
	if d == Postgres {
		and = " & "
	}
	return strings.Join(terms, and), len(terms) > 0
}

// quote writes one term; runs leaves only letters and digits, so nothing needs escaping.
func quote(d Dialect, term string, prefix bool) string {
	switch {
	case d == Postgres && prefix:
		return "'" + term + "':*"
	case d == Postgres:
		return "'" + term + "'"
	case prefix:
		return `"` + term + `" *`
	}
	return `"` + term + `"`
}

// Bigrams cuts a text for the index: pairs of neighboring Chinese characters
// with the last one alone, so that every character begins a term, and whole
// words of other letters and digits in lower case; each term once.
func Bigrams(text string) string {
	seen := map[string]bool{}
	var terms []string
	add := func(term string) {
		if !seen[term] {
			seen[term] = true
			terms = append(terms, term)
		}
	}
	runs(text, func(run []rune, han bool) {
		if !han {
			add(string(run))
			return
		}
		for i := range run {
			add(string(run[i:min(i+2, len(run))]))
		}
	})
	return strings.Join(terms, " ")
}

// runs calls fn for each stretch of Chinese characters and of other letters and digits.
func runs(text string, fn func(run []rune, han bool)) {
	var run []rune
	was := false
	flush := func() {
		if len(run) > 0 {
			fn(run, was)
		}
		run = nil
	}
	for _, r := range text {
		han := unicode.Is(unicode.Han, r)
		if !han && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			flush()
			continue
		}
		if han != was {
			flush()
		}
		was = han
		run = append(run, unicode.ToLower(r))
	}
	flush()
}
