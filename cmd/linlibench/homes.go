package main

import (
	"context"
	"hash/fnv"
	"path/filepath"
	"slices"
	"strings"

	"linli/cmd/linlibench/bench"
	"linli/decide/sense"
)

// homesCommand judges decide/sense on recorded homes: false findings on the
// untouched days, recall on events that are injected into them. Each home is
// judged with a cohort made of other homes.
type homesCommand struct {
	Casas      []string  `help:"CASAS CSV: time,sensor,state,activity." sep:"none" placeholder:"[NAME=]FILE"`
	Ordonez    []string  `help:"CSV start,end,location,type,place and CSV start,end,activity." sep:"none" placeholder:"[NAME=]SENSORS,ADLS"`
	Kasteren   []string  `help:"CSV start,duration_s,sensor and CSV start,duration_s,activity." sep:"none" placeholder:"[NAME=]SENSORS,ACTIVITIES"`
	Roles      string    `help:"JSON object of sensor to role (motion, use, seat, bed, outer-door, each with @room, or ignore)." placeholder:"FILE"`
	WarmupDays float64   `help:"Days before anything is judged." default:"7"`
	Inject     int       `help:"Injections per class and severity, over all homes." default:"200"`
	InjectSeed uint64    `help:"Seed of the injections; --seed when absent."`
	Budget     float64   `help:"False prompts of all classes per person-week." default:"1.0"`
	AnswerRate float64   `help:"Share of prompts that are answered." default:"0.9"`
	TrainHomes []string  `help:"Homes the cohort is made of; all but the judged one when absent." placeholder:"NAME,..."`
	TestHomes  []string  `help:"Homes to judge; all when absent." placeholder:"NAME,..."`
	Points     []float64 `help:"Multiples of the budget to print as points." default:"0.25,0.5,1,1.5,2,4" placeholder:"X,..."`
	Findings   string    `help:"Write one JSON line per finding of the untouched homes." placeholder:"FILE"`
	Write      string    `help:"Write the injected streams as CASAS CSV, and truth.csv, into this directory." placeholder:"DIR"`
}

// Run is the command.
func (c *homesCommand) Run(ctx context.Context, r *bench.Report) error {
	if err := c.check(); err != nil {
		return err
	}
	homes, err := c.load(r)
	if err != nil {
		return err
	}
	tests, err := choose(homes, c.TestHomes, "test-homes")
	if err != nil {
		return err
	}
	trains, err := choose(homes, c.TrainHomes, "train-homes")
	if err != nil {
		return err
	}
	study := &study{command: c, report: r, points: c.Points}
	if err := study.prepare(ctx, tests, trains); err != nil {
		return err
	}
	if err := study.openWrite(); err != nil {
		return err
	}
	return study.run(ctx)
}

func (c *homesCommand) check() error {
	switch {
	case len(c.Casas)+len(c.Ordonez)+len(c.Kasteren) == 0:
		return bench.Usage("casas", "请至少给出一户：--casas、--ordonez 或 --kasteren", "name at least one home: --casas, --ordonez or --kasteren")
	case !(c.WarmupDays >= 0 && c.WarmupDays <= 365):
		return bench.Usage("warmup-days", "--warmup-days 须在 0 到 365 之间", "--warmup-days must lie between 0 and 365")
	case c.Inject < 1 || c.Inject > 100000:
		return bench.Usage("inject", "--inject 须在 1 到 100000 之间", "--inject must lie between 1 and 100000")
	case !(c.Budget > 0 && c.Budget <= 20):
		return bench.Usage("budget", "--budget 须大于 0，不超过 20", "--budget must be above 0, up to 20")
	case slices.ContainsFunc(c.Points, func(x float64) bool { return !(x > 0 && x <= 5) }):
		return bench.Usage("points", "--points 须大于 0，不超过 5", "--points takes numbers above 0, up to 5")
	case !(c.AnswerRate >= 0 && c.AnswerRate <= 1):
		return bench.Usage("answer-rate", "--answer-rate 须在 0 到 1 之间", "--answer-rate must lie between 0 and 1")
	}
	return nil
}

// load reads all homes, in the order of the flags.
func (c *homesCommand) load(r *bench.Report) ([]*homeData, error) {
	roles, err := readRoles(r, c.Roles)
	if err != nil {
		return nil, err
	}
	var homes []*homeData
	read := func(args []string, parts int, one func(name string, paths []string) (*homeData, error)) error {
		for _, arg := range args {
			name, paths := named(arg)
			files := strings.Split(paths, ",")
			if len(files) > parts || files[0] == "" {
				return bench.Usage("", "文件个数有误："+arg, "wrong number of files: "+filepath.Base(arg))
			}
			if name == "" {
				name, _, _ = strings.Cut(filepath.Base(files[0]), ".")
			}
			for len(files) < parts {
				files = append(files, "")
			}
			h, err := one(name, files)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(homes, func(o *homeData) bool { return o.name == h.name }) {
				return bench.Usage("", "两户同名："+h.name, "two homes have the name "+h.name)
			}
			h.promoteDoor(r)
			homes = append(homes, h)
			if h.dropped > 0 {
				r.Note("%s: %d label rows end before they start and were left out", h.name, h.dropped)
			}
		}
		return nil
	}
	err = read(c.Casas, 1, func(name string, p []string) (*homeData, error) { return readCasas(r, name, p[0], roles) })
	if err == nil {
		err = read(c.Ordonez, 2, func(name string, p []string) (*homeData, error) { return readOrdonez(r, name, p[0], p[1], roles) })
	}
	if err == nil {
		err = read(c.Kasteren, 2, func(name string, p []string) (*homeData, error) { return readKasteren(r, name, p[0], p[1], roles) })
	}
	return homes, err
}

// named splits NAME=PATHS; a path may hold = after a separator.
func named(arg string) (name, paths string) {
	before, after, ok := strings.Cut(arg, "=")
	if !ok || strings.ContainsAny(before, "/\\,.") {
		return "", arg
	}
	return before, after
}

// promoteDoor makes the motion sensor at the way out its contact where there is no other.
func (h *homeData) promoteDoor(r *bench.Report) {
	at := -1
	for i, s := range h.sensors {
		if s.Role == sense.OuterDoor {
			return
		}
		if s.Role == sense.Motion && s.Room == sense.Entrance && strings.Contains(strings.ToLower(h.names[i]), "door") {
			at = i
		}
	}
	if at < 0 {
		r.Note("%s: no sensor at the way out: absences cannot be told from silence", h.name)
		return
	}
	h.sensors[at].Role = sense.OuterDoor
	r.Note("%s: no contact at the way out; the motion sensor %s stands for it", h.name, h.names[at])
}

// choose gives the homes of these names, all for none.
func choose(homes []*homeData, names []string, flag string) ([]*homeData, error) {
	if len(names) == 0 {
		return homes, nil
	}
	var out []*homeData
	for _, name := range names {
		i := slices.IndexFunc(homes, func(h *homeData) bool { return h.name == name })
		if i < 0 {
			return nil, bench.Usage(flag, "没有名为 "+name+" 的住户", "there is no home named "+name)
		}
		out = append(out, homes[i])
	}
	return out, nil
}

// streamOf numbers the random streams by what they are for, not by their order.
func streamOf(parts ...string) uint64 {
	h := fnv.New64a()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return h.Sum64()
}
