package dispatch

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/web"
)

// Answer is what a dispatch decided.
type Answer struct {
	Order    linli.OrderID     `json:"order"`
	Waiting  bool              `json:"waiting" doc:"nobody can serve it now; the reasons say why"`
	Assigned *linli.Assignment `json:"assigned,omitempty"`
	Reasons  []linli.Reason    `json:"reasons" nullable:"false"`
}

// Board is the plan of a day: a lane per worker, and the orders nobody has.
type Board struct {
	AsOf    time.Time `json:"as_of"`
	Approx  bool      `json:"approx" doc:"some of the travel is estimated from the straight line"`
	Lanes   []Lane    `json:"lanes" nullable:"false"`
	Waiting []Waiter  `json:"waiting" nullable:"false"`
}

// Lane is a worker's day.
type Lane struct {
	Worker  linli.WorkerID `json:"worker"`
	Name    string         `json:"name" class:"D1" mask:"name"`
	Org     linli.OrgID    `json:"org,omitempty"`
	Place   linli.Place    `json:"place"`
	At      linli.Point    `json:"at"`
	Profile string         `json:"profile"`
	Active  bool           `json:"active"`
	Skills  []linli.Skill  `json:"skills" nullable:"false"`
	Shifts  []linli.Window `json:"shifts" nullable:"false"`
	LoadMin int64          `json:"load_min"`
	Stops   []Stop         `json:"stops" nullable:"false"`
}

// AuthRow says to whom the lane belongs.
func (l Lane) AuthRow() auth.Row { return auth.Row{Place: l.Place, Org: l.Org, Worker: l.Worker} }

// Stop is a visit in a lane. Ended stops are done; the others are told to the
// resident and cost a reason to move.
type Stop struct {
	Order     linli.OrderID  `json:"order"`
	Item      linli.ItemCode `json:"item"`
	Spec      linli.SpecCode `json:"spec"`
	SLA       linli.SLAClass `json:"sla"`
	Place     linli.Place    `json:"place" class:"D1" mask:"door"`
	At        linli.Point    `json:"at" class:"D1"`
	Start     time.Time      `json:"start"`
	End       time.Time      `json:"end"`
	TravelMin float64        `json:"travel_min"`
	Promise   linli.Window   `json:"promise"`
	Auto      bool           `json:"auto"`
	Pair      bool           `json:"pair" doc:"two people come together"`
	Ended     string         `json:"ended,omitempty" doc:"why the assignment ended"`
	row       auth.Row
}

// AuthRow says to whom the visit belongs.
func (s Stop) AuthRow() auth.Row { return s.row }

// Waiter is an order nobody has.
type Waiter struct {
	Order   linli.OrderID  `json:"order"`
	Item    linli.ItemCode `json:"item"`
	Spec    linli.SpecCode `json:"spec"`
	SLA     linli.SLAClass `json:"sla"`
	Place   linli.Place    `json:"place" class:"D1" mask:"door"`
	Address string         `json:"address,omitempty" class:"D1" doc:"estate and building in the words people use; to whoever could claim the order"`
	Since   time.Time      `json:"since"`
	Tries   int64          `json:"tries"`
	Reasons []linli.Reason `json:"reasons" nullable:"false"`
	row     auth.Row
}

// AuthRow says to whom the order belongs.
func (w Waiter) AuthRow() auth.Row { return w.row }

