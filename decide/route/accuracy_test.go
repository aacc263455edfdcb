package route

import (
	"context"
	"math"
	"slices"
	"testing"

	"linli"
)

// madeDay is a day of visits with hard windows and skills, some for two.
func madeDay(seed uint64, visits, workers int) Day {
	s := made{visits: visits, workers: workers, windows: true, skills: true}.spec(seed)
	d := Day{Places: s.Places, Travel: s.Travel, Workers: s.Workers}
	r := newRng(seed, 31)
	for _, v := range s.Visits {
		o := Order{Visit: v, Persons: 1 + r.n(5)/4, Withdrawn: r.n(12) == 0}
		if len(v.Windows) > 0 {
			o.Known = v.Windows[0].Open - int32(r.n(7200))
		}
		d.Orders = append(d.Orders, o)
	}
	return d
}

// hastily serves every order at the cheapest place, as they come.
func hastily(t *testing.T, d *Day) Life {
	t.Helper()
	h, err := newHindsight(d, nil)
	if err != nil {
		t.Fatal(err)
	}
	pl := h.problem.Empty()
	for _, v := range h.visits {
		if len(v) == 0 {
			continue
		}
		cs, err := Insert(pl, v[0])
		if err != nil {
			t.Fatal(err)
		}
		if len(cs) > 0 {
			if err := pl.Commit(cs[0]); err != nil {
				t.Fatal(err)
			}
		}
	}
	return h.life(pl)
}

// life is a plan as if it had been lived.
func (h *hindsight) life(pl *Plan) (out Life) {
	for _, t := range pl.Tours() {
		for _, s := range t.Stops {
			i := h.owner[s.Visit]
			out.Trips = append(out.Trips, Trip{Order: i, Worker: t.Worker, Left: max(s.Start-600, h.d.Orders[i].Known), Start: s.Start, End: s.Start + h.d.Orders[i].Visit.Duration})
		}
	}
	out.Promises = len(out.Trips)
	return out
}

var quick = Effort{Searches: 1, Iterations: 200, Polish: 50}

func judged(t *testing.T, d Day, effort Effort, lives ...Life) *Judgment {
	t.Helper()
	j, err := Judge(context.Background(), d, effort, 1, lives...)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestHindsightDominatesEveryLifeAndTheCheckCanFail(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		d := madeDay(seed, 24, 4)
		life := hastily(t, &d)
		j := judged(t, d, quick, life, Life{})
		if bad := j.Undominated(); len(bad) > 0 || len(j.Hindsight.Check()) > 0 || len(j.Lives[0].Beyond) > 0 {
			t.Fatalf("seed %d: %v, %v, %v", seed, bad, j.Hindsight.Check(), j.Lives[0].Beyond)
		}
		for _, a := range j.Lives {
			if a.Served+a.Impossible+a.CrowdedOut != a.Requested || a.Accurate > a.Served {
				t.Fatalf("seed %d: the counts do not add up: %+v", seed, a.Counts)
			}
		}
		j.Hindsight = j.Lives[1].Plan // that of the life without a trip
		if !slices.Equal(j.Undominated(), []int{0}) {
			t.Fatalf("seed %d: the empty plan dominates", seed)
		}
	}
}

func TestWhoLivesAsHindsightWouldIsAccurate(t *testing.T) {
	t.Parallel()
	d := madeDay(3, 20, 4)
	best := judged(t, d, Effort{Searches: 2, Iterations: 2000, Polish: 200}, hastily(t, &d)).Hindsight
	h, err := newHindsight(&d, nil)
	if err != nil {
		t.Fatal(err)
	}
	a := &judged(t, d, quick, h.life(best)).Lives[0]
	if a.Accurate != a.Served || a.Served < 10 || a.Served != a.Counts.Hindsight || a.CostRatio() != 1 || len(a.Early) > 0 {
		t.Fatalf("%+v, ratio %v", a.Counts, a.CostRatio())
	}
}

