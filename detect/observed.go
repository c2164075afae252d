package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// maxObserved bounds how far in front of a call a decorator is looked for.
const maxObserved = 6

// observed: a decorator that is named for metrics or traces stands in front of the
// function: a method of a type that implements the very interface it calls. Whether
// it records on all ways is for the verdict to say.
func (j *judge) observed(f *gosrc.Func, depth int) bool {
	f = outermost(f)
	if f == nil || depth > maxObserved {
		return false
	}
	if known, ok := j.watched[f]; ok {
		return known
	}
	j.watched[f] = false // for circles
	j.watched[f] = slices.ContainsFunc(j.p.callers[f], func(c *gosrc.Call) bool {
		return j.p.decorates(c) || j.observed(c.Fn, depth+1)
	})
	return j.watched[f]
}

// chained: a method calls on through the very interface that its type implements, as
// each link of a chain of decorators does.
func (p *program) chained(c *gosrc.Call) bool {
	iface, _ := cutSymbol(c.Callee)
	return c.Interface && c.Fn.Recv != "" && slices.Contains(p.impls[iface], c.Fn.Recv)
}

// linked: the method is called through that interface too, and is no end of the chain
// that happens to have the methods of what it uses.
func (p *program) linked(c *gosrc.Call) bool {
	return p.chained(c) && slices.ContainsFunc(p.callers[c.Fn], func(outer *gosrc.Call) bool { return outer.Callee == c.Callee })
}

func (p *program) decorates(c *gosrc.Call) bool {
	if !p.chained(c) {
		return false
	}
	name := strings.ToLower(c.Fn.Recv[strings.LastIndexByte(c.Fn.Recv, '/')+1:])
	return slices.ContainsFunc([]string{"metric", "telemetry", "trac", "instrument", "otel", "observ", "monitor", "prometheus"}, func(w string) bool {
		return strings.Contains(name, w)
	})
}
