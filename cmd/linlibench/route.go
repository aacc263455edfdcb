package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"linli/cmd/linlibench/bench"
	"linli/decide/route"
)

// routeCommand plans vehicle routing instances with time windows under the
// DIMACS convention: integer distances of a tenth of a unit, rounded down, also
// the travel times; the total distance is all that counts.
type routeCommand struct {
	Instance []string `help:"Solomon or Homberger files, or directories of them." required:"" placeholder:"FILE|DIR"`
	Ref      string   `help:"CSV of reference values without a header: instance, value, proven, time limit." placeholder:"CSV"`
	TimeS    float64  `name:"time-s" help:"Seconds per instance." default:"10"`
	searchFlags
}

// vrptw is an instance as read.
type vrptw struct {
	name            string
	fleet, capacity int
	rows            []vrptwRow // row 0 is the depot
}

// vrptwRow is a customer: number, x, y, demand, ready time, due date, service time.
type vrptwRow [7]float64

type routeResult struct {
	Instance        string       `json:"instance"`
	N               int          `json:"n"`
	Fleet           int          `json:"fleet"`
	Cost            float64      `json:"cost"`
	Reference       bench.Number `json:"reference"`
	ReferenceProven *bool        `json:"reference_proven"`
	GapPct          bench.Number `json:"gap_pct"`
	Vehicles        int          `json:"vehicles"`
	found
	File *string `json:"file"`
}

type vrptwReference struct {
	value  float64
	proven bool
}

// Run is the command.
func (c *routeCommand) Run(ctx context.Context, r *bench.Report) error {
	if err := c.check(c.TimeS); err != nil {
		return err
	}
	refs, err := readVRPTWReferences(r, c.Ref)
	if err != nil {
		return err
	}
	paths, err := bench.Expand(c.Instance, ".txt")
	if err != nil {
		return err
	}
	var instances []vrptw
	for _, path := range paths {
		x, err := readVRPTW(r, path)
		if err != nil {
			return err
		}
		instances = append(instances, x)
	}
	results := []routeResult{}
	for _, x := range instances {
		res, err := c.one(ctx, r, x, refs)
		if err != nil {
			return err
		}
		results = append(results, res)
		r.Progress("%s cost %.1f gap %.2f %% (%d iterations)", res.Instance, res.Cost, float64(res.GapPct), res.Iterations)
	}
	c.report(r, results)
	return nil
}

func (c *routeCommand) one(ctx context.Context, r *bench.Report, x vrptw, refs map[string]vrptwReference) (routeResult, error) {
	res := routeResult{Instance: x.name, N: len(x.rows) - 1, Fleet: x.fleet, Reference: bench.Number(math.NaN()), GapPct: bench.Number(math.NaN())}
	f, err := c.solve(ctx, r, x.spec(), c.TimeS)
	if err != nil {
		return res, err
	}
	res.found = f
	res.Cost = float64(f.plan.Travel()) / 10
	res.Vehicles = len(f.plan.Tours())
	if ref, ok := refs[x.name]; ok {
		res.Reference, res.ReferenceProven = bench.Number(ref.value), &ref.proven
		if ref.value > 0 {
			res.GapPct = bench.Number(bench.Round((res.Cost-ref.value)/ref.value*100, 3))
		}
	}
	r.Answer("%s %s\n", x.name, f.Digest)
	if r.Out != "" {
		name := x.name + ".sol"
		if err := x.write(r, name, f.plan, res.Cost); err != nil {
			return res, err
		}
		res.File = &name
	}
	return res, nil
}

func (c *routeCommand) report(r *bench.Report, results []routeResult) {
	r.Set("instances", results)
	type class struct {
		N          int          `json:"n"`
		MeanGapPct bench.Number `json:"mean_gap_pct"`
	}
	classes := map[string][]float64{}
	var gaps []float64
	infeasible := []string{}
	for _, x := range results {
		if g := float64(x.GapPct); !math.IsNaN(g) {
			gaps = append(gaps, g)
			name := vrptwClass.FindString(x.Instance)
			classes[name] = append(classes[name], g)
		}
		if !x.Feasible {
			infeasible = append(infeasible, x.Instance)
		}
	}
	r.Set("mean_gap_pct", gapFigure(mean(gaps)))
	r.Set("median_gap_pct", gapFigure(median(gaps)))
	r.Set("worst_gap_pct", gapFigure(worst(gaps)))
	by := map[string]class{}
	for name, g := range classes {
		by[name] = class{len(g), gapFigure(mean(g))}
	}
	r.Set("by_class", by)
	r.Set("n_without_reference", len(results)-len(gaps))
	if len(gaps) == 0 {
		r.Note("no instance has a reference value: gaps are null")
	}
	r.Check("plan_check", len(infeasible) == 0, "plans that break a rule or leave a customer out: %d %v", len(infeasible), infeasible)
}

// vrptwClass is the class in a name: R1 of R1_2_4, C1 of C101.
var vrptwClass = regexp.MustCompile(`^[A-Z]*[0-9]?`)

func gapFigure(x float64) bench.Number { return bench.Number(bench.Round(x, 3)) }

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x)) // NaN when there is none
}

func median(x []float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(x))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

func worst(x []float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	return slices.Max(x)
}

