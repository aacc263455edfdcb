package app

import (
	"context"
	"errors"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/people/party"
	"linli/people/resident"
	"linli/sense/heat"
	"linli/service/demand"
	"linli/service/dispatch"
	"linli/service/evaluate"
	"linli/service/match"
	"linli/service/order"
)

// flow is the score of the hub: when X happened, Y does Z. Each line is a lasting
// subscription under its name; what it does commits together with its place in
// the log, so every line happens once, whatever process dies in between. Read
// from top to bottom it is the life of one demand.
func (a *App) flow() {
	s := &a.slices

	// A need is understood: it becomes an order, and a point on the heat map.
	when(a, "a ready demand becomes an order", s.openOrder, demand.EventReady)
	when(a, "a ready demand is a point on the heat map", s.heatPoint, demand.EventReady)
	when(a, "the earliest voice of a case sets its time", s.inheritTime, demand.EventMerged)
	when(a, "a merged or withdrawn demand leaves the heat map", s.heatGone, demand.EventMerged, demand.EventWithdrawn)

	// The order finds hands, or a seat.
	when(a, "a new or reopened order is dispatched", s.dispatchOrder, order.EventOpened, order.EventReopened)
	when(a, "a change of workers moves what they can no longer keep", s.workersChanged, party.EventWorkerChanged)
	when(a, "people at the door of a facility have arrived", s.facilityAct(order.ActArrive, ""), match.EventCheckedIn)
	when(a, "a used slot is a finished order", s.facilityAct(order.ActFinish, ""), match.EventUsed)
	when(a, "an empty slot is a failed order", s.facilityAct(order.ActFail, "no-show"), match.EventNoShow)

	when(a, "an order its worker does not answer goes to the next", s.passOn, order.EventEscalated)

	// What the resident says moves the order.
	when(a, "a withdrawn demand cancels its order", s.withdrawOrder, demand.EventWithdrawn)

	// Who is gone is visited no more.
	when(a, "a resident who has died or moved away has no more recurring visits", s.endVisits, resident.EventChanged)
	when(a, "of a forgotten resident no recurring visit is left", s.forgetVisits, resident.EventForgotten)
	when(a, "of a forgotten resident no sample is left", a.forgetSamples, resident.EventForgotten)

	// What a resident takes back, or leaves behind, no sensor says any more.
	when(a, "a withdrawn consent stops the sensors it was given for", s.stopSensors, resident.EventConsentWithdrawn)
	when(a, "the sensors of a resident who has died or moved away are off", s.endSensors, resident.EventChanged)
	when(a, "of a forgotten resident no sensor knows anything", s.forgetSensors, resident.EventForgotten)

	// The order ends: time is free again, the case is settled, everybody is told.
	when(a, "an order that ended frees its place in the plan", s.freePlan, order.EventFinished, order.EventFailed, order.EventCanceled)
	when(a, "an order that ended settles its demand", s.settleDemand, order.EventClosed, order.EventFailed, order.EventCanceled)
	when(a, "a reopened order carries its demand again", s.carryAgain, order.EventReopened)
	when(a, "whoever was promised something hears when it changes", s.tellChanged, dispatch.EventChanged)
	when(a, "reporters hear of every step", s.tellReporters, order.EventAssigned, order.EventAccepted, order.EventEnRoute, order.EventArrived, order.EventFinished)

	when(a, "a delivered order may be drawn for a call-back", s.drawCallback, order.EventFinished)

	// What was learned serves the next time.
	when(a, "who was served by whom is remembered", s.rememberCarer, order.EventFinished)
	when(a, "ratings weigh in the next match", s.rememberRating, order.EventRated)
}

// hear lets this node follow what all nodes do to the catalog, to the reader of
// demands, to the ways and to the keys of devices, which every node keeps in memory. Unlike the
// score above it is not work done once, but news for everybody.
func (a *App) hear(ctx context.Context) error {
	return a.engines.Bus.Tail(ctx, a.last, func(e bus.Event) error {
		err := errors.Join(a.slices.catalog.Hear(ctx, e), a.slices.demand.Hear(ctx, e), a.slices.resident.Hear(ctx, e), a.slices.device.Hear(ctx, e))
		if e.Kind == resident.EventWaysChanged {
			a.slices.dispatch.TravelChanged()
		}
		if a.devices != nil {
			a.devices.hear(e)
		}
		if err != nil {
			a.Log.Error("news not taken", "event", e.Kind, "error", err)
		}
		return nil // the next news may still be taken
	})
}

