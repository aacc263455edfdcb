package calendar

import "time"

// Term is one of the 24 solar terms of a year, 0 being 小寒 in January.
type Term int

// The terms that are festivals themselves.
const (
	Qingming Term = 6
	Dongzhi  Term = 23
)

var termNames = [24][2]string{
	{"小寒", "Minor Cold"}, {"大寒", "Major Cold"}, {"立春", "Start of Spring"}, {"雨水", "Rain Water"},
	{"惊蛰", "Awakening of Insects"}, {"春分", "Spring Equinox"}, {"清明", "Pure Brightness"}, {"谷雨", "Grain Rain"},
	{"立夏", "Start of Summer"}, {"小满", "Grain Buds"}, {"芒种", "Grain in Ear"}, {"夏至", "Summer Solstice"},
	{"小暑", "Minor Heat"}, {"大暑", "Major Heat"}, {"立秋", "Start of Autumn"}, {"处暑", "End of Heat"},
	{"白露", "White Dew"}, {"秋分", "Autumn Equinox"}, {"寒露", "Cold Dew"}, {"霜降", "Frost's Descent"},
	{"立冬", "Start of Winter"}, {"小雪", "Minor Snow"}, {"大雪", "Major Snow"}, {"冬至", "Winter Solstice"},
}

// Zh is the Chinese name, "" for a number that is no term.
func (t Term) Zh() string {
	if t < 0 || t > Dongzhi {
		return ""
	}
	return termNames[t][0]
}

// En is the English name, "" for a number that is no term.
func (t Term) En() string {
	if t < 0 || t > Dongzhi {
		return ""
	}
	return termNames[t][1]
}

// TermDay is the day of a term in a civil year; ok is false outside 1900 to 2100.
func TermDay(year int, t Term) (d Date, ok bool) {
	if year < FirstLunarYear || year > LastLunarYear || t < 0 || t > Dongzhi {
		return Date{}, false
	}
	late := termYears[year-FirstLunarYear] >> (2 * t) & 3
	return Date{year, time.Month(t/2 + 1), int(termBase[t]) + int(late)}, true
}

// TermOn tells which term begins on a day; ok is false on the other days and
// outside 1900 to 2100.
func TermOn(d Date) (t Term, ok bool) {
	for t := 2 * Term(d.Month-1); t < 2*Term(d.Month); t++ {
		if on, known := TermDay(d.Year, t); known && on == d {
			return t, true
		}
	}
	return 0, false
}

// Festival is a day that people keep or a community observes, off work or not.
type Festival struct {
	Zh string
	En string
}

// bySun are the festivals of the civil calendar, month * 100 + day.
var bySun = map[int]Festival{
	101: {"元旦", "New Year's Day"}, 305: {"学雷锋纪念日", "Lei Feng Volunteer Day"}, 308: {"妇女节", "Women's Day"},
	501: {"劳动节", "Labor Day"}, 504: {"青年节", "Youth Day"}, 601: {"儿童节", "Children's Day"},
	701: {"建党节", "Founding of the Party"}, 801: {"建军节", "Army Day"}, 910: {"教师节", "Teachers' Day"},
	1001: {"国庆节", "National Day"}, 1109: {"消防日", "Fire Safety Day"}, 1205: {"国际志愿者日", "Volunteer Day"},
}

// byMoon are the festivals of the lunar calendar, month * 100 + day.
var byMoon = map[int]Festival{
	101: {"春节", "Spring Festival"}, 115: {"元宵节", "Lantern Festival"}, 202: {"龙抬头", "Dragon Raises Its Head"},
	505: {"端午节", "Dragon Boat Festival"}, 707: {"七夕", "Qixi"}, 715: {"中元节", "Zhongyuan"},
	815: {"中秋节", "Mid-Autumn Festival"}, 909: {"重阳节", "Double Ninth, Seniors' Day"}, 1208: {"腊八节", "Laba"},
	1224: {"小年", "Little New Year"}, // the 24th in the south, Shanghai included
}

// Festivals lists the festivals of a day, those of the civil calendar first. A
// leap month has none; lunar festivals and terms are known from 1900 to 2100.
func Festivals(d Date) []Festival {
	var out []Festival
	if f, ok := bySun[int(d.Month)*100+d.Day]; ok {
		out = append(out, f)
	}
	if d.Month == time.May && d.Weekday() == time.Sunday && d.Day >= 15 && d.Day <= 21 {
		out = append(out, Festival{"全国助残日", "Day of Disabled Persons"}) // third Sunday, by law
	}
	switch t, ok := TermOn(d); {
	case ok && t == Qingming:
		out = append(out, Festival{"清明节", "Tomb-Sweeping Day"})
	case ok && t == Dongzhi:
		out = append(out, Festival{"冬至", "Winter Solstice"})
	}
	if l, ok := Lunar(d); ok && !l.Leap {
		if f, ok := byMoon[l.Month*100+l.Day]; ok {
			out = append(out, f)
		}
	}
	if l, ok := Lunar(d.AddDays(1)); ok && l.Month == 1 && l.Day == 1 && !l.Leap {
		out = append(out, Festival{"除夕", "New Year's Eve"})
	}
	return out
}
