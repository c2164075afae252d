package detect

import (
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// surround judges a protection that only toolkits give: a circuit breaker, a
// bulkhead, a rate limit, a fallback. It is there where the operation is run by the
// toolkit, where the client is made with it, or where it stands beside the call.
func (j *judge) surround(s *site, role catalog.Role) Verdict {
	if s.client != nil {
		step := j.inAll(s, func(symbol string) bool { return j.p.cat.Protects(role, symbol, wraps) != nil })
		if step != nil {
			return Verdict{Verdict: Present, Value: shortSymbol(step.symbol), Reason: "the client is made with it", Position: step.at}
		}
		if b := j.surroundedInside(s, role); b.state == Present {
			return verdict(Present, b.value, "a transport or interceptor of the client: "+b.reason, b)
		}
	}
	if b := j.surrounding[role].into(s.call.Fn, 0); b.state == Present {
		return verdict(Present, b.value, b.reason, b)
	}
	for f := s.call.Fn; f != nil; f = f.Parent {
		if b := j.beside(role, f); b.state == Present {
			return verdict(Present, b.value, b.reason, b)
		}
	}
	return Verdict{Verdict: Absent, Reason: "none"}
}

// beside: the function itself asks for the protection: sem.Acquire(ctx, 1).
func (j *judge) beside(role catalog.Role, f *gosrc.Func) bound {
	for _, c := range f.Calls {
		if c.Callee != "" && j.p.cat.Protects(role, c.Callee, records) != nil {
			return bound{state: Present, value: shortSymbol(c.Callee), reason: "stands beside the call", at: c.At}
		}
	}
	return bound{}
}

// surroundedInside: each client of the site calls on under the protection, in a
// transport or interceptor of the repository's own.
func (j *judge) surroundedInside(s *site, role catalog.Role) (out bound) {
	for _, c := range j.constructions(s) {
		b := j.callsOnUnder(role, c)
		if b.state != Present {
			return b
		}
		if out.state == "" {
			out = b
		}
	}
	return out
}

func (j *judge) callsOnUnder(role catalog.Role, c *construction) bound {
	for _, f := range c.funcs {
		for _, g := range j.withLiterals(f) {
			for _, inner := range g.Calls {
				if !roundTrips(inner) && !invokes(inner) {
					continue
				}
				b := j.beside(role, f)
				if b.state != Present && g != f {
					b = j.surrounding[role].into(g, 0)
				}
				if b.state == Present {
					return b
				}
			}
		}
	}
	return bound{}
}

func (j *judge) surroundedBy(role catalog.Role) *ways {
	run := func(_ *gosrc.Func, to passedTo) bound {
		if !j.runProtects(role, to.call) {
			return bound{}
		}
		return bound{state: Present, value: shortSymbol(to.call.Callee), reason: "run by it", at: to.call.At}
	}
	return newWays(j.p, run, func(c *gosrc.Call) bound {
		if c.Func == nil {
			return bound{}
		}
		return j.beside(role, c.Fn) // a helper runs what it is given: gate.In(ctx, work)
	})
}
