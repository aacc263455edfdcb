package demand

import (
	"math/rand/v2"
	"testing"
	"time"

	"linli"
	"linli/decide/text"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, linli.Shanghai)

func TestEveryStateIsReachedAndEveryDemandCanEnd(t *testing.T) {
	t.Parallel()
	reach := func(from State) map[State]bool {
		seen := map[State]bool{from: true}
		for todo := []State{from}; len(todo) > 0; todo = todo[1:] {
			for _, next := range moves[todo[0]] {
				if !seen[next] {
					seen[next] = true
					todo = append(todo, next)
				}
			}
		}
		return seen
	}
	all := reach(Raised)
	if len(all) != len(moves) {
		t.Errorf("reachable from a new demand: %v", all)
	}
	for state := range moves {
		if _, worded := stateZh[state]; !worded {
			t.Errorf("%s has no word", state)
		}
		end := reach(state)
		if !end[Closed] && !end[Withdrawn] {
			t.Errorf("a demand that is %s never ends", state)
		}
		if state != Raised && CanMove(state, Raised) {
			t.Errorf("%s goes back to the beginning", state)
		}
		if CanMove(state, state) {
			t.Errorf("%s moves to itself", state)
		}
	}
}

// anyDemand makes a demand out of thin air.
func anyDemand(r *rand.Rand) (*Demand, *linli.Spec, bool) {
	pick := func(n int) int { return r.IntN(n) }
	sources := []Source{Phone, Counter, Ticket, Survey, Finding, Observation, Forecast}
	d := &Demand{Source: sources[pick(len(sources))], Certainty: r.Float64(), Urgency: pick(4), Attention: pick(3) == 0,
		SubmittedAt: monday.Add(time.Duration(pick(1000)) * time.Minute), Place: []linli.Place{street, east, bund, block3}[pick(4)]}
	d.Trust = d.Source.Trust()
	d.Confidence = min(1, d.Trust+r.Float64()/2)
	d.RaisedAt = d.SubmittedAt
	var spec *linli.Spec
	switch pick(3) {
	case 0:
		d.Office = "traffic"
	case 1:
		spec = &linli.Spec{Code: "plumbing", Item: "home-safety", Mode: linli.ByWorker, SLA: linli.P2}
	default:
		spec = &linli.Spec{Code: "bathing", Item: "elder-care", Mode: linli.ByWorker, SLA: linli.P4, Consent: "health"}
	}
	if spec != nil {
		d.Spec, d.Item = spec.Code, spec.Item
	}
	if pick(2) == 0 {
		d.Resident = "res_wang"
	}
	if pick(2) == 0 {
		d.Wish = linli.Window{From: monday.Add(time.Duration(pick(100)) * time.Hour)}
		if pick(2) == 0 {
			d.Wish.To = d.Wish.From.Add(time.Duration(1+pick(50)) * time.Hour)
		}
	}
	return d, spec, pick(4) > 0
}

func TestNothingGoesOnThatAPersonMustSeeFirst(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		d, spec, agreed := anyDemand(r)
		state, why := verdict(d, spec, agreed)
		switch {
		case !CanMove(Raised, state):
			t.Fatalf("a new demand cannot become %s", state)
		case (state == Queued || state == Hint) != (len(why) > 0):
			t.Fatalf("%s with reasons %v: a clerk must know what is asked", state, why)
		case d.Source == Forecast && state == ReadyTo:
			t.Fatalf("a forecast alone became an order: %+v", d)
		case state == ReadyTo && (spec == nil || d.Certainty < accept || d.Certainty*d.Confidence < accept || !agreed):
			t.Fatalf("went on without a service, certainty, trust or consent: %+v", d)
		case state == ReadyTo && d.Place.Depth() < linli.DepthEstate:
			t.Fatalf("a worker was sent to %s", d.Place)
		case state == ReadyTo && spec.Code == "bathing" && d.Resident == "":
			t.Fatal("a bath for nobody")
		case d.Attention && state == Referred:
			t.Fatalf("danger was sent away: %+v", d)
		case d.Attention && state == ReadyTo && classOf(spec, 3) != linli.P1:
			t.Fatal("danger is not urgent")
		}
	}
}

