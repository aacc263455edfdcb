package demand

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/text"
	"linli/engine/db"
	"linli/web"
)

// View is a demand as the screens read it; personal fields are cut to the reader's rights.
type View struct {
	ID          linli.DemandID   `json:"id"`
	Source      Source           `json:"source"`
	System      string           `json:"system,omitempty"`
	ExternalID  string           `json:"external_id,omitempty"`
	State       State            `json:"state"`
	Rev         int64            `json:"rev"`
	Title       string           `json:"title" class:"D1"`
	Text        string           `json:"text" class:"D1"`
	Resident    linli.ResidentID `json:"resident,omitempty"`
	Place       linli.Place      `json:"place" class:"D1" mask:"door"`
	At          *linli.Point     `json:"at,omitempty" class:"D1"`
	Item        linli.ItemCode   `json:"item,omitempty"`
	Spec        linli.SpecCode   `json:"spec,omitempty"`
	Office      string           `json:"office,omitempty"`
	Certainty   float64          `json:"certainty" doc:"of the understanding, 0 to 1"`
	Confidence  float64          `json:"confidence" doc:"of the sources together, 0 to 1"`
	Urgency     int              `json:"urgency" doc:"0 can wait to 3 danger"`
	Attention   bool             `json:"attention,omitempty" doc:"words of danger nobody has looked at yet"`
	Why         []Why            `json:"why" nullable:"false" doc:"what a clerk is asked for"`
	WishFrom    *time.Time       `json:"wish_from,omitempty"`
	WishTo      *time.Time       `json:"wish_to,omitempty"`
	RaisedAt    time.Time        `json:"raised_at"`
	SubmittedAt time.Time        `json:"submitted_at" doc:"earliest submission of the case"`
	ReceivedAt  time.Time        `json:"received_at"`
	DueAt       time.Time        `json:"due_at" doc:"a person must have taken it by then"`
	ClosedAt    *time.Time       `json:"closed_at,omitempty"`
	Near        linli.DemandID   `json:"near,omitempty" doc:"most similar demand when it came in"`
	NearScore   float64          `json:"near_score,omitempty"`
	MergedInto  linli.DemandID   `json:"merged_into,omitempty"`
	Order       linli.OrderID    `json:"order,omitempty"`
	Outcome     Outcome          `json:"outcome,omitempty"`
	Photos      []linli.BlobID   `json:"photos" nullable:"false"`
	Name        string           `json:"name,omitempty" class:"D2" mask:"name" doc:"who voiced it"`
	Phone       string           `json:"phone,omitempty" class:"D2" mask:"phone"`
	Voices      int              `json:"voices" doc:"how many voiced the case"`
	Left        bool             `json:"left,omitempty" doc:"this voice was taken back while others go on"`
	Test        bool             `json:"test,omitempty"`
}

// AuthRow says to whom and where the demand belongs.
func (v View) AuthRow() auth.Row {
	return auth.Row{Place: v.Place, Resident: v.Resident, Case: true}
}

// Detail is one demand with everything that explains it.
type Detail struct {
	View
	Read      Understanding   `json:"read" class:"D1"`
	Extra     json.RawMessage `json:"extra,omitempty" class:"D1"`
	Similar   []Similar       `json:"similar" nullable:"false"`
	Reporters []Voice         `json:"reporters" nullable:"false"`
	History   []Step          `json:"history" nullable:"false"`
	Case      *Case           `json:"case,omitempty"`
}

// Case is where a merged demand has gone.
type Case struct {
	ID      linli.DemandID `json:"id"`
	State   State          `json:"state"`
	Order   linli.OrderID  `json:"order,omitempty"`
	Outcome Outcome        `json:"outcome,omitempty"`
}

// Similar is a demand in nearly the same words, with the passages they share.
type Similar struct {
	ID        linli.DemandID   `json:"id"`
	State     State            `json:"state"`
	Resident  linli.ResidentID `json:"resident,omitempty"`
	Place     linli.Place      `json:"place" class:"D1" mask:"door"`
	Title     string           `json:"title" class:"D1"`
	Text      string           `json:"text" class:"D1"`
	RaisedAt  time.Time        `json:"raised_at"`
	Cosine    float64          `json:"cosine"`
	Score     float64          `json:"score"`
	SamePlace bool             `json:"same_place,omitempty"`
	SameUser  bool             `json:"same_user,omitempty"`
	Shared    []Passage        `json:"shared" nullable:"false" class:"D1"`
}

