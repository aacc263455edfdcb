package recur

import (
	"cmp"
	"database/sql"
	"fmt"
	"time"

	"linli"
	"linli/decide/calendar"
	"linli/engine/db"
)

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
	}, `SELECT `+seriesColumns+` FROM recur_series WHERE `+cond+fmt.Sprintf(` ORDER BY id LIMIT %d`, limit), args...)
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
	_, err := tx.Exec(`INSERT INTO recur_series (`+seriesColumns+`) VALUES `+db.Values(1, 20),
		r.id, r.resident, r.place, r.item, r.spec, r.every.N, r.every.Unit, r.within, r.first.String(), r.until, r.base,
		r.hours[0], r.hours[1], int64(r.length/time.Second), db.JSON(r.preferred()), r.words, r.state, r.reason, linli.Millis(r.madeAt), linli.Millis(r.endedAt))
	return err
}

// visit is a visit of a series that has been given a day.
type visit struct {
	series string
	period int
	due    string
	day    string
	order  linli.OrderID
}

// visits lists the visits of series from a day on.
func (s *Service) visits(tx db.Tx, ids []string, from calendar.Date) (map[string][]visit, error) {
	list, err := db.Rows(tx, func(rows *sql.Rows) (v visit, err error) {
		return v, rows.Scan(&v.series, &v.period, &v.due, &v.day, &v.order)
	}, `SELECT series_id, period, due_day, day, order_id FROM recur_visit WHERE series_id IN `+s.DB.Dialect().In("$1")+` AND day >= $2 ORDER BY series_id, period`, db.List(ids), from.String())
	out := map[string][]visit{}
	for _, v := range list {
		out[v.series] = append(out[v.series], v)
	}
	return out, err
}
