package rules

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
)

// maxClients is how many causes one rule reports for an integration in a module;
// of more, one change in one place is the better advice.
const maxClients = 3

// WholeModule begins the anchor of a finding that stands for all its causes in a
// module, whose path follows.
const WholeModule = "module "

// The anchors of findings that stand for all clients of a repository; each place that
// they list is a cause.
const (
	AllCalls   = "calls"   // without a bound
	AllClients = "clients" // without a trace
)

// clients groups the calls that a predicate picks by the change that mends them:
// where their client is made or, where that is not seen, in their package. What
// belongs to one integration and one package is one cause, and so is an integration
// with more than maxClients causes in a module.
func (v *view) clients(pick func(*detect.CallSite) bool) []*cause {
	made := newGroups()
	for i := range v.CallSites {
		s := &v.CallSites[i]
		if !runs(s) || !pick(s) {
			continue
		}
		if s.Made != nil {
			made.add(s.Made.Position.String(), &cause{at: s.Made.Position, made: true, anchor: s.Made.What + " in " + path.Dir(s.Made.File), sites: []*detect.CallSite{s}})
		} else {
			dir := path.Dir(s.File)
			made.add(s.Integration+"\x00"+dir, &cause{at: s.Position, anchor: dir, sites: []*detect.CallSite{s}})
		}
	}
	packages := newGroups()
	for _, c := range made.list() {
		packages.add(c.main()+"\x00"+path.Dir(c.at.File), c)
	}
	modules := map[string][]*cause{}
	for _, c := range packages.list() {
		key := c.main() + "\x00" + v.module(c.at)
		modules[key] = append(modules[key], c)
	}
	var out []*cause
	for _, key := range sortedKeys(modules) {
		list := modules[key]
		if len(list) > maxClients {
			all := newGroups()
			for _, c := range list {
				all.add("", c)
			}
			list = all.list()
			list[0].anchor, list[0].places = WholeModule+v.module(list[0].at), len(modules[key])
		}
		out = append(out, list...)
	}
	for _, c := range out {
		v.sort(c)
	}
	slices.SortFunc(out, func(a, b *cause) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.anchor, b.anchor)) })
	return out
}

// perModule joins causes of a module that are more than maxClients, whatever they
// call: that nothing of the module does this is the one cause.
func (v *view) perModule(all []*cause) []*cause {
	modules := map[string][]*cause{}
	for _, c := range all {
		modules[v.module(c.at)] = append(modules[v.module(c.at)], c)
	}
	var out []*cause
	for _, module := range sortedKeys(modules) {
		list := modules[module]
		if len(list) > maxClients {
			one := newGroups()
			for _, c := range list {
				one.add("", c)
			}
			n := len(list)
			list = one.list()
			list[0].anchor, list[0].places = WholeModule+module, n
			v.sort(list[0])
		}
		out = append(out, list...)
	}
	return out
}

// integrations lists those that the sites call, with repetitions.
func (c *cause) integrations() []string {
	var out []string
	for _, s := range c.sites {
		out = append(out, s.Integration)
	}
	return out
}

// groups joins causes with the same key; the one with the most calls, of those
// that say where the client is made, gives the place.
type groups struct {
	byKey map[string]*cause
	most  map[string]int
}

func newGroups() *groups { return &groups{byKey: map[string]*cause{}, most: map[string]int{}} }

func (g *groups) add(key string, c *cause) {
	into := g.byKey[key]
	if into == nil {
		g.byKey[key] = &cause{at: c.at, made: c.made, anchor: c.anchor, sites: slices.Clone(c.sites)}
		g.most[key] = len(c.sites)
		return
	}
	into.sites = append(into.sites, c.sites...)
	if c.made && !into.made || c.made == into.made && len(c.sites) > g.most[key] {
		into.at, into.made, into.anchor = c.at, c.made, c.anchor
		g.most[key] = len(c.sites)
	}
}

func (g *groups) list() []*cause {
	var out []*cause
	for _, key := range sortedKeys(g.byKey) {
		out = append(out, g.byKey[key])
	}
	return out
}

// main is the integration with the most calls.
func (c *cause) main() string {
	count := map[string]int{}
	for _, s := range c.sites {
		count[s.Integration]++
	}
	best := ""
	for _, id := range sortedKeys(count) {
		if best == "" || count[id] > count[best] {
			best = id
		}
	}
	return best
}

// module is the path of the Go module that a file belongs to.
func (v *view) module(at scanners.Position) string {
	best, depth := "", -1
	for _, m := range v.Repository.Modules {
		inside := m.Dir == "." || strings.HasPrefix(at.File, m.Dir+"/")
		if inside && len(m.Dir) > depth || inside && m.Dir == "." && depth < 0 {
			best, depth = m.Path, len(m.Dir)
			if m.Dir == "." {
				depth = 0
			}
		}
	}
	return best
}

// rank is that of an integration's criticality, 0 where it is not weighed.
func (v *view) rank(id string) int {
	if a := v.risks[id]; a != nil {
		return a.Criticality.Rank()
	}
	return 0
}

// sort puts the calls to the most critical integration first, then those that
// requests wait for.
func (v *view) sort(c *cause) {
	slices.SortStableFunc(c.sites, func(a, b *detect.CallSite) int {
		switch {
		case v.rank(a.Integration) != v.rank(b.Integration):
			return v.rank(b.Integration) - v.rank(a.Integration)
		case detect.Graver(a.Phase, b.Phase):
			return -1
		case detect.Graver(b.Phase, a.Phase):
			return 1
		}
		return a.Position.Compare(b.Position)
	})
}

// subject names the calls of a cause for a sentence: "3 calls to Stripe",
// "12 calls to PostgreSQL through clients made in 5 places".
func (v *view) subject(c *cause) string {
	var ids, names []string
	for _, s := range c.sites {
		if !slices.Contains(ids, s.Integration) {
			ids = append(ids, s.Integration)
			names = append(names, v.name(s.Integration))
		}
	}
	if len(ids) == 1 && ids[0] == "http" {
		return scanners.Count(len(c.sites), "outbound HTTP call") + c.spread()
	}
	slices.Sort(names[1:])
	if more := len(names) - 4; more > 0 {
		names = append(names[:4], fmt.Sprintf("%d more", more))
	}
	return c.calls() + " to " + strings.Join(names, ", ") + c.spread()
}

func (c *cause) spread() string {
	if c.places < 2 {
		return ""
	}
	return fmt.Sprintf(" from %d places", c.places)
}

// overNetwork: the system is a peer; a store inside the process answers or fails at
// once.
func (v *view) overNetwork(s *detect.CallSite) bool {
	sys := v.cat.System(s.System)
	return (sys == nil || !sys.Embedded) && !strings.HasPrefix(s.Call, cachedClients)
}

// cachedClients read from a cache in the process that informers keep up to date.
const cachedClients = "sigs.k8s.io/controller-runtime"

func (v *view) kind(id string) string {
	if in := v.integrations[id]; in != nil {
		return in.Kind
	}
	return ""
}

// passesOn: the call stands in a transport of the repository's and goes by the
// bounds of the client that the transport is put into, or in a generated client that
// is a call site where it is used.
func (v *view) passesOn(s *detect.CallSite) bool {
	return strings.HasSuffix(s.Function, ".RoundTrip") || strings.HasSuffix(s.Call, ".RoundTrip") ||
		s.Generated && (v.kind(s.Integration) == "rpc" || s.Phase == detect.PhaseLibrary)
}

// packageOf is the import path of the function called.
func packageOf(s *detect.CallSite) string {
	pkg, _ := catalog.SplitSymbol(s.Call)
	return pkg
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
