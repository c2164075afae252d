package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"
	"unicode"
)

// grace is how long an interrupted scan may take to leave by itself.
const grace = time.Second

// Run is the whole command: it runs it with args and returns the exit code.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- protect(func() error { return execute(ctx, args, stdout, stderr) }) }()

	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		// A parser may be in the middle of a file and hear nothing. What is
		// being written is written to a temporary file, so leaving is safe.
		select {
		case err = <-done:
		case <-time.After(grace):
			err = ctx.Err()
		}
	}
	code, line := exitCode(err)
	if line != "" {
		fmt.Fprintf(stderr, "intscan: %s\n", line)
	}
	return code
}

// protect turns a panic of work into an error.
func protect(work func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fault{r}
		}
	}()
	return work()
}

func execute(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	cmd := newRoot(stdout, stderr)
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	return cmd.ExecuteContext(ctx)
}

// oneLine makes an error fit for one line of a terminal: a path given as an
// argument may hold anything.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.TrimSpace(s))
}
