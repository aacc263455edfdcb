package walk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"linli"
	"linli/geo"

	"github.com/google/go-cmp/cmp"
)

func TestEveryProfileGoesAtItsSpeed(t *testing.T) {
	t.Parallel()
	s := (&sketch{}).node("a", 0, 0, "").node("b", 600, 0, "").way("highway=residential", "a", "b")
	g := s.graph(t)
	for p, speed := range map[geo.Profile]float64{geo.Adult: 1.2, geo.Elder: 0.8, geo.Wheelchair: 0.7, geo.Pram: 1, geo.Child: 1, geo.EBike: 4} {
		if got := took(t, g.For(p), spot(0, 0), spot(600, 0)); !about(got, 600/speed) {
			t.Errorf("%s: %d s for 600 m", p, got)
		}
	}
}

func TestStairsAreSlowAndStopWheels(t *testing.T) {
	t.Parallel()
	draw := func(tags string) *Graph {
		return (&sketch{}).node("a", 0, 0, "").node("b", 100, 0, "").node("c", 130, 0, "").node("d", 230, 0, "").
			way("highway=footway", "a", "b").way("highway=steps "+tags, "b", "c").way("highway=footway", "c", "d").graph(t)
	}
	for _, c := range []struct {
		tags    string
		profile geo.Profile
		want    float64 // seconds; 0 is unreachable
	}{
		{"", geo.Adult, (200 + 90) / 1.2},
		{"", geo.Elder, (200 + 90) / 0.8},
		{"step_count=50", geo.Adult, (200 + 45 + 15) / 1.2}, // 15 m of steps, 15 m of landings
		{"step_count=200", geo.Adult, (200 + 180) / 1.2},
		{"", geo.Wheelchair, 0},
		{"", geo.Pram, 0},
		{"ramp:wheelchair=yes", geo.Wheelchair, 230 / 0.7},
		{"", geo.EBike, 0},
		{"ramp:bicycle=yes", geo.EBike, (200 + 90) / 1.2},
		{"conveying=forward", geo.Adult, (200 + 90) / 1.2},
		{"conveying=backward", geo.Adult, 0},
	} {
		got := took(t, draw(c.tags).For(c.profile), spot(0, 0), spot(230, 0))
		if c.want == 0 && got != Unreachable || c.want > 0 && !about(got, c.want) {
			t.Errorf("%q as %s: %d s instead of %.0f", c.tags, c.profile, got, c.want)
		}
	}
}

func TestStepsOfOneFlightAreCountedOnce(t *testing.T) {
	t.Parallel()
	s := (&sketch{}).node("a", 0, 0, "").node("b", 10, 0, "").node("c", 20, 0, "").node("d", 30, 0, "").node("x", 10, 50, "").node("y", 20, 50, "")
	s.way("highway=steps step_count=31", "a", "b", "c", "d").way("highway=footway", "b", "x").way("highway=footway", "c", "y")
	sum := int32(0)
	for _, e := range s.graph(t).edges {
		sum += e.steps
	}
	if sum != 31 {
		t.Errorf("%d steps instead of 31", sum)
	}
}

