package sim

import (
	"context"
	"time"

	"linli"
)

// habit is a kind of recurring visit: for whom, how often, and with how many days of slack.
type habit struct {
	spec   linli.SpecCode
	from   int // age
	n      int
	unit   string
	within int
	hours  [2]string
	words  string
	people int
}

// habits are what the old of the town have agreed on with the street office.
var habits = []habit{
	{"home-visit", 80, 1, "week", 2, [2]string{"09:00", "17:00"}, "独居，每周上门看望一次", 12},
	{"visit-care", 75, 2, "week", 4, [2]string{"09:00", "17:00"}, "隔周探访，顺便量血压", 8},
	{"bathing", 78, 1, "week", 3, [2]string{"13:00", "17:00"}, "每周助浴，老人午睡后", 4},
	{"cleaning", 70, 2, "week", 5, [2]string{"08:00", "17:00"}, "隔周打扫，先擦厨房", 6},
	{"haircut", 72, 1, "month", 7, [2]string{"09:00", "17:00"}, "每月理发", 6},
	{"meal-delivery", 75, 1, "day", 0, [2]string{"10:30", "12:30"}, "每天送午饭，少盐", 4},
}

// agree lets the dispatcher arrange recurring visits with the old of the town, each
// of whom has one.
func (s *Sim) agree(ctx context.Context) error {
	now := s.o.Now().In(linli.Shanghai)
	next := 0
	for _, h := range habits {
		for i := 0; i < h.people && next < len(s.residents); next++ {
			r := s.residents[next]
			if now.Year()-r.birth < h.from {
				continue
			}
			i++
			days := map[string]int{"day": 1, "week": 7, "month": 28}[h.unit] * h.n
			if err := s.staff["dispatcher"].post(ctx, "/api/v1/visit-series", map[string]any{"resident": r.ID, "spec": h.spec, "words": h.words, "within_days": h.within,
				"every": map[string]any{"n": h.n, "unit": h.unit}, "hours": map[string]any{"from": h.hours[0], "to": h.hours[1]},
				"from": now.AddDate(0, 0, 1+s.rng.IntN(days)).Format(time.DateOnly)}, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// draft lets the dispatcher plan tomorrow as a whole, as linli does in the evening.
func (s *Sim) draft(ctx context.Context) error {
	tomorrow := s.o.Now().In(linli.Shanghai).AddDate(0, 0, 1).Format(time.DateOnly)
	return s.staff["dispatcher"].post(ctx, "/api/v1/dispatch-drafts", map[string]any{"date": tomorrow}, nil)
}

// draftAfter is how long the town lives before its dispatcher first asks for a draft:
// by then there is something to plan.
const draftAfter = 150 * time.Minute
