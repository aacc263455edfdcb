package match

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"linli"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/engine/job"
)

// daysAhead is how far slots are laid out and can be booked.
const daysAhead = 14

const facilityColumns = `id, kind, name, place, lng, lat, org_id, specs, capacity, slot_min, hours, step_free, active, rev`

func scanFacility(row interface{ Scan(...any) error }) (f Facility, err error) {
	var specs, hours []byte
	err = row.Scan(&f.ID, &f.Kind, &f.Name, &f.Place, &f.At.Lng, &f.At.Lat, &f.Org, &specs, &f.Capacity, &f.SlotMin, &hours, &f.StepFree, &f.Active, &f.Rev)
	if err == nil {
		err = errors.Join(json.Unmarshal(specs, &f.Specs), json.Unmarshal(hours, &f.Hours))
	}
	return f, err
}

func facilities(tx db.Tx, query string, args ...any) ([]Facility, error) {
	return db.Rows(tx, func(rows *sql.Rows) (Facility, error) { return scanFacility(rows) }, query, args...)
}

func facility(tx db.Tx, id linli.FacilityID) (Facility, error) {
	f, err := scanFacility(tx.QueryRow(`SELECT `+facilityColumns+` FROM match_facility WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return f, errNoFacility
	}
	return f, err
}

var errNoFacility = linli.NotFound("没有这个设施", "there is no such facility")

// put stores a facility; rev 0 creates it. Its coming slots are laid out anew:
// booked ones stay, so that nobody loses a seat because hours changed.
func (s *Service) put(tx db.Tx, f *Facility, rev int64) error {
	specs, err := json.Marshal(f.Specs)
	if err != nil {
		return err
	}
	hours, err := json.Marshal(f.Hours)
	if err != nil {
		return err
	}
	if rev == 0 {
		f.Rev = 1
		if _, err := tx.Exec(`INSERT INTO match_facility (`+facilityColumns+`) VALUES `+db.Values(1, 14),
			f.ID, f.Kind, f.Name, f.Place, f.At.Lng, f.At.Lat, f.Org, specs, f.Capacity, f.SlotMin, hours, f.StepFree, f.Active, f.Rev); err != nil {
			return err
		}
	} else {
		f.Rev = rev + 1
		n, err := tx.Exec(`UPDATE match_facility SET kind=$2, name=$3, place=$4, lng=$5, lat=$6, org_id=$7, specs=$8, capacity=$9,
			slot_min=$10, hours=$11, step_free=$12, active=$13, rev=$14 WHERE id=$1 AND rev=$15`,
			f.ID, f.Kind, f.Name, f.Place, f.At.Lng, f.At.Lat, f.Org, specs, f.Capacity, f.SlotMin, hours, f.StepFree, f.Active, f.Rev, rev)
		if err != nil {
			return err
		}
		if n == 0 {
			return linli.Conflict("设施刚被别人改过，请刷新后再改", "the facility was changed meanwhile; reload and try again")
		}
		if _, err := tx.Exec(`DELETE FROM match_slot WHERE facility_id = $1 AND slot_start > $2 AND booked = 0 AND closed_reason = ''`, f.ID, linli.Millis(s.Now())); err != nil {
			return err
		}
	}
	return s.layOutOne(tx, *f)
}

func (s *Service) layOutAll(tx db.Tx) error {
	all, err := facilities(tx, `SELECT `+facilityColumns+` FROM match_facility WHERE active ORDER BY id`)
	if err != nil {
		return err
	}
	for _, f := range all {
		if err := s.layOutOne(tx, f); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) layOutOne(tx db.Tx, f Facility) error {
	if !f.Active {
		return nil
	}
	now := s.Now()
	for d := range daysAhead {
		for _, slot := range layOut(f, now.AddDate(0, 0, d)) {
			if !slot.End.After(now) {
				continue // what has begun takes no bookings any more, but people who come
			}
			if _, err := tx.Exec(`INSERT INTO match_slot (facility_id, slot_start, slot_end, capacity) VALUES ($1,$2,$3,$4) ON CONFLICT DO NOTHING`,
				f.ID, linli.Millis(slot.Start), linli.Millis(slot.End), slot.Capacity); err != nil {
				return err
			}
		}
	}
	return nil
}

func slots(tx db.Tx, id linli.FacilityID, from, to time.Time) ([]Slot, error) {
	return db.Rows(tx, func(rows *sql.Rows) (x Slot, err error) {
		var start, end int64
		x.Facility = id
		err = rows.Scan(&start, &end, &x.Capacity, &x.Booked, &x.Used, &x.Closed)
		x.Start, x.End = linli.Time(start), linli.Time(end)
		return x, err
	}, `SELECT slot_start, slot_end, capacity, booked, used, closed_reason FROM match_slot
		WHERE facility_id = $1 AND slot_start >= $2 AND slot_start < $3 ORDER BY slot_start`, id, linli.Millis(from), linli.Millis(to))
}

func (s *Service) judgeFacilities(tx db.Tx, n linli.Need, consented bool, now time.Time) ([]linli.Candidate, error) {
	all, err := facilities(tx, `SELECT `+facilityColumns+` FROM match_facility ORDER BY id`)
	if err != nil {
		return nil, err
	}
	when := horizon(n, now)
	out := make([]linli.Candidate, 0, len(all))
	for _, f := range all {
		var free []Slot
		if slices.Contains(f.Specs, n.Spec) { // the others fail the first gate without a look at their slots
			if free, err = slots(tx, f.ID, when.From.Add(-time.Duration(f.SlotMin)*time.Minute), when.To); err != nil {
				return nil, err
			}
		}
		out = append(out, judgeFacility(n, f, consented, free, s.way, now))
	}
	rank(out)
	return out, nil
}

// rated gives the ratings of all workers, at most ratingsLife old; shared, not to be changed.
func (s *Service) rated(ctx context.Context) (map[linli.WorkerID]history, error) {
	r := &s.ratings
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by != nil && time.Since(r.at) < ratingsLife {
		return r.by, nil
	}
	by := map[linli.WorkerID]history{}
	err := s.DB.Read(ctx, func(tx db.Tx) error {
		clear(by)
		rows, err := tx.Query(`SELECT worker_id, stars, ratings FROM match_worker`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id linli.WorkerID
			var h history
			if err := rows.Scan(&id, &h.stars, &h.ratings); err != nil {
				return err
			}
			by[id] = h
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	r.by, r.at = by, time.Now()
	return by, nil
}

// servedBy counts how often each worker has served the resident.
func (s *Service) servedBy(ctx context.Context, resident linli.ResidentID) (map[linli.WorkerID]int64, error) {
	if resident == "" {
		return nil, nil
	}
	out := map[linli.WorkerID]int64{}
	err := s.DB.Read(ctx, func(tx db.Tx) error {
		clear(out)
		rows, err := tx.Query(`SELECT worker_id, times FROM match_served WHERE resident_id = $1`, resident)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id linli.WorkerID
			var times int64
			if err := rows.Scan(&id, &times); err != nil {
				return err
			}
			out[id] = times
		}
		return rows.Err()
	})
	return out, err
}

// Book takes the best free slot for the need inside tx, in the name of the order,
// and says which and why. No free slot is KindExhausted with the first failed
// gates as reasons. Booking twice for one order returns the first booking.
func (s *Service) Book(ctx context.Context, tx db.Tx, order linli.OrderID, n linli.Need) (linli.Assignment, error) {
	if b, err := booking(tx, `order_id = $1 AND state IN ('booked', 'checked_in')`, order); err == nil && b.End.After(s.Now()) {
		return linli.Assignment{Facility: b.Facility, Start: b.Start, Promise: linli.Window{From: b.Start, To: b.End}, Auto: true,
			Reasons: []linli.Reason{{Code: "booked", Ref: string(b.ID)}}}, nil
	} else if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return linli.Assignment{}, err
	}
	spec, err := s.Catalog.Spec(ctx, n.Spec)
	if err != nil {
		return linli.Assignment{}, err
	}
	consented, err := s.consented(ctx, n, spec)
	if err != nil {
		return linli.Assignment{}, err
	}
	now := s.Now()
	js, err := s.judgeFacilities(tx, n, consented, now)
	if err != nil {
		return linli.Assignment{}, err
	}
	if len(js) == 0 || js[0].Gate != gateNone {
		return linli.Assignment{}, noSlot(js)
	}
	best := js[0]
	f, err := facility(tx, best.Facility)
	if err != nil {
		return linli.Assignment{}, err
	}
	persons := int64(max(1, n.Persons))
	taken, err := tx.Exec(`UPDATE match_slot SET booked = booked + $1 WHERE facility_id = $2 AND slot_start = $3 AND booked + $1 <= capacity AND closed_reason = ''`,
		persons, best.Facility, linli.Millis(best.Slot.From))
	if err != nil {
		return linli.Assignment{}, err
	}
	if taken == 0 {
		return linli.Assignment{}, noSlot(nil)
	}
	id := linli.NewID("bkg", now)
	// An order that comes again keeps its booking and the code its resident knows.
	if err := tx.QueryRow(`INSERT INTO match_booking (id, facility_id, slot_start, slot_end, order_id, resident_id, place, persons, code, state, at)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,'booked',$10)
		ON CONFLICT (order_id) DO UPDATE SET facility_id = excluded.facility_id, slot_start = excluded.slot_start, slot_end = excluded.slot_end,
			place = excluded.place, persons = excluded.persons, state = 'booked', at = excluded.at, rev = match_booking.rev + 1
		RETURNING id`,
		id, best.Facility, linli.Millis(best.Slot.From), linli.Millis(best.Slot.To), order, n.Resident, f.Place, persons, code(id), linli.Millis(now)).Scan(&id); err != nil {
		return linli.Assignment{}, err
	}
	if err := s.Timers.Set(tx, jobSlotEnd, string(order), best.Slot.To, nil); err != nil {
		return linli.Assignment{}, err
	}
	a := linli.Assignment{Facility: best.Facility, Org: best.Org, Start: best.Slot.From, Promise: *best.Slot, Auto: true}
	for _, p := range best.Parts {
		a.Reasons = append(a.Reasons, linli.Reason{Code: p.Code, Value: p.Minutes, Unit: "min", Approx: p.Code == "travel" && best.Approx})
	}
	a.Reasons = append(a.Reasons, linli.Reason{Code: "free-seats", Value: 1, Ref: id})
	return a, s.Bus.Publish(tx, bus.Pack(EventBooked, string(best.Facility), f.Place, now,
		Booked{Booking: id, Facility: best.Facility, Order: order, Resident: n.Resident, State: "booked", Start: linli.Millis(best.Slot.From)}))
}

// code is the six digits a resident shows at the door.
func code(id string) string {
	sum := uint32(2166136261)
	for i := range len(id) {
		sum = (sum ^ uint32(id[i])) * 16777619
	}
	return fmt.Sprintf("%06d", sum%1_000_000)
}

func noSlot(js []linli.Candidate) error {
	seen := map[string]int{}
	for _, j := range js {
		if j.Gate != gateSkill {
			seen[j.Gate]++
		}
	}
	e := &linli.Error{Kind: linli.KindExhausted, Field: "slot", Zh: "没有空位", En: "no free slot"}
	switch {
	case seen[gateCapacity] > 0:
		e.Zh, e.En = "时段都满了", "every slot is full"
	case seen[gateConsent] > 0:
		e.Zh, e.En = "缺少居民的同意", "the resident's consent is missing"
	case seen[gateTime] > 0:
		e.Zh, e.En = "那段时间不开放", "nothing is open at that time"
	case seen[gateSpace] > 0:
		e.Zh, e.En = "15 分钟步行范围内没有", "none within a walk of 15 minutes"
	}
	return e
}

// Booking is a taken seat.
type Booking struct {
	ID       string           `json:"id"`
	Facility linli.FacilityID `json:"facility"`
	Start    time.Time        `json:"start"`
	End      time.Time        `json:"end"`
	Order    linli.OrderID    `json:"order"`
	Resident linli.ResidentID `json:"resident,omitempty" class:"D2"`
	Place    linli.Place      `json:"place"`
	Persons  int64            `json:"persons"`
	Code     string           `json:"code,omitempty" class:"D1" doc:"shown at the door"`
	State    string           `json:"state" enum:"booked,checked_in,no_show,canceled"`
	Rev      int64            `json:"rev"`
	org      linli.OrgID
}

const bookingColumns = `id, facility_id, slot_start, slot_end, order_id, resident_id, place, persons, code, state, rev,
	COALESCE((SELECT org_id FROM match_facility f WHERE f.id = facility_id), '')`

func scanBooking(row interface{ Scan(...any) error }) (b Booking, err error) {
	var start, end int64
	err = row.Scan(&b.ID, &b.Facility, &start, &end, &b.Order, &b.Resident, &b.Place, &b.Persons, &b.Code, &b.State, &b.Rev, &b.org)
	b.Start, b.End = linli.Time(start), linli.Time(end)
	return b, err
}

func booking(tx db.Tx, where string, arg any) (Booking, error) {
	return scanBooking(tx.QueryRow(`SELECT `+bookingColumns+` FROM match_booking WHERE `+where, arg))
}

// Cancel gives the seat of the order back; an order without a seat is fine.
func (s *Service) Cancel(tx db.Tx, order linli.OrderID) error {
	b, err := booking(tx, `order_id = $1 AND state = 'booked'`, order)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE match_slot SET booked = booked - $1 WHERE facility_id = $2 AND slot_start = $3`, b.Persons, b.Facility, linli.Millis(b.Start)); err != nil {
		return err
	}
	if err := s.Timers.Cancel(tx, jobSlotEnd, string(order)); err != nil {
		return err
	}
	return s.move(tx, b, "canceled", EventReleased)
}

