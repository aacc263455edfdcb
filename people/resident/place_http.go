package resident

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"linli"
	"linli/auth"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/web"
)

// placeRoutes registers the register of places and the map. Regions to buildings
// are public knowledge (D0) to whoever may see places at all; entrances and
// dwellings are rows of the asker's area.
func (s *Service) placeRoutes(r *web.Router) {
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/places", ID: "place-list", May: "place.read", Zh: "地点列表与查找", En: "list and find places", Tag: tag}, s.listPlaces)
	web.Handle(r, web.Route{Method: "GET", Path: "/api/v1/place", ID: "place-get", May: "place.read", Zh: "看地点", En: "one place with its shape", Tag: tag}, s.getPlace)
	web.Handle(r, web.Route{Method: "POST", Path: "/api/v1/places", ID: "place-create", May: "place.import", Zh: "登记地点", En: "register a place", Tag: tag, Creates: true}, s.createPlace)
	web.Handle(r, web.Route{Method: "PUT", Path: "/api/v1/place", ID: "place-edit", May: "place.import", Zh: "改地点", En: "edit a place", Tag: tag}, s.editPlace)
	web.Raw(r, web.Route{Method: "GET", Path: "/api/v1/map/buildings", ID: "map-buildings", May: "place.read", Zh: "楼栋轮廓（GeoJSON）", En: "footprints of buildings as GeoJSON", Tag: tag}, s.mapHandler(r, s.buildingLayer))
	web.Raw(r, web.Route{Method: "GET", Path: "/api/v1/map/areas", ID: "map-areas", May: "place.read", Zh: "社区、网格、小区范围（GeoJSON）", En: "outlines of communities, grids and estates as GeoJSON", Tag: tag}, s.mapHandler(r, s.areaLayer))
	web.Raw(r, web.Route{Method: "GET", Path: "/api/v1/map/features", ID: "map-features", May: "place.read", Zh: "道路与水面（GeoJSON）", En: "roads and waters as GeoJSON", Tag: tag}, s.mapHandler(r, s.featureLayer))
}

// visible limits places below buildings to the asker's area.
func visible(w *db.Where, s auth.Scope) {
	cond, args := s.SQL(auth.Columns{Place: "place"}, w.Next())
	w.Put(fmt.Sprintf("(depth <= %d OR %s)", linli.DepthBuilding, cond), args)
}

type placeList struct {
	web.Page
	Parent linli.Place `query:"parent" maxLength:"160" doc:"only places directly below; with none of the filters the list begins with the regions"`
	Within linli.Place `query:"within" maxLength:"160"`
	Depth  int         `query:"depth" minimum:"0" maximum:"6" doc:"1 region to 6 dwelling"`
	Q      string      `query:"q" maxLength:"60" doc:"part of a name, an alias or an address; down to buildings"`
}

func (s *Service) listPlaces(ctx context.Context, in *placeList) (*web.Out[web.List[Place]], error) {
	out := &web.Out[web.List[Place]]{}
	return out, s.db.Read(ctx, func(tx db.Tx) (err error) {
		var w db.Where
		visible(&w, auth.From(ctx).Scope("place.read"))
		w.And("place > ?", in.Cursor)
		switch {
		case in.Parent != "":
			w.And("parent = ?", in.Parent)
		case in.Within == "" && in.Depth == 0 && in.Q == "":
			w.And("depth = 1")
		}
		if in.Within != "" {
			w.Inside("place", in.Within)
		}
		if in.Depth > 0 {
			w.And("depth = ?", in.Depth)
		}
		if in.Q != "" {
			typed, ok := placeSearch.Query(s.db.Dialect(), evenText(in.Q))
			if !ok {
				out.Body.Items = []Place{}
				return nil
			}
			w.And("place IN " + placeSearch.Match(s.db.Dialect(), w.Arg(typed)))
		}
		limit := w.Arg(in.Limit + 1)
		out.Body.Items, err = db.Rows(tx, scanPlace, `SELECT `+placeColumns+` FROM resident_place WHERE `+w.String()+` ORDER BY place LIMIT `+limit, w.Args()...)
		out.Body = web.Cut(out.Body.Items, in.Limit, func(p Place) string { return string(p.Place) })
		return err
	})
}

