package recur

import (
	"context"
	"fmt"
	"strings"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/calendar"
	"linli/engine/db"
	"linli/web"
)

// Series is a recurring visit as it is shown.
type Series struct {
	ID       string           `json:"id"`
	Resident linli.ResidentID `json:"resident"`
	Name     string           `json:"name,omitempty" class:"D1" mask:"name"`
	Place    linli.Place      `json:"place" class:"D1" mask:"door"`
	Item     linli.ItemCode   `json:"item"`
	Spec     linli.SpecCode   `json:"spec"`
	Every    Rhythm           `json:"every"`
	Within   int              `json:"within_days" doc:"a visit may come so many days after it is due"`
	From     string           `json:"from" doc:"the first due day"`
	Until    string           `json:"until,omitempty"`
	Hours    Hours            `json:"hours"`
	LengthS  int64            `json:"length_s,omitempty"`
	Prefer   []linli.WorkerID `json:"prefer" nullable:"false"`
	Words    string           `json:"words,omitempty" class:"D1" doc:"what was agreed"`
	State    string           `json:"state" enum:"running,stopped"`
	Reason   string           `json:"reason,omitempty" doc:"why it was stopped"`
	EndedAt  time.Time        `json:"ended_at,omitzero"`
	Next     []Visit          `json:"next" nullable:"false" doc:"the next visits, with an order once it has been opened"`
}

// AuthRow says to whom the series belongs.
func (s Series) AuthRow() auth.Row {
	return auth.Row{Place: s.Place, Resident: s.Resident, Case: true}
}

// Visit is one visit to come. The day of one without an order may still change.
type Visit struct {
	Due   string        `json:"due"`
	Date  string        `json:"date"`
	Order linli.OrderID `json:"order,omitempty"`
}

// Hours are the time of day in which a visit may start, as 09:00.
type Hours struct {
	From string `json:"from" maxLength:"5"`
	To   string `json:"to" maxLength:"5" doc:"24:00 is the end of the day"`
}

// shownNext is how many visits to come are shown of a series.
const shownNext = 4

func clock(min int) string { return fmt.Sprintf("%02d:%02d", min/60, min%60) }

// minutes reads the hours; without any a visit may come at any time of the day.
func (h *Hours) minutes() (out [2]int, err error) {
	if h == nil {
		return [2]int{0, 24 * 60}, nil
	}
	for i, text := range []string{h.From, h.To} {
		if text == "24:00" {
			out[i] = 24 * 60
			continue
		}
		at, err := time.Parse("15:04", text)
		if err != nil {
			return out, linli.Invalid("hours", "时间须为 09:00 这样的写法", "the hours must look like 09:00")
		}
		out[i] = at.Hour()*60 + at.Minute()
	}
	return out, nil
}

// show words series with their next visits; names are looked up, they are not kept.
func (s *Service) show(ctx context.Context, tx db.Tx, list []*series) ([]Series, error) {
	ids, people := make([]string, len(list)), make([]linli.ResidentID, len(list))
	for i, r := range list {
		ids[i], people[i] = r.id, r.resident
	}
	today := s.today()
	given, err := s.visits(tx, ids, today)
	if err != nil {
		return nil, err
	}
	names := map[linli.ResidentID]string{}
	if err := s.Residents.Brief(ctx, people, func(id linli.ResidentID, name, _, _ string) { names[id] = name }); err != nil {
		return nil, err
	}
	out := make([]Series, len(list))
	for i, r := range list {
		out[i] = Series{ID: r.id, Resident: r.resident, Name: names[r.resident], Place: r.place, Item: r.item, Spec: r.spec, Every: r.every, Within: r.within,
			From: r.first.String(), Until: r.until, Hours: Hours{clock(r.hours[0]), clock(r.hours[1])}, LengthS: int64(r.length / time.Second), Prefer: r.preferred(),
			Words: r.words, State: r.state, Reason: r.reason, EndedAt: r.endedAt, Next: []Visit{}}
		if r.state != Running {
			continue
		}
		for _, v := range r.coming(given[r.id], today, shownNext) {
			out[i].Next = append(out[i].Next, Visit{v.due, v.day, v.order})
		}
	}
	return out, nil
}

// Times is what can be agreed about when.
type Times struct {
	Every  Rhythm `json:"every"`
	Within int    `json:"within_days,omitempty" minimum:"0" maximum:"60" doc:"a visit may come so many days after it is due; fewer than between two visits"`
	From   string `json:"from,omitempty" maxLength:"10" doc:"the first due day; default: tomorrow"`
	Until  string `json:"until,omitempty" maxLength:"10" doc:"no visit after this day"`
	Hours  *Hours `json:"hours,omitempty" doc:"time of day in which a visit may start; default: any"`
}

func (t Times) into(r *series) (err error) {
	r.every, r.within, r.until = t.Every, t.Within, t.Until
	if r.first = (calendar.Date{}); t.From != "" {
		if r.first, err = calendar.ParseDate(t.From); err != nil {
			return linli.Invalid("from", "开始日期须为 2006-01-02", "the first day must look like 2006-01-02")
		}
	}
	r.hours, err = t.Hours.minutes()
	return err
}

