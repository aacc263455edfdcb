package broker

import (
	"sync"

	"linli/engine/mqtt"
)

// news is what is still to be told of coming and going. It is noted under the
// lock that orders the connections, and told outside it.
type news struct {
	mu    sync.Mutex
	more  *sync.Cond
	list  []mqtt.Presence
	ended bool
}

func (n *news) add(p mqtt.Presence) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = append(n.list, p)
	n.more.Signal()
}

func (n *news) end() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ended = true
	n.more.Signal()
}

// spread tells until the end, and then what is left.
func (n *news) spread(tell func(mqtt.Presence)) {
	for {
		n.mu.Lock()
		for len(n.list) == 0 && !n.ended {
			n.more.Wait()
		}
		list, ended := n.list, n.ended
		n.list = nil
		n.mu.Unlock()
		for _, p := range list {
			if tell != nil {
				tell(p)
			}
		}
		if ended && len(list) == 0 {
			return
		}
	}
}
