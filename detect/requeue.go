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
	own        bool // a function of the repository, known by its name
}

// lastBefore: no call between the two may fail in the place of the first.
func lastBefore(c, back *gosrc.Call) bool {
	return !slices.ContainsFunc(c.Fn.Calls, func(other *gosrc.Call) bool {
		return other != c && other != back && other.Error && !other.Dropped && c.At.Line < other.At.Line && other.At.Line < back.At.Line
	})
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
		if r.call == c || r.call.At.Line < c.At.Line {
			continue
		}
		if slices.ContainsFunc(r.call.Args, given) || r.call == r.back && (!r.own || lastBefore(c, r.call)) {
			return bound{state: Present, reason: shortSymbol(r.back.Callee) + " has it delivered again", at: r.back.At}
		}
	}
	return bound{}
}

// findRequeues collects, by function, the calls that hand something back to its queue:
// those of the catalog's libraries, and of the repository's own functions those that
// are named for it and called after a failure.
func findRequeues(p *program) map[*gosrc.Func][]requeue {
	var all, own []*gosrc.Call
	p.eachCall(func(c *gosrc.Call) {
		if c.Failed && len(c.Args) > 0 && c.Callee != c.Fn.Symbol && p.declared(c.Callee) {
			own = append(own, c)
		}
		n := len(c.Args)
		kept := n > 0 && c.Args[n-1].Kind == gosrc.Const && c.Args[n-1].Text == "false"
		if c.Callee != "" && !kept && p.cat.Protects(catalog.RoleQueue, c.Callee, requeues) != nil {
			all = append(all, c)
		}
	})
	out := map[*gosrc.Func][]requeue{}
	for _, back := range all {
		out[back.Fn] = append(out[back.Fn], requeue{call: back, back: back})
	}
	for _, back := range own {
		out[back.Fn] = append(out[back.Fn], requeue{call: back, back: back, own: true})
	}
	for _, back := range all {
		for _, c := range p.callers[back.Fn] {
			out[c.Fn] = append(out[c.Fn], requeue{call: c, back: back})
		}
	}
	return out
}
