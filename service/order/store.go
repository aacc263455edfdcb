package order

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/bus"
	"linli/engine/db"
)

// Row is an order as it is stored. Moments are milliseconds, 0 is "not yet".
type Row struct {
	ID           linli.OrderID
	Number       string // what people say on the phone: day and five characters
	Demand       linli.DemandID
	Source       string
	Item         linli.ItemCode
	Spec         linli.SpecCode
	SOP          string // the pinned procedure, key of order_sop
	SLA          linli.SLAClass
	AllDay       int64 // 1: the clock of the promise never stops
	Factor       int64 // percent by which weather stretches the limits
	LimitAccept  int64 // the promise as it was when the order opened, milliseconds of service time
	LimitContact int64
	LimitStart   int64
	LimitClose   int64
	Resident     linli.ResidentID
	Place        linli.Place
	Lng, Lat     float64
	WishFrom     int64
	WishTo       int64
	LengthMS     int64
	Persons      int64
	Skills       string // JSON
	Prefer       string // JSON
	Exclude      string // JSON
	Words        string
	Code         string // the resident tells it to the worker at hand-over
	CodeTries    int64
	State        State
	Held         State // where a pause began
	Round        int64
	Rev          int64
	Live         int64
	SubmittedAt  int64
	OpenedAt     int64
	StateAt      int64
	LastAt       int64 // of the last act
	Worker       linli.WorkerID
	Second       linli.WorkerID
	Org          linli.OrgID
	Facility     linli.FacilityID
	StartAt      int64
	PromisedFrom int64
	PromisedTo   int64
	SlotFrom     int64 // the appointment that counts: the wish, else the first promise
	SlotTo       int64
	Auto         int64
	Reasons      string // JSON: why this worker, or why nobody
	AcceptedAt   int64
	ContactedAt  int64
	EnRouteAt    int64
	ArrivedAt    int64
	FinishedAt   int64
	ConfirmedAt  int64
	RatedAt      int64
	ClosedAt     int64
	Stars        int64
	Unwanted     int64
	PauseReason  string
	WaitingFrom  int64 // the one pause for the resident that stops the clock
	WaitingTo    int64
	Breached     int64 // bits of milestones
	Rungs        int64 // bits of the ladder's steps already taken
	StateLate    int64
	DueAt        int64
	TimerAt      int64
	PriorFrom    int64 // the promise before it changed
	PriorTo      int64
}

// columns are those of order_order in the order of the fields of Row.
var columns = strings.Split(`id number demand_id source item spec sop_id sla all_day factor limit_accept limit_contact limit_start limit_close
 resident_id place lng lat wish_from wish_to length_ms persons skills prefer exclude words code code_tries state held round rev live
 submitted_at opened_at state_at last_at worker_id second_id org_id facility_id start_at promised_from promised_to slot_from slot_to auto reasons
 accepted_at contacted_at en_route_at arrived_at finished_at confirmed_at rated_at closed_at stars unwanted pause_reason waiting_from waiting_to
 breached rungs state_late due_at timer_at prior_from prior_to`, " ")

var selectRow = `SELECT ` + strings.Join(columns, ", ") + ` FROM order_order`

func init() {
	for i := range columns {
		columns[i] = strings.TrimSpace(columns[i])
	}
	if n := reflect.TypeFor[Row]().NumField(); n != len(columns) {
		panic("order: Row and columns do not match")
	}
}

// targets are pointers to the fields, for Scan.
func (o *Row) targets() []any {
	v := reflect.ValueOf(o).Elem()
	out := make([]any, v.NumField())
	for i := range out {
		out[i] = v.Field(i).Addr().Interface()
	}
	return out
}

func (o *Row) values() []any {
	v := reflect.ValueOf(o).Elem()
	out := make([]any, v.NumField())
	for i := range out {
		out[i] = v.Field(i).Interface()
	}
	return out
}

const noReasons = "[]"

// toJSON is the text of a JSONB column; lists of nothing are [].
func toJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("order: " + err.Error()) // plain values of ours
	}
	if string(raw) == "null" {
		return "[]"
	}
	return string(raw)
}

