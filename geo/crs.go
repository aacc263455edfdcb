package geo

import (
	"math"

	"linli"
)

// CRS says which coordinate system a pair of degrees is in. A record without one
// is refused: the systems lie half a kilometer apart.
type CRS string

// The coordinate systems of domain.md 11.5.
const (
	WGS84    CRS = "wgs84"     // GPS devices, OpenStreetMap, our storage
	CGCS2000 CRS = "cgcs2000"  // government files; equal to WGS-84 within centimeters
	GCJ02    CRS = "gcj02"     // public maps of the mainland (Gaode, Tencent)
	BD09     CRS = "bd09"      // Baidu
	LocalENU CRS = "local-enu" // meters east and north of an origin: see Frame
)

// ParseCRS reads the code of a coordinate system; an empty one is an error too.
func ParseCRS(s string) (CRS, error) {
	switch c := CRS(s); c {
	case WGS84, CGCS2000, GCJ02, BD09, LocalENU:
		return c, nil
	case "":
		return "", linli.Invalid("crs", "没有写明坐标系，应为 wgs84、cgcs2000、gcj02、bd09 或 local-enu", "the coordinate system is missing: give wgs84, cgcs2000, gcj02, bd09 or local-enu")
	}
	return "", linli.Invalidf("crs", "不认识坐标系“%s”，应为 wgs84、cgcs2000、gcj02、bd09 或 local-enu", "%q is not one of wgs84, cgcs2000, gcj02, bd09, local-enu", s)
}

// ToWGS84 converts degrees of system c to WGS-84, back to within a micrometer of
// what FromWGS84 started from. Unknown points stay unknown. Local meters need a
// Frame and are an error here, like an unknown system and a point off the globe.
func (c CRS) ToWGS84(p linli.Point) (linli.Point, error) {
	if err := c.check(p); err != nil || p.IsZero() {
		return linli.Point{}, err
	}
	switch c {
	case GCJ02:
		return invert(gcjFromWGS, p), nil
	case BD09:
		return invert(gcjFromWGS, invert(bdFromGCJ, p)), nil
	}
	return p, nil
}

// FromWGS84 converts WGS-84 degrees to system c; errors as in ToWGS84.
func (c CRS) FromWGS84(p linli.Point) (linli.Point, error) {
	if err := c.check(p); err != nil || p.IsZero() {
		return linli.Point{}, err
	}
	switch c {
	case GCJ02:
		return gcjFromWGS(p), nil
	case BD09:
		return bdFromGCJ(gcjFromWGS(p)), nil
	}
	return p, nil
}

func (c CRS) check(p linli.Point) error {
	if _, err := ParseCRS(string(c)); err != nil {
		return err
	}
	if c == LocalENU {
		return linli.Invalid("crs", "平面坐标缺少原点，不能换算成经纬度", "local meters cannot become degrees without their origin")
	}
	if !p.Valid() {
		return linli.Invalidf("point", "坐标 %v, %v 超出经纬度范围", "%v, %v is not on the globe", p.Lng, p.Lat)
	}
	return nil
}

// invert finds the point that f moves to want. Both offsets change slowly with
// the place, so taking the error off again shrinks it by orders each round.
func invert(f func(linli.Point) linli.Point, want linli.Point) linli.Point {
	p := want
	for range 30 {
		got := f(p)
		dLng, dLat := want.Lng-got.Lng, want.Lat-got.Lat
		p.Lng += dLng
		p.Lat += dLat
		if math.Abs(dLng)+math.Abs(dLat) < 1e-13 {
			break
		}
	}
	return p
}

// gcjFromWGS is the published approximation of the mainland offset; abroad the
// systems agree.
func gcjFromWGS(p linli.Point) linli.Point {
	if p.Lng < 72.004 || p.Lng > 137.8347 || p.Lat < 0.8293 || p.Lat > 55.8271 {
		return p
	}
	const axis, eccentricity2 = 6378245.0, 0.00669342162296594323 // Krasovsky 1940
	x, y := p.Lng-105, p.Lat-35
	ripple := (20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi)) * 2 / 3
	north := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*math.Sqrt(math.Abs(x)) + ripple +
		(20*math.Sin(y*math.Pi)+40*math.Sin(y/3*math.Pi))*2/3 +
		(160*math.Sin(y/12*math.Pi)+320*math.Sin(y*math.Pi/30))*2/3
	east := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*math.Sqrt(math.Abs(x)) + ripple +
		(20*math.Sin(x*math.Pi)+40*math.Sin(x/3*math.Pi))*2/3 +
		(150*math.Sin(x/12*math.Pi)+300*math.Sin(x/30*math.Pi))*2/3
	sin := math.Sin(p.Lat * radian)
	w := 1 - eccentricity2*sin*sin
	return linli.Point{
		Lng: p.Lng + east/(axis/math.Sqrt(w)*math.Cos(p.Lat*radian))/radian,
		Lat: p.Lat + north/(axis*(1-eccentricity2)/(w*math.Sqrt(w)))/radian,
	}
}

