package dispatch

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/web"
)

// History is everything that was planned for a day and happened to the plan, so
// that the day can be played again.
type History struct {
	Date   string      `json:"date"`
	Visits []PastVisit `json:"visits" nullable:"false" doc:"every assignment that ever stood for the day, by when it was made"`
	Waits  []PastWait  `json:"waits" nullable:"false" doc:"the spans in which an order had nobody"`
	Acts   []PastAct   `json:"acts" nullable:"false" doc:"what people did on the board"`
}

// PastVisit is an assignment from when it was made to when it ended.
type PastVisit struct {
	Order  linli.OrderID  `json:"order"`
	Worker linli.WorkerID `json:"worker"`
	Second linli.WorkerID `json:"second,omitempty"`
	Name   string         `json:"name,omitempty" class:"D1" mask:"name"`
	Item   linli.ItemCode `json:"item"`
	SLA    linli.SLAClass `json:"sla"`
	Place  linli.Place    `json:"place" class:"D1" mask:"door"`
	At     linli.Point    `json:"at,omitzero" class:"D1"`
	Start  time.Time      `json:"start"`
	End    time.Time      `json:"end"`
	Told   time.Time      `json:"told_at,omitzero" doc:"when the resident heard the window"`
	Set    time.Time      `json:"set_at"`
	Ended  time.Time      `json:"ended_at,omitzero"`
	Why    string         `json:"ended,omitempty" doc:"why it no longer stands"`
	row    auth.Row
}

// AuthRow says to whom the visit belongs.
func (p PastVisit) AuthRow() auth.Row { return p.row }

// PastWait is a span in which an order had nobody.
type PastWait struct {
	Order   linli.OrderID  `json:"order"`
	From    time.Time      `json:"from"`
	To      time.Time      `json:"to,omitzero"`
	Reasons []linli.Reason `json:"reasons" nullable:"false"`
}

// PastAct is something a person did on the board.
type PastAct struct {
	At     time.Time      `json:"at"`
	Kind   string         `json:"kind"`
	Worker linli.WorkerID `json:"worker,omitempty"`
	Order  linli.OrderID  `json:"order,omitempty"`
	By     string         `json:"by_name,omitempty"`
	Reason string         `json:"reason,omitempty"`
}

// mostPast bounds each list of a day.
const mostPast = 5000

func (s *Service) historyRoute(r *web.Router) {
	type day struct {
		Date string `query:"date" maxLength:"10" doc:"2006-01-02 in Shanghai; absent: today"`
	}
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/dispatch-history", ID: "dispatch-history", May: "dispatch.read", Tag: "dispatch", Zh: "调度回放", En: "a day of dispatch, to be played again"},
		func(ctx context.Context, in *day) (*web.Out[History], error) {
			date, err := s.dayNamed(in.Date)
			if err != nil {
				return nil, err
			}
			h, err := s.history(ctx, date)
			return &web.Out[History]{Body: h}, err
		})
}

func (s *Service) history(ctx context.Context, date time.Time) (h History, err error) {
	h.Date = date.Format(time.DateOnly)
	from, to, scope := linli.Millis(date), linli.Millis(date.AddDate(0, 0, 1)), auth.From(ctx).Scope("dispatch.read")
	names := map[linli.WorkerID]string{}
	workers, err := s.Workers.Workers(ctx, s.Now())
	if err != nil {
		return h, err
	}
	for _, k := range workers {
		names[k.ID] = k.Name
	}
	err = s.DB.Read(ctx, func(tx db.Tx) (err error) {
		cond, args := scope.SQL(auth.Columns{Place: "place", Org: "org_id", Worker: "worker_id"}, 4)
		h.Visits, err = db.Rows(tx, func(rows *sql.Rows) (p PastVisit, err error) {
			var org linli.OrgID
			var raw []byte
			var n linli.Need
			var length, start, told, at, ended int64
			if err := rows.Scan(&p.Order, &p.Worker, &p.Second, &org, &p.Place, &raw, &length, &start, &told, &at, &ended, &p.Why); err != nil {
				return p, err
			}
			err = json.Unmarshal(raw, &n)
			p.Name, p.Item, p.SLA, p.At = names[p.Worker], n.Item, n.SLA, n.At
			p.Start, p.End, p.Set = linli.Time(start), linli.Time(start+length*1000), linli.Time(at)
			if told != 0 {
				p.Told = p.Set
			}
			if ended != 0 {
				p.Ended = linli.Time(ended)
			}
			p.row = auth.Row{Place: p.Place, Org: org, Worker: p.Worker, Resident: n.Resident, Case: true}
			return p, err
		}, `SELECT order_id, worker_id, second_id, org_id, place, need, length_s, start_at, promise_from, at, ended_at, end_reason FROM dispatch_assignment
			WHERE start_at >= $1 AND start_at < $2 AND worker_id <> '' AND `+cond+` ORDER BY at, id LIMIT $3`, append([]any{from, to, mostPast}, args...)...)
		if err != nil {
			return err
		}
		cond, args = scope.SQL(auth.Columns{Place: "place"}, 4)
		h.Waits, err = db.Rows(tx, func(rows *sql.Rows) (g PastWait, err error) {
			var from, to int64
			err = rows.Scan(&g.Order, &from, &to, db.JSON(&g.Reasons))
			g.From = linli.Time(from)
			if to != 0 {
				g.To = linli.Time(to)
			}
			return g, err
		}, `SELECT order_id, from_at, ended_at, reasons FROM dispatch_wait WHERE from_at < $2 AND (ended_at = 0 OR ended_at >= $1) AND `+cond+` ORDER BY from_at, id LIMIT $3`,
			append([]any{from, to, mostPast}, args...)...)
		if err != nil {
			return err
		}
		h.Acts, err = db.Rows(tx, func(rows *sql.Rows) (e PastAct, err error) {
			var at int64
			err = rows.Scan(&at, &e.Kind, &e.Worker, &e.Order, &e.By, &e.Reason)
			e.At = linli.Time(at)
			return e, err
		}, `SELECT at, kind, worker_id, order_id, by_name, reason FROM dispatch_act WHERE at >= $1 AND at < $2 AND `+cond+` ORDER BY at, id LIMIT $3`,
			append([]any{from, to, mostPast}, args...)...)
		return err
	})
	return h, err
}