// Why is the explanation of a dispatch: the decision, the ways there are now, and
// for everybody else the first gate that fails.
type Why struct {
	Order    linli.OrderID     `json:"order"`
	State    string            `json:"state"`
	Assigned *linli.Assignment `json:"assigned,omitempty"`
	Rank     int64             `json:"rank,omitempty"`
	Options  []Option          `json:"options" nullable:"false" doc:"who could take it now, best first"`
	Others   []Refused         `json:"others" nullable:"false" doc:"who cannot, with the first failed gate"`
	Waiting  []linli.Reason    `json:"waiting,omitempty"`

	Split    *Split       `json:"split,omitempty" doc:"what the chosen way costs"`
	RunnerUp *RunnerUp    `json:"runner_up,omitempty" doc:"the best other way"`
	Class    string       `json:"class,omitempty" enum:"impossible,crowded-out" doc:"of an order that waits: nobody could serve it even on an empty day, or the day is full"`
	Proof    bool         `json:"proof,omitempty" doc:"every place with everybody was looked at, and there is none"`
	Relaxed  []Relaxation `json:"relaxations" nullable:"false" doc:"the smallest single changes that would let it be served"`
}

// Option is one way to serve an order and its price.
type Option struct {
	Worker    linli.WorkerID `json:"worker"`
	With      linli.WorkerID `json:"with,omitempty"`
	Name      string         `json:"name" class:"D1" mask:"name"`
	Start     time.Time      `json:"start"`
	Promise   linli.Window   `json:"promise"`
	Minutes   float64        `json:"minutes" doc:"price of this way in minutes; fewer is better"`
	TravelMin float64        `json:"travel_min" doc:"additional travel"`
	LateMin   float64        `json:"late_min" doc:"later than hoped"`
	Broken    int64          `json:"broken" doc:"promises to others that this would break"`
	Reasons   []linli.Reason `json:"reasons" nullable:"false"`
	row       auth.Row
}

// AuthRow says to whom the name belongs.
func (o Option) AuthRow() auth.Row { return o.row }

// Refused is a worker who cannot take the order.
type Refused struct {
	Worker linli.WorkerID `json:"worker"`
	Name   string         `json:"name" class:"D1" mask:"name"`
	Gate   string         `json:"gate"`
	Detail string         `json:"detail,omitempty"`
	Zh     string         `json:"zh"`
	En     string         `json:"en"`
	row    auth.Row
}

// AuthRow says to whom the name belongs.
func (r Refused) AuthRow() auth.Row { return r.row }

