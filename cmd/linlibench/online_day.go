package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"linli/cmd/linlibench/bench"
)

// onlineWorker is somebody on duty on one day; seconds of the day, meters.
type onlineWorker struct {
	ID     string         `json:"id"`
	X      float64        `json:"x_m"`
	Y      float64        `json:"y_m"`
	Shift  [2]int32       `json:"shift_s"`
	Skills map[string]int `json:"skills"`
	// Sick is when the worker drops out; nobody knows before. Null: never.
	Sick *int32 `json:"sick_s,omitempty"`
}

// onlineOrder is one request. What happens in the end (real duration, canceled)
// no policy may look at before it happens.
type onlineOrder struct {
	ID           string  `json:"id"`
	Known        int32   `json:"known_s"`
	X            float64 `json:"x_m"`
	Y            float64 `json:"y_m"`
	Open         int32   `json:"open_s"`
	Close        int32   `json:"close_s"`
	Duration     int32   `json:"duration_s"`
	Skill        string  `json:"skill"`
	Level        int     `json:"level"`
	Persons      int     `json:"persons"`
	Tier         int     `json:"tier"`
	RealDuration *int32  `json:"real_duration_s"`
	Canceled     *int32  `json:"canceled_s"`
}

// onlineDay is one day; all policies see the same. Places are the workers'
// homes, then the orders.
type onlineDay struct {
	day     int
	workers []onlineWorker
	orders  []onlineOrder
	skills  []string
	travel  []int32
}

func (d *onlineDay) leg(from, to int) int32 {
	return d.travel[from*(len(d.workers)+len(d.orders))+to]
}

func (d *onlineDay) place(order int) int { return len(d.workers) + order }

func (d *onlineDay) able(worker, order int) bool {
	o := &d.orders[order]
	return o.Skill == "" || d.workers[worker].Skills[o.Skill] >= max(o.Level, 1)
}

// requested tells whether an order counts: the resident did not cancel it.
func (o *onlineOrder) requested() bool { return o.Canceled == nil }

func (o *onlineOrder) real() int32 {
	if o.RealDuration != nil {
		return *o.RealDuration
	}
	return o.Duration
}

// stroll is the straight line × 1.3 at 1.2 m/s.
func stroll(dx, dy float64) int32 {
	return int32(math.Ceil(math.Sqrt(float64(dx*dx)+float64(dy*dy)) * 1.3 / 1.2))
}

// finish fills travel and the list of skills; given legs replace the walk.
func (d *onlineDay) finish(given []onlineLine) {
	n := len(d.workers) + len(d.orders)
	xy, index := make([][2]float64, 0, n), map[string]int{}
	for _, w := range d.workers {
		index[w.ID] = len(xy)
		xy = append(xy, [2]float64{w.X, w.Y})
		for s := range w.Skills {
			d.skills = append(d.skills, s)
		}
	}
	for _, o := range d.orders {
		index[o.ID] = len(xy)
		xy = append(xy, [2]float64{o.X, o.Y})
		d.skills = append(d.skills, o.Skill)
	}
	slices.Sort(d.skills)
	d.skills = slices.Compact(d.skills)
	d.travel = make([]int32, n*n)
	for i, a := range xy {
		for j, b := range xy {
			d.travel[i*n+j] = stroll(a[0]-b[0], a[1]-b[1])
		}
	}
	for _, t := range given {
		from, okA := index[t.From]
		to, okB := index[t.To]
		if okA && okB {
			d.travel[from*n+to] = *t.S
		}
	}
}

// onlineLine is any line of a replay file.
type onlineLine struct {
	Day  int    `json:"day"`
	Kind string `json:"kind"`
	From string `json:"from"`
	To   string `json:"to"`
	S    *int32 `json:"s"`
	onlineWorker
	order onlineOrder
}

