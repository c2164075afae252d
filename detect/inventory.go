package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// inventory gathers evidence by system.
type inventory struct {
	p     *program
	f     Facts
	found map[string]*entry
}

// entry is an integration in the making.
type entry struct {
	id       string // the system, or system:INSTANCE
	system   string
	internal bool
	sys      *catalog.System // nil for http:HOST
	in, out  bool
	evidence []ranked
	vars     map[string]bool
	libs     map[string]bool
	pkgs     map[*gosrc.Package]bool
}

// ranked is evidence with its weight: the higher the stronger.
type ranked struct {
	Evidence
	scope  Scope
	weight int
}

// The weights of evidence.
const (
	weightCall     = 90
	weightInbound  = 80
	weightImport   = 70
	weightHost     = 60
	weightVariable = 50
	weightService  = 40
	weightEnv      = 30
	weightConfig   = 25
	weightRequire  = 20
)

func newInventory(p *program, f Facts) *inventory {
	return &inventory{p: p, f: f, found: map[string]*entry{}}
}

func (inv *inventory) entry(id string) *entry {
	e := inv.found[id]
	if e == nil {
		system := id
		if base, _, ok := strings.Cut(id, ":"); ok && base != "http" {
			system = base
		}
		e = &entry{id: id, system: system, sys: inv.p.cat.System(system), vars: map[string]bool{}, libs: map[string]bool{}, pkgs: map[*gosrc.Package]bool{}}
		inv.found[id] = e
	}
	return e
}

func (e *entry) add(scope Scope, weight int, src scanners.Source, at scanners.Position, detail string) {
	if at.Line == 0 {
		at.Line = 1
	}
	e.evidence = append(e.evidence, ranked{Evidence{Source: src, Position: at, Detail: detail}, scope, weight})
}

// goPackages takes in what imports and uses of client libraries prove.
func (inv *inventory) goPackages() {
	for _, pkg := range inv.p.pkgs {
		for _, imp := range pkg.Imports {
			if imp.Test || inv.p.byPath[imp.Path] != nil {
				continue
			}
			if lib := inv.p.cat.Package(imp.Path); lib != nil {
				inv.goImport(pkg, imp, lib)
			}
		}
		inv.claimed(pkg)
	}
}

func (inv *inventory) goImport(pkg *gosrc.Package, imp gosrc.Import, lib *catalog.LibraryRef) {
	scope := inv.p.scope[pkg]
	outbound, inbound := firstUse(pkg, imp.Path, lib.Uses), firstUse(pkg, imp.Path, lib.Inbound)
	if inbound != nil {
		e := inv.entry(lib.System.Slug)
		e.in = true
		e.add(scope, weightInbound, scanners.SourceGo, *inbound, "serves with "+imp.Path)
		e.pkgs[pkg] = true
	}
	if lib.NamedBy == catalog.NamedByHost || lib.NamedBy == catalog.NamedByDriver {
		if lib.NamedBy == catalog.NamedByDriver || len(lib.Uses) > 0 || lib.Direction == catalog.Inbound {
			return // its call sites tell
		}
	}
	at, detail := imp.At, "imports "+imp.Path
	if len(lib.Uses) > 0 || len(lib.Inbound) > 0 {
		switch {
		case outbound != nil:
			at, detail = *outbound, "uses "+imp.Path
		case len(lib.Uses) > 0 || inbound != nil:
			return
		}
	}
	slug := inv.p.peerOf(lib, pkg)
	e := inv.entry(slug)
	e.in = e.in || lib.Direction == catalog.Inbound || lib.Direction == catalog.Both
	e.out = e.out || lib.Direction != catalog.Inbound
	e.add(scope, weightImport, scanners.SourceGo, at, detail)
	e.pkgs[pkg] = true
	if mod, v := inv.p.version(imp.Path); mod != "" {
		e.libs[mod+"@"+v] = true
	}
}

// claimed takes in symbols of shared packages that a system claims one by one.
func (inv *inventory) claimed(pkg *gosrc.Package) {
	var claimed []string
	for sym := range pkg.Uses {
		if inv.p.cat.Symbol(sym) != nil {
			claimed = append(claimed, sym)
		}
	}
	slices.Sort(claimed)
	for _, sym := range claimed {
		lib := inv.p.cat.Symbol(sym)
		if lib == nil || inv.p.cat.Package(packageOf(sym)) == lib {
			continue
		}
		inbound := catalog.Matches(lib.Inbound, sym)
		if !inbound && lib.NamedBy == catalog.NamedByHost {
			continue // its call sites tell
		}
		e := inv.entry(lib.System.Slug)
		e.in, e.out = e.in || inbound, e.out || !inbound
		e.add(inv.p.scope[pkg], weightImport, scanners.SourceGo, pkg.Uses[sym], "uses "+shortSymbol(sym))
		e.pkgs[pkg] = true
	}
}

