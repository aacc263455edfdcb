package match

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"linli"
	"linli/auth"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/web"
)

// AuthRow lets the web layer hide the person behind a booking from strangers.
func (b Booking) AuthRow() auth.Row {
	return auth.Row{Place: b.Place, Org: b.org, Resident: b.Resident, Case: true}
}

func (f Facility) row() auth.Row { return auth.Row{Place: f.Place, Org: f.Org} }

// edit is what may be written of a facility.
type edit struct {
	Kind     string           `json:"kind" maxLength:"40"`
	Name     string           `json:"name" minLength:"1" maxLength:"60"`
	Place    linli.Place      `json:"place" maxLength:"120"`
	At       linli.Point      `json:"at"`
	Org      linli.OrgID      `json:"org,omitempty" maxLength:"40"`
	Specs    []linli.SpecCode `json:"specs" minItems:"1" maxItems:"64"`
	Capacity int64            `json:"capacity" minimum:"1" maximum:"5000"`
	SlotMin  int              `json:"slot_min,omitempty" minimum:"0" maximum:"1440" doc:"0: as usual for the kind"`
	Hours    []Hours          `json:"hours" maxItems:"42"`
	StepFree bool             `json:"step_free"`
	Active   bool             `json:"active" default:"true"`
}

func (s *Service) validate(ctx context.Context, e *edit) error {
	i := slices.IndexFunc(s.kinds, func(k Kind) bool { return k.Kind == e.Kind })
	switch {
	case i < 0:
		return linli.Invalidf("kind", "没有这种设施：%s", "there is no kind of facility %s", e.Kind)
	case !e.Place.Valid():
		return linli.Invalid("place", "地点编码不对", "the place is malformed")
	case !e.At.Valid() || e.At.IsZero():
		return linli.Invalid("at", "请在地图上标出位置", "mark the position on the map")
	case utf8.RuneCountInString(e.Name) < 2:
		return linli.Invalid("name", "名称至少 2 个字", "the name needs at least 2 characters")
	}
	if e.SlotMin == 0 {
		e.SlotMin = s.kinds[i].SlotMin
	}
	if e.SlotMin < 5 {
		return linli.Invalid("slot_min", "时段至少 5 分钟", "a slot takes at least 5 minutes")
	}
	for _, c := range e.Specs {
		spec, err := s.Catalog.Spec(ctx, c)
		if err != nil {
			return err
		}
		if spec.Mode != linli.ByFacility {
			return linli.Invalidf("specs", "“%s”不是到店服务", "%s is not served in a facility", c)
		}
	}
	for _, h := range e.Hours {
		if h.From >= h.To {
			return linli.Invalid("hours", "开始须早于结束", "opening must come before closing")
		}
	}
	return nil
}

func (e edit) facility(id linli.FacilityID) Facility {
	return Facility{ID: id, Kind: e.Kind, Name: e.Name, Place: e.Place, At: e.At, Org: e.Org, Specs: e.Specs, Capacity: e.Capacity,
		SlotMin: e.SlotMin, Hours: e.Hours, StepFree: e.StepFree, Active: e.Active}
}

// Routes mounts candidates, facilities, slots and bookings.
func (s *Service) Routes(r *web.Router) {
	s.candidateRoutes(r)
	s.facilityRoutes(r)
	s.bookingRoutes(r)
	s.visitRoute(r)
}

