package device

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/calendar"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/engine/job"
)

// eraseDays is how many working days there are to erase what was measured under a
// purpose that was taken back: what the consent text promises (domain.md 4.3).
const eraseDays = 15

const jobErase = "device.erase"

func ofSubject(tx db.Tx, now time.Time, id linli.ResidentID) ([]row, error) {
	var w db.Where
	w.And("d.subject = ?", id)
	return find(tx, now, w, " ORDER BY d.id")
}

// Withdrawn follows a resident who took a purpose back: devices that are there for it
// are suspended and what was measured under it is erased. That nothing more is stored
// does not wait for this: Take asks. For flow.
func (s *Service) Withdrawn(_ context.Context, tx db.Tx, id linli.ResidentID, purpose string) error {
	if len(metricsOf(purpose)) == 0 {
		return nil // not a matter of sensors
	}
	now := s.Now()
	devices, err := ofSubject(tx, now, id)
	if err != nil {
		return err
	}
	place := linli.Place("")
	for i := range devices {
		d := &devices[i]
		place = d.Place
		if Kinds.kinds[d.Kind].Purpose != purpose || d.State == Suspended || d.State == Retired {
			continue
		}
		if err := s.move(tx, auth.System, d, Suspended, ReasonConsent); err != nil {
			return err
		}
	}
	eid := linli.NewID("era", now)
	if _, err := tx.Exec(`INSERT INTO device_erasure (id, resident, purpose, place, at, due) VALUES ($1,$2,$3,$4,$5,$6)`,
		eid, id, purpose, place, linli.Millis(now), workdaysAfter(now, eraseDays)); err != nil {
		return err
	}
	return s.Timers.Set(tx, jobErase, eid, now, nil)
}

// workdaysAfter is the nth working day after a moment.
func workdaysAfter(t time.Time, n int) string {
	day := calendar.DateOf(t, linli.Shanghai)
	for n > 0 {
		day = day.AddDays(1)
		if work, _ := calendar.Statutory().IsWorkday(day); work {
			n--
		}
	}
	return day.String()
}

// erase carries out one erasure; the timer tries again until it succeeds.
func (s *Service) erase(_ context.Context, tx db.Tx, j job.Job) error {
	var id linli.ResidentID
	var purpose string
	var place linli.Place
	err := tx.QueryRow(`SELECT resident, purpose, place FROM device_erasure WHERE id = $1 AND done_at = 0`, j.Key).Scan(&id, &purpose, &place)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // the person was forgotten meanwhile, and with them everything
	}
	if err != nil {
		return err
	}
	if s.Samples != nil {
		if err := s.Samples.Erase(tx, id, metricsOf(purpose)); err != nil {
			return err
		}
	}
	var codes []string
	for _, e := range Kinds.Events {
		if e.Purpose == purpose {
			codes = append(codes, e.Code)
		}
	}
	among := s.DB.Dialect().In("$2") // they hold when somebody fell or called for help
	if _, err := tx.Exec(`DELETE FROM device_event WHERE device_id IN (SELECT id FROM device_device WHERE subject = $1) AND code IN `+among, id, db.List(codes)); err != nil {
		return err
	}
	now := s.Now()
	if _, err := tx.Exec(`UPDATE device_erasure SET done_at = $1 WHERE id = $2`, linli.Millis(now), j.Key); err != nil {
		return err
	}
	if err := s.Bus.Publish(tx, bus.Pack(EventErased, string(id), place, now, Erased{id, purpose})); err != nil {
		return err
	}
	return auth.Audit(tx, now, auth.System, auth.Line{Act: "device.erase", Subject: string(id), Place: place, Detail: purpose})
}

// Gone follows a resident who died or moved away, or who is forgotten: the devices
// are suspended; of a forgotten one nothing that was measured or says whose they
// were is left. For flow.
func (s *Service) Gone(_ context.Context, tx db.Tx, id linli.ResidentID, forgotten bool) error {
	devices, err := ofSubject(tx, s.Now(), id)
	if err != nil {
		return err
	}
	reason := ReasonGone
	if forgotten {
		reason = ReasonForgotten
		if s.Samples != nil {
			if err := s.Samples.Erase(tx, id, personal()); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`DELETE FROM device_erasure WHERE resident = $1`, id); err != nil {
			return err
		}
	}
	for i := range devices {
		d := &devices[i]
		if forgotten {
			if err := s.wipe(tx, d.ID); err != nil {
				return err
			}
			d.Subject, d.Place = "", d.Place.At(linli.DepthBuilding)
		}
		switch {
		case slices.Contains([]State{Fresh, Claimed, Active}, d.State):
			err = s.move(tx, auth.System, d, Suspended, reason)
		case forgotten:
			if err = save(tx, d); err == nil {
				err = s.told(tx, auth.System, d, EventRevoked, "device.forget", "")
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// personal are the metrics that speak about persons.
func personal() (out []string) {
	for _, m := range Kinds.Metrics {
		if m.Purpose != "" {
			out = append(out, m.Code)
		}
	}
	return out
}
