package route

import (
	"testing"

	"linli"
)

// One worker, an order at home and one so far away that both only just fit.
func promptly(t *testing.T, far, shut int32) (start int32) {
	t.Helper()
	b, err := NewBoard(BoardSpec{Costs: LiveCosts(), Travel: func(a, b linli.Point, there, back []int32) {
		if there[0], back[0] = 0, 0; a != b {
			there[0], back[0] = far, far
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	home, away := linli.Point{Lng: 1, Lat: 1}, linli.Point{Lng: 2, Lat: 1}
	for _, p := range []linli.Point{home, away} {
		if _, err := b.AddWorker(p, linli.Point{}, Worker{Shifts: []Shift{{0, 8 * hour, 0}}}); err != nil {
			t.Fatal(err)
		}
	}
	// The worker at home is busy for an hour.
	if _, err := b.AddVisit(home, Visit{Duration: hour, Fixed: &Fixed{Worker: 0, Start: 0, Begun: true}}); err != nil {
		t.Fatal(err)
	}
	w := Window{0, shut}
	v, err := b.AddVisit(home, Visit{Duration: 600, Windows: []Window{w}, Late: Prompt(w)})
	if err != nil {
		t.Fatal(err)
	}
	cs, err := b.Insert(v)
	if err != nil || len(cs) == 0 {
		t.Fatal(cs, err)
	}
	if err := b.Commit(cs[0]); err != nil || len(b.Check()) > 0 {
		t.Fatal(err, b.Check())
	}
	return cs[0].Start
}

func TestALivePlanKeepsClearOfTheEndOfAWindow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ far, shut, want int32 }{
		{600, hour + 100, 600},   // within the margin: the other worker comes
		{600, hour + 900, hour},  // just clear of it: no detour for an hour's patience
		{30, 2 * hour, 30},       // but half a minute of travel is worth an hour
		{3500, hour + 100, hour}, // at the very end, when the detour costs more
		{4000, hour + 100, hour}, // or when there is no other way
	} {
		if got := promptly(t, c.far, c.shut); got != c.want {
			t.Errorf("%d s away, window until %d: starts at %d, want %d", c.far, c.shut, got, c.want)
		}
	}
	w := Window{500, 500} // a moment is a window, too
	b := newTestBoard(t)
	if _, err := b.AddVisit(linli.Point{Lng: 1, Lat: 1}, Visit{Windows: []Window{w}, Late: Prompt(w)}); err != nil {
		t.Error(err)
	}
}

func TestAnAnnouncementFollowsThePlanUntilItIsDue(t *testing.T) {
	t.Parallel()
	b, err := NewBoard(BoardSpec{Travel: hilly})
	if err != nil {
		t.Fatal(err)
	}
	home := linli.Point{Lng: 0.01, Lat: 0.01}
	if _, err := b.AddWorker(home, linli.Point{}, Worker{Shifts: []Shift{{0, 8 * hour, 0}}}); err != nil {
		t.Fatal(err)
	}
	v, err := b.AddVisit(home, Visit{Duration: 600, Windows: []Window{{hour, 4 * hour}}})
	if err != nil {
		t.Fatal(err)
	}
	cs, err := b.Insert(v)
	if err != nil || b.Commit(cs[0]) != nil {
		t.Fatal(err)
	}
	announce := func(want *Promise, due bool) {
		t.Helper()
		told, err := b.Announce(1800)
		if err != nil || (len(told) == 1) != due || len(b.Check()) > 0 {
			t.Fatalf("told %v, %v, %v", told, err, b.Check())
		}
		if p := b.m.visits[v].src.Promise; p == nil || *p != *want {
			t.Fatalf("promised %+v, want %+v", p, want)
		}
	}
	announce(&Promise{Worker: 0, Start: hour, AnnouncedAt: hour - 1800}, false)
	b.Advance(600) // nothing is due yet, and the plan stands
	announce(&Promise{Worker: 0, Start: hour, AnnouncedAt: hour - 1800}, false)
	// Something comes before it: the promise moves along.
	if _, err := b.AddVisit(home, Visit{Duration: 2 * hour, Fixed: &Fixed{Worker: 0, Start: 600, Begun: true}}); err != nil {
		t.Fatal(err)
	}
	moved := 600 + 2*hour
	announce(&Promise{Worker: 0, Start: moved, AnnouncedAt: moved - 1800}, false)
	b.Advance(moved - 1000)
	told := &Promise{Worker: 0, Start: moved, AnnouncedAt: moved - 1800}
	announce(told, true)
	// From now on it stays, and is not told anew.
	if _, err := b.AddVisit(home, Visit{Duration: 60, Fixed: &Fixed{Worker: 0, Start: moved - 100, Begun: true}}); err != nil {
		t.Fatal(err)
	}
	announce(told, true)
	if short, err := b.Announce(0); err != nil || len(short) != 1 {
		t.Fatal(short, err)
	}
}
