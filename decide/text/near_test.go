package text

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestNearDuplicatesAreFoundAndOthersAreNot(t *testing.T) {
	t.Parallel()
	x := NewIndex(0)
	at := testNow
	for i, s := range []string{
		"阳光花园12栋电梯坏了三天没人修，老人上下楼很不方便",
		"外滩小区门口路灯不亮，晚上看不清路",
		"想给我妈预约下周的助浴服务",
		"中山东一路夜间施工噪音太大，孩子睡不着",
	} {
		x.Add(Entry{ID: fmt.Sprint(i), Doc: Doc{Body: s}, At: at})
	}
	got := x.Near(Entry{ID: "new", Doc: Doc{Title: "电梯坏了", Body: "我们阳光花园 12 栋的电梯坏了三天，没有人来修，老人上下楼不方便！"}, At: at}, 5)
	if len(got) != 1 || got[0].ID != "0" || got[0].Cosine < 0.4 {
		t.Fatalf("matches %+v", got)
	}
	var passages []string
	for _, s := range got[0].Shared {
		passages = append(passages, s.Text)
	}
	if want := []string{"电梯坏了", "阳光花园 12 栋", "电梯坏了三天，没", "修，老人上下楼不方便"}; !slices.Equal(passages, want) {
		t.Errorf("shared %q, want %q", passages, want)
	}
	if got := x.Near(Entry{ID: "other", Doc: Doc{Body: "申请办理老年证需要什么材料"}, At: at}, 5); len(got) != 0 {
		t.Errorf("unrelated message matches %+v", got)
	}
}

func TestSamePlaceAndWriterRaiseTheScore(t *testing.T) {
	t.Parallel()
	x := NewIndex(0.3)
	x.Add(Entry{ID: "a", Doc: Doc{Body: "楼道灯坏了，晚上很黑"}, Place: "990001001001/001/sunny/12", User: "u1", At: testNow})
	ask := func(e Entry) Match {
		e.ID, e.Doc = "b", Doc{Body: "楼道灯坏了好几天，晚上看不见"}
		m := x.Near(e, 1)
		if len(m) != 1 {
			t.Fatalf("no match for %+v", e)
		}
		return m[0]
	}
	plain := ask(Entry{At: testNow})
	place := ask(Entry{At: testNow, Place: "990001001001/001/sunny/12/2/302"})
	both := ask(Entry{At: testNow.AddDate(0, 0, -29), Place: "990001001001/001/sunny", User: "u1"})
	late := ask(Entry{At: testNow.AddDate(0, 0, 31), Place: "990001001001/001/sunny/12", User: "u1"})
	grid := ask(Entry{At: testNow, Place: "990001001001/001"})
	if plain.Score != plain.Cosine || !place.SamePlace || place.Score != plain.Cosine+raise || !both.SameUser || both.Score != plain.Cosine+2*raise ||
		late.Score != plain.Cosine || grid.SamePlace {
		t.Errorf("plain %+v place %+v both %+v late %+v grid %+v", plain, place, both, late, grid)
	}
}

// bruteCosine compares with everything, as the definition says.
func bruteCosine(x *Index, d Doc) map[string]float64 {
	ts, mass := x.terms(d)
	out := map[string]float64{}
	for id, n := range x.number {
		out[id] = cosine(ts, math.Sqrt(mass), &x.entries[n])
	}
	return out
}

func TestNearFindsExactlyWhatComparingAllFindsAndIsSymmetric(t *testing.T) {
	t.Parallel()
	docs, _ := madeRows(200, 11)
	r := rand.New(rand.NewPCG(3, 0))
	x := NewIndex(0.3)
	for i, d := range docs {
		if i%3 == 0 { // a variant of an earlier one
			o := []rune(docs[r.IntN(i+1)].Body)
			cut := r.IntN(len(o))
			d.Body = string(o[cut:]) + string(o[:cut/2])
			docs[i] = d
		}
		x.Add(Entry{ID: fmt.Sprint(i), Doc: d, At: testNow})
	}
	for i := range docs {
		if i%4 == 1 && !x.Remove(fmt.Sprint(i)) {
			t.Fatal("an entry is missing")
		}
	}
	if x.Len() != 150 || x.Remove("1") {
		t.Fatalf("%d entries are left", x.Len())
	}
	found := map[[2]string]float64{}
	for i, d := range docs {
		id := fmt.Sprint(i)
		if _, ok := x.number[id]; !ok {
			continue
		}
		want := bruteCosine(x, d)
		delete(want, id)
		for k, v := range want {
			if v < 0.3 {
				delete(want, k)
			}
		}
		got := x.Near(Entry{ID: id, Doc: d, At: testNow.AddDate(1, 0, 0)}, len(docs))
		if len(got) != len(want) {
			t.Fatalf("message %d: %d matches, comparing all gives %d", i, len(got), len(want))
		}
		for _, m := range got {
			if m.Cosine != want[m.ID] {
				t.Fatalf("message %d: cosine %v with %s, want %v", i, m.Cosine, m.ID, want[m.ID])
			}
			found[[2]string{id, m.ID}] = m.Cosine
		}
	}
	for pair, c := range found {
		if found[[2]string{pair[1], pair[0]}] != c {
			t.Fatalf("%v is near one way only", pair)
		}
	}
	if len(found) < 50 {
		t.Fatalf("only %d pairs: the test tests nothing", len(found))
	}
}

func TestAddingAgainReplacesAndRemovingAllLeavesNothing(t *testing.T) {
	t.Parallel()
	x := NewIndex(0)
	docs, _ := madeRows(50, 2)
	for range 2 {
		for i, d := range docs {
			x.Add(Entry{ID: fmt.Sprint(i), Doc: d, User: "u", Place: "990001001001/001/sunny/2"})
		}
	}
	if x.Len() != 50 {
		t.Fatalf("%d entries", x.Len())
	}
	for i := range docs {
		x.Remove(fmt.Sprint(i))
	}
	if x.Len() != 0 || len(x.grams) != 0 || len(x.spare) != len(x.lists) || len(x.users)+len(x.estates) != 0 {
		t.Fatalf("left: %d entries, %d n-grams, %d of %d lists", x.Len(), len(x.grams), len(x.lists)-len(x.spare), len(x.lists))
	}
	x.Add(Entry{ID: "empty"})
	if got := x.Near(Entry{ID: "q", Doc: docs[0]}, 3); len(got) != 0 {
		t.Fatalf("matches in an empty index: %+v", got)
	}
}

func BenchmarkNear(b *testing.B) {
	for _, n := range []int{3000, 100000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			docs := shortDocs(n)
			x := NewIndex(0)
			for i, d := range docs {
				x.Add(Entry{ID: fmt.Sprint(i), Doc: d, At: testNow})
			}
			b.ResetTimer()
			i := 0
			for b.Loop() {
				x.Near(Entry{ID: "q", Doc: docs[i%n], At: time.Time{}}, 5)
				i += 7919
			}
		})
	}
}

// shortDocs are messages of about 40 characters over a few thousand words, with
// Zipf-like frequencies as in real language.
func shortDocs(n int) []Doc {
	r := rand.New(rand.NewPCG(1, 1))
	words := make([]string, 4000)
	for i := range words {
		w := make([]rune, 2+i%2)
		for j := range w {
			w[j] = rune(0x4e00 + r.IntN(2500))
		}
		words[i] = string(w)
	}
	z := rand.NewZipf(r, 1.1, 8, uint64(len(words)-1))
	docs := make([]Doc, n)
	for i := range docs {
		for range 18 {
			docs[i].Body += words[z.Uint64()]
		}
	}
	return docs
}
