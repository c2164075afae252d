package detect

import (
	"slices"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// handlerOf is what answers a route.
type handlerOf struct {
	fn     *gosrc.Func
	symbol string       // of a library's function, or of what gives the handler
	router *gosrc.Value // a router with routes of its own
	frame  *frame
	strip  string  // what StripPrefix takes away
	guards []guard // what is wrapped around it, the outermost first
}

func (h handlerOf) name() string {
	switch {
	case h.fn == nil:
		return shortSymbol(h.symbol)
	case h.fn.Symbol != "":
		return shortSymbol(h.fn.Symbol)
	}
	return functionName(h.fn)
}

// functionName is a function for people; a literal goes by the function around it.
func functionName(f *gosrc.Func) string {
	if f.Symbol != "" {
		return shortSymbol(f.Symbol)
	}
	for outer := f.Parent; outer != nil; outer = outer.Parent {
		if outer.Symbol != "" {
			return shortSymbol(outer.Symbol) + " literal"
		}
	}
	return ShortCall(f.Name) + " literal"
}

const maxHandlerDepth = 16

// handler finds what answers where v is registered, through what is wrapped
// around it.
func (r *router) handler(v *gosrc.Value, f *frame, depth int) handlerOf {
	v = r.resolve(v, f)
	if v == nil || depth > maxHandlerDepth {
		return handlerOf{}
	}
	if r.p.cat.RouterType(v.Type) != nil {
		return handlerOf{router: v, frame: f}
	}
	switch v.Kind {
	case gosrc.Closure:
		return r.literalHandler(v, f, depth)
	case gosrc.FuncRef:
		return r.namedHandler(v, f, depth)
	case gosrc.Result:
		return r.madeHandler(v, f, depth)
	}
	if h, ok := r.servingType(v); ok {
		return h
	}
	for _, o := range r.p.origins(v) {
		if o == v || o.Kind == gosrc.Nil {
			continue
		}
		if h := r.handler(o, nil, depth+1); h.fn != nil || h.router != nil || h.symbol != "" {
			return h
		}
	}
	return handlerOf{symbol: v.Name}
}

// literalHandler: a literal answers itself, unless it only adapts a function that
// the one around it is given.
func (r *router) literalHandler(v *gosrc.Value, f *frame, depth int) handlerOf {
	for _, p := range r.adapts(v.Fn) {
		inner, ok := f.param(p)
		if !ok {
			continue
		}
		if h := r.handler(inner, f, depth+1); h.fn != nil {
			h.guards = append([]guard{{name: functionName(v.Fn), funcs: []*gosrc.Func{v.Fn}, quiet: true}}, h.guards...)
			return h
		}
	}
	return handlerOf{fn: v.Fn}
}

func (r *router) namedHandler(v *gosrc.Value, f *frame, depth int) handlerOf {
	if v.X != nil && lastName(v.Name) == "ServeHTTP" && !r.p.declared(v.Name) {
		return r.handler(v.X, f, depth+1) // h.ServeHTTP for h
	}
	fn := r.p.funcOf(v)
	if fn == nil {
		if fn = r.boundMethod(v); fn == nil {
			return handlerOf{symbol: v.Name}
		}
	}
	return handlerOf{fn: r.written(fn)}
}

// boundMethod is the method that an interface stands for, a hand-written one first.
func (r *router) boundMethod(v *gosrc.Value) *gosrc.Func {
	targets := slices.Clone(r.p.methodTargets(v.Name))
	slices.SortStableFunc(targets, func(a, b *gosrc.Func) int { return btoi(generated(a)) - btoi(generated(b)) })
	if len(targets) == 0 {
		return nil
	}
	return targets[0]
}

// written is the hand-written method that a generated handler of the same name is
// made for.
func (r *router) written(fn *gosrc.Func) *gosrc.Func {
	for range 4 {
		if !generated(fn) {
			return fn
		}
		next := r.sameNamed(fn)
		if next == nil {
			return fn
		}
		fn = next
	}
	return fn
}

func (r *router) sameNamed(fn *gosrc.Func) *gosrc.Func {
	visit := []*gosrc.Func{fn}
	for i := 0; i < len(visit) && i < 20; i++ {
		for _, c := range visit[i].Calls {
			if !c.Method || lastName(c.Callee) != lastName(fn.Symbol) {
				continue
			}
			targets := slices.DeleteFunc(r.p.targets(c), func(t *gosrc.Func) bool { return t == fn || isDouble(t.Recv) })
			slices.SortStableFunc(targets, func(a, b *gosrc.Func) int {
				return btoi(generated(a)) - btoi(generated(b))
			})
			if len(targets) > 0 {
				return targets[0]
			}
		}
		visit = append(visit, r.literals[visit[i]]...)
	}
	return nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func generated(f *gosrc.Func) bool {
	return slices.ContainsFunc(f.Pkg.Files, func(file gosrc.File) bool { return file.Generated && file.Path == f.At.File })
}

// madeHandler: what a call gives is either made around another handler, or written
// in the function called.
func (r *router) madeHandler(v *gosrc.Value, f *frame, depth int) handlerOf {
	c := v.Call
	if fw, symbol := r.framework(c); fw != nil {
		if as := fw.Find(fw.Wrappers, symbol); as != nil {
			h := r.handler(at(c, as.Handler), f, depth+1)
			if ts := r.texts(at(c, as.Path), f, 0); as.Strips != "" && len(ts) > 0 {
				h.strip = ts[0]
			}
			h.guards = append(h.guards, r.beside(c, as)...)
			return h
		}
	}
	for i, a := range c.Args {
		if r.p.cat.RouterType(a.Type) != nil && r.givesBack(c, i, 0) {
			return r.handler(a, f, depth+1)
		}
	}
	if inner := r.innerHandler(c, f); inner != nil {
		h := r.handler(inner, f, depth+1)
		h.guards = append([]guard{r.guardCall(c)}, h.guards...)
		return h
	}
	for _, target := range r.p.targets(c) {
		for _, ret := range target.Returns {
			if v.Index < len(ret) && ret[v.Index].Kind != gosrc.Nil {
				if h := r.handler(ret[v.Index], &frame{call: c, fn: target, up: f}, depth+1); h.fn != nil || h.router != nil || h.symbol != "" {
					return h
				}
			}
		}
	}
	if h, ok := r.servingType(v); ok {
		return h
	}
	return handlerOf{symbol: c.Callee}
}

// beside are the functions that a wrapper is given with the handler: decoders,
// encoders, hooks.
func (r *router) beside(c *gosrc.Call, as *catalog.Registration) []guard {
	var out []guard
	for i, a := range c.Args {
		if i != catalog.Arg(as.Handler, len(c.Args)) && (a.Kind == gosrc.FuncRef || a.Kind == gosrc.Closure) {
			for _, g := range r.guard(a, 0) {
				g.quiet = true
				out = append(out, g)
			}
		}
	}
	return out
}

// innerHandler is the argument of a call that is a handler itself.
func (r *router) innerHandler(c *gosrc.Call, f *frame) *gosrc.Value {
	var second *gosrc.Value
	for _, a := range c.Args {
		v := r.resolve(a, f)
		if v == nil {
			continue
		}
		if r.p.cat.HandlerType(v.Type) || r.p.serves(v.Type) {
			return a
		}
		switch v.Kind {
		case gosrc.Closure, gosrc.FuncRef:
			fn := r.namedHandlerFunc(v, f)
			if fn != nil && r.shaped(fn) {
				return a
			}
			if fn != nil && len(fn.Params) > 0 && (fn.Params[0] == "context.Context" || r.ownContext(fn.Params[0])) {
				second = a
			}
		case gosrc.Result:
			if r.p.cat.HandlerType(v.Type) || r.innerHandler(v.Call, f) != nil && len(v.Call.Results) > 0 && r.p.cat.HandlerType(v.Call.Results[0]) {
				return a
			}
		}
	}
	return second
}

func (r *router) namedHandlerFunc(v *gosrc.Value, f *frame) *gosrc.Func {
	if v.Kind == gosrc.Closure {
		return v.Fn
	}
	return r.namedHandler(v, f, maxHandlerDepth).fn
}

// shaped: some parameter of the function is one in which servers hand out
// requests.
func (r *router) shaped(f *gosrc.Func) bool {
	return slices.ContainsFunc(f.Params, func(t string) bool {
		return t == "net/http.Request" || r.p.cat.HandlerContext(t)
	})
}
