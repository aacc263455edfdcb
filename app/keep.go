package app

import (
	"context"
	"fmt"

	"linli"
	"linli/auth"
	"linli/engine/db"
)

// SetupLink is the one-time address for the first administrator of a hub that has
// no accounts, and "" for any other. Call it after Start.
func (a *App) SetupLink(ctx context.Context) (string, error) {
	empty, err := a.accounts.Empty(ctx)
	if err != nil || !empty {
		return "", err
	}
	token, err := a.accounts.SetupLink(ctx)
	return a.page(token), err
}

// page is the address under which a one-time link opens. The token stands behind
// the #, so that it reaches neither logs nor proxies.
func (a *App) page(token string) string {
	base := "http://" + a.Addr
	if a.listener != nil {
		base = a.URL()
	}
	return base + "/setup#t=" + token
}

// AddUser makes an account and returns its one-time link; for the command line,
// whose user owns the data directory anyway.
func (a *App) AddUser(ctx context.Context, n auth.NewUser) (link string, err error) {
	err = a.engines.DB.Write(ctx, func(tx db.Tx) error {
		u, err := a.accounts.Create(tx, auth.System, n)
		if err != nil {
			return err
		}
		token, err := a.accounts.Renew(tx, auth.System, u.ID)
		link = a.page(token)
		return err
	})
	return link, err
}

// EnsureUser is the account of a sign-in name, made when it does not exist.
func (a *App) EnsureUser(ctx context.Context, n auth.NewUser) (linli.UserID, error) {
	u, err := a.accounts.UserByLogin(ctx, n.Login)
	if linli.KindOf(err) != linli.KindNotFound {
		return u.ID, err
	}
	err = a.engines.DB.Write(ctx, func(tx db.Tx) (err error) {
		u, err = a.accounts.Create(tx, auth.System, n)
		return err
	})
	return u.ID, err
}

// RenewUser ends the password and sessions of an account and returns a new link.
func (a *App) RenewUser(ctx context.Context, login string) (link string, err error) {
	u, err := a.accounts.UserByLogin(ctx, login)
	if err != nil {
		return "", err
	}
	err = a.engines.DB.Write(ctx, func(tx db.Tx) error {
		token, err := a.accounts.Renew(tx, auth.System, u.ID)
		link = a.page(token)
		return err
	})
	return link, err
}

// Finding is one line of an examination.
type Finding struct {
	Zh, En, Detail string
	OK             bool
}

// Examine looks at what a hub depends on: the store, the audit chain, parked
// events and failing timers.
func (a *App) Examine(ctx context.Context) ([]Finding, error) {
	lines, broken, err := a.accounts.Verify(ctx)
	if err != nil {
		return nil, err
	}
	out := []Finding{
		{"数据库", "database", string(a.engines.DB.Dialect()), true},
		{"审计链", "audit chain", fmt.Sprintf("%d lines", lines), broken == 0},
	}
	if broken != 0 {
		out[1].Detail = fmt.Sprintf("broken at line %d", broken)
	}
	parked, err := a.engines.Parking.Parked(ctx)
	if err != nil {
		return nil, err
	}
	out = append(out, Finding{"搁置的事件", "parked events", fmt.Sprint(len(parked)), len(parked) == 0})
	return out, nil
}
