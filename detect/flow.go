package detect

import (
	"slices"

	"github.com/intscan/intscan/scanners/gosrc"
)

// origin is where a value is made, with all that it passed through on its way to
// where it was asked for.
type origin struct {
	located
	last *hop
}

// hop is one value on the way between a value and its origins. It stands for the
// same thing, so what is done to it is done to the thing.
type hop struct {
	located
	from []*hop // the hops before it, towards where the value was asked for
	// byName: a field followed to whatever is put into it in any instance. Of one
	// that is read from a known instance, inner is what is done to it through that
	// instance.
	byName bool
	inner  []placed
	filled bool // a library fills the struct that it is a field of
}

// placed is something done to a value, and the way to the function that does it.
type placed struct {
	effect *gosrc.Effect
	way    *way
}

const (
	maxFlowSteps = 2000 // of one question, all that it leads to included
	maxFlowNest  = 24
)

// flow follows a value to its origins as p.origins does, but by the way that it
// came: a parameter is what the call on the way passes, and a field is that of the
// instance it is read from. Only where the way or the instance is not known do all
// callers and all instances count. What is too large to follow so is followed by
// name. known is false where it could not be followed to its end.
func (p *program) flow(v *gosrc.Value, at *way) (out []origin, known bool) {
	if v == nil {
		return nil, true
	}
	key := located{v, at}
	if out, ok := p.flowMemo[key]; ok {
		return out, true
	}
	if p.flowBusy[key] || p.flowLarge[key] || p.flowNest >= maxFlowNest {
		return nil, false
	}
	if p.flowNest == 0 {
		p.flowSteps = 0
	}
	w := flowWalk{p: p, hops: map[flowKey]*hop{}}
	before := p.flowSteps
	p.flowBusy[key] = true
	p.flowNest++
	w.follow(key, nil, 0)
	p.flowNest--
	delete(p.flowBusy, key)
	switch {
	case !w.cut:
		p.flowMemo[key] = w.out
	case p.flowNest > 0:
		// Too large by itself it need not be tried again.
		p.flowLarge[key] = p.flowSteps-before > maxFlowSteps/2
		return nil, false
	default:
		w.out = w.out[:0:0]
		h := &hop{located: key, byName: true}
		for _, o := range p.origins(v) {
			w.out = append(w.out, origin{located{o, nil}, h})
		}
		p.flowMemo[key] = w.out
	}
	return w.out, true
}

type flowKey struct {
	key any
	way *way
}

type flowWalk struct {
	p    *program
	hops map[flowKey]*hop
	out  []origin
	cut  bool
}

func (w *flowWalk) follow(l located, from *hop, depth int) {
	if l.v == nil || w.cut {
		return
	}
	if p := w.p; depth > maxOriginDepth || len(w.out) >= maxOrigins || p.flowSteps > maxFlowSteps {
		w.cut = true
		return
	}
	w.p.flowSteps++
	l.way = bare(l)
	key := flowKey{flowNode(l.v), l.way}
	if h := w.hops[key]; h != nil {
		if from != nil && from != h && !slices.Contains(h.from, from) {
			h.from = append(h.from, from)
		}
		return
	}
	h := &hop{located: l}
	if from != nil {
		h.from = []*hop{from}
	}
	w.hops[key] = h
	switch l.v.Kind {
	case gosrc.Union:
		for _, a := range w.p.choices(l) {
			w.follow(located{a, l.way}, h, depth+1)
		}
	case gosrc.Param:
		w.param(h, depth)
	case gosrc.Field:
		w.field(h, depth)
	case gosrc.Global:
		w.stored(h, depth)
	case gosrc.Result:
		w.result(h, depth)
	case gosrc.Element:
		w.element(h, depth)
	default:
		if l.v.Kind == gosrc.Composite && l.v.X != nil && !changed(l.v) {
			w.follow(located{l.v.X, l.way}, h, depth+1)
			return
		}
		through := w.p.through[l.v]
		for _, assigned := range through {
			w.follow(located{assigned, nil}, h, depth+1)
		}
		if l.v.Kind != gosrc.Nil || len(through) == 0 {
			w.leaf(l, h)
		}
	}
}

// changed: a copy of a struct that is given something of its own. One that is not
// stands for what it was copied from.
func changed(v *gosrc.Value) bool {
	return slices.ContainsFunc(v.Effects, func(e gosrc.Effect) bool { return e.Kind == gosrc.EffectField })
}

// bare drops the way of what is the same on every way.
func bare(l located) *way {
	switch l.v.Kind {
	case gosrc.Const, gosrc.Nil, gosrc.Opaque, gosrc.Global:
		return nil
	case gosrc.FuncRef:
		if l.v.X == nil {
			return nil
		}
	}
	return l.way
}

// flowNode makes nodes that stand for the same thing equal.
func flowNode(v *gosrc.Value) any {
	switch v.Kind {
	case gosrc.Param, gosrc.Result, gosrc.Global:
		return constructKey(v)
	}
	return v
}

func (w *flowWalk) leaf(l located, h *hop) { w.out = append(w.out, origin{l, h}) }

