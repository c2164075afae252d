package detect

import (
	"path"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/compose"
	"github.com/intscan/intscan/scanners/gosrc"
	"github.com/intscan/intscan/scanners/openapi"
)

// modules says for each module how its code was read.
func (inv *inventory) modules() []Module {
	var out []Module
	for _, m := range inv.f.Modules.Modules {
		mod := Module{Path: m.Path, Dir: m.Dir, Go: m.Go, Mode: string(gosrc.ModeTypes)}
		missing := map[string]bool{}
		outside := 0
		for _, pkg := range inv.p.pkgs {
			if pkg.Module != m.Path {
				continue
			}
			mod.Packages++
			mod.Files += len(pkg.Files)
			outside += len(pkg.Imports)
			for _, imp := range pkg.Missing {
				missing[imp] = true
			}
		}
		names := sortedKeys(missing)
		switch {
		case mod.Packages == 0:
			mod.Mode, mod.Why = string(gosrc.ModeSyntax), "no Go packages"
		case len(names) > 0:
			mod.Mode = string(gosrc.ModePartial)
			mod.Why = describe("%s not on this machine (%s)", packagesAre(len(names)), few(names, 3))
			if !inv.anyTyped(m.Path) {
				mod.Mode = string(gosrc.ModeSyntax)
			}
		}
		out = append(out, mod)
	}
	return out
}

func (inv *inventory) anyTyped(module string) bool {
	return slices.ContainsFunc(inv.p.pkgs, func(p *gosrc.Package) bool {
		return p.Module == module && p.Mode == gosrc.ModeTypes && len(p.Imports) > 0
	})
}

func packagesAre(n int) string {
	if n == 1 {
		return "1 imported package is"
	}
	return describe("%d imported packages are", n)
}