func (s *Service) move(tx db.Tx, b Booking, state, event string) error {
	n, err := tx.Exec(`UPDATE match_booking SET state = $1, rev = rev + 1 WHERE id = $2 AND rev = $3`, state, b.ID, b.Rev)
	if err != nil {
		return err
	}
	if n == 0 {
		return linli.Conflict("这个预约刚被改过", "the booking was changed meanwhile")
	}
	return s.Bus.Publish(tx, bus.Pack(event, string(b.Facility), b.Place, s.Now(),
		Booked{Booking: b.ID, Facility: b.Facility, Order: b.Order, Resident: b.Resident, State: state, Start: linli.Millis(b.Start)}))
}

// checkIn counts the people as present; only around the slot, so that presence means presence.
func (s *Service) checkIn(tx db.Tx, b Booking) error {
	now := s.Now()
	switch {
	case b.State != "booked":
		return linli.Conflict("这个预约不在待到店状态", "the booking is not waiting for check-in")
	case now.Before(b.Start.Add(-30 * time.Minute)):
		return linli.Conflict("还没到时间，开始前 30 分钟起可签到", "check-in opens 30 minutes before the slot")
	case !now.Before(b.End):
		return linli.Conflict("时段已结束", "the slot is over")
	}
	if _, err := tx.Exec(`UPDATE match_slot SET used = used + $1 WHERE facility_id = $2 AND slot_start = $3`, b.Persons, b.Facility, linli.Millis(b.Start)); err != nil {
		return err
	}
	return s.move(tx, b, "checked_in", EventCheckedIn)
}

