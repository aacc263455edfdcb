package series_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"linli"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/engine/series"
)

// A batch with every kind of wrong sample stores the good ones and says what is
// wrong with each of the others.
func TestOneBadSampleDoesNotHoldUpABatch(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := newHouse(t, d, newDrawer())
		good := series.Sample{Key: series.Key{Source: "meter", Metric: "energy_kwh"}, Class: series.Sensor, At: h.at, Value: 1}
		type change func(*series.Sample)
		bad := []struct {
			field string
			kind  linli.Kind
			do    change
		}{
			{"source", linli.KindInvalid, func(s *series.Sample) { s.Source = "" }},
			{"source", linli.KindInvalid, func(s *series.Sample) { s.Source = strings.Repeat("x", 201) }},
			{"metric", linli.KindInvalid, func(s *series.Sample) { s.Metric = "" }},
			{"metric", linli.KindInvalid, func(s *series.Sample) { s.Metric = "a\x00b" }},
			{"metric", linli.KindInvalid, func(s *series.Sample) { s.Metric = "\xff" }},
			{"subject", linli.KindInvalid, func(s *series.Sample) { s.Subject = strings.Repeat("x", 201) }},
			{"class", linli.KindInvalid, func(s *series.Sample) { s.Class = "" }},
			{"class", linli.KindInvalid, func(s *series.Sample) { s.Class = "other" }},
			{"subject", linli.KindInvalid, func(s *series.Sample) { s.Class = series.Vital }},
			{"subject", linli.KindInvalid, func(s *series.Sample) { s.Class = series.Location }},
			{"value", linli.KindInvalid, func(s *series.Sample) { s.Value = math.NaN() }},
			{"value", linli.KindInvalid, func(s *series.Sample) { s.Value = math.Inf(-1) }},
			{"value", linli.KindInvalid, func(s *series.Sample) { s.Value = 2 * series.MaxValue }},
			{"at", linli.KindInvalid, func(s *series.Sample) { s.At = time.Time{} }},
			{"at", linli.KindInvalid, func(s *series.Sample) { s.At = s.At.Add(series.Early + time.Millisecond) }},
			{"at", linli.KindInvalid, func(s *series.Sample) { s.At = s.At.AddDate(0, 0, -31) }},
			{"class", linli.KindConflict, func(s *series.Sample) { s.Subject, s.Class = "res_1", series.Vital }},
		}
		owned := good
		owned.Subject = "res_1"
		batch := []series.Sample{owned}
		for i, b := range bad {
			s, g := good, good
			b.do(&s)
			g.At = g.At.Add(time.Duration(i) * time.Second)
			batch = append(batch, s, g)
		}
		refused := h.append(batch...)
		if len(refused) != len(bad) {
			t.Fatalf("refused %v", refused)
		}
		for i, r := range refused {
			e, ok := r.Err.(*linli.Error)
			if r.Index != 1+2*i || !ok || e.Kind != bad[i].kind || e.Field != bad[i].field || e.Zh == "" || e.En == "" {
				t.Errorf("sample %d is refused with %v, want %s of %s", r.Index, r.Err, bad[i].kind, bad[i].field)
			}
			if bad[i].kind == linli.KindInvalid && batch[r.Index].Check(h.at) == nil {
				t.Errorf("Check would let sample %d pass", r.Index)
			}
		}
		if got := h.values(good.Key, h.at, h.at.Add(time.Hour), 0); len(got) != len(bad) {
			t.Errorf("%d good samples are there, want %d", len(got), len(bad))
		}
		lines, err := h.List(t.Context(), series.Key{})
		if want := fmt.Sprint([]series.Line{{Key: good.Key, Class: series.Sensor}, {Key: owned.Key, Class: series.Sensor}}); err != nil || fmt.Sprint(lines) != want {
			t.Errorf("series are %v, %v; want %s", lines, err, want)
		}
	})
}

func TestWithoutKeysNothingAboutAPersonIsKept(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		s, err := series.New(t.Context(), d, nil, func() time.Time { return start })
		if err != nil {
			t.Fatal(err)
		}
		meter := series.Sample{Key: series.Key{Source: "meter", Metric: "energy_kwh"}, Class: series.Sensor, At: start, Value: 1}
		if err := d.Write(t.Context(), func(tx db.Tx) error {
			refused, err := s.Append(tx, []series.Sample{vital("band", "res_1", start, 60), meter})
			if len(refused) != 1 || refused[0].Index != 0 || linli.KindOf(refused[0].Err) != linli.KindInvalid {
				t.Errorf("refused %v", refused)
			}
			if err == nil {
				err = s.Forget(tx, "res_1")
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		lines, err := s.List(t.Context(), series.Key{})
		if err != nil || len(lines) != 1 || lines[0].Key != meter.Key {
			t.Errorf("series are %v, %v", lines, err)
		}
	})
}

func TestAListSelectsBySourceMetricAndSubject(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := newHouse(t, d, newDrawer())
		a, b, c := vital("band1", "res_1", h.at, 1), vital("band1", "res_2", h.at, 2), vital("band2", "res_1", h.at, 3)
		c.Metric = "spo2_percent"
		h.append(c, b, a)
		for _, q := range []struct {
			of   series.Key
			want []series.Key
		}{
			{series.Key{}, []series.Key{a.Key, b.Key, c.Key}},
			{series.Key{Source: "band1"}, []series.Key{a.Key, b.Key}},
			{series.Key{Subject: "res_1"}, []series.Key{a.Key, c.Key}},
			{series.Key{Subject: "res_1", Metric: "spo2_percent"}, []series.Key{c.Key}},
			{series.Key{Source: "nobody"}, nil},
		} {
			lines, err := h.List(t.Context(), q.of)
			var got []series.Key
			for _, l := range lines {
				got = append(got, l.Key)
			}
			if err != nil || fmt.Sprint(got) != fmt.Sprint(q.want) {
				t.Errorf("%v gives %v, %v; want %v", q.of, got, err, q.want)
			}
		}
	})
}

func TestQuestionsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := newHouse(t, d, newDrawer())
		k := series.Key{Source: "meter", Metric: "energy_kwh"}
		for field, span := range map[string]series.Span{
			"to":   {From: h.at, To: h.at.Add(-time.Second)},
			"step": {From: h.at, To: h.at, Step: -time.Second},
		} {
			_, err := h.Range(t.Context(), k, span)
			if e, ok := err.(*linli.Error); !ok || e.Kind != linli.KindInvalid || e.Field != field {
				t.Errorf("%v: %v", span, err)
			}
		}
		if _, err := h.Range(t.Context(), k, series.Span{From: h.at, To: h.at, Step: time.Microsecond}); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("a step of a microsecond: %v", err)
		}
		if got, err := h.Range(t.Context(), k, series.Span{To: h.at.AddDate(5000, 0, 0)}); err != nil || len(got) != 0 {
			t.Errorf("an unknown series gives %v, %v", got, err)
		}
		if err := d.Write(t.Context(), func(tx db.Tx) error { return h.Forget(tx, "") }); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("forgetting nobody: %v", err)
		}
	})
}
