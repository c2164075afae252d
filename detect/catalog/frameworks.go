package catalog

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Framework is a library in which a program says which of its functions answer
// which inbound requests: one file of frameworks/. Positions of arguments count
// from 1, negative ones from the end; 0 means that there is none.
type Framework struct {
	Name     string   `yaml:"framework"`
	Packages []string `yaml:"packages"`
	// Routers are the types whose methods register routes; "" stands for the
	// functions of the package.
	Routers []string `yaml:"routers"`
	// Contexts are the types of the first parameter of a handler, relative to the
	// packages or absolute.
	Contexts []string `yaml:"contexts"`
	// Handlers are the types of handlers and of middleware, where they have a name.
	Handlers []string `yaml:"handlers"`
	// Next are the calls by which middleware hands a request on.
	Next []string `yaml:"next"`
	// RPC is set where the path names a procedure, not a resource.
	RPC bool `yaml:"rpc"`
	// Proxies is set where the handlers are made for another framework's.
	Proxies bool `yaml:"proxies"`

	// Routes register a handler. In a chain (r.Path(p).Methods(m).Handler(h)) the
	// call with the handler is the route, the others are groups.
	Routes []Registration `yaml:"routes"`
	// Groups give a router that adds to the routes registered on it.
	Groups []Registration `yaml:"groups"`
	// Wrappers give a handler that runs another one, with a prefix of the path
	// taken away.
	Wrappers []Registration `yaml:"wrappers"`
	// Middleware adds functions that run before the handlers of a router.
	Middleware []Registration `yaml:"middleware"`
	// Annotations stand in a handler and tell its path or what it hands on to.
	Annotations []Registration `yaml:"annotations"`
	// Health are the functions that answer for the program's health by themselves.
	Health []string `yaml:"health"`
	// Serves are the functions that start to serve, and Header what bounds the time
	// that they take to read a request's header.
	Serves []string `yaml:"serves"`
	Header Property `yaml:"header"`
	// Requests and Responses decode and encode a body.
	Requests  []Registration `yaml:"requests"`
	Responses []Registration `yaml:"responses"`
}

// Registration is a set of functions with the meaning of their arguments.
type Registration struct {
	// Calls are names of methods of the framework's routers, or "Type.Method".
	Calls []string `yaml:"calls"`
	// Method is the HTTP method, "name" where the function is called after it.
	Method   string `yaml:"method"`
	MethodAt int    `yaml:"method_at"`
	Path     int    `yaml:"path"`
	Handler  int    `yaml:"handler"`
	// Router is the argument that is the router, where it is not the receiver.
	Router int `yaml:"router"`
	// Record is a struct with the fields Method, Path and, where Handler is 0, Handler.
	Record int `yaml:"record"`
	// Middleware is the first of the arguments that are middleware, the handler
	// left out.
	Middleware int `yaml:"middleware"`
	// Body is a function that is given the group's router.
	Body int `yaml:"body"`
	// Strips says whether a router that is the handler sees the path without the
	// prefix: "always", or "own" where only one of the same framework does.
	Strips string `yaml:"strips"`
	// Value is the argument with the body that is decoded or encoded.
	Value int `yaml:"value"`
	// Of, when set, is the type that the receiver must be made from: an encoder of
	// a ResponseWriter. It also is the argument itself (Marshal).
	Of string `yaml:"of"`
}

// Arg is the index of an argument in a call of n, or -1.
func Arg(at, n int) int {
	switch {
	case at > 0 && at <= n:
		return at - 1
	case at < 0 && -at <= n:
		return n + at
	}
	return -1
}

// Framework returns the framework that a package belongs to, or nil.
func (x *index) Framework(importPath string) *Framework { return x.frameworks[importPath] }

// addFrameworks indexes the frameworks' packages and types.
func (x *index) addFrameworks(all []*Framework) {
	for _, f := range all {
		for _, p := range f.Packages {
			x.frameworks[p] = f
		}
		for _, t := range f.Contexts {
			for _, symbol := range f.absolute(t) {
				x.handlerContexts[symbol] = true
			}
		}
		for _, t := range f.Handlers {
			for _, symbol := range f.absolute(t) {
				x.handlerTypes[symbol] = true
			}
		}
		for _, t := range f.Routers {
			if t == "" {
				continue
			}
			for _, symbol := range f.absolute(t) {
				x.routerTypes[symbol] = f
			}
		}
	}
}

func (f *Framework) absolute(name string) []string {
	if isAbsolute(name) {
		return []string{name}
	}
	var out []string
	for _, p := range f.Packages {
		out = append(out, p+"."+name)
	}
	return out
}

// HandlerContext: a function whose first parameter has this type answers requests.
func (x *index) HandlerContext(symbol string) bool { return x.handlerContexts[symbol] }

// HandlerType: values of this type answer requests or stand before those that do.
func (x *index) HandlerType(symbol string) bool {
	return x.handlerTypes[symbol] || x.routerTypes[symbol] != nil
}

// RouterType returns the framework whose router a type is, or nil.
func (x *index) RouterType(symbol string) *Framework { return x.routerTypes[symbol] }

// Find returns the registration of a list that a symbol of the framework is.
func (f *Framework) Find(list []Registration, symbol string) *Registration {
	_, rest := SplitSymbol(symbol)
	typ, name := "", rest
	if i := strings.LastIndexByte(rest, '.'); i >= 0 {
		typ, name = rest[:i], rest[i+1:]
	}
	for i := range list {
		for _, call := range list[i].Calls {
			if call == rest || typ == "?" && strings.HasSuffix(call, "."+name) || call == name && (typ == "?" || slices.Contains(f.Routers, typ)) {
				return &list[i]
			}
			if isAbsolute(call) && call == symbol {
				return &list[i]
			}
		}
	}
	return nil
}

func (f *Framework) validate() error {
	var errs []error
	fault := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf(format, args...))
	}
	if len(f.Packages) == 0 {
		fault("no packages")
	}
	if len(f.Serves) > 0 && len(f.Header.Defaults) == 0 {
		fault("it serves, and nothing says how long it reads a header")
	}
	for _, r := range f.Routes {
		if r.Handler == 0 && r.Record == 0 {
			fault("route %v has no handler", r.Calls)
		}
	}
	for _, r := range f.Middleware {
		if r.Middleware == 0 {
			fault("%v: which arguments are middleware?", r.Calls)
		}
	}
	for _, r := range slices.Concat(f.Requests, f.Responses) {
		if r.Value == 0 {
			fault("%v: which argument is the body?", r.Calls)
		}
	}
	for _, r := range slices.Concat(f.Routes, f.Groups, f.Wrappers, f.Middleware, f.Requests, f.Responses) {
		if len(r.Calls) == 0 {
			fault("a registration without calls")
		}
		if !slices.Contains([]string{"", "always", "own"}, r.Strips) {
			fault("%v: unknown strips %q", r.Calls, r.Strips)
		}
		if r.Method != "" && r.Method != "name" && r.Method != strings.ToUpper(r.Method) {
			fault("%v: method %q is neither \"name\" nor an HTTP method", r.Calls, r.Method)
		}
	}
	return errors.Join(errs...)
}
