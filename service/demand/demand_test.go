package demand

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/text"
	"linli/engine/blob/dir"
	"linli/engine/bus"
	"linli/engine/bus/sqlbus"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/engine/job"
)

// hub is one node with the service and what happened on its bus.
type hub struct {
	*Service
	t     *testing.T
	d     db.DB
	bus   bus.Bus
	jobs  *job.Runner
	town  *town
	clock *atomic.Int64
	seq   int64
}

func open(t *testing.T, d db.DB) *hub {
	t.Helper()
	h := &hub{t: t, d: d, clock: &atomic.Int64{}}
	h.clock.Store(monday.UnixMilli())
	now := func() time.Time { return linli.Time(h.clock.Load()) }
	log := slog.New(slog.DiscardHandler)
	h.bus, h.jobs = sqlbus.New(d, now, log), job.New(d, now, log)
	var err error
	if h.town, err = newTown(); err != nil {
		t.Fatal(err)
	}
	blobs, err := dir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := auth.NewAccounts(t.Context(), d, now, now); err != nil { // the audit trail
		t.Fatal(err)
	}
	h.Service, err = New(t.Context(), Deps{DB: d, Bus: h.bus, Timers: h.jobs, Blobs: blobs, Now: now, Log: log, Catalog: h.town, Places: h.town, Residents: h.town})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// node is another process of the same hub.
func (h *hub) node() *hub {
	h.t.Helper()
	other := open(h.t, h.d)
	other.clock.Store(h.clock.Load())
	return other
}

func (h *hub) pass(d time.Duration) { h.clock.Add(int64(d / time.Millisecond)) }

// events lists what was told since the last call: it tells a mark and reads up to it.
func (h *hub) events() []bus.Event {
	h.t.Helper()
	mark := linli.NewID("mark", monday)
	if err := h.write(func(_ context.Context, tx db.Tx) error {
		return h.bus.Publish(tx, bus.Pack("test.mark", mark, "", monday, nil))
	}); err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(h.t.Context(), 10*time.Second)
	defer cancel()
	var out []bus.Event
	read := errors.New("read up to the mark")
	if err := h.bus.Tail(ctx, h.seq, func(e bus.Event) error {
		h.seq = e.Seq
		switch {
		case e.Key == mark:
			return read
		case e.Kind != "test.mark":
			out = append(out, e)
		}
		return nil
	}); err != read {
		h.t.Fatal(err)
	}
	return out
}

func kinds(events []bus.Event) []string {
	var out []string
	for _, e := range events {
		out = append(out, e.Kind)
	}
	return out
}

func payload[T any](t *testing.T, events []bus.Event, kind string) T {
	t.Helper()
	var v T
	for _, e := range events {
		if e.Kind == kind {
			if err := json.Unmarshal(e.Data, &v); err != nil {
				t.Fatal(err)
			}
			return v
		}
	}
	t.Fatalf("no %s among %v", kind, kinds(events))
	return v
}

var (
	wang  = &auth.Principal{User: "usr_wang", Name: "王秀英", Resident: "res_wang", Grants: []auth.Grant{{Role: "resident"}}}
	li    = &auth.Principal{User: "usr_li", Name: "李国强", Resident: "res_li", Grants: []auth.Grant{{Role: "resident"}}}
	clerk = &auth.Principal{User: "usr_clerk", Name: "陈静", Grants: []auth.Grant{{Role: "duty-officer", Place: street}}}
)

// say takes one draft in.
func (h *hub) say(p *auth.Principal, f Draft) *Demand {
	h.t.Helper()
	if f.Source == "" {
		f.Source = Phone
	}
	if f.Fallback == "" {
		f.Fallback = street
	}
	out, err := h.Intake(h.t.Context(), p, []Draft{f}, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return out[0]
}

func (h *hub) get(id linli.DemandID) *Demand {
	h.t.Helper()
	var d *Demand
	if err := h.d.Read(h.t.Context(), func(tx db.Tx) (err error) {
		d, err = one(tx, id)
		return err
	}); err != nil {
		h.t.Fatal(err)
	}
	return d
}

func (h *hub) write(fn func(ctx context.Context, tx db.Tx) error) error {
	h.t.Helper()
	ctx := h.t.Context()
	return h.d.Write(ctx, func(tx db.Tx) error { return fn(ctx, tx) })
}

func TestAClearWishBecomesReadyAtOnceWithEverythingAnOrderNeeds(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := open(t, d)
		wish := linli.Window{From: monday.Add(24 * time.Hour), To: monday.Add(26 * time.Hour)}
		got := h.say(wang, Draft{Body: "老人洗澡不方便，请派人上门助浴", Resident: "res_wang", Wish: wish})
		if got.State != ReadyTo || got.Spec != "bathing" || got.Item != "elder-care" || got.Place != homes["res_wang"] || got.Certainty < accept {
			t.Fatalf("%+v", got)
		}
		events := h.events()
		if want := []string{EventRaised, EventUnderstood, EventReady}; !slices.Equal(kinds(events), want) {
			t.Errorf("told %v, want %v", kinds(events), want)
		}
		ready := payload[Ready](t, events, EventReady)
		want := Ready{Demand: got.ID, Rev: 1, State: ReadyTo, Source: Phone, Resident: "res_wang", LengthS: 5400, SubmittedAt: monday.UnixMilli(),
			Need: linli.Need{Item: "elder-care", Spec: "bathing", Resident: "res_wang", Place: homes["res_wang"], At: linli.Point{Lng: 121.49, Lat: 31.24},
				Wish: ready.Need.Wish, SLA: linli.P4, Persons: 2, Skills: []linli.Skill{{Code: "bathing", Level: 1}}}}
		if !reflect.DeepEqual(ready, want) || !ready.Need.Wish.From.Equal(wish.From) || !ready.Need.Wish.To.Equal(wish.To) {
			t.Errorf("ready %+v\nwant  %+v", ready, want)
		}
		if stored := h.get(got.ID); !reflect.DeepEqual(stored.Understood.Words, got.Understood.Words) || stored.DueAt != monday.Add(30*time.Minute) {
			t.Errorf("stored %+v", stored)
		}
	})
}

