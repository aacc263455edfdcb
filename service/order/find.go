package order

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/web"
)

// filter narrows lists and counts; empty fields do not.
type filter struct {
	States    []State
	Item      linli.ItemCode
	SLA       linli.SLAClass
	Worker    linli.WorkerID
	Org       linli.OrgID
	Resident  linli.ResidentID
	Demand    linli.DemandID
	Place     linli.Place
	DueBefore time.Time
	Breached  bool
	Words     string // order number, its last characters, or the name of a place
}

// past tells whether the filter asks for orders that have ended, too.
func (f filter) past() bool { return slices.ContainsFunc(f.States, State.Ended) || f.Demand != "" }

// where adds the scope and the filter. column is how the place column is written:
// in the history of a whole street, its index would gather a million rows only to
// sort them, so the column is hidden from the planner there.
func (s *Service) where(ctx context.Context, scope auth.Scope, f filter, q *db.Where, column string) error {
	q.Put(reach(scope, column, q.Next()))
	if len(f.States) > 0 {
		q.And("state IN (" + quoted(f.States) + ")")
	}
	equal := func(column, value string) {
		if value != "" {
			q.And(column+" <> '' AND "+column+" = ?", value)
		}
	}
	equal("item", string(f.Item))
	equal("sla", string(f.SLA))
	equal("worker_id", string(f.Worker))
	equal("org_id", string(f.Org))
	equal("resident_id", string(f.Resident))
	equal("demand_id", string(f.Demand))
	if f.Place != "" {
		low, high := f.Place.Range()
		q.And(column+" >= ? AND "+column+" < ?", low, high)
	}
	if !f.DueBefore.IsZero() {
		q.And("due_at < ?", linli.Millis(f.DueBefore))
	}
	if f.Breached {
		q.And("breached <> 0")
	}
	if f.Words != "" {
		return s.match(ctx, f.Words, q, column)
	}
	return nil
}

func quoted(states []State) string {
	out := make([]string, len(states))
	for i, st := range states {
		out[i] = "'" + string(st) + "'" // checked against the closed list before
	}
	return strings.Join(out, ",")
}

const maxPlaces = 20 // places a name may stand for in one search

// match adds what a person typed into the search box: the number of an order as it
// is read out on the phone, its last characters, or a place by one of its names.
func (s *Service) match(ctx context.Context, typed string, q *db.Where, column string) error {
	typed = strings.ToUpper(strings.TrimSpace(typed))
	if number(typed) {
		if len(typed) <= 5 && !strings.Contains(typed, "-") {
			q.And("number LIKE ?", "%-%"+typed)
			return nil
		}
		q.And("number >= ? AND number < ?", typed, typed+"~")
		return nil
	}
	places, err := s.named(ctx, typed)
	if err != nil {
		return err
	}
	if len(places) == 0 {
		q.And("1=0")
		return nil
	}
	q.Put(auth.Scope{Places: places}.SQL(auth.Columns{Place: column}, q.Next()))
	return nil
}

// number tells whether the text can be (a part of) an order number.
func number(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return len(s) >= 3
}

// named finds the places under names that contain what was typed, shortest name first.
func (s *Service) named(ctx context.Context, typed string) ([]linli.Place, error) {
	if s.Places == nil || typed == "" {
		return nil, nil
	}
	names, err := s.Places.Gazetteer(ctx)
	if err != nil {
		return nil, err
	}
	var hits []linli.NamedPlace
	for _, n := range names {
		if strings.Contains(strings.ToUpper(n.Name), typed) {
			hits = append(hits, n)
		}
	}
	slices.SortStableFunc(hits, func(a, b linli.NamedPlace) int { return cmp.Compare(len(a.Name), len(b.Name)) })
	var out []linli.Place
	for _, h := range hits {
		if len(out) < maxPlaces && !slices.ContainsFunc(out, func(p linli.Place) bool { return p.Contains(h.Place) }) {
			out = append(out, h.Place)
		}
	}
	return out, nil
}

// find lists orders: running ones by time left, ended ones newest first. next is
// the cursor of the following page, "" on the last.
func (s *Service) find(ctx context.Context, tx db.Tx, scope auth.Scope, f filter, cursor string, limit int) (rows []*Row, next string, err error) {
	q, column, by := new(db.Where), "place", "due_at, id"
	past := f.past() || f.Words != "" && number(strings.ToUpper(strings.TrimSpace(f.Words))) && len(strings.TrimSpace(f.Words)) > 5
	switch {
	case !past:
		q.And("live = 1")
		if err := after(cursor, 2, func(key []string) error {
			due, err := strconv.ParseInt(key[0], 10, 64)
			q.And("(due_at, id) > (?, ?)", due, key[1])
			return err
		}); err != nil {
			return nil, "", err
		}
	default:
		by = "id DESC"
		if f.Words == "" && !slices.ContainsFunc(f.States, func(st State) bool { return !st.Ended() }) && f.Demand == "" {
			q.And("live = 0")
		}
		if narrow(scope, f) {
			by = "id || '' DESC" // gather by place, then sort: the planner must not walk all ids to find a few
		} else {
			column = "(place || '')"
		}
		if err := after(cursor, 1, func(key []string) error {
			q.And("id < ?", key[0])
			return nil
		}); err != nil {
			return nil, "", err
		}
	}
	if err := s.where(ctx, scope, f, q, column); err != nil {
		return nil, "", err
	}
	rows, err = list(tx, selectRow+" WHERE "+q.String()+" ORDER BY "+by+" LIMIT "+strconv.Itoa(limit+1), q.Args()...)
	if err != nil || len(rows) <= limit {
		return rows, "", err
	}
	rows = rows[:limit]
	last := rows[limit-1]
	if past {
		return rows, web.Cursor(string(last.ID)), nil
	}
	return rows, web.Cursor(strconv.FormatInt(last.DueAt, 10), string(last.ID)), nil
}