// fromJSON reads what toJSON wrote.
func fromJSON[T any](text string) (v T) {
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic("order: stored JSON: " + err.Error())
	}
	return v
}

// belongs says to whom the order belongs, as far as p is concerned: to the second
// worker as much as to the first.
func (o *Row) belongs(p *auth.Principal) auth.Row {
	w := o.Worker
	if p.Worker != "" && p.Worker == o.Second {
		w = o.Second
	}
	return auth.Row{Place: o.Place, Org: o.Org, Worker: w, Resident: o.Resident, Case: true}
}

// reach is the scope as a condition on order_order, both workers included. Each
// part repeats the condition of its partial index, or the index would not be used.
// place names the column of places: see window.
func reach(s auth.Scope, place string, next int) (string, []any) {
	if s.All {
		return "1=1", nil
	}
	var or []string
	var args []any
	add := func(part auth.Scope, cols auth.Columns, index string) {
		if part.Empty() {
			return
		}
		cond, more := part.SQL(cols, next+len(args))
		or = append(or, "("+index+cond+")")
		args = append(args, more...)
	}
	add(auth.Scope{Places: s.Places}, auth.Columns{Place: place}, "")
	add(auth.Scope{Orgs: s.Orgs}, auth.Columns{Org: "org_id"}, "org_id <> '' AND ")
	add(auth.Scope{Workers: s.Workers}, auth.Columns{Worker: "worker_id"}, "worker_id <> '' AND ")
	add(auth.Scope{Workers: s.Workers}, auth.Columns{Worker: "second_id"}, "second_id <> '' AND ")
	add(auth.Scope{Residents: s.Residents}, auth.Columns{Resident: "resident_id"}, "resident_id <> '' AND ")
	if len(or) == 0 {
		return "1=0", nil
	}
	return "(" + strings.Join(or, " OR ") + ")", args
}

var errNone = linli.NotFound("没有这张服务单", "there is no such order")

// load reads an order; a missing one is KindNotFound.
func load(tx db.Tx, id linli.OrderID) (*Row, error) {
	o := new(Row)
	err := tx.QueryRow(selectRow+` WHERE id = $1`, id).Scan(o.targets()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNone
	}
	return o, err
}

