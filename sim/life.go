package sim

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"linli"
	"linli/geo"
)

// order is what the simulation needs of a running order.
type order struct {
	ID       linli.OrderID    `json:"id"`
	Demand   linli.DemandID   `json:"demand"`
	State    string           `json:"state"`
	Spec     linli.SpecCode   `json:"spec"`
	Rev      int64            `json:"rev"`
	SLA      linli.SLAClass   `json:"sla"`
	Source   string           `json:"source"`
	Resident string           `json:"resident"`
	At       linli.Point      `json:"at"`
	Promise  linli.Window     `json:"promise"`
	Start    time.Time        `json:"start"`
	LengthS  int64            `json:"length_s"`
	Code     string           `json:"code"`
	Facility linli.FacilityID `json:"facility"`
	Why      []linli.Reason   `json:"why"`
	Worker   *struct {
		ID linli.WorkerID `json:"id"`
	} `json:"worker"`
}

// Live moves the town on until ctx ends: every step of real time, whatever is due
// by the simulated clock is done. It returns nil when ctx ends.
func (s *Sim) Live(ctx context.Context, step time.Duration) error {
	tick := time.NewTicker(step)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := s.o.Now()
		s.voices(ctx, now)
		for _, do := range []func(context.Context, time.Time) error{s.desk, s.react} {
			if err := do(ctx, now); err != nil && ctx.Err() == nil {
				s.complain(err)
			}
		}
		for _, e := range s.due(now) {
			if err := e.do(ctx); err != nil && ctx.Err() == nil {
				s.complain(err)
			}
		}
	}
}

// complain counts what went wrong; conflicts are life (somebody was faster).
func (s *Sim) complain(err error) {
	if p, ok := errors.AsType[*problem](err); ok && (p.Status == 409 || p.Status == 404 || p.Status == 429) {
		return
	}
	if s.failures++; s.failures <= 20 {
		s.o.Log.Warn("the neighborhood was refused something", "error", err)
	}
}

// busyness is how much is asked at an hour of the day, 1 at the busiest.
func busyness(t time.Time) float64 {
	h := float64(t.In(linli.Shanghai).Hour()) + float64(t.Minute())/60
	morning, evening := math.Exp(-sq((h-9.5)/2.2)), math.Exp(-sq((h-16.5)/3))
	return math.Max(0.04, math.Min(1, morning+0.9*evening))
}

func sq(x float64) float64 { return x * x }

// voices lets people say what they need, at random moments through the day.
func (s *Sim) voices(ctx context.Context, now time.Time) {
	if s.nextVoice.IsZero() {
		s.nextVoice = now
	}
	for n := 0; !s.nextVoice.After(now) && n < 200; n++ {
		rate := s.o.PerHour * busyness(s.nextVoice)
		s.nextVoice = s.nextVoice.Add(time.Duration(s.rng.ExpFloat64() / rate * float64(time.Hour)))
		if err := s.voice(ctx); err != nil && ctx.Err() == nil {
			s.complain(err)
		}
	}
}

// voice is one person saying one thing, through one of the ways in.
func (s *Sim) voice(ctx context.Context) error {
	codes := slices.Sorted(maps.Keys(phrases))
	code := pick(s.rng, codes)
	r := pick(s.rng, s.residents)
	body := map[string]any{"text": s.words(pick(s.rng, phrases[code])), "for_resident": r.ID}
	switch x := s.rng.Float64(); {
	case x < 0.04:
		code, body["text"] = "", pick(s.rng, vague)
	case x < 0.09:
		code, body["text"] = "", pick(s.rng, beyond)
	}
	by, path := r.phone, "/api/v1/demands"
	if by == nil {
		by = s.staff["duty-officer"] // calls the desk
	}
	if s.rng.Float64() < 0.06 {
		for _, id := range slices.Sorted(maps.Keys(s.workers)) { // a grid worker sees it on the round
			if w := s.workers[id]; w.role == "grid-worker" && w.home.At(linli.DepthRegion) == r.Place.At(linli.DepthRegion) {
				by, path = w.phone, "/api/v1/demands/observations"
				body["for_resident"] = ""
				body["place"] = r.Place.At(linli.DepthBuilding)
				break
			}
		}
	}
	var d struct {
		ID linli.DemandID `json:"id"`
	}
	if err := by.post(ctx, path, body, &d); err != nil {
		return err
	}
	s.raised = append(s.raised, d.ID)
	s.truth[d.ID] = code
	if r.phone != nil && s.rng.Float64() < 0.03 { // says it again, a little later
		s.later(s.o.Now().Add(s.minutes(3, 15)), func(ctx context.Context) error {
			var again struct {
				ID linli.DemandID `json:"id"`
			}
			err := r.phone.post(ctx, "/api/v1/demands", body, &again)
			if err == nil {
				s.raised, s.truth[again.ID] = append(s.raised, again.ID), code
			}
			return err
		})
	}
	return nil
}

