package plan

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/plan/config"
	"github.com/intscan/intscan/plan/coverage"
	"github.com/intscan/intscan/plan/risk"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/plan/sections"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/compose"
	configfiles "github.com/intscan/intscan/scanners/config"
	"github.com/intscan/intscan/scanners/dockerfile"
	"github.com/intscan/intscan/scanners/documents"
	"github.com/intscan/intscan/scanners/envfile"
	"github.com/intscan/intscan/scanners/gomod"
	"github.com/intscan/intscan/scanners/gosrc"
	"github.com/intscan/intscan/scanners/kubernetes"
	"github.com/intscan/intscan/scanners/migrations"
	"github.com/intscan/intscan/scanners/monitors"
	"github.com/intscan/intscan/scanners/openapi"
	"github.com/intscan/intscan/scanners/suppress"
	"github.com/intscan/intscan/scanners/workflows"
)

// Options says what to scan and how.
type Options struct {
	// Dir is the folder of the repository.
	Dir string
	// Mode is how Go code is read: "auto" (also ""), "types" or "syntax".
	Mode string
	// Download lets the go command fetch modules that are not on the machine.
	Download bool
	// Inventory leaves the call sites' verdicts out: what the repository talks to,
	// and no more.
	Inventory bool
	// Config is what the repository's configuration says; nil for nothing.
	Config *config.Config
	// Only, where it is not empty, are the rules that run; Except do not.
	Only, Except []string
	// Today decides which suppressions are expired; the zero value is now.
	Today time.Time
	// Overlay, when set, is scanned in place of what is on disk.
	Overlay *scanners.Overlay
	// Cache, when set, keeps what was read of Go code from one scan to the next. It
	// changes how long a scan takes, and nothing of the report.
	Cache gosrc.Cache
	// Progress, when set, is told the name of each stage as it starts. It is
	// called from one goroutine at a time.
	Progress func(stage string)
}

// Scan reads the repository and assembles its report. It fails only where
// nothing can be scanned, or where ctx ends; everything else that goes wrong
// stands in the report's diagnostics.
func Scan(ctx context.Context, o Options) (*Report, error) {
	progress := o.Progress
	if progress == nil {
		progress = func(string) {}
	}
	progress("listing files")
	tree, err := scanners.OpenTree(o.Dir, scanners.Limits{})
	if err != nil {
		return nil, err
	}
	defer tree.Close()
	tree.Apply(o.Overlay)
	excluded := tree.Restrict(o.Config.Keeps)
	go catalog.ShippedPractices() // decoded, with the catalog, while the files are read
	progress("reading files")
	facts, diags := read(ctx, tree, o)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	diags = append(diags, tree.Diagnostics()...)
	progress("joining what was found")
	found := detect.Run(facts, o.Config.System(), !o.Inventory)
	found.Repository.Name = filepath.Base(tree.Dir())
	r := &Report{
		Schema: Schema, Result: found,
		Coverage: coverage.Measure(tree.Files(), facts.Code, found.Repository.Modules, diags, excluded),
		Machine:  facts.Code.Machine,
	}
	if !o.Inventory {
		progress("weighing what is missing")
		diags = append(diags, judge(ctx, tree, o, r)...)
	}
	r.Diagnostics = scanners.SortDiagnostics(append(diags, found.Diagnostics...))
	if !o.Inventory {
		progress("writing the plan")
		r.Plan = sections.Build(sections.Facts{Result: &r.Result, Risks: r.Risks, Findings: r.Findings})
	}
	return r, nil
}

// judge weighs the integrations and runs the rules, as the configuration and the
// comments in the code have it.
func judge(ctx context.Context, tree *scanners.Tree, o Options, r *Report) []scanners.Diagnostic {
	given, diags := o.Config.Given(&r.Result)
	r.Risks = risk.Assess(&r.Result, given)
	opts := o.Config.Options()
	opts.Only, opts.Off = o.Only, slices.Concat(opts.Off, o.Except)
	r.Findings = opts.Check(&r.Result, r.Risks)
	r.Policies = rules.PolicyRules(opts.Policies)

	directives, more := suppress.Scan(ctx, tree)
	s := newSilencer(directives, r)
	s.apply(r.Findings)
	ran := func(rule string) bool { return opts.Runs(rule) && o.Mode != "syntax" }
	diags = slices.Concat(diags, more, s.diagnostics(ran))
	today := o.Today
	if today.IsZero() {
		today = time.Now()
	}
	return append(diags, o.Config.Silence(r.Findings, ran, s.isCall, today)...)
}

// read runs the scanners side by side. One that fails as a whole becomes a
// diagnostic; the others' facts stand.
func read(ctx context.Context, tree *scanners.Tree, o Options) (detect.Facts, []scanners.Diagnostic) {
	var (
		f     detect.Facts
		mu    sync.Mutex
		diags []scanners.Diagnostic
		wg    sync.WaitGroup
	)
	run := func(name string, scan func() []scanners.Diagnostic) {
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					mu.Lock()
					defer mu.Unlock()
					diags = append(diags, scanners.Diagnostic{
						Severity: scanners.SeverityError, Scanner: name,
						Message: fmt.Sprintf("the scanner failed and its files were not read: %v", r),
					})
				}
			}()
			ds := scan()
			mu.Lock()
			defer mu.Unlock()
			diags = append(diags, ds...)
		})
	}
	run("gosrc", func() (ds []scanners.Diagnostic) {
		f.Modules, ds = gomod.Scan(ctx, tree)
		opts := gosrc.Options{Mode: o.Mode, Download: o.Download, Tags: o.Config.Tags(), Cache: o.Cache}
		if o.Inventory {
			opts.Relevant = detect.Relevant(o.Config.System())
		}
		code, more := gosrc.Scan(ctx, tree, f.Modules, opts)
		f.Code = code
		return append(ds, more...)
	})
	run("files", func() (ds []scanners.Diagnostic) {
		var more []scanners.Diagnostic
		f.APIs, ds = openapi.Scan(ctx, tree)
		f.Projects, more = compose.Scan(ctx, tree)
		ds = append(ds, more...)
		f.EnvFiles, more = envfile.Scan(ctx, tree)
		ds = append(ds, more...)
		f.Config, more = configfiles.Scan(ctx, tree)
		ds = append(ds, more...)
		f.Docker, more = dockerfile.Scan(ctx, tree)
		ds = append(ds, more...)
		f.Kube, more = kubernetes.Scan(ctx, tree)
		return append(ds, more...)
	})
	if !o.Inventory {
		run("surroundings", func() (ds []scanners.Diagnostic) { return surroundings(ctx, tree, &f) })
	}
	wg.Wait()
	return f, diags
}

// surroundings reads the files from which only the plan is made.
func surroundings(ctx context.Context, tree *scanners.Tree, f *detect.Facts) []scanners.Diagnostic {
	var ds, more []scanners.Diagnostic
	f.Migrations, ds = migrations.Scan(ctx, tree)
	f.Monitors, more = monitors.Scan(ctx, tree)
	ds = append(ds, more...)
	f.Workflows, more = workflows.Scan(ctx, tree)
	ds = append(ds, more...)
	f.Documents, more = documents.Scan(ctx, tree)
	return append(ds, more...)
}
