package evaluate

import (
	"database/sql"
	"errors"
	"strconv"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/stat"
	"linli/engine/db"
)

// Rating is a rating as staff see it; who gave it is not shown.
type Rating struct {
	ID       string         `json:"id"`
	Order    linli.OrderID  `json:"order_id"`
	Item     linli.ItemCode `json:"item"`
	Spec     linli.SpecCode `json:"spec"`
	SLA      linli.SLAClass `json:"sla"`
	Place    linli.Place    `json:"place" class:"D1" mask:"door"`
	Worker   linli.WorkerID `json:"worker,omitempty"`
	Org      linli.OrgID    `json:"org,omitempty"`
	Stars    int            `json:"stars"`
	NPS      *int           `json:"nps,omitempty"`
	Tags     []string       `json:"tags" nullable:"false"`
	Words    string         `json:"words,omitempty" class:"D1"`
	At       time.Time      `json:"at"`
	Channel  string         `json:"channel" enum:"self,desk" doc:"desk: written down for the resident"`
	Excluded string         `json:"excluded_reason,omitempty" doc:"why it stays out of the NPS"`
}

// AuthRow says to whom the rating belongs.
func (r Rating) AuthRow() auth.Row {
	return auth.Row{Place: r.Place, Org: r.Org, Worker: r.Worker, Case: true}
}

// store inserts the rating. The round is the next of this order: the order itself
// lets each round be rated once. The first answer of a person in a quarter counts.
func (r *Rating) store(tx db.Tx, person string, by linli.UserID) error {
	if r.Tags == nil {
		r.Tags = []string{}
	}
	return tx.QueryRow(`INSERT INTO evaluate_rating (id, order_id, round, resident_hash, quarter, item, spec, sla, place, worker_id, org_id,
			stars, nps, tags, words, at, by_user, channel, excluded_reason)
		VALUES ($1, $2, (SELECT COUNT(*) + 1 FROM evaluate_rating WHERE order_id = $2), $3, $4, $5, $6, $7, $8, $9, $10,
			$11, CAST($12 AS BIGINT), $13, $14, $15, $16, $17,
			CASE WHEN CAST($18 AS TEXT) <> '' THEN CAST($18 AS TEXT) WHEN CAST($12 AS BIGINT) IS NOT NULL AND EXISTS (SELECT 1 FROM evaluate_rating
				WHERE resident_hash = $3 AND quarter = $4 AND nps IS NOT NULL AND excluded_reason = '') THEN '`+excludedRepeat+`' ELSE '' END)
		RETURNING excluded_reason`,
		r.ID, r.Order, person, quarter(r.At), r.Item, r.Spec, r.SLA, r.Place, r.Worker, r.Org, r.Stars, r.NPS, db.JSON(r.Tags), r.Words,
		linli.Millis(r.At), by, r.Channel, r.Excluded).Scan(&r.Excluded)
}

func ratings(tx db.Tx, w *db.Where, limit int) ([]Rating, error) {
	return db.Rows(tx, func(rows *sql.Rows) (r Rating, err error) {
		var at int64
		err = rows.Scan(&r.ID, &r.Order, &r.Item, &r.Spec, &r.SLA, &r.Place, &r.Worker, &r.Org, &r.Stars, &r.NPS, db.JSON(&r.Tags), &r.Words, &at, &r.Channel, &r.Excluded)
		r.At = linli.Time(at)
		return r, err
	}, `SELECT id, order_id, item, spec, sla, place, worker_id, org_id, stars, nps, tags, words, at, channel, excluded_reason
		FROM evaluate_rating WHERE `+w.String()+` ORDER BY id DESC LIMIT `+strconv.Itoa(limit), w.Args()...)
}

// RatingGroup is what the ratings of an item, a worker, an organization or a
// community come to. Judged is false below 30 answers: shown, not judged.
type RatingGroup struct {
	Key       string         `json:"key"`
	N         int            `json:"n" doc:"ratings"`
	Stars     float64        `json:"stars" doc:"mean, 1 to 5"`
	Satisfied stat.Estimate  `json:"satisfied" doc:"share of 4 and 5 stars with its interval"`
	NPS       *stat.Estimate `json:"nps,omitempty" doc:"points from -100 to 100 with interval; absent without answers"`
	Excluded  map[string]int `json:"excluded" doc:"answers kept out of the NPS, by reason"`
	Judged    bool           `json:"judged"`
}

