package calendar

import (
	"strings"
	"testing"
	"time"

	"linli"
)

func TestEveryYearHasItsHolidaysAndMakeUpDays(t *testing.T) {
	t.Parallel()
	// Weekdays off and make-up days of the State Council notices; 2025 and 2026
	// are also the published vectors 18/5 and 19/6.
	want := map[int][2]int{2004: {16, 6}, 2008: {16, 5}, 2013: {23, 12}, 2015: {17, 5}, 2019: {17, 6}, 2020: {19, 6}, 2024: {19, 8}, 2025: {18, 5}, 2026: {19, 6}}
	for year, counts := range want {
		off, made := 0, 0
		for d := (Date{year, time.January, 1}); d.Year == year; d = d.AddDays(1) {
			work, _ := Statutory().IsWorkday(d)
			weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
			switch {
			case work && weekend:
				made++
			case !work && !weekend:
				off++
			}
		}
		if got := [2]int{off, made}; got != counts {
			t.Errorf("%d: %v weekdays off and make-up days, want %v", year, got, counts)
		}
	}
}

func TestTheNoticesOf2024To2026AreReproducedDayByDay(t *testing.T) {
	t.Parallel()
	cases := []struct {
		day     string
		work    bool
		holiday string
		makeUp  string
	}{
		{"2024-02-04", true, "", "春节"},
		{"2024-02-09", true, "", ""}, // New Year's Eve was only recommended
		{"2024-02-10", false, "春节", ""},
		{"2024-05-11", true, "", "劳动节"},
		{"2024-09-14", true, "", "中秋节"},
		{"2025-01-26", true, "", "春节"},
		{"2025-01-28", false, "春节", ""},
		{"2025-10-06", false, "中秋节", ""},
		{"2025-10-08", false, "国庆节", ""},
		{"2025-10-11", true, "", "国庆节"},
		{"2026-01-02", false, "元旦", ""},
		{"2026-01-04", true, "", "元旦"},
		{"2026-02-14", true, "", "春节"},
		{"2026-02-23", false, "春节", ""},
		{"2026-02-28", true, "", "春节"},
		{"2026-09-20", true, "", "国庆节"},
		{"2026-09-25", false, "中秋节", ""},
		{"2026-10-07", false, "国庆节", ""},
		{"2026-10-08", true, "", ""},
		{"2026-10-10", true, "", "国庆节"},
	}
	for _, c := range cases {
		d, err := ParseDate(c.day)
		if err != nil {
			t.Fatal(err)
		}
		w := Statutory()
		work, known := w.IsWorkday(d)
		if work != c.work || !known || w.Holiday(d) != c.holiday || w.MakeUp(d) != c.makeUp {
			t.Errorf("%s: work %v known %v holiday %q make-up %q", c.day, work, known, w.Holiday(d), w.MakeUp(d))
		}
	}
}

func TestAYearWithoutANoticeIsNotKnown(t *testing.T) {
	t.Parallel()
	national := Date{2027, time.October, 1} // a Friday
	if work, known := Statutory().IsWorkday(national); !work || known {
		t.Fatalf("2027-10-01: work %v known %v, want the weekly rule, not known", work, known)
	}
	if work, known := (*Workdays)(nil).IsWorkday(Date{2026, time.October, 1}); !work || known {
		t.Fatalf("without a table: work %v known %v", work, known)
	}
	for day, want := range map[int]bool{28: true, 29: false, 31: false} {
		if _, known := Statutory().IsWorkday(Date{2026, time.December, day}); known != want {
			t.Errorf("2026-12-%d known %v, want %v: New Year's make-up days come with the next notice", day, known, want)
		}
	}
	if _, known := Statutory().IsWorkday(Date{2018, time.December, 29}); !known {
		t.Error("2018-12-29 was settled by the notice of 2019")
	}
}

func TestImportingNextYearsNoticeMakesItKnownAndLeavesTheRest(t *testing.T) {
	t.Parallel()
	next, err := ReadWorkdays(strings.NewReader("# made up for this test\n" +
		"year,kind,from,to,name,source,confidence\n" +
		"2027,notice,,,测试通知,test,seen\n2027,work,2026-12-31,2026-12-31,元旦,,\n2027,off,2027-10-01,2027-10-07,国庆节,,\n"))
	if err != nil {
		t.Fatal(err)
	}
	w := Statutory().With(next)
	if work, known := w.IsWorkday(Date{2027, time.October, 1}); work || !known {
		t.Errorf("2027-10-01: work %v known %v", work, known)
	}
	if _, known := w.IsWorkday(Date{2026, time.December, 31}); !known {
		t.Error("2026-12-31 should be settled now")
	}
	if work, known := w.IsWorkday(Date{2026, time.October, 10}); !work || !known {
		t.Error("2026 was lost")
	}
	if n, ok := w.Notice(2027); !ok || n != (Notice{2027, "测试通知", "test", "seen"}) {
		t.Errorf("notice %v %v", n, ok)
	}
	replaced, err := ReadWorkdays(strings.NewReader("2026,notice,,,改动后的通知,test,seen\n"))
	if err != nil {
		t.Fatal(err)
	}
	if work, _ := Statutory().With(replaced).IsWorkday(Date{2026, time.October, 1}); !work {
		t.Error("a replaced year keeps days of the old notice")
	}
}

func TestABrokenTableNamesTheLineAndIsRefused(t *testing.T) {
	t.Parallel()
	ok := "2027,notice,,,通知,,\n"
	for _, bad := range []string{
		"", "一,二\n", "2027,off,2027-10-01,2027-10-07,国庆节,,\n", ok + ok,
		ok + "2027,holiday,2027-10-01,2027-10-07,国庆节,,\n",
		ok + "2027,off,2027-10-32,2027-10-07,国庆节,,\n",
		ok + "2027,off,2027-10-07,2027-10-01,国庆节,,\n",
		ok + "2027,off,2027-01-01,2027-12-31,国庆节,,\n",
		ok + "2027,off,2028-10-01,2028-10-07,国庆节,,\n",
		ok + "2027,off,2027-10-01,2027-10-07,国庆节,,\n2027,work,2027-10-07,2027-10-07,国庆节,,\n",
		ok + "20x7,off,2027-10-01,2027-10-07,国庆节,,\n", ok + "\"\n",
	} {
		w, err := ReadWorkdays(strings.NewReader(bad))
		if w != nil || linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("%q: %v %v", bad, w, err)
		}
	}
}

func FuzzReadingATableNeverPanics(f *testing.F) {
	f.Add(seedWorkdays)
	f.Fuzz(func(t *testing.T, s string) {
		w, err := ReadWorkdays(strings.NewReader(s))
		if (w == nil) == (err == nil) {
			t.Fatalf("%v %v", w, err)
		}
	})
}