// narrow tells whether the places asked about are no larger than a grid, so that
// their rows are few enough to be gathered by the index of places and sorted.
func narrow(scope auth.Scope, f filter) bool {
	large := func(p linli.Place) bool { return p.Depth() < linli.DepthGrid }
	return !large(f.Place) || len(scope.Places) > 0 && !slices.ContainsFunc(scope.Places, large)
}

// after reads a cursor of n parts, if there is one.
func after(cursor string, n int, use func(key []string) error) error {
	if cursor == "" {
		return nil
	}
	key, err := web.Parts(cursor, n)
	if err == nil && use(key) != nil {
		err = web.ErrCursor
	}
	return err
}

// OrderBoard is how many orders stand where: running ones, and those that ended today.
type OrderBoard struct {
	Running map[State]int64 `json:"running"`
	Late    int64           `json:"late" doc:"running orders past their limit"`
	Soon    int64           `json:"soon" doc:"running orders whose limit comes within 30 minutes"`
	Today   map[State]int64 `json:"today" doc:"ended since midnight"`
	Weather bool            `json:"weather" doc:"red-warning weather stretches the limits of ordinary orders"`
}

const soon = 30 * time.Minute

func (s *Service) board(ctx context.Context, tx db.Tx, scope auth.Scope, f filter) (b OrderBoard, err error) {
	now := s.Now()
	b.Running, b.Today = map[State]int64{}, map[State]int64{}
	q := new(db.Where)
	q.And("live = 1")
	if err := s.where(ctx, scope, f, q, "place"); err != nil {
		return b, err
	}
	at, nearly := q.Arg(linli.Millis(now)), q.Arg(linli.Millis(now.Add(soon)))
	rows, err := tx.Query(`SELECT state, COUNT(*), SUM(CASE WHEN due_at <= `+at+` THEN 1 ELSE 0 END), SUM(CASE WHEN due_at > `+at+` AND due_at <= `+nearly+` THEN 1 ELSE 0 END)
		FROM order_order WHERE `+q.String()+` GROUP BY state`, q.Args()...)
	if err != nil {
		return b, err
	}
	defer rows.Close()
	for rows.Next() {
		var st State
		var n, late, soon int64
		if err := rows.Scan(&st, &n, &late, &soon); err != nil {
			return b, err
		}
		b.Running[st] = n
		b.Late += late
		b.Soon += soon
	}
	if err := rows.Err(); err != nil {
		return b, err
	}
	q = new(db.Where)
	y, m, d := now.In(linli.Shanghai).Date()
	q.And("live = 0 AND closed_at >= ?", linli.Millis(time.Date(y, m, d, 0, 0, 0, 0, linli.Shanghai)))
	if err := s.where(ctx, scope, f, q, "(place || '')"); err != nil {
		return b, err
	}
	ended, err := tx.Query(`SELECT state, COUNT(*) FROM order_order`+" WHERE "+q.String()+` GROUP BY state`, q.Args()...)
	if err != nil {
		return b, err
	}
	defer ended.Close()
	for ended.Next() {
		var st State
		var n int64
		if err := ended.Scan(&st, &n); err != nil {
			return b, err
		}
		b.Today[st] = n
	}
	if err := ended.Err(); err != nil {
		return b, err
	}
	red, err := setting(tx, settingWeather, "")
	b.Weather = red != ""
	return b, err
}

// mine lists the orders a worker has on the days from..to: those planned or due by
// then, and those already done on these days, in the order of the plan.
func mine(tx db.Tx, w linli.WorkerID, from, to time.Time) ([]*Row, error) {
	return list(tx, selectRow+` WHERE
		(worker_id <> '' AND worker_id = $1 AND live = 1 AND start_at < $3) OR (worker_id <> '' AND worker_id = $1 AND live = 0 AND start_at >= $2 AND start_at < $3) OR
		(second_id <> '' AND second_id = $1 AND live = 1 AND start_at < $3) OR (second_id <> '' AND second_id = $1 AND live = 0 AND start_at >= $2 AND start_at < $3)
		ORDER BY start_at, id LIMIT 200`, w, linli.Millis(from), linli.Millis(to))
}
