package detect

import (
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// bodies are the types that a handler decodes its request's body into and encodes
// the answer from, by its own calls and those of helpers that it hands them to.
func (r *router) bodies(f *gosrc.Func) (request, response string) {
	visit := []*gosrc.Func{f}
	for i := 0; i < len(visit) && i < 20; i++ {
		for _, c := range visit[i].Calls {
			if request == "" {
				request = r.body(c, 0, func(fw *catalog.Framework) []catalog.Registration { return fw.Requests })
			}
			// The answer of the way that succeeds comes last.
			if t := r.body(c, 0, func(fw *catalog.Framework) []catalog.Registration { return fw.Responses }); t != "" && (response == "" || !isErrorType(t)) {
				response = t
			}
		}
		visit = append(visit, r.literals[visit[i]]...)
	}
	// Handlers that are given and give the bodies: func(ctx, *In) (*Out, error).
	if n := len(f.Params); request == "" && n == 2 && f.Params[0] == "context.Context" {
		request = f.Params[1]
	}
	return shortType(request), shortType(response)
}

func isErrorType(t string) bool {
	name := strings.ToLower(lastName(t))
	return strings.Contains(name, "err") || strings.Contains(name, "problem") || name == "h" || name == "map"
}

func shortType(t string) string {
	if t == "" {
		return ""
	}
	return shortSymbol(t)
}

// body is the type of the value that a call decodes or encodes.
func (r *router) body(c *gosrc.Call, depth int, pick func(*catalog.Framework) []catalog.Registration) string {
	for _, fw := range r.p.cat.Frameworks {
		as := fw.Find(pick(fw), c.Callee)
		if as == nil || len(pick(fw)) == 0 {
			continue
		}
		v := at(c, as.Value)
		if v == nil || as.Of != "" && !madeOf(c, as.Of) {
			continue
		}
		return r.typeOf(v)
	}
	if depth > 1 || len(c.Args) < 2 {
		return ""
	}
	for _, target := range r.p.targets(c) {
		for _, inner := range target.Calls {
			if t := r.helped(c, target, inner, depth, pick); t != "" {
				return t
			}
		}
	}
	return ""
}

// helped: the helper decodes into, or encodes, what it is given.
func (r *router) helped(c *gosrc.Call, target *gosrc.Func, inner *gosrc.Call, depth int, pick func(*catalog.Framework) []catalog.Registration) string {
	for _, fw := range r.p.cat.Frameworks {
		as := fw.Find(pick(fw), inner.Callee)
		if as == nil {
			continue
		}
		v := at(inner, as.Value)
		if v == nil || as.Of != "" && !madeOf(inner, as.Of) {
			continue
		}
		if v.Kind == gosrc.Param && v.Fn == target {
			if a := argument(c, v); a != nil {
				return r.typeOf(a)
			}
		}
	}
	return ""
}

// madeOf: the receiver is made from a value of a type, or from a part of one.
func madeOf(c *gosrc.Call, typ string) bool {
	if c.Recv == nil || c.Recv.Kind != gosrc.Result {
		return false
	}
	for _, a := range c.Recv.Call.Args {
		for v, i := a, 0; v != nil && i < 4; v, i = v.X, i+1 {
			if v.Type == typ {
				return true
			}
			if v.Kind == gosrc.Result && len(v.Call.Args) > 0 { // http.MaxBytesReader(w, r.Body, n)
				for _, inner := range v.Call.Args {
					if inner.Type == typ || inner.X != nil && inner.X.Type == typ {
						return true
					}
				}
			}
		}
	}
	return false
}

func (r *router) typeOf(v *gosrc.Value) string {
	if v.Type != "" && !strings.HasPrefix(v.Type, "?") {
		return v.Type
	}
	for _, o := range r.p.origins(v) {
		if o.Type != "" {
			return o.Type
		}
	}
	return ""
}
