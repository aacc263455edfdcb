package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"linli/cmd/linlibench/bench"
	"linli/decide/text"
)

// textCommand trains decide/text on labeled messages and judges it, either on
// other files or by cross-validation. The split is a hash of the words, so that
// everybody who has the file gets the same folds.
type textCommand struct {
	Train       []string  `help:"JSON lines of labeled messages." required:"" placeholder:"FILE"`
	Test        []string  `help:"JSON lines to judge on." placeholder:"FILE" xor:"judge"`
	CV          int       `name:"cv" help:"Folds of a cross-validation; 5 without --test." placeholder:"K" xor:"judge"`
	Field       string    `help:"tokens, raw (title and body), title, or auto (raw where present, else tokens)." enum:"tokens,raw,title,auto" default:"auto"`
	Ngrams      string    `help:"Lengths of the character n-grams." default:"1-3"`
	Bits        int       `help:"2^BITS hash buckets." default:"20"`
	Online      bool      `help:"Learn by corrections, one pass, without batch training."`
	Curve       []float64 `help:"Learning curve at these shares of the training rows, in percent." placeholder:"5,10,..."`
	Predictions string    `help:"Write one JSON line per judged message into this file." placeholder:"FILE"`
}

// message is one row of the input.
type message struct {
	Row    *int   `json:"row"`
	Label  string `json:"label"`
	Tokens string `json:"tokens"`
	Title  string `json:"title"`
	Body   string `json:"body"`
	key    string // tokens, or title and body: equal keys are duplicates
	hash   uint64 // FNV-1a 64 of the key
	doc    text.Doc
	raw    bool // has title or body
}

// Run is the command.
func (c *textCommand) Run(ctx context.Context, r *bench.Report) error {
	low, high, err := parseNgrams(c.Ngrams)
	if err != nil {
		return err
	}
	for _, s := range c.Curve {
		if !(s > 0 && s <= 100) {
			return bench.Usage("curve", "--curve 须为 0 到 100 之间的百分数", "--curve takes percents above 0, up to 100")
		}
	}
	if len(c.Test) == 0 && c.CV == 0 {
		c.CV = 5
	}
	if len(c.Test) == 0 && (c.CV < 2 || c.CV > 50) {
		return bench.Usage("cv", "--cv 须在 2 到 50 之间", "--cv must lie between 2 and 50")
	}
	o := text.Options{MinN: low, MaxN: high, Bits: c.Bits, Seed: r.Seed}
	if _, err := text.New(nil, o); err != nil {
		return bench.Usage("bits", "--bits 或 --ngrams 超出范围："+err.Error(), err.Error())
	}

	train, dropped, err := c.load(ctx, r, c.Train, true)
	if err != nil {
		return err
	}
	var test []message
	if len(c.Test) > 0 {
		var more int
		if test, more, err = c.load(ctx, r, c.Test, false); err != nil {
			return err
		}
		dropped += more
		train = c.withoutLeak(r, train, test)
	}
	r.Set("n_train", len(train))
	r.Set("n_test", 0)
	r.Set("n_duplicates_dropped", dropped)
	if len(train) == 0 {
		return bench.Malformed(c.Train[0], 0, "label", "训练文件没有可用的行", "the training files hold no usable row")
	}

	var splits []split
	if len(c.Test) > 0 {
		splits = []split{{train: train, test: c.judged(r, test)}}
	} else {
		splits = c.folds(r, train)
	}
	n := 0
	for _, s := range splits {
		n += len(s.test)
	}
	r.Set("n_test", n)
	if n == 0 {
		return bench.Usage("field", "没有可供评测的消息", "no message is left to judge on with this --field")
	}
	r.Set("field", c.Field)
	leaks := 0
	for _, s := range splits {
		trained := make(map[string]bool, len(s.train))
		for _, m := range s.train {
			trained[m.key] = true
		}
		for _, m := range s.test {
			if trained[m.key] {
				leaks++
			}
		}
	}
	r.Check("no_leak", leaks == 0, "%d judged messages also train", leaks)

	out, err := judge(ctx, r, splits, o, c.Online)
	if err != nil {
		return err
	}
	c.report(r, out)
	if err := c.curve(ctx, r, splits, o); err != nil {
		return err
	}
	c.baselines(r, splits)
	if c.Predictions != "" {
		return c.write(r, out)
	}
	return nil
}

func parseNgrams(s string) (low, high int, err error) {
	a, b, two := strings.Cut(s, "-")
	low, err1 := strconv.Atoi(a)
	high, err2 := low, error(nil)
	if two {
		high, err2 = strconv.Atoi(b)
	}
	if err1 != nil || err2 != nil || low < 1 || high < low || high > 8 {
		return 0, 0, bench.Usage("ngrams", "--ngrams 形如 1-2，长度 1 到 8", "--ngrams looks like 1-2, lengths 1 to 8")
	}
	return low, high, nil
}

