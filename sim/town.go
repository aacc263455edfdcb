package sim

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
)

// Town draws the footprints, streets and the canal of an invented neighborhood as
// GeoJSON (WGS-84): three kinds of quarters side by side, an old estate of slabs,
// a new one of towers and an urban fringe of small houses. The same seed draws the
// same town. It lies at sea off any coast, so that it can never be a real address.
func Town(seed uint64) []byte {
	rng := rand.New(rand.NewPCG(seed, 11))
	const lng0, lat0 = 122.60, 30.90
	dx, dy := 1/(111320*math.Cos(lat0*math.Pi/180)), 1/110540.0 // degrees per meter
	at := func(x, y float64) [2]float64 {
		return [2]float64{math.Round((lng0+x*dx)*1e7) / 1e7, math.Round((lat0+y*dy)*1e7) / 1e7}
	}
	type feature struct {
		Type       string         `json:"type"`
		ID         string         `json:"id"`
		Properties map[string]any `json:"properties"`
		Geometry   map[string]any `json:"geometry"`
	}
	var features []feature
	n := 0
	house := func(x, y, w, h, turn float64, levels int, street string, no int) {
		n++
		sin, cos := math.Sin(turn), math.Cos(turn)
		corner := func(u, v float64) [2]float64 { return at(x+u*cos-v*sin, y+u*sin+v*cos) }
		ring := [][2]float64{corner(-w/2, -h/2), corner(w/2, -h/2), corner(w/2, h/2), corner(-w/2, h/2), corner(-w/2, -h/2)}
		features = append(features, feature{"Feature", fmt.Sprintf("b%04d", n),
			map[string]any{"building": "residential", "building:levels": fmt.Sprint(levels), "addr:street": street, "addr:housenumber": fmt.Sprint(no), "name": fmt.Sprintf("%s%d号", street, no)},
			map[string]any{"type": "Polygon", "coordinates": []any{ring}}})
	}
	line := func(id, kind, name string, points ...[2]float64) {
		features = append(features, feature{"Feature", id, map[string]any{"highway": kind, "name": name}, map[string]any{"type": "LineString", "coordinates": points}})
	}
	// The old estate: rows of five- and six-storey slabs facing south.
	for row := range 9 {
		for col := range 7 {
			house(60+float64(col)*72+rng.Float64()*6, 40+float64(row)*46, 56, 12, 0.03, 5+rng.IntN(2), "康乐路", row*7+col+1)
		}
	}
	// The new towers: squares of eighteen floors and more, in a loose grid.
	for row := range 5 {
		for col := range 5 {
			house(640+float64(col)*78+rng.Float64()*14, 60+float64(row)*84+rng.Float64()*14, 26, 26, 0.2, 18+rng.IntN(16), "新禾街", row*5+col+1)
		}
	}
	// The fringe: small houses along crooked lanes.
	for i := range 90 {
		a := float64(i) * 0.61
		house(1180+float64(i%15)*30+rng.Float64()*9, 40+float64(i/15)*68+rng.Float64()*22, 12+rng.Float64()*8, 9+rng.Float64()*5, a-math.Floor(a), 2+rng.IntN(3), "河埠里", i+1)
	}
	// The streets meet in corners they have in common, so that one can walk from each to each.
	corner := func(i, j int) [2]float64 {
		return at(24+float64(i)*545+[]float64{0, 3, 5, -3}[j], 12+float64(j)*142+[]float64{0, 6, -4, 8}[i])
	}
	for j, name := range []string{"康乐路", "邻安路", "新禾街", "和顺路"} {
		y := 12 + float64(j)*142
		line(fmt.Sprintf("r%d", j), "residential", name, at(0, y), corner(0, j), corner(1, j), corner(2, j), corner(3, j), at(1680, y+8))
	}
	for i, name := range []string{"东风弄", "桥头路", "学前街", "河埠里"} {
		x := 24 + float64(i)*545
		line(fmt.Sprintf("s%d", i), "tertiary", name, at(x, 0), corner(i, 0), corner(i, 1), corner(i, 2), corner(i, 3), at(x-3, 470))
	}
	features = append(features, feature{"Feature", "w1", map[string]any{"natural": "water", "name": "小河"}, map[string]any{"type": "Polygon",
		"coordinates": []any{[][2]float64{at(1110, -20), at(1132, -20), at(1146, 230), at(1132, 480), at(1110, 480), at(1124, 230), at(1110, -20)}}}})
	raw, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
	if err != nil {
		panic(err) // plain values always marshal
	}
	return raw
}

// given and family names of nobody: sixty-four invented combinations of common
// characters, so that no list of the demo can hold a real person.
var (
	familyNames = []rune("林周沈许顾陆施潘钱汤严华金魏陶姜")
	givenNames  = []string{"秀英", "桂兰", "国强", "志明", "玉珍", "建华", "淑芬", "德福", "雅琴", "文斌", "晓燕", "子涵", "雨桐", "浩然", "思远", "嘉怡", "惠珍", "永康", "丽萍", "天佑", "若溪", "长青", "佩芳", "小满"}
)

func name(rng *rand.Rand) string {
	return string(familyNames[rng.IntN(len(familyNames))]) + givenNames[rng.IntN(len(givenNames))]
}

// idNumber is a number with a valid check digit in region 990001, which does not exist.
func idNumber(year, month, day, serial int) string {
	body := fmt.Sprintf("990001%04d%02d%02d%03d", year, month, day, serial%1000)
	weights := []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(body[i]-'0') * w
	}
	return body + string("10X98765432"[sum%11])
}
