package calendar

import (
	"math/bits"
	"time"
)

// LunarDate is a day of the Chinese lunar calendar (GB/T 33661-2017). Year is
// the civil year in which the lunar year begins; Leap marks the second of two
// months of one number.
type LunarDate struct {
	Year  int
	Month int // 1 to 12
	Day   int // 1 to 30
	Leap  bool
}

// The lunar years that are known.
const (
	FirstLunarYear = 1900
	LastLunarYear  = 2100
)

// lunarYear is a row of the table, unpacked.
type lunarYear struct {
	first  Date
	leap   int // number of the month that is doubled, 0 for none
	months int // 12 or 13
	long   uint32
}

func lunarYearOf(year int) lunarYear {
	row := lunarYears[year-FirstLunarYear]
	y := lunarYear{
		first: Date{year, time.January, 20}.AddDays(int(row >> 17)),
		leap:  int(row >> 13 & 15), months: 12, long: row & (1<<13 - 1),
	}
	if y.leap > 0 {
		y.months = 13
	}
	return y
}

// length is how many days month i has, 0 being the first.
func (y lunarYear) length(i int) int { return 29 + int(y.long>>i&1) }

// before is how many days the first i months have together.
func (y lunarYear) before(i int) int { return 29*i + bits.OnesCount32(y.long&(1<<i-1)) }

// Lunar gives the lunar date of a day; ok is false before 1900-01-31 and after
// 2101-01-28, where the table ends.
func Lunar(d Date) (l LunarDate, ok bool) {
	year := d.Year
	if year > FirstLunarYear && (year > LastLunarYear || d.Before(lunarYearOf(year).first)) {
		year-- // January and half of February belong to the year before
	}
	if year < FirstLunarYear || year > LastLunarYear {
		return LunarDate{}, false
	}
	y := lunarYearOf(year)
	n := d.Sub(y.first)
	if n < 0 || n >= y.before(y.months) {
		return LunarDate{}, false
	}
	i := n / 30 // never past the month, at most one short of it
	for n >= y.before(i+1) {
		i++
	}
	l = LunarDate{Year: year, Month: i + 1, Day: n - y.before(i) + 1}
	if y.leap > 0 && i >= y.leap {
		l.Month, l.Leap = i, i == y.leap
	}
	return l, true
}

// Solar gives the civil day of a lunar date; ok is false for years outside the
// table and for days that do not exist, a 30th of a short month or a leap month
// the year does not have.
func Solar(l LunarDate) (d Date, ok bool) {
	if l.Year < FirstLunarYear || l.Year > LastLunarYear || l.Month < 1 || l.Month > 12 {
		return Date{}, false
	}
	y := lunarYearOf(l.Year)
	i := l.Month - 1
	switch {
	case l.Leap && l.Month != y.leap:
		return Date{}, false
	case l.Leap, y.leap > 0 && l.Month > y.leap:
		i++
	}
	if l.Day < 1 || l.Day > y.length(i) {
		return Date{}, false
	}
	return y.first.AddDays(y.before(i) + l.Day - 1), true
}

var (
	stems    = [10]string{"甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"}
	branches = [12]string{"子", "丑", "寅", "卯", "辰", "巳", "午", "未", "申", "酉", "戌", "亥"}
	animals  = [12]string{"鼠", "牛", "虎", "兔", "龙", "蛇", "马", "羊", "猴", "鸡", "狗", "猪"}
	months   = [12]string{"正月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "冬月", "腊月"}
	digits   = [10]string{"十", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
)

// YearName is the name of the lunar year, e.g. 丙午年（马）.
func (l LunarDate) YearName() string {
	n := ((l.Year-4)%60 + 60) % 60
	return stems[n%10] + branches[n%12] + "年（" + animals[n%12] + "）"
}

// String prints month and day as on a wall calendar, e.g. 正月初一 or 闰六月十五; a
// date that cannot be is "".
func (l LunarDate) String() string {
	if l.Month < 1 || l.Month > 12 || l.Day < 1 || l.Day > 30 {
		return ""
	}
	s := months[l.Month-1]
	if l.Leap {
		s = "闰" + s
	}
	switch {
	case l.Day <= 10:
		return s + "初" + digits[l.Day%10]
	case l.Day < 20:
		return s + "十" + digits[l.Day%10]
	case l.Day == 20:
		return s + "二十"
	case l.Day < 30:
		return s + "廿" + digits[l.Day%10]
	}
	return s + "三十"
}
