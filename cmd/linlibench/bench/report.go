// Package bench is the frame of the measuring program: one report per run with
// the keys, flags, checks and exit codes every command shares. Formats and keys
// are a promise: extend, never rename.
package bench

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// Flags are common to all commands.
type Flags struct {
	Seed    uint64 `help:"Seed of everything drawn." default:"1"`
	Threads int    `help:"Threads; no number changes an answer." default:"1"`
	Out     string `help:"Directory for files, created if absent." placeholder:"DIR"`
	Quiet   bool   `help:"No progress on standard error."`
}

// Report gathers what a run has to say and prints it as one JSON object: the
// common keys first, then the command's own in the order they were set.
type Report struct {
	Flags
	Command string

	args    []string
	inputs  []input
	files   []string
	checks  []check
	notes   []string
	results []pair
	answers []byte // canonical answers, for the digest
	started time.Time
	stderr  io.Writer
}

type input struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

type check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

type pair struct {
	key   string
	value any
}

// New begins a report; started is where wall_s counts from.
func New(args []string, started time.Time, stderr io.Writer) *Report {
	return &Report{args: args, started: started, stderr: stderr}
}

// Set adds a key of the command. A second Set of a key replaces its value.
func (r *Report) Set(key string, value any) {
	for i := range r.results {
		if r.results[i].key == key {
			r.results[i].value = value
			return
		}
	}
	r.results = append(r.results, pair{key, value})
}

// Check records a promise that was tested; one that fails makes the exit code 1.
func (r *Report) Check(name string, ok bool, format string, args ...any) {
	r.checks = append(r.checks, check{name, ok, fmt.Sprintf(format, args...)})
}

// Note adds a remark a reader of the figures needs.
func (r *Report) Note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// Answer feeds the digest: everything the command decided, no timings.
func (r *Report) Answer(format string, args ...any) {
	r.answers = fmt.Appendf(r.answers, format, args...)
}

// Progress tells the person who waits, on standard error.
func (r *Report) Progress(format string, args ...any) {
	if !r.Quiet {
		fmt.Fprintf(r.stderr, "linlibench: "+format+"\n", args...)
	}
}

// Create opens a file of --out for writing and lists it under files.
func (r *Report) Create(name string) (*os.File, error) {
	if r.Out == "" {
		return nil, &Failure{Code: ExitUsage, Kind: "usage", Field: "out", Zh: "请用 --out 指定输出目录", En: "name a directory with --out"}
	}
	if err := os.MkdirAll(r.Out, 0o755); err != nil {
		return nil, fmt.Errorf("make %s: %w", filepath.Base(r.Out), err)
	}
	f, err := os.Create(filepath.Join(r.Out, name))
	if err == nil {
		r.files = append(r.files, name)
	}
	return f, err
}

// CreateAt makes a file the flags name with its own path and lists it under files.
func (r *Report) CreateAt(path string) (*os.File, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, &Failure{Code: ExitMissing, Kind: "missing", File: base(path), Zh: "无法写入文件", En: "the file cannot be written: " + reason(err)}
	}
	r.files = append(r.files, filepath.Base(path))
	return f, nil
}

// Print writes the one JSON object and returns the exit code that goes with it.
func (r *Report) Print(w io.Writer, failed error) int {
	code := ExitOK
	for _, c := range r.checks {
		if !c.OK {
			code = ExitCheck
		}
	}
	var failure *Failure
	if failed != nil {
		if !errors.As(failed, &failure) {
			failure = &Failure{Code: ExitInternal, Kind: "internal", Zh: "程序内部出错", En: failed.Error()}
		}
		code = failure.Code
	}
	object, err := r.object(failure)
	if err != nil { // a value no JSON can hold is our fault; say so in valid JSON
		r.results = nil
		code = ExitInternal
		object, _ = r.object(&Failure{Kind: "internal", Zh: "结果无法写成 JSON", En: err.Error()})
	}
	w.Write(append(object, '\n'))
	return code
}

func (r *Report) object(failure *Failure) ([]byte, error) {
	cpu, rss := usage()
	args := make([]string, len(r.args))
	for i, a := range r.args {
		args[i] = base(a)
	}
	digest := ""
	if r.answers != nil {
		sum := sha256.Sum256(r.answers)
		digest = hex.EncodeToString(sum[:])[:16]
	}
	all := []pair{
		{"command", r.Command}, {"version", version()}, {"go", runtime.Version()}, {"goarch", runtime.GOARCH},
		{"seed", r.Seed}, {"threads", r.Threads}, {"args", args}, {"inputs", list(r.inputs)},
		{"started_at", r.started.UTC().Format(time.RFC3339)}, {"wall_s", Round(time.Since(r.started).Seconds(), 3)},
		{"cpu_s", Round(cpu.Seconds(), 3)}, {"peak_rss_mib", Round(rss, 1)},
		{"checks", list(r.checks)}, {"digest", digest}, {"notes", list(r.notes)},
	}
	if r.Out != "" || r.files != nil {
		all = append(all, pair{"files", list(r.files)})
	}
	if failure != nil {
		all = append(all, pair{"error", failure})
	}
	all = append(all, r.results...)

	var b bytes.Buffer
	b.WriteByte('{')
	for i, p := range all {
		if i > 0 {
			b.WriteByte(',')
		}
		var value bytes.Buffer
		enc := json.NewEncoder(&value)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(p.value); err != nil {
			return nil, fmt.Errorf("%s: %w", p.key, err)
		}
		fmt.Fprintf(&b, "%q:%s", p.key, bytes.TrimRight(value.Bytes(), "\n"))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// list makes an absent slice print as [] and not as null.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// base prints paths as base names: --train=a/b.gz becomes --train=b.gz.
func base(arg string) string {
	if flag, value, ok := strings.Cut(arg, "="); ok && strings.HasPrefix(flag, "--") {
		return flag + "=" + base(value)
	}
	if !strings.ContainsRune(arg, filepath.Separator) {
		return arg
	}
	return filepath.Base(arg)
}

// Round keeps so many decimals: figures without false precision.
func Round(x float64, decimals int) float64 {
	p := math.Pow(10, float64(decimals))
	return math.Round(x*p) / p
}

// Number is a figure that may be absent: NaN and infinities print as null.
// Say why in a note.
type Number float64

// MarshalJSON prints the number, or null.
func (n Number) MarshalJSON() ([]byte, error) {
	if f := float64(n); !math.IsNaN(f) && !math.IsInf(f, 0) {
		return json.Marshal(f)
	}
	return []byte("null"), nil
}

// version is the commit the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			v = s.Value[:12]
		}
	}
	return v
}
