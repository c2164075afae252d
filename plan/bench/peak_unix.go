//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
	"time"
)

// spent is the processor time of this process so far.
func spent() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// peak is the largest resident size of the process or one that it waited for.
func peak(s *os.ProcessState) int64 {
	r, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(r.Maxrss) // bytes there, kilobytes elsewhere
	}
	return int64(r.Maxrss) << 10
}
