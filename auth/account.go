package auth

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"linli"
	"linli/engine/db"
)

//go:embed schema/*.sql
var schema embed.FS

// Limits of sessions, links and guessing (MLPS level 3 asks for lockout after five failures).
const (
	sessionIdle  = 30 * time.Minute // staff accounts; a resident's phone stays signed in
	sessionPhone = 30 * 24 * time.Hour
	linkLife     = 72 * time.Hour
	maxFailures  = 5
	lockTime     = 15 * time.Minute
	sessionCache = 2 * time.Second // how long a node may answer from memory
)

// Accounts keeps users, their grants and sessions.
type Accounts struct {
	db   db.DB
	now  linli.Now // of what is recorded
	wall linli.Now // of sessions, links and lockouts: they bound real people's idle hands, also on a simulated day

	mu     sync.Mutex
	cached map[string]cachedSession // by session hash
}

type cachedSession struct {
	p     *Principal
	until time.Time // by the machine's clock: it only bounds staleness
}

// User is an account as administrators see it. It holds no personal data beyond a staff name.
type User struct {
	ID       linli.UserID       `json:"id"`
	Login    string             `json:"login"`
	Name     string             `json:"name"`
	Lang     string             `json:"lang"`
	Resident linli.ResidentID   `json:"resident,omitempty"`
	Wards    []linli.ResidentID `json:"wards,omitempty"`
	Worker   linli.WorkerID     `json:"worker,omitempty"`
	Grants   []Grant            `json:"grants"`
	State    string             `json:"state" enum:"active,blocked,invited"`
	Locked   time.Time          `json:"locked_until,omitzero"`
	Created  time.Time          `json:"created_at"`
	Rev      int64              `json:"rev"`
}

// NewAccounts migrates the tables of auth and returns the accounts on d. now is
// the hub's clock, wall the one by which sessions end; they differ in a demo.
func NewAccounts(ctx context.Context, d db.DB, now, wall linli.Now) (*Accounts, error) {
	if err := db.Migrate(ctx, d, "auth", schema); err != nil {
		return nil, err
	}
	return &Accounts{db: d, now: now, wall: wall, cached: map[string]cachedSession{}}, nil
}

func hashToken(t string) string {
	sum := sha256.Sum256([]byte(t))
	return hex.EncodeToString(sum[:])
}

// Empty tells whether nobody has an account yet: the hub then waits for its first administrator.
func (a *Accounts) Empty(ctx context.Context) (empty bool, err error) {
	err = a.db.Read(ctx, func(tx db.Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) = 0 FROM auth_user`).Scan(&empty)
	})
	return empty, err
}

// SetupLink makes the one-time token by which the first administrator chooses a
// name and password. Earlier setup tokens end.
func (a *Accounts) SetupLink(ctx context.Context) (string, error) {
	t := token()
	return t, a.db.Write(ctx, func(tx db.Tx) error {
		if _, err := tx.Exec(`DELETE FROM auth_link WHERE user_id = ''`); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO auth_link (hash, user_id, ends_at) VALUES ($1, '', $2)`,
			hashToken(t), linli.Millis(a.wall().Add(linkLife)))
		return err
	})
}

// NewUser is what an account starts from.
type NewUser struct {
	Login    string             `json:"login" doc:"sign-in name, 2 to 40 characters"`
	Name     string             `json:"name" doc:"name shown to colleagues"`
	Resident linli.ResidentID   `json:"resident,omitempty"`
	Wards    []linli.ResidentID `json:"wards,omitempty"`
	Worker   linli.WorkerID     `json:"worker,omitempty"`
	Grants   []Grant            `json:"grants"`
}

func (n NewUser) validate() error {
	if l := utf8.RuneCountInString(n.Login); l < 2 || l > 40 || strings.ContainsFunc(n.Login, func(r rune) bool { return r <= ' ' }) {
		return linli.Invalid("login", "登录名须为 2–40 个字符，不含空格", "the sign-in name needs 2 to 40 characters without spaces")
	}
	if l := utf8.RuneCountInString(n.Name); l < 1 || l > 40 {
		return linli.Invalid("name", "姓名须为 1–40 个字符", "the name needs 1 to 40 characters")
	}
	return validGrants(n.Grants)
}

