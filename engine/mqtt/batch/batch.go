// Package batch is the group commit of the mqtt port, shared by its homes: it
// collects messages for a few milliseconds, hands them to the sink together, and
// answers all of them when the sink has returned. Who brings more than the sink
// can store waits.
package batch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"linli"
	"linli/engine/mqtt"
)

const (
	maxBatch = 512                   // messages of one call of the sink
	maxDelay = 3 * time.Millisecond  // a message waits so long for company
	maxQueue = 4096                  // messages that wait for the sink
	maxBytes = 64 << 20              // their payloads
	overhead = 512                   // bytes of memory beside a payload
	firstGap = 50 * time.Millisecond // before the second try of a batch; doubles each time
	lastGap  = 2 * time.Second
)

// Patience is how long a refused batch is tried again before it is given up.
const Patience = 10 * time.Second

// ErrClosed is the answer to Put when nothing more is taken.
var ErrClosed = errors.New("mqtt: nothing more is taken")

// Collector collects messages, each with a tag of its home's.
type Collector[T any] struct {
	done     func(batch []mqtt.Message, tags []T, err error)
	patience time.Duration
	log      *slog.Logger

	queue chan entry[T]
	bytes *semaphore.Weighted
	stop  chan struct{} // closed when nothing more is taken

	mu     sync.Mutex
	closed bool
	inside sync.WaitGroup // calls of Put

	received, stored, failed, batches atomic.Int64
}

type entry[T any] struct {
	message mqtt.Message
	tag     T
	at      time.Time // of its arrival, by the clock of the machine
	cost    int64
}

// New makes a collector. done hears what came of every batch, before the next is
// collected, so it must be quick; the slices are its only during the call.
func New[T any](patience time.Duration, log *slog.Logger, done func(batch []mqtt.Message, tags []T, err error)) *Collector[T] {
	return &Collector[T]{
		done: done, patience: patience, log: log,
		queue: make(chan entry[T], maxQueue),
		bytes: semaphore.NewWeighted(maxBytes),
		stop:  make(chan struct{}),
	}
}

// Put takes a message in, waiting while there is no room, in the order of arrival.
// An error means that it was not taken: ctx ended or the collector was closed.
func (c *Collector[T]) Put(ctx context.Context, m mqtt.Message, tag T) error {
	if err := c.enter(); err != nil {
		return err
	}
	defer c.inside.Done()
	e := entry[T]{message: m, tag: tag, at: time.Now(), cost: min(int64(len(m.Payload)+len(m.Topic)+overhead), maxBytes)}
	if err := c.bytes.Acquire(ctx, e.cost); err != nil {
		return err
	}
	select {
	case c.queue <- e:
		c.received.Add(1)
		return nil
	case <-ctx.Done():
		c.bytes.Release(e.cost)
		return ctx.Err()
	}
}

func (c *Collector[T]) enter() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return ErrClosed
	}
	c.inside.Add(1)
	return nil
}

// Close takes nothing more: calls of Put that still wait are served, Run ends
// when all of it is stored.
func (c *Collector[T]) Close() {
	c.mu.Lock()
	again := c.closed
	c.closed = true
	c.mu.Unlock()
	if !again {
		close(c.stop)
	}
}

// Run hands batches to the sink until the collector is closed and empty. ctx is
// the sink's; when it ends, refused batches are not tried again.
func (c *Collector[T]) Run(ctx context.Context, sink mqtt.Sink) {
	go func() { // the last Put closes the queue behind itself
		<-c.stop
		c.inside.Wait()
		close(c.queue)
	}()
	messages, tags := make([]mqtt.Message, 0, maxBatch), make([]T, 0, maxBatch)
	timer := time.NewTimer(maxDelay)
	defer timer.Stop()
	for first := range c.queue {
		var cost int64
		add := func(e entry[T]) {
			messages, tags, cost = append(messages, e.message), append(tags, e.tag), cost+e.cost
		}
		add(first)
		// Those that came while the sink was busy are there already; only a batch that
		// is still small waits, and only until its first message has waited enough.
		timer.Reset(maxDelay - time.Since(first.at))
	collect:
		for len(messages) < maxBatch {
			select {
			case e, ok := <-c.queue:
				if !ok {
					break collect
				}
				add(e)
				continue
			default:
			}
			select {
			case e, ok := <-c.queue:
				if !ok {
					break collect
				}
				add(e)
			case <-timer.C:
				break collect
			}
		}
		err := c.store(ctx, sink, messages)
		c.bytes.Release(cost)
		n := int64(len(messages))
		if err == nil {
			c.stored.Add(n)
			c.batches.Add(1)
		} else {
			c.failed.Add(n)
		}
		c.done(messages, tags, err)
		clear(messages)
		clear(tags)
		messages, tags = messages[:0], tags[:0]
	}
}

// store tries a batch until it is stored or patience ends.
func (c *Collector[T]) store(ctx context.Context, sink mqtt.Sink, batch []mqtt.Message) error {
	began, gap := time.Now(), firstGap
	for {
		err := call(ctx, sink, batch)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || time.Since(began)+gap > c.patience {
			c.log.Error("mqtt: a batch could not be stored", "messages", len(batch), "for", time.Since(began), "err", err)
			return err
		}
		c.log.Warn("mqtt: a batch is tried again", "messages", len(batch), "err", err)
		select {
		case <-time.After(gap):
		case <-ctx.Done():
		}
		gap = min(2*gap, lastGap)
	}
}

// call keeps a panic of the sink from ending the process: nothing of the batch
// counts as stored.
func call(ctx context.Context, sink mqtt.Sink, batch []mqtt.Message) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = linli.Internal(fmt.Errorf("the sink panicked: %v\n%s", p, debug.Stack()))
		}
	}()
	return sink(ctx, batch)
}

// Count adds the figures of the collector to those of its home.
func (c *Collector[T]) Count(s mqtt.Stats) mqtt.Stats {
	s.Received, s.Stored, s.Failed, s.Batches = c.received.Load(), c.stored.Load(), c.failed.Load(), c.batches.Load()
	s.Waiting = max(0, s.Received-s.Stored-s.Failed)
	return s
}
