package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/cache"
	"github.com/intscan/intscan/plan/gate"
	"github.com/intscan/intscan/plan/revision"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// scanRevision scans a commit, or what is staged, laid out in a folder of its own.
func (f *flags) scanRevision(ctx context.Context, dir, commit string, stderr io.Writer) (*plan.Report, error) {
	var report *plan.Report
	err := f.laid(ctx, dir, commit, func(to string) (err error) {
		report, err = f.scanAs(ctx, to, dir, nil, stderr)
		return err
	})
	return report, err
}

// laid has a commit, or what is staged, laid out in a folder for as long as use runs.
func (f *flags) laid(ctx context.Context, dir, commit string, use func(to string) error) error {
	repo, err := revision.Open(ctx, dir)
	if err != nil {
		return err
	}
	temporary, err := os.MkdirTemp("", "intscan-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	original, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	to := filepath.Join(temporary, filepath.Base(original)) // the report bears the folder's name
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	if err := repo.Lay(ctx, commit, to); err != nil {
		return err
	}
	return use(to)
}

// scanStaged scans what is staged: where it lies, if that comes to the same.
func (f *flags) scanStaged(ctx context.Context, dir string, stderr io.Writer) (*plan.Report, error) {
	repo, err := revision.Open(ctx, dir)
	if err != nil {
		return nil, err
	}
	state, ok, err := repo.Staged(ctx)
	if err != nil {
		return nil, err
	}
	var report *plan.Report
	if ok {
		report, err = f.scanAs(ctx, dir, dir, state, stderr)
	} else {
		report, err = f.scanRevision(ctx, dir, revision.Index, stderr)
	}
	if err != nil {
		return nil, err
	}
	// The next commit holds just this, and is what the one after it is compared with.
	f.keep(ctx, repo, revision.Index, report)
	return report, nil
}

// known gives the findings of a commit: those that are kept of an earlier run, or else
// those of a scan.
func (f *flags) known(ctx context.Context, repo *revision.Repo, dir, commit string, stderr io.Writer) (*gate.Baseline, error) {
	if b := f.recall(ctx, repo, commit); b != nil {
		return b, nil
	}
	var report *plan.Report
	err := f.laid(ctx, dir, commit, func(to string) (err error) {
		if report, err = f.scanAs(ctx, to, dir, nil, stderr); err != nil || !borrowModules(report, dir, to) {
			return err
		}
		again, err := f.scanAs(ctx, to, dir, nil, stderr)
		if err == nil && again.Coverage.Packages.Types > report.Coverage.Packages.Types {
			report, f.gate.borrowed = again, true
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if !f.gate.borrowed {
		f.keep(ctx, repo, commit, report)
	}
	return gate.NewBaseline(report.Findings, report.CallSites), nil
}

// borrowModules gives those modules of a revision that were read without all types the
// go.mod and go.sum of today: a change of versions leaves the old ones on no machine but
// its author's, and what types tell of one side alone would look new or gone. It reports
// whether that makes a difference.
func borrowModules(r *plan.Report, dir, to string) bool {
	changed := false
	for _, m := range r.Repository.Modules {
		if m.Mode == string(gosrc.ModeTypes) {
			continue
		}
		for _, name := range []string{"go.mod", "go.sum"} {
			name = filepath.Join(filepath.FromSlash(m.Dir), name)
			now, err := os.ReadFile(filepath.Join(dir, name))
			was, _ := os.ReadFile(filepath.Join(to, name))
			if err == nil && !bytes.Equal(now, was) && os.WriteFile(filepath.Join(to, name), now, 0o600) == nil {
				changed = true
			}
		}
	}
	return changed
}

// known is what the cache keeps of one state of a repository: the findings, and of the
// calls what the gate compares by.
type known struct {
	Machine  *gosrc.Machine
	Findings []rules.Finding
	Calls    []knownCall
}

type knownCall struct {
	At             scanners.Position
	Function, Call string
}

// recall gives the kept findings of a commit; nil where there are none, or where the
// machine is not as it was then: with other modules at hand a scan finds other things.
func (f *flags) recall(ctx context.Context, repo *revision.Repo, commit string) *gate.Baseline {
	c, key := f.findingsKey(ctx, repo, commit)
	if c == nil {
		return nil
	}
	data, ok := c.Get(key)
	var was known
	if !ok || json.Unmarshal(data, &was) != nil || was.Machine == nil || !was.Machine.Same(ctx) {
		return nil
	}
	var sites []detect.CallSite
	for _, c := range was.Calls {
		sites = append(sites, detect.CallSite{Position: c.At, Function: c.Function, Call: c.Call})
	}
	return gate.NewBaseline(was.Findings, sites)
}

func (f *flags) keep(ctx context.Context, repo *revision.Repo, commit string, r *plan.Report) {
	c, key := f.findingsKey(ctx, repo, commit)
	if c == nil || r.Machine == nil {
		return
	}
	is := known{Machine: r.Machine, Findings: r.Findings}
	for i := range r.CallSites {
		s := &r.CallSites[i]
		is.Calls = append(is.Calls, knownCall{s.Position, s.Function, s.Call})
	}
	if data, err := json.Marshal(is); err == nil {
		c.Put(key, data)
	}
}

// findingsKey stands for all that the findings depend on, the machine excepted. There
// is none without a cache, and where the configuration is more than one file.
func (f *flags) findingsKey(ctx context.Context, repo *revision.Repo, commit string) (*cache.Cache, string) {
	c := f.openCache()
	source, whole := f.config.loaded.Source()
	if c == nil || !whole {
		return nil, ""
	}
	content, err := repo.Content(ctx, commit)
	if err != nil {
		return nil, ""
	}
	today := time.Now().Format(time.DateOnly) // suppressions expire
	return c, fmt.Sprintf("findings %s %s %t %q %q %s %q", content, f.mode, f.download, f.config.only, f.config.except, today, source)
}
