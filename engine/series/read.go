package series

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"linli"
	"linli/engine/db"
)

// Range gives the samples of a stretch of a series in order of time, summed up in
// buckets; empty ones are left out. A sample past the raw term of its class is
// seen only within the figures of its hour: those count for the bucket in which the
// hour begins, and with Step 0 an hour is a bucket. What is past its term is not
// seen, whenever Retain ran. An unknown series is empty; one of a forgotten person
// is KindNotFound. It reads in a transaction of its own, so it must not be called
// within a Read.
func (s *Store) Range(ctx context.Context, k Key, span Span) (buckets []Bucket, err error) {
	from, to, step := span.From.UnixMilli(), span.To.UnixMilli(), span.Step.Milliseconds()
	switch {
	case to < from:
		return nil, linli.Invalid("to", "结束时间早于开始时间", "the end lies before the beginning")
	case step < 0 || span.Step%time.Millisecond != 0:
		return nil, linli.Invalid("step", "步长须为整毫秒且不为负", "the step must be whole milliseconds and not negative")
	}
	shown := sums{start: func(t int64) int64 { return t }}
	if step > 0 {
		shown.start = func(t int64) int64 { return t - (t-from)%step }
		shown.all = make([]figure, 0, min(max((to-from)/step, 0), 4096))
	}
	err = s.read(ctx, func(v *view) error {
		buckets, shown.all = nil, shown.all[:0]
		l, err := v.line(k)
		if err != nil {
			return err
		}
		if l == nil {
			return v.unlessForgotten(k.Subject)
		}
		if open, err := v.opens(l); err != nil || !open {
			return cmp.Or(err, errNoMore())
		}
		if err := v.show(l, from, to, shown.add); err != nil {
			return err
		}
		buckets = make([]Bucket, 0, len(shown.all))
		for _, f := range shown.all {
			// A mean of equal values may round beyond them.
			mean := min(max(f.sum/float64(f.n), f.min), f.max)
			buckets = append(buckets, Bucket{At: linli.Time(f.t), Count: f.n, Min: f.min, Max: f.max, Mean: mean})
		}
		return nil
	})
	return buckets, err
}

// read runs fn on a view of what is committed.
func (s *Store) read(ctx context.Context, fn func(v *view) error) error {
	return s.db.Read(ctx, func(tx db.Tx) error {
		v, err := s.look(tx)
		if err != nil {
			return err
		}
		if err := fn(v); err != nil {
			return err
		}
		v.share()
		return nil
	})
}

func (v *view) unlessForgotten(name string) error {
	p, err := v.subject(name)
	if err == nil && p.gone {
		err = errNoMore()
	}
	return err
}

func errNoMore() error {
	return linli.NotFound("此人的数据已被遗忘", "this person's data was forgotten")
}

// figure sums up n samples of a stretch that begins at t.
type figure struct {
	t, n          int64
	sum, min, max float64
}

func (f *figure) add(g figure) {
	f.n += g.n
	f.sum += g.sum
	f.min, f.max = min(f.min, g.min), max(f.max, g.max)
}

// single is the figure of one sample.
func (p point) single() figure { return figure{p.t, 1, p.v, p.v, p.v} }

// sums adds up figures that come in order of time, by the stretch that begins at
// start(t).
type sums struct {
	start func(t int64) int64
	all   []figure
}

func (s *sums) add(f figure) {
	f.t = s.start(f.t)
	if n := len(s.all); n > 0 && s.all[n-1].t == f.t {
		s.all[n-1].add(f)
	} else {
		s.all = append(s.all, f)
	}
}

// hoursOf sums up samples in order of time by their hours.
func hoursOf(points []point) []figure {
	s := sums{start: hour}
	for _, p := range points {
		s.add(p.single())
	}
	return s.all
}

// show hands over what may be seen of a line in order of time: hours while they are
// beyond the raw term, samples after. Hours that Retain has not reached yet are
// summed up here.
func (v *view) show(l *line, from, to int64, each func(figure)) error {
	now := v.store.now().UnixMilli()
	rawFrom, hoursFrom := l.class.rawFrom(now), l.class.hoursFrom(now)
	if _, hourly := l.class.Terms(); hourly == 0 {
		hoursFrom = rawFrom
	}
	from = max(from, hoursFrom)
	if from >= to {
		return nil
	}
	points, err := v.samples(l, from, max(to, min(rawFrom, hour(to-1)+hourMS)))
	if err != nil {
		return err
	}
	n, _ := slices.BinarySearchFunc(points, rawFrom, byTime)
	if from < rawFrom {
		hours, err := v.hours(l, from, min(to, rawFrom))
		if err != nil {
			return err
		}
		hours = append(hours, hoursOf(points[:n])...)
		slices.SortFunc(hours, func(a, b figure) int { return cmp.Compare(a.t, b.t) })
		for _, f := range hours {
			if f.t >= from { // an hour that begins before the range is not part of it
				each(f)
			}
		}
	}
	for _, p := range points[n:] {
		each(p.single())
	}
	return nil
}

