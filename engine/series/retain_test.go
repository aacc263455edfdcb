package series_test

import (
	"testing"
	"time"

	"linli"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/engine/series"
)

// oldest tells when the oldest raw sample and hour on disk begin; zero when none.
func (h *house) oldest() (raw, hours time.Time) {
	h.t.Helper()
	var r, s int64
	if err := h.db.Read(h.t.Context(), func(tx db.Tx) error {
		return tx.QueryRow(`SELECT COALESCE((SELECT MIN(t0) FROM (SELECT t0 FROM series_open UNION ALL SELECT t0 FROM series_chunk WHERE stream = 0) AS x), 0),
			COALESCE((SELECT MIN(t0) FROM series_chunk WHERE stream > 0), 0)`).Scan(&r, &s)
	}); err != nil {
		h.t.Fatal(err)
	}
	return linli.Time(r), linli.Time(s)
}

// A year and a half pass with a sample every half hour. What is past its term is gone
// from the disk a day later, and not a sample earlier.
func TestTermsAreKeptOnDisk(t *testing.T) {
	t.Parallel()
	for class, days := range map[series.Class]int{series.Sensor: 780, series.Vital: 450, series.Location: 40} {
		t.Run(string(class), func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d db.DB) {
				h := newHouse(t, d, newDrawer())
				h.at = start.Truncate(time.Hour)
				begin := h.at
				k := series.Key{Source: "dev", Metric: "x", Subject: "res_1"}
				rawTerm, hourTerm := class.Terms()
				n := 0
				for n < days*48 {
					var samples []series.Sample
					for range 10 * 48 {
						samples = append(samples, series.Sample{Key: k, Class: class, At: begin.Add(time.Duration(n) * 30 * time.Minute), Value: float64(n % 100)})
						n++
					}
					h.at = samples[len(samples)-1].At
					h.append(samples...)
					h.retain()
				}
				// Nothing is missing within the terms, hours with both their samples.
				got := h.values(k, begin, h.at.Add(time.Hour), 0)
				rawFrom, hoursFrom := h.at.Add(-rawTerm).Truncate(time.Hour), h.at.Add(-hourTerm).Truncate(time.Hour)
				if hourTerm == 0 {
					hoursFrom = rawFrom
				}
				if want := int(rawFrom.Sub(hoursFrom)/time.Hour) + int(h.at.Sub(rawFrom)/(30*time.Minute)) + 1; len(got) != want || !got[0].At.Equal(hoursFrom) {
					t.Fatalf("%d buckets from %v, want %d from %v", len(got), got[0].At, want, hoursFrom)
				}
				for i, b := range got {
					n := float64(int(b.At.Sub(begin)/(30*time.Minute)) % 100)
					want := series.Bucket{At: b.At, Count: 1, Min: n, Max: n, Mean: n}
					if b.At.Before(rawFrom) {
						want = series.Bucket{At: b.At, Count: 2, Min: n, Max: n + 1, Mean: n + 0.5}
					}
					if !same(b, want) {
						t.Fatalf("bucket %d is %v, want %v", i, b, want)
					}
				}
				// And nothing is left beyond them.
				raw, _ := h.oldest()
				if late := rawFrom.Add(-11 * 24 * time.Hour); raw.Before(late) {
					t.Errorf("raw samples since %v are on disk, want none before %v", raw, late)
				}
				h.at = h.at.AddDate(0, 0, 2)
				h.retain()
				raw, hours := h.oldest()
				if late := h.at.Add(-rawTerm).Truncate(time.Hour).Add(-time.Hour); raw.Before(late) || raw.Sub(late) > time.Hour {
					t.Errorf("the oldest raw sample is of %v, want %v", raw, late)
				}
				if late := h.at.Add(-hourTerm).Truncate(time.Hour); hourTerm > 0 && !hours.Equal(late) || hourTerm == 0 && !hours.IsZero() {
					t.Errorf("the oldest hour is %v, want %v", hours, late)
				}
				h.at = h.at.Add(max(rawTerm, hourTerm) + 48*time.Hour)
				if newest, err := h.Last(t.Context(), []series.Key{k}); err != nil || !newest[0].At.IsZero() {
					t.Errorf("the last sample is shown after its term: %v, %v", newest, err)
				}
				h.retain()
				if raw, hours := h.oldest(); !raw.IsZero() || !hours.IsZero() {
					t.Errorf("raw samples of %v and hours of %v are left", raw, hours)
				}
				if lines, err := h.List(t.Context(), series.Key{}); err != nil || len(lines) > 0 {
					t.Errorf("series %v are left, %v", lines, err)
				}
				// The series may come back, also on a node that knew it.
				if refused := h.append(series.Sample{Key: k, Class: class, At: h.at, Value: 5}); len(refused) > 0 {
					t.Error(refused)
				}
				if got := h.values(k, h.at, h.at.Add(time.Hour), time.Hour); len(got) != 1 || got[0].Mean != 5 {
					t.Errorf("after its end the series has %v", got)
				}
			})
		})
	}
}

// One call does a bounded piece; a thousand series are not one long transaction.
func TestRetainWorksInPieces(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := newHouse(t, d, newDrawer())
		var samples []series.Sample
		for i := range 150 {
			samples = append(samples, series.Sample{Key: series.Key{Source: "dev", Metric: string(rune('一' + i))}, Class: series.Sensor, At: h.at, Value: 1})
		}
		h.append(samples...)
		step := func(want bool) {
			t.Helper()
			if err := d.Write(t.Context(), func(tx db.Tx) error {
				more, err := h.Retain(tx)
				if more != want {
					t.Errorf("more is %v, want %v", more, want)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		step(false) // the first day is not over
		h.at = h.at.Add(25 * time.Hour)
		step(true)
		step(true)
		step(false)
		step(false)
		h.at = h.at.Add(25 * time.Hour)
		step(true)
	})
}
