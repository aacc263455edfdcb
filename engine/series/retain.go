package series

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"linli"
	"linli/engine/db"
)

const (
	// retainEvery is when a line is looked at again: what is past its term stays on
	// disk at most that long and an hour, unseen.
	retainEvery = 24 * time.Hour
	// retainAtOnce bounds the lines of one call, so that others can write in between.
	retainAtOnce = rowsAtOnce
)

func byTime(p point, t int64) int { return cmp.Compare(p.t, t) }

// Retain removes within tx what is past its term: raw samples become the figures of
// their hours where the class keeps those, and hours and empty series go. It does
// a bounded piece of work, some ten milliseconds, on the lines that wait longest,
// and tells whether more may be due now. Each line comes up once a day.
func (s *Store) Retain(tx db.Tx) (more bool, err error) {
	v, err := s.look(tx)
	if err != nil {
		return false, err
	}
	now := s.now()
	due, err := v.all(`WHERE l.due <= $1 ORDER BY l.due, l.number LIMIT $2`, linli.Millis(now), retainAtOnce)
	if err != nil || len(due) == 0 {
		return false, err
	}
	var blocks []int64
	classes := map[Class][]*line{}
	for _, l := range due {
		if !slices.Contains(blocks, l.block()) {
			blocks = append(blocks, l.block())
		}
		classes[l.class] = append(classes[l.class], l)
	}
	for _, block := range blocks {
		if err := v.fold(block); err != nil {
			return false, err
		}
	}
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		if err := v.expire(classes[class], class, now.UnixMilli()); err != nil {
			return false, err
		}
	}
	if _, err := tx.Exec(`UPDATE series_line SET due = $1 WHERE number IN `+params(2, retainAtOnce), prepend(linli.Millis(now.Add(retainEvery)), numbers(due))...); err != nil {
		return false, err
	}
	ended, err := tx.Exec(`DELETE FROM series_line WHERE number IN `+params(1, retainAtOnce)+`
		AND NOT EXISTS (SELECT 1 FROM series_open WHERE line = number) AND NOT EXISTS (SELECT 1 FROM series_chunk WHERE line = number)`, numbers(due)...)
	if err == nil && ended > 0 {
		err = s.turn(tx)
	}
	return len(due) == retainAtOnce, err
}

// expire moves the raw samples of lines of one class that are past their term into
// the lines' hours and removes the hours that are past theirs.
func (v *view) expire(lines []*line, class Class, now int64) error {
	// The clocks of two nodes may differ a little around a full hour: an hour is
	// summed up once no node takes samples of it any more.
	rawFrom := class.rawFrom(now) - hourMS
	old, err := v.trim(lines, closedRaw, rawFrom)
	if err != nil {
		return err
	}
	newest, err := v.trim(lines, openRaw, rawFrom)
	if err != nil {
		return err
	}
	if _, hourly := class.Terms(); hourly == 0 {
		return nil
	}
	hours := map[int64][]figure{}
	for _, l := range lines {
		of := streamOf{l.number, raw}
		if sum := hoursOf(append(old[of], newest[streamOf{l.number, open}]...)); len(sum) > 0 {
			hours[l.number] = sum
		}
	}
	if err := v.keepHours(lines, hours); err != nil {
		return err
	}
	_, err = v.trim(lines, allHours, class.hoursFrom(now))
	return err
}

// streamOf names a stream of a line.
type streamOf struct{ line, stream int64 }

// kind is a kind of chunks: where they are and how their stream is called there.
type kind struct{ from, stream string }

var (
	closedRaw = kind{`series_chunk WHERE stream = 0`, `stream`}
	openRaw   = kind{`series_open WHERE TRUE`, `-1`}
	allHours  = kind{`series_chunk WHERE stream IN (1, 2, 3, 4)`, `stream`}
)

// trim removes the points before a time from the chunks of a kind, and gives them in
// order of time.
func (v *view) trim(lines []*line, of kind, before int64) (removed map[streamOf][]point, err error) {
	among := ` AND t0 < CAST($1 AS BIGINT) + 0 AND line IN ` + params(2, rowsAtOnce)
	args := prepend(before, numbers(lines))
	removed = map[streamOf][]point{}
	var left []chunk
	err = v.eachChunk(`SELECT line, `+of.stream+`, t0, t1, bytes FROM `+of.from+among+` ORDER BY t0`, byNumber(lines), func(c chunk) error {
		n, _ := slices.BinarySearchFunc(c.points, before, byTime)
		s := streamOf{c.line.number, c.stream}
		removed[s] = append(removed[s], c.points[:n]...)
		if c.points = c.points[n:]; len(c.points) > 0 {
			c.t0 = c.points[0].t
			left = append(left, c)
		}
		return nil
	}, args...)
	if err != nil {
		return nil, err
	}
	if _, err := v.tx.Exec(`DELETE FROM `+of.from+among, args...); err != nil {
		return nil, err
	}
	return removed, v.put(left)
}

// newestHours reads the newest chunk of each stream of hours of lines. The order of
// the join is spelled out: SQLite would scan the table where it believes it small.
var newestHours = `SELECT c.line, c.stream, c.t0, c.t1, c.bytes
	FROM (VALUES ` + strings.NewReplacer("(", "(CAST(", ")", " AS INTEGER))").Replace(db.Values(rowsAtOnce, 1)) + `) AS l
	CROSS JOIN (VALUES (1),(2),(3),(4)) AS s CROSS JOIN series_chunk AS c
	WHERE c.line = l.column1 AND c.stream = s.column1
	AND c.t0 = (SELECT MAX(t0) FROM series_chunk WHERE line = l.column1 AND stream = s.column1)`

// keepHours stores the figures of hours, which are newer than those stored: the
// newest chunk grows in its place.
func (v *view) keepHours(lines []*line, hours map[int64][]figure) error {
	lines = slices.DeleteFunc(slices.Clone(lines), func(l *line) bool { return len(hours[l.number]) == 0 })
	if len(lines) == 0 {
		return nil
	}
	growing := map[streamOf][]point{}
	if err := v.eachChunk(newestHours, byNumber(lines), func(c chunk) error {
		growing[streamOf{c.line.number, c.stream}] = c.points
		return nil
	}, numbers(lines)...); err != nil {
		return err
	}
	var chunks []chunk
	for _, l := range lines {
		var streams [hourly][]point
		for _, f := range hours[l.number] {
			for i, x := range [hourly]float64{float64(f.n), f.sum, f.min, f.max} {
				streams[i] = append(streams[i], point{f.t, x})
			}
		}
		for i, points := range streams {
			stream := int64(i + 1)
			for _, piece := range cut(merge(growing[streamOf{l.number, stream}], points)) {
				chunks = append(chunks, chunk{l, stream, piece[0].t, piece[len(piece)-1].t, piece})
			}
		}
	}
	return v.put(chunks)
}

// numbers gives the numbers of at most rowsAtOnce lines as that many arguments; 0 is
// no line.
func numbers(lines []*line) []any {
	out := make([]any, rowsAtOnce)
	for i := range out {
		out[i] = int64(0)
		if i < len(lines) {
			out[i] = lines[i].number
		}
	}
	return out
}

func prepend(x any, more []any) []any { return append([]any{x}, more...) }

func byNumber(lines []*line) func(number int64) *line {
	all := make(map[int64]*line, len(lines))
	for _, l := range lines {
		all[l.number] = l
	}
	return func(number int64) *line { return all[number] }
}
