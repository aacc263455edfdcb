package flow_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"linli"
	"linli/auth"
)

// clean is a request every reader understands: cleaning, tomorrow morning, at home.
const clean = "家里好久没打扫了，想请人上门打扫卫生、擦玻璃，明天上午来。"

// The life of one demand, from a resident's own words to a closed order, and every
// step of it on the screens of those it concerns and of nobody else.
func TestADemandIsVoicedServedProvenAndSeen(t *testing.T) {
	eachHome(t, func(t *testing.T, h home) { // alone in this process: it looks at the machine's clock
		u := h.start(t, newClock(monday))
		w := found(u)
		n, s := w.community[north], w.community[south]
		asker := n.residents[0]

		entitled := map[string]*stream{"director": w.director.watch(), "desk": w.desk.watch(), "asker": asker.phone.watch()}
		secretary := u.user(auth.NewUser{Login: "s-secretary", Name: "南苑书记", Grants: []auth.Grant{{Role: "community-secretary", Place: south}}})
		viewer := u.user(auth.NewUser{Login: "viewer", Name: "访客", Grants: []auth.Grant{{Role: "viewer"}}})
		strangers := []*stream{secretary.watch(), viewer.watch(), n.residents[1].phone.watch(), s.residents[0].phone.watch(), w.audit.watch(), w.security.watch()}
		hands := map[linli.WorkerID]*stream{}
		for _, k := range slices.Concat(n.workers, s.workers) {
			hands[k.ID] = k.phone.watch()
		}

		var did linli.DemandID
		var oid linli.OrderID
		var took []time.Duration
		// shown waits until those who are entitled have seen the step, all within a second.
		shown := func(since time.Time, kind string, who ...string) event {
			t.Helper()
			var e event
			for _, name := range who {
				e = entitled[name].wait(t, kind, func(e event) bool {
					return e.Kind == kind && (e.Data.Demand == did || e.Data.Order == oid && oid != "")
				})
				took = append(took, e.at.Sub(since))
			}
			return e
		}

		// Voiced and understood.
		since := time.Now()
		d := asker.raise(clean)
		did = d.ID
		if d.Spec != "cleaning" || d.State != "ready" || d.Place != asker.Place || d.Certainty < 0.75 || d.WishFrom == nil ||
			!d.WishFrom.Equal(time.Date(2026, 3, 3, 8, 0, 0, 0, linli.Shanghai)) {
			t.Fatalf("understood as %+v", d)
		}
		everyone := []string{"director", "desk", "asker"}
		shown(since, "demand.raised", everyone...)
		shown(since, "demand.understood", everyone...)
		shown(since, "demand.ready", everyone...)

		// An order, dispatched with reasons.
		oid = shown(since, "order.opened", everyone...).Data.Order
		shown(since, "order.assigned", everyone...)
		shown(since, "dispatch.assigned", "director", "desk")
		o := w.order(oid)
		if o.State != "assigned" || !o.Auto || len(o.Why) < 3 || o.Worker == nil || o.Demand != did || o.Resident != asker.ID {
			t.Fatalf("dispatched as %+v", o)
		}
		if o.Promise.From.Before(*d.WishFrom) || o.Promise.To.After(*d.WishTo) || !o.Promise.From.Before(o.Promise.To) {
			t.Errorf("promised %v although %v to %v was wished", o.Promise, d.WishFrom, d.WishTo)
		}
		k := w.worker(o.Worker.ID)
		entitled["worker"] = hands[k.ID]
		delete(hands, k.ID)
		everyone = append(everyone, "worker")
		var why struct {
			Rank    int64
			Options []struct{ Worker linli.WorkerID }
			Others  []struct{ Worker, Gate string }
		}
		w.desk.do("GET", "/api/v1/dispatches/"+string(oid), nil).want(t, 200).into(t, &why)
		if len(why.Options) == 0 || why.Options[0].Worker != k.ID || why.Rank != 1 {
			t.Errorf("why %+v, although %s has it", why, k.ID)
		}

		// Served and proven: each act on the worker's phone, each with its event.
		step := func(p *person, path string, body any, kind string) {
			t.Helper()
			since := time.Now()
			p.act(oid, path, body)
			shown(since, kind, everyone...)
		}
		step(k.phone, "accept", nil, "order.accepted")
		if mine := get[list[order]](k.phone, "/api/v1/my/orders", "day", "2026-03-03"); len(mine.Items) != 1 || mine.Items[0].ID != oid {
			t.Errorf("the worker's day is %+v", mine)
		}
		u.clock.pass(23 * time.Hour)
		step(k.phone, "en-route", nil, "order.en_route")
		u.clock.pass(8 * time.Minute)
		step(k.phone, "arrive", nil, "order.arrived")
		photo := k.phone.send(request{"POST", "/api/v1/orders/" + string(oid) + "/evidence?kind=photo", picture(1), map[string]string{"Content-Type": "image/png"}}).want(t, http.StatusCreated)
		var proof id
		photo.into(t, &proof)
		step(k.phone, "steps/5", object{"evidence": []string{proof.ID}}, "order.step_done")
		u.clock.pass(90 * time.Minute)
		step(k.phone, "finish", nil, "order.finished")
		asker.phone.do("GET", fmt.Sprintf("/api/v1/orders/%s/evidence/%s", oid, proof.ID), nil).want(t, 200)

		// Judged: the resident confirms and rates, the case is closed and everybody knows.
		step(asker.phone, "confirm", nil, "order.confirmed")
		since = time.Now()
		post[object](asker.phone, "/api/v1/ratings", object{"order_id": oid, "nps": 10, "stars": 5, "words": "擦得很亮"})
		shown(since, "order.rated", everyone...)
		shown(since, "order.closed", everyone...)
		shown(since, "demand.closed", "director", "desk", "asker")
		o = w.order(oid)
		if o.State != "closed" || o.Stars != 5 || len(o.Breached) != 0 || o.Worker == nil || o.Worker.ID != k.ID {
			t.Errorf("ended as %+v", o)
		}
		if d = w.demand(did); d.State != "closed" || d.Outcome != "served" || d.Order != oid {
			t.Errorf("the demand ended as %+v", d)
		}
		told := []string{}
		for _, e := range entitled["asker"].all() {
			if e.Kind == "demand.progress" && e.Data.Demand == did {
				told = append(told, e.Data.What)
			}
		}
		if want := []string{"ordered", "assigned", "accepted", "en_route", "arrived", "finished", "closed"}; !slices.Equal(slices.Sorted(slices.Values(told)), slices.Sorted(slices.Values(want))) {
			t.Errorf("the resident was told %q, want %q", told, want)
		}

		// The street office sees it in its figures and on the map.
		u.pass(time.Minute)
		for slug, part := range map[string]string{"demand-match-rate": string(did), "response-time-p90": string(oid), "nps": ""} {
			var v struct{ Items []kpi }
			v.Items = get[list[kpi]](w.director, "/api/v1/kpis", "place", string(north), "span", "7d").Items
			i := slices.IndexFunc(v.Items, func(v kpi) bool { return v.Slug == slug })
			if i < 0 || v.Items[i].N != 1 || v.Items[i].Denominator != 1 || v.Items[i].Value == nil {
				t.Errorf("the board shows %s as %+v", slug, v.Items)
				continue
			}
			found := get[list[struct{ ID, Part string }]](w.director, "/api/v1/kpis/"+slug+"/rows", "place", string(north), "span", "7d").Items
			if len(found) != 1 || part != "" && (found[0].ID != part || found[0].Part != "numerator") {
				t.Errorf("behind %s stand %+v", slug, found)
			}
		}
		heat := get[heatMap](w.director, "/api/v1/heat", "window", "7d", "place", string(north))
		if len(heat.Cells) != 1 || heat.Hidden != 1 || heat.Total != 0 || heat.Cells[0].N != nil {
			t.Errorf("one voice shows as %+v; under ten people a cell has no number", heat)
		}

		// Nobody else has seen anything of it.
		for _, s := range slices.Concat(strangers, values(hands)) {
			for _, e := range s.all() {
				if strings.Contains(e.raw, string(did)) || strings.Contains(e.raw, string(oid)) || strings.Contains(e.raw, string(asker.ID)) {
					t.Errorf("%s has seen %s", s.person.Login, e.raw)
				}
			}
		}
		slices.Sort(took)
		// A long write of another test on the same server may hold a few steps back.
		if slow := took[len(took)*3/4]; slow > time.Second {
			t.Errorf("a quarter of the steps was seen later than %v, the median after %v", slow, took[len(took)/2])
		}
	})
}

