package party

import (
	"context"
	"database/sql"
	"time"

	"linli"
	"linli/decide/calendar"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/engine/job"
)

// bind lets the certificates that end soon be told every morning.
func (s *Service) bind(timers job.Timers) {
	early := func(now time.Time) time.Time { return calendar.NextAt(now, 6*time.Hour, linli.Shanghai) } // before the first shift
	timers.Every("party.certificates", early, func(_ context.Context, tx db.Tx, _ job.Job) error { return s.tellExpiring(tx) })
}

// tellExpiring publishes an event for each certificate that ends within 30 days,
// within a week, or has ended: each notice once.
func (s *Service) tellExpiring(tx db.Tx) error {
	now := s.now()
	today := calendar.DateOf(now, linli.Shanghai)
	type due struct {
		e     CertificateExpiring
		place linli.Place
		told  int
	}
	open, err := db.Rows(tx, func(rows *sql.Rows) (d due, err error) {
		var told int64
		err = rows.Scan(&d.e.Certificate, &d.e.Worker, &d.e.Org, &d.place, &d.e.Kind, &d.e.Expires, &told)
		d.told = int(told)
		return d, err
	}, `SELECT c.id, c.worker_id, w.org_id, w.place, c.kind, c.expires, c.told FROM party_certificate c JOIN party_worker w ON w.id = c.worker_id
		WHERE c.revoked_at = 0 AND c.expires <> '' AND c.expires <= $1 AND c.told <> 0 AND w.state <> $2 ORDER BY c.expires, c.id`,
		today.AddDays(notices[0]).String(), Left)
	if err != nil {
		return err
	}
	for _, d := range open {
		end, err := calendar.ParseDate(d.e.Expires)
		if err != nil {
			return err
		}
		d.e.Days = max(0, end.Sub(today))
		notice, ok := dueNotice(end.Sub(today), d.told)
		if !ok {
			continue
		}
		if _, err := tx.Exec(`UPDATE party_certificate SET told = $1 WHERE id = $2`, notice, d.e.Certificate); err != nil {
			return err
		}
		if err := s.bus.Publish(tx, bus.Pack(EventCertificateExpiring, string(d.e.Worker), d.place, now, d.e)); err != nil {
			return err
		}
	}
	return nil
}