// Routes mounts the board, assigning, declining, claiming, urging and the reasons.
func (s *Service) Routes(r *web.Router) {
	type Order struct {
		ID linli.OrderID `path:"order" maxLength:"40"`
	}
	s.boardRoute(r)
	s.accuracyRoute(r)
	s.actionRoutes(r)
	s.explainRoutes(r)
	s.historyRoute(r)
	s.draftRoutes(r)
	s.roadRoutes(r)

	type assign struct {
		Body struct {
			Order    linli.OrderID  `json:"order_id" maxLength:"40"`
			Worker   linli.WorkerID `json:"worker_id,omitempty" maxLength:"40" doc:"this one; absent: the best"`
			Reason   string         `json:"reason,omitempty" maxLength:"200" doc:"why it is moved; needed when somebody has it already"`
			Displace bool           `json:"displace,omitempty" doc:"make room with this worker: visits of the same or a lower class are moved; needs a reason"`
		}
	}
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/dispatches", ID: "dispatch", May: "dispatch.assign", Tag: "dispatch", Zh: "派单或改派", En: "assign or reassign an order"},
		func(ctx context.Context, in *assign) (*web.Out[Answer], error) {
			if in.Body.Displace {
				a, err := s.Displace(ctx, in.Body.Order, in.Body.Worker, in.Body.Reason)
				return &web.Out[Answer]{Body: a}, err
			}
			return s.act(ctx, in.Body.Order, func(tx db.Tx) (linli.Assignment, error) {
				m, err := s.visible(ctx, tx, in.Body.Order, "dispatch.assign")
				if err != nil {
					return linli.Assignment{}, err
				}
				return s.assign(ctx, tx, m, Wish{Worker: in.Body.Worker, Reason: in.Body.Reason})
			})
		})

	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/dispatches/{order}", ID: "dispatch-why", May: "dispatch.read", Tag: "dispatch", Zh: "为什么派给谁、为什么不是别人", En: "why this worker, why not another"},
		func(ctx context.Context, in *Order) (*web.Out[Why], error) {
			w, err := s.why(ctx, in.ID)
			return &web.Out[Why]{Body: w}, err
		})

	type decline struct {
		Order
		Body struct {
			Reason string `json:"reason" enum:"sick,too-far,no-time,skill,resident-refused,vehicle,other"`
		}
	}
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/dispatches/{order}/decline", ID: "dispatch-decline", May: "dispatch.answer", Tag: "dispatch", Zh: "退单（来不了）", En: "decline an order"},
		func(ctx context.Context, in *decline) (*web.Out[Answer], error) {
			return s.act(ctx, in.ID, func(tx db.Tx) (linli.Assignment, error) {
				a, ok, err := stands(tx, in.ID)
				if err != nil || !ok || !answers(auth.From(ctx), a) {
					return linli.Assignment{}, cmp.Or(err, error(linli.NotFound("这张服务单没有派给您", "this order is not yours")))
				}
				who := a.worker
				if p := auth.From(ctx); p.Worker == a.second && p.Worker != "" {
					who = a.second
				}
				return s.Decline(ctx, tx, in.ID, who, in.Body.Reason)
			})
		})

	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/dispatches/claimable", ID: "dispatch-claimable", May: "dispatch.answer", Tag: "dispatch", Zh: "可抢的服务单", En: "orders one could claim"},
		func(ctx context.Context, _ *struct{}) (*web.Out[web.List[Waiter]], error) {
			return s.claimable(ctx)
		})

	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/dispatches/{order}/claim", ID: "dispatch-claim", May: "dispatch.answer", Tag: "dispatch", Zh: "抢单", En: "claim a waiting order"},
		func(ctx context.Context, in *Order) (*web.Out[Answer], error) {
			me := auth.From(ctx).Worker
			if me == "" {
				return nil, linli.Forbidden("只有服务人员能抢单", "only a worker can claim")
			}
			return s.act(ctx, in.ID, func(tx db.Tx) (linli.Assignment, error) {
				var waits int
				if err := tx.QueryRow(`SELECT COUNT(*) FROM dispatch_waiting WHERE order_id = $1`, in.ID).Scan(&waits); err != nil {
					return linli.Assignment{}, err
				}
				if waits == 0 {
					return linli.Assignment{}, linli.Conflict("这张服务单已有人接", "somebody has this order already")
				}
				need, _, err := s.Orders.Need(ctx, tx, in.ID)
				if err != nil {
					return linli.Assignment{}, err
				}
				if spec, err := s.Catalog.Spec(ctx, need.Spec); err != nil || spec.Mode == linli.ByFacility {
					return linli.Assignment{}, cmp.Or(err, error(linli.Conflict("到店服务由设施接待，不能抢", "this is served in a facility and cannot be claimed")))
				}
				return s.Assign(ctx, tx, in.ID, Wish{Worker: me})
			})
		})

	type urged struct {
		Times int64 `json:"times"`
	}
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/dispatches/{order}/urge", ID: "dispatch-urge", May: "dispatch.urge", Tag: "dispatch", Zh: "催办", En: "urge an order"},
		func(ctx context.Context, in *Order) (*web.Out[urged], error) {
			out := &web.Out[urged]{}
			return out, s.DB.Write(ctx, func(tx db.Tx) (err error) {
				m, err := s.visible(ctx, tx, in.ID, "dispatch.urge")
				if err != nil {
					return err
				}
				if !movable[m.state] {
					return linli.Conflict("这张服务单已办完，不用催了", "the order has been served; there is nothing to urge")
				}
				out.Body.Times, err = s.urge(tx, in.ID, m.need)
				return err
			})
		})
}

