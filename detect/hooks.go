package detect

import (
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
	return recorded{}
}

// hooked are the repository's functions that a step of a construction puts where the
// library calls them.
func (j *judge) hooked(s *site, st *step, hooks []string) (out []*gosrc.Func) {
	switch {
	case st.value == nil || st.symbol == "":
	case st.value.Kind == gosrc.Composite && st.value.Type == st.symbol && j.p.declared(st.symbol):
		for _, hook := range hooks {
			_, name := cutLast(hook)
			if f := j.p.method(st.symbol, name, 0); f != nil {
				out = append(out, f)
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
		for _, a := range c.Args {
			if g := j.p.funcOf(a); g != nil && g != f {
				if r := j.records(g); r.what != "" {
					return r
				}
			}
		}
	}
	return recorded{}
}
