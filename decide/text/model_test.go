package text

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"linli"
)

// madeModel is trained on made messages, with a rule and a label without rows.
func madeModel(t testing.TB) *Model {
	t.Helper()
	lex, err := NewLexicon([]Rule{
		{ID: "meal", Label: "助餐", Any: []string{"送餐", "助餐"}, None: []string{"超市"}, Weight: 4},
		{ID: "elsewhere", Label: "没有的类别", Any: []string{"物业"}, Weight: 9},
	})
	if err != nil {
		t.Fatal(err)
	}
	docs, labels := madeRows(600, 1)
	m, err := Train(docs, labels, Options{Bits: 16, Lexicon: lex, Labels: []string{"助餐"}})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMadeTopicsAreLearnedAndProbabilitiesAreHonest(t *testing.T) {
	t.Parallel()
	m := madeModel(t)
	docs, labels := madeRows(500, 99)
	right, accepted, wrong := 0, 0, 0
	for i, d := range docs {
		a := m.Classify(d)
		if a.Best().Label == labels[i] {
			right++
		} else if !a.Reject {
			wrong++
		}
		if !a.Reject {
			accepted++
		}
		sum := 0.0
		for j, s := range a.Scores {
			if sum += s.P; j > 0 && s.P > a.Scores[j-1].P {
				t.Fatal("scores are not in order")
			}
		}
		if math.Abs(sum-1) > 1e-12 || a.Reject != (a.Best().P < a.Threshold) {
			t.Fatalf("sum %v, reject %v at %v of %v", sum, a.Reject, a.Best().P, a.Threshold)
		}
	}
	if right < 475 {
		t.Errorf("%d of 500 right", right)
	}
	if accepted < 400 || wrong > accepted/10 {
		t.Errorf("%d accepted, %d of them wrong", accepted, wrong)
	}
}

func TestTheOrderOfTheRowsAndTheThreadsChangeNothing(t *testing.T) {
	t.Parallel()
	docs, labels := madeRows(200, 4)
	train := func(o Options) []byte {
		o.Bits = 12
		m, err := Train(docs, labels, o)
		if err != nil {
			t.Fatal(err)
		}
		b, err := m.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	want := train(Options{})
	if !bytes.Equal(train(Options{Threads: 4}), want) {
		t.Error("four threads make another model")
	}
	rand.New(rand.NewPCG(8, 8)).Shuffle(len(docs), func(i, j int) {
		docs[i], docs[j] = docs[j], docs[i]
		labels[i], labels[j] = labels[j], labels[i]
	})
	if !bytes.Equal(train(Options{}), want) {
		t.Error("another order makes another model")
	}
}

func TestSpacesWidthCaseAndNewlinesChangeNoScore(t *testing.T) {
	t.Parallel()
	m := madeModel(t)
	docs, _ := madeRows(50, 31)
	for _, d := range docs {
		d.Body += "ABC12,"
		want := m.Classify(d)
		var b strings.Builder
		for i, r := range []rune(d.Body) {
			switch {
			case i%5 == 1:
				b.WriteString(" \n")
			case i%7 == 1:
				b.WriteString("　\u200b")
			}
			if r > ' ' && r < 0x7f {
				r += 0xff01 - '!'
			}
			b.WriteRune(r)
		}
		if got := m.Classify(Doc{" " + d.Title, strings.ToLower(b.String())}); !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: %+v, want %+v", b.String(), got.Best(), want.Best())
		}
	}
}

func TestACorrectionActsAtOnceAndItsRevocationRestoresEveryBit(t *testing.T) {
	t.Parallel()
	m := madeModel(t)
	docs, _ := madeRows(40, 77)
	answers := func() []Answer {
		var out []Answer
		for _, d := range docs {
			out = append(out, m.Classify(d))
		}
		return out
	}
	for i, label := range []string{"部门1", "部门2", "部门3"} {
		if err := m.Correct("old"+label, docs[i], label); err != nil {
			t.Fatal(err)
		}
	}
	before := answers()
	state, _ := m.MarshalBinary()

	doc := Doc{Body: "想给老人订午饭，能不能每天送到家里"}
	begin := time.Now()
	if err := m.Correct("new", doc, "助餐"); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > time.Second { // 10 ms is promised; a loaded machine is no proof of less
		t.Errorf("a correction took %v", took)
	}
	if a := m.Classify(doc); a.Best().Label != "助餐" || a.Reject || a.Best().Reasons[0].Source != FromBatch && a.Best().Reasons[0].Source != FromCorrection {
		t.Errorf("after the correction: %+v", a.Best())
	}
	if a := m.Classify(Doc{Body: "给老人订午饭送到家"}); a.Best().Label != "助餐" {
		t.Errorf("a similar message: %+v", a.Best())
	}
	if err := m.Correct("new", doc, "部门0"); err != nil { // replaced, not added
		t.Fatal(err)
	}
	if got := m.Corrections(); !reflect.DeepEqual(got, []string{"old部门1", "old部门2", "old部门3", "new"}) {
		t.Errorf("corrections %v", got)
	}
	if err := m.Revoke("new"); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(answers(), before) {
		t.Error("revoking did not restore the scores")
	}
	if got, _ := m.MarshalBinary(); !bytes.Equal(got, state) {
		t.Error("revoking did not restore the model")
	}
	if err := m.Revoke("new"); linli.KindOf(err) != linli.KindNotFound {
		t.Errorf("revoking twice: %v", err)
	}
	if err := m.Correct("x", doc, "没有的类别"); linli.KindOf(err) != linli.KindInvalid {
		t.Errorf("an unknown label: %v", err)
	}
}

func TestAStoredModelAnswersTheSameAndADamagedOneIsRefused(t *testing.T) {
	t.Parallel()
	m := madeModel(t)
	docs, _ := madeRows(20, 5)
	if err := m.Correct("c", docs[0], "助餐"); err != nil {
		t.Fatal(err)
	}
	stored, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var got Model
	if err := got.UnmarshalBinary(stored); err != nil {
		t.Fatal(err)
	}
	if got.Digest() != m.Digest() || !reflect.DeepEqual(got.Corrections(), m.Corrections()) {
		t.Error("digest or corrections were lost")
	}
	for _, d := range append(docs, Doc{Body: "送餐"}) {
		if a, b := m.Classify(d), got.Classify(d); !reflect.DeepEqual(a, b) {
			t.Fatalf("%+v, want %+v", b, a)
		}
	}
	if bytes.Contains(stored, []byte(docs[0].Title)) {
		t.Error("a message body is inside the model")
	}
	next := bytes.Clone(stored)
	next[len(magic)-1]++
	for name, data := range map[string][]byte{"empty": nil, "cut": stored[:len(stored)/2], "another version": next, "one bit": flip(stored)} {
		if err := got.UnmarshalBinary(data); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if a, b := m.Classify(docs[1]), got.Classify(docs[1]); !reflect.DeepEqual(a, b) {
		t.Error("a refused file changed the model")
	}
}

func flip(b []byte) []byte {
	b = bytes.Clone(b)
	b[len(b)/2] ^= 1
	return b
}

func TestManyMayAskWhileOneTeaches(t *testing.T) {
	t.Parallel()
	m, err := New([]string{"a", "b"}, Options{Bits: 12})
	if err != nil {
		t.Fatal(err)
	}
	x := NewIndex(0)
	docs, _ := madeRows(30, 12)
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i, d := range docs {
				id := fmt.Sprint(worker, "-", i)
				m.Classify(d)
				if worker == 0 {
					if err := m.Correct(id, d, "a"); err != nil {
						t.Error(err)
					}
					if i%3 == 0 {
						if err := m.Revoke(id); err != nil {
							t.Error(err)
						}
					}
				}
				x.Add(Entry{ID: id, Doc: d})
				x.Near(Entry{ID: "q", Doc: d}, 2)
				x.Remove(id)
			}
		})
	}
	all.Wait()
	if len(m.Corrections()) != 20 || x.Len() != 0 {
		t.Errorf("%d corrections, %d entries", len(m.Corrections()), x.Len())
	}
}

