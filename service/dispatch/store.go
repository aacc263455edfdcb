package dispatch

import (
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"time"

	"linli"
	"linli/engine/db"
)

// standing is an assignment that has not ended.
type standing struct {
	id             string
	order          linli.OrderID
	worker, second linli.WorkerID
	org            linli.OrgID
	facility       linli.FacilityID
	need           linli.Need
	start          time.Time
	promise        linli.Window
	rank           int64
	auto           bool
	at             time.Time
	reasons        []linli.Reason
	named          bool      // of one that ended: the resident knew who comes
	ended          string    // why it no longer stands
	left, began    time.Time // of one that ended: when they set out, and were there
	done           time.Time // when it ended
}

func (a standing) assignment() linli.Assignment {
	return linli.Assignment{Worker: a.worker, Second: a.second, Org: a.org, Facility: a.facility, Start: a.start, Promise: a.promise, Reasons: a.reasons, Auto: a.auto}
}

const standingColumns = `id, order_id, worker_id, second_id, org_id, facility_id, need, length_s, start_at, promise_from, promise_to, rank, auto, at, reasons, named, end_reason, left_at, began_at, ended_at`

func scanStanding(row interface{ Scan(...any) error }) (a standing, err error) {
	var need, reasons []byte
	var length, start, from, to, at, left, began, done int64
	err = row.Scan(&a.id, &a.order, &a.worker, &a.second, &a.org, &a.facility, &need, &length, &start, &from, &to, &a.rank, &a.auto, &at, &reasons, &a.named, &a.ended, &left, &began, &done)
	if err != nil {
		return a, err
	}
	a.start, a.at, a.left, a.began, a.done = linli.Time(start), linli.Time(at), linli.Time(left), linli.Time(began), linli.Time(done)
	a.promise = linli.Window{From: linli.Time(from), To: linli.Time(to)}
	err = errors.Join(json.Unmarshal(need, &a.need), json.Unmarshal(reasons, &a.reasons))
	a.need.Length = time.Duration(length) * time.Second
	return a, err
}

// standing lists the assignments that stand, of one worker or of all.
func (s *Service) standing(tx db.Tx, worker linli.WorkerID) ([]standing, error) {
	return db.Rows(tx, func(rows *sql.Rows) (standing, error) { return scanStanding(rows) }, `SELECT `+standingColumns+` FROM dispatch_assignment
		WHERE ended_at = 0 AND worker_id <> '' AND ($1 = '' OR worker_id = $1 OR second_id = $1) ORDER BY start_at, id`, worker)
}

// stands gives the assignment of an order; ok is false when none stands.
func stands(tx db.Tx, order linli.OrderID) (a standing, ok bool, err error) {
	a, err = scanStanding(tx.QueryRow(`SELECT `+standingColumns+` FROM dispatch_assignment WHERE order_id = $1 AND ended_at = 0`, order))
	if errors.Is(err, sql.ErrNoRows) {
		return a, false, nil
	}
	return a, err == nil, err
}

// laneRevs reads the revisions of lanes, of all when none are named.
func (s *Service) laneRevs(tx db.Tx, of []linli.WorkerID) (map[linli.WorkerID]int64, error) {
	query, args := `SELECT worker_id, rev FROM dispatch_lane`, []any(nil)
	if of != nil {
		query, args = query+` WHERE worker_id IN `+s.DB.Dialect().In("$1"), []any{db.List(of)}
	}
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[linli.WorkerID]int64{}
	for rows.Next() {
		var id linli.WorkerID
		var rev int64
		if err := rows.Scan(&id, &rev); err != nil {
			return nil, err
		}
		out[id] = rev
	}
	return out, rows.Err()
}

// sumBits is how much of a revision goes into a sum, so that 30,000 lanes fit in it.
const sumBits = 1<<48 - 1

// laneSum adds up the revisions of all lanes: another sum, and some lane has changed.
func laneSum(tx db.Tx) (sum int64, err error) {
	err = tx.QueryRow(`SELECT CAST(COALESCE(SUM(rev & $1), 0) AS BIGINT) FROM dispatch_lane`, sumBits).Scan(&sum)
	return sum, err
}

