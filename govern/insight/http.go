package insight

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/web"
)

var spans = map[string]time.Duration{"24h": 24 * time.Hour, "7d": 7 * 24 * time.Hour, "30d": 30 * 24 * time.Hour, "90d": 90 * 24 * time.Hour}

// Ask is the part that questions about figures share.
type Ask struct {
	Place linli.Place `query:"place" maxLength:"120" doc:"absent: everything the asker answers for"`
	Span  string      `query:"span" enum:"24h,7d,30d,90d" default:"7d"`
}

// area is the place a figure is computed for: the one asked, inside what the
// asker answers for. Roles without a place see the whole street as aggregates.
func area(ctx context.Context, asked linli.Place) (linli.Place, error) {
	scope := auth.From(ctx).Scope("insight.read")
	if len(scope.Places) == 0 {
		if asked != "" && (!asked.Valid() || asked.Depth() > linli.DepthRegion) {
			return "", linli.Invalid("place", "汇总数据最细到社区", "aggregates go down to the community")
		}
		return asked, nil
	}
	asked = cmp.Or(asked, scope.Places[0])
	if !asked.Valid() || !scope.Covers(auth.Row{Place: asked}) {
		return "", linli.Invalid("place", "地点不在您的管辖内", "the place is not yours to ask about")
	}
	return asked, nil
}

// Routes mounts the figures, their rows and days, and the costs.
func (s *Service) Routes(r *web.Router) {
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/kpis", ID: "kpi-board", May: "insight.read", Tag: "insight", Zh: "五项核心指标", En: "the five core figures"},
		func(ctx context.Context, in *Ask) (*web.Out[web.List[Value]], error) {
			place, err := area(ctx, in.Place)
			if err != nil {
				return nil, err
			}
			vs, err := s.Board(ctx, place, spans[in.Span])
			return &web.Out[web.List[Value]]{Body: web.List[Value]{Items: vs}}, err
		})

	type one struct {
		Ask
		Slug string `path:"slug" maxLength:"40"`
		Part string `query:"part" enum:"numerator,denominator,excluded," doc:"absent: all"`
		web.Page
	}
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/kpis/{slug}/rows", ID: "kpi-rows", May: "insight.rows", Tag: "insight", Zh: "指标背后的明细", En: "the rows behind a figure"},
		func(ctx context.Context, in *one) (*web.Out[web.List[Row]], error) {
			d, ok := s.definition(in.Slug)
			if !ok {
				return nil, linli.NotFound("没有这项指标", "there is no such figure")
			}
			place, err := area(ctx, in.Place)
			if err != nil {
				return nil, err
			}
			scope := auth.From(ctx).Scope("insight.rows")
			if place != "" && !scope.Covers(auth.Row{Place: place}) {
				return nil, linli.Forbidden("没有这个地点的明细权限", "you may not see the rows of this place")
			}
			to := s.now()
			out := &web.Out[web.List[Row]]{Body: web.List[Row]{Items: []Row{}}}
			err = s.db.Read(ctx, func(tx db.Tx) error {
				t, err := s.compute(tx, d, query{place, to.Add(-spans[in.Span]), to}, true)
				if err != nil {
					return err
				}
				rows := slices.DeleteFunc(t.rows, func(r Row) bool { return in.Part != "" && r.Part != in.Part })
				slices.SortFunc(rows, func(a, b Row) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.ID, b.ID)) })
				var skip int
				if in.Cursor != "" {
					if _, err := fmt.Sscanf(in.Cursor, "%d", &skip); err != nil || skip < 0 {
						return linli.Invalid("cursor", "分页标记不对", "the cursor is malformed")
					}
				}
				rows = rows[min(skip, len(rows)):]
				if len(rows) > in.Limit {
					rows, out.Body.Next = rows[:in.Limit], fmt.Sprint(skip+in.Limit)
				}
				out.Body.Items = append(out.Body.Items, rows...)
				return nil
			})
			return out, err
		})

	type days struct {
		Slug  string      `path:"slug" maxLength:"40"`
		Place linli.Place `query:"place" maxLength:"120"`
		Days  int         `query:"days" minimum:"2" maximum:"60" default:"14"`
	}
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/kpis/{slug}/days", ID: "kpi-days", May: "insight.read", Tag: "insight", Zh: "指标逐日", En: "a figure day by day"},
		func(ctx context.Context, in *days) (*web.Out[web.List[Value]], error) {
			d, ok := s.definition(in.Slug)
			if !ok {
				return nil, linli.NotFound("没有这项指标", "there is no such figure")
			}
			place, err := area(ctx, in.Place)
			if err != nil {
				return nil, err
			}
			out := &web.Out[web.List[Value]]{Body: web.List[Value]{Items: []Value{}}}
			now := s.now()
			y, m, today := now.In(linli.Shanghai).Date()
			return out, s.db.Read(ctx, func(tx db.Tx) error {
				out.Body.Items = out.Body.Items[:0]
				for i := in.Days - 1; i >= 0; i-- {
					from := time.Date(y, m, today-i, 0, 0, 0, 0, linli.Shanghai)
					to := from.AddDate(0, 0, 1)
					if to.After(now) {
						to = now
					}
					t, err := s.compute(tx, d, query{place, from, to}, false)
					if err != nil {
						return err
					}
					out.Body.Items = append(out.Body.Items, t.value)
				}
				return nil
			})
		})

	s.costRoutes(r)
}