func TestWithoutRowsRulesAnswerAndCorrectionsWin(t *testing.T) {
	t.Parallel()
	lex, err := NewLexicon([]Rule{
		{ID: "bath", Label: "bathing", Any: []string{"助浴", "洗澡"}, Weight: 3},
		{ID: "bath-elder", Label: "bathing", All: []string{"洗澡"}, Any: []string{"老人", "我妈"}, Weight: 1},
		{ID: "repair", Label: "plumbing", Any: []string{"漏水", "水管"}, None: []string{"雨"}, Weight: 3},
	})
	if err != nil {
		t.Fatal(err)
	}
	labels := []string{"bathing", "plumbing"}
	for i := range 70 {
		labels = append(labels, "other-"+string(rune('a'+i/26))+string(rune('a'+i%26)))
	}
	m, err := New(labels, Options{Bits: 17, Lexicon: lex})
	if err != nil {
		t.Fatal(err)
	}
	near := func(got, want float64) bool { return math.Abs(got-want) < 1e-9 }
	sigmoid := func(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

	// The promise of Rule.Weight: log-odds against all the others together.
	if a := m.Classify(Doc{Body: "想要助浴"}); a.Best().Label != "bathing" || !near(a.Best().P, sigmoid(3)) || a.Reject ||
		!reflect.DeepEqual(a.Best().Reasons, []Reason{{FromRule, "bath", "助浴", 3}}) {
		t.Errorf("one rule: %+v", a.Best())
	}
	if a := m.Classify(Doc{Body: "我妈想 洗 澡"}); !near(a.Best().P, sigmoid(4)) {
		t.Errorf("two rules add: %+v", a.Best())
	}
	if a := m.Classify(Doc{Body: "下雨漏水"}); !a.Reject || !near(a.Best().P, 1.0/72) {
		t.Errorf("no rule: %+v", a.Best())
	}
	if a := m.Classify(Doc{Body: "洗澡时水管漏水"}); !a.Reject || !near(a.Scores[0].P, a.Scores[1].P) || a.Scores[0].P > 0.5 {
		t.Errorf("two labels: %+v", a.Scores[:2])
	}
	if err := m.Correct("1", Doc{Body: "洗澡的热水器水管坏了"}, "other-aa"); err != nil {
		t.Fatal(err)
	}
	if a := m.Classify(Doc{Body: "洗澡的热水器水管坏了"}); a.Best().Label != "other-aa" || a.Reject {
		t.Errorf("the correction lost against the rules: %+v", a.Best())
	}
	if a := m.Classify(Doc{Body: "想要助浴"}); a.Best().Label != "bathing" || a.Reject {
		t.Errorf("the correction spoiled another answer: %+v", a.Best())
	}
	g := m.Classify(Doc{Body: "想要助浴"}).Grouped(func(l string) string { return l[:1] })
	if g[0].Label != "b" || len(g) != 3 || !near(g[0].P+g[1].P+g[2].P, 1) {
		t.Errorf("grouped: %+v", g)
	}
}

func TestOddTextsAreAnswered(t *testing.T) {
	t.Parallel()
	m := madeModel(t)
	g := testGazetteer(t)
	x := NewIndex(0)
	for _, s := range []string{
		"", " \n\t", "\x00\xff\xfe", "👨‍👩‍👧‍👦🏠", strings.Repeat("工资拖欠三个月，", 10_000), strings.Repeat("1", 1<<18),
		strings.Repeat("阳光花园3-2-302", 5_000), strings.Repeat("明天", 20_000), strings.Repeat("安", 350_000), strings.Repeat("-", 1<<18), "\u202e反向", strings.Repeat("十", 50_000),
	} {
		for _, d := range []Doc{{Body: s}, {Title: s}} {
			if a := m.Classify(d); len(a.Scores) != 8 {
				t.Fatalf("%.20q: %d scores", s, len(a.Scores))
			}
			rs := []rune(d.Text())
			for _, sp := range Extract(d, g, testNow).Spans {
				if string(rs[sp.From:sp.To]) != sp.Text {
					t.Fatalf("%.20q: span %+v", s, sp)
				}
			}
			x.Add(Entry{ID: "odd", Doc: d})
			x.Near(Entry{ID: "q", Doc: d}, 3)
		}
	}
}

func TestBadOptionsAndRowsAreRefused(t *testing.T) {
	t.Parallel()
	docs, labels := madeRows(3, 1)
	for name, o := range map[string]Options{
		"bits": {Bits: 30}, "few bits": {Bits: 3}, "ngrams": {MinN: 3, MaxN: 2}, "cost": {Cost: -1}, "error": {Error: 2}, "label": {Labels: []string{""}},
	} {
		if _, err := Train(docs, labels, o); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Train(docs, labels[:2], Options{}); linli.KindOf(err) != linli.KindInvalid {
		t.Errorf("a row without a label: %v", err)
	}
	if _, err := Train(docs, []string{"a", "", "b"}, Options{}); linli.KindOf(err) != linli.KindInvalid {
		t.Errorf("an empty label: %v", err)
	}
	for i, r := range []Rule{{Label: "a", Any: []string{"b"}}, {ID: "a", Any: []string{"b"}}, {ID: "a", Label: "a"}, {ID: "a", Label: "a", Any: []string{" "}}, {ID: "a", Label: "a", Any: []string{"b"}, Weight: math.NaN()}} {
		if _, err := NewLexicon([]Rule{r}); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("rule %d: %v", i, err)
		}
	}
	for i, n := range []Name{{"", "990001001001"}, {"小", "990001001001"}, {"小区", "x"}} {
		if _, err := NewGazetteer([]Name{n}); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("name %d: %v", i, err)
		}
	}
}

