package series

import (
	"cmp"
	"database/sql"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"linli"
	"linli/engine/db"
)

// fold moves the tail of a block into the chunks of its lines and renews the page
// of last values.
func (v *view) fold(block int64) error {
	fresh := make([][]point, blockLines)
	seen, err := v.tail(block, everybody, func(_, offset int64, p point) { fresh[offset] = append(fresh[offset], p) })
	if err != nil {
		return err
	}
	var offsets []int64
	for offset := range int64(blockLines) {
		if len(fresh[offset]) > 0 {
			fresh[offset] = ordered(fresh[offset])
			offsets = append(offsets, offset)
		}
	}
	members, err := v.members(block, offsets)
	if err != nil {
		return err
	}
	var lines []*line
	for _, l := range members {
		if l != nil {
			lines = append(lines, l)
		}
	}
	for some := range slices.Chunk(lines, rowsAtOnce) {
		if err := v.grow(some, func(l *line) []point { return fresh[l.number%blockLines] }); err != nil {
			return err
		}
	}
	if err := v.renewLast(block, fresh); err != nil || seen == 0 {
		return err
	}
	// A row that another node is still writing is not seen and stays, whatever its number.
	_, err = v.tx.Exec(`DELETE FROM series_tail WHERE block = $1 AND seq <= $2`, block, seen)
	return err
}

func everybody(int64) bool { return true }

// tail walks over the tail of a block in the order it was written, and gives the
// number of its last row.
func (v *view) tail(block int64, wanted func(owner int64) bool, each func(owner, offset int64, p point)) (last int64, err error) {
	// Opening a parcel may ask for a key, so the rows end first.
	parcels, err := db.Rows(v.tx, func(rows *sql.Rows) (parcel []byte, err error) {
		err = rows.Scan(&last, &parcel)
		return parcel, err
	}, `SELECT seq, bytes FROM series_tail WHERE block = $1 ORDER BY seq`, block)
	if err != nil {
		return 0, err
	}
	for _, parcel := range parcels {
		if err := v.openParcel(inTail, block, parcel, wanted, each); err != nil {
			return 0, err
		}
	}
	return last, nil
}

// ordered sorts points by time and keeps the last of those with the same.
func ordered(points []point) []point {
	rising := true
	for i := 1; i < len(points) && rising; i++ {
		rising = points[i-1].t < points[i].t
	}
	if rising {
		return points
	}
	slices.SortStableFunc(points, func(a, b point) int { return cmp.Compare(a.t, b.t) })
	out := points[:0]
	for i, p := range points {
		if i+1 == len(points) || points[i+1].t != p.t {
			out = append(out, p)
		}
	}
	return out
}

// chunk is a row of series_chunk or, with stream -1, of series_open.
type chunk struct {
	line   *line
	stream int64
	t0, t1 int64
	points []point
}

const (
	raw    = 0  // the stream of raw samples
	open   = -1 // stands for the open chunk of the raw stream
	hourly = 4  // the streams 1 to 4 hold hourly figures
)

func (c chunk) place() []byte {
	if c.stream == open {
		return place(inOpen, c.line.number)
	}
	return place(inChunk, c.line.number, c.stream, c.t0)
}

// rowsAtOnce is how many rows of a table one statement reads or writes here.
const rowsAtOnce = 64

// grow adds points to lines, at most rowsAtOnce.
func (v *view) grow(lines []*line, points func(*line) []point) error {
	opened, err := v.openChunks(lines)
	if err != nil {
		return err
	}
	var grown, closed []chunk
	for _, l := range lines {
		fresh, c := points(l), opened[l.number]
		if len(c.points) > 0 && fresh[0].t < c.t0 {
			n, _ := slices.BinarySearchFunc(fresh, c.t0, byTime)
			left, err := v.insert(l, fresh[:n])
			if err != nil {
				return err
			}
			fresh = fresh[n-len(left):] // all of them where there is no closed chunk yet
		}
		if len(fresh) == 0 {
			continue
		}
		pieces := cut(merge(c.points, fresh))
		for i, piece := range pieces {
			c := chunk{line: l, stream: raw, t0: piece[0].t, t1: piece[len(piece)-1].t, points: piece}
			if i < len(pieces)-1 {
				closed = append(closed, c)
				continue
			}
			c.stream = open
			grown = append(grown, c)
		}
	}
	return errors.Join(v.put(grown), v.put(closed))
}

// openChunks reads the open chunks of at most rowsAtOnce lines, by number.
func (v *view) openChunks(lines []*line) (map[int64]chunk, error) {
	out := map[int64]chunk{}
	err := v.eachChunk(openQuery, byNumber(lines), func(c chunk) error { out[c.line.number] = c; return nil }, numbers(lines)...)
	return out, err
}

var openQuery = `SELECT line, -1, t0, t1, bytes FROM series_open WHERE line IN ` + params(1, rowsAtOnce)

// params is a list of n placeholders.
func params(first, n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = "$" + strconv.Itoa(first+i)
	}
	return "(" + strings.Join(names, ",") + ")"
}

// eachChunk reads rows of line, stream, t0, t1, bytes. A chunk whose key is gone has
// no points.
func (v *view) eachChunk(query string, of func(number int64) *line, each func(chunk) error, args ...any) error {
	type row struct {
		chunk
		bytes []byte
	}
	read, err := db.Rows(v.tx, func(rows *sql.Rows) (r row, err error) {
		var number int64
		err = rows.Scan(&number, &r.stream, &r.t0, &r.t1, &r.bytes)
		r.line = of(number)
		return r, err
	}, query, args...)
	if err != nil {
		return err
	}
	for _, r := range read {
		packed, ok, err := v.open(nil, r.line.owner, r.place(), r.bytes)
		if err != nil {
			return err
		}
		if ok {
			if r.points, err = unpack(nil, packed); err != nil {
				return linli.Internal(err)
			}
		}
		if err := each(r.chunk); err != nil {
			return err
		}
	}
	return nil
}

