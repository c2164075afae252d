package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// monitoring judges whether an operator would see the call in traces or metrics.
func (j *judge) monitoring(s *site) Verdict {
	if v, ok := j.clientRecords(s); ok {
		return v
	}
	if r := j.records(s.call.Fn); r.what != "" && r.at != s.call.At {
		return Verdict{Verdict: Present, Value: shortSymbol(r.what), Reason: "recorded in its function", Position: r.at}
	}
	if r := j.recordsAround(s.call.Fn, 0); r.what != "" {
		return Verdict{Verdict: Present, Value: shortSymbol(r.what), Reason: "recorded around it by its callers", Position: r.at}
	}
	if d, lib := j.byDefault(s, monitoringOf); d != nil {
		if off := j.monitoringOff(s); off != nil {
			return Verdict{Verdict: Absent, Reason: shortSymbol(off.symbol) + " switches the library's own recording off", Position: off.at}
		}
		return Verdict{Verdict: Default, Value: d.Value, Reason: lib + " records by itself"}
	}
	return Verdict{Verdict: Absent, Reason: "no span or metric covers it"}
}

// clientRecords: every client that the site may call through is instrumented, by a
// library or by middleware of the repository's; the first of them stands for all.
func (j *judge) clientRecords(s *site) (out Verdict, ok bool) {
	if s.client == nil {
		return out, false
	}
	for i, c := range j.constructions(s) {
		v := Verdict{Verdict: Present}
		if r := j.middlewareRecords(s, c); r.what != "" {
			v.Value, v.Reason, v.Position = shortSymbol(r.what), "recorded by the client's middleware", r.at
		} else if r := j.hookRecords(s, c); r.what != "" {
			v.Value, v.Reason, v.Position = shortSymbol(r.what), "recorded by a hook that the client is given", r.at
		} else if st := c.find(func(symbol string) bool { return j.instruments(s, symbol) }); st != nil {
			v.Value, v.Reason, v.Position = shortSymbol(st.symbol), "the client is instrumented", st.at
		} else {
			return out, false
		}
		if i == 0 {
			out = v
		}
	}
	return out, true
}

// monitoringOff: the construction of one of the site's clients switches off what the
// library records by itself.
func (j *judge) monitoringOff(s *site) *step {
	if s.client == nil {
		return nil
	}
	for _, c := range j.constructions(s) {
		for i := range c.steps {
			for _, b := range s.behaviours() {
				st := &c.steps[i]
				if (inLibrary(s, st.symbol) || absolute(b.Monitoring.Off, st.symbol)) && j.p.isOff(b.Monitoring.Off, st) {
					return st
				}
			}
		}
	}
	return nil
}

func (j *judge) instruments(s *site, symbol string) bool {
	if ofHTTP(symbol) && !j.p.overHTTP(s) {
		return false
	}
	if j.p.cat.Protects(catalog.RoleMonitoring, symbol, wraps) != nil {
		return true
	}
	for _, b := range s.behaviours() {
		if inLibrary(s, symbol) && catalog.Matches(b.Monitoring.By, symbol) || absolute(b.Monitoring.By, symbol) {
			return true
		}
	}
	return false
}

// recorded names the span or metric that a function records; the zero value
// means none.
type recorded struct {
	what string
	at   scanners.Position
	// inbound: a span of the server or consumer side, which covers what comes in.
	inbound bool
}

// records: the function, or the one around the literal, opens a span or records a
// metric, by itself or through a small helper of the repository's.
func (j *judge) records(f *gosrc.Func) recorded {
	for g := f; g != nil; g = g.Parent {
		if r := j.recordsIn(g, 0); r.what != "" {
			return r
		}
		if r := j.recordedRun(g); r.what != "" {
			return r
		}
	}
	return recorded{}
}