func TestOneWaysBindThoseTheyAreMeantFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tags         string
		profile      geo.Profile
		there, back_ float64
	}{
		{"highway=residential oneway=yes", geo.Adult, 600 / 1.2, 600 / 1.2},
		{"highway=residential oneway=yes", geo.EBike, 600 / 4.0, 600 / 1.2}, // pushed against it
		{"highway=residential oneway=-1", geo.EBike, 600 / 1.2, 600 / 4.0},
		{"highway=residential oneway=yes oneway:bicycle=no", geo.EBike, 600 / 4.0, 600 / 4.0},
		{"highway=residential junction=roundabout", geo.EBike, 600 / 4.0, 600 / 1.2},
		{"highway=footway oneway:foot=yes", geo.Adult, 600 / 1.2, 0},
		{"highway=footway foot:backward=no", geo.Adult, 600 / 1.2, 0},
		{"highway=footway oneway:foot=-1", geo.Elder, 0, 600 / 0.8},
		{"highway=footway oneway=yes", geo.Adult, 600 / 1.2, 600 / 1.2}, // says nothing about walking
		{"highway=footway", geo.EBike, 600 / 1.2, 600 / 1.2},
		{"highway=footway bicycle=yes", geo.EBike, 600 / 4.0, 600 / 4.0},
		{"highway=residential bicycle=no", geo.EBike, 600 / 1.2, 600 / 1.2},
		{"highway=cycleway foot=no", geo.Adult, 0, 0},
		{"highway=residential access=private", geo.Adult, 0, 0},
		{"highway=service access=private foot=yes", geo.Adult, 600 / 1.2, 600 / 1.2},
		{"highway=path access=no", geo.EBike, 0, 0},
		{"highway=residential motor_vehicle=no", geo.EBike, 600 / 4.0, 600 / 4.0},
		{"highway=motorway", geo.Adult, 0, 0},
		{"highway=trunk", geo.Adult, 0, 0},
		{"highway=trunk sidewalk=both", geo.Adult, 600 / 1.2, 600 / 1.2},
		{"highway=secondary tunnel=yes", geo.Adult, 0, 0},
		{"highway=secondary tunnel=yes", geo.EBike, 0, 0},
		{"highway=secondary tunnel=yes foot=yes", geo.Adult, 600 / 1.2, 600 / 1.2},
		{"highway=footway tunnel=yes", geo.Adult, 600 / 1.2, 600 / 1.2},
		{"highway=footway wheelchair=no", geo.Wheelchair, 0, 0},
		{"railway=platform", geo.Adult, 600 / 1.2, 600 / 1.2},
	} {
		// The paths at both ends keep the addresses on the graph whatever becomes of the street.
		s := (&sketch{}).node("a", 0, 0, "").node("b", 600, 0, "").node("c", -50, 0, "").node("d", 650, 0, "")
		s.way("highway=path", "c", "a").way("highway=path", "b", "d").way(c.tags, "a", "b")
		r := s.graph(t).For(c.profile)
		extra := 100 / r.profile.Speed()
		for _, x := range []struct {
			from, to linli.Point
			want     float64
		}{{spot(-50, 0), spot(650, 0), c.there}, {spot(650, 0), spot(-50, 0), c.back_}} {
			got := took(t, r, x.from, x.to)
			if x.want == 0 && got != Unreachable || x.want > 0 && !about(got, x.want+extra) {
				t.Errorf("%q as %s: %d s instead of %.0f", c.tags, c.profile, got, x.want+extra)
			}
		}
	}
}

func TestGatesStilesAndKerbsStopWhomTheyStop(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tags    string
		profile geo.Profile
		want    float64 // more than without; -1 is unreachable
	}{
		{"barrier=gate", geo.Adult, 3},
		{"barrier=gate locked=yes", geo.Adult, -1},
		{"barrier=gate access=private", geo.Adult, -1},
		{"barrier=gate access=private foot=yes", geo.Adult, 3},
		{"barrier=lift_gate", geo.EBike, 3},
		{"barrier=wall", geo.Elder, -1},
		{"barrier=bollard", geo.Wheelchair, 0},
		{"barrier=bollard access=no", geo.Adult, -1},
		{"barrier=turnstile", geo.Adult, 0},
		{"barrier=turnstile", geo.Wheelchair, -1},
		{"barrier=stile", geo.EBike, -1},
		{"barrier=kerb", geo.Wheelchair, -1},
		{"barrier=kerb kerb=lowered", geo.Wheelchair, 0},
		{"kerb=raised", geo.Pram, -1},
		{"kerb=raised", geo.Adult, 0},
	} {
		s := (&sketch{}).node("a", 0, 0, "").node("g", 300, 0, c.tags).node("b", 600, 0, "").way("highway=service", "a", "g", "b")
		got := took(t, s.graph(t).For(c.profile), spot(0, 0), spot(600, 0))
		want := 600/c.profile.Speed() + c.want
		if c.want < 0 && got != Unreachable || c.want >= 0 && !about(got, want) {
			t.Errorf("%q as %s: %d s instead of %.0f", c.tags, c.profile, got, want)
		}
		// Up to it everybody comes.
		if got := took(t, s.graph(t).For(c.profile), spot(0, 0), spot(290, 0)); !about(got, 290/c.profile.Speed()) {
			t.Errorf("%q as %s: %d s up to the gate", c.tags, c.profile, got)
		}
	}
}

