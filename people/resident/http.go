package resident

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"linli"
	"linli/auth"
	"linli/decide/calendar"
	"linli/engine/db"
	"linli/web"
)

const tag = "resident"

var itoa = strconv.Itoa

// Routes registers the register of places and people.
func (s *Service) Routes(r *web.Router) {
	s.placeRoutes(r)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/resident-codes", ID: "resident-codes", May: auth.SignedIn, Zh: "居民登记代码与同意书", En: "code sets and consent texts", Tag: tag}, s.getCodes)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/residents", ID: "resident-list", May: "resident.read", Zh: "居民列表与查找", En: "list and find residents", Tag: tag}, s.listResidents)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/residents", ID: "resident-create", May: "resident.write", Zh: "登记居民", En: "register a resident", Tag: tag, Creates: true}, s.createResident)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/residents/{id}", ID: "resident-get", May: "resident.read", Zh: "看居民", En: "one resident with contacts, proxies and consents", Tag: tag}, s.getResident)
	web.Handle(r, web.Route{Method: "PATCH", Path: "/api/v1/residents/{id}", ID: "resident-edit", May: "resident.write", Zh: "改居民资料", En: "edit a resident", Tag: tag}, s.editResident)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/residents/{id}/reveal", ID: "resident-reveal", May: "resident.reveal", Zh: "查看敏感信息", En: "look at sensitive data with a reason", Tag: tag, Reveal: true}, s.revealResident)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/residents/{id}/forget", ID: "resident-forget", May: "resident.forget", Zh: "遗忘个人数据", En: "forget a person for good", Tag: tag}, s.forgetResident)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/residents/{id}/consents", ID: "resident-consent-give", May: "resident.consent", Zh: "登记同意", En: "record a consent", Tag: tag, Creates: true}, s.giveConsent)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/residents/{id}/consents/{purpose}/withdraw", ID: "resident-consent-withdraw", May: "resident.consent", Zh: "撤回同意", En: "withdraw a consent", Tag: tag}, s.withdrawConsent)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/residents/{id}/contacts", ID: "resident-contact-add", May: "resident.write", Zh: "加紧急联系人", En: "add an emergency contact", Tag: tag, Creates: true}, s.addContact)
	web.Handle(r, web.Route{Method: "DELETE", Path: "/api/v1/residents/{id}/contacts/{contact}", ID: "resident-contact-remove", May: "resident.write", Zh: "删紧急联系人", En: "remove an emergency contact", Tag: tag}, s.removeContact)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/residents/{id}/proxies", ID: "resident-proxy-add", May: "resident.consent", Zh: "授权家人代办", En: "let somebody act for a resident", Tag: tag, Creates: true}, s.addProxy)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/residents/{id}/proxies/{proxy}/end", ID: "resident-proxy-end", May: "resident.consent", Zh: "取消代办", En: "end that somebody acts for a resident", Tag: tag}, s.endProxy)

	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/households", ID: "household-list", May: "resident.read", Zh: "家庭列表", En: "list households", Tag: tag}, s.listHouseholds)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/households", ID: "household-create", May: "resident.write", Zh: "登记家庭", En: "register a household", Tag: tag, Creates: true}, s.createHousehold)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/households/{id}", ID: "household-get", May: "resident.read", Zh: "看家庭", En: "one household with its members", Tag: tag}, s.getHousehold)
	web.Handle(r, web.Route{Method: "PUT", Path: "/api/v1/households/{id}", ID: "household-edit", May: "resident.write", Zh: "改家庭", En: "edit a household", Tag: tag}, s.editHousehold)

	web.Raw(r, web.Route{Method: "POST", Path: "/api/v1/resident-imports", ID: "resident-import", May: "resident.import", Zh: "导入居民（xlsx、csv）", En: "import residents from xlsx or csv", Tag: tag, MaxBody: maxFile + 1<<20}, s.importHandler(r))
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/resident-imports", ID: "resident-import-list", May: "resident.import", Zh: "导入记录", En: "list imports", Tag: tag}, s.listImports)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/resident-imports/{id}", ID: "resident-import-get", May: "resident.import", Zh: "看导入结果", En: "the report of one import", Tag: tag}, s.getImport)
}

type none struct{}

func (s *Service) getCodes(context.Context, *none) (*web.Out[Codes], error) {
	return &web.Out[Codes]{Body: codes}, nil
}

