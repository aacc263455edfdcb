package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"linli/cmd/linlibench/bench"
	"linli/decide/route"
)

// hhcrspCommand plans home health care instances: abilities, visits by two
// caregivers at once or spaced, lateness. The cost is a third of distance, total
// lateness and largest lateness. Times are minutes, kept as thousandths.
type hhcrspCommand struct {
	Instance                []string `help:"Instance files (JSON, may be packed), or directories of them." required:"" placeholder:"FILE|DIR"`
	Ref                     string   `help:"Directory of stored solutions sol-<instance>-*.json[.gz]." placeholder:"DIR"`
	TimeS                   float64  `name:"time-s" help:"Seconds per instance." default:"30"`
	SameCaregiverSequential bool     `help:"One caregiver may serve both visits of a spaced pair."`
	searchFlags
}

// care is an instance as read.
type care struct {
	name     string
	Patients []struct {
		ID         string     `json:"id"`
		Location   []float64  `json:"location"`
		TimeWindow [2]float64 `json:"time_window"`
		Required   []struct {
			Service  string   `json:"service"`
			Duration *float64 `json:"duration"`
		} `json:"required_caregivers"`
		Synchronization *struct {
			Type     string     `json:"type"`
			Distance [2]float64 `json:"distance"`
		} `json:"synchronization"`
	} `json:"patients"`
	Services []struct {
		ID       string  `json:"id"`
		Duration float64 `json:"default_duration"`
	} `json:"services"`
	Caregivers []struct {
		ID        string   `json:"id"`
		Abilities []string `json:"abilities"`
	} `json:"caregivers"`
	Offices   []json.RawMessage `json:"central_offices"`
	Distances [][]float64       `json:"distances"`

	visits []careVisit
}

// careVisit is one service of a patient.
type careVisit struct {
	patient, service  int
	duration          int32
	earliest, latest  int32
	sequential, first bool // of a spaced pair; the first of any pair
}

// stop is a place in a stored or written route.
type careStop struct {
	Patient   string  `json:"patient"`
	Service   string  `json:"service"`
	Arrival   float64 `json:"arrival_time"`
	Departure float64 `json:"departure_time"`
}

type careRoute struct {
	Caregiver string     `json:"caregiver_id"`
	Locations []careStop `json:"locations"`
}

type careSolution struct {
	GlobalOrdering []string    `json:"global_ordering"`
	Routes         []careRoute `json:"routes"`
}

type hhcrspResult struct {
	Instance            string       `json:"instance"`
	Patients            int          `json:"patients"`
	Caregivers          int          `json:"caregivers"`
	Simultaneous        int          `json:"simultaneous"`
	Sequential          int          `json:"sequential"`
	Cost                float64      `json:"cost"`
	DistanceMin         float64      `json:"distance_min"`
	LatenessMin         float64      `json:"lateness_min"`
	MaxLatenessMin      float64      `json:"max_lateness_min"`
	ReferenceCost       bench.Number `json:"reference_cost"`
	ReferenceViolations []string     `json:"reference_violations"`
	GapPct              bench.Number `json:"gap_pct"`
	Better              bool         `json:"better"`
	found
	File *string `json:"file"`
}

// Run is the command.
func (c *hhcrspCommand) Run(ctx context.Context, r *bench.Report) error {
	if err := c.check(c.TimeS); err != nil {
		return err
	}
	paths, err := bench.Expand(c.Instance, ".json")
	if err != nil {
		return err
	}
	// A directory may hold the stored solutions too.
	paths = slices.DeleteFunc(paths, func(p string) bool { return strings.HasPrefix(filepath.Base(p), "sol-") })
	var instances []*care
	for _, path := range paths {
		x, err := readCare(r, path)
		if err != nil {
			return err
		}
		instances = append(instances, x)
	}
	results := []hhcrspResult{}
	for _, x := range instances {
		res, err := c.one(ctx, r, x)
		if err != nil {
			return err
		}
		results = append(results, res)
		r.Progress("%s cost %.3f gap %.2f %% (%d iterations)", res.Instance, res.Cost, float64(res.GapPct), res.Iterations)
	}
	c.report(r, results)
	return nil
}