// act runs a decision on an order and answers with what was decided.
func (s *Service) act(ctx context.Context, id linli.OrderID, decide func(tx db.Tx) (linli.Assignment, error)) (*web.Out[Answer], error) {
	out := &web.Out[Answer]{}
	err := s.DB.Write(ctx, func(tx db.Tx) error {
		s.plan.enter(tx)
		a, err := decide(tx)
		if err != nil {
			return err
		}
		out.Body = Answer{Order: id, Assigned: &a, Reasons: a.Reasons}
		if a.Worker == "" && a.Facility == "" {
			var raw []byte
			if err := tx.QueryRow(`SELECT reasons FROM dispatch_waiting WHERE order_id = $1`, id).Scan(&raw); err != nil {
				return err
			}
			out.Body.Waiting, out.Body.Assigned = true, nil
			return json.Unmarshal(raw, &out.Body.Reasons)
		}
		return nil
	})
	return out, err
}

// visible loads an order the asker reaches; others do not exist for them.
func (s *Service) visible(ctx context.Context, tx db.Tx, id linli.OrderID, may auth.Permission) (matter, error) {
	m, err := s.look(ctx, tx, id)
	if err != nil {
		return m, err
	}
	row := auth.Row{Place: m.need.Place, Resident: m.need.Resident}
	if m.had {
		row.Org, row.Worker = m.before.org, m.before.worker
	}
	if !auth.From(ctx).Scope(may).Covers(row) {
		return m, linli.NotFound("没有这张服务单", "there is no such order")
	}
	return m, nil
}

// answers tells whether the asker may speak for the assignment: the workers
// themselves, or their organization. A place alone gives no say in it.
func answers(p *auth.Principal, a standing) bool {
	return p.Worker != "" && (p.Worker == a.worker || p.Worker == a.second) ||
		a.org != "" && slices.Contains(p.Scope("dispatch.answer").Orgs, a.org)
}

const urgePause = 10 * time.Minute

func (s *Service) urge(tx db.Tx, id linli.OrderID, need linli.Need) (times int64, err error) {
	now := s.Now()
	err = tx.QueryRow(`INSERT INTO dispatch_urge (order_id, times, last_at) VALUES ($1, 1, $2)
		ON CONFLICT (order_id) DO UPDATE SET times = dispatch_urge.times + 1, last_at = excluded.last_at
		WHERE dispatch_urge.last_at <= $3 RETURNING times`, id, linli.Millis(now), linli.Millis(now.Add(-urgePause))).Scan(&times)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, &linli.Error{Kind: linli.KindExhausted, Zh: "刚催过，10 分钟后可再催", En: "urged just now; you may urge again in ten minutes"}
	}
	if err != nil {
		return 0, err
	}
	return times, s.Bus.Publish(tx, bus.Pack(EventUrged, string(id), need.Place, now, Urged{id, times}))
}

