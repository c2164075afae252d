package detect

import (
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/compose"
)

// rpcSystems are how components of one repository call each other, in the order
// in which a variable without a scheme is taken to mean them.
var rpcSystems = []string{"grpc", "connect", "twirp", "http"}

// internalCalls finds calls between the components that the repository itself
// builds: a compose service whose environment names another one that is built
// here, over a protocol that the code speaks.
func (inv *inventory) internalCalls() {
	for _, pr := range inv.f.Projects {
		built := map[string]bool{}
		for _, s := range pr.Services {
			if s.Build != nil && !s.Build.Remote {
				for _, name := range append([]string{s.Name, s.Hostname, s.ContainerName}, s.NetworkAliases...) {
					built[name] = name != ""
				}
			}
		}
		for i := range pr.Services {
			if s := &pr.Services[i]; s.Build != nil {
				inv.internalOf(s, built)
			}
		}
	}
}

func (inv *inventory) internalOf(s *compose.Service, built map[string]bool) {
	for _, v := range s.Environment {
		if v.Endpoint == nil || !built[v.Endpoint.Host] || v.Endpoint.Host == s.Name {
			continue
		}
		e := inv.spokenInternally(v.Endpoint)
		if e == nil {
			continue
		}
		e.internal = true
		e.vars[v.Name] = true
		e.add(ScopeDeclared, weightEnv, scanners.SourceCompose, v.Position, describe("service %s calls service %s (%s)", s.Name, v.Endpoint.Host, v.Name))
	}
}

// spokenInternally is the protocol among those that the code speaks.
func (inv *inventory) spokenInternally(ep *scanners.Endpoint) *entry {
	if strings.HasPrefix(ep.Scheme, "http") {
		return inv.found["http"]
	}
	for _, slug := range rpcSystems {
		if e := inv.found[slug]; e != nil && len(e.pkgs) > 0 {
			return e
		}
	}
	return nil
}
