package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/intscan/intscan/plan/cache"
	"github.com/intscan/intscan/scanners"
)

// bench is what the measurements share.
type bench struct {
	dir   string // the repository
	runs  int
	tmp   string // binaries and caches; removed at the end
	exe   string // intscan, once built
	lines int    // of all .go files that a scan reads
	notes []string
}

func newBench(dir string, runs int) (*bench, error) {
	files, err := goFiles(dir)
	if err != nil {
		return nil, err
	}
	b := &bench{dir: dir, runs: runs}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		b.lines += bytes.Count(src, []byte("\n"))
	}
	b.tmp, err = os.MkdirTemp("", "bench")
	return b, err
}

// build makes the binary as "make build" does, once one is wanted.
func (b *bench) build(ctx context.Context) error {
	if b.exe != "" {
		return nil
	}
	exe := filepath.Join(b.tmp, "intscan")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", exe, "./cmd/intscan")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building intscan (bench runs in its checkout): %w\n%s", err, out)
	}
	b.exe = exe
	return nil
}

// goFiles lists the .go files that a scan of dir reads.
func goFiles(dir string) ([]string, error) {
	tree, err := scanners.OpenTree(dir, scanners.Limits{})
	if err != nil {
		return nil, err
	}
	defer tree.Close()
	var out []string
	for _, f := range tree.Files() {
		if strings.HasSuffix(f.Path, ".go") {
			out = append(out, filepath.Join(dir, filepath.FromSlash(f.Path)))
		}
	}
	return out, nil
}

// usage is what one process and those that it started cost.
type usage struct {
	wall, cpu time.Duration
	peak      int64 // bytes, of the largest of them; 0 where the system does not tell
}

// spend runs a program in the repository and measures it. Its output goes
// nowhere; the end of what it says on standard error becomes the error's text.
func (b *bench) spend(ctx context.Context, env []string, name string, args ...string) (usage, error) {
	return spendIn(ctx, b.dir, env, name, args...)
}

func spendIn(ctx context.Context, dir string, env []string, name string, args ...string) (usage, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var said bytes.Buffer
	cmd.Stderr = &said
	start := time.Now()
	err := cmd.Run()
	u := usage{wall: time.Since(start)}
	if s := cmd.ProcessState; s != nil {
		u.cpu, u.peak = s.UserTime()+s.SystemTime(), peak(s)
	}
	progress(filepath.Base(name), u)
	if err != nil {
		return u, fmt.Errorf("%s: %w: %s", filepath.Base(name), err, lastLine(said.String()))
	}
	return u, nil
}

// intscan runs one scan as a person would the first time, its report as JSON.
func (b *bench) intscan(ctx context.Context, env []string, args ...string) (usage, error) {
	if err := b.build(ctx); err != nil {
		return usage{}, err
	}
	env = append(env, cache.Variable+"=off")
	return b.spend(ctx, env, b.exe, append([]string{"--format", "json", "--quiet"}, append(args, ".")...)...)
}

// progress shows each run as it ends.
func progress(name string, u usage) {
	fmt.Fprintf(os.Stderr, "  %-12s %10s wall %10s cpu\n", name, seconds(u.wall), seconds(u.cpu))
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}
