package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// hookRecords finds a span or metric that the repository records where the library
// lets it watch each operation: in a method of a type of its own that the client is
// given (a pgx.QueryTracer, a redis.Hook), or in a function in a field of the
// library's (event.CommandMonitor.Succeeded).
func (j *judge) hookRecords(s *site, c *construction) recorded {
	var hooks []string
	for _, b := range s.behaviours() {
		hooks = append(hooks, b.Hooks...)
	}
	if len(hooks) == 0 {
		return recorded{}
	}
	for i := range c.steps {
		for _, f := range j.hooked(s, &c.steps[i], hooks) {
			if r := j.recordsWithin(f); r.what != "" {
				return r
			}
		}
	}
	return j.callbackRecords(c, hooks)
}

// hooked are the repository's functions that a step of a construction puts where the
// library calls them.
func (j *judge) hooked(s *site, st *step, hooks []string) (out []*gosrc.Func) {
	switch {
	case st.value == nil || st.symbol == "":
	case st.value.Kind == gosrc.Composite && st.value.Type == st.symbol && j.p.declared(st.symbol):
		for _, hook := range hooks {
			_, name := cutLast(hook)
			for _, typ := range j.p.opened(st.symbol) {
				if f := j.p.method(typ, name, 0); f != nil {
					out = append(out, f)
				}
			}
		}
	case absolute(hooks, st.symbol) || inLibrary(s, st.symbol) && catalog.Matches(hooks, st.symbol):
		os, _ := j.p.flow(st.value, st.way)
		for _, o := range os {
			if f := j.p.funcOf(o.v); f != nil {
				out = append(out, f)
			}
		}
	}
	return out
}

// recordsWithin: the function records, or one that it makes or registers does:
// func (h hook) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return func(...) ... }.
func (j *judge) recordsWithin(f *gosrc.Func) recorded {
	if r := j.records(f); r.what != "" {
		return r
	}
	for _, g := range j.withLiterals(f)[1:] {
		if r := j.recordsIn(g, 0); r.what != "" {
			return r
		}
	}
	for _, c := range f.Calls {
		if !strings.HasSuffix(c.Callee, ".Register") && !strings.HasSuffix(c.Callee, ".Replace") {
			continue
		}
		if r := j.recordsGiven(c); r.what != "" {
			return r
		}
	}
	return recorded{}
}

// recordsGiven: a function that the call is given records.
func (j *judge) recordsGiven(c *gosrc.Call) recorded {
	for _, a := range c.Args {
		for _, o := range j.p.origins(a) {
			if g := j.p.funcOf(o); g != nil && g != c.Fn {
				if r := j.recordsIn(g, 0); r.what != "" {
					return r
				}
			}
		}
	}
	return recorded{}
}

// callbackRecords: a function that records is registered on the client itself:
// db.Callback().Create().After("gorm:create").Register("metrics", after).
func (j *judge) callbackRecords(c *construction, hooks []string) recorded {
	for _, call := range j.p.callsOf(hooks) {
		root := call.Recv
		for root != nil && root.Kind == gosrc.Result && root.Call.Recv != nil {
			root = root.Call.Recv
		}
		if root == nil {
			continue
		}
		for _, o := range j.p.origins(root) {
			of := slices.ContainsFunc(c.steps, func(st step) bool { return o.Kind == gosrc.Result && st.call == o.Call })
			if r := j.recordsGiven(call); of && r.what != "" {
				return r
			}
		}
	}
	return recorded{}
}

// callsOf are the calls of the hooks that are functions to register others with.
func (p *program) callsOf(hooks []string) (out []*gosrc.Call) {
	if p.registering == nil {
		p.registering = map[string][]*gosrc.Call{}
		p.eachCall(func(c *gosrc.Call) {
			if _, name := cutSymbol(c.Callee); name == "Register" || name == "Replace" {
				p.registering[c.Callee] = append(p.registering[c.Callee], c)
			}
		})
	}
	for _, hook := range hooks {
		out = append(out, p.registering[hook]...)
	}
	return out
}

// opened are a type of the repository's and the types that its Open or Connect gives,
// as a driver of database/sql gives connections.
func (p *program) opened(typ string) []string {
	out := []string{typ}
	for _, name := range []string{"Open", "Connect"} {
		f := p.method(typ, name, 0)
		if f == nil {
			continue
		}
		for _, ret := range f.Returns {
			for _, o := range p.origins(ret[0]) {
				if o.Kind == gosrc.Composite && p.declared(o.Type) && !slices.Contains(out, o.Type) {
					out = append(out, o.Type)
				}
			}
		}
	}
	return out
}
