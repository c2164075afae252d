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
		if pkg.Name == "main" || p.scope[pkg] != ScopeRuntime || seen[pkg] || len(mains) == 0 || !hasTestSupport(pkg) {
			continue
		}
		if !imported[pkg] && tested[pkg] || drivesTests(pkg) {
			p.scope[pkg] = ScopeDevelopment
		}
	}
	if len(mains) > 0 {
		p.lowerSupport(seen)
	}
}

// lowerSupport takes for test support, too, an internal package that nothing but test
// support and test packages import: the fakes and seeds behind a helper that takes a
// *testing.T. What users of a module can import is for them.
func (p *program) lowerSupport(reached map[*gosrc.Package]bool) {
	importers := map[*gosrc.Package][]*gosrc.Package{}
	for _, pkg := range p.pkgs {
		for _, imp := range pkg.Imports {
			if q := p.byPath[imp.Path]; q != nil && q != pkg && !imp.Test {
				importers[q] = append(importers[q], pkg)
			}
		}
	}
	support := func(pkg *gosrc.Package) bool {
		return pkg.Scope == gosrc.ScopeTest || p.scope[pkg] == ScopeDevelopment && pkg.Scope == gosrc.ScopeRuntime
	}
	for changed := true; changed; {
		changed = false
		for _, pkg := range p.pkgs {
			by := importers[pkg]
			if reached[pkg] || pkg.Name == "main" || !strings.Contains("/"+pkg.Dir+"/", "/internal/") || p.scope[pkg] != ScopeRuntime || len(by) == 0 {
				continue
			}
			if !slices.ContainsFunc(by, func(i *gosrc.Package) bool { return !support(i) }) {
				p.scope[pkg], changed = ScopeDevelopment, true
			}
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

// drivesTests: a third of a package's functions take what a running test is known by.
// Whatever imports it, it is the body of tests: the suites of a browser, the steps of a
// scenario. Production code has at most a helper of that kind.
func drivesTests(pkg *gosrc.Package) bool {
	declared, driven := 0, 0
	for _, f := range pkg.Funcs {
		if f.Symbol == "" {
			continue
		}
		declared++
		if takesTest(f) {
			driven++
		}
	}
	return declared > 0 && 3*driven >= declared
}

// takesTest: the function, or the one around the literal, is given what a running
// test is known by.
func takesTest(f *gosrc.Func) bool {
	for ; f != nil; f = f.Parent {
		if slices.ContainsFunc(f.Params, func(t string) bool {
			return t == "testing.T" || t == "testing.TB" || t == "testing.B" || strings.HasSuffix(t, "/require.TestingT") || strings.HasSuffix(t, "/assert.TestingT")
		}) {
			return true
		}
	}
	return false
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
