package party

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/web"
)

const tag = "party"

var itoa = strconv.Itoa

// Routes registers what clerks, providers and workers do with the register.
func (s *Service) Routes(r *web.Router) {
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/actor-kinds", ID: "actor-kind-list", May: auth.SignedIn, Zh: "主体类别与角色", En: "actor kinds and roles", Tag: tag}, s.listActors)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/collaboration", ID: "collaboration-get", May: auth.SignedIn, Zh: "协同分工表", En: "who acts in which module", Tag: tag}, s.getCollaboration)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/skills", ID: "skill-list", May: auth.SignedIn, Zh: "技能与证书种类", En: "skills and kinds of certificates", Tag: tag}, s.listSkills)

	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/organizations", ID: "organization-list", May: "party.read", Zh: "机构列表", En: "list organizations", Tag: tag}, s.listOrgs)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/organizations", ID: "organization-create", May: "party.write", Zh: "登记机构", En: "register an organization", Tag: tag, Creates: true}, s.createOrg)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/organizations/{id}", ID: "organization-get", May: "party.read", Zh: "看机构", En: "one organization with its members", Tag: tag}, s.getOrg)
	web.Handle(r, web.Route{Method: "PUT", Path: "/api/v1/organizations/{id}", ID: "organization-edit", May: "party.write", Zh: "改机构", En: "edit an organization", Tag: tag}, s.editOrg)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/organizations/{id}/members", ID: "organization-member-add", May: "party.write", Zh: "加联系人", En: "add a member", Tag: tag, Creates: true}, s.addMember)
	web.Handle(r, web.Route{Method: "DELETE", Path: "/api/v1/organizations/{id}/members/{member}", ID: "organization-member-remove", May: "party.write", Zh: "删联系人", En: "remove a member", Tag: tag}, s.removeMember)

	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/workers", ID: "worker-list", May: "party.read", Zh: "人员列表", En: "list workers", Tag: tag}, s.listWorkers)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/workers", ID: "worker-create", May: "party.write", Zh: "登记人员", En: "register a worker", Tag: tag, Creates: true}, s.createWorker)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/workers/{id}", ID: "worker-get", May: "party.read", Zh: "看人员", En: "one worker", Tag: tag}, s.getWorker)
	web.Handle(r, web.Route{Method: "PUT", Path: "/api/v1/workers/{id}", ID: "worker-edit", May: "party.write", Zh: "改人员", En: "edit a worker", Tag: tag}, s.editWorker)
	web.Handle(r, web.Route{Method: "PUT", Path: "/api/v1/workers/{id}/shifts", ID: "worker-shifts", May: "party.write", Zh: "排班", En: "set the shifts of a worker", Tag: tag}, s.setShifts)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/workers/{id}/absences", ID: "worker-absence-add", May: "party.write", Zh: "登记请假", En: "record an absence", Tag: tag, Creates: true}, s.addAbsence)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/workers/{id}/absences/{absence}/end", ID: "worker-absence-end", May: "party.write", Zh: "销假", En: "end an absence", Tag: tag}, s.endAbsence)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/workers/{id}/certificates", ID: "worker-certificate-add", May: "party.write", Zh: "登记证书", En: "record a certificate", Tag: tag, Creates: true}, s.addCertificate)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/workers/{id}/certificates/{certificate}/revoke", ID: "worker-certificate-revoke", May: "party.write", Zh: "作废证书", En: "revoke a certificate", Tag: tag}, s.revokeCertificate)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/certificates", ID: "certificate-list", May: "party.read", Zh: "快到期的证书", En: "certificates that end soon", Tag: tag}, s.listExpiring)

	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/my/worker", ID: "my-worker-get", May: "party.self", Zh: "我的班次与证书", En: "one's own shifts and certificates", Tag: tag}, s.getMine)
	web.Handle(r, web.Route{Method: "PUT", Path: "/api/v1/my/shifts", ID: "my-shifts", May: "party.self", Zh: "排自己的班", En: "set one's own shifts", Tag: tag}, s.setMyShifts)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/my/absences", ID: "my-absence-add", May: "party.self", Zh: "我要请假", En: "record one's own absence", Tag: tag, Creates: true}, s.addMyAbsence)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/my/absences/{absence}/end", ID: "my-absence-end", May: "party.self", Zh: "销自己的假", En: "end one's own absence", Tag: tag}, s.endMyAbsence)
}

