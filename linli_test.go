package linli

import (
	"math/rand/v2"
	"sort"
	"strings"
	"testing"
	"time"
)

func TestIDsSortByTimeAndAreValid(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, Shanghai)
	var ids []string
	for i := range 200 {
		ids = append(ids, NewID("dem", at.Add(time.Duration(i)*time.Millisecond)))
	}
	if !sort.StringsAreSorted(ids) {
		t.Fatal("ids of rising moments do not sort")
	}
	for _, id := range ids {
		if !ValidID(id, "dem") || ValidID(id, "ord") || ValidID(id+"0", "dem") || ValidID(strings.ToLower(id), "dem") {
			t.Fatalf("validity of %q is judged wrong", id)
		}
	}
	// The example of the ULID specification: 1469918176385 ms encodes as 01ARYZ6S41.
	if got := NewID("x", time.UnixMilli(1469918176385))[2:12]; got != "01ARYZ6S41" {
		t.Fatalf("time part is %s, want 01ARYZ6S41", got)
	}
}

func TestPlaceValidity(t *testing.T) {
	t.Parallel()
	for p, want := range map[Place]bool{
		"990001001001":                     true,
		"990001001":                        true,
		"99":                               true,
		"990001001001/003":                 true,
		"990001001001/003/bund/12/2/302":   true,
		"990001001001/003/康乐/b0012/1/1401": true,
		"":                                 false,
		"9900":                             true,
		"99000":                            false,
		"990001001/003":                    false,
		"990001001001/3":                   false,
		"990001001001/003/":                false,
		"990001001001/003/a b":             false,
		"990001001001/003/a/b/c/d/e":       false,
		"990001001001/003/../x":            false,
	} {
		if got := p.Valid(); got != want {
			t.Errorf("%q valid = %v, want %v", p, got, want)
		}
	}
}

// The row filter of SQL and the containment of Go must be the same question.
func TestPlaceRangeIsContains(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	random := func() Place {
		p := "99000100" + string('1'+rune(rng.IntN(2)))
		if rng.IntN(4) == 0 {
			return Place(p[:[]int{2, 4, 6, 9}[rng.IntN(4)]])
		}
		p += "00" + string('1'+rune(rng.IntN(2)))
		for i := range rng.IntN(6) {
			if i == 0 {
				p += "/00" + string('1'+rune(rng.IntN(2)))
			} else {
				p += "/" + []string{"1", "12", "a", "康", "1a"}[rng.IntN(5)]
			}
		}
		return Place(p)
	}
	for range 20000 {
		p, q := random(), random()
		low, high := p.Range()
		if in := string(q) >= low && string(q) < high; in != p.Contains(q) {
			t.Fatalf("%q contains %q is %v, but the range [%q,%q) says %v", p, q, p.Contains(q), low, high, in)
		}
		if !q.At(1+rng.IntN(6)).Contains(q) || !q.Parent().Contains(q) {
			t.Fatalf("an ancestor of %q does not contain it", q)
		}
	}
}

func TestMoneyPrints(t *testing.T) {
	t.Parallel()
	for f, want := range map[Fen]string{0: "0.00", 5: "0.05", -1205: "-12.05", 123450: "1234.50"} {
		if got := f.String(); got != want {
			t.Errorf("Fen(%d) prints %s, want %s", int64(f), got, want)
		}
	}
}

func TestErrorsKeepKindAndCause(t *testing.T) {
	t.Parallel()
	if k := KindOf(Invalid("age", "年龄不对", "bad age")); k != KindInvalid {
		t.Fatal(k)
	}
	if k := KindOf(Internal(Conflict("a", "b"))); k != KindInternal {
		t.Fatal(k)
	}
	if KindOf(nil) != "" || Time(0) != (time.Time{}) || Millis(time.Time{}) != 0 {
		t.Fatal("zero values are not kept")
	}
}
