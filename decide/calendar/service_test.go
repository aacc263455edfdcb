package calendar

import (
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata"

	"linli"
)

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04:05", s, linli.Shanghai)
	if err != nil {
		panic(err)
	}
	return t
}

// office is an ordinary service hall: two openings, closed at noon and on days off.
func office(t testing.TB, zone *time.Location) *Service {
	t.Helper()
	day := []Span{{9 * 60, 12 * 60}, {13*60 + 30, 17 * 60}}
	h := Hours{Workdays: Statutory(), Zone: zone, Exceptions: map[Date][]Span{
		{2026, time.March, 3}: nil,
		{2026, time.March, 4}: {{14 * 60, 16 * 60}},
	}}
	for wd := time.Monday; wd <= time.Friday; wd++ {
		h.Weekly[wd] = day
	}
	s, err := NewService(h)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAnOrdinaryOrderOfTheNightStartsAtOpening(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ submitted, start, due string }{
		{"2026-03-02 23:17:00", "2026-03-03 08:00:00", "2026-03-03 08:30:00"},
		{"2026-03-02 02:00:00", "2026-03-02 08:00:00", "2026-03-02 08:30:00"},
		{"2026-03-02 20:00:00", "2026-03-03 08:00:00", "2026-03-03 08:30:00"},
		{"2026-03-02 10:00:00", "2026-03-02 10:00:00", "2026-03-02 10:30:00"},
		{"2026-03-02 19:30:00", "2026-03-02 19:30:00", "2026-03-02 20:00:00"},
		{"2026-03-02 19:45:00", "2026-03-02 19:45:00", "2026-03-03 08:15:00"},
	} {
		sub := at(c.submitted)
		if got := Daytime().Next(sub); !got.Equal(at(c.start)) {
			t.Errorf("%s starts %s, want %s", c.submitted, got, c.start)
		}
		if got := Daytime().Add(sub, 30*time.Minute); !got.Equal(at(c.due)) {
			t.Errorf("%s is due %s, want %s", c.submitted, got, c.due)
		}
	}
	if got := Daytime().Add(at("2026-03-02 14:00:00"), 72*time.Hour); !got.Equal(at("2026-03-08 14:00:00")) {
		t.Errorf("72 service hours end %s", got)
	}
}

func TestAnUrgentOrderNeverWaits(t *testing.T) {
	t.Parallel()
	night := at("2026-02-17 02:03:04")
	if got := AllHours().Next(night); !got.Equal(night) {
		t.Errorf("next %s", got)
	}
	if got := AllHours().Add(night, 49*time.Hour); !got.Equal(night.Add(49 * time.Hour)) {
		t.Errorf("add %s", got)
	}
}

func TestServiceTimeFollowsHolidaysMakeUpDaysAndExceptions(t *testing.T) {
	t.Parallel()
	s := office(t, nil)
	for _, c := range []struct {
		from string
		d    time.Duration
		due  string
	}{
		{"2026-02-13 16:00:00", 2 * time.Hour, "2026-02-14 10:00:00"},   // Friday into the make-up Saturday
		{"2026-02-14 16:00:00", 2 * time.Hour, "2026-02-24 10:00:00"},   // over the Spring Festival
		{"2026-03-02 16:00:00", 2 * time.Hour, "2026-03-04 15:00:00"},   // closed on the 3rd, short on the 4th
		{"2026-03-05 11:30:00", time.Hour, "2026-03-05 14:00:00"},       // over noon
		{"2026-09-30 16:59:59", 2 * time.Second, "2026-10-08 09:00:01"}, // over National Day
	} {
		if got := s.Add(at(c.from), c.d); !got.Equal(at(c.due)) {
			t.Errorf("%s + %s = %s, want %s", c.from, c.d, got, c.due)
		}
	}
}

func TestADeadlineInAYearWithoutNoticeIsProvisional(t *testing.T) {
	t.Parallel()
	s := office(t, nil)
	known, unknown := at("2026-12-28 10:00:00"), at("2027-01-04 10:00:00")
	if s.Provisional(known, known) || !s.Provisional(known, unknown) || !s.Provisional(unknown, unknown) {
		t.Error("the mark is wrong")
	}
	if AllHours().Provisional(known, unknown) || Daytime().Provisional(known, unknown) {
		t.Error("clocks that ignore holidays are never provisional")
	}
}

