package bench

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Expand turns directories among the paths into the files in them whose names
// end like one of the suffixes (with or without .gz), in name order.
func Expand(paths []string, suffixes ...string) ([]string, error) {
	var out []string
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, Missing(p, err)
		}
		if !info.IsDir() {
			out = append(out, p)
			continue
		}
		entries, err := os.ReadDir(p) // sorted by name
		if err != nil {
			return nil, Missing(p, err)
		}
		before := len(out)
		for _, e := range entries {
			name := strings.TrimSuffix(e.Name(), ".gz")
			for _, s := range suffixes {
				if !e.IsDir() && strings.HasSuffix(name, s) {
					out = append(out, filepath.Join(p, e.Name()))
					break
				}
			}
		}
		if len(out) == before {
			return nil, Missing(p, errors.New("no matching file in this directory"))
		}
	}
	return out, nil
}

// Read gives the whole content of an input file: unpacked when it is gzip by
// content, without a byte order mark. The file is listed under inputs as stored.
func (r *Report) Read(path string) ([]byte, error) {
	stored, err := os.ReadFile(path)
	if err != nil {
		return nil, Missing(path, err)
	}
	sum := sha256.Sum256(stored)
	r.inputs = append(r.inputs, input{filepath.Base(path), int64(len(stored)), hex.EncodeToString(sum[:])})
	data := stored
	if bytes.HasPrefix(stored, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(stored))
		if err == nil {
			data, err = io.ReadAll(z)
		}
		if err != nil {
			return nil, Malformed(path, 0, "", "压缩文件已损坏", "the gzip file is damaged: "+err.Error())
		}
	}
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), nil
}

// Lines reads JSON lines: each calls row with a fresh T and its line number.
// Unknown keys are ignored, blank lines skipped, a value of the wrong type is
// malformed with its line and field.
func Lines[T any](ctx context.Context, r *Report, path string, row func(v *T, line int) error) error {
	data, err := r.Read(path)
	if err != nil {
		return err
	}
	line := 0
	for s := bufio.NewReader(bytes.NewReader(data)); ; {
		text, readErr := s.ReadBytes('\n')
		line++
		if text = bytes.TrimSpace(text); len(text) > 0 {
			v := new(T)
			if err := json.Unmarshal(text, v); err != nil {
				field := ""
				var wrong *json.UnmarshalTypeError
				if errors.As(err, &wrong) {
					field = wrong.Field
				}
				return Malformed(path, line, field, "这一行不是所要求的 JSON", "the line is not the JSON that is expected: "+err.Error())
			}
			if err := row(v, line); err != nil {
				return err
			}
		}
		if readErr != nil {
			return ctx.Err()
		}
		if line%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// reason is the cause without the path, which may say more than a report should.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
