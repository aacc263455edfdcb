package device

import (
	"context"
	"maps"
	"slices"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/bus"
	"linli/engine/db"
)

// Message is what a device has published.
type Message struct {
	Device  string // by the name that Authenticate gave
	Topic   string
	Payload []byte
	At      time.Time // when it arrived
}

// Sink stores a batch in one transaction and returns nil only after the commit: the
// sink of a broker. What can never be taken is counted with its device and put
// aside; an error means that nothing of the batch was stored and that it may come again.
func (s *Service) Sink(ctx context.Context, batch []Message) error {
	return s.DB.Write(ctx, func(tx db.Tx) error { return s.Take(tx, batch) })
}

// tally is what a batch brought of one device.
type tally struct {
	d        *row
	given    []string // purposes its person agrees to now
	seen     int64
	battery  *int
	signal   *int
	firmware *string
	refused  int64
	withheld int64
	reason   string
}

func (t *tally) refuse(reason string) { t.refused++; t.reason = reason }

// Take judges and stores a batch within tx. States and consents are read in the same
// transaction, so what a person has taken back is not stored any more, whatever the
// gate of a node still let through.
func (s *Service) Take(tx db.Tx, batch []Message) error {
	all, err := s.tallies(tx, batch)
	if err != nil {
		return err
	}
	now := s.Now()
	var samples []Sample
	for _, m := range batch {
		t := all[m.Device]
		if t == nil {
			continue // nobody we know; the gate lets in only whom it knows
		}
		at := m.At
		if at.IsZero() || at.After(now) {
			at = now
		}
		leaf, ok := own(m.Device, m.Topic)
		if !t.d.State.speaks() {
			t.refuse(badState)
			continue
		}
		t.seen = max(t.seen, linli.Millis(at))
		switch {
		case ok && leaf == UpData:
			found, err := s.takeData(tx, t, m.Payload, at)
			if err != nil {
				return err
			}
			samples = append(samples, found...)
		case ok && leaf == UpState:
			err = s.takeState(tx, t, m.Payload, at)
		case ok && leaf == UpAck:
			err = s.takeAck(tx, t, m.Payload)
		default:
			t.refuse(badTopic)
		}
		if err != nil {
			return err
		}
	}
	if len(samples) > 0 && s.Samples != nil {
		refused, err := s.Samples.Append(tx, samples)
		if err != nil {
			return err
		}
		for _, i := range refused {
			all[samples[i].Device].refuse(badStore)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if err := s.heard(tx, all[id]); err != nil {
			return err
		}
	}
	return nil
}

// tallies reads the devices of a batch and what their people agree to.
func (s *Service) tallies(tx db.Tx, batch []Message) (map[string]*tally, error) {
	ids := make([]string, 0, len(batch))
	for _, m := range batch {
		ids = append(ids, m.Device)
	}
	slices.Sort(ids)
	var w db.Where
	w.And("d.id IN "+s.DB.Dialect().In("?"), db.List(slices.Compact(ids)))
	found, err := find(tx, s.Now(), w, " ORDER BY d.id")
	if err != nil {
		return nil, err
	}
	var people []linli.ResidentID
	for _, d := range found {
		if d.Subject != "" && !slices.Contains(people, d.Subject) {
			people = append(people, d.Subject)
		}
	}
	given := map[linli.ResidentID][]string{}
	if len(people) > 0 {
		if given, err = s.Consents.Agreed(tx, people); err != nil {
			return nil, err
		}
	}
	all := make(map[string]*tally, len(found))
	for i := range found {
		all[found[i].ID] = &tally{d: &found[i], given: given[found[i].Subject]}
	}
	return all, nil
}

// about tells of whom something that needs the purpose is said, "" for nobody, and
// whether it may be said at all.
func about(d *row, given []string, purpose string) (subject linli.ResidentID, ok bool) {
	k := Kinds.kinds[d.Kind]
	switch {
	case purpose == "":
		return "", true // it speaks of no person
	case k.Space != Worn && !private(d.Place):
		return "", true // of those who pass by, nobody knows whom
	case d.Subject == "":
		return "", false
	}
	if !slices.Contains(given, k.Purpose) || !slices.Contains(given, purpose) {
		return "", false
	}
	return d.Subject, true
}

// Allowed tells within tx of whom a metric of a device may be taken now, "" for
// nobody; false when nobody has agreed to it, or the device is not in service.
func (s *Service) Allowed(tx db.Tx, device, metric string) (subject linli.ResidentID, ok bool, err error) {
	all, err := s.tallies(tx, []Message{{Device: device}})
	t := all[device]
	if err != nil || t == nil || !t.d.State.speaks() || !slices.Contains(Kinds.kinds[t.d.Kind].Metrics, metric) {
		return "", false, err
	}
	subject, ok = about(t.d, t.given, Kinds.metrics[metric].Purpose)
	return subject, ok, nil
}

func (s *Service) takeData(tx db.Tx, t *tally, raw []byte, at time.Time) (samples []Sample, err error) {
	readings, err := readReadings(raw)
	if err != nil {
		t.refuse(badPayload)
		return nil, nil
	}
	for _, r := range readings {
		got := judge(Kinds.kinds[t.d.Kind], r, at)
		for _, reason := range got.refused {
			t.refuse(reason)
		}
		for _, v := range got.values {
			subject, ok := about(t.d, t.given, v.metric.Purpose)
			// Where somebody is concerns the hub only when something has happened.
			if !ok || v.metric.Class == "location" && len(got.events) == 0 {
				t.withheld++
				continue
			}
			samples = append(samples, Sample{t.d.ID, v.metric.Code, subject, v.metric.Class, got.at, v.v})
		}
		for _, code := range got.events {
			if err := s.happened(tx, t, code, got); err != nil {
				return nil, err
			}
		}
	}
	return samples, nil
}

// happened tells once what a device noticed, however often the message comes.
func (s *Service) happened(tx db.Tx, t *tally, code string, got taken) error {
	subject, ok := about(t.d, t.given, Kinds.events[code].Purpose)
	if !ok {
		t.withheld++
		return nil
	}
	now := s.Now()
	n, err := tx.Exec(`INSERT INTO device_event (device_id, code, t, at) VALUES ($1,$2,$3,$4) ON CONFLICT DO NOTHING`, t.d.ID, code, got.t, linli.Millis(now))
	if err != nil || n == 0 {
		return err
	}
	return s.Bus.Publish(tx, bus.Pack(EventHappened, t.d.ID, t.d.Place, now, Happened{t.d.ID, t.d.Kind, code, subject, linli.Millis(got.at), got.clock}))
}

func (s *Service) takeState(tx db.Tx, t *tally, raw []byte, at time.Time) error {
	r, reason := readReport(Kinds.kinds[t.d.Kind], raw)
	if reason != "" {
		t.refuse(reason)
		return nil
	}
	if r.Battery != nil {
		t.battery = r.Battery
	}
	if r.Signal != nil {
		t.signal = r.Signal
	}
	if r.Firmware != nil {
		t.firmware = r.Firmware
	}
	if len(r.Settings) == 0 {
		return nil
	}
	sh, err := shadowOf(tx, t.d.ID)
	if err != nil {
		return err
	}
	maps.Copy(sh.reported, r.Settings)
	_, err = tx.Exec(`UPDATE device_shadow SET reported = $1, reported_at = $2 WHERE device_id = $3`, db.JSON(sh.reported), linli.Millis(at), t.d.ID)
	return err
}

func (s *Service) takeAck(tx db.Tx, t *tally, raw []byte) error {
	var a ack
	if len(raw) > maxPayload || strict(raw, &a) != nil {
		t.refuse(badPayload)
		return nil
	}
	var w db.Where
	w.And("id = ?", a.ID)
	w.And("device_id = ?", t.d.ID)
	found, err := db.Rows(tx, scanCommand, `SELECT `+commandColumns+` FROM device_command WHERE `+w.String(), w.Args()...)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		t.refuse(badWord)
		return nil
	}
	c := found[0]
	if c.State == CommandDone || c.State == CommandFailed {
		return nil // said before
	}
	c.State = CommandFailed
	if a.OK {
		c.State = CommandDone
	}
	return s.answered(tx, c, t.d.Place)
}

