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
	}
	if b := j.surrounding[role].into(s.call.Fn, 0); b.state == Present {
		return verdict(Present, b.value, b.reason, b)
	}
	for f := s.call.Fn; f != nil; f = f.Parent {
		for _, c := range f.Calls {
			if c.Callee != "" && j.p.cat.Protects(role, c.Callee, records) != nil {
				return Verdict{Verdict: Present, Value: shortSymbol(c.Callee), Reason: "stands beside the call", Position: c.At}
			}
		}
	}
	return Verdict{Verdict: Absent, Reason: "none"}
}

func (j *judge) surroundedBy(role catalog.Role) *ways {
	run := func(_ *gosrc.Func, to passedTo) bound {
		if !j.runProtects(role, to.call) {
			return bound{}
		}
		return bound{state: Present, value: shortSymbol(to.call.Callee), reason: "run by it", at: to.call.At}
	}
	return newWays(j.p, run, func(*gosrc.Call) bound { return bound{} })
}
