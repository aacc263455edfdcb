package demand

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
)

// found is the index of the texts that clerks search.
const found db.Search = "demand_search"

const columns = `id, source, system, external_id, state, open, rev, title, body, resident, raised_by, place, lng, lat, item, spec, office,
	certainty, trust, confidence, urgency, attention, why, wish_from, wish_to, raised_at, submitted_at, received_at, due_at, ready_at,
	ordered_at, closed_at, withdrawn_at, near_id, near_score, merged_into, order_id, outcome, photos, extra, understood, test`

// values are the columns of a demand in order.
func (d *Demand) values() []any {
	return []any{d.ID, d.Source, d.System, d.ExternalID, d.State, d.State.Open(), d.Rev, d.Title, d.Body, d.Resident, d.RaisedBy, d.Place,
		d.At.Lng, d.At.Lat, d.Item, d.Spec, d.Office, d.Certainty, d.Trust, d.Confidence, d.Urgency, d.Attention, list(d.Why),
		linli.Millis(d.Wish.From), linli.Millis(d.Wish.To), linli.Millis(d.RaisedAt), linli.Millis(d.SubmittedAt), linli.Millis(d.ReceivedAt),
		linli.Millis(d.DueAt), linli.Millis(d.ReadyAt), linli.Millis(d.OrderedAt), linli.Millis(d.ClosedAt), linli.Millis(d.WithdrawnAt),
		d.Near, d.NearScore, d.MergedInto, d.Order, d.Outcome, list(d.Photos), object(d.Extra), db.JSON(d.Understood), d.Test}
}

// list is a JSONB array; nil is stored as an empty one.
func list[T any](v []T) any {
	if v == nil {
		v = []T{}
	}
	return db.JSON(v)
}

// object is a JSONB object; nil is stored as an empty one.
func object(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("{}")
	}
	return raw
}

func scanDemand(row interface{ Scan(...any) error }) (*Demand, error) {
	d := &Demand{}
	var open bool
	var wishFrom, wishTo, raised, submitted, received, due, ready, ordered, closed, withdrawn int64
	err := row.Scan(&d.ID, &d.Source, &d.System, &d.ExternalID, &d.State, &open, &d.Rev, &d.Title, &d.Body, &d.Resident, &d.RaisedBy, &d.Place,
		&d.At.Lng, &d.At.Lat, &d.Item, &d.Spec, &d.Office, &d.Certainty, &d.Trust, &d.Confidence, &d.Urgency, &d.Attention, db.JSON(&d.Why),
		&wishFrom, &wishTo, &raised, &submitted, &received, &due, &ready, &ordered, &closed, &withdrawn,
		&d.Near, &d.NearScore, &d.MergedInto, &d.Order, &d.Outcome, db.JSON(&d.Photos), db.JSON(&d.Extra), db.JSON(&d.Understood), &d.Test)
	d.Wish = linli.Window{From: linli.Time(wishFrom), To: linli.Time(wishTo)}
	d.RaisedAt, d.SubmittedAt, d.ReceivedAt, d.DueAt = linli.Time(raised), linli.Time(submitted), linli.Time(received), linli.Time(due)
	d.ReadyAt, d.OrderedAt, d.ClosedAt, d.WithdrawnAt = linli.Time(ready), linli.Time(ordered), linli.Time(closed), linli.Time(withdrawn)
	return d, err
}

func demands(tx db.Tx, query string, args ...any) ([]*Demand, error) {
	return db.Rows(tx, func(rows *sql.Rows) (*Demand, error) { return scanDemand(rows) }, query, args...)
}

var errNone = linli.NotFound("没有这条需求", "there is no such demand")