type kpi struct {
	Slug                   string
	Value                  *float64
	N                      int
	Numerator, Denominator float64
	Excluded               map[string]int
}

type heatMap struct {
	Total, Hidden int
	Cells         []struct {
		Cell string
		N    *int
	}
}

func values[K comparable, V any](m map[K]V) (out []V) {
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

// picture is a small PNG, another for every seed.
func picture(seed int) []byte {
	m := image.NewGray(image.Rect(0, 0, 40, 30))
	for i := range m.Pix {
		m.Pix[i] = byte(i * (seed + 3))
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// What the reader cannot tell waits for a clerk; the correction teaches at once,
// and what was learned outlives a restart.
func TestACorrectionTeachesAtOnceAndSurvivesRestart(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		u := h.open(t, newClock(monday))
		w := found(u)
		n := w.community[north]
		vague := "老物件积了灰，想请个手脚麻利的人来归置归置"
		d := n.residents[0].raise(vague)
		u.settle()
		if d = w.demand(d.ID); d.State != "queued" || !slices.Contains(d.Why, "unclear") || d.Order != "" {
			t.Fatalf("read as %+v", d)
		}
		if q := get[list[demand]](w.duty, "/api/v1/demands", "state", "queued").Items; len(q) != 1 || q[0].ID != d.ID {
			t.Errorf("the clerk's queue is %+v", q)
		}
		post[demand](w.duty, "/api/v1/demands/"+string(d.ID)+"/triage", object{"spec": "cleaning"})
		u.settle()
		if d = w.demand(d.ID); d.State != "ordered" || d.Spec != "cleaning" || w.order(d.Order).State != "assigned" {
			t.Errorf("sorted by the clerk it became %+v", d)
		}
		learned := func(r *resident, text string) {
			t.Helper()
			d := r.raise(text)
			u.settle()
			if d = w.demand(d.ID); d.State != "ordered" || d.Spec != "cleaning" {
				t.Errorf("after the lesson %q is %+v", text, d)
			}
		}
		learned(n.residents[1], vague)

		u.stop()
		u = h.open(t, u.clock)
		w.desk = w.desk.at(u)
		r := *w.community[south].residents[0]
		r.phone = r.phone.at(u)
		learned(&r, vague+"。")
		if got := get[list[struct{ Label, Demand string }]](w.duty.at(u), "/api/v1/demands/corrections").Items; len(got) != 1 {
			t.Errorf("corrections: %+v", got)
		}
	})
}

// Who says the same again joins the case: the earliest submission counts, one order
// serves it, and everybody who voiced it is told of every step.
func TestDuplicatesMergeAndEveryReporterIsTold(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		u := h.start(t, newClock(monday))
		w := found(u)
		n := w.community[north]
		first, other := n.residents[0], n.residents[1]
		hears := map[*resident]*stream{first: first.phone.watch(), other: other.phone.watch()}
		desk := w.desk.watch()

		d := first.raise(clean)
		oid := desk.wait(t, "the order", func(e event) bool { return e.Kind == "order.assigned" && e.Data.Demand == d.ID }).Data.Order
		// The same resident calls the desk an hour later: one more voice, no second order.
		u.clock.pass(time.Hour)
		again := post[demand](w.duty, "/api/v1/demands", object{"text": "居民来电催保洁，明天上午打扫卫生擦玻璃", "spec": "cleaning", "for_resident": first.ID})
		if again.State != "merged" || again.MergedInto != d.ID {
			t.Errorf("the second call became %+v", again)
		}
		// Another resident means the same matter in words of their own; a clerk sees both and joins them.
		mine := other.raise("楼道那个事情还是老样子，麻烦管管")
		if mine.State != "queued" {
			t.Fatalf("the vague voice became %+v", mine)
		}
		post[demand](w.duty, "/api/v1/demands/"+string(mine.ID)+"/merge", object{"into": d.ID})
		if c := w.demand(d.ID); c.Voices != 3 || !c.SubmittedAt.Equal(monday) || c.Order != oid {
			t.Errorf("the case is %+v", c)
		}
		orders := get[list[order]](w.desk, "/api/v1/orders").Items
		if len(orders) != 1 || orders[0].ID != oid {
			t.Errorf("one matter has %d orders", len(orders))
		}
		o := w.order(oid)
		k := w.worker(o.Worker.ID)
		for _, act := range []string{"accept", "finish"} {
			k.phone.act(oid, act, nil)
		}
		told := func(s *stream, id linli.DemandID, what string) {
			t.Helper()
			s.wait(t, what, func(e event) bool {
				return e.Kind == "demand.progress" && e.Data.Demand == id && e.Data.What == what && e.Data.Case == d.ID
			})
		}
		for _, what := range []string{"accepted", "finished"} {
			told(hears[first], d.ID, what)
			told(hears[first], again.ID, what)
			told(hears[other], mine.ID, what)
		}
		// Each hears of their own voice only, and of the case what the case is.
		for r, s := range hears {
			for _, e := range s.all() {
				if e.Kind == "demand.progress" && e.Data.Resident != r.ID {
					t.Errorf("%s was told %s", r.Name, e.raw)
				}
			}
		}
		if view := get[demand](other.phone, "/api/v1/demands/"+string(mine.ID)); view.State != "merged" || view.MergedInto != d.ID {
			t.Errorf("the other reporter sees %+v", view)
		}
	})
}

