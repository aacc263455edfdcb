package party

import (
	"database/sql"
	"errors"
	"time"

	"linli"
	"linli/decide/calendar"
	"linli/engine/db"
)

const orgColumns = `id, name, kind, uscc, place, lng, lat, address, phone, leader, state,
	(SELECT COUNT(*) FROM party_worker w WHERE w.org_id = party_org.id AND w.state <> 'left'), created_at, rev`

func scanOrg(rows *sql.Rows) (o Org, err error) {
	var created int64
	err = rows.Scan(&o.ID, &o.Name, &o.Kind, &o.USCC, &o.Place, &o.At.Lng, &o.At.Lat, &o.Address, &o.Phone, &o.Leader, &o.State, &o.Workers, &created, &o.Rev)
	o.Created = linli.Time(created)
	return o, err
}

var errNoOrg = linli.NotFound("没有这个机构", "there is no such organization")

func orgOf(tx db.Tx, id linli.OrgID) (Org, error) {
	found, err := db.Rows(tx, scanOrg, `SELECT `+orgColumns+` FROM party_org WHERE id = $1`, id)
	if err == nil && len(found) == 0 {
		err = errNoOrg
	}
	if err != nil {
		return Org{}, err
	}
	return found[0], nil
}

var errUSCCTaken = &linli.Error{Kind: linli.KindConflict, Field: "uscc", Zh: "这个信用代码已登记给另一机构", En: "this credit code belongs to another organization"}

func usccTaken(tx db.Tx, uscc string, but linli.OrgID) error {
	if uscc == "" {
		return nil
	}
	var other linli.OrgID
	err := tx.QueryRow(`SELECT id FROM party_org WHERE uscc = $1 AND uscc <> '' AND id <> $2`, uscc, but).Scan(&other)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return errUSCCTaken
}

func insertOrg(tx db.Tx, id linli.OrgID, d OrgDraft, now time.Time) error {
	_, err := tx.Exec(`INSERT INTO party_org (id, name, kind, uscc, place, lng, lat, address, phone, leader, state, created_at)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)`,
		id, d.Name, d.Kind, d.USCC, d.Place, d.At.Lng, d.At.Lat, d.Address, d.Phone, d.Leader, d.State, linli.Millis(now))
	return err
}

func updateOrg(tx db.Tx, id linli.OrgID, rev int64, d OrgDraft) error {
	n, err := tx.Exec(`UPDATE party_org SET name=$1, kind=$2, uscc=$3, place=$4, lng=$5, lat=$6, address=$7, phone=$8, leader=$9, state=$10, rev = rev + 1
		WHERE id = $11 AND rev = $12`, d.Name, d.Kind, d.USCC, d.Place, d.At.Lng, d.At.Lat, d.Address, d.Phone, d.Leader, d.State, id, rev)
	return moved(n, err)
}

// moved turns an edit that met another revision into a conflict.
func moved(n int64, err error) error {
	if err == nil && n == 0 {
		err = linli.Conflict("这条刚被别人改过，请刷新后再改", "it was changed meanwhile; reload and try again")
	}
	return err
}

func membersOf(tx db.Tx, o Org) ([]Member, error) {
	return db.Rows(tx, func(rows *sql.Rows) (m Member, err error) {
		err = rows.Scan(&m.ID, &m.Name, &m.Duty, &m.Phone)
		m.Org, m.Place = o.ID, o.Place
		return m, err
	}, `SELECT id, name, duty, phone FROM party_member WHERE org_id = $1 ORDER BY id`, o.ID)
}

// file is a worker as stored, with everything that decides when and for what they can be planned.
type file struct {
	Worker
	orgState string
}

const workerColumns = `w.id, w.org_id, o.name, o.kind, o.state, w.name, w.phone, w.place, w.lng, w.lat, w.profile, w.areas, w.skills, w.week, w.max_load, w.state, w.created_at, w.rev`

func scanFile(rows *sql.Rows) (f file, err error) {
	var created int64
	err = rows.Scan(&f.ID, &f.Org, &f.OrgName, &f.Actor, &f.orgState, &f.Name, &f.Phone, &f.Place, &f.At.Lng, &f.At.Lat, &f.Profile,
		db.JSON(&f.Areas), db.JSON(&f.Skills), db.JSON(&f.Week), &f.MaxLoad, &f.State, &created, &f.Rev)
	f.Created = linli.Time(created)
	f.Certificates, f.Absences, f.Days = []Certificate{}, []Absence{}, []Day{}
	return f, err
}

const certificateColumns = `id, worker_id, kind, number, level, issued, expires, revoked_at`

func scanCertificate(rows *sql.Rows) (c Certificate, err error) {
	var revoked int64
	err = rows.Scan(&c.ID, &c.Worker, &c.Kind, &c.Number, &c.Level, &c.Issued, &c.Expires, &revoked)
	c.Revoked = linli.Time(revoked)
	return c, err
}

