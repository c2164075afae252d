package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// guard is middleware: what runs before a handler.
type guard struct {
	name  string
	funcs []*gosrc.Func // the repository's own that run
	quiet bool          // an adapter, of no interest to people
}

// middleware finds what is added to routers for all routes on them.
func (r *router) middleware() {
	r.p.eachCall(func(c *gosrc.Call) {
		fw, symbol := r.framework(c)
		if fw == nil {
			return
		}
		if as := fw.Find(fw.Middleware, symbol); as != nil {
			for _, pl := range r.placesOf(c.Recv, nil, fw, 0) {
				key := pl.keys[len(pl.keys)-1]
				r.guards[key] = append(r.guards[key], r.guardArgs(c, as.Middleware, -1)...)
			}
			return
		}
		if as := fw.Find(fw.Groups, symbol); as != nil && as.Middleware > 0 {
			r.guards[c] = append(r.guards[c], r.guardArgs(c, as.Middleware, -1)...)
		}
	})
}

// wrapped notes middleware around a whole router: auth(mux).
func (r *router) wrapped(c *gosrc.Call) {
	if len(c.Results) == 0 || !r.p.cat.HandlerType(c.Results[0]) {
		return
	}
	for i, a := range c.Args {
		fw := r.p.cat.RouterType(a.Type)
		if fw == nil || r.givesBack(c, i, 0) {
			continue
		}
		for _, pl := range r.placesOf(a, nil, fw, 0) {
			r.guards[pl.keys[0]] = append(r.guards[pl.keys[0]], r.guardCall(c))
		}
	}
}

// handedOn follows calls on what a wrapper gives, to the functions that it was
// given: handler := kitgrpc.NewServer(endpoint, decode, encode); handler.ServeGRPC(...).
func (r *router) handedOn() {
	r.p.eachCall(func(c *gosrc.Call) {
		fw, symbol := r.framework(c)
		if fw == nil || c.Recv == nil || len(fw.Wrappers) == 0 || !slices.Contains(fw.Next, symbol[len(packageOf(symbol))+1:]) {
			return
		}
		for _, o := range r.p.origins(c.Recv) {
			if o.Kind != gosrc.Result {
				continue
			}
			as := fw.Find(fw.Wrappers, o.Call.Callee)
			if as == nil {
				continue
			}
			h := r.handler(o, nil, 0)
			if h.fn != nil {
				r.stand(h.fn, c.Fn)
			}
			for _, g := range h.guards {
				for _, f := range g.funcs {
					r.stand(f, c.Fn)
				}
			}
		}
	})
}

// givesBack: what the call returns is its own argument, registered upon.
func (r *router) givesBack(c *gosrc.Call, arg, depth int) bool {
	targets := r.p.targets(c)
	if c.Callee == "" && c.Func != nil {
		for _, o := range r.p.origins(c.Func) {
			if fn := r.p.funcOf(o); fn != nil {
				targets = append(targets, fn)
			}
		}
	}
	for _, t := range targets {
		for _, ret := range t.Returns {
			if len(ret) == 0 || depth > 4 {
				continue
			}
			switch v := ret[0]; {
			case v.Kind == gosrc.Param && v.Fn == t && v.Index == arg:
				return true
			case v.Kind == gosrc.Result && slices.ContainsFunc(v.Call.Args, func(a *gosrc.Value) bool {
				return a.Kind == gosrc.Param && a.Fn == t && a.Index == arg && r.givesBack(v.Call, slices.Index(v.Call.Args, a), depth+1)
			}):
				return true
			}
		}
	}
	return false
}

func (r *router) guardArgs(c *gosrc.Call, from, handler int) []guard {
	var out []guard
	for i, a := range c.Args {
		if i+1 >= from && i != handler {
			out = append(out, r.guard(a, 0)...)
		}
	}
	return out
}

// guard names the middleware that a value is.
func (r *router) guard(v *gosrc.Value, depth int) []guard {
	if v == nil || depth > 6 {
		return nil
	}
	switch v.Kind {
	case gosrc.Const, gosrc.Nil:
		return nil
	case gosrc.Result:
		return []guard{r.guardCall(v.Call)}
	case gosrc.FuncRef:
		g := guard{name: shortSymbol(v.Name)}
		if fn := r.p.funcOf(v); fn != nil {
			g.funcs = []*gosrc.Func{fn}
		}
		return []guard{g}
	case gosrc.Closure:
		return []guard{{name: functionName(v.Fn), funcs: []*gosrc.Func{v.Fn}}}
	}
	var out []guard
	vals := r.p.origins(v)
	if v.Kind == gosrc.List {
		vals = v.Args
	}
	for _, o := range vals {
		if o != v {
			out = append(out, r.guard(o, depth+1)...)
		}
	}
	return out
}

func (r *router) guardCall(c *gosrc.Call) guard {
	g := guard{name: shortSymbol(c.Callee), funcs: r.p.targets(c)}
	for _, t := range c.Results {
		if fn := r.p.method(t, "ServeHTTP", 0); fn != nil && r.p.declared(t) {
			g.funcs = append(g.funcs, fn) // a type that stands around the handler
		}
	}
	if c.Callee == "" && c.Func != nil {
		for _, o := range r.p.origins(c.Func) {
			if fn := r.p.funcOf(o); fn != nil {
				g.name, g.funcs = functionName(fn), append(g.funcs, fn)
			} else if o.Kind == gosrc.Result {
				g.name = shortSymbol(o.Call.Callee)
			}
		}
	}
	return g
}

// inline is the middleware that a registration itself names.
func (r *router) inline(reg registering, f *frame, h handlerOf) []guard {
	var out []guard
	if reg.as.Middleware > 0 {
		out = r.guardArgs(reg.call, reg.as.Middleware, catalog.Arg(reg.as.Handler, len(reg.call.Args)))
	}
	return append(out, h.guards...)
}

// guardsOf is all middleware of a route in the order in which it runs.
func (r *router) guardsOf(pl place, inline []guard) []guard {
	var out []guard
	for _, k := range pl.keys {
		out = append(out, r.guards[k]...)
	}
	out = append(out, inline...)
	for i := range out {
		if out[i].name == "" {
			out[i].quiet = true
		}
	}
	return out
}

// authenticating is the middleware whose own name, or else that of its package,
// says that it asks who is calling; "" where none does.
func authenticating(names []string) string {
	for _, own := range []bool{true, false} {
		for _, name := range names {
			pkg, function, _ := strings.Cut(name, ".")
			if own && saysAuth(function) || !own && saysAuth(pkg) && !strings.HasPrefix(function, "Set") {
				return name
			}
		}
	}
	return ""
}

func saysAuth(name string) bool {
	name = strings.ToLower(name)
	for _, not := range []string{"csrf", "noauth", "unauth", "author."} {
		if strings.Contains(name, not) {
			return false
		}
	}
	return slices.ContainsFunc(authWords, func(word string) bool { return strings.Contains(name, word) })
}

var authWords = []string{
	"auth", "jwt", "token", "session", "apikey", "api_key", "oidc", "login", "loggedin", "bearer", "requireuser", "requireadmin",
	"mustuser", "mustadmin", "permission", "signature", "identity", "protected",
}