func validGrants(grants []Grant) error {
	for _, g := range grants {
		rule, ok := Rules.Roles[g.Role]
		switch {
		case !ok:
			return linli.Invalidf("grants.role", "没有这个角色：%s", "there is no role %s", g.Role)
		case g.Place != "" && !g.Place.Valid():
			return linli.Invalidf("grants.place", "地点编码不对：%s", "%s is not a place", g.Place)
		case rule.Reach == ReachPlace && g.Place == "":
			return linli.Invalidf("grants.place", "角色 %s 要指定管辖地点", "role %s needs a place", g.Role)
		case rule.Reach == ReachOrg && g.Org == "":
			return linli.Invalidf("grants.org", "角色 %s 要指定所属机构", "role %s needs an organization", g.Role)
		}
	}
	return nil
}

// Create makes an account without a password inside the caller's transaction;
// Renew then makes the link by which its owner chooses one.
func (a *Accounts) Create(tx db.Tx, by *Principal, n NewUser) (User, error) {
	if err := n.validate(); err != nil {
		return User{}, err
	}
	now := a.now()
	u := User{ID: linli.UserID(linli.NewID("usr", now)), Login: n.Login, Name: n.Name, Lang: "zh", Resident: n.Resident,
		Wards: n.Wards, Worker: n.Worker, Grants: n.Grants, State: "invited", Created: linli.Time(linli.Millis(now)), Rev: 1}
	rows, err := tx.Exec(`INSERT INTO auth_user (id, login, name, lang, resident_id, worker_id, state, created_at)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8) ON CONFLICT (login) DO NOTHING`, u.ID, u.Login, u.Name, u.Lang, u.Resident, u.Worker, u.State, linli.Millis(now))
	if err != nil {
		return User{}, err
	}
	if rows == 0 {
		return User{}, &linli.Error{Kind: linli.KindConflict, Field: "login", Zh: "登录名已被使用", En: "the sign-in name is taken"}
	}
	if err := a.setGrants(tx, by, u.ID, n.Grants); err != nil {
		return User{}, err
	}
	for _, w := range n.Wards {
		if _, err := tx.Exec(`INSERT INTO auth_ward (user_id, resident_id, at) VALUES ($1,$2,$3)`, u.ID, w, linli.Millis(now)); err != nil {
			return User{}, err
		}
	}
	return u, Audit(tx, now, by, Line{Act: "user.create", Subject: string(u.ID), Detail: n.text()})
}

