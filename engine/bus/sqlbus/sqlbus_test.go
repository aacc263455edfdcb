package sqlbus_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli"
	"linli/engine/bus"
	"linli/engine/bus/sqlbus"
	"linli/engine/db"
	"linli/engine/db/dbtest"
)

var _ interface {
	bus.Bus
	bus.Parking
} = (*sqlbus.Bus)(nil)

var start = time.Date(2025, 3, 3, 8, 0, 0, 0, linli.Shanghai)

// clock is an injected clock that a test moves.
type clock struct{ ms atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ms.Store(start.UnixMilli())
	return c
}

func (c *clock) now() time.Time       { return linli.Time(c.ms.Load()) }
func (c *clock) pass(d time.Duration) { c.ms.Add(d.Milliseconds()) }

func newBus(t *testing.T, d db.DB, now linli.Now) *sqlbus.Bus {
	t.Helper()
	b := sqlbus.New(d, now, slog.New(slog.DiscardHandler))
	if b.Err() != nil {
		t.Fatal(b.Err())
	}
	return b
}

func write(t *testing.T, d db.DB, fn func(tx db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func exec(t *testing.T, d db.DB, query string, args ...any) {
	t.Helper()
	write(t, d, func(tx db.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
}

type step struct {
	N int `json:"n"`
}

func event(key string, n int) bus.Event {
	return bus.Pack("thing.moved", key, "310101", start, step{n})
}

func tell(t *testing.T, d db.DB, b bus.Publisher, events ...bus.Event) {
	t.Helper()
	write(t, d, func(tx db.Tx) error { return b.Publish(tx, events...) })
}

// collect is a handler that keeps what it sees.
func collect(into *[]string) bus.Handler {
	return bus.On(func(_ context.Context, _ db.Tx, e bus.Event, s step) error {
		*into = append(*into, fmt.Sprint(e.Key, s.N))
		return nil
	})
}

func TestAnEventIsDeliveredWholeToThoseWhoAsked(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		b := newBus(t, d, newClock().now)
		var got []bus.Event
		b.Subscribe("keep", []string{"thing.moved", "thing.gone"}, func(_ context.Context, _ db.Tx, e bus.Event) error {
			got = append(got, e)
			return nil
		})
		var others []string
		b.Subscribe("others", []string{"other"}, collect(&others))
		want := []bus.Event{
			{ID: "evt_1", Kind: "thing.moved", Key: "a", Place: "310101", At: start.Add(time.Millisecond), Data: []byte(`{"n": 1,"b":2, "a":"阿"}`)},
			{Kind: "thing.gone", Key: "a"},
		}
		if err := d.Write(t.Context(), func(tx db.Tx) error {
			return errors.Join(b.Publish(tx, event("a", 99)), errors.New("and then the teller fails"))
		}); err == nil {
			t.Fatal("the failing write succeeded")
		}
		tell(t, d, b, want...)
		for range 2 {
			if err := b.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if len(got) != 2 || len(others) != 0 {
			t.Fatalf("got %v, others %v", got, others)
		}
		if !linli.ValidID(got[1].ID, "evt") || got[0].Seq <= 0 || got[1].Seq <= got[0].Seq {
			t.Errorf("ids and positions: %+v", got)
		}
		want[0].Seq, want[1].Seq = got[0].Seq, got[1].Seq
		want[1].ID, want[1].At, want[1].Data = got[1].ID, start, []byte("{}")
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
	})
}

func TestAFailingEventIsRetriedParkedAndPassed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		clock := newClock()
		b := newBus(t, d, clock.now)
		exec(t, d, `CREATE TABLE seen (n BIGINT)`)
		ill, tries := true, 0
		b.Subscribe("ill", []string{"thing.moved"}, bus.On(func(_ context.Context, tx db.Tx, e bus.Event, s step) error {
			if _, err := tx.Exec(`INSERT INTO seen VALUES ($1)`, s.N); err != nil {
				return err
			}
			if s.N == 2 && ill {
				tries++
				if tries%2 == 0 {
					panic("ill")
				}
				return errors.New("ill")
			}
			return nil
		}))
		tell(t, d, b, event("a", 0), event("a", 1), event("a", 2), event("a", 3))
		drain := func(want ...int) {
			t.Helper()
			if err := b.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			var got []int
			if err := d.Read(t.Context(), func(tx db.Tx) error {
				rows, err := tx.Query(`SELECT n FROM seen ORDER BY n`)
				if err != nil {
					return err
				}
				defer rows.Close()
				for rows.Next() {
					var n int
					if err := rows.Scan(&n); err != nil {
						return err
					}
					got = append(got, n)
				}
				return rows.Err()
			}); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("effects %v, want %v after %d tries", got, want, tries)
			}
		}
		drain(0, 1) // the good ones before it
		for i := range 6 {
			drain(0, 1) // too early: no try
			if tries != i+1 {
				t.Fatalf("%d tries, want %d", tries, i+1)
			}
			clock.pass(time.Minute)
			drain(0, 1)
		}
		clock.pass(time.Minute)
		drain(0, 1, 3) // given up at the 8th try
		parked, err := b.Parked(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if tries != 8 || len(parked) != 1 || parked[0].Subscription != "ill" || parked[0].Event.Key != "a" || !parked[0].At.Equal(clock.now()) {
			t.Fatalf("%d tries, parked %+v", tries, parked)
		}
		seq := parked[0].Event.Seq
		if err := b.Retry(t.Context(), "ill", seq); err == nil {
			t.Error("the event is still ill, but Retry succeeded")
		}
		drain(0, 1, 3)
		ill = false
		if err := b.Retry(t.Context(), "ill", seq); err != nil {
			t.Error(err)
		}
		drain(0, 1, 2, 3)
		for name, n := range map[string]int64{"ill": seq, "nobody": 1} {
			if err := b.Retry(t.Context(), name, n); linli.KindOf(err) != linli.KindNotFound {
				t.Errorf("retry of %s %d: %v", name, n, err)
			}
		}
	})
}

