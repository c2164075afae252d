package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/gate"
	"github.com/intscan/intscan/plan/revision"
	"github.com/intscan/intscan/scanners/gosrc"
)

// scanRevision scans a commit, or what is staged, laid out in a folder of its own.
func (f *flags) scanRevision(ctx context.Context, repo *revision.Repo, dir, commit string, stderr io.Writer) (*plan.Report, error) {
	var report *plan.Report
	err := f.laid(ctx, repo, dir, commit, func(to string) (err error) {
		report, err = f.scanAs(ctx, to, dir, nil, stderr)
		return err
	})
	return report, err
}

// laid has a commit, or what is staged, laid out in a folder for as long as use runs.
func (f *flags) laid(ctx context.Context, repo *revision.Repo, dir, commit string, use func(to string) error) error {
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
	repo, err := f.gate.repo(ctx, dir)
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
		report, err = f.scanRevision(ctx, repo, dir, revision.Index, stderr)
	}
	if err != nil {
		return nil, err
	}
	// The next commit holds just this, and is what the one after it is compared with.
	f.shelf(ctx, repo, revision.Index).keep(report)
	return report, nil
}

// known gives the findings of a commit: those that are kept of an earlier run, or else
// those of a scan.
func (f *flags) known(ctx context.Context, repo *revision.Repo, dir, commit string, stderr io.Writer) (*gate.Baseline, error) {
	kept := f.shelf(ctx, repo, commit)
	if b := kept.recall(ctx); b != nil {
		return b, nil
	}
	var report *plan.Report
	err := f.laid(ctx, repo, dir, commit, func(to string) (err error) {
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
		kept.keep(report)
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
