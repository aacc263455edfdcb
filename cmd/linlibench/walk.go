package main

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"time"

	"linli"
	"linli/cmd/linlibench/bench"
	"linli/geo"
	"linli/geo/mapfile"
	"linli/geo/walk"
)

// walkCommand measures travel times on the ways of an OpenStreetMap file: how long
// the graph takes to build and load, an address to snap, and a matrix to fill.
type walkCommand struct {
	Map     []string `help:"OpenStreetMap files, XML or PBF, packed or not; several are read as one map." required:"" placeholder:"FILE"`
	From    int      `help:"How many addresses are drawn from the buildings, or from the corners of ways where there are none." default:"200"`
	NearM   float64  `name:"near-m" help:"Draw only within so many meters of the first address; 0: from the whole map." default:"0"`
	Profile string   `help:"adult, elder, wheelchair, pram, child or e-bike." default:"adult"`
}

// Run is the command.
func (c *walkCommand) Run(ctx context.Context, r *bench.Report) error {
	profile := geo.Profile(c.Profile)
	switch {
	case !profile.Valid():
		return bench.Usage("profile", "--profile 须为 adult、elder、wheelchair、pram、child 或 e-bike", "--profile must be adult, elder, wheelchair, pram, child or e-bike")
	case c.From < 1 || c.From > 5000:
		return bench.Usage("from", "--from 须在 1 到 5000 之间", "--from must be between 1 and 5000")
	case !(c.NearM >= 0):
		return bench.Usage("near-m", "--near-m 不能为负", "--near-m must not be negative")
	}
	var sources []mapfile.Source
	for _, path := range c.Map {
		data, err := r.Read(path)
		if err != nil {
			return err
		}
		sources = append(sources, mapfile.Source{Name: filepath.Base(path), Reader: bytes.NewReader(data)})
	}
	var m *mapfile.Map
	var err error
	r.Set("read_s", cpu(func() { m, err = mapfile.Read(ctx, mapfile.Options{}, sources...) }))
	var wrong *linli.Error
	if errors.As(err, &wrong) && wrong.Kind == linli.KindInvalid {
		return &bench.Failure{Code: bench.ExitMalformed, Kind: "malformed", File: filepath.Base(c.Map[0]), Zh: wrong.Zh, En: wrong.En}
	}
	if err != nil {
		return err
	}
	var g *walk.Graph
	var ok bool
	buildS := cpu(func() { g, ok = walk.Build(m.Net) })
	if !ok {
		return bench.Malformed(c.Map[0], 0, "map", "地图里没有可走的路", "the map holds no way that can be walked")
	}
	raw, err := g.MarshalBinary()
	if err != nil {
		return err
	}
	var loaded *walk.Graph
	loadS := cpu(func() { loaded, err = walk.Load(raw) })
	if err != nil {
		return err
	}
	var router *walk.Router
	layS := cpu(func() { router = loaded.For(profile) })
	r.Set("vertices", g.Vertices())
	r.Set("edges", g.Edges())
	r.Set("build_s", buildS)
	r.Set("graph_kib", len(raw)>>10)
	r.Set("load_ms", bench.Round(loadS*1000, 1))
	r.Set("profile_ms", bench.Round(layS*1000, 1))
	r.Progress("%d vertices, %d edges", g.Vertices(), g.Edges())

	points := c.draw(m, r.Seed)
	n := len(points)
	snaps := make([]walk.Snap, n)
	snapS := cpu(func() {
		for i, p := range points {
			snaps[i], _ = router.Snap(p)
		}
	})
	found, islands := 0, 0
	for _, s := range snaps {
		if s.OK() {
			found++
		}
		if s.Island {
			islands++
		}
	}
	// The first matrix warms the caches; of three the median is told.
	var times []int32
	var took []float64
	for range 3 {
		took = append(took, cpu(func() { times, err = router.Times(ctx, snaps, snaps) }))
		if err != nil {
			return err
		}
	}
	slices.Sort(took)
	unreachable, longest := 0, int32(0)
	for i, s := range times {
		if s == walk.Unreachable {
			unreachable++
		} else {
			longest = max(longest, s)
		}
		if i%n != i/n {
			r.Answer("%d,", s)
		}
	}
	guide := walk.NewGuide(loaded)
	first := cpu(func() {
		for i := range points {
			guide.Trip(points[0], points[i], profile)
		}
	})
	known := cpu(func() {
		for i := range points {
			for j := range points {
				guide.Trip(points[i], points[j], profile)
			}
		}
	})
	r.Set("profile", c.Profile)
	r.Set("addresses", n)
	r.Set("snapped", found)
	r.Set("islands", islands)
	r.Set("snap_us", bench.Round(snapS/float64(n)*1e6, 2))
	r.Set("matrix_ms", bench.Round(took[1]*1000, 2))
	r.Set("row_us", bench.Round(took[1]/float64(n)*1e6, 1))
	r.Set("address_us", bench.Round(first/float64(n)*1e6, 1))
	r.Set("lookup_ns", bench.Round(known/float64(n*n)*1e9, 1))
	r.Set("unreachable_pct", bench.Round(100*float64(unreachable)/float64(len(times)), 2))
	r.Set("longest_s", longest)
	r.Note("all times but wall_s are processor time of one core; matrix_ms is the median of three, address_us a new address with snap, row and column")

	c.check(r, g, loaded, router, guide, points, snaps, times)
	return nil
}