func TestWhatIsUnclearWaitsAndWhatIsNotOursIsReferred(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := open(t, d)
		h.town.refused["res_li"] = true
		for name, c := range map[string]struct {
			p     *auth.Principal
			draft Draft
			state State
			why   []Why
		}{
			"nothing said that we know":       {wang, Draft{Body: "你好，有件事想问问", Resident: "res_wang"}, Queued, []Why{Unclear}},
			"only a photo":                    {wang, Draft{Spec: "", Body: "看图", Resident: "res_wang"}, Queued, []Why{Unclear}},
			"another office's":                {clerk, Draft{Source: Ticket, Body: "公交车半小时不来一班"}, Referred, nil},
			"a chosen service":                {wang, Draft{Spec: "haircut", Resident: "res_wang"}, ReadyTo, nil},
			"a worker sent to a whole street": {clerk, Draft{Source: Ticket, Body: "家里马桶堵了"}, Queued, []Why{NoPlace}},
			"a meal for nobody":               {clerk, Draft{Source: Ticket, Body: "想订午餐", Place: block3}, Queued, []Why{NoPerson}},
			"no consent":                      {li, Draft{Spec: "bathing", Resident: "res_li"}, Queued, []Why{NoConsent}},
			"a finding alone":                 {clerk, Draft{Source: Finding, Spec: "home-visit", Resident: "res_zhao"}, Queued, []Why{Untrusted}},
			"an observation":                  {clerk, Draft{Source: Observation, Spec: "patrol", Place: block3}, ReadyTo, nil},
			"a forecast":                      {clerk, Draft{Source: Forecast, Spec: "dine-in", Place: bund}, Hint, []Why{NoPerson, OnlyHint}},
		} {
			got := h.say(c.p, c.draft)
			if got.State != c.state || !slices.Equal(got.Why, c.why) {
				t.Errorf("%s: %s %v, want %s %v (read as %s %s %.2f)", name, got.State, got.Why, c.state, c.why, got.Spec, got.Office, got.Certainty)
			}
		}
	})
}

