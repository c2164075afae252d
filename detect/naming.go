package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// name decides which system the site talks to.
func (p *program) name(s *site) {
	s.makers = p.frameworkBehind(s)
	if s.system != "" && s.lib == nil {
		return
	}
	if s.lib == nil {
		if s.sdk != nil && s.sdk.Name == "database-sql" {
			s.system = p.database(s)
			s.drivers = p.driversBehind(s)
		} else {
			s.system = p.constructedSystem(s)
		}
		return
	}
	s.system = s.lib.System.Slug
	switch s.lib.NamedBy {
	case catalog.NamedByHost:
		p.nameByHost(s)
	case catalog.NamedByDriver:
		if db := p.database(s); db != "" {
			s.system = db
		}
	case catalog.NamedByProvider:
		if sys := p.provider(s.lib, s.call.Fn.Pkg.Module); sys != nil {
			s.system = sys.Slug
		}
	case catalog.NamedByFolder:
		if sys := p.namedPackage(s.call); sys != nil && sys.Kind == s.lib.System.Kind {
			s.system = sys.Slug
		}
	default:
		p.nameCompatible(s)
	}
	switch {
	case s.lib.Host != "":
		s.system = "http:" + s.lib.Host
	case s.system == "tcp" || s.lib.System.Slug == "tcp":
		p.nameDialled(s)
	}
}

// peerOf names the system that importing a library in a package proves.
func (p *program) peerOf(lib *catalog.LibraryRef, pkg *gosrc.Package) string {
	if lib.Host != "" {
		return "http:" + lib.Host
	}
	if lib.NamedBy == catalog.NamedByFolder || lib.System.Kind == "ai" {
		if sys := p.namedFolder(strings.ToLower(pkg.Dir)); sys != nil && sys.Kind == lib.System.Kind {
			return sys.Slug
		}
	}
	return lib.System.Slug
}

// nameCompatible: clients of model providers are pointed at others that speak the
// same API, by a base URL or in a package named for the other.
func (p *program) nameCompatible(s *site) {
	if s.lib.System.Kind != "ai" || s.client == nil {
		return
	}
	for _, a := range p.constructedAddresses(s) {
		if sys := p.cat.Endpoint(a.host, a.element); sys != nil && sys.Kind == "ai" {
			s.system = sys.Slug
			return
		}
	}
	if sys := p.namedPackage(s.call); sys != nil && sys.Kind == "ai" {
		s.system = sys.Slug
	}
}

// nameDialled: a connection dialled for a protocol library of the same package is
// that protocol's.
func (p *program) nameDialled(s *site) {
	found := ""
	for _, imp := range s.call.Fn.Pkg.Imports {
		lib := p.cat.Package(imp.Path)
		if lib == nil || imp.Test || lib.Direction == catalog.Inbound {
			continue
		}
		switch lib.System.Slug {
		case "smtp", "imap", "pop3", "ldap", "ssh", "sftp", "ftp", "syslog", "whois", "ntp":
			if found != "" && found != lib.System.Slug {
				return
			}
			found = lib.System.Slug
		}
	}
	if found != "" {
		s.system = found
	}
}

// provider is the one other system of the kind whose library the module imports:
// one that belongs to the library that calls it (goth's providers), else any.
func (p *program) provider(of *catalog.LibraryRef, module string) *catalog.System {
	own, all := map[*catalog.System]bool{}, map[*catalog.System]bool{}
	for _, pkg := range p.pkgs {
		if pkg.Module != module || p.scope[pkg] != ScopeRuntime {
			continue
		}
		for _, imp := range pkg.Imports {
			lib := p.cat.Package(imp.Path)
			if lib == nil || imp.Test || lib.System == of.System || lib.System.Kind != of.System.Kind {
				continue
			}
			all[lib.System] = true
			if strings.HasPrefix(imp.Path, of.Packages[0]+"/") {
				own[lib.System] = true
			}
		}
	}
	for _, found := range []map[*catalog.System]bool{own, all} {
		for sys := range found {
			if len(found) > 1 {
				return nil
			}
			return sys
		}
	}
	return nil
}