// recordedRun: the function is run by one that records: instrument.CollectedRequest(..., f).
func (j *judge) recordedRun(f *gosrc.Func) recorded {
	var out recorded
	for _, to := range j.p.passed[f] {
		if !j.runProtects(catalog.RoleMonitoring, to.call) {
			return recorded{}
		}
		out = recorded{what: to.call.Callee, at: to.call.At}
	}
	return out
}

// maxHelperCalls: a larger function that records does so for itself.
const maxHelperCalls = 10

func (j *judge) recordsIn(f *gosrc.Func, depth int) recorded {
	if r, ok := j.recording[f]; ok && depth == 0 {
		return r
	}
	var out recorded
	for _, c := range f.Calls {
		if c.Callee == "" || depth > 0 && (c.Deferred || endsWith(f, c)) {
			continue // a helper's own span or timer
		}
		if j.p.cat.Protects(catalog.RoleMonitoring, j.p.unresolved(c), records) != nil {
			if setsUp(f, c) {
				continue
			}
			out = recorded{what: c.Callee, at: c.At, inbound: j.inboundSpan(c)}
			break
		}
		if depth >= 2 {
			continue
		}
		if out = j.recordsThrough(f, c, depth); out.what != "" {
			break
		}
	}
	if out.what == "" && depth == 0 {
		out = j.recordsInLiterals(f)
	}
	if depth == 0 {
		j.recording[f] = out
	}
	return out
}

// setsUp: the metric is only brought into being, with nothing counted:
// sent.WithLabelValues(topic).Add(0).
func setsUp(f *gosrc.Func, c *gosrc.Call) bool {
	nothing := func(d *gosrc.Call) bool {
		return len(d.Args) > 0 && !slices.ContainsFunc(d.Args, func(a *gosrc.Value) bool { return a.Kind != gosrc.Const || a.Text != "0" })
	}
	if nothing(c) {
		return true
	}
	used := false
	for _, d := range f.Calls {
		if d.Recv == nil || d.Recv.Kind != gosrc.Result || d.Recv.Call != c {
			continue
		}
		if !nothing(d) {
			return false
		}
		used = true
	}
	return used
}

// endsWith: what the call gives is ended as its function ends.
func endsWith(f *gosrc.Func, c *gosrc.Call) bool {
	return slices.ContainsFunc(f.Calls, func(d *gosrc.Call) bool {
		return d.Deferred && d.Recv != nil && d.Recv.Kind == gosrc.Result && d.Recv.Call == c
	})
}

// recordsThrough: what a function calls is a small helper that records. Where the call
// may reach several functions, all of them do: those that only pass it on, to what else
// implements the interface, and those that do nothing, because metrics are off, aside.
func (j *judge) recordsThrough(f *gosrc.Func, c *gosrc.Call, depth int) (out recorded) {
	for _, t := range j.p.targets(c) {
		if c.Interface && (!j.p.wired(t) || passesOn(t, c.Callee) || doesNothing(t)) {
			continue
		}
		var r recorded
		if (len(t.Calls) <= maxHelperCalls || returnsSpan(c)) && !j.siteFuncs[t] && t != f && !slices.ContainsFunc(t.Calls, j.p.chained) {
			r = j.recordsIn(t, depth+1)
		}
		if r.what == "" {
			return recorded{}
		}
		out = recorded{what: r.what, at: c.At, inbound: r.inbound}
	}
	return out
}

// passesOn: the one thing that a method calls is the same of others.
func passesOn(f *gosrc.Func, callee string) bool {
	return len(f.Calls) > 0 && !slices.ContainsFunc(f.Calls, func(c *gosrc.Call) bool { return c.Callee != callee })
}

// doesNothing: a method without a body, such as that of metrics switched off.
func doesNothing(f *gosrc.Func) bool { return len(f.Calls) == 0 && !returnsAny(f) }