func TestCrossingsAreWaitedForByThoseWhoCross(t *testing.T) {
	t.Parallel()
	draw := func(tags string) *Graph {
		return (&sketch{}).node("s", 0, -200, "").node("x", 0, 0, tags).node("n", 0, 200, "").node("w", -200, 0, "").node("e", 200, 0, "").
			way("highway=footway footway=crossing", "s", "x", "n").way("highway=secondary", "w", "x", "e").graph(t)
	}
	for _, c := range []struct {
		tags          string
		profile       geo.Profile
		across, along float64
	}{
		{"", geo.Adult, 0, 0},
		{"highway=crossing", geo.Adult, 5, 0},
		{"highway=crossing crossing=traffic_signals", geo.Adult, 20, 0},
		{"highway=crossing crossing=traffic_signals", geo.Elder, 20, 0},
		{"highway=traffic_signals", geo.Adult, 0, 20},
		{"highway=traffic_signals", geo.EBike, 0, 20},
		{"highway=crossing crossing=no", geo.Adult, 0, 0},
	} {
		r := draw(c.tags).For(c.profile)
		onFoot, riding := speeds(c.profile)
		if riding == 0 {
			riding = onFoot
		}
		if got := took(t, r, spot(0, -200), spot(0, 200)); !about(got, 400/onFoot+c.across) {
			t.Errorf("%q as %s: %d s across", c.tags, c.profile, got)
		}
		if got := took(t, r, spot(-200, 0), spot(200, 0)); !about(got, 400/riding+c.along) {
			t.Errorf("%q as %s: %d s along", c.tags, c.profile, got)
		}
	}
}

func TestARiverIsCrossedOnItsBridge(t *testing.T) {
	t.Parallel()
	s := (&sketch{}).node("nw", 0, 100, "").node("ne", 1000, 100, "").node("sw", 0, 0, "").node("se", 1000, 0, "").node("nx", 0, 60, "")
	s.way("highway=residential", "nw", "ne").way("highway=residential", "sw", "se").way("highway=footway bridge=yes", "ne", "se").way("highway=footway", "nw", "nx")
	r := s.graph(t).For(geo.Adult)
	if got := took(t, r, spot(0, 100), spot(0, 0)); !about(got, 2100/1.2) {
		t.Errorf("%d s over the bridge", got)
	}
	// A way that passes under a bridge without a common corner does not meet it.
	s.node("u1", 500, 50, "").node("u2", 1500, 50, "")
	s.way("highway=path tunnel=yes", "u1", "u2")
	r = s.graph(t).For(geo.Adult)
	if got := took(t, r, spot(1400, 50), spot(900, 0)); got != Unreachable {
		t.Errorf("%d s from under the bridge", got)
	}
}

func TestSquaresAreWalkedAlongTheirEdge(t *testing.T) {
	t.Parallel()
	s := (&sketch{}).node("a", 0, 0, "").node("b", 100, 0, "").node("c", 100, 100, "").node("d", 0, 100, "").node("w", -100, 0, "").node("e", 200, 100, "")
	s.way("highway=pedestrian area=yes", "a", "b", "c", "d", "a").way("highway=footway", "w", "a").way("highway=footway", "c", "e")
	if got := took(t, s.graph(t).For(geo.Adult), spot(-100, 0), spot(200, 100)); !about(got, 400/1.2) {
		t.Errorf("%d s past the square", got)
	}
}

