package dbtest

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// server gives the connection string of a superuser; see the package comment.
var server = sync.OnceValues(func() (string, error) {
	if dsn := os.Getenv("LINLI_TEST_POSTGRES"); dsn != "" {
		return dsn, nil
	}
	shared := socketDSN(filepath.Join(os.TempDir(), "linli-postgres")) // the folder of postgres.sh
	if asAdmin(shared, "SELECT 1") == nil {
		return shared, nil
	}
	return private()
})

func socketDSN(dir string) string {
	return "postgres:///postgres?" + url.Values{"host": {dir}, "user": {"postgres"}}.Encode()
}

// withDatabase points a connection string at another database.
func withDatabase(dsn, name string) (string, error) {
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme == "" {
		return "", errors.New("dbtest: LINLI_TEST_POSTGRES must be a postgres:// URL")
	}
	u.Path = "/" + name
	return u.String(), nil
}

// private starts a cluster that lives as long as this process: without fsync, on
// a socket in a new folder. The server refuses to run as root, so root hands it
// to an account without rights.
func private() (string, error) {
	bin, err := programs()
	if err != nil {
		return "", err
	}
	sweep()
	dir, err := os.MkdirTemp("", fmt.Sprintf("linli-postgres-%d-", os.Getpid()))
	if err != nil {
		return "", err
	}
	attr := &syscall.SysProcAttr{}
	if os.Getuid() == 0 {
		uid, gid, err := unprivileged()
		if err != nil {
			return "", err
		}
		attr.Credential = &syscall.Credential{Uid: uid, Gid: gid}
		if err := os.Chown(dir, int(uid), int(gid)); err != nil {
			return "", err
		}
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
	initdb.SysProcAttr, initdb.Dir = attr, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", fmt.Errorf("dbtest: initdb: %w\n%s", err, out)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return "", err
	}
	defer log.Close()
	serve := exec.Command(filepath.Join(bin, "postgres"), append([]string{"-D", data, "-k", dir}, settings...)...)
	serve.Stdout, serve.Stderr, serve.Dir = log, log, dir
	serve.SysProcAttr = &syscall.SysProcAttr{Credential: attr.Credential, Pdeathsig: syscall.SIGQUIT}
	if err := startWithThread(serve); err != nil {
		return "", err
	}
	dsn := socketDSN(dir)
	for range 300 {
		if err = asAdmin(dsn, "SELECT 1"); err == nil {
			return dsn, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return "", fmt.Errorf("dbtest: PostgreSQL does not answer: %w", err)
}

// settings trade durability, which no test of content needs, for speed.
var settings = []string{
	"-c", "listen_addresses=", "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
	"-c", "max_connections=400", "-c", "max_pred_locks_per_transaction=256", "-c", "shared_buffers=64MB", "-c", "autovacuum=off",
}

// startWithThread starts the server from a thread that lives as long as the
// process: the death signal of a child is bound to the thread that made it.
func startWithThread(cmd *exec.Cmd) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		started <- cmd.Start()
		_ = cmd.Wait()
	}()
	return <-started
}

// programs finds the folder of initdb and postgres.
func programs() (string, error) {
	candidates, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			candidates = append(candidates, filepath.Dir(path))
		}
	}
	for _, dir := range candidates {
		if _, err := os.Stat(filepath.Join(dir, "postgres")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("dbtest: no PostgreSQL: set LINLI_TEST_POSTGRES, run engine/db/dbtest/postgres.sh start, or install the package postgresql")
}

func unprivileged() (uid, gid uint32, err error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return uint32(uid), uint32(gid), nil
		}
	}
	return 0, 0, errors.New("dbtest: PostgreSQL cannot run as root and there is no account postgres or nobody")
}

// sweep removes what private clusters of ended test binaries left behind.
func sweep() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), "linli-postgres-*-*"))
	for _, dir := range dirs {
		pid, err := strconv.Atoi(strings.Split(filepath.Base(dir), "-")[2])
		if err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			os.RemoveAll(dir)
		}
	}
}
