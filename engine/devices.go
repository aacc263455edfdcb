package engine

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"time"

	"linli"
	"linli/engine/db"
	"linli/engine/mqtt"
	"linli/engine/mqtt/bridge"
	"linli/engine/mqtt/broker"
)

// DeviceOptions say how devices reach the hub by MQTT: at addresses of its own,
// or through a broker that exists already.
type DeviceOptions struct {
	Plain  string      // address to listen on without TLS, "" for none
	Secure string      // address to listen on with TLS, "" for none
	TLS    *tls.Config // of Secure, where ClientCAs lets devices show certificates; or for the broker of Bridge
	DB     db.DB       // keeps retained messages of the addresses; nil ends them with the process
	Bridge string      // mqtt:// or mqtts:// URL of an existing broker, instead of the addresses

	// Of a bridge only; see bridge.Options.
	Client  string
	User    string
	Secret  []byte
	Filters []string
	Device  func(topic string) string

	Session time.Duration // the longest that a session waits for its client; 0 means what is usual for the home
	Now     linli.Now
	Log     *slog.Logger
}

// OpenDevices opens the ingress of devices; nothing is let in before its Run.
func OpenDevices(o DeviceOptions) (mqtt.Ingress, error) {
	if o.Bridge == "" {
		return broker.New(broker.Options{Plain: o.Plain, Secure: o.Secure, TLS: o.TLS, DB: o.DB, Session: o.Session, Now: o.Now, Log: o.Log})
	}
	if o.Plain != "" || o.Secure != "" {
		return nil, errors.New("engine: devices come to addresses of the hub or to an existing broker, not to both")
	}
	return bridge.New(bridge.Options{URL: o.Bridge, TLS: o.TLS, Client: o.Client, User: o.User, Secret: o.Secret, Filters: o.Filters, Device: o.Device,
		Session: o.Session, Now: o.Now, Log: o.Log})
}
