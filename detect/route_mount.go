package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// ownContext: a type of the repository that holds a request, handed to its own
// kind of handler.
func (r *router) ownContext(typ string) bool {
	t := r.p.types[typ]
	if t == nil {
		return false
	}
	holds := func(symbol string) bool { return symbol == "net/http.Request" || r.p.cat.HandlerContext(symbol) }
	for _, field := range t.Fields {
		if holds(field) {
			return true
		}
	}
	return slices.ContainsFunc(t.Embeds, holds)
}

// servingType: a value of a type of the repository's own that is an http.Handler.
func (r *router) servingType(v *gosrc.Value) (handlerOf, bool) {
	if v.Type == "" {
		return handlerOf{}, false
	}
	fn := r.p.method(v.Type, "ServeHTTP", 0)
	if fn == nil {
		return handlerOf{}, false
	}
	// One that only hands on to a router stands for that.
	for _, c := range fn.Calls {
		if c.Recv != nil && strings.HasSuffix(c.Callee, ".ServeHTTP") && r.p.cat.RouterType(c.Recv.Type) != nil {
			return handlerOf{router: c.Recv}, true
		}
	}
	return handlerOf{fn: fn}, true
}

// serves: a type of the repository with a ServeHTTP method.
func (p *program) serves(typ string) bool {
	return typ != "" && p.declared(typ) && p.method(typ, "ServeHTTP", 0) != nil
}

// mounted notes the router that a registration makes part of another.
func (r *router) mounted(reg registering, f *frame) {
	h := r.handler(r.parts(reg).handler, f, 0)
	if h.router == nil {
		return
	}
	fw := r.p.cat.RouterType(h.router.Type)
	if fw == nil {
		fw = reg.fw
	}
	for _, pl := range r.placesOf(h.router, h.frame, fw, 0) {
		if len(pl.keys) == 0 || slices.Contains(r.keysOf(reg, f), pl.keys[0]) {
			continue // mounted in itself
		}
		m := mount{by: reg, f: f, strips: reg.as.Strips == "always" || reg.as.Strips == "own" && fw == reg.fw, stripped: h.strip}
		if !slices.ContainsFunc(r.mounts[pl.keys[0]], func(o mount) bool { return o.by.call == reg.call && o.stripped == h.strip }) {
			r.mounts[pl.keys[0]] = append(r.mounts[pl.keys[0]], m)
		}
		r.guards[pl.keys[0]] = append(r.guards[pl.keys[0]], h.guards...)
	}
}

func (r *router) keysOf(reg registering, f *frame) []any {
	var out []any
	for _, pl := range r.placesOf(reg.call.Recv, f, reg.fw, 0) {
		out = append(out, pl.keys...)
	}
	return out
}

func lastName(symbol string) string { return symbol[strings.LastIndexByte(symbol, '.')+1:] }
