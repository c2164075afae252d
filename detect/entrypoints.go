package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// EntryKind says what makes work begin at an entry point.
type EntryKind string

// The kinds of entry points. Requests wait for the answer of what they call; the
// others run beside them.
const (
	EntryHTTP     EntryKind = "http"     // an inbound HTTP request
	EntryGRPC     EntryKind = "grpc"     // an inbound RPC
	EntryConsumer EntryKind = "consumer" // a message or task of a queue
	EntryJob      EntryKind = "job"      // a schedule or a ticker
	EntryStart    EntryKind = "start"    // the start of a binary
	EntryAPI      EntryKind = "api"      // an exported function that nothing in the repository calls
)

// EntryPoint is a function of production code in which work begins.
type EntryPoint struct {
	scanners.Position           // of the function
	Kind              EntryKind `json:"kind"`
	// Name is what people call it: the route where it is known, else the function.
	Name     string `json:"name"`
	Function string `json:"function"`
	// Binaries are the main packages that can run it, by name.
	Binaries []string `json:"binaries"`
	// Reaches are the integrations that its work may call, by id.
	Reaches []Reach `json:"reaches"`
}

// Reach is an integration that an entry point's work may call.
type Reach struct {
	Integration string `json:"integration"`
	// Async: only ever in a goroutine that the entry point does not run itself.
	Async bool `json:"async,omitempty"`
}

// Phase says when a call is made, by the entry points above it.
type Phase string

// The phases, the one where a hang hurts the most first. A call that several lead
// to has the first of them.
const (
	PhaseRequest Phase = "request" // while an inbound request waits
	PhaseConsume Phase = "consume" // while a message is handled
	PhaseJob     Phase = "job"     // on a schedule, in a loop, or beside a request
	PhaseStart   Phase = "start"   // while a binary starts
	PhaseLibrary Phase = "library" // only users of exported functions decide
)

var phases = []Phase{PhaseRequest, PhaseConsume, PhaseJob, PhaseStart, PhaseLibrary}

// Graver reports that a hang in one phase hurts more than in the other.
func Graver(a, b Phase) bool { return slices.Index(phases, a) < slices.Index(phases, b) }

// entryGraph finds the entry points and what lies above each call site.
type entryGraph struct {
	p      *program
	routes *router
	rpc    *rpcServices
	points map[*gosrc.Func]*EntryPoint
	above  map[*gosrc.Func][]upEdge
	kinds  map[*gosrc.Func]EntryKind
}

// upEdge leads from a function to one that has it run.
type upEdge struct {
	f     *gosrc.Func
	async bool // in a goroutine, or each time that a loop or ticker comes round
	loop  bool
}

// maxAbove bounds how many functions above a call site are looked at; maxEntries
// how many entry points a call site counts.
const (
	maxAbove   = 4000
	maxEntries = 500
)

func newEntryGraph(p *program, routes *router, rpc *rpcServices) *entryGraph {
	return &entryGraph{
		p: p, routes: routes, rpc: rpc,
		points: map[*gosrc.Func]*EntryPoint{}, above: map[*gosrc.Func][]upEdge{}, kinds: map[*gosrc.Func]EntryKind{},
	}
}

