package demand

import (
	"context"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/engine/job"
)

// bind names the periodic work.
func (s *Service) bind() {
	s.Timers.Every("demand.expire", func(now time.Time) time.Time { return now.Add(time.Hour) },
		func(ctx context.Context, tx db.Tx, _ job.Job) error { return s.expire(tx) })
}

// expire closes forecasts that nobody confirmed and nothing joined, a day after
// the time they spoke of, or thirty days after they were made.
func (s *Service) expire(tx db.Tx) error {
	now := s.Now()
	ds, err := demands(tx, `SELECT `+columns+` FROM demand_demand WHERE state = $1 AND source = $2
		AND (wish_to > 0 AND wish_to < $3 OR wish_to = 0 AND raised_at < $4) ORDER BY due_at, id LIMIT 500`,
		Hint, Forecast, linli.Millis(now.Add(-hintLife)), linli.Millis(now.Add(-window)))
	if err != nil {
		return err
	}
	for _, d := range ds {
		if err := s.apply(tx, auth.System, d, d, "expire", func(d *Demand) (any, error) {
			d.Outcome, d.ClosedAt, d.Why = Expired, now, nil
			return nil, d.to(Closed)
		}); err != nil {
			return err
		}
	}
	return nil
}