// A forecast alone never becomes an order; a person's word, or another source, lets it.
func TestAForecastAloneNeverBecomesAnOrder(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		u := h.open(t, newClock(monday))
		w := found(u)
		n := w.community[north]
		made := post[struct {
			Stored int
			Items  []struct {
				Key, State string
				ID         linli.DemandID
			}
		}](w.steward, "/api/v1/demands/forecasts", object{"system": "demand-model", "items": []object{
			{"key": "f1", "text": "预计需要上门保洁", "spec": "cleaning", "resident": n.residents[0].ID},
			{"key": "f2", "text": "预计需要上门保洁", "spec": "cleaning", "resident": n.residents[1].ID},
			{"key": "f3", "text": "预计需要上门保洁", "spec": "cleaning", "resident": n.residents[2].ID},
		}})
		if made.Stored != 3 {
			t.Fatalf("forecasts: %+v", made)
		}
		u.pass(48 * time.Hour)
		for _, f := range made.Items {
			if d := w.demand(f.ID); d.State != "hint" || d.Order != "" {
				t.Errorf("the forecast %s alone became %+v", f.Key, d)
			}
		}
		orders := func() []order { return get[list[order]](w.desk, "/api/v1/orders").Items }
		if got := orders(); len(got) != 0 {
			t.Fatalf("%d orders of forecasts", len(got))
		}
		post[demand](w.duty, "/api/v1/demands/"+string(made.Items[0].ID)+"/confirm", object{})
		voice := n.residents[1].raise("想请人上门打扫卫生、擦玻璃，家里做个保洁。")
		u.settle()
		if d := w.demand(made.Items[0].ID); d.State != "ordered" {
			t.Errorf("confirmed by a clerk it is %+v", d)
		}
		if d, f := w.demand(voice.ID), w.demand(made.Items[1].ID); d.State != "ordered" || f.MergedInto != d.ID {
			t.Errorf("the resident's voice is %+v, the forecast %+v", d, f)
		}
		if got := orders(); len(got) != 2 {
			t.Errorf("%d orders, want 2", len(got))
		}
		// What nobody confirms ends by itself, and is counted as no need.
		u.pass(32 * 24 * time.Hour)
		if d := w.demand(made.Items[2].ID); d.State != "closed" || d.Outcome != "expired" || d.Order != "" {
			t.Errorf("the third forecast ended as %+v", d)
		}
	})
}

