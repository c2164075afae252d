package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// constructions are those of the clients that a site may call through, each with
// what the context carries to the library and what the repository sets for the
// whole package.
func (j *judge) constructions(s *site) []*construction {
	if cs, ok := j.made[s]; ok {
		return cs
	}
	shared := newConstructWalk(j.p)
	for _, a := range s.call.Args {
		switch {
		case a.Type == "context.Context":
			j.carried(shared, a)
		case s.call.Method:
			j.callOption(shared, s, a, 0)
		}
	}
	state := &construction{}
	if pkg := packageOf(s.symbol); strings.Contains(pkg, ".") {
		state = j.packageState(pkg)
	}
	var out []*construction
	for _, base := range j.p.alternatives(s.client) {
		transport := &construction{}
		if !base.opaque && packageOf(s.symbol) == "net/http" && !base.hasTransport() {
			transport = j.defaultTransport()
		}
		c := &construction{
			p:      j.p,
			steps:  slices.Concat(base.steps, shared.c.steps, state.steps, transport.steps),
			funcs:  slices.Concat(base.funcs, shared.c.funcs, state.funcs, transport.funcs),
			opaque: base.opaque,
		}
		if s.sdk != nil && s.sdk.Name == "grpc" {
			c.forMethod(s.call)
		}
		out = append(out, c)
	}
	j.made[s] = out
	return out
}

// hasTransport: the client does not call through http.DefaultTransport.
func (c *construction) hasTransport() bool {
	return c.find(func(symbol string) bool {
		return symbol == "net/http.Client.Transport" || symbol == "net/http.Transport" || strings.HasSuffix(symbol, ".RoundTrip")
	}) != nil
}

// defaultTransport is what the repository puts into http.DefaultTransport, which
// clients without a transport of their own call through.
func (j *judge) defaultTransport() *construction {
	const name = "net/http.DefaultTransport"
	if c := j.states[name]; c != nil {
		return c
	}
	w := newConstructWalk(j.p)
	for _, st := range j.p.stores[name] {
		w.visit(located{st.Value, nil}, 1)
	}
	j.states[name] = w.c
	return w.c
}

// callOption takes in the options of this one call: a library's struct with its
// fields, an option function's result. What they hold besides is data.
func (j *judge) callOption(w *constructWalk, s *site, a *gosrc.Value, depth int) {
	if depth > 2 || a.Kind == gosrc.Const {
		return
	}
	for _, o := range j.p.origins(a) {
		switch {
		case o.Kind == gosrc.Composite && inLibrary(s, o.Type):
			w.add(step{symbol: o.Type, value: o, at: o.At})
			for _, f := range o.Fields {
				w.add(step{symbol: o.Type + "." + f.Name, value: f.Value, at: f.At})
			}
			w.fieldsSet(o)
		case o.Kind == gosrc.Result && o.Call != nil && inLibrary(s, o.Call.Callee):
			w.add(step{symbol: o.Call.Callee, call: o.Call, at: o.At})
			w.fieldsSet(o) // p := NewPolicy(); p.TotalTimeout = d
			if opens(o.Call.Callee) {
				w.call(o.Call, nil, 1) // term.Run(session), where the session is made with the options
			}
			if o.Call.Recv != nil {
				j.callOption(w, s, o.Call.Recv, depth+1) // options.Find().SetMaxTime(d)
			}
		case o.Kind == gosrc.List:
			for _, e := range o.Args {
				j.callOption(w, s, e, depth+1)
			}
		default:
			if f := j.p.funcOf(o); f != nil && len(f.Params) > 0 && inLibrary(s, f.Params[0]) {
				w.effects(f.ParamEffects[0], nil, 1) // func(o *s3.Options) { o.RetryMaxAttempts = 5 }
			}
		}
	}
}

// opens: functions that give a connection are named for it.
func opens(function string) bool {
	name := function[strings.LastIndexByte(function, '.')+1:]
	return strings.HasPrefix(name, "Connect") || strings.HasPrefix(name, "Open") || strings.HasPrefix(name, "Dial")
}

// fieldsSet takes in the fields that are set after a value is made.
func (w *constructWalk) fieldsSet(o *gosrc.Value) {
	for _, e := range o.Effects {
		if e.Kind == gosrc.EffectField {
			w.add(step{symbol: e.Name, value: e.Value, at: e.At})
		}
	}
}

// inAll finds a step in every construction of the site's clients; the first one
// found stands for all. One client without it decides.
func (j *judge) inAll(s *site, match func(symbol string) bool) *step {
	var first *step
	for _, c := range j.constructions(s) {
		st := c.find(match)
		if st == nil {
			return nil
		}
		if first == nil {
			first = st
		}
	}
	return first
}

// carried takes in clients that a context carries to the library:
// context.WithValue(ctx, oauth2.HTTPClient, client), oidc.ClientContext(ctx, client).
func (j *judge) carried(w *constructWalk, ctx *gosrc.Value) {
	seen := map[*gosrc.Value]bool{ctx: true}
	layer := []*gosrc.Value{ctx}
	for range maxCarried {
		var next []*gosrc.Value
		for _, c := range layer {
			for _, o := range j.p.origins(c) {
				if o.Kind != gosrc.Result || seen[o] && o != c {
					continue
				}
				seen[o] = true
				for _, a := range o.Call.Args {
					switch {
					case a.Type == "net/http.Client":
						w.visit(located{a, nil}, 1)
					case a.Type == "context.Context" && !seen[a]:
						seen[a] = true
						next = append(next, a)
					}
				}
			}
		}
		layer = next
	}
}

