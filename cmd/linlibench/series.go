package main

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"linli"
	"linli/auth"
	"linli/cmd/linlibench/bench"
	"linli/engine"
	"linli/engine/db"
	"linli/engine/series"
)

// seriesCommand measures the telemetry store on a real database: SQLite on disk
// with synchronous=FULL, or PostgreSQL. A message holds the metrics of one device at
// one time, and a batch of messages is one commit, as the device ingress commits.
type seriesCommand struct {
	Devices   int     `help:"Devices with five series each; three of five devices are about a person." default:"5000"`
	Batch     int     `help:"Messages per commit." default:"512"`
	Minutes   int     `help:"Minutes of data that all devices bring for the intake, a message a minute." default:"60"`
	Days      int     `help:"Days of history at one message a minute, for the size and the queries." default:"8"`
	History   int     `help:"Devices that have this history." default:"60"`
	LateShare float64 `name:"late-share" help:"Share of the messages of the intake that come up to two days late." default:"0.01"`
	JitterMS  int     `name:"jitter-ms" help:"How far a message lies off its full minute, at most." default:"0"`
	GrainMS   int     `name:"grain-ms" help:"The times of messages are multiples of this." default:"1"`
	Queries   int     `help:"How often each query is asked." default:"300"`
	Database  string  `help:"postgres:// address instead of SQLite; the database must be empty."`
	Dir       string  `help:"Directory for the store; without it a temporary one." type:"path"`
	Profile   string  `help:"Write a CPU profile there." type:"path"`
}

// Run is the command.
func (c *seriesCommand) Run(ctx context.Context, r *bench.Report) error {
	switch {
	case c.Devices < 5 || c.Batch < 1 || c.Minutes < 1 || c.Days < 1 || c.Days > 28 || c.History < 5 || c.History > c.Devices || c.Queries < 1:
		return bench.Usage("devices", "数量须为正数，历史不超过 28 天且设备数不超过总数", "numbers must be positive, the history of at most 28 days and all devices")
	case !(c.LateShare >= 0 && c.LateShare <= 1) || c.JitterMS < 0 || c.JitterMS > 60_000 || c.GrainMS < 1:
		return bench.Usage("late-share", "--late-share 须在 0 到 1 之间，--jitter-ms 在 0 到 60000 之间，--grain-ms 至少为 1", "--late-share must be between 0 and 1, --jitter-ms between 0 and 60000, --grain-ms at least 1")
	}
	dir := c.Dir
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "linlibench-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	s := &telemetry{seriesCommand: c, report: r, dir: dir, now: time.Date(2026, 11, 23, 10, 0, 0, 0, linli.Shanghai), rng: rand.New(rand.NewPCG(r.Seed, 0))}
	if err := s.open(ctx); err != nil {
		return err
	}
	defer func() { _ = s.engine.Close() }()
	for d := range c.Devices {
		s.devices = append(s.devices, newTerminal(d, r.Seed))
	}
	stop, err := profile(r.CreateAt, c.Profile)
	if err != nil {
		return err
	}
	defer stop()
	for _, phase := range []func(context.Context) error{s.history, s.intake, s.ask, s.askLast, s.keepTerms} {
		if err := phase(ctx); err != nil {
			return err
		}
	}
	return nil
}

// telemetry is one run.
type telemetry struct {
	*seriesCommand
	report  *bench.Report
	dir     string
	now     time.Time
	rng     *rand.Rand
	engine  *engine.Engine
	devices []*terminal
	sent    int // samples
	refused int
	commits []float64 // milliseconds of each
}

