package broker_test

import (
	"testing"
	"time"

	"linli/engine/mqtt/broker"
	"linli/engine/mqtt/mqtttest"
)

func open(t *testing.T, patience time.Duration) mqtttest.Site {
	t.Helper()
	b, err := broker.New(broker.Options{Plain: "127.0.0.1:0", Secure: "127.0.0.1:0", TLS: mqtttest.ServerTLS(t), Patience: patience, Now: time.Now, Log: mqtttest.Quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return mqtttest.Site{In: b, Plain: b.Plain().String(), Secure: b.Secure().String()}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	mqtttest.Ingress(t, open)
	mqtttest.Broker(t, open)
}
