package route

import (
	"fmt"
	"slices"

	"linli"
)

// Problem is a Spec checked and frozen. It never changes, so any number of
// plans and solvers may share it.
type Problem struct {
	m *model
}

// NewProblem checks a Spec and freezes it. Errors are of kind invalid and name
// the field by its path in the Spec.
func NewProblem(spec Spec) (*Problem, error) {
	m := &model{costs: spec.Costs, now: spec.Now}
	if m.costs == (Costs{}) {
		m.costs = DefaultCosts()
	}
	if err := m.setTravel(&spec); err != nil {
		return nil, err
	}
	if err := m.costs.check(); err != nil {
		return nil, err
	}
	for i, w := range spec.Workers {
		if err := m.setWorker(i, w); err != nil {
			return nil, err
		}
	}
	for i, v := range spec.Visits {
		if err := m.setVisit(i, v); err != nil {
			return nil, err
		}
	}
	for i, l := range spec.Links {
		if err := m.addLink(i, l); err != nil {
			return nil, err
		}
	}
	m.classify()
	return &Problem{m: m}, nil
}

// Visits is the number of visits of the problem.
func (p *Problem) Visits() int { return len(p.m.visits) }

// Workers is the number of workers of the problem.
func (p *Problem) Workers() int { return len(p.m.workers) }

func (m *model) setTravel(spec *Spec) error {
	profiles := max(len(spec.Travel), spec.Profiles, 1)
	if spec.Travel == nil && spec.TravelFunc == nil && spec.Places > 0 {
		return linli.Invalid("travel", "缺少行程时间：请给出矩阵或函数", "travel times are missing: give a matrix or a function")
	}
	if spec.Places < 0 || spec.Places > 1<<14 {
		return linli.Invalidf("places", "地点数量 %d 超出范围（0 到 16384）", "the number of places %d is out of range (0 to 16384)", spec.Places)
	}
	m.alloc(profiles, spec.Places+1)
	m.places = spec.Places + 1
	for p := range profiles {
		if spec.Travel != nil && len(spec.Travel[p]) != spec.Places*spec.Places {
			return linli.Invalidf(fmt.Sprintf("travel[%d]", p), "行程矩阵大小不符，应为 %d×%[1]d", "the travel matrix has the wrong size, expected %d×%[1]d", spec.Places)
		}
		for from := range spec.Places {
			for to := range spec.Places {
				var s int32
				if spec.Travel != nil {
					s = spec.Travel[p][from*spec.Places+to]
				} else {
					s = spec.TravelFunc(p, from, to)
				}
				if s < 0 {
					return linli.Invalidf(fmt.Sprintf("travel[%d][%d]", p, from*spec.Places+to), "行程时间不能为负：%d", "a travel time is negative: %d", s)
				}
				m.setLeg(p, from+1, to+1, min(s, Unreachable))
			}
		}
	}
	return nil
}

func (c *Costs) check() error {
	if c.Travel < 0 || c.Continuity < 0 || c.Fairness < 0 || c.MaxLate < 0 || c.Tolerance < 0 {
		return linli.Invalid("costs", "价格不能为负", "prices must not be negative")
	}
	for _, n := range c.Change {
		if n.Price < 0 {
			return linli.Invalid("costs.change", "变更价格不能为负", "the price of a change must not be negative")
		}
	}
	return nil
}

// timeOK bounds the moments of a plan so that no sum of the kernel overflows.
func timeOK(s int32) bool { return s >= -MaxTime && s <= MaxTime }

