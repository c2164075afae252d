package detect

import (
	"slices"

	"github.com/intscan/intscan/scanners/gosrc"
)

// touch says by which parameters a field is reached that something is put into, or
// whose content something is done to. Nothing else has to be searched for it.
type touch struct {
	params map[paramKey]bool
	heap   []heapTouch
}

// heapTouch is an assignment to a field of a struct that another field or variable
// holds: app.client.timeout = d, or app.client.SetTimeout(d).
type heapTouch struct {
	name string // what holds the struct
	// local: by a value of the function's own, from which it is read. Who comes to
	// the struct through the same field meets it there.
	local  bool
	effect *gosrc.Effect
	call   *gosrc.Call // where a function does it
	key    paramKey
}

// indexEffects sorts what functions do to fields: by the field, and by the value that
// leads to it.
func (p *program) indexEffects() {
	p.assigns, p.heapSets, p.innerFields = map[string][]paramKey{}, map[string][]heapTouch{}, map[string][]paramKey{}
	p.innerOf, p.elsewhere, p.putsOf = map[any][]*gosrc.Effect{}, map[string][]gosrc.Effect{}, map[any][]gosrc.Effect{}
	for i := range p.puts {
		p.indexPut(p.puts[i].On, &p.puts[i], 0)
	}
	for _, pkg := range p.pkgs {
		for _, f := range pkg.Funcs {
			for _, i := range sortedKeys(f.ParamEffects) {
				for _, e := range f.ParamEffects[i] {
					if key := (paramKey{f, i}); e.Kind == gosrc.EffectField && !slices.Contains(p.assigns[e.Name], key) {
						p.assigns[e.Name] = append(p.assigns[e.Name], key)
					}
				}
			}
		}
		for _, name := range sortedKeys(pkg.Effects) {
			es := pkg.Effects[name]
			for i := range es {
				p.indexEffect(name, &es[i])
			}
		}
	}
}

func (p *program) indexEffect(name string, e *gosrc.Effect) {
	local := e.On != nil && e.On.Kind == gosrc.Field && p.indexInner(e.On.X, e, 0)
	if !local {
		p.elsewhere[name] = append(p.elsewhere[name], *e)
	}
	if e.Kind == gosrc.EffectField {
		p.heapSets[e.Name] = append(p.heapSets[e.Name], heapTouch{name: name, local: local, effect: e})
	}
}

// indexPut notes what is put through a pointer to a field with the value that the
// field belongs to.
func (p *program) indexPut(x *gosrc.Value, e *gosrc.Effect, depth int) {
	if x == nil || depth > 4 {
		return
	}
	switch x.Kind {
	case gosrc.Param:
		key := paramKey{x.Fn, x.Index}
		p.putsOf[key] = append(p.putsOf[key], *e)
		p.assigns[e.Name] = append(p.assigns[e.Name], key)
	case gosrc.Composite, gosrc.Result:
		p.putsOf[x] = append(p.putsOf[x], *e)
	case gosrc.Field, gosrc.Global:
		p.heapSets[e.Name] = append(p.heapSets[e.Name], heapTouch{name: x.Name, effect: e})
	case gosrc.Union:
		for _, a := range x.Args {
			p.indexPut(a, e, depth+1)
		}
	}
}

// indexInner notes an effect on a field's content with the local values that the
// field is read from; false where there are others.
func (p *program) indexInner(x *gosrc.Value, e *gosrc.Effect, depth int) bool {
	if x == nil || depth > 4 {
		return false
	}
	switch x.Kind {
	case gosrc.Param:
		key := paramKey{x.Fn, x.Index}
		p.innerOf[key] = append(p.innerOf[key], e)
		if !slices.Contains(p.innerFields[e.On.Name], key) {
			p.innerFields[e.On.Name] = append(p.innerFields[e.On.Name], key)
		}
	case gosrc.Composite, gosrc.Result:
		p.innerOf[x] = append(p.innerOf[x], e)
	case gosrc.Union:
		all := true
		for _, a := range x.Args {
			all = p.indexInner(a, e, depth+1) && all
		}
		return all
	default:
		return false
	}
	return true
}

// touching finds, from the functions that touch a field, up through their callers,
// all parameters by which it is reached.
func (p *program) touching(symbol string) *touch {
	if t := p.touchMemo[symbol]; t != nil {
		return t
	}
	t := &touch{params: map[paramKey]bool{}, heap: slices.Clone(p.heapSets[symbol])}
	p.touchMemo[symbol] = t
	p.climb(t.params, slices.Concat(p.assigns[symbol], p.innerFields[symbol]), func(held *gosrc.Value, c *gosrc.Call, key paramKey) {
		t.heap = append(t.heap, heapTouch{name: held.Name, local: held.Kind == gosrc.Field && localValue(held.X, 0), call: c, key: key})
	})
	return t
}

