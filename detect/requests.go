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

// maxCallFrames bounds how many helpers deep a request may be made.
const maxCallFrames = 6

// request is the bound of an *http.Request's context: that of the request the
// repository made, or of the inbound one.
func (d *deadlines) request(v *gosrc.Value) bound { return d.requestIn(v, nil, 0) }

func (d *deadlines) requestIn(v *gosrc.Value, fr *callFrame, depth int) bound {
	if v == nil {
		return bound{}
	}
	v, fr = fr.resolve(v)
	var b bound
	switch {
	case v.Kind == gosrc.Union:
		for _, a := range v.Args {
			if a.Kind != gosrc.Nil {
				b = weakest(b, d.requestIn(a, fr, depth))
			}
		}
		return b
	case v.Kind == gosrc.Result && depth < maxCallFrames && len(d.p.targets(v.Call)) > 0:
		for _, f := range d.p.targets(v.Call) {
			inner := &callFrame{call: v.Call, fn: f, outer: fr}
			for _, ret := range f.Returns {
				if v.Index < len(ret) && ret[v.Index].Kind != gosrc.Nil {
					b = weakest(b, d.requestIn(ret[v.Index], inner, depth+1))
				}
			}
		}
		return b
	case v.Kind == gosrc.Result:
		return d.requestMade(v, fr)
	case v.Kind == gosrc.Field && !d.p.declared(v.Name):
		return d.frameworkRequest(v)
	}
	for _, o := range d.p.origins(v) {
		b = weakest(b, d.requestOrigin(o))
	}
	return b
}

// frameworkRequest is the request in a framework's context (gin.Context.Request):
// the inbound one, but for what its own function puts there.
func (d *deadlines) frameworkRequest(v *gosrc.Value) bound {
	if v.X == nil || v.X.Fn == nil {
		return d.requestOrigin(v)
	}
	for _, st := range d.p.stores[v.Name] {
		if st.Fn == v.X.Fn && st.At.Line < v.At.Line {
			return d.requestIn(st.Value, nil, maxCallFrames)
		}
	}
	return d.inboundHTTP(v.X.Fn, v.At, "the inbound request's context ends only when the client goes away")
}

func (d *deadlines) requestOrigin(o *gosrc.Value) bound {
	if o.Kind == gosrc.Result {
		return d.requestMade(o, nil)
	}
	if o.Fn != nil {
		return d.inboundHTTP(o.Fn, o.At, "the inbound request's context ends only when the client goes away")
	}
	return bound{state: Absent, reason: "the request's context has no deadline", at: o.At}
}

// requestMade is the bound of a request that a library's function makes.
func (d *deadlines) requestMade(o *gosrc.Value, fr *callFrame) bound {
	c := o.Call
	switch {
	case strings.HasSuffix(c.Callee, ".NewRequestWithContext") || strings.HasSuffix(c.Callee, "http.Request.WithContext") || strings.HasSuffix(c.Callee, "http.Request.Clone"):
		if len(c.Args) > 0 {
			ctx, _ := fr.resolve(c.Args[0])
			return d.context(ctx)
		}
	case strings.HasSuffix(c.Callee, ".NewRequest"):
		return bound{state: Absent, reason: "the request is made without a context", at: c.At}
	case strings.HasSuffix(c.Callee, "FromRequest") && len(c.Args) > 0:
		return d.requestIn(c.Args[0], fr, maxCallFrames)
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
