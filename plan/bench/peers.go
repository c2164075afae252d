package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"
)

const scanLimit = 0.25

// peer is a tool to compare with, at the version named. Output and findings do
// not matter; a flag that keeps findings from looking like a failure does.
type peer struct {
	name, pkg string
	// vettool: run by "go vet", which keeps its results in the build cache under
	// the hash of the tool's binary. Each run gets a binary linked anew with an
	// identifier of its own, so that nothing of the run before is found.
	vettool bool
	args    []string
}

var peers = []peer{
	// gosec keeps no cache.
	{name: "gosec", pkg: "github.com/securego/gosec/v2/cmd/gosec@v2.30.0", args: []string{"-quiet", "-no-fail", "./..."}},
	// staticcheck keeps its results under STATICCHECK_CACHE: a new folder each run.
	{name: "staticcheck", pkg: "honnef.co/go/tools/cmd/staticcheck@v0.8.2", args: []string{"-fail", "none", "./..."}},
	{name: "bodyclose", pkg: "github.com/timakin/bodyclose@v0.0.0-20260723120731-857993a2939c", vettool: true},
	{name: "noctx", pkg: "github.com/sonatard/noctx/cmd/noctx@v0.5.1", vettool: true},
}

// fullScan compares whole processes. The dependencies' export data is put into
// the build cache first; intscan's own cache is off.
func fullScan(ctx context.Context, b *bench) ([]row, error) {
	b.fillBuildCache(ctx)
	var ours []usage
	theirs := map[string][]usage{}
	failed := map[string]bool{}
	for i := range b.runs {
		u, err := b.intscan(ctx, nil)
		if err != nil {
			return nil, err
		}
		ours = append(ours, u)
		for _, p := range peers {
			if failed[p.name] {
				continue
			}
			u, err := b.runPeer(ctx, p, i)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err != nil {
				failed[p.name] = true
				b.notes = append(b.notes, fmt.Sprintf("scan: %s is not counted: %v", p.name, err))
				continue
			}
			theirs[p.name] = append(theirs[p.name], u)
		}
	}
	fastest, best := "", usage{}
	for _, p := range peers {
		if failed[p.name] {
			continue
		}
		u := medianUsage(theirs[p.name])
		b.notes = append(b.notes, fmt.Sprintf("scan: %s took %s, %s of processor time", p.name, seconds(u.wall), seconds(u.cpu)))
		if fastest == "" || u.wall < best.wall {
			fastest, best = p.name, u
		}
	}
	if fastest == "" {
		return nil, nil
	}
	return []row{timed("scan, build cache filled", ours, fastest, theirs[fastest], scanLimit)}, nil
}

// fillBuildCache compiles what the packages and their tests import, and, for the
// vettools, lets vet's own facts of the dependencies be: those hang on the tool.
func (b *bench) fillBuildCache(ctx context.Context) {
	if _, err := b.spend(ctx, nil, "go", "list", "-export", "-deps", "-test", "-e", "./..."); err != nil {
		b.notes = append(b.notes, "scan: the build cache could not be filled: "+err.Error())
	}
}

// runPeer installs the peer, untimed, and runs it once without its cache.
func (b *bench) runPeer(ctx context.Context, p peer, run int) (usage, error) {
	bin := filepath.Join(b.tmp, "bin")
	id := "once"
	if p.vettool {
		id = fmt.Sprintf("run-%d-%d", run, time.Now().UnixNano())
	}
	install := exec.CommandContext(ctx, "go", "install", "-ldflags", "-buildid="+id, p.pkg)
	install.Dir = b.tmp // outside any module: the repository's go.mod has no say
	install.Env = append(os.Environ(), "GOBIN="+bin, "GOFLAGS=")
	if out, err := install.CombinedOutput(); err != nil {
		return usage{}, fmt.Errorf("cannot be had: %w: %s", err, lastLine(string(out)))
	}
	module, _, _ := strings.Cut(p.pkg, "@")
	exe := filepath.Join(bin, path.Base(module))
	if p.vettool {
		return b.spend(ctx, nil, "go", "vet", "-vettool="+exe, "-json", "./...")
	}
	cache, err := os.MkdirTemp(b.tmp, "cache")
	if err != nil {
		return usage{}, err
	}
	defer os.RemoveAll(cache)
	return b.spend(ctx, []string{"STATICCHECK_CACHE=" + cache}, exe, p.args...)
}
