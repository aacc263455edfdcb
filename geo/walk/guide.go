package walk

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"linli"
	"linli/geo"
)

// Guide answers how long it takes from one point to another, and remembers. A point
// it has not met is snapped once and searched from once and to once, against all
// points it knows; after that every answer is a look into a table. It may be asked
// by many at once.
type Guide struct {
	graph  *Graph
	mu     sync.Mutex
	tables map[geo.Profile]*table
	latest atomic.Pointer[map[geo.Profile]*table] // the same, to be read without waiting
}

// NewGuide makes a guide to a graph; without one, nil, it only estimates.
func NewGuide(g *Graph) *Guide {
	x := &Guide{graph: g, tables: map[geo.Profile]*table{}}
	x.latest.Store(&map[geo.Profile]*table{})
	return x
}

// Trip is the way from one point to another. Where the graph does not know it, the
// trip is estimated from the straight line and marked Approx: without a graph, when
// one of the points is too far from every way, or when one of them snaps to an
// island, since more often than a real island that is a gap in the map. None says
// that the graph knows both and there is no way within Cut. ok is false when a point
// is unknown.
func (x *Guide) Trip(from, to linli.Point, p geo.Profile) (t geo.Trip, ok bool) {
	if x == nil || x.graph == nil || from.IsZero() || to.IsZero() {
		return geo.Straight(from, to, p)
	}
	if from == to {
		return geo.Trip{}, true
	}
	s, known := x.table(p).seconds(from, to)
	switch {
	case !known:
		return geo.Straight(from, to, p)
	case s == Unreachable:
		return geo.Trip{Meters: math.Inf(1), Time: math.MaxInt32 * time.Second, None: true}, true
	}
	return geo.Trip{Meters: math.NaN(), Time: time.Duration(s) * time.Second}, true
}

func (x *Guide) table(p geo.Profile) *table {
	if t := (*x.latest.Load())[p]; t != nil {
		return t
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if t := x.tables[p]; t != nil {
		return t
	}
	x.tables[p] = newTable(x.graph.For(p), maxPlaces)
	latest := make(map[geo.Profile]*table, len(x.tables))
	for p, t := range x.tables {
		latest[p] = t
	}
	x.latest.Store(&latest)
	return x.tables[p]
}

// maxPlaces bounds what a table remembers: 4,096 places are 32 MiB per profile.
const maxPlaces = 4096

// table holds the times between the places it has met. A place keeps its number
// until it makes room for another.
type table struct {
	router *Router
	most   int
	mu     sync.RWMutex
	index  map[linli.Point]int32
	points []linli.Point
	snaps  []Snap
	used   []atomic.Int64 // the turn in which a place was asked for last
	turn   int64
	stride int
	times  []uint16 // seconds from row to column; farther is beyond
}

// beyond stands for Unreachable in the table, where two bytes hold every time up to Cut.
const beyond = math.MaxUint16

func newTable(r *Router, most int) *table {
	return &table{router: r, most: most, index: map[linli.Point]int32{}}
}

// seconds looks the time up; known is false when the graph cannot tell.
func (t *table) seconds(from, to linli.Point) (s int32, known bool) {
	t.mu.RLock()
	i, okFrom := t.index[from]
	j, okTo := t.index[to]
	if okFrom && okTo {
		s, known = t.at(i, j)
		t.mu.RUnlock()
		return s, known
	}
	t.mu.RUnlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn++
	i = t.meet(from)
	j = t.meet(to)
	return t.at(i, j)
}

func (t *table) at(i, j int32) (int32, bool) {
	for _, k := range [2]int32{i, j} {
		if t.used[k].Load() != t.turn {
			t.used[k].Store(t.turn)
		}
	}
	from, to := &t.snaps[i], &t.snaps[j]
	if !from.OK() || !to.OK() {
		return 0, false
	}
	if s := t.times[int(i)*t.stride+int(j)]; s != beyond {
		return int32(s), true
	}
	return Unreachable, !from.Island && !to.Island
}

// meet gives the number of a place, and a new one its row and its column.
func (t *table) meet(p linli.Point) int32 {
	if i, ok := t.index[p]; ok {
		t.used[i].Store(t.turn)
		return i
	}
	i := int32(len(t.points))
	if len(t.points) == t.most {
		i = t.oldest()
		delete(t.index, t.points[i])
	} else {
		t.grow()
	}
	t.index[p], t.points[i] = i, p
	t.used[i].Store(t.turn)
	t.snaps[i], _ = t.router.Snap(p)
	n := len(t.points)
	line := make([]int32, n)
	t.router.Row(t.snaps[i], t.snaps, line)
	for j, s := range line {
		t.times[int(i)*t.stride+j] = short(s)
	}
	t.router.Column(t.snaps, t.snaps[i], line)
	for j, s := range line {
		t.times[j*t.stride+int(i)] = short(s)
	}
	return i
}

func short(s int32) uint16 {
	if s == Unreachable {
		return beyond
	}
	return uint16(s)
}

// oldest is the place nobody has asked for longest.
func (t *table) oldest() int32 {
	oldest := 0
	for i := range t.used {
		if i < len(t.points) && t.used[i].Load() < t.used[oldest].Load() {
			oldest = i
		}
	}
	return int32(oldest)
}

// grow makes room for one place more.
func (t *table) grow() {
	n := len(t.points)
	t.points, t.snaps = append(t.points, linli.Point{}), append(t.snaps, Snap{})
	if n < t.stride {
		return
	}
	stride := min(max(64, 2*t.stride), max(t.most, 1))
	times, used := make([]uint16, stride*stride), make([]atomic.Int64, stride)
	for i := range n {
		copy(times[i*stride:], t.times[i*t.stride:i*t.stride+n])
		used[i].Store(t.used[i].Load())
	}
	t.stride, t.times, t.used = stride, times, used
}