func TestBetweenUndoesAddAndBothAreMonotone(t *testing.T) {
	t.Parallel()
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	saoPaulo, err := time.LoadLocation("America/Sao_Paulo") // skipped midnight until 2018
	if err != nil {
		t.Fatal(err)
	}
	wild, err := NewService(Hours{Zone: saoPaulo, Weekly: [7][]Span{{{0, 30}, {30, 150}, {1410, 1440}}, {{0, 1440}}, nil, nil, {{0, 1}}, nil, {{1439, 1440}}}})
	if err != nil {
		t.Fatal(err)
	}
	clocks := map[string]*Service{"all": AllHours(), "day": Daytime(), "office": office(t, nil), "new york": office(t, newYork), "wild": wild}
	for name, s := range clocks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(1, 2))
			start := time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC)
			for range 3000 {
				a := start.Add(time.Duration(rnd.Int64N(int64(11 * 365 * 24 * time.Hour))))
				d := time.Duration(rnd.Int64N(int64(90 * time.Hour)))
				b := s.Add(a, d)
				if b.Before(a) || s.Between(a, b) != d || s.Between(b, a) != -d {
					t.Fatalf("%s + %s = %s, between %s", a, d, b, s.Between(a, b))
				}
				// Earliest: a nanosecond before, the time has not yet passed.
				if d > 0 && s.Between(a, b.Add(-1)) >= d {
					t.Fatalf("%s + %s = %s is not the earliest", a, d, b)
				}
				later := time.Duration(rnd.Int64N(int64(24 * time.Hour)))
				if s.Add(a, d+later).Before(b) || s.Add(a.Add(later), d).Before(b) {
					t.Fatalf("not monotone at %s + %s, later by %s", a, d, later)
				}
				mid := a.Add(time.Duration(rnd.Int64N(int64(b.Sub(a)) + 1)))
				if s.Between(a, mid)+s.Between(mid, b) != d {
					t.Fatalf("not additive at %s, %s, %s", a, mid, b)
				}
				n := s.Next(a)
				if n.Before(a) || s.Between(a, n) != 0 || s.Between(n, n.Add(1)) != 1 || !s.Next(n).Equal(n) {
					t.Fatalf("next of %s is %s", a, n)
				}
			}
		})
	}
}

func TestServiceTimeDoesNotAssume24HourDays(t *testing.T) {
	t.Parallel()
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	var h Hours
	h.Zone = newYork
	for wd := range h.Weekly {
		h.Weekly[wd] = []Span{{0, 1440}}
	}
	s, err := NewService(h)
	if err != nil {
		t.Fatal(err)
	}
	day := Date{2026, time.March, 8} // the clocks go forward
	if got := s.Between(day.In(newYork), day.AddDays(1).In(newYork)); got != 23*time.Hour {
		t.Errorf("that day has %s", got)
	}
}

func TestAddEndsEvenForAbsurdDurations(t *testing.T) {
	t.Parallel()
	s, err := NewService(Hours{Weekly: [7][]Span{{{0, 1}}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Add(at("2026-01-01 00:00:00"), 1<<62); got.Year() != lastYear {
		t.Errorf("got %s", got)
	}
}

func TestImpossibleHoursAreRefused(t *testing.T) {
	t.Parallel()
	week := func(spans ...Span) Hours { return Hours{Weekly: [7][]Span{spans}} }
	withHoliday := week(Span{0, 60})
	withHoliday.Holiday = []Span{{60, 60}}
	withException := week(Span{0, 60})
	withException.Exceptions = map[Date][]Span{{2026, 1, 1}: {{-1, 60}}}
	for name, h := range map[string]Hours{
		"closed for ever": {}, "backward": week(Span{60, 30}), "overlap": week(Span{0, 60}, Span{59, 90}),
		"past midnight": week(Span{1320, 1800}), "holiday": withHoliday, "exception": withException,
	} {
		if _, err := NewService(h); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOpeningsAreReadAsClerksWriteThem(t *testing.T) {
	t.Parallel()
	got, err := ParseSpans("08:00-12:00，13:30-24:00")
	if err != nil || len(got) != 2 || got[0] != (Span{480, 720}) || got[1] != (Span{810, 1440}) {
		t.Fatalf("%v %v", got, err)
	}
	if got[0].String() != "08:00-12:00" {
		t.Errorf("prints %s", got[0])
	}
	if got, err := ParseSpans(" "); err != nil || got != nil {
		t.Errorf("%v %v", got, err)
	}
	for _, bad := range []string{"8-12", "08:00", "08:00-25:00", "12:00-08:00", "08:60-09:00", "08:00-12:00,11:00-13:00", "-", "08:0-09:00", "+8:00-09:00"} {
		if _, err := ParseSpans(bad); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
