package demand

import (
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"linli/engine/db"
	"linli/engine/db/dbtest"
)

// dataFolder finds the data for development beside the project, or skips.
func dataFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	dir = filepath.Join(dir, "..", "shared", "data")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("data folder absent: %s", dir)
	}
	return dir
}

func TestRealMessagesAreAllStoredReadOrQueuedAndTakenInOnce(t *testing.T) {
	t.Parallel()
	f, err := os.Open(filepath.Join(dataFolder(t), "tipdm", "hot_messages.until-2019-08.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := open(t, d)
		start := time.Now()
		got, err := h.ImportFile(t.Context(), clerk, Import{System: "12345", Place: street}, raw)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%+v in %v", got, time.Since(start).Round(time.Millisecond))
		if got.Rows != 2917 || got.Stored != got.Rows || got.Failed != 0 || got.Known != 0 {
			t.Errorf("%+v", got)
		}
		if got.Ready+got.Queued+got.Referred+got.Merged != got.Stored {
			t.Errorf("some messages are neither read, nor queued, nor merged: %+v", got)
		}
		if got.Merged == 0 || got.Referred < got.Stored/3 {
			t.Errorf("too little was recognized: %+v", got)
		}
		again, err := h.ImportFile(t.Context(), clerk, Import{System: "12345", Place: street}, raw)
		if err != nil || again.Known != got.Rows || again.Stored != 0 {
			t.Errorf("imported again: %+v, %v", again, err)
		}
		states := map[State]int64{}
		var lonely int64
		if err := d.Read(t.Context(), func(tx db.Tx) error {
			rows, err := tx.Query(`SELECT state, COUNT(*) FROM demand_demand GROUP BY state`)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var s State
				var n int64
				if err := rows.Scan(&s, &n); err != nil {
					return err
				}
				states[s] = n
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				return err
			}
			return tx.QueryRow(`SELECT COUNT(*) FROM demand_demand m WHERE m.merged_into <> '' AND NOT EXISTS (
				SELECT 1 FROM demand_demand c JOIN demand_reporter r ON r.case_id = c.id AND r.demand = m.id
				WHERE c.id = m.merged_into AND c.merged_into = '' AND c.submitted_at <= m.raised_at)`).Scan(&lonely)
		}); err != nil {
			t.Fatal(err)
		}
		t.Logf("states %v", states)
		if lonely != 0 {
			t.Errorf("%d merged messages are not part of a case that counts from the earliest of them", lonely)
		}
	})
}
