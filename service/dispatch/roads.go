package dispatch

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/route"
	"linli/engine/db"
	"linli/geo"
	"linli/web"
)

// Road is a stretch of ways: around a point, or along the line between two.
type Road struct {
	Lng    float64      `json:"lng,omitempty"`
	Lat    float64      `json:"lat,omitempty"`
	Radius float64      `json:"radius_m,omitempty" minimum:"0" maximum:"2000" doc:"around the point"`
	From   *linli.Point `json:"from,omitempty" doc:"instead of a point: from here"`
	To     *linli.Point `json:"to,omitempty" doc:"to there"`
}

// verge is how far to both sides a closed line reaches, in meters.
const verge = 15

const longestClosure = 90 * 24 * time.Hour

// reopen is the timer that lets the nodes look again when a closure is over.
const reopen = "dispatch.reopen"

// closure is the road in the words of the ways.
func (r *Road) closure() geo.Closure {
	if r.From != nil && r.To != nil {
		return geo.Closure{From: *r.From, To: *r.To, Radius: verge}
	}
	return geo.Closure{From: linli.Point{Lng: r.Lng, Lat: r.Lat}, Radius: r.Radius}
}

func (a *Action) checkRoad(now time.Time) error {
	if a.Road == nil {
		return linli.Invalid("road", "请在地图上指出封闭的路段", "show which ways are closed")
	}
	c := a.Road.closure()
	switch {
	case c.From.IsZero() || !c.From.Valid() || !c.To.Valid() || c.Radius <= 0:
		return linli.Invalid("road", "请给出一个点和半径，或起点和终点", "give a point and a radius, or two ends")
	case !a.To.After(now) || a.To.Sub(now) > longestClosure:
		return linli.Invalid("to", "请写明封到什么时候，最多 90 天", "say until when, at most 90 days")
	case a.Reason == "":
		return linli.Invalid("reason", "请写明原因", "say why")
	}
	return nil
}

func (s *Service) roadRoutes(r *web.Router) {
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/road-closures", ID: "roads", May: "dispatch.read", Tag: "dispatch", Zh: "封路", En: "closed ways"},
		func(ctx context.Context, _ *struct{}) (*web.Out[web.List[geo.Closure]], error) {
			out := &web.Out[web.List[geo.Closure]]{Body: web.List[geo.Closure]{Items: []geo.Closure{}}}
			if s.Roads == nil {
				return out, nil
			}
			return out, s.DB.Read(ctx, func(tx db.Tx) (err error) {
				out.Body.Items, err = s.Roads.Closures(tx, s.Now())
				return err
			})
		})
	type one struct {
		ID string `path:"id" maxLength:"40"`
	}
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/road-closures/{id}/open", ID: "road-open", May: "dispatch.assign", Tag: "dispatch", Zh: "重新开放", En: "open closed ways again"},
		func(ctx context.Context, in *one) (*web.Out[web.List[geo.Closure]], error) {
			out := &web.Out[web.List[geo.Closure]]{}
			return out, s.DB.Write(ctx, func(tx db.Tx) error {
				closed, err := s.Roads.Closures(tx, s.Now())
				if err != nil {
					return err
				}
				i := slices.IndexFunc(closed, func(c geo.Closure) bool { return c.ID == in.ID })
				if i < 0 || !auth.From(ctx).Scope("dispatch.assign").Covers(auth.Row{Place: closed[i].Place}) {
					return linli.NotFound("没有这处封路", "there is no such closure")
				}
				if err := s.Roads.Open(tx, in.ID); err != nil {
					return err
				}
				if err := s.Timers.Cancel(tx, reopen, in.ID); err != nil {
					return err
				}
				if err := s.note(ctx, tx, Action{Kind: "open-road", Reason: closed[i].Reason}, closed[i].Place); err != nil {
					return err
				}
				out.Body.Items = slices.Delete(closed, i, i+1)
				return nil
			})
		})
}

