package auth

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli"
	"linli/engine/db"
	"linli/engine/db/dbtest"
)

func TestABlockedAccountStaysOutAndOnlyTheNewestLinkOpens(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		a, _ := open(t, d)
		ctx := t.Context()
		u := create(t, d, a, NewUser{Login: "diao", Name: "刁度", Grants: []Grant{{Role: "dispatcher", Place: "990001001"}}})
		renew := func() (link string, err error) {
			err = d.Write(ctx, func(tx db.Tx) (err error) { link, err = a.Renew(tx, System, u.ID); return err })
			return link, err
		}
		block := func(blocked bool) error {
			return d.Write(ctx, func(tx db.Tx) error { return a.Block(tx, System, u.ID, blocked) })
		}
		first := get(renew())(t)
		second := get(renew())(t)
		_, err := a.Accept(ctx, first, "", "", password)
		wantKind(t, err, linli.KindUnauthenticated)
		wantKind(t, block(true), "")
		_, err = a.Accept(ctx, second, "", "", password)
		wantKind(t, err, linli.KindUnauthenticated)
		_, err = renew()
		wantKind(t, err, linli.KindConflict)
		wantKind(t, block(false), "")
		_, err = a.Accept(ctx, get(renew())(t), "", "", password)
		wantKind(t, err, "")
		_, _, err = a.SignIn(ctx, "diao", password, "")
		wantKind(t, err, "")
	})
}

// Guesses made at the same time do not outrun the lock: what the fifth wrong one
// shuts, a right one that was asked together with it does not open.
func TestGuessesTogetherAreNoMoreThanGuessesInARow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		a, c := open(t, d)
		admin(t, a)
		ctx := t.Context()
		var all sync.WaitGroup
		var in atomic.Int64
		for range 30 {
			all.Go(func() {
				if _, _, err := a.SignIn(ctx, "root", "a wrong password", ""); err == nil {
					in.Add(1)
				}
			})
		}
		all.Wait()
		_, _, err := a.signIn(ctx, "root", password, "", c.t.Add(-time.Hour)) // it looked before the lock fell
		wantKind(t, err, linli.KindExhausted)
		if in.Load() != 0 {
			t.Fatal("a wrong password opens")
		}
	})
}

func TestNobodyGivesThemselvesARole(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		a, _ := open(t, d)
		ctx := t.Context()
		u := create(t, d, a, NewUser{Login: "fang", Name: "方宁", Grants: []Grant{{Role: "security-admin"}, {Role: "audit-admin"}}})
		me := &Principal{User: u.ID, Grants: u.Grants}
		set := func(by *Principal, rev int64, g ...Grant) error {
			return d.Write(ctx, func(tx db.Tx) error { return a.SetGrants(tx, by, u.ID, rev, g) })
		}
		wantKind(t, set(me, 1, Grant{Role: "security-admin"}, Grant{Role: "dispatcher", Place: "990001001"}), linli.KindForbidden)
		wantKind(t, set(me, 1, Grant{Role: "security-admin"}), "") // to give up a right is fine
		wantKind(t, set(me, 2, Grant{Role: "security-admin"}, Grant{Role: "audit-admin"}), linli.KindForbidden)
		wantKind(t, set(System, 2, Grant{Role: "security-admin"}, Grant{Role: "audit-admin"}), "")
	})
}

// The trail tells what an account was made for: its roles, and whom it speaks for.
func TestTheTrailTellsWhatAnAccountMayDo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		a, _ := open(t, d)
		create(t, d, a, NewUser{Login: "li", Name: "李", Resident: "res_1", Wards: []linli.ResidentID{"res_2"}, Worker: "wrk_1",
			Grants: []Grant{{Role: "guardian"}, {Role: "dispatcher", Place: "990001001"}}})
		lines := get(a.Trail(t.Context(), AuditFilter{Act: "user.create", Limit: 9}))(t)
		if len(lines) != 1 {
			t.Fatalf("%+v", lines)
		}
		for _, part := range []string{"li", "guardian", "dispatcher@990001001", "res_1", "res_2", "wrk_1"} {
			if !strings.Contains(lines[0].Detail, part) {
				t.Errorf("%q does not tell %s", lines[0].Detail, part)
			}
		}
	})
}

func TestASessionThatIsWatchedIsNotProlonged(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		a, c := open(t, d)
		admin(t, a)
		ctx := t.Context()
		token, _, err := a.SignIn(ctx, "root", password, "")
		wantKind(t, err, "")
		for range 3 {
			c.t = c.t.Add(sessionIdle / 4)
			a.forget()
			_, err = a.Watch(ctx, token)
			wantKind(t, err, "")
		}
		c.t = c.t.Add(sessionIdle/4 + time.Second)
		a.forget()
		_, err = a.Watch(ctx, token)
		wantKind(t, err, linli.KindUnauthenticated)
		wantKind(t, d.Write(ctx, a.Sweep), "")
		var left int
		wantKind(t, d.Read(ctx, func(tx db.Tx) error { return tx.QueryRow(`SELECT COUNT(*) FROM auth_session`).Scan(&left) }), "")
		if left != 0 {
			t.Errorf("%d ended sessions are kept", left)
		}
	})
}
