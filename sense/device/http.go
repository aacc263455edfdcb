package device

import (
	"context"
	"strconv"
	"strings"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/web"
)

const tag = "device"

// Routes registers what stewards, installers, the desk and residents do with devices.
func (s *Service) Routes(r *web.Router) {
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/device-kinds", ID: "device-kinds", May: auth.SignedIn, Zh: "设备类型、指标与指令", En: "kinds of devices, metrics and commands", Tag: tag}, s.getKinds)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/device-fleet", ID: "device-fleet", May: "device.read", Zh: "设备健康", En: "health of the fleet", Tag: tag}, s.getFleet)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/devices", ID: "device-list", May: "device.read", Zh: "设备列表", En: "list devices", Tag: tag}, s.list)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/devices", ID: "device-register", May: "device.write", Zh: "登记设备", En: "register a device", Tag: tag, Creates: true}, s.postDevice)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/devices/{id}", ID: "device-get", May: "device.read", Zh: "看设备", En: "one device with shadow and commands", Tag: tag}, s.getDevice)
	web.Handle(r, web.Route{Method: "PUT", Path: "/api/v1/devices/{id}", ID: "device-edit", May: "device.write", Zh: "改设备", En: "edit a device", Tag: tag}, s.putDevice)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/devices/{id}/suspend", ID: "device-suspend", May: "device.write", Zh: "停用设备", En: "suspend a device", Tag: tag}, s.postSuspend)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/devices/{id}/resume", ID: "device-resume", May: "device.write", Zh: "恢复设备", En: "let a suspended device in again", Tag: tag}, s.postResume)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/devices/{id}/retire", ID: "device-retire", May: "device.write", Zh: "报废设备", En: "retire a device for good", Tag: tag}, s.postRetire)
	// What shows a secret does not take part in remembered answers: they would keep it.
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/devices/{id}/code", ID: "device-code", May: "device.write", Zh: "印领用码", En: "make the claim code of a new device", Tag: tag}, s.postCode)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/devices/{id}/token", ID: "device-token", May: "device.write", Zh: "发放或轮换密钥", En: "give a device a new token", Tag: tag}, s.postToken)
	web.Handle(r, web.Route{Method: "PUT", Path: "/api/v1/devices/{id}/certificate", ID: "device-certificate", May: "device.write", Zh: "登记设备证书", En: "record the certificate of a device", Tag: tag}, s.putCertificate)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/devices/{id}/revoke", ID: "device-revoke", May: "device.write", Zh: "作废密钥", En: "revoke all keys of a device", Tag: tag}, s.postRevoke)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/device-claims", ID: "device-claim", May: "device.claim", Zh: "扫码领用设备", En: "claim a device by its code", Tag: tag}, s.postClaim)
	web.Handle(r, web.Route{Method: "PUT", Path: "/api/v1/devices/{id}/desired", ID: "device-desire", May: "device.command", Zh: "设定设备参数", En: "set what a device is to work with", Tag: tag}, s.putDesired)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/devices/{id}/commands", ID: "device-command", May: "device.command", Zh: "下发指令", En: "tell a device to do something", Tag: tag, Creates: true}, s.postCommand)
	web.Raw(r, web.Route{Method: "POST", Path: "/api/v1/device-imports", ID: "device-import", May: "device.write", Zh: "批量登记设备（csv）", En: "register devices from a csv", Tag: tag, MaxBody: maxImport}, s.postImport(r))
}

type none struct{}

func (s *Service) getKinds(context.Context, *none) (*web.Out[Book], error) {
	return &web.Out[Book]{Body: *Kinds}, nil
}

func (s *Service) getFleet(ctx context.Context, _ *none) (*web.Out[Fleet], error) {
	body, err := s.fleet(ctx, auth.From(ctx).Scope("device.read"))
	return &web.Out[Fleet]{Body: body}, err
}

type listIn struct {
	web.Page
	Kind    string           `query:"kind" maxLength:"40"`
	State   string           `query:"state" enum:"new,claimed,active,suspended,retired"`
	Place   linli.Place      `query:"place" maxLength:"160"`
	Subject linli.ResidentID `query:"resident" maxLength:"40"`
	Trouble string           `query:"trouble" enum:"silent,battery,calibration,refused" doc:"only devices with this trouble"`
	Q       string           `query:"q" maxLength:"64" doc:"how the serial begins"`
}