func TestACaseInheritsTheEarliestSubmissionAndLosesNothing(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		c, _, _ := anyDemand(r)
		d, _, _ := anyDemand(r)
		c.State = []State{Queued, Ordered, Referred, Hint}[r.IntN(4)]
		was := *c
		absorb(c, d)
		if c.SubmittedAt.After(was.SubmittedAt) || c.SubmittedAt.After(d.SubmittedAt) {
			t.Fatalf("submission %v of %v and %v", c.SubmittedAt, was.SubmittedAt, d.SubmittedAt)
		}
		if c.Confidence < max(was.Confidence, d.Confidence) || c.Confidence > 1 {
			t.Fatalf("confidence %v of %v and %v", c.Confidence, was.Confidence, d.Confidence)
		}
		if was.Spec != "" && c.Spec != was.Spec || was.Resident != "" && c.Resident != was.Resident || !was.Wish.IsZero() && c.Wish != was.Wish {
			t.Fatalf("the case forgot its own words: %+v became %+v", was, c)
		}
		if was.State == Ordered && (c.Place != was.Place || c.Urgency != was.Urgency) {
			t.Fatalf("what was agreed changed: %+v became %+v", was, c)
		}
		if !was.Place.Contains(c.Place) {
			t.Fatalf("the case moved from %s to %s", was.Place, c.Place)
		}
		if was.State != Ordered && c.Urgency < max(was.Urgency, d.Urgency) {
			t.Fatal("urgency fell")
		}
	}
}

func TestWishesOverlapBothWaysAndTrustIsAShare(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for range 20_000 {
		a, _, _ := anyDemand(r)
		b, _, _ := anyDemand(r)
		if overlap(a.Wish, b.Wish) != overlap(b.Wish, a.Wish) {
			t.Fatalf("%v and %v", a.Wish, b.Wish)
		}
		if !a.Wish.IsZero() && !overlap(a.Wish, a.Wish) {
			t.Fatalf("%v does not overlap itself", a.Wish)
		}
		if got := together(a.Trust, b.Trust); got < max(a.Trust, b.Trust) || got > 1 {
			t.Fatalf("together %v", got)
		}
	}
}

