package evaluate

import (
	"context"
	"strconv"
	"strings"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/web"
)

// Routes mounts the routes of the slice.
func (s *Service) Routes(r *web.Router) {
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/ratings", ID: "rating-add", May: "evaluate.rate", Tag: "evaluate", Creates: true,
		Zh: "评价一张服务单", En: "rate an order"}, s.postRating)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/ratings", ID: "rating-list", May: "evaluate.read", Tag: "evaluate",
		Zh: "评价列表", En: "list ratings, newest first"}, s.getRatings)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/rating-summary", ID: "rating-summary", May: "evaluate.read", Tag: "evaluate",
		Zh: "按项目、人员、机构汇总评价", En: "ratings by item, worker or organization"}, s.getSummary)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/rating-tags", ID: "rating-tags", May: auth.SignedIn, Tag: "evaluate",
		Zh: "评价标签", En: "what can be said in one tap"}, s.getTags)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/callbacks", ID: "callback-list", May: "evaluate.callback", Tag: "evaluate",
		Zh: "回访名单", En: "residents to call back"}, s.getCalls)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/callbacks/{order}/result", ID: "callback-result", May: "evaluate.callback", Tag: "evaluate",
		Zh: "登记回访结果", En: "record what a call found out"}, s.postResult)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/callback-rates", ID: "callback-rates", May: "evaluate.read", Tag: "evaluate",
		Zh: "响应率、解决率、满意率", En: "the three rates of the residents called back"}, s.getRates)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/callback-setting", ID: "callback-setting", May: "evaluate.callback", Tag: "evaluate",
		Zh: "回访怎么抽", En: "how the sample is drawn"}, s.getSetting)
	web.Handle(r, web.Route{Method: "PUT", Path: "/api/v1/callback-setting", ID: "callback-setting-put", May: "evaluate.callback", Tag: "evaluate",
		Zh: "改回访比例和种子", En: "change share and seed of the sample"}, s.putSetting)
}

type ratingInput struct {
	Body struct {
		Order linli.OrderID `json:"order_id" maxLength:"40"`
		Stars int           `json:"stars" minimum:"1" maximum:"5"`
		NPS   *int          `json:"nps,omitempty" minimum:"0" maximum:"10" doc:"would you recommend it? absent: not answered"`
		Tags  []string      `json:"tags,omitempty" maxItems:"8"`
		Words string        `json:"words,omitempty" maxLength:"500"`
	}
}

// RatingDone is the answer to a rating.
type RatingDone struct {
	ID    string        `json:"id"`
	Order linli.OrderID `json:"order_id"`
	Stars int           `json:"stars"`
	At    time.Time     `json:"at"`
}

func (s *Service) postRating(ctx context.Context, in *ratingInput) (*web.Out[RatingDone], error) {
	b := in.Body
	out := &web.Out[RatingDone]{}
	return out, s.DB.Write(ctx, func(tx db.Tx) error {
		r, err := s.Rate(ctx, tx, Judgement{Order: b.Order, Stars: b.Stars, NPS: b.NPS, Tags: b.Tags, Words: strings.TrimSpace(b.Words)})
		if err != nil {
			return err
		}
		out.Body = RatingDone{ID: r.ID, Order: r.Order, Stars: r.Stars, At: r.At}
		return web.Remember(ctx, tx, out)
	})
}

// RatingFilter narrows lists and summaries of ratings.
type RatingFilter struct {
	Item   linli.ItemCode `query:"item" maxLength:"40"`
	Worker linli.WorkerID `query:"worker" maxLength:"40"`
	Org    linli.OrgID    `query:"org" maxLength:"40"`
	Order  linli.OrderID  `query:"order" maxLength:"40"`
	Place  linli.Place    `query:"place" maxLength:"120"`
	From   time.Time      `query:"from" doc:"default: 90 days before to"`
	To     time.Time      `query:"to" doc:"default: now"`
}

// reach says by which columns a row belongs to somebody.
var reach = auth.Columns{Place: "place", Org: "org_id", Worker: "worker_id"}

func (s *Service) where(ctx context.Context, f RatingFilter, at string) (*db.Where, error) {
	if f.Place != "" && !f.Place.Valid() {
		return nil, linli.Invalidf("place", "地点编码不对：%s", "%q is not a place", f.Place)
	}
	from, to, err := s.span(f.From, f.To)
	if err != nil {
		return nil, err
	}
	w := new(db.Where)
	w.Put(auth.From(ctx).Scope("evaluate.read").SQL(reach, w.Next()))
	w.And(at+" >= ? AND "+at+" < ?", linli.Millis(from), linli.Millis(to))
	for _, is := range [][2]string{{"item", string(f.Item)}, {"worker_id", string(f.Worker)}, {"org_id", string(f.Org)}, {"order_id", string(f.Order)}} {
		if is[1] != "" {
			w.And(is[0]+" = ?", is[1])
		}
	}
	if f.Place != "" {
		w.Inside("place", f.Place)
	}
	return w, nil
}

type ratingsInput struct {
	web.Page
	RatingFilter
	MaxStars int `query:"max_stars" minimum:"0" maximum:"5" doc:"only ratings of at most so many stars"`
}

