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
	// clocked: it is part of a periodic job.
	clocked bool
	// told: it depends on being told of the failure, as a queue is by its handler.
	told bool
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
func (d *deadlines) context(v *gosrc.Value) bound { return d.contextAt(located{v, nil}) }

// contextAt is context for a value reached by a way: a parameter is what the call on
// the way passes, a field that of the instance it is read from.
func (d *deadlines) contextAt(l located) bound {
	if l.v == nil {
		return bound{}
	}
	l.way = bare(l)
	key := flowKey{flowNode(l.v), l.way}
	if b, ok := d.memo[key]; ok {
		return b
	}
	if d.busy[key] || d.silent[key] || len(d.busy) > 400 {
		return bound{}
	}
	d.busy[key] = true
	b := d.compute(l)
	delete(d.busy, key)
	if len(d.busy) == 0 || b.state != "" {
		d.memo[key] = b
		clear(d.silent)
	} else {
		d.silent[key] = true
	}
	return b
}

func (d *deadlines) compute(l located) bound {
	switch v := l.v; v.Kind {
	case gosrc.Union:
		for _, b := range []bound{d.whereMissing(l), d.whereSet(l)} {
			if b.state == Present {
				return b
			}
		}
		var b bound
		for _, a := range d.p.choices(l) {
			b = weakest(b, d.contextAt(located{a, l.way}))
		}
		return b
	case gosrc.Param:
		return d.param(l)
	case gosrc.Result:
		return d.call(l)
	case gosrc.Field:
		return d.field(l)
	case gosrc.Global:
		return d.stored(v)
	case gosrc.Element:
		return d.contextAt(located{v.X, l.way})
	case gosrc.Nil:
		return bound{state: Absent, reason: "the context is nil", at: v.At}
	case gosrc.Composite:
		// A type of the repository that is a context: what it embeds decides.
		for _, f := range v.Fields {
			if f.Value.Type == "context.Context" {
				return d.contextAt(located{f.Value, l.way})
			}
		}
	}
	return bound{state: Unknown, reason: "the context's origin is not known", at: l.v.At}
}

// field is the bound of the contexts that the instances hold from which it is read;
// where those are not known, of all that is ever put into the field.
func (d *deadlines) field(l located) bound {
	walk := flowWalk{p: d.p}
	whole, known := walk.instances(l.v, l.way)
	if !known {
		return d.stored(l.v)
	}
	var sets []located
	for _, o := range whole {
		c := d.p.read(o, l.v.Name)
		if c.filled || len(c.sets) == 0 {
			return d.stored(l.v)
		}
		for _, set := range c.sets {
			if set.v.Kind != gosrc.Nil || len(c.sets) == 1 {
				sets = append(sets, set.located)
			}
		}
	}
	var b bound
	for _, set := range sets {
		b = weakest(b, d.contextAt(set))
	}
	return b
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

func (d *deadlines) call(l located) bound {
	c := l.v.Call
	switch c.Callee {
	case "context.WithTimeout", "context.WithTimeoutCause", "context.WithDeadline", "context.WithDeadlineCause":
		return d.made(c, l.way)
	case "context.Background", "context.TODO":
		return bound{state: Absent, reason: c.Callee + " has no deadline", at: c.At}
	case "context.WithoutCancel":
		return bound{state: Absent, reason: "WithoutCancel drops the deadline", at: c.At}
	case "net/http.Request.Context":
		return d.requestAt(located{c.Recv, l.way})
	case "context.WithCancel", "context.WithCancelCause":
		if b := d.cancelledInTime(c); b.state == Present {
			return b
		}
	}
	if b, ok := d.returned(l); ok {
		return b
	}
	for _, a := range c.Args {
		if a.Type == "context.Context" {
			return d.contextAt(located{a, l.way}) // WithValue, WithCancel, trace.Start, errgroup.WithContext ...
		}
	}
	for _, a := range c.Args {
		if a.Type == "net/http.Request" {
			return d.requestAt(located{a, l.way})
		}
	}
	if c.Recv != nil && strings.HasSuffix(c.Callee, "Context") {
		return d.framework(c)
	}
	return bound{state: Absent, reason: "a context from " + shortSymbol(c.Callee) + " has no deadline of this repository's", at: c.At}
}

// returned is the bound of what a function of the repository returns to this very
// call; ok is false where no such function is called.
func (d *deadlines) returned(l located) (b bound, ok bool) {
	results := func(f *gosrc.Func, made *way) {
		ok = true
		inside := d.p.enter(l.v.Call, f, l.way, made)
		for _, ret := range f.Returns {
			if l.v.Index < len(ret) && ret[l.v.Index].Kind != gosrc.Nil {
				b = weakest(b, d.contextAt(located{ret[l.v.Index], inside}))
			}
		}
	}
	for _, f := range d.p.targets(l.v.Call) {
		results(f, nil)
	}
	if l.v.Call.Func != nil {
		fs, _ := d.p.flow(l.v.Call.Func, l.way)
		for _, o := range fs {
			if f := d.p.funcOf(d.p.once(o.v)); f != nil {
				results(f, o.way)
			}
		}
	}
	return b, ok
}

// made is the bound of context.WithTimeout(parent, d) and its kin.
func (d *deadlines) made(c *gosrc.Call, at *way) bound {
	b := bound{state: Present, reason: shortSymbol(c.Callee), at: c.At}
	if len(c.Args) > 1 {
		value, zero := d.p.durationAt(located{c.Args[1], at})
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
func (d *deadlines) param(l located) bound {
	v, f := l.v, l.v.Fn
	if fr := l.way.frame(f); fr != nil && (v.Index >= 0 || fr.call.Recv != nil) {
		if a := d.p.passedFor(fr.call, v); v.Type == "net/http.Request" {
			return d.requestAt(located{a, fr.up})
		} else if a != nil {
			return d.contextAt(located{a, fr.up})
		}
	}
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
		var got bound
		for _, w := range d.p.passing(c, f) {
			got = weakest(got, d.contextAt(located{a, w}))
		}
		if got.state == Absent && got.at.File == "" {
			got.at = c.At
		}
		if len(got.via) < maxSteps {
			got.via = append([]Step{{Position: c.At, What: "called in " + ShortCall(c.Fn.Name)}}, got.via...)
		}
		b = weakest(b, got)
	}
	for _, to := range d.p.passed[f] {
		if len(d.p.targets(to.call)) == 0 && !d.p.behindMethod(f, to) {
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

func describe(format string, args ...any) string { return fmt.Sprintf(format, args...) }