func TestDangerGoesOnAtOnceAndIsLookedAtAsWell(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := open(t, d)
		got := h.say(wang, Draft{Body: "厨房有煤气味，快来人", Resident: "res_wang"})
		if got.State != ReadyTo || got.Spec != "gas-check" || !got.Attention || got.Urgency != 3 || got.DueAt != monday.Add(time.Minute) {
			t.Fatalf("%+v", got)
		}
		if ready := payload[Ready](t, h.events(), EventReady); ready.Need.SLA != linli.P1 {
			t.Errorf("danger is %s", ready.Need.SLA)
		}
		waits := h.say(wang, Draft{Body: "他说活着没意思", Resident: "res_wang"})
		if waits.State == Referred || !waits.Attention || waits.Urgency != 3 {
			t.Errorf("%+v", waits)
		}
		if _, err := h.Attend(t.Context(), clerk, got.ID, "已打电话，人没事"); err != nil {
			t.Fatal(err)
		}
		if h.get(got.ID).Attention {
			t.Error("still asks for attention")
		}
		if _, err := h.Attend(t.Context(), clerk, got.ID, ""); linli.KindOf(err) != linli.KindConflict {
			t.Errorf("looked at twice: %v", err)
		}
	})
}

func TestACorrectionTeachesAtOnceSurvivesARestartReachesOtherNodesAndCanBeTakenBack(t *testing.T) {
	t.Parallel()
	dbtest.EachHome(t, func(t *testing.T, home func() db.DB) {
		h := open(t, home())
		other := h.node()
		ctx := t.Context()
		const odd = "想请人来把阿公拾掇拾掇，他自己弄不来"
		before, err := h.read(ctx, text.Doc{Body: odd}, monday)
		if err != nil {
			t.Fatal(err)
		}
		d := h.say(wang, Draft{Body: odd, Resident: "res_wang"})
		if d.State != Queued {
			t.Fatalf("read as %s at %.2f", d.Spec, d.Certainty)
		}
		done, err := h.Classify(ctx, clerk, d.ID, Triage{Spec: "living-care"})
		if err != nil || done.State != ReadyTo || done.Spec != "living-care" {
			t.Fatalf("%+v, %v", done, err)
		}
		learned := func(name string, s *Service) {
			t.Helper()
			u, err := s.read(ctx, text.Doc{Body: odd}, monday)
			if err != nil || u.Spec != "living-care" || u.Certainty <= before.Certainty || len(u.Words) == 0 || u.Words[0].Source != "correction" {
				t.Errorf("%s: %s at %.2f because of %+v, %v", name, u.Spec, u.Certainty, u.Words, err)
			}
		}
		learned("the same process", h.Service)
		corrected := payload[Corrected](t, h.events(), EventCorrected)
		for _, e := range other.events() {
			if err := other.Hear(ctx, e); err != nil {
				t.Fatal(err)
			}
		}
		learned("another node", other.Service)
		again := open(t, home())
		learned("after a restart", again.Service)

		if err := again.Revoke(ctx, clerk, corrected.Correction); err != nil {
			t.Fatal(err)
		}
		for _, e := range other.events() {
			if err := other.Hear(ctx, e); err != nil {
				t.Fatal(err)
			}
		}
		for name, s := range map[string]*Service{"here": again.Service, "on another node": other.Service, "after a restart": open(t, home()).Service} {
			if u, err := s.read(ctx, text.Doc{Body: odd}, monday); err != nil || !reflect.DeepEqual(u, before) {
				t.Errorf("revoked, %s: %+v, want %+v, %v", name, u, before, err)
			}
		}
		if err := again.Revoke(ctx, clerk, corrected.Correction); linli.KindOf(err) != linli.KindConflict {
			t.Errorf("revoked twice: %v", err)
		}
		if err := again.Revoke(ctx, wang, corrected.Correction); linli.KindOf(err) != linli.KindNotFound {
			t.Errorf("revoked by a resident: %v", err)
		}
	})
}

