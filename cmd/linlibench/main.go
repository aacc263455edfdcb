// Command linlibench measures the algorithms of linli on files that anybody can
// bring. Every command prints exactly one JSON object on standard output, also
// when it fails; progress goes to standard error.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"linli/cmd/linlibench/bench"

	"github.com/alecthomas/kong"
)

// commands is the whole program: a field per command. A command is a struct of
// flags with a method Run(context.Context, *bench.Report) error in a file of its own.
type commands struct {
	bench.Flags
	Orders ordersCommand `cmd:"" help:"Measure lives of orders over HTTP on a real store."`
	Text   textCommand   `cmd:"" help:"Train and judge the text classifier."`
	Route  routeCommand  `cmd:"" help:"Plan vehicle routing instances with time windows."`
	Hhcrsp hhcrspCommand `cmd:"" help:"Plan home health care instances."`
	Walk   walkCommand   `cmd:"" help:"Travel times on the ways of an OpenStreetMap file."`
	Online onlineCommand `cmd:"" help:"Play days of orders through dispatch policies."`
	Boost  boostCommand  `cmd:"" help:"Train trees on a table and judge them."`
	Falls  fallsCommand  `cmd:"" help:"Find falls in recorded accelerations."`
	Homes  homesCommand  `cmd:"" help:"Judge the behavior detectors on recorded homes."`
	Ingest ingestCommand `cmd:"" help:"Measure the ingress of devices by MQTT."`

	IngestServer ingestServer  `cmd:"" hidden:"" help:"The side of ingest that is measured."`
	Series       seriesCommand `cmd:"" help:"Measure the telemetry store."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main as a function, so that tests can call it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	report := bench.New(args, time.Now(), stderr)
	err := execute(ctx, args, report, stderr)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		err = &bench.Failure{Code: bench.ExitLimit, Kind: "limit", Zh: "未在时限内得出结果", En: "no answer within the limit"}
	}
	return report.Print(stdout, err)
}

// helped ends kong's parsing after it has printed help.
type helped struct{}

func execute(ctx context.Context, args []string, report *bench.Report, stderr io.Writer) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case helped:
			report.Note("help was printed on standard error")
			err = nil
		default:
			fmt.Fprintf(stderr, "%v\n%s", p, debug.Stack())
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	var cli commands
	parser, err := kong.New(&cli, kong.Name("linlibench"), kong.Description("Measures linli. One JSON object per run."),
		kong.Writers(stderr, stderr), kong.Exit(func(int) { panic(helped{}) }))
	if err != nil {
		return err
	}
	if len(args) > 0 && slices.ContainsFunc(parser.Model.Children, func(n *kong.Node) bool { return n.Name == args[0] }) {
		report.Command = args[0] // also when the flags after it are wrong
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return bench.Usage("", "参数有误："+err.Error(), err.Error())
	}
	report.Command, report.Flags = parsed.Command(), cli.Flags
	if cli.Threads < 1 {
		return bench.Usage("threads", "--threads 须至少为 1", "--threads must be at least 1")
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return parsed.Run(report)
}
