package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// scopes decides what each package is for: its folder's custom, then what
// production binaries import, then what nothing but tests import.
func (p *program) scopes() {
	for _, pkg := range p.pkgs {
		p.scope[pkg] = scopeName(pkg.Scope)
	}
	imported := map[*gosrc.Package]bool{} // by any non-test file of a package
	tested := map[*gosrc.Package]bool{}   // by test files or test packages
	var mains []*gosrc.Package
	for _, pkg := range p.pkgs {
		if pkg.Name == "main" && pkg.Scope == gosrc.ScopeRuntime {
			mains = append(mains, pkg)
		}
		for _, imp := range pkg.Imports {
			q := p.byPath[imp.Path]
			switch {
			case q == nil || q == pkg:
			case imp.Test || pkg.Scope == gosrc.ScopeTest:
				tested[q] = true
			default:
				imported[q] = true
			}
		}
	}
	seen := map[*gosrc.Package]bool{}
	var raise func(pkg *gosrc.Package)
	raise = func(pkg *gosrc.Package) {
		if seen[pkg] {
			return
		}
		seen[pkg] = true
		p.scope[pkg] = ScopeRuntime
		for _, imp := range pkg.Imports {
			if q := p.byPath[imp.Path]; q != nil && !imp.Test && !hasTestSupport(q) {
				raise(q)
			}
		}
	}
	for _, m := range mains {
		raise(m)
	}
	for _, pkg := range p.pkgs {
		if pkg.Name != "main" && p.scope[pkg] == ScopeRuntime && !imported[pkg] && tested[pkg] && !seen[pkg] && len(mains) > 0 && hasTestSupport(pkg) {
			p.scope[pkg] = ScopeDevelopment
		}
	}
}

// hasTestSupport: code that imports testing packages outside _test.go files
// serves tests.
func hasTestSupport(pkg *gosrc.Package) bool {
	return slices.ContainsFunc(pkg.Imports, func(i gosrc.Import) bool {
		return !i.Test && (i.Path == "testing" || strings.HasPrefix(i.Path, "github.com/stretchr/testify") || strings.Contains(i.Path, "gomock") || strings.HasPrefix(i.Path, "github.com/onsi/"))
	})
}

func scopeName(s gosrc.Scope) Scope {
	if s == gosrc.ScopeRuntime {
		return ScopeRuntime
	}
	return ScopeDevelopment
}

// reachedByBinary reports that a production main package imports the package,
// directly or not.
func (p *program) reachedByBinary(pkg *gosrc.Package) bool {
	if p.reached == nil {
		p.reached = map[*gosrc.Package]bool{}
		for _, m := range p.pkgs {
			if m.Name == "main" && p.scope[m] == ScopeRuntime {
				p.reach(m)
			}
		}
	}
	return p.reached[pkg]
}

func (p *program) reach(pkg *gosrc.Package) {
	if p.reached[pkg] {
		return
	}
	p.reached[pkg] = true
	for _, imp := range pkg.Imports {
		if q := p.byPath[imp.Path]; q != nil && !imp.Test {
			p.reach(q)
		}
	}
}
