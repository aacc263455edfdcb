package device

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
)

const (
	// overlap is how long the old token stays good beside a new one, so that a device
	// that is asleep or loses the message is not locked out.
	overlap = 24 * time.Hour
	// claimTerm is how long a printed claim code is good.
	claimTerm = 30 * 24 * time.Hour
)

// homeOf is where a person whom p may name lives, "" for nobody; somebody out of
// reach is as unknown as somebody who does not exist.
func (s *Service) homeOf(ctx context.Context, p *auth.Principal, may auth.Permission, id linli.ResidentID) (linli.Place, error) {
	if id == "" {
		return "", nil
	}
	home, _, err := s.Residents.Home(ctx, id)
	if linli.KindOf(err) == linli.KindNotFound || err == nil && !p.Scope(may).Covers(auth.Row{Place: home}) {
		return "", errNoResident
	}
	return home, err
}

// agreed refuses to give a device to somebody who has not agreed to its purpose.
func (s *Service) agreed(tx db.Tx, k *Kind, subject linli.ResidentID) error {
	if k.Purpose == "" || subject == "" {
		return nil
	}
	given, err := s.Consents.Agreed(tx, []linli.ResidentID{subject})
	if err == nil && !slices.Contains(given[subject], k.Purpose) {
		err = errNoConsent
	}
	return err
}

// register makes a device within tx; home is where its subject lives.
func (s *Service) register(tx db.Tx, p *auth.Principal, d Draft, home linli.Place) (row, error) {
	if err := d.validate(); err != nil {
		return row{}, err
	}
	k := Kinds.kinds[d.Kind]
	place, err := settle(k, d.Place, home)
	if err != nil {
		return row{}, err
	}
	if !p.Scope("device.write").Covers(auth.Row{Place: place}) {
		return row{}, errOutside
	}
	if err := s.agreed(tx, k, d.Subject); err != nil {
		return row{}, err
	}
	now := s.Now()
	out := row{Device: Device{ID: linli.NewID("dev", now), Kind: d.Kind, Serial: d.Serial, Model: d.Model, Place: place, Subject: d.Subject, State: Fresh,
		Calibration: d.Calibration, Created: linli.Time(linli.Millis(now)), Rev: 1}}
	if err := insert(tx, out); err != nil {
		return row{}, err
	}
	return out, s.told(tx, p, &out, EventRegistered, "device.register", d.Kind)
}

// told ends an act: the event for other nodes and slices, the gate of this node and
// the line of the trail.
func (s *Service) told(tx db.Tx, p *auth.Principal, d *row, event, act, detail string) error {
	now := s.Now()
	found, err := cardsOf(tx, " WHERE d.id = $1", []any{d.ID})
	if err != nil {
		return err
	}
	c := found[d.ID]
	d.Keys = 0
	for _, k := range c.keys {
		if k.valid(now) {
			d.Keys++
		}
	}
	tx.AfterCommit(func() { s.gate.put(d.ID, c) })
	if err := s.Bus.Publish(tx, d.event(event, now)); err != nil {
		return err
	}
	return auth.Audit(tx, now, p, auth.Line{Act: act, Subject: d.ID, Place: d.Place, Detail: detail})
}

// reached is a device within the reach of a permission.
func (s *Service) reached(tx db.Tx, p *auth.Principal, may auth.Permission, id string) (row, error) {
	d, err := deviceOf(tx, s.Now(), id)
	if err == nil && !p.Scope(may).Covers(d.AuthRow()) {
		err = errNoDevice
	}
	return d, err
}

// edit replaces what is said of a device; its kind and serial stay. Given to another
// person it begins anew: the old key might still lie with the first one.
func (s *Service) edit(tx db.Tx, p *auth.Principal, id string, rev int64, e Draft, home linli.Place) (row, error) {
	d, err := s.reached(tx, p, "device.write", id)
	if err != nil {
		return row{}, err
	}
	e.Kind, e.Serial = d.Kind, d.Serial
	if err := e.validate(); err != nil {
		return row{}, err
	}
	k := Kinds.kinds[d.Kind]
	place, err := settle(k, e.Place, home)
	if err != nil {
		return row{}, err
	}
	if !p.Scope("device.write").Covers(auth.Row{Place: place}) {
		return row{}, errOutside
	}
	if err := s.agreed(tx, k, e.Subject); err != nil {
		return row{}, err
	}
	switch {
	case d.Rev != rev:
		return row{}, errMoved
	case d.State == Retired:
		return row{}, linli.Conflict("设备已报废", "the device is retired")
	}
	event := EventChanged
	if e.Subject != d.Subject {
		if err := s.wipe(tx, d.ID); err != nil {
			return row{}, err
		}
		d.State, d.Reason, event = Fresh, "", EventRevoked
	}
	d.Model, d.Place, d.Subject, d.Calibration = e.Model, place, e.Subject, e.Calibration
	if err := save(tx, &d); err != nil {
		return row{}, err
	}
	return d, s.told(tx, p, &d, event, "device.edit", "")
}