// Passage is a stretch of the asked demand's text (title, newline, body), in runes.
type Passage struct {
	From int    `json:"from"`
	To   int    `json:"to"`
	Text string `json:"text"`
}

// AuthRow says to whom and where the similar demand belongs.
func (v Similar) AuthRow() auth.Row {
	return auth.Row{Place: v.Place, Resident: v.Resident, Case: true}
}

// Voice is one of those who voiced the case.
type Voice struct {
	Demand   linli.DemandID   `json:"demand"`
	Resident linli.ResidentID `json:"resident,omitempty"`
	Source   Source           `json:"source"`
	At       time.Time        `json:"at"`
	Alias    string           `json:"alias,omitempty" class:"D2" mask:"name"`
	Name     string           `json:"name,omitempty" class:"D2" mask:"name"`
	Phone    string           `json:"phone,omitempty" class:"D2" mask:"phone"`
	Left     bool             `json:"left,omitempty"`

	place linli.Place
}

// AuthRow says to whom and where the voice belongs.
func (v Voice) AuthRow() auth.Row {
	return auth.Row{Place: v.place, Resident: v.Resident, Case: true}
}

func opt(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func view(d *Demand, voices []Reporter) View {
	v := View{ID: d.ID, Source: d.Source, System: d.System, ExternalID: d.ExternalID, State: d.State, Rev: d.Rev, Title: d.Title, Text: d.Body,
		Resident: d.Resident, Place: d.Place, Item: d.Item, Spec: d.Spec, Office: d.Office, Certainty: d.Certainty, Confidence: d.Confidence,
		Urgency: d.Urgency, Attention: d.Attention, Why: d.Why, WishFrom: opt(d.Wish.From), WishTo: opt(d.Wish.To), RaisedAt: d.RaisedAt,
		SubmittedAt: d.SubmittedAt, ReceivedAt: d.ReceivedAt, DueAt: d.DueAt, ClosedAt: opt(d.ClosedAt), Near: d.Near, NearScore: d.NearScore,
		MergedInto: d.MergedInto, Order: d.Order, Outcome: d.Outcome, Photos: d.Photos, Test: d.Test}
	if v.Why == nil {
		v.Why = []Why{}
	}
	if v.Photos == nil {
		v.Photos = []linli.BlobID{}
	}
	if !d.At.IsZero() {
		v.At = &d.At
	}
	for _, r := range voices {
		if r.Case == d.ID {
			v.Voices++
		}
		if r.Demand == d.ID {
			v.Name, v.Phone, v.Left = cmp.Or(r.Name, r.Alias), r.Phone, r.Left
		}
	}
	return v
}

// views adds to the demands of a page who voiced them.
func (s *Service) views(tx db.Tx, ds []*Demand) ([]View, error) {
	ids := make([]linli.DemandID, len(ds))
	for i, d := range ds {
		ids[i] = d.ID
	}
	in := s.DB.Dialect().In("$1")
	all, err := voices(tx, `demand IN `+in+` OR case_id IN `+in, db.List(ids))
	if err != nil {
		return nil, err
	}
	by := map[linli.DemandID][]Reporter{}
	for _, r := range all {
		by[r.Demand] = append(by[r.Demand], r)
		if r.Case != r.Demand {
			by[r.Case] = append(by[r.Case], r)
		}
	}
	out := make([]View, len(ds))
	for i, d := range ds {
		out[i] = view(d, by[d.ID])
	}
	return out, nil
}

type (
	raiseInput struct {
		Body struct {
			Title       string           `json:"title,omitempty" maxLength:"300"`
			Text        string           `json:"text,omitempty" maxLength:"20000"`
			Spec        linli.SpecCode   `json:"spec,omitempty" maxLength:"40"`
			ForResident linli.ResidentID `json:"for_resident,omitempty" maxLength:"40" doc:"absent: oneself"`
			Where
			Urgency int            `json:"urgency,omitempty" minimum:"0" maximum:"3"`
			Photos  []linli.BlobID `json:"photos,omitempty" maxItems:"9"`
			Name    string         `json:"name,omitempty" maxLength:"60" doc:"who calls, when not in the register"`
			Phone   string         `json:"phone,omitempty" maxLength:"30"`
			Test    bool           `json:"test,omitempty"`
		}
	}
	observeInput struct {
		Body struct {
			Text        string           `json:"text,omitempty" maxLength:"20000"`
			Spec        linli.SpecCode   `json:"spec,omitempty" maxLength:"40"`
			ForResident linli.ResidentID `json:"for_resident,omitempty" maxLength:"40"`
			Where
			Photos []linli.BlobID `json:"photos,omitempty" maxItems:"9"`
		}
	}
	bulkInput struct {
		Body struct {
			System string `json:"system" minLength:"1" maxLength:"40" doc:"survey, rule or model they come from; with the key a row is stored once"`
			Items  []bulk `json:"items" minItems:"1" maxItems:"500"`
		}
	}
	bulk struct {
		Key      string           `json:"key" minLength:"1" maxLength:"100"`
		Title    string           `json:"title,omitempty" maxLength:"300"`
		Text     string           `json:"text,omitempty" maxLength:"20000"`
		Spec     linli.SpecCode   `json:"spec,omitempty" maxLength:"40"`
		Resident linli.ResidentID `json:"resident,omitempty" maxLength:"40"`
		Where
		At    *time.Time     `json:"time,omitempty" doc:"when it was said, found or made"`
		Extra map[string]any `json:"extra,omitempty" doc:"question, rule, expected number ..."`
	}
	// Where says where and when help is wished.
	Where struct {
		Place    linli.Place  `json:"place,omitempty" maxLength:"120"`
		Point    *linli.Point `json:"at,omitempty"`
		WishFrom *time.Time   `json:"wish_from,omitempty"`
		WishTo   *time.Time   `json:"wish_to,omitempty"`
	}
	listInput struct {
		web.Page
		State     string           `query:"state" maxLength:"100" doc:"one or several, with commas; absent: all that are open"`
		Source    Source           `query:"source" maxLength:"20"`
		Item      linli.ItemCode   `query:"item" maxLength:"40"`
		Spec      linli.SpecCode   `query:"spec" maxLength:"40"`
		Place     linli.Place      `query:"place" maxLength:"120"`
		Resident  linli.ResidentID `query:"resident" maxLength:"40"`
		Q         string           `query:"q" maxLength:"100" doc:"words of the text"`
		Attention bool             `query:"attention"`
		Near      bool             `query:"near" doc:"only with a possible duplicate"`
		Sort      string           `query:"sort" enum:"due,new" default:"due" doc:"least time left first, or newest first"`
	}
	triageInput struct {
		ID   linli.DemandID `path:"id" maxLength:"40"`
		Body struct {
			Spec     linli.SpecCode   `json:"spec,omitempty" maxLength:"40"`
			Refer    string           `json:"refer,omitempty" maxLength:"40" doc:"office"`
			Resident linli.ResidentID `json:"for_resident,omitempty" maxLength:"40"`
			Where
			Urgency *int  `json:"urgency,omitempty" minimum:"0" maximum:"3"`
			Rev     int64 `json:"rev,omitempty" doc:"refuse when somebody else was faster"`
		}
	}
	mergeInput struct {
		ID   linli.DemandID `path:"id" maxLength:"40"`
		Body struct {
			Into linli.DemandID `json:"into" maxLength:"40"`
			Rev  int64          `json:"rev,omitempty"`
		}
	}
	closeInput struct {
		ID   linli.DemandID `path:"id" maxLength:"40"`
		Body struct {
			Outcome Outcome `json:"outcome" enum:"answered,unlawful"`
			Note    string  `json:"note,omitempty" maxLength:"500"`
			Rev     int64   `json:"rev,omitempty"`
		}
	}
	noteInput struct {
		ID   linli.DemandID `path:"id" maxLength:"40"`
		Body struct {
			Note string `json:"note,omitempty" maxLength:"500"`
			Rev  int64  `json:"rev,omitempty"`
		}
	}
)

func (w Where) apply(f *Draft) {
	f.Place, f.Wish = w.Place, w.wish()
	if w.Point != nil {
		f.At = *w.Point
	}
}

func (w Where) wish() linli.Window {
	var out linli.Window
	if w.WishFrom != nil {
		out.From = *w.WishFrom
	}
	if w.WishTo != nil {
		out.To = *w.WishTo
	}
	return out
}

// Routes mounts the demands.
func (s *Service) Routes(r *web.Router) {
	route := func(method, path, id string, may auth.Permission, zh, en string) web.Route {
		return web.Route{Method: method, Path: "/api/v1/demands" + path, ID: id, May: may, Zh: zh, En: en, Tag: "demand"}
	}
	creates := func(rt web.Route) web.Route { rt.Creates = true; return rt }
	large := func(rt web.Route, limit int64) web.Route { rt.MaxBody = limit; return rt }

	web.Handle(r, creates(route("POST", "", "demand-raise", "demand.raise", "提需求", "voice a need")), s.postRaise)
	web.Handle(r, creates(route("POST", "/observations", "demand-observe", "demand.raise", "随手拍", "report what was seen in the field")), s.postObservation)
	web.Handle(r, creates(large(route("POST", "/survey-answers", "demand-survey", "demand.raise", "录入问卷需求", "take in survey answers"), 4<<20)), s.postBulk(Survey, "demand.raise"))
	web.Handle(r, creates(large(route("POST", "/findings", "demand-finding", "demand.import", "录入数据发现", "take in findings of data"), 4<<20)), s.postBulk(Finding, "demand.import"))
	web.Handle(r, creates(large(route("POST", "/forecasts", "demand-forecast", "demand.import", "录入预测", "take in forecasts"), 4<<20)), s.postBulk(Forecast, "demand.import"))
	web.Raw(r, large(route("POST", "/import", "demand-import", "demand.import", "导入诉求文件", "import a file of tickets (csv, xlsx, jsonl)"), maxImport), s.postImport(r))
	photo := large(route("POST", "/photos", "demand-photo", "demand.raise", "传照片", "upload a photo"), maxPhoto)
	photo.Status = http.StatusCreated
	web.Raw(r, photo, s.postPhoto(r))
	web.Raw(r, route("GET", "/{id}/photos/{blob}", "demand-photo-get", "demand.read", "看照片", "see a photo"), s.getPhoto(r))

	web.Handle(r, route("GET", "", "demand-list", "demand.read", "需求列表", "the queue of demands"), s.getList)
	web.Handle(r, route("GET", "/counts", "demand-counts", "demand.read", "需求计数", "how much there is to do"), s.getCounts)
	web.Handle(r, route("GET", "/offices", "demand-offices", "demand.read", "转办单位", "where demands can be referred"), s.getOffices)
	web.Handle(r, route("GET", "/corrections", "demand-corrections", "demand.triage", "更正记录", "what clerks have taught the reader"), s.getCorrections)
	web.Handle(r, route("DELETE", "/corrections/{correction}", "demand-correction-revoke", "demand.triage", "撤回更正", "forget a correction"), s.deleteCorrection)
	web.Handle(r, route("POST", "/read", "demand-read", "demand.raise", "试读一段话", "how a text would be read, nothing is stored"), s.postRead)
	web.Handle(r, route("GET", "/{id}", "demand-get", "demand.read", "看需求", "one demand with what explains it"), s.getOne)

	web.Handle(r, route("POST", "/{id}/triage", "demand-triage", "demand.triage", "分拣", "settle what is meant and where"), s.postTriage)
	web.Handle(r, route("POST", "/{id}/confirm", "demand-confirm", "demand.triage", "确认预测", "stand behind a forecast or a finding"), s.postConfirm)
	web.Handle(r, route("POST", "/{id}/attend", "demand-attend", "demand.triage", "已看险情", "note that words of danger were looked at"), s.postAttend)
	web.Handle(r, route("POST", "/{id}/merge", "demand-merge", "demand.triage", "合并", "make it part of another case"), s.postMerge)
	web.Handle(r, route("POST", "/{id}/unmerge", "demand-unmerge", "demand.triage", "拆开", "take it out of its case"), s.postUnmerge)
	web.Handle(r, route("POST", "/{id}/close", "demand-close", "demand.triage", "办结", "settle it without an order"), s.postClose)
	web.Handle(r, route("POST", "/{id}/withdraw", "demand-withdraw", "demand.raise", "撤回", "take it back"), s.postWithdraw)
}

// speak checks that the principal may speak for the resident and the place of a
// draft, and says where it belongs when nothing says so.
func (s *Service) speak(ctx context.Context, p *auth.Principal, perm auth.Permission, f *Draft) error {
	home, _, err := s.client(ctx, p, perm, f.Resident)
	if err != nil {
		return err
	}
	scope := p.Scope(perm)
	if len(scope.Places) > 0 {
		f.Fallback = scope.Places[0]
	}
	if !f.Place.Valid() || scope.All || scope.Covers(auth.Row{Place: f.Place}) {
		return nil // an invalid one is refused by check
	}
	// People without a place of their own may point at any place of the hub, but a
	// demand outside it would be seen by nobody.
	ours := home != "" && sameStreet(home, f.Place)
	if !ours && len(scope.Places) == 0 && s.Places != nil {
		at, err := s.Places.Locate(ctx, f.Place)
		if err != nil && linli.KindOf(err) != linli.KindNotFound {
			return err
		}
		ours = !at.IsZero()
	}
	if !ours || len(scope.Places) > 0 && !p.Serves(f.Resident) {
		return linli.Invalid("place", "这个地点不归您管，或不在本街道："+string(f.Place), "this place is not yours to handle, or not in the street: "+string(f.Place))
	}
	return nil
}

// sameStreet compares the first nine digits of two places.
func sameStreet(a, b linli.Place) bool {
	return len(a) >= 9 && len(b) >= 9 && a[:9] == b[:9]
}

// take stores one draft and answers with it, once per Idempotency-Key.
func (s *Service) take(ctx context.Context, p *auth.Principal, f Draft) (*web.OutRev[View], error) {
	var answer *web.OutRev[View]
	_, err := s.Intake(ctx, p, []Draft{f}, func(tx db.Tx, out []*Demand) error {
		vs, err := s.views(tx, out)
		if err != nil {
			return err
		}
		answer = web.WithRev(vs[0].Rev, vs[0])
		return web.Remember(ctx, tx, answer)
	})
	return answer, err
}

func (s *Service) postRaise(ctx context.Context, in *raiseInput) (*web.OutRev[View], error) {
	p, b := auth.From(ctx), in.Body
	f := Draft{Source: Counter, Title: b.Title, Body: b.Text, Spec: b.Spec, Resident: b.ForResident, Urgency: b.Urgency, Photos: b.Photos,
		Name: b.Name, Phone: b.Phone, Test: b.Test}
	b.Where.apply(&f)
	if f.Resident == "" && len(p.Scope("demand.raise").Places) == 0 {
		f.Resident = p.Resident // not at a counter: one speaks for oneself
	}
	if p.Serves(f.Resident) {
		f.Source, f.Name = Phone, cmp.Or(f.Name, p.Name)
	}
	if err := s.speak(ctx, p, "demand.raise", &f); err != nil {
		return nil, err
	}
	return s.take(ctx, p, f)
}

func (s *Service) postObservation(ctx context.Context, in *observeInput) (*web.OutRev[View], error) {
	p, b := auth.From(ctx), in.Body
	f := Draft{Source: Observation, Body: b.Text, Spec: b.Spec, Resident: b.ForResident, Photos: b.Photos, Name: p.Name}
	b.Where.apply(&f)
	if err := s.speak(ctx, p, "demand.raise", &f); err != nil {
		return nil, err
	}
	return s.take(ctx, p, f)
}

// BulkAnswer tells what became of many rows; Items stand in the order of the input.
type BulkAnswer struct {
	Stored int        `json:"stored"`
	Known  int        `json:"known"`
	Items  []BulkItem `json:"items" nullable:"false"`
}

// BulkItem is one row; without an id it was taken in before.
type BulkItem struct {
	Key   string         `json:"key"`
	ID    linli.DemandID `json:"id,omitempty"`
	State State          `json:"state,omitempty"`
	Into  linli.DemandID `json:"into,omitempty"`
}

// postBulk takes in rows that a machine or a survey has made: all or none.
func (s *Service) postBulk(source Source, perm auth.Permission) func(context.Context, *bulkInput) (*web.Out[BulkAnswer], error) {
	return func(ctx context.Context, in *bulkInput) (*web.Out[BulkAnswer], error) {
		p := auth.From(ctx)
		drafts := make([]Draft, len(in.Body.Items))
		for i, row := range in.Body.Items {
			f := Draft{Source: source, System: string(source) + ":" + in.Body.System, ExternalID: row.Key, Title: row.Title, Body: row.Text, Spec: row.Spec, Resident: row.Resident}
			row.Where.apply(&f)
			if row.At != nil {
				f.RaisedAt = *row.At
			}
			if len(row.Extra) > 0 {
				raw, err := json.Marshal(row.Extra)
				if err != nil {
					return nil, linli.Internal(err)
				}
				f.Extra = raw
			}
			err := s.speak(ctx, p, perm, &f)
			if err == nil {
				_, err = s.check(f)
			}
			if err != nil {
				return nil, inRow(i, err)
			}
			drafts[i] = f
		}
		answer := &web.Out[BulkAnswer]{}
		_, err := s.Intake(ctx, p, drafts, func(tx db.Tx, out []*Demand) error {
			answer.Body = BulkAnswer{Items: make([]BulkItem, len(out))}
			for i, d := range out {
				answer.Body.Items[i].Key = drafts[i].ExternalID
				if d == nil {
					answer.Body.Known++
					continue
				}
				answer.Body.Stored++
				answer.Body.Items[i] = BulkItem{drafts[i].ExternalID, d.ID, d.State, d.MergedInto}
			}
			return web.Remember(ctx, tx, answer)
		})
		return answer, err
	}
}

// inRow names the row of a list whose field is at fault.
func inRow(i int, err error) error {
	e, ok := errors.AsType[*linli.Error](err)
	if !ok {
		return err
	}
	named := *e
	named.Field = strings.TrimSuffix(fmt.Sprintf("items[%d].%s", i, e.Field), ".")
	return &named
}

// postImport reads a ticket file from the body. The query says format, system,
// place, test and the mapping of columns as ours:theirs, several with commas.
func (s *Service) postImport(r *web.Router) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		ctx, q := req.Context(), req.URL.Query()
		p := auth.From(ctx)
		in := Import{Format: q.Get("format"), System: cmp.Or(q.Get("system"), "12345"), Test: q.Get("test") == "true", Columns: map[string]string{}}
		for pair := range strings.SplitSeq(q.Get("columns"), ",") {
			if our, their, ok := strings.Cut(pair, ":"); ok {
				in.Columns[strings.TrimSpace(our)] = strings.TrimSpace(their)
			}
		}
		var err error
		if in.Place, err = placeOf(p, "demand.import", linli.Place(q.Get("place"))); err != nil {
			r.Fail(w, req, err)
			return
		}
		raw, err := io.ReadAll(req.Body)
		if err != nil {
			if _, tooBig := errors.AsType[*http.MaxBytesError](err); tooBig {
				err = linli.Invalid("file", "文件超过 32 MB，请分几次导入", "the file is larger than 32 MB; import it in parts")
			} else {
				err = linli.Invalid("file", "文件没有传完，请再传一次", "the file did not arrive completely; send it again")
			}
			r.Fail(w, req, err)
			return
		}
		report, err := s.ImportFile(ctx, p, in, raw)
		if err != nil {
			r.Fail(w, req, err)
			return
		}
		web.JSON(w, http.StatusOK, report)
	}
}

