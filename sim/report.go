package sim

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"

	"linli"
)

// Report is what a run of the neighborhood came to.
type Report struct {
	Demands      int            `json:"demands"`
	BySource     map[string]int `json:"by_source"`
	Understood   int            `json:"understood"`  // specification or responsible office known
	Queued       int            `json:"queued"`      // waiting for a clerk
	Merged       int            `json:"merged"`      // joined to an earlier case
	Referred     int            `json:"referred"`    // outside the catalog, handed over
	Matched      int            `json:"matched"`     // orders somebody or some facility could serve
	Dispatched   int            `json:"dispatched"`  // orders given to somebody
	Closed       int            `json:"closed"`      // orders that ended well
	Open         int            `json:"open"`        // orders still running
	Waiting      int            `json:"waiting"`     // orders nobody can serve now
	Ended        int            `json:"ended"`       // orders failed or canceled
	Lost         int            `json:"lost"`        // acknowledged demands the hub does not have; must be 0
	Unexplained  int            `json:"unexplained"` // assignments without reasons; must be 0
	Refused      int            `json:"refused"`     // requests of the neighborhood that failed unexpectedly
	ResponseP50  *float64       `json:"response_p50_min"`
	ResponseP90  *float64       `json:"response_p90_min"`
	MatchRate    *float64       `json:"match_rate"`
	Utilization  *float64       `json:"utilization"`
	NPS          *float64       `json:"nps"`
	NPSLow       *float64       `json:"nps_low"`
	NPSHigh      *float64       `json:"nps_high"`
	Ratings      int            `json:"ratings"`
	Replayed     int            `json:"replayed"` // messages of the file that were acknowledged
	SimulatedMin float64        `json:"simulated_min"`
}

// Report asks the hub for everything and compares it with what was acknowledged.
func (s *Sim) Report(ctx context.Context) (Report, error) {
	r := Report{BySource: map[string]int{}, Refused: s.failures, Replayed: s.replayed}
	duty := s.staff["duty-officer"]
	demands, err := all[struct {
		ID       linli.DemandID `json:"id"`
		Source   string         `json:"source"`
		State    string         `json:"state"`
		Spec     string         `json:"spec"`
		Office   string         `json:"office"`
		External string         `json:"external_id"`
	}](ctx, duty, "/api/v1/demands", url.Values{"state": {"new,queued,ready,hint,referred,ordered,closed,merged,withdrawn"}})
	if err != nil {
		return r, err
	}
	known := map[linli.DemandID]bool{}
	external := 0
	for _, d := range demands {
		known[d.ID] = true
		r.Demands++
		r.BySource[d.Source]++
		if d.External != "" {
			external++
		}
		if d.Spec != "" || d.Office != "" {
			r.Understood++
		}
		switch d.State {
		case "queued":
			r.Queued++
		case "merged":
			r.Merged++
		case "referred":
			r.Referred++
		}
	}
	for _, id := range s.raised {
		if !known[id] {
			r.Lost++
		}
	}
	r.Lost += max(0, s.replayed-external)
	orders, err := all[order](ctx, duty, "/api/v1/orders", url.Values{"state": {"open,waiting,assigned,accepted,en_route,arrived,paused,finished,confirmed,rated,closed,failed,canceled"}})
	if err != nil {
		return r, err
	}
	for _, o := range orders {
		given := o.Worker != nil || o.Facility != ""
		if given {
			r.Matched++
			r.Dispatched++
			if len(o.Why) == 0 {
				r.Unexplained++
			}
		}
		switch o.State {
		case "closed":
			r.Closed++
		case "failed", "canceled":
			r.Ended++
		case "waiting":
			r.Waiting++
			r.Open++
		default:
			r.Open++
		}
	}
	var kpis list[struct {
		Slug   string             `json:"slug"`
		Value  *float64           `json:"value"`
		Low    *float64           `json:"low"`
		High   *float64           `json:"high"`
		N      int                `json:"n"`
		Beside map[string]float64 `json:"beside"`
	}]
	if err := s.staff["dispatcher"].get(ctx, "/api/v1/kpis?span=24h", &kpis); err != nil {
		return r, err
	}
	for _, k := range kpis.Items {
		switch k.Slug {
		case "response-time-p90":
			r.ResponseP90 = k.Value
			if p50, ok := k.Beside["p50"]; ok {
				r.ResponseP50 = &p50
			}
		case "demand-match-rate":
			r.MatchRate = k.Value
		case "facility-utilization":
			r.Utilization = k.Value
		case "nps":
			r.NPS, r.NPSLow, r.NPSHigh, r.Ratings = k.Value, k.Low, k.High, k.N
		}
	}
	return r, nil
}

// Replay sends a file of citizens' messages through the intake, as a clerk
// uploading the ticket file of the hotline would.
func (s *Sim) Replay(ctx context.Context, file string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) { // the hub takes the file as the hotline exports it
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return err
		}
		if raw, err = io.ReadAll(z); err != nil {
			return err
		}
	}
	var report struct {
		Stored int `json:"stored"`
		Known  int `json:"known"`
		Failed int `json:"failed"`
	}
	if err := s.staff["duty-officer"].upload(ctx, "POST", "/api/v1/demands/import?format=jsonl&system=12345", "application/x-ndjson", bytes.NewReader(raw), &report); err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	s.replayed += report.Stored
	s.o.Log.Info("messages replayed", "stored", report.Stored, "known", report.Known, "failed", report.Failed)
	return nil
}
