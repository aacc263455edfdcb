package route

import (
	"testing"
)

// made is what a made-up problem holds; zero leaves a feature out.
type made struct {
	visits, workers int
	windows         bool // hard windows, some of them several
	late            bool
	skills          bool
	links           bool
	breaks          bool
	promises        bool
	shifts          bool // two shifts, overtime, capacity
	optional        bool
	fixed           bool
	alike           bool // all tours end at one place
	even            bool // travel takes as long back as there
}

var everything = made{visits: 14, workers: 4, windows: true, late: true, skills: true, links: true, breaks: true, promises: true, shifts: true, optional: true, fixed: true}

// spec draws a problem with a directed matrix that breaks the triangle
// inequality now and then.
func (k made) spec(seed uint64) Spec {
	r := newRng(seed, 77)
	n := k.visits + 2
	x, y := make([]int, n), make([]int, n)
	for i := range n {
		x[i], y[i] = r.n(3000), r.n(3000)
	}
	matrix := make([]int32, n*n)
	for i := range n {
		for j := range n {
			if i != j {
				dx, dy := x[i]-x[j], y[i]-y[j]
				matrix[i*n+j] = int32(max(dx, -dx)+max(dy, -dy))/4 + int32(r.n(120))
				if r.n(40) == 0 {
					matrix[i*n+j] += 2000
				}
			}
		}
	}
	s := Spec{Places: n, Travel: [][]int32{matrix}, Costs: DefaultCosts()}
	day := int32(8 * 3600)
	for w := range k.workers {
		wk := Worker{Start: r.n(2), End: r.n(3) - 1, Shifts: []Shift{{0, day, 0}}}
		if k.shifts {
			switch r.n(3) {
			case 0:
				wk.Shifts = []Shift{{0, day / 2, 600}, {day/2 + 3600, day + 3600, 0}}
			case 1:
				wk.Shifts[0].Overtime, wk.OvertimeCost = 3600, 2
			}
			wk.Capacity = int32(4 + r.n(8))
			wk.Week, wk.Target = int32(r.n(100000)), 144000
		}
		if k.breaks && r.n(2) == 0 {
			wk.Breaks = []Break{{1800, 3 * 3600, 4*3600 + 1800}}
			if r.n(3) == 0 {
				wk.Breaks = append(wk.Breaks, Break{900, 6 * 3600, 7 * 3600})
			}
		}
		if k.skills {
			for code := range 3 {
				if r.n(3) > 0 {
					wk.Skills = append(wk.Skills, Skill{Code: code, Level: 1 + r.n(3), Until: int32(r.n(2)) * int32(r.n(int(2*day)))})
				}
			}
		}
		_ = w
		s.Workers = append(s.Workers, wk)
	}
	for v := range k.visits {
		x := Visit{Place: 2 + v, Duration: int32(300 + r.n(2400)), Tier: 1 + r.n(Tiers), Load: int32(r.n(3))}
		if k.windows && r.n(3) > 0 {
			open := int32(r.n(int(day)))
			x.Windows = []Window{{open, open + int32(1800+r.n(7200))}}
			if r.n(4) == 0 {
				x.Windows = append(x.Windows, Window{x.Windows[0].Close + 3600, x.Windows[0].Close + 7200})
			}
		}
		if k.late && len(x.Windows) < 2 && r.n(3) == 0 {
			after := int32(r.n(int(day)))
			x.Windows = []Window{{after - min(after, 3600), MaxTime}}
			x.Late = []Late{{after, 1}, {after + 1800, 3}}
		}
		if k.skills && r.n(2) == 0 {
			x.Skills = []Skill{{Code: r.n(3), Level: 1 + r.n(2)}}
			if r.n(3) == 0 {
				x.Exclude = []int{r.n(k.workers)}
			}
			if r.n(3) == 0 {
				x.Prefer = []int{r.n(k.workers)}
			}
		}
		if k.promises && r.n(4) == 0 {
			x.Promise = &Promise{Worker: r.n(k.workers), Start: int32(r.n(int(day))), AnnouncedAt: int32(r.n(2))}
		}
		if k.optional && r.n(6) == 0 {
			x.Optional, x.Price = true, int64(r.n(4000))
		}
		if k.fixed && r.n(12) == 0 {
			x.Fixed = &Fixed{Worker: r.n(k.workers), Start: int32(r.n(int(day))), Begun: false}
		}
		s.Visits = append(s.Visits, x)
	}
	if k.links {
		for v := 0; v+1 < k.visits; v += 4 {
			l := Link{A: v, B: v + 1}
			switch r.n(3) {
			case 0:
				l.Min, l.Max = 900, 5400
			case 1:
				l.Min, l.Max, l.SameWorker = 0, 7200, r.n(2) == 0
			}
			if s.Visits[l.A].Fixed == nil && s.Visits[l.B].Fixed == nil {
				s.Links = append(s.Links, l)
			}
		}
	}
	return s
}

func (k made) problem(t testing.TB, seed uint64) *Problem {
	t.Helper()
	p, err := NewProblem(k.spec(seed))
	if err != nil {
		t.Fatal(err)
	}
	return p
}