func (c *hhcrspCommand) one(ctx context.Context, r *bench.Report, x *care) (hhcrspResult, error) {
	res := hhcrspResult{
		Instance: x.name, Patients: len(x.Patients), Caregivers: len(x.Caregivers),
		ReferenceCost: bench.Number(math.NaN()), GapPct: bench.Number(math.NaN()), ReferenceViolations: []string{},
	}
	for _, p := range x.Patients {
		if s := p.Synchronization; len(p.Required) == 2 && s != nil {
			if s.Type == "simultaneous" {
				res.Simultaneous++
			} else {
				res.Sequential++
			}
		}
	}
	stored, err := x.reference(r, c.Ref)
	if err != nil {
		return res, err
	}
	spec := x.spec(c.SameCaregiverSequential)
	f, err := c.solve(ctx, r, spec, c.TimeS)
	if err != nil {
		return res, err
	}
	res.found = f
	ours := x.solution(f.plan)
	cost, violations := x.judge(ours, c.SameCaregiverSequential)
	res.Feasible = res.Feasible && len(violations) == 0
	res.Cost, res.DistanceMin = bench.Round(cost.total(), 3), thousandths(cost.distance)
	res.LatenessMin, res.MaxLatenessMin = thousandths(cost.lateness), thousandths(cost.worst)
	if stored != nil {
		ref, violations := x.judge(*stored, c.SameCaregiverSequential)
		res.ReferenceCost = bench.Number(bench.Round(ref.total(), 3))
		res.ReferenceViolations = append(res.ReferenceViolations, violations...)
		if ref.total() > 0 {
			res.GapPct = bench.Number(bench.Round((cost.total()-ref.total())/ref.total()*100, 3))
		}
		res.Better = len(violations) == 0 && cost.sum() < ref.sum()
	}
	r.Answer("%s %s\n", x.name, f.Digest)
	if r.Out != "" {
		name := "sol-" + x.name + "-linli.json"
		if err := writeCare(r, name, ours); err != nil {
			return res, err
		}
		res.File = &name
	}
	return res, nil
}

func (c *hhcrspCommand) report(r *bench.Report, results []hhcrspResult) {
	r.Set("instances", results)
	var gaps []float64
	better, infeasible, bad := 0, 0, []string{}
	for _, x := range results {
		if len(x.ReferenceViolations) > 0 {
			infeasible++ // neither beaten nor lost
		} else if g := float64(x.GapPct); !math.IsNaN(g) {
			gaps = append(gaps, g)
			if x.Better {
				better++
			}
		}
		if !x.Feasible {
			bad = append(bad, x.Instance)
		}
	}
	r.Set("mean_gap_pct", gapFigure(mean(gaps)))
	share := bench.Number(math.NaN())
	if len(gaps) > 0 {
		share = bench.Number(bench.Round(float64(better)/float64(len(gaps))*100, 1))
	} else {
		r.Note("no instance has a rule-keeping stored solution: gaps are null")
	}
	r.Set("share_better_pct", share)
	r.Set("n_reference_infeasible", infeasible)
	r.Check("plan_check", len(bad) == 0, "plans that break a rule or leave a patient out: %d %v", len(bad), bad)
}

// scaled is minutes as thousandths, rounded.
func scaled(minutes float64) int32 { return int32(math.Round(minutes * 1000)) }

func thousandths(x int64) float64 { return float64(x) / 1000 }

