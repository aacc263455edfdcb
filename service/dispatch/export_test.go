package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"linli"
	"linli/decide/route"
	"linli/engine/db"
)

// Search bounds every search by iterations, so that it repeats.
func (s *Service) Search(iterations int) {
	s.budget = route.Budget{Iterations: iterations, Refine: true}
}

// Without cuts a span out of shifts.
func Without(shifts []linli.Window, hole linli.Window) []linli.Window { return without(shifts, hole) }

// Raced looks for a better plan, lets something happen, and then tries to take it.
func (s *Service) Raced(ctx context.Context, meanwhile func()) (moves int, err error) {
	k, err := s.sketch(ctx, s.Now().Add(ahead), nil)
	if err != nil {
		return 0, err
	}
	found, err := k.improve(ctx)
	if err != nil {
		return 0, err
	}
	meanwhile()
	err = s.DB.Write(ctx, func(tx db.Tx) error {
		s.plan.enter(tx)
		return s.carry(ctx, tx, k, found, "replanned")
	})
	if errors.Is(err, errRaced) {
		return len(found), nil
	}
	return len(found), cmp.Or(err, errors.New("the old plan was taken"))
}

// Image brings the board to the present and lists where it differs from the tables.
func (s *Service) Image(ctx context.Context, tx db.Tx) (bad []string, err error) {
	if err := s.image(ctx, tx); err != nil {
		return nil, err
	}
	if err := s.giveBack(ctx, tx, ""); err != nil {
		return nil, err
	}
	say := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
	p := &s.plan
	rows, err := s.standing(tx, "")
	if err != nil {
		return nil, err
	}
	load := map[int]map[linli.WorkerID]time.Duration{}
	seats := map[int]linli.OrderID{} // by visit
	for _, a := range rows {
		st, ok := p.visits[a.order]
		if !ok {
			say("order %s stands but has no seat", a.order)
			continue
		}
		if st.worker != a.worker || st.with != a.second || !st.start.Equal(a.start) || st.length != a.need.Length {
			say("order %s: seat %+v, row %+v", a.order, st, a)
		}
		day := dayOf(a.start)
		if load[day] == nil {
			load[day] = map[linli.WorkerID]time.Duration{}
		}
		for _, id := range []linli.WorkerID{a.worker, a.second} {
			if id != "" {
				load[day][id] += a.need.Length
			}
		}
		for i, v := range []int{st.visit, st.second} {
			if i == 1 && a.second == "" || st.left && v < 0 {
				continue
			}
			seats[v] = a.order
			worker, _, start, ok := p.board.Served(v)
			if who := []linli.WorkerID{a.worker, a.second}[i]; !ok || p.lanes[worker].ID != who {
				say("order %s: visit %d is served %v by %s, want %s", a.order, v, ok, p.lanes[worker].ID, who)
			} else if off := p.moment(start).Sub(a.start).Abs(); off > 15*time.Minute {
				say("order %s was promised for %s, the board says %s", a.order, a.start, p.moment(start))
			}
		}
	}
	if len(rows) != len(p.visits) {
		say("%d orders stand, %d have seats", len(rows), len(p.visits))
	}
	for _, t := range p.board.Tours() {
		for _, stop := range t.Stops {
			if _, ours := seats[stop.Visit]; !ours {
				say("visit %d of %s belongs to no order", stop.Visit, p.lanes[t.Worker].ID)
			}
		}
	}
	if left := p.board.Unserved(); len(left) > 0 {
		say("visits %v are on the board and nowhere", left)
	}
	if !reflect.DeepEqual(load, p.loads) {
		say("planned are %v, want %v", p.loads, load)
	}
	for _, v := range p.board.Check() {
		if v.Rule == "cost" || v.Rule == "partial" || v.Rule == "excluded" {
			say("the board breaks its books: %+v", v)
		}
	}
	return bad, nil
}
