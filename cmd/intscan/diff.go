package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/compare"
	"github.com/intscan/intscan/plan/render"
	"github.com/intscan/intscan/plan/revision"
)

// newDiff compares two reports, or two revisions.
func newDiff(f *flags, stderr io.Writer) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "diff OLD [NEW]",
		Short: "Show what a change gains and loses: integrations, protections, contracts, findings",
		Long: `OLD and NEW are reports (--format json) or revisions of the git repository in the
folder you are in, or of --repo. Without NEW the files on disk are scanned.`,
		Example: "  intscan diff main\n  intscan diff v1.4.0 v1.5.0 --format markdown\n  intscan diff old.json new.json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return errors.New("diff takes OLD and NEW: two reports or two revisions")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			targets, err := f.output.open([]render.Format{{Name: "text"}, {Name: "markdown"}, {Name: "json"}})
			if err != nil {
				return err
			}
			before, err := f.side(cmd.Context(), dir, args[0], stderr)
			if err != nil {
				return err
			}
			after, err := f.otherSide(cmd.Context(), dir, args[1:], stderr)
			if err != nil {
				return err
			}
			d := difference(before, after)
			for _, t := range targets {
				if err := f.output.writeTo(t.file, func(w io.Writer) error { return f.writeDiff(w, d, t) }); err != nil {
					return err
				}
			}
			return nil
		},
	}
	f.addReading(cmd)
	cmd.Flags().StringVar(&dir, "repo", ".", "the `FOLDER` of the repository whose revisions are meant")
	return cmd
}

func difference(before, after *plan.Report) *compare.Diff {
	d := &compare.Diff{Changes: compare.Locks(compare.Take(&before.Result), compare.Take(&after.Result))}
	d.Findings(compare.Scan{Findings: before.Findings, Calls: before.CallSites}, compare.Scan{Findings: after.Findings, Calls: after.CallSites})
	return d
}

func (f *flags) writeDiff(w io.Writer, d *compare.Diff, t target) error {
	switch t.format.Name {
	case "json":
		return render.EncodeJSON(w, d)
	case "markdown":
		return render.DiffMarkdown(w, d)
	}
	return render.Diff(w, d, render.TextOptions{Color: t.file == "" && f.output.color()})
}

func (f *flags) otherSide(ctx context.Context, dir string, args []string, stderr io.Writer) (*plan.Report, error) {
	if len(args) == 0 {
		return f.scan(ctx, dir, stderr)
	}
	return f.side(ctx, dir, args[0], stderr)
}

// side is a report: out of a file, or of a revision.
func (f *flags) side(ctx context.Context, dir, name string, stderr io.Writer) (*plan.Report, error) {
	if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() || strings.HasSuffix(name, ".json") {
		return readReport(name)
	}
	repo, err := revision.Open(ctx, dir)
	if err != nil {
		return nil, err
	}
	commit, err := repo.Resolve(ctx, name)
	if err != nil {
		return nil, err
	}
	return f.scanRevision(ctx, repo, dir, commit, stderr)
}

func readReport(file string) (*plan.Report, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", file, plainly(err))
	}
	r, err := parseReport(data)
	if err != nil {
		return nil, fmt.Errorf("%s is no report of intscan: %w", file, err)
	}
	return r, nil
}

func parseReport(data []byte) (*plan.Report, error) {
	r := new(plan.Report)
	if err := json.Unmarshal(data, r); err != nil {
		return nil, err
	}
	if r.Schema != plan.Schema {
		return nil, fmt.Errorf("its schema is %q, want %s", r.Schema, plan.Schema)
	}
	return r, nil
}