// load reads the files, drops rows whose tokens occurred under a lower row
// number, and sorts by row.
func (c *textCommand) load(ctx context.Context, r *bench.Report, paths []string, labels bool) (rows []message, dropped int, err error) {
	paths, err = bench.Expand(paths, ".jsonl", ".json")
	if err != nil {
		return nil, 0, err
	}
	for _, path := range paths {
		err := bench.Lines(ctx, r, path, func(m *message, line int) error {
			switch {
			case labels && m.Label == "":
				return bench.Malformed(path, line, "label", "缺少标签", "the label is missing")
			case m.Tokens == "" && m.Title == "" && m.Body == "":
				return bench.Malformed(path, line, "tokens", "缺少文本", "there is no text in tokens, title or body")
			}
			if m.Row == nil {
				m.Row = new(int)
				*m.Row = line - 1
			}
			m.raw = m.Title != "" || m.Body != ""
			if m.key = m.Tokens; m.key == "" {
				m.key = m.Title + m.Body
			}
			h := fnv.New64a()
			h.Write([]byte(m.key))
			m.hash = h.Sum64()
			m.doc = c.doc(m)
			rows = append(rows, *m)
			return nil
		})
		if err != nil {
			return nil, 0, err
		}
	}
	slices.SortStableFunc(rows, func(a, b message) int { return cmp.Compare(*a.Row, *b.Row) })
	seen := make(map[string]bool, len(rows))
	kept := rows[:0]
	for _, m := range rows {
		if seen[m.key] {
			dropped++
			continue
		}
		seen[m.key] = true
		kept = append(kept, m)
	}
	return kept, dropped, nil
}

// doc is the text the model sees. Rows without title and body can only be read
// from their tokens, whatever the field: they may train, but see judged.
func (c *textCommand) doc(m *message) text.Doc {
	switch {
	case c.Field == "tokens" && m.Tokens != "":
	case c.Field == "title" && m.Title != "":
		return text.Doc{Title: m.Title}
	case m.raw:
		return text.Doc{Title: m.Title, Body: m.Body}
	}
	return text.Doc{Body: strings.ReplaceAll(m.Tokens, " ", "")}
}

// judged keeps the rows that really have the field: with raw, only messages as
// they were written are judged, although the segmented ones help to train.
func (c *textCommand) judged(r *bench.Report, rows []message) []message {
	var out []message
	for _, m := range rows {
		if c.Field == "raw" && !m.raw || c.Field == "title" && m.Title == "" || c.Field == "tokens" && m.Tokens == "" {
			continue
		}
		out = append(out, m)
	}
	if n := len(rows) - len(out); n > 0 {
		r.Note("%d rows have no %s: they train, but are not judged", n, c.Field)
	}
	return out
}

// withoutLeak takes rows out of the training part that are also to be judged.
func (c *textCommand) withoutLeak(r *bench.Report, train, test []message) []message {
	judged := make(map[string]bool, len(test))
	for _, m := range test {
		judged[m.key] = true
	}
	out := train[:0]
	for _, m := range train {
		if !judged[m.key] {
			out = append(out, m)
		}
	}
	if n := len(train) - len(out); n > 0 {
		r.Note("%d training rows also stand in the test files and were left out of the training", n)
	}
	return out
}

// split is a training part and the part to judge on.
type split struct{ train, test []message }

func (c *textCommand) folds(r *bench.Report, rows []message) []split {
	sizes := make([]int, c.CV)
	splits := make([]split, c.CV)
	at := map[int]bool{}
	for _, m := range c.judged(r, rows) {
		at[*m.Row] = true
	}
	for _, m := range rows {
		k := int(m.hash % uint64(c.CV))
		sizes[k]++
		for i := range splits {
			if i != k {
				splits[i].train = append(splits[i].train, m)
			} else if at[*m.Row] {
				splits[i].test = append(splits[i].test, m)
			}
		}
	}
	r.Set("fold_sizes", sizes)
	return splits
}

// outcome is one judged message.
type outcome struct {
	message
	predicted string
	p         float64
	reject    bool
}

type outcomes struct {
	all    []outcome
	train  time.Duration
	answer time.Duration // processor time of all answers
	wall   time.Duration
	bytes  int
}

