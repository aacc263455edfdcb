package text

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"
	"strings"
	"sync"

	"linli"
)

// Options say how a model is made. The zero value gives the defaults named below.
type Options struct {
	MinN, MaxN int      // lengths of the character n-grams, default 1 and 3; without rows 1 and 2
	Bits       int      // 2^Bits hash buckets, 10 to 24, default 20; 16 to 18 suit a model without many rows
	MinDocs    int      // n-grams in fewer rows are dropped; default 1 below 1,000 rows, rising to 6 from 5,000
	Cost       float64  // penalty C of the linear SVM, default 1
	Folds      int      // held-out folds for the calibration, default 3; fewer than 2 rows a fold: none
	Error      float64  // stated error among accepted answers, default 0.05: sets the reject threshold
	Threshold  float64  // reject threshold when there are no rows to derive it from, default 0.6
	Seed       uint64   // order of the coordinate descent, default 1
	Threads    int      // labels trained at once, default 1; no number changes the model
	Labels     []string // labels that may be answered although no row has them
	Lexicon    *Lexicon // keyword rules added to the learned score by log-odds, may be nil
}

func (o Options) complete(rows int) (Options, error) {
	o.MinN = cmp.Or(o.MinN, 1)
	if o.MaxN == 0 {
		// On the training folds of 7,229 messages 1-3 beat 1-2 by 0.002 macro-F1 (raw
		// texts 0.005). Learning from few corrections, triples only dilute.
		if o.MaxN = max(o.MinN, 3); rows == 0 {
			o.MaxN = max(o.MinN, 2)
		}
	}
	o.Bits = cmp.Or(o.Bits, 20)
	o.Cost = cmp.Or(o.Cost, 1)
	o.Folds = cmp.Or(o.Folds, 3)
	o.Error = cmp.Or(o.Error, 0.05)
	o.Threshold = cmp.Or(o.Threshold, 0.6)
	o.Seed = cmp.Or(o.Seed, 1)
	if o.MinDocs == 0 {
		// Rare n-grams are mostly names and noise, but a small set has no others.
		// 2, 3, 5 and 8 were tried on the training folds of 7,229 rows.
		o.MinDocs = min(6, 1+rows/1000)
	}
	switch {
	case o.MinN < 1 || o.MaxN < o.MinN || o.MaxN > 8:
		return o, linli.Invalid("ngrams", "字串长度须在 1 到 8 之间", "n-gram lengths must lie between 1 and 8")
	case o.Bits < 10 || o.Bits > 24:
		return o, linli.Invalid("bits", "哈希位数须在 10 到 24 之间", "bits must lie between 10 and 24")
	case !(o.Cost > 0) || math.IsInf(o.Cost, 0):
		return o, linli.Invalid("cost", "惩罚系数须大于 0", "cost must be above 0")
	case !(o.Error > 0 && o.Error < 1) || !(o.Threshold > 0 && o.Threshold <= 1):
		return o, linli.Invalid("error", "错误率和阈值须在 0 与 1 之间", "error and threshold must lie between 0 and 1")
	case o.MinDocs < 0 || o.Folds < 0:
		return o, linli.Invalid("folds", "折数和最少条数不能为负", "folds and least rows cannot be negative")
	}
	return o, nil
}

// Model answers which label a message has. It is made of batch weights (from
// Train), keyword rules (Options.Lexicon) and the corrections made since, any
// of which may be missing. All methods may be called at the same time.
type Model struct {
	labels    []string // byte order
	hash      hasher
	batch     *batch // nil without rows
	lexicon   *Lexicon
	ruleLabel []int // label of each rule, -1 if the model does not have it
	threshold float64
	digest    string

	teaching    sync.Mutex   // held while corrections change: one at a time
	mu          sync.RWMutex // guards the rest; never held for long
	head        *head
	corrections []correction
}

// correction is what is kept of one: hashes, never the words.
type correction struct {
	id    string
	label int
	grams []counted
	rules []int // that fired
}

