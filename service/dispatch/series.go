package dispatch

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/calendar"
	"linli/decide/route"
	"linli/engine/db"
)

// Rhythm is how often a series comes: every N days, weeks or months.
type Rhythm struct {
	N    int    `json:"n" minimum:"1" maximum:"60"`
	Unit string `json:"unit" enum:"day,week,month"`
}

// The states of a series.
const (
	SeriesRunning = "running"
	SeriesStopped = "stopped"
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
	from, to int // first and last day it may be given
	costs    []int64
	day      int
}

const (
	inSight     = 14                              // days ahead in which due visits are given a day
	shiftsKnown = int(horizon/(24*time.Hour)) - 1 // days ahead whose shifts, and so whose plan, are known
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
	if s.state != SeriesRunning {
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
		from, to := d, d.AddDays(s.within)
		if !today.Before(from) {
			from = today.AddDays(1)
		}
		if s.until != "" && s.until < to.String() {
			to, _ = calendar.ParseDate(s.until) // it was checked when it came
		}
		if !to.Before(from) {
			out = append(out, due{series: s, period: period, date: d, from: dayNumber(from), to: dayNumber(to)})
		}
	}
}

func dayNumber(d calendar.Date) int     { return dayOf(d.In(linli.Shanghai)) }
func dateOn(day int) calendar.Date      { return calendar.DateOf(midnight(day), linli.Shanghai) }
func (s *Service) today() calendar.Date { return calendar.DateOf(s.Now(), linli.Shanghai) }

// need is what the order of a series asks for on a day.
func (s *series) need(day int, home linli.Place, at linli.Point) linli.Need {
	from := midnight(day)
	return linli.Need{Item: s.item, Spec: s.spec, Resident: s.resident, Place: home, At: at, Length: s.length, Prefer: s.prefer,
		Wish: linli.Window{From: from.Add(time.Duration(s.hours[0]) * time.Minute), To: from.Add(time.Duration(s.hours[1]) * time.Minute)}}
}

// spread gives every visit in sight a day inside its slack: where it costs least by
// the plans of the days that are known, days evenly filled, holidays left out. What
// falls into the days whose shifts are known gets its order; the rest is given its
// day anew each evening. It may run twice or on two nodes at once: a period has one order.
func (s *Service) spread(ctx context.Context) error {
	today := s.today()
	visits, stand, err := s.inSight(ctx, today)
	if err != nil || len(visits) == 0 {
		return err
	}
	first, last := visits[0].from, visits[0].to
	for _, v := range visits {
		first, last = min(first, v.from), max(last, v.to)
	}
	days, err := s.days(ctx, dayNumber(today), first, last, stand)
	if err != nil {
		return err
	}
	if err := s.prices(ctx, visits, days); err != nil {
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
		if err := s.book(ctx, v, v.day <= dayNumber(today)+shiftsKnown); err != nil {
			failed = append(failed, err) // the others shall have their day
		}
	}
	return errors.Join(failed...)
}

// inSight lists the visits that want a day, by series and period, and all that stands.
func (s *Service) inSight(ctx context.Context, today calendar.Date) (visits []due, stand []standing, err error) {
	err = s.DB.Read(ctx, func(tx db.Tx) error {
		visits = nil
		all, err := listSeries(tx, every, `state = $1`, SeriesRunning)
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
		}, `SELECT series_id, period FROM dispatch_series_visit WHERE order_id <> '' AND due_day >= $1`, today.AddDays(-366).String()); err != nil {
			return err
		}
		for _, r := range all {
			for _, v := range r.dueBy(today.AddDays(inSight), today) {
				if !booked[key{r.id, v.period}] {
					visits = append(visits, v)
				}
			}
		}
		stand, err = s.standing(tx, "")
		return err
	})
	return visits, stand, err
}

// dayLoad is a day as the spreading sees it.
type dayLoad struct {
	day     int
	visits  int // that stand already
	staff   int // who work
	holiday bool
}