func (s *Service) list(ctx context.Context, in *listIn) (*web.Out[web.List[Device]], error) {
	out := &web.Out[web.List[Device]]{}
	return out, s.DB.Read(ctx, func(tx db.Tx) error {
		now := s.Now()
		var w db.Where
		w.Put(auth.From(ctx).Scope("device.read").SQL(auth.Columns{Place: "d.place", Resident: "d.subject"}, w.Next()))
		w.And("d.id > ?", in.Cursor)
		if in.Kind != "" {
			w.And("d.kind = ?", in.Kind)
		}
		if in.State != "" {
			w.And("d.state = ?", in.State)
		}
		if in.Place != "" {
			w.Inside("d.place", in.Place)
		}
		if in.Subject != "" {
			w.And("d.subject = ?", in.Subject)
		}
		if in.Q != "" {
			w.Begins("d.serial", strings.ToUpper(in.Q))
		}
		switch in.Trouble {
		case "silent":
			w.And("d.state = 'active' AND s.silent_at > 0")
		case "battery":
			w.And("d.state IN ('claimed','active') AND s.battery >= 0 AND s.battery < ?", lowBattery)
		case "calibration":
			w.And("d.state IN ('claimed','active') AND d.calibration <> '' AND d.calibration < ?", s.today())
		case "refused":
			w.And("s.refused_at > ?", linli.Millis(now.Add(-24*time.Hour)))
		}
		found, err := find(tx, now, w, " ORDER BY d.id LIMIT "+strconv.Itoa(in.Limit+1))
		devices := make([]Device, len(found))
		for i := range found {
			devices[i] = found[i].Device
		}
		out.Body = web.Cut(devices, in.Limit, func(d Device) string { return d.ID })
		return err
	})
}

// DevicePath is the device an address names.
type DevicePath struct {
	ID string `path:"id" maxLength:"40"`
}

type deviceBody struct {
	Device
	Shadow   Shadow    `json:"shadow" class:"D7"`
	Commands []Command `json:"commands" class:"D7" nullable:"false" doc:"the newest 20"`
}

func (s *Service) getDevice(ctx context.Context, in *DevicePath) (*web.OutRev[deviceBody], error) {
	var body deviceBody
	err := s.DB.Read(ctx, func(tx db.Tx) error {
		d, err := s.reached(tx, auth.From(ctx), "device.read", in.ID)
		if err != nil {
			return err
		}
		sh, err := shadowOf(tx, in.ID)
		if err != nil {
			return err
		}
		body.Device, body.Shadow = d.Device, sh.view()
		body.Commands, err = db.Rows(tx, scanCommand, `SELECT `+commandColumns+` FROM device_command WHERE device_id = $1 ORDER BY id DESC LIMIT 20`, in.ID)
		return err
	})
	return web.WithRev(body.Rev, body), err
}

type deviceCreate struct{ Body Draft }

func (s *Service) postDevice(ctx context.Context, in *deviceCreate) (*web.OutRev[Device], error) {
	p := auth.From(ctx)
	home, err := s.homeOf(ctx, p, "device.write", in.Body.Subject)
	if err != nil {
		return nil, err
	}
	var out *web.OutRev[Device]
	err = s.DB.Write(ctx, func(tx db.Tx) error {
		d, err := s.register(tx, p, in.Body, home)
		if err != nil {
			return err
		}
		out = web.WithRev(d.Rev, d.Device)
		return web.Remember(ctx, tx, out)
	})
	return out, err
}

// EditDraft is what can be changed of a device.
type EditDraft struct {
	Model       string           `json:"model,omitempty" maxLength:"80"`
	Place       linli.Place      `json:"place,omitempty" maxLength:"160"`
	Subject     linli.ResidentID `json:"subject,omitempty" maxLength:"40" doc:"another person: keys, shadow and commands of the first are gone"`
	Calibration string           `json:"calibration_due,omitempty" maxLength:"10" doc:"YYYY-MM-DD"`
}

type deviceEdit struct {
	DevicePath
	web.IfMatch
	Body EditDraft
}

func (s *Service) putDevice(ctx context.Context, in *deviceEdit) (*web.OutRev[Device], error) {
	rev, err := in.Rev()
	if err != nil {
		return nil, err
	}
	p, b := auth.From(ctx), in.Body
	home, err := s.homeOf(ctx, p, "device.write", b.Subject)
	if err != nil {
		return nil, err
	}
	var out *web.OutRev[Device]
	err = s.DB.Write(ctx, func(tx db.Tx) error {
		d, err := s.edit(tx, p, in.ID, rev, Draft{Model: b.Model, Place: b.Place, Subject: b.Subject, Calibration: b.Calibration}, home)
		out = web.WithRev(d.Rev, d.Device)
		return err
	})
	return out, err
}

// act runs an act on a device within the reach of a permission and answers it as stored.
func (s *Service) act(ctx context.Context, may auth.Permission, id string, do func(tx db.Tx, p *auth.Principal, d *row) error) (*web.OutRev[Device], error) {
	var d row
	err := s.DB.Write(ctx, func(tx db.Tx) (err error) {
		p := auth.From(ctx)
		if d, err = s.reached(tx, p, may, id); err != nil {
			return err
		}
		return do(tx, p, &d)
	})
	return web.WithRev(d.Rev, d.Device), err
}

