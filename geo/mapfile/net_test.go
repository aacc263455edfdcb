package mapfile

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGeoJSONMeetsWhereSpotsAreTheSame(t *testing.T) {
	t.Parallel()
	file := collection(
		geometry(`"highway":"residential","name":"A"`, "LineString", "[[121.5,31.2],[121.501,31.2],[121.502,31.2]]"),
		geometry(`"kind":"path","kind_detail":"steps","is_bridge":true,"sort_rank":1`, "MultiLineString", "[[[121.501,31.2],[121.501,31.201]],[[121.501,31.201],[121.501,31.202]]]"),
		geometry(`"kind":"rail","kind_detail":"subway","sort_rank":1`, "LineString", "[[121.5,31.2],[121.501,31.2]]"),
		geometry(`"kind":"path","kind_detail":"pier","sort_rank":1`, "LineString", "[[121.502,31.2],[121.503,31.2]]"),
		geometry(`"kind":"gate","sort_rank":1,"access":"private"`, "Point", "[121.501,31.201]"),
		geometry(`"kind":"traffic_signals","sort_rank":1`, "Point", "[121.501,31.20000000000003]"),
	)
	m, err := Read(context.Background(), Options{}, Source{"made", strings.NewReader(file)})
	if err != nil {
		t.Fatal(err)
	}
	type way struct {
		tags  string
		nodes []int32
	}
	var got []way
	for _, w := range m.Net.Ways {
		got = append(got, way{w.Tags["highway"] + w.Tags["man_made"] + w.Tags["bridge"], w.Nodes})
	}
	want := []way{{"residential", []int32{0, 1, 2}}, {"stepsyes", []int32{1, 3}}, {"stepsyes", []int32{3, 4}}, {"pier", []int32{2, 5}}}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(way{})); d != "" {
		t.Error(d)
	}
	tags := map[int]map[string]string{}
	seen := map[int64]bool{}
	for i, n := range m.Net.Nodes {
		if n.Tags != nil {
			tags[i] = n.Tags
		}
		if n.ID >= 0 || seen[n.ID] {
			t.Errorf("corner %d has the number %d", i, n.ID)
		}
		seen[n.ID] = true
	}
	if len(tags) != 2 || tags[1]["highway"] != "traffic_signals" || tags[3]["barrier"] != "gate" || tags[3]["access"] != "private" {
		t.Errorf("tags %v", tags)
	}
}

func TestTheNetIsTheSameFromXMLAndPBF(t *testing.T) {
	t.Parallel()
	elements := []element{
		{kind: "node", id: 1, u: 0, v: 0}, {kind: "node", id: 2, u: 10, v: 0, tags: [][2]string{{"barrier", "gate"}, {"locked", "yes"}}}, {kind: "node", id: 3, u: 20, v: 0},
		{kind: "node", id: 4, u: 20, v: 10, tags: [][2]string{{"highway", "crossing"}}}, {kind: "node", id: 5, u: 10, v: 10, tags: [][2]string{{"shop", "bakery"}}},
		{kind: "way", id: 1, refs: []int64{1, 2, 3}, tags: [][2]string{{"highway", "service"}}},
		{kind: "way", id: 2, refs: []int64{1, 2, 99, 3, 4}, tags: [][2]string{{"highway", "footway"}}},
		{kind: "way", id: 3, refs: []int64{3, 4, 5}},
		{kind: "way", id: 4, refs: []int64{1, 5}, tags: [][2]string{{"highway", "proposed"}}},
		{kind: "way", id: 5, refs: []int64{1, 5}, tags: [][2]string{{"waterway", "stream"}}},
		{kind: "way", id: 6, refs: []int64{4, 4, 5}, tags: [][2]string{{"railway", "platform"}}},
		{kind: "relation", id: 1, members: []member{{3, "outer"}}, tags: [][2]string{{"type", "multipolygon"}, {"highway", "pedestrian"}}},
	}
	want := [][]int64{{1, 2, 3}, {1, 2}, {3, 4}, {4, 5}, {3, 4, 5}} // the missing corner parts way 2
	var nets []Net
	for _, file := range []string{asOSM(elements), string(asPBF(elements, true, true)), string(asPBF(elements, false, false))} {
		m, err := Read(context.Background(), Options{}, Source{"made", strings.NewReader(file)})
		if err != nil {
			t.Fatal(err)
		}
		var got [][]int64
		for _, w := range m.Net.Ways {
			var ids []int64
			for _, n := range w.Nodes {
				ids = append(ids, m.Net.Nodes[n].ID)
			}
			got = append(got, ids)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		for _, n := range m.Net.Nodes {
			if marked := n.ID == 2 || n.ID == 4; marked != (n.Tags != nil) {
				t.Errorf("node %d has tags %v", n.ID, n.Tags)
			}
		}
		nets = append(nets, m.Net)
	}
	if d := cmp.Diff(nets[1], nets[2]); d != "" {
		t.Error(d)
	}
}