var groupColumns = map[string]string{"item": "item", "worker": "worker_id", "org": "org_id", "spec": "spec", "all": "'all'"}

// maxGroups bounds a summary; the groups with the most ratings come first.
const maxGroups = 200

func groups(tx db.Tx, by string, w *db.Where) ([]RatingGroup, error) {
	key := groupColumns[by]
	counted := "nps IS NOT NULL AND excluded_reason = ''"
	return db.Rows(tx, scanGroup, `SELECT `+key+` AS unit, COUNT(*), SUM(stars), SUM(CASE WHEN stars >= 4 THEN 1 ELSE 0 END),
			SUM(CASE WHEN `+counted+` THEN 1 ELSE 0 END), SUM(CASE WHEN `+counted+` AND nps >= 9 THEN 1 ELSE 0 END), SUM(CASE WHEN `+counted+` AND nps <= 6 THEN 1 ELSE 0 END),
			SUM(CASE WHEN excluded_reason = '`+excludedStaff+`' THEN 1 ELSE 0 END), SUM(CASE WHEN excluded_reason = '`+excludedRepeat+`' THEN 1 ELSE 0 END)
		FROM evaluate_rating WHERE `+w.String()+` GROUP BY unit ORDER BY COUNT(*) DESC, unit LIMIT `+strconv.Itoa(maxGroups), w.Args()...)
}

func scanGroup(rows *sql.Rows) (g RatingGroup, err error) {
	var stars, satisfied, answers, promoters, detractors, staff, repeat int
	if err := rows.Scan(&g.Key, &g.N, &stars, &satisfied, &answers, &promoters, &detractors, &staff, &repeat); err != nil {
		return g, err
	}
	g.Stars = float64(stars) / float64(g.N)
	if g.Satisfied, err = stat.Wilson(satisfied, g.N); err != nil {
		return g, err
	}
	if answers > 0 {
		nps, err := stat.NPS(promoters, detractors, answers)
		if err != nil {
			return g, err
		}
		g.NPS = &nps
	}
	g.Excluded = map[string]int{excludedStaff: staff, excludedRepeat: repeat}
	g.Judged = g.NPS != nil && g.NPS.Judgeable
	return g, nil
}

// CallBack is a resident to be called, or one who was.
type CallBack struct {
	Order     linli.OrderID    `json:"order_id"`
	Resident  linli.ResidentID `json:"resident,omitempty"`
	Name      string           `json:"name,omitempty" class:"D1" mask:"name"`
	Phone     string           `json:"phone,omitempty" class:"D2" mask:"phone"`
	Reason    string           `json:"reason" enum:"sample,p1,low" doc:"why this resident"`
	Drawn     time.Time        `json:"drawn_at"`
	Due       time.Time        `json:"due_at"`
	Item      linli.ItemCode   `json:"item"`
	SLA       linli.SLAClass   `json:"sla"`
	Place     linli.Place      `json:"place" class:"D1" mask:"door"`
	Worker    linli.WorkerID   `json:"worker,omitempty"`
	Org       linli.OrgID      `json:"org,omitempty"`
	State     string           `json:"state" enum:"open,done,unreached"`
	Tries     int              `json:"tries"`
	At        time.Time        `json:"at,omitzero" doc:"of the last call"`
	Contacted *bool            `json:"contacted,omitempty"`
	Solved    *bool            `json:"solved,omitempty"`
	Satisfied *bool            `json:"satisfied,omitempty"`
	Note      string           `json:"note,omitempty" class:"D1"`
}

// AuthRow says to whom the call belongs.
func (c CallBack) AuthRow() auth.Row { return c.row() }

func (c CallBack) row() auth.Row {
	return auth.Row{Place: c.Place, Org: c.Org, Worker: c.Worker, Resident: c.Resident, Case: true}
}

const callColumns = `order_id, resident_id, reason, drawn_at, due_at, item, sla, place, worker_id, org_id, state, tries, at, contacted, solved, satisfied, note`

