package detect

import (
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// callFrame is a call that is followed into a function of the repository: its
// parameters are what this very call passes, not what all callers do.
type callFrame struct {
	call  *gosrc.Call
	fn    *gosrc.Func
	outer *callFrame
}

// resolve gives for a parameter what the call passes for it.
func (fr *callFrame) resolve(v *gosrc.Value) (*gosrc.Value, *callFrame) {
	for fr != nil && v.Kind == gosrc.Param && v.Fn == fr.fn {
		a := argument(fr.call, v)
		if a == nil {
			return v, nil
		}
		v, fr = a, fr.outer
	}
	return v, fr
}

// request is the bound of an *http.Request's context: that of the request the
// repository made, or of the inbound one.
func (d *deadlines) request(v *gosrc.Value) bound { return d.requestAt(located{v, nil}) }

func (d *deadlines) requestAt(l located) bound {
	key := flowKey{request{flowNode(l.v)}, l.way}
	if l.v == nil || d.busy[key] {
		return bound{}
	}
	d.busy[key] = true
	b := d.requestIn(l)
	delete(d.busy, key)
	return b
}

// request tells a request from the context in it.
type request struct{ of any }

func (d *deadlines) requestIn(l located) bound {
	v := l.v
	var b bound
	switch {
	case v.Kind == gosrc.Union:
		for _, a := range v.Args {
			if a.Kind != gosrc.Nil {
				b = weakest(b, d.requestAt(located{a, l.way}))
			}
		}
		return b
	case v.Kind == gosrc.Param && l.way.frame(v.Fn) != nil:
		fr := l.way.frame(v.Fn)
		if a := d.p.passedFor(fr.call, v); a != nil {
			return d.requestAt(located{a, fr.up})
		}
	case v.Kind == gosrc.Result && len(d.p.targets(v.Call)) > 0:
		for _, f := range d.p.targets(v.Call) {
			inside := d.p.enter(v.Call, f, l.way, nil)
			for _, ret := range f.Returns {
				if v.Index < len(ret) && ret[v.Index].Kind != gosrc.Nil {
					b = weakest(b, d.requestAt(located{ret[v.Index], inside}))
				}
			}
		}
		return b
	case v.Kind == gosrc.Result:
		return d.requestMade(l)
	case v.Kind == gosrc.Field && !d.p.declared(v.Name):
		return d.frameworkRequest(v)
	}
	os, _ := d.p.flow(v, l.way)
	for _, o := range os {
		b = weakest(b, d.requestOrigin(o.located))
	}
	return b
}

// frameworkRequest is the request in a framework's context (gin.Context.Request):
// the inbound one, but for what its own function puts there.
func (d *deadlines) frameworkRequest(v *gosrc.Value) bound {
	if v.X == nil || v.X.Fn == nil {
		return d.requestOrigin(located{v, nil})
	}
	for _, st := range d.p.stores[v.Name] {
		if st.Fn == v.X.Fn && st.At.Line < v.At.Line {
			return d.requestAt(located{st.Value, nil})
		}
	}
	return d.inboundHTTP(v.X.Fn, v.At, "the inbound request's context ends only when the client goes away")
}

func (d *deadlines) requestOrigin(l located) bound {
	o := l.v
	if o.Kind == gosrc.Result {
		return d.requestMade(l)
	}
	if o.Fn != nil {
		return d.inboundHTTP(o.Fn, o.At, "the inbound request's context ends only when the client goes away")
	}
	return bound{state: Absent, reason: "the request's context has no deadline", at: o.At}
}

// requestMade is the bound of a request that a library's function makes.
func (d *deadlines) requestMade(l located) bound {
	c := l.v.Call
	switch {
	case strings.HasSuffix(c.Callee, ".NewRequestWithContext") || strings.HasSuffix(c.Callee, "http.Request.WithContext") || strings.HasSuffix(c.Callee, "http.Request.Clone"):
		if len(c.Args) > 0 {
			return d.contextAt(located{c.Args[0], l.way})
		}
	case strings.HasSuffix(c.Callee, ".NewRequest"):
		return bound{state: Absent, reason: "the request is made without a context", at: c.At}
	case strings.HasSuffix(c.Callee, "FromRequest") && len(c.Args) > 0:
		return d.requestAt(located{c.Args[0], l.way})
	}
	return d.inboundHTTP(c.Fn, c.At, "the inbound request's context")
}

// contextSetOn is the bound of a context that a method puts on a request after it
// was made: r := client.R(); r.SetContext(ctx); r.Get(url).
func (j *judge) contextSetOn(request *gosrc.Value, call *gosrc.Call) bound {
	var b bound
	for _, e := range request.Effects {
		if e.Kind != gosrc.EffectMethod || e.Call == call || !setter(e.Call.Callee) || e.At.Line > call.At.Line {
			continue
		}
		for _, a := range e.Call.Args {
			if a.Type == "context.Context" {
				b = j.deadlines.context(a) // the last one counts
			}
		}
	}
	return b
}
