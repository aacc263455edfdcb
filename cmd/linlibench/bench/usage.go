package bench

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
	"time"
)

// CPU is the processor time of this process so far. On a machine that others
// use, too, it measures what a loop costs better than the clock on the wall.
func CPU() time.Duration {
	cpu, _ := usage()
	return cpu
}

// usage is the processor time of this process so far, user and system, and its
// greatest resident memory in MiB.
func usage() (cpu time.Duration, rssMiB float64) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) == nil {
		cpu = time.Duration(u.Utime.Nano() + u.Stime.Nano())
		rssMiB = float64(u.Maxrss) / 1024 // KiB on Linux
	}
	// After exec, Maxrss can still hold the parent's peak; VmHWM is our own.
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		if _, rest, ok := bytes.Cut(status, []byte("VmHWM:")); ok {
			if f := bytes.Fields(rest); len(f) > 0 {
				if kib, err := strconv.ParseFloat(string(f[0]), 64); err == nil {
					rssMiB = kib / 1024
				}
			}
		}
	}
	return cpu, rssMiB
}
