package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// kind says what kind of entry point a function is; "" where it is none.
func (g *entryGraph) kind(f *gosrc.Func) EntryKind {
	kind, ok := g.kinds[f]
	if !ok {
		kind = g.findKind(f)
		g.kinds[f] = kind
	}
	return kind
}

func (g *entryGraph) findKind(f *gosrc.Func) EntryKind {
	switch {
	case g.frontOf(f) != nil:
		return ""
	case len(g.routes.routed[f]) > 0:
		if strings.Contains(g.routes.routed[f][0], " ") || strings.HasPrefix(g.routes.routed[f][0], "/") {
			return EntryHTTP
		}
		return EntryGRPC
	case g.rpc.procedure(f) != "":
		return EntryGRPC
	case g.unnamedHandler(f):
		return EntryHTTP
	}
	for _, to := range g.p.passed[f] {
		if t := g.p.cat.Protects(catalog.RoleQueue, to.call.Callee, entries); t != nil {
			if t.Schedules {
				return EntryJob
			}
			return EntryConsumer
		}
	}
	switch {
	case f.Pkg.Name == "main" && strings.HasSuffix(f.Symbol, ".main") && f.Recv == "":
		return EntryStart
	case g.middleware(f) || len(g.ways(f)) > 0:
		return ""
	case f.Exported && !f.Lit:
		return EntryAPI
	}
	return ""
}

// frontOf is the method that answers the procedure which f answers for another
// protocol: f hands on to it.
func (g *entryGraph) frontOf(f *gosrc.Func) *gosrc.Func {
	for _, name := range g.routes.routed[f] {
		if served := g.rpc.byName[name]; served != nil && served != f {
			return served
		}
	}
	return nil
}

// unnamedHandler: a function has the shape of a handler, none of the repository's
// own code calls it, and no route to it was found.
func (g *entryGraph) unnamedHandler(f *gosrc.Func) bool {
	return g.p.handlerShaped(f) && len(g.p.callers[f]) == 0 && len(g.routes.stands[f]) == 0 && !g.p.passesOn(f) && !generated(f) &&
		(g.routes.mentioned[f] || strings.HasSuffix(f.Symbol, ".ServeHTTP"))
}

// middleware hands the request to another handler and begins no work of its own.
func (g *entryGraph) middleware(f *gosrc.Func) bool {
	return g.p.handlerShaped(f) && g.p.passesOn(f)
}

// handlerShaped: the parameters of a function are those with which servers hand
// out requests.
func (p *program) handlerShaped(f *gosrc.Func) bool {
	n := len(f.Params)
	if n == 0 || n > 3 || !p.cat.HandlerContext(f.Params[0]) {
		return false
	}
	if f.Params[0] == "net/http.ResponseWriter" {
		return n > 1 && f.Params[1] == "net/http.Request"
	}
	return true
}

// passesOn: the function calls another handler with the request that it is given.
func (p *program) passesOn(f *gosrc.Func) bool {
	return slices.ContainsFunc(f.Calls, func(c *gosrc.Call) bool {
		if fw := p.cat.Framework(packageOf(c.Callee)); fw != nil && slices.Contains(fw.Next, c.Callee[len(packageOf(c.Callee))+1:]) {
			return true
		}
		if strings.HasSuffix(f.Symbol, ".ServeHTTP") && strings.HasSuffix(c.Callee, ".ServeHTTP") {
			return true
		}
		// next(c), of the function that middleware is given
		return c.Func != nil && c.Func.Kind == gosrc.Param && c.Func.Fn != f && len(c.Args) > 0 &&
			(p.cat.HandlerContext(c.Args[0].Type) || len(c.Args) > 1 && p.cat.HandlerContext(c.Args[1].Type))
	})
}