// text tells whom the account is for and what it may do.
func (n NewUser) text() string {
	parts := []string{n.Login, grantText(n.Grants)}
	for _, id := range append([]linli.ResidentID{n.Resident, linli.ResidentID(n.Worker)}, n.Wards...) {
		parts = append(parts, string(id))
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// Renew ends the old password, links and sessions and makes a new one-time link.
func (a *Accounts) Renew(tx db.Tx, by *Principal, id linli.UserID) (string, error) {
	rows, err := tx.Exec(`UPDATE auth_user SET password = '', state = 'invited', failures = 0, locked_until = 0, rev = rev + 1 WHERE id = $1 AND state <> 'blocked'`, id)
	if err != nil {
		return "", err
	}
	if rows == 0 {
		if _, err := a.user(tx, `SELECT `+userColumns+` FROM auth_user WHERE id = $1`, id); err != nil {
			return "", err
		}
		return "", linli.Conflict("账号已停用，请先启用", "the account is blocked; let it in again first")
	}
	if err := a.shut(tx, id); err != nil {
		return "", err
	}
	t := token()
	if _, err := tx.Exec(`INSERT INTO auth_link (hash, user_id, ends_at) VALUES ($1,$2,$3)`, hashToken(t), id, linli.Millis(a.wall().Add(linkLife))); err != nil {
		return "", err
	}
	return t, Audit(tx, a.now(), by, Line{Act: "user.renew", Subject: string(id)})
}

// SetGrants replaces what the user may do; running sessions see it at once.
func (a *Accounts) SetGrants(tx db.Tx, by *Principal, id linli.UserID, rev int64, grants []Grant) error {
	if err := validGrants(grants); err != nil {
		return err
	}
	if by.User == id {
		held := User{ID: id}
		if err := a.fill(tx, &held); err != nil {
			return err
		}
		if slices.ContainsFunc(grants, func(g Grant) bool { return !slices.Contains(held.Grants, g) }) {
			return linli.Forbidden("不能给自己加角色，请另一位管理员来做", "nobody gives themselves a role; ask another administrator")
		}
	}
	rows, err := tx.Exec(`UPDATE auth_user SET rev = rev + 1 WHERE id = $1 AND rev = $2`, id, rev)
	if err != nil {
		return err
	}
	if rows == 0 {
		return linli.Conflict("用户刚被别人改过，请刷新后再改", "the user was changed meanwhile; reload and try again")
	}
	if _, err := tx.Exec(`DELETE FROM auth_grant WHERE user_id = $1`, id); err != nil {
		return err
	}
	if err := a.setGrants(tx, by, id, grants); err != nil {
		return err
	}
	tx.AfterCommit(a.forget)
	return Audit(tx, a.now(), by, Line{Act: "user.grant", Subject: string(id), Detail: grantText(grants)})
}

func grantText(grants []Grant) string {
	parts := make([]string, len(grants))
	for i, g := range grants {
		parts[i] = strings.TrimRight(string(g.Role)+"@"+string(g.Place)+" "+string(g.Org), " @")
	}
	return strings.Join(parts, ", ")
}

func (a *Accounts) setGrants(tx db.Tx, by *Principal, id linli.UserID, grants []Grant) error {
	for _, g := range grants {
		if _, err := tx.Exec(`INSERT INTO auth_grant (user_id, role, place, org_id, by_user, at) VALUES ($1,$2,$3,$4,$5,$6) ON CONFLICT DO NOTHING`,
			id, g.Role, g.Place, g.Org, by.User, linli.Millis(a.now())); err != nil {
			return err
		}
	}
	return nil
}

// Block stops the account and ends its sessions, or lets it in again.
func (a *Accounts) Block(tx db.Tx, by *Principal, id linli.UserID, blocked bool) error {
	state, act := "active", "user.unblock"
	if blocked {
		state, act = "blocked", "user.block"
	}
	if by.User == id {
		return linli.Conflict("不能停用自己的账号", "an administrator cannot block themselves")
	}
	rows, err := tx.Exec(`UPDATE auth_user SET state = CASE WHEN $1 = 'active' AND password = '' THEN 'invited' ELSE $1 END,
		failures = 0, locked_until = 0, rev = rev + 1 WHERE id = $2`, state, id)
	if err != nil {
		return err
	}
	if rows == 0 {
		return linli.NotFound("没有这个用户", "there is no such user")
	}
	if blocked {
		if err := a.shut(tx, id); err != nil {
			return err
		}
	}
	return Audit(tx, a.now(), by, Line{Act: act, Subject: string(id)})
}

// shut ends every way by which the account is, or could come, in.
func (a *Accounts) shut(tx db.Tx, id linli.UserID) error {
	tx.AfterCommit(a.forget)
	if _, err := tx.Exec(`DELETE FROM auth_link WHERE user_id = $1`, id); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM auth_session WHERE user_id = $1`, id)
	return err
}

// Sweep forgets sessions and links that have ended; the app runs it daily.
func (a *Accounts) Sweep(tx db.Tx) error {
	now := linli.Millis(a.wall())
	if _, err := tx.Exec(`DELETE FROM auth_link WHERE ends_at <= $1`, now); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM auth_session WHERE ends_at <= $1`, now)
	return err
}

// Users lists accounts by sign-in name, after the cursor login.
func (a *Accounts) Users(ctx context.Context, after string, limit int) ([]User, error) {
	var out []User
	err := a.db.Read(ctx, func(tx db.Tx) error {
		out = nil
		rows, err := tx.Query(`SELECT `+userColumns+` FROM auth_user WHERE login > $1 ORDER BY login LIMIT $2`, after, limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			u, err := scanUser(rows)
			if err != nil {
				return err
			}
			out = append(out, u)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		for i := range out {
			if err := a.fill(tx, &out[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

const userColumns = `id, login, name, lang, resident_id, worker_id, state, locked_until, created_at, rev`

func scanUser(row interface{ Scan(...any) error }) (u User, err error) {
	var locked, created int64
	err = row.Scan(&u.ID, &u.Login, &u.Name, &u.Lang, &u.Resident, &u.Worker, &u.State, &locked, &created, &u.Rev)
	u.Locked, u.Created = linli.Time(locked), linli.Time(created)
	return u, err
}

func (a *Accounts) fill(tx db.Tx, u *User) error {
	u.Grants = []Grant{}
	rows, err := tx.Query(`SELECT role, place, org_id FROM auth_grant WHERE user_id = $1 ORDER BY role, place, org_id`, u.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var g Grant
		if err := rows.Scan(&g.Role, &g.Place, &g.Org); err != nil {
			return err
		}
		u.Grants = append(u.Grants, g)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	wards, err := tx.Query(`SELECT resident_id FROM auth_ward WHERE user_id = $1 ORDER BY resident_id`, u.ID)
	if err != nil {
		return err
	}
	defer wards.Close()
	for wards.Next() {
		var w linli.ResidentID
		if err := wards.Scan(&w); err != nil {
			return err
		}
		u.Wards = append(u.Wards, w)
	}
	return wards.Err()
}

var errBadSignIn = &linli.Error{Kind: linli.KindUnauthenticated, Zh: "登录名或密码不对", En: "the sign-in name or the password is wrong"}

var errLocked = &linli.Error{Kind: linli.KindExhausted, Zh: "连续输错 5 次，账号已锁定 15 分钟", En: "five wrong passwords: the account is locked for 15 minutes"}

// SignIn checks the password and opens a session. A wrong name takes as long as a
// wrong password; five failures lock the account for a quarter of an hour.
func (a *Accounts) SignIn(ctx context.Context, login, password, agent string) (string, *Principal, error) {
	return a.signIn(ctx, login, password, agent, a.wall())
}

// signIn looks at the lock twice: at the moment of asking, which saves the work of
// hashing, and again when the session opens, since many may ask together.
func (a *Accounts) signIn(ctx context.Context, login, password, agent string, now time.Time) (string, *Principal, error) {
	var id linli.UserID
	var stored, state string
	var locked int64
	err := a.db.Read(ctx, func(tx db.Tx) error {
		return tx.QueryRow(`SELECT id, password, state, locked_until FROM auth_user WHERE login = $1`, login).Scan(&id, &stored, &state, &locked)
	})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", nil, err
	}
	if now.Before(linli.Time(locked)) && locked != 0 {
		return "", nil, errLocked
	}
	if stored == "" {
		stored = decoy()
	}
	if !CheckPassword(stored, password) || state != "active" {
		if id != "" {
			if err := a.failed(ctx, id); err != nil {
				return "", nil, err
			}
		}
		return "", nil, errBadSignIn
	}
	t, err := a.openSession(ctx, id, agent, a.wall())
	if err != nil {
		return "", nil, err
	}
	p, err := a.Principal(ctx, t)
	return t, p, err
}

// decoy is the hash that an unknown name is compared with.
var decoy = sync.OnceValue(func() string { return HashPassword(token()) })

func (a *Accounts) failed(ctx context.Context, id linli.UserID) error {
	return a.db.Write(ctx, func(tx db.Tx) error {
		var n int
		if err := tx.QueryRow(`UPDATE auth_user SET failures = failures + 1 WHERE id = $1 RETURNING failures`, id).Scan(&n); err != nil {
			return err
		}
		line := Line{Act: "session.failed", Subject: string(id)}
		if n >= maxFailures {
			if _, err := tx.Exec(`UPDATE auth_user SET failures = 0, locked_until = $1 WHERE id = $2`, linli.Millis(a.wall().Add(lockTime)), id); err != nil {
				return err
			}
			line.Act = "session.locked"
		}
		return Audit(tx, a.now(), &Principal{User: id}, line)
	})
}

// OpenSession starts a session of an existing account and returns its token; the
// store keeps only the token's hash.
func (a *Accounts) OpenSession(ctx context.Context, id linli.UserID, agent string) (string, error) {
	return a.openSession(ctx, id, agent, time.Time{})
}

// openSession refuses an account that is locked at the given moment; the zero
// moment looks at no lock.
func (a *Accounts) openSession(ctx context.Context, id linli.UserID, agent string, unlocked time.Time) (string, error) {
	t, now := token(), a.wall()
	return t, a.db.Write(ctx, func(tx db.Tx) error {
		u := User{ID: id}
		var locked int64
		err := tx.QueryRow(`SELECT locked_until FROM auth_user WHERE id = $1 AND state <> 'blocked'`, id).Scan(&locked)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return errBadSignIn
		case err != nil:
			return err
		case !unlocked.IsZero() && locked > linli.Millis(unlocked):
			return errLocked
		}
		if _, err := tx.Exec(`UPDATE auth_user SET failures = 0, locked_until = 0 WHERE id = $1`, id); err != nil {
			return err
		}
		if err := a.fill(tx, &u); err != nil {
			return err
		}
		life := sessionIdle
		if (&Principal{Grants: u.Grants}).phoneOnly() {
			life = sessionPhone
		}
		if _, err := tx.Exec(`INSERT INTO auth_session (hash, user_id, created_at, seen_at, ends_at, agent) VALUES ($1,$2,$3,$3,$4,$5)`,
			hashToken(t), id, linli.Millis(now), linli.Millis(now.Add(life)), agent); err != nil {
			return err
		}
		return Audit(tx, a.now(), &Principal{User: id}, Line{Act: "session.open", Subject: string(id)})
	})
}

// phoneOnly tells whether every role of the person reaches only their own rows:
// residents and workers stay signed in on their phone, staff of the console do not.
func (p *Principal) phoneOnly() bool {
	for _, g := range p.Grants {
		if Rules.Roles[g.Role].Reach != ReachOwn {
			return false
		}
	}
	return true
}

var errNoSession = &linli.Error{Kind: linli.KindUnauthenticated, Zh: "请先登录", En: "please sign in"}

// Principal finds who holds the session token and prolongs the session. A node
// answers from memory for two seconds, so a withdrawn right acts within that.
func (a *Accounts) Principal(ctx context.Context, t string) (*Principal, error) {
	return a.principal(ctx, t, true)
}

// Watch is Principal for what goes on by itself, such as a stream: it does not
// prolong the session.
func (a *Accounts) Watch(ctx context.Context, t string) (*Principal, error) {
	return a.principal(ctx, t, false)
}

func (a *Accounts) principal(ctx context.Context, t string, prolong bool) (*Principal, error) {
	if t == "" {
		return nil, errNoSession
	}
	h := hashToken(t)
	a.mu.Lock()
	c, ok := a.cached[h]
	a.mu.Unlock()
	if ok && time.Now().Before(c.until) {
		return c.p, nil
	}
	now := a.wall()
	var p *Principal
	var seen, ends int64
	err := a.db.Read(ctx, func(tx db.Tx) error {
		var u User
		err := tx.QueryRow(`SELECT u.id, u.name, u.resident_id, u.worker_id, s.seen_at, s.ends_at FROM auth_session s
			JOIN auth_user u ON u.id = s.user_id WHERE s.hash = $1 AND s.ends_at > $2 AND u.state <> 'blocked'`, h, linli.Millis(now)).
			Scan(&u.ID, &u.Name, &u.Resident, &u.Worker, &seen, &ends)
		if errors.Is(err, sql.ErrNoRows) {
			return errNoSession
		}
		if err != nil {
			return err
		}
		if err := a.fill(tx, &u); err != nil {
			return err
		}
		p = &Principal{User: u.ID, Name: u.Name, Grants: u.Grants, Resident: u.Resident, Wards: u.Wards, Worker: u.Worker}
		return nil
	})
	if err != nil {
		return nil, err
	}
	// Prolonging on every request would write on every read; once in a tenth of the life is enough.
	if life := time.Duration(ends-seen) * time.Millisecond; prolong && now.Sub(linli.Time(seen)) > life/10 {
		err := a.db.Write(ctx, func(tx db.Tx) error {
			_, err := tx.Exec(`UPDATE auth_session SET seen_at = $1, ends_at = $2 WHERE hash = $3`, linli.Millis(now), linli.Millis(now.Add(life)), h)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	a.mu.Lock()
	if len(a.cached) > 20000 {
		clear(a.cached)
	}
	a.cached[h] = cachedSession{p, time.Now().Add(sessionCache)}
	a.mu.Unlock()
	return p, nil
}

func (a *Accounts) forget() {
	a.mu.Lock()
	clear(a.cached)
	a.mu.Unlock()
}

// User gives one account.
func (a *Accounts) User(ctx context.Context, id linli.UserID) (u User, err error) {
	err = a.db.Read(ctx, func(tx db.Tx) error {
		u, err = a.user(tx, `SELECT `+userColumns+` FROM auth_user WHERE id = $1`, id)
		return err
	})
	return u, err
}

// UserByLogin gives the account of a sign-in name.
func (a *Accounts) UserByLogin(ctx context.Context, login string) (u User, err error) {
	err = a.db.Read(ctx, func(tx db.Tx) error {
		u, err = a.user(tx, `SELECT `+userColumns+` FROM auth_user WHERE login = $1`, login)
		return err
	})
	return u, err
}

func (a *Accounts) user(tx db.Tx, query string, arg any) (User, error) {
	u, err := scanUser(tx.QueryRow(query, arg))
	if errors.Is(err, sql.ErrNoRows) {
		return u, linli.NotFound("没有这个用户", "there is no such user")
	}
	if err != nil {
		return u, err
	}
	return u, a.fill(tx, &u)
}

// SetLang remembers the language of the person's screens, "zh" or "en".
func (a *Accounts) SetLang(ctx context.Context, id linli.UserID, lang string) error {
	return a.db.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(`UPDATE auth_user SET lang = $1 WHERE id = $2`, lang, id)
		return err
	})
}

// SignOut ends the session of the token.
func (a *Accounts) SignOut(ctx context.Context, t string) error {
	err := a.db.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(`DELETE FROM auth_session WHERE hash = $1`, hashToken(t))
		return err
	})
	a.forget()
	return err
}

// Accept redeems a one-time link: with the setup link it creates the first
// administrator from login and name, with an invitation it sets the password of
// that account. A link works once and only until it ends.
func (a *Accounts) Accept(ctx context.Context, link, login, name, password string) (linli.UserID, error) {
	hash := HashPassword(password) // before the transaction: it takes tens of milliseconds
	var id linli.UserID
	err := a.db.Write(ctx, func(tx db.Tx) error {
		err := tx.QueryRow(`DELETE FROM auth_link WHERE hash = $1 AND ends_at > $2 RETURNING user_id`, hashToken(link), linli.Millis(a.wall())).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return &linli.Error{Kind: linli.KindUnauthenticated, Field: "token", Zh: "链接无效或已用过，请向管理员要新的", En: "the link is invalid or was used; ask for a new one"}
		}
		if err != nil {
			return err
		}
		if id == "" {
			var any int
			if err := tx.QueryRow(`SELECT COUNT(*) FROM auth_user`).Scan(&any); err != nil {
				return err
			}
			if any > 0 {
				return linli.Conflict("系统已有管理员", "the hub already has an administrator")
			}
			// The first person separates the three administrators; until then one holds all three.
			u, err := a.Create(tx, System, NewUser{Login: login, Name: name,
				Grants: []Grant{{Role: "platform-admin"}, {Role: "security-admin"}, {Role: "audit-admin"}}})
			if err != nil {
				return err
			}
			id = u.ID
		} else if err := tx.QueryRow(`SELECT login FROM auth_user WHERE id = $1`, id).Scan(&login); err != nil {
			return err
		}
		if err := validPassword(password, login); err != nil {
			return err
		}
		rows, err := tx.Exec(`UPDATE auth_user SET password = $1, state = 'active', rev = rev + 1 WHERE id = $2 AND state <> 'blocked'`, hash, id)
		if err != nil {
			return err
		}
		if rows == 0 {
			return errBadSignIn
		}
		return Audit(tx, a.now(), &Principal{User: id}, Line{Act: "user.password", Subject: string(id)})
	})
	return id, err
}
