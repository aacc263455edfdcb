// Package series keeps telemetry: numbers with a time, from devices, many of them
// about persons. It is written once, on engine/db, and serves a street: some
// 25,000 series at a sample a minute each, and bursts of 200,000 samples a second.
//
// An Append becomes one row of the tail per block of 2,048 series, in the caller's
// transaction. Once a block has enough of them they are folded into chunks, one
// after another per series: the newest open, the others closed with 240 samples,
// compressed by XOR (Pelkonen et al., "Gorilla", VLDB 2015) after decimals have
// been scaled to whole numbers and uneven times put on a grid. A late sample finds its chunk; of two samples of a
// series with the same time the one written last stays.
//
// What belongs to a person is sealed under a key of that person wherever it lies.
// Only the name of the series and when its chunks begin and end are in clear.
// Forget removes the rows and destroys the key.
package series

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"math"
	"sync"
	"time"

	"linli"
	"linli/engine/db"
)

//go:embed schema
var schema embed.FS

// Key names a series: what a source measures, about whom. A bracelet that goes to
// another person begins new series.
type Key struct {
	Source  string // the device or other origin, e.g. "dev_01J…"
	Metric  string // what is measured, with its unit, e.g. "heart_rate_bpm"
	Subject string // the person whom the samples are about; "" for nobody
}

// Class says how long the samples of a series are kept.
type Class string

// The classes with their terms (domain.md 11.3).
const (
	Sensor   Class = "sensor"   // meters, doors, air: raw 30 days, hourly 2 years
	Vital    Class = "vital"    // of a body: raw 30 days, hourly 1 year; has a subject
	Location Class = "location" // where somebody was: raw 7 days, nothing after; has a subject
)

// Terms gives how long raw samples and their hourly figures are kept after their
// time; zero is not at all. An unknown class keeps nothing.
func (c Class) Terms() (raw, hourly time.Duration) {
	const day = 24 * time.Hour
	switch c {
	case Sensor:
		return 30 * day, 2 * 365 * day
	case Vital:
		return 30 * day, 365 * day
	case Location:
		return 7 * day, 0
	}
	return 0, 0
}

// rawFrom is the time before which no raw sample is shown, a whole hour.
func (c Class) rawFrom(now int64) int64 {
	raw, _ := c.Terms()
	return hour(now - raw.Milliseconds())
}

// hoursFrom is the time before which no hourly figure is shown.
func (c Class) hoursFrom(now int64) int64 {
	_, hourly := c.Terms()
	return hour(now - hourly.Milliseconds())
}

const hourMS = 3_600_000

// hour is the beginning of the hour, in epoch milliseconds, that t lies in.
func hour(t int64) int64 { return t - ((t%hourMS)+hourMS)%hourMS }

// Sample is one measured value of a series.
type Sample struct {
	Key
	Class Class     // the same for all samples of a series
	At    time.Time // when it was measured; kept to the millisecond
	Value float64   // a number of at most MaxValue, either way
}

// MaxValue bounds what is measured, so that sums of it are always finite.
const MaxValue = 1e200

// Early is how far ahead of the hub's clock a device's may be.
const Early = 24 * time.Hour

// maxName bounds the parts of a Key, in bytes.
const maxName = 200

// Check tells why Append would refuse the sample at the time now, whoever it is
// about: a KindInvalid that names the field, or nil.
func (s Sample) Check(now time.Time) error { return cmp.Or(s.Key.check(), s.check(now)) }

func (k Key) check() error {
	for _, part := range [...]struct {
		field, text string
		least       int
	}{{"source", k.Source, 1}, {"metric", k.Metric, 1}, {"subject", k.Subject, 0}} {
		if len(part.text) < part.least || len(part.text) > maxName {
			return linli.Invalidf(part.field, "%[1]s 须为 %[2]d 到 %[3]d 字节", "%[1]s must have %[2]d to %[3]d bytes", part.field, part.least, maxName)
		}
		if _, err := db.Bind([]any{part.text}); err != nil {
			return linli.Invalid(part.field, "名称里有无法识别的字符", "the name holds characters that cannot be stored")
		}
	}
	return nil
}

// check looks at everything but the key.
func (s Sample) check(now time.Time) error {
	raw, _ := s.Class.Terms()
	switch {
	case raw == 0:
		return linli.Invalidf("class", "没有数据类别 %q", "there is no class %q", s.Class)
	case s.Class != Sensor && s.Subject == "":
		return linli.Invalid("subject", "体征和位置数据须注明属于谁", "vitals and locations must say whom they are about")
	case !(math.Abs(s.Value) <= MaxValue):
		return linli.Invalid("value", "数值无效或过大", "the value is not a number or too large")
	case s.At.After(now.Add(Early)):
		return linli.Invalid("at", "测量时间超前一天以上，请校准设备时钟", "the time is more than a day ahead; set the clock of the device")
	case s.At.UnixMilli() < s.Class.rawFrom(now.UnixMilli()):
		return linli.Invalidf("at", "数据已超过 %d 天的保存期限", "the sample is older than the %d days it may be kept", int(raw.Hours()/24))
	}
	return nil
}

// Refusal says which sample of an Append was not stored and why.
type Refusal struct {
	Index int
	Err   error // KindInvalid: Check; KindConflict: another class; KindForbidden: the person was forgotten
}

// Point is a value with its time.
type Point struct {
	At    time.Time
	Value float64
}

// Bucket sums up the samples of a stretch of time.
type Bucket struct {
	At             time.Time // the beginning of the stretch
	Count          int64     // samples in it, at least 1
	Min, Max, Mean float64
}

// Span asks for a stretch of a series.
type Span struct {
	From, To time.Time // From ≤ t < To
	// Step is the length of a bucket, in whole milliseconds; the first begins at
	// From. 0 gives every sample as a bucket of its own.
	Step time.Duration
}

// Line is a series that exists.
type Line struct {
	Key
	Class Class
}

// Keys keeps the keys of persons. A key that was destroyed must stay so: it must
// not be part of the backups of the store that holds the samples.
type Keys interface {
	// Key gives the 32 bytes of the subject's key, within tx. One that does not
	// exist is made with create and KindNotFound without.
	Key(tx db.Tx, subject string, create bool) ([]byte, error)
	// Forget destroys the subject's key within tx; destroying a missing one is fine.
	Forget(tx db.Tx, subject string) error
}

// Store is the telemetry store on engine/db. Any number of nodes may run on one
// database. What it keeps in memory are names and keys, never samples.
type Store struct {
	db   db.DB
	keys Keys
	now  linli.Now

	foldAt int64 // tailWeight; tests fold earlier

	mu    sync.Mutex
	known *directory      // of the newest generation seen
	load  map[int64]int64 // by block: about how heavy its tail is
}

// New brings the tables up to date and opens the store. Without keys, samples
// about persons are refused.
func New(ctx context.Context, d db.DB, keys Keys, now linli.Now) (*Store, error) {
	if err := db.Migrate(ctx, d, "series", schema); err != nil {
		return nil, err
	}
	s := &Store{db: d, keys: keys, now: now, foldAt: tailWeight, known: newDirectory(-1), load: map[int64]int64{}}
	err := d.Read(ctx, func(tx db.Tx) error {
		rows, err := tx.Query(`SELECT block, COUNT(*), CAST(SUM(LENGTH(bytes)) AS BIGINT) FROM series_tail GROUP BY block`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var block, n, size int64
			if err := rows.Scan(&block, &n, &size); err != nil {
				return err
			}
			s.load[block] = n*rowWeight + size
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("series: open: %w", err)
	}
	return s, nil
}