// visit counts people who came without a booking into the slot that runs now. They
// take seats that nobody has booked.
func (s *Service) visit(tx db.Tx, f Facility, persons int64, by linli.UserID) (Slot, error) {
	now := s.Now()
	x := Slot{Facility: f.ID}
	var start, end int64
	err := tx.QueryRow(`UPDATE match_slot SET booked = booked + $1, used = used + $1
		WHERE facility_id = $2 AND slot_start <= $3 AND slot_end > $3 AND closed_reason = '' AND booked + $1 <= capacity
		RETURNING slot_start, slot_end, capacity, booked, used`, persons, f.ID, linli.Millis(now)).Scan(&start, &end, &x.Capacity, &x.Booked, &x.Used)
	if errors.Is(err, sql.ErrNoRows) {
		return x, noSeat(tx, f.ID, now)
	}
	if err != nil {
		return x, err
	}
	x.Start, x.End = linli.Time(start), linli.Time(end)
	if _, err := tx.Exec(`INSERT INTO match_visit (id, facility_id, slot_start, persons, by_user, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		linli.NewID("vis", now), f.ID, start, persons, by, linli.Millis(now)); err != nil {
		return x, err
	}
	return x, s.Bus.Publish(tx, bus.Pack(EventVisited, string(f.ID), f.Place, now, Visited{f.ID, f.Org, persons, start}))
}

// noSeat says why nobody more can come in now.
func noSeat(tx db.Tx, id linli.FacilityID, now time.Time) error {
	var left int64
	err := tx.QueryRow(`SELECT capacity - booked FROM match_slot WHERE facility_id = $1 AND slot_start <= $2 AND slot_end > $2 AND closed_reason = ''`,
		id, linli.Millis(now)).Scan(&left)
	if errors.Is(err, sql.ErrNoRows) {
		return linli.Conflict("现在不开放", "it is not open now")
	}
	if err != nil {
		return err
	}
	return linli.Conflict(fmt.Sprintf("本时段只剩 %d 个空位", left), fmt.Sprintf("%d seats of this slot are free", left))
}

// jobSlotEnd fires when the slot of an order is over.
const jobSlotEnd = "match.slot_end"

// slotEnded settles a booking: present is done, absent is a no-show.
func (s *Service) slotEnded(_ context.Context, tx db.Tx, j job.Job) error {
	b, err := booking(tx, `order_id = $1`, j.Key)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	switch b.State {
	case "booked":
		return s.move(tx, b, "no_show", EventNoShow)
	case "checked_in":
		return s.Bus.Publish(tx, bus.Pack(EventUsed, string(b.Facility), b.Place, s.Now(),
			Booked{Booking: b.ID, Facility: b.Facility, Order: b.Order, Resident: b.Resident, State: b.State, Start: linli.Millis(b.Start)}))
	}
	return nil
}

// closeSlots closes the slots of a span and returns the bookings in it, which stay
// booked until their orders are moved: nothing told to a resident changes silently.
func (s *Service) closeSlots(tx db.Tx, id linli.FacilityID, from, to time.Time, reason string) ([]Booking, error) {
	if _, err := tx.Exec(`UPDATE match_slot SET closed_reason = $1 WHERE facility_id = $2 AND slot_start >= $3 AND slot_start < $4`,
		reason, id, linli.Millis(from), linli.Millis(to)); err != nil {
		return nil, err
	}
	return bookings(tx, `SELECT `+bookingColumns+` FROM match_booking WHERE facility_id = $1 AND slot_start >= $2 AND slot_start < $3 AND state = 'booked' ORDER BY slot_start`,
		id, linli.Millis(from), linli.Millis(to))
}

func bookings(tx db.Tx, query string, args ...any) ([]Booking, error) {
	return db.Rows(tx, func(rows *sql.Rows) (Booking, error) { return scanBooking(rows) }, query, args...)
}
