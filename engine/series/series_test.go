package series_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"linli"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/engine/series"
)

var start = time.Date(2026, 3, 3, 8, 0, 0, 0, linli.Shanghai)

// drawer keeps keys apart from the store, as the port demands.
type drawer struct {
	mu   sync.Mutex
	keys map[string][]byte
}

// newDrawer holds the keys of some persons already; keys follow from the names.
func newDrawer(subjects ...string) *drawer {
	d := &drawer{keys: map[string][]byte{}}
	for _, s := range subjects {
		d.keys[s] = keyOf(s)
	}
	return d
}

func keyOf(subject string) []byte {
	key := sha256.Sum256([]byte(subject))
	return key[:]
}

func (d *drawer) Key(_ db.Tx, subject string, create bool) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.keys[subject] == nil {
		if !create {
			return nil, linli.NotFound("没有密钥", "no key")
		}
		d.keys[subject] = keyOf(subject)
	}
	return d.keys[subject], nil
}

func (d *drawer) Forget(_ db.Tx, subject string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.keys, subject)
	return nil
}

// house is a store with its surroundings.
type house struct {
	t    *testing.T
	db   db.DB
	keys *drawer
	at   time.Time
	*series.Store
}

func newHouse(t *testing.T, d db.DB, keys *drawer) *house {
	t.Helper()
	h := &house{t: t, keys: keys, at: start}
	h.open(d)
	return h
}

func (h *house) open(d db.DB) {
	h.t.Helper()
	h.db = d
	var err error
	if h.Store, err = series.New(h.t.Context(), d, h.keys, func() time.Time { return h.at }); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) append(samples ...series.Sample) (refused []series.Refusal) {
	h.t.Helper()
	if err := h.db.Write(h.t.Context(), func(tx db.Tx) (err error) {
		refused, err = h.Append(tx, samples)
		return err
	}); err != nil {
		h.t.Fatal(err)
	}
	return refused
}

func (h *house) forget(subject string) {
	h.t.Helper()
	if err := h.db.Write(h.t.Context(), func(tx db.Tx) error { return h.Forget(tx, subject) }); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) retain() {
	h.t.Helper()
	for more := true; more; {
		if err := h.db.Write(h.t.Context(), func(tx db.Tx) (err error) {
			more, err = h.Retain(tx)
			return err
		}); err != nil {
			h.t.Fatal(err)
		}
	}
}

func (h *house) values(k series.Key, from, to time.Time, step time.Duration) []series.Bucket {
	h.t.Helper()
	got, err := h.Range(h.t.Context(), k, series.Span{From: from, To: to, Step: step})
	if err != nil {
		h.t.Fatal(err)
	}
	return got
}

func vital(source, subject string, at time.Time, v float64) series.Sample {
	return series.Sample{Key: series.Key{Source: source, Metric: "heart_rate_bpm", Subject: subject}, Class: series.Vital, At: at, Value: v}
}

// model is the plain truth: every accepted sample, nothing clever.
type model struct {
	values    map[series.Key]map[int64]float64
	classes   map[series.Key]series.Class
	forgotten map[string]bool
}

// seen is what may be seen of a series at a time: whole hours of old, samples of new.
func (m *model) seen(k series.Key, now, from, to time.Time, step time.Duration) (out []series.Bucket) {
	rawTerm, hourTerm := m.classes[k].Terms()
	rawFrom, hoursFrom := now.Add(-rawTerm).Truncate(time.Hour), now.Add(-hourTerm).Truncate(time.Hour)
	sums := map[int64]float64{}
	buckets := map[int64]series.Bucket{}
	for _, ms := range slices.Sorted(maps.Keys(m.values[k])) {
		v := m.values[k][ms]
		at := linli.Time(ms)
		if at.Before(rawFrom) {
			if at = at.Truncate(time.Hour); hourTerm == 0 || at.Before(hoursFrom) {
				continue
			}
		}
		if at.Before(from) || !at.Before(to) {
			continue
		}
		if step > 0 {
			at = from.Add(at.Sub(from) / step * step)
		}
		b, ok := buckets[at.UnixMilli()]
		if !ok {
			b = series.Bucket{At: at, Min: v, Max: v}
		}
		b.Count++
		b.Min, b.Max = min(b.Min, v), max(b.Max, v)
		sums[at.UnixMilli()] += v
		buckets[at.UnixMilli()] = b
	}
	for _, ms := range slices.Sorted(maps.Keys(buckets)) {
		b := buckets[ms]
		b.Mean = sums[ms] / float64(b.Count)
		out = append(out, b)
	}
	return out
}

