package route

import (
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"linli"
)

// hilly is the straight line × 1.3 at 1.2 m/s near the equator, and a fifth longer toward the north.
func hilly(a, b linli.Point, there, back []int32) {
	dx, dy := float64((a.Lng-b.Lng)*111000), float64((a.Lat-b.Lat)*111000)
	for profile := range there {
		flat := math.Sqrt(float64(dx*dx)+float64(dy*dy)) * 1.3 / 1.2 / float64(1+profile)
		there[profile], back[profile] = int32(flat), int32(flat)
		if b.Lat > a.Lat {
			there[profile] = int32(float64(flat * 1.2))
		} else if b.Lat < a.Lat {
			back[profile] = int32(float64(flat * 1.2))
		}
	}
}

func newTestBoard(t testing.TB) *Board {
	t.Helper()
	b, err := NewBoard(BoardSpec{Travel: hilly, Profiles: 2})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func randomPoint(r *rng) linli.Point {
	return linli.Point{Lng: 0.001 + float64(r.n(20000))/1e6, Lat: 0.001 + float64(r.n(20000))/1e6}
}

func randomWorker(r *rng) Worker {
	w := Worker{Shifts: []Shift{{0, 8 * 3600, 0}}, Profile: r.n(2), Target: 144000, Week: int32(r.n(100000))}
	for code := range 4 {
		if r.n(2) == 0 {
			w.Skills = append(w.Skills, Skill{Code: code, Level: 1 + r.n(3)})
		}
	}
	if r.n(3) == 0 {
		w.Breaks = []Break{{1800, 3 * 3600, 5 * 3600}}
	}
	return w
}

func randomVisit(r *rng) Visit {
	open := int32(r.n(7 * 3600))
	v := Visit{Duration: int32(900 + r.n(2700)), Windows: []Window{{open, open + 3600 + int32(r.n(3600))}}, Tier: 1 + r.n(Tiers)}
	if r.n(2) == 0 {
		v.Skills = []Skill{{Code: r.n(4), Level: 1}}
	}
	if r.n(4) == 0 {
		v.Late = []Late{{v.Windows[0].Close - 1800, 1}}
	}
	return v
}

func TestABoardStaysSoundThroughARandomDay(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		r := newRng(seed, 5)
		b := newTestBoard(t)
		var workers, visits []int
		homes := map[int]linli.Point{}
		for range 6 {
			p := randomPoint(r)
			w, err := b.AddWorker(p, linli.Point{}, randomWorker(r))
			if err != nil {
				t.Fatal(err)
			}
			workers = append(workers, w)
			homes[w] = p
		}
		where := map[int]linli.Point{}
		pick := func() int { return visits[r.n(len(visits))] }
		for step := range 150 {
			must := func(err error) {
				if err != nil && linli.KindOf(err) == linli.KindInvalid {
					t.Fatalf("seed %d step %d: %v", seed, step, err)
				}
			}
			switch k := r.n(12); {
			case k < 5 || len(visits) < 3:
				p := randomPoint(r)
				v := randomVisit(r)
				id, err := b.AddVisit(p, v)
				must(err)
				visits, where[id] = append(visits, id), p
				if r.n(5) == 0 {
					v2 := randomVisit(r)
					v2.Windows = v.Windows
					id2, err := b.AddVisit(p, v2)
					must(err)
					visits, where[id2] = append(visits, id2), p
					must(b.Link(Link{A: id, B: id2}))
				}
				cs, err := b.Insert(id)
				must(err)
				if len(cs) > 0 {
					if err := b.Commit(cs[0]); err != nil {
						t.Fatal(err)
					}
				}
			case k == 5:
				must(b.Remove(pick()))
			case k == 6:
				v := pick()
				_, err := b.RemoveVisit(v)
				must(err)
				visits = slices.DeleteFunc(visits, func(x int) bool { return x == v })
			case k == 7:
				w := workers[r.n(len(workers))]
				x := randomWorker(r)
				if r.n(3) == 0 {
					x.Shifts = nil
				}
				_, err := b.SetWorker(w, homes[w], linli.Point{}, x)
				must(err)
			case k == 8:
				v := pick()
				x := b.m.visits[v].src
				if w, _, start, ok := b.Served(v); ok && x.Fixed == nil {
					x.Promise = &Promise{Worker: w, Start: start}
				}
				_, err := b.SetVisit(v, where[v], x)
				must(err)
			case k == 9:
				b.Freeze(b.Now()+int32(r.n(900)), 1800)
			case k == 10:
				v := pick()
				if w, _, start, ok := b.Served(v); ok && start < b.Now()+1800 {
					_ = w
					if b.Done(v, start+b.m.hot[v].dur) == nil {
						visits = slices.DeleteFunc(visits, func(x int) bool { return x == v })
					}
				}
			case k == 11:
				p, pl, version := b.Snapshot()
				_ = p
				if _, err := b.Adopt(pl, version); err != nil {
					t.Fatal(err)
				}
			}
			for _, x := range b.Check() {
				// Facts (a service that began, a worker called away) may break
				// rules; the books never.
				if x.Rule == "cost" || x.Rule == "partial" || x.Rule == "excluded" {
					t.Fatalf("seed %d step %d: %+v\n%+v", seed, step, x, b.Tours())
				}
			}
			c := b.s.clone()
			c.lenient = true
			c.refresh()
			c.recount()
			if !reflect.DeepEqual((&Plan{c}).Tours(), b.Tours()) || c.cost() != b.Cost() {
				t.Fatalf("seed %d step %d: the board differs from itself computed anew\n%v %v", seed, step, b.Tours(), (&Plan{c}).Tours())
			}
		}
	}
}