// sumOf is what laneSum gives of these lanes.
func sumOf(revs map[linli.WorkerID]int64) (sum int64) {
	for _, rev := range revs {
		sum += rev & sumBits
	}
	return sum
}

// raise gives the lane a new revision; false when the image's is not the table's.
// A revision is drawn, not counted: what a failed transaction counted, another
// node would count again. The image takes it first, so that it differs from the
// table's whenever this transaction comes to nothing.
func (l *lane) raise(tx db.Tx) (bool, error) {
	before := l.rev
	l.rev = 1 + rand.Int64N(math.MaxInt64-1)
	n, err := tx.Exec(`UPDATE dispatch_lane SET rev = $1 WHERE worker_id = $2 AND rev = $3`, l.rev, l.ID, before)
	if err == nil && n == 0 && before == 0 {
		n, err = tx.Exec(`INSERT INTO dispatch_lane (worker_id, rev) VALUES ($1, $2) ON CONFLICT DO NOTHING`, l.ID, l.rev)
	}
	return n == 1, err
}

// waits opens the span in which an order has nobody, or notes that the reasons are others.
func (s *Service) waits(tx db.Tx, m matter, reasons []byte) error {
	now := s.Now()
	_, err := tx.Exec(`INSERT INTO dispatch_wait (id, order_id, place, from_at, reasons) VALUES ($1,$2,$3,$4,$5)
		ON CONFLICT (order_id) WHERE ended_at = 0 DO UPDATE SET reasons = excluded.reasons`,
		linli.NewID("wai", now), m.order, m.need.Place, linli.Millis(now), reasons)
	return err
}

// waited ends the waiting of an order, if it waits.
func (s *Service) waited(tx db.Tx, order linli.OrderID) error {
	n, err := tx.Exec(`DELETE FROM dispatch_waiting WHERE order_id = $1`, order)
	if err == nil && n > 0 {
		_, err = tx.Exec(`UPDATE dispatch_wait SET ended_at = $1 WHERE order_id = $2 AND ended_at = 0`, linli.Millis(s.Now()), order)
	}
	return err
}

// noAnswer is the reason kept of a worker who did not answer to an order. It is no
// refusal: it only puts the others first.
const noAnswer = "no-answer"

// refusals says who will not serve the order, and since when who has been silent about it.
func refusals(tx db.Tx, order linli.OrderID) (no []linli.WorkerID, silent map[linli.WorkerID]int64, err error) {
	rows, err := tx.Query(`SELECT worker_id, reason, at FROM dispatch_refusal WHERE order_id = $1`, order)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	silent = map[linli.WorkerID]int64{}
	for rows.Next() {
		var id linli.WorkerID
		var reason string
		var at int64
		if err := rows.Scan(&id, &reason, &at); err != nil {
			return nil, nil, err
		}
		if reason == noAnswer {
			silent[id] = at
		} else {
			no = append(no, id)
		}
	}
	return no, silent, rows.Err()
}

// refuse remembers why the worker will not serve the order.
func (s *Service) refuse(tx db.Tx, order linli.OrderID, worker linli.WorkerID, reason string) error {
	_, err := tx.Exec(`INSERT INTO dispatch_refusal (order_id, worker_id, reason, at) VALUES ($1,$2,$3,$4)
		ON CONFLICT (order_id, worker_id) DO UPDATE SET reason = excluded.reason, at = excluded.at`, order, worker, reason, linli.Millis(s.Now()))
	return err
}

var insertStanding = `INSERT INTO dispatch_assignment (id, order_id, worker_id, second_id, org_id, facility_id, place, need, length_s, at, start_at,
	promise_from, promise_to, rank, auto, by_user, reasons) VALUES ` + db.Values(1, 17)

func (s *Service) insert(tx db.Tx, a standing, place linli.Place, by linli.UserID) error {
	need, err := json.Marshal(a.need)
	if err != nil {
		return err
	}
	reasons, err := json.Marshal(a.reasons)
	if err != nil {
		return err
	}
	_, err = tx.Exec(insertStanding,
		a.id, a.order, a.worker, a.second, a.org, a.facility, place, need, int64(a.need.Length/time.Second), linli.Millis(a.at), linli.Millis(a.start),
		linli.Millis(a.promise.From), linli.Millis(a.promise.To), a.rank, a.auto, by, reasons)
	return err
}
