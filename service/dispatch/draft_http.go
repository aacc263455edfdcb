package dispatch

import (
	"cmp"
	"context"
	"slices"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/web"
)

// Draft is a coming day planned anew as a whole, beside the plan that holds.
type Draft struct {
	ID      string          `json:"id"`
	Date    string          `json:"date"`
	State   string          `json:"state" enum:"open,released,discarded,stale"`
	MadeAt  time.Time       `json:"made_at"`
	EndedAt time.Time       `json:"ended_at,omitzero"`
	Nothing bool            `json:"nothing" doc:"the plan that holds is the best that was found: nothing would change"`
	Told    int             `json:"told" doc:"how many of the changes residents were told otherwise"`
	Changes []Change        `json:"changes" nullable:"false" doc:"those the asker may see"`
	Before  Cost            `json:"before"`
	After   Cost            `json:"after"`
	Pinned  []linli.OrderID `json:"pinned" nullable:"false" doc:"orders to be left as they are"`
	Lanes   []Lane          `json:"lanes" nullable:"false" doc:"the day as an open draft would have it; empty in lists and when it has ended"`
}

// show words a draft for the asker; names are looked up, they are not kept.
func (s *Service) show(ctx context.Context, d *draft, lanes bool) (out Draft, err error) {
	out = Draft{ID: d.id, Date: dateOf(d.day), State: d.state, MadeAt: d.madeAt, EndedAt: d.endedAt, Nothing: len(d.plan.Changes) == 0, Changes: []Change{},
		Before: d.plan.Before, After: d.plan.After, Pinned: noNil(d.pinned), Lanes: []Lane{}}
	workers, err := s.Workers.Workers(ctx, s.Now())
	if err != nil {
		return out, err
	}
	names := make(map[linli.WorkerID]string, len(workers))
	for _, w := range workers {
		names[w.ID] = w.Name
	}
	scope := auth.From(ctx).Scope("dispatch.read")
	for _, c := range d.plan.Changes {
		if c.Told {
			out.Told++
		}
		if c.row = c.AuthRow(); scope.Covers(c.row) {
			c.FromName, c.ToName = names[c.FromWorker], names[c.ToWorker]
			out.Changes = append(out.Changes, c.Change)
		}
	}
	if !lanes || d.state != DraftOpen {
		return out, nil
	}
	b, err := s.board(ctx, midnight(d.day), func(stops map[linli.WorkerID][]Stop) {
		for _, c := range d.plan.Changes {
			if scope.Covers(c.AuthRow()) {
				c.apply(stops)
			}
		}
	})
	out.Lanes = b.Lanes
	return out, err
}

// apply moves a visit from the lanes it stands in to those of the draft.
func (c draftChange) apply(stops map[linli.WorkerID][]Stop) {
	st := Stop{Order: c.Order, Item: c.Item, Spec: c.Spec, SLA: c.SLA, Place: c.Place, At: c.At, Auto: true}
	for id, mine := range stops {
		if i := slices.IndexFunc(mine, func(x Stop) bool { return x.Order == c.Order && x.Ended == "" }); i >= 0 {
			st = mine[i]
			stops[id] = slices.Delete(mine, i, i+1)
		}
	}
	st.Start, st.End, st.Promise, st.Pair, st.row = c.ToStart, c.ToStart.Add(c.Length), c.ToPromise, c.Second != "", c.AuthRow()
	for _, id := range []linli.WorkerID{c.ToWorker, c.Second} {
		if id != "" {
			stops[id] = append(stops[id], st)
			slices.SortStableFunc(stops[id], func(a, b Stop) int { return a.Start.Compare(b.Start) })
		}
	}
}

