package auth

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"linli"
	"linli/engine/db"
	"linli/engine/db/dbtest"
)

// clock is a hand-moved clock.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func open(t *testing.T, d db.DB) (*Accounts, *clock) {
	t.Helper()
	c := &clock{time.Date(2026, 11, 23, 9, 0, 0, 0, linli.Shanghai)}
	a, err := NewAccounts(t.Context(), d, c.now, c.now)
	if err != nil {
		t.Fatal(err)
	}
	return a, c
}

// get unwraps a call that must succeed: get(f())(t).
func get[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func wantKind(t *testing.T, err error, k linli.Kind) {
	t.Helper()
	if linli.KindOf(err) != k {
		t.Fatalf("error is %v, want kind %s", err, k)
	}
}

const password = "a long enough secret"

func admin(t *testing.T, a *Accounts) linli.UserID {
	t.Helper()
	link := get(a.SetupLink(t.Context()))(t)
	return get(a.Accept(t.Context(), link, "root", "周敏", password))(t)
}

func create(t *testing.T, d db.DB, a *Accounts, n NewUser) User {
	t.Helper()
	var u User
	if err := d.Write(t.Context(), func(tx db.Tx) (err error) { u, err = a.Create(tx, System, n); return err }); err != nil {
		t.Fatal(err)
	}
	return u
}

func TestTheFirstAdministratorComesByOneTimeLink(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		a, c := open(t, d)
		ctx := t.Context()
		if !get(a.Empty(ctx))(t) {
			t.Fatal("a new hub has accounts")
		}
		old := get(a.SetupLink(ctx))(t)
		link := get(a.SetupLink(ctx))(t)
		_, err := a.Accept(ctx, old, "root", "周敏", password)
		wantKind(t, err, linli.KindUnauthenticated)
		_, err = a.Accept(ctx, link, "root", "周敏", "short")
		wantKind(t, err, linli.KindInvalid) // and the link still works
		_, err = a.Accept(ctx, link, "root", "周敏", password)
		wantKind(t, err, "")
		_, err = a.Accept(ctx, link, "root2", "周敏", password)
		wantKind(t, err, linli.KindUnauthenticated)
		token, p, err := a.SignIn(ctx, "root", password, "test")
		wantKind(t, err, "")
		if !p.Can("user.write") || p.Can("order.read") {
			t.Fatal("the first administrator has the wrong rights")
		}
		c.t = c.t.Add(sessionIdle + time.Second)
		a.forget()
		_, err = a.Principal(ctx, token)
		wantKind(t, err, linli.KindUnauthenticated)
	})
}

func TestFiveWrongPasswordsLockTheAccount(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		a, c := open(t, d)
		admin(t, a)
		ctx := t.Context()
		for range maxFailures {
			_, _, err := a.SignIn(ctx, "root", "a wrong password", "")
			wantKind(t, err, linli.KindUnauthenticated)
		}
		_, _, err := a.SignIn(ctx, "root", password, "")
		wantKind(t, err, linli.KindExhausted)
		c.t = c.t.Add(lockTime)
		_, _, err = a.SignIn(ctx, "root", password, "")
		wantKind(t, err, "")
		_, _, err = a.SignIn(ctx, "nobody", password, "")
		wantKind(t, err, linli.KindUnauthenticated)
	})
}

func TestWithdrawnRightsActAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		a, _ := open(t, d)
		ctx := t.Context()
		u := create(t, d, a, NewUser{Login: "diao", Name: "刁度", Grants: []Grant{{Role: "dispatcher", Place: "990001001"}}})
		token := get(a.OpenSession(ctx, u.ID, ""))(t)
		p := get(a.Principal(ctx, token))(t)
		if !p.Can("dispatch.assign") {
			t.Fatal("the dispatcher may not dispatch")
		}
		set := func(rev int64, g ...Grant) error {
			return d.Write(ctx, func(tx db.Tx) error { return a.SetGrants(tx, System, u.ID, rev, g) })
		}
		wantKind(t, set(7), linli.KindConflict)
		wantKind(t, set(1, Grant{Role: "dispatcher"}), linli.KindInvalid)
		wantKind(t, set(1, Grant{Role: "king", Place: "99"}), linli.KindInvalid)
		wantKind(t, set(1, Grant{Role: "viewer"}), "")
		p = get(a.Principal(ctx, token))(t)
		if p.Can("dispatch.assign") {
			t.Fatal("a withdrawn right still acts")
		}
		wantKind(t, d.Write(ctx, func(tx db.Tx) error { return a.Block(tx, System, u.ID, true) }), "")
		_, err := a.Principal(ctx, token)
		wantKind(t, err, linli.KindUnauthenticated)
		_, err = a.OpenSession(ctx, u.ID, "")
		wantKind(t, err, linli.KindUnauthenticated)
		err = d.Write(ctx, func(tx db.Tx) error {
			_, err := a.Create(tx, System, NewUser{Login: "diao", Name: "同名"})
			return err
		})
		wantKind(t, err, linli.KindConflict)
	})
}

