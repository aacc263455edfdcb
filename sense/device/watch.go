package device

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
	"time"

	"linli"
	"linli/decide/calendar"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/engine/job"
)

const (
	watchEvery = time.Minute
	// hold is how long a silence waits for company: devices of a building that lost
	// its network fall silent one after the other, as their reports come due.
	hold = 10 * time.Minute
	// deaf is how long the watch may have paused before silence counts anew.
	deaf = 5 * time.Minute
	// many is from how many devices on a building is dark rather than devices faulty.
	many = 3
	// keepEvents is how long what was noticed is remembered to be told once; what is
	// older than late comes with a wrong clock and may be told again.
	keepEvents   = late + 24*time.Hour
	keepCommands = 90 * 24 * time.Hour
)

func (s *Service) bind() {
	s.Timers.Handle(jobErase, s.erase)
	s.Timers.Every("device.watch", func(now time.Time) time.Time { return now.Add(watchEvery) },
		func(_ context.Context, tx db.Tx, _ job.Job) error { return s.watch(tx) })
}

// watch lets commands expire, tells who has fallen silent and which buildings speak
// again, and forgets what is too old.
func (s *Service) watch(tx db.Tx) error {
	now := s.Now()
	expired, err := db.Rows(tx, scanCommand, `SELECT `+commandColumns+` FROM device_command WHERE state = 'pending' AND until_at <= $1 ORDER BY id LIMIT 1000`, linli.Millis(now))
	if err != nil {
		return err
	}
	for _, c := range expired {
		var place linli.Place
		if err := tx.QueryRow(`SELECT place FROM device_device WHERE id = $1`, c.Device).Scan(&place); err != nil {
			return err
		}
		c.State = CommandExpired
		if err := s.answered(tx, c, place); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`DELETE FROM device_event WHERE at < $1`, linli.Millis(now.Add(-keepEvents))); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM device_command WHERE state <> 'pending' AND made_at < $1`, linli.Millis(now.Add(-keepCommands))); err != nil {
		return err
	}
	since, err := s.listening(tx, now)
	if err != nil {
		return err
	}
	if err := s.lightsOn(tx, now); err != nil {
		return err
	}
	return s.silences(tx, now, since)
}

// listening gives since when the hub has heard without a break.
func (s *Service) listening(tx db.Tx, now time.Time) (time.Time, error) {
	var at, since int64
	if err := tx.QueryRow(`SELECT at, since FROM device_watch WHERE id = 1`).Scan(&at, &since); err != nil {
		return now, err
	}
	if linli.Millis(now)-at > deaf.Milliseconds() {
		since = linli.Millis(now)
	}
	_, err := tx.Exec(`UPDATE device_watch SET at = $1, since = $2 WHERE id = 1`, linli.Millis(now), since)
	return linli.Time(since), err
}

// mute is a device whose silence nobody knows of yet.
type mute struct {
	row
	overdue time.Duration // how long it has been overdue
}

// silences tells of devices that are not heard any more: those of a building that
// fell silent together once, the others each.
func (s *Service) silences(tx db.Tx, now, since time.Time) error {
	var w db.Where
	w.And("d.state = ?", Active)
	w.And("s.silent_at = 0")
	var late []string
	for _, k := range Kinds.Kinds {
		if now.Sub(since) >= k.silence() { // else the hub has not listened long enough to know
			late = append(late, "d.kind = "+w.Arg(k.Code)+" AND s.at <= "+w.Arg(linli.Millis(now.Add(-k.silence()))))
		}
	}
	if len(late) == 0 {
		return nil
	}
	w.And("(" + strings.Join(late, " OR ") + ")")
	found, err := find(tx, now, w, " ORDER BY d.id")
	if err != nil {
		return err
	}
	quiet := map[linli.Place][]mute{}
	for _, d := range found {
		heard := d.Seen
		if heard.Before(since) {
			heard = since
		}
		b := d.Place.At(linli.DepthBuilding)
		quiet[b] = append(quiet[b], mute{d, now.Sub(heard) - Kinds.kinds[d.Kind].silence()})
	}
	for _, p := range slices.Sorted(maps.Keys(quiet)) {
		if err := s.silence(tx, now, p, quiet[p]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) silence(tx db.Tx, now time.Time, building linli.Place, quiet []mute) error {
	open, err := db.Rows(tx, scanOutage, `SELECT id, place, devices, at FROM device_outage WHERE over_at = 0 AND place = $1`, building)
	if err != nil {
		return err
	}
	outage := ""
	if len(open) > 0 {
		outage = open[0].ID
	}
	waited := slices.ContainsFunc(quiet, func(m mute) bool { return m.overdue >= hold })
	if outage == "" && !waited {
		return nil
	}
	if outage == "" {
		dark, err := s.dark(tx, building, quiet)
		if err != nil {
			return err
		}
		if dark {
			outage = linli.NewID("out", now)
			if _, err := tx.Exec(`INSERT INTO device_outage (id, place, devices, at) VALUES ($1,$2,$3,$4)`, outage, building, len(quiet), linli.Millis(now)); err != nil {
				return err
			}
			if err := s.Bus.Publish(tx, bus.Pack(EventOutage, outage, building, now, Outage{outage, len(quiet)})); err != nil {
				return err
			}
		}
	} else if _, err := tx.Exec(`UPDATE device_outage SET devices = devices + $1 WHERE id = $2`, len(quiet), outage); err != nil {
		return err
	}
	for _, m := range quiet {
		if outage == "" && m.overdue < hold {
			continue // still waits for company
		}
		if _, err := tx.Exec(`UPDATE device_seen SET silent_at = $1, outage = $2 WHERE device_id = $3`, linli.Millis(now), outage, m.ID); err != nil {
			return err
		}
		if outage != "" {
			continue
		}
		if err := s.Bus.Publish(tx, bus.Pack(EventSilent, m.ID, m.Place, now, Silence{m.ID, m.Kind, linli.Millis(m.Seen)})); err != nil {
			return err
		}
	}
	return nil
}

// dark tells whether a building fell silent as a whole: several devices, and at least
// half of those whose silence would be known by now.
func (s *Service) dark(tx db.Tx, building linli.Place, quiet []mute) (bool, error) {
	if len(quiet) < many {
		return false, nil
	}
	longest := 0
	for _, m := range quiet {
		longest = max(longest, Kinds.kinds[m.Kind].SilentS)
	}
	var kinds []string
	for _, k := range Kinds.Kinds {
		if k.SilentS <= longest {
			kinds = append(kinds, k.Code)
		}
	}
	var w db.Where
	w.And("state = ?", Active)
	w.Inside("place", building)
	w.And("kind IN "+s.DB.Dialect().In("?"), db.List(kinds))
	var all int
	err := tx.QueryRow(`SELECT COUNT(*) FROM device_device WHERE `+w.String(), w.Args()...).Scan(&all)
	return 2*len(quiet) >= all, err
}

// lightsOn ends the outages of which most devices speak again. Those that still do not
// have the time in which their kind reports to come back; then they are told one by one.
func (s *Service) lightsOn(tx db.Tx, now time.Time) error {
	open, err := db.Rows(tx, scanOutage, `SELECT id, place, devices, at FROM device_outage WHERE over_at = 0 ORDER BY id`)
	if err != nil {
		return err
	}
	for _, o := range open {
		var still int
		if err := tx.QueryRow(`SELECT COUNT(*) FROM device_seen WHERE outage = $1`, o.ID).Scan(&still); err != nil {
			return err
		}
		if 2*still >= o.Devices {
			continue
		}
		if _, err := tx.Exec(`UPDATE device_outage SET over_at = $1 WHERE id = $2`, linli.Millis(now), o.ID); err != nil {
			return err
		}
		if err := s.Bus.Publish(tx, bus.Pack(EventOutageOver, o.ID, o.Place, now, Outage{o.ID, still})); err != nil {
			return err
		}
	}
	dark, err := db.Rows(tx, func(rows *sql.Rows) (m mute, err error) {
		var over int64
		err = rows.Scan(&m.ID, &m.Kind, &over)
		m.overdue = now.Sub(linli.Time(over))
		return m, err
	}, `SELECT s.device_id, d.kind, o.over_at FROM device_seen s JOIN device_outage o ON o.id = s.outage JOIN device_device d ON d.id = s.device_id
		WHERE s.outage <> '' AND o.over_at > 0 ORDER BY s.device_id`)
	if err != nil {
		return err
	}
	for _, m := range dark {
		if m.overdue < Kinds.kinds[m.Kind].silence() {
			continue
		}
		if _, err := tx.Exec(`UPDATE device_seen SET silent_at = 0, outage = '' WHERE device_id = $1`, m.ID); err != nil {
			return err
		}
	}
	return nil
}

// today is the day by which calibrations are judged.
func (s *Service) today() string { return calendar.DateOf(s.Now(), linli.Shanghai).String() }
