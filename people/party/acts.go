package party

import (
	"context"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/calendar"
	"linli/engine/bus"
	"linli/engine/db"
)

// NewOrg registers an organization within tx. The credit code must be free.
func (s *Service) NewOrg(tx db.Tx, p *auth.Principal, d OrgDraft) (Org, error) {
	if err := d.validate(); err != nil {
		return Org{}, err
	}
	now := s.now()
	id := linli.OrgID(linli.NewID("org", now))
	if !p.Scope("party.write").Covers(auth.Row{Place: d.Place}) {
		return Org{}, errOutside
	}
	if err := usccTaken(tx, d.USCC, id); err != nil {
		return Org{}, err
	}
	if err := insertOrg(tx, id, d, now); err != nil {
		return Org{}, err
	}
	return s.orgChanged(tx, p, id, "org.create")
}

// errOutside refuses to put something where the asker has no say.
var errOutside = linli.Forbidden("不在您管理的范围内", "this lies outside what you manage")

// EditOrg replaces what is said of an organization; rev is the revision that was read.
func (s *Service) EditOrg(tx db.Tx, p *auth.Principal, id linli.OrgID, rev int64, d OrgDraft) (Org, error) {
	scope := p.Scope("party.write")
	old, err := orgOf(tx, id)
	if err != nil {
		return Org{}, err
	}
	if !scope.Covers(old.AuthRow()) {
		return Org{}, errNoOrg
	}
	if d.State == "" {
		d.State = old.State // leaving it out changes nothing
	}
	if err := d.validate(); err != nil {
		return Org{}, err
	}
	if !scope.Covers(auth.Row{Place: d.Place, Org: id}) {
		return Org{}, errOutside
	}
	if (d.State != old.State || d.Kind != old.Kind || d.Place != old.Place) && !scope.Covers(auth.Row{Place: old.Place}) {
		return Org{}, linli.Forbidden("状态、类别和地点由街道改", "state, kind and place are the street's to change")
	}
	if err := usccTaken(tx, d.USCC, id); err != nil {
		return Org{}, err
	}
	if err := updateOrg(tx, id, rev, d); err != nil {
		return Org{}, err
	}
	return s.orgChanged(tx, p, id, "org.edit")
}

// orgChanged writes the audit line and the event; the state of an organization decides over its workers.
func (s *Service) orgChanged(tx db.Tx, p *auth.Principal, id linli.OrgID, act string) (Org, error) {
	now := s.now()
	o, err := orgOf(tx, id)
	if err != nil {
		return Org{}, err
	}
	if err := s.bump(tx); err != nil {
		return Org{}, err
	}
	if err := s.bus.Publish(tx, bus.Pack(EventOrgChanged, string(id), o.Place, now, OrgChanged{id, o.Kind, o.State, o.Rev})); err != nil {
		return Org{}, err
	}
	return o, auth.Audit(tx, now, p, auth.Line{Act: act, Subject: string(id), Place: o.Place})
}

// NewWorker registers a worker of an organization within tx.
func (s *Service) NewWorker(tx db.Tx, p *auth.Principal, d WorkerDraft) (Worker, error) {
	if err := d.validate(); err != nil {
		return Worker{}, err
	}
	if err := employs(tx, p, d.Org); err != nil {
		return Worker{}, err
	}
	if !p.Scope("party.write").Covers(auth.Row{Place: d.Place, Org: d.Org}) {
		return Worker{}, errOutside
	}
	now := s.now()
	id := linli.WorkerID(linli.NewID("wrk", now))
	if err := insertWorker(tx, id, d, now); err != nil {
		return Worker{}, err
	}
	return s.workerChanged(tx, p, id, "worker.create", "")
}

// EditWorker replaces what is said of a worker; rev is the revision that was read.
func (s *Service) EditWorker(tx db.Tx, p *auth.Principal, id linli.WorkerID, rev int64, d WorkerDraft) (Worker, error) {
	old, err := s.inWrite(tx, p, id)
	if err != nil {
		return Worker{}, err
	}
	if d.Week == nil {
		d.Week = old.Week // the week has its own form; leaving it out changes nothing
	}
	if d.State == "" {
		d.State = old.State
	}
	if err := d.validate(); err != nil {
		return Worker{}, err
	}
	if err := employs(tx, p, d.Org); err != nil {
		return Worker{}, err
	}
	if !p.Scope("party.write").Covers(auth.Row{Place: d.Place, Org: d.Org}) {
		return Worker{}, errOutside
	}
	if err := updateWorker(tx, id, rev, d); err != nil {
		return Worker{}, err
	}
	return s.workerChanged(tx, p, id, "worker.edit", "")
}

// employs checks that an organization exists and is the asker's to hire for.
func employs(tx db.Tx, p *auth.Principal, id linli.OrgID) error {
	o, err := orgOf(tx, id)
	if linli.KindOf(err) == linli.KindNotFound || err == nil && !p.Scope("party.write").Covers(o.AuthRow()) {
		return linli.Invalid("org", "没有这个机构", "there is no such organization")
	}
	return err
}