// when binds a typed reaction to events under a lasting name. Flows act as linli itself.
func when[T any](a *App, name string, do func(ctx context.Context, tx db.Tx, e T) error, kinds ...string) {
	a.engines.Bus.Subscribe(name, kinds, bus.On(func(ctx context.Context, tx db.Tx, _ bus.Event, data T) error {
		return do(auth.With(ctx, auth.System), tx, data)
	}))
}

// past tells whether an error only says that the subject has moved on meanwhile:
// an event is old news by nature, and then there is nothing left to do.
func past(err error) error {
	if k := linli.KindOf(err); k == linli.KindConflict || k == linli.KindNotFound {
		return nil
	}
	return err
}

func (s *room) openOrder(ctx context.Context, tx db.Tx, e demand.Ready) error {
	if e.Test {
		return nil
	}
	needed, err := s.demand.Needed(ctx, tx, e.Demand)
	if err != nil {
		return past(err)
	}
	if !needed {
		// Carried already: an earlier voice joined the case, and its time counts.
		return past(s.order.Inherit(ctx, tx, e.Demand, linli.Time(e.SubmittedAt)))
	}
	need := e.Need
	need.Length = time.Duration(e.LengthS) * time.Second
	id, err := s.order.Open(ctx, tx, order.Opening{Demand: e.Demand, Source: string(e.Source), Need: need, Submitted: linli.Time(e.SubmittedAt), Auto: true})
	if err != nil {
		return err
	}
	return s.demand.Ordered(ctx, tx, e.Demand, id)
}

func (s *room) inheritTime(ctx context.Context, tx db.Tx, e demand.Event) error {
	if e.Into == "" || e.SubmittedAt == 0 {
		return nil
	}
	return past(s.order.Inherit(ctx, tx, e.Into, linli.Time(e.SubmittedAt)))
}

func (s *room) carryAgain(ctx context.Context, tx db.Tx, e order.Moved) error {
	if e.Demand == "" {
		return nil
	}
	return past(s.demand.Ordered(ctx, tx, e.Demand, e.Order))
}

func (s *room) heatPoint(_ context.Context, tx db.Tx, e demand.Ready) error {
	who := string(e.Resident)
	if who == "" {
		who = string(e.Demand)
	}
	return s.heat.Count(tx, heat.Point{Demand: e.Demand, Who: who, Item: e.Need.Item, Place: e.Need.Place, At: e.Need.At, When: linli.Time(e.SubmittedAt)})
}

func (s *room) heatGone(_ context.Context, tx db.Tx, e demand.Event) error {
	return s.heat.Remove(tx, e.Demand)
}

func (s *room) dispatchOrder(ctx context.Context, tx db.Tx, e order.Opened) error {
	// A reopened order carries no Auto: it goes out again as a new round.
	if !e.Auto && e.Round < 2 {
		return nil
	}
	_, err := s.dispatch.Assign(ctx, tx, e.Order, dispatch.Wish{})
	return past(err)
}

func (s *room) workersChanged(ctx context.Context, tx db.Tx, _ party.WorkerChanged) error {
	return s.dispatch.WorkersChanged(ctx, tx)
}

func (s *room) facilityAct(act order.Act, reason string) func(context.Context, db.Tx, match.Booked) error {
	return func(ctx context.Context, tx db.Tx, e match.Booked) error {
		return past(s.order.Do(ctx, tx, e.Order, act, reason, ""))
	}
}

func (s *room) withdrawOrder(ctx context.Context, tx db.Tx, e demand.Event) error {
	return past(s.order.Withdraw(ctx, tx, e.Demand))
}

func (s *room) stopSensors(ctx context.Context, tx db.Tx, e resident.ConsentChanged) error {
	return s.device.Withdrawn(ctx, tx, e.Resident, e.Purpose)
}