// wipe removes keys, open commands and what the device noticed and said of itself.
func (s *Service) wipe(tx db.Tx, id string) error {
	for _, table := range []string{"device_key", "device_event"} {
		if _, err := tx.Exec(`DELETE FROM `+table+` WHERE device_id = $1`, id); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`UPDATE device_command SET state = 'expired', ended_at = $1 WHERE device_id = $2 AND state = 'pending'`, linli.Millis(s.Now()), id); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE device_shadow SET reported = '{}', desired = '{}' WHERE device_id = $1`, id)
	return err
}

// move takes a device to another state for a reason. Suspended ones keep their keys,
// which let nobody in meanwhile; retired ones lose them.
func (s *Service) move(tx db.Tx, p *auth.Principal, d *row, to State, reason string) error {
	event := map[State]string{Suspended: EventSuspended, Retired: EventRetired, Claimed: EventActive, Fresh: EventActive}[to]
	ok := map[State][]State{Suspended: {Fresh, Claimed, Active}, Retired: {Fresh, Claimed, Active, Suspended}, Claimed: {Suspended}, Fresh: {Suspended}}[to]
	if !slices.Contains(ok, d.State) {
		return linli.Conflict("设备现在的状态不能这样操作", "the state of the device does not allow this")
	}
	if to == Retired {
		if err := s.wipe(tx, d.ID); err != nil {
			return err
		}
		d.claimHash, d.claimUntil = "", 0
	}
	d.State, d.Reason = to, reason
	if err := save(tx, d); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE device_seen SET silent_at = 0, outage = '' WHERE device_id = $1`, d.ID); err != nil {
		return err
	}
	return s.told(tx, p, d, event, "device."+string(to), reason)
}

// resume lets a suspended device in again; its person must still have agreed.
func (s *Service) resume(tx db.Tx, p *auth.Principal, d *row) error {
	if err := s.agreed(tx, Kinds.kinds[d.Kind], d.Subject); err != nil {
		return err
	}
	if d.Subject == "" && Kinds.kinds[d.Kind].Purpose != "" && (private(d.Place) || Kinds.kinds[d.Kind].Space == Worn) {
		return linli.Conflict("先为设备选定居民", "give the device to a resident first")
	}
	to := Fresh
	if d.Keys > 0 {
		to = Claimed
	}
	return s.move(tx, p, d, to, "")
}

// issue gives a device a new token, the only time it is seen. Older keys stay good
// for a day at most. A new device is claimed by it.
func (s *Service) issue(tx db.Tx, p *auth.Principal, d *row) (token string, err error) {
	token = newToken()
	return token, s.enkey(tx, p, d, key{kind: "token", hash: hashOf([]byte(token))})
}

// certify records the certificate with which a device comes in.
func (s *Service) certify(tx db.Tx, p *auth.Principal, d *row, text string) error {
	block, rest := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" || strings.TrimSpace(string(rest)) != "" {
		return linli.Invalid("pem", "须为一张 PEM 格式的证书", "this must be one certificate in PEM")
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return linli.Invalid("pem", "证书读不出来", "the certificate cannot be read")
	}
	now := s.Now()
	if !now.Before(c.NotAfter) {
		return linli.Invalid("pem", "证书已过期", "the certificate has expired")
	}
	return s.enkey(tx, p, d, key{kind: "x509", hash: hashOf(c.Raw), ends: c.NotAfter.UnixMilli()})
}