// Train makes a model from labeled messages. The order of the rows changes
// nothing. Rows without text are allowed. An error of kind invalid names a row
// without a label or an option out of range.
func Train(docs []Doc, labels []string, o Options) (*Model, error) {
	if len(docs) != len(labels) {
		return nil, linli.Invalid("labels", "标签数与消息数不一致", "there must be one label per message")
	}
	for i, l := range labels {
		if l == "" {
			return nil, linli.Invalidf("labels", "第 %d 条消息没有标签", "row %d has no label", i)
		}
	}
	o, err := o.complete(len(docs))
	if err != nil {
		return nil, err
	}
	m := &Model{hash: hasher{o.MinN, o.MaxN, o.Bits}, lexicon: o.Lexicon, threshold: o.Threshold}
	m.labels = slices.Concat(labels, o.Labels)
	slices.Sort(m.labels)
	m.labels = slices.Compact(m.labels)
	if i := slices.Index(m.labels, ""); i >= 0 {
		return nil, linli.Invalid("labels", "标签不能为空", "a label cannot be empty")
	}
	m.head = newHead(len(m.labels))
	m.bindRules()

	// Sorted by content, so that the order in which they were read is forgotten.
	type row struct {
		sum   [sha256.Size]byte
		at    int
		label int
	}
	rows := make([]row, len(docs))
	for i, d := range docs {
		l, _ := slices.BinarySearch(m.labels, labels[i])
		rows[i] = row{sha256.Sum256([]byte(labels[i] + "\x00" + d.Title + "\x00" + d.Body)), i, l}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return slices.Compare(a.sum[:], b.sum[:]) })

	sum := sha256.New()
	for _, n := range []float64{float64(o.MinN), float64(o.MaxN), float64(o.Bits), float64(o.MinDocs), o.Cost, float64(o.Folds), o.Error, o.Threshold, float64(o.Seed)} {
		binary.Write(sum, binary.LittleEndian, n)
	}
	sum.Write([]byte(strings.Join(m.labels, "\x00")))
	for _, r := range rows {
		sum.Write(r.sum[:])
	}
	sum.Write(appendLexicon(nil, m.lexicon))
	m.digest = hex.EncodeToString(sum.Sum(nil))[:16]
	if len(rows) == 0 {
		return m, nil
	}

	grams := make([][]counted, len(rows))
	label := make([]int, len(rows))
	for i, r := range rows {
		grams[i] = m.hash.count(foldDoc(docs[r.at]))
		label[i] = r.label
	}
	whole := fit(grams, label, nil, o, nil)
	m.batch = whole.batch

	var held []heldOut
	if o.Folds > 1 && len(rows) >= 2*o.Folds {
		for k := range o.Folds {
			// Rows are in the order of a cryptographic hash: every k-th is a fair draw.
			part := fit(grams, label, func(i int) bool { return i%o.Folds == k }, o, whole)
			for i := k; i < len(rows); i += o.Folds {
				at, ok := slices.BinarySearch(m.batch.labels, label[i])
				if ok && slices.Equal(part.labels, m.batch.labels) {
					held = append(held, heldOut{part.scores(part.row(grams[i])), at})
				}
			}
		}
	}
	m.batch.a, m.batch.b = calibrate(held, len(m.batch.labels))
	// A label without rows is as likely as half a row among all.
	m.batch.unseen = -math.Log(2 * float64(len(rows)+1))
	if len(held) > 0 {
		// A calibrated probability of 1 - Error is good enough, even where the
		// held-out rows were all right down to a higher one. Labels without rows
		// take their share of every probability.
		t := min(threshold(held, m.batch.a, m.batch.b, o.Error), 1-o.Error)
		m.threshold = t / (1 + float64(len(m.labels)-len(m.batch.labels))*math.Exp(m.batch.unseen))
	}
	return m, nil
}

