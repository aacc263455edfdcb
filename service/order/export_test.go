package order

import (
	"context"

	"linli"
	"linli/engine/db"
)

// Inspect loads an order and tells what must hold of every stored one: which
// promises are broken by now, when it is due and when its timer fires next.
func (s *Service) Inspect(ctx context.Context, tx db.Tx, id linli.OrderID, now int64) (o *Row, broken, due, timer int64, err error) {
	if o, err = load(tx, id); err != nil {
		return
	}
	k, err := s.clock(ctx, o)
	if err != nil {
		return
	}
	for _, m := range milestones {
		if at := k.limit(o, m); at != 0 && (o.met(m) == 0 && o.FinishedAt == 0 && now >= at && !o.State.Ended()) {
			broken |= m
		}
	}
	if h, ok := k.next(o); ok {
		timer = h.at
	}
	return o, broken, k.due(o), timer, nil
}

// Machine lists from where each act may be done and where it leads.
func Machine() map[Act]struct {
	From []State
	To   State
} {
	out := map[Act]struct {
		From []State
		To   State
	}{}
	for act, r := range machine {
		out[act] = struct {
			From []State
			To   State
		}{r.from, r.to}
	}
	return out
}
