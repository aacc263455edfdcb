package main

import (
	"cmp"
	"context"
	"slices"

	"linli/decide/sense"
)

// untouched is the untouched life of a home: what was found in it, and where the
// person was taken to be.
type untouched struct {
	findings []sense.Finding
	home     *sense.Home // at the end
	states   []truth
}

// playHome plays a recorded home from its beginning.
func playHome(ctx context.Context, h *homeData, plan sense.Plan) (untouched, error) {
	home, err := sense.Open(plan)
	if err != nil {
		return untouched{}, err
	}
	out := untouched{home: home}
	state, since := sense.Unknown, h.begin()
	for i, e := range h.events {
		if i%4096 == 0 && ctx.Err() != nil {
			return out, ctx.Err()
		}
		out.findings = append(out.findings, home.Tick(e.At)...)
		if s, from := home.State(); s != state {
			from = max(from, since)
			out.states = appendTruth(out.states, truth{since, from, state})
			state, since = s, from
		}
		found, err := home.Step(e)
		if err != nil {
			return out, err
		}
		out.findings = append(out.findings, found...)
	}
	out.states = appendTruth(out.states, truth{since, h.end(), state})
	return out, nil
}

// verdict is what became of one injection.
type verdict struct {
	injection
	found bool
	delay int64 // ms from the begin of the harm
	cases int   // of the class, within the horizon
}

// judgeHome plays the injections into a home. Each begins from the state of the
// untouched life at its cut; a finding counts only where the untouched life has none
// of the class between the same moments.
func judgeHome(ctx context.Context, h *homeData, plan sense.Plan, base []sense.Finding, all []injection, counts []sense.Class) ([]verdict, error) {
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(all[a].cut, all[b].cut) })
	home, err := sense.Open(plan)
	if err != nil {
		return nil, err
	}
	out := make([]verdict, len(all))
	next := 0
	for _, i := range order {
		in := all[i]
		for ; next < len(h.events) && h.events[next].At < in.cut; next++ {
			if _, err := home.Step(h.events[next]); err != nil {
				return nil, err
			}
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		out[i] = verdict{injection: in}
		if slices.ContainsFunc(base, func(f sense.Finding) bool {
			return f.At >= in.at && f.At <= in.until && slices.Contains(counts, f.Class)
		}) {
			continue
		}
		copied := *home
		if out[i], err = first(&copied, in, counts); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// first plays one injection into a home of its own.
func first(home *sense.Home, in injection, counts []sense.Class) (verdict, error) {
	v := verdict{injection: in}
	var last sense.Finding
	hear := func(found []sense.Finding) {
		for _, f := range found {
			if f.At < in.at || f.At > in.until || !slices.Contains(counts, f.Class) {
				continue
			}
			if !v.found {
				v.found, v.delay = true, f.At-in.at
			}
			if v.cases == 0 || f.Class != last.Class || f.Case != last.Case {
				v.cases++
			}
			last = f
		}
	}
	for _, e := range in.events {
		found, err := home.Step(e)
		if err != nil {
			return v, err
		}
		hear(found)
	}
	hear(home.Tick(in.until))
	return v, nil
}