// readCare reads and checks an instance.
func readCare(r *bench.Report, path string) (*care, error) {
	data, err := r.Read(path)
	if err != nil {
		return nil, err
	}
	x := &care{name: strings.TrimSuffix(strings.TrimSuffix(filepath.Base(path), ".gz"), ".json")}
	if err := json.Unmarshal(data, x); err != nil {
		field := ""
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			field = wrong.Field
		}
		return nil, bench.Malformed(path, 0, field, "不是所要求的 JSON", "not the JSON that is expected: "+err.Error())
	}
	bad := func(field, zh, en string) error { return bench.Malformed(path, 0, field, zh, en) }
	if len(x.Patients) == 0 || len(x.Caregivers) == 0 {
		return nil, bad("patients", "缺少患者或护理员", "patients or caregivers are missing")
	}
	if len(x.Offices) > 1 {
		return nil, bad("central_offices", "只支持一个站点", "only one central office is supported")
	}
	if len(x.Distances) != len(x.Patients)+1 {
		return nil, bad("distances", "距离矩阵大小不符", "the distance matrix has the wrong size")
	}
	for i, row := range x.Distances {
		if len(row) != len(x.Distances) || slices.ContainsFunc(row, func(d float64) bool { return !(d >= 0 && d <= 1e5) }) {
			return nil, bad(fmt.Sprintf("distances[%d]", i), "距离矩阵这一行不对", "the row of the distance matrix is wrong")
		}
	}
	for i, p := range x.Patients {
		at := fmt.Sprintf("patients[%d]", i)
		if n := len(p.Required); n < 1 || n > 2 || n == 2 && p.Synchronization == nil {
			return nil, bad(at+".required_caregivers", "每名患者须有一或两项服务，两项须有同步要求", "a patient needs one service, or two with a synchronization")
		}
		if w := p.TimeWindow; !(w[0] <= w[1] && w[0] >= -1e5 && w[1] <= 1e5) {
			return nil, bad(at+".time_window", "时间窗不对", "the time window is wrong")
		}
		for k, need := range p.Required {
			v := careVisit{patient: i, service: -1, earliest: scaled(p.TimeWindow[0]), latest: scaled(p.TimeWindow[1]), first: k == 0}
			for s := range x.Services {
				if x.Services[s].ID == need.Service {
					v.service, v.duration = s, scaled(x.Services[s].Duration)
				}
			}
			if v.service < 0 {
				return nil, bad(at+".required_caregivers", "没有这项服务："+need.Service, "there is no such service: "+need.Service)
			}
			if need.Duration != nil {
				v.duration = scaled(*need.Duration)
			}
			if v.duration < 0 || v.duration > 1e8 {
				return nil, bad(at+".required_caregivers", "服务时长不对", "the duration is wrong")
			}
			if s := p.Synchronization; s != nil && len(p.Required) == 2 {
				v.sequential = s.Type == "sequential"
				if !v.sequential && s.Type != "simultaneous" || !(s.Distance[0] <= s.Distance[1]) {
					return nil, bad(at+".synchronization", "同步要求不对", "the synchronization is wrong")
				}
			}
			x.visits = append(x.visits, v)
		}
	}
	return x, nil
}

// spec is the instance as a planning problem.
func (x *care) spec(sameCaregiver bool) route.Spec {
	n := len(x.Distances)
	matrix := make([]int32, 0, n*n)
	for _, row := range x.Distances {
		for _, d := range row {
			matrix = append(matrix, scaled(d))
		}
	}
	s := route.Spec{Places: n, Travel: [][]int32{matrix}, Costs: route.Costs{Travel: 1, JoinLate: true, MaxLate: 1}}
	for _, c := range x.Caregivers {
		w := route.Worker{Shifts: []route.Shift{{From: 0, To: route.MaxTime}}}
		for code, service := range x.Services {
			if slices.Contains(c.Abilities, service.ID) {
				w.Skills = append(w.Skills, route.Skill{Code: code, Level: 1})
			}
		}
		s.Workers = append(s.Workers, w)
	}
	for i, v := range x.visits {
		s.Visits = append(s.Visits, route.Visit{
			Place: v.patient + 1, Duration: v.duration, Tier: 1,
			Skills:  []route.Skill{{Code: v.service, Level: 1}},
			Windows: []route.Window{{Open: v.earliest, Close: route.MaxTime}},
			Late:    []route.Late{{After: v.latest, Slope: 1}},
		})
		if sync := x.Patients[v.patient].Synchronization; sync != nil && v.first && len(x.Patients[v.patient].Required) == 2 {
			l := route.Link{A: i, B: i + 1}
			if v.sequential {
				l.Min, l.Max, l.SameWorker = scaled(sync.Distance[0]), scaled(sync.Distance[1]), sameCaregiver
			}
			s.Links = append(s.Links, l)
		}
	}
	return s
}

// solution is a plan in the form of the stored files: one route for every
// caregiver, patients ordered by their first start.
func (x *care) solution(plan *route.Plan) careSolution {
	out := careSolution{GlobalOrdering: []string{}}
	for _, c := range x.Caregivers {
		out.Routes = append(out.Routes, careRoute{Caregiver: c.ID, Locations: []careStop{}})
	}
	starts := make([]int32, len(x.Patients))
	for i := range starts {
		starts[i] = math.MaxInt32
	}
	for _, t := range plan.Tours() {
		for _, s := range t.Stops {
			v := x.visits[s.Visit]
			p := &x.Patients[v.patient]
			out.Routes[t.Worker].Locations = append(out.Routes[t.Worker].Locations, careStop{
				Patient: p.ID, Service: x.Services[v.service].ID,
				Arrival: thousandths(int64(s.Start)), Departure: thousandths(int64(s.Start + v.duration)),
			})
			starts[v.patient] = min(starts[v.patient], s.Start)
		}
	}
	order := make([]int, len(starts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(starts[a], starts[b]) })
	for _, i := range order {
		out.GlobalOrdering = append(out.GlobalOrdering, x.Patients[i].ID)
	}
	return out
}

