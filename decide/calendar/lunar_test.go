package calendar

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

// eachDay calls f for every day from 1900-01-01 to 2100-12-31.
func eachDay(f func(Date)) {
	for d := (Date{1900, time.January, 1}); d.Year < 2101; d = d.AddDays(1) {
		f(d)
	}
}

func digest(lines *strings.Builder) string {
	sum := sha256.Sum256([]byte(lines.String()))
	return hex.EncodeToString(sum[:])
}

// The digests are printed by testdata/lunar.mjs from lunar-javascript 1.7.7,
// which ICU or chinese-days confirms on every single day.

func TestTheLunarCalendarIsExactOnAll73384Days(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	days := 0
	eachDay(func(d Date) {
		l, ok := Lunar(d)
		if !ok {
			return
		}
		days++
		month := l.Month
		if l.Leap {
			month = -month
		}
		fmt.Fprintf(&lines, "%s,%d,%d,%d\n", d, l.Year, month, l.Day)
	})
	if got := digest(&lines); days != 73384 || got != "adf0580e8e279e763dcf35c64a66b60056fd62225e468610325e3faff099ddce" {
		t.Errorf("%d days, digest %s", days, got)
	}
}

func TestTheSolarTermsAreExactForAll201Years(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	eachDay(func(d Date) {
		if term, ok := TermOn(d); ok {
			fmt.Fprintf(&lines, "%s,%d\n", d, term)
		}
	})
	if got := digest(&lines); got != "d3b2f90666d72360cc5194c833ba1765671f24472c99c49ed59c4a6bcd65d43a" {
		t.Errorf("digest %s", got)
	}
}

func TestLunarDatesLeadBackToTheirDay(t *testing.T) {
	t.Parallel()
	last := LunarDate{}
	for d := (Date{1900, time.January, 31}); d.Before(Date{2101, time.January, 29}); d = d.AddDays(1) {
		l, ok := Lunar(d)
		if !ok {
			t.Fatalf("%s is unknown", d)
		}
		if back, ok := Solar(l); !ok || back != d {
			t.Fatalf("%s is %+v, back %s", d, l, back)
		}
		if l.Day == 1 && last.Day != 0 && last.Day != 29 && last.Day != 30 {
			t.Fatalf("a month of %d days before %s", last.Day, d)
		}
		if l.Day != 1 && l.Day != last.Day+1 {
			t.Fatalf("%s: day %d follows day %d", d, l.Day, last.Day)
		}
		last = l
	}
	for _, d := range []Date{{1900, time.January, 30}, {2101, time.January, 29}, {1899, 12, 31}, {2150, 1, 1}, {-5, 1, 1}} {
		if l, ok := Lunar(d); ok {
			t.Errorf("%s is %+v", d, l)
		}
	}
	for _, l := range []LunarDate{{}, {2026, 13, 1, false}, {2026, 1, 31, false}, {2026, 2, 1, true}, {1899, 1, 1, false}, {2101, 1, 1, false}, {2025, 6, 30, true}} {
		if d, ok := Solar(l); ok {
			t.Errorf("%+v is %s", l, d)
		}
	}
}

func TestSpringFestivalsFallOnTheKnownDays(t *testing.T) {
	t.Parallel()
	// 2012, 2018, 2027 and 2030 have new moons within minutes of midnight.
	for year, want := range map[int]string{
		1900: "1900-01-31", 1949: "1949-01-29", 1954: "1954-02-03", 1985: "1985-02-20", 2000: "2000-02-05", 2012: "2012-01-23", 2020: "2020-01-25",
		2023: "2023-01-22", 2024: "2024-02-10", 2025: "2025-01-29", 2026: "2026-02-17", 2027: "2027-02-06", 2030: "2030-02-03", 2033: "2033-01-31", 2100: "2100-02-09",
	} {
		if d, ok := Solar(LunarDate{Year: year, Month: 1, Day: 1}); !ok || d.String() != want {
			t.Errorf("%d: %s, want %s", year, d, want)
		}
	}
	for day, want := range map[string]LunarDate{
		"2033-12-22": {2033, 11, 1, true}, "2025-07-25": {2025, 6, 1, true}, "2018-11-07": {2018, 9, 30, false}, "2012-08-17": {2012, 7, 1, false},
	} {
		d, err := ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		if l, ok := Lunar(d); !ok || l != want {
			t.Errorf("%s: %+v, want %+v", day, l, want)
		}
	}
}

