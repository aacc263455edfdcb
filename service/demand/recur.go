package demand

import (
	"context"

	"linli"
	"linli/auth"
	"linli/engine/db"
)

// Recur stores a visit of a series that was agreed on before as the resident's own
// demand: they see it, are told what becomes of it, and may take it back. Nothing is
// read or asked anew; the order that carries it is told by Ordered in the same
// transaction.
func (s *Service) Recur(_ context.Context, tx db.Tx, n linli.Need, words string) (linli.DemandID, error) {
	now := s.Now()
	d := &Demand{ID: linli.DemandID(linli.NewID("dem", now)), Source: Recurring, State: ReadyTo, Rev: 1, Body: words, Resident: n.Resident,
		Place: n.Place, At: n.At, Item: n.Item, Spec: n.Spec, Certainty: 1, Trust: 1, Confidence: 1, Wish: n.Wish,
		RaisedAt: now, SubmittedAt: now, ReceivedAt: now, ReadyAt: now}
	if _, err := insert(tx, []*Demand{d}); err != nil {
		return "", err
	}
	if err := found.Put(tx, s.DB.Dialect(), string(d.ID), d.doc().Text()); err != nil {
		return "", err
	}
	if err := insertReporters(tx, []Reporter{{Demand: d.ID, Case: d.ID, Resident: d.Resident, Source: d.Source, At: now}}); err != nil {
		return "", err
	}
	if err := s.record(tx, auth.System, now, line{d.ID, "raise", d.State, nil}); err != nil {
		return "", err
	}
	return d.ID, s.Bus.Publish(tx, pack(EventRaised, d, now, nil), pack(EventUnderstood, d, now, nil))
}
