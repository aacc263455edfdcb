package app

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"linli"
	"log/slog"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write ui/src/api/openapi.json from the registered routes")

const openAPIFile = "../ui/src/api/openapi.json"

// quiet builds a hub in a temp dir that listens to nothing.
func quiet(t *testing.T, change func(*Options)) *App {
	t.Helper()
	o := Options{Data: t.TempDir(), Addr: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler), Demo: true, Version: "1"}
	if change != nil {
		change(&o)
	}
	a, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return a
}

// The web is built against the routes as they are: a drift fails here.
func TestOpenAPIIsWhatTheWebWasBuiltAgainst(t *testing.T) {
	a := quiet(t, nil)
	got, err := a.router.OpenAPI().MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	got = indent(t, got)
	if *update {
		if err := os.WriteFile(openAPIFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(openAPIFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(got) {
		t.Errorf("%s is not what the routes say; run: go test ./app -run OpenAPI -update && cd ui && npm run gen", openAPIFile)
	}
}

func indent(t *testing.T, raw []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", " "); err != nil {
		t.Fatal(err)
	}
	out.WriteByte('\n')
	return out.Bytes()
}

// Tokens of devices do not cross a network in clear, and TLS needs its certificate.
func TestDevicesComeInSafely(t *testing.T) {
	t.Parallel()
	for field, o := range map[string]Options{
		"mqtt":  {MQTT: ":1883"},
		"mqtts": {MQTTS: ":8883"},
	} {
		o.Data = t.TempDir()
		if err := o.Validate(); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("%s: %v", field, err)
		}
	}
	if o := (Options{Data: t.TempDir(), MQTT: "localhost:1883"}); o.Validate() != nil {
		t.Error("the own machine is refused")
	}
}