func same(a, b series.Bucket) bool {
	return a.At.Equal(b.At) && a.Count == b.Count && a.Min == b.Min && a.Max == b.Max && math.Abs(a.Mean-b.Mean) <= 1e-9*(1+math.Abs(b.Mean))
}

// Batches of samples come on time, late, twice and wrong; people are forgotten,
// months pass, the store is reopened and cleaned up at any moment; and all the time
// it shows exactly what a plain list of everything would.
func TestTheStoreIsAPlainListWithTerms(t *testing.T) {
	t.Parallel()
	dbtest.EachHome(t, func(t *testing.T, open func() db.DB) {
		seed := rand.Uint64()
		random := rand.New(rand.NewPCG(seed, 0))
		t.Logf("seed %d", seed)
		h := newHouse(t, open(), newDrawer())
		m := &model{values: map[series.Key]map[int64]float64{}, classes: map[series.Key]series.Class{}, forgotten: map[string]bool{}}
		var keys []series.Key
		for i := range 12 {
			k := series.Key{Source: fmt.Sprint("dev", i/3), Metric: fmt.Sprint("m", i%3)}
			m.classes[k] = series.Sensor
			if i >= 4 {
				k.Subject = fmt.Sprint("res", i%4)
				m.classes[k] = []series.Class{series.Sensor, series.Vital, series.Location}[i%3]
			}
			if i < 4 {
				m.classes[k] = series.Sensor
			}
			m.classes[k], keys = m.classes[k], append(keys, k)
			m.values[k] = map[int64]float64{}
		}
		clock := map[series.Key]time.Time{} // the time of the newest sample, to come on time
		h.FoldAt([]int64{1, 5000, 20_000, 100_000}[random.IntN(4)])
		for step := range 200 {
			switch random.IntN(20) {
			case 0:
				if random.IntN(3) == 0 {
					subject := fmt.Sprint("res", random.IntN(4))
					h.forget(subject)
					m.forgotten[subject] = true
					for k := range m.values {
						if k.Subject == subject {
							m.values[k] = map[int64]float64{}
						}
					}
				}
			case 1:
				h.at = h.at.Add(time.Duration(random.IntN(20*24*60)) * time.Minute)
			case 2, 3:
				h.retain()
			case 4:
				if random.IntN(2) == 0 {
					if err := h.db.Close(); err != nil {
						t.Fatal(err)
					}
				}
				h.open(open())
				h.FoldAt([]int64{1, 5000, 20_000, 100_000}[random.IntN(4)])
			default:
				m.batch(t, h, random, keys, clock)
			}
			if random.IntN(2) == 0 {
				m.compare(t, h, random, keys[random.IntN(len(keys))])
			}
			if t.Failed() {
				t.Fatalf("seed %d, step %d", seed, step)
			}
		}
		for _, k := range keys {
			m.compare(t, h, random, k)
		}
	})
}

