package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// unused: no program of the repository has the package, though programs are what its
// module is for: most of the module's packages are theirs. Of a library the users are
// elsewhere, and nothing of it is unused.
func (p *program) unused(pkg *gosrc.Package) bool {
	if p.unusedMemo == nil {
		p.unusedMemo = p.findUnused()
	}
	return p.unusedMemo[pkg]
}

func (p *program) findUnused() map[*gosrc.Package]bool {
	type share struct{ reached, all int }
	modules := map[string]*share{}
	for _, pkg := range p.pkgs {
		if pkg.Name == "main" || p.scope[pkg] != ScopeRuntime {
			continue
		}
		m := modules[pkg.Module]
		if m == nil {
			m = &share{}
			modules[pkg.Module] = m
		}
		m.all++
		if p.reachedByBinary(pkg) {
			m.reached++
		}
	}
	out := map[*gosrc.Package]bool{}
	for _, pkg := range p.pkgs {
		m := modules[pkg.Module]
		if m != nil && 2*m.reached > m.all && pkg.Name != "main" && p.scope[pkg] == ScopeRuntime && !p.reachedByBinary(pkg) {
			out[pkg] = true
		}
	}
	return out
}

// leftOver: no code calls or mentions the function, and none outside the repository
// can, as it belongs to an internal package. Of a function that has a twin for another
// platform, the twin stands for both.
func (g *entryGraph) leftOver(f *gosrc.Func) bool {
	for f.Lit && f.Parent != nil {
		f = f.Parent
	}
	return f.Exported && slices.Contains(strings.Split(f.Pkg.Path, "/"), "internal") && g.p.funcs[f.Symbol] == f && !g.routes.live(f)
}
