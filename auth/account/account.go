// Package account is the door of the hub over HTTP: signing in and out, the first
// setup, one's own profile, accounts and their roles, and the audit trail. In the
// demo it also offers to step into each role, on loopback only.
package account

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"slices"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/web"
)

// Service serves the routes over the accounts.
type Service struct {
	accounts *auth.Accounts
	db       db.DB
	secure   bool // cookies only over TLS
}

// New builds the service; secure marks cookies for TLS only.
func New(d db.DB, accounts *auth.Accounts, secure bool) *Service {
	return &Service{accounts: accounts, db: d, secure: secure}
}

type signedIn struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      Me
}

// Me is what the screens know of the person before them.
type Me struct {
	User        linli.UserID       `json:"user"`
	Name        string             `json:"name"`
	Lang        string             `json:"lang" enum:"zh,en"`
	Roles       []auth.Role        `json:"roles" nullable:"false"`
	Grants      []MyRole           `json:"grants" nullable:"false"`
	Scopes      []linli.Place      `json:"scopes" nullable:"false" doc:"places the person answers for; lists start at the first"`
	Org         linli.OrgID        `json:"org,omitempty"`
	Permissions []auth.Permission  `json:"permissions" nullable:"false"`
	Resident    linli.ResidentID   `json:"resident,omitempty"`
	Wards       []linli.ResidentID `json:"wards,omitempty"`
	Worker      linli.WorkerID     `json:"worker,omitempty"`
}

// MyRole is a role with its names and where it holds.
type MyRole struct {
	Role  auth.Role   `json:"role"`
	Zh    string      `json:"zh"`
	En    string      `json:"en"`
	Place linli.Place `json:"place,omitempty"`
	Org   linli.OrgID `json:"org,omitempty"`
}

func (s *Service) me(ctx context.Context, p *auth.Principal) (Me, error) {
	u, err := s.accounts.User(ctx, p.User)
	if err != nil {
		return Me{}, err
	}
	me := Me{User: p.User, Name: p.Name, Lang: u.Lang, Roles: []auth.Role{}, Grants: []MyRole{}, Scopes: []linli.Place{}, Permissions: p.Permissions(), Resident: p.Resident, Wards: p.Wards, Worker: p.Worker}
	if me.Permissions == nil {
		me.Permissions = []auth.Permission{}
	}
	for _, g := range p.Grants {
		rule := auth.Rules.Roles[g.Role]
		me.Roles = append(me.Roles, g.Role)
		me.Grants = append(me.Grants, MyRole{g.Role, rule.Zh, rule.En, g.Place, g.Org})
		if g.Place != "" && !slices.Contains(me.Scopes, g.Place) {
			me.Scopes = append(me.Scopes, g.Place)
		}
		me.Org = cmp.Or(me.Org, g.Org)
	}
	return me, nil
}

func (s *Service) cookie(token string) http.Cookie {
	c := http.Cookie{Name: web.CookieName, Value: token, Path: "/", HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode}
	// The server ends sessions; the cookie only has to outlive the longest of them.
	c.MaxAge = int((30 * 24 * time.Hour).Seconds())
	if token == "" {
		c.MaxAge = -1
	}
	return c
}

func (s *Service) welcome(ctx context.Context, token string) (*signedIn, error) {
	p, err := s.accounts.Principal(ctx, token)
	if err != nil {
		return nil, err
	}
	me, err := s.me(ctx, p)
	return &signedIn{SetCookie: s.cookie(token), Body: me}, err
}

