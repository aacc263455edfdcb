// Package calendar answers every question about days: is it a working day with
// the make-up days (调休) of the State Council, which moment is "four service
// hours later" by somebody's opening hours, and which lunar day, solar term or
// festival a date is. Everything is a pure function of its arguments.
package calendar

import (
	"fmt"
	"time"

	"linli"
)

// Date is a day of the civil calendar, without a clock and without a zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// NewDate makes a date; days and months out of range carry over as in time.Date.
func NewDate(year int, month time.Month, day int) Date {
	y, m, d := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Date()
	return Date{y, m, d}
}

// DateOf is the day on which t falls in the zone.
func DateOf(t time.Time, zone *time.Location) Date {
	y, m, d := t.In(zone).Date()
	return Date{y, m, d}
}

// ParseDate reads YYYY-MM-DD; anything else, February 30 too, is an invalid error.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, linli.Invalidf("date", "日期“%s”写法不对，应为 2026-02-17 这样的年-月-日", "%q is not a date of the form 2026-02-17", s)
	}
	return DateOf(t, time.UTC), nil
}

// String prints YYYY-MM-DD.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// In is the first moment of the day in the zone: midnight, or where the zone
// skips midnight the moment time.Date puts in its place.
func (d Date) In(zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
}

// AddDays is the date n days later, earlier for negative n.
func (d Date) AddDays(n int) Date { return NewDate(d.Year, d.Month, d.Day+n) }

// Before tells whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.days() < e.days() }

// Sub is the number of days from e to d.
func (d Date) Sub(e Date) int { return d.days() - e.days() }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Weekday(((d.days()+4)%7 + 7) % 7) // 1970-01-01 was a Thursday
}

// days counts from 1970-01-01.
func (d Date) days() int {
	return int(floorDiv(d.In(time.UTC).Unix(), 24*60*60))
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// NextAt is the next moment after t at which a day of the zone is so old: with eight
// hours, the next 08:00.
func NextAt(t time.Time, age time.Duration, zone *time.Location) time.Time {
	at := DateOf(t, zone).In(zone).Add(age)
	if !at.After(t) {
		at = DateOf(t, zone).AddDays(1).In(zone).Add(age)
	}
	return at
}
