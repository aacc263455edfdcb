package geo

import (
	"bufio"
	"compress/gzip"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"linli"
)

// golden is a row of testdata/h3.csv.gz, written by testdata/h3.mjs.
type golden struct {
	kind string
	at   linli.Point
	res  int
	cell string
}

func readGolden(t *testing.T) []golden {
	t.Helper()
	f, err := os.Open("testdata/h3.csv.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var rows []golden
	for in := bufio.NewScanner(z); in.Scan(); {
		col := strings.Split(in.Text(), ",")
		lat, errLat := strconv.ParseFloat(col[1], 64)
		lng, errLng := strconv.ParseFloat(col[2], 64)
		res, errRes := strconv.Atoi(col[3])
		if errLat != nil || errLng != nil || errRes != nil {
			t.Fatalf("row %q", in.Text())
		}
		rows = append(rows, golden{col[0], linli.Point{Lng: lng, Lat: lat}, res, col[4]})
	}
	return rows
}

func TestCellsEqualTheReferenceToTheLastDigit(t *testing.T) {
	t.Parallel()
	cells, centers := 0, 0
	for _, g := range readGolden(t) {
		switch g.kind {
		case "cell":
			cells++
			if got, ok := CellAt(g.at, g.res); !ok || got.String() != g.cell {
				t.Errorf("%v at %d: %s, want %s", g.at, g.res, got, g.cell)
			}
		case "center":
			centers++
			c, err := ParseCell(g.cell)
			if err != nil {
				t.Fatal(err)
			}
			if p := c.Center(); Meters(p, g.at) > 0.0001 {
				t.Errorf("%s: center %v, want %v", g.cell, p, g.at)
			}
		}
	}
	if cells < 3000 || centers < 200 {
		t.Errorf("only %d cells and %d centers were compared", cells, centers)
	}
}

func TestEveryCellHoldsItsCenterAndLiesInItsParent(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 1))
	for i := range 4000 {
		p := linli.Point{Lng: 360*rnd.Float64() - 180, Lat: math.Asin(2*rnd.Float64()-1) / radian}
		res := i % (MaxRes + 1)
		c, ok := CellAt(p, res)
		if !ok || !c.Valid() || c.Res() != res {
			t.Fatalf("%v at %d: %s", p, res, c)
		}
		if back, _ := CellAt(c.Center(), res); back != c {
			t.Fatalf("%v at %d: %s has its center in %s", p, res, c, back)
		}
		if parsed, err := ParseCell(c.String()); err != nil || parsed != c {
			t.Fatalf("%s reads back as %s, %v", c, parsed, err)
		}
		if up := c.Parent(res - 1); res > 0 && (!up.Valid() || up.Res() != res-1 || Meters(up.Center(), c.Center()) > Meters(up.Center(), p)+2*Meters(p, c.Center())) {
			t.Fatalf("%s has parent %s", c, up)
		}
		if c.Parent(res) != c || c.Parent(MaxRes) != c {
			t.Fatalf("%s is not its own parent", c)
		}
	}
}

func TestWhatIsNoPointOrNoCellIsRefused(t *testing.T) {
	t.Parallel()
	bund := linli.Point{Lng: 121.49, Lat: 31.24}
	for _, c := range []struct {
		p   linli.Point
		res int
	}{{linli.Point{}, 9}, {bund, -1}, {bund, 16}, {linli.Point{Lng: 181, Lat: 1}, 9}, {linli.Point{Lng: math.NaN(), Lat: 1}, 9}, {linli.Point{Lng: 1, Lat: math.Inf(1)}, 9}} {
		if got, ok := CellAt(c.p, c.res); ok || got != 0 {
			t.Errorf("%v at %d: %s", c.p, c.res, got)
		}
	}
	for _, s := range []string{"", "x", "0", "ffffffffffffffff", "8f28308280f18f27", "85283473ffffff", "85283473fffffff0", "8528347bffffff7", "81083ffffffffff0", "81087ffffffffff"} {
		if c, err := ParseCell(s); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("%q is read as %s", s, c)
		}
	}
	if c := Cell(12345); c.Center() != (linli.Point{}) {
		t.Error("no cell has a center")
	}
}

func TestEveryFaceHasSixteenPositions(t *testing.T) {
	t.Parallel()
	for f, row := range faceCells {
		n := 0
		for _, e := range row {
			if e != no {
				n++
			}
		}
		if n != 16 {
			t.Errorf("face %d has %d", f, n)
		}
	}
}

func FuzzParsedCellsHaveACenterInside(f *testing.F) {
	f.Add("8a309a0a1b2ffff")
	f.Add("85283473fffffff")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCell(s)
		if err != nil {
			return
		}
		if back, ok := CellAt(c.Center(), c.Res()); !ok || back != c {
			t.Fatalf("%s has its center in %s", c, back)
		}
	})
}

func BenchmarkCellAt(b *testing.B) {
	p := linli.Point{Lng: 121.4903, Lat: 31.2397}
	for b.Loop() {
		CellAt(p, HeatRes)
	}
}
