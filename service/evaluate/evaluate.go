package evaluate

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"strconv"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/bus"
	"linli/engine/db"
)

//go:embed schema/*.sql
var schema embed.FS

// Orders is asked to take a rating: it checks that the person in ctx may rate the
// order and that it was delivered and not rated yet, moves it, and says what was
// served and by whom.
type Orders interface {
	Rated(ctx context.Context, tx db.Tx, id linli.OrderID, stars int, nps *int, unwanted bool) (linli.Need, linli.Assignment, error)
}

// Residents is asked for whom to call; ids that are not known are left out.
type Residents interface {
	Brief(ctx context.Context, ids []linli.ResidentID, each func(id linli.ResidentID, name, phone, door string)) error
}

// Deps are what the slice is built from.
type Deps struct {
	DB        db.DB
	Bus       bus.Publisher
	Now       linli.Now
	Orders    Orders
	Residents Residents
}

// Service keeps ratings and call-backs.
type Service struct {
	Deps
	key []byte // of the hashes
}

// New migrates the tables and makes the key and the seed at the first start.
func New(ctx context.Context, d Deps) (*Service, error) {
	if err := db.Migrate(ctx, d.DB, "evaluate", schema); err != nil {
		return nil, err
	}
	s := &Service{Deps: d}
	var key string
	err := d.DB.Write(ctx, func(tx db.Tx) error {
		for name, value := range map[string]string{"key": secret(32), "seed": secret(8), "share": "10"} {
			if _, err := tx.Exec(`INSERT INTO evaluate_setting (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING`, name, value); err != nil {
				return err
			}
		}
		return tx.QueryRow(`SELECT value FROM evaluate_setting WHERE key = 'key'`).Scan(&key)
	})
	if err != nil {
		return nil, err
	}
	s.key, err = hex.DecodeString(key)
	return s, err
}