func (s *Service) getList(ctx context.Context, in *listInput) (*web.Out[web.List[View]], error) {
	f := Filter{Source: in.Source, Item: in.Item, Spec: in.Spec, Place: in.Place, Resident: in.Resident, Search: strings.TrimSpace(in.Q),
		Attention: in.Attention, Near: in.Near, Newest: in.Sort == "new", Limit: in.Limit, After: in.Cursor}
	if in.State != "" {
		for name := range strings.SplitSeq(in.State, ",") {
			if _, known := moves[State(name)]; !known {
				return nil, linli.Invalid("state", "没有这个状态："+name, "there is no state "+name)
			}
			f.States = append(f.States, State(name))
		}
	}
	if f.Place != "" && !f.Place.Valid() {
		return nil, linli.Invalid("place", "地点编码不对："+string(f.Place), "this is not a place: "+string(f.Place))
	}
	out := &web.Out[web.List[View]]{}
	err := s.DB.Read(ctx, func(tx db.Tx) error {
		ds, err := s.queue(tx, auth.From(ctx).Scope("demand.read"), f)
		if err != nil {
			return err
		}
		out.Body.Next = ""
		if len(ds) == f.Limit {
			out.Body.Next = f.after(ds[len(ds)-1])
		}
		out.Body.Items, err = s.views(tx, ds)
		return err
	})
	return out, err
}

