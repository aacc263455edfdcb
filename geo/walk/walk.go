// Package walk knows how long a way takes on foot, in a wheelchair or on an
// e-bike, from the real streets, stairs, gates and crossings of a map. Build makes a Graph, a value that is stored and loaded whole; Graph.For
// lays it out for one profile; Router answers from snapped addresses in seconds.
// Guide is the one to ask without further thought: it keeps what was asked before,
// and where the graph does not reach it estimates and says so.
//
// Everything is counted in tenths of a second as whole numbers, so that times
// add up exactly along a way, no detour is ever shorter than the direct way, and the
// same question has the same answer.
package walk

import (
	"crypto/sha256"
	"encoding/hex"
	"math"

	"linli"
	"linli/geo"
)

// Cut is the longest way that is looked for, in seconds (decide.md 2.12).
const Cut = 45 * 60

// Unreachable stands for a way that is longer than Cut or does not exist. It is
// no large time: nothing may be added to it.
const Unreachable int32 = math.MaxInt32

// What a way costs beyond its length. "Guess" marks a judgment to be replaced by
// a measurement; the speeds themselves are those of geo.Profile.
const (
	signalWait   = 200 // tenths of a second at a crossing with lights (domain.md 9.3: +20 s)
	crossingWait = 50  // at a crossing without lights: looking both ways. Guess
	gateWait     = 30  // to open and close a gate that is not locked. Guess

	stairsFactor = 3.0 // stairs take three times their length (domain.md 9.3)
	tread        = 0.3 // meters of length per step, the depth of an ordinary tread. Guess after building rules

	maxLength = 20_000 // meters; a longer piece of way between two corners is a fault of the map. Guess
)

// coord is a position in 1e-7 degrees, the resolution of OpenStreetMap.
type coord struct{ lng, lat int32 }

func coordOf(p linli.Point) coord {
	return coord{int32(math.Round(p.Lng * 1e7)), int32(math.Round(p.Lat * 1e7))}
}

func (c coord) point() linli.Point {
	return linli.Point{Lng: float64(c.lng) / 1e7, Lat: float64(c.lat) / 1e7}
}

// Graph is the ways of an area, for all profiles. It never changes.
type Graph struct {
	vertices []vertex // junctions, ends, gates and crossings
	edges    []edge   // between two of them
	corners  []coord  // inner corners of the edges, in their order
	grid     grid     // where the edges lie
}

type vertex struct {
	id   int64 // of the node in OpenStreetMap
	at   coord
	rule nodeRule
}

// edge is an unbranched piece of way, drawn from one end to the other. Its inner
// corners begin where those of the edge before it end.
type edge struct {
	from, to int32
	length   int32 // decimeters
	steps    int32 // how many, on stairs; 0 is unknown
	rule     wayRule
	end      int32 // of its inner corners
}

// Vertices is how many junctions and ends the graph has.
func (g *Graph) Vertices() int { return len(g.vertices) }

// Edges is how many pieces of way it has, each counted once for both directions.
func (g *Graph) Edges() int { return len(g.edges) }

// inner gives the corners between the ends of an edge.
func (g *Graph) inner(e int) []coord {
	start := int32(0)
	if e > 0 {
		start = g.edges[e-1].end
	}
	return g.corners[start:g.edges[e].end]
}

// Digest names the content: the first 16 hex digits of its SHA-256.
func (g *Graph) Digest() string {
	sum := sha256.Sum256(g.encode())
	return hex.EncodeToString(sum[:])[:16]
}

// tenths is how long so many meters take at a speed in meters per second.
func tenths(meters, speed float64) int32 { return int32(math.Round(meters * 10 / speed)) }

// speeds are those of a profile; whoever rides also gets off and pushes.
func speeds(p geo.Profile) (onFoot, riding float64) {
	if p == geo.EBike {
		return geo.Adult.Speed(), p.Speed()
	}
	return p.Speed(), 0
}
