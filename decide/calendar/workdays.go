package calendar

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"io"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"

	"linli"
)

// Workdays tells working days from days off. Which weekday is off and which
// weekend is worked (调休) cannot be computed: it stands in a table, one State
// Council notice a year. A Workdays is immutable; nil knows no year at all.
type Workdays struct {
	days    map[Date]special
	notices map[int]Notice
}

// Notice is where the holidays of a year come from.
type Notice struct {
	Year       int
	Title      string
	Source     string // number or date of the document; may be empty
	Confidence string // seen: the text was read; known: from agreeing tables
}

// special is a day on which the table overrules the week.
type special struct {
	work bool
	name string // the holiday, or the holiday that is made up for
}

//go:embed seeds/workdays.csv
var seedWorkdays string

var statutory = sync.OnceValue(func() *Workdays {
	w, err := ReadWorkdays(strings.NewReader(seedWorkdays))
	if err != nil {
		panic("calendar: seeds/workdays.csv: " + err.Error()) // embedded and tested
	}
	return w
})

// Statutory is the built-in table of the Chinese mainland, 2004 to 2026.
func Statutory() *Workdays { return statutory() }

// maxSpan bounds a holiday: the longest ever was 10 days, more is a typing error.
const maxSpan = 31

// ReadWorkdays reads a table in the form of seeds/workdays.csv (columns year,
// kind, from, to, name, source, confidence; # opens a comment): how an operator
// brings in next year's notice. An error names the line and nothing is kept.
func ReadWorkdays(r io.Reader) (*Workdays, error) {
	w := &Workdays{days: map[Date]special{}, notices: map[int]Notice{}}
	in := csv.NewReader(r)
	in.Comment = '#'
	in.FieldsPerRecord = 7
	for first := true; ; first = false {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			e := linli.Invalid("workdays", "节假日表读不出来：应为七列、UTF-8 的 CSV", "the holiday table cannot be read: it must be UTF-8 CSV with seven columns")
			e.Err = err
			return nil, e
		}
		if first && row[0] == "year" {
			continue
		}
		if err := w.take(row); err != nil {
			line, _ := in.FieldPos(0)
			err.Field = "workdays[" + strconv.Itoa(line) + "]." + err.Field
			return nil, err
		}
	}
	if len(w.notices) == 0 {
		return nil, linli.Invalid("workdays", "节假日表里没有任何年份的通知", "the holiday table has no notice of any year")
	}
	return w, nil
}

// take stores one row.
func (w *Workdays) take(row []string) *linli.Error {
	year, err := strconv.Atoi(row[0])
	if err != nil || year < 1949 || year > 2200 {
		return linli.Invalidf("year", "年份“%s”不对", "%q is not a year", row[0])
	}
	kind, name := row[1], row[4]
	if kind == "notice" {
		if _, twice := w.notices[year]; twice {
			return linli.Invalidf("year", "%d 年的通知出现了两次", "the notice of %d appears twice", year)
		}
		w.notices[year] = Notice{Year: year, Title: name, Source: row[5], Confidence: row[6]}
		return nil
	}
	if kind != "off" && kind != "work" {
		return linli.Invalidf("kind", "类别“%s”不对，应为 notice、off 或 work", "%q is not one of notice, off, work", kind)
	}
	if _, ok := w.notices[year]; !ok {
		return linli.Invalidf("year", "%d 年缺少通知一行，应写在该年各行之前", "the notice row of %d is missing; it must come before the rows of that year", year)
	}
	from, err := ParseDate(row[2])
	if err != nil {
		return linli.Invalidf("from", "开始日期“%s”不对", "%q is not a date", row[2])
	}
	to, err := ParseDate(row[3])
	if err != nil || to.Before(from) || to.Sub(from) >= maxSpan {
		return linli.Invalidf("to", "结束日期“%s”不对，或早于开始日期，或相隔超过一个月", "%q is not a date, or before the first day, or more than a month after it", row[3])
	}
	if from.Before(Date{year - 1, time.December, settledBy}) || !to.Before(Date{year + 1, time.January, 1}) {
		return linli.Invalidf("from", "%s 至 %s 不在 %d 年的通知范围内", "%s to %s is outside the notice of %d", row[2], row[3], year)
	}
	for d := from; !to.Before(d); d = d.AddDays(1) {
		if _, twice := w.days[d]; twice {
			return linli.Invalidf("from", "%s 出现了两次", "%s appears twice", d)
		}
		w.days[d] = special{work: kind == "work", name: name}
	}
	return nil
}

// settledBy is the first day of December that the NEXT year's notice may still
// change: New Year's make-up days reached back to December 29 (2007, 2018).
const settledBy = 29

// With is w with the years of more put in place of the same years of w.
func (w *Workdays) With(more *Workdays) *Workdays {
	out := &Workdays{days: map[Date]special{}, notices: map[int]Notice{}}
	if w != nil {
		maps.Copy(out.notices, w.notices)
		for d, s := range w.days {
			if _, replaced := more.notices[d.noticeYear()]; !replaced {
				out.days[d] = s
			}
		}
	}
	maps.Copy(out.notices, more.notices)
	maps.Copy(out.days, more.days)
	return out
}

// noticeYear is the year whose notice speaks last about the day.
func (d Date) noticeYear() int {
	if d.Month == time.December && d.Day >= settledBy {
		return d.Year + 1
	}
	return d.Year
}

// IsWorkday tells whether d is a working day. Where known is false no notice
// covers the day yet (December 29 to 31 wait for the next year's), the answer is
// the weekly rule Monday to Friday, and whatever rests on it is provisional.
func (w *Workdays) IsWorkday(d Date) (workday, known bool) {
	wd := d.Weekday()
	workday = wd != time.Saturday && wd != time.Sunday
	if w == nil {
		return workday, false
	}
	if s, ok := w.days[d]; ok {
		return s.work, true
	}
	_, known = w.notices[d.noticeYear()]
	return workday, known
}

// Holiday names the statutory holiday whose days off include d, "" when none does.
func (w *Workdays) Holiday(d Date) string {
	if w == nil || w.days[d].work {
		return ""
	}
	return w.days[d].name
}

// MakeUp names the holiday for which the weekend day d is worked, "" when d is no such day.
func (w *Workdays) MakeUp(d Date) string {
	if w == nil || !w.days[d].work {
		return ""
	}
	return w.days[d].name
}

// Notice is the source of a year; ok is false when the year is not in the table.
func (w *Workdays) Notice(year int) (n Notice, ok bool) {
	if w == nil {
		return Notice{}, false
	}
	n, ok = w.notices[year]
	return n, ok
}