func (s *Service) waiters(tx db.Tx, cond string, args ...any) ([]Waiter, error) {
	rows, err := tx.Query(`SELECT order_id, place, item, spec, sla, since, tries, reasons FROM dispatch_waiting WHERE `+cond+` ORDER BY sla, since LIMIT 500`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []Waiter{}
	for rows.Next() {
		var w Waiter
		var since int64
		var raw []byte
		if err := rows.Scan(&w.Order, &w.Place, &w.Item, &w.Spec, &w.SLA, &since, &w.Tries, &raw); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(raw, &w.Reasons); err != nil {
			return nil, err
		}
		w.Since, w.row = linli.Time(since), auth.Row{Place: w.Place, Case: true}
		out = append(out, w)
	}
	return out, rows.Err()
}

func (s *Service) claimable(ctx context.Context) (*web.Out[web.List[Waiter]], error) {
	p := auth.From(ctx)
	out := &web.Out[web.List[Waiter]]{Body: web.List[Waiter]{Items: []Waiter{}}}
	if p.Worker == "" {
		return out, nil
	}
	workers, err := s.Workers.Workers(ctx, s.Now())
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(workers, func(w linli.Worker) bool { return w.ID == p.Worker })
	if i < 0 {
		return out, nil
	}
	named, err := s.addresses(ctx)
	if err != nil {
		return nil, err
	}
	var all []Waiter
	needs := map[linli.OrderID]linli.Need{}
	err = s.DB.Read(ctx, func(tx db.Tx) (err error) {
		if all, err = s.waiters(tx, `1=1`); err != nil {
			return err
		}
		for _, w := range all {
			n, _, err := s.Orders.Need(ctx, tx, w.Order)
			if linli.KindOf(err) == linli.KindNotFound {
				continue
			}
			if err != nil {
				return err
			}
			if skilled(workers[i], n.Skills) { // to judge everybody for every order takes long
				needs[w.Order] = n
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, w := range all {
		n, could := needs[w.Order]
		if !could || len(out.Body.Items) == maxClaimable {
			continue
		}
		cs, err := s.Match.Candidates(ctx, n, nil)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(cs, func(c linli.Candidate) bool { return c.Worker == p.Worker && c.Gate == "" }) {
			w.row.Worker = p.Worker // whoever could take it sees where it is, not whose it is
			w.Place = w.Place.At(linli.DepthBuilding)
			w.Address = named(w.Place)
			out.Body.Items = append(out.Body.Items, w)
		}
	}
	return out, nil
}

// addresses names places as people do: the estate, then the building.
func (s *Service) addresses(ctx context.Context) (func(linli.Place) string, error) {
	if s.Places == nil {
		return func(linli.Place) string { return "" }, nil
	}
	all, err := s.Places.Gazetteer(ctx)
	if err != nil {
		return nil, err
	}
	names := make(map[linli.Place]string, len(all))
	for _, n := range all {
		if names[n.Place] == "" {
			names[n.Place] = n.Name
		}
	}
	return func(p linli.Place) string {
		building, estate := names[p], names[p.At(linli.DepthEstate)]
		if strings.HasPrefix(building, estate) {
			return building
		}
		return estate + building
	}, nil
}

// maxClaimable is how many orders a worker is offered to choose from.
const maxClaimable = 50

// skilled tells whether the worker states the skills at all; match says the rest.
func skilled(w linli.Worker, skills []linli.Skill) bool {
	return !slices.ContainsFunc(skills, func(need linli.Skill) bool {
		return !slices.ContainsFunc(w.Skills, func(h linli.HeldSkill) bool { return h.Code == need.Code && h.Level >= need.Level })
	})
}

func (s *Service) boardRoute(r *web.Router) {
	type day struct {
		Date string `query:"date" maxLength:"10" doc:"2006-01-02 in Shanghai; absent: today"`
	}
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/dispatch-board", ID: "dispatch-board", May: "dispatch.read", Tag: "dispatch", Zh: "调度台", En: "the dispatch board"},
		func(ctx context.Context, in *day) (*web.Out[Board], error) {
			date, err := s.dayNamed(in.Date)
			if err != nil {
				return nil, err
			}
			b, err := s.board(ctx, date, nil)
			return &web.Out[Board]{Body: b}, err
		})
}

// dayNamed is the begin of a day as people write it; unnamed it is today.
func (s *Service) dayNamed(date string) (time.Time, error) {
	d, err := time.ParseInLocation(time.DateOnly, cmp.Or(date, s.Now().In(linli.Shanghai).Format(time.DateOnly)), linli.Shanghai)
	if err != nil {
		return d, linli.Invalid("date", "日期格式须为 2006-01-02", "the date must look like 2006-01-02")
	}
	return d, nil
}

// board shows a day as the asker may see it; edit, when there is one, changes the
// stops before they are laid out.
func (s *Service) board(ctx context.Context, date time.Time, edit func(stops map[linli.WorkerID][]Stop)) (Board, error) {
	scope, now, to := auth.From(ctx).Scope("dispatch.read"), s.Now(), date.AddDate(0, 0, 1)
	b := Board{AsOf: now, Lanes: []Lane{}, Waiting: []Waiter{}}
	workers, err := s.Workers.Workers(ctx, now)
	if err != nil {
		return b, err
	}
	stops := map[linli.WorkerID][]Stop{}
	err = s.DB.Read(ctx, func(tx db.Tx) error {
		cond, args := scope.SQL(auth.Columns{Place: "place"}, 1)
		if b.Waiting, err = s.waiters(tx, cond, args...); err != nil {
			return err
		}
		cond, args = scope.SQL(auth.Columns{Place: "place", Org: "org_id", Worker: "worker_id"}, 3)
		rows, err := tx.Query(`SELECT worker_id, second_id, org_id, order_id, place, need, length_s, start_at, promise_from, promise_to, auto, end_reason
			FROM dispatch_assignment WHERE start_at >= $1 AND start_at < $2 AND worker_id <> '' AND end_reason IN ('', 'finished') AND `+cond+` ORDER BY start_at, id`,
			append([]any{linli.Millis(date), linli.Millis(to)}, args...)...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var st Stop
			var worker, second linli.WorkerID
			var org linli.OrgID
			var raw []byte
			var n linli.Need
			var length, start, from, until int64
			if err := rows.Scan(&worker, &second, &org, &st.Order, &st.Place, &raw, &length, &start, &from, &until, &st.Auto, &st.Ended); err != nil {
				return err
			}
			if err := json.Unmarshal(raw, &n); err != nil {
				return err
			}
			st.Item, st.Spec, st.SLA, st.At, st.Pair = n.Item, n.Spec, n.SLA, n.At, second != ""
			st.Start, st.End = linli.Time(start), linli.Time(start+length*1000)
			st.Promise = linli.Window{From: linli.Time(from), To: linli.Time(until)}
			st.row = auth.Row{Place: st.Place, Org: org, Worker: worker, Resident: n.Resident, Case: true}
			for _, id := range []linli.WorkerID{worker, second} {
				if id != "" {
					stops[id] = append(stops[id], st)
				}
			}
		}
		return rows.Err()
	})
	if err != nil {
		return b, err
	}
	if edit != nil {
		edit(stops)
	}
	for _, w := range workers {
		mine := stops[w.ID]
		if len(mine) == 0 && (!w.Active || !scope.Covers(auth.Row{Place: w.Place, Org: w.Org, Worker: w.ID})) {
			continue
		}
		l := Lane{Worker: w.ID, Name: w.Name, Org: w.Org, Place: w.Place, At: w.At, Profile: w.Profile, Active: w.Active,
			Skills: []linli.Skill{}, Shifts: []linli.Window{}, Stops: []Stop{}}
		for _, k := range w.Skills {
			l.Skills = append(l.Skills, k.Skill)
		}
		for _, sh := range w.Shifts {
			if sh.From.Before(to) && sh.To.After(date) {
				l.Shifts = append(l.Shifts, sh)
			}
		}
		at := w.At
		for _, st := range mine {
			if t, ok := s.way(at, st.At, profiles[profileIndex(w.Profile)]); ok {
				if !t.None { // a person may have sent them where no way leads
					st.TravelMin = tenth(t.Time.Minutes())
				}
				b.Approx = b.Approx || t.Approx
				at = st.At
			}
			l.LoadMin += int64(st.End.Sub(st.Start).Minutes())
			l.Stops = append(l.Stops, st)
		}
		b.Lanes = append(b.Lanes, l)
	}
	// Whoever has work stands before whoever is idle; then by name of the lane.
	slices.SortStableFunc(b.Lanes, func(x, y Lane) int {
		return cmp.Or(cmp.Compare(min(1, len(y.Stops)), min(1, len(x.Stops))), cmp.Compare(x.Org, y.Org), cmp.Compare(x.Worker, y.Worker))
	})
	return b, nil
}
