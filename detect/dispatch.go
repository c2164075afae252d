package detect

import (
	"slices"

	"github.com/intscan/intscan/scanners/gosrc"
)

// dispatch narrows calls through interfaces to the types that the receiver may hold,
// where all of them are known: of a chain of decorators each calls the next, and not
// any. A receiver that comes from outside may be any implementation.
func (p *program) dispatch() {
	type receiver struct {
		key    any
		method string
	}
	known := map[receiver][]*gosrc.Func{}
	p.eachCall(func(c *gosrc.Call) {
		if !c.Interface || c.Recv == nil || c.Callee == "" {
			return
		}
		all := p.targets(c)
		if len(all) < 2 {
			return
		}
		key := receiver{constructKey(c.Recv), c.Callee}
		held, done := known[key]
		if !done {
			held = p.heldTargets(c)
			known[key] = held
		}
		if len(held) > 0 && len(held) < len(all) {
			p.narrowed[c] = held
		}
	})
	for c, held := range p.narrowed {
		for _, f := range p.methodTargets(c.Callee) {
			if !slices.Contains(held, f) {
				p.callers[f] = slices.DeleteFunc(p.callers[f], func(other *gosrc.Call) bool { return other == c })
			}
		}
	}
	clear(p.originMemo) // made with the calls that are gone now
}

// heldTargets are the methods of the types that the receiver of a call surely is; nil
// where some of them are not known.
func (p *program) heldTargets(c *gosrc.Call) []*gosrc.Func {
	w := originWalk{p: p, seen: map[any]bool{}}
	w.follow(c.Recv, 0)
	if w.cut {
		return nil
	}
	_, method := cutSymbol(c.Callee)
	var out []*gosrc.Func
	for _, o := range w.out {
		if o.Kind == gosrc.Nil {
			continue
		}
		if o.Kind != gosrc.Composite || !p.declared(o.Type) {
			return nil
		}
		f := p.method(o.Type, method, 0)
		if f == nil {
			return nil
		}
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}