func TestOfTwoClerksOnlyTheFirstDecides(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := open(t, d)
		dem := h.say(wang, Draft{Body: "有件事想问问", Resident: "res_wang"})
		h.events()
		var wait sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			wait.Go(func() {
				_, errs[i] = h.Classify(t.Context(), clerk, dem.ID, Triage{Spec: []linli.SpecCode{"cleaning", "haircut"}[i%2]})
			})
		}
		wait.Wait()
		good := 0
		for _, err := range errs {
			switch linli.KindOf(err) {
			case "":
				good++
			case linli.KindConflict:
			default:
				t.Error(err)
			}
		}
		events := h.events()
		ready := slices.DeleteFunc(kinds(events), func(k string) bool { return k != EventReady })
		if good != 1 || len(ready) != 1 {
			t.Errorf("%d clerks decided, %d orders will be opened", good, len(ready))
		}
	})
}

func TestBadTriageChangesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := open(t, d)
		ctx := t.Context()
		dem := h.say(clerk, Draft{Source: Ticket, Body: "有件事想问问"})
		h.events()
		for name, c := range map[string]struct {
			p    *auth.Principal
			t    Triage
			kind linli.Kind
		}{
			"neither service nor office": {clerk, Triage{}, linli.KindInvalid},
			"both":                       {clerk, Triage{Spec: "cleaning", Office: "traffic"}, linli.KindInvalid},
			"an unknown service":         {clerk, Triage{Spec: "none"}, linli.KindInvalid},
			"an unknown office":          {clerk, Triage{Office: "none"}, linli.KindInvalid},
			"a worker to a whole street": {clerk, Triage{Spec: "plumbing"}, linli.KindInvalid},
			"a broken place":             {clerk, Triage{Spec: "plumbing", Place: "x/y"}, linli.KindInvalid},
			"another street's place":     {clerk, Triage{Spec: "plumbing", Place: "990009009009/001/x"}, linli.KindInvalid},
			"an unknown resident":        {clerk, Triage{Spec: "haircut", Resident: "res_none"}, linli.KindInvalid},
			"a wish that ends too early": {clerk, Triage{Spec: "haircut", Resident: "res_li", Wish: linli.Window{From: monday, To: monday}}, linli.KindInvalid},
			"a stale revision":           {clerk, Triage{Spec: "haircut", Resident: "res_li", Rev: 7}, linli.KindConflict},
			"a clerk of another street":  {&auth.Principal{User: "u", Grants: []auth.Grant{{Role: "duty-officer", Place: "990009009"}}}, Triage{Office: "traffic"}, linli.KindNotFound},
			"a resident":                 {wang, Triage{Office: "traffic"}, linli.KindNotFound},
		} {
			if _, err := h.Classify(ctx, c.p, dem.ID, c.t); linli.KindOf(err) != c.kind {
				t.Errorf("%s: %v, want %s", name, err, c.kind)
			}
		}
		if now := h.get(dem.ID); now.Rev != dem.Rev || now.State != Queued || len(h.events()) != 0 {
			t.Errorf("something changed: %+v", now)
		}
		if got, err := h.Classify(ctx, clerk, dem.ID, Triage{Spec: "haircut", Resident: "res_li"}); err != nil || got.Place != homes["res_li"] || got.State != ReadyTo {
			t.Errorf("a resident found for a ticket: %+v, %v", got, err)
		}
	})
}

