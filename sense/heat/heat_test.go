package heat

import (
	"context"
	"fmt"
	"testing"
	"time"

	"linli"
	"linli/engine/bus"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/engine/job"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, linli.Shanghai)

type quiet struct{}

func (quiet) Publish(db.Tx, ...bus.Event) error                    { return nil }
func (quiet) Set(db.Tx, string, string, time.Time, any) error      { return nil }
func (quiet) Cancel(db.Tx, string, string) error                   { return nil }
func (quiet) Handle(string, job.Handler)                           {}
func (quiet) Every(string, func(time.Time) time.Time, job.Handler) {}

func TestNoCellOfFewerThanTenPeopleIsCountedOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		s, err := New(t.Context(), d, quiet{}, quiet{}, func() time.Time { return monday })
		if err != nil {
			t.Fatal(err)
		}
		bund := linli.Point{Lng: 121.49, Lat: 31.24}
		count := func(id, who string, item linli.ItemCode, at linli.Point) {
			t.Helper()
			if err := d.Write(t.Context(), func(tx db.Tx) error {
				return s.Count(tx, Point{linli.DemandID(id), who, item, "990001001001/001", at, monday.Add(-time.Minute)})
			}); err != nil {
				t.Fatal(err)
			}
		}
		look := func(item linli.ItemCode, res int) Map {
			t.Helper()
			m, err := s.Map(context.Background(), item, "990001001", monday.Add(-time.Hour), res)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		for i := range 9 {
			count(fmt.Sprintf("d%d", i), fmt.Sprintf("r%d", i), "dining", bund)
		}
		for i := range 20 { // one person who calls often does not open a cell
			count(fmt.Sprintf("again%d", i), "r0", "dining", bund)
		}
		if m := look("", 10); len(m.Cells) != 1 || m.Cells[0].N != nil || m.Hidden != 1 || m.Total != 0 {
			t.Fatalf("nine people are counted out: %+v", m)
		}
		count("d9", "r9", "dining", bund)
		count("d9", "r9", "dining", bund) // told twice, counted once
		m := look("", 10)
		if len(m.Cells) != 1 || m.Cells[0].N == nil || *m.Cells[0].N != 30 || m.Total != 30 {
			t.Fatalf("ten people with thirty demands: %+v", m)
		}
		if m := look("nursery", 10); len(m.Cells) != 0 {
			t.Fatalf("another item shows %+v", m)
		}
		count("far", "r77", "dining", linli.Point{Lng: 121.494, Lat: 31.24})
		if m := look("", 10); m.Hidden != 1 || m.Total != 30 {
			t.Fatalf("a lone neighbor cell: %+v", m)
		}
		if m := look("", 8); m.Total < 30 {
			t.Fatalf("coarser cells lose demands: %+v", m)
		}
		if err := d.Write(t.Context(), func(tx db.Tx) error { return s.Remove(tx, "d9") }); err != nil {
			t.Fatal(err)
		}
		if m := look("", 10); m.Total != 0 || m.Hidden != 2 {
			t.Fatalf("after a withdrawal: %+v", m)
		}
	})
}