// Routes mounts everything but the demo's door.
func (s *Service) Routes(r *web.Router) {
	type signIn struct {
		Agent string `header:"User-Agent"`
		Body  struct {
			Name     string `json:"name" minLength:"1" maxLength:"40"`
			Password string `json:"password" minLength:"1" maxLength:"128"`
		}
	}
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/session", ID: "session-open", May: auth.Public, Tag: "auth", Zh: "登录", En: "sign in", MaxBody: 4 << 10},
		func(ctx context.Context, in *signIn) (*signedIn, error) {
			token, _, err := s.accounts.SignIn(ctx, in.Body.Name, in.Body.Password, in.Agent)
			if err != nil {
				return nil, err
			}
			return s.welcome(ctx, token)
		})

	type signOut struct {
		Session http.Cookie `cookie:"linli_session"`
	}
	type signedOut struct {
		SetCookie http.Cookie `header:"Set-Cookie"`
	}
	web.Handle(r, web.Route{Method: "DELETE", Path: "/api/v1/session", ID: "session-close", May: auth.SignedIn, Tag: "auth", Zh: "退出", En: "sign out"},
		func(ctx context.Context, in *signOut) (*signedOut, error) {
			return &signedOut{SetCookie: s.cookie("")}, s.accounts.SignOut(ctx, in.Session.Value)
		})

	type setup struct {
		Body struct {
			Token    string `json:"token" minLength:"1" maxLength:"100" doc:"from the one-time link"`
			Login    string `json:"login,omitempty" maxLength:"40" doc:"sign-in name; with the first setup only"`
			Name     string `json:"name,omitempty" maxLength:"40" doc:"name shown to colleagues; with the first setup only"`
			Password string `json:"password" minLength:"1" maxLength:"128"`
		}
	}
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/setup", ID: "setup", May: auth.Public, Tag: "auth", Zh: "用一次性链接设置密码", En: "choose a password by one-time link", MaxBody: 4 << 10},
		func(ctx context.Context, in *setup) (*signedIn, error) {
			id, err := s.accounts.Accept(ctx, in.Body.Token, in.Body.Login, in.Body.Name, in.Body.Password)
			if err != nil {
				return nil, err
			}
			token, err := s.accounts.OpenSession(ctx, id, "")
			if err != nil {
				return nil, err
			}
			return s.welcome(ctx, token)
		})

	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/me", ID: "me", May: auth.SignedIn, Tag: "auth", Zh: "我是谁，能做什么", En: "who am I and what may I do"},
		func(ctx context.Context, _ *struct{}) (*web.Out[Me], error) {
			me, err := s.me(ctx, auth.From(ctx))
			return &web.Out[Me]{Body: me}, err
		})

	type lang struct {
		Body struct {
			Lang string `json:"lang" enum:"zh,en"`
		}
	}
	web.Handle(r, web.Route{Method: "PATCH", Path: "/api/v1/me", ID: "me-edit", May: auth.SignedIn, Tag: "auth", Zh: "换语言", En: "change the language"},
		func(ctx context.Context, in *lang) (*web.NoBody, error) {
			return nil, s.accounts.SetLang(ctx, auth.From(ctx).User, in.Body.Lang)
		})

	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/roles", ID: "roles", May: auth.SignedIn, Tag: "auth", Zh: "角色、权限与数据分级", En: "roles, permissions and data classes"},
		func(context.Context, *struct{}) (*web.Out[*auth.Policy], error) {
			return &web.Out[*auth.Policy]{Body: auth.Rules}, nil
		})

	s.userRoutes(r)
	s.auditRoutes(r)
}

func (s *Service) userRoutes(r *web.Router) {
	type list struct{ web.Page }
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/users", ID: "user-list", May: "user.read", Tag: "auth", Zh: "用户列表", En: "list accounts"},
		func(ctx context.Context, in *list) (*web.Out[web.List[auth.User]], error) {
			users, err := s.accounts.Users(ctx, in.Cursor, in.Limit)
			out := &web.Out[web.List[auth.User]]{Body: web.List[auth.User]{Items: users}}
			if len(users) == in.Limit {
				out.Body.Next = users[len(users)-1].Login
			}
			return out, err
		})

	type create struct{ Body auth.NewUser }
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/users", ID: "user-create", May: "user.write", Tag: "auth", Creates: true, Zh: "新建用户", En: "create an account"},
		func(ctx context.Context, in *create) (*web.OutRev[auth.User], error) {
			var out *web.OutRev[auth.User]
			return out, s.db.Write(ctx, func(tx db.Tx) error {
				u, err := s.accounts.Create(tx, auth.From(ctx), in.Body)
				if err != nil {
					return err
				}
				out = web.WithRev(u.Rev, u)
				return web.Remember(ctx, tx, out)
			})
		})

	type grants struct {
		web.IfMatch
		ID   linli.UserID `path:"id" maxLength:"40"`
		Body struct {
			Grants []auth.Grant `json:"grants" maxItems:"50"`
		}
	}
	web.Handle(r, web.Route{Method: "PUT", Path: "/api/v1/users/{id}/grants", ID: "user-grant", May: "user.write", Tag: "auth", Zh: "设置角色", En: "set the roles of an account"},
		func(ctx context.Context, in *grants) (*web.OutRev[auth.User], error) {
			rev, err := in.Rev()
			if err != nil {
				return nil, err
			}
			err = s.db.Write(ctx, func(tx db.Tx) error {
				return s.accounts.SetGrants(tx, auth.From(ctx), in.ID, rev, in.Body.Grants)
			})
			if err != nil {
				return nil, err
			}
			u, err := s.accounts.User(ctx, in.ID)
			return web.WithRev(u.Rev, u), err
		})

	type one struct {
		ID linli.UserID `path:"id" maxLength:"40"`
	}
	act := func(verb, zh, en string, do func(ctx context.Context, tx db.Tx, id linli.UserID) error) {
		web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/users/{id}/" + verb, ID: "user-" + verb, May: "user.write", Tag: "auth", Zh: zh, En: en},
			func(ctx context.Context, in *one) (*web.NoBody, error) {
				return nil, s.db.Write(ctx, func(tx db.Tx) error { return do(ctx, tx, in.ID) })
			})
	}
	act("block", "停用用户", "block an account", func(ctx context.Context, tx db.Tx, id linli.UserID) error {
		return s.accounts.Block(tx, auth.From(ctx), id, true)
	})
	act("unblock", "启用用户", "let an account in again", func(ctx context.Context, tx db.Tx, id linli.UserID) error {
		return s.accounts.Block(tx, auth.From(ctx), id, false)
	})

	type link struct {
		Token string `json:"token" doc:"for /setup#t=…; works once, for 72 hours"`
	}
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/users/{id}/invite", ID: "user-invite", May: "user.write", Tag: "auth", Zh: "生成一次性链接", En: "make a one-time link"},
		func(ctx context.Context, in *one) (*web.Out[link], error) {
			var out web.Out[link]
			return &out, s.db.Write(ctx, func(tx db.Tx) (err error) {
				out.Body.Token, err = s.accounts.Renew(tx, auth.From(ctx), in.ID)
				return err
			})
		})
}

