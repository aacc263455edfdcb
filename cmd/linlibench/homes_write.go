package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"linli/cmd/linlibench/bench"
	"linli/decide/sense"
)

// localTime writes a moment of a home's clock as the inputs do.
func localTime(at int64) string {
	return time.UnixMilli(at).UTC().Format("2006-01-02 15:04:05.000")
}

var stateNames = [...]string{sense.Unknown: "unknown", sense.Awake: "awake", sense.Asleep: "asleep", sense.Away: "away"}

// findings writes a JSON line per finding of the untouched homes, with its
// explanation.
func (s *study) findings(path string) error {
	f, err := s.report.CreateAt(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	enc := json.NewEncoder(w)
	for i, h := range slices.Concat(s.homes, s.mades) {
		for _, x := range h.base.findings {
			if made := i >= len(s.homes); made != s.made(x.Class) {
				continue // a class is told once, from the streams it is judged on
			}
			var events []string
			for _, m := range x.Why.Events {
				if m.At != 0 {
					events = append(events, localTime(m.At)+" "+h.names[m.Sensor])
				}
			}
			err := enc.Encode(struct {
				Home     string   `json:"home"`
				Class    string   `json:"class"`
				Detector int      `json:"detector"`
				Version  int      `json:"version"`
				Severity int      `json:"severity"`
				Warmup   bool     `json:"warmup"`
				At       string   `json:"at"`
				Since    string   `json:"since"`
				Case     uint32   `json:"case"`
				Observed float64  `json:"observed"`
				Low      float64  `json:"low"`
				High     float64  `json:"high"`
				P        float64  `json:"p"`
				Limit    float64  `json:"p_limit"`
				State    string   `json:"state"`
				Days     float32  `json:"days"`
				Cohort   float32  `json:"cohort_weight"`
				Events   []string `json:"events"`
			}{h.name, x.Class.String(), int(x.Detector), int(x.Version), int(x.Severity), x.At < h.from, localTime(x.At), localTime(x.Since), x.Case,
				x.Why.Observed, x.Why.Low, x.Why.High, x.Why.P, x.Why.Limit, stateNames[x.Why.State], x.Why.Days, x.Why.Cohort, events})
			if err != nil {
				return fmt.Errorf("write the findings: %w", err)
			}
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write the findings: %w", err)
	}
	return f.Close()
}

// made tells whether a class is judged on made streams.
func (s *study) made(c sense.Class) bool {
	return slices.ContainsFunc(s.classes, func(i *injector) bool { return i.made && slices.Contains(i.counts, c) })
}

// openWrite makes the directory of --write and its table: a row per injected
// stream. A stream is the file of its home up to cut, then its own file; so the long past is
// written once.
func (s *study) openWrite() error {
	dir := s.command.Write
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return bench.Missing(dir, err)
	}
	return s.file("truth.csv", os.O_TRUNC, func(w *bufio.Writer) {
		fmt.Fprintln(w, "stream,class,severity,start,end,home,cut,found,delay_h")
	})
}

func (s *study) file(name string, flag int, fill func(*bufio.Writer)) error {
	f, err := os.OpenFile(filepath.Join(s.command.Write, name), os.O_CREATE|os.O_WRONLY|flag, 0o644)
	if err != nil {
		return bench.Missing(name, err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	fill(w)
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return f.Close()
}

// write puts the injected streams of a class into the directory of --write.
func (s *study) write(c *injector, h *subject, all []verdict) error {
	base := h.name
	if c.made {
		base += "-made"
	}
	if err := s.file(base+".csv", os.O_TRUNC, func(w *bufio.Writer) { h.casas(w, h.events) }); err != nil {
		return err
	}
	return s.file("truth.csv", os.O_APPEND, func(truth *bufio.Writer) {
		for i, v := range all {
			name := fmt.Sprintf("%s-%s-%03d.csv", c.class, h.name, i)
			if err := s.file(name, os.O_TRUNC, func(w *bufio.Writer) { h.casas(w, v.events) }); err != nil {
				s.report.Note("%s was not written: %v", name, err)
				continue
			}
			delay := ""
			if v.found {
				delay = strconv.FormatFloat(hoursOf(v.delay), 'f', 3, 64)
			}
			fmt.Fprintf(truth, "%s,%s,%d,%s,%s,%s.csv,%s,%t,%s\n", name, c.class, v.severity, localTime(v.at), localTime(v.until), base, localTime(v.cut), v.found, delay)
		}
	})
}

// casas writes events as CASAS rows; made sensors that measure write their value.
func (h *homeData) casas(w *bufio.Writer, events []sense.Event) {
	fmt.Fprintln(w, "time,sensor,state,activity")
	for _, e := range events {
		state := strconv.FormatFloat(float64(e.Value), 'g', -1, 32)
		switch role := h.sensors[e.Sensor].Role; {
		case role == sense.OuterDoor && e.Value > 0:
			state = "OPEN"
		case role == sense.OuterDoor:
			state = "CLOSE"
		case role < sense.OuterDoor && e.Value > 0:
			state = "ON"
		case role < sense.OuterDoor:
			state = "OFF"
		}
		fmt.Fprintf(w, "%s,%s,%s,\n", localTime(e.At), h.names[e.Sensor], state)
	}
}
