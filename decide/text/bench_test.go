package text

import (
	"strings"
	"testing"
)

func BenchmarkClassify(b *testing.B) {
	docs, labels := madeRows(2000, 7)
	m, err := Train(docs, labels, Options{})
	if err != nil {
		b.Fatal(err)
	}
	d := docs[3]
	d.Body = strings.Repeat(d.Body, 350/len([]rune(d.Body))+1)
	b.ReportAllocs()
	for b.Loop() {
		m.Classify(d)
	}
}