func TestTheSameNeedOfOnePersonIsOneCaseAndEverybodyIsInformed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := open(t, d)
		ctx := t.Context()
		first := h.say(wang, Draft{Body: "家里马桶堵了", Resident: "res_wang"})
		if first.State != ReadyTo {
			t.Fatalf("%+v", first)
		}
		if err := h.write(func(ctx context.Context, tx db.Tx) error { return h.Ordered(ctx, tx, first.ID, "ord_1") }); err != nil {
			t.Fatal(err)
		}
		h.pass(2 * time.Hour)
		h.events()
		daughter := &auth.Principal{User: "usr_daughter", Name: "周敏", Wards: []linli.ResidentID{"res_wang"}}
		second := h.say(daughter, Draft{Body: "我妈家马桶堵了还没人来", Resident: "res_wang", RaisedAt: monday.Add(-time.Hour)})
		if second.State != Merged || second.MergedInto != first.ID {
			t.Fatalf("%+v", second)
		}
		events := h.events()
		merged := payload[Event](t, events, EventMerged)
		if merged.Into != first.ID || merged.SubmittedAt != monday.Add(-time.Hour).UnixMilli() {
			t.Errorf("merged %+v", merged)
		}
		if c := h.get(first.ID); !c.SubmittedAt.Equal(monday.Add(-time.Hour)) || c.State != Ordered || !c.DueAt.Equal(monday.Add(-50*time.Minute)) {
			t.Errorf("the case %+v", c)
		}
		if err := h.write(func(ctx context.Context, tx db.Tx) error { return h.Progress(ctx, tx, first.ID, "arrived") }); err != nil {
			t.Fatal(err)
		}
		var told []linli.DemandID
		for _, e := range h.events() {
			var p Progress
			if err := json.Unmarshal(e.Data, &p); err != nil || e.Kind != EventProgress || p.What != "arrived" || p.Case != first.ID || p.Resident != "res_wang" {
				t.Errorf("%s %+v %v", e.Kind, p, err)
			}
			told = append(told, p.Demand)
		}
		if !slices.Equal(told, []linli.DemandID{second.ID, first.ID}) { // by time of submission
			t.Errorf("told %v", told)
		}

		lone, err := h.Unmerge(ctx, clerk, second.ID)
		if err != nil || lone.State != Queued || lone.MergedInto != "" || !slices.Equal(lone.Why, []Why{Unmerged}) {
			t.Fatalf("%+v, %v", lone, err)
		}
		if c := h.get(first.ID); !c.SubmittedAt.Equal(monday) {
			t.Errorf("the case keeps a submission that is not its own: %v", c.SubmittedAt)
		}
		if _, err := h.Unmerge(ctx, clerk, second.ID); linli.KindOf(err) != linli.KindConflict {
			t.Errorf("taken out twice: %v", err)
		}
		if err := h.write(func(ctx context.Context, tx db.Tx) error { return h.Settle(ctx, tx, first.ID, Served) }); err != nil {
			t.Fatal(err)
		}
		if third := h.say(wang, Draft{Body: "家里马桶又堵了", Resident: "res_wang"}); third.MergedInto == first.ID {
			t.Error("a new need joined a closed case")
		}
	})
}

func TestAForecastBecomesPartOfTheRealNeedOrWaitsForAPersonOrExpires(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := open(t, d)
		ctx := t.Context()
		forecast := func(res linli.ResidentID, spec linli.SpecCode) *Demand {
			return h.say(clerk, Draft{Source: Forecast, Spec: spec, Resident: res, System: "forecast:v1", ExternalID: string(res) + string(spec)})
		}
		hint := forecast("res_wang", "home-visit")
		again := h.say(clerk, Draft{Source: Forecast, Spec: "home-visit", Resident: "res_wang", System: "forecast:v2", ExternalID: "1"})
		if hint.State != Hint || again.State != Merged || h.get(hint.ID).State != Hint {
			t.Fatalf("two forecasts: %s and %s, case %s", hint.State, again.State, h.get(hint.ID).State)
		}
		real := h.say(wang, Draft{Body: "请安排人上门探访", Resident: "res_wang"})
		if real.State != ReadyTo || real.Confidence != 1 {
			t.Errorf("the real need: %+v", real)
		}
		for _, id := range []linli.DemandID{hint.ID, again.ID} {
			if f := h.get(id); f.State != Merged || f.MergedInto != real.ID {
				t.Errorf("the forecast is %s in %s", f.State, f.MergedInto)
			}
		}
		confirmed := forecast("res_li", "call-visit")
		got, err := h.Confirm(ctx, clerk, confirmed.ID, 0)
		if err != nil || got.State != ReadyTo {
			t.Errorf("confirmed: %+v, %v", got, err)
		}
		if _, err := h.Confirm(ctx, clerk, confirmed.ID, 0); linli.KindOf(err) != linli.KindConflict {
			t.Errorf("confirmed twice: %v", err)
		}
		late := forecast("res_zhao", "call-visit")
		h.pass(29 * 24 * time.Hour)
		if err := h.write(func(_ context.Context, tx db.Tx) error { return h.expire(tx) }); err != nil || h.get(late.ID).State != Hint {
			t.Errorf("expired early: %v", err)
		}
		h.pass(2 * 24 * time.Hour)
		if err := h.write(func(_ context.Context, tx db.Tx) error { return h.expire(tx) }); err != nil {
			t.Fatal(err)
		}
		if f := h.get(late.ID); f.State != Closed || f.Outcome != Expired {
			t.Errorf("late: %s %s", f.State, f.Outcome)
		}
	})
}