func (s *Service) getRatings(ctx context.Context, in *ratingsInput) (*web.Out[web.List[Rating]], error) {
	w, err := s.where(ctx, in.RatingFilter, "at")
	if err != nil {
		return nil, err
	}
	if in.MaxStars > 0 {
		w.And("stars <= ?", in.MaxStars)
	}
	if in.Cursor != "" {
		key, err := web.Parts(in.Cursor, 1)
		if err != nil {
			return nil, err
		}
		w.And("id < ?", key[0])
	}
	out := &web.Out[web.List[Rating]]{}
	return out, s.DB.Read(ctx, func(tx db.Tx) error {
		found, err := ratings(tx, w, in.Limit+1)
		out.Body = web.Cut(found, in.Limit, func(r Rating) string { return web.Cursor(r.ID) })
		return err
	})
}

type summaryInput struct {
	RatingFilter
	By string `query:"by" default:"item" enum:"all,item,spec,worker,org"`
}

func (s *Service) getSummary(ctx context.Context, in *summaryInput) (*web.Out[web.List[RatingGroup]], error) {
	w, err := s.where(ctx, in.RatingFilter, "at")
	if err != nil {
		return nil, err
	}
	out := &web.Out[web.List[RatingGroup]]{}
	return out, s.DB.Read(ctx, func(tx db.Tx) error {
		out.Body.Items, err = groups(tx, in.By, w)
		return err
	})
}

func (s *Service) getTags(context.Context, *struct{}) (*web.Out[web.List[RatingTag]], error) {
	return &web.Out[web.List[RatingTag]]{Body: web.List[RatingTag]{Items: tags}}, nil
}

type callsInput struct {
	web.Page
	State string      `query:"state" default:"open" enum:"open,done,unreached"`
	Place linli.Place `query:"place" maxLength:"120"`
}

func (s *Service) getCalls(ctx context.Context, in *callsInput) (*web.Out[web.List[CallBack]], error) {
	if in.Place != "" && !in.Place.Valid() {
		return nil, linli.Invalidf("place", "地点编码不对：%s", "%q is not a place", in.Place)
	}
	w := new(db.Where)
	w.And("state = '" + in.State + "'") // one of the three; a literal, so that the index of open calls serves
	w.Put(auth.From(ctx).Scope("evaluate.callback").SQL(reach, w.Next()))
	if in.Place != "" {
		w.Inside("place", in.Place)
	}
	if in.Cursor != "" {
		key, err := web.Parts(in.Cursor, 2)
		if err != nil {
			return nil, err
		}
		due, err := strconv.ParseInt(key[0], 10, 64)
		if err != nil {
			return nil, web.ErrCursor
		}
		w.And("(due_at, order_id) > (?, ?)", due, key[1])
	}
	out := &web.Out[web.List[CallBack]]{}
	err := s.DB.Read(ctx, func(tx db.Tx) (err error) {
		found, err := calls(tx, w, in.Limit+1)
		out.Body = web.Cut(found, in.Limit, func(c CallBack) string {
			return web.Cursor(strconv.FormatInt(linli.Millis(c.Due), 10), string(c.Order))
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, s.name(ctx, out.Body.Items)
}

// name asks whom the calls go to.
func (s *Service) name(ctx context.Context, items []CallBack) error {
	var ids []linli.ResidentID
	of := map[linli.ResidentID][]int{}
	for i, c := range items {
		if of[c.Resident] == nil {
			ids = append(ids, c.Resident)
		}
		of[c.Resident] = append(of[c.Resident], i)
	}
	if len(ids) == 0 {
		return nil
	}
	return s.Residents.Brief(ctx, ids, func(id linli.ResidentID, name, phone, _ string) {
		for _, i := range of[id] {
			items[i].Name, items[i].Phone = name, phone
		}
	})
}

type resultInput struct {
	Order linli.OrderID `path:"order" maxLength:"40"`
	Body  struct {
		Reached   bool   `json:"reached" doc:"somebody answered"`
		Contacted bool   `json:"contacted,omitempty" doc:"they were contacted in time"`
		Solved    bool   `json:"solved,omitempty"`
		Satisfied bool   `json:"satisfied,omitempty"`
		Note      string `json:"note,omitempty" maxLength:"500"`
	}
}

func (s *Service) postResult(ctx context.Context, in *resultInput) (*web.Out[CallBack], error) {
	b := in.Body
	out := &web.Out[CallBack]{}
	return out, s.DB.Write(ctx, func(tx db.Tx) (err error) {
		out.Body, err = s.CallBack(ctx, tx, in.Order, Result{Reached: b.Reached, Contacted: b.Contacted, Solved: b.Solved, Satisfied: b.Satisfied, Note: strings.TrimSpace(b.Note)})
		return err
	})
}

func (s *Service) getRates(ctx context.Context, in *RatingFilter) (*web.Out[CallRates], error) {
	w, err := s.where(ctx, *in, "drawn_at")
	if err != nil {
		return nil, err
	}
	out := &web.Out[CallRates]{}
	return out, s.DB.Read(ctx, func(tx db.Tx) error {
		out.Body, err = rates(tx, w)
		return err
	})
}

func (s *Service) getSetting(ctx context.Context, _ *struct{}) (*web.Out[CallSetting], error) {
	out := &web.Out[CallSetting]{}
	return out, s.DB.Read(ctx, func(tx db.Tx) (err error) {
		out.Body, err = setting(tx)
		return err
	})
}

type settingInput struct{ Body CallSetting }

func (s *Service) putSetting(ctx context.Context, in *settingInput) (*web.Out[CallSetting], error) {
	return &web.Out[CallSetting]{Body: in.Body}, s.DB.Write(ctx, func(tx db.Tx) error { return s.Setting(ctx, tx, in.Body) })
}
