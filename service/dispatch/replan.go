package dispatch

import (
	"context"
	"errors"
	"slices"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/route"
	"linli/engine/db"
)

const (
	searchTime  = 100 * time.Millisecond
	replanQuiet = 2 * time.Second // after a decision, before the plan is looked at again
	replanEvery = 5 * time.Minute
	replanPause = 10 // times what the last look has cost, before the next
	churn       = 60 // seconds a change must save beyond its own price, to be worth the bother
)

// stir asks for a look at the plan; many calls are one look.
func (s *Service) stir() {
	select {
	case s.stirred <- struct{}{}:
	default:
	}
}

// Run improves the plan beside the desk until ctx ends: a moment after the last
// decision, and now and then, but never more than a tenth of the time. A look that
// fails is logged; the plan stands as it is.
func (s *Service) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.stirred:
		}
		if !sleep(ctx, replanQuiet) {
			return ctx.Err()
		}
		select { // what came meanwhile is part of this look
		case <-s.stirred:
		default:
		}
		began := time.Now()
		if _, err := s.Replan(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("the plan was not looked at", "error", err)
		}
		looked := time.Since(began)
		if err := s.JudgePast(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("past days were not judged", "error", err)
		}
		if !sleep(ctx, replanPause*looked) {
			return ctx.Err()
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// glance is what a look at the plan was about: while it is the same, another look
// finds nothing new.
type glance struct {
	lanes   int64
	waiting int
	known   *linli.Worker
	turn    int64 // what is frozen, and what may move, changes with time
}

// Replan looks once for a better plan of what may still move, together with what
// waits, and takes it when it is worth the changes; it tells how many orders it has
// moved. The search holds nobody up; a plan that has changed meanwhile is left alone.
func (s *Service) Replan(ctx context.Context) (int, error) {
	ctx = auth.With(ctx, auth.System)
	k, err := s.sketch(ctx, s.Now().Add(ahead), nil)
	if err != nil {
		return 0, err
	}
	g := glance{lanes: sumOf(k.revs), turn: k.now.Unix() / int64(replanEvery/time.Second)}
	for _, x := range k.pieces {
		if !x.had {
			g.waiting++
		}
	}
	if len(k.known) > 0 {
		g.known = &k.known[0]
	}
	if s.glanced == g {
		return 0, nil
	}
	moves, err := k.improve(ctx)
	if err != nil {
		return 0, err
	}
	if len(moves) == 0 {
		s.glanced = g
		return 0, nil
	}
	err = s.DB.Write(ctx, func(tx db.Tx) error {
		s.plan.enter(tx)
		return s.carry(ctx, tx, k, moves, "replanned")
	})
	if errors.Is(err, errRaced) {
		s.stir()
		return 0, nil
	}
	return len(moves), err
}

// improve searches and answers the moves, none when they are not worth it.
func (k *sketch) improve(ctx context.Context) ([]*move, error) {
	k.calm = true
	if err := k.lay(ctx); err != nil {
		return nil, err
	}
	if err := k.offer(ctx); err != nil {
		return nil, err
	}
	_, before := k.cost()
	if err := k.search(ctx); err != nil {
		return nil, err
	}
	_, after := k.cost()
	moves := k.moves()
	if !k.sound() || !worth(before, after, moves) {
		return nil, nil
	}
	return moves, nil
}

// worth tells whether a plan is so much better that it may be changed for it: when
// it serves more, of the higher classes first, or when it saves more than the
// changes cost. The price of telling a worker otherwise is part of the costs; every
// order that goes to somebody else must save a minute beyond. No promise is broken
// for a cheaper plan.
func worth(before, after route.Cost, moves []*move) bool {
	if after[route.CostBroken] > before[route.CostBroken] {
		return false
	}
	if c := slices.Compare(after[:route.Tiers], before[:route.Tiers]); c != 0 {
		return c < 0
	}
	var others int64
	for _, m := range moves {
		if !m.stays() {
			others++
		}
	}
	gain := before[route.CostLate] - after[route.CostLate] + before[route.CostRest] - after[route.CostRest]
	return gain >= max(churn*others, churn)
}