func (s *Service) getCounts(ctx context.Context, _ *struct{}) (*web.Out[Counts], error) {
	out := &web.Out[Counts]{}
	now := s.Now()
	y, m, d := now.In(linli.Shanghai).Date()
	err := s.DB.Read(ctx, func(tx db.Tx) (err error) {
		out.Body, err = counts(tx, auth.From(ctx).Scope("demand.read"), now, time.Date(y, m, d, 0, 0, 0, 0, linli.Shanghai))
		return err
	})
	return out, err
}

func (s *Service) getOffices(context.Context, *struct{}) (*web.Out[web.List[Office]], error) {
	return &web.Out[web.List[Office]]{Body: web.List[Office]{Items: s.offices}}, nil
}

func (s *Service) getOne(ctx context.Context, in *struct {
	ID linli.DemandID `path:"id" maxLength:"40"`
}) (*web.OutRev[Detail], error) {
	p := auth.From(ctx)
	out := Detail{}
	err := s.DB.Read(ctx, func(tx db.Tx) error {
		d, err := load(tx, p, "demand.read", in.ID, 0)
		if err != nil {
			return err
		}
		out, err = s.detail(tx, p, d)
		return err
	})
	return web.WithRev(out.Rev, out), err
}

// detail gathers what explains a demand. Only who sorts demands sees what others
// said in similar words.
func (s *Service) detail(tx db.Tx, p *auth.Principal, d *Demand) (Detail, error) {
	root := cmp.Or(d.MergedInto, d.ID)
	all, err := voices(tx, `demand = $1 OR case_id = $2 ORDER BY at, demand`, d.ID, root)
	if err != nil {
		return Detail{}, err
	}
	out := Detail{View: view(d, all), Read: d.Understood, Extra: d.Extra, Similar: []Similar{}, Reporters: []Voice{}}
	alias := ""
	for _, r := range all {
		if r.Demand == d.ID {
			alias = r.Alias
		}
		if r.Case == root {
			out.Reporters = append(out.Reporters, Voice{Demand: r.Demand, Resident: r.Resident, Source: r.Source, At: r.At, Alias: r.Alias, Name: r.Name, Phone: r.Phone, Left: r.Left, place: d.Place})
		}
	}
	if out.History, err = history(tx, d.ID); err != nil {
		return out, err
	}
	if d.MergedInto != "" {
		c, err := one(tx, d.MergedInto)
		if err != nil {
			return out, err
		}
		out.Case = &Case{c.ID, c.State, c.Order, c.Outcome}
	}
	if !p.Can("demand.triage") { // who handled it and what they noted stays in the office
		for i := range out.History {
			out.History[i].Who, out.History[i].Detail = "", nil
		}
		return out, nil
	}
	scope := p.Scope("demand.triage")
	for _, m := range s.similar(d, alias) {
		other, err := one(tx, linli.DemandID(m.ID))
		if linli.KindOf(err) == linli.KindNotFound {
			continue
		}
		if err != nil {
			return out, err
		}
		if !scope.Covers(other.row()) || other.MergedInto == d.ID {
			continue
		}
		v := Similar{ID: other.ID, State: other.State, Resident: other.Resident, Place: other.Place, Title: other.Title, Text: other.Body,
			RaisedAt: other.RaisedAt, Cosine: m.Cosine, Score: m.Score, SamePlace: m.SamePlace, SameUser: m.SameUser, Shared: []Passage{}}
		for _, sp := range m.Shared {
			v.Shared = append(v.Shared, Passage{sp.From, sp.To, sp.Text})
		}
		out.Similar = append(out.Similar, v)
	}
	return out, nil
}

