package walk

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"linli"
	"linli/geo"
)

// town is a street of a kilometer with an island beside it.
func town(t testing.TB) *Graph {
	s := (&sketch{}).node("a", 0, 0, "").node("b", 1000, 0, "").node("c", 6000, 0, "").node("i", 100, 150, "").node("j", 200, 150, "")
	return s.way("highway=residential", "a", "b", "c").way("highway=path", "i", "j").graph(t)
}

func TestTheOtherBankOfARiverIsNoIsland(t *testing.T) {
	t.Parallel()
	s := (&sketch{}).node("a", 0, 0, "").node("b", 1000, 0, "").node("c", 0, 100, "").node("d", 500, 100, "")
	x := NewGuide(s.way("highway=residential", "a", "b").way("highway=residential", "c", "d").graph(t))
	if got, _ := x.Trip(spot(200, 0), spot(200, 100), geo.Adult); !got.None {
		t.Errorf("without a bridge: %+v", got)
	}
}

func TestAGuideEstimatesOnlyWhatTheGraphDoesNotKnow(t *testing.T) {
	t.Parallel()
	x := NewGuide(town(t))
	for _, c := range []struct {
		name         string
		from, to     linli.Point
		seconds      float64
		approx, none bool
	}{
		{"along the street", spot(0, 0), spot(600, 0), 500, false, false},
		{"on the spot", spot(0, 0), spot(0, 0), 0, false, false},
		{"beyond the cut", spot(0, 0), spot(5000, 0), 0, false, true},
		{"from the island", spot(150, 150), spot(150, 0), 150 * 1.3 / 1.2, true, false},
		{"on the island", spot(100, 150), spot(200, 150), 100 / 1.2, false, false},
		{"from the fields", spot(300, 900), spot(300, 300), 600 * 1.3 / 1.2, true, false},
	} {
		got, ok := x.Trip(c.from, c.to, geo.Adult)
		if !ok || got.Approx != c.approx || got.None != c.none || !c.none && !about(int32(got.Time/time.Second), c.seconds) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	if _, ok := x.Trip(linli.Point{}, spot(0, 0), geo.Adult); ok {
		t.Error("from nowhere")
	}
	var none *Guide
	for _, blind := range []*Guide{none, NewGuide(nil)} {
		got, ok := blind.Trip(spot(0, 0), spot(600, 0), geo.Elder)
		want, _ := geo.Straight(spot(0, 0), spot(600, 0), geo.Elder)
		if !ok || got != want {
			t.Errorf("without a graph: %+v", got)
		}
	}
}

func TestANewAddressIsARowAndAColumnAndNothingElse(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 4))
		g := random(rng)
		p := profiles[rng.IntN(len(profiles))]
		r := g.For(p)
		var points []linli.Point
		var snaps []Snap
		table := newTable(r, 9) // so small that places make room for each other
		for range 30 {
			at := spot(rng.Float64()*900, rng.Float64()*900)
			s, _ := r.Snap(at)
			points, snaps = append(points, at), append(snaps, s)
			for range 4 {
				i, j := rng.IntN(len(points)), rng.IntN(len(points))
				if i == j {
					continue
				}
				row := make([]int32, 1)
				r.Row(snaps[i], snaps[j:j+1], row) // as if computed anew
				want, known := row[0], snaps[i].OK() && snaps[j].OK()
				if known && want == Unreachable && (snaps[i].Island || snaps[j].Island) {
					known = false
				}
				if got, ok := table.seconds(points[i], points[j]); ok != known || ok && got != want {
					t.Fatalf("seed %d: %d to %d takes %d s (known %t) instead of %d (%t)", seed, i, j, got, ok, want, known)
				}
			}
		}
		if len(table.points) != 9 || len(table.index) != 9 {
			t.Fatalf("%d places, %d names", len(table.points), len(table.index))
		}
	}
}

func TestManyMayAskAGuideAtOnce(t *testing.T) {
	t.Parallel()
	x := NewGuide(town(t))
	var all sync.WaitGroup
	answers := make([]string, 8)
	for k := range answers {
		all.Go(func() {
			rng := rand.New(rand.NewPCG(7, 7)) // all ask the same
			for range 300 {
				from, to := spot(float64(rng.IntN(40))*25, 5), spot(float64(rng.IntN(40))*25, 10)
				got, _ := x.Trip(from, to, profiles[rng.IntN(len(profiles))])
				answers[k] += fmt.Sprint(got)
			}
		})
	}
	all.Wait()
	for _, a := range answers[1:] {
		if a != answers[0] {
			t.Fatal("the answers differ")
		}
	}
}

func BenchmarkTripKnown(b *testing.B) {
	x := NewGuide(town(b))
	from, to := spot(10, 5), spot(700, 5)
	for b.Loop() {
		x.Trip(from, to, geo.Adult)
	}
}

func BenchmarkStraight(b *testing.B) {
	from, to := spot(10, 5), spot(700, 5)
	for b.Loop() {
		geo.Straight(from, to, geo.Adult)
	}
}
