package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// judge decides the three verdicts of each call site.
type judge struct {
	p         *program
	deadlines *deadlines
	recording map[*gosrc.Func]recorded
	retrying  *ways
	// surrounding follows the ways into a function for each protecting role.
	surrounding map[catalog.Role]*ways
	around      map[*gosrc.Func]recorded
	busyAround  map[*gosrc.Func]bool
	made        map[*site][]*construction
	siteFuncs   map[*gosrc.Func]bool // functions that hold a call site
	sites       []*site
}

func newJudge(p *program, sites []*site) *judge {
	j := &judge{
		p: p, deadlines: newDeadlines(p), recording: map[*gosrc.Func]recorded{},
		made: map[*site][]*construction{}, surrounding: map[catalog.Role]*ways{},
		around: map[*gosrc.Func]recorded{}, busyAround: map[*gosrc.Func]bool{}, siteFuncs: map[*gosrc.Func]bool{},
	}
	j.sites = sites
	j.retrying = newWays(p, j.retriedBy, j.retriedWay)
	for _, role := range []catalog.Role{catalog.RoleBreaker, catalog.RoleBulkhead, catalog.RoleRateLimit, catalog.RoleFallback} {
		j.surrounding[role] = j.surroundedBy(role)
	}
	for _, s := range sites {
		j.siteFuncs[s.call.Fn] = true
	}
	return j
}

func (j *judge) callSites(sites []*site) []CallSite {
	out := make([]CallSite, 0, len(sites))
	for _, s := range sites {
		out = append(out, CallSite{
			System: s.system, Integration: s.id, Position: s.at(),
			Call: s.symbol, Function: s.call.Fn.Name,
			Scope:   j.p.scope[s.call.Fn.Pkg],
			Timeout: j.timeout(s), Retry: j.retry(s), Monitoring: j.monitoring(s),
			Breaker: j.surround(s, catalog.RoleBreaker), Bulkhead: j.surround(s, catalog.RoleBulkhead),
			RateLimit: j.surround(s, catalog.RoleRateLimit), Fallback: j.surround(s, catalog.RoleFallback),
			Client: j.clientSteps(s), Made: j.madeAt(s),
		})
	}
	slices.SortFunc(out, func(a, b CallSite) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.System, b.System), cmp.Compare(a.Call, b.Call))
	})
	return slices.CompactFunc(out, func(a, b CallSite) bool { return a.Position == b.Position && a.Call == b.Call })
}

// madeAt is where the client of the call is made: the deepest step of its
// construction that calls a function of the library itself or fills in its client.
func (j *judge) madeAt(s *site) *Step {
	if s.client == nil {
		return nil
	}
	var made *Step
	for _, st := range j.p.construct(s.client).steps {
		_, name := catalog.SplitSymbol(st.symbol)
		constructor := st.call != nil && !st.call.Method && !strings.Contains(name, ".") && !isOption(st.call)
		filled := st.value != nil && st.symbol == st.value.Type && strings.HasSuffix(name, "Client")
		if st.at.File != "" && inLibrary(s, st.symbol) && (constructor || filled) {
			made = &Step{Position: st.at, What: shortSymbol(st.symbol)}
		}
	}
	return made
}

// isOption: functions that make an option, or data, make no client.
func isOption(c *gosrc.Call) bool {
	_, name := catalog.SplitSymbol(c.Callee)
	return !strings.HasPrefix(name, "New") && !strings.HasPrefix(name, "Open") && !strings.HasPrefix(name, "Dial") &&
		!strings.HasPrefix(name, "Connect") && !strings.HasPrefix(name, "Must") && !strings.HasPrefix(name, "Create") && !strings.HasPrefix(name, "Init")
}

// maxSteps bounds the steps of a way that the report tells.
const maxSteps = 12

// clientSteps tells how the client is made: the functions called and the types
// filled in, in the order in which they are met from the call.
func (j *judge) clientSteps(s *site) []Step {
	out := []Step{}
	if s.client == nil {
		return out
	}
	for _, st := range j.p.construct(s.client).steps {
		if len(out) == maxSteps {
			break
		}
		if st.at.File != "" && j.p.known(st.symbol) && (st.call != nil || st.value != nil && st.symbol == st.value.Type) {
			out = append(out, Step{Position: st.at, What: shortSymbol(st.symbol)})
		}
	}
	return out
}