// Who declines passes the order to the next best in the same call.
func TestADeclineGoesToTheNextBestInTheSameCall(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		u := h.open(t, newClock(monday))
		w := found(u)
		d := w.community[north].residents[0].raise(clean)
		u.settle()
		oid := w.demand(d.ID).Order
		had := map[linli.WorkerID]bool{}
		for i := range 4 {
			o := w.order(oid)
			if o.State != "assigned" || o.Worker == nil || had[o.Worker.ID] {
				t.Fatalf("after %d declines: %+v", i, o)
			}
			had[o.Worker.ID] = true
			a := post[struct {
				Waiting  bool
				Assigned *struct{ Worker linli.WorkerID }
				Reasons  []linli.Reason
			}](w.worker(o.Worker.ID).phone, "/api/v1/dispatches/"+string(oid)+"/decline", object{"reason": "no-time"})
			now := w.order(oid) // at once, before anything else could happen
			switch {
			case i < 3 && (a.Assigned == nil || had[a.Assigned.Worker] || now.Worker == nil || now.Worker.ID != a.Assigned.Worker || len(a.Reasons) == 0):
				t.Fatalf("decline %d gave %+v, the order %+v", i+1, a, now)
			case i == 3 && (!a.Waiting || now.State != "waiting" || len(now.Why) == 0):
				t.Fatalf("with nobody left: %+v, the order %+v", a, now)
			}
		}
	})
}

