// Command linli is the hub: it serves a street office on one machine or as one of
// several nodes, shows a living neighborhood as a demo, and keeps house.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"linli"
	"linli/app"
)

// version is set by the build.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// program is the whole command line; kong reads flags, then LINLI_* variables.
type program struct {
	Serve   serve   `cmd:"" help:"Serve the hub from a data directory. 启动服务。"`
	Demo    demo    `cmd:"" help:"Show a living, simulated neighborhood. 启动演示社区。"`
	Import  imports `cmd:"" help:"Import maps and registers. 导入地图与名册。"`
	Migrate migrate `cmd:"" help:"Bring the tables up to date and stop. 升级数据表。"`
	User    users   `cmd:"" help:"Add an account or make a one-time link. 用户与一次性链接。"`
	Doctor  doctor  `cmd:"" help:"Check a data directory. 检查数据目录。"`

	Quiet   bool             `help:"Log warnings only." env:"LINLI_QUIET"`
	Version kong.VersionFlag `help:"Print the version."`
}

// place is where the data lies; every command shares it.
type place struct {
	Data     string `help:"Data directory: database, files, keys." default:"data" env:"LINLI_DATA" type:"path"`
	Database string `help:"postgres:// address; without it the SQLite file in the data directory." env:"LINLI_DATABASE"`
	Keys     string `help:"Master key file; without it in the data directory." env:"LINLI_KEYS" type:"path"`
}

func (p place) options(c *console) app.Options {
	return app.Options{Data: p.Data, Database: p.Database, Keys: p.Keys, Log: c.log, Version: version}
}

// console is where a command speaks.
type console struct {
	out io.Writer
	log *slog.Logger
}

func (c *console) say(format string, args ...any) { fmt.Fprintf(c.out, format+"\n", args...) }

// run carries out a command line and returns the exit code: 0 done, 1 failed, 2 wrong usage.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var p program
	code := -1
	parser, err := kong.New(&p, kong.Name("linli"), kong.Description("邻里 linli: the hub of community-embedded services."),
		kong.Writers(stdout, stderr), kong.Exit(func(c int) { code = c }), kong.Vars{"version": version},
		kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	command, err := parser.Parse(args)
	if code >= 0 {
		return code // --help or --version has answered
	}
	if err != nil {
		fmt.Fprintln(stderr, "linli:", err)
		return 2
	}
	level := slog.LevelInfo
	if p.Quiet {
		level = slog.LevelWarn
	}
	c := &console{out: stdout, log: slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))}
	if err := command.Run(c); err != nil {
		if e, ok := errors.AsType[*linli.Error](err); ok {
			fmt.Fprintf(stderr, "linli: %s\n       %s\n", e.Zh, e.Error())
		} else {
			fmt.Fprintln(stderr, "linli:", err)
		}
		return 1
	}
	return 0
}

type serve struct {
	place
	Addr    string `help:"Address to listen on." default:"127.0.0.1:8080" env:"LINLI_ADDR"`
	TLSCert string `help:"TLS certificate file." env:"LINLI_TLS_CERT" type:"path"`
	TLSKey  string `help:"TLS key file." env:"LINLI_TLS_KEY" type:"path"`
	MQTT    string `help:"Address for devices without TLS, on this machine only, e.g. 127.0.0.1:1883." name:"mqtt" env:"LINLI_MQTT"`
	MQTTS   string `help:"Address for devices with TLS, e.g. :8883." name:"mqtts" env:"LINLI_MQTTS"`
}

// Run serves until the process is told to stop. On a hub without accounts it
// prints the one-time link of the first administrator.
func (s *serve) Run(ctx context.Context, c *console) error {
	o := s.options(c)
	o.Addr, o.TLSCert, o.TLSKey, o.MQTT, o.MQTTS = s.Addr, s.TLSCert, s.TLSKey, s.MQTT, s.MQTTS
	a, err := app.New(ctx, o)
	if err != nil {
		return err
	}
	if err := a.Start(ctx); err != nil {
		return errors.Join(err, a.Stop(context.WithoutCancel(ctx)))
	}
	link, err := a.SetupLink(ctx)
	if err == nil {
		c.say("linli %s  %s", version, a.URL())
		if link != "" {
			c.say("首次使用，请在 72 小时内打开并设置管理员 · first use, set up the administrator within 72 hours:\n%s", link)
		}
	}
	return errors.Join(err, a.Wait(ctx))
}

type migrate struct{ place }

// Run opens the hub once, which brings every table up to date.
func (m *migrate) Run(ctx context.Context, c *console) error {
	a, err := app.New(ctx, m.options(c))
	if err != nil {
		return err
	}
	c.say("数据表已是最新 · the tables are up to date")
	return a.Stop(ctx)
}

type doctor struct{ place }

// Run checks what a hub depends on and says what it found.
func (d *doctor) Run(ctx context.Context, c *console) error {
	began := time.Now()
	a, err := app.New(ctx, d.options(c))
	if err != nil {
		return err
	}
	defer func() { _ = a.Stop(context.WithoutCancel(ctx)) }()
	opened := time.Since(began)
	findings, err := a.Examine(ctx)
	if err != nil {
		return err
	}
	c.say("打开用时 · opened in  %s", opened.Round(time.Millisecond))
	bad := false
	for _, f := range findings {
		mark := "✓"
		if !f.OK {
			mark, bad = "✗", true
		}
		c.say("%s %s · %s  %s", mark, f.Zh, f.En, f.Detail)
	}
	if bad {
		return linli.Conflict("有需要处理的问题", "something needs attention")
	}
	return nil
}
