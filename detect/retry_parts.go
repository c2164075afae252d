package detect

import (
	"github.com/intscan/intscan/scanners/gosrc"
)

// policyParts collects what the policy of a retry is made of: the functions and options
// called for it, the types filled in and the fields set. What else it is handed to, as
// every client's construction is asked for, says nothing of it.
type policyParts struct {
	p     *program
	steps []step
	seen  map[located]bool
	// opaque: some part comes from outside the repository's code.
	opaque bool
}

// maxPolicyDepth bounds how deep policies are wrapped in one another.
const maxPolicyDepth = 12

func (w *policyParts) visit(l located, depth int) {
	if l.v == nil || depth > maxPolicyDepth || l.v.Type == "context.Context" || isData(l.v.Type) {
		return
	}
	os, known := w.p.flow(l.v, l.way)
	w.opaque = w.opaque || !known
	for _, o := range os {
		w.origin(o.located, depth)
	}
}

func (w *policyParts) origin(l located, depth int) {
	if w.seen[l] {
		return
	}
	w.seen[l] = true
	o := l.v
	for i := range o.Effects {
		w.effect(&o.Effects[i], l, depth)
	}
	switch o.Kind {
	case gosrc.Result:
		w.call(o.Call, l.way, depth)
	case gosrc.Composite:
		w.steps = append(w.steps, step{symbol: o.Type, value: o, at: o.At, way: l.way})
		for _, f := range o.Fields {
			w.steps = append(w.steps, step{symbol: o.Type + "." + f.Name, value: f.Value, at: f.At, way: l.way})
		}
		if o.X != nil {
			w.visit(located{o.X, l.way}, depth+1)
		}
	case gosrc.List:
		for _, a := range o.Args {
			w.visit(located{a, l.way}, depth+1)
		}
	case gosrc.FuncRef, gosrc.Global:
		w.steps = append(w.steps, step{symbol: o.Name, value: o, at: o.At, way: l.way})
		w.opaque = w.opaque || w.p.declared(o.Name) && w.p.funcOf(o) == nil
	case gosrc.Param, gosrc.Field, gosrc.Opaque:
		w.opaque = true
	}
}

// effect is a field set, or a method called, on a thing after it was made.
func (w *policyParts) effect(e *gosrc.Effect, l located, depth int) {
	switch e.Kind {
	case gosrc.EffectField:
		w.steps = append(w.steps, step{symbol: e.Name, value: e.Value, at: e.At, way: l.way})
	case gosrc.EffectMethod:
		w.called(e.Call, l.way, depth)
	}
}

func (w *policyParts) call(c *gosrc.Call, at *way, depth int) {
	if c.Recv != nil {
		w.visit(located{c.Recv, at}, depth+1)
	}
	w.called(c, at, depth)
}

// called takes in a function and what it is given that is a policy itself: the parts
// before the whole, as an option changes what it is put around.
func (w *policyParts) called(c *gosrc.Call, at *way, depth int) {
	for _, a := range c.Args {
		if a.Kind != gosrc.Const && a.Kind != gosrc.Closure {
			w.visit(located{a, at}, depth+1)
		}
	}
	w.steps = append(w.steps, step{symbol: c.Callee, call: c, at: c.At, way: at})
}