type careCost struct{ distance, lateness, worst int64 }

func (c careCost) sum() int64     { return c.distance + c.lateness + c.worst }
func (c careCost) total() float64 { return float64(c.sum()) / 3000 }

// judge recomputes the cost of a solution from its times alone and lists the
// rules it breaks.
func (x *care) judge(s careSolution, sameCaregiver bool) (cost careCost, violations []string) {
	say := func(format string, args ...any) { violations = append(violations, fmt.Sprintf(format, args...)) }
	patients := map[string]int{}
	for i, p := range x.Patients {
		patients[p.ID] = i
	}
	type service struct {
		start     int32
		caregiver string
		done      bool
	}
	done := make([]service, len(x.visits))
	for _, route := range s.Routes {
		at, free := 0, int32(0)
		var abilities []string
		for _, c := range x.Caregivers {
			if c.ID == route.Caregiver {
				abilities = c.Abilities
			}
		}
		for _, stop := range route.Locations {
			p, ok := patients[stop.Patient]
			if !ok {
				say("unknown patient %s", stop.Patient)
				continue
			}
			if !slices.Contains(abilities, stop.Service) {
				say("%s cannot do %s for %s", route.Caregiver, stop.Service, stop.Patient)
			}
			leg, start := scaled(x.Distances[at][p+1]), scaled(stop.Arrival)
			if start < free+leg {
				say("%s reaches %s %.3f min too late for the stated start", route.Caregiver, stop.Patient, thousandths(int64(free+leg-start)))
			}
			cost.distance += int64(leg)
			k := slices.IndexFunc(x.visits, func(v careVisit) bool { return v.patient == p && x.Services[v.service].ID == stop.Service })
			if k >= 0 && done[k].done && k+1 < len(x.visits) && x.visits[k+1].patient == p && x.visits[k+1].service == x.visits[k].service {
				k++ // both visits of the pair are the same service
			}
			if k < 0 || done[k].done {
				say("%s is not asked for by %s, or done twice", stop.Service, stop.Patient)
				continue
			}
			v := x.visits[k]
			done[k] = service{start, route.Caregiver, true}
			if start < v.earliest {
				say("%s starts %.3f min before the window", stop.Patient, thousandths(int64(v.earliest-start)))
			}
			late := int64(max(0, start-v.latest))
			cost.lateness += late
			cost.worst = max(cost.worst, late)
			at, free = p+1, start+v.duration
		}
		if at > 0 {
			cost.distance += int64(scaled(x.Distances[at][0]))
		}
	}
	for k, v := range x.visits {
		id := x.Patients[v.patient].ID
		if !done[k].done {
			say("%s misses %s", id, x.Services[v.service].ID)
		}
		if !v.first || len(x.Patients[v.patient].Required) < 2 || !done[k].done || !done[k+1].done {
			continue
		}
		a, b, sync := done[k], done[k+1], x.Patients[v.patient].Synchronization
		low, high := int32(0), int32(0)
		if v.sequential {
			low, high = scaled(sync.Distance[0]), scaled(sync.Distance[1])
		} else if x.visits[k].service == x.visits[k+1].service && b.start < a.start {
			a, b = b, a
		}
		if gap := b.start - a.start; gap < low || gap > high {
			say("%s: the two starts are %.3f min apart", id, thousandths(int64(gap)))
		}
		if a.caregiver == b.caregiver && !(v.sequential && sameCaregiver) {
			say("%s: one caregiver for both", id)
		}
	}
	return cost, violations
}

// reference reads the stored solution of an instance, nil when there is none.
func (x *care) reference(r *bench.Report, dir string) (*careSolution, error) {
	if dir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, bench.Missing(dir, err)
	}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".gz")
		if !strings.HasPrefix(name, "sol-"+x.name+"-") || !strings.HasSuffix(name, ".json") {
			continue
		}
		data, err := r.Read(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		var s careSolution
		if err := json.Unmarshal(data, &s); err != nil {
			return nil, bench.Malformed(e.Name(), 0, "routes", "不是所要求的 JSON", "not the JSON that is expected: "+err.Error())
		}
		return &s, nil
	}
	return nil, nil
}

func writeCare(r *bench.Report, name string, s careSolution) error {
	f, err := r.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := json.NewEncoder(f).Encode(s); err != nil {
		return err
	}
	return f.Close()
}
