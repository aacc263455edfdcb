// Package auth answers who may do what, where, and how much of it they may see:
// principals, roles with a reach, permissions, data classes, accounts, sessions,
// the hash-chained audit trail and the sealing of sensitive fields. It is the one
// policy point under API, export and live stream, and it fails closed.
package auth

import (
	"context"
	"slices"

	"linli"
)

// Role names what a person is in the hub, e.g. "dispatcher"; the policy lists all of them.
type Role string

// Permission names an act on a noun, "<noun>.<verb>"; the policy lists all of them.
type Permission string

// Two pseudo-permissions for routes: Public needs no session, SignedIn any session.
const (
	Public   Permission = "public"
	SignedIn Permission = "signed-in"
)

// Grant gives a role in a place and, for roles of organizations, in an organization.
type Grant struct {
	Role  Role        `json:"role"`
	Place linli.Place `json:"place,omitempty"`
	Org   linli.OrgID `json:"org,omitempty"`
}

// Principal is who asks. The zero principal may do nothing.
type Principal struct {
	User     linli.UserID       `json:"user"`
	Name     string             `json:"name"`
	Grants   []Grant            `json:"grants"`
	Resident linli.ResidentID   `json:"resident,omitempty"` // the person in the register
	Wards    []linli.ResidentID `json:"wards,omitempty"`    // residents who let this person act for them
	Worker   linli.WorkerID     `json:"worker,omitempty"`
	System   bool               `json:"-"` // linli itself: flows, timers, imports; may do everything, sees everything
}

// System is the principal of flows and timers.
var System = &Principal{User: "system", Name: "linli", System: true}

// Has tells whether the principal holds the role anywhere.
func (p *Principal) Has(r Role) bool {
	return slices.ContainsFunc(p.Grants, func(g Grant) bool { return g.Role == r })
}

// Serves tells whether the principal is this resident or acts for them.
func (p *Principal) Serves(r linli.ResidentID) bool {
	return r != "" && (p.Resident == r || slices.Contains(p.Wards, r))
}

type ctxKey struct{}

// With puts the principal into the context of a request.
func With(ctx context.Context, p *Principal) context.Context {
	return context.WithValue(ctx, ctxKey{}, p)
}

// From takes the principal out of the context; without one it is the zero principal.
func From(ctx context.Context) *Principal {
	if p, ok := ctx.Value(ctxKey{}).(*Principal); ok {
		return p
	}
	return &Principal{}
}
