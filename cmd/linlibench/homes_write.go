package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"time"

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
	for _, h := range s.homes {
		for _, x := range h.base.findings {
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