// Nodes come and go at random moments, sometimes two at a time; in the end every
// event has had its effect once in every subscription, in the order of its key.
func TestEffectsHappenOnceInOrderWhateverDies(t *testing.T) {
	t.Parallel()
	dbtest.EachHome(t, func(t *testing.T, open func() db.DB) {
		const keys, each = 8, 60
		d := open()
		exec(t, d, `CREATE TABLE told (key TEXT PRIMARY KEY, n BIGINT NOT NULL)`)
		exec(t, d, `CREATE TABLE effect (sub TEXT NOT NULL, key TEXT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (sub, key))`)
		teller := newBus(t, d, time.Now)
		node := func(d db.DB) *sqlbus.Bus {
			b := newBus(t, d, time.Now)
			for _, name := range []string{"one", "two"} {
				b.Subscribe(name, []string{"thing.moved"}, bus.On(func(_ context.Context, tx db.Tx, e bus.Event, s step) error {
					n, err := tx.Exec(`INSERT INTO effect (sub, key, n) VALUES ($1, $2, 1)
						ON CONFLICT (sub, key) DO UPDATE SET n = effect.n + 1 WHERE effect.n = $3`, name, e.Key, s.N-1)
					if err == nil && n != 1 {
						t.Errorf("%s: event %d of %s came out of order or twice", name, s.N, e.Key)
					}
					return err
				}))
			}
			return b
		}
		var telling, nodes sync.WaitGroup
		for k := range keys {
			telling.Go(func() {
				key := fmt.Sprint("key", k)
				for range each {
					write(t, d, func(tx db.Tx) error {
						var n int
						if err := tx.QueryRow(`INSERT INTO told (key, n) VALUES ($1, 1)
							ON CONFLICT (key) DO UPDATE SET n = told.n + 1 RETURNING n`, key).Scan(&n); err != nil {
							return err
						}
						return teller.Publish(tx, event(key, n))
					})
				}
			})
		}
		told := make(chan struct{})
		go func() { telling.Wait(); close(told) }()
		alive := make(chan struct{}, 2)
		for running := true; running; {
			select {
			case <-told:
				running = false
			default:
			}
			alive <- struct{}{}
			ctx, kill := context.WithTimeout(t.Context(), time.Duration(rand.IntN(30_000))*time.Microsecond)
			nodes.Go(func() {
				defer func() { kill(); <-alive }()
				own := open()
				if err := node(own).Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("Run: %v", err)
				}
				if err := own.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		nodes.Wait()
		last := node(d)
		if err := last.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		var sum, rows int
		if err := d.Read(t.Context(), func(tx db.Tx) error {
			return tx.QueryRow(`SELECT SUM(n), COUNT(*) FROM effect`).Scan(&sum, &rows)
		}); err != nil {
			t.Fatal(err)
		}
		if sum != 2*keys*each || rows != 2*keys {
			t.Errorf("%d effects in %d rows, want %d in %d", sum, rows, 2*keys*each, 2*keys)
		}
		if parked, err := last.Parked(t.Context()); err != nil || len(parked) != 0 {
			t.Errorf("parked %v, %v", parked, err)
		}
	})
}

func TestTailSeesEveryEventOnceInOrder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		b := newBus(t, d, newClock().now)
		if last, err := b.Last(t.Context()); last != 0 || err != nil {
			t.Errorf("an empty log ends at %d, %v", last, err)
		}
		tell(t, d, b, event("old", 1), event("old", 2))
		const tellers, each = 6, 30
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		last := int64(0)
		for last == 0 { // older transactions elsewhere on the server may hold it back
			var err error
			if last, err = b.Last(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var all, fresh []bus.Event
		var tails sync.WaitGroup
		tails.Go(func() {
			_ = b.Tail(ctx, 0, func(e bus.Event) error {
				all = append(all, e)
				if e.Key == "last" {
					stop()
				}
				return nil
			})
		})
		enough := errors.New("enough")
		tails.Go(func() {
			if err := b.Tail(t.Context(), last, func(e bus.Event) error {
				fresh = append(fresh, e)
				return enough
			}); err != enough {
				t.Errorf("the tail ended with %v", err)
			}
		})
		tell(t, d, b, event("ready", 0))
		var telling sync.WaitGroup
		for i := range tellers {
			telling.Go(func() {
				for n := range each {
					tell(t, d, b, event(fmt.Sprint("key", i), n))
				}
			})
		}
		telling.Wait()
		tell(t, d, b, event("last", 0))
		tails.Wait()
		next := map[string]int{}
		count := 0
		for i, e := range all {
			if i > 0 && e.Seq <= all[i-1].Seq {
				t.Fatalf("position %d follows %d", e.Seq, all[i-1].Seq)
			}
			if e.Key != "old" && e.Key != "ready" && e.Key != "last" {
				if want := fmt.Sprintf(`{"n":%d}`, next[e.Key]); string(e.Data) != want {
					t.Fatalf("%s: %s, want %s", e.Key, e.Data, want)
				}
				next[e.Key]++
				count++
			}
		}
		if count != tellers*each || all[0].Key != "old" || fresh[0].Key != "ready" {
			t.Errorf("%d events, first %s and %s", count, all[0].Key, fresh[0].Key)
		}
	})
}

// On PostgreSQL a transaction that began earlier may commit later.
func TestALateCommitIsNotSkipped(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		if d.Dialect() != db.Postgres {
			t.Skip("SQLite has one writer")
		}
		b := newBus(t, d, newClock().now)
		var got []string
		b.Subscribe("all", []string{"thing.moved"}, collect(&got))
		published, release, late := make(chan struct{}), make(chan struct{}), make(chan error)
		go func() {
			late <- d.Write(t.Context(), func(tx db.Tx) error {
				if err := b.Publish(tx, event("late", 1)); err != nil {
					return err
				}
				close(published)
				<-release
				return b.Publish(tx, event("late", 2))
			})
		}()
		<-published
		tell(t, d, b, event("early", 1))
		drained := make(chan error)
		go func() { drained <- b.Drain(t.Context()) }()
		select {
		case err := <-drained:
			t.Fatalf("Drain returned %v with %v, though a committed event was not delivered", err, got)
		case <-time.After(50 * time.Millisecond):
		}
		close(release)
		if err := errors.Join(<-late, <-drained); err != nil {
			t.Fatal(err)
		}
		if want := []string{"late1", "late2", "early1"}; !reflect.DeepEqual(got, want) {
			t.Errorf("delivered %v, want %v", got, want)
		}
	})
}

