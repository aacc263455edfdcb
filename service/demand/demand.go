package demand

import (
	"context"
	"embed"
	"encoding/json"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/text"
	"linli/engine/blob"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/engine/job"
)

//go:embed schema/*.sql
var schema embed.FS

// Catalog is asked for what is on offer and by which words people ask for it.
type Catalog interface {
	Spec(ctx context.Context, code linli.SpecCode) (linli.Spec, error)
	Specs(ctx context.Context) ([]linli.Spec, error)
	// Lexicon lists keyword rules whose label is a specification code, or "danger".
	Lexicon(ctx context.Context) ([]text.Rule, error)
	// Limits are the promises of a class; the first is the time until a person accepts.
	Limits(ctx context.Context, class linli.SLAClass) (accept, contact, start, done time.Duration, allDay bool, err error)
}

// Places is asked where a name lies.
type Places interface {
	Gazetteer(ctx context.Context) ([]linli.NamedPlace, error)
	Locate(ctx context.Context, p linli.Place) (linli.Point, error)
}

// Residents is asked where a person lives and what they agreed to.
type Residents interface {
	Home(ctx context.Context, id linli.ResidentID) (linli.Place, linli.Point, error)
	Consents(ctx context.Context, id linli.ResidentID, purpose string) (bool, error)
}

// Deps is what the service is built from. Places and Residents may be nil: then
// no name is known and no home.
type Deps struct {
	DB        db.DB
	Bus       bus.Publisher
	Timers    job.Timers
	Blobs     blob.Store
	Now       linli.Now
	Log       *slog.Logger
	Catalog   Catalog
	Places    Places
	Residents Residents
}

// Demand is a voiced need. Merged ones point to the case they belong to, whose
// place, wish and submission stand for all of them.
type Demand struct {
	ID          linli.DemandID
	Source      Source
	System      string
	ExternalID  string
	State       State
	Rev         int64
	Title, Body string
	Resident    linli.ResidentID
	RaisedBy    linli.UserID
	Place       linli.Place
	At          linli.Point
	Item        linli.ItemCode
	Spec        linli.SpecCode
	Office      string
	Certainty   float64 // of the understanding
	Trust       float64 // of the source alone
	Confidence  float64 // of the case: its sources together
	Urgency     int
	Attention   bool
	Why         []Why
	Wish        linli.Window
	RaisedAt    time.Time
	SubmittedAt time.Time
	ReceivedAt  time.Time
	DueAt       time.Time
	ReadyAt     time.Time
	OrderedAt   time.Time
	ClosedAt    time.Time
	WithdrawnAt time.Time
	Near        linli.DemandID
	NearScore   float64
	MergedInto  linli.DemandID
	Order       linli.OrderID
	Outcome     Outcome
	Photos      []linli.BlobID
	Extra       json.RawMessage
	Understood  Understanding
	Test        bool
}

func (d *Demand) doc() text.Doc { return text.Doc{Title: d.Title, Body: d.Body} }

// row says to whom and where the demand belongs.
func (d *Demand) row() auth.Row {
	return auth.Row{Place: d.Place, Resident: d.Resident, Case: true}
}

// Service takes demands in, reads them and keeps the queue.
type Service struct {
	Deps
	offices []Office

	reader atomic.Pointer[reader]
	teach  sync.Mutex // teaching and rebuilding take turns

	names   atomic.Pointer[gazetteer]
	recent  *recent
	warm    sync.Mutex // the index is filled once
	warmed  bool
	imports sync.Mutex // imports take turns
}

// New migrates the tables, builds the reader with the corrections made so far and
// binds the jobs. It does not read old messages: Warm does, or the first intake.
func New(ctx context.Context, deps Deps) (*Service, error) {
	if err := db.Migrate(ctx, deps.DB, "demand", schema); err != nil {
		return nil, err
	}
	offices, err := readOffices()
	if err != nil {
		return nil, err
	}
	s := &Service{Deps: deps, offices: offices, recent: newRecent()}
	s.bind()
	return s, s.rebuild(ctx)
}

// Hear follows the events of all nodes (bus.Tail), so that what is taught or
// edited on one node is known on the others.
func (s *Service) Hear(ctx context.Context, e bus.Event) error {
	switch e.Kind {
	case "catalog.changed":
		return s.rebuild(ctx)
	case EventCorrected:
		return s.hearCorrection(ctx, e)
	case EventRaised:
		return s.hearRaised(ctx, e)
	}
	return nil
}