type residentList struct {
	web.Page
	Q      string      `query:"q" maxLength:"60" doc:"part of name or address, or the last four digits of the phone"`
	Place  linli.Place `query:"place" maxLength:"160"`
	Group  string      `query:"group" maxLength:"40" doc:"special group; a sensitive one needs a reason"`
	Reason string      `query:"reason" maxLength:"200" doc:"why a sensitive group is listed; it is recorded"`
	AgeMin int         `query:"age_min" minimum:"0" maximum:"130"`
	State  string      `query:"state" enum:"living,moved,died"`
}

func (s *Service) listResidents(ctx context.Context, in *residentList) (*web.Out[web.List[Resident]], error) {
	p := auth.From(ctx)
	var w db.Where
	if err := s.filter(&w, p, in); err != nil {
		return nil, err
	}
	out := &web.Out[web.List[Resident]]{}
	list := func(tx db.Tx) error {
		people, err := s.people(tx, w, " ORDER BY place, id LIMIT "+itoa(in.Limit+1))
		if err != nil {
			return err
		}
		cut := web.Cut(people, in.Limit, func(p *person) string { return cursor(p.place, string(p.id)) })
		out.Body.Next = cut.Next
		out.Body.Items, err = s.views(tx, cut.Items)
		return err
	}
	if g, ok := groupOf(in.Group); ok && g.Class == auth.D3 {
		// Being on this list is itself sensitive: the look is recorded with it.
		err := s.db.Write(ctx, func(tx db.Tx) error {
			if err := list(tx); err != nil {
				return err
			}
			return auth.Audit(tx, s.now(), p, auth.Line{Act: "resident.list-group", Place: in.Place, Class: auth.D3, Reason: in.Reason, Detail: in.Group})
		})
		return out, err
	}
	err := s.db.Read(ctx, list)
	return out, err
}

// filter turns the query of a list into conditions.
func (s *Service) filter(w *db.Where, p *auth.Principal, in *residentList) error {
	perm := auth.Permission("resident.read")
	if in.Group != "" {
		g, ok := groupOf(in.Group)
		switch {
		case !ok:
			return linli.Invalidf("group", "没有这类人群：%s", "there is no group %s", in.Group)
		case g.Derived:
			in.AgeMin = max(in.AgeMin, elderAge)
		default:
			if g.Class == auth.D3 {
				var err error
				if in.Reason, err = validReason(in.Reason); err != nil {
					return err
				}
				perm = "resident.reveal" // whom one may not look at, one may not list
			}
			w.And("id IN (SELECT person_id FROM resident_group WHERE mark = ?)", s.groupMark(g))
		}
	}
	w.Put(p.Scope(perm).SQL(auth.Columns{Place: "place", Resident: "id"}, w.Next()))
	if err := after(w, in.Cursor); err != nil {
		return err
	}
	if in.Place != "" {
		w.Inside("place", in.Place)
	}
	if in.State != "" {
		w.And("state = ?", in.State)
	}
	if in.AgeMin > 0 {
		w.And("birth <> '' AND birth <= ?", bornBefore(in.AgeMin, calendar.DateOf(s.now(), linli.Shanghai)))
	}
	if in.Q != "" {
		typed, ok := personSearch.Query(s.db.Dialect(), evenText(in.Q))
		if !ok {
			return linli.Invalid("q", "请输入姓名、地址或手机后四位", "type a name, an address or the last four digits of a phone")
		}
		w.And("id IN " + personSearch.Match(s.db.Dialect(), w.Arg(typed)))
	}
	return nil
}

// cursor is where a list ordered by place and id goes on.
func cursor(place linli.Place, id string) string { return string(place) + "|" + id }

// after narrows a list ordered by place and id to what follows the cursor.
func after(w *db.Where, cursor string) error {
	if cursor == "" {
		return nil
	}
	place, id, ok := strings.Cut(cursor, "|")
	if !ok {
		return linli.Invalid("cursor", "翻页位置不对，请从头列", "the cursor is not one of this list")
	}
	w.And("(place > ? OR place = ? AND id > ?)", place, place, id)
	return nil
}

// ResidentPath is the resident an address names.
type ResidentPath struct {
	ID linli.ResidentID `path:"id" maxLength:"40"`
}

// residentBody is a resident with everything that hangs on them.
type residentBody struct {
	Resident
	Contacts []Contact `json:"contacts" nullable:"false"`
	Proxies  []Proxy   `json:"proxies" nullable:"false"`
	Consents []Consent `json:"consents" nullable:"false"`
}