// fullBoard holds workers and open visits, most of them served.
func fullBoard(t testing.TB, workers, visits int) (*Board, *rng) {
	b := newTestBoard(t)
	r := newRng(1, 9)
	for range workers {
		if _, err := b.AddWorker(randomPoint(r), linli.Point{}, randomWorker(r)); err != nil {
			t.Fatal(err)
		}
	}
	for range visits {
		v, err := b.AddVisit(randomPoint(r), randomVisit(r))
		if err != nil {
			t.Fatal(err)
		}
		if cs, _ := b.Insert(v); len(cs) > 0 {
			if err := b.Commit(cs[0]); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b, r
}

func BenchmarkBoardAnswer(b *testing.B) {
	board, r := fullBoard(b, 200, 1000)
	var took []time.Duration
	for b.Loop() {
		begin := time.Now()
		v, _ := board.AddVisit(randomPoint(r), randomVisit(r))
		cs, _ := board.Insert(v)
		took = append(took, time.Since(begin))
		_ = cs
		b.StopTimer()
		if _, err := board.RemoveVisit(v); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// A new day: the shifts of a worker move up by one, and what was promised for
// tomorrow is promised for today.
func TestVisitsStayInTheirShiftWhenTheListOfShiftsMovesOn(t *testing.T) {
	t.Parallel()
	const day = 24 * 3600
	shifts := func(first int32) (out []Shift) {
		for d := first; d < first+3; d++ {
			out = append(out, Shift{From: d*day + 8*3600, To: d*day + 12*3600}, Shift{From: d*day + 13*3600, To: d*day + 17*3600})
		}
		return out
	}
	b := newTestBoard(t)
	home := linli.Point{Lng: 0.01, Lat: 0.01}
	w, err := b.AddWorker(home, home, Worker{Shifts: shifts(0)})
	if err != nil {
		t.Fatal(err)
	}
	var visits []int
	var starts []int32
	for _, at := range []int32{day + 9*3600, day + 15*3600, 2*day + 9*3600} {
		v, err := b.AddVisit(home, Visit{Duration: 3600, Windows: []Window{{at, at + 1800}}})
		if err != nil {
			t.Fatal(err)
		}
		cs, err := b.Insert(v)
		if err != nil || len(cs) == 0 {
			t.Fatal(cs, err)
		}
		if err := b.Commit(cs[0]); err != nil {
			t.Fatal(err)
		}
		visits, starts = append(visits, v), append(starts, cs[0].Start)
	}
	b.Freeze(day+600, 0)
	released, err := b.SetWorker(w, home, home, Worker{Shifts: shifts(1)})
	if err != nil || len(released) > 0 {
		t.Fatalf("released %v, %v", released, err)
	}
	for i, v := range visits {
		if who, _, start, ok := b.Served(v); !ok || who != w || start != starts[i] {
			t.Errorf("visit %d: served %v by %d at %d, was at %d", i, ok, who, start, starts[i])
		}
	}
	// What began in a shift that is over opens no later one.
	late, err := b.AddVisit(home, Visit{Duration: 3600, Fixed: &Fixed{Worker: w, Start: day + 11*3600, Begun: true}})
	if err != nil {
		t.Fatal(err)
	}
	released, err = b.SetWorker(w, home, home, Worker{Shifts: shifts(1)[1:]})
	if err != nil || !slices.Equal(released, []int{visits[0], late}) {
		t.Fatalf("released %v, %v; want %v", released, err, []int{visits[0], late})
	}
	for _, v := range []int{visits[0], late} {
		if _, err := b.RemoveVisit(v); err != nil {
			t.Fatal(err)
		}
	}
	visits = visits[1:]
	// And a shift that is gone gives up what stood in it, and only that.
	released, err = b.SetWorker(w, home, home, Worker{Shifts: shifts(1)[2:]})
	if err != nil || !slices.Equal(released, visits[:1]) {
		t.Fatalf("released %v, %v; want %v", released, err, visits[:1])
	}
	if bad := b.Check(); len(bad) > 0 {
		t.Error(bad)
	}
}

// Two persons go to one visit, one of them free, the other still at work. When
// that one ends early, the free one has not left yet and both come later than
// the plan of the past moment would have it.
func TestAnAdvancedBoardStartsNothingBeforeItsWorkerCanBeThere(t *testing.T) {
	t.Parallel()
	b := newTestBoard(t)
	here, far := linli.Point{Lng: 0.01, Lat: 0.01}, linli.Point{Lng: 0.02, Lat: 0.01}
	for _, home := range []linli.Point{here, far} {
		if _, err := b.AddWorker(home, linli.Point{}, Worker{Shifts: []Shift{{0, 8 * hour, 0}}}); err != nil {
			t.Fatal(err)
		}
	}
	first, err := b.AddVisit(far, Visit{Duration: 2 * hour, Fixed: &Fixed{Worker: 1, Start: 0, Begun: true}})
	if err != nil {
		t.Fatal(err)
	}
	pair := [2]int{}
	for k := range pair {
		if pair[k], err = b.AddVisit(far, Visit{Duration: hour}); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Link(Link{A: pair[0], B: pair[1]}); err != nil {
		t.Fatal(err)
	}
	cs, err := b.Insert(pair[0])
	if err != nil || len(cs) == 0 || b.Commit(cs[0]) != nil {
		t.Fatal(cs, err)
	}
	now := hour
	b.Advance(now)
	if err := b.Done(first, now); err != nil {
		t.Fatal(err)
	}
	there, back := []int32{0}, []int32{0}
	hilly(here, far, there, back)
	for _, v := range pair {
		if _, _, start, ok := b.Served(v); !ok || start != now+there[0] {
			t.Errorf("visit %d starts at %d, want %d", v, start, now+there[0])
		}
	}
	if bad := b.Check(); len(bad) > 0 || b.Now() != now {
		t.Error(bad)
	}
}