func (s *Service) postRead(ctx context.Context, in *struct {
	Body struct {
		Title string `json:"title,omitempty" maxLength:"300"`
		Text  string `json:"text" maxLength:"20000"`
	}
}) (*web.Out[Understanding], error) {
	u, err := s.read(ctx, text.Doc{Title: in.Body.Title, Body: in.Body.Text}, s.Now())
	return &web.Out[Understanding]{Body: u}, err
}

// answer is a demand after an act, as its reader may see it.
func (s *Service) answer(ctx context.Context, id linli.DemandID) (*web.OutRev[View], error) {
	var v View
	err := s.DB.Read(ctx, func(tx db.Tx) error {
		d, err := one(tx, id)
		if err != nil {
			return err
		}
		vs, err := s.views(tx, []*Demand{d})
		if err == nil {
			v = vs[0]
		}
		return err
	})
	return web.WithRev(v.Rev, v), err
}

func (s *Service) postTriage(ctx context.Context, in *triageInput) (*web.OutRev[View], error) {
	t := Triage{Spec: in.Body.Spec, Office: in.Body.Refer, Place: in.Body.Place, Wish: in.Body.wish(), Urgency: in.Body.Urgency, Resident: in.Body.Resident, Rev: in.Body.Rev}
	if in.Body.Point != nil {
		t.At = *in.Body.Point
	}
	if _, err := s.Classify(ctx, auth.From(ctx), in.ID, t); err != nil {
		return nil, err
	}
	return s.answer(ctx, in.ID)
}

