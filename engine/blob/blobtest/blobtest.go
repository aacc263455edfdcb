// Package blobtest holds the conformance suite of engine/blob.
package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"linli"
	"linli/engine/blob"
)

// Conformance checks the promises of package blob on one home; fresh gives a
// function that opens a new, empty store again and again.
func Conformance(t *testing.T, fresh func(t *testing.T) (open func() blob.Store)) {
	t.Run("content comes back under its sum, also after reopening", func(t *testing.T) {
		t.Parallel()
		open := fresh(t)
		for _, content := range []string{"", "照片", strings.Repeat("0123456789abcdef", 100_000)} {
			want := sum(content)
			var puts sync.WaitGroup
			for range 4 { // the same content at the same time
				puts.Go(func() {
					id, size, err := open().Put(t.Context(), strings.NewReader(content), int64(len(content)))
					if id != want || size != int64(len(content)) || err != nil {
						t.Errorf("Put of %d bytes: %s, %d, %v", len(content), id, size, err)
					}
				})
			}
			puts.Wait()
			if got := get(t, open(), want); got != content {
				t.Errorf("%d bytes came back as %d", len(content), len(got))
			}
		}
	})
	t.Run("too much and broken input stores nothing", func(t *testing.T) {
		t.Parallel()
		s := fresh(t)()
		if _, _, err := s.Put(t.Context(), strings.NewReader("12345"), 4); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("5 bytes where 4 are allowed: %v", err)
		}
		cause := errors.New("the line broke")
		if _, _, err := s.Put(t.Context(), iotest.ErrReader(cause), 4); !errors.Is(err, cause) {
			t.Errorf("a reader that fails: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := s.Put(ctx, strings.NewReader("1234"), 4); !errors.Is(err, context.Canceled) {
			t.Errorf("a canceled Put: %v", err)
		}
		for _, content := range []string{"12345", "1234", ""} {
			if _, err := s.Get(t.Context(), sum(content)); linli.KindOf(err) != linli.KindNotFound {
				t.Errorf("%q: %v", content, err)
			}
		}
	})
	t.Run("a name that is no sum finds nothing", func(t *testing.T) {
		t.Parallel()
		s := fresh(t)()
		for _, id := range []linli.BlobID{"", "../../etc/passwd", sum("x") + "0", linli.BlobID(strings.ToUpper(string(sum("x"))))} {
			if _, err := s.Get(t.Context(), id); linli.KindOf(err) != linli.KindNotFound {
				t.Errorf("%q: %v", id, err)
			}
			if err := s.Delete(t.Context(), id); err != nil {
				t.Errorf("deleting %q: %v", id, err)
			}
		}
	})
	t.Run("deleted content is gone and may come again", func(t *testing.T) {
		t.Parallel()
		s := fresh(t)()
		for range 2 {
			id, _, err := s.Put(t.Context(), strings.NewReader("x"), 1)
			if err != nil || get(t, s, id) != "x" {
				t.Fatal(err)
			}
			for range 2 {
				if err := s.Delete(t.Context(), id); err != nil {
					t.Error(err)
				}
			}
			if _, err := s.Get(t.Context(), id); linli.KindOf(err) != linli.KindNotFound {
				t.Errorf("after Delete: %v", err)
			}
		}
	})
}

func sum(content string) linli.BlobID {
	s := sha256.Sum256([]byte(content))
	return linli.BlobID(hex.EncodeToString(s[:]))
}

func get(t *testing.T, s blob.Store, id linli.BlobID) string {
	t.Helper()
	r, err := s.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := io.Copy(&b, r); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