// New makes a model without training rows: it answers from the rules and from
// the corrections it will be given.
func New(labels []string, o Options) (*Model, error) {
	o.Labels = slices.Concat(o.Labels, labels)
	return Train(nil, nil, o)
}

// bindRules finds the label of each rule. Rules for other labels never count.
func (m *Model) bindRules() {
	m.ruleLabel = nil
	if m.lexicon != nil {
		for _, r := range m.lexicon.rules {
			l, ok := slices.BinarySearch(m.labels, r.Label)
			if !ok {
				l = -1
			}
			m.ruleLabel = append(m.ruleLabel, l)
		}
	}
}

// Labels lists what the model may answer, in byte order.
func (m *Model) Labels() []string { return slices.Clone(m.labels) }

// Digest names the training rows, rules and options in 16 hex digits; corrections do not change it.
func (m *Model) Digest() string { return m.digest }

// Answer is what Classify knows about one message.
type Answer struct {
	Scores    []Score // every label, the most probable first; probabilities sum to 1
	Threshold float64 // least probability of the first label that counts as an answer
	Reject    bool    // the first label is below the threshold: let a person decide
}

// Score is the probability of one label. Reasons are given for the first three labels only.
type Score struct {
	Label   string
	P       float64
	Reasons []Reason
}

// Sources of a Reason.
const (
	FromRule       = "rule"       // a keyword rule fired; Text holds its words, Rule its id
	FromBatch      = "batch"      // an n-gram weighed by the batch training
	FromCorrection = "correction" // an n-gram weighed by the corrections
)

// Reason is one part of a score: words of the message and how much they speak
// for the label (above 0) or against it, in log-odds.
type Reason struct {
	Source string
	Rule   string
	Text   string
	Weight float64
}

// Best is the first score, or the zero Score when the model has no labels.
func (a Answer) Best() Score {
	if len(a.Scores) == 0 {
		return Score{}
	}
	return a.Scores[0]
}

// Grouped sums the probabilities of labels with the same parent (specs into
// items), the most probable parent first. The reasons are those of its labels.
func (a Answer) Grouped(parent func(label string) string) []Score {
	var out []Score
	at := map[string]int{}
	for _, s := range a.Scores {
		p := parent(s.Label)
		i, ok := at[p]
		if !ok {
			i = len(out)
			at[p] = i
			out = append(out, Score{Label: p})
		}
		out[i].P += s.P
		out[i].Reasons = append(out[i].Reasons, s.Reasons...)
	}
	sortScores(out)
	return out
}

func sortScores(s []Score) {
	slices.SortStableFunc(s, func(a, b Score) int {
		if c := cmp.Compare(b.P, a.P); c != 0 {
			return c
		}
		return cmp.Compare(a.Label, b.Label)
	})
}

// Classify answers for one message.
func (m *Model) Classify(d Doc) Answer {
	a := Answer{Threshold: m.threshold, Reject: true}
	if len(m.labels) == 0 {
		return a
	}
	f := foldDoc(d)
	cs := m.hash.count(f)
	fires := m.lexicon.fire(f)
	rules := make([]int, len(fires))
	for i, hit := range fires {
		rules[i] = hit.rule
	}
	z, learned := m.offset(cs, rules)
	m.mu.RLock()
	defer m.mu.RUnlock()
	var x []weighted
	if len(m.corrections) > 0 {
		x = m.vector(cs)
		m.head.add(x, z)
	}
	softmax(z)
	a.Scores = make([]Score, len(z))
	for l, p := range z {
		a.Scores[l] = Score{Label: m.labels[l], P: p}
	}
	sortScores(a.Scores)
	a.Reject = a.Scores[0].P < m.threshold
	m.explain(&a, f, fires, learned, x)
	return a
}

