package detect

import (
	"strings"

	"golang.org/x/mod/semver"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// inboundLimits answers which handlers of inbound HTTP requests stand behind middleware
// that puts a deadline on the request: http.TimeoutHandler, chi's Timeout, the
// repository's own. Middleware of one route or group bounds only that; what cannot
// be traced to one counts for its whole module.
type inboundLimits struct {
	p *program
	d *deadlines
	// limiters are the functions of the repository that bound a request and pass it on.
	limiters map[*gosrc.Func]bound
	// calls are the library's limiters: middleware.Timeout(15 * time.Second).
	calls map[*gosrc.Call]bound
	// handlers are what the registrations of each handler say.
	handlers map[*gosrc.Func]bound
	busy     map[*gosrc.Func]bool
}

func newInboundLimits(d *deadlines) *inboundLimits {
	r := &inboundLimits{
		p: d.p, d: d, limiters: map[*gosrc.Func]bound{}, calls: map[*gosrc.Call]bound{},
		handlers: map[*gosrc.Func]bound{}, busy: map[*gosrc.Func]bool{},
	}
	r.p.eachCall(r.limiter)
	for _, symbol := range sortedKeys(r.p.stores) {
		if strings.HasSuffix(symbol, "gin.Context.Request") {
			for _, st := range r.p.stores[symbol] {
				r.ownLimiter(st.Fn, st.Value)
			}
		}
	}
	if len(r.limiters)+len(r.calls) > 0 {
		r.trace()
	}
	return r
}

// limiter notes a call that bounds a request and passes it on, or makes something
// that does.
func (r *inboundLimits) limiter(c *gosrc.Call) {
	t := r.p.cat.Protects(catalog.RoleInboundTimeout, c.Callee, wraps)
	switch {
	case strings.HasSuffix(c.Callee, "net/http.Handler.ServeHTTP") && len(c.Args) == 2:
		r.ownLimiter(c.Fn, c.Args[1])
	case strings.HasSuffix(c.Callee, ".Context.SetRequest") && len(c.Args) == 1:
		r.ownLimiter(c.Fn, c.Args[0])
	case t != nil && r.p.does(t, c):
		r.calls[c] = r.d.timed(c)
	case t == nil:
		r.bounded(c)
	}
}

// does: the required version of the toolkit is not older than what is known of it.
func (p *program) does(t *catalog.Toolkit, c *gosrc.Call) bool {
	module, version := p.version(packageOf(c.Callee))
	return semver.Compare(version, t.Since[module]) >= 0
}

// bounded notes a server that bounds requests without being asked.
func (r *inboundLimits) bounded(c *gosrc.Call) {
	t := r.p.cat.Protects(catalog.RoleInboundTimeout, c.Callee, entries)
	if t == nil {
		return
	}
	if def := r.p.pickDefault(t.Timeout.Defaults, packageOf(c.Callee)); def != nil {
		r.calls[c] = bound{state: Default, value: def.Value, reason: def.Module + " bounds each request by itself", at: c.At}
	}
}

// ownLimiter notes a function that gives a request a context with a deadline of its
// own, and the functions that return it.
func (r *inboundLimits) ownLimiter(f *gosrc.Func, request *gosrc.Value) {
	for _, o := range r.p.origins(request) {
		if o.Kind != gosrc.Result || !strings.HasSuffix(o.Call.Callee, "http.Request.WithContext") || len(o.Call.Args) == 0 {
			continue
		}
		b := r.d.own(o.Call.Args[0])
		for g := f; b.state == Present && g != nil; g = g.Parent {
			r.limiters[g] = b
			if g.Parent == nil || !returnsFunc(g.Parent, g) {
				break
			}
		}
	}
}

// returnsFunc: the function returns the literal.
func returnsFunc(f, lit *gosrc.Func) bool {
	for _, ret := range f.Returns {
		for _, v := range ret {
			if v.Kind == gosrc.Closure && v.Fn == lit {
				return true
			}
		}
	}
	return false
}

// limits says whether a value is a limiter, and by which function or call.
func (r *inboundLimits) limits(v *gosrc.Value) (by any, b bound) {
	for _, o := range r.p.origins(v) {
		if o.Kind == gosrc.Result {
			if b, ok := r.calls[o.Call]; ok {
				return o.Call, b
			}
		}
		if f := r.p.funcOf(o); f != nil {
			if b, ok := r.limiters[f]; ok {
				return f, b
			}
		}
	}
	return nil, bound{}
}

// trace follows each limiter to where it is put, and each handler to where it is
// registered.
func (r *inboundLimits) trace() {
	confined, everywhere := map[any]bool{}, map[any]bool{}
	registered := map[*gosrc.Func]bound{}
	r.p.eachCall(func(c *gosrc.Call) {
		by, limit, handlers := r.arguments(c)
		if self, b := r.self(c); self != nil && len(handlers) > 0 {
			by, limit = self, b
		}
		switch {
		case by == nil:
		case len(handlers) > 0 || derives(c) || r.partOf(c.Recv):
			confined[by] = true
		default:
			everywhere[by] = true
		}
		if len(handlers) == 0 || r.p.declared(c.Callee) && limit.state == "" {
			return
		}
		if limit.state == "" && c.Recv != nil {
			limit = r.router(c.Recv, 0)
		}
		if limit.state == "" {
			limit = bound{state: Absent, at: c.At}
		}
		for _, h := range handlers {
			registered[h] = weakest(registered[h], limit)
		}
	})
	for f, b := range registered {
		r.handlers[f] = b
	}
	r.everywhere(confined, everywhere)
}

// everywhere notes, for whole modules, the limiters that no route or group confines.
func (r *inboundLimits) everywhere(confined, everywhere map[any]bool) {
	for f, b := range r.limiters {
		outer := f
		for outer.Parent != nil && r.limiters[outer.Parent].state != "" {
			outer = outer.Parent
		}
		if f == outer && (everywhere[f] || !confined[f] && !r.innerConfined(f, confined)) {
			r.module(r.d.http, f.Pkg.Module, b)
		}
	}
	for c, b := range r.calls {
		if everywhere[c] || !confined[c] {
			by := r.d.http
			if strings.HasSuffix(packageOf(c.Callee), "/grpc") {
				by = r.d.grpc
			}
			r.module(by, c.Fn.Pkg.Module, b)
		}
	}
}

// module notes a bound of all of a module's handlers: what the repository sets before
// what a server does by itself, and of several the first in the code.
func (r *inboundLimits) module(by map[string]bound, mod string, b bound) {
	old, ok := by[mod]
	if !ok || old.state == Default && b.state == Present || old.state == b.state && b.at.Compare(old.at) < 0 {
		by[mod] = b
	}
}

// innerConfined: a literal that the function returns is what is put on a route.
func (r *inboundLimits) innerConfined(f *gosrc.Func, confined map[any]bool) bool {
	for g := range r.limiters {
		if g != f && confined[g] {
			for up := g.Parent; up != nil; up = up.Parent {
				if up == f {
					return true
				}
			}
		}
	}
	return false
}