func scanCall(scan func(...any) error) (c CallBack, err error) {
	var drawn, due, at int64
	var answers [3]sql.NullInt64
	err = scan(&c.Order, &c.Resident, &c.Reason, &drawn, &due, &c.Item, &c.SLA, &c.Place, &c.Worker, &c.Org, &c.State, &c.Tries, &at,
		&answers[0], &answers[1], &answers[2], &c.Note)
	c.Drawn, c.Due, c.At = linli.Time(drawn), linli.Time(due), linli.Time(at)
	for i, to := range []**bool{&c.Contacted, &c.Solved, &c.Satisfied} {
		if answers[i].Valid {
			yes := answers[i].Int64 == 1
			*to = &yes
		}
	}
	return c, err
}

var errNoCall = linli.NotFound("回访名单里没有这张单", "this order is not on the list of calls")

func loadCall(tx db.Tx, order linli.OrderID) (CallBack, error) {
	c, err := scanCall(tx.QueryRow(`SELECT `+callColumns+` FROM evaluate_callback WHERE order_id = $1`, order).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return c, errNoCall
	}
	return c, err
}

func calls(tx db.Tx, w *db.Where, limit int) ([]CallBack, error) {
	return db.Rows(tx, func(rows *sql.Rows) (CallBack, error) { return scanCall(rows.Scan) },
		`SELECT `+callColumns+` FROM evaluate_callback WHERE `+w.String()+` ORDER BY due_at, order_id LIMIT `+strconv.Itoa(limit), w.Args()...)
}

func (c CallBack) store(tx db.Tx, by linli.UserID) error {
	bit := func(b *bool) any {
		if b == nil {
			return nil
		}
		if *b {
			return 1
		}
		return 0
	}
	n, err := tx.Exec(`UPDATE evaluate_callback SET state = $1, tries = $2, at = $3, contacted = $4, solved = $5, satisfied = $6, note = $7, by_user = $8
		WHERE order_id = $9 AND state = 'open'`, c.State, c.Tries, linli.Millis(c.At), bit(c.Contacted), bit(c.Solved), bit(c.Satisfied), c.Note, by, c.Order)
	if err == nil && n == 0 {
		return linli.Conflict("这位居民已经回访过了", "this resident was called already")
	}
	return err
}

// CallRates are the three rates of the residents called back and reached, and how
// many stand behind them.
type CallRates struct {
	Drawn     int            `json:"drawn"`
	Open      int            `json:"open"`
	Reached   int            `json:"reached"`
	Unreached int            `json:"unreached"`
	Contacted *stat.Estimate `json:"contacted,omitempty" doc:"contacted in time; absent while nobody was reached"`
	Solved    *stat.Estimate `json:"solved,omitempty"`
	Satisfied *stat.Estimate `json:"satisfied,omitempty"`
	Judged    bool           `json:"judged" doc:"at least 30 reached"`
}

func rates(tx db.Tx, w *db.Where) (r CallRates, err error) {
	var contacted, solved, satisfied int
	err = tx.QueryRow(`SELECT COUNT(*), COALESCE(SUM(CASE WHEN state = 'open' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN state = 'done' THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN state = 'unreached' THEN 1 ELSE 0 END), 0), COALESCE(SUM(contacted), 0), COALESCE(SUM(solved), 0), COALESCE(SUM(satisfied), 0)
		FROM evaluate_callback WHERE `+w.String(), w.Args()...).Scan(&r.Drawn, &r.Open, &r.Reached, &r.Unreached, &contacted, &solved, &satisfied)
	if err != nil || r.Reached == 0 {
		return r, err
	}
	for k, to := range map[int]**stat.Estimate{0: &r.Contacted, 1: &r.Solved, 2: &r.Satisfied} {
		e, err := stat.Wilson([]int{contacted, solved, satisfied}[k], r.Reached)
		if err != nil {
			return r, err
		}
		*to = &e
	}
	r.Judged = stat.Judgeable(r.Reached)
	return r, nil
}

func setting(tx db.Tx) (set CallSetting, err error) {
	var share string
	if err = tx.QueryRow(`SELECT (SELECT value FROM evaluate_setting WHERE key = 'share'), (SELECT value FROM evaluate_setting WHERE key = 'seed')`).Scan(&share, &set.Seed); err != nil {
		return set, err
	}
	set.Share, err = strconv.Atoi(share)
	return set, err
}