func TestAnAddressSnapsIntoTheMiddleOfAWay(t *testing.T) {
	t.Parallel()
	s := (&sketch{}).node("a", 0, 0, "").node("m", 400, 0, "").node("b", 600, 0, "").way("highway=residential oneway=yes", "a", "m", "b")
	g := s.graph(t)
	if g.Vertices() != 2 || g.Edges() != 1 {
		t.Fatalf("%d vertices, %d edges", g.Vertices(), g.Edges())
	}
	r := g.For(geo.Adult)
	snap, ok := r.Snap(spot(250, 30))
	if !ok || math.Abs(snap.Meters-30) > 0.1 || geo.Meters(snap.On, spot(250, 0)) > 0.2 || snap.Island {
		t.Fatalf("%+v", snap)
	}
	// To and from the middle in both directions; 30 m lie between house and way.
	for _, c := range []struct {
		from, to linli.Point
		want     float64
	}{
		{spot(250, 30), spot(600, 0), 380 / 1.2},
		{spot(250, 30), spot(0, 0), 280 / 1.2},
		{spot(600, 0), spot(250, 30), 380 / 1.2},
		{spot(0, 0), spot(250, 30), 280 / 1.2},
		{spot(250, 30), spot(450, -30), 260 / 1.2},
		{spot(450, -30), spot(250, 30), 260 / 1.2},
	} {
		if got := took(t, r, c.from, c.to); !about(got, c.want) {
			t.Errorf("%v to %v: %d s instead of %.0f", c.from, c.to, got, c.want)
		}
	}
	bike := g.For(geo.EBike)
	if got := took(t, bike, spot(100, 0), spot(500, 0)); !about(got, 100) {
		t.Errorf("riding along: %d s", got)
	}
	if got := took(t, bike, spot(500, 0), spot(100, 0)); !about(got, 400/1.2) {
		t.Errorf("pushing back: %d s", got)
	}
	if _, ok := r.Snap(spot(250, 260)); ok {
		t.Error("260 m away is found")
	}
	if _, ok := r.Snap(linli.Point{}); ok {
		t.Error("nowhere is found")
	}
}

func TestASnapPassesOverAnIsland(t *testing.T) {
	t.Parallel()
	s := (&sketch{}).node("a", 0, 0, "").node("b", 500, 0, "").node("c", 500, 1500, "").node("i", 100, 60, "").node("j", 200, 60, "").node("k", 100, 200, "").node("l", 200, 200, "")
	s.way("highway=residential", "a", "b").way("highway=residential", "b", "c").way("highway=path", "i", "j").way("highway=path", "k", "l")
	r := s.graph(t).For(geo.Adult)
	if snap, _ := r.Snap(spot(150, 50)); snap.Island || math.Abs(snap.Meters-50) > 0.1 {
		t.Errorf("10 m from the island, 50 m from the street: %+v", snap)
	}
	snap, _ := r.Snap(spot(150, 190))
	if !snap.Island || math.Abs(snap.Meters-10) > 0.1 {
		t.Errorf("10 m from the island, 190 m from the street: %+v", snap)
	}
	if got := took(t, r, spot(150, 190), spot(0, 0)); got != Unreachable {
		t.Errorf("%d s from the island", got)
	}
	if got := took(t, r, spot(100, 200), spot(200, 200)); !about(got, 100/1.2) {
		t.Errorf("%d s on the island", got)
	}
}

func TestTheCutIsNoLargeTime(t *testing.T) {
	t.Parallel()
	s := (&sketch{}).node("a", 0, 0, "").node("b", 3230, 0, "").node("c", 3300, 0, "").way("highway=path", "a", "b", "c")
	r := s.graph(t).For(geo.Adult)
	if got := took(t, r, spot(0, 0), spot(3230, 0)); got > Cut || !about(got, 3230/1.2) {
		t.Errorf("%d s just within", got)
	}
	if got := took(t, r, spot(0, 0), spot(3250, 0)); got != Unreachable {
		t.Errorf("%d s just beyond", got)
	}
}

func TestWheelchairsFindTheirOwnWay(t *testing.T) {
	t.Parallel()
	s := (&sketch{}).node("a", 0, 0, "").node("b", 300, 0, "").node("c", 0, 200, "").node("d", 300, 200, "")
	s.way("highway=residential", "a", "c", "d", "b").way("highway=steps", "a", "b")
	snap, ok := s.graph(t).For(geo.Wheelchair).Snap(spot(150, 10))
	if !ok || geo.Meters(snap.On, spot(0, 10)) > 1 && geo.Meters(snap.On, spot(300, 10)) > 1 {
		t.Errorf("beside the stairs: %+v", snap)
	}
}