func TestOnlyOneMatterIsMergedWithoutAPerson(t *testing.T) {
	t.Parallel()
	long := "三号楼的电梯又坏了，停在四楼不动，老人上不去下不来，请尽快派人来修一修"
	day := func(n int) linli.Window {
		return linli.Window{From: monday.AddDate(0, 0, n), To: monday.AddDate(0, 0, n).Add(2 * time.Hour)}
	}
	base := func() (*Demand, *Demand) {
		c := &Demand{ID: "dem_a", State: Queued, Source: Ticket, Body: long, Place: bund, SubmittedAt: monday}
		d := &Demand{ID: "dem_b", State: Raised, Source: Ticket, Body: long, Place: bund, RaisedAt: monday.Add(time.Hour)}
		return c, d
	}
	for name, x := range map[string]struct {
		change func(c, d *Demand)
		cosine float64
		want   bool
	}{
		"the same words at the same place": {func(c, d *Demand) {}, 0.97, true},
		"almost the same words":            {func(c, d *Demand) {}, 0.89, false},
		"one named the building":           {func(c, d *Demand) { d.Place = block3 }, 0.97, true},
		"another estate":                   {func(c, d *Demand) { d.Place = "990001001002/001/lake" }, 0.97, false},
		"two residents who each need help": {func(c, d *Demand) { c.Resident, d.Resident = "res_wang", "res_li" }, 0.99, false},
		"one resident twice":               {func(c, d *Demand) { c.Resident, d.Resident = "res_wang", "res_wang" }, 0.99, true},
		"another service":                  {func(c, d *Demand) { c.Spec, d.Spec = "lift-fault", "plumbing" }, 0.99, false},
		"another day":                      {func(c, d *Demand) { c.Wish, d.Wish = day(1), day(2) }, 0.99, false},
		"the same day":                     {func(c, d *Demand) { c.Wish, d.Wish = day(1), day(1) }, 0.99, true},
		"a month later":                    {func(c, d *Demand) { d.RaisedAt = monday.AddDate(0, 0, 31) }, 0.99, false},
		"a closed case":                    {func(c, d *Demand) { c.State = Closed }, 0.99, false},
		"a case with an order":             {func(c, d *Demand) { c.State = Ordered }, 0.99, true},
		"too short to be sure":             {func(c, d *Demand) { c.Body, d.Body = "停电了", "停电了" }, 1, false},
		"itself":                           {func(c, d *Demand) { d.ID = c.ID }, 1, false},
	} {
		c, d := base()
		x.change(c, d)
		if got := twins(c, d, text.Match{ID: string(c.ID), Cosine: x.cosine}); got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	for name, x := range map[string]struct {
		change func(c, d *Demand)
		want   bool
	}{
		"same person, same service":           {func(c, d *Demand) {}, true},
		"another person":                      {func(c, d *Demand) { d.Resident = "res_li" }, false},
		"another service":                     {func(c, d *Demand) { d.Spec = "cleaning" }, false},
		"lunch tomorrow and the day after":    {func(c, d *Demand) { c.Wish, d.Wish = day(1), day(2) }, false},
		"31 days later":                       {func(c, d *Demand) { d.RaisedAt = monday.AddDate(0, 0, 31) }, false},
		"nobody, two tickets at one place":    {func(c, d *Demand) { c.Resident, d.Resident = "", "" }, false},
		"nobody, a forecast and a ticket":     {func(c, d *Demand) { c.Resident, d.Resident, c.Source = "", "", Forecast }, true},
		"nobody, a forecast for a whole grid": {func(c, d *Demand) { c.Resident, d.Resident, c.Source, c.Place, d.Place = "", "", Forecast, east, east }, false},
		"a withdrawn case":                    {func(c, d *Demand) { c.State = Withdrawn }, false},
	} {
		c, d := base()
		c.Spec, d.Spec, c.Resident, d.Resident = "meal-delivery", "meal-delivery", "res_wang", "res_wang"
		x.change(c, d)
		if got := sameNeed(c, d); got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestUrgencyOnlyEverShortensThePromise(t *testing.T) {
	t.Parallel()
	for _, class := range []linli.SLAClass{linli.P1, linli.P2, linli.P3, linli.P4} {
		spec := &linli.Spec{SLA: class}
		last := classOf(spec, 0)
		if last != class {
			t.Errorf("%s without urgency is %s", class, last)
		}
		for urgency := 1; urgency <= 3; urgency++ {
			if now := classOf(spec, urgency); now > last {
				t.Errorf("urgency %d turns %s into %s", urgency, last, now)
			} else {
				last = now
			}
		}
		if last != linli.P1 {
			t.Errorf("danger of %s is %s", class, last)
		}
	}
	if classOf(nil, 1) != linli.P3 {
		t.Error("an unknown service is ordinary")
	}
}

func FuzzTimesOfTicketsNeverPanic(f *testing.F) {
	for _, s := range []string{"2019-01-01 02:20:10", "2019/1/1 2:20", "43466.5", "20190101", "2019年1月1日", "", "无", "昨天", "2019-13-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, err := moment(s)
		if err != nil && !at.IsZero() {
			t.Errorf("%q gave both a time and an error", s)
		}
	})
}

func TestTicketFilesWriteTimesInManyWays(t *testing.T) {
	t.Parallel()
	want := time.Date(2019, 1, 2, 14, 5, 0, 0, linli.Shanghai)
	for _, s := range []string{"2019-01-02 14:05:00", "2019-01-02 14:05", "2019/1/2 14:05", "2019.1.2 14:05", "2019年1月2日 14:05", "2019-01-02T14:05:00+08:00", "43467.5868055556", " 2019-1-2 14:05 "} {
		at, err := moment(s)
		if err != nil || !at.Equal(want) {
			t.Errorf("%q: %v, %v", s, at, err)
		}
	}
	for _, s := range []string{"昨天", "2019-13-01", "12:30", "-1", "1e9", "2019-02-30"} {
		if at, err := moment(s); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("%q: %v, %v", s, at, err)
		}
	}
}
