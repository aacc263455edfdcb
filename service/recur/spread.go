package recur

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/calendar"
	"linli/decide/route"
	"linli/engine/db"
)

// spread gives every visit in sight a day inside its slack: where it costs least by
// the plans of the days that are known, days evenly filled, holidays left out. What
// falls into the days whose shifts are known gets its order; the rest is given its
// day anew each evening. It may run twice or on two nodes at once: a period has one order.
func (s *Service) spread(ctx context.Context) error {
	ctx = auth.With(ctx, auth.System)
	today := s.today()
	visits, err := s.inSight(ctx, today)
	if err != nil || len(visits) == 0 {
		return err
	}
	first, last := visits[0].from, visits[0].to
	for _, v := range visits {
		first, last = min(first, v.from), max(last, v.to)
	}
	days, known, err := s.days(ctx, today, first, last)
	if err != nil {
		return err
	}
	if err := s.prices(ctx, today, visits, days, known); err != nil {
		return err
	}
	costs := make([][]int64, len(visits))
	for i := range visits {
		costs[i] = visits[i].costs
	}
	on, err := route.Spread(costs, func(day, k int) int64 { return days[day].price(k) })
	if err != nil {
		return err
	}
	var failed []error
	for i := range visits {
		v := &visits[i]
		v.day = days[on[i]].day // every visit in sight has a day that is allowed
		if err := s.book(ctx, v, today.AddDays(v.day), v.day <= known); err != nil {
			failed = append(failed, err) // the others shall have their day
		}
	}
	return errors.Join(failed...)
}

// inSight lists the visits that want a day, by series and period.
func (s *Service) inSight(ctx context.Context, today calendar.Date) (visits []due, err error) {
	err = s.DB.Read(ctx, func(tx db.Tx) error {
		visits = nil
		all, err := listSeries(tx, every, `state = $1`, Running)
		if err != nil {
			return err
		}
		type key struct {
			id     string
			period int
		}
		booked := map[key]bool{}
		if _, err := db.Rows(tx, func(rows *sql.Rows) (k key, err error) {
			err = rows.Scan(&k.id, &k.period)
			booked[k] = true
			return k, err
		}, `SELECT series_id, period FROM recur_visit WHERE order_id <> '' AND due_day >= $1`, today.AddDays(-366).String()); err != nil {
			return err
		}
		for _, r := range all {
			for _, v := range r.dueBy(today.AddDays(inSight), today) {
				if !booked[key{r.id, v.period}] {
					visits = append(visits, v)
				}
			}
		}
		return nil
	})
	return visits, err
}

// days counts the work and the people of each day from first to last, and tells up to
// which day the shifts, and so the plans, are known. Who works beyond is guessed by the
// same day of the week.
func (s *Service) days(ctx context.Context, today calendar.Date, first, last int) (out []dayLoad, known int, err error) {
	visits, staff, err := s.Plans.Ahead(ctx, last)
	if err != nil {
		return nil, 0, err
	}
	known = len(staff) - 1
	sum := 0
	for _, n := range staff[1:] {
		sum += n
	}
	for day := first; day <= last; day++ {
		d := dayLoad{day: day, visits: visits[day], holiday: calendar.Statutory().Holiday(today.AddDays(day)) != ""}
		switch {
		case day <= known:
			d.staff = staff[day]
		case day%7 == 0: // some of today's shifts are over
			d.staff = sum / known
		default:
			d.staff = staff[day%7]
		}
		out = append(out, d)
	}
	return out, known, nil
}

// prices asks the plan of every known day what each visit would cost there.
func (s *Service) prices(ctx context.Context, today calendar.Date, visits []due, days []dayLoad, known int) error {
	type home struct {
		place linli.Place
		at    linli.Point
	}
	homes := map[linli.ResidentID]home{}
	var asked []linli.Need
	var into []*int64
	for i := range visits {
		v := &visits[i]
		v.costs = make([]int64, len(days))
		h, ok := homes[v.resident]
		if !ok {
			var err error
			if h.place, h.at, err = s.Residents.Home(ctx, v.resident); err != nil && linli.KindOf(err) != linli.KindNotFound {
				return err
			}
			homes[v.resident] = h
		}
		for d, on := range days {
			if h.place != "" && on.day >= v.from && on.day <= min(v.to, known) {
				asked, into = append(asked, v.need(today.AddDays(on.day), h.place, h.at)), append(into, &v.costs[d])
			}
		}
	}
	quotes, err := s.Plans.Quote(ctx, asked)
	if err != nil {
		return err
	}
	for i, q := range quotes {
		if *into[i] = int64(q / time.Second); q < 0 {
			*into[i] = noRoomPrice
		}
	}
	for i := range visits {
		visits[i].settle(days, known)
	}
	return nil
}

// book keeps the day of a visit and, when it is near enough, opens its order: once,
// and only while the series runs.
func (s *Service) book(ctx context.Context, v *due, day calendar.Date, open bool) error {
	return s.DB.Write(ctx, func(tx db.Tx) error {
		r, err := loadSeries(tx, v.id)
		if linli.KindOf(err) == linli.KindNotFound || err == nil && (r.state != Running || r.base != v.base || r.first != v.first) {
			return nil // it was stopped or changed meanwhile
		}
		if err != nil {
			return err
		}
		n, err := tx.Exec(`INSERT INTO recur_visit (series_id, period, due_day, day) VALUES ($1, $2, $3, $4)
			ON CONFLICT (series_id, period) DO UPDATE SET day = excluded.day WHERE recur_visit.order_id = ''`, v.id, v.period, v.date.String(), day.String())
		if err != nil || n == 0 || !open {
			return err
		}
		home, at, err := s.Residents.Home(ctx, v.resident)
		if linli.KindOf(err) == linli.KindNotFound {
			return s.stop(ctx, tx, r, "resident-gone")
		}
		if err != nil {
			return err
		}
		id, err := s.Booker.Book(ctx, tx, v.need(day, home, at), v.words)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE recur_visit SET order_id = $1 WHERE series_id = $2 AND period = $3`, id, v.id, v.period); err != nil || home == r.place {
			return err
		}
		_, err = tx.Exec(`UPDATE recur_series SET place = $1 WHERE id = $2`, home, v.id) // they have moved within the area
		return err
	})
}
