package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// dialect is the SQL database that the file or package of a call is written for: the
// only one whose driver it imports, or whose name it has. Where drivers reach the call,
// it is one of theirs.
func (p *program) dialect(c *gosrc.Call, reach []string) string {
	fits := func(slug string) bool {
		return slug != "" && (slices.Contains(reach, slug) || len(reach) == 0 && len(p.driverLibraries(slug)) > 0)
	}
	if slug := p.importedDialect(c, func(file string) bool { return file == c.At.File }); fits(slug) {
		return slug
	}
	words := strings.FieldsFunc(c.At.File, func(r rune) bool { return r == '/' || r == '_' || r == '-' || r == '.' })
	for i := len(words) - 1; i >= 0; i-- {
		if sys := p.cat.Variable(strings.ToUpper(words[i])); sys != nil && sqlSystemOf(sys) && fits(sys.Slug) {
			return sys.Slug
		}
	}
	if slug := p.importedDialect(c, func(string) bool { return true }); fits(slug) {
		return slug
	}
	return ""
}

// importedDialect is the database whose drivers some files of the call's package
// import; "" where they are several.
func (p *program) importedDialect(c *gosrc.Call, in func(file string) bool) string {
	found := ""
	for _, imp := range c.Fn.Pkg.Imports {
		lib := p.cat.Package(imp.Path)
		if lib == nil || imp.Test || !in(imp.At.File) || lib.System.Kind != "database" || lib.NamedBy != "" || !sqlSystem(lib) {
			continue
		}
		if found != "" && found != lib.System.Slug {
			return ""
		}
		found = lib.System.Slug
	}
	return found
}

// foremost is of several databases, any of which a configuration may choose, the one
// that most of the repository's packages have to do with, a server before an embedded
// store.
func (p *program) foremost(slugs []string) string {
	best, most := "", -1
	for _, slug := range slugs {
		n := p.importers(slug)
		if sys := p.cat.System(slug); sys != nil && sys.Embedded {
			n -= len(p.pkgs) + 1
		}
		if best == "" || n > most {
			best, most = slug, n
		}
	}
	return best
}

// importers counts the runtime packages that import a driver of the database.
func (p *program) importers(slug string) int {
	n := 0
	for _, pkg := range p.pkgs {
		if p.scope[pkg] == ScopeRuntime && p.driversOf(pkg) == slug {
			n++
		}
	}
	return n
}
