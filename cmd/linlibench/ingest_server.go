package main

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"linli"
	"linli/cmd/linlibench/bench"
	"linli/engine"
	"linli/engine/db"
	"linli/engine/mqtt"
)

// ingestServer is the side of the hub in a process of its own, so that it can be
// measured and killed: the embedded broker before a store on disk with the
// settings of production.
type ingestServer struct {
	Dir     string `help:"Directory of the store." required:"" type:"path"`
	Addr    string `help:"Address to listen on." required:""`
	Profile string `help:"Write a CPU profile there." type:"path"`
}

func (c *ingestServer) Run(ctx context.Context, _ *bench.Report) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	e, err := engine.Open(ctx, engine.Options{Dir: c.Dir, Now: time.Now, Log: log})
	if err != nil {
		return err
	}
	defer e.Close()
	if err := e.DB.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(`CREATE TABLE IF NOT EXISTS bench_message (device TEXT NOT NULL, topic TEXT NOT NULL, at BIGINT NOT NULL, payload BLOB NOT NULL)`)
		return err
	}); err != nil {
		return err
	}
	stop, err := profile(os.Create, c.Profile)
	if err != nil {
		return err
	}
	defer stop()
	in, err := engine.OpenDevices(engine.DeviceOptions{Plain: c.Addr, Now: time.Now, Log: log})
	if err != nil {
		return err
	}
	return in.Run(ctx, mqtt.Hub{Gate: ingestGate{}, Sink: func(ctx context.Context, batch []mqtt.Message) error {
		return e.DB.Write(ctx, func(tx db.Tx) error { return keep(tx, batch) })
	}})
}

// keep stores a batch. Statements have few sizes, so that few are prepared, and
// none is large: SQLite looks for the name of a parameter among all before it.
func keep(tx db.Tx, batch []mqtt.Message) error {
	const columns = 4
	const most = 27
	args := make([]any, 0, most*columns)
	for size := most; size > 0; size /= 3 {
		for len(batch) >= size {
			args = args[:0]
			for _, m := range batch[:size] {
				args = append(args, m.Device, m.Topic, linli.Millis(m.At), m.Payload)
			}
			if _, err := tx.Exec(`INSERT INTO bench_message (device, topic, at, payload) VALUES `+db.Values(size, columns), args...); err != nil {
				return err
			}
			batch = batch[size:]
		}
	}
	return nil
}

// ingestGate knows devices by their client identifier and lets each write to its
// own topics.
type ingestGate struct{}

func (ingestGate) Admit(_ context.Context, h mqtt.Hello) (string, error) { return h.Client, nil }

func (ingestGate) MayPublish(device, topic string) bool {
	rest, ok := strings.CutPrefix(topic, "bench/")
	rest, ours := strings.CutPrefix(rest, device)
	return ok && ours && strings.HasPrefix(rest, "/")
}

func (ingestGate) MaySubscribe(string, string) bool { return false }

// storedMessages reads which messages are in the store, each counted once, by
// client and number, and how many rows that were.
func storedMessages(ctx context.Context, dir string, clients int) (sets []numberSet, rows int, err error) {
	e, err := engine.Open(ctx, engine.Options{Dir: dir, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, 0, err
	}
	defer e.Close()
	sets = slices.Grow(sets, clients)[:clients]
	err = e.DB.Read(ctx, func(tx db.Tx) error {
		found, err := tx.Query(`SELECT payload FROM bench_message`)
		if err != nil {
			return err
		}
		defer found.Close()
		for found.Next() {
			var payload []byte
			if err := found.Scan(&payload); err != nil {
				return err
			}
			if client, seq, ok := readReading(payload); ok && client < clients {
				sets[client].add(seq)
			}
			rows++
		}
		return found.Err()
	})
	return sets, rows, err
}
