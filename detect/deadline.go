package detect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// bound is the answer to whether a context or a client ends an operation in time.
// The zero State means that this path says nothing (a cycle).
type bound struct {
	state  State
	value  string
	reason string
	at     scanners.Position
	via    []Step
	// periodic: a loop further down does the same again, whether this attempt failed
	// or not; a library's own retry says more.
	periodic bool
	// configured: the value comes from configuration that may leave it out.
	configured bool
}

// weakest joins alternatives: one unbounded path decides.
func weakest(a, b bound) bound {
	rank := func(s State) int {
		switch s {
		case Absent:
			return 4
		case Unknown:
			return 3
		case Default:
			return 2
		case Present:
			return 1
		}
		return 0
	}
	if rank(b.state) > rank(a.state) {
		return b
	}
	return a
}

// deadlines answers for contexts, carrying deadlines down from callers.
type deadlines struct {
	p    *program
	memo map[any]bound
	busy map[any]bool
	// silent are values that said nothing while the values busy now were being
	// asked: asking them again before one of those has answered is in vain, and in
	// functions that all call each other takes exponential time.
	silent map[any]bool
	// grpc and http are the bounds that server interceptors and middleware of
	// the repository put on every request's context.
	grpc, http map[string]bound // by module
	jobs       *jobs
	limits     *inboundLimits
}

func newDeadlines(p *program) *deadlines {
	d := &deadlines{p: p, memo: map[any]bound{}, busy: map[any]bool{}, silent: map[any]bool{}, grpc: map[string]bound{}, http: map[string]bound{}}
	d.jobs = newJobs(p)
	d.grpcBounds()
	d.limits = newInboundLimits(d)
	return d
}

// context says whether a context value carries a deadline on every path.
func (d *deadlines) context(v *gosrc.Value) bound {
	if v == nil {
		return bound{}
	}
	key := constructKey(v)
	if b, ok := d.memo[key]; ok {
		return b
	}
	if d.busy[key] || d.silent[key] || len(d.busy) > 400 {
		return bound{}
	}
	d.busy[key] = true
	b := d.compute(v)
	delete(d.busy, key)
	if len(d.busy) == 0 || b.state != "" {
		d.memo[key] = b
		clear(d.silent)
	} else {
		d.silent[key] = true
	}
	return b
}

func (d *deadlines) compute(v *gosrc.Value) bound {
	switch v.Kind {
	case gosrc.Union:
		if b := d.whereMissing(v); b.state == Present {
			return b
		}
		var b bound
		for _, a := range v.Args {
			b = weakest(b, d.context(a))
		}
		return b
	case gosrc.Param:
		return d.param(v)
	case gosrc.Result:
		return d.call(v)
	case gosrc.Field, gosrc.Global:
		return d.stored(v)
	case gosrc.Element:
		return d.context(v.X)
	case gosrc.Nil:
		return bound{state: Absent, reason: "the context is nil", at: v.At}
	case gosrc.Composite:
		// A type of the repository that is a context: what it embeds decides.
		for _, f := range v.Fields {
			if f.Value.Type == "context.Context" {
				return d.context(f.Value)
			}
		}
	}
	return bound{state: Unknown, reason: "the context's origin is not known", at: v.At}
}

// whereMissing recognises a deadline that is added where there is none yet:
//
//	if _, ok := ctx.Deadline(); !ok {
//		ctx, cancel = context.WithTimeout(ctx, limit)
//	}
func (d *deadlines) whereMissing(v *gosrc.Value) bound {
	for _, a := range v.Args {
		if a.Kind != gosrc.Result || !strings.HasPrefix(a.Call.Callee, "context.WithTimeout") && !strings.HasPrefix(a.Call.Callee, "context.WithDeadline") || len(a.Call.Args) == 0 {
			continue
		}
		for _, c := range a.Call.Fn.Calls {
			if c.Callee == "context.Context.Deadline" && c.Recv != nil && constructKey(c.Recv) == constructKey(a.Call.Args[0]) {
				return d.made(a.Call)
			}
		}
	}
	return bound{}
}

func (d *deadlines) stored(v *gosrc.Value) bound {
	stores := d.p.stores[v.Name]
	if len(stores) == 0 {
		return bound{state: Absent, reason: "the context is kept in " + v.Name + ", which no deadline is put on", at: v.At}
	}
	var b bound
	for _, st := range stores {
		b = weakest(b, d.context(st.Value))
	}
	return b
}

func (d *deadlines) call(v *gosrc.Value) bound {
	c := v.Call
	switch c.Callee {
	case "context.WithTimeout", "context.WithTimeoutCause", "context.WithDeadline", "context.WithDeadlineCause":
		return d.made(c)
	case "context.Background", "context.TODO":
		return bound{state: Absent, reason: c.Callee + " has no deadline", at: c.At}
	case "context.WithoutCancel":
		return bound{state: Absent, reason: "WithoutCancel drops the deadline", at: c.At}
	case "net/http.Request.Context":
		return d.request(c.Recv)
	}
	if targets := d.p.targets(c); len(targets) > 0 {
		var b bound
		for _, f := range targets {
			for _, ret := range f.Returns {
				if v.Index < len(ret) && ret[v.Index].Kind != gosrc.Nil {
					b = weakest(b, d.returned(ret[v.Index], f, c))
				}
			}
		}
		return b
	}
	for _, a := range c.Args {
		if a.Type == "context.Context" {
			return d.context(a) // WithValue, WithCancel, trace.Start, errgroup.WithContext ...
		}
	}
	for _, a := range c.Args {
		if a.Type == "net/http.Request" {
			return d.request(a)
		}
	}
	if c.Recv != nil && strings.HasSuffix(c.Callee, "Context") {
		return d.framework(c)
	}
	return bound{state: Absent, reason: "a context from " + shortSymbol(c.Callee) + " has no deadline of this repository's", at: c.At}
}

