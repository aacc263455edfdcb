package series

import (
	"bytes"
	"testing"
	"time"

	"linli"
	"linli/engine/db"
	"linli/engine/db/dbtest"
)

// oneKey keeps the key of everybody until somebody is forgotten.
type oneKey struct{ gone bool }

func (k *oneKey) Key(_ db.Tx, _ string, create bool) ([]byte, error) {
	if k.gone {
		return nil, linli.NotFound("没有密钥", "no key")
	}
	return bytes.Repeat([]byte{7}, 32), nil
}

func (k *oneKey) Forget(db.Tx, string) error {
	k.gone = true
	return nil
}

// A transaction that began before the forgetting may share what it knew only after
// it: that must not bring the key back.
func TestTheKeyOfAForgottenPersonLeavesTheMemory(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		now := time.Date(2026, 3, 3, 8, 0, 0, 0, linli.Shanghai)
		s, err := New(t.Context(), d, &oneKey{}, func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		var late *view
		if err := d.Write(t.Context(), func(tx db.Tx) (err error) {
			sample := Sample{Key: Key{"band", "heart_rate_bpm", "res_1"}, Class: Vital, At: now, Value: 60}
			refused, err := s.Append(tx, []Sample{sample})
			if err != nil || len(refused) > 0 {
				t.Error(refused)
				return err
			}
			late, err = s.look(tx)
			if err != nil {
				return err
			}
			_, err = late.line(sample.Key)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if len(s.known.seals) != 1 || len(late.own.seals) != 1 {
			t.Fatalf("%d and %d keys are known, so the test proves nothing", len(s.known.seals), len(late.own.seals))
		}
		if err := d.Write(t.Context(), func(tx db.Tx) error { return s.Forget(tx, "res_1") }); err != nil {
			t.Fatal(err)
		}
		late.share()
		if len(s.known.seals) != 0 || len(s.known.lines) != 0 || len(s.known.names) != 0 {
			t.Errorf("known are still %d keys, %d series, %d names", len(s.known.seals), len(s.known.lines), len(s.known.names))
		}
	})
}