// maxCarried bounds how many contexts one is derived from.
const maxCarried = 7

// packageState is what is set for a package with functions instead of a
// client: keygen.HTTPClient = client, openfeature.AddHooks(hook).
func (j *judge) packageState(pkg string) *construction {
	if c := j.states[pkg]; c != nil {
		return c
	}
	w := newConstructWalk(j.p)
	for _, symbol := range j.p.globalsOf[pkg] {
		for _, st := range j.p.stores[symbol] {
			w.add(step{symbol: symbol, value: st.Value, at: st.At})
			w.visit(located{st.Value, nil}, 1)
		}
	}
	for _, c := range j.p.settersOf[pkg] {
		w.call(c, nil, 1)
	}
	j.states[pkg] = w.c
	return w.c
}

// middlewareBound finds a deadline that an interceptor or transport of the repository's
// own puts on every call of one client.
func (j *judge) middlewareBound(s *site, client *construction) bound {
	for _, f := range client.funcs {
		if isRoundTrip(f) && !j.p.overHTTP(s) {
			continue
		}
		for _, g := range j.withLiterals(f) {
			for _, inner := range g.Calls {
				if b := j.innerBound(inner); b.state == Present {
					return b
				}
			}
		}
	}
	return bound{}
}

// isRoundTrip: a transport's method, or a literal that stands for one as
// http.HandlerFunc does for a handler: it takes a request and calls on with one.
func isRoundTrip(f *gosrc.Func) bool {
	return strings.HasSuffix(f.Symbol, ".RoundTrip") || f.Lit && takesOneRequest(f.Params) && slices.ContainsFunc(f.Calls, roundTrips)
}

// roundTrips: a transport or middleware of a client calls on.
func roundTrips(c *gosrc.Call) bool {
	return strings.HasSuffix(c.Callee, ".RoundTrip") || c.Func != nil && takesOneRequest(c.Params)
}

func takesOneRequest(params []string) bool {
	return len(params) == 1 && params[0] == "net/http.Request"
}

// invoker: the types of the functions with which interceptors call on.
func invoker(typ string) bool {
	return strings.HasSuffix(typ, "grpc.UnaryInvoker") || strings.HasSuffix(typ, "grpc.Streamer") || typ == "connectrpc.com/connect.UnaryFunc"
}

// invokes: an interceptor calls on.
func invokes(c *gosrc.Call) bool { return c.Func != nil && invoker(c.Func.Type) }

// innerBound is the bound of the context with which middleware calls on.
func (j *judge) innerBound(c *gosrc.Call) bound {
	switch {
	case invokes(c) && len(c.Args) > 0:
		return j.deadlines.own(c.Args[0])
	case c.Method && c.Recv != nil && c.Recv.Kind == gosrc.Param && len(c.Args) == 1 && (strings.HasSuffix(c.Callee, ".WithContext") || strings.HasSuffix(c.Callee, ".SetContext")):
		return j.deadlines.own(c.Args[0]) // of what a hook is handed: q.WithContext(ctx)
	case roundTrips(c) && len(c.Args) == 1:
		return j.requestBound(c.Args[0])
	}
	return bound{}
}

// requestBound is the bound of the context that a function makes for the request.
func (j *judge) requestBound(req *gosrc.Value) bound {
	for _, o := range j.p.origins(req) {
		if o.Kind == gosrc.Result && len(o.Call.Args) > 0 && o.Call.Args[0].Type == "context.Context" {
			return j.deadlines.own(o.Call.Args[0])
		}
	}
	return bound{}
}

// withLiterals is a function and the literals written in it.
func (j *judge) withLiterals(f *gosrc.Func) []*gosrc.Func {
	out := []*gosrc.Func{f}
	for _, g := range f.Pkg.Funcs {
		if g.Lit && g.Parent == f {
			out = append(out, g)
		}
	}
	return out
}

// middlewareRetries finds a retry in a transport or interceptor of the
// repository's own.
func (j *judge) middlewareRetries(c *construction) bound {
	for _, f := range c.funcs {
		for _, g := range j.withLiterals(f) {
			for _, inner := range g.Calls {
				if roundTrips(inner) || invokes(inner) {
					if b := j.retriedCall(inner, true); b.state == Present {
						return b
					}
				}
			}
		}
	}
	return bound{}
}

// retriedByAll: each client of the site has middleware that tries again.
func (j *judge) retriedByAll(s *site) (out bound) {
	for _, c := range j.constructions(s) {
		b := j.middlewareRetries(c)
		if b.state != Present {
			return b
		}
		if out.state == "" {
			out = b
		}
	}
	return out
}

// middlewareRecords finds a span or metric in a transport or interceptor of the
// repository's own.
func (j *judge) middlewareRecords(s *site, c *construction) recorded {
	for _, f := range c.funcs {
		interceptor := slices.ContainsFunc(f.Params, invoker) || slices.ContainsFunc(f.Calls, invokes)
		if interceptor || isRoundTrip(f) && j.p.overHTTP(s) {
			if r := j.records(f); r.what != "" {
				return r
			}
		}
	}
	return recorded{}
}