// offset holds the logits of the batch and of the rules that fired, per label;
// and the batch's vector of the message, for the reasons.
func (m *Model) offset(cs []counted, rules []int) (z []float64, learned sparse) {
	z = make([]float64, len(m.labels))
	if b := m.batch; b != nil {
		learned = b.row(cs)
		for l := range z {
			z[l] = b.unseen
		}
		for j, v := range b.logits(b.scores(learned)) {
			z[b.labels[j]] = v
		}
	}
	fired := make([]bool, len(m.labels))
	for _, r := range rules {
		if l := m.ruleLabel[r]; l >= 0 {
			if !fired[l] {
				fired[l] = true
				// The weight counts against all others together: on top of a flat
				// prior, one fired rule of weight w gives the label 1/(1+exp(-w)).
				z[l] += m.againstAll()
			}
			z[l] += m.lexicon.rules[r].Weight
		}
	}
	return z, learned
}

// againstAll is the logit a label needs to outweigh all the others together.
// Beside a batch the prior is in the batch, and the rule speaks by its weight alone.
func (m *Model) againstAll() float64 {
	if m.batch != nil || len(m.labels) < 2 {
		return 0
	}
	return math.Log(float64(len(m.labels) - 1))
}

// weighted is a bucket with the value it has in a message.
type weighted struct {
	bucket uint32
	value  float32
}

// vector is the message as the head sees it: all n-grams, also those the batch
// never met, since a correction is often about a new word.
func (m *Model) vector(cs []counted) []weighted {
	x := make([]weighted, 0, len(cs))
	norm := 0.0
	for _, c := range cs {
		v := tf(c.n) * c.gram.sign()
		if b := m.batch; b != nil {
			if i := b.table[c.gram.bucket()]; i > 0 {
				v *= b.scale[i-1]
			}
		}
		norm += float64(v) * float64(v)
		x = append(x, weighted{c.gram.bucket(), v})
	}
	if norm > 0 {
		by := float32(1 / math.Sqrt(norm))
		for i := range x {
			x[i].value *= by
		}
	}
	return x
}

// Reasons per label, and labels that get them.
const (
	reasonsPerSource = 4
	explainedLabels  = 3
)

// explain adds to the first labels the rules that fired and the n-grams that
// weighed most. Called with the lock held.
func (m *Model) explain(a *Answer, d folded, fires []fired, learned sparse, x []weighted) {
	var parts []part
	for i := range min(explainedLabels, len(a.Scores)) {
		l, _ := slices.BinarySearch(m.labels, a.Scores[i].Label)
		for _, f := range fires {
			if m.ruleLabel[f.rule] == l {
				r := m.lexicon.rules[f.rule]
				words := make([]string, len(f.words))
				for j, w := range f.words {
					words[j] = string(m.lexicon.words[w])
				}
				a.Scores[i].Reasons = append(a.Scores[i].Reasons, Reason{FromRule, r.ID, strings.Join(words, " "), r.Weight})
			}
		}
		if b := m.batch; b != nil {
			if j, ok := slices.BinarySearch(b.labels, l); ok {
				var top strongest
				for k, f := range learned.idx {
					top.offer(f, b.a[j]*float64(learned.val[k])*float64(b.w[int(f)*len(b.labels)+j]))
				}
				for k := range top.kept[:top.n] { // the few that are kept are worth a look far away
					top.kept[k].bucket = b.buckets[top.kept[k].bucket]
				}
				parts = top.append(parts, i, FromBatch)
			}
		}
		if len(m.corrections) > 0 {
			var top strongest
			for _, f := range x {
				if r, ok := m.head.row[f.bucket]; ok {
					top.offer(f.bucket, float64(f.value)*float64(m.head.w[int(r)*m.head.labels+l]))
				}
			}
			parts = top.append(parts, i, FromCorrection)
		}
	}
	if len(parts) == 0 {
		return
	}
	words := m.words(d, parts)
	for _, p := range parts {
		if p.weight != 0 {
			a.Scores[p.score].Reasons = append(a.Scores[p.score].Reasons, Reason{p.source, "", words[p.bucket], p.weight})
		}
	}
}