// spec is the instance in tenths, as the convention wants it.
func (x *vrptw) spec() route.Spec {
	n := len(x.rows)
	matrix := make([]int32, n*n)
	for i, a := range x.rows {
		for j, b := range x.rows {
			matrix[i*n+j] = tenths(a[1]-b[1], a[2]-b[2])
		}
	}
	depot := x.rows[0]
	s := route.Spec{Places: n, Travel: [][]int32{matrix}, Costs: route.Costs{Travel: 1}}
	for range x.fleet {
		s.Workers = append(s.Workers, route.Worker{
			Capacity: int32(x.capacity),
			Shifts:   []route.Shift{{From: int32(depot[4] * 10), To: int32(depot[5] * 10)}},
		})
	}
	for i, row := range x.rows[1:] {
		s.Visits = append(s.Visits, route.Visit{
			Place: i + 1, Load: int32(row[3]), Duration: int32(row[6] * 10),
			Windows: []route.Window{{Open: int32(row[4] * 10), Close: int32(row[5] * 10)}},
		})
	}
	return s
}

// tenths is ⌊10·√(dx²+dy²)⌋, exact for whole coordinates.
func tenths(dx, dy float64) int32 {
	square := 100 * (float64(dx*dx) + float64(dy*dy))
	d := int64(math.Sqrt(square))
	if square == math.Trunc(square) && square < 1<<52 {
		for d*d > int64(square) {
			d--
		}
		for (d+1)*(d+1) <= int64(square) {
			d++
		}
	}
	return int32(min(d, int64(route.Unreachable)))
}

// readVRPTW reads a Solomon or Homberger file; header spacing, blank lines and
// line ends vary.
func readVRPTW(r *bench.Report, path string) (x vrptw, err error) {
	data, err := r.Read(path)
	if err != nil {
		return x, err
	}
	line, fleetSeen := 0, false
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		line++
		fields := strings.Fields(s.Text())
		if len(fields) == 0 {
			continue
		}
		if x.name == "" {
			x.name = strings.ToUpper(fields[0])
			continue
		}
		if c := fields[0][0]; c < '0' || c > '9' {
			continue // a heading
		}
		numbers := make([]float64, len(fields))
		for i, f := range fields {
			if numbers[i], err = strconv.ParseFloat(f, 64); err != nil || math.IsNaN(numbers[i]) || math.Abs(numbers[i]) > 1e7 {
				return x, bench.Malformed(path, line, strconv.Itoa(i+1), "这一栏不是数字或超出范围", "the column is not a number, or out of range")
			}
		}
		switch {
		case !fleetSeen && len(numbers) == 2:
			x.fleet, x.capacity, fleetSeen = int(numbers[0]), int(numbers[1]), true
			if x.fleet < 1 || x.capacity < 1 {
				return x, bench.Malformed(path, line, "NUMBER", "车辆数和容量须为正数", "fleet and capacity must be positive")
			}
		case fleetSeen && len(numbers) == 7:
			row := vrptwRow(numbers)
			if row[3] < 0 || row[4] < 0 || row[5] < row[4] || row[6] < 0 {
				return x, bench.Malformed(path, line, "DUE DATE", "需求、时间窗或服务时间不对", "demand, window or service time is wrong")
			}
			x.rows = append(x.rows, row)
		default:
			return x, bench.Malformed(path, line, "", "这一行的栏数不对", "the line has the wrong number of columns")
		}
	}
	if !fleetSeen || len(x.rows) < 2 {
		return x, bench.Malformed(path, line, "", "缺少车辆或客户数据", "the fleet line or the customers are missing")
	}
	return x, nil
}

// readVRPTWReferences reads the CSV without a header; an empty path gives none.
func readVRPTWReferences(r *bench.Report, path string) (map[string]vrptwReference, error) {
	refs := map[string]vrptwReference{}
	if path == "" {
		return refs, nil
	}
	data, err := r.Read(path)
	if err != nil {
		return nil, err
	}
	c := csv.NewReader(bytes.NewReader(data))
	c.FieldsPerRecord = -1
	rows, err := c.ReadAll()
	if err != nil {
		return nil, bench.Malformed(path, 0, "", "不是 CSV 文件", "not a CSV file: "+err.Error())
	}
	for i, row := range rows {
		if len(row) < 2 {
			return nil, bench.Malformed(path, i+1, "", "这一行缺少数值", "the row has no value")
		}
		value, err := strconv.ParseFloat(strings.TrimSpace(row[1]), 64)
		if err != nil {
			return nil, bench.Malformed(path, i+1, "value", "参考值不是数字", "the reference value is not a number")
		}
		refs[strings.ToUpper(strings.TrimSpace(row[0]))] = vrptwReference{value, len(row) > 2 && strings.TrimSpace(row[2]) == "1"}
	}
	return refs, nil
}

// write makes the solution file of the convention.
func (x *vrptw) write(r *bench.Report, name string, plan *route.Plan, cost float64) error {
	f, err := r.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	var b strings.Builder
	for i, t := range plan.Tours() {
		fmt.Fprintf(&b, "Route #%d:", i+1)
		for _, s := range t.Stops {
			fmt.Fprintf(&b, " %d", int(x.rows[s.Visit+1][0]))
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "Cost %.1f\n", cost)
	if _, err := f.WriteString(b.String()); err != nil {
		return err
	}
	return f.Close()
}