func TestAFindingGoesOnWhenAnotherSourceJoins(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := open(t, d)
		found := h.say(clerk, Draft{Source: Finding, Spec: "home-visit", Resident: "res_zhao", System: "data:meter", ExternalID: "1"})
		if found.State != Queued {
			t.Fatalf("%+v", found)
		}
		h.events()
		seen := h.say(clerk, Draft{Source: Observation, Spec: "home-visit", Resident: "res_zhao"})
		c := h.get(found.ID)
		if seen.State != Merged || seen.MergedInto != c.ID || c.State != ReadyTo || c.Confidence < 0.93 {
			t.Errorf("seen %s, case %s at %.2f", seen.State, c.State, c.Confidence)
		}
		if ready := payload[Ready](t, h.events(), EventReady); ready.Demand != found.ID || ready.Rev != c.Rev {
			t.Errorf("ready %+v, case rev %d", ready, c.Rev)
		}
	})
}

func TestAnOrderIsNotedOnceAndSettlesTheCase(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := open(t, d)
		dem := h.say(wang, Draft{Spec: "haircut", Resident: "res_wang"})
		step := func(fn func(ctx context.Context, tx db.Tx) error) linli.Kind { return linli.KindOf(h.write(fn)) }
		ordered := func(id linli.OrderID) linli.Kind {
			return step(func(ctx context.Context, tx db.Tx) error { return h.Ordered(ctx, tx, dem.ID, id) })
		}
		settle := func(o Outcome) linli.Kind {
			return step(func(ctx context.Context, tx db.Tx) error { return h.Settle(ctx, tx, dem.ID, o) })
		}
		needed := func() (ok bool) {
			if err := h.write(func(ctx context.Context, tx db.Tx) (err error) {
				ok, err = h.Needed(ctx, tx, dem.ID)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return ok
		}
		if !needed() || ordered("ord_1") != "" || needed() || ordered("ord_1") != "" {
			t.Fatal("an order was not noted, or asked for twice")
		}
		if k := ordered("ord_2"); k != linli.KindConflict {
			t.Errorf("a second order: %v", k)
		}
		if k := settle("whatever"); k != linli.KindInvalid {
			t.Errorf("an unknown outcome: %v", k)
		}
		if settle(Served) != "" || settle(Failed) != "" {
			t.Error("settling failed")
		}
		if got := h.get(dem.ID); got.State != Closed || got.Outcome != Served || got.ClosedAt.IsZero() {
			t.Errorf("%+v", got)
		}
		if ordered("ord_1") != "" || h.get(dem.ID).State != Ordered {
			t.Error("a reopened order did not reopen its demand")
		}
		if k := linli.KindOf(h.write(func(ctx context.Context, tx db.Tx) error { return h.Settle(ctx, tx, "dem_none", Served) })); k != linli.KindNotFound {
			t.Errorf("settling nothing: %v", k)
		}
	})
}

