// Command bench measures what a scan costs beside tools that a person knows, on
// one repository and in one run: "make bench REPO=path". It prints ratios and the
// limits that they are to keep, and asserts nothing: timings depend on the machine
// and on what else it does, so that they make poor tests.
//
// Every figure is the median of interleaved runs, each in a process of its own:
// what was warm for one is warm for the other, and a busy minute hits both.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) == 3 && strings.HasPrefix(os.Args[1], samplePrefix) {
		if err := sample(os.Args[1], os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
}

// measurement is one row of the result, or several of a kind.
type measurement struct {
	name, about string
	take        func(context.Context, *bench) ([]row, error)
}

var measurements = []measurement{
	{"discovery", "plan.Scan, syntax mode, inventory only, beside go/parser on the same files", discovery},
	{"scan", "intscan beside the fastest of gosec, staticcheck, bodyclose and noctx without their caches", fullScan},
	{"vet", "intscan beside go vet, both with an empty build cache", coldVet},
	{"precommit", "the hook's intscan with one file changed, beside go vet with nothing to do", precommit},
	{"memory", "peak memory of intscan in both modes, by lines of Go", memory},
}

func run(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	repo := fs.String("repo", ".", "the repository to measure on")
	runs := fs.Int("n", 3, "runs of each; the median counts")
	only := fs.String("only", "", "rows to take, separated by commas: "+strings.Join(names(), ", "))
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *runs < 1 || fs.NArg() > 0 {
		return fmt.Errorf("usage: bench [-repo DIR] [-n RUNS] [-only ROWS]")
	}
	wanted := names()
	if *only != "" {
		wanted = strings.Split(*only, ",")
	}
	for _, w := range wanted {
		if !slices.Contains(names(), w) {
			return fmt.Errorf("-only %s is none of %s", w, strings.Join(names(), ", "))
		}
	}
	dir, err := filepath.Abs(*repo)
	if err != nil {
		return err
	}
	b, err := newBench(dir, *runs)
	if err != nil {
		return err
	}
	defer os.RemoveAll(b.tmp)
	fmt.Printf("%s: %d lines of Go, median of %d\n\n", filepath.Base(dir), b.lines, b.runs)
	var rows []row
	for _, m := range measurements {
		if !slices.Contains(wanted, m.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s: %s\n", m.name, m.about)
		taken, err := m.take(ctx, b)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		rows = append(rows, taken...)
	}
	return writeRows(os.Stdout, rows, b.notes)
}

func names() []string {
	var out []string
	for _, m := range measurements {
		out = append(out, m.name)
	}
	return out
}