// closeRoad closes ways: whoever can no longer be there as promised loses the order.
func (k *sketch) closeRoad(ctx context.Context, a Action) (in intent, err error) {
	if k.s.Roads == nil {
		return in, errNoWays
	}
	c := a.Road.closure()
	c.Until, c.Reason = a.To, a.Reason
	trip, blocked := k.s.Roads.Detour(c)
	if blocked == 0 {
		return in, errNoWays
	}
	if places := auth.From(ctx).Scope("dispatch.assign").Places; len(places) > 0 {
		c.Place = places[0]
	}
	if err := k.rewalk(trip); err != nil {
		return in, err
	}
	if err := k.lay(ctx); err != nil {
		return in, err
	}
	for _, id := range k.stranded(trip) {
		if err := k.lose(ctx, id, linli.Reason{Code: "road-closed", Ref: string(k.pieces[id].before.worker)}); err != nil {
			return in, err
		}
	}
	in.place = c.Place
	in.write = func(tx db.Tx) error {
		made, err := k.s.Roads.Close(tx, auth.From(ctx), c)
		if err != nil {
			return err
		}
		return k.s.Timers.Set(tx, reopen, made.ID, made.Until, nil)
	}
	return in, k.reseat(ctx)
}

var errNoWays = linli.Conflict("这里没有导入路网，行程按直线估算，封路不起作用；请先导入地图，或换个位置", "no ways are known there: times are estimated from the straight line, and a closure has no effect; import a map, or choose another spot")

// rewalk lays the sketch out anew by other ways. What stands stays where it was.
func (k *sketch) rewalk(w way) (err error) {
	if k.board, err = route.NewBoard(route.BoardSpec{Travel: w.legs, Profiles: len(profiles), Now: k.board.Now()}); err != nil {
		return err
	}
	for _, l := range k.lanes {
		if _, err := k.board.AddWorker(l.At, l.At, k.routeWorker(l.Worker)); err != nil {
			return err
		}
	}
	for _, id := range k.order {
		x := k.pieces[id]
		if st, ok := k.visits[id]; ok && x.had {
			k.load(st, -st.length)
			if err := k.image.reseat(x.before, k.now); err != nil {
				return err
			}
			x.free, x.asked = false, false
		}
	}
	return nil
}

// stranded lists the orders whose worker cannot be there as promised by these ways,
// going from one visit of the day to the next.
func (k *sketch) stranded(w way) (out []linli.OrderID) {
	days := map[linli.WorkerID][]*piece{}
	for _, id := range k.order {
		x := k.pieces[id]
		if st := k.visitOf(id); x.had && st.visit >= 0 && !st.left {
			days[x.before.worker] = append(days[x.before.worker], x)
			if x.before.second != "" {
				days[x.before.second] = append(days[x.before.second], x)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(days)) {
		l := k.workers[id]
		visits := days[id]
		slices.SortFunc(visits, func(a, b *piece) int {
			return cmp.Or(a.before.start.Compare(b.before.start), cmp.Compare(a.order, b.order))
		})
		at, free := l.At, time.Time{}
		for i, x := range visits {
			if i > 0 && dayOf(x.before.start) != dayOf(visits[i-1].before.start) {
				at, free = l.At, time.Time{} // a new day begins at home
			}
			leave := later(k.now, free)
			if free.IsZero() {
				for _, sh := range l.Shifts {
					if !x.before.start.Before(sh.From) && x.before.start.Before(sh.To) {
						leave = later(k.now, sh.From)
					}
				}
			}
			t, ok := w(at, x.need.At, profiles[profileIndex(l.Profile)])
			arrive := leave.Add(t.Time)
			if moves := !atWork[x.state] && !past(x.before.start, k.now) && (k.may == nil || k.may(x.row())); moves && ok && (t.None || arrive.After(x.before.promise.To)) {
				if !slices.Contains(out, x.order) {
					out = append(out, x.order)
				}
				continue
			}
			at, free = x.need.At, later(arrive, x.before.start).Add(x.before.need.Length)
			if t.None {
				free = x.before.start.Add(x.before.need.Length)
			}
		}
	}
	return out
}
