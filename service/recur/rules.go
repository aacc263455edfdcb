package recur

import (
	"cmp"
	"slices"
	"time"

	"linli"
	"linli/decide/calendar"
)

// Rhythm is how often a series comes: every N days, weeks or months.
type Rhythm struct {
	N    int    `json:"n" minimum:"1" maximum:"60"`
	Unit string `json:"unit" enum:"day,week,month"`
}

// The states of a series.
const (
	Running = "running"
	Stopped = "stopped"
)

// series is a resident's recurring visit.
type series struct {
	id       string
	resident linli.ResidentID
	place    linli.Place
	item     linli.ItemCode
	spec     linli.SpecCode
	every    Rhythm
	within   int // days after the due day
	first    calendar.Date
	until    string // date, "" without an end
	base     int    // number of the period that is due on the first day
	hours    [2]int // minutes of the day in which it may start
	length   time.Duration
	prefer   []linli.WorkerID
	words    string
	state    string
	reason   string
	madeAt   time.Time
	endedAt  time.Time
}

// due is a visit of a series that has no order yet, with the days it may be given.
type due struct {
	*series
	period   int
	date     calendar.Date
	from, to int // first and last day it may be given, in days from today
	costs    []int64
	day      int // the day it is given
}

const (
	inSight = 14 // days ahead in which due visits are given a day
	// evenPrice is what a visit costs more by every visit that everybody on duty has
	// that day already, in seconds of travel.
	evenPrice = 30 * 60
	// A holiday is avoided whatever it costs, and a day on which nobody has room even
	// more: both only when another day is left.
	holidayPrice = 10_000_000
	noRoomPrice  = 2 * holidayPrice
	// usualPrice stands in for the way to a visit on days whose plan is not known.
	usualPrice = 10 * 60
)

// preferred is never nil.
func (s *series) preferred() []linli.WorkerID { return append([]linli.WorkerID{}, s.prefer...) }

// dueDate is when the visit of a period is due. Months keep the day of the first
// visit, or end with their last day.
func (s *series) dueDate(period int) calendar.Date {
	k := (period - s.base) * s.every.N
	switch s.every.Unit {
	case "week":
		return s.first.AddDays(7 * k)
	case "month":
		d := calendar.NewDate(s.first.Year, s.first.Month+time.Month(k), 1)
		last := calendar.NewDate(d.Year, d.Month+1, 0).Day
		return calendar.Date{Year: d.Year, Month: d.Month, Day: min(s.first.Day, last)}
	}
	return s.first.AddDays(k)
}

// gap is the fewest days between two due days.
func (r Rhythm) gap() int {
	return r.N * map[string]int{"day": 1, "week": 7, "month": 28}[r.Unit]
}

// dueBy lists the visits due up to a date that can still be given a day after today,
// from the first period on that is asked for.
func (s *series) dueBy(last calendar.Date, today calendar.Date) (out []due) {
	if s.state != Running {
		return nil
	}
	period := s.base
	if behind := today.Sub(s.first) - s.within; behind > 0 {
		period += max(0, behind/(s.every.N*map[string]int{"day": 1, "week": 7, "month": 31}[s.every.Unit])-1)
	}
	for ; ; period++ {
		d := s.dueDate(period)
		if last.Before(d) || s.until != "" && s.until < d.String() {
			return out
		}
		from, to := max(d.Sub(today), 1), d.AddDays(s.within)
		if s.until != "" && s.until < to.String() {
			to, _ = calendar.ParseDate(s.until) // it was checked when it came
		}
		if to := to.Sub(today); from <= to {
			out = append(out, due{series: s, period: period, date: d, from: from, to: to})
		}
	}
}

// need is what the order of a series asks for on a day.
func (s *series) need(day calendar.Date, home linli.Place, at linli.Point) linli.Need {
	from := day.In(linli.Shanghai)
	return linli.Need{Item: s.item, Spec: s.spec, Resident: s.resident, Place: home, At: at, Length: s.length, Prefer: s.prefer,
		Wish: linli.Window{From: from.Add(time.Duration(s.hours[0]) * time.Minute), To: from.Add(time.Duration(s.hours[1]) * time.Minute)}}
}

// dayLoad is a day as the spreading sees it.
type dayLoad struct {
	day     int // from today
	visits  int // that stand already
	staff   int // who work
	holiday bool
}

// price is what the k-th visit of a series costs the day by the work it has: the more
// the fuller it is.
func (d dayLoad) price(k int) int64 { return int64(evenPrice * (d.visits + k) / max(1, d.staff)) }

// settle completes the costs of a visit: days out of its slack are not allowed, those
// beyond the known plans cost what the known ones do on average, holidays come last.
func (v *due) settle(days []dayLoad, known int) {
	sum, n := int64(0), int64(0)
	for d, on := range days {
		if on.day >= v.from && on.day <= min(v.to, known) && v.costs[d] < noRoomPrice {
			sum, n = sum+v.costs[d], n+1
		}
	}
	usual := int64(usualPrice)
	if n > 0 {
		usual = sum / n
	}
	for d, on := range days {
		switch {
		case on.day < v.from || on.day > v.to:
			v.costs[d] = -1
			continue
		case on.day > known:
			v.costs[d] = usual
		}
		if on.holiday {
			v.costs[d] += holidayPrice
		}
	}
}

// check refuses a rhythm that is none, and times that do not fit it.
func (r *series) check(today calendar.Date) error {
	until := r.first
	if r.until != "" {
		var err error
		if until, err = calendar.ParseDate(r.until); err != nil {
			return linli.Invalid("until", "结束日期须为 2006-01-02", "the last day must look like 2006-01-02")
		}
	}
	switch {
	case r.every.gap() < 1:
		return linli.Invalid("every", "频次须为每几天、每几周或每几个月一次", "the rhythm must be every so many days, weeks or months")
	case r.within < 0 || r.within >= r.every.gap():
		return linli.Invalid("within_days", "宽限天数须小于两次之间的间隔", "the days of slack must be fewer than those between two visits")
	case !today.Before(r.first):
		return linli.Invalid("from", "最早从明天开始", "it begins tomorrow at the earliest")
	case r.first.Sub(today) > 366:
		return linli.Invalid("from", "最多提前一年", "it begins within a year")
	case until.Before(r.first):
		return linli.Invalid("until", "结束日期早于开始日期", "it ends before it begins")
	case r.hours[0] < 0 || r.hours[1] > 24*60 || r.hours[0] >= r.hours[1]:
		return linli.Invalid("hours", "时段的结束要晚于开始", "the hours must end after they begin")
	}
	return nil
}

// coming lists the next visits of a series: given days first, then the due ones.
func (s *series) coming(given []visit, today calendar.Date, n int) (out []visit) {
	have := map[int]bool{}
	for _, v := range given {
		have[v.period] = true
		if v.period >= s.base || v.day < s.first.String() { // another rhythm has taken back the rest of the old one
			out = append(out, v)
		}
	}
	for _, v := range s.dueBy(today.AddDays(370), today) {
		if len(out) >= n {
			break
		}
		if !have[v.period] {
			out = append(out, visit{s.id, v.period, v.date.String(), v.date.String(), ""})
		}
	}
	slices.SortStableFunc(out, func(a, b visit) int { return cmp.Compare(a.day, b.day) })
	return out
}
