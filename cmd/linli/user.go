package main

import (
	"context"
	"strings"

	"linli"
	"linli/app"
	"linli/auth"
)

type users struct {
	Add  addUser  `cmd:"" help:"Add an account and print its one-time link. 新建用户。"`
	Link linkUser `cmd:"" help:"Block the old password and print a new one-time link. 重新设置密码。"`
}

type addUser struct {
	place
	Login string   `arg:"" help:"Sign-in name."`
	Name  string   `help:"Name shown to colleagues." required:""`
	Role  []string `help:"role@place, e.g. dispatcher@990001001; roles without a place need no @." required:""`
}

// Run adds the account; it has no password until its owner opens the link.
func (u *addUser) Run(ctx context.Context, c *console) error {
	n := auth.NewUser{Login: u.Login, Name: u.Name}
	for _, r := range u.Role {
		role, where, _ := strings.Cut(r, "@")
		g := auth.Grant{Role: auth.Role(role), Place: linli.Place(where)}
		if strings.HasPrefix(where, "org_") {
			g.Place, g.Org = "", linli.OrgID(where)
		}
		n.Grants = append(n.Grants, g)
	}
	return withApp(ctx, c, u.place, func(a *app.App) error {
		link, err := a.AddUser(ctx, n)
		if err == nil {
			c.say("%s", link)
		}
		return err
	})
}

type linkUser struct {
	place
	Login string `arg:"" help:"Sign-in name."`
}

// Run makes a new one-time link for an existing account.
func (u *linkUser) Run(ctx context.Context, c *console) error {
	return withApp(ctx, c, u.place, func(a *app.App) error {
		link, err := a.RenewUser(ctx, u.Login)
		if err == nil {
			c.say("%s", link)
		}
		return err
	})
}

// withApp opens the hub without serving, for commands that work beside it.
func withApp(ctx context.Context, c *console, p place, do func(a *app.App) error) error {
	a, err := app.New(ctx, p.options(c))
	if err != nil {
		return err
	}
	defer func() { _ = a.Stop(context.WithoutCancel(ctx)) }()
	return do(a)
}