// check tests what is promised on the answers themselves.
func (c *walkCommand) check(r *bench.Report, g, loaded *walk.Graph, router *walk.Router, guide *walk.Guide, points []linli.Point, snaps []walk.Snap, times []int32) {
	n := len(points)
	r.Check("reload_equal", g.Digest() == loaded.Digest(), "digest %s", g.Digest())
	wrong := 0
	column := make([]int32, n)
	for j := range n {
		router.Column(snaps, snaps[j], column)
		for i, s := range column {
			if s != times[i*n+j] {
				wrong++
			}
		}
	}
	r.Check("columns_equal_rows", wrong == 0, "%d of %d differ", wrong, n*n)
	wrong = 0
	for i := range n {
		for j := range n {
			if s := times[i*n+j]; i != j && snaps[i].OK() && snaps[j].OK() && s != walk.Unreachable {
				if t, ok := guide.Trip(points[i], points[j], geo.Profile(c.Profile)); !ok || t.Approx || t.Time != time.Duration(s)*time.Second {
					wrong++
				}
			}
		}
	}
	r.Check("incremental_equals_matrix", wrong == 0, "%d of %d differ", wrong, n*n)
	wrong = 0
	for i := range n {
		for j := range n {
			first := times[i*n+j]
			if i == j || first == walk.Unreachable {
				continue
			}
			for k := range n {
				if second := times[j*n+k]; k != i && second != walk.Unreachable && first+second <= walk.Cut && times[i*n+k] > first+second {
					wrong++
				}
			}
		}
	}
	r.Check("triangle", wrong == 0, "%d detours are shorter than the direct way", wrong)
}

// draw takes addresses without repetition, in an order the seed decides.
func (c *walkCommand) draw(m *mapfile.Map, seed uint64) (out []linli.Point) {
	var all []linli.Point
	for _, b := range m.Buildings {
		all = append(all, geo.Centroid(b.Shape))
	}
	if len(all) == 0 {
		for _, n := range m.Net.Nodes {
			all = append(all, n.At)
		}
	}
	seen := map[linli.Point]bool{}
	all = slices.DeleteFunc(all, func(p linli.Point) bool {
		again := p.IsZero() || seen[p]
		seen[p] = true
		return again
	})
	rng := rand.New(rand.NewPCG(seed, 12))
	for i := range all {
		j := i + int(rng.Uint64()%uint64(len(all)-i))
		all[i], all[j] = all[j], all[i]
		if c.NearM > 0 && geo.Meters(all[0], all[i]) > c.NearM {
			continue
		}
		if out = append(out, all[i]); len(out) == c.From {
			break
		}
	}
	return out
}

// cpu is the processor seconds a piece of work takes.
func cpu(f func()) float64 {
	before := bench.CPU()
	f()
	return bench.Round((bench.CPU() - before).Seconds(), 6)
}