type none struct{}

type actorsBody struct {
	Kinds []ActorKind `json:"kinds" nullable:"false"`
	Roles []RoleName  `json:"roles" nullable:"false"`
}

func (s *Service) listActors(context.Context, *none) (*web.Out[actorsBody], error) {
	return &web.Out[actorsBody]{Body: actorsBody{ActorKinds, roleList()}}, nil
}

type collaborationBody struct {
	Modules []Module `json:"modules" nullable:"false"`
}

func (s *Service) getCollaboration(context.Context, *none) (*web.Out[collaborationBody], error) {
	return &web.Out[collaborationBody]{Body: collaborationBody{Modules}}, nil
}

type skillsBody struct {
	Skills       []SkillKind `json:"skills" nullable:"false"`
	Certificates []CertKind  `json:"certificates" nullable:"false"`
}

func (s *Service) listSkills(context.Context, *none) (*web.Out[skillsBody], error) {
	return &web.Out[skillsBody]{Body: skillsBody{skillList(), certList()}}, nil
}

type orgList struct {
	web.Page
	Kind  string      `query:"kind" maxLength:"40"`
	Place linli.Place `query:"place" maxLength:"160"`
	Q     string      `query:"q" maxLength:"60" doc:"part of the name"`
	State string      `query:"state" enum:"active,suspended,left"`
}

func (s *Service) listOrgs(ctx context.Context, in *orgList) (*web.Out[web.List[Org]], error) {
	out := &web.Out[web.List[Org]]{}
	return out, s.db.Read(ctx, func(tx db.Tx) (err error) {
		var w db.Where
		w.Put(auth.From(ctx).Scope("party.read").SQL(auth.Columns{Place: "place", Org: "id"}, w.Next()))
		w.And("id > ?", in.Cursor)
		if in.Kind != "" {
			w.And("kind = ?", in.Kind)
		}
		if in.State != "" {
			w.And("state = ?", in.State)
		}
		if in.Place != "" {
			w.Inside("place", in.Place)
		}
		if in.Q != "" {
			w.Holds("name", in.Q)
		}
		found, err := db.Rows(tx, scanOrg, `SELECT `+orgColumns+` FROM party_org WHERE `+w.String()+` ORDER BY id LIMIT `+itoa(in.Limit+1), w.Args()...)
		out.Body = web.Cut(found, in.Limit, func(o Org) string { return string(o.ID) })
		return err
	})
}

type orgBody struct {
	Org
	Members []Member `json:"members" nullable:"false"`
}

// OrgPath is the organization an address names.
type OrgPath struct {
	ID linli.OrgID `path:"id" maxLength:"40"`
}

func (s *Service) getOrg(ctx context.Context, in *OrgPath) (*web.OutRev[orgBody], error) {
	var body orgBody
	err := s.db.Read(ctx, func(tx db.Tx) (err error) {
		if body.Org, err = orgOf(tx, in.ID); err != nil {
			return err
		}
		if !auth.From(ctx).Scope("party.read").Covers(body.AuthRow()) {
			return errNoOrg
		}
		body.Members, err = membersOf(tx, body.Org)
		return err
	})
	return web.WithRev(body.Rev, body), err
}

type orgCreate struct{ Body OrgDraft }

func (s *Service) createOrg(ctx context.Context, in *orgCreate) (*web.OutRev[Org], error) {
	var out *web.OutRev[Org]
	err := s.db.Write(ctx, func(tx db.Tx) error {
		o, err := s.NewOrg(tx, auth.From(ctx), in.Body)
		if err != nil {
			return err
		}
		out = web.WithRev(o.Rev, o)
		return web.Remember(ctx, tx, out)
	})
	return out, err
}

type orgEdit struct {
	OrgPath
	web.IfMatch
	Body OrgDraft
}