// A worker who reports sick loses every order to somebody else, and no order is lost.
func TestASickWorkersOrdersMoveToOthers(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		u := h.open(t, newClock(monday))
		w := found(u)
		n := w.community[north]
		sick := n.workers[0]
		var mine []linli.OrderID
		for i, r := range n.residents {
			oid := linli.OrderID(post[id](w.desk, "/api/v1/orders", object{"spec": "cleaning", "resident": r.ID, "dispatch": "manual",
				"wish": object{"from": monday.Add(time.Duration(24+3*i) * time.Hour), "to": monday.Add(time.Duration(25+3*i) * time.Hour)}}).ID)
			post[object](w.desk, "/api/v1/dispatches", object{"order_id": oid, "worker_id": sick.ID})
			if i%2 == 0 {
				sick.phone.act(oid, "accept", nil)
			}
			mine = append(mine, oid)
		}
		post[object](sick.phone, "/api/v1/my/absences", object{"kind": "sick", "from": monday, "to": monday.Add(72 * time.Hour)})
		u.settle()
		u.pass(2 * time.Minute)
		for _, oid := range mine {
			o := w.order(oid)
			if o.State != "assigned" || o.Worker == nil || o.Worker.ID == sick.ID {
				t.Errorf("the order of the sick worker is %+v", o)
			}
		}
		if got := get[list[order]](sick.phone, "/api/v1/my/orders", "days", "7").Items; len(got) != 0 {
			t.Errorf("the sick worker still has %d orders", len(got))
		}
		var board struct {
			Lanes []struct {
				Worker linli.WorkerID
				Stops  []struct{ Order linli.OrderID }
			}
		}
		w.desk.do("GET", "/api/v1/dispatch-board?date=2026-03-03", nil).want(t, 200).into(t, &board)
		var planned []linli.OrderID
		for _, l := range board.Lanes {
			for _, s := range l.Stops {
				planned = append(planned, s.Order)
				if l.Worker == sick.ID {
					t.Errorf("%s still stands in the lane of the sick worker", s.Order)
				}
			}
		}
		slices.Sort(planned)
		slices.Sort(mine)
		if !slices.Equal(planned, mine) {
			t.Errorf("the board of the day has %v, want %v", planned, mine)
		}
	})
}