// returned is the bound of what a function of the repository returns; a parameter
// passed through is that of this very call.
func (d *deadlines) returned(v *gosrc.Value, f *gosrc.Func, c *gosrc.Call) bound {
	if v.Kind == gosrc.Param && v.Fn == f {
		if a := argument(c, v); a != nil {
			return d.context(a)
		}
	}
	if v.Kind == gosrc.Result && d.p.funcs[v.Call.Callee] == nil {
		for i, a := range v.Call.Args {
			if i == 0 && a.Kind == gosrc.Param && a.Fn == f && a.Type == "context.Context" && !strings.HasPrefix(v.Call.Callee, "context.WithTimeout") && !strings.HasPrefix(v.Call.Callee, "context.WithDeadline") {
				if arg := argument(c, a); arg != nil {
					return d.context(arg)
				}
			}
		}
	}
	return d.context(v)
}

// made is the bound of context.WithTimeout(parent, d) and its kin.
func (d *deadlines) made(c *gosrc.Call) bound {
	b := bound{state: Present, reason: shortSymbol(c.Callee), at: c.At}
	if len(c.Args) > 1 {
		value, zero := d.p.duration(c.Args[1])
		if zero {
			return bound{state: Unknown, reason: "the timeout may be zero", at: c.At}
		}
		b.value = value
		if value != "" {
			b.reason += " of " + value
		}
	}
	return b
}

// param carries deadlines down from the callers.
func (d *deadlines) param(v *gosrc.Value) bound {
	f := v.Fn
	if v.Type == "net/http.Request" {
		return d.inboundHTTP(f, v.At, "the inbound request's context ends only when the client goes away")
	}
	var b bound
	callers := d.p.callers[f]
	for _, c := range callers {
		a := argument(c, v)
		if a == nil {
			continue
		}
		got := d.context(a)
		if got.state == Absent && got.at.File == "" {
			got.at = c.At
		}
		if len(got.via) < maxSteps {
			got.via = append([]Step{{Position: c.At, What: "called in " + ShortCall(c.Fn.Name)}}, got.via...)
		}
		b = weakest(b, got)
	}
	for _, to := range d.p.passed[f] {
		if len(d.p.targets(to.call)) == 0 {
			b = weakest(b, d.handedOut(f, to))
		}
	}
	if b.state == "" && len(callers) == 0 && len(d.p.passed[f]) == 0 {
		return d.entry(f, v)
	}
	return b
}

// handedOut: a function given to a library is called with the context that the
// library was given beside it, or with one of the library's own.
func (d *deadlines) handedOut(f *gosrc.Func, to passedTo) bound {
	if b := d.jobs.timeout(f, to); b.state != "" {
		return b
	}
	if d.p.cat.Protects(catalog.RoleTimeout, to.call.Callee, entries) != nil {
		return d.timed(to.call)
	}
	for _, a := range to.call.Args {
		if a.Type == "context.Context" {
			return d.context(a)
		}
	}
	if d.grpcMethod(f) {
		return d.inbound(d.grpc, f, f.At, "the gRPC request's context has the caller's deadline, if any")
	}
	return d.inboundHTTP(f, to.call.At, "called by "+cmp.Or(shortSymbol(to.call.Callee), "a function value")+", which sets no deadline")
}

// entry is a function that nothing in the repository calls with a context: a
// server's method, a callback of a library, or an exported function of a library.
func (d *deadlines) entry(f *gosrc.Func, v *gosrc.Value) bound {
	if d.grpcMethod(f) || slices.Contains(f.Params, "google.golang.org/grpc.UnaryServerInterceptor") { // or the generated function that calls it
		return d.inbound(d.grpc, f, f.At, "the gRPC request's context has the caller's deadline, if any")
	}
	if f.Lit {
		return bound{state: Absent, reason: "the context comes from the caller of a function literal, which sets no deadline", at: f.At}
	}
	if d.p.publicAPI(f) {
		return bound{state: Unknown, reason: "the context comes from users of this module", at: f.At}
	}
	return bound{state: Absent, reason: "the context comes from outside the repository's code, and no deadline is put on it", at: f.At}
}

// publicAPI: an exported function or method of a library package.
func (p *program) publicAPI(f *gosrc.Func) bool {
	if !f.Exported || f.Pkg.Name == "main" || strings.Contains("/"+f.Pkg.Dir+"/", "/internal/") {
		return false
	}
	return !p.reachedByBinary(f.Pkg)
}

func describe(format string, args ...any) string { return fmt.Sprintf(format, args...) }