func (s *Service) editOrg(ctx context.Context, in *orgEdit) (*web.OutRev[Org], error) {
	rev, err := in.Rev()
	if err != nil {
		return nil, err
	}
	var out *web.OutRev[Org]
	err = s.db.Write(ctx, func(tx db.Tx) error {
		o, err := s.EditOrg(tx, auth.From(ctx), in.ID, rev, in.Body)
		out = web.WithRev(o.Rev, o)
		return err
	})
	return out, err
}

type memberAdd struct {
	OrgPath
	Body MemberDraft
}

func (s *Service) addMember(ctx context.Context, in *memberAdd) (*web.Out[Member], error) {
	out := &web.Out[Member]{}
	return out, s.db.Write(ctx, func(tx db.Tx) error {
		o, err := s.orgInWrite(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		if err := validPhone("phone", in.Body.Phone); err != nil {
			return err
		}
		now := s.now()
		out.Body = Member{ID: linli.NewID("mem", now), Org: in.ID, Name: in.Body.Name, Duty: in.Body.Duty, Phone: in.Body.Phone, Place: o.Place}
		if _, err := tx.Exec(`INSERT INTO party_member (id, org_id, name, duty, phone, at) VALUES ($1,$2,$3,$4,$5,$6)`,
			out.Body.ID, in.ID, in.Body.Name, in.Body.Duty, in.Body.Phone, linli.Millis(now)); err != nil {
			return err
		}
		if err := auth.Audit(tx, now, auth.From(ctx), auth.Line{Act: "org.member", Subject: string(in.ID), Place: o.Place, Detail: out.Body.ID}); err != nil {
			return err
		}
		return web.Remember(ctx, tx, out)
	})
}

func (s *Service) orgInWrite(ctx context.Context, tx db.Tx, id linli.OrgID) (Org, error) {
	o, err := orgOf(tx, id)
	if err == nil && !auth.From(ctx).Scope("party.write").Covers(o.AuthRow()) {
		err = errNoOrg
	}
	return o, err
}

type memberRemove struct {
	OrgPath
	Member string `path:"member" maxLength:"40"`
}

func (s *Service) removeMember(ctx context.Context, in *memberRemove) (*web.NoBody, error) {
	return &web.NoBody{}, s.db.Write(ctx, func(tx db.Tx) error {
		o, err := s.orgInWrite(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		n, err := tx.Exec(`DELETE FROM party_member WHERE id = $1 AND org_id = $2`, in.Member, in.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return linli.NotFound("没有这个联系人", "there is no such member")
		}
		return auth.Audit(tx, s.now(), auth.From(ctx), auth.Line{Act: "org.member-removed", Subject: string(in.ID), Place: o.Place, Detail: in.Member})
	})
}

type workerList struct {
	web.Page
	Org   linli.OrgID `query:"org" maxLength:"40"`
	Place linli.Place `query:"place" maxLength:"160"`
	Skill string      `query:"skill" maxLength:"40"`
	State string      `query:"state" enum:"active,suspended,left"`
	Q     string      `query:"q" maxLength:"60" doc:"part of the name"`
}

func (s *Service) listWorkers(ctx context.Context, in *workerList) (*web.Out[web.List[Worker]], error) {
	if in.Skill != "" && Skills[in.Skill].Zh == "" {
		return nil, linli.Invalidf("skill", "没有这项技能：%s", "there is no skill %s", in.Skill)
	}
	out := &web.Out[web.List[Worker]]{}
	return out, s.db.Read(ctx, func(tx db.Tx) error {
		var w db.Where
		w.Put(auth.From(ctx).Scope("party.read").SQL(auth.Columns{Place: "w.place", Org: "w.org_id", Worker: "w.id"}, w.Next()))
		w.And("w.id > ?", in.Cursor)
		if in.Org != "" {
			w.And("w.org_id = ?", in.Org)
		}
		if in.State != "" {
			w.And("w.state = ?", in.State)
		}
		if in.Place != "" {
			w.Inside("w.place", in.Place)
		}
		if in.Skill != "" {
			w.And(`CAST(w.skills AS TEXT) LIKE ?`, `%"`+in.Skill+`"%`)
		}
		if in.Q != "" {
			w.Holds("w.name", in.Q)
		}
		found, err := files(tx, s.db.Dialect(), s.now(), w, " ORDER BY w.id LIMIT "+itoa(in.Limit+1))
		workers := make([]Worker, len(found))
		for i := range found {
			workers[i] = found[i].Worker
		}
		out.Body = web.Cut(workers, in.Limit, func(w Worker) string { return string(w.ID) })
		return err
	})
}

// WorkerPath is the worker an address names.
type WorkerPath struct {
	ID linli.WorkerID `path:"id" maxLength:"40"`
}

func (s *Service) getWorker(ctx context.Context, in *WorkerPath) (*web.OutRev[Worker], error) {
	var f file
	err := s.db.Read(ctx, func(tx db.Tx) (err error) {
		if f, err = fileOf(tx, s.db.Dialect(), s.now(), in.ID); err == nil && !auth.From(ctx).Scope("party.read").Covers(f.AuthRow()) {
			err = errNoWorker
		}
		return err
	})
	return web.WithRev(f.Rev, f.Worker), err
}

// write runs an act on a worker and answers the worker as stored.
func (s *Service) write(ctx context.Context, creates bool, act func(tx db.Tx, p *auth.Principal) (Worker, error)) (*web.OutRev[Worker], error) {
	var out *web.OutRev[Worker]
	err := s.db.Write(ctx, func(tx db.Tx) error {
		w, err := act(tx, auth.From(ctx))
		if err != nil {
			return err
		}
		out = web.WithRev(w.Rev, w)
		if creates {
			return web.Remember(ctx, tx, out)
		}
		return nil
	})
	return out, err
}

type workerCreate struct{ Body WorkerDraft }

func (s *Service) createWorker(ctx context.Context, in *workerCreate) (*web.OutRev[Worker], error) {
	return s.write(ctx, true, func(tx db.Tx, p *auth.Principal) (Worker, error) { return s.NewWorker(tx, p, in.Body) })
}

type workerEdit struct {
	WorkerPath
	web.IfMatch
	Body WorkerDraft
}

func (s *Service) editWorker(ctx context.Context, in *workerEdit) (*web.OutRev[Worker], error) {
	rev, err := in.Rev()
	if err != nil {
		return nil, err
	}
	return s.write(ctx, false, func(tx db.Tx, p *auth.Principal) (Worker, error) { return s.EditWorker(tx, p, in.ID, rev, in.Body) })
}

type shiftsEdit struct {
	WorkerPath
	web.IfMatch
	Body Shifts
}

func (s *Service) setShifts(ctx context.Context, in *shiftsEdit) (*web.OutRev[Worker], error) {
	rev, err := in.Rev()
	if err != nil {
		return nil, err
	}
	return s.write(ctx, false, func(tx db.Tx, p *auth.Principal) (Worker, error) { return s.SetShifts(tx, p, in.ID, rev, in.Body) })
}

type absenceAdd struct {
	WorkerPath
	Body AbsenceDraft
}

func (s *Service) addAbsence(ctx context.Context, in *absenceAdd) (*web.OutRev[Worker], error) {
	return s.write(ctx, true, func(tx db.Tx, p *auth.Principal) (Worker, error) { return s.AddAbsence(tx, p, in.ID, in.Body) })
}

type absenceEnd struct {
	WorkerPath
	Absence string `path:"absence" maxLength:"40"`
}

func (s *Service) endAbsence(ctx context.Context, in *absenceEnd) (*web.OutRev[Worker], error) {
	return s.write(ctx, false, func(tx db.Tx, p *auth.Principal) (Worker, error) { return s.EndAbsence(tx, p, in.ID, in.Absence) })
}

type certificateAdd struct {
	WorkerPath
	Body CertificateDraft
}

func (s *Service) addCertificate(ctx context.Context, in *certificateAdd) (*web.OutRev[Worker], error) {
	return s.write(ctx, true, func(tx db.Tx, p *auth.Principal) (Worker, error) { return s.AddCertificate(tx, p, in.ID, in.Body) })
}

type certificateRevoke struct {
	WorkerPath
	Certificate string `path:"certificate" maxLength:"40"`
	Body        struct {
		Reason string `json:"reason" minLength:"2" maxLength:"200"`
	}
}

func (s *Service) revokeCertificate(ctx context.Context, in *certificateRevoke) (*web.OutRev[Worker], error) {
	return s.write(ctx, false, func(tx db.Tx, p *auth.Principal) (Worker, error) {
		return s.Revoke(tx, p, in.ID, in.Certificate, in.Body.Reason)
	})
}

// ExpiringCertificate is a certificate that ends soon, with whose it is.
type ExpiringCertificate struct {
	Certificate
	Name    string      `json:"worker_name" class:"D1" mask:"name"`
	Org     linli.OrgID `json:"org"`
	OrgName string      `json:"org_name"`
	place   linli.Place
}

// AuthRow says to whom and where the worker belongs.
func (e ExpiringCertificate) AuthRow() auth.Row {
	return auth.Row{Place: e.place, Org: e.Org, Worker: e.Worker}
}

func scanExpiring(now time.Time) func(*sql.Rows) (ExpiringCertificate, error) {
	return func(rows *sql.Rows) (e ExpiringCertificate, err error) {
		var revoked int64
		err = rows.Scan(&e.ID, &e.Worker, &e.Kind, &e.Number, &e.Level, &e.Issued, &e.Expires, &revoked, &e.Name, &e.Org, &e.OrgName, &e.place)
		e.view(now)
		return e, err
	}
}

type expiringList struct {
	web.Page
	Days int `query:"within_days" default:"30" minimum:"0" maximum:"400"`
}

func (s *Service) listExpiring(ctx context.Context, in *expiringList) (*web.Out[web.List[ExpiringCertificate]], error) {
	out := &web.Out[web.List[ExpiringCertificate]]{}
	return out, s.db.Read(ctx, func(tx db.Tx) error {
		found, err := s.expiring(tx, auth.From(ctx).Scope("party.read"), s.now(), in.Days, in.Limit+1, in.Cursor)
		out.Body = web.Cut(found, in.Limit, func(e ExpiringCertificate) string { return e.Expires + e.ID })
		return err
	})
}

// mine is the worker who asks; an account without one has no shifts.
func mine(ctx context.Context) (linli.WorkerID, error) {
	if id := auth.From(ctx).Worker; id != "" {
		return id, nil
	}
	return "", linli.NotFound("您的账号没有关联服务人员", "your account is not linked to a worker")
}

func (s *Service) getMine(ctx context.Context, _ *none) (*web.OutRev[Worker], error) {
	id, err := mine(ctx)
	if err != nil {
		return nil, err
	}
	w, err := s.workerOf(ctx, id)
	return web.WithRev(w.Rev, w), err
}

type myShifts struct {
	web.IfMatch
	Body Shifts
}

func (s *Service) setMyShifts(ctx context.Context, in *myShifts) (*web.OutRev[Worker], error) {
	id, err := mine(ctx)
	if err != nil {
		return nil, err
	}
	return s.setShifts(ctx, &shiftsEdit{WorkerPath{id}, in.IfMatch, in.Body})
}

type myAbsence struct{ Body AbsenceDraft }

func (s *Service) addMyAbsence(ctx context.Context, in *myAbsence) (*web.OutRev[Worker], error) {
	id, err := mine(ctx)
	if err != nil {
		return nil, err
	}
	return s.addAbsence(ctx, &absenceAdd{WorkerPath{id}, in.Body})
}

type myAbsenceEnd struct {
	Absence string `path:"absence" maxLength:"40"`
}

func (s *Service) endMyAbsence(ctx context.Context, in *myAbsenceEnd) (*web.OutRev[Worker], error) {
	id, err := mine(ctx)
	if err != nil {
		return nil, err
	}
	return s.endAbsence(ctx, &absenceEnd{WorkerPath{id}, in.Absence})
}