// desk is the duty officer working through the queue, a few each time.
func (s *Sim) desk(ctx context.Context, now time.Time) error {
	if now.Sub(s.lastDesk) < time.Minute {
		return nil
	}
	s.lastDesk = now
	duty := s.staff["duty-officer"]
	var queue list[struct {
		ID         linli.DemandID `json:"id"`
		ReceivedAt time.Time      `json:"received_at"`
		Place      linli.Place    `json:"place"`
		Resident   string         `json:"resident"`
		Attention  bool           `json:"attention"`
	}]
	if err := duty.get(ctx, "/api/v1/demands?state=queued&limit=20", &queue); err != nil {
		return err
	}
	done := 0
	for _, d := range queue.Items {
		code, ours := s.truth[d.ID]
		if !ours || now.Sub(d.ReceivedAt) < 2*time.Minute {
			continue // replayed messages wait for a real clerk; nobody is that quick
		}
		body := map[string]any{"spec": code}
		if code == "" {
			body = map[string]any{"refer": "urban-management"}
		} else if d.Place.Depth() < linli.DepthBuilding && d.Resident == "" {
			body["place"] = pick(s.rng, s.residents).Place.At(linli.DepthBuilding)
		}
		if err := duty.post(ctx, fmt.Sprintf("/api/v1/demands/%s/triage", d.ID), body, nil); err != nil {
			return err
		}
		if d.Attention {
			if err := duty.post(ctx, fmt.Sprintf("/api/v1/demands/%s/attend", d.ID), map[string]any{"note": "已电话核实"}, nil); err != nil {
				return err
			}
		}
		if done++; done == 4 {
			break
		}
	}
	return nil
}

// react looks at every running order and lets those it concerns make plans.
func (s *Sim) react(ctx context.Context, now time.Time) error {
	running, err := all[order](ctx, s.staff["dispatcher"], "/api/v1/orders", url.Values{})
	if err != nil {
		return err
	}
	for _, o := range running {
		if s.seen[o.ID] == o.Rev {
			continue
		}
		s.seen[o.ID] = o.Rev
		if o.State == "waiting" {
			s.askConsent(o, now)
			continue
		}
		if o.Facility != "" {
			s.visitFacility(o, now)
			continue
		}
		if o.State == "finished" || o.State == "confirmed" {
			s.judge(o, now)
			continue
		}
		if o.Worker != nil && s.workers[o.Worker.ID] != nil {
			s.work(o, s.workers[o.Worker.ID], now)
		}
	}
	return nil
}

// askConsent is the steward calling a resident whose order waits for a consent:
// most agree once they hear what it is for.
func (s *Sim) askConsent(o order, now time.Time) {
	missing := slices.ContainsFunc(o.Why, func(r linli.Reason) bool {
		return r.Code == "gate-consent" || strings.Contains(r.Ref, "consent")
	})
	if !missing || o.Resident == "" || s.rng.Float64() < 0.15 {
		return
	}
	purpose := s.specs[o.Spec].Consent
	s.later(now.Add(s.minutes(4, 15)), func(ctx context.Context) error {
		return s.staff["data-steward"].post(ctx, fmt.Sprintf("/api/v1/residents/%s/consents", o.Resident),
			map[string]any{"purpose": purpose, "version": s.versions[purpose], "channel": "phone", "witness": "周敏"}, nil)
	})
}