// oracle is the slowest way to know: every snap is a corner of its own, and times
// sink until nothing changes (Bellman and Ford).
func oracle(g *Graph, p geo.Profile, from, to Snap) int32 {
	degree := make([]int, len(g.vertices))
	for i := range g.edges {
		if e := &g.edges[i]; e.cost(p, true) >= 0 || e.cost(p, false) >= 0 {
			degree[e.from]++
			degree[e.to]++
		}
	}
	type arc struct{ from, to, cost int32 }
	var arcs []arc
	n := int32(len(g.vertices))
	for i := range g.edges {
		e := &g.edges[i]
		type stop struct{ vertex, at int32 }
		walkAlong := func(start, end, whole int32, at func(Snap) int32) {
			stops := []stop{}
			for k, s := range []Snap{from, to} {
				if s.edge == int32(i)+1 {
					stops = append(stops, stop{n + int32(k), at(s)})
				}
			}
			slices.SortStableFunc(stops, func(a, b stop) int { return int(a.at - b.at) })
			last := stop{start, 0}
			for _, s := range stops {
				arcs = append(arcs, arc{last.vertex, s.vertex, s.at - last.at})
				if s.at == last.at && last.vertex >= n {
					arcs = append(arcs, arc{s.vertex, last.vertex, 0})
				}
				last = s
			}
			if enter := g.vertices[end].rule.enter(p, e.rule, degree[end] > 2); enter >= 0 {
				arcs = append(arcs, arc{last.vertex, end, whole - last.at + enter})
			}
		}
		if c := e.cost(p, true); c >= 0 {
			walkAlong(e.from, e.to, c, func(s Snap) int32 { return s.forward })
		}
		if c := e.cost(p, false); c >= 0 {
			walkAlong(e.to, e.from, c, func(s Snap) int32 { return s.back })
		}
	}
	dist := make([]int64, n+2)
	for v := range dist {
		dist[v] = math.MaxInt64
	}
	dist[n] = 0
	for changed := true; changed; {
		changed = false
		for _, a := range arcs {
			if d := dist[a.from]; d != math.MaxInt64 && d+int64(a.cost) < dist[a.to] {
				dist[a.to] = d + int64(a.cost)
				changed = true
			}
		}
	}
	d := dist[n+1]
	if d == math.MaxInt64 || d+int64(from.access)+int64(to.access) > limit {
		return Unreachable
	}
	return int32((d + int64(from.access) + int64(to.access) + 9) / 10)
}

func TestTheMatrixIsThatOfPlainSearch(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		rng := rand.New(rand.NewPCG(seed, 1))
		g := random(rng)
		p := profiles[rng.IntN(len(profiles))]
		r := g.For(p)
		var snaps []Snap
		for range 6 {
			s, _ := r.Snap(spot(rng.Float64()*900, rng.Float64()*900)) // some are not found
			snaps = append(snaps, s)
		}
		times, err := r.Times(context.Background(), snaps, snaps)
		if err != nil {
			t.Fatal(err)
		}
		reached := 0
		for i, a := range snaps {
			column := make([]int32, len(snaps))
			r.Column(snaps, a, column)
			for j, b := range snaps {
				want := Unreachable
				if a.OK() && b.OK() {
					want = oracle(g, p, a, b)
				}
				if got := times[i*len(snaps)+j]; got != want {
					t.Fatalf("seed %d as %s: %d to %d takes %d s instead of %d", seed, p, i, j, got, want)
				}
				if got := times[j*len(snaps)+i]; got != column[j] {
					t.Fatalf("seed %d: the column says %d, the row %d", seed, column[j], got)
				}
				if want != Unreachable {
					reached++
				}
			}
		}
		for i := range snaps { // no detour is shorter
			for j := range snaps {
				for k := range snaps {
					n := len(snaps)
					if a, b, c := times[i*n+j], times[j*n+k], times[i*n+k]; a != Unreachable && b != Unreachable && a+b <= Cut && i != k && c > a+b {
						t.Fatalf("seed %d: %d s over %d, %d s directly", seed, a+b, j, c)
					}
				}
			}
		}
		if seed == 0 && reached == 0 {
			t.Error("nothing is reached at all")
		}
	}
}