// batch appends random samples and tells the model of them.
func (m *model) batch(t *testing.T, h *house, random *rand.Rand, keys []series.Key, clock map[series.Key]time.Time) {
	var samples []series.Sample
	var wrong []int
	k := keys[random.IntN(len(keys))]
	for range 1 + random.IntN(400) {
		if random.IntN(8) == 0 {
			k = keys[random.IntN(len(keys))]
		}
		at := clock[k]
		if at.Before(h.at.Add(-10 * time.Hour)) {
			at = h.at.Add(-10 * time.Hour)
		}
		switch random.IntN(10) {
		case 0: // late, at times too late
			at = h.at.Add(-time.Duration(random.IntN(31*24*60)) * time.Minute)
		case 1: // again
		default:
			at = at.Add(time.Minute)
		}
		s := series.Sample{Key: k, Class: m.classes[k], At: at, Value: float64(random.IntN(500)) / []float64{1, 10, 100, 7}[random.IntN(4)]}
		if random.IntN(200) == 0 {
			s.Value = math.NaN()
		}
		ok := s.Check(h.at) == nil && !m.forgotten[k.Subject]
		if !ok {
			wrong = append(wrong, len(samples))
		} else {
			m.values[k][at.UnixMilli()] = s.Value
			if at.After(clock[k]) {
				clock[k] = at
			}
		}
		samples = append(samples, s)
	}
	var refused []int
	for _, r := range h.append(samples...) {
		refused = append(refused, r.Index)
	}
	if !slices.Equal(refused, wrong) {
		t.Errorf("refused %v, want %v", refused, wrong)
	}
	for i := range samples { // what is rolled back leaves nothing
		samples[i].Value++
	}
	if err := h.db.Write(t.Context(), func(tx db.Tx) error {
		if _, err := h.Append(tx, samples); err != nil {
			return err
		}
		return errChanged
	}); !errors.Is(err, errChanged) {
		t.Error(err)
	}
}

var errChanged = errors.New("changed my mind")

func (m *model) compare(t *testing.T, h *house, random *rand.Rand, k series.Key) {
	t.Helper()
	from := h.at.Add(-time.Duration(random.IntN(60*24*60)) * time.Minute)
	if random.IntN(4) == 0 {
		from = h.at.AddDate(-3, 0, 0)
	}
	to := from.Add(time.Duration(random.IntN(60*24*60)) * time.Minute)
	if random.IntN(3) == 0 {
		to = h.at.AddDate(0, 0, 2)
	}
	step := []time.Duration{0, 5 * time.Minute, time.Hour, 24 * time.Hour, 1234567 * time.Millisecond}[random.IntN(5)]
	got, err := h.Range(t.Context(), k, series.Span{From: from, To: to, Step: step})
	if m.forgotten[k.Subject] {
		if linli.KindOf(err) != linli.KindNotFound || got != nil {
			t.Errorf("%v of a forgotten person: %v, %v", k, got, err)
		}
	} else if err != nil {
		t.Error(err)
	}
	want := m.seen(k, h.at, from, to, step)
	if !slices.EqualFunc(got, want, same) {
		t.Errorf("%v from %v to %v by %v at %v:\ngot  %v\nwant %v", k, from, to, step, h.at, brief(got), brief(want))
	}
	newest, err := h.Last(t.Context(), []series.Key{{Source: "nobody", Metric: "x"}, k})
	if err != nil {
		t.Fatal(err)
	}
	var last series.Point
	rawTerm, _ := m.classes[k].Terms()
	for ms, v := range m.values[k] {
		if at := linli.Time(ms); !at.Before(h.at.Add(-rawTerm).Truncate(time.Hour)) && at.After(last.At) {
			last = series.Point{At: at, Value: v}
		}
	}
	if !newest[0].At.IsZero() || !newest[1].At.Equal(last.At) || newest[1].Value != last.Value {
		t.Errorf("last of %v is %v, want %v", k, newest, last)
	}
}

func brief(b []series.Bucket) string {
	if len(b) > 6 {
		return fmt.Sprint(len(b), " ", b[:3], " … ", b[len(b)-3:])
	}
	return fmt.Sprint(b)
}
