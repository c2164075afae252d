package render

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/coverage"
	"github.com/intscan/intscan/scanners"
)

func (t *text) diagnostics() {
	list := slices.Clone(t.r.Diagnostics)
	if t.o.Quiet { // -q keeps what made the result shorter
		list = slices.DeleteFunc(list, func(d scanners.Diagnostic) bool { return d.Severity == scanners.SeverityInfo })
	}
	remarks := func(d scanners.Diagnostic) bool { return d.Scanner == "suppress" || d.Scanner == "configuration" }
	t.told("Not read, or read in part", slices.DeleteFunc(slices.Clone(list), remarks))
	t.told("Suppressions and configuration", slices.DeleteFunc(list, func(d scanners.Diagnostic) bool { return !remarks(d) }))
}

// told lists diagnostics, the gravest first.
func (t *text) told(head string, list []scanners.Diagnostic) {
	if len(list) == 0 {
		return
	}
	slices.SortStableFunc(list, func(a, b scanners.Diagnostic) int {
		return cmp.Compare(graveness(a.Severity), graveness(b.Severity))
	})
	t.head(head, "")
	shown := t.limit(len(list), capDiagnostics)
	var rows [][]cell
	for _, d := range list[:shown] {
		rows = append(rows, []cell{{string(d.Severity), severityStyle(d.Severity)}, {d.Position.Place(), plain}, {d.Message, plain}})
	}
	t.table(rows)
	t.more(len(list) - shown)
}

var gravest = []scanners.Severity{scanners.SeverityError, scanners.SeverityWarning, scanners.SeverityInfo}

func graveness(s scanners.Severity) int {
	if i := slices.Index(gravest, s); i >= 0 {
		return i
	}
	return len(gravest)
}

func severityStyle(s scanners.Severity) style {
	switch s {
	case scanners.SeverityError:
		return bad
	case scanners.SeverityWarning:
		return warn
	}
	return dim
}

// closing counts what was found and says what to do next.
func (t *text) closing() {
	r := t.r
	kinds := map[string]bool{}
	for _, in := range r.Integrations {
		kinds[in.Kind] = true
	}
	found := "no integrations"
	if n := len(r.Integrations); n > 0 {
		found = scanners.Count(n, "integration") + " of " + scanners.Count(len(kinds), "kind")
	}
	t.buf.WriteByte('\n')
	t.line(cell{listing(found, scanners.Count(len(r.CallSites), "call"), scanners.Count(len(r.Findings), "finding"), scanners.Count(len(r.APIs), "API"),
		scanners.Count(len(r.Services), "service"), scanners.Count(len(r.Variables), "variable"),
		scanners.Count(t.having(scanners.SeverityError), "error"), scanners.Count(t.having(scanners.SeverityWarning), "warning")), bold})
	t.coverage()
	t.line(cell{"Next: " + t.next(), dim})
}

// gate says what was decided.
func (t *text) gate() {
	g := t.r.Gate
	if g == nil {
		return
	}
	look := good
	if g.Failed() {
		look = bad
	}
	t.line(cell{"Gate " + g.String(), look})
}

// coverage says how much was looked at, and loudly what was not.
func (t *text) coverage() {
	c := t.r.Coverage
	if c == nil || c.Files == (coverage.Extent{}) && c.Complete() && c.Excluded == 0 {
		return
	}
	files := c.Files.Types + c.Files.Partial + c.Files.Syntax
	packages := c.Packages.Types + c.Packages.Partial + c.Packages.Syntax
	t.line(cell{"Read: " + listing(scanners.Count(files, "Go file"), scanners.Count(packages, "package"),
		fmt.Sprintf("%d with types", c.Packages.Types), fmt.Sprintf("%d with some types", c.Packages.Partial),
		fmt.Sprintf("%d by syntax alone", c.Packages.Syntax), fmt.Sprintf("%d files left out by the configuration", c.Excluded)), dim})
	if !c.Complete() {
		look := warn
		if slices.ContainsFunc(c.Skipped, func(s coverage.Skipped) bool { return !s.Part }) {
			look = bad
		}
		t.line(cell{"Incomplete: " + c.Missing() + "; --strict makes that an error.", look})
	}
}

func (t *text) having(s scanners.Severity) (n int) {
	for _, d := range t.r.Diagnostics {
		if d.Severity == s {
			n++
		}
	}
	return n
}

// next is the one step that tells a person the most now.
func (t *text) next() string {
	r := t.r
	untyped := slices.ContainsFunc(t.r.Repository.Modules, func(m detect.Module) bool { return m.Mode != "types" })
	switch {
	case len(t.r.Integrations) == 0 && len(t.r.Repository.Modules) == 0:
		return "is this the folder of the repository? There is no go.mod in it."
	case r.Gate != nil && r.Gate.Failed():
		return "intscan explain RULE says why a rule matters and how to mend it."
	case untyped:
		return "--download fetches the modules that are missing here, for types; -v shows every place."
	case !t.o.Verbose && len(r.Findings) > 0:
		return "intscan plan writes what to do, in order; intscan explain RULE says why; -v shows every place."
	case !t.o.Verbose && len(t.r.CallSites) > 0:
		return "intscan why FILE:LINE says what decided a call; -v shows every place."
	case !t.o.Verbose:
		return "-v shows every place; --format json -o report.json keeps it for programs."
	}
	return "--format json -o report.json keeps this for programs."
}