// files loads the workers that meet the condition, with certificates, and the
// absences and special days that still matter at now, completed for that moment.
func files(tx db.Tx, d db.Dialect, now time.Time, w db.Where, tail string) ([]file, error) {
	out, err := db.Rows(tx, scanFile, `SELECT `+workerColumns+` FROM party_worker w JOIN party_org o ON o.id = w.org_id WHERE `+w.String()+tail, w.Args()...)
	if err != nil || len(out) == 0 {
		return out, err
	}
	at := map[linli.WorkerID]*file{}
	ids := make([]linli.WorkerID, len(out))
	for i := range out {
		ids[i] = out[i].ID
		at[out[i].ID] = &out[i]
	}
	among := d.In("$1")
	certs, err := db.Rows(tx, scanCertificate, `SELECT `+certificateColumns+` FROM party_certificate WHERE worker_id IN `+among+` ORDER BY worker_id, id`, db.List(ids))
	if err != nil {
		return nil, err
	}
	for _, c := range certs {
		c.view(now)
		f := at[c.Worker]
		f.Certificates = append(f.Certificates, c)
	}
	rows, err := tx.Query(`SELECT id, worker_id, kind, from_at, to_at FROM party_absence WHERE worker_id IN `+among+` AND to_at > $2 ORDER BY worker_id, from_at, id`,
		db.List(ids), linli.Millis(now))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var a Absence
		var of linli.WorkerID
		var from, to int64
		if err := rows.Scan(&a.ID, &of, &a.Kind, &from, &to); err != nil {
			return nil, err
		}
		a.From, a.To = linli.Time(from), linli.Time(to)
		at[of].Absences = append(at[of].Absences, a)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close()
	// A night shift that still runs began on yesterday's day.
	yesterday := calendar.DateOf(now, linli.Shanghai).AddDays(-1).String()
	days, err := tx.Query(`SELECT worker_id, day, spans FROM party_day WHERE worker_id IN `+among+` AND day >= $2 ORDER BY worker_id, day`, db.List(ids), yesterday)
	if err != nil {
		return nil, err
	}
	defer days.Close()
	for days.Next() {
		var of linli.WorkerID
		var day Day
		if err := days.Scan(&of, &day.Day, &day.Spans); err != nil {
			return nil, err
		}
		at[of].Days = append(at[of].Days, day)
	}
	if err := days.Err(); err != nil {
		return nil, err
	}
	for i := range out {
		if err := out[i].view(now); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// plan gathers what decides the shifts.
func (f *file) plan() (p plan, err error) {
	if p.week, err = parseWeek(f.Week); err != nil {
		return p, err
	}
	p.days = make(map[calendar.Date][]calendar.Span, len(f.Days))
	for _, d := range f.Days {
		day, err := calendar.ParseDate(d.Day)
		if err != nil {
			return p, err
		}
		if p.days[day], err = calendar.ParseSpans(d.Spans); err != nil {
			return p, err
		}
	}
	for _, a := range f.Absences {
		p.absences = append(p.absences, linli.Window{From: a.From, To: a.To})
	}
	return p, nil
}

const horizon = 8 * 24 * time.Hour // how far shifts are laid out

// view completes the worker with what depends on the moment.
func (f *file) view(now time.Time) error {
	p, err := f.plan()
	if err != nil {
		return err
	}
	f.Away = absent(p.absences, now)
	if shifts := p.shifts(now, now.Add(horizon)); len(shifts) > 0 && f.State == Active && f.orgState == Active {
		f.NextFrom, f.NextTo = shifts[0].From, shifts[0].To
		f.OnShift = !now.Before(f.NextFrom)
	}
	return nil
}

var errNoWorker = linli.NotFound("没有这个人员", "there is no such worker")

func fileOf(tx db.Tx, d db.Dialect, now time.Time, id linli.WorkerID) (file, error) {
	var w db.Where
	w.And("w.id = ?", id)
	found, err := files(tx, d, now, w, "")
	if err == nil && len(found) == 0 {
		err = errNoWorker
	}
	if err != nil {
		return file{}, err
	}
	return found[0], nil
}

func insertWorker(tx db.Tx, id linli.WorkerID, d WorkerDraft, now time.Time) error {
	_, err := tx.Exec(`INSERT INTO party_worker (id, org_id, name, phone, place, lng, lat, profile, areas, skills, week, max_load, state, created_at)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)`, id, d.Org, d.Name, d.Phone, d.Place, d.At.Lng, d.At.Lat, d.Profile,
		db.JSON(d.Areas), db.JSON(d.Skills), db.JSON(d.Week), d.MaxLoad, d.State, linli.Millis(now))
	return err
}

func updateWorker(tx db.Tx, id linli.WorkerID, rev int64, d WorkerDraft) error {
	n, err := tx.Exec(`UPDATE party_worker SET org_id=$1, name=$2, phone=$3, place=$4, lng=$5, lat=$6, profile=$7, areas=$8, skills=$9, week=$10, max_load=$11, state=$12, rev = rev + 1
		WHERE id = $13 AND rev = $14`, d.Org, d.Name, d.Phone, d.Place, d.At.Lng, d.At.Lat, d.Profile,
		db.JSON(d.Areas), db.JSON(d.Skills), db.JSON(d.Week), d.MaxLoad, d.State, id, rev)
	return moved(n, err)
}

// touch makes the worker a new revision, against rev unless that is 0.
func touch(tx db.Tx, id linli.WorkerID, rev int64) error {
	n, err := tx.Exec(`UPDATE party_worker SET rev = rev + 1 WHERE id = $1 AND (CAST($2 AS BIGINT) = 0 OR rev = $2)`, id, rev)
	return moved(n, err)
}