// samples gives the raw samples with from ≤ t < to in order of time.
func (v *view) samples(l *line, from, to int64) ([]point, error) {
	var parts [][]point
	collect := func(c chunk) error { parts = append(parts, c.points); return nil }
	self := func(int64) *line { return l }
	if err := v.eachChunk(closedQuery, self, collect, l.number, raw, from, to); err != nil {
		return nil, err
	}
	if err := v.eachChunk(`SELECT line, -1, t0, t1, bytes FROM series_open WHERE line = $1 AND t0 < $2 AND t1 >= $3`, self, collect, l.number, to, from); err != nil {
		return nil, err
	}
	var fresh []point
	mine := l.number % blockLines
	_, err := v.tail(l.block(), func(owner int64) bool { return owner == l.owner }, func(_, offset int64, p point) {
		if offset == mine && p.t >= from && p.t < to {
			fresh = append(fresh, p)
		}
	})
	points := merge(slices.Concat(parts...), ordered(fresh))
	at := func(t int64) int {
		n, _ := slices.BinarySearchFunc(points, t, byTime)
		return n
	}
	return points[at(from):at(to)], err
}

// closedQuery finds the closed chunks of a stream that may hold samples of a range.
// SQLite plans a statement anew for every value of a bound it can see; + 0 hides it.
const closedQuery = `SELECT line, stream, t0, t1, bytes FROM series_chunk WHERE line = $1 AND stream = $2 AND t0 < CAST($4 AS BIGINT) + 0
	AND t0 >= COALESCE((SELECT MAX(t0) FROM series_chunk WHERE line = $1 AND stream = $2 AND t0 <= CAST($3 AS BIGINT) + 0), 0) ORDER BY t0`

// hours gives the stored figures of the hours with from ≤ t < to.
func (v *view) hours(l *line, from, to int64) ([]figure, error) {
	var streams [hourly][]point
	for i := range streams {
		if err := v.eachChunk(closedQuery, func(int64) *line { return l }, func(c chunk) error {
			for _, p := range c.points {
				if p.t >= from && p.t < to {
					streams[i] = append(streams[i], p)
				}
			}
			return nil
		}, l.number, i+1, from, to); err != nil {
			return nil, err
		}
	}
	out := make([]figure, len(streams[0]))
	for i, p := range streams[0] {
		out[i] = figure{p.t, int64(p.v), streams[1][i].v, streams[2][i].v, streams[3][i].v}
	}
	return out, nil
}

// Last gives the newest sample of each series, in the order of keys; a zero time
// means that there is none, be it past its raw term. It reads in a transaction of
// its own, so it must not be called within a Read.
func (s *Store) Last(ctx context.Context, keys []Key) (newest []Point, err error) {
	err = s.read(ctx, func(v *view) error {
		newest = make([]Point, len(keys))
		lines, err := v.lines(keys)
		if err != nil {
			return err
		}
		blocks, owners := map[int64][]int{}, map[int64]bool{}
		for i, l := range lines {
			if l != nil {
				blocks[l.block()] = append(blocks[l.block()], i)
				owners[l.owner] = true
			}
		}
		now := v.store.now().UnixMilli()
		for block, members := range blocks { // each fills its own places
			latest, err := v.latest(block, func(owner int64) bool { return owners[owner] })
			if err != nil {
				return err
			}
			for _, i := range members {
				if p := latest[lines[i].number%blockLines]; p.t >= lines[i].class.rawFrom(now) {
					newest[i] = Point{linli.Time(p.t), p.v}
				}
			}
		}
		return nil
	})
	return newest, err
}

// lines finds many series; nil for those that do not exist.
func (v *view) lines(keys []Key) ([]*line, error) {
	const few = 64 // unknown ones, before the whole directory is read at once
	out := make([]*line, len(keys))
	var missing []int
	v.base.mu.RLock()
	for i, k := range keys {
		if out[i] = v.base.lines[k]; out[i] == nil {
			missing = append(missing, i)
		}
	}
	v.base.mu.RUnlock()
	if len(missing) > few {
		if _, err := v.all(``); err != nil {
			return nil, err
		}
		for _, i := range missing {
			out[i] = v.own.lines[keys[i]]
		}
		return out, nil
	}
	for _, i := range missing {
		var err error
		if out[i], err = v.line(keys[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// List gives the series whose source, metric and subject are those of the key,
// where "" stands for any, in that order.
func (s *Store) List(ctx context.Context, of Key) (lines []Line, err error) {
	var w db.Where
	for _, c := range [...]struct{ column, is string }{{"l.source", of.Source}, {"l.metric", of.Metric}, {"s.subject", of.Subject}} {
		if c.is != "" {
			w.And(c.column+" = ?", c.is)
		}
	}
	err = s.db.Read(ctx, func(tx db.Tx) (err error) {
		lines, err = db.Rows(tx, func(rows *sql.Rows) (l Line, err error) {
			err = rows.Scan(&l.Source, &l.Metric, &l.Subject, &l.Class)
			return l, err
		}, `SELECT l.source, l.metric, COALESCE(s.subject, ''), l.class
			FROM series_line AS l LEFT JOIN series_subject AS s ON s.number = l.subject WHERE `+w.String()+` ORDER BY 1, 2, 3`, w.Args()...)
		return err
	})
	return lines, err
}
