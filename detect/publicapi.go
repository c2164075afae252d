package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// publicAPI: an exported function or method of a library package, or of a package
// that is named as a client for users of the repository's own API.
func (p *program) publicAPI(f *gosrc.Func) bool {
	if !f.Exported || f.Pkg.Name == "main" || strings.Contains("/"+f.Pkg.Dir+"/", "/internal/") {
		return false
	}
	return !p.reachedByBinary(f.Pkg) || p.clientForOthers(f.Pkg)
}

// clientForOthers: a folder is named for a client, and of the repository's own code
// none but its commands call through it. The client packages of a service are its own.
func (p *program) clientForOthers(pkg *gosrc.Package) bool {
	if p.forOthers == nil {
		p.forOthers = map[*gosrc.Package]bool{}
	}
	if is, ok := p.forOthers[pkg]; ok {
		return is
	}
	is := lies(pkg, "sdk", "apiclient")
	if !is && lies(pkg, "client", "clients") {
		is = !slices.ContainsFunc(p.pkgs, func(q *gosrc.Package) bool {
			return p.scope[q] == ScopeRuntime && !lies(q, "client", "clients", "sdk", "cmd", "cli", "command", "commands") && q.Name != "main" &&
				slices.ContainsFunc(q.Imports, func(i gosrc.Import) bool { return i.Path == pkg.Path && !i.Test })
		})
	}
	p.forOthers[pkg] = is
	return is
}

// lies: one of the folders on the package's path has one of the names.
func lies(pkg *gosrc.Package, names ...string) bool {
	return slices.ContainsFunc(strings.Split(pkg.Dir, "/"), func(part string) bool { return slices.Contains(names, part) })
}
