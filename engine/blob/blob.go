// Package blob is the port to files: write-once, named by the SHA-256 of their
// content, checked on every read. Its first home is blob/dir.
package blob

import (
	"context"
	"io"

	"linli"
)

// Store keeps files.
type Store interface {
	// Put reads at most limit bytes from r and returns the name of the content
	// after it is on disk; more than limit is KindInvalid and stores nothing.
	Put(ctx context.Context, r io.Reader, limit int64) (linli.BlobID, int64, error)
	// Get opens the content; a missing or damaged file is an error, never other bytes.
	Get(ctx context.Context, id linli.BlobID) (io.ReadCloser, error)
	// Delete removes the content; deleting a missing one is fine.
	Delete(ctx context.Context, id linli.BlobID) error
}
