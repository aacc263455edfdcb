package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"linli/cmd/linlibench/bench"
	"linli/decide/sense"
)

// homeData is one home as it was recorded, on its own clock.
type homeData struct {
	name      string
	file      string
	sensors   []sense.Sensor
	names     []string // of the sensors
	events    []sense.Event
	truth     []truth // labeled stretches, in time order; for injection and presence only
	dropped   int     // label rows that end before they start
	unlabeled bool    // truth is what the presence machine says

	entries     []int // see bathEntries
	entriesFrom int64
	nightMoves  []int // of all nights, sorted; see wander
}

// truth is a stretch in which the labels say where the person was.
type truth struct {
	from, to int64
	state    sense.State
}

const (
	msSecond = int64(1000)
	msHour   = 3600 * msSecond
	msDay    = 24 * msHour
)

func (h *homeData) begin() int64 { return h.events[0].At }
func (h *homeData) end() int64   { return h.events[len(h.events)-1].At }

// at is what the labels say about a moment; Unknown where they say nothing.
func (h *homeData) at(t int64) sense.State {
	i, _ := slices.BinarySearchFunc(h.truth, t, func(s truth, t int64) int { return cmp.Compare(s.to, t+1) })
	for ; i < len(h.truth) && h.truth[i].from <= t; i++ {
		if t < h.truth[i].to {
			return h.truth[i].state
		}
	}
	return sense.Unknown
}

// reading is a sensor as a file names it, before it has a role.
type reading struct {
	name    string
	at      int64
	value   float32
	contact bool // said OPEN or CLOSE
	kind    string
	place   string
}

// table reads a CSV with a header; the columns that are needed come first.
func table(r *bench.Report, path string, need []string, row func(line int, field []string) error) error {
	data, err := r.Read(path)
	if err != nil {
		return err
	}
	c := csv.NewReader(bytes.NewReader(data))
	c.FieldsPerRecord = -1
	c.ReuseRecord = true
	c.LazyQuotes = true
	head, err := c.Read()
	if err != nil {
		return bench.Malformed(path, 1, "", "文件没有表头", "the file has no header")
	}
	column := make([]int, len(need))
	for i, name := range need {
		optional := strings.HasSuffix(name, "?")
		column[i] = slices.IndexFunc(head, func(h string) bool { return strings.TrimSpace(h) == strings.TrimSuffix(name, "?") })
		if column[i] < 0 && !optional {
			return bench.Malformed(path, 1, name, "缺少列 "+name, "column "+name+" is missing")
		}
	}
	field := make([]string, len(need))
	for {
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			line := 0
			if wrong := (*csv.ParseError)(nil); errors.As(err, &wrong) {
				line = wrong.Line
			}
			return bench.Malformed(path, line, "", "这一行不是 CSV", "the line is no CSV: "+err.Error())
		}
		line, _ := c.FieldPos(0)
		for i, at := range column {
			field[i] = ""
			if at >= 0 && at < len(record) {
				field[i] = strings.TrimSpace(record[at])
			} else if at >= 0 && !strings.HasSuffix(need[i], "?") {
				return bench.Malformed(path, line, need[i], "这一行的列数不足", "the line has too few columns")
			}
		}
		if err := row(line, field); err != nil {
			return err
		}
	}
}

// clock reads a local time with an optional fraction of a second.
func clock(path string, line int, field, text string) (int64, error) {
	t, err := time.Parse("2006-01-02 15:04:05", strings.Replace(text, "T", " ", 1))
	if err != nil || t.Year() < 1971 || t.Year() > 2190 {
		return 0, bench.Malformed(path, line, field, "时间应形如 2006-01-02 15:04:05", "a time looks like 2006-01-02 15:04:05")
	}
	return t.UnixMilli(), nil
}

