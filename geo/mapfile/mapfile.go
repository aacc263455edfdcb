// Package mapfile reads what map makers give away, OpenStreetMap XML and PBF and
// GeoJSON, plain or compressed, into the buildings, roads, water and points of
// interest of a neighborhood, and the net of its ways. Files are read as a stream within limits: one that
// is cut off, damaged or built to exhaust memory ends in an error a clerk can
// understand, never in a crash and never in half a map.
//
// PBF is decoded here and not by paulmach/osm: that decoder runs in goroutines
// of its own, where a legal block of plain nodes or a wrong string number is a
// panic that nobody can catch.
package mapfile

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/paulmach/orb"

	"linli"
	"linli/geo"
)

// Map is what was found, each list in the order of the files. All coordinates
// are WGS-84, outer rings run counterclockwise, holes clockwise.
type Map struct {
	Buildings []Building
	Roads     []Road
	Waters    []Water
	POIs      []POI
	Net       Net
	Report    Report
}

// Building is a footprint with a height.
type Building struct {
	ID         string // as the source names it, e.g. "way/123"; the same on every reading
	Name       string // Chinese where the source has it
	NameEn     string
	Kind       string // apartments, residential, retail ...; "" when not told
	Street     string
	Number     string
	Levels     int     // floors above ground, at least 1
	Height     float64 // meters
	HeightFrom HeightSource
	Shape      orb.MultiPolygon
	Pieces     int // how many tiles it was cut into; 1 is whole
}

// HeightSource says how far a height can be trusted.
type HeightSource string

// The sources of a height, best first.
const (
	HeightTagged    HeightSource = "tagged"    // the map says so
	HeightParts     HeightSource = "parts"     // of the tallest mapped part
	HeightLevels    HeightSource = "levels"    // floors times MetersPerLevel
	HeightEstimated HeightSource = "estimated" // by the kind of building only: show it as estimated
)

// MetersPerLevel is the height of a floor that nobody measured.
const MetersPerLevel = 3.0

// Road is a way for walking or driving.
type Road struct {
	ID     string
	Name   string
	NameEn string
	Kind   string // the highway value of OpenStreetMap or the tile kind, e.g. footway, minor_road
	Bridge bool
	Tunnel bool
	Steps  bool // stairs: not for wheels
	Lines  orb.MultiLineString
}

// Water is a lake, a pool or a watercourse: an area, lines, or both.
type Water struct {
	ID     string
	Name   string
	NameEn string
	Kind   string
	Shape  orb.MultiPolygon
	Lines  orb.MultiLineString
}

// POI is a place with a purpose: a clinic, a shop, a bus stop, an entrance.
type POI struct {
	ID     string
	Name   string
	NameEn string
	Kind   string
	Street string
	Number string
	At     linli.Point
}

// Report counts what happened on the way.
type Report struct {
	Features  int            // things read, of whatever kind
	Merged    int            // ids put together again from several tile pieces
	Pieces    int            // the pieces of those
	Apart     int            // of those, ids whose pieces do not touch and stay several polygons
	Estimated int            // buildings whose height is only estimated
	Skipped   map[string]int // left out, by reason: see the Skip constants
}

// The reasons for leaving something out.
const (
	SkipOther      = "other"          // none of the four kinds
	SkipIncomplete = "incomplete"     // nodes or ways that the file does not contain
	SkipShape      = "bad-shape"      // an area without area, a line without length
	SkipCoordinate = "bad-coordinate" // not on the globe, or 0,0
	SkipPart       = "building-part"  // part of a building; only its height is used
	SkipLabel      = "label"          // the text position of something
)

// Source is one file.
type Source struct {
	Name   string // for error messages
	Reader io.Reader
}

// Options bound the reading; zero fields take the defaults.
type Options struct {
	CRS         geo.CRS // of GeoJSON coordinates; default wgs84. OpenStreetMap files are always wgs84
	MaxBytes    int64   // of one file, unpacked; default 2 GiB
	MaxElement  int64   // of one feature or XML element; default 32 MiB
	MaxNodes    int     // nodes, and references to nodes, of OpenStreetMap files; default 20 million each
	MaxFeatures int     // things kept; default 2 million
}

