// Package dir is the home of engine/blob in a folder: a file is named by its
// content, appears whole or not at all, and is on disk when Put returns.
package dir

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"linli"
)

// Store is a blob.Store in a folder.
type Store struct{ root string }

// Open makes the folder if it is missing and clears away what interrupted Puts
// left behind.
func Open(root string) (*Store, error) {
	s := &Store{root}
	if err := os.MkdirAll(s.temp(), 0o700); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	old, err := os.ReadDir(s.temp())
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	for _, entry := range old {
		// Young ones may belong to another node on the same folder.
		if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			os.Remove(filepath.Join(s.temp(), entry.Name()))
		}
	}
	return s, nil
}

func (s *Store) temp() string { return filepath.Join(s.root, "tmp") }

// path spreads the files over 256 folders; only valid names reach the disk.
func (s *Store) path(id linli.BlobID) (string, error) {
	if raw, err := hex.DecodeString(string(id)); err != nil || len(raw) != sha256.Size || hex.EncodeToString(raw) != string(id) {
		return "", notFound()
	}
	return filepath.Join(s.root, string(id[:2]), string(id[2:])), nil
}

func notFound() error { return linli.NotFound("找不到这个文件", "there is no such file") }

// Put stores what r holds; see blob.Store.
func (s *Store) Put(ctx context.Context, r io.Reader, limit int64) (id linli.BlobID, size int64, err error) {
	f, err := os.CreateTemp(s.temp(), "put-")
	if err != nil {
		return "", 0, linli.Internal(err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	sum := sha256.New()
	size, err = io.Copy(io.MultiWriter(f, sum), &reader{ctx, io.LimitReader(r, limit+1)})
	if err != nil {
		return "", 0, err
	}
	if size > limit {
		return "", 0, linli.Invalidf("", "文件太大，最多 %[1]s", "the file is larger than %[1]s", bytes(limit))
	}
	id = linli.BlobID(hex.EncodeToString(sum.Sum(nil)))
	path, err := s.path(id)
	if err != nil {
		return "", 0, err
	}
	if err := publish(f, path); err != nil {
		return "", 0, linli.Internal(err)
	}
	return id, size, nil
}

// publish gives a complete file its name. A file of the same content that stands
// there already is replaced, which also heals a damaged one.
func publish(f *os.File, path string) error {
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	folder := filepath.Dir(path)
	if err := os.Mkdir(folder, 0o700); err == nil {
		if err := sync(filepath.Dir(folder)); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return sync(folder)
}

// sync makes the names in a folder durable.
func sync(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Get opens the content after it has been checked from end to end, so that not
// one wrong byte is handed out.
func (s *Store) Get(ctx context.Context, id linli.BlobID) (io.ReadCloser, error) {
	path, err := s.path(id)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notFound()
	}
	if err != nil {
		return nil, linli.Internal(err)
	}
	sum := sha256.New()
	if _, err = io.Copy(sum, &reader{ctx, f}); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case err != nil:
		err = linli.Internal(err)
	case hex.EncodeToString(sum.Sum(nil)) != string(id):
		err = &linli.Error{Kind: linli.KindInternal, Zh: "文件已损坏，请从备份恢复", En: "the file is damaged; restore it from the backup", Err: fmt.Errorf("blob: %s", path)}
	default:
		return f, nil
	}
	f.Close()
	return nil, err
}

// Delete removes the content; a missing one is fine.
func (s *Store) Delete(_ context.Context, id linli.BlobID) error {
	path, err := s.path(id)
	if err != nil {
		return nil // no such name can exist
	}
	err = os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = sync(filepath.Dir(path))
	}
	if err != nil {
		return linli.Internal(err)
	}
	return nil
}

// reader ends when the context does.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// bytes prints a size for people.
func bytes(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 1<<10:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}
