// Package engine opens the homes of the ports. It is the only room that names
// engine products; everyone else sees db, bus, job, blob, series and mqtt.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"linli"
	"linli/engine/blob"
	"linli/engine/blob/dir"
	"linli/engine/bus"
	"linli/engine/bus/sqlbus"
	"linli/engine/db"
	"linli/engine/db/postgres"
	"linli/engine/db/sqlite"
	"linli/engine/job"
	"linli/engine/series"
)

// Options say where the data is and what time it is.
type Options struct {
	// Dir is the data folder, made when missing: files, and the SQLite database
	// unless DSN names another place.
	Dir string
	// DSN is "" for the file linli.db in Dir, the path of a SQLite file, or a
	// postgres:// URL.
	DSN string
	Now linli.Now    // the injected clock
	Log *slog.Logger // for what happens without a caller
	// Keys are those that telemetry about persons is sealed under; without them it
	// is refused.
	Keys series.Keys
}

// Engine is the set of opened engines.
type Engine struct {
	DB      db.DB
	Bus     bus.Bus
	Parking bus.Parking // what the bus gave up
	Jobs    *job.Runner
	Blobs   blob.Store
	Series  *series.Store
}

// Open opens the engines and brings their own tables up to date.
func Open(ctx context.Context, o Options) (*Engine, error) {
	if o.Dir == "" {
		return nil, errors.New("engine: no data folder")
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("engine: data folder: %w", err)
	}
	blobs, err := dir.Open(filepath.Join(o.Dir, "blobs"))
	if err != nil {
		return nil, err
	}
	d, err := openDB(ctx, o)
	if err != nil {
		return nil, err
	}
	events := sqlbus.New(d, o.Now, o.Log)
	jobs := job.New(d, o.Now, o.Log)
	if err := errors.Join(events.Err(), jobs.Err()); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	samples, err := series.New(ctx, d, o.Keys, o.Now)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return &Engine{DB: d, Bus: events, Parking: events, Jobs: jobs, Blobs: blobs, Series: samples}, nil
}

func openDB(ctx context.Context, o Options) (db.DB, error) {
	switch scheme, _, isURL := strings.Cut(o.DSN, "://"); {
	case o.DSN == "":
		return sqlite.Open(ctx, filepath.Join(o.Dir, "linli.db"), sqlite.Options{})
	case !isURL:
		return sqlite.Open(ctx, o.DSN, sqlite.Options{})
	case scheme == "postgres" || scheme == "postgresql":
		return postgres.Open(ctx, o.DSN, postgres.Options{})
	default:
		return nil, fmt.Errorf("engine: database %s:// is unknown; give a file path or postgres://", scheme)
	}
}

// Close waits for running transactions and closes the store. Stop Bus.Run and
// Jobs.Run before, by ending their context.
func (e *Engine) Close() error { return e.DB.Close() }