func (s *telemetry) open(ctx context.Context) error {
	now := func() time.Time { return s.now }
	vault, err := auth.OpenVault(filepath.Join(s.dir, "keys", "master.key"), now)
	if err != nil {
		return err
	}
	s.engine, err = engine.Open(ctx, engine.Options{Dir: s.dir, DSN: s.Database, Now: now, Keys: vault, Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		return err
	}
	_, err = auth.NewAccounts(ctx, s.engine.DB, now, now) // brings the table of the vault
	return err
}

// terminal makes values as things at home do.
type terminal struct {
	samples [5]series.Sample // with the latest values
	rng     *rand.Rand
	drift   [2]float64
}

func newTerminal(i int, seed uint64) *terminal {
	d := &terminal{rng: rand.New(rand.NewPCG(seed, uint64(i+1)))}
	key := series.Key{Source: fmt.Sprintf("dev_%026d", i)}
	if i%5 < 3 {
		key.Subject = fmt.Sprintf("res_%026d", i)
	}
	for k, metric := range []string{"heart_rate_bpm", "temperature_c", "energy_kwh", "steps_per_min", "battery_percent"} {
		key.Metric = metric
		d.samples[k] = series.Sample{Key: key, Class: series.Sensor}
	}
	if key.Subject != "" {
		d.samples[0].Class = series.Vital
	}
	d.samples[2].Value, d.samples[4].Value = float64(d.rng.IntN(1_000_000))/100, 100
	return d
}

// message is what the device says at a time. A heart walks around a daily rhythm in
// whole beats, a room in tenths of a degree, a meter counts hundredths of a kWh.
func (d *terminal) message(at time.Time) [5]series.Sample {
	day := math.Sin(2 * math.Pi * float64(at.Unix()%86_400) / 86_400)
	d.drift[0] = 0.9*d.drift[0] + 2*d.rng.NormFloat64()
	d.drift[1] = 0.98*d.drift[1] + 0.05*d.rng.NormFloat64()
	d.samples[0].Value = math.Round(72 - 8*day + d.drift[0])
	d.samples[1].Value = math.Round(10*(22-day+d.drift[1])) / 10
	d.samples[2].Value = math.Round(100*d.samples[2].Value+math.Abs(2*d.rng.NormFloat64())) / 100
	d.samples[3].Value = 0
	if day < 0 && d.rng.IntN(6) == 0 {
		d.samples[3].Value = float64(d.rng.IntN(110))
	}
	if d.rng.IntN(14) == 0 {
		d.samples[4].Value = math.Mod(d.samples[4].Value+100, 101) // one percent less, 100 after 0
	}
	for k := range d.samples {
		d.samples[k].At = at
	}
	return d.samples
}

// bring sends a message of each device for each minute and commits in batches.
func (s *telemetry) bring(ctx context.Context, devices []*terminal, from time.Time, minutes int, late float64) (took time.Duration, err error) {
	batch := make([]series.Sample, 0, 5*s.Batch)
	commit := func() error {
		var refused []series.Refusal
		began := time.Now()
		err := s.engine.DB.Write(ctx, func(tx db.Tx) (err error) {
			refused, err = s.engine.Series.Append(tx, batch)
			return err
		})
		d := time.Since(began)
		s.refused += len(refused)
		took += d
		s.commits = append(s.commits, float64(d.Microseconds())/1000)
		s.sent += len(batch)
		batch = batch[:0]
		return err
	}
	for m := range minutes {
		for _, d := range devices {
			at := from.Add(time.Duration(m) * time.Minute)
			if s.JitterMS > 0 {
				at = at.Add(time.Duration(s.rng.IntN(s.JitterMS)/s.GrainMS*s.GrainMS) * time.Millisecond)
			}
			if late > 0 && s.rng.Float64() < late { // half a minute off the others, so that nothing is overwritten
				at = at.Add(-time.Duration(s.rng.IntN(2*24*60))*time.Minute - 30*time.Second)
			}
			message := d.message(at)
			if batch = append(batch, message[:]...); len(batch) == cap(batch) {
				if err := commit(); err != nil {
					return took, err
				}
			}
		}
	}
	if len(batch) == 0 {
		return took, nil
	}
	return took, commit()
}

// history brings the past of some devices and weighs it.
func (s *telemetry) history(ctx context.Context) error {
	s.report.Progress("%d days of %d devices", s.Days, s.History)
	before, err := s.size(ctx)
	if err != nil {
		return err
	}
	minutes := s.Days * 24 * 60
	if _, err := s.bring(ctx, s.devices[:s.History], s.now.Add(-time.Duration(s.Minutes+minutes)*time.Minute), minutes, 0); err != nil {
		return err
	}
	after, err := s.size(ctx)
	if err != nil {
		return err
	}
	s.report.Set("history_samples", s.sent)
	s.report.Set("bytes_per_sample", bench.Round(float64(after-before)/float64(s.sent), 3))
	if s.Database != "" {
		s.report.Note("bytes_per_sample is of the closed chunks with their index: the room of the other tables is used again after VACUUM, which comes when the server likes")
	}
	byMetric := map[string]float64{}
	err = s.engine.DB.Read(ctx, func(tx db.Tx) error {
		rows, err := tx.Query(`SELECT l.metric, CAST(SUM(LENGTH(c.bytes)) AS BIGINT), CAST(SUM(c.n) AS BIGINT) FROM series_chunk AS c JOIN series_line AS l ON l.number = c.line GROUP BY l.metric`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var metric string
			var bytes, n int64
			if err := rows.Scan(&metric, &bytes, &n); err != nil {
				return err
			}
			byMetric[metric] = bench.Round(float64(bytes)/float64(n), 3)
		}
		return rows.Err()
	})
	s.report.Set("chunk_bytes_per_sample", byMetric)
	return err
}

// size is what the store takes on disk, in bytes; the log is written back first.
func (s *telemetry) size(ctx context.Context) (bytes int64, err error) {
	if s.Database != "" {
		err = s.engine.DB.Read(ctx, func(tx db.Tx) error {
			return tx.QueryRow(`SELECT pg_total_relation_size('series_chunk')`).Scan(&bytes)
		})
		return bytes, err
	}
	if err := s.engine.Close(); err != nil {
		return 0, err
	}
	info, err := os.Stat(filepath.Join(s.dir, "linli.db"))
	if err != nil {
		return 0, err
	}
	return info.Size(), s.open(ctx)
}

// intake measures the devices all together.
func (s *telemetry) intake(ctx context.Context) error {
	s.report.Progress("%d minutes of %d devices", s.Minutes, s.Devices)
	from := s.now.Add(-time.Duration(s.Minutes) * time.Minute)
	began := time.Now()
	if _, err := s.bring(ctx, s.devices, from, 1, 0); err != nil {
		return err
	}
	s.report.Set("first_minute_s", bench.Round(time.Since(began).Seconds(), 3)) // makes the series and the keys
	sent := s.sent
	s.commits = nil
	began, cpu := time.Now(), bench.CPU()
	took, err := s.bring(ctx, s.devices, from.Add(time.Minute), s.Minutes-1, s.LateShare)
	if err != nil {
		return err
	}
	s.report.Progress("intake done in %v", time.Since(began))
	n := float64(s.sent - sent)
	s.report.Set("series", 5*s.Devices)
	s.report.Set("ingest_samples", s.sent-sent)
	s.report.Set("late_share", s.LateShare)
	s.report.Set("ingest_samples_per_s", math.Round(n/took.Seconds()))
	s.report.Set("ingest_samples_per_cpu_s", math.Round(n/(bench.CPU()-cpu).Seconds()))
	s.report.Set("commit_p50_ms", quantile(s.commits, 0.5))
	s.report.Set("commit_p99_ms", quantile(s.commits, 0.99))
	s.report.Check("nothing_refused", s.refused == 0, "%d of %d samples were refused", s.refused, s.sent)
	return nil
}

// timed runs a query so many times and sets its figures: what it took on the wall
// and, since others may use the machine, its mean processor time.
func (s *telemetry) timed(key string, n int, query func() error) error {
	var ms []float64
	cpu := bench.CPU()
	for range n {
		began := time.Now()
		if err := query(); err != nil {
			return err
		}
		ms = append(ms, float64(time.Since(began).Microseconds())/1000)
	}
	s.report.Set(key+"_p50_ms", quantile(ms, 0.5))
	s.report.Set(key+"_p99_ms", quantile(ms, 0.99))
	s.report.Set(key+"_cpu_ms", bench.Round(1000*(bench.CPU()-cpu).Seconds()/float64(n), 3))
	return nil
}

// ask measures the heart rate of one person, seven days in means of five minutes,
// and that day by day every sample is there.
func (s *telemetry) ask(ctx context.Context) error {
	span := series.Span{From: s.now.Add(-7 * 24 * time.Hour), To: s.now, Step: 5 * time.Minute}
	buckets := 0
	err := s.timed("range_7d_5min", s.Queries, func() error {
		k := s.devices[s.rng.IntN(s.History/5)*5].samples[0].Key // has a person
		got, err := s.engine.Series.Range(ctx, k, span)
		buckets = len(got)
		return err
	})
	if err != nil {
		return err
	}
	s.report.Set("range_7d_5min_buckets", buckets)
	var found, sent int64
	for i, d := range s.devices {
		if i%(1+s.Devices/200) != 0 { // each asks for a whole month, so not all of them
			continue
		}
		sent += 5 * int64(s.Minutes)
		if i < s.History {
			sent += 5 * int64(s.Days) * 24 * 60
		}
		for _, sample := range d.samples {
			got, err := s.engine.Series.Range(ctx, sample.Key, series.Span{From: s.now.AddDate(0, -1, 0), To: s.now.AddDate(0, 0, 1), Step: 24 * time.Hour})
			if err != nil {
				return err
			}
			for _, b := range got {
				found += b.Count
			}
		}
	}
	// Two late messages of a device may fall into the same half minute.
	s.report.Check("all_found", found <= sent && float64(found) >= 0.999*float64(sent) && (s.LateShare > 0 || found == sent), "%d of %d samples of every so many-th device are there", found, sent)
	return nil
}

// askLast measures the latest value of every series, warm and just opened.
func (s *telemetry) askLast(ctx context.Context) error {
	var keys []series.Key
	for _, d := range s.devices {
		for _, sample := range d.samples {
			keys = append(keys, sample.Key)
		}
	}
	var newest []series.Point
	ask := func() (err error) {
		newest, err = s.engine.Series.Last(ctx, keys)
		return err
	}
	if err := s.timed("last", s.Queries, ask); err != nil {
		return err
	}
	s.report.Set("last_series", len(keys))
	wrong := 0
	for i, p := range newest {
		if want := s.devices[i/5].samples[i%5]; p.Value != want.Value && s.LateShare == 0 || p.At.IsZero() {
			wrong++
		}
	}
	s.report.Check("last_right", wrong == 0, "%d of %d latest values are wrong", wrong, len(newest))
	if err := s.engine.Close(); err != nil {
		return err
	}
	if err := s.open(ctx); err != nil {
		return err
	}
	return s.timed("last_cold", 1, ask)
}

// keepTerms measures what the other work of a day costs: retention a month later,
// of all series, and the forgetting of one person.
func (s *telemetry) keepTerms(ctx context.Context) error {
	person := s.devices[0].samples[0].Subject
	if err := s.timed("forget", 1, func() error {
		return s.engine.DB.Write(ctx, func(tx db.Tx) error { return s.engine.Series.Forget(tx, person) })
	}); err != nil {
		return err
	}
	left, err := s.engine.Series.List(ctx, series.Key{Subject: person})
	if err != nil {
		return err
	}
	s.report.Check("forgotten", len(left) == 0, "%d series of the forgotten person are left", len(left))
	s.now = s.now.AddDate(0, 0, 31)
	return s.timed("retain_step", (5*s.Devices+63)/64, func() error {
		return s.engine.DB.Write(ctx, func(tx db.Tx) error {
			_, err := s.engine.Series.Retain(tx)
			return err
		})
	})
}