func list(tx db.Tx, query string, args ...any) ([]*Row, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []*Row{}
	for rows.Next() {
		o := new(Row)
		if err := rows.Scan(o.targets()...); err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, rows.Err()
}

var insertRow = `INSERT INTO order_order (` + strings.Join(columns, ", ") + `) VALUES ` + db.Values(1, len(columns)) + ` ON CONFLICT DO NOTHING`

// insert stores a new order; taken when its demand has one already or its number is in use.
func (o *Row) insert(tx db.Tx) (stored bool, err error) {
	n, err := tx.Exec(insertRow, o.values()...)
	return n == 1, err
}

// update writes the fields that differ from before; every index whose column is
// named in an UPDATE is rewritten, so only those are.
func (o *Row) update(tx db.Tx, before *Row) error {
	was, is := reflect.ValueOf(before).Elem(), reflect.ValueOf(o).Elem()
	set := make([]string, 0, 16)
	args := []any{o.ID, before.Rev}
	for i, c := range columns {
		if v := is.Field(i); !v.Equal(was.Field(i)) {
			args = append(args, v.Interface())
			set = append(set, c+" = $"+strconv.Itoa(len(args)))
		}
	}
	if len(set) == 0 {
		return nil
	}
	n, err := tx.Exec(`UPDATE order_order SET `+strings.Join(set, ", ")+` WHERE id = $1 AND rev = $2`, args...)
	if err == nil && n == 0 {
		return linli.Conflict("服务单刚被别人改过，请刷新后再试", "the order was changed meanwhile; reload and try again")
	}
	return err
}

// detail is what a line of the timeline says beyond its columns.
type detail struct {
	Clock   string         `json:"clock,omitempty"`
	LimitAt int64          `json:"limit_at,omitempty"`
	Owner   *Owner         `json:"owner,omitempty"`
	To      string         `json:"to_role,omitempty"`
	Stars   int64          `json:"stars,omitempty"`
	NPS     *int64         `json:"nps,omitempty"`
	Reasons []linli.Reason `json:"reasons,omitempty"`
}

func (e entry) detail() detail {
	d := detail{Clock: e.clock, LimitAt: e.limit, To: e.to, Stars: e.stars, NPS: e.nps, Reasons: e.reasons}
	if e.owner.Role != "" {
		d.Owner = &e.owner
	}
	return d
}

const eventColumns = `order_id, seq, at, stored_at, round, kind, state, by_user, by_name, worker_id, reason, note, step, evidence, detail`

// append adds lines to the timeline; each raises the revision by one.
func (o *Row) append(tx db.Tx, now int64, lines []entry) error {
	if len(lines) == 0 {
		return nil
	}
	args := make([]any, 0, 15*len(lines))
	for i, e := range lines {
		args = append(args, o.ID, o.Rev-int64(len(lines)-1-i), e.at, now, o.Round, e.kind, e.state, e.by.User, e.by.Name, e.worker,
			e.reason, e.note, e.step, toJSON(e.evidence), toJSON(e.detail()))
	}
	_, err := tx.Exec(`INSERT INTO order_event (`+eventColumns+`) VALUES `+db.Values(len(lines), 15), args...)
	return err
}

func (o *Row) fact() Fact {
	return Fact{Order: o.ID, Number: o.Number, Demand: o.Demand, State: o.State, Round: o.Round, Rev: o.Rev, Item: o.Item, Spec: o.Spec, SLA: o.SLA,
		Place: o.Place, Resident: o.Resident, Worker: o.Worker, Second: o.Second, Org: o.Org, Facility: o.Facility, DueAt: o.DueAt}
}

// events are the lines as the bus tells them.
func (o *Row) events(lines []entry) []bus.Event {
	out := make([]bus.Event, len(lines))
	for i, e := range lines {
		f := o.fact()
		f.State, f.Rev = e.state, o.Rev-int64(len(lines)-1-i)
		var data any
		switch e.kind {
		case EventBreached, EventLifted:
			data = Breached{Fact: f, Clock: e.clock, LimitAt: e.limit, Owner: e.owner}
		case EventEscalated:
			data = Escalated{Fact: f, Clock: e.clock, To: e.to}
		default:
			data = Moved{Fact: f, Reason: e.reason, Step: e.step, Stars: e.stars, NPS: e.nps, Left: o.EnRouteAt, Began: o.ArrivedAt}
		}
		out[i] = bus.Pack(e.kind, string(o.ID), o.Place, linli.Time(e.at), data)
	}
	return out
}

// jobClock is the one timer of an order: the next thing that time alone brings about.
const jobClock = "order.clock"

// save stores a changed order: the row, its timeline, the events and the timer.
func (s *Service) save(tx db.Tx, k clock, before, o *Row, lines []entry) error {
	now := linli.Millis(s.Now())
	o.Rev = before.Rev + int64(len(lines))
	o.DueAt, o.TimerAt = k.due(o), 0
	if h, ok := k.next(o); ok {
		o.TimerAt = h.at
	}
	if err := o.update(tx, before); err != nil {
		return err
	}
	if err := o.append(tx, now, lines); err != nil {
		return err
	}
	if len(lines) > 0 {
		if err := s.Bus.Publish(tx, o.events(lines)...); err != nil {
			return err
		}
	}
	if o.TimerAt == before.TimerAt {
		return nil
	}
	return s.setTimer(tx, o)
}

func (s *Service) setTimer(tx db.Tx, o *Row) error {
	if o.TimerAt == 0 {
		return s.Timers.Cancel(tx, jobClock, string(o.ID))
	}
	return s.Timers.Set(tx, jobClock, string(o.ID), linli.Time(o.TimerAt), nil)
}

// Step is a step of a pinned procedure.
type Step struct {
	No       int64  `json:"no"`
	Zh       string `json:"zh"`
	En       string `json:"en"`
	Owner    string `json:"owner"`
	LimitMS  int64  `json:"limit_ms,omitempty"`
	Evidence string `json:"evidence,omitempty" enum:"photo,note,signature,code"`
	Required bool   `json:"required"`
}

// pin stores the steps of a procedure version once and returns their key: a change
// of the text makes another key, so running orders keep what they began with.
func (s *Service) pin(tx db.Tx, version string, steps []linli.Step) (string, []Step, error) {
	own := make([]Step, len(steps))
	for i, st := range steps {
		own[i] = Step{No: int64(st.No), Zh: st.Zh, En: st.En, Owner: st.Owner, LimitMS: st.Limit.Milliseconds(), Evidence: st.Evidence, Required: st.Required}
	}
	text := toJSON(own)
	sum := sha256.Sum256([]byte(text))
	id := version + "#" + hex.EncodeToString(sum[:4])
	if _, known := s.sops.Load(id); known {
		return id, own, nil
	}
	_, err := tx.Exec(`INSERT INTO order_sop (id, steps) VALUES ($1, $2) ON CONFLICT DO NOTHING`, id, text)
	tx.AfterCommit(func() { s.sops.Store(id, own) })
	return id, own, err
}

// steps reads a pinned procedure.
func (s *Service) steps(tx db.Tx, id string) ([]Step, error) {
	if known, ok := s.sops.Load(id); ok {
		return known.([]Step), nil
	}
	var own []Step
	err := tx.QueryRow(`SELECT steps FROM order_sop WHERE id = $1`, id).Scan(db.JSON(&own))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil // imported without a procedure
	}
	if err == nil {
		s.sops.Store(id, own)
	}
	return own, err
}

