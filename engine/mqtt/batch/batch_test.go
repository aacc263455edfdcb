package batch_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"linli/engine/mqtt"
	"linli/engine/mqtt/batch"
)

// answered is what a collector said of its batches.
type answered struct {
	sizes []int
	order []int
	errs  []error
	when  []time.Duration
}

func collector(t *testing.T, patience time.Duration, sink mqtt.Sink) (*batch.Collector[int], *answered, func()) {
	t.Helper()
	a, began := &answered{}, time.Now()
	c := batch.New(patience, slog.New(slog.DiscardHandler), func(batch []mqtt.Message, tags []int, err error) {
		if len(batch) != len(tags) {
			t.Errorf("%d messages with %d tags", len(batch), len(tags))
		}
		a.sizes, a.order, a.errs, a.when = append(a.sizes, len(batch)), append(a.order, tags...), append(a.errs, err), append(a.when, time.Since(began))
	})
	ended := make(chan struct{})
	go func() { defer close(ended); c.Run(t.Context(), sink) }()
	return c, a, func() { c.Close(); <-ended }
}

func put(t *testing.T, c *batch.Collector[int], from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		if err := c.Put(t.Context(), mqtt.Message{Payload: []byte(fmt.Sprint(n))}, n); err != nil {
			t.Fatal(err)
		}
	}
}

func numbers(n int) (out []int) {
	for i := range n {
		out = append(out, i)
	}
	return out
}

func takes(d time.Duration) mqtt.Sink {
	return func(context.Context, []mqtt.Message) error { time.Sleep(d); return nil }
}

func TestAMessageWaitsThreeMillisecondsForCompanyAndNoLonger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, a, end := collector(t, time.Second, takes(0))
		put(t, c, 0, 2)
		time.Sleep(2 * time.Millisecond)
		put(t, c, 2, 3)
		time.Sleep(2 * time.Millisecond)
		put(t, c, 3, 4)
		end()
		if !slices.Equal(a.sizes, []int{3, 1}) || a.when[0] != 3*time.Millisecond || !slices.Equal(a.order, numbers(4)) {
			t.Errorf("%+v", a)
		}
	})
}

func TestWhatComesDuringACommitIsTheNextBatchAtOnceAndAtMost512(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, a, end := collector(t, time.Second, takes(10*time.Millisecond))
		put(t, c, 0, 1)
		time.Sleep(5 * time.Millisecond) // the first is being stored since 3 ms
		put(t, c, 1, 1301)
		end()
		if !slices.Equal(a.sizes, []int{1, 512, 512, 276}) || !slices.Equal(a.order, numbers(1301)) {
			t.Errorf("sizes %v", a.sizes)
		}
		for i, want := range []time.Duration{13, 23, 33, 43} {
			if a.when[i] != want*time.Millisecond {
				t.Errorf("batch %d after %v, want %d ms", i, a.when[i], want)
			}
		}
	})
}

func TestWhoBringsTooMuchWaitsAndLosesNothing(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"many": 1, "large": 1 << 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				total := 0
				c, a, end := collector(t, time.Second, func(_ context.Context, batch []mqtt.Message) error {
					<-release
					total += len(batch)
					return nil
				})
				const messages = 6000
				payload := make([]byte, size)
				for n := range messages {
					go func() { _ = c.Put(t.Context(), mqtt.Message{Payload: payload}, n) }()
				}
				synctest.Wait()
				taken := c.Count(mqtt.Stats{}).Waiting
				if bytes := taken * int64(size); taken > 4096+512 || bytes > 64<<20 || taken < 60 {
					t.Errorf("%d messages of %d bytes were taken in", taken, size)
				}
				gone, cancel := context.WithCancel(t.Context())
				cancel()
				if err := c.Put(gone, mqtt.Message{Payload: payload}, -1); !errors.Is(err, context.Canceled) {
					t.Errorf("who stops waiting gets %v", err)
				}
				close(release)
				end()
				slices.Sort(a.order)
				if s := c.Count(mqtt.Stats{}); total != messages || !slices.Equal(a.order, numbers(messages)) || s.Stored != messages || s.Waiting != 0 || s.Received != messages {
					t.Errorf("%d stored, %+v", total, s)
				}
			})
		})
	}
}

func TestARefusedBatchIsTriedAgainUntilPatienceEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		full, tries := errors.New("the disk is full"), 0
		c, a, end := collector(t, time.Second, func(_ context.Context, b []mqtt.Message) error {
			tries++
			if string(b[0].Payload) == "0" || tries < 8 {
				return full
			}
			return nil
		})
		put(t, c, 0, 1)
		time.Sleep(2 * time.Second)
		put(t, c, 1, 2)
		end()
		// At 3, 53, 153, 353 and 753 ms; the next would be later than a second.
		if tries != 8 || len(a.errs) != 2 || !errors.Is(a.errs[0], full) || a.errs[1] != nil || a.when[0] != 753*time.Millisecond {
			t.Errorf("%d tries, %+v", tries, a)
		}
		if s := c.Count(mqtt.Stats{}); s.Failed != 1 || s.Stored != 1 || s.Batches != 1 {
			t.Errorf("%+v", s)
		}
	})
}

func TestASinkThatPanicsHasStoredNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		c, a, end := collector(t, time.Second, func(context.Context, []mqtt.Message) error {
			if calls++; calls == 1 {
				panic("out of range")
			}
			return nil
		})
		put(t, c, 0, 1)
		end()
		if calls != 2 || len(a.errs) != 1 || a.errs[0] != nil {
			t.Errorf("%d calls, %v", calls, a.errs)
		}
	})
}

func TestAClosedCollectorStoresWhatItHasAndTakesNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, a, end := collector(t, time.Second, takes(time.Millisecond))
		put(t, c, 0, 700)
		end()
		if err := c.Put(t.Context(), mqtt.Message{}, 700); !errors.Is(err, batch.ErrClosed) {
			t.Errorf("taken: %v", err)
		}
		c.Close() // again
		if !slices.Equal(a.order, numbers(700)) {
			t.Errorf("%d stored", len(a.order))
		}
	})
}