// Routes mounts the API.
func (s *Service) Routes(r *web.Router) {
	type ID struct {
		ID string `path:"id" maxLength:"40"`
	}
	route := func(method, path, id string, may auth.Permission, zh, en string) web.Route {
		return web.Route{Method: method, Path: "/api/v1/visit-series" + path, ID: id, May: may, Tag: "recur", Zh: zh, En: en}
	}
	one := func(ctx context.Context, id string) (*web.Out[Series], error) {
		out := &web.Out[Series]{}
		return out, s.DB.Read(ctx, func(tx db.Tx) error {
			r, err := s.reach(ctx, tx, id, "dispatch.read")
			if err != nil {
				return err
			}
			shown, err := s.show(ctx, tx, []*series{r})
			if err == nil {
				out.Body = shown[0]
			}
			return err
		})
	}

	type seriesList struct {
		web.Page
		Resident linli.ResidentID `query:"resident" maxLength:"40"`
		State    string           `query:"state" enum:"running,stopped"`
	}
	web.Handle(r, route("GET", "", "visit-series-list", "dispatch.read", "定期服务", "recurring visits"),
		func(ctx context.Context, in *seriesList) (*web.Out[web.List[Series]], error) {
			var w db.Where
			w.Put(auth.From(ctx).Scope("dispatch.read").SQL(auth.Columns{Place: "place", Resident: "resident_id"}, w.Next()))
			if in.Resident != "" {
				w.And("resident_id = ?", in.Resident)
			}
			if in.State != "" {
				w.And("state = ?", in.State)
			}
			if in.Cursor != "" {
				parts, err := web.Parts(in.Cursor, 1)
				if err != nil {
					return nil, err
				}
				w.And("id > ?", parts[0])
			}
			out := &web.Out[web.List[Series]]{}
			return out, s.DB.Read(ctx, func(tx db.Tx) error {
				rows, err := listSeries(tx, in.Limit+1, w.String(), w.Args()...)
				if err != nil {
					return err
				}
				page := web.Cut(rows, in.Limit, func(r *series) string { return web.Cursor(r.id) })
				out.Body.Next = page.Next
				out.Body.Items, err = s.show(ctx, tx, page.Items)
				return err
			})
		})

	type seriesMake struct {
		Body struct {
			Resident linli.ResidentID `json:"resident" maxLength:"40"`
			Spec     linli.SpecCode   `json:"spec" maxLength:"60" doc:"a service that comes to the home"`
			Times
			LengthS int64            `json:"length_s,omitempty" minimum:"0" maximum:"86400" doc:"expected service time; default: of the specification"`
			Prefer  []linli.WorkerID `json:"prefer,omitempty" maxItems:"10"`
			Words   string           `json:"words,omitempty" maxLength:"500" doc:"what was agreed"`
		}
	}
	creates := route("POST", "", "visit-series-make", "dispatch.assign", "约定定期服务", "agree on a recurring visit")
	creates.Creates = true
	web.Handle(r, creates, func(ctx context.Context, in *seriesMake) (*web.Out[Series], error) {
		b := in.Body
		row := &series{resident: b.Resident, spec: b.Spec, length: time.Duration(b.LengthS) * time.Second, prefer: b.Prefer, words: strings.TrimSpace(b.Words)}
		if err := b.into(row); err != nil {
			return nil, err
		}
		out := &web.Out[Series]{}
		return out, s.agree(ctx, row, func(tx db.Tx) error {
			shown, err := s.show(ctx, tx, []*series{row})
			if err != nil {
				return err
			}
			out.Body = shown[0]
			return web.Remember(ctx, tx, out)
		})
	})

	web.Handle(r, route("GET", "/{id}", "visit-series", "dispatch.read", "一项定期服务及后几次", "one recurring visit and what comes next"),
		func(ctx context.Context, in *ID) (*web.Out[Series], error) { return one(ctx, in.ID) })

	type seriesRhythm struct {
		ID
		Body Times
	}
	web.Handle(r, route("POST", "/{id}/rhythm", "visit-series-rhythm", "dispatch.assign", "改频次或时段", "change how often and when it comes"),
		func(ctx context.Context, in *seriesRhythm) (*web.Out[Series], error) {
			if _, err := s.alter(ctx, in.ID.ID, "recur.rhythm", "", func(tx db.Tx, r *series) error {
				if err := in.Body.into(r); err != nil {
					return err
				}
				if r.first == (calendar.Date{}) {
					r.first = s.today().AddDays(1)
				}
				return s.rhythm(ctx, tx, r)
			}); err != nil {
				return nil, err
			}
			return one(ctx, in.ID.ID)
		})

	type seriesStop struct {
		ID
		Body struct {
			Reason string `json:"reason" minLength:"1" maxLength:"200" doc:"why it ends"`
		}
	}
	web.Handle(r, route("POST", "/{id}/stop", "visit-series-stop", "dispatch.assign", "停止定期服务", "stop a recurring visit"),
		func(ctx context.Context, in *seriesStop) (*web.Out[Series], error) {
			reason := strings.TrimSpace(in.Body.Reason)
			if reason == "" {
				return nil, linli.Invalid("reason", "请写明停止的原因", "say why it is stopped")
			}
			if _, err := s.alter(ctx, in.ID.ID, "recur.stop", reason, func(tx db.Tx, r *series) error { return s.stop(ctx, tx, r, reason) }); err != nil {
				return nil, err
			}
			return one(ctx, in.ID.ID)
		})
}