// gone tells whether a resident lives here no more.
func gone(e resident.Changed) bool { return e.State == resident.Died || e.State == resident.Moved }

func (s *room) endSensors(ctx context.Context, tx db.Tx, e resident.Changed) error {
	if !gone(e) {
		return nil
	}
	return s.device.Gone(ctx, tx, e.Resident, false)
}

func (s *room) forgetSensors(ctx context.Context, tx db.Tx, e resident.Forgotten) error {
	return s.device.Gone(ctx, tx, e.Resident, true)
}

func (s *room) endVisits(ctx context.Context, tx db.Tx, e resident.Changed) error {
	if !gone(e) {
		return nil
	}
	return s.recur.ResidentGone(ctx, tx, e.Resident, e.State, false)
}

func (s *room) forgetVisits(ctx context.Context, tx db.Tx, e resident.Forgotten) error {
	return s.recur.ResidentGone(ctx, tx, e.Resident, "forgotten", true)
}

// Book opens a recurring visit: a demand of the resident's, so that they see it and are
// told what becomes of it, and the order that carries it. For recur.
func (s *room) Book(ctx context.Context, tx db.Tx, need linli.Need, words string) (linli.OrderID, error) {
	voice, err := s.demand.Recur(ctx, tx, need, words)
	if err != nil {
		return "", err
	}
	id, err := s.order.Book(ctx, tx, voice, need, words)
	if err != nil {
		return "", err
	}
	return id, s.demand.Ordered(ctx, tx, voice, id)
}

// Unbook takes one back that nobody has set out for. For recur.
func (s *room) Unbook(ctx context.Context, tx db.Tx, id linli.OrderID) error {
	return s.order.Unbook(ctx, tx, id)
}

func (a *App) forgetSamples(_ context.Context, tx db.Tx, e resident.Forgotten) error {
	return a.engines.Series.Forget(tx, string(e.Resident))
}

func (s *room) freePlan(ctx context.Context, tx db.Tx, e order.Moved) error {
	return s.dispatch.Ended(ctx, tx, e.Order, string(e.State), linli.Time(e.Left), linli.Time(e.Began))
}

func (s *room) settleDemand(ctx context.Context, tx db.Tx, e order.Moved) error {
	if e.Demand == "" {
		return nil
	}
	outcome := demand.Served
	switch e.State {
	case order.Failed:
		outcome = demand.Failed
	case order.Canceled:
		outcome = demand.Canceled
	}
	return past(s.demand.Settle(ctx, tx, e.Demand, outcome))
}

func (s *room) tellReporters(ctx context.Context, tx db.Tx, e order.Moved) error {
	if e.Demand == "" {
		return nil
	}
	return past(s.demand.Progress(ctx, tx, e.Demand, string(e.State)))
}

// tellChanged says in one word what changed; the order shows the new window beside
// the one that was promised before.
func (s *room) tellChanged(ctx context.Context, tx db.Tx, e dispatch.Changed) error {
	id, err := s.order.Demand(tx, e.Order)
	if err != nil || id == "" {
		return past(err)
	}
	what := "rescheduled"
	switch {
	case e.Worker == "":
		what = "delayed"
	case !e.Promise:
		what = "reassigned"
	}
	return past(s.demand.Progress(ctx, tx, id, what))
}

func (s *room) passOn(ctx context.Context, tx db.Tx, e order.Escalated) error {
	if e.To != "next-worker" {
		return nil
	}
	return past(s.dispatch.PassOn(ctx, tx, e.Order))
}

func (s *room) drawCallback(ctx context.Context, tx db.Tx, e order.Moved) error {
	return s.evaluate.Draw(ctx, tx, evaluate.Case{Order: e.Order, Resident: e.Resident, Item: e.Item, SLA: e.SLA, Place: e.Place, Worker: e.Worker, Org: e.Org})
}

func (s *room) rememberCarer(_ context.Context, tx db.Tx, e order.Moved) error {
	return s.match.Served(tx, e.Resident, e.Worker, s.now())
}

func (s *room) rememberRating(_ context.Context, tx db.Tx, e order.Moved) error {
	return s.match.Rated(tx, e.Worker, e.Stars)
}
