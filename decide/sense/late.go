package sense

import (
	"slices"

	"linli"
)

// journalSize is how many events can be lived again. Half of them settle when it is full.
const journalSize = 40

func (h *Home) remember(e Event) {
	if h.n == journalSize {
		h.settle()
	}
	h.journal[h.n] = e
	h.n++
}

// settle lives the older half of a full journal for good.
func (h *Home) settle() {
	r := h.on(&h.settled)
	for _, old := range h.journal[:journalSize/2] {
		r.take(old)
		r.out = r.out[:0]
	}
	h.n = copy(h.journal[:], h.journal[journalSize/2:])
}

// late puts an event in its place. Both pasts are lived through, and their
// findings compared.
func (h *Home) late(e Event) ([]Finding, error) {
	floor := h.settled.At
	switch {
	case h.n == journalSize:
		floor = h.journal[journalSize/2-1].At
	case h.settled.Began == 0:
		floor = h.live.Began
	}
	if e.At < floor {
		return nil, linli.Invalid("at", "事件来得太晚，之后的判断已定", "the event comes too late: what followed is settled")
	}
	if h.n == journalSize {
		h.settle()
	}
	now := h.live.At
	place, _ := slices.BinarySearchFunc(h.journal[:h.n], e.At+1, func(j Event, at int64) int {
		if j.At < at {
			return -1
		}
		return 1
	})
	before := h.settled
	was := h.again(before, h.journal[:h.n], now)
	copy(h.journal[place+1:h.n+1], h.journal[place:h.n])
	h.journal[place] = e
	h.n++
	is := h.again(before, h.journal[:h.n], now)
	h.live = is.state
	var out []Finding
	for _, f := range was.out {
		if !slices.ContainsFunc(is.out, func(g Finding) bool { return g.same(&f) }) {
			f.Withdrawn = true
			out = append(out, f)
		}
	}
	for _, f := range is.out {
		if !slices.ContainsFunc(was.out, func(g Finding) bool { return g.same(&f) }) {
			out = append(out, f)
		}
	}
	return out, nil
}

// past is a state lived again, with what it found.
type past struct {
	state state
	out   []Finding
}

func (h *Home) again(from state, events []Event, now int64) past {
	p := past{state: from}
	r := run{state: &p.state, plan: &h.plan}
	for _, e := range events {
		r.take(e)
	}
	r.pass(now)
	return past{p.state, r.out}
}
