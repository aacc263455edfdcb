package device

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/bus/sqlbus"
	"linli/engine/db"
	"linli/engine/db/sqlite"
	"linli/engine/job"
)

// willing is a street in which everybody has agreed to everything.
type willing struct{}

func (willing) Home(context.Context, linli.ResidentID) (linli.Place, linli.Point, error) {
	return flat, linli.Point{}, nil
}

func (willing) Agreed(_ db.Tx, ids []linli.ResidentID) (map[linli.ResidentID][]string, error) {
	out := map[linli.ResidentID][]string{}
	for _, id := range ids {
		out[id] = []string{"location", "sensing", "vitals"}
	}
	return out, nil
}

// fleetOf makes a hub with n bracelets, each of a person, on SQLite with fsync.
func fleetOf(b *testing.B, n int) (s *Service, ids, tokens []string) {
	b.Helper()
	d, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "bench.db"), sqlite.Options{Readers: 2})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = d.Close() })
	log := slog.New(slog.DiscardHandler)
	if _, err := auth.NewAccounts(b.Context(), d, time.Now, time.Now); err != nil {
		b.Fatal(err)
	}
	if s, err = New(b.Context(), Deps{DB: d, Bus: sqlbus.New(d, time.Now, log), Timers: job.New(d, time.Now, log), Now: time.Now, Residents: willing{}, Consents: willing{}}); err != nil {
		b.Fatal(err)
	}
	err = d.Write(b.Context(), func(tx db.Tx) error {
		ids, tokens = nil, nil
		for i := range n {
			x, err := s.register(tx, auth.System, Draft{Kind: "bracelet", Serial: fmt.Sprintf("B-%05d", i), Subject: linli.ResidentID(linli.NewID("res", time.Now()))}, flat)
			if err != nil {
				return err
			}
			token, err := s.issue(tx, auth.System, &x)
			if err != nil {
				return err
			}
			ids, tokens = append(ids, x.ID), append(tokens, token)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return s, ids, tokens
}

func BenchmarkAdmit(b *testing.B) {
	s, ids, tokens := fleetOf(b, 5000)
	i := 0
	for b.Loop() {
		if _, err := s.Authenticate(b.Context(), ids[i%len(ids)], []byte(tokens[i%len(ids)])); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

func BenchmarkMayPublish(b *testing.B) {
	s, ids, _ := fleetOf(b, 5000)
	topic := Topic(ids[17], UpData)
	for b.Loop() {
		if !s.MayPublish(ids[17], topic) {
			b.Fatal("not let")
		}
	}
}

// BenchmarkSink stores batches of 500 messages of 500 devices in service, three
// values each; there is no store of samples, so it is the price of the judging.
func BenchmarkSink(b *testing.B) {
	s, ids, _ := fleetOf(b, 5000)
	sent := 0
	batch := func() {
		all := make([]Message, 500)
		for i := range all {
			id := ids[sent%len(ids)]
			all[i] = Message{Device: id, Topic: Topic(id, UpData), Payload: []byte(`{"m":{"hr":72,"spo2":97,"steps":1200}}`), At: time.Now()}
			sent++
		}
		if err := s.Sink(b.Context(), all); err != nil {
			b.Fatal(err)
		}
	}
	for sent < len(ids) {
		batch() // the first message of a device takes it into service
	}
	sent = 0
	for b.Loop() {
		batch()
	}
	b.ReportMetric(float64(sent)/b.Elapsed().Seconds(), "messages/s")
}
