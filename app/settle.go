package app

import (
	"context"

	"linli/web"
)

// Routes lists every route of the hub with the permission it takes.
func (a *App) Routes() []web.Route { return a.router.Routes() }

// Settle delivers every event and fires every timer that is due by the hub's clock,
// and what these bring about, and returns when nothing is left. It is for hubs that
// were not started: tests and programs that move time themselves.
func (a *App) Settle(ctx context.Context) error {
	for {
		if err := a.engines.Bus.Drain(ctx); err != nil {
			return err
		}
		fired, err := a.engines.Jobs.Poll(ctx)
		if err != nil || fired == 0 {
			return err
		}
	}
}
