package detect

import (
	"slices"

	"github.com/intscan/intscan/scanners/gosrc"
)

// inOrder takes in what the function that makes a struct does to it, one after the
// other: what surely puts something into the field ends what was there before.
func (r *fieldRead) inOrder(es []gosrc.Effect, at *way) {
	for i := range es {
		before := len(r.out.sets)
		r.effect(&es[i], at, 0)
		if len(r.out.sets) > before && r.surely(&es[i], at) {
			r.out.sets = slices.Delete(r.out.sets, 0, before)
		}
	}
}

// surely: the effect puts something into the field whenever it is reached.
func (r *fieldRead) surely(e *gosrc.Effect, at *way) bool {
	switch {
	case e.Kind == gosrc.EffectField:
		return r.sets(*e)
	case e.Kind == gosrc.EffectArg && e.Call.Func != nil && e.Call.Func.Kind == gosrc.Element:
		return r.amongAll(e, at) // for _, opt := range opts { opt(s) }
	case e.Maybe:
		return false
	}
	targets := r.p.targets(e.Call)
	return len(targets) == 1 && r.setIn(targets[0], e)
}

// sets: the effect assigns the field, not in some branch, and not something that is
// made of what the field held: c.Transport = traced(c.Transport).
func (r *fieldRead) sets(e gosrc.Effect) bool {
	return e.Kind == gosrc.EffectField && e.Name == r.symbol && !e.Maybe && !mentions(e.Value, r.symbol, 0)
}

// mentions: the field is read on the way to the value.
func mentions(v *gosrc.Value, symbol string, depth int) bool {
	if v == nil || depth > 6 {
		return v != nil
	}
	inside := func(v *gosrc.Value) bool { return mentions(v, symbol, depth+1) }
	if v.Kind == gosrc.Field && v.Name == symbol || inside(v.X) || slices.ContainsFunc(v.Args, inside) {
		return true
	}
	if v.Call != nil && (inside(v.Call.Recv) || slices.ContainsFunc(v.Call.Args, inside)) {
		return true
	}
	return slices.ContainsFunc(v.Fields, func(f gosrc.FieldValue) bool { return inside(f.Value) })
}

// setIn: the function surely sets the field of the struct that the effect hands it.
func (r *fieldRead) setIn(f *gosrc.Func, e *gosrc.Effect) bool {
	i := -1
	if e.Kind == gosrc.EffectArg {
		i = paramOf(f, e.Index)
	}
	return slices.ContainsFunc(f.ParamEffects[i], r.sets)
}

// amongAll: each of the lists of options that may be given holds one that sets the field.
func (r *fieldRead) amongAll(e *gosrc.Effect, at *way) bool {
	lists, known := r.p.lists(e.Call.Func.X, at)
	for _, list := range lists {
		w := flowWalk{p: r.p, hops: map[flowKey]*hop{}}
		w.members(list.located, &hop{located: list.located}, map[located]bool{}, 0)
		known = known && !w.cut && list.v.Kind == gosrc.List && slices.ContainsFunc(w.out, func(o origin) bool {
			f := r.p.funcOf(o.v)
			return f != nil && r.setIn(f, e)
		})
	}
	return known && len(lists) > 0
}