func (s *Service) draftRoutes(r *web.Router) {
	type ID struct {
		ID string `path:"id" maxLength:"40"`
	}
	route := func(method, path, id string, may auth.Permission, zh, en string) web.Route {
		return web.Route{Method: method, Path: "/api/v1/dispatch-drafts" + path, ID: id, May: may, Tag: "dispatch", Zh: zh, En: en}
	}
	answer := func(ctx context.Context, d *draft, err error) (*web.Out[Draft], error) {
		if err != nil {
			return nil, err
		}
		out, err := s.show(ctx, d, true)
		return &web.Out[Draft]{Body: out}, err
	}

	type draftList struct {
		Date string `query:"date" maxLength:"10" doc:"2006-01-02 in Shanghai; absent: tomorrow"`
	}
	web.Handle(r, route("GET", "", "dispatch-drafts", "dispatch.read", "某天的排班草案", "the drafts of a day, the newest first"),
		func(ctx context.Context, in *draftList) (*web.Out[web.List[Draft]], error) {
			date := cmp.Or(in.Date, dateOf(dayOf(s.Now())+1))
			if _, err := time.ParseInLocation(time.DateOnly, date, linli.Shanghai); err != nil {
				return nil, linli.Invalid("date", "日期格式须为 2006-01-02", "the date must look like 2006-01-02")
			}
			var all []*draft
			if err := s.DB.Read(ctx, func(tx db.Tx) (err error) {
				all, err = drafts(tx, `day = $1`, date)
				return err
			}); err != nil {
				return nil, err
			}
			out := &web.Out[web.List[Draft]]{Body: web.List[Draft]{Items: make([]Draft, len(all))}}
			for i, d := range all {
				var err error
				if out.Body.Items[i], err = s.show(ctx, d, false); err != nil {
					return nil, err
				}
			}
			return out, nil
		})

	type draftMake struct {
		Body struct {
			Date string `json:"date" maxLength:"10" doc:"tomorrow or later, as far as shifts are known"`
		}
	}
	// Made twice, the second takes the place of the first: it needs no key.
	web.Handle(r, route("POST", "", "dispatch-draft-make", "dispatch.assign", "现在做排班草案", "draft a coming day now"),
		func(ctx context.Context, in *draftMake) (*web.Out[Draft], error) {
			day, err := s.draftable(in.Body.Date)
			if err != nil {
				return nil, err
			}
			d, err := s.makeDraft(ctx, day)
			return answer(ctx, d, err)
		})

	web.Handle(r, route("GET", "/{id}", "dispatch-draft", "dispatch.read", "排班草案：与现计划对比", "one draft compared with the plan that holds"),
		func(ctx context.Context, in *ID) (*web.Out[Draft], error) {
			var d *draft
			err := s.DB.Read(ctx, func(tx db.Tx) (err error) {
				d, err = loadDraft(tx, in.ID)
				return err
			})
			return answer(ctx, d, err)
		})

	type draftPin struct {
		ID
		Body struct {
			Order  linli.OrderID `json:"order_id" maxLength:"40"`
			Pinned bool          `json:"pinned" doc:"false gives it free again"`
		}
	}
	web.Handle(r, route("POST", "/{id}/pins", "dispatch-draft-pin", "dispatch.assign", "钉住一单，其余重排", "leave an order as it is and plan the rest anew"),
		func(ctx context.Context, in *draftPin) (*web.Out[Draft], error) {
			d, err := s.pin(ctx, in.ID.ID, in.Body.Order, in.Body.Pinned)
			return answer(ctx, d, err)
		})

	web.Handle(r, route("POST", "/{id}/release", "dispatch-draft-release", "dispatch.assign", "发布草案", "take the draft over"),
		func(ctx context.Context, in *ID) (*web.Out[Outcome], error) {
			out, err := s.release(ctx, in.ID)
			return &web.Out[Outcome]{Body: out}, err
		})

	web.Handle(r, route("POST", "/{id}/discard", "dispatch-draft-discard", "dispatch.assign", "作废草案", "throw the draft away"),
		func(ctx context.Context, in *ID) (*web.NoBody, error) {
			return &web.NoBody{}, s.discard(ctx, in.ID)
		})
}
