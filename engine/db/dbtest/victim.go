package dbtest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const victimEnv = "LINLI_TEST_VICTIM"

// IsVictim tells a test that it runs in a process which Kill will end.
func IsVictim() bool { return os.Getenv(victimEnv) != "" }

// Report tells the parent that something was acknowledged; only in a victim.
func Report(line string) {
	if _, err := fmt.Fprintln(report, line); err != nil {
		panic("dbtest: report: " + err.Error())
	}
}

var report = os.NewFile(3, "report") // a write of one line to a pipe is atomic

// Kill runs the calling top-level test once more in a process of its own, where IsVictim
// is true, kills it (SIGKILL) some time after its first report, and returns the
// whole lines it had reported by then. A victim that ends by itself fails the test.
func Kill(t *testing.T, after time.Duration, env ...string) (reported []string) {
	t.Helper()
	test, _, _ := strings.Cut(t.Name(), "/")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+test+"$", "-test.count=1")
	cmd.Env = append(os.Environ(), append(env, victimEnv+"=1")...)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd.ExtraFiles = []*os.File{w}
	out, err := os.CreateTemp(t.TempDir(), "victim-")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if len(reported) == 0 {
			time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		}
		reported = append(reported, lines.Text())
	}
	err = cmd.Wait()
	if status := cmd.ProcessState; status == nil || status.Exited() {
		text, _ := os.ReadFile(out.Name())
		t.Fatalf("the victim ended by itself: %v\n%s", err, text)
	}
	return reported
}