func (w *flowWalk) param(h *hop, depth int) {
	v := h.v
	if fr := h.way.frame(v.Fn); fr != nil && (v.Index >= 0 || fr.call.Recv != nil) {
		w.follow(located{w.p.passedFor(fr.call, v), fr.up}, h, depth+1)
		return
	}
	calls := w.p.callers[v.Fn]
	var bound []*gosrc.Value
	if v.Index < 0 {
		bound = w.p.bound[v.Fn]
	}
	if len(calls) == 0 && len(bound) == 0 {
		if own := w.p.ownOf(v); own != nil {
			w.follow(located{own, nil}, h, depth+1)
			return
		}
		functions := w.p.convertedTo(v)
		for _, f := range functions {
			w.follow(located{f, nil}, h, depth+1)
		}
		if len(functions) == 0 {
			w.leaf(h.located, h)
		}
		return
	}
	for _, c := range calls {
		before := len(w.out)
		for _, by := range w.p.passing(c, v.Fn) {
			w.follow(located{w.p.passedFor(c, v), by}, h, depth+1)
		}
		if v.Index < 0 && c.Interface {
			others := slices.DeleteFunc(w.out[before:], func(o origin) bool { return w.p.reachesOther(o.v, v.Fn) })
			w.out = w.out[:before+len(others)]
		}
	}
	for _, x := range bound {
		w.follow(located{x, nil}, h, depth+1)
	}
}

// ownOf is, for a function that a library's method is given to run, the receiver of
// that method where the parameter is of its type: db.Transaction(func(tx *gorm.DB) error).
func (p *program) ownOf(v *gosrc.Value) *gosrc.Value {
	if client := p.givenBy(v); client != nil {
		return client
	}
	to := p.passed[v.Fn]
	if len(to) != 1 || v.Type == "" || isData(v.Type) || to[0].call.Recv == nil || p.declared(v.Type) || to[0].call.Recv.Type != v.Type {
		return nil
	}
	return to[0].call.Recv
}

// stored follows what is put into a field or package variable, wherever that is.
func (w *flowWalk) stored(h *hop, depth int) {
	stores := w.p.stores[h.v.Name]
	if len(stores) == 0 {
		w.leaf(h.located, h)
		return
	}
	before, unused := len(w.out), 0
	for _, st := range stores {
		switch {
		case st.Value.Kind == gosrc.Nil && len(stores) > 1:
		case w.p.neverRun(st.Fn):
			unused++
		default:
			w.follow(located{st.Value, nil}, h, depth+1)
		}
	}
	switch {
	case unused == len(stores):
		w.leaf(located{&gosrc.Value{Kind: gosrc.Nil, Type: h.v.Type, At: h.v.At}, nil}, h)
	case len(w.out) == before && len(h.from) == 0 && !w.cut:
		w.leaf(h.located, h)
	}
}

func (w *flowWalk) result(h *hop, depth int) {
	c := h.v.Call
	targets := w.p.targets(c)
	for _, f := range targets {
		w.returned(h, f, nil, depth)
	}
	if len(targets) > 0 {
		return
	}
	called := false
	if c.Func != nil {
		fs, _ := w.p.flow(c.Func, h.way)
		for _, o := range fs {
			if f := w.p.funcOf(w.p.once(o.v)); f != nil {
				w.returned(h, f, o.way, depth)
				called = true
			}
		}
	}
	if called {
		return
	}
	if c.Callee == "cmp.Or" {
		for _, a := range c.Args {
			if !isZero(a) {
				w.follow(located{a, h.way}, h, depth+1)
			}
		}
		return
	}
	known := append(w.p.declaredDefault(c), w.p.kept(c)...)
	for _, d := range known {
		w.follow(located{d, h.way}, h, depth+1)
	}
	if len(known) == 0 {
		w.leaf(h.located, h)
	}
}

// returned follows what a function of the repository returns to this very call.
func (w *flowWalk) returned(h *hop, f *gosrc.Func, made *way, depth int) {
	inside := w.p.enter(h.v.Call, f, h.way, made)
	for _, ret := range f.Returns {
		if h.v.Index >= len(ret) || ret[h.v.Index].Kind == gosrc.Nil && len(f.Returns) > 1 || failing(f, ret, h.v.Index) {
			continue
		}
		w.follow(located{ret[h.v.Index], inside}, h, depth+1)
	}
}

// failing: what is returned beside an error is an empty literal, which nobody uses.
func failing(f *gosrc.Func, ret []*gosrc.Value, index int) bool {
	last := len(ret) - 1
	v := ret[index]
	if index == last || ret[last].Kind == gosrc.Nil || v.Kind != gosrc.Composite || len(v.Fields)+len(v.Effects) > 0 {
		return false
	}
	return ret[last].Type == "error" || ret[last].Type == "" && slices.ContainsFunc(f.Returns, func(r []*gosrc.Value) bool {
		return len(r) > last && r[last].Kind == gosrc.Nil
	})
}

// hops are all values that the origin passed through, itself not counted.
func (o origin) hops() []*hop {
	if o.last == nil {
		return nil
	}
	seen := map[*hop]bool{o.last: true}
	out := []*hop{o.last}
	for i := 0; i < len(out); i++ {
		for _, h := range out[i].from {
			if !seen[h] {
				seen[h] = true
				out = append(out, h)
			}
		}
	}
	if out[0].v == o.v {
		return out[1:]
	}
	return out
}