func TestTakingAVoiceBackNeverTakesAwayAnotherPersonsNeed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := open(t, d)
		ctx := t.Context()
		mine := h.say(wang, Draft{Body: "电梯坏了，老人下不去", Resident: "res_wang"})
		theirs := h.say(li, Draft{Body: "电梯坏了，孩子上不了学", Resident: "res_li"})
		if _, err := h.Merge(ctx, wang, theirs.ID, mine.ID, 0); linli.KindOf(err) != linli.KindNotFound {
			t.Errorf("a resident merged: %v", err)
		}
		if _, err := h.Merge(ctx, clerk, theirs.ID, theirs.ID, 0); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("merged into itself: %v", err)
		}
		if _, err := h.Merge(ctx, clerk, theirs.ID, mine.ID, 0); err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.Withdraw(ctx, li, mine.ID, ""); linli.KindOf(err) != linli.KindNotFound {
			t.Errorf("withdrew a neighbor's: %v", err)
		}
		_, left, err := h.Withdraw(ctx, wang, mine.ID, "修好了")
		if err != nil || !left || h.get(mine.ID).State != ReadyTo {
			t.Fatalf("left %v, %v, case %s", left, err, h.get(mine.ID).State)
		}
		h.events()
		if err := h.write(func(ctx context.Context, tx db.Tx) error { return h.Progress(ctx, tx, mine.ID, "arrived") }); err != nil {
			t.Fatal(err)
		}
		if told := h.events(); len(told) != 1 || told[0].Key != string(theirs.ID) {
			t.Errorf("told %v", told)
		}
		if _, left, err = h.Withdraw(ctx, clerk, mine.ID, "误报"); err != nil || left {
			t.Fatal(left, err)
		}
		if a, b := h.get(mine.ID), h.get(theirs.ID); a.State != Withdrawn || b.State != Withdrawn {
			t.Errorf("after the desk withdrew: %s and %s", a.State, b.State)
		}
		if _, _, err := h.Withdraw(ctx, clerk, mine.ID, ""); linli.KindOf(err) != linli.KindConflict {
			t.Errorf("withdrawn twice: %v", err)
		}
		events := kinds(h.events())
		if !slices.Contains(events, EventWithdrawn) {
			t.Errorf("told %v", events)
		}
	})
}