func (s *Service) auditRoutes(r *web.Router) {
	type trail struct {
		web.Page
		User    string `query:"user" maxLength:"40"`
		Subject string `query:"subject" maxLength:"60"`
		Act     string `query:"act" maxLength:"60"`
		Class   string `query:"class" maxLength:"2"`
	}
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/audit", ID: "audit-list", May: "audit.read", Tag: "auth", Zh: "审计日志", En: "the audit trail"},
		func(ctx context.Context, in *trail) (*web.Out[web.List[auth.AuditLine]], error) {
			lines, err := s.accounts.Trail(ctx, auth.AuditFilter{User: in.User, Subject: in.Subject, Act: in.Act, Class: in.Class, Before: in.Cursor, Limit: in.Limit})
			if err != nil {
				return nil, err
			}
			// Whoever watches is watched: looks at the trail are lines of it.
			err = s.db.Write(ctx, func(tx db.Tx) error {
				return s.accounts.Looked(tx, auth.From(ctx), in.User+in.Subject)
			})
			out := &web.Out[web.List[auth.AuditLine]]{Body: web.List[auth.AuditLine]{Items: lines}}
			if len(lines) == in.Limit {
				out.Body.Next = lines[len(lines)-1].ID
			}
			return out, err
		})

	type chain struct {
		Lines  int64 `json:"lines"`
		Broken int64 `json:"broken" doc:"number of the first line that does not fit; 0: the chain is whole"`
	}
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/audit/chain", ID: "audit-verify", May: "audit.read", Tag: "auth", Zh: "校验审计链", En: "verify the audit chain"},
		func(ctx context.Context, _ *struct{}) (*web.Out[chain], error) {
			var out web.Out[chain]
			var err error
			out.Body.Lines, out.Body.Broken, err = s.accounts.Verify(ctx)
			return &out, err
		})
}

// DemoUser is a person of the demo one may step into.
type DemoUser struct {
	User linli.UserID `json:"user"`
	Name string       `json:"name"`
	Role auth.Role    `json:"role"`
	Zh   string       `json:"zh"`
	En   string       `json:"en"`
	Page string       `json:"page" doc:"where this role works: / or /w/ or /h/"`
}

// DemoRoutes mounts the page that signs in as any demo person. Only `linli demo`
// calls it, and every answer is for loopback alone: production has no such door.
func (s *Service) DemoRoutes(r *web.Router, people func(ctx context.Context) ([]DemoUser, error)) {
	loopback := func(h http.HandlerFunc) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			host, _, err := net.SplitHostPort(req.RemoteAddr)
			if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
				r.Fail(w, req, linli.Forbidden("角色切换只在本机可用", "stepping into roles works on this machine only"))
				return
			}
			h(w, req)
		})
	}
	web.Raw(r, web.Route{Method: "GET", Path: "/api/v1/demo/roles", ID: "demo-roles", May: auth.Public, Tag: "demo", Zh: "演示角色", En: "roles of the demo"},
		loopback(func(w http.ResponseWriter, req *http.Request) {
			list, err := people(req.Context())
			if err != nil {
				r.Fail(w, req, err)
				return
			}
			web.JSON(w, http.StatusOK, web.List[DemoUser]{Items: list})
		}))
	web.Raw(r, web.Route{Method: "POST", Path: "/api/v1/demo/sessions", ID: "demo-session", May: auth.Public, Tag: "demo", MaxBody: 4 << 10, Zh: "以演示角色登录", En: "sign in as a demo person"},
		loopback(func(w http.ResponseWriter, req *http.Request) {
			var in struct {
				User linli.UserID `json:"user"`
			}
			if err := web.ReadJSON(req, &in); err != nil {
				r.Fail(w, req, err)
				return
			}
			token, err := s.accounts.OpenSession(req.Context(), in.User, req.UserAgent())
			if err != nil {
				r.Fail(w, req, linli.NotFound("演示里没有这个人", "the demo has no such person"))
				return
			}
			c := s.cookie(token)
			http.SetCookie(w, &c)
			web.JSON(w, http.StatusOK, map[string]linli.UserID{"user": in.User})
		}))
}
