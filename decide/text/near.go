package text

import (
	"time"

	"linli"
)

// Entry is one live message in an Index.
type Entry struct {
	ID    string
	Doc   Doc
	Place linli.Place // "" if unknown
	User  string      // any stable name of the writer, "" if unknown
	At    time.Time
}

// Index finds near duplicates. It holds hashes of n-grams, never the text.
// All methods may be called at the same time.
type Index struct{}

// Match is a possible duplicate. It is a suggestion: merging is a person's act.
type Match struct {
	ID        string
	Cosine    float64 // 0 to 1, of the texts alone
	Score     float64 // Cosine, raised by the same place or writer within 30 days; at most 1
	SamePlace bool
	SameUser  bool
	Shared    []Span // passages of the asked message that the match has too; only From, To and Text are set
}

// NewIndex makes an empty index that reports matches with a score of at least least (0 gives the default).
func NewIndex(least float64) *Index { return &Index{} }

// Add puts a message in; the same id again replaces the former one.
func (x *Index) Add(e Entry) {}

// Remove takes a message out and tells whether it was there.
func (x *Index) Remove(id string) bool { return false }

// Len is the number of messages in the index.
func (x *Index) Len() int { return 0 }

// Near lists at most limit matches for e, the best first; e itself (by id) is never among them.
func (x *Index) Near(e Entry, limit int) []Match { return nil }