// firstUse is the first place where a package uses one of the listed symbols of
// an import; nil where it uses none.
func firstUse(pkg *gosrc.Package, importPath string, list []string) *scanners.Position {
	var best *scanners.Position
	if len(list) == 0 {
		return nil
	}
	for sym := range pkg.Uses { // in any order: the first place wins
		if !strings.HasPrefix(sym, importPath+".") || !catalog.Matches(list, sym) {
			continue
		}
		at := pkg.Uses[sym]
		if best == nil || at.Compare(*best) < 0 {
			best = &at
		}
	}
	return best
}

// sites takes in the call sites: the strongest evidence there is.
func (inv *inventory) sites(sites []*site) {
	perFile := map[string]int{}
	for _, s := range sites {
		for _, a := range s.peers {
			if other := "http:" + a.host; s.system == "http" && inv.p.cat.Endpoint(a.host, a.element) == nil {
				e := inv.entry(other)
				e.out = true
				e.pkgs[s.call.Fn.Pkg] = true
				e.add(inv.p.scope[s.call.Fn.Pkg], weightHost, scanners.SourceGo, a.at, "names "+a.host)
			}
		}
		e := inv.entry(s.id)
		e.out = true
		e.pkgs[s.call.Fn.Pkg] = true
		key := s.id + " " + s.call.At.File
		if perFile[key]++; perFile[key] > 2 {
			continue // a file's first calls prove as much as all of them
		}
		e.add(inv.p.scope[s.call.Fn.Pkg], weightCall, scanners.SourceGo, s.call.At, "calls "+shortSymbol(s.symbol))
		inv.peers(s)
	}
}

// peers takes in the systems that a call of many peers goes to: code that many
// clients share.
func (inv *inventory) peers(s *site) {
	for _, a := range s.peers {
		sys := inv.p.cat.Endpoint(a.host, a.element)
		if sys == nil || sys.Slug == s.system || strings.HasPrefix(s.system, sys.Slug+".") {
			continue
		}
		e := inv.entry(sys.Slug)
		e.out = true
		e.pkgs[s.call.Fn.Pkg] = true
		e.add(inv.p.scope[s.call.Fn.Pkg], weightHost, scanners.SourceGo, a.at, "names "+a.host)
	}
}

// hosts takes in API endpoints that stand in code: each confirms its system, and
// proves it where the package makes HTTP calls whose peer is not known otherwise.
func (inv *inventory) hosts(sites []*site) {
	calling := map[*gosrc.Package]bool{}
	for _, s := range sites {
		if s.lib != nil && s.lib.NamedBy == catalog.NamedByHost && len(s.peers) == 0 {
			calling[s.call.Fn.Pkg] = true
		}
	}
	for _, pkg := range inv.p.pkgs {
		for _, str := range pkg.Strings {
			ep, ok := scanners.ParseEndpoint(str.Value)
			if !ok || ep.Host == "" {
				continue
			}
			sys := inv.p.cat.Endpoint(ep.Host, firstElement(str.Value))
			if sys == nil {
				continue
			}
			if _, known := inv.found[sys.Slug]; !known && !calling[pkg] {
				continue
			}
			e := inv.entry(sys.Slug)
			e.out = true
			e.pkgs[pkg] = true
			e.add(inv.p.scope[pkg], weightHost, scanners.SourceGo, str.At, "names "+ep.Host)
		}
	}
}

// requires adds the go.mod lines of the libraries in use.
func (inv *inventory) requires() {
	for _, m := range inv.f.Modules.Modules {
		for _, q := range m.Requires {
			for _, slug := range sortedKeys(inv.found) {
				if e := inv.found[slug]; e.libs[q.Path+"@"+q.Version] {
					e.add(e.declares(), weightRequire, scanners.SourceGoMod, q.Position, "requires "+q.Path+" "+q.Version)
				}
			}
		}
	}
}

// declares is the scope that a requirement or a variable read in code proves: no
// more than the code itself does.
func (e *entry) declares() Scope {
	for _, ev := range e.evidence {
		if ev.scope != ScopeDevelopment {
			return ScopeDeclared
		}
	}
	return ScopeDevelopment
}

// files takes in what environment and configuration files, Dockerfiles and the
// like name.
func (inv *inventory) files() {
	for _, f := range inv.f.EnvFiles {
		for _, v := range f.Variables {
			inv.named(v.Name, v.Endpoint, scanners.SourceEnv, v.Position, weightEnv)
		}
	}
	for _, c := range inv.f.Config {
		inv.named(c.Key, c.Endpoint, scanners.SourceConfig, c.Position, weightConfig)
	}
	for _, d := range inv.f.Docker {
		for _, v := range d.Env {
			inv.named(v.Name, v.Endpoint, scanners.SourceDockerfile, v.Position, weightConfig)
		}
	}
	inv.manifests()
}

