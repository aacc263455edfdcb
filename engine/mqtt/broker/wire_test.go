package broker

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// piped is a wire whose other end is the test's.
func piped() (*wire, net.Conn) {
	near, far := net.Pipe()
	b := &Broker{options: Options{Window: 1, Now: time.Now, Log: slog.New(slog.DiscardHandler)}, wires: map[*wire]bool{}}
	return b.wire(near), far
}

func TestAConnectionThatSaysNothingEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, far := piped()
		defer far.Close()
		began := time.Now()
		if _, err := w.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != greeting {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		_ = w.Close()
	})
}

func TestAWriteThatFailsEndsTheConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, far := piped()
		defer far.Close()
		began := time.Now()
		if _, err := w.Write([]byte("half a packet")); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != sendLimit {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		if _, err := w.Write([]byte("the next")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("then: %v", err)
		}
		if w.ctx.Err() == nil || len(w.broker.wires) != 0 {
			t.Error("the connection is still known")
		}
	})
}

// mochi sets both deadlines before it reads, and may not read for long.
func TestAnAnswerMayBeWrittenAfterTheDeadlineOfReading(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, far := piped()
		defer far.Close()
		if err := w.SetDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		go func() { _, _ = w.Write([]byte("ok")) }()
		if _, err := io.ReadFull(far, make([]byte, 2)); err != nil {
			t.Error(err)
		}
		if _, err := w.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("reading: %v", err)
		}
		_ = w.Close()
	})
}

// doorman fails twice, lets one in, and closes.
type doorman struct {
	net.Listener
	calls int
}

func (d *doorman) Accept() (net.Conn, error) {
	switch d.calls++; d.calls {
	case 1, 2:
		return nil, errors.New("too many open files")
	case 3:
		near, _ := net.Pipe()
		return near, nil
	}
	return nil, net.ErrClosed
}

func TestListeningOutlivesAnErrorOfAccepting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, _ := piped()
		l := listener{Listener: &doorman{}, broker: w.broker}
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a closed listener: %v", err)
		}
		_, _ = c.Close(), w.Close()
	})
}
