package calendar

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"linli"
)

// Span is one opening of a day, in minutes from local midnight: From included,
// To excluded, 0 <= From < To <= 1440. An opening past midnight is two spans.
type Span struct {
	From, To int
}

// String prints 08:00-20:00.
func (s Span) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.From/60, s.From%60, s.To/60, s.To%60)
}

// ParseSpans reads the openings of a day, e.g. "08:00-12:00, 13:30-17:30"; the
// end may be 24:00 and "" is a closed day.
func ParseSpans(s string) ([]Span, error) {
	var out []Span
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(strings.ReplaceAll(s, "，", ","), ",") {
		from, to, ok := strings.Cut(strings.TrimSpace(part), "-")
		a, okFrom := parseClock(from)
		b, okTo := parseClock(to)
		if !ok || !okFrom || !okTo {
			return nil, linli.Invalidf("hours", "时段“%s”写法不对，应为 08:00-12:00 这样的起止时间", "%q is not an opening of the form 08:00-12:00", part)
		}
		out = append(out, Span{a, b})
	}
	return out, checkSpans("hours", out)
}

// parseClock reads HH:MM up to 24:00 as minutes.
func parseClock(s string) (minutes int, ok bool) {
	h, m, ok := strings.Cut(strings.TrimSpace(s), ":")
	hour, errH := strconv.ParseUint(h, 10, 8)
	minute, errM := strconv.ParseUint(m, 10, 8)
	minutes = int(hour*60 + minute)
	return minutes, ok && errH == nil && errM == nil && len(m) == 2 && minute < 60 && minutes <= dayMinutes
}

const dayMinutes = 24 * 60

func checkSpans(field string, spans []Span) error {
	end := 0
	for _, s := range spans {
		if s.From < end || s.To <= s.From || s.To > dayMinutes {
			return linli.Invalidf(field, "时段 %s 与前一段重叠、次序颠倒或超出一天", "the opening %s overlaps the one before, runs backward or leaves the day", s)
		}
		end = s.To
	}
	return nil
}

// Hours describes when a provider serves. The zero value is closed forever.
type Hours struct {
	Weekly     [7][]Span       // indexed by time.Weekday: Sunday is 0
	Exceptions map[Date][]Span // replaces the whole day; no spans means closed
	// Workdays, when set, makes the week follow the State Council: a statutory
	// day off opens as Holiday says, a make-up day like a Monday.
	Workdays *Workdays
	Holiday  []Span         // openings on statutory days off; none means closed
	Zone     *time.Location // nil means Asia/Shanghai
}

// Service is service time: the clock that runs only while the provider is open.
// It is immutable and safe for use by many goroutines.
type Service struct {
	h Hours
}

// NewService checks the hours; overlapping openings and a week without any
// opening are invalid, because a deadline in it could never come.
func NewService(h Hours) (*Service, error) {
	open := false
	for wd, spans := range h.Weekly {
		if err := checkSpans("weekly."+strings.ToLower(time.Weekday(wd).String()), spans); err != nil {
			return nil, err
		}
		h.Weekly[wd] = slices.Clone(spans)
		open = open || len(spans) > 0
	}
	if !open {
		return nil, linli.Invalid("weekly", "一周内没有任何服务时间", "the week has no opening at all")
	}
	if err := checkSpans("holiday", h.Holiday); err != nil {
		return nil, err
	}
	exceptions := make(map[Date][]Span, len(h.Exceptions))
	for d, spans := range h.Exceptions {
		if err := checkSpans("exceptions."+d.String(), spans); err != nil {
			return nil, err
		}
		exceptions[d] = slices.Clone(spans)
	}
	h.Exceptions, h.Holiday = exceptions, slices.Clone(h.Holiday)
	if h.Zone == nil {
		h.Zone = linli.Shanghai
	}
	return &Service{h: h}, nil
}

var allHours = sync.OnceValue(func() *Service { return everyDay(Span{0, dayMinutes}) })
var daytime = sync.OnceValue(func() *Service { return everyDay(Span{8 * 60, 20 * 60}) })

