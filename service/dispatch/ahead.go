package dispatch

import (
	"cmp"
	"context"
	"time"

	"linli"
	"linli/engine/db"
)

// Ahead tells of each day from today (0) to a last one how many visits stand, and of
// those whose shifts are known, which may be fewer or more, how many people work.
func (s *Service) Ahead(ctx context.Context, last int) (visits, staff []int, err error) {
	workers, err := s.Workers.Workers(ctx, s.Now())
	if err != nil {
		return nil, nil, err
	}
	today := dayOf(s.Now())
	visits, staff = make([]int, last+1), make([]int, horizon/(24*time.Hour))
	for _, w := range workers {
		on := map[int]bool{}
		for _, sh := range w.Shifts {
			if day := dayOf(sh.From) - today; w.Active && !on[day] && day >= 0 && day < len(staff) {
				on[day] = true
				staff[day]++
			}
		}
	}
	return visits, staff, s.DB.Read(ctx, func(tx db.Tx) error {
		stand, err := s.standing(tx, "")
		for _, a := range stand {
			if day := dayOf(a.start) - today; day >= 0 && day <= last {
				visits[day]++
			}
		}
		return err
	})
}

// Quote tells what each need would cost at its cheapest place inside its wish: its way,
// and a stranger instead of a known carer, as time on the way. It is negative where
// nobody has room. Nothing is kept of it.
func (s *Service) Quote(ctx context.Context, needs []linli.Need) ([]time.Duration, error) {
	k, err := s.sketch(ctx, midnight(dayOf(s.Now())).Add(horizon-time.Second), nil)
	if err != nil {
		return nil, err
	}
	if err := k.layOnly(ctx, nil); err != nil {
		return nil, err
	}
	out := make([]time.Duration, len(needs))
	for i, n := range needs {
		if out[i], err = k.quote(ctx, n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// quote prices one need on the sketch, which stays as it is.
func (k *sketch) quote(ctx context.Context, n linli.Need) (time.Duration, error) {
	spec, err := k.s.Catalog.Spec(ctx, n.Spec)
	if err != nil {
		return 0, err
	}
	n.Length, n.SLA, n.Persons = cmp.Or(n.Length, spec.Length), spec.SLA, spec.Persons
	if n.Skills == nil {
		n.Skills = spec.Skills
	}
	a, _, err := k.s.eligible(ctx, &k.image, "", n, "")
	if err != nil {
		return 0, err
	}
	st, err := k.add(a, k.visit(a, k.now, time.Time{}))
	if err != nil {
		return 0, err
	}
	defer k.take(st)
	options, _, err := k.options(a, st)
	price := time.Duration(-1)
	for _, o := range options {
		if d := time.Duration(max(0, o.minutes) * float64(time.Minute)); price < 0 || d < price {
			price = d
		}
	}
	return price, err
}