// managed loads a worker whom the asker manages, or is.
func (s *Service) managed(tx db.Tx, p *auth.Principal, id linli.WorkerID) (file, error) {
	f, err := fileOf(tx, s.db.Dialect(), s.now(), id)
	if err != nil {
		return file{}, err
	}
	self := p.Worker == id && p.Can("party.self")
	if !self && !p.Scope("party.write").Covers(f.AuthRow()) {
		return file{}, errNoWorker
	}
	return f, nil
}

// workerChanged writes the audit line and the event and answers the worker as now stored.
func (s *Service) workerChanged(tx db.Tx, p *auth.Principal, id linli.WorkerID, act, detail string) (Worker, error) {
	now := s.now()
	if err := s.changed(tx, id); err != nil {
		return Worker{}, err
	}
	f, err := fileOf(tx, s.db.Dialect(), now, id)
	if err != nil {
		return Worker{}, err
	}
	return f.Worker, auth.Audit(tx, now, p, auth.Line{Act: act, Subject: string(id), Place: f.Place, Detail: detail})
}

// SetShifts replaces the weekly pattern and the days from today on that differ from it.
func (s *Service) SetShifts(tx db.Tx, p *auth.Principal, id linli.WorkerID, rev int64, shifts Shifts) (Worker, error) {
	if err := shifts.validate(); err != nil {
		return Worker{}, err
	}
	if _, err := s.managed(tx, p, id); err != nil {
		return Worker{}, err
	}
	n, err := tx.Exec(`UPDATE party_worker SET week = $1, rev = rev + 1 WHERE id = $2 AND rev = $3`, db.JSON(shifts.Week), id, rev)
	if err := moved(n, err); err != nil {
		return Worker{}, err
	}
	// Past days stay: they explain past plans.
	today := calendar.DateOf(s.now(), linli.Shanghai).String()
	if _, err := tx.Exec(`DELETE FROM party_day WHERE worker_id = $1 AND day >= $2`, id, today); err != nil {
		return Worker{}, err
	}
	for _, d := range shifts.Days {
		if d.Day < today {
			continue
		}
		if _, err := tx.Exec(`INSERT INTO party_day (worker_id, day, spans) VALUES ($1,$2,$3)`, id, d.Day, d.Spans); err != nil {
			return Worker{}, err
		}
	}
	return s.workerChanged(tx, p, id, "worker.shifts", "")
}

// AddAbsence records that a worker cannot be planned for a time; dispatch hears of it through the event.
func (s *Service) AddAbsence(tx db.Tx, p *auth.Principal, id linli.WorkerID, d AbsenceDraft) (Worker, error) {
	if err := d.validate(); err != nil {
		return Worker{}, err
	}
	if _, err := s.managed(tx, p, id); err != nil {
		return Worker{}, err
	}
	now := s.now()
	absence := linli.NewID("abs", now)
	if _, err := tx.Exec(`INSERT INTO party_absence (id, worker_id, kind, from_at, to_at, by_user, at) VALUES ($1,$2,$3,$4,$5,$6,$7)`,
		absence, id, d.Kind, linli.Millis(d.From), linli.Millis(d.To), p.User, linli.Millis(now)); err != nil {
		return Worker{}, err
	}
	if err := touch(tx, id, 0); err != nil {
		return Worker{}, err
	}
	return s.workerChanged(tx, p, id, "worker.absence", absence)
}

// Absent is AddAbsence for a slice that has asked itself who may say so.
func (s *Service) Absent(tx db.Tx, id linli.WorkerID, kind string, from, to time.Time) error {
	_, err := s.AddAbsence(tx, auth.System, id, AbsenceDraft{Kind: kind, From: from, To: to})
	return err
}

// Overtime lets the shift of a worker that ends at a moment end later that day, for
// a slice that has asked itself who may say so. A shift ends by midnight.
func (s *Service) Overtime(tx db.Tx, id linli.WorkerID, end time.Time, more time.Duration) error {
	f, err := fileOf(tx, s.db.Dialect(), s.now(), id)
	if err != nil {
		return err
	}
	p, err := f.plan()
	if err != nil {
		return err
	}
	day := calendar.DateOf(end.Add(-time.Minute), linli.Shanghai)
	spans, ok := p.stretched(day, end, more)
	if !ok {
		return linli.Conflict("这个班次不能再延长", "this shift cannot be made longer")
	}
	if _, err := tx.Exec(`INSERT INTO party_day (worker_id, day, spans) VALUES ($1,$2,$3) ON CONFLICT (worker_id, day) DO UPDATE SET spans = excluded.spans`,
		id, day.String(), spans); err != nil {
		return err
	}
	if err := touch(tx, id, 0); err != nil {
		return err
	}
	_, err = s.workerChanged(tx, auth.System, id, "worker.overtime", day.String()+" "+spans)
	return err
}

