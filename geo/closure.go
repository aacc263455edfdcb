package geo

import (
	"math"
	"time"

	"linli"
)

// Closure is a stretch of ways that nobody can pass for a time: around a point, or
// along the line to another.
type Closure struct {
	ID     string      `json:"id"`
	From   linli.Point `json:"from"`
	To     linli.Point `json:"to,omitzero" doc:"absent: all around the point"`
	Radius float64     `json:"radius_m" doc:"around the point, or to both sides of the line"`
	Place  linli.Place `json:"place" doc:"whose desk has closed it"`
	Until  time.Time   `json:"until"`
	Reason string      `json:"reason,omitempty"`
	At     time.Time   `json:"at"`
}

// Off is how many meters a point lies from the line between two others.
func Off(p, a, b linli.Point) float64 {
	const meter = 180 / math.Pi / 6371008.8
	flat := math.Cos(p.Lat * math.Pi / 180)
	xy := func(q linli.Point) (x, y float64) { return (q.Lng - p.Lng) * flat / meter, (q.Lat - p.Lat) / meter }
	ax, ay := xy(a)
	bx, by := xy(b)
	dx, dy := bx-ax, by-ay
	t := 0.0
	if d := dx*dx + dy*dy; d > 0 {
		t = min(1, max(0, -(ax*dx+ay*dy)/d))
	}
	return math.Hypot(ax+t*dx, ay+t*dy)
}
