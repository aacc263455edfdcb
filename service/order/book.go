package order

import (
	"context"
	"slices"

	"linli"
	"linli/engine/db"
)

// Recurring is the source of orders that a series of visits has opened.
const Recurring = "series"

// Book opens an order of a recurring visit inside tx, to be dispatched without a person;
// it carries the demand, if there is one. What may be asked is what the desk may ask, too.
func (s *Service) Book(ctx context.Context, tx db.Tx, carries linli.DemandID, need linli.Need, words string) (linli.OrderID, error) {
	if err := s.bookable(need); err != nil {
		return "", err
	}
	return s.Open(ctx, tx, Opening{Demand: carries, Source: Recurring, Need: need, Words: words, Auto: true})
}

// Unbook cancels an order that nobody has set out for; any other stays as it is.
func (s *Service) Unbook(ctx context.Context, tx db.Tx, id linli.OrderID) error {
	o, err := load(tx, id)
	if err != nil || !slices.Contains([]State{Open, Waiting, Assigned, Accepted}, o.State) {
		return err
	}
	return s.Do(ctx, tx, id, ActCancel, "withdrawn", "")
}