func (s *Service) getResident(ctx context.Context, in *ResidentPath) (*web.OutRev[residentBody], error) {
	var body residentBody
	by := auth.From(ctx)
	err := s.db.Read(ctx, func(tx db.Tx) error {
		p, err := s.reached(tx, by, "resident.read", in.ID)
		if err != nil {
			return err
		}
		if body.Resident, err = s.view(tx, p); err != nil {
			return err
		}
		if by.Resident == p.id { // one's own data needs no reason
			if body.Care, err = s.open(tx, p, careFields); err != nil {
				return err
			}
			body.Birth = p.birth
		}
		if body.Contacts, err = contactsOf(tx, in.ID); err != nil {
			return err
		}
		if body.Proxies, err = proxiesOf(tx, in.ID); err != nil {
			return err
		}
		body.Consents, err = consentsOf(tx, in.ID)
		return err
	})
	return web.WithRev(body.Rev, body), err
}

type residentCreate struct{ Body Draft }

func (s *Service) createResident(ctx context.Context, in *residentCreate) (*web.OutRev[Resident], error) {
	return create(ctx, s, func(tx db.Tx, by *auth.Principal) (*web.OutRev[Resident], error) {
		r, err := s.Register(tx, by, in.Body)
		return web.WithRev(r.Rev, r), err
	})
}

// create runs a creating act in one transaction with its remembered answer.
func create[O any](ctx context.Context, s *Service, act func(tx db.Tx, by *auth.Principal) (*O, error)) (*O, error) {
	var out *O
	err := s.db.Write(ctx, func(tx db.Tx) (err error) {
		if out, err = act(tx, auth.From(ctx)); err != nil {
			return err
		}
		return web.Remember(ctx, tx, out)
	})
	return out, err
}

type residentEdit struct {
	ResidentPath
	web.IfMatch
	Body Draft
}

func (s *Service) editResident(ctx context.Context, in *residentEdit) (*web.OutRev[Resident], error) {
	rev, err := in.Rev()
	if err != nil {
		return nil, err
	}
	var out *web.OutRev[Resident]
	err = s.db.Write(ctx, func(tx db.Tx) error {
		r, err := s.Edit(tx, auth.From(ctx), in.ID, rev, in.Body)
		out = web.WithRev(r.Rev, r)
		return err
	})
	return out, err
}

type residentReveal struct {
	ResidentPath
	Body struct {
		Reason string   `json:"reason" maxLength:"200" doc:"why; it is recorded"`
		Fields []string `json:"fields,omitempty" maxItems:"7" doc:"of id_no, birth, health, disability, aid, ability, groups; absent: all"`
	}
}

func (s *Service) revealResident(ctx context.Context, in *residentReveal) (*web.Out[Resident], error) {
	out := &web.Out[Resident]{}
	err := s.db.Write(ctx, func(tx db.Tx) (err error) {
		out.Body, err = s.Reveal(tx, auth.From(ctx), in.ID, in.Body.Reason, in.Body.Fields)
		return err
	})
	return out, err
}

type residentForget struct {
	ResidentPath
	Body struct {
		Reason string `json:"reason" maxLength:"200" doc:"why; it is recorded"`
	}
}

func (s *Service) forgetResident(ctx context.Context, in *residentForget) (*web.NoBody, error) {
	err := s.db.Write(ctx, func(tx db.Tx) error { return s.Forget(tx, auth.From(ctx), in.ID, in.Body.Reason) })
	return &web.NoBody{}, err
}

// about is an answer about one resident, judged by the resident's row.
type about[T any] struct {
	Place    linli.Place      `json:"place" class:"D1" mask:"door"`
	Resident linli.ResidentID `json:"resident"`
	Item     T                `json:"item"`
}

// AuthRow says to whom and where the resident belongs.
func (a about[T]) AuthRow() auth.Row { return auth.Row{Place: a.Place, Resident: a.Resident} }

// addTo runs an act that adds something to a resident and answers it.
func addTo[T any](ctx context.Context, s *Service, id linli.ResidentID, act func(tx db.Tx, by *auth.Principal) (T, error)) (*web.Out[about[T]], error) {
	return create(ctx, s, func(tx db.Tx, by *auth.Principal) (*web.Out[about[T]], error) {
		item, err := act(tx, by)
		if err != nil {
			return nil, err
		}
		place, err := placeOfPerson(tx, id)
		return &web.Out[about[T]]{Body: about[T]{place, id, item}}, err
	})
}

type consentGive struct {
	ResidentPath
	Body ConsentDraft
}

