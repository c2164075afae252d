package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/cache"
	"github.com/intscan/intscan/plan/render"
	"github.com/intscan/intscan/scanners"
)

// scan is replaced in tests of what Run does when a scan fails or hangs.
var scan = plan.Scan

var modes = []string{"auto", "types", "syntax"}

// flags are the command's flags; those for output hold for all subcommands.
type flags struct {
	output   output
	quiet    bool
	verbose  bool
	mode     string
	download bool
	// inventory leaves the verdicts of calls out.
	inventory bool
	// strict makes what was not looked at an error.
	strict bool
	gate   gateFlags
	config configFlags

	noCache bool
	opening sync.Once
	cache   *cache.Cache // once opened; nil where there is none
}

const about = `intscan reads a repository and names everything that its code talks to:
databases, caches, brokers, HTTP APIs, auth and payment providers, cloud
services and its own services, each with the file and line that prove it. For each
call in Go code it says whether the call is bounded in time, retried, and visible
to monitoring.

It runs no code of the repository, opens no network connection (unless
--download is given) and writes nothing but the output asked for and its cache.

Exit codes: 0 fine, 1 findings at or above the gate, 2 wrong usage or nothing
could be scanned, 3 a fault in intscan itself, 4 not everything could be looked at
(with --strict).`

func newRoot(stdout, stderr io.Writer) *cobra.Command {
	f := &flags{output: output{stdout: stdout}}
	cmd := &cobra.Command{
		Use:           "intscan [PATH]",
		Short:         "Name everything that a repository talks to",
		Long:          about,
		Example:       "  intscan                            # the folder you are in\n  intscan --format json -o report.json ../shop\n  intscan why store/db.go:17         # what decided the verdicts of that call\n  intscan systems postgresql         # how a system is recognised",
		Version:       version(),
		Args:          onePath,
		SilenceUsage:  true,
		SilenceErrors: true,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd.Context(), cmd, append(args, ".")[0], stderr)
		},
	}
	cmd.SetVersionTemplate("intscan {{.Version}}\n")
	cmd.SetFlagErrorFunc(flagError)

	all := cmd.PersistentFlags()
	all.StringVar(&f.output.format, "format", "", "output format: "+strings.Join(render.Names(render.Formats), ", ")+" (the first unless said otherwise)")
	all.StringArrayVarP(&f.output.files, "output", "o", nil, "write to `FILE` instead of standard output; FORMAT=FILE writes one more format, and may be given several times")
	all.BoolVar(&f.output.noColor, "no-color", false, "no colours (also: NO_COLOR, and output that is not a terminal)")

	own := cmd.Flags()
	own.BoolVarP(&f.quiet, "quiet", "q", false, "only the integrations, or what the gate counts, and what could not be read; no progress")
	own.BoolVarP(&f.verbose, "verbose", "v", false, "every place, library, variable and service; nothing left out")
	f.addReading(cmd)
	f.gate.add(cmd)
	own.BoolVar(&f.strict, "strict", false, "exit with 4 when something could not be looked at, or not with types")
	own.BoolVar(&f.inventory, "inventory", false, "only what the repository talks to, without judging its calls (faster)")
	cmd.SuggestionsMinimumDistance = 2
	completeWords(cmd, "format", render.Names(render.Formats))

	cmd.AddCommand(newPlan(f, stderr), newWhy(f, stderr), newBaseline(f, stderr), newDiff(f, stderr), newLock(f, stderr), newInit(f, stderr), newConfig(&f.output), newRules(f), newExplain(f), newSchema(&f.output), newSystems(&f.output), newCache(&f.output), newMan())
	return cmd
}

// addReading adds the flags that say how the repository is read.
func (f *flags) addReading(cmd *cobra.Command) {
	own := cmd.Flags()
	own.StringVar(&f.mode, "mode", "", "how Go code is read: "+strings.Join(modes, ", ")+" (the first unless said otherwise)")
	own.BoolVar(&f.download, "download", false, "let the go command fetch modules that are not on this machine")
	own.BoolVar(&f.noCache, "no-cache", false, "read everything anew, and keep nothing for the next time (also: "+cache.Variable+"=off)")
	completeWords(cmd, "mode", modes)
	f.config.add(cmd)
}

// scan reads a repository as the flags and its configuration say.
func (f *flags) scan(ctx context.Context, dir string, stderr io.Writer) (*plan.Report, error) {
	return f.scanAs(ctx, dir, dir, nil, stderr)
}

// scanAs reads a copy of a repository, or another state of it, by the configuration of
// the original.
func (f *flags) scanAs(ctx context.Context, dir, original string, state *scanners.Overlay, stderr io.Writer) (*plan.Report, error) {
	if f.mode != "" && !slices.Contains(modes, f.mode) {
		return nil, fmt.Errorf("--mode %s is none of %s", f.mode, strings.Join(modes, ", "))
	}
	if err := f.config.load(original); err != nil {
		return nil, err
	}
	mode := f.mode
	if c := f.config.loaded; c != nil {
		mode = cmp.Or(mode, c.Mode.Text)
	}
	if mode == "syntax" && f.download {
		return nil, errors.New("--download fetches modules for types, which --mode syntax does not read")
	}
	p := newProgress(stderr, f.quiet)
	defer p.stop()
	o := plan.Options{
		Dir: dir, Overlay: state, Mode: mode, Download: f.download, Inventory: f.inventory, Progress: p.stage,
		Config: f.config.loaded, Only: f.config.only, Except: f.config.except,
	}
	if c := f.openCache(); c != nil {
		o.Cache = c
	}
	r, err := scan(ctx, o)
	if err != nil {
		return nil, err
	}
	r.Version = released()
	return r, nil
}

func completeWords(cmd *cobra.Command, flag string, words []string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the flag's name is wrong: a fault of this file
	}
}

// onePath also catches a misspelt subcommand, which looks like a folder's name.
func onePath(cmd *cobra.Command, args []string) error {
	if len(args) <= 1 {
		return nil
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return fmt.Errorf("%s is no command; did you mean %q?", args[0], "intscan "+near[0])
	}
	return fmt.Errorf("one PATH at a time, %d given: %s", len(args), strings.Join(args, " "))
}

func (f *flags) run(ctx context.Context, cmd *cobra.Command, dir string, stderr io.Writer) error {
	if f.quiet && f.verbose {
		return errors.New("-q and -v contradict each other")
	}
	targets, err := f.output.open(render.Formats)
	if err != nil {
		return err
	}
	if err := f.config.load(dir); err != nil {
		return err
	}
	if err := f.gate.check(f, cmd.Flags().Changed("fail-on")); err != nil {
		return err
	}
	report, err := f.scanned(ctx, dir, stderr)
	if err != nil {
		return withCommand(cmd, dir, err)
	}
	if err := f.output.write(targets, report, render.TextOptions{Verbose: f.verbose, Quiet: f.quiet}); err != nil {
		return err
	}
	if err := f.gate.verdict(report, targets); err != nil {
		return err
	}
	if f.strict && !report.Coverage.Complete() {
		return incomplete{"--strict: " + report.Coverage.Missing()}
	}
	return nil
}

// withCommand adds the subcommand that a folder's name comes close to, as
// "intscan system" is a folder's name, too.
func withCommand(cmd *cobra.Command, dir string, err error) error {
	if near := cmd.SuggestionsFor(dir); len(near) > 0 && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("%w (did you mean %q?)", err, "intscan "+near[0])
	}
	return err
}
