package geo

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"linli"
)

var (
	tiananmen   = linli.Point{Lng: 116.397428, Lat: 39.90923}
	bund        = linli.Point{Lng: 121.4903, Lat: 31.2397}
	canton      = linli.Point{Lng: 113.2644, Lat: 23.1291}
	nowhere     = linli.Point{}
	oneMicro    = 1e-6 // meters
	microDegree = oneMicro / 111_000
)

func TestDistancesAreThoseOfTheSphere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b linli.Point
		want float64
	}{
		{linli.Point{Lng: 0, Lat: 1}, linli.Point{Lng: 0, Lat: 2}, meanRadius * radian},
		{linli.Point{Lng: 10, Lat: 0}, linli.Point{Lng: -170, Lat: 0}, meanRadius * math.Pi},
		{linli.Point{Lng: 179.5, Lat: 0}, linli.Point{Lng: -179.5, Lat: 0}, meanRadius * radian},
		{bund, bund, 0},
	} {
		if got := Meters(c.a, c.b); math.Abs(got-c.want) > 1e-6*(1+c.want) {
			t.Errorf("%v to %v: %f, want %f", c.a, c.b, got, c.want)
		}
		if Meters(c.a, c.b) != Meters(c.b, c.a) {
			t.Errorf("%v to %v is not symmetric", c.a, c.b)
		}
	}
	if !math.IsNaN(Meters(nowhere, bund)) || !math.IsNaN(Meters(bund, nowhere)) {
		t.Error("a distance from nowhere")
	}
}

func TestATripIsTheStraightLineTimesTheDetourAndSaysSo(t *testing.T) {
	t.Parallel()
	from := bund
	to := linli.Point{Lng: bund.Lng, Lat: bund.Lat + 1000/1.3/meanRadius/radian}
	for p, want := range map[Profile]time.Duration{
		Adult: 833333 * time.Millisecond, Elder: 1250 * time.Second, Wheelchair: 1428571 * time.Millisecond,
		Pram: 1000 * time.Second, Child: 1000 * time.Second, EBike: 250 * time.Second, "unheard-of": 833333 * time.Millisecond,
	} {
		got, ok := Straight(from, to, p)
		if !ok || !got.Approx || math.Abs(got.Meters-1000) > 1e-6 || (got.Time-want).Abs() > time.Millisecond {
			t.Errorf("%s: %+v, want %s", p, got, want)
		}
		if p.Valid() != (p != "unheard-of") {
			t.Errorf("%s valid: %v", p, p.Valid())
		}
	}
	if trip, ok := Straight(nowhere, bund, Adult); ok || trip != (Trip{}) {
		t.Error("a trip from nowhere")
	}
}

func TestTheMainlandOffsetIsThePublishedOne(t *testing.T) {
	t.Parallel()
	got, err := GCJ02.FromWGS84(tiananmen)
	if err != nil || math.Abs(got.Lng-116.403672) > 5e-7 || math.Abs(got.Lat-39.910634) > 5e-7 {
		t.Errorf("got %v %v", got, err)
	}
	for p, want := range map[linli.Point]float64{tiananmen: 555, {Lng: 121.4737, Lat: 31.2304}: 481, canton: 621} {
		g, _ := GCJ02.FromWGS84(p)
		if off := Meters(p, g); math.Abs(off-want) > 3 {
			t.Errorf("%v is moved by %.0f m, want %.0f", p, off, want)
		}
	}
	paris := linli.Point{Lng: 2.35, Lat: 48.85}
	if g, _ := GCJ02.FromWGS84(paris); g != paris {
		t.Errorf("Paris is moved to %v", g)
	}
}

func TestEverySystemLeadsBackWithinAMicrometer(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(7, 7))
	for range 5000 {
		p := linli.Point{Lng: 74 + 60*rnd.Float64(), Lat: 4 + 49*rnd.Float64()}
		for _, c := range []CRS{WGS84, CGCS2000, GCJ02, BD09} {
			there, err := c.FromWGS84(p)
			if err != nil {
				t.Fatal(err)
			}
			back, err := c.ToWGS84(there)
			if err != nil || math.Abs(back.Lng-p.Lng) > microDegree || math.Abs(back.Lat-p.Lat) > microDegree {
				t.Fatalf("%s: %v became %v, back %v, %v", c, p, there, back, err)
			}
		}
	}
}

func TestBaiduIsAboutAKilometerFromGPS(t *testing.T) {
	t.Parallel()
	b, err := BD09.FromWGS84(tiananmen)
	if err != nil || math.Abs(b.Lng-116.410037) > 2e-5 || math.Abs(b.Lat-39.916976) > 2e-5 {
		t.Errorf("got %v %v", b, err)
	}
}

func TestARecordWithoutACoordinateSystemIsRefused(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "WGS84", "epsg:4326"} {
		if _, err := ParseCRS(s); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("%q: %v", s, err)
		}
		if _, err := CRS(s).ToWGS84(bund); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("%q: %v", s, err)
		}
	}
	if _, err := LocalENU.ToWGS84(bund); linli.KindOf(err) != linli.KindInvalid {
		t.Errorf("local meters: %v", err)
	}
	if _, err := GCJ02.ToWGS84(linli.Point{Lng: 500, Lat: 1}); linli.KindOf(err) != linli.KindInvalid {
		t.Errorf("off the globe: %v", err)
	}
	if p, err := GCJ02.ToWGS84(nowhere); err != nil || p != nowhere {
		t.Errorf("unknown became %v, %v", p, err)
	}
	if c, err := ParseCRS("gcj02"); err != nil || c != GCJ02 {
		t.Errorf("%v %v", c, err)
	}
}

func TestTheLocalPlaneIsExactBothWays(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 3))
	for range 500 {
		f, err := NewFrame(linli.Point{Lng: 360*rnd.Float64() - 180, Lat: 170*rnd.Float64() - 85})
		if err != nil {
			t.Fatal(err)
		}
		e, n := 40_000*rnd.Float64()-20_000, 40_000*rnd.Float64()-20_000
		e2, n2 := f.ENU(f.Point(e, n))
		if math.Abs(e-e2) > 1e-7 || math.Abs(n-n2) > 1e-7 {
			t.Fatalf("%v: %f %f became %f %f", f.Origin, e, n, e2, n2)
		}
	}
	f, err := NewFrame(bund)
	if err != nil {
		t.Fatal(err)
	}
	if e, n := f.ENU(bund); e != 0 || n != 0 {
		t.Errorf("the origin is at %f, %f", e, n)
	}
	p := f.Point(300, -400)
	if d := Meters(bund, p); math.Abs(d-500) > 2 { // sphere against ellipsoid
		t.Errorf("500 m in the plane are %f m", d)
	}
	if f.Point(math.NaN(), 0) != nowhere || f.Point(1e9, 0) != nowhere {
		t.Error("a point far outside the plane")
	}
	if _, err := NewFrame(nowhere); linli.KindOf(err) != linli.KindInvalid {
		t.Errorf("a plane without origin: %v", err)
	}
}