func (s *Service) candidateRoutes(r *web.Router) {
	type ask struct {
		Body struct {
			Spec     linli.SpecCode   `json:"spec" maxLength:"40"`
			Place    linli.Place      `json:"place" maxLength:"120"`
			At       linli.Point      `json:"at,omitempty"`
			Resident linli.ResidentID `json:"resident,omitempty" maxLength:"40"`
			From     time.Time        `json:"from,omitempty"`
			To       time.Time        `json:"to,omitempty"`
			Persons  int              `json:"persons,omitempty" minimum:"0" maximum:"20"`
		}
	}
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/candidates", ID: "candidates", May: "match.read", Tag: "match",
		Zh: "谁能做，谁不能做，为什么", En: "who can serve a need, who cannot, and why"},
		func(ctx context.Context, in *ask) (*web.Out[web.List[linli.Candidate]], error) {
			b, scope := in.Body, auth.From(ctx).Scope("match.read")
			if !b.Place.Valid() || !scope.Covers(auth.Row{Place: b.Place}) {
				return nil, linli.Invalid("place", "地点不在您的管辖内", "the place is not yours to ask about")
			}
			if b.Resident != "" {
				home, _, err := s.Residents.Home(ctx, b.Resident)
				if linli.KindOf(err) == linli.KindNotFound || err == nil && !scope.Covers(auth.Row{Place: home}) {
					return nil, linli.Invalid("resident", "没有这位居民，或不归您服务", "there is no such resident, or they are not yours to serve")
				}
				if err != nil {
					return nil, err
				}
			}
			js, err := s.Candidates(ctx, linli.Need{Spec: b.Spec, Place: b.Place, At: b.At, Resident: b.Resident,
				Wish: linli.Window{From: b.From, To: b.To}, Persons: max(1, b.Persons)}, nil)
			return &web.Out[web.List[linli.Candidate]]{Body: web.List[linli.Candidate]{Items: js}}, err
		})
}

