package detect

import "github.com/intscan/intscan/scanners/gosrc"

// self: the call is that of a limiter, which may wrap the handlers it is given.
func (r *inboundLimits) self(c *gosrc.Call) (by any, b bound) {
	if b, ok := r.calls[c]; ok {
		return c, b
	}
	for _, f := range r.p.targets(c) {
		if b, ok := r.limiters[f]; ok {
			return f, b
		}
	}
	return nil, bound{}
}

// wrapped: the call puts a limiter around a handler: it is one, or the repository's own
// function that applies it.
func (r *inboundLimits) wrapped(c *gosrc.Call) bool {
	self, _ := r.self(c)
	if self == nil && !r.p.declared(c.Callee) {
		return false
	}
	given, _, handlers := r.arguments(c)
	return (self != nil || given != nil) && len(handlers) > 0
}

// arguments are the limiter among a call's arguments, and the handlers.
func (r *inboundLimits) arguments(c *gosrc.Call) (by any, limit bound, handlers []*gosrc.Func) {
	for _, a := range c.Args {
		switch a.Kind {
		case gosrc.Const, gosrc.Nil, gosrc.Opaque, gosrc.Param, gosrc.Concat:
			continue
		}
		if a.Kind == gosrc.Result && r.wrapped(a.Call) {
			continue // a handler with its limiter around it, which counts where that is called
		}
		if key, b := r.limits(a); key != nil {
			by, limit = key, b
		} else {
			handlers = append(handlers, r.handlersIn(a, 0)...)
		}
	}
	return by, limit, handlers
}

// handlersIn are the functions that take a request, in an argument or in what the
// repository's own decorators make it of.
func (r *inboundLimits) handlersIn(v *gosrc.Value, depth int) []*gosrc.Func {
	var out []*gosrc.Func
	for _, o := range r.p.origins(v) {
		if f := r.p.funcOf(o); f != nil && takesRequest(f) {
			out = append(out, f)
		}
	}
	if v.Kind == gosrc.Result && depth < 3 && len(r.p.targets(v.Call)) > 0 {
		for _, a := range v.Call.Args {
			if a.Kind == gosrc.FuncRef || a.Kind == gosrc.Closure || a.Kind == gosrc.Result {
				out = append(out, r.handlersIn(a, depth+1)...)
			}
		}
	}
	return out
}

// partOf: a router that is a part of another: a group, or the parameter of a literal
// that another's method is given.
func (r *inboundLimits) partOf(router *gosrc.Value) bool {
	for _, o := range r.p.origins(router) {
		switch o.Kind {
		case gosrc.Result:
			if o.Call.Recv != nil && o.Call.Method && !r.p.declared(o.Call.Callee) {
				return true
			}
		case gosrc.Param:
			for _, to := range r.p.passed[o.Fn] {
				if to.call.Recv != nil && !r.p.declared(to.call.Callee) {
					return true
				}
			}
		}
	}
	return false
}

// maxGroups bounds how deep groups of routes are nested.
const maxGroups = 8

// router is the bound that a router and those it is a part of put on their routes.
func (r *inboundLimits) router(v *gosrc.Value, depth int) bound {
	var out bound
	for _, o := range r.p.origins(v) {
		b := r.oneRouter(o, depth)
		if b.state == "" {
			return b
		}
		out = weakest(out, b)
	}
	return out
}

func (r *inboundLimits) oneRouter(o *gosrc.Value, depth int) bound {
	effects := [][]gosrc.Effect{o.Effects}
	switch o.Kind {
	case gosrc.Param:
		effects = append(effects, o.Fn.ParamEffects[o.Index])
	case gosrc.Field, gosrc.Global:
		effects = append(effects, r.p.effects[o.Name])
	}
	for _, es := range effects {
		for _, e := range es {
			if e.Kind != gosrc.EffectMethod {
				continue
			}
			if by, b, handlers := r.arguments(e.Call); by != nil && len(handlers) == 0 && !derives(e.Call) {
				return b
			}
		}
	}
	if depth > maxGroups {
		return bound{}
	}
	switch o.Kind {
	case gosrc.Result:
		if by, b, _ := r.arguments(o.Call); by != nil {
			return b
		}
		if o.Call.Recv != nil {
			return r.router(o.Call.Recv, depth+1)
		}
	case gosrc.Param:
		for _, to := range r.p.passed[o.Fn] {
			if to.call.Recv != nil {
				return r.router(to.call.Recv, depth+1)
			}
		}
	}
	return bound{}
}

// derives: the method makes another router with the middleware, and does not put it
// on the router itself.
func derives(c *gosrc.Call) bool {
	_, name := cutLast(c.Callee)
	switch name {
	case "With", "Group", "Party", "Namespace":
		return c.Recv != nil
	}
	return false
}

// inbound is the bound of the requests that a function serves, itself or for the
// handlers that call it.
func (r *inboundLimits) inbound(f *gosrc.Func, depth int) bound {
	if f == nil || r.busy[f] || depth > maxWays {
		return bound{}
	}
	if b, ok := r.handlers[f]; ok {
		return b
	}
	r.busy[f] = true
	defer delete(r.busy, f)
	var out bound
	for _, c := range r.p.callers[f] {
		b := r.inbound(c.Fn, depth+1)
		if b.state == "" {
			return b
		}
		out = weakest(out, b)
	}
	if out.state == "" && f.Parent != nil {
		return r.inbound(f.Parent, depth+1)
	}
	return out
}

// takesRequest: a handler, or the function that a framework calls for one.
func takesRequest(f *gosrc.Func) bool {
	for _, t := range f.Params {
		if inboundType(t) {
			return true
		}
	}
	return false
}

// inboundType: types of what servers and frameworks hand to their handlers.
func inboundType(t string) bool {
	switch t {
	case "net/http.Request", "net/http.ResponseWriter", "github.com/gin-gonic/gin.Context", "github.com/labstack/echo/v4.Context",
		"github.com/labstack/echo/v5.Context", "github.com/gofiber/fiber/v2.Ctx", "github.com/gofiber/fiber/v3.Ctx":
		return true
	}
	return false
}