// A dump that is restored into a new server meets lower transaction numbers.
func TestEventsAfterARestoreFollowTheOldOnes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		var got []string
		b := newBus(t, d, newClock().now)
		b.Subscribe("all", []string{"thing.moved"}, collect(&got))
		const far = int64(1) << 50
		exec(t, d, `INSERT INTO bus_event (seq, id, kind, key, place, at, data) VALUES ($1, 'evt_x', 'thing.moved', 'old', '', 0, '{"n":1}')`, far)
		b = newBus(t, d, newClock().now)
		b.Subscribe("all", []string{"thing.moved"}, collect(&got))
		tell(t, d, b, event("new", 2))
		if err := b.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := []string{"old1", "new2"}; !reflect.DeepEqual(got, want) {
			t.Errorf("delivered %v, want %v", got, want)
		}
	})
}

func TestTheLogForgetsOnlyWhatEveryoneHasHandled(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		clock := newClock()
		var got []string
		b := newBus(t, d, clock.now)
		b.Subscribe("slow", []string{"thing.moved"}, collect(&got))
		tell(t, d, b, event("a", 1), event("a", 2))
		trim := func(want int64) {
			t.Helper()
			if n, err := b.Trim(t.Context()); err != nil || n != want {
				t.Errorf("forgot %d, %v; want %d", n, err, want)
			}
		}
		clock.pass(b.Keep + time.Hour)
		trim(0) // not handled
		if err := b.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		tell(t, d, b, bus.Event{Kind: "thing.moved", Key: "b", At: clock.now(), Data: []byte(`{"n":3}`)})
		if err := b.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		trim(2) // handled and old; the third is handled but young
		again := newBus(t, d, clock.now)
		again.Subscribe("new", []string{"thing.moved"}, collect(&got))
		if err := again.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := []string{"a1", "a2", "b3", "b3"}; !reflect.DeepEqual(got, want) {
			t.Errorf("delivered %v, want %v", got, want)
		}
	})
}