// EndAbsence lets an absence end now, or removes one that has not begun.
func (s *Service) EndAbsence(tx db.Tx, p *auth.Principal, id linli.WorkerID, absence string) (Worker, error) {
	if _, err := s.managed(tx, p, id); err != nil {
		return Worker{}, err
	}
	now := linli.Millis(s.now())
	n, err := tx.Exec(`UPDATE party_absence SET to_at = CASE WHEN from_at < CAST($1 AS BIGINT) THEN $1 ELSE from_at END WHERE id = $2 AND worker_id = $3 AND to_at > $1`, now, absence, id)
	if err != nil {
		return Worker{}, err
	}
	if n == 0 {
		return Worker{}, linli.NotFound("没有这条请假，或已结束", "there is no such absence, or it has ended")
	}
	if err := touch(tx, id, 0); err != nil {
		return Worker{}, err
	}
	return s.workerChanged(tx, p, id, "worker.back", absence)
}

// AddCertificate records a certificate; its skills count at once.
func (s *Service) AddCertificate(tx db.Tx, p *auth.Principal, id linli.WorkerID, d CertificateDraft) (Worker, error) {
	if err := d.validate(); err != nil {
		return Worker{}, err
	}
	if _, err := s.inWrite(tx, p, id); err != nil {
		return Worker{}, err
	}
	now := s.now()
	cert := linli.NewID("crt", now)
	if _, err := tx.Exec(`INSERT INTO party_certificate (id, worker_id, kind, number, level, issued, expires, at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)`,
		cert, id, d.Kind, d.Number, d.Level, d.Issued, d.Expires, linli.Millis(now)); err != nil {
		return Worker{}, err
	}
	if err := touch(tx, id, 0); err != nil {
		return Worker{}, err
	}
	return s.workerChanged(tx, p, id, "worker.certificate", cert+" "+d.Kind)
}

// Revoke ends a certificate before its time, with a reason.
func (s *Service) Revoke(tx db.Tx, p *auth.Principal, id linli.WorkerID, cert, reason string) (Worker, error) {
	if _, err := s.inWrite(tx, p, id); err != nil {
		return Worker{}, err
	}
	n, err := tx.Exec(`UPDATE party_certificate SET revoked_at = $1 WHERE id = $2 AND worker_id = $3 AND revoked_at = 0`, linli.Millis(s.now()), cert, id)
	if err != nil {
		return Worker{}, err
	}
	if n == 0 {
		return Worker{}, linli.NotFound("没有这张证书，或已作废", "there is no such certificate, or it was revoked")
	}
	if err := touch(tx, id, 0); err != nil {
		return Worker{}, err
	}
	return s.workerChanged(tx, p, id, "worker.revoke", cert+" "+reason)
}

// inWrite loads a worker whom the asker manages; nobody certifies themselves.
func (s *Service) inWrite(tx db.Tx, p *auth.Principal, id linli.WorkerID) (file, error) {
	f, err := fileOf(tx, s.db.Dialect(), s.now(), id)
	if err == nil && !p.Scope("party.write").Covers(f.AuthRow()) {
		err = errNoWorker
	}
	return f, err
}

// workerOf answers one worker by id, unredacted.
func (s *Service) workerOf(ctx context.Context, id linli.WorkerID) (w Worker, err error) {
	err = s.db.Read(ctx, func(tx db.Tx) error {
		f, err := fileOf(tx, s.db.Dialect(), s.now(), id)
		w = f.Worker
		return err
	})
	return w, err
}

// expiring lists the certificates of the reached workers that end within so many days, or ended since a month.
func (s *Service) expiring(tx db.Tx, scope auth.Scope, now time.Time, days, limit int, after string) ([]ExpiringCertificate, error) {
	today := calendar.DateOf(now, linli.Shanghai)
	var w db.Where
	w.And("c.revoked_at = 0 AND c.expires <> '' AND w.state <> ?", Left)
	w.And("c.expires <= ? AND c.expires >= ?", today.AddDays(days).String(), today.AddDays(-30).String())
	w.And("c.expires || c.id > ?", after)
	w.Put(scope.SQL(auth.Columns{Place: "w.place", Org: "w.org_id", Worker: "w.id"}, w.Next()))
	return db.Rows(tx, scanExpiring(now), `SELECT c.id, c.worker_id, c.kind, c.number, c.level, c.issued, c.expires, c.revoked_at, w.name, w.org_id, o.name, w.place
		FROM party_certificate c JOIN party_worker w ON w.id = c.worker_id JOIN party_org o ON o.id = w.org_id
		WHERE `+w.String()+` ORDER BY c.expires || c.id LIMIT `+itoa(limit), w.Args()...)
}