type placeGet struct {
	Place linli.Place `query:"place" required:"true" maxLength:"160"`
}

func (s *Service) getPlace(ctx context.Context, in *placeGet) (*web.OutRev[Place], error) {
	var p Place
	err := s.db.Read(ctx, func(tx db.Tx) (err error) {
		p, err = placeOf(tx, in.Place)
		if err == nil && p.Depth > linli.DepthBuilding && !auth.From(ctx).Scope("place.read").Covers(p.AuthRow()) {
			err = errNoPlace
		}
		return err
	})
	return web.WithRev(p.Rev, p), err
}

// PutPlace registers a place within tx, or replaces what is said of it when rev is
// not 0 and fits. Its parent must stand in the register.
func (s *Service) PutPlace(tx db.Tx, by *auth.Principal, rev int64, d PlaceDraft) (Place, error) {
	if err := d.validate(); err != nil {
		return Place{}, err
	}
	if !by.Scope("place.import").Covers(auth.Row{Place: d.Place}) {
		return Place{}, errOutside
	}
	old, err := placeOf(tx, d.Place)
	switch known := err == nil; {
	case err != nil && linli.KindOf(err) != linli.KindNotFound:
		return Place{}, err
	case known && rev == 0:
		return Place{}, &linli.Error{Kind: linli.KindConflict, Field: "place", Zh: "这个地点编码已登记", En: "this place is registered already"}
	case known && old.Rev != rev:
		return Place{}, linli.Conflict("地点刚被别人改过，请刷新后再改", "the place was changed meanwhile; reload and try again")
	case !known && rev != 0:
		return Place{}, errNoPlace
	}
	d.source, d.sourceID = old.Source, old.SourceID
	if old.Rev == 0 {
		d.source = "clerk"
	}
	if len(d.Shape) == 0 && len(old.Shape) > 0 {
		if d.shape, err = parseShape(old.Shape); err != nil {
			return Place{}, err
		}
		d.settle()
	}
	if d.Height == old.Height {
		d.heightBy = old.HeightBy
	}
	if parent := d.Place.Parent(); parent != "" {
		if err := s.ensurePlace(tx, parent); err != nil {
			return Place{}, linli.Invalid("place", "上一级地点还没登记", "the place above is not in the register")
		}
	}
	if err := s.putPlace(tx, &d); err != nil {
		return Place{}, err
	}
	if err := s.placesChanged(tx); err != nil {
		return Place{}, err
	}
	now := s.now()
	if err := s.bus.Publish(tx, bus.Pack(EventPlacesChanged, string(d.Place), d.Place, now, PlacesChanged{1})); err != nil {
		return Place{}, err
	}
	p, err := placeOf(tx, d.Place)
	if err != nil {
		return Place{}, err
	}
	return p, auth.Audit(tx, now, by, auth.Line{Act: "place.put", Subject: string(d.Place), Place: d.Place})
}

type placeCreate struct{ Body PlaceDraft }

func (s *Service) createPlace(ctx context.Context, in *placeCreate) (*web.OutRev[Place], error) {
	var out *web.OutRev[Place]
	err := s.db.Write(ctx, func(tx db.Tx) error {
		p, err := s.PutPlace(tx, auth.From(ctx), 0, in.Body)
		if err != nil {
			return err
		}
		out = web.WithRev(p.Rev, p)
		return web.Remember(ctx, tx, out)
	})
	return out, err
}

type placeEdit struct {
	web.IfMatch
	Body PlaceDraft
}

