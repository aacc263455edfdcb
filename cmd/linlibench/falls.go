package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"linli/cmd/linlibench/bench"
	"linli/decide/boost"
	"linli/decide/sense"
)

// fallsCommand trains decide/sense with decide/boost to find falls in recorded
// accelerations and judges it on persons it has not seen.
type fallsCommand struct {
	Trials         []string `help:"JSON lines of recordings to learn from." required:"" placeholder:"FILE"`
	Test           []string `help:"Recordings of other persons to judge on." placeholder:"FILE"`
	Leave          string   `help:"subject: leave out every person in turn." enum:"subject,nobody" default:"nobody" placeholder:"subject"`
	FalseAlarmCost float64  `help:"What the share of false alarms weighs against the share of missed falls." default:"1"`
	Window         float64  `help:"Length of a window, seconds." default:"4"`
	Predictions    string   `help:"Write one JSON line per judged recording into this file." placeholder:"FILE"`
}

// trial is one recording of the input.
type trial struct {
	Activity   string    `json:"activity"`
	Fall       bool      `json:"fall"`
	Subject    string    `json:"subject"`
	Elder      bool      `json:"elder"`
	Rep        int       `json:"rep"`
	Hz         float64   `json:"hz"`
	N          int       `json:"n"`
	X          []float64 `json:"x"`
	Y          []float64 `json:"y"`
	Z          []float64 `json:"z"`
	T          []float64 `json:"t"`
	FallWindow []float64 `json:"fall_window"`

	seconds float64
	peak    float64 // g, of the samples as recorded
	record  sense.FallRecording
}

// fallAnswer is a judged recording.
type fallAnswer struct {
	*trial
	p         float64 // highest of its windows, 0 without a window
	threshold float64 // of the fold it was judged in
	windows   int
	alarms    int // windows that are called a fall
}

func (a *fallAnswer) positive() bool { return a.alarms > 0 }

// fallLearner is the model behind the figures: many small trees that see few
// columns each, so that no single habit of few persons decides.
func fallLearner(r *bench.Report) *boost.Learner {
	return &boost.Learner{Seed: r.Seed, Bins: 64, Params: boost.Params{Loss: boost.Logistic, Trees: 300, Leaves: 8, Rate: 0.05,
		MinWeight: 12, Lambda: 1, Rows: 0.7, Columns: 0.15, Threads: r.Threads}}
}

// Run is the command.
func (c *fallsCommand) Run(ctx context.Context, r *bench.Report) error {
	if (len(c.Test) > 0) == (c.Leave == "subject") {
		return bench.Usage("test", "请在 --test 与 --leave subject 中选一个", "say either --test or --leave subject")
	}
	if !(c.FalseAlarmCost > 0) || math.IsInf(c.FalseAlarmCost, 0) {
		return bench.Usage("false_alarm_cost", "--false-alarm-cost 须大于零", "--false-alarm-cost must be positive")
	}
	if _, err := sense.NewFallFinder(c.Window); err != nil {
		return bench.Usage("window", "--window 超出范围："+err.Error(), err.Error())
	}
	all, err := loadTrials(ctx, r, c.Trials)
	if err != nil {
		return err
	}
	splits, err := c.splits(ctx, r, all)
	if err != nil {
		return err
	}
	leaks := 0
	for _, s := range splits {
		for _, t := range s.test {
			if slices.ContainsFunc(s.train, func(o *trial) bool { return o.Subject == t.Subject }) {
				leaks++
			}
		}
	}
	r.Check("no_leak", leaks == 0, "%d recordings are judged by a model that knows the person", leaks)

	var answers []fallAnswer
	var thresholds []bench.Number
	var learning, judging time.Duration
	windows := 0
	var gain [len(sense.FallFeatures)]float64
	for i, s := range splits {
		r.Progress("part %d of %d: %d recordings teach, %d are judged", i+1, len(splits), len(s.train), len(s.test))
		cpu := bench.CPU()
		l := fallLearner(r)
		records := make([]sense.FallRecording, len(s.train))
		for k, t := range s.train {
			records[k] = t.record
		}
		rule, err := sense.LearnFalls(ctx, records, l, c.Window, c.FalseAlarmCost)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return bench.Malformed(c.Trials[0], 0, "fall", "训练部分无法使用："+err.Error(), "the training part cannot be used: "+err.Error())
		}
		learning += bench.CPU() - cpu
		thresholds = append(thresholds, bench.Number(bench.Round(rule.Threshold, 4)))
		for j, g := range l.Model().Gain() {
			gain[j] += g
		}
		cpu = bench.CPU()
		for _, t := range s.test {
			a, err := watchTrial(t, l, rule)
			if err != nil {
				return err
			}
			windows += a.windows
			answers = append(answers, a)
		}
		judging += bench.CPU() - cpu
	}
	r.Set("thresholds", thresholds)
	r.Set("train_cpu_s", bench.Round(learning.Seconds(), 3))
	r.Set("n_windows", windows)
	r.Set("us_per_window", bench.Number(bench.Round(float64(judging.Nanoseconds())/1e3/float64(windows), 2)))
	reportFalls(r, answers)
	reportGain(r, sense.FallFeatures[:], gain[:])
	r.Note("laboratory recordings: the figures do not carry to the field")
	r.Note("us_per_window is processor time of the whole stream, from sample to answer, per window looked at")
	if c.Predictions != "" {
		return writeFalls(r, c.Predictions, answers)
	}
	return nil
}

