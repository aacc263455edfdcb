package order

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/web"
	"linli/web/picture"
)

// Routes mounts the routes of the slice.
func (s *Service) Routes(r *web.Router) {
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/orders", ID: "order-list", May: "order.read", Tag: "order",
		Zh: "服务单列表，在办的按剩余时间排", En: "list orders, running ones by time left"}, s.getList)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/order-board", ID: "order-board", May: "order.read", Tag: "order",
		Zh: "各状态的服务单数", En: "how many orders stand where"}, s.getBoard)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/my/orders", ID: "order-mine", May: "order.work", Tag: "order",
		Zh: "我的任务", En: "the signed-in worker's orders of the day"}, s.getMine)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/orders/{id}", ID: "order-get", May: "order.read", Tag: "order",
		Zh: "一张服务单：步骤、经过、时限", En: "one order with steps, timeline and limits"}, s.getOne)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/orders", ID: "order-open", May: "order.create", Tag: "order", Creates: true,
		Zh: "开服务单", En: "open an order"}, s.postOrder)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/orders/{id}/steps/{no}", ID: "order-step", May: "order.work", Tag: "order",
		Zh: "记一步", En: "record a step with its evidence"}, s.postStep)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/orders/{id}/note", ID: "order-note", May: "order.work", Tag: "order", Creates: true,
		Zh: "记一笔", En: "add a note to the timeline"}, s.postNote)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/orders/{id}/confirm", ID: "order-confirm", May: "order.confirm", Tag: "order",
		Zh: "确认服务，或不认可", En: "confirm the service, or object to it"}, s.postConfirm)
	for _, a := range []struct {
		act    Act
		zh, en string
	}{
		{ActAccept, "接单", "accept the order"},
		{ActContact, "已联系居民", "the resident was spoken to"},
		{ActEnRoute, "出发", "set off"},
		{ActArrive, "到达", "arrive"},
		{ActPause, "暂停", "pause with a reason"},
		{ActResume, "恢复", "go on after a pause"},
		{ActFinish, "办结", "finish; required steps must be done"},
		{ActFail, "记为未办成", "the service could not be delivered"},
		{ActCancel, "取消", "cancel with a reason"},
		{ActReopen, "重开", "reopen as a new round"},
		{ActClose, "结单", "close after a confirmation or a looked-into rating"},
	} {
		web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/orders/{id}/" + string(a.act), ID: "order-" + string(a.act),
			May: machine[a.act].may, Tag: "order", Zh: a.zh, En: a.en}, s.postAct(a.act))
	}
	web.Raw(r, web.Route{Method: "POST", Path: "/api/v1/orders/{id}/evidence", ID: "order-evidence-add", May: "order.work", Tag: "order", MaxBody: maxEvidence,
		Status: http.StatusCreated, Zh: "上传照片或签名", En: "upload a photo or signature"}, s.handler(r, s.postEvidence))
	web.Raw(r, web.Route{Method: "GET", Path: "/api/v1/orders/{id}/evidence/{evidence}", ID: "order-evidence-get", May: "order.read", Tag: "order",
		Zh: "看照片或签名", En: "look at a photo or signature"}, s.handler(r, s.getEvidence))
	web.Handle(r, web.Route{Method: "PUT", Path: "/api/v1/order-weather", ID: "order-weather", May: "order.manage", Tag: "order",
		Zh: "红色预警天气：顺延一般单的时限", En: "red-warning weather stretches the limits of ordinary orders"}, s.putWeather)
}

type listInput struct {
	web.Page
	OrderFilter
}

// OrderFilter narrows lists and counts of orders.
type OrderFilter struct {
	State     []State          `query:"state" enum:"open,waiting,assigned,accepted,en_route,arrived,paused,finished,confirmed,rated,closed,failed,canceled" doc:"default: all running ones"`
	Item      linli.ItemCode   `query:"item" maxLength:"40"`
	SLA       linli.SLAClass   `query:"sla" enum:"P1,P2,P3,P4"`
	Worker    linli.WorkerID   `query:"worker" maxLength:"40"`
	Org       linli.OrgID      `query:"org" maxLength:"40"`
	Resident  linli.ResidentID `query:"resident" maxLength:"40"`
	Demand    linli.DemandID   `query:"demand" maxLength:"40"`
	Place     linli.Place      `query:"place" maxLength:"120"`
	DueBefore time.Time        `query:"due_before"`
	Breached  bool             `query:"breached" doc:"only those that broke a promise"`
	Q         string           `query:"q" maxLength:"60" doc:"order number, its last characters, or the name of a place"`
}

