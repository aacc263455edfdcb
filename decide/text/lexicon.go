package text

import (
	"math"
	"slices"

	"linli"
)

// Rule is one row of a keyword lexicon: it fires when all words of All, at
// least one of Any (if there are any) and none of None stand in the message.
// Words are compared without white space, case and full-width forms.
type Rule struct {
	ID     string   // names the row in reasons
	Label  string   // what it speaks for
	All    []string // every one must be there
	Any    []string // one must be there
	None   []string // none may be there
	Weight float64  // log-odds of the label against all others together when only this rule fires; 3 = 95 %
}

// Lexicon is a set of keyword rules, loaded by the caller from data files. It
// never changes after NewLexicon.
type Lexicon struct {
	rules  []Rule
	parsed []parsedRule
	words  [][]rune // folded, each once
	auto   *automaton
}

// parsedRule is a Rule in word numbers.
type parsedRule struct{ all, any, none []int }

// NewLexicon checks the rules: a row without id, label or words, with an empty
// word, or with a weight that is no finite number, is an error of kind invalid
// with its index.
func NewLexicon(rules []Rule) (*Lexicon, error) {
	l := &Lexicon{rules: slices.Clone(rules)}
	number := map[string]int{}
	for i, r := range rules {
		switch {
		case r.ID == "":
			return nil, linli.Invalidf("rules", "第 %d 条规则缺少编号", "rule %d has no id", i)
		case r.Label == "":
			return nil, linli.Invalidf("rules", "第 %d 条规则缺少类别", "rule %d has no label", i)
		case len(r.All)+len(r.Any) == 0:
			return nil, linli.Invalidf("rules", "第 %d 条规则没有关键词", "rule %d has no words to look for", i)
		case math.IsNaN(r.Weight) || math.IsInf(r.Weight, 0):
			return nil, linli.Invalidf("rules", "第 %d 条规则的权重不是数字", "rule %d has a weight that is no number", i)
		}
		var p parsedRule
		for _, part := range []struct {
			words []string
			to    *[]int
		}{{r.All, &p.all}, {r.Any, &p.any}, {r.None, &p.none}} {
			for _, w := range part.words {
				rs, _ := fold(w, false)
				if len(rs) == 0 {
					return nil, linli.Invalidf("rules", "第 %d 条规则含空关键词", "rule %d has an empty word", i)
				}
				n, ok := number[string(rs)]
				if !ok {
					n = len(l.words)
					number[string(rs)] = n
					l.words = append(l.words, rs)
				}
				*part.to = append(*part.to, n)
			}
		}
		l.parsed = append(l.parsed, p)
	}
	l.auto = newAutomaton(l.words)
	return l, nil
}

// Hit is a rule that fired and the words that made it.
type Hit struct {
	Rule  Rule
	Words []string
}

// Match lists the rules that fire, in the order they were given.
func (l *Lexicon) Match(d Doc) []Hit {
	var hits []Hit
	for _, f := range l.fire(foldDoc(d)) {
		h := Hit{Rule: l.rules[f.rule]}
		for _, w := range f.words {
			h.Words = append(h.Words, string(l.words[w]))
		}
		hits = append(hits, h)
	}
	return hits
}

// fired is a Hit in numbers.
type fired struct {
	rule  int
	words []int
}

func (l *Lexicon) fire(d folded) []fired {
	if l == nil {
		return nil
	}
	present := make([]bool, len(l.words))
	seen := func(word, _, _ int) { present[word] = true }
	l.auto.find(d.title, seen)
	l.auto.find(d.body, seen)
	var out []fired
	for i, p := range l.parsed {
		if words, ok := p.match(present); ok {
			out = append(out, fired{i, words})
		}
	}
	return out
}

// match tells whether the rule fires and through which words.
func (p parsedRule) match(present []bool) (words []int, ok bool) {
	for _, w := range p.all {
		if !present[w] {
			return nil, false
		}
	}
	for _, w := range p.any {
		if present[w] {
			words = append(words, w)
		}
	}
	if len(p.any) > 0 && len(words) == 0 {
		return nil, false
	}
	for _, w := range p.none {
		if present[w] {
			return nil, false
		}
	}
	return append(append([]int(nil), p.all...), words...), true
}