func (o Options) withDefaults() Options {
	if o.CRS == "" {
		o.CRS = geo.WGS84
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 2 << 30
	}
	if o.MaxElement == 0 {
		o.MaxElement = 32 << 20
	}
	if o.MaxNodes == 0 {
		o.MaxNodes = 20_000_000
	}
	if o.MaxFeatures == 0 {
		o.MaxFeatures = 2_000_000
	}
	return o
}

// Read reads all sources into one map; pieces of one id are put together, also
// across sources. The format is told from the content. Any error names the
// source in its field and leaves no map.
func Read(ctx context.Context, opt Options, sources ...Source) (*Map, error) {
	opt = opt.withDefaults()
	if _, err := opt.CRS.FromWGS84(linli.Point{}); err != nil {
		return nil, err
	}
	c := newCollector(opt)
	for _, s := range sources {
		if err := c.read(ctx, s); err != nil {
			return nil, s.explain(err)
		}
	}
	return c.finish(), nil
}

// read tells the format of a source from its first bytes and reads it.
func (c *collector) read(ctx context.Context, s Source) error {
	in := bufio.NewReaderSize(s.Reader, 64<<10)
	head, err := in.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	var unpacked io.Reader = in
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		if unpacked, err = gzip.NewReader(in); err != nil {
			return err
		}
	case bytes.HasPrefix(head, []byte("BZh")):
		unpacked = bzip2.NewReader(in)
	}
	g := &guard{ctx: ctx, in: unpacked, left: c.opt.MaxBytes, perElement: c.opt.MaxElement}
	body := bufio.NewReaderSize(g, 64<<10)
	head, err = body.Peek(16)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if len(head) == 0 {
		return errEmpty
	}
	if len(head) > 6 && head[0] == 0 && bytes.Contains(head, []byte("OSMH")) {
		return c.readPBF(body, g)
	}
	if bom := []byte("\xef\xbb\xbf"); bytes.HasPrefix(head, bom) {
		body.Discard(len(bom))
	}
	for {
		b, err := body.ReadByte()
		if err != nil {
			return errUnknown
		}
		switch b {
		case ' ', '\t', '\r', '\n':
			continue
		case '<':
			body.UnreadByte()
			return c.readXML(body, g)
		case '{':
			body.UnreadByte()
			return c.readGeoJSON(body, g)
		}
		return errUnknown
	}
}

// guard passes a stream on until it grows beyond what is allowed: in all, or
// since the last mark, which every reader sets behind a finished element.
type guard struct {
	ctx        context.Context
	in         io.Reader
	left       int64
	perElement int64
	since      int64
}

func (g *guard) mark() { g.since = 0 }

func (g *guard) Read(p []byte) (int, error) {
	if err := g.ctx.Err(); err != nil {
		return 0, err
	}
	if g.left <= 0 || g.since > g.perElement {
		return 0, errTooLarge
	}
	n, err := g.in.Read(p[:min(int64(len(p)), g.left)])
	g.left -= int64(n)
	g.since += int64(n)
	return n, err
}

// What can be wrong with a file, for explain to word.
var (
	errEmpty    = errors.New("the file is empty")
	errUnknown  = errors.New("neither OpenStreetMap XML, nor PBF, nor GeoJSON")
	errTooLarge = errors.New("larger than the limits of reading")
	errDamaged  = errors.New("damaged")
)

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{errDamaged}, args...)...)
}

// explain turns any failure of a source into words for a clerk.
func (s Source) explain(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if _, ours := errors.AsType[*linli.Error](err); ours {
		return err
	}
	e := linli.Invalidf("map", "地图文件“%s”已损坏，请重新下载", "the map file %q is damaged; fetch it again", s.Name)
	switch {
	case errors.Is(err, errEmpty):
		e = linli.Invalidf("map", "地图文件“%s”是空的", "the map file %q is empty", s.Name)
	case errors.Is(err, errUnknown):
		e = linli.Invalidf("map", "认不出“%s”的格式，只支持 OSM XML、OSM PBF 和 GeoJSON", "the format of %q is unknown: OSM XML, OSM PBF and GeoJSON are supported", s.Name)
	case errors.Is(err, errTooLarge):
		e = linli.Invalidf("map", "地图文件“%s”太大，请裁到本街道范围再导入", "the map file %q is too large; cut it to the area of the street office", s.Name)
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		e = linli.Invalidf("map", "地图文件“%s”不完整，后面缺了一段，请重新下载", "the map file %q is cut off; fetch it again", s.Name)
	}
	e.Err = err
	return e
}