// A fault that only the commit finds does not say which event of the batch has it.
func TestAnEventThatFailsAtCommitIsFoundAndParkedAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		clock := newClock()
		b := newBus(t, d, clock.now)
		exec(t, d, `CREATE TABLE parent (n BIGINT PRIMARY KEY)`)
		exec(t, d, `CREATE TABLE child (n BIGINT REFERENCES parent (n) DEFERRABLE INITIALLY DEFERRED)`)
		var want []bus.Event
		for n := range 5 {
			if n != 3 {
				exec(t, d, `INSERT INTO parent VALUES ($1)`, n)
			}
			want = append(want, event("a", n))
		}
		b.Subscribe("child", []string{"thing.moved"}, bus.On(func(_ context.Context, tx db.Tx, _ bus.Event, s step) error {
			_, err := tx.Exec(`INSERT INTO child VALUES ($1)`, s.N)
			return err
		}))
		tell(t, d, b, want...)
		for range 8 {
			if err := b.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			clock.pass(time.Hour)
		}
		var sum, count int
		if err := d.Read(t.Context(), func(tx db.Tx) error {
			return tx.QueryRow(`SELECT SUM(n), COUNT(*) FROM child`).Scan(&sum, &count)
		}); err != nil {
			t.Fatal(err)
		}
		parked, err := b.Parked(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if sum != 0+1+2+4 || count != 4 || len(parked) != 1 || string(parked[0].Event.Data) != `{"n":3}` {
			t.Errorf("%d effects with sum %d, parked %+v", count, sum, parked)
		}
	})
}
