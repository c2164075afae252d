// Command intscan names everything that a repository talks to.
//
// This package holds flags, exit codes, progress and files written; what the
// code of a repository means is decided in the packages below it.
package main

import (
	"context"
	"os"
	"runtime/debug"
)

// gcPercent lets the heap grow further between collections than Go's default of
// 100: a scan is short, and collecting its growing heap cost a quarter of its time.
const gcPercent = 300

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	os.Exit(Run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}