// A court is booked by words, entered by code, used and judged; who does not come
// leaves a failed order and an unmet demand.
func TestAFacilityIsBookedEnteredAndJudged(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		u := h.open(t, newClock(monday))
		w := found(u)
		n := w.community[north]
		play, absent := n.residents[0], n.residents[1]
		book := func(r *resident) (demand, order) {
			d := post[demand](r.phone, "/api/v1/demands", object{"text": "明天下午三点想约个球场打羽毛球", "spec": "court",
				"wish_from": monday.Add(30 * time.Hour), "wish_to": monday.Add(31 * time.Hour)})
			u.settle()
			d = w.demand(d.ID)
			return d, w.order(d.Order)
		}
		d, o := book(play)
		if o.State != "accepted" || string(o.Facility) != n.court || !o.Start.Equal(monday.Add(30*time.Hour)) {
			t.Fatalf("booked as %+v", o)
		}
		lost, away := book(absent)
		if away.State != "accepted" {
			t.Fatalf("the second seat: %+v", away)
		}
		type booking struct {
			ID, Code, State string
			Order           linli.OrderID
		}
		mine := get[list[booking]](play.phone, "/api/v1/bookings").Items
		if len(mine) != 1 || mine[0].Order != o.ID || len(mine[0].Code) != 6 {
			t.Fatalf("the resident's bookings: %+v", mine)
		}
		// A third resident finds the hour full.
		third := post[demand](w.duty, "/api/v1/demands", object{"text": "约球场", "spec": "court", "for_resident": n.residents[2].ID,
			"wish_from": monday.Add(30 * time.Hour), "wish_to": monday.Add(31 * time.Hour)})
		u.settle()
		if full := w.order(w.demand(third.ID).Order); full.State != "waiting" || len(full.Why) == 0 {
			t.Errorf("with the hour full the order is %+v", full)
		}
		path := "/api/v1/bookings/" + mine[0].ID + "/check-in"
		w.duty.do("POST", path, object{"code": mine[0].Code}).want(t, http.StatusConflict) // a day too early
		u.pass(29*time.Hour + 45*time.Minute)
		w.duty.do("POST", path, object{"code": "x"}).want(t, http.StatusUnprocessableEntity)
		post[booking](w.duty, path, object{"code": mine[0].Code})
		u.settle()
		if o = w.order(o.ID); o.State != "arrived" {
			t.Errorf("checked in, the order is %+v", o)
		}
		u.pass(90 * time.Minute)
		if o = w.order(o.ID); o.State != "finished" {
			t.Errorf("after the hour the order is %+v", o)
		}
		if away, lost = w.order(away.ID), w.demand(lost.ID); away.State != "failed" || lost.State != "closed" || lost.Outcome != "failed" {
			t.Errorf("who did not come has order %+v and demand %+v", away, lost)
		}
		play.phone.act(o.ID, "confirm", nil)
		post[object](play.phone, "/api/v1/ratings", object{"order_id": o.ID, "nps": 9, "stars": 5})
		u.settle()
		if d = w.demand(d.ID); d.State != "closed" || d.Outcome != "served" {
			t.Errorf("the demand ended as %+v", d)
		}
		u.clock.pass(time.Minute)
		for _, v := range get[list[kpi]](w.director, "/api/v1/kpis", "place", string(north), "span", "7d").Items {
			if v.Slug == "facility-utilization" && v.Numerator != 1 {
				t.Errorf("the court's use counts as %+v", v)
			}
		}
	})
}

