package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"linli/cmd/linlibench/bench"
)

// yardstick lets mosquitto take the same messages from the same fleet, with its
// persistence on and off. It stores nothing that nobody subscribes to and writes
// its memory to disk every half hour, so it does less than the hub does. ours is
// what the hub acknowledged in a second.
func (c *ingestCommand) yardstick(ctx context.Context, r *bench.Report, ours float64) error {
	if c.Mosquitto == 0 {
		return nil
	}
	program, err := exec.LookPath("mosquitto")
	if err != nil {
		program = "/usr/sbin/mosquitto" // where Debian puts it, outside the path of users
	}
	if _, err := os.Stat(program); err != nil {
		r.Note("mosquitto is not installed, so there is no yardstick")
		return nil
	}
	out := map[string]map[string]any{}
	for _, persistent := range []bool{true, false} {
		name := map[bool]string{true: "persistent", false: "volatile"}[persistent]
		figures, err := c.mosquitto(ctx, r, program, name, persistent)
		if err != nil {
			return err
		}
		out[name] = figures
	}
	r.Set("mosquitto", out)
	if c.FlatOut {
		r.Set("of_mosquitto", bench.Round(ours/out["persistent"]["acked_per_s"].(float64), 3))
	}
	return nil
}

func (c *ingestCommand) mosquitto(ctx context.Context, r *bench.Report, program, name string, persistent bool) (map[string]any, error) {
	dir, err := os.MkdirTemp("", "linlibench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	var port int
	if _, err := fmt.Sscanf(addr, "127.0.0.1:%d", &port); err != nil {
		return nil, err
	}
	config := fmt.Sprintf("listener %d 127.0.0.1\nallow_anonymous true\nlog_type none\npersistence %t\npersistence_location %s/\nmax_inflight_messages %d\n", port, persistent, dir, c.Window)
	if os.Getuid() == 0 {
		config += "user root\n"
	}
	path := filepath.Join(dir, "mosquitto.conf")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		return nil, err
	}
	s, err := startBroker(ctx, addr, program, "-c", path)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	lasting := time.Duration(min(c.Mosquitto, c.Seconds)) * time.Second
	figures, _, err := c.measure(ctx, r, "mosquitto "+name, addr, lasting, func() *brokerProcess { return s }, func(func(*brokerProcess)) error { return nil })
	return figures, err
}