// put writes chunks of one kind. An open one and one of hours takes the place of what it
// has grown from.
func (v *view) put(chunks []chunk) error {
	for some := range slices.Chunk(chunks, rowsAtOnce) {
		query, columns, conflict := `INSERT INTO series_chunk (line, t0, t1, n, bytes, stream) VALUES `, 6, ``
		const grown = ` DO UPDATE SET t0 = excluded.t0, t1 = excluded.t1, n = excluded.n, bytes = excluded.bytes`
		switch {
		case some[0].stream == open:
			query, columns, conflict = `INSERT INTO series_open (line, t0, t1, n, bytes) VALUES `, 5, ` ON CONFLICT (line)`+grown
		case some[0].stream != raw:
			conflict = ` ON CONFLICT (line, stream, t0)` + grown
		}
		args := make([]any, 0, columns*len(some))
		for _, c := range some {
			sealed, err := v.seal(nil, c.line.owner, c.place(), pack(c.points))
			if err != nil {
				return err
			}
			args = append(args, c.line.number, c.t0, c.t1, len(c.points), sealed)
			if c.stream != open {
				args = append(args, c.stream)
			}
		}
		if _, err := v.tx.Exec(query+db.Values(len(some), columns)+conflict, args...); err != nil {
			return err
		}
	}
	return nil
}

// insert puts late samples into the closed chunks of a line. Without any chunk all
// points are given back.
func (v *view) insert(l *line, points []point) (left []point, err error) {
	for len(points) > 0 {
		old, next, err := v.around(l, points[0].t)
		if err != nil || old == nil {
			return points, err
		}
		n, _ := slices.BinarySearchFunc(points, next, byTime)
		var grown []chunk
		for _, piece := range split(merge(old.points, points[:n])) {
			grown = append(grown, chunk{l, raw, piece[0].t, piece[len(piece)-1].t, piece})
		}
		if _, err := v.tx.Exec(`DELETE FROM series_chunk WHERE line = $1 AND stream = 0 AND t0 = $2`, l.number, old.t0); err != nil {
			return nil, err
		}
		if err := v.put(grown); err != nil {
			return nil, err
		}
		points = points[n:]
	}
	return nil, nil
}

// around finds the closed chunk that a late sample at t belongs to: the last that
// begins by then, or the first of all; nil when there is none. next is when the
// chunk after it begins.
func (v *view) around(l *line, t int64) (found *chunk, next int64, err error) {
	err = v.eachChunk(`SELECT line, stream, t0, t1, bytes FROM series_chunk WHERE line = $1 AND stream = 0 AND t0 = COALESCE(
			(SELECT MAX(t0) FROM series_chunk WHERE line = $1 AND stream = 0 AND t0 <= CAST($2 AS BIGINT) + 0),
			(SELECT MIN(t0) FROM series_chunk WHERE line = $1 AND stream = 0))`,
		func(int64) *line { return l }, func(c chunk) error { found = &c; return nil }, l.number, t)
	if err != nil || found == nil {
		return nil, 0, err
	}
	err = v.tx.QueryRow(`SELECT COALESCE(MIN(t0), CAST($3 AS BIGINT)) FROM series_chunk WHERE line = $1 AND stream = 0 AND t0 > CAST($2 AS BIGINT) + 0`,
		l.number, found.t0, int64(math.MaxInt64)).Scan(&next)
	return found, next, err
}

// latest reads the page of last values and then the tail of a block: the newest
// sample of each line that the wanted owners own, by offset.
func (v *view) latest(block int64, wanted func(owner int64) bool) (newest []point, err error) {
	newest = make([]point, blockLines)
	if err := v.page(block, wanted, newest); err != nil {
		return nil, err
	}
	_, err = v.tail(block, wanted, func(_, offset int64, p point) {
		if p.t >= newest[offset].t {
			newest[offset] = p
		}
	})
	return newest, err
}

// page reads the page of last values into newest, where time 0 is none.
func (v *view) page(block int64, wanted func(owner int64) bool, newest []point) error {
	var parcel []byte
	err := v.tx.QueryRow(`SELECT bytes FROM series_last WHERE block = $1`, block).Scan(&parcel)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return v.openParcel(inLast, block, parcel, wanted, func(_, offset int64, p point) { newest[offset] = p })
}

// renewLast writes the page of last values anew with what is fresh, and without
// what is older than its line may be kept.
func (v *view) renewLast(block int64, fresh [][]point) error {
	newest := make([]point, blockLines)
	if err := v.page(block, everybody, newest); err != nil {
		return err
	}
	var offsets []int64
	for offset := range newest {
		if n := len(fresh[offset]); n > 0 && fresh[offset][n-1].t >= newest[offset].t {
			newest[offset] = fresh[offset][n-1]
		}
		if newest[offset].t != 0 {
			offsets = append(offsets, int64(offset))
		}
	}
	members, err := v.members(block, offsets)
	if err != nil {
		return err
	}
	now := v.store.now().UnixMilli()
	var readings []reading
	for _, l := range members {
		if l == nil {
			continue
		}
		if p := newest[l.number%blockLines]; p.t >= l.class.rawFrom(now) {
			readings = append(readings, reading{l, p})
		}
	}
	slices.SortFunc(readings, byPlace)
	parcel, err := v.sealParcel(inLast, block, readings)
	if err != nil {
		return err
	}
	_, err = v.tx.Exec(`INSERT INTO series_last (block, bytes) VALUES ($1, $2) ON CONFLICT (block) DO UPDATE SET bytes = excluded.bytes`, block, parcel)
	return err
}
