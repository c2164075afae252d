package detect

import (
	"github.com/intscan/intscan/scanners/gosrc"
)

// served is what a program answers: the base of all facts on inbound requests.
type served struct {
	p      *program
	routes *router
	rpc    *rpcServices
	// mains are the production main packages, ran those that may run a function.
	mains []*gosrc.Package
	ran   map[*gosrc.Func][]*gosrc.Package
	// importers are the main packages whose imports lead to a package.
	importers map[*gosrc.Package][]string
	// healthNames are the names of functions of libraries that answer for health.
	healthNames map[string]bool
}

func newServed(p *program) *served {
	s := &served{p: p, routes: newRouter(p), rpc: newRPCServices(p), healthNames: map[string]bool{}}
	for _, fw := range p.cat.Frameworks {
		for _, name := range fw.Health {
			s.healthNames[lastName(name)] = true
		}
	}
	return s
}

// tell fills in what is known of inbound requests and of the contracts they are
// under. Without verdicts (s is nil) only what the files say by themselves.
func (s *served) tell(r *Result, f Facts) {
	r.Routes, r.Webhooks, r.HealthChecks, r.Serving = []Route{}, []Webhook{}, []HealthCheck{}, []Serving{}
	contracts(r, f)
	startOrder(r, f)
	if s == nil {
		return
	}
	r.Routes = append(r.Routes, s.routes.routes...)
	s.drifts(r)
	s.unknownOperations(r)
	s.reachable()
	r.Webhooks = s.webhooks(r)
	r.HealthChecks = s.healthChecks(r)
	r.Serving = s.servings(r)
}
