package device

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/bus"
	"linli/engine/db"
)

// States of a command.
const (
	CommandPending = "pending"
	CommandDone    = "done"
	CommandFailed  = "failed"
	CommandExpired = "expired" // nobody answered in time; a late answer still counts
)

// Command is something a device was told to do.
type Command struct {
	ID     string    `json:"id"`
	Device string    `json:"device"`
	Code   string    `json:"command"`
	State  string    `json:"state" enum:"pending,done,failed,expired"`
	At     time.Time `json:"at"`
	Until  time.Time `json:"until"`
	Ended  time.Time `json:"ended_at,omitzero"`
}

// Downlink is what a device is to be sent now.
type Downlink struct {
	Topic   string
	Payload []byte
}

// Shadow is what a device reports of itself beside what it is wished to be. Delta is
// what is wished and not yet reported.
type Shadow struct {
	Reported   map[string]float64 `json:"reported" nullable:"false"`
	Desired    map[string]float64 `json:"desired" nullable:"false"`
	Delta      map[string]float64 `json:"delta" nullable:"false"`
	ReportedAt time.Time          `json:"reported_at,omitzero"`
	DesiredAt  time.Time          `json:"desired_at,omitzero"`
}

func (sh shadow) view() Shadow {
	out := Shadow{sh.reported, sh.desired, map[string]float64{}, sh.reportedAt, sh.desiredAt}
	for code, v := range sh.desired {
		if was, ok := sh.reported[code]; !ok || was != v {
			out.Delta[code] = v
		}
	}
	return out
}

// Downlinks gives what a device is to be sent now, the oldest command first: whoever
// holds its connection asks when it comes, and again when it hears EventCommanded or
// EventDesired. A device that gets a command twice knows it by its id.
func (s *Service) Downlinks(ctx context.Context, device string) (out []Downlink, err error) {
	err = s.DB.Read(ctx, func(tx db.Tx) error {
		out = nil
		d, err := deviceOf(tx, s.Now(), device)
		if err != nil || !d.State.speaks() {
			return err
		}
		open, err := db.Rows(tx, scanCommand, `SELECT `+commandColumns+` FROM device_command WHERE device_id = $1 AND state = 'pending' AND until_at > $2 ORDER BY made_at, id`,
			device, linli.Millis(s.Now()))
		if err != nil {
			return err
		}
		for _, c := range open {
			raw, err := json.Marshal(map[string]any{"id": c.ID, "cmd": c.Code, "until": linli.Millis(c.Until)})
			if err != nil {
				return linli.Internal(err)
			}
			out = append(out, Downlink{Topic(device, DownCmd), raw})
		}
		sh, err := shadowOf(tx, device)
		if delta := sh.view().Delta; err == nil && len(delta) > 0 {
			raw, err := json.Marshal(map[string]any{"settings": delta})
			if err != nil {
				return linli.Internal(err)
			}
			out = append(out, Downlink{Topic(device, DownState), raw})
		}
		return err
	})
	return out, err
}

// desire says which settings a device is to work with from now on.
func (s *Service) desire(tx db.Tx, p *auth.Principal, d *row, settings map[string]float64) error {
	k := Kinds.kinds[d.Kind]
	for _, code := range slices.Sorted(maps.Keys(settings)) {
		x := Kinds.settings[code]
		if !slices.Contains(k.Settings, code) {
			return linli.Invalidf("settings."+code, "这类设备没有设置项 %s", "this kind of device has no setting %s", code)
		}
		if v := settings[code]; v < x.Min || v > x.Max {
			return linli.Invalidf("settings."+code, "%[1]s 须在 %[3]g 到 %[4]g 之间", "%[2]s must lie between %[3]g and %[4]g", x.Zh, x.En, x.Min, x.Max)
		}
	}
	now := s.Now()
	if settings == nil {
		settings = map[string]float64{}
	}
	if _, err := tx.Exec(`UPDATE device_shadow SET desired = $1, desired_at = $2 WHERE device_id = $3`, db.JSON(settings), linli.Millis(now), d.ID); err != nil {
		return err
	}
	if err := s.Bus.Publish(tx, d.event(EventDesired, now)); err != nil {
		return err
	}
	return auth.Audit(tx, now, p, auth.Line{Act: "device.desire", Subject: d.ID, Place: d.Place})
}

const (
	commandTerm    = 5 * time.Minute
	maxCommandTerm = 7 * 24 * time.Hour
	maxOpen        = 20 // commands of one device that wait
)

// command tells a device to do something until the term has passed.
func (s *Service) command(tx db.Tx, p *auth.Principal, d *row, code string, term time.Duration) (Command, error) {
	if term == 0 {
		term = commandTerm
	}
	switch {
	case !slices.Contains(Kinds.kinds[d.Kind].Commands, code):
		return Command{}, linli.Invalidf("command", "这类设备不会执行 %s", "this kind of device does not obey %s", code)
	case term < time.Second || term > maxCommandTerm:
		return Command{}, linli.Invalid("term_s", "有效期须在 1 秒到 7 天之间", "the term lies between a second and seven days")
	case !d.State.speaks():
		return Command{}, linli.Conflict("设备未启用或已停用", "the device is not in service")
	}
	var open int
	if err := tx.QueryRow(`SELECT COUNT(*) FROM device_command WHERE device_id = $1 AND state = 'pending'`, d.ID).Scan(&open); err != nil {
		return Command{}, err
	}
	if open >= maxOpen {
		return Command{}, &linli.Error{Kind: linli.KindExhausted, Zh: "还有太多指令没有执行，请稍候", En: "too many commands are waiting; try later"}
	}
	now := linli.Time(linli.Millis(s.Now()))
	c := Command{ID: linli.NewID("cmd", now), Device: d.ID, Code: code, State: CommandPending, At: now, Until: now.Add(term)}
	if _, err := tx.Exec(`INSERT INTO device_command (id, device_id, command, state, by_user, made_at, until_at) VALUES ($1,$2,$3,$4,$5,$6,$7)`,
		c.ID, d.ID, c.Code, c.State, p.User, linli.Millis(now), linli.Millis(c.Until)); err != nil {
		return Command{}, err
	}
	if err := s.Bus.Publish(tx, bus.Pack(EventCommanded, d.ID, d.Place, now, Commanded{d.ID, c.ID, c.Code, c.State})); err != nil {
		return Command{}, err
	}
	return c, auth.Audit(tx, now, p, auth.Line{Act: "device.command", Subject: d.ID, Place: d.Place, Detail: code})
}

// answered ends a command.
func (s *Service) answered(tx db.Tx, c Command, place linli.Place) error {
	now := s.Now()
	if _, err := tx.Exec(`UPDATE device_command SET state = $1, ended_at = $2 WHERE id = $3`, c.State, linli.Millis(now), c.ID); err != nil {
		return err
	}
	return s.Bus.Publish(tx, bus.Pack(EventAnswered, c.Device, place, now, Commanded{c.Device, c.ID, c.Code, c.State}))
}
