package detect

import (
	"cmp"
	"path"
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
	waiting   *ways // for results of goroutines
	// surrounding follows the ways into a function for each protecting role.
	surrounding map[catalog.Role]*ways
	around      map[*gosrc.Func]recorded
	busyAround  map[*gosrc.Func]bool
	made        map[*site][]*construction
	states      map[string]*construction // by library package
	siteFuncs   map[*gosrc.Func]bool     // functions that hold a call site
	siteCalls   map[*gosrc.Call]bool
	requeues    map[*gosrc.Func][]requeue
	ids         map[around]bool      // whether a request gets an ID there
	watched     map[*gosrc.Func]bool // whether a decorator stands in front
	layersMemo  map[layersKey][]Layer
	sites       []*site
}

func newJudge(p *program, sites []*site) *judge {
	j := &judge{
		p: p, deadlines: newDeadlines(p), recording: map[*gosrc.Func]recorded{},
		made: map[*site][]*construction{}, states: map[string]*construction{}, surrounding: map[catalog.Role]*ways{},
		around: map[*gosrc.Func]recorded{}, busyAround: map[*gosrc.Func]bool{}, siteFuncs: map[*gosrc.Func]bool{}, ids: map[around]bool{}, watched: map[*gosrc.Func]bool{}, layersMemo: map[layersKey][]Layer{},
	}
	j.sites, j.siteCalls, j.requeues = sites, map[*gosrc.Call]bool{}, findRequeues(p)
	j.retrying = newWays(p, j.retriedBy, j.retriedWay)
	j.waiting = newWays(p, func(*gosrc.Func, passedTo) bound { return bound{} }, j.sentInTime)
	for _, role := range []catalog.Role{catalog.RoleTimeout, catalog.RoleBreaker, catalog.RoleBulkhead, catalog.RoleRateLimit, catalog.RoleFallback} {
		j.surrounding[role] = j.surroundedBy(role)
	}
	for _, s := range sites {
		j.siteCalls[s.call] = true
		if p.cat.Protects(catalog.RoleMonitoring, s.symbol, records) == nil {
			j.siteFuncs[s.call.Fn] = true // sending a metric off is recording it
		}
	}
	return j
}

func (j *judge) callSites(sites []*site) []CallSite {
	out := make([]CallSite, 0, len(sites))
	for _, s := range sites {
		out = append(out, CallSite{
			System: s.system, Integration: s.id, Position: s.at(),
			Call: s.symbol, Function: s.call.Fn.Name,
			Scope: j.p.scope[s.call.Fn.Pkg], Action: j.action(s),
			Timeout: j.timeout(s), Retry: j.retry(s), Monitoring: j.monitoring(s),
			Breaker: j.surround(s, catalog.RoleBreaker), Bulkhead: j.surround(s, catalog.RoleBulkhead),
			RateLimit: j.surround(s, catalog.RoleRateLimit), Fallback: j.surround(s, catalog.RoleFallback),
			Client: j.clientSteps(s), Made: j.madeAt(s), DefaultClient: j.onDefaultClient(s), Generated: generatedFile(s.call),
			Layers: j.layers(s), Keyed: j.keyed(s),
			Dropped: j.p.dropped(s), CarriesID: j.carriesID(s), Observed: j.observed(s.call.Fn, 0),
			Unused: j.p.unused(s.call.Fn.Pkg),
		})
	}
	slices.SortFunc(out, func(a, b CallSite) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.System, b.System), cmp.Compare(a.Call, b.Call))
	})
	return slices.CompactFunc(out, func(a, b CallSite) bool { return a.Position == b.Position && a.Call == b.Call })
}

// madeAt is where the client of the call is made: of the steps of its construction
// that call a constructor or fill in a client the one that is the most likely to be
// this client's own, the deepest of equals.
func (j *judge) madeAt(s *site) *Step {
	if s.client == nil {
		return nil
	}
	var made *Step
	best := -1
	for _, st := range j.p.construct(s.client).steps {
		_, name := catalog.SplitSymbol(st.symbol)
		constructor := st.call != nil && !st.call.Method && !strings.Contains(name, ".") && !isOption(st.call)
		filled := st.value != nil && st.symbol == st.value.Type && strings.HasSuffix(name, "Client")
		own := inLibrary(s, st.symbol) && (constructor || filled)
		if st.at.File == "" || !own && !(packageOf(s.symbol) == "net/http" && makesHTTPClient(st.call)) {
			continue
		}
		if filled && packageOf(st.symbol) == "net/http" && hasTimeout(st.value) && j.timeout(s).Verdict == Absent {
			continue // another client of the repository's, which may take this one's place
		}
		if n := nearness(s, &st); n >= best {
			made, best = &Step{Position: st.at, What: shortSymbol(st.symbol)}, n
		}
	}
	return made
}

// makesHTTPClient: another library gives back a client of net/http, as oauth2's
// Config.Client does.
func makesHTTPClient(c *gosrc.Call) bool {
	return c != nil && len(c.Results) > 0 && c.Results[0] == "net/http.Client"
}

// hasTimeout: the literal of a client sets its bound.
func hasTimeout(v *gosrc.Value) bool {
	return slices.ContainsFunc(v.Fields, func(f gosrc.FieldValue) bool { return f.Name == "Timeout" && !isZero(f.Value) })
}

// nearness: a constructor of the package of the operation makes its client rather
// than one of the packages around it (credentials, configuration), and one in the
// package of the call rather than another.
func nearness(s *site, st *step) (n int) {
	if packageOf(st.symbol) == packageOf(s.symbol) {
		n += 2
	}
	if path.Dir(st.at.File) == path.Dir(s.call.At.File) {
		n++
	}
	return n
}

// onDefaultClient: the call goes through http.DefaultClient and nothing else.
func (j *judge) onDefaultClient(s *site) bool {
	if s.client == nil || packageOf(s.symbol) != "net/http" {
		return false
	}
	os := j.p.origins(s.client)
	return len(os) > 0 && !slices.ContainsFunc(os, func(o *gosrc.Value) bool {
		return o.Kind != gosrc.Global || o.Name != "net/http.DefaultClient"
	})
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