type reasonIn struct {
	DevicePath
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"200"`
	}
}

func (s *Service) postSuspend(ctx context.Context, in *reasonIn) (*web.OutRev[Device], error) {
	return s.act(ctx, "device.write", in.ID, func(tx db.Tx, p *auth.Principal, d *row) error { return s.move(tx, p, d, Suspended, in.Body.Reason) })
}

func (s *Service) postRetire(ctx context.Context, in *reasonIn) (*web.OutRev[Device], error) {
	return s.act(ctx, "device.write", in.ID, func(tx db.Tx, p *auth.Principal, d *row) error { return s.move(tx, p, d, Retired, in.Body.Reason) })
}

func (s *Service) postResume(ctx context.Context, in *DevicePath) (*web.OutRev[Device], error) {
	return s.act(ctx, "device.write", in.ID, s.resume)
}

func (s *Service) postRevoke(ctx context.Context, in *DevicePath) (*web.OutRev[Device], error) {
	return s.act(ctx, "device.write", in.ID, s.revoke)
}

type codeBody struct {
	Code  string    `json:"code" doc:"shown this once; it is what the QR code holds"`
	Until time.Time `json:"until"`
}

func (s *Service) postCode(ctx context.Context, in *DevicePath) (*web.Out[codeBody], error) {
	out := &web.Out[codeBody]{}
	_, err := s.act(ctx, "device.write", in.ID, func(tx db.Tx, p *auth.Principal, d *row) (err error) {
		out.Body.Code, out.Body.Until, err = s.print(tx, p, d)
		return err
	})
	return out, err
}

type tokenBody struct {
	Device Device `json:"device"`
	Token  string `json:"token" doc:"shown this once; the user name is the id of the device"`
}

func (s *Service) postToken(ctx context.Context, in *DevicePath) (*web.Out[tokenBody], error) {
	out := &web.Out[tokenBody]{}
	d, err := s.act(ctx, "device.write", in.ID, func(tx db.Tx, p *auth.Principal, d *row) (err error) {
		out.Body.Token, err = s.issue(tx, p, d)
		return err
	})
	out.Body.Device = d.Body
	return out, err
}

type certificateIn struct {
	DevicePath
	Body struct {
		PEM string `json:"pem" maxLength:"16384"`
	}
}

func (s *Service) putCertificate(ctx context.Context, in *certificateIn) (*web.OutRev[Device], error) {
	return s.act(ctx, "device.write", in.ID, func(tx db.Tx, p *auth.Principal, d *row) error { return s.certify(tx, p, d, in.Body.PEM) })
}

type claimIn struct {
	Body struct {
		Code    string           `json:"code" minLength:"16" maxLength:"24"`
		Place   linli.Place      `json:"place,omitempty" maxLength:"160" doc:"absent: where it was registered, or the home of the resident"`
		Subject linli.ResidentID `json:"subject,omitempty" maxLength:"40"`
	}
}

func (s *Service) postClaim(ctx context.Context, in *claimIn) (*web.Out[tokenBody], error) {
	p := auth.From(ctx)
	home, err := s.homeOf(ctx, p, "device.claim", in.Body.Subject)
	if err != nil {
		return nil, err
	}
	out := &web.Out[tokenBody]{}
	return out, s.DB.Write(ctx, func(tx db.Tx) error {
		d, token, err := s.claim(tx, p, in.Body.Code, in.Body.Place, in.Body.Subject, home)
		out.Body = tokenBody{d.Device, token}
		return err
	})
}

type desiredIn struct {
	DevicePath
	Body struct {
		Settings map[string]float64 `json:"settings" maxProperties:"20" doc:"in place of those that were wished before"`
	}
}

func (s *Service) putDesired(ctx context.Context, in *desiredIn) (*web.OutRev[Device], error) {
	return s.act(ctx, "device.command", in.ID, func(tx db.Tx, p *auth.Principal, d *row) error { return s.desire(tx, p, d, in.Body.Settings) })
}

type commandIn struct {
	DevicePath
	Body struct {
		Command string `json:"command" maxLength:"40"`
		TermS   int    `json:"term_s,omitempty" minimum:"0" maximum:"604800" doc:"seconds in which it must be carried out; absent: 300"`
	}
}

func (s *Service) postCommand(ctx context.Context, in *commandIn) (*web.Out[Command], error) {
	out := &web.Out[Command]{}
	_, err := s.act(ctx, "device.command", in.ID, func(tx db.Tx, p *auth.Principal, d *row) (err error) {
		if out.Body, err = s.command(tx, p, d, in.Body.Command, time.Duration(in.Body.TermS)*time.Second); err != nil {
			return err
		}
		return web.Remember(ctx, tx, out)
	})
	return out, err
}
