package engine

import (
	"crypto/tls"
	"log/slog"
	"time"

	"linli"
	"linli/engine/mqtt"
	"linli/engine/mqtt/broker"
)

// DeviceOptions say how devices reach the hub by MQTT.
type DeviceOptions struct {
	Plain   string        // address to listen on without TLS, "" for none
	Secure  string        // address to listen on with TLS, "" for none
	TLS     *tls.Config   // of Secure; with ClientCAs, devices can show certificates
	Session time.Duration // the longest that a session waits for its device; 0 means 7 days
	Now     linli.Now
	Log     *slog.Logger
}

// OpenDevices opens the ingress of devices; nobody is let in before its Run.
func OpenDevices(o DeviceOptions) (mqtt.Ingress, error) {
	return broker.New(broker.Options{Plain: o.Plain, Secure: o.Secure, TLS: o.TLS, Session: o.Session, Now: o.Now, Log: o.Log})
}
