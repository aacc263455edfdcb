package app

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"linli/auth"
	"linli/auth/account"
	"linli/engine/db"
	"linli/engine/job"
	"linli/ui"
	"linli/web"
)

// routes mounts every slice's routes; what a slice does not mount does not exist.
func (a *App) routes() {
	a.account.Routes(a.router)
	a.live.Routes(a.router)
	a.slices.routes(a.router)
	web.Raw(a.router, web.Route{Method: "GET", Path: "/api/v1/system/health", ID: "health", May: auth.Public, Tag: "system",
		Zh: "是否在服务", En: "is the hub serving"}, http.HandlerFunc(a.health))
	if a.Demo {
		a.account.DemoRoutes(a.router, a.demoPeople)
	}
}

// handler sends /api to the router and everything else to the web pages.
func (a *App) handler() http.Handler {
	pages := ui.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.HasPrefix(req.URL.Path, "/api/") {
			a.router.ServeHTTP(w, req)
			return
		}
		pages.ServeHTTP(w, req)
	})
}

// health answers 200 when the store answers; load balancers and `linli doctor` ask it.
func (a *App) health(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), 2*time.Second)
	defer cancel()
	err := a.engines.DB.Read(ctx, func(tx db.Tx) error {
		var one int
		return tx.QueryRow(`SELECT 1`).Scan(&one)
	})
	if err != nil {
		a.router.Fail(w, req, err)
		return
	}
	web.JSON(w, http.StatusOK, map[string]any{"ok": true, "now": a.Now().UnixMilli(), "version": a.Version, "demo": a.Demo && fromHere(req)})
}

func fromHere(req *http.Request) bool { return loopback(req.RemoteAddr) }

// loopback tells whether an address is of this machine alone.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// chores are the periodic duties of the house itself.
func (a *App) chores() {
	every := func(d time.Duration) func(time.Time) time.Time {
		return func(now time.Time) time.Time { return now.Add(d) }
	}
	a.engines.Jobs.Every("auth.chain", every(time.Second), func(_ context.Context, tx db.Tx, _ job.Job) error { return a.accounts.Chain(tx) })
	a.engines.Jobs.Every("web.sweep", every(24*time.Hour), func(_ context.Context, tx db.Tx, _ job.Job) error { return a.router.Sweep(tx) })
	a.engines.Jobs.Every("auth.sweep", every(24*time.Hour), func(_ context.Context, tx db.Tx, _ job.Job) error { return a.accounts.Sweep(tx) })
	// A minute's share of the series is 64, so a day takes care of 92,000.
	a.engines.Jobs.Every("series.retain", every(time.Minute), func(_ context.Context, tx db.Tx, _ job.Job) error {
		_, err := a.engines.Series.Retain(tx)
		return err
	})
}

// demoPeople picks the first account of each role, for the sign-in-as page.
func (a *App) demoPeople(ctx context.Context) ([]account.DemoUser, error) {
	out := []account.DemoUser{}
	seen := map[auth.Role]bool{}
	for cursor := ""; ; {
		users, err := a.accounts.Users(ctx, cursor, 200)
		if err != nil {
			return nil, err
		}
		for _, u := range users {
			cursor = u.Login
			for _, g := range u.Grants {
				if seen[g.Role] {
					continue
				}
				seen[g.Role] = true
				rule := auth.Rules.Roles[g.Role]
				page := "/"
				switch {
				case g.Role == "resident" || g.Role == "guardian":
					page = "/h/"
				case u.Worker != "":
					page = "/w/"
				}
				out = append(out, account.DemoUser{User: u.ID, Name: u.Name, Role: g.Role, Zh: rule.Zh, En: rule.En, Page: page})
			}
		}
		if len(users) < 200 {
			return out, nil
		}
	}
}