// reach fills the call sites' phases and gives the entry points in order.
func (g *entryGraph) reach(sites []*site, calls []CallSite) []EntryPoint {
	at := map[scanners.Position]*CallSite{}
	for i := range calls {
		at[calls[i].Position] = &calls[i]
	}
	for _, s := range sites {
		if cs := at[s.at()]; cs != nil && g.p.scope[s.call.Fn.Pkg] == ScopeRuntime {
			cs.Unused = cs.Unused || g.leftOver(s.call.Fn)
			g.climb(s, cs)
		}
	}
	g.routesWithoutCalls()
	out := make([]EntryPoint, 0, len(g.points))
	for _, e := range g.points {
		slices.SortFunc(e.Reaches, func(a, b Reach) int { return cmp.Compare(a.Integration, b.Integration) })
		out = append(out, *e)
	}
	slices.SortFunc(out, func(a, b EntryPoint) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// climb walks from a call site up to the entry points that lead to it.
func (g *entryGraph) climb(s *site, cs *CallSite) {
	type state struct {
		f           *gosrc.Func
		async, loop bool
	}
	first := state{s.call.Fn, s.call.Go, inEndlessLoop(s.call)}
	seen := map[state]bool{first: true}
	queue := []state{first}
	found := map[*gosrc.Func]bool{} // entry point to whether it waits
	best := len(phases)
	for len(queue) > 0 && len(seen) < maxAbove && len(found) < maxEntries {
		at := queue[0]
		queue = queue[1:]
		if kind := g.kind(at.f); kind != "" && g.together(at.f, s.call.Fn) {
			found[at.f] = found[at.f] || !at.async
			best = min(best, slices.Index(phases, phaseOf(kind, at.async, at.loop)))
			continue
		}
		if g.middleware(at.f) {
			// Which requests it stands before may not be known.
			best = min(best, slices.Index(phases, phaseOf(EntryHTTP, at.async, at.loop)))
		}
		for _, up := range g.ways(at.f) {
			next := state{up.f, at.async || up.async, at.loop || up.loop}
			if !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	if best < len(phases) {
		cs.Phase = phases[best]
	} else {
		cs.Phase = PhaseLibrary
	}
	for f, waits := range found {
		e := g.point(f)
		cs.EntryPoints++
		i := slices.IndexFunc(e.Reaches, func(r Reach) bool { return r.Integration == s.id })
		if i < 0 {
			e.Reaches = append(e.Reaches, Reach{Integration: s.id, Async: !waits})
		} else if waits {
			e.Reaches[i].Async = false
		}
	}
}

// together: some binary has both functions, or none is known to have either. What
// is called through an interface may be another binary's.
func (g *entryGraph) together(a, b *gosrc.Func) bool {
	of := g.p.binariesOf(b.Pkg)
	return a.Pkg == b.Pkg || len(of) == 0 || slices.ContainsFunc(g.p.binariesOf(a.Pkg), func(name string) bool { return slices.Contains(of, name) })
}

func phaseOf(kind EntryKind, async, loop bool) Phase {
	switch {
	case kind == EntryAPI:
		return PhaseLibrary
	case kind == EntryConsumer:
		return PhaseConsume
	case kind == EntryJob || async || loop:
		return PhaseJob
	case kind == EntryStart:
		return PhaseStart
	}
	return PhaseRequest
}

func inEndlessLoop(c *gosrc.Call) bool {
	for l := c.Loop; l != nil; l = l.Outer {
		if l.Endless || l.Ticker {
			return true
		}
	}
	return false
}

// ways are the functions directly above one.
func (g *entryGraph) ways(f *gosrc.Func) []upEdge {
	if up, ok := g.above[f]; ok {
		return up
	}
	up := []upEdge{}
	add := func(e upEdge) {
		if e.f != f && g.p.scope[e.f.Pkg] == ScopeRuntime && !slices.Contains(up, e) {
			up = append(up, e)
		}
	}
	for _, c := range g.p.callers[f] {
		add(upEdge{c.Fn, c.Go, inEndlessLoop(c)})
	}
	for _, to := range g.p.passed[f] {
		if len(g.p.targets(to.call)) == 0 {
			async := to.call.Go || startsGoroutine(to.call.Callee)
			add(upEdge{to.call.Fn, async, inEndlessLoop(to.call)})
		}
	}
	for _, handler := range g.routes.stands[f] {
		if handler != nil {
			add(upEdge{f: handler})
		}
	}
	if served := g.frontOf(f); served != nil {
		add(upEdge{f: served})
	}
	if len(up) == 0 && f.Lit && f.Parent != nil {
		add(upEdge{f: f.Parent})
	}
	g.above[f] = up
	return up
}

// startsGoroutine: functions that run what they are given beside their caller.
func startsGoroutine(callee string) bool {
	_, name := catalog.SplitSymbol(callee)
	switch name[strings.LastIndexByte(name, '.')+1:] {
	case "Go", "TryGo", "AfterFunc", "Submit":
		return true
	}
	return false
}

// routesWithoutCalls adds the handlers and mains that call no integration: they
// are entry points too, and shares are counted of all.
func (g *entryGraph) routesWithoutCalls() {
	for _, pkg := range g.p.pkgs {
		if g.p.scope[pkg] != ScopeRuntime {
			continue
		}
		for _, f := range pkg.Funcs {
			if kind := g.kind(f); kind != "" && kind != EntryAPI {
				g.point(f)
			}
		}
	}
}

func (g *entryGraph) point(f *gosrc.Func) *EntryPoint {
	e := g.points[f]
	if e == nil {
		e = &EntryPoint{Position: f.At, Kind: g.kind(f), Name: g.name(f), Function: f.Name, Reaches: []Reach{}}
		e.Binaries = g.p.binariesOf(f.Pkg)
		g.points[f] = e
	}
	return e
}

// maxRouteNames bounds the routes that one entry point is named after.
const maxRouteNames = 3

// name is what people call an entry point.
func (g *entryGraph) name(f *gosrc.Func) string {
	names := slices.Clone(g.routes.routed[f])
	slices.Sort(names)
	switch {
	case len(names) > maxRouteNames:
		return strings.Join(names[:maxRouteNames], ", ") + describe(" and %d more", len(names)-maxRouteNames)
	case len(names) > 0:
		return strings.Join(names, ", ")
	case g.rpc.procedure(f) != "":
		return g.rpc.procedure(f)
	case g.kind(f) == EntryStart:
		return binaryName(f.Pkg)
	}
	return functionName(f)
}

// binariesOf are the production binaries whose imports lead to a package.
func (p *program) binariesOf(pkg *gosrc.Package) []string {
	if p.binariesMemo == nil {
		p.binariesMemo = map[*gosrc.Package][]string{}
		for _, m := range p.pkgs {
			if m.Name != "main" || p.scope[m] != ScopeRuntime || allTests(m) {
				continue
			}
			reach := map[*gosrc.Package]bool{}
			p.importClosure(m, reach)
			for q := range reach {
				p.binariesMemo[q] = append(p.binariesMemo[q], binaryName(m))
			}
		}
	}
	out := slices.Clone(p.binariesMemo[pkg])
	slices.Sort(out)
	return slices.Compact(slices.Concat([]string{}, out))
}