// One label, one row, and rows without any text are poor teachers, but no fault.
func TestPoorRowsAreNoFault(t *testing.T) {
	t.Parallel()
	for _, rows := range [][]Doc{{{Body: "一条"}}, {{}, {}, {}}, {{Body: "甲"}, {Body: "甲"}}} {
		for _, second := range []string{"a", "b"} {
			labels := make([]string, len(rows))
			for i := range labels {
				labels[i] = "a"
			}
			labels[len(labels)-1] = second
			m, err := Train(rows, labels, Options{Bits: 10})
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range m.Classify(Doc{Body: "一条甲"}).Scores {
				if math.IsNaN(s.P) {
					t.Fatalf("%v %s: no number", rows, second)
				}
			}
		}
	}
}

func TestWordsAreFoundByTheAutomatonAsByLookingEverywhere(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 6))
	draw := func(n int) []rune {
		out := make([]rune, n)
		for i := range out {
			out[i] = rune('a' + r.IntN(3))
		}
		return out
	}
	for range 300 {
		var words [][]rune
		seen := map[string]bool{}
		for range 1 + r.IntN(12) {
			if w := draw(1 + r.IntN(5)); !seen[string(w)] {
				seen[string(w)] = true
				words = append(words, w)
			}
		}
		text := draw(40)
		got := map[[2]int]bool{}
		newAutomaton(words).find(text, func(w, from, to int) {
			if string(text[from:to]) != string(words[w]) {
				t.Fatalf("%q is not %q", string(text[from:to]), string(words[w]))
			}
			got[[2]int{w, from}] = true
		})
		want := map[[2]int]bool{}
		for w, word := range words {
			for i := 0; i+len(word) <= len(text); i++ {
				if string(text[i:i+len(word)]) == string(word) {
					want[[2]int{w, i}] = true
				}
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%d found, %d are there", len(got), len(want))
		}
	}
}
