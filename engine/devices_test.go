package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"linli"
	"linli/engine"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/engine/mqtt"
	"linli/engine/mqtt/mqtttest"
)

// What a device was told is received is there after kill -9, and so is what it
// wanted to be retained.
func TestAcknowledgedMessagesSurviveKill(t *testing.T) {
	if dbtest.IsVictim() {
		ingest(t)
		return
	}
	t.Parallel()
	rounds := 3
	if testing.Short() {
		rounds = 1
	}
	for name, dsn := range map[string]func(*testing.T) string{
		"sqlite":   func(*testing.T) string { return "" },
		"postgres": dbtest.NewPostgres,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, store := filepath.Join(t.TempDir(), "data"), dsn(t)
			var acknowledged []string
			for range rounds {
				acknowledged = append(acknowledged, dbtest.Kill(t, time.Duration(rand.IntN(200))*time.Millisecond, "LINLI_DIR="+folder, "LINLI_DSN="+store)...)
			}
			e, _, addr := devices(t, folder, store)
			stored, retained := map[string]bool{}, map[string]int64{}
			if err := e.DB.Read(t.Context(), func(tx db.Tx) error {
				rows, err := tx.Query(`SELECT payload FROM said`)
				if err != nil {
					return err
				}
				defer rows.Close()
				for rows.Next() {
					var payload string
					if err := rows.Scan(&payload); err != nil {
						return err
					}
					stored[payload] = true
				}
				return rows.Err()
			}); err != nil {
				t.Fatal(err)
			}
			for _, payload := range acknowledged {
				if !stored[payload] {
					t.Errorf("%s was acknowledged and is lost", payload)
				}
				device, n := numbered(t, payload)
				retained[device] = max(retained[device], n)
			}
			c := mqtttest.Connected(t, mqtttest.Dial{Version: 5, Addr: addr, ID: "watcher", Clean: true})
			if err := c.Subscribe(t, "up/#", 1); err != nil {
				t.Fatal(err)
			}
			for range retained {
				h := c.Await(t)
				device, n := numbered(t, h.Payload)
				if !h.Retain || n < retained[device] {
					t.Errorf("retained is %+v, acknowledged was %d", h, retained[device])
				}
			}
			t.Logf("%d kills, %d acknowledged, %d stored", rounds, len(acknowledged), len(stored))
		})
	}
}

// numbered reads "d3 17…": the device and a number that rises with time.
func numbered(t *testing.T, payload string) (string, int64) {
	t.Helper()
	device, number, _ := strings.Cut(payload, " ")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return device, n
}

// devices opens an engine with an ingress that stores what devices say.
func devices(t *testing.T, folder, dsn string) (*engine.Engine, mqtt.Ingress, string) {
	t.Helper()
	e, err := engine.Open(t.Context(), engine.Options{Dir: folder, DSN: dsn, Now: time.Now, Log: mqtttest.Quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	if err := e.DB.Write(t.Context(), func(tx db.Tx) error {
		_, err := tx.Exec(`CREATE TABLE IF NOT EXISTS said (payload TEXT NOT NULL)`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	in, err := engine.OpenDevices(engine.DeviceOptions{Plain: addr, DB: e.DB, Now: time.Now, Log: mqtttest.Quiet})
	if err != nil {
		t.Fatal(err)
	}
	mqtttest.Run(t, in, mqtt.Hub{Gate: mqtttest.Doors{}, Sink: func(ctx context.Context, batch []mqtt.Message) error {
		return e.DB.Write(ctx, func(tx db.Tx) error {
			for _, m := range batch {
				if _, err := tx.Exec(`INSERT INTO said (payload) VALUES ($1)`, string(m.Payload)); err != nil {
					return err
				}
			}
			return nil
		})
	}})
	return e, in, addr
}

// ingest is the life of the victim: devices talk to it until it is killed.
func ingest(t *testing.T) {
	_, _, addr := devices(t, os.Getenv("LINLI_DIR"), os.Getenv("LINLI_DSN"))
	failed := make(chan error)
	for i := range 6 {
		id := fmt.Sprintf("d%d", i)
		c := mqtttest.Connected(t, mqtttest.Dial{Version: mqtttest.Versions[i%2], Addr: addr, ID: id, Clean: true})
		go func() {
			for {
				payload := fmt.Sprintf("%s %d", id, time.Now().UnixNano())
				if err := <-c.Send(t.Context(), "up/"+id+"/n", payload, 1, true); err != nil {
					failed <- fmt.Errorf("%s: %w", id, err)
					return
				}
				dbtest.Report(payload)
			}
		}()
	}
	t.Fatal(<-failed)
}

func TestDevicesComeThroughOneHome(t *testing.T) {
	t.Parallel()
	for _, o := range []engine.DeviceOptions{
		{},
		{Plain: "127.0.0.1:0", Bridge: "mqtt://127.0.0.1:1"},
		{Bridge: "http://127.0.0.1:1", Client: "hub", Filters: []string{"up/#"}, Device: func(string) string { return "" }},
		{Bridge: "mqtt://127.0.0.1:1", Client: "hub", Filters: []string{"up/#"}},
		{Bridge: "mqtt://127.0.0.1:1", Filters: []string{"up/#"}, Device: func(string) string { return "" }},
		{Bridge: "mqtt://127.0.0.1:1", Client: "hub", Device: func(string) string { return "" }},
	} {
		o.Now, o.Log = time.Now, mqtttest.Quiet
		if _, err := engine.OpenDevices(o); err == nil {
			t.Errorf("opened: %+v", o)
		}
	}
	in, err := engine.OpenDevices(engine.DeviceOptions{Bridge: "mqtt://127.0.0.1:1", Client: "hub", Filters: []string{"up/#"}, Device: func(string) string { return "" }, Now: time.Now, Log: mqtttest.Quiet})
	if err != nil {
		t.Fatal(err)
	}
	mqtttest.Run(t, in, mqtt.Hub{Gate: mqtttest.Doors{}, Sink: mqtttest.NewStore().Sink})
	if err := in.Publish(t.Context(), mqtt.Command{Topic: "down/x"}); linli.KindOf(err) != linli.KindUnavailable {
		t.Errorf("while the broker is away: %v", err)
	}
}
