package calendar

import (
	"testing"
	"time"

	"linli"
)

func TestWeekdaysAgreeWithTheStandardLibraryForFourCenturies(t *testing.T) {
	t.Parallel()
	d := Date{1799, time.December, 31}
	for range 150_000 {
		if got, want := d.Weekday(), d.In(time.UTC).Weekday(); got != want {
			t.Fatalf("%s: %s, want %s", d, got, want)
		}
		if next := d.AddDays(1); next.Sub(d) != 1 || !d.Before(next) || next.AddDays(-1) != d {
			t.Fatalf("%s and %s are not neighbors", d, next)
		}
		d = d.AddDays(1)
	}
}

func TestADateReadsBackWhatItPrints(t *testing.T) {
	t.Parallel()
	d := Date{2026, time.February, 17}
	if got, err := ParseDate(d.String()); err != nil || got != d {
		t.Fatalf("got %v %v", got, err)
	}
	for _, bad := range []string{"", "2026-02-30", "2026-2-3", "20260217", "昨天"} {
		if _, err := ParseDate(bad); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestTheDayOfAMomentDependsOnTheZone(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 31, 16, 0, 0, 0, time.UTC)
	if got := DateOf(at, linli.Shanghai); got != (Date{2026, time.February, 1}) {
		t.Fatalf("got %v", got)
	}
}

func TestTheNextHourOfADayLiesAheadAndWithinADay(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		at, err := time.ParseInLocation("2006-01-02 15:04", s, linli.Shanghai)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for now, want := range map[string]string{
		"2026-03-02 05:59": "2026-03-02 06:00",
		"2026-03-02 06:00": "2026-03-03 06:00",
		"2026-12-31 23:00": "2027-01-01 06:00",
	} {
		if got := NextAt(at(now), 6*time.Hour, linli.Shanghai); !got.Equal(at(want)) {
			t.Errorf("after %s comes %s, want %s", now, got, want)
		}
	}
}