func (l *onlineLine) UnmarshalJSON(data []byte) error {
	var head struct {
		Day  int    `json:"day"`
		Kind string `json:"kind"`
		From string `json:"from"`
		To   string `json:"to"`
		S    *int32 `json:"s"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return err
	}
	l.Day, l.Kind, l.From, l.To, l.S = head.Day, head.Kind, head.From, head.To, head.S
	switch l.Kind {
	case "worker":
		return json.Unmarshal(data, &l.onlineWorker)
	case "order":
		l.order = onlineOrder{Persons: 1, Tier: 4}
		return json.Unmarshal(data, &l.order)
	}
	return nil
}

// readOnline reads days from JSON lines of kind worker, order and travel.
func readOnline(ctx context.Context, r *bench.Report, path string) ([]onlineDay, error) {
	var days []onlineDay
	legs := map[int][]onlineLine{}
	seen := map[string]bool{}
	at := func(day int) *onlineDay {
		i, ok := slices.BinarySearchFunc(days, day, func(d onlineDay, day int) int { return cmp.Compare(d.day, day) })
		if !ok {
			days = slices.Insert(days, i, onlineDay{day: day})
		}
		return &days[i]
	}
	const longest = 3 * 86400
	err := bench.Lines(ctx, r, path, func(l *onlineLine, line int) error {
		bad := func(field, zh, en string) error { return bench.Malformed(path, line, field, zh, en) }
		timeOK := func(s int32) bool { return s >= -longest && s <= longest }
		whereOK := func(x, y float64) bool { return math.Abs(x) <= 1e6 && math.Abs(y) <= 1e6 }
		named := func(id string) error {
			if key := fmt.Sprint(l.Day, " ", id); id == "" || seen[key] {
				return bad("id", "编号缺失或在同一天重复", "the id is missing, or occurs twice on the day")
			} else {
				seen[key] = true
			}
			return nil
		}
		switch l.Kind {
		case "worker":
			w := l.onlineWorker
			if !timeOK(w.Shift[0]) || !timeOK(w.Shift[1]) || w.Shift[0] > w.Shift[1] {
				return bad("shift_s", "班次不对", "the shift is wrong")
			}
			if !whereOK(w.X, w.Y) {
				return bad("x_m", "位置超出范围", "the place is out of range")
			}
			if err := named(w.ID); err != nil {
				return err
			}
			d := at(l.Day)
			d.workers = append(d.workers, w)
		case "order":
			o := l.order
			switch {
			case !timeOK(o.Open) || !timeOK(o.Close) || o.Open > o.Close:
				return bad("open_s", "时间窗不对", "the window is wrong")
			case !timeOK(o.Known):
				return bad("known_s", "下单时间不对", "the moment it became known is wrong")
			case o.Duration < 0 || o.Duration > longest || o.real() < 0 || o.real() > longest:
				return bad("duration_s", "服务时长不对", "the duration is wrong")
			case o.Persons < 1 || o.Persons > 2:
				return bad("persons", "人数须为 1 或 2", "persons must be 1 or 2")
			case o.Tier < 1 || o.Tier > 4:
				return bad("tier", "优先级须为 1 到 4", "the tier must be 1 to 4")
			case !whereOK(o.X, o.Y):
				return bad("x_m", "位置超出范围", "the place is out of range")
			}
			if err := named(o.ID); err != nil {
				return err
			}
			d := at(l.Day)
			d.orders = append(d.orders, o)
		case "travel":
			if l.S == nil || *l.S < 0 || *l.S > longest {
				return bad("s", "行程时间不对", "the travel time is wrong")
			}
			legs[l.Day] = append(legs[l.Day], *l)
		default:
			return bad("kind", "类型须为 worker、order 或 travel", "the kind must be worker, order or travel")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range days {
		days[i].finish(legs[days[i].day])
	}
	if len(days) == 0 {
		return nil, bench.Malformed(path, 0, "", "没有任何一天的数据", "there is no day in the file")
	}
	return days, nil
}

// writeOnline writes days in the format readOnline reads.
func writeOnline(r *bench.Report, path string, days []onlineDay) error {
	f, err := r.CreateAt(path)
	if err != nil {
		return err
	}
	defer f.Close()
	enc := json.NewEncoder(f)
	type head struct {
		Day  int    `json:"day"`
		Kind string `json:"kind"`
	}
	for _, d := range days {
		for _, w := range d.workers {
			if err := enc.Encode(struct {
				head
				onlineWorker
			}{head{d.day, "worker"}, w}); err != nil {
				return err
			}
		}
		for _, o := range d.orders {
			if err := enc.Encode(struct {
				head
				onlineOrder
			}{head{d.day, "order"}, o}); err != nil {
				return err
			}
		}
	}
	return f.Close()
}

// archetype shapes a made neighborhood.
type archetype struct {
	width, height   float64 // meters
	estates         int     // clusters of homes
	spread          float64 // of a cluster, meters
	scattered       float64 // share of homes outside the clusters
	workers, orders int
	elder           float64 // share of care and nursing among the orders
}

var archetypes = map[string]archetype{
	"old-estate":  {1500, 1500, 6, 120, 0.1, 10, 120, 0.6},
	"new-towers":  {1200, 1200, 9, 60, 0, 10, 120, 0.3},
	"urban-rural": {4000, 4000, 8, 250, 0.4, 12, 100, 0.5},
}

// made skills, how long they take, and how rare they are among the workers.
var onlineSkills = []struct {
	name    string
	minutes [2]int
	held    float64
}{
	{"house", [2]int{20, 40}, 0.9},
	{"repair", [2]int{15, 40}, 0.5},
	{"care", [2]int{20, 45}, 0.6},
	{"nursing", [2]int{15, 30}, 0.4},
}

// draw is a generator whose draws no library change can move.
type draw struct{ pcg *rand.PCG }

func (d draw) unit() float64        { return float64(d.pcg.Uint64()>>11) / (1 << 53) }
func (d draw) n(k int) int          { return int(d.unit() * float64(k)) }
func (d draw) between(a, b int) int { return a + d.n(b-a+1) }
func (d draw) spread(s float64) float64 { // about normal, bounded
	return (d.unit() + d.unit() + d.unit() - 1.5) * 2 * s
}

// makeOnline makes one day of a neighborhood from the seed.
func (c *onlineCommand) makeOnline(seed uint64, day int) onlineDay {
	a := archetypes[c.Archetype]
	workers, orders := cmp.Or(c.Workers, a.workers), cmp.Or(c.Orders, a.orders)
	town := draw{rand.NewPCG(seed, 1)} // the same town every day
	estates := make([][2]float64, a.estates)
	for i := range estates {
		estates[i] = [2]float64{town.unit() * a.width, town.unit() * a.height}
	}
	r := draw{rand.NewPCG(seed, 100+uint64(day))}
	home := func() (x, y float64) {
		if r.unit() < a.scattered {
			return math.Round(r.unit() * a.width), math.Round(r.unit() * a.height)
		}
		e := estates[r.n(len(estates))]
		return math.Round(e[0] + r.spread(a.spread)), math.Round(e[1] + r.spread(a.spread))
	}
	d := onlineDay{day: day}
	for w := range workers {
		x, y := home()
		wk := onlineWorker{ID: fmt.Sprintf("w%d", w+1), X: x, Y: y, Shift: [2]int32{8 * 3600, 17 * 3600}, Skills: map[string]int{}}
		if w%3 == 2 {
			wk.Shift = [2]int32{11 * 3600, 20 * 3600}
		}
		for k, s := range onlineSkills {
			switch {
			case w%len(onlineSkills) == k: // every skill has somebody at the top
				wk.Skills[s.name] = 3
			case r.unit() < s.held:
				wk.Skills[s.name] = 1 + r.n(3)
			}
		}
		d.workers = append(d.workers, wk)
	}
	for o := range orders {
		x, y := home()
		k := r.n(2)
		if r.unit() < a.elder {
			k = 2 + r.n(2)
		}
		s := onlineSkills[k]
		x0 := onlineOrder{ID: fmt.Sprintf("o%d", o+1), X: x, Y: y, Skill: s.name, Level: 1, Persons: 1, Tier: 3}
		if r.unit() < 0.15 {
			x0.Level = 2
		}
		if r.unit() < 0.05 {
			x0.Persons = 2
		}
		switch u := r.unit(); {
		case u < 0.03:
			x0.Tier = 1
		case u < 0.2:
			x0.Tier = 2
		case u > 0.8:
			x0.Tier = 4
		}
		x0.Duration = int32(r.between(s.minutes[0], s.minutes[1]) * 60)
		x0.Open = int32(r.between(8*60, 17*60+30) * 60)
		wide := int32(r.between(60, 150) * 60)
		if x0.Tier == 1 {
			wide = 45 * 60
		}
		x0.Close = x0.Open + wide
		if r.unit() < c.LateShare {
			lead := int32(r.between(30, 180) * 60)
			if x0.Tier == 1 {
				lead = int32(r.between(0, 20) * 60)
			}
			x0.Known = max(7*3600, x0.Open-lead)
		}
		noise := 0.15
		if c.Stress == "noise" {
			noise = 0.5
		}
		factor := max(0.3, 1+r.spread(noise))
		if c.Stress == "slow" {
			factor *= 1.25
		}
		real := int32(float64(x0.Duration) * factor)
		x0.RealDuration = &real
		gone := 0.03
		if c.Stress == "noshow" {
			gone = 0.15
		}
		if u, when := r.unit(), int32(r.between(0, 90)*60); u < gone {
			canceled := max(x0.Known, x0.Open-when)
			x0.Canceled = &canceled
		}
		d.orders = append(d.orders, x0)
	}
	if c.Stress == "sick" {
		sick := int32(r.between(9*60, 14*60) * 60)
		d.workers[r.n(len(d.workers))].Sick = &sick
	}
	slices.SortStableFunc(d.orders, func(a, b onlineOrder) int { return cmp.Compare(a.Known, b.Known) })
	d.finish(nil)
	return d
}