// watchTrial streams a recording through a detector.
func watchTrial(t *trial, l sense.Learner, rule sense.FallRule) (fallAnswer, error) {
	a := fallAnswer{trial: t, threshold: rule.Threshold}
	d, err := sense.NewFallDetector(l, rule)
	if err != nil {
		return a, err
	}
	see := func(f sense.FallFinding) {
		a.windows++
		a.p = max(a.p, f.P)
		if f.Fall {
			a.alarms++
		}
	}
	for _, s := range t.record.Samples {
		f, looked, err := d.Step(s)
		if err != nil {
			return a, err
		}
		if looked {
			see(f)
		}
	}
	rest, err := d.Finish()
	for _, f := range rest {
		see(f)
	}
	return a, err
}

type fallSplit struct{ train, test []*trial }

// splits are the parts to learn from and to judge on. Persons to be judged never teach.
func (c *fallsCommand) splits(ctx context.Context, r *bench.Report, all []*trial) ([]fallSplit, error) {
	known := map[string]int{}
	number := func(t *trial) {
		if _, ok := known[t.Subject]; !ok {
			known[t.Subject] = len(known)
		}
		t.record.Subject = known[t.Subject]
	}
	for _, t := range all {
		number(t)
	}
	if len(c.Test) == 0 {
		var subjects []string
		for _, t := range all {
			if !slices.Contains(subjects, t.Subject) {
				subjects = append(subjects, t.Subject)
			}
		}
		var splits []fallSplit
		for _, name := range subjects {
			var s fallSplit
			for _, t := range all {
				if t.Subject == name {
					s.test = append(s.test, t)
				} else {
					s.train = append(s.train, t)
				}
			}
			splits = append(splits, s)
		}
		r.Set("n_train", len(all))
		r.Set("n_test", len(all))
		return splits, nil
	}
	test, err := loadTrials(ctx, r, c.Test)
	if err != nil {
		return nil, err
	}
	s := fallSplit{test: test}
	for _, t := range all {
		if !slices.ContainsFunc(test, func(o *trial) bool { return o.Subject == t.Subject }) {
			s.train = append(s.train, t)
		}
	}
	if n := len(all) - len(s.train); n > 0 {
		r.Note("%d recordings of persons who are judged were left out of the training", n)
	}
	r.Set("n_train", len(s.train))
	r.Set("n_test", len(test))
	return []fallSplit{s}, nil
}