// doneStep is a step that was carried out.
type doneStep struct {
	no       int64
	at       int64
	note     string
	evidence []string
}

func stepsDone(tx db.Tx, o *Row) (map[int64]doneStep, error) {
	rows, err := tx.Query(`SELECT no, at, note, evidence FROM order_step WHERE order_id = $1 AND round = $2`, o.ID, o.Round)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int64]doneStep{}
	for rows.Next() {
		var d doneStep
		if err := rows.Scan(&d.no, &d.at, &d.note, db.JSON(&d.evidence)); err != nil {
			return nil, err
		}
		out[d.no] = d
	}
	return out, rows.Err()
}

// Evidence is a file that proves something about an order.
type Evidence struct {
	ID    string    `json:"id"`
	Kind  string    `json:"kind" enum:"photo,signature"`
	Media string    `json:"media"`
	Bytes int64     `json:"bytes"`
	At    time.Time `json:"at"`

	blob linli.BlobID
}

func evidenceOf(tx db.Tx, order linli.OrderID) ([]Evidence, error) {
	rows, err := tx.Query(`SELECT id, kind, media, bytes, at, blob_id FROM order_evidence WHERE order_id = $1 ORDER BY id`, order)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []Evidence{}
	for rows.Next() {
		var e Evidence
		var at int64
		if err := rows.Scan(&e.ID, &e.Kind, &e.Media, &e.Bytes, &at, &e.blob); err != nil {
			return nil, err
		}
		e.At = linli.Time(at)
		out = append(out, e)
	}
	return out, rows.Err()
}

// setting reads a setting; def when it was never made.
func setting(tx db.Tx, key, def string) (string, error) {
	var v string
	err := tx.QueryRow(`SELECT value FROM order_setting WHERE key = $1`, key).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return def, nil
	}
	return v, err
}

func setSetting(ctx context.Context, tx db.Tx, key, value string, now time.Time) error {
	_, err := tx.Exec(`INSERT INTO order_setting (key, value, at, by_user) VALUES ($1, $2, $3, $4)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, at = excluded.at, by_user = excluded.by_user`,
		key, value, linli.Millis(now), auth.From(ctx).User)
	return err
}