// readCasas reads time,sensor,state,activity.
func readCasas(r *bench.Report, name, path string, roles map[string]string) (*homeData, error) {
	var signals []reading
	type labeled struct {
		at       int64
		activity string
	}
	var labels []labeled
	err := table(r, path, []string{"time", "sensor", "state", "activity?"}, func(line int, f []string) error {
		at, err := clock(path, line, "time", f[0])
		if err != nil {
			return err
		}
		s := reading{name: f[1], at: at}
		switch strings.ToUpper(f[2]) {
		case "ON", "PRESENT":
			s.value = 1
		case "OFF", "ABSENT":
		case "OPEN":
			s.value, s.contact = 1, true
		case "CLOSE", "CLOSED":
			s.contact = true
		default:
			return nil // levels of light, heat and batteries are not behavior
		}
		if s.name == "" {
			return bench.Malformed(path, line, "sensor", "缺少传感器名称", "the sensor has no name")
		}
		signals = append(signals, s)
		labels = append(labels, labeled{at, f[3]})
		return nil
	})
	if err != nil {
		return nil, err
	}
	h, err := assemble(name, path, signals, roles)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(labels, func(a, b labeled) int { return cmp.Compare(a.at, b.at) })
	left := int64(math.MinInt64 / 2) // last time the label said leaving
	for i := range len(labels) - 1 {
		a, b := labels[i], labels[i+1]
		if a.activity == "" && b.activity == "" || b.at == a.at {
			continue
		}
		here, next := strings.ToLower(a.activity), strings.ToLower(b.activity)
		state := labelState(here)
		if leaves(here) {
			left = a.at
		}
		// The last signs of who leaves often carry the next label already.
		if long := b.at-a.at >= 10*60*msSecond; long && (a.at-left <= 60*msSecond || strings.Contains(next, "enter")) {
			state = sense.Away
		} else if state == sense.Away {
			state = sense.Awake // on the way to the door
		}
		h.truth = appendTruth(h.truth, truth{a.at, b.at, state})
	}
	return h, nil
}

// readOrdonez reads spans start,end,location,type,place and labels start,end,activity.
func readOrdonez(r *bench.Report, name, sensors, labels string, roles map[string]string) (*homeData, error) {
	var signals []reading
	err := table(r, sensors, []string{"start", "end", "location", "type?", "place?"}, func(line int, f []string) error {
		from, err := clock(sensors, line, "start", f[0])
		if err != nil {
			return err
		}
		to, err := clock(sensors, line, "end", f[1])
		if err != nil {
			return err
		}
		s := reading{name: f[2], kind: f[3], place: f[4]}
		signals = append(signals, begins(s, from), ends(s, max(from, to)))
		return nil
	})
	if err != nil {
		return nil, err
	}
	h, err := assemble(name, sensors, signals, roles)
	if err != nil || labels == "" {
		return h, err
	}
	err = table(r, labels, []string{"start", "end", "activity"}, func(line int, f []string) error {
		from, err := clock(labels, line, "start", f[0])
		if err != nil {
			return err
		}
		to, err := clock(labels, line, "end", f[1])
		if err != nil {
			return err
		}
		h.label(from, to, f[2])
		return nil
	})
	return h, errors.Join(err, h.settleTruth())
}

// readKasteren reads spans start,duration_s,sensor and labels start,duration_s,activity.
func readKasteren(r *bench.Report, name, sensors, labels string, roles map[string]string) (*homeData, error) {
	span := func(path string, line int, f []string) (from, to int64, err error) {
		if from, err = clock(path, line, "start", f[0]); err != nil {
			return
		}
		length, bad := strconv.ParseFloat(f[1], 64)
		if bad != nil || !(length >= 0 && length < 1e8) {
			return 0, 0, bench.Malformed(path, line, "duration_s", "持续时间应为非负秒数", "a duration is a number of seconds, at least 0")
		}
		return from, from + int64(length*1000), nil
	}
	var signals []reading
	err := table(r, sensors, []string{"start", "duration_s", "sensor"}, func(line int, f []string) error {
		from, to, err := span(sensors, line, f)
		if err == nil {
			signals = append(signals, begins(reading{name: f[2]}, from), ends(reading{name: f[2]}, to))
		}
		return err
	})
	for i := range signals {
		signals[i].kind = kindOf(signals[i].name)
	}
	if err != nil {
		return nil, err
	}
	h, err := assemble(name, sensors, signals, roles)
	if err != nil || labels == "" {
		return h, err
	}
	err = table(r, labels, []string{"start", "duration_s", "activity"}, func(line int, f []string) error {
		from, to, err := span(labels, line, f)
		if err == nil {
			h.label(from, to, f[2])
		}
		return err
	})
	return h, errors.Join(err, h.settleTruth())
}

// kindOf reads from its name how a sensor of a home of contacts works: reed switches
// and floats unless it says otherwise.
func kindOf(name string) string {
	name = strings.ToLower(name)
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(name, w) })
	}
	switch {
	case has("pressure", "press", " mat", "piezo"):
		return "Pressure"
	case has("pir", "motion"):
		return "PIR"
	}
	return "Magnetic"
}

