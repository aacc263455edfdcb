package match

import (
	"context"
	"embed"
	"sync"
	"time"

	"github.com/goccy/go-yaml"

	"linli"
	"linli/decide/calendar"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/engine/job"
	"linli/geo"
)

//go:embed schema/*.sql
var schema embed.FS

//go:embed seeds/kinds.yaml
var kindsYAML []byte

// Kind is a kind of facility.
type Kind struct {
	Kind       string `yaml:"kind" json:"kind"`
	Zh         string `yaml:"zh" json:"zh"`
	En         string `yaml:"en" json:"en"`
	SlotMin    int    `yaml:"slot_min" json:"slot_min"`
	RadiusM    int    `yaml:"radius_m" json:"radius_m"`
	Source     string `yaml:"source" json:"source"`
	Confidence string `yaml:"confidence" json:"confidence"`
}

// Workers is asked for everybody who serves, with skills and shifts.
type Workers interface {
	Workers(ctx context.Context, at time.Time) ([]linli.Worker, error)
}

// Consents is asked whether the resident agreed to a purpose.
type Consents interface {
	Consents(ctx context.Context, id linli.ResidentID, purpose string) (bool, error)
}

// Residents is asked where somebody lives: candidates tell of consents and earlier
// visits, so nobody asks about people of another area.
type Residents interface {
	Home(ctx context.Context, id linli.ResidentID) (linli.Place, linli.Point, error)
}

// Catalog is asked how a specification is delivered and what it needs.
type Catalog interface {
	Spec(ctx context.Context, code linli.SpecCode) (linli.Spec, error)
}

// Travel is asked how long a way takes.
type Travel interface {
	Trip(from, to linli.Point, p geo.Profile) (t geo.Trip, ok bool)
}

// Deps are what the slice is built from.
type Deps struct {
	DB        db.DB
	Bus       bus.Publisher
	Timers    job.Timers
	Now       linli.Now
	Workers   Workers
	Consents  Consents
	Residents Residents // asked by the routes only
	Catalog   Catalog
	Travel    Travel // nil: estimated from the straight line
}

// Service judges candidates and keeps facilities, slots and bookings.
type Service struct {
	Deps
	kinds   []Kind
	ratings ratings
	way     way
}

// ratings are the ratings of all workers as last read: every dispatch asks for
// them, and a rating of the last seconds decides nothing.
type ratings struct {
	mu sync.Mutex
	at time.Time // machine time
	by map[linli.WorkerID]history
}

// ratingsLife is how long they are used before they are read again.
const ratingsLife = 5 * time.Second

// New migrates the tables and binds the daily laying-out of slots.
func New(ctx context.Context, d Deps) (*Service, error) {
	s := &Service{Deps: d, way: geo.Straight}
	if d.Travel != nil {
		s.way = d.Travel.Trip
	}
	if err := yaml.UnmarshalWithOptions(kindsYAML, &s.kinds, yaml.Strict()); err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, d.DB, "match", schema); err != nil {
		return nil, err
	}
	midnight := func(now time.Time) time.Time { return calendar.NextAt(now, 5*time.Minute, linli.Shanghai) }
	d.Timers.Every("match.slots", midnight, func(_ context.Context, tx db.Tx, _ job.Job) error { return s.layOutAll(tx) })
	d.Timers.Handle(jobSlotEnd, s.slotEnded)
	return s, nil
}

// Facility is a place that serves by slots. It is public: people must find it.
type Facility struct {
	ID       linli.FacilityID `json:"id"`
	Kind     string           `json:"kind"`
	Name     string           `json:"name"`
	Place    linli.Place      `json:"place"`
	At       linli.Point      `json:"at"`
	Org      linli.OrgID      `json:"org,omitempty"`
	Specs    []linli.SpecCode `json:"specs" nullable:"false"`
	Capacity int64            `json:"capacity"`
	SlotMin  int              `json:"slot_min"`
	Hours    []Hours          `json:"hours" nullable:"false"`
	StepFree bool             `json:"step_free" doc:"reachable without stairs"`
	Active   bool             `json:"active"`
	Rev      int64            `json:"rev"`
}

// Slot is a span of a facility with so many seats.
type Slot struct {
	Facility linli.FacilityID `json:"facility"`
	Start    time.Time        `json:"start"`
	End      time.Time        `json:"end"`
	Capacity int64            `json:"capacity"`
	Booked   int64            `json:"booked"`
	Used     int64            `json:"used"`
	Closed   string           `json:"closed,omitempty" doc:"why it is closed: maintenance, emergency, weather"`
}

// Kinds lists the kinds of facilities.
func (s *Service) Kinds() []Kind { return s.kinds }

// Candidates judges every worker, or for a facility specification every facility,
// against the need: first those who can serve, best first, then the others with
// the first gate they fail. load gives the work planned per worker on that day.
func (s *Service) Candidates(ctx context.Context, n linli.Need, load map[linli.WorkerID]time.Duration) ([]linli.Candidate, error) {
	spec, err := s.Catalog.Spec(ctx, n.Spec)
	if err != nil {
		return nil, err
	}
	consented, err := s.consented(ctx, n, spec)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	if n.Length == 0 {
		n.Length = spec.Length
	}
	if n.Skills == nil {
		n.Skills = spec.Skills
	}
	var out []linli.Candidate
	if spec.Mode == linli.ByFacility {
		err = s.DB.Read(ctx, func(tx db.Tx) error {
			out, err = s.judgeFacilities(tx, n, consented, now)
			return err
		})
		return out, err
	}
	workers, err := s.Workers.Workers(ctx, now)
	if err != nil {
		return nil, err
	}
	rated, err := s.rated(ctx)
	if err != nil {
		return nil, err
	}
	served, err := s.servedBy(ctx, n.Resident)
	if err != nil {
		return nil, err
	}
	out = make([]linli.Candidate, 0, len(workers))
	for _, w := range workers {
		h := rated[w.ID]
		h.served = served[w.ID]
		out = append(out, judgeWorker(n, w, consented, h, load[w.ID], s.way, now))
	}
	rank(out)
	return out, nil
}

func (s *Service) consented(ctx context.Context, n linli.Need, spec linli.Spec) (bool, error) {
	if spec.Consent == "" || n.Resident == "" {
		return true, nil
	}
	return s.Consents.Consents(ctx, n.Resident, spec.Consent)
}

// Served remembers that the worker served the resident; for flow on order.closed.
func (s *Service) Served(tx db.Tx, resident linli.ResidentID, worker linli.WorkerID, at time.Time) error {
	if resident == "" || worker == "" {
		return nil
	}
	_, err := tx.Exec(`INSERT INTO match_served (resident_id, worker_id, times, last_at) VALUES ($1,$2,1,$3)
		ON CONFLICT (resident_id, worker_id) DO UPDATE SET times = match_served.times + 1, last_at = excluded.last_at`, resident, worker, linli.Millis(at))
	return err
}

// Rated remembers a rating of 1 to 5 stars of the worker; for flow on order.rated.
func (s *Service) Rated(tx db.Tx, worker linli.WorkerID, stars int64) error {
	if worker == "" || stars < 1 || stars > 5 {
		return nil
	}
	_, err := tx.Exec(`INSERT INTO match_worker (worker_id, stars, ratings) VALUES ($1,$2,1)
		ON CONFLICT (worker_id) DO UPDATE SET stars = match_worker.stars + excluded.stars, ratings = match_worker.ratings + 1`, worker, stars)
	return err
}
