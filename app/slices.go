package app

import (
	"context"

	"linli"
	"linli/govern/insight"
	"linli/people/party"
	"linli/people/resident"
	"linli/sense/device"
	"linli/sense/heat"
	"linli/service/catalog"
	"linli/service/demand"
	"linli/service/dispatch"
	"linli/service/evaluate"
	"linli/service/match"
	"linli/service/order"
	"linli/service/recur"
	"linli/web"
)

// room holds every slice of the hub.
type room struct {
	now      linli.Now
	resident *resident.Service
	party    *party.Service
	catalog  *catalog.Service
	demand   *demand.Service
	match    *match.Service
	dispatch *dispatch.Service
	recur    *recur.Service
	order    *order.Service
	evaluate *evaluate.Service
	insight  *insight.Service
	heat     *heat.Service
	device   *device.Service
}

// build makes every slice by hand, a constructor call each. Who is asked stands
// before who asks; the types of the fields are the whole wiring diagram.
func (a *App) build(ctx context.Context) (err error) {
	e, now, s := a.engines, a.Now, &a.slices
	s.now = now
	if s.resident, err = resident.New(ctx, e.DB, e.Bus, a.vault, a.accounts, now); err != nil {
		return err
	}
	if err := s.resident.ReadWays(ctx); err != nil {
		a.Log.Error("travel times are estimated", "error", err)
	}
	if s.party, err = party.New(ctx, e.DB, e.Bus, e.Jobs, now); err != nil {
		return err
	}
	if s.catalog, err = catalog.New(ctx, catalog.Deps{DB: e.DB, Bus: e.Bus, Now: now}); err != nil {
		return err
	}
	if s.demand, err = demand.New(ctx, demand.Deps{DB: e.DB, Bus: e.Bus, Timers: e.Jobs, Blobs: e.Blobs, Now: now, Log: a.Log,
		Catalog: s.catalog, Places: s.resident, Residents: s.resident}); err != nil {
		return err
	}
	if s.match, err = match.New(ctx, match.Deps{DB: e.DB, Bus: e.Bus, Timers: e.Jobs, Now: now,
		Workers: s.party, Consents: s.resident, Residents: s.resident, Catalog: s.catalog, Travel: s.resident}); err != nil {
		return err
	}
	if s.order, err = order.New(ctx, order.Deps{DB: e.DB, Bus: e.Bus, Timers: e.Jobs, Blobs: e.Blobs, Now: now,
		Catalog: s.catalog, Ladder: s.catalog, Residents: s.resident, Places: s.resident, Workers: s.party, Demands: s.demand}); err != nil {
		return err
	}
	if s.dispatch, err = dispatch.New(ctx, dispatch.Deps{DB: e.DB, Bus: e.Bus, Timers: e.Jobs, Now: now,
		Match: s.match, Orders: s.order, Workers: s.party, Catalog: s.catalog, Absences: s.party, Places: s.resident, Roads: s.resident, Travel: s.resident, Log: a.Log}); err != nil {
		return err
	}
	if s.recur, err = recur.New(ctx, recur.Deps{DB: e.DB, Timers: e.Jobs, Now: now, Plans: s.dispatch, Booker: s, Residents: s.resident, Catalog: s.catalog, Log: a.Log}); err != nil {
		return err
	}
	if s.evaluate, err = evaluate.New(ctx, evaluate.Deps{DB: e.DB, Bus: e.Bus, Now: now, Orders: s.order, Residents: s.resident}); err != nil {
		return err
	}
	if s.insight, err = insight.New(ctx, e.DB, now); err != nil {
		return err
	}
	if s.heat, err = heat.New(ctx, e.DB, e.Bus, e.Jobs, now); err != nil {
		return err
	}
	s.device, err = device.New(ctx, device.Deps{DB: e.DB, Bus: e.Bus, Timers: e.Jobs, Now: now, Residents: s.resident, Consents: s.resident})
	return err
}

// routes mounts them all; what is not here does not exist for the outside.
func (s *room) routes(r *web.Router) {
	s.resident.Routes(r)
	s.party.Routes(r)
	s.catalog.Routes(r)
	s.demand.Routes(r)
	s.match.Routes(r)
	s.dispatch.Routes(r)
	s.recur.Routes(r)
	s.order.Routes(r)
	s.evaluate.Routes(r)
	s.insight.Routes(r)
	s.heat.Routes(r)
	s.device.Routes(r)
}