// words finds the n-grams of the parts again in the message: the model itself
// has only their hashes. Of several in one bucket the first is named.
func (m *Model) words(d folded, parts []part) map[uint32]string {
	words := make(map[uint32]string, len(parts))
	var wanted [1024]bool // a quick no for almost all n-grams
	for _, p := range parts {
		words[p.bucket] = ""
		wanted[p.bucket%1024] = true
	}
	for _, rs := range [][]rune{d.title, d.body} {
		m.hash.each(rs, func(g gram, at, n int) {
			if wanted[g.bucket()%1024] {
				if w, ok := words[g.bucket()]; ok && w == "" {
					words[g.bucket()] = string(rs[at : at+n])
				}
			}
		})
	}
	return words
}

// part is a Reason before its words are known.
type part struct {
	score  int
	source string
	bucket uint32
	weight float64
}

// strongest keeps the n-grams of greatest weight, either way; of equals the first.
type strongest struct {
	kept [reasonsPerSource]part
	n    int
}

func (s *strongest) offer(bucket uint32, weight float64) {
	i := s.n
	for i > 0 && math.Abs(weight) > math.Abs(s.kept[i-1].weight) {
		i--
	}
	if i == len(s.kept) {
		return
	}
	s.n = min(s.n+1, len(s.kept))
	copy(s.kept[i+1:s.n], s.kept[i:])
	s.kept[i] = part{bucket: bucket, weight: weight}
}

func (s *strongest) append(parts []part, score int, source string) []part {
	for _, p := range s.kept[:s.n] {
		p.score, p.source = score, source
		parts = append(parts, p)
	}
	return parts
}

// Correct teaches that d has this label, at once. The id names the correction
// for Revoke; the same id again replaces the former one in its place, so that
// replaying is safe. An unknown label or an empty id is an error of kind invalid.
func (m *Model) Correct(id string, d Doc, label string) error {
	l, ok := slices.BinarySearch(m.labels, label)
	if !ok {
		return linli.Invalidf("label", "没有“%s”这个类别", "there is no label %q", label)
	}
	if id == "" {
		return linli.Invalid("id", "更正缺少编号", "a correction needs an id")
	}
	f := foldDoc(d)
	c := correction{id: id, label: l, grams: m.hash.count(f)}
	for _, hit := range m.lexicon.fire(f) {
		c.rules = append(c.rules, hit.rule)
	}
	m.teaching.Lock()
	defer m.teaching.Unlock()
	if i := m.find(id); i >= 0 {
		list := slices.Clone(m.corrections)
		list[i] = c
		m.replace(list)
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.corrections = append(m.corrections, c)
	m.learn(m.head, c)
	return nil
}

func (m *Model) find(id string) int {
	return slices.IndexFunc(m.corrections, func(c correction) bool { return c.id == id })
}

// learn lets a head take a correction in.
func (m *Model) learn(h *head, c correction) {
	z, _ := m.offset(c.grams, c.rules)
	// Sure enough that the corrected message itself is not rejected again.
	sure := min(max(headSure, m.threshold+0.02), 0.98)
	h.teach(m.vector(c.grams), z, c.label, sure)
}

// replace makes the head anew from another list, while the old one still answers.
func (m *Model) replace(list []correction) {
	h := newHead(len(m.labels))
	for _, c := range list {
		m.learn(h, c)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.head, m.corrections = h, list
}

// Revoke forgets a correction: the scores are, bit for bit, those of a model
// that never saw it. It is an error of kind not_found if there is none.
func (m *Model) Revoke(id string) error {
	m.teaching.Lock()
	defer m.teaching.Unlock()
	i := m.find(id)
	if i < 0 {
		return linli.NotFound("没有这条更正", "there is no such correction")
	}
	m.replace(slices.Delete(slices.Clone(m.corrections), i, i+1))
	return nil
}

// Corrections lists the ids of the corrections in effect, oldest first.
func (m *Model) Corrections() []string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	out := make([]string, len(m.corrections))
	for i, c := range m.corrections {
		out[i] = c.id
	}
	return out
}