func one(tx db.Tx, id linli.DemandID) (*Demand, error) {
	d, err := scanDemand(tx.QueryRow(`SELECT `+columns+` FROM demand_demand WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNone
	}
	return d, err
}

// insert stores new demands and tells how many are stored; the others were
// imported before under the same outside id.
func insert(tx db.Tx, ds []*Demand) (int64, error) {
	rows := make([][]any, len(ds))
	for i, d := range ds {
		rows[i] = d.values()
	}
	return insertRows(tx, `INSERT INTO demand_demand (`+columns+`) VALUES `, ` ON CONFLICT DO NOTHING`, rows)
}

// insertChunk is how many rows one statement inserts: the SQLite driver's time to
// bind grows with the square of the parameters.
const insertChunk = 16

// insertRows inserts rows between the head and the tail of a statement.
func insertRows(tx db.Tx, head, tail string, rows [][]any) (stored int64, err error) {
	for part := range slices.Chunk(rows, insertChunk) {
		n, err := tx.Exec(head+db.Values(len(part), len(part[0]))+tail, slices.Concat(part...)...)
		if err != nil {
			return stored, err
		}
		stored += n
	}
	return stored, nil
}

// update stores what may change of a demand and raises its revision; it fails
// with a conflict when somebody else was faster.
func update(tx db.Tx, d *Demand) error {
	n, err := tx.Exec(`UPDATE demand_demand SET state = $1, open = $2, rev = rev + 1, resident = $3, place = $4, lng = $5, lat = $6, item = $7,
		spec = $8, office = $9, certainty = $10, trust = $11, confidence = $12, urgency = $13, attention = $14, why = $15, wish_from = $16,
		wish_to = $17, submitted_at = $18, due_at = $19, ready_at = $20, ordered_at = $21, closed_at = $22, withdrawn_at = $23,
		merged_into = $24, order_id = $25, outcome = $26, photos = $27 WHERE id = $28 AND rev = $29`,
		d.State, d.State.Open(), d.Resident, d.Place, d.At.Lng, d.At.Lat, d.Item, d.Spec, d.Office, d.Certainty, d.Trust, d.Confidence,
		d.Urgency, d.Attention, list(d.Why), linli.Millis(d.Wish.From), linli.Millis(d.Wish.To), linli.Millis(d.SubmittedAt), linli.Millis(d.DueAt),
		linli.Millis(d.ReadyAt), linli.Millis(d.OrderedAt), linli.Millis(d.ClosedAt), linli.Millis(d.WithdrawnAt), d.MergedInto, d.Order,
		d.Outcome, list(d.Photos), d.ID, d.Rev)
	if err == nil && n == 0 {
		err = linli.Conflict("别人刚处理过这条需求，请看过再办", "somebody has just handled this demand; look again")
	}
	d.Rev++
	return err
}

// Reporter is who voiced a demand. Names and phones are personal.
type Reporter struct {
	Demand   linli.DemandID
	Case     linli.DemandID
	Resident linli.ResidentID
	User     linli.UserID
	Alias    string // name of the writer in the outside system
	Name     string
	Phone    string
	Source   Source
	At       time.Time
	Left     bool // took their voice back while others kept theirs
}

const reporterColumns = `demand, case_id, resident, user_id, alias, name, phone, source, at`

func insertReporters(tx db.Tx, rs []Reporter) error {
	rows := make([][]any, len(rs))
	for i, r := range rs {
		rows[i] = []any{r.Demand, r.Case, r.Resident, r.User, r.Alias, r.Name, r.Phone, r.Source, linli.Millis(r.At)}
	}
	_, err := insertRows(tx, `INSERT INTO demand_reporter (`+reporterColumns+`) VALUES `, "", rows)
	return err
}

// reporters lists everybody whose demand belongs to the case, the first first.
func reporters(tx db.Tx, id linli.DemandID) ([]Reporter, error) {
	return voices(tx, `case_id = $1 ORDER BY at, demand`, id)
}

func voices(tx db.Tx, where string, args ...any) ([]Reporter, error) {
	rows, err := tx.Query(`SELECT `+reporterColumns+`, left_at FROM demand_reporter WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Reporter
	for rows.Next() {
		var r Reporter
		var at, left int64
		if err := rows.Scan(&r.Demand, &r.Case, &r.Resident, &r.User, &r.Alias, &r.Name, &r.Phone, &r.Source, &at, &left); err != nil {
			return nil, err
		}
		r.At, r.Left = linli.Time(at), left != 0
		out = append(out, r)
	}
	return out, rows.Err()
}

// line is an entry of a demand's history.
type line struct {
	demand linli.DemandID
	act    string
	state  State
	detail any
}

func (s *Service) record(tx db.Tx, p *auth.Principal, at time.Time, lines ...line) error {
	rows := make([][]any, len(lines))
	for i, l := range lines {
		if l.detail == nil {
			l.detail = struct{}{}
		}
		rows[i] = []any{l.demand, linli.Millis(at), p.User, p.Name, l.act, l.state, db.JSON(l.detail)}
	}
	_, err := insertRows(tx, `INSERT INTO demand_history (demand, at, by_id, by_who, act, state, detail) VALUES `, "", rows)
	return err
}

// Step is an entry of the history as the screens read it.
type Step struct {
	At     time.Time       `json:"at"`
	Who    string          `json:"who"`
	Act    string          `json:"act"`
	State  State           `json:"state"`
	Detail json.RawMessage `json:"detail,omitempty"`
}

func history(tx db.Tx, id linli.DemandID) ([]Step, error) {
	rows, err := tx.Query(`SELECT at, by_who, act, state, detail FROM demand_history WHERE demand = $1 ORDER BY n`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []Step{}
	for rows.Next() {
		var st Step
		var at int64
		if err := rows.Scan(&at, &st.Who, &st.Act, &st.State, db.JSON(&st.Detail)); err != nil {
			return nil, err
		}
		st.At = linli.Time(at)
		out = append(out, st)
	}
	return out, rows.Err()
}

// candidates loads the running cases that new demands may belong to: those of
// similar words, of the same resident and service, and of the same place and
// service; the earliest first, some of them twice.
func candidates(tx db.Tx, dialect db.Dialect, plans []*plan) (out []*Demand, err error) {
	var near []linli.DemandID
	var residents []linli.ResidentID
	var places []linli.Place
	for _, p := range plans {
		for _, m := range p.near {
			near = append(near, linli.DemandID(m.ID))
		}
		switch {
		case p.d.Spec == "":
		case p.d.Resident != "":
			residents = append(residents, p.d.Resident)
		case p.d.Place.Depth() >= linli.DepthEstate:
			places = append(places, p.d.Place)
		}
	}
	load := func(where, param string) error {
		ds, err := demands(tx, `SELECT `+columns+` FROM demand_demand WHERE `+where+` ORDER BY submitted_at, id`, param)
		out = append(out, ds...)
		return err
	}
	if len(near) > 0 {
		if err := load(`id IN `+dialect.In("$1")+` AND merged_into = ''`, db.List(near)); err != nil {
			return nil, err
		}
	}
	if len(residents) > 0 {
		if err := load(`resident IN `+dialect.In("$1")+` AND resident <> '' AND (open OR state = 'referred')`, db.List(residents)); err != nil {
			return nil, err
		}
	}
	if len(places) > 0 {
		if err := load(`place IN `+dialect.In("$1")+` AND open AND resident = '' AND spec <> ''`, db.List(places)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// known lists which outside ids of the system are stored already.
func known(tx db.Tx, dialect db.Dialect, system string, ids []string) (map[string]bool, error) {
	out := map[string]bool{}
	if len(ids) == 0 {
		return out, nil
	}
	rows, err := tx.Query(`SELECT external_id FROM demand_demand WHERE system = $1 AND external_id <> '' AND external_id IN `+dialect.In("$2"), system, db.List(ids))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out[id] = true
	}
	return out, rows.Err()
}

// Said gives what was said, for the orders that came of it; ids unknown are left out.
func (s *Service) Said(ctx context.Context, ids []linli.DemandID) (map[linli.DemandID]string, error) {
	out := map[linli.DemandID]string{}
	if len(ids) == 0 {
		return out, nil
	}
	err := s.DB.Read(ctx, func(tx db.Tx) error {
		rows, err := tx.Query(`SELECT id, title, body FROM demand_demand WHERE id IN `+s.DB.Dialect().In("$1"), db.List(ids))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			d := Demand{}
			if err := rows.Scan(&d.ID, &d.Title, &d.Body); err != nil {
				return err
			}
			out[d.ID] = d.doc().Text()
		}
		return rows.Err()
	})
	return out, err
}

// Filter narrows the queue; empty fields do not.
type Filter struct {
	States    []State
	Source    Source
	Item      linli.ItemCode
	Spec      linli.SpecCode
	Place     linli.Place
	Resident  linli.ResidentID
	Search    string
	Attention bool
	Near      bool // only with a possible duplicate
	Newest    bool // newest first instead of least time left
	Limit     int
	After     string // cursor: "<key>:<id>" of the last row seen
}

// queue lists demands of the scope; without states those somebody has to do something about.
func (s *Service) queue(tx db.Tx, scope auth.Scope, f Filter) ([]*Demand, error) {
	var w db.Where
	w.Put(scope.SQL(auth.Columns{Place: "place", Resident: "resident"}, w.Next()))
	dialect := s.DB.Dialect()
	switch {
	case len(f.States) == 1:
		w.And("state = ?", f.States[0])
	case len(f.States) > 1:
		w.And("state IN "+dialect.In("?"), db.List(f.States))
	case f.Resident == "" && f.Search == "" && !f.Newest:
		w.And("open")
	}
	if f.Source != "" {
		w.And("source = ?", f.Source)
	}
	if f.Item != "" {
		w.And("item = ?", f.Item)
	}
	if f.Spec != "" {
		w.And("spec = ?", f.Spec)
	}
	if f.Resident != "" {
		w.And("resident = ?", f.Resident)
	}
	if f.Place != "" {
		w.Inside("place", f.Place)
	}
	if f.Attention {
		w.And("attention AND open")
	}
	if f.Near {
		w.And("near_id <> ''")
	}
	if f.Search != "" {
		param, ok := found.Query(dialect, f.Search)
		if !ok {
			return nil, nil
		}
		w.And("id IN " + found.Match(dialect, w.Arg(param)))
	}
	key, order := "due_at", "due_at, id"
	if f.Newest {
		key, order = "received_at", "received_at DESC, id DESC"
	}
	if f.After != "" {
		var at int64
		ms, rest, ok := strings.Cut(f.After, ":")
		if _, err := fmt.Sscan(ms, &at); !ok || err != nil || !linli.ValidID(rest, "dem") {
			return nil, linli.Invalid("cursor", "翻页标记不对，请从第一页看起", "the cursor is not valid; start from the first page")
		}
		if f.Newest {
			w.And("("+key+" < ? OR "+key+" = ? AND id < ?)", at, at, rest)
		} else {
			w.And("("+key+" > ? OR "+key+" = ? AND id > ?)", at, at, rest)
		}
	}
	return demands(tx, `SELECT `+columns+` FROM demand_demand WHERE `+w.String()+` ORDER BY `+order+` LIMIT `+strconv.Itoa(f.Limit), w.Args()...)
}

// after is the cursor behind d.
func (f Filter) after(d *Demand) string {
	at := d.DueAt
	if f.Newest {
		at = d.ReceivedAt
	}
	return fmt.Sprintf("%d:%s", linli.Millis(at), d.ID)
}

// Counts is how much there is to do, and what happened today.
type Counts struct {
	Open      map[State]int64  `json:"open"`    // per state, of those somebody has to do something about
	Sources   map[Source]int64 `json:"sources"` // of those a clerk has to look at
	Attention int64            `json:"attention"`
	Overdue   int64            `json:"overdue"` // a clerk should have looked already
	Today     map[State]int64  `json:"today"`   // of those that came in today, by present state
}

func counts(tx db.Tx, scope auth.Scope, now, midnight time.Time) (Counts, error) {
	c := Counts{Open: map[State]int64{}, Sources: map[Source]int64{}, Today: map[State]int64{}}
	cond, args := scope.SQL(auth.Columns{Place: "place", Resident: "resident"}, 2)
	rows, err := tx.Query(`SELECT state, source, attention, due_at < $1, COUNT(*) FROM demand_demand WHERE open AND `+cond+` GROUP BY 1, 2, 3, 4`,
		append([]any{linli.Millis(now)}, args...)...)
	if err != nil {
		return c, err
	}
	defer rows.Close()
	for rows.Next() {
		var state State
		var source Source
		var attention, late bool
		var n int64
		if err := rows.Scan(&state, &source, &attention, &late, &n); err != nil {
			return c, err
		}
		c.Open[state] += n
		if attention {
			c.Attention += n
		}
		if state == Queued || state == Hint {
			c.Sources[source] += n
			if late && state == Queued {
				c.Overdue += n
			}
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return c, err
	}
	today, err := tx.Query(`SELECT state, COUNT(*) FROM demand_demand WHERE received_at >= $1 AND `+cond+` GROUP BY state`, append([]any{linli.Millis(midnight)}, args...)...)
	if err != nil {
		return c, err
	}
	defer today.Close()
	for today.Next() {
		var state State
		var n int64
		if err := today.Scan(&state, &n); err != nil {
			return c, err
		}
		c.Today[state] = n
	}
	return c, today.Err()
}

// repoint makes everything that was part of one case, its own voice included, part of another.
func repoint(tx db.Tx, from, to linli.DemandID) error {
	if _, err := tx.Exec(`UPDATE demand_demand SET merged_into = $1, rev = rev + 1 WHERE merged_into = $2`, to, from); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE demand_reporter SET case_id = $1 WHERE case_id = $2`, to, from)
	return err
}

// corrections lists what clerks of the scope have taught, newest first; before is
// the id of the last one seen.
func corrections(tx db.Tx, scope auth.Scope, before string, limit int) ([]Correction, error) {
	cond, args := scope.SQL(auth.Columns{Place: "d.place"}, 3)
	rows, err := tx.Query(`SELECT c.id, c.demand, c.label, c.was, c.was_p, c.at, c.by_who, c.revoked_at FROM demand_correction c
		JOIN demand_demand d ON d.id = c.demand WHERE ($1 = '' OR c.id < $1) AND `+cond+` ORDER BY c.id DESC LIMIT $2`, append([]any{before, limit}, args...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []Correction{}
	for rows.Next() {
		var c Correction
		var label string
		var at, revoked int64
		if err := rows.Scan(&c.ID, &c.Demand, &label, &c.Was, &c.WasP, &at, &c.By, &revoked); err != nil {
			return nil, err
		}
		if office, ok := strings.CutPrefix(label, toOffice); ok {
			c.Office = office
		} else {
			c.Spec = linli.SpecCode(label)
		}
		c.At = linli.Time(at)
		if revoked != 0 {
			t := linli.Time(revoked)
			c.RevokedAt = &t
		}
		out = append(out, c)
	}
	return out, rows.Err()
}
