package main

import (
	"bytes"
	"slices"
	"time"

	"linli/cmd/linlibench/bench"
	"linli/decide/sense"
)

// speed plays the untouched days again, alone, and measures.
func (s *study) speed() {
	events, size := 0, 0
	var spent time.Duration
	for _, h := range s.homes {
		for range max(1, 200000/len(h.events)) {
			home, err := sense.Open(h.plan)
			if err != nil {
				return
			}
			begin := bench.CPU()
			for _, e := range h.events {
				home.Step(e)
			}
			spent += bench.CPU() - begin
			events += len(h.events)
			if b, err := home.Snapshot(); err == nil {
				size = max(size, len(b))
			}
		}
	}
	s.report.Set("events_per_s", bench.Number(bench.Round(float64(events)/spent.Seconds(), 0)))
	s.report.Set("state_kib_max", bench.Round(float64(size)/1024, 2))
}

// replay checks that a home restarted from its snapshot at every hundredth event
// finds the same and remembers the same.
func (s *study) replay() error {
	ok, restarts := true, 0
	for _, h := range slices.Concat(s.homes, s.mades) {
		home, err := sense.Open(h.plan)
		if err != nil {
			return err
		}
		var found []sense.Finding
		for i, e := range h.events {
			if i%100 == 50 {
				b, err := home.Snapshot()
				if err != nil {
					return err
				}
				if home, err = sense.Open(h.plan); err != nil {
					return err
				}
				if err := home.Restore(b); err != nil {
					return err
				}
				restarts++
			}
			fs, err := home.Step(e)
			if err != nil {
				return err
			}
			found = append(found, fs...)
		}
		a, err := home.Snapshot()
		if err != nil {
			return err
		}
		b, err := h.base.home.Snapshot()
		if err != nil {
			return err
		}
		ok = ok && bytes.Equal(a, b) && slices.Equal(found, h.base.findings)
	}
	s.report.Check("replay_equal", ok, "%d restarts from snapshots, findings and memory compared bit for bit", restarts)
	return nil
}