// newMoon is the moment of new moon number k after 2000-01-06 as a Julian day of
// dynamical time, by Meeus, Astronomical Algorithms, chapter 49: good to seconds.
func newMoon(k float64) float64 {
	t := k / 1236.85
	rad := func(deg float64) float64 { return math.Mod(deg, 360) * math.Pi / 180 }
	e := 1 - 0.002516*t - 0.0000074*t*t
	sun := rad(2.5534 + 29.10535670*k - 0.0000014*t*t - 0.00000011*t*t*t)
	moon := rad(201.5643 + 385.81693528*k + 0.0107582*t*t + 0.00001238*t*t*t - 0.000000058*t*t*t*t)
	lat := rad(160.7108 + 390.67050284*k - 0.0016118*t*t - 0.00000227*t*t*t + 0.000000011*t*t*t*t)
	node := rad(124.7746 - 1.56375588*k + 0.0020672*t*t + 0.00000215*t*t*t)
	jd := 2451550.09766 + 29.530588861*k + 0.00015437*t*t - 0.000000150*t*t*t + 0.00000000073*t*t*t*t
	for _, c := range []struct{ size, sun, moon, lat float64 }{
		{-0.40720, 0, 1, 0}, {0.17241, 1, 0, 0}, {0.01608, 0, 2, 0}, {0.01039, 0, 0, 2}, {0.00739, -1, 1, 0}, {-0.00514, 1, 1, 0},
		{0.00208, 2, 0, 0}, {-0.00111, 0, 1, -2}, {-0.00057, 0, 1, 2}, {0.00056, 1, 2, 0}, {-0.00042, 0, 3, 0}, {0.00042, 1, 0, 2},
		{0.00038, 1, 0, -2}, {-0.00024, -1, 2, 0}, {-0.00007, 2, 1, 0}, {0.00004, 0, 2, -2}, {0.00004, 3, 0, 0}, {0.00003, 1, 1, -2},
		{0.00003, 0, 2, 2}, {-0.00003, 1, 1, 2}, {0.00003, -1, 1, 2}, {-0.00002, -1, 1, -2}, {-0.00002, 1, 3, 0}, {0.00002, 0, 4, 0},
	} {
		jd += c.size * math.Pow(e, math.Abs(c.sun)) * math.Sin(c.sun*sun+c.moon*moon+c.lat*lat)
	}
	jd -= 0.00017 * math.Sin(node)
	for _, a := range [][3]float64{
		{299.77, 0.107408, 325}, {251.88, 0.016321, 165}, {251.83, 26.651886, 164}, {349.42, 36.412478, 126}, {84.66, 18.206239, 110},
		{141.74, 53.303771, 62}, {207.14, 2.453732, 60}, {154.84, 7.306860, 56}, {34.52, 27.261239, 47}, {207.19, 0.121824, 42},
		{291.34, 1.844379, 40}, {161.72, 24.198154, 37}, {239.56, 25.513099, 35}, {331.55, 3.592518, 23},
	} {
		jd += a[2] * 1e-6 * math.Sin(rad(a[0]+a[1]*k))
	}
	return jd
}

// beijing is a Julian day of dynamical time as a clock time that the calendar
// goes by: 120°E, before 1929 the meridian of Beijing.
func beijing(jd float64) time.Time {
	year := 2000 + (jd-2451545)/365.25
	deltaT := 65.0 // seconds; a minute more or less is inside the tolerance
	if year < 1970 {
		deltaT = 25
	}
	offset := 8 * 3600.0
	if year < 1929 {
		offset = 7*3600 + 45*60 + 40
	}
	seconds := (jd-2440587.5)*86400 - deltaT + offset
	return time.Unix(0, int64(seconds*1e9)).UTC()
}

func TestEveryLunarMonthBeginsOnTheDayOfTheNewMoon(t *testing.T) {
	t.Parallel()
	moons, close := 0, 0
	for k := -1236.0; ; k++ {
		at := beijing(newMoon(k))
		d := DateOf(at, time.UTC)
		if d.Year > 2100 {
			break
		}
		l, ok := Lunar(d)
		if !ok {
			continue
		}
		moons++
		if l.Day == 1 {
			continue
		}
		// Some moons lie so near midnight that this formula cannot decide, and the
		// almanacs of before 1929 were themselves minutes off.
		midnight, doubt := min(at.Sub(d.In(time.UTC)), d.AddDays(1).In(time.UTC).Sub(at)), 2*time.Minute
		if d.Year < 1929 {
			doubt = 20 * time.Minute
		}
		if close++; midnight > doubt {
			t.Errorf("the new moon of %s falls on %s", at, l)
		}
	}
	if moons < 2480 || close > 3 {
		t.Errorf("%d moons, %d of them at midnight", moons, close)
	}
}