func few(names []string, n int) string {
	if len(names) > n {
		return strings.Join(names[:n], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}

// binaries lists the main packages and what each reaches through its imports.
func (inv *inventory) binaries(ins []Integration) []Binary {
	var out []Binary
	for _, pkg := range inv.p.pkgs {
		if pkg.Name != "main" || len(pkg.Files) == 0 || allTests(pkg) {
			continue
		}
		if other := inv.p.byPath[pkg.Path]; other != pkg && other.Name == "main" {
			continue // the same folder's files of another build, such as generators
		}
		reach := map[*gosrc.Package]bool{}
		inv.p.importClosure(pkg, reach)
		b := Binary{Name: binaryName(pkg), Package: pkg.Path, At: mainPosition(pkg), Scope: inv.p.scope[pkg], Integrations: []string{}}
		for i := range ins {
			if inv.found[ins[i].ID].reachedFrom(reach) {
				b.Integrations = append(b.Integrations, ins[i].ID)
				if b.Scope == ScopeRuntime {
					ins[i].Binaries = append(ins[i].Binaries, b.Name)
				}
			}
		}
		out = append(out, b)
	}
	return out
}

func allTests(pkg *gosrc.Package) bool {
	return !slices.ContainsFunc(pkg.Files, func(f gosrc.File) bool { return !f.Test })
}

func (e *entry) reachedFrom(reach map[*gosrc.Package]bool) bool {
	for pkg := range e.pkgs {
		if reach[pkg] {
			return true
		}
	}
	return false
}

func (p *program) importClosure(pkg *gosrc.Package, seen map[*gosrc.Package]bool) {
	if seen[pkg] {
		return
	}
	seen[pkg] = true
	for _, imp := range pkg.Imports {
		if q := p.byPath[imp.Path]; q != nil && !imp.Test {
			p.importClosure(q, seen)
		}
	}
}

// binaryName is what go build would call it.
func binaryName(pkg *gosrc.Package) string {
	base := path.Base(pkg.Path)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		base = path.Base(path.Dir(pkg.Path))
	}
	return base
}

func mainPosition(pkg *gosrc.Package) scanners.Position {
	for _, f := range pkg.Funcs {
		if strings.HasSuffix(f.Symbol, ".main") && f.Recv == "" {
			return f.At
		}
	}
	return scanners.Position{File: pkg.Files[0].Path, Line: 1}
}

// services lists the compose services: which system each stands for, or which
// binary of the repository it runs.
func (inv *inventory) services() []Service {
	out := []Service{}
	for _, pr := range inv.f.Projects {
		for i := range pr.Services {
			out = append(out, inv.service(&pr.Services[i]))
		}
	}
	slices.SortStableFunc(out, func(a, b Service) int { return a.Position.Compare(b.Position) })
	return out
}

func (inv *inventory) service(s *compose.Service) Service {
	svc := Service{
		Position: s.Position, Name: s.Name, Image: s.Image, Restart: s.Restart,
		Healthcheck: s.Healthcheck.State == compose.HealthcheckPresent,
	}
	if s.Build != nil {
		svc.Build = s.Build.Context
		svc.Binary = inv.builds(s.Name, s.Build)
	}
	image := s.Image
	if s.ResolvedImage != "" {
		image = s.ResolvedImage
	}
	if sys := inv.p.cat.Image(image); sys != nil && image != "" && svc.Build == "" {
		svc.System = sys.Slug
		slug := inv.spoken(sys)
		e := inv.entry(slug)
		e.out = e.out || len(e.evidence) == 0
		e.add(ScopeDeclared, weightService, scanners.SourceCompose, s.Position, describe("service %s, image %s", s.Name, scanners.Redact(s.Image)))
		svc.Integration = slug
	}
	for _, v := range s.Environment {
		if sys := inv.systemOf(v.Name, v.Endpoint); sys != nil {
			if e := inv.found[inv.spoken(sys)]; e != nil && len(e.pkgs) > 0 {
				e.add(ScopeDeclared, weightEnv, scanners.SourceCompose, v.Position, describe("service %s sets %s", s.Name, v.Name))
				e.vars[v.Name] = true
			}
		}
	}
	return svc
}

// builds is the main package that a compose service builds and runs: the one in
// the build folder, or named by the Dockerfile's entry point, or by the service.
func (inv *inventory) builds(service string, b *compose.Build) string {
	var in []string
	for _, pkg := range inv.p.pkgs {
		if pkg.Name == "main" && inv.p.scope[pkg] == ScopeRuntime && (b.Context == "." || b.Context == "" || pkg.Dir == b.Context || strings.HasPrefix(pkg.Dir, b.Context+"/")) {
			in = append(in, binaryName(pkg))
		}
	}
	if len(in) == 1 {
		return in[0]
	}
	docker := path.Join(b.Context, b.Dockerfile)
	for _, d := range inv.f.Docker {
		if d.Path == docker || b.Dockerfile == "" && d.Path == path.Join(b.Context, "Dockerfile") {
			if name := path.Base(d.Entrypoint); slices.Contains(in, name) {
				return name
			}
		}
	}
	if slices.Contains(in, service) {
		return service
	}
	return ""
}

// apis tells the APIs that the repository serves from those it consumes.
func (inv *inventory) apis() []API {
	out := []API{}
	for i := range inv.f.APIs {
		out = append(out, inv.api(&inv.f.APIs[i]))
	}
	slices.SortStableFunc(out, func(a, b API) int { return a.Position.Compare(b.Position) })
	return out
}

func (inv *inventory) api(a *openapi.API) API {
	api := API{
		Position: a.Position, Title: a.Title, Version: a.Version, Spec: a.Spec, Generator: a.Generator, Operations: a.CountedOperations(),
		Referenced: a.ReferencedOperations(), Security: []string{}, Servers: []string{},
	}
	for _, s := range a.SecuritySchemes {
		api.Security = append(api.Security, s.Name)
	}
	for _, s := range a.Servers {
		api.Servers = append(api.Servers, s.URL)
	}
	api.Direction, api.Why = inv.apiDirection(a)
	return api
}

// apiDirection: a folder named for clients or vendors, or a server that is a known
// product's, means consumed; else the API is the repository's own.
func (inv *inventory) apiDirection(a *openapi.API) (catalog.Direction, string) {
	for part := range strings.SplitSeq(strings.ToLower(path.Dir(a.File)), "/") {
		switch part {
		case "client", "clients", "vendor", "third_party", "thirdparty", "external", "upstream", "consumed":
			return catalog.Outbound, "lies in a folder named " + part
		}
	}
	for _, s := range a.Servers {
		if s.Endpoint == nil || s.Endpoint.Host == "" {
			continue
		}
		if sys := inv.p.cat.Host(s.Endpoint.Host); sys != nil {
			return catalog.Outbound, "its server is " + sys.Name + "'s"
		}
		for slug := range inv.found {
			if slug == "http:"+s.Endpoint.Host {
				return catalog.Outbound, "the code calls its server " + s.Endpoint.Host
			}
		}
	}
	return catalog.Inbound, "described in this repository"
}
