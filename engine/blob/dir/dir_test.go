package dir

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"linli"
	"linli/engine/blob"
	"linli/engine/blob/blobtest"
)

func TestAFolderKeepsThePromises(t *testing.T) {
	t.Parallel()
	blobtest.Conformance(t, func(t *testing.T) func() blob.Store {
		root := filepath.Join(t.TempDir(), "blobs")
		return func() blob.Store {
			s, err := Open(root)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
	})
}

func TestADamagedFileIsNeverHandedOutAndCanBeHealed(t *testing.T) {
	t.Parallel()
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	id, _, err := s.Put(t.Context(), strings.NewReader("evidence"), 100)
	if err != nil {
		t.Fatal(err)
	}
	path, err := s.path(id)
	if err != nil {
		t.Fatal(err)
	}
	for _, damage := range []string{"evidencE", "evid", "evidence and more", ""} {
		if err := os.WriteFile(path, []byte(damage), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get(t.Context(), id); linli.KindOf(err) != linli.KindInternal {
			t.Errorf("%q: %v", damage, err)
		}
	}
	if _, _, err := s.Put(t.Context(), strings.NewReader("evidence"), 100); err != nil {
		t.Fatal(err)
	}
	f, err := s.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
}

func TestInterruptedPutsAreClearedAway(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	s, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Put(t.Context(), strings.NewReader("12345"), 4); err == nil {
		t.Fatal("too much was stored")
	}
	for name, age := range map[string]time.Duration{"old": 25 * time.Hour, "young": 0} {
		path := filepath.Join(s.temp(), name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(root); err != nil {
		t.Fatal(err)
	}
	var files []string
	if err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, d.Name())
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(files) != 1 || files[0] != "young" {
		t.Errorf("left are %v, want only the young one", files)
	}
}