func (s *Service) facilityRoutes(r *web.Router) {
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/facility-kinds", ID: "facility-kinds", May: "facility.read", Tag: "match", Zh: "设施类型", En: "kinds of facilities"},
		func(context.Context, *struct{}) (*web.Out[web.List[Kind]], error) {
			return &web.Out[web.List[Kind]]{Body: web.List[Kind]{Items: s.kinds}}, nil
		})

	type list struct {
		web.Page
		Place linli.Place    `query:"place" maxLength:"120"`
		Spec  linli.SpecCode `query:"spec" maxLength:"40"`
	}
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/facilities", ID: "facility-list", May: "facility.read", Tag: "match", Zh: "设施列表", En: "list facilities"},
		func(ctx context.Context, in *list) (*web.Out[web.List[Facility]], error) {
			low, high := in.Place.Range()
			out := &web.Out[web.List[Facility]]{}
			err := s.DB.Read(ctx, func(tx db.Tx) (err error) {
				out.Body.Items, err = facilities(tx, `SELECT `+facilityColumns+` FROM match_facility
					WHERE id > $1 AND place >= $2 AND place < $3 AND ($4 = '' OR `+s.DB.Dialect().Has("specs", "$4")+`) ORDER BY id LIMIT $5`,
					in.Cursor, low, high, in.Spec, in.Limit)
				return err
			})
			if n := len(out.Body.Items); n == in.Limit {
				out.Body.Next = string(out.Body.Items[n-1].ID)
			}
			return out, err
		})

	type One struct {
		ID linli.FacilityID `path:"id" maxLength:"40"`
	}
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/facilities/{id}", ID: "facility-get", May: "facility.read", Tag: "match", Zh: "看设施", En: "see a facility"},
		func(ctx context.Context, in *One) (*web.OutRev[Facility], error) {
			var f Facility
			err := s.DB.Read(ctx, func(tx db.Tx) (err error) { f, err = facility(tx, in.ID); return err })
			return web.WithRev(f.Rev, f), err
		})

	type create struct{ Body edit }
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/facilities", ID: "facility-create", May: "facility.write", Tag: "match", Creates: true, Zh: "登记设施", En: "register a facility"},
		func(ctx context.Context, in *create) (*web.OutRev[Facility], error) {
			return s.save(ctx, linli.FacilityID(linli.NewID("fac", s.Now())), 0, in.Body)
		})

	type change struct {
		One
		web.IfMatch
		Body edit
	}
	web.Handle(r, web.Route{Method: "PUT", Path: "/api/v1/facilities/{id}", ID: "facility-edit", May: "facility.write", Tag: "match", Zh: "改设施", En: "edit a facility"},
		func(ctx context.Context, in *change) (*web.OutRev[Facility], error) {
			rev, err := in.Rev()
			if err != nil {
				return nil, err
			}
			return s.save(ctx, in.ID, rev, in.Body)
		})

	type span struct {
		One
		From time.Time `query:"from"`
		To   time.Time `query:"to"`
	}
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/facilities/{id}/slots", ID: "facility-slots", May: "facility.read", Tag: "match", Zh: "设施时段", En: "slots of a facility"},
		func(ctx context.Context, in *span) (*web.Out[web.List[Slot]], error) {
			if in.From.IsZero() {
				in.From = s.Now()
			}
			if in.To.IsZero() {
				in.To = in.From.AddDate(0, 0, 1)
			}
			if in.To.Sub(in.From) > 31*24*time.Hour {
				return nil, linli.Invalid("to", "一次最多看 31 天", "at most 31 days at a time")
			}
			out := &web.Out[web.List[Slot]]{}
			return out, s.DB.Read(ctx, func(tx db.Tx) error {
				_, err := facility(tx, in.ID)
				if err == nil {
					out.Body.Items, err = slots(tx, in.ID, in.From, in.To)
				}
				return err
			})
		})

	type closing struct {
		One
		Body struct {
			From   time.Time `json:"from"`
			To     time.Time `json:"to"`
			Reason string    `json:"reason" enum:"maintenance,emergency,weather,"`
		}
	}
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/facilities/{id}/close", ID: "facility-close", May: "facility.write", Tag: "match",
		Zh: "临时关闭（原因为空则恢复开放）", En: "close for a time; an empty reason opens again"},
		func(ctx context.Context, in *closing) (*web.Out[web.List[Booking]], error) {
			out := &web.Out[web.List[Booking]]{}
			if !in.Body.To.After(in.Body.From) {
				return nil, linli.Invalid("to", "结束须晚于开始", "the end must come after the beginning")
			}
			return out, s.DB.Write(ctx, func(tx db.Tx) error {
				f, err := s.mine(ctx, tx, in.ID)
				if err != nil {
					return err
				}
				if out.Body.Items, err = s.closeSlots(tx, in.ID, in.Body.From, in.Body.To, in.Body.Reason); err != nil {
					return err
				}
				return errors.Join(s.changed(tx, f), auth.Audit(tx, s.Now(), auth.From(ctx),
					auth.Line{Act: "facility.close", Subject: string(f.ID), Place: f.Place, Reason: in.Body.Reason}))
			})
		})
}

// visitRoute lets those who run a facility count who simply came.
func (s *Service) visitRoute(r *web.Router) {
	type visit struct {
		ID   linli.FacilityID `path:"id" maxLength:"40"`
		Body struct {
			Persons int64 `json:"persons" minimum:"1" maximum:"500"`
		}
	}
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/facilities/{id}/visits", ID: "facility-visit", May: "facility.write", Tag: "match", Creates: true,
		Zh: "登记到店（无预约）", En: "count people who came without a booking"},
		func(ctx context.Context, in *visit) (*web.Out[Slot], error) {
			var out web.Out[Slot]
			return &out, s.DB.Write(ctx, func(tx db.Tx) error {
				f, err := s.mine(ctx, tx, in.ID)
				if err != nil {
					return err
				}
				if out.Body, err = s.visit(tx, f, in.Body.Persons, auth.From(ctx).User); err != nil {
					return err
				}
				return web.Remember(ctx, tx, &out)
			})
		})
}

// mine loads a facility the asker may edit; others do not exist for them.
func (s *Service) mine(ctx context.Context, tx db.Tx, id linli.FacilityID) (Facility, error) {
	f, err := facility(tx, id)
	if err == nil && !auth.From(ctx).Scope("facility.write").Covers(f.row()) {
		err = errNoFacility
	}
	return f, err
}

