package detect

import (
	"slices"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// limits counts where the analysis stopped at one of its bounds, so that no answer
// is silently poorer.
type limits struct {
	interfaces []string // with more implementations than are followed
	origins    int      // values with more origins than are followed
	clients    int      // clients with a larger construction than is read
}

// diagnostics tells of each bound that was reached, and what follows.
func (p *program) diagnostics() []scanners.Diagnostic {
	out := []scanners.Diagnostic{}
	note := func(at scanners.Position, format string, args ...any) {
		out = append(out, scanners.Diagnostic{
			Severity: scanners.SeverityInfo, Scanner: "detect", Position: at, Message: describe(format, args...),
		})
	}
	for _, pkg := range p.pkgs {
		for _, at := range pkg.Cut {
			note(at, "a variable is assigned in more places than are followed; what depends on it is not known")
		}
	}
	slices.Sort(p.cut.interfaces)
	for _, symbol := range p.cut.interfaces {
		note(scanners.Position{File: p.fileOf(symbol)}, "%s has more than %d implementations; calls through it are not followed", shortSymbol(symbol), maxImplementations)
	}
	if p.cut.origins > 0 {
		note(scanners.Position{}, "values that come from more than %d places: %d; the rest of those places is not followed", maxOrigins, p.cut.origins)
	}
	if p.cut.clients > 0 {
		note(scanners.Position{}, "clients that are made in more than %d steps: %d; the rest of those steps is not read", maxConstruction, p.cut.clients)
	}
	return out
}

// fileOf is the first file of the package that declares a symbol.
func (p *program) fileOf(symbol string) string {
	pkg := p.byPath[packageOf(symbol)]
	if pkg == nil {
		return ""
	}
	i := slices.IndexFunc(pkg.Files, func(f gosrc.File) bool { return !f.Test })
	if i < 0 {
		return ""
	}
	return pkg.Files[i].Path
}