// judge trains on each split and answers its test part. Splits run beside each
// other on --threads; the answers are timed afterward, one by one, so that no
// other split disturbs them.
func judge(ctx context.Context, r *bench.Report, splits []split, o text.Options, online bool) (out outcomes, err error) {
	models := make([]*text.Model, len(splits))
	failed := make([]error, len(splits))
	begin := time.Now()
	work := make(chan int)
	var done sync.WaitGroup
	for range min(r.Threads, len(splits)) {
		done.Go(func() {
			for i := range work {
				if ctx.Err() == nil {
					models[i], failed[i] = learn(splits[i].train, o, online)
				}
				r.Progress("split %d of %d trained", i+1, len(splits))
			}
		})
	}
	if len(splits) == 1 {
		o.Threads = r.Threads
	}
	for i := range splits {
		work <- i
	}
	close(work)
	done.Wait()
	out.train = time.Since(begin)
	if ctx.Err() != nil {
		return out, ctx.Err()
	}
	for i, s := range splits {
		if failed[i] != nil {
			return out, failed[i]
		}
		stored, err := models[i].MarshalBinary()
		if err != nil {
			return out, err
		}
		out.bytes = max(out.bytes, len(stored))
		runtime.GC() // the garbage of the training is not the answers' debt
		begin, cpu := time.Now(), bench.CPU()
		for _, m := range s.test {
			a := models[i].Classify(m.doc)
			out.all = append(out.all, outcome{m, a.Best().Label, a.Best().P, a.Reject})
		}
		out.answer += bench.CPU() - cpu
		out.wall += time.Since(begin)
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
	}
	return out, nil
}

func learn(rows []message, o text.Options, online bool) (*text.Model, error) {
	docs, labels := make([]text.Doc, len(rows)), make([]string, len(rows))
	for i, m := range rows {
		docs[i], labels[i] = m.doc, m.Label
	}
	if !online {
		return text.Train(docs, labels, o)
	}
	m, err := text.New(labels, o)
	if err != nil {
		return nil, err
	}
	for _, i := range byHash(rows) {
		if err := m.Correct(strconv.Itoa(i), docs[i], labels[i]); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// byHash is a fair order that does not depend on how the file was sorted.
func byHash(rows []message) []int {
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	mixed := func(i int) uint64 { return rows[i].hash * 0x9e3779b97f4a7c15 }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(mixed(a), mixed(b)) })
	return order
}

func (c *textCommand) report(r *bench.Report, out outcomes) {
	var scored []outcome
	for _, x := range out.all {
		r.Answer("%d %s %.6f\n", *x.Row, x.predicted, x.p)
		if x.Label != "" {
			scored = append(scored, x)
		}
	}
	if n := len(out.all) - len(scored); n > 0 {
		r.Note("%d test rows have no label: they are answered, but not scored", n)
	}
	t := tally(scored)
	r.Set("accuracy", bench.Number(bench.Round(t.accuracy, 4)))
	r.Set("macro_f1", bench.Number(bench.Round(t.macroF1, 4)))
	r.Set("per_label", t.perLabel)
	r.Set("confusion", map[string]any{"labels": t.labels, "rows_are": "truth", "counts": t.counts})

	byP := slices.Clone(scored)
	slices.SortStableFunc(byP, func(a, b outcome) int { return cmp.Compare(b.p, a.p) })
	sure := byP[:(len(byP)*85+50)/100]
	type confident struct {
		MacroF1   bench.Number `json:"macro_f1"`
		Accuracy  bench.Number `json:"accuracy"`
		Threshold bench.Number `json:"threshold"`
	}
	ct := tally(sure)
	c85 := confident{bench.Number(bench.Round(ct.macroF1, 4)), bench.Number(bench.Round(ct.accuracy, 4)), 0}
	if len(sure) > 0 {
		c85.Threshold = bench.Number(bench.Round(sure[len(sure)-1].p, 4))
	}
	r.Set("confident_85", c85)
	r.Set("ece", bench.Number(bench.Round(calibrationError(scored), 4)))
	accepted := slices.DeleteFunc(slices.Clone(scored), func(x outcome) bool { return x.reject })
	r.Set("accepted", map[string]any{
		"share_pct": bench.Number(bench.Round(100*float64(len(accepted))/float64(len(scored)), 1)),
		"accuracy":  bench.Number(bench.Round(tally(accepted).accuracy, 4)),
	})
	r.Note("ece is taken over ten equal bins of the first label's probability; accepted holds the answers above the model's own threshold, set on its training part for 5 %% error")
	r.Set("train_s", bench.Round(out.train.Seconds(), 3))
	r.Set("us_per_message", bench.Round(float64(out.answer.Microseconds())/float64(len(out.all)), 1))
	r.Set("us_per_message_wall", bench.Round(float64(out.wall.Microseconds())/float64(len(out.all)), 1))
	r.Note("us_per_message is processor time, one message after the other with reasons; us_per_message_wall the time on the clock")
	r.Set("model_mib", bench.Round(float64(out.bytes)/(1<<20), 2))
}

