package text

import (
	"crypto/sha256"
	"math"
	"slices"
	"testing"
	"unicode/utf8"

	"linli"
)

func FuzzExtract(f *testing.F) {
	g := testGazetteer(f)
	for _, s := range []string{
		"阳光花园12栋2单元302室，电话138 0000 0000，明天下午三点半", "周", "1", "11月", "2026-", "3-2-302", "外滩小区3-2-", "每", "十", "半", "8:", "8点",
		"福州路1", "\xff\xfe阳光\x00花园", "😀😀12栋", "１２：３０", "三点到", "周一到周", "年近八", "身份证1101051949123100", "138****", "下下个星期",
	} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, title, body string) {
		d := Doc{title, body}
		rs := []rune(d.Text())
		for _, s := range Extract(d, g, testNow).Spans {
			if s.From < 0 || s.From >= s.To || s.To > len(rs) || string(rs[s.From:s.To]) != s.Text {
				t.Fatalf("span %+v does not slice back from %q", s, d.Text())
			}
			if !s.Time.IsZero() && !s.Time.To.IsZero() && !s.Time.From.Before(s.Time.To) {
				t.Fatalf("empty interval %+v in %q", s, d.Text())
			}
		}
	})
}

func FuzzClassify(f *testing.F) {
	docs, labels := madeRows(300, 5)
	lex, err := NewLexicon([]Rule{{ID: "r", Label: "部门1", Any: []string{"工资", "ＡＢ c"}, None: []string{"学校"}, Weight: 2}})
	if err != nil {
		f.Fatal(err)
	}
	m, err := Train(docs, labels, Options{Bits: 14, Lexicon: lex, Labels: []string{"无人"}})
	if err != nil {
		f.Fatal(err)
	}
	if err := m.Correct("c", Doc{Body: "水表"}, "无人"); err != nil {
		f.Fatal(err)
	}
	f.Add("关于工资", "abC水表")
	f.Add("", "\xff\xff")
	f.Fuzz(func(t *testing.T, title, body string) {
		a := m.Classify(Doc{title, body})
		sum := 0.0
		for _, s := range a.Scores {
			if !(s.P >= 0 && s.P <= 1) {
				t.Fatalf("probability %v", s.P)
			}
			sum += s.P
			for _, r := range s.Reasons {
				if !utf8.ValidString(r.Text) || math.IsNaN(r.Weight) {
					t.Fatalf("reason %+v", r)
				}
			}
		}
		if len(a.Scores) != 8 || math.Abs(sum-1) > 1e-9 {
			t.Fatalf("%d labels, sum %v", len(a.Scores), sum)
		}
	})
}

func FuzzUnmarshal(f *testing.F) {
	docs, labels := madeRows(40, 5)
	m, err := Train(docs, labels, Options{Bits: 10})
	if err != nil {
		f.Fatal(err)
	}
	if err := m.Correct("c", docs[0], labels[1]); err != nil {
		f.Fatal(err)
	}
	b, _ := m.MarshalBinary()
	f.Add(b[:len(b)-sha256.Size])
	f.Fuzz(func(t *testing.T, data []byte) {
		var m Model
		sum := sha256.Sum256(data) // so that the checksum does not stop the fuzzer at the door
		if err := m.UnmarshalBinary(slices.Concat(data, sum[:])); err != nil && linli.KindOf(err) != linli.KindInvalid {
			t.Fatal(err)
		}
		m.Classify(Doc{Body: "工资"})
	})
}
