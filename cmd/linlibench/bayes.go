package main

import (
	"math"
	"strings"

	"linli/cmd/linlibench/bench"
)

// baselines judges two plain naive Bayes classifiers on the same splits: what
// anybody gets without effort. On segmented rows both read the tokens.
func (c *textCommand) baselines(r *bench.Report, splits []split) {
	type score struct {
		Accuracy bench.Number `json:"accuracy"`
		MacroF1  bench.Number `json:"macro_f1"`
	}
	run := func(terms func(m *message) []string) score {
		var truth, answer []string
		for _, s := range splits {
			b := newBayes()
			for i := range s.train {
				b.add(s.train[i].Label, terms(&s.train[i]))
			}
			for i := range s.test {
				if s.test[i].Label != "" {
					truth = append(truth, s.test[i].Label)
					answer = append(answer, b.answer(terms(&s.test[i])))
				}
			}
		}
		t := compare(truth, answer)
		return score{bench.Number(bench.Round(t.accuracy, 4)), bench.Number(bench.Round(t.macroF1, 4))}
	}
	words := func(m *message) []string { return strings.Fields(m.Tokens) }
	chars := func(m *message) []string {
		s := m.doc.Title + m.doc.Body
		if c.Field == "tokens" || c.Field == "auto" && m.Tokens != "" {
			s = m.Tokens
		}
		return charGrams(s)
	}
	r.Set("baselines", map[string]score{"nb_words": run(words), "nb_chars": run(chars)})
}

// charGrams are the single characters and pairs of a text without spaces.
func charGrams(s string) []string {
	rs := []rune(strings.Join(strings.Fields(s), ""))
	out := make([]string, 0, 2*len(rs))
	for i := range rs {
		out = append(out, string(rs[i]))
		if i+1 < len(rs) {
			out = append(out, string(rs[i:i+2]))
		}
	}
	return out
}

// bayes is multinomial naive Bayes on counts with add-one smoothing over the
// terms of the training part; a term it never met counts as zero under every label.
type bayes struct {
	labels []string // in order of first appearance
	number map[string]int
	rows   []float64
	total  []float64
	counts map[string][]float64 // term → count per label
	n      float64
}

func newBayes() *bayes {
	return &bayes{number: map[string]int{}, counts: map[string][]float64{}}
}

func (b *bayes) add(label string, terms []string) {
	l, ok := b.number[label]
	if !ok {
		l = len(b.labels)
		b.number[label] = l
		b.labels = append(b.labels, label)
		b.rows = append(b.rows, 0)
		b.total = append(b.total, 0)
	}
	b.rows[l]++
	b.n++
	for _, t := range terms {
		c := b.counts[t]
		for len(c) <= l {
			c = append(c, 0)
		}
		c[l]++
		b.counts[t] = c
		b.total[l]++
	}
}

func (b *bayes) answer(terms []string) string {
	z := make([]float64, len(b.labels))
	v := float64(len(b.counts))
	for l := range z {
		z[l] = math.Log(b.rows[l] / b.n)
	}
	for _, t := range terms {
		c := b.counts[t]
		for l := range z {
			n := 0.0
			if l < len(c) {
				n = c[l]
			}
			z[l] += math.Log((n + 1) / (b.total[l] + v))
		}
	}
	best := 0
	for l := range z {
		if z[l] > z[best] {
			best = l
		}
	}
	return b.labels[best]
}
