package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"linli"
	"linli/app"
	"linli/auth"
	"linli/sim"
)

// street is the demo's street office; the province code 99 does not exist.
const street linli.Place = "990001001"

// communities are the three kinds of places the plan wants as pilots.
var communities = []app.Region{
	{Code: street + "001", Name: "康乐社区"}, // old estate
	{Code: street + "002", Name: "新禾社区"}, // new towers
	{Code: street + "003", Name: "河埠社区"}, // urban fringe
}

type demo struct {
	Data     string        `help:"Data directory; without it a temporary one, removed at the end." type:"path"`
	Addr     string        `help:"Address to listen on." default:"127.0.0.1:8080"`
	Seed     uint64        `help:"Seed of the neighborhood." default:"7"`
	At       time.Time     `help:"Simulated moment at which the day is shown; without it now." format:"2006-01-02T15:04:05Z07:00"`
	Speed    float64       `help:"Simulated seconds per second." default:"10"`
	For      time.Duration `help:"End by itself after so long; without it when told to."`
	Warm     time.Duration `help:"Simulated time lived before the moment it is shown." default:"3h"`
	Report   string        `help:"Write a JSON report there at the end." type:"path"`
	Map      string        `help:"Map file, or a directory with the layers of one area." type:"path"`
	Messages string        `help:"JSON lines of citizens' messages to replay through the intake." type:"path"`
	PerHour  float64       `help:"Demands per hour by day." default:"60"`
	People   int           `help:"Residents to register." default:"420"`
}

// clock is simulated time: it runs at a speed that may change while it runs.
type clock struct {
	mu    sync.Mutex
	at    time.Time // simulated moment at since
	since time.Time
	speed float64
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at.Add(time.Duration(float64(time.Since(c.since)) * c.speed))
}

func (c *clock) run(speed float64) {
	at := c.now()
	c.mu.Lock()
	c.at, c.since, c.speed = at, time.Now(), speed
	c.mu.Unlock()
}

// warmSpeed is how fast the hours before the shown moment are lived.
const warmSpeed = 900

// Run shows a living neighborhood: it lives a few hours in fast motion, then at
// the given speed until ctx or its time ends, and reports what came of it.
func (d *demo) Run(ctx context.Context, c *console) (err error) {
	if d.Speed <= 0 || d.Speed > warmSpeed {
		return linli.Invalidf("speed", "速度须在 0 到 %d 之间", "the speed must lie between 0 and %d", warmSpeed)
	}
	if d.Data == "" {
		if d.Data, err = os.MkdirTemp("", "linli-demo-"); err != nil {
			return err
		}
		defer os.RemoveAll(d.Data)
	}
	if d.At.IsZero() {
		d.At = time.Now()
	}
	began := d.At.Add(-d.Warm)
	time0 := &clock{at: began, since: time.Now()}
	if d.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d.For)
		defer cancel()
	}
	a, err := app.New(ctx, app.Options{Data: d.Data, Addr: d.Addr, Demo: true, Now: time0.now, Log: c.log, Version: version})
	if err != nil {
		return err
	}
	if err := a.Start(ctx); err != nil {
		return errors.Join(err, a.Stop(context.WithoutCancel(ctx)))
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
		defer cancel()
		err = errors.Join(err, a.Stop(stop))
	}()
	c.say("邻里 linli %s 正在准备演示社区 · preparing the neighborhood …", version)
	if err := d.people(ctx, a); err != nil {
		return err
	}
	if err := d.town(ctx, a); err != nil {
		return err
	}
	town, err := sim.New(ctx, sim.Options{URL: a.URL(), Seed: d.Seed, Now: time0.now, Log: c.log, Street: street, PerHour: d.PerHour, People: d.People})
	if err != nil {
		return err
	}
	if d.Messages != "" {
		if err := town.Replay(ctx, d.Messages); err != nil {
			return err
		}
	}
	if d.Warm > 0 {
		time0.run(warmSpeed)
		warm, cancel := context.WithTimeout(ctx, time.Duration(float64(d.Warm)/warmSpeed))
		err := town.Live(warm, 40*time.Millisecond)
		cancel()
		if err != nil {
			return err
		}
	}
	time0.run(d.Speed)
	d.welcome(c, a)
	if err := town.Live(ctx, 250*time.Millisecond); err != nil {
		return err
	}
	return d.report(ctx, c, town, time0.now().Sub(began))
}

func (d *demo) welcome(c *console, a *app.App) {
	u := a.URL()
	c.say("\n  控制台 console      %s/", u)
	c.say("  换角色 step into    %s/demo", u)
	c.say("  居民端 resident     %s/h/", u)
	c.say("  服务端 worker       %s/w/\n", u)
}

// staff are the people of the street office; the sim signs in as them and hires the rest.
var staff = []auth.NewUser{
	{Login: "zhou.min", Name: "周敏", Grants: []auth.Grant{{Role: "duty-officer", Place: street}}},
	{Login: "he.qing", Name: "何青", Grants: []auth.Grant{{Role: "dispatcher", Place: street}}},
	{Login: "lu.jian", Name: "陆建平", Grants: []auth.Grant{{Role: "street-director", Place: street}}},
	{Login: "shen.lan", Name: "沈兰", Grants: []auth.Grant{{Role: "community-secretary", Place: street + "001"}}},
	{Login: "gu.xin", Name: "顾欣", Grants: []auth.Grant{{Role: "data-steward", Place: street}}},
	{Login: "admin", Name: "秦越", Grants: []auth.Grant{{Role: "platform-admin"}}},
	{Login: "security", Name: "方宁", Grants: []auth.Grant{{Role: "security-admin"}}},
	{Login: "audit", Name: "段清", Grants: []auth.Grant{{Role: "audit-admin"}}},
	{Login: "finance", Name: "余芳", Grants: []auth.Grant{{Role: "finance"}}},
	{Login: "oc.chair", Name: "章立", Grants: []auth.Grant{{Role: "oc-chair"}}},
	{Login: "assessor", Name: "白露", Grants: []auth.Grant{{Role: "assessor"}}},
	{Login: "guest", Name: "观摩", Grants: []auth.Grant{{Role: "viewer"}}},
}

// people makes the accounts of the street office. They have no passwords: the
// demo is entered by the page that steps into roles.
func (d *demo) people(ctx context.Context, a *app.App) error {
	for _, u := range staff {
		if _, err := a.AddUser(ctx, u); err != nil {
			return err
		}
	}
	return nil
}

// town puts buildings on the map: those of a real map, or invented ones.
func (d *demo) town(ctx context.Context, a *app.App) error {
	if d.Map == "" {
		_, err := a.ImportMapFrom(ctx, "town", bytes.NewReader(sim.Town(d.Seed)), communities)
		return err
	}
	files, err := app.MapFiles(d.Map)
	if err != nil {
		return err
	}
	_, err = a.ImportMap(ctx, files, communities)
	return err
}

// report asks the hub how the day went; the time is up, so under a context of its own.
func (d *demo) report(ctx context.Context, c *console, town *sim.Sim, lived time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 60*time.Second)
	defer cancel()
	r, err := town.Report(ctx)
	if err != nil {
		return err
	}
	r.SimulatedMin = lived.Round(time.Minute).Minutes()
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if d.Report != "" {
		if err := os.WriteFile(d.Report, append(raw, '\n'), 0o644); err != nil {
			return err
		}
	} else {
		c.say("%s", raw)
	}
	if r.Lost > 0 || r.Unexplained > 0 {
		return fmt.Errorf("%d demands lost, %d assignments without reasons", r.Lost, r.Unexplained)
	}
	return nil
}