// Cost is what a month cost.
type Cost struct {
	Month     string    `json:"month" pattern:"^20[0-9]{2}-(0[1-9]|1[0-2])$" doc:"2006-01"`
	Kind      string    `json:"kind" enum:"staff,purchased,upkeep,platform,complaints,incidents"`
	Fen       linli.Fen `json:"fen" minimum:"0"`
	Residents int64     `json:"residents" minimum:"1" doc:"residents of the month"`
	CPI       int64     `json:"cpi" minimum:"5000" maximum:"50000" doc:"price index in hundredths: 10000 is the base month"`
}

func (s *Service) costRoutes(r *web.Router) {
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/costs", ID: "cost-list", May: "insight.cost", Tag: "insight", Zh: "治理成本", En: "costs of governance"},
		func(ctx context.Context, _ *struct{}) (*web.Out[web.List[Cost]], error) {
			out := &web.Out[web.List[Cost]]{Body: web.List[Cost]{Items: []Cost{}}}
			return out, s.db.Read(ctx, func(tx db.Tx) error {
				rows, err := tx.Query(`SELECT month, kind, fen, residents, cpi FROM insight_cost ORDER BY month DESC, kind`)
				if err != nil {
					return err
				}
				defer rows.Close()
				for rows.Next() {
					var c Cost
					if err := rows.Scan(&c.Month, &c.Kind, &c.Fen, &c.Residents, &c.CPI); err != nil {
						return err
					}
					out.Body.Items = append(out.Body.Items, c)
				}
				return rows.Err()
			})
		})

	type put struct{ Body Cost }
	web.Handle(r, web.Route{Method: "PUT", Path: "/api/v1/costs", ID: "cost-put", May: "insight.cost", Tag: "insight", Zh: "填治理成本", En: "enter the cost of a month"},
		func(ctx context.Context, in *put) (*web.Out[Cost], error) {
			c := in.Body
			return &web.Out[Cost]{Body: c}, s.db.Write(ctx, func(tx db.Tx) error {
				now := s.now()
				if _, err := tx.Exec(`INSERT INTO insight_cost (month, kind, fen, residents, cpi, by_user, at) VALUES ($1,$2,$3,$4,$5,$6,$7)
					ON CONFLICT (month, kind) DO UPDATE SET fen = excluded.fen, residents = excluded.residents, cpi = excluded.cpi, by_user = excluded.by_user, at = excluded.at`,
					c.Month, c.Kind, c.Fen, c.Residents, c.CPI, auth.From(ctx).User, linli.Millis(now)); err != nil {
					return err
				}
				return auth.Audit(tx, now, auth.From(ctx), auth.Line{Act: "cost.put", Subject: c.Month + "/" + c.Kind, Detail: c.Fen.String()})
			})
		})
}