// sunLongitude is the apparent longitude of the sun in degrees at a moment (Meeus, chapter 25, good to 0.01°).
func sunLongitude(at time.Time) float64 {
	t := (float64(at.Unix())/86400 + 2440587.5 - 2451545) / 36525
	rad := math.Pi / 180
	m := (357.52911 + 35999.05029*t) * rad
	c := (1.914602-0.004817*t)*math.Sin(m) + (0.019993-0.000101*t)*math.Sin(2*m) + 0.000289*math.Sin(3*m)
	return 280.46646 + 36000.76983*t + 0.0003032*t*t + c - 0.00569 - 0.00478*math.Sin((125.04-1934.136*t)*rad)
}

func TestEverySolarTermFallsOnItsDegreeOfTheSun(t *testing.T) {
	t.Parallel()
	eachDay(func(d Date) {
		term, ok := TermOn(d)
		if !ok {
			return
		}
		target := float64(285 + 15*int(term))
		start := d.In(time.UTC).Add(-8 * time.Hour)
		past := func(at time.Time) float64 { return math.Remainder(sunLongitude(at)-target, 360) }
		// Tolerance: half an hour of the sun's way, for the formula and the meridian before 1929.
		if past(start) > 0.02 || past(start.Add(24*time.Hour)) < -0.02 {
			t.Errorf("%s %s: the sun is %.3f° past at its start, %.3f° at its end", d, term.Zh(), past(start), past(start.Add(24*time.Hour)))
		}
	})
}

func TestALeapMonthHasNoMajorTerm(t *testing.T) {
	t.Parallel()
	leaps := 0
	for year := FirstLunarYear; year < LastLunarYear; year++ {
		y := lunarYearOf(year)
		if y.leap == 0 {
			continue
		}
		leaps++
		for n := range y.length(y.leap) {
			if term, ok := TermOn(y.first.AddDays(y.before(y.leap) + n)); ok && term%2 == 1 {
				t.Errorf("%d: %s in leap month %d", year, term.Zh(), y.leap)
			}
		}
	}
	if leaps != 74 {
		t.Errorf("%d leap years", leaps)
	}
}

func TestFestivalsAreOnTheirDays(t *testing.T) {
	t.Parallel()
	for day, want := range map[string]string{
		"2026-01-01": "元旦", "2026-02-16": "除夕", "2026-02-17": "春节", "2026-03-03": "元宵节", "2026-04-05": "清明节", "2026-05-01": "劳动节",
		"2026-05-17": "全国助残日", "2026-06-19": "端午节", "2026-09-25": "中秋节", "2026-10-01": "国庆节", "2026-10-18": "重阳节", "2026-12-22": "冬至",
		"2025-01-22": "", "2025-01-23": "小年", "2025-10-06": "中秋节", "2020-10-01": "国庆节 中秋节", "2025-08-29": "七夕",
		"2026-07-20": "", "2101-10-01": "国庆节", "2009-06-26": "", "2009-05-28": "端午节",
	} {
		d, err := ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range Festivals(d) {
			names = append(names, f.Zh)
			if f.En == "" {
				t.Errorf("%s has no English name", f.Zh)
			}
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %q, want %q", day, got, want)
		}
	}
}

func TestLunarDatesReadLikeAWallCalendar(t *testing.T) {
	t.Parallel()
	for l, want := range map[LunarDate]string{
		{2026, 1, 1, false}: "正月初一", {2026, 1, 10, false}: "正月初十", {2026, 11, 11, false}: "冬月十一", {2026, 12, 20, false}: "腊月二十",
		{2026, 12, 29, false}: "腊月廿九", {2024, 12, 30, false}: "腊月三十", {2025, 6, 15, true}: "闰六月十五", {2026, 13, 1, false}: "", {2026, 1, 0, false}: "",
	} {
		if got := l.String(); got != want {
			t.Errorf("%+v prints %q, want %q", l, got, want)
		}
	}
	for year, want := range map[int]string{2026: "丙午年（马）", 2024: "甲辰年（龙）", 1984: "甲子年（鼠）", 1900: "庚子年（鼠）"} {
		if got := (LunarDate{Year: year}).YearName(); got != want {
			t.Errorf("%d is %s, want %s", year, got, want)
		}
	}
	if Term(24).Zh() != "" || Term(-1).En() != "" || Dongzhi.Zh() != "冬至" || Qingming.En() != "Pure Brightness" {
		t.Error("names of terms")
	}
}