func TestTheAuditChainShowsEveryChange(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		a, c := open(t, d)
		ctx := t.Context()
		write := func(n int) {
			for range n {
				c.t = c.t.Add(time.Second)
				if err := d.Write(ctx, func(tx db.Tx) error {
					return Audit(tx, c.t, System, Line{Act: "test.act", Subject: "s", Place: "990001001"})
				}); err != nil {
					t.Fatal(err)
				}
			}
			if err := d.Write(ctx, a.Chain); err != nil {
				t.Fatal(err)
			}
		}
		verify := func() (lines, broken int64) {
			lines, broken, err := a.Verify(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return lines, broken
		}
		write(30)
		write(5)
		if lines, broken := verify(); lines != 35 || broken != 0 {
			t.Fatalf("%d lines, broken at %d", lines, broken)
		}
		for _, harm := range []string{
			`UPDATE auth_audit SET reason = 'x' WHERE seq = 12`,
			`UPDATE auth_audit SET reason = '', seq = 1000 WHERE seq = 12`,
		} {
			if err := d.Write(ctx, func(tx db.Tx) error { _, err := tx.Exec(harm); return err }); err != nil {
				t.Fatal(err)
			}
			if _, broken := verify(); broken != 12 {
				t.Fatalf("after %q the chain breaks at %d, want 12", harm, broken)
			}
		}
		lines := get(a.Trail(ctx, AuditFilter{Act: "test.act", Limit: 4}))(t)
		if len(lines) != 4 || !lines[0].At.After(lines[3].At) {
			t.Fatalf("the trail is not newest first: %+v", lines)
		}
	})
}

func TestAForgottenPersonCannotBeRead(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		_, c := open(t, d)
		file := filepath.Join(t.TempDir(), "keys", "master.key")
		v := get(OpenVault(file, c.now))(t)
		again := get(OpenVault(file, c.now))(t)
		var sealed string
		in := func(fn func(tx db.Tx) error) error { return d.Write(context.Background(), fn) }
		wantKind(t, in(func(tx db.Tx) (err error) { sealed, err = v.Seal(tx, "res_1", "note", "糖尿病"); return err }), "")
		if strings.Contains(sealed, "糖") {
			t.Fatal("sealed text is readable")
		}
		wantKind(t, in(func(tx db.Tx) error {
			plain, err := again.Open(tx, "res_1", "note", sealed)
			if plain != "糖尿病" {
				t.Errorf("opened %q", plain)
			}
			return err
		}), "")
		wantKind(t, in(func(tx db.Tx) error { _, err := v.Open(tx, "res_1", "id_no", sealed); return err }), linli.KindInternal)
		wantKind(t, in(func(tx db.Tx) error {
			key, err := v.Key(tx, "res_1", false)
			if other := get(again.Key(tx, "res_2", true))(t); len(key) != 32 || string(other) == string(key) || string(get(again.Key(tx, "res_1", true))(t)) != string(key) {
				t.Errorf("the key for others is %x, of somebody else %x", key, other)
			}
			return err
		}), "")
		wantKind(t, in(func(tx db.Tx) error { return v.Forget(tx, "res_1") }), "")
		wantKind(t, in(func(tx db.Tx) error { _, err := v.Open(tx, "res_1", "note", sealed); return err }), linli.KindNotFound)
		wantKind(t, in(func(tx db.Tx) error { _, err := v.Key(tx, "res_1", false); return err }), linli.KindNotFound)
	})
}
