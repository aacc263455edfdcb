package main

import (
	"math"
	"slices"

	"linli/decide/sense"
)

// A baseline is a rule others use for silence. It is told the signs of life in
// time order and answers when it raises, if no further sign comes.
type baseline struct {
	name  string
	train func(signs []int64) rule // from the warm-up
}

// rule gives the moments of alarms between from and until in a stream of signs.
type rule func(signs []int64, from, until int64) []int64

func baselines() []baseline {
	fixed := func(hours int64) func([]int64) rule {
		return func([]int64) rule { return gapRule(func(int64) int64 { return hours * msHour }) }
	}
	return []baseline{{"fixed_8h", fixed(8)}, {"fixed_12h", fixed(12)}, {"sigma3_per_hour", sigma3}, {"knn_cad", knnCAD}}
}

// gapRule raises once in every gap that outlasts its limit, which may depend on
// when the gap began.
func gapRule(limit func(begin int64) int64) rule {
	return func(signs []int64, from, until int64) []int64 {
		var out []int64
		for i, s := range signs {
			next := until + 1
			if i+1 < len(signs) {
				next = signs[i+1]
			}
			if at := s + limit(s); at < next && at >= from && at <= until {
				out = append(out, at)
			}
		}
		return out
	}
}

// sigma3: mean plus three standard deviations of the gaps of at least ten minutes
// that began in the same hour of the day.
func sigma3(signs []int64) rule {
	var n, sum, square [24]float64
	for i := 1; i < len(signs); i++ {
		if gap := float64(signs[i] - signs[i-1]); gap >= 10*60e3 {
			h := signs[i-1] % msDay / msHour
			n[h]++
			sum[h] += gap
			square[h] += gap * gap
		}
	}
	return gapRule(func(begin int64) int64 {
		h := begin % msDay / msHour
		if n[h] < 2 {
			return 12 * msHour
		}
		mean := sum[h] / n[h]
		return int64(mean + 3*math.Sqrt(max(square[h]/n[h]-mean*mean, 0)))
	})
}

// knnCAD is the conformal nearest-neighbor detector of Burnaev and Ishimtsev (2016) on
// hourly counts, windows of six hours: an alarm when at most 1 in 200 windows of the
// warm-up is as far from its neighbors; twelve hours of rest after it.
func knnCAD(signs []int64) rule {
	const width, neighbors, share = 6, 5, 0.005
	if len(signs) == 0 {
		return func([]int64, int64, int64) []int64 { return nil }
	}
	window := func(signs []int64, end int64) (w [width]float64) {
		i, _ := slices.BinarySearch(signs, end-width*msHour)
		for ; i < len(signs) && signs[i] < end; i++ {
			w[(signs[i]-(end-width*msHour))/msHour]++
		}
		for k := range w {
			w[k] = math.Log1p(w[k])
		}
		return w
	}
	var train [][width]float64
	for end := signs[0] - signs[0]%msHour + (width+1)*msHour; end <= signs[len(signs)-1]; end += msHour {
		train = append(train, window(signs, end))
	}
	far := func(w [width]float64, self int) float64 {
		var near []float64
		for i, t := range train {
			if i == self {
				continue
			}
			d := 0.0
			for k := range w {
				d += (w[k] - t[k]) * (w[k] - t[k])
			}
			near = append(near, d)
		}
		slices.Sort(near)
		sum := 0.0
		for _, d := range near[:min(neighbors, len(near))] {
			sum += math.Sqrt(d)
		}
		return sum
	}
	usual := make([]float64, len(train))
	for i, t := range train {
		usual[i] = far(t, i)
	}
	slices.Sort(usual)
	return func(signs []int64, from, until int64) []int64 {
		var out []int64
		for end := from - from%msHour + msHour; end <= until; end += msHour {
			i, _ := slices.BinarySearch(usual, far(window(signs, end), -1))
			if float64(len(usual)-i) <= share*float64(len(usual)) && (len(out) == 0 || end-out[len(out)-1] >= 12*msHour) {
				out = append(out, end)
			}
		}
		return out
	}
}

// baselineRow is a baseline in the report, on the same injections as inactivity.
type baselineRow struct {
	Name   string `json:"name"`
	Recall recall `json:"recall"`
	Delay  delays `json:"delay_h"`
	Stage1 rate   `json:"stage1_false"`
}

// signs are the moments of signs of life in [from, to).
func (h *homeData) signs(events []sense.Event) []int64 {
	var out []int64
	for _, e := range events {
		if s := h.sensors[e.Sensor]; s.Role <= sense.OuterDoor && !(s.Role == sense.Motion && e.Value <= 0) {
			out = append(out, e.At)
		}
	}
	return out
}

// compare judges the baselines on the injections of inactivity, with the same
// pairing and the same days.
func (s *study) compare(injected map[*subject][]injection) {
	var rows []baselineRow
	for _, b := range baselines() {
		var all []verdict
		falses, weeks := 0, 0.0
		for _, h := range s.homes {
			learned := b.train(h.signs(h.stream(h.begin(), h.from)))
			signs := h.signs(h.events)
			base := learned(signs, h.from, h.end())
			falses += len(base)
			weeks += h.weeks
			for _, in := range injected[h] {
				v := verdict{injection: in}
				if !slices.ContainsFunc(base, func(at int64) bool { return at >= in.at && at <= in.until }) {
					cut, _ := slices.BinarySearch(signs, in.cut)
					changed := append(slices.Clone(signs[max(cut-2000, 0):cut]), h.signs(in.events)...)
					if found := learned(changed, in.at, in.until); len(found) > 0 {
						v.found, v.delay = true, found[0]-in.at
					}
				}
				all = append(all, v)
			}
		}
		row := &classRow{}
		row.fill(all)
		rows = append(rows, baselineRow{b.name, row.Overall, row.Delay, newRate(falses, weeks)})
	}
	s.report.Set("baselines", map[string][]baselineRow{"inactivity": rows})
}