// work is the worker's next move with an order.
func (s *Sim) work(o order, w *worker, now time.Time) {
	act := func(name string) func(context.Context) error {
		return func(ctx context.Context) error {
			if s.seen[o.ID] != o.Rev {
				return nil // the phone shows that the order has moved on
			}
			return w.phone.post(ctx, fmt.Sprintf("/api/v1/orders/%s/%s", o.ID, name), nil, nil)
		}
	}
	trip, _ := geo.Straight(w.at, o.At, w.by)
	switch o.State {
	case "assigned":
		wait := s.minutes(0.5, 9)
		if o.SLA == linli.P1 {
			wait = s.minutes(0.2, 0.8)
		}
		if s.rng.Float64() < 0.04 {
			s.later(now.Add(wait), func(ctx context.Context) error {
				return w.phone.post(ctx, fmt.Sprintf("/api/v1/dispatches/%s/decline", o.ID), map[string]any{"reason": pick(s.rng, []string{"no-time", "too-far", "vehicle"})}, nil)
			})
			return
		}
		s.later(now.Add(wait), act("accept"))
	case "accepted":
		leave := o.Start.Add(-trip.Time - s.minutes(0, 4))
		if leave.Before(now) {
			leave = now
		}
		s.later(leave, act("en-route"))
	case "en_route":
		s.later(now.Add(max(trip.Time, time.Minute)), func(ctx context.Context) error {
			w.at = o.At
			return act("arrive")(ctx)
		})
	case "arrived":
		took := time.Duration(float64(o.LengthS) * (0.55 + 0.6*s.rng.Float64()) * float64(time.Second))
		s.later(now.Add(took), func(ctx context.Context) error { return s.finish(ctx, o, w) })
	}
}

// finish proves the required steps with evidence and ends the service.
func (s *Sim) finish(ctx context.Context, o order, w *worker) error {
	var page struct {
		Code  string `json:"code"`
		Steps []struct {
			No       int       `json:"no"`
			Required bool      `json:"required"`
			Evidence string    `json:"evidence"`
			DoneAt   time.Time `json:"done_at"`
		} `json:"steps"`
	}
	if err := w.phone.get(ctx, fmt.Sprintf("/api/v1/orders/%s", o.ID), &page); err != nil {
		return err
	}
	for _, st := range page.Steps {
		if !st.DoneAt.IsZero() || !st.Required && s.rng.Float64() < 0.5 {
			continue
		}
		body := map[string]any{}
		switch st.Evidence {
		case "note":
			body["note"] = pick(s.rng, []string{"一切正常，已按要求做完。", "老人精神不错，叮嘱按时吃药。", "已清理干净，住户在场。", "做完后又检查了一遍。"})
		case "photo", "signature":
			var e struct {
				ID string `json:"id"`
			}
			if err := w.phone.upload(ctx, "POST", fmt.Sprintf("/api/v1/orders/%s/evidence?kind=%s", o.ID, st.Evidence), "image/png", bytes.NewReader(s.picture()), &e); err != nil {
				return err
			}
			body["evidence"] = []string{e.ID}
		case "code":
			// The person at the door reads the code aloud; the desk knows it too.
			var told struct {
				Code string `json:"code"`
			}
			if err := s.staff["duty-officer"].get(ctx, fmt.Sprintf("/api/v1/orders/%s", o.ID), &told); err != nil {
				return err
			}
			body["code"] = told.Code
		default:
			if !st.Required {
				continue
			}
		}
		if err := w.phone.post(ctx, fmt.Sprintf("/api/v1/orders/%s/steps/%d", o.ID, st.No), body, nil); err != nil {
			if !st.Required {
				continue // another party's step
			}
			return err
		}
	}
	return w.phone.post(ctx, fmt.Sprintf("/api/v1/orders/%s/finish", o.ID), nil, nil)
}