// bdFromGCJ is Baidu's turn on top of GCJ-02.
func bdFromGCJ(p linli.Point) linli.Point {
	const turn = math.Pi * 3000 / 180
	r := math.Hypot(p.Lng, p.Lat) + 0.00002*math.Sin(p.Lat*turn)
	a := math.Atan2(p.Lat, p.Lng) + 0.000003*math.Cos(p.Lng*turn)
	return linli.Point{Lng: r*math.Cos(a) + 0.0065, Lat: r*math.Sin(a) + 0.006}
}

// Frame is a local plane: meters east and north of a WGS-84 origin, tangent to
// the ellipsoid there. It is meant for a community, a few kilometers across.
type Frame struct {
	Origin linli.Point
	center [3]float64 // earth-centered position of the origin
	axes   [3][3]float64
}

// NewFrame makes the plane at the origin; an unknown or invalid origin is an error.
func NewFrame(origin linli.Point) (*Frame, error) {
	if origin.IsZero() || !origin.Valid() || math.Abs(origin.Lat) > 89 {
		return nil, linli.Invalid("origin", "平面坐标的原点无效", "the origin of the local plane is not valid")
	}
	sinLat, cosLat := math.Sincos(origin.Lat * radian)
	sinLng, cosLng := math.Sincos(origin.Lng * radian)
	return &Frame{Origin: origin, center: earthCentered(origin), axes: [3][3]float64{
		{-sinLng, cosLng, 0},
		{-sinLat * cosLng, -sinLat * sinLng, cosLat},
		{cosLat * cosLng, cosLat * sinLng, sinLat},
	}}, nil
}

const (
	wgsAxis  = 6378137.0
	wgsFlat  = 1 / 298.257223563
	wgsEcc2  = wgsFlat * (2 - wgsFlat)
	enuTight = 1e-9 // meters
)

// earthCentered is the position of a point on the WGS-84 ellipsoid.
func earthCentered(p linli.Point) [3]float64 {
	sinLat, cosLat := math.Sincos(p.Lat * radian)
	sinLng, cosLng := math.Sincos(p.Lng * radian)
	n := wgsAxis / math.Sqrt(1-wgsEcc2*sinLat*sinLat)
	return [3]float64{n * cosLat * cosLng, n * cosLat * sinLng, n * (1 - wgsEcc2) * sinLat}
}

// ENU is the position of a point on the ground: meters east and north.
func (f *Frame) ENU(p linli.Point) (east, north float64) {
	at := earthCentered(p)
	for i, c := range f.center {
		east += f.axes[0][i] * (at[i] - c)
		north += f.axes[1][i] * (at[i] - c)
	}
	return east, north
}

// Point is the point on the ground at a position of the plane, the exact inverse
// of ENU within a nanometer up to 100 km; farther out it is unknown.
func (f *Frame) Point(east, north float64) linli.Point {
	if !(math.Hypot(east, north) <= 100_000) {
		return linli.Point{}
	}
	perLng, perLat := metersPerDegree(f.Origin.Lat)
	p := f.Origin
	for range 50 {
		e, n := f.ENU(p)
		e, n = east-e, north-n
		p.Lng += e / perLng
		p.Lat += n / perLat
		if math.Abs(e)+math.Abs(n) < enuTight {
			break
		}
	}
	return p
}

// metersPerDegree is how far a degree of longitude and of latitude reach on the
// WGS-84 ellipsoid at a latitude.
func metersPerDegree(lat float64) (lng, latitude float64) {
	sin, cos := math.Sincos(lat * radian)
	w := math.Sqrt(1 - wgsEcc2*sin*sin)
	return wgsAxis / w * cos * radian, wgsAxis * (1 - wgsEcc2) / (w * w * w) * radian
}
