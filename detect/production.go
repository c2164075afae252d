package detect

import (
	"net/netip"
	"path"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// productionFile: by its folder and its name a file of deployment or configuration
// may be used in production. Examples, tests and what is for a developer's machine
// are none.
func productionFile(file string) bool {
	if gosrc.FolderScope(path.Dir(file)) != gosrc.ScopeRuntime {
		return false
	}
	for dir := range strings.SplitSeq(strings.ToLower(path.Dir(file)), "/") {
		if words(dir, developmentWords) {
			return false
		}
	}
	return !words(strings.ToLower(path.Base(file)), developmentWords)
}

func words(name string, set map[string]bool) bool {
	for w := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '.' || r == '-' || r == '_' }) {
		if set[w] {
			return true
		}
	}
	return false
}

// deployed: a compose file beside the Go code of a library package, or below an
// internal folder, is for that package's tests.
func (inv *inventory) deployed(file string) bool {
	dir := path.Dir(file)
	if !productionFile(file) || strings.Contains("/"+dir+"/", "/internal/") {
		return false
	}
	for _, pkg := range inv.p.pkgs {
		if dir != "." && pkg.Dir == dir && pkg.Name != "main" {
			return false
		}
	}
	return true
}

// inProduction: the function runs in production, and serves no tests.
func (p *program) inProduction(f *gosrc.Func) bool {
	if f == nil || p.scope[f.Pkg] != ScopeRuntime || gosrc.FolderScope(f.Pkg.Dir) == gosrc.ScopeTest && !p.reachedByBinary(f.Pkg) {
		return false
	}
	return !hasTestSupport(f.Pkg)
}

// atWork: it runs in production, as a part of some program where the repository's
// programs are what it is for.
func (p *program) atWork(f *gosrc.Func) bool { return p.inProduction(f) && !p.unused(f.Pkg) }

// developmentWords mark files and folders that serve development.
var developmentWords = map[string]bool{
	"dev": true, "devel": true, "development": true, "local": true, "test": true, "tests": true, "testing": true, "testdata": true, "ci": true, "e2e": true,
	"integration": true, "example": true, "examples": true, "sample": true, "samples": true, "demo": true, "docs": true, "quickstart": true, "tutorial": true,
	"getting": true, "playground": true, "sandbox": true, "devcontainer": true, "debug": true, "bench": true, "benchmark": true, "hack": true,
	"template": true, "develop": true, "suite": true, "suites": true, "profiling": true, "benchmarking": true, "benchmarks": true, "quick": true, "dist": true, "conformance": true, "certification": true, "mock": true, "workflows": true,
}

// externalHost: a name that others than the repository's own network resolve.
func externalHost(host string) bool {
	if host == "" || isLocal(host) || isExample(host) || !strings.Contains(host, ".") || internalHost(host) || strings.ContainsAny(host, "*%{}$<>") {
		return false
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return false
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	return len(last) > 1 && strings.Trim(last, "abcdefghijklmnopqrstuvwxyz") == ""
}

// internalHost: a name of a private network.
func internalHost(host string) bool {
	for _, end := range []string{".local", ".internal", ".svc", ".cluster.local", ".lan", ".corp", ".intranet", ".private", ".home.arpa", ".consul", ".docker"} {
		if strings.HasSuffix(host, end) {
			return true
		}
	}
	if a, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return a.IsPrivate() && !a.IsLoopback()
	}
	return strings.Contains(host, ".svc.")
}
