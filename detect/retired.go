package detect

import (
	"cmp"
	"slices"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// RetiredLibrary is a library in use whose makers gave it up or replaced it.
type RetiredLibrary struct {
	// Position is the requirement in go.mod, or the first import where there is none.
	scanners.Position
	Library   string `json:"library"` // the catalog's name of it
	Module    string `json:"module"`
	Version   string `json:"version,omitempty"`
	Since     string `json:"since,omitempty"`
	Successor string `json:"successor"`
	Why       string `json:"why"`
	// Source is where the makers say so: MODULE VERSION/FILE:LINE.
	Source      string `json:"source"`
	Integration string `json:"integration,omitempty"`
	// Imports are the imports in production code, the first of each package.
	Imports []Step `json:"imports"`
}

// retired lists the retired libraries that production code imports.
func (inv *inventory) retired() []RetiredLibrary {
	found := map[string]*RetiredLibrary{}
	users := map[string][]string{} // modules of the repository whose code imports it
	for _, pkg := range inv.p.pkgs {
		if inv.p.scope[pkg] != ScopeRuntime || gosrc.FolderScope(pkg.Dir) == gosrc.ScopeTest {
			continue
		}
		seen := map[string]bool{}
		for _, imp := range pkg.Imports {
			r := inv.p.cat.RetiredLibrary(imp.Path)
			if imp.Test || r == nil || seen[r.Name] {
				continue
			}
			seen[r.Name] = true
			lib := found[r.Name]
			if lib == nil {
				lib = &RetiredLibrary{
					Position: imp.At, Library: r.Name, Since: r.Since, Successor: r.Successor, Why: r.Why, Source: r.Module + " " + r.Cite,
					Integration: inv.importedAs(imp.Path),
				}
				found[r.Name] = lib
			}
			// Of several modules of the library the main one has the shortest path.
			if module, version := inv.p.version(imp.Path); module != "" && (lib.Module == "" || len(module) < len(lib.Module)) {
				lib.Module, lib.Version = module, version
			}
			lib.Integration = cmp.Or(lib.Integration, inv.importedAs(imp.Path))
			lib.Imports = append(lib.Imports, Step{imp.At, imp.Path})
			users[r.Name] = append(users[r.Name], pkg.Module)
		}
	}
	out := []RetiredLibrary{}
	for _, name := range sortedKeys(found) {
		lib := found[name]
		slices.SortFunc(lib.Imports, func(a, b Step) int { return a.Position.Compare(b.Position) })
		lib.Module = cmp.Or(lib.Module, lib.Imports[0].What)
		lib.Position = inv.required(lib.Module, users[name], lib.Imports[0].Position)
		out = append(out, *lib)
	}
	return out
}

// importedAs is the system that an import leads to, where it is one of the report's.
func (inv *inventory) importedAs(importPath string) string {
	if l := inv.p.cat.Package(importPath); l != nil && inv.found[l.System.Slug] != nil {
		return l.System.Slug
	}
	return ""
}

// required is the line that requires a module in the go.mod of one of its users.
func (inv *inventory) required(module string, users []string, otherwise scanners.Position) scanners.Position {
	for _, m := range inv.f.Modules.Modules {
		for _, q := range m.Requires {
			if q.Path == module && slices.Contains(users, m.Path) {
				return q.Position
			}
		}
	}
	return otherwise
}
