package app

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"linli/auth"
	"linli/auth/account"
	"linli/engine"
	"linli/web"
)

// App is a hub: built by New, serving between Start and Stop.
type App struct {
	Options
	engines  *engine.Engine
	accounts *auth.Accounts
	vault    *auth.Vault
	router   *web.Router
	live     *web.Live
	last     int64 // the newest event when this node read its memory
	account  *account.Service
	slices   room
	devices  *ingress // nil: devices have no address

	listener net.Listener
	server   *http.Server
	cleanups []cleanup // undone in reverse
	running  sync.WaitGroup
	failed   chan error
}

type cleanup struct {
	name string
	undo func(context.Context) error
}

// New opens the engines, migrates every table and builds every slice. It listens
// to nothing and runs nothing yet. On an error everything opened is closed again.
func New(ctx context.Context, o Options) (_ *App, err error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	a := &App{Options: o, failed: make(chan error, 8)}
	defer func() {
		if err != nil {
			_ = a.Stop(context.WithoutCancel(ctx))
		}
	}()
	if a.vault, err = auth.OpenVault(o.Keys, o.Now); err != nil {
		return nil, err
	}
	a.engines, err = engine.Open(ctx, engine.Options{Dir: o.Data, DSN: o.Database, Now: o.Now, Log: o.Log, Keys: a.vault})
	if err != nil {
		return nil, err
	}
	a.onStop("engines", func(context.Context) error { return a.engines.Close() })
	wall := o.Now
	if o.Demo {
		wall = time.Now // a fast day must not sign its visitors out
	}
	if a.accounts, err = auth.NewAccounts(ctx, a.engines.DB, o.Now, wall); err != nil {
		return nil, err
	}
	if a.router, err = web.New(ctx, a.engines.DB, a.accounts, o.Now, o.Log, o.Version); err != nil {
		return nil, err
	}
	a.account = account.New(a.engines.DB, a.accounts, o.tls != nil)
	a.live = web.NewLive(o.Now, o.Log)
	// Taken before anything is read into memory and before anybody can watch, so that no news falls between.
	if a.last, err = a.engines.Bus.Last(ctx); err != nil {
		return nil, err
	}
	if err = a.build(ctx); err != nil {
		return nil, err
	}
	if err = a.openDevices(); err != nil {
		return nil, err
	}
	a.flow()
	a.chores()
	a.routes()
	return a, nil
}

func (a *App) onStop(name string, undo func(context.Context) error) {
	a.cleanups = append(a.cleanups, cleanup{name, undo})
}

// Handler is the whole hub as a handler, for tests and for Start.
func (a *App) Handler() http.Handler { return a.handler() }

// Start listens and runs the event flow, the timers and the live stream.
func (a *App) Start(ctx context.Context) error {
	l, err := net.Listen("tcp", a.Addr)
	if err != nil {
		return err
	}
	if a.tls != nil {
		l = tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{*a.tls}})
	}
	a.listener = l
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	a.onStop("flow", func(context.Context) error {
		cancel()
		a.running.Wait()
		return nil
	})
	a.background("bus", func() error { return a.engines.Bus.Run(run) })
	a.background("jobs", func() error { return a.engines.Jobs.Run(run) })
	a.background("news", func() error { return a.hear(run) })
	a.background("memory", func() error { return a.slices.demand.Warm(run) })
	a.background("plan", func() error { return a.slices.dispatch.Run(run) })
	if a.devices != nil {
		a.background("devices", func() error { return a.devices.run(run) })
	}
	a.background("live", func() error { return a.live.Run(run, a.engines.Bus, a.last) })

	// The stream's requests end with this context, so that stopping does not wait for browsers.
	open, closeAll := context.WithCancel(context.Background())
	a.server = &http.Server{
		Handler:           a.handler(),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       2 * time.Minute,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(a.Log.Handler(), slog.LevelDebug), // what browsers that go away leave behind
		BaseContext:       func(net.Listener) context.Context { return open },
	}
	a.onStop("http", func(ctx context.Context) error {
		closeAll()
		return a.server.Shutdown(ctx)
	})
	a.background("http", func() error {
		if err := a.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	return nil
}

func (a *App) background(name string, run func() error) {
	a.running.Go(func() {
		if err := run(); err != nil && !errors.Is(err, context.Canceled) {
			a.Log.Error("stopped unexpectedly", "part", name, "error", err)
			select {
			case a.failed <- err:
			default:
			}
		}
	})
}

// URL is where the hub listens, after Start.
func (a *App) URL() string {
	scheme := "http://"
	if a.tls != nil {
		scheme = "https://"
	}
	return scheme + a.listener.Addr().String()
}

// Stop undoes everything in reverse: no new requests, running ones end, then the
// flow, then the engines. Whatever was acknowledged is on disk already.
func (a *App) Stop(ctx context.Context) error {
	var errs []error
	for _, c := range slices.Backward(a.cleanups) {
		if err := c.undo(ctx); err != nil {
			errs = append(errs, err)
		}
	}
	a.cleanups = nil
	return errors.Join(errs...)
}

// Wait lets a started hub serve until ctx ends or a part of it fails, and stops it.
func (a *App) Wait(ctx context.Context) error {
	var err error
	select {
	case <-ctx.Done():
	case err = <-a.failed:
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	return errors.Join(err, a.Stop(stop))
}