func secret(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// Judgement is what somebody says of an order.
type Judgement struct {
	Order linli.OrderID
	Stars int  // 1 to 5
	NPS   *int // 0 to 10, nil when the question was not answered
	Tags  []string
	Words string
}

// Rate stores a rating by the person in ctx and moves the order, in one
// transaction. A rating of two stars or less puts the resident on the list of calls.
func (s *Service) Rate(ctx context.Context, tx db.Tx, j Judgement) (Rating, error) {
	if err := j.check(); err != nil {
		return Rating{}, err
	}
	unwanted := false
	for _, t := range j.Tags {
		unwanted = unwanted || t == notNeeded
	}
	need, served, err := s.Orders.Rated(ctx, tx, j.Order, j.Stars, j.NPS, unwanted)
	if err != nil {
		return Rating{}, err
	}
	p, now := auth.From(ctx), s.Now()
	who := "resident/" + string(need.Resident)
	if need.Resident == "" {
		who = "order/" + string(j.Order)
	}
	r := Rating{ID: linli.NewID("rat", now), Order: j.Order, Item: need.Item, Spec: need.Spec, SLA: need.SLA, Place: need.Place, Worker: served.Worker, Org: served.Org,
		Stars: j.Stars, NPS: j.NPS, Tags: j.Tags, Words: j.Words, At: linli.Time(linli.Millis(now)), Channel: "self"}
	if !p.Serves(need.Resident) {
		r.Channel = "desk"
	}
	if j.NPS != nil && staff(p, need.Resident) {
		r.Excluded = excludedStaff
	}
	if err := r.store(tx, hash(s.key, who), p.User); err != nil {
		return Rating{}, err
	}
	if j.Stars <= lowStars {
		err = s.call(ctx, tx, Case{Order: j.Order, Resident: need.Resident, Item: need.Item, SLA: need.SLA, Place: need.Place, Worker: served.Worker, Org: served.Org}, drawnLow)
	}
	return r, err
}

func (j Judgement) check() error {
	switch {
	case j.Order == "":
		return linli.Invalid("order_id", "缺少服务单号", "the order is missing")
	case j.Stars < 1 || j.Stars > 5:
		return linli.Invalid("stars", "请选 1 到 5 颗星", "stars are 1 to 5")
	case j.NPS != nil && (*j.NPS < 0 || *j.NPS > 10):
		return linli.Invalid("nps", "推荐意愿是 0 到 10 分", "the score is 0 to 10")
	}
	return checkTags(j.Tags)
}

// Case is a delivered order, as far as call-backs mind.
type Case struct {
	Order    linli.OrderID
	Resident linli.ResidentID
	Item     linli.ItemCode
	SLA      linli.SLAClass
	Place    linli.Place
	Worker   linli.WorkerID
	Org      linli.OrgID
}

// Draw decides whether the resident of a delivered order is called back: always
// for P1, else by the sample. Drawing again changes nothing.
func (s *Service) Draw(ctx context.Context, tx db.Tx, c Case) error {
	if c.SLA == linli.P1 {
		return s.call(ctx, tx, c, drawnP1)
	}
	set, err := setting(tx)
	if err != nil || !drawn(set.Seed, c.Order, float64(set.Share)/100) {
		return err
	}
	return s.call(ctx, tx, c, drawnSample)
}

// call puts the resident on the list, unless they are on it or nobody was served in person.
func (s *Service) call(_ context.Context, tx db.Tx, c Case, reason string) error {
	if c.Resident == "" {
		return nil
	}
	now := s.Now()
	n, err := tx.Exec(`INSERT INTO evaluate_callback (order_id, resident_id, reason, drawn_at, due_at, item, sla, place, worker_id, org_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
		c.Order, c.Resident, reason, linli.Millis(now), linli.Millis(now.Add(callLimit)), c.Item, c.SLA, c.Place, c.Worker, c.Org)
	if err != nil || n == 0 {
		return err
	}
	return s.Bus.Publish(tx, bus.Pack(EventDrawn, string(c.Order), c.Place, now, Drawn{Order: c.Order, Reason: reason, Worker: c.Worker, Org: c.Org}))
}

// Result is what a call found out.
type Result struct {
	Reached   bool   // somebody answered
	Contacted bool   // they had been contacted in time
	Solved    bool   // the matter is solved
	Satisfied bool   // they are satisfied
	Note      string // what they said
}

// CallBack records a call. After three calls nobody answers the resident counts as
// not reached; a call that was answered is final.
func (s *Service) CallBack(ctx context.Context, tx db.Tx, order linli.OrderID, r Result) (CallBack, error) {
	c, err := loadCall(tx, order)
	if err != nil {
		return c, err
	}
	p, now := auth.From(ctx), s.Now()
	if !p.Scope("evaluate.callback").Covers(c.row()) {
		return c, errNoCall
	}
	if c.State != "open" {
		return c, linli.Conflict("这位居民已经回访过了", "this resident was called already")
	}
	c.Tries++
	c.At = linli.Time(linli.Millis(now))
	c.Note = r.Note
	switch {
	case r.Reached:
		c.State, c.Contacted, c.Solved, c.Satisfied = "done", &r.Contacted, &r.Solved, &r.Satisfied
	case c.Tries >= maxTries:
		c.State = "unreached"
	}
	if err := c.store(tx, p.User); err != nil || c.State == "open" {
		return c, err
	}
	return c, s.Bus.Publish(tx, bus.Pack(EventCalledBack, string(order), c.Place, now, CalledBack{Order: order, State: c.State, Reached: r.Reached,
		Contacted: r.Reached && r.Contacted, Solved: r.Reached && r.Solved, Satisfied: r.Reached && r.Satisfied, Worker: c.Worker, Org: c.Org}))
}

// CallSetting is how the sample is drawn.
type CallSetting struct {
	Share int    `json:"share_percent" minimum:"0" maximum:"100" doc:"share of delivered orders called back, beside all P1 and all ratings of two stars or less"`
	Seed  string `json:"seed" minLength:"4" maxLength:"64" doc:"whoever knows it can repeat the draw"`
}

// Setting changes how the sample is drawn from now on, with an audit line.
func (s *Service) Setting(ctx context.Context, tx db.Tx, set CallSetting) error {
	for name, value := range map[string]string{"share": strconv.Itoa(set.Share), "seed": set.Seed} {
		if _, err := tx.Exec(`UPDATE evaluate_setting SET value = $1 WHERE key = $2`, value, name); err != nil {
			return err
		}
	}
	return auth.Audit(tx, s.Now(), auth.From(ctx), auth.Line{Act: "callback.setting", Detail: strconv.Itoa(set.Share) + "%"})
}

// span fills the default span of a report: the last 90 days.
func (s *Service) span(from, to time.Time) (time.Time, time.Time, error) {
	if to.IsZero() {
		to = s.Now().Add(time.Millisecond)
	}
	if from.IsZero() {
		from = to.AddDate(0, 0, -90)
	}
	if !from.Before(to) {
		return from, to, linli.Invalid("to", "结束时间要晚于开始时间", "the end must come after the beginning")
	}
	return from, to, nil
}