func (s *Service) giveConsent(ctx context.Context, in *consentGive) (*web.Out[about[Consent]], error) {
	return addTo(ctx, s, in.ID, func(tx db.Tx, by *auth.Principal) (Consent, error) { return s.GiveConsent(tx, by, in.ID, in.Body) })
}

type consentWithdraw struct {
	ResidentPath
	Purpose string `path:"purpose" maxLength:"40"`
}

func (s *Service) withdrawConsent(ctx context.Context, in *consentWithdraw) (*web.NoBody, error) {
	err := s.db.Write(ctx, func(tx db.Tx) error { return s.WithdrawConsent(tx, auth.From(ctx), in.ID, in.Purpose) })
	return &web.NoBody{}, err
}

type contactAdd struct {
	ResidentPath
	Body ContactDraft
}

func (s *Service) addContact(ctx context.Context, in *contactAdd) (*web.Out[about[Contact]], error) {
	return addTo(ctx, s, in.ID, func(tx db.Tx, by *auth.Principal) (Contact, error) { return s.AddContact(tx, by, in.ID, in.Body) })
}

type contactRemove struct {
	ResidentPath
	Contact string `path:"contact" maxLength:"40"`
}

func (s *Service) removeContact(ctx context.Context, in *contactRemove) (*web.NoBody, error) {
	err := s.db.Write(ctx, func(tx db.Tx) error { return s.RemoveContact(tx, auth.From(ctx), in.ID, in.Contact) })
	return &web.NoBody{}, err
}

type proxyAdd struct {
	ResidentPath
	Body ProxyDraft
}

func (s *Service) addProxy(ctx context.Context, in *proxyAdd) (*web.Out[about[Proxy]], error) {
	return addTo(ctx, s, in.ID, func(tx db.Tx, by *auth.Principal) (Proxy, error) { return s.AddProxy(tx, by, in.ID, in.Body) })
}

type proxyEnd struct {
	ResidentPath
	Proxy string `path:"proxy" maxLength:"40"`
}

func (s *Service) endProxy(ctx context.Context, in *proxyEnd) (*web.NoBody, error) {
	err := s.db.Write(ctx, func(tx db.Tx) error { return s.EndProxy(tx, auth.From(ctx), in.ID, in.Proxy) })
	return &web.NoBody{}, err
}

type householdList struct {
	web.Page
	Place linli.Place `query:"place" maxLength:"160"`
}

