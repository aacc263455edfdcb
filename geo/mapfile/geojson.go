package mapfile

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/paulmach/orb"

	"linli"
)

// readGeoJSON reads a FeatureCollection or a single Feature (RFC 7946), one
// feature at a time.
func (c *collector) readGeoJSON(in io.Reader, g *guard) error {
	dec := json.NewDecoder(in)
	dec.UseNumber()
	if err := expect(dec, '{'); err != nil {
		return err
	}
	kind := ""
	features := 0
	var single rawFeature
	for dec.More() {
		g.mark()
		key, err := dec.Token()
		if err != nil {
			return asJSON(err)
		}
		switch key {
		case "features":
			if err := expect(dec, '['); err != nil {
				return err
			}
			for dec.More() {
				g.mark()
				var f rawFeature
				if err := decode(dec, &f); err != nil {
					return err
				}
				features++
				if err := c.addGeoJSON(f); err != nil {
					return err
				}
			}
			if err := expect(dec, ']'); err != nil {
				return err
			}
		case "type":
			err = decode(dec, &kind)
		case "crs":
			var crs struct {
				Properties struct{ Name string }
			}
			if err = decode(dec, &crs); err == nil {
				err = knownCRS(crs.Properties.Name)
			}
		case "id":
			err = decode(dec, &single.ID)
		case "properties":
			err = decode(dec, &single.Properties)
		case "geometry":
			err = decode(dec, &single.Geometry)
		default:
			var unused json.RawMessage
			err = decode(dec, &unused)
		}
		if err != nil {
			return err
		}
	}
	if err := expect(dec, '}'); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return damaged("text behind the end")
	}
	switch {
	case kind == "Feature":
		return c.addGeoJSON(single)
	case kind == "FeatureCollection", kind == "" && features > 0:
		return nil
	}
	return errUnknown
}

type rawFeature struct {
	ID         any            `json:"id"`
	Properties map[string]any `json:"properties"`
	Geometry   *struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	} `json:"geometry"`
}

func expect(dec *json.Decoder, want json.Delim) error {
	switch got, err := dec.Token(); {
	case err != nil:
		return asJSON(err)
	case got != want:
		return damaged("%v instead of %v", got, want)
	}
	return nil
}

func decode(dec *json.Decoder, v any) error {
	if err := dec.Decode(v); err != nil {
		return asJSON(err)
	}
	return nil
}

// asJSON tells a file that ends too early from one that is wrong.
func asJSON(err error) error {
	if errors.Is(err, io.EOF) || strings.Contains(err.Error(), "unexpected end of JSON input") {
		return io.ErrUnexpectedEOF
	}
	return err
}

// knownCRS accepts the old "crs" member only where it says longitude and
// latitude of WGS-84: anything else would put houses into the sea.
func knownCRS(name string) error {
	if name == "" || strings.HasSuffix(name, "CRS84") || strings.HasSuffix(name, ":4326") || strings.HasSuffix(name, ":4490") {
		return nil
	}
	return linli.Invalidf("crs", "文件坐标系是 %s，请先转成 WGS-84 经纬度", "the file is in %s; convert it to WGS-84 degrees first", clean(name))
}

// addGeoJSON turns a raw feature into ours. A feature with a broken geometry is
// counted and left out: the rest of a city need not wait for it.
func (c *collector) addGeoJSON(raw rawFeature) error {
	f := feature{tags: map[string]string{}}
	for k, v := range raw.Properties {
		switch v := v.(type) {
		case string:
			f.tags[k] = clean(v)
		case json.Number:
			f.tags[k] = v.String()
		case bool:
			if v {
				f.tags[k] = "yes"
			}
		}
	}
	if raw.Geometry == nil {
		c.report.Features++
		c.skip(SkipShape)
		return nil
	}
	reason := c.shape(&f, raw.Geometry.Type, raw.Geometry.Coordinates)
	if reason != "" {
		c.report.Features++
		c.skip(reason)
		return nil
	}
	switch id := raw.ID.(type) {
	case string:
		f.id = clean(id)
	case json.Number:
		f.id = id.String()
	}
	for _, key := range []string{"@id", "id", "osm_id"} {
		if f.id == "" {
			f.id = f.tags[key]
		}
	}
	if f.id == "" {
		// Without an id the coordinates themselves make one, so that reading again changes nothing.
		sum := sha256.Sum256(raw.Geometry.Coordinates)
		f.id = "geometry/" + hex.EncodeToString(sum[:8])
	}
	c.net.draw(&f)
	return c.add(f)
}

// shape reads coordinates; the reason tells why they cannot be used.
func (c *collector) shape(f *feature, kind string, coordinates json.RawMessage) (reason string) {
	into := func(v any) bool { return json.Unmarshal(coordinates, v) == nil }
	ok := true
	point := func(p []float64) orb.Point {
		q, good := c.position(p)
		ok = ok && good
		return q
	}
	line := func(ps [][]float64) (l orb.LineString) {
		for _, p := range ps {
			l = append(l, point(p))
		}
		return l
	}
	polygon := func(rings [][][]float64) (poly orb.Polygon) {
		for _, ring := range rings {
			poly = append(poly, orb.Ring(line(ring)))
		}
		return poly
	}
	var (
		flat   []float64
		list   [][]float64
		nested [][][]float64
		deep   [][][][]float64
		read   bool
	)
	switch kind {
	case "Point":
		read = into(&flat)
		p := point(flat)
		f.point = &p
	case "LineString":
		read = into(&list)
		f.lines = orb.MultiLineString{line(list)}
	case "MultiLineString":
		read = into(&nested)
		for _, l := range nested {
			f.lines = append(f.lines, line(l))
		}
	case "Polygon":
		read = into(&nested)
		f.shape = orb.MultiPolygon{polygon(nested)}
	case "MultiPolygon":
		read = into(&deep)
		for _, p := range deep {
			f.shape = append(f.shape, polygon(p))
		}
	}
	switch {
	case !read:
		return SkipShape
	case !ok:
		return SkipCoordinate
	}
	return ""
}

// position converts a pair (and an ignored height) to WGS-84; good is false for
// what is no place on earth, 0,0 included.
func (c *collector) position(p []float64) (q orb.Point, good bool) {
	if len(p) < 2 {
		return orb.Point{}, false
	}
	at, err := c.opt.CRS.ToWGS84(linli.Point{Lng: p[0], Lat: p[1]})
	if err != nil || at.IsZero() {
		return orb.Point{}, false
	}
	return orb.Point{at.Lng, at.Lat}, true
}