func (f OrderFilter) filter() (filter, error) {
	if f.Place != "" && !f.Place.Valid() {
		return filter{}, linli.Invalidf("place", "地点编码不对：%s", "%q is not a place", f.Place)
	}
	return filter{States: f.State, Item: f.Item, SLA: f.SLA, Worker: f.Worker, Org: f.Org, Resident: f.Resident, Demand: f.Demand,
		Place: f.Place, DueBefore: f.DueBefore, Breached: f.Breached, Words: strings.TrimSpace(f.Q)}, nil
}

func (s *Service) getList(ctx context.Context, in *listInput) (*web.Out[web.List[OrderAnswer]], error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	var rows []*Row
	out := &web.Out[web.List[OrderAnswer]]{}
	err = s.DB.Read(ctx, func(tx db.Tx) error {
		rows, out.Body.Next, err = s.find(ctx, tx, auth.From(ctx).Scope("order.read"), f, in.Cursor, in.Limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	out.Body.Items, err = s.answers(ctx, rows)
	return out, err
}

func (s *Service) getBoard(ctx context.Context, in *OrderFilter) (*web.Out[OrderBoard], error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	out := &web.Out[OrderBoard]{}
	err = s.DB.Read(ctx, func(tx db.Tx) error {
		out.Body, err = s.board(ctx, tx, auth.From(ctx).Scope("order.read"), f)
		return err
	})
	return out, err
}

type mineInput struct {
	Day  string `query:"day" maxLength:"10" doc:"YYYY-MM-DD; default today"`
	Days int    `query:"days" default:"1" minimum:"1" maximum:"7"`
}

func (s *Service) getMine(ctx context.Context, in *mineInput) (*web.Out[web.List[OrderTask]], error) {
	p := auth.From(ctx)
	if p.Worker == "" {
		return nil, linli.Forbidden("您的账号没有绑定服务人员", "your account belongs to no worker")
	}
	day := s.Now().In(linli.Shanghai)
	if in.Day != "" {
		var err error
		if day, err = time.ParseInLocation(time.DateOnly, in.Day, linli.Shanghai); err != nil {
			return nil, linli.Invalidf("day", "日期要写成 2026-11-23 的样子：%s", "%q is not a date of the form 2026-11-23", in.Day)
		}
	}
	y, m, d := day.Date()
	from := time.Date(y, m, d, 0, 0, 0, 0, linli.Shanghai)
	var rows []*Row
	var steps [][]OrderStep
	err := s.DB.Read(ctx, func(tx db.Tx) (err error) {
		steps = nil
		if rows, err = mine(tx, p.Worker, from, from.AddDate(0, 0, in.Days)); err != nil {
			return err
		}
		for _, o := range rows {
			st, err := s.progress(tx, o)
			if err != nil {
				return err
			}
			steps = append(steps, st)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	answers, err := s.answers(ctx, rows)
	if err != nil {
		return nil, err
	}
	out := &web.Out[web.List[OrderTask]]{Body: web.List[OrderTask]{Items: make([]OrderTask, len(rows))}}
	for i, a := range answers {
		out.Body.Items[i] = OrderTask{OrderAnswer: a, Steps: steps[i]}
	}
	return out, nil
}

type oneInput struct {
	ID linli.OrderID `path:"id" maxLength:"40"`
}

func (s *Service) getOne(ctx context.Context, in *oneInput) (*web.OutRev[OrderDetail], error) {
	var o *Row
	var d OrderDetail
	err := s.DB.Read(ctx, func(tx db.Tx) (err error) {
		if o, err = load(tx, in.ID); err != nil {
			return err
		}
		if err := askerOf(ctx).may("order.read", o); err != nil {
			return err
		}
		d, err = s.detail(ctx, tx, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	answers, err := s.answers(ctx, []*Row{o})
	if err != nil {
		return nil, err
	}
	d.OrderAnswer = answers[0]
	return web.WithRev(o.Rev, d), nil
}

type openInput struct {
	Body struct {
		Spec     linli.SpecCode   `json:"spec" maxLength:"60" doc:"specification of the catalog"`
		Resident linli.ResidentID `json:"resident,omitempty" maxLength:"40" doc:"whom it serves; without one, a place"`
		Place    linli.Place      `json:"place,omitempty" maxLength:"120" doc:"default: the resident's home"`
		At       linli.Point      `json:"at,omitzero" doc:"WGS-84"`
		Wish     openWish         `json:"wish,omitzero"`
		SLA      linli.SLAClass   `json:"sla,omitempty" enum:"P1,P2,P3,P4" doc:"default: of the specification"`
		Persons  int              `json:"persons,omitempty" minimum:"0" maximum:"2"`
		LengthS  int64            `json:"length_s,omitempty" minimum:"0" maximum:"86400" doc:"expected service time; default: of the specification"`
		Prefer   []linli.WorkerID `json:"prefer,omitempty" maxItems:"10"`
		Exclude  []linli.WorkerID `json:"exclude,omitempty" maxItems:"50"`
		Words    string           `json:"words,omitempty" maxLength:"500" doc:"what was said"`
		Source   string           `json:"source,omitempty" enum:"counter,phone,visit,desk" doc:"default: desk"`
		Dispatch string           `json:"dispatch,omitempty" enum:"auto,manual" doc:"default: auto"`
	}
}

type openWish struct {
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
}

func (s *Service) postOrder(ctx context.Context, in *openInput) (*web.Out[OrderStand], error) {
	b := in.Body
	need := linli.Need{Spec: b.Spec, Resident: b.Resident, Place: b.Place, At: b.At, Wish: linli.Window{From: b.Wish.From, To: b.Wish.To},
		Length: time.Duration(b.LengthS) * time.Second, SLA: b.SLA, Persons: b.Persons, Prefer: b.Prefer, Exclude: b.Exclude}
	scope := auth.From(ctx).Scope("order.create")
	if err := s.complete(ctx, scope, &need); err != nil {
		return nil, err
	}
	if !scope.Covers(auth.Row{Place: need.Place}) {
		return nil, linli.Invalid("place", "这个地点不在您的辖区", "this place is outside your area")
	}
	source := b.Source
	if source == "" {
		source = "desk"
	}
	out := &web.Out[OrderStand]{}
	return out, s.DB.Write(ctx, func(tx db.Tx) error {
		o, err := s.open(ctx, tx, Opening{Source: source, Need: need, Words: strings.TrimSpace(b.Words), Auto: b.Dispatch != "manual"})
		if err != nil {
			return err
		}
		out.Body = o.stand()
		return web.Remember(ctx, tx, out)
	})
}

// complete checks what was asked for and fills the place from the resident's home.
// An order shows whom it serves, so nobody opens one for people of another area.
func (s *Service) complete(ctx context.Context, scope auth.Scope, need *linli.Need) error {
	if need.Resident != "" {
		home, at, err := s.Residents.Home(ctx, need.Resident)
		if linli.KindOf(err) == linli.KindNotFound || err == nil && !scope.Covers(auth.Row{Place: home}) {
			return linli.Invalid("resident", "登记里没有这位居民", "there is no such resident in the register")
		}
		if err != nil {
			return err
		}
		if need.Place == "" {
			need.Place = home
		}
		if need.At.IsZero() && need.Place == home {
			need.At = at
		}
	}
	return s.bookable(*need)
}

// bookable refuses a need without a place, or for a time that has passed or lies too far ahead.
func (s *Service) bookable(need linli.Need) error {
	now, w := s.Now(), need.Wish
	switch {
	case need.Place == "" || !need.Place.Valid():
		return linli.Invalid("place", "请写明服务地点", "say where the service is needed")
	case !need.At.Valid():
		return linli.Invalid("at", "坐标不对", "the coordinates are wrong")
	case !w.From.IsZero() && !w.To.IsZero() && w.To.Before(w.From):
		return linli.Invalid("wish.to", "希望的结束时间早于开始时间", "the wished window ends before it begins")
	case !w.To.IsZero() && w.To.Before(now) || w.To.IsZero() && !w.From.IsZero() && w.From.Before(now.Add(-time.Hour)):
		return linli.Invalid("wish", "希望的时间已经过去", "the wished time has passed")
	case w.From.After(now.AddDate(1, 0, 0)) || w.To.After(now.AddDate(1, 0, 0)):
		return linli.Invalid("wish", "最多提前一年预约", "nothing is booked more than a year ahead")
	}
	return nil
}

// OrderAct is the body of an act.
type OrderAct struct {
	At       time.Time `json:"at,omitzero" doc:"when it was done, from a phone that was without network; default: now"`
	Reason   string    `json:"reason,omitempty" maxLength:"40"`
	Note     string    `json:"note,omitempty" maxLength:"500"`
	Evidence []string  `json:"evidence,omitempty" maxItems:"20" doc:"ids of uploaded evidence"`
}

type actInput struct {
	ID   linli.OrderID `path:"id" maxLength:"40"`
	Body *OrderAct
}

func (in *actInput) action(ctx context.Context, act Act) (Action, time.Time) {
	b := in.Body
	if b == nil {
		b = &OrderAct{}
	}
	return Action{Act: act, By: actor(ctx), Reason: b.Reason, Note: strings.TrimSpace(b.Note), Evidence: b.Evidence}, b.At
}

// postAct handles the acts that need no more than their body.
func (s *Service) postAct(act Act) func(ctx context.Context, in *actInput) (*web.Out[OrderStand], error) {
	return func(ctx context.Context, in *actInput) (*web.Out[OrderStand], error) {
		a, at := in.action(ctx, act)
		out := &web.Out[OrderStand]{}
		return out, s.DB.Write(ctx, func(tx db.Tx) error {
			o, err := s.act(ctx, tx, in.ID, a, at)
			if err != nil {
				return err
			}
			out.Body = o.stand()
			return nil
		})
	}
}

// act carries out an act of the person who asks: first whether they may, then
// whether what they rely on exists, then the machine.
func (s *Service) act(ctx context.Context, tx db.Tx, id linli.OrderID, a Action, at time.Time) (*Row, error) {
	o, err := load(tx, id)
	if err != nil {
		return nil, err
	}
	if err := askerOf(ctx).may(machine[a.Act].may, o); err != nil {
		return nil, err
	}
	if err := s.proven(tx, o, a.Evidence, ""); err != nil {
		return nil, err
	}
	if a.Act == ActFinish && !o.repeated(a) {
		if err := s.complied(tx, o); err != nil {
			return nil, err
		}
	}
	rev := o.Rev
	if err := s.do(ctx, tx, o, a, at); err != nil || o.Rev == rev {
		return o, err
	}
	if machine[a.Act].may == "order.manage" {
		return o, auth.Audit(tx, s.Now(), auth.From(ctx), auth.Line{Act: "order." + string(a.Act), Subject: string(o.ID), Place: o.Place, Reason: a.Reason})
	}
	return o, nil
}

// complied refuses to finish while required steps of the procedure are missing.
func (s *Service) complied(tx db.Tx, o *Row) error {
	steps, err := s.steps(tx, o.SOP)
	if err != nil || !slices.ContainsFunc(steps, func(st Step) bool { return st.Required }) {
		return err
	}
	done, err := stepsDone(tx, o)
	if err != nil {
		return err
	}
	var zh, en []string
	for _, st := range steps {
		if _, ok := done[st.No]; st.Required && !ok {
			zh, en = append(zh, fmt.Sprintf("%d %s", st.No, st.Zh)), append(en, fmt.Sprintf("%d %s", st.No, st.En))
		}
	}
	if len(zh) == 0 {
		return nil
	}
	return &linli.Error{Kind: linli.KindConflict, Field: "steps", Zh: "还不能办结，缺这些步骤：" + strings.Join(zh, "、"), En: "it cannot be finished; these steps are missing: " + strings.Join(en, ", ")}
}

// proven checks that evidence belongs to the order and is of the kind.
func (s *Service) proven(tx db.Tx, o *Row, ids []string, kind string) error {
	if len(ids) == 0 {
		return nil
	}
	var n int
	unique := slices.Compact(slices.Sorted(slices.Values(ids)))
	err := tx.QueryRow(`SELECT COUNT(*) FROM order_evidence WHERE order_id = $1 AND ($2 = '' OR kind = $2) AND id IN `+s.DB.Dialect().In("$3"),
		o.ID, kind, db.List(unique)).Scan(&n)
	if err == nil && n < len(unique) {
		return linli.Invalid("evidence", "照片或签名不属于这张单，请重新上传", "the evidence does not belong to this order; upload it again")
	}
	return err
}

type confirmInput struct {
	ID   linli.OrderID `path:"id" maxLength:"40"`
	Body *struct {
		OrderAct
		Solved *bool `json:"solved,omitempty" doc:"false objects: the order is reopened; reason says why"`
	}
}

func (s *Service) postConfirm(ctx context.Context, in *confirmInput) (*web.Out[OrderStand], error) {
	act := actInput{ID: in.ID}
	kind := ActConfirm
	if in.Body != nil {
		act.Body = &in.Body.OrderAct
		if in.Body.Solved != nil && !*in.Body.Solved {
			kind = ActDispute
		}
	}
	return s.postAct(kind)(ctx, &act)
}

type noteInput struct {
	ID   linli.OrderID `path:"id" maxLength:"40"`
	Body OrderAct
}

func (s *Service) postNote(ctx context.Context, in *noteInput) (*web.Out[OrderStand], error) {
	if strings.TrimSpace(in.Body.Note) == "" && len(in.Body.Evidence) == 0 {
		return nil, linli.Invalid("note", "请写一句说明，或附上照片", "write a sentence or attach a photo")
	}
	act := actInput{ID: in.ID, Body: &in.Body}
	a, at := act.action(ctx, ActNote)
	out := &web.Out[OrderStand]{}
	return out, s.DB.Write(ctx, func(tx db.Tx) error {
		o, err := s.act(ctx, tx, in.ID, a, at)
		if err != nil {
			return err
		}
		out.Body = o.stand()
		return web.Remember(ctx, tx, out)
	})
}

type stepInput struct {
	ID   linli.OrderID `path:"id" maxLength:"40"`
	No   int64         `path:"no" minimum:"1" maximum:"99"`
	Body *struct {
		OrderAct
		Code string `json:"code,omitempty" maxLength:"12" doc:"hand-over code the resident tells"`
	}
}

func (s *Service) postStep(ctx context.Context, in *stepInput) (*web.Out[OrderStand], error) {
	act, code := actInput{ID: in.ID}, ""
	if in.Body != nil {
		act.Body, code = &in.Body.OrderAct, strings.TrimSpace(in.Body.Code)
	}
	a, at := act.action(ctx, ActStep)
	a.Step = in.No
	out := &web.Out[OrderStand]{}
	var wrong error
	err := s.DB.Write(ctx, func(tx db.Tx) error {
		wrong = nil
		o, err := load(tx, in.ID)
		if err != nil {
			return err
		}
		if err := askerOf(ctx).may("order.work", o); err != nil {
			return err
		}
		steps, err := s.steps(tx, o.SOP)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(steps, func(st Step) bool { return st.No == in.No })
		if i < 0 {
			return linli.NotFound("这张单的规程没有这一步", "the procedure of this order has no such step")
		}
		if wrong, err = s.witness(tx, o, steps[i], a, code); err != nil || wrong != nil {
			return err
		}
		o, err = s.step(ctx, tx, o, a, at)
		if err == nil {
			out.Body = o.stand()
		}
		return err
	})
	if err == nil {
		err = wrong
	}
	return out, err
}

// witness checks that a step comes with what it asks for. A wrong code is counted,
// so it is no error of the transaction: it comes back as wrong.
func (s *Service) witness(tx db.Tx, o *Row, st Step, a Action, code string) (wrong, err error) {
	switch st.Evidence {
	case "photo", "signature":
		if len(a.Evidence) == 0 {
			what := auth.Words{Zh: "照片", En: "a photo"}
			if st.Evidence == "signature" {
				what = auth.Words{Zh: "签名", En: "a signature"}
			}
			return nil, linli.Invalid("evidence", "这一步要附"+what.Zh, "this step needs "+what.En)
		}
		return nil, s.proven(tx, o, a.Evidence, st.Evidence)
	case "note":
		if a.Note == "" {
			return nil, linli.Invalid("note", "这一步要写说明", "this step needs a note")
		}
	case "code":
		switch {
		case o.CodeTries >= codeTries:
			return nil, &linli.Error{Kind: linli.KindExhausted, Field: "code", Zh: "交接码已输错 5 次，请联系调度员核对", En: "the code was wrong five times; call the dispatcher"}
		case code == "":
			return nil, linli.Invalid("code", "请输入居民手里的交接码", "enter the code the resident holds")
		case code != o.Code:
			_, err := tx.Exec(`UPDATE order_order SET code_tries = code_tries + 1 WHERE id = $1`, o.ID)
			return linli.Invalid("code", "交接码不对，请向居民再问一次", "the code is wrong; ask the resident again"), err
		}
	}
	return nil, s.proven(tx, o, a.Evidence, "")
}

// step records a step once; recording it again changes nothing.
func (s *Service) step(ctx context.Context, tx db.Tx, o *Row, a Action, at time.Time) (*Row, error) {
	when, err := o.when(at, s.Now())
	if err != nil {
		return nil, err
	}
	n, err := tx.Exec(`INSERT INTO order_step (order_id, round, no, at, by_user, note, evidence) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		o.ID, o.Round, a.Step, when, a.By.User, a.Note, toJSON(a.Evidence))
	if err != nil || n == 0 {
		return o, err
	}
	return o, s.do(ctx, tx, o, a, at)
}

type weatherInput struct {
	Body struct {
		Red bool `json:"red" doc:"a red warning holds"`
	}
}

func (s *Service) putWeather(ctx context.Context, in *weatherInput) (*web.NoBody, error) {
	return &web.NoBody{}, s.DB.Write(ctx, func(tx db.Tx) error { return s.SetWeather(ctx, tx, in.Body.Red) })
}

// handler is a Raw route whose errors are answered as problems.
func (s *Service) handler(r *web.Router, h func(w http.ResponseWriter, req *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if err := h(w, req); err != nil {
			r.Fail(w, req, err)
		}
	})
}

const (
	maxFiles    = 50      // of one order
	maxEvidence = 8 << 20 // bytes of an upload
)

var errImage = linli.Invalid("body", "照片打不开，请重新拍一张（JPEG、PNG 或 WebP，不超过 8 MB）", "the picture cannot be read; send a JPEG, PNG or WebP of at most 8 MB")

func (s *Service) postEvidence(w http.ResponseWriter, req *http.Request) error {
	ctx, id := req.Context(), linli.OrderID(req.PathValue("id"))
	kind := req.URL.Query().Get("kind")
	if kind == "" {
		kind = "photo"
	}
	if kind != "photo" && kind != "signature" {
		return linli.Invalid("kind", "只收照片（photo）或签名（signature）", "kind is photo or signature")
	}
	if err := s.DB.Read(ctx, func(tx db.Tx) error {
		o, err := load(tx, id)
		if err != nil {
			return err
		}
		return askerOf(ctx).may("order.work", o)
	}); err != nil {
		return err
	}
	data, err := io.ReadAll(req.Body)
	if err != nil {
		return errImage
	}
	if data, err = picture.Clean(data); err != nil {
		return errImage
	}
	blob, size, err := s.Blobs.Put(ctx, bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	e := Evidence{Kind: kind, Media: picture.Media, Bytes: size}
	if err := s.DB.Write(ctx, func(tx db.Tx) error {
		// The same picture sent twice, by a phone that missed the answer, is one.
		now := s.Now()
		e.ID, e.At = linli.NewID("evd", now), linli.Time(linli.Millis(now))
		var n int
		if err := tx.QueryRow(`SELECT COUNT(*) FROM order_evidence WHERE order_id = $1`, id).Scan(&n); err != nil {
			return err
		}
		if n >= maxFiles {
			return linli.Conflict("一张单最多 50 个附件", "an order holds at most 50 files")
		}
		var at int64
		err := tx.QueryRow(`INSERT INTO order_evidence (id, order_id, kind, blob_id, media, bytes, at, by_user) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (order_id, kind, blob_id) DO UPDATE SET bytes = excluded.bytes RETURNING id, at`,
			e.ID, id, kind, blob, e.Media, size, linli.Millis(now), auth.From(ctx).User).Scan(&e.ID, &at)
		e.At = linli.Time(at)
		return err
	}); err != nil {
		return err
	}
	web.JSON(w, http.StatusCreated, e)
	return nil
}

func (s *Service) getEvidence(w http.ResponseWriter, req *http.Request) error {
	ctx := req.Context()
	var blob linli.BlobID
	var media string
	err := s.DB.Read(ctx, func(tx db.Tx) error {
		o, err := load(tx, linli.OrderID(req.PathValue("id")))
		if err != nil {
			return err
		}
		p := auth.From(ctx)
		if err := askerOf(ctx).may("order.read", o); err != nil {
			return err
		}
		if p.Sees(auth.D1, o.belongs(p), false) != auth.Full {
			return linli.Forbidden("照片只给经办的人看", "pictures are shown to those who handle the order")
		}
		err = tx.QueryRow(`SELECT blob_id, media FROM order_evidence WHERE id = $1 AND order_id = $2`, req.PathValue("evidence"), o.ID).Scan(&blob, &media)
		if errors.Is(err, sql.ErrNoRows) {
			return linli.NotFound("没有这个附件", "there is no such file")
		}
		return err
	})
	if err != nil {
		return err
	}
	file, err := s.Blobs.Get(ctx, blob)
	if err != nil {
		return err
	}
	defer file.Close()
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Disposition", "inline")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	w.Header().Set("Cache-Control", "private, max-age=86400, immutable")
	_, _ = io.Copy(w, file) // the client may be gone
	return nil
}
