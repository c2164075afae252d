package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// Route is an inbound HTTP request that production code answers.
type Route struct {
	// Position is where the route is registered.
	scanners.Position
	// Method is the HTTP method; "" where any is answered.
	Method string `json:"method,omitempty"`
	// Path has its parameters in braces: "/orders/{id}".
	Path string `json:"path"`
	// Handler is what people call the function that answers.
	Handler string `json:"handler"`
	// Function is where that function stands, for one of the repository's own.
	Function scanners.Position `json:"function,omitzero"`
	// Middleware are the functions that see the request before, the outermost first.
	Middleware []string `json:"middleware"`
	// Auth is the middleware whose name shows that it asks who is calling.
	Auth string `json:"auth,omitempty"`
	// Request and Response are the types that the bodies are decoded into and
	// encoded from.
	Request   string `json:"request,omitempty"`
	Response  string `json:"response,omitempty"`
	Framework string `json:"framework"`

	fn *gosrc.Func // that answers
	in *gosrc.Func // that registers it
}

// Name is what people call a route: "POST /orders".
func (r *Route) Name() string { return strings.TrimSpace(r.Method + " " + r.Path) }

// router finds the routes of a program.
type router struct {
	p *program
	// literals are the function literals written in a function, by it.
	literals map[*gosrc.Func][]*gosrc.Func
	// after are the calls on what a call returns: r.HandleFunc(...).Methods("GET").
	after map[*gosrc.Call][]*gosrc.Call
	// guards is the middleware of a router, by its key.
	guards map[any][]guard
	// mounts are the places where a router is made part of another, by its key.
	mounts map[any][]mount
	places map[*gosrc.Value][]place
	busy   map[*gosrc.Value]bool
	routes []Route
	// stands are the functions that run before handlers, with these.
	stands map[*gosrc.Func][]*gosrc.Func
	// routed are the functions that answer routes, with the routes' names.
	routed map[*gosrc.Func][]string
	seen   map[string]bool
	names  map[string]bool
	// mentioned are the functions held as values, alive what live has decided.
	mentioned map[*gosrc.Func]bool
	visited   map[mentionKey]bool
	uses      map[*gosrc.Func][]*gosrc.Func // what a function mentions
	alive     map[*gosrc.Func]bool
}

// registering is a call that registers a route, and the framework's word for it.
type registering struct {
	call *gosrc.Call
	fw   *catalog.Framework
	as   *catalog.Registration
}

// mount is the place of a router in another one.
type mount struct {
	by registering
	f  *frame
	// strips: the router sees paths without the prefix that it is mounted at;
	// stripped is what was taken away by hand.
	strips   bool
	stripped string
}

func newRouter(p *program) *router {
	r := &router{
		p: p, literals: map[*gosrc.Func][]*gosrc.Func{}, after: map[*gosrc.Call][]*gosrc.Call{},
		guards: map[any][]guard{}, mounts: map[any][]mount{}, places: map[*gosrc.Value][]place{}, busy: map[*gosrc.Value]bool{},
		stands: map[*gosrc.Func][]*gosrc.Func{}, routed: map[*gosrc.Func][]string{}, seen: map[string]bool{}, names: callNames(p.cat),
		mentioned: map[*gosrc.Func]bool{}, visited: map[mentionKey]bool{}, uses: map[*gosrc.Func][]*gosrc.Func{}, alive: map[*gosrc.Func]bool{},
	}
	r.mentions()
	for _, pkg := range p.pkgs {
		for _, f := range pkg.Funcs {
			if f.Lit && f.Parent != nil {
				r.literals[f.Parent] = append(r.literals[f.Parent], f)
			}
		}
	}
	var found []registering
	p.eachCall(func(c *gosrc.Call) {
		if c.Recv != nil && c.Recv.Kind == gosrc.Result && c.Recv.Call != nil {
			r.after[c.Recv.Call] = append(r.after[c.Recv.Call], c)
		}
		fw, symbol := r.framework(c)
		if fw == nil {
			r.wrapped(c)
			return
		}
		if as := fw.Find(fw.Routes, symbol); as != nil && r.enough(c, as) && r.live(c.Fn) {
			found = append(found, registering{c, fw, as})
		}
	})
	r.middleware()
	r.handedOn()
	for _, reg := range found {
		for _, f := range r.frames(reg) {
			r.mounted(reg, f)
		}
	}
	for _, reg := range found {
		for _, f := range r.frames(reg) {
			r.route(reg, f)
		}
	}
	slices.SortFunc(r.routes, func(a, b Route) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method), cmp.Compare(a.Handler, b.Handler))
	})
	return r
}

// framework is the one whose function or router's method a call is, with the name
// of that.
func (r *router) framework(c *gosrc.Call) (*catalog.Framework, string) {
	if c.Callee == "" {
		return nil, ""
	}
	if fw := r.p.cat.Framework(packageOf(c.Callee)); fw != nil {
		return fw, c.Callee
	}
	dot := strings.LastIndexByte(c.Callee, '.')
	if !c.Method || dot < 0 {
		return nil, ""
	}
	method := c.Callee[dot+1:]
	switch {
	case !r.names[method]:
	case strings.HasPrefix(c.Callee, "?."):
		made := r.p.madeBy(c.Recv, 0)
		if fw := r.p.cat.Framework(packageOf(made)); fw != nil {
			return fw, packageOf(made) + ".?." + method
		}
	case c.Interface && r.p.declared(c.Callee):
		for _, o := range r.p.origins(c.Recv) {
			if fw := r.p.cat.RouterType(o.Type); fw != nil {
				return fw, o.Type + "." + method
			}
		}
	case r.p.declared(c.Callee) && len(r.p.targets(c)) == 0:
		for _, symbol := range r.p.promoted(c) {
			if fw := r.p.cat.Framework(packageOf(symbol)); fw != nil {
				return fw, symbol
			}
		}
	}
	return nil, ""
}

// callNames are the names that the frameworks know, worth asking after where the
// type of a router is not known by itself.
func callNames(cat *catalog.Catalog) map[string]bool {
	out := map[string]bool{}
	for _, fw := range cat.Frameworks {
		for _, as := range slices.Concat(fw.Routes, fw.Groups, fw.Wrappers, fw.Middleware) {
			for _, call := range as.Calls {
				out[lastName(call)] = true
			}
		}
	}
	return out
}

// enough: the call has the arguments that its meaning needs.
func (r *router) enough(c *gosrc.Call, as *catalog.Registration) bool {
	for _, at := range []int{as.Path, as.MethodAt, as.Handler, as.Record, as.Router} {
		if at != 0 && catalog.Arg(at, len(c.Args)) < 0 {
			return false
		}
	}
	return as.Path == 0 || as.Handler >= 0 || len(c.Args) > as.Path
}

// at is an argument of a call by its place, nil where there is none.
func at(c *gosrc.Call, place int) *gosrc.Value {
	if i := catalog.Arg(place, len(c.Args)); i >= 0 {
		return c.Args[i]
	}
	return nil
}