// A file of the hotline becomes demands: understood, queued or referred, none lost,
// and reading the same file again changes nothing.
func TestTicketsOfTheHotlineAreTakenInOnce(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		u := h.open(t, newClock(monday))
		w := found(u)
		b := string(w.community[north].buildings[0])
		file := "工单编号,标题,内容,来电时间,来电人,联系电话,地点编码\n" +
			"T1,厨房水管爆了,家里厨房的水管爆了水流了一地，请马上派人来修水管,2026-03-02 08:10:00,王女士,00012345678," + b + "\n" +
			"T2,咨询,那个事情什么时候有说法,2026-03-02 08:20:00,李先生,00012345679," + b + "\n" +
			"T3,,,2026-03-02 08:30:00,赵先生,00012345670," + b + "\n" +
			"T1,厨房水管爆了,家里厨房的水管爆了水流了一地，请马上派人来修水管,2026-03-02 08:10:00,王女士,00012345678," + b + "\n"
		type report struct {
			Rows, Stored, Known, Ready, Queued, Referred, Merged, Failed int
			Errors                                                       []struct {
				Row   int
				Field string
			}
		}
		read := func() (r report) {
			w.duty.send(request{"POST", "/api/v1/demands/import?system=12345&place=" + string(north), []byte(file), map[string]string{"Content-Type": "text/csv"}}).want(t, 200).into(t, &r)
			u.settle()
			return r
		}
		r := read()
		if r.Rows != 4 || r.Stored != 2 || r.Known != 1 || r.Failed != 1 || len(r.Errors) != 1 || r.Errors[0].Row != 4 || r.Ready+r.Queued+r.Referred+r.Merged != 2 {
			t.Fatalf("report %+v", r)
		}
		all := func() map[string]demand {
			out := map[string]demand{}
			for _, d := range get[list[demand]](w.duty, "/api/v1/demands", "source", "ticket").Items {
				out[d.ExternalID] = d
			}
			return out
		}
		got := all()
		pipe := got["T1"]
		if len(got) != 2 || pipe.State != "ordered" || pipe.Spec != "plumbing" || !pipe.SubmittedAt.Equal(time.Date(2026, 3, 2, 8, 10, 0, 0, linli.Shanghai)) || got["T2"].State != "queued" {
			t.Fatalf("the tickets became %+v", got)
		}
		o := w.order(pipe.Order)
		if o.State != "assigned" || !o.Submitted.Equal(pipe.SubmittedAt) {
			t.Errorf("the burst pipe has order %+v", o)
		}
		if r = read(); r.Stored != 0 || r.Known != 3 || r.Failed != 1 {
			t.Errorf("the second reading: %+v", r)
		}
		if again := all(); len(again) != 2 || again["T1"].Order != pipe.Order {
			t.Errorf("after the second reading: %+v", again)
		}
	})
}

// Timers are exact whatever happens to the process: the clock jumps past limits
// while the hub is down, and each limit is told once, at its own moment.
func TestARestartKeepsEveryTimerExact(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		u := h.open(t, newClock(monday))
		w := found(u)
		r := w.community[north].residents[0]
		d := r.raise("厨房水管爆了，水流了一地，请马上派人来修！")
		u.settle()
		oid := w.demand(d.ID).Order
		o := w.order(oid)
		if o.SLA != "P2" || o.State != "assigned" {
			t.Fatalf("the burst pipe is %+v", o)
		}
		restart := func(down time.Duration) {
			t.Helper()
			u.stop()
			u.clock.pass(down)
			u = h.open(t, u.clock)
			u.settle()
			*w = town{hub: u, community: w.community, desk: w.desk.at(u), duty: w.duty.at(u)}
			for _, c := range w.community {
				for _, k := range c.workers {
					k.phone = k.phone.at(u)
				}
			}
			r.phone = r.phone.at(u)
		}
		lines := func(from time.Time) (out []string) {
			for _, l := range w.order(oid).Timeline {
				if l.Kind == "order.breached" || l.Kind == "order.escalated" || l.Kind == "order.confirmed" || l.Kind == "order.closed" {
					out = append(out, fmt.Sprint(l.Kind, " ", l.Clock, l.To, " +", l.At.Sub(from)))
				}
			}
			slices.Sort(out)
			return out
		}
		once := func(from time.Time, want ...string) {
			t.Helper()
			slices.Sort(want)
			for range 3 {
				if got := lines(from); !slices.Equal(got, want) {
					t.Fatalf("after the restart time has brought\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
				u.settle()
			}
		}
		// Nobody answers for 25 minutes while the hub is down.
		restart(25 * time.Minute)
		first := []string{"order.breached accept +10m0s", "order.breached state +10m0s", "order.breached contact +15m0s",
			"order.escalated statenext-worker +10m0s", "order.escalated acceptduty-officer +20m0s"}
		got := lines(monday)
		for _, l := range first {
			if n := count(got, l); n != 1 {
				t.Errorf("%q stands %d times in\n%s", l, n, strings.Join(got, "\n"))
			}
		}
		o = w.order(oid)
		if o.State != "assigned" || o.Worker == nil {
			t.Fatalf("nobody answered, and the order is %+v", o)
		}
		// Finished, then silence: confirmed after exactly 72 hours, closed after exactly 7 more days.
		k := w.worker(o.Worker.ID)
		k.phone.act(oid, "accept", nil)
		k.phone.act(oid, "arrive", nil)
		sign := k.phone.send(request{"POST", "/api/v1/orders/" + string(oid) + "/evidence?kind=signature", picture(2), map[string]string{"Content-Type": "image/png"}}).want(t, http.StatusCreated)
		var proof id
		sign.into(t, &proof)
		k.phone.do("POST", "/api/v1/orders/"+string(oid)+"/finish", nil).want(t, http.StatusConflict) // a required step is missing
		k.phone.act(oid, "steps/6", object{"evidence": []string{proof.ID}})
		k.phone.act(oid, "finish", nil)
		u.settle()
		done := u.clock.now()
		before := lines(done)
		restart(72*time.Hour - time.Second)
		once(done, before...)
		restart(2 * time.Second)
		once(done, append(slices.Clone(before), "order.confirmed  +72h0m0s")...)
		restart(9 * 24 * time.Hour)
		once(done, append(slices.Clone(before), "order.confirmed  +72h0m0s", "order.closed  +240h0m0s")...)
		if d := w.demand(d.ID); d.State != "closed" || d.Outcome != "served" {
			t.Errorf("the demand ended as %+v", d)
		}
	})
}

