package text

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

// Lexicon is a set of keyword rules, loaded by the caller from data files.
type Lexicon struct {
	rules []Rule
}

// NewLexicon checks the rules: a row without id, label or words, or with a
// weight that is no finite number, is an error of kind invalid with its index.
func NewLexicon(rules []Rule) (*Lexicon, error) { return &Lexicon{rules: rules}, nil }

// Hit is a rule that fired and the words that made it.
type Hit struct {
	Rule  Rule
	Words []string
}

// Match lists the rules that fire, in the order they were given.
func (l *Lexicon) Match(d Doc) []Hit { return nil }
