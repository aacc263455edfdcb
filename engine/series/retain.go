package series

import (
	"cmp"
	"slices"
	"time"

	"linli"
	"linli/engine/db"
)

const (
	// retainEvery is when a line is looked at again: what is past its term stays on
	// disk at most that long and an hour, unseen.
	retainEvery = 24 * time.Hour
	// retainAtOnce bounds the lines of one call, so that others can write in between.
	retainAtOnce = 64
)

func byTime(p point, t int64) int { return cmp.Compare(p.t, t) }

// Retain removes within tx what is past its term: raw samples become the figures of
// their hours where the class keeps those, and hours and empty series go. It does
// a bounded piece of work, some twenty milliseconds, on the lines that wait longest,
// and tells whether more are due now. Each line comes up once a day.
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
	for _, l := range due {
		if !slices.Contains(blocks, l.block()) {
			blocks = append(blocks, l.block())
		}
	}
	for _, block := range blocks {
		if err := v.fold(block); err != nil {
			return false, err
		}
	}
	ended := false
	for _, l := range due {
		empty, err := v.expire(l, now.UnixMilli())
		if err != nil {
			return false, err
		}
		if empty {
			_, err = tx.Exec(`DELETE FROM series_line WHERE number = $1`, l.number)
			ended = true
		} else {
			_, err = tx.Exec(`UPDATE series_line SET due = $1 WHERE number = $2`, linli.Millis(now.Add(retainEvery)), l.number)
		}
		if err != nil {
			return false, err
		}
	}
	if ended {
		err = s.turn(tx)
	}
	return len(due) == retainAtOnce, err
}

// expire moves the raw samples of a line that are past their term into its hours
// and removes the hours that are past theirs. empty tells that nothing is left.
func (v *view) expire(l *line, now int64) (empty bool, err error) {
	// The clocks of two nodes may differ a little around a full hour: an hour is
	// summed up once no node takes samples of it any more.
	rawFrom := l.class.rawFrom(now) - hourMS
	old, err := v.trim(l, raw, rawFrom)
	if err != nil {
		return false, err
	}
	last, err := v.trim(l, open, rawFrom)
	if err != nil {
		return false, err
	}
	_, keep := l.class.Terms()
	if keep > 0 {
		if err := v.keepHours(l, hoursOf(append(old, last...))); err != nil {
			return false, err
		}
		for stream := range int64(hourly) {
			if _, err := v.trim(l, stream+1, l.class.hoursFrom(now)); err != nil {
				return false, err
			}
		}
	}
	var left bool
	err = v.tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM series_open WHERE line = $1) OR EXISTS (SELECT 1 FROM series_chunk WHERE line = $1)`, l.number).Scan(&left)
	return !left, err
}

// trim removes the points of a stream before a time and gives them.
func (v *view) trim(l *line, stream, before int64) (removed []point, err error) {
	query, args := `SELECT line, stream, t0, t1, bytes FROM series_chunk WHERE line = $1 AND t0 < CAST($2 AS BIGINT) + 0 AND stream = $3 ORDER BY t0`, []any{l.number, before, stream}
	if stream == open {
		query, args = `SELECT line, -1, t0, t1, bytes FROM series_open WHERE line = $1 AND t0 < $2`, args[:2]
	}
	var found []chunk
	if err := v.eachChunk(query, func(int64) *line { return l }, func(c chunk) error { found = append(found, c); return nil }, args...); err != nil {
		return nil, err
	}
	for _, c := range found {
		if err := v.drop(c); err != nil {
			return nil, err
		}
		n, _ := slices.BinarySearchFunc(c.points, before, byTime)
		removed = append(removed, c.points[:n]...)
		if c.points = c.points[n:]; len(c.points) > 0 {
			c.t0 = c.points[0].t
			if err := v.put([]chunk{c}); err != nil {
				return nil, err
			}
		}
	}
	return removed, nil
}

// keepHours stores the figures of hours, which are newer than those stored.
func (v *view) keepHours(l *line, hours []figure) error {
	if len(hours) == 0 {
		return nil
	}
	var streams [hourly][]point
	for _, f := range hours {
		for i, x := range [hourly]float64{float64(f.n), f.sum, f.min, f.max} {
			streams[i] = append(streams[i], point{f.t, x})
		}
	}
	for i, points := range streams {
		stream := int64(i + 1)
		left, err := v.insert(l, stream, points, true)
		if err != nil {
			return err
		}
		if len(left) == 0 {
			continue
		}
		var chunks []chunk
		for _, piece := range cut(left, true) {
			chunks = append(chunks, chunk{l, stream, piece[0].t, piece[len(piece)-1].t, piece})
		}
		if err := v.put(chunks); err != nil {
			return err
		}
	}
	return nil
}