func count(list []string, want string) (n int) {
	for _, s := range list {
		if s == want {
			n++
		}
	}
	return n
}

// Ten people in one place are a number on the map; nine are not.
func TestHeatCountsTenAndHidesNine(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		u := h.open(t, newClock(monday))
		w := found(u)
		n := w.community[north]
		for i := range 10 {
			r := post[id](w.steward, "/api/v1/residents", object{"name": "邻居" + string([]rune("一二三四五六七八九十")[i]), "place": n.buildings[0] + linli.Place(fmt.Sprintf("/2/%d01", i+1))})
			post[demand](w.duty, "/api/v1/demands", object{"text": "请人上门打扫卫生", "spec": "cleaning", "for_resident": r.ID})
			u.settle()
			m := get[heatMap](w.director, "/api/v1/heat", "item", "homemaking", "window", "24h")
			shown, hidden := 0, 1
			if i == 9 {
				shown, hidden = 10, 0
			}
			if m.Total != shown || m.Hidden != hidden || len(m.Cells) != 1 {
				t.Errorf("with %d people: %+v", i+1, m)
			}
		}
	})
}

// Who is not content gets a second round: the order runs again, the case is open
// again, and only the second end settles it.
func TestAnOrderThatIsReopenedReopensItsCase(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		u := h.open(t, newClock(monday))
		w := found(u)
		r := w.community[north].residents[0]
		d := r.raise(clean)
		u.settle()
		oid := w.demand(d.ID).Order
		serve := func() {
			k := w.worker(w.order(oid).Worker.ID)
			k.phone.act(oid, "accept", nil)
			k.phone.act(oid, "finish", nil)
			u.settle()
		}
		serve()
		r.phone.act(oid, "confirm", object{"solved": false, "reason": "not-solved"})
		u.settle()
		if o := w.order(oid); o.State != "assigned" || o.Round != 2 {
			t.Fatalf("after the objection the order is %+v", o)
		}
		serve()
		post[object](r.phone, "/api/v1/ratings", object{"order_id": oid, "stars": 4})
		u.settle()
		if d = w.demand(d.ID); d.State != "closed" || d.Outcome != "served" {
			t.Fatalf("after the second round the case is %+v", d)
		}
		u.pass(time.Hour)
		w.desk.act(oid, "reopen", object{"reason": "came-back"})
		u.settle()
		if d = w.demand(d.ID); d.State != "ordered" || d.Outcome != "" {
			t.Errorf("with its order running again the case is %+v", d)
		}
		w.desk.act(oid, "fail", object{"reason": "not-feasible"})
		u.settle()
		if d = w.demand(d.ID); d.State != "closed" || d.Outcome != "failed" {
			t.Errorf("after the third round failed the case is %+v", d)
		}
	})
}
