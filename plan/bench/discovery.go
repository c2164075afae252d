package main

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/intscan/intscan/plan"
)

const (
	discoveryLimit = 3.0

	samplePrefix = "sample:"
	sampleScan   = samplePrefix + "scan"
	sampleParse  = samplePrefix + "parse"
	sampleGOGC   = "GOGC=300" // what cmd/intscan sets; both get it
)

// discovery compares naming what a repository talks to with parsing its files.
// Each sample is a process of this program, so that neither inherits the other's
// heap; the time is taken inside, around the work.
func discovery(ctx context.Context, b *bench) ([]row, error) {
	var scan, parse []usage
	for range b.runs {
		for _, s := range []struct {
			what string
			to   *[]usage
		}{{sampleParse, &parse}, {sampleScan, &scan}} {
			u, err := b.sample(ctx, s.what)
			if err != nil {
				return nil, err
			}
			*s.to = append(*s.to, u)
		}
	}
	return []row{timed("discovery, syntax mode", scan, "go/parser", parse, discoveryLimit)}, nil
}

func (b *bench) sample(ctx context.Context, what string) (usage, error) {
	self, err := os.Executable()
	if err != nil {
		return usage{}, err
	}
	cmd := exec.CommandContext(ctx, self, what, b.dir)
	cmd.Env = os.Environ()
	if os.Getenv("GOGC") == "" {
		cmd.Env = append(cmd.Env, sampleGOGC)
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return usage{}, fmt.Errorf("%s: %w", what, err)
	}
	var u usage
	if _, err := fmt.Sscan(string(out), (*int64)(&u.wall), (*int64)(&u.cpu)); err != nil {
		return usage{}, fmt.Errorf("%s: printed %q: %w", what, out, err)
	}
	progress(strings.TrimPrefix(what, samplePrefix), u)
	return u, nil
}

// sample is the child's side: it does the work once and prints what it took, in
// nanoseconds.
func sample(what, dir string) error {
	var u usage
	took := func(work func()) {
		start, cpu := time.Now(), spent()
		work()
		u.wall, u.cpu = time.Since(start), spent()-cpu
	}
	var err error
	switch what {
	case sampleScan:
		took(func() {
			_, err = plan.Scan(context.Background(), plan.Options{Dir: dir, Mode: "syntax", Inventory: true})
		})
	case sampleParse:
		var files []string
		files, err = goFiles(dir) // listing them is not the parser's work
		var parsed []*ast.File
		took(func() { parsed = parseAll(files) })
		runtime.KeepAlive(parsed)
	default:
		return fmt.Errorf("no such sample: %s", what)
	}
	fmt.Println(u.wall.Nanoseconds(), u.cpu.Nanoseconds())
	return err
}

// parseAll reads and parses the files on all cores. A file with an error counts
// as far as it was parsed, as it does in a scan.
func parseAll(files []string) []*ast.File {
	fset := token.NewFileSet()
	out := make([]*ast.File, len(files))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(files) {
					return
				}
				out[i], _ = parser.ParseFile(fset, files[i], nil, parser.SkipObjectResolution)
			}
		})
	}
	wg.Wait()
	return out
}