// price is what the k-th visit of a series costs the day by the work it has: the more
// the fuller it is.
func (d dayLoad) price(k int) int64 { return int64(evenPrice * (d.visits + k) / max(1, d.staff)) }

// days counts the work and the people of each day. Who works beyond the known shifts
// is guessed by the same day of the week.
func (s *Service) days(ctx context.Context, today, first, last int, stand []standing) ([]dayLoad, error) {
	workers, err := s.Workers.Workers(ctx, s.Now())
	if err != nil {
		return nil, err
	}
	staff, load := map[int]int{}, map[int]int{}
	for _, w := range workers {
		on := map[int]bool{}
		for _, sh := range w.Shifts {
			if w.Active && !on[dayOf(sh.From)] {
				on[dayOf(sh.From)] = true
				staff[dayOf(sh.From)]++
			}
		}
	}
	for _, a := range stand {
		load[dayOf(a.start)]++
	}
	sum := 0
	for day := today + 1; day <= today+shiftsKnown; day++ {
		sum += staff[day]
	}
	out := make([]dayLoad, 0, last-first+1)
	for day := first; day <= last; day++ {
		d := dayLoad{day: day, visits: load[day], staff: staff[day], holiday: calendar.Statutory().Holiday(dateOn(day)) != ""}
		if ahead := day - today; ahead > shiftsKnown {
			if d.staff = staff[day-ahead/7*7]; ahead%7 == 0 { // some of today's shifts are over
				d.staff = sum / shiftsKnown
			}
		}
		out = append(out, d)
	}
	return out, nil
}

// prices asks the plan of every known day what each visit would cost there: its way,
// and a stranger instead of a known carer.
func (s *Service) prices(ctx context.Context, visits []due, days []dayLoad) error {
	homes := map[linli.ResidentID]linli.Need{}
	for i := range visits {
		v := &visits[i]
		v.costs = make([]int64, len(days))
		if _, ok := homes[v.resident]; !ok {
			home, at, err := s.Residents.Home(ctx, v.resident)
			if err != nil && linli.KindOf(err) != linli.KindNotFound {
				return err
			}
			homes[v.resident] = linli.Need{Place: home, At: at}
		}
	}
	today := dayNumber(s.today())
	k, err := s.sketch(ctx, midnight(today+shiftsKnown+1).Add(-time.Second), nil)
	if err != nil {
		return err
	}
	if err := k.layOnly(ctx, nil); err != nil {
		return err
	}
	for i := range visits {
		v := &visits[i]
		at := homes[v.resident]
		for d, on := range days {
			if on.day < v.from || on.day > min(v.to, today+shiftsKnown) || at.Place == "" {
				continue
			}
			if v.costs[d], err = k.quote(ctx, v.need(on.day, at.Place, at.At)); err != nil {
				return err
			}
		}
	}
	for i := range visits {
		visits[i].settle(days, today)
	}
	return nil
}

// settle completes the costs of a visit: days out of its slack are not allowed, those
// beyond the plans cost what the known ones do on average, holidays come last.
func (v *due) settle(days []dayLoad, today int) {
	sum, n := int64(0), int64(0)
	for d, on := range days {
		if on.day >= v.from && on.day <= min(v.to, today+shiftsKnown) && v.costs[d] < noRoomPrice {
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
		case on.day > today+shiftsKnown:
			v.costs[d] = usual
		}
		if on.holiday {
			v.costs[d] += holidayPrice
		}
	}
}

