package app

import (
	"context"
	"crypto/tls"
	"net"
	"strings"

	"linli/engine"
	"linli/engine/bus"
	"linli/engine/mqtt"
	"linli/sense/device"
)

// ingress lets devices speak to the hub by MQTT: who they are and what they may do is
// asked of their register, which also stores what they say.
type ingress struct {
	*App
	mqtt.Ingress
	due chan string // devices that are to be sent what waits for them
}

// manyDue is how many devices may wait to be sent something. Whoever finds no room is
// sent it when it next tells its state.
const manyDue = 4096

// openDevices opens the addresses for devices, when there are any.
func (a *App) openDevices() error {
	if a.MQTT == "" && a.MQTTS == "" {
		return nil
	}
	o := engine.DeviceOptions{Plain: a.MQTT, Secure: a.MQTTS, DB: a.engines.DB, Now: a.Now, Log: a.Log}
	if a.MQTTS != "" {
		o.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{*a.tls}}
	}
	in, err := engine.OpenDevices(o)
	if err != nil {
		return err
	}
	a.devices = &ingress{App: a, Ingress: in, due: make(chan string, manyDue)}
	a.onStop("devices", func(context.Context) error { return in.Close() })
	return nil
}

// Devices is where devices come in without TLS, after New; empty when nowhere.
func (a *App) Devices() string {
	if a.devices == nil {
		return ""
	}
	if b, ok := a.devices.Ingress.(interface{ Plain() net.Addr }); ok && b.Plain() != nil {
		return b.Plain().String()
	}
	return ""
}

func (in *ingress) run(ctx context.Context) error {
	in.background("downlinks", func() error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case id := <-in.due:
				if err := in.send(ctx, id); err != nil && ctx.Err() == nil {
					in.Log.Error("a device was not sent what waits for it", "device", id, "error", err)
				}
			}
		}
	})
	return in.Run(ctx, mqtt.Hub{Gate: in, Sink: in.store})
}

// Admit asks the register; a certificate counts before a token.
func (in *ingress) Admit(ctx context.Context, h mqtt.Hello) (string, error) {
	if h.Certificate != nil {
		return in.slices.device.AuthenticateCertificate(ctx, h.User, h.Certificate)
	}
	return in.slices.device.Authenticate(ctx, h.User, h.Secret)
}

func (in *ingress) MayPublish(id, topic string) bool { return in.slices.device.MayPublish(id, topic) }

func (in *ingress) MaySubscribe(id, filter string) bool {
	return in.slices.device.MaySubscribe(id, filter)
}

// store hands a batch to the register. A device that has told its state reads by now,
// and is sent what waits for it.
func (in *ingress) store(ctx context.Context, batch []mqtt.Message) error {
	said := make([]device.Message, len(batch))
	for i, m := range batch {
		said[i] = device.Message{Device: m.Device, Topic: m.Topic, Payload: m.Payload, At: m.At}
	}
	if err := in.slices.device.Sink(ctx, said); err != nil {
		return err
	}
	for _, m := range batch {
		if strings.HasSuffix(m.Topic, "/"+device.UpState) {
			in.owe(m.Device)
		}
	}
	return nil
}

// hear follows what is decided about devices, on whatever node.
func (in *ingress) hear(e bus.Event) {
	switch e.Kind {
	case device.EventCommanded, device.EventDesired:
		in.owe(e.Key)
	case device.EventRevoked, device.EventSuspended, device.EventRetired:
		in.Disconnect(e.Key)
	}
}

func (in *ingress) owe(id string) {
	select {
	case in.due <- id:
	default:
	}
}

func (in *ingress) send(ctx context.Context, id string) error {
	list, err := in.slices.device.Downlinks(ctx, id)
	for _, d := range list {
		if err == nil {
			err = in.Publish(ctx, mqtt.Command{Topic: d.Topic, Payload: d.Payload, QoS: 1})
		}
	}
	return err
}
