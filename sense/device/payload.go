package device

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"linli"
)

// The shape of what devices send. Bounds keep one device from holding up a batch.
const (
	maxPayload  = 64 << 10
	maxReadings = 500
	early       = 5 * time.Minute     // how far a device's clock may be ahead
	late        = 30 * 24 * time.Hour // how old what it kept may be: raw data is not kept longer (domain.md 11.3)
)

// Reasons why something was not taken; the last one of a device is shown.
const (
	badTopic   = "topic"   // another device's topic, or none of ours
	badPayload = "payload" // not the JSON it should be, or too large
	badWord    = "unknown" // a metric, event, setting or command that its kind does not have
	badRange   = "range"   // a value that cannot be true
	badClock   = "clock"   // a time in the future
	badAge     = "old"     // older than may be kept
	badState   = "state"   // of a device that is not in service
	badStore   = "store"   // the store of samples refused it
)

// reading is one moment of a device: {"t":1772413200000,"m":{"hr":72},"e":["sos"]}.
// Without t it is of the moment it arrives.
type reading struct {
	T *int64              `json:"t"`
	M map[string]*float64 `json:"m"`
	E []string            `json:"e"`
}

var errPayload = errors.New("device: not a payload")

// strict reads exactly one JSON value into v and refuses unknown fields.
func strict(raw []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return errPayload
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errPayload
	}
	return nil
}

// readReadings reads one reading or an array of them.
func readReadings(raw []byte) (out []reading, err error) {
	if len(raw) > maxPayload {
		return nil, errPayload
	}
	if bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("[")) {
		err = strict(raw, &out)
	} else {
		var r *reading
		if err = strict(raw, &r); r != nil {
			out = []reading{*r}
		}
	}
	if err != nil || len(out) == 0 || len(out) > maxReadings {
		return nil, errPayload
	}
	return out, nil
}

// taken is what a reading says that can be true.
type taken struct {
	at      time.Time
	t       int64 // as the device wrote it; of arrival when it did not
	clock   bool  // at is the arrival, since t cannot be true
	values  []value
	events  []string
	refused []string // a reason per word that was not taken
}

type value struct {
	metric *Metric
	v      float64
}

// judge takes apart a reading of a device of the kind. A value with an impossible
// time is refused; an event is not: an alarm counts though the clock is wrong.
func judge(k *Kind, r reading, arrived time.Time) (out taken) {
	out.at, out.t = linli.Time(linli.Millis(arrived)), linli.Millis(arrived)
	when := ""
	if r.T != nil {
		out.t = *r.T
		switch {
		case out.t > arrived.Add(early).UnixMilli():
			when = badClock
		case out.t < arrived.Add(-late).UnixMilli():
			when = badAge
		default:
			out.at = linli.Time(out.t)
		}
		out.clock = when != ""
	}
	for _, code := range slices.Sorted(maps.Keys(r.M)) {
		v := r.M[code]
		switch {
		case !slices.Contains(k.Metrics, code):
			out.refused = append(out.refused, badWord)
		case v == nil || *v < Kinds.metrics[code].Min || *v > Kinds.metrics[code].Max:
			out.refused = append(out.refused, badRange)
		case when != "":
			out.refused = append(out.refused, when)
		default:
			out.values = append(out.values, value{Kinds.metrics[code], *v})
		}
	}
	for _, code := range r.E {
		switch {
		case !slices.Contains(k.Events, code):
			out.refused = append(out.refused, badWord)
		case !slices.Contains(out.events, code):
			out.events = append(out.events, code)
		}
	}
	return out
}

// report is what a device says of itself: numbers, and the name of its firmware.
type report struct {
	Battery  *int               `json:"battery"`
	Signal   *int               `json:"signal"`
	Firmware *string            `json:"firmware"`
	Settings map[string]float64 `json:"settings"`
}

// readReport reads what a device says of itself and tells why it cannot be taken.
func readReport(k *Kind, raw []byte) (r report, reason string) {
	switch {
	case len(raw) > maxPayload || strict(raw, &r) != nil:
		return r, badPayload
	case r.Battery != nil && (*r.Battery < 0 || *r.Battery > 100), r.Signal != nil && (*r.Signal < -200 || *r.Signal > 50):
		return r, badRange
	case r.Firmware != nil && !validFirmware(*r.Firmware):
		return r, badRange
	}
	return r, settingsReason(k, r.Settings)
}

// settingsReason tells why settings do not fit a kind, "" when they do.
func settingsReason(k *Kind, settings map[string]float64) (reason string) {
	for code, v := range settings {
		switch x := Kinds.settings[code]; {
		case !slices.Contains(k.Settings, code):
			return badWord
		case v < x.Min || v > x.Max:
			reason = badRange
		}
	}
	return reason
}

// validFirmware keeps the one text a device may send short and plain: 1.4.2-rc1.
func validFirmware(s string) bool {
	return len(s) > 0 && len(s) <= 32 && strings.Trim(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_+") == ""
}

// ack is a device's answer to a command.
type ack struct {
	ID string `json:"id"`
	OK bool   `json:"ok"`
}