// fillers are the parameters that are handed on to libraries that may fill them in.
func (p *program) fillers() map[paramKey]bool {
	if p.fillerMemo != nil {
		return p.fillerMemo
	}
	p.fillerMemo = map[paramKey]bool{}
	var start []paramKey
	p.everyCall(func(c *gosrc.Call) {
		if c.Callee == "" || len(p.targets(c)) > 0 || p.declared(c.Callee) || !fills(c.Callee) {
			return
		}
		for _, a := range c.Args {
			if a.Kind == gosrc.Param {
				start = append(start, paramKey{a.Fn, a.Index})
			}
		}
	})
	p.climb(p.fillerMemo, start, func(*gosrc.Value, *gosrc.Call, paramKey) {})
	return p.fillerMemo
}

// climb adds to a set of parameters those of callers that are passed on to them. What
// a caller takes from a field or variable is told to heap.
func (p *program) climb(set map[paramKey]bool, next []paramKey, heap func(held *gosrc.Value, c *gosrc.Call, key paramKey)) {
	for len(next) > 0 {
		key := next[0]
		next = next[1:]
		if set[key] || key.fn == nil {
			continue
		}
		set[key] = true
		for _, c := range p.callers[key.fn] {
			values := []*gosrc.Value{p.passedFor(c, &gosrc.Value{Kind: gosrc.Param, Fn: key.fn, Index: key.index})}
			for i := 0; i < len(values); i++ {
				switch a := values[i]; {
				case a == nil:
				case a.Kind == gosrc.Param:
					next = append(next, paramKey{a.Fn, a.Index})
				case a.Kind == gosrc.Field || a.Kind == gosrc.Global:
					heap(a, c, key)
				case a.Kind == gosrc.Union && len(values) < 50:
					values = append(values, a.Args...)
				}
			}
		}
	}
}

// passedFor is what a call passes for a parameter, the same node each time.
func (p *program) passedFor(c *gosrc.Call, v *gosrc.Value) *gosrc.Value {
	a := argument(c, v)
	if a == nil || a.Kind != gosrc.List || v.Fn == nil || !v.Fn.Variadic || v.Index != len(v.Fn.Params)-1 {
		return a
	}
	key := resultKey{c, v.Index}
	if known := p.variadic[key]; known != nil {
		return known
	}
	p.variadic[key] = a
	return a
}

// holds: a field or variable may hold the struct that a literal makes.
func (p *program) holds(name string, made *gosrc.Value) bool {
	h, ok := p.heldMemo[name]
	if !ok {
		h = map[*gosrc.Value]bool{}
		p.heldMemo[name] = h
		for _, st := range p.stores[name] {
			for _, o := range p.origins(st.Value) {
				h[o] = true
				switch o.Kind {
				case gosrc.Param, gosrc.Field, gosrc.Opaque, gosrc.Global:
					h[nil] = true // it may be any
				}
			}
		}
	}
	return h[made] || h[nil]
}

// indexBound finds the receivers that methods are bound to where they are handed on
// as values: mux.HandleFunc("/", s.list).
func (p *program) indexBound() {
	p.bound = map[*gosrc.Func][]*gosrc.Value{}
	seen := map[*gosrc.Value]bool{}
	var note func(v *gosrc.Value, depth int)
	note = func(v *gosrc.Value, depth int) {
		if v == nil || depth > 6 || seen[v] {
			return
		}
		switch v.Kind {
		case gosrc.FuncRef:
			seen[v] = true
			if f := p.funcOf(v); f != nil && v.X != nil {
				p.bound[f] = append(p.bound[f], v.X)
			}
		case gosrc.Union, gosrc.List:
			seen[v] = true
			for _, a := range v.Args {
				note(a, depth+1)
			}
		case gosrc.Composite:
			seen[v] = true
			for _, f := range v.Fields {
				note(f.Value, depth+1)
			}
		}
	}
	for _, pkg := range p.pkgs {
		if p.scope[pkg] != ScopeRuntime {
			continue
		}
		for _, f := range pkg.Funcs {
			for _, c := range f.Calls {
				for _, a := range c.Args {
					note(a, 0)
				}
				note(c.Func, 0)
			}
			for _, ret := range f.Returns {
				for _, v := range ret {
					note(v, 0)
				}
			}
		}
		for _, st := range pkg.Stores {
			note(st.Value, 0)
		}
	}
}

// localValue: a value of a function's own, not one kept in a field or variable.
func localValue(v *gosrc.Value, depth int) bool {
	if v == nil || depth > 4 {
		return false
	}
	switch v.Kind {
	case gosrc.Param, gosrc.Composite, gosrc.Result:
		return true
	case gosrc.Union:
		return !slices.ContainsFunc(v.Args, func(a *gosrc.Value) bool { return !localValue(a, depth+1) })
	}
	return false
}