// heard stores what a batch tells about a device itself.
func (s *Service) heard(tx db.Tx, t *tally) error {
	if t.seen == 0 && t.refused == 0 {
		return nil
	}
	d, now := t.d, s.Now()
	var w db.Where
	set := func(column string, v any) string { return column + " = " + w.Arg(v) }
	changes := set("refused", d.Refused+t.refused) + ", " + set("withheld", d.Withheld+t.withheld)
	if t.reason != "" {
		changes += ", " + set("refusal", t.reason) + ", " + set("refused_at", linli.Millis(now))
	}
	if t.seen > linli.Millis(d.Seen) {
		changes += ", " + set("at", t.seen) + ", silent_at = 0, outage = ''"
	}
	if t.battery != nil {
		changes += ", " + set("battery", *t.battery)
	}
	if t.signal != nil {
		changes += ", " + set("signal", *t.signal)
	}
	if _, err := tx.Exec(`UPDATE device_seen SET `+changes+` WHERE device_id = `+w.Arg(d.ID), w.Args()...); err != nil {
		return err
	}
	if t.firmware != nil && *t.firmware != d.Firmware {
		if _, err := tx.Exec(`UPDATE device_device SET firmware = $1 WHERE id = $2`, *t.firmware, d.ID); err != nil {
			return err
		}
	}
	if t.seen == 0 {
		return nil
	}
	if !d.Silent.IsZero() && d.outage == "" {
		if err := s.Bus.Publish(tx, bus.Pack(EventBack, d.ID, d.Place, now, Silence{d.ID, d.Kind, linli.Millis(d.Seen)})); err != nil {
			return err
		}
	}
	if d.State != Claimed {
		return nil
	}
	d.State, d.Reason = Active, ""
	if err := save(tx, d); err != nil {
		return err
	}
	return s.told(tx, auth.System, d, EventActive, "device.active", "")
}
