package device

import (
	"database/sql"
	"errors"
	"time"

	"linli"
	"linli/engine/db"
)

// find reads the devices that meet a condition, with how many keys let each in.
func find(tx db.Tx, now time.Time, w db.Where, tail string) ([]row, error) {
	where, at := w.String(), w.Arg(linli.Millis(now))
	return db.Rows(tx, scanDevice, `SELECT d.id, d.kind, d.serial, d.model, d.firmware, d.place, d.subject, d.state, d.reason, d.calibration, d.claim_hash, d.claim_until, d.made_at, d.rev,
		s.at, s.battery, s.signal, s.refused, s.withheld, s.refusal, s.silent_at, s.outage,
		(SELECT COUNT(*) FROM device_key k WHERE k.device_id = d.id AND (k.ends_at = 0 OR k.ends_at > CAST(`+at+` AS BIGINT)))
		FROM device_device d JOIN device_seen s ON s.device_id = d.id WHERE `+where+tail, w.Args()...)
}

func scanDevice(rows *sql.Rows) (d row, err error) {
	var made, seen, battery, silent int64
	err = rows.Scan(&d.ID, &d.Kind, &d.Serial, &d.Model, &d.Firmware, &d.Place, &d.Subject, &d.State, &d.Reason, &d.Calibration, &d.claimHash, &d.claimUntil, &made, &d.Rev,
		&seen, &battery, &d.Signal, &d.Refused, &d.Withheld, &d.Refusal, &silent, &d.outage, &d.Keys)
	d.Created, d.Seen, d.Silent = linli.Time(made), linli.Time(seen), linli.Time(silent)
	if battery >= 0 {
		n := int(battery)
		d.Battery = &n
	}
	return d, err
}

func one(found []row, err error) (row, error) {
	if err == nil && len(found) == 0 {
		err = errNoDevice
	}
	if err != nil {
		return row{}, err
	}
	return found[0], nil
}

func deviceOf(tx db.Tx, now time.Time, id string) (row, error) {
	var w db.Where
	w.And("d.id = ?", id)
	return one(find(tx, now, w, ""))
}

// insert stores a new device; a serial that is taken is a conflict.
func insert(tx db.Tx, d row) error {
	n, err := tx.Exec(`INSERT INTO device_device (id, kind, serial, model, place, subject, state, calibration, made_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9) ON CONFLICT (kind, serial) DO NOTHING`,
		d.ID, d.Kind, d.Serial, d.Model, d.Place, d.Subject, d.State, d.Calibration, linli.Millis(d.Created))
	if err != nil {
		return err
	}
	if n == 0 {
		return errSerial
	}
	if _, err := tx.Exec(`INSERT INTO device_seen (device_id) VALUES ($1)`, d.ID); err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO device_shadow (device_id, reported, desired) VALUES ($1,'{}','{}')`, d.ID)
	return err
}

// save stores what an act changed, as the next revision.
func save(tx db.Tx, d *row) error {
	n, err := tx.Exec(`UPDATE device_device SET model=$1, place=$2, subject=$3, state=$4, reason=$5, calibration=$6, claim_hash=$7, claim_until=$8, rev = rev + 1 WHERE id = $9 AND rev = $10`,
		d.Model, d.Place, d.Subject, d.State, d.Reason, d.Calibration, d.claimHash, d.claimUntil, d.ID, d.Rev)
	if err == nil && n == 0 {
		err = errMoved
	}
	d.Rev++
	return err
}

// cardsOf reads what the gate must know of devices; cond begins with " WHERE" or is empty.
func cardsOf(tx db.Tx, cond string, args []any) (map[string]card, error) {
	rows, err := tx.Query(`SELECT d.id, d.rev, d.state, COALESCE(k.kind, ''), COALESCE(k.hash, ''), COALESCE(k.ends_at, 0)
		FROM device_device d LEFT JOIN device_key k ON k.device_id = d.id`+cond+` ORDER BY d.id, k.id`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]card{}
	for rows.Next() {
		var id string
		var state State
		var c card
		var k key
		if err := rows.Scan(&id, &c.rev, &state, &k.kind, &k.hash, &k.ends); err != nil {
			return nil, err
		}
		c.live, c.keys = state.speaks(), out[id].keys
		if k.kind != "" {
			c.keys = append(c.keys, k)
		}
		out[id] = c
	}
	return out, rows.Err()
}

// shadow is what a device reports of itself and what it is asked to be.
type shadow struct {
	reported, desired     map[string]float64
	reportedAt, desiredAt time.Time
}

func shadowOf(tx db.Tx, device string) (sh shadow, err error) {
	var reported, desired int64
	err = tx.QueryRow(`SELECT reported, desired, reported_at, desired_at FROM device_shadow WHERE device_id = $1`, device).
		Scan(db.JSON(&sh.reported), db.JSON(&sh.desired), &reported, &desired)
	if errors.Is(err, sql.ErrNoRows) {
		err = errNoDevice
	}
	sh.reportedAt, sh.desiredAt = linli.Time(reported), linli.Time(desired)
	return sh, err
}

const commandColumns = `id, device_id, command, state, made_at, until_at, ended_at`

func scanCommand(rows *sql.Rows) (c Command, err error) {
	var made, until, ended int64
	err = rows.Scan(&c.ID, &c.Device, &c.Code, &c.State, &made, &until, &ended)
	c.At, c.Until, c.Ended = linli.Time(made), linli.Time(until), linli.Time(ended)
	return c, err
}