func (m *model) checkVisit(i int, v *Visit) error {
	at := func(field string) string { return fmt.Sprintf("visits[%d].%s", i, field) }
	switch {
	case v.Place < Anywhere || v.Place+1 >= max(m.places, 1):
		return linli.Invalidf(at("place"), "没有这个地点：%d", "there is no such place: %d", v.Place)
	case v.Duration < 0 || v.Duration > MaxTime:
		return linli.Invalidf(at("duration"), "服务时长不对：%d 秒", "the duration is out of range: %d s", v.Duration)
	case v.Tier < 0 || v.Tier > Tiers:
		return linli.Invalidf(at("tier"), "优先级应为 1 到 4：%d", "the tier must be 1 to 4: %d", v.Tier)
	case v.Load < 0 || v.Load > MaxTime:
		return linli.Invalidf(at("load"), "占用量不能为负：%d", "the load is out of range: %d", v.Load)
	case v.Price < 0:
		return linli.Invalidf(at("price"), "放弃价格不能为负：%d", "the price of leaving the visit out is negative: %d", v.Price)
	case len(v.Late) > MaxLatePieces:
		return linli.Invalid(at("late"), "迟到费用最多 4 段", "a lateness cost has at most 4 pieces")
	case len(v.Late) > 0 && len(v.Windows) > 1:
		return linli.Invalid(at("late"), "有迟到费用时只能有一个时间窗", "a lateness cost allows one window only")
	}
	for k, w := range v.Windows {
		if w.Open > w.Close || !timeOK(w.Open) || !timeOK(w.Close) || k > 0 && w.Open <= v.Windows[k-1].Close {
			return linli.Invalidf(at(fmt.Sprintf("windows[%d]", k)), "时间窗顺序不对：[%d, %d]", "the windows must be ascending and disjoint: [%d, %d]", w.Open, w.Close)
		}
	}
	for k, l := range v.Late {
		if l.Slope < 0 || !timeOK(l.After) || k > 0 && (l.After <= v.Late[k-1].After || l.Slope < v.Late[k-1].Slope) {
			return linli.Invalid(at(fmt.Sprintf("late[%d]", k)), "迟到费用必须递增（凸）", "the lateness cost must be ascending and convex")
		}
	}
	for _, list := range []struct {
		name string
		ids  []int
	}{{"eligible", v.Eligible}, {"exclude", v.Exclude}, {"prefer", v.Prefer}} {
		for _, w := range list.ids {
			if w < 0 || w >= len(m.workers) {
				return linli.Invalidf(at(list.name), "没有这名人员：%d", "there is no such worker: %d", w)
			}
		}
	}
	if p := v.Promise; p != nil && (p.Worker < 0 || p.Worker >= len(m.workers) || !timeOK(p.Start)) {
		return linli.Invalid(at("promise"), "承诺的人员或时间不对", "the promised worker or start is out of range")
	}
	if f := v.Fixed; f != nil && (f.Worker < 0 || f.Worker >= len(m.workers) || !timeOK(f.Start)) {
		return linli.Invalid(at("fixed"), "锁定的人员或时间不对", "the fixed worker or start is out of range")
	}
	return nil
}

func (m *model) checkWorker(i int, w *Worker) error {
	at := func(field string) string { return fmt.Sprintf("workers[%d].%s", i, field) }
	switch {
	case w.Start < Anywhere || w.Start+1 >= max(m.places, 1):
		return linli.Invalidf(at("start"), "没有这个出发地点：%d", "there is no such start place: %d", w.Start)
	case w.End < Anywhere || w.End+1 >= max(m.places, 1):
		return linli.Invalidf(at("end"), "没有这个结束地点：%d", "there is no such end place: %d", w.End)
	case w.Profile < 0 || w.Profile >= len(m.travel):
		return linli.Invalidf(at("profile"), "没有这种出行方式：%d", "there is no such speed profile: %d", w.Profile)
	case w.Capacity < 0 || w.OvertimeCost < 0 || w.Week < 0 || w.Target < 0:
		return linli.Invalid(at("capacity"), "容量、加班价格和工时不能为负", "capacity, overtime price and hours must not be negative")
	}
	for k, s := range w.Shifts {
		if s.From > s.To || s.Overtime < 0 || !timeOK(s.From) || !timeOK(s.To) || s.To > MaxTime-s.Overtime ||
			k > 0 && s.From < w.Shifts[k-1].To {
			return linli.Invalidf(at(fmt.Sprintf("shifts[%d]", k)), "班次顺序不对：[%d, %d]", "the shifts must be ascending and disjoint: [%d, %d]", s.From, s.To)
		}
	}
	for k, b := range w.Breaks {
		if b.Open > b.Close || b.Duration < 0 || b.Duration > MaxTime || !timeOK(b.Open) || !timeOK(b.Close) ||
			k > 0 && b.Open < w.Breaks[k-1].Open {
			return linli.Invalidf(at(fmt.Sprintf("breaks[%d]", k)), "休息时段顺序不对：[%d, %d]", "the breaks must be ascending: [%d, %d]", b.Open, b.Close)
		}
	}
	if slices.ContainsFunc(w.Skills, func(s Skill) bool { return !timeOK(s.Until) }) {
		return linli.Invalid(at("skills"), "证书有效期超出范围", "the end of a certificate is out of range")
	}
	return nil
}

func (m *model) checkLink(i int, l *Link) error {
	at := fmt.Sprintf("links[%d]", i)
	switch {
	case l.A < 0 || l.A >= len(m.visits) || l.B < 0 || l.B >= len(m.visits) || l.A == l.B:
		return linli.Invalid(at, "关联的两次服务不对", "a link needs two different visits")
	case l.Min > l.Max || !timeOK(l.Min) || !timeOK(l.Max):
		return linli.Invalidf(at, "间隔应为从小到大：[%d, %d]", "the gap must be ascending: [%d, %d]", l.Min, l.Max)
	}
	return nil
}