// picture draws a small photo-like image: a wall, a floor, something on it.
func (s *Sim) picture() []byte {
	m := image.NewRGBA(image.Rect(0, 0, 160, 120))
	wall := color.RGBA{uint8(190 + s.rng.IntN(50)), uint8(185 + s.rng.IntN(50)), uint8(170 + s.rng.IntN(50)), 255}
	x0, y0 := 20+s.rng.IntN(70), 40+s.rng.IntN(20)
	for y := range 120 {
		for x := range 160 {
			c := wall
			if y > 85 {
				c = color.RGBA{140, 118, 96, 255}
			}
			if x > x0 && x < x0+50 && y > y0 && y < y0+48 {
				c = color.RGBA{90, uint8(110 + x%40), 120, 255}
			}
			m.Set(x, y, c)
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		panic(err) // memory takes everything
	}
	return out.Bytes()
}

// judge is the resident confirming and rating what was done.
func (s *Sim) judge(o order, now time.Time) {
	r := s.residentOf(o.Resident)
	by := s.staff["duty-officer"] // calls those without a phone account
	if r != nil && r.phone != nil {
		by = r.phone
	}
	if o.State == "finished" && s.rng.Float64() < 0.85 {
		s.later(now.Add(s.minutes(2, 25)), func(ctx context.Context) error {
			return by.post(ctx, fmt.Sprintf("/api/v1/orders/%s/confirm", o.ID), nil, nil)
		})
		return
	}
	if o.State == "confirmed" && s.rng.Float64() < 0.75 {
		s.later(now.Add(s.minutes(1, 15)), func(ctx context.Context) error {
			score := 7 + s.rng.IntN(4)
			if x := s.rng.Float64(); x < 0.62 {
				score = 9 + s.rng.IntN(2)
			} else if x > 0.93 {
				score = 3 + s.rng.IntN(4)
			}
			return by.post(ctx, "/api/v1/ratings", map[string]any{"order_id": o.ID, "nps": score, "stars": min(5, max(1, (score+1)/2))}, nil)
		})
	}
}

func (s *Sim) residentOf(id string) *resident {
	i := slices.IndexFunc(s.residents, func(r *resident) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return s.residents[i]
}

// visitFacility lets most people come to the slot they booked.
func (s *Sim) visitFacility(o order, now time.Time) {
	if o.State == "finished" || o.State == "confirmed" {
		s.judge(o, now)
		return
	}
	if o.State != "accepted" || s.rng.Float64() < 0.1 {
		return
	}
	come := o.Start.Add(s.minutes(-8, 6))
	if come.Before(now) {
		come = now
	}
	s.later(come, func(ctx context.Context) error {
		desk := s.staff["duty-officer"]
		bookings, err := all[struct {
			ID    string        `json:"id"`
			Order linli.OrderID `json:"order"`
			Code  string        `json:"code"`
		}](ctx, desk, "/api/v1/bookings", url.Values{"facility": {string(o.Facility)}, "from": {now.Add(-time.Hour).Format(time.RFC3339)}})
		if err != nil {
			return err
		}
		for _, b := range bookings {
			if b.Order == o.ID {
				return desk.post(ctx, fmt.Sprintf("/api/v1/bookings/%s/check-in", b.ID), map[string]string{"code": cmp.Or(b.Code, "000000")}, nil)
			}
		}
		return nil
	})
}

// facility is what the simulation needs of a house with seats.
type facility struct {
	ID       linli.FacilityID `json:"id"`
	Capacity int              `json:"capacity"`
	SlotMin  int              `json:"slot_min"`
}

// dropIn lets people come to a facility without a booking, every slot of its day
// about so many as the hour is busy; some seats stay for those who book.
func (s *Sim) dropIn(f *facility, now time.Time) {
	slot := time.Duration(max(f.SlotMin, 30)) * time.Minute
	start := now.In(linli.Shanghai).Truncate(slot)
	s.later(start.Add(slot/4), func(ctx context.Context) error {
		s.dropIn(f, start.Add(slot))
		likely := 0.35 + 0.55*busyness(start)
		people := 0
		for range f.Capacity - 1 {
			if s.rng.Float64() < likely {
				people++
			}
		}
		if h := start.Hour(); people == 0 || h < 8 || h >= 20 {
			return nil
		}
		return s.staff["data-steward"].post(ctx, fmt.Sprintf("/api/v1/facilities/%s/visits", f.ID), map[string]any{"persons": people}, nil)
	})
}
