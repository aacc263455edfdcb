package bench

// Exit codes. Missing a target is none of them.
const (
	ExitOK        = 0 // finished, all checks ok
	ExitCheck     = 1 // finished, a check failed: infeasible plan, leak, digest mismatch
	ExitUsage     = 2 // wrong flags
	ExitMissing   = 3 // input missing or unreadable
	ExitMalformed = 4 // input malformed
	ExitInternal  = 5 // our fault
	ExitLimit     = 6 // no answer within the limit
)

// Failure ends a run; it is printed under the key error. Any other error a
// command returns is internal.
type Failure struct {
	Code  int    `json:"-"`
	Kind  string `json:"kind"`
	File  string `json:"file,omitempty"` // base name
	Line  int    `json:"line,omitempty"` // counted from 1
	Field string `json:"field,omitempty"`
	Zh    string `json:"message_zh"`
	En    string `json:"message_en"`
}

// Error is the English sentence with its place.
func (f *Failure) Error() string { return f.Kind + " " + f.File + ": " + f.En }

// Usage says that the flags do not fit together.
func Usage(field, zh, en string) *Failure {
	return &Failure{Code: ExitUsage, Kind: "usage", Field: field, Zh: zh, En: en}
}

// Missing says that an input is absent or cannot be read.
func Missing(file string, cause error) *Failure {
	return &Failure{Code: ExitMissing, Kind: "missing", File: base(file), Zh: "文件不存在或无法读取", En: "the file is missing or cannot be read: " + reason(cause)}
}

// Malformed says where an input is not what its format promises.
func Malformed(file string, line int, field, zh, en string) *Failure {
	return &Failure{Code: ExitMalformed, Kind: "malformed", File: base(file), Line: line, Field: field, Zh: zh, En: en}
}