// scores of a set of outcomes. F1 is macro-averaged over the labels that occur
// in truth or answers.
type scores struct {
	labels   []string
	counts   [][]int // truth × answer
	accuracy float64
	macroF1  float64
	perLabel []labelScore
}

type labelScore struct {
	Label     string       `json:"label"`
	Precision bench.Number `json:"precision"`
	Recall    bench.Number `json:"recall"`
	F1        bench.Number `json:"f1"`
	Support   int          `json:"support"`
}

func tally(xs []outcome) scores {
	truth, answer := make([]string, len(xs)), make([]string, len(xs))
	for i, x := range xs {
		truth[i], answer[i] = x.Label, x.predicted
	}
	return compare(truth, answer)
}

func compare(truth, answer []string) scores {
	s := scores{labels: slices.Concat(truth, answer)}
	slices.Sort(s.labels)
	s.labels = slices.Compact(s.labels)
	s.counts = make([][]int, len(s.labels))
	for i := range s.counts {
		s.counts[i] = make([]int, len(s.labels))
	}
	right := 0
	for i := range truth {
		t, _ := slices.BinarySearch(s.labels, truth[i])
		a, _ := slices.BinarySearch(s.labels, answer[i])
		s.counts[t][a]++
		if t == a {
			right++
		}
	}
	s.accuracy = float64(right) / float64(len(truth)) // NaN without rows prints as null
	for l, name := range s.labels {
		tp, support, answered := s.counts[l][l], 0, 0
		for j := range s.labels {
			support += s.counts[l][j]
			answered += s.counts[j][l]
		}
		f1 := 2 * float64(tp) / float64(support+answered)
		s.macroF1 += f1 / float64(len(s.labels))
		s.perLabel = append(s.perLabel, labelScore{
			Label:     name,
			Precision: bench.Number(bench.Round(float64(tp)/float64(answered), 4)),
			Recall:    bench.Number(bench.Round(float64(tp)/float64(support), 4)),
			F1:        bench.Number(bench.Round(f1, 4)),
			Support:   support,
		})
	}
	return s
}

// calibrationError is the expected calibration error over ten equal bins.
func calibrationError(xs []outcome) float64 {
	var n, right, p [10]float64
	for _, x := range xs {
		b := min(9, int(x.p*10))
		n[b]++
		p[b] += x.p
		if x.predicted == x.Label {
			right[b]++
		}
	}
	sum := 0.0
	for b := range n {
		sum += max(right[b]-p[b], p[b]-right[b])
	}
	return sum / float64(len(xs))
}

// curve trains on the first part of each training set, in the order of the hash.
func (c *textCommand) curve(ctx context.Context, r *bench.Report, splits []split, o text.Options) error {
	type point struct {
		SharePct float64      `json:"share_pct"`
		MacroF1  bench.Number `json:"macro_f1"`
	}
	points := []point{}
	for _, share := range c.Curve {
		part := make([]split, len(splits))
		for i, s := range splits {
			order := byHash(s.train)
			n := max(1, int(share/100*float64(len(order))+0.5))
			for _, j := range order[:n] {
				part[i].train = append(part[i].train, s.train[j])
			}
			part[i].test = s.test
		}
		out, err := judge(ctx, r, part, o, c.Online)
		if err != nil {
			return err
		}
		scored := slices.DeleteFunc(out.all, func(x outcome) bool { return x.Label == "" })
		points = append(points, point{share, bench.Number(bench.Round(tally(scored).macroF1, 4))})
	}
	r.Set("curve", points)
	return nil
}

// write stores the answers in the order of the rows.
func (c *textCommand) write(r *bench.Report, out outcomes) error {
	f, err := r.CreateAt(c.Predictions)
	if err != nil {
		return err
	}
	defer f.Close()
	slices.SortStableFunc(out.all, func(a, b outcome) int { return cmp.Compare(*a.Row, *b.Row) })
	w := bufio.NewWriter(f)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, x := range out.all {
		err := enc.Encode(struct {
			Row       int     `json:"row"`
			Label     string  `json:"label"`
			Predicted string  `json:"predicted"`
			P         float64 `json:"p"`
			Reject    bool    `json:"reject"`
		}{*x.Row, x.Label, x.predicted, bench.Round(x.p, 6), x.reject})
		if err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write the predictions: %w", err)
	}
	return f.Close()
}
