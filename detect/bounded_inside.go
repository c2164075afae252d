package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// boundedInside: every value that the method is called on is a client of the
// repository's own, around a generated one, whose method puts a deadline on the
// context that it is given.
func (j *judge) boundedInside(s *site) bound {
	var out bound
	for _, f := range j.ownMethods(s) {
		if out = j.ownDeadline(f); out.state != Present {
			return bound{}
		}
	}
	return out
}

// ownMethods are the methods that the call runs, where all of them are of clients of
// the repository's own; else none.
func (j *judge) ownMethods(s *site) []*gosrc.Func {
	c := s.call
	if c.Recv == nil || !c.Method {
		return nil
	}
	_, name := cutLast(c.Callee)
	var out []*gosrc.Func
	for _, o := range j.p.origins(c.Recv) {
		f := j.p.method(strings.TrimPrefix(o.Type, "*"), name, 0)
		if f == nil || f == c.Fn {
			return nil
		}
		out = append(out, f)
	}
	return out
}

// standIn: the call is one of a generated client's in name only. What stands there is
// the repository's own, and calls whatever it calls; that is judged where it does.
func (j *judge) standIn(s *site) bool {
	own := j.ownMethods(s)
	return s.sdk != nil && s.sdk.Name == "grpc" && len(own) > 0 && !slices.ContainsFunc(own, func(f *gosrc.Func) bool { return generatedAt(f.Pkg, f.At.File) })
}

// ownDeadline is the deadline that a function always puts on the context that it is
// given.
func (j *judge) ownDeadline(f *gosrc.Func) bound {
	for _, c := range f.Calls {
		makes := strings.HasPrefix(c.Callee, "context.WithTimeout") || strings.HasPrefix(c.Callee, "context.WithDeadline")
		if makes && !c.Guarded && len(c.Args) > 0 && contextGiven(f, c.Args[0]) {
			return j.deadlines.made(c, nil)
		}
	}
	return bound{}
}

// contextGiven: the context is the one that the function is given, by itself or in a
// request.
func contextGiven(f *gosrc.Func, v *gosrc.Value) bool {
	if v.Kind == gosrc.Result && v.Call.Callee == "net/http.Request.Context" && v.Call.Recv != nil {
		v = v.Call.Recv
	}
	return v.Kind == gosrc.Param && v.Fn == f
}
