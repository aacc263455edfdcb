package demand

import (
	"sync"
	"time"

	"linli/decide/text"
)

// recent is the index of the texts of the last thirty days on this node. It
// forgets by itself what is older, counted from when the hub received it.
type recent struct {
	index *text.Index
	mu    sync.Mutex
	at    map[string]time.Time
	order []string // ids by entry; some may be gone
}

func newRecent() *recent {
	return &recent{index: text.NewIndex(suggestFrom), at: map[string]time.Time{}}
}

// add enters a text received at the given moment and drops what has become too old.
func (x *recent) add(e text.Entry, at time.Time) {
	x.mu.Lock()
	if _, known := x.at[e.ID]; !known {
		x.order = append(x.order, e.ID)
	}
	x.at[e.ID] = at
	var old []string
	for len(x.order) > 0 {
		id := x.order[0]
		if received, known := x.at[id]; known && at.Sub(received) <= window {
			break
		}
		delete(x.at, id)
		old, x.order = append(old, id), x.order[1:]
	}
	x.mu.Unlock()
	for _, id := range old {
		x.index.Remove(id)
	}
	x.index.Add(e)
}

func (x *recent) remove(id string) {
	x.mu.Lock()
	delete(x.at, id)
	x.mu.Unlock()
	x.index.Remove(id)
}

func (x *recent) has(id string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	_, known := x.at[id]
	return known
}

func (x *recent) near(e text.Entry, limit int) []text.Match { return x.index.Near(e, limit) }