func begins(s reading, at int64) reading { s.at, s.value = at, 1; return s }
func ends(s reading, at int64) reading   { s.at, s.value = at, 0; return s }

func leaves(activity string) bool {
	return strings.Contains(activity, "leave") || strings.Contains(activity, "leaving") || strings.Contains(activity, "step_out") || strings.Contains(activity, "step-out")
}

// labelState is where an activity happens.
func labelState(activity string) sense.State {
	a := strings.ToLower(activity)
	switch {
	case a == "":
		return sense.Unknown
	case leaves(a):
		return sense.Away
	case strings.Contains(a, "sleep") && !strings.Contains(a, "go_to_sleep") && !strings.Contains(a, "out_of_bed"), strings.Contains(a, "go-to-bed"):
		return sense.Asleep
	}
	return sense.Awake
}

func (h *homeData) label(from, to int64, activity string) {
	if to < from {
		h.dropped++
		return
	}
	h.truth = append(h.truth, truth{from, to, labelState(activity)})
}

// settleTruth sorts labeled spans and fills what lies between two of them on one
// day with being awake at home, unless the way out moved: nobody labels idling.
func (h *homeData) settleTruth() error {
	slices.SortStableFunc(h.truth, func(a, b truth) int { return cmp.Compare(a.from, b.from) })
	var out []truth
	for _, s := range h.truth {
		if n := len(out); n > 0 {
			if gap := s.from - out[n-1].to; gap > 0 && gap < 6*msHour && !h.doorMoves(out[n-1].to, s.from) {
				out = appendTruth(out, truth{out[n-1].to, s.from, sense.Awake})
			}
			s.from = max(s.from, out[len(out)-1].to)
		}
		if s.from < s.to {
			out = appendTruth(out, s)
		}
	}
	h.truth = out
	return nil
}

func (h *homeData) doorMoves(from, to int64) bool {
	return slices.ContainsFunc(h.stream(from, to), func(e sense.Event) bool { return h.sensors[e.Sensor].Role == sense.OuterDoor })
}

func appendTruth(all []truth, s truth) []truth {
	if n := len(all); n > 0 && all[n-1].state == s.state && all[n-1].to == s.from {
		all[n-1].to = s.to
		return all
	}
	return append(all, s)
}

// nameFor keeps names apart where one stands in several places.
func (h *homeData) nameFor(s reading) string {
	if slices.Contains(h.names, s.name) && s.place != "" {
		return s.name + "@" + s.place
	}
	return s.name
}

// assemble gives the signals their sensors and roles.
func assemble(name, path string, signals []reading, roles map[string]string) (*homeData, error) {
	if len(signals) < 2 {
		return nil, bench.Malformed(path, 0, "sensor", "文件没有可用的传感器事件", "the file holds no usable sensor events")
	}
	h := &homeData{name: name, file: path}
	slices.SortStableFunc(signals, func(a, b reading) int { return cmp.Compare(a.at, b.at) })
	type key struct {
		name, place string
		contact     bool
	}
	known := map[key]int{}
	merge := 0
	for _, s := range signals { // how many are there?
		k := key{s.name, s.place, s.contact}
		if _, ok := known[k]; !ok {
			known[k] = merge
			merge++
		}
	}
	crowded := merge > sense.MaxSensors
	clear(known)
	shared := map[sense.Sensor]int{}
	for _, s := range signals {
		k := key{s.name, s.place, s.contact}
		i, ok := known[k]
		if !ok {
			sensor, use, err := roleOf(s, roles)
			if err != nil {
				return nil, err
			}
			if !use {
				known[k] = -1
				continue
			}
			same, already := shared[sensor]
			if crowded && already {
				i = same
			} else {
				i = len(h.sensors)
				if i >= sense.MaxSensors {
					return nil, bench.Malformed(path, 0, "sensor", "传感器过多", "there are too many kinds of sensors")
				}
				h.sensors = append(h.sensors, sensor)
				h.names = append(h.names, h.nameFor(s))
				shared[sensor] = i
			}
			known[k] = i
		}
		if i >= 0 {
			h.events = append(h.events, sense.Event{At: s.at, Sensor: uint16(i), Value: s.value})
		}
	}
	if len(h.events) < 2 {
		return nil, bench.Malformed(path, 0, "sensor", "没有传感器有可用的用途", "no sensor has a role that can be used")
	}
	return h, nil
}