func TestSnappingFindsWhatLookingAtEverythingFinds(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 2))
		g := random(rng)
		r := g.For(geo.Adult)
		for range 5 {
			p := spot(rng.Float64()*1400-250, rng.Float64()*1400-250)
			nearest, main := math.Inf(1), math.Inf(1)
			for e := range g.edges {
				if r.ahead[e] < 0 && r.behind[e] < 0 {
					continue
				}
				away, _, _ := g.foot(e, p)
				nearest = min(nearest, away)
				if r.main[e] {
					main = min(main, away)
				}
			}
			want := nearest
			if main <= nearest+mainExtra && main <= snapLimit {
				want = main
			}
			got, ok := r.Snap(p)
			if ok != (want <= snapLimit) || ok && got.Meters != want {
				t.Fatalf("seed %d: %v m away instead of %v, found %t", seed, got.Meters, want, ok)
			}
		}
	}
}

func TestAGraphIsLoadedAsItWasStored(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		g := random(rand.New(rand.NewPCG(seed, 3)))
		raw, err := g.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		back, err := Load(raw)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(g, back, cmp.AllowUnexported(Graph{}, vertex{}, edge{}, coord{}, grid{}), cmp.Comparer(func(a, b []coord) bool { return slices.Equal(a, b) })); d != "" {
			t.Fatal(d)
		}
		if g.Digest() != back.Digest() {
			t.Fatal("another digest")
		}
	}
}

func TestBytesThatAreNoGraphAreRefused(t *testing.T) {
	t.Parallel()
	raw, _ := random(rand.New(rand.NewPCG(1, 3))).MarshalBinary()
	for i := range raw {
		bad := slices.Clone(raw)
		bad[i] ^= 1
		if _, err := Load(bad); linli.KindOf(err) != linli.KindInvalid {
			t.Fatalf("byte %d: %v", i, err)
		}
		if _, err := Load(raw[:i]); linli.KindOf(err) != linli.KindInvalid {
			t.Fatalf("the first %d bytes: %v", i, err)
		}
	}
	newer := slices.Clone(raw)
	newer[len(magic)-1]++
	var e *linli.Error
	if _, err := Load(newer); !errors.As(err, &e) || !bytes.Contains([]byte(e.En), []byte("version 2")) {
		t.Errorf("another version: %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	for seed := range uint64(20) {
		raw, _ := random(rand.New(rand.NewPCG(seed, 3))).MarshalBinary()
		f.Add(raw[len(magic) : len(raw)-sha256.Size])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) > 1<<14 {
			return
		}
		data := append(slices.Clone(magic), body...) // with a right sum, or nothing would be tried
		sum := sha256.Sum256(data)
		g, err := Load(append(data, sum[:]...))
		if err != nil {
			if linli.KindOf(err) != linli.KindInvalid {
				t.Fatal(err)
			}
			return
		}
		if n := len(g.grid.first) + len(g.grid.edges); n > 100*len(body)+100 {
			t.Fatalf("%d entries from %d bytes", n, len(body))
		}
		r := g.For(geo.Adult)
		at := g.vertices[0].at.point()
		s, _ := r.Snap(at)
		row := make([]int32, 2)
		r.Row(s, []Snap{s, {}}, row)
	})
}

func TestJoinedMapsMeetAtTheirCommonCorners(t *testing.T) {
	t.Parallel()
	s := (&sketch{}).node("a", 0, 0, "").node("b", 300, 0, "").node("c", 600, 0, "").node("d", 300, 300, "")
	both := *s
	west := *s
	east := *s
	west.way("highway=residential", "a", "b").way("highway=path", "b", "d")
	east.way("highway=residential", "b", "c").way("highway=path", "b", "d")
	both.way("highway=residential", "a", "b").way("highway=path", "b", "d").way("highway=residential", "b", "c")
	joined := Join(west.graph(t), east.graph(t))
	if joined.Edges() != 3 || joined.Vertices() != 4 {
		t.Errorf("%d edges, %d vertices", joined.Edges(), joined.Vertices())
	}
	want := took(t, both.graph(t).For(geo.Adult), spot(0, 0), spot(600, 0))
	if got := took(t, joined.For(geo.Adult), spot(0, 0), spot(600, 0)); got != want {
		t.Errorf("%d s over the border instead of %d", got, want)
	}
}
