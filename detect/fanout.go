package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// Fanout is a place that starts goroutines for inbound requests, which call out.
type Fanout struct {
	scanners.Position
	Function string `json:"function"`
	// Each: one goroutine for each element of a collection, else one for each
	// request.
	Each bool `json:"each"`
	// Limited: something bounds how many run at a time.
	Limited Verdict             `json:"limited"`
	Calls   []scanners.Position `json:"calls"`
}

// fanouts lists them, in order.
func (j *judge) fanouts(sites []*site, g *entryGraph) []Fanout {
	f := &retryFinder{j: j, byCall: map[*gosrc.Call]*site{}}
	for _, s := range sites {
		f.byCall[s.call] = s
	}
	out := []Fanout{}
	j.p.eachCall(func(c *gosrc.Call) {
		if !c.Go && !startsGoroutine(c.Callee) {
			return
		}
		each := j.overRequest(c, g)
		if !each && (!c.Go || !g.ownHandler(c.Fn)) {
			return
		}
		r := &foundRetry{calls: map[*site]int{}}
		for _, fn := range j.started(c) {
			f.within(r, fn, 0, map[*gosrc.Func]bool{})
		}
		if s := f.byCall[c]; s != nil {
			r.calls[s] = 0
		}
		if len(r.calls) == 0 {
			return
		}
		out = append(out, j.fanout(c, r, each))
	})
	slices.SortFunc(out, func(a, b Fanout) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Function, b.Function))
	})
	return out
}

func (j *judge) fanout(c *gosrc.Call, r *foundRetry, each bool) Fanout {
	out := Fanout{Position: c.At, Each: each, Function: c.Fn.Name, Limited: Verdict{Verdict: Absent, Reason: "nothing bounds how many run at a time", Position: c.At}, Calls: []scanners.Position{}}
	for l := c.Loop; l != nil; l = l.Outer {
		if l.Limits {
			out.Limited = Verdict{Verdict: Present, Reason: "a semaphore in the loop bounds them", Position: l.At}
		}
	}
	if c.Recv != nil && j.p.construct(c.Recv).find(func(symbol string) bool {
		return strings.HasSuffix(symbol, ".SetLimit") || strings.HasSuffix(symbol, ".WithMaxGoroutines")
	}) != nil {
		out.Limited = Verdict{Verdict: Present, Reason: "the group has a limit", Position: c.At}
	}
	if _, name := catalog.SplitSymbol(c.Callee); !c.Go && (strings.HasSuffix(name, "Submit") || strings.HasSuffix(name, "AfterFunc")) {
		out.Limited = Verdict{Verdict: Unknown, Reason: "a pool or timer decides", Position: c.At}
	}
	for s := range r.calls {
		out.Calls = append(out.Calls, s.at())
	}
	slices.SortFunc(out.Calls, scanners.Position.Compare)
	out.Calls = slices.Compact(out.Calls)
	return out
}

// overRequest: the call stands in a loop over what a request brought with it.
func (j *judge) overRequest(c *gosrc.Call, g *entryGraph) bool {
	for l := c.Loop; l != nil; l = l.Outer {
		if l.Range && l.Over != nil && j.fromRequest(l.Over, g, 0) {
			return true
		}
	}
	return false
}

// fromRequest: the value is a part of what an inbound request brings.
func (j *judge) fromRequest(v *gosrc.Value, g *entryGraph, depth int) bool {
	if v == nil || depth > 8 {
		return false
	}
	one := func(vs []*gosrc.Value) bool {
		return slices.ContainsFunc(vs, func(a *gosrc.Value) bool { return j.fromRequest(a, g, depth+1) })
	}
	switch v.Kind {
	case gosrc.Field, gosrc.Element:
		return j.fromRequest(v.X, g, depth+1)
	case gosrc.Union, gosrc.Concat, gosrc.List:
		return one(v.Args)
	case gosrc.Param:
		if v.Index < 0 || v.Type == "context.Context" || v.Fn == nil {
			return false
		}
		if kind := g.kind(v.Fn); kind == EntryHTTP || kind == EntryGRPC {
			return true
		}
		return slices.ContainsFunc(j.p.callers[v.Fn], func(c *gosrc.Call) bool { return j.fromRequest(argument(c, v), g, depth+2) })
	case gosrc.Result:
		c := v.Call
		return len(j.p.targets(c)) == 0 && (c.Recv != nil && j.fromRequest(c.Recv, g, depth+1) || one(c.Args))
	case gosrc.Composite, gosrc.Nil:
		return slices.ContainsFunc(v.Effects, func(e gosrc.Effect) bool { return e.Kind == gosrc.EffectArg && decodes(e.Call.Callee) })
	}
	return false
}

// decodes: functions that fill in their argument from a request's body.
func decodes(callee string) bool {
	_, name := catalog.SplitSymbol(callee)
	name = name[strings.LastIndexByte(name, '.')+1:]
	return name == "Decode" || name == "Unmarshal" || strings.Contains(name, "Bind") || name == "BodyParser" || name == "ReadJSON"
}

// started are the functions that a go statement, or a group's Go, runs.
func (j *judge) started(c *gosrc.Call) []*gosrc.Func {
	out := slices.Clone(j.p.targets(c))
	values := c.Args
	if c.Func != nil {
		values = []*gosrc.Value{c.Func}
	}
	if len(out) > 0 {
		return out
	}
	for _, v := range values {
		if fn := j.p.funcOf(v); fn != nil {
			out = append(out, fn)
		}
	}
	return out
}

// ownHandler: the function itself answers a request, does not stay open for a
// stream, and waits for nothing that it started.
func (g *entryGraph) ownHandler(f *gosrc.Func) bool {
	kind := g.kind(f)
	if kind != EntryHTTP && kind != EntryGRPC {
		return false
	}
	stream := slices.ContainsFunc(f.Params, func(t string) bool { return strings.HasSuffix(t, "Server") || strings.HasSuffix(t, "Stream") })
	waits := slices.ContainsFunc(f.Calls, func(c *gosrc.Call) bool { return strings.HasSuffix(c.Callee, ".Wait") })
	return !stream && !waits
}

// phase is the gravest of those in which a function runs.
func (g *entryGraph) phase(f *gosrc.Func) Phase {
	type state struct {
		f           *gosrc.Func
		async, loop bool
	}
	best := PhaseLibrary
	seen := map[state]bool{{f: f}: true}
	for queue := []state{{f: f}}; len(queue) > 0 && len(seen) < maxAbove; queue = queue[1:] {
		at := queue[0]
		if kind := g.kind(at.f); kind != "" {
			if p := phaseOf(kind, at.async, at.loop); Graver(p, best) {
				best = p
			}
			continue
		}
		for _, up := range g.ways(at.f) {
			if next := (state{up.f, at.async || up.async, at.loop || up.loop}); !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return best
}