// nameByHost reads the literal host out of the call's arguments, then out of the
// client's construction; a package named for a product decides where the host is
// configured.
func (p *program) nameByHost(s *site) {
	var found []address
	known := true
	for _, a := range s.call.Args {
		if a.Type == "context.Context" {
			continue
		}
		as, all := p.addresses(a)
		known = known && (all || len(as) == 0)
		found = append(found, as...)
	}
	if len(found) == 0 && s.client != nil {
		found = p.constructedAddresses(s)
	}
	found = slices.DeleteFunc(found, func(a address) bool { return isLocal(a.host) || isExample(a.host) || !validHost(a.host) })
	s.peers = found
	named := p.hostSystems(found)
	folder := p.namedPackage(s.call)
	var sys *catalog.System
	shared := len(named) == 1 && p.otherHosts(found)
	switch {
	case len(named) == 1 && !shared, folder != nil && slices.Contains(named, folder):
		sys = named[0]
		if len(named) > 1 || shared {
			sys = folder
		}
	case len(named) > 1, shared:
		return // code that many clients share: its hosts tell of each
	case s.system != "tcp":
		if sys = p.endpointSystem(s); sys != nil {
			s.system = sys.Slug
			return
		}
		sys = folder
	}
	if sys != nil {
		s.system = sys.Slug
		if s.lib.System.Slug == "oauth2" && p.cat.System(sys.Slug+".oauth") != nil {
			s.system += ".oauth"
		}
		return
	}
	if s.system == "http" && len(found) > 0 && known {
		s.system = "http:" + found[0].host
	}
}

// endpointSystem is the system whose endpoint a library names, in the construction of
// the client: oauth2.Config{Endpoint: linkedin.Endpoint}, or one with a literal TokenURL.
func (p *program) endpointSystem(s *site) *catalog.System {
	if s.client == nil || s.lib.System.Slug != "oauth2" {
		return nil
	}
	for _, st := range p.construct(s.client).steps {
		if st.value != nil && strings.HasSuffix(st.symbol, ".TokenURL") {
			as, _ := p.addresses(st.value)
			if named := p.hostSystems(as); len(named) == 1 {
				return cmp.Or(p.cat.System(named[0].Slug+".oauth"), named[0])
			}
			continue
		}
		if st.value == nil || !strings.HasSuffix(st.symbol, ".Endpoint") {
			continue
		}
		for _, o := range p.origins(st.value) {
			symbol := o.Name
			switch {
			case o.Kind == gosrc.Result && !o.Call.Method:
				symbol = o.Call.Callee
			case o.Kind != gosrc.Global:
				continue // discovered: provider.Endpoint()
			}
			lib := p.cat.Symbol(symbol)
			if lib == nil {
				lib = p.cat.Package(packageOf(symbol))
			}
			if lib != nil && lib.System.Slug != "oauth2" {
				return lib.System
			}
		}
	}
	return nil
}

// hostSystems are the systems that addresses belong to, each once.
func (p *program) hostSystems(as []address) []*catalog.System {
	var out []*catalog.System
	for _, a := range as {
		if sys := p.cat.Endpoint(a.host, a.element); sys != nil && !slices.Contains(out, sys) {
			out = append(out, sys)
		}
	}
	return out
}

// otherHosts: among the addresses are those of several more hosts, which no slug names.
func (p *program) otherHosts(as []address) bool {
	other := map[string]bool{}
	for _, a := range as {
		if p.cat.Endpoint(a.host, a.element) == nil {
			other[a.host] = true
		}
	}
	return len(other) > 1
}

// constructedAddresses are the literal addresses that a client is made with. An
// http.Client is made with none: what else it is used for names other peers.
func (p *program) constructedAddresses(s *site) []address {
	if packageOf(s.symbol) == "net/http" {
		return nil
	}
	var out []address
	for _, st := range p.construct(s.client).steps {
		if st.call == nil || p.cat.Package(packageOf(st.symbol)) != s.lib || st.call.Context || catalog.Matches(s.lib.Operations, st.symbol) {
			continue
		}
		for _, a := range st.call.Args {
			if a.Type != "context.Context" {
				as, _ := p.addresses(a)
				out = append(out, as...)
			}
		}
	}
	return out
}

// constructedSystem names the system of a helper of an SDK (a pager, a waiter) by
// the service client in its construction.
func (p *program) constructedSystem(s *site) string {
	if s.client == nil {
		return ""
	}
	for _, st := range p.construct(s.client).steps {
		if lib := p.cat.Package(packageOf(st.symbol)); lib != nil && lib.NamedBy == "" && lib.SDK == s.sdk.Name {
			return lib.System.Slug
		}
	}
	return ""
}