func (s *Service) postConfirm(ctx context.Context, in *noteInput) (*web.OutRev[View], error) {
	if _, err := s.Confirm(ctx, auth.From(ctx), in.ID, in.Body.Rev); err != nil {
		return nil, err
	}
	return s.answer(ctx, in.ID)
}

func (s *Service) postAttend(ctx context.Context, in *noteInput) (*web.OutRev[View], error) {
	if _, err := s.Attend(ctx, auth.From(ctx), in.ID, in.Body.Note); err != nil {
		return nil, err
	}
	return s.answer(ctx, in.ID)
}

func (s *Service) postMerge(ctx context.Context, in *mergeInput) (*web.OutRev[View], error) {
	c, err := s.Merge(ctx, auth.From(ctx), in.ID, in.Body.Into, in.Body.Rev)
	if err != nil {
		return nil, err
	}
	return s.answer(ctx, c.ID)
}

func (s *Service) postUnmerge(ctx context.Context, in *noteInput) (*web.OutRev[View], error) {
	if _, err := s.Unmerge(ctx, auth.From(ctx), in.ID); err != nil {
		return nil, err
	}
	return s.answer(ctx, in.ID)
}

func (s *Service) postClose(ctx context.Context, in *closeInput) (*web.OutRev[View], error) {
	if _, err := s.Close(ctx, auth.From(ctx), in.ID, in.Body.Rev, in.Body.Outcome, in.Body.Note); err != nil {
		return nil, err
	}
	return s.answer(ctx, in.ID)
}

func (s *Service) postWithdraw(ctx context.Context, in *noteInput) (*web.OutRev[View], error) {
	if _, _, err := s.Withdraw(ctx, auth.From(ctx), in.ID, in.Body.Note); err != nil {
		return nil, err
	}
	return s.answer(ctx, in.ID)
}

func (s *Service) getCorrections(ctx context.Context, in *struct{ web.Page }) (*web.Out[web.List[Correction]], error) {
	out := &web.Out[web.List[Correction]]{}
	err := s.DB.Read(ctx, func(tx db.Tx) (err error) {
		out.Body.Items, err = corrections(tx, auth.From(ctx).Scope("demand.triage"), in.Cursor, in.Limit)
		return err
	})
	if n := len(out.Body.Items); n == in.Limit {
		out.Body.Next = out.Body.Items[n-1].ID
	}
	return out, err
}

func (s *Service) deleteCorrection(ctx context.Context, in *struct {
	Correction string `path:"correction" maxLength:"40"`
}) (*web.NoBody, error) {
	return nil, s.Revoke(ctx, auth.From(ctx), in.Correction)
}