// quote says what a need would cost on the sketch, at its cheapest place inside the
// wish. The sketch stays as it is.
func (k *sketch) quote(ctx context.Context, n linli.Need) (int64, error) {
	spec, err := k.s.Catalog.Spec(ctx, n.Spec)
	if err != nil {
		return 0, err
	}
	n.Length, n.SLA, n.Persons = cmp.Or(n.Length, spec.Length), spec.SLA, spec.Persons
	if n.Skills == nil {
		n.Skills = spec.Skills
	}
	a, _, err := k.s.eligible(ctx, &k.image, "", n, "")
	if err != nil {
		return 0, err
	}
	st, err := k.add(a, k.visit(a, k.now, time.Time{}))
	if err != nil {
		return 0, err
	}
	defer k.take(st)
	options, _, err := k.options(a, st)
	price := int64(noRoomPrice)
	for _, o := range options {
		price = min(price, max(0, int64(o.minutes*60)))
	}
	return price, err
}

// book keeps the day of a visit and, when it is near enough, opens its order: once,
// and only while the series runs.
func (s *Service) book(ctx context.Context, v *due, open bool) error {
	return s.DB.Write(ctx, func(tx db.Tx) error {
		r, err := loadSeries(tx, v.id)
		if linli.KindOf(err) == linli.KindNotFound || err == nil && (r.state != SeriesRunning || r.base != v.base || r.first != v.first) {
			return nil // it was stopped or changed meanwhile
		}
		if err != nil {
			return err
		}
		n, err := tx.Exec(`INSERT INTO dispatch_series_visit (series_id, period, due_day, day) VALUES ($1, $2, $3, $4)
			ON CONFLICT (series_id, period) DO UPDATE SET day = excluded.day WHERE dispatch_series_visit.order_id = ''`, v.id, v.period, v.date.String(), dateOf(v.day))
		if err != nil || n == 0 || !open {
			return err
		}
		home, at, err := s.Residents.Home(ctx, v.resident)
		if linli.KindOf(err) == linli.KindNotFound {
			return s.stopSeries(ctx, tx, r, "resident-gone")
		}
		if err != nil {
			return err
		}
		id, err := s.Booker.Book(ctx, tx, v.need(v.day, home, at), v.words)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE dispatch_series_visit SET order_id = $1 WHERE series_id = $2 AND period = $3`, id, v.id, v.period); err != nil || home == r.place {
			return err
		}
		_, err = tx.Exec(`UPDATE dispatch_series SET place = $1 WHERE id = $2`, home, v.id) // they have moved within the area
		return err
	})
}

// stopSeries ends a series: nothing more is opened, and what was opened and nobody
// has set out for is canceled.
func (s *Service) stopSeries(ctx context.Context, tx db.Tx, r *series, reason string) error {
	if _, err := tx.Exec(`UPDATE dispatch_series SET state = $1, reason = $2, ended_at = $3 WHERE id = $4`, SeriesStopped, reason, linli.Millis(s.Now()), r.id); err != nil {
		return err
	}
	return s.unbook(ctx, tx, r, s.today())
}

// unbook takes back the visits of a series from a day on.
func (s *Service) unbook(ctx context.Context, tx db.Tx, r *series, from calendar.Date) error {
	if _, err := tx.Exec(`DELETE FROM dispatch_series_visit WHERE series_id = $1 AND order_id = ''`, r.id); err != nil {
		return err
	}
	orders, err := db.Rows(tx, func(rows *sql.Rows) (id linli.OrderID, err error) { return id, rows.Scan(&id) },
		`SELECT order_id FROM dispatch_series_visit WHERE series_id = $1 AND day >= $2 ORDER BY period`, r.id, from.String())
	if err != nil {
		return err
	}
	for _, id := range orders {
		if err := s.Booker.Unbook(ctx, tx, id); err != nil && linli.KindOf(err) != linli.KindNotFound {
			return err
		}
	}
	return nil
}

// ResidentGone stops the series of somebody who has died or moved away; forget
// deletes what was agreed with them, too. For flow.
func (s *Service) ResidentGone(ctx context.Context, tx db.Tx, id linli.ResidentID, reason string, forget bool) error {
	all, err := listSeries(tx, every, `resident_id = $1`, id)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.state == SeriesRunning {
			if err := s.stopSeries(ctx, tx, r, reason); err != nil {
				return err
			}
		}
		if !forget {
			continue
		}
		for _, table := range []string{`dispatch_series_visit WHERE series_id`, `dispatch_series WHERE id`} {
			if _, err := tx.Exec(`DELETE FROM `+table+` = $1`, r.id); err != nil {
				return err
			}
		}
	}
	return nil
}

const seriesColumns = `id, resident_id, place, item, spec, every_n, every_unit, within_days, first_day, until_day, base, from_min, to_min, length_s, prefer, words, state, reason, made_at, ended_at`

// every is the limit of a list that has none.
const every = 1<<31 - 1

// listSeries lists series in the order they were made.
func listSeries(tx db.Tx, limit int, cond string, args ...any) ([]*series, error) {
	return db.Rows(tx, func(rows *sql.Rows) (*series, error) {
		r := &series{}
		var first string
		var length, made, ended int64
		if err := rows.Scan(&r.id, &r.resident, &r.place, &r.item, &r.spec, &r.every.N, &r.every.Unit, &r.within, &first, &r.until, &r.base,
			&r.hours[0], &r.hours[1], &length, db.JSON(&r.prefer), &r.words, &r.state, &r.reason, &made, &ended); err != nil {
			return nil, err
		}
		var err error
		r.first, err = calendar.ParseDate(first)
		r.length, r.madeAt, r.endedAt = time.Duration(length)*time.Second, linli.Time(made), linli.Time(ended)
		return r, err
	}, `SELECT `+seriesColumns+` FROM dispatch_series WHERE `+cond+fmt.Sprintf(` ORDER BY id LIMIT %d`, limit), args...)
}

func loadSeries(tx db.Tx, id string) (*series, error) {
	list, err := listSeries(tx, every, `id = $1`, id)
	if err != nil || len(list) == 0 {
		return nil, cmp.Or(err, errNoSeries)
	}
	return list[0], nil
}

var errNoSeries error = linli.NotFound("没有这项定期服务", "there is no such series of visits")

func (r *series) insert(tx db.Tx) error {
	_, err := tx.Exec(`INSERT INTO dispatch_series (`+seriesColumns+`) VALUES `+db.Values(1, 20),
		r.id, r.resident, r.place, r.item, r.spec, r.every.N, r.every.Unit, r.within, r.first.String(), r.until, r.base,
		r.hours[0], r.hours[1], int64(r.length/time.Second), db.JSON(noNil(r.prefer)), r.words, r.state, r.reason, linli.Millis(r.madeAt), linli.Millis(r.endedAt))
	return err
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

// makeSeries agrees on a recurring visit in the name of whoever asks. The same
// residents and places are within reach as when an order is opened at the desk.
func (s *Service) makeSeries(ctx context.Context, r *series, then func(tx db.Tx) error) error {
	spec, err := s.Catalog.Spec(ctx, r.spec)
	if err != nil {
		return err
	}
	if spec.Mode != linli.ByWorker {
		return linli.Invalid("spec", "只有上门服务能定期安排；到店服务请预约时段", "only services at home come as a series; book slots for a facility")
	}
	home, _, err := s.Residents.Home(ctx, r.resident)
	if linli.KindOf(err) == linli.KindNotFound || err == nil && !auth.From(ctx).Scope("dispatch.assign").Covers(auth.Row{Place: home}) {
		return linli.Invalid("resident", "登记里没有这位居民", "there is no such resident in the register")
	}
	if err != nil {
		return err
	}
	if r.first == (calendar.Date{}) {
		r.first = s.today().AddDays(1)
	}
	r.item, r.place, r.state = spec.Item, home, SeriesRunning
	if err := r.check(s.today()); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx db.Tx) error {
		now := s.Now()
		r.id, r.madeAt = linli.NewID("ser", now), now
		if err := r.insert(tx); err != nil {
			return err
		}
		if err := s.seriesActed(ctx, tx, r, "dispatch.series-make", ""); err != nil {
			return err
		}
		return then(tx)
	})
}

// seriesActed writes down what a person did, and has the days spread anew.
func (s *Service) seriesActed(ctx context.Context, tx db.Tx, r *series, act, reason string) error {
	if err := auth.Audit(tx, s.Now(), auth.From(ctx), auth.Line{Act: act, Subject: r.id, Place: r.place, Reason: reason, Detail: string(r.spec)}); err != nil {
		return err
	}
	return s.Timers.Set(tx, jobSpread, "now", s.Now(), nil)
}

// reach loads a series within the asker's reach; others do not exist for them.
func (s *Service) reach(ctx context.Context, tx db.Tx, id string, may auth.Permission) (*series, error) {
	r, err := loadSeries(tx, id)
	if err != nil {
		return nil, err
	}
	if !auth.From(ctx).Scope(may).Covers(r.row()) {
		return nil, errNoSeries
	}
	return r, nil
}

func (r *series) row() auth.Row { return auth.Row{Place: r.place, Resident: r.resident, Case: true} }

// alter changes a running series of the asker: do says how.
func (s *Service) alter(ctx context.Context, id, act, reason string, do func(tx db.Tx, r *series) error) (r *series, err error) {
	return r, s.DB.Write(ctx, func(tx db.Tx) error {
		if r, err = s.reach(ctx, tx, id, "dispatch.assign"); err != nil {
			return err
		}
		if r.state != SeriesRunning {
			return linli.Conflict("这项定期服务已经停止", "this series has been stopped")
		}
		if err := do(tx, r); err != nil {
			return err
		}
		return s.seriesActed(ctx, tx, r, act, reason)
	})
}

// rhythm gives a series another rhythm from a day on; visits before it stay.
func (s *Service) rhythm(ctx context.Context, tx db.Tx, r *series) error {
	if err := r.check(s.today()); err != nil {
		return err
	}
	if err := s.unbook(ctx, tx, r, r.first); err != nil {
		return err
	}
	var last sql.NullInt64
	if err := tx.QueryRow(`SELECT MAX(period) FROM dispatch_series_visit WHERE series_id = $1`, r.id).Scan(&last); err != nil {
		return err
	}
	if last.Valid { // periods are numbered on: none is given twice
		r.base = int(last.Int64) + 1
	}
	_, err := tx.Exec(`UPDATE dispatch_series SET every_n = $1, every_unit = $2, within_days = $3, first_day = $4, until_day = $5, base = $6, from_min = $7, to_min = $8 WHERE id = $9`,
		r.every.N, r.every.Unit, r.within, r.first.String(), r.until, r.base, r.hours[0], r.hours[1], r.id)
	return err
}

// seriesVisit is a visit of a series that has been given a day.
type seriesVisit struct {
	series string
	period int
	due    string
	day    string
	order  linli.OrderID
}

// seriesVisits lists the visits of series from a day on.
func (s *Service) seriesVisits(tx db.Tx, ids []string, from calendar.Date) (map[string][]seriesVisit, error) {
	list, err := db.Rows(tx, func(rows *sql.Rows) (v seriesVisit, err error) {
		return v, rows.Scan(&v.series, &v.period, &v.due, &v.day, &v.order)
	}, `SELECT series_id, period, due_day, day, order_id FROM dispatch_series_visit WHERE series_id IN `+s.DB.Dialect().In("$1")+` AND day >= $2 ORDER BY series_id, period`, db.List(ids), from.String())
	out := map[string][]seriesVisit{}
	for _, v := range list {
		out[v.series] = append(out[v.series], v)
	}
	return out, err
}

// coming lists the next visits of a series: given days first, then the due ones.
func (s *series) coming(given []seriesVisit, today calendar.Date, n int) (out []seriesVisit) {
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
			out = append(out, seriesVisit{s.id, v.period, v.date.String(), v.date.String(), ""})
		}
	}
	slices.SortStableFunc(out, func(a, b seriesVisit) int { return cmp.Compare(a.day, b.day) })
	return out
}
