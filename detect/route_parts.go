package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// parts are what a registration tells of itself.
type parts struct {
	path, method, handler *gosrc.Value
	fixed                 string // the method by the function's name
}

func (r *router) parts(reg registering) parts {
	c, as := reg.call, reg.as
	p := parts{path: at(c, as.Path), method: at(c, as.MethodAt), handler: at(c, as.Handler), fixed: fixedMethod(c, as)}
	if record := at(c, as.Record); record != nil {
		for _, o := range r.p.origins(record) {
			for _, f := range o.Fields {
				switch f.Name {
				case "Path":
					p.path = f.Value
				case "Method":
					p.method = f.Value
				case "Handler":
					p.handler = cmp.Or(p.handler, f.Value)
				}
			}
		}
	}
	return p
}

func fixedMethod(c *gosrc.Call, as *catalog.Registration) string {
	if as.Method != "name" {
		return as.Method
	}
	return strings.ToUpper(c.Callee[strings.LastIndexByte(c.Callee, '.')+1:])
}

// route adds what one registration, seen from one caller, makes.
func (r *router) route(reg registering, f *frame) {
	pt := r.parts(reg)
	h := r.handler(pt.handler, f, 0)
	if h.router != nil {
		return // its routes stand for it
	}
	paths := []string{""}
	if pt.path != nil {
		if paths = r.texts(pt.path, f, 0); len(paths) == 0 {
			paths = []string{""}
		}
	}
	methods := r.methods(pt, f)
	note := r.annotated(reg, h)
	if note.path != "" {
		paths = []string{note.path}
	}
	inline := r.inline(reg, f, h)
	for _, pl := range r.registeredOn(reg, f) {
		for _, path := range paths {
			for _, method := range methods {
				r.add(reg, pl, method, path, h, inline, note)
			}
		}
	}
}

// maxRoutes bounds the routes of one repository.
const maxRoutes = 20000

func (r *router) add(reg registering, pl place, method, path string, h handlerOf, inline []guard, note annotation) {
	fromPattern, path := splitPattern(path)
	full := joinPath(pl.prefix, path)
	if full == "" || len(r.routes) >= maxRoutes {
		return
	}
	rt := Route{
		Position: reg.call.At, Method: strings.ToUpper(cmp.Or(method, fromPattern, pl.method)), Path: normalPath(full),
		Handler: cmp.Or(note.handler, h.name()), Middleware: []string{}, Framework: reg.fw.Name, fn: h.fn, in: reg.call.Fn,
	}
	if rt.Method == "ANY" || rt.Method == "*" {
		rt.Method = ""
	}
	if rt.fn != nil {
		rt.Function = rt.fn.At
		rt.Request, rt.Response = r.bodies(rt.fn)
	}
	for _, g := range r.guardsOf(pl, inline) {
		if !g.quiet && !slices.Contains(rt.Middleware, g.name) {
			rt.Middleware = append(rt.Middleware, g.name)
		}
		for _, before := range g.funcs {
			r.stand(before, rt.fn)
		}
	}
	rt.Auth = authenticating(rt.Middleware)
	key := rt.Position.String() + rt.Name() + rt.Handler
	if r.seen[key] {
		return
	}
	r.seen[key] = true
	r.routes = append(r.routes, rt)
	if rt.fn != nil && !reg.fw.Proxies && !slices.Contains(r.routed[rt.fn], rt.Name()) {
		name := rt.Name()
		if reg.fw.RPC {
			name = strings.TrimPrefix(rt.Path, "/")
		}
		r.routed[rt.fn] = append(r.routed[rt.fn], name)
	}
}

// stand notes that a function runs before a handler.
func (r *router) stand(before, handler *gosrc.Func) {
	if before == handler || slices.Contains(r.stands[before], handler) {
		return
	}
	r.stands[before] = append(r.stands[before], handler)
	for _, lit := range r.literals[before] {
		r.stand(lit, handler)
	}
}

// methods of a route; one empty one for any.
func (r *router) methods(pt parts, f *frame) []string {
	if pt.fixed != "" {
		return []string{pt.fixed}
	}
	if pt.method != nil {
		if ms := r.texts(pt.method, f, 0); len(ms) > 0 {
			return ms
		}
	}
	return []string{""}
}

// annotation is what the body of a generated handler tells.
type annotation struct{ path, handler string }

func (r *router) annotated(reg registering, h handlerOf) annotation {
	var out annotation
	if len(reg.fw.Annotations) == 0 || h.fn == nil {
		return out
	}
	for _, c := range h.fn.Calls {
		as := reg.fw.Find(reg.fw.Annotations, c.Callee)
		if as == nil {
			continue
		}
		if v := at(c, as.Path); v != nil && v.Kind == gosrc.Const {
			out.path = v.Text
		}
		if v := at(c, as.Handler); v != nil && v.Kind == gosrc.Const {
			out.handler = strings.TrimPrefix(v.Text, "/")
		}
	}
	return out
}