func (s *Service) listHouseholds(ctx context.Context, in *householdList) (*web.Out[web.List[Household]], error) {
	out := &web.Out[web.List[Household]]{}
	by := auth.From(ctx)
	err := s.db.Read(ctx, func(tx db.Tx) error {
		var w db.Where
		homes(&w, by.Scope("resident.read"))
		if err := after(&w, in.Cursor); err != nil {
			return err
		}
		if in.Place != "" {
			w.Inside("place", in.Place)
		}
		limit := w.Arg(in.Limit + 1)
		found, err := db.Rows(tx, scanHousehold, `SELECT id, place, address, number, created_at, rev FROM resident_household WHERE `+w.String()+` ORDER BY place, id LIMIT `+limit, w.Args()...)
		if err != nil {
			return err
		}
		cut := web.Cut(found, in.Limit, func(h householdRow) string { return cursor(h.Place, string(h.ID)) })
		out.Body = web.List[Household]{Items: make([]Household, len(cut.Items)), Next: cut.Next}
		for i, h := range cut.Items {
			if out.Body.Items[i], err = s.household(tx, by, h.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// homes limits households to those of the asker's area and of the asker's people.
func homes(w *db.Where, s auth.Scope) {
	near, args := s.SQL(auth.Columns{Place: "place"}, w.Next())
	own, more := s.SQL(auth.Columns{Resident: "id"}, w.Next()+len(args))
	w.Put("("+near+" OR id IN (SELECT household_id FROM resident_person WHERE "+own+"))", append(args, more...))
}

// HouseholdPath is the household an address names.
type HouseholdPath struct {
	ID linli.HouseholdID `path:"id" maxLength:"40"`
}

func (s *Service) getHousehold(ctx context.Context, in *HouseholdPath) (*web.OutRev[Household], error) {
	var h Household
	err := s.db.Read(ctx, func(tx db.Tx) (err error) {
		h, err = s.household(tx, auth.From(ctx), in.ID)
		return err
	})
	return web.WithRev(h.Rev, h), err
}

type householdCreate struct{ Body HouseholdDraft }

func (s *Service) createHousehold(ctx context.Context, in *householdCreate) (*web.OutRev[Household], error) {
	return create(ctx, s, func(tx db.Tx, by *auth.Principal) (*web.OutRev[Household], error) {
		h, err := s.NewHousehold(tx, by, in.Body)
		return web.WithRev(h.Rev, h), err
	})
}

type householdEdit struct {
	HouseholdPath
	web.IfMatch
	Body HouseholdDraft
}

func (s *Service) editHousehold(ctx context.Context, in *householdEdit) (*web.OutRev[Household], error) {
	rev, err := in.Rev()
	if err != nil {
		return nil, err
	}
	var out *web.OutRev[Household]
	err = s.db.Write(ctx, func(tx db.Tx) error {
		h, err := s.EditHousehold(tx, auth.From(ctx), in.ID, rev, in.Body)
		out = web.WithRev(h.Rev, h)
		return err
	})
	return out, err
}

// importHandler takes a file as the body, with its name in the query, or as the
// part "file" of a form; the place is in the query.
func (s *Service) importHandler(r *web.Router) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		name, raw, err := upload(req)
		if err != nil {
			r.Fail(w, req, err)
			return
		}
		report, err := s.Import(req.Context(), auth.From(req.Context()), linli.Place(req.URL.Query().Get("place")), name, raw)
		if err != nil {
			r.Fail(w, req, err)
			return
		}
		web.JSON(w, http.StatusOK, report)
	})
}

// upload reads the file of a request, at most maxFile bytes of it.
func upload(req *http.Request) (name string, raw []byte, err error) {
	var body io.Reader = req.Body
	name = req.URL.Query().Get("filename")
	if kind, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type")); kind == "multipart/form-data" {
		parts, err := req.MultipartReader()
		if err != nil {
			return "", nil, linli.Invalid("body", "表单不完整", "the form is not complete")
		}
		for {
			part, err := parts.NextPart()
			if err != nil {
				return "", nil, linli.Invalid("file", "表单里没有文件", "the form holds no file")
			}
			if part.FormName() == "file" {
				body, name = part, part.FileName()
				break
			}
		}
	}
	if raw, err = io.ReadAll(io.LimitReader(body, maxFile+1)); err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); !large {
			return "", nil, linli.Invalid("body", "没有收完整文件，请重试", "the file did not arrive completely; try again")
		}
		raw = make([]byte, maxFile+1) // the reader of files words the limit
	}
	if name = path.Base(strings.ReplaceAll(name, `\`, "/")); name == "." || name == "/" || !validName(name) {
		name = "file"
	}
	return name, raw, nil
}

// validName refuses what a table cannot keep.
func validName(s string) bool {
	return len(s) <= 200 && strings.ToValidUTF8(s, "") == s && !strings.ContainsRune(s, 0)
}

type importList struct{ web.Page }

func scanImport(rows *sql.Rows) (r Report, err error) {
	err = rows.Scan(db.JSON(&r))
	return r, err
}

func (s *Service) listImports(ctx context.Context, in *importList) (*web.Out[web.List[Report]], error) {
	out := &web.Out[web.List[Report]]{}
	err := s.db.Read(ctx, func(tx db.Tx) (err error) {
		var w db.Where
		w.Put(auth.From(ctx).Scope("resident.import").SQL(auth.Columns{Place: "place"}, w.Next()))
		if in.Cursor != "" {
			w.And("id < ?", in.Cursor)
		}
		limit := w.Arg(in.Limit + 1)
		out.Body.Items, err = db.Rows(tx, scanImport, `SELECT report FROM resident_import WHERE `+w.String()+` ORDER BY id DESC LIMIT `+limit, w.Args()...)
		out.Body = web.Cut(out.Body.Items, in.Limit, func(r Report) string { return r.ID })
		for i := range out.Body.Items {
			out.Body.Items[i].Problems = []Problem{} // the list is short; one report has them
		}
		return err
	})
	return out, err
}

type importID struct {
	ID string `path:"id" maxLength:"40"`
}

func (s *Service) getImport(ctx context.Context, in *importID) (*web.Out[Report], error) {
	out := &web.Out[Report]{}
	err := s.db.Read(ctx, func(tx db.Tx) error {
		found, err := db.Rows(tx, scanImport, `SELECT report FROM resident_import WHERE id = $1`, in.ID)
		if err == nil && (len(found) == 0 || !auth.From(ctx).Scope("resident.import").Covers(found[0].AuthRow())) {
			err = linli.NotFound("没有这次导入", "there is no such import")
		}
		if err != nil {
			return err
		}
		out.Body = found[0]
		return nil
	})
	return out, err
}
