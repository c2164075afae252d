package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"
)

// The exit codes, all of them.
const (
	exitFine        = 0   // the scan ran and found nothing at or above the gate
	exitFindings    = 1   // findings at or above the gate
	exitUsage       = 2   // wrong usage, or nothing could be scanned or written
	exitFault       = 3   // a fault in intscan itself
	exitIncomplete  = 4   // --strict, and something could not be looked at
	exitInterrupted = 130 // stopped by the person who started it
)

// fault is a panic that was caught: it is ours, not the user's.
type fault struct{ value any }

func (f fault) Error() string {
	return fmt.Sprintf("internal error: %v; please report this with what you scanned", f.value)
}

// failed is a gate that did not let the findings pass. Where the output says so by
// itself, Line is "".
type failed struct{ line string }

func (f failed) Error() string { return f.line }

// incomplete is a scan that --strict does not let pass.
type incomplete struct{ line string }

func (i incomplete) Error() string { return i.line }

// exitCode says how the process ends for the error that the command returned,
// and the one line to print about it ("" for nothing).
func exitCode(err error) (code int, line string) {
	var f fault
	var gate failed
	var part incomplete
	switch {
	case err == nil:
		return exitFine, ""
	case errors.As(err, &f):
		return exitFault, oneLine(f.Error())
	case errors.As(err, &gate):
		return exitFindings, gate.line
	case errors.As(err, &part):
		return exitIncomplete, part.line
	case errors.Is(err, context.Canceled):
		return exitInterrupted, "stopped"
	case errors.Is(err, syscall.EPIPE):
		// Whoever read the output has seen enough ("| head"): no fault of anyone.
		return exitFine, ""
	}
	return exitUsage, oneLine(err.Error())
}
