package recur

import (
	"context"
	"database/sql"
	"embed"
	"log/slog"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/calendar"
	"linli/engine/db"
	"linli/engine/job"
)

//go:embed schema/*.sql
var schema embed.FS

// Plans is asked about the days to come.
type Plans interface {
	// Ahead tells of each day from today (0) to a last one how many visits stand, and of
	// those whose shifts are known how many people work.
	Ahead(ctx context.Context, last int) (visits, staff []int, err error)
	// Quote tells what each need would cost at its cheapest place inside its wish, as time
	// on the way; negative where nobody has room.
	Quote(ctx context.Context, needs []linli.Need) ([]time.Duration, error)
}

// Booker opens the orders, inside the transaction that gives them their day.
type Booker interface {
	// Book opens an order at the resident's home and lets it be dispatched; a resident
	// who is not in the register any more is KindNotFound.
	Book(ctx context.Context, tx db.Tx, n linli.Need, words string) (linli.OrderID, error)
	// Unbook cancels one that nobody has set out for; any other stays as it is.
	Unbook(ctx context.Context, tx db.Tx, id linli.OrderID) error
}

// Residents is asked where a resident lives, and for names.
type Residents interface {
	// Home is the dwelling of a resident; an unknown id is KindNotFound.
	Home(ctx context.Context, id linli.ResidentID) (linli.Place, linli.Point, error)
	// Brief calls each for those of the ids that are known.
	Brief(ctx context.Context, ids []linli.ResidentID, each func(id linli.ResidentID, name, phone, door string)) error
}

// Catalog is asked how a specification is delivered.
type Catalog interface {
	Spec(ctx context.Context, code linli.SpecCode) (linli.Spec, error)
}

// Deps are what the slice is built from.
type Deps struct {
	DB        db.DB
	Timers    job.Timers
	Now       linli.Now
	Plans     Plans
	Booker    Booker
	Residents Residents
	Catalog   Catalog
	Log       *slog.Logger
}

// Service keeps the recurring visits.
type Service struct{ Deps }

// The job of the evening, and the one that sees to its work when it was cut off.
const (
	jobEvening = "recur.evening"
	jobSpread  = "recur.spread"
)

// spreadHour is when the visits are given their days: before the next day is drafted.
const spreadHour = 19*time.Hour + 30*time.Minute

// New migrates the tables and binds the work of the evening.
func New(ctx context.Context, d Deps) (*Service, error) {
	s := &Service{d}
	if err := db.Migrate(ctx, d.DB, "recur", schema); err != nil {
		return nil, err
	}
	beside := job.Beside{DB: d.DB, Timers: d.Timers, Now: d.Now, Log: d.Log}
	spread := func(ctx context.Context, tx db.Tx, _ job.Job) error {
		return beside.Do(ctx, tx, jobSpread, "again", s.spread)
	}
	d.Timers.Every(jobEvening, func(now time.Time) time.Time { return calendar.NextAt(now, spreadHour, linli.Shanghai) }, spread)
	d.Timers.Handle(jobSpread, spread)
	return s, nil
}

func (s *Service) today() calendar.Date { return calendar.DateOf(s.Now(), linli.Shanghai) }

// agree agrees on a recurring visit in the name of whoever asks. The same
// residents and places are within reach as when an order is opened at the desk.
func (s *Service) agree(ctx context.Context, r *series, then func(tx db.Tx) error) error {
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
	r.item, r.place, r.state = spec.Item, home, Running
	if err := r.check(s.today()); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx db.Tx) error {
		now := s.Now()
		r.id, r.madeAt = linli.NewID("ser", now), now
		if err := r.insert(tx); err != nil {
			return err
		}
		if err := s.acted(ctx, tx, r, "recur.make", ""); err != nil {
			return err
		}
		return then(tx)
	})
}

// acted writes down what a person did, and has the days spread anew.
func (s *Service) acted(ctx context.Context, tx db.Tx, r *series, act, reason string) error {
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
		if r.state != Running {
			return linli.Conflict("这项定期服务已经停止", "this series has been stopped")
		}
		if err := do(tx, r); err != nil {
			return err
		}
		return s.acted(ctx, tx, r, act, reason)
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
	if err := tx.QueryRow(`SELECT MAX(period) FROM recur_visit WHERE series_id = $1`, r.id).Scan(&last); err != nil {
		return err
	}
	if last.Valid { // periods are numbered on: none is given twice
		r.base = int(last.Int64) + 1
	}
	_, err := tx.Exec(`UPDATE recur_series SET every_n = $1, every_unit = $2, within_days = $3, first_day = $4, until_day = $5, base = $6, from_min = $7, to_min = $8 WHERE id = $9`,
		r.every.N, r.every.Unit, r.within, r.first.String(), r.until, r.base, r.hours[0], r.hours[1], r.id)
	return err
}

// stop ends a series: nothing more is opened, and what was opened and nobody
// has set out for is canceled.
func (s *Service) stop(ctx context.Context, tx db.Tx, r *series, reason string) error {
	if _, err := tx.Exec(`UPDATE recur_series SET state = $1, reason = $2, ended_at = $3 WHERE id = $4`, Stopped, reason, linli.Millis(s.Now()), r.id); err != nil {
		return err
	}
	return s.unbook(ctx, tx, r, s.today())
}

// unbook takes back the visits of a series from a day on.
func (s *Service) unbook(ctx context.Context, tx db.Tx, r *series, from calendar.Date) error {
	if _, err := tx.Exec(`DELETE FROM recur_visit WHERE series_id = $1 AND order_id = ''`, r.id); err != nil {
		return err
	}
	orders, err := db.Rows(tx, func(rows *sql.Rows) (id linli.OrderID, err error) { return id, rows.Scan(&id) },
		`SELECT order_id FROM recur_visit WHERE series_id = $1 AND day >= $2 ORDER BY period`, r.id, from.String())
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
		if r.state == Running {
			if err := s.stop(ctx, tx, r, reason); err != nil {
				return err
			}
		}
		if !forget {
			continue
		}
		for _, table := range []string{`recur_visit WHERE series_id`, `recur_series WHERE id`} {
			if _, err := tx.Exec(`DELETE FROM `+table+` = $1`, r.id); err != nil {
				return err
			}
		}
	}
	return nil
}