func (s *Service) editPlace(ctx context.Context, in *placeEdit) (*web.OutRev[Place], error) {
	rev, err := in.Rev()
	if err != nil {
		return nil, err
	}
	if rev < 1 {
		return nil, errNoPlace
	}
	var out *web.OutRev[Place]
	err = s.db.Write(ctx, func(tx db.Tx) error {
		p, err := s.PutPlace(tx, auth.From(ctx), rev, in.Body)
		out = web.WithRev(p.Rev, p)
		return err
	})
	return out, err
}

// maxFeatures bounds one answer of the map; a panel asks by its window.
const maxFeatures = 30_000

// mapFeature is one row of a map answer; shape is the stored GeoJSON geometry.
type mapFeature struct {
	id         string
	properties any
	shape      string
}

type mapLayer func(tx db.Tx, query mapQuery) ([]mapFeature, error)

// mapQuery is the window and the place a map panel asks for.
type mapQuery struct {
	box    [4]float64 // west, south, east, north
	hasBox bool
	place  linli.Place
	kind   string // depth of areas, layer of features
}

func (q mapQuery) narrow(w *db.Where) {
	if q.hasBox {
		w.And("west <= ? AND east >= ? AND south <= ? AND north >= ?", q.box[2], q.box[0], q.box[3], q.box[1])
	}
}

func readMapQuery(req *http.Request) (q mapQuery, err error) {
	values := req.URL.Query()
	if text := values.Get("bbox"); text != "" {
		parts := strings.Split(text, ",")
		if len(parts) != 4 {
			return q, linli.Invalid("bbox", "bbox 写成 西,南,东,北", "bbox is west,south,east,north")
		}
		for i, p := range parts {
			if q.box[i], err = strconv.ParseFloat(p, 64); err != nil {
				return q, linli.Invalid("bbox", "bbox 须为 4 个数字", "bbox holds four numbers")
			}
		}
		low, high := linli.Point{Lng: q.box[0], Lat: q.box[1]}, linli.Point{Lng: q.box[2], Lat: q.box[3]}
		if !low.Valid() || !high.Valid() || low.Lng > high.Lng || low.Lat > high.Lat {
			return q, linli.Invalid("bbox", "bbox 写成 西,南,东,北", "bbox is west,south,east,north")
		}
		q.hasBox = true
	}
	if q.place = linli.Place(values.Get("place")); q.place != "" && !q.place.Valid() {
		return q, linli.Invalid("place", "地点编码不对", "this is not a place")
	}
	q.kind = values.Get("kind")
	return q, nil
}

// mapHandler answers a layer as GeoJSON. Its tag is the version of the places, so a
// browser that comes back is told that nothing changed. Shapes go out as stored.
func (s *Service) mapHandler(r *web.Router, layer mapLayer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		q, err := readMapQuery(req)
		if err != nil {
			r.Fail(w, req, err)
			return
		}
		var features []mapFeature
		same := false
		err = s.db.Read(req.Context(), func(tx db.Tx) error {
			version, err := placeVersion(tx)
			if err != nil {
				return err
			}
			etag := fmt.Sprintf(`"p%d"`, version)
			w.Header().Set("ETag", etag)
			w.Header().Set("Cache-Control", "private, no-cache")
			if same = req.Header.Get("If-None-Match") == etag; same {
				return nil
			}
			features, err = layer(tx, q)
			return err
		})
		switch {
		case err != nil:
			w.Header().Del("ETag")
			r.Fail(w, req, err)
		case same:
			w.WriteHeader(http.StatusNotModified)
		default:
			w.Header().Set("Content-Type", "application/geo+json")
			_, _ = w.Write(collection(features)) // the client may be gone
		}
	})
}

