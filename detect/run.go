package detect

import (
	"slices"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/compose"
	"github.com/intscan/intscan/scanners/config"
	"github.com/intscan/intscan/scanners/dockerfile"
	"github.com/intscan/intscan/scanners/documents"
	"github.com/intscan/intscan/scanners/envfile"
	"github.com/intscan/intscan/scanners/gomod"
	"github.com/intscan/intscan/scanners/gosrc"
	"github.com/intscan/intscan/scanners/kubernetes"
	"github.com/intscan/intscan/scanners/migrations"
	"github.com/intscan/intscan/scanners/monitors"
	"github.com/intscan/intscan/scanners/openapi"
	"github.com/intscan/intscan/scanners/workflows"
)

// Facts is what the scanners read, all of it.
type Facts struct {
	Modules  gomod.Result
	Code     gosrc.Code
	APIs     []openapi.API
	Projects []compose.Project
	EnvFiles []envfile.File
	Config   []config.Entry
	Docker   []dockerfile.File
	Kube     kubernetes.Result

	Migrations migrations.Result
	Monitors   monitors.Result
	Workflows  []workflows.Workflow
	Documents  documents.Result
}

// Run detects integrations, call sites and what belongs to them. The same facts
// give the same result, whatever their order. Without verdicts it leaves out the
// call sites, which cost about as much as the rest.
func Run(f Facts, cat *catalog.Catalog, verdicts bool) Result {
	p := link(f.Code.Packages, cat, versions(f.Modules))
	sites := p.findSites()
	p.instances(sites)
	calls, servers, entryPoints := []CallSite{}, []Server{}, []EntryPoint{}
	var served *served // these three are nil without verdicts
	var j *judge
	var g *entryGraph
	if verdicts {
		j = newJudge(p, sites)
		calls, servers = j.callSites(sites), j.servers()
		served = newServed(p)
		g = newEntryGraph(p, served.routes, served.rpc)
		entryPoints = g.reach(sites, calls)
	}
	inv := newInventory(p, f)
	inv.goPackages()
	inv.sites(sites)
	inv.hosts(sites)
	inv.requires()
	vars := inv.variables()
	services := inv.services()
	inv.internalCalls()
	inv.files()
	apis := inv.apis()
	r := Result{
		Repository:   Repository{Lines: p.lines(), Modules: inv.modules()},
		Integrations: inv.finish(),
		CallSites:    calls,
		Servers:      servers,
		EntryPoints:  entryPoints,
		APIs:         apis,
		Services:     services,
		Variables:    vars,
	}
	r.Repository.Binaries = inv.binaries(r.Integrations)
	served.tell(&r, f)
	linkServices(&r)
	linkVariables(&r)
	r.Conditions = noConditions()
	if verdicts {
		r.Conditions = inv.conditions(j, g, sites, r.Variables)
	}
	r.Retries, r.Fanouts = []Retry{}, []Fanout{}
	if verdicts {
		r.Retries, r.Fanouts = j.ownRetries(sites, g), j.fanouts(sites, g)
	}
	noPlanFacts(cat, &r)
	if verdicts {
		gather(p, f, sites, &r)
	}
	r.Diagnostics = p.diagnostics()
	return r
}

func versions(mods gomod.Result) map[string]string {
	out := map[string]string{}
	for _, m := range mods.Modules {
		for _, q := range m.Requires {
			// Of several modules' versions the lowest is the cautious one.
			if old, ok := out[q.Path]; !ok || q.Version < old {
				out[q.Path] = q.Version
			}
		}
	}
	return out
}

// linkServices ties compose services to the integrations that they stand for.
func linkServices(r *Result) {
	byID := map[string]*Integration{}
	for i := range r.Integrations {
		byID[r.Integrations[i].ID] = &r.Integrations[i]
	}
	for i := range r.Services {
		s := &r.Services[i]
		if in := byID[s.Integration]; in != nil && !slices.Contains(in.Services, s.Name) {
			in.Services = append(in.Services, s.Name)
		}
	}
}
