package route

import (
	"reflect"
	"testing"

	"linli"
)

func TestWhatIsFixedOrBegunNeverMoves(t *testing.T) {
	t.Parallel()
	day := []Shift{{0, 8 * hour, 0}}
	s := onLine([]int32{0, 10, 30}, []Visit{
		{Place: 2, Duration: hour, Tier: 1, Fixed: &Fixed{Worker: 0, Start: hour, Begun: true}},
		{Place: 1, Duration: hour, Tier: 1, Fixed: &Fixed{Worker: 0, Start: 4 * hour}},
		{Place: 1, Duration: hour, Tier: 1},
		{Place: 2, Duration: hour, Tier: 1},
		{Place: 1, Duration: hour, Tier: 1},
	}, []Worker{{Shifts: day}, {Shifts: day}})
	s.Now = hour + 20*minute
	p, err := NewProblem(s)
	if err != nil {
		t.Fatal(err)
	}
	r := solve(t, p, nil, Budget{Iterations: 200}, 1)
	if vs := r.Plan.Check(); len(vs) > 0 {
		t.Fatalf("%+v", vs)
	}
	if len(r.Plan.Unserved()) > 0 {
		t.Fatalf("unserved: %v", r.Plan.Unserved())
	}
	for v, start := range map[int]int32{0: hour, 1: 4 * hour} {
		if w, _, at, ok := r.Plan.Served(v); !ok || w != 0 || at != start {
			t.Errorf("visit %d moved to worker %d at %d", v, w, at)
		}
	}
	for _, tour := range r.Plan.Tours() {
		for i, x := range tour.Stops {
			if x.Visit == 0 && i != 0 {
				t.Error("something was put before what has begun")
			}
			if x.Visit > 1 && x.Start < s.Now {
				t.Errorf("visit %d starts in the past", x.Visit)
			}
		}
	}
}

func TestAPlanThatBreaksRulesIsKeptAndNotMadeWorse(t *testing.T) {
	t.Parallel()
	s := onLine([]int32{0, 10}, []Visit{
		{Place: 1, Duration: 2 * hour, Windows: []Window{{hour, hour}}, Tier: 1},
		{Place: 1, Duration: hour, Windows: []Window{{hour, 2 * hour}}, Tier: 1}, // an hour late by hand
		{Place: 1, Duration: hour, Tier: 4},
	}, []Worker{{Shifts: []Shift{{0, 8 * hour, 0}}}})
	p, err := NewProblem(s)
	if err != nil {
		t.Fatal(err)
	}
	given := []Tour{{Worker: 0, Stops: []Stop{{Visit: 0}, {Visit: 1}}}}
	pl, err := p.Plan(given)
	if err != nil {
		t.Fatal(err)
	}
	want := []Violation{{Rule: "window", Visit: 1, Worker: 0, Other: -1, By: int64(hour)}}
	if got := pl.Check(); !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v", got)
	}
	cs, err := Insert(pl, 2)
	if err != nil || len(cs) != 1 || cs[0].Start != 4*hour {
		t.Fatalf("the third visit fits only behind the others: %+v %v", cs, err)
	}
	if _, err := p.Plan([]Tour{{Worker: 0, Stops: []Stop{{Visit: 0}, {Visit: 0}}}}); linli.KindOf(err) != linli.KindInvalid {
		t.Fatalf("a visit named twice: %v", err)
	}
}

func TestAPromiseOutweighsTravelAndIsReleasedOnlyWhenItMust(t *testing.T) {
	t.Parallel()
	day := []Shift{{0, 8 * hour, 0}}
	visits := []Visit{
		{Place: 1, Duration: hour, Tier: 2, Promise: &Promise{Worker: 1, Start: 2 * hour}},
		{Place: 1, Duration: hour, Tier: 2, Promise: &Promise{Worker: 0, Start: 2 * hour}},
	}
	both := onLine([]int32{0, 10, 40}, visits, []Worker{{Shifts: day}, {Start: 2, End: 2, Shifts: day}})
	p, err := NewProblem(both)
	if err != nil {
		t.Fatal(err)
	}
	r := solve(t, p, nil, Budget{Iterations: 100}, 1)
	if w, _, at, ok := r.Plan.Served(0); !ok || w != 1 || abs(at-2*hour) > both.Costs.Tolerance+15*minute || r.Plan.Cost()[CostBroken] != 0 {
		t.Fatalf("worker %d at %d, %v", w, at, r.Plan.Cost())
	}
	// With one worker only one of the two promises can be kept; the other
	// visit is still served, and the plan says that its promise is given up.
	alone := both
	alone.Workers = []Worker{{Shifts: day}, {}}
	if p, err = NewProblem(alone); err != nil {
		t.Fatal(err)
	}
	r = solve(t, p, nil, Budget{Iterations: 100}, 1)
	if len(r.Plan.Unserved()) != 0 || r.Plan.Cost()[CostBroken] != 1 || len(r.Plan.Check()) != 0 {
		t.Fatalf("%v %+v", r.Plan.Cost(), r.Plan.Check())
	}
	released := 0
	for _, tour := range r.Plan.Tours() {
		for _, x := range tour.Stops {
			if x.Released {
				released++
			}
		}
	}
	if released != 1 {
		t.Fatalf("%d promises given up, want 1", released)
	}
}

func TestInputThatNoPlanCouldHoldIsRefusedByField(t *testing.T) {
	t.Parallel()
	good := func() Spec {
		return onLine([]int32{0, 10}, []Visit{{Place: 1, Duration: hour}, {Place: 1}}, []Worker{{Shifts: []Shift{{0, hour, 0}}}}, Link{A: 0, B: 1})
	}
	for field, change := range map[string]func(*Spec){
		"visits[0].place":      func(s *Spec) { s.Visits[0].Place = 2 },
		"visits[1].duration":   func(s *Spec) { s.Visits[1].Duration = -1 },
		"visits[0].windows[1]": func(s *Spec) { s.Visits[0].Windows = []Window{{0, 5}, {5, 9}} },
		"visits[0].late[1]":    func(s *Spec) { s.Visits[0].Late = []Late{{0, 2}, {5, 1}} },
		"visits[0].exclude":    func(s *Spec) { s.Visits[0].Exclude = []int{1} },
		"visits[0].tier":       func(s *Spec) { s.Visits[0].Tier = 5 },
		"workers[0].shifts[0]": func(s *Spec) { s.Workers[0].Shifts[0].From = 2 * hour },
		"workers[0].profile":   func(s *Spec) { s.Workers[0].Profile = 1 },
		"workers[0].breaks[0]": func(s *Spec) { s.Workers[0].Breaks = []Break{{0, 5, 1}} },
		"links[0]":             func(s *Spec) { s.Links[0].B = 0 },
		"travel[0]":            func(s *Spec) { s.Travel[0] = s.Travel[0][1:] },
		"travel[0][1]":         func(s *Spec) { s.Travel[0][1] = -1 },
		"costs":                func(s *Spec) { s.Costs = Costs{Travel: -1} },
	} {
		s := good()
		change(&s)
		_, err := NewProblem(s)
		e, ok := err.(*linli.Error)
		if !ok || e.Kind != linli.KindInvalid || e.Field != field || e.Zh == "" || e.En == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := NewProblem(good()); err != nil {
		t.Fatal(err)
	}
}