func (s *Service) changed(tx db.Tx, f Facility) error {
	return s.Bus.Publish(tx, bus.Pack(EventFacility, string(f.ID), f.Place, s.Now(), FacilityChanged{f.ID, f.Org, f.Rev}))
}

func (s *Service) save(ctx context.Context, id linli.FacilityID, rev int64, e edit) (*web.OutRev[Facility], error) {
	if err := s.validate(ctx, &e); err != nil {
		return nil, err
	}
	f := e.facility(id)
	var out *web.OutRev[Facility]
	err := s.DB.Write(ctx, func(tx db.Tx) error {
		if rev > 0 {
			if _, err := s.mine(ctx, tx, id); err != nil {
				return err
			}
		}
		if !auth.From(ctx).Scope("facility.write").Covers(f.row()) {
			return linli.Forbidden("只能登记自己管辖的设施", "you may register facilities of your own place or organization only")
		}
		if err := s.put(tx, &f, rev); err != nil {
			return err
		}
		out = web.WithRev(f.Rev, f)
		return errors.Join(s.changed(tx, f), web.Remember(ctx, tx, out),
			auth.Audit(tx, s.Now(), auth.From(ctx), auth.Line{Act: "facility.edit", Subject: string(id), Place: f.Place, Detail: fmt.Sprintf("rev %d", f.Rev)}))
	})
	return out, err
}

func (s *Service) bookingRoutes(r *web.Router) {
	type list struct {
		web.Page
		Facility linli.FacilityID `query:"facility" maxLength:"40"`
		From     time.Time        `query:"from"`
	}
	cols := auth.Columns{Place: "place", Org: "(SELECT f.org_id FROM match_facility f WHERE f.id = facility_id)", Resident: "resident_id"}
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/bookings", ID: "booking-list", May: "facility.read", Tag: "match", Zh: "预约列表", En: "list bookings"},
		func(ctx context.Context, in *list) (*web.Out[web.List[Booking]], error) {
			cond, args := auth.From(ctx).Scope("facility.read").SQL(cols, 5)
			out := &web.Out[web.List[Booking]]{}
			err := s.DB.Read(ctx, func(tx db.Tx) (err error) {
				out.Body.Items, err = bookings(tx, `SELECT `+bookingColumns+` FROM match_booking WHERE id > $1 AND ($2 = '' OR facility_id = $2) AND slot_end > $3 AND `+cond+` ORDER BY id LIMIT $4`,
					append([]any{in.Cursor, in.Facility, linli.Millis(in.From), in.Limit}, args...)...)
				return err
			})
			if n := len(out.Body.Items); n == in.Limit {
				out.Body.Next = out.Body.Items[n-1].ID
			}
			return out, err
		})

	type checkIn struct {
		ID   string `path:"id" maxLength:"40"`
		Body struct {
			Code string `json:"code,omitempty" maxLength:"6" doc:"the six digits the resident shows; not asked of the resident"`
		}
	}
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/bookings/{id}/check-in", ID: "booking-check-in", May: "facility.book", Tag: "match", Zh: "到店签到", En: "check in to a slot"},
		func(ctx context.Context, in *checkIn) (*web.Out[Booking], error) {
			var out web.Out[Booking]
			return &out, s.DB.Write(ctx, func(tx db.Tx) error {
				b, err := booking(tx, `id = $1`, in.ID)
				if errors.Is(err, sql.ErrNoRows) || err == nil && !auth.From(ctx).Scope("facility.book").Covers(b.AuthRow()) {
					return linli.NotFound("没有这个预约", "there is no such booking")
				}
				if err != nil {
					return err
				}
				if !auth.From(ctx).Serves(b.Resident) && in.Body.Code != b.Code {
					return linli.Invalid("code", "签到码不对", "the code is wrong")
				}
				if err := s.checkIn(tx, b); err != nil {
					return err
				}
				out.Body, err = booking(tx, `id = $1`, in.ID)
				return err
			})
		})
}
