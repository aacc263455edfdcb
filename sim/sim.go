// Package sim is a simulated neighborhood: residents who voice needs, clerks who
// sort them, workers who walk, serve and prove it, families who rate. It is an
// outsider that knows a hub only by its public HTTP interface, so a day of it
// proves that interface. The same seed lives the same kind of day.
package sim

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"linli"
	"linli/geo"
)

// Options say where the hub is and how the day goes.
type Options struct {
	URL      string
	Seed     uint64
	Now      linli.Now // the hub's clock
	Log      *slog.Logger
	Street   linli.Place // nine digits; its communities are the ones with map buildings
	Messages string      // JSON lines of citizens' messages to replay; empty: none
	PerHour  float64     // demands per hour by day; 0: 60
	People   int         // residents to register; 0: 420
}

// Sim is a neighborhood that lives in a hub.
type Sim struct {
	o     Options
	rng   *rand.Rand
	hub   *hub
	staff map[string]*session // by role

	residents []*resident
	workers   map[linli.WorkerID]*worker
	specs     map[linli.SpecCode]spec
	versions  map[string]int                    // of the consent texts, by purpose
	truth     map[linli.DemandID]linli.SpecCode // what the speaker meant; "" is beyond us
	raised    []linli.DemandID                  // acknowledged by the hub
	replayed  int                               // messages acknowledged by the import
	seen      map[linli.OrderID]int64           // the revision of an order for which somebody has made plans
	agenda    agenda
	failures  int
	nextVoice time.Time
	lastDesk  time.Time
}

type resident struct {
	ID    string      `json:"id"`
	Place linli.Place `json:"place"`
	birth int
	phone *session // nil: has no account and calls the desk
}

type worker struct {
	ID    linli.WorkerID
	role  string
	phone *session
	home  linli.Place
	at    linli.Point // where they are now
	by    geo.Profile
}

type spec struct {
	Code    linli.SpecCode `json:"code"`
	Item    linli.ItemCode `json:"item"`
	Mode    linli.Mode     `json:"mode"`
	Consent string         `json:"consent"`
}

// New signs the staff in and fills the hub with places to serve, organizations,
// workers, residents and facilities, all through its interface.
func New(ctx context.Context, o Options) (*Sim, error) {
	if o.PerHour == 0 {
		o.PerHour = 60
	}
	if o.People == 0 {
		o.People = 420
	}
	s := &Sim{o: o, rng: rand.New(rand.NewPCG(o.Seed, 7)), hub: newHub(o.URL), staff: map[string]*session{},
		workers: map[linli.WorkerID]*worker{}, specs: map[linli.SpecCode]spec{}, versions: map[string]int{}, truth: map[linli.DemandID]linli.SpecCode{},
		seen: map[linli.OrderID]int64{}}
	return s, s.build(ctx)
}

// agenda is what people have set out to do, each at its simulated moment.
type agenda []engagement

type engagement struct {
	at time.Time
	do func(ctx context.Context) error
}

func (s *Sim) later(at time.Time, do func(ctx context.Context) error) {
	s.agenda = append(s.agenda, engagement{at, do})
}

// due takes what is due out of the agenda, in the order it was planned for.
func (s *Sim) due(now time.Time) []engagement {
	var out, rest agenda
	for _, e := range s.agenda {
		if e.at.After(now) {
			rest = append(rest, e)
		} else {
			out = append(out, e)
		}
	}
	s.agenda = rest
	return out
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// minutes draws a duration between a and b minutes.
func (s *Sim) minutes(a, b float64) time.Duration {
	return time.Duration((a + s.rng.Float64()*(b-a)) * float64(time.Minute))
}
