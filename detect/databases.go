package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// database names the database behind database/sql and what is built on it: by the
// driver that the handle was opened with, by a driver package in its construction, or
// by the only driver that the repository has. Where several drivers reach the site it
// is that of the dialect which its file or package speaks.
func (p *program) database(s *site) string {
	var reach []string
	if s.client != nil {
		reach = p.constructedDatabases(s.client)
	}
	if len(reach) == 1 {
		return reach[0]
	}
	for _, a := range s.call.Args {
		for _, o := range p.origins(a) {
			if o.Kind == gosrc.Const && len(reach) == 0 {
				if sys := p.cat.Driver(o.Text); sys != nil {
					return sys.Slug
				}
			}
		}
	}
	if spoken := p.dialect(s.call, reach); spoken != "" {
		return spoken
	}
	if len(reach) > 0 {
		return p.foremost(reach)
	}
	return p.onlyDatabase(s.call.Fn.Pkg)
}

// driversBehind are the libraries whose settings count for a site: of the drivers
// that the repository has for the database those that its handle is opened with.
func (p *program) driversBehind(s *site) []*catalog.Library {
	all := p.driverLibraries(s.system)
	if len(all) < 2 || s.client == nil {
		return all
	}
	c := p.construct(s.client)
	var chosen []*catalog.Library
	for _, l := range all {
		if slices.ContainsFunc(c.steps, func(st step) bool { return p.opensWith(&st, l) }) {
			chosen = append(chosen, l)
		}
	}
	if len(chosen) == 0 {
		return all
	}
	return chosen
}

// frameworkBehind is the library that makes the connection or client in the place of
// gRPC's or HTTP's own function, with bounds of its own: kratos, zrpc, ory's httpx. Its
// settings count for the site, where each of its clients is made so.
func (p *program) frameworkBehind(s *site) []*catalog.Library {
	if s.client == nil || s.sdk == nil || s.sdk.Name != "grpc" && s.sdk.Name != "net-http" {
		return nil
	}
	var out []*catalog.Library
	for i, c := range p.alternatives(s.client) {
		var found []*catalog.Library
		for _, st := range c.steps {
			l := p.cat.Package(packageOf(st.symbol))
			if l != nil && st.call != nil && l.SDK == s.sdk.Name && boundsByDefault(l.Library) && !slices.Contains(found, l.Library) {
				found = append(found, l.Library)
			}
		}
		if len(found) == 0 || i > 0 && !slices.Equal(found, out) {
			return nil
		}
		out = found
	}
	return out
}

func boundsByDefault(l *catalog.Library) bool {
	return slices.ContainsFunc(l.Timeout.Defaults, func(d catalog.Default) bool { return d.Value != "none" })
}

// registeredDriver is what the repository itself registers with database/sql under the
// name that a call opens: sql.Register("postgres-traced", wrap(&pq.Driver{})).
func (p *program) registeredDriver(c *gosrc.Call) []*gosrc.Value {
	if len(p.sqlDrivers) == 0 || len(c.Args) < 2 || !p.ofStore(c.Callee) {
		return nil
	}
	for _, o := range p.origins(c.Args[0]) {
		if o.Kind == gosrc.Const && len(p.sqlDrivers[o.Text]) > 0 {
			return p.sqlDrivers[o.Text]
		}
	}
	return nil
}

// opensWith: the step uses the driver's package, or names the driver.
func (p *program) opensWith(st *step, l *catalog.Library) bool {
	pkg := packageOf(st.symbol)
	if slices.ContainsFunc(l.Packages, func(pattern string) bool { return holdsPackage(pattern, pkg) }) {
		return true
	}
	return st.call != nil && len(st.call.Args) > 0 && slices.ContainsFunc(p.origins(st.call.Args[0]), func(o *gosrc.Value) bool {
		return o.Kind == gosrc.Const && slices.Contains(l.Drivers, o.Text)
	})
}

// driverLibraries are the libraries of a database that serve database/sql and that
// the repository imports.
func (p *program) driverLibraries(slug string) []*catalog.Library {
	if libs, ok := p.driverMemo[slug]; ok {
		return libs
	}
	var out []*catalog.Library
	if sys := p.cat.System(slug); sys != nil {
		for i := range sys.Libraries {
			l := &sys.Libraries[i]
			if (len(l.Drivers) > 0 || l.SDK == "database-sql") && p.imports(l) {
				out = append(out, l)
			}
		}
	}
	p.driverMemo[slug] = out
	return out
}

func (p *program) imports(l *catalog.Library) bool {
	for _, pkg := range p.pkgs {
		if p.scope[pkg] != ScopeRuntime {
			continue
		}
		for _, imp := range pkg.Imports {
			for _, pattern := range l.Packages {
				if !imp.Test && holdsPackage(pattern, imp.Path) {
					return true
				}
			}
		}
	}
	return false
}

// constructedDatabases are those whose drivers a handle is opened with, in the order
// in which they are met; where no driver is named, that of the first library.
func (p *program) constructedDatabases(v *gosrc.Value) []string {
	var named []string
	generic := ""
	for _, st := range p.construct(v).steps {
		if st.call != nil && len(st.call.Args) > 0 && (strings.Contains(strings.ToLower(st.symbol), "open") || strings.Contains(st.symbol, "Connect")) {
			os, _ := p.flow(st.call.Args[0], st.way)
			for _, o := range os {
				if o.v.Kind != gosrc.Const {
					continue
				}
				if sys := p.cat.Driver(o.v.Text); sys != nil && !slices.Contains(named, sys.Slug) {
					named = append(named, sys.Slug)
				}
			}
		}
		if lib := p.cat.Package(packageOf(st.symbol)); lib != nil && (lib.System.Kind == "database" || len(lib.Drivers) > 0) && lib.NamedBy == "" && generic == "" {
			generic = lib.System.Slug
		}
	}
	if len(named) == 0 && generic != "" {
		return []string{generic}
	}
	return named
}

// onlyDatabase is the SQL database whose driver the package, or else the
// repository, imports most; "" where there is none.
func (p *program) onlyDatabase(pkg *gosrc.Package) string {
	if sys := p.driversOf(pkg); sys != "" {
		return sys
	}
	counts := map[string]int{}
	for _, q := range p.pkgs {
		if p.scope[q] == ScopeRuntime {
			if sys := p.driversOf(q); sys != "" {
				counts[sys]++
			}
		}
	}
	best := ""
	for _, sys := range sortedKeys(counts) {
		if best == "" || counts[sys] > counts[best] {
			best = sys
		}
	}
	return best
}

func (p *program) driversOf(pkg *gosrc.Package) string {
	for _, imp := range pkg.Imports {
		if lib := p.cat.Package(imp.Path); lib != nil && !imp.Test && lib.System.Kind == "database" && lib.NamedBy == "" && sqlSystem(lib) {
			return lib.System.Slug
		}
	}
	return ""
}

func sqlSystem(lib *catalog.LibraryRef) bool {
	return len(lib.Drivers) > 0 || sqlSystemOf(lib.System)
}

// sqlSystemOf: drivers for database/sql exist for the system.
func sqlSystemOf(sys *catalog.System) bool {
	return slices.ContainsFunc(sys.Libraries, func(l catalog.Library) bool { return len(l.Drivers) > 0 })
}