func TestTheQueueIsSortedByTimeLeftAndPagesWithoutGaps(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := open(t, d)
		var drafts []Draft
		for i := range 23 {
			drafts = append(drafts, Draft{Source: Ticket, Body: "有件事想问问", System: "12345", ExternalID: linli.NewID("x", monday), Fallback: []linli.Place{east, west}[i%2],
				RaisedAt: monday.Add(-time.Duration(i*i%17) * time.Hour)})
		}
		if _, err := h.Intake(t.Context(), clerk, drafts, nil); err != nil {
			t.Fatal(err)
		}
		scope := clerk.Scope("demand.read")
		for _, newest := range []bool{false, true} {
			var seen []*Demand
			f := Filter{Limit: 5, Newest: newest}
			for {
				var page []*Demand
				if err := d.Read(t.Context(), func(tx db.Tx) (err error) {
					page, err = h.queue(tx, scope, f)
					return err
				}); err != nil {
					t.Fatal(err)
				}
				seen = append(seen, page...)
				if len(page) < f.Limit {
					break
				}
				f.After = f.after(page[len(page)-1])
			}
			ids := map[linli.DemandID]bool{}
			for i, x := range seen {
				ids[x.ID] = true
				if i > 0 && !newest && x.DueAt.Before(seen[i-1].DueAt) {
					t.Errorf("row %d has less time left than the one before", i)
				}
			}
			if len(seen) != 23 || len(ids) != 23 {
				t.Errorf("%d rows, %d different", len(seen), len(ids))
			}
		}
		list := func(scope auth.Scope, f Filter) int {
			f.Limit = 100
			n := 0
			if err := d.Read(t.Context(), func(tx db.Tx) error {
				page, err := h.queue(tx, scope, f)
				n = len(page)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		inEast := (&auth.Principal{User: "x", Grants: []auth.Grant{{Role: "grid-worker", Place: east}}}).Scope("demand.read")
		for name, c := range map[string]struct{ got, want int }{
			"the street":              {list(scope, Filter{}), 23},
			"one community":           {list(inEast, Filter{}), 12},
			"nobody":                  {list(auth.Scope{}, Filter{}), 0},
			"one community by filter": {list(scope, Filter{Place: west}), 11},
			"queued":                  {list(scope, Filter{States: []State{Queued}}), 23},
			"ready or closed":         {list(scope, Filter{States: []State{ReadyTo, Closed}}), 0},
			"by words":                {list(scope, Filter{Search: "想问"}), 23},
			"by other words":          {list(scope, Filter{Search: "煤气"}), 0},
			"tickets":                 {list(scope, Filter{Source: Ticket}), 23},
			"with danger":             {list(scope, Filter{Attention: true}), 0},
		} {
			if c.got != c.want {
				t.Errorf("%s: %d rows, want %d", name, c.got, c.want)
			}
		}
		var n Counts
		if err := d.Read(t.Context(), func(tx db.Tx) (err error) {
			n, err = counts(tx, inEast, monday, monday.Add(-9*time.Hour))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if want := (Counts{Open: map[State]int64{Queued: 12}, Sources: map[Source]int64{Ticket: 12}, Overdue: n.Overdue, Today: map[State]int64{Queued: 12}}); !reflect.DeepEqual(n, want) || n.Overdue == 0 {
			t.Errorf("counts %+v", n)
		}
	})
}

func TestThePublishedViewHasItsColumns(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := open(t, d)
		dem := h.say(wang, Draft{Spec: "haircut", Resident: "res_wang"})
		var id linli.DemandID
		var ready int64
		if err := d.Read(t.Context(), func(tx db.Tx) error {
			var rest [12]any
			return tx.QueryRow(`SELECT id, source, state, item, spec, place, submitted_at, ready_at, merged_into, confidence, withdrawn_at, wish_from, wish_to, test FROM demand_pub_demand`).
				Scan(&id, &rest[0], &rest[1], &rest[2], &rest[3], &rest[4], &rest[5], &ready, &rest[6], &rest[7], &rest[8], &rest[9], &rest[10], &rest[11])
		}); err != nil || id != dem.ID || ready != monday.UnixMilli() {
			t.Errorf("%s ready at %d, %v", id, ready, err)
		}
	})
}

func TestTicketsInTheSameWordsAreOneCaseAndLikeOnesAreShownToTheClerk(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := open(t, d)
		const words = "外滩公寓三号楼的电梯这个月坏了四次，昨天又停在六楼，老人孩子上下楼都很困难，请尽快安排检修"
		ticket := func(id, body string, at time.Time) *Demand {
			return h.say(clerk, Draft{Source: Ticket, System: "12345", ExternalID: id, Title: "电梯经常坏", Body: body, RaisedAt: at, Alias: "U" + id})
		}
		first := ticket("1", words, monday.Add(-time.Hour))
		twin := ticket("2", words+"。", monday.Add(-3*time.Hour))
		like := ticket("3", "外滩公寓三号楼的电梯昨天又停在六楼，大家意见很大，希望换新电梯", monday.Add(-2*time.Hour))
		late := ticket("4", words, monday.Add(-40*24*time.Hour))
		if twin.State != Merged || twin.MergedInto != first.ID || h.get(first.ID).SubmittedAt != twin.RaisedAt {
			t.Errorf("the twin is %s, the case counts from %v", twin.State, h.get(first.ID).SubmittedAt)
		}
		if like.State == Merged || like.Near == "" || like.NearScore < suggestFrom {
			t.Errorf("a like one is %s, near %q at %.2f", like.State, like.Near, like.NearScore)
		}
		if late.State == Merged {
			t.Error("a ticket of forty days before joined")
		}
		var seen Detail
		if err := d.Read(t.Context(), func(tx db.Tx) (err error) {
			seen, err = h.detail(tx, clerk, h.get(like.ID))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if len(seen.Similar) == 0 || len(seen.Similar[0].Shared) == 0 {
			t.Fatalf("similar %+v", seen.Similar)
		}
		text := []rune(h.get(like.ID).doc().Text())
		for _, p := range seen.Similar[0].Shared {
			if string(text[p.From:p.To]) != p.Text {
				t.Errorf("passage %+v is not in the text", p)
			}
		}
		// Another process reads the texts of the last thirty days anew.
		again := h.node()
		if third := again.say(clerk, Draft{Source: Ticket, System: "12345", ExternalID: "5", Title: "电梯经常坏", Body: words, Alias: "U5"}); third.MergedInto != first.ID {
			t.Errorf("after a restart the twin is %s in %q", third.State, third.MergedInto)
		}
	})
}