func loadTrials(ctx context.Context, r *bench.Report, paths []string) ([]*trial, error) {
	paths, err := bench.Expand(paths, ".jsonl", ".json")
	if err != nil {
		return nil, err
	}
	var out []*trial
	for _, path := range paths {
		before := len(out)
		err := bench.Lines(ctx, r, path, func(t *trial, line int) error {
			if err := t.prepare(path, line); err != nil {
				return err
			}
			out = append(out, t)
			return nil
		})
		if err != nil {
			return nil, err
		}
		if len(out) == before {
			return nil, bench.Malformed(path, 0, "", "文件中没有记录", "the file holds no recording")
		}
	}
	return out, nil
}

// prepare checks a recording and brings it to the rate of the detector. Time
// stamps come in bursts and can run backward: only their span is used.
func (t *trial) prepare(path string, line int) error {
	bad := func(field, zh, en string) error { return bench.Malformed(path, line, field, zh, en) }
	n := len(t.X)
	switch {
	case t.Subject == "":
		return bad("subject", "缺少受试者", "the subject is missing")
	case n < 2 || len(t.Y) != n || len(t.Z) != n || t.N != 0 && t.N != n:
		return bad("x", "x、y、z 长度须与 n 相同且至少为 2", "x, y and z must have the length n, at least 2")
	case t.T != nil && len(t.T) != n:
		return bad("t", "t 的长度须与 x 相同", "t must be as long as x")
	case t.T == nil && !(t.Hz > 0):
		return bad("hz", "缺少采样率", "the sampling rate is missing")
	case t.FallWindow != nil && (len(t.FallWindow) != 2 || !(t.FallWindow[0] <= t.FallWindow[1])):
		return bad("fall_window", "须为 [起, 止] 秒", "it must be [from, to] in seconds")
	}
	samples := make([]sense.Acceleration, n)
	for i := range samples {
		samples[i] = sense.Acceleration{X: t.X[i], Y: t.Y[i], Z: t.Z[i]}
		t.peak = max(t.peak, samples[i].Length())
	}
	origin := 0.0
	if t.T != nil {
		origin = slices.Min(t.T)
		t.seconds = slices.Max(t.T) - origin
	} else {
		t.seconds = float64(n-1) / t.Hz
	}
	if t.T != nil || t.Hz != sense.FallHz {
		var err error
		if samples, err = sense.Resample(samples, t.seconds); err != nil {
			return bad("t", "无法重采样："+err.Error(), err.Error())
		}
	}
	t.record = sense.FallRecording{Samples: samples, Fall: t.Fall}
	if t.Fall && t.FallWindow != nil {
		t.record.From, t.record.To = t.FallWindow[0]-origin, t.FallWindow[1]-origin
	}
	t.X, t.Y, t.Z, t.T = nil, nil, nil, nil
	return nil
}

// writeFalls stores the answers, in the order they were judged.
func writeFalls(r *bench.Report, path string, answers []fallAnswer) error {
	f, err := r.CreateAt(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	enc := json.NewEncoder(w)
	for _, a := range answers {
		err := enc.Encode(struct {
			Subject   string  `json:"subject"`
			Activity  string  `json:"activity"`
			Rep       int     `json:"rep"`
			Elder     bool    `json:"elder"`
			Fall      bool    `json:"fall"`
			Predicted bool    `json:"predicted"`
			P         float64 `json:"p"`
			Threshold float64 `json:"threshold"`
			Windows   int     `json:"windows"`
			Alarms    int     `json:"alarms"`
			PeakG     float64 `json:"peak_g"`
		}{a.Subject, a.Activity, a.Rep, a.Elder, a.Fall, a.positive(), bench.Round(a.p, 6), bench.Round(a.threshold, 6), a.windows, a.alarms, bench.Round(a.peak, 3)})
		if err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write the predictions: %w", err)
	}
	return f.Close()
}

// byName sorts groups of answers for the tables.
func byName(answers []fallAnswer, name func(a *fallAnswer) string) (names []string, groups map[string][]fallAnswer) {
	groups = map[string][]fallAnswer{}
	for i := range answers {
		k := name(&answers[i])
		if groups[k] == nil {
			names = append(names, k)
		}
		groups[k] = append(groups[k], answers[i])
	}
	slices.SortFunc(names, cmp.Compare[string])
	return names, groups
}