// twoOrders: one worker at place 0, an order each at places 1 and 2, ten
// minutes and far away; a second worker far from everything.
func twoOrders() (Day, Life) {
	const far = 3000
	d := Day{Places: 4, Travel: [][]int32{{
		0, 600, 600, far,
		600, 0, 60, far,
		600, 60, 0, far,
		far, far, far, 0,
	}}}
	for w := range 2 {
		d.Workers = append(d.Workers, Worker{Start: 3 * w, End: Anywhere, Shifts: []Shift{{0, 8 * hour, 0}}, Skills: []Skill{{Code: 7, Level: 2, Until: 4 * hour}}})
	}
	for k := range 2 {
		d.Orders = append(d.Orders, Order{Visit: Visit{Place: 1 + k, Duration: 1200, Windows: []Window{{hour, 2 * hour}}}})
	}
	return d, Life{Promises: 2, Changes: 1, Trips: []Trip{
		{Order: 0, Worker: 0, Left: hour, Start: hour + 600, End: hour + 1800},
		{Order: 1, Worker: 0, Left: hour + 1800, Start: hour + 1860, End: hour + 3060},
	}}
}

func TestAnOrderIsAccurateOnlyWhenEveryRuleWasKept(t *testing.T) {
	t.Parallel()
	both := func(d *Day, l *Life) { // two persons for the second order
		d.Orders[1].Persons = 2
		l.Trips = append(l.Trips, Trip{Order: 1, Worker: 1, Left: 0, Start: l.Trips[1].Start, End: l.Trips[1].End})
	}
	for name, c := range map[string]struct {
		change func(d *Day, l *Life)
		ok     func(o Outcome) bool
	}{
		"as it should be": {func(*Day, *Life) {}, func(o Outcome) bool { return o.Accurate }},
		"skill":           {func(d *Day, _ *Life) { d.Orders[1].Visit.Skills = []Skill{{Code: 7, Level: 3}} }, func(o Outcome) bool { return !o.Skilled && !o.Served && o.Impossible }},
		"certificate": {func(d *Day, _ *Life) {
			d.Orders[1].Visit.Skills = []Skill{{Code: 7, Level: 1}}
			d.Workers[0].Skills[0].Until = hour
		}, func(o Outcome) bool { return !o.Skilled && !o.Served }},
		"excluded":    {func(d *Day, _ *Life) { d.Orders[1].Visit.Exclude = []int{0} }, func(o Outcome) bool { return !o.Allowed && !o.Served }},
		"not listed":  {func(d *Day, _ *Life) { d.Orders[1].Visit.Eligible = []int{1} }, func(o Outcome) bool { return !o.Allowed && !o.Served }},
		"too late":    {func(d *Day, _ *Life) { d.Orders[1].Visit.Windows[0].Close = hour + 1800 }, func(o Outcome) bool { return !o.InTime && !o.Served }},
		"nobody":      {func(_ *Day, l *Life) { l.Trips = l.Trips[:1] }, func(o Outcome) bool { return !o.InTime && !o.Served && o.Hindsight }},
		"no resident": {func(_ *Day, l *Life) { l.Trips[1].Void = true }, func(o Outcome) bool { return !o.Served }},
		"withdrawn":   {func(d *Day, _ *Life) { d.Orders[1].Withdrawn = true }, func(o Outcome) bool { return !o.Requested && !o.Served }},
		"two of two":  {both, func(o Outcome) bool { return o.Together && o.Accurate }},
		"one of two":  {func(d *Day, _ *Life) { d.Orders[1].Persons = 2 }, func(o Outcome) bool { return !o.InTime && !o.Served }},
		"two of two, apart": {func(d *Day, l *Life) {
			both(d, l)
			l.Trips[2].Start += Together + 1
		}, func(o Outcome) bool { return o.InTime && !o.Together && !o.Served }},
		"by the far worker": {func(_ *Day, l *Life) { l.Trips[1].Worker = 1 }, func(o Outcome) bool {
			return o.Served && !o.Accurate && o.Marginal == 3000 && o.HindsightMarginal == 60
		}},
		"half a minute of regret": {func(d *Day, l *Life) {
			l.Trips[1].Worker = 1
			for _, leg := range []int{3*4 + 2, 2*4 + 3} {
				d.Travel[0][leg] = 660
			}
		}, func(o Outcome) bool { return o.Accurate }},
		"a second more": {func(d *Day, l *Life) {
			l.Trips[1].Worker = 1
			for _, leg := range []int{3*4 + 2, 2*4 + 3} {
				d.Travel[0][leg] = 661
			}
		}, func(o Outcome) bool { return o.Served && !o.Accurate }},
	} {
		d, l := twoOrders()
		c.change(&d, &l)
		j := judged(t, d, quick, l)
		if o := j.Lives[0].Orders[1]; !c.ok(o) || len(j.Undominated()) > 0 {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

func TestWhatWasServedBeyondTheMapIsToldAndStillCounts(t *testing.T) {
	t.Parallel()
	d, l := twoOrders()
	d.Travel[0][1*4+2] = 3000 // the map knows no short way, the worker did
	d.Travel[0][0*4+2] = 9000
	d.Orders[1].Visit.Eligible = []int{0}
	a := judged(t, d, quick, l).Lives[0]
	if len(a.Beyond) != 1 || a.Served != 2 || a.Accurate != 2 || len(a.Plan.Check()) > 0 {
		t.Fatalf("%+v beyond %v", a.Counts, a.Beyond)
	}
}

func TestLeavingBeforeTheOrderIsKnownIsForesight(t *testing.T) {
	t.Parallel()
	d, l := twoOrders()
	d.Orders[1].Known = l.Trips[1].Left
	if early := judged(t, d, quick, l).Lives[0].Early; len(early) > 0 {
		t.Fatal(early)
	}
	d.Orders[1].Known++
	if early := judged(t, d, quick, l).Lives[0].Early; !slices.Equal(early, []int{1}) {
		t.Fatal(early)
	}
}

func TestASmallDayIsProvedAndNoSearchBeatsTheProof(t *testing.T) {
	t.Parallel()
	proved := 0
	for seed := range uint64(30) {
		d := madeDay(seed, 5, 2)
		for i := range d.Travel[0] { // a grid knows no shortcuts
			d.Travel[0][i] = 0
		}
		r := newRng(seed, 3)
		x := make([]int32, d.Places)
		for i := range x {
			x[i] = int32(r.n(2000))
		}
		for i := range x {
			for j := range x {
				d.Travel[0][i*d.Places+j] = abs(x[i] - x[j])
			}
		}
		j := judged(t, d, Effort{Searches: 1, Iterations: 1, Polish: 1, Exact: true}, Life{})
		if !j.Exact {
			continue
		}
		proved++
		if long := judged(t, d, Effort{Searches: 3, Iterations: 500}, Life{}).Hindsight; long.Cost().Less(j.Hindsight.Cost()) {
			t.Errorf("seed %d: %v was proved, there is %v", seed, j.Hindsight.Cost(), long.Cost())
		}
	}
	if proved < 20 {
		t.Errorf("only %d of 30 days are proved", proved)
	}
}

func TestATallyFindsWhoIsServedWorst(t *testing.T) {
	t.Parallel()
	var tally Tally
	if w, g := tally.WorstDecile(); !math.IsNaN(w) || !math.IsNaN(g) {
		t.Error(w, g)
	}
	for day := range 30 {
		d, l := twoOrders()
		if day < 6 {
			d.Orders[1].Visit.Exclude = []int{0}
		}
		j := judged(t, d, Effort{Searches: 1, Iterations: 1, Polish: 1}, l)
		tally.Add(&j.Lives[0], l, func(w int) int { return 40 + w }, func(i int) int { return i })
	}
	if w, g := tally.WorstDecile(); w != 0.9 || g != 0.8 {
		t.Error(w, g)
	}
	if tally.Requested != 60 || tally.Served != 54 || tally.Promises != 60 || tally.Changes != 30 {
		t.Errorf("%+v", tally.Counts)
	}
}

func TestATripToNowhereIsRefused(t *testing.T) {
	t.Parallel()
	d, l := twoOrders()
	l.Trips[0].Order = 2
	if _, err := Judge(context.Background(), d, quick, 1, l); linli.KindOf(err) != linli.KindInvalid {
		t.Error(err)
	}
}