// manifests takes in what Kubernetes workloads run, and what their environment and
// config maps name.
func (inv *inventory) manifests() {
	for _, w := range inv.f.Kube.Workloads {
		for _, c := range w.Containers {
			if sys := inv.p.cat.Image(c.Image); sys != nil && c.Image != "" {
				e := inv.entry(inv.spoken(sys))
				e.out = e.out || len(e.evidence) == 0
				e.add(ScopeDeclared, weightService, scanners.SourceKubernetes, c.Position, describe("%s %s, image %s", w.Kind, w.Name, scanners.Redact(c.Image)))
			}
			for _, v := range c.Env {
				inv.named(v.Name, v.Endpoint, scanners.SourceKubernetes, v.Position, weightEnv)
			}
		}
	}
	for _, m := range inv.f.Kube.ConfigMaps {
		for _, v := range m.Data {
			inv.named(v.Name, v.Endpoint, scanners.SourceKubernetes, v.Position, weightConfig)
		}
	}
}

// named adds evidence from a variable or key: by the scheme or host it points
// to, else by its words.
func (inv *inventory) named(name string, ep *scanners.Endpoint, src scanners.Source, at scanners.Position, weight int) {
	sys := inv.systemOf(name, ep)
	if sys == nil {
		return
	}
	e := inv.entry(inv.spoken(sys))
	e.add(ScopeDeclared, weight, src, at, "sets "+name)
	e.vars[name] = src == scanners.SourceEnv || e.vars[name]
	e.out = e.out || len(e.evidence) == 1
}

func (inv *inventory) systemOf(name string, ep *scanners.Endpoint) *catalog.System {
	if ep != nil {
		if sys := inv.p.cat.Scheme(ep.Scheme); sys != nil && sys.Kind != "http" {
			return sys
		}
		if sys := inv.p.cat.Host(ep.Host); sys != nil {
			return sys
		}
	}
	return inv.p.cat.Variable(name)
}

// spoken: a stand-in is evidence for the system whose protocol the code speaks to
// it, where the code does.
func (inv *inventory) spoken(sys *catalog.System) string {
	if sys.Speaks != "" && inv.found[sys.Slug] == nil && inv.found[sys.Speaks] != nil {
		return sys.Speaks
	}
	return sys.Slug
}

// finish turns the entries into integrations, sorted by kind and name.
func (inv *inventory) finish() []Integration {
	var out []Integration
	for _, slug := range sortedKeys(inv.found) {
		out = append(out, inv.found[slug].integration())
	}
	rank := func(kind string) int { return slices.Index(catalog.Kinds, kind) }
	slices.SortStableFunc(out, func(a, b Integration) int {
		return cmp.Or(cmp.Compare(rank(a.Kind), rank(b.Kind)), cmp.Compare(a.ID, b.ID))
	})
	return out
}

const maxEvidence = 40

func (e *entry) integration() Integration {
	in := Integration{
		ID: e.id, System: e.system, Name: e.system, Kind: "http", Protocol: "HTTP",
		Direction: catalog.Outbound, Scope: ScopeDevelopment, Internal: e.internal,
	}
	if e.sys != nil {
		in.Name, in.Kind, in.Protocol = e.sys.Name, e.sys.Kind, e.sys.Protocol
		if instance, ok := strings.CutPrefix(e.id, e.system+":"); ok {
			in.Name += " (" + instance + ")"
		}
	} else if host, ok := strings.CutPrefix(e.system, "http:"); ok {
		in.Name = host
	}
	switch {
	case e.in && e.out:
		in.Direction = catalog.Both
	case e.in:
		in.Direction = catalog.Inbound
	}
	strength := map[Scope]int{ScopeRuntime: 2, ScopeDeclared: 1, ScopeDevelopment: 0}
	goScope := false
	for _, ev := range e.evidence {
		if ev.Source == scanners.SourceGo && ev.scope == ScopeRuntime {
			goScope = true
		}
		if strength[ev.scope] > strength[in.Scope] {
			in.Scope = ev.scope
		}
	}
	if in.Scope == ScopeRuntime && !goScope {
		in.Scope = ScopeDeclared
	}
	slices.SortStableFunc(e.evidence, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(strength[b.scope]*1000+b.weight, strength[a.scope]*1000+a.weight), a.Position.Compare(b.Position), cmp.Compare(a.Detail, b.Detail))
	})
	for _, ev := range e.evidence {
		if len(in.Evidence) < maxEvidence && !slices.Contains(in.Evidence, ev.Evidence) {
			in.Evidence = append(in.Evidence, ev.Evidence)
		}
	}
	in.Variables, in.Libraries = sortedKeys(e.vars), sortedKeys(e.libs)
	in.Services, in.Binaries = []string{}, []string{}
	return in
}

// Relevant tells the imports that an inventory can rest on: libraries that the
// catalog knows, and those that read environment variables.
func Relevant(cat *catalog.Catalog) func(importPath string) bool {
	return func(importPath string) bool {
		switch importPath {
		case "os", "syscall", viperPackage, "github.com/kelseyhightower/envconfig":
			return true
		}
		return cat.Package(importPath) != nil || cat.SharedSDK(importPath) || strings.HasPrefix(importPath, "github.com/urfave/cli")
	}
}