func everyDay(open Span) *Service {
	var h Hours
	for wd := range h.Weekly {
		h.Weekly[wd] = []Span{open}
	}
	s, err := NewService(h)
	if err != nil {
		panic(err) // the two literals above are valid
	}
	return s
}

// AllHours is the 24×7 clock of P1 and P2 orders in Asia/Shanghai.
func AllHours() *Service { return allHours() }

// Daytime is the clock of P3 and P4 orders: 08:00 to 20:00 on every day of the
// year, in Asia/Shanghai (domain.md 1.5).
func Daytime() *Service { return daytime() }

// lastYear ends every walk, so that no duration can loop for ever.
const lastYear = 9999

// Add is the earliest moment at or after t at which d of service time has
// passed since t: 30 minutes before closing plus 30 minutes is the closing time
// itself. d <= 0 gives t. What would lie past the year 9999 gives its last day.
func (s *Service) Add(t time.Time, d time.Duration) time.Time {
	if d <= 0 {
		return t
	}
	for from, to := range s.openings(t) {
		if open := to.Sub(from); open < d {
			d -= open
			continue
		}
		return from.Add(d)
	}
	return Date{lastYear, time.December, 31}.In(s.h.Zone)
}

// Between is the service time from a to b, negative when b is before a.
func (s *Service) Between(a, b time.Time) time.Duration {
	if b.Before(a) {
		return -s.Between(b, a)
	}
	var sum time.Duration
	for from, to := range s.openings(a) {
		if !from.Before(b) {
			break
		}
		if to.After(b) {
			to = b
		}
		sum += to.Sub(from)
	}
	return sum
}

// Next is the earliest moment at or after t at which the clock runs: t itself
// during an opening, else the next opening.
func (s *Service) Next(t time.Time) time.Time {
	for from := range s.openings(t) {
		return from
	}
	return Date{lastYear, time.December, 31}.In(s.h.Zone)
}

// Provisional tells whether the service time between a and b rests on a day for
// which no holiday notice is known yet. Such a deadline is shown with a mark and
// computed again, never silently, once the table has grown.
func (s *Service) Provisional(a, b time.Time) bool {
	if s.h.Workdays == nil {
		return false
	}
	last := DateOf(b, s.h.Zone)
	for d := DateOf(a, s.h.Zone); !last.Before(d); d = d.AddDays(1) {
		if _, excepted := s.h.Exceptions[d]; excepted {
			continue
		}
		if _, known := s.h.Workdays.IsWorkday(d); !known {
			return true
		}
	}
	return false
}

// openings yields the open intervals from t on, the first one cut at t. Local
// times become moments day by day: no day is assumed to have 24 hours.
func (s *Service) openings(t time.Time) func(yield func(from, to time.Time) bool) {
	return func(yield func(from, to time.Time) bool) {
		done := t.In(s.h.Zone).Round(0) // everything before is passed; drops the monotonic clock
		for d := DateOf(t, s.h.Zone); d.Year < lastYear; d = d.AddDays(1) {
			for _, span := range s.spans(d) {
				from, to := s.moment(d, span.From), s.moment(d, span.To)
				if from.Before(done) {
					from = done
				}
				if !to.After(from) {
					continue
				}
				if !yield(from, to) {
					return
				}
				done = to
			}
		}
	}
}

func (s *Service) moment(d Date, minutes int) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, minutes, 0, 0, s.h.Zone)
}

// spans are the openings of a day: exception, then holiday table, then week.
func (s *Service) spans(d Date) []Span {
	if spans, ok := s.h.Exceptions[d]; ok {
		return spans
	}
	if s.h.Workdays.Holiday(d) != "" {
		return s.h.Holiday
	}
	if s.h.Workdays.MakeUp(d) != "" {
		return s.h.Weekly[time.Monday]
	}
	return s.h.Weekly[d.Weekday()]
}
