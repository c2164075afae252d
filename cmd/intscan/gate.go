package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/gate"
	"github.com/intscan/intscan/plan/revision"
	"github.com/intscan/intscan/scanners"
)

// gateFlags say which findings count and which of them fail the run.
type gateFlags struct {
	failOn    string
	limits    gate.Limits
	baseline  string
	newFrom   string
	mergeBase string
	staged    bool
	drift     bool
	// borrowed: the revision was read with the modules of today.
	borrowed bool
	git      *revision.Repo // around the folder scanned, opened when it is needed
}

func (g *gateFlags) add(cmd *cobra.Command) {
	own := cmd.Flags()
	own.StringVar(&g.failOn, "fail-on", "none", "exit with 1 for findings of this `SEVERITY` or graver: none, low, medium, high, critical")
	own.StringVar(&g.baseline, "baseline", "", "findings that stand in `FILE` do not count (intscan baseline writes it)")
	own.StringVar(&g.newFrom, "new-from", "", "only findings count that git revision `REV` does not have")
	own.StringVar(&g.mergeBase, "new-from-merge-base", "", "only findings count that were not there where this branch left `BRANCH`")
	own.BoolVar(&g.staged, "staged", false, "scan what is staged in git instead of the files on disk")
	own.BoolVar(&g.drift, "fail-on-drift", false, "exit with 1 when integrations, contracts or protections differ from the lock file (intscan lock writes it)")
	cmd.MarkFlagsMutuallyExclusive("baseline", "new-from", "new-from-merge-base")
	completeWords(cmd, "fail-on", []string{"none", "low", "medium", "high", "critical"})
}

// check finds wrong flags before the work starts. given: --fail-on is one of them,
// and goes before the configuration.
func (g *gateFlags) check(f *flags, given bool) error {
	severity, err := gate.ParseSeverity(g.failOn)
	if err != nil {
		return fmt.Errorf("--fail-on %w", err)
	}
	if f.inventory && (g.comparing() || given && severity != gate.None) {
		return errors.New("--inventory judges no calls, so there is nothing to gate")
	}
	if f.inventory {
		return nil
	}
	if !given {
		severity = ""
	}
	g.limits = f.config.loaded.Limits(severity)
	return nil
}

// comparing: the findings are held against something.
func (g *gateFlags) comparing() bool {
	return g.baseline != "" || g.newFrom != "" || g.mergeBase != "" || g.drift
}

// asked: the person wants the findings gated, not just shown.
func (g *gateFlags) asked() bool { return g.limits.Any() || g.comparing() }

// scanned scans, and compares with what the findings are to be held against.
func (f *flags) scanned(ctx context.Context, dir string, stderr io.Writer) (*plan.Report, error) {
	g := &f.gate
	base, err := f.base(ctx, dir, stderr)
	if err != nil {
		return nil, err
	}
	var report *plan.Report
	if g.staged {
		report, err = f.scanStaged(ctx, dir, stderr)
	} else {
		report, err = f.scan(ctx, dir, stderr)
	}
	if err != nil {
		return nil, err
	}
	if !f.inventory {
		if report.Drift, err = drift(dir, report); err != nil {
			return nil, err
		}
	}
	if g.borrowed {
		report.Diagnostics = scanners.SortDiagnostics(append(report.Diagnostics, scanners.Diagnostic{
			Severity: scanners.SeverityInfo, Scanner: "revision",
			Message: base.Revision + " needs modules that are not on this machine; it was read with those of today, so what their versions change does not show",
		}))
	}
	if g.asked() {
		g.limits.KindOf = kindOf(report)
		o := g.limits.Apply(report.Findings, report.CallSites, base)
		if g.drift {
			o.Drifted = len(report.Drift)
		}
		report.Gate = &o
	}
	return report, nil
}

func (g *gateFlags) repo(ctx context.Context, dir string) (*revision.Repo, error) {
	if g.git != nil {
		return g.git, nil
	}
	repo, err := revision.Open(ctx, dir)
	g.git = repo
	return repo, err
}

// base is what is known already: a file's findings, or those of a revision.
func (f *flags) base(ctx context.Context, dir string, stderr io.Writer) (*gate.Baseline, error) {
	g := &f.gate
	if g.baseline != "" {
		return readBaseline(g.baseline)
	}
	if g.newFrom == "" && g.mergeBase == "" {
		return nil, nil
	}
	repo, err := g.repo(ctx, dir)
	if err != nil {
		return nil, err
	}
	name, resolve := g.newFrom, repo.Resolve
	if g.newFrom == "" {
		name, resolve = g.mergeBase, repo.MergeBase
	}
	commit, err := resolve(ctx, name)
	if errors.Is(err, revision.ErrUnborn) {
		return &gate.Baseline{Revision: name}, nil // the first commit: everything is new
	}
	if err != nil {
		return nil, err
	}
	b, err := f.known(ctx, repo, dir, commit, stderr)
	if err != nil {
		return nil, err
	}
	if b.Revision = name; g.newFrom == "" {
		b.Revision = "the merge base with " + name
	}
	return b, nil
}

func kindOf(r *plan.Report) func(id string) string {
	kinds := map[string]string{}
	for _, in := range r.Integrations {
		kinds[in.ID] = in.Kind
	}
	return func(id string) string { return kinds[id] }
}

// verdict ends the run: with exit code 1 where the gate failed.
func (g *gateFlags) verdict(r *plan.Report, targets []target) error {
	if r.Gate == nil || !r.Gate.Failed() {
		return nil
	}
	for _, t := range targets {
		if t.file == "" && t.format.Name == "text" {
			return failed{} // the text's last line says it
		}
	}
	return failed{r.Gate.String()}
}

func readBaseline(file string) (*gate.Baseline, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no baseline %s; intscan baseline -o %s writes it", file, file)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the baseline %s: %w", file, plainly(err))
	}
	b, err := gate.ParseBaseline(data)
	if err != nil {
		return nil, fmt.Errorf("cannot use %s as a baseline: %w", file, err)
	}
	return b, nil
}
