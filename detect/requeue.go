package detect

import (
	"slices"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// requeue is a call by which a function hands back to its queue what it was at, or of
// a helper that does so.
type requeue struct {
	call, back *gosrc.Call
}

// requeued: the function that makes the call hands back what it was at, after the
// call or by a helper that is given the call's error:
//
//	if err := handle(d.Body); err != nil {
//		d.Nack(false, true)
//	}
func (j *judge) requeued(c *gosrc.Call) bound {
	if !c.Error || c.Dropped {
		return bound{}
	}
	for _, r := range j.requeues[c.Fn] {
		given := func(a *gosrc.Value) bool { return errorOf(a, c, 0) }
		if c.Recv != nil && r.back.Recv != nil && constructKey(c.Recv) == constructKey(r.back.Recv) {
			continue // another answer to the same message
		}
		if r.call != c && r.call.At.Line >= c.At.Line && (r.call == r.back || slices.ContainsFunc(r.call.Args, given)) {
			return bound{state: Present, reason: shortSymbol(r.back.Callee) + " has it delivered again", at: r.back.At}
		}
	}
	return bound{}
}

// findRequeues collects, by function, the calls that hand something back to its queue.
func findRequeues(p *program) map[*gosrc.Func][]requeue {
	var all []*gosrc.Call
	p.eachCall(func(c *gosrc.Call) {
		n := len(c.Args)
		kept := n > 0 && c.Args[n-1].Kind == gosrc.Const && c.Args[n-1].Text == "false"
		if c.Callee != "" && !kept && p.cat.Protects(catalog.RoleQueue, c.Callee, requeues) != nil {
			all = append(all, c)
		}
	})
	out := map[*gosrc.Func][]requeue{}
	for _, back := range all {
		out[back.Fn] = append(out[back.Fn], requeue{back, back})
	}
	for _, back := range all {
		for _, c := range p.callers[back.Fn] {
			out[c.Fn] = append(out[c.Fn], requeue{c, back})
		}
	}
	return out
}