// inboundSpan: Start(ctx, name, trace.WithSpanKind(trace.SpanKindServer or
// SpanKindConsumer)); the kinds' values are those of go.opentelemetry.io/otel/trace
// (v1.38.0 trace.go: SpanKindServer = 2, SpanKindConsumer = 5).
func (j *judge) inboundSpan(c *gosrc.Call) bool {
	for _, a := range c.Args {
		for _, o := range j.p.origins(a) {
			if o.Kind != gosrc.Result || !strings.HasSuffix(o.Call.Callee, "otel/trace.WithSpanKind") || len(o.Call.Args) == 0 {
				continue
			}
			kind := o.Call.Args[0]
			if kind.Text == "2" || kind.Text == "5" || strings.HasSuffix(kind.Name, "SpanKindServer") || strings.HasSuffix(kind.Name, "SpanKindConsumer") {
				return true
			}
		}
	}
	return false
}

func returnsSpan(c *gosrc.Call) bool {
	return slices.ContainsFunc(c.Results, func(t string) bool { return strings.HasSuffix(t, ".Span") })
}

// maxAround bounds how far up the callers a span or metric still is around the call.
const maxAround = 4

// recordsAround: every caller of the function records, or is recorded around in
// its turn. What serves inbound requests does not count: its span is that of the
// request.
func (j *judge) recordsAround(f *gosrc.Func, depth int) recorded {
	if r, ok := j.around[f]; ok {
		return r
	}
	if j.busyAround[f] || depth > maxAround {
		return recorded{}
	}
	j.busyAround[f] = true
	r := j.computeAround(f, depth)
	delete(j.busyAround, f)
	if depth == 0 || r.what != "" {
		j.around[f] = r
	}
	return r
}

func (j *judge) computeAround(f *gosrc.Func, depth int) recorded {
	callers := j.p.callers[f]
	if len(callers) == 0 && f.Lit && f.Parent != nil {
		return j.recordsAround(f.Parent, depth+1)
	}
	var out recorded
	for _, c := range j.runners(callers, f) {
		g := c.Fn
		if c.Interface && !j.p.wired(g) {
			continue // a decorator that nothing makes
		}
		if j.decoratedSometimes(c, f) {
			continue // where the decorator stands, it is among the callers
		}
		if j.servesRequests(g) || strings.HasSuffix(g.Symbol, ".main") {
			return recorded{}
		}
		r := j.records(g)
		if r.inbound {
			return recorded{}
		}
		switch {
		case r.what != "":
		case j.p.linked(c):
			r = j.recordsAround(g, depth)
		case !c.Interface:
			// Helpers are part of what calls them; behind an interface another
			// component begins, whose own record must stand right there.
			r = j.recordsAround(g, depth+1)
		}
		if r.what == "" {
			return recorded{}
		}
		out = r
	}
	return out
}

// runners are the calls that reach a function; where a helper runs what it is handed and
// records nothing, those that hand this very function to it.
func (j *judge) runners(callers []*gosrc.Call, f *gosrc.Func) (out []*gosrc.Call) {
	for _, c := range callers {
		outer := j.p.handed(c, f)
		if len(outer) == 0 || j.records(c.Fn).what != "" {
			outer = []*gosrc.Call{c}
		}
		out = append(out, outer...)
	}
	return out
}

// servesRequests: handlers and server methods, whose record is of the inbound side.
func (j *judge) servesRequests(f *gosrc.Func) bool {
	for g := f; g != nil; g = g.Parent {
		if j.deadlines.grpcMethod(g) {
			return true
		}
		if takesRequest(g) && answers(g) {
			return true
		}
	}
	return false
}

// answers: the function can answer the request that it is given. One that is given
// the request alone and returns nothing only reads it: notify(r, order).
func answers(f *gosrc.Func) bool {
	for _, t := range f.Params {
		if t != "net/http.Request" && inboundType(t) {
			return true
		}
	}
	return f.Lit || returnsAny(f)
}

func returnsAny(f *gosrc.Func) bool {
	return slices.ContainsFunc(f.Returns, func(ret []*gosrc.Value) bool { return len(ret) > 0 })
}