// collection writes features as one GeoJSON text.
func collection(features []mapFeature) []byte {
	var b bytes.Buffer
	b.WriteString(`{"type":"FeatureCollection","features":[`)
	for i, f := range features {
		if i > 0 {
			b.WriteByte(',')
		}
		properties, err := json.Marshal(f.properties)
		if err != nil {
			panic("resident: feature: " + err.Error()) // plain values always marshal
		}
		b.WriteString(`{"type":"Feature","id":`)
		b.WriteString(strconv.Quote(f.id))
		b.WriteString(`,"properties":`)
		b.Write(properties)
		b.WriteString(`,"geometry":`)
		b.WriteString(f.shape)
		b.WriteByte('}')
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

// buildingProps are the properties of a footprint.
type buildingProps struct {
	Place    string  `json:"place"`
	Name     string  `json:"name"`
	Height   float64 `json:"height"`
	Base     float64 `json:"base,omitempty"`
	Levels   int     `json:"levels,omitempty"`
	HeightBy string  `json:"height_by,omitempty"`
	Lng      float64 `json:"lng"`
	Lat      float64 `json:"lat"`
}

func (s *Service) buildingLayer(tx db.Tx, q mapQuery) ([]mapFeature, error) {
	var w db.Where
	w.And("depth = 4 AND shape <> ''")
	if q.place != "" {
		w.Inside("place", q.place)
	}
	q.narrow(&w)
	return db.Rows(tx, func(rows *sql.Rows) (f mapFeature, err error) {
		var p buildingProps
		err = rows.Scan(&p.Place, &p.Name, &p.Height, &p.Base, &p.Levels, &p.HeightBy, &p.Lng, &p.Lat, &f.shape)
		f.id, f.properties = p.Place, p
		return f, err
	}, `SELECT place, name, height, base, levels, height_by, lng, lat, shape FROM resident_place WHERE `+w.String()+` ORDER BY place LIMIT `+strconv.Itoa(maxFeatures), w.Args()...)
}

// areaProps are the properties of an outline.
type areaProps struct {
	Place string  `json:"place"`
	Depth int     `json:"depth"`
	Name  string  `json:"name"`
	Lng   float64 `json:"lng"`
	Lat   float64 `json:"lat"`
}

func (s *Service) areaLayer(tx db.Tx, q mapQuery) ([]mapFeature, error) {
	var w db.Where
	w.And("shape <> ''")
	switch q.kind {
	case "":
		w.And("depth <= 3")
	case "region", "grid", "estate":
		w.And("depth = ?", map[string]int{"region": 1, "grid": 2, "estate": 3}[q.kind])
	default:
		return nil, linli.Invalid("kind", "kind 须为 region、grid 或 estate", "kind is region, grid or estate")
	}
	if q.place != "" {
		w.Inside("place", q.place)
	}
	q.narrow(&w)
	return db.Rows(tx, func(rows *sql.Rows) (f mapFeature, err error) {
		var p areaProps
		err = rows.Scan(&p.Place, &p.Depth, &p.Name, &p.Lng, &p.Lat, &f.shape)
		f.id, f.properties = p.Place, p
		return f, err
	}, `SELECT place, depth, name, lng, lat, shape FROM resident_place WHERE `+w.String()+` ORDER BY place LIMIT `+strconv.Itoa(maxFeatures), w.Args()...)
}

// featureProps are the properties of a road or a water.
type featureProps struct {
	Layer string `json:"layer"`
	Kind  string `json:"kind"`
	Name  string `json:"name,omitempty"`
}

func (s *Service) featureLayer(tx db.Tx, q mapQuery) ([]mapFeature, error) {
	var w db.Where
	w.And("1 = 1")
	if q.kind != "" {
		if !slices.Contains([]string{"road", "water"}, q.kind) {
			return nil, linli.Invalid("kind", "kind 须为 road 或 water", "kind is road or water")
		}
		w.And("layer = ?", q.kind)
	}
	q.narrow(&w)
	return db.Rows(tx, func(rows *sql.Rows) (f mapFeature, err error) {
		var p featureProps
		err = rows.Scan(&f.id, &p.Layer, &p.Kind, &p.Name, &f.shape)
		f.properties = p
		return f, err
	}, `SELECT id, layer, kind, name, shape FROM resident_feature WHERE `+w.String()+` ORDER BY id LIMIT `+strconv.Itoa(maxFeatures), w.Args()...)
}