func (s *Service) enkey(tx db.Tx, p *auth.Principal, d *row, k key) error {
	if !d.State.speaks() && d.State != Fresh {
		return linli.Conflict("设备已停用或已报废", "the device is suspended or retired")
	}
	if err := s.agreed(tx, Kinds.kinds[d.Kind], d.Subject); err != nil {
		return err
	}
	now := s.Now()
	// Keys that have ended let nobody in and tell nobody anything.
	if _, err := tx.Exec(`DELETE FROM device_key WHERE device_id = $1 AND ends_at > 0 AND ends_at <= $2`, d.ID, linli.Millis(now)); err != nil {
		return err
	}
	until := linli.Millis(now.Add(overlap))
	if _, err := tx.Exec(`UPDATE device_key SET ends_at = $1 WHERE device_id = $2 AND (ends_at = 0 OR ends_at > $1)`, until, d.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO device_key (id, device_id, kind, hash, made_at, ends_at) VALUES ($1,$2,$3,$4,$5,$6)`,
		linli.NewID("key", now), d.ID, k.kind, k.hash, linli.Millis(now), k.ends); err != nil {
		return err
	}
	event := EventKeyed
	if d.State == Fresh {
		d.State, event = Claimed, EventClaimed
	}
	d.claimHash, d.claimUntil = "", 0 // whoever still holds the printed code has no use of it
	if err := save(tx, d); err != nil {
		return err
	}
	return s.told(tx, p, d, event, "device.key", k.kind)
}

// revoke takes all keys of a device away, at once.
func (s *Service) revoke(tx db.Tx, p *auth.Principal, d *row) error {
	if _, err := tx.Exec(`DELETE FROM device_key WHERE device_id = $1`, d.ID); err != nil {
		return err
	}
	d.claimHash, d.claimUntil = "", 0
	if d.State.speaks() {
		d.State = Fresh
	}
	if err := save(tx, d); err != nil {
		return err
	}
	return s.told(tx, p, d, EventRevoked, "device.revoke", "")
}

// codeAlphabet has no letters and digits that look alike.
const codeAlphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// print makes the code that is printed on a new device as a QR code: 16 characters,
// some 78 random bits, good once and for 30 days.
func (s *Service) print(tx db.Tx, p *auth.Principal, d *row) (code string, until time.Time, err error) {
	if d.State != Fresh {
		return "", until, linli.Conflict("设备已领用过，不能再印领用码", "the device was claimed already")
	}
	b := make([]byte, 0, 16)
	for len(b) < 16 {
		var r [1]byte
		rand.Read(r[:])
		if n := int(r[0]); n < 240 { // 240 is a multiple of 30: no character is likelier
			b = append(b, codeAlphabet[n%len(codeAlphabet)])
		}
	}
	until = s.Now().Add(claimTerm)
	d.claimHash, d.claimUntil = hashOf(b), linli.Millis(until)
	if err := save(tx, d); err != nil {
		return "", until, err
	}
	return string(b), linli.Time(d.claimUntil), s.told(tx, p, d, EventChanged, "device.code", "")
}

var errCode = &linli.Error{Kind: linli.KindNotFound, Field: "code", Zh: "领用码不对、已用过或已过期", En: "the code is wrong, was used or has expired"}

// claim puts a device into service where it was put up: whoever scanned its code on
// the spot says for whom and where, unless the register knows. The code is good once;
// the answer has the token.
func (s *Service) claim(tx db.Tx, p *auth.Principal, code string, place linli.Place, subject linli.ResidentID, home linli.Place) (d row, token string, err error) {
	now := s.Now()
	code = strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code))
	var w db.Where
	w.And("d.claim_hash = ?", hashOf([]byte(code)))
	w.And("d.claim_until > ?", linli.Millis(now))
	d, err = one(find(tx, now, w, ""))
	if linli.KindOf(err) == linli.KindNotFound || err == nil && (d.State != Fresh || !p.Scope("device.claim").Covers(auth.Row{Place: d.Place})) {
		return row{}, "", errCode
	}
	if err != nil {
		return row{}, "", err
	}
	if subject == "" && d.Subject != "" {
		subject, home = d.Subject, d.Place // as it was registered; the place may be said more exactly
	}
	if place == "" && subject == "" {
		place = d.Place
	}
	if d.Place, err = settle(Kinds.kinds[d.Kind], place, home); err != nil {
		return row{}, "", err
	}
	if !d.Place.Valid() {
		return row{}, "", linli.Invalid("place", "地点编码不对", "this is not a place")
	}
	if !p.Scope("device.claim").Covers(auth.Row{Place: d.Place}) {
		return row{}, "", errOutside
	}
	d.Subject = subject
	token, err = s.issue(tx, p, &d)
	return d, token, err
}
